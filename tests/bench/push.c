/* SPDX-License-Identifier: Apache-2.0
 *
 * A thousand members connected, each with its inbox pushed, while referrals are submitted at a fixed rate by the same
 * members. Open loop: a submission is due at its time, whether or not earlier ones have been answered, and its delay
 * counts from then. */
#include "bench.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define MEMBERS WORLD_MEMBERS
#define RATE 2000
#define TICK_NS 500000
#define EVENTS_MOST 256
#define SETTLE_NS INT64_C(3000000000)
#define FIRST_TOKEN (UINT64_C(1) << 40)

/* One submission; times are 0 until it happens. */
struct submission {
    int64_t due_ns;
    int64_t answered_ns;
    int64_t delivered_ns;
};

struct pushing {
    struct connections *members;
    size_t count;
    size_t sent;
    size_t answered;
    size_t delivered;
    struct submission *submissions;
    uint64_t first_referral; /* id of the first one that is ours; 0: none answered yet */
    uint32_t *token_of;      /* id - first_referral + room → token + 1 */
    int64_t *delivered_of;   /* the same → when it was delivered, which may be before its answer */
    size_t room;
    int timer;
    int64_t began_ns;
    uint8_t *answer;
};

/* Where a referral's row is. Ids are given out in the order of decision: close to the order of the tokens. */
static size_t row_of(struct pushing *pushing, uint64_t referral)
{
    if (pushing->first_referral == 0) {
        pushing->first_referral = referral;
    }
    size_t row = (size_t)(referral + pushing->room / 2 - pushing->first_referral);
    CHECK(row < pushing->room);
    return row;
}

static void match(struct pushing *pushing, size_t row)
{
    uint32_t token = pushing->token_of[row];
    if (token != 0 && pushing->delivered_of[row] != 0) {
        pushing->submissions[token - 1].delivered_ns = pushing->delivered_of[row];
    }
}

static void take(struct pushing *pushing, const struct answer *answer)
{
    int64_t now = now_ns();
    if (answer->is_delivery) {
        size_t row = row_of(pushing, answer->referral);
        pushing->delivered_of[row] = now;
        pushing->delivered++;
        match(pushing, row);
    } else {
        CHECK(answer->token >= FIRST_TOKEN && answer->token - FIRST_TOKEN < pushing->count);
        size_t token = (size_t)(answer->token - FIRST_TOKEN);
        size_t row = row_of(pushing, answer->id);
        pushing->submissions[token].answered_ns = now;
        pushing->token_of[row] = (uint32_t)token + 1;
        pushing->answered++;
        match(pushing, row);
    }
}

static void drain(struct pushing *pushing, struct connection *connection)
{
    ssize_t size;
    while ((size = connection_receive(connection, pushing->answer, ANSWER_BYTES_MOST)) >= 0) {
        struct answer answer = read_answer(pushing->answer, (size_t)size);
        take(pushing, &answer);
    }
}

static void send_due(struct pushing *pushing)
{
    uint8_t bytes[REQUEST_BYTES_MOST];
    while (pushing->sent < pushing->count) {
        int64_t due_ns = pushing->began_ns + (int64_t)pushing->sent * (1000000000 / RATE);
        if (now_ns() < due_ns) {
            return;
        }
        struct connection *connection = &pushing->members->items[(pushing->sent * 7) % pushing->members->count];
        size_t size = make_submit_token(connection, bytes, FIRST_TOKEN + pushing->sent);
        pushing->submissions[pushing->sent++].due_ns = due_ns;
        connection_send(connection, bytes, size);
        drain(pushing, connection); /* sending may have eaten the descriptor's signal */
    }
}

/* Every member's inbox is pushed from its end on. */
static void subscribe_all(struct connections *members, uint8_t *answer)
{
    for (size_t i = 0; i < members->count; i++) {
        struct connection *connection = &members->items[i];
        uint8_t bytes[REQUEST_BYTES_MOST];
        uint64_t last = 0;
        for (int step = 0; step < 2; step++) {
            size_t size = step == 0 ? make_inbox_page(connection, bytes, NULL)
                                    : make_subscribe(connection, bytes, &last);
            connection_send(connection, bytes, size);
            ssize_t got;
            while ((got = connection_receive(connection, answer, ANSWER_BYTES_MOST)) < 0) {
                struct epoll_event event;
                epoll_wait(members->epoll, &event, 1, 100);
            }
            last = step == 0 ? read_inbox_last(answer, (size_t)got) : last;
            /* Until a socket says that it has nothing more, its descriptor does not tell of what comes next. */
            CHECK(connection_receive(connection, answer, ANSWER_BYTES_MOST) < 0);
        }
    }
}

/* Drives until all is delivered, or nothing more has come for a while after the end; answers the broker's largest
 * memory. */
