/* SPDX-License-Identifier: Apache-2.0
 *
 * Intervals and cumulative incidence: the vectors of the field, tables made elsewhere, and the same share computed
 * another way, by weighting each win with the inverse of the chance that it was still in sight. */
#include "domain/statistics.h"

#include "random_cases.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static void near(double have, double want, double slack, const char *what)
{
    cr_assert(fabs(have - want) <= slack, "%s: %.12f, not %.12f", what, have, want);
}

/* ---- intervals ---- */

/* Made with fractions of 60 digits; the bounds are where (p − k/n)² = z² p (1 − p) / n. */
static const struct {
    uint64_t numerator, denominator;
    double low, high;
} shares[] = {
    {0, 20, 0, 0.161125158053},
    {1, 20, 0.008881448801, 0.236131193447},
    {10, 20, 0.299298008198, 0.700701991802},
    {20, 20, 0.838874841947, 1},
    {20, 100, 0.133366933331, 0.288829165593},
    {375, 1000, 0.345526294233, 0.405430395388},
    {1, 1000000, 0.000000176525, 0.000005664912},
};

Test(statistics, wilson_intervals_as_computed_elsewhere)
{
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        struct interval interval = wilson(shares[i].numerator, shares[i].denominator);
        near(interval.low, shares[i].low, 1e-11, "low");
        near(interval.high, shares[i].high, 1e-11, "high");
    }
    struct interval nothing = wilson(0, 0);
    near(nothing.low, 0, 0, "of nothing, low");
    near(nothing.high, 1, 0, "of nothing, high");
}

/* The bounds of a rate are where (x − n r)² = z² n r. */
Test(statistics, rate_intervals_solve_their_equation)
{
    const double z2 = 1.959963984540054 * 1.959963984540054;
    for (uint64_t count = 1; count < 2000; count += 37) {
        struct interval interval = rate_interval(count, 90);
        const double bounds[] = {interval.low, interval.high};
        for (size_t i = 0; i < 2; i++) {
            double mean = 90 * bounds[i];
            near(((double)count - mean) * ((double)count - mean) / mean, z2, 1e-9, "distance");
        }
        cr_assert_lt(interval.low, (double)count / 90);
        cr_assert_gt(interval.high, (double)count / 90);
    }
    near(rate_interval(0, 90).low, 0, 0, "of none, low");
}

/* ---- cumulative incidence ---- */

/* W20 L30 C40 W45 L60 C70 W90 C95 */
Test(statistics, close_rate_vector)
{
    struct cohort cohort = {{0}, {0}, {0}};
    struct incidence days[INCIDENCE_DAYS + 1];
    cohort_add(&cohort, COHORT_WON, 20);
    cohort_add(&cohort, COHORT_LOST, 30);
    cohort_add(&cohort, COHORT_OPEN, 40);
    cohort_add(&cohort, COHORT_WON, 45);
    cohort_add(&cohort, COHORT_LOST, 60);
    cohort_add(&cohort, COHORT_OPEN, 70);
    cohort_add(&cohort, COHORT_WON, 90);
    cohort_add(&cohort, COHORT_OPEN, 95);
    incidence_compute(&cohort, days);
    near(days[19].won, 0, 0, "before the first");
    near(days[20].won, 0.125, 1e-12, "day 20");
    near(days[44].won, 0.125, 1e-12, "day 44");
    near(days[45].won, 0.275, 1e-12, "day 45");
    near(days[90].won, 0.5, 1e-12, "day 90");
    near(days[INCIDENCE_DAYS].won, 0.5, 1e-12, "day 180");
    cr_assert_eq(days[0].at_risk, 8);
    cr_assert_eq(days[45].at_risk, 5);
    cr_assert_eq(days[95].at_risk, 1);
    cr_assert_eq(days[96].at_risk, 0);
    cr_assert_eq(cohort_size(&cohort), 8);
}

static void fill(struct cohort *cohort, struct random_cases *cases, size_t count)
{
    memset(cohort, 0, sizeof *cohort);
    for (size_t i = 0; i < count; i++) {
        cohort_add(cohort, (enum cohort_end)random_below(cases, 3), (int64_t)random_below(cases, 260) - 5);
    }
}

