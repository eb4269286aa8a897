/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of the day: what somebody waits for, for whom it is on the list, in which order, and what managers see. */
#include "base/clock.h"
#include "today_cast.h"

#include <criterion/criterion.h>
#include <string.h>

/* ---- what is due ---- */

Test(today, a_receiver_sees_each_step_that_is_due)
{
    struct cast cast = cast_new();
    expect_nothing(&cast, cast.tom);
    uint64_t referral = world_submit(cast.world, cast.ana, cast.kestrel, cast.tom);
    static const struct {
        Vouch__V1__ReferralVerb verb;
        Vouch__V1__TodayLine__Kind kind;
        const char *reason;
    } steps[] = {
        {VERB(ACCEPT), KIND(ANSWER), "from Ana Sousa"},
        {VERB(CONTACT), KIND(FIRST_CONTACT), "from Ana Sousa"},
        {VERB(MEET), KIND(PROGRESS), "contacted, from Ana Sousa"},
        {VERB(QUALIFY), KIND(PROGRESS), "met, from Ana Sousa"},
        {VERB(WIN), KIND(PROGRESS), "an opportunity, from Ana Sousa"},
    };
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        look(&cast, cast.tom);
        cr_assert_eq(cast.list->n_lines, 1);
        const Vouch__V1__TodayLine *line = cast.list->lines[0];
        cr_assert_eq(line->kind, steps[i].kind, "step %zu", i);
        cr_assert_str_eq(line->subject, "Kestrel Bank");
        cr_assert_str_eq(line->reason, steps[i].reason);
        cr_assert_eq(line->referral, referral);
        cr_assert_gt(line->due_ms, cast.world->now_ms);
        cr_assert_not(line->overdue);
        must_move(&cast, cast.tom, referral, steps[i].verb, 0);
    }
    expect_nothing(&cast, cast.tom);
    expect_nothing(&cast, cast.ana);
    cast_free(&cast);
}

Test(today, what_is_late_comes_first_then_by_time_left)
{
    struct cast cast = cast_new();
    uint64_t slow = world_submit(cast.world, cast.ana, cast.kestrel, cast.tom);
    must_move(&cast, cast.tom, slow, VERB(ACCEPT), 0);
    must_move(&cast, cast.tom, slow, VERB(CONTACT), 0); /* 7 working days */
    uint64_t first = world_submit(cast.world, cast.ana, cast.orrin, cast.tom);
    world_wait(cast.world, MS_PER_HOUR);
    uint64_t second = world_submit(cast.world, cast.ana, cast.halden, cast.tom);
    look(&cast, cast.tom);
    EXPECT_KINDS(&cast, KIND(ANSWER), KIND(ANSWER), KIND(PROGRESS));
    cr_assert_eq(cast.list->lines[0]->referral, first);
    cr_assert_eq(cast.list->lines[1]->referral, second);
    cr_assert_eq(cast.list->due, 3);
    world_wait(cast.world, MS_PER_DAY - MS_PER_HOUR / 2); /* past the first one's eight working hours */
    look(&cast, cast.tom);
    cr_assert_eq(cast.list->lines[0]->referral, first);
    cr_assert(cast.list->lines[0]->overdue);
    cr_assert_not(cast.list->lines[1]->overdue);
    cr_assert_eq(look_as(&cast, cast.tom, 0, 2), VOUCH_OK);
    cr_assert_eq(cast.list->n_lines, 2);
    cr_assert_eq(cast.list->left_out, 1);
    cr_assert_eq(cast.list->lines[0]->referral, first);
    cast_free(&cast);
}

Test(today, what_was_put_off_is_not_on_it_and_comes_next)
{
    struct cast cast = cast_new();
    uint64_t referral = world_submit(cast.world, cast.ana, cast.kestrel, cast.tom);
    must_move(&cast, cast.tom, referral, VERB(ACCEPT), 0);
    must_move(&cast, cast.tom, referral, VERB(SNOOZE), 0);
    expect_nothing(&cast, cast.tom);
    cr_assert_gt(cast.list->next_ms, cast.world->now_ms);
    cr_assert_str_eq(cast.list->next, "Kestrel Bank");
    cr_assert_eq(cast.list->next_kind, KIND(FIRST_CONTACT));
    cast_free(&cast);
}

