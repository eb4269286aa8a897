/* SPDX-License-Identifier: Apache-2.0
 *
 * commission replay, commission shadow: walks over all deals, page after page, with a bar on a terminal. The broker
 * computes; here pages are added up. */
#include "books.h"
#include "commission.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uthash.h>

/* A page takes up to the time of a query; whoever asks waits a little longer. */
#define PAGE_TIMEOUT_MS 15000

/* ---- the bar ---- */

/* How many deals were won, for the bar; 0 when this member may not see the totals. */
static uint64_t count_deals(struct cli *cli)
{
    Vouch__V1__Totals totals = VOUCH__V1__TOTALS__INIT;
    Vouch__V1__Request request = REQUEST(TOTALS, totals, &totals);
    Vouch__V1__Reply *reply = NULL;
    uint64_t count = 0;
    if (vouch_call(cli->vouch, &request, cli->timeout_ms, &reply) == VOUCH_OK &&
        reply->result_case == VOUCH__V1__REPLY__RESULT_TOTALS) {
        for (size_t i = 0; i < reply->totals->n_amounts; i++) {
            count += reply->totals->amounts[i]->won;
        }
    }
    vouch_reply_free(&reply);
    return count;
}

static void draw_bar(const struct cli *cli, const char *word, uint64_t done, uint64_t of, bool last)
{
    static const char blocks[] = "########################################";
    char done_text[COUNT_TEXT_BYTES], of_text[COUNT_TEXT_BYTES];
    if (cli->json || isatty(STDERR_FILENO) == 0 || of == 0) {
        return;
    }
    int filled = last || done >= of ? 40 : (int)(done * 40 / of);
    fprintf(stderr, "\r%s [%.*s%*s] %s/%s deals%s", word, filled, blocks, 40 - filled, "", text_count(done_text, done),
            text_count(of_text, of), last ? "\n" : "");
}

/* ---- replay ---- */

struct replayed {
    uint64_t deals, payments, bookings, asked, differences;
    json_t *rows;
};

static void take_replay(const struct cli *cli, const Vouch__V1__Replay *page, struct replayed *sum)
{
    sum->deals += page->deals;
    sum->payments += page->payments;
    sum->bookings += page->bookings;
    sum->asked += page->asked;
    sum->differences += page->n_differences;
    for (size_t i = 0; i < page->n_differences; i++) {
        const Vouch__V1__Replay__Difference *difference = page->differences[i];
        if (cli->json) {
            json_array_append_new(sum->rows, json_of_message(&difference->base));
            continue;
        }
        printf("%sR%" PRIu64 " differs:%s ", table_coloured() ? "\033[1;31m" : "", difference->referral,
               table_coloured() ? "\033[0m" : "");
        text_print(stdout, difference->why);
        putchar('\n');
    }
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static const char *digits(char out[24], uint64_t number)
{
    snprintf(out, 24, "%" PRIu64, number);
    return out;
}

static void json_replayed(const struct replayed *sum)
{
    char deals[24], payments[24], bookings[24], asked[24];
    json_print(json_pack("{s:s, s:s, s:s, s:s, s:b, s:O}", "deals", digits(deals, sum->deals), "payments",
                         digits(payments, sum->payments), "bookings", digits(bookings, sum->bookings), "asked",
                         digits(asked, sum->asked), "same", sum->differences == 0, "differences", sum->rows));
}

static int say_replayed(const struct cli *cli, const struct replayed *sum)
{
    char deals[COUNT_TEXT_BYTES], payments[COUNT_TEXT_BYTES], bookings[COUNT_TEXT_BYTES], asked[COUNT_TEXT_BYTES];
    if (cli->json) {
        json_replayed(sum);
    } else if (sum->differences == 0) {
        printf(
            "%s deal%s, %s payment%s, %s booking%s computed again, %s attribution%s asked again: all as recorded, bit "
            "for bit ✓\n",
            text_count(deals, sum->deals), plural(sum->deals), text_count(payments, sum->payments),
            plural(sum->payments), text_count(bookings, sum->bookings), plural(sum->bookings),
            text_count(asked, sum->asked), plural(sum->asked));
    } else {
        printf("%s deal%s computed again: %s not as recorded\n", text_count(deals, sum->deals), plural(sum->deals),
               text_count(payments, sum->differences));
    }
    return sum->differences == 0 ? EXIT_DONE : EXIT_DIFFERS;
}

static int replay_pages(struct cli *cli, Vouch__V1__CommissionReplay *asked, struct replayed *sum)
{
    uint64_t of = asked->only ? 1 : count_deals(cli);
    bool more = true;
    int code = EXIT_DONE;
    Vouch__V1__Request request = REQUEST(COMMISSION_REPLAY, commission_replay, asked);
    while (code == EXIT_DONE && more) {
        Vouch__V1__Reply *reply = NULL;
        code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_REPLAY, &reply);
        if (code == EXIT_DONE) {
            take_replay(cli, reply->replay, sum);
            more = !asked->only && reply->replay->more && reply->replay->next > asked->after;
            asked->after = reply->replay->next;
            draw_bar(cli, "replay", sum->deals, of, !more);
            vouch_reply_free(&reply);
        }
    }
    return code;
}

