/* SPDX-License-Identifier: Apache-2.0
 *
 * ask: asking the people you know for referrals, with the card that says whom you look for; and what they answered. */
#include "tie.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ASK(name) VOUCH__V1__ASK_STATE__##name
#define PAGE_ROWS 500

/* "A7", or whom you asked last. */
struct which {
    uint64_t ask;
    uint64_t contact;
    char name[NAME_MAX_BYTES];
};

static int read_which(struct cli *cli, struct which *which)
{
    char *text = cli->args.words[1];
    *which = (struct which){.ask = 0};
    if (cli->args.count != 2) {
        return fail_usage(cli, "which ask? vouch ask %s A7, or the name of whom you asked", cli->args.words[0]);
    }
    if (toupper((unsigned char)text[0]) == 'A' && text_parse_number(text + 1, UINT64_MAX >> 8, &which->ask)) {
        return EXIT_DONE;
    }
    return name_resolve(cli, VOUCH__V1__FIND__KIND__CONTACT, text, &which->contact, which->name);
}

/* The ask as it is now; the reply to be freed. */
static int fetch(struct cli *cli, uint64_t id, Vouch__V1__Reply **reply)
{
    Vouch__V1__AskList list = VOUCH__V1__ASK_LIST__INIT;
    list.ask = id;
    Vouch__V1__Request request = REQUEST(ASK_LIST, ask_list, &list);
    int code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_ASKS, reply);
    if (code == EXIT_DONE && (*reply)->asks->n_asks != 1) {
        code = fail_outcome(cli, VOUCH__V1__STATUS__INTERNAL, "the broker's answer has no ask");
    }
    return code;
}

/* ---- asking ---- */

static int print_ask(struct cli *cli, const Vouch__V1__Ask *ask, const Vouch__V1__Member *who)
{
    char *text = ask_text(ask->contact_name, who);
    char until[TIME_TEXT_BYTES];
    int code = EXIT_DONE;
    if (cli->json) {
        json_t *object = json_of_message(&ask->base);
        json_object_set_new(object, "text", json_string(text));
        code = json_print(object);
    } else if (ask->state == ASK(PREPARED)) {
        printf("A%" PRIu64 " is prepared. When you have sent or said this: vouch ask sent A%" PRIu64 "\n\n%s", ask->id,
               ask->id, text);
    } else {
        printf("A%" PRIu64 ": send or say this; by %s say what came of it: vouch ask answered A%" PRIu64 "\n\n%s",
               ask->id, text_time(until, ask->due_ms), ask->id, text);
    }
    free(text);
    return code;
}

static int ask(struct cli *cli)
{
    Vouch__V1__AskPrepare prepare = VOUCH__V1__ASK_PREPARE__INIT;
    Vouch__V1__Whoami whoami = VOUCH__V1__WHOAMI__INIT;
    Vouch__V1__Request who = REQUEST(WHOAMI, whoami, &whoami);
    Vouch__V1__Reply *member = NULL;
    Vouch__V1__Reply *reply = NULL;
    uint64_t id = 0;
    int code = name_resolve(cli, VOUCH__V1__FIND__KIND__CONTACT, cli->args.words[0], &prepare.contact, NULL);
    prepare.asked = !args_flag(&cli->args, "prepare");
    Vouch__V1__Request request = REQUEST(ASK_PREPARE, ask_prepare, &prepare);
    code = code != EXIT_DONE ? code : session_command(cli, &request, &id);
    code = code != EXIT_DONE ? code : fetch(cli, id, &reply);
    code = code != EXIT_DONE ? code : session_call(cli, &who, VOUCH__V1__REPLY__RESULT_MEMBER, &member);
    if (code == EXIT_DONE) {
        code = print_ask(cli, reply->asks->asks[0]->ask, member->member);
    }
    vouch_reply_free(&member);
    vouch_reply_free(&reply);
    return code;
}

/* ---- what became of it ---- */

/* What the one who asked can do now. */
static void print_next(const Vouch__V1__AskRow *row)
{
    const Vouch__V1__Ask *ask = row->ask;
    if (ask->state == ASK(YES_NAMED) && ask->n_referrals == 0) {
        printf(" Refer whom they named: vouch refer COMPANY --ask A%" PRIu64 " …", ask->id);
    }
    switch (row->owes) {
    case VOUCH__V1__ASK_ROW__OWES__ASK_IT:
        printf(" When you have asked: vouch ask sent A%" PRIu64, ask->id);
        break;
    case VOUCH__V1__ASK_ROW__OWES__THANK:
        printf(" Thank them, then: vouch ask thanked A%" PRIu64, ask->id);
        break;
    case VOUCH__V1__ASK_ROW__OWES__TELL:
        printf(" Tell them what became of it, then: vouch ask told A%" PRIu64, ask->id);
        break;
    default:
        break;
    }
}

