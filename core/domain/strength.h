/* SPDX-License-Identifier: Apache-2.0
 *
 * How strong a tie is, from what two people had to do with each other: R = Σ w·2^(−age/90 d), reciprocity, strength,
 * tier, and when it is time for the next contact (docs/workday.md, "Touches and ties"). All of it is computed in whole
 * numbers, so that every machine comes to the same one, live and in replay. Pure. */
#ifndef VOUCH_DOMAIN_STRENGTH_H
#define VOUCH_DOMAIN_STRENGTH_H

#include "vouch/v1/workday.pb-c.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STRENGTH_WHOLE 1000000u   /* of a strength, or of a touch of weight 1, in millionths */
#define STRENGTH_TOUCHES_MAX 1000 /* of one tie, the newest ones, count */
#define OUTREACHES_KEPT 4

/* 2^(−part/whole) of a number, rounded to the nearest; `part` below 0 counts as 0, `whole` is above 0. */
uint64_t halved(uint64_t number, int64_t part, int64_t whole);

/* 3 for a meeting, 2 for a call, 1 for e-mail and value touches; 0 for a number that is no kind. */
uint32_t touch_weight(Vouch__V1__TieTouch__Kind kind);

struct strength {
    uint64_t r_micro;         /* R in millionths */
    uint32_t reciprocity_ppm; /* 0: all of it goes one way, or nothing was */
    uint32_t ppm;             /* strength */
};

/* As of a moment, from the sums of a bond. */
struct strength strength_of_bond(const Vouch__V1__Bond *bond, int64_t now_ms);

/* Writes what follows from the touches into the bond: sums (as of the latest touch), last touches, outreaches. What it
 * knew of touches that are not among these stays, where it can matter: the last ones. The order of the touches is of no
 * account. `returned` and `outreach_ms` get room for OUTREACHES_KEPT each. */
void bond_measure(Vouch__V1__Bond *bond, const Vouch__V1__TieTouch *const *touches, size_t count,
                  protobuf_c_boolean *returned, int64_t *outreach_ms);

/* Whether at least half of the last outreaches were answered; one whose 7 days still run is left out, and where nothing
 * is left to go by they do not. */
bool bond_returns_calls(const Vouch__V1__Bond *bond, int64_t now_ms);

/* The tier of a strength: A also needs that calls are returned. */
Vouch__V1__Tier strength_tier(uint32_t ppm, bool returns_calls);

#define TIERS 5 /* with NONE */

/* Days in which a tie of each tier wants a real contact. */
struct cadence {
    uint32_t days[TIERS]; /* by tier; NONE is not used */
};

#define CADENCE_DEFAULT ((struct cadence){{0, 30, 60, 90, 180}})

/* Where a tie stands now. */
struct standing {
    uint32_t strength_ppm;
    Vouch__V1__Tier tier;
    bool tier_by_hand;     /* the member said so */
    bool strength_by_hand; /* the same of the strength that the tier follows from */
    bool returns_calls;
    int64_t due_ms; /* of the next contact: last two-way touch, or where there was none the making of the tie, and the
                       cadence of the tier. Only a real contact moves it */
    bool neglected; /* that is past */
};

/* `strength_ppm` and `by_hand` are the tie's own; `bond` is NULL where there were no touches or asks; `made_ms` is when
 * the tie was made as far as is known, for one without a bond. */
struct standing tie_standing(uint32_t strength_ppm, bool by_hand, const Vouch__V1__Bond *bond, int64_t made_ms,
                             const struct cadence *cadence, int64_t now_ms);

/* "A", "dormant"; "?" for NONE. */
const char *tier_name(Vouch__V1__Tier tier);

#endif
