/* SPDX-License-Identifier: Apache-2.0
 *
 * dispute: holding a line out of payout, and settling that. */
#include "books.h"

#include <inttypes.h>
#include <string.h>

static int open_dispute(struct cli *cli)
{
    Vouch__V1__DisputeOpen command = VOUCH__V1__DISPUTE_OPEN__INIT;
    char *payee = args_text(&cli->args, "payee");
    uint64_t id = 0;
    command.evidence = args_text(&cli->args, "because");
    if (command.evidence == NULL || cli->args.count != 1) {
        return fail_usage(cli,
                          "usage: vouch dispute P17 [--payee NAME] --because \"what is wrong, and what shows it\"");
    }
    int code = books_read_id(cli, cli->args.words[0], 'P', "payment", &command.payment);
    if (code == EXIT_DONE && payee != NULL) {
        code = name_resolve(cli, VOUCH__V1__FIND__KIND__MEMBER, payee, &command.payee, NULL);
    }
    Vouch__V1__Request request = REQUEST(DISPUTE_OPEN, dispute_open, &command);
    code = code != EXIT_DONE ? code : session_command(cli, &request, &id);
    return code != EXIT_DONE ? code
                             : say_done(cli, id,
                                        "D%" PRIu64 ": the line in P%" PRIu64 " is held out of payout until it is "
                                        "settled (vouch dispute release D%" PRIu64 " | reverse D%" PRIu64 ")",
                                        id, command.payment, id, id);
}

static int resolve(struct cli *cli, bool reverse)
{
    Vouch__V1__DisputeResolve command = VOUCH__V1__DISPUTE_RESOLVE__INIT;
    uint64_t id = 0;
    command.reverse = reverse;
    command.resolution = args_text(&cli->args, "note");
    if (command.resolution == NULL || cli->args.count != 2) {
        return fail_usage(cli, "usage: vouch dispute %s D3%s --note \"why\"", reverse ? "reverse" : "release",
                          reverse ? " --reason WORD" : "");
    }
    int code = books_read_id(cli, cli->args.words[1], 'D', "dispute", &command.dispute);
    if (code == EXIT_DONE && reverse) {
        code = books_read_reason(cli, true, &command.reason);
    }
    Vouch__V1__Request request = REQUEST(DISPUTE_RESOLVE, dispute_resolve, &command);
    code = code != EXIT_DONE ? code : session_command(cli, &request, &id);
    return code != EXIT_DONE ? code
                             : say_done(cli, id, "D%" PRIu64 " settled: the line %s", command.dispute,
                                        reverse ? "is taken back" : "goes on");
}

/* ---- list ---- */

static void add_dispute(struct table *table, const Vouch__V1__Dispute *dispute)
{
    char id[24], line[64], opened[TIME_TEXT_BYTES], settled[TIME_TEXT_BYTES], state[600];
    snprintf(id, sizeof id, "D%" PRIu64, dispute->id);
    snprintf(line, sizeof line, "P%" PRIu64 " of R%" PRIu64, dispute->payment, dispute->referral);
    snprintf(state, sizeof state, "open");
    if (dispute->resolved_ms != 0) {
        snprintf(state, sizeof state, "%s %s: %.400s", dispute->reversed ? "taken back" : "released",
                 text_time(settled, dispute->resolved_ms), dispute->resolution);
    }
    const char *cells[] = {id,
                           line,
                           dispute->payee_name,
                           dispute->opened_by_name,
                           text_time(opened, dispute->opened_ms),
                           state,
                           dispute->evidence};
    table_row(table, cells);
}

static int list_disputes(struct cli *cli)
{
    Vouch__V1__DisputeList list = VOUCH__V1__DISPUTE_LIST__INIT;
    struct table *table = table_new((const struct column[]){{"ID", COLUMN_NUMBER},
                                                            {"LINE", COLUMN_FIXED},
                                                            {"PAYEE", COLUMN_TEXT},
                                                            {"BY", COLUMN_TEXT},
                                                            {"OPENED", COLUMN_FIXED},
                                                            {"STATE", COLUMN_TEXT},
                                                            {"EVIDENCE", COLUMN_TEXT},
                                                            {NULL, COLUMN_TEXT}});
    json_t *rows = json_array();
    Vouch__V1__Request request = REQUEST(DISPUTE_LIST, dispute_list, &list);
    bool more = true;
    int code = EXIT_DONE;
    list.all = args_flag(&cli->args, "all");
    list.limit = 500;
    while (code == EXIT_DONE && more) {
        Vouch__V1__Reply *reply = NULL;
        code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_DISPUTES, &reply);
        more = code == EXIT_DONE && reply->disputes->more && reply->disputes->n_disputes > 0;
        for (size_t i = 0; code == EXIT_DONE && i < reply->disputes->n_disputes; i++) {
            const Vouch__V1__Dispute *dispute = reply->disputes->disputes[i];
            list.before = dispute->id;
            if (cli->json) {
                json_array_append_new(rows, json_of_message(&dispute->base));
            } else {
                add_dispute(table, dispute);
            }
        }
        vouch_reply_free(&reply);
    }
    if (code == EXIT_DONE && cli->json) {
        json_print(json_pack("{s:O}", "disputes", rows));
    } else if (code == EXIT_DONE) {
        table_print(&table, list.all ? "no disputes" : "no open disputes; --all shows the settled ones");
    }
    if (table != NULL) {
        table_drop(&table);
    }
    json_decref(rows);
    return code;
}

int verb_dispute(struct cli *cli)
{
    const char *word = cli->args.words[0];
    if (strcmp(word, "list") == 0) {
        return list_disputes(cli);
    }
    if (strcmp(word, "release") == 0 || strcmp(word, "reverse") == 0) {
        return resolve(cli, strcmp(word, "reverse") == 0);
    }
    return open_dispute(cli);
}
