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

/* True for every code in capitals of ISO 4217, with a minor unit or without. */
bool currency_exists(const char *code);

/* Decimal digits of the minor unit of a code in capitals; -1 when there is no such code, or none with a minor unit
 * (metals, SDR, testing). */
int currency_exponent(const char *code);

/* round-half-even(minor * bps / 10000); false when the result does not fit. */
bool money_mul_bps(int64_t minor, uint32_t bps, int64_t *result) MUST_USE;

/* One payment of several: what `total`, all that was paid so far, owes at this rate, less what `earlier` steps owed.
 * Steps add up to the rate of the whole, however many there are. False when it does not fit. */
bool money_bps_step(int64_t total, uint32_t bps, int64_t earlier, int64_t *step) MUST_USE;

/* What is paid on its own beside others, not out of a pool that is divided: round-half-even(pool * weight / 2^32).
 * False for a weight that is not 0 to MONEY_OVERRIDE_WHOLE, all of the pool; of two whose weights differ, the larger
 * never gets less. */
#define MONEY_OVERRIDE_WHOLE (INT64_C(1) << 32)
bool money_override(int64_t pool, int64_t weight, int64_t *minor) MUST_USE;

/* One party of an allocation. */
struct money_part {
    uint64_t party;
    uint64_t sequence; /* of the party's first touch: earlier ones win ties */
    int64_t weight;    /* not negative; 0 never gets a unit */
    int64_t minor;     /* out */
};

/* Allocates `total` over the weights by largest remainder ("LRM1"): floor shares, then one unit each to the largest
 * remainders (ties: earlier first touch, then smaller party id), then the sign. The parts add up to `total` exactly.
 * False, and all parts 0, when the weights are all zero: then the total is HOUSE's. The weights' sum must fit int64.
 * Without memory, in time that grows with the number of parts; the parts keep their places. */
bool money_allocate(int64_t total, struct money_part *parts, size_t count) MUST_USE;

/* One payment of several: allocates `total`, the pool of all payments so far, and writes to steps[].minor what is new
 * since `earlier`, the sums of each part's earlier steps. The new steps add up to what is new of the pool, so that no
 * unit is lost or paid twice however often is paid; none is below zero: where a part has a unit more than it is due
 * (largest remainders are not monotone; this needs shares below one unit), it keeps that and gets nothing new, and the
 * others' steps are allocated over what they are due. A total below what was given before gives nothing new. False, as
 * in money_allocate, when all weights are zero (the step is HOUSE's), and for a total below zero. `steps` are as many
 * as `parts` and other memory; the weight of each is what its part was due. */
bool money_allocate_step(int64_t total, const struct money_part *parts, const int64_t *earlier,
                         struct money_part *steps, size_t count) MUST_USE;

/* Takes back commission on what is refunded of one payment, at the rate at which that payment accrued. parts[].weight:
 * what the payment accrued to the part; `earlier`: what refunds before this one took back from it; `refunded`: of
 * `paid`, this refund and those before it. Writes to steps[].minor what to take back now, never below zero and never
 * more than is left. When all is refunded, exactly what was accrued has been taken back, whatever the steps. False when
 * nothing was paid, more is refunded than was paid, or numbers do not fit. */
bool money_refund_step(int64_t paid, int64_t refunded, const struct money_part *parts, const int64_t *earlier,
                       struct money_part *steps, size_t count) MUST_USE;

/* How many units of one currency are paid for one unit of another (units, not minor units), as an exact fraction. */
struct money_rate {
    int64_t numerator;
    int64_t denominator;
};

/* Reads "149.875" as 1199/8: at most 18 digits, above zero, in lowest terms so that equal rates are the same bytes. */
enum vouch_status money_rate_parse(const char *text, struct money_rate *rate, struct status_text *why) MUST_USE;

/* What `minor` of `from` is in minor units of `to`, floored: the payer keeps what is below a unit. Used at payout only.
 * INVALID says what is wrong: a currency, the rate, an amount below zero, a result that does not fit. */
enum vouch_status money_convert(int64_t minor, const char *from, struct money_rate rate, const char *to,
                                int64_t *result, struct status_text *why) MUST_USE;

/* Reads "48,000.00 EUR", "12000 EUR", "eur 12.5": commas only between groups of three, a point before at most as many
 * digits as the currency has. INVALID says what is wrong. */
enum vouch_status money_parse(const char *text, int64_t *minor, char currency[CURRENCY_BYTES],
                              struct status_text *why) MUST_USE;

/* Writes "48,000.00 EUR"; returns `out`. */
const char *money_format(char out[MONEY_TEXT_BYTES], int64_t minor, const char *currency);

#endif
