/* SPDX-License-Identifier: Apache-2.0
 *
 * Working time, minute by minute: what day and minute it is in a zone is asked of the C library for each minute of the
 * story, whether somebody works in it is looked up, and the minutes are added. Slow, plain, and not how the broker does
 * it. */
#include "court.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HOME_ZONE "Europe/Berlin"
#define AHEAD_DAYS 150 /* moments that are later than that are not counted */
#define ZONES_MOST 8

/* A minute in a zone. */
struct minute {
    uint32_t day; /* yyyymmdd */
    uint16_t of_day;
    uint8_t weekday; /* 0: Monday */
};

static void *grown(void *items, size_t count, size_t *room, size_t size)
{
    if (count == *room) {
        *room = *room == 0 ? 1024 : *room * 2;
        items = realloc(items, *room * size);
        cr_assert_not_null(items);
    }
    return items;
}

static struct version *version_new(struct worked *worked)
{
    worked->versions = grown(worked->versions, worked->version_count, &worked->version_room, sizeof(struct version));
    return &worked->versions[worked->version_count++];
}

void worked_open(struct worked *worked, const struct sim *sim, uint64_t members)
{
    static const uint16_t nine_to_five[14] = {540, 1020, 540, 1020, 540, 1020, 540, 1020, 540, 1020};
    memset(worked, 0, sizeof *worked);
    worked->from_ms = WORLD_NOON;
    worked->until_ms = sim->world->now_ms + AHEAD_DAYS * SIM_DAY_MS;
    worked->version_of = calloc(members + 1, sizeof *worked->version_of);
    cr_assert_not_null(worked->version_of);
    struct version *first = version_new(worked);
    *first = (struct version){.zone = HOME_ZONE};
    memcpy(first->hours, nine_to_five, sizeof nine_to_five);
}

void worked_close(struct worked *worked)
{
    free(worked->versions);
    free(worked->version_of);
    free(worked->claims);
}

void worked_set(struct worked *worked, const Vouch__V1__CalendarSet *set)
{
    struct version *version = version_new(worked);
    *version = (struct version){.member = set->member, .off_count = set->calendar->n_days_off};
    snprintf(version->zone, sizeof version->zone, "%s", set->calendar->zone);
    cr_assert_eq(set->calendar->n_hours, 14);
    cr_assert_leq(version->off_count, sizeof version->off / sizeof version->off[0]);
    for (size_t i = 0; i < 14; i++) {
        version->hours[i] = (uint16_t)set->calendar->hours[i];
    }
    for (size_t i = 0; i < version->off_count; i++) {
        version->off[i] = set->calendar->days_off[i];
    }
    worked->version_of[set->member] = worked->version_count - 1;
}

int64_t worked_day_ms(const struct worked *worked, uint64_t member)
{
    const struct version *version = &worked->versions[worked->version_of[member]];
    int64_t days = 0, all_ms = 0;
    for (size_t day = 0; day < 7; day++) {
        int64_t minutes = version->hours[2 * day + 1] - version->hours[2 * day];
        days += minutes > 0 ? 1 : 0;
        all_ms += minutes * SIM_MINUTE_MS;
    }
    return all_ms / days;
}

void worked_claim(struct worked *worked, uint64_t member, enum claim claim, int64_t from_ms, int64_t until_ms,
                  int64_t work_ms, uint64_t sequence)
{
    if (until_ms >= worked->until_ms || from_ms >= worked->until_ms) {
        return;
    }
    worked->claims = grown(worked->claims, worked->claim_count, &worked->claim_room, sizeof(struct claimed));
    worked->claims[worked->claim_count++] = (struct claimed){
        worked->version_of[member], claim, from_ms, until_ms, work_ms, sequence};
}

/* ---- counting ---- */

static struct minute *minutes_of_zone(const struct worked *worked, const char *zone, size_t count)
{
    struct minute *minutes = calloc(count, sizeof *minutes);
    cr_assert_not_null(minutes);
    setenv("TZ", zone, 1);
    tzset();
    for (size_t i = 0; i < count; i++) {
        struct tm local;
        time_t at = (time_t)(worked->from_ms / 1000 + (int64_t)i * 60);
        cr_assert_not_null(localtime_r(&at, &local));
        minutes[i].day = (uint32_t)((local.tm_year + 1900) * 10000 + (local.tm_mon + 1) * 100 + local.tm_mday);
        minutes[i].of_day = (uint16_t)(local.tm_hour * 60 + local.tm_min);
        minutes[i].weekday = (uint8_t)((local.tm_wday + 6) % 7);
    }
    return minutes;
}

