/* SPDX-License-Identifier: Apache-2.0
 *
 * The books at their bounds: the most payments, refunds and parties that a deal can have and one more of each, values
 * as large as numbers are, every currency there is, one refund from two clients at once, a cancellation while the bank
 * has the money, a payment from 1970. Nothing is lost, nothing is counted twice, and nothing stops the broker. */
#include "money_victim.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAYMENTS 200
#define REFUNDS 100
#define HELPERS 60

/* ---- one more than the most ---- */

static void refuse_pay(const char *what, uint64_t deal, int64_t minor, const char *currency, int status,
                       const char *says)
{
    Vouch__V1__Money amount = VOUCH__V1__MONEY__INIT;
    Vouch__V1__PaymentRecord record = VOUCH__V1__PAYMENT_RECORD__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    amount.minor = minor;
    amount.currency = (char *)currency;
    record.referral = deal;
    record.amount = &amount;
    record.reference = "one more";
    SAY(request, PAYMENT_RECORD, payment_record, record);
    refuse(&victim.finn, what, &request, status, says);
}

static int say(struct person *by, const Vouch__V1__Request *request, char sentence[512])
{
    Vouch__V1__Reply *reply = NULL;
    int outcome = call(by->v, request, 60000, &reply);
    snprintf(sentence, 512, "%s", outcome == VOUCH_OK ? "" : vouch_last_error());
    vouch_reply_free(&reply);
    return outcome;
}

static int refund(struct person *by, uint64_t payment, int64_t minor, char sentence[512])
{
    Vouch__V1__PaymentRefund message = VOUCH__V1__PAYMENT_REFUND__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    message.payment = payment;
    message.minor = minor;
    SAY(request, PAYMENT_REFUND, payment_refund, message);
    return say(by, &request, sentence);
}

static void cancel(uint64_t deal, int expected, const char *says)
{
    char sentence[512];
    Vouch__V1__DealCancel message = VOUCH__V1__DEAL_CANCEL__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    message.referral = deal;
    SAY(request, DEAL_CANCEL, deal_cancel, message);
    int status = say(&victim.finn, &request, sentence);
    if (status != expected || strstr(sentence, says) == NULL) {
        fail("cancelling R%" PRIu64 ": status %d (%s)", deal, status, sentence);
    }
}

/* A deal as finance sees it; the reply is the caller's to free. */
static Vouch__V1__Reply *explain(uint64_t deal)
{
    Vouch__V1__CommissionExplain message = VOUCH__V1__COMMISSION_EXPLAIN__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    Vouch__V1__Reply *reply = NULL;
    message.referral = deal;
    SAY(request, COMMISSION_EXPLAIN, commission_explain, message);
    ask(victim.finn.v, &request, VOUCH_OK, &reply);
    if (!reply->explanation->same) {
        fail("R%" PRIu64 " is not as computed again: %s", deal, reply->explanation->why);
    }
    return reply;
}

/* What the deal has accrued and not lost again. */
static int64_t left_of(uint64_t deal)
{
    Vouch__V1__Reply *reply = explain(deal);
    int64_t left = reply->explanation->deal->accrued_minor - reply->explanation->deal->taken_minor;
    vouch_reply_free(&reply);
    return left;
}

static void pay_often(uint64_t deal, int64_t minor)
{
    char reference[32];
    for (int i = 0; i < PAYMENTS; i++) {
        snprintf(reference, sizeof reference, "part %d", i);
        pay(&victim.finn, deal, minor, "EUR", reference);
    }
}

/* Each part of 0.33 is less than half a unit of commission: together they owe what the whole does. */
static void most_payments(void)
{
    uint64_t deal = deal_won(&victim.ana, &victim.tom, victim.prospect, 10000, "EUR");
    pay_often(deal, 33);
    victim_remember();
    refuse_pay("payment 201", deal, 33, "EUR", VOUCH_TOO_LARGE, "200 payments");
    if (left_of(deal) != 330) {
        fail("200 payments of 0.33 owe %" PRId64, left_of(deal));
    }
    cancel(deal, VOUCH_OK, "");
    if (left_of(deal) != 0) {
        fail("%" PRId64 " are left of a canceled deal", left_of(deal));
    }
}

