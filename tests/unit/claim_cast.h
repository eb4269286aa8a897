/* SPDX-License-Identifier: Apache-2.0
 *
 * Who the tests of claims are about: Ana, Tom and Lena (reps), Max (manager of Ana's team) and Otto (of another), Uta
 * (finance), Priya of a partner, and the prospect Kestrel Bank; and what they do. */
#ifndef VOUCH_TESTS_CLAIM_CAST_H
#define VOUCH_TESTS_CLAIM_CAST_H

#include "world.h"

#define STATE(name) VOUCH__V1__REFERRAL_STATE__##name
#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name
#define PLACE(name) VOUCH__V1__CLAIM__PLACE__##name
#define HOLD(name) VOUCH__V1__CLAIM__HOLD__##name
#define VERDICT(name) VOUCH__V1__REFERRAL_REVIEW__VERDICT__##name

#define DAY INT64_C(86400000)

struct cast {
    struct world *world;
    uint64_t ana, tom, lena, max, otto, fin, partner, fluxware, kestrel;
};

/* A world that looks for duplicates. */
struct cast cast_new(void);

/* Submits with consent, a vouch unless it is a lead, to a product line, with a person (NULL: none). */
enum vouch_status cast_submit(struct cast *cast, uint64_t referrer, uint64_t receiver, const char *product, bool lead,
                              Vouch__V1__PersonalData *person);
/* A vouched one, of no product line, that must be done; its id. */
uint64_t cast_refer(struct cast *cast, uint64_t referrer, uint64_t receiver);
/* Moves that must be done, one after the other. */
void cast_move(struct cast *cast, uint64_t member, uint64_t id, const Vouch__V1__ReferralVerb *verbs, size_t count);
#define MOVES(cast, member, id, ...)                                                                                   \
    cast_move(cast, member, id, (const Vouch__V1__ReferralVerb[]){__VA_ARGS__},                                        \
              sizeof((const Vouch__V1__ReferralVerb[]){__VA_ARGS__}) / sizeof(Vouch__V1__ReferralVerb))
enum vouch_status cast_choose(struct cast *cast, uint64_t by, uint64_t id);
enum vouch_status cast_review(struct cast *cast, uint64_t by, uint64_t id, uint32_t verdict);

/* Fails the test unless the referral stands there. */
void cast_expect(struct cast *cast, uint64_t id, Vouch__V1__ReferralState state, Vouch__V1__Claim__Place place);
/* As this member is shown it; lives until the next call. */
const Vouch__V1__ReferralView *cast_show(struct cast *cast, uint64_t member, uint64_t id);
/* The newest line of a member's inbox. */
const char *cast_told(struct cast *cast, uint64_t member);

#endif
