/* SPDX-License-Identifier: Apache-2.0
 *
 * What it costs to keep plugins out of the broker: calls through the real host, and the same function of the same
 * shared object called in this process. Both on one processor. And what a plugin that goes wrong costs the others. */
#include "bench.h"

#include "base/check.h"
#include "base/log.h"
#include "plugin/host/host.h"
#include "plugin/plugin.h"

#include <dlfcn.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 1000
#define SCRIPT "specialist.lua" /* one of the examples */
#define ARENA_BYTES ((size_t)16 << 20)

static struct vouch_candidate candidates[BATCH];
static const char *const issues[] = {"archive", "audit", "retention", "e-discovery", "backup"};
static const char *const industries[] = {"banking", "insurance"};
static const char *const countries[] = {"at", "de", "ch"};
static const uint32_t issue_candidates[] = {334, 334, 667};
static const struct vouch_need need = {
    .size = sizeof need,
    .issues = {issues, 3},
    .issue_candidates = issue_candidates,
    .text = "",
    .industry = "banking",
    .function = "",
    .city = "linz",
    .region = "",
    .country = "at",
    .size_band = 5,
};
static const struct vouch_match_request question = {sizeof question, &need, BATCH, BATCH, 3 * BATCH, candidates};
static const struct vouch_touch touch = {.party = 3, .sequence = 1, .kind = VOUCH_TOUCH_VOUCH};
static const struct vouch_attribution_request deal = {sizeof deal, 1, 2000, 180, 1, &touch};

static void make_candidates(void)
{
    for (size_t i = 0; i < BATCH; i++) {
        candidates[i] = (struct vouch_candidate){.id = i + 1,
                                                 .issues = {issues + i % 3, 3},
                                                 .industries = {industries, 2},
                                                 .countries = {countries, 3},
                                                 .city = "wien",
                                                 .region = "",
                                                 .country = "at",
                                                 .size_min = 1,
                                                 .size_max = 4,
                                                 .tie_ppm = 500000,
                                                 .tie_known = i % 2};
    }
}

/* ---- through the host ---- */

struct measured {
    struct plugin_job job;
    bool match;       /* else attributions */
    int64_t until_ns; /* calls are made until then */
    uint64_t calls;
    uint64_t failed;
    struct samples samples; /* of each call */
    sem_t done;
};

static void call_until(struct plugin_call *call, struct plugin_job *job)
{
    struct measured *measured = (struct measured *)(void *)job;
    struct arena *arena = arena_new(ARENA_BYTES);
    struct vouch_attribution_result shares;
    struct vouch_match_result scores;
    struct status_text why;
    do {
        int64_t start_ns = now_ns();
        enum vouch_status status = measured->match ? plugin_match(call, &question, arena, &scores, &why)
                                                   : plugin_attribute(call, &deal, arena, &shares, &why);
        samples_add(&measured->samples, now_ns() - start_ns);
        measured->calls++;
        measured->failed += status != VOUCH_OK;
        arena_reset(arena);
    } while (now_ns() < measured->until_ns);
    arena_free(&arena);
    sem_post(&measured->done);
}

static void begin(struct plugin_set *set, const char *name, bool match, double seconds, struct measured *measured)
{
    struct plugin *plugin = plugin_find(set, match ? PLUGIN_MATCHER : PLUGIN_ATTRIBUTION, name);
    *measured = (struct measured){
        .job = {NULL, call_until}, .match = match, .until_ns = now_ns() + (int64_t)(seconds * 1e9)};
    sem_init(&measured->done, 0, 0);
    if (plugin == NULL || !plugin_submit(plugin, &measured->job)) {
        die("plugin %s cannot be called", name);
    }
}

static void end(struct measured *measured)
{
    while (sem_wait(&measured->done) != 0) {
        /* interrupted */
    }
    sem_destroy(&measured->done);
}

/* Calls a second, and in `samples` what each took. */
static double through_host(struct plugin_set *set, const char *name, bool match, double seconds,
                           struct samples *samples)
{
    struct measured measured;
    int64_t start_ns = now_ns();
    begin(set, name, match, seconds, &measured);
    end(&measured);
    if (measured.failed > 0) {
        die("plugin %s failed %llu times", name, (unsigned long long)measured.failed);
    }
    *samples = measured.samples;
    return (double)measured.calls / ((double)(now_ns() - start_ns) / 1e9);
}

