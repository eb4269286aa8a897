/* SPDX-License-Identifier: Apache-2.0
 *
 * payout: batches for the bank: making one, writing its file, telling what the bank did. */
#include "books.h"
#include "payout_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading a batch ---- */

/* A batch with all its lines; the replies live as long. */
struct batch {
    const Vouch__V1__Payout *payout;
    const char *company;
    char zone[ZONE_BYTES]; /* of its times */
    Vouch__V1__PayoutLine **lines;
    size_t count;
    Vouch__V1__Reply **replies;
    size_t reply_count;
};

static void *or_abort(void *pointer)
{
    if (pointer == NULL) {
        abort();
    }
    return pointer;
}

static void batch_take(struct batch *batch, Vouch__V1__Reply *reply)
{
    const Vouch__V1__PayoutView *view = reply->payout;
    batch->replies = or_abort(realloc(batch->replies, (batch->reply_count + 1) * sizeof *batch->replies));
    batch->replies[batch->reply_count++] = reply;
    batch->lines = or_abort(realloc(batch->lines, (batch->count + view->n_lines + 1) * sizeof *batch->lines));
    for (size_t i = 0; i < view->n_lines; i++) {
        batch->lines[batch->count++] = view->lines[i];
    }
    batch->payout = batch->payout == NULL ? view->payout : batch->payout;
    batch->company = view->company_name;
}

static void batch_free(struct batch *batch)
{
    for (size_t i = 0; i < batch->reply_count; i++) {
        vouch_reply_free(&batch->replies[i]);
    }
    free(batch->replies);
    free(batch->lines);
}

/* Free it in both cases. */
static int batch_load(struct cli *cli, uint64_t id, struct batch *batch)
{
    Vouch__V1__PayoutGet get = VOUCH__V1__PAYOUT_GET__INIT;
    Vouch__V1__Request request = REQUEST(PAYOUT_GET, payout_get, &get);
    bool more = true;
    *batch = (struct batch){.payout = NULL};
    int code = session_ask_time(cli, NULL, batch->zone);
    get.payout = id;
    get.limit = 500;
    while (code == EXIT_DONE && more) {
        Vouch__V1__Reply *reply = NULL;
        code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_PAYOUT, &reply);
        if (code == EXIT_DONE) {
            batch_take(batch, reply);
            more = reply->payout->more && reply->payout->n_lines > 0;
            get.after = batch->count > 0 ? batch->lines[batch->count - 1]->statement : 0;
        }
    }
    if (code == EXIT_DONE && batch->payout == NULL) {
        code = fail_outcome(cli, VOUCH_INTERNAL, "the broker sent a batch without its head");
    }
    return code;
}

static const char *state_word(Vouch__V1__PayoutState state)
{
    return state == VOUCH__V1__PAYOUT_STATE__SETTLED  ? "settled"
           : state == VOUCH__V1__PAYOUT_STATE__FAILED ? "failed"
                                                      : "sent";
}

/* ---- show ---- */

static void print_head(const struct batch *batch)
{
    const Vouch__V1__Payout *payout = batch->payout;
    char total[MONEY_TEXT_MAX], made[ZONE_TEXT_BYTES];
    printf("B%" PRIu64 "  %s from ", payout->id, text_money(total, payout->total_minor, payout->pay_currency));
    text_print(stdout, batch->company);
    printf(", %" PRIu32 " line%s, made %s (%s); %" PRIu32 " settled, %" PRIu32 " failed\n", payout->lines,
           payout->lines == 1 ? "" : "s", zone_text(made, batch->zone, payout->made_ms, true), batch->zone,
           payout->settled, payout->failed);
    if (strcmp(payout->currency, payout->pay_currency) != 0) {
        printf("    %" PRId64 "/%" PRId64 " %s for one %s, rounded down to the payee\n", payout->rate_numerator,
               payout->rate_denominator, payout->pay_currency, payout->currency);
    }
}

