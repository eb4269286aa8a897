/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing files for the bank. */
#include "payout_file.h"

#include "base/check.h"
#include "books.h"
#include "csv_rows.h"

#include <ctype.h>
#include <glib.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define NAME_CHARACTERS 70                      /* what every bank takes of the 140 that ISO 20022 has */
#define AMOUNT_MOST INT64_C(999999999999999999) /* 18 digits */

/* ---- bank details ---- */

bool iban_read(const char *text, char iban[IBAN_BYTES])
{
    size_t length = 0;
    unsigned rest = 0;
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == ' ') {
            continue;
        }
        if (c >= 0x80 || isalnum(c) == 0 || length + 1 == IBAN_BYTES) {
            return false;
        }
        iban[length++] = (char)toupper(c);
    }
    iban[length] = '\0';
    if (length < 15 || isalpha((unsigned char)iban[0]) == 0 || isalpha((unsigned char)iban[1]) == 0 ||
        isdigit((unsigned char)iban[2]) == 0 || isdigit((unsigned char)iban[3]) == 0) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)iban[(i + 4) % length]; /* country and check digits come last */
        rest = isdigit(c) != 0 ? (rest * 10 + c - '0') % 97 : (rest * 100 + c - 'A' + 10) % 97;
    }
    return rest == 1;
}

bool bic_read(const char *text, char bic[BIC_BYTES])
{
    size_t length = strlen(text);
    bic[0] = '\0';
    if (length == 0) {
        return true;
    }
    if (length != 8 && length != 11) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c >= 0x80 || isalnum(c) == 0 || ((i == 4 || i == 5) && isalpha(c) == 0)) {
            return false;
        }
        bic[i] = (char)toupper(c);
    }
    bic[length] = '\0';
    return true;
}

static enum vouch_status read_row(const struct csv_rows *csv, size_t row, const int columns[4],
                                  struct bank_account *account, struct status_text *why)
{
    const struct csv_row *from = &csv->rows[row];
    const char *member = rows_field(from, columns[0]);
    const char *holder = rows_field(from, columns[1]);
    if (member[0] == '\0' || strlen(member) >= HOLDER_BYTES || strlen(holder) >= HOLDER_BYTES) {
        return status_set(why, VOUCH_INVALID, "line %zu of the accounts file names no member", from->line);
    }
    snprintf(account->member, HOLDER_BYTES, "%s", member);
    snprintf(account->holder, HOLDER_BYTES, "%s", holder);
    if (!iban_read(rows_field(from, columns[2]), account->iban)) {
        return status_set(why, VOUCH_INVALID,
                          "line %zu of the accounts file: '%.60s' of %.80s is no IBAN "
                          "(its check digits do not fit)",
                          from->line, rows_field(from, columns[2]), member);
    }
    if (!bic_read(rows_field(from, columns[3]), account->bic)) {
        return status_set(why, VOUCH_INVALID, "line %zu of the accounts file: '%.60s' of %.80s is no BIC", from->line,
                          rows_field(from, columns[3]), member);
    }
    return VOUCH_OK;
}

enum vouch_status bank_accounts_read(const char *path, struct bank_account **accounts, size_t *count,
                                     struct status_text *why)
{
    char text[512];
    struct csv_rows csv;
    enum vouch_status status = VOUCH_OK;
    *accounts = NULL;
    *count = 0;
    if (!rows_read(path, &csv, text)) {
        return status_set(why, VOUCH_INVALID, "%s", text);
    }
    const int columns[4] = {rows_column(&csv, "member"), rows_column(&csv, "name"), rows_column(&csv, "iban"),
                            rows_column(&csv, "bic")};
    if (csv.count == 0 || columns[0] < 0 || columns[2] < 0) {
        status = status_set(why, VOUCH_INVALID, "%.300s: the first line names the columns: member,name,iban,bic", path);
    } else {
        *accounts = calloc(csv.count, sizeof **accounts);
        CHECK(*accounts != NULL);
    }
    for (size_t i = 1; status == VOUCH_OK && i < csv.count; i++) {
        status = read_row(&csv, i, columns, &(*accounts)[*count], why);
        *count += status == VOUCH_OK ? 1 : 0;
    }
    rows_free(&csv);
    if (status != VOUCH_OK) {
        free(*accounts);
        *accounts = NULL;
        *count = 0;
    }
    return status;
}

