/* SPDX-License-Identifier: Apache-2.0
 *
 * What the models that estimate over history have in common: parties by small numbers, and exact fractions made into
 * shares. A header with everything in it, so that each model stays one shared object; fractions are GMP's. */
#ifndef VOUCH_PLUGINS_SHARED_ESTIMATE_H
#define VOUCH_PLUGINS_SHARED_ESTIMATE_H

#include "vouch_plugin.h"

#include <gmp.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(ULONG_MAX == UINT64_MAX, "GMP's functions for a long take 64 bits");

/* ---- parties by small numbers ---- */

struct crowd {
    uint32_t count;   /* of different parties */
    uint64_t *ids;    /* ascending */
    uint32_t *places; /* the request's places, each as the number of its party */
};

static inline int crowd_compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* False, with a sentence, when there is no memory. */
static inline bool crowd_make(struct crowd *crowd, const struct vouch_services *services,
                              const struct vouch_estimate_request *request)
{
    size_t count = request->place_count;
    crowd->count = 0;
    crowd->ids = (uint64_t *)services->alloc(services, count * sizeof *crowd->ids);
    crowd->places = (uint32_t *)services->alloc(services, count * sizeof *crowd->places);
    if (crowd->ids == NULL || crowd->places == NULL) {
        services->explain(services, "no memory for so many parties");
        return false;
    }
    memcpy(crowd->ids, request->parties, count * sizeof *crowd->ids);
    qsort(crowd->ids, count, sizeof *crowd->ids, crowd_compare);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || crowd->ids[i] != crowd->ids[i - 1]) {
            crowd->ids[crowd->count++] = crowd->ids[i];
        }
    }
    for (size_t i = 0; i < count; i++) {
        const void *found = bsearch(&request->parties[i], crowd->ids, crowd->count, sizeof *crowd->ids, crowd_compare);
        crowd->places[i] = (uint32_t)((const uint64_t *)found - crowd->ids);
    }
    return true;
}

/* ---- fractions, one a party ---- */

/* All 0; NULL when there is no memory. */
static inline mpq_t *raws_new(uint32_t count)
{
    mpq_t *raws = (mpq_t *)malloc(count * sizeof *raws);
    for (uint32_t i = 0; raws != NULL && i < count; i++) {
        mpq_init(raws[i]);
    }
    return raws;
}

static inline void raws_free(mpq_t *raws, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        mpq_clear(raws[i]);
    }
    free(raws);
}

/* round-half-even(number / divisor); the divisor is above 0. */
static inline void round_half_even(mpz_t result, const mpz_t number, const mpz_t divisor)
{
    mpz_t rest;
    mpz_init(rest);
    mpz_fdiv_qr(result, rest, number, divisor);
    mpz_mul_2exp(rest, rest, 1);
    int order = mpz_cmp(rest, divisor);
    if (order > 0 || (order == 0 && mpz_odd_p(result))) {
        mpz_add_ui(result, result, 1);
    }
    mpz_clear(rest);
}

/* The raw value as it is where it fits, else over the largest power of two that fits. */
static inline void share_set_raw(struct vouch_estimate_share *share, const mpq_t raw)
{
    share->raw_rounded = !mpz_fits_slong_p(mpq_numref(raw)) || !mpz_fits_slong_p(mpq_denref(raw));
    if (!share->raw_rounded) {
        share->raw_numerator = mpz_get_si(mpq_numref(raw));
        share->raw_denominator = mpz_get_si(mpq_denref(raw));
        return;
    }
    mpz_t scaled;
    mpz_init(scaled);
    mpz_tdiv_q(scaled, mpq_numref(raw), mpq_denref(raw));
    size_t whole_bits = mpz_sgn(scaled) == 0 ? 0 : mpz_sizeinbase(scaled, 2);
    mp_bitcnt_t shift = whole_bits < 62 ? 62 - whole_bits : 0;
    mpz_mul_2exp(scaled, mpq_numref(raw), shift);
    round_half_even(scaled, scaled, mpq_denref(raw));
    share->raw_numerator = mpz_get_si(scaled);
    share->raw_denominator = INT64_C(1) << shift;
    mpz_clear(scaled);
}

/* The smallest whole numbers in the proportions of those raw values that are above 0; false when their sum would not
 * fit. `first` is one of them: over it, the others' common denominator is its own weight. */
static inline bool weights_exact(struct vouch_estimate_share *shares, mpq_t *raws, uint32_t count, uint32_t first)
{
    mpz_t common, sum, weight;
    mpq_t ratio;
    mpz_inits(common, sum, weight, NULL);
    mpq_init(ratio);
    mpz_set_ui(common, 1);
    bool fits = true;
    for (uint32_t i = 0; fits && i < count; i++) {
        if (mpq_sgn(raws[i]) > 0) {
            mpq_div(ratio, raws[i], raws[first]);
            mpz_lcm(common, common, mpq_denref(ratio));
            fits = mpz_cmp_ui(common, VOUCH_WEIGHT_SUM_MAX) <= 0;
        }
    }
    for (uint32_t i = 0; fits && i < count; i++) {
        if (mpq_sgn(raws[i]) > 0) {
            mpq_div(ratio, raws[i], raws[first]);
            mpz_divexact(weight, common, mpq_denref(ratio));
            mpz_mul(weight, weight, mpq_numref(ratio));
            mpz_add(sum, sum, weight);
            fits = mpz_cmp_ui(sum, VOUCH_WEIGHT_SUM_MAX) <= 0;
            shares[i].weight = fits ? mpz_get_si(weight) : 0;
        }
    }
    mpz_clears(common, sum, weight, NULL);
    mpq_clear(ratio);
    return fits;
}

/* As near to the proportions as parts of 2^61 are. */
static inline void weights_rounded(struct vouch_estimate_share *shares, mpq_t *raws, uint32_t count)
{
    mpq_t sum, part;
    mpz_t weight;
    mpq_inits(sum, part, NULL);
    mpz_init(weight);
    for (uint32_t i = 0; i < count; i++) {
        if (mpq_sgn(raws[i]) > 0) {
            mpq_add(sum, sum, raws[i]);
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        shares[i].weight = 0;
        if (mpq_sgn(raws[i]) > 0) {
            mpq_div(part, raws[i], sum);
            mpz_mul_2exp(weight, mpq_numref(part), 61);
            round_half_even(weight, weight, mpq_denref(part));
            shares[i].weight = mpz_get_si(weight);
        }
    }
    mpq_clears(sum, part, NULL);
    mpz_clear(weight);
}

/* One share for each of the crowd: raw value, and the weight it makes; one below 0 weighs nothing. Frees the raws. */
static inline enum vouch_answer raws_finish(mpq_t *raws, const struct crowd *crowd,
                                            struct vouch_estimate_result *result)
{
    uint32_t first = 0;
    for (uint32_t i = 0; i < crowd->count; i++) {
        result->shares[i].party = crowd->ids[i];
        share_set_raw(&result->shares[i], raws[i]);
    }
    while (first < crowd->count && mpq_sgn(raws[first]) <= 0) {
        first++;
    }
    if (first < crowd->count && !weights_exact(result->shares, raws, crowd->count, first)) {
        weights_rounded(result->shares, raws, crowd->count);
    }
    result->share_count = crowd->count;
    raws_free(raws, crowd->count);
    return VOUCH_ANSWER_DONE;
}

#endif
