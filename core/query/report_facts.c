/* SPDX-License-Identifier: Apache-2.0
 *
 * Metrics of referrals and leads: one scan over the facts of those that were registered in the period. Whether one is a
 * referral or a lead is told by what it was when it was registered: what happened later cannot choose its group. */
#include "query/report.h"

#include "base/check.h"

/* True when a referral that came of an ask came soon enough. */
static bool is_yield(const struct report_ask *ask, const struct fact *fact)
{
    return fact->registered_ms >= ask->asked_ms &&
           fact->registered_ms - ask->asked_ms <= metric_facts(METRIC_ASK_YIELD)->days * DAY_MS;
}

static void count_yield(const struct report *report, const struct fact *fact)
{
    size_t low = 0, high = report->ask_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (report->asks[middle].ask < fact->ask) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low < report->ask_count && report->asks[low].ask == fact->ask && is_yield(&report->asks[low], fact)) {
        report->asks[low].group->counts[METRIC_ASK_YIELD].numerator++;
    }
}

static void count_meeting(const struct report *report, struct report_group *group, const struct fact *fact)
{
    int64_t soon_ms = metric_facts(METRIC_MEETING_RATE)->days * DAY_MS;
    struct report_count *count = &group->counts[METRIC_MEETING_RATE];
    if ((fact->flags & (FACT_LEAD_FIRST | FACT_IMPORTED)) != 0) {
        return;
    }
    if (report->question->now_ms - fact->registered_ms < soon_ms) {
        count->pending++;
        return;
    }
    count->denominator++;
    count->numerator += fact->meeting_ms != 0 && fact->meeting_ms - fact->registered_ms <= soon_ms ? 1 : 0;
}

static bool count_close(struct report *report, struct report_group *group, const struct fact *fact)
{
    struct cohort **cohort = &group->cohorts[(fact->flags & FACT_LEAD_FIRST) != 0];
    if (*cohort == NULL) {
        *cohort = arena_alloc(report->arena, sizeof **cohort);
        if (*cohort == NULL) {
            report_too_large(report);
            return false;
        }
    }
    int64_t end_ms = fact->closed_ms != 0 ? fact->closed_ms : report->question->now_ms;
    enum cohort_end end = fact->closed_ms == 0 ? COHORT_OPEN : fact->state == STATE(WON) ? COHORT_WON : COHORT_LOST;
    cohort_add(*cohort, end, (end_ms - fact->registered_ms) / DAY_MS);
    return true;
}

static bool count_cycle(struct report *report, struct report_group *group, const struct fact *fact)
{
    int64_t longest_ms = metric_facts(METRIC_CYCLE)->days * DAY_MS;
    if (fact->contacted_ms == 0) {
        return true;
    }
    if (report->question->now_ms - fact->contacted_ms < longest_ms) {
        group->counts[METRIC_CYCLE].pending++;
        return true;
    }
    int64_t took_ms = fact->closed_ms - fact->contacted_ms;
    if (fact->state != STATE(WON) || took_ms > longest_ms) {
        return true;
    }
    return report_sample(report, &report->wins,
                         cycle_sample(group->slot, report_segment(report, fact->prospect),
                                      (fact->flags & FACT_LEAD_FIRST) != 0, (uint32_t)(took_ms * 10 / DAY_MS)));
}

static bool count_fact(struct report *report, const struct fact *fact)
{
    uint64_t member = report->received ? fact->receiver : fact->referrer;
    if (!report_counts(report, member)) {
        return true;
    }
    struct report_group *group = report_group(report, member, fact->prospect, fact->source, fact->registered_ms);
    if (group == NULL) {
        return false;
    }
    if (report_wants(report, METRIC_MEETING_RATE)) {
        count_meeting(report, group, fact);
    }
    return (!report_wants(report, METRIC_CLOSE_RATE) || count_close(report, group, fact)) &&
           (!report_wants(report, METRIC_CYCLE) || count_cycle(report, group, fact));
}

struct key report_first_fact(const struct report *report)
{
    return key_fact(report->span.from_ms > 0 ? report->span.from_ms : 1, 0);
}

/* What asks of the period led to may have been registered after it. */
static int64_t scan_until(const struct report *report)
{
    int64_t until_ms = report->span.until_ms;
    return report->ask_count > 0 ? until_ms + metric_facts(METRIC_ASK_YIELD)->days * DAY_MS : until_ms;
}

enum vouch_status report_facts(struct report *report)
{
    struct slice key, value;
    bool good = true;
    int64_t until_ms = scan_until(report);
    struct key from = report_first_fact(report);
    struct cursor *cursor = cursor_open(report->question->view, TABLE_FACT);
    for (bool row = cursor_seek(cursor, key_slice(&from), &key, &value);
         row && good && (int64_t)slice_u64(key, 0) <= until_ms; row = cursor_next(cursor, &key, &value)) {
        struct fact fact = fact_read(key, value);
        good = report_goes_on(report);
        if (good && fact_counts(&fact)) {
            if (fact.ask != 0 && report->ask_count > 0 && (fact.flags & FACT_LEAD_FIRST) == 0) {
                count_yield(report, &fact);
            }
            good = fact.registered_ms >= report->span.until_ms || count_fact(report, &fact);
        }
    }
    cursor_close(&cursor);
    report_samples_sort(&report->wins);
    return good ? VOUCH_OK : report->failed;
}
