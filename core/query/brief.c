/* SPDX-License-Identifier: Apache-2.0
 *
 * Fields of Event, Referral, ReferralMoved and the like by their numbers; test_notice.c compares what is read here with
 * what protobuf-c unpacks, for every kind of event. */
#include "query/brief.h"

#include "base/wire.h"

#define BODY(name) VOUCH__V1__EVENT__BODY_##name

/* Numbers in event.proto and types.proto. */
enum { EVENT_TIME_MS = 1, EVENT_ACTOR = 2 };
enum { SUBMITTED_REFERRAL = 1, SUBMITTED_TEXT };
enum { MOVED_REFERRAL = 1, MOVED_VERB, MOVED_TO = 4, MOVED_RECEIVER, MOVED_VALUE = 7, MOVED_TEXT, MOVED_CONTACT };
enum { CREDITED_REFERRAL = 1, CREDITED_MEMBER, CREDITED_KIND, CREDITED_TEXT, CREDITED_CONTACT };
enum { ENDED_REFERRAL = 1, ENDED_REASON };
enum { RECORD = 1, DEAL_REFERRAL = 1, PAYMENT_REFERRAL = 2 };
enum {
    REFERRAL_ID = 1,
    REFERRAL_REFERRER,
    REFERRAL_RECEIVER,
    REFERRAL_CONNECTOR,
    REFERRAL_PROSPECT,
    REFERRAL_STATE = 7,
    REFERRAL_LEAD,
};

#define NUMBERS 10
#define ABOVE 0

/* The fields 1 to 9 of a message at their numbers; at ABOVE the last of those above, which of an event is its body. */
struct fields {
    struct wire_field at[NUMBERS];
};

static bool read_fields(struct slice message, struct fields *fields)
{
    struct wire_reader reader = {message.data, message.size};
    struct wire_field field;
    *fields = (struct fields){0};
    while (reader.left > 0) {
        if (!wire_read_field(&reader, &field)) {
            return false;
        }
        fields->at[field.number < NUMBERS ? field.number : ABOVE] = field;
    }
    return true;
}

static struct slice bytes_of(const struct wire_field *field)
{
    return (struct slice){field->data, field->size};
}

bool referral_brief_read(struct slice referral, struct referral_brief *brief)
{
    struct fields fields;
    if (!read_fields(referral, &fields)) {
        return false;
    }
    *brief = (struct referral_brief){
        .id = fields.at[REFERRAL_ID].value,
        .referrer = fields.at[REFERRAL_REFERRER].value,
        .receiver = fields.at[REFERRAL_RECEIVER].value,
        .connector = fields.at[REFERRAL_CONNECTOR].value,
        .prospect = fields.at[REFERRAL_PROSPECT].value,
        .state = (Vouch__V1__ReferralState)fields.at[REFERRAL_STATE].value,
        .lead = fields.at[REFERRAL_LEAD].value != 0,
    };
    return true;
}

/* An event that holds a record which names its referral. */
static bool read_record(const struct wire_field *field, unsigned referral, struct event_brief *brief)
{
    struct fields record;
    brief->record = bytes_of(field);
    if (!read_fields(brief->record, &record)) {
        return false;
    }
    brief->referral = record.at[referral].value;
    return true;
}

static bool read_body(const struct wire_field *body, struct event_brief *brief)
{
    struct fields fields;
    brief->body = (Vouch__V1__Event__BodyCase)body->number;
    if (!read_fields(bytes_of(body), &fields)) {
        return false;
    }
    switch (brief->body) {
    case BODY(REFERRAL_SUBMITTED):
        if (!referral_brief_read(bytes_of(&fields.at[SUBMITTED_REFERRAL]), &brief->submitted)) {
            return false;
        }
        brief->referral = brief->submitted.id;
        brief->text = bytes_of(&fields.at[SUBMITTED_TEXT]);
        return true;
    case BODY(REFERRAL_MOVED):
        brief->referral = fields.at[MOVED_REFERRAL].value;
        brief->verb = (Vouch__V1__ReferralVerb)fields.at[MOVED_VERB].value;
        brief->to = (Vouch__V1__ReferralState)fields.at[MOVED_TO].value;
        brief->receiver = fields.at[MOVED_RECEIVER].value;
        brief->contact = fields.at[MOVED_CONTACT].value;
        brief->text = bytes_of(&fields.at[MOVED_TEXT]);
        brief->value = bytes_of(&fields.at[MOVED_VALUE]);
        return true;
    case BODY(REFERRAL_CREDITED):
        brief->referral = fields.at[CREDITED_REFERRAL].value;
        brief->member = fields.at[CREDITED_MEMBER].value;
        brief->kind = (Vouch__V1__Touch__Kind)fields.at[CREDITED_KIND].value;
        brief->text = bytes_of(&fields.at[CREDITED_TEXT]);
        brief->contact = fields.at[CREDITED_CONTACT].value;
        return true;
    case BODY(CLAIM_ENDED):
        brief->referral = fields.at[ENDED_REFERRAL].value;
        brief->reason = (Vouch__V1__ClaimEnded__Reason)fields.at[ENDED_REASON].value;
        return true;
    case BODY(DEAL_WON):
        return read_record(&fields.at[RECORD], DEAL_REFERRAL, brief);
    case BODY(PAYMENT_RECORDED):
        return read_record(&fields.at[RECORD], PAYMENT_REFERRAL, brief);
    default:
        return true;
    }
}

bool event_brief_read(struct slice event, struct event_brief *brief)
{
    struct fields fields;
    if (!read_fields(event, &fields)) {
        return false;
    }
    *brief = (struct event_brief){
        .time_ms = (int64_t)fields.at[EVENT_TIME_MS].value,
        .actor = fields.at[EVENT_ACTOR].value,
    };
    return read_body(&fields.at[ABOVE], brief);
}