/* The chance that somebody who is not closed is still in sight before each day: those who closed on a day were. */
static double weighted_share(const struct cohort *cohort, size_t last, const uint32_t *ends)
{
    double in_sight = 1, share = 0;
    uint64_t left = cohort_size(cohort);
    double size = (double)left;
    for (size_t day = 0; day <= last; day++) {
        share += ends[day] == 0 ? 0 : ends[day] / in_sight / size;
        left -= (uint64_t)cohort->won[day] + cohort->lost[day];
        in_sight *= left == 0 ? 1 : (double)(left - cohort->open[day]) / (double)left;
        left -= cohort->open[day];
    }
    return share;
}

Test(statistics, incidence_equals_inverse_probability_weighting)
{
    struct random_cases cases = random_begin("incidence", 300);
    struct cohort cohort;
    struct incidence days[INCIDENCE_DAYS + 1];
    for (size_t round = 0; round < 300; round++) {
        fill(&cohort, &cases, 1 + random_below(&cases, 400));
        incidence_compute(&cohort, days);
        for (size_t day = 0; day <= INCIDENCE_DAYS; day++) {
            near(days[day].won, weighted_share(&cohort, day, cohort.won), 1e-9, "won");
            near(days[day].lost, weighted_share(&cohort, day, cohort.lost), 1e-9, "lost");
            cr_assert(days[day].interval.low <= days[day].won + 1e-12);
            cr_assert(days[day].interval.high >= days[day].won - 1e-12);
            cr_assert(days[day].won + days[day].lost <= 1 + 1e-9);
        }
    }
}

/* Where nobody is lost from sight the share won is a share of a sample, and its variance p (1 − p) / n. */
Test(statistics, without_censoring_the_variance_is_that_of_a_share)
{
    struct random_cases cases = random_begin("variance", 50);
    struct incidence days[INCIDENCE_DAYS + 1];
    for (size_t round = 0; round < 50; round++) {
        struct cohort cohort = {{0}, {0}, {0}};
        uint64_t won = 0, count = 50 + random_below(&cases, 500);
        for (uint64_t i = 0; i < count; i++) {
            bool wins = random_below(&cases, 3) == 0;
            won += wins ? 1 : 0;
            cohort_add(&cohort, wins ? COHORT_WON : COHORT_LOST, (int64_t)random_below(&cases, 170));
        }
        incidence_compute(&cohort, days);
        double p = (double)won / (double)count;
        double scale = log1p(-p);
        double half = 1.959963984540054 * sqrt(p * (1 - p) / (double)count) / ((1 - p) * fabs(scale));
        near(days[INCIDENCE_DAYS].won, p, 1e-12, "share");
        near(days[INCIDENCE_DAYS].interval.low, 1 - exp(scale * exp(-half)), 1e-9, "low");
        near(days[INCIDENCE_DAYS].interval.high, 1 - exp(scale * exp(half)), 1e-9, "high");
    }
}

Test(statistics, none_and_all_are_no_certainty)
{
    struct incidence days[INCIDENCE_DAYS + 1];
    struct cohort none = {{0}, {0}, {0}}, all = {{0}, {0}, {0}};
    for (int i = 0; i < 30; i++) {
        cohort_add(&none, i < 20 ? COHORT_LOST : COHORT_OPEN, i < 20 ? 10 : 50); /* of ten nobody knows */
        cohort_add(&all, COHORT_WON, 10);
    }
    incidence_compute(&none, days);
    near(days[INCIDENCE_DAYS].interval.low, 0, 1e-12, "none: low");
    near(days[INCIDENCE_DAYS].interval.high, wilson(0, 20).high, 1e-12, "none: high");
    incidence_compute(&all, days);
    near(days[INCIDENCE_DAYS].interval.low, wilson(30, 30).low, 1e-12, "all: low");
    near(days[INCIDENCE_DAYS].interval.high, 1, 1e-12, "all: high");
}

Test(statistics, days_past_the_end_are_kept_apart)
{
    struct cohort cohort = {{0}, {0}, {0}};
    struct incidence days[INCIDENCE_DAYS + 1];
    cohort_add(&cohort, COHORT_WON, -3);
    cohort_add(&cohort, COHORT_WON, INCIDENCE_DAYS);
    cohort_add(&cohort, COHORT_WON, INCIDENCE_DAYS + 1);
    cohort_add(&cohort, COHORT_OPEN, 1000000);
    incidence_compute(&cohort, days);
    near(days[0].won, 0.25, 1e-12, "the first day");
    near(days[INCIDENCE_DAYS - 1].won, 0.25, 1e-12, "the day before the last");
    near(days[INCIDENCE_DAYS].won, 0.5, 1e-12, "the last day");
    cr_assert_eq(days[INCIDENCE_DAYS].at_risk, 3);
}
