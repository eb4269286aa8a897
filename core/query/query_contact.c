/* SPDX-License-Identifier: Apache-2.0
 *
 * One person, as one member may see them: what the broker knows of them, and the member's own tie, notes and referrals.
 * What others have to do with the person is nobody else's business. */
#include "apply/bonds.h"
#include "query/contact_view.h"

#include <string.h>

#define NOTES_MAX 20
#define REFERRALS_MAX 20
#define REFERRALS_LOOKED_AT 5000

/* ---- notes ---- */

Vouch__V1__Note *note_view(const struct question *question, uint64_t sequence)
{
    Vouch__V1__Note *note = question_message(question, &vouch__v1__note__descriptor);
    const Vouch__V1__Event *event = record_event(question->view, sequence, question->arena);
    if (note == NULL || event == NULL || event->body_case != BODY(CONTACT_NOTED)) {
        return NULL;
    }
    const Vouch__V1__ContactNoted *noted = event->contact_noted;
    const Vouch__V1__ReferralText *text = record_text(question->view, noted->text, noted->contact, question->arena);
    note->sequence = sequence;
    note->time_ms = event->time_ms;
    note->contact = noted->contact;
    if (text != NULL) {
        note->text = text->note;
    }
    return note;
}

/* The sequences of the newest notes about one contact, newest first. */
static size_t read_notes(const struct question *question, uint64_t contact, uint64_t sequences[NOTES_MAX + 1])
{
    struct key prefix = key_u64_u64(question->actor->id, contact);
    struct key end = key_note(question->actor->id, contact, UINT64_MAX);
    struct slice row;
    size_t count = 0;
    struct cursor *cursor = cursor_open(question->view, TABLE_NOTE);
    bool found = cursor_seek_before(cursor, key_slice(&end), &row, NULL);
    while (found && count <= NOTES_MAX && memcmp(row.data, prefix.bytes, prefix.size) == 0) {
        sequences[count++] = slice_u64(row, prefix.size);
        found = cursor_previous(cursor, &row, NULL);
    }
    cursor_close(&cursor);
    return count;
}

/* Merges the notes about all contacts that are the person, each newest first. */
static bool add_notes(struct question *question, const uint64_t *family, size_t family_count,
                      Vouch__V1__ContactView *view)
{
    uint64_t sequences[LIMIT_CONTACT_FAMILY][NOTES_MAX + 1];
    size_t counts[LIMIT_CONTACT_FAMILY];
    size_t taken[LIMIT_CONTACT_FAMILY] = {0};
    view->notes = arena_alloc(question->arena, NOTES_MAX * sizeof *view->notes);
    for (size_t i = 0; i < family_count; i++) {
        counts[i] = read_notes(question, family[i], sequences[i]);
    }
    while (view->notes != NULL) {
        size_t best = family_count;
        for (size_t i = 0; i < family_count; i++) {
            bool left = taken[i] < counts[i];
            if (left && (best == family_count || sequences[i][taken[i]] > sequences[best][taken[best]])) {
                best = i;
            }
        }
        view->more_notes = best < family_count && view->n_notes == NOTES_MAX;
        if (best == family_count || view->more_notes) {
            return true;
        }
        view->notes[view->n_notes] = note_view(question, sequences[best][taken[best]++]);
        if (view->notes[view->n_notes] == NULL) {
            return false;
        }
        view->n_notes++;
    }
    return false;
}

/* ---- referrals ---- */

static bool is_of_family(const uint64_t *family, size_t count, uint64_t contact)
{
    for (size_t i = 0; contact != 0 && i < count; i++) {
        if (family[i] == contact) {
            return true;
        }
    }
    return false;
}

/* Keeps the highest ids, descending, each once; true when one more was there than fits. */
static bool keep_newest(uint64_t ids[REFERRALS_MAX], size_t *count, uint64_t id)
{
    size_t place = *count;
    while (place > 0 && ids[place - 1] < id) {
        place--;
    }
    if (place > 0 && ids[place - 1] == id) {
        return false;
    }
    bool full = *count == REFERRALS_MAX;
    if (place < REFERRALS_MAX) {
        memmove(ids + place + 1, ids + place, ((full ? REFERRALS_MAX - 1 : *count) - place) * sizeof *ids);
        ids[place] = id;
        *count += full ? 0 : 1;
    }
    return full;
}

