/* SPDX-License-Identifier: Apache-2.0
 *
 * Strength in whole numbers: powers of one half are products of constants, one a bit of the exponent. e^(−0.35·R) is
 * such a power too, of 0.35/ln 2 halvings for each unit of R. */
#include "domain/strength.h"

#include "base/check.h"
#include "base/clock.h"
#include "domain/wide.h"

#define HALF_LIFE_MS (90 * MS_PER_DAY)
#define ANSWER_MS (7 * MS_PER_DAY)

/* 0.35/ln 2 in units of 10^-15. */
#define HALVINGS_A_UNIT INT64_C(504943264311137)

#define TIER_A_PPM 700000
#define TIER_B_PPM 400000
#define TIER_C_PPM 100000

/* 2^(−2^−k) for k = 1 … 32, in units of 2^−63. */
static const uint64_t roots[] = {
    UINT64_C(6521908912666391106), UINT64_C(7755900482342532474), UINT64_C(8457869449776733335),
    UINT64_C(8832331321595618838), UINT64_C(9025734193507008925), UINT64_C(9124017994966720698),
    UINT64_C(9173560510430823462), UINT64_C(9198432556164277331), UINT64_C(9210893855724328809),
    UINT64_C(9217130834664616070), UINT64_C(9220250907674776491), UINT64_C(9221811340221203999),
    UINT64_C(9222591655524303666), UINT64_C(9222981837935769002), UINT64_C(9223176935331786073),
    UINT64_C(9223274485577403901), UINT64_C(9223323261087119913), UINT64_C(9223347648938705290),
    UINT64_C(9223359842888679895), UINT64_C(9223365939869712687), UINT64_C(9223368988361740456),
    UINT64_C(9223370512608132184), UINT64_C(9223371274731422509), UINT64_C(9223371655793091287),
    UINT64_C(9223371846323931579), UINT64_C(9223371941589353202), UINT64_C(9223371989222064382),
    UINT64_C(9223372013038420064), UINT64_C(9223372024946597928), UINT64_C(9223372030900686866),
    UINT64_C(9223372033877731337), UINT64_C(9223372035366253572),
};

#define ONE_Q63 (UINT64_C(1) << 63)

/* 2^(−exponent), the exponent in units of 2^−32, in units of 2^−63. */
static uint64_t power_q63(uint64_t exponent_q32)
{
    uint64_t halvings = exponent_q32 >> 32;
    uint64_t power = ONE_Q63;
    if (halvings > 62) {
        return 0;
    }
    for (unsigned bit = 0; bit < 32; bit++) {
        if ((exponent_q32 >> (31 - bit) & 1) != 0) {
            power = (uint64_t)((wide)power * roots[bit] >> 63);
        }
    }
    return power >> halvings;
}

static uint64_t decay_q63(int64_t part, int64_t whole)
{
    CHECK(whole > 0);
    if (part <= 0) {
        return ONE_Q63;
    }
    if (part / whole > 62) {
        return 0;
    }
    return power_q63((uint64_t)(((wide)part << 32) / whole));
}

static uint64_t round_q63(wide product)
{
    return (uint64_t)((product + (wide)(ONE_Q63 >> 1)) >> 63);
}

uint64_t halved(uint64_t number, int64_t part, int64_t whole)
{
    CHECK(number <= UINT64_MAX / 4);
    return round_q63((wide)number * decay_q63(part, whole));
}

uint32_t touch_weight(Vouch__V1__TieTouch__Kind kind)
{
    switch (kind) {
    case VOUCH__V1__TIE_TOUCH__KIND__MEETING:
        return 3;
    case VOUCH__V1__TIE_TOUCH__KIND__CALL:
        return 2;
    case VOUCH__V1__TIE_TOUCH__KIND__EMAIL:
    case VOUCH__V1__TIE_TOUCH__KIND__VALUE:
        return 1;
    default:
        return 0;
    }
}

struct strength strength_of_bond(const Vouch__V1__Bond *bond, int64_t now_ms)
{
    uint64_t decay = decay_q63(now_ms - bond->as_of_ms, HALF_LIFE_MS);
    uint64_t out = round_q63((wide)bond->out_micro * decay);
    uint64_t in = round_q63((wide)bond->in_micro * decay);
    struct strength strength = {.r_micro = out + in};
    if (strength.r_micro == 0) {
        return strength;
    }
    wide exponent = (((wide)strength.r_micro * HALVINGS_A_UNIT) << 32) / ((wide)STRENGTH_WHOLE * 1000000000000000);
    uint64_t rest = exponent >> 38 != 0 ? 0 : power_q63((uint64_t)exponent); /* of 1, after so many halvings */
    uint64_t less = out < in ? out : in;
    /* 0.5 + 0.5·rec = (R/2 + less) / R */
    wide both = (wide)(ONE_Q63 - rest) * (strength.r_micro + 2 * less) / (2 * strength.r_micro);
    strength.reciprocity_ppm = (uint32_t)(((wide)2 * STRENGTH_WHOLE * less + strength.r_micro / 2) / strength.r_micro);
    strength.ppm = (uint32_t)round_q63(both * STRENGTH_WHOLE);
    CHECK(strength.ppm <= STRENGTH_WHOLE && strength.reciprocity_ppm <= STRENGTH_WHOLE);
    return strength;
}

/* ---- from touches ---- */

static int64_t later_of(int64_t left, int64_t right)
{
    return left > right ? left : right;
}

