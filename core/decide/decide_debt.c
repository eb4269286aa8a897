/* SPDX-License-Identifier: Apache-2.0
 *
 * What a payee owes back, because what was paid was clawed back, and does not wait for new commission to pay it off:
 * repaid, or given up. */
#include "apply/books.h"
#include "decide/parts.h"
#include "domain/money.h"

static enum vouch_status check_debt(struct decision *decision, uint64_t company, const Vouch__V1__DebtSettle *asked)
{
    char owed[MONEY_TEXT_BYTES];
    const Vouch__V1__Money *amount = asked->amount;
    struct account account;
    if (currency_exponent(amount->currency) < 0) {
        return status_set(&decision->why, VOUCH_INVALID, "%s is no currency with a minor unit (ISO 4217)",
                          amount->currency);
    }
    if (amount->minor <= 0) {
        return status_set(&decision->why, VOUCH_INVALID, "a debt is settled by an amount above zero");
    }
    struct account_id id = account_id_of(asked->payee, company, amount->currency);
    account_get(decision->view, &id, &account);
    int64_t owes = account.balances.minor[LEDGER_RCV];
    if (amount->minor > owes) {
        return status_set(&decision->why, VOUCH_CONFLICT, "%s owes %s %s: no more can be %s",
                          decision_name(decision, asked->payee),
                          record_name(decision->view, TABLE_COMPANY, company, decision->arena),
                          owes == 0 ? "nothing" : money_format(owed, owes, amount->currency),
                          asked->write_off ? "written off" : "repaid");
    }
    if (asked->write_off && asked->reason == VOUCH__V1__LEDGER_REASON__LEDGER_REASON_NONE) {
        return status_set(&decision->why, VOUCH_INVALID, "what is written off says why: a reason is missing");
    }
    return VOUCH_OK;
}

enum vouch_status decide_debt_settle(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__DebtSettle *asked = request->debt_settle;
    Vouch__V1__DebtSettled *settled = decision_message(decision, &vouch__v1__debt_settled__descriptor);
    if (settled == NULL) {
        return decision_too_large(decision);
    }
    enum vouch_status status = company_or_own(decision, asked->company, &settled->company);
    if (status == VOUCH_OK) {
        status = check_debt(decision, settled->company, asked);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    settled->payee = asked->payee;
    settled->step = asked->write_off ? VOUCH__V1__LEDGER_STEP__WRITE_OFF : VOUCH__V1__LEDGER_STEP__REPAY;
    settled->amount = asked->amount;
    settled->reason = asked->write_off ? asked->reason : VOUCH__V1__LEDGER_REASON__LEDGER_REASON_NONE;
    settled->note = asked->note;
    settled->effective_ms = decision->now_ms;
    settled->period = open_period(decision, settled->company, decision->now_ms);
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(DEBT_SETTLED);
    event->debt_settled = settled;
    decision->answer_id = asked->payee;
    return VOUCH_OK;
}
