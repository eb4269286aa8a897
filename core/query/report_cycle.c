/* SPDX-License-Identifier: Apache-2.0
 *
 * How much faster referrals close than leads. Both are compared within segments: a segment counts that has wins of
 * both, and its leads weigh as much as its referrals, so that a different mix of industries is not taken for speed. */
#include "query/report.h"

#include <math.h>
#include <stdlib.h>

#define SLOT_SHIFT 32
#define SEGMENT_SHIFT 12
#define LEAD_BIT (UINT64_C(1) << 11)
#define DAYS_MASK (LEAD_BIT - 1)
#define Z95 1.959963984540054
#define SHORTEST 0.5 /* tenths of a day: what took none, for logarithms */

_Static_assert(REPORT_GROUPS_MAX < 1 << (SLOT_SHIFT - SEGMENT_SHIFT), "a segment has its bits");
_Static_assert(INCIDENCE_DAYS * 10 <= (1 << 11) - 1, "days have their bits");

uint64_t cycle_sample(uint32_t slot, uint32_t segment, bool lead, uint32_t tenth_days)
{
    return (uint64_t)slot << SLOT_SHIFT | (uint64_t)segment << SEGMENT_SHIFT | (lead ? LEAD_BIT : 0) |
           (tenth_days & DAYS_MASK);
}

uint32_t cycle_slot(uint64_t sample)
{
    return (uint32_t)(sample >> SLOT_SHIFT);
}

/* A win and what it weighs. */
struct weighted {
    uint32_t days;
    double weight;
};

struct weighted_list {
    struct weighted *items;
    size_t count;
    double weight, squares;
};

static void list_add(struct weighted_list *list, uint32_t days, double weight)
{
    list->items[list->count++] = (struct weighted){days, weight};
    list->weight += weight;
    list->squares += weight * weight;
}

static int compare_days(const void *left, const void *right)
{
    const struct weighted *a = left;
    const struct weighted *b = right;
    return a->days < b->days ? -1 : a->days > b->days;
}

/* The value below which this share of the weight is; in the middle between two where the share ends between them. */
static double quantile(const struct weighted_list *list, double share)
{
    double wanted = list->weight * fmin(fmax(share, 0), 1);
    double slack = list->weight * 1e-9;
    double below = 0;
    for (size_t i = 0; i < list->count; i++) {
        below += list->items[i].weight;
        if (below > wanted + slack || i + 1 == list->count) {
            return list->items[i].days;
        }
        if (below >= wanted - slack) {
            return (list->items[i].days + (double)list->items[i + 1].days) / 2;
        }
    }
    return 0;
}

/* Wins of one segment: referrals first, as they are sorted. */
static void take_segment(struct weighted_list *referrals, struct weighted_list *leads, const uint64_t *wins,
                         size_t count)
{
    size_t referred = 0;
    while (referred < count && (wins[referred] & LEAD_BIT) == 0) {
        referred++;
    }
    if (referred == 0 || referred == count) {
        return; /* nothing to compare with */
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t days = (uint32_t)(wins[i] & DAYS_MASK);
        if (i < referred) {
            list_add(referrals, days, 1);
        } else {
            list_add(leads, days, (double)referred / (double)(count - referred));
        }
    }
}

/* The standard error of a median's logarithm, from the distance of the order statistics that are its 95 % interval. */
static double median_error(const struct weighted_list *list)
{
    double half = Z95 / 2 / sqrt(list->weight * list->weight / list->squares);
    double low = fmax(quantile(list, 0.5 - half), SHORTEST);
    double high = fmax(quantile(list, 0.5 + half), SHORTEST);
    return (log(high) - log(low)) / (2 * Z95);
}

static void compare(struct cycle *cycle, const struct weighted_list *referrals, const struct weighted_list *leads)
{
    double of_referrals = quantile(referrals, 0.5);
    double of_leads = quantile(leads, 0.5);
    cycle->referral_days = of_referrals;
    cycle->lead_days = of_leads;
    if (of_leads > 0) {
        double a = median_error(referrals), b = median_error(leads);
        double ratio = log(fmax(of_referrals, SHORTEST) / of_leads);
        double half = Z95 * sqrt(a * a + b * b);
        cycle->value = 1 - of_referrals / of_leads;
        cycle->interval = (struct interval){1 - exp(ratio + half), 1 - exp(ratio - half)};
    }
}

struct cycle cycle_compute(const uint64_t *wins, size_t count, struct arena *arena)
{
    struct cycle cycle = {0};
    struct weighted_list referrals = {.items = arena_alloc(arena, (count + 1) * sizeof(struct weighted))};
    struct weighted_list leads = {.items = arena_alloc(arena, (count + 1) * sizeof(struct weighted))};
    if (referrals.items == NULL || leads.items == NULL) {
        return cycle;
    }
    for (size_t i = 0; i < count;) {
        size_t end = i;
        while (end < count && wins[end] >> SEGMENT_SHIFT == wins[i] >> SEGMENT_SHIFT) {
            end++;
        }
        take_segment(&referrals, &leads, wins + i, end - i);
        i = end;
    }
    cycle.referrals = referrals.count;
    cycle.leads = leads.count;
    if (referrals.count > 0) {
        qsort(referrals.items, referrals.count, sizeof *referrals.items, compare_days);
        qsort(leads.items, leads.count, sizeof *leads.items, compare_days);
        compare(&cycle, &referrals, &leads);
    }
    return cycle;
}
