/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules about a member's year: reliability from what was kept and missed, days of a zone, quotas. */
#include "domain/reliability.h"

#include "base/clock.h"
#include "domain/day.h"
#include "domain/quota.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define NOON INT64_C(1795435200000) /* 2026-11-23 12:00 UTC */

Test(reliability, is_that_of_the_vectors)
{
    static const struct {
        uint32_t kept, missed, mean_ppm, low_ppm;
    } cases[] = {{7, 3, 714286, 505400}, {0, 0, 750000, 368400}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reliability seen = {0, 0};
        reliability_add(&seen, 20261123, cases[i].kept, cases[i].missed, 20261123);
        cr_assert_eq(reliability_mean_ppm(&seen), cases[i].mean_ppm, "case %zu: %u", i, reliability_mean_ppm(&seen));
        cr_assert_leq(abs((int)reliability_low_ppm(&seen) - (int)cases[i].low_ppm), 50, "case %zu: %u", i,
                      reliability_low_ppm(&seen));
    }
}

Test(reliability, half_is_forgotten_in_180_days)
{
    struct reliability seen = {0, 0};
    reliability_add(&seen, day_before(20261123, 180), 8, 4, 20261123);
    reliability_add(&seen, day_before(20261123, 360), 0, 4, 20261123);
    reliability_add(&seen, 20270101, 1, 0, 20261123); /* a clock that went back */
    cr_assert_float_eq(seen.kept, 5.0, 1e-9);
    cr_assert_float_eq(seen.missed, 3.0, 1e-9);
}

Test(day, is_that_of_the_zone)
{
    /* 2026-11-23 23:30 UTC is the 24th in Berlin. */
    int64_t late = NOON + 11 * MS_PER_HOUR + MS_PER_HOUR / 2;
    cr_assert_eq(day_of("UTC", late), 20261123);
    cr_assert_eq(day_of("Europe/Berlin", late), 20261124);
    cr_assert_eq(day_end_ms("UTC", late), NOON + 12 * MS_PER_HOUR);
    cr_assert_eq(day_end_ms("Europe/Berlin", late), NOON + 35 * MS_PER_HOUR);
    cr_assert_eq(day_of("UTC", INT64_MAX), 99991231);
    cr_assert_eq(day_of("UTC", -1), 19700101);
    static const struct {
        uint32_t from, to;
        int32_t days;
    } cases[] = {{20240228, 20240301, 2},
                 {20230228, 20230301, 1},
                 {20260101, 20261231, 364},
                 {20000301, 20000229, -1},
                 {19700101, 99991231, 2932896}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_assert_eq(day_difference(cases[i].from, cases[i].to), cases[i].days, "case %zu", i);
        cr_assert_eq(day_before(cases[i].to, cases[i].days), cases[i].from, "case %zu", i);
    }
}

Test(quota, is_prorated_to_the_days_of_membership)
{
    static const struct {
        uint32_t joined, today;
        int32_t days;
        int64_t due_minor;
    } cases[] = {{20200101, 20260101, 1, 100}, {20200101, 20261231, 365, 36500}, {20260702, 20261231, 183, 18300},
                 {20270101, 20261231, 0, 0},   {20261231, 20270301, 1, 100},     {20200101, 20251231, 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_assert_eq(quota_days(2026, cases[i].joined, cases[i].today), cases[i].days, "case %zu", i);
        cr_assert_eq(quota_due_minor(36500, 2026, cases[i].joined, cases[i].today), cases[i].due_minor, "case %zu", i);
    }
    cr_assert_eq(quota_attainment_ppm(50, 200), 250000);
    cr_assert_eq(quota_attainment_ppm(0, 0), 0);
    cr_assert_eq(quota_attainment_ppm(1, 0), 1000000);
    cr_assert_eq(quota_attainment_ppm(-5, 100), 0);
    cr_assert_eq(quota_attainment_ppm(INT64_MAX, 1), UINT32_MAX);
}
