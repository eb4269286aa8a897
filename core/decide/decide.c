/* SPDX-License-Identifier: Apache-2.0
 *
 * Which function decides which command, and what all of them share. */
#include "decide/decide.h"

#include "base/check.h"
#include "decide/parts.h"

decide_function *decide_for(Vouch__V1__Request__OperationCase operation)
{
    switch (operation) {
    case VOUCH__V1__REQUEST__OPERATION_ENROL:
        return decide_enrol;
    case VOUCH__V1__REQUEST__OPERATION_MEMBER_INVITE:
        return decide_member_invite;
    case VOUCH__V1__REQUEST__OPERATION_MEMBER_REMOVE:
        return decide_member_remove;
    case VOUCH__V1__REQUEST__OPERATION_CARD_SET:
        return decide_card_set;
    case VOUCH__V1__REQUEST__OPERATION_KEY_ROTATE:
        return decide_key_rotate;
    case VOUCH__V1__REQUEST__OPERATION_COMPANY_ADD:
        return decide_company_add;
    case VOUCH__V1__REQUEST__OPERATION_COMPANY_CHANGE:
        return decide_company_change;
    case VOUCH__V1__REQUEST__OPERATION_CONTACT_ADD:
        return decide_contact_add;
    case VOUCH__V1__REQUEST__OPERATION_CONTACT_CHANGE:
        return decide_contact_change;
    case VOUCH__V1__REQUEST__OPERATION_TIE_SET:
        return decide_tie_set;
    case VOUCH__V1__REQUEST__OPERATION_REFERRAL_SUBMIT:
        return decide_referral_submit;
    case VOUCH__V1__REQUEST__OPERATION_REFERRAL_MOVE:
        return decide_referral_move;
    case VOUCH__V1__REQUEST__OPERATION_REFERRAL_IMPORT:
        return decide_referral_import;
    case VOUCH__V1__REQUEST__OPERATION_REFERRAL_CREDIT:
        return decide_referral_credit;
    case VOUCH__V1__REQUEST__OPERATION_REFERRAL_REVIEW:
        return decide_referral_review;
    case VOUCH__V1__REQUEST__OPERATION_CLAIM_CHOOSE:
        return decide_claim_choose;
    case VOUCH__V1__REQUEST__OPERATION_TERMS_WRITE:
        return decide_terms_write;
    case VOUCH__V1__REQUEST__OPERATION_TERMS_APPROVE:
        return decide_terms_approve;
    case VOUCH__V1__REQUEST__OPERATION_PAYMENT_RECORD:
        return decide_payment_record;
    case VOUCH__V1__REQUEST__OPERATION_PAYMENT_REFUND:
        return decide_payment_refund;
    case VOUCH__V1__REQUEST__OPERATION_DEAL_CANCEL:
        return decide_deal_cancel;
    case VOUCH__V1__REQUEST__OPERATION_COMMISSION_APPROVE:
        return decide_commission_approve;
    case VOUCH__V1__REQUEST__OPERATION_COMMISSION_CORRECT:
        return decide_commission_correct;
    case VOUCH__V1__REQUEST__OPERATION_DISPUTE_OPEN:
        return decide_dispute_open;
    case VOUCH__V1__REQUEST__OPERATION_DISPUTE_RESOLVE:
        return decide_dispute_resolve;
    case VOUCH__V1__REQUEST__OPERATION_PAYOUT_MAKE:
        return decide_payout_make;
    case VOUCH__V1__REQUEST__OPERATION_PAYOUT_SETTLE:
        return decide_payout_settle;
    case VOUCH__V1__REQUEST__OPERATION_PAYOUT_FAIL:
        return decide_payout_fail;
    case VOUCH__V1__REQUEST__OPERATION_DEBT_SETTLE:
        return decide_debt_settle;
    case VOUCH__V1__REQUEST__OPERATION_PERIOD_CLOSE:
        return decide_period_close;
    case VOUCH__V1__REQUEST__OPERATION_INBOX_ACK:
        return decide_inbox_ack;
    default:
        return NULL;
    }
}

Vouch__V1__Event *decision_event(struct decision *decision)
{
    CHECK(decision->event_count < LIMIT_EVENTS_PER_COMMAND);
    Vouch__V1__Event *event = &decision->events[decision->event_count++];
    vouch__v1__event__init(event);
    return event;
}

void *decision_message(struct decision *decision, const ProtobufCMessageDescriptor *type)
{
    ProtobufCMessage *message = arena_alloc(decision->arena, type->sizeof_message);
    if (message != NULL) {
        type->message_init(message);
    }
    return message;
}

enum vouch_status decision_too_large(struct decision *decision)
{
    return status_set(&decision->why, VOUCH_TOO_LARGE, "this asks for more than one command may hold; say it in parts");
}

uint64_t decision_next_id(const struct decision *decision, const char *counter)
{
    return meta_get(decision->view, counter) + 1;
}

const char *decision_name(struct decision *decision, uint64_t member)
{
    const char *known = record_name(decision->view, TABLE_MEMBER, member, decision->arena);
    if (known[0] != '\0') {
        return known;
    }
    const char *name = arena_printf(decision->arena, "member %" PRIu64, member);
    return name == NULL ? "a member" : name;
}