/* The member's referrals about the family: there is no index of them, so that only so many are looked at. */
static enum vouch_status find_referrals(struct question *question, const uint64_t *family, size_t family_count,
                                        uint64_t ids[REFERRALS_MAX], size_t *count, bool *more)
{
    struct key prefix = key_u64(question->actor->id);
    struct slice row;
    size_t looked = 0;
    bool late = false;
    struct arena *scratch = arena_new(LIMIT_FRAME_BYTES);
    struct cursor *cursor = cursor_open(question->view, TABLE_REFERRAL_MEMBER);
    bool found = cursor_seek(cursor, key_slice(&prefix), &row, NULL);
    for (; found && slice_u64(row, 0) == question->actor->id && looked < REFERRALS_LOOKED_AT && !late; looked++) {
        arena_reset(scratch);
        uint64_t id = slice_u64(row, 10);
        const Vouch__V1__Referral *referral = record_referral(question->view, id, scratch);
        bool about = referral != NULL &&
                     (is_of_family(family, family_count, referral->contact) ||
                      (referral->source != NULL && is_of_family(family, family_count, referral->source->contact)));
        if (about && access_referral(question->view, question->actor, referral, scratch)) {
            *more = keep_newest(ids, count, id) || *more;
        }
        late = looked % 64 == 63 && question_is_late(question);
        found = cursor_next(cursor, &row, NULL);
    }
    cursor_close(&cursor);
    arena_free(&scratch);
    *more = *more || looked == REFERRALS_LOOKED_AT;
    return late ? VOUCH_TIMEOUT : VOUCH_OK;
}

static enum vouch_status add_referrals(struct question *question, const uint64_t *family, size_t family_count,
                                       Vouch__V1__ContactView *view)
{
    uint64_t ids[REFERRALS_MAX];
    size_t count = 0;
    bool more = false;
    enum vouch_status status = find_referrals(question, family, family_count, ids, &count, &more);
    view->more_referrals = more;
    view->referrals = arena_alloc(question->arena, (count + 1) * sizeof *view->referrals);
    if (status != VOUCH_OK || view->referrals == NULL) {
        return status != VOUCH_OK ? status : question_too_large(question);
    }
    for (size_t i = 0; i < count; i++) {
        const Vouch__V1__Referral *referral = record_referral(question->view, ids[i], question->arena);
        view->referrals[i] = referral == NULL ? NULL : referral_view(question, referral, false);
        if (view->referrals[i] == NULL) {
            return question_too_large(question);
        }
        view->n_referrals++;
    }
    return VOUCH_OK;
}

/* ---- the person ---- */

static bool add_tie(struct question *question, const Vouch__V1__Contact *contact, Vouch__V1__ContactView *view)
{
    struct tie_entry entry;
    if (!tie_get(question->view, NODE_MEMBER | question->actor->id, NODE_CONTACT | contact->id, &entry)) {
        return true;
    }
    view->tie = question_message(question, &vouch__v1__tie__descriptor);
    if (view->tie == NULL) {
        return false;
    }
    view->tie->from_member = question->actor->id;
    view->tie->to_contact = contact->id;
    view->tie->strength_ppm = entry.strength_ppm;
    view->tie->by_hand = (entry.flags & TIE_BY_HAND) != 0;
    view->bond = (Vouch__V1__Bond *)(uintptr_t)record_bond(question->view, question->actor->id, contact->id,
                                                           question->arena);
    return true;
}

const Vouch__V1__Contact *contact_seen(const struct question *question, const Vouch__V1__Contact *contact)
{
    if (contact == NULL || question->actor->role == ROLE(ADMIN) || contact->added_by == question->actor->id) {
        return contact;
    }
    Vouch__V1__Contact *seen = arena_memdup(question->arena, contact, sizeof *contact);
    if (seen != NULL) {
        seen->added_by = 0; /* has, or had, a tie, which is nobody else's business */
    }
    return seen;
}

