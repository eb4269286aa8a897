/* SPDX-License-Identifier: Apache-2.0
 *
 * An instance: one permanent thread that keeps processes alive (lineage.c) and runs the jobs of its queue, one after
 * the other, on the one that serves. */
#include "plugin/internal.h"

#include "base/clock.h"
#include "base/limits.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct plugin *instance_new(const struct plugin_config *config, const char *host_path)
{
    struct plugin *plugin = calloc(1, sizeof *plugin);
    CHECK(plugin != NULL);
    plugin->magic = PLUGIN_MAGIC;
    plugin->config = config_copy(config);
    plugin->host_path = host_path;
    snprintf(plugin->instance, sizeof plugin->instance, "%s", config->name);
    plugin->notes = notes_new(config->name);
    plugin->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    CHECK(plugin->wake >= 0);
    pthread_mutex_init(&plugin->lock, NULL);
    clock_condition_init(&plugin->settled);
    plugin->state = INSTANCE_STARTING;
    plugin->since_ms = clock_now_ms();
    return plugin;
}

void instance_free(struct plugin **plugin)
{
    CHECK_MAGIC(*plugin, PLUGIN_MAGIC);
    CHECK((*plugin)->first == NULL && (*plugin)->worker == NULL && (*plugin)->next == NULL);
    CHECK((*plugin)->wanted == NULL && (*plugin)->reload == NULL);
    config_free(&(*plugin)->config);
    notes_free(&(*plugin)->notes);
    close((*plugin)->wake);
    pthread_cond_destroy(&(*plugin)->settled);
    pthread_mutex_destroy(&(*plugin)->lock);
    (*plugin)->magic = 0;
    free(*plugin);
    *plugin = NULL;
}

void instance_set_state(struct plugin *plugin, enum instance_state state, const struct status_text *error)
{
    pthread_mutex_lock(&plugin->lock);
    if (plugin->state != state) {
        plugin->since_ms = clock_now_ms();
    }
    plugin->state = state;
    if (plugin->worker == NULL) {
        plugin->pid = 0;
    }
    if (error != NULL) {
        plugin->last_error = *error;
    }
    if (state == INSTANCE_READY || state == INSTANCE_OFF) {
        pthread_cond_broadcast(&plugin->settled);
    }
    pthread_mutex_unlock(&plugin->lock);
}

/* ---- what becomes of a call ---- */

static void count_call(struct plugin *plugin, bool failed, int64_t duration_us)
{
    pthread_mutex_lock(&plugin->lock);
    plugin->calls++;
    plugin->failed += failed;
    if (duration_us >= 0) {
        latency_add(&plugin->latency, duration_us);
    }
    if (plugin->worker != NULL) {
        plugin->refused = plugin->worker->refused;
    }
    pthread_mutex_unlock(&plugin->lock);
}

static enum vouch_status call_absent(struct plugin_call *call, struct status_text *why)
{
    struct plugin *plugin = call->watcher;
    count_call(plugin, true, -1);
    if (call->stopping) {
        return status_set(why, VOUCH_UNAVAILABLE, "plugin %s is off: the broker is stopping", plugin->instance);
    }
    return status_set(why, VOUCH_UNAVAILABLE, "plugin %s is %s; last: %.300s", plugin->instance,
                      plugin->state == INSTANCE_BACKOFF   ? "being restarted"
                      : plugin->state == INSTANCE_REMOVED ? "removed"
                                                          : "switched off",
                      plugin->last_error.text);
}

static void call_lost(struct plugin_call *call, const char *what, struct status_text *why)
{
    struct plugin *plugin = call->watcher;
    lineage_bury(plugin, what, why);
    call->worker = NULL;
}

static void call_nonsense(struct plugin_call *call, const char *what, struct status_text *why)
{
    struct plugin *plugin = call->watcher;
    status_set(why, VOUCH_UNAVAILABLE, "plugin %s answered nonsense: %s", plugin->instance, what);
    notes_add(plugin->notes, LOG_WARN, "answered nonsense: %s", what);
    pthread_mutex_lock(&plugin->lock);
    plugin->failed++;
    status_set(&plugin->last_error, VOUCH_OK, "answered nonsense: %s", what);
    pthread_mutex_unlock(&plugin->lock);
}

static void call_ended(struct plugin_call *call, enum vouch_status status, int64_t duration_us, const char *said)
{
    struct plugin *plugin = call->watcher;
    bool failed = status == VOUCH_UNAVAILABLE;
    count_call(plugin, failed, duration_us);
    if (failed && said != NULL) {
        said = said[0] == '\0' ? "it does not say why" : said;
        output_log(&call->worker->output, LOG_WARN, "failed", said);
        pthread_mutex_lock(&plugin->lock);
        status_set(&plugin->last_error, VOUCH_OK, "failed: %.240s", said);
        pthread_mutex_unlock(&plugin->lock);
    }
}

static const struct call_watch watch = {call_absent, call_lost, call_nonsense, call_ended};

/* ---- the thread ---- */

/* Nobody serves but somebody is about to: those who ask wait for that. */
static bool must_wait(const struct plugin *plugin)
{
    return plugin->worker == NULL && plugin->next != NULL;
}

