/* SPDX-License-Identifier: Apache-2.0
 *
 * The state machine of referrals as a table (referral_moves.def), and the words for its states and verbs. Pure. */
#ifndef VOUCH_DOMAIN_REFERRAL_MOVES_H
#define VOUCH_DOMAIN_REFERRAL_MOVES_H

#include "vouch/v1/types.pb-c.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Parties of a referral. Numbers are stored in keys and never change. */
enum referral_party {
    PARTY_REFERRER = 1,
    PARTY_RECEIVER = 2,
    PARTY_CONNECTOR = 3,
    PARTY_BROKER = 4,
    PARTY_REVIEWER = 5
};

/* What a move must carry. */
#define NEEDS_RECEIVER 1u
#define NEEDS_REASON 2u
#define NEEDS_NOTE 4u
#define NEEDS_VALUE 8u
#define NEEDS_UNTIL 16u
#define NEEDS_VOUCH 32u

#define REFERRAL_STATES 17 /* with NONE */

struct referral_move {
    Vouch__V1__ReferralVerb verb;
    const char *word; /* "accept" */
    const char *past; /* "accepted" */
    enum referral_party who;
    uint32_t from;               /* one bit a state */
    Vouch__V1__ReferralState to; /* NONE: the state stays */
    uint32_t needs;
    const char *sentence;
};

/* What the broker does by itself, whoever caused it. */
bool referral_verb_is_brokers(Vouch__V1__ReferralVerb verb);
/* The row of a verb; NULL for a number that is no verb. */
const struct referral_move *referral_move_find(Vouch__V1__ReferralVerb verb);
/* True when the state stays as it is. */
bool referral_move_stays(const struct referral_move *move);
/* True when the move leads from this state. */
bool referral_move_leads_from(const struct referral_move *move, Vouch__V1__ReferralState state);

/* "OFFERED"; "?" for a number that is none. */
const char *referral_state_name(Vouch__V1__ReferralState state);
/* "accepted": what happened last to a referral in this state. */
const char *referral_state_past(Vouch__V1__ReferralState state);
/* Not WON, LOST, EXPIRED or WITHDRAWN. */
bool referral_state_is_open(Vouch__V1__ReferralState state);
/* On a receiver's desk: ACCEPTED to OPPORTUNITY. Counts against capacity. */
bool referral_state_is_work(Vouch__V1__ReferralState state);
/* "receiver" */
const char *referral_party_name(enum referral_party party);

#endif
