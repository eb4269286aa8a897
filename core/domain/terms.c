/* SPDX-License-Identifier: Apache-2.0
 *
 * Terms as they are written: the table of fields, what is refused, the digest, and the rules of time and payout that
 * need no arithmetic on shares. */
#include "domain/terms.h"

#include "base/check.h"

#include <endian.h>
#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)
#define DIGEST_TAG "vouch-terms-1"
#define BPS_MOST 10000

static const struct terms_field fields[] = {
#define TERM(field, word, preset, least, most, sentence)                                                               \
    {word, offsetof(struct terms, field), preset, least, most, sentence},
#include "domain/terms_fields.def"
#undef TERM
};

#define FIELDS (sizeof fields / sizeof fields[0])

const struct terms_field *terms_field_at(size_t index)
{
    return index < FIELDS ? &fields[index] : NULL;
}

static int64_t field_of(const struct terms *terms, const struct terms_field *field)
{
    int64_t value;
    memcpy(&value, (const char *)terms + field->offset, sizeof value);
    return value;
}

struct terms terms_presets(void)
{
    return (struct terms){
        .until_ms = INT64_MAX,
#define TERM(field, word, preset, least, most, sentence) .field = (preset),
#include "domain/terms_fields.def"
#undef TERM
    };
}

static enum vouch_status check_fields(const struct terms *terms, struct status_text *why)
{
    static const int64_t holds[] = {0, 7, 14, 30, 60, 90};
    for (size_t i = 0; i < FIELDS; i++) {
        int64_t value = field_of(terms, &fields[i]);
        if (value < fields[i].least) {
            return status_set(why, VOUCH_INVALID, "%s: at least %" PRId64 ", not %" PRId64, fields[i].word,
                              fields[i].least, value);
        }
        if (value > fields[i].most) {
            return status_set(why, VOUCH_INVALID, "%s: at most %" PRId64 ", not %" PRId64, fields[i].word,
                              fields[i].most, value);
        }
    }
    bool known = false;
    for (size_t i = 0; i < sizeof holds / sizeof holds[0]; i++) {
        known = known || terms->hold_days == holds[i];
    }
    if (!known) {
        return status_set(why, VOUCH_INVALID, "hold: 0, 7, 14, 30, 60 or 90 days, not %" PRId64, terms->hold_days);
    }
    if (terms->floor_minor > terms->cap_minor) {
        return status_set(why, VOUCH_INVALID, "floor: %" PRId64 " is above the cap of %" PRId64, terms->floor_minor,
                          terms->cap_minor);
    }
    if (terms->from_ms >= terms->until_ms) {
        return status_set(why, VOUCH_INVALID, "from: the terms end before they begin");
    }
    return VOUCH_OK;
}

static enum vouch_status check_currency(const struct terms *terms, struct status_text *why)
{
    bool amounts = terms->bounty_minor > 0 || terms->quota_minor > 0 || terms->floor_minor > 0 ||
                   terms->cap_minor < TERMS_NO_LIMIT || terms->minimum_minor > 0 || terms->band_count > 1;
    if (memchr(terms->currency, '\0', CURRENCY_BYTES) == NULL) {
        return status_set(why, VOUCH_INVALID, "currency: three letters (ISO 4217)");
    }
    if (terms->currency[0] == '\0') {
        return amounts ? status_set(why, VOUCH_INVALID, "currency: say which, because the terms name amounts")
                       : VOUCH_OK;
    }
    if (currency_exponent(terms->currency) < 0) {
        return status_set(why, VOUCH_INVALID, "currency: %s is none with a minor unit (ISO 4217)", terms->currency);
    }
    return VOUCH_OK;
}

