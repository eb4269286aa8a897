/* SPDX-License-Identifier: Apache-2.0
 *
 * What is well said and still cannot be: months closed twice or out of turn, batches settled twice, debts that are not
 * there, disputes about what is paid, other people's books. */
#include "money_victim.h"

#include <stdio.h>
#include <string.h>

/* ---- periods ---- */

static void refuse_close(struct person *who, const char *what, uint32_t period, uint64_t company, int status,
                         const char *says)
{
    Vouch__V1__PeriodClose close = VOUCH__V1__PERIOD_CLOSE__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    close.period = period;
    close.company = company;
    SAY(request, PERIOD_CLOSE, period_close, close);
    refuse(who, what, &request, status, says);
}

static void bad_periods(void)
{
    struct person *finn = &victim.finn;
    refuse_close(finn, "closed already", 202702, 0, VOUCH_CONFLICT, "closed once");
    refuse_close(finn, "closed long ago", 202701, 0, VOUCH_CONFLICT, "closed once");
    refuse_close(finn, "before the first", 202612, 0, VOUCH_CONFLICT, "before the first month");
    refuse_close(finn, "not over", 202703, 0, VOUCH_CONFLICT, "not over");
    refuse_close(finn, "out of turn", 202704, 0, VOUCH_CONFLICT, "2027-03");
    refuse_close(finn, "the last there is", 999912, 0, VOUCH_INVALID, "no month");
    refuse_close(finn, "a thirteenth month", 202713, 0, VOUCH_INVALID, "no month");
    refuse_close(finn, "a month of zero", 202700, 0, VOUCH_INVALID, "no month");
    refuse_close(finn, "no month", 0, 0, VOUCH_INVALID, "period");
    refuse_close(finn, "2^32 - 1", UINT32_MAX, 0, VOUCH_INVALID, "period");
    refuse_close(finn, "1899", 189912, 0, VOUCH_INVALID, "period");
    refuse_close(finn, "of a partner", 202701, victim.partner, VOUCH_DENIED, "Halden");
    refuse_close(finn, "of nobody", 202701, ABSENT, VOUCH_NOT_FOUND, "no company");
    refuse_close(finn, "of company 2^63", 202701, UINT64_C(1) << 63, VOUCH_INVALID, "company");
    refuse_close(&victim.gil, "of the home company", 202703, 1, VOUCH_DENIED, "Northgate");
}

/* ---- payouts ---- */

static void refuse_make(struct person *who, const char *what, const char *currency, const char *pay_currency,
                        const char *rate, uint64_t company, int status, const char *says)
{
    Vouch__V1__PayoutMake make = VOUCH__V1__PAYOUT_MAKE__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    make.company = company;
    make.currency = (char *)currency;
    make.pay_currency = (char *)pay_currency;
    make.rate = (char *)rate;
    SAY(request, PAYOUT_MAKE, payout_make, make);
    refuse(who, what, &request, status, says);
}

static void refuse_settle(struct person *who, const char *what, uint64_t payout, uint64_t statement, int64_t when,
                          int status, const char *says)
{
    Vouch__V1__PayoutSettle settle = VOUCH__V1__PAYOUT_SETTLE__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    settle.payout = payout;
    settle.statement = statement;
    settle.settled_ms = when;
    SAY(request, PAYOUT_SETTLE, payout_settle, settle);
    refuse(who, what, &request, status, says);
}

static void refuse_fail(struct person *who, const char *what, uint64_t payout, uint64_t statement, int status,
                        const char *says)
{
    Vouch__V1__PayoutFail failing = VOUCH__V1__PAYOUT_FAIL__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    failing.payout = payout;
    failing.statement = statement;
    failing.note = "account closed";
    SAY(request, PAYOUT_FAIL, payout_fail, failing);
    refuse(who, what, &request, status, says);
}

static void bad_rates(void)
{
    const char *const rates[] = {"0",    "0.000", "-1",  "1e5",  "1/2", "abc", "1.2.3", ".5", "5.",
                                 "+1.5", "1,5",   "nan", "inf",  " 1",  "0x1", "1 ",    "",   "1234567890123456789",
                                 "--",   "1.\t",  "١٢",  "\xFF", "٫"};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        refuse_make(&victim.finn, "a rate that is none", "EUR", "JPY", rates[i], 0, VOUCH_INVALID, "rate");
    }
    refuse_make(&victim.finn, "more than a number", "EUR", "JPY", "999999999999999999", 0, VOUCH_INVALID, "too large");
    refuse_make(&victim.finn, "less than a unit", "EUR", "JPY", "0.00000000000000001", 0, VOUCH_CONFLICT, "one unit");
    refuse_make(&victim.finn, "a rate into itself", "EUR", "EUR", "1.5", 0, VOUCH_INVALID, "without a rate");
    refuse_make(&victim.finn, "a rate into itself, unsaid", "EUR", "", "1.5", 0, VOUCH_INVALID, "without a rate");
}

