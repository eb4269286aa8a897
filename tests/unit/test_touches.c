/* SPDX-License-Identifier: Apache-2.0
 *
 * Touches: which count and in which order, who may credit whose help, when, and who hears of it. */
#include "world.h"

#include "base/clock.h"

#include <criterion/criterion.h>
#include <string.h>

#define STATE(name) VOUCH__V1__REFERRAL_STATE__##name
#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name
#define KIND(name) VOUCH__V1__TOUCH__KIND__##name

struct cast {
    struct world *world;
    uint64_t ana, tom, lena, max, uta, kestrel;
};

static struct cast cast_new(void)
{
    struct cast cast = {.world = world_new()};
    cast.ana = world_member(cast.world, "Ana Sousa", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    cast.tom = world_member(cast.world, "Tom Rieke", VOUCH__V1__ROLE__REP, WORLD_HOME, "Nordics");
    cast.lena = world_member(cast.world, "Lena Voss", VOUCH__V1__ROLE__REP, WORLD_HOME, "Iberia");
    cast.max = world_member(cast.world, "Max Lutz", VOUCH__V1__ROLE__MANAGER, WORLD_HOME, "DACH");
    cast.uta = world_member(cast.world, "Uta Brandt", VOUCH__V1__ROLE__FINANCE, WORLD_HOME, "");
    cast.kestrel = world_company(cast.world, "Kestrel Bank", "kestrel.example", VOUCH__V1__COMPANY_KIND__PROSPECT);
    return cast;
}

static enum vouch_status credit(struct cast *cast, uint64_t by, uint64_t referral, uint64_t member, uint32_t kind)
{
    Vouch__V1__ReferralCredit message = VOUCH__V1__REFERRAL_CREDIT__INIT;
    message.referral = referral;
    message.member = member;
    message.kind = (Vouch__V1__Touch__Kind)kind;
    message.note = "told us who signs";
    return world_try(cast->world, by, NULL, REQUEST_OF(REFERRAL_CREDIT, referral_credit, &message));
}

static uint64_t accepted(struct cast *cast)
{
    uint64_t id = world_submit(cast->world, cast->ana, cast->kestrel, cast->tom);
    cr_assert_eq(world_move(cast->world, cast->tom, id, VERB(ACCEPT), 0, 0), VOUCH_OK);
    return id;
}

Test(touches, credits_and_steps_are_in_one_order)
{
    struct cast cast = cast_new();
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    submit.prospect = cast.kestrel;
    submit.receiver = cast.tom;
    submit.connector = cast.lena;
    uint64_t id = world_do(cast.world, cast.ana, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
    cr_assert_eq(credit(&cast, cast.ana, id, cast.max, KIND(INTEL)), VOUCH_OK, "%s", cast.world->why.text);
    cr_assert_eq(world_move(cast.world, cast.lena, id, VERB(INTRODUCE), 0, 0), VOUCH_OK);
    cr_assert_eq(world_move(cast.world, cast.tom, id, VERB(ACCEPT), 0, 0), VOUCH_OK);
    cr_assert_eq(credit(&cast, cast.tom, id, cast.ana, KIND(MEETING)), VOUCH_OK, "%s", cast.world->why.text);
    cr_assert_eq(credit(&cast, WORLD_ADMIN, id, cast.ana, KIND(HANDOVER)), VOUCH_OK, "%s", cast.world->why.text);
    struct touch touches[TOUCHES_MAX];
    size_t count = touches_of(world_referral(cast.world, id), touches);
    const struct {
        uint64_t party;
        enum touch_kind kind;
    } want[] = {{cast.ana, TOUCH_INTRODUCTION},
                {cast.max, TOUCH_INTEL},
                {cast.lena, TOUCH_INTRODUCTION},
                {cast.ana, TOUCH_MEETING},
                {cast.ana, TOUCH_HANDOVER}};
    cr_assert_eq(count, sizeof want / sizeof want[0]);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(touches[i].party, want[i].party, "touch %zu", i);
        cr_assert_eq(touches[i].kind, want[i].kind, "touch %zu", i);
        cr_assert(i == 0 || touches[i].sequence > touches[i - 1].sequence);
        cr_assert_eq(touches[i].time_ms, WORLD_NOON);
    }
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(touches, those_within_the_window_are_eligible)
{
    const int64_t day = MS_PER_DAY, close = WORLD_NOON;
    const struct touch all[] = {{1, 1, close - 180 * day - 1, TOUCH_VOUCH},
                                {2, 2, close - 180 * day, TOUCH_INTEL},
                                {3, 3, close, TOUCH_MEETING},
                                {4, 4, close + 1, TOUCH_HANDOVER}};
    Vouch__V1__Referral referral = VOUCH__V1__REFERRAL__INIT;
    struct touch out[4];
    cr_assert_eq(touches_eligible(&referral, all, 4, 180, close, out), 2);
    cr_assert_eq(out[0].party, 2);
    cr_assert_eq(out[1].party, 3);
    cr_assert_eq(touches_eligible(&referral, all, 4, 181, close, out), 3);
    cr_assert_eq(touches_eligible(&referral, all, 4, 0, close, out), 1);
    cr_assert_eq(touches_eligible(&referral, all, 0, 180, close, out), 0);
}

Test(touches, a_ghosting_receiver_has_no_credit_and_costs_nobody_the_window)
{
    const int64_t day = MS_PER_DAY, close = WORLD_NOON;
    const struct touch all[] = {{1, 1, close - 187 * day, TOUCH_VOUCH},
                                {2, 2, close - 183 * day, TOUCH_INTEL},
                                {3, 3, close - 20 * day, TOUCH_HANDOVER},
                                {4, 4, close - 10 * day, TOUCH_MEETING}};
    uint64_t ghosts[] = {3};
    Vouch__V1__Referral referral = VOUCH__V1__REFERRAL__INIT;
    struct touch out[4];
    cr_assert_eq(touches_eligible(&referral, all, 4, 180, close, out), 2);
    referral.ghosts = ghosts;
    referral.n_ghosts = 1;
    referral.ghosted_ms = 5 * day;
    cr_assert_eq(touches_eligible(&referral, all, 4, 180, close, out), 2);
    cr_assert_eq(out[0].party, 2); /* within 185 days */
    cr_assert_eq(out[1].party, 4);
    cr_assert(touches_is_ghost(&referral, 3) && !touches_is_ghost(&referral, 4));
}

Test(touches, their_digest_is_of_all_that_counts)
{
    const struct touch one[] = {{1, 5, 1000, TOUCH_VOUCH}, {2, 6, 2000, TOUCH_INTEL}};
    struct touch other[2];
    uint8_t digest[TOUCHES_DIGEST_BYTES], changed[TOUCHES_DIGEST_BYTES];
    touches_digest(7, one, 2, digest);
    for (size_t i = 0; i < 4; i++) {
        memcpy(other, one, sizeof one);
        other[1].party += i == 0;
        other[1].sequence += i == 1;
        other[1].time_ms += i == 2;
        other[1].kind = i == 3 ? TOUCH_MEETING : other[1].kind;
        touches_digest(7, other, 2, changed);
        cr_assert_neq(memcmp(digest, changed, sizeof digest), 0, "field %zu", i);
    }
    touches_digest(7, one, 1, changed);
    cr_assert_neq(memcmp(digest, changed, sizeof digest), 0);
}

Test(touches, who_may_credit_whom)
{
    struct cast cast = cast_new();
    struct world *world = cast.world;
    uint64_t offered = world_submit(world, cast.ana, cast.kestrel, cast.tom);
    cr_assert_eq(credit(&cast, cast.tom, offered, cast.lena, KIND(INTEL)), VOUCH_DENIED); /* has not taken it */
    uint64_t id = accepted(&cast);
    Vouch__V1__MemberRemove remove = VOUCH__V1__MEMBER_REMOVE__INIT;
    remove.member = world_member(world, "Per Dahl", VOUCH__V1__ROLE__REP, WORLD_HOME, "");
    world_do(world, WORLD_ADMIN, REQUEST_OF(MEMBER_REMOVE, member_remove, &remove));
    const struct {
        uint64_t by, member;
        uint32_t kind;
        enum vouch_status want;
    } rows[] = {
        {cast.tom, cast.tom, KIND(INTEL), VOUCH_CONFLICT},       /* nobody credits themselves */
        {cast.ana, cast.ana, KIND(INTEL), VOUCH_CONFLICT},       /* nor the referrer */
        {WORLD_ADMIN, WORLD_ADMIN, KIND(INTEL), VOUCH_CONFLICT}, /* nor an admin */
        {cast.ana, cast.tom, KIND(MEETING), VOUCH_CONFLICT},     /* the receiver closes it */
        {cast.lena, cast.max, KIND(INTEL), VOUCH_NOT_FOUND},     /* no party of it */
        {cast.max, cast.lena, KIND(INTEL), VOUCH_DENIED},        /* sees it as a manager, that is all */
        {cast.tom, remove.member, KIND(INTEL), VOUCH_CONFLICT},  /* is gone */
        {cast.tom, 999, KIND(INTEL), VOUCH_NOT_FOUND},
        {cast.tom, cast.lena, KIND(VOUCH), VOUCH_INVALID}, /* follows from its step */
        {cast.tom, cast.lena, KIND(INTRODUCTION), VOUCH_INVALID},
        {cast.tom, cast.lena, 6, VOUCH_INVALID},
        {cast.tom, cast.lena, KIND(INTEL), VOUCH_OK},
        {cast.tom, cast.ana, KIND(MEETING), VOUCH_OK}, /* later acts of the referrer */
        {cast.ana, cast.lena, KIND(HANDOVER), VOUCH_OK},
        {WORLD_ADMIN, cast.uta, KIND(MEETING), VOUCH_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_assert_eq(credit(&cast, rows[i].by, id, rows[i].member, rows[i].kind), rows[i].want, "row %zu: %s", i,
                     world->why.text);
    }
    world_verify(world);
    world_free(&cast.world);
}

Test(touches, only_while_it_can_be_won)
{
    struct cast cast = cast_new();
    struct world *world = cast.world;
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    submit.prospect = cast.kestrel;
    submit.draft = true;
    uint64_t draft = world_do(world, cast.ana, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
    cr_assert_eq(credit(&cast, cast.ana, draft, cast.lena, KIND(INTEL)), VOUCH_CONFLICT);
    uint64_t lost = accepted(&cast);
    cr_assert_eq(world_move(world, cast.tom, lost, VERB(CONTACT), 0, 0), VOUCH_OK);
    cr_assert_eq(credit(&cast, cast.tom, lost, cast.lena, KIND(INTEL)), VOUCH_OK);
    cr_assert_eq(world_move(world, cast.tom, lost, VERB(LOSE), 0, 0), VOUCH_OK);
    cr_assert_eq(credit(&cast, cast.ana, lost, cast.lena, KIND(INTEL)), VOUCH_CONFLICT);
    cr_assert_str_eq(world->why.text, "R2 is LOST; help is credited while it is on its way to a win");
    world_free(&cast.world);
}

Test(touches, there_is_a_most_of_them)
{
    struct cast cast = cast_new();
    uint64_t id = accepted(&cast);
    for (int i = 0; i < TOUCHES_MAX - TOUCHES_OF_STEPS; i++) {
        cr_assert_eq(credit(&cast, cast.tom, id, i % 2 == 0 ? cast.lena : cast.ana, KIND(INTEL)), VOUCH_OK, "%s",
                     cast.world->why.text);
    }
    cr_assert_eq(credit(&cast, cast.tom, id, cast.lena, KIND(INTEL)), VOUCH_CONFLICT);
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(touches, they_are_shown_to_who_is_concerned)
{
    struct cast cast = cast_new();
    struct world *world = cast.world;
    uint64_t id = accepted(&cast);
    Vouch__V1__ReferralGet get = VOUCH__V1__REFERRAL_GET__INIT;
    get.referral = id;
    const Vouch__V1__Request *show = REQUEST_OF(REFERRAL_GET, referral_get, &get);
    Vouch__V1__Reply reply;
    cr_assert_eq(world_ask(world, cast.lena, show, &reply), VOUCH_NOT_FOUND);
    cr_assert_eq(credit(&cast, cast.tom, id, cast.lena, KIND(INTEL)), VOUCH_OK);
    cr_assert_eq(world_ask(world, cast.lena, show, &reply), VOUCH_OK, "%s", world->why.text);
    const Vouch__V1__Referral *referral = reply.referral->referral;
    cr_assert_eq(referral->n_touches, 2);
    cr_assert_eq(referral->touches[0]->kind, KIND(VOUCH));
    cr_assert_str_eq(referral->touches[0]->name, "Ana Sousa");
    cr_assert_str_eq(referral->touches[1]->name, "Lena Voss");
    cr_assert_str_eq(referral->touches[1]->by_name, "Tom Rieke");
    cr_assert_str_eq(referral->touches[1]->note, "told us who signs");
    Vouch__V1__InboxPage page = VOUCH__V1__INBOX_PAGE__INIT;
    const Vouch__V1__Request *inbox = REQUEST_OF(INBOX_PAGE, inbox_page, &page);
    const struct {
        uint64_t member;
        const char *text;
    } told[] = {
        {cast.lena, "Tom Rieke credits you with intel for R1 (Kestrel Bank): \"told us who signs\""},
        {cast.ana, "Tom Rieke credits Lena Voss with intel for R1 (Kestrel Bank): \"told us who signs\""},
    };
    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(world_ask(world, told[i].member, inbox, &reply), VOUCH_OK);
        const Vouch__V1__NoticePage *notices = reply.notices;
        cr_assert_str_eq(notices->notices[notices->n_notices - 1]->text, told[i].text);
    }
    world_verify(world);
    world_free(&cast.world);
}
