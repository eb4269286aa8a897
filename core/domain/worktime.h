/* SPDX-License-Identifier: Apache-2.0
 *
 * Working time: the hours in which a member works, in their time zone, without their days off. Clocks run in it. What a
 * moment is in it depends on the system's time-zone database, so it is asked when something is decided, never when it
 * is applied. Any thread. */
#ifndef VOUCH_DOMAIN_WORKTIME_H
#define VOUCH_DOMAIN_WORKTIME_H

#include "vouch/v1/workday.pb-c.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORK_DAYS_OFF_MOST 1000
/* So many days ahead work is looked for. In a calendar that has none in all that time it is found at their end. */
#define WORK_HORIZON_DAYS 3660

struct work_calendar {
    const char *zone;   /* IANA; one that is not known counts as UTC */
    uint16_t hours[14]; /* Monday to Sunday: minutes of the day when work starts and ends; both 0: none */
    size_t off_count;
    const uint32_t *off; /* yyyymmdd, ascending; not copied */
};

/* Monday to Friday, 9:00 to 17:00. The zone is not copied. */
struct work_calendar work_default(const char *zone);
/* What a member set, or (NULL, or the parts that are absent) the default in the home company's zone. Lives as long as
 * both arguments. */
struct work_calendar work_calendar_of(const Vouch__V1__WorkCalendar *set, const char *home_zone);

/* The moment by which so much work has been done since `start_ms`; where that is the end of a day's work, that end, and
 * not the start of the next. */
int64_t work_add(const struct work_calendar *calendar, int64_t start_ms, int64_t work_ms);
/* The same of several amounts, ascending, in one walk. */
void work_add_each(const struct work_calendar *calendar, int64_t start_ms, size_t count, const int64_t work_ms[],
                   int64_t moments_ms[]);
/* How much work there is from one moment to another; 0 when the second is not after the first. */
int64_t work_between(const struct work_calendar *calendar, int64_t from_ms, int64_t until_ms);
/* A working day: a week's hours by the number of its days; of a calendar without any, 8 hours. */
int64_t work_day_ms(const struct work_calendar *calendar);

#endif