enum vouch_status bank_account_parse(const char *text, struct bank_account *account, struct status_text *why)
{
    char copy[HOLDER_BYTES + IBAN_BYTES + BIC_BYTES + 32];
    *account = (struct bank_account){.member = ""};
    if (strlen(text) >= sizeof copy) {
        return status_set(why, VOUCH_INVALID, "--debtor is too long");
    }
    snprintf(copy, sizeof copy, "%s", text);
    /* A name may have commas itself: the IBAN is the first part that is one. */
    for (char *comma = strchr(copy, ','); comma != NULL; comma = strchr(comma + 1, ',')) {
        char *rest = comma + 1;
        size_t length = strcspn(rest, ",");
        char ends = rest[length];
        rest[length] = '\0';
        bool is_iban = iban_read(rest, account->iban);
        rest[length] = ends;
        if (!is_iban) {
            continue;
        }
        *comma = '\0';
        snprintf(account->holder, HOLDER_BYTES, "%s", g_strstrip(copy));
        if (account->holder[0] != '\0' && bic_read(ends == ',' ? g_strstrip(rest + length + 1) : "", account->bic)) {
            return VOUCH_OK;
        }
        break;
    }
    return status_set(why, VOUCH_INVALID, "--debtor is \"NAME,IBAN,BIC\" of the account that pays, with a valid IBAN");
}

/* ---- matching ---- */

static bool is_of(const struct bank_account *account, const struct payout_order *order, bool by_number)
{
    char number[24];
    snprintf(number, sizeof number, "%" PRIu64, order->payee);
    if (by_number) {
        return strcmp(account->member, number) == 0;
    }
    char *wanted = g_utf8_casefold(order->payee_name, -1);
    char *has = g_utf8_casefold(account->member, -1);
    bool same = strcmp(wanted, has) == 0;
    g_free(wanted);
    g_free(has);
    return same;
}

/* Two payees of one name cannot be told apart by it. */
static bool is_ambiguous(const struct payout_file *file, const struct payout_order *order)
{
    for (size_t i = 0; i < file->count; i++) {
        if (file->orders[i].payee != order->payee && strcasecmp(file->orders[i].payee_name, order->payee_name) == 0) {
            return true;
        }
    }
    return false;
}

/* The row of an order, and how many there are. */
static const struct bank_account *find(const struct bank_account *accounts, size_t count,
                                       const struct payout_order *order, bool by_number, size_t *found)
{
    const struct bank_account *first = NULL;
    *found = 0;
    for (size_t i = 0; i < count; i++) {
        if (is_of(&accounts[i], order, by_number)) {
            first = first == NULL ? &accounts[i] : first;
            ++*found;
        }
    }
    return first;
}

static enum vouch_status match(const struct payout_file *file, struct payout_order *order,
                               const struct bank_account *accounts, size_t count, struct status_text *why)
{
    size_t found;
    order->account = find(accounts, count, order, true, &found);
    if (found == 0) {
        order->account = find(accounts, count, order, false, &found);
        if (found > 0 && is_ambiguous(file, order)) {
            return status_set(why, VOUCH_INVALID,
                              "two payees of B%" PRIu64
                              " are called %.100s: name them by their numbers in the accounts "
                              "file (this one is %" PRIu64 ")",
                              file->payout, order->payee_name, order->payee);
        }
    }
    if (found > 1) {
        return status_set(why, VOUCH_INVALID, "the accounts file has %.100s more than once; leave one row",
                          order->payee_name);
    }
    return VOUCH_OK;
}

enum vouch_status payout_file_match(struct payout_file *file, const struct bank_account *accounts, size_t count,
                                    struct status_text *why)
{
    char missing[300] = "";
    size_t at = 0, without = 0;
    for (size_t i = 0; i < file->count; i++) {
        struct payout_order *order = &file->orders[i];
        if (!order->open) {
            continue;
        }
        enum vouch_status status = match(file, order, accounts, count, why);
        if (status != VOUCH_OK) {
            return status;
        }
        if (order->account == NULL && ++without <= 5) {
            at += (size_t)snprintf(missing + at, sizeof missing - at, "%s%.40s (member %" PRIu64 ", S%" PRIu64 ")",
                                   at > 0 ? ", " : "", order->payee_name, order->payee, order->statement);
            at = at < sizeof missing ? at : sizeof missing - 1;
        }
    }
    if (without > 0) {
        return status_set(why, VOUCH_INVALID, "the accounts file has no bank details of %s%s; nothing was written",
                          missing, without > 5 ? " and others" : "");
    }
    return VOUCH_OK;
}

