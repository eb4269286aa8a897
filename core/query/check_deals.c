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
    if (part->taken_minor < 0 || part->taken_minor > part->minor || part->corrected_minor < 0 ||
        part->corrected_minor > part->taken_minor) {
        finding(check, "more is taken back of the part of member %" PRIu64 " in P%" PRIu64 " than there was",
                part->member, payment->id);
    }
}

/* Where the units of a line are, to be compared with accounts, statements and what is ready. */
static void tally_line(struct check *check, const Vouch__V1__Deal *deal, const Vouch__V1__Payment *payment,
                       const Vouch__V1__PaymentPart *part)
{
    struct account_id id = account_id_of(part->member, deal->company, deal->value->currency);
    struct key account = key_account(&id);
    int64_t left = part->minor - part->taken_minor;
    const Vouch__V1__Dispute *dispute = record_dispute(check->view, part->dispute, check->arena);
    bool held_back = dispute != NULL && dispute->statement == 0;
    uint64_t on = held_back || part->approved_period == 0 ? 0
                                                          : statement_of_line(check->view, &id, part->approved_period);
    struct key statement = key_u64(on);
    struct key ready = key_ready(&id, part->approved_period);
    if (part->dispute != 0 && (dispute == NULL || dispute->resolved_ms != 0 || dispute->payee != part->member ||
                               dispute->payment != payment->id || dispute->minor > left)) {
        finding(check, "the part of member %" PRIu64 " in P%" PRIu64 " is not what D%" PRIu64 " disputes", part->member,
                payment->id, part->dispute);
    }
    if (part->approved_period == 0) {
        tally_add(check, TALLY_ACC, &account, left);
    } else if (on != 0) {
        tally_add(check, TALLY_LINES, &statement, left);
    } else {
        tally_add(check, TALLY_APP, &account, left);
        tally_add(check, TALLY_READY, &ready, held_back ? 0 : left);
    }
    if (payment->approved && part->approved_period == 0 && part->dispute == 0 && left > 0) {
        finding(check, "P%" PRIu64 " is approved, and the part of member %" PRIu64 " is not", payment->id,
                part->member);
    }
}

static void check_refunds(struct check *check, const Vouch__V1__Payment *payment)
{
    int64_t sum = 0;
    for (size_t i = 0; i < payment->n_parts && payment->refunded_minor == 0; i++) {
        if (payment->parts[i]->taken_minor != payment->parts[i]->corrected_minor) {
            finding(check, "payment P%" PRIu64 " was not refunded, and more was taken back than corrected",
                    payment->id);
        }
    }
    for (size_t i = 0; i < payment->n_refunds; i++) {
        sum += payment->refunds[i]->minor;
    }
    if (sum != payment->refunded_minor) {
        finding(check, "the refunds of payment P%" PRIu64 " are not what it says", payment->id);
    }
}

/* A payment is held, or waits for a person, or is approved. */
static void check_hold(struct check *check, const Vouch__V1__Payment *payment)
{
    struct key due = key_due(payment->hold_until_ms, DUE_HOLD_ELAPSES, payment->id);
    struct key awaiting = key_u64(payment->id);
    if (payment->n_parts == 0 || payment->approved) {
        return;
    }
    if (payment->hold_elapsed) {
        expect_row(check, TABLE_AWAITING, &awaiting, "payment", payment->id);
    } else {
        expect_row(check, TABLE_DUE, &due, "the hold of payment", payment->id);
    }
}

static void check_payment(struct check *check, const Vouch__V1__Deal *deal, uint64_t id, struct sums *sums)
{
    const Vouch__V1__Payment *payment = record_payment(check->view, id, check->arena);
    if (payment == NULL || payment->amount == NULL || payment->referral != deal->referral || payment->id != id ||
        strcmp(payment->amount->currency, deal->value->currency) != 0) {
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
        tally_line(check, deal, payment, payment->parts[i]);
        sums->accrued += payment->parts[i]->minor;
        sums->taken += payment->parts[i]->taken_minor;
    }
    check_refunds(check, payment);
    check_hold(check, payment);
}

/* What each share was given is what the payments' parts for it come to. */
static void check_shares(struct check *check, const Vouch__V1__Deal *deal)
{
    int64_t given[DEAL_SHARES_MAX] = {0};
    if (deal->n_shares > DEAL_SHARES_MAX) {
        finding(check, "the deal of R%" PRIu64 " has too many shares", deal->referral);
        return;
    }
    for (size_t i = 0; i < deal->n_payments; i++) {
        const Vouch__V1__Payment *payment = record_payment(check->view, deal->payments[i], check->lines);
        for (size_t j = 0; payment != NULL && j < deal->n_shares; j++) {
            const Vouch__V1__PaymentPart *part = payment_part(payment, deal->shares[j]->member);
            given[j] += part == NULL ? 0 : part->minor;
        }
        arena_reset(check->lines);
    }
    for (size_t j = 0; j < deal->n_shares; j++) {
        if (given[j] != deal->shares[j]->accrued_minor ||
            !record_exists(check->view, TABLE_MEMBER, deal->shares[j]->member)) {
            finding(check, "the share of member %" PRIu64 " in R%" PRIu64 " is not what its payments gave",
                    deal->shares[j]->member, deal->referral);
        }
    }
}

/* A deal is what its referral was won at, and is paid by the receiver's company. */
static void check_referral(struct check *check, const Vouch__V1__Deal *deal, uint64_t id)
{
    const Vouch__V1__Referral *referral = record_referral(check->view, id, check->arena);
    const Vouch__V1__Member *receiver = referral == NULL ? NULL
                                                         : record_member(check->view, referral->receiver, check->arena);
    if (receiver == NULL || receiver->company != deal->company || deal->referral != id || referral->value == NULL ||
        referral->value->minor != deal->value->minor || strcmp(referral->value->currency, deal->value->currency) != 0) {
        finding(check, "the deal of R%" PRIu64 " is not what the referral was won at", id);
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
    check_referral(check, deal, id);
    check_shares(check, deal);
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
    if (deal->canceled && (deal->refunded_minor != deal->paid_minor || deal->taken_minor != deal->accrued_minor)) {
        finding(check, "the deal of R%" PRIu64 " is canceled, and something is left of it", id);
    }
    check->deals_minor += deal->canceled ? 0 : deal->value->minor;
}

void check_deals(struct check *check)
{
    for_each_row(check, TABLE_DEAL, check_deal);
    expect_rows(check, TABLE_PAYMENT);
    expect_rows(check, TABLE_AWAITING);
    expect_counter(check, "last_payment", check->expected[TABLE_PAYMENT]);
}
