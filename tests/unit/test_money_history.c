/* SPDX-License-Identifier: Apache-2.0
 *
 * Random histories of money through the commands: two companies that pay, five payees, three currencies, everything
 * that a clerk can do in any order, possible or not, while the clock goes on. Every few steps all invariants of the
 * store hold. At the end all of it is taken back: then no company has an expense any more, nobody is owed anything,
 * what was paid is owed back to the unit, and a replay of the journal gives the same store byte for byte. */
#include "base/clock.h"
#include "domain/zone.h"
#include "money_world.h"
#include "query/check.h"
#include "random_cases.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMPANIES 2
#define CURRENCIES 3
#define PAYEES 5
#define DEALS 20
#define PAYMENTS 100
#define PAYOUTS 60
#define STEPS 400
#define HISTORIES 50

static const char *const currencies[CURRENCIES] = {"EUR", "USD", "JPY"};

struct deal {
    uint64_t referral;
    size_t company;
    const char *currency;
    int64_t left; /* to be paid */
};

struct history {
    struct random_cases cases;
    struct money_world *money;
    struct {
        uint64_t company, clerk, second, receiver;
        uint32_t next; /* month to be closed */
    } companies[COMPANIES];
    size_t deal_count;
    struct deal deals[DEALS];
    uint64_t payments;
    uint64_t payouts;
    uint64_t disputes;
    size_t payer[PAYMENTS + 1];   /* company of each payment */
    size_t sender[PAYOUTS + 1];   /* of each payout */
    size_t quarrel[PAYMENTS + 1]; /* of each dispute */
    long done[VOUCH_INTERNAL + 1];
    long booked[LEDGER_STEPS];
};

static uint64_t below(struct history *history, uint64_t limit)
{
    return random_below(&history->cases, limit);
}

/* An id of so many, seldom one that is not there. */
static uint64_t some(struct history *history, uint64_t count)
{
    return below(history, 16) == 0 ? count + 1 : 1 + below(history, count == 0 ? 1 : count);
}

static void act_for(struct history *history, size_t company)
{
    struct money_world *money = history->money;
    money->payer = history->companies[company].company;
    money->clerk = history->companies[company].clerk;
    money->second = history->companies[company].second;
    money->receiver = history->companies[company].receiver;
}

/* For the company whose it is, seldom for the other one. */
static void act_on(struct history *history, const size_t *companies, uint64_t id, uint64_t count)
{
    bool known = id <= count && below(history, 16) != 0;
    act_for(history, known ? companies[id] : below(history, COMPANIES));
}

static void begin(struct history *history)
{
    struct money_world *money = history->money = money_world_new();
    struct world *world = money->world;
    uint64_t other = world_company(world, "Nordwind", "nordwind.example", VOUCH__V1__COMPANY_KIND__PARTNER);
    history->companies[0].company = WORLD_HOME;
    history->companies[0].clerk = money->clerk;
    history->companies[0].second = money->second;
    history->companies[0].receiver = money->receiver;
    history->companies[1].company = other;
    history->companies[1].clerk = world_member(world, "Ida Fors", VOUCH__V1__ROLE__FINANCE, other, "");
    history->companies[1].second = world_member(world, "Jon Dahl", VOUCH__V1__ROLE__FINANCE, other, "");
    history->companies[1].receiver = world_member(world, "Kai Ek", VOUCH__V1__ROLE__REP, other, "");
    history->companies[0].next = history->companies[1].next = 202611;
    history->deal_count = 0;
    memset(history->deals, 0, sizeof history->deals);
    history->payments = history->payouts = history->disputes = 0;
    for (size_t i = 0; i < CURRENCIES; i++) {
        int64_t hold_days = (int64_t)below(history, 3) * 7;
        int64_t minimum = (int64_t)below(history, 2) * 700;
        money_terms(money, currencies[i], hold_days, minimum);
    }
    world->policy.approval_by_person = below(history, 2) == 0;
}

/* ---- steps ---- */

