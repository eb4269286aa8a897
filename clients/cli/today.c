/* SPDX-License-Identifier: Apache-2.0
 *
 * Words of the day's list. */
#include "today.h"

#include "domain/zone.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#define LIMIT_MOST 200
#define MS_PER_MINUTE INT64_C(60000)
#define MS_PER_HOUR (60 * MS_PER_MINUTE)
#define MS_PER_DAY (24 * MS_PER_HOUR)

struct line_kind {
    const char *what;
    const char *command;
};

static const struct line_kind *kind_of(Vouch__V1__TodayLine__Kind kind)
{
#define LINE_KIND(NAME, what, command) [VOUCH__V1__TODAY_LINE__KIND__##NAME] = {what, command},
    static const struct line_kind kinds[] = {
        {"look at it", "vouch today"},
#include "today_kinds.def"
    };
#undef LINE_KIND
    size_t count = sizeof kinds / sizeof kinds[0];
    return (size_t)kind < count && kinds[kind].what != NULL ? &kinds[kind] : &kinds[0];
}

const char *today_what(Vouch__V1__TodayLine__Kind kind)
{
    return kind_of(kind)->what;
}

const char *today_subject(char out[TODAY_SUBJECT_BYTES], const Vouch__V1__TodayLine *line)
{
    if (line->referral != 0) {
        snprintf(out, TODAY_SUBJECT_BYTES, "R%" PRIu64 " %s", line->referral, line->subject);
    } else if (line->intel != 0) {
        snprintf(out, TODAY_SUBJECT_BYTES, "I%" PRIu64 " on %s", line->intel, line->subject);
    } else {
        snprintf(out, TODAY_SUBJECT_BYTES, "%s", line->subject);
    }
    return out;
}

/* The name without the company, so quoted that a shell takes it as it is; where commas leave open what the name is, the
 * number. */
static void put_name(FILE *file, const char *subject, uint64_t contact)
{
    const char *end = strstr(subject, ", ");
    size_t length = end == NULL ? strlen(subject) : (size_t)(end - subject);
    if (end != NULL && strstr(end + 1, ", ") != NULL) {
        fprintf(file, "%" PRIu64, contact);
        return;
    }
    fputc('\'', file);
    for (size_t i = 0; i < length; i++) {
        if (subject[i] == '\'') {
            fputs("'\\''", file);
        } else {
            fputc(subject[i], file);
        }
    }
    fputc('\'', file);
}

const char *today_command(char out[TODAY_COMMAND_BYTES], const Vouch__V1__TodayLine *line)
{
    FILE *file = fmemopen(out, TODAY_COMMAND_BYTES, "w");
    if (file == NULL) {
        abort();
    }
    for (const char *at = kind_of(line->kind)->command; *at != '\0'; at++) {
        uint64_t number = at[0] != '%' ? 0 : at[1] == 'R' ? line->referral : at[1] == 'A' ? line->ask : line->intel;
        if (at[0] != '%') {
            fputc(*at, file);
        } else if (*++at == 'N') {
            put_name(file, line->subject, line->contact);
        } else {
            fprintf(file, "%" PRIu64, number);
        }
    }
    fclose(file);
    return out;
}

/* "1 h 10", "3 d", "40 min". */
static void put_span(char out[TODAY_WHEN_BYTES], int64_t ms)
{
    if (ms >= 2 * MS_PER_DAY) {
        snprintf(out, TODAY_WHEN_BYTES, "%" PRId64 " d", ms / MS_PER_DAY);
    } else if (ms >= MS_PER_HOUR) {
        snprintf(out, TODAY_WHEN_BYTES, "%" PRId64 " h %02" PRId64, ms / MS_PER_HOUR, ms % MS_PER_HOUR / MS_PER_MINUTE);
    } else {
        snprintf(out, TODAY_WHEN_BYTES, "%" PRId64 " min", ms / MS_PER_MINUTE);
    }
}

const char *today_when(char out[TODAY_WHEN_BYTES], const Vouch__V1__TodayLine *line, int64_t now_ms)
{
    out[0] = '\0';
    if (line->due_ms != 0 && line->kind != VOUCH__V1__TODAY_LINE__KIND__STAY_IN_TOUCH) {
        char span[TODAY_WHEN_BYTES];
        put_span(span, line->overdue ? now_ms - line->due_ms : line->due_ms - now_ms);
        snprintf(out, TODAY_WHEN_BYTES, "%.20s %s", span, line->overdue ? "late" : "left");
    }
    return out;
}

