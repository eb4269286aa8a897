/* SPDX-License-Identifier: Apache-2.0
 *
 * Following each referral through the journal, step by step and ring by ring: clocks start where they should and with
 * the moments of a calendar, ring when they said, once, and pass on only to somebody who did not have it; what was kept
 * in time is counted as kept, and nothing else. */
#include "court.h"

#include <criterion/criterion.h>
#include <inttypes.h>

#define STATE(name) VOUCH__V1__REFERRAL_STATE__##name
#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name
#define STAGE(name) VOUCH__V1__CLOCK__STAGE__##name

/* ---- clocks ---- */

/* What a clock of this state has, all of it and until it passes on; 0: there is none. */
static int64_t span_of(const struct court *court, Vouch__V1__ReferralState state, uint64_t member, bool managers,
                       int64_t *pass_ms)
{
    const struct policy *policy = &court->sim->world->policy;
    int64_t hours = 0, days = 0;
    hours = managers || state == STATE(REGISTERED) || state == STATE(DECLINED) ? policy->desk_hours : hours;
    hours = state == STATE(OFFERED) ? policy->accept_hours : state == STATE(ACCEPTED) ? policy->contact_hours : hours;
    days = state == STATE(CONTACTED) ? policy->update_days : days;
    days = state == STATE(MEETING) || state == STATE(OPPORTUNITY) ? policy->pipeline_days : days;
    int64_t whole_ms = hours * SIM_HOUR_MS + (days == 0 ? 0 : days * worked_day_ms(&court->worked, member));
    *pass_ms = managers ? 0 : state == STATE(OFFERED) ? whole_ms * 3 / 2 : whole_ms * 2;
    return whole_ms;
}

static void take_moments(struct reading *reading, const Vouch__V1__Clock *clock)
{
    reading->half_ms = clock->half_ms;
    reading->last_ms = clock->last_ms;
    reading->due_ms = clock->due_ms;
    reading->pass_ms = clock->pass_ms;
    reading->again_ms = clock->again_ms;
    reading->stage = (int)clock->stage;
}

/* That the moments of a clock are those of the calendar as it is now. */
static void claim_moments(struct court *court, const struct reading *reading, uint64_t sequence)
{
    int64_t pass_ms, start_ms = reading->start_ms;
    uint64_t member = reading->member;
    int64_t whole_ms = span_of(court, reading->state, member, reading->managers, &pass_ms);
    worked_claim(&court->worked, member, CLAIM_EXACTLY, start_ms, reading->half_ms, whole_ms / 2, sequence);
    worked_claim(&court->worked, member, CLAIM_EXACTLY, start_ms, reading->last_ms, whole_ms * 9 / 10, sequence);
    worked_claim(&court->worked, member, CLAIM_EXACTLY, start_ms, reading->due_ms, whole_ms, sequence);
    cr_assert_eq(reading->pass_ms == 0, pass_ms == 0);
    if (pass_ms != 0) {
        worked_claim(&court->worked, member, CLAIM_EXACTLY, start_ms, reading->pass_ms, pass_ms, sequence);
    }
}

void follow_start(struct court *court, struct reading *reading, const Vouch__V1__Clock *clock, bool managers,
                  uint64_t sequence)
{
    reading->clocked = clock != NULL;
    reading->again_ms = 0;
    reading->managers = managers;
    if (clock == NULL) {
        return;
    }
    cr_assert_eq(clock->stage, STAGE(STAGE_NONE), "event %" PRIu64 " starts a clock that has rung", sequence);
    reading->start_ms = clock->start_ms;
    reading->member = clock->member;
    take_moments(reading, clock);
    claim_moments(court, reading, sequence);
}

/* What was due at `moment_ms` was told then, or, when nothing rang for a while, at the end of that. */
static void judge_moment(struct court *court, int64_t moment_ms, const Vouch__V1__Event *event, uint64_t sequence)
{
    bool excused = event->time_ms == moment_ms;
    court->late += excused ? 0 : 1;
    for (size_t i = 0; i < court->sim->late_count && !excused; i++) {
        const struct sim_late *late = &court->sim->late[i];
        excused = late->from_ms < moment_ms && moment_ms <= late->until_ms && event->time_ms == late->until_ms;
    }
    cr_assert(excused, "event %" PRIu64 ": what was due at %" PRId64 " was told at %" PRId64, sequence, moment_ms,
              event->time_ms);
}

