/* SPDX-License-Identifier: Apache-2.0
 *
 * What scripts cost: candidates a second through the real host in batches of 1,000, for each script named; medians.
 * Prints; not a test. */
#include "caller.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>

#define RUNS 41
#define BATCH 1000

static int compare(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left;
    int64_t b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static void measure(const char *path, const struct vouch_match_request *request)
{
    int64_t durations_us[RUNS];
    struct plugin_set *set = caller_start(&(struct tested){.file = path, .name = "script", .deadline_ms = 5000}, 1);
    for (size_t i = 0; i < RUNS; i++) {
        int64_t start_us = clock_mono_us();
        struct answer answer = caller_match(set, "script", request);
        durations_us[i] = clock_mono_us() - start_us;
        if (answer.status != VOUCH_OK) {
            fprintf(stderr, "%s: %s\n", path, answer.why.text);
            exit(1);
        }
        answer_free(&answer);
    }
    plugin_set_stop(&set);
    qsort(durations_us, RUNS, sizeof durations_us[0], compare);
    const size_t middle = RUNS / 2;
    double us = (double)durations_us[middle];
    printf("%s: %.0f candidates/s (%.0f us a batch of %d)\n", path, BATCH / us * 1e6, us, BATCH);
}

int main(int argc, char **argv)
{
    static const char *const issues[] = {"archive", "audit", "retention", "e-discovery", "backup"};
    static const char *const industries[] = {"banking", "insurance"};
    static const char *const countries[] = {"at", "de", "ch"};
    static struct vouch_candidate candidates[BATCH];
    log_set_level(LOG_WARN);
    for (size_t i = 0; i < BATCH; i++) {
        candidates[i] = (struct vouch_candidate){.id = i + 1,
                                                 .issues = {issues + i % 3, 3},
                                                 .industries = {industries, 2},
                                                 .countries = {countries, 3},
                                                 .city = "wien",
                                                 .country = "at",
                                                 .size_min = 1,
                                                 .size_max = 4,
                                                 .tie_ppm = 500000,
                                                 .tie_known = i % 2};
    }
    struct vouch_need need = {
        .issues = {issues, 3}, .industry = "banking", .city = "linz", .country = "at", .size_band = 5};
    struct vouch_match_request request = {.need = &need, .candidate_count = BATCH, .candidates = candidates};
    for (int i = 1; i < argc; i++) {
        measure(argv[i], &request);
    }
    return 0;
}
