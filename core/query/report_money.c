/* SPDX-License-Identifier: Apache-2.0
 *
 * Metrics that are counted, not estimated: revenue and bookings from their rows, quotas, obligations day by day. Money
 * of different currencies is never added. */
#include "query/report.h"

#include "base/message.h"
#include "domain/day.h"
#include "domain/quota.h"
#include "query/member_work.h"

#include <endian.h>
#include <string.h>

/* ---- revenue and bookings ---- */

/* What came in, by who sourced it. */
static bool count_paid(struct report *report, const struct revenue *revenue)
{
    uint64_t member = report->received ? revenue->receiver : revenue->referrer;
    if (!report_wants(report, METRIC_CLIENT_SHARE) || !report_counts(report, member)) {
        return true;
    }
    struct report_group *group = report_group(report, member, revenue->prospect, revenue->source, revenue->time_ms);
    bool by_client = revenue->source == VOUCH__V1__SOURCE__KIND__CLIENT;
    return group != NULL &&
           report_money_add(report, group, METRIC_CLIENT_SHARE, revenue->currency, by_client ? revenue->minor : 0,
                            revenue->minor, revenue->kind == REVENUE_PAID ? 1 : 0);
}

/* The year of a booking; rows come in the order of time, so that it is seldom another. */
static uint32_t booked_year(struct report *report, int64_t time_ms)
{
    if (report->booked_year == 0 || time_ms >= report->booked_year_until_ms) {
        report->booked_year = day_of(report->zone, time_ms) / 10000;
        if (!zone_day_start_ms(report->zone, (int)report->booked_year + 1, 1, 1, &report->booked_year_until_ms)) {
            report->booked_year_until_ms = time_ms;
        }
    }
    return report->booked_year;
}

/* Whether there is a quota that this booking counts towards: who has none in that year and currency adds nothing, or a
 * team would attain with the sales of those from whom nothing was due. */
static bool is_due(struct report *report, const struct revenue *revenue)
{
    struct report_member *member = &report->members[revenue->receiver];
    uint32_t year = booked_year(report, revenue->time_ms);
    if (member->quota_year != year) {
        arena_reset(report->row);
        const Vouch__V1__Quota *quota = record_quota(report->question->view, revenue->receiver, year, report->row);
        member->quota_year = year;
        member->quota_currency[0] = '\0';
        if (quota != NULL && quota->amount != NULL) {
            memcpy(member->quota_currency, quota->amount->currency, sizeof member->quota_currency);
        }
    }
    return strcmp(member->quota_currency, revenue->currency) == 0;
}

/* What was sold, for whoever sold it. */
static bool count_booked(struct report *report, const struct revenue *revenue)
{
    if (!report_wants(report, METRIC_QUOTA_MET) || !report_counts(report, revenue->receiver) ||
        !is_due(report, revenue)) {
        return true;
    }
    struct report_group *group = report_group(report, revenue->receiver, revenue->prospect, revenue->source,
                                              revenue->time_ms);
    return group != NULL && report_money_add(report, group, METRIC_QUOTA_MET, revenue->currency, revenue->minor, 0,
                                             revenue->kind == REVENUE_BOOKED ? 1 : 0);
}

enum vouch_status report_revenue(struct report *report)
{
    struct slice key, value;
    bool good = true;
    struct key from = key_revenue(report->span.from_ms, 0, 0, 0);
    struct cursor *cursor = cursor_open(report->question->view, TABLE_REVENUE);
    for (bool row = cursor_seek(cursor, key_slice(&from), &key, &value);
         row && good && (int64_t)slice_u64(key, 0) < report->span.until_ms; row = cursor_next(cursor, &key, &value)) {
        struct revenue revenue = revenue_read(key, value);
        bool paid = revenue.kind == REVENUE_PAID || revenue.kind == REVENUE_REFUNDED;
        good = report_goes_on(report) && (paid ? count_paid(report, &revenue) : count_booked(report, &revenue));
    }
    cursor_close(&cursor);
    return good ? VOUCH_OK : report->failed;
}