static struct plugin_job *take_job(struct plugin *plugin, struct reload **wanted, bool *stopping)
{
    struct plugin_job *job = NULL;
    pthread_mutex_lock(&plugin->lock);
    *stopping = plugin->stopping;
    *wanted = plugin->wanted;
    plugin->wanted = NULL;
    if (*wanted == NULL && (*stopping || !must_wait(plugin))) {
        job = plugin->first;
    }
    if (job != NULL) {
        plugin->first = job->next;
        plugin->last = plugin->first == NULL ? NULL : plugin->last;
        plugin->queued--;
    }
    pthread_mutex_unlock(&plugin->lock);
    return job;
}

static void run_job(struct plugin *plugin, struct plugin_job *job, bool stopping)
{
    struct plugin_call call = {.worker = plugin->worker,
                               .instance = plugin->instance,
                               .deadline_ms = plugin->config->deadline_ms,
                               .stopping = stopping,
                               .watch = &watch,
                               .watcher = plugin};
    job->run(&call, job);
}

/* Whom to listen to while there is nothing to do. */
static struct pollfd socket_of(const struct worker *worker)
{
    return (struct pollfd){worker == NULL ? -1 : worker->socket, POLLIN, 0};
}

static struct pollfd output_of(const struct worker *worker)
{
    return (struct pollfd){worker == NULL ? -1 : worker->output.fd, POLLIN, 0};
}

/* What one that serves has to say without being asked: lines, or that it died. */
static void listen_idle(struct plugin *plugin)
{
    const Vouch__V1__FromWorker *message;
    struct status_text why;
    switch (worker_take(plugin->worker, &message)) {
    case RECEIVED_NOTHING:
        return;
    case RECEIVED_MESSAGE:
        lineage_bury(plugin, "spoke without being asked", &why);
        return;
    case RECEIVED_GARBAGE:
        lineage_bury(plugin, "sent a packet that is no message", &why);
        return;
    case RECEIVED_END:
        lineage_bury(plugin, NULL, &why);
        return;
    }
}

/* Until there is a job, something to read, or something due. */
static void wait_idle(struct plugin *plugin)
{
    int timeout_ms = -1;
    int64_t due_us = lineage_due_us(plugin);
    if (due_us != INT64_MAX) {
        int64_t left_us = due_us - clock_mono_us();
        timeout_ms = left_us <= 0 ? 0 : (int)(left_us / 1000) + 1;
    }
    struct pollfd polled[6] = {
        {plugin->wake, POLLIN, 0}, socket_of(plugin->worker), output_of(plugin->worker),
        socket_of(plugin->next),   output_of(plugin->next),   socket_of(plugin->leaving),
    };
    if (poll(polled, 6, timeout_ms) <= 0) {
        return;
    }
    if (polled[0].revents != 0) {
        uint64_t count;
        ssize_t size = read(plugin->wake, &count, sizeof count);
        (void)size; /* EAGAIN: somebody was faster, nobody else reads it */
    }
    if (polled[1].revents != 0 || polled[2].revents != 0) {
        listen_idle(plugin);
    }
}

void *instance_run(void *data)
{
    struct plugin *plugin = data;
    CHECK_MAGIC(plugin, PLUGIN_MAGIC);
    bool stopping = false;
    struct reload *wanted;
    pthread_mutex_lock(&plugin->lock);
    bool added = plugin->wanted != NULL;
    pthread_mutex_unlock(&plugin->lock);
    if (!added) {
        lineage_begin(plugin);
    }
    for (;;) {
        struct plugin_job *job = take_job(plugin, &wanted, &stopping);
        if (wanted != NULL) {
            lineage_reload(plugin, wanted);
            continue;
        }
        if (job != NULL) {
            run_job(plugin, job, stopping);
        } else if (stopping) {
            break;
        } else {
            wait_idle(plugin);
        }
        lineage_advance(plugin);
    }
    lineage_stop(plugin);
    return NULL;
}

/* ---- asked from other threads ---- */

static void wake(struct plugin *plugin)
{
    uint64_t one = 1;
    ssize_t size = write(plugin->wake, &one, sizeof one);
    (void)size; /* EAGAIN would mean that it is awake anyway */
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
        wake(plugin);
    }
    return taken;
}

enum vouch_status instance_reload(struct plugin *plugin, struct reload *reload, struct status_text *why)
{
    CHECK_MAGIC(plugin, PLUGIN_MAGIC);
    pthread_mutex_lock(&plugin->lock);
    bool taken = !plugin->reloading && !plugin->stopping;
    if (taken) {
        plugin->reloading = true;
        plugin->wanted = reload;
    }
    pthread_mutex_unlock(&plugin->lock);
    if (!taken) {
        return status_set(why, VOUCH_BUSY, "plugin %s is being reloaded already", plugin->instance);
    }
    wake(plugin);
    return VOUCH_OK;
}

void instance_stop(struct plugin *plugin)
{
    CHECK_MAGIC(plugin, PLUGIN_MAGIC);
    pthread_mutex_lock(&plugin->lock);
    plugin->stopping = true;
    pthread_mutex_unlock(&plugin->lock);
    wake(plugin);
}
