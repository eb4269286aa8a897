/* SPDX-License-Identifier: Apache-2.0
 *
 * Which terms hold for a deal: the ones in force that say most exactly whom they are for; where nobody wrote any, the
 * broker's presets. Asked when a deal is won, and before, for the window of its touches. Any view. */
#ifndef VOUCH_DECIDE_TERMS_CHOICE_H
#define VOUCH_DECIDE_TERMS_CHOICE_H

#include "decide/decide.h"
#include "domain/terms.h"

struct terms_choice {
    struct terms terms;
    uint64_t id; /* 0: the presets */
    uint32_t version;
};

/* For a deal of this referral, in this currency, won at `won_ms`. Terms for the referrer go before those for the
 * referrer's company, these before those for the product line, these before those for the currency, and any of them
 * before terms for all. False past the arena's budget. */
bool terms_choose(const struct view *view, const struct policy *policy, const Vouch__V1__Referral *referral,
                  const char *currency, int64_t won_ms, struct arena *arena, struct terms_choice *choice) MUST_USE;

/* The presets under this policy. */
struct terms terms_of_policy(const struct policy *policy);

/* Who writes, approves and reads all terms, as far as their role lets them: people of the home company, and admins. */
bool terms_may_keep(const Vouch__V1__Member *actor);

#endif
