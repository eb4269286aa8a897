/* SPDX-License-Identifier: Apache-2.0
 *
 * Approval of commission: by the rule, when the hold of a payment elapses, or by a person afterwards, as the policy
 * says. */
#include "apply/books.h"
#include "base/check.h"
#include "decide/parts.h"
#include "domain/zone.h"

#define PAYMENTS_MAX 200

/* Adds a payment to the approval of its company; one event a company, each with its own open period. */
static enum vouch_status add_approved(struct decision *decision, uint64_t payment, uint64_t company,
                                      int64_t effective_ms, uint64_t companies[LIMIT_EVENTS_PER_COMMAND])
{
    size_t place = 0;
    while (place < decision->event_count && companies[place] != company) {
        place++;
    }
    if (place == LIMIT_EVENTS_PER_COMMAND) {
        return decision_too_large(decision);
    }
    if (place == decision->event_count) {
        Vouch__V1__CommissionApproved *approved = decision_message(decision,
                                                                   &vouch__v1__commission_approved__descriptor);
        uint64_t *payments = arena_alloc(decision->arena, PAYMENTS_MAX * sizeof *payments);
        if (approved == NULL || payments == NULL) {
            return decision_too_large(decision);
        }
        approved->payments = payments;
        approved->period = open_period(decision, company, effective_ms);
        approved->effective_ms = effective_ms;
        companies[place] = company;
        Vouch__V1__Event *event = decision_event(decision);
        event->body_case = BODY(COMMISSION_APPROVED);
        event->commission_approved = approved;
    }
    Vouch__V1__CommissionApproved *approved = decision->events[place].commission_approved;
    CHECK(approved->n_payments < PAYMENTS_MAX);
    approved->payments[approved->n_payments++] = payment;
    return VOUCH_OK;
}

/* ---- the timer ---- */

enum vouch_status elapse_hold(struct decision *decision, uint64_t payment, int64_t due_ms)
{
    uint64_t companies[LIMIT_EVENTS_PER_COMMAND];
    const Vouch__V1__Payment *record = record_payment(decision->view, payment, decision->arena);
    const Vouch__V1__Deal *deal = record == NULL ? NULL
                                                 : record_deal(decision->view, record->referral, decision->arena);
    if (deal == NULL || record->hold_until_ms != due_ms || record->approved || record->hold_elapsed) {
        return status_set(&decision->why, VOUCH_INTERNAL, "P%" PRIu64 " has no hold that elapses now", payment);
    }
    if (!decision->policy->approval_by_person || !payment_has_left(record)) {
        return add_approved(decision, payment, deal->company, due_ms, companies);
    }
    Vouch__V1__HoldElapsed *elapsed = decision_message(decision, &vouch__v1__hold_elapsed__descriptor);
    if (elapsed == NULL) {
        return decision_too_large(decision);
    }
    elapsed->payment = payment;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(HOLD_ELAPSED);
    event->hold_elapsed = elapsed;
    return VOUCH_OK;
}

/* ---- the command ---- */

static enum vouch_status check_waits(struct decision *decision, const Vouch__V1__Payment *payment)
{
    char date[ZONE_TEXT_BYTES];
    if (payment->approved) {
        return status_set(&decision->why, VOUCH_CONFLICT, "P%" PRIu64 " is approved already", payment->id);
    }
    if (payment->n_parts == 0) {
        return status_set(&decision->why, VOUCH_CONFLICT, "P%" PRIu64 " owes nobody commission", payment->id);
    }
    if (!payment->hold_elapsed) {
        const char *zone = record_home_zone(decision->view, decision->arena);
        return status_set(&decision->why, VOUCH_CONFLICT, "P%" PRIu64 " is held until %s; approve it then", payment->id,
                          zone_text(date, zone, payment->hold_until_ms, true));
    }
    return VOUCH_OK;
}

static enum vouch_status approve_one(struct decision *decision, uint64_t id,
                                     uint64_t companies[LIMIT_EVENTS_PER_COMMAND])
{
    const Vouch__V1__Payment *payment;
    const Vouch__V1__Deal *deal;
    enum vouch_status status = payment_find(decision, id, &payment, &deal);
    if (status == VOUCH_OK) {
        status = check_waits(decision, payment);
    }
    return status != VOUCH_OK ? status : add_approved(decision, id, deal->company, decision->now_ms, companies);
}

static enum vouch_status approve_named(struct decision *decision, const Vouch__V1__CommissionApprove *asked)
{
    uint64_t companies[LIMIT_EVENTS_PER_COMMAND];
    CHECK(asked->n_payments <= PAYMENTS_MAX);
    for (size_t i = 0; i < asked->n_payments; i++) {
        for (size_t j = 0; j < i; j++) {
            if (asked->payments[i] == asked->payments[j]) {
                return status_set(&decision->why, VOUCH_INVALID, "P%" PRIu64 " is named twice", asked->payments[i]);
            }
        }
        enum vouch_status status = approve_one(decision, asked->payments[i], companies);
        if (status != VOUCH_OK) {
            return status;
        }
    }
    return VOUCH_OK;
}

/* The company whose books a waiting payment is in; 0 when it cannot be read. */
static uint64_t waiting_company(const struct view *view, uint64_t payment, struct arena *scratch)
{
    arena_reset(scratch);
    const Vouch__V1__Payment *record = record_payment(view, payment, scratch);
    const Vouch__V1__Deal *deal = record == NULL ? NULL : record_deal(view, record->referral, scratch);
    return deal == NULL ? 0 : deal->company;
}

/* Those of companies whose books the actor keeps, until the decision is full. However many of others' wait, they cost
 * the decision no memory. */
static size_t add_waiting(struct decision *decision, struct arena *scratch)
{
    uint64_t companies[LIMIT_EVENTS_PER_COMMAND];
    size_t count = 0;
    bool room = true;
    struct slice key;
    struct cursor *cursor = cursor_open(decision->view, TABLE_AWAITING);
    for (bool row = cursor_seek(cursor, SLICE_NONE, &key, NULL); row && room && count < PAYMENTS_MAX;
         row = cursor_next(cursor, &key, NULL)) {
        uint64_t payment = slice_u64(key, 0);
        uint64_t company = waiting_company(decision->view, payment, scratch);
        if (company == 0 || !finance_may(decision->actor, company)) {
            continue;
        }
        room = add_approved(decision, payment, company, decision->now_ms, companies) == VOUCH_OK;
        count += room ? 1 : 0;
        decision->answer_id = room ? payment : decision->answer_id;
    }
    cursor_close(&cursor);
    return count;
}

static enum vouch_status approve_waiting(struct decision *decision)
{
    struct arena *scratch = arena_new(LIMIT_EVENT_BYTES);
    size_t count = add_waiting(decision, scratch);
    arena_free(&scratch);
    if (count == 0) {
        return status_set(&decision->why, VOUCH_CONFLICT, "no payment waits for approval");
    }
    return VOUCH_OK; /* the rest waits for the next command */
}

enum vouch_status decide_commission_approve(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__CommissionApprove *asked = request->commission_approve;
    if (asked->n_payments == 0) {
        return approve_waiting(decision);
    }
    decision->answer_id = asked->payments[asked->n_payments - 1];
    return approve_named(decision, asked);
}
