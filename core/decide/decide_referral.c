/* SPDX-License-Identifier: Apache-2.0
 *
 * Submitting a referral: prospect, person and parties are found or made, then the referral goes as far as it is
 * complete. The broker's most frequent command: it reads what it must and nothing for politeness. */
#include "base/check.h"
#include "base/clock.h"
#include "decide/parts.h"

#define PPM 1000000u

int64_t consent_due_ms(const struct decision *decision)
{
    return decision->now_ms + (int64_t)decision->policy->consent_wait_days * MS_PER_DAY;
}

enum vouch_status receiver_check(struct decision *decision, uint64_t receiver, uint64_t referrer, uint64_t connector)
{
    const Vouch__V1__Member *member = record_member(decision->view, receiver, decision->arena);
    if (member == NULL) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "member %" PRIu64 ": no such member", receiver);
    }
    if (receiver == referrer) {
        return status_set(&decision->why, VOUCH_CONFLICT, "a referral goes to somebody else than its referrer");
    }
    if (receiver == connector) {
        return status_set(&decision->why, VOUCH_CONFLICT,
                          "%s is asked to introduce this prospect and cannot receive it as well", member->name);
    }
    if (member->state == VOUCH__V1__MEMBER_STATE__REMOVED) {
        return status_set(&decision->why, VOUCH_CONFLICT, "%s is not a member any more", member->name);
    }
    if (!access_can_be_party(member)) {
        return status_set(&decision->why, VOUCH_CONFLICT, "%s does not take referrals", member->name);
    }
    return VOUCH_OK;
}

static enum vouch_status connector_check(struct decision *decision, uint64_t connector)
{
    const Vouch__V1__Member *member = record_member(decision->view, connector, decision->arena);
    if (member == NULL) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "member %" PRIu64 ": no such member", connector);
    }
    if (connector == decision->actor->id) {
        return status_set(&decision->why, VOUCH_CONFLICT, "you need nobody's introduction from yourself");
    }
    if (member->state == VOUCH__V1__MEMBER_STATE__REMOVED || !access_can_be_party(member)) {
        return status_set(&decision->why, VOUCH_CONFLICT, "%s cannot be asked to introduce", member->name);
    }
    return VOUCH_OK;
}

/* The person: known to the referrer, or brought along. Says whether they agreed to be introduced, as known here. */
static enum vouch_status take_person(struct decision *decision, const Vouch__V1__ReferralSubmit *submit,
                                     Vouch__V1__Referral *referral, const Vouch__V1__PersonalData **person)
{
    *person = submit->new_contact;
    if (submit->contact == 0 || submit->new_contact != NULL) {
        if (submit->contact != 0) {
            return status_set(&decision->why, VOUCH_INVALID, "name one person: a known one or a new one");
        }
        return VOUCH_OK;
    }
    uint64_t self = record_contact_self(decision->view, submit->contact);
    const Vouch__V1__Contact *contact = record_contact(decision->view, self, decision->arena);
    if (contact == NULL || !access_contact(decision->view, decision->actor->id, submit->contact)) {
        return status_set(&decision->why, VOUCH_NOT_FOUND,
                          "contact %" PRIu64 ": no such person, or none you have a tie to", submit->contact);
    }
    referral->contact = contact->id;
    referral->consent = referral->consent || contact->consent;
    referral->prospect = contact->company;
    *person = contact->personal;
    return contact_consent_check(decision, contact->id);
}

/* The company: known, brought along, or the person's. */
static enum vouch_status take_prospect(struct decision *decision, const Vouch__V1__ReferralSubmit *submit,
                                       Vouch__V1__Referral *referral)
{
    if (submit->prospect != 0 && submit->new_prospect != NULL) {
        return status_set(&decision->why, VOUCH_INVALID, "name one prospect: a known company or a new one");
    }
    if (submit->new_prospect != NULL) {
        Vouch__V1__Company *company;
        uint64_t existing;
        enum vouch_status status = company_make(decision, submit->new_prospect, &company, &existing);
        if (status != VOUCH_OK) {
            return status;
        }
        referral->prospect = existing != 0 ? existing : company->id;
        if (existing == 0) {
            return company_emit(decision, company, true);
        }
    } else if (submit->prospect != 0) {
        referral->prospect = submit->prospect;
        if (!record_exists(decision->view, TABLE_COMPANY, submit->prospect)) {
            return status_set(&decision->why, VOUCH_NOT_FOUND, "company %" PRIu64 ": no such company",
                              submit->prospect);
        }
    }
    if (referral->prospect == 0) {
        return status_set(&decision->why, VOUCH_INVALID, "a referral needs a prospect: a company");
    }
    if (referral->prospect == decision->actor->company) {
        return status_set(&decision->why, VOUCH_CONFLICT, "that is your own company");
    }
    return VOUCH_OK;
}

