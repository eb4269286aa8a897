/* SPDX-License-Identifier: Apache-2.0
 *
 * Claims over random histories of submissions, moves, choices, reviews and time: after each step at most one referral
 * holds a claim, the rest wait in order, and nobody waits for nobody. */
#include "apply/claims.h"
#include "claim_cast.h"
#include "domain/claim.h"
#include "random_cases.h"

#include <criterion/criterion.h>

#define KEYS 2
#define REFERRALS_MOST 60
#define HISTORIES 12
#define STEPS 300

static void expect_sound(struct cast *cast, const char *products[KEYS])
{
    struct view *view = snapshot_open(cast->world->store);
    for (size_t i = 0; i < KEYS; i++) {
        struct claim_row row, holder = {0};
        const struct claim_row *after = NULL;
        uint64_t key;
        size_t holders = 0, waiting = 0, before = 0;
        enum claim_rank rank = CLAIM_HOLDS;
        cr_assert(claim_product_key(cast->world->arena, products[i], &key));
        for (; claim_find(view, cast->kestrel, key, CLAIM_HOLDS, CLAIM_GOES_ON, after, &row); after = &row) {
            holders += row.rank == CLAIM_HOLDS ? 1 : 0;
            holder = row.rank == CLAIM_HOLDS ? row : holder;
            waiting += row.rank == CLAIM_WAITS || row.rank == CLAIM_LEAD_WAITS ? 1 : 0;
            before = row.rank == rank ? before : 0;
            cr_assert_gt(row.sequence, before, "the queue is in order");
            before = row.sequence;
            rank = row.rank;
        }
        cr_assert_leq(holders, 1, "one holder");
        cr_assert(waiting == 0 || holders == 1, "nobody waits while nobody holds");
        cr_assert(waiting == 0 || holder.until_ms > cast->world->now_ms, "nobody waits for what is over");
    }
    snapshot_close(&view);
}

static void random_step(struct cast *cast, struct random_cases *cases, const char *products[KEYS])
{
    const uint64_t people[] = {cast->ana, cast->lena, cast->partner, cast->tom};
    static const Vouch__V1__ReferralVerb verbs[] = {VERB(WITHDRAW), VERB(ACCEPT),  VERB(CONTACT), VERB(MEET),
                                                    VERB(QUALIFY),  VERB(WIN),     VERB(LOSE),    VERB(DECLINE),
                                                    VERB(OFFER),    VERB(REGISTER)};
    struct world *world = cast->world;
    struct view *view = snapshot_open(world->store);
    uint64_t made = meta_get(view, "last_referral");
    snapshot_close(&view);
    uint64_t id = 1 + random_below(cases, made == 0 ? 1 : made);
    Vouch__V1__PersonalData ana = VOUCH__V1__PERSONAL_DATA__INIT;
    ana.name = "Ana Sousa";
    switch (random_below(cases, 8)) {
    case 0:
    case 1:
        if (made < REFERRALS_MOST) {
            (void)cast_submit(cast, people[random_below(cases, 4)], random_below(cases, 2) == 0 ? 0 : WORLD_ADMIN,
                              products[random_below(cases, KEYS)], random_below(cases, 3) == 0,
                              random_below(cases, 6) == 0 ? &ana : NULL);
        }
        break;
    case 2:
        (void)cast_choose(cast, random_below(cases, 2) == 0 ? cast->fin : cast->max, id);
        break;
    case 3:
        (void)cast_review(cast, cast->fin, id, random_below(cases, 2) == 0 ? VERDICT(RELEASE) : VERDICT(REJECT));
        break;
    case 4:
        world->policy.protection_days = random_below(cases, 20) == 0 ? 0 : 90;
        world_wait(world, (int64_t)random_below(cases, 60) * DAY);
        break;
    default:
        (void)world_move(world, WORLD_ADMIN, id, verbs[random_below(cases, sizeof verbs / sizeof verbs[0])], cast->tom,
                         100);
        break;
    }
}

Test(claim_histories, random_histories_have_one_holder_and_an_orderly_queue)
{
    const char *products[KEYS] = {"", "archive"};
    struct random_cases cases = random_begin("claim_histories", HISTORIES * STEPS);
    for (int history = 0; history < HISTORIES; history++) {
        struct cast cast = cast_new();
        for (int step = 0; step < STEPS; step++) {
            random_step(&cast, &cases, products);
            world_wait(cast.world, 0);
            expect_sound(&cast, products);
        }
        world_verify(cast.world);
        world_free(&cast.world);
    }
}
