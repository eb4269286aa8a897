/* SPDX-License-Identifier: Apache-2.0
 *
 * Clocks of referrals: how long who has to act has, in their working time, and what happens when a moment of it is
 * reached. After a downtime all moments that were missed are one line, the gravest; and what was never told as overdue
 * is told before it passes to somebody else. */
#include "apply/clocks.h"
#include "base/check.h"
#include "base/clock.h"
#include "decide/parts.h"
#include "domain/day.h"
#include "domain/worktime.h"

#define STAGE(name) VOUCH__V1__CLOCK__STAGE__##name

/* Of a clock, in percent. */
#define HALF_PERCENT 50
#define LAST_PERCENT 90
#define DUE_PERCENT 100
/* Half, last, due, and where it passes on. */
#define MOMENTS 4
/* Working days after which an overdue review, or a queue, is told again. */
#define AGAIN_DAYS 5

/* ---- making one ---- */

/* How long a state may take: hours, or days of who has to act; and when it passes to somebody else. */
struct span {
    uint32_t hours;
    uint32_t days;
    uint32_t pass_percent; /* 0: never */
};

/* False: nobody has to act in this state before a clock runs out. */
static bool span_of(const struct policy *policy, Vouch__V1__ReferralState state, struct span *span)
{
    switch (state) {
    case STATE(REGISTERED):
    case STATE(DECLINED):
        *span = (struct span){.hours = policy->desk_hours, .pass_percent = 200};
        return true;
    case STATE(OFFERED):
        *span = (struct span){.hours = policy->accept_hours, .pass_percent = 150};
        return true;
    case STATE(ACCEPTED):
        *span = (struct span){.hours = policy->contact_hours, .pass_percent = 200};
        return true;
    case STATE(CONTACTED):
        *span = (struct span){.days = policy->update_days, .pass_percent = 200};
        return true;
    case STATE(MEETING):
    case STATE(OPPORTUNITY):
        *span = (struct span){.days = policy->pipeline_days, .pass_percent = 200};
        return true;
    case STATE(HELD):
        *span = (struct span){.hours = policy->desk_hours};
        return true;
    default:
        return false;
    }
}

/* Lives in the arena. */
static struct work_calendar calendar_of(const struct decision *decision, uint64_t member)
{
    const Vouch__V1__Member *record = member == 0 ? NULL : record_member(decision->view, member, decision->arena);
    return work_calendar_of(record == NULL ? NULL : record->calendar,
                            record_home_zone(decision->view, decision->arena));
}

static int64_t whole_ms_of(const struct work_calendar *calendar, struct span span)
{
    return span.hours * MS_PER_HOUR + (span.days > 0 ? span.days * work_day_ms(calendar) : 0);
}

static void add_work(const struct work_calendar *calendar, struct span span, int64_t start_ms, size_t count,
                     const uint32_t percents[], int64_t moments_ms[])
{
    int64_t work_ms[MOMENTS];
    for (size_t i = 0; i < count; i++) {
        work_ms[i] = whole_ms_of(calendar, span) * percents[i] / 100;
    }
    work_add_each(calendar, start_ms, count, work_ms, moments_ms);
}

static int64_t absence_most_ms(const struct decision *decision)
{
    return decision->policy->snooze_days * (int64_t)MS_PER_DAY;
}

/* When so much of a clock has run. Days off put that off by `most_ms` at most: else whoever has a year off keeps a
 * referral as long, and nobody is told. */
static void moments_of(const struct decision *decision, uint64_t member, struct span span, int64_t start_ms,
                       int64_t most_ms, size_t count, const uint32_t percents[], int64_t moments_ms[])
{
    struct work_calendar own = calendar_of(decision, member);
    add_work(&own, span, start_ms, count, percents, moments_ms);
    if (moments_ms[count - 1] - start_ms <= most_ms) {
        return;
    }
    int64_t usual_ms[MOMENTS];
    struct work_calendar usual = calendar_of(decision, 0);
    add_work(&usual, span, start_ms, count, percents, usual_ms);
    for (size_t i = 0; i < count; i++) {
        moments_ms[i] = moments_ms[i] < usual_ms[i] + most_ms ? moments_ms[i] : usual_ms[i] + most_ms;
    }
}