Test(today, a_referrer_sees_what_waits_for_them)
{
    struct cast cast = cast_new();
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    submit.prospect = cast.kestrel;
    submit.draft = true;
    world_do(cast.world, cast.ana, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
    look(&cast, cast.ana);
    EXPECT_KINDS(&cast, KIND(FINISH));
    submit.draft = false;
    submit.prospect = cast.orrin;
    world_do(cast.world, cast.ana, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
    look(&cast, cast.ana);
    /* It waits for consent until a day; and nobody vouches for it. */
    EXPECT_KINDS(&cast, KIND(CONSENT), KIND(FINISH), KIND(VOUCH_FOR));
    submit.prospect = cast.halden;
    submit.connector = cast.tom;
    uint64_t introduced = world_do(cast.world, cast.ana, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
    look(&cast, cast.ana);
    EXPECT_KINDS(&cast, KIND(CONSENT), KIND(FINISH), KIND(VOUCH_FOR), KIND(VOUCH_FOR));
    look(&cast, cast.tom);
    EXPECT_KINDS(&cast, KIND(INTRODUCE));
    cr_assert_eq(cast.list->lines[0]->referral, introduced);
    cr_assert_str_eq(cast.list->lines[0]->reason, "Ana Sousa asks you to introduce them");
    cast_free(&cast);
}

Test(today, who_was_declined_is_named_and_a_lead_wants_a_vouch)
{
    struct cast cast = cast_new();
    uint64_t referral = world_submit(cast.world, cast.ana, cast.kestrel, cast.tom);
    must_move(&cast, cast.tom, referral, VERB(DECLINE), 0);
    look(&cast, cast.ana);
    EXPECT_KINDS(&cast, KIND(NAME_RECEIVER));
    cr_assert_str_eq(cast.list->lines[0]->reason, "declined by Tom Rieke");
    must_move(&cast, cast.ana, referral, VERB(DISOWN), 0);
    look(&cast, cast.ana);
    EXPECT_KINDS(&cast, KIND(NAME_RECEIVER), KIND(VOUCH_FOR));
    must_move(&cast, cast.ana, referral, VERB(ATTEST), 0);
    look(&cast, cast.ana);
    EXPECT_KINDS(&cast, KIND(NAME_RECEIVER));
    cast_free(&cast);
}

/* ---- managers ---- */

Test(today, what_nobody_takes_is_on_the_list_of_who_manages)
{
    struct cast cast = cast_new();
    uint64_t referral = world_submit(cast.world, cast.ana, cast.kestrel, cast.tom);
    for (int days = 0; days < 60 && world_referral(cast.world, referral)->attempt < 4; days++) {
        world_wait(cast.world, MS_PER_DAY);
        world_reroute(cast.world);
        look(&cast, cast.max);
        if (cast.list->n_lines > 0 && cast.list->lines[0]->kind == KIND(QUEUE)) {
            break;
        }
    }
    EXPECT_KINDS(&cast, KIND(QUEUE));
    cr_assert_eq(cast.list->lines[0]->referral, referral);
    look(&cast, cast.zoe);
    cr_assert_eq(cast.list->n_lines, 0);
    cast_free(&cast);
}

/* Somebody else made an opportunity of it before: held. */
Test(today, what_is_held_is_on_the_list_of_who_reviews)
{
    struct cast cast = cast_new();
    uint64_t priya = world_member(cast.world, "Priya Nair", ROLE(REP), WORLD_HOME, "DACH");
    cast.world->policy.protection_days = 90;
    uint64_t first = world_submit(cast.world, cast.ana, cast.kestrel, cast.tom);
    must_move(&cast, cast.tom, first, VERB(ACCEPT), 0);
    must_move(&cast, cast.tom, first, VERB(CONTACT), 0);
    must_move(&cast, cast.tom, first, VERB(MEET), 0);
    must_move(&cast, cast.tom, first, VERB(QUALIFY), 0);
    uint64_t second = world_submit(cast.world, priya, cast.kestrel, cast.ana);
    cr_assert_eq(world_referral(cast.world, second)->state, STATE(HELD));
    look(&cast, cast.max);
    EXPECT_KINDS(&cast, KIND(REVIEW));
    cr_assert_str_eq(cast.list->lines[0]->reason, "from Priya Nair: another referral of it was an opportunity already");
    expect_nothing(&cast, cast.zoe);
    expect_nothing(&cast, priya);
    cast_free(&cast);
}

Test(today, a_manager_sees_what_is_due_for_the_own_team_and_nobody_s_contacts)
{
    struct cast cast = cast_new();
    set_card(&cast, cast.tom, "food");
    uint64_t sam = add_person(&cast, cast.tom, cast.orrin, "Sam Okoro", true);
    befriend(&cast, cast.tom, sam, 100);
    prepare(&cast, cast.tom, sam, false);
    world_submit(cast.world, cast.ana, cast.kestrel, cast.tom);
    look(&cast, cast.tom);
    EXPECT_KINDS(&cast, KIND(ANSWER), KIND(ASK_NOW), KIND(STAY_IN_TOUCH));
    cr_assert_eq(look_as(&cast, cast.max, cast.tom, 0), VOUCH_OK);
    EXPECT_KINDS(&cast, KIND(ANSWER));
    cr_assert_str_eq(cast.list->name, "Tom Rieke");
    cr_assert_eq(cast.list->next_ms, 0);
    cr_assert_eq(look_as(&cast, WORLD_ADMIN, cast.tom, 0), VOUCH_OK);
    EXPECT_KINDS(&cast, KIND(ANSWER));
    cr_assert_eq(look_as(&cast, cast.zoe, cast.tom, 0), VOUCH_NOT_FOUND);
    cr_assert_eq(look_as(&cast, cast.ana, cast.tom, 0), VOUCH_NOT_FOUND);
    cr_assert_eq(look_as(&cast, cast.max, 999, 0), VOUCH_NOT_FOUND);
    cast_free(&cast);
}

/* ---- asks and intel ---- */

Test(today, an_ask_is_followed_to_its_end)
{
    struct cast cast = cast_new();
    set_card(&cast, cast.ana, "food");
    uint64_t sam = add_person(&cast, cast.ana, cast.orrin, "Sam Okoro", true);
    uint64_t ask = prepare(&cast, cast.ana, sam, false);
    look(&cast, cast.ana);
    EXPECT_KINDS(&cast, KIND(ASK_NOW));
    cr_assert_str_eq(cast.list->lines[0]->subject, "Sam Okoro, Orrin Foods");
    move_ask(&cast, cast.ana, ask, ASKED(ASKED));
    expect_nothing(&cast, cast.ana);

    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    text.vouch = "they do archives well";
    submit.prospect = cast.kestrel;
    submit.text = &text;
    submit.consent = true;
    submit.receiver = cast.tom;
    submit.ask = ask;
    uint64_t referral = world_do(cast.world, cast.ana, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
    look(&cast, cast.ana);
    EXPECT_KINDS(&cast, KIND(THANK));
    cr_assert_str_eq(cast.list->lines[0]->reason, "they named R1");
    move_ask(&cast, cast.ana, ask, ASKED(THANKED));
    expect_nothing(&cast, cast.ana);
    static const Vouch__V1__ReferralVerb verbs[] = {VERB(ACCEPT), VERB(CONTACT), VERB(MEET), VERB(QUALIFY), VERB(WIN)};
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        must_move(&cast, cast.tom, referral, verbs[i], 0);
    }
    look(&cast, cast.ana);
    EXPECT_KINDS(&cast, KIND(TELL_OUTCOME));
    cr_assert_str_eq(cast.list->lines[0]->reason, "R1, Kestrel Bank, was won");
    move_ask(&cast, cast.ana, ask, ASKED(OUTCOME_TOLD));
    expect_nothing(&cast, cast.ana);

    /* What they named was won and they know: so they may be asked again, though they never called back. */
    world_wait(cast.world, 91 * MS_PER_DAY);
    look(&cast, cast.ana);
    EXPECT_KINDS(&cast, KIND(STAY_IN_TOUCH), KIND(BEST_ASK));
    cr_assert_not_null(strstr(cast.list->lines[1]->reason, "what they named was won"));
    cast_free(&cast);
}

Test(today, nobody_is_thanked_who_was_erased)
{
    struct cast cast = cast_new();
    set_card(&cast, cast.ana, "food");
    uint64_t sam = add_person(&cast, cast.ana, cast.orrin, "Sam Okoro", true);
    uint64_t ask = prepare(&cast, cast.ana, sam, true);
    move_ask(&cast, cast.ana, ask, ASKED(YES_NAMED));
    look(&cast, cast.ana);
    EXPECT_KINDS(&cast, KIND(THANK));
    Vouch__V1__ContactErase erase = VOUCH__V1__CONTACT_ERASE__INIT;
    erase.contact = sam;
    erase.reason = "asked for it";
    world_do(cast.world, WORLD_ADMIN, REQUEST_OF(CONTACT_ERASE, contact_erase, &erase));
    expect_nothing(&cast, cast.ana);
    cr_assert_eq(cast.list->next_ms, 0);
    cast_free(&cast);
}

Test(today, intel_waits_until_it_is_taken)
{
    struct cast cast = cast_new();
    Vouch__V1__IntelOffer offer = VOUCH__V1__INTEL_OFFER__INIT;
    offer.to = cast.tom;
    offer.company = cast.halden;
    offer.text = "their contract ends in March";
    uint64_t intel = world_do(cast.world, cast.ana, REQUEST_OF(INTEL_OFFER, intel_offer, &offer));
    look(&cast, cast.tom);
    EXPECT_KINDS(&cast, KIND(INTEL));
    cr_assert_str_eq(cast.list->lines[0]->subject, "Halden AG");
    cr_assert_str_eq(cast.list->lines[0]->reason, "from Ana Sousa");
    Vouch__V1__IntelMove move = VOUCH__V1__INTEL_MOVE__INIT;
    move.intel = intel;
    move.to = VOUCH__V1__INTEL_STATE__INTEL_TAKEN;
    world_do(cast.world, cast.tom, REQUEST_OF(INTEL_MOVE, intel_move, &move));
    expect_nothing(&cast, cast.tom);
    cast_free(&cast);
}