/* ---- quotas ---- */

/* Days of the year on which the member was one, within the period and up to now. */
static int64_t quota_share(const struct report *report, const struct report_member *member, int64_t minor,
                           uint32_t year)
{
    const char *zone = report->zone;
    uint32_t first = report->span.first_day;
    uint32_t last = report->span.last_day;
    uint32_t joined = day_of(zone, member->joined_ms);
    uint32_t today = day_of(zone, report->question->now_ms);
    uint32_t removed = member->removed_ms == 0 ? last : day_of(zone, member->removed_ms);
    first = joined > first ? joined : first;
    last = today < last ? today : last;
    last = removed < last ? removed : last;
    return first > last ? 0 : quota_due_minor(minor, year, first, last);
}

static bool count_quota(struct report *report, struct slice key, struct slice value)
{
    uint64_t id = slice_u64(key, 0);
    uint32_t year;
    memcpy(&year, (const uint8_t *)key.data + 8, sizeof year);
    year = be32toh(year);
    if (!report_counts(report, id) || year < report->span.first_day / 10000 || year > report->span.last_day / 10000) {
        return true;
    }
    arena_reset(report->row);
    const Vouch__V1__Quota *quota = (const void *)message_unpack_own(&vouch__v1__quota__descriptor, value.size,
                                                                     value.data, report->row);
    if (quota == NULL || quota->amount == NULL) {
        return true;
    }
    int64_t due = quota_share(report, &report->members[id], quota->amount->minor, year);
    struct report_group *group = report_group(report, id, 0, 0, report->span.from_ms);
    return group != NULL &&
           (due == 0 || report_money_add(report, group, METRIC_QUOTA_MET, quota->amount->currency, 0, due, 0));
}

enum vouch_status report_quotas(struct report *report)
{
    struct slice key, value;
    bool good = true;
    struct cursor *cursor = cursor_open(report->question->view, TABLE_QUOTA);
    for (bool row = cursor_seek(cursor, SLICE_NONE, &key, &value); row && good;
         row = cursor_next(cursor, &key, &value)) {
        good = report_goes_on(report) && count_quota(report, key, value);
    }
    cursor_close(&cursor);
    return good ? VOUCH_OK : report->failed;
}

/* ---- obligations ---- */

/* Days are those of the home company; a month of the report is theirs, too. */
static int64_t noon_of(const struct report *report, uint32_t day)
{
    int64_t start_ms = report->span.from_ms;
    day_start_ms(report->zone, day, &start_ms);
    return start_ms + DAY_MS / 2;
}

static bool count_days(struct report *report, struct cursor *cursor, uint64_t member)
{
    struct slice key, value;
    struct key from = key_obligation(member, report->span.first_day);
    bool good = true;
    for (bool row = cursor_seek(cursor, key_slice(&from), &key, &value);
         row && good && slice_u64(key, 0) == member && obligation_day(key) <= report->span.last_day;
         row = cursor_next(cursor, &key, &value)) {
        int64_t when_ms = report->by == BY(MONTH) ? noon_of(report, obligation_day(key)) : 0;
        struct report_group *group = report_group(report, member, 0, 0, when_ms);
        good = report_goes_on(report) && group != NULL;
        if (good) {
            struct obligation of_day = obligation_read(value);
            group->counts[METRIC_FOLLOW_UP].numerator += of_day.kept;
            group->counts[METRIC_FOLLOW_UP].denominator += (uint64_t)of_day.kept + of_day.missed;
        }
    }
    return good;
}

enum vouch_status report_obligations(struct report *report)
{
    bool good = true;
    struct cursor *cursor = cursor_open(report->question->view, TABLE_OBLIGATION);
    for (uint64_t member = 1; good && member <= report->member_count; member++) {
        good = !report_counts(report, member) || count_days(report, cursor, member);
    }
    cursor_close(&cursor);
    return good ? VOUCH_OK : report->failed;
}
