/* SPDX-License-Identifier: Apache-2.0
 *
 * statement, accounts: what a payee is owed and why. A statement comes in pages and is written as it comes, so that its
 * length costs no memory. */
#include "books.h"

#include <inttypes.h>
#include <string.h>

/* A terminal gets no more lines than that. */
#define TEXT_LINES 1000
#define PAGE_LINES 500

/* ---- statement ---- */

static const struct statement_format *find_format(const char *name)
{
    static const struct statement_format *const formats[] = {&statement_text, &statement_csv, &statement_html};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(formats[i]->name, name) == 0) {
            return formats[i];
        }
    }
    return NULL;
}

static int read_question(struct cli *cli, Vouch__V1__StatementGet *get, char currency[CURRENCY_BYTES])
{
    const char *period = args_text(&cli->args, "period");
    const char *asked = args_text(&cli->args, "currency");
    int code = EXIT_DONE;
    if (cli->args.count > 0) {
        code = name_resolve(cli, VOUCH__V1__FIND__KIND__MEMBER, cli->args.words[0], &get->payee, NULL);
    }
    code = code != EXIT_DONE ? code : books_read_company(cli, &get->company);
    if (code == EXIT_DONE && period != NULL) {
        code = books_read_period(cli, period, &get->period);
    }
    if (code == EXIT_DONE && asked != NULL && strlen(asked) != CURRENCY_BYTES - 1) {
        code = fail_usage(cli, "--currency is an ISO 4217 code: EUR");
    }
    if (code == EXIT_DONE && asked != NULL) {
        for (size_t i = 0; i < CURRENCY_BYTES; i++) {
            currency[i] = (char)(asked[i] >= 'a' && asked[i] <= 'z' ? asked[i] - 'a' + 'A' : asked[i]);
        }
        get->currency = currency;
    }
    get->limit = PAGE_LINES;
    return code;
}

/* Whoever asked for "the first that has something" goes on with what that was. */
static void fix_account(Vouch__V1__StatementGet *get, const Vouch__V1__StatementView *first)
{
    get->payee = first->payee;
    get->company = first->company;
    get->currency = first->currency;
    get->period = first->period->period;
}

static int fetch(struct cli *cli, Vouch__V1__StatementGet *get, Vouch__V1__Reply **reply)
{
    Vouch__V1__Request request = REQUEST(STATEMENT_GET, statement_get, get);
    int code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_STATEMENT, reply);
    if (code == EXIT_DONE && (*reply)->statement->period == NULL) {
        vouch_reply_free(reply);
        code = fail_outcome(cli, VOUCH_INTERNAL, "the broker sent a statement without its period");
    }
    return code;
}

/* The lines of a page; answers how many. */
static uint64_t write_lines(const struct statement_format *format, const Vouch__V1__StatementView *first,
                            const Vouch__V1__StatementView *page, int64_t *balance, Vouch__V1__StatementGet *get)
{
    for (size_t i = 0; i < page->n_lines; i++) {
        const Vouch__V1__StatementView__Line *line = page->lines[i];
        *balance += line->open_minor;
        if (line->booking != NULL && line->booking->amount != NULL) {
            format->line(stdout, first, line, *balance);
            get->after = line->booking->number;
        }
    }
    return page->n_lines;
}

static int write_statement(struct cli *cli, const struct statement_format *format, Vouch__V1__StatementGet *get,
                           const Vouch__V1__StatementView *first)
{
    int64_t balance = books_net(first->opening);
    bool more = first->more;
    int code = EXIT_DONE;
    fix_account(get, first);
    format->head(stdout, first);
    uint64_t written = write_lines(format, first, first, &balance, get);
    while (code == EXIT_DONE && more && (format != &statement_text || written < TEXT_LINES)) {
        Vouch__V1__Reply *reply = NULL;
        uint64_t after = get->after;
        code = fetch(cli, get, &reply);
        if (code == EXIT_DONE) {
            written += write_lines(format, first, reply->statement, &balance, get);
            more = reply->statement->more && get->after > after;
            vouch_reply_free(&reply);
        }
    }
    if (code == EXIT_DONE) {
        format->foot(stdout, first, written);
    }
    return code;
}

/* All pages as one object. */
static int json_statement(struct cli *cli, Vouch__V1__StatementGet *get, const Vouch__V1__StatementView *first)
{
    json_t *whole = json_of_message(&first->base);
    json_t *lines = json_object_get(whole, "lines");
    bool more = first->more;
    int code = EXIT_DONE;
    fix_account(get, first);
    get->after = first->n_lines > 0 ? first->lines[first->n_lines - 1]->booking->number : 0;
    while (code == EXIT_DONE && more) {
        Vouch__V1__Reply *reply = NULL;
        code = fetch(cli, get, &reply);
        if (code == EXIT_DONE) {
            const Vouch__V1__StatementView *page = reply->statement;
            for (size_t i = 0; i < page->n_lines; i++) {
                json_array_append_new(lines, json_of_message(&page->lines[i]->base));
                get->after = page->lines[i]->booking->number;
            }
            more = page->more && page->n_lines > 0;
            vouch_reply_free(&reply);
        }
    }
    json_object_set_new(whole, "more", json_false());
    if (code == EXIT_DONE) {
        return json_print(whole);
    }
    json_decref(whole);
    return code;
}

