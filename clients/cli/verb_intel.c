/* SPDX-License-Identifier: Apache-2.0
 *
 * intel: what a colleague should know about a target account, and what became of what colleagues told you. */
#include "books.h"
#include "tie.h"

#include <inttypes.h>
#include <string.h>

#define INTEL(name) VOUCH__V1__INTEL_STATE__INTEL_##name
#define PAGE_ROWS 500

static const char *state_text(const Vouch__V1__Intel *intel)
{
    static const char *const words[] = {"?", "offered", "taken", "used", "not used"};
    return (size_t)intel->state < sizeof words / sizeof words[0] ? words[intel->state] : "?";
}

static int offer(struct cli *cli)
{
    Vouch__V1__IntelOffer intel = VOUCH__V1__INTEL_OFFER__INIT;
    char to[NAME_MAX_BYTES] = "", company[NAME_MAX_BYTES] = "";
    char *on = args_text(&cli->args, "on");
    uint64_t id = 0;
    if (cli->args.count != 3 || on == NULL) {
        return fail_usage(cli, "usage: vouch intel offer MEMBER --on COMPANY TEXT");
    }
    intel.text = cli->args.words[2];
    int code = name_resolve(cli, VOUCH__V1__FIND__KIND__MEMBER, cli->args.words[1], &intel.to, to);
    code = code != EXIT_DONE ? code : name_resolve(cli, VOUCH__V1__FIND__KIND__COMPANY, on, &intel.company, company);
    Vouch__V1__Request request = REQUEST(INTEL_OFFER, intel_offer, &intel);
    code = code != EXIT_DONE ? code : session_command(cli, &request, &id);
    return code != EXIT_DONE ? code
                             : say_done(cli, id,
                                        "I%" PRIu64 ": %s is told what you know about %s, and you hear what "
                                        "becomes of it.",
                                        id, to, company);
}

/* take, used, not-used: I31, and a word with it. */
static int move(struct cli *cli, Vouch__V1__IntelState to, const char *done)
{
    Vouch__V1__IntelMove asked = VOUCH__V1__INTEL_MOVE__INIT;
    uint64_t id = 0;
    if (cli->args.count < 2) {
        return fail_usage(cli, "which one? vouch intel %s I31", cli->args.words[0]);
    }
    const char *referral = args_text(&cli->args, "referral");
    int code = books_read_id(cli, cli->args.words[1], 'I', "intel", &asked.intel);
    if (code == EXIT_DONE && referral != NULL) {
        code = name_referral(cli, referral, &asked.referral);
    }
    asked.to = to;
    if (cli->args.count > 2) {
        asked.note = cli->args.words[2];
    }
    Vouch__V1__Request request = REQUEST(INTEL_MOVE, intel_move, &asked);
    code = code != EXIT_DONE ? code : session_command(cli, &request, &id);
    return code != EXIT_DONE ? code : say_done(cli, id, done, id);
}

static int take(struct cli *cli)
{
    return move(cli, INTEL(TAKEN), "I%" PRIu64 " is taken. When you know: vouch intel used, or not-used.");
}

static int used(struct cli *cli)
{
    return move(cli, INTEL(USED), "I%" PRIu64 ": who gave it hears that it was used.");
}

static int not_used(struct cli *cli)
{
    return move(cli, INTEL(NOT_USED), "I%" PRIu64 ": who gave it hears that it was not used.");
}

/* ---- looking ---- */

static void print_intel(const Vouch__V1__Intel *intel)
{
    char offered[TIME_TEXT_BYTES], due[TIME_TEXT_BYTES];
    printf("I%" PRIu64 " about ", intel->id);
    text_print(stdout, intel->company_name);
    printf(": %s\n  from ", state_text(intel));
    text_print(stdout, intel->from_name);
    fputs(" to ", stdout);
    text_print(stdout, intel->to_name);
    printf(", %s\n  ", text_time(offered, intel->offered_ms));
    text_print(stdout, intel->text);
    putchar('\n');
    if (intel->clock != NULL) {
        printf("  an answer is expected by %s: vouch intel take I%" PRIu64 ", or not-used\n",
               text_time(due, intel->clock->due_ms), intel->id);
    }
    if (intel->referral != 0) {
        printf("  used for R%" PRIu64 "\n", intel->referral);
    }
}

