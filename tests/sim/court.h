/* SPDX-License-Identifier: Apache-2.0
 *
 * The court: what the journal tells of each referral, ask and calendar as it is read from its first event on, in plain
 * words. verdict.c reads and judges, worked.c judges moments: what was promised in working time is counted minute by
 * minute. Nothing here calls what decides. */
#ifndef VOUCH_TESTS_COURT_H
#define VOUCH_TESTS_COURT_H

#include "sim.h"

/* One referral, as far as the journal was read. */
struct reading {
    uint64_t referrer, connector;
    Vouch__V1__ReferralState state;
    bool clocked; /* a clock runs, or has passed; this is it: */
    int64_t start_ms, half_ms, last_ms, due_ms, pass_ms, again_ms;
    uint64_t member;
    int stage;
    bool managers;   /* it is theirs */
    int64_t rung_ms; /* when something was told last */
    uint64_t receiver, tried[24];
    size_t tried_count;
};

struct asked {
    uint64_t contact, member;
    int64_t asked_ms;
    Vouch__V1__AskState answer;
};

/* Intel that was offered. */
struct offered {
    uint64_t to;
    bool clocked;
    int64_t moments_ms[3]; /* 50, 90 and 100 % */
    int stage;
};

/* When somebody works, from an event on. */
struct version {
    uint64_t member;
    char zone[32];
    uint16_t hours[14];
    size_t off_count;
    uint32_t off[64];
};

/* Of the work from one moment to another in a calendar something is claimed. */
enum claim {
    CLAIM_EXACTLY,  /* it is this much, and the last of it right before the second moment */
    CLAIM_AT_LEAST, /* it is no less */
    CLAIM_LESS,     /* it is less */
};

struct claimed {
    size_t version;
    enum claim claim;
    int64_t from_ms, until_ms, work_ms;
    uint64_t sequence; /* of the event that says so */
};

struct worked {
    struct version *versions;
    size_t version_count, version_room;
    size_t *version_of; /* by member; 0: the firm's own */
    struct claimed *claims;
    size_t claim_count, claim_room;
    int64_t from_ms, until_ms; /* of the minutes that are counted */
};

/* ---- worked.c: working time by the minute ---- */

void worked_open(struct worked *worked, const struct sim *sim, uint64_t members);
void worked_close(struct worked *worked);
void worked_set(struct worked *worked, const Vouch__V1__CalendarSet *set);
/* The mean working day of somebody as of now. */
int64_t worked_day_ms(const struct worked *worked, uint64_t member);
void worked_claim(struct worked *worked, uint64_t member, enum claim claim, int64_t from_ms, int64_t until_ms,
                  int64_t work_ms, uint64_t sequence);
/* Counts all of it. */
void worked_judge(struct worked *worked);

/* ---- verdict.c ---- */

/* Who holds a claim, and until when. */
struct holder {
    uint64_t prospect, product_key, id;
    int64_t until_ms;
};

struct court {
    struct sim *sim;
    struct arena *arena;
    struct view *view;
    struct worked worked;
    struct reading *readings;
    uint64_t referrals;
    struct asked *asks;
    uint64_t ask_count;
    struct offered *intel;
    uint32_t *capacity, *on_desk; /* by member; capacity 0: there is no card */
    uint64_t *in_order;           /* asks, as they were asked */
    size_t in_order_count;
    uint64_t *merged_into, *merge; /* by contact */
    uint64_t contacts;
    struct holder *holders;
    size_t holder_count;
    uint8_t *owed;         /* by sequence: lines that the referrer has to have */
    uint64_t *referrer_of; /* by sequence */
    long moves, rings, late, moved_on, overdue, ghosted, rerouted, queued, kept, missed, intel_kept, intel_missed,
        states[32], verbs[32], bodies[128];
};

/* ---- follow.c: clocks and steps ---- */

/* A clock starts (NULL: there is none from now on); `managers`: it is theirs. */
void follow_start(struct court *court, struct reading *reading, const Vouch__V1__Clock *clock, bool managers,
                  uint64_t sequence);
void follow_rung(struct court *court, uint64_t sequence, const Vouch__V1__Event *event);
void follow_moved(struct court *court, uint64_t sequence, const Vouch__V1__Event *event);
/* What somebody has on their desk is one more, or one less. */
void follow_desk(struct court *court, const struct reading *reading, int more);
void follow_intel(struct court *court, uint64_t sequence, const Vouch__V1__Event *event);

#endif