static enum vouch_status new_deal(struct history *history)
{
    int64_t weights[PAYEES];
    size_t count = 1 + below(history, PAYEES);
    size_t company = below(history, COMPANIES);
    const char *currency = currencies[below(history, CURRENCIES)];
    int64_t value = 1 + random_amount(&history->cases, 22);
    if (history->deal_count == DEALS) {
        return VOUCH_CONFLICT;
    }
    for (size_t i = 0; i < count; i++) {
        weights[i] = (int64_t)below(history, 5);
    }
    act_for(history, company);
    history->deals[history->deal_count++] = (struct deal){money_deal(history->money, value, currency, weights, count),
                                                          company, currency, value};
    return VOUCH_OK;
}

static enum vouch_status pay(struct history *history)
{
    if (history->deal_count == 0 || history->payments == PAYMENTS) {
        return new_deal(history);
    }
    struct deal *deal = &history->deals[below(history, history->deal_count)];
    int64_t minor = below(history, 3) == 0 ? deal->left : 1 + random_amount(&history->cases, 20);
    int64_t ago = below(history, 4) == 0 ? (int64_t)below(history, 40) * MS_PER_DAY : 0;
    act_for(history, deal->company);
    enum vouch_status status = money_pay(history->money, deal->referral, minor, deal->currency,
                                         history->money->world->now_ms - ago);
    if (status == VOUCH_OK) {
        deal->left -= minor;
        history->payer[++history->payments] = deal->company;
    }
    return status;
}

static enum vouch_status take(struct history *history)
{
    uint64_t payment = some(history, history->payments);
    int64_t minor = below(history, 4) == 0 ? 0 : random_amount(&history->cases, 14);
    uint64_t payee = history->money->earners[below(history, PAYEES)];
    const struct deal *deal = &history->deals[below(history, history->deal_count + 1) % DEALS];
    act_on(history, history->payer, payment, history->payments);
    switch (below(history, 24)) {
    case 0:
        act_for(history, deal->company);
        return money_cancel(history->money, deal->referral);
    case 1:
    case 2:
    case 3:
        return money_correct(history->money, payment, payee, minor);
    default:
        return money_refund(history->money, payment, minor, "");
    }
}

static enum vouch_status quarrel(struct history *history)
{
    struct money_world *money = history->money;
    uint64_t dispute = some(history, history->disputes);
    uint64_t payment = some(history, history->payments);
    if (below(history, 2) == 0 || history->disputes == PAYMENTS) {
        act_on(history, history->quarrel, dispute, history->disputes);
        return money_resolve(money, money->second, dispute, below(history, 2) == 0);
    }
    act_on(history, history->payer, payment, history->payments);
    uint64_t payee = money->earners[below(history, PAYEES)];
    uint64_t by = below(history, 2) == 0 ? payee : money->clerk;
    enum vouch_status status = money_dispute(money, by, payment, payee);
    if (status == VOUCH_OK) {
        history->quarrel[++history->disputes] = history->payer[payment];
    }
    return status;
}

static enum vouch_status close_month(struct history *history)
{
    size_t company = below(history, COMPANIES);
    act_for(history, company);
    uint32_t *next = &history->companies[company].next;
    enum vouch_status status = money_close(history->money, below(history, 8) == 0 ? 202612 : *next);
    if (status == VOUCH_OK) {
        *next = month_next(history->money->world->answer_id == *next ? *next : 202612);
    }
    return status;
}

static enum vouch_status send(struct history *history)
{
    static const char *const rates[] = {"1.0831", "0.0067", "149.875", "0.9", "163"};
    size_t company = below(history, COMPANIES);
    size_t from = below(history, CURRENCIES);
    size_t to = below(history, 2) == 0 ? below(history, CURRENCIES) : from;
    act_for(history, company);
    enum vouch_status status = money_payout(history->money, currencies[from], currencies[to],
                                            from == to ? "" : rates[below(history, 5)]);
    if (status == VOUCH_OK) {
        history->sender[++history->payouts] = company;
    }
    return status;
}