static void print_batch(const struct batch *batch)
{
    const Vouch__V1__Payout *payout = batch->payout;
    print_head(batch);
    struct table *table = table_new((const struct column[]){{"STATEMENT", COLUMN_FIXED},
                                                            {"PAYEE", COLUMN_TEXT},
                                                            {"OWED", COLUMN_NUMBER},
                                                            {"PAID AS", COLUMN_NUMBER},
                                                            {"STATE", COLUMN_FIXED},
                                                            {NULL, COLUMN_TEXT}});
    for (size_t i = 0; i < batch->count; i++) {
        const Vouch__V1__PayoutLine *line = batch->lines[i];
        char id[24], minor[MONEY_TEXT_MAX], pay[MONEY_TEXT_MAX];
        snprintf(id, sizeof id, "S%" PRIu64, line->statement);
        const char *cells[] = {id, line->payee_name, text_money(minor, line->minor, payout->currency),
                               text_money(pay, line->pay_minor, payout->pay_currency), state_word(line->state)};
        table_row(table, cells);
    }
    table_print(&table, "no lines");
    if (payout->settled + payout->failed < payout->lines) {
        printf("next: vouch payout export B%" PRIu64 " --format pain.001 …, then vouch payout settle B%" PRIu64
               ", or fail B%" PRIu64 " S… --note\n",
               payout->id, payout->id, payout->id);
    }
}

static int show(struct cli *cli, uint64_t id)
{
    struct batch batch;
    int code = batch_load(cli, id, &batch);
    if (code == EXIT_DONE && cli->json) {
        json_t *lines = json_array();
        for (size_t i = 0; i < batch.count; i++) {
            json_array_append_new(lines, json_of_message(&batch.lines[i]->base));
        }
        code = json_print(json_pack("{s:o, s:s, s:o}", "payout", json_of_message(&batch.payout->base), "company_name",
                                    batch.company, "lines", lines));
    } else if (code == EXIT_DONE) {
        print_batch(&batch);
    }
    batch_free(&batch);
    return code;
}

/* ---- make ---- */

static void capitals(const char *text, char out[CURRENCY_BYTES])
{
    for (size_t i = 0; i < CURRENCY_BYTES; i++) {
        out[i] = (char)(text[i] >= 'a' && text[i] <= 'z' ? text[i] - 'a' + 'A' : text[i]);
    }
}

static int make(struct cli *cli)
{
    Vouch__V1__PayoutMake command = VOUCH__V1__PAYOUT_MAKE__INIT;
    const char *pay_in = args_text(&cli->args, "pay-in");
    char currency[CURRENCY_BYTES], pay_currency[CURRENCY_BYTES] = "";
    uint64_t id = 0;
    if (cli->args.count != 2 || strlen(cli->args.words[1]) != 3 || (pay_in != NULL && strlen(pay_in) != 3)) {
        return fail_usage(cli, "usage: vouch payout make EUR [--pay-in JPY --rate 149.875] [--company COMPANY]");
    }
    capitals(cli->args.words[1], currency);
    if (pay_in != NULL) {
        capitals(pay_in, pay_currency);
    }
    command.currency = currency;
    command.pay_currency = pay_currency;
    command.rate = args_field(&cli->args, "rate");
    int code = books_read_company(cli, &command.company);
    Vouch__V1__Request request = REQUEST(PAYOUT_MAKE, payout_make, &command);
    code = code != EXIT_DONE ? code : session_command(cli, &request, &id);
    return code != EXIT_DONE ? code : cli->json ? say_done(cli, id, "%s", "") : show(cli, id);
}

/* ---- list ---- */

static void add_payout(struct table *table, const Vouch__V1__Payout *payout, const char *zone)
{
    char id[24], made[ZONE_TEXT_BYTES], total[MONEY_TEXT_MAX], lines[COUNT_TEXT_BYTES], state[80];
    snprintf(id, sizeof id, "B%" PRIu64, payout->id);
    snprintf(state, sizeof state, "%" PRIu32 " settled, %" PRIu32 " failed", payout->settled, payout->failed);
    const char *cells[] = {id,
                           zone_text(made, zone, payout->made_ms, true),
                           zone,
                           text_money(total, payout->total_minor, payout->pay_currency),
                           text_count(lines, payout->lines),
                           state};
    table_row(table, cells);
}

