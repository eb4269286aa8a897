/* SPDX-License-Identifier: Apache-2.0
 *
 * touch, touches, tier: staying in touch with the people you know. */
#include "calendar.h"
#include "tie.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KIND(name) VOUCH__V1__TIE_TOUCH__KIND__##name

/* " 14:00" or "T14:00", or nothing: noon. */
static bool read_time_of_day(const char *text, struct tm *moment)
{
    static const char form[] = " 00:00";
    if (text[0] == '\0') {
        moment->tm_hour = 12;
        return true;
    }
    for (size_t i = 0; i < sizeof form; i++) {
        bool fits = form[i] == '0' ? isdigit((unsigned char)text[i]) : text[i] == form[i] || (i == 0 && text[i] == 'T');
        if (!fits) {
            return false;
        }
    }
    moment->tm_hour = atoi(text + 1);
    moment->tm_min = atoi(text + 4);
    return moment->tm_hour < 24 && moment->tm_min < 60;
}

int tie_read_moment(const struct cli *cli, const char *name, int64_t *time_ms)
{
    const char *text = args_text(&cli->args, name);
    struct tm moment = {.tm_isdst = -1};
    char day_text[11];
    uint32_t day = 0;
    *time_ms = 0;
    if (text == NULL) {
        return EXIT_DONE;
    }
    snprintf(day_text, sizeof day_text, "%s", text);
    if (!calendar_parse_day(day_text, &day) || !read_time_of_day(text + strlen(day_text), &moment)) {
        return fail_usage(cli, "--%s is a day or a moment, \"2026-11-20 14:00\", not '%.60s'", name, text);
    }
    moment.tm_year = (int)(day / 10000) - 1900;
    moment.tm_mon = (int)(day / 100 % 100) - 1;
    moment.tm_mday = (int)(day % 100);
    *time_ms = (int64_t)mktime(&moment) * 1000;
    return EXIT_DONE;
}

/* How the tie stands; the reply to be freed. */
static int fetch_standing(struct cli *cli, uint64_t contact, uint32_t limit, Vouch__V1__Reply **reply)
{
    Vouch__V1__TouchList list = VOUCH__V1__TOUCH_LIST__INIT;
    list.contact = contact;
    list.limit = limit;
    Vouch__V1__Request request = REQUEST(TOUCH_LIST, touch_list, &list);
    return session_call(cli, &request, VOUCH__V1__REPLY__RESULT_TOUCHES, reply);
}

static const char *tier_text(Vouch__V1__Tier tier)
{
    static const char *const names[] = {"?", "A", "B", "C", "dormant"};
    return (size_t)tier < sizeof names / sizeof names[0] ? names[tier] : "?";
}

static const char *strength_text(char out[16], uint32_t ppm)
{
    snprintf(out, 16, "%u.%02u", ppm / 1000000, ppm % 1000000 / 10000);
    return out;
}

void tie_print_standing(const Vouch__V1__TieStanding *standing)
{
    char strength[16], due[TIME_TEXT_BYTES];
    printf("tier %s%s (%s%s), next real contact %s %s", tier_text(standing->tier),
           standing->tier_by_hand ? ", set by hand" : "", strength_text(strength, standing->strength_ppm),
           standing->strength_by_hand ? ", set by hand" : "", standing->neglected ? "was due" : "by",
           text_time(due, standing->due_ms));
}

/* A command on a tie is answered with how it stands then. */
static int say_standing(struct cli *cli, uint64_t contact, const char *name, const char *what)
{
    Vouch__V1__Reply *reply = NULL;
    int code = fetch_standing(cli, contact, 1, &reply);
    if (code == EXIT_DONE && cli->json) {
        code = json_print(json_of_message(&reply->touches->standing->base));
    } else if (code == EXIT_DONE) {
        text_print(stdout, name);
        printf(": %s; ", what);
        tie_print_standing(reply->touches->standing);
        puts(".");
    }
    vouch_reply_free(&reply);
    return code;
}

/* ---- touch ---- */

static int read_kind(const struct cli *cli, Vouch__V1__TieTouch__Kind *kind)
{
    static const struct {
        const char *option;
        Vouch__V1__TieTouch__Kind kind;
    } kinds[] = {{"meeting", KIND(MEETING)}, {"call", KIND(CALL)}, {"email", KIND(EMAIL)}, {"value", KIND(VALUE)}};
    size_t given = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (args_flag(&cli->args, kinds[i].option)) {
            *kind = kinds[i].kind;
            given++;
        }
    }
    return given == 1 ? EXIT_DONE : fail_usage(cli, "what was it? --meeting, --call, --email or --value");
}

int verb_touch(struct cli *cli)
{
    Vouch__V1__TouchRecord record = VOUCH__V1__TOUCH_RECORD__INIT;
    char name[NAME_MAX_BYTES] = "";
    uint64_t id = 0;
    int code = read_kind(cli, &record.kind);
    code = code != EXIT_DONE ? code : tie_read_moment(cli, "at", &record.time_ms);
    if (code == EXIT_DONE) {
        code = name_resolve(cli, VOUCH__V1__FIND__KIND__CONTACT, cli->args.words[0], &record.contact, name);
    }
    record.inbound = args_flag(&cli->args, "in");
    record.no_answer = args_flag(&cli->args, "no-answer");
    record.note = args_field(&cli->args, "note");
    Vouch__V1__Request request = REQUEST(TOUCH_RECORD, touch_record, &record);
    code = code != EXIT_DONE ? code : session_command(cli, &request, &id);
    return code != EXIT_DONE ? code : say_standing(cli, id, name, "recorded");
}