/* A line of a batch, seldom one that is not there. */
static uint64_t some_line(struct history *history, uint64_t payout)
{
    struct view *view = snapshot_open(history->money->world->store);
    struct key from = key_payout_line(payout, 0);
    struct slice key;
    uint64_t statement = 1 + below(history, 20);
    struct cursor *cursor = cursor_open(view, TABLE_PAYOUT_LINE);
    for (bool row = cursor_seek(cursor, key_slice(&from), &key, NULL); row && slice_u64(key, 0) == payout;
         row = cursor_next(cursor, &key, NULL)) {
        statement = below(history, 3) != 0 ? slice_u64(key, 8) : statement;
    }
    cursor_close(&cursor);
    snapshot_close(&view);
    return statement;
}

static enum vouch_status bank(struct history *history)
{
    struct money_world *money = history->money;
    uint64_t payout = below(history, 2) == 0 ? history->payouts : some(history, history->payouts);
    act_on(history, history->sender, payout, history->payouts);
    switch (history->payouts == PAYOUTS ? 3 : below(history, 8)) {
    case 0:
    case 1:
        return send(history);
    case 2:
    case 4:
        return money_fail(money, payout, some_line(history, payout));
    case 3:
        return money_settle(money, payout, some_line(history, payout));
    default:
        return money_settle(money, payout, 0);
    }
}

/* Of somebody who owes, where there is one. */
static enum vouch_status settle_debt(struct history *history)
{
    struct money_world *money = history->money;
    int64_t minor = random_amount(&history->cases, 16);
    uint64_t payee = money->earners[0];
    const char *currency = currencies[0];
    act_for(history, below(history, COMPANIES));
    for (size_t i = 0; i < PAYEES * CURRENCIES; i++) {
        int64_t owed = money_balance(money, money->earners[i % PAYEES], currencies[i / PAYEES], LEDGER_RCV);
        if (owed > 0) {
            payee = money->earners[i % PAYEES];
            currency = currencies[i / PAYEES];
            minor = below(history, 4) == 0 ? owed : minor;
        }
    }
    return money_debt(money, payee, minor, currency, below(history, 2) == 0);
}

static enum vouch_status step(struct history *history)
{
    struct money_world *money = history->money;
    switch (below(history, 18)) {
    case 0:
        return new_deal(history);
    case 1:
    case 2:
    case 3:
        return pay(history);
    case 4:
    case 5:
        return take(history);
    case 6:
        act_for(history, below(history, COMPANIES));
        return money_approve(money, below(history, 2) == 0 ? 0 : some(history, history->payments));
    case 7:
    case 8:
        return quarrel(history);
    case 9:
    case 10:
        return close_month(history);
    case 11:
    case 12:
    case 13:
    case 14:
        return bank(history);
    case 15:
        return settle_debt(history);
    default:
        world_wait(money->world, (int64_t)below(history, 20 * 24) * 3600000);
        return VOUCH_OK;
    }
}

/* ---- what must hold ---- */

static void fail(void *argument, const char *finding)
{
    cr_assert_fail("%s: %s", (const char *)argument, finding);
}

static void check(struct history *history, const char *where)
{
    struct view *view = snapshot_open(history->money->world->store);
    cr_assert_eq(invariants_check(view, fail, (void *)(uintptr_t)where), VOUCH_OK);
    snapshot_close(&view);
}

/* Which steps were booked by the random part. */
static void count_steps(struct history *history)
{
    struct view *view = snapshot_open(history->money->world->store);
    struct slice key, value;
    struct cursor *cursor = cursor_open(view, TABLE_ACCOUNT_BOOKING);
    for (bool row = cursor_seek(cursor, SLICE_NONE, &key, &value); row; row = cursor_next(cursor, &key, &value)) {
        history->booked[account_booking_read(value).step]++;
    }
    cursor_close(&cursor);
    snapshot_close(&view);
}

