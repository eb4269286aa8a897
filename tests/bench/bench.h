/* SPDX-License-Identifier: Apache-2.0
 *
 * The benchmark: contents page. One program loads a real vouchd over raw DEALER sockets and measures, in the same run
 * and with the same load generator, the floors it stands on: a synced append (floor A), a CURVE echo (floor B), and
 * PostgreSQL doing the same transaction. docs/benchmark.md tells what each line means. */
#ifndef VOUCH_BENCH_BENCH_H
#define VOUCH_BENCH_BENCH_H

#include "lib/profile.h"
#include "vouch/v1/wire.pb-c.h"
#include "world.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* ---- bench.c ---- */

struct options {
    const char *directory; /* everything of this run is below it */
    const char *vouchd;
    const char *data;          /* a preloaded store, to be written to */
    const char *profile;       /* of its admin: names the server key */
    const char *postgres;      /* directory of the socket of a preloaded cluster; NULL: none */
    const char *only;          /* name of the one measure to take; NULL: all */
    uint64_t referrals;        /* in the preloaded store */
    size_t event_bytes;        /* of the event of one of them */
    size_t deals;              /* to be won and paid */
    const char *sweep_data;    /* a store of its own, whose clocks have all run out; */
    const char *sweep_profile; /* of its admin */
    uint64_t deadlines;        /* so many clocks */
    unsigned runs;
    double seconds; /* of one run of one measure */
    bool json;
};

/* Prints why and ends the program: a benchmark that cannot go on has nothing to clean up but its children, and those
 * end with it. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- sample.c: times and their percentiles ---- */

struct samples {
    int64_t *values; /* nanoseconds */
    size_t count;
    size_t room;
    bool sorted;
};

int64_t now_ns(void);
void samples_add(struct samples *samples, int64_t value);
/* 0 without samples. */
double samples_percentile_us(struct samples *samples, double percentile);
void samples_clear(struct samples *samples);
void samples_free(struct samples *samples);
/* Of at most RUNS_MOST values. */
double median(const double *values, size_t count);

#define RUNS_MOST 25

/* ---- report.c: the table at the end ---- */

enum goal { AT_LEAST, AT_MOST, FOR_INFORMATION };

/* One line: what was measured, against what, and the ratio (or the value itself, where the goal is absolute). */
struct line {
    const char *measure; /* also the name in the JSON output */
    const char *title;
    const char *unit;
    const char *against; /* NULL: the goal is for the value itself */
    double value[RUNS_MOST];
    double base[RUNS_MOST];
    size_t runs;
    enum goal goal;
    double target;
};

struct line *report_line(const char *measure, const char *title, const char *unit, const char *against, enum goal goal,
                         double target);
void report_run(struct line *line, double value, double base);
/* Something that a reader of the table must know. */
void report_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Prints to standard output; answers how many goals were missed. */
size_t report_print(const struct options *options);
/* What is going on, on standard error. */
void progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- process.c: vouchd, and the echo server ---- */

struct process {
    pid_t pid;
    char endpoint[256];
    double start_ms; /* from exec to listening */
};

void broker_start(const struct options *options, struct process *broker);
/* SIGTERM and wait; dies when it does not end with success. */
void process_stop(struct process *process);
/* RssAnon. */
double process_anonymous_mib(const struct process *process);
/* Processor time used so far: by a process, and by one and its living children. */
double process_cpu_seconds(pid_t pid);
double process_family_cpu_seconds(pid_t parent);
void echo_start(struct process *echo);

/* ---- floor.c ---- */

/* Appends `size` bytes and syncs, `count` times, in a fresh file of the run's directory. */
void floor_append(const struct options *options, size_t size, size_t count, struct samples *samples);
/* The echo server: a request says in its first four bytes how long its answer is. Never returns. */
_Noreturn void echo_serve(void);
extern const char *const echo_public_key; /* Z85 */

/* ---- load.c: connections, and the closed loop ---- */

#define REQUEST_BYTES_MOST 4096

struct connection {
    void *socket;
    int fd;
    uint32_t member; /* number of the member in the world */
    uint64_t sent;   /* requests so far */
    int64_t sent_ns; /* of the last one */
};

struct connections {
    void *context;
    int epoll;
    size_t count;
    struct connection *items;
};

/* Connections of the members first, first + 1 …; each has been greeted by the broker. */
struct connections *connections_open(const struct process *broker, const struct profile *admin, uint32_t first,
                                     size_t count);
/* Connections of the admin, numbered from 0. */
struct connections *connections_open_admin(const struct process *broker, const struct profile *admin, size_t count);
/* Anonymous connections to the echo server. */
struct connections *connections_open_echo(const struct process *echo, size_t count);
void connections_close(struct connections **connections);

/* Writes the next request into `bytes` (room REQUEST_BYTES_MOST); answers its size, 0 when this connection has nothing
 * more to ask. */
typedef size_t make_function(struct connection *connection, uint8_t *bytes, void *argument);
/* Dies when the answer is not what the measure needs. */
typedef void check_function(struct connection *connection, const uint8_t *bytes, size_t size, void *argument);

struct work {
    make_function *make;
    check_function *check;
    void *argument;
    double seconds;    /* how long; or */
    size_t requests;   /* how many */
    atomic_bool *stop; /* or until this; NULL: not */
};

/* Every connection sends its next request when the last one is answered. Answers requests a second. */
double closed_loop(struct connections *connections, const struct work *work, struct samples *samples);

