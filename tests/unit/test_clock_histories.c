/* SPDX-License-Identifier: Apache-2.0
 *
 * Random weeks: members with calendars of their own refer, answer, forget, put off, and time goes on in steps short and
 * long, as after a downtime. Then the journal is read: each clock rings forward and each stage once, nobody is passed
 * over who was not told and given the rest of the time, every step reached its referrer once, and what counts for and
 * against receivers is what they did. */
#include "domain/worktime.h"
#include "random_cases.h"
#include "world.h"

#include <criterion/criterion.h>
#include <string.h>

#define STATE(name) VOUCH__V1__REFERRAL_STATE__##name
#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name
#define STAGE(name) VOUCH__V1__CLOCK__STAGE__##name
#define BODY(name) VOUCH__V1__EVENT__BODY_##name
#define HOUR_MS INT64_C(3600000)

#define PEOPLE 5
#define STEPS 250
#define REFERRALS_MOST 64

static const char *const zones[PEOPLE] = {"Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", ""};

struct history {
    struct world *world;
    struct random_cases *random;
    uint64_t people[PEOPLE];
    uint64_t prospect;
    uint64_t referrals;
    struct {
        int rung, ghosted, kept, missed;
    } seen;
};

static void set_calendar(struct history *history, size_t person)
{
    Vouch__V1__WorkCalendar calendar = VOUCH__V1__WORK_CALENDAR__INIT;
    Vouch__V1__CalendarSetting setting = VOUCH__V1__CALENDAR_SETTING__INIT;
    uint32_t off[2] = {20261201, 20261224}, hours[14] = {0};
    for (size_t day = 0; day < 7; day++) {
        bool works = day == person || random_below(history->random, 3) > 0;
        hours[2 * day] = works ? 360 + (uint32_t)random_below(history->random, 240) : 0;
        hours[2 * day + 1] = works ? hours[2 * day] + 60 + (uint32_t)random_below(history->random, 540) : 0;
    }
    calendar.zone = (char *)(uintptr_t)zones[person];
    calendar.n_hours = 14;
    calendar.hours = hours;
    calendar.n_days_off = 2;
    calendar.days_off = off;
    setting.calendar = &calendar;
    world_do(history->world, history->people[person], REQUEST_OF(CALENDAR_SET, calendar_set, &setting));
}

