/* SPDX-License-Identifier: Apache-2.0
 *
 * Clocks of referrals in a world: who is told what and when, what counts for and against a receiver, what passes to
 * somebody else, and what happens after a downtime. Noon of the world is Monday, 13:00 in Berlin, where all work. */
#include "apply/clocks.h"
#include "domain/day.h"
#include "world.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define STATE(name) VOUCH__V1__REFERRAL_STATE__##name
#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name
#define STAGE(name) VOUCH__V1__CLOCK__STAGE__##name
#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)

struct cast {
    struct world *world;
    uint64_t ana;  /* refers; of DACH */
    uint64_t max;  /* manages DACH */
    uint64_t tom;  /* receives; of Nordics */
    uint64_t nora; /* manages Nordics */
    uint64_t prospect;
};

static struct cast cast_new(void)
{
    struct cast cast = {.world = world_new()};
    cast.ana = world_member(cast.world, "Ana Sousa", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    cast.max = world_member(cast.world, "Max Lutz", VOUCH__V1__ROLE__MANAGER, WORLD_HOME, "DACH");
    cast.tom = world_member(cast.world, "Tom Rieke", VOUCH__V1__ROLE__REP, WORLD_HOME, "Nordics");
    cast.nora = world_member(cast.world, "Nora Lind", VOUCH__V1__ROLE__MANAGER, WORLD_HOME, "Nordics");
    cast.prospect = world_company(cast.world, "Kestrel Bank", "kestrel.example", VOUCH__V1__COMPANY_KIND__PROSPECT);
    return cast;
}

static void cast_free(struct cast *cast)
{
    world_verify(cast->world);
    world_free(&cast->world);
}

static void move(struct cast *cast, uint64_t member, uint64_t id, Vouch__V1__ReferralVerb verb)
{
    cr_assert_eq(world_move(cast->world, member, id, verb, cast->tom, 4800000), VOUCH_OK, "%s", cast->world->why.text);
}

/* Lines in a member's inbox, and the newest one's sentence. */
static size_t lines(struct cast *cast, uint64_t member, char newest[300])
{
    Vouch__V1__Reply reply = VOUCH__V1__REPLY__INIT;
    Vouch__V1__InboxPage ask = VOUCH__V1__INBOX_PAGE__INIT;
    cr_assert_eq(world_ask(cast->world, member, REQUEST_OF(INBOX_PAGE, inbox_page, &ask), &reply), VOUCH_OK);
    size_t count = reply.notices->n_notices;
    snprintf(newest, 300, "%s", count == 0 ? "" : reply.notices->notices[count - 1]->text);
    return count;
}

static void expect_line(struct cast *cast, uint64_t member, size_t count, const char *says)
{
    char newest[300];
    size_t is = lines(cast, member, newest);
    cr_assert_eq(is, count, "member %d has %zu lines, not %zu; the last: %s", (int)member, is, count, newest);
    cr_assert_not_null(strstr(newest, says), "\"%s\" does not say \"%s\"", newest, says);
}

static struct obligation obligations(struct cast *cast, uint64_t member)
{
    struct obligation sum = {0, 0};
    struct slice key, value;
    struct view *view = state_write_view(cast->world->store, &cast->world->why);
    struct cursor *cursor = cursor_open(view, TABLE_OBLIGATION);
    for (bool row = cursor_seek(cursor, SLICE_NONE, &key, &value); row; row = cursor_next(cursor, &key, &value)) {
        struct obligation one = obligation_read(value);
        sum.kept += slice_u64(key, 0) == member ? one.kept : 0;
        sum.missed += slice_u64(key, 0) == member ? one.missed : 0;
    }
    cursor_close(&cursor);
    return sum;
}

static void expect_obligations(struct cast *cast, uint32_t kept, uint32_t missed)
{
    struct obligation is = obligations(cast, cast->tom);
    cr_assert_eq(is.kept, kept, "kept %u", is.kept);
    cr_assert_eq(is.missed, missed, "missed %u", is.missed);
}

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
            move(&cast, rows[i].by == 1 ? cast.ana : cast.tom, id, rows[i].verb);
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
    move(&cast, cast.tom, declined, VERB(DECLINE)); /* in time, and honourable */
    expect_obligations(&cast, 1, 0);
    cast.world->now_ms += 1; /* and the timer has not looked yet */
    move(&cast, cast.tom, late, VERB(ACCEPT));
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
    move(&cast, cast.tom, id, VERB(ACCEPT));
    cr_assert_eq(world_move(cast.world, cast.tom, id, VERB(UPDATE), 0, 0), VOUCH_CONFLICT);
    move(&cast, cast.tom, id, VERB(CONTACT));
    int64_t due_ms = world_referral(cast.world, id)->due_ms;
    world_wait(cast.world, 7 * DAY_MS);
    move(&cast, cast.tom, id, VERB(UPDATE));
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
    move(&cast, cast.tom, id, VERB(ACCEPT));
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
    move(&cast, cast.ana, id, VERB(ATTEST));
    expect_line(&cast, cast.tom, 2, "Ana Sousa vouches for R1 (Kestrel Bank) now: \"we worked together");
    cr_assert_not(world_referral(cast.world, id)->lead);
    cr_assert_eq(world_referral(cast.world, id)->due_ms, due_ms, "the receiver's clock goes on");
    cr_assert_eq(world_move(cast.world, cast.ana, id, VERB(ATTEST), 0, 0), VOUCH_CONFLICT);
    move(&cast, cast.tom, id, VERB(ACCEPT));
    move(&cast, cast.ana, id, VERB(DISOWN));
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
    move(&cast, lena, second, VERB(ATTEST)); /* the first one is a lead that nobody works on */
    cr_assert_eq(world_referral(cast.world, second)->state, STATE(REGISTERED));
    cr_assert_eq(world_referral(cast.world, second)->claim->place, VOUCH__V1__CLAIM__PLACE__HOLDS);
    cr_assert_eq(world_referral(cast.world, first)->state, STATE(DUPLICATE_WAIT));
    move(&cast, cast.ana, first, VERB(ATTEST)); /* too late: the second holds it, and is vouched for */
    cr_assert_eq(world_referral(cast.world, first)->state, STATE(DUPLICATE_WAIT));
    move(&cast, lena, second, VERB(DISOWN));
    cr_assert_eq(world_referral(cast.world, first)->state, STATE(REGISTERED));
    cr_assert_eq(world_referral(cast.world, second)->state, STATE(DUPLICATE_WAIT));
    move(&cast, cast.ana, first, VERB(OFFER));
    move(&cast, cast.tom, first, VERB(ACCEPT));
    move(&cast, cast.ana, first, VERB(DISOWN)); /* a receiver works on it: nobody is sent away */
    move(&cast, lena, second, VERB(ATTEST));
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
    move(&cast, cast.tom, id, VERB(ACCEPT));
    move(&cast, cast.tom, id, VERB(CONTACT));
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
    move(&cast, cast.tom, id, VERB(MEET));
    cast_free(&cast);
}

