/* SPDX-License-Identifier: Apache-2.0
 *
 * Terms: the vectors V11, V12, V13, V16 and V18 with the numbers between, what is refused when terms are written, the
 * digest against one made elsewhere, and properties over random terms. */
#include "domain/terms.h"
#include "random_cases.h"

#include <criterion/criterion.h>
#include <string.h>

#define M 1000000
#define DAY_MS INT64_C(86400000)

static const struct terms_band v11_bands[] = {{0, M, 500}, {M, 5 * M / 2, 700}, {5 * M / 2, TERMS_NO_LIMIT, 1000}};

static struct terms tiered(enum terms_tiers tiers)
{
    struct terms terms = terms_presets();
    strcpy(terms.currency, "EUR");
    terms.tiers = tiers;
    terms.band_count = 3;
    memcpy(terms.bands, v11_bands, sizeof v11_bands);
    return terms;
}

static struct terms_steps compute(const struct terms *terms, int64_t prior, int64_t base)
{
    struct terms_steps steps;
    struct status_text why = {""};
    cr_assert_eq(terms_check(terms, false, &why), VOUCH_OK, "%s", why.text);
    cr_assert_eq(terms_compute(terms, TERMS_PARTNER, "EUR", prior, base, &steps, &why), VOUCH_OK, "%s", why.text);
    return steps;
}

Test(terms, presets_are_the_defaults_and_good)
{
    struct terms terms = terms_presets();
    cr_assert_eq(terms_check(&terms, false, NULL), VOUCH_OK);
    cr_assert_eq(terms_rate(&terms, TERMS_PARTNER), 1000);
    cr_assert_eq(terms_rate(&terms, TERMS_COWORKER), 300);
    cr_assert_eq(terms_rate(&terms, TERMS_CLIENT), 0);
    cr_assert_eq(terms.window_days, 180);
    cr_assert_eq(terms.hold_days, 30);
    size_t count = 0;
    for (const struct terms_field *field; (field = terms_field_at(count)) != NULL; count++) {
        cr_assert(field->preset >= field->least && field->preset <= field->most, "%s", field->word);
    }
    cr_assert_eq(count, 11);
}

Test(terms, v11_tiers)
{
    static const struct {
        enum terms_tiers tiers;
        int64_t prior;
        int64_t base;
        int64_t pool;
    } rows[] = {{TIERS_MARGINAL, 900000, 300000, 19000},
                {TIERS_RETROACTIVE, 900000, 300000, 39000},
                {TIERS_MARGINAL, 2400000, 300000, 27000},
                {TIERS_MARGINAL, 0, M, 50000},
                {TIERS_MARGINAL, M, 100, 7},
                {TIERS_MARGINAL, 0, 4 * M, 50000 + 105000 + 150000},
                {TIERS_RETROACTIVE, 0, M - 1, 50000},
                {TIERS_RETROACTIVE, 0, M, 70000},
                {TIERS_RETROACTIVE, M, 100, 7},
                {TIERS_RETROACTIVE, 900000, 0, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct terms terms = tiered(rows[i].tiers);
        struct terms_steps steps = compute(&terms, rows[i].prior, rows[i].base);
        cr_assert_eq(steps.pool_minor, rows[i].pool, "row %zu: %ld", i, (long)steps.pool_minor);
    }
}

Test(terms, v11_shows_its_slices)
{
    struct terms terms = tiered(TIERS_MARGINAL);
    struct terms_steps steps = compute(&terms, 900000, 300000);
    cr_assert_eq(steps.slice_count, 2);
    cr_assert_eq(steps.slices[0].amount_minor, 100000);
    cr_assert_eq(steps.slices[0].rate_bps, 500);
    cr_assert_eq(steps.slices[0].minor, 5000);
    cr_assert_eq(steps.slices[1].amount_minor, 200000);
    cr_assert_eq(steps.slices[1].rate_bps, 700);
    cr_assert_eq(steps.slices[1].minor, 14000);
    steps = compute(&terms, M, 5 * M / 2 - M);
    cr_assert_eq(steps.slice_count, 1, "a band that is only touched has no slice");
    terms = tiered(TIERS_RETROACTIVE);
    steps = compute(&terms, 900000, 300000);
    cr_assert_eq(steps.due_minor, 84000);
    cr_assert_eq(steps.credited_minor, 45000);
    cr_assert_eq(steps.rate_minor, 39000);
}

Test(terms, v12_bounty_floor_cap)
{
    static const struct {
        int64_t base;
        int64_t rate;
        int64_t accelerated;
        enum terms_bound bound;
        int64_t pool;
    } rows[] = {{40000, 2000, 7000, BOUND_FLOOR, 10000},
                {480000, 24000, 29000, BOUND_NONE, 29000},
                {6000000, 300000, 305000, BOUND_CAP, 250000},
                {100000, 5000, 10000, BOUND_NONE, 10000},
                {4900000, 245000, 250000, BOUND_NONE, 250000},
                {1, 0, 5000, BOUND_FLOOR, 10000},
                {0, 0, 0, BOUND_NONE, 0}};
    struct terms terms = terms_presets();
    strcpy(terms.currency, "EUR");
    terms.partner_bps = 500;
    terms.bounty_minor = 5000;
    terms.floor_minor = 10000;
    terms.cap_minor = 250000;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct terms_steps steps = compute(&terms, 0, rows[i].base);
        cr_assert_eq(steps.rate_minor, rows[i].rate, "row %zu", i);
        cr_assert_eq(steps.accelerated_minor, rows[i].accelerated, "row %zu", i);
        cr_assert_eq(steps.bound, rows[i].bound, "row %zu", i);
        cr_assert_eq(steps.pool_minor, rows[i].pool, "row %zu", i);
    }
}