static struct history history_new(struct random_cases *random)
{
    static const char *const names[PEOPLE] = {"Ana Sousa", "Tom Rieke", "Lena Voss", "Ben Adler", "Max Lutz"};
    struct history history = {.world = world_new(), .random = random};
    for (size_t i = 0; i < PEOPLE; i++) {
        history.people[i] = world_member(history.world, names[i],
                                         i == 4 ? VOUCH__V1__ROLE__MANAGER : VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
        set_calendar(&history, i);
    }
    history.prospect = world_company(history.world, "Kestrel Bank", "kestrel.example", 0);
    return history;
}

static uint64_t somebody(struct history *history)
{
    return history->people[random_below(history->random, PEOPLE)];
}

/* Somebody does something; most of what cannot be done is refused, which changes nothing. */
static void do_something(struct history *history)
{
    uint64_t who = somebody(history);
    uint64_t receiver = somebody(history);
    if (history->referrals < REFERRALS_MOST && random_below(history->random, 4) == 0) {
        if (receiver != who) {
            history->referrals = world_submit(history->world, who, history->prospect, receiver);
        }
        return;
    }
    if (history->referrals == 0) {
        return;
    }
    static const Vouch__V1__ReferralVerb verbs[] = {VERB(ACCEPT),  VERB(ACCEPT), VERB(DECLINE), VERB(CONTACT),
                                                    VERB(CONTACT), VERB(MEET),   VERB(QUALIFY), VERB(UPDATE),
                                                    VERB(SNOOZE),  VERB(OFFER),  VERB(WIN),     VERB(LOSE),
                                                    VERB(DISOWN),  VERB(ATTEST), VERB(WITHDRAW)};
    uint64_t id = 1 + random_below(history->random, history->referrals);
    Vouch__V1__ReferralVerb verb = verbs[random_below(history->random, sizeof verbs / sizeof verbs[0])];
    enum vouch_status status = world_move(history->world, WORLD_ADMIN, id, verb, receiver, 100);
    cr_assert(status == VOUCH_OK || status == VOUCH_CONFLICT || status == VOUCH_DENIED, "%s: %s", status_name(status),
              history->world->why.text);
}

static void let_time_pass(struct history *history)
{
    static const int64_t steps_ms[] = {HOUR_MS / 4, HOUR_MS, 5 * HOUR_MS, 24 * HOUR_MS, 24 * 14 * HOUR_MS};
    int64_t most_ms = steps_ms[random_below(history->random, 5)];
    int64_t step_ms = 1 + (int64_t)random_below(history->random, (uint64_t)most_ms);
    if (random_below(history->random, 3) == 0) {
        history->world->now_ms += step_ms; /* the timers come later */
    } else {
        world_wait(history->world, step_ms);
    }
}

/* ---- what the journal tells ---- */

/* One referral, as far as the journal was read. */
struct reading {
    Vouch__V1__Clock__Stage stage; /* of the clock that runs */
    uint64_t member;               /* whose */
    int64_t due_ms;
    int64_t rest_until_ms; /* nobody may pass it on before */
};

struct tale {
    struct history *history;
    struct arena *arena;
    struct reading readings[REFERRALS_MOST + 1];
    uint32_t kept[PEOPLE + 3];
    uint32_t missed[PEOPLE + 3];
    uint32_t steps[REFERRALS_MOST + 1]; /* by somebody else than the referrer */
};

static void start_reading(struct reading *reading, const Vouch__V1__Clock *clock)
{
    reading->stage = clock == NULL ? STAGE(PASSED) : clock->stage;
    reading->member = clock == NULL ? 0 : clock->member;
    reading->due_ms = clock == NULL ? 0 : clock->due_ms;
    reading->rest_until_ms = clock == NULL ? 0 : clock->pass_ms;
}

static void read_rung(struct tale *tale, const Vouch__V1__Event *event)
{
    const Vouch__V1__ClockRung *rung = event->clock_rung;
    struct reading *reading = &tale->readings[rung->referral];
    const Vouch__V1__Clock *clock = rung->clock;
    cr_assert_gt(clock->stage, reading->stage, "R%d rings backwards", (int)rung->referral);
    cr_assert_eq(clock->member, reading->member);
    cr_assert(clock->stage == STAGE(PASSED) || rung->n_told > 0, "nobody is told");
    cr_assert_eq(rung->missed, clock->stage == STAGE(OVERDUE) && rung->day != 0);
    tale->missed[clock->member] += rung->missed ? 1 : 0;
    tale->history->seen.missed += rung->missed ? 1 : 0;
    tale->history->seen.rung++;
    if (clock->stage == STAGE(OVERDUE)) {
        cr_assert_geq(event->time_ms, reading->due_ms);
        cr_assert_geq(clock->pass_ms, reading->rest_until_ms);
        reading->rest_until_ms = clock->pass_ms;
    } else if (clock->stage < STAGE(OVERDUE)) {
        cr_assert_lt(event->time_ms, reading->due_ms, "too late for a reminder");
    }
    if (clock->stage == STAGE(PASSED)) {
        cr_assert_eq(reading->stage, STAGE(OVERDUE), "passed on, and was never told");
        cr_assert_geq(event->time_ms, reading->rest_until_ms);
    }
    reading->stage = clock->stage;
}

static void read_move(struct tale *tale, const Vouch__V1__Event *event)
{
    const Vouch__V1__ReferralMoved *moved = event->referral_moved;
    struct reading *reading = &tale->readings[moved->referral];
    if (moved->verb == VERB(GHOST)) {
        cr_assert_eq(reading->stage, STAGE(OVERDUE), "passed on, and was never told");
        cr_assert_geq(event->time_ms, reading->rest_until_ms);
        tale->history->seen.ghosted++;
    }
    if (moved->kept_day != 0) {
        cr_assert_lt(reading->stage, STAGE(OVERDUE));
        cr_assert_lt(event->time_ms, reading->due_ms);
        tale->kept[reading->member]++;
        tale->history->seen.kept++;
    }
    tale->steps[moved->referral]++;
    start_reading(reading, moved->clock);
}

static void read_journal(struct tale *tale)
{
    struct world *world = tale->history->world;
    struct view *view = state_write_view(world->store, &world->why);
    for (uint64_t sequence = 1; sequence <= world->sequence; sequence++) {
        arena_reset(tale->arena);
        const Vouch__V1__Event *event = record_event(view, sequence, tale->arena);
        if (event->body_case == BODY(REFERRAL_SUBMITTED)) {
            start_reading(&tale->readings[event->referral_submitted->referral->id],
                          event->referral_submitted->referral->clock);
        } else if (event->body_case == BODY(REFERRAL_MOVED)) {
            read_move(tale, event);
        } else if (event->body_case == BODY(CLOCK_RUNG)) {
            read_rung(tale, event);
        }
    }
}

static void expect_obligations(struct tale *tale)
{
    struct world *world = tale->history->world;
    struct view *view = state_write_view(world->store, &world->why);
    struct slice key, value;
    struct cursor *cursor = cursor_open(view, TABLE_OBLIGATION);
    for (bool row = cursor_seek(cursor, SLICE_NONE, &key, &value); row; row = cursor_next(cursor, &key, &value)) {
        struct obligation obligation = obligation_read(value);
        tale->kept[slice_u64(key, 0)] -= obligation.kept;
        tale->missed[slice_u64(key, 0)] -= obligation.missed;
    }
    cursor_close(&cursor);
    for (size_t i = 0; i < PEOPLE; i++) {
        cr_assert_eq(tale->kept[tale->history->people[i]], 0);
        cr_assert_eq(tale->missed[tale->history->people[i]], 0);
    }
}

/* Nothing here is done by a referrer, so every step is a line in theirs. */
static void expect_lines(struct tale *tale)
{
    struct world *world = tale->history->world;
    uint32_t lines[REFERRALS_MOST + 1] = {0};
    struct slice key, value;
    struct view *view = state_write_view(world->store, &world->why);
    struct cursor *cursor = cursor_open(view, TABLE_INBOX);
    for (bool row = cursor_seek(cursor, SLICE_NONE, &key, &value); row; row = cursor_next(cursor, &key, &value)) {
        arena_reset(tale->arena);
        uint64_t member = slice_u64(key, 0);
        const Vouch__V1__Event *event = record_event(view, slice_u64(value, 0), tale->arena);
        uint64_t id = event->body_case == BODY(REFERRAL_MOVED) ? event->referral_moved->referral : 0;
        if (id != 0 && record_referral(view, id, tale->arena)->referrer == member) {
            lines[id]++;
        }
    }
    cursor_close(&cursor);
    for (uint64_t id = 1; id <= tale->history->referrals; id++) {
        cr_assert_eq(lines[id], tale->steps[id], "R%d: %u lines of %u steps", (int)id, lines[id], tale->steps[id]);
    }
}

Test(clock_histories, whatever_people_do_clocks_ring_forward_and_are_told)
{
    struct random_cases random = random_begin("clock_histories", STEPS * 4);
    for (int round = 0; round < 4; round++) {
        struct history history = history_new(&random);
        for (int step = 0; step < STEPS; step++) {
            if (random_below(&random, 3) > 0) {
                do_something(&history);
            } else {
                let_time_pass(&history);
            }
        }
        world_wait(history.world, HOUR_MS);
        struct tale tale = {.history = &history, .arena = arena_new((size_t)1 << 20)};
        read_journal(&tale);
        expect_obligations(&tale);
        expect_lines(&tale);
        arena_free(&tale.arena);
        cr_assert(history.seen.rung > 20 && history.seen.ghosted > 3 && history.seen.kept > 3 &&
                      history.seen.missed > 3,
                  "not much happened: %d rang, %d ghosted, %d kept, %d missed", history.seen.rung, history.seen.ghosted,
                  history.seen.kept, history.seen.missed);
        world_verify(history.world);
        world_free(&history.world);
    }
}
