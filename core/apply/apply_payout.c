/* SPDX-License-Identifier: Apache-2.0
 *
 * Payouts: what is payable goes to the bank, one line a statement, and comes to rest when the bank has paid or could
 * not. With a rate a line is two bookings, one in each currency. */
#include "apply/parts.h"

#include "base/check.h"
#include "domain/money.h"

#include <string.h>

static bool is_converted(const Vouch__V1__Payout *payout)
{
    return strcmp(payout->currency, payout->pay_currency) != 0;
}

/* A booking about a line, in the currency of the statement or in that of the payout. */
static uint64_t book_line(struct application *application, const Vouch__V1__Payout *payout,
                          const Vouch__V1__PayoutLine *line, struct order order)
{
    bool in_pay = order.step == LEDGER_STEP_FX_IN || order.step == LEDGER_STEP_FX_IN_FAIL ||
                  order.step == LEDGER_STEP_SETTLE;
    order.company = payout->company;
    order.payee = line->payee;
    order.currency = in_pay ? payout->pay_currency : payout->currency;
    order.minor = in_pay ? line->pay_minor : line->minor;
    order.statement = line->statement;
    return book(application, &order);
}

static void put_line(struct application *application, uint64_t payout, const Vouch__V1__PayoutLine *line)
{
    struct key key = key_payout_line(payout, line->statement);
    record_put_key(application->view, TABLE_PAYOUT_LINE, &key, &line->base, application->arena);
}

/* ---- made ---- */

static void send(struct application *application, Vouch__V1__Payout *payout, uint64_t id,
                 const Vouch__V1__PayoutMade *made)
{
    const Vouch__V1__Statement *record = record_statement(application->view, id, application->arena);
    if (!is_there(application, record)) {
        return;
    }
    Vouch__V1__Statement statement = *record;
    Vouch__V1__PayoutLine line = VOUCH__V1__PAYOUT_LINE__INIT;
    line.minor = statement_to_send(&statement);
    if (line.minor == 0 || !payout_converts(payout, line.minor, &line.pay_minor)) {
        return;
    }
    bool converted = is_converted(payout);
    struct order order = {.period = made->period, .effective_ms = payout->made_ms};
    line.statement = id;
    line.payee = statement.payee;
    line.state = VOUCH__V1__PAYOUT_STATE__SENT;
    order.step = converted ? LEDGER_STEP_FX_OUT : LEDGER_STEP_SEND;
    line.booking = book_line(application, payout, &line, order);
    if (converted) {
        order.step = LEDGER_STEP_FX_IN;
        book_line(application, payout, &line, order);
    }
    put_line(application, payout->id, &line);
    payout->lines++;
    payout->total_minor += line.pay_minor;
    statement.payable_minor -= line.minor;
    statement.sent_minor += line.minor;
    statement.payout = payout->id;
    record_put(application->view, TABLE_STATEMENT, id, &statement.base, application->arena);
    if (statement.payable_minor == 0) {
        struct key payable = key_payable(statement.company, statement.currency, id);
        row_delete(application->view, TABLE_PAYABLE, &payable);
    }
}

void apply_payout_made(struct application *application, const Vouch__V1__PayoutMade *made)
{
    CHECK(made->payout != NULL);
    Vouch__V1__Payout payout = *made->payout;
    struct key from = key_payable(payout.company, payout.currency, 0);
    struct slice key;
    struct application inner = application_inner(application);
    struct cursor *cursor = cursor_open(application->view, TABLE_PAYABLE);
    bool row = cursor_seek(cursor, key_slice(&from), &key, NULL);
    while (row && memcmp(key.data, from.bytes, PAYABLE_PREFIX_BYTES) == 0) {
        arena_reset(inner.arena);
        send(&inner, &payout, slice_u64(key, PAYABLE_PREFIX_BYTES), made);
        row = cursor_next(cursor, &key, NULL);
    }
    cursor_close(&cursor);
    arena_free(&inner.arena);
    record_put(application->view, TABLE_PAYOUT, payout.id, &payout.base, application->arena);
    counter_reach(application, "last_payout", payout.id);
}

/* ---- settled, failed ---- */