Test(terms, the_accelerator_works_past_the_quota)
{
    struct terms terms = terms_presets();
    strcpy(terms.currency, "EUR");
    terms.bounty_minor = 1;
    terms.quota_minor = 500000;
    terms.accelerator_bps = 15000;
    struct terms_steps steps = compute(&terms, 499999, 100000);
    cr_assert_eq(steps.pool_minor, 10001);
    cr_assert_eq(steps.accelerator_bps, 10000);
    steps = compute(&terms, 500000, 100000);
    cr_assert_eq(steps.accelerator_bps, 15000);
    cr_assert_eq(steps.pool_minor, 15002, "10001 and a half, a half to the even: %ld", (long)steps.pool_minor);
}

Test(terms, v13_each_part_at_the_rate_of_its_role)
{
    struct terms terms = terms_presets();
    struct terms_credit credits[] = {{TERMS_PARTNER, 0, 0, 0}, {TERMS_COWORKER, 0, 0, 0}, {TERMS_CLIENT, 0, 0, 0}};
    struct money_part parts[] = {{1, 1, 5000, 0}, {2, 2, 3000, 0}, {3, 3, 2000, 0}};
    static const int64_t credited[] = {617284, 370370, 246913};
    static const int64_t paid[] = {61728, 11111, 12346};
    struct terms_steps steps;
    struct status_text why = {""};
    terms.client_bps = 500;
    cr_assert_eq(terms_check(&terms, false, &why), VOUCH_DENIED);
    cr_assert(strstr(why.text, "client") != NULL);
    cr_assert_eq(terms_check(&terms, true, &why), VOUCH_OK);
    cr_assert_eq(terms_compute_credits(&terms, "EUR", 0, 1234567, credits, parts, 3, &steps, &why), VOUCH_OK);
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(credits[i].credit_minor, credited[i]);
        cr_assert_eq(credits[i].earned_minor, paid[i]);
        cr_assert_eq(parts[i].minor, paid[i]);
    }
    cr_assert_eq(steps.pool_minor, 61728 + 11111 + 12346);
}

