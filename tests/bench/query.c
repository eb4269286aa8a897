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

static void rates(const struct options *options, struct query *query, struct connections *clients,
                  struct connections *echo_clients, double *rate, double *echo_rate)
{
    struct work echoing = {.make = make_echo, .check = check_echo, .argument = &query->sizes};
    echoing.seconds = query->work.seconds = WARM_UP_SECONDS;
    closed_loop(echo_clients, &echoing, NULL);
    closed_loop(clients, &query->work, NULL);
    echoing.seconds = query->work.seconds = options->seconds / 2;
    *echo_rate = closed_loop(echo_clients, &echoing, NULL);
    *rate = closed_loop(clients, &query->work, NULL);
}

static void measure_idle(const struct options *options, struct query *query, struct connections *clients,
                         struct connections *echo_clients)
{
    for (unsigned run = 0; run < options->runs; run++) {
        rates(options, query, clients, echo_clients, &query->idle_rate[run], &query->idle_echo_rate[run]);
        report_run(query->idle, query->idle_rate[run], query->idle_echo_rate[run]);
        progress("%s: %.0f/s, echo %.0f/s", query->idle->measure, query->idle_rate[run], query->idle_echo_rate[run]);
    }
}

static void measure_loaded(const struct options *options, struct query *query, struct connections *clients,
                           struct connections *echo_clients)
{
    for (unsigned run = 0; run < options->runs; run++) {
        double rate;
        double echo_rate;
        rates(options, query, clients, echo_clients, &rate, &echo_rate);
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
                                  FOR_INFORMATION, 0)},
        {.make = make_inbox_page,
         .idle = report_line("inbox.idle", "16 clients, inbox_page of 20, idle", "1/s", "floor B", AT_LEAST, 0.6),
         .loaded = report_line("inbox.loaded", "16 clients, inbox_page of 20, write load", "1/s", "floor B, same load",
                               AT_LEAST, 0.6),
         .kept = report_line("inbox.kept", "  of it kept under write load", "1/s", "idle", AT_LEAST, 0.8),
         .echo_kept = report_line("inbox.echo_kept", "  of floor B kept under write load", "1/s", "floor B, idle",
                                  FOR_INFORMATION, 0)},
    };
    const size_t count = sizeof queries / sizeof queries[0];
    struct process echo = {0};
    struct own_referrals *own = own_referrals_new(options->referrals, QUERY_CLIENTS);
    struct connections *clients = connections_open(broker, admin, 0, QUERY_CLIENTS);
    echo_start(&echo);
    struct connections *echo_clients = connections_open_echo(&echo, QUERY_CLIENTS);
    for (size_t i = 0; i < count; i++) {
        prepare(&queries[i], clients, own);
        measure_idle(options, &queries[i], clients, echo_clients);
    }
    report_note("a referral is answered in %u bytes, a page of the inbox in %u", queries[0].sizes.answer,
                queries[1].sizes.answer);
    struct writing writing = {.clients = connections_open(broker, admin, QUERY_CLIENTS, WRITE_CLIENTS)};
    CHECK(pthread_create(&writing.thread, NULL, write_on, &writing) == 0);
    for (size_t i = 0; i < count; i++) {
        measure_loaded(options, &queries[i], clients, echo_clients);
    }
    atomic_store(&writing.stop, true);
    pthread_join(writing.thread, NULL);
    report_note("while queries were measured under write load, %.0f referrals/s were submitted", writing.rate);
    connections_close(&writing.clients);
    connections_close(&echo_clients);
    connections_close(&clients);
    process_stop(&echo);
    own_referrals_free(&own);
}