static enum vouch_status take_parties(struct decision *decision, const Vouch__V1__ReferralSubmit *submit,
                                      Vouch__V1__Referral *referral)
{
    referral->referrer = decision->actor->id;
    referral->receiver = submit->receiver;
    referral->connector = submit->connector;
    referral->score_ppm = submit->receiver == 0 ? 0 : submit->score_ppm;
    enum vouch_status status = VOUCH_OK;
    if (submit->score_ppm > PPM) {
        return status_set(&decision->why, VOUCH_INVALID, "a score goes from 0 to 1");
    }
    if (submit->connector != 0) {
        status = connector_check(decision, submit->connector);
    }
    if (status == VOUCH_OK && submit->receiver != 0) {
        status = receiver_check(decision, submit->receiver, referral->referrer, referral->connector);
    }
    return status;
}

static enum vouch_status take_submission(struct decision *decision, const Vouch__V1__ReferralSubmit *submit,
                                         Vouch__V1__Referral *referral, const Vouch__V1__PersonalData **person)
{
    referral->consent = submit->consent;
    referral->lead = submit->text == NULL || submit->text->vouch[0] == '\0';
    enum vouch_status status = take_person(decision, submit, referral, person);
    if (status == VOUCH_OK) {
        status = take_prospect(decision, submit, referral);
    }
    if (status == VOUCH_OK) {
        status = take_parties(decision, submit, referral);
    }
    if (status == VOUCH_OK) {
        status = source_take(decision, submit, referral);
    }
    if (status == VOUCH_OK) {
        status = take_maybe(decision, submit->product, "the product", &referral->product);
    }
    if (status == VOUCH_OK && submit->n_issues > 0) {
        status = take_tags(decision, submit->n_issues, submit->issues, "an issue", &referral->n_issues,
                           &referral->issues);
    }
    /* Last, because it is the first to emit anything that depends on the rest. */
    if (status == VOUCH_OK && submit->new_contact != NULL) {
        status = contact_take(decision, submit->new_contact, referral->prospect, submit->consent, 0,
                              &referral->contact);
        if (status == VOUCH_OK) {
            status = contact_consent_check(decision, referral->contact);
        }
    }
    return status;
}

/* As far as it is complete; once it is, the claim says whether it goes on. */
static enum vouch_status set_state(struct decision *decision, const Vouch__V1__ReferralSubmit *submit,
                                   const Vouch__V1__PersonalData *person, Vouch__V1__Referral *referral)
{
    if (submit->draft) {
        referral->state = STATE(DRAFT);
        return VOUCH_OK;
    }
    if (!referral->consent || referral->connector != 0) {
        referral->state = STATE(CONSENT_WAIT);
        referral->due_ms = consent_due_ms(decision);
        return VOUCH_OK;
    }
    Vouch__V1__Claim *claim;
    enum vouch_status status = claim_register(decision, referral, person, false, &claim, &referral->state);
    referral->claim = claim;
    if (status == VOUCH_OK && referral->state == STATE(REGISTERED) && referral->receiver != 0) {
        referral->state = STATE(OFFERED);
        referral->attempt = 1;
    }
    if (status == VOUCH_OK) {
        status = clock_start(decision, referral, referral->state, referral->receiver, &referral->clock);
        referral->due_ms = referral->clock == NULL ? 0 : referral->clock->due_ms;
    }
    return status;
}

enum vouch_status decide_referral_submit(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__ReferralSubmit *submit = request->referral_submit;
    Vouch__V1__Referral *referral = decision_message(decision, &vouch__v1__referral__descriptor);
    Vouch__V1__ReferralSubmitted *submitted = decision_message(decision, &vouch__v1__referral_submitted__descriptor);
    if (referral == NULL || submitted == NULL) {
        return decision_too_large(decision);
    }
    const Vouch__V1__PersonalData *person;
    enum vouch_status status = take_submission(decision, submit, referral, &person);
    if (status != VOUCH_OK) {
        return status;
    }
    referral->id = decision_next_id(decision, "last_referral");
    status = set_state(decision, submit, person, referral);
    if (status != VOUCH_OK) {
        return status;
    }
    submitted->referral = referral;
    if (!text_is_empty(submit->text)) {
        uint8_t key[32];
        if (referral->contact != 0 && !contact_key(decision, referral->contact, key)) {
            return status_set(&decision->why, VOUCH_CONFLICT, "contact %" PRIu64 " was erased", referral->contact);
        }
        status = take_sealed(decision, &submit->text->base, referral->contact, key, &submitted->text);
        if (status != VOUCH_OK) {
            return status;
        }
    }
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(REFERRAL_SUBMITTED);
    event->referral_submitted = submitted;
    decision->answer_id = referral->id;
    return VOUCH_OK;
}
