/* SPDX-License-Identifier: Apache-2.0
 *
 * Disputes about lines: whoever has a part in the deal may hold one out of payout, with what shows that it is wrong;
 * somebody else, who keeps the books, lets it go on or takes it back. */
#include "decide/parts.h"
#include "decide/take_back.h"

/* ---- opening ---- */

/* Payees, parties of the referral, those who keep the books. What others may not see does not exist for them. */
static enum vouch_status check_may_open(struct decision *decision, const Vouch__V1__Deal *deal, uint64_t payment)
{
    const Vouch__V1__Member *actor = decision->actor;
    const Vouch__V1__Referral *referral = record_referral(decision->view, deal->referral, decision->arena);
    if (referral == NULL) {
        return decision_too_large(decision);
    }
    bool may = access_is_party(referral, actor->id) || finance_may(actor, deal->company);
    for (size_t i = 0; i < deal->n_shares && !may; i++) {
        may = deal->shares[i]->member == actor->id;
    }
    if (may) {
        return VOUCH_OK;
    }
    return access_deal(decision->view, actor, referral, deal, decision->arena)
               ? status_set(&decision->why, VOUCH_DENIED,
                            "a line of P%" PRIu64 " is disputed by a party of its deal, or who keeps the books",
                            payment)
               : status_set(&decision->why, VOUCH_NOT_FOUND, "P%" PRIu64 ": no such payment", payment);
}

static enum vouch_status find_part(struct decision *decision, const Vouch__V1__Payment *payment, uint64_t payee,
                                   const Vouch__V1__PaymentPart **part)
{
    *part = payment_part(payment, payee);
    if (*part == NULL) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "P%" PRIu64 " pays nothing to %s", payment->id,
                          payee == decision->actor->id ? "you; say whose line" : decision_name(decision, payee));
    }
    if ((*part)->dispute != 0) {
        return status_set(&decision->why, VOUCH_CONFLICT, "this line is disputed already: D%" PRIu64 " is open",
                          (*part)->dispute);
    }
    if (part_left(*part) == 0) {
        return status_set(&decision->why, VOUCH_CONFLICT, "nothing is left of this line: all of it was taken back");
    }
    return VOUCH_OK;
}

/* How much can be held out of payout: of a line on a statement, what was neither sent nor paid. */
static enum vouch_status hold(struct decision *decision, const Vouch__V1__Deal *deal, const Vouch__V1__Payment *payment,
                              const Vouch__V1__PaymentPart *part, Vouch__V1__Dispute *dispute)
{
    struct line_place place;
    if (line_find(decision->view, deal, payment, part, decision->arena, &place) == NULL) {
        return decision_too_large(decision);
    }
    dispute->statement = place.statement;
    dispute->minor = part_left(part);
    if (place.statement != 0 && dispute->minor > place.line.minor[PLACE_PAY]) {
        dispute->minor = place.line.minor[PLACE_PAY];
    }
    if (dispute->minor > 0) {
        return VOUCH_OK;
    }
    return place.line.minor[PLACE_SENT] > 0
               ? status_set(&decision->why, VOUCH_CONFLICT,
                            "S%" PRIu64 ", which this line is on, is with the bank in batch B%" PRIu64
                            ": nothing of it can be held back",
                            place.statement, place.payout)
               : status_set(&decision->why, VOUCH_CONFLICT,
                            "S%" PRIu64 ", which this line is on, has been paid: nothing of it can be held back; "
                            "finance can take back what was wrong",
                            place.statement);
}

/* The line, for whoever may dispute it. */
static enum vouch_status find_line(struct decision *decision, uint64_t id, uint64_t payee,
                                   const Vouch__V1__Payment **payment, const Vouch__V1__Deal **deal,
                                   const Vouch__V1__PaymentPart **part)
{
    *payment = record_payment(decision->view, id, decision->arena);
    if (*payment == NULL) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "P%" PRIu64 ": no such payment", id);
    }
    *deal = record_deal(decision->view, (*payment)->referral, decision->arena);
    if (*deal == NULL) {
        return decision_too_large(decision);
    }
    enum vouch_status status = check_may_open(decision, *deal, id);
    return status != VOUCH_OK ? status : find_part(decision, *payment, payee, part);
}

