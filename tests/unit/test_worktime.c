/* SPDX-License-Identifier: Apache-2.0
 *
 * Working time: moments worked out by hand, and thousands of random ones against a count minute by minute that knows
 * nothing of days. Complaint 7 of the field: "the deadline failed the minute it was created, holidays were counted, and
 * reminders were right in one time zone only". */
#include "domain/worktime.h"
#include "domain/zone.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

static int64_t utc(int year, int month, int day, int hour, int minute)
{
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour, .tm_min = minute};
    return (int64_t)timegm(&tm) * 1000;
}

struct row {
    const char *what;
    const char *zone;
    const char *hours; /* NULL: Monday to Friday, 9:00 to 17:00; else every day from and to, as minutes */
    uint32_t off[4];
    int64_t start_ms;
    int64_t work_ms;
    int64_t end_ms;
};

static struct work_calendar calendar_of(const struct row *row)
{
    struct work_calendar calendar = work_default(row->zone);
    if (row->hours != NULL) {
        char *rest;
        uint16_t from = (uint16_t)strtol(row->hours, &rest, 10);
        uint16_t to = (uint16_t)strtol(rest, NULL, 10);
        for (size_t i = 0; i < 14; i += 2) {
            calendar.hours[i] = from;
            calendar.hours[i + 1] = to;
        }
    }
    calendar.off = row->off;
    while (calendar.off_count < 4 && row->off[calendar.off_count] != 0) {
        calendar.off_count++;
    }
    return calendar;
}

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct work_calendar calendar = calendar_of(&rows[i]);
        int64_t end_ms = work_add(&calendar, rows[i].start_ms, rows[i].work_ms);
        cr_expect_eq(end_ms, rows[i].end_ms, "%s: %lld minutes off", rows[i].what,
                     (long long)((end_ms - rows[i].end_ms) / MINUTE_MS));
        cr_expect_eq(work_between(&calendar, rows[i].start_ms, end_ms), rows[i].work_ms, "%s: between", rows[i].what);
    }
}

/* 2026-11-23 is a Monday. */
Test(worktime, complaint_7_a_deadline_is_in_the_hours_of_who_has_to_act)
{
    const struct row rows[] = {
        {"in the morning", "UTC", NULL, {0}, utc(2026, 11, 23, 9, 0), 8 * HOUR_MS, utc(2026, 11, 23, 17, 0)},
        {"at noon: the rest of it tomorrow",
         "UTC",
         NULL,
         {0},
         utc(2026, 11, 23, 12, 0),
         8 * HOUR_MS,
         utc(2026, 11, 24, 12, 0)},
        {"a minute before the end of the day",
         "UTC",
         NULL,
         {0},
         utc(2026, 11, 23, 16, 59),
         8 * HOUR_MS,
         utc(2026, 11, 24, 16, 59)},
        {"at night", "UTC", NULL, {0}, utc(2026, 11, 23, 23, 0), 8 * HOUR_MS, utc(2026, 11, 24, 17, 0)},
        {"on Friday evening", "UTC", NULL, {0}, utc(2026, 11, 27, 18, 0), HOUR_MS, utc(2026, 11, 30, 10, 0)},
        {"over Christmas",
         "Europe/Berlin",
         NULL,
         {20261224, 20261225, 20270101},
         utc(2026, 12, 23, 15, 0),
         8 * HOUR_MS,
         utc(2026, 12, 28, 15, 0)},
        {"while away for two days",
         "UTC",
         NULL,
         {20261124, 20261125},
         utc(2026, 11, 23, 16, 0),
         2 * HOUR_MS,
         utc(2026, 11, 26, 10, 0)},
        {"the same moment in New York",
         "America/New_York",
         NULL,
         {0},
         utc(2026, 11, 23, 12, 0),
         8 * HOUR_MS,
         utc(2026, 11, 23, 22, 0)},
        {"in Kolkata it is evening",
         "Asia/Kolkata",
         NULL,
         {0},
         utc(2026, 11, 23, 12, 0),
         HOUR_MS,
         utc(2026, 11, 24, 4, 30)},
        {"in Kathmandu", "Asia/Kathmandu", NULL, {0}, utc(2026, 11, 23, 12, 0), HOUR_MS, utc(2026, 11, 24, 4, 15)},
        {"in Auckland it is tomorrow",
         "Pacific/Auckland",
         NULL,
         {0},
         utc(2026, 11, 23, 12, 0),
         HOUR_MS,
         utc(2026, 11, 23, 21, 0)},
        {"nothing to do", "UTC", NULL, {0}, utc(2026, 11, 28, 12, 0), 0, utc(2026, 11, 28, 12, 0)},
    };
    check_rows(rows, sizeof rows / sizeof rows[0]);
}

