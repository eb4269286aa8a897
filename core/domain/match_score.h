/* SPDX-License-Identifier: Apache-2.0
 *
 * The score of a receiver, in parts per million: bracket (weighted mean of the known components) times reliability,
 * capacity and coverage. Each component's contribution is told, and they add up to the bracket exactly. Pure. */
#ifndef VOUCH_DOMAIN_MATCH_SCORE_H
#define VOUCH_DOMAIN_MATCH_SCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PPM 1000000u
#define MATCH_COMPONENTS_MAX 16
#define MATCH_CAPACITY_DEFAULT 10 /* open referrals of a member whose card names none */

/* Known share of a receiver's obligations kept before anything is known: Beta(3, 1). */
#define RELIABILITY_KEPT_PRIOR 3.0
#define RELIABILITY_MISSED_PRIOR 1.0

struct match_component {
    uint32_t x_ppm;
    uint32_t weight;
    bool known;
    uint32_t contribution_ppm; /* out */
};

struct match_score {
    uint32_t reliability_ppm; /* in */
    uint32_t capacity_ppm;    /* in */
    uint32_t bracket_ppm;     /* out, as the rest */
    uint32_t coverage_ppm;
    uint32_t score_ppm;
};

/* Fills the contributions (largest remainder of the bracket over w·x, ties to the earlier component), the bracket, the
 * coverage factor 0.5 + 0.5 · known weight / all weight, and the product of the four. At most MATCH_COMPONENTS_MAX. */
void match_score_sum(struct match_component *components, size_t count, struct match_score *score);

/* e^(−(open/capacity)²); 0 when full, which is a gate. */
uint32_t match_capacity_ppm(uint64_t open, uint32_t capacity);

/* 5 % quantile of Beta(3 + kept, 1 + missed); the counts may be weighted by age. */
uint32_t match_reliability_ppm(double kept, double missed);

#endif