static enum vouch_status clock_of(struct decision *decision, uint64_t member, struct span span, int64_t start_ms,
                                  Vouch__V1__Clock **clock)
{
    *clock = decision_message(decision, &vouch__v1__clock__descriptor);
    if (*clock == NULL) {
        return decision_too_large(decision);
    }
    const uint32_t percents[] = {HALF_PERCENT, LAST_PERCENT, DUE_PERCENT, span.pass_percent};
    int64_t moments_ms[MOMENTS] = {0};
    moments_of(decision, member, span, start_ms, absence_most_ms(decision),
               span.pass_percent > 0 ? MOMENTS : MOMENTS - 1, percents, moments_ms);
    (*clock)->member = member;
    (*clock)->start_ms = start_ms;
    (*clock)->half_ms = moments_ms[0];
    (*clock)->last_ms = moments_ms[1];
    (*clock)->due_ms = moments_ms[2];
    (*clock)->pass_ms = moments_ms[3];
    return VOUCH_OK;
}

enum vouch_status clock_for_hours(struct decision *decision, uint64_t member, uint32_t hours, Vouch__V1__Clock **clock)
{
    return clock_of(decision, member, (struct span){.hours = hours}, decision->now_ms, clock);
}

enum vouch_status clock_for_managers(struct decision *decision, const Vouch__V1__Referral *referral,
                                     Vouch__V1__Clock **clock)
{
    uint64_t managers[ACCESS_MANAGERS_MAX];
    size_t count = access_managers(decision->view, referral->referrer, managers, decision->arena);
    return clock_for_hours(decision, count > 0 ? managers[0] : 0, decision->policy->desk_hours, clock);
}

/* Who has to act in a state. */
static uint64_t actor_in(const Vouch__V1__Referral *referral, Vouch__V1__ReferralState state, uint64_t receiver)
{
    bool referrers = state == STATE(REGISTERED) || state == STATE(DECLINED);
    return referrers ? referral->referrer : receiver;
}

enum vouch_status clock_start(struct decision *decision, const Vouch__V1__Referral *referral,
                              Vouch__V1__ReferralState to, uint64_t receiver, Vouch__V1__Clock **clock)
{
    struct span span;
    *clock = NULL;
    if (referral->imported || !span_of(decision->policy, to, &span)) {
        return VOUCH_OK;
    }
    if (to == STATE(HELD)) {
        return clock_for_managers(decision, referral, clock);
    }
    return clock_of(decision, actor_in(referral, to, receiver), span, decision->now_ms, clock);
}

enum vouch_status clock_snooze(struct decision *decision, const Vouch__V1__Referral *referral, int64_t until_ms,
                               Vouch__V1__Clock **clock)
{
    struct span span;
    CHECK(referral->clock != NULL && span_of(decision->policy, referral->state, &span));
    enum vouch_status status = clock_of(decision, referral->clock->member, span, until_ms, clock);
    if (status == VOUCH_OK) {
        (*clock)->snoozes = referral->clock->snoozes + 1;
        (*clock)->snoozed_until_ms = until_ms;
    }
    return status;
}

uint32_t home_day(const struct decision *decision)
{
    return day_of(record_home_zone(decision->view, decision->arena), decision->now_ms);
}

bool clock_is_kept(const struct decision *decision, const Vouch__V1__Referral *referral)
{
    const Vouch__V1__Clock *clock = referral->clock;
    return clock != NULL && clock->member == referral->receiver && clock->stage < STAGE(OVERDUE) &&
           decision->now_ms < clock->due_ms;
}

/* ---- what is told to whom ---- */

static void tell(Vouch__V1__ClockRung *rung, uint64_t member)
{
    for (size_t i = 0; i < rung->n_told; i++) {
        if (rung->told[i] == member) {
            return;
        }
    }
    if (member != 0) {
        rung->told[rung->n_told++] = member;
    }
}

