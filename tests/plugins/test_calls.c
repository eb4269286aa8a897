/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls that go well, through the real host: what a plugin is given and what becomes of its answer; batches, several
 * instances, many callers, the end of a set. */
#include "caller.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "plugin/internal.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <unistd.h>

#define ONE(...) (&(struct tested){__VA_ARGS__}), 1
#define TAGS(...)                                                                                                      \
    {                                                                                                                  \
        (const char *const[]){__VA_ARGS__}, sizeof(const char *const[]){__VA_ARGS__} / sizeof(char *)                  \
    }

/* V2: touches A, B, A weigh A 2, B 1. */
Test(calls, linear_counts_touches)
{
    static const uint64_t parties[] = {11, 12, 11};
    struct plugin_set *set = caller_start(ONE(.file = "linear"));
    struct answer answer = caller_attribute(set, "linear", 3, parties);
    cr_assert_eq(answer.status, VOUCH_OK, "%s", answer.why.text);
    cr_expect_str_eq(answer.name, "linear");
    cr_expect_str_eq(answer.version, "1.0.0");
    cr_expect_eq(answer.shares.share_count, 2);
    cr_expect_eq(answer.shares.shares[0].weight, 2);
    cr_expect_eq(answer.shares.shares[1].weight, 1);
    answer_free(&answer);
    cr_expect_null(plugin_find(set, PLUGIN_MATCHER, "linear"));
    cr_expect_null(plugin_find(set, PLUGIN_ATTRIBUTION, "other"));
    plugin_set_stop(&set);
}

Test(calls, an_attribution_of_as_many_touches_as_there_may_be)
{
    static uint64_t parties[VOUCH_TOUCHES_MAX + 1];
    for (size_t i = 0; i <= VOUCH_TOUCHES_MAX; i++) {
        parties[i] = UINT64_MAX - i;
    }
    struct plugin_set *set = caller_start(ONE(.file = "linear", .deadline_ms = 5000));
    struct answer answer = caller_attribute(set, "linear", VOUCH_TOUCHES_MAX, parties);
    cr_expect_eq(answer.status, VOUCH_OK, "%s", answer.why.text);
    cr_expect_eq(answer.shares.share_count, VOUCH_TOUCHES_MAX);
    answer_free(&answer);
    answer = caller_attribute(set, "linear", VOUCH_TOUCHES_MAX + 1, parties);
    cr_expect_eq(answer.status, VOUCH_INVALID);
    answer_free(&answer);
    plugin_set_stop(&set);
}

/* Tags and places arrive folded, counts are over all candidates, whatever the batch. */
Test(calls, a_matcher_is_given_the_cards)
{
    const struct vouch_candidate candidates[] = {
        {.id = 1,
         .issues = TAGS("Archive", "audit", "Archive"),
         .city = "Wien",
         .region = "Vienna",
         .country = "AT",
         .size_min = 2,
         .size_max = 4,
         .tie_ppm = 890403,
         .tie_known = 1,
         .segment_won = 2,
         .segment_closed = 3},
        {.id = 2, .issues = TAGS("ARCHIVE")},
        {.id = 3},
    };
    struct vouch_need need = {.issues = TAGS("archive", "ARCHIVE", "print"), .industry = "Banking"};
    struct vouch_match_request request = {.need = &need, .candidate_count = 3, .candidates = candidates};
    struct plugin_set *set = caller_start(ONE(.file = "fault_matcher", .settings = {"fault", "echo"}));
    struct answer answer = caller_match(set, "fault_matcher", &request);
    cr_assert_eq(answer.status, VOUCH_OK, "%s", answer.why.text);
    cr_expect_eq(answer.match.component_count, 2);
    cr_expect_str_eq(answer.match.components[0].name, "one");
    cr_expect_eq(answer.match.components[0].weight, 3);
    cr_expect_str_eq(answer.match.scores[0].why,
                     "banking|archive,audit,archive,|wien/vienna/at|2-4|890403:1|2/3|df=2|3/4");
    cr_expect_str_eq(answer.match.scores[4].why, "banking||//|0-0|0:0|0/0|df=2|3/4");
    cr_expect_eq(answer.match.scores[0].x_ppm, VOUCH_PPM);
    cr_expect_eq(answer.match.scores[1].x_ppm, 890403);
    cr_expect_eq(answer.match.scores[1].known, 1);
    cr_expect_null(answer.match.scores[1].why);
    cr_expect_eq(answer.match.scores[3].known, 0);
    answer_free(&answer);

    /* A part of a larger question, counted by the caller. */
    static const char *const once[] = {"archive", "print"};
    static const uint32_t counted[] = {70, 0};
    need.issues = (struct vouch_tags){once, 2};
    need.issue_candidates = counted;
    request.candidate_total = 500;
    request.candidate_issues = 1234;
    answer = caller_match(set, "fault_matcher", &request);
    cr_assert_eq(answer.status, VOUCH_OK, "%s", answer.why.text);
    cr_expect_str_eq(answer.match.scores[4].why, "banking||//|0-0|0:0|0/0|df=70|500/1234");
    answer_free(&answer);
    plugin_set_stop(&set);
}

