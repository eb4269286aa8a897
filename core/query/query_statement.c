/* SPDX-License-Identifier: Apache-2.0
 *
 * A payee's statement: opening, lines, closing, of one month with one company in one currency. One scan over the list
 * of the account's bookings, whose rows say enough to add up; only the lines of the page are read whole. */
#include "base/check.h"
#include "domain/zone.h"
#include "query/books_view.h"

#include <stdio.h>
#include <string.h>

/* How often a scan looks at the clock, in rows. */
#define LOOK_ROWS 4096
#define OTHERS_MAX 50

/* What a scan adds up. */
struct tally {
    struct ledger_balances opening;
    struct ledger_balances closing;
    int64_t sums[LEDGER_STEPS];
    uint64_t counts[LEDGER_STEPS];
    uint64_t lines;
};

/* Sums of steps can exceed what balances can (money that is sent, fails, and is sent again): then they stay at the
 * bound. */
static int64_t add_bounded(int64_t sum, int64_t minor)
{
    return __builtin_add_overflow(sum, minor, &sum) ? INT64_MAX : sum;
}

static void balances_add(struct ledger_balances *balances, struct account_booking booking)
{
    const struct ledger_step_rule *rule = ledger_step_find(booking.step);
    CHECK(rule != NULL);
    balances->minor[rule->debit] = (int64_t)((uint64_t)balances->minor[rule->debit] + (uint64_t)booking.minor);
    balances->minor[rule->credit] = (int64_t)((uint64_t)balances->minor[rule->credit] - (uint64_t)booking.minor);
}

static bool is_of_account(struct slice key, const struct key *account)
{
    return key.size >= ACCOUNT_KEY_BYTES && memcmp(key.data, account->bytes, ACCOUNT_KEY_BYTES) == 0;
}

static enum vouch_status scan(struct question *question, const struct account_id *id, uint32_t period,
                              struct tally *tally)
{
    struct key account = key_account(id);
    struct slice key, value;
    enum vouch_status status = VOUCH_OK;
    uint64_t rows = 0;
    struct cursor *cursor = cursor_open(question->view, TABLE_ACCOUNT_BOOKING);
    for (bool row = cursor_seek(cursor, key_slice(&account), &key, &value); row && is_of_account(key, &account);
         row = cursor_next(cursor, &key, &value)) {
        uint32_t of = key_account_period(key);
        struct account_booking booking = account_booking_read(value);
        if (of > period) {
            break;
        }
        if (of == period) {
            tally->sums[booking.step] = add_bounded(tally->sums[booking.step], booking.minor);
            tally->counts[booking.step]++;
            tally->lines++;
        }
        balances_add(of < period ? &tally->opening : &tally->closing, booking);
        if (++rows % LOOK_ROWS == 0 && question_is_late(question)) {
            status = VOUCH_TIMEOUT;
            break;
        }
    }
    cursor_close(&cursor);
    for (size_t i = 0; i < LEDGER_ACCOUNTS; i++) {
        tally->closing.minor[i] = (int64_t)((uint64_t)tally->closing.minor[i] + (uint64_t)tally->opening.minor[i]);
    }
    return status;
}

/* ---- lines ---- */

/* "R12 Kestrel Bank, P17, S4": what a booking is about. */
static char *subject_of(struct question *question, const Vouch__V1__Booking *booking)
{
    char deal[300] = "";
    char payment[40] = "";
    char statement[40] = "";
    if (booking->referral != 0) {
        const Vouch__V1__Referral *referral = record_referral(question->view, booking->referral, question->arena);
        snprintf(deal, sizeof deal, "R%" PRIu64 " %s", booking->referral,
                 referral == NULL ? "" : question_name(question, TABLE_COMPANY, referral->prospect));
    }
    if (booking->payment != 0) {
        snprintf(payment, sizeof payment, "%sP%" PRIu64, deal[0] != '\0' ? ", " : "", booking->payment);
    }
    if (booking->statement != 0) {
        snprintf(statement, sizeof statement, "%sS%" PRIu64, deal[0] != '\0' || payment[0] != '\0' ? ", " : "",
                 booking->statement);
    }
    return arena_printf(question->arena, "%s%s%s", deal, payment, statement);
}

