/* SPDX-License-Identifier: Apache-2.0
 *
 * What a member should sell in a year. Set by who manages them, for attainment is read as praise or blame: never by the
 * member themself, unless they are an admin. */
#include "decide/parts.h"

/* What others' members should sell does not concern a manager; whom they cannot manage is told with the reason. */
static enum vouch_status check_may_set(struct decision *decision, uint64_t member)
{
    const Vouch__V1__Member *record = record_member(decision->view, member, decision->arena);
    if (record == NULL || record->state == VOUCH__V1__MEMBER_STATE__REMOVED) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "member %" PRIu64 ": no such member", member);
    }
    if (!access_can_be_party(record)) {
        return status_set(&decision->why, VOUCH_CONFLICT, "%s does not take referrals and can have no quota",
                          record->name);
    }
    if (!access_manages(decision->view, decision->actor, member, decision->arena)) {
        return status_set(&decision->why, VOUCH_DENIED, "%s is not of your team; their manager or an admin can do this",
                          record->name);
    }
    if (member == decision->actor->id && decision->actor->role != ROLE(ADMIN)) {
        return status_set(&decision->why, VOUCH_DENIED, "nobody sets their own quota; ask an admin");
    }
    return VOUCH_OK;
}

enum vouch_status decide_quota_set(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__QuotaSetting *asked = request->quota_set;
    enum vouch_status status = check_may_set(decision, asked->member);
    if (status == VOUCH_OK && asked->amount->minor < 0) {
        status = status_set(&decision->why, VOUCH_INVALID, "a quota is an amount above zero; 0 takes it away");
    }
    if (status == VOUCH_OK) {
        status = value_check(decision, asked->amount);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    Vouch__V1__QuotaSet *set = decision_message(decision, &vouch__v1__quota_set__descriptor);
    Vouch__V1__Quota *quota = decision_message(decision, &vouch__v1__quota__descriptor);
    if (set == NULL || quota == NULL) {
        return decision_too_large(decision);
    }
    quota->member = asked->member;
    quota->year = asked->year;
    quota->amount = asked->amount;
    set->quota = quota;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(QUOTA_SET);
    event->quota_set = set;
    decision->answer_id = asked->member;
    return VOUCH_OK;
}