/* ---- touches ---- */

static const char *kind_text(const Vouch__V1__TieTouch *touch)
{
    switch (touch->kind) {
    case KIND(MEETING):
        return "meeting";
    case KIND(CALL):
        return touch->two_way ? "call" : "call, no answer";
    case KIND(EMAIL):
        return "e-mail";
    case KIND(VALUE):
        return "value touch";
    default:
        return "?";
    }
}

void tie_print_touches(const Vouch__V1__TouchPage *page)
{
    struct table *table = table_new((const struct column[]){{"WHEN", COLUMN_FIXED},
                                                            {"WHAT", COLUMN_FIXED},
                                                            {"FROM", COLUMN_FIXED},
                                                            {"NOTE", COLUMN_TEXT},
                                                            {NULL, COLUMN_TEXT}});
    for (size_t i = 0; i < page->n_touches; i++) {
        const Vouch__V1__TieTouch *touch = page->touches[i];
        char when[TIME_TEXT_BYTES];
        table_row(table, (const char *const[]){text_time(when, touch->time_ms), kind_text(touch),
                                               touch->inbound ? "them" : "you", touch->note});
    }
    table_print(&table, "no touches yet; `vouch touch NAME --call` records one");
    if (page->more) {
        puts("… and older ones (--limit)");
    }
}

static void print_tie(const Vouch__V1__TieStanding *standing)
{
    char last[TIME_TEXT_BYTES], reciprocity[16];
    text_print(stdout, standing->name);
    if (standing->company[0] != '\0') {
        fputs(", ", stdout);
        text_print(stdout, standing->company);
    }
    fputs(": ", stdout);
    tie_print_standing(standing);
    printf(".\nlast real contact %s; %s; R %" PRIu64 ".%02" PRIu64 ", reciprocity %s",
           text_time(last, standing->last_two_way_ms),
           standing->returns_calls ? "returns your calls" : "does not return your calls, as far as is known",
           standing->r_micro / 1000000, standing->r_micro % 1000000 / 10000,
           strength_text(reciprocity, standing->reciprocity_ppm));
    if (standing->yield != NULL && standing->yield->asks > 0) {
        printf("\nasked %u times, named somebody %u times: %u referrals, %u won", standing->yield->asks,
               standing->yield->named, standing->yield->referrals, standing->yield->won);
    }
    puts(".\n");
}

int verb_touches(struct cli *cli)
{
    Vouch__V1__Reply *reply = NULL;
    uint64_t contact = 0;
    uint64_t limit = 20;
    const char *asked = args_text(&cli->args, "limit");
    if (asked != NULL && (!text_parse_number(asked, 500, &limit) || limit == 0)) {
        return fail_usage(cli, "--limit is a number from 1 to 500");
    }
    int code = name_resolve(cli, VOUCH__V1__FIND__KIND__CONTACT, cli->args.words[0], &contact, NULL);
    code = code != EXIT_DONE ? code : fetch_standing(cli, contact, (uint32_t)limit, &reply);
    if (code == EXIT_DONE && cli->json) {
        code = json_print(json_of_message(&reply->touches->base));
    } else if (code == EXIT_DONE) {
        print_tie(reply->touches->standing);
        tie_print_touches(reply->touches);
    }
    vouch_reply_free(&reply);
    return code;
}

/* ---- tier ---- */

static int read_tier(const struct cli *cli, Vouch__V1__Tier *tier)
{
    bool named = cli->args.count > 1;
    *tier = VOUCH__V1__TIER__TIER_NONE;
    if (args_flag(&cli->args, "auto") == named) {
        return fail_usage(cli, "which tier? A, B, C, dormant, or --auto to have it measured");
    }
    for (int i = VOUCH__V1__TIER__A; named && i <= VOUCH__V1__TIER__DORMANT; i++) {
        if (strcasecmp(cli->args.words[1], tier_text((Vouch__V1__Tier)i)) == 0) {
            *tier = (Vouch__V1__Tier)i;
        }
    }
    return named && *tier == VOUCH__V1__TIER__TIER_NONE
               ? fail_usage(cli, "'%.60s' is no tier; they are A, B, C and dormant", cli->args.words[1])
               : EXIT_DONE;
}

int verb_tier(struct cli *cli)
{
    Vouch__V1__TierSetting set = VOUCH__V1__TIER_SETTING__INIT;
    char name[NAME_MAX_BYTES] = "";
    uint64_t id = 0;
    int code = read_tier(cli, &set.tier);
    if (code == EXIT_DONE) {
        code = name_resolve(cli, VOUCH__V1__FIND__KIND__CONTACT, cli->args.words[0], &set.contact, name);
    }
    Vouch__V1__Request request = REQUEST(TIER_SET, tier_set, &set);
    code = code != EXIT_DONE ? code : session_command(cli, &request, &id);
    return code != EXIT_DONE ? code : say_standing(cli, id, name, set.tier == 0 ? "measured again" : "you said so");
}