static void settle(struct application *application, Vouch__V1__Payout *payout, const Vouch__V1__PayoutLine *record,
                   const Vouch__V1__PayoutSettled *settled)
{
    Vouch__V1__PayoutLine line = *record;
    const Vouch__V1__Statement *on = record_statement(application->view, line.statement, application->arena);
    if (!is_there(application, on)) {
        return;
    }
    Vouch__V1__Statement statement = *on;
    book_line(
        application, payout, &line,
        (struct order){.step = LEDGER_STEP_SETTLE, .period = settled->period, .effective_ms = settled->effective_ms});
    line.state = VOUCH__V1__PAYOUT_STATE__SETTLED;
    line.changed_ms = settled->effective_ms;
    put_line(application, payout->id, &line);
    payout->settled++;
    statement.sent_minor -= line.minor;
    statement.settled_minor += line.minor;
    record_put(application->view, TABLE_STATEMENT, statement.id, &statement.base, application->arena);
    inbox_add_once(application, line.payee);
}

static void settle_lines(struct application *application, Vouch__V1__Payout *payout,
                         const Vouch__V1__PayoutSettled *settled)
{
    struct key from = key_payout_line(payout->id, settled->statement);
    struct slice key;
    struct application inner = application_inner(application);
    struct cursor *cursor = cursor_open(application->view, TABLE_PAYOUT_LINE);
    bool row = cursor_seek(cursor, key_slice(&from), &key, NULL);
    while (row && slice_u64(key, 0) == payout->id &&
           (settled->statement == 0 || slice_u64(key, 8) == settled->statement)) {
        arena_reset(inner.arena);
        const Vouch__V1__PayoutLine *line = record_payout_line(application->view, payout->id, slice_u64(key, 8),
                                                               inner.arena);
        if (is_there(application, line) && line->state == VOUCH__V1__PAYOUT_STATE__SENT) {
            settle(&inner, payout, line, settled);
        }
        row = cursor_next(cursor, &key, NULL);
    }
    cursor_close(&cursor);
    arena_free(&inner.arena);
}

void apply_payout_settled(struct application *application, const Vouch__V1__PayoutSettled *settled)
{
    const Vouch__V1__Payout *record = record_payout(application->view, settled->payout, application->arena);
    if (!is_there(application, record)) {
        return;
    }
    Vouch__V1__Payout payout = *record;
    settle_lines(application, &payout, settled);
    record_put(application->view, TABLE_PAYOUT, payout.id, &payout.base, application->arena);
}

static void fail_line(struct application *application, const Vouch__V1__Payout *payout, Vouch__V1__PayoutLine *line,
                      const Vouch__V1__PayoutFailed *failed)
{
    struct order order = {.reason = (enum ledger_reason)failed->reason,
                          .corrects = line->booking,
                          .period = failed->period,
                          .effective_ms = failed->effective_ms};
    if (is_converted(payout)) {
        order.step = LEDGER_STEP_FX_OUT_FAIL;
        book_line(application, payout, line, order);
        order.step = LEDGER_STEP_FX_IN_FAIL;
        order.corrects++;
    } else {
        order.step = LEDGER_STEP_FAIL;
    }
    book_line(application, payout, line, order);
    line->state = VOUCH__V1__PAYOUT_STATE__FAILED;
    line->reason = failed->reason;
    line->changed_ms = failed->effective_ms;
    put_line(application, payout->id, line);
}

void apply_payout_failed(struct application *application, const Vouch__V1__PayoutFailed *failed)
{
    struct view *view = application->view;
    const Vouch__V1__Payout *record = record_payout(view, failed->payout, application->arena);
    const Vouch__V1__PayoutLine *sent = record_payout_line(view, failed->payout, failed->statement, application->arena);
    const Vouch__V1__Statement *on = record_statement(view, failed->statement, application->arena);
    if (!is_there(application, record) || !is_there(application, sent) || !is_there(application, on)) {
        return;
    }
    Vouch__V1__Payout payout = *record;
    Vouch__V1__PayoutLine line = *sent;
    Vouch__V1__Statement statement = *on;
    struct key payable = key_payable(statement.company, statement.currency, statement.id);
    fail_line(application, &payout, &line, failed);
    payout.failed++;
    statement.sent_minor -= line.minor;
    statement.payable_minor += line.minor;
    row_put(view, TABLE_PAYABLE, &payable);
    record_put(view, TABLE_STATEMENT, statement.id, &statement.base, application->arena);
    record_put(view, TABLE_PAYOUT, payout.id, &payout.base, application->arena);
    inbox_add(application, line.payee);
}
