/* SPDX-License-Identifier: Apache-2.0
 *
 * Many clocks that run out together, as after a night or a downtime: how long the broker takes to tell all of them, and
 * how long commands wait meanwhile. The store's deadlines are past when the broker starts, so they begin at once. */
#include "bench.h"

#include "base/check.h"

#include <string.h>

#define CLIENTS 16
#define LOOK_SECONDS 0.2
#define AFTER_SECONDS 3.0
#define SWEEP_NS_MOST INT64_C(300000000000)
#define LATENCY_MS_MOST 100

static const struct work submitting = {.make = make_submit, .check = check_answer, .seconds = LOOK_SECONDS};

/* Events that the broker has journalled since it started. */
static uint64_t events_of(struct connection *admin)
{
    static uint8_t answer[ANSWER_BYTES_MOST];
    uint8_t bytes[REQUEST_BYTES_MOST];
    uint64_t events = 0;
    Vouch__V1__ServerStats stats = VOUCH__V1__SERVER_STATS__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_SERVER_STATS;
    request.server_stats = &stats;
    connection_send(admin, bytes, pack_request(&request, 0, bytes));
    size_t size = connection_await(admin, answer, sizeof answer);
    Vouch__V1__FromBroker *from = vouch__v1__from_broker__unpack(NULL, size, answer);
    CHECK(from != NULL && from->body_case == VOUCH__V1__FROM_BROKER__BODY_REPLY &&
          from->reply->result_case == VOUCH__V1__REPLY__RESULT_STATS);
    for (size_t i = 0; i < from->reply->stats->n_counters; i++) {
        const Vouch__V1__Stats__Counter *counter = from->reply->stats->counters[i];
        events = strcmp(counter->name, "events") == 0 ? counter->value : events;
    }
    vouch__v1__from_broker__free_unpacked(from, NULL);
    return events;
}

void measure_sweep(const struct options *options)
{
    struct line *most = report_line("sweep.max", "deadlines due together: the slowest command meanwhile", "ms", NULL,
                                    AT_MOST, LATENCY_MS_MOST);
    struct line *tail = report_line("sweep.p99", "  16 clients, submit a referral, p99 meanwhile", "ms", NULL,
                                    FOR_INFORMATION, 0);
    struct line *rate = report_line("sweep.commands", "  commands meanwhile", "1/s", NULL, FOR_INFORMATION, 0);
    struct line *after = report_line("sweep.after", "  p99 afterwards", "ms", NULL, FOR_INFORMATION, 0);
    struct line *whole = report_line("sweep.seconds", "  all of them told after", "s", NULL, FOR_INFORMATION, 0);
    struct samples samples = {0};
    struct process broker = {0};
    struct profile profile;
    struct status_text why = {""};
    struct options store = *options;
    store.data = options->sweep_data;
    if (profile_read(options->sweep_profile, &profile, &why) != VOUCH_OK) {
        die("%s", why.text);
    }
    broker_start(&store, &broker);
    int64_t began_ns = now_ns();
    struct connections *clients = connections_open(&broker, &profile, 0, CLIENTS);
    struct connections *admin = connections_open_admin(&broker, &profile, 1);
    int64_t loaded_ns = now_ns();
    for (uint64_t told = 0; told < options->deadlines && now_ns() - began_ns < SWEEP_NS_MOST;) {
        closed_loop(clients, &submitting, &samples);
        uint64_t events = events_of(&admin->items[0]);
        told = events > samples.count ? events - samples.count : 0;
    }
    double seconds = (double)(now_ns() - began_ns) / 1e9;
    report_run(whole, seconds, 0);
    report_run(rate, (double)samples.count * 1e9 / (double)(now_ns() - loaded_ns), 0);
    report_run(most, samples_percentile_us(&samples, 100) / 1000, 0);
    report_run(tail, samples_percentile_us(&samples, 99) / 1000, 0);
    progress("sweep: %llu deadlines in %.1f s; %zu commands, p99 %.1f ms, slowest %.1f ms",
             (unsigned long long)options->deadlines, seconds, samples.count, samples_percentile_us(&samples, 99) / 1000,
             samples_percentile_us(&samples, 100) / 1000);
    struct work quiet = submitting;
    quiet.seconds = AFTER_SECONDS;
    samples_clear(&samples);
    closed_loop(clients, &quiet, &samples);
    report_run(after, samples_percentile_us(&samples, 99) / 1000, 0);
    connections_close(&admin);
    connections_close(&clients);
    process_stop(&broker);
    profile_wipe(&profile);
    samples_free(&samples);
}
