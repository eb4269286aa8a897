/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands about money, short, for tests: a company that pays, salespeople of a partner company who earn, deals with
 * the weights that a test wants, and every step from payment to payout. What a test does not expect ends it. */
#ifndef VOUCH_TESTS_MONEY_WORLD_H
#define VOUCH_TESTS_MONEY_WORLD_H

#include "apply/books.h"
#include "world.h"

#define EARNERS 12

/* Earners get the terms' partner rate: 10 % unless the world's policy says otherwise. */
struct money_world {
    struct world *world;
    uint64_t payer;            /* the company that pays; a test may change it, and the three below with it */
    uint64_t clerk;            /* finance of the company that pays */
    uint64_t second;           /* another clerk */
    uint64_t receiver;         /* of the company that pays */
    uint64_t partner;          /* company */
    uint64_t earners[EARNERS]; /* of the partner; the first of them refers */
    uint64_t prospect;
    bool overrides; /* weights of deals to come are each earner's own part of the pool, of 2^32 */
};

struct money_world *money_world_new(void);
/* Verifies the world before it goes. */
void money_world_free(struct money_world **money);

/* Terms for all deals in this currency that are won from now on: the presets, but for these two numbers. */
void money_terms(struct money_world *money, const char *currency, int64_t hold_days, int64_t minimum_minor);

/* A deal of `minor` that the first `count` earners share by these weights. Returns its referral. */
uint64_t money_deal(struct money_world *money, int64_t minor, const char *currency, const int64_t *weights,
                    size_t count);
/* One that the first earner has alone. */
uint64_t money_own_deal(struct money_world *money, int64_t minor);

/* A month as yyyymm that begins the given number of months after November 2026. */
uint32_t money_month(unsigned after);
/* Moves time to noon of the second day of that month, letting timers do their work. */
void money_go(struct money_world *money, unsigned after);

/* Each command answers its status; the world has sentence and answer. A `date_ms` of 0 is now. */
enum vouch_status money_pay(struct money_world *money, uint64_t referral, int64_t minor, const char *currency,
                            int64_t date_ms);
enum vouch_status money_refund(struct money_world *money, uint64_t payment, int64_t minor, const char *reference);
enum vouch_status money_cancel(struct money_world *money, uint64_t referral);
enum vouch_status money_approve(struct money_world *money, uint64_t payment);
enum vouch_status money_correct(struct money_world *money, uint64_t payment, uint64_t payee, int64_t minor);
enum vouch_status money_dispute(struct money_world *money, uint64_t by, uint64_t payment, uint64_t payee);
enum vouch_status money_resolve(struct money_world *money, uint64_t by, uint64_t dispute, bool reverse);
enum vouch_status money_close(struct money_world *money, uint32_t period);
enum vouch_status money_payout(struct money_world *money, const char *currency, const char *pay_currency,
                               const char *rate);
enum vouch_status money_settle(struct money_world *money, uint64_t payout, uint64_t statement);
enum vouch_status money_fail(struct money_world *money, uint64_t payout, uint64_t statement);
enum vouch_status money_debt(struct money_world *money, uint64_t payee, int64_t minor, const char *currency,
                             bool write_off);

/* Balance of an account with the company that pays, debit above zero. */
int64_t money_balance(struct money_world *money, uint64_t payee, const char *currency, enum ledger_account which);
/* Copies that outlive the next command; a payment's parts point into the world's arena until then. */
Vouch__V1__Statement money_statement(struct money_world *money, uint64_t statement);
Vouch__V1__Payment money_payment(struct money_world *money, uint64_t payment);

#endif
