/* SPDX-License-Identifier: Apache-2.0
 *
 * Commission that is taken back: because money was refunded (at the rate at which that very payment accrued), because
 * the deal fell through, or because a payee's part was wrong. */
#include "apply/books.h"
#include "base/check.h"
#include "decide/parts.h"
#include "decide/take_back.h"
#include "domain/money.h"

#include <string.h>

static Vouch__V1__LedgerReason reason_or(Vouch__V1__LedgerReason asked, Vouch__V1__LedgerReason preset)
{
    return asked == VOUCH__V1__LEDGER_REASON__LEDGER_REASON_NONE ? preset : asked;
}

/* ---- a refund ---- */

static enum vouch_status check_refund(struct decision *decision, const Vouch__V1__Payment *payment,
                                      const Vouch__V1__Deal *deal, const Vouch__V1__PaymentRefund *asked)
{
    char amount[MONEY_TEXT_BYTES];
    char refunded[MONEY_TEXT_BYTES];
    const char *currency = payment->amount->currency;
    int64_t left = payment->amount->minor - payment->refunded_minor;
    if (asked->currency[0] != '\0' && currency_check(decision, deal, asked->currency) != VOUCH_OK) {
        return VOUCH_INVALID;
    }
    if (left == 0) {
        return status_set(&decision->why, VOUCH_CONFLICT,
                          "P%" PRIu64 " was refunded whole%s: nothing is taken back twice", payment->id,
                          deal->canceled ? " when its deal was canceled" : "");
    }
    if (asked->minor > left) {
        return status_set(&decision->why, VOUCH_CONFLICT,
                          "P%" PRIu64 " came to %s and %s of it were refunded: this refund is more than the rest",
                          payment->id, money_format(amount, payment->amount->minor, currency),
                          money_format(refunded, payment->refunded_minor, currency));
    }
    for (size_t i = 0; i < payment->n_refunds; i++) {
        if (asked->reference[0] != '\0' && strcmp(payment->refunds[i]->reference, asked->reference) == 0) {
            return status_set(&decision->why, VOUCH_DUPLICATE,
                              "refund %s of P%" PRIu64 " is recorded already: nothing was taken back again",
                              asked->reference, payment->id);
        }
    }
    if (payment->n_refunds >= PAYMENT_REFUNDS_MAX && asked->minor != 0 && asked->minor != left) {
        return status_set(&decision->why, VOUCH_TOO_LARGE,
                          "P%" PRIu64 " has %d refunds, which is the most; refund the rest of it, or cancel the deal",
                          payment->id, PAYMENT_REFUNDS_MAX);
    }
    return VOUCH_OK;
}

static uint64_t first_touch_of(const Vouch__V1__Deal *deal, uint64_t member)
{
    for (size_t i = 0; i < deal->n_shares; i++) {
        if (deal->shares[i]->member == member) {
            return deal->shares[i]->first_touch;
        }
    }
    return 0;
}

/* What corrections took is not owed by the payment any more, refunded or not. */
static enum vouch_status take_refund(struct taking_back *taking, const Vouch__V1__Payment *payment, int64_t minor)
{
    struct money_part parts[DEAL_SHARES_MAX];
    struct money_part steps[DEAL_SHARES_MAX];
    int64_t earlier[DEAL_SHARES_MAX];
    struct decision *decision = taking->decision;
    CHECK(payment->n_parts <= DEAL_SHARES_MAX);
    for (size_t i = 0; i < payment->n_parts; i++) {
        const Vouch__V1__PaymentPart *part = payment->parts[i];
        parts[i] = (struct money_part){part->member, first_touch_of(taking->deal, part->member),
                                       part->minor - part->corrected_minor, 0};
        earlier[i] = part->taken_minor - part->corrected_minor;
    }
    if (!money_refund_step(payment->amount->minor, payment->refunded_minor + minor, parts, earlier, steps,
                           payment->n_parts)) {
        return status_set(&decision->why, VOUCH_INTERNAL, "the refund of P%" PRIu64 " cannot be computed", payment->id);
    }
    enum vouch_status status = VOUCH_OK;
    for (size_t i = 0; i < payment->n_parts && status == VOUCH_OK; i++) {
        if (steps[i].minor > 0) {
            status = taking_back_add(taking, payment, payment->parts[i], steps[i].minor);
        }
    }
    return status;
}

