/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing the ledger: a booking goes into the chain, into its account's list, and into the balances of the payee and of
 * the company. What is booked was decided; here nothing is refused. */
#include "apply/parts.h"

#include "base/check.h"

#include <string.h>

/* Both postings of a step on one account's balances. */
static void add_to_account(struct view *view, const struct account_id *id, const struct ledger_step_rule *rule,
                           int64_t minor)
{
    struct account account;
    account_get(view, id, &account);
    int64_t *balances = account.balances.minor;
    CHECK(!__builtin_add_overflow(balances[rule->debit], minor, &balances[rule->debit]));
    CHECK(!__builtin_sub_overflow(balances[rule->credit], minor, &balances[rule->credit]));
    account_put(view, id, &account);
}

/* What all companies' expense of a currency comes to, and what ever came into its accounts. */
static void add_to_totals(struct view *view, enum ledger_step step, const char *currency, int64_t minor)
{
    const struct ledger_step_rule *rule = ledger_step_find(step);
    int64_t expense = rule->debit == LEDGER_EXP ? minor : rule->credit == LEDGER_EXP ? -minor : 0;
    if (expense != 0) {
        struct key total = key_total(TOTAL_COMMISSION, currency, 3);
        number_add(view, TABLE_TOTAL, &total, expense);
    }
    if (step == LEDGER_STEP_ACCRUE || step == LEDGER_STEP_FX_IN) {
        struct key total = key_total(TOTAL_TURNOVER, currency, 3);
        number_add(view, TABLE_TOTAL, &total, minor);
    }
}

static void chain(struct view *view, const Vouch__V1__Booking *booking, const Vouch__V1__Deal *deal,
                  uint8_t hash[LEDGER_HASH_BYTES])
{
    struct key name = key_text("last_booking_hash");
    uint8_t before[LEDGER_HASH_BYTES];
    uint8_t between[LEDGER_HASH_BYTES];
    struct ledger_entry debit = booking_entry(booking, deal, 0);
    struct ledger_entry credit = booking_entry(booking, deal, 1);
    booking_last_hash(view, before);
    ledger_entry_hash(before, &debit, between);
    ledger_entry_hash(between, &credit, hash);
    table_put(view, TABLE_META, key_slice(&name), (struct slice){hash, LEDGER_HASH_BYTES});
}

uint64_t book(struct application *application, const struct order *order)
{
    struct view *view = application->view;
    const struct ledger_step_rule *rule = ledger_step_find(order->step);
    struct account_id payee = account_id_of(order->payee, order->company, order->currency);
    struct account_id company = account_id_of(0, order->company, order->currency);
    CHECK(rule != NULL && order->minor > 0 && order->payee != 0 && order->company != 0 && order->period != 0);
    Vouch__V1__Money amount = VOUCH__V1__MONEY__INIT;
    amount.minor = order->minor;
    amount.currency = payee.currency;
    Vouch__V1__Booking booking = VOUCH__V1__BOOKING__INIT;
    uint8_t hash[LEDGER_HASH_BYTES];
    booking.number = meta_get(view, "last_booking") + 1;
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
    chain(view, &booking, order->deal, hash);
    booking.hash = (ProtobufCBinaryData){sizeof hash, hash};
    record_put(view, TABLE_BOOKING, booking.number, &booking.base, application->arena);
    meta_put(view, "last_booking", booking.number);
    account_booking_put(view, &payee, order->period, booking.number,
                        (struct account_booking){order->step, order->minor});
    add_to_account(view, &payee, rule, order->minor);
    add_to_account(view, &company, rule, order->minor);
    add_to_totals(view, order->step, order->currency, order->minor);
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
