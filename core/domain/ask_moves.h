/* SPDX-License-Identifier: Apache-2.0
 *
 * The state machine of asks as a table (ask_moves.def), and the words for its states. Pure. */
#ifndef VOUCH_DOMAIN_ASK_MOVES_H
#define VOUCH_DOMAIN_ASK_MOVES_H

#include "vouch/v1/workday.pb-c.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a move needs. */
#define NEEDS_CARD 1u      /* who asks has an ideal-client card, which goes with it */
#define NEEDS_BUDGET 2u    /* nobody has asked this contact lately */
#define NEEDS_LAST_TOLD 4u /* the contact knows what became of the last ask */
#define NEEDS_DATE 8u      /* when to ask again */
#define NEEDS_OUTCOME 16u  /* no referral that came of it is still on its way */

#define ASK_STATES 10 /* with NONE */

struct ask_move {
    Vouch__V1__AskState to;
    const char *word; /* "thank for" */
    const char *past; /* "thanked for" */
    bool by_member;   /* false: the broker's own doing */
    uint32_t from;    /* one bit a state */
    uint32_t needs;
    const char *sentence;
};

/* The row of a state; NULL for a number that is none. */
const struct ask_move *ask_move_find(Vouch__V1__AskState to);
bool ask_move_leads_from(const struct ask_move *move, Vouch__V1__AskState state);
/* Whether a referral that the contact named can be added to an ask in this state. */
bool ask_takes_referral(Vouch__V1__AskState state);

#endif
