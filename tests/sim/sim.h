/* SPDX-License-Identifier: Apache-2.0
 *
 * A simulated firm: representatives in teams, with managers, calendars in several zones and contacts of their own, who
 * ask, touch, refer, accept, decline, forget, put off and are on holiday, at random and under a clock of their own,
 * while the broker's own code decides, applies, rings and answers. It stands still at times, and the clock jumps. What
 * became of it all is read from the journal afterwards. */
#ifndef VOUCH_TESTS_SIM_H
#define VOUCH_TESTS_SIM_H

#include "domain/worktime.h"
#include "random_cases.h"
#include "world.h"

#define SIM_REPS_MOST 240
#define SIM_CONTACTS_EACH_MOST 128
#define SIM_COMPANIES_MOST 512
#define SIM_LATE_MOST 2048
#define SIM_DEALS 256
#define SIM_MINUTE_MS INT64_C(60000)
#define SIM_HOUR_MS (60 * SIM_MINUTE_MS)
#define SIM_DAY_MS (24 * SIM_HOUR_MS)

struct sim_size {
    size_t reps;     /* a tenth of them are managers */
    size_t contacts; /* of all */
    size_t clients, prospects;
    int days;
};

/* How somebody works. */
enum sim_manner {
    SIM_DILIGENT,
    SIM_SLOW,  /* looks seldom: often too late */
    SIM_GHOST, /* never does anything with what they are offered */
};

struct sim_rep {
    uint64_t id;
    size_t team;
    enum sim_manner manner;
    bool manager;
    bool removed;
    bool partner; /* of another company */
    char zone[32];
    uint32_t hours[14];
    size_t off_count;
    uint32_t off[64]; /* yyyymmdd */
    struct work_calendar calendar;
    size_t contact_count;
    uint64_t contacts[SIM_CONTACTS_EACH_MOST];
};

struct sim {
    struct world *world;
    struct random_cases random;
    struct sim_size size;
    bool any_seed; /* it was given from outside */
    struct sim_rep reps[SIM_REPS_MOST];
    uint64_t clients[SIM_COMPANIES_MOST];
    uint64_t prospects[SIM_COMPANIES_MOST];
    int64_t end_ms;
    int64_t next_trouble_ms; /* a downtime, or a jump of the clock */
    struct sim_late {
        int64_t from_ms, until_ms;
    } late[SIM_LATE_MOST]; /* nothing rang after the first moment and before the second */
    size_t late_count;
    uint64_t won[SIM_DEALS], paid[SIM_DEALS]; /* the last referrals that were won, and the last payments */
    size_t won_count, paid_count;
    struct {
        long commands, refused, timers, rerouted, troubles, removed;
        long refusals[16]; /* by status */
    } seen;
};

/* ---- firm.c: the firm on its first day ---- */

void sim_begin(struct sim *sim, const struct sim_size *size, uint64_t seed);

/* Sets the calendar of somebody as it is in `rep`. */
void sim_tell_calendar(struct sim *sim, struct sim_rep *rep);

/* ---- days.c: time passes ---- */

/* Lets all of the time pass. */
void sim_run(struct sim *sim);

/* ---- ties.c: what somebody does with the people they know ---- */

void sim_ties(struct sim *sim, struct sim_rep *rep);

/* ---- desk.c: what somebody does with the referrals that are theirs ---- */

void sim_desk(struct sim *sim, struct sim_rep *rep);
void sim_queue(struct sim *sim, struct sim_rep *manager);
/* Refers somebody; `ask` not 0: that a contact named. */
void sim_refer(struct sim *sim, const struct sim_rep *rep, uint64_t ask);

/* ---- office.c: what happens to a firm ---- */

/* At times: somebody leaves, a deal falls through, a buyer chooses. */
void sim_office(struct sim *sim);
/* Somebody falls ill, and says so. */
void sim_fall_ill(struct sim *sim, struct sim_rep *rep);

/* ---- verdict.c: what became of it, by the journal ---- */

void sim_judge(struct sim *sim);

/* ---- shared ---- */

static inline uint64_t sim_below(struct sim *sim, uint64_t limit)
{
    return random_below(&sim->random, limit);
}

/* True so often in a thousand. */
static inline bool sim_chance(struct sim *sim, uint64_t in_thousand)
{
    return random_below(&sim->random, 1000) < in_thousand;
}

/* One of the contacts of somebody. */
static inline uint64_t sim_some_contact(struct sim *sim, const struct sim_rep *rep)
{
    return rep->contacts[sim_below(sim, rep->contact_count)];
}

/* Somebody who was not removed. */
struct sim_rep *sim_somebody(struct sim *sim);
/* A command that may be refused, though never by a fault of the broker. */
enum vouch_status sim_try(struct sim *sim, uint64_t member, const Vouch__V1__Request *request);

#endif
