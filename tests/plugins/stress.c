/* SPDX-License-Identifier: Apache-2.0
 *
 * Several threads call a good plugin and one that crashes in every 400th call, while another thread looks at their
 * state, until the set is stopped under them: each job accepted is run exactly once, the good plugin never fails, and
 * (built with the thread sanitizer, under which Criterion does not run) there is no race. */
#include "caller.h"

#include "base/check.h"
#include "base/log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 4
#define JOBS 3000 /* a thread */

static struct plugin *good;
static struct plugin *guilty;
static atomic_uint accepted, run, good_failed, guilty_failed;
static atomic_bool over;

static void attribute(struct plugin_call *call, struct plugin_job *job)
{
    struct vouch_touch touch = {.party = 3, .sequence = 1, .kind = VOUCH_TOUCH_VOUCH};
    struct vouch_attribution_request request = {.touch_count = 1, .touches = &touch};
    struct vouch_attribution_result result;
    struct status_text why;
    struct arena *arena = arena_new(4096);
    bool failed = plugin_attribute(call, &request, arena, &result, &why) != VOUCH_OK;
    if (strcmp(plugin_call_name(call), "linear") == 0) {
        atomic_fetch_add(&good_failed, failed);
    } else {
        atomic_fetch_add(&guilty_failed, failed);
    }
    arena_free(&arena);
    atomic_fetch_add(&run, 1);
    free(job);
}

static void *submit(void *data)
{
    (void)data;
    for (unsigned i = 0; i < JOBS;) {
        struct plugin_job *job = calloc(1, sizeof *job);
        CHECK(job != NULL);
        job->run = attribute;
        if (plugin_submit(i % 2 == 0 ? good : guilty, job)) {
            atomic_fetch_add(&accepted, 1);
            i++;
        } else {
            free(job);
        }
    }
    return NULL;
}

static void *look(void *data)
{
    struct plugin_set *set = data;
    while (!atomic_load(&over)) {
        for (size_t i = 0; i < plugin_set_count(set); i++) {
            struct plugin_status status;
            plugin_status_get(set, i, &status);
            CHECK(status.failed <= status.calls);
            CHECK(plugin_find(set, PLUGIN_ATTRIBUTION, status.name) != NULL);
        }
    }
    return NULL;
}

int main(void)
{
    static const struct tested both[] = {
        {.file = "linear", .deadline_ms = 10000},
        {.file = "fault_attribution",
         .name = "guilty",
         .deadline_ms = 10000,
         .settings = {"fault", "crash", "every", "400"}},
    };
    pthread_t threads[THREADS];
    pthread_t looker;
    log_set_level(LOG_ERROR);
    struct plugin_set *set = caller_start(both, 2);
    good = plugin_find(set, PLUGIN_ATTRIBUTION, "linear");
    guilty = plugin_find(set, PLUGIN_ATTRIBUTION, "guilty");
    CHECK(pthread_create(&looker, NULL, look, set) == 0);
    for (size_t i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&threads[i], NULL, submit, NULL) == 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    atomic_store(&over, true);
    pthread_join(looker, NULL);
    struct plugin_status status = caller_status(set, "guilty");
    plugin_set_stop(&set);
    printf("accepted=%u run=%u good_failed=%u guilty_failed=%u guilty restarts=%llu state=%s\n", accepted, run,
           good_failed, guilty_failed, (unsigned long long)status.restarts, status.state);
    /* What was still queued at the stop may have failed; no more than the queue holds. */
    return accepted == THREADS * JOBS && run == accepted && good_failed <= 256 && guilty_failed > 0 ? EXIT_SUCCESS
                                                                                                    : EXIT_FAILURE;
}
