/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin is reloaded again and again while it is called a thousand times a second. Every call is answered, once, by
 * the process that served at its time; no process misses a call or is asked one twice; a reload that cannot succeed
 * (bad settings, a crash in a constructor, no file) leaves the process that serves. Without Criterion, so that the
 * thread sanitizer sees it too. */
#include "caller.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALLS_PER_SECOND 1000
#define CALLS_MAX 60000 /* a minute: the test is over long before */
#define RELOADS 40
#define CALLS_LEAST 3000

struct call {
    struct plugin_job job;
    uint64_t number;
    enum vouch_status status;
    int64_t nth, pid, edition; /* as the plugin told */
};

static struct call calls[CALLS_MAX];
static atomic_size_t submitted, answered;
static atomic_bool enough;
static struct plugin *plugin;

static void run(struct plugin_call *handle, struct plugin_job *job)
{
    struct call *call = (struct call *)(void *)job;
    const struct vouch_touch touches[] = {{.party = 1000 + call->number}, {.party = 1}, {.party = 2}};
    const struct vouch_attribution_request request = {.touch_count = 3, .touches = touches};
    struct vouch_attribution_result result = {0};
    struct status_text why = {""};
    struct arena *arena = arena_new(4096);
    call->status = plugin_attribute(handle, &request, arena, &result, &why);
    if (call->status == VOUCH_OK) {
        CHECK(result.share_count == 3 && result.shares[0].party == 1000 + call->number);
        call->nth = result.shares[0].weight;
        call->pid = result.shares[1].weight;
        call->edition = result.shares[2].weight;
    } else {
        fprintf(stderr, "call %" PRIu64 ": %s\n", call->number, why.text);
    }
    arena_free(&arena);
    atomic_fetch_add(&answered, 1);
}

/* As many calls as are due by the clock, until it is enough. */
static void *call_steadily(void *unused)
{
    (void)unused;
    int64_t start_us = clock_mono_us();
    while (!atomic_load(&enough)) {
        int64_t due = (clock_mono_us() - start_us) * CALLS_PER_SECOND / 1000000;
        size_t count = atomic_load(&submitted);
        CHECK(count < CALLS_MAX);
        if ((int64_t)count >= due) {
            poll(NULL, 0, 1);
            continue;
        }
        calls[count] = (struct call){.job = {NULL, run}, .number = count};
        if (plugin_submit(plugin, &calls[count].job)) {
            atomic_fetch_add(&submitted, 1);
        }
    }
    return NULL;
}

/* ---- reloads ---- */

struct outcome {
    sem_t done;
    enum vouch_status status;
    struct status_text why;
};

static void reloaded(void *data, enum vouch_status status, const struct status_text *why)
{
    struct outcome *outcome = data;
    outcome->status = status;
    outcome->why = why == NULL ? (struct status_text){""} : *why;
    sem_post(&outcome->done);
}

static enum vouch_status reload(struct plugin_set *set, const char *file, const char *edition, struct status_text *why)
{
    const char *name = "edition";
    char path[1024];
    struct outcome outcome;
    snprintf(path, sizeof path, "%s/%s.so", FAULTS_DIR, file);
    const struct plugin_config config = {.name = "tally",
                                         .path = path,
                                         .setting_count = edition == NULL ? 0 : 1,
                                         .setting_names = &name,
                                         .setting_values = &edition,
                                         .deadline_ms = 10000};
    sem_init(&outcome.done, 0, 0);
    enum vouch_status status = plugin_set_reload(set, "tally", &config, reloaded, &outcome, why);
    if (status != VOUCH_OK) {
        return status;
    }
    while (sem_wait(&outcome.done) != 0) {
        CHECK(errno == EINTR);
    }
    *why = outcome.why;
    return outcome.status;
}

/* Good ones and bad ones by turns; how many were good. */
static int64_t reload_often(struct plugin_set *set)
{
    struct status_text why;
    int64_t edition = 1;
    for (int i = 0; i < RELOADS || atomic_load(&answered) < CALLS_LEAST; i++) {
        char text[24];
        switch (i % 5) {
        case 1:
            CHECK(reload(set, "tally", "many", &why) == VOUCH_INVALID && strstr(why.text, "whole number") != NULL);
            break;
        case 3:
            CHECK(reload(set, "load_crash", NULL, &why) == VOUCH_UNAVAILABLE && strstr(why.text, "SIGSEGV") != NULL);
            CHECK(strstr(why.text, "it goes on as it was") != NULL);
            break;
        case 4:
            CHECK(reload(set, "fault_matcher", NULL, &why) == VOUCH_UNAVAILABLE);
            CHECK(strstr(why.text, "another kind") != NULL);
            break;
        default:
            snprintf(text, sizeof text, "%" PRId64, ++edition);
            CHECK(reload(set, "tally", text, &why) == VOUCH_OK);
        }
    }
    return edition - 1;
}

/* ---- what must hold ---- */

static int compare(const void *left, const void *right)
{
    const struct call *a = left;
    const struct call *b = right;
    return a->edition != b->edition ? (a->edition > b->edition) - (a->edition < b->edition)
                                    : (a->nth > b->nth) - (a->nth < b->nth);
}

/* Each edition is one process, which was asked its first call, its second, … and no other. */
static int64_t check_processes(size_t count)
{
    int64_t processes = 0;
    qsort(calls, count, sizeof calls[0], compare);
    for (size_t i = 0; i < count; i++) {
        bool first = i == 0 || calls[i].edition != calls[i - 1].edition;
        CHECK(calls[i].nth == (first ? 1 : calls[i - 1].nth + 1));
        CHECK(first || calls[i].pid == calls[i - 1].pid);
        CHECK(!first || i == 0 || calls[i].pid != calls[i - 1].pid);
        processes += first;
    }
    return processes;
}

/* Descriptors that are open. */
static unsigned count_descriptors(void)
{
    unsigned count = 0;
    for (int fd = 0; fd < 1024; fd++) {
        count += fcntl(fd, F_GETFD) >= 0;
    }
    return count;
}

int main(void)
{
    static const struct tested one = {.file = "tally", .deadline_ms = 10000};
    pthread_t caller;
    unsigned descriptors = count_descriptors();
    log_set_level(LOG_ERROR);
    struct plugin_set *set = caller_start(&one, 1);
    plugin = plugin_find(set, PLUGIN_ATTRIBUTION, "tally");
    CHECK(pthread_create(&caller, NULL, call_steadily, NULL) == 0);
    int64_t good = reload_often(set);
    atomic_store(&enough, true);
    pthread_join(caller, NULL);
    while (atomic_load(&answered) < atomic_load(&submitted)) {
        poll(NULL, 0, 1); /* nothing tells it to the outside */
    }
    struct plugin_status status = caller_status(set, "tally");
    plugin_set_stop(&set);
    CHECK(count_descriptors() == descriptors);

    size_t count = atomic_load(&submitted);
    for (size_t i = 0; i < count; i++) {
        CHECK(calls[i].status == VOUCH_OK);
        CHECK(i == 0 || calls[i].edition >= calls[i - 1].edition);
    }
    int64_t processes = check_processes(count);
    printf("calls=%zu answered=%zu failed=%" PRIu64 " good_reloads=%" PRId64 " processes_asked=%" PRId64 "\n", count,
           atomic_load(&answered), status.failed, good, processes);
    CHECK(status.failed == 0 && status.deaths == 0 && status.restarts == 0 && (int64_t)status.reloads == good);
    CHECK(processes > 1 && processes <= good + 1);
    return EXIT_SUCCESS;
}