static int list(struct cli *cli)
{
    Vouch__V1__PayoutList asked = VOUCH__V1__PAYOUT_LIST__INIT;
    struct table *table = table_new((const struct column[]){{"ID", COLUMN_NUMBER},
                                                            {"MADE", COLUMN_FIXED},
                                                            {"ZONE", COLUMN_FIXED},
                                                            {"TOTAL", COLUMN_NUMBER},
                                                            {"LINES", COLUMN_NUMBER},
                                                            {"STATE", COLUMN_FIXED},
                                                            {NULL, COLUMN_TEXT}});
    json_t *rows = json_array();
    Vouch__V1__Request request = REQUEST(PAYOUT_LIST, payout_list, &asked);
    bool more = true;
    char zone[ZONE_BYTES];
    int code = session_ask_time(cli, NULL, zone);
    asked.limit = 500;
    while (code == EXIT_DONE && more) {
        Vouch__V1__Reply *reply = NULL;
        code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_PAYOUTS, &reply);
        more = code == EXIT_DONE && reply->payouts->more && reply->payouts->n_payouts > 0;
        for (size_t i = 0; code == EXIT_DONE && i < reply->payouts->n_payouts; i++) {
            asked.before = reply->payouts->payouts[i]->id;
            if (cli->json) {
                json_array_append_new(rows, json_of_message(&reply->payouts->payouts[i]->base));
            } else {
                add_payout(table, reply->payouts->payouts[i], zone);
            }
        }
        vouch_reply_free(&reply);
    }
    if (code == EXIT_DONE && cli->json) {
        json_print(json_pack("{s:O}", "payouts", rows));
    } else if (code == EXIT_DONE) {
        table_print(&table, "no batches yet; vouch payout make EUR makes one of all that is payable");
    }
    if (table != NULL) {
        table_drop(&table);
    }
    json_decref(rows);
    return code;
}

/* ---- export ---- */

static struct payout_order *orders_of(const struct batch *batch)
{
    struct payout_order *orders = or_abort(calloc(batch->count + 1, sizeof *orders));
    for (size_t i = 0; i < batch->count; i++) {
        const Vouch__V1__PayoutLine *line = batch->lines[i];
        orders[i] = (struct payout_order){
            .statement = line->statement,
            .payee = line->payee,
            .payee_name = line->payee_name,
            .state = state_word(line->state),
            .open = line->state == VOUCH__V1__PAYOUT_STATE__SENT,
            .minor = line->minor,
            .pay_minor = line->pay_minor,
        };
    }
    return orders;
}

/* The day on which the bank is asked to pay: --date, or the broker's today in the zone of the home company. */
static int read_execution_day(struct cli *cli, char day[ZONE_TEXT_BYTES])
{
    char zone[ZONE_BYTES];
    int64_t asked_ms, now_ms;
    int code = books_read_day(cli, "date", &asked_ms);
    code = code != EXIT_DONE ? code : session_ask_time(cli, &now_ms, zone);
    if (code == EXIT_DONE) {
        zone_text(day, zone, asked_ms != 0 ? asked_ms : now_ms, false);
    }
    return code;
}

static int write_file(struct cli *cli, const struct batch *batch, const char *format,
                      const struct bank_account *accounts, size_t count)
{
    const char *debtor_text = args_text(&cli->args, "debtor");
    char day[ZONE_TEXT_BYTES] = "";
    struct bank_account debtor = {.member = ""};
    struct status_text why = {""};
    bool pain = strcmp(format, "pain.001") == 0;
    if (pain && (debtor_text == NULL || accounts == NULL)) {
        return fail_usage(cli, "pain.001 wants --accounts FILE.csv (member,name,iban,bic) and --debtor "
                               "\"NAME,IBAN,BIC\"");
    }
    if (debtor_text != NULL && bank_account_parse(debtor_text, &debtor, &why) != VOUCH_OK) {
        return fail_usage(cli, "%s", why.text);
    }
    int code = pain ? read_execution_day(cli, day) : EXIT_DONE;
    if (code != EXIT_DONE) {
        return code;
    }
    struct payout_file file = {.payout = batch->payout->id,
                               .company = batch->company,
                               .currency = batch->payout->currency,
                               .pay_currency = batch->payout->pay_currency,
                               .made_ms = batch->payout->made_ms,
                               .zone = batch->zone,
                               .execution_day = day,
                               .debtor = &debtor,
                               .orders = orders_of(batch),
                               .count = batch->count};
    enum vouch_status status = accounts == NULL ? VOUCH_OK : payout_file_match(&file, accounts, count, &why);
    if (status == VOUCH_OK && pain) {
        status = payout_file_pain(stdout, &file, &why);
    } else if (status == VOUCH_OK) {
        payout_file_csv(stdout, &file);
    }
    free(file.orders);
    return status == VOUCH_OK ? EXIT_DONE : fail_outcome(cli, status, why.text);
}

