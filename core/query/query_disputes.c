/* SPDX-License-Identifier: Apache-2.0
 *
 * Disputes, newest first: of whom they are about, who opened them, and who sees the company's books. */
#include "query/books_view.h"

#define LOOK_ROWS 256
#define ROW_BYTES ((size_t)1 << 20)

/* Looks with memory of its own, so that a long list of others' disputes costs the answer nothing. */
static bool is_wanted(struct question *question, uint64_t id, bool all, struct arena *scratch)
{
    uint64_t asker = question->actor->id;
    arena_reset(scratch);
    const Vouch__V1__Dispute *dispute = record_dispute(question->view, id, scratch);
    if (dispute == NULL || (!all && dispute->resolved_ms != 0)) {
        return false;
    }
    if (dispute->payee == asker || dispute->opened_by == asker) {
        return true;
    }
    const Vouch__V1__Deal *deal = record_deal(question->view, dispute->referral, scratch);
    return deal != NULL && books_are_open(question, deal->company);
}

static Vouch__V1__Dispute *row_of(struct question *question, uint64_t id)
{
    Vouch__V1__Dispute *dispute = (Vouch__V1__Dispute *)(uintptr_t)record_dispute(question->view, id, question->arena);
    if (dispute != NULL) {
        dispute->payee_name = question_name(question, TABLE_MEMBER, dispute->payee);
        dispute->opened_by_name = question_name(question, TABLE_MEMBER, dispute->opened_by);
    }
    return dispute;
}

static enum vouch_status fill(struct question *question, const Vouch__V1__DisputeList *asked, struct arena *scratch,
                              struct page *page)
{
    struct key before = key_u64(asked->before == 0 ? UINT64_MAX : asked->before);
    struct slice key;
    uint64_t rows = 0;
    enum vouch_status status = VOUCH_OK;
    struct cursor *cursor = cursor_open(question->view, TABLE_DISPUTE);
    for (bool row = cursor_seek_before(cursor, key_slice(&before), &key, NULL);
         row && !page->more && status == VOUCH_OK; row = cursor_previous(cursor, &key, NULL)) {
        uint64_t id = slice_u64(key, 0);
        if (is_wanted(question, id, asked->all, scratch)) {
            Vouch__V1__Dispute *dispute = page_is_full(page) ? NULL : row_of(question, id);
            page->more = dispute == NULL;
            if (dispute != NULL) {
                page_add(page, dispute, protobuf_c_message_get_packed_size(&dispute->base));
            }
        }
        if (++rows % LOOK_ROWS == 0 && question_is_late(question)) {
            status = VOUCH_TIMEOUT;
        }
    }
    cursor_close(&cursor);
    return status == VOUCH_OK && page->more && page->count == 0 ? question_too_large(question) : status;
}

enum vouch_status query_dispute_list(struct question *question, const Vouch__V1__Request *request)
{
    Vouch__V1__DisputePage *answer = question_message(question, &vouch__v1__dispute_page__descriptor);
    struct page page;
    if (answer == NULL || !page_start(question, request->dispute_list->limit, &page)) {
        return question_too_large(question);
    }
    struct arena *scratch = arena_new(ROW_BYTES);
    enum vouch_status status = fill(question, request->dispute_list, scratch, &page);
    arena_free(&scratch);
    answer->disputes = (Vouch__V1__Dispute **)page.rows;
    answer->n_disputes = page.count;
    answer->more = page.more;
    question->reply->result_case = RESULT(DISPUTES);
    question->reply->disputes = answer;
    return status;
}