static double drive(struct pushing *pushing, const struct process *broker)
{
    double most_mib = 0;
    int64_t heard_ns = now_ns();
    int64_t looked_ns = 0;
    pushing->began_ns = now_ns();
    while (pushing->delivered < pushing->count || pushing->answered < pushing->count) {
        struct epoll_event events[EVENTS_MOST];
        int count = epoll_wait(pushing->members->epoll, events, EVENTS_MOST, 1000);
        for (int i = 0; i < count; i++) {
            uint64_t ticks;
            if (events[i].data.ptr == NULL) {
                CHECK(read(pushing->timer, &ticks, sizeof ticks) == sizeof ticks);
            } else {
                drain(pushing, events[i].data.ptr);
                heard_ns = now_ns();
            }
        }
        send_due(pushing);
        if (now_ns() - looked_ns > 200000000) {
            looked_ns = now_ns();
            double mib = process_anonymous_mib(broker);
            most_mib = mib > most_mib ? mib : most_mib;
        }
        if (pushing->sent == pushing->count && now_ns() - heard_ns > SETTLE_NS) {
            break;
        }
    }
    return most_mib;
}

/* The samples of one run's share of the submissions. */
static void report_share(struct pushing *pushing, size_t from, size_t to, struct line *after_commit,
                         struct line *after_due, struct line *commit)
{
    struct samples delivery = {0};
    struct samples whole = {0};
    struct samples answer = {0};
    for (size_t i = from; i < to; i++) {
        const struct submission *submission = &pushing->submissions[i];
        if (submission->answered_ns == 0 || submission->delivered_ns == 0) {
            continue;
        }
        int64_t after_ns = submission->delivered_ns - submission->answered_ns;
        samples_add(&delivery, after_ns > 0 ? after_ns : 0);
        samples_add(&whole, submission->delivered_ns - submission->due_ns);
        samples_add(&answer, submission->answered_ns - submission->due_ns);
    }
    report_run(after_commit, samples_percentile_us(&delivery, 99) / 1000, 0);
    report_run(after_due, samples_percentile_us(&whole, 99) / 1000, 0);
    report_run(commit, samples_percentile_us(&answer, 99) / 1000, 0);
    progress("push: delivery p50 %.1f ms, p99 %.1f ms after the answer; p99 %.1f ms after it was due",
             samples_percentile_us(&delivery, 50) / 1000, samples_percentile_us(&delivery, 99) / 1000,
             samples_percentile_us(&whole, 99) / 1000);
    samples_free(&delivery);
    samples_free(&whole);
    samples_free(&answer);
}

static void pushing_prepare(struct pushing *pushing, size_t count)
{
    struct itimerspec tick = {{0, TICK_NS}, {0, TICK_NS}};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    pushing->count = count;
    pushing->room = count * 2 + 65536;
    pushing->submissions = calloc(count, sizeof *pushing->submissions);
    pushing->token_of = calloc(pushing->room, sizeof *pushing->token_of);
    pushing->delivered_of = calloc(pushing->room, sizeof *pushing->delivered_of);
    pushing->answer = malloc(ANSWER_BYTES_MOST);
    CHECK(pushing->submissions != NULL && pushing->token_of != NULL && pushing->delivered_of != NULL);
    CHECK(pushing->answer != NULL);
    pushing->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    CHECK(pushing->timer >= 0 && timerfd_settime(pushing->timer, 0, &tick, NULL) == 0);
    CHECK(epoll_ctl(pushing->members->epoll, EPOLL_CTL_ADD, pushing->timer, &event) == 0);
}

void measure_push(const struct options *options, const struct process *broker, const struct profile *admin)
{
    struct line *after_commit = report_line("push.p99", "1,000 members, inbox after the answer, p99", "ms", NULL,
                                            AT_MOST, 50);
    struct line *after_due = report_line("push.due.p99", "  the same after the submission was due, p99", "ms", NULL,
                                         FOR_INFORMATION, 0);
    struct line *commit = report_line("push.answer.p99", "  answer after the submission was due, p99", "ms", NULL,
                                      FOR_INFORMATION, 0);
    struct line *memory = report_line("push.memory", "1,000 members, memory beyond the maps", "MiB", NULL, AT_MOST,
                                      200);
    struct pushing pushing = {.members = connections_open(broker, admin, 0, MEMBERS)};
    size_t share = (size_t)(options->seconds * RATE);
    pushing_prepare(&pushing, share * options->runs);
    subscribe_all(pushing.members, pushing.answer);
    double most_mib = drive(&pushing, broker);
    if (pushing.delivered < pushing.count) {
        die("%zu of %zu deliveries never came", pushing.count - pushing.delivered, pushing.count);
    }
    for (unsigned run = 0; run < options->runs; run++) {
        report_share(&pushing, run * share, (run + 1) * share, after_commit, after_due, commit);
    }
    report_run(memory, most_mib, 0);
    progress("push: %zu submissions, broker's own memory at most %.0f MiB", pushing.count, most_mib);
    close(pushing.timer);
    connections_close(&pushing.members);
    free(pushing.submissions);
    free(pushing.token_of);
    free(pushing.delivered_of);
    free(pushing.answer);
}
