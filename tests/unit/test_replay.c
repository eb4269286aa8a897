/* SPDX-License-Identifier: Apache-2.0
 *
 * Explanations that are computed and not read; replay, which finds whatever was changed behind the ledger's back;
 * shadow, which changes nothing. */
#include "apply/parts.h"
#include "decide/deal_math.h"
#include "money_history.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BERLIN "Europe/Berlin"

/* ---- explain ---- */

static void explain(struct money_world *money, uint64_t deal, Vouch__V1__Reply *reply)
{
    Vouch__V1__CommissionExplain asked = VOUCH__V1__COMMISSION_EXPLAIN__INIT;
    asked.referral = deal;
    must_ask(money, money->clerk, REQUEST_OF(COMMISSION_EXPLAIN, commission_explain, &asked), reply);
}

Test(replay, every_number_is_derived)
{
    struct history history = history_new();
    Vouch__V1__Reply reply;
    explain(history.money, history.deal, &reply);
    const Vouch__V1__Explanation *view = reply.explanation;
    cr_assert(view->same, "%s", view->why);
    cr_assert_eq(view->n_touches, 3);
    cr_assert_eq(view->n_steps, 3);
    cr_assert_str_eq(view->zone, BERLIN);
    int64_t given[3] = {0};
    int64_t base = 0;
    for (size_t i = 0; i < 3; i++) {
        const Vouch__V1__Explanation__Step *step = view->steps[i];
        base += step->payment->amount->minor;
        cr_assert_eq(step->base_minor, base);
        cr_assert_eq(step->n_slices, 1);
        cr_assert_eq(step->slices[0]->rate_bps, 1000);
        cr_assert_eq(step->slices[0]->minor * 10000 + step->slices[0]->ten_thousandths, base * 1000);
        cr_assert_eq(step->n_shares, 3);
        cr_assert(step->same);
        int64_t due = 0;
        for (size_t j = 0; j < 3; j++) {
            due += step->shares[j]->accrued_minor;
            given[j] += step->payment->parts[j]->minor;
            cr_assert_eq(given[j], step->shares[j]->accrued_minor, "what was given is what is due");
            cr_assert_eq(step->bookings[j]->number, step->payment->parts[j]->booking);
            cr_assert_eq(step->bookings[j]->hash.len, LEDGER_HASH_BYTES);
        }
        cr_assert_eq(due, step->pool_minor);
    }
    cr_assert_eq(view->steps[0]->payment->n_refunds, 1);
    history_free(&history);
}

Test(replay, explanations_go_on_after_a_payment)
{
    struct history history = history_new();
    Vouch__V1__CommissionExplain asked = VOUCH__V1__COMMISSION_EXPLAIN__INIT;
    Vouch__V1__Reply reply;
    asked.referral = history.deal;
    asked.after = history.payments[1];
    must_ask(history.money, history.money->clerk, REQUEST_OF(COMMISSION_EXPLAIN, commission_explain, &asked), &reply);
    cr_assert_eq(reply.explanation->n_steps, 1);
    cr_assert_eq(reply.explanation->steps[0]->payment->id, history.payments[2]);
    cr_assert_eq(reply.explanation->steps[0]->base_minor, 2400001 + 333 + 1000000);
    cr_assert(reply.explanation->same);
    history_free(&history);
}

/* ---- replay: whatever is changed is found, and named ---- */

static void replay(struct money_world *money, Vouch__V1__Reply *reply)
{
    Vouch__V1__CommissionReplay asked = VOUCH__V1__COMMISSION_REPLAY__INIT;
    must_ask(money, money->clerk, REQUEST_OF(COMMISSION_REPLAY, commission_replay, &asked), reply);
}

/* Changes a record behind the ledger's back. */
enum tampering {
    TERMS_RATE,
    SHARE_WEIGHT,
    DEAL_SUM,
    DEAL_PRIOR,
    PAYMENT_AMOUNT,
    PART_AMOUNT,
    PART_STRANGER,
    PART_TAKEN,
    BOOKING_AMOUNT,
    BOOKING_PAYEE,
    BOOKING_TIME,
    BOOKING_HASH,
    BOOKING_BEFORE,
    TOUCH_TIME,
    TAMPERINGS
};

static void tamper_deal(Vouch__V1__Deal *deal, enum tampering how)
{
    deal->frozen->partner_bps += how == TERMS_RATE ? 1 : 0;
    deal->shares[0]->weight += how == SHARE_WEIGHT ? 1 : 0;
    deal->accrued_minor += how == DEAL_SUM ? 1 : 0;
    deal->prior_minor += how == DEAL_PRIOR ? -1 : 0;
}

