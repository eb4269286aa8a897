/* SPDX-License-Identifier: Apache-2.0
 *
 * Replay equals the original: under terms of every kind, for parties of every role, weights of every kind, instalments
 * and refunds in any order. Each world ends with a replay of all its deals (money_world_free) and, here, with what an
 * explanation shows: its numbers add up, from the slices to the new units of each payee. */
#include "decide/deal_math.h"
#include "money_world.h"
#include "random_cases.h"

#include <criterion/criterion.h>
#include <string.h>

#define WORLDS 4
#define DEALS 8
#define PAYMENTS 5

enum kind { PRESETS, MARGINAL, RETROACTIVE, BOUNDED, ACCELERATED, AGREED, KINDS };

static const char *const currencies[KINDS] = {"EUR", "USD", "JPY", "KWD", "CHF", "GBP"};

static void set_bands(struct terms *terms, enum terms_tiers tiers)
{
    terms->tiers = tiers;
    terms->band_count = 3;
    terms->bands[0] = (struct terms_band){0, 1000000, 500};
    terms->bands[1] = (struct terms_band){1000000, 2500000, 700};
    terms->bands[2] = (struct terms_band){2500000, TERMS_NO_LIMIT, 1000};
}

static void write_terms(struct money_world *money, enum kind kind)
{
    struct terms terms = terms_presets();
    struct arena *arena = arena_new((size_t)1 << 16);
    memcpy(terms.currency, currencies[kind], CURRENCY_BYTES);
    terms.client_bps = 150;
    terms.hold_days = 0;
    if (kind == MARGINAL || kind == RETROACTIVE) {
        set_bands(&terms, kind == MARGINAL ? TIERS_MARGINAL : TIERS_RETROACTIVE);
    } else if (kind == BOUNDED) {
        terms.bounty_minor = 5000;
        terms.floor_minor = 10000;
        terms.cap_minor = 250000;
    } else if (kind == ACCELERATED) {
        terms.accelerator_bps = 12500;
        terms.quota_minor = 1000000;
    } else {
        terms.split_count = 3;
        for (size_t i = 0; i < 3; i++) {
            terms.splits[i] = (struct terms_split){money->earners[i], 1};
        }
    }
    Vouch__V1__TermsWrite write = VOUCH__V1__TERMS_WRITE__INIT;
    Vouch__V1__TermsApprove approve = VOUCH__V1__TERMS_APPROVE__INIT;
    write.terms = terms_to_record(&terms, arena);
    write.terms->name = arena_printf(arena, "terms in %s", currencies[kind]);
    approve.terms = world_do(money->world, money->clerk, REQUEST_OF(TERMS_WRITE, terms_write, &write));
    approve.version = 1;
    world_do(money->world, money->second, REQUEST_OF(TERMS_APPROVE, terms_approve, &approve));
    arena_free(&arena);
}

/* Earners of three roles: two of a partner, two co-workers, one of a client. */
static struct money_world *mixed_world(void)
{
    struct money_world *money = money_world_new();
    Vouch__V1__CompanyAdd add = VOUCH__V1__COMPANY_ADD__INIT;
    Vouch__V1__CompanyChange change = VOUCH__V1__COMPANY_CHANGE__INIT;
    add.kind = VOUCH__V1__COMPANY_KIND__CLIENT;
    money->world->policy.clients_may_be_paid = true;
    uint64_t client = world_company(money->world, "Orrin Foods", "orrin.example", VOUCH__V1__COMPANY_KIND__PARTNER);
    money->earners[2] = world_member(money->world, "Ida Stark", VOUCH__V1__ROLE__REP, WORLD_HOME, "");
    money->earners[3] = world_member(money->world, "Jo Lind", VOUCH__V1__ROLE__REP, WORLD_HOME, "");
    money->earners[4] = world_member(money->world, "Kim Orr", VOUCH__V1__ROLE__REP, client, "");
    change.company = client;
    change.change = &add;
    world_do(money->world, WORLD_ADMIN, REQUEST_OF(COMPANY_CHANGE, company_change, &change));
    for (enum kind kind = MARGINAL; kind < KINDS; kind++) {
        write_terms(money, kind);
    }
    return money;
}

