/* SPDX-License-Identifier: Apache-2.0
 *
 * Working calendars: clocks run in them, follow them while they can, and nobody sets one that makes no sense. */
#include "clock_cast.h"

#include "domain/day.h"

#include <criterion/criterion.h>
#include <string.h>

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

Test(calendars, complaint_7_clocks_run_in_the_receivers_calendar)
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

Test(calendars, a_calendar_changes_clocks_that_start_later)
{
    struct cast cast = cast_new();
    static const uint32_t off[] = {20261124};
    uint64_t before = world_submit(cast.world, cast.ana, cast.prospect, cast.tom);
    cr_assert_eq(set_calendar(&cast, cast.nora, cast.tom, "", 0, NULL, 1, off), VOUCH_OK, "a manager may");
    expect_line(&cast, cast.tom, 2, "Nora Lind set your working calendar");
    uint64_t after = world_submit(cast.world, cast.ana, cast.prospect, cast.tom);
    cr_assert_eq(world_referral(cast.world, before)->due_ms, WORLD_NOON + DAY_MS, "until its next moment");
    cr_assert_eq(world_referral(cast.world, after)->due_ms, WORLD_NOON + 2 * DAY_MS);
    cast_free(&cast);
}

/* Tom falls ill on Monday evening, says so, and is back on Thursday: nothing was overdue. */
Test(calendars, an_absence_said_in_time_moves_the_clocks_that_run)
{
    struct cast cast = cast_new();
    static const uint32_t off[] = {20261124, 20261125};
    uint64_t id = world_submit(cast.world, cast.ana, cast.prospect, cast.tom);
    world_wait(cast.world, 4 * HOUR_MS); /* half of it is over */
    expect_line(&cast, cast.tom, 2, "");
    cr_assert_eq(set_calendar(&cast, cast.tom, 0, "", 0, NULL, 2, off), VOUCH_OK);
    world_wait(cast.world, 3 * DAY_MS - 5 * HOUR_MS); /* Thursday, 12:00 in Berlin */
    const Vouch__V1__Clock *clock = world_referral(cast.world, id)->clock;
    cr_assert_eq(clock->due_ms, WORLD_NOON + 3 * DAY_MS);
    cr_assert_eq(clock->stage, STAGE(HALF));
    expect_line(&cast, cast.tom, 2, "");
    expect_obligations(&cast, 0, 0);
    world_wait(cast.world, 30 * 60000);
    expect_line(&cast, cast.tom, 3, "");
    cast_move(&cast, cast.tom, id, VERB(ACCEPT));
    expect_obligations(&cast, 1, 0);
    cast_free(&cast);
}

/* The timer of the last moment has not fired yet when he answers. */
Test(calendars, who_answers_after_an_absence_before_the_timer_is_in_time)
{
    struct cast cast = cast_new();
    static const uint32_t off[] = {20261124};
    uint64_t id = world_submit(cast.world, cast.ana, cast.prospect, cast.tom);
    cr_assert_eq(set_calendar(&cast, cast.tom, 0, "", 0, NULL, 1, off), VOUCH_OK);
    cast.world->now_ms += DAY_MS + HOUR_MS;
    cast_move(&cast, cast.tom, id, VERB(ACCEPT));
    expect_obligations(&cast, 1, 0);
    cast_free(&cast);
}

/* What is overdue stays so, and the rest until somebody else is asked is that of the rule, whatever days are off. */
Test(calendars, an_absence_said_too_late_moves_nothing)
{
    struct cast cast = cast_new();
    static const uint32_t off[] = {20261124};
    uint64_t id = world_submit(cast.world, cast.ana, cast.prospect, cast.tom);
    world_wait(cast.world, DAY_MS + HOUR_MS);
    expect_obligations(&cast, 0, 1);
    const Vouch__V1__Clock *clock = world_referral(cast.world, id)->clock;
    cr_assert_eq(clock->stage, STAGE(OVERDUE));
    int64_t pass_ms = clock->pass_ms;
    cr_assert_eq(set_calendar(&cast, cast.tom, 0, "", 0, NULL, 1, off), VOUCH_OK);
    world_wait(cast.world, pass_ms - cast.world->now_ms - 1);
    cr_assert_eq(world_referral(cast.world, id)->state, STATE(OFFERED));
    world_wait(cast.world, 1);
    cr_assert_eq(world_referral(cast.world, id)->state, STATE(GHOSTED));
    cast_free(&cast);
}

