/* SPDX-License-Identifier: Apache-2.0
 *
 * What became of it all, by the journal: nothing is left without somebody who has to act, every step reached its
 * referrer once, no moment was told twice, no contact was asked too often. Shares no code with what decides. */
#include "sim.h"

#include "apply/clocks.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdlib.h>

#define STATE(name) VOUCH__V1__REFERRAL_STATE__##name
#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name
#define STAGE(name) VOUCH__V1__CLOCK__STAGE__##name
#define BODY(name) VOUCH__V1__EVENT__BODY_##name
#define ASK(name) VOUCH__V1__ASK_STATE__##name

/* One referral, as far as the journal was read. */
struct reading {
    uint64_t referrer;
    Vouch__V1__ReferralState state;
    int64_t start_ms; /* of the clock that runs */
    uint64_t member;
    int stage;
    int64_t again_ms;
};

struct asked {
    uint64_t contact;
    int64_t asked_ms;
    Vouch__V1__AskState answer;
    uint64_t before; /* the ask of this contact before it, by when they were asked */
};

struct court {
    struct sim *sim;
    struct arena *arena;
    struct view *view;
    struct reading *readings;
    uint64_t referrals;
    struct asked *asks;
    uint64_t ask_count;
    uint64_t *last_ask;    /* of each contact */
    uint8_t *owed;         /* by sequence: lines that the referrer has to have */
    uint64_t *referrer_of; /* by sequence */
    long moves, rings, overdue, ghosted, queued, states[32], verbs[32];
};

static void *rows(uint64_t count, size_t size)
{
    void *all = calloc(count + 1, size);
    cr_assert_not_null(all);
    return all;
}

static struct court court_open(struct sim *sim)
{
    struct court court = {.sim = sim, .arena = arena_new((size_t)4 << 20), .view = snapshot_open(sim->world->store)};
    court.referrals = meta_get(court.view, "last_referral");
    court.ask_count = meta_get(court.view, "last_ask");
    court.readings = rows(court.referrals, sizeof *court.readings);
    court.asks = rows(court.ask_count, sizeof *court.asks);
    court.last_ask = rows(meta_get(court.view, "last_contact"), sizeof *court.last_ask);
    court.owed = rows(sim->world->sequence, sizeof *court.owed);
    court.referrer_of = rows(sim->world->sequence, sizeof *court.referrer_of);
    return court;
}

static void court_close(struct court *court)
{
    snapshot_close(&court->view);
    arena_free(&court->arena);
    free(court->readings);
    free(court->asks);
    free(court->last_ask);
    free(court->owed);
    free(court->referrer_of);
}

/* ---- clocks ---- */

static void start_clock(struct reading *reading, const Vouch__V1__Clock *clock)
{
    reading->stage = clock == NULL ? STAGE(PASSED) : (int)clock->stage;
    reading->start_ms = clock == NULL ? 0 : clock->start_ms;
    reading->member = clock == NULL ? 0 : clock->member;
    reading->again_ms = 0;
}

/* No moment of a clock is told twice, nor to somebody twice; what is told again is told when that was said. */
static void read_rung(struct court *court, uint64_t sequence, const Vouch__V1__Event *event)
{
    const Vouch__V1__ClockRung *rung = event->clock_rung;
    court->rings++;
    if (rung->intel != 0) {
        return;
    }
    struct reading *reading = &court->readings[rung->referral];
    for (size_t i = 0; i < rung->n_told; i++) {
        for (size_t j = 0; j < i; j++) {
            cr_assert_neq(rung->told[i], rung->told[j], "R%" PRIu64 " is told twice in one", rung->referral);
        }
    }
    if (rung->queued) {
        court->queued++;
        start_clock(reading, rung->clock);
        return;
    }
    cr_assert_eq(rung->clock->start_ms, reading->start_ms, "event %" PRIu64 " of another clock", sequence);
    cr_assert_eq(rung->clock->member, reading->member);
    bool again = rung->clock->stage == STAGE(OVERDUE) && reading->stage == STAGE(OVERDUE) && reading->again_ms != 0;
    if (again) {
        cr_assert_geq(event->time_ms, reading->again_ms);
    } else {
        cr_assert_gt((int)rung->clock->stage, reading->stage, "event %" PRIu64 ": R%" PRIu64 " was reminded twice",
                     sequence, rung->referral);
    }
    court->overdue += rung->clock->stage == STAGE(OVERDUE) ? 1 : 0;
    reading->stage = (int)rung->clock->stage;
    reading->again_ms = rung->clock->again_ms;
}

/* ---- steps ---- */

