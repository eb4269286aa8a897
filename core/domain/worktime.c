/* SPDX-License-Identifier: Apache-2.0
 *
 * Working time, day by day: where a day's work starts and ends is two moments, and what lies between them counts. So a
 * day on which the clocks are changed has the hours that really pass, and a day that a zone skipped has none. */
#include "domain/worktime.h"

#include "base/check.h"
#include "domain/day.h"
#include "domain/zone.h"

#define MINUTE_MS INT64_C(60000)
#define DAY_MS (1440 * MINUTE_MS)
#define DAY_MINUTES 1440

static const uint16_t default_hours[14] = {540, 1020, 540, 1020, 540, 1020, 540, 1020, 540, 1020, 0, 0, 0, 0};

struct work_calendar work_default(const char *zone)
{
    struct work_calendar calendar = {.zone = zone};
    for (size_t i = 0; i < 14; i++) {
        calendar.hours[i] = default_hours[i];
    }
    return calendar;
}

struct work_calendar work_calendar_of(const Vouch__V1__WorkCalendar *set, const char *home_zone)
{
    struct work_calendar calendar = work_default(home_zone);
    if (set == NULL) {
        return calendar;
    }
    if (set->zone[0] != '\0') {
        calendar.zone = set->zone;
    }
    for (size_t i = 0; i < 14 && set->n_hours == 14; i++) {
        calendar.hours[i] = set->hours[i] <= DAY_MINUTES ? (uint16_t)set->hours[i] : 0;
    }
    calendar.off = set->days_off;
    calendar.off_count = set->n_days_off;
    return calendar;
}

/* ---- days ---- */

/* A walk over the days of a calendar; `day` counts from 1970-01-01. */
struct walk {
    const struct work_calendar *calendar;
    const struct zone *zone;
    int64_t day;
    size_t off; /* the first day off that is not before `day` */
};

static bool is_off(struct walk *walk)
{
    const struct work_calendar *calendar = walk->calendar;
    if (walk->off == calendar->off_count) {
        return false;
    }
    uint32_t date = day_of_number(walk->day);
    while (walk->off < calendar->off_count && calendar->off[walk->off] < date) {
        walk->off++;
    }
    return walk->off < calendar->off_count && calendar->off[walk->off] == date;
}

/* When work starts and ends on the walk's day; false: there is none. */
static bool day_work(struct walk *walk, int64_t *start_ms, int64_t *end_ms)
{
    size_t weekday = (size_t)((walk->day + 3) % 7); /* 1970-01-01 was a Thursday */
    uint16_t starts = walk->calendar->hours[2 * weekday];
    uint16_t ends = walk->calendar->hours[2 * weekday + 1];
    if (ends <= starts || is_off(walk)) {
        return false;
    }
    *start_ms = zone_utc_ms(walk->zone, walk->day * DAY_MS + starts * MINUTE_MS);
    *end_ms = zone_utc_ms(walk->zone, walk->day * DAY_MS + ends * MINUTE_MS);
    return *end_ms > *start_ms;
}

static struct walk walk_from(const struct work_calendar *calendar, int64_t time_ms)
{
    struct walk walk = {.calendar = calendar, .zone = zone_get(calendar->zone)};
    int64_t local_ms = zone_local_ms(walk.zone, time_ms);
    walk.day = local_ms < 0 ? 0 : local_ms / DAY_MS;
    return walk;
}

/* ---- questions ---- */

void work_add_each(const struct work_calendar *calendar, int64_t start_ms, size_t count, const int64_t work_ms[],
                   int64_t moments_ms[])
{
    struct walk walk = walk_from(calendar, start_ms);
    int64_t last_day = walk.day + WORK_HORIZON_DAYS;
    int64_t done_ms = 0, from_ms, until_ms;
    int64_t reached_ms = start_ms;
    size_t next = 0;
    for (; next < count && walk.day <= last_day; walk.day++) {
        if (!day_work(&walk, &from_ms, &until_ms) || until_ms <= start_ms) {
            continue;
        }
        from_ms = from_ms < start_ms ? start_ms : from_ms;
        for (; next < count && done_ms + (until_ms - from_ms) >= work_ms[next]; next++) {
            CHECK(work_ms[next] >= done_ms || work_ms[next] <= 0);
            moments_ms[next] = work_ms[next] <= 0 ? start_ms : from_ms + (work_ms[next] - done_ms);
        }
        done_ms += until_ms - from_ms;
        reached_ms = until_ms;
    }
    int64_t horizon_ms = start_ms + WORK_HORIZON_DAYS * DAY_MS;
    for (; next < count; next++) {
        moments_ms[next] = reached_ms > horizon_ms ? reached_ms : horizon_ms;
    }
}

int64_t work_add(const struct work_calendar *calendar, int64_t start_ms, int64_t work_ms)
{
    int64_t moment_ms;
    work_add_each(calendar, start_ms, 1, &work_ms, &moment_ms);
    return moment_ms;
}

int64_t work_between(const struct work_calendar *calendar, int64_t from_ms, int64_t until_ms)
{
    struct walk walk = walk_from(calendar, from_ms);
    int64_t horizon = walk.day + WORK_HORIZON_DAYS;
    int64_t until_day = until_ms / DAY_MS + 1; /* no zone is a whole day from UTC */
    int64_t sum_ms = 0, starts_ms, ends_ms;
    for (; walk.day <= horizon && walk.day <= until_day; walk.day++) {
        if (day_work(&walk, &starts_ms, &ends_ms)) {
            starts_ms = starts_ms < from_ms ? from_ms : starts_ms;
            ends_ms = ends_ms > until_ms ? until_ms : ends_ms;
            sum_ms += ends_ms > starts_ms ? ends_ms - starts_ms : 0;
        }
    }
    return sum_ms;
}

int64_t work_day_ms(const struct work_calendar *calendar)
{
    int64_t minutes = 0;
    int days = 0;
    for (size_t i = 0; i < 14; i += 2) {
        if (calendar->hours[i + 1] > calendar->hours[i]) {
            minutes += calendar->hours[i + 1] - calendar->hours[i];
            days++;
        }
    }
    return days == 0 ? 8 * 60 * MINUTE_MS : minutes * MINUTE_MS / days;
}