static int show(struct cli *cli)
{
    Vouch__V1__IntelList list = VOUCH__V1__INTEL_LIST__INIT;
    Vouch__V1__Reply *reply = NULL;
    if (cli->args.count != 2) {
        return fail_usage(cli, "which one? vouch intel show I31");
    }
    int code = books_read_id(cli, cli->args.words[1], 'I', "intel", &list.intel);
    Vouch__V1__Request request = REQUEST(INTEL_LIST, intel_list, &list);
    code = code != EXIT_DONE ? code : session_call(cli, &request, VOUCH__V1__REPLY__RESULT_INTEL, &reply);
    if (code == EXIT_DONE && reply->intel->n_intel != 1) {
        code = fail_outcome(cli, VOUCH__V1__STATUS__INTERNAL, "the broker's answer has no intel");
    }
    if (code == EXIT_DONE && cli->json) {
        code = json_print(json_of_message(&reply->intel->intel[0]->base));
    } else if (code == EXIT_DONE) {
        print_intel(reply->intel->intel[0]);
    }
    vouch_reply_free(&reply);
    return code;
}

static uint64_t take_page(const Vouch__V1__IntelPage *page, bool given, struct table *table, json_t *rows)
{
    uint64_t last = 0;
    for (size_t i = 0; i < page->n_intel; i++) {
        const Vouch__V1__Intel *intel = page->intel[i];
        char id[24], when[TIME_TEXT_BYTES];
        snprintf(id, sizeof id, "I%" PRIu64, intel->id);
        table_row(table, (const char *const[]){id, intel->company_name, given ? intel->to_name : intel->from_name,
                                               state_text(intel), text_time(when, intel->offered_ms), intel->text});
        json_array_append_new(rows, json_of_message(&intel->base));
        last = intel->id;
    }
    return page->more ? last : 0;
}

static int list(struct cli *cli)
{
    Vouch__V1__IntelList asked = VOUCH__V1__INTEL_LIST__INIT;
    Vouch__V1__Request request = REQUEST(INTEL_LIST, intel_list, &asked);
    int code = EXIT_DONE;
    asked.given = args_flag(&cli->args, "given");
    asked.limit = PAGE_ROWS;
    struct table *table = table_new((const struct column[]){{"ID", COLUMN_NUMBER},
                                                            {"ABOUT", COLUMN_TEXT},
                                                            {asked.given ? "TO" : "FROM", COLUMN_TEXT},
                                                            {"STATE", COLUMN_FIXED},
                                                            {"SINCE", COLUMN_FIXED},
                                                            {"WHAT", COLUMN_TEXT},
                                                            {NULL, COLUMN_TEXT}});
    json_t *rows = json_array();
    for (bool more = true; code == EXIT_DONE && more;) {
        Vouch__V1__Reply *reply = NULL;
        code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_INTEL, &reply);
        if (code == EXIT_DONE) {
            asked.before = take_page(reply->intel, asked.given, table, rows);
            more = asked.before != 0;
        }
        vouch_reply_free(&reply);
    }
    if (code == EXIT_DONE && cli->json) {
        table_drop(&table);
        return json_print(json_pack("{s:o}", "intel", rows));
    }
    json_decref(rows);
    if (code == EXIT_DONE) {
        table_print(&table, asked.given ? "you have told nobody anything yet" : "nobody has told you anything yet");
    } else {
        table_drop(&table);
    }
    return code;
}

int verb_intel(struct cli *cli)
{
    static const struct {
        const char *word;
        int (*run)(struct cli *cli);
    } words[] = {{"offer", offer},       {"take", take}, {"used", used},
                 {"not-used", not_used}, {"list", list}, {"show", show}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(cli->args.words[0], words[i].word) == 0) {
            return words[i].run(cli);
        }
    }
    return fail_usage(cli,
                      "usage: vouch intel offer MEMBER --on COMPANY TEXT | take I31 | used I31 | not-used I31 | list | "
                      "show I31");
}
