/* SPDX-License-Identifier: Apache-2.0
 *
 * Submitting referrals: one client against the sum of the floors, and many clients against PostgreSQL. */
#include "bench.h"

#include <string.h>

#define MANY_CLIENTS 64
#define SINGLE_REQUESTS 400
#define WARM_UP_SECONDS 0.5

static const struct work submitting = {.make = make_submit, .check = check_answer};

void measure_single(const struct options *options, const struct process *broker, const struct profile *admin)
{
    struct line *goal = report_line("single.p50", "1 client, submit a referral, p50", "us", "3 x (A + B)", AT_MOST, 1);
    struct line *append = report_line("floor.append", "  floor A: append + fdatasync, p50", "us", NULL, FOR_INFORMATION,
                                      0);
    struct line *echo_line = report_line("floor.echo", "  floor B: CURVE echo of the same sizes, p50", "us", NULL,
                                         FOR_INFORMATION, 0);
    struct line *tail = report_line("single.p99", "  1 client, submit a referral, p99", "us", NULL, FOR_INFORMATION, 0);
    struct samples samples = {0};
    struct process echo = {0};
    struct connections *client = connections_open(broker, admin, 0, 1);
    struct echo_sizes sizes = sizes_of(client, make_submit, NULL);
    echo_start(&echo);
    struct connections *echo_client = connections_open_echo(&echo, 1);
    struct work echoing = {.make = make_echo, .check = check_echo, .argument = &sizes, .requests = SINGLE_REQUESTS};
    struct work single = submitting;
    single.requests = SINGLE_REQUESTS;
    closed_loop(echo_client, &echoing, NULL);
    report_note("a submission is %u bytes, its answer %u, its event %zu", sizes.request, sizes.answer,
                options->event_bytes);
    for (unsigned run = 0; run < options->runs; run++) {
        samples_clear(&samples);
        floor_append(options, options->event_bytes, SINGLE_REQUESTS, &samples);
        double floor_a = samples_percentile_us(&samples, 50);
        samples_clear(&samples);
        closed_loop(echo_client, &echoing, &samples);
        double floor_b = samples_percentile_us(&samples, 50);
        samples_clear(&samples);
        closed_loop(client, &single, &samples);
        double vouch = samples_percentile_us(&samples, 50);
        report_run(goal, vouch, 3 * (floor_a + floor_b));
        report_run(append, floor_a, 0);
        report_run(echo_line, floor_b, 0);
        report_run(tail, samples_percentile_us(&samples, 99), 0);
        progress("single: A %.0f us, B %.0f us, submit %.0f us", floor_a, floor_b, vouch);
    }
    connections_close(&echo_client);
    connections_close(&client);
    process_stop(&echo);
    samples_free(&samples);
}

/* One run of one side: what is asked of it and what came out. */
struct side {
    struct samples samples;
    double rate;
    double cpu_us; /* of the server, for each referral */
};

static double cpu_us(double seconds, const struct side *side)
{
    return side->samples.count == 0 ? 0 : seconds * 1e6 / (double)side->samples.count;
}

static void run_vouch(const struct options *options, const struct process *broker, struct connections *clients,
                      struct side *side)
{
    struct work work = submitting;
    work.seconds = options->seconds;
    samples_clear(&side->samples);
    double before = process_cpu_seconds(broker->pid);
    side->rate = closed_loop(clients, &work, &side->samples);
    side->cpu_us = cpu_us(process_cpu_seconds(broker->pid) - before, side);
}

static void run_postgres(const struct options *options, struct postgres *postgres, struct side *side)
{
    if (postgres == NULL) {
        return;
    }
    samples_clear(&side->samples);
    double before = postgres_cpu_seconds(postgres);
    side->rate = postgres_closed_loop(postgres, options->seconds, &side->samples);
    side->cpu_us = cpu_us(postgres_cpu_seconds(postgres) - before, side);
}

void measure_throughput(const struct options *options, const struct process *broker, const struct profile *admin)
{
    struct postgres *postgres = postgres_open(options, MANY_CLIENTS, options->event_bytes);
    const char *peer = postgres == NULL ? NULL : "PostgreSQL";
    enum goal least = postgres == NULL ? FOR_INFORMATION : AT_LEAST;
    enum goal most = postgres == NULL ? FOR_INFORMATION : AT_MOST;
    struct line *rate = report_line("many.rate", "64 clients, referrals submitted", "1/s", peer, least, 2);
    struct line *tail = report_line("many.p99", "64 clients, submit a referral, p99", "us", peer, most, 1);
    struct line *middle = report_line("many.p50", "  64 clients, submit a referral, p50", "us", peer, FOR_INFORMATION,
                                      0);
    struct line *cpu = report_line("many.cpu", "  processor time of the server, a referral", "us", peer,
                                   FOR_INFORMATION, 0);
    struct side ours = {0};
    struct side theirs = {0};
    struct connections *clients = connections_open(broker, admin, 0, MANY_CLIENTS);
    struct work warm_up = submitting;
    warm_up.seconds = WARM_UP_SECONDS;
    closed_loop(clients, &warm_up, NULL);
    if (postgres != NULL) {
        postgres_closed_loop(postgres, WARM_UP_SECONDS, NULL);
    }
    for (unsigned run = 0; run < options->runs; run++) {
        run_vouch(options, broker, clients, &ours);
        run_postgres(options, postgres, &theirs);
        report_run(rate, ours.rate, theirs.rate);
        report_run(tail, samples_percentile_us(&ours.samples, 99), samples_percentile_us(&theirs.samples, 99));
        report_run(middle, samples_percentile_us(&ours.samples, 50), samples_percentile_us(&theirs.samples, 50));
        report_run(cpu, ours.cpu_us, theirs.cpu_us);
        progress("64 clients: vouch %.0f/s, p99 %.0f us, %.0f us of processor; PostgreSQL %.0f/s, %.0f us, %.0f us",
                 ours.rate, samples_percentile_us(&ours.samples, 99), ours.cpu_us, theirs.rate,
                 samples_percentile_us(&theirs.samples, 99), theirs.cpu_us);
    }
    connections_close(&clients);
    samples_free(&ours.samples);
    samples_free(&theirs.samples);
    if (postgres != NULL) {
        postgres_close(&postgres);
    }
}
