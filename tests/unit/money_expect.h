/* SPDX-License-Identifier: Apache-2.0
 *
 * For tests that say what a command of the books must answer: one world a test, verified at its end, and the short ways
 * to expect. Included once a test file. */
#ifndef VOUCH_TESTS_MONEY_EXPECT_H
#define VOUCH_TESTS_MONEY_EXPECT_H

#include "money_world.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct money_world *money;

static inline void set_up(void)
{
    money = money_world_new();
}

static inline void tear_down(void)
{
    money_world_free(&money);
}

#define ANA money->earners[0]
#define BO money->earners[1]
#define CEM money->earners[2]

#define DONE(command)                                                                                                  \
    do {                                                                                                               \
        enum vouch_status done_status = (command);                                                                     \
        cr_assert_eq(done_status, VOUCH_OK, "%s: %s", #command, money->world->why.text);                               \
    } while (0)

#define REFUSED(command, status, part)                                                                                 \
    do {                                                                                                               \
        cr_assert_eq((command), status, "%s: %s", #command, money->world->why.text);                                   \
        cr_assert_not_null(strstr(money->world->why.text, part), "'%s' is not in: %s", part, money->world->why.text);  \
    } while (0)

static inline int64_t balance(uint64_t payee, enum ledger_account which)
{
    return money_balance(money, payee, "EUR", which);
}

/* What stands on the eight accounts of somebody, in the order of the arguments of the table in the tests. */
static inline void expect(uint64_t payee, int64_t exp, int64_t acc, int64_t app, int64_t pay, int64_t rcv, int64_t clr,
                          int64_t cash, int64_t wo)
{
    const int64_t want[] = {exp, acc, app, pay, rcv, clr, cash, wo};
    static const enum ledger_account which[] = {LEDGER_EXP, LEDGER_ACC, LEDGER_APP,  LEDGER_PAY,
                                                LEDGER_RCV, LEDGER_CLR, LEDGER_CASH, LEDGER_WO};
    for (size_t i = 0; i < sizeof which / sizeof which[0]; i++) {
        cr_assert_eq(balance(payee, which[i]), want[i], "%s is %lld, not %lld", ledger_account_find(which[i])->name,
                     (long long)balance(payee, which[i]), (long long)want[i]);
    }
}

/* Pays out what is payable, through the bank. */
static inline void pay_out(void)
{
    DONE(money_payout(money, "EUR", "", ""));
    DONE(money_settle(money, money->world->answer_id, 0));
}

/* A deal that owes the first earner so much now; without a hold it is approved at once. */
static inline uint64_t earn(int64_t minor)
{
    uint64_t deal = money_own_deal(money, minor * 10);
    DONE(money_pay(money, deal, minor * 10, "EUR", 0));
    world_wait(money->world, 0);
    return deal;
}

#endif