static void tamper_payment(Vouch__V1__Payment *payment, enum tampering how)
{
    payment->amount->minor += how == PAYMENT_AMOUNT ? 100 : 0;
    payment->parts[1]->minor += how == PART_AMOUNT ? 1 : 0;
    payment->parts[1]->member += how == PART_STRANGER ? 7 : 0;
    payment->parts[1]->taken_minor += how == PART_TAKEN ? 1 : 0;
}

static void tamper_booking(Vouch__V1__Booking *booking, enum tampering how)
{
    booking->amount->minor += how == BOOKING_AMOUNT ? 1 : 0;
    booking->payee += how == BOOKING_PAYEE ? 1 : 0;
    booking->time_ms += how == BOOKING_TIME ? 1 : 0;
    booking->hash.data[31] ^= how == BOOKING_HASH || how == BOOKING_BEFORE ? 1 : 0;
}

static void tamper(struct history *history, enum tampering how)
{
    struct money_world *money = history->money;
    struct arena *arena = arena_new((size_t)1 << 20);
    struct view *view = state_write_view(money->world->store, &money->world->why);
    union {
        const void *read;
        void *written;
    } deal = {record_deal(view, history->deal, arena)}, payment = {record_payment(view, history->payments[0], arena)},
      booking, referral = {record_referral(view, history->deal, arena)};
    uint64_t number = ((Vouch__V1__Payment *)payment.written)->parts[1]->booking - (how == BOOKING_BEFORE ? 1 : 0);
    booking.read = record_booking(view, number, arena);
    tamper_deal(deal.written, how);
    tamper_payment(payment.written, how);
    tamper_booking(booking.written, how);
    ((Vouch__V1__Referral *)referral.written)->touches[0]->time_ms += how == TOUCH_TIME ? 1 : 0;
    record_put(view, TABLE_DEAL, history->deal, deal.read, arena);
    record_put(view, TABLE_PAYMENT, history->payments[0], payment.read, arena);
    record_put(view, TABLE_BOOKING, number, booking.read, arena);
    record_put(view, TABLE_REFERRAL, history->deal, referral.read, arena);
    arena_free(&arena);
    cr_assert_eq(state_commit(money->world->store, money->world->sequence, &money->world->why), VOUCH_OK);
}

Test(replay, replay_finds_what_was_changed)
{
    static const char *const found[TAMPERINGS] = {
        [TERMS_RATE] = "the terms are not those that were frozen",
        [SHARE_WEIGHT] = "and 120000 are recorded",
        [DEAL_SUM] = "the sums of R",
        [DEAL_PRIOR] = "cannot be computed",
        [PAYMENT_AMOUNT] = "are recorded",
        [PART_AMOUNT] = "60001 are recorded",
        [PART_STRANGER] = "and 0 are recorded",
        [PART_TAKEN] = "the refunds of P",
        [BOOKING_AMOUNT] = "is not the part of member",
        [BOOKING_PAYEE] = "is not the part of member",
        [BOOKING_TIME] = "the hash of booking L",
        [BOOKING_HASH] = "the hash of booking L",
        [BOOKING_BEFORE] = "the hash of booking L",
        [TOUCH_TIME] = "the touches are not those that were counted",
    };
    for (enum tampering how = 0; how < TAMPERINGS; how++) {
        struct history history = history_new();
        Vouch__V1__Reply reply;
        replay(history.money, &reply);
        cr_assert_eq(reply.replay->n_differences, 0);
        cr_assert_eq(reply.replay->deals, 1);
        cr_assert_eq(reply.replay->payments, 3);
        cr_assert_eq(reply.replay->bookings, 9);
        tamper(&history, how);
        replay(history.money, &reply);
        cr_assert_eq(reply.replay->n_differences, 1, "tampering %d was not found", (int)how);
        cr_assert_eq(reply.replay->differences[0]->referral, history.deal);
        cr_assert(strstr(reply.replay->differences[0]->why, found[how]) != NULL, "tampering %d: %s", (int)how,
                  reply.replay->differences[0]->why);
        Vouch__V1__Reply explained;
        explain(history.money, history.deal, &explained);
        cr_assert_not(explained.explanation->same);
        cr_assert_str_neq(explained.explanation->why, "");
        world_free(&history.money->world); /* not what its journal says any more */
        free(history.money);
    }
}