static int64_t next_moment(const struct reading *reading)
{
    switch (reading->stage) {
    case STAGE(STAGE_NONE):
        return reading->half_ms;
    case STAGE(HALF):
        return reading->last_ms;
    case STAGE(LAST):
        return reading->due_ms;
    default:
        return reading->pass_ms != 0 ? reading->pass_ms : reading->again_ms;
    }
}

/* 100 %: a receiver's obligation is missed, once; and nobody loses a referral before the rest of the clock has run
 * since they heard of it. */
static void read_overdue(struct court *court, struct reading *reading, const Vouch__V1__Event *event, uint64_t sequence)
{
    const Vouch__V1__ClockRung *rung = event->clock_rung;
    bool receivers = !reading->managers && reading->state != STATE(REGISTERED) && reading->state != STATE(DECLINED);
    cr_assert_eq((bool)rung->missed, receivers, "event %" PRIu64, sequence);
    cr_assert(!receivers || rung->clock->member == reading->receiver);
    cr_assert_geq(event->time_ms, rung->clock->due_ms);
    court->overdue++;
    court->missed += rung->missed ? 1 : 0;
    int64_t pass_ms;
    int64_t whole_ms = span_of(court, reading->state, reading->member, reading->managers, &pass_ms);
    if (pass_ms != 0) {
        bool as_it_was = rung->clock->pass_ms == reading->pass_ms;
        cr_assert_geq(rung->clock->pass_ms, reading->pass_ms, "event %" PRIu64 " passes on earlier", sequence);
        worked_claim(&court->worked, reading->member, as_it_was ? CLAIM_AT_LEAST : CLAIM_EXACTLY, event->time_ms,
                     rung->clock->pass_ms, pass_ms - whole_ms, sequence);
    }
}

/* The calendar may have become another since the clock started; the clock follows where that makes it later. */
static void read_follow(struct court *court, struct reading *reading, const Vouch__V1__Clock *clock, uint64_t sequence)
{
    int64_t pass_ms;
    if (reading->stage >= (int)STAGE(OVERDUE) || reading->managers) {
        return;
    }
    if (clock->due_ms == reading->due_ms) {
        int64_t whole_ms = span_of(court, reading->state, reading->member, false, &pass_ms);
        worked_claim(&court->worked, reading->member, CLAIM_AT_LEAST, reading->start_ms, reading->due_ms, whole_ms,
                     sequence);
        return;
    }
    cr_assert_gt(clock->due_ms, reading->due_ms, "event %" PRIu64 " makes a clock earlier", sequence);
    court->moved_on++;
    int64_t told_pass_ms = clock->pass_ms;
    int stage = reading->stage;
    take_moments(reading, clock);
    if (clock->stage == STAGE(OVERDUE)) { /* the moment to pass on is counted from when that was told */
        int64_t whole_ms = span_of(court, reading->state, reading->member, false, &pass_ms);
        worked_claim(&court->worked, reading->member, CLAIM_EXACTLY, reading->start_ms, reading->due_ms, whole_ms,
                     sequence);
    } else {
        claim_moments(court, reading, sequence);
    }
    reading->pass_ms = told_pass_ms;
    reading->stage = stage;
}