/* ---- CSV ---- */

static void cell_number(FILE *out, const char *before, uint64_t number)
{
    fprintf(out, "%s%" PRIu64 ",", before, number);
}

void payout_file_csv(FILE *out, const struct payout_file *file)
{
    static const struct bank_account nothing = {.member = ""};
    char text[DECIMAL_BYTES], made[ZONE_TEXT_BYTES];
    zone_text(made, file->zone, file->made_ms, true);
    fputs("batch,made,zone,statement,member,payee,state,amount,currency,statement_amount,statement_currency,"
          "account_name,iban,bic",
          out);
    books_csv_end(out);
    for (size_t i = 0; i < file->count; i++) {
        const struct payout_order *order = &file->orders[i];
        const struct bank_account *account = order->account == NULL ? &nothing : order->account;
        cell_number(out, "B", file->payout);
        books_csv_cell(out, made, ',');
        books_csv_cell(out, file->zone, ',');
        cell_number(out, "S", order->statement);
        cell_number(out, "", order->payee);
        books_csv_cell(out, order->payee_name, ',');
        books_csv_cell(out, order->state, ',');
        books_csv_cell(out, books_decimal(text, order->pay_minor, file->pay_currency), ',');
        books_csv_cell(out, file->pay_currency, ',');
        books_csv_cell(out, books_decimal(text, order->minor, file->currency), ',');
        books_csv_cell(out, file->currency, ',');
        books_csv_cell(out, account->holder[0] == '\0' && order->account != NULL ? order->payee_name : account->holder,
                       ',');
        books_csv_cell(out, account->iban, ',');
        books_csv_cell(out, account->bic, '\0');
        books_csv_end(out);
    }
}

/* ---- pain.001 ---- */

bool bank_text(const char *text, size_t most, char *out, size_t size)
{
    char *ascii = g_str_to_ascii(text, "C");
    size_t length = 0;
    bool letters = false;
    CHECK(most < size);
    for (const char *c = ascii; *c != '\0' && length < most; c++) {
        bool good = isalnum((unsigned char)*c) != 0;
        letters = letters || good;
        out[length++] = good || strchr("/-?:().,'+ ", *c) != NULL ? *c : *c == '&' ? '+' : '.';
    }
    out[length] = '\0';
    g_free(ascii);
    g_strstrip(out);
    return letters;
}

static const char *holder_of(const struct payout_order *order)
{
    return order->account->holder[0] != '\0' ? order->account->holder : order->payee_name;
}

/* Adds the open orders up and reads every name once, before anything is written. */
static enum vouch_status check(const struct payout_file *file, size_t *open, int64_t *sum, struct status_text *why)
{
    char name[NAME_CHARACTERS + 1];
    *open = 0;
    *sum = 0;
    if (!bank_text(file->debtor->holder, NAME_CHARACTERS, name, sizeof name)) {
        return status_set(why, VOUCH_INVALID, "the debtor's name has no letter that a bank can read");
    }
    for (size_t i = 0; i < file->count; i++) {
        const struct payout_order *order = &file->orders[i];
        if (!order->open) {
            continue;
        }
        CHECK(order->account != NULL);
        if (!bank_text(holder_of(order), NAME_CHARACTERS, name, sizeof name)) {
            return status_set(why, VOUCH_INVALID,
                              "the name of S%" PRIu64 "'s payee has no letter that a bank can read: give one in the "
                              "column `name` of the accounts file",
                              order->statement);
        }
        ++*open;
        if (__builtin_add_overflow(*sum, order->pay_minor, sum) || *sum > AMOUNT_MOST) {
            return status_set(why, VOUCH_INVALID, "the lines of B%" PRIu64 " come to more than 18 digits",
                              file->payout);
        }
    }
    return *open > 0 ? VOUCH_OK
                     : status_set(why, VOUCH_CONFLICT,
                                  "every line of B%" PRIu64 " is settled or failed: there is nothing "
                                  "to send to the bank",
                                  file->payout);
}

/* bank_text leaves nothing that XML would want escaped but the apostrophe, which is allowed as it is. */
static void element(FILE *out, int indent, const char *name, const char *text)
{
    char clean[NAME_CHARACTERS + 1];
    bank_text(text, NAME_CHARACTERS, clean, sizeof clean);
    fprintf(out, "%*s<%s>%s</%s>\n", indent, "", name, clean, name);
}