Test(worktime, the_change_of_the_clocks_costs_nobody_an_hour)
{
    const struct row rows[] = {
        {"spring, over the week-end",
         "Europe/Berlin",
         NULL,
         {0},
         utc(2027, 3, 26, 15, 0),
         2 * HOUR_MS,
         utc(2027, 3, 29, 8, 0)},
        {"autumn, over the week-end",
         "Europe/Berlin",
         NULL,
         {0},
         utc(2026, 10, 23, 14, 0),
         2 * HOUR_MS,
         utc(2026, 10, 26, 9, 0)},
        {"round the clock, in spring: 23 hours",
         "Europe/Berlin",
         "0 1440",
         {0},
         utc(2027, 3, 27, 23, 0),
         23 * HOUR_MS,
         utc(2027, 3, 28, 22, 0)},
        {"round the clock, in autumn: 25 hours",
         "Europe/Berlin",
         "0 1440",
         {0},
         utc(2026, 10, 24, 22, 0),
         25 * HOUR_MS,
         utc(2026, 10, 25, 23, 0)},
        {"work that starts in the hour that is not there",
         "Europe/Berlin",
         "150 300",
         {0},
         utc(2027, 3, 28, 0, 0),
         HOUR_MS,
         utc(2027, 3, 28, 2, 0)},
        {"half an hour, on Lord Howe",
         "Australia/Lord_Howe",
         "0 1440",
         {0},
         utc(2026, 10, 3, 13, 30),
         23 * HOUR_MS + 30 * MINUTE_MS,
         utc(2026, 10, 4, 13, 0)},
        {"the day that Samoa skipped",
         "Pacific/Apia",
         "540 1020",
         {0},
         utc(2011, 12, 30, 2, 0),
         2 * HOUR_MS,
         utc(2011, 12, 30, 20, 0)},
    };
    check_rows(rows, sizeof rows / sizeof rows[0]);
}

/* Whatever a calendar is, a clock in it ends. */
Test(worktime, without_any_work_a_clock_ends_with_the_horizon)
{
    int64_t start_ms = utc(2026, 11, 23, 12, 0);
    const struct row never = {.zone = "UTC", .hours = "0 0"};
    struct work_calendar calendar = calendar_of(&never);
    cr_assert_eq(work_add(&calendar, start_ms, HOUR_MS), start_ms + WORK_HORIZON_DAYS * DAY_MS);
    cr_assert_eq(work_between(&calendar, start_ms, start_ms + 90 * DAY_MS), 0);
    cr_assert_eq(work_between(&calendar, 0, INT64_MAX), 0);
    cr_assert_eq(work_day_ms(&calendar), 8 * HOUR_MS);
}

Test(worktime, four_hundred_days_off_in_a_row_are_waited_for)
{
    static uint32_t off[400];
    char text[ZONE_TEXT_BYTES];
    int64_t start_ms = utc(2026, 11, 23, 0, 0);
    for (int i = 0; i < 400; i++) {
        int year, month, day;
        zone_text(text, "UTC", start_ms + i * DAY_MS, false);
        cr_assert_eq(sscanf(text, "%d-%d-%d", &year, &month, &day), 3);
        off[i] = (uint32_t)(year * 10000 + month * 100 + day);
    }
    struct work_calendar calendar = work_default("UTC");
    calendar.off = off;
    calendar.off_count = 400;
    cr_assert_eq(work_add(&calendar, start_ms, HOUR_MS), utc(2027, 12, 28, 10, 0)); /* a Tuesday */
}

