/* SPDX-License-Identifier: Apache-2.0
 *
 * A referral as one particular person may see it: names for ids, the history read from the journal, and no more of the
 * prospect's person, of others' words and of the money than is theirs to see. */
#include "query/parts.h"

Vouch__V1__ReferralText *referral_text(const struct view *view, const Vouch__V1__Referral *referral,
                                       struct arena *arena)
{
    Vouch__V1__ReferralText *merged = arena_alloc(arena, sizeof *merged);
    bool any = false;
    if (merged == NULL) {
        return NULL;
    }
    vouch__v1__referral_text__init(merged);
    /* A draft can be completed when it is registered. */
    for (size_t i = 0; i < referral->n_steps; i++) {
        const Vouch__V1__ReferralStep *step = referral->steps[i];
        const Vouch__V1__ReferralText *text = NULL;
        if (step->verb != VERB(SUBMIT) && step->verb != VERB(REGISTER)) {
            continue;
        }
        const Vouch__V1__Event *event = record_event(view, step->sequence, arena);
        if (event != NULL && event->body_case == BODY(REFERRAL_SUBMITTED)) {
            text = record_text(view, event->referral_submitted->text, referral->contact, arena);
        } else if (event != NULL && event->body_case == BODY(REFERRAL_MOVED)) {
            text = record_text(view, event->referral_moved->text, event->referral_moved->contact, arena);
        }
        if (text != NULL) {
            any = true;
            merged->need = text->need[0] != '\0' ? text->need : merged->need;
            merged->vouch = text->vouch[0] != '\0' ? text->vouch : merged->vouch;
            merged->awareness = text->awareness[0] != '\0' ? text->awareness : merged->awareness;
        }
    }
    return any ? merged : NULL;
}

/* Why one receiver declined is told to the referrer, not to the next receiver. */
static bool may_read_step(const struct question *question, const Vouch__V1__Referral *referral,
                          const Vouch__V1__ReferralStep *step)
{
    return step->verb != VERB(DECLINE) || step->actor == question->actor->id ||
           referral->receiver != question->actor->id || referral->referrer == question->actor->id;
}

static Vouch__V1__ReferralStep *view_step(const struct question *question, const Vouch__V1__Referral *referral,
                                          const Vouch__V1__ReferralStep *step)
{
    Vouch__V1__ReferralStep *row = arena_memdup(question->arena, step, sizeof *step);
    if (row == NULL) {
        return NULL;
    }
    row->actor_name = question_name(question, TABLE_MEMBER, step->actor);
    const Vouch__V1__Event *event = record_event(question->view, step->sequence, question->arena);
    if (event != NULL && event->body_case == BODY(REFERRAL_MOVED) && may_read_step(question, referral, step)) {
        row->text = (Vouch__V1__ReferralText *)(uintptr_t)record_text(question->view, event->referral_moved->text,
                                                                      event->referral_moved->contact, question->arena);
    }
    return row;
}

static bool view_steps(const struct question *question, const Vouch__V1__Referral *record,
                       Vouch__V1__Referral *referral)
{
    referral->steps = arena_alloc(question->arena, record->n_steps * sizeof(Vouch__V1__ReferralStep *));
    if (referral->steps == NULL) {
        return false;
    }
    for (size_t i = 0; i < record->n_steps; i++) {
        referral->steps[i] = view_step(question, record, record->steps[i]);
        if (referral->steps[i] == NULL) {
            return false;
        }
    }
    referral->n_steps = record->n_steps;
    referral->text = referral_text(question->view, record, question->arena);
    return true;
}

static Vouch__V1__PersonalData *view_person(const struct question *question, const Vouch__V1__Referral *referral)
{
    const Vouch__V1__Contact *contact = record_contact(question->view, referral->contact, question->arena);
    if (contact == NULL || contact->personal == NULL) {
        return NULL;
    }
    Vouch__V1__PersonalData *person = question_message(question, &vouch__v1__personal_data__descriptor);
    if (person != NULL) {
        person->name = contact->personal->name;
        person->title = contact->personal->title;
        if (access_contact_details(question->view, question->actor->id, referral)) {
            person->email = contact->personal->email;
            person->phone = contact->personal->phone;
        }
    }
    return person;
}

/* The commission is accrued by the event after the one that won. */
static uint64_t commission_sequence(const Vouch__V1__Referral *referral)
{
    for (size_t i = 0; i < referral->n_steps; i++) {
        if (referral->steps[i]->verb == VERB(WIN)) {
            return referral->steps[i]->sequence + 1;
        }
    }
    return 0;
}

static Vouch__V1__Commission *view_commission(const struct question *question, const Vouch__V1__Referral *referral)
{
    const Vouch__V1__Commission *record = record_commission(question->view, referral->id, question->arena);
    if (record == NULL || !access_commission(question->view, question->actor, referral, record, question->arena)) {
        return NULL;
    }
    Vouch__V1__Commission *commission = arena_memdup(question->arena, record, sizeof *record);
    if (commission == NULL) {
        return NULL;
    }
    commission->sequence = commission_sequence(referral);
    for (size_t i = 0; i < commission->n_shares; i++) {
        commission->shares[i]->name = question_name(question, TABLE_MEMBER, commission->shares[i]->member);
    }
    return commission;
}

Vouch__V1__ReferralView *referral_view(const struct question *question, const Vouch__V1__Referral *record, bool whole)
{
    Vouch__V1__ReferralView *view = question_message(question, &vouch__v1__referral_view__descriptor);
    Vouch__V1__Referral *referral = arena_memdup(question->arena, record, sizeof *record);
    if (view == NULL || referral == NULL) {
        return NULL;
    }
    referral->n_steps = 0;
    referral->steps = NULL;
    if (whole && !view_steps(question, record, referral)) {
        return NULL;
    }
    view->referral = referral;
    view->referrer = question_name(question, TABLE_MEMBER, record->referrer);
    view->receiver = question_name(question, TABLE_MEMBER, record->receiver);
    view->connector = question_name(question, TABLE_MEMBER, record->connector);
    view->prospect = question_name(question, TABLE_COMPANY, record->prospect);
    view->contact = view_person(question, record);
    if (record->state == STATE(WON)) {
        view->commission = view_commission(question, record);
    }
    return view;
}
