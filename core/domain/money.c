/* SPDX-License-Identifier: Apache-2.0
 *
 * Currencies, rates, and the one way to read and write amounts. Shares are in money_allocate.c, other currencies in
 * money_convert.c.
 */
#include "domain/money.h"

#include "domain/wide.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define NO_MINOR_UNIT (-1)

struct currency {
    char code[CURRENCY_BYTES];
    int exponent;
};

/* NULL when no currency has this code. */
static const struct currency *currency_find(const char *code)
{
    static const struct currency currencies[] = {
#define CURRENCY(code, exponent) {#code, exponent},
#include "domain/currencies.def"
#undef CURRENCY
    };
    size_t low = 0;
    size_t high = sizeof currencies / sizeof currencies[0];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(code, currencies[middle].code);
        if (order == 0) {
            return &currencies[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

bool currency_exists(const char *code)
{
    return currency_find(code) != NULL;
}

int currency_exponent(const char *code)
{
    const struct currency *currency = currency_find(code);
    return currency == NULL ? NO_MINOR_UNIT : currency->exponent;
}

bool money_mul_bps(int64_t minor, uint32_t bps, int64_t *result)
{
    return wide_store(wide_divide_half_even((wide)minor * bps, BPS_WHOLE), result);
}

bool money_override(int64_t pool, int64_t weight, int64_t *minor)
{
    if (weight < 0 || weight > MONEY_OVERRIDE_WHOLE) {
        return false;
    }
    return wide_store(wide_divide_half_even((wide)pool * weight, MONEY_OVERRIDE_WHOLE), minor);
}

bool money_bps_step(int64_t total, uint32_t bps, int64_t earlier, int64_t *step)
{
    int64_t result;
    return money_mul_bps(total, bps, &result) && !__builtin_sub_overflow(result, earlier, step);
}

/* Takes the three letters that stand at the start or at the end of the text; leaves the number between begin and end.
 */
static bool take_currency(const char **begin, const char **end, char currency[CURRENCY_BYTES])
{
    const char *first = *begin;
    const char *last = *end;
    const char *letters;
    if (last - first < 4) {
        return false;
    }
    if (isalpha((unsigned char)last[-1])) {
        letters = last - 3;
        *end = last - 3;
    } else {
        letters = first;
        *begin = first + 3;
    }
    for (int i = 0; i < 3; i++) {
        if (!isalpha((unsigned char)letters[i])) {
            return false;
        }
        currency[i] = (char)toupper((unsigned char)letters[i]);
    }
    currency[3] = '\0';
    while (*begin < *end && **begin == ' ') {
        (*begin)++;
    }
    while (*begin < *end && (*end)[-1] == ' ') {
        (*end)--;
    }
    return *begin < *end;
}

/* Digits with commas between groups of three; stops at the point or the end. */
static bool take_whole(const char **at, const char *end, wide *number)
{
    const char *start = *at;
    const char *p = start;
    int group = 0;
    bool grouped = false;
    for (; p < end && *p != '.'; p++) {
        if (*p == ',') {
            if (group == 0 || group > 3 || (grouped && group != 3)) {
                return false;
            }
            grouped = true;
            group = 0;
        } else if (isdigit((unsigned char)*p)) {
            *number = *number * 10 + (*p - '0');
            group++;
            if (*number > INT64_MAX) {
                return false;
            }
        } else {
            return false;
        }
    }
    *at = p;
    return p > start && (!grouped || group == 3) && group > 0;
}

enum vouch_status money_parse(const char *text, int64_t *minor, char currency[CURRENCY_BYTES], struct status_text *why)
{
    const char *begin = text + strspn(text, " \t");
    const char *end = begin + strlen(begin);
    while (end > begin && (end[-1] == ' ' || end[-1] == '\t')) {
        end--;
    }
    if (!take_currency(&begin, &end, currency)) {
        return status_set(why, VOUCH_INVALID, "write a number and a currency, as in 12000 EUR, not \"%s\"", text);
    }
    int exponent = currency_exponent(currency);
    if (exponent < 0) {
        return status_set(why, VOUCH_INVALID,
                          currency_exists(currency) ? "%s has no minor unit: amounts in it cannot be exact"
                                                    : "%s is no currency (ISO 4217)",
                          currency);
    }
    bool negative = *begin == '-';
    begin += negative ? 1 : 0;
    wide number = 0;
    if (!take_whole(&begin, end, &number)) {
        return status_set(why, VOUCH_INVALID,
                          "write 48000.50 or 48,000.50 (commas between groups of three), not \"%s\"", text);
    }
    int digits = 0;
    if (begin < end) {
        for (begin++; begin < end && isdigit((unsigned char)*begin) && digits <= exponent; begin++, digits++) {
            number = number * 10 + (*begin - '0');
        }
        if (begin < end || digits == 0 || digits > exponent) {
            return status_set(why, VOUCH_INVALID, "%s has %d digits after the point; not \"%s\"", currency, exponent,
                              text);
        }
    }
    for (; digits < exponent; digits++) {
        number *= 10;
    }
    if (number > INT64_MAX) {
        return status_set(why, VOUCH_INVALID, "that is too large an amount: \"%s\"", text);
    }
    *minor = negative ? -(int64_t)number : (int64_t)number;
    return VOUCH_OK;
}

const char *money_format(char out[MONEY_TEXT_BYTES], int64_t minor, const char *currency)
{
    int exponent = currency_exponent(currency);
    uint64_t rest = minor < 0 ? 0 - (uint64_t)minor : (uint64_t)minor;
    char reversed[MONEY_TEXT_BYTES];
    size_t length = 0;
    int place = exponent > 0 ? -exponent : 0;
    do {
        if (place == 0 && exponent > 0) {
            reversed[length++] = '.';
        } else if (place > 0 && place % 3 == 0) {
            reversed[length++] = ',';
        }
        reversed[length++] = (char)('0' + rest % 10);
        rest /= 10;
        place++;
    } while (rest > 0 || place <= 0);
    char *p = out;
    if (minor < 0) {
        *p++ = '-';
    }
    while (length > 0) {
        *p++ = reversed[--length];
    }
    snprintf(p, (size_t)(out + MONEY_TEXT_BYTES - p), " %.3s", currency);
    return out;
}
