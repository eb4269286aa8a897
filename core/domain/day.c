/* SPDX-License-Identifier: Apache-2.0
 *
 * Days as numbers. */
#include "domain/day.h"

#include "base/clock.h"
#include "domain/zone.h"

#define LAST_DAY 99991231u
/* From 0000-03-01 to 1970-01-01. */
#define EPOCH_DAYS 719468

/* Days since 1970-01-01: years are counted from March, so that a leap day ends one. */
static int32_t number_of(uint32_t day)
{
    int32_t month = (int32_t)(day / 100 % 100);
    int32_t year = (int32_t)(day / 10000) - (month <= 2 ? 1 : 0);
    int32_t era = year / 400;
    int32_t of_era = year - era * 400;
    int32_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + (int32_t)(day % 100) - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH_DAYS;
}

uint32_t day_of_number(int64_t number)
{
    number += EPOCH_DAYS;
    int64_t era = number / 146097;
    int64_t of_era = number - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t march = (5 * of_year + 2) / 153;
    int64_t month = march < 10 ? march + 3 : march - 9;
    year += era * 400 + (month <= 2 ? 1 : 0);
    return (uint32_t)(year * 10000 + month * 100 + of_year - (153 * march + 2) / 5 + 1);
}

/* The day in local time, floored: moments before 1970 count as its first. */
static int32_t local_day(const char *zone, int64_t time_ms)
{
    int64_t local_ms = zone_local_ms(zone_get(zone), time_ms);
    int64_t last = number_of(LAST_DAY);
    int64_t number = local_ms < 0 ? 0 : local_ms / MS_PER_DAY;
    return (int32_t)(number < last ? number : last);
}

uint32_t day_of(const char *zone, int64_t time_ms)
{
    return day_of_number(local_day(zone, time_ms));
}

bool day_start_ms(const char *zone, uint32_t day, int64_t *time_ms)
{
    return zone_day_start_ms(zone, (int)(day / 10000), (int)(day / 100 % 100), (int)(day % 100), time_ms);
}

int64_t day_end_ms(const char *zone, int64_t time_ms)
{
    return zone_utc_ms(zone_get(zone), ((int64_t)local_day(zone, time_ms) + 1) * MS_PER_DAY);
}

int32_t day_difference(uint32_t from_day, uint32_t to_day)
{
    return number_of(to_day) - number_of(from_day);
}

uint32_t day_before(uint32_t day, int32_t days)
{
    return day_of_number(number_of(day) - days);
}
