/* SPDX-License-Identifier: Apache-2.0
 *
 * The checks of what a plugin takes: time, memory, system calls, lines of the log; and how its process ends. Most judge
 * what was noticed during the other checks. */
#include "plugin/check/check.h"

#include <inttypes.h>
#include <string.h>

/* ---- deadline ---- */

#define MEASURED_AGAIN 3

/* The question that took longest, a few times more: what the machine did meanwhile goes, what the plugin takes stays.
 */
static void measure_again(struct checked *checked)
{
    struct subject subject = {.checked = checked, .config = &checked->config};
    int64_t fastest_us = INT64_MAX;
    for (unsigned i = 0; i < MEASURED_AGAIN && checked->slowest != NULL; i++) {
        arena_reset(checked->scratch);
        struct reply reply = subject_ask(&subject, checked->slowest, checked->scratch);
        if (reply.code != REPLY_NONE && reply.code != REPLY_LOST && reply.duration_us < fastest_us) {
            fastest_us = reply.duration_us;
        }
    }
    subject_stop(&subject);
    checked->slowest_us = fastest_us != INT64_MAX ? fastest_us : checked->slowest_us;
}

void check_deadline(struct checked *checked)
{
    unsigned deadline_ms = checked->config.deadline_ms;
    report_begin(checked->report, "deadline");
    if (checked->overdue == 0 && checked->slowest_us > INT64_C(500) * deadline_ms) {
        measure_again(checked);
    }
    double slowest_ms = (double)checked->slowest_us / 1000;
    const char *slowest = checked->slowest == NULL ? "-" : checked->slowest->label;
    if (checked->overdue > 0) {
        report_find(checked->report, VERDICT_FAIL, "overdue",
                    "%u of %" PRIu64 " calls had no answer within %u ms, and their process was ended as the broker "
                    "would; asked about %s",
                    checked->overdue, checked->asked, deadline_ms, checked->overdue_label);
    } else if (slowest_ms > deadline_ms / 2.0) {
        report_find(checked->report, VERDICT_NOTE, "slow",
                    "the slowest call took %.1f ms of the %u that it may take, asked about %s", slowest_ms, deadline_ms,
                    slowest);
    }
    if (checked->starved > 0) {
        report_find(checked->report, VERDICT_NOTE, "starved",
                    "this machine was so busy that %u calls had no answer in time; the plugin used little of it",
                    checked->starved);
    }
    report_end(checked->report,
               "%" PRIu64 " calls: half of them within %.2f ms, the slowest in %.1f of %u ms, asked about %s",
               checked->asked, latency_percentile(&checked->latency, 50) / 1000.0, slowest_ms, deadline_ms, slowest);
}

/* ---- memory ---- */

#define MEMORY_MS 2000
#define CALLS_A_SAMPLE 32
#define SAMPLES_MAX 2000
#define SMALL_QUESTION 25
#define GROWTH_BYTES ((uint64_t)192 << 10) /* the C library takes memory in steps of 132 KiB */
#define SPARE_BYTES ((uint64_t)8 << 20)
#define MAPPED_ANYWAY ((uint64_t)256 << 20) /* by host and libraries */

struct samples {
    size_t count;
    uint64_t bytes[SAMPLES_MAX]; /* after every CALLS_A_SAMPLE calls */
};

/* Memory of one process over many small questions, until time or memory is nearly used up. False: it was lost. */
static bool sample(struct checked *checked, struct samples *samples)
{
    struct subject subject = {.checked = checked, .config = &checked->config};
    struct budget budget = budget_of(MEMORY_MS);
    const struct questions *questions = &checked->questions;
    uint64_t wanted = (uint64_t)checked->calls * 30;
    uint64_t asked = 0;
    bool lost = false;
    for (size_t i = 0; asked < wanted && !lost && samples->count < SAMPLES_MAX && budget_left(&budget); i++) {
        const struct question *question = &questions->items[i % questions->ordinary];
        if (question->size > SMALL_QUESTION) {
            continue;
        }
        arena_reset(checked->scratch);
        struct reply reply = subject_ask(&subject, question, checked->scratch);
        lost = reply.code == REPLY_LOST || reply.code == REPLY_NONE;
        if (!lost && ++asked % CALLS_A_SAMPLE == 0) {
            samples->bytes[samples->count++] = subject_data(&subject);
            if (samples->bytes[samples->count - 1] + SPARE_BYTES > checked->config.memory_bytes) {
                break;
            }
        }
    }
    subject_stop(&subject);
    return !lost;
}

/* The least of the samples around a place: what is still there after everything that comes and goes has gone. */
static uint64_t least(const struct samples *samples, size_t from, size_t count)
{
    uint64_t bytes = UINT64_MAX;
    for (size_t i = from; i < from + count; i++) {
        bytes = samples->bytes[i] < bytes ? samples->bytes[i] : bytes;
    }
    return bytes;
}

static uint64_t above(uint64_t larger, uint64_t smaller)
{
    return larger > smaller ? larger - smaller : 0;
}

