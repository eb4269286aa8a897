/* SPDX-License-Identifier: Apache-2.0
 *
 * Months and days in time zones, against moments worked out by hand from the zones' published rules. */
#include "domain/zone.h"

#include <criterion/criterion.h>

#define HOUR_MS INT64_C(3600000)
#define NOV_1_2026_MS INT64_C(1793491200000) /* 2026-11-01 00:00 UTC, a Sunday */
#define APR_1_2026_MS INT64_C(1775001600000)

/* A month begins at local midnight, in winter and in summer. */
Test(zone, a_month_begins_where_its_company_is)
{
    static const struct {
        const char *zone;
        uint32_t month;
        int64_t start_ms;
    } rows[] = {
        {"UTC", 202611, NOV_1_2026_MS},
        {"Europe/Berlin", 202611, NOV_1_2026_MS - 1 * HOUR_MS},
        {"Europe/Berlin", 202604, APR_1_2026_MS - 2 * HOUR_MS},
        {"America/New_York", 202611, NOV_1_2026_MS + 4 * HOUR_MS}, /* the day the clocks go back, later that night */
        {"Asia/Kolkata", 202611, NOV_1_2026_MS - 11 * HOUR_MS / 2},
        {"Pacific/Auckland", 202604, APR_1_2026_MS - 13 * HOUR_MS},
        {"Nowhere/AtAll", 202611, NOV_1_2026_MS},
        {"UTC", MONTH_LEAST, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_assert_eq(zone_month_start_ms(rows[i].zone, rows[i].month), rows[i].start_ms, "row %zu", i);
        cr_assert_eq(zone_month(rows[i].zone, rows[i].start_ms), rows[i].month, "row %zu", i);
        if (rows[i].start_ms > 0) {
            cr_assert_eq(month_next(zone_month(rows[i].zone, rows[i].start_ms - 1)), rows[i].month, "row %zu", i);
        }
    }
}

/* Every month of 70 years ends where the next begins. */
Test(zone, months_leave_no_gap)
{
    static const char *const zones[] = {"UTC", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe",
                                        "Asia/Tehran"};
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        for (uint32_t month = 197002; month < 204001; month = month_next(month)) {
            int64_t start = zone_month_start_ms(zones[i], month);
            cr_assert_eq(zone_month(zones[i], start), month, "%s %u", zones[i], month);
            cr_assert_lt(zone_month(zones[i], start - 1), month, "%s %u", zones[i], month);
        }
    }
}

Test(zone, moments_out_of_reach_are_bounded)
{
    cr_assert_eq(zone_month("UTC", INT64_MIN), MONTH_LEAST);
    cr_assert_eq(zone_month("America/New_York", 0), MONTH_LEAST);
    cr_assert_eq(zone_month("UTC", INT64_MAX), MONTH_MOST);
    cr_assert_eq(month_next(202612), 202701);
    cr_assert_eq(month_next(202601), 202602);
}

Test(zone, what_is_a_month_and_a_zone)
{
    int64_t time_ms;
    char text[ZONE_TEXT_BYTES];
    cr_assert(month_is(202601) && month_is(202612) && month_is(MONTH_LEAST) && month_is(MONTH_MOST));
    cr_assert_not(month_is(0) || month_is(202600) || month_is(202613) || month_is(196912) || month_is(1000001));
    cr_assert(zone_exists("UTC") && zone_exists("Europe/Berlin"));
    cr_assert_not(zone_exists("Mars/Olympus") || zone_exists("") || zone_exists(NULL) || zone_exists("../etc/passwd") ||
                  zone_exists("/usr/share/zoneinfo/UTC") || zone_exists("+02:00"));
    cr_assert_not(zone_exists("localtime") || zone_exists("posixrules") || zone_exists("right/UTC") ||
                  zone_exists("posix/UTC"));
    cr_assert(zone_day_start_ms("Europe/Berlin", 2026, 11, 1, &time_ms));
    cr_assert_eq(time_ms, NOV_1_2026_MS - HOUR_MS);
    cr_assert_not(zone_day_start_ms("UTC", 2026, 2, 29, &time_ms));
    cr_assert_not(zone_day_start_ms("UTC", 2026, 13, 1, &time_ms));
    cr_assert_str_eq(zone_text(text, "Europe/Berlin", NOV_1_2026_MS, true), "2026-11-01 01:00");
    cr_assert_str_eq(zone_text(text, "America/New_York", NOV_1_2026_MS, false), "2026-10-31");
}
