/* SPDX-License-Identifier: Apache-2.0
 *
 * The proof of a deal's commission: from the terms that were frozen, the touches that counted and the weights, payment
 * by payment with the same code that decided them, and the bookings against the chain. The first difference is kept in
 * words. */
#include "base/check.h"
#include "query/books_view.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void differ(struct deal_proof *proof, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void differ(struct deal_proof *proof, const char *format, ...)
{
    if (proof->why.text[0] == '\0') {
        va_list args;
        va_start(args, format);
        vsnprintf(proof->why.text, sizeof proof->why.text, format, args);
        va_end(args);
    }
}

static bool is_digest(ProtobufCBinaryData recorded, const uint8_t digest[LEDGER_HASH_BYTES])
{
    return recorded.len == LEDGER_HASH_BYTES && memcmp(recorded.data, digest, LEDGER_HASH_BYTES) == 0;
}

static bool has_touch(const struct deal_proof *proof, const Vouch__V1__DealShare *share)
{
    for (size_t i = 0; i < proof->eligible_count; i++) {
        if (proof->eligible[i].party == share->member) {
            return proof->eligible[i].sequence == share->first_touch;
        }
    }
    return false;
}

/* Agreed splits are the terms' own; proposed weights are of parties with a touch that counted. */
static void prove_shares(struct deal_proof *proof)
{
    const Vouch__V1__Deal *deal = proof->deal;
    const struct terms *terms = &proof->terms;
    bool agreed = terms->split_count > 0;
    if (agreed && terms->split_count != deal->n_shares) {
        differ(proof, "the terms agreed on %zu parts, and %zu are recorded", terms->split_count, deal->n_shares);
        return;
    }
    for (size_t i = 0; i < deal->n_shares; i++) {
        const Vouch__V1__DealShare *share = deal->shares[i];
        if (agreed && (terms->splits[i].party != share->member || terms->splits[i].weight != share->weight)) {
            differ(proof, "the part of member %" PRIu64 " is not what the terms agreed", share->member);
        }
        if (!agreed && !has_touch(proof, share)) {
            differ(proof, "member %" PRIu64 " shares without a touch that counted", share->member);
        }
    }
}

bool deal_proof_start(struct deal_proof *proof, const struct view *view, const Vouch__V1__Deal *deal,
                      struct arena *arena, struct arena *lines)
{
    uint8_t digest[LEDGER_HASH_BYTES];
    *proof = (struct deal_proof){.view = view, .arena = arena, .lines = lines, .deal = deal};
    proof->referral = record_referral(view, deal->referral, arena);
    if (proof->referral == NULL || deal->n_shares > DEAL_SHARES_MAX || !deal_terms(view, deal, arena, &proof->terms)) {
        return false;
    }
    terms_digest(&proof->terms, digest);
    if (!is_digest(deal->terms_digest, digest)) {
        differ(proof, "the terms are not those that were frozen: their digest differs");
    }
    proof->touch_count = touches_of(proof->referral, proof->touches);
    proof->eligible_count = touches_eligible(proof->referral, proof->touches, proof->touch_count,
                                             proof->terms.window_days, deal->won_ms, proof->eligible);
    touches_digest(deal->referral, proof->eligible, proof->eligible_count, digest);
    if (!is_digest(deal->inputs_digest, digest)) {
        differ(proof, "the touches are not those that were counted: their digest differs");
    }
    prove_shares(proof);
    return true;
}

bool deal_proof_weights(struct deal_proof *proof, const struct advice *advice)
{
    const Vouch__V1__Deal *deal = proof->deal;
    bool same = advice->count == deal->n_shares && advice->overrides == (deal->overrides != 0);
    for (size_t i = 0; same && i < advice->count; i++) {
        same = advice->members[i] == deal->shares[i]->member && advice->weights[i] == deal->shares[i]->weight;
    }
    if (!same) {
        differ(proof, "%s %s gives other weights now than when R%" PRIu64 " was won", advice->plugin,
               advice->plugin_version, deal->referral);
    }
    return same;
}

/* ---- bookings ---- */

