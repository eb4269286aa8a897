/* SPDX-License-Identifier: Apache-2.0
 *
 * Money that comes in on a deal: each payment owes what is new of what all payments together owe, so that the sum never
 * depends on how often was paid. */
#include "base/check.h"
#include "base/clock.h"
#include "decide/deal_math.h"
#include "decide/parts.h"
#include "domain/zone.h"

#include <string.h>

/* A clock that is a little ahead of the broker's. */
#define FUTURE_MS (5 * INT64_C(60000))

bool finance_may(const Vouch__V1__Member *actor, uint64_t company)
{
    return actor->role == ROLE(ADMIN) || (actor->role == ROLE(FINANCE) && actor->company == company);
}

enum vouch_status finance_check(struct decision *decision, uint64_t company)
{
    if (finance_may(decision->actor, company)) {
        return VOUCH_OK;
    }
    return status_set(&decision->why, VOUCH_DENIED, "the books of %s are kept by its own finance people, or an admin",
                      record_name(decision->view, TABLE_COMPANY, company, decision->arena));
}

uint32_t open_period(struct decision *decision, uint64_t company, int64_t effective_ms)
{
    uint32_t month = zone_month(record_home_zone(decision->view, decision->arena), effective_ms);
    uint32_t closed = period_last_closed(decision->view, company);
    return month > closed ? month : month_next(closed);
}

enum vouch_status effective_check(struct decision *decision, int64_t asked_ms, int64_t *effective_ms)
{
    if (asked_ms > decision->now_ms + FUTURE_MS) {
        return status_set(&decision->why, VOUCH_INVALID, "that date is in the future; say when it happened");
    }
    *effective_ms = asked_ms == 0 ? decision->now_ms : asked_ms;
    return VOUCH_OK;
}

enum vouch_status deal_find(struct decision *decision, uint64_t referral, const Vouch__V1__Deal **deal)
{
    const Vouch__V1__Referral *record = record_referral(decision->view, referral, decision->arena);
    if (record == NULL) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "R%" PRIu64 ": no such referral", referral);
    }
    *deal = record_deal(decision->view, referral, decision->arena);
    if (*deal == NULL && !access_referral(decision->view, decision->actor, record, decision->arena)) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "R%" PRIu64 ": no such referral", referral);
    }
    if (*deal == NULL) {
        return status_set(&decision->why, VOUCH_CONFLICT, "R%" PRIu64 " is %s: %s", referral,
                          referral_state_name(record->state),
                          record->imported ? "it came from another system, and pays no commission"
                                           : "commission is paid on won deals only");
    }
    return finance_check(decision, (*deal)->company);
}

enum vouch_status payment_find(struct decision *decision, uint64_t id, const Vouch__V1__Payment **payment,
                               const Vouch__V1__Deal **deal)
{
    *payment = record_payment(decision->view, id, decision->arena);
    if (*payment == NULL) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "P%" PRIu64 ": no such payment", id);
    }
    return deal_find(decision, (*payment)->referral, deal);
}

enum vouch_status currency_check(struct decision *decision, const Vouch__V1__Deal *deal, const char *currency)
{
    if (strcmp(currency, deal->value->currency) != 0) {
        return status_set(&decision->why, VOUCH_INVALID, "R%" PRIu64 " was won in %s, and %s are another currency",
                          deal->referral, deal->value->currency, currency);
    }
    return VOUCH_OK;
}

enum vouch_status turnover_check(struct decision *decision, const char *currency, int64_t minor)
{
    int64_t sum;
    struct key total = key_total(TOTAL_TURNOVER, currency, 3);
    if (__builtin_add_overflow(number_get(decision->view, TABLE_TOTAL, &total), minor, &sum)) {
        return status_set(&decision->why, VOUCH_INVALID, "all the commission in %s would not fit a number any more",
                          currency);
    }
    return VOUCH_OK;
}

/* ---- recording ---- */

/* Payments are many and large: each is read into scratch of its own. */
static enum vouch_status compare_reference(struct decision *decision, const Vouch__V1__Deal *deal,
                                           const char *reference, struct arena *scratch)
{
    for (size_t i = 0; i < deal->n_payments; i++) {
        arena_reset(scratch);
        const Vouch__V1__Payment *payment = record_payment(decision->view, deal->payments[i], scratch);
        if (payment == NULL) {
            return decision_too_large(decision);
        }
        if (strcmp(payment->reference, reference) == 0) {
            return status_set(&decision->why, VOUCH_DUPLICATE,
                              "%s is recorded already, as P%" PRIu64 " of R%" PRIu64 ": nothing was posted again",
                              reference, payment->id, deal->referral);
        }
    }
    return VOUCH_OK;
}

static enum vouch_status check_reference(struct decision *decision, const Vouch__V1__Deal *deal, const char *reference)
{
    if (deal->n_payments == 0) {
        return VOUCH_OK;
    }
    struct arena *scratch = arena_new(LIMIT_EVENT_BYTES);
    enum vouch_status status = compare_reference(decision, deal, reference, scratch);
    arena_free(&scratch);
    return status;
}

