/* SPDX-License-Identifier: Apache-2.0
 *
 * One row of a report, counted the long way: for each metric a walk over the lists, with every rule written out. */
#include "domain/zone.h"
#include "recount_parts.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECOUNT_DAYS 4000 /* longer than any test lets a referral live */
#define BY(name) VOUCH__V1__REPORT__BY__##name
#define METRIC(name) VOUCH__V1__METRIC__##name

static bool in_period(const struct wanted *wanted, int64_t time_ms)
{
    return time_ms >= wanted->page->from_ms && time_ms < wanted->page->until_ms;
}

/* Whether something of this member's is of the row's group. */
static bool in_group(const struct wanted *wanted, uint64_t member, const struct recount_referral *referral,
                     int64_t time_ms)
{
    static const char *const sources[] = {"not told", "client", "other contact", "co-worker", "partner"};
    switch (wanted->page->by) {
    case BY(REP):
        return wanted->row->member == member && strcmp(wanted->recount->members[member].name, wanted->row->group) == 0;
    case BY(TEAM):
        return strcmp(wanted->recount->members[member].team, wanted->row->group) == 0;
    case BY(SOURCE):
        return strcmp(sources[referral->source], wanted->row->group) == 0;
    case BY(SEGMENT):
        return strcmp(wanted->recount->industries[referral->prospect], wanted->row->group) == 0;
    case BY(MONTH):
        return time_ms >= wanted->month_from_ms && time_ms < wanted->month_until_ms;
    default:
        return true;
    }
}

static uint64_t whose(const struct wanted *wanted, const struct recount_referral *referral)
{
    return wanted->page->received ? referral->receiver : referral->referrer;
}

bool recount_counts(const struct wanted *wanted, const struct recount_referral *referral)
{
    return referral->registered_ms != 0 && in_period(wanted, referral->registered_ms) && !referral->duplicate &&
           !referral->fraud && whose(wanted, referral) != 0 &&
           in_group(wanted, whose(wanted, referral), referral, referral->registered_ms);
}

/* ---- asks ---- */

static bool ask_counts(const struct wanted *wanted, const struct recount_ask *ask)
{
    return ask->asked_ms != 0 && in_period(wanted, ask->asked_ms) && in_group(wanted, ask->member, NULL, ask->asked_ms);
}

/* Contacts that somebody of the group knows, each once. */
static struct counted ask_rate(const struct wanted *wanted)
{
    struct counted counted = {0};
    static struct {
        bool known, asked;
    } marks[RECOUNT_MOST + 1];
    int64_t now = wanted->recount->now_ms;
    int64_t end = wanted->page->until_ms < now ? wanted->page->until_ms : now;
    memset(marks, 0, sizeof marks);
    for (size_t i = 0; i < wanted->recount->tie_count; i++) {
        const struct recount_tie *tie = &wanted->recount->ties[i];
        const struct recount_contact *person = recount_person(wanted->recount, tie->contact);
        if (tie->stands && !person->erased) {
            int64_t start = person->since_ms > wanted->page->from_ms ? person->since_ms : wanted->page->from_ms;
            bool counts = end - start >= 30 * DAY && in_group(wanted, tie->member, NULL, start);
            marks[person->id].known = marks[person->id].known || counts;
        }
    }
    for (size_t i = 0; i < wanted->recount->ask_count; i++) {
        const struct recount_ask *ask = &wanted->recount->asks[i];
        uint64_t person = recount_person(wanted->recount, ask->contact)->id;
        marks[person].asked = marks[person].asked || ask_counts(wanted, ask);
    }
    for (size_t id = 1; id <= RECOUNT_MOST; id++) {
        counted.denominator += marks[id].known ? 1 : 0;
        counted.numerator += marks[id].known && marks[id].asked ? 1 : 0;
    }
    return counted;
}

/* Asks that are old enough. */
static bool ask_is_ripe(const struct wanted *wanted, const struct recount_ask *ask)
{
    return ask_counts(wanted, ask) && wanted->recount->now_ms - ask->asked_ms >= 60 * DAY;
}