/* What an explanation shows adds up by itself. */
static void check_explanation(struct money_world *money, uint64_t deal)
{
    Vouch__V1__CommissionExplain asked = VOUCH__V1__COMMISSION_EXPLAIN__INIT;
    Vouch__V1__Reply reply;
    int64_t pool = 0;
    asked.referral = deal;
    cr_assert_eq(
        world_ask(money->world, money->clerk, REQUEST_OF(COMMISSION_EXPLAIN, commission_explain, &asked), &reply),
        VOUCH_OK, "%s", money->world->why.text);
    const Vouch__V1__Explanation *view = reply.explanation;
    cr_assert(view->same, "R%llu: %s", (unsigned long long)deal, view->why);
    for (size_t i = 0; i < view->n_steps; i++) {
        const Vouch__V1__Explanation__Step *step = view->steps[i];
        int64_t due = 0, fresh = 0, slices = 0;
        for (size_t j = 0; j < step->n_slices; j++) {
            slices += step->slices[j]->amount_minor;
        }
        for (size_t j = 0; j < step->n_shares; j++) {
            due += step->shares[j]->accrued_minor;
        }
        for (size_t j = 0; j < step->payment->n_parts; j++) {
            fresh += step->payment->parts[j]->minor;
        }
        cr_assert(step->n_slices == 0 || slices >= step->base_minor, "the slices are of the base");
        if (!view->deal->overrides && step->n_shares > 0 && due != 0) {
            cr_assert_eq(due, step->pool_minor);
        }
        cr_assert_eq(fresh, step->new_minor);
        cr_assert_geq(step->pool_minor, pool, "the pool never falls");
        pool = step->pool_minor;
    }
}

static void random_payments(struct money_world *money, struct random_cases *random, uint64_t deal, int64_t value,
                            const char *currency)
{
    for (unsigned i = 0; i < PAYMENTS && value > 0; i++) {
        int64_t minor = 1 + (int64_t)random_below(random, (uint64_t)(i + 1 == PAYMENTS ? 1 : value));
        minor = i + 1 == PAYMENTS ? value : minor;
        value -= minor;
        cr_assert_eq(money_pay(money, deal, minor, currency, 0), VOUCH_OK, "%s", money->world->why.text);
        if (random_below(random, 3) == 0) {
            int64_t part = 1 + (int64_t)random_below(random, (uint64_t)minor);
            cr_assert_eq(money_refund(money, money->world->answer_id, part, ""), VOUCH_OK, "%s",
                         money->world->why.text);
        }
    }
}

static uint64_t random_deal(struct money_world *money, struct random_cases *random)
{
    enum kind kind = (enum kind)random_below(random, KINDS);
    int64_t value = 1 + random_amount(random, 24);
    int64_t weights[EARNERS];
    size_t count = 1 + random_below(random, EARNERS);
    money->overrides = kind != AGREED && random_below(random, 4) == 0;
    for (size_t i = 0; i < count; i++) {
        weights[i] = money->overrides ? (int64_t)(random_next(random) >> 32) : random_amount(random, 40);
        weights[i] = random_below(random, 5) == 0 ? 0 : weights[i];
    }
    uint64_t deal = money_deal(money, value, currencies[kind], weights, count);
    random_payments(money, random, deal, value, currencies[kind]);
    if (random_below(random, 6) == 0) {
        cr_assert_eq(money_cancel(money, deal), VOUCH_OK, "%s", money->world->why.text);
    }
    return deal;
}

Test(replay_random, equals_the_original)
{
    struct random_cases random = random_begin("replay_random", WORLDS * DEALS * PAYMENTS);
    for (int i = 0; i < WORLDS; i++) {
        struct money_world *money = mixed_world();
        uint64_t deals[DEALS];
        for (int j = 0; j < DEALS; j++) {
            deals[j] = random_deal(money, &random);
            check_explanation(money, deals[j]);
        }
        money_go(money, 1); /* holds elapse */
        for (int j = 0; j < DEALS; j++) {
            check_explanation(money, deals[j]);
        }
        money_world_free(&money);
    }
}
