/* SPDX-License-Identifier: Apache-2.0
 *
 * The end of a month: what is ready pays off what the payee owes, the rest becomes payable, and every payee with
 * something ready, a debt, or a booking in the period gets a statement. What is below the minimum payout waits for the
 * next statement: nothing of it is booked. */
#include "apply/parts.h"

#include "base/check.h"

#include <string.h>

/* One closing on its way through the accounts of a company. */
struct closing {
    struct application application; /* scratch of one account */
    const Vouch__V1__Period *period;
    uint32_t closed_before;
    uint32_t statements;
    uint64_t told; /* payee */
    struct cursor *ready;
    struct cursor *bookings;
};

static bool is_of(struct slice key, const struct key *account)
{
    return memcmp(key.data, account->bytes, ACCOUNT_KEY_BYTES) == 0;
}

static int64_t sum_ready(struct closing *closing, const struct account_id *id)
{
    struct key from = key_ready(id, 0);
    struct slice key, value;
    int64_t sum = 0;
    for (bool row = cursor_seek(closing->ready, key_slice(&from), &key, &value);
         row && is_of(key, &from) && key_account_period(key) <= closing->period->period;
         row = cursor_next(closing->ready, &key, &value)) {
        CHECK(!__builtin_add_overflow(sum, number_read(value), &sum));
    }
    return sum;
}

static void delete_ready(struct closing *closing, const struct account_id *id)
{
    struct key from = key_ready(id, 0);
    struct slice key;
    bool row = cursor_seek(closing->ready, key_slice(&from), &key, NULL);
    while (row && is_of(key, &from) && key_account_period(key) <= closing->period->period) {
        struct key gone = key_ready(id, key_account_period(key));
        row_delete(closing->application.view, TABLE_READY, &gone);
        row = cursor_next(closing->ready, &key, NULL);
    }
}

/* True when something was booked on the account since the last closing. */
static bool has_bookings(struct closing *closing, const struct account_id *id)
{
    struct key from = key_account_booking(id, closing->closed_before + 1, 0);
    struct slice key;
    return cursor_seek(closing->bookings, key_slice(&from), &key, NULL) && is_of(key, &from) &&
           key_account_period(key) <= closing->period->period;
}

static void book_step(struct closing *closing, const Vouch__V1__Statement *statement, enum ledger_step step,
                      int64_t minor)
{
    if (minor > 0) {
        book(&closing->application, &(struct order){.step = step,
                                                    .company = statement->company,
                                                    .payee = statement->payee,
                                                    .currency = statement->currency,
                                                    .minor = minor,
                                                    .statement = statement->id,
                                                    .period = statement->period,
                                                    .effective_ms = closing->period->until_ms - 1});
    }
}

static void put_statement(struct closing *closing, const struct account_id *id, const Vouch__V1__Statement *statement)
{
    struct view *view = closing->application.view;
    struct key of = key_statement_of(id, statement->period);
    struct key value = key_u64(statement->id);
    key_add_u8(&value, statement->carried ? 1 : 0);
    record_put(view, TABLE_STATEMENT, statement->id, &statement->base, closing->application.arena);
    table_put(view, TABLE_STATEMENT_OF, key_slice(&of), key_slice(&value));
    meta_put(view, "last_statement", statement->id);
    if (statement->payable_minor > 0) {
        struct key payable = key_payable(statement->company, statement->currency, statement->id);
        row_put(view, TABLE_PAYABLE, &payable);
    }
}

/* A debt is paid off before anything is paid out, whatever the minimum. */
static void share_out(Vouch__V1__Statement *statement)
{
    int64_t rest = statement->ready_minor - statement->owed_minor;
    statement->carried = statement->ready_minor == 0 || (rest > 0 && rest < statement->minimum_minor);
    if (!statement->carried) {
        statement->offset_minor = rest > 0 ? statement->owed_minor : statement->ready_minor;
        statement->closed_minor = statement->ready_minor - statement->offset_minor;
        statement->payable_minor = statement->closed_minor;
    }
}

static void close_account(struct closing *closing, struct account_id *id, const struct account *account)
{
    Vouch__V1__Statement statement = VOUCH__V1__STATEMENT__INIT;
    statement.ready_minor = sum_ready(closing, id);
    statement.owed_minor = account->balances.minor[LEDGER_RCV];
    if (statement.ready_minor == 0 && statement.owed_minor == 0 && !has_bookings(closing, id)) {
        return;
    }
    statement.id = meta_get(closing->application.view, "last_statement") + 1;
    statement.company = id->company;
    statement.payee = id->payee;
    statement.currency = id->currency;
    statement.period = closing->period->period;
    statement.closed_ms = closing->period->closed_ms;
    statement.minimum_minor = account->minimum_minor;
    share_out(&statement);
    if (!statement.carried) {
        book_step(closing, &statement, LEDGER_STEP_OFFSET, statement.offset_minor);
        book_step(closing, &statement, LEDGER_STEP_CLOSE, statement.closed_minor);
        delete_ready(closing, id);
    }
    put_statement(closing, id, &statement);
    closing->statements++;
    if (closing->told != id->payee) {
        closing->told = id->payee;
        inbox_add(&closing->application, id->payee);
    }
}

/* Accounts come payee by payee; those of payee 0 are the companies' own. */
static void close_accounts(struct closing *closing)
{
    const struct view *view = closing->application.view;
    struct key from = key_u64(1);
    struct slice key, value;
    struct cursor *cursor = cursor_open(view, TABLE_ACCOUNT);
    for (bool row = cursor_seek(cursor, key_slice(&from), &key, &value); row; row = cursor_next(cursor, &key, &value)) {
        struct account_id id = account_id_read(key);
        if (id.company == closing->period->company) {
            struct account account = account_read(value);
            arena_reset(closing->application.arena);
            close_account(closing, &id, &account);
        }
    }
    cursor_close(&cursor);
}

void apply_period_closed(struct application *application, const Vouch__V1__PeriodClosed *closed)
{
    CHECK(closed->period != NULL);
    Vouch__V1__Period period = *closed->period;
    struct closing closing = {
        .application = application_inner(application),
        .period = &period,
        .closed_before = period_last_closed(application->view, period.company),
        .ready = cursor_open(application->view, TABLE_READY),
        .bookings = cursor_open(application->view, TABLE_ACCOUNT_BOOKING),
    };
    close_accounts(&closing);
    cursor_close(&closing.bookings);
    cursor_close(&closing.ready);
    arena_free(&closing.application.arena);
    period.statements = closing.statements;
    struct key key = key_period(period.company, period.period);
    record_put_key(application->view, TABLE_PERIOD, &key, &period.base, application->arena);
}