static void read_moved(struct court *court, uint64_t sequence, const Vouch__V1__Event *event)
{
    const Vouch__V1__ReferralMoved *moved = event->referral_moved;
    struct reading *reading = &court->readings[moved->referral];
    cr_assert_eq(reading->state, moved->from, "event %" PRIu64 ": R%" PRIu64 " was not there", sequence,
                 moved->referral);
    reading->state = moved->to;
    bool goes_on = moved->from == moved->to && moved->verb != VERB(UPDATE) && moved->verb != VERB(SNOOZE);
    if (!goes_on) {
        start_clock(reading, moved->clock);
    }
    court->owed[sequence] = event->actor == reading->referrer ? 0 : 1;
    court->referrer_of[sequence] = reading->referrer;
    court->moves++;
    court->ghosted += moved->verb == VERB(GHOST) ? 1 : 0;
    court->verbs[moved->verb]++;
}

/* ---- asks ---- */

/* One in 90 days, whoever asks; after two NOs in a row 365. */
static void read_asked(struct court *court, uint64_t id, int64_t now_ms)
{
    struct asked *asked = &court->asks[id];
    uint64_t last = court->last_ask[asked->contact];
    if (last != 0) {
        const struct asked *one = &court->asks[last];
        bool nos = one->answer == ASK(NO) && one->before != 0 && court->asks[one->before].answer == ASK(NO);
        cr_assert_geq(now_ms - one->asked_ms, (nos ? 365 : 90) * SIM_DAY_MS,
                      "A%" PRIu64 " comes too early after A%" PRIu64, id, last);
    }
    asked->asked_ms = now_ms;
    asked->before = last;
    court->last_ask[asked->contact] = id;
}

static void read_ask(struct court *court, const Vouch__V1__Event *event)
{
    if (event->body_case == BODY(ASK_PREPARED)) {
        const Vouch__V1__Ask *ask = event->ask_prepared->ask;
        court->asks[ask->id].contact = ask->contact;
        if (ask->state == ASK(ASKED)) {
            read_asked(court, ask->id, event->time_ms);
        }
        return;
    }
    const Vouch__V1__AskMoved *moved = event->ask_moved;
    if (moved->to == ASK(ASKED)) {
        read_asked(court, moved->ask, event->time_ms);
    } else if (moved->to == ASK(NO) || moved->to == ASK(YES_NAMED) || moved->to == ASK(YES_LATER) ||
               moved->to == ASK(NO_REPLY)) {
        court->asks[moved->ask].answer = moved->to;
    }
}

static void read_event(struct court *court, uint64_t sequence)
{
    arena_reset(court->arena);
    const Vouch__V1__Event *event = record_event(court->view, sequence, court->arena);
    cr_assert_not_null(event);
    if (event->body_case == BODY(REFERRAL_SUBMITTED)) {
        const Vouch__V1__Referral *referral = event->referral_submitted->referral;
        struct reading *reading = &court->readings[referral->id];
        reading->referrer = referral->referrer;
        reading->state = referral->state;
        start_clock(reading, referral->clock);
        if (referral->source != NULL && referral->source->ask != 0) {
            court->asks[referral->source->ask].answer = ASK(YES_NAMED);
        }
    } else if (event->body_case == BODY(REFERRAL_MOVED)) {
        read_moved(court, sequence, event);
    } else if (event->body_case == BODY(CLOCK_RUNG)) {
        read_rung(court, sequence, event);
    } else if (event->body_case == BODY(ASK_PREPARED) || event->body_case == BODY(ASK_MOVED)) {
        read_ask(court, event);
    }
}

/* ---- inboxes ---- */

static void judge_inboxes(struct court *court)
{
    struct slice key, value;
    uint64_t member = 0, last = 0;
    struct cursor *cursor = cursor_open(court->view, TABLE_INBOX);
    for (bool row = cursor_seek(cursor, SLICE_NONE, &key, &value); row; row = cursor_next(cursor, &key, &value)) {
        uint64_t sequence = slice_u64(value, 0);
        last = slice_u64(key, 0) == member ? last : 0;
        member = slice_u64(key, 0);
        cr_assert_gt(sequence, last, "event %" PRIu64 " is there twice for member %" PRIu64, sequence, member);
        last = sequence;
        if (court->referrer_of[sequence] == member) {
            cr_assert_eq(court->owed[sequence], 1, "event %" PRIu64 " is no news for who did it", sequence);
            court->owed[sequence] = 0;
        }
    }
    cursor_close(&cursor);
    for (uint64_t sequence = 1; sequence <= court->sim->world->sequence; sequence++) {
        cr_assert_eq(court->owed[sequence], 0, "event %" PRIu64 " was not told to its referrer", sequence);
    }
}

