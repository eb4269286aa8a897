/* SPDX-License-Identifier: Apache-2.0
 *
 * Time passes: clocks ring at their moments, and people do in their working time what people do. Now and then the
 * broker is down for days, over Christmas too, or its clock jumps; and at times somebody is faster than a clock. */
#include "sim.h"

#include <criterion/criterion.h>

#define TICK_MS (4 * SIM_HOUR_MS)

/* ---- a day ---- */

static void look_at_today(struct sim *sim, const struct sim_rep *rep)
{
    Vouch__V1__Reply reply;
    Vouch__V1__Today today = VOUCH__V1__TODAY__INIT;
    enum vouch_status status = world_ask(sim->world, rep->id, REQUEST_OF(TODAY, today, &today), &reply);
    cr_assert_eq(status, VOUCH_OK, "%s", sim->world->why.text);
}

static void work(struct sim *sim, struct sim_rep *rep)
{
    static const uint64_t looks[] = {[SIM_DILIGENT] = 700, [SIM_SLOW] = 120, [SIM_GHOST] = 300};
    if (sim_chance(sim, looks[rep->manner])) {
        sim_desk(sim, rep);
    }
    sim_ties(sim, rep);
    if (sim_chance(sim, 40)) {
        sim_refer(sim, rep, 0);
    }
    if (sim_chance(sim, 3)) {
        sim_fall_ill(sim, rep);
    }
    if (sim_chance(sim, 20)) {
        look_at_today(sim, rep);
    }
    if (rep->manager && sim_chance(sim, 100)) {
        sim_queue(sim, rep);
    }
}

static bool works_now(const struct sim *sim, const struct sim_rep *rep)
{
    int64_t now_ms = sim->world->now_ms;
    return !rep->removed && work_between(&rep->calendar, now_ms - TICK_MS, now_ms) > 0;
}

/* Everybody who works now does something, in another order each time. */
static void tick(struct sim *sim)
{
    size_t first = sim_below(sim, sim->size.reps);
    for (size_t i = 0; i < sim->size.reps; i++) {
        struct sim_rep *rep = &sim->reps[(first + i) % sim->size.reps];
        if (works_now(sim, rep)) {
            work(sim, rep);
        }
    }
}

/* ---- time ---- */

static void ring(struct sim *sim)
{
    sim->seen.timers += (long)world_wait(sim->world, 0);
    sim->seen.rerouted += (long)world_reroute(sim->world);
}

/* From moment to moment, as they come. */
static void pass_time(struct sim *sim, int64_t ms)
{
    struct world *world = sim->world;
    int64_t until_ms = world->now_ms + ms;
    for (int64_t next_ms = world_next_ms(world); next_ms <= until_ms; next_ms = world_next_ms(world)) {
        world->now_ms = next_ms > world->now_ms ? next_ms : world->now_ms;
        ring(sim);
    }
    world->now_ms = until_ms;
}

/* So long nothing rings. */
static void stand_still(struct sim *sim, int64_t ms)
{
    cr_assert_lt(sim->late_count, SIM_LATE_MOST);
    sim->late[sim->late_count++] = (struct sim_late){sim->world->now_ms, sim->world->now_ms + ms};
    sim->world->now_ms += ms;
}

/* The broker is down for some days, or its clock jumps: nobody does anything, and all that rang in the meantime does so
 * at once. */
static void trouble(struct sim *sim)
{
    stand_still(sim, (sim->seen.troubles == 0 ? 16 : 1 + (int64_t)sim_below(sim, 21)) * SIM_DAY_MS);
    sim->next_trouble_ms = sim->world->now_ms + (40 + (int64_t)sim_below(sim, 60)) * SIM_DAY_MS;
    sim->seen.troubles++;
    ring(sim);
}

void sim_run(struct sim *sim)
{
    while (sim->world->now_ms < sim->end_ms) {
        if (sim->world->now_ms >= sim->next_trouble_ms) {
            trouble(sim);
        }
        if (sim_chance(sim, 100)) { /* somebody is faster */
            stand_still(sim, TICK_MS);
            tick(sim);
            ring(sim);
        } else {
            pass_time(sim, TICK_MS);
            tick(sim);
        }
        sim_office(sim);
    }
    ring(sim);
}