static bool hash_before(const struct view *view, uint64_t number, struct arena *arena, uint8_t hash[LEDGER_HASH_BYTES])
{
    memset(hash, 0, LEDGER_HASH_BYTES);
    if (number == 1) {
        return true;
    }
    const Vouch__V1__Booking *before = record_booking(view, number - 1, arena);
    if (before == NULL || before->hash.len != LEDGER_HASH_BYTES) {
        return false;
    }
    memcpy(hash, before->hash.data, LEDGER_HASH_BYTES);
    return true;
}

bool booking_hash_again(const struct view *view, const Vouch__V1__Booking *booking, const Vouch__V1__Deal *deal,
                        struct arena *arena, uint8_t hash[LEDGER_HASH_BYTES])
{
    uint8_t before[LEDGER_HASH_BYTES];
    uint8_t between[LEDGER_HASH_BYTES];
    if (!hash_before(view, booking->number, arena, before)) {
        return false;
    }
    struct ledger_entry debit = booking_entry(booking, deal, 0);
    struct ledger_entry credit = booking_entry(booking, deal, 1);
    ledger_entry_hash(before, &debit, between);
    ledger_entry_hash(between, &credit, hash);
    return true;
}

static void prove_booking(struct deal_proof *proof, struct payment_proof *step, const Vouch__V1__PaymentPart *part)
{
    const Vouch__V1__Payment *payment = step->payment;
    uint8_t hash[LEDGER_HASH_BYTES];
    const Vouch__V1__Booking *booking = record_booking(proof->view, part->booking, proof->lines);
    if (booking == NULL || booking->amount == NULL) {
        differ(proof, "booking L%" PRIu64 " of P%" PRIu64 " cannot be read", part->booking, payment->id);
        return;
    }
    step->bookings[step->booking_count++] = booking;
    if (booking->step != VOUCH__V1__LEDGER_STEP__ACCRUE || booking->payee != part->member ||
        booking->company != proof->deal->company || booking->referral != payment->referral ||
        booking->payment != payment->id || booking->sequence != payment->sequence ||
        booking->effective_ms != payment->received_ms || booking->period != payment->period ||
        booking->amount->minor != part->minor || strcmp(booking->amount->currency, payment->amount->currency) != 0) {
        differ(proof, "booking L%" PRIu64 " is not the part of member %" PRIu64 " in P%" PRIu64, booking->number,
               part->member, payment->id);
    }
    if (!booking_hash_again(proof->view, booking, proof->deal, proof->lines, hash) || !is_digest(booking->hash, hash)) {
        differ(proof, "the hash of booking L%" PRIu64 " is not that of what it says", booking->number);
    }
}

/* ---- payments ---- */

