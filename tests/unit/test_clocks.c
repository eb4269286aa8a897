/* SPDX-License-Identifier: Apache-2.0
 *
 * Clocks of referrals in a world: who is told what and when, what counts for and against a receiver, what passes to
 * somebody else, and what happens after a downtime. */
#include "apply/clocks.h"
#include "clock_cast.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

Test(clocks, each_state_has_the_clock_of_who_has_to_act)
{
    struct cast cast = cast_new();
    uint64_t id = world_submit(cast.world, cast.ana, cast.prospect, 0);
    static const struct {
        uint8_t by; /* 1: the referrer */
        Vouch__V1__ReferralVerb verb;
        int64_t due_hours; /* from the world's noon; eight hours are a day, five days a week */
        int64_t pass_hours;
    } rows[] = {
        {1, VERB(REFERRAL_VERB_NONE), 48, 96},
        {1, VERB(OFFER), 24, 28}, /* twelve hours: until tomorrow evening */
        {2, VERB(DECLINE), 48, 96},
        {1, VERB(OFFER), 24, 28},
        {2, VERB(ACCEPT), 24, 48},
        {2, VERB(CONTACT), 7 * 24 + 48, 14 * 24 + 4 * 24},
        {2, VERB(MEET), 14 * 24 + 4 * 24, 28 * 24 + 8 * 24 + 48},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].verb != 0) {
            cast_move(&cast, rows[i].by == 1 ? cast.ana : cast.tom, id, rows[i].verb);
        }
        const Vouch__V1__Referral *referral = world_referral(cast.world, id);
        bool referrers = referral->state == STATE(REGISTERED) || referral->state == STATE(DECLINED);
        cr_assert_eq(referral->clock->member, referrers ? cast.ana : cast.tom, "row %zu", i);
        cr_assert_eq(referral->due_ms, referral->clock->due_ms);
        cr_expect_eq(referral->clock->due_ms, WORLD_NOON + rows[i].due_hours * HOUR_MS, "row %zu: due after %d h", i,
                     (int)((referral->clock->due_ms - WORLD_NOON) / HOUR_MS));
        cr_expect_eq(referral->clock->pass_ms, WORLD_NOON + rows[i].pass_hours * HOUR_MS, "row %zu: passes after %d h",
                     i, (int)((referral->clock->pass_ms - WORLD_NOON) / HOUR_MS));
    }
    expect_obligations(&cast, 4, 0);
    cast_free(&cast);
}

Test(clocks, complaint_11_a_receiver_who_does_not_act_is_reminded_and_passed_over)
{
    struct cast cast = cast_new();
    uint64_t id = world_submit(cast.world, cast.ana, cast.prospect, cast.tom);
    expect_line(&cast, cast.tom, 1, "Ana Sousa refers Kestrel Bank to you");
    world_wait(cast.world, 4 * HOUR_MS); /* half of eight hours */
    expect_line(&cast, cast.tom, 2, "R1 (Kestrel Bank) waits for a yes or a no from you until 2026-11-24 13:00");
    world_wait(cast.world, 20 * HOUR_MS - 48 * 60000); /* at 12:12 tomorrow */
    expect_line(&cast, cast.tom, 3, "the time is nearly over");
    expect_obligations(&cast, 0, 0);
    world_wait(cast.world, 48 * 60000);
    expect_line(&cast, cast.tom, 4, "overdue: it waited for a yes or a no from you until 2026-11-24 13:00");
    expect_line(&cast, cast.nora, 1, "from Tom Rieke");
    expect_line(&cast, cast.ana, 1, "from Tom Rieke");
    expect_line(&cast, cast.max, 0, "");
    expect_obligations(&cast, 0, 1);
    world_wait(cast.world, 20 * HOUR_MS); /* four more working hours */
    const Vouch__V1__Referral *referral = world_referral(cast.world, id);
    cr_assert_eq(referral->state, STATE(GHOSTED));
    cr_assert_eq(referral->clock->stage, STAGE(PASSED));
    cr_assert_eq(referral->n_ghosts, 1);
    cr_assert_eq(referral->ghosts[0], cast.tom);
    expect_line(&cast, cast.ana, 2, "Tom Rieke did not act on R1 (Kestrel Bank) in time");
    expect_line(&cast, cast.tom, 5, "you did not act on R1");
    world_wait(cast.world, 90 * DAY_MS); /* for the next receiver, not for a time */
    expect_line(&cast, cast.ana, 2, "did not act");
    cast_free(&cast);
}