static Vouch__V1__StatementView__Line *line_of(struct question *question, uint64_t number)
{
    Vouch__V1__StatementView__Line *line = question_message(question, &vouch__v1__statement_view__line__descriptor);
    const Vouch__V1__Booking *booking = record_booking(question->view, number, question->arena);
    if (line == NULL || booking == NULL) {
        return NULL;
    }
    line->booking = (Vouch__V1__Booking *)(uintptr_t)booking;
    line->subject = subject_of(question, booking);
    line->open_minor = step_net((enum ledger_step)booking->step, booking->amount->minor);
    return line->subject == NULL ? NULL : line;
}

static enum vouch_status add_lines(struct question *question, const struct account_id *id, uint32_t period,
                                   const Vouch__V1__StatementGet *asked, Vouch__V1__StatementView *view)
{
    struct key from = key_account_booking(id, period, asked->after + 1);
    struct slice key;
    struct page page;
    if (!page_start(question, asked->limit, &page)) {
        return question_too_large(question);
    }
    struct cursor *cursor = cursor_open(question->view, TABLE_ACCOUNT_BOOKING);
    for (bool row = cursor_seek(cursor, key_slice(&from), &key, NULL);
         row && !page.more && is_of_account(key, &from) && key_account_period(key) == period;
         row = cursor_next(cursor, &key, NULL)) {
        Vouch__V1__StatementView__Line *line = page_is_full(&page)
                                                   ? NULL
                                                   : line_of(question, slice_u64(key, ACCOUNT_KEY_BYTES + 4));
        if (line == NULL) {
            page.more = true;
        } else {
            page_add(&page, line, protobuf_c_message_get_packed_size(&line->base));
        }
    }
    cursor_close(&cursor);
    view->lines = (Vouch__V1__StatementView__Line **)page.rows;
    view->n_lines = page.count;
    view->more = page.more;
    return page.more && page.count == 0 ? question_too_large(question) : VOUCH_OK;
}

/* ---- which account ---- */

/* How much an account has to say: something is owed either way, or something was booked in the month. */
static int weight_of(const struct question *question, const struct account_id *id, const struct account *account,
                     uint32_t asked_period)
{
    const int64_t *minor = account->balances.minor;
    bool owed = minor[LEDGER_ACC] != 0 || minor[LEDGER_APP] != 0 || minor[LEDGER_PAY] != 0 || minor[LEDGER_CLR] != 0 ||
                minor[LEDGER_RCV] != 0;
    uint32_t period = asked_period == 0 ? period_of_now(question, id->company) : asked_period;
    struct key from = key_account_booking(id, period, 0);
    struct slice key;
    struct cursor *cursor = cursor_open(question->view, TABLE_ACCOUNT_BOOKING);
    bool booked = cursor_seek(cursor, key_slice(&from), &key, NULL) && is_of_account(key, &from) &&
                  key_account_period(key) == period;
    cursor_close(&cursor);
    return 1 + (owed ? 1 : 0) + (booked ? 2 : 0);
}

/* The payee's accounts that the asker may see. */
struct choice {
    size_t count;
    struct account_id ids[OTHERS_MAX];
    struct account accounts[OTHERS_MAX];
    size_t best; /* the statement's: of those that fit what was asked, the first with most to say */
    int weight;  /* of that; 0: none fits */
};

