/* SPDX-License-Identifier: Apache-2.0
 *
 * Every number of a deal's commission on one screen: nothing is read that could be computed, so what is shown is proven
 * while it is shown. */
#include "base/check.h"
#include "query/books_view.h"

#include <string.h>

#define LINES_BYTES ((size_t)1 << 20) /* one payment and its bookings */

static bool add_touches(struct question *question, const struct deal_proof *proof, Vouch__V1__Explanation *view)
{
    size_t eligible = 0;
    view->touches = arena_alloc(question->arena, (proof->touch_count + 1) * sizeof(void *));
    for (size_t i = 0; view->touches != NULL && i < proof->touch_count; i++) {
        const struct touch *touch = &proof->touches[i];
        Vouch__V1__Explanation__Counted *row = question_message(question, &vouch__v1__explanation__counted__descriptor);
        if (row == NULL) {
            return false;
        }
        row->member = touch->party;
        row->name = question_name(question, TABLE_MEMBER, touch->party);
        row->kind = (uint32_t)touch->kind;
        row->sequence = touch->sequence;
        row->time_ms = touch->time_ms;
        row->counts = eligible < proof->eligible_count && proof->eligible[eligible].sequence == touch->sequence;
        eligible += row->counts ? 1 : 0;
        view->touches[view->n_touches++] = row;
    }
    return view->touches != NULL;
}

/* ---- one payment ---- */

static bool add_slices(struct question *question, const struct terms_steps *steps, Vouch__V1__Explanation__Step *row)
{
    row->slices = arena_alloc(question->arena, (steps->slice_count + 1) * sizeof(void *));
    for (size_t i = 0; row->slices != NULL && i < steps->slice_count; i++) {
        Vouch__V1__Explanation__Slice *slice = question_message(question, &vouch__v1__explanation__slice__descriptor);
        if (slice == NULL) {
            return false;
        }
        slice->amount_minor = steps->slices[i].amount_minor;
        slice->rate_bps = steps->slices[i].rate_bps;
        slice->minor = steps->slices[i].minor;
        slice->ten_thousandths = steps->slices[i].ten_thousandths;
        row->slices[row->n_slices++] = slice;
    }
    return row->slices != NULL;
}

static bool add_shares(struct question *question, const Vouch__V1__Deal *deal, const struct deal_due *due,
                       Vouch__V1__Explanation__Step *row)
{
    row->shares = arena_alloc(question->arena, (due->count + 1) * sizeof(void *));
    for (size_t i = 0; row->shares != NULL && i < due->count; i++) {
        Vouch__V1__DealShare *share = arena_memdup(question->arena, deal->shares[i], sizeof *share);
        if (share == NULL) {
            return false;
        }
        share->name = question_name(question, TABLE_MEMBER, share->member);
        share->accrued_minor = due->parts[i].minor;
        if (due->division == DEAL_POOL || due->division == DEAL_OVERRIDES) {
            share->weight = due->parts[i].weight; /* 0 where the terms pay the party nothing */
        }
        row->shares[row->n_shares++] = share;
    }
    return row->shares != NULL;
}

static bool add_bookings(struct question *question, const struct payment_proof *proof,
                         Vouch__V1__Explanation__Step *row)
{
    row->bookings = arena_memdup(question->arena, proof->bookings, sizeof proof->bookings);
    row->n_bookings = row->bookings == NULL ? 0 : proof->booking_count;
    return row->bookings != NULL;
}

/* The parts of the view are its own: payment_view copied them. */
static void add_statements(const struct question *question, const Vouch__V1__Deal *deal, Vouch__V1__Payment *payment)
{
    for (size_t i = 0; payment != NULL && i < payment->n_parts; i++) {
        Vouch__V1__PaymentPart *part = payment->parts[i];
        struct account_id id = account_id_of(part->member, deal->company, deal->value->currency);
        part->statement = part->approved_period == 0 ? 0
                                                     : statement_of_line(question->view, &id, part->approved_period);
    }
}

static Vouch__V1__Explanation__Step *step_of(struct question *question, const Vouch__V1__Deal *deal,
                                             const struct payment_proof *proof)
{
    Vouch__V1__Explanation__Step *row = question_message(question, &vouch__v1__explanation__step__descriptor);
    const struct terms_steps *steps = &proof->due.steps;
    if (row == NULL) {
        return NULL;
    }
    row->payment = payment_view(question, proof->payment);
    add_statements(question, deal, row->payment);
    row->base_minor = proof->base_minor;
    row->due_minor = steps->due_minor;
    row->credited_minor = steps->credited_minor;
    row->rate_minor = steps->rate_minor;
    row->bounty_minor = steps->bounty_minor;
    row->accelerator_bps = steps->accelerator_bps;
    row->accelerated_minor = steps->accelerated_minor;
    row->bound = (uint32_t)steps->bound;
    row->pool_minor = steps->pool_minor;
    row->new_minor = proof->new_minor;
    row->same = proof->same;
    row->division = (uint32_t)proof->due.division;
    bool good = row->payment != NULL && add_slices(question, steps, row) &&
                add_shares(question, deal, &proof->due, row) && add_bookings(question, proof, row);
    return good ? row : NULL;
}

