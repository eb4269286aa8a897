/* SPDX-License-Identifier: Apache-2.0
 *
 * Approval: what accrued, and was neither taken back nor disputed since, goes on its way to the next statement. */
#include "apply/parts.h"

void apply_hold_elapsed(struct application *application, const Vouch__V1__HoldElapsed *elapsed)
{
    const Vouch__V1__Payment *record = record_payment(application->view, elapsed->payment, application->arena);
    if (!is_there(application, record)) {
        return;
    }
    Vouch__V1__Payment payment = *record;
    struct key due = key_due(payment.hold_until_ms, DUE_HOLD_ELAPSES, payment.id);
    struct key awaiting = key_u64(payment.id);
    payment.hold_elapsed = true;
    row_delete(application->view, TABLE_DUE, &due);
    row_put(application->view, TABLE_AWAITING, &awaiting);
    record_put(application->view, TABLE_PAYMENT, payment.id, &payment.base, application->arena);
}

void part_approve(struct application *application, const Vouch__V1__Deal *deal, const Vouch__V1__Payment *payment,
                  Vouch__V1__PaymentPart *part, uint32_t period, int64_t effective_ms)
{
    struct account_id id = account_id_of(part->member, deal->company, payment->amount->currency);
    int64_t left = part_left(part);
    if (left == 0) {
        return;
    }
    book(application, &(struct order){.step = LEDGER_STEP_APPROVE,
                                      .company = deal->company,
                                      .payee = part->member,
                                      .currency = payment->amount->currency,
                                      .minor = left,
                                      .deal = deal,
                                      .payment = payment->id,
                                      .period = period,
                                      .effective_ms = effective_ms});
    part->approved_period = period;
    ready_add(application->view, &id, period, left);
}

static void approve(struct application *application, uint64_t id, const Vouch__V1__CommissionApproved *approved)
{
    const Vouch__V1__Payment *record = record_payment(application->view, id, application->arena);
    const Vouch__V1__Deal *deal = record == NULL ? NULL
                                                 : record_deal(application->view, record->referral, application->arena);
    if (!is_there(application, deal)) {
        return;
    }
    Vouch__V1__Payment payment = *record;
    struct key due = key_due(payment.hold_until_ms, DUE_HOLD_ELAPSES, id);
    struct key awaiting = key_u64(id);
    row_delete(application->view, payment.hold_elapsed ? TABLE_AWAITING : TABLE_DUE,
               payment.hold_elapsed ? &awaiting : &due);
    payment.approved = true;
    for (size_t i = 0; i < payment.n_parts; i++) {
        if (payment.parts[i]->dispute == 0) {
            part_approve(application, deal, &payment, payment.parts[i], approved->period, approved->effective_ms);
        }
    }
    record_put(application->view, TABLE_PAYMENT, id, &payment.base, application->arena);
}

void apply_commission_approved(struct application *application, const Vouch__V1__CommissionApproved *approved)
{
    struct application inner = application_inner(application);
    for (size_t i = 0; i < approved->n_payments; i++) {
        arena_reset(inner.arena);
        approve(&inner, approved->payments[i], approved);
    }
    arena_free(&inner.arena);
}
