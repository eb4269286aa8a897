/* SPDX-License-Identifier: Apache-2.0
 *
 * What becomes of approved lines: disputes, statements, periods, payouts, and what is ready, each against what was
 * counted from the lines, and all of it against the balances of the accounts. */
#include "apply/books.h"
#include "domain/zone.h"
#include "query/checking.h"

#include <string.h>

/* ---- disputes ---- */

static void check_open_dispute(struct check *check, const Vouch__V1__Dispute *dispute)
{
    const Vouch__V1__Payment *payment = record_payment(check->view, dispute->payment, check->arena);
    const Vouch__V1__Deal *deal = record_deal(check->view, dispute->referral, check->arena);
    const Vouch__V1__PaymentPart *part = payment == NULL ? NULL : payment_part(payment, dispute->payee);
    if (deal == NULL || part == NULL || part->dispute != dispute->id || dispute->minor < 0) {
        finding(check, "dispute D%" PRIu64 " is open, and its line does not know it", dispute->id);
        return;
    }
    struct account_id id = account_id_of(dispute->payee, deal->company, deal->value->currency);
    struct key account = key_account(&id);
    struct key statement = key_u64(dispute->statement);
    tally_add(check, TALLY_DISPUTED, &account, dispute->minor);
    if (dispute->statement != 0) {
        tally_add(check, TALLY_HELD, &statement, dispute->minor);
    }
}

static void check_dispute(struct check *check, struct slice key, struct slice value)
{
    (void)value;
    uint64_t id = slice_u64(key, 0);
    const Vouch__V1__Dispute *dispute = record_dispute(check->view, id, check->arena);
    const Vouch__V1__Payment *payment = dispute == NULL ? NULL
                                                        : record_payment(check->view, dispute->payment, check->arena);
    check->last = id;
    if (payment == NULL || dispute->id != id || payment->referral != dispute->referral ||
        payment_part(payment, dispute->payee) == NULL) {
        finding(check, "dispute D%" PRIu64 " cannot be read", id);
    } else if (dispute->resolved_ms == 0) {
        check_open_dispute(check, dispute);
    }
}

/* ---- payouts ---- */

struct batch {
    uint32_t lines;
    uint32_t settled;
    uint32_t failed;
    int64_t total_minor;
};

/* A line is what its statement and its booking say. */
static void check_sent(struct check *check, const Vouch__V1__Payout *payout, const Vouch__V1__PayoutLine *line)
{
    const Vouch__V1__Statement *statement = record_statement(check->view, line->statement, check->lines);
    const Vouch__V1__Booking *booking = record_booking(check->view, line->booking, check->lines);
    bool known = statement != NULL && booking != NULL && booking->amount != NULL;
    if (!known || statement->company != payout->company || statement->payee != line->payee ||
        strcmp(statement->currency, payout->currency) != 0 || booking->statement != line->statement ||
        booking->amount->minor != line->minor ||
        (booking->step != VOUCH__V1__LEDGER_STEP__SEND && booking->step != VOUCH__V1__LEDGER_STEP__FX_OUT)) {
        finding(check, "line S%" PRIu64 " of batch B%" PRIu64 " is not what was booked", line->statement, payout->id);
    }
}

static void check_line(struct check *check, const Vouch__V1__Payout *payout, const Vouch__V1__PayoutLine *line,
                       struct batch *batch)
{
    struct account_id id = account_id_of(line->payee, payout->company, payout->pay_currency);
    struct key account = key_account(&id);
    struct key statement = key_u64(line->statement);
    check_sent(check, payout, line);
    batch->lines++;
    batch->total_minor += line->pay_minor;
    if (line->state == VOUCH__V1__PAYOUT_STATE__SENT) {
        tally_add(check, TALLY_SENT, &statement, line->minor);
        tally_add(check, TALLY_CLR, &account, line->pay_minor);
    } else if (line->state == VOUCH__V1__PAYOUT_STATE__SETTLED) {
        batch->settled++;
        tally_add(check, TALLY_SETTLED, &statement, line->minor);
    } else {
        batch->failed++;
    }
}