/* After the last attempt nobody else is asked: no line may promise it. */
Test(clocks, nobody_is_told_that_somebody_else_is_asked_before_that_is_known)
{
    struct cast cast = cast_new();
    cast.world->policy.offer_attempts = 1;
    uint64_t id = world_submit(cast.world, cast.ana, cast.prospect, cast.tom);
    world_wait(cast.world, 26 * HOUR_MS);
    expect_line(&cast, cast.tom, 2, "from you until 2026-11-24 13:00; it passes on after");
    world_wait(cast.world, 22 * HOUR_MS);
    expect_line(&cast, cast.tom, 3, "you did not act on R1 (Kestrel Bank) in time: it is not with you any more");
    expect_line(&cast, cast.ana, 2, "in time: it goes to somebody else, or to a manager");
    cr_assert_eq(world_reroute(cast.world), 1);
    expect_line(&cast, cast.ana, 3, "nobody could be found to take R1 (Kestrel Bank)");
    cr_assert(clock_is_managers(world_referral(cast.world, id)));
    cast_free(&cast);
}

Test(clocks, the_time_with_a_receiver_who_did_not_act_is_added_up)
{
    struct cast cast = cast_new();
    uint64_t ben = world_member(cast.world, "Ben Adler", VOUCH__V1__ROLE__REP, WORLD_HOME, "UK");
    uint64_t id = world_submit(cast.world, cast.ana, cast.prospect, cast.tom);
    world_wait(cast.world, DAY_MS);
    world_wait(cast.world, 2 * DAY_MS);
    cr_assert_eq(world_referral(cast.world, id)->state, STATE(GHOSTED));
    cr_assert_eq(world_referral(cast.world, id)->ghosted_ms, 0);
    cr_assert_eq(world_move(cast.world, cast.ana, id, VERB(OFFER), ben, 0), VOUCH_OK);
    cr_assert_eq(world_referral(cast.world, id)->ghosted_ms, 3 * DAY_MS);
    cr_assert_eq(world_referral(cast.world, id)->clock->member, ben);
    cr_assert_eq(world_referral(cast.world, id)->attempt, 2);
    world_wait(cast.world, DAY_MS);
    world_wait(cast.world, 7 * DAY_MS);
    cr_assert_eq(world_move(cast.world, cast.ana, id, VERB(OFFER), cast.tom, 0), VOUCH_OK);
    cr_assert_eq(world_referral(cast.world, id)->ghosted_ms, 11 * DAY_MS);
    cr_assert_eq(world_referral(cast.world, id)->n_ghosts, 2);
    cast_free(&cast);
}

/* Whatever was missed while the broker was down is one line; and nobody loses a referral of which they were not told
 * that it was late. */
Test(clocks, complaint_7_after_a_downtime_there_is_one_line_and_the_rest_of_the_time)
{
    struct cast cast = cast_new();
    uint64_t id = world_submit(cast.world, cast.ana, cast.prospect, cast.tom);
    world_wait(cast.world, 7 * DAY_MS);
    expect_line(&cast, cast.tom, 2, "is overdue");
    const Vouch__V1__Referral *referral = world_referral(cast.world, id);
    cr_assert_eq(referral->state, STATE(OFFERED));
    cr_assert_eq(referral->clock->pass_ms, cast.world->now_ms + 4 * HOUR_MS, "the rest of 150 %%, from now on");
    expect_obligations(&cast, 0, 1);
    world_wait(cast.world, 4 * HOUR_MS - 1);
    cr_assert_eq(world_referral(cast.world, id)->state, STATE(OFFERED));
    world_wait(cast.world, 1);
    cr_assert_eq(world_referral(cast.world, id)->state, STATE(GHOSTED));
    cast_free(&cast);
}

Test(clocks, an_answer_in_time_is_kept_and_a_late_one_was_missed)
{
    struct cast cast = cast_new();
    uint64_t declined = world_submit(cast.world, cast.ana, cast.prospect, cast.tom);
    uint64_t late = world_submit(cast.world, cast.ana, cast.prospect, cast.tom);
    cast.world->now_ms += 24 * HOUR_MS - 1;
    cast_move(&cast, cast.tom, declined, VERB(DECLINE)); /* in time, and honourable */
    expect_obligations(&cast, 1, 0);
    cast.world->now_ms += 1; /* and the timer has not looked yet */
    cast_move(&cast, cast.tom, late, VERB(ACCEPT));
    expect_obligations(&cast, 1, 1);
    expect_line(&cast, cast.nora, 1, "R2 (Kestrel Bank) waits for");
    cr_assert_eq(world_referral(cast.world, late)->state, STATE(ACCEPTED));
    cr_assert_eq(world_referral(cast.world, late)->clock->stage, STAGE(STAGE_NONE));
    cast_free(&cast);
}