static void measure_sums(Vouch__V1__Bond *bond, const Vouch__V1__TieTouch *const *touches, size_t count)
{
    wide out = 0;
    wide in = 0;
    for (size_t i = 0; i < count; i++) {
        wide now = (wide)touch_weight(touches[i]->kind) * STRENGTH_WHOLE *
                   decay_q63(bond->as_of_ms - touches[i]->time_ms, HALF_LIFE_MS);
        *(touches[i]->inbound ? &in : &out) += now;
    }
    bond->out_micro = round_q63(out);
    bond->in_micro = round_q63(in);
}

/* They took part, or came back within a week. */
static bool was_answered(const Vouch__V1__TieTouch *outreach, const Vouch__V1__TieTouch *const *touches, size_t count)
{
    bool answered = outreach->two_way;
    for (size_t i = 0; i < count && !answered; i++) {
        int64_t after = touches[i]->time_ms - outreach->time_ms;
        answered = touches[i]->inbound && after >= 0 && after <= ANSWER_MS;
    }
    return answered;
}

/* A later one; of two at the same moment the one that was answered, for their order says nothing. */
static bool is_later(int64_t time_ms, bool answered, int64_t than_ms, bool than_answered)
{
    return time_ms > than_ms || (time_ms == than_ms && answered && !than_answered);
}

static void measure_outreaches(Vouch__V1__Bond *bond, const Vouch__V1__TieTouch *const *touches, size_t count,
                               protobuf_c_boolean *returned, int64_t *outreach_ms)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (touches[i]->inbound) {
            continue;
        }
        int64_t time_ms = touches[i]->time_ms;
        bool full = kept == OUTREACHES_KEPT;
        if (full && time_ms < outreach_ms[0]) {
            continue;
        }
        bool answered = was_answered(touches[i], touches, count);
        if (full && !is_later(time_ms, answered, outreach_ms[0], returned[0])) {
            continue;
        }
        /* Oldest first; the oldest of a full list makes room. */
        size_t at = full ? 0 : kept++;
        for (; full && at + 1 < kept && is_later(time_ms, answered, outreach_ms[at + 1], returned[at + 1]); at++) {
            outreach_ms[at] = outreach_ms[at + 1];
            returned[at] = returned[at + 1];
        }
        for (; !full && at > 0 && is_later(outreach_ms[at - 1], returned[at - 1], time_ms, answered); at--) {
            outreach_ms[at] = outreach_ms[at - 1];
            returned[at] = returned[at - 1];
        }
        outreach_ms[at] = time_ms;
        returned[at] = answered;
    }
    bond->returned = returned;
    bond->outreach_ms = outreach_ms;
    bond->n_returned = bond->n_outreach_ms = kept;
}

void bond_measure(Vouch__V1__Bond *bond, const Vouch__V1__TieTouch *const *touches, size_t count,
                  protobuf_c_boolean *returned, int64_t *outreach_ms)
{
    for (size_t i = 0; i < count; i++) {
        bond->last_touch_ms = later_of(bond->last_touch_ms, touches[i]->time_ms);
        if (touches[i]->two_way) {
            bond->last_two_way_ms = later_of(bond->last_two_way_ms, touches[i]->time_ms);
        }
    }
    bond->as_of_ms = bond->last_touch_ms;
    measure_sums(bond, touches, count);
    measure_outreaches(bond, touches, count, returned, outreach_ms);
}

/* ---- tiers ---- */

bool bond_returns_calls(const Vouch__V1__Bond *bond, int64_t now_ms)
{
    size_t answered = 0;
    size_t counted = 0;
    for (size_t i = 0; i < bond->n_returned && i < bond->n_outreach_ms; i++) {
        if (bond->returned[i] || now_ms - bond->outreach_ms[i] > ANSWER_MS) {
            counted++;
            answered += bond->returned[i] ? 1 : 0;
        }
    }
    return counted > 0 && 2 * answered >= counted;
}

Vouch__V1__Tier strength_tier(uint32_t ppm, bool returns_calls)
{
    if (ppm >= TIER_A_PPM && returns_calls) {
        return VOUCH__V1__TIER__A;
    }
    return ppm >= TIER_B_PPM ? VOUCH__V1__TIER__B : ppm >= TIER_C_PPM ? VOUCH__V1__TIER__C : VOUCH__V1__TIER__DORMANT;
}

struct standing tie_standing(uint32_t strength_ppm, bool by_hand, const Vouch__V1__Bond *bond, int64_t made_ms,
                             const struct cadence *cadence, int64_t now_ms)
{
    struct standing standing = {.strength_ppm = strength_ppm, .strength_by_hand = by_hand};
    int64_t from_ms = made_ms;
    bool touched = bond != NULL && bond->last_touch_ms != 0;
    if (touched && !by_hand) {
        standing.strength_ppm = strength_of_bond(bond, now_ms).ppm;
    }
    if (bond != NULL) {
        standing.returns_calls = bond_returns_calls(bond, now_ms);
        standing.tier_by_hand = bond->hand_tier != VOUCH__V1__TIER__TIER_NONE;
        from_ms = bond->last_two_way_ms != 0 ? bond->last_two_way_ms : bond->since_ms;
    }
    standing.tier = standing.tier_by_hand ? bond->hand_tier
                                          : strength_tier(standing.strength_ppm, standing.returns_calls);
    CHECK(standing.tier > 0 && (size_t)standing.tier < TIERS);
    standing.due_ms = from_ms + (int64_t)cadence->days[standing.tier] * MS_PER_DAY;
    standing.neglected = standing.due_ms < now_ms;
    return standing;
}

const char *tier_name(Vouch__V1__Tier tier)
{
    switch (tier) {
    case VOUCH__V1__TIER__A:
        return "A";
    case VOUCH__V1__TIER__B:
        return "B";
    case VOUCH__V1__TIER__C:
        return "C";
    case VOUCH__V1__TIER__DORMANT:
        return "dormant";
    default:
        return "?";
    }
}
