/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands about money, as requests. */
#include "money_world.h"

#include "decide/deal_math.h"
#include "domain/zone.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOUR_MS (INT64_C(3600) * 1000)

/* Messages are read only; they merely lack the const. */
static char *plain(const char *text)
{
    return (char *)(uintptr_t)text;
}

struct money_world *money_world_new(void)
{
    static const char *const names[EARNERS] = {"Ana Sousa", "Bo Lind",   "Cem Aydin", "Dora Weiss",
                                               "Eva Novak", "Finn Oja",  "Gil Paz",   "Hana Ito",
                                               "Ivo Kral",  "Jana Roth", "Kim Berg",  "Liv Dahl"};
    struct money_world *money = calloc(1, sizeof *money);
    cr_assert_not_null(money);
    money->world = world_new();
    money->payer = WORLD_HOME;
    money->partner = world_company(money->world, "Fluxware", "fluxware.example", VOUCH__V1__COMPANY_KIND__PARTNER);
    money->prospect = world_company(money->world, "Kestrel Bank", "kestrel.example", VOUCH__V1__COMPANY_KIND__PROSPECT);
    money->clerk = world_member(money->world, "Fay Lund", VOUCH__V1__ROLE__FINANCE, WORLD_HOME, "");
    money->second = world_member(money->world, "Gus Meyer", VOUCH__V1__ROLE__FINANCE, WORLD_HOME, "");
    money->receiver = world_member(money->world, "Tom Rieke", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    for (size_t i = 0; i < EARNERS; i++) {
        money->earners[i] = world_member(money->world, names[i], VOUCH__V1__ROLE__REP, money->partner, "");
    }
    return money;
}

/* All commission comes out as it is recorded, computed again. */
static void expect_replay(struct money_world *money)
{
    Vouch__V1__CommissionReplay asked = VOUCH__V1__COMMISSION_REPLAY__INIT;
    Vouch__V1__Reply reply;
    do {
        enum vouch_status status = world_ask(money->world, WORLD_ADMIN,
                                             REQUEST_OF(COMMISSION_REPLAY, commission_replay, &asked), &reply);
        cr_assert_eq(status, VOUCH_OK, "%s", money->world->why.text);
        cr_assert_eq(reply.replay->n_differences, 0, "R%llu: %s",
                     (unsigned long long)reply.replay->differences[0]->referral, reply.replay->differences[0]->why);
        asked.after = reply.replay->next;
    } while (reply.replay->more);
}

void money_world_free(struct money_world **money)
{
    expect_replay(*money);
    world_verify((*money)->world);
    world_free(&(*money)->world);
    free(*money);
    *money = NULL;
}

/* ---- deals ---- */

static void must(struct money_world *money, enum vouch_status status, const char *what)
{
    cr_assert_eq(status, VOUCH_OK, "%s: %s: %s", what, status_name(status), money->world->why.text);
}

static void credit(struct money_world *money, uint64_t referral, uint64_t member)
{
    Vouch__V1__ReferralCredit body = VOUCH__V1__REFERRAL_CREDIT__INIT;
    body.referral = referral;
    body.member = member;
    body.kind = VOUCH__V1__TOUCH__KIND__INTEL;
    body.note = plain("told us who decides");
    world_do(money->world, money->receiver, REQUEST_OF(REFERRAL_CREDIT, referral_credit, &body));
}

static void advise(struct money_world *money, uint64_t referral, struct advice *advice)
{
    struct touch touches[TOUCHES_MAX];
    size_t count = touches_of(world_referral(money->world, referral), touches);
    touches_digest(referral, touches, count, advice->inputs_digest);
}

static void win(struct money_world *money, uint64_t referral, int64_t minor, const char *currency)
{
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    text.reason = plain("signed");
    text.note = plain("Thank you.");
    Vouch__V1__Money value = VOUCH__V1__MONEY__INIT;
    value.minor = minor;
    value.currency = plain(currency);
    Vouch__V1__ReferralMove move = VOUCH__V1__REFERRAL_MOVE__INIT;
    move.referral = referral;
    move.verb = VOUCH__V1__REFERRAL_VERB__WIN;
    move.text = &text;
    move.value = &value;
    world_do(money->world, money->receiver, REQUEST_OF(REFERRAL_MOVE, referral_move, &move));
}

uint64_t money_deal(struct money_world *money, int64_t minor, const char *currency, const int64_t *weights,
                    size_t count)
{
    static const Vouch__V1__ReferralVerb way[] = {VOUCH__V1__REFERRAL_VERB__ACCEPT, VOUCH__V1__REFERRAL_VERB__CONTACT,
                                                  VOUCH__V1__REFERRAL_VERB__MEET, VOUCH__V1__REFERRAL_VERB__QUALIFY};
    struct advice advice = {.plugin = "linear",
                            .plugin_version = "1.0.0",
                            .count = count,
                            .members = money->earners,
                            .weights = weights,
                            .overrides = money->overrides};
    uint64_t referral = world_submit(money->world, money->earners[0], money->prospect, money->receiver);
    for (size_t i = 0; i < sizeof way / sizeof way[0]; i++) {
        must(money, world_move(money->world, money->receiver, referral, way[i], 0, 0), "deal");
    }
    for (size_t i = 1; i < count; i++) {
        credit(money, referral, money->earners[i]);
    }
    advise(money, referral, &advice);
    money->world->advice = &advice;
    win(money, referral, minor, currency);
    return referral;
}

uint64_t money_own_deal(struct money_world *money, int64_t minor)
{
    const int64_t whole = 1;
    return money_deal(money, minor, "EUR", &whole, 1);
}

void money_terms(struct money_world *money, const char *currency, int64_t hold_days, int64_t minimum_minor)
{
    struct terms terms = terms_presets();
    struct arena *arena = arena_new((size_t)1 << 16);
    memcpy(terms.currency, currency, sizeof terms.currency);
    terms.hold_days = hold_days;
    terms.minimum_minor = minimum_minor;
    Vouch__V1__TermsWrite written = VOUCH__V1__TERMS_WRITE__INIT;
    Vouch__V1__TermsApprove approved = VOUCH__V1__TERMS_APPROVE__INIT;
    written.terms = terms_to_record(&terms, arena);
    written.terms->name = arena_printf(arena, "rules for %s", currency);
    approved.terms = world_do(money->world, money->clerk, REQUEST_OF(TERMS_WRITE, terms_write, &written));
    approved.version = 1;
    world_do(money->world, money->second, REQUEST_OF(TERMS_APPROVE, terms_approve, &approved));
    arena_free(&arena);
}

/* ---- time ---- */

uint32_t money_month(unsigned after)
{
    uint32_t month = 202611;
    for (unsigned i = 0; i < after; i++) {
        month = month_next(month);
    }
    return month;
}

void money_go(struct money_world *money, unsigned after)
{
    int64_t to_ms = zone_month_start_ms("Europe/Berlin", money_month(after)) + 36 * HOUR_MS;
    cr_assert_geq(to_ms, money->world->now_ms);
    world_wait(money->world, to_ms - money->world->now_ms);
}

/* ---- the commands ---- */

enum vouch_status money_pay(struct money_world *money, uint64_t referral, int64_t minor, const char *currency,
                            int64_t date_ms)
{
    char reference[40];
    Vouch__V1__Money amount = VOUCH__V1__MONEY__INIT;
    Vouch__V1__PaymentRecord body = VOUCH__V1__PAYMENT_RECORD__INIT;
    snprintf(reference, sizeof reference, "INV-%llu", (unsigned long long)money->world->sequence);
    amount.minor = minor;
    amount.currency = plain(currency);
    body.referral = referral;
    body.amount = &amount;
    body.reference = reference;
    body.received_ms = date_ms;
    return world_try(money->world, money->clerk, NULL, REQUEST_OF(PAYMENT_RECORD, payment_record, &body));
}

enum vouch_status money_refund(struct money_world *money, uint64_t payment, int64_t minor, const char *reference)
{
    Vouch__V1__PaymentRefund body = VOUCH__V1__PAYMENT_REFUND__INIT;
    body.payment = payment;
    body.minor = minor;
    body.reference = plain(reference);
    return world_try(money->world, money->clerk, NULL, REQUEST_OF(PAYMENT_REFUND, payment_refund, &body));
}

enum vouch_status money_cancel(struct money_world *money, uint64_t referral)
{
    Vouch__V1__DealCancel body = VOUCH__V1__DEAL_CANCEL__INIT;
    body.referral = referral;
    return world_try(money->world, money->clerk, NULL, REQUEST_OF(DEAL_CANCEL, deal_cancel, &body));
}

enum vouch_status money_approve(struct money_world *money, uint64_t payment)
{
    Vouch__V1__CommissionApprove body = VOUCH__V1__COMMISSION_APPROVE__INIT;
    body.payments = &payment;
    body.n_payments = payment == 0 ? 0 : 1;
    return world_try(money->world, money->clerk, NULL, REQUEST_OF(COMMISSION_APPROVE, commission_approve, &body));
}

enum vouch_status money_correct(struct money_world *money, uint64_t payment, uint64_t payee, int64_t minor)
{
    Vouch__V1__CommissionCorrect body = VOUCH__V1__COMMISSION_CORRECT__INIT;
    body.payment = payment;
    body.payee = payee;
    body.minor = minor;
    body.reason = VOUCH__V1__LEDGER_REASON__TRACKING_ERROR;
    return world_try(money->world, money->clerk, NULL, REQUEST_OF(COMMISSION_CORRECT, commission_correct, &body));
}

enum vouch_status money_dispute(struct money_world *money, uint64_t by, uint64_t payment, uint64_t payee)
{
    Vouch__V1__DisputeOpen body = VOUCH__V1__DISPUTE_OPEN__INIT;
    body.payment = payment;
    body.payee = payee;
    body.evidence = plain("the order came before the introduction: see the mail of 3 November");
    return world_try(money->world, by, NULL, REQUEST_OF(DISPUTE_OPEN, dispute_open, &body));
}

enum vouch_status money_resolve(struct money_world *money, uint64_t by, uint64_t dispute, bool reverse)
{
    Vouch__V1__DisputeResolve body = VOUCH__V1__DISPUTE_RESOLVE__INIT;
    body.dispute = dispute;
    body.reverse = reverse;
    body.reason = VOUCH__V1__LEDGER_REASON__INELIGIBLE_PARTY;
    body.resolution = plain("we asked both");
    return world_try(money->world, by, NULL, REQUEST_OF(DISPUTE_RESOLVE, dispute_resolve, &body));
}

enum vouch_status money_close(struct money_world *money, uint32_t period)
{
    Vouch__V1__PeriodClose body = VOUCH__V1__PERIOD_CLOSE__INIT;
    body.period = period;
    return world_try(money->world, money->clerk, NULL, REQUEST_OF(PERIOD_CLOSE, period_close, &body));
}

enum vouch_status money_payout(struct money_world *money, const char *currency, const char *pay_currency,
                               const char *rate)
{
    Vouch__V1__PayoutMake body = VOUCH__V1__PAYOUT_MAKE__INIT;
    body.currency = plain(currency);
    body.pay_currency = plain(pay_currency);
    body.rate = plain(rate);
    return world_try(money->world, money->clerk, NULL, REQUEST_OF(PAYOUT_MAKE, payout_make, &body));
}

enum vouch_status money_settle(struct money_world *money, uint64_t payout, uint64_t statement)
{
    Vouch__V1__PayoutSettle body = VOUCH__V1__PAYOUT_SETTLE__INIT;
    body.payout = payout;
    body.statement = statement;
    return world_try(money->world, money->clerk, NULL, REQUEST_OF(PAYOUT_SETTLE, payout_settle, &body));
}

enum vouch_status money_fail(struct money_world *money, uint64_t payout, uint64_t statement)
{
    Vouch__V1__PayoutFail body = VOUCH__V1__PAYOUT_FAIL__INIT;
    body.payout = payout;
    body.statement = statement;
    body.note = plain("account closed");
    return world_try(money->world, money->clerk, NULL, REQUEST_OF(PAYOUT_FAIL, payout_fail, &body));
}

enum vouch_status money_debt(struct money_world *money, uint64_t payee, int64_t minor, const char *currency,
                             bool write_off)
{
    Vouch__V1__Money amount = VOUCH__V1__MONEY__INIT;
    Vouch__V1__DebtSettle body = VOUCH__V1__DEBT_SETTLE__INIT;
    amount.minor = minor;
    amount.currency = plain(currency);
    body.payee = payee;
    body.write_off = write_off;
    body.amount = &amount;
    body.reason = write_off ? VOUCH__V1__LEDGER_REASON__OTHER_REASON : 0;
    return world_try(money->world, money->clerk, NULL, REQUEST_OF(DEBT_SETTLE, debt_settle, &body));
}

/* ---- looking ---- */

int64_t money_balance(struct money_world *money, uint64_t payee, const char *currency, enum ledger_account which)
{
    struct view *view = snapshot_open(money->world->store);
    struct account_id id = account_id_of(payee, money->payer, currency);
    struct account account;
    account_get(view, &id, &account);
    snapshot_close(&view);
    return account.balances.minor[which];
}

Vouch__V1__Statement money_statement(struct money_world *money, uint64_t statement)
{
    struct view *view = snapshot_open(money->world->store);
    const Vouch__V1__Statement *record = record_statement(view, statement, money->world->arena);
    snapshot_close(&view);
    cr_assert_not_null(record, "S%llu", (unsigned long long)statement);
    return *record;
}

Vouch__V1__Payment money_payment(struct money_world *money, uint64_t payment)
{
    struct view *view = snapshot_open(money->world->store);
    const Vouch__V1__Payment *record = record_payment(view, payment, money->world->arena);
    snapshot_close(&view);
    cr_assert_not_null(record, "P%llu", (unsigned long long)payment);
    return *record;
}
