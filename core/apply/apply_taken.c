/* SPDX-License-Identifier: Apache-2.0
 *
 * Commission that is taken back: refunds, cancellations, corrections. From where each unit comes was decided; here it
 * is booked, and what the unit counted into is brought up to date: its line, its statement, its dispute. */
#include "apply/fact.h"
#include "apply/parts.h"

#include "base/check.h"

/* What disputes hold of a line is taken first. Returns how much of it that was. */
static int64_t take_from_hold(struct application *application, const struct account_id *id,
                              const Vouch__V1__PaymentPart *part, int64_t minor)
{
    const Vouch__V1__Dispute *record = record_dispute(application->view, part->dispute, application->arena);
    if (!is_there(application, record)) {
        return 0;
    }
    Vouch__V1__Dispute dispute = *record;
    int64_t held = dispute.minor < minor ? dispute.minor : minor;
    dispute.minor -= held;
    record_put(application->view, TABLE_DISPUTE, dispute.id, &dispute.base, application->arena);
    account_hold(application->view, id, -held);
    return held;
}

static void take_from_statement(struct application *application, const Vouch__V1__CommissionTaking *taking,
                                int64_t held)
{
    const Vouch__V1__Statement *record = record_statement(application->view, taking->statement, application->arena);
    if (!is_there(application, record)) {
        return;
    }
    Vouch__V1__Statement statement = *record;
    statement.taken_minor += taking->minor;
    if (taking->step == VOUCH__V1__LEDGER_STEP__REVERSE_PAY) {
        statement.payable_minor -= taking->minor;
        statement.disputed_minor -= held;
        if (statement.payable_minor == 0) {
            struct key payable = key_payable(statement.company, statement.currency, statement.id);
            row_delete(application->view, TABLE_PAYABLE, &payable);
        }
    }
    record_put(application->view, TABLE_STATEMENT, statement.id, &statement.base, application->arena);
}

static void take(struct application *application, Vouch__V1__Deal *deal, const Vouch__V1__Payment *payment,
                 const Vouch__V1__CommissionTaken *taken, const Vouch__V1__CommissionTaking *taking)
{
    Vouch__V1__PaymentPart *part = payment_part(payment, taking->payee);
    CHECK(part != NULL && taking->minor > 0 && taking->minor <= part_left(part));
    struct account_id id = account_id_of(taking->payee, deal->company, payment->amount->currency);
    book(application, &(struct order){.step = (enum ledger_step)taking->step,
                                      .reason = (enum ledger_reason)taken->reason,
                                      .company = deal->company,
                                      .payee = taking->payee,
                                      .currency = payment->amount->currency,
                                      .minor = taking->minor,
                                      .deal = deal,
                                      .payment = payment->id,
                                      .statement = taking->statement,
                                      .corrects = part->booking,
                                      .period = taken->period,
                                      .effective_ms = taken->effective_ms});
    part->taken_minor += taking->minor;
    part->corrected_minor += taken->correction ? taking->minor : 0;
    deal->taken_minor += taking->minor;
    bool may_be_held = part->dispute != 0 && taking->step != VOUCH__V1__LEDGER_STEP__CLAW_BACK;
    int64_t held = may_be_held ? take_from_hold(application, &id, part, taking->minor) : 0;
    if (taking->step == VOUCH__V1__LEDGER_STEP__REVERSE_APP && part->dispute == 0) {
        ready_add(application->view, &id, part->approved_period, -taking->minor);
    }
    if (taking->statement != 0) {
        take_from_statement(application, taking, held);
    }
    inbox_add_once(application, taking->payee);
}

/* The takings of one payment, which follow each other; returns the place after them. */
static size_t take_payment(struct application *application, Vouch__V1__Deal *deal,
                           const Vouch__V1__CommissionTaken *taken, size_t at)
{
    uint64_t id = taken->takings[at]->payment;
    const Vouch__V1__Payment *record = record_payment(application->view, id, application->arena);
    if (!is_there(application, record)) {
        return taken->n_takings;
    }
    Vouch__V1__Payment payment = *record;
    for (; at < taken->n_takings && taken->takings[at]->payment == id; at++) {
        take(application, deal, &payment, taken, taken->takings[at]);
    }
    if (payment.hold_elapsed && !payment.approved && !payment_has_left(&payment)) {
        struct key awaiting = key_u64(id);
        row_delete(application->view, TABLE_AWAITING, &awaiting);
        payment.approved = true; /* nobody need look at nothing */
    }
    record_put(application->view, TABLE_PAYMENT, id, &payment.base, application->arena);
    return at;
}