static void bad_payouts(void)
{
    struct person *finn = &victim.finn;
    uint64_t batch = victim.batch, paid = victim.paid_statement, other = victim.payable_statement;
    bad_rates();
    refuse_make(finn, "of no currency", "EUX", "", "", 0, VOUCH_INVALID, "EUX");
    refuse_make(finn, "of gold", "XAU", "", "", 0, VOUCH_INVALID, "XAU");
    refuse_make(finn, "paid in gold", "EUR", "XAU", "2", 0, VOUCH_INVALID, "XAU");
    refuse_make(finn, "of two letters", "EU", "", "", 0, VOUCH_INVALID, "currency");
    refuse_make(finn, "of small letters", "eur", "", "", 0, VOUCH_INVALID, "eur");
    refuse_make(finn, "of nothing", "JPY", "", "", 0, VOUCH_CONFLICT, "close a period first");
    refuse_make(finn, "of a partner", "EUR", "", "", victim.partner, VOUCH_DENIED, "Halden");
    refuse_make(finn, "of nobody", "EUR", "", "", ABSENT, VOUCH_NOT_FOUND, "no company");
    refuse_settle(finn, "settled twice", batch, 0, 0, VOUCH_CONFLICT, "settled on 2027-02-");
    refuse_settle(finn, "its line settled twice", batch, paid, 0, VOUCH_CONFLICT, "was paid on 2027-02-");
    refuse_settle(finn, "a line of another batch", batch, other, 0, VOUCH_NOT_FOUND, "not in batch");
    refuse_settle(finn, "no line", batch, ABSENT, 0, VOUCH_NOT_FOUND, "not in batch");
    refuse_settle(finn, "no batch", ABSENT, 0, 0, VOUCH_NOT_FOUND, "no such batch");
    refuse_settle(finn, "batch 0", 0, 0, 0, VOUCH_INVALID, "payout");
    refuse_settle(finn, "batch 2^56 - 1", ID_MOST, 0, 0, VOUCH_NOT_FOUND, "no such batch");
    refuse_settle(finn, "batch 2^63", UINT64_C(1) << 63, 0, 0, VOUCH_INVALID, "payout");
    refuse_settle(finn, "before 1970", batch, 0, INT64_MIN, VOUCH_INVALID, "settled_ms");
    refuse_fail(finn, "failed after it was paid", batch, paid, VOUCH_CONFLICT, "was paid on");
    refuse_fail(finn, "a line of nothing", batch, 0, VOUCH_INVALID, "statement");
    refuse_fail(finn, "a line of another", batch, other, VOUCH_NOT_FOUND, "not in batch");
    refuse_fail(finn, "no batch fails", ABSENT, paid, VOUCH_NOT_FOUND, "no such batch");
}

/* ---- debts, approvals ---- */

static void refuse_debt(struct person *who, const char *what, uint64_t payee, bool write_off, int64_t minor,
                        const char *currency, Vouch__V1__LedgerReason reason, int status, const char *says)
{
    Vouch__V1__Money amount = VOUCH__V1__MONEY__INIT;
    Vouch__V1__DebtSettle settle = VOUCH__V1__DEBT_SETTLE__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    amount.minor = minor;
    amount.currency = (char *)currency;
    settle.payee = payee;
    settle.write_off = write_off;
    settle.amount = &amount;
    settle.reason = reason;
    SAY(request, DEBT_SETTLE, debt_settle, settle);
    refuse(who, what, &request, status, says);
}

