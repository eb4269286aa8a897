/* SPDX-License-Identifier: Apache-2.0
 *
 * Payments that a person has to approve; on demand those still within their hold too. For those who see the company's
 * books. */
#include "query/books_view.h"

#define LOOK_ROWS 1024
#define ROW_BYTES ((size_t)1 << 20)

/* Something of it is neither approved nor taken back. */
static bool waits(const Vouch__V1__Payment *payment, bool held)
{
    int64_t left = 0;
    for (size_t i = 0; i < payment->n_parts; i++) {
        left += part_left(payment->parts[i]);
    }
    return !payment->approved && left > 0 && (held || payment->hold_elapsed);
}

/* Looks with memory of its own, so that payments which do not wait cost the answer nothing. */
static bool is_wanted(struct question *question, uint64_t id, bool held, struct arena *scratch)
{
    arena_reset(scratch);
    const Vouch__V1__Payment *payment = record_payment(question->view, id, scratch);
    if (payment == NULL || !waits(payment, held)) {
        return false;
    }
    const Vouch__V1__Deal *deal = record_deal(question->view, payment->referral, scratch);
    return deal != NULL && books_are_open(question, deal->company);
}

static Vouch__V1__Payment *row_of(struct question *question, uint64_t id)
{
    const Vouch__V1__Payment *payment = record_payment(question->view, id, question->arena);
    return payment == NULL ? NULL : payment_view(question, payment);
}

/* A page that ends early says where to go on. */
static void fill(struct question *question, const Vouch__V1__CommissionPending *asked, struct arena *scratch,
                 struct page *page, Vouch__V1__PaymentPage *answer)
{
    struct key from = key_u64(asked->after + 1);
    struct slice key;
    uint64_t rows = 0;
    answer->next = asked->after;
    struct cursor *cursor = cursor_open(question->view, asked->held ? TABLE_PAYMENT : TABLE_AWAITING);
    for (bool row = cursor_seek(cursor, key_slice(&from), &key, NULL); row && !page->more;
         row = cursor_next(cursor, &key, NULL)) {
        uint64_t id = slice_u64(key, 0);
        if (++rows % LOOK_ROWS == 0 && question_is_late(question)) {
            page->more = true;
        } else if (is_wanted(question, id, asked->held, scratch)) {
            Vouch__V1__Payment *payment = page_is_full(page) ? NULL : row_of(question, id);
            page->more = payment == NULL ||
                         !page_add(page, payment, protobuf_c_message_get_packed_size(&payment->base));
        }
        answer->next = page->more ? answer->next : id;
    }
    cursor_close(&cursor);
}

enum vouch_status query_commission_pending(struct question *question, const Vouch__V1__Request *request)
{
    const Vouch__V1__CommissionPending *asked = request->commission_pending;
    Vouch__V1__PaymentPage *answer = question_message(question, &vouch__v1__payment_page__descriptor);
    struct page page;
    if (answer == NULL || !page_start(question, asked->limit, &page)) {
        return question_too_large(question);
    }
    struct arena *scratch = arena_new(ROW_BYTES);
    fill(question, asked, scratch, &page, answer);
    arena_free(&scratch);
    answer->payments = (Vouch__V1__Payment **)page.rows;
    answer->n_payments = page.count;
    answer->more = page.more;
    question->reply->result_case = RESULT(PAYMENTS);
    question->reply->payments = answer;
    return page.more && answer->next == asked->after ? question_too_large(question) : VOUCH_OK;
}
