/* SPDX-License-Identifier: Apache-2.0
 *
 * Time zones through GLib, which reads the system's database, keeps what it has read, and may be asked by many threads
 * at once (the C library's zone is one for the whole process). */
#include "domain/zone.h"

#include "base/check.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

/* The last moment that is counted with: GLib's calendar ends with the year 9999. */
#define LATEST_MS INT64_C(253402214399000)

/* NULL for what is no name of the database. GLib would also take offsets, and paths of any file. */
static GTimeZone *zone_find(const char *zone)
{
    bool is_name = zone != NULL && g_ascii_isalpha(zone[0]) && strstr(zone, "..") == NULL;
    return is_name ? g_time_zone_new_identifier(zone) : NULL;
}

static GTimeZone *zone_open(const char *zone)
{
    GTimeZone *found = zone_find(zone);
    return found != NULL ? found : g_time_zone_new_utc();
}

static GDateTime *date_at(const char *zone, int64_t time_ms)
{
    int64_t bounded = time_ms < 0 ? 0 : time_ms > LATEST_MS ? LATEST_MS : time_ms;
    GTimeZone *opened = zone_open(zone);
    GDateTime *utc = g_date_time_new_from_unix_utc(bounded / 1000);
    GDateTime *there = g_date_time_to_timezone(utc, opened);
    CHECK(there != NULL);
    g_date_time_unref(utc);
    g_time_zone_unref(opened);
    return there;
}

bool zone_exists(const char *zone)
{
    GTimeZone *found = zone_find(zone);
    bool exists = found != NULL || (zone != NULL && strcmp(zone, "UTC") == 0);
    if (found != NULL) {
        g_time_zone_unref(found);
    }
    return exists;
}

uint32_t zone_month(const char *zone, int64_t time_ms)
{
    GDateTime *there = date_at(zone, time_ms);
    int year = g_date_time_get_year(there);
    int month = g_date_time_get_month(there);
    g_date_time_unref(there);
    return year < 1970 ? MONTH_LEAST : (uint32_t)(year * 100 + month);
}

bool zone_day_start_ms(const char *zone, int year, int month, int day, int64_t *time_ms)
{
    GTimeZone *opened = zone_open(zone);
    GDateTime *start = g_date_time_new(opened, year, month, day, 0, 0, 0);
    if (start != NULL) {
        *time_ms = g_date_time_to_unix(start) * 1000;
        g_date_time_unref(start);
    }
    g_time_zone_unref(opened);
    return start != NULL;
}

int64_t zone_month_start_ms(const char *zone, uint32_t month)
{
    int64_t time_ms = 0;
    CHECK(month_is(month));
    CHECK(zone_day_start_ms(zone, (int)(month / 100), (int)(month % 100), 1, &time_ms));
    return time_ms;
}

const char *zone_text(char out[ZONE_TEXT_BYTES], const char *zone, int64_t time_ms, bool with_time)
{
    GDateTime *there = date_at(zone, time_ms);
    int year = g_date_time_get_year(there) % 10000;
    int month = g_date_time_get_month(there) % 100;
    int day = g_date_time_get_day_of_month(there) % 100;
    int hour = g_date_time_get_hour(there) % 100;
    int minute = g_date_time_get_minute(there) % 100;
    if (with_time) {
        snprintf(out, ZONE_TEXT_BYTES, "%04d-%02d-%02d %02d:%02d", year, month, day, hour, minute);
    } else {
        snprintf(out, ZONE_TEXT_BYTES, "%04d-%02d-%02d", year, month, day);
    }
    g_date_time_unref(there);
    return out;
}

uint32_t month_next(uint32_t month)
{
    CHECK(month_is(month));
    return month % 100 == 12 ? month + 89 : month + 1;
}

bool month_is(uint32_t month)
{
    return month >= MONTH_LEAST && month <= MONTH_MOST && month % 100 >= 1 && month % 100 <= 12;
}