/* The most candidates that a question may have, each with a card so large that batches are cut by size. */
Test(calls, large_questions_are_cut_into_batches)
{
    static struct vouch_candidate candidates[LIMIT_MATCH_CANDIDATES + 1];
    static const char *tags[200];
    static char long_tag[400];
    memset(long_tag, 'T', sizeof long_tag - 1);
    for (size_t i = 0; i < 200; i++) {
        tags[i] = i < 30 ? long_tag : "short";
    }
    for (uint32_t i = 0; i <= LIMIT_MATCH_CANDIDATES; i++) {
        candidates[i] = (struct vouch_candidate){.id = i + 1, .tie_ppm = i, .tie_known = 1};
        if (i < 1000) {
            candidates[i].issues = (struct vouch_tags){tags, 200};
        }
    }
    struct vouch_need need = {.issues = {tags + 100, 1}};
    struct vouch_match_request request = {
        .need = &need, .candidate_count = LIMIT_MATCH_CANDIDATES, .candidates = candidates};
    struct plugin_set *set = caller_start(ONE(.file = "fault_matcher", .deadline_ms = 5000));
    struct answer answer = caller_match(set, "fault_matcher", &request);
    cr_assert_eq(answer.status, VOUCH_OK, "%s", answer.why.text);
    for (uint32_t i = 0; i < LIMIT_MATCH_CANDIDATES; i++) {
        cr_assert_eq(answer.match.scores[2 * i + 1].x_ppm, i);
    }
    answer_free(&answer);
    cr_expect_gt(caller_status(set, "fault_matcher").calls, 12);
    request.candidate_count++;
    answer = caller_match(set, "fault_matcher", &request);
    cr_expect_eq(answer.status, VOUCH_TOO_LARGE);
    answer_free(&answer);
    request.candidate_count = 0;
    answer = caller_match(set, "fault_matcher", &request);
    cr_expect_eq(answer.status, VOUCH_OK);
    answer_free(&answer);
    plugin_set_stop(&set);
}

static const struct spoilt {
    const char *fault;
    enum vouch_status status;
    const char *sentence;
} spoilt[] = {
    {"large", VOUCH_UNAVAILABLE, "component one of candidate 5 is 1000001 ppm"},
    {"negative", VOUCH_UNAVAILABLE, "component one of candidate 5 is 4294867296 ppm"},
    {"nan", VOUCH_OK, ""}, /* what the C library makes of it is 0 ppm, a score like others */
    {"known", VOUCH_UNAVAILABLE, "component one of candidate 5 is 1000000 ppm, known 2"},
    {"overrun", VOUCH_UNAVAILABLE, "SIGSEGV"},
    {"wild_why", VOUCH_UNAVAILABLE, "SIGSEGV"},
    {"write_request", VOUCH_UNAVAILABLE, "SIGSEGV"},
    {"no_components", VOUCH_UNAVAILABLE, "declares 0 components"},
    {"heavy", VOUCH_UNAVAILABLE, "has no usable name or weight"},
    {"code", VOUCH_UNAVAILABLE, "it answered with the unknown code 77"},
    {"mute", VOUCH_UNAVAILABLE, "it does not say why"},
    {"why", VOUCH_OK, ""},
    {"batch", VOUCH_OK, ""}, /* good scores, that another cut of the question would not get */
    {"counter", VOUCH_OK, ""},
};

