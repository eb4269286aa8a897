/* SPDX-License-Identifier: Apache-2.0
 *
 * What a plugin costs: an empty call through the host, and candidates a second in batches of 1,000, for a trivial
 * matcher and for ideal-client. Prints medians; not a test. */
#include "caller.h"

#include "base/clock.h"
#include "base/log.h"

#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>

#define CALLS 20000
#define RUNS 7
#define BATCH 1000

struct measured {
    struct plugin_job job;
    const struct vouch_match_request *request; /* NULL: empty attributions */
    int64_t duration_us;
    sem_t done;
};

static void measure(struct plugin_call *call, struct plugin_job *job)
{
    struct measured *measured = (struct measured *)(void *)job;
    struct arena *arena = arena_new(CALLER_ARENA_BYTES);
    struct vouch_touch touch = {.party = 3, .sequence = 1, .kind = VOUCH_TOUCH_VOUCH};
    struct vouch_attribution_request attribution = {.touch_count = 1, .touches = &touch};
    struct vouch_attribution_result shares;
    struct vouch_match_result match;
    struct status_text why;
    int64_t start_us = clock_mono_us();
    for (int i = 0; i < (measured->request == NULL ? CALLS : 50); i++) {
        enum vouch_status status = measured->request == NULL
                                       ? plugin_attribute(call, &attribution, arena, &shares, &why)
                                       : plugin_match(call, measured->request, arena, &match, &why);
        if (status != VOUCH_OK) {
            fprintf(stderr, "%s\n", why.text);
            exit(1);
        }
        arena_reset(arena);
    }
    measured->duration_us = clock_mono_us() - start_us;
    arena_free(&arena);
    sem_post(&measured->done);
}

static int compare(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left;
    int64_t b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static int64_t median_us(struct plugin *plugin, const struct vouch_match_request *request)
{
    int64_t durations_us[RUNS];
    for (size_t i = 0; i < RUNS; i++) {
        struct measured measured = {.job = {NULL, measure}, .request = request};
        sem_init(&measured.done, 0, 0);
        if (!plugin_submit(plugin, &measured.job)) {
            exit(1);
        }
        sem_wait(&measured.done);
        durations_us[i] = measured.duration_us;
    }
    qsort(durations_us, RUNS, sizeof durations_us[0], compare);
    return durations_us[RUNS / 2];
}

int main(void)
{
    static const char *const issues[] = {"archive", "audit", "retention", "e-discovery", "backup"};
    static const char *const industries[] = {"banking", "insurance"};
    static const char *const countries[] = {"at", "de", "ch"};
    static struct vouch_candidate candidates[BATCH];
    static const struct tested tested[] = {
        {.file = "linear"}, {.file = "fault_matcher", .name = "trivial"}, {.file = "ideal-client"}};
    log_set_level(LOG_WARN);
    for (size_t i = 0; i < BATCH; i++) {
        candidates[i] = (struct vouch_candidate){.id = i + 1,
                                                 .issues = {issues + i % 3, 3},
                                                 .industries = {industries, 2},
                                                 .countries = {countries, 3},
                                                 .city = "Wien",
                                                 .country = "AT",
                                                 .size_min = 1,
                                                 .size_max = 4,
                                                 .tie_ppm = 500000,
                                                 .tie_known = i % 2};
    }
    struct vouch_need need = {
        .issues = {issues, 3}, .industry = "Banking", .city = "Linz", .country = "AT", .size_band = 5};
    struct vouch_match_request request = {.need = &need, .candidate_count = BATCH, .candidates = candidates};
    struct plugin_set *set = caller_start(tested, 3);
    double call_us = (double)median_us(plugin_find(set, PLUGIN_ATTRIBUTION, "linear"), NULL) / CALLS;
    struct plugin_status status = caller_status(set, "linear");
    printf("empty call through the host: mean %.1f us, p50 %u us, p99 %u us\n", call_us, status.p50_us, status.p99_us);
    for (int i = 1; i < 3; i++) {
        const char *name = tested[i].name == NULL ? tested[i].file : tested[i].name;
        double us = (double)median_us(plugin_find(set, PLUGIN_MATCHER, name), &request) / 50;
        status = caller_status(set, name);
        printf("%s, batches of %d: %.0f candidates/s (%.0f us a batch, %u us of it in the call)\n", name, BATCH,
               BATCH / us * 1e6, us, status.p50_us);
    }
    plugin_set_stop(&set);
    return 0;
}