static void check_lines(struct check *check, const Vouch__V1__Payout *payout, struct batch *batch)
{
    struct key from = key_payout_line(payout->id, 0);
    struct slice key;
    struct cursor *cursor = cursor_open(check->view, TABLE_PAYOUT_LINE);
    bool row = cursor_seek(cursor, key_slice(&from), &key, NULL);
    while (row && slice_u64(key, 0) == payout->id) {
        const Vouch__V1__PayoutLine *line = record_payout_line(check->view, payout->id, slice_u64(key, 8),
                                                               check->lines);
        check->expected[TABLE_PAYOUT_LINE]++;
        if (line == NULL || line->statement != slice_u64(key, 8) || line->minor <= 0 || line->pay_minor <= 0) {
            finding(check, "line S%" PRIu64 " of batch B%" PRIu64 " cannot be read", slice_u64(key, 8), payout->id);
        } else {
            check_line(check, payout, line, batch);
        }
        arena_reset(check->lines);
        row = cursor_next(cursor, &key, NULL);
    }
    cursor_close(&cursor);
}

static void check_payout(struct check *check, struct slice key, struct slice value)
{
    (void)value;
    uint64_t id = slice_u64(key, 0);
    struct batch batch = {0};
    const Vouch__V1__Payout *payout = record_payout(check->view, id, check->arena);
    check->last = id;
    if (payout == NULL || payout->id != id || strlen(payout->currency) != 3 || strlen(payout->pay_currency) != 3) {
        finding(check, "batch B%" PRIu64 " cannot be read", id);
        return;
    }
    check_lines(check, payout, &batch);
    if (batch.lines != payout->lines || batch.settled != payout->settled || batch.failed != payout->failed ||
        batch.total_minor != payout->total_minor || batch.lines == 0) {
        finding(check, "batch B%" PRIu64 " is not what its lines come to", id);
    }
}

/* ---- statements ---- */

static bool adds_up(const Vouch__V1__Statement *s)
{
    int64_t shared = s->carried ? 0 : s->ready_minor;
    int64_t reversed = s->closed_minor - s->payable_minor - s->sent_minor - s->settled_minor;
    int64_t clawed = s->taken_minor - reversed;
    return s->offset_minor + s->closed_minor == shared && s->offset_minor >= 0 && s->offset_minor <= s->owed_minor &&
           s->closed_minor >= 0 && s->payable_minor >= 0 && s->sent_minor >= 0 && s->settled_minor >= 0 &&
           reversed >= 0 && clawed >= 0 && clawed <= s->settled_minor + s->offset_minor && s->disputed_minor >= 0 &&
           s->disputed_minor <= s->payable_minor &&
           (s->carried || s->closed_minor == 0 || s->closed_minor >= s->minimum_minor);
}

static void check_tallies(struct check *check, const Vouch__V1__Statement *statement, const struct key *key)
{
    int64_t lines = tally_take(check, TALLY_LINES, key);
    int64_t held = tally_take(check, TALLY_HELD, key);
    int64_t sent = tally_take(check, TALLY_SENT, key);
    int64_t settled = tally_take(check, TALLY_SETTLED, key);
    if (lines != statement->closed_minor + statement->offset_minor - statement->taken_minor) {
        finding(check, "statement S%" PRIu64 " is not what its lines come to", statement->id);
    }
    if (held != statement->disputed_minor) {
        finding(check, "statement S%" PRIu64 " holds another amount than its disputes", statement->id);
    }
    if (sent != statement->sent_minor || settled != statement->settled_minor) {
        finding(check, "statement S%" PRIu64 " is not what the batches say of it", statement->id);
    }
}

static void check_index(struct check *check, const Vouch__V1__Statement *statement)
{
    struct account_id id = account_id_of(statement->payee, statement->company, statement->currency);
    struct key of = key_statement_of(&id, statement->period);
    struct key account = key_account(&id);
    struct key period = key_period(statement->company, statement->period);
    struct slice value;
    expect_id(check, TABLE_STATEMENT_OF, key_slice(&of), statement->id, "statement");
    if (table_get(check->view, TABLE_STATEMENT_OF, key_slice(&of), &value) &&
        (value.size != 9 || ((const uint8_t *)value.data)[8] != (statement->carried ? 1 : 0))) {
        finding(check, "the row of statement S%" PRIu64 " does not say whether it is carried", statement->id);
    }
    if (statement->payable_minor > 0) {
        struct key payable = key_payable(statement->company, statement->currency, statement->id);
        expect_row(check, TABLE_PAYABLE, &payable, "statement", statement->id);
    }
    tally_add(check, TALLY_PAY, &account, statement->payable_minor);
    tally_add(check, TALLY_STATEMENTS, &period, 1);
}