static void tell_managers(const struct decision *decision, Vouch__V1__ClockRung *rung, uint64_t of)
{
    uint64_t managers[ACCESS_MANAGERS_MAX];
    size_t count = access_managers(decision->view, of, managers, decision->arena);
    for (size_t i = 0; i < count; i++) {
        tell(rung, managers[i]);
    }
}

static void tell_admins(const struct decision *decision, Vouch__V1__ClockRung *rung)
{
    uint64_t admins[ACCESS_MANAGERS_MAX];
    size_t count = access_admins(decision->view, admins);
    for (size_t i = 0; i < count; i++) {
        tell(rung, admins[i]);
    }
}

/* Member, referrer, their managers, admins: each at most once. */
#define TOLD_MOST (2 + 2 * ACCESS_MANAGERS_MAX)

static Vouch__V1__ClockRung *rung_emit(struct decision *decision, const Vouch__V1__Referral *referral,
                                       Vouch__V1__Clock__Stage stage)
{
    Vouch__V1__ClockRung *rung = decision_message(decision, &vouch__v1__clock_rung__descriptor);
    Vouch__V1__Clock *clock = arena_memdup(decision->arena, referral->clock, sizeof *clock);
    uint64_t *told = arena_alloc(decision->arena, TOLD_MOST * sizeof *told);
    if (rung == NULL || clock == NULL || told == NULL) {
        return NULL;
    }
    clock->stage = stage;
    rung->referral = referral->id;
    rung->clock = clock;
    rung->told = told;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(CLOCK_RUNG);
    event->clock_rung = rung;
    return rung;
}

/* ---- the moments ---- */

/* 50 or 90 %: who has to act is reminded. */
static enum vouch_status remind(struct decision *decision, const Vouch__V1__Referral *referral,
                                Vouch__V1__Clock__Stage stage)
{
    Vouch__V1__ClockRung *rung = rung_emit(decision, referral, stage);
    if (rung == NULL) {
        return decision_too_large(decision);
    }
    if (clock_is_managers(referral)) {
        tell_managers(decision, rung, referral->referrer);
    } else {
        tell(rung, rung->clock->member);
    }
    return VOUCH_OK;
}

/* Managers did not act: admins are told, now and every few days. */
static void tell_overdue_queue(struct decision *decision, const Vouch__V1__Referral *referral,
                               Vouch__V1__ClockRung *rung)
{
    struct work_calendar calendar = calendar_of(decision, 0);
    rung->clock->again_ms = work_add(&calendar, decision->now_ms, AGAIN_DAYS * work_day_ms(&calendar));
    tell_managers(decision, rung, referral->referrer);
    tell_admins(decision, rung);
}

/* 100 %. What passes on after that does so no earlier than if it had been told in time, and never before the rest of
 * the clock has run since it was told. */
static enum vouch_status tell_overdue(struct decision *decision, const Vouch__V1__Referral *referral,
                                      Vouch__V1__ClockRung **made)
{
    Vouch__V1__ClockRung *rung = rung_emit(decision, referral, STAGE(OVERDUE));
    *made = rung;
    if (rung == NULL) {
        return decision_too_large(decision);
    }
    if (clock_is_managers(referral)) {
        tell_overdue_queue(decision, referral, rung);
        return VOUCH_OK;
    }
    Vouch__V1__Clock *clock = rung->clock;
    struct span span;
    if (clock->pass_ms != 0 && span_of(decision->policy, referral->state, &span)) {
        const uint32_t rest_percent = span.pass_percent - DUE_PERCENT;
        int64_t left_ms = absence_most_ms(decision) - (decision->now_ms - clock->start_ms);
        int64_t pass_ms;
        moments_of(decision, clock->member, span, decision->now_ms, left_ms > 0 ? left_ms : 0, 1, &rest_percent,
                   &pass_ms);
        clock->pass_ms = pass_ms > clock->pass_ms ? pass_ms : clock->pass_ms;
    }
    rung->missed = clock->member == referral->receiver && referral->state != STATE(REGISTERED) &&
                   referral->state != STATE(DECLINED);
    rung->day = rung->missed ? home_day(decision) : 0;
    tell(rung, clock->member);
    tell_managers(decision, rung, clock->member);
    tell(rung, referral->referrer);
    return VOUCH_OK;
}

