/* SPDX-License-Identifier: Apache-2.0
 *
 * The asker's own asks, newest first, and what they came to, by contact. Nobody else sees them. */
#include "base/message.h"
#include "decide/asks.h"
#include "domain/ask_moves.h"
#include "query/parts.h"

#include <string.h>

/* One row that is looked at, and maybe not wanted. */
#define SCRATCH_BYTES ((size_t)1 << 20)

static Vouch__V1__AskRow *ask_row(struct question *question, uint64_t id)
{
    const Vouch__V1__Ask *record = record_ask(question->view, id, question->arena);
    Vouch__V1__Ask *ask = record == NULL ? NULL : arena_memdup(question->arena, record, sizeof *ask);
    Vouch__V1__AskRow *row = question_message(question, &vouch__v1__ask_row__descriptor);
    if (ask == NULL || row == NULL) {
        return NULL;
    }
    uint64_t self = record_contact_self(question->view, ask->contact);
    const Vouch__V1__Contact *contact = record_contact(question->view, self, question->arena);
    ask->contact_name = question_name(question, TABLE_CONTACT, self);
    ask->company = question_name(question, TABLE_COMPANY, contact == NULL ? 0 : contact->company);
    row->ask = ask;
    row->owes = ask_owes(question->view, ask, question->arena);
    return row;
}

static bool add_row(struct question *question, uint64_t id, struct page *page)
{
    Vouch__V1__AskRow *row = page_is_full(page) ? NULL : ask_row(question, id);
    if (row == NULL) {
        page->more = true;
        return false;
    }
    return page_add(page, row, protobuf_c_message_get_packed_size(&row->base));
}

/* ---- one state at a time is a range; all of them are merged, newest first ---- */

struct lane {
    struct cursor *cursor;
    uint8_t state;
    uint64_t id; /* next; 0: no more */
};

static void lane_read(struct lane *lane, uint64_t member, bool row, struct slice key)
{
    bool mine = row && slice_u64(key, 0) == member && ((const uint8_t *)key.data)[8] == lane->state;
    lane->id = mine ? slice_u64(key, 9) : 0;
}

static struct lane *newest(struct lane *lanes, size_t count)
{
    struct lane *best = NULL;
    for (size_t i = 0; i < count; i++) {
        if (lanes[i].id != 0 && (best == NULL || lanes[i].id > best->id)) {
            best = &lanes[i];
        }
    }
    return best;
}

static bool is_wanted(const struct question *question, const Vouch__V1__AskList *list, uint64_t id,
                      struct arena *scratch)
{
    if (list->contact == 0) {
        return true;
    }
    arena_reset(scratch);
    const Vouch__V1__Ask *ask = record_ask(question->view, id, scratch);
    return ask != NULL &&
           record_contact_self(question->view, ask->contact) == record_contact_self(question->view, list->contact);
}

static enum vouch_status list_asks(struct question *question, const Vouch__V1__AskList *list, struct page *page)
{
    struct lane lanes[ASK_STATES];
    struct slice key;
    size_t count = 0;
    uint64_t member = question->actor->id;
    for (uint8_t state = 1; state < ASK_STATES; state++) {
        if (list->state != 0 && list->state != state) {
            continue;
        }
        struct key before = key_ask_member(member, (Vouch__V1__AskState)state,
                                           list->before == 0 ? UINT64_MAX : list->before);
        struct lane *lane = &lanes[count++];
        *lane = (struct lane){.cursor = cursor_open(question->view, TABLE_ASK_MEMBER), .state = state};
        bool row = cursor_seek_before(lane->cursor, key_slice(&before), &key, NULL);
        lane_read(lane, member, row, key);
    }
    bool late = false;
    size_t looked = 0;
    struct arena *scratch = arena_new(SCRATCH_BYTES);
    for (struct lane *lane = newest(lanes, count); lane != NULL && !late; looked++) {
        if (is_wanted(question, list, lane->id, scratch) && !add_row(question, lane->id, page)) {
            break;
        }
        bool row = cursor_previous(lane->cursor, &key, NULL);
        lane_read(lane, member, row, key);
        lane = newest(lanes, count);
        late = looked % 64 == 63 && question_is_late(question);
    }
    arena_free(&scratch);
    for (size_t i = 0; i < count; i++) {
        cursor_close(&lanes[i].cursor);
    }
    return late ? VOUCH_TIMEOUT : VOUCH_OK;
}

/* ---- yields ---- */

static bool came_to_meeting(const Vouch__V1__Referral *referral)
{
    for (size_t i = 0; i < referral->n_steps; i++) {
        if (referral->steps[i]->to == STATE(MEETING)) {
            return true;
        }
    }
    return false;
}