/* ---- nothing is forgotten ---- */

static bool is_due(const struct court *court, const struct key *row)
{
    struct slice value;
    return table_get(court->view, TABLE_DUE, key_slice(row), &value);
}

/* Somebody holds the claim that it waits for, and that has an end. */
static bool claim_is_held(struct court *court, const Vouch__V1__Referral *waiting)
{
    for (uint64_t id = 1; id <= court->referrals; id++) {
        const Vouch__V1__Referral *other = court->readings[id].state == STATE(DUPLICATE_WAIT)
                                               ? NULL
                                               : record_referral(court->view, id, court->arena);
        if (other != NULL && other->prospect == waiting->prospect && other->claim != NULL &&
            other->claim->product_key == waiting->claim->product_key &&
            other->claim->place == VOUCH__V1__CLAIM__PLACE__HOLDS) {
            struct key row = key_due(other->claim->until_ms, DUE_CLAIM_ENDS, id);
            return is_due(court, &row);
        }
        arena_reset(court->arena);
    }
    return false;
}

static void judge_referral(struct court *court, uint64_t id)
{
    arena_reset(court->arena);
    const Vouch__V1__Referral *referral = record_referral(court->view, id, court->arena);
    cr_assert_not_null(referral);
    cr_assert_eq(referral->state, court->readings[id].state);
    court->states[referral->state]++;
    bool closed = referral->state == STATE(WON) || referral->state == STATE(LOST) ||
                  referral->state == STATE(EXPIRED) || referral->state == STATE(WITHDRAWN);
    if (closed || referral->state == STATE(DRAFT)) {
        cr_assert_null(referral->clock, "R%" PRIu64 " has ended, and its clock runs", id);
    } else if (referral->state == STATE(CONSENT_WAIT)) {
        struct key row = key_due(referral->due_ms, DUE_CONSENT_EXPIRES, id);
        cr_assert(is_due(court, &row), "R%" PRIu64 " waits for ever", id);
    } else if (referral->state == STATE(DUPLICATE_WAIT)) {
        Vouch__V1__Referral waiting = *referral;
        Vouch__V1__Claim claim = *referral->claim;
        waiting.claim = &claim;
        cr_assert(claim_is_held(court, &waiting), "R%" PRIu64 " waits for a claim that nobody holds", id);
    } else {
        cr_assert_not_null(referral->clock, "R%" PRIu64 " is forgotten in state %d", id, (int)referral->state);
        int64_t next_ms = clock_next_ms(referral->clock);
        struct key row = key_due(next_ms, DUE_CLOCK_RINGS, id);
        cr_assert_gt(next_ms, court->sim->world->now_ms, "R%" PRIu64 " should have rung", id);
        cr_assert_lt(next_ms, DUE_NEVER_MS, "R%" PRIu64 " waits for a receiver for ever", id);
        cr_assert(is_due(court, &row), "R%" PRIu64 " has no timer", id);
    }
}

void sim_judge(struct sim *sim)
{
    struct court court = court_open(sim);
    for (uint64_t sequence = 1; sequence <= sim->world->sequence; sequence++) {
        read_event(&court, sequence);
    }
    judge_inboxes(&court);
    for (uint64_t id = 1; id <= court.referrals; id++) {
        judge_referral(&court, id);
    }
    fprintf(stderr,
            "sim: %" PRIu64 " events, %" PRIu64 " referrals, %" PRIu64 " asks, %ld steps, %ld rings, %ld overdue, "
            "%ld ghosted, %ld queued, %ld won, %ld lost, %ld expired, %ld waiting in a queue of a claim, %ld drafts\n",
            sim->world->sequence, court.referrals, court.ask_count, court.moves, court.rings, court.overdue,
            court.ghosted, court.queued, court.states[STATE(WON)], court.states[STATE(LOST)],
            court.states[STATE(EXPIRED)], court.states[STATE(DUPLICATE_WAIT)], court.states[STATE(DRAFT)]);
    static const Vouch__V1__ReferralVerb expected[] = {
        VERB(REGISTER), VERB(OFFER),    VERB(ACCEPT),  VERB(DECLINE), VERB(CONTACT), VERB(MEET),
        VERB(QUALIFY),  VERB(WIN),      VERB(LOSE),    VERB(UPDATE),  VERB(SNOOZE),  VERB(GHOST),
        VERB(EXPIRE),   VERB(WITHDRAW), VERB(PROMOTE), VERB(ATTEST),  VERB(DISOWN)};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        cr_assert_gt(court.verbs[expected[i]], 0, "nobody ever did %d", (int)expected[i]);
    }
    court_close(&court);
}
