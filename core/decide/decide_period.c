/* SPDX-License-Identifier: Apache-2.0
 *
 * Closing a month of a company's books: once, in order, and only when it is over in the zone of the home company. What
 * each payee's statement says follows from the tables (apply_period.c). */
#include "apply/books.h"
#include "decide/parts.h"
#include "domain/zone.h"

#include <stdio.h>

/* "2026-11" */
#define MONTH_TEXT_BYTES 16

static const char *month_text(char out[MONTH_TEXT_BYTES], uint32_t month)
{
    snprintf(out, MONTH_TEXT_BYTES, "%04u-%02u", month / 100 % 10000, month % 100);
    return out;
}

static enum vouch_status refuse_closed(struct decision *decision, uint64_t company, uint32_t period, const char *zone)
{
    char month[MONTH_TEXT_BYTES];
    char date[ZONE_TEXT_BYTES];
    const char *name = record_name(decision->view, TABLE_COMPANY, company, decision->arena);
    const Vouch__V1__Period *closed = record_period(decision->view, company, period, decision->arena);
    if (closed == NULL) {
        return status_set(
            &decision->why, VOUCH_CONFLICT,
            "%s is before the first month of %s that was closed: what came in then is on a later statement",
            month_text(month, period), name);
    }
    return status_set(&decision->why, VOUCH_CONFLICT, "%s of %s was closed on %s (%s) by %s: a month is closed once",
                      month_text(month, period), name, zone_text(date, zone, closed->closed_ms, true), zone,
                      decision_name(decision, closed->closed_by));
}

static enum vouch_status check_close(struct decision *decision, uint64_t company, uint32_t period, const char *zone)
{
    char month[MONTH_TEXT_BYTES];
    char next[MONTH_TEXT_BYTES];
    char date[ZONE_TEXT_BYTES];
    uint32_t last = period_last_closed(decision->view, company);
    if (period <= last) {
        return refuse_closed(decision, company, period, zone);
    }
    if (last != 0 && period != month_next(last)) {
        return status_set(&decision->why, VOUCH_CONFLICT, "%s comes after %s, which is to be closed first",
                          month_text(month, period), month_text(next, month_next(last)));
    }
    if (last == 0 && period + 100 < zone_month(zone, decision->now_ms)) {
        return status_set(&decision->why, VOUCH_INVALID,
                          "%s is more than a year ago, and every month after it would have to be closed too: the first "
                          "month that is closed takes up all before it, so begin with a later one",
                          month_text(month, period));
    }
    int64_t end_ms = zone_month_start_ms(zone, month_next(period));
    if (end_ms > decision->now_ms) {
        return status_set(&decision->why, VOUCH_CONFLICT, "%s is not over: it ends on %s (%s)",
                          month_text(month, period), zone_text(date, zone, end_ms, true), zone);
    }
    return VOUCH_OK;
}

enum vouch_status company_or_own(struct decision *decision, uint64_t asked, uint64_t *company)
{
    *company = asked == 0 ? decision->actor->company : asked;
    if (!record_exists(decision->view, TABLE_COMPANY, *company)) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "there is no company %" PRIu64, *company);
    }
    return finance_check(decision, *company);
}

enum vouch_status decide_period_close(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__PeriodClose *asked = request->period_close;
    const char *zone = record_home_zone(decision->view, decision->arena);
    uint64_t company;
    enum vouch_status status = company_or_own(decision, asked->company, &company);
    /* The last month there is has no end. */
    if (status == VOUCH_OK && (!month_is(asked->period) || asked->period == MONTH_MOST)) {
        status = status_set(&decision->why, VOUCH_INVALID, "%u is no month; write 202611 for November 2026",
                            asked->period);
    }
    if (status == VOUCH_OK) {
        status = check_close(decision, company, asked->period, zone);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    Vouch__V1__PeriodClosed *closed = decision_message(decision, &vouch__v1__period_closed__descriptor);
    Vouch__V1__Period *period = decision_message(decision, &vouch__v1__period__descriptor);
    char *zone_name = arena_strdup(decision->arena, zone);
    if (closed == NULL || period == NULL || zone_name == NULL) {
        return decision_too_large(decision);
    }
    period->period = asked->period;
    period->company = company;
    period->from_ms = zone_month_start_ms(zone, asked->period);
    period->until_ms = zone_month_start_ms(zone, month_next(asked->period));
    period->zone = zone_name;
    period->closed_ms = decision->now_ms;
    period->closed_by = decision->actor->id;
    closed->period = period;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(PERIOD_CLOSED);
    event->period_closed = closed;
    decision->answer_id = asked->period;
    return VOUCH_OK;
}
