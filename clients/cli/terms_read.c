/* SPDX-License-Identifier: Apache-2.0
 *
 * A version of terms from what people write: rates as "7.5 %" or "750 bps", amounts as "5,000 EUR" or "2.5M", bands,
 * splits and days. What is not said stays as it is in the version that is built upon. */
#include "calendar.h"
#include "terms.h"

#include "domain/day.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST_RATE_DIGITS 7

/* ---- rates ---- */

/* Reads "7.5" with at most so many places as 750 of 10^-places; what follows it is `*rest`. */
static bool read_decimal(const char *text, size_t places, int64_t *value, const char **rest)
{
    size_t whole = strspn(text, "0123456789");
    size_t after = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;
    bool point = text[whole] == '.';
    if (whole == 0 || whole > LARGEST_RATE_DIGITS || (point && after == 0) || after > places) {
        return false;
    }
    *value = 0;
    for (size_t i = 0; i < whole; i++) {
        *value = *value * 10 + (text[i] - '0');
    }
    for (size_t i = 0; i < places; i++) {
        *value = *value * 10 + (i < after ? text[whole + 1 + i] - '0' : 0);
    }
    *rest = text + whole + (point ? after + 1 : 0);
    *rest += strspn(*rest, " ");
    return true;
}

static bool is_unit(const char *text, const char *unit)
{
    size_t length = strlen(unit);
    return strncasecmp(text, unit, length) == 0 && text[length + strspn(text + length, " ")] == '\0';
}

bool terms_read_rate(const char *text, int64_t *bps)
{
    const char *unit;
    text += strspn(text, " ");
    if (read_decimal(text, 2, bps, &unit) && is_unit(unit, "%")) {
        return true;
    }
    return read_decimal(text, 0, bps, &unit) && (is_unit(unit, "bps") || is_unit(unit, "bp"));
}

/* ---- amounts ---- */

/* "2.5M" as "2500000"; anything else as it is. False when it is too long. */
static bool expand(const char *text, size_t length, char out[64])
{
    char last = length > 0 ? text[length - 1] : '\0';
    size_t zeros = last == 'k' || last == 'K' ? 3 : last == 'M' || last == 'm' ? 6 : 0;
    if (length + zeros >= 64) {
        return false;
    }
    memcpy(out, text, length);
    out[length] = '\0';
    if (zeros == 0) {
        return true;
    }
    size_t whole = strspn(text, "0123456789");
    size_t places = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;
    if (whole == 0 || places > zeros || whole + places + (text[whole] == '.' ? 1 : 0) != length - 1) {
        return false;
    }
    memcpy(out + whole, text + whole + 1, places);
    memset(out + whole + places, '0', zeros - places);
    out[whole + zeros] = '\0';
    return true;
}

/* Three letters before or after the number, cut off it. */
static bool find_code(const char **text, size_t *length, char code[CURRENCY_BYTES])
{
    const char *at = NULL;
    size_t size = *length;
    if (size > 3 && isalpha((unsigned char)(*text)[0]) != 0) {
        at = *text;
        *text += 3;
    } else if (size > 3 && isalpha((unsigned char)(*text)[size - 2]) != 0) {
        at = *text + size - 3;
    }
    if (at == NULL) {
        return false;
    }
    for (size_t i = 0; i < 3; i++) {
        code[i] = (char)toupper((unsigned char)at[i]);
    }
    code[3] = '\0';
    *length -= 3;
    while (*length > 0 && **text == ' ') {
        (*text)++;
        (*length)--;
    }
    while (*length > 0 && (*text)[*length - 1] == ' ') {
        (*length)--;
    }
    return true;
}

