/* SPDX-License-Identifier: Apache-2.0
 *
 * How reliable a receiver is, from what they kept and missed day by day: Beta(3, 1) before anything is known, each
 * obligation weighted 2^(−age / 180 days). Ranked by the 5 % quantile, so that little experience counts little. Pure.
 */
#ifndef VOUCH_DOMAIN_RELIABILITY_H
#define VOUCH_DOMAIN_RELIABILITY_H

#include <stdint.h>

/* Obligations older than this count nothing any more: their weight would be below 1.5 %. */
#define RELIABILITY_DAYS_MOST (3 * 365)

/* Sums of weights; start with {0}. */
struct reliability {
    double kept;
    double missed;
};

/* Adds what was kept and missed on `day`, as seen on `today`, both yyyymmdd. A day in the future counts as today. */
void reliability_add(struct reliability *reliability, uint32_t day, uint32_t kept, uint32_t missed, uint32_t today);

/* The mean of the posterior, and its 5 % quantile, in parts per million. */
uint32_t reliability_mean_ppm(const struct reliability *reliability);
uint32_t reliability_low_ppm(const struct reliability *reliability);

#endif