/* Half a day was left from 100 to 150 %; the day it would have been on is off now. */
Test(calendars, nobody_is_passed_over_unheard_though_days_are_off)
{
    struct cast cast = cast_new();
    static const uint32_t off[] = {20261123, 20261124};
    uint64_t id = world_submit(cast.world, cast.ana, cast.prospect, cast.tom);
    cr_assert_eq(set_calendar(&cast, cast.tom, 0, "", 0, NULL, 2, off), VOUCH_OK);
    world_wait(cast.world, 7 * DAY_MS);
    const Vouch__V1__Clock *clock = world_referral(cast.world, id)->clock;
    cr_assert_eq(clock->stage, STAGE(OVERDUE));
    cr_assert_eq(clock->pass_ms, cast.world->now_ms + 4 * HOUR_MS);
    cast_free(&cast);
}

/* Days off from tomorrow on. */
static void leave_for_a_year(struct cast *cast, uint64_t member)
{
    uint32_t off[365];
    for (size_t i = 0; i < sizeof off / sizeof off[0]; i++) {
        off[i] = day_of("Europe/Berlin", cast->world->now_ms + (int64_t)(i + 1) * DAY_MS);
    }
    cr_assert_eq(set_calendar(cast, member, 0, "", 0, NULL, sizeof off / sizeof off[0], off), VOUCH_OK, "%s",
                 cast->world->why.text);
}

Test(calendars, complaint_11_a_year_off_puts_a_clock_off_no_further_than_a_snooze)
{
    struct cast cast = cast_new();
    leave_for_a_year(&cast, cast.tom);
    uint64_t id = world_submit(cast.world, cast.ana, cast.prospect, cast.tom);
    const Vouch__V1__Clock *clock = world_referral(cast.world, id)->clock;
    cr_assert_eq(clock->half_ms, WORLD_NOON + 4 * HOUR_MS, "before he leaves");
    cr_assert_eq(clock->due_ms, WORLD_NOON + 24 * HOUR_MS + 90 * DAY_MS);
    world_wait(cast.world, clock->due_ms - cast.world->now_ms);
    expect_line(&cast, cast.ana, 1, "from Tom Rieke");
    expect_line(&cast, cast.nora, 1, "from Tom Rieke");
    clock = world_referral(cast.world, id)->clock;
    cr_assert_eq(clock->pass_ms, WORLD_NOON + 28 * HOUR_MS + 90 * DAY_MS, "and not another 90 days after");
    world_wait(cast.world, 4 * HOUR_MS);
    cr_assert_eq(world_referral(cast.world, id)->state, STATE(GHOSTED));
    cast_free(&cast);
}

Test(calendars, complaint_11_a_manager_who_is_away_for_a_year_keeps_no_queue)
{
    struct cast cast = cast_new();
    cast.world->policy.offer_attempts = 1;
    leave_for_a_year(&cast, cast.max);
    uint64_t id = world_submit(cast.world, cast.ana, cast.prospect, cast.tom);
    world_wait(cast.world, DAY_MS);
    world_wait(cast.world, DAY_MS);
    cr_assert_eq(world_referral(cast.world, id)->state, STATE(GHOSTED));
    cr_assert_eq(world_reroute(cast.world), 1);
    cr_assert(clock_is_managers(world_referral(cast.world, id)));
    cr_assert_lt(world_referral(cast.world, id)->clock->due_ms, cast.world->now_ms + 94 * DAY_MS);
    world_wait(cast.world, 94 * DAY_MS);
    expect_line(&cast, WORLD_ADMIN, 1, "waits for a receiver from Max");
    cast_free(&cast);
}

Test(calendars, a_calendar_that_makes_no_sense_is_refused)
{
    struct cast cast = cast_new();
    static const uint32_t never[14] = {0}, minute[14] = {540, 541}, night[14] = {1320, 360}, empty[14] = {540, 540},
                          few[2] = {540, 1020};
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
        {cast.tom, 0, "", 14, never, 0, NULL, VOUCH_INVALID, "less than an hour of work"},
        {cast.tom, 0, "", 14, minute, 0, NULL, VOUCH_INVALID, "less than an hour of work"},
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
