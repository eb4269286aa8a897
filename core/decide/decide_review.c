/* SPDX-License-Identifier: Apache-2.0
 *
 * Reviews of what is held: released, it goes on as if it had not been held; rejected, it is withdrawn and the referrer
 * reads why. */
#include "decide/parts.h"

enum vouch_status review_find(struct decision *decision, uint64_t id, const Vouch__V1__Referral **referral)
{
    const Vouch__V1__Member *actor = decision->actor;
    *referral = record_referral(decision->view, id, decision->arena);
    if (*referral == NULL || !access_referral(decision->view, actor, *referral, decision->arena)) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "R%" PRIu64 ": no such referral, or none that you may see",
                          id);
    }
    if ((*referral)->referrer == actor->id) {
        return status_set(&decision->why, VOUCH_DENIED, "R%" PRIu64 " is your own: somebody else has to look at it",
                          id);
    }
    if (!access_reviews(decision->view, actor, *referral, decision->arena)) {
        return status_set(&decision->why, VOUCH_DENIED,
                          "R%" PRIu64 " is looked at by a manager of the referrer's team, finance or an admin", id);
    }
    return VOUCH_OK;
}

static enum vouch_status release(struct decision *decision, const Vouch__V1__Referral *referral, char *reason)
{
    Vouch__V1__ReferralState to;
    Vouch__V1__Claim *claim;
    Vouch__V1__ReferralMoved *moved;
    enum vouch_status status = claim_register(decision, referral, NULL, true, &claim, &to);
    if (status == VOUCH_OK) {
        status = move_emit(decision, referral, VERB(RELEASE), to, &moved);
    }
    if (status == VOUCH_OK) {
        moved->claim = claim;
        status = move_set_reason(decision, referral, reason, moved);
    }
    return status == VOUCH_OK && to == STATE(REGISTERED) ? move_offer_named(decision, referral) : status;
}

static enum vouch_status reject(struct decision *decision, const Vouch__V1__Referral *referral, char *reason)
{
    Vouch__V1__ReferralMoved *moved;
    enum vouch_status status = move_emit(decision, referral, VERB(REJECT), STATE(WITHDRAWN), &moved);
    return status == VOUCH_OK ? move_set_reason(decision, referral, reason, moved) : status;
}

enum vouch_status decide_referral_review(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__ReferralReview *review = request->referral_review;
    const Vouch__V1__Referral *referral;
    enum vouch_status status = review_find(decision, review->referral, &referral);
    if (status != VOUCH_OK) {
        return status;
    }
    if (referral->state != STATE(HELD)) {
        return status_set(&decision->why, VOUCH_CONFLICT, "R%" PRIu64 " is %s and waits for no review", referral->id,
                          referral_state_name(referral->state));
    }
    status = review->verdict == VOUCH__V1__REFERRAL_REVIEW__VERDICT__RELEASE
                 ? release(decision, referral, review->reason)
                 : reject(decision, referral, review->reason);
    decision->answer_id = status == VOUCH_OK ? referral->id : 0;
    return status;
}
