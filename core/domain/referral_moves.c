/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of moves, and the names of states. */
#include "domain/referral_moves.h"

#define STATE(name) VOUCH__V1__REFERRAL_STATE__##name
#define IN(name) (1u << STATE(name))
/* In the table: the state stays. */
#define VOUCH__V1__REFERRAL_STATE__SAME VOUCH__V1__REFERRAL_STATE__REFERRAL_STATE_NONE

static const struct referral_move moves[] = {
#define MOVE(VERB, word, past, WHO, FROM, TO, NEEDS, sentence)                                                         \
    {VOUCH__V1__REFERRAL_VERB__##VERB, word, past, PARTY_##WHO, FROM, STATE(TO), NEEDS, sentence},
#include "domain/referral_moves.def"
#undef MOVE
};

bool referral_verb_is_brokers(Vouch__V1__ReferralVerb verb)
{
    const struct referral_move *move = referral_move_find(verb);
    return move != NULL && move->who == PARTY_BROKER;
}

const struct referral_move *referral_move_find(Vouch__V1__ReferralVerb verb)
{
    for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {
        if (moves[i].verb == verb) {
            return &moves[i];
        }
    }
    return NULL;
}

bool referral_move_stays(const struct referral_move *move)
{
    return move->from != 0 && move->to == STATE(REFERRAL_STATE_NONE);
}

bool referral_move_leads_from(const struct referral_move *move, Vouch__V1__ReferralState state)
{
    return state < REFERRAL_STATES && (move->from >> state & 1u) != 0;
}

static const struct {
    const char *name;
    const char *past;
} states[REFERRAL_STATES] = {
    [STATE(REFERRAL_STATE_NONE)] = {"NONE", "nothing"},
    [STATE(DRAFT)] = {"DRAFT", "drafted"},
    [STATE(CONSENT_WAIT)] = {"CONSENT_WAIT", "sent out for consent"},
    [STATE(REGISTERED)] = {"REGISTERED", "registered"},
    [STATE(OFFERED)] = {"OFFERED", "offered"},
    [STATE(ACCEPTED)] = {"ACCEPTED", "accepted"},
    [STATE(CONTACTED)] = {"CONTACTED", "contacted"},
    [STATE(MEETING)] = {"MEETING", "met"},
    [STATE(OPPORTUNITY)] = {"OPPORTUNITY", "qualified"},
    [STATE(WON)] = {"WON", "won"},
    [STATE(LOST)] = {"LOST", "lost"},
    [STATE(GHOSTED)] = {"GHOSTED", "left without an answer"},
    [STATE(DECLINED)] = {"DECLINED", "declined"},
    [STATE(EXPIRED)] = {"EXPIRED", "expired"},
    [STATE(WITHDRAWN)] = {"WITHDRAWN", "withdrawn"},
    [STATE(DUPLICATE_WAIT)] = {"DUPLICATE_WAIT", "put into the queue"},
    [STATE(HELD)] = {"HELD", "held for review"},
};

const char *referral_state_name(Vouch__V1__ReferralState state)
{
    return state < REFERRAL_STATES ? states[state].name : "?";
}

const char *referral_state_past(Vouch__V1__ReferralState state)
{
    return state < REFERRAL_STATES ? states[state].past : "?";
}

bool referral_state_is_open(Vouch__V1__ReferralState state)
{
    const uint32_t closed = IN(WON) | IN(LOST) | IN(EXPIRED) | IN(WITHDRAWN);
    return state > 0 && state < REFERRAL_STATES && (closed >> state & 1u) == 0;
}

bool referral_state_is_work(Vouch__V1__ReferralState state)
{
    return state >= STATE(ACCEPTED) && state <= STATE(OPPORTUNITY);
}

const char *referral_party_name(enum referral_party party)
{
    switch (party) {
    case PARTY_REFERRER:
        return "referrer";
    case PARTY_RECEIVER:
        return "receiver";
    case PARTY_CONNECTOR:
        return "connector";
    case PARTY_BROKER:
        return "broker";
    case PARTY_REVIEWER:
        return "reviewer";
    }
    return "?";
}