int commission_replay(struct cli *cli)
{
    Vouch__V1__CommissionReplay asked = VOUCH__V1__COMMISSION_REPLAY__INIT;
    struct replayed sum = {.rows = json_array()};
    int code = EXIT_DONE;
    if (cli->args.count > 2) {
        code = fail_usage(cli, "usage: vouch commission replay [R12]");
    } else if (cli->args.count == 2) {
        code = name_referral(cli, cli->args.words[1], &asked.after);
        asked.only = true;
    }
    cli->timeout_ms = cli->timeout_ms > PAGE_TIMEOUT_MS ? cli->timeout_ms : PAGE_TIMEOUT_MS;
    code = code != EXIT_DONE ? code : replay_pages(cli, &asked, &sum);
    code = code != EXIT_DONE ? code : say_replayed(cli, &sum);
    json_decref(sum.rows);
    return code;
}

/* ---- shadow ---- */

struct payee_row {
    struct {
        uint64_t payee;
        char currency[8];
    } key;
    char name[NAME_MAX_BYTES];
    int64_t recorded_minor;
    int64_t shadow_minor;
    uint64_t deals;
    UT_hash_handle hh;
};

struct shadowed {
    struct payee_row *payees;
    uint64_t deals, skipped;
    char why[512];
};

static void take_row(struct shadowed *sum, const Vouch__V1__Shadow__Row *from)
{
    struct payee_row wanted = {.key = {.payee = from->payee}};
    struct payee_row *row = NULL;
    snprintf(wanted.key.currency, sizeof wanted.key.currency, "%.3s", from->currency);
    HASH_FIND(hh, sum->payees, &wanted.key, sizeof wanted.key, row);
    if (row == NULL) {
        row = malloc(sizeof *row);
        if (row == NULL) {
            abort();
        }
        *row = wanted;
        snprintf(row->name, sizeof row->name, "%s", from->name);
        HASH_ADD(hh, sum->payees, key, sizeof row->key, row);
    }
    row->recorded_minor += from->recorded_minor;
    row->shadow_minor += from->shadow_minor;
    row->deals += from->deals;
}

/* Currencies apart, in each the largest difference first. */
static int by_size(const void *left, const void *right)
{
    const struct payee_row *a = left, *b = right;
    int currency = strcmp(a->key.currency, b->key.currency);
    int64_t size_a = llabs(a->shadow_minor - a->recorded_minor), size_b = llabs(b->shadow_minor - b->recorded_minor);
    if (currency != 0 || size_a == size_b) {
        return currency != 0 ? currency : a->key.payee < b->key.payee ? -1 : a->key.payee > b->key.payee;
    }
    return size_a > size_b ? -1 : 1;
}

static void add_line(struct table *table, const char *name, const char *currency, int64_t recorded, int64_t shadow,
                     uint64_t deals)
{
    char was[MONEY_TEXT_MAX], would[MONEY_TEXT_MAX], difference[MONEY_TEXT_MAX + 1] = "+", count[COUNT_TEXT_BYTES] = "";
    text_money(shadow > recorded ? difference + 1 : difference, shadow - recorded, currency);
    const char *cells[] = {name, text_money(was, recorded, currency), text_money(would, shadow, currency), difference,
                           deals == 0 ? "" : text_count(count, deals)};
    table_row(table, cells);
}

static void print_shadow(struct shadowed *sum)
{
    struct table *table = table_new((const struct column[]){{"PAYEE", COLUMN_TEXT},
                                                            {"RECORDED", COLUMN_NUMBER},
                                                            {"WOULD HAVE BEEN", COLUMN_NUMBER},
                                                            {"DIFFERENCE", COLUMN_NUMBER},
                                                            {"DEALS", COLUMN_NUMBER},
                                                            {NULL, COLUMN_TEXT}});
    int64_t recorded = 0, shadow = 0;
    for (struct payee_row *row = sum->payees; row != NULL; row = row->hh.next) {
        add_line(table, row->name, row->key.currency, row->recorded_minor, row->shadow_minor, row->deals);
        struct payee_row *after = row->hh.next;
        recorded += row->recorded_minor;
        shadow += row->shadow_minor;
        if (after == NULL || strcmp(after->key.currency, row->key.currency) != 0) {
            add_line(table, "all", row->key.currency, recorded, shadow, 0);
            recorded = shadow = 0;
        }
    }
    table_print(&table, "no deal to look at");
    char deals[COUNT_TEXT_BYTES], skipped[COUNT_TEXT_BYTES];
    printf("%s deal%s looked at, %s skipped%s", text_count(deals, sum->deals), plural(sum->deals),
           text_count(skipped, sum->skipped), sum->why[0] != '\0' ? ": " : "");
    text_print(stdout, sum->why);
    puts("; nothing was changed");
}