const char *terms_read_amount(const char *text, char currency[CURRENCY_BYTES], int64_t *minor)
{
    static struct status_text why;
    char code[CURRENCY_BYTES], number[64], whole[80];
    text += strspn(text, " ");
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == ' ') {
        length--;
    }
    if (find_code(&text, &length, code)) {
        if (currency[0] != '\0' && strcmp(currency, code) != 0) {
            return "it is in another currency than the terms; one version has one currency";
        }
        memcpy(currency, code, sizeof code);
    }
    if (currency[0] == '\0') {
        return "say in which currency: --currency EUR";
    }
    if (!expand(text, length, number)) {
        return "write 5,000 EUR, 5000 or 2.5M";
    }
    snprintf(whole, sizeof whole, "%s %s", number, currency);
    if (money_parse(whole, minor, code, &why) != VOUCH_OK) {
        return why.text;
    }
    return *minor < 0 ? "an amount is not below zero" : NULL;
}

/* ---- days ---- */

bool terms_read_date(const struct terms_versions *versions, const char *text, int64_t *time_ms)
{
    uint32_t day;
    char today[ZONE_TEXT_BYTES];
    if (strcmp(text, "today") == 0) {
        text = zone_text(today, versions->zone, versions->now_ms, false);
    }
    return calendar_parse_day(text, &day) && day_start_ms(versions->zone, day, time_ms);
}

/* ---- one option each ---- */

struct reading {
    struct cli *cli;
    const struct terms_versions *versions;
    struct terms_kept *kept;
    Vouch__V1__Terms *terms;
};

static int read_scope(struct reading *reading)
{
    struct cli *cli = reading->cli;
    char *member = args_text(&cli->args, "member");
    char *company = args_text(&cli->args, "company");
    char *product = args_text(&cli->args, "product");
    int code = EXIT_DONE;
    if (member != NULL) {
        reading->terms->member = 0;
        code = strcmp(member, "any") == 0
                   ? EXIT_DONE
                   : name_resolve(cli, VOUCH__V1__FIND__KIND__MEMBER, member, &reading->terms->member, NULL);
    }
    if (code == EXIT_DONE && company != NULL) {
        reading->terms->company = 0;
        code = strcmp(company, "any") == 0
                   ? EXIT_DONE
                   : name_resolve(cli, VOUCH__V1__FIND__KIND__COMPANY, company, &reading->terms->company, NULL);
    }
    if (product != NULL) {
        static char any[1];
        reading->terms->product = strcmp(product, "any") == 0 ? any : product;
    }
    return code;
}

static int read_dates(struct reading *reading)
{
    struct cli *cli = reading->cli;
    const char *from = args_text(&cli->args, "from");
    const char *until = args_text(&cli->args, "until");
    int64_t today_ms = 0;
    terms_read_date(reading->versions, "today", &today_ms);
    if (from == NULL) { /* from today, or when the version built upon begins, where that is later */
        reading->terms->from_ms = reading->terms->from_ms > today_ms ? reading->terms->from_ms : today_ms;
    } else if (!terms_read_date(reading->versions, from, &reading->terms->from_ms)) {
        return fail_usage(cli, "--from: '%.40s' is no day; write 2027-01-01, or today", from);
    }
    if (until == NULL) {
        bool over = reading->terms->until_ms <= reading->terms->from_ms;
        reading->terms->until_ms = over ? TERMS_NO_LIMIT : reading->terms->until_ms;
    } else if (strcmp(until, "none") == 0) {
        reading->terms->until_ms = TERMS_NO_LIMIT;
    } else if (!terms_read_date(reading->versions, until, &reading->terms->until_ms)) {
        return fail_usage(cli, "--until: '%.40s' is no day; write 2028-01-01, or none", until);
    }
    return EXIT_DONE;
}

static int read_currency(struct reading *reading)
{
    const char *code = args_text(&reading->cli->args, "currency");
    char *kept = reading->kept->currency;
    snprintf(kept, CURRENCY_BYTES, "%s", reading->terms->currency);
    reading->terms->currency = kept;
    if (code == NULL) {
        return EXIT_DONE;
    }
    if (strcmp(code, "any") == 0) {
        kept[0] = '\0';
        return EXIT_DONE;
    }
    char capitals[CURRENCY_BYTES] = "";
    for (size_t i = 0; i < 3 && code[i] != '\0'; i++) {
        capitals[i] = (char)toupper((unsigned char)code[i]);
    }
    if (strlen(code) != 3 || currency_exponent(capitals) < 0) {
        return fail_usage(reading->cli, "--currency: '%.20s' is no currency with a minor unit (ISO 4217)", code);
    }
    if (kept[0] != '\0' && strcmp(kept, capitals) != 0) {
        return fail_usage(reading->cli, "these terms are in %s; amounts in %s want terms of another name", kept,
                          capitals);
    }
    memcpy(kept, capitals, sizeof capitals);
    return EXIT_DONE;
}

