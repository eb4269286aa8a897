/* SPDX-License-Identifier: Apache-2.0
 *
 * Money: an exact number of minor units and an ISO 4217 code. No floating point; products in 128 bits; every division
 * says how it rounds. Pure. */
#ifndef VOUCH_DOMAIN_MONEY_H
#define VOUCH_DOMAIN_MONEY_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CURRENCY_BYTES 4 /* three capital letters and the end */
#define MONEY_TEXT_BYTES 40

/* Decimal digits of the minor unit of a code in capitals; -1 when there is no such code, or none with a minor unit
 * (metals, SDR, testing). */
int currency_exponent(const char *code);

/* round-half-even(minor * bps / 10000); false when the result does not fit. */
bool money_mul_bps(int64_t minor, uint32_t bps, int64_t *result) MUST_USE;

/* One party of an allocation. */
struct money_part {
    uint64_t party;
    uint64_t sequence; /* of the party's first touch: earlier ones win ties */
    int64_t weight;    /* not negative; 0 never gets a unit */
    int64_t minor;     /* out */
};

/* Allocates `total` over the weights by largest remainder ("LRM1"): floor shares, then one unit each to the largest
 * remainders (ties: earlier first touch, then smaller party id), then the sign. The parts add up to `total` exactly.
 * False, and all parts 0, when the weights are all zero: then the total is HOUSE's. The weights' sum must fit int64. */
bool money_allocate(int64_t total, struct money_part *parts, size_t count) MUST_USE;

/* Reads "48,000.00 EUR", "12000 EUR", "eur 12.5": commas only between groups of three, a point before at most as many
 * digits as the currency has. INVALID says what is wrong. */
enum vouch_status money_parse(const char *text, int64_t *minor, char currency[CURRENCY_BYTES],
                              struct status_text *why) MUST_USE;

/* Writes "48,000.00 EUR"; returns `out`. */
const char *money_format(char out[MONEY_TEXT_BYTES], int64_t minor, const char *currency);

#endif
