/* SPDX-License-Identifier: Apache-2.0
 *
 * What became of it all, by the journal: nothing is left without somebody who has to act, every step reached its
 * referrer once, no moment was told twice, no contact was asked too often. Shares no code with what decides. */
#include "apply/clocks.h"
#include "court.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdlib.h>

#define STATE(name) VOUCH__V1__REFERRAL_STATE__##name
#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name
#define BODY(name) VOUCH__V1__EVENT__BODY_##name
#define ASK(name) VOUCH__V1__ASK_STATE__##name

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
    court.intel = rows(meta_get(court.view, "last_intel"), sizeof *court.intel);
    court.capacity = rows(meta_get(court.view, "last_member"), sizeof *court.capacity);
    court.on_desk = rows(meta_get(court.view, "last_member"), sizeof *court.on_desk);
    court.in_order = rows(court.ask_count, sizeof *court.in_order);
    court.contacts = meta_get(court.view, "last_contact");
    court.merged_into = rows(court.contacts, sizeof *court.merged_into);
    court.merge = rows(court.contacts, sizeof *court.merge);
    court.holders = rows(court.referrals, sizeof *court.holders);
    worked_open(&court.worked, sim, meta_get(court.view, "last_member"));
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
    free(court->intel);
    free(court->capacity);
    free(court->on_desk);
    free(court->in_order);
    free(court->merged_into);
    free(court->merge);
    free(court->holders);
    worked_close(&court->worked);
    free(court->owed);
    free(court->referrer_of);
}

/* ---- asks ---- */

static uint64_t person_of(const struct court *court, uint64_t contact)
{
    return court->merged_into[contact] == 0 ? contact : person_of(court, court->merged_into[contact]);
}

/* One in 90 days, whoever asks, of one person; after two NOs in a row 365. */
static void read_asked(struct court *court, uint64_t id, int64_t now_ms)
{
    const struct asked *last[2] = {NULL, NULL};
    uint64_t person = person_of(court, court->asks[id].contact);
    for (size_t i = court->in_order_count; i > 0 && last[1] == NULL; i--) {
        const struct asked *one = &court->asks[court->in_order[i - 1]];
        if (person_of(court, one->contact) == person) {
            last[last[0] == NULL ? 0 : 1] = one;
        }
    }
    bool nos = last[1] != NULL && last[0]->answer == ASK(NO) && last[1]->answer == ASK(NO);
    cr_assert(last[0] == NULL || now_ms - last[0]->asked_ms >= (nos ? 365 : 90) * SIM_DAY_MS,
              "A%" PRIu64 " comes too early after that of %" PRId64, id, last[0]->asked_ms);
    court->asks[id].asked_ms = now_ms;
    court->in_order[court->in_order_count++] = id;
}

static void read_merge(struct court *court, const Vouch__V1__Event *event)
{
    if (event->body_case == BODY(CONTACTS_MERGED)) {
        const Vouch__V1__ContactsMerged *merged = event->contacts_merged;
        court->merged_into[merged->from] = merged->into;
        court->merge[merged->from] = merged->merge;
        return;
    }
    for (uint64_t id = 1; id <= court->contacts; id++) {
        if (court->merge[id] == event->merge_undone->merge) {
            court->merged_into[id] = court->merge[id] = 0;
        }
    }
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
        reading->connector = referral->connector;
        reading->state = referral->state;
        if (referral->state == STATE(OFFERED)) {
            reading->tried[reading->tried_count++] = reading->receiver = referral->receiver;
            follow_desk(court, reading, 1);
        }
        follow_start(court, reading, referral->clock, referral->state == STATE(HELD), sequence);
        if (referral->source != NULL && referral->source->ask != 0) {
            court->asks[referral->source->ask].answer = ASK(YES_NAMED);
        }
    } else if (event->body_case == BODY(REFERRAL_MOVED)) {
        follow_moved(court, sequence, event);
    } else if (event->body_case == BODY(CLOCK_RUNG)) {
        follow_rung(court, sequence, event);
    } else if (event->body_case == BODY(ASK_PREPARED) || event->body_case == BODY(ASK_MOVED)) {
        read_ask(court, event);
    } else if (event->body_case == BODY(INTEL_GIVEN) || event->body_case == BODY(INTEL_MOVED)) {
        follow_intel(court, sequence, event);
    } else if (event->body_case == BODY(CARD_SET)) {
        court->capacity[event->card_set->member] = event->card_set->card->capacity;
    } else if (event->body_case == BODY(CALENDAR_SET)) {
        worked_set(&court->worked, event->calendar_set);
    } else if (event->body_case == BODY(CONTACTS_MERGED) || event->body_case == BODY(MERGE_UNDONE)) {
        read_merge(court, event);
    }
    court->bodies[event->body_case]++;
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

static void find_holders(struct court *court)
{
    for (uint64_t id = 1; id <= court->referrals; id++) {
        arena_reset(court->arena);
        const Vouch__V1__Referral *referral = record_referral(court->view, id, court->arena);
        const Vouch__V1__Claim *claim = referral->claim;
        if (claim != NULL && claim->place == VOUCH__V1__CLAIM__PLACE__HOLDS) {
            court->holders[court->holder_count++] = (struct holder){referral->prospect, claim->product_key, id,
                                                                    claim->until_ms};
        }
    }
}

