/* SPDX-License-Identifier: Apache-2.0
 *
 * A deal with a history, for the tests of what is told of money. */
#ifndef VOUCH_TESTS_MONEY_HISTORY_H
#define VOUCH_TESTS_MONEY_HISTORY_H

#include "money_world.h"

#include <criterion/criterion.h>

static inline enum vouch_status ask(struct money_world *money, uint64_t member, const Vouch__V1__Request *request,
                                    Vouch__V1__Reply *reply)
{
    return world_ask(money->world, member, request, reply);
}

static inline void must(struct money_world *money, enum vouch_status status)
{
    cr_assert_eq(status, VOUCH_OK, "%s: %s", status_name(status), money->world->why.text);
}

static inline void must_ask(struct money_world *money, uint64_t member, const Vouch__V1__Request *request,
                            Vouch__V1__Reply *reply)
{
    must(money, ask(money, member, request, reply));
}

/* A deal of three, 2:1:1, that is paid twice, approved, put on a statement, paid out, refunded, and paid once more. */
struct history {
    struct money_world *money;
    uint64_t deal;
    uint64_t payments[3];
    uint64_t payout;
};

static inline struct history history_new(void)
{
    static const int64_t weights[] = {2, 1, 1};
    struct history history = {.money = money_world_new()};
    struct money_world *money = history.money;
    history.deal = money_deal(money, 4800000, "EUR", weights, 3);
    must(money, money_pay(money, history.deal, 2400001, "EUR", 0));
    history.payments[0] = money->world->answer_id;
    money_go(money, 1);
    must(money, money_pay(money, history.deal, 333, "EUR", 0));
    history.payments[1] = money->world->answer_id;
    money_go(money, 2);
    must(money, money_close(money, money_month(0)));
    must(money, money_close(money, money_month(1)));
    must(money, money_payout(money, "EUR", "", ""));
    history.payout = money->world->answer_id;
    must(money, money_settle(money, history.payout, 0));
    must(money, money_refund(money, history.payments[0], 100001, "K-1"));
    must(money, money_pay(money, history.deal, 1000000, "EUR", 0));
    history.payments[2] = money->world->answer_id;
    return history;
}

static inline void history_free(struct history *history)
{
    money_world_free(&history->money);
}

#endif