static void bad_debts(void)
{
    struct person *finn = &victim.finn;
    const uint64_t ana = victim.ana.id;
    refuse_debt(finn, "no debt", ana, false, 1, "EUR", NO_REASON, VOUCH_CONFLICT, "owes Northgate Storage nothing");
    refuse_debt(finn, "no debt to give up", ana, true, 1, "EUR", FRAUD, VOUCH_CONFLICT, "nothing");
    refuse_debt(finn, "nothing", ana, false, 0, "EUR", NO_REASON, VOUCH_INVALID, "above zero");
    refuse_debt(finn, "less than nothing", ana, false, INT64_MIN, "EUR", NO_REASON, VOUCH_INVALID, "above zero");
    refuse_debt(finn, "the greatest number", ana, false, INT64_MAX, "EUR", NO_REASON, VOUCH_CONFLICT, "nothing");
    refuse_debt(finn, "in another currency", ana, false, 1, "JPY", NO_REASON, VOUCH_CONFLICT, "nothing");
    refuse_debt(finn, "in gold", ana, false, 1, "XAU", NO_REASON, VOUCH_INVALID, "XAU");
    refuse_debt(finn, "in nothing", ana, false, 1, "EUX", NO_REASON, VOUCH_INVALID, "EUX");
    refuse_debt(finn, "of a stranger", ABSENT, false, 1, "EUR", NO_REASON, VOUCH_CONFLICT, "424242");
    refuse_debt(finn, "of nobody", 0, false, 1, "EUR", NO_REASON, VOUCH_INVALID, "payee");
    refuse_debt(finn, "of 2^64 - 1", UINT64_MAX, false, 1, "EUR", NO_REASON, VOUCH_INVALID, "payee");
    refuse_debt(finn, "for no reason there is", ana, true, 1, "EUR", REASON_NONE_AT_ALL, VOUCH_INVALID, "reason");
}

static void refuse_approve(struct person *who, const char *what, size_t count, uint64_t *payments, int status,
                           const char *says)
{
    Vouch__V1__CommissionApprove approve = VOUCH__V1__COMMISSION_APPROVE__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    approve.n_payments = count;
    approve.payments = payments;
    SAY(request, COMMISSION_APPROVE, commission_approve, approve);
    refuse(who, what, &request, status, says);
}

static void bad_approvals(void)
{
    uint64_t many[201], one[1], two[2];
    for (size_t i = 0; i < 201; i++) {
        many[i] = 1 + i;
    }
    refuse_approve(&victim.finn, "nothing waits", 0, NULL, VOUCH_CONFLICT, "no payment waits");
    refuse_approve(&victim.finn, "201 payments", 201, many, VOUCH_INVALID, "payments");
    one[0] = APPROVED;
    refuse_approve(&victim.finn, "approved already", 1, one, VOUCH_CONFLICT, "approved already");
    one[0] = ACCRUED;
    refuse_approve(&victim.finn, "within its hold", 1, one, VOUCH_CONFLICT, "held until");
    one[0] = ABSENT;
    refuse_approve(&victim.finn, "no payment", 1, one, VOUCH_NOT_FOUND, "no such payment");
    one[0] = 0;
    refuse_approve(&victim.finn, "payment 0", 1, one, VOUCH_NOT_FOUND, "no such payment");
    one[0] = UINT64_MAX;
    refuse_approve(&victim.finn, "payment 2^64 - 1", 1, one, VOUCH_INVALID, "payments");
    two[0] = two[1] = ACCRUED;
    refuse_approve(&victim.finn, "one twice", 2, two, VOUCH_CONFLICT, "held until");
    refuse_approve(&victim.gil, "another company's", 1, (uint64_t[]){ACCRUED}, VOUCH_DENIED, "Northgate");
}

/* ---- disputes ---- */

static void refuse_dispute(struct person *who, const char *what, uint64_t payment, uint64_t payee, const char *evidence,
                           int status, const char *says)
{
    Vouch__V1__DisputeOpen open = VOUCH__V1__DISPUTE_OPEN__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    open.payment = payment;
    open.payee = payee;
    open.evidence = (char *)evidence;
    SAY(request, DISPUTE_OPEN, dispute_open, open);
    refuse(who, what, &request, status, says);
}

static void refuse_resolve(struct person *who, const char *what, uint64_t dispute, bool reverse,
                           Vouch__V1__LedgerReason reason, int status, const char *says)
{
    Vouch__V1__DisputeResolve resolve = VOUCH__V1__DISPUTE_RESOLVE__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    resolve.dispute = dispute;
    resolve.reverse = reverse;
    resolve.reason = reason;
    resolve.resolution = "looked at";
    SAY(request, DISPUTE_RESOLVE, dispute_resolve, resolve);
    refuse(who, what, &request, status, says);
}

static uint64_t open_dispute(struct person *who, uint64_t payment, uint64_t payee)
{
    Vouch__V1__DisputeOpen open = VOUCH__V1__DISPUTE_OPEN__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    open.payment = payment;
    open.payee = payee;
    open.evidence = "it was somebody else";
    SAY(request, DISPUTE_OPEN, dispute_open, open);
    return command(who->v, &request);
}

