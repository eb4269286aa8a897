/* SPDX-License-Identifier: Apache-2.0
 *
 * What reports need of statistics: intervals of shares and rates, and how many of a cohort are won after so many days
 * when some are lost and others still open. Pure; any thread. */
#ifndef VOUCH_DOMAIN_STATISTICS_H
#define VOUCH_DOMAIN_STATISTICS_H

#include <stddef.h>
#include <stdint.h>

/* ---- shares and rates ---- */

struct interval {
    double low;
    double high;
};

/* Wilson's 95 % interval of the share `numerator / denominator`; 0 to 1 when the denominator is 0. */
struct interval wilson(uint64_t numerator, uint64_t denominator);
/* Its counterpart for a mean count, which may be above 1: the 95 % score interval of a Poisson rate. */
struct interval rate_interval(uint64_t count, uint64_t denominator);

/* ---- cumulative incidence (Aalen–Johansen), in whole days ---- */

#define INCIDENCE_DAYS 180

/* A cohort by what became of each member, and how many whole days after its beginning: what is open was last seen
 * then. Day INCIDENCE_DAYS + 1 is everything later. At the same day, ends count before censoring. */
struct cohort {
    uint32_t won[INCIDENCE_DAYS + 2];
    uint32_t lost[INCIDENCE_DAYS + 2]; /* closed without a win, whichever way: competes with winning */
    uint32_t open[INCIDENCE_DAYS + 2];
};

enum cohort_end { COHORT_WON, COHORT_LOST, COHORT_OPEN };

/* Counts one; days below 0 count as 0. */
void cohort_add(struct cohort *cohort, enum cohort_end end, int64_t days);
uint64_t cohort_size(const struct cohort *cohort);

struct incidence {
    uint64_t at_risk; /* neither closed nor out of sight before this day */
    double won;       /* share won up to and with this day */
    double lost;
    struct interval interval; /* 95 % of `won`: variance by the delta method, complementary log-log scale */
};

/* Fills days[0] to days[INCIDENCE_DAYS]. */
void incidence_compute(const struct cohort *cohort, struct incidence days[INCIDENCE_DAYS + 1]);

#endif
