/* SPDX-License-Identifier: Apache-2.0
 *
 * Time zones through GLib, which reads the system's database and may be asked by many threads at once (the C library's
 * zone is one for the whole process). It forgets what nobody holds, and reading a zone takes longer than all that is
 * asked of it: so each that was asked for is kept here for the life of the process. There are as many as the database
 * has files. */
#include "domain/zone.h"

#include "base/check.h"

#include <glib.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* The last moment that is counted with: GLib's calendar ends with the year 9999. */
#define LATEST_MS INT64_C(253402214399000)

#define SECOND_MS INT64_C(1000)
#define DAY_SECONDS INT64_C(86400)

struct zone {
    GTimeZone *glib;
};

/* By name; under the lock. */
static pthread_mutex_t zones_lock = PTHREAD_MUTEX_INITIALIZER;
static GHashTable *zones;

/* GLib would also take offsets, paths of any file, and many names for one file. What lies beside the zones in the
 * database is none of them: this machine's own, and those that count leap seconds. */
static bool is_name(const char *zone)
{
    static const char *const beside[] = {"localtime", "posixrules", "posix/", "right/"};
    if (zone == NULL || !g_ascii_isalpha(zone[0]) || strlen(zone) >= ZONE_BYTES || strstr(zone, "..") != NULL ||
        strstr(zone, "//") != NULL || strstr(zone, "/.") != NULL) {
        return false;
    }
    for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++) {
        if (g_str_has_prefix(zone, beside[i])) {
            return false;
        }
    }
    return true;
}

/* NULL for what is no name of the database. */
static const struct zone *zone_find(const char *name)
{
    if (!is_name(name)) {
        return NULL;
    }
    pthread_mutex_lock(&zones_lock);
    if (zones == NULL) {
        zones = g_hash_table_new(g_str_hash, g_str_equal);
    }
    struct zone *zone = g_hash_table_lookup(zones, name);
    GTimeZone *found = zone != NULL ? NULL : g_time_zone_new_identifier(name);
    if (found != NULL) {
        zone = g_new(struct zone, 1);
        zone->glib = found;
        g_hash_table_insert(zones, g_strdup(name), zone);
    }
    pthread_mutex_unlock(&zones_lock);
    return zone;
}

static struct zone utc_zone;

static void make_utc_zone(void)
{
    utc_zone.glib = g_time_zone_new_utc();
}

const struct zone *zone_get(const char *name)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    const struct zone *found = zone_find(name);
    if (found != NULL) {
        return found;
    }
    pthread_once(&once, make_utc_zone);
    return &utc_zone;
}

static GDateTime *date_at(const char *zone, int64_t time_ms)
{
    int64_t bounded = time_ms < 0 ? 0 : time_ms > LATEST_MS ? LATEST_MS : time_ms;
    GDateTime *utc = g_date_time_new_from_unix_utc(bounded / SECOND_MS);
    GDateTime *there = g_date_time_to_timezone(utc, zone_get(zone)->glib);
    CHECK(there != NULL);
    g_date_time_unref(utc);
    return there;
}

bool zone_exists(const char *zone)
{
    return zone_find(zone) != NULL || (zone != NULL && strcmp(zone, "UTC") == 0);
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
    GDateTime *start = g_date_time_new(zone_get(zone)->glib, year, month, day, 0, 0, 0);
    if (start != NULL) {
        *time_ms = g_date_time_to_unix(start) * SECOND_MS;
        g_date_time_unref(start);
    }
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

static int64_t floor_seconds(int64_t time_ms)
{
    int64_t rest = time_ms % SECOND_MS;
    return (time_ms - (rest < 0 ? rest + SECOND_MS : rest)) / SECOND_MS;
}

static int64_t offset_at(const struct zone *zone, int64_t seconds)
{
    int interval = g_time_zone_find_interval(zone->glib, G_TIME_TYPE_UNIVERSAL, seconds);
    return g_time_zone_get_offset(zone->glib, interval < 0 ? 0 : interval);
}

int64_t zone_local_ms(const struct zone *zone, int64_t time_ms)
{
    return time_ms + offset_at(zone, floor_seconds(time_ms)) * SECOND_MS;
}

/* When the clocks leave `offset`, between two moments. */
static int64_t change_between(const struct zone *zone, int64_t offset, int64_t before, int64_t after)
{
    while (after - before > 1) {
        int64_t middle = before + (after - before) / 2;
        if (offset_at(zone, middle) == offset) {
            before = middle;
        } else {
            after = middle;
        }
    }
    return after;
}

int64_t zone_utc_ms(const struct zone *zone, int64_t local_ms)
{
    int64_t local = floor_seconds(local_ms);
    int64_t below_second_ms = local_ms - local * SECOND_MS;
    int64_t before = offset_at(zone, local - 2 * DAY_SECONDS);
    int64_t after = offset_at(zone, local + 2 * DAY_SECONDS);
    if (before == after || offset_at(zone, local - before) == before) {
        return (local - before) * SECOND_MS + below_second_ms;
    }
    if (offset_at(zone, local - after) == after) {
        return (local - after) * SECOND_MS + below_second_ms;
    }
    return change_between(zone, before, local - 2 * DAY_SECONDS, local + 2 * DAY_SECONDS) * SECOND_MS;
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