Test(calls, scores_are_checked)
{
    const struct vouch_candidate candidate = {.id = 5, .issues = TAGS("archive"), .tie_known = 1};
    struct vouch_need need = {.issues = TAGS("archive")};
    struct vouch_match_request request = {.need = &need, .candidate_count = 1, .candidates = &candidate};
    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        struct plugin_set *set = caller_start(
            ONE(.file = "fault_matcher", .name = "guilty", .settings = {"fault", spoilt[i].fault}));
        struct answer answer = caller_match(set, "guilty", &request);
        cr_expect_eq(answer.status, spoilt[i].status, "%s: %s", spoilt[i].fault, answer.why.text);
        cr_expect(strstr(answer.why.text, spoilt[i].sentence) != NULL, "%s", answer.why.text);
        if (strcmp(spoilt[i].fault, "why") == 0) {
            cr_assert_eq(answer.status, VOUCH_OK);
            cr_expect_eq(strlen(answer.match.scores[0].why), VOUCH_WHY_MAX);
            cr_expect_str_eq(answer.match.scores[1].why, "caf\xc3\xa9 ");
        }
        answer_free(&answer);
        plugin_set_stop(&set);
    }
}

/* ---- many callers, and the end ---- */

#define JOBS 2000

struct counted {
    struct plugin_job job;
    atomic_uint *done;
    sem_t *finished;
    enum vouch_status status;
};

static void count_run(struct plugin_call *call, struct plugin_job *job)
{
    struct counted *counted = (struct counted *)(void *)job;
    struct vouch_touch touch = {.party = 3, .sequence = 1, .kind = VOUCH_TOUCH_VOUCH};
    struct vouch_attribution_request request = {.touch_count = 1, .touches = &touch};
    struct vouch_attribution_result result;
    struct status_text why;
    struct arena *arena = arena_new(4096);
    counted->status = plugin_attribute(call, &request, arena, &result, &why);
    arena_free(&arena);
    if (atomic_fetch_add(counted->done, 1) + 1 == JOBS) {
        sem_post(counted->finished);
    }
}

Test(calls, jobs_are_run_once_each_and_the_queue_is_bounded)
{
    static struct counted jobs[JOBS];
    atomic_uint done = 0;
    sem_t finished;
    sem_init(&finished, 0, 0);
    struct plugin_set *set = caller_start(ONE(.file = "linear", .deadline_ms = 5000));
    struct plugin *plugin = plugin_find(set, PLUGIN_ATTRIBUTION, "linear");
    unsigned refusals = 0;
    for (size_t i = 0; i < JOBS;) {
        jobs[i] = (struct counted){{NULL, count_run}, &done, &finished, VOUCH_INTERNAL};
        if (plugin_submit(plugin, &jobs[i].job)) {
            i++;
        } else {
            refusals++;
        }
    }
    sem_wait(&finished);
    for (size_t i = 0; i < JOBS; i++) {
        cr_assert_eq(jobs[i].status, VOUCH_OK);
    }
    struct plugin_status status = caller_status(set, "linear");
    cr_expect_eq(status.calls, JOBS);
    cr_expect_eq(status.failed, 0);
    cr_expect_gt(status.p99_us, 0);
    cr_expect_leq(status.p50_us, status.p99_us);
    cr_expect_gt(refusals, 0, "the queue never filled");
    plugin_set_stop(&set);
}

Test(calls, jobs_still_queued_at_the_end_are_answered)
{
    static struct counted jobs[100];
    atomic_uint done = 0;
    sem_t finished;
    sem_init(&finished, 0, 0);
    struct plugin_set *set = caller_start(
        ONE(.file = "fault_attribution", .name = "slow", .deadline_ms = 200, .settings = {"fault", "hang"}));
    struct plugin *plugin = plugin_find(set, PLUGIN_ATTRIBUTION, "slow");
    for (size_t i = 0; i < 100; i++) {
        jobs[i] = (struct counted){{NULL, count_run}, &done, &finished, VOUCH_OK};
        cr_assert(plugin_submit(plugin, &jobs[i].job));
    }
    plugin_set_stop(&set);
    cr_expect_eq(atomic_load(&done), 100);
    for (size_t i = 0; i < 100; i++) {
        cr_assert_eq(jobs[i].status, VOUCH_UNAVAILABLE);
    }
}