/* Referrals that came of asks that count, soon enough. */
static int64_t came_of_asks(const struct wanted *wanted)
{
    int64_t count = 0;
    for (size_t i = 0; i < wanted->recount->referral_count; i++) {
        const struct recount_referral *referral = &wanted->recount->referrals[i];
        const struct recount_ask *ask = referral->ask == 0 ? NULL : &wanted->recount->asks[referral->ask - 1];
        count += ask != NULL && ask_is_ripe(wanted, ask) && referral->registered_ms != 0 && !referral->lead_first &&
                         !referral->duplicate && !referral->fraud && referral->registered_ms >= ask->asked_ms &&
                         referral->registered_ms - ask->asked_ms <= 60 * DAY
                     ? 1
                     : 0;
    }
    return count;
}

static struct counted of_asks(const struct wanted *wanted, bool yes)
{
    struct counted counted = {0};
    for (size_t i = 0; i < wanted->recount->ask_count; i++) {
        const struct recount_ask *ask = &wanted->recount->asks[i];
        if (!ask_counts(wanted, ask)) {
            continue;
        }
        if (!ask_is_ripe(wanted, ask)) {
            counted.pending++;
            continue;
        }
        bool named = ask->named_ms != 0 && ask->named_ms - ask->asked_ms <= 60 * DAY;
        counted.denominator++;
        counted.numerator += yes && named ? 1 : 0;
    }
    counted.numerator += yes ? 0 : came_of_asks(wanted);
    return counted;
}

/* ---- referrals ---- */

static struct counted meeting_rate(const struct wanted *wanted)
{
    struct counted counted = {0};
    for (size_t i = 0; i < wanted->recount->referral_count; i++) {
        const struct recount_referral *referral = &wanted->recount->referrals[i];
        if (!recount_counts(wanted, referral) || referral->lead_first || referral->imported) {
            continue;
        }
        if (wanted->recount->now_ms - referral->registered_ms < 45 * DAY) {
            counted.pending++;
        } else {
            counted.denominator++;
            counted.numerator += referral->met_ms != 0 && referral->met_ms - referral->registered_ms <= 45 * DAY ? 1
                                                                                                                 : 0;
        }
    }
    return counted;
}

static struct counted close_rate(const struct wanted *wanted)
{
    struct counted counted = {0};
    for (size_t i = 0; i < wanted->recount->referral_count; i++) {
        const struct recount_referral *referral = &wanted->recount->referrals[i];
        if (recount_counts(wanted, referral) && referral->lead_first == (bool)wanted->row->lead) {
            counted.denominator++;
            counted.numerator += referral->won ? 1 : 0;
            counted.pending += referral->closed_ms == 0 ? 1 : 0;
        }
    }
    return counted;
}

/* The days for which those of a row were in sight, and how that ended. */
struct ends {
    int64_t open[RECOUNT_DAYS + 1], won[RECOUNT_DAYS + 1], all[RECOUNT_DAYS + 1]; /* by day */
};

static const struct ends *ends_of(const struct wanted *wanted)
{
    static struct ends ends;
    const struct recount *recount = wanted->recount;
    memset(&ends, 0, sizeof ends);
    for (size_t i = 0; i < recount->referral_count; i++) {
        const struct recount_referral *referral = &recount->referrals[i];
        if (recount_counts(wanted, referral) && referral->lead_first == (bool)wanted->row->lead) {
            int64_t end = referral->closed_ms != 0 ? referral->closed_ms : recount->now_ms;
            int64_t day = (end - referral->registered_ms) / DAY;
            cr_assert(day >= 0 && day <= RECOUNT_DAYS);
            ends.all[day]++;
            ends.open[day] += referral->closed_ms == 0 ? 1 : 0;
            ends.won[day] += referral->closed_ms != 0 && referral->won ? 1 : 0;
        }
    }
    return &ends;
}

/* Share won by day 180 by the inverse of the chance to be still in sight: what was lost from sight on a day was seen
 * to the end of it. */