static void most_refunds(void)
{
    char sentence[512];
    uint64_t deal = deal_won(&victim.ana, &victim.tom, victim.prospect, 100000, "EUR");
    uint64_t payment = pay(&victim.finn, deal, 100000, "EUR", "all");
    for (int i = 0; i < REFUNDS; i++) {
        if (refund(&victim.finn, payment, 7, sentence) != VOUCH_OK) {
            fail("refund %d: %s", i, sentence);
        }
    }
    if (refund(&victim.finn, payment, 7, sentence) != VOUCH_TOO_LARGE || strstr(sentence, "cancel") == NULL) {
        fail("refund 101: %s", sentence);
    }
    victim_remember();
    if (left_of(deal) != 4965) { /* 5 % of 993.00 */
        fail("%" PRId64 " are left after 100 refunds", left_of(deal));
    }
    if (refund(&victim.finn, payment, 99300, sentence) != VOUCH_OK) {
        fail("a refund of all the rest: %s", sentence);
    }
    if (left_of(deal) != 0) {
        fail("%" PRId64 " are left of what was given back", left_of(deal));
    }
    cancel(deal, VOUCH_OK, "");
    cancel(deal, VOUCH_CONFLICT, "canceled already");
    if (refund(&victim.finn, payment, 0, sentence) != VOUCH_CONFLICT) {
        fail("a refund of what was canceled: %s", sentence);
    }
}

/* Until no payment waits whose hold has elapsed. */
static void wait_for_approval(int64_t now_ms)
{
    Vouch__V1__CommissionPending pending = VOUCH__V1__COMMISSION_PENDING__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    bool waits = true;
    pending.held = true;
    SAY(request, COMMISSION_PENDING, commission_pending, pending);
    for (int tries = 0; waits && tries < 20000; tries++) {
        Vouch__V1__Reply *reply = NULL;
        ask(victim.finn.v, &request, VOUCH_OK, &reply);
        waits = false;
        for (size_t i = 0; i < reply->payments->n_payments; i++) {
            waits = waits || reply->payments->payments[i]->hold_until_ms <= now_ms;
        }
        vouch_reply_free(&reply);
    }
    if (waits) {
        fail("payments are held past their time");
    }
}

/* As many parties as fit, as many payments, all of it on statements: then all of it is taken back. */
static void most_parties(void)
{
    uint64_t deal = deal_ready(&victim.ana, &victim.tom, victim.prospect);
    char sentence[512];
    for (int i = 0; i < HELPERS; i++) {
        char name[32];
        snprintf(name, sizeof name, "Helper %d", i);
        struct person helper = person_join(&victim.world, NULL, name, VOUCH__V1__ROLE__REP, 0);
        Vouch__V1__ReferralCredit credit = VOUCH__V1__REFERRAL_CREDIT__INIT;
        Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
        credit.referral = deal;
        credit.member = helper.id;
        credit.kind = VOUCH__V1__TOUCH__KIND__INTEL;
        SAY(request, REFERRAL_CREDIT, referral_credit, credit);
        if (send_raw(&victim.tom, &request, sentence) != VOUCH_OK && strstr(sentence, "the most") == NULL) {
            fail("credit %d: %s", i, sentence);
        }
        person_close(&helper);
    }
    if (deal_win(&victim.tom, deal, 100000000, "EUR", sentence) != VOUCH_OK) {
        fail("a deal of many: %s", sentence);
    }
    pay_often(deal, 499999);
    if (left_of(deal) != 4999990) {
        fail("200 payments to all of them owe %" PRId64, left_of(deal));
    }
    set_clock(&victim.world, START_MS + 71 * DAY_MS);
    wait_for_approval(START_MS + 71 * DAY_MS);
    set_clock(&victim.world, START_MS + 82 * DAY_MS);
    close_period(&victim.finn, 202703);
    cancel(deal, VOUCH_OK, "");
    if (left_of(deal) != 0) {
        fail("%" PRId64 " are left of the deal of many", left_of(deal));
    }
}