/* One band against the end and the rate of the one before it. */
static enum vouch_status check_band(const struct terms *terms, size_t i, struct status_text *why)
{
    const struct terms_band *band = &terms->bands[i];
    int64_t end = i == 0 ? 0 : terms->bands[i - 1].until_minor;
    if (band->from_minor > end) {
        return status_set(why, VOUCH_INVALID, "band %zu: a gap; it begins at %" PRId64 ", not at %" PRId64, i + 1,
                          band->from_minor, end);
    }
    if (band->from_minor < end) {
        return status_set(why, VOUCH_INVALID, "band %zu: an overlap; it begins at %" PRId64 ", not at %" PRId64, i + 1,
                          band->from_minor, end);
    }
    if (band->until_minor <= band->from_minor) {
        return status_set(why, VOUCH_INVALID, "band %zu: it ends at %" PRId64 " before it begins", i + 1,
                          band->until_minor);
    }
    if (band->rate_bps < 0 || band->rate_bps > BPS_MOST) {
        return status_set(why, VOUCH_INVALID, "band %zu: a rate from 0 to %d basis points, not %" PRId64, i + 1,
                          BPS_MOST, band->rate_bps);
    }
    if (terms->tiers == TIERS_RETROACTIVE && i > 0 && band->rate_bps < terms->bands[i - 1].rate_bps) {
        return status_set(why, VOUCH_INVALID, "band %zu: a retroactive rate that falls would take back what was paid",
                          i + 1);
    }
    return VOUCH_OK;
}

static enum vouch_status check_bands(const struct terms *terms, struct status_text *why)
{
    switch (terms->tiers) {
    case TIERS_NONE:
        return terms->band_count == 0
                   ? VOUCH_OK
                   : status_set(why, VOUCH_INVALID, "tiers: say whether the bands are marginal or retroactive");
    case TIERS_MARGINAL:
    case TIERS_RETROACTIVE:
        break;
    default:
        return status_set(why, VOUCH_INVALID, "tiers: marginal, retroactive or none");
    }
    if (terms->band_count == 0 || terms->band_count > TERMS_BANDS_MAX) {
        return status_set(why, VOUCH_INVALID, "tiers: 1 to %d bands, not %zu", TERMS_BANDS_MAX, terms->band_count);
    }
    for (size_t i = 0; i < terms->band_count; i++) {
        enum vouch_status status = check_band(terms, i, why);
        if (status != VOUCH_OK) {
            return status;
        }
    }
    if (terms->bands[terms->band_count - 1].until_minor != TERMS_NO_LIMIT) {
        return status_set(why, VOUCH_INVALID, "band %zu: the last one has no end", terms->band_count);
    }
    return VOUCH_OK;
}

static enum vouch_status check_splits(const struct terms *terms, struct status_text *why)
{
    int64_t sum = 0;
    if (terms->split_count > TERMS_SPLITS_MAX) {
        return status_set(why, VOUCH_INVALID, "split: at most %d parties, not %zu", TERMS_SPLITS_MAX,
                          terms->split_count);
    }
    for (size_t i = 0; i < terms->split_count; i++) {
        if (terms->splits[i].party == 0 || terms->splits[i].weight <= 0) {
            return status_set(why, VOUCH_INVALID, "split: part %zu needs a party and a weight above zero", i + 1);
        }
        if (__builtin_add_overflow(sum, terms->splits[i].weight, &sum)) {
            return status_set(why, VOUCH_INVALID, "split: the weights are too large to be added up");
        }
        for (size_t j = 0; j < i; j++) {
            if (terms->splits[j].party == terms->splits[i].party) {
                return status_set(why, VOUCH_INVALID, "split: parts %zu and %zu are the same party", j + 1, i + 1);
            }
        }
    }
    if (terms->splits_are_bps && sum != BPS_MOST) {
        return status_set(why, VOUCH_INVALID,
                          "split: the parts are %" PRId64 " of %d basis points; write equal parts as weights, 1:1:1",
                          sum, BPS_MOST);
    }
    return VOUCH_OK;
}