static const char *state_text(const Vouch__V1__Ask *ask)
{
    static const char *const words[] = {"?",  "prepared", "asked",   "named somebody", "said later",
                                        "no", "no reply", "thanked", "outcome told",   "dropped"};
    return (size_t)ask->state < sizeof words / sizeof words[0] ? words[ask->state] : "?";
}

static int say_row(struct cli *cli, uint64_t id)
{
    Vouch__V1__Reply *reply = NULL;
    int code = fetch(cli, id, &reply);
    if (code == EXIT_DONE && cli->json) {
        code = json_print(json_of_message(&reply->asks->asks[0]->base));
    } else if (code == EXIT_DONE) {
        const Vouch__V1__AskRow *row = reply->asks->asks[0];
        printf("A%" PRIu64 " to ", id);
        text_print(stdout, row->ask->contact_name);
        printf(": %s.", state_text(row->ask));
        print_next(row);
        putchar('\n');
    }
    vouch_reply_free(&reply);
    return code;
}

static int move(struct cli *cli, Vouch__V1__AskState to, int64_t later_ms)
{
    Vouch__V1__AskMove asked = VOUCH__V1__ASK_MOVE__INIT;
    struct which which;
    uint64_t id = 0;
    int code = read_which(cli, &which);
    asked.ask = which.ask;
    asked.contact = which.contact;
    asked.to = to;
    asked.later_ms = later_ms;
    Vouch__V1__Request request = REQUEST(ASK_MOVE, ask_move, &asked);
    code = code != EXIT_DONE ? code : session_command(cli, &request, &id);
    return code != EXIT_DONE ? code : say_row(cli, id);
}

static int answered(struct cli *cli)
{
    bool named = args_flag(&cli->args, "named"), no = args_flag(&cli->args, "no");
    int64_t later_ms = 0;
    int code = tie_read_moment(cli, "later", &later_ms);
    if (code != EXIT_DONE) {
        return code;
    }
    if ((named ? 1 : 0) + (no ? 1 : 0) + (later_ms != 0 ? 1 : 0) != 1) {
        return fail_usage(cli, "what did they say? --named, --later 2027-03-01 or --no");
    }
    return move(cli, named ? ASK(YES_NAMED) : no ? ASK(NO) : ASK(YES_LATER), later_ms);
}

static int sent(struct cli *cli)
{
    return move(cli, ASK(ASKED), 0);
}

static int thanked(struct cli *cli)
{
    return move(cli, ASK(THANKED), 0);
}

static int told(struct cli *cli)
{
    return move(cli, ASK(OUTCOME_TOLD), 0);
}

static int dropped(struct cli *cli)
{
    return move(cli, ASK(DROPPED), 0);
}

/* ---- lists ---- */

/* The command that comes next; "" where nothing does. */
static const char *next_text(char out[48], const Vouch__V1__AskRow *row)
{
    static const char *const words[] = {"answered", "sent", "thanked", "told"};
    bool waits = row->owes == VOUCH__V1__ASK_ROW__OWES__NOTHING && row->ask->state != ASK(ASKED);
    out[0] = '\0';
    if (!waits && (size_t)row->owes < sizeof words / sizeof words[0]) {
        snprintf(out, 48, "vouch ask %s A%" PRIu64, words[row->owes], row->ask->id);
    }
    return out;
}

static void add_ask(struct table *table, const Vouch__V1__AskRow *row)
{
    const Vouch__V1__Ask *ask = row->ask;
    char id[24], when[TIME_TEXT_BYTES], referrals[24], next[48];
    snprintf(id, sizeof id, "A%" PRIu64, ask->id);
    snprintf(referrals, sizeof referrals, "%zu", ask->n_referrals);
    table_row(table, (const char *const[]){id, ask->contact_name, ask->company, state_text(ask),
                                           text_time(when, ask->asked_ms), referrals, next_text(next, row)});
}