static void write_agent(FILE *out, int indent, const char *name, const char *bic)
{
    fprintf(out, "%*s<%s><FinInstnId>", indent, "", name);
    if (bic[0] != '\0') {
        fprintf(out, "<BICFI>%s</BICFI>", bic);
    } else {
        fputs("<Othr><Id>NOTPROVIDED</Id></Othr>", out);
    }
    fprintf(out, "</FinInstnId></%s>\n", name);
}

static void write_order(FILE *out, const struct payout_file *file, const struct payout_order *order)
{
    char amount[DECIMAL_BYTES];
    fprintf(out,
            "      <CdtTrfTxInf>\n        <PmtId><EndToEndId>S%" PRIu64 "</EndToEndId></PmtId>\n"
            "        <Amt><InstdAmt Ccy=\"%s\">%s</InstdAmt></Amt>\n",
            order->statement, file->pay_currency, books_decimal(amount, order->pay_minor, file->pay_currency));
    if (order->account->bic[0] != '\0') {
        write_agent(out, 8, "CdtrAgt", order->account->bic);
    }
    fputs("        <Cdtr>\n", out);
    element(out, 10, "Nm", holder_of(order));
    fprintf(out,
            "        </Cdtr>\n        <CdtrAcct><Id><IBAN>%s</IBAN></Id></CdtrAcct>\n"
            "        <RmtInf><Ustrd>Commission, statement S%" PRIu64 "</Ustrd></RmtInf>\n      </CdtTrfTxInf>\n",
            order->account->iban, order->statement);
}

/* SEPA is in euro; elsewhere each pays its own bank. */
static void write_payment(FILE *out, const struct payout_file *file, const char *sums)
{
    bool sepa = strcmp(file->pay_currency, "EUR") == 0;
    fprintf(out, "    <PmtInf>\n      <PmtInfId>B%" PRIu64 "</PmtInfId>\n      <PmtMtd>TRF</PmtMtd>\n%s", file->payout,
            sums);
    if (sepa) {
        fputs("      <PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf>\n", out);
    }
    fprintf(out, "      <ReqdExctnDt><Dt>%s</Dt></ReqdExctnDt>\n      <Dbtr>\n", file->execution_day);
    element(out, 8, "Nm", file->debtor->holder);
    fprintf(out, "      </Dbtr>\n      <DbtrAcct><Id><IBAN>%s</IBAN></Id></DbtrAcct>\n", file->debtor->iban);
    write_agent(out, 6, "DbtrAgt", file->debtor->bic);
    fprintf(out, "      <ChrgBr>%s</ChrgBr>\n", sepa ? "SLEV" : "SHAR");
    for (size_t i = 0; i < file->count; i++) {
        if (file->orders[i].open) {
            write_order(out, file, &file->orders[i]);
        }
    }
    fputs("    </PmtInf>\n", out);
}

enum vouch_status payout_file_pain(FILE *out, const struct payout_file *file, struct status_text *why)
{
    size_t open;
    int64_t sum;
    char amount[DECIMAL_BYTES], sums[160], made[32];
    time_t seconds = (time_t)(file->made_ms / 1000);
    struct tm utc;
    enum vouch_status status = check(file, &open, &sum, why);
    if (status != VOUCH_OK) {
        return status;
    }
    CHECK(gmtime_r(&seconds, &utc) != NULL && strftime(made, sizeof made, "%Y-%m-%dT%H:%M:%SZ", &utc) > 0);
    snprintf(sums, sizeof sums, "      <NbOfTxs>%zu</NbOfTxs>\n      <CtrlSum>%s</CtrlSum>\n", open,
             books_decimal(amount, sum, file->pay_currency));
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\">\n  <CstmrCdtTrfInitn>\n"
            "    <GrpHdr>\n      <MsgId>VOUCH-B%" PRIu64 "-%lld</MsgId>\n      <CreDtTm>%s</CreDtTm>\n%s"
            "      <InitgPty>\n",
            file->payout, (long long)seconds, made, sums);
    element(out, 8, "Nm", file->company);
    fputs("      </InitgPty>\n    </GrpHdr>\n", out);
    write_payment(out, file, sums);
    fputs("  </CstmrCdtTrfInitn>\n</Document>\n", out);
    return VOUCH_OK;
}
