/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing files for the bank. */
#include "payout_file.h"

#include "base/check.h"
#include "books.h"
#include "csv_rows.h"
#include "domain/names.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uthash.h>

#define NAME_CHARACTERS 70                      /* what every bank takes of the 140 that ISO 20022 has */
#define AMOUNT_MOST INT64_C(999999999999999999) /* 18 digits */

/* ---- bank details ---- */

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

/* Without spaces around it, cut to the room there is. */
static void trim_into(char *out, size_t size, const char *text)
{
    text += strspn(text, " \t");
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t", text[length - 1]) != NULL) {
        length--;
    }
    snprintf(out, size, "%.*s", (int)length, text);
}

enum vouch_status bank_account_parse(const char *text, struct bank_account *account, struct status_text *why)
{
    char copy[HOLDER_BYTES + IBAN_BYTES + BIC_BYTES + 32], bic[32];
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
        trim_into(account->holder, HOLDER_BYTES, copy);
        trim_into(bic, sizeof bic, ends == ',' ? rest + length + 1 : "");
        if (account->holder[0] != '\0' && bic_read(bic, account->bic)) {
            return VOUCH_OK;
        }
        break;
    }
    return status_set(why, VOUCH_INVALID, "--debtor is \"NAME,IBAN,BIC\" of the account that pays, with a valid IBAN");
}

/* ---- matching ---- */

/* Who a text stands for: a row of the accounts file, or a payee. */
struct named {
    const char *name; /* folded */
    const struct bank_account *account;
    uint64_t payee;
    size_t count; /* rows, or different payees */
    UT_hash_handle hh;
};

/* All that matching needs, freed together. */
struct matching {
    struct arena *arena;
    struct named *rows;
    struct named *payees;
};

static struct named *named_find(struct named *table, const char *name)
{
    struct named *found = NULL;
    HASH_FIND_STR(table, name, found);
    return found;
}

static struct named *named_get(struct matching *matching, struct named **table, const char *text)
{
    const char *name = name_fold(matching->arena, text);
    struct named *found = name == NULL ? NULL : named_find(*table, name);
    if (name != NULL && found == NULL) {
        found = arena_alloc(matching->arena, sizeof *found);
        CHECK(found != NULL);
        found->name = name;
        HASH_ADD_KEYPTR(hh, *table, found->name, strlen(found->name), found);
    }
    return found;
}

static void matching_start(struct matching *matching, const struct payout_file *file,
                           const struct bank_account *accounts, size_t count)
{
    *matching = (struct matching){.arena = arena_new(SIZE_MAX)};
    for (size_t i = 0; i < count; i++) {
        struct named *row = named_get(matching, &matching->rows, accounts[i].member);
        if (row != NULL) {
            row->account = &accounts[i];
            row->count++;
        }
    }
    for (size_t i = 0; i < file->count; i++) {
        struct named *payee = named_get(matching, &matching->payees, file->orders[i].payee_name);
        if (payee != NULL) {
            payee->count += payee->payee == file->orders[i].payee ? 0 : 1;
            payee->payee = file->orders[i].payee;
        }
    }
}

static void matching_end(struct matching *matching)
{
    HASH_CLEAR(hh, matching->rows);
    HASH_CLEAR(hh, matching->payees);
    arena_free(&matching->arena);
}

static enum vouch_status match(struct matching *matching, const struct payout_file *file, struct payout_order *order,
                               struct status_text *why)
{
    char number[24];
    snprintf(number, sizeof number, "%" PRIu64, order->payee);
    const struct named *row = named_find(matching->rows, number);
    if (row == NULL) {
        const char *name = name_fold(matching->arena, order->payee_name);
        const struct named *payee = name == NULL ? NULL : named_find(matching->payees, name);
        row = name == NULL ? NULL : named_find(matching->rows, name);
        if (row != NULL && payee != NULL && payee->count > 1) {
            return status_set(why, VOUCH_INVALID,
                              "two payees of B%" PRIu64
                              " are called %.100s: name them by their numbers in the accounts "
                              "file (this one is %" PRIu64 ")",
                              file->payout, order->payee_name, order->payee);
        }
    }
    if (row != NULL && row->count > 1) {
        return status_set(why, VOUCH_INVALID, "the accounts file has %.100s more than once; leave one row",
                          order->payee_name);
    }
    order->account = row == NULL ? NULL : row->account;
    return VOUCH_OK;
}

static enum vouch_status match_all(struct matching *matching, struct payout_file *file, struct status_text *why)
{
    char missing[400] = "";
    size_t at = 0, without = 0;
    for (size_t i = 0; i < file->count; i++) {
        struct payout_order *order = &file->orders[i];
        enum vouch_status status = order->open ? match(matching, file, order, why) : VOUCH_OK;
        if (status != VOUCH_OK) {
            return status;
        }
        if (order->open && order->account == NULL && ++without <= 5) {
            at += (size_t)snprintf(missing + at, sizeof missing - at, "%s%.40s (member %" PRIu64 ", S%" PRIu64 ")",
                                   at > 0 ? ", " : "", order->payee_name, order->payee, order->statement);
            at = at < sizeof missing ? at : sizeof missing - 1;
        }
    }
    return without == 0
               ? VOUCH_OK
               : status_set(why, VOUCH_INVALID, "the accounts file has no bank details of %s%s; nothing was written",
                            missing, without > 5 ? " and others" : "");
}

enum vouch_status payout_file_match(struct payout_file *file, const struct bank_account *accounts, size_t count,
                                    struct status_text *why)
{
    struct matching matching;
    matching_start(&matching, file, accounts, count);
    enum vouch_status status = match_all(&matching, file, why);
    matching_end(&matching);
    return status;
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
    if (!bank_text(file->debtor->holder, name, sizeof name)) {
        return status_set(why, VOUCH_INVALID, "the debtor's name has no letter that a bank can read");
    }
    for (size_t i = 0; i < file->count; i++) {
        const struct payout_order *order = &file->orders[i];
        if (!order->open) {
            continue;
        }
        CHECK(order->account != NULL);
        if (!bank_text(holder_of(order), name, sizeof name)) {
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
    bank_text(text, clean, sizeof clean);
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
