/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of what an ask can become. */
#include "domain/ask_moves.h"

#define ASK(name) VOUCH__V1__ASK_STATE__##name
#define IN(name) (1u << ASK(name))

static const struct ask_move moves[] = {
#define ASK_MOVE(TO, word, past, BY_MEMBER, FROM, NEEDS, sentence)                                                     \
    {ASK(TO), word, past, BY_MEMBER, FROM, NEEDS, sentence},
#include "domain/ask_moves.def"
#undef ASK_MOVE
};

const struct ask_move *ask_move_find(Vouch__V1__AskState to)
{
    for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {
        if (moves[i].to == to) {
            return &moves[i];
        }
    }
    return NULL;
}

bool ask_move_leads_from(const struct ask_move *move, Vouch__V1__AskState state)
{
    return state < ASK_STATES && (move->from >> state & 1u) != 0;
}

bool ask_takes_referral(Vouch__V1__AskState state)
{
    return state != ASK(ASK_STATE_NONE) && state != ASK(PREPARED) && state != ASK(OUTCOME_TOLD) &&
           state != ASK(DROPPED) && state < ASK_STATES;
}