/* ---- in this process ---- */

/* The plugin as its host would have it. It stays loaded. */
static struct instance *load_here(const char *path)
{
    union vouch_setting_value values[VOUCH_SETTINGS_MAX];
    struct why why;
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const struct vouch_plugin_descriptor *descriptor = object == NULL ? NULL : dlsym(object, "vouch_plugin");
    struct instance *instance = calloc(1, sizeof *instance);
    CHECK(instance != NULL);
    if (descriptor == NULL || !descriptor_check(descriptor, &why) ||
        !settings_read(descriptor, 0, NULL, NULL, values, &why) ||
        !instance_create(instance, descriptor, values, NULL, &why)) {
        die("%s cannot be loaded", path);
    }
    return instance;
}

/* Calls a second. */
static double in_process(const char *path, bool match, double seconds)
{
    static struct vouch_component_score scores[BATCH * VOUCH_COMPONENTS_MAX];
    struct instance *instance = load_here(path);
    struct vouch_share share;
    uint64_t calls = 0;
    int64_t start_ns = now_ns();
    int64_t until_ns = start_ns + (int64_t)(seconds * 1e9);
    do {
        for (int i = 0; i < (match ? 1 : 1000); i++, calls++) { /* the clock costs more than a trivial call */
            struct vouch_match_result result = {sizeof result, BATCH, instance->component_count, instance->components,
                                                scores};
            struct vouch_attribution_result shares = {.size = sizeof shares, .capacity = 1, .shares = &share};
            share = (struct vouch_share){0};
            instance_start_call(instance);
            memset(scores, 0, match ? BATCH * instance->component_count * sizeof scores[0] : 0);
            enum vouch_answer answer = match ? instance->descriptor->matcher->match(instance->self, &question, &result)
                                             : instance->descriptor->attribution->attribute(instance->self, &deal,
                                                                                            &shares);
            if (answer != VOUCH_ANSWER_DONE) {
                die("%s does not answer", path);
            }
        }
    } while (now_ns() < until_ns);
    return (double)calls / ((double)(now_ns() - start_ns) / 1e9);
}

/* ---- the measures ---- */

static const char *path_of(const char *name)
{
    static char paths[8][1024];
    static size_t next;
    char *path = paths[next++ % 8];
    if (strcmp(name, SCRIPT) == 0) {
        return SCRIPTS_DIR "/" SCRIPT;
    }
    snprintf(path, sizeof paths[0], "%s/%s.so", strncmp(name, "bench_", 6) == 0 ? BENCH_PLUGINS_DIR : PLUGINS_DIR,
             name);
    return path;
}

static struct plugin_set *start(const char *const *names, size_t count)
{
    struct plugin_config configs[8];
    struct plugin_set *set;
    struct status_text why;
    CHECK(count <= 8);
    for (size_t i = 0; i < count; i++) {
        configs[i] = (struct plugin_config){.name = names[i], .path = path_of(names[i])};
    }
    if (plugin_set_start(HOST_PATH, configs, count, &set, &why) != VOUCH_OK) {
        die("%s", why.text);
    }
    return set;
}

/* This thread, and all that it starts from now on, on one processor, or on all that there are. */
static void use_processors(const cpu_set_t *all, bool one)
{
    cpu_set_t set = *all;
    bool found = false;
    for (size_t cpu = 0; one && cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &set) && found) {
            CPU_CLR(cpu, &set);
        }
        found |= CPU_ISSET(cpu, all);
    }
    if (sched_setaffinity(0, sizeof set, &set) != 0) {
        die("the processors cannot be chosen");
    }
}