Test(calls, the_least_memory_that_can_be_configured)
{
    static const struct vouch_candidate candidate = {.id = 5};
    struct vouch_need need = {.industry = "banking"};
    struct vouch_match_request request = {.need = &need, .candidate_count = 1, .candidates = &candidate};
    struct plugin_set *set = caller_start(ONE(.file = "ideal-client", .memory_bytes = 16 << 20));
    struct answer answer = caller_match(set, "ideal-client", &request);
    cr_expect_eq(answer.status, VOUCH_OK, "%s", answer.why.text);
    answer_free(&answer);
    plugin_set_stop(&set);
}

Test(calls, two_instances_of_one_plugin)
{
    static const uint64_t parties[] = {1, 2};
    static const struct tested both[] = {
        {.file = "fault_attribution", .name = "good", .settings = {"fault", "none"}},
        {.file = "fault_attribution", .name = "bad", .settings = {"fault", "negative"}},
    };
    struct plugin_set *set = caller_start(both, 2);
    struct answer good = caller_attribute(set, "good", 2, parties);
    struct answer bad = caller_attribute(set, "bad", 2, parties);
    cr_expect_eq(good.status, VOUCH_OK);
    cr_expect_eq(bad.status, VOUCH_UNAVAILABLE);
    answer_free(&good);
    answer_free(&bad);
    plugin_set_stop(&set);
}

/* A file that was written over, as cp does, took the process that ran from it with it. */
Test(calls, a_file_that_is_written_over_harms_no_process)
{
    static const uint64_t parties[] = {1, 2};
    static char garbage[200000];
    char path[] = "/tmp/vouch-written-over-XXXXXX";
    int file = mkstemp(path);
    int original = open(PLUGINS_DIR "/linear.so", O_RDONLY);
    cr_assert(file >= 0 && original >= 0);
    while (sendfile(file, original, NULL, 1 << 20) > 0) {
        /* until all of it is there */
    }
    close(original);
    struct plugin_set *set = caller_start(ONE(.file = path, .name = "linear"));
    cr_assert(lseek(file, 0, SEEK_SET) == 0 && ftruncate(file, 0) == 0);
    cr_assert_eq(write(file, garbage, sizeof garbage), (ssize_t)sizeof garbage);
    struct answer answer = caller_attribute(set, "linear", 2, parties);
    cr_expect_eq(answer.status, VOUCH_OK, "%s", answer.why.text);
    cr_expect_eq(caller_status(set, "linear").deaths, 0);
    answer_free(&answer);
    plugin_set_stop(&set);
    close(file);
    unlink(path);
}

/* ---- processor time ---- */

struct aged {
    struct plugin_job job;
    sem_t done;
    enum vouch_status status;
    bool worn;
};

/* A call of a process that has used nearly all the processor time that it was given. */
static void age(struct plugin_call *call, struct plugin_job *job)
{
    struct aged *aged = (struct aged *)(void *)job;
    struct vouch_touch touch = {.party = 3, .sequence = 1, .kind = VOUCH_TOUCH_VOUCH};
    struct vouch_attribution_request request = {.touch_count = 1, .touches = &touch};
    struct vouch_attribution_result result;
    struct status_text why;
    struct arena *arena = arena_new(4096);
    call->worker->cpu_us = call->worker->limit_us;
    aged->status = plugin_attribute(call, &request, arena, &result, &why);
    aged->worn = call->worker->worn;
    arena_free(&arena);
    sem_post(&aged->done);
}

/* Where the broker may not raise the limit of its processes (root in a container), they were killed after some seconds
 * of work. */
Test(calls, one_whose_processor_time_cannot_be_raised_is_renewed)
{
    struct plugin_set *set = caller_start(ONE(.file = "linear"));
    uint32_t pid = caller_status(set, "linear").pid;
    struct aged aged = {.job = {NULL, age}};
    sem_init(&aged.done, 0, 0);
    cr_assert(plugin_submit(plugin_find(set, PLUGIN_ATTRIBUTION, "linear"), &aged.job));
    sem_wait(&aged.done);
    cr_expect_eq(aged.status, VOUCH_OK);
    int64_t until_us = clock_mono_us() + 10000000;
    while (aged.worn && caller_status(set, "linear").pid == pid && clock_mono_us() < until_us) {
        poll(NULL, 0, 2); /* nothing tells it to the outside */
    }
    struct plugin_status status = caller_status(set, "linear");
    cr_expect_eq(status.pid != pid, aged.worn);
    cr_expect_str_eq(status.state, "ready");
    cr_expect_eq(status.deaths, 0);
    cr_expect_eq(status.restarts, 0);
    plugin_set_stop(&set);
}
