/* SPDX-License-Identifier: Apache-2.0
 *
 * A referral as one particular person may see it: names for ids, the history read from the journal, and no more of the
 * prospect's person, of others' words and of the money than is theirs to see. */
#include "domain/attribution.h"
#include "query/brief.h"
#include "query/parts.h"

/* What an answer holds beside a referral. */
#define REPLY_ROOM_BYTES 4096

/* What was written with an event of this referral; NULL when nothing, or erased. */
static const Vouch__V1__ReferralText *event_text(const struct view *view, const Vouch__V1__Referral *referral,
                                                 uint64_t sequence, struct arena *arena)
{
    struct slice bytes;
    struct event_brief event;
    if (!journal_get(view, sequence, &bytes) || !event_brief_read(bytes, &event)) {
        return NULL;
    }
    uint64_t contact = event.body == BODY(REFERRAL_SUBMITTED) ? referral->contact : event.contact;
    return record_text(view, event_brief_text(&event), contact, arena);
}

/* A draft can be completed when it is registered; a lead can be vouched for later. */
static bool is_about_the_need(const Vouch__V1__ReferralStep *step)
{
    return step->verb == VERB(SUBMIT) || step->verb == VERB(REGISTER) || step->verb == VERB(ATTEST);
}

/* Adds to what was written, *merged, what a step says; false past the arena's budget. */
static bool merge_text(const Vouch__V1__ReferralText *text, Vouch__V1__ReferralText **merged, struct arena *arena)
{
    if (text == NULL) {
        return true;
    }
    if (*merged == NULL) {
        *merged = arena_alloc(arena, sizeof **merged);
        if (*merged == NULL) {
            return false;
        }
        vouch__v1__referral_text__init(*merged);
    }
    (*merged)->need = text->need[0] != '\0' ? text->need : (*merged)->need;
    (*merged)->vouch = text->vouch[0] != '\0' ? text->vouch : (*merged)->vouch;
    (*merged)->awareness = text->awareness[0] != '\0' ? text->awareness : (*merged)->awareness;
    return true;
}

Vouch__V1__ReferralText *referral_text(const struct view *view, const Vouch__V1__Referral *referral,
                                       struct arena *arena)
{
    Vouch__V1__ReferralText *merged = NULL;
    for (size_t i = 0; i < referral->n_steps; i++) {
        const Vouch__V1__ReferralStep *step = referral->steps[i];
        if (is_about_the_need(step) && !merge_text(event_text(view, referral, step->sequence, arena), &merged, arena)) {
            return NULL;
        }
    }
    return merged;
}

/* Why one receiver declined is told to the referrer, not to the next receiver nor to who helped. */
static bool may_read_step(const struct question *question, const Vouch__V1__Referral *referral,
                          const Vouch__V1__ReferralStep *step)
{
    uint64_t reader = question->actor->id;
    bool outsider = referral->receiver == reader || access_is_credited(referral, reader);
    return step->verb != VERB(DECLINE) || step->actor == reader || referral->referrer == reader || !outsider;
}

static Vouch__V1__ReferralStep *view_step(struct question *question, const Vouch__V1__Referral *record,
                                          const Vouch__V1__ReferralStep *step, Vouch__V1__ReferralText **merged)
{
    Vouch__V1__ReferralStep *row = arena_memdup(question->arena, step, sizeof *step);
    const Vouch__V1__ReferralText *text = NULL;
    bool tell = step->verb != VERB(SUBMIT) && may_read_step(question, record, step);
    if (row == NULL) {
        return NULL;
    }
    row->actor_name = question_name(question, TABLE_MEMBER, step->actor);
    if (tell || is_about_the_need(step)) {
        text = event_text(question->view, record, step->sequence, question->arena);
    }
    if (tell) {
        row->text = (Vouch__V1__ReferralText *)(uintptr_t)text;
    }
    return is_about_the_need(step) && !merge_text(text, merged, question->arena) ? NULL : row;
}

static bool view_steps(struct question *question, const Vouch__V1__Referral *record, Vouch__V1__Referral *referral)
{
    referral->steps = arena_alloc(question->arena, record->n_steps * sizeof(Vouch__V1__ReferralStep *));
    referral->text = NULL;
    if (referral->steps == NULL) {
        return false;
    }
    for (size_t i = 0; i < record->n_steps; i++) {
        referral->steps[i] = view_step(question, record, record->steps[i], &referral->text);
        if (referral->steps[i] == NULL) {
            return false;
        }
    }
    referral->n_steps = record->n_steps;
    if (record->lead && referral->text != NULL) {
        referral->text->vouch = (char *)(uintptr_t) ""; /* it was taken back */
    }
    return true;
}

/* A history of many long texts does not go into one frame: the oldest reports keep their place and lose their words. */
static void shorten_steps(Vouch__V1__ReferralView *view)
{
    size_t size = protobuf_c_message_get_packed_size(&view->base);
    for (size_t i = 0; i < view->referral->n_steps && size > LIMIT_FRAME_BYTES - REPLY_ROOM_BYTES; i++) {
        Vouch__V1__ReferralStep *step = view->referral->steps[i];
        if (step->text != NULL) {
            size -= protobuf_c_message_get_packed_size(&step->text->base);
            step->text = NULL;
        }
    }
}