static void judge_growth(struct checked *checked, const struct samples *samples, bool complete)
{
    size_t warm = samples->count / 4;
    size_t window = (samples->count - warm) / 8;
    if (window == 0) {
        if (complete) {
            report_find(checked->report, VERDICT_NOTE, "too slow", "too few calls in the time to see whether it grows");
        }
        return;
    }
    size_t last = samples->count - window;
    size_t middle = (warm + last) / 2;
    uint64_t start = least(samples, warm, window);
    uint64_t growth = above(least(samples, last, window), start);
    uint64_t late = above(least(samples, last, window), least(samples, middle, window));
    /* What is taken once grows early; a leak goes on. */
    if (growth >= GROWTH_BYTES && late >= growth / 4) {
        report_find(checked->report, VERDICT_FAIL, "leak",
                    "it grows with every call, by about %" PRIu64 " bytes: %" PRIu64 " KiB over %zu calls; free what "
                    "a call takes, or use services->alloc",
                    growth / ((last - warm) * CALLS_A_SAMPLE), growth >> 10, (last - warm) * CALLS_A_SAMPLE);
    }
}

void check_memory(struct checked *checked)
{
    static struct samples samples;
    report_begin(checked->report, "memory");
    bool complete = sample(checked, &samples);
    judge_growth(checked, &samples, complete);
    size_t limit = checked->config.memory_bytes;
    if (checked->data_most > limit / 4 * 3) {
        report_find(checked->report, VERDICT_NOTE, "memory most", "it took %" PRIu64 " MiB of the %zu that it may take",
                    checked->data_most >> 20, limit >> 20);
    }
    if (checked->mapped_most > 4 * (uint64_t)limit + MAPPED_ANYWAY) {
        report_find(checked->report, VERDICT_NOTE, "mapped",
                    "it maps %" PRIu64 " MiB of addresses, for memory of %zu MiB", checked->mapped_most >> 20,
                    limit >> 20);
    }
    report_end(checked->report, "no growth over %zu calls; at most %" PRIu64 " MiB of %zu",
               samples.count * CALLS_A_SAMPLE, checked->data_most >> 20, limit >> 20);
}

/* ---- jail ---- */

/* What an author may have wanted, and what there is instead. */
static const struct {
    const char *begins;
    const char *advice;
} advices[] = {
    {"open", "a plugin has no files: what it must know comes in its settings"},
    {"stat", "a plugin has no files: what it must know comes in its settings"},
    {"newfstatat", "a plugin has no files: what it must know comes in its settings"},
    {"access", "a plugin has no files: what it must know comes in its settings"},
    {"readlink", "a plugin has no files: what it must know comes in its settings"},
    {"socket", "a plugin has no network: what it must know comes in its settings"},
    {"connect", "a plugin has no network: what it must know comes in its settings"},
    {"clone", "a plugin makes no threads and no processes"},
    {"fork", "a plugin makes no threads and no processes"},
    {"vfork", "a plugin makes no threads and no processes"},
    {"exec", "a plugin starts no programs"},
};

static const char *advice(const char *calls)
{
    for (size_t i = 0; i < sizeof advices / sizeof advices[0]; i++) {
        if (strncmp(calls, advices[i].begins, strlen(advices[i].begins)) == 0) {
            return advices[i].advice;
        }
    }
    return "see \"The jail\" in plugin-author.md";
}

void check_jail(struct checked *checked)
{
    char calls[REFUSED_MAX * 34] = "";
    report_begin(checked->report, "jail");
    for (uint32_t i = 0; i < checked->refused_count; i++) {
        size_t used = strlen(calls);
        snprintf(calls + used, sizeof calls - used, "%s%s", used > 0 ? ", " : "", checked->refused[i]);
    }
    if (checked->refused_count > 0) {
        report_find(checked->report, VERDICT_FAIL, "refused", "the jail refused it the system call%s %s: %s",
                    checked->refused_count == 1 ? "" : "s", calls, advice(checked->refused[0]));
    }
    report_end(checked->report, "it tried nothing that the jail refuses");
}

/* ---- output ---- */

#define FLOOD_LINES_A_CALL 5
#define FLOOD_LINES 500

bool output_floods(const struct checked *checked)
{
    return checked->asked > 0 && checked->lines > FLOOD_LINES && checked->lines / checked->asked >= FLOOD_LINES_A_CALL;
}

void check_output(struct checked *checked)
{
    report_begin(checked->report, "output");
    if (output_floods(checked)) {
        report_find(checked->report, VERDICT_FAIL, "flood",
                    "it prints or logs about %" PRIu64 " lines a call; the broker keeps 50 a second and drops the rest",
                    checked->lines / checked->asked);
    } else if (checked->printed[0] != '\0') {
        report_find(checked->report, VERDICT_NOTE, "printed",
                    "it prints, which becomes lines of the broker's log; services->log has levels: \"%s\"",
                    checked->printed);
    }
    report_end(checked->report, "it prints nothing");
}

/* ---- end ---- */

void check_end(struct checked *checked)
{
    report_begin(checked->report, "end");
    if (checked->bad_ends > 0) {
        report_find(checked->report, VERDICT_FAIL, "end",
                    "told to end, %u of %u processes did not end well; the last %s", checked->bad_ends, checked->ends,
                    checked->bad_end);
    }
    report_end(checked->report, "told to end, each of %u processes did", checked->ends);
}