static int export(struct cli *cli, uint64_t id)
{
    const char *format = args_text(&cli->args, "format");
    const char *path = args_text(&cli->args, "accounts");
    struct bank_account *accounts = NULL;
    size_t count = 0;
    struct status_text why = {""};
    struct batch batch = {.payout = NULL};
    if (format == NULL || (strcmp(format, "csv") != 0 && strcmp(format, "pain.001") != 0)) {
        return fail_usage(cli, "--format is csv or pain.001");
    }
    if (path != NULL && bank_accounts_read(path, &accounts, &count, &why) != VOUCH_OK) {
        return fail_outcome(cli, VOUCH_INVALID, why.text);
    }
    int code = batch_load(cli, id, &batch);
    code = code != EXIT_DONE ? code : write_file(cli, &batch, format, accounts, count);
    batch_free(&batch);
    free(accounts);
    return code;
}

/* ---- what the bank did ---- */

static int settle(struct cli *cli, uint64_t payout)
{
    Vouch__V1__PayoutSettle command = VOUCH__V1__PAYOUT_SETTLE__INIT;
    uint64_t id = 0;
    int code = EXIT_DONE;
    command.payout = payout;
    if (cli->args.count == 3) {
        code = books_read_id(cli, cli->args.words[2], 'S', "statement", &command.statement);
    }
    code = code != EXIT_DONE ? code : books_read_day(cli, "date", &command.settled_ms);
    Vouch__V1__Request request = REQUEST(PAYOUT_SETTLE, payout_settle, &command);
    code = code != EXIT_DONE ? code : session_command(cli, &request, &id);
    return code != EXIT_DONE ? code
                             : say_done(cli, id, "B%" PRIu64 ": %s settled", payout,
                                        command.statement == 0 ? "all lines that were open are" : cli->args.words[2]);
}

static int fail(struct cli *cli, uint64_t payout)
{
    Vouch__V1__PayoutFail command = VOUCH__V1__PAYOUT_FAIL__INIT;
    uint64_t id = 0;
    if (cli->args.count != 3) {
        return fail_usage(cli, "usage: vouch payout fail B3 S4 --note \"what the bank said\"");
    }
    command.payout = payout;
    command.note = args_field(&cli->args, "note");
    int code = books_read_id(cli, cli->args.words[2], 'S', "statement", &command.statement);
    Vouch__V1__Request request = REQUEST(PAYOUT_FAIL, payout_fail, &command);
    code = code != EXIT_DONE ? code : session_command(cli, &request, &id);
    return code != EXIT_DONE
               ? code
               : say_done(cli, id, "B%" PRIu64 ": S%" PRIu64 " failed and is payable again", payout, command.statement);
}

int verb_payout(struct cli *cli)
{
    static const struct {
        const char *word;
        int (*run)(struct cli *cli, uint64_t payout);
    } words[] = {{"show", show}, {"export", export}, {"settle", settle}, {"fail", fail}};
    const char *word = cli->args.words[0];
    if (strcmp(word, "make") == 0) {
        return make(cli);
    }
    if (strcmp(word, "list") == 0) {
        return list(cli);
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0] && cli->args.count > 1; i++) {
        uint64_t id = 0;
        if (strcmp(words[i].word, word) == 0) {
            int code = books_read_id(cli, cli->args.words[1], 'B', "batch", &id);
            return code != EXIT_DONE ? code : words[i].run(cli, id);
        }
    }
    return fail_usage(cli, "usage: vouch payout %s", cli->args.verb->arguments);
}