/* ---- calendars ---- */

static enum vouch_status set_calendar(struct cast *cast, uint64_t actor, uint64_t member, const char *zone,
                                      size_t hour_count, const uint32_t *hours, size_t off_count, const uint32_t *off)
{
    Vouch__V1__WorkCalendar calendar = VOUCH__V1__WORK_CALENDAR__INIT;
    Vouch__V1__CalendarSetting setting = VOUCH__V1__CALENDAR_SETTING__INIT;
    calendar.zone = (char *)(uintptr_t)zone;
    calendar.n_hours = hour_count;
    calendar.hours = (uint32_t *)(uintptr_t)hours;
    calendar.n_days_off = off_count;
    calendar.days_off = (uint32_t *)(uintptr_t)off;
    setting.member = member;
    setting.calendar = &calendar;
    return world_try(cast->world, actor, NULL, REQUEST_OF(CALENDAR_SET, calendar_set, &setting));
}

Test(clocks, complaint_7_clocks_run_in_the_receivers_calendar)
{
    struct cast cast = cast_new();
    static const uint32_t off[] = {20261125, 20261126};
    static const uint32_t mornings[14] = {480, 720, 480, 720, 480, 720, 480, 720, 480, 720};
    cr_assert_eq(set_calendar(&cast, cast.tom, 0, "America/New_York", 14, mornings, 2, off), VOUCH_OK);
    uint64_t id = world_submit(cast.world, cast.ana, cast.prospect, cast.tom);
    /* Monday 7:00 in New York: four hours today, four tomorrow; half as much again on Friday. */
    const Vouch__V1__Clock *clock = world_referral(cast.world, id)->clock;
    cr_assert_eq(clock->half_ms, WORLD_NOON + 5 * HOUR_MS);
    cr_assert_eq(clock->due_ms, WORLD_NOON + 29 * HOUR_MS);
    cr_assert_eq(clock->pass_ms, WORLD_NOON + 4 * DAY_MS + 5 * HOUR_MS);
    world_wait(cast.world, 29 * HOUR_MS);
    expect_line(&cast, cast.tom, 2, "until 2026-11-24 12:00");  /* as his clock shows it */
    expect_line(&cast, cast.ana, 1, "due at 2026-11-24 18:00"); /* as hers does */
    cast_free(&cast);
}

