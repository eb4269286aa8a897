/* SPDX-License-Identifier: Apache-2.0
 *
 * The few things that a line of an inbox needs of an event and of a referral, read from their bytes in one pass: to
 * unpack them whole would cost as much as all the rest of the line. Any thread. */
#ifndef VOUCH_QUERY_BRIEF_H
#define VOUCH_QUERY_BRIEF_H

#include "store/store.h"
#include "vouch/v1/event.pb-c.h"

struct referral_brief {
    uint64_t id;
    uint64_t referrer;
    uint64_t receiver;
    uint64_t connector;
    uint64_t prospect;
    Vouch__V1__ReferralState state;
    bool lead;
};

/* Slices point into the bytes that were read. */
struct event_brief {
    int64_t time_ms;
    uint64_t actor;
    Vouch__V1__Event__BodyCase body;
    uint64_t referral;               /* that it is about; 0: none, as for all kinds but these: */
    struct slice text;               /* REFERRAL_SUBMITTED, _MOVED, _CREDITED: ReferralText */
    uint64_t contact;                /* REFERRAL_MOVED, _CREDITED: whose key seals the text; 0: not sealed */
    struct referral_brief submitted; /* REFERRAL_SUBMITTED: as it was then */
    /* REFERRAL_MOVED */
    Vouch__V1__ReferralVerb verb;
    Vouch__V1__ReferralState to;
    uint64_t receiver;
    struct slice value; /* Money; nothing: none */
    /* REFERRAL_CREDITED */
    uint64_t member;
    Vouch__V1__Touch__Kind kind;
    /* CLAIM_ENDED */
    Vouch__V1__ClaimEnded__Reason reason;
    /* DEAL_WON, PAYMENT_RECORDED */
    struct slice record; /* Deal or Payment */
};

/* False for what is no such message. */
bool event_brief_read(struct slice event, struct event_brief *brief);
bool referral_brief_read(struct slice referral, struct referral_brief *brief);

/* The text's bytes as record_text takes them. */
static inline ProtobufCBinaryData event_brief_text(const struct event_brief *brief)
{
    return (ProtobufCBinaryData){brief->text.size, (uint8_t *)(uintptr_t)brief->text.data};
}

#endif