/* No moment of a clock is told twice, nor to somebody twice; what is told again is told when that was said. */
void follow_rung(struct court *court, uint64_t sequence, const Vouch__V1__Event *event)
{
    const Vouch__V1__ClockRung *rung = event->clock_rung;
    court->rings++;
    if (rung->intel != 0) {
        follow_intel(court, sequence, event);
        return;
    }
    struct reading *reading = &court->readings[rung->referral];
    for (size_t i = 0; i < rung->n_told; i++) {
        for (size_t j = 0; j < i; j++) {
            cr_assert_neq(rung->told[i], rung->told[j], "R%" PRIu64 " is told twice in one", rung->referral);
        }
    }
    if (rung->queued) {
        cr_assert_eq(reading->stage, STAGE(PASSED));
        court->queued++;
        follow_start(court, reading, rung->clock, true, sequence);
        return;
    }
    cr_assert(reading->clocked && rung->clock->start_ms == reading->start_ms && rung->clock->member == reading->member,
              "event %" PRIu64 " of another clock", sequence);
    if (rung->clock->stage != STAGE(PASSED)) {
        read_follow(court, reading, rung->clock, sequence);
    }
    bool again = reading->stage == (int)STAGE(OVERDUE) && reading->again_ms != 0;
    if (rung->clock->stage == (unsigned)reading->stage && !again) { /* it moved: nobody was told */
        cr_assert_eq(rung->n_told, 0, "event %" PRIu64 ": R%" PRIu64 " was reminded twice", sequence, rung->referral);
        return;
    }
    cr_assert(again || (int)rung->clock->stage > reading->stage, "event %" PRIu64 ": back", sequence);
    cr_assert_neq(event->time_ms, reading->rung_ms, "event %" PRIu64 ": R%" PRIu64 " has two lines at once", sequence,
                  rung->referral);
    judge_moment(court, next_moment(reading), event, sequence);
    if (rung->clock->stage == STAGE(OVERDUE) && !again) {
        read_overdue(court, reading, event, sequence);
    }
    take_moments(reading, rung->clock);
    reading->rung_ms = event->time_ms;
}

/* ---- steps ---- */

static bool is_receivers(Vouch__V1__ReferralVerb verb)
{
    return verb == VERB(ACCEPT) || verb == VERB(DECLINE) || verb == VERB(CONTACT) || verb == VERB(MEET) ||
           verb == VERB(QUALIFY) || verb == VERB(WIN) || verb == VERB(LOSE) || verb == VERB(UPDATE);
}

/* What a receiver does before 100 % keeps the obligation, a decline too; and after that nothing does. */
static void judge_kept(struct court *court, const struct reading *reading, const Vouch__V1__Event *event,
                       uint64_t sequence)
{
    const Vouch__V1__ReferralMoved *moved = event->referral_moved;
    bool in_time = is_receivers(moved->verb) && reading->clocked && reading->stage < (int)STAGE(OVERDUE);
    cr_assert_eq(moved->kept_day != 0, in_time, "event %" PRIu64 " of R%" PRIu64, sequence, moved->referral);
    if (in_time) {
        int64_t pass_ms;
        int64_t whole_ms = span_of(court, reading->state, reading->member, reading->managers, &pass_ms);
        worked_claim(&court->worked, reading->member, CLAIM_LESS, reading->start_ms, event->time_ms, whole_ms,
                     sequence);
        court->kept++;
    }
}

void follow_desk(struct court *court, const struct reading *reading, int more)
{
    if (reading->state == STATE(OFFERED) ||
        (reading->state >= STATE(ACCEPTED) && reading->state <= STATE(OPPORTUNITY))) {
        court->on_desk[reading->receiver] += (uint32_t)more;
    }
}

/* Who is offered it, and whether the broker may. */
static void read_offer(struct court *court, struct reading *reading, const Vouch__V1__Event *event, uint64_t sequence)
{
    uint64_t receiver = event->referral_moved->receiver;
    bool broker = event->actor == 0 && reading->clocked && reading->stage == (int)STAGE(PASSED);
    cr_assert(receiver != reading->referrer && receiver != reading->connector, "event %" PRIu64, sequence);
    for (size_t i = 0; i < reading->tried_count && broker; i++) {
        cr_assert_neq(reading->tried[i], receiver, "event %" PRIu64 ": member %" PRIu64 " had it before", sequence,
                      receiver);
    }
    cr_assert_lt(reading->tried_count, sizeof reading->tried / sizeof reading->tried[0]);
    reading->tried[reading->tried_count++] = reading->receiver = receiver;
    cr_assert(!broker || reading->tried_count <= 3, "event %" PRIu64 " is attempt %zu", sequence, reading->tried_count);
    court->rerouted += broker ? 1 : 0;
}

