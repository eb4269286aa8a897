/* SPDX-License-Identifier: Apache-2.0
 *
 * See caller.h. */
#include "caller.h"

#include "base/check.h"
#include "base/clock.h"

#include <poll.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AWAIT_US INT64_C(10000000)
#define INSTANCES_MAX 32

/* Where the build put a plugin: one that is shipped, or one made for the tests. */
static const char *path_of(const char *file)
{
    static char paths[INSTANCES_MAX][1024];
    static size_t next;
    char *path = paths[next++ % INSTANCES_MAX];
    if (strchr(file, '/') != NULL) {
        return file;
    }
    snprintf(path, sizeof paths[0], "%s/%s.so", PLUGINS_DIR, file);
    if (access(path, F_OK) != 0) {
        snprintf(path, sizeof paths[0], "%s/%s.so", FAULTS_DIR, file);
    }
    return path;
}

enum vouch_status caller_try(const struct tested *tested, size_t count, struct plugin_set **set,
                             struct status_text *why)
{
    /* Static, because a set keeps pointing to them; one set at a time, one test a process. */
    static struct plugin_config configs[INSTANCES_MAX];
    static const char *names[INSTANCES_MAX][SETTINGS_MAX];
    static const char *values[INSTANCES_MAX][SETTINGS_MAX];
    CHECK(count <= INSTANCES_MAX);
    for (size_t i = 0; i < count; i++) {
        configs[i] = (struct plugin_config){.name = tested[i].name == NULL ? tested[i].file : tested[i].name,
                                            .path = path_of(tested[i].file),
                                            .setting_names = names[i],
                                            .setting_values = values[i],
                                            .deadline_ms = tested[i].deadline_ms,
                                            .memory_bytes = tested[i].memory_bytes};
        for (size_t s = 0; tested[i].settings[2 * s] != NULL; s++) {
            names[i][s] = tested[i].settings[2 * s];
            values[i][s] = tested[i].settings[2 * s + 1];
            configs[i].setting_count++;
        }
    }
    return plugin_set_start(HOST_PATH, configs, count, set, why);
}

struct plugin_set *caller_start(const struct tested *tested, size_t count)
{
    struct plugin_set *set;
    struct status_text why;
    if (caller_try(tested, count, &set, &why) != VOUCH_OK) {
        fprintf(stderr, "cannot start the plugins: %s\n", why.text);
        abort();
    }
    return set;
}

struct waiting {
    struct plugin_job job;
    const struct vouch_attribution_request *attribution;
    const struct vouch_estimate_request *estimate;
    const struct vouch_match_request *match;
    struct answer *answer;
    sem_t done;
};

static void run(struct plugin_call *call, struct plugin_job *job)
{
    struct waiting *waiting = (struct waiting *)(void *)job;
    struct answer *answer = waiting->answer;
    snprintf(answer->name, sizeof answer->name, "%s", plugin_call_name(call));
    snprintf(answer->version, sizeof answer->version, "%s", plugin_call_version(call));
    if (waiting->match != NULL) {
        answer->status = plugin_match(call, waiting->match, answer->arena, &answer->match, &answer->why);
    } else if (waiting->estimate != NULL) {
        answer->status = plugin_estimate(call, waiting->estimate, answer->arena, &answer->estimated, &answer->why);
    } else {
        answer->status = plugin_attribute(call, waiting->attribution, answer->arena, &answer->shares, &answer->why);
    }
    sem_post(&waiting->done);
}

static struct answer ask(struct plugin *plugin, struct waiting waiting)
{
    struct answer answer = {.arena = arena_new(CALLER_ARENA_BYTES)};
    CHECK(plugin != NULL);
    waiting.job.run = run;
    waiting.answer = &answer;
    sem_init(&waiting.done, 0, 0);
    CHECK(plugin_submit(plugin, &waiting.job));
    while (sem_wait(&waiting.done) != 0) {
        /* interrupted */
    }
    sem_destroy(&waiting.done);
    return answer;
}

struct answer caller_attribute(struct plugin_set *set, const char *instance, size_t count, const uint64_t *parties)
{
    struct vouch_touch *touches = calloc(count, sizeof *touches);
    CHECK(touches != NULL);
    for (size_t i = 0; i < count; i++) {
        touches[i] = (struct vouch_touch){
            .party = parties[i], .sequence = 100 + i, .time_ms = 1000, .kind = VOUCH_TOUCH_INTRODUCTION};
    }
    struct vouch_attribution_request request = {.size = sizeof request,
                                                .opened_ms = 1,
                                                .closed_ms = 2000,
                                                .window_days = 180,
                                                .touch_count = (uint32_t)count,
                                                .touches = touches};
    struct answer answer = caller_ask(set, instance, &request);
    free(touches);
    return answer;
}

struct answer caller_ask(struct plugin_set *set, const char *instance, const struct vouch_attribution_request *request)
{
    return ask(plugin_find(set, PLUGIN_ATTRIBUTION, instance), (struct waiting){.attribution = request});
}

struct answer caller_estimate(struct plugin_set *set, const char *instance,
                              const struct vouch_estimate_request *request)
{
    return ask(plugin_find(set, PLUGIN_ATTRIBUTION, instance), (struct waiting){.estimate = request});
}

struct answer caller_match(struct plugin_set *set, const char *instance, const struct vouch_match_request *request)
{
    return ask(plugin_find(set, PLUGIN_MATCHER, instance), (struct waiting){.match = request});
}

void answer_free(struct answer *answer)
{
    arena_free(&answer->arena);
}

struct plugin_status caller_status(struct plugin_set *set, const char *instance)
{
    struct plugin_status status;
    for (size_t i = 0; i < plugin_set_count(set); i++) {
        plugin_status_get(set, i, &status);
        if (strcmp(status.name, instance) == 0) {
            return status;
        }
    }
    abort();
}

struct plugin_status caller_await(struct plugin_set *set, const char *instance, const char *state)
{
    int64_t until_us = clock_mono_us() + AWAIT_US;
    struct plugin_status status = caller_status(set, instance);
    /* Nothing tells a change of state to the outside, so it is looked at again and again. */
    while (strcmp(status.state, state) != 0 && clock_mono_us() < until_us) {
        poll(NULL, 0, 2);
        status = caller_status(set, instance);
    }
    return status;
}
