/* SPDX-License-Identifier: Apache-2.0
 *
 * An instance: one permanent thread that keeps one process alive and runs the jobs of its queue, one after the other. A
 * process that dies is replaced: at once the first time, then after growing pauses, and after BREAKER_DEATHS deaths
 * within BREAKER_WINDOW_US not any more. */
#include "plugin/internal.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define MESSAGES_ARENA_BYTES ((size_t)512 << 10)
#define FIRST_PAUSE_US INT64_C(100000)

struct plugin *instance_new(const struct plugin_config *config, const char *host_path)
{
    struct plugin *plugin = calloc(1, sizeof *plugin);
    CHECK(plugin != NULL);
    plugin->magic = PLUGIN_MAGIC;
    plugin->config = config;
    plugin->host_path = host_path;
    snprintf(plugin->subject, sizeof plugin->subject, "plugin %.50s", config->name);
    plugin->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    CHECK(plugin->wake >= 0);
    pthread_mutex_init(&plugin->lock, NULL);
    clock_condition_init(&plugin->settled);
    plugin->state = INSTANCE_STARTING;
    plugin->worker.socket = -1;
    plugin->request.fd = -1;
    plugin->answer.fd = -1;
    plugin->messages = arena_new(MESSAGES_ARENA_BYTES);
    return plugin;
}

void instance_free(struct plugin **plugin)
{
    CHECK_MAGIC(*plugin, PLUGIN_MAGIC);
    CHECK((*plugin)->first == NULL && (*plugin)->worker.pid == 0);
    shared_close(&(*plugin)->request);
    shared_close(&(*plugin)->answer);
    arena_free(&(*plugin)->messages);
    close((*plugin)->wake);
    pthread_cond_destroy(&(*plugin)->settled);
    pthread_mutex_destroy(&(*plugin)->lock);
    (*plugin)->magic = 0;
    free(*plugin);
    *plugin = NULL;
}

static void set_state(struct plugin *plugin, enum instance_state state, const struct status_text *error)
{
    pthread_mutex_lock(&plugin->lock);
    plugin->state = state;
    if (error != NULL) {
        plugin->last_error = *error;
    }
    if (state == INSTANCE_READY || state == INSTANCE_OFF) {
        pthread_cond_broadcast(&plugin->settled);
    }
    pthread_mutex_unlock(&plugin->lock);
}

/* Deaths within the breaker's window, this one included. */
static unsigned count_death(struct plugin *plugin, int64_t now_us)
{
    unsigned within = 1;
    for (unsigned i = 0; i < BREAKER_DEATHS - 1; i++) {
        plugin->death_us[i] = plugin->death_us[i + 1];
        within += plugin->death_us[i] != 0 && now_us - plugin->death_us[i] < BREAKER_WINDOW_US;
    }
    plugin->death_us[BREAKER_DEATHS - 1] = now_us;
    plugin->deaths++;
    return within;
}

void instance_bury(struct plugin *plugin, const char *what, struct status_text *why)
{
    struct status_text how;
    struct status_text error;
    worker_end(&plugin->worker, plugin->config->memory_bytes, &how);
    if (what != NULL) {
        /* It was we who killed it. */
        status_set(&error, VOUCH_OK, "%s and was killed", what);
    } else {
        error = how;
    }
    int64_t now_us = clock_mono_us();
    unsigned deaths = count_death(plugin, now_us);
    int64_t pause_us = deaths == 1 ? 0 : FIRST_PAUSE_US << (2 * (deaths - 2));
    bool off = deaths >= BREAKER_DEATHS;
    plugin->restart_us = now_us + pause_us;
    set_state(plugin, off ? INSTANCE_OFF : INSTANCE_BACKOFF, &error);
    if (off) {
        log_error(plugin->subject, "%s; switched off after deaths=%u within seconds=%d", error.text, deaths,
                  (int)(BREAKER_WINDOW_US / 1000000));
    } else {
        log_warn(plugin->subject, "%s; restart in ms=%d", error.text, (int)(pause_us / 1000));
    }
    status_set(why, VOUCH_UNAVAILABLE, "plugin %s %s; it is %s", plugin->config->name, error.text,
               off ? "switched off after repeated deaths" : "being restarted");
}

/* A plugin that says it cannot serve would say so again: off, without counting deaths. */
static void switch_off(struct plugin *plugin, const struct status_text *why)
{
    struct status_text how;
    if (plugin->worker.pid > 0) {
        worker_end(&plugin->worker, plugin->config->memory_bytes, &how);
    }
    log_error(plugin->subject, "off: %s", why->text);
    set_state(plugin, INSTANCE_OFF, why);
}