static const struct minute *minutes_in(const struct worked *worked, const char *zone, size_t count,
                                       struct minute *zones[ZONES_MOST], const char *names[ZONES_MOST])
{
    size_t i = 0;
    while (names[i] != NULL && strcmp(names[i], zone) != 0) {
        i++;
        cr_assert_lt(i, ZONES_MOST);
    }
    if (names[i] == NULL) {
        names[i] = zone;
        zones[i] = minutes_of_zone(worked, zone, count);
    }
    return zones[i];
}

static bool works_in(const struct version *version, const struct minute *minute)
{
    for (size_t i = 0; i < version->off_count; i++) {
        if (version->off[i] == minute->day) {
            return false;
        }
    }
    return minute->of_day >= version->hours[2 * minute->weekday] &&
           minute->of_day < version->hours[2 * minute->weekday + 1];
}

/* done[i]: how many minutes were worked before the i-th. */
static void count_minutes(const struct version *version, const struct minute *minutes, size_t count, uint32_t *done)
{
    bool works = false;
    uint32_t day = 0;
    done[0] = 0;
    for (size_t i = 0; i < count; i++) {
        bool hours = minutes[i].of_day >= version->hours[2 * minutes[i].weekday] &&
                     minutes[i].of_day < version->hours[2 * minutes[i].weekday + 1];
        if (hours && minutes[i].day != day) { /* the first one of a day */
            day = minutes[i].day;
            works = works_in(version, &minutes[i]);
        }
        done[i + 1] = done[i] + (hours && works ? 1 : 0);
    }
}

static int64_t work_until(const struct worked *worked, const uint32_t *done, int64_t moment_ms)
{
    int64_t since_ms = moment_ms - worked->from_ms;
    int64_t minute = since_ms / SIM_MINUTE_MS;
    return done[minute] * SIM_MINUTE_MS + (done[minute + 1] > done[minute] ? since_ms % SIM_MINUTE_MS : 0);
}

static void judge_claim(const struct worked *worked, const struct claimed *claimed, const uint32_t *done)
{
    const struct version *version = &worked->versions[claimed->version];
    int64_t start_ms = work_until(worked, done, claimed->from_ms);
    int64_t work_ms = work_until(worked, done, claimed->until_ms) - start_ms;
    bool right = claimed->claim == CLAIM_EXACTLY    ? work_ms == claimed->work_ms
                 : claimed->claim == CLAIM_AT_LEAST ? work_ms >= claimed->work_ms
                                                    : work_ms < claimed->work_ms;
    cr_assert(right,
              "event %" PRIu64 ": member %" PRIu64 " in %s works %" PRId64 " ms from %" PRId64 " to %" PRId64
              ", and %" PRId64 " are claimed (%d)",
              claimed->sequence, version->member, version->zone, work_ms, claimed->from_ms, claimed->until_ms,
              claimed->work_ms, (int)claimed->claim);
    cr_assert(claimed->claim != CLAIM_EXACTLY ||
                  work_until(worked, done, claimed->until_ms - 1) - start_ms == claimed->work_ms - 1,
              "event %" PRIu64 ": member %" PRIu64 " in %s does not work right before %" PRId64, claimed->sequence,
              version->member, version->zone, claimed->until_ms);
}

static int by_version(const void *left, const void *right)
{
    const struct claimed *a = left;
    const struct claimed *b = right;
    return (a->version > b->version) - (a->version < b->version);
}

void worked_judge(struct worked *worked)
{
    const char *names[ZONES_MOST + 1] = {NULL};
    struct minute *zones[ZONES_MOST + 1] = {NULL};
    size_t count = (size_t)((worked->until_ms - worked->from_ms) / SIM_MINUTE_MS) + 2;
    uint32_t *done = calloc(count + 1, sizeof *done);
    cr_assert_not_null(done);
    cr_assert_gt(worked->claim_count, 0);
    qsort(worked->claims, worked->claim_count, sizeof *worked->claims, by_version);
    for (size_t i = 0; i < worked->claim_count; i++) {
        const struct version *version = &worked->versions[worked->claims[i].version];
        if (i == 0 || worked->claims[i].version != worked->claims[i - 1].version) {
            count_minutes(version, minutes_in(worked, version->zone, count, zones, names), count, done);
        }
        judge_claim(worked, &worked->claims[i], done);
    }
    fprintf(stderr, "sim: %zu moments of %zu calendars counted by the minute\n", worked->claim_count,
            worked->version_count);
    for (size_t i = 0; i < ZONES_MOST; i++) {
        free(zones[i]);
    }
    free(done);
}