static void measure_call(const struct options *options, struct plugin_set *set)
{
    struct line *call = report_line("plugin_call", "an empty call of a plugin, p50", "us", NULL, AT_MOST, 60);
    struct line *same = report_line("plugin_call_ratio", "the same, mean", "us", "called in process", FOR_INFORMATION,
                                    0);
    for (unsigned run = 0; run < options->runs; run++) {
        struct samples samples;
        double rate = through_host(set, "linear", false, options->seconds, &samples);
        double p50_us = samples_percentile_us(&samples, 50);
        double here_us = 1e6 / in_process(path_of("linear"), false, options->seconds / 3);
        report_run(call, p50_us, 0);
        report_run(same, 1e6 / rate, here_us);
        progress("plugin call: p50 %.1f us, p99 %.1f us, in process %.3f us", p50_us,
                 samples_percentile_us(&samples, 99), here_us);
        samples_free(&samples);
    }
}

static void measure_candidates(const struct options *options, struct plugin_set *set, const char *name,
                               const char *measure, const char *title, double target)
{
    char *ratio_name = NULL;
    CHECK(asprintf(&ratio_name, "%s_ratio", measure) > 0); /* lives as long as the report */
    struct line *rate = report_line(measure, title, "/s", NULL, target > 0 ? AT_LEAST : FOR_INFORMATION, target);
    struct line *same = report_line(ratio_name, "the same", "/s", "called in process", FOR_INFORMATION, 0);
    for (unsigned run = 0; run < options->runs; run++) {
        struct samples samples;
        double there = BATCH * through_host(set, name, true, options->seconds, &samples);
        double here = BATCH * in_process(path_of(name), true, options->seconds / 3);
        report_run(rate, there, 0);
        report_run(same, there, here);
        progress("%s: %.0f candidates/s through its host, %.0f in process", name, there, here);
        samples_free(&samples);
    }
}

static void measure_script(const struct options *options, struct plugin_set *set)
{
    struct line *line = report_line("plugin_script", "candidates, " SCRIPT, "/s", "candidates, ideal-client",
                                    FOR_INFORMATION, 0);
    for (unsigned run = 0; run < options->runs; run++) {
        struct samples samples;
        double script = BATCH * through_host(set, SCRIPT, true, options->seconds, &samples);
        samples_free(&samples);
        double ideal = BATCH * through_host(set, "ideal-client", true, options->seconds / 3, &samples);
        samples_free(&samples);
        report_run(line, script, ideal);
        progress("%s: %.0f candidates/s, ideal-client %.0f", SCRIPT, script, ideal);
    }
}

/* Calls of a sound plugin while another one crashes as soon as it can, and while one sleeps past every deadline. */
static void measure_neighbours(const struct options *options)
{
    static const char *const names[] = {"linear", "bench_crash", "bench_sleep"};
    struct line *line = report_line("plugin_neighbours", "calls while other plugins crash and hang", "/s",
                                    "calls without them", AT_LEAST, 0.9);
    for (unsigned run = 0; run < options->runs; run++) {
        struct plugin_set *set = start(names, 3);
        struct measured crash, asleep;
        struct samples samples;
        double alone = through_host(set, "linear", false, options->seconds, &samples);
        samples_free(&samples);
        begin(set, "bench_crash", false, options->seconds, &crash);
        begin(set, "bench_sleep", false, options->seconds, &asleep);
        double beside = through_host(set, "linear", false, options->seconds, &samples);
        samples_free(&samples);
        end(&crash);
        end(&asleep);
        samples_free(&crash.samples);
        samples_free(&asleep.samples);
        report_run(line, beside, alone);
        progress("plugin neighbours: %.0f/s, alone %.0f/s", beside, alone);
        plugin_set_stop(&set);
    }
}

void measure_plugins(const struct options *options)
{
    static const char *const names[] = {"linear", "bench_trivial", "ideal-client", SCRIPT};
    cpu_set_t all;
    log_set_level(LOG_ERROR);
    make_candidates();
    if (sched_getaffinity(0, sizeof all, &all) != 0) {
        die("the processors cannot be asked for");
    }
    use_processors(&all, true);
    struct plugin_set *set = start(names, 4);
    measure_call(options, set);
    measure_candidates(options, set, "bench_trivial", "plugin_candidates", "candidates, 1,000 a batch, trivial matcher",
                       1e6);
    measure_candidates(options, set, "ideal-client", "plugin_ideal_client", "candidates, ideal-client", 0);
    measure_script(options, set);
    plugin_set_stop(&set);
    use_processors(&all, false);
    measure_neighbours(options);
}
