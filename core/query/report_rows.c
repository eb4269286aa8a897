/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of a report from what was counted: value and interval of each metric and group, or why there is none. */
#include "query/report.h"

#include "base/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A page under way. */
struct paper {
    struct report *report;
    Vouch__V1__ReportPage *page;
    struct page rows;
    uint32_t skip; /* rows of earlier pages */
};

typedef bool row_function(struct paper *paper, enum metric metric, const struct report_group *group);

static int64_t ppm_of(double value)
{
    return isfinite(value) ? (int64_t)llround(fmin(fmax(value, -1e9), 1e9) * PPM) : 0;
}

/* ---- rows ---- */

static Vouch__V1__ReportRow *row_new(const struct paper *paper, enum metric metric, const struct report_group *group)
{
    Vouch__V1__ReportRow *row = question_message(paper->report->question, &vouch__v1__report_row__descriptor);
    if (row != NULL) {
        char *label = arena_strdup(paper->report->question->arena, group->label);
        row->metric = (Vouch__V1__Metric)metric;
        row->group = label == NULL ? row->group : label;
        row->member = group->member;
    }
    return row;
}

/* False when the page is full. */
static bool row_add(struct paper *paper, Vouch__V1__ReportRow *row)
{
    if (paper->skip > 0) {
        paper->skip--;
        return true;
    }
    return page_add(&paper->rows, row, protobuf_c_message_get_packed_size(&row->base));
}

static void set_value(Vouch__V1__ReportRow *row, double value, struct interval interval)
{
    row->value_ppm = ppm_of(value);
    row->has_interval = true;
    row->low_ppm = ppm_of(interval.low);
    row->high_ppm = ppm_of(interval.high);
}

/* Blank, with the reason, when it rests on too little. */
static bool is_enough(const struct paper *paper, Vouch__V1__ReportRow *row, uint64_t count, const char *of)
{
    row->count = count;
    if (count >= METRIC_LEAST) {
        return true;
    }
    row->blank = true;
    char *why = arena_printf(paper->report->question->arena, "%" PRIu64 " of the %d %s that it takes", count,
                             METRIC_LEAST, of);
    row->why = why == NULL ? row->why : why;
    return false;
}

static bool is_always_there(const struct report *report)
{
    return report->by == BY(ALL) || report->by == BY(MONTH);
}

/* ---- one function a kind ---- */

static bool share_row(struct paper *paper, enum metric metric, const struct report_group *group)
{
    const struct report_count *count = &group->counts[metric];
    if (count->denominator == 0 && count->pending == 0 && !is_always_there(paper->report)) {
        return true;
    }
    Vouch__V1__ReportRow *row = row_new(paper, metric, group);
    if (row == NULL) {
        return false;
    }
    row->numerator = (int64_t)count->numerator;
    row->denominator = (int64_t)count->denominator;
    row->pending = count->pending;
    if (is_enough(paper, row, count->denominator, metric == METRIC_ASK_RATE ? "contacts" : "cases")) {
        bool rate = metric_facts(metric)->kind == METRIC_KIND_RATE;
        set_value(row, (double)count->numerator / (double)count->denominator,
                  rate ? rate_interval(count->numerator, count->denominator)
                       : wilson(count->numerator, count->denominator));
    }
    return row_add(paper, row);
}

static uint64_t sum_of(const uint32_t counts[INCIDENCE_DAYS + 2])
{
    uint64_t sum = 0;
    for (size_t day = 0; day < INCIDENCE_DAYS + 2; day++) {
        sum += counts[day];
    }
    return sum;
}

static bool close_row_of(struct paper *paper, const struct report_group *group, bool lead)
{
    struct incidence days[INCIDENCE_DAYS + 1];
    const struct cohort *cohort = group->cohorts[lead];
    if (cohort == NULL && (lead || !is_always_there(paper->report))) {
        return true;
    }
    Vouch__V1__ReportRow *row = row_new(paper, METRIC_CLOSE_RATE, group);
    if (row == NULL) {
        return false;
    }
    row->lead = lead;
    uint64_t size = cohort == NULL ? 0 : cohort_size(cohort);
    if (cohort != NULL) {
        row->numerator = (int64_t)sum_of(cohort->won);
        row->denominator = (int64_t)size;
        row->pending = sum_of(cohort->open);
    }
    if (is_enough(paper, row, size, lead ? "leads" : "referrals")) {
        incidence_compute(cohort, days);
        set_value(row, days[INCIDENCE_DAYS].won, days[INCIDENCE_DAYS].interval);
    }
    return row_add(paper, row);
}

static bool close_row(struct paper *paper, enum metric metric, const struct report_group *group)
{
    (void)metric;
    return close_row_of(paper, group, false) && close_row_of(paper, group, true);
}

/* The wins of a group are together, and in the order of their slots. */
static const uint64_t *wins_of(const struct report *report, uint32_t slot, size_t *count)
{
    const struct report_samples *wins = &report->wins;
    size_t low = 0, high = wins->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (cycle_slot(wins->numbers[middle]) < slot) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    size_t end = low;
    while (end < wins->count && cycle_slot(wins->numbers[end]) == slot) {
        end++;
    }
    *count = end - low;
    return wins->numbers == NULL ? NULL : wins->numbers + low;
}