enum vouch_status decide_payment_refund(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__PaymentRefund *asked = request->payment_refund;
    const Vouch__V1__Payment *payment;
    const Vouch__V1__Deal *deal;
    Vouch__V1__CommissionTaken taken = VOUCH__V1__COMMISSION_TAKEN__INIT;
    enum vouch_status status = payment_find(decision, asked->payment, &payment, &deal);
    if (status == VOUCH_OK) {
        status = check_refund(decision, payment, deal, asked);
    }
    if (status == VOUCH_OK) {
        status = effective_check(decision, asked->refunded_ms, &taken.effective_ms);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    struct taking_back taking = taking_back_start(decision, deal);
    taken.referral = deal->referral;
    taken.reason = reason_or(asked->reason, VOUCH__V1__LEDGER_REASON__ORDER_CANCELED);
    taken.note = asked->note;
    taken.period = open_period(decision, deal->company, taken.effective_ms);
    taken.refunded_payment = payment->id;
    taken.refunded_minor = asked->minor == 0 ? payment->amount->minor - payment->refunded_minor : asked->minor;
    taken.reference = asked->reference;
    status = take_refund(&taking, payment, taken.refunded_minor);
    decision->answer_id = payment->id;
    return status != VOUCH_OK ? status : taking_back_emit(&taking, &taken);
}

/* ---- a cancellation ---- */

static enum vouch_status take_all(struct taking_back *taking, uint64_t id, struct arena *scratch)
{
    enum vouch_status status = VOUCH_OK;
    const Vouch__V1__Payment *payment = record_payment(taking->decision->view, id, scratch);
    if (payment == NULL) {
        return decision_too_large(taking->decision);
    }
    for (size_t i = 0; i < payment->n_parts && status == VOUCH_OK; i++) {
        int64_t left = part_left(payment->parts[i]);
        if (left > 0) {
            status = taking_back_add(taking, payment, payment->parts[i], left);
        }
    }
    return status;
}

static enum vouch_status take_payments(struct taking_back *taking)
{
    const Vouch__V1__Deal *deal = taking->deal;
    struct arena *scratch = arena_new(LIMIT_EVENT_BYTES);
    enum vouch_status status = VOUCH_OK;
    for (size_t i = 0; i < deal->n_payments && status == VOUCH_OK; i++) {
        arena_reset(scratch);
        status = take_all(taking, deal->payments[i], scratch);
    }
    arena_free(&scratch);
    return status;
}

enum vouch_status decide_deal_cancel(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__DealCancel *asked = request->deal_cancel;
    const Vouch__V1__Deal *deal;
    Vouch__V1__CommissionTaken taken = VOUCH__V1__COMMISSION_TAKEN__INIT;
    enum vouch_status status = deal_find(decision, asked->referral, &deal);
    if (status == VOUCH_OK && deal->canceled) {
        status = status_set(&decision->why, VOUCH_CONFLICT,
                            "R%" PRIu64 " was canceled already: nothing is taken back twice", deal->referral);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    struct taking_back taking = taking_back_start(decision, deal);
    status = take_payments(&taking);
    taken.referral = deal->referral;
    taken.reason = reason_or(asked->reason, VOUCH__V1__LEDGER_REASON__ORDER_CANCELED);
    taken.note = asked->note;
    taken.effective_ms = decision->now_ms;
    taken.period = open_period(decision, deal->company, taken.effective_ms);
    taken.canceled = true;
    decision->answer_id = deal->referral;
    return status != VOUCH_OK ? status : taking_back_emit(&taking, &taken);
}

/* ---- a correction ---- */

static enum vouch_status check_correction(struct decision *decision, const Vouch__V1__Deal *deal,
                                          const Vouch__V1__Payment *payment, const Vouch__V1__CommissionCorrect *asked)
{
    char left[MONEY_TEXT_BYTES];
    const Vouch__V1__PaymentPart *part = payment_part(payment, asked->payee);
    if (part == NULL) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "P%" PRIu64 " pays nothing to %s", payment->id,
                          decision_name(decision, asked->payee));
    }
    if (asked->currency[0] != '\0' && currency_check(decision, deal, asked->currency) != VOUCH_OK) {
        return VOUCH_INVALID;
    }
    if (part_left(part) == 0 || asked->minor > part_left(part)) {
        return status_set(&decision->why, VOUCH_CONFLICT,
                          "of what P%" PRIu64 " pays to %s %s are left: no more can be taken back", payment->id,
                          decision_name(decision, asked->payee),
                          money_format(left, part_left(part), payment->amount->currency));
    }
    return VOUCH_OK;
}

enum vouch_status decide_commission_correct(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__CommissionCorrect *asked = request->commission_correct;
    const Vouch__V1__Payment *payment;
    const Vouch__V1__Deal *deal;
    enum vouch_status status = payment_find(decision, asked->payment, &payment, &deal);
    if (status == VOUCH_OK) {
        status = check_correction(decision, deal, payment, asked);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    decision->answer_id = payment->id;
    return correction_emit(decision, deal, payment, payment_part(payment, asked->payee), asked->minor, asked->reason,
                           asked->note);
}

enum vouch_status correction_emit(struct decision *decision, const Vouch__V1__Deal *deal,
                                  const Vouch__V1__Payment *payment, const Vouch__V1__PaymentPart *part, int64_t minor,
                                  Vouch__V1__LedgerReason reason, const char *note)
{
    Vouch__V1__CommissionTaken taken = VOUCH__V1__COMMISSION_TAKEN__INIT;
    struct taking_back taking = taking_back_start(decision, deal);
    enum vouch_status status = taking_back_add(&taking, payment, part, minor == 0 ? part_left(part) : minor);
    taken.referral = deal->referral;
    taken.reason = reason;
    taken.note = (char *)(uintptr_t)note; /* events are packed, not written to; messages only lack the const */
    taken.effective_ms = decision->now_ms;
    taken.period = open_period(decision, deal->company, taken.effective_ms);
    taken.correction = true;
    return status != VOUCH_OK ? status : taking_back_emit(&taking, &taken);
}
