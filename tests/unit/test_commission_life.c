/* SPDX-License-Identifier: Apache-2.0
 *
 * Deals from the first payment to the last refund, the way an engine puts the pieces together: terms make the pool of
 * all payments, what is new is shared and accrued on lines, refunds take back from the lines of their own payment
 * wherever the units are. Named after what people complain of elsewhere. */
#include "domain/ledger.h"
#include "domain/money.h"
#include "domain/terms.h"
#include "random_cases.h"

#include <criterion/criterion.h>
#include <string.h>

#define PARTIES 5
#define PAYMENTS 4

struct payment {
    int64_t minor;
    int64_t refunded;
    int64_t accrued[PARTIES];
    int64_t taken[PARTIES];
};

struct deal {
    int round;
    struct terms terms;
    int64_t prior;
    size_t parties;
    struct money_part weights[PARTIES];
    size_t payment_count;
    struct payment payments[PAYMENTS];
    int64_t paid;
    int64_t earned[PARTIES]; /* the sum of all accruals */
    struct ledger_balances balances[PARTIES];
    struct ledger_line lines[PARTIES];
};

#define MUST(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            cr_assert_fail("round %d: %s", deal->round, #condition);                                                   \
        }                                                                                                              \
    } while (0)

static void book(struct deal *deal, size_t party, enum ledger_step step, int64_t minor)
{
    struct ledger_posting postings[2];
    struct ledger_move move = {step, LEDGER_REASON_ORDER_CANCELED, 1, party + 1, "EUR", minor};
    MUST(ledger_line_move(&deal->lines[party], step, minor, NULL) == VOUCH_OK);
    MUST(ledger_post(&move, &deal->balances[party], postings, NULL) == VOUCH_OK);
}

static void take_back(struct deal *deal, size_t party, int64_t minor)
{
    struct ledger_taking takings[LEDGER_TAKINGS_MAX];
    size_t count = 0;
    MUST(minor == 0 || ledger_take_back(&deal->lines[party], minor, takings, &count, NULL) == VOUCH_OK);
    for (size_t i = 0; i < count; i++) {
        book(deal, party, takings[i].step, takings[i].minor);
    }
}

static void pay(struct deal *deal, int64_t minor)
{
    struct payment *payment = &deal->payments[deal->payment_count++];
    struct terms_steps steps;
    struct money_part parts[PARTIES];
    int64_t before = 0;
    int64_t after = 0;
    payment->minor = minor;
    deal->paid += minor;
    MUST(terms_compute(&deal->terms, TERMS_PARTNER, "EUR", deal->prior, deal->paid, &steps, NULL) == VOUCH_OK);
    MUST(money_allocate_step(steps.pool_minor, deal->weights, deal->earned, parts, deal->parties));
    for (size_t i = 0; i < deal->parties; i++) {
        before += deal->earned[i];
        payment->accrued[i] = parts[i].minor;
        deal->earned[i] += parts[i].minor;
        after += deal->earned[i];
        if (parts[i].minor > 0) {
            book(deal, i, LEDGER_STEP_ACCRUE, parts[i].minor);
        }
    }
    MUST(after == steps.pool_minor && before <= after);
}

static void refund(struct deal *deal, struct payment *payment, int64_t minor)
{
    struct money_part parts[PARTIES];
    struct money_part steps[PARTIES];
    payment->refunded += minor;
    for (size_t i = 0; i < deal->parties; i++) {
        parts[i] = deal->weights[i];
        parts[i].weight = payment->accrued[i];
    }
    MUST(money_refund_step(payment->minor, payment->refunded, parts, payment->taken, steps, deal->parties));
    for (size_t i = 0; i < deal->parties; i++) {
        payment->taken[i] += steps[i].minor;
        take_back(deal, i, steps[i].minor);
    }
}

/* Some of what was accrued goes on its way; nothing is left in the bank's hands, so that refunds find all of it. */
static void move_on(struct deal *deal, struct random_cases *cases)
{
    static const enum ledger_step way[] = {LEDGER_STEP_APPROVE, LEDGER_STEP_CLOSE, LEDGER_STEP_SEND,
                                           LEDGER_STEP_SETTLE};
    size_t party = random_below(cases, deal->parties);
    size_t far = random_below(cases, 4);
    far = far == 2 ? 3 : far;
    for (size_t i = 0; i <= far; i++) {
        int64_t there = deal->lines[party].minor[ledger_step_find(way[i])->from];
        if (there > 0) {
            book(deal, party, way[i], there);
        }
    }
}