/* The numbers of terms_fields.def, by the unit at the end of their names. */
struct number {
    const char *word;
    const char *field;
    size_t offset; /* in Vouch__V1__Terms */
    int64_t preset;
};

static const struct number numbers[] = {
#define TERM(field, word, preset, least, most, sentence) {word, #field, offsetof(Vouch__V1__Terms, field), preset},
#include "domain/terms_fields.def"
#undef TERM
};

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), wanted = strlen(end);
    return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

static int read_number(struct reading *reading, const struct number *number, const char *text)
{
    struct cli *cli = reading->cli;
    int64_t value = 0;
    uint64_t days = 0;
    if (ends_with(number->field, "_bps")) {
        if (!terms_read_rate(text, &value)) {
            return fail_usage(cli, "--%s: '%.40s' is no rate; write 7.5%% or 750 bps", number->word, text);
        }
    } else if (ends_with(number->field, "_days")) {
        if (!text_parse_number(text, 100000, &days)) {
            return fail_usage(cli, "--%s: '%.40s' is no number of days", number->word, text);
        }
        value = (int64_t)days;
    } else if (strcmp(text, "none") == 0) {
        value = number->preset;
    } else {
        const char *wrong = terms_read_amount(text, reading->kept->currency, &value);
        if (wrong != NULL) {
            return fail_usage(cli, "--%s: %s", number->word, wrong);
        }
    }
    memcpy((char *)reading->terms + number->offset, &value, sizeof value);
    return EXIT_DONE;
}

static int read_numbers(struct reading *reading)
{
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        const char *text = args_text(&reading->cli->args, numbers[i].word);
        int code = text == NULL ? EXIT_DONE : read_number(reading, &numbers[i], text);
        if (code != EXIT_DONE) {
            return code;
        }
    }
    return EXIT_DONE;
}

/* "1M-2.5M:7%": commas belong to the amounts, so that a band is one option. */
static int read_band(struct reading *reading, char *text)
{
    struct cli *cli = reading->cli;
    Vouch__V1__Terms *terms = reading->terms;
    char *dash = strchr(text, '-');
    char *colon = strrchr(text, ':');
    const char *wrong;
    if (terms->n_bands == TERMS_BANDS_MAX) {
        return fail_usage(cli, "--band: at most %d bands", TERMS_BANDS_MAX);
    }
    if (dash == NULL || colon == NULL || colon < dash) {
        return fail_usage(cli, "--band: write FROM-UNTIL:RATE, as 0-1M:5%% and, for the last, 1M-:7%%; not '%.60s'",
                          text);
    }
    Vouch__V1__TermsBand *band = &reading->kept->bands[terms->n_bands];
    vouch__v1__terms_band__init(band);
    *dash = '\0';
    *colon = '\0';
    wrong = terms_read_amount(text, reading->kept->currency, &band->from_minor);
    band->until_minor = TERMS_NO_LIMIT;
    if (wrong == NULL && dash[1 + strspn(dash + 1, " ")] != '\0') {
        wrong = terms_read_amount(dash + 1, reading->kept->currency, &band->until_minor);
    }
    if (wrong == NULL && !terms_read_rate(colon + 1, &band->rate_bps)) {
        wrong = "its rate is written as 7.5% or 750 bps";
    }
    if (wrong != NULL) {
        return fail_usage(cli, "--band %zu: %s", terms->n_bands + 1, wrong);
    }
    reading->kept->band_rows[terms->n_bands++] = band;
    return EXIT_DONE;
}