Test(clocks, an_update_starts_the_clock_anew)
{
    struct cast cast = cast_new();
    uint64_t id = world_submit(cast.world, cast.ana, cast.prospect, cast.tom);
    cast_move(&cast, cast.tom, id, VERB(ACCEPT));
    cr_assert_eq(world_move(cast.world, cast.tom, id, VERB(UPDATE), 0, 0), VOUCH_CONFLICT);
    cast_move(&cast, cast.tom, id, VERB(CONTACT));
    int64_t due_ms = world_referral(cast.world, id)->due_ms;
    world_wait(cast.world, 7 * DAY_MS);
    cast_move(&cast, cast.tom, id, VERB(UPDATE));
    const Vouch__V1__Referral *referral = world_referral(cast.world, id);
    cr_assert_eq(referral->state, STATE(CONTACTED));
    cr_assert_eq(referral->due_ms, due_ms + 7 * DAY_MS);
    expect_line(&cast, cast.ana, 3, "Tom Rieke reports on R1 (Kestrel Bank): \"Thank you.");
    cr_assert_eq(world_move(cast.world, cast.ana, id, VERB(UPDATE), 0, 0), VOUCH_DENIED);
    cast_free(&cast);
}

Test(clocks, twice_a_clock_can_be_put_off_and_no_more)
{
    struct cast cast = cast_new();
    uint64_t id = world_submit(cast.world, cast.ana, cast.prospect, cast.tom);
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    Vouch__V1__ReferralMove snooze = VOUCH__V1__REFERRAL_MOVE__INIT;
    text.reason = "they merge until spring";
    snooze.referral = id;
    snooze.verb = VERB(SNOOZE);
    snooze.text = &text;
    const struct {
        int64_t until_ms;
        enum vouch_status status;
        const char *says;
    } rows[] = {
        {WORLD_NOON, VOUCH_INVALID, "in the future"},
        {WORLD_NOON + 91 * DAY_MS, VOUCH_INVALID, "by 90 days at most"},
        {WORLD_NOON + 90 * DAY_MS, VOUCH_OK, ""},
        {WORLD_NOON + 7 * DAY_MS, VOUCH_OK, ""},
        {WORLD_NOON + 8 * DAY_MS, VOUCH_CONFLICT, "2 times already since it is OFFERED"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snooze.until_ms = rows[i].until_ms;
        cr_assert_eq(world_try(cast.world, cast.tom, NULL, REQUEST_OF(REFERRAL_MOVE, referral_move, &snooze)),
                     rows[i].status, "row %zu: %s", i, cast.world->why.text);
        cr_assert(rows[i].status == VOUCH_OK || strstr(cast.world->why.text, rows[i].says) != NULL, "row %zu: %s", i,
                  cast.world->why.text);
    }
    expect_line(&cast, cast.ana, 2, "Tom Rieke puts R1 (Kestrel Bank) off until 2026-11-30: \"they merge");
    const Vouch__V1__Referral *referral = world_referral(cast.world, id);
    cr_assert_eq(referral->clock->snoozes, 2);
    cr_assert_eq(referral->due_ms, WORLD_NOON + 8 * DAY_MS); /* eight hours from then on */
    world_wait(cast.world, 7 * DAY_MS);
    expect_line(&cast, cast.tom, 1, "refers"); /* it does not run until then */
    world_wait(cast.world, 4 * HOUR_MS);
    expect_line(&cast, cast.tom, 2, "waits for a yes or a no from you until 2026-12-01 13:00");
    expect_obligations(&cast, 0, 0);
    cast_move(&cast, cast.tom, id, VERB(ACCEPT));
    cr_assert_eq(world_referral(cast.world, id)->clock->snoozes, 0, "another state, another count");
    expect_obligations(&cast, 1, 0);
    text.reason = "";
    snooze.until_ms = cast.world->now_ms + DAY_MS;
    cr_assert_eq(world_try(cast.world, cast.tom, NULL, REQUEST_OF(REFERRAL_MOVE, referral_move, &snooze)),
                 VOUCH_INVALID);
    cast_free(&cast);
}

Test(clocks, who_names_no_receiver_hears_of_it_and_then_one_is_looked_for)
{
    struct cast cast = cast_new();
    uint64_t id = world_submit(cast.world, cast.ana, cast.prospect, 0);
    world_wait(cast.world, 2 * DAY_MS);
    expect_line(&cast, cast.ana, 1, "R1 (Kestrel Bank) is overdue: it waited for a receiver from you");
    expect_line(&cast, cast.max, 1, "from Ana Sousa");
    world_wait(cast.world, 2 * DAY_MS);
    const Vouch__V1__Referral *referral = world_referral(cast.world, id);
    cr_assert_eq(referral->state, STATE(REGISTERED));
    cr_assert_eq(referral->clock->stage, STAGE(PASSED));
    cr_assert_not(clock_is_managers(referral));
    cr_assert_eq(obligations(&cast, cast.ana).missed, 0, "what counts is what receivers do");
    expect_line(&cast, cast.ana, 1, "is overdue");
    cast_free(&cast);
}

Test(clocks, a_review_that_nobody_makes_is_told_to_admins_again_and_again)
{
    struct cast cast = cast_new();
    Vouch__V1__PersonalData person = VOUCH__V1__PERSONAL_DATA__INIT;
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    person.name = "Ana Sousa"; /* the prospect seems to be the referrer */
    submit.prospect = cast.prospect;
    submit.new_contact = &person;
    submit.consent = true;
    uint64_t id = world_do(cast.world, cast.ana, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
    const Vouch__V1__Referral *referral = world_referral(cast.world, id);
    cr_assert_eq(referral->state, STATE(HELD));
    cr_assert_eq(referral->clock->member, cast.max);
    cr_assert(clock_is_managers(referral));
    world_wait(cast.world, 2 * DAY_MS);
    expect_line(&cast, cast.max, 1, "R1 (Kestrel Bank) is overdue: it waited for a review from you");
    expect_line(&cast, WORLD_ADMIN, 1, "waits for a review from Max Lutz");
    expect_line(&cast, cast.ana, 0, "");
    world_wait(cast.world, 7 * DAY_MS - 1);
    expect_line(&cast, WORLD_ADMIN, 1, "is overdue");
    world_wait(cast.world, 1);
    expect_line(&cast, WORLD_ADMIN, 2, "is overdue");
    world_wait(cast.world, 7 * DAY_MS);
    expect_line(&cast, WORLD_ADMIN, 3, "is overdue");
    expect_line(&cast, cast.max, 3, "is overdue");
    cr_assert_eq(world_referral(cast.world, id)->state, STATE(HELD));
    cast_free(&cast);
}

Test(clocks, a_lead_that_somebody_vouches_for_is_a_referral_and_back)
{
    struct cast cast = cast_new();
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    submit.prospect = cast.prospect;
    submit.consent = true;
    submit.receiver = cast.tom;
    uint64_t id = world_do(cast.world, cast.ana, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
    int64_t due_ms = world_referral(cast.world, id)->due_ms;
    cr_assert(world_referral(cast.world, id)->lead);
    cr_assert_eq(world_move(cast.world, cast.ana, id, VERB(DISOWN), 0, 0), VOUCH_CONFLICT);
    cr_assert_eq(world_move(cast.world, cast.tom, id, VERB(ATTEST), 0, 0), VOUCH_DENIED);
    cast.world->now_ms += HOUR_MS;
    cast_move(&cast, cast.ana, id, VERB(ATTEST));
    expect_line(&cast, cast.tom, 2, "Ana Sousa vouches for R1 (Kestrel Bank) now: \"we worked together");
    cr_assert_not(world_referral(cast.world, id)->lead);
    cr_assert_eq(world_referral(cast.world, id)->due_ms, due_ms, "the receiver's clock goes on");
    cr_assert_eq(world_move(cast.world, cast.ana, id, VERB(ATTEST), 0, 0), VOUCH_CONFLICT);
    cast_move(&cast, cast.tom, id, VERB(ACCEPT));
    cast_move(&cast, cast.ana, id, VERB(DISOWN));
    cr_assert(world_referral(cast.world, id)->lead);
    cr_assert_eq(world_referral(cast.world, id)->state, STATE(ACCEPTED));
    expect_line(&cast, cast.tom, 3, "does not vouch for R1 (Kestrel Bank) any more: it is a lead");
    cast_free(&cast);
}

/* A lead holds a claim only until somebody vouches; who takes a vouch back gives way to who waits with one. */
Test(clocks, a_claim_follows_the_vouch)
{
    struct cast cast = cast_new();
    uint64_t lena = world_member(cast.world, "Lena Voss", VOUCH__V1__ROLE__REP, WORLD_HOME, "Iberia");
    Vouch__V1__ReferralSubmit lead = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    lead.prospect = cast.prospect;
    lead.consent = true;
    cast.world->policy.protection_days = 90;
    uint64_t first = world_do(cast.world, cast.ana, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &lead));
    uint64_t second = world_do(cast.world, lena, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &lead));
    cr_assert_eq(world_referral(cast.world, second)->state, STATE(DUPLICATE_WAIT));
    cast_move(&cast, lena, second, VERB(ATTEST)); /* the first one is a lead that nobody works on */
    cr_assert_eq(world_referral(cast.world, second)->state, STATE(REGISTERED));
    cr_assert_eq(world_referral(cast.world, second)->claim->place, VOUCH__V1__CLAIM__PLACE__HOLDS);
    cr_assert_eq(world_referral(cast.world, first)->state, STATE(DUPLICATE_WAIT));
    cast_move(&cast, cast.ana, first, VERB(ATTEST)); /* too late: the second holds it, and is vouched for */
    cr_assert_eq(world_referral(cast.world, first)->state, STATE(DUPLICATE_WAIT));
    cast_move(&cast, lena, second, VERB(DISOWN));
    cr_assert_eq(world_referral(cast.world, first)->state, STATE(REGISTERED));
    cr_assert_eq(world_referral(cast.world, second)->state, STATE(DUPLICATE_WAIT));
    cast_move(&cast, cast.ana, first, VERB(OFFER));
    cast_move(&cast, cast.tom, first, VERB(ACCEPT));
    cast_move(&cast, cast.ana, first, VERB(DISOWN)); /* a receiver works on it: nobody is sent away */
    cast_move(&cast, lena, second, VERB(ATTEST));
    cr_assert_eq(world_referral(cast.world, first)->state, STATE(ACCEPTED));
    cr_assert_eq(world_referral(cast.world, second)->state, STATE(DUPLICATE_WAIT));
    cast_free(&cast);
}

Test(clocks, a_referral_that_only_stays_where_it_is_has_to_be_closed_one_day)
{
    struct cast cast = cast_new();
    char note[4001];
    uint64_t id = world_submit(cast.world, cast.ana, cast.prospect, cast.tom);
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    Vouch__V1__ReferralMove update = VOUCH__V1__REFERRAL_MOVE__INIT;
    memset(note, 'x', 4000);
    note[4000] = '\0';
    text.note = note;
    update.referral = id;
    update.verb = VERB(UPDATE);
    update.text = &text;
    cast_move(&cast, cast.tom, id, VERB(ACCEPT));
    cast_move(&cast, cast.tom, id, VERB(CONTACT));
    for (size_t steps = 3; steps < LIMIT_REFERRAL_STEPS; steps++) {
        cr_assert_eq(world_try(cast.world, cast.tom, NULL, REQUEST_OF(REFERRAL_MOVE, referral_move, &update)),
                     VOUCH_OK);
    }
    cr_assert_eq(world_try(cast.world, cast.tom, NULL, REQUEST_OF(REFERRAL_MOVE, referral_move, &update)),
                 VOUCH_CONFLICT);
    cr_assert_not_null(strstr(cast.world->why.text, "move it on, or close it"), "%s", cast.world->why.text);
    Vouch__V1__Reply reply = VOUCH__V1__REPLY__INIT;
    Vouch__V1__ReferralGet get = VOUCH__V1__REFERRAL_GET__INIT;
    get.referral = id;
    cr_assert_eq(world_ask(cast.world, cast.ana, REQUEST_OF(REFERRAL_GET, referral_get, &get), &reply), VOUCH_OK);
    const Vouch__V1__Referral *told = reply.referral->referral;
    cr_assert_eq(told->n_steps, LIMIT_REFERRAL_STEPS);
    cr_assert_null(told->steps[3]->text, "the oldest words do not fit");
    cr_assert_str_eq(told->steps[LIMIT_REFERRAL_STEPS - 1]->text->note, note);
    cast_move(&cast, cast.tom, id, VERB(MEET));
    cast_free(&cast);
}