/* 150 or 200 %: somebody else is looked for. */
static enum vouch_status pass_on(struct decision *decision, const Vouch__V1__Referral *referral)
{
    Vouch__V1__ReferralMoved *moved;
    if (referral->state == STATE(REGISTERED) || referral->state == STATE(DECLINED)) {
        return rung_emit(decision, referral, STAGE(PASSED)) == NULL ? decision_too_large(decision) : VOUCH_OK;
    }
    return move_emit(decision, referral, VERB(GHOST), STATE(GHOSTED), &moved);
}

/* A calendar may have changed since the clock started: somebody fell ill, and said so. Until it is overdue a clock
 * follows: where the calendar makes it later, the referral is a copy with the clock as it is now. */
static enum vouch_status clock_follow(struct decision *decision, const Vouch__V1__Referral **referral)
{
    const Vouch__V1__Clock *clock = (*referral)->clock;
    struct span span;
    if (clock->stage >= STAGE(OVERDUE) || clock_is_managers(*referral) ||
        !span_of(decision->policy, (*referral)->state, &span)) {
        return VOUCH_OK;
    }
    Vouch__V1__Clock *now;
    enum vouch_status status = clock_of(decision, clock->member, span, clock->start_ms, &now);
    if (status != VOUCH_OK || now->due_ms <= clock->due_ms) {
        return status;
    }
    now->stage = clock->stage;
    now->snoozes = clock->snoozes;
    now->snoozed_until_ms = clock->snoozed_until_ms;
    Vouch__V1__Referral *copy = arena_memdup(decision->arena, *referral, sizeof *copy);
    if (copy == NULL) {
        return decision_too_large(decision);
    }
    copy->clock = now;
    *referral = copy;
    return VOUCH_OK;
}

enum vouch_status clock_ring(struct decision *decision, uint64_t id, int64_t due_ms)
{
    const Vouch__V1__Referral *referral = record_referral(decision->view, id, decision->arena);
    if (referral == NULL || referral->clock == NULL || clock_next_ms(referral->clock) != due_ms) {
        return status_set(&decision->why, VOUCH_INTERNAL, "R%" PRIu64 " has no clock that rings now", id);
    }
    Vouch__V1__ClockRung *rung;
    if (referral->clock->stage == STAGE(OVERDUE) && referral->clock->pass_ms != 0) {
        return pass_on(decision, referral);
    }
    enum vouch_status status = clock_follow(decision, &referral);
    if (status != VOUCH_OK) {
        return status;
    }
    const Vouch__V1__Clock *clock = referral->clock;
    if (clock_next_ms(clock) > decision->now_ms) { /* it moved, and nobody has to be told */
        return rung_emit(decision, referral, clock->stage) == NULL ? decision_too_large(decision) : VOUCH_OK;
    }
    if (decision->now_ms >= clock->due_ms) {
        return tell_overdue(decision, referral, &rung);
    }
    return remind(decision, referral, decision->now_ms >= clock->last_ms ? STAGE(LAST) : STAGE(HALF));
}

enum vouch_status clock_catch_up(struct decision *decision, const Vouch__V1__Referral **referral)
{
    const Vouch__V1__Clock *clock = (*referral)->clock;
    Vouch__V1__ClockRung *rung;
    if (clock == NULL || clock->stage >= STAGE(OVERDUE) || decision->now_ms < clock->due_ms) {
        return VOUCH_OK;
    }
    enum vouch_status status = clock_follow(decision, referral);
    if (status != VOUCH_OK || decision->now_ms < (*referral)->clock->due_ms) {
        return status;
    }
    Vouch__V1__Referral *now = arena_memdup(decision->arena, *referral, sizeof *now);
    status = now == NULL ? decision_too_large(decision) : tell_overdue(decision, *referral, &rung);
    if (status == VOUCH_OK) {
        now->clock = rung->clock;
        *referral = now;
    }
    return status;
}
