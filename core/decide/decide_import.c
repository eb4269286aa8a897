/* SPDX-License-Identifier: Apache-2.0
 *
 * Importing history: a referral as it stood in another system. It counts in reports and ties; it has no clocks, pays
 * nothing, and comes once. */
#include "base/clock.h"
#include "decide/parts.h"

/* From where on somebody has received it. */
static bool has_receiver(Vouch__V1__ReferralState state)
{
    return (state >= STATE(OFFERED) && state <= STATE(LOST)) || state == STATE(GHOSTED) || state == STATE(DECLINED);
}

static enum vouch_status check_parties(struct decision *decision, const Vouch__V1__Referral *asked)
{
    if (!record_exists(decision->view, TABLE_MEMBER, asked->referrer)) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "member %" PRIu64 ", the referrer: no such member",
                          asked->referrer);
    }
    if (asked->receiver != 0 && !record_exists(decision->view, TABLE_MEMBER, asked->receiver)) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "member %" PRIu64 ", the receiver: no such member",
                          asked->receiver);
    }
    if (!record_exists(decision->view, TABLE_COMPANY, asked->prospect)) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "company %" PRIu64 ", the prospect: no such company",
                          asked->prospect);
    }
    if (has_receiver(asked->state) && asked->receiver == 0) {
        return status_set(&decision->why, VOUCH_INVALID, "a referral that is %s has a receiver",
                          referral_state_name(asked->state));
    }
    return VOUCH_OK;
}

static enum vouch_status check_facts(struct decision *decision, const Vouch__V1__Referral *asked)
{
    bool waits = asked->state == STATE(CONSENT_WAIT) || asked->state == STATE(DUPLICATE_WAIT) ||
                 asked->state == STATE(HELD);
    if (asked->state == 0 || asked->state >= REFERRAL_STATES || waits) {
        return status_set(&decision->why, VOUCH_INVALID,
                          "history is in any state but one that waits for consent, a claim or a review");
    }
    if (asked->registered_ms < 0 || asked->changed_ms < asked->registered_ms) {
        return status_set(&decision->why, VOUCH_INVALID, "it cannot have changed before it was registered");
    }
    /* Of a day it is not known how late it was. */
    if (asked->changed_ms > decision->now_ms + MS_PER_DAY) {
        return status_set(&decision->why, VOUCH_INVALID, "it cannot have happened in the future");
    }
    if (asked->value != NULL && asked->value->minor < 0) {
        return status_set(&decision->why, VOUCH_INVALID, "a value is not negative");
    }
    return asked->value == NULL ? VOUCH_OK : value_check(decision, asked->value);
}

static enum vouch_status make_import(struct decision *decision, const Vouch__V1__Referral *asked,
                                     Vouch__V1__Referral *referral)
{
    referral->id = decision_next_id(decision, "last_referral");
    referral->referrer = asked->referrer;
    referral->receiver = asked->receiver;
    referral->prospect = asked->prospect;
    referral->state = asked->state;
    referral->lead = asked->lead;
    referral->value = asked->value;
    referral->consent = true;
    referral->imported = true;
    referral->attempt = has_receiver(asked->state) ? 1 : 0;
    referral->registered_ms = asked->registered_ms;
    referral->changed_ms = asked->changed_ms;
    enum vouch_status status = take_maybe(decision, asked->product, "the product", &referral->product);
    if (status == VOUCH_OK) {
        status = take_tags(decision, asked->n_issues, asked->issues, "an issue", &referral->n_issues,
                           &referral->issues);
    }
    return status;
}

enum vouch_status decide_referral_import(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__ReferralImport *import = request->referral_import;
    Vouch__V1__Referral *referral = decision_message(decision, &vouch__v1__referral__descriptor);
    Vouch__V1__ReferralImported *imported = decision_message(decision, &vouch__v1__referral_imported__descriptor);
    char *origin;
    if (referral == NULL || imported == NULL) {
        return decision_too_large(decision);
    }
    if (import->referral == NULL) {
        return status_set(&decision->why, VOUCH_INVALID, "the referral is missing");
    }
    enum vouch_status status = take_name(decision, import->origin, "the origin", &origin);
    if (status != VOUCH_OK) {
        return status;
    }
    struct key key = key_text(origin);
    struct slice value;
    if (table_get(decision->view, TABLE_REFERRAL_ORIGIN, key_slice(&key), &value)) {
        return status_set(&decision->why, VOUCH_DUPLICATE, "%s was imported already: it is R%" PRIu64, origin,
                          slice_u64(value, 0));
    }
    status = check_facts(decision, import->referral);
    if (status == VOUCH_OK) {
        status = check_parties(decision, import->referral);
    }
    if (status == VOUCH_OK) {
        status = make_import(decision, import->referral, referral);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    imported->referral = referral;
    imported->origin = origin;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(REFERRAL_IMPORTED);
    event->referral_imported = imported;
    decision->answer_id = referral->id;
    return VOUCH_OK;
}
