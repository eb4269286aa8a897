/* SPDX-License-Identifier: Apache-2.0
 *
 * Which function decides which command, and what all of them share. */
#include "decide/decide.h"

#include "base/check.h"
#include "decide/parts.h"

#define OPERATION(NAME) VOUCH__V1__REQUEST__OPERATION_##NAME

static decide_function *const functions[] = {
    [OPERATION(ENROL)] = decide_enrol,
    [OPERATION(MEMBER_INVITE)] = decide_member_invite,
    [OPERATION(MEMBER_REMOVE)] = decide_member_remove,
    [OPERATION(CARD_SET)] = decide_card_set,
    [OPERATION(KEY_ROTATE)] = decide_key_rotate,
    [OPERATION(CALENDAR_SET)] = decide_calendar_set,
    [OPERATION(QUOTA_SET)] = decide_quota_set,
    [OPERATION(COMPANY_ADD)] = decide_company_add,
    [OPERATION(COMPANY_CHANGE)] = decide_company_change,
    [OPERATION(CONTACT_ADD)] = decide_contact_add,
    [OPERATION(CONTACT_CHANGE)] = decide_contact_change,
    [OPERATION(CONTACT_IMPORT)] = decide_contact_import,
    [OPERATION(CONTACT_NOTE)] = decide_contact_note,
    [OPERATION(CONTACT_MERGE)] = decide_contact_merge,
    [OPERATION(CONTACT_UNMERGE)] = decide_contact_unmerge,
    [OPERATION(CONTACT_ERASE)] = decide_contact_erase,
    [OPERATION(TIE_SET)] = decide_tie_set,
    [OPERATION(REFERRAL_SUBMIT)] = decide_referral_submit,
    [OPERATION(REFERRAL_MOVE)] = decide_referral_move,
    [OPERATION(REFERRAL_IMPORT)] = decide_referral_import,
    [OPERATION(REFERRAL_CREDIT)] = decide_referral_credit,
    [OPERATION(REFERRAL_REVIEW)] = decide_referral_review,
    [OPERATION(CLAIM_CHOOSE)] = decide_claim_choose,
    [OPERATION(TERMS_WRITE)] = decide_terms_write,
    [OPERATION(TERMS_APPROVE)] = decide_terms_approve,
    [OPERATION(PAYMENT_RECORD)] = decide_payment_record,
    [OPERATION(PAYMENT_REFUND)] = decide_payment_refund,
    [OPERATION(DEAL_CANCEL)] = decide_deal_cancel,
    [OPERATION(COMMISSION_APPROVE)] = decide_commission_approve,
    [OPERATION(COMMISSION_CORRECT)] = decide_commission_correct,
    [OPERATION(DISPUTE_OPEN)] = decide_dispute_open,
    [OPERATION(DISPUTE_RESOLVE)] = decide_dispute_resolve,
    [OPERATION(PAYOUT_MAKE)] = decide_payout_make,
    [OPERATION(PAYOUT_SETTLE)] = decide_payout_settle,
    [OPERATION(PAYOUT_FAIL)] = decide_payout_fail,
    [OPERATION(DEBT_SETTLE)] = decide_debt_settle,
    [OPERATION(PERIOD_CLOSE)] = decide_period_close,
    [OPERATION(INBOX_ACK)] = decide_inbox_ack,
    [OPERATION(TOUCH_RECORD)] = decide_touch_record,
    [OPERATION(TIER_SET)] = decide_tier_set,
    [OPERATION(ASK_PREPARE)] = decide_ask_prepare,
    [OPERATION(ASK_MOVE)] = decide_ask_move,
    [OPERATION(INTEL_OFFER)] = decide_intel_offer,
    [OPERATION(INTEL_MOVE)] = decide_intel_move,
};

decide_function *decide_for(Vouch__V1__Request__OperationCase operation)
{
    return (size_t)operation < sizeof functions / sizeof functions[0] ? functions[operation] : NULL;
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

bool decision_seal_refusal(struct decision *decision, Vouch__V1__CommandRefused *refused)
{
    uint8_t key[32];
    struct status_text why = decision->why;
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    text.reason = why.text;
    bool sealed = decision->why_contact != 0 && view_person_key(decision->view, decision->why_contact, key) &&
                  take_sealed(decision, &text.base, decision->why_contact, key, &refused->text) == VOUCH_OK;
    decision->why = why;
    refused->contact = sealed ? decision->why_contact : 0;
    return sealed;
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
