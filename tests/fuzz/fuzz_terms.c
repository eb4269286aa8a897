/* SPDX-License-Identifier: Apache-2.0
 *
 * Terms of any numbers: what passes the check computes a pool or refuses with a sentence, within floor and cap, and
 * divides it without a rest. A number is one byte that says how it is meant, and the bytes of it. */
#include "base/check.h"
#include "domain/terms.h"
#include "fuzz.h"

#include <string.h>

struct bytes {
    const uint8_t *data;
    size_t size;
};

static uint64_t take(struct bytes *bytes, size_t width)
{
    uint64_t number = 0;
    for (; width > 0 && bytes->size > 0; width--, bytes->size--) {
        number = number << 8 | *bytes->data++;
    }
    return number;
}

/* Mostly a small number or the preset, so that good terms are found; else any, and the ends of the range. */
static int64_t take_number(struct bytes *bytes, int64_t preset)
{
    switch (take(bytes, 1) % 8) {
    case 0:
        return (int64_t)take(bytes, 1);
    case 1:
        return (int64_t)take(bytes, 2);
    case 2:
        return (int64_t)take(bytes, 5);
    case 3:
        return (int64_t)take(bytes, 8);
    case 4:
        return INT64_MAX - (int64_t)take(bytes, 1);
    case 5:
        return -(int64_t)take(bytes, 1);
    default:
        return preset;
    }
}

static struct terms take_terms(struct bytes *bytes)
{
    static const char codes[][CURRENCY_BYTES] = {"EUR", "JPY", "", "XAU"};
    struct terms terms = terms_presets();
    memcpy(terms.currency, codes[take(bytes, 1) % 8 % 4], CURRENCY_BYTES);
#define TERM(field, word, preset, least, most, sentence) terms.field = take_number(bytes, preset);
#include "domain/terms_fields.def"
#undef TERM
    terms.tiers = (enum terms_tiers)(take(bytes, 1) % 4);
    terms.band_count = take(bytes, 1) % (TERMS_BANDS_MAX + 2);
    int64_t end = 0;
    for (size_t i = 0; i < terms.band_count && i < TERMS_BANDS_MAX; i++) {
        struct terms_band *band = &terms.bands[i];
        band->from_minor = take_number(bytes, end);
        band->until_minor = i + 1 < terms.band_count ? take_number(bytes, INT64_MAX) : TERMS_NO_LIMIT;
        band->rate_bps = take_number(bytes, 100 * (int64_t)i);
        end = band->until_minor;
    }
    terms.splits_are_bps = take(bytes, 1) % 2 == 1;
    terms.split_count = take(bytes, 1) % (TERMS_SPLITS_MAX + 2);
    for (size_t i = 0; i < terms.split_count && i < TERMS_SPLITS_MAX; i++) {
        terms.splits[i] = (struct terms_split){take(bytes, 1), take_number(bytes, 1)};
    }
    return terms;
}

static void share(const struct terms *terms, const struct terms_steps *steps, int64_t base)
{
    struct money_part parts[TERMS_SPLITS_MAX] = {{0}};
    struct terms_credit credits[TERMS_SPLITS_MAX] = {{0}};
    struct terms_steps by_credit;
    int64_t sum = 0;
    for (size_t i = 0; i < terms->split_count; i++) {
        parts[i] = (struct money_part){terms->splits[i].party, i, terms->splits[i].weight, 0};
        credits[i].role = (enum terms_role)(1 + i % 3);
    }
    CHECK(money_allocate(steps->pool_minor, parts, terms->split_count));
    for (size_t i = 0; i < terms->split_count; i++) {
        sum += parts[i].minor;
    }
    CHECK(sum == steps->pool_minor);
    struct status_text why = {""};
    if (terms_compute_credits(terms, steps->currency, steps->prior_minor, base, credits, parts, terms->split_count,
                              &by_credit, &why) == VOUCH_OK) {
        for (size_t i = 0; i < terms->split_count; i++) {
            sum -= parts[i].minor;
        }
        CHECK(sum == steps->pool_minor - by_credit.pool_minor);
    } else {
        CHECK(why.text[0] != '\0');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};
    struct terms terms = take_terms(&bytes);
    struct terms_steps steps;
    struct status_text why = {""};
    if (terms_check(&terms, true, &why) != VOUCH_OK) {
        CHECK(why.text[0] != '\0');
        return 0;
    }
    uint8_t digest[TERMS_DIGEST_BYTES];
    terms_digest(&terms, digest);
    int64_t prior = take_number(&bytes, 0);
    int64_t base = take_number(&bytes, 100000);
    const char *currency = terms.currency[0] != '\0' ? terms.currency : "EUR";
    if (terms_compute(&terms, TERMS_PARTNER, currency, prior, base, &steps, &why) != VOUCH_OK) {
        CHECK(why.text[0] != '\0');
        return 0;
    }
    CHECK(base > 0 || steps.pool_minor == 0);
    CHECK(base == 0 || (steps.pool_minor >= terms.floor_minor && steps.pool_minor <= terms.cap_minor));
    if (terms.split_count > 0) {
        share(&terms, &steps, base);
    }
    return 0;
}
