/* SPDX-License-Identifier: Apache-2.0
 *
 * What is looked at before it is registered, by whom, and what becomes of it; wins that go in a ring. */
#include "claim_cast.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* ---- reviews ---- */

Test(reviews, what_looks_like_self_referral_is_held)
{
    struct cast cast = cast_new();
    static const struct {
        const char *name, *email;
        Vouch__V1__Claim__Hold want;
    } rows[] = {
        {"Dana Frey", "dana@kestrel.example", HOLD(HOLD_NONE)},
        {"ana  sousa", "", HOLD(HOLD_NONE)}, /* two blanks: another spelling, and no proof */
        {"ANA SOUSA", "", HOLD(SELF)},
        {"Ana Sousa", "ana@kestrel.example", HOLD(SELF)},
        {"Dana Frey", "dana@northgate.example", HOLD(OWN_COMPANY)},
        {"Dana Frey", "dana@mail.NORTHGATE.example", HOLD(OWN_COMPANY)},
        {"Dana Frey", "dana@notnorthgate.example", HOLD(HOLD_NONE)},
        {"Dana Frey", "", HOLD(HOLD_NONE)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char product[16];
        snprintf(product, sizeof product, "line %zu", i);
        Vouch__V1__PersonalData person = VOUCH__V1__PERSONAL_DATA__INIT;
        person.name = (char *)(uintptr_t)rows[i].name;
        person.email = (char *)(uintptr_t)rows[i].email;
        cr_assert_eq(cast_submit(&cast, cast.ana, cast.tom, product, false, &person), VOUCH_OK, "%s",
                     cast.world->why.text);
        const Vouch__V1__Referral *referral = world_referral(cast.world, cast.world->answer_id);
        cr_assert_eq(referral->claim->hold, rows[i].want, "row %zu: %d", i, (int)referral->claim->hold);
        cr_assert_eq(referral->state, rows[i].want == HOLD(HOLD_NONE) ? STATE(OFFERED) : STATE(HELD), "row %zu", i);
    }
    Vouch__V1__CompanyAdd add = VOUCH__V1__COMPANY_ADD__INIT;
    add.name = "Northgate Labs";
    add.parent = WORLD_HOME;
    cast.kestrel = world_do(cast.world, WORLD_ADMIN, REQUEST_OF(COMPANY_ADD, company_add, &add));
    cast_expect(&cast, cast_refer(&cast, cast.ana, 0), STATE(HELD),
                PLACE(PLACE_NONE)); /* a division of one's own company */
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(reviews, what_comes_after_an_opportunity_is_held)
{
    struct cast cast = cast_new();
    uint64_t first = cast_refer(&cast, cast.ana, cast.tom);
    MOVES(&cast, cast.tom, first, VERB(ACCEPT), VERB(CONTACT), VERB(MEET));
    uint64_t second = cast_refer(&cast, cast.lena, cast.tom);
    cast_expect(&cast, second, STATE(DUPLICATE_WAIT), PLACE(WAITS));
    MOVES(&cast, cast.tom, first, VERB(QUALIFY));
    uint64_t third = cast_refer(&cast, cast.lena, cast.tom);
    cast_expect(&cast, third, STATE(HELD), PLACE(PLACE_NONE));
    world_wait(cast.world, 180 * DAY); /* the claim goes to the second; the opportunity is still there */
    uint64_t fourth = cast_refer(&cast, cast.lena, cast.tom);
    cast_expect(&cast, fourth, STATE(HELD), PLACE(PLACE_NONE));
    cr_assert_eq(cast_review(&cast, cast.fin, third, VERDICT(RELEASE)), VOUCH_OK, "%s", cast.world->why.text);
    cast_expect(&cast, third, STATE(DUPLICATE_WAIT), PLACE(WAITS));
    MOVES(&cast, cast.lena, fourth, VERB(WITHDRAW));
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(reviews, who_reviews)
{
    struct cast cast = cast_new();
    Vouch__V1__PersonalData person = VOUCH__V1__PERSONAL_DATA__INIT;
    person.name = "Ana Sousa";
    cr_assert_eq(cast_submit(&cast, cast.ana, cast.tom, "", false, &person), VOUCH_OK);
    uint64_t id = cast.world->answer_id;
    const struct {
        uint64_t who;
        enum vouch_status want;
    } rows[] = {{cast.ana, VOUCH_DENIED},     {cast.tom, VOUCH_NOT_FOUND}, {cast.otto, VOUCH_NOT_FOUND},
                {cast.lena, VOUCH_NOT_FOUND}, {cast.max, VOUCH_OK},        {cast.fin, VOUCH_CONFLICT}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_assert_eq(cast_review(&cast, rows[i].who, id, VERDICT(RELEASE)), rows[i].want, "row %zu: %s", i,
                     cast.world->why.text);
    }
    cast_expect(&cast, id, STATE(OFFERED), PLACE(HOLDS));
    cr_assert_str_eq(cast_told(&cast, cast.tom), "Ana Sousa refers Kestrel Bank to you: R1");
    cr_assert_eq(cast_submit(&cast, cast.ana, cast.tom, "other", false, &person), VOUCH_OK);
    id = cast.world->answer_id;
    cr_assert_eq(cast_review(&cast, cast.fin, id, VERDICT(REJECT)), VOUCH_OK);
    cast_expect(&cast, id, STATE(WITHDRAWN), PLACE(PLACE_NONE));
    cr_assert_str_eq(cast_told(&cast, cast.ana),
                     "Uta Brandt looked at and rejected R2 (Kestrel Bank): \"spoke to both\"");
    /* A manager does not review the own one. */
    person.name = "Max Lutz";
    cr_assert_eq(cast_submit(&cast, cast.max, cast.tom, "other", false, &person), VOUCH_OK);
    cr_assert_eq(cast_review(&cast, cast.max, cast.world->answer_id, VERDICT(RELEASE)), VOUCH_DENIED);
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(reviews, reviewers_find_what_is_held)
{
    struct cast cast = cast_new();
    Vouch__V1__PersonalData person = VOUCH__V1__PERSONAL_DATA__INIT;
    person.name = "Ana Sousa";
    cr_assert_eq(cast_submit(&cast, cast.ana, cast.tom, "", false, &person), VOUCH_OK);
    cast_refer(&cast, cast.lena, 0);
    const struct {
        uint64_t who;
        size_t want;
    } rows[] = {{cast.ana, 1}, {cast.lena, 0}, {cast.tom, 0}, {cast.max, 1}, {cast.otto, 0}, {cast.fin, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        Vouch__V1__ReferralList list = VOUCH__V1__REFERRAL_LIST__INIT;
        Vouch__V1__Reply reply;
        list.state = STATE(HELD);
        cr_assert_eq(world_ask(cast.world, rows[i].who, REQUEST_OF(REFERRAL_LIST, referral_list, &list), &reply),
                     VOUCH_OK);
        cr_assert_eq(reply.referrals->n_referrals, rows[i].want, "row %zu", i);
    }
    world_free(&cast.world);
}

Test(reviews, a_held_registration_keeps_its_place_in_the_order)
{
    struct cast cast = cast_new();
    Vouch__V1__PersonalData person = VOUCH__V1__PERSONAL_DATA__INIT;
    person.name = "Ana Sousa";
    uint64_t holder = cast_refer(&cast, cast.tom, 0);
    cr_assert_eq(cast_submit(&cast, cast.ana, 0, "", false, &person), VOUCH_OK);
    uint64_t held = cast.world->answer_id;
    uint64_t later = cast_refer(&cast, cast.lena, 0);
    cr_assert_eq(cast_review(&cast, cast.max, held, VERDICT(RELEASE)), VOUCH_OK);
    MOVES(&cast, cast.tom, holder, VERB(WITHDRAW));
    world_wait(cast.world, 0);
    cast_expect(&cast, held, STATE(REGISTERED), PLACE(HOLDS));
    cast_expect(&cast, later, STATE(DUPLICATE_WAIT), PLACE(WAITS));
    world_verify(cast.world);
    world_free(&cast.world);
}

/* ---- rings ---- */

static uint64_t win(struct cast *cast, uint64_t referrer, uint64_t receiver, const char *product)
{
    cr_assert_eq(cast_submit(cast, referrer, receiver, product, false, NULL), VOUCH_OK);
    uint64_t id = cast->world->answer_id;
    MOVES(cast, receiver, id, VERB(ACCEPT), VERB(CONTACT), VERB(MEET), VERB(QUALIFY), VERB(WIN));
    return id;
}

Test(reviews, reciprocal_wins_are_flagged_and_nothing_more)
{
    struct cast cast = cast_new();
    uint64_t there = win(&cast, cast.ana, cast.tom, "a");
    win(&cast, cast.ana, cast.lena, "b");
    uint64_t back = win(&cast, cast.tom, cast.ana, "c");
    cr_assert_eq(world_referral(cast.world, there)->reciprocal, 0);
    cr_assert_eq(world_referral(cast.world, back)->reciprocal, there);
    cr_assert_eq(cast_show(&cast, cast.fin, back)->referral->reciprocal, there);
    cr_assert_eq(cast_show(&cast, cast.tom, back)->referral->reciprocal, 0); /* not told to who is looked at */
    world_wait(cast.world, 91 * DAY);
    cr_assert_eq(world_referral(cast.world, win(&cast, cast.lena, cast.ana, "d"))->reciprocal, 0);
    world_verify(cast.world);
    world_free(&cast.world);
}
