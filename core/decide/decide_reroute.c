/* SPDX-License-Identifier: Apache-2.0
 *
 * What follows a clock that passed: the referral is offered to the best of those who were found, or, when it was
 * offered often enough or nobody is left, waits for managers. They were found in a snapshot, maybe a moment ago:
 * whether they still fit is seen here, so that many referrals at once do not all land on one desk. */
#include "base/check.h"
#include "decide/parts.h"
#include "decide/receiver.h"

static bool is_waiting(const Vouch__V1__Referral *referral)
{
    return referral != NULL && referral->clock != NULL && referral->clock->stage == VOUCH__V1__CLOCK__STAGE__PASSED;
}

/* Has room, and may have it at all. */
static bool still_fits(struct decision *decision, const Vouch__V1__Referral *referral, uint64_t receiver)
{
    bool fits = receiver_check(decision, receiver, referral->referrer, referral->connector) == VOUCH_OK;
    decision->why.text[0] = '\0';
    if (!fits) {
        return false;
    }
    const Vouch__V1__Member *member = record_member(decision->view, receiver, decision->arena);
    uint32_t capacity = member == NULL ? 0 : receiver_capacity(member);
    return member != NULL && member->state == VOUCH__V1__MEMBER_STATE__ACTIVE &&
           receiver_open(decision->view, receiver, capacity) < capacity;
}

static enum vouch_status queue_emit(struct decision *decision, const Vouch__V1__Referral *referral)
{
    Vouch__V1__ClockRung *rung = decision_message(decision, &vouch__v1__clock_rung__descriptor);
    uint64_t *told = arena_alloc(decision->arena, (ACCESS_MANAGERS_MAX + 1) * sizeof *told);
    if (rung == NULL || told == NULL) {
        return decision_too_large(decision);
    }
    enum vouch_status status = clock_for_managers(decision, referral, &rung->clock);
    if (status != VOUCH_OK) {
        return status;
    }
    rung->referral = referral->id;
    rung->queued = true;
    rung->told = told;
    rung->n_told = access_managers(decision->view, referral->referrer, told, decision->arena);
    told[rung->n_told++] = referral->referrer;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(CLOCK_RUNG);
    event->clock_rung = rung;
    return VOUCH_OK;
}

enum vouch_status decide_reroute(struct decision *decision, const struct reroute *reroute)
{
    CHECK(decision->actor == NULL);
    const Vouch__V1__Referral *referral = record_referral(decision->view, reroute->referral, decision->arena);
    if (!is_waiting(referral)) {
        return VOUCH_OK;
    }
    if (referral->attempt >= decision->policy->offer_attempts || referral->attempt >= LIMIT_REFERRAL_OFFERS) {
        return queue_emit(decision, referral);
    }
    if (referral->n_steps != reroute->steps) {
        return status_set(&decision->why, VOUCH_BUSY, "R%" PRIu64 " changed since a receiver was looked for",
                          referral->id);
    }
    for (size_t i = 0; i < reroute->count; i++) {
        Vouch__V1__ReferralMoved *moved;
        if (still_fits(decision, referral, reroute->receivers[i])) {
            return move_emit_offer(decision, referral, reroute->receivers[i], reroute->scores_ppm[i], &moved);
        }
    }
    if (reroute->more) {
        return status_set(&decision->why, VOUCH_BUSY, "who was found for R%" PRIu64 " is not free any more",
                          referral->id);
    }
    return queue_emit(decision, referral);
}