static void check_deal(struct deal *deal)
{
    for (size_t i = 0; i < deal->parties; i++) {
        int64_t left = 0;
        int64_t there = 0;
        for (size_t j = 0; j < deal->payment_count; j++) {
            left += deal->payments[j].accrued[i] - deal->payments[j].taken[i];
        }
        for (int place = PLACE_ACC; place < PLACES; place++) {
            there += deal->lines[i].minor[place];
        }
        MUST(there == left && left >= 0);
        MUST(deal->balances[i].minor[LEDGER_EXP] == left);
        MUST(ledger_balances_check(&deal->balances[i], NULL) == VOUCH_OK);
    }
}

static void begin(struct deal *deal, struct random_cases *cases, int round)
{
    memset(deal, 0, sizeof *deal);
    deal->round = round;
    deal->terms = terms_presets();
    deal->prior = random_amount(cases, 30);
    strcpy(deal->terms.currency, "EUR");
    deal->terms.bounty_minor = random_below(cases, 2) ? random_amount(cases, 20) : 0;
    deal->terms.floor_minor = random_below(cases, 3) ? 0 : random_amount(cases, 20);
    deal->terms.cap_minor = random_below(cases, 2) ? TERMS_NO_LIMIT : (INT64_C(1) << 20) + random_amount(cases, 30);
    deal->terms.partner_bps = (int64_t)random_below(cases, 3000);
    deal->terms.tiers = (enum terms_tiers)random_below(cases, 3);
    if (deal->terms.tiers != TIERS_NONE) {
        int64_t edge = 1 + random_amount(cases, 30);
        deal->terms.band_count = 2;
        deal->terms.bands[0] = (struct terms_band){0, edge, 300};
        deal->terms.bands[1] = (struct terms_band){edge, TERMS_NO_LIMIT, 301 + (int64_t)random_below(cases, 2000)};
    }
    MUST(terms_check(&deal->terms, false, NULL) == VOUCH_OK);
    deal->parties = 1 + random_below(cases, PARTIES);
    for (size_t i = 0; i < deal->parties; i++) {
        deal->weights[i] = (struct money_part){i + 1, i, 1 + random_amount(cases, 30), 0};
    }
}

/* Whatever the terms, in whatever order payments and refunds come: nobody is owed anything on money that was given
 * back, and nothing is taken back twice or at another payment's rate. */
Test(commission_life, a_refund_leaves_no_commission_owed_and_takes_none_back_twice)
{
    const int rounds = 60000;
    static struct deal deals;
    struct deal *deal = &deals;
    struct random_cases cases = random_begin("a_refund_leaves_no_commission_owed", rounds);
    for (int round = 0; round < rounds; round++) {
        begin(deal, &cases, round);
        for (size_t left = PAYMENTS; left > 0;) {
            struct payment *payment = deal->payment_count == 0
                                          ? NULL
                                          : &deal->payments[random_below(&cases, deal->payment_count)];
            if (payment == NULL || random_below(&cases, 3) == 0) {
                pay(deal, 1 + random_amount(&cases, 30));
                left--;
            } else if (random_below(&cases, 2) == 0) {
                move_on(deal, &cases);
            } else if (payment->refunded < payment->minor) {
                uint64_t rest = (uint64_t)(payment->minor - payment->refunded);
                refund(deal, payment,
                       random_below(&cases, 2) ? (int64_t)rest : 1 + (int64_t)random_below(&cases, rest));
            }
            check_deal(deal);
        }
        for (size_t i = 0; i < deal->payment_count; i++) {
            struct payment *payment = &deal->payments[i];
            if (payment->refunded < payment->minor) {
                refund(deal, payment, payment->minor - payment->refunded);
            }
            for (size_t j = 0; j < deal->parties; j++) {
                MUST(payment->taken[j] == payment->accrued[j]);
            }
        }
        check_deal(deal);
        for (size_t i = 0; i < deal->parties; i++) {
            MUST(deal->balances[i].minor[LEDGER_EXP] == 0 && ledger_open(&deal->balances[i]) == 0);
        }
    }
}