Test(worktime, a_working_day_is_the_mean_of_the_week)
{
    struct work_calendar calendar = work_default("UTC");
    cr_assert_eq(work_day_ms(&calendar), 8 * HOUR_MS);
    calendar.hours[10] = 540; /* and Saturday from nine to twelve */
    calendar.hours[11] = 720;
    cr_assert_eq(work_day_ms(&calendar), 43 * HOUR_MS / 6);
}

Test(worktime, several_amounts_in_one_walk_are_those_of_several)
{
    struct work_calendar calendar = work_default("Europe/Berlin");
    const int64_t amounts[5] = {0, 4 * HOUR_MS, 8 * HOUR_MS, 8 * HOUR_MS, 112 * HOUR_MS};
    int64_t moments[5];
    int64_t start_ms = utc(2026, 3, 27, 13, 17);
    work_add_each(&calendar, start_ms, 5, amounts, moments);
    for (size_t i = 0; i < 5; i++) {
        cr_assert_eq(moments[i], work_add(&calendar, start_ms, amounts[i]), "amount %zu", i);
    }
}

/* ---- against a count by minutes ---- */

/* A minute counts when the clocks there show working hours of a day that is not off. */
static bool is_work(const struct work_calendar *calendar, int64_t minute_ms)
{
    int64_t local_ms = zone_local_ms(zone_get(calendar->zone), minute_ms);
    int64_t day = local_ms / DAY_MS, minute = local_ms % DAY_MS / MINUTE_MS;
    size_t weekday = (size_t)((day + 3) % 7);
    time_t seconds = (time_t)(day * 86400);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    uint32_t date = (uint32_t)((tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday);
    for (size_t i = 0; i < calendar->off_count; i++) {
        if (calendar->off[i] == date) {
            return false;
        }
    }
    return minute >= calendar->hours[2 * weekday] && minute < calendar->hours[2 * weekday + 1];
}

Test(worktime, random_calendars_agree_with_a_count_minute_by_minute)
{
    static const char *const zones[] = {"UTC",          "Europe/Berlin",    "America/New_York",
                                        "Asia/Kolkata", "Pacific/Auckland", "America/Sao_Paulo",
                                        "Asia/Tehran"};
    srandom(7);
    for (int round = 0; round < 300; round++) {
        struct work_calendar calendar = {.zone = zones[random() % 7]};
        uint32_t off[2] = {(uint32_t)(20270320 + random() % 12), 20270401};
        for (size_t i = 0; i < 14; i += 2) {
            bool works = random() % 4 > 0;
            uint16_t starts = (uint16_t)(180 + random() % 500); /* nobody starts at the change itself */
            uint16_t ends = (uint16_t)(starts + 30 + random() % 600);
            calendar.hours[i] = works ? starts : (uint16_t)0;
            calendar.hours[i + 1] = works ? ends : (uint16_t)0;
        }
        calendar.hours[4] = 480;
        calendar.hours[5] = 960;
        calendar.off = off;
        calendar.off_count = 2;
        int64_t start_ms = utc(2027, 3, 15, 0, 0) + random() % (20 * 1440) * MINUTE_MS;
        int64_t minutes = 1 + random() % 4000, left = minutes;
        int64_t at_ms = start_ms;
        for (; left > 0; at_ms += MINUTE_MS) {
            left -= is_work(&calendar, at_ms) ? 1 : 0;
        }
        int64_t end_ms = work_add(&calendar, start_ms, minutes * MINUTE_MS);
        cr_assert_eq(end_ms, at_ms, "round %d, %s: %lld minutes off", round, calendar.zone,
                     (long long)((end_ms - at_ms) / MINUTE_MS));
        cr_assert_eq(work_between(&calendar, start_ms, end_ms), minutes * MINUTE_MS, "round %d: between", round);
        int64_t past_ms = end_ms + random() % (2 * DAY_MS);
        cr_assert_eq(work_between(&calendar, start_ms, past_ms),
                     minutes * MINUTE_MS + work_between(&calendar, end_ms, past_ms), "round %d: in parts", round);
    }
}