int verb_statement(struct cli *cli)
{
    Vouch__V1__StatementGet get = VOUCH__V1__STATEMENT_GET__INIT;
    char currency[CURRENCY_BYTES];
    const char *name = args_text(&cli->args, "format");
    const struct statement_format *format = find_format(name == NULL ? "text" : name);
    if (format == NULL) {
        return fail_usage(cli, "--format is text, csv or html");
    }
    Vouch__V1__Reply *reply = NULL;
    int code = read_question(cli, &get, currency);
    code = code != EXIT_DONE ? code : fetch(cli, &get, &reply);
    if (code != EXIT_DONE) {
        return code;
    }
    const Vouch__V1__StatementView *first = reply->statement;
    if (first->opening == NULL || first->closing == NULL) {
        code = fail_outcome(cli, VOUCH_INTERNAL, "the broker sent a statement without its sums");
    } else if (cli->json) {
        code = json_statement(cli, &get, first);
    } else {
        code = write_statement(cli, format, &get, first);
    }
    vouch_reply_free(&reply);
    return code;
}

/* ---- accounts ---- */

static void add_account(struct table *table, const Vouch__V1__AccountView *account)
{
    const int64_t minors[] = {account->accrued_minor, account->approved_minor, account->payable_minor,
                              account->sent_minor,    account->paid_minor,     account->owed_minor,
                              account->disputed_minor};
    char texts[sizeof minors / sizeof minors[0]][MONEY_TEXT_MAX];
    const char *cells[3 + sizeof minors / sizeof minors[0]] = {account->payee_name, account->company_name,
                                                               account->currency};
    for (size_t i = 0; i < sizeof minors / sizeof minors[0]; i++) {
        cells[3 + i] = minors[i] == 0 ? "" : books_number(texts[i], minors[i], account->currency);
    }
    table_row(table, cells);
}

static struct table *account_table(void)
{
    return table_new((const struct column[]){{"PAYEE", COLUMN_TEXT},
                                             {"PAID BY", COLUMN_TEXT},
                                             {"CURRENCY", COLUMN_FIXED},
                                             {"ACCRUED", COLUMN_NUMBER},
                                             {"APPROVED", COLUMN_NUMBER},
                                             {"PAYABLE", COLUMN_NUMBER},
                                             {"WITH BANK", COLUMN_NUMBER},
                                             {"PAID", COLUMN_NUMBER},
                                             {"OWED BACK", COLUMN_NUMBER},
                                             {"DISPUTED", COLUMN_NUMBER},
                                             {NULL, COLUMN_TEXT}});
}

/* Takes a page into the table or the array; the bytes to go on after are copied. */
static bool take_page(const struct cli *cli, const Vouch__V1__AccountPage *page, struct table *table, json_t *rows,
                      uint8_t after[32], Vouch__V1__AccountList *list)
{
    for (size_t i = 0; i < page->n_accounts; i++) {
        if (cli->json) {
            json_array_append_new(rows, json_of_message(&page->accounts[i]->base));
        } else {
            add_account(table, page->accounts[i]);
        }
    }
    bool more = page->more && page->next.len > 0 && page->next.len <= 32;
    if (more) {
        memcpy(after, page->next.data, page->next.len);
        list->after = (ProtobufCBinaryData){page->next.len, after};
    }
    return more;
}

int verb_accounts(struct cli *cli)
{
    Vouch__V1__AccountList list = VOUCH__V1__ACCOUNT_LIST__INIT;
    uint8_t after[32];
    bool more = true;
    int code = EXIT_DONE;
    list.limit = 500;
    if (cli->args.count > 0) {
        code = name_resolve(cli, VOUCH__V1__FIND__KIND__MEMBER, cli->args.words[0], &list.payee, NULL);
    }
    code = code != EXIT_DONE ? code : books_read_company(cli, &list.company);
    struct table *table = account_table();
    json_t *rows = json_array();
    Vouch__V1__Request request = REQUEST(ACCOUNT_LIST, account_list, &list);
    while (code == EXIT_DONE && more) {
        Vouch__V1__Reply *reply = NULL;
        code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_ACCOUNTS, &reply);
        if (code == EXIT_DONE) {
            more = take_page(cli, reply->accounts, table, rows, after, &list);
            vouch_reply_free(&reply);
        }
    }
    if (code == EXIT_DONE && cli->json) {
        json_print(json_pack("{s:O}", "accounts", rows));
    } else if (code == EXIT_DONE) {
        table_print(&table, "no accounts: nothing has accrued yet");
    }
    if (table != NULL) {
        table_drop(&table);
    }
    json_decref(rows);
    return code;
}