/* What is shown outlives the proof's look at it. False past the arena's budget. */
static bool keep(const struct question *question, struct payment_proof *step)
{
    step->payment = record_payment(question->view, step->payment->id, question->arena);
    for (size_t i = 0; step->payment != NULL && i < step->booking_count; i++) {
        step->bookings[i] = record_booking(question->view, step->bookings[i]->number, question->arena);
        if (step->bookings[i] == NULL) {
            return false;
        }
    }
    return step->payment != NULL;
}

/* Payments up to the last one seen are computed, because later ones rest on them, and not shown again. */
static enum vouch_status add_steps(struct question *question, struct deal_proof *proof, uint64_t after,
                                   Vouch__V1__Explanation *view)
{
    struct payment_proof *step = arena_alloc(question->arena, sizeof *step);
    struct page page;
    if (step == NULL || !page_start(question, LIMIT_PAGE_ROWS, &page)) {
        return question_too_large(question);
    }
    while (deal_proof_next(proof, step)) {
        if (page.more || step->payment->id <= after) {
            continue;
        }
        Vouch__V1__Explanation__Step *row = keep(question, step) ? step_of(question, proof->deal, step) : NULL;
        page.more = row == NULL;
        if (row != NULL) {
            page_add(&page, row, protobuf_c_message_get_packed_size(&row->base));
        }
    }
    view->steps = (Vouch__V1__Explanation__Step **)page.rows;
    view->n_steps = page.count;
    view->more = page.more;
    return page.more && page.count == 0 ? question_too_large(question) : VOUCH_OK;
}

/* ---- the deal ---- */

static enum vouch_status explain(struct question *question, const Vouch__V1__Deal *deal, uint64_t after,
                                 struct arena *lines, Vouch__V1__Explanation *view)
{
    struct deal_proof *proof = arena_alloc(question->arena, sizeof *proof);
    if (proof == NULL || !deal_proof_start(proof, question->view, deal, question->arena, lines)) {
        return question_too_large(question);
    }
    view->deal = deal_view(question, deal);
    view->prospect = question_name(question, TABLE_COMPANY, proof->referral->prospect);
    view->company_name = question_name(question, TABLE_COMPANY, deal->company);
    view->zone = (char *)(uintptr_t)record_home_zone(question->view, question->arena);
    if (view->deal == NULL || !add_touches(question, proof, view)) {
        return question_too_large(question);
    }
    enum vouch_status status = add_steps(question, proof, after, view);
    view->same = proof->why.text[0] == '\0';
    view->why = arena_strdup(question->arena, proof->why.text);
    return status == VOUCH_OK && view->why == NULL ? question_too_large(question) : status;
}

enum vouch_status query_commission_explain(struct question *question, const Vouch__V1__Request *request)
{
    const Vouch__V1__CommissionExplain *asked = request->commission_explain;
    const Vouch__V1__Referral *referral = record_referral(question->view, asked->referral, question->arena);
    if (referral == NULL || !access_referral(question->view, question->actor, referral, question->arena)) {
        return status_set(&question->why, VOUCH_NOT_FOUND, "R%" PRIu64 ": no such referral, or none that you may see",
                          asked->referral);
    }
    const Vouch__V1__Deal *deal = record_deal(question->view, asked->referral, question->arena);
    if (deal == NULL) {
        return status_set(&question->why, VOUCH_CONFLICT, "R%" PRIu64 " is %s: %s", asked->referral,
                          referral_state_name(referral->state),
                          referral->imported ? "it came from another system, and pays no commission"
                                             : "commission is paid on won deals only");
    }
    if (!access_deal(question->view, question->actor, referral, deal, question->arena)) {
        return status_set(&question->why, VOUCH_DENIED,
                          "the commission of R%" PRIu64 " is shown to its payees, the receiver's manager, finance, "
                          "auditors and admins",
                          asked->referral);
    }
    Vouch__V1__Explanation *view = question_message(question, &vouch__v1__explanation__descriptor);
    struct arena *lines = arena_new(LINES_BYTES);
    enum vouch_status status = view == NULL ? question_too_large(question)
                                            : explain(question, deal, asked->after, lines, view);
    arena_free(&lines);
    question->reply->result_case = RESULT(EXPLANATION);
    question->reply->explanation = view;
    return status;
}
