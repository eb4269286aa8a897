/* SPDX-License-Identifier: Apache-2.0
 *
 * Commission after it accrued, by the commands that people give: approved, taken back, disputed, closed, paid, owed
 * back. Histories with the numbers of the vectors, complaints of other systems' users, and what is refused. */
#include "domain/ledger.h"
#include "money_world.h"

#include <criterion/criterion.h>
#include <string.h>

static struct money_world *money;

static void set_up(void)
{
    money = money_world_new();
}

static void tear_down(void)
{
    money_world_free(&money);
}

TestSuite(decide_money, .init = set_up, .fini = tear_down);

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

static int64_t balance(uint64_t payee, enum ledger_account which)
{
    return money_balance(money, payee, "EUR", which);
}

/* What stands on the eight accounts of somebody, in the order of the arguments of the table in the tests. */
static void expect(uint64_t payee, int64_t exp, int64_t acc, int64_t app, int64_t pay, int64_t rcv, int64_t clr,
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

/* ---- whole histories ---- */

Test(decide_money, v14_refunds_take_back_from_each_what_the_payment_gave)
{
    static const int64_t weights[] = {1, 1, 1};
    static const int64_t refunds[] = {100000, 250001, 649999};
    static const int64_t taken[][3] = {{3334, 3333, 3333}, {11667, 11667, 11666}, {33334, 33333, 33333}};
    uint64_t deal = money_deal(money, 1000000, "EUR", weights, 3);
    DONE(money_pay(money, deal, 1000000, "EUR", 0));
    uint64_t payment = money->world->answer_id;
    cr_assert_eq(balance(ANA, LEDGER_ACC), -33334);
    cr_assert_eq(balance(BO, LEDGER_ACC), -33333);
    cr_assert_eq(balance(CEM, LEDGER_ACC), -33333);
    for (size_t i = 0; i < 3; i++) {
        DONE(money_refund(money, payment, refunds[i], ""));
        for (size_t j = 0; j < 3; j++) {
            cr_assert_eq(money_payment(money, payment).parts[j]->taken_minor, taken[i][j]);
        }
    }
    REFUSED(money_refund(money, payment, 1, ""), VOUCH_CONFLICT, "refunded whole");
    expect(0, 0, 0, 0, 0, 0, 0, 0, 0);
}

Test(decide_money, v21_paid_canceled_and_offset)
{
    uint64_t first = money_own_deal(money, 333340);
    DONE(money_pay(money, first, 333340, "EUR", 0));
    uint64_t payment = money->world->answer_id;
    expect(ANA, 33334, -33334, 0, 0, 0, 0, 0, 0);
    DONE(money_refund(money, payment, 33340, "CN-1"));
    expect(ANA, 30000, -30000, 0, 0, 0, 0, 0, 0);
    money_go(money, 2); /* the hold of 30 days elapsed on 23 December */
    expect(ANA, 30000, 0, -30000, 0, 0, 0, 0, 0);
    DONE(money_close(money, 202611));
    DONE(money_close(money, 202612));
    expect(ANA, 30000, 0, 0, -30000, 0, 0, 0, 0);
    DONE(money_payout(money, "EUR", "", ""));
    uint64_t batch = money->world->answer_id;
    expect(ANA, 30000, 0, 0, 0, 0, -30000, 0, 0);
    DONE(money_settle(money, batch, 0));
    expect(ANA, 30000, 0, 0, 0, 0, 0, -30000, 0);
    DONE(money_cancel(money, first));
    expect(ANA, 0, 0, 0, 0, 30000, 0, -30000, 0);
    uint64_t second = money_own_deal(money, 120000);
    DONE(money_pay(money, second, 120000, "EUR", 0));
    money_go(money, 4);
    DONE(money_close(money, 202701));
    DONE(money_close(money, 202702));
    expect(ANA, 12000, 0, 0, 0, 18000, 0, -30000, 0);
    expect(0, 12000, 0, 0, 0, 18000, 0, -30000, 0);
    REFUSED(money_payout(money, "EUR", "", ""), VOUCH_CONFLICT, "nothing in EUR");
}