static void count_referrals(struct question *question, const Vouch__V1__Ask *ask, Vouch__V1__AskYield *yield)
{
    for (size_t i = 0; i < ask->n_referrals; i++) {
        const Vouch__V1__Referral *referral = record_referral(question->view, ask->referrals[i], question->arena);
        yield->referrals++;
        if (referral != NULL) {
            yield->meetings += came_to_meeting(referral) ? 1 : 0;
            yield->won += referral->state == STATE(WON) ? 1 : 0;
        }
    }
}

Vouch__V1__AskYield *ask_yield(struct question *question, uint64_t contact)
{
    uint64_t family[LIMIT_CONTACT_FAMILY];
    struct slice key;
    Vouch__V1__AskYield *yield = question_message(question, &vouch__v1__ask_yield__descriptor);
    const Vouch__V1__Contact *record = record_contact(question->view, contact, question->arena);
    const Vouch__V1__Bond *bond = record_bond(question->view, question->actor->id, contact, question->arena);
    if (yield == NULL || record == NULL) {
        return NULL;
    }
    yield->contact = contact;
    yield->name = question_name(question, TABLE_CONTACT, contact);
    yield->company = question_name(question, TABLE_COMPANY, record->company);
    if (bond == NULL || bond->last_ask_ms == 0) {
        return yield;
    }
    yield->asks = bond->asks;
    yield->named = bond->named;
    size_t count = record_contact_family(question->view, contact, family, question->arena);
    struct cursor *cursor = cursor_open(question->view, TABLE_ASK_CONTACT);
    for (size_t i = 0; i < count; i++) {
        struct key prefix = key_u64(family[i]);
        for (bool row = cursor_seek(cursor, key_slice(&prefix), &key, NULL); row && slice_u64(key, 0) == family[i];
             row = cursor_next(cursor, &key, NULL)) {
            const Vouch__V1__Ask *ask = record_ask(question->view, slice_u64(key, 16), question->arena);
            if (ask != NULL && ask->member == question->actor->id) {
                count_referrals(question, ask, yield);
            }
        }
    }
    cursor_close(&cursor);
    return yield;
}

static bool was_asked(struct slice value, struct arena *scratch)
{
    arena_reset(scratch);
    const Vouch__V1__Bond *bond = (const void *)message_unpack_own(&vouch__v1__bond__descriptor, value.size, value.data,
                                                                   scratch);
    return bond != NULL && bond->last_ask_ms != 0;
}

static enum vouch_status list_yields(struct question *question, const Vouch__V1__AskList *list, struct page *page)
{
    uint64_t member = question->actor->id;
    struct key key = key_bond(member, list->before + 1);
    struct slice at, value;
    bool late = false;
    size_t looked = 0;
    struct arena *scratch = arena_new(SCRATCH_BYTES);
    struct cursor *cursor = cursor_open(question->view, TABLE_BOND);
    for (bool row = cursor_seek(cursor, key_slice(&key), &at, &value);
         row && slice_u64(at, 0) == member && !page->more && !late; row = cursor_next(cursor, &at, &value)) {
        late = ++looked % 64 == 0 && question_is_late(question);
        if (!was_asked(value, scratch)) {
            continue;
        }
        Vouch__V1__AskYield *yield = page_is_full(page) ? NULL : ask_yield(question, slice_u64(at, 8));
        if (yield == NULL) {
            page->more = true;
        } else {
            page_add(page, yield, protobuf_c_message_get_packed_size(&yield->base));
        }
    }
    cursor_close(&cursor);
    arena_free(&scratch);
    return late ? VOUCH_TIMEOUT : VOUCH_OK;
}

/* ---- the answer ---- */

static enum vouch_status list_one(struct question *question, uint64_t id, struct page *page)
{
    const Vouch__V1__Ask *ask = record_ask(question->view, id, question->arena);
    if (ask == NULL || ask->member != question->actor->id) {
        return status_set(&question->why, VOUCH_NOT_FOUND, "A%" PRIu64 ": no such ask of yours", id);
    }
    return add_row(question, id, page) ? VOUCH_OK : question_too_large(question);
}

enum vouch_status query_ask_list(struct question *question, const Vouch__V1__Request *request)
{
    const Vouch__V1__AskList *list = request->ask_list;
    Vouch__V1__AskPage *answer = question_message(question, &vouch__v1__ask_page__descriptor);
    struct page page;
    if (answer == NULL || !page_start(question, list->limit, &page)) {
        return question_too_large(question);
    }
    enum vouch_status status = list->ask != 0 ? list_one(question, list->ask, &page)
                               : list->yields ? list_yields(question, list, &page)
                                              : list_asks(question, list, &page);
    if (status != VOUCH_OK) {
        return status;
    }
    if (list->yields && list->ask == 0) {
        answer->yields = (Vouch__V1__AskYield **)page.rows;
        answer->n_yields = page.count;
    } else {
        answer->asks = (Vouch__V1__AskRow **)page.rows;
        answer->n_asks = page.count;
    }
    answer->more = page.more;
    question->reply->result_case = RESULT(ASKS);
    question->reply->asks = answer;
    return VOUCH_OK;
}