enum vouch_status decide_dispute_open(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__DisputeOpen *asked = request->dispute_open;
    const Vouch__V1__Payment *payment = NULL;
    const Vouch__V1__Deal *deal = NULL;
    const Vouch__V1__PaymentPart *part = NULL;
    uint64_t payee = asked->payee == 0 ? decision->actor->id : asked->payee;
    enum vouch_status status = find_line(decision, asked->payment, payee, &payment, &deal, &part);
    if (status != VOUCH_OK) {
        return status;
    }
    Vouch__V1__DisputeOpened *opened = decision_message(decision, &vouch__v1__dispute_opened__descriptor);
    Vouch__V1__Dispute *dispute = decision_message(decision, &vouch__v1__dispute__descriptor);
    if (opened == NULL || dispute == NULL) {
        return decision_too_large(decision);
    }
    dispute->id = decision_next_id(decision, "last_dispute");
    dispute->payment = payment->id;
    dispute->payee = payee;
    dispute->opened_by = decision->actor->id;
    dispute->opened_ms = decision->now_ms;
    dispute->evidence = asked->evidence;
    dispute->referral = deal->referral;
    status = hold(decision, deal, payment, part, dispute);
    if (status != VOUCH_OK) {
        return status;
    }
    opened->dispute = dispute;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(DISPUTE_OPENED);
    event->dispute_opened = opened;
    decision->answer_id = dispute->id;
    return VOUCH_OK;
}

/* ---- resolving ---- */

static enum vouch_status check_resolve(struct decision *decision, const Vouch__V1__Dispute *dispute,
                                       const Vouch__V1__DisputeResolve *asked)
{
    if (dispute->resolved_ms != 0) {
        return status_set(&decision->why, VOUCH_CONFLICT, "D%" PRIu64 " is settled: %s %s the line", dispute->id,
                          decision_name(decision, dispute->resolved_by), dispute->reversed ? "took back" : "released");
    }
    if (dispute->opened_by == decision->actor->id) {
        return status_set(&decision->why, VOUCH_DENIED,
                          "you opened D%" PRIu64 "; another of those who keep the books settles it", dispute->id);
    }
    if (dispute->payee == decision->actor->id) {
        return status_set(&decision->why, VOUCH_DENIED,
                          "D%" PRIu64 " is about your own commission; another of those who keep the books settles it",
                          dispute->id);
    }
    if (asked->reverse && asked->reason == VOUCH__V1__LEDGER_REASON__LEDGER_REASON_NONE) {
        return status_set(&decision->why, VOUCH_INVALID, "what is taken back says why: a reason is missing");
    }
    return VOUCH_OK;
}

static enum vouch_status resolve(struct decision *decision, const Vouch__V1__Dispute *dispute,
                                 const Vouch__V1__Payment *payment, const Vouch__V1__Deal *deal,
                                 const Vouch__V1__DisputeResolve *asked)
{
    Vouch__V1__DisputeResolved *resolved = decision_message(decision, &vouch__v1__dispute_resolved__descriptor);
    if (resolved == NULL) {
        return decision_too_large(decision);
    }
    resolved->dispute = dispute->id;
    resolved->reversed = asked->reverse;
    resolved->resolution = asked->resolution;
    resolved->effective_ms = decision->now_ms;
    resolved->period = open_period(decision, deal->company, decision->now_ms);
    resolved->referral = deal->referral;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(DISPUTE_RESOLVED);
    event->dispute_resolved = resolved;
    decision->answer_id = dispute->id;
    const Vouch__V1__PaymentPart *part = payment_part(payment, dispute->payee);
    return asked->reverse && part_left(part) > 0 ? correction_emit(decision, deal, payment, part, 0, asked->reason, "")
                                                 : VOUCH_OK;
}

enum vouch_status decide_dispute_resolve(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__DisputeResolve *asked = request->dispute_resolve;
    const Vouch__V1__Payment *payment;
    const Vouch__V1__Deal *deal;
    const Vouch__V1__Dispute *dispute = record_dispute(decision->view, asked->dispute, decision->arena);
    if (dispute == NULL) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "D%" PRIu64 ": no such dispute", asked->dispute);
    }
    enum vouch_status status = payment_find(decision, dispute->payment, &payment, &deal);
    if (status == VOUCH_OK) {
        status = check_resolve(decision, dispute, asked);
    }
    return status != VOUCH_OK ? status : resolve(decision, dispute, payment, deal, asked);
}