/* What was credited by this event; NULL when it is a step. */
static const Vouch__V1__Touch *credit_of(const Vouch__V1__Referral *referral, uint64_t sequence)
{
    for (size_t i = 0; i < referral->n_touches; i++) {
        if (referral->touches[i]->sequence == sequence) {
            return referral->touches[i];
        }
    }
    return NULL;
}

static Vouch__V1__Touch *view_touch(struct question *question, const Vouch__V1__Referral *record,
                                    const struct touch *touch)
{
    Vouch__V1__Touch *row = question_message(question, &vouch__v1__touch__descriptor);
    const Vouch__V1__Touch *credit = credit_of(record, touch->sequence);
    if (row == NULL) {
        return NULL;
    }
    row->member = touch->party;
    row->sequence = touch->sequence;
    row->time_ms = touch->time_ms;
    row->kind = (Vouch__V1__Touch__Kind)touch->kind;
    row->by = touch->party;
    if (credit != NULL) {
        const Vouch__V1__ReferralText *text = event_text(question->view, record, touch->sequence, question->arena);
        row->by = credit->by;
        row->note = text != NULL ? text->note : row->note;
    }
    row->name = question_name(question, TABLE_MEMBER, row->member);
    row->by_name = question_name(question, TABLE_MEMBER, row->by);
    return row;
}

/* All touches, in the order in which they count. */
static bool view_touches(struct question *question, const Vouch__V1__Referral *record, Vouch__V1__Referral *referral)
{
    struct touch touches[TOUCHES_MAX];
    size_t count = touches_of(record, touches);
    referral->touches = arena_alloc(question->arena, count * sizeof(Vouch__V1__Touch *));
    if (referral->touches == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        referral->touches[i] = view_touch(question, record, &touches[i]);
        if (referral->touches[i] == NULL) {
            return false;
        }
    }
    referral->n_touches = count;
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

static Vouch__V1__Deal *view_deal(struct question *question, const Vouch__V1__Referral *referral)
{
    const Vouch__V1__Deal *record = record_deal(question->view, referral->id, question->arena);
    if (record == NULL || !access_deal(question->view, question->actor, referral, record, question->arena)) {
        return NULL;
    }
    return deal_view(question, record);
}

/* Who named the prospect, and that they were asked, is the referrer's own; others hear what kind of source it was. */
static bool view_source(struct question *question, const Vouch__V1__Referral *record, Vouch__V1__ReferralView *view)
{
    if (record->source == NULL) {
        return true;
    }
    if (record->referrer == question->actor->id) {
        view->source = question_name(question, TABLE_CONTACT,
                                     record_contact_self(question->view, record->source->contact));
        return true;
    }
    Vouch__V1__Source *source = question_message(question, &vouch__v1__source__descriptor);
    if (source != NULL) {
        source->kind = record->source->kind;
        view->referral->source = source;
    }
    return source != NULL;
}

Vouch__V1__ReferralView *referral_view(struct question *question, const Vouch__V1__Referral *record, bool whole)
{
    Vouch__V1__ReferralView *view = question_message(question, &vouch__v1__referral_view__descriptor);
    Vouch__V1__Referral *referral = arena_memdup(question->arena, record, sizeof *record);
    if (view == NULL || referral == NULL) {
        return NULL;
    }
    referral->n_steps = referral->n_touches = 0;
    referral->steps = NULL;
    referral->touches = NULL;
    referral->claim = NULL;
    /* Who did not act is no business of who has it now, or helps. */
    bool outsider = record->receiver == question->actor->id || record->connector == question->actor->id ||
                    access_is_credited(record, question->actor->id);
    referral->n_ghosts = outsider && record->referrer != question->actor->id ? 0 : record->n_ghosts;
    referral->reciprocal = access_reciprocal(question->actor) ? record->reciprocal : 0;
    if (whole && (!view_steps(question, record, referral) || !view_touches(question, record, referral))) {
        return NULL;
    }
    view->referral = referral;
    if (!view_source(question, record, view)) {
        return NULL;
    }
    view->referrer = question_name(question, TABLE_MEMBER, record->referrer);
    view->receiver = question_name(question, TABLE_MEMBER, record->receiver);
    view->connector = question_name(question, TABLE_MEMBER, record->connector);
    view->prospect = question_name(question, TABLE_COMPANY, record->prospect);
    view->contact = view_person(question, record);
    if (whole && record->claim != NULL) {
        referral->claim = claim_view(question, record);
        if (referral->claim == NULL) {
            return NULL;
        }
    }
    if (record->state == STATE(WON)) {
        view->deal = view_deal(question, record);
    }
    if (whole) {
        shorten_steps(view);
    }
    return view;
}