static void bad_disputes(void)
{
    struct person *ana = &victim.ana;
    refuse_dispute(ana, "of what is paid", PAID, 0, "mine", VOUCH_CONFLICT, "paid");
    refuse_dispute(ana, "without evidence", ACCRUED, 0, "", VOUCH_INVALID, "evidence");
    refuse_dispute(ana, "with blank evidence", ACCRUED, 0, " \n ", VOUCH_INVALID, "evidence");
    refuse_dispute(ana, "with 5000 characters", ACCRUED, 0, victim.long_text, VOUCH_INVALID, "evidence");
    refuse_dispute(ana, "with an escape", ACCRUED, 0, "see \x1b[31m", VOUCH_INVALID, "evidence");
    refuse_dispute(ana, "of a stranger's line", ACCRUED, ABSENT, "mine", VOUCH_NOT_FOUND, "pays nothing");
    refuse_dispute(ana, "of 2^64 - 1", ACCRUED, UINT64_MAX, "mine", VOUCH_INVALID, "payee");
    refuse_dispute(ana, "of no payment", ABSENT, 0, "mine", VOUCH_NOT_FOUND, "no such payment");
    refuse_dispute(ana, "of payment 0", 0, 0, "mine", VOUCH_INVALID, "payment");
    refuse_dispute(&victim.mia, "of others' deals", ACCRUED, ana->id, "hers", VOUCH_NOT_FOUND, "no such payment");
    refuse_dispute(&victim.finn, "of a line that is not", ACCRUED, 0, "whose?", VOUCH_NOT_FOUND, "say whose line");
    refuse_resolve(&victim.finn, "none", ABSENT, false, NO_REASON, VOUCH_NOT_FOUND, "no such dispute");
    refuse_resolve(&victim.finn, "dispute 0", 0, false, NO_REASON, VOUCH_INVALID, "dispute");

    /* One on everything that can be held. */
    uint64_t of_payable = open_dispute(ana, PAYABLE, 0);
    uint64_t of_approved = open_dispute(&victim.tom, APPROVED, ana->id);
    uint64_t of_accrued = open_dispute(&victim.finn, ACCRUED, ana->id);
    victim_remember();
    refuse_dispute(ana, "twice", PAYABLE, 0, "mine", VOUCH_CONFLICT, "disputed already");
    refuse_dispute(&victim.fay, "twice by another", ACCRUED, ana->id, "hers", VOUCH_CONFLICT, "disputed already");
    refuse_resolve(&victim.finn, "one's own", of_accrued, false, NO_REASON, VOUCH_DENIED, "you opened");
    refuse_resolve(&victim.finn, "taken back without a reason", of_payable, true, NO_REASON, VOUCH_INVALID, "reason");
    refuse_resolve(&victim.gil, "another company's", of_payable, false, NO_REASON, VOUCH_DENIED, "Northgate");
    refuse_resolve(ana, "by who disputes", of_payable, false, NO_REASON, VOUCH_DENIED, "");
    refuse_make(&victim.finn, "of what is disputed", "EUR", "", "", 0, VOUCH_CONFLICT, "disputed");
    const uint64_t all[] = {of_payable, of_approved, of_accrued};
    for (size_t i = 0; i < 3; i++) {
        Vouch__V1__DisputeResolve resolve = VOUCH__V1__DISPUTE_RESOLVE__INIT;
        Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
        resolve.dispute = all[i];
        resolve.resolution = "it is hers";
        SAY(request, DISPUTE_RESOLVE, dispute_resolve, resolve);
        command(victim.fay.v, &request);
    }
    victim_remember();
    refuse_resolve(&victim.finn, "settled already", of_accrued, true, FRAUD, VOUCH_CONFLICT, "is settled");
}

/* ---- others' books ---- */