static bool cycle_row(struct paper *paper, enum metric metric, const struct report_group *group)
{
    size_t count;
    const uint64_t *wins = wins_of(paper->report, group->slot, &count);
    uint64_t pending = group->counts[METRIC_CYCLE].pending;
    if (count == 0 && pending == 0 && !is_always_there(paper->report)) {
        return true;
    }
    struct cycle cycle = cycle_compute(wins, count, paper->report->arena);
    Vouch__V1__ReportRow *row = row_new(paper, metric, group);
    if (row == NULL) {
        return false;
    }
    row->unit = VOUCH__V1__REPORT_ROW__UNIT__TENTH_DAYS;
    row->numerator = llround(cycle.referral_days);
    row->denominator = llround(cycle.lead_days);
    row->pending = pending;
    bool referrals_fewer = cycle.referrals < cycle.leads;
    if (is_enough(paper, row, referrals_fewer ? cycle.referrals : cycle.leads,
                  referrals_fewer ? "won referrals with won leads of their segment"
                                  : "won leads with won referrals of their segment")) {
        set_value(row, cycle.value, cycle.interval);
        row->blank = cycle.lead_days <= 0;
    }
    return row_add(paper, row);
}

static bool money_row_of(struct paper *paper, enum metric metric, const struct report_group *group,
                         const struct report_money *money)
{
    Vouch__V1__ReportRow *row = row_new(paper, metric, group);
    char *currency = arena_strdup(paper->report->question->arena, money->currency);
    if (row == NULL || currency == NULL) {
        return false;
    }
    row->unit = VOUCH__V1__REPORT_ROW__UNIT__MINOR;
    row->currency = currency;
    row->numerator = money->numerator;
    row->denominator = money->denominator;
    row->count = money->count;
    bool enough = metric == METRIC_QUOTA_MET || is_enough(paper, row, money->count, "payments");
    if (money->denominator <= 0) {
        row->blank = true;
        row->why = enough ? (char *)(uintptr_t) "nothing to divide by" : row->why;
    } else if (enough) {
        row->value_ppm = ppm_of((double)money->numerator / (double)money->denominator);
    }
    return row_add(paper, row);
}

static int compare_money(const void *left, const void *right)
{
    const struct report_money *a = *(const struct report_money *const *)left;
    const struct report_money *b = *(const struct report_money *const *)right;
    return strcmp(a->currency, b->currency);
}

/* More currencies than ISO 4217 has. */
#define CURRENCIES_MAX 256

static bool money_row(struct paper *paper, enum metric metric, const struct report_group *group)
{
    const struct report_money *list[CURRENCIES_MAX];
    size_t count = 0;
    bool more = true;
    for (const struct report_money *money = group->money; money != NULL && count < CURRENCIES_MAX;
         money = money->next) {
        /* What is sold in a currency without a quota is measured by none. */
        if (money->metric == metric && (metric != METRIC_QUOTA_MET || money->denominator > 0)) {
            list[count++] = money;
        }
    }
    if (count == 0 && paper->report->by == BY(ALL)) {
        const struct report_money none = {.metric = metric};
        return money_row_of(paper, metric, group, &none);
    }
    if (count > 0) {
        qsort(list, count, sizeof list[0], compare_money);
    }
    for (size_t i = 0; i < count && more; i++) {
        more = money_row_of(paper, metric, group, list[i]);
    }
    return more;
}

static row_function *const row_functions[] = {
    [METRIC_KIND_SHARE] = share_row, [METRIC_KIND_RATE] = share_row,  [METRIC_KIND_INCIDENCE] = close_row,
    [METRIC_KIND_CYCLE] = cycle_row, [METRIC_KIND_MONEY] = money_row,
};

/* ---- all of them ---- */

static int compare_slots(const void *left, const void *right)
{
    const struct report_group *a = *(const struct report_group *const *)left;
    const struct report_group *b = *(const struct report_group *const *)right;
    return a->slot < b->slot ? -1 : a->slot > b->slot;
}

static int compare_labels(const void *left, const void *right)
{
    const struct report_group *a = *(const struct report_group *const *)left;
    const struct report_group *b = *(const struct report_group *const *)right;
    int order = strcmp(a->label, b->label);
    return order != 0 ? order : compare_slots(left, right);
}

static void sort_groups(const struct report *report)
{
    bool by_slot = report->by == BY(MONTH) || report->by == BY(SOURCE);
    if (report->group_count > 0) {
        qsort(report->groups, report->group_count, sizeof report->groups[0], by_slot ? compare_slots : compare_labels);
    }
}

enum vouch_status report_rows(struct report *report, uint32_t after, uint32_t limit, Vouch__V1__ReportPage *page)
{
    struct paper paper = {.report = report, .page = page, .skip = after};
    if (!page_start(report->question, limit, &paper.rows)) {
        return question_too_large(report->question);
    }
    sort_groups(report);
    bool good = true;
    for (uint32_t metric = METRIC_OF_NOTHING + 1; metric < METRIC_COUNT && good; metric++) {
        if (!report_wants(report, (enum metric)metric)) {
            continue;
        }
        row_function *row = row_functions[metric_facts(metric)->kind];
        for (uint32_t i = 0; i < report->group_count && good; i++) {
            good = row(&paper, (enum metric)metric, report->groups[i]);
        }
    }
    page->rows = (Vouch__V1__ReportRow **)paper.rows.rows;
    page->n_rows = paper.rows.count;
    page->more = !good;
    return !good && paper.rows.count == 0 ? question_too_large(report->question) : VOUCH_OK;
}