/* ---- as large as numbers are ---- */

static void largest_values(void)
{
    char sentence[512];
    uint64_t deal = deal_won(&victim.ana, &victim.tom, victim.prospect, INT64_MAX - 1, "JPY");
    uint64_t next = deal_ready(&victim.ana, &victim.tom, victim.prospect);
    if (deal_win(&victim.tom, next, 2, "JPY", sentence) != VOUCH_INVALID || strstr(sentence, "would not fit") == NULL) {
        fail("more yen than there are numbers: %s", sentence);
    }
    if (deal_win(&victim.tom, next, -1, "JPY", sentence) == VOUCH_OK ||
        deal_win(&victim.tom, next, INT64_MIN, "JPY", sentence) == VOUCH_OK) {
        fail("a deal is won below zero");
    }
    if (deal_win(&victim.tom, next, 100, "XAU", sentence) != VOUCH_INVALID || strstr(sentence, "minor unit") == NULL) {
        fail("a deal in gold: %s", sentence);
    }
    if (deal_win(&victim.tom, next, 100, "EUX", sentence) != VOUCH_INVALID || strstr(sentence, "no currency") == NULL) {
        fail("a deal in nothing: %s", sentence);
    }
    uint64_t payment = pay(&victim.finn, deal, INT64_MAX / 2, "JPY", "one half");
    pay(&victim.finn, deal, INT64_MAX / 2, "JPY", "the other");
    victim_remember();
    refuse_pay("a yen more", deal, 1, "JPY", VOUCH_CONFLICT, "more than the rest");
    if (left_of(deal) != INT64_C(276701161105643274)) { /* 3 % of 2^63 - 2, the preset's rate */
        fail("the largest deal owes %" PRId64, left_of(deal));
    }
    if (refund(&victim.finn, payment, INT64_MAX / 2 - 1, sentence) != VOUCH_OK ||
        refund(&victim.finn, payment, 2, sentence) != VOUCH_CONFLICT ||
        refund(&victim.finn, payment, 1, sentence) != VOUCH_OK) {
        fail("refunds of the largest payment: %s", sentence);
    }
    cancel(deal, VOUCH_OK, "");
    if (left_of(deal) != 0) {
        fail("%" PRId64 " are left of the largest deal", left_of(deal));
    }
}

/* 16 bands up to the last number, all of it retroactive, ten times past the quota: refused when it is won, or right. */
static void largest_terms(void)
{
    Vouch__V1__TermsBand bands[16];
    Vouch__V1__TermsBand *pointers[16];
    Vouch__V1__Terms terms = terms_preset("steep", "KRW");
    char sentence[512];
    for (int i = 0; i < 16; i++) {
        vouch__v1__terms_band__init(&bands[i]);
        bands[i].from_minor = i == 0 ? 0 : INT64_MAX - 16 + i;
        bands[i].until_minor = i == 15 ? INT64_MAX : INT64_MAX - 15 + i;
        bands[i].rate_bps = 10000;
        pointers[i] = &bands[i];
    }
    terms.tiers = 2;
    terms.n_bands = 16;
    terms.bands = pointers;
    terms.accelerator_bps = 100000;
    terms_approve(&victim.fay, terms_write(&victim.finn, &terms), 1);
    uint64_t deal = deal_ready(&victim.ana, &victim.tom, victim.prospect);
    if (deal_win(&victim.tom, deal, INT64_MAX, "KRW", sentence) != VOUCH_INVALID ||
        strstr(sentence, "too large") == NULL) {
        fail("ten times the largest number: %s", sentence);
    }
    if (deal_win(&victim.tom, deal, INT64_MAX / 10, "KRW", sentence) != VOUCH_OK) {
        fail("ten times a tenth of it: %s", sentence);
    }
    pay(&victim.finn, deal, INT64_MAX / 10, "KRW", "all of it");
    uint64_t more = deal_won(&victim.ana, &victim.tom, victim.prospect, 1000, "KRW");
    victim_remember();
    refuse_pay("commission past a number", more, 1000, "KRW", VOUCH_INVALID, "would not fit");
    if (left_of(deal) != INT64_MAX / 10 * 10) {
        fail("ten times a tenth of it is %" PRId64, left_of(deal));
    }
}

