/* SPDX-License-Identifier: Apache-2.0
 *
 * Queries of 16 clients against an echo of the same sizes, with the broker idle otherwise and while 64 other clients
 * submit referrals as fast as they get answers. Under that load the echo is measured too: what it loses is what the
 * processors have left to give, and not the broker's doing. */
#include "bench.h"

#include "base/check.h"

#include <pthread.h>
#include <stdio.h>

#define QUERY_CLIENTS 16
#define WRITE_CLIENTS 64
#define WARM_UP_SECONDS 0.3

struct query {
    make_function *make;
    struct work work;
    struct echo_sizes sizes;
    struct line *idle;
    struct line *loaded;
    struct line *kept;
    struct line *echo_kept;
    struct line *cpu;
    double idle_rate[RUNS_MOST];
    double idle_echo_rate[RUNS_MOST];
};

/* The load beside which queries are measured. */
struct writing {
    pthread_t thread;
    struct connections *clients;
    atomic_bool stop;
    double rate;
};

static void *write_on(void *argument)
{
    struct writing *writing = argument;
    struct work work = {.make = make_submit, .check = check_answer, .stop = &writing->stop};
    writing->rate = closed_loop(writing->clients, &work, NULL);
    return NULL;
}

/* The two servers and who asks them. */
struct sides {
    const struct process *broker;
    struct connections *clients;
    struct process echo;
    struct connections *echo_clients;
};

/* Requests a second; `cpu_us` of the server for each. */
static double rate_of(const struct process *server, struct connections *clients, struct work *work, double seconds,
                      double *cpu_us)
{
    work->seconds = WARM_UP_SECONDS;
    closed_loop(clients, work, NULL);
    work->seconds = seconds;
    double before = process_cpu_seconds(server->pid);
    double rate = closed_loop(clients, work, NULL);
    *cpu_us = (process_cpu_seconds(server->pid) - before) * 1e6 / (rate * seconds);
    return rate;
}

static void measure_idle(const struct options *options, struct query *query, const struct sides *sides)
{
    for (unsigned run = 0; run < options->runs; run++) {
        struct work echoing = {.make = make_echo, .check = check_echo, .argument = &query->sizes};
        double cpu_us;
        double echo_cpu_us;
        double echo_rate = rate_of(&sides->echo, sides->echo_clients, &echoing, options->seconds / 2, &echo_cpu_us);
        double rate = rate_of(sides->broker, sides->clients, &query->work, options->seconds / 2, &cpu_us);
        query->idle_rate[run] = rate;
        query->idle_echo_rate[run] = echo_rate;
        report_run(query->idle, rate, echo_rate);
        report_run(query->cpu, cpu_us, echo_cpu_us);
        progress("%s: %.0f/s, %.0f us of processor; echo %.0f/s, %.0f us", query->idle->measure, rate, cpu_us,
                 echo_rate, echo_cpu_us);
    }
}

static void measure_loaded(const struct options *options, struct query *query, const struct sides *sides)
{
    for (unsigned run = 0; run < options->runs; run++) {
        struct work echoing = {.make = make_echo, .check = check_echo, .argument = &query->sizes};
        double cpu_us; /* of no use: the broker does two things now */
        double echo_rate = rate_of(&sides->echo, sides->echo_clients, &echoing, options->seconds / 2, &cpu_us);
        double rate = rate_of(sides->broker, sides->clients, &query->work, options->seconds / 2, &cpu_us);
        report_run(query->loaded, rate, echo_rate);
        report_run(query->kept, rate, query->idle_rate[run]);
        report_run(query->echo_kept, echo_rate, query->idle_echo_rate[run]);
        progress("%s: %.0f/s, echo %.0f/s", query->loaded->measure, rate, echo_rate);
    }
}

static void prepare(struct query *query, struct connections *clients, struct own_referrals *own)
{
    query->sizes = sizes_of(clients, query->make, own);
    query->work = (struct work){.make = query->make, .check = check_answer, .argument = own};
}

void measure_queries(const struct options *options, const struct process *broker, const struct profile *admin)
{
    struct query queries[] = {
        {.make = make_referral_get,
         .idle = report_line("get.idle", "16 clients, referral_get, idle", "1/s", "floor B", AT_LEAST, 0.6),
         .loaded = report_line("get.loaded", "16 clients, referral_get, write load", "1/s", "floor B, same load",
                               AT_LEAST, 0.6),
         .kept = report_line("get.kept", "  of it kept under write load", "1/s", "idle", AT_LEAST, 0.8),
         .echo_kept = report_line("get.echo_kept", "  of floor B kept under write load", "1/s", "floor B, idle",
                                  FOR_INFORMATION, 0),
         .cpu = report_line("get.cpu", "  processor time of the server, a query, idle", "us", "floor B",
                            FOR_INFORMATION, 0)},
        {.make = make_inbox_page,
         .idle = report_line("inbox.idle", "16 clients, inbox_page of 20, idle", "1/s", "floor B", AT_LEAST, 0.6),
         .loaded = report_line("inbox.loaded", "16 clients, inbox_page of 20, write load", "1/s", "floor B, same load",
                               AT_LEAST, 0.6),
         .kept = report_line("inbox.kept", "  of it kept under write load", "1/s", "idle", AT_LEAST, 0.8),
         .echo_kept = report_line("inbox.echo_kept", "  of floor B kept under write load", "1/s", "floor B, idle",
                                  FOR_INFORMATION, 0),
         .cpu = report_line("inbox.cpu", "  processor time of the server, a query, idle", "us", "floor B",
                            FOR_INFORMATION, 0)},
    };
    const size_t count = sizeof queries / sizeof queries[0];
    struct own_referrals *own = own_referrals_new(options->referrals, QUERY_CLIENTS);
    struct sides sides = {.broker = broker, .clients = connections_open(broker, admin, 0, QUERY_CLIENTS)};
    echo_start(&sides.echo);
    sides.echo_clients = connections_open_echo(&sides.echo, QUERY_CLIENTS);
    for (size_t i = 0; i < count; i++) {
        prepare(&queries[i], sides.clients, own);
        measure_idle(options, &queries[i], &sides);
    }
    report_note("a referral is answered in %u bytes, a page of the inbox in %u", queries[0].sizes.answer,
                queries[1].sizes.answer);
    struct writing writing = {.clients = connections_open(broker, admin, QUERY_CLIENTS, WRITE_CLIENTS)};
    CHECK(pthread_create(&writing.thread, NULL, write_on, &writing) == 0);
    for (size_t i = 0; i < count; i++) {
        measure_loaded(options, &queries[i], &sides);
    }
    atomic_store(&writing.stop, true);
    pthread_join(writing.thread, NULL);
    report_note("while queries were measured under write load, %.0f referrals/s were submitted", writing.rate);
    connections_close(&writing.clients);
    connections_close(&sides.echo_clients);
    connections_close(&sides.clients);
    process_stop(&sides.echo);
    own_referrals_free(&own);
}