static void json_shadow(struct shadowed *sum)
{
    json_t *rows = json_array();
    for (struct payee_row *row = sum->payees; row != NULL; row = row->hh.next) {
        Vouch__V1__Shadow__Row message = VOUCH__V1__SHADOW__ROW__INIT;
        message.payee = row->key.payee;
        message.name = row->name;
        message.currency = row->key.currency;
        message.recorded_minor = row->recorded_minor;
        message.shadow_minor = row->shadow_minor;
        message.deals = row->deals;
        json_array_append_new(rows, json_of_message(&message.base));
    }
    char deals[24], skipped[24];
    json_print(json_pack("{s:s, s:s, s:s, s:o}", "deals", digits(deals, sum->deals), "skipped",
                         digits(skipped, sum->skipped), "why", sum->why, "rows", rows));
}

/* "partners 2027" or "partners 2027@3": the id and version of terms, approved or not. */
static int read_terms(struct cli *cli, Vouch__V1__CommissionShadow *asked)
{
    char *text = args_text(&cli->args, "terms");
    uint64_t version = 0;
    if (text == NULL) {
        return EXIT_DONE;
    }
    char *at = strrchr(text, '@');
    if (at != NULL && !text_parse_number(at + 1, 1000000, &version)) {
        return fail_usage(cli, "--terms is NAME or NAME@VERSION, not '%.80s'", text);
    }
    if (at != NULL) {
        *at = '\0';
    }
    Vouch__V1__TermsList list = VOUCH__V1__TERMS_LIST__INIT;
    list.name = text;
    list.limit = 500;
    Vouch__V1__Request request = REQUEST(TERMS_LIST, terms_list, &list);
    Vouch__V1__Reply *reply = NULL;
    int code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_TERMS, &reply);
    if (code != EXIT_DONE) {
        return code;
    }
    for (size_t i = 0; i < reply->terms->n_terms && asked->terms == 0; i++) {
        const Vouch__V1__Terms *terms = reply->terms->terms[i]; /* newest first */
        if (version == 0 || version == terms->version) {
            asked->terms = terms->id;
            asked->version = terms->version;
        }
    }
    vouch_reply_free(&reply);
    return asked->terms != 0 ? EXIT_DONE
                             : fail_outcome(cli, VOUCH_NOT_FOUND,
                                            "there are no such terms, or not in that version; see vouch terms list");
}

static int shadow_pages(struct cli *cli, Vouch__V1__CommissionShadow *asked, struct shadowed *sum)
{
    uint64_t of = count_deals(cli);
    bool more = true;
    int code = EXIT_DONE;
    Vouch__V1__Request request = REQUEST(COMMISSION_SHADOW, commission_shadow, asked);
    while (code == EXIT_DONE && more) {
        Vouch__V1__Reply *reply = NULL;
        code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_SHADOW, &reply);
        if (code != EXIT_DONE) {
            break;
        }
        const Vouch__V1__Shadow *page = reply->shadow;
        sum->deals += page->deals;
        sum->skipped += page->skipped;
        if (sum->why[0] == '\0') {
            snprintf(sum->why, sizeof sum->why, "%s", page->why);
        }
        for (size_t i = 0; i < page->n_rows; i++) {
            take_row(sum, page->rows[i]);
        }
        more = page->more && page->next > asked->after;
        asked->after = page->next;
        draw_bar(cli, "shadow", sum->deals + sum->skipped, of, !more);
        vouch_reply_free(&reply);
    }
    return code;
}

int commission_shadow(struct cli *cli)
{
    Vouch__V1__CommissionShadow asked = VOUCH__V1__COMMISSION_SHADOW__INIT;
    struct shadowed sum = {.payees = NULL};
    asked.plugin = args_field(&cli->args, "plugin");
    if (cli->args.count != 1) {
        return fail_usage(
            cli, "usage: vouch commission shadow [--terms NAME[@V]] [--plugin NAME] [--from DAY] [--until DAY]");
    }
    cli->timeout_ms = cli->timeout_ms > PAGE_TIMEOUT_MS ? cli->timeout_ms : PAGE_TIMEOUT_MS;
    int code = read_terms(cli, &asked);
    if (code == EXIT_DONE && asked.terms == 0 && asked.plugin[0] == '\0') {
        code = fail_usage(cli, "say what to try: --terms NAME, --plugin NAME, or both");
    }
    code = code != EXIT_DONE ? code : books_read_day(cli, "from", &asked.from_ms);
    code = code != EXIT_DONE ? code : books_read_day(cli, "until", &asked.until_ms);
    code = code != EXIT_DONE ? code : shadow_pages(cli, &asked, &sum);
    HASH_SORT(sum.payees, by_size);
    if (code == EXIT_DONE && cli->json) {
        json_shadow(&sum);
    } else if (code == EXIT_DONE) {
        print_shadow(&sum);
    }
    struct payee_row *row, *next;
    HASH_ITER(hh, sum.payees, row, next)
    {
        HASH_DEL(sum.payees, row);
        free(row);
    }
    return code;
}
