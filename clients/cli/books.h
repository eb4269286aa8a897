/* SPDX-License-Identifier: Apache-2.0
 *
 * What the verbs about money share: books_words.c reads and writes ids, amounts, reasons, dates and periods;
 * statement_text.c, statement_csv.c and statement_html.c write a statement line by line as verb_statement.c fetches
 * it. */
#ifndef VOUCH_CLI_BOOKS_H
#define VOUCH_CLI_BOOKS_H

#include "cli.h"

#include "domain/ledger.h"
#include "domain/money.h"
#include "domain/zone.h"

/* ---- books_words.c: reading; each EXIT_DONE, or told ---- */

/* "P17", "p17" or "17" for the letter 'P'; `what` names it in the sentence: "payment". */
int books_read_id(const struct cli *cli, const char *text, char letter, const char *what, uint64_t *id);
/* "24,000 EUR" into `money`, whose currency points into `currency`. */
int books_read_amount(const struct cli *cli, const char *text, Vouch__V1__Money *money, char currency[CURRENCY_BYTES]);
/* --reason; `needed` or LEDGER_REASON_NONE when it is not given. */
int books_read_reason(const struct cli *cli, bool needed, Vouch__V1__LedgerReason *reason);
/* The option `name`: a day as "2026-11-20", its first moment in the zone of the home company; 0 when not given. */
int books_read_day(struct cli *cli, const char *name, int64_t *time_ms);
/* --company; 0 when not given. */
int books_read_company(struct cli *cli, uint64_t *company);
/* "2026-11" */
int books_read_period(const struct cli *cli, const char *text, uint32_t *period);

/* ---- books_words.c: writing ---- */

#define PERIOD_TEXT_BYTES 16
const char *books_period(char out[PERIOD_TEXT_BYTES], uint32_t period);
/* For people, where the currency is said beside it: "-1,234.50". */
const char *books_number(char out[MONEY_TEXT_MAX], int64_t minor, const char *currency);
/* For programs: "-1234.50". */
#define DECIMAL_BYTES 32
const char *books_decimal(char out[DECIMAL_BYTES], int64_t minor, const char *currency);
/* "claw-back"; "?" for a step of a newer broker. */
const char *books_step(Vouch__V1__LedgerStep step);
/* A reason in words; "" for none. */
const char *books_reason(Vouch__V1__LedgerReason reason);
/* The first bytes of a hash: "9ac04e1f22d0". */
#define HASH_TEXT_BYTES 16
const char *books_hash(char out[HASH_TEXT_BYTES], ProtobufCBinaryData hash);
/* What is owed to the payee less what they owe back. */
int64_t books_net(const Vouch__V1__AccountView *account);
/* A cell of a CSV file (RFC 4180), and what follows it. What a spreadsheet would compute becomes text. */
void books_csv_cell(FILE *out, const char *text, char next);
void books_csv_end(FILE *out);

/* ---- statements ---- */

/* How a statement is written: head, lines in the order of the ledger, foot. `first` is the first page, which has the
 * sums; `balance` is books_net() after the line. */
struct statement_format {
    const char *name; /* "csv" */
    void (*head)(FILE *out, const Vouch__V1__StatementView *first);
    void (*line)(FILE *out, const Vouch__V1__StatementView *first, const Vouch__V1__StatementView__Line *line,
                 int64_t balance);
    void (*foot)(FILE *out, const Vouch__V1__StatementView *first, uint64_t written);
};

extern const struct statement_format statement_text, statement_csv, statement_html;

/* What happens next to it, in one sentence: "S4 is payable …". */
#define STATEMENT_NEXT_BYTES 512
void statement_next(char out[STATEMENT_NEXT_BYTES], const Vouch__V1__StatementView *view);

#endif