/* Who merges knew both: others do not learn who it was. */
static void hide_merger(const struct question *question, Vouch__V1__Merge *merge)
{
    if (question->actor->role != ROLE(ADMIN) && merge->by != question->actor->id) {
        merge->by = 0;
    }
}

/* The other contacts of the family, and the merges that made them aliases. */
static bool add_family(struct question *question, const uint64_t *family, size_t count, Vouch__V1__ContactView *view)
{
    view->merged = arena_alloc(question->arena, count * sizeof *view->merged);
    view->merges = arena_alloc(question->arena, count * sizeof *view->merges);
    if (view->merged == NULL || view->merges == NULL) {
        return false;
    }
    for (size_t i = 1; i < count; i++) {
        const Vouch__V1__Contact *alias = contact_seen(question,
                                                       record_contact(question->view, family[i], question->arena));
        const Vouch__V1__Merge *record = alias == NULL ? NULL
                                                       : record_merge(question->view, alias->merge, question->arena);
        Vouch__V1__Merge *merge = record == NULL ? NULL : arena_memdup(question->arena, record, sizeof *record);
        if (merge == NULL) {
            return false;
        }
        merge->n_ties = 0; /* others' */
        hide_merger(question, merge);
        view->merged[view->n_merged++] = (Vouch__V1__Contact *)(uintptr_t)alias;
        size_t place = view->n_merges++;
        for (; place > 0 && view->merges[place - 1]->id > merge->id; place--) {
            view->merges[place] = view->merges[place - 1];
        }
        view->merges[place] = merge;
    }
    return true;
}

Vouch__V1__ContactView *contact_view(struct question *question, uint64_t self)
{
    uint64_t family[LIMIT_CONTACT_FAMILY];
    Vouch__V1__ContactView *view = question_message(question, &vouch__v1__contact_view__descriptor);
    const Vouch__V1__Contact *contact = contact_seen(question, record_contact(question->view, self, question->arena));
    if (view == NULL || contact == NULL) {
        return NULL;
    }
    size_t count = record_contact_family(question->view, self, family, question->arena);
    view->contact = (Vouch__V1__Contact *)(uintptr_t)contact;
    view->company = question_name(question, TABLE_COMPANY, contact->company);
    view->added_by = question_name(question, TABLE_MEMBER, contact->added_by);
    view->former = arena_alloc(question->arena, (contact->n_former + 1) * sizeof *view->former);
    if (view->former == NULL || !add_tie(question, contact, view) || !add_family(question, family, count, view)) {
        return NULL;
    }
    for (size_t i = 0; i < contact->n_former; i++) {
        view->former[view->n_former++] = question_name(question, TABLE_COMPANY, contact->former[i]);
    }
    return view;
}

enum vouch_status query_contact_get(struct question *question, const Vouch__V1__Request *request)
{
    uint64_t asked = request->contact_get->contact;
    uint64_t self = record_contact_self(question->view, asked);
    bool known = access_contact(question->view, question->actor->id, self) ||
                 (question->actor->role == ROLE(ADMIN) && record_exists(question->view, TABLE_CONTACT, self));
    if (!known) {
        return status_set(&question->why, VOUCH_NOT_FOUND,
                          "contact %" PRIu64 ": no such person, or none you have a tie to", asked);
    }
    uint64_t family[LIMIT_CONTACT_FAMILY];
    size_t count = record_contact_family(question->view, self, family, question->arena);
    Vouch__V1__ContactView *view = contact_view(question, self);
    if (view == NULL || !add_notes(question, family, count, view)) {
        return question_too_large(question);
    }
    enum vouch_status status = add_referrals(question, family, count, view);
    if (status != VOUCH_OK) {
        return status;
    }
    if (protobuf_c_message_get_packed_size(&view->base) > LIMIT_FRAME_BYTES - 16384) {
        return question_too_large(question);
    }
    question->reply->result_case = RESULT(CONTACT);
    question->reply->contact = view;
    return VOUCH_OK;
}
