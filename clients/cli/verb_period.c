/* SPDX-License-Identifier: Apache-2.0
 *
 * period: the months of a company's books, and closing one. */
#include "books.h"

#include <inttypes.h>
#include <string.h>

static void add_period(struct cli *cli, struct table *table, const Vouch__V1__Period *period)
{
    char name[PERIOD_TEXT_BYTES], from[ZONE_TEXT_BYTES], until[ZONE_TEXT_BYTES], closed[ZONE_TEXT_BYTES] = "open";
    char statements[COUNT_TEXT_BYTES] = "";
    if (period->closed_ms != 0) {
        zone_text(closed, period->zone, period->closed_ms, true);
        text_count(statements, period->statements);
    }
    const char *cells[] = {books_period(name, period->period),
                           zone_text(from, period->zone, period->from_ms, true),
                           zone_text(until, period->zone, period->until_ms, true),
                           period->zone,
                           closed,
                           name_of(cli, VOUCH__V1__FIND__KIND__MEMBER, period->closed_by),
                           statements};
    table_row(table, cells);
}

static int list_periods(struct cli *cli)
{
    Vouch__V1__PeriodList list = VOUCH__V1__PERIOD_LIST__INIT;
    list.limit = 500;
    int code = books_read_company(cli, &list.company);
    Vouch__V1__Request request = REQUEST(PERIOD_LIST, period_list, &list);
    Vouch__V1__Reply *reply = NULL;
    code = code != EXIT_DONE ? code : session_call(cli, &request, VOUCH__V1__REPLY__RESULT_PERIODS, &reply);
    if (code != EXIT_DONE) {
        return code;
    }
    if (cli->json) {
        code = json_print(json_of_message(&reply->periods->base));
    } else {
        struct table *table = table_new((const struct column[]){{"PERIOD", COLUMN_FIXED},
                                                                {"FROM", COLUMN_FIXED},
                                                                {"UNTIL", COLUMN_FIXED},
                                                                {"ZONE", COLUMN_FIXED},
                                                                {"CLOSED", COLUMN_FIXED},
                                                                {"BY", COLUMN_TEXT},
                                                                {"STATEMENTS", COLUMN_NUMBER},
                                                                {NULL, COLUMN_TEXT}});
        for (size_t i = 0; i < reply->periods->n_periods; i++) {
            add_period(cli, table, reply->periods->periods[i]);
        }
        table_print(&table, "no periods yet");
    }
    vouch_reply_free(&reply);
    return code;
}

static int close_period(struct cli *cli)
{
    Vouch__V1__PeriodClose command = VOUCH__V1__PERIOD_CLOSE__INIT;
    char text[PERIOD_TEXT_BYTES];
    uint64_t id = 0;
    if (cli->args.count != 2) {
        return fail_usage(cli, "usage: vouch period close 2026-11 [--company COMPANY]");
    }
    int code = books_read_period(cli, cli->args.words[1], &command.period);
    code = code != EXIT_DONE ? code : books_read_company(cli, &command.company);
    Vouch__V1__Request request = REQUEST(PERIOD_CLOSE, period_close, &command);
    code = code != EXIT_DONE ? code : session_command(cli, &request, &id);
    return code != EXIT_DONE
               ? code
               : say_done(cli, id,
                          "%s is closed: every payee has a statement. Next: vouch accounts, vouch payout make EUR",
                          books_period(text, command.period));
}

int verb_period(struct cli *cli)
{
    if (strcmp(cli->args.words[0], "list") == 0) {
        return list_periods(cli);
    }
    if (strcmp(cli->args.words[0], "close") == 0) {
        return close_period(cli);
    }
    return fail_usage(cli, "usage: vouch period %s", cli->args.verb->arguments);
}