static double won_share(const struct wanted *wanted)
{
    const struct ends *ends = ends_of(wanted);
    double share = 0, in_sight = 1;
    int64_t all = close_rate(wanted).denominator, gone = 0;
    for (int64_t day = 0; day <= 180; day++) {
        share += ends->won[day] == 0 ? 0 : (double)ends->won[day] / in_sight;
        gone += ends->all[day] - ends->open[day];
        int64_t there = all - gone;
        in_sight *= there == 0 ? 1 : 1 - (double)ends->open[day] / (double)there;
        gone += ends->open[day];
    }
    return all > 0 ? share / (double)all : 0;
}

/* ---- money ---- */

static struct counted client_share(const struct wanted *wanted)
{
    struct counted counted = {0};
    for (size_t i = 0; i < wanted->recount->money_count; i++) {
        const struct recount_money *money = &wanted->recount->money[i];
        const struct recount_referral *referral = &wanted->recount->referrals[money->referral - 1];
        if (!money->booked && in_period(wanted, money->time_ms) &&
            strcmp(referral->currency, wanted->row->currency) == 0 &&
            in_group(wanted, whose(wanted, referral), referral, money->time_ms)) {
            counted.denominator += money->minor;
            counted.numerator += referral->source == VOUCH__V1__SOURCE__KIND__CLIENT ? money->minor : 0;
        }
    }
    return counted;
}

static int day_number(const char *zone, int64_t time_ms)
{
    char text[ZONE_TEXT_BYTES];
    int year = 0, month = 0, day = 0;
    zone_text(text, zone, time_ms, false);
    cr_assert_eq(sscanf(text, "%d-%d-%d", &year, &month, &day), 3);
    return year * 10000 + month * 100 + day;
}

/* The days of the quota's year one by one. */
static int64_t quota_due(const struct wanted *wanted, const struct recount_quota *quota)
{
    const char *zone = wanted->page->zone;
    int joined = day_number(zone, wanted->recount->members[quota->member].joined_ms);
    int today = day_number(zone, wanted->recount->now_ms);
    int first = day_number(zone, wanted->page->from_ms);
    int last = day_number(zone, wanted->page->until_ms - 1);
    int64_t days = 0, year_days = 0, start_ms = 0;
    for (int month = 1; month <= 12; month++) {
        for (int day = 1; day <= 31; day++) {
            if (zone_day_start_ms(zone, (int)quota->year, month, day, &start_ms)) {
                int number = (int)quota->year * 10000 + month * 100 + day;
                year_days++;
                days += number >= joined && number <= today && number >= first && number <= last ? 1 : 0;
            }
        }
    }
    return quota->minor * days / year_days;
}

/* Bookings of whoever has a quota, in its year and currency. */
static int64_t booked(const struct wanted *wanted, const struct recount_quota *quota)
{
    int64_t minor = 0;
    for (size_t i = 0; i < wanted->recount->money_count; i++) {
        const struct recount_money *money = &wanted->recount->money[i];
        const struct recount_referral *referral = &wanted->recount->referrals[money->referral - 1];
        bool counts = money->booked && referral->receiver == quota->member && in_period(wanted, money->time_ms) &&
                      strcmp(referral->currency, quota->currency) == 0 &&
                      day_number(wanted->page->zone, money->time_ms) / 10000 == (int)quota->year;
        minor += counts ? money->minor : 0;
    }
    return minor;
}

static struct counted quota(const struct wanted *wanted)
{
    struct counted counted = {0};
    for (size_t i = 0; i < wanted->recount->quota_count; i++) {
        const struct recount_quota *quota = &wanted->recount->quotas[i];
        if (strcmp(quota->currency, wanted->row->currency) == 0 &&
            in_group(wanted, quota->member, NULL, wanted->page->from_ms)) {
            counted.denominator += quota_due(wanted, quota);
            counted.numerator += booked(wanted, quota);
        }
    }
    return counted;
}

