/* SPDX-License-Identifier: Apache-2.0
 *
 * Working calendars as people write and read them: "mon-fri 9:00-17:00, sat 9:00-12:00", "2026-12-24..2027-01-02". */
#ifndef VOUCH_CLI_CALENDAR_H
#define VOUCH_CLI_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEEK_HOURS 14        /* minutes at which work starts and ends, Monday to Sunday */
#define DAYS_OFF_MOST 400    /* as proto/fields.def */
#define HOURS_TEXT_BYTES 256 /* of a week */

/* Days that are not named have no work. False for what is no such text. */
bool calendar_parse_hours(const char *text, uint32_t hours[WEEK_HOURS]);
/* Days with the same hours together: "Mon–Fri 9:00–17:00, Sat 9:00–12:00"; "never". */
const char *calendar_hours_text(char out[HOURS_TEXT_BYTES], const uint32_t hours[WEEK_HOURS]);

/* "2026-12-24" as 20261224; false for what is no day. */
bool calendar_parse_day(const char *text, uint32_t *day);
/* The day so many days after. */
uint32_t calendar_day_after(uint32_t day, int days);

/* Days off, ascending, each once. */
struct days_off {
    size_t count;
    uint32_t days[DAYS_OFF_MOST];
};

/* "2026-12-24" or "2026-12-24..2027-01-02": a day or all from one to another. False for what is neither, or too long.
 */
bool calendar_parse_range(const char *text, uint32_t *first, uint32_t *last);
/* Adds the days, or takes them away; false when there are too many. */
bool days_off_add(struct days_off *off, uint32_t first, uint32_t last);
void days_off_remove(struct days_off *off, uint32_t first, uint32_t last);
/* The run of days off in a row that starts at `from` (an index): its last index. */
size_t days_off_run(const struct days_off *off, size_t from);

#endif