enum vouch_status terms_check(const struct terms *terms, bool clients_may_be_paid, struct status_text *why)
{
    enum vouch_status status = check_fields(terms, why);
    if (status == VOUCH_OK) {
        status = check_bands(terms, why);
    }
    if (status == VOUCH_OK) {
        status = check_currency(terms, why);
    }
    if (status == VOUCH_OK) {
        status = check_splits(terms, why);
    }
    if (status == VOUCH_OK && terms->client_bps > 0 && !clients_may_be_paid) {
        return status_set(why, VOUCH_DENIED,
                          "client: money to a client can be a bribe; an admin must allow it before terms can");
    }
    return status;
}

bool terms_overlap(const struct terms *left, const struct terms *right)
{
    return left->from_ms < right->until_ms && right->from_ms < left->until_ms;
}

static void add_number(crypto_generichash_state *state, uint64_t number)
{
    uint64_t little = htole64(number);
    crypto_generichash_update(state, (const unsigned char *)&little, sizeof little);
}

void terms_digest(const struct terms *terms, uint8_t digest[TERMS_DIGEST_BYTES])
{
    crypto_generichash_state state;
    char currency[CURRENCY_BYTES] = "";
    CHECK(terms->band_count <= TERMS_BANDS_MAX && terms->split_count <= TERMS_SPLITS_MAX);
    memcpy(currency, terms->currency, strnlen(terms->currency, CURRENCY_BYTES - 1));
    crypto_generichash_init(&state, NULL, 0, TERMS_DIGEST_BYTES);
    crypto_generichash_update(&state, (const unsigned char *)DIGEST_TAG, strlen(DIGEST_TAG));
    crypto_generichash_update(&state, (const unsigned char *)currency, sizeof currency);
    add_number(&state, (uint64_t)terms->from_ms);
    add_number(&state, (uint64_t)terms->until_ms);
    for (size_t i = 0; i < FIELDS; i++) {
        add_number(&state, (uint64_t)field_of(terms, &fields[i]));
    }
    add_number(&state, terms->tiers);
    add_number(&state, terms->band_count);
    for (size_t i = 0; i < terms->band_count; i++) {
        add_number(&state, (uint64_t)terms->bands[i].from_minor);
        add_number(&state, (uint64_t)terms->bands[i].until_minor);
        add_number(&state, (uint64_t)terms->bands[i].rate_bps);
    }
    add_number(&state, terms->splits_are_bps ? 1 : 0);
    add_number(&state, terms->split_count);
    for (size_t i = 0; i < terms->split_count; i++) {
        add_number(&state, terms->splits[i].party);
        add_number(&state, (uint64_t)terms->splits[i].weight);
    }
    crypto_generichash_final(&state, digest, TERMS_DIGEST_BYTES);
}

int64_t terms_rate(const struct terms *terms, enum terms_role role)
{
    if (role == TERMS_PARTNER) {
        return terms->partner_bps;
    }
    if (role == TERMS_COWORKER) {
        return terms->coworker_bps;
    }
    CHECK(role == TERMS_CLIENT);
    return terms->client_bps;
}

bool terms_touch_counts(const struct terms *terms, int64_t touch_ms, int64_t close_ms)
{
    int64_t age_ms;
    if (touch_ms > close_ms) {
        return false;
    }
    return !__builtin_sub_overflow(close_ms, touch_ms, &age_ms) && age_ms <= terms->window_days * DAY_MS;
}

int64_t terms_hold_until(const struct terms *terms, int64_t accrued_ms)
{
    int64_t until_ms;
    return __builtin_add_overflow(accrued_ms, terms->hold_days * DAY_MS, &until_ms) ? INT64_MAX : until_ms;
}

bool terms_payout(const struct terms *terms, int64_t carried_minor, int64_t earned_minor, int64_t *paid_minor,
                  int64_t *carry_minor)
{
    int64_t sum;
    if (__builtin_add_overflow(carried_minor, earned_minor, &sum)) {
        return false;
    }
    *paid_minor = sum >= terms->minimum_minor ? sum : 0; /* the minimum is never below zero */
    *carry_minor = sum - *paid_minor;
    return true;
}
