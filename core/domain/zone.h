/* SPDX-License-Identifier: Apache-2.0
 *
 * Calendar time in a named time zone (IANA), from the system's time-zone database. Any thread. */
#ifndef VOUCH_DOMAIN_ZONE_H
#define VOUCH_DOMAIN_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#define ZONE_BYTES 61 /* of a name, with its end */

/* A month as yyyymm. */
#define MONTH_LEAST 197001
#define MONTH_MOST 999912

/* True for a name that the database has; "UTC" always. */
bool zone_exists(const char *zone);

/* The month in which a moment falls there. A zone that is not known counts as UTC. Moments past the year 9999 count as
 * its last, those before 1970 as its first. */
uint32_t zone_month(const char *zone, int64_t time_ms);
/* The first moment of a month there. */
int64_t zone_month_start_ms(const char *zone, uint32_t month);
/* The first moment of a day there; false when there is no such day. */
bool zone_day_start_ms(const char *zone, int year, int month, int day, int64_t *time_ms);
/* "2026-11-23" or, with the time, "2026-11-23 14:05", as the clocks there showed it. Returns `out`. */
#define ZONE_TEXT_BYTES 24
const char *zone_text(char out[ZONE_TEXT_BYTES], const char *zone, int64_t time_ms, bool with_time);

/* Clock-face time, for many moments of one zone: milliseconds since 1970-01-01 00:00 as the clocks there show it. */
struct zone;
/* A zone to ask, for ever; one that is not known counts as UTC. */
const struct zone *zone_get(const char *zone);
int64_t zone_local_ms(const struct zone *zone, int64_t time_ms);
/* The moment at which the clocks there show this; of two, the first; where they skip it, the moment they do so. */
int64_t zone_utc_ms(const struct zone *zone, int64_t local_ms);

/* The month after; and whether a number is a month at all. */
uint32_t month_next(uint32_t month);
bool month_is(uint32_t month);

#endif