/* Says of a payment what was given back of it; `minor` 0: all that was not. */
static void refund(struct application *application, Vouch__V1__Deal *deal, const Vouch__V1__CommissionTaken *taken,
                   uint64_t id, int64_t minor)
{
    const Vouch__V1__Payment *record = record_payment(application->view, id, application->arena);
    if (!is_there(application, record)) {
        return;
    }
    Vouch__V1__Payment payment = *record;
    Vouch__V1__Refund refund = VOUCH__V1__REFUND__INIT;
    refund.minor = minor == 0 ? payment.amount->minor - payment.refunded_minor : minor;
    refund.reference = taken->reference;
    refund.refunded_ms = taken->effective_ms;
    refund.sequence = application->sequence;
    if (refund.minor == 0) {
        return;
    }
    payment.refunds = scratch(application, (payment.n_refunds + 1) * sizeof *payment.refunds);
    for (size_t i = 0; i < payment.n_refunds; i++) {
        payment.refunds[i] = record->refunds[i];
    }
    payment.refunds[payment.n_refunds++] = &refund;
    payment.refunded_minor += refund.minor;
    deal->refunded_minor += refund.minor;
    CHECK(payment.refunded_minor <= payment.amount->minor);
    const Vouch__V1__Referral *referral = record_referral(application->view, deal->referral, application->arena);
    if (is_there(application, referral)) {
        Vouch__V1__Money back = *payment.amount;
        back.minor = -refund.minor;
        revenue_add(application, referral, REVENUE_REFUNDED, taken->effective_ms, &back, id);
    }
    record_put(application->view, TABLE_PAYMENT, id, &payment.base, application->arena);
}

/* What reports count no more, or count as taken back. */
static void uncount(struct application *application, const Vouch__V1__Referral *referral, const Vouch__V1__Deal *deal,
                    const Vouch__V1__CommissionTaken *taken)
{
    Vouch__V1__Money back = *deal->value;
    back.minor = -back.minor;
    revenue_add(application, referral, REVENUE_CANCELED, taken->effective_ms, &back, 0);
    if (taken->reason == VOUCH__V1__LEDGER_REASON__FRAUD) {
        fact_mark(application, referral, FACT_FRAUD);
    } else if (taken->reason == VOUCH__V1__LEDGER_REASON__IS_DUPLICATE) {
        fact_mark(application, referral, FACT_DUPLICATE);
    }
}

/* The deal counts no more for the tiers of later ones. */
static void cancel(struct application *application, struct application *inner, Vouch__V1__Deal *deal,
                   const Vouch__V1__CommissionTaken *taken)
{
    for (size_t i = 0; i < deal->n_payments; i++) {
        arena_reset(inner->arena);
        refund(inner, deal, taken, deal->payments[i], 0);
    }
    const Vouch__V1__Referral *referral = record_referral(application->view, deal->referral, application->arena);
    if (is_there(application, referral)) {
        struct key prior = key_prior(deal->terms, referral->referrer, deal->value->currency, deal->year);
        number_add(application->view, TABLE_TOTAL, &prior, -deal->value->minor);
        uncount(application, referral, deal, taken);
    }
    deal->canceled = true;
}

void apply_commission_taken(struct application *application, const Vouch__V1__CommissionTaken *taken)
{
    const Vouch__V1__Deal *record = record_deal(application->view, taken->referral, application->arena);
    if (!is_there(application, record)) {
        return;
    }
    Vouch__V1__Deal deal = *record;
    struct application inner = application_inner(application);
    for (size_t at = 0; at < taken->n_takings;) {
        arena_reset(inner.arena);
        at = take_payment(&inner, &deal, taken, at);
    }
    if (taken->refunded_payment != 0) {
        arena_reset(inner.arena);
        refund(&inner, &deal, taken, taken->refunded_payment, taken->refunded_minor);
    }
    if (taken->canceled) {
        cancel(application, &inner, &deal, taken);
    }
    arena_free(&inner.arena);
    record_put(application->view, TABLE_DEAL, deal.referral, &deal.base, application->arena);
}