static void choose_account(struct question *question, uint64_t payee, const Vouch__V1__StatementGet *asked,
                           struct choice *choice)
{
    struct key from = key_u64(payee);
    struct slice key, value;
    struct cursor *cursor = cursor_open(question->view, TABLE_ACCOUNT);
    for (bool row = cursor_seek(cursor, key_slice(&from), &key, &value); row && slice_u64(key, 0) == payee;
         row = cursor_next(cursor, &key, &value)) {
        struct account_id id = account_id_read(key);
        struct account account = account_read(value);
        if (payee != question->actor->id && !books_are_open(question, id.company)) {
            continue;
        }
        bool fits = (asked->company == 0 || asked->company == id.company) &&
                    (asked->currency[0] == '\0' || strcmp(asked->currency, id.currency) == 0);
        int weight = fits ? weight_of(question, &id, &account, asked->period) : 0;
        bool better = weight > choice->weight;
        if (choice->count == OTHERS_MAX && !better) {
            continue; /* there are more currencies than are named beside the statement's */
        }
        size_t place = choice->count < OTHERS_MAX ? choice->count++ : OTHERS_MAX - 1;
        choice->ids[place] = id;
        choice->accounts[place] = account;
        choice->weight = better ? weight : choice->weight;
        choice->best = better ? place : choice->best;
    }
    cursor_close(&cursor);
}

static bool add_others(struct question *question, const struct choice *choice, Vouch__V1__StatementView *view)
{
    view->others = arena_alloc(question->arena, OTHERS_MAX * sizeof(void *));
    for (size_t i = 0; view->others != NULL && i < choice->count; i++) {
        const struct account *account = &choice->accounts[i];
        if (i == choice->best) {
            continue;
        }
        view->others[view->n_others] = account_view(question, &choice->ids[i], &account->balances,
                                                    account->disputed_minor);
        if (view->others[view->n_others] == NULL) {
            return false;
        }
        view->n_others++;
    }
    return view->others != NULL;
}

static enum vouch_status no_account(struct question *question, uint64_t payee, const Vouch__V1__StatementGet *asked)
{
    bool narrowed = asked->company != 0 || asked->currency[0] != '\0';
    if (payee == question->actor->id) {
        return status_set(
            &question->why, VOUCH_NOT_FOUND,
            "nothing has accrued to you yet%s; it begins with the first payment on a deal that you share in",
            narrowed ? " with this company in this currency" : "");
    }
    return status_set(&question->why, VOUCH_NOT_FOUND, "member %" PRIu64 " has no account%s, or none that you may see",
                      payee, narrowed ? " with this company in this currency" : "");
}

/* ---- the closed statement and where it went ---- */

/* The batches that it was sent in, newest first: those made since it was closed are looked through. */
static void add_sent(struct question *question, Vouch__V1__StatementView *view)
{
    const Vouch__V1__Statement *statement = view->statement;
    struct page page;
    struct slice key;
    if (statement->closed_minor == 0 || !page_start(question, 0, &page)) {
        return;
    }
    struct cursor *cursor = cursor_open(question->view, TABLE_PAYOUT);
    for (bool row = cursor_seek_before(cursor, SLICE_NONE, &key, NULL); row && !page_is_full(&page);
         row = cursor_previous(cursor, &key, NULL)) {
        const Vouch__V1__Payout *payout = record_payout(question->view, slice_u64(key, 0), question->arena);
        if (payout == NULL || payout->made_ms < statement->closed_ms) {
            break;
        }
        const Vouch__V1__PayoutLine *line = record_payout_line(question->view, payout->id, statement->id,
                                                               question->arena);
        Vouch__V1__StatementView__Sent *sent = line == NULL
                                                   ? NULL
                                                   : question_message(question,
                                                                      &vouch__v1__statement_view__sent__descriptor);
        if (sent != NULL) {
            sent->payout = payout->id;
            sent->state = line->state;
            sent->minor = line->minor;
            sent->made_ms = payout->made_ms;
            sent->settled_ms = line->state == VOUCH__V1__PAYOUT_STATE__SETTLED ? line->changed_ms : 0;
            page_add(&page, sent, sizeof *sent);
        }
    }
    cursor_close(&cursor);
    view->sent = (Vouch__V1__StatementView__Sent **)page.rows;
    view->n_sent = page.count;
}