/* The steps that are above zero against the parts, in both directions. */
static void prove_parts(struct deal_proof *proof, struct payment_proof *step)
{
    const Vouch__V1__Payment *payment = step->payment;
    size_t found = 0;
    for (size_t i = 0; i < step->due.count; i++) {
        const Vouch__V1__PaymentPart *part = payment_part(payment, step->steps[i].party);
        int64_t recorded = part == NULL ? 0 : part->minor;
        found += part != NULL ? 1 : 0;
        if (recorded != step->steps[i].minor) {
            differ(proof, "P%" PRIu64 " gives member %" PRIu64 " %" PRId64 " minor units, and %" PRId64 " are recorded",
                   payment->id, step->steps[i].party, step->steps[i].minor, recorded);
        }
    }
    if (found != payment->n_parts) {
        differ(proof, "P%" PRIu64 " pays a member who does not share", payment->id);
    }
    for (size_t i = 0; i < payment->n_parts && i < DEAL_SHARES_MAX; i++) {
        prove_booking(proof, step, payment->parts[i]);
    }
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

/* False where corrections came between: what a refund took then depends on their order, which only the journal has. */
static bool take_again(const struct deal_proof *proof, const Vouch__V1__Payment *payment,
                       int64_t taken[DEAL_SHARES_MAX])
{
    struct money_part parts[DEAL_SHARES_MAX];
    struct money_part steps[DEAL_SHARES_MAX];
    int64_t refunded = 0;
    memset(taken, 0, DEAL_SHARES_MAX * sizeof *taken);
    for (size_t i = 0; i < payment->n_parts; i++) {
        const Vouch__V1__PaymentPart *part = payment->parts[i];
        parts[i] = (struct money_part){part->member, first_touch_of(proof->deal, part->member), part->minor, 0};
        if (part->corrected_minor != 0) {
            return false;
        }
    }
    for (size_t i = 0; i < payment->n_refunds; i++) {
        if (__builtin_add_overflow(refunded, payment->refunds[i]->minor, &refunded) ||
            !money_refund_step(payment->amount->minor, refunded, parts, taken, steps, payment->n_parts)) {
            return false;
        }
        for (size_t j = 0; j < payment->n_parts; j++) {
            taken[j] += steps[j].minor;
        }
    }
    return true;
}

/* What refunds took back, at the rate at which this payment accrued. */
static void prove_refunds(struct deal_proof *proof, const Vouch__V1__Payment *payment)
{
    int64_t taken[DEAL_SHARES_MAX];
    if (payment->n_refunds == 0 || payment->n_parts > DEAL_SHARES_MAX || !take_again(proof, payment, taken)) {
        return;
    }
    for (size_t i = 0; i < payment->n_parts; i++) {
        if (payment->parts[i]->taken_minor != taken[i]) {
            differ(proof,
                   "the refunds of P%" PRIu64 " take %" PRId64 " minor units from member %" PRIu64 ", and %" PRId64
                   " are recorded",
                   payment->id, taken[i], payment->parts[i]->member, payment->parts[i]->taken_minor);
        }
    }
}

static void prove_sums(struct deal_proof *proof)
{
    const Vouch__V1__Deal *deal = proof->deal;
    int64_t accrued = 0;
    for (size_t i = 0; i < deal->n_shares; i++) {
        accrued += proof->earlier[i];
        if (deal->shares[i]->accrued_minor != proof->earlier[i]) {
            differ(proof,
                   "the payments of R%" PRIu64 " give member %" PRIu64 " %" PRId64 " minor units, and %" PRId64
                   " are recorded",
                   deal->referral, deal->shares[i]->member, proof->earlier[i], deal->shares[i]->accrued_minor);
        }
    }
    if (accrued != deal->accrued_minor || proof->paid_minor != deal->paid_minor) {
        differ(proof, "the sums of R%" PRIu64 " are not those of its payments", deal->referral);
    }
}

/* What a payment owes, by the code that decided it. */
static void compute(struct deal_proof *proof, struct payment_proof *step)
{
    struct status_text why = {""};
    step->base_minor = proof->paid_minor + step->payment->amount->minor;
    if (deal_due(&proof->terms, proof->deal, step->base_minor, &step->due, &why) != VOUCH_OK) {
        differ(proof, "P%" PRIu64 " cannot be computed: %.300s", step->payment->id, why.text);
        memset(step->steps, 0, sizeof step->steps);
        return;
    }
    deal_step(proof->deal, &step->due, proof->earlier, step->steps);
    for (size_t i = 0; i < step->due.count; i++) {
        step->new_minor += step->steps[i].minor;
        proof->earlier[i] += step->steps[i].minor;
    }
}

bool deal_proof_next(struct deal_proof *proof, struct payment_proof *step)
{
    const Vouch__V1__Deal *deal = proof->deal;
    if (proof->at == deal->n_payments) {
        prove_sums(proof);
        return false;
    }
    uint64_t id = deal->payments[proof->at++];
    struct status_text before = proof->why;
    arena_reset(proof->lines);
    *step = (struct payment_proof){.payment = record_payment(proof->view, id, proof->lines)};
    if (step->payment == NULL || step->payment->amount == NULL) {
        differ(proof, "payment P%" PRIu64 " of R%" PRIu64 " cannot be read", id, deal->referral);
        return false;
    }
    if (step->payment->paid_before_minor != proof->paid_minor || step->payment->referral != deal->referral) {
        differ(proof, "payment P%" PRIu64 " does not fit those before it", id);
    }
    proof->why.text[0] = '\0';
    compute(proof, step);
    prove_parts(proof, step);
    prove_refunds(proof, step->payment);
    step->same = proof->why.text[0] == '\0';
    proof->why = before.text[0] != '\0' ? before : proof->why;
    proof->paid_minor = step->base_minor;
    return true;
}
