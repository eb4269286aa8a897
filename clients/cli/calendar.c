/* SPDX-License-Identifier: Apache-2.0
 *
 * Hours of a week and days off, read and written. */
#include "calendar.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define DAYS 7
#define DAY_MINUTES 1440

static const char *const day_names[DAYS] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
static const char *const day_titles[DAYS] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

/* ---- hours ---- */

static const char *skip_blanks(const char *text)
{
    while (isspace((unsigned char)*text)) {
        text++;
    }
    return text;
}

static bool read_dash(const char **text)
{
    const char *at = skip_blanks(*text);
    size_t size = *at == '-' ? 1 : strncmp(at, "–", strlen("–")) == 0 ? strlen("–") : 0;
    *text = skip_blanks(at + size);
    return size > 0;
}

static bool read_day(const char **text, size_t *day)
{
    for (*day = 0; *day < DAYS; (*day)++) {
        if (strncasecmp(*text, day_names[*day], 3) == 0) {
            const char *end = *text + 3;
            while (isalpha((unsigned char)*end)) {
                end++; /* the rest of "Monday" */
            }
            *text = end;
            return true;
        }
    }
    return false;
}

static bool read_number(const char **text, uint32_t most, uint32_t *number)
{
    const char *at = *text;
    *number = 0;
    for (; isdigit((unsigned char)*at) && at - *text < 2; at++) {
        *number = *number * 10 + (uint32_t)(*at - '0');
    }
    bool read = at > *text && *number <= most;
    *text = at;
    return read;
}

/* "9:30", "9" or "24:00". */
static bool read_clock(const char **text, uint32_t *minute)
{
    uint32_t hours, minutes = 0;
    if (!read_number(text, 24, &hours)) {
        return false;
    }
    if (**text == ':') {
        (*text)++;
        const char *start = *text;
        if (!read_number(text, 59, &minutes) || *text - start != 2) {
            return false;
        }
    }
    *minute = hours * 60 + minutes;
    return *minute <= DAY_MINUTES;
}

/* "mon-fri 9:00-17:00" */
static bool read_part(const char **text, uint32_t hours[WEEK_HOURS])
{
    size_t first, last;
    uint32_t starts, ends;
    *text = skip_blanks(*text);
    if (!read_day(text, &first)) {
        return false;
    }
    last = first;
    if (read_dash(text) && !read_day(text, &last)) {
        return false;
    }
    *text = skip_blanks(*text);
    if (last < first || !read_clock(text, &starts) || !read_dash(text) || !read_clock(text, &ends) || ends <= starts) {
        return false;
    }
    for (size_t day = first; day <= last; day++) {
        if (hours[2 * day + 1] != 0) {
            return false; /* a morning and an afternoon, of which one would be lost unseen */
        }
        hours[2 * day] = starts;
        hours[2 * day + 1] = ends;
    }
    *text = skip_blanks(*text);
    return true;
}

bool calendar_parse_hours(const char *text, uint32_t hours[WEEK_HOURS])
{
    memset(hours, 0, WEEK_HOURS * sizeof hours[0]);
    do {
        if (!read_part(&text, hours)) {
            return false;
        }
    } while (*text++ == ',');
    return text[-1] == '\0';
}

const char *calendar_hours_text(char out[HOURS_TEXT_BYTES], const uint32_t hours[WEEK_HOURS])
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t day = 0; day < DAYS;) {
        uint32_t starts = hours[2 * day], ends = hours[2 * day + 1];
        size_t last = day;
        while (last + 1 < DAYS && hours[2 * last + 2] == starts && hours[2 * last + 3] == ends) {
            last++;
        }
        if (ends > starts) {
            int written = snprintf(out + used, HOURS_TEXT_BYTES - used, "%s%s%s%s %u:%02u–%u:%02u",
                                   used > 0 ? ", " : "", day_titles[day], last > day ? "–" : "",
                                   last > day ? day_titles[last] : "", starts / 60, starts % 60, ends / 60, ends % 60);
            used += written < 0 ? 0 : (size_t)written;
        }
        day = last + 1;
    }
    return used > 0 ? out : "never";
}

/* ---- days ---- */

/* Noon of a day, so that no change of the clocks can matter. */
static time_t noon_of(uint32_t day)
{
    struct tm tm = {.tm_year = (int)(day / 10000) - 1900,
                    .tm_mon = (int)(day / 100 % 100) - 1,
                    .tm_mday = (int)(day % 100),
                    .tm_hour = 12};
    return timegm(&tm);
}

static uint32_t day_at(time_t noon)
{
    struct tm tm;
    gmtime_r(&noon, &tm);
    return (uint32_t)((tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday);
}

bool calendar_parse_day(const char *text, uint32_t *day)
{
    static const char form[] = "0000-00-00";
    uint32_t number = 0;
    for (size_t i = 0; i < sizeof form; i++) {
        if (form[i] != '0' ? text[i] != form[i] : !isdigit((unsigned char)text[i])) {
            return false;
        }
        number = form[i] == '0' ? number * 10 + (uint32_t)(text[i] - '0') : number;
    }
    *day = number;
    return number >= 19700101 && day_at(noon_of(number)) == number;
}

uint32_t calendar_day_after(uint32_t day, int days)
{
    return day_at(noon_of(day) + (time_t)days * 86400);
}

bool calendar_parse_range(const char *text, uint32_t *first, uint32_t *last)
{
    char start[11];
    const char *dots = strstr(text, "..");
    if (dots == NULL) {
        *last = 0;
        return calendar_parse_day(text, first) && (*last = *first) != 0;
    }
    if (dots - text != 10) {
        return false;
    }
    snprintf(start, sizeof start, "%.10s", text);
    return calendar_parse_day(start, first) && calendar_parse_day(dots + 2, last) && *last >= *first;
}

bool days_off_add(struct days_off *off, uint32_t first, uint32_t last)
{
    days_off_remove(off, first, last);
    size_t at = 0;
    while (at < off->count && off->days[at] < first) {
        at++;
    }
    for (uint32_t day = first; day <= last; day = calendar_day_after(day, 1), at++) {
        if (off->count == DAYS_OFF_MOST) {
            return false;
        }
        memmove(&off->days[at + 1], &off->days[at], (off->count - at) * sizeof off->days[0]);
        off->days[at] = day;
        off->count++;
    }
    return true;
}

void days_off_remove(struct days_off *off, uint32_t first, uint32_t last)
{
    size_t kept = 0;
    for (size_t i = 0; i < off->count; i++) {
        if (off->days[i] < first || off->days[i] > last) {
            off->days[kept++] = off->days[i];
        }
    }
    off->count = kept;
}

size_t days_off_run(const struct days_off *off, size_t from)
{
    size_t last = from;
    while (last + 1 < off->count && off->days[last + 1] == calendar_day_after(off->days[last], 1)) {
        last++;
    }
    return last;
}
