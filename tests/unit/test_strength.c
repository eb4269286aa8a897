/* SPDX-License-Identifier: Apache-2.0
 *
 * Strength of ties: the numbers of the rules, powers of one half against the library's, and that neither the order nor
 * the moment of recording changes what touches come to. */
#include "base/clock.h"
#include "domain/strength.h"
#include "random_cases.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#define NOW INT64_C(1795435200000)
#define KIND(name) VOUCH__V1__TIE_TOUCH__KIND__##name
#define TIER(name) VOUCH__V1__TIER__##name
#define TOUCHES_MOST 40

struct given {
    Vouch__V1__TieTouch__Kind kind;
    bool inbound;
    bool two_way;
    int64_t days_ago;
};

struct measured {
    Vouch__V1__Bond bond;
    protobuf_c_boolean returned[OUTREACHES_KEPT];
    int64_t outreach_ms[OUTREACHES_KEPT];
    struct strength strength;
};

static void measure_at(struct measured *measured, const struct given *given, size_t count, int64_t now_ms)
{
    Vouch__V1__TieTouch touches[TOUCHES_MOST];
    const Vouch__V1__TieTouch *pointers[TOUCHES_MOST];
    cr_assert_leq(count, TOUCHES_MOST);
    for (size_t i = 0; i < count; i++) {
        vouch__v1__tie_touch__init(&touches[i]);
        touches[i].kind = given[i].kind;
        touches[i].inbound = given[i].inbound;
        touches[i].two_way = given[i].two_way;
        touches[i].time_ms = NOW - given[i].days_ago * MS_PER_DAY;
        pointers[i] = &touches[i];
    }
    vouch__v1__bond__init(&measured->bond);
    bond_measure(&measured->bond, pointers, count, measured->returned, measured->outreach_ms);
    measured->strength = strength_of_bond(&measured->bond, now_ms);
}

Test(strength, vectors_of_the_rules)
{
    static const struct given mutual[] = {{KIND(MEETING), false, true, 10},
                                          {KIND(MEETING), true, true, 10},
                                          {KIND(EMAIL), false, false, 30},
                                          {KIND(EMAIL), true, true, 31},
                                          {KIND(CALL), false, false, 120}};
    static const struct given unanswered[] = {
        {KIND(EMAIL), false, false, 5}, {KIND(EMAIL), false, false, 35}, {KIND(EMAIL), false, false, 65}};
    struct measured measured;
    measure_at(&measured, mutual, 5, NOW);
    cr_assert_leq(llabs((long long)measured.strength.r_micro - 7930261), 1, "%llu",
                  (unsigned long long)measured.strength.r_micro);
    cr_assert_eq(measured.strength.reciprocity_ppm, 899147);
    cr_assert_eq(measured.strength.ppm, 890403);
    measure_at(&measured, unanswered, 3, NOW);
    cr_assert_eq(measured.strength.reciprocity_ppm, 0);
    cr_assert_eq(measured.strength.ppm, 278954);
    measure_at(&measured, unanswered, 0, NOW);
    cr_assert_eq(measured.strength.ppm, 0);
}

Test(strength, powers_of_one_half)
{
    for (int64_t part = 0; part < 70 * 1000; part += 7) {
        uint64_t is = halved(UINT64_C(1000000000000000000), part, 1000);
        double must = 1e18 * exp2(-(double)part / 1000);
        cr_assert_leq(fabs((double)is - must), 1 + must * 1e-9, "2^-%lld/1000", (long long)part);
    }
    cr_assert_eq(halved(12345, -1, 90), 12345);
    cr_assert_eq(halved(1000, 90, 90), 500);
    cr_assert_eq(halved(UINT64_MAX / 4, INT64_MAX, 1), 0);
    cr_assert_eq(halved(0, 1, INT64_MAX), 0);
}

/* Against the formula in floating point, over random histories; and shuffled, to the last bit. */
Test(strength, the_order_of_touches_is_of_no_account)
{
    struct random_cases random = random_begin("strength", 2000);
    for (int round = 0; round < 2000; round++) {
        struct given given[TOUCHES_MOST];
        struct measured first, second;
        size_t count = 1 + random_below(&random, TOUCHES_MOST);
        double out = 0;
        double in = 0;
        for (size_t i = 0; i < count; i++) {
            given[i] = (struct given){(Vouch__V1__TieTouch__Kind)(1 + random_below(&random, 4)),
                                      random_below(&random, 2) == 1, random_below(&random, 2) == 1,
                                      (int64_t)random_below(&random, 400)};
            double now = touch_weight(given[i].kind) * exp2(-(double)given[i].days_ago / 90);
            *(given[i].inbound ? &in : &out) += now;
        }
        measure_at(&first, given, count, NOW);
        double rec = out + in > 0 ? 2 * fmin(out, in) / (out + in) : 0;
        double must = (1 - exp(-0.35 * (out + in))) * (0.5 + 0.5 * rec) * STRENGTH_WHOLE;
        cr_assert_leq(fabs(first.strength.ppm - must), 3, "round %d: %u, not %f", round, first.strength.ppm, must);
        for (size_t i = count; i > 1; i--) {
            size_t other = random_below(&random, i);
            struct given held = given[i - 1];
            given[i - 1] = given[other];
            given[other] = held;
        }
        measure_at(&second, given, count, NOW);
        cr_assert_eq(first.bond.out_micro, second.bond.out_micro);
        cr_assert_eq(first.bond.in_micro, second.bond.in_micro);
        cr_assert_eq(first.bond.last_two_way_ms, second.bond.last_two_way_ms);
        cr_assert_eq(first.bond.n_returned, second.bond.n_returned);
        for (size_t i = 0; i < first.bond.n_returned; i++) {
            cr_assert_eq(first.returned[i], second.returned[i], "round %d", round);
            cr_assert_eq(first.outreach_ms[i], second.outreach_ms[i]);
        }
    }
}