static enum vouch_status check_payment(struct decision *decision, const Vouch__V1__Deal *deal,
                                       const Vouch__V1__PaymentRecord *asked)
{
    char value[MONEY_TEXT_BYTES];
    char paid[MONEY_TEXT_BYTES];
    const Vouch__V1__Money *amount = asked->amount;
    if (deal->canceled) {
        return status_set(&decision->why, VOUCH_CONFLICT, "R%" PRIu64 " was canceled: nothing can be paid on it",
                          deal->referral);
    }
    enum vouch_status status = currency_check(decision, deal, amount->currency);
    if (status != VOUCH_OK) {
        return status;
    }
    if (amount->minor <= 0) {
        return status_set(&decision->why, VOUCH_INVALID, "a payment is above zero; money given back is a refund");
    }
    if (amount->minor > deal->value->minor - deal->paid_minor) {
        return status_set(&decision->why, VOUCH_CONFLICT,
                          "R%" PRIu64 " was won at %s and %s of it are paid: this payment is more than the rest. "
                          "Leave out tax and pass-through",
                          deal->referral, money_format(value, deal->value->minor, deal->value->currency),
                          money_format(paid, deal->paid_minor, deal->value->currency));
    }
    if (deal->n_payments == DEAL_PAYMENTS_MAX) {
        return status_set(&decision->why, VOUCH_TOO_LARGE, "R%" PRIu64 " has %d payments, which is the most",
                          deal->referral, DEAL_PAYMENTS_MAX);
    }
    return check_reference(decision, deal, asked->reference);
}

static enum vouch_status set_parts(struct decision *decision, const Vouch__V1__Deal *deal,
                                   const struct money_part *steps, size_t count, Vouch__V1__Payment *payment)
{
    int64_t sum = 0;
    payment->parts = arena_alloc(decision->arena, (count + 1) * sizeof *payment->parts);
    for (size_t i = 0; payment->parts != NULL && i < count; i++) {
        if (steps[i].minor == 0) {
            continue;
        }
        Vouch__V1__PaymentPart *part = decision_message(decision, &vouch__v1__payment_part__descriptor);
        if (part == NULL) {
            return decision_too_large(decision);
        }
        part->member = steps[i].party;
        part->minor = steps[i].minor;
        payment->parts[payment->n_parts++] = part;
        if (__builtin_add_overflow(sum, part->minor, &sum)) {
            return status_set(&decision->why, VOUCH_INVALID, "the commission does not fit a number");
        }
    }
    return payment->parts == NULL ? decision_too_large(decision) : turnover_check(decision, deal->value->currency, sum);
}

static enum vouch_status accrue(struct decision *decision, const Vouch__V1__Deal *deal, const struct terms *terms,
                                Vouch__V1__Payment *payment)
{
    struct deal_due due;
    int64_t earlier[DEAL_SHARES_MAX];
    struct money_part steps[DEAL_SHARES_MAX];
    enum vouch_status status = deal_due(terms, deal, deal->paid_minor + payment->amount->minor, &due, &decision->why);
    if (status != VOUCH_OK) {
        return status;
    }
    for (size_t i = 0; i < due.count; i++) {
        earlier[i] = deal->shares[i]->accrued_minor;
    }
    deal_step(deal, &due, earlier, steps);
    return set_parts(decision, deal, steps, due.count, payment);
}

enum vouch_status decide_payment_record(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__PaymentRecord *asked = request->payment_record;
    const Vouch__V1__Deal *deal = NULL;
    struct terms terms;
    enum vouch_status status = deal_find(decision, asked->referral, &deal);
    if (status == VOUCH_OK) {
        status = check_payment(decision, deal, asked);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    Vouch__V1__PaymentRecorded *recorded = decision_message(decision, &vouch__v1__payment_recorded__descriptor);
    Vouch__V1__Payment *payment = decision_message(decision, &vouch__v1__payment__descriptor);
    if (recorded == NULL || payment == NULL || !deal_terms(decision->view, deal, decision->arena, &terms)) {
        return decision_too_large(decision);
    }
    payment->id = decision_next_id(decision, "last_payment");
    payment->referral = deal->referral;
    payment->amount = asked->amount;
    payment->reference = asked->reference;
    payment->paid_before_minor = deal->paid_minor;
    status = effective_check(decision, asked->received_ms, &payment->received_ms);
    if (status == VOUCH_OK) {
        payment->period = open_period(decision, deal->company, payment->received_ms);
        payment->hold_until_ms = terms_hold_until(&terms, decision->now_ms);
        status = accrue(decision, deal, &terms, payment);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    recorded->payment = payment;
    recorded->minimum_minor = terms.minimum_minor;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(PAYMENT_RECORDED);
    event->payment_recorded = recorded;
    decision->answer_id = payment->id;
    return VOUCH_OK;
}