static void start(struct plugin *plugin)
{
    struct status_text why;
    enum vouch_status status = worker_start(&plugin->worker, plugin->host_path, plugin->config, plugin->subject,
                                            &plugin->request, &plugin->answer, &why);
    if (status != VOUCH_OK) {
        switch_off(plugin, &why);
        return;
    }
    status = exchange_greet(plugin, &why);
    if (status == VOUCH_OK) {
        pthread_mutex_lock(&plugin->lock);
        plugin->restarts += plugin->deaths > 0;
        pthread_mutex_unlock(&plugin->lock);
        set_state(plugin, INSTANCE_READY, NULL);
    } else if (plugin->worker.pid > 0) {
        plugin->settings_refused = status == VOUCH_INVALID;
        switch_off(plugin, &why);
    }
}

static struct plugin_job *take_job(struct plugin *plugin, bool *stopping)
{
    pthread_mutex_lock(&plugin->lock);
    struct plugin_job *job = plugin->first;
    *stopping = plugin->stopping;
    if (job != NULL) {
        plugin->first = job->next;
        plugin->last = plugin->first == NULL ? NULL : plugin->last;
        plugin->queued--;
    }
    pthread_mutex_unlock(&plugin->lock);
    return job;
}

/* Until there is a job, something to read, or a restart is due. */
static void wait_idle(struct plugin *plugin)
{
    int timeout_ms = -1;
    if (plugin->state == INSTANCE_BACKOFF) {
        int64_t left_us = plugin->restart_us - clock_mono_us();
        timeout_ms = left_us <= 0 ? 0 : (int)(left_us / 1000) + 1;
    }
    bool alive = plugin->worker.pid > 0;
    struct pollfd polled[3] = {{plugin->wake, POLLIN, 0},
                               {alive ? plugin->worker.socket : -1, POLLIN, 0},
                               {alive ? plugin->worker.output.fd : -1, POLLIN, 0}};
    if (poll(polled, 3, timeout_ms) <= 0) {
        return;
    }
    if (polled[0].revents != 0) {
        uint64_t count;
        ssize_t size = read(plugin->wake, &count, sizeof count);
        (void)size; /* EAGAIN: somebody was faster, nobody else reads it */
    }
    if (polled[1].revents != 0 || polled[2].revents != 0) {
        exchange_idle(plugin);
    }
}

void *instance_run(void *data)
{
    struct plugin *plugin = data;
    CHECK_MAGIC(plugin, PLUGIN_MAGIC);
    struct status_text why;
    bool stopping = false;
    if (shared_open(&plugin->request, WORKER_REQUEST_BYTES, true, &why) != VOUCH_OK ||
        shared_open(&plugin->answer, WORKER_ANSWER_BYTES, false, &why) != VOUCH_OK) {
        switch_off(plugin, &why);
    } else {
        start(plugin);
    }
    for (;;) {
        struct plugin_job *job = take_job(plugin, &stopping);
        if (!stopping && plugin->state == INSTANCE_BACKOFF && clock_mono_us() >= plugin->restart_us) {
            start(plugin);
        }
        if (job != NULL) {
            struct plugin_call call = {plugin, stopping};
            job->run(&call, job);
        } else if (stopping) {
            break;
        } else {
            wait_idle(plugin);
        }
    }
    if (plugin->worker.pid > 0) {
        worker_end(&plugin->worker, plugin->config->memory_bytes, &why);
    }
    return NULL;
}

bool plugin_submit(struct plugin *plugin, struct plugin_job *job)
{
    CHECK_MAGIC(plugin, PLUGIN_MAGIC);
    CHECK(job != NULL && job->run != NULL);
    pthread_mutex_lock(&plugin->lock);
    bool taken = plugin->queued < LIMIT_ADVICE_QUEUE && !plugin->stopping;
    bool was_empty = plugin->first == NULL;
    if (taken) {
        job->next = NULL;
        if (was_empty) {
            plugin->first = job;
        } else {
            plugin->last->next = job;
        }
        plugin->last = job;
        plugin->queued++;
    }
    pthread_mutex_unlock(&plugin->lock);
    if (taken && was_empty) {
        uint64_t one = 1;
        ssize_t size = write(plugin->wake, &one, sizeof one);
        (void)size; /* EAGAIN would mean that it is awake anyway */
    }
    return taken;
}