const char *today_date(char out[TODAY_DATE_BYTES], const char *zone, int64_t time_ms, int64_t now_ms)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(zone_local_ms(zone_get(zone), time_ms) / 1000);
    time_t current = (time_t)(zone_local_ms(zone_get(zone), now_ms) / 1000);
    struct tm then = {.tm_year = 0}, now = {.tm_year = 0};
    gmtime_r(&seconds, &then);
    gmtime_r(&current, &now);
    int length = snprintf(out, TODAY_DATE_BYTES, "%s %d %s", days[then.tm_wday], then.tm_mday, months[then.tm_mon]);
    if (then.tm_year != now.tm_year) {
        snprintf(out + length, (size_t)(TODAY_DATE_BYTES - length), " %d", then.tm_year + 1900);
    }
    return out;
}

/* ---- around the lines ---- */

void today_print_heading(FILE *out, const Vouch__V1__TodayList *list)
{
    char date[TODAY_DATE_BYTES];
    size_t late = 0;
    for (size_t i = 0; i < list->n_lines; i++) {
        late += list->lines[i]->overdue && list->lines[i]->kind != VOUCH__V1__TODAY_LINE__KIND__STAY_IN_TOUCH ? 1 : 0;
    }
    fprintf(out, "%s, ", today_date(date, list->zone, list->now_ms, list->now_ms));
    text_print(out, list->name);
    if (list->n_lines == 0) {
        fputs(": nothing is due. Well done.\n", out);
        return;
    }
    fprintf(out, ": %zu %s", list->n_lines, list->n_lines == 1 ? "thing" : "things");
    if (late > 0) {
        fprintf(out, ", %zu of them late", late);
    }
    fputc('\n', out);
}

void today_print_entry(FILE *out, size_t number, const Vouch__V1__TodayLine *line, int64_t now_ms)
{
    char subject[TODAY_SUBJECT_BYTES], command[TODAY_COMMAND_BYTES], when[TODAY_WHEN_BYTES];
    today_when(when, line, now_ms);
    fprintf(out, "\n%s%2zu. %s: ", line->overdue && when[0] != '\0' ? "! " : "  ", number, today_what(line->kind));
    text_print(out, today_subject(subject, line));
    fputs("\n      ", out);
    text_print(out, line->reason);
    fprintf(out, "%s%s\n      $ ", when[0] != '\0' ? "; " : "", when);
    text_print(out, today_command(command, line));
    fputc('\n', out);
}

void today_print_end(FILE *out, const Vouch__V1__TodayList *list)
{
    char date[TODAY_DATE_BYTES];
    size_t shown = 0;
    for (size_t i = 0; i < list->n_lines; i++) {
        shown += list->lines[i]->kind == VOUCH__V1__TODAY_LINE__KIND__STAY_IN_TOUCH ? 1 : 0;
    }
    if (list->neglected > shown) {
        fprintf(out, "%" PRIu32 " neglected sources in all; the ones that matter most are shown.\n", list->neglected);
    }
    if (list->left_out > list->neglected - shown) {
        fprintf(out, "%zu more than are shown.\n", list->left_out - (list->neglected - shown));
    }
    if (list->next_ms != 0 && list->due == 0) {
        fprintf(out, "Next: %s, ", today_what(list->next_kind));
        text_print(out, list->next);
        fprintf(out, ", on %s.\n", today_date(date, list->zone, list->next_ms, list->now_ms));
    }
}

int today_fetch(struct cli *cli, Vouch__V1__Reply **reply)
{
    Vouch__V1__Today today = VOUCH__V1__TODAY__INIT;
    char *member = args_text(&cli->args, "member");
    const char *limit = args_text(&cli->args, "limit");
    uint64_t number = 0;
    if (limit != NULL && (!text_parse_number(limit, LIMIT_MOST, &number) || number == 0)) {
        return fail_usage(cli, "--limit is a number from 1 to %d", LIMIT_MOST);
    }
    today.limit = (uint32_t)number;
    int code = member == NULL ? EXIT_DONE
                              : name_resolve(cli, VOUCH__V1__FIND__KIND__MEMBER, member, &today.member, NULL);
    Vouch__V1__Request request = REQUEST(TODAY, today, &today);
    return code != EXIT_DONE ? code : session_call(cli, &request, VOUCH__V1__REPLY__RESULT_TODAY, reply);
}
