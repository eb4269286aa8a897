/* SPDX-License-Identifier: Apache-2.0
 *
 * From a deal's value to its pool, in the order that terms.h tells, every number kept. */
#include "base/check.h"
#include "domain/terms.h"
#include "domain/wide.h"

#include <string.h>

static enum vouch_status too_large(struct status_text *why)
{
    return status_set(why, VOUCH_INVALID, "the value is too large to compute a commission from");
}

static enum vouch_status begin(const struct terms *terms, const char *currency, int64_t prior_minor, int64_t base_minor,
                               struct terms_steps *steps, struct status_text *why)
{
    int64_t sum;
    memset(steps, 0, sizeof *steps);
    if (currency_exponent(currency) < 0) {
        return status_set(why, VOUCH_INVALID, "%.3s is no currency with a minor unit (ISO 4217)", currency);
    }
    if (terms->currency[0] != '\0' && strcmp(terms->currency, currency) != 0) {
        return status_set(why, VOUCH_INVALID, "the terms are in %s and the deal is in %s: amounts are never converted",
                          terms->currency, currency);
    }
    if (base_minor < 0 || prior_minor < 0) {
        return status_set(why, VOUCH_INVALID, "a commission is computed from a value above zero; refunds take back");
    }
    if (__builtin_add_overflow(prior_minor, base_minor, &sum)) {
        return too_large(why);
    }
    memcpy(steps->currency, currency, CURRENCY_BYTES);
    steps->prior_minor = prior_minor;
    steps->base_minor = base_minor;
    steps->accelerator_bps = BPS_WHOLE;
    return VOUCH_OK;
}

/* Adds a slice; returns its product in ten thousandths of a minor unit. */
static wide add_slice(struct terms_steps *steps, int64_t amount_minor, int64_t rate_bps)
{
    CHECK(steps->slice_count < TERMS_BANDS_MAX && amount_minor >= 0 && rate_bps >= 0 && rate_bps <= BPS_WHOLE);
    wide product = (wide)amount_minor * rate_bps;
    steps->slices[steps->slice_count++] = (struct terms_slice){amount_minor, rate_bps, (int64_t)(product / BPS_WHOLE),
                                                               (int64_t)(product % BPS_WHOLE)};
    return product;
}

static int64_t round_product(wide product)
{
    return (int64_t)wide_divide_half_even(product, BPS_WHOLE);
}

/* The value lies on top of what was won before: each band takes what of it lies inside. */
static void rate_marginal(const struct terms *terms, struct terms_steps *steps)
{
    int64_t begin_minor = steps->prior_minor;
    int64_t end_minor = steps->prior_minor + steps->base_minor;
    wide product = 0;
    for (size_t i = 0; i < terms->band_count; i++) {
        const struct terms_band *band = &terms->bands[i];
        int64_t from = band->from_minor > begin_minor ? band->from_minor : begin_minor;
        int64_t until = band->until_minor < end_minor ? band->until_minor : end_minor;
        if (until > from) {
            product += add_slice(steps, until - from, band->rate_bps);
        }
    }
    steps->rate_minor = round_product(product);
}

/* Of the band that a sum has reached; its first unit is inside. */
static int64_t rate_reached(const struct terms *terms, int64_t sum_minor)
{
    size_t i = terms->band_count;
    while (i > 1 && terms->bands[i - 1].from_minor > sum_minor) {
        i--;
    }
    return terms->bands[i - 1].rate_bps;
}

static void rate_retroactive(const struct terms *terms, struct terms_steps *steps)
{
    int64_t sum = steps->prior_minor + steps->base_minor;
    int64_t earlier_bps = rate_reached(terms, steps->prior_minor);
    steps->due_minor = round_product(add_slice(steps, sum, rate_reached(terms, sum)));
    steps->credited_minor = round_product((wide)steps->prior_minor * earlier_bps);
    steps->rate_minor = steps->due_minor - steps->credited_minor;
    CHECK(steps->rate_minor >= 0); /* checked terms: the rate never falls */
}

/* From what the rate gives to the pool. */
static enum vouch_status finish(const struct terms *terms, struct terms_steps *steps, struct status_text *why)
{
    int64_t sum;
    steps->bounty_minor = terms->bounty_minor;
    if (__builtin_add_overflow(steps->rate_minor, steps->bounty_minor, &sum)) {
        return too_large(why);
    }
    if (steps->prior_minor >= terms->quota_minor) {
        steps->accelerator_bps = terms->accelerator_bps;
    }
    if (!wide_store(wide_divide_half_even((wide)sum * steps->accelerator_bps, BPS_WHOLE), &steps->accelerated_minor)) {
        return too_large(why);
    }
    steps->pool_minor = steps->accelerated_minor;
    if (steps->pool_minor < terms->floor_minor) {
        steps->pool_minor = terms->floor_minor;
        steps->bound = BOUND_FLOOR;
    } else if (steps->pool_minor > terms->cap_minor) {
        steps->pool_minor = terms->cap_minor;
        steps->bound = BOUND_CAP;
    }
    return VOUCH_OK;
}

enum vouch_status terms_compute(const struct terms *terms, enum terms_role role, const char *currency,
                                int64_t prior_minor, int64_t base_minor, struct terms_steps *steps,
                                struct status_text *why)
{
    enum vouch_status status = begin(terms, currency, prior_minor, base_minor, steps, why);
    if (status != VOUCH_OK || base_minor == 0) {
        return status;
    }
    switch (terms->tiers) {
    case TIERS_NONE:
        steps->rate_minor = round_product(add_slice(steps, base_minor, terms_rate(terms, role)));
        break;
    case TIERS_MARGINAL:
        rate_marginal(terms, steps);
        break;
    case TIERS_RETROACTIVE:
        rate_retroactive(terms, steps);
        break;
    }
    return finish(terms, steps, why);
}

enum vouch_status terms_compute_credits(const struct terms *terms, const char *currency, int64_t prior_minor,
                                        int64_t base_minor, struct terms_credit *credits, struct money_part *parts,
                                        size_t count, struct terms_steps *steps, struct status_text *why)
{
    if (terms->tiers != TIERS_NONE) {
        return status_set(why, VOUCH_INVALID, "tiers and a rate for each role cannot be had together");
    }
    enum vouch_status status = begin(terms, currency, prior_minor, base_minor, steps, why);
    if (status != VOUCH_OK) {
        return status;
    }
    if (!money_allocate(base_minor, parts, count)) {
        return status_set(why, VOUCH_INVALID, "a value is split by weights, and these are all zero");
    }
    for (size_t i = 0; i < count; i++) {
        struct terms_credit *credit = &credits[i];
        credit->rate_bps = terms_rate(terms, credit->role);
        credit->credit_minor = parts[i].minor;
        credit->earned_minor = round_product((wide)parts[i].minor * credit->rate_bps);
        steps->rate_minor += credit->earned_minor; /* at most the base, because no rate is above the whole */
    }
    if (base_minor > 0) {
        status = finish(terms, steps, why);
    }
    /* The pool is shared by what was earned: exactly that, when nothing changed the sum. A pool that no rate made (a
     * bounty, a floor) is shared as the value was. */
    for (size_t i = 0; i < count && steps->rate_minor > 0; i++) {
        parts[i].weight = credits[i].earned_minor;
    }
    if (status == VOUCH_OK) {
        CHECK(money_allocate(steps->pool_minor, parts, count));
    }
    return status;
}