void follow_moved(struct court *court, uint64_t sequence, const Vouch__V1__Event *event)
{
    const Vouch__V1__ReferralMoved *moved = event->referral_moved;
    struct reading *reading = &court->readings[moved->referral];
    cr_assert_eq(reading->state, moved->from, "event %" PRIu64 ": R%" PRIu64 " was not there", sequence,
                 moved->referral);
    judge_kept(court, reading, event, sequence);
    follow_desk(court, reading, -1);
    if (moved->verb == VERB(OFFER)) {
        read_offer(court, reading, event, sequence);
    }
    reading->state = moved->to;
    follow_desk(court, reading, 1);
    reading->connector = moved->verb == VERB(NO_PATH) ? 0 : reading->connector;
    if (moved->verb == VERB(GHOST)) {
        judge_moment(court, reading->pass_ms, event, sequence);
        cr_assert_eq(reading->stage, STAGE(OVERDUE), "event %" PRIu64 ": nobody heard of it", sequence);
        reading->stage = STAGE(PASSED);
    } else if (moved->from != moved->to || moved->verb == VERB(UPDATE) || moved->verb == VERB(SNOOZE)) {
        follow_start(court, reading, moved->clock, moved->to == STATE(HELD), sequence);
    }
    court->owed[sequence] = event->actor == reading->referrer ? 0 : 1;
    court->referrer_of[sequence] = reading->referrer;
    court->moves++;
    court->ghosted += moved->verb == VERB(GHOST) ? 1 : 0;
    court->verbs[moved->verb]++;
}

/* ---- intel ---- */

static void read_given(struct court *court, uint64_t sequence, const Vouch__V1__Intel *given)
{
    const Vouch__V1__Clock *clock = given->clock;
    int64_t whole_ms = court->sim->world->policy.intel_hours * SIM_HOUR_MS;
    struct offered *offered = &court->intel[given->id];
    *offered = (struct offered){given->to, true, {clock->half_ms, clock->last_ms, clock->due_ms}, STAGE(STAGE_NONE)};
    const int64_t work_ms[] = {whole_ms / 2, whole_ms * 9 / 10, whole_ms};
    for (size_t i = 0; i < 3; i++) {
        worked_claim(&court->worked, given->to, CLAIM_EXACTLY, clock->start_ms, offered->moments_ms[i], work_ms[i],
                     sequence);
    }
}

/* Answered before 100 % it is kept, and later missed; one of the two, once. */
static void read_answer(struct court *court, uint64_t sequence, const Vouch__V1__Event *event)
{
    const Vouch__V1__IntelMoved *moved = event->intel_moved;
    struct offered *offered = &court->intel[moved->intel];
    bool in_time = offered->clocked && offered->stage < (int)STAGE(OVERDUE);
    cr_assert_eq(moved->kept_day != 0, in_time, "event %" PRIu64, sequence);
    cr_assert(!in_time || event->time_ms < offered->moments_ms[2], "event %" PRIu64 " came too late", sequence);
    court->intel_kept += in_time ? 1 : 0;
    offered->clocked = false;
}

void follow_intel(struct court *court, uint64_t sequence, const Vouch__V1__Event *event)
{
    if (event->body_case == VOUCH__V1__EVENT__BODY_INTEL_GIVEN) {
        read_given(court, sequence, event->intel_given->intel);
    } else if (event->body_case == VOUCH__V1__EVENT__BODY_INTEL_MOVED) {
        read_answer(court, sequence, event);
    } else {
        const Vouch__V1__ClockRung *rung = event->clock_rung;
        struct offered *offered = &court->intel[rung->intel];
        cr_assert(offered->clocked && (int)rung->clock->stage > offered->stage, "event %" PRIu64 " again", sequence);
        judge_moment(court, offered->moments_ms[offered->stage], event, sequence);
        offered->stage = (int)rung->clock->stage;
        cr_assert_eq((bool)rung->missed, offered->stage == (int)STAGE(OVERDUE));
        cr_assert(rung->n_told >= 1 && rung->told[0] == offered->to);
        court->intel_missed += rung->missed ? 1 : 0;
    }
}
