/* SPDX-License-Identifier: Apache-2.0
 *
 * Words and numbers of the books, as people and spreadsheets read and write them. */
#include "books.h"
#include "calendar.h"

#include "domain/day.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

/* ---- reading ---- */

int books_read_id(const struct cli *cli, const char *text, char letter, const char *what, uint64_t *id)
{
    const char *digits = toupper((unsigned char)text[0]) == letter ? text + 1 : text;
    if (!text_parse_number(digits, UINT64_MAX >> 8, id) || *id == 0) {
        return fail_usage(cli, "'%.60s' is no %s; they are called %c1, %c2 …", text, what, letter, letter);
    }
    return EXIT_DONE;
}

int books_read_amount(const struct cli *cli, const char *text, Vouch__V1__Money *money, char currency[CURRENCY_BYTES])
{
    struct status_text why = {""};
    if (money_parse(text, &money->minor, currency, &why) != VOUCH_OK) {
        return fail_usage(cli, "%s", why.text);
    }
    money->currency = currency;
    return EXIT_DONE;
}

int books_read_reason(const struct cli *cli, bool needed, Vouch__V1__LedgerReason *reason)
{
    const char *text = args_text(&cli->args, "reason");
    *reason = VOUCH__V1__LEDGER_REASON__LEDGER_REASON_NONE;
    if (text == NULL && !needed) {
        return EXIT_DONE;
    }
    char word[32];
    snprintf(word, sizeof word, "%s", text == NULL ? "" : text);
    for (char *c = word; *c != '\0'; c++) {
        *c = *c == '-' || *c == ' ' ? '_' : (char)tolower((unsigned char)*c);
    }
    *reason = (Vouch__V1__LedgerReason)ledger_reason_find(word);
    if (*reason == VOUCH__V1__LEDGER_REASON__LEDGER_REASON_NONE) {
        return fail_usage(cli, "--reason is order_canceled, fraud, terms_violation, tracking_error, payment_failed, "
                               "ineligible_party, duplicate or other");
    }
    return EXIT_DONE;
}

int books_read_day(struct cli *cli, const char *name, int64_t *time_ms)
{
    const char *text = args_text(&cli->args, name);
    char zone[ZONE_BYTES];
    uint32_t day;
    *time_ms = 0;
    if (text == NULL) {
        return EXIT_DONE;
    }
    int code = session_ask_time(cli, NULL, zone);
    if (code != EXIT_DONE) {
        return code;
    }
    if (!calendar_parse_day(text, &day) || !day_start_ms(zone, day, time_ms) || *time_ms < 0) {
        return fail_usage(cli, "--%s is a day, 2026-11-20, not '%.60s'", name, text);
    }
    return EXIT_DONE;
}

int books_read_company(struct cli *cli, uint64_t *company)
{
    char *text = args_text(&cli->args, "company");
    *company = 0;
    return text == NULL ? EXIT_DONE : name_resolve(cli, VOUCH__V1__FIND__KIND__COMPANY, text, company, NULL);
}

int books_read_period(const struct cli *cli, const char *text, uint32_t *period)
{
    unsigned year, month;
    int end = 0;
    if (text[strspn(text, "0123456789-")] != '\0' || sscanf(text, "%4u-%2u%n", &year, &month, &end) != 2 ||
        text[end] != '\0' || !month_is(year * 100 + month)) {
        return fail_usage(cli, "'%.60s' is no month; write 2026-11", text);
    }
    *period = year * 100 + month;
    return EXIT_DONE;
}

/* ---- writing ---- */

const char *books_period(char out[PERIOD_TEXT_BYTES], uint32_t period)
{
    snprintf(out, PERIOD_TEXT_BYTES, "%04" PRIu32 "-%02" PRIu32, period / 100 % 10000, period % 100);
    return out;
}

const char *books_number(char out[MONEY_TEXT_MAX], int64_t minor, const char *currency)
{
    text_money(out, minor, currency);
    out[strcspn(out, " ")] = '\0';
    return out;
}

const char *books_decimal(char out[DECIMAL_BYTES], int64_t minor, const char *currency)
{
    char text[MONEY_TEXT_MAX];
    size_t length = 0;
    for (const char *c = books_number(text, minor, currency); *c != '\0' && length + 1 < DECIMAL_BYTES; c++) {
        if (*c != ',') {
            out[length++] = *c;
        }
    }
    out[length] = '\0';
    return out;
}

const char *books_step(Vouch__V1__LedgerStep step)
{
    const struct ledger_step_rule *rule = ledger_step_find((enum ledger_step)step);
    return rule == NULL ? "?" : rule->word;
}

const char *books_reason(Vouch__V1__LedgerReason reason)
{
    const char *word = ledger_reason_word((enum ledger_reason)reason);
    return word == NULL ? "" : word;
}

const char *books_hash(char out[HASH_TEXT_BYTES], ProtobufCBinaryData hash)
{
    out[0] = '\0';
    for (size_t i = 0; i < 6 && i < hash.len; i++) {
        snprintf(out + 2 * i, 3, "%02x", hash.data[i]);
    }
    return out;
}

int64_t books_net(const Vouch__V1__AccountView *account)
{
    return account->accrued_minor + account->approved_minor + account->payable_minor - account->owed_minor;
}

void books_csv_cell(FILE *out, const char *text, char next)
{
    bool plain = strpbrk(text, ",\"\r\n") == NULL;
    if (!plain) {
        fputc('"', out);
    }
    if (text_is_formula(text)) {
        fputc('\'', out);
    }
    for (; *text != '\0'; text++) {
        if (*text == '"') {
            fputc('"', out);
        }
        fputc(*text, out);
    }
    if (!plain) {
        fputc('"', out);
    }
    if (next != '\0') {
        fputc(next, out);
    }
}

void books_csv_end(FILE *out)
{
    fputs("\r\n", out);
}