Test(replay, replay_goes_deal_by_deal)
{
    struct history history = history_new();
    struct money_world *money = history.money;
    Vouch__V1__CommissionReplay asked = VOUCH__V1__COMMISSION_REPLAY__INIT;
    Vouch__V1__Reply reply;
    uint64_t second = money_own_deal(money, 100000);
    asked.limit = 1;
    must_ask(money, money->clerk, REQUEST_OF(COMMISSION_REPLAY, commission_replay, &asked), &reply);
    cr_assert(reply.replay->more);
    cr_assert_eq(reply.replay->deals, 1);
    asked.after = reply.replay->next;
    must_ask(money, money->clerk, REQUEST_OF(COMMISSION_REPLAY, commission_replay, &asked), &reply);
    cr_assert_not(reply.replay->more);
    cr_assert_eq(reply.replay->next, second);
    asked = (Vouch__V1__CommissionReplay)VOUCH__V1__COMMISSION_REPLAY__INIT;
    asked.only = true;
    asked.after = second;
    must_ask(money, money->clerk, REQUEST_OF(COMMISSION_REPLAY, commission_replay, &asked), &reply);
    cr_assert_eq(reply.replay->deals, 1);
    cr_assert_eq(reply.replay->payments, 0);
    asked.after = second + 1;
    cr_assert_eq(ask(money, money->clerk, REQUEST_OF(COMMISSION_REPLAY, commission_replay, &asked), &reply),
                 VOUCH_NOT_FOUND);
    history_free(&history);
}

/* ---- shadow ---- */

static void shadow(struct money_world *money, uint64_t asker, uint64_t terms, Vouch__V1__Reply *reply)
{
    Vouch__V1__CommissionShadow asked = VOUCH__V1__COMMISSION_SHADOW__INIT;
    asked.terms = terms;
    asked.version = terms == 0 ? 0 : 1;
    must_ask(money, asker, REQUEST_OF(COMMISSION_SHADOW, commission_shadow, &asked), reply);
}

static uint64_t write_terms(struct money_world *money, const char *name, const char *currency, int64_t partner_bps,
                            uint64_t split_with)
{
    struct terms terms = terms_presets();
    struct arena *arena = arena_new((size_t)1 << 16);
    memcpy(terms.currency, currency, strlen(currency) + 1);
    terms.partner_bps = partner_bps;
    if (split_with != 0) {
        terms.split_count = 2;
        terms.splits[0] = (struct terms_split){money->earners[0], 3};
        terms.splits[1] = (struct terms_split){split_with, 1};
    }
    Vouch__V1__TermsWrite write = VOUCH__V1__TERMS_WRITE__INIT;
    write.terms = terms_to_record(&terms, arena);
    write.terms->name = arena_strdup(arena, name);
    uint64_t id = world_do(money->world, money->clerk, REQUEST_OF(TERMS_WRITE, terms_write, &write));
    arena_free(&arena);
    return id;
}

Test(replay, shadow_says_what_would_have_been)
{
    struct history history = history_new();
    struct money_world *money = history.money;
    Vouch__V1__Reply reply;
    shadow(money, money->clerk, 0, &reply); /* the same terms, the same weights */
    cr_assert_eq(reply.shadow->deals, 1);
    cr_assert_eq(reply.shadow->n_rows, 3);
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(reply.shadow->rows[i]->recorded_minor, reply.shadow->rows[i]->shadow_minor);
    }
    uint64_t twice = write_terms(money, "twice", "EUR", 2000, 0);
    uint64_t dollars = write_terms(money, "dollars", "USD", 2000, 0);
    uint64_t agreed = write_terms(money, "agreed", "EUR", 1000, money->earners[4]);
    uint64_t other = world_member(money->world, "Pia Roth", VOUCH__V1__ROLE__FINANCE, money->partner, "");
    uint64_t before = money->world->sequence;
    shadow(money, money->clerk, twice, &reply);
    int64_t recorded = 0, would_be = 0;
    for (size_t i = 0; i < reply.shadow->n_rows; i++) {
        recorded += reply.shadow->rows[i]->recorded_minor;
        would_be += reply.shadow->rows[i]->shadow_minor;
    }
    cr_assert_eq(recorded, 340033); /* 10 % of 34,003.34, half to even */
    cr_assert_eq(would_be, 680067);
    shadow(money, money->clerk, dollars, &reply);
    cr_assert_eq(reply.shadow->deals, 0);
    cr_assert_eq(reply.shadow->skipped, 1);
    cr_assert(strstr(reply.shadow->why, "was won in EUR, and the terms are in USD") != NULL, "%s", reply.shadow->why);
    shadow(money, money->clerk, agreed, &reply);
    cr_assert_eq(reply.shadow->n_rows, 4, "who would have lost, who would have gained");
    for (size_t i = 0; i < 4; i++) {
        const Vouch__V1__Shadow__Row *row = reply.shadow->rows[i];
        cr_assert_eq(row->shadow_minor, row->payee == money->earners[0]   ? 255025
                                        : row->payee == money->earners[4] ? 85008
                                                                          : 0);
    }
    shadow(money, other, twice, &reply);
    cr_assert_eq(reply.shadow->deals, 0, "another company's books");
    cr_assert_eq(money->world->sequence, before, "nothing was written");
    history_free(&history);
}