/* All payouts come to rest, all deals are canceled, all debts written off. */
static void take_all_back(struct history *history)
{
    struct money_world *money = history->money;
    for (size_t company = 0; company < COMPANIES; company++) {
        act_for(history, company);
        for (uint64_t payout = 1; payout <= history->payouts; payout++) {
            enum vouch_status status = money_settle(money, payout, 0);
            cr_assert(status == VOUCH_OK || status == VOUCH_CONFLICT || status == VOUCH_DENIED);
        }
    }
    for (size_t i = 0; i < history->deal_count; i++) {
        act_for(history, history->deals[i].company);
        enum vouch_status status = money_cancel(money, history->deals[i].referral);
        cr_assert(status == VOUCH_OK || strstr(money->world->why.text, "canceled already") != NULL, "%s",
                  money->world->why.text);
    }
}

static void expect_nothing_left(struct history *history, uint64_t payee, const char *currency)
{
    struct money_world *money = history->money;
    static const enum ledger_account empty[] = {LEDGER_EXP, LEDGER_ACC, LEDGER_APP, LEDGER_PAY, LEDGER_CLR};
    for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++) {
        cr_assert_eq(money_balance(money, payee, currency, empty[i]), 0, "%s of member %d in %s",
                     ledger_account_find(empty[i])->name, (int)payee, currency);
    }
    int64_t owed = money_balance(money, payee, currency, LEDGER_RCV);
    cr_assert_eq(owed, -money_balance(money, payee, currency, LEDGER_CASH) -
                           money_balance(money, payee, currency, LEDGER_WO) -
                           money_balance(money, payee, currency, LEDGER_FX));
    if (owed > 0) {
        cr_assert_eq(money_debt(money, payee, owed, currency, true), VOUCH_OK, "%s", money->world->why.text);
    }
}

static void end(struct history *history)
{
    count_steps(history);
    take_all_back(history);
    for (size_t company = 0; company < COMPANIES; company++) {
        act_for(history, company);
        for (size_t i = 0; i < PAYEES * CURRENCIES; i++) {
            expect_nothing_left(history, history->money->earners[i % PAYEES], currencies[i / PAYEES]);
        }
    }
    check(history, "at the end");
    money_world_free(&history->money);
}

Test(money_history, whatever_a_clerk_does_the_books_add_up, .timeout = 280)
{
    struct history history = {.cases = random_begin("money_history", HISTORIES * STEPS)};
    for (int round = 0; round < HISTORIES; round++) {
        begin(&history);
        for (int i = 0; i < 4; i++) {
            new_deal(&history);
            pay(&history);
        }
        for (int i = 0; i < STEPS; i++) {
            char where[64];
            snprintf(where, sizeof where, "history %d, step %d", round, i);
            enum vouch_status status = step(&history);
            history.done[status]++;
            cr_assert(status == VOUCH_OK || status == VOUCH_CONFLICT || status == VOUCH_INVALID ||
                          status == VOUCH_NOT_FOUND || status == VOUCH_DENIED,
                      "%s: %s: %s", where, status_name(status), history.money->world->why.text);
            if (i % 8 == 7) {
                check(&history, where);
            }
        }
        end(&history);
    }
    fprintf(stderr, "money_history: %ld done, %ld conflicts, %ld invalid, %ld not found, %ld denied\n",
            history.done[VOUCH_OK], history.done[VOUCH_CONFLICT], history.done[VOUCH_INVALID],
            history.done[VOUCH_NOT_FOUND], history.done[VOUCH_DENIED]);
    for (int i = LEDGER_STEP_NONE + 1; i < LEDGER_STEPS; i++) {
        const char *word = ledger_step_find((enum ledger_step)i)->word;
        fprintf(stderr, "%s%s %ld", i == 1 ? "booked: " : ", ", word, history.booked[i]);
        cr_expect_gt(history.booked[i], 0, "no history had the step %s", word);
    }
    fprintf(stderr, "\n");
}