static void add_statement(struct question *question, const struct account_id *id, uint32_t period,
                          Vouch__V1__StatementView *view)
{
    struct key key = key_statement_of(id, period);
    struct slice value;
    if (!table_get(question->view, TABLE_STATEMENT_OF, key_slice(&key), &value)) {
        return;
    }
    view->statement = (Vouch__V1__Statement *)(uintptr_t)record_statement(question->view, slice_u64(value, 0),
                                                                          question->arena);
    if (view->statement != NULL) {
        add_sent(question, view);
    }
}

static bool add_steps(const struct question *question, const struct tally *tally, Vouch__V1__StatementView *view)
{
    view->steps = arena_alloc(question->arena, LEDGER_STEPS * sizeof(void *));
    for (int step = 1; view->steps != NULL && step < LEDGER_STEPS; step++) {
        if (tally->counts[step] == 0) {
            continue;
        }
        Vouch__V1__StatementView__Step *row = question_message(question, &vouch__v1__statement_view__step__descriptor);
        if (row == NULL) {
            return false;
        }
        row->step = (Vouch__V1__LedgerStep)step;
        row->minor = tally->sums[step];
        row->count = tally->counts[step];
        view->steps[view->n_steps++] = row;
    }
    return view->steps != NULL;
}

/* What stands on the first page only. */
static enum vouch_status add_sums(struct question *question, const struct account_id *id, const struct account *account,
                                  uint32_t period, Vouch__V1__StatementView *view)
{
    struct tally *tally = arena_alloc(question->arena, sizeof *tally);
    bool is_now = period >= period_of_now(question, id->company);
    enum vouch_status status = tally == NULL ? question_too_large(question) : scan(question, id, period, tally);
    if (status != VOUCH_OK) {
        return status;
    }
    view->opening = account_view(question, id, &tally->opening, 0);
    view->closing = account_view(question, id, &tally->closing, is_now ? account->disputed_minor : 0);
    view->line_count = tally->lines;
    if (view->opening == NULL || view->closing == NULL || !add_steps(question, tally, view)) {
        return question_too_large(question);
    }
    add_statement(question, id, period, view);
    return VOUCH_OK;
}

static enum vouch_status answer(struct question *question, const Vouch__V1__StatementGet *asked,
                                const struct choice *choice, Vouch__V1__StatementView *view)
{
    const struct account_id *id = &choice->ids[choice->best];
    uint32_t now = period_of_now(question, id->company);
    uint32_t period = asked->period == 0 ? now : asked->period;
    if (!month_is(period) || period > now) {
        return status_set(&question->why, VOUCH_INVALID,
                          "%" PRIu32 " is no month that has begun; it is %" PRIu32 " now", period, now);
    }
    view->payee = id->payee;
    view->payee_name = question_name(question, TABLE_MEMBER, id->payee);
    view->company = id->company;
    view->company_name = question_name(question, TABLE_COMPANY, id->company);
    view->currency = arena_strdup(question->arena, id->currency);
    view->period = period_view(question, id->company, period);
    enum vouch_status status = view->currency == NULL || view->period == NULL ? question_too_large(question) : VOUCH_OK;
    if (status == VOUCH_OK && asked->after == 0) {
        status = add_others(question, choice, view)
                     ? add_sums(question, id, &choice->accounts[choice->best], period, view)
                     : question_too_large(question);
    }
    return status == VOUCH_OK ? add_lines(question, id, period, asked, view) : status;
}

enum vouch_status query_statement_get(struct question *question, const Vouch__V1__Request *request)
{
    const Vouch__V1__StatementGet *asked = request->statement_get;
    uint64_t payee = asked->payee == 0 ? question->actor->id : asked->payee;
    Vouch__V1__StatementView *view = question_message(question, &vouch__v1__statement_view__descriptor);
    struct choice *choice = arena_alloc(question->arena, sizeof *choice);
    if (view == NULL || choice == NULL) {
        return question_too_large(question);
    }
    choose_account(question, payee, asked, choice);
    if (choice->weight == 0) {
        return no_account(question, payee, asked);
    }
    question->reply->result_case = RESULT(STATEMENT);
    question->reply->statement = view;
    return answer(question, asked, choice, view);
}