static struct counted follow_up(const struct wanted *wanted)
{
    struct counted counted = {0};
    uint32_t first = (uint32_t)day_number(wanted->page->zone, wanted->page->from_ms);
    uint32_t last = (uint32_t)day_number(wanted->page->zone, wanted->page->until_ms - 1);
    for (size_t i = 0; i < wanted->recount->day_count; i++) {
        const struct recount_day *day = &wanted->recount->days[i];
        if (day->day < first || day->day > last) {
            continue;
        }
        int64_t when_ms = 0;
        if (wanted->page->by == BY(MONTH)) {
            zone_day_start_ms(wanted->page->zone, (int)(day->day / 10000), (int)(day->day / 100 % 100),
                              (int)(day->day % 100), &when_ms);
        }
        if (in_group(wanted, day->member, NULL, when_ms)) {
            counted.numerator += day->kept;
            counted.denominator += day->kept + day->missed;
        }
    }
    return counted;
}

/* ---- a row ---- */

static struct counted count(const struct wanted *wanted)
{
    switch (wanted->row->metric) {
    case METRIC(ASK_RATE):
        return ask_rate(wanted);
    case METRIC(ASK_YIELD):
    case METRIC(YES_RATE):
        return of_asks(wanted, wanted->row->metric == METRIC(YES_RATE));
    case METRIC(MEETING_RATE):
        return meeting_rate(wanted);
    case METRIC(CLOSE_RATE):
        return close_rate(wanted);
    case METRIC(CYCLE):
        return recount_cycle(wanted);
    case METRIC(CLIENT_SHARE):
        return client_share(wanted);
    case METRIC(QUOTA_MET):
        return quota(wanted);
    case METRIC(FOLLOW_UP):
        return follow_up(wanted);
    default:
        cr_assert_fail("metric %d", (int)wanted->row->metric);
        return (struct counted){0};
    }
}

static void find_month(struct wanted *wanted)
{
    int year = 0, month = 0;
    cr_assert_eq(sscanf(wanted->row->group, "%d-%d", &year, &month), 2, "\"%s\" is no month", wanted->row->group);
    cr_assert(zone_day_start_ms(wanted->page->zone, year, month, 1, &wanted->month_from_ms));
    cr_assert(zone_day_start_ms(wanted->page->zone, month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1,
                                &wanted->month_until_ms));
}

void recount_row(const struct recount *recount, const Vouch__V1__ReportPage *page, const Vouch__V1__ReportRow *row)
{
    struct wanted wanted = {.recount = recount, .page = page, .row = row};
    if (page->by == BY(MONTH)) {
        find_month(&wanted);
    }
    struct counted counted = count(&wanted);
    const char *what = protobuf_c_enum_descriptor_get_value(&vouch__v1__metric__descriptor, row->metric)->name;
    cr_assert_eq(row->numerator, counted.numerator, "%s by %d of \"%s\" %s in %s: %lld, not %lld", what, page->by,
                 row->group, row->currency, page->period, (long long)row->numerator, (long long)counted.numerator);
    cr_assert_eq(row->denominator, counted.denominator, "%s by %d of \"%s\" %s in %s: of %lld, not %lld", what,
                 page->by, row->group, row->currency, page->period, (long long)row->denominator,
                 (long long)counted.denominator);
    cr_assert_eq(row->pending, counted.pending, "%s by %d of \"%s\": %llu not yet, not %llu", what, page->by,
                 row->group, (unsigned long long)row->pending, (unsigned long long)counted.pending);
    if (row->blank) {
        return;
    }
    double share = row->metric == METRIC(CLOSE_RATE) ? won_share(&wanted)
                                                     : (double)counted.numerator / (double)counted.denominator;
    if (row->metric == METRIC(CYCLE)) {
        return; /* of medians that were not rounded yet */
    }
    cr_assert(fabs((double)row->value_ppm - share * 1e6) <= 0.51 + share * 1e-6, "%s of \"%s\": %lld ppm, not %f", what,
              row->group, (long long)row->value_ppm, share * 1e6);
    cr_assert(!row->has_interval || (row->low_ppm <= row->value_ppm && row->value_ppm <= row->high_ppm));
}