/* ---- every currency ---- */

static void every_currency(void)
{
    static const char codes[][4] = {
#define NO_MINOR_UNIT (-1)
#define CURRENCY(code, exponent) #code,
#include "domain/currencies.def"
#undef CURRENCY
    };
    static const int exponents[] = {
#define CURRENCY(code, exponent) exponent,
#include "domain/currencies.def"
#undef CURRENCY
    };
    char sentence[512];
    const char *last = "";
    size_t paid = 0;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (exponents[i] == NO_MINOR_UNIT || strcmp(codes[i], "KRW") == 0 || strcmp(codes[i], "JPY") == 0) {
            continue;
        }
        uint64_t deal = deal_won(&victim.ana, &victim.tom, victim.prospect, 1000, codes[i]);
        pay(&victim.finn, deal, 1000, codes[i], "all of it");
        paid++;
        last = codes[i];
    }
    Vouch__V1__StatementGet get = VOUCH__V1__STATEMENT_GET__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    get.payee = victim.ana.id;
    get.currency = (char *)last;
    SAY(request, STATEMENT_GET, statement_get, get);
    if (paid < 150 || say(&victim.finn, &request, sentence) != VOUCH_OK) {
        fail("the statement of the last of %zu currencies, %s: %s", paid, last, sentence);
    }
}

/* ---- at the same time ---- */

struct racer {
    struct person *person;
    uint64_t payment;
    int outcome;
};

static void *refund_all(void *argument)
{
    struct racer *racer = argument;
    Vouch__V1__PaymentRefund message = VOUCH__V1__PAYMENT_REFUND__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    Vouch__V1__Reply *reply = NULL;
    message.payment = racer->payment;
    SAY(request, PAYMENT_REFUND, payment_refund, message);
    racer->outcome = call(racer->person->v, &request, 30000, &reply);
    vouch_reply_free(&reply);
    return NULL;
}

static void refunds_at_once(void)
{
    for (int round = 0; round < 20; round++) {
        uint64_t deal = deal_won(&victim.ana, &victim.tom, victim.prospect, 10000, "EUR");
        uint64_t payment = pay(&victim.finn, deal, 10000, "EUR", "all");
        struct racer racers[2] = {{&victim.finn, payment, 0}, {&victim.fay, payment, 0}};
        pthread_t threads[2];
        for (int i = 0; i < 2; i++) {
            if (pthread_create(&threads[i], NULL, refund_all, &racers[i]) != 0) {
                fail("no thread");
            }
        }
        for (int i = 0; i < 2; i++) {
            pthread_join(threads[i], NULL);
        }
        if (racers[0].outcome + racers[1].outcome != VOUCH_OK + VOUCH_CONFLICT) {
            fail("two refunds of one payment: %d and %d", racers[0].outcome, racers[1].outcome);
        }
        victim_remember();
        if (left_of(deal) != 0) {
            fail("%" PRId64 " are left after the refund", left_of(deal));
        }
    }
}

/* ---- while the bank has it ---- */

