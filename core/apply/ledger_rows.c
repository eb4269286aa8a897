/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing the ledger: a booking goes into the chain, into its account's list, and into the balances of the payee and of
 * the company. What is booked was decided; here nothing is refused. */
#include "apply/parts.h"

#include "base/check.h"

#include <string.h>

static void add(int64_t *sum, int64_t minor)
{
    CHECK(!__builtin_add_overflow(*sum, minor, sum));
}

/* Both postings of a step on one account's balances. */
static void post(struct account *account, const struct ledger_step_rule *rule, int64_t minor)
{
    add(&account->balances.minor[rule->debit], minor);
    add(&account->balances.minor[rule->credit], -minor);
}

static void post_to_payee(struct view *view, const struct account_id *id, const struct ledger_step_rule *rule,
                          int64_t minor)
{
    struct account account;
    account_get(view, id, &account);
    post(&account, rule, minor);
    account_put(view, id, &account);
}

/* ---- what an event keeps until its end ---- */

static void add_total(struct view *view, enum total_kind kind, const char *currency, int64_t minor)
{
    if (minor != 0) {
        struct key total = key_total(kind, currency, 3);
        number_add(view, TABLE_TOTAL, &total, minor);
    }
}

static void write_company(struct view *view, struct ledger_end *ledger)
{
    if (ledger->company_is_open) {
        account_put(view, &ledger->company, &ledger->account);
        add_total(view, TOTAL_COMMISSION, ledger->company.currency, ledger->expense_minor);
        add_total(view, TOTAL_TURNOVER, ledger->company.currency, ledger->turnover_minor);
    }
    ledger->company_is_open = false;
    ledger->expense_minor = 0;
    ledger->turnover_minor = 0;
}

static void open_company(struct view *view, struct ledger_end *ledger, const struct account_id *id)
{
    bool same = ledger->company_is_open && ledger->company.company == id->company &&
                memcmp(ledger->company.currency, id->currency, CURRENCY_BYTES) == 0;
    if (!same) {
        write_company(view, ledger);
        ledger->company = *id;
        ledger->company_is_open = true;
        account_get(view, id, &ledger->account);
    }
}

/* What all companies' expense of a currency comes to, and what ever came into its accounts. */
static void post_to_company(struct view *view, struct ledger_end *ledger, const struct account_id *id,
                            enum ledger_step step, int64_t minor)
{
    const struct ledger_step_rule *rule = ledger_step_find(step);
    open_company(view, ledger, id);
    post(&ledger->account, rule, minor);
    add(&ledger->expense_minor, rule->debit == LEDGER_EXP ? minor : rule->credit == LEDGER_EXP ? -minor : 0);
    add(&ledger->turnover_minor, step == LEDGER_STEP_ACCRUE || step == LEDGER_STEP_FX_IN ? minor : 0);
}

static void open_chain(struct view *view, struct ledger_end *ledger)
{
    if (!ledger->chain_is_open) {
        ledger->chain_is_open = true;
        ledger->number = meta_get(view, "last_booking");
        booking_last_hash(view, ledger->hash);
    }
}

void ledger_write(struct application *application)
{
    struct ledger_end *ledger = application->ledger;
    write_company(application->view, ledger);
    if (ledger->chain_is_open) {
        struct key name = key_text("last_booking_hash");
        table_put(application->view, TABLE_META, key_slice(&name), (struct slice){ledger->hash, LEDGER_HASH_BYTES});
        meta_put(application->view, "last_booking", ledger->number);
    }
    ledger->chain_is_open = false;
}

/* ---- a booking ---- */

static void chain(struct ledger_end *ledger, const Vouch__V1__Booking *booking, const Vouch__V1__Deal *deal)
{
    uint8_t between[LEDGER_HASH_BYTES];
    struct ledger_entry debit = booking_entry(booking, deal, 0);
    struct ledger_entry credit = booking_entry(booking, deal, 1);
    ledger_entry_hash(ledger->hash, &debit, between);
    ledger_entry_hash(between, &credit, ledger->hash);
}

uint64_t book(struct application *application, const struct order *order)
{
    struct view *view = application->view;
    struct ledger_end *ledger = application->ledger;
    const struct ledger_step_rule *rule = ledger_step_find(order->step);
    struct account_id payee = account_id_of(order->payee, order->company, order->currency);
    struct account_id company = account_id_of(0, order->company, order->currency);
    CHECK(rule != NULL && order->minor > 0 && order->payee != 0 && order->company != 0 && order->period != 0);
    open_chain(view, ledger);
    Vouch__V1__Money amount = VOUCH__V1__MONEY__INIT;
    amount.minor = order->minor;
    amount.currency = payee.currency;
    Vouch__V1__Booking booking = VOUCH__V1__BOOKING__INIT;
    booking.number = ++ledger->number;
    booking.step = (Vouch__V1__LedgerStep)order->step;
    booking.company = order->company;
    booking.payee = order->payee;
    booking.amount = &amount;
    booking.referral = order->deal == NULL ? 0 : order->deal->referral;
    booking.payment = order->payment;
    booking.statement = order->statement;
    booking.corrects = order->corrects;
    booking.reason = (Vouch__V1__LedgerReason)order->reason;
    booking.period = order->period;
    booking.sequence = application->sequence;
    booking.time_ms = application->event->time_ms;
    booking.effective_ms = order->effective_ms;
    chain(ledger, &booking, order->deal);
    booking.hash = (ProtobufCBinaryData){LEDGER_HASH_BYTES, ledger->hash};
    record_put(view, TABLE_BOOKING, booking.number, &booking.base, application->arena);
    account_booking_put(view, &payee, order->period, booking.number,
                        (struct account_booking){order->step, order->minor});
    post_to_payee(view, &payee, rule, order->minor);
    post_to_company(view, ledger, &company, order->step, order->minor);
    return booking.number;
}

void ready_add(struct view *view, const struct account_id *id, uint32_t period, int64_t minor)
{
    struct key key = key_ready(id, period);
    int64_t sum;
    CHECK(!__builtin_add_overflow(number_get(view, TABLE_READY, &key), minor, &sum) &&
          (sum >= 0 || view_failed(view) != NULL));
    if (sum != 0) {
        number_put(view, TABLE_READY, &key, sum);
    } else if (minor != 0) {
        row_delete(view, TABLE_READY, &key);
    }
}
