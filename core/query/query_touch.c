/* SPDX-License-Identifier: Apache-2.0
 *
 * How a tie of the asker's stands, and its touches, newest first. Nobody else sees either. */
#include "apply/bonds.h"
#include "base/check.h"
#include "base/message.h"
#include "decide/asks.h"
#include "query/parts.h"

#include <string.h>

/* What the member wrote with a touch; "" when nothing, or erased. The note is sealed for the contact it was written
 * about, who may have been merged into another since. */
char *touch_note(const struct question *question, const Vouch__V1__TieTouch *touch)
{
    const Vouch__V1__Event *event = record_event(question->view, touch->sequence, question->arena);
    if (event == NULL || event->body_case != BODY(TOUCH_RECORDED)) {
        return (char *)(uintptr_t)protobuf_c_empty_string;
    }
    const Vouch__V1__ReferralText *text = record_text(question->view, event->touch_recorded->text,
                                                      event->touch_recorded->touch->contact, question->arena);
    return text == NULL ? (char *)(uintptr_t)protobuf_c_empty_string : text->note;
}

/* The next older touch of any of the contacts that are this person. */
struct walk {
    struct cursor *cursor;
    uint64_t contact;
    bool found;
    struct slice key, value;
};

static void walk_read(struct walk *walk, uint64_t member, bool row)
{
    walk->found = row && slice_u64(walk->key, 0) == member && slice_u64(walk->key, 8) == walk->contact;
}

static struct walk *newest(struct walk *walks, size_t count)
{
    struct walk *best = NULL;
    for (size_t i = 0; i < count; i++) {
        if (walks[i].found && (best == NULL || slice_u64(walks[i].key, 16) > slice_u64(best->key, 16))) {
            best = &walks[i];
        }
    }
    return best;
}

static bool add_touch(struct question *question, struct slice value, struct page *page)
{
    Vouch__V1__TieTouch *touch = page_is_full(page)
                                     ? NULL
                                     : (void *)(uintptr_t)message_unpack_own(&vouch__v1__tie_touch__descriptor,
                                                                             value.size, value.data, question->arena);
    if (touch == NULL) {
        page->more = true;
        return false;
    }
    touch->note = touch_note(question, touch);
    return page_add(page, touch, protobuf_c_message_get_packed_size(&touch->base));
}

static void read_touches(struct question *question, uint64_t contact, int64_t before_ms, struct page *page)
{
    uint64_t family[LIMIT_CONTACT_FAMILY];
    struct walk walks[LIMIT_CONTACT_FAMILY];
    uint64_t member = question->actor->id;
    size_t count = record_contact_family(question->view, contact, family, question->arena);
    for (size_t i = 0; i < count; i++) {
        struct key before = key_touch(member, family[i], before_ms, 0);
        walks[i] = (struct walk){.cursor = cursor_open(question->view, TABLE_TOUCH), .contact = family[i]};
        walk_read(&walks[i], member,
                  cursor_seek_before(walks[i].cursor, key_slice(&before), &walks[i].key, &walks[i].value));
    }
    for (struct walk *walk = newest(walks, count); walk != NULL && add_touch(question, walk->value, page);
         walk = newest(walks, count)) {
        walk_read(walk, member, cursor_previous(walk->cursor, &walk->key, &walk->value));
    }
    for (size_t i = 0; i < count; i++) {
        cursor_close(&walks[i].cursor);
    }
}

/* ---- how it stands ---- */

static enum vouch_status make_standing(struct question *question, const Vouch__V1__Contact *contact,
                                       Vouch__V1__TieStanding *answer)
{
    struct tie_entry tie = {.strength_ppm = 0};
    tie_get(question->view, NODE_MEMBER | question->actor->id, NODE_CONTACT | contact->id, &tie);
    const Vouch__V1__Bond *bond = record_bond(question->view, question->actor->id, contact->id, question->arena);
    struct standing standing = tie_standing(tie.strength_ppm, (tie.flags & TIE_BY_HAND) != 0, bond,
                                            tie_made_ms(contact), &question->policy->cadence, question->now_ms);
    answer->contact = contact->id;
    answer->name = question_name(question, TABLE_CONTACT, contact->id);
    answer->company = question_name(question, TABLE_COMPANY, contact->company);
    answer->strength_ppm = standing.strength_ppm;
    answer->strength_by_hand = standing.strength_by_hand;
    answer->tier = standing.tier;
    answer->tier_by_hand = standing.tier_by_hand;
    answer->returns_calls = standing.returns_calls;
    answer->due_ms = standing.due_ms;
    answer->neglected = standing.neglected;
    if (bond != NULL) {
        struct strength strength = strength_of_bond(bond, question->now_ms);
        answer->r_micro = strength.r_micro;
        answer->reciprocity_ppm = strength.reciprocity_ppm;
        answer->last_two_way_ms = bond->last_two_way_ms;
    }
    answer->yield = ask_yield(question, contact->id);
    return answer->yield == NULL ? question_too_large(question) : VOUCH_OK;
}

enum vouch_status query_touch_list(struct question *question, const Vouch__V1__Request *request)
{
    const Vouch__V1__TouchList *list = request->touch_list;
    uint64_t self = record_contact_self(question->view, list->contact);
    const Vouch__V1__Contact *contact = record_contact(question->view, self, question->arena);
    if (contact == NULL || !access_contact(question->view, question->actor->id, self)) {
        return status_set(&question->why, VOUCH_NOT_FOUND,
                          "contact %" PRIu64 ": no such person, or none you have a tie to", list->contact);
    }
    Vouch__V1__TouchPage *answer = question_message(question, &vouch__v1__touch_page__descriptor);
    Vouch__V1__TieStanding *standing = question_message(question, &vouch__v1__tie_standing__descriptor);
    struct page page;
    if (answer == NULL || standing == NULL || !page_start(question, list->limit, &page)) {
        return question_too_large(question);
    }
    enum vouch_status status = make_standing(question, contact, standing);
    if (status != VOUCH_OK) {
        return status;
    }
    read_touches(question, self, list->before_ms > 0 ? list->before_ms : INT64_MAX, &page);
    answer->standing = standing;
    answer->touches = (Vouch__V1__TieTouch **)page.rows;
    answer->n_touches = page.count;
    answer->more = page.more;
    question->reply->result_case = RESULT(TOUCHES);
    question->reply->touches = answer;
    return VOUCH_OK;
}
