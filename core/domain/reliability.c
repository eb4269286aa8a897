/* SPDX-License-Identifier: Apache-2.0
 *
 * The posterior of a receiver's reliability. */
#include "domain/reliability.h"

#include "domain/match_score.h"

#include <math.h>

#define HALF_LIFE_DAYS 180.0

/* Days since 1970-01-01 of the proleptic Gregorian calendar: years begin in March, so that a leap day ends one. */
static int32_t day_number(uint32_t day)
{
    int32_t year = (int32_t)(day / 10000);
    int32_t month = (int32_t)(day / 100 % 100);
    year -= month <= 2 ? 1 : 0;
    int32_t era = year / 400;
    int32_t of_era = year - era * 400;
    int32_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + (int32_t)(day % 100) - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int32_t reliability_days(uint32_t from_day, uint32_t to_day)
{
    return day_number(to_day) - day_number(from_day);
}

uint32_t reliability_day_before(uint32_t day, uint32_t days)
{
    int32_t number = day_number(day) - (int32_t)days + 719468;
    int32_t era = number / 146097;
    int32_t of_era = number - era * 146097;
    int32_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int32_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int32_t march = (5 * of_year + 2) / 153;
    int32_t month = march < 10 ? march + 3 : march - 9;
    year += era * 400 + (month <= 2 ? 1 : 0);
    return (uint32_t)(year * 10000 + month * 100 + of_year - (153 * march + 2) / 5 + 1);
}

void reliability_add(struct reliability *reliability, uint32_t day, uint32_t kept, uint32_t missed, uint32_t today)
{
    int32_t age = reliability_days(day, today);
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
