/* SPDX-License-Identifier: Apache-2.0
 *
 * Deals against their payments, payments against what was booked. */
#include "apply/apply.h"
#include "apply/books.h"
#include "base/check.h"
#include "query/checking.h"

#include <string.h>

struct sums {
    int64_t paid;
    int64_t refunded;
    int64_t accrued;
    int64_t taken;
};

static void check_part(struct check *check, const Vouch__V1__Payment *payment, const Vouch__V1__PaymentPart *part)
{
    const Vouch__V1__Booking *booking = record_booking(check->view, part->booking, check->arena);
    if (booking == NULL || booking->step != VOUCH__V1__LEDGER_STEP__ACCRUE || booking->payment != payment->id ||
        booking->payee != part->member || booking->amount->minor != part->minor) {
        finding(check, "the part of member %" PRIu64 " in P%" PRIu64 " is not what L%" PRIu64 " booked", part->member,
                payment->id, part->booking);
    }
    if (part->taken_minor < 0 || part->taken_minor > part->minor) {
        finding(check, "more is taken back of the part of member %" PRIu64 " in P%" PRIu64 " than there was",
                part->member, payment->id);
    }
}

static void check_payment(struct check *check, const Vouch__V1__Deal *deal, uint64_t id, struct sums *sums)
{
    const Vouch__V1__Payment *payment = record_payment(check->view, id, check->arena);
    if (payment == NULL || payment->amount == NULL || payment->referral != deal->referral) {
        finding(check, "payment P%" PRIu64 " of R%" PRIu64 " cannot be read", id, deal->referral);
        return;
    }
    if (payment->paid_before_minor != sums->paid || payment->refunded_minor > payment->amount->minor) {
        finding(check, "payment P%" PRIu64 " does not fit those before it", id);
    }
    sums->paid += payment->amount->minor;
    sums->refunded += payment->refunded_minor;
    check->expected[TABLE_PAYMENT]++;
    for (size_t i = 0; i < payment->n_parts; i++) {
        check_part(check, payment, payment->parts[i]);
        sums->accrued += payment->parts[i]->minor;
        sums->taken += payment->parts[i]->taken_minor;
    }
    if (payment->n_parts > 0 && !payment->approved && !payment->hold_elapsed) {
        struct key due = key_due(payment->hold_until_ms, DUE_HOLD_ELAPSES, id);
        expect_row(check, TABLE_DUE, &due, "the hold of payment", id);
    }
}

static void check_deal(struct check *check, struct slice key, struct slice value)
{
    (void)value;
    uint64_t id = slice_u64(key, 0);
    const Vouch__V1__Deal *deal = record_deal(check->view, id, check->arena);
    struct sums sums = {0};
    int64_t shares = 0;
    if (deal == NULL || deal->value == NULL || strlen(deal->value->currency) != 3) {
        finding(check, "the deal of R%" PRIu64 " cannot be read", id);
        return;
    }
    for (size_t i = 0; i < deal->n_payments; i++) {
        check_payment(check, deal, deal->payments[i], &sums);
    }
    for (size_t i = 0; i < deal->n_shares; i++) {
        shares += deal->shares[i]->accrued_minor;
    }
    if (sums.paid != deal->paid_minor || sums.refunded != deal->refunded_minor || sums.accrued != deal->accrued_minor ||
        sums.taken != deal->taken_minor || shares != deal->accrued_minor) {
        finding(check, "the deal of R%" PRIu64 " does not add up", id);
    }
    check->deals_minor += deal->value->minor;
}

void check_deals(struct check *check)
{
    for_each_row(check, TABLE_DEAL, check_deal);
    expect_rows(check, TABLE_PAYMENT);
}
