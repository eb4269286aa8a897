/* SPDX-License-Identifier: Apache-2.0
 *
 * A quarter of a small firm in every run of the tests; a year of a large one where VOUCH_SIM_YEAR is set.
 * VOUCH_SIM_SEED is the seed, which is printed. */
#include "sim.h"

#include "base/clock.h"
#include "recount.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double seconds_since(int64_t start_us)
{
    return (double)(clock_mono_us() - start_us) / 1e6;
}

static uint64_t seed_of_run(void)
{
    const char *text = getenv("VOUCH_SIM_SEED");
    uint64_t seed = text == NULL ? RANDOM_SEED : strtoull(text, NULL, 10);
    return seed == 0 ? RANDOM_SEED : seed;
}

/* All pages of one report. */
static size_t judge_report(struct sim *sim, const struct recount *recount, Vouch__V1__Report *report)
{
    Vouch__V1__Reply reply;
    do {
        enum vouch_status status = world_ask(sim->world, WORLD_ADMIN, REQUEST_OF(REPORT, report, report), &reply);
        cr_assert_eq(status, VOUCH_OK, "%s", sim->world->why.text);
        for (size_t row = 0; row < reply.report->n_rows; row++) {
            recount_row(recount, reply.report, reply.report->rows[row]);
        }
        report->after += (uint32_t)reply.report->n_rows;
    } while (reply.report->more);
    return report->after;
}

/* Every number that is reported, against a recount: of both years, for who referred and for who received, by whatever
 * numbers can be had by; and of a year as it is in other zones. */
static size_t judge_reports(struct sim *sim)
{
    static struct recount recount;
    static const struct {
        char *period, *zone;
    } spans[] = {{"2026", ""}, {"2027", ""}, {"2027", "Asia/Kolkata"}, {"2026", "America/New_York"}};
    size_t rows = 0;
    recount_read(&recount, sim->world);
    for (size_t i = 0; i < sizeof spans / sizeof spans[0] * 2; i++) {
        for (int by = VOUCH__V1__REPORT__BY__ALL; by <= (int)VOUCH__V1__REPORT__BY__MONTH; by++) {
            Vouch__V1__Report report = VOUCH__V1__REPORT__INIT;
            report.period = spans[i / 2].period;
            report.zone = spans[i / 2].zone;
            report.received = i % 2 == 1;
            report.by = (Vouch__V1__Report__By)by;
            report.limit = 500;
            rows += judge_report(sim, &recount, &report);
        }
    }
    return rows;
}

static void simulate(const struct sim_size *size)
{
    static struct sim sim;
    int64_t start_us = clock_mono_us();
    uint64_t seed = seed_of_run();
    fprintf(stderr, "sim: %zu people, %zu contacts, %d days, seed %llu\n", size->reps, size->contacts, size->days,
            (unsigned long long)seed);
    sim_begin(&sim, size, seed);
    sim.any_seed = getenv("VOUCH_SIM_SEED") != NULL;
    fprintf(stderr, "sim: %.1f s, the firm is there\n", seconds_since(start_us));
    sim_run(&sim);
    fprintf(stderr, "sim: %.1f s, %ld commands, %ld refused, %ld timers, %ld rerouted, %ld times down\n",
            seconds_since(start_us), sim.seen.commands, sim.seen.refused, sim.seen.timers, sim.seen.rerouted,
            sim.seen.troubles);
    sim_judge(&sim);
    fprintf(stderr, "sim: %.1f s, judged\n", seconds_since(start_us));
    size_t rows = judge_reports(&sim);
    fprintf(stderr, "sim: %.1f s, %zu rows of reports recounted\n", seconds_since(start_us), rows);
    world_verify(sim.world);
    fprintf(stderr, "sim: %.1f s, replayed and checked\n", seconds_since(start_us));
    world_free(&sim.world);
}

Test(sim, a_quarter_of_a_small_firm)
{
    simulate(&(struct sim_size){.reps = 40, .contacts = 2000, .clients = 60, .prospects = 80, .days = 92});
}

Test(sim, a_year_of_a_large_firm)
{
    if (getenv("VOUCH_SIM_YEAR") == NULL) {
        cr_skip_test("VOUCH_SIM_YEAR is not set");
    }
    simulate(&(struct sim_size){.reps = 200, .contacts = 20000, .clients = 300, .prospects = 400, .days = 365});
}