Test(clocks, a_calendar_changes_clocks_that_start_later)
{
    struct cast cast = cast_new();
    static const uint32_t off[] = {20261124};
    uint64_t before = world_submit(cast.world, cast.ana, cast.prospect, cast.tom);
    cr_assert_eq(set_calendar(&cast, cast.nora, cast.tom, "", 0, NULL, 1, off), VOUCH_OK, "a manager may");
    expect_line(&cast, cast.tom, 2, "Nora Lind set your working calendar");
    uint64_t after = world_submit(cast.world, cast.ana, cast.prospect, cast.tom);
    cr_assert_eq(world_referral(cast.world, before)->due_ms, WORLD_NOON + DAY_MS);
    cr_assert_eq(world_referral(cast.world, after)->due_ms, WORLD_NOON + 2 * DAY_MS);
    cast_free(&cast);
}

Test(clocks, a_calendar_that_makes_no_sense_is_refused)
{
    struct cast cast = cast_new();
    static const uint32_t never[14] = {0}, night[14] = {1320, 360}, empty[14] = {540, 540}, few[2] = {540, 1020};
    static const uint32_t february[] = {20270229}, backwards[] = {20270102, 20270101}, twice[] = {20270101, 20270101};
    const struct {
        uint64_t actor, member;
        const char *zone;
        size_t hour_count;
        const uint32_t *hours;
        size_t off_count;
        const uint32_t *off;
        enum vouch_status status;
        const char *says;
    } rows[] = {
        {cast.tom, 0, "Europe/Atlantis", 0, NULL, 0, NULL, VOUCH_INVALID, "no such time zone"},
        {cast.tom, 0, "../../etc/passwd", 0, NULL, 0, NULL, VOUCH_INVALID, "no such time zone"},
        {cast.tom, 0, "", 14, never, 0, NULL, VOUCH_INVALID, "without any work"},
        {cast.tom, 0, "", 14, night, 0, NULL, VOUCH_INVALID, "Monday ends before it starts"},
        {cast.tom, 0, "", 14, empty, 0, NULL, VOUCH_INVALID, "Monday ends before it starts"},
        {cast.tom, 0, "", 2, few, 0, NULL, VOUCH_INVALID, "14 hours"},
        {cast.tom, 0, "", 0, NULL, 1, february, VOUCH_INVALID, "20270229: no such day"},
        {cast.tom, 0, "", 0, NULL, 2, backwards, VOUCH_INVALID, "in order"},
        {cast.tom, 0, "", 0, NULL, 2, twice, VOUCH_INVALID, "in order"},
        {cast.ana, cast.tom, "UTC", 0, NULL, 0, NULL, VOUCH_DENIED, "Tom Rieke"},
        {cast.max, cast.tom, "UTC", 0, NULL, 0, NULL, VOUCH_DENIED, "Tom Rieke"},
        {cast.ana, 99, "UTC", 0, NULL, 0, NULL, VOUCH_NOT_FOUND, "no such member"},
        {WORLD_ADMIN, cast.tom, "UTC", 0, NULL, 0, NULL, VOUCH_OK, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_assert_eq(set_calendar(&cast, rows[i].actor, rows[i].member, rows[i].zone, rows[i].hour_count, rows[i].hours,
                                  rows[i].off_count, rows[i].off),
                     rows[i].status, "row %zu: %s", i, cast.world->why.text);
        cr_assert(rows[i].status == VOUCH_OK || strstr(cast.world->why.text, rows[i].says) != NULL, "row %zu: %s", i,
                  cast.world->why.text);
    }
    cast_free(&cast);
}
