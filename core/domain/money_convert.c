/* SPDX-License-Identifier: Apache-2.0
 *
 * Other currencies: a rate is a fraction as it was written down, and what is converted is floored, once, at payout. */
#include "domain/money.h"

#include "domain/wide.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

/* Digits of a rate as text: all of them, and those after the point. Their numbers fit 64 bits. */
#define RATE_DIGITS_MAX 18

static int64_t common_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

enum vouch_status money_rate_parse(const char *text, struct money_rate *rate, struct status_text *why)
{
    int64_t number = 0;
    int64_t scale = 1;
    int digits = 0;
    bool point = false;
    const char *p = text;
    for (; isdigit((unsigned char)*p) || (*p == '.' && !point && digits > 0); p++) {
        if (*p == '.') {
            point = true;
        } else if (++digits > RATE_DIGITS_MAX) {
            break;
        } else {
            number = number * 10 + (*p - '0');
            scale *= point ? 10 : 1;
        }
    }
    if (*p != '\0' || digits == 0 || p[-1] == '.' || number == 0) {
        return status_set(why, VOUCH_INVALID,
                          "write a rate above zero of at most %d digits, as in 149.875, not \"%.40s\"", RATE_DIGITS_MAX,
                          text);
    }
    int64_t divisor = common_divisor(number, scale);
    *rate = (struct money_rate){number / divisor, scale / divisor};
    return VOUCH_OK;
}

/* Multiplies by 10^digits; false when it does not fit. */
static bool scale_up(wide *number, int digits)
{
    for (; digits > 0; digits--) {
        if (__builtin_mul_overflow(*number, 10, number)) {
            return false;
        }
    }
    return true;
}

enum vouch_status money_convert(int64_t minor, const char *from, struct money_rate rate, const char *to,
                                int64_t *result, struct status_text *why)
{
    int from_digits = currency_exponent(from);
    int to_digits = currency_exponent(to);
    if (from_digits < 0 || to_digits < 0) {
        return status_set(why, VOUCH_INVALID, "%.3s is no currency with a minor unit (ISO 4217)",
                          from_digits < 0 ? from : to);
    }
    if (strcmp(from, to) == 0) {
        return status_set(why, VOUCH_INVALID, "%s is not converted into itself", from);
    }
    if (rate.numerator <= 0 || rate.denominator <= 0) {
        return status_set(why, VOUCH_INVALID, "a rate is above zero, not %" PRId64 "/%" PRId64, rate.numerator,
                          rate.denominator);
    }
    if (minor < 0) {
        return status_set(why, VOUCH_INVALID, "only what is paid out is converted, and that is never below zero");
    }
    wide above = (wide)minor * rate.numerator;
    wide below = rate.denominator;
    if (!scale_up(&above, to_digits - from_digits) || !scale_up(&below, from_digits - to_digits) ||
        !wide_store(above / below, result)) {
        return status_set(why, VOUCH_INVALID, "that many %s are too large an amount in %s", from, to);
    }
    return VOUCH_OK;
}