/* Every command about money, well said. */
static size_t commands(Vouch__V1__Request requests[12])
{
    static Vouch__V1__Money amount = VOUCH__V1__MONEY__INIT;
    static Vouch__V1__PaymentRecord record = VOUCH__V1__PAYMENT_RECORD__INIT;
    static Vouch__V1__PaymentRefund refund = VOUCH__V1__PAYMENT_REFUND__INIT;
    static Vouch__V1__DealCancel cancel = VOUCH__V1__DEAL_CANCEL__INIT;
    static Vouch__V1__CommissionCorrect correct = VOUCH__V1__COMMISSION_CORRECT__INIT;
    static Vouch__V1__PeriodClose close = VOUCH__V1__PERIOD_CLOSE__INIT;
    static Vouch__V1__PayoutMake make = VOUCH__V1__PAYOUT_MAKE__INIT;
    static Vouch__V1__PayoutSettle settle = VOUCH__V1__PAYOUT_SETTLE__INIT;
    static Vouch__V1__PayoutFail failing = VOUCH__V1__PAYOUT_FAIL__INIT;
    static Vouch__V1__DebtSettle debt = VOUCH__V1__DEBT_SETTLE__INIT;
    static Vouch__V1__TermsApprove approve = VOUCH__V1__TERMS_APPROVE__INIT;
    static Vouch__V1__CommissionApprove release = VOUCH__V1__COMMISSION_APPROVE__INIT;
    static uint64_t payment = ACCRUED;
    size_t count = 0;
    amount.minor = 1;
    amount.currency = "EUR";
    record.amount = debt.amount = &amount;
    record.referral = cancel.referral = victim.deal;
    record.reference = "N-1";
    refund.payment = correct.payment = ACCRUED;
    correct.payee = debt.payee = victim.ana.id;
    correct.reason = FRAUD;
    close.period = 202703;
    close.company = make.company = debt.company = 1;
    make.currency = "EUR";
    settle.payout = failing.payout = victim.batch;
    failing.statement = victim.paid_statement;
    approve.terms = approve.version = 1;
    release.payments = &payment;
    release.n_payments = 1;
    for (size_t i = 0; i < 12; i++) {
        vouch__v1__request__init(&requests[i]);
    }
    SAY(requests[count++], PAYMENT_RECORD, payment_record, record);
    SAY(requests[count++], PAYMENT_REFUND, payment_refund, refund);
    SAY(requests[count++], DEAL_CANCEL, deal_cancel, cancel);
    SAY(requests[count++], COMMISSION_CORRECT, commission_correct, correct);
    SAY(requests[count++], PERIOD_CLOSE, period_close, close);
    SAY(requests[count++], PAYOUT_MAKE, payout_make, make);
    SAY(requests[count++], PAYOUT_SETTLE, payout_settle, settle);
    SAY(requests[count++], PAYOUT_FAIL, payout_fail, failing);
    SAY(requests[count++], DEBT_SETTLE, debt_settle, debt);
    SAY(requests[count++], TERMS_APPROVE, terms_approve, approve);
    SAY(requests[count++], COMMISSION_APPROVE, commission_approve, release);
    return count;
}

static void others_books(void)
{
    Vouch__V1__Request requests[12];
    struct person *strangers[] = {&victim.ana, &victim.tom, &victim.mia, &victim.aud, &victim.gil};
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++) {
        size_t count = commands(requests);
        for (size_t j = 0; j < count; j++) {
            char what[64];
            snprintf(what, sizeof what, "command %d by stranger %zu", (int)requests[j].operation_case, i);
            refuse(strangers[i], what, &requests[j], VOUCH_DENIED, "");
        }
    }
    size_t count = commands(requests);
    for (size_t j = 0; j < count; j++) {
        refuse(&victim.gone, "a command by who has left", &requests[j], VOUCH_REVOKED, "invitation");
    }
}

/* That there is a draft is nobody's business but its referrer's. */
static void drafts_are_hidden(void)
{
    Vouch__V1__ReferralSubmit draft = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    Vouch__V1__PaymentRecord record = VOUCH__V1__PAYMENT_RECORD__INIT;
    Vouch__V1__Money amount = VOUCH__V1__MONEY__INIT;
    draft.prospect = victim.prospect;
    draft.draft = true;
    SAY(request, REFERRAL_SUBMIT, referral_submit, draft);
    record.referral = command(victim.ana.v, &request);
    amount.minor = 1;
    amount.currency = "EUR";
    record.amount = &amount;
    record.reference = "N-1";
    SAY(request, PAYMENT_RECORD, payment_record, record);
    victim_remember();
    refuse(&victim.finn, "a payment on somebody's draft", &request, VOUCH_NOT_FOUND, "no such referral");
}

int main(void)
{
    victim_begin();
    bad_periods();
    bad_payouts();
    bad_debts();
    bad_approvals();
    others_books();
    bad_disputes();
    drafts_are_hidden();
    victim_end();
    printf("%zu refusals, and the books as they were\n", victim.refusals);
    return 0;
}