void connection_send(struct connection *connection, const void *bytes, size_t size);
/* Answers the size of a message, or -1 when none waits. */
ssize_t connection_receive(struct connection *connection, uint8_t *bytes, size_t room);
/* Waits for a message; answers its size. */
size_t connection_await(struct connection *connection, uint8_t *bytes, size_t room);

/* ---- request.c: what is asked, and the echo of the same size ---- */

#define ANSWER_BYTES_MOST (256 << 10)

struct answer {
    bool is_delivery;
    uint64_t token;    /* of the request */
    uint64_t id;       /* what a command made */
    uint64_t referral; /* of a delivery */
};

/* The preloaded referrals of the first few members: reps see no others. */
struct own_referrals {
    uint64_t referrals;
    uint32_t members;
    struct {
        uint64_t *ids;
        size_t count;
    } * of;
};

struct own_referrals *own_referrals_new(uint64_t referrals, uint32_t members);
void own_referrals_free(struct own_referrals **own);

/* An id that holds a number of ours, for finding what was asked when the answer comes. */
void request_id(uint8_t id[16], uint64_t token);
/* Fills in version and id. */
size_t pack_request(Vouch__V1__Request *request, uint64_t token, uint8_t *bytes);
size_t make_hello(struct connection *connection, uint8_t *bytes, void *argument);
size_t make_submit(struct connection *connection, uint8_t *bytes, void *argument);
size_t make_submit_token(const struct connection *connection, uint8_t *bytes, uint64_t token);
size_t make_referral_get(struct connection *connection, uint8_t *bytes, void *own);
size_t make_inbox_page(struct connection *connection, uint8_t *bytes, void *own);
size_t make_subscribe(struct connection *connection, uint8_t *bytes, void *after);
/* Dies on anything but OK. */
struct answer read_answer(const uint8_t *bytes, size_t size);
/* The `last` of a page of notices. */
uint64_t read_inbox_last(const uint8_t *bytes, size_t size);
void check_answer(struct connection *connection, const uint8_t *bytes, size_t size, void *argument);

/* Requests and answers of the echo. */
struct echo_sizes {
    uint32_t request;
    uint32_t answer;
};
size_t make_echo(struct connection *connection, uint8_t *bytes, void *sizes);
void check_echo(struct connection *connection, const uint8_t *bytes, size_t size, void *sizes);
/* The sizes of a request of this kind and its answer, as seen on a connection to the broker. */
struct echo_sizes sizes_of(struct connections *connections, make_function *make, void *argument);

/* ---- deals.c: referrals with many touches each, on their way to money ---- */

#define DEAL_REPS 200u  /* members 0 ... of the world are parties of deals */
#define DEAL_TOUCHES 5u /* parties of a deal: its referrer, who introduces, and helpers */

/* In order. All but the last are done by a party, the last by an admin. */
enum deal_step {
    DEAL_SUBMIT,
    DEAL_INTRODUCE,
    DEAL_ACCEPT,
    DEAL_CREDIT_INTEL,
    DEAL_CREDIT_MEETING,
    DEAL_CREDIT_HANDOVER,
    DEAL_CONTACT,
    DEAL_MEET,
    DEAL_QUALIFY,
    DEAL_WIN,
    DEAL_PAY
};

struct deals;

/* `count` deals of DEAL_TOUCHES parties each, a multiple of DEAL_REPS; or, with a `payee`, deals of this one party. */
struct deals *deals_new(size_t count, uint32_t payee, size_t instalments);
#define DEALS_OF_MANY UINT32_MAX
void deals_free(struct deals **deals);
/* Takes a step with the deals first ... first + count, both multiples of DEAL_REPS. Every connection has one request on
 * its way. Answers steps a second. */
double deals_step(struct deals *deals, struct connections *clients, enum deal_step step, size_t first, size_t count,
                  struct samples *samples);
/* One request of the step that has the most to carry, for its size. */
struct echo_sizes deals_sizes(const struct deals *deals);

/* ---- books.c: what the books are asked ---- */

/* Dies unless so many deals are computed again, all as they are recorded. */
void measure_replay(struct connections *client, uint64_t expected);
/* Dies unless the payee's open statement has so many lines. */
void measure_statement(struct connections *client, uint64_t payee, uint64_t bookings, unsigned runs);

/* ---- the measures ---- */

void measure_single(const struct options *options, const struct process *broker, const struct profile *admin);
void measure_throughput(const struct options *options, const struct process *broker, const struct profile *admin);
void measure_queries(const struct options *options, const struct process *broker, const struct profile *admin);
void measure_push(const struct options *options, const struct process *broker, const struct profile *admin);
void measure_commission(const struct options *options, const struct process *broker, const struct profile *admin);
void measure_report(const struct options *options, const struct process *broker, const struct profile *admin);
void measure_today(const struct options *options, const struct process *broker, const struct profile *admin);
void measure_import(const struct options *options, const struct process *broker, const struct profile *admin);
void measure_start(const struct options *options);
void measure_sweep(const struct options *options);
void measure_plugins(const struct options *options); /* without the broker */

/* ---- postgres.c, or postgres_none.c without libpq ---- */

struct postgres;

/* NULL, and a note in the report, when there is no PostgreSQL to compare with. */
struct postgres *postgres_open(const struct options *options, size_t clients, size_t body_bytes);
double postgres_closed_loop(struct postgres *postgres, double seconds, struct samples *samples);
/* The server's. */
double postgres_cpu_seconds(const struct postgres *postgres);
void postgres_close(struct postgres **postgres);

#endif
