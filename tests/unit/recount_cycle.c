/* SPDX-License-Identifier: Apache-2.0
 *
 * How fast referrals close beside leads: leads weigh as many as the referrals of their segment, in whole numbers. */
#include "recount_parts.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct weighed {
    int days;
    int64_t weight;
};

static int compare_days(const void *left, const void *right)
{
    const struct weighed *a = left;
    const struct weighed *b = right;
    return (a->days > b->days) - (a->days < b->days);
}

static double median(struct weighed *list, size_t count)
{
    int64_t all = 0, below = 0;
    qsort(list, count, sizeof *list, compare_days);
    for (size_t i = 0; i < count; i++) {
        all += list[i].weight;
    }
    for (size_t i = 0; i < count; i++) {
        below += list[i].weight;
        if (2 * below == all) {
            return (list[i].days + list[i + 1].days) / 2.0;
        }
        if (2 * below > all) {
            return list[i].days;
        }
    }
    return 0;
}

/* Tenths of days of a win that counts; -1 for what does not. */
static int win_days(const struct wanted *wanted, const struct recount_referral *referral)
{
    bool old = referral->contacted_ms != 0 && wanted->recount->now_ms - referral->contacted_ms >= 180 * DAY;
    int64_t took = referral->closed_ms - referral->contacted_ms;
    return recount_counts(wanted, referral) && old && referral->won && took <= 180 * DAY ? (int)(took * 10 / DAY) : -1;
}

/* A segment's wins. */
struct segment {
    const char *name;
    int64_t wins[2]; /* of referrals, of leads */
};

#define SEGMENTS_MOST 64

static struct segment *segment_of(struct segment segments[SEGMENTS_MOST], const char *name)
{
    size_t i = 0;
    while (segments[i].name != NULL && strcmp(segments[i].name, name) != 0) {
        i++;
        cr_assert_lt(i, SEGMENTS_MOST);
    }
    segments[i].name = name;
    return &segments[i];
}

/* What the numbers of leads of all segments divide: their least common multiple. */
static int64_t whole_of(const struct segment segments[SEGMENTS_MOST])
{
    int64_t whole = 1;
    for (size_t i = 0; i < SEGMENTS_MOST && segments[i].name != NULL; i++) {
        if (segments[i].wins[0] == 0 || segments[i].wins[1] == 0) {
            continue;
        }
        int64_t a = whole, b = segments[i].wins[1];
        while (b != 0) {
            int64_t rest = a % b;
            a = b;
            b = rest;
        }
        cr_assert_lt(whole, INT64_MAX / 1000000 / segments[i].wins[1]);
        whole *= segments[i].wins[1] / a;
    }
    return whole;
}

struct counted recount_cycle(const struct wanted *wanted)
{
    struct counted counted = {0};
    static struct weighed lists[2][RECOUNT_MOST];
    struct segment segments[SEGMENTS_MOST] = {0};
    size_t counts_of[2] = {0, 0};
    const struct recount *recount = wanted->recount;
    for (size_t i = 0; i < recount->referral_count; i++) {
        const struct recount_referral *referral = &recount->referrals[i];
        bool seen = recount_counts(wanted, referral) && referral->contacted_ms != 0;
        counted.pending += seen && recount->now_ms - referral->contacted_ms < 180 * DAY ? 1 : 0;
        if (win_days(wanted, referral) >= 0) {
            segment_of(segments, recount->industries[referral->prospect])->wins[referral->lead_first]++;
        }
    }
    int64_t whole = whole_of(segments);
    for (size_t i = 0; i < recount->referral_count; i++) {
        const struct recount_referral *referral = &recount->referrals[i];
        int days = win_days(wanted, referral);
        const struct segment *segment = days < 0 ? NULL : segment_of(segments, recount->industries[referral->prospect]);
        if (segment == NULL || segment->wins[0] == 0 || segment->wins[1] == 0) {
            continue;
        }
        int64_t weight = referral->lead_first ? whole / segment->wins[1] * segment->wins[0] : 1;
        lists[referral->lead_first][counts_of[referral->lead_first]++] = (struct weighed){days, weight};
    }
    counted.numerator = llround(median(lists[0], counts_of[0]));
    counted.denominator = llround(median(lists[1], counts_of[1]));
    return counted;
}