static void while_sent(void)
{
    char sentence[512];
    uint64_t batch = make_payout(&victim.finn, "EUR");
    victim_remember();
    cancel(victim.deal, VOUCH_CONFLICT, "B2");
    if (refund(&victim.finn, PAYABLE, 0, sentence) != VOUCH_CONFLICT || strstr(sentence, "with the bank") == NULL) {
        fail("a refund of what is with the bank: %s", sentence);
    }
    Vouch__V1__DisputeOpen open = VOUCH__V1__DISPUTE_OPEN__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    open.payment = PAYABLE;
    open.evidence = "mine";
    SAY(request, DISPUTE_OPEN, dispute_open, open);
    refuse(&victim.ana, "a dispute of what is with the bank", &request, VOUCH_CONFLICT, "with the bank");
    Vouch__V1__PayoutMake make = VOUCH__V1__PAYOUT_MAKE__INIT;
    make.currency = "EUR";
    SAY(request, PAYOUT_MAKE, payout_make, make);
    refuse(&victim.finn, "sent twice", &request, VOUCH_CONFLICT, "nothing in EUR");
    settle_payout(&victim.finn, batch);
    cancel(victim.deal, VOUCH_OK, "");
    struct balances owes = {.paid = 2 * LINE_MINOR, .owed = 2 * LINE_MINOR};
    struct balances has = balances_of(&victim.ana, "EUR");
    if (has.paid != owes.paid || has.owed != owes.owed || has.payable != 0 || has.sent != 0) {
        fail("after the cancellation %" PRId64 " are paid and %" PRId64 " owed", has.paid, has.owed);
    }
}

/* What came in before there were books is on the next statement. */
static void long_ago(void)
{
    Vouch__V1__Money amount = VOUCH__V1__MONEY__INIT;
    Vouch__V1__PaymentRecord record = VOUCH__V1__PAYMENT_RECORD__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    uint64_t deal = deal_won(&victim.ana, &victim.tom, victim.prospect, 10000, "EUR");
    amount.minor = 10000;
    amount.currency = "EUR";
    record.referral = deal;
    record.amount = &amount;
    record.reference = "found in a drawer";
    record.received_ms = 1;
    SAY(request, PAYMENT_RECORD, payment_record, record);
    command(victim.finn.v, &request);
    Vouch__V1__Reply *reply = explain(deal);
    const Vouch__V1__Payment *payment = reply->explanation->steps[0]->payment;
    if (payment->received_ms != 1 || payment->period != 202703) {
        fail("a payment of 1970 is posted to %u", payment->period);
    }
    vouch_reply_free(&reply);
}

/* The last day that a calendar has: money goes on, and nothing is past it. */
static void end_of_time(void)
{
    Vouch__V1__ClockSet set = VOUCH__V1__CLOCK_SET__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    const int64_t last = INT64_C(253402214399000);
    set.time_ms = INT64_MAX;
    SAY(request, CLOCK_SET, clock_set, set);
    Vouch__V1__Reply *reply = NULL;
    if (call(victim.world.admin, &request, 10000, &reply) != VOUCH_INVALID) {
        fail("the clock stands at the end of numbers");
    }
    vouch_reply_free(&reply);
    set_clock(&victim.world, last);
    wait_for_approval(last);
    uint64_t deal = deal_won(&victim.ana, &victim.tom, victim.prospect, 10000, "EUR");
    pay(&victim.finn, deal, 10000, "EUR", "at last");
    victim_remember();
    Vouch__V1__PeriodClose close = VOUCH__V1__PERIOD_CLOSE__INIT;
    close.period = 999912;
    SAY(request, PERIOD_CLOSE, period_close, close);
    refuse(&victim.finn, "the last month", &request, VOUCH_INVALID, "no month");
    if (left_of(deal) <= 0) {
        fail("nothing accrues on the last day");
    }
}

int main(void)
{
    victim_begin();
    while_sent();
    most_payments();
    most_refunds();
    refunds_at_once();
    long_ago();
    largest_values();
    largest_terms();
    most_parties();
    every_currency();
    end_of_time();
    victim_end();
    puts("the books end where numbers do");
    return 0;
}
