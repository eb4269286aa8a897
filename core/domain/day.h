/* SPDX-License-Identifier: Apache-2.0
 *
 * Days as numbers, yyyymmdd, in a zone. Any thread. */
#ifndef VOUCH_DOMAIN_DAY_H
#define VOUCH_DOMAIN_DAY_H

#include <stdbool.h>
#include <stdint.h>

/* The day on which a moment falls there; of moments past the year 9999 its last. A zone that is not known is UTC. */
uint32_t day_of(const char *zone, int64_t time_ms);
/* The first moment of the day there; false when there is no such day. */
bool day_start_ms(const char *zone, uint32_t day, int64_t *time_ms);
/* The first moment of the day after the one on which this moment falls there. */
int64_t day_end_ms(const char *zone, int64_t time_ms);
/* Days from one to a later one; negative when it is earlier. Both must be dates. */
int32_t day_difference(uint32_t from_day, uint32_t to_day);
/* The date of a day by its number from 1970-01-01, which is 0. */
uint32_t day_of_number(int64_t number);
/* The day so many days before this one. */
uint32_t day_before(uint32_t day, int32_t days);

#endif
