/* SPDX-License-Identifier: Apache-2.0
 *
 * People for tests of clocks: who refers, who receives, who manages them. Noon of the world is Monday, 13:00 in Berlin,
 * where all work. */
#ifndef VOUCH_TESTS_CLOCK_CAST_H
#define VOUCH_TESTS_CLOCK_CAST_H

#include "apply/clocks.h"
#include "world.h"

#define STATE(name) VOUCH__V1__REFERRAL_STATE__##name
#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name
#define STAGE(name) VOUCH__V1__CLOCK__STAGE__##name
#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)

struct cast {
    struct world *world;
    uint64_t ana;  /* refers; of DACH */
    uint64_t max;  /* manages DACH */
    uint64_t tom;  /* receives; of Nordics */
    uint64_t nora; /* manages Nordics */
    uint64_t prospect;
};

struct cast cast_new(void);
/* Verifies the world first. */
void cast_free(struct cast *cast);

/* What must be done by this member; a receiver is Tom, a value 48,000. */
void cast_move(struct cast *cast, uint64_t member, uint64_t id, Vouch__V1__ReferralVerb verb);
/* So many lines are in a member's inbox, and the newest says this. */
void expect_line(struct cast *cast, uint64_t member, size_t count, const char *says);
/* All that a member has kept and missed; and that Tom has kept and missed so much. */
struct obligation obligations(struct cast *cast, uint64_t member);
void expect_obligations(struct cast *cast, uint32_t kept, uint32_t missed);

#endif
