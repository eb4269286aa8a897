/* SPDX-License-Identifier: Apache-2.0
 *
 * Deals: what is frozen when a referral is won, and the payments that accrue commission. */
#include "apply/fact.h"
#include "apply/parts.h"

#include "base/check.h"

void apply_deal_won(struct application *application, const Vouch__V1__DealWon *won)
{
    CHECK(won->deal != NULL && won->deal->value != NULL);
    Vouch__V1__Deal deal = *won->deal;
    deal.sequence = application->sequence;
    deal.year = won->year;
    record_put(application->view, TABLE_DEAL, deal.referral, &deal.base, application->arena);
    const Vouch__V1__Referral *referral = record_referral(application->view, deal.referral, application->arena);
    if (!is_there(application, referral)) {
        return;
    }
    struct key prior = key_prior(deal.terms, referral->referrer, deal.value->currency, won->year);
    number_add(application->view, TABLE_TOTAL, &prior, deal.value->minor);
    for (size_t i = 0; i < deal.n_shares; i++) {
        if (deal.shares[i]->weight > 0) {
            inbox_add(application, deal.shares[i]->member);
        }
    }
}

static void accrue(struct application *application, Vouch__V1__Deal *deal, const Vouch__V1__Payment *payment,
                   int64_t minimum_minor)
{
    for (size_t i = 0; i < payment->n_parts; i++) {
        Vouch__V1__PaymentPart *part = payment->parts[i];
        struct account_id id = account_id_of(part->member, deal->company, payment->amount->currency);
        struct account account;
        part->booking = book(application, &(struct order){.step = LEDGER_STEP_ACCRUE,
                                                          .company = deal->company,
                                                          .payee = part->member,
                                                          .currency = payment->amount->currency,
                                                          .minor = part->minor,
                                                          .deal = deal,
                                                          .payment = payment->id,
                                                          .period = payment->period,
                                                          .effective_ms = payment->received_ms});
        account_get(application->view, &id, &account);
        if (account.minimum_minor != minimum_minor) {
            account.minimum_minor = minimum_minor;
            account_put(application->view, &id, &account);
        }
        inbox_add(application, part->member);
        deal->accrued_minor += part->minor;
        for (size_t j = 0; j < deal->n_shares; j++) {
            deal->shares[j]->accrued_minor += deal->shares[j]->member == part->member ? part->minor : 0;
        }
    }
}

void apply_payment_recorded(struct application *application, const Vouch__V1__PaymentRecorded *recorded)
{
    Vouch__V1__Payment *payment = recorded->payment;
    CHECK(payment != NULL && payment->amount != NULL);
    const Vouch__V1__Deal *record = record_deal(application->view, payment->referral, application->arena);
    if (!is_there(application, record)) {
        return;
    }
    Vouch__V1__Deal deal = *record;
    payment->sequence = application->sequence;
    payment->recorded_ms = application->event->time_ms;
    accrue(application, &deal, payment, recorded->minimum_minor);
    deal.paid_minor += payment->amount->minor;
    deal.payments = scratch(application, (deal.n_payments + 1) * sizeof *deal.payments);
    for (size_t i = 0; i < deal.n_payments; i++) {
        deal.payments[i] = record->payments[i];
    }
    deal.payments[deal.n_payments++] = payment->id;
    record_put(application->view, TABLE_DEAL, deal.referral, &deal.base, application->arena);
    record_put(application->view, TABLE_PAYMENT, payment->id, &payment->base, application->arena);
    counter_reach(application, "last_payment", payment->id);
    const Vouch__V1__Referral *referral = record_referral(application->view, deal.referral, application->arena);
    if (is_there(application, referral)) {
        revenue_add(application, referral, REVENUE_PAID, payment->received_ms, payment->amount, payment->id);
    }
    if (payment->n_parts > 0) {
        struct key due = key_due(payment->hold_until_ms, DUE_HOLD_ELAPSES, payment->id);
        row_put(application->view, TABLE_DUE, &due);
    }
}
