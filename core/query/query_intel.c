/* SPDX-License-Identifier: Apache-2.0
 *
 * Intel that the asker gave or was offered, newest first. Its text is read by these two only. */
#include "apply/bonds.h"
#include "query/parts.h"

#define INTEL_STATES 5 /* with NONE */

Vouch__V1__Intel *intel_view(struct question *question, uint64_t id)
{
    const Vouch__V1__Intel *record = record_intel(question->view, id, question->arena);
    Vouch__V1__Intel *intel = record == NULL ? NULL : arena_memdup(question->arena, record, sizeof *intel);
    if (intel == NULL) {
        return NULL;
    }
    const Vouch__V1__Event *event = record_event(question->view, intel->sequence, question->arena);
    if (event != NULL && event->body_case == BODY(INTEL_GIVEN)) {
        const Vouch__V1__ReferralText *text = record_text(question->view, event->intel_given->text, 0, question->arena);
        intel->text = text == NULL ? (char *)(uintptr_t)protobuf_c_empty_string : text->note;
    }
    intel->from_name = question_name(question, TABLE_MEMBER, intel->from);
    intel->to_name = question_name(question, TABLE_MEMBER, intel->to);
    intel->company_name = question_name(question, TABLE_COMPANY, intel->company);
    return intel;
}

static bool add_row(struct question *question, uint64_t id, struct page *page)
{
    Vouch__V1__Intel *intel = page_is_full(page) ? NULL : intel_view(question, id);
    if (intel == NULL) {
        page->more = true;
        return false;
    }
    return page_add(page, intel, protobuf_c_message_get_packed_size(&intel->base));
}

/* The newest below an id, of one side and state; 0: none. */
static uint64_t newest_below(struct cursor *cursor, uint64_t member, enum intel_side side, uint8_t state, uint64_t id)
{
    struct slice key;
    struct key before = key_intel_member(member, side, (Vouch__V1__IntelState)state, id);
    bool mine = cursor_seek_before(cursor, key_slice(&before), &key, NULL) && slice_u64(key, 0) == member &&
                ((const uint8_t *)key.data)[8] == (uint8_t)side && ((const uint8_t *)key.data)[9] == state;
    return mine ? slice_u64(key, 10) : 0;
}

static void list_intel(struct question *question, const Vouch__V1__IntelList *list, struct page *page)
{
    enum intel_side side = list->given ? INTEL_GAVE : INTEL_WAS_OFFERED;
    uint64_t before = list->before == 0 ? UINT64_MAX : list->before;
    struct cursor *cursor = cursor_open(question->view, TABLE_INTEL_MEMBER);
    do {
        uint64_t best = 0;
        for (uint8_t state = 1; state < INTEL_STATES; state++) {
            uint64_t id = list->state == 0 || list->state == state
                              ? newest_below(cursor, question->actor->id, side, state, before)
                              : 0;
            best = id > best ? id : best;
        }
        before = best;
    } while (before != 0 && add_row(question, before, page));
    cursor_close(&cursor);
}

static enum vouch_status list_one(struct question *question, uint64_t id, struct page *page)
{
    const Vouch__V1__Intel *intel = record_intel(question->view, id, question->arena);
    if (intel == NULL || (intel->from != question->actor->id && intel->to != question->actor->id)) {
        return status_set(&question->why, VOUCH_NOT_FOUND, "I%" PRIu64 ": no such intel, or none that you may see", id);
    }
    return add_row(question, id, page) ? VOUCH_OK : question_too_large(question);
}

enum vouch_status query_intel_list(struct question *question, const Vouch__V1__Request *request)
{
    const Vouch__V1__IntelList *list = request->intel_list;
    Vouch__V1__IntelPage *answer = question_message(question, &vouch__v1__intel_page__descriptor);
    struct page page;
    enum vouch_status status = VOUCH_OK;
    if (answer == NULL || !page_start(question, list->limit, &page)) {
        return question_too_large(question);
    }
    if (list->intel != 0) {
        status = list_one(question, list->intel, &page);
    } else {
        list_intel(question, list, &page);
    }
    answer->intel = (Vouch__V1__Intel **)page.rows;
    answer->n_intel = page.count;
    answer->more = page.more;
    question->reply->result_case = RESULT(INTEL);
    question->reply->intel = answer;
    return status;
}