static void check_statement(struct check *check, struct slice key, struct slice value)
{
    (void)value;
    uint64_t id = slice_u64(key, 0);
    struct key own = key_u64(id);
    const Vouch__V1__Statement *statement = record_statement(check->view, id, check->arena);
    check->last = id;
    if (statement == NULL || statement->id != id || strlen(statement->currency) != 3) {
        finding(check, "statement S%" PRIu64 " cannot be read", id);
        return;
    }
    if (!adds_up(statement)) {
        finding(check, "statement S%" PRIu64 " does not add up", id);
    }
    check_tallies(check, statement, &own);
    check_index(check, statement);
}

/* ---- periods, and what waits for them ---- */

static void check_period(struct check *check, struct slice key, struct slice value)
{
    (void)value;
    uint64_t company = slice_u64(key, 0);
    uint32_t month = key_period_month(key);
    struct key own = key_period(company, month);
    const Vouch__V1__Period *period = record_period(check->view, company, month, check->arena);
    if (period == NULL || period->company != company || period->period != month || !month_is(month)) {
        finding(check, "a period of company %" PRIu64 " cannot be read", company);
        return;
    }
    if (check->period_company == company && month != month_next(check->period)) {
        finding(check, "company %" PRIu64 " closed %u, and not the month after %u", company, month, check->period);
    }
    check->period_company = company;
    check->period = month;
    if (tally_take(check, TALLY_STATEMENTS, &own) != period->statements) {
        finding(check, "%u of company %" PRIu64 " has not as many statements as it says", month, company);
    }
}

static void check_ready(struct check *check, struct slice key, struct slice value)
{
    struct key own;
    key_start(&own);
    key_add_bytes(&own, key.data, key.size);
    int64_t lines = tally_take(check, TALLY_READY, &own);
    if (lines != number_read(value)) {
        finding(check,
                "what is ready of member %" PRIu64 " with company %" PRIu64 " is %" PRId64 ", its lines %" PRId64,
                slice_u64(key, 8), slice_u64(key, 0), number_read(value), lines);
    }
}

/* ---- accounts ---- */

static void check_account(struct check *check, struct slice key, struct slice value)
{
    struct account_id id = account_id_read(key);
    struct account account = account_read(value);
    struct key own = key_account(&id);
    const int64_t *minor = account.balances.minor;
    if (id.payee == 0) {
        return; /* of the company: the sum of the others, which check_ledger counts */
    }
    if (tally_take(check, TALLY_ACC, &own) != -minor[LEDGER_ACC] ||
        tally_take(check, TALLY_APP, &own) != -minor[LEDGER_APP] ||
        tally_take(check, TALLY_PAY, &own) != -minor[LEDGER_PAY] ||
        tally_take(check, TALLY_CLR, &own) != -minor[LEDGER_CLR]) {
        finding(check, "the account of member %" PRIu64 " with company %" PRIu64 " in %s is not where its lines are",
                id.payee, id.company, id.currency);
    }
    if (tally_take(check, TALLY_DISPUTED, &own) != account.disputed_minor) {
        finding(check,
                "the account of member %" PRIu64 " with company %" PRIu64
                " in %s holds another amount than its disputes",
                id.payee, id.company, id.currency);
    }
}

static void walk(struct check *check, enum table table, const char *counter,
                 void (*each)(struct check *check, struct slice key, struct slice value))
{
    check->last = 0;
    for_each_row(check, table, each);
    expect_counter(check, counter, check->last);
}

void check_statements(struct check *check)
{
    walk(check, TABLE_DISPUTE, "last_dispute", check_dispute);
    walk(check, TABLE_PAYOUT, "last_payout", check_payout);
    walk(check, TABLE_STATEMENT, "last_statement", check_statement);
    for_each_row(check, TABLE_PERIOD, check_period);
    for_each_row(check, TABLE_READY, check_ready);
    for_each_row(check, TABLE_ACCOUNT, check_account);
    expect_rows(check, TABLE_PAYOUT_LINE);
    expect_rows(check, TABLE_STATEMENT_OF);
    expect_rows(check, TABLE_PAYABLE);
    tally_end(check);
}
