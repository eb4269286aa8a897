/* SPDX-License-Identifier: Apache-2.0
 *
 * Working calendars as people write them: whatever the text, it is refused or means hours and days that there are,
 * which read back from what is shown of them are the same. Clocks in such a calendar ring in order. */
#include "base/check.h"
#include "calendar.h"
#include "domain/worktime.h"
#include "fuzz.h"

#include <stdio.h>
#include <string.h>

#define NOW_MS INT64_C(1795435200000)
#define HOUR_MS INT64_C(3600000)

static void check_clock(const uint32_t hours[WEEK_HOURS], const struct days_off *off)
{
    static const int64_t work_ms[] = {4 * HOUR_MS, 8 * HOUR_MS, 16 * HOUR_MS};
    struct work_calendar calendar = work_default("Australia/Lord_Howe");
    int64_t moments_ms[3];
    for (size_t i = 0; i < WEEK_HOURS; i++) {
        calendar.hours[i] = (uint16_t)hours[i];
    }
    calendar.off = off->days;
    calendar.off_count = off->count;
    work_add_each(&calendar, NOW_MS, 3, work_ms, moments_ms);
    CHECK(NOW_MS < moments_ms[0] && moments_ms[0] <= moments_ms[1] && moments_ms[1] <= moments_ms[2]);
}

static void check_hours(const char *text, const struct days_off *off)
{
    uint32_t hours[WEEK_HOURS], again[WEEK_HOURS];
    char told[HOURS_TEXT_BYTES];
    if (!calendar_parse_hours(text, hours)) {
        return;
    }
    for (size_t i = 0; i < WEEK_HOURS; i += 2) {
        CHECK((hours[i] == 0 && hours[i + 1] == 0) || (hours[i] < hours[i + 1] && hours[i + 1] <= 1440));
    }
    CHECK(calendar_parse_hours(calendar_hours_text(told, hours), again));
    CHECK(memcmp(hours, again, sizeof hours) == 0);
    check_clock(hours, off);
}

static void check_days(const char *text, struct days_off *off)
{
    uint32_t first, last, again;
    char told[24];
    if (!calendar_parse_range(text, &first, &last)) {
        return;
    }
    CHECK(first <= last);
    snprintf(told, sizeof told, "%04u-%02u-%02u", first / 10000, first / 100 % 100, first % 100);
    CHECK(strncmp(told, text, 10) == 0 && calendar_parse_day(told, &again) && again == first);
    bool fits = days_off_add(off, first, last);
    CHECK(off->count <= DAYS_OFF_MOST && (fits || off->count == DAYS_OFF_MOST));
    for (size_t i = 1; i < off->count; i++) {
        CHECK(off->days[i - 1] < off->days[i]);
    }
}

/* Lines; each is read as days, and as hours in which those days are off. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct days_off off;
    char line[256];
    off.count = 0;
    for (size_t at = 0; at < size;) {
        const uint8_t *end = memchr(data + at, '\n', size - at);
        size_t length = end == NULL ? size - at : (size_t)(end - data) - at;
        snprintf(line, sizeof line, "%.*s", (int)(length < sizeof line ? length : sizeof line - 1), data + at);
        check_days(line, &off);
        check_hours(line, &off);
        at += length + 1;
    }
    return 0;
}