Test(strength, a_bond_fades_as_its_touches_do)
{
    static const struct given given[] = {{KIND(MEETING), false, true, 0}, {KIND(CALL), true, true, 45}};
    struct measured measured;
    for (int64_t days = 0; days < 1000; days += 9) {
        measure_at(&measured, given, 2, NOW + days * MS_PER_DAY);
        double must = 3 * exp2(-(double)days / 90) + 2 * exp2(-(double)(days + 45) / 90);
        cr_assert_leq(fabs((double)measured.strength.r_micro - 1e6 * must), 3, "after %lld days", (long long)days);
    }
    measure_at(&measured, given, 2, NOW - 10 * MS_PER_DAY); /* before it: as at the time */
    cr_assert_leq(measured.strength.ppm, STRENGTH_WHOLE);
}

Test(strength, tiers)
{
    static const struct {
        uint32_t ppm;
        bool returns;
        Vouch__V1__Tier must;
    } rows[] = {{1000000, true, TIER(A)}, {700000, true, TIER(A)},      {700000, false, TIER(B)},
                {699999, true, TIER(B)},  {400000, false, TIER(B)},     {399999, true, TIER(C)},
                {100000, false, TIER(C)}, {99999, true, TIER(DORMANT)}, {0, false, TIER(DORMANT)}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_assert_eq(strength_tier(rows[i].ppm, rows[i].returns), rows[i].must, "row %zu", i);
    }
    cr_assert_str_eq(tier_name(TIER(A)), "A");
    cr_assert_str_eq(tier_name(TIER(DORMANT)), "dormant");
    cr_assert_str_eq(tier_name(TIER(TIER_NONE)), "?");
}

/* Half of the last four outreaches within 7 days; one that still runs says nothing. */
Test(strength, returns_calls)
{
    static const struct {
        const char *what;
        size_t count;
        struct given given[8];
        bool must;
    } rows[] = {
        {"nobody reached out", 1, {{KIND(CALL), true, true, 20}}, false},
        {"a call that was answered", 1, {{KIND(CALL), false, true, 20}}, true},
        {"no answer", 1, {{KIND(CALL), false, false, 20}}, false},
        {"an answer after 7 days", 2, {{KIND(EMAIL), false, false, 20}, {KIND(EMAIL), true, true, 13}}, true},
        {"after 8", 2, {{KIND(EMAIL), false, false, 20}, {KIND(EMAIL), true, true, 12}}, false},
        {"before", 2, {{KIND(EMAIL), false, false, 20}, {KIND(EMAIL), true, true, 21}}, false},
        {"2 of 4",
         4,
         {{KIND(CALL), false, true, 20},
          {KIND(CALL), false, true, 30},
          {KIND(CALL), false, false, 40},
          {KIND(CALL), false, false, 50}},
         true},
        {"1 of 4, and an older one",
         5,
         {{KIND(CALL), false, true, 20},
          {KIND(CALL), false, false, 30},
          {KIND(CALL), false, false, 40},
          {KIND(CALL), false, false, 50},
          {KIND(CALL), false, true, 60}},
         false},
        {"1 of 2, one still runs",
         3,
         {{KIND(CALL), false, true, 20}, {KIND(CALL), false, false, 30}, {KIND(EMAIL), false, false, 3}},
         true},
        {"all still run", 1, {{KIND(EMAIL), false, false, 3}}, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct measured measured;
        measure_at(&measured, rows[i].given, rows[i].count, NOW);
        cr_assert_eq(bond_returns_calls(&measured.bond, NOW), rows[i].must, "%s", rows[i].what);
    }
}

Test(strength, only_a_real_contact_moves_what_is_due)
{
    static const struct cadence cadence = CADENCE_DEFAULT;
    static const struct given given[] = {
        {KIND(MEETING), false, true, 50}, {KIND(MEETING), true, true, 50}, {KIND(CALL), false, false, 1}};
    struct measured measured;
    measure_at(&measured, given, 3, NOW);
    measured.bond.since_ms = NOW - 1000 * MS_PER_DAY;
    measured.bond.last_ask_ms = NOW;
    struct standing standing = tie_standing(0, false, &measured.bond, 0, &cadence, NOW);
    cr_assert_eq(standing.tier, TIER(A));
    cr_assert_eq(standing.due_ms, NOW - 20 * MS_PER_DAY);
    cr_assert(standing.neglected);
    measured.bond.hand_tier = TIER(C);
    standing = tie_standing(0, false, &measured.bond, 0, &cadence, NOW);
    cr_assert(standing.tier == TIER(C) && standing.tier_by_hand && !standing.neglected);
    cr_assert_eq(standing.due_ms, NOW + 40 * MS_PER_DAY);
    /* Without any real contact: from the making of the tie; its own strength says the tier, by hand or not. */
    measure_at(&measured, given + 2, 1, NOW);
    measured.bond.since_ms = NOW - 61 * MS_PER_DAY;
    standing = tie_standing(500000, true, &measured.bond, 0, &cadence, NOW);
    cr_assert(standing.tier == TIER(B) && standing.strength_by_hand && standing.neglected);
    standing = tie_standing(500000, false, NULL, NOW - 60 * MS_PER_DAY, &cadence, NOW);
    cr_assert(standing.tier == TIER(B) && !standing.neglected && standing.due_ms == NOW);
}
