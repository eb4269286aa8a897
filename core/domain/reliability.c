/* SPDX-License-Identifier: Apache-2.0
 *
 * The posterior of a receiver's reliability. */
#include "domain/reliability.h"

#include "domain/day.h"
#include "domain/match_score.h"

#include <math.h>

#define HALF_LIFE_DAYS 180.0

void reliability_add(struct reliability *reliability, uint32_t day, uint32_t kept, uint32_t missed, uint32_t today)
{
    int32_t age = day_difference(day, today);
    double weight = exp2(-(age > 0 ? age : 0) / HALF_LIFE_DAYS);
    reliability->kept += weight * kept;
    reliability->missed += weight * missed;
}

uint32_t reliability_mean_ppm(const struct reliability *reliability)
{
    double kept = RELIABILITY_KEPT_PRIOR + reliability->kept;
    double all = kept + RELIABILITY_MISSED_PRIOR + reliability->missed;
    return (uint32_t)llrint(kept / all * PPM);
}

uint32_t reliability_low_ppm(const struct reliability *reliability)
{
    return match_reliability_ppm(reliability->kept, reliability->missed);
}