/* Somebody holds the claim that it waits for, and that has an end. */
static bool claim_is_held(const struct court *court, const Vouch__V1__Referral *waiting)
{
    for (size_t i = 0; i < court->holder_count; i++) {
        const struct holder *holder = &court->holders[i];
        if (holder->prospect == waiting->prospect && holder->product_key == waiting->claim->product_key) {
            struct key row = key_due(holder->until_ms, DUE_CLAIM_ENDS, holder->id);
            return is_due(court, &row);
        }
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
        cr_assert(claim_is_held(court, referral), "R%" PRIu64 " waits for a claim that nobody holds", id);
    } else {
        cr_assert_not_null(referral->clock, "R%" PRIu64 " is forgotten in state %d", id, (int)referral->state);
        int64_t next_ms = clock_next_ms(referral->clock);
        struct key row = key_due(next_ms, DUE_CLOCK_RINGS, id);
        cr_assert_gt(next_ms, court->sim->world->now_ms, "R%" PRIu64 " should have rung", id);
        cr_assert_lt(next_ms, DUE_NEVER_MS, "R%" PRIu64 " waits for a receiver for ever", id);
        cr_assert(is_due(court, &row), "R%" PRIu64 " has no timer", id);
    }
}

/* The story was worth telling: everything there is happened. In a small firm not every seed has it all. */
static void judge_story(const struct court *court)
{
    static const Vouch__V1__ReferralVerb verbs[] = {
        VERB(REGISTER), VERB(INTRODUCE), VERB(NO_PATH), VERB(OFFER),    VERB(ACCEPT), VERB(DECLINE), VERB(CONTACT),
        VERB(MEET),     VERB(QUALIFY),   VERB(WIN),     VERB(LOSE),     VERB(UPDATE), VERB(SNOOZE),  VERB(GHOST),
        VERB(EXPIRE),   VERB(WITHDRAW),  VERB(PROMOTE), VERB(DISPLACE), VERB(CHOOSE), VERB(ATTEST),  VERB(DISOWN)};
    static const int bodies[] = {BODY(ASK_PREPARED),     BODY(ASK_MOVED),      BODY(TOUCH_RECORDED),
                                 BODY(INTEL_GIVEN),      BODY(INTEL_MOVED),    BODY(CONTACTS_MERGED),
                                 BODY(MERGE_UNDONE),     BODY(CONTACT_ERASED), BODY(CONTACT_CHANGED),
                                 BODY(CALENDAR_SET),     BODY(CLOCK_RUNG),     BODY(PAYMENT_RECORDED),
                                 BODY(COMMISSION_TAKEN), BODY(CLAIM_ENDED),    BODY(MEMBER_REMOVED)};
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        cr_expect_gt(court->verbs[verbs[i]], 0, "nobody ever did %d", (int)verbs[i]);
    }
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        cr_expect_gt(court->bodies[bodies[i]], 0, "event %d never happened", bodies[i]);
    }
    const long counts[] = {court->late,   court->moved_on, court->overdue, court->ghosted,    court->rerouted,
                           court->queued, court->kept,     court->missed,  court->intel_kept, court->intel_missed};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        cr_expect_gt(counts[i], 0, "count %zu", i);
    }
}

static void tell_story(const struct court *court)
{
    const long *states = court->states;
    const long *bodies = court->bodies;
    fprintf(stderr, "sim: %" PRIu64 " events, %" PRIu64 " referrals: %ld won, %ld lost, %ld expired, %ld withdrawn\n",
            court->sim->world->sequence, court->referrals, states[STATE(WON)], states[STATE(LOST)],
            states[STATE(EXPIRED)], states[STATE(WITHDRAWN)]);
    fprintf(stderr,
            "sim: %ld steps, %ld rings (%ld late, %ld clocks moved), %ld overdue, %ld obligations kept, %ld missed, "
            "%ld ghosted, %ld rerouted, %ld queued, %ld snoozed, %ld wait for a claim\n",
            court->moves, court->rings, court->late, court->moved_on, court->overdue, court->kept, court->missed,
            court->ghosted, court->rerouted, court->queued, court->verbs[VERB(SNOOZE)], states[STATE(DUPLICATE_WAIT)]);
    fprintf(stderr,
            "sim: %" PRIu64 " asks, %ld touches, %ld times intel (%ld in time, %ld not), %ld merges, %ld undone, %ld "
            "erased, %ld calendars, "
            "%ld promoted by a claim, %ld chosen, %ld times money went back, %ld people left\n",
            court->ask_count, bodies[BODY(TOUCH_RECORDED)], bodies[BODY(INTEL_GIVEN)], court->intel_kept,
            court->intel_missed, bodies[BODY(CONTACTS_MERGED)], bodies[BODY(MERGE_UNDONE)],
            bodies[BODY(CONTACT_ERASED)], bodies[BODY(CALENDAR_SET)], court->verbs[VERB(PROMOTE)],
            court->verbs[VERB(CHOOSE)], bodies[BODY(COMMISSION_TAKEN)], bodies[BODY(MEMBER_REMOVED)]);
}

void sim_judge(struct sim *sim)
{
    struct court court = court_open(sim);
    for (uint64_t sequence = 1; sequence <= sim->world->sequence; sequence++) {
        read_event(&court, sequence);
    }
    judge_inboxes(&court);
    find_holders(&court);
    for (uint64_t id = 1; id <= court.referrals; id++) {
        judge_referral(&court, id);
    }
    tell_story(&court);
    if (!sim->any_seed) {
        judge_story(&court);
    }
    worked_judge(&court.worked);
    court_close(&court);
}
