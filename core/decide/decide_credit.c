/* SPDX-License-Identifier: Apache-2.0
 *
 * Crediting help: a touch on a referral's way that no step tells of. Who profits does not say so themselves: the
 * receiver, who does the work, or the referrer names a third one. */
#include "base/check.h"
#include "decide/parts.h"
#include "domain/attribution.h"

/* A draft is nobody's business yet, and what waits or is held cannot be worked on. */
static bool can_be_credited(Vouch__V1__ReferralState state)
{
    return referral_state_is_open(state) && state != STATE(DRAFT) && state != STATE(DUPLICATE_WAIT) &&
           state != STATE(HELD);
}

static enum vouch_status check_who(struct decision *decision, const Vouch__V1__Referral *referral)
{
    uint64_t actor = decision->actor->id;
    bool works = referral->receiver == actor && referral_state_is_work(referral->state);
    if (works || referral->referrer == actor || decision->actor->role == ROLE(ADMIN)) {
        return VOUCH_OK;
    }
    return status_set(&decision->why, VOUCH_DENIED,
                      "whose help counted for R%" PRIu64 " is said by the receiver who works on it, or the referrer",
                      referral->id);
}

static enum vouch_status check_helper(struct decision *decision, const Vouch__V1__Referral *referral, uint64_t helper)
{
    const Vouch__V1__Member *member = record_member(decision->view, helper, decision->arena);
    if (member == NULL) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "member %" PRIu64 ": no such member", helper);
    }
    if (helper == decision->actor->id) {
        return status_set(&decision->why, VOUCH_CONFLICT, "nobody credits themselves: ask the %s of R%" PRIu64 " to",
                          referral->referrer == helper ? "receiver" : "referrer", referral->id);
    }
    if (helper == referral->receiver && referral->attempt > 0) {
        return status_set(&decision->why, VOUCH_CONFLICT,
                          "%s receives R%" PRIu64 " and closes it; credited is who made that possible", member->name,
                          referral->id);
    }
    if (member->state != VOUCH__V1__MEMBER_STATE__ACTIVE) {
        return status_set(&decision->why, VOUCH_CONFLICT, "%s is no active member", member->name);
    }
    return VOUCH_OK;
}

static enum vouch_status check_referral(struct decision *decision, const Vouch__V1__Referral *referral)
{
    if (!can_be_credited(referral->state)) {
        return status_set(&decision->why, VOUCH_CONFLICT,
                          "R%" PRIu64 " is %s; help is credited while it is on its way to a win", referral->id,
                          referral_state_name(referral->state));
    }
    if (referral->n_touches >= TOUCHES_MAX - TOUCHES_OF_STEPS) {
        return status_set(&decision->why, VOUCH_CONFLICT, "R%" PRIu64 " holds %d credits already, which is the most",
                          referral->id, TOUCHES_MAX - TOUCHES_OF_STEPS);
    }
    return VOUCH_OK;
}

static enum vouch_status set_note(struct decision *decision, const Vouch__V1__Referral *referral, char *note,
                                  Vouch__V1__ReferralCredited *credited)
{
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    text.note = note;
    return take_text(decision, referral->contact, &text, &credited->text, &credited->contact);
}

enum vouch_status credit_emit(struct decision *decision, const Vouch__V1__ReferralCredit *credit)
{
    const Vouch__V1__Referral *referral = record_referral(decision->view, credit->referral, decision->arena);
    Vouch__V1__ReferralCredited *credited = decision_message(decision, &vouch__v1__referral_credited__descriptor);
    if (referral == NULL || !access_referral(decision->view, decision->actor, referral, decision->arena)) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "R%" PRIu64 ": no such referral, or none that you may see",
                          credit->referral);
    }
    if (credited == NULL) {
        return decision_too_large(decision);
    }
    if (credit->kind < VOUCH__V1__TOUCH__KIND__INTEL || credit->kind > VOUCH__V1__TOUCH__KIND__HANDOVER) {
        return status_set(&decision->why, VOUCH_INVALID, "credit intel, a meeting or a hand-over");
    }
    enum vouch_status status = check_who(decision, referral);
    if (status == VOUCH_OK) {
        status = check_referral(decision, referral);
    }
    if (status == VOUCH_OK) {
        status = check_helper(decision, referral, credit->member);
    }
    if (status == VOUCH_OK) {
        status = set_note(decision, referral, credit->note, credited);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    credited->referral = referral->id;
    credited->member = credit->member;
    credited->kind = credit->kind;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(REFERRAL_CREDITED);
    event->referral_credited = credited;
    return VOUCH_OK;
}

enum vouch_status decide_referral_credit(struct decision *decision, const Vouch__V1__Request *request)
{
    enum vouch_status status = credit_emit(decision, request->referral_credit);
    decision->answer_id = status == VOUCH_OK ? request->referral_credit->referral : 0;
    return status;
}
