/* SPDX-License-Identifier: Apache-2.0
 *
 * When a member works: the calendar that their clocks run in from now on. A clock that runs follows at its next moment
 * (decide_clock.c). */
#include "base/check.h"
#include "decide/parts.h"
#include "domain/day.h"
#include "domain/worktime.h"
#include "domain/zone.h"

#define DAYS 7
/* In a week of a minute eight hours are years. */
#define WEEK_MINUTES_LEAST 60

static const char *const day_names[DAYS] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                            "Friday", "Saturday", "Sunday"};

static enum vouch_status check_hours(struct decision *decision, const Vouch__V1__WorkCalendar *calendar)
{
    uint32_t minutes = 0;
    if (calendar->n_hours == 0) {
        return VOUCH_OK;
    }
    if (calendar->n_hours != 2 * DAYS) {
        return status_set(&decision->why, VOUCH_INVALID,
                          "a week has 14 hours: when work starts and ends, Monday to Sunday");
    }
    for (size_t day = 0; day < DAYS; day++) {
        uint32_t starts = calendar->hours[2 * day], ends = calendar->hours[2 * day + 1];
        if (ends < starts || (ends == starts && ends != 0)) {
            return status_set(&decision->why, VOUCH_INVALID,
                              "work on %s ends before it starts; hours over midnight belong to two days",
                              day_names[day]);
        }
        minutes += ends - starts;
    }
    return minutes >= WEEK_MINUTES_LEAST
               ? VOUCH_OK
               : status_set(&decision->why, VOUCH_INVALID,
                            "a week with less than an hour of work: no clock would ever run out. For an absence give "
                            "its days off.");
}

static enum vouch_status check_days_off(struct decision *decision, const Vouch__V1__WorkCalendar *calendar)
{
    uint32_t last = 0;
    int64_t start_ms;
    for (size_t i = 0; i < calendar->n_days_off; i++) {
        uint32_t day = calendar->days_off[i];
        if (!day_start_ms("UTC", day, &start_ms)) {
            return status_set(&decision->why, VOUCH_INVALID, "%u: no such day", (unsigned)day);
        }
        if (day <= last) {
            return status_set(&decision->why, VOUCH_INVALID, "days off come in order, each once");
        }
        last = day;
    }
    return VOUCH_OK;
}

static enum vouch_status check_calendar(struct decision *decision, const Vouch__V1__WorkCalendar *calendar)
{
    if (calendar->zone[0] != '\0' && !zone_exists(calendar->zone)) {
        return status_set(&decision->why, VOUCH_INVALID, "\"%s\": no such time zone; one is \"Europe/Berlin\"",
                          calendar->zone);
    }
    enum vouch_status status = check_hours(decision, calendar);
    return status == VOUCH_OK ? check_days_off(decision, calendar) : status;
}

/* The sender, or somebody of whose team the sender is a manager. */
static enum vouch_status find_member(struct decision *decision, uint64_t asked, uint64_t *member)
{
    *member = asked == 0 ? decision->actor->id : asked;
    if (*member == decision->actor->id) {
        return VOUCH_OK;
    }
    if (!record_exists(decision->view, TABLE_MEMBER, *member)) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "member %" PRIu64 ": no such member", *member);
    }
    return access_manages(decision->view, decision->actor, *member, decision->arena)
               ? VOUCH_OK
               : status_set(&decision->why, VOUCH_DENIED,
                            "the calendar of %s is set by themself, a manager of their team or an admin",
                            decision_name(decision, *member));
}

enum vouch_status decide_calendar_set(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__CalendarSetting *asked = request->calendar_set;
    Vouch__V1__CalendarSet *set = decision_message(decision, &vouch__v1__calendar_set__descriptor);
    if (set == NULL) {
        return decision_too_large(decision);
    }
    enum vouch_status status = find_member(decision, asked->member, &set->member);
    if (status == VOUCH_OK && asked->calendar != NULL) {
        status = check_calendar(decision, asked->calendar);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    set->calendar = asked->calendar;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(CALENDAR_SET);
    event->calendar_set = set;
    decision->answer_id = set->member;
    return VOUCH_OK;
}
