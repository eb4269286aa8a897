/* SPDX-License-Identifier: Apache-2.0
 *
 * Payout batches: the list, and one with its lines, as the payout file needs them. For those who see the company's
 * books. */
#include "base/message.h"
#include "query/books_view.h"

enum vouch_status query_payout_list(struct question *question, const Vouch__V1__Request *request)
{
    const Vouch__V1__PayoutList *asked = request->payout_list;
    Vouch__V1__PayoutPage *answer = question_message(question, &vouch__v1__payout_page__descriptor);
    struct page page;
    struct slice key;
    struct key before = key_u64(asked->before == 0 ? UINT64_MAX : asked->before);
    if (answer == NULL || !page_start(question, asked->limit, &page)) {
        return question_too_large(question);
    }
    struct cursor *cursor = cursor_open(question->view, TABLE_PAYOUT);
    for (bool row = cursor_seek_before(cursor, key_slice(&before), &key, NULL); row && !page.more;
         row = cursor_previous(cursor, &key, NULL)) {
        const Vouch__V1__Payout *payout = record_payout(question->view, slice_u64(key, 0), question->arena);
        if (payout == NULL) {
            page.more = true;
        } else if (books_are_open(question, payout->company)) {
            page_add(&page, (void *)(uintptr_t)payout, protobuf_c_message_get_packed_size(&payout->base));
        }
    }
    cursor_close(&cursor);
    answer->payouts = (Vouch__V1__Payout **)page.rows;
    answer->n_payouts = page.count;
    answer->more = page.more;
    question->reply->result_case = RESULT(PAYOUTS);
    question->reply->payouts = answer;
    return page.more && page.count == 0 ? question_too_large(question) : VOUCH_OK;
}

static Vouch__V1__PayoutLine *line_of(struct question *question, struct slice value)
{
    Vouch__V1__PayoutLine *line = (Vouch__V1__PayoutLine *)(uintptr_t)message_unpack_own(
        &vouch__v1__payout_line__descriptor, value.size, value.data, question->arena);
    if (line != NULL) {
        line->payee_name = question_name(question, TABLE_MEMBER, line->payee);
    }
    return line;
}

static enum vouch_status add_lines(struct question *question, const Vouch__V1__PayoutGet *asked,
                                   Vouch__V1__PayoutView *view)
{
    struct key from = key_payout_line(asked->payout, asked->after + 1);
    struct slice key, value;
    struct page page;
    if (!page_start(question, asked->limit, &page)) {
        return question_too_large(question);
    }
    struct cursor *cursor = cursor_open(question->view, TABLE_PAYOUT_LINE);
    for (bool row = cursor_seek(cursor, key_slice(&from), &key, &value);
         row && !page.more && slice_u64(key, 0) == asked->payout; row = cursor_next(cursor, &key, &value)) {
        Vouch__V1__PayoutLine *line = page_is_full(&page) ? NULL : line_of(question, value);
        if (line == NULL) {
            page.more = true;
        } else {
            page_add(&page, line, protobuf_c_message_get_packed_size(&line->base));
        }
    }
    cursor_close(&cursor);
    view->lines = (Vouch__V1__PayoutLine **)page.rows;
    view->n_lines = page.count;
    view->more = page.more;
    return page.more && page.count == 0 ? question_too_large(question) : VOUCH_OK;
}

enum vouch_status query_payout_get(struct question *question, const Vouch__V1__Request *request)
{
    const Vouch__V1__PayoutGet *asked = request->payout_get;
    const Vouch__V1__Payout *payout = record_payout(question->view, asked->payout, question->arena);
    if (payout == NULL || !books_are_open(question, payout->company)) {
        return status_set(&question->why, VOUCH_NOT_FOUND, "B%" PRIu64 ": no such batch, or none that you may see",
                          asked->payout);
    }
    Vouch__V1__PayoutView *view = question_message(question, &vouch__v1__payout_view__descriptor);
    if (view == NULL) {
        return question_too_large(question);
    }
    view->payout = (Vouch__V1__Payout *)(uintptr_t)payout;
    view->company_name = question_name(question, TABLE_COMPANY, payout->company);
    question->reply->result_case = RESULT(PAYOUT);
    question->reply->payout = view;
    return add_lines(question, asked, view);
}
