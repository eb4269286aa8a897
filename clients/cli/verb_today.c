/* SPDX-License-Identifier: Apache-2.0
 *
 * today: what is due, who is neglected, whom to ask; each line with its reason and the command that settles it. */
#include "today.h"

static void print_rows(const Vouch__V1__TodayList *list)
{
    static const struct column columns[] = {{"", COLUMN_NUMBER},       {"", COLUMN_FIXED},   {"WHAT", COLUMN_FIXED},
                                            {"WHO", COLUMN_TEXT},      {"WHY", COLUMN_TEXT}, {"WHEN", COLUMN_FIXED},
                                            {"COMMAND", COLUMN_FIXED}, {NULL, COLUMN_TEXT}};
    struct table *table = table_new(columns);
    for (size_t i = 0; i < list->n_lines; i++) {
        const Vouch__V1__TodayLine *line = list->lines[i];
        char number[24], subject[TODAY_SUBJECT_BYTES], command[TODAY_COMMAND_BYTES], when[TODAY_WHEN_BYTES];
        bool late = line->overdue && line->kind != VOUCH__V1__TODAY_LINE__KIND__STAY_IN_TOUCH;
        snprintf(number, sizeof number, "%zu", i + 1);
        table_row(table, (const char *const[]){number, late ? "!" : "", today_what(line->kind),
                                               today_subject(subject, line), line->reason,
                                               today_when(when, line, list->now_ms), today_command(command, line)});
        if (late) {
            table_colour_row(table, "\033[31m");
        }
    }
    if (table_fits(table)) {
        table_print(&table, "");
        return;
    }
    /* Half a name and half a reason tell nothing: one under the other then, as in the digest. */
    table_drop(&table);
    for (size_t i = 0; i < list->n_lines; i++) {
        today_print_entry(stdout, i + 1, list->lines[i], list->now_ms);
    }
    putchar('\n');
}

/* The answer as it is, with the command in each line. */
static int print_json(const Vouch__V1__TodayList *list)
{
    json_t *json = json_of_message(&list->base);
    const json_t *lines = json_object_get(json, "lines");
    for (size_t i = 0; i < list->n_lines; i++) {
        char command[TODAY_COMMAND_BYTES];
        json_object_set_new(json_array_get(lines, i), "command", json_string(today_command(command, list->lines[i])));
    }
    return json_print(json);
}

int verb_today(struct cli *cli)
{
    Vouch__V1__Reply *reply = NULL;
    int code = today_fetch(cli, &reply);
    if (code != EXIT_DONE) {
        return code;
    }
    if (cli->json) {
        code = print_json(reply->today);
    } else {
        today_print_heading(stdout, reply->today);
        if (reply->today->n_lines > 0) {
            print_rows(reply->today);
        }
        today_print_end(stdout, reply->today);
        if (reply->today->n_lines == 0 && reply->today->next_ms == 0 && args_text(&cli->args, "member") == NULL) {
            puts("Next: `vouch import contacts FILE` brings the people you know; `vouch refer COMPANY` passes a "
                 "prospect on.");
        }
    }
    vouch_reply_free(&reply);
    return code;
}
