/* SPDX-License-Identifier: Apache-2.0
 *
 * Intervals of shares and rates, and the Aalen–Johansen estimator. */
#include "domain/statistics.h"

#include <math.h>

#define Z95 1.959963984540054 /* the normal distribution has 95 % within so many standard deviations */

static double bounded(double share)
{
    return share < 0 ? 0 : share > 1 ? 1 : share;
}

struct interval wilson(uint64_t numerator, uint64_t denominator)
{
    if (denominator == 0) {
        return (struct interval){0, 1};
    }
    double n = (double)denominator;
    double p = (double)numerator / n;
    double z2 = Z95 * Z95;
    double middle = (p + z2 / (2 * n)) / (1 + z2 / n);
    double half = Z95 / (1 + z2 / n) * sqrt(fmax(0, p * (1 - p)) / n + z2 / (4 * n * n));
    return (struct interval){numerator == 0 ? 0 : bounded(middle - half),
                             numerator == denominator ? 1 : bounded(middle + half)};
}

struct interval rate_interval(uint64_t count, uint64_t denominator)
{
    if (denominator == 0) {
        return (struct interval){0, INFINITY};
    }
    double x = (double)count;
    double n = (double)denominator;
    double middle = x + Z95 * Z95 / 2;
    double half = Z95 * sqrt(x + Z95 * Z95 / 4);
    return (struct interval){count == 0 ? 0 : (middle - half) / n, (middle + half) / n};
}

/* ---- cumulative incidence ---- */

void cohort_add(struct cohort *cohort, enum cohort_end end, int64_t days)
{
    int64_t day = days < 0 ? 0 : days > INCIDENCE_DAYS ? INCIDENCE_DAYS + 1 : days;
    uint32_t *counts = end == COHORT_WON ? cohort->won : end == COHORT_LOST ? cohort->lost : cohort->open;
    counts[day]++;
}

uint64_t cohort_size(const struct cohort *cohort)
{
    uint64_t size = 0;
    for (size_t day = 0; day < INCIDENCE_DAYS + 2; day++) {
        size += cohort->won[day] + (uint64_t)cohort->lost[day] + cohort->open[day];
    }
    return size;
}

/* Sums over the days so far from which the variance of the share won follows at any later day (the delta method,
 * written out so that one pass does):  Σ (F(t)−F(s))² d/(n(n−d)) + Σ S² (n−w)/n · w/n²  − 2 Σ (F(t)−F(s)) S w/n², where
 * F is the share won, S who was still open before, n at risk, w won and d ended on a day. */
struct variance {
    double ends, ends_won, ends_won2; /* Σ g, Σ g F, Σ g F² with g = d/(n(n−d)) */
    double own;                       /* Σ S² (n−w)/n · w/n² */
    double both, both_won;            /* Σ S w/n², Σ S w/n² F */
};

static double variance_at(const struct variance *sums, double won)
{
    double ends = won * won * sums->ends - 2 * won * sums->ends_won + sums->ends_won2;
    return ends + sums->own - 2 * (won * sums->both - sums->both_won);
}

/* On the scale log(−log(1−F)), on which the interval stays between 0 and 1. Where none or all of them were won it has
 * no width, as if that were certain: then it is Wilson's, of those who are not censored by then. */
static struct interval incidence_interval(double won, double variance, uint64_t known)
{
    if (won <= 0 || won >= 1) {
        return wilson(won <= 0 ? 0 : known, known);
    }
    if (variance <= 0) {
        return (struct interval){won, won};
    }
    double rest = log1p(-won);
    double half = Z95 * sqrt(variance) / ((1 - won) * fabs(rest));
    return (struct interval){bounded(1 - exp(rest * exp(-half))), bounded(1 - exp(rest * exp(half)))};
}

static void variance_add(struct variance *sums, double at_risk, double won, double ended, double open, double share)
{
    double g = at_risk > ended ? ended / (at_risk * (at_risk - ended)) : 0; /* the last of all: nobody is left */
    double common = open * won / (at_risk * at_risk);
    sums->ends += g;
    sums->ends_won += g * share;
    sums->ends_won2 += g * share * share;
    sums->own += open * open * (at_risk - won) / at_risk * won / (at_risk * at_risk);
    sums->both += common;
    sums->both_won += common * share;
}

void incidence_compute(const struct cohort *cohort, struct incidence days[INCIDENCE_DAYS + 1])
{
    uint64_t at_risk = cohort_size(cohort), known = at_risk;
    double open = 1, won = 0, lost = 0;
    struct variance sums = {0};
    for (size_t day = 0; day <= INCIDENCE_DAYS; day++) {
        days[day].at_risk = at_risk;
        uint64_t ended = (uint64_t)cohort->won[day] + cohort->lost[day];
        if (ended > 0) {
            double n = (double)at_risk;
            won += open * cohort->won[day] / n;
            lost += open * cohort->lost[day] / n;
            variance_add(&sums, n, cohort->won[day], (double)ended, open, won);
            open *= (double)(at_risk - ended) / n;
        }
        at_risk -= ended + cohort->open[day];
        known -= day < INCIDENCE_DAYS ? cohort->open[day] : 0; /* whoever is open on the last day was seen all along */
        days[day].won = won;
        days[day].lost = lost;
        days[day].interval = incidence_interval(won, variance_at(&sums, won), known);
    }
}