static int read_bands(struct reading *reading)
{
    struct cli *cli = reading->cli;
    const char *tiers = args_text(&cli->args, "tiers");
    static const char *const words[] = {"none", "marginal", "retroactive"};
    if (tiers != NULL) {
        unsigned i = 0;
        while (i < 3 && strcmp(words[i], tiers) != 0) {
            i++;
        }
        if (i == 3) {
            return fail_usage(cli, "--tiers: none, marginal or retroactive, not '%.40s'", tiers);
        }
        reading->terms->tiers = i;
        reading->terms->n_bands = i == 0 ? 0 : reading->terms->n_bands;
    }
    if (!args_flag(&cli->args, "band")) {
        return EXIT_DONE;
    }
    reading->terms->n_bands = 0;
    reading->terms->bands = reading->kept->band_rows;
    int code = EXIT_DONE;
    for (int i = 0; i < cli->args.given_count && code == EXIT_DONE; i++) {
        if (strcmp(cli->args.given[i].option->name, "band") == 0) {
            code = read_band(reading, cli->args.given[i].value);
        }
    }
    return code;
}

/* "Ana Sousa:1" or "Ana Sousa:50%". */
static int read_split(struct reading *reading, char *text)
{
    struct cli *cli = reading->cli;
    size_t i = reading->terms->n_splits;
    Vouch__V1__TermsSplit *split = &reading->kept->splits[i];
    char *colon = strrchr(text, ':');
    uint64_t weight;
    vouch__v1__terms_split__init(split);
    if (colon == NULL) {
        return fail_usage(cli, "--split: write MEMBER:PART, as \"Ana Sousa:1\" or \"Ana Sousa:50%%\"; not '%.60s'",
                          text);
    }
    *colon = '\0';
    bool percent = ends_with(colon + 1, "%");
    if (percent ? !terms_read_rate(colon + 1, &split->weight)
                : !text_parse_number(colon + 1 + strspn(colon + 1, " "), INT64_MAX, &weight)) {
        return fail_usage(cli, "--split: '%.40s' is no part; write a weight (1) or a percentage (50%%)", colon + 1);
    }
    split->weight = percent ? split->weight : (int64_t)weight;
    if (i > 0 && reading->terms->splits_are_bps != percent) {
        return fail_usage(cli, "--split: either weights or percentages, not both");
    }
    reading->terms->splits_are_bps = percent;
    split->name = reading->kept->split_names[i];
    reading->kept->split_rows[reading->terms->n_splits++] = split;
    return name_resolve(cli, VOUCH__V1__FIND__KIND__MEMBER, text, &split->member, reading->kept->split_names[i]);
}

static int read_splits(struct reading *reading)
{
    char *parts[ARGS_LIST];
    int count = args_list(&reading->cli->args, "split", parts);
    if (count == 0) {
        return EXIT_DONE;
    }
    reading->terms->n_splits = 0;
    reading->terms->splits_are_bps = false;
    if (count == 1 && strcmp(parts[0], "none") == 0) {
        return EXIT_DONE;
    }
    if (count < 0 || count > TERMS_SPLITS_MAX) {
        return fail_usage(reading->cli, "--split: at most %d parts", TERMS_SPLITS_MAX);
    }
    reading->terms->splits = reading->kept->split_rows;
    int code = EXIT_DONE;
    for (int i = 0; i < count && code == EXIT_DONE; i++) {
        code = read_split(reading, parts[i]);
    }
    return code;
}

int terms_read(struct cli *cli, const struct terms_versions *versions, const Vouch__V1__Terms *base,
               struct terms_kept *kept, Vouch__V1__Terms *terms)
{
    static int (*const steps[])(struct reading *) = {read_scope,   read_dates, read_currency,
                                                     read_numbers, read_bands, read_splits};
    struct reading reading = {cli, versions, kept, terms};
    memset(kept, 0, sizeof *kept);
    *terms = *base;
    terms->note = args_field(&cli->args, "note");
    int code = EXIT_DONE;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && code == EXIT_DONE; i++) {
        code = steps[i](&reading);
    }
    return code;
}