/* What changes the sum is shared by what was earned; what no rate made, as the value was split. */
Test(terms, credits_share_a_cap_and_a_bounty)
{
    struct terms terms = terms_presets();
    struct terms_credit credits[] = {{TERMS_PARTNER, 0, 0, 0}, {TERMS_COWORKER, 0, 0, 0}};
    struct money_part parts[] = {{1, 1, 1, 0}, {2, 2, 1, 0}};
    struct terms_steps steps;
    struct status_text why = {""};
    strcpy(terms.currency, "EUR");
    terms.cap_minor = 1300;
    cr_assert_eq(terms_compute_credits(&terms, "EUR", 0, 40000, credits, parts, 2, &steps, &why), VOUCH_OK);
    cr_assert_eq(steps.accelerated_minor, 2600);
    cr_assert_eq(parts[0].minor, 1000);
    cr_assert_eq(parts[1].minor, 300);
    terms.partner_bps = 0;
    terms.coworker_bps = 0;
    terms.bounty_minor = 31;
    parts[0].weight = 2;
    parts[1].weight = 1;
    cr_assert_eq(terms_compute_credits(&terms, "EUR", 0, 40000, credits, parts, 2, &steps, &why), VOUCH_OK);
    cr_assert_eq(parts[0].minor, 21);
    cr_assert_eq(parts[1].minor, 10);
    parts[0].weight = 0;
    parts[1].weight = 0;
    cr_assert_eq(terms_compute_credits(&terms, "EUR", 0, 40000, credits, parts, 2, &steps, &why), VOUCH_INVALID);
    terms = tiered(TIERS_MARGINAL);
    cr_assert_eq(terms_compute_credits(&terms, "EUR", 0, 40000, credits, parts, 2, &steps, &why), VOUCH_INVALID);
}

Test(terms, v16_rates_do_not_depend_on_the_exponent)
{
    struct terms terms = terms_presets();
    struct terms_steps steps;
    terms.partner_bps = 750;
    cr_assert_eq(terms_compute(&terms, TERMS_PARTNER, "JPY", 0, 98765, &steps, NULL), VOUCH_OK);
    cr_assert_eq(steps.pool_minor, 7407);
    cr_assert_eq(terms_compute(&terms, TERMS_PARTNER, "KWD", 0, 1234567, &steps, NULL), VOUCH_OK);
    cr_assert_eq(steps.pool_minor, 92593);
    cr_assert_str_eq(steps.currency, "KWD");
}

Test(terms, v18_minimum_payout)
{
    static const struct {
        int64_t earned;
        int64_t paid;
        int64_t carried;
    } rows[] = {{4000, 0, 4000}, {-9000, 0, -5000}, {3000, 0, -2000}, {12000, 10000, 0}, {500, 0, 500}};
    struct terms terms = terms_presets();
    int64_t carried = 0;
    terms.minimum_minor = 5000;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t paid = -1;
        cr_assert(terms_payout(&terms, carried, rows[i].earned, &paid, &carried));
        cr_assert_eq(paid, rows[i].paid, "row %zu: %ld", i, (long)paid);
        cr_assert_eq(carried, rows[i].carried, "row %zu: %ld", i, (long)carried);
    }
    cr_assert_not(terms_payout(&terms, INT64_MAX, 1, &carried, &carried));
    int64_t paid = -1;
    terms.minimum_minor = 0;
    cr_assert(terms_payout(&terms, -5, 0, &paid, &carried));
    cr_assert_eq(paid, 0, "a debt is never paid out");
    cr_assert_eq(carried, -5);
}

