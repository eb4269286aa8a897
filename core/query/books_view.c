/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of the ledger for people. */
#include "query/books_view.h"

#include "base/check.h"
#include "domain/zone.h"

bool books_are_open(const struct question *question, uint64_t company)
{
    const Vouch__V1__Member *actor = question->actor;
    return actor->role == ROLE(ADMIN) || actor->role == ROLE(AUDITOR) ||
           (actor->role == ROLE(FINANCE) && actor->company == company);
}

int64_t balances_net(const struct ledger_balances *balances)
{
    const int64_t *minor = balances->minor;
    return -(minor[LEDGER_ACC] + minor[LEDGER_APP] + minor[LEDGER_PAY]) - minor[LEDGER_RCV];
}

/* Posting to an account whose balance is the payee's: a credit is owed to them, a debit taken. */
static bool is_payees(enum ledger_account account)
{
    return ledger_account_find(account)->owner == OWNER_PAYEE;
}

int64_t step_net(enum ledger_step step, int64_t minor)
{
    const struct ledger_step_rule *rule = ledger_step_find(step);
    CHECK(rule != NULL);
    return (is_payees(rule->credit) ? minor : 0) - (is_payees(rule->debit) ? minor : 0);
}

Vouch__V1__AccountView *account_view(struct question *question, const struct account_id *id,
                                     const struct ledger_balances *balances, int64_t disputed_minor)
{
    Vouch__V1__AccountView *view = question_message(question, &vouch__v1__account_view__descriptor);
    char *currency = arena_strdup(question->arena, id->currency);
    if (view == NULL || currency == NULL) {
        return NULL;
    }
    view->company = id->company;
    view->company_name = question_name(question, TABLE_COMPANY, id->company);
    view->payee = id->payee;
    view->payee_name = question_name(question, TABLE_MEMBER, id->payee);
    view->currency = currency;
    view->accrued_minor = -balances->minor[LEDGER_ACC];
    view->approved_minor = -balances->minor[LEDGER_APP];
    view->payable_minor = -balances->minor[LEDGER_PAY];
    view->sent_minor = -balances->minor[LEDGER_CLR];
    view->paid_minor = -balances->minor[LEDGER_CASH];
    view->owed_minor = balances->minor[LEDGER_RCV];
    view->written_off_minor = balances->minor[LEDGER_WO];
    view->disputed_minor = disputed_minor;
    return view;
}

uint32_t period_of_now(const struct question *question, uint64_t company)
{
    uint32_t now = zone_month(record_home_zone(question->view, question->arena), question->now_ms);
    uint32_t closed = period_last_closed(question->view, company);
    return now > closed || closed == MONTH_MOST ? now : month_next(closed);
}

Vouch__V1__Period *period_view(struct question *question, uint64_t company, uint32_t period)
{
    const Vouch__V1__Period *closed = record_period(question->view, company, period, question->arena);
    CHECK(month_is(period));
    if (closed != NULL) {
        return (Vouch__V1__Period *)(uintptr_t)closed; /* answers are packed, not written to */
    }
    Vouch__V1__Period *view = question_message(question, &vouch__v1__period__descriptor);
    const char *zone = record_home_zone(question->view, question->arena);
    if (view == NULL) {
        return NULL;
    }
    view->period = period;
    view->company = company;
    view->from_ms = zone_month_start_ms(zone, period);
    view->until_ms = period == MONTH_MOST ? INT64_MAX : zone_month_start_ms(zone, month_next(period));
    view->zone = arena_strdup(question->arena, zone);
    return view->zone == NULL ? NULL : view;
}

Vouch__V1__Payment *payment_view(struct question *question, const Vouch__V1__Payment *record)
{
    Vouch__V1__Payment *payment = arena_memdup(question->arena, record, sizeof *record);
    Vouch__V1__PaymentPart **parts = arena_alloc(question->arena, (record->n_parts + 1) * sizeof *parts);
    if (payment == NULL || parts == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < record->n_parts; i++) {
        parts[i] = arena_memdup(question->arena, record->parts[i], sizeof **parts);
        if (parts[i] == NULL) {
            return NULL;
        }
        parts[i]->name = question_name(question, TABLE_MEMBER, parts[i]->member);
    }
    payment->parts = parts;
    return payment;
}