static void add_yield(struct table *table, const Vouch__V1__AskYield *yield)
{
    char numbers[5][16];
    const uint32_t counts[] = {yield->asks, yield->named, yield->referrals, yield->meetings, yield->won};
    for (size_t i = 0; i < 5; i++) {
        snprintf(numbers[i], sizeof numbers[i], "%u", counts[i]);
    }
    table_row(table, (const char *const[]){yield->name, yield->company, numbers[0], numbers[1], numbers[2], numbers[3],
                                           numbers[4]});
}

static struct table *new_table(bool yields)
{
    static const struct column of_asks[] = {
        {"ASK", COLUMN_NUMBER},  {"WHO", COLUMN_TEXT},         {"COMPANY", COLUMN_TEXT}, {"STATE", COLUMN_FIXED},
        {"ASKED", COLUMN_FIXED}, {"REFERRALS", COLUMN_NUMBER}, {"NEXT", COLUMN_FIXED},   {NULL, COLUMN_TEXT}};
    static const struct column of_yields[] = {
        {"WHO", COLUMN_TEXT},         {"COMPANY", COLUMN_TEXT},    {"ASKED", COLUMN_NUMBER}, {"NAMED", COLUMN_NUMBER},
        {"REFERRALS", COLUMN_NUMBER}, {"MEETINGS", COLUMN_NUMBER}, {"WON", COLUMN_NUMBER},   {NULL, COLUMN_TEXT}};
    return table_new(yields ? of_yields : of_asks);
}

/* Adds a page to table and rows; answers where the next begins, 0 at the end. */
static uint64_t take_page(const Vouch__V1__AskPage *page, struct table *table, json_t *rows)
{
    for (size_t i = 0; i < page->n_asks; i++) {
        add_ask(table, page->asks[i]);
        json_array_append_new(rows, json_of_message(&page->asks[i]->base));
    }
    for (size_t i = 0; i < page->n_yields; i++) {
        add_yield(table, page->yields[i]);
        json_array_append_new(rows, json_of_message(&page->yields[i]->base));
    }
    if (!page->more) {
        return 0;
    }
    return page->n_asks > 0     ? page->asks[page->n_asks - 1]->ask->id
           : page->n_yields > 0 ? page->yields[page->n_yields - 1]->contact
                                : 0;
}

static int list_all(struct cli *cli, bool yields)
{
    Vouch__V1__AskList list = VOUCH__V1__ASK_LIST__INIT;
    Vouch__V1__Request request = REQUEST(ASK_LIST, ask_list, &list);
    int code = EXIT_DONE;
    list.yields = yields;
    list.limit = PAGE_ROWS;
    if (cli->args.count > 1) {
        code = name_resolve(cli, VOUCH__V1__FIND__KIND__CONTACT, cli->args.words[1], &list.contact, NULL);
    }
    struct table *table = new_table(yields);
    json_t *rows = json_array();
    for (bool more = true; code == EXIT_DONE && more;) {
        Vouch__V1__Reply *reply = NULL;
        code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_ASKS, &reply);
        if (code == EXIT_DONE) {
            list.before = take_page(reply->asks, table, rows);
            more = list.before != 0;
        }
        vouch_reply_free(&reply);
    }
    if (code == EXIT_DONE && cli->json) {
        table_drop(&table);
        return json_print(json_pack("{s:o}", yields ? "yields" : "asks", rows));
    }
    json_decref(rows);
    if (code == EXIT_DONE) {
        table_print(&table, "you have asked nobody yet; `vouch ask NAME` does");
    } else {
        table_drop(&table);
    }
    return code;
}

static int list(struct cli *cli)
{
    return list_all(cli, false);
}

static int yields(struct cli *cli)
{
    return cli->args.count > 1 ? fail_usage(cli, "vouch ask yields has no further word") : list_all(cli, true);
}

int verb_ask(struct cli *cli)
{
    static const struct {
        const char *word;
        int (*run)(struct cli *cli);
    } words[] = {{"sent", sent},       {"answered", answered}, {"thanked", thanked}, {"told", told},
                 {"dropped", dropped}, {"list", list},         {"yields", yields}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(cli->args.words[0], words[i].word) == 0) {
            return words[i].run(cli);
        }
    }
    if (cli->args.count > 1) {
        return fail_usage(cli,
                          "usage: vouch ask NAME | sent A7 | answered A7 | thanked A7 | told A7 | dropped A7 | list | "
                          "yields");
    }
    return ask(cli);
}
