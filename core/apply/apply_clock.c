/* SPDX-License-Identifier: Apache-2.0
 *
 * Clocks: the row in the timer queue, what a ring changes, and what of it counts for or against a member; and the
 * calendars they run in. All moments were computed when it was decided. */
#include "apply/clocks.h"
#include "apply/parts.h"
#include "base/check.h"

#include <string.h>

#define STATE(name) VOUCH__V1__REFERRAL_STATE__##name
#define STAGE(name) VOUCH__V1__CLOCK__STAGE__##name

int64_t clock_next_ms(const Vouch__V1__Clock *clock)
{
    switch (clock->stage) {
    case STAGE(STAGE_NONE):
        return clock->half_ms;
    case STAGE(HALF):
        return clock->last_ms;
    case STAGE(LAST):
        return clock->due_ms;
    case STAGE(OVERDUE):
        return clock->pass_ms != 0 ? clock->pass_ms : clock->again_ms;
    default:
        return DUE_NEVER_MS;
    }
}

bool clock_row(const Vouch__V1__Referral *referral, struct key *row)
{
    const Vouch__V1__Clock *clock = referral->clock;
    if (clock != NULL) {
        bool passed = clock->stage == STAGE(PASSED);
        *row = key_due(clock_next_ms(clock), passed ? DUE_REROUTE : DUE_CLOCK_RINGS, referral->id);
    } else if (referral->due_ms != 0) {
        *row = key_due(referral->due_ms, DUE_CONSENT_EXPIRES, referral->id);
    }
    return clock != NULL || referral->due_ms != 0;
}

bool clock_is_managers(const Vouch__V1__Referral *referral)
{
    if (referral->clock == NULL || referral->clock->stage == STAGE(PASSED)) {
        return false;
    }
    switch (referral->state) {
    case STATE(HELD):
    case STATE(GHOSTED):
        return true;
    case STATE(REGISTERED):
    case STATE(DECLINED):
        return referral->clock->member != referral->referrer;
    default:
        return false;
    }
}

bool queue_row(const Vouch__V1__Referral *referral, struct key *row)
{
    if (referral->state != STATE(HELD) && !clock_is_managers(referral)) {
        return false;
    }
    *row = key_referral_member(0, PARTY_REVIEWER, referral->state, referral->id);
    return true;
}

/* Brings the one row that there may be, made by `make`, from what the referral was to what it is. */
static void row_replace(struct view *view, enum table table, const Vouch__V1__Referral *before,
                        const Vouch__V1__Referral *now,
                        bool (*make)(const Vouch__V1__Referral *referral, struct key *row))
{
    struct key was, is;
    bool had = before != NULL && make(before, &was);
    bool has = make(now, &is);
    if (had && has && memcmp(was.bytes, is.bytes, was.size) == 0) {
        return;
    }
    if (had) {
        row_delete(view, table, &was);
    }
    if (has) {
        row_put(view, table, &is);
    }
}

void clock_replace(struct view *view, const Vouch__V1__Referral *before, const Vouch__V1__Referral *now)
{
    row_replace(view, TABLE_DUE, before, now, clock_row);
    row_replace(view, TABLE_REFERRAL_MEMBER, before, now, queue_row);
}

static void tell(struct application *application, const Vouch__V1__ClockRung *rung)
{
    for (size_t i = 0; i < rung->n_told; i++) {
        inbox_add_once(application, rung->told[i]);
    }
}

void apply_clock_rung(struct application *application, const Vouch__V1__ClockRung *rung)
{
    if (rung->intel != 0) {
        intel_rung(application, rung);
        return;
    }
    const Vouch__V1__Referral *before = record_referral(application->view, rung->referral, application->arena);
    if (!is_there(application, before)) {
        return;
    }
    CHECK(rung->clock != NULL && before->clock != NULL);
    Vouch__V1__Referral now = *before;
    now.clock = rung->clock;
    now.due_ms = rung->clock->due_ms;
    clock_replace(application->view, before, &now);
    record_put(application->view, TABLE_REFERRAL, now.id, &now.base, application->arena);
    if (rung->missed) {
        obligation_add(application->view, rung->clock->member, rung->day, (struct obligation){.missed = 1});
    }
    tell(application, rung);
}

void apply_calendar_set(struct application *application, const Vouch__V1__CalendarSet *set)
{
    const Vouch__V1__Member *before = record_member(application->view, set->member, application->arena);
    if (!is_there(application, before)) {
        return;
    }
    Vouch__V1__Member now = *before;
    now.calendar = set->calendar;
    record_put(application->view, TABLE_MEMBER, now.id, &now.base, application->arena);
    inbox_add(application, now.id); /* unless it was their own doing */
}