Test(terms, values_that_cannot_be)
{
    struct terms terms = tiered(TIERS_MARGINAL);
    struct terms_steps steps;
    static const struct {
        const char *currency;
        int64_t prior;
        int64_t base;
        const char *says;
    } rows[] = {{"USD", 0, 1, "never converted"},  {"XAU", 0, 1, "minor unit"},  {"ABC", 0, 1, "minor unit"},
                {"EUR", -1, 1, "above zero"},      {"EUR", 0, -1, "above zero"}, {"EUR", INT64_MAX, 1, "too large"},
                {"EUR", 1, INT64_MAX, "too large"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct status_text why = {""};
        cr_assert_eq(terms_compute(&terms, TERMS_PARTNER, rows[i].currency, rows[i].prior, rows[i].base, &steps, &why),
                     VOUCH_INVALID);
        cr_assert(strstr(why.text, rows[i].says) != NULL, "row %zu: %s", i, why.text);
    }
    terms = terms_presets();
    terms.partner_bps = 10000;
    terms.bounty_minor = 1;
    cr_assert_eq(terms_compute(&terms, TERMS_PARTNER, "EUR", 0, INT64_MAX, &steps, NULL), VOUCH_INVALID);
    terms.bounty_minor = 0;
    cr_assert_eq(terms_compute(&terms, TERMS_PARTNER, "EUR", 0, INT64_MAX, &steps, NULL), VOUCH_OK);
    cr_assert_eq(steps.pool_minor, INT64_MAX);
    terms.accelerator_bps = 10001;
    cr_assert_eq(terms_compute(&terms, TERMS_PARTNER, "EUR", 0, INT64_MAX, &steps, NULL), VOUCH_INVALID);
}

/* One line a rule: what is changed in good tiered terms, and what the refusal must name. */
#define REFUSED(change, says)                                                                                          \
    do {                                                                                                               \
        struct terms t = tiered(TIERS_MARGINAL);                                                                       \
        struct status_text why = {""};                                                                                 \
        change;                                                                                                        \
        cr_expect_eq(terms_check(&t, false, &why), VOUCH_INVALID, "%s", #change);                                      \
        cr_expect(strstr(why.text, says) != NULL, "%s: %s", #change, why.text);                                        \
    } while (0)

Test(terms, numbers_that_cannot_be_meant)
{
    REFUSED(t.partner_bps = -1, "partner: at least 0");
    REFUSED(t.partner_bps = 10001, "partner: at most 10000");
    REFUSED(t.coworker_bps = INT64_MIN, "coworker");
    REFUSED(t.bounty_minor = -1, "bounty");
    REFUSED(t.accelerator_bps = 9999, "accelerator: at least");
    REFUSED(t.accelerator_bps = 100001, "accelerator: at most");
    REFUSED(t.quota_minor = -1, "quota");
    REFUSED(t.floor_minor = -1, "floor");
    REFUSED(t.cap_minor = 0, "cap");
    REFUSED((t.floor_minor = 2, t.cap_minor = 1), "above the cap");
    REFUSED(t.window_days = 0, "window");
    REFUSED(t.hold_days = 31, "hold: 0, 7, 14");
    REFUSED(t.hold_days = 91, "hold");
    REFUSED(t.minimum_minor = -1, "minimum");
    REFUSED(t.until_ms = t.from_ms, "end before they begin");
    REFUSED(t.currency[0] = '\0', "say which");
    REFUSED(strcpy(t.currency, "XAU"), "minor unit");
    REFUSED(memcpy(t.currency, "EURO", 4), "three letters");
}

Test(terms, bands_that_cannot_be)
{
    REFUSED(t.bands[1].from_minor = M + 1, "band 2: a gap");
    REFUSED(t.bands[1].from_minor = M - 1, "band 2: an overlap");
    REFUSED(t.bands[0].from_minor = 1, "band 1: a gap");
    REFUSED(t.bands[0].until_minor = 0, "band 1: it ends");
    REFUSED((t.bands[0] = v11_bands[1], t.bands[1] = v11_bands[0]), "band 1: a gap");
    REFUSED(t.bands[2].until_minor = 4 * M, "band 3: the last one has no end");
    REFUSED(t.bands[1].until_minor = TERMS_NO_LIMIT, "band 3: an overlap");
    REFUSED(t.bands[1].rate_bps = -1, "band 2: a rate");
    REFUSED(t.bands[2].rate_bps = 10001, "band 3: a rate");
    REFUSED((t.tiers = TIERS_RETROACTIVE, t.bands[2].rate_bps = 699), "band 3: a retroactive rate that falls");
    REFUSED(t.tiers = TIERS_NONE, "marginal or retroactive");
    REFUSED(t.tiers = (enum terms_tiers)7, "marginal, retroactive or none");
    REFUSED(t.band_count = 0, "1 to 16 bands");
    REFUSED(t.band_count = TERMS_BANDS_MAX + 1, "1 to 16 bands");
}

static void split(struct terms *terms, int64_t a, int64_t b, int64_t c)
{
    terms->split_count = 3;
    terms->splits[0] = (struct terms_split){1, a};
    terms->splits[1] = (struct terms_split){2, b};
    terms->splits[2] = (struct terms_split){3, c};
}

Test(terms, splits_that_cannot_be)
{
    REFUSED((split(&t, 3333, 3333, 3333), t.splits_are_bps = true), "9999 of 10000 basis points; write equal parts");
    REFUSED((split(&t, 5000, 5000, 5000), t.splits_are_bps = true), "15000 of 10000");
    REFUSED(split(&t, 1, 0, 1), "part 2 needs");
    REFUSED(split(&t, 1, -1, 1), "part 2 needs");
    REFUSED(split(&t, INT64_MAX, 1, 1), "too large");
    REFUSED((split(&t, 1, 1, 1), t.splits[2].party = 1), "parts 1 and 3 are the same");
    REFUSED((split(&t, 1, 1, 1), t.splits[2].party = 0), "part 3 needs");
    REFUSED(t.split_count = TERMS_SPLITS_MAX + 1, "at most 16");
    REFUSED(t.splits_are_bps = true, "0 of 10000");
    struct terms terms = terms_presets();
    split(&terms, 1, 1, 1);
    cr_assert_eq(terms_check(&terms, false, NULL), VOUCH_OK);
    split(&terms, 3334, 3333, 3333);
    terms.splits_are_bps = true;
    cr_assert_eq(terms_check(&terms, false, NULL), VOUCH_OK);
}

Test(terms, overlaps_touches_and_holds)
{
    struct terms left = terms_presets();
    struct terms right = terms_presets();
    cr_assert(terms_overlap(&left, &right));
    left.until_ms = 1000;
    right.from_ms = 1000;
    cr_assert_not(terms_overlap(&left, &right));
    cr_assert_not(terms_overlap(&right, &left));
    right.from_ms = 999;
    cr_assert(terms_overlap(&right, &left));
    cr_assert(terms_touch_counts(&left, 0, 180 * DAY_MS));
    cr_assert_not(terms_touch_counts(&left, 0, 180 * DAY_MS + 1));
    cr_assert(terms_touch_counts(&left, 5, 5));
    cr_assert_not(terms_touch_counts(&left, 6, 5));
    cr_assert_not(terms_touch_counts(&left, INT64_MIN, INT64_MAX));
    cr_assert_eq(terms_hold_until(&left, 1), 30 * DAY_MS + 1);
    cr_assert_eq(terms_hold_until(&left, INT64_MAX), INT64_MAX);
}

/* Made with another implementation of BLAKE2b from the description in terms.h. */
Test(terms, digest_is_what_the_header_says)
{
    static const char expected[] = "839aa8d4dcb54796064d52a5171009e59e47adaf86503ab45fcc7ef2d595d417";
    struct terms terms = tiered(TIERS_RETROACTIVE);
    uint8_t digest[TERMS_DIGEST_BYTES];
    char text[2 * TERMS_DIGEST_BYTES + 1];
    terms.from_ms = 1700000000000;
    split(&terms, 5000, 3000, 2000);
    terms.splits_are_bps = true;
    terms_digest(&terms, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        sprintf(text + 2 * i, "%02x", digest[i]);
    }
    cr_assert_str_eq(text, expected);
    terms.splits[3] = (struct terms_split){9, 9};
    uint8_t again[TERMS_DIGEST_BYTES];
    terms_digest(&terms, again);
    cr_assert(memcmp(digest, again, sizeof digest) == 0, "what is past the counts is no part of the terms");
    terms.partner_bps++;
    terms_digest(&terms, again);
    cr_assert(memcmp(digest, again, sizeof digest) != 0);
}

/* Good terms of any kind. */
static struct terms random_terms(struct random_cases *cases)
{
    struct terms terms = terms_presets();
    strcpy(terms.currency, "EUR");
    terms.partner_bps = (int64_t)random_below(cases, 10001);
    terms.bounty_minor = random_below(cases, 2) ? random_amount(cases, 20) : 0;
    terms.floor_minor = random_below(cases, 2) ? random_amount(cases, 20) : 0;
    terms.cap_minor = random_below(cases, 2) ? terms.floor_minor + 1 + random_amount(cases, 40) : TERMS_NO_LIMIT;
    terms.quota_minor = random_amount(cases, 40);
    terms.accelerator_bps = 10000 + (int64_t)random_below(cases, 20000);
    terms.tiers = (enum terms_tiers)random_below(cases, 3);
    terms.band_count = terms.tiers == TIERS_NONE ? 0 : 1 + random_below(cases, TERMS_BANDS_MAX);
    int64_t end = 0;
    int64_t rate = 0;
    for (size_t i = 0; i < terms.band_count; i++) {
        struct terms_band *band = &terms.bands[i];
        band->from_minor = end;
        end += 1 + random_amount(cases, 40);
        rate = terms.tiers == TIERS_RETROACTIVE ? rate + (int64_t)random_below(cases, 600)
                                                : (int64_t)random_below(cases, 10001);
        band->until_minor = i + 1 < terms.band_count ? end : TERMS_NO_LIMIT;
        band->rate_bps = rate > 10000 ? 10000 : rate;
    }
    return terms;
}

#define MUST(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            cr_assert_fail("round %d: %s", round, #condition);                                                         \
        }                                                                                                              \
    } while (0)

/* More value never pays less, nothing passes floor and cap, slices make up the value, and deals one after the other are
 * paid what one deal of their sum is, to the unit when the tiers are retroactive. */
Test(terms, properties_of_the_pool)
{
    const int rounds = 200000;
    struct random_cases cases = random_begin("properties_of_the_pool", rounds);
    for (int round = 0; round < rounds; round++) {
        struct terms terms = random_terms(&cases);
        struct status_text why = {""};
        struct terms_steps less;
        struct terms_steps more;
        int64_t prior = random_amount(&cases, 45);
        int64_t base = 1 + random_amount(&cases, 45);
        int64_t further = random_amount(&cases, 45);
        MUST(terms_check(&terms, false, &why) == VOUCH_OK);
        MUST(terms_compute(&terms, TERMS_PARTNER, "EUR", prior, base, &less, &why) == VOUCH_OK);
        MUST(terms_compute(&terms, TERMS_PARTNER, "EUR", prior, base + further, &more, &why) == VOUCH_OK);
        MUST(more.pool_minor >= less.pool_minor);
        MUST(less.pool_minor >= terms.floor_minor && less.pool_minor <= terms.cap_minor);
        MUST(less.bound != BOUND_NONE || less.pool_minor == less.accelerated_minor);
        int64_t amount = 0;
        for (size_t i = 0; i < less.slice_count; i++) {
            amount += less.slices[i].amount_minor;
        }
        MUST(amount == (terms.tiers == TIERS_RETROACTIVE ? prior + base : base));
        struct terms_steps second;
        MUST(terms_compute(&terms, TERMS_PARTNER, "EUR", prior + base, further, &second, &why) == VOUCH_OK);
        int64_t difference = less.rate_minor + second.rate_minor - more.rate_minor;
        MUST(further == 0 || terms.tiers != TIERS_RETROACTIVE || difference == 0);
        MUST(difference >= -1 && difference <= 1);
    }
}

/* Credits add up to the value, shares to the pool, and without bounty, floor, cap or accelerator every share is what
 * was earned. */
Test(terms, properties_of_credits)
{
    const int rounds = 100000;
    struct random_cases cases = random_begin("properties_of_credits", rounds);
    for (int round = 0; round < rounds; round++) {
        struct terms terms = random_terms(&cases);
        struct terms_credit credits[8] = {{0}};
        struct money_part parts[8];
        struct terms_steps steps;
        size_t count = 1 + random_below(&cases, 8);
        int64_t base = random_amount(&cases, 45);
        terms.tiers = TIERS_NONE;
        terms.client_bps = 700;
        for (size_t i = 0; i < count; i++) {
            credits[i].role = (enum terms_role)(1 + random_below(&cases, 3));
            parts[i] = (struct money_part){i + 1, i, 1 + random_amount(&cases, 30), 0};
        }
        MUST(terms_compute_credits(&terms, "EUR", 0, base, credits, parts, count, &steps, NULL) == VOUCH_OK);
        int64_t credited = 0;
        int64_t shared = 0;
        bool changed = false;
        for (size_t i = 0; i < count; i++) {
            credited += credits[i].credit_minor;
            shared += parts[i].minor;
            changed = changed || parts[i].minor != credits[i].earned_minor;
        }
        MUST(credited == base && shared == steps.pool_minor);
        MUST(!changed || steps.pool_minor != steps.rate_minor);
    }
}
