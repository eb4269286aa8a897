/* SPDX-License-Identifier: Apache-2.0
 *
 * The processes of an instance. One serves; the next one is started beside it and takes its place between two calls
 * once it is ready (a reload, or because the one that serves is worn); the one that served is asked to end. A process
 * that dies is replaced: at once the first time, then after growing pauses, and after BREAKER_DEATHS deaths within
 * BREAKER_WINDOW_US not any more, until it is reloaded. */
#include "plugin/internal.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_PAUSE_US INT64_C(100000)
#define LEAVING_US INT64_C(500000)

/* Deaths within the breaker's window, this one included. */
static unsigned count_death(struct plugin *plugin, int64_t now_us)
{
    unsigned within = 1;
    for (unsigned i = 0; i < BREAKER_DEATHS - 1; i++) {
        plugin->death_us[i] = plugin->death_us[i + 1];
        within += plugin->death_us[i] != 0 && now_us - plugin->death_us[i] < BREAKER_WINDOW_US;
    }
    plugin->death_us[BREAKER_DEATHS - 1] = now_us;
    pthread_mutex_lock(&plugin->lock);
    plugin->deaths++;
    pthread_mutex_unlock(&plugin->lock);
    return within;
}

/* After a death of which `error` tells: a pause and a restart, or the breaker. */
static void mourn(struct plugin *plugin, const struct status_text *error)
{
    int64_t now_us = clock_mono_us();
    unsigned deaths = count_death(plugin, now_us);
    int64_t pause_us = deaths == 1 ? 0 : FIRST_PAUSE_US << (2 * (deaths - 2));
    bool off = deaths >= BREAKER_DEATHS;
    plugin->restart_us = now_us + pause_us;
    if (off) {
        notes_add(plugin->notes, LOG_ERROR, "%s; switched off after deaths=%u within seconds=%d", error->text, deaths,
                  (int)(BREAKER_WINDOW_US / 1000000));
    } else {
        notes_add(plugin->notes, LOG_WARN, "%s; restart in ms=%d", error->text, (int)(pause_us / 1000));
    }
    instance_set_state(plugin, off ? INSTANCE_OFF : INSTANCE_BACKOFF, error);
}

/* Ends it and tells how: by itself, or by us for what it did. */
static void end_for(struct worker **worker, const char *what, struct status_text *error)
{
    worker_end(worker, error);
    if (what != NULL) {
        status_set(error, VOUCH_OK, "%s and was killed", what);
    }
}

void lineage_bury(struct plugin *plugin, const char *what, struct status_text *why)
{
    struct status_text error;
    end_for(&plugin->worker, what, &error);
    mourn(plugin, &error);
    status_set(why, VOUCH_UNAVAILABLE, "plugin %s %s; it is %s", plugin->instance, error.text,
               plugin->state == INSTANCE_OFF ? "switched off after repeated deaths" : "being restarted");
}

/* A plugin that says it cannot serve would say so again: off, without counting deaths. */
static void switch_off(struct plugin *plugin, const struct status_text *why)
{
    notes_add(plugin->notes, LOG_ERROR, "off: %s", why->text);
    instance_set_state(plugin, INSTANCE_OFF, why);
}

/* The one that serves, if there is one, is asked to end. */
static void let_go(struct plugin *plugin)
{
    if (plugin->worker != NULL) {
        CHECK(plugin->leaving == NULL);
        worker_dismiss(plugin->worker);
        plugin->leaving = plugin->worker;
        plugin->worker = NULL;
        plugin->leaving_until_us = clock_mono_us() + LEAVING_US;
    }
}

/* ---- a reload ---- */

static void reload_end(struct plugin *plugin, enum vouch_status status, const struct status_text *why)
{
    struct reload *reload = plugin->reload;
    plugin->reload = NULL;
    pthread_mutex_lock(&plugin->lock);
    plugin->reloading = false;
    pthread_mutex_unlock(&plugin->lock);
    reload->done(reload->data, status, why);
    config_free(&reload->config);
    free(reload);
}

/* The next process cannot take over. During a reload whatever serves goes on; where nothing does, an instance that has
 * not been ready yet is off. */
static void reload_fail(struct plugin *plugin, enum vouch_status status, const struct status_text *error)
{
    struct status_text why;
    bool serves = plugin->worker != NULL;
    notes_add(plugin->notes, LOG_WARN, "not reloaded: %s", error->text);
    status_set(&why, status, "plugin %s is not reloaded: %s%s", plugin->instance, error->text,
               serves ? "; it goes on as it was" : "");
    if (plugin->state == INSTANCE_STARTING) {
        instance_set_state(plugin, INSTANCE_OFF, error);
    }
    reload_end(plugin, status, &why);
}

/* The processes of an instance that is taken out. */
static void remove_all(struct plugin *plugin)
{
    static const struct status_text gone = {"it is no longer in the configuration"};
    let_go(plugin);
    pthread_mutex_lock(&plugin->lock);
    plugin->kind = 0; /* should it come again, it may be another */
    pthread_mutex_unlock(&plugin->lock);
    notes_add(plugin->notes, LOG_INFO, "removed");
    instance_set_state(plugin, INSTANCE_REMOVED, &gone);
    reload_end(plugin, VOUCH_OK, &gone);
}

void lineage_reload(struct plugin *plugin, struct reload *reload)
{
    struct status_text how;
    plugin->reload = reload;
    if (plugin->next != NULL) { /* of a configuration that is no longer wanted */
        worker_end(&plugin->next, &how);
    }
    if (plugin->leaving != NULL) {
        worker_end(&plugin->leaving, &how);
    }
    if (reload->config == NULL) {
        remove_all(plugin);
    } else {
        notes_add(plugin->notes, LOG_INFO, "reloading from path=%s", reload->config->path);
        lineage_begin(plugin);
    }
}

/* ---- the next one ---- */

void lineage_begin(struct plugin *plugin)
{
    struct status_text why;
    const struct plugin_config *config = plugin->reload != NULL ? plugin->reload->config : plugin->config;
    CHECK(plugin->next == NULL);
    plugin->next = worker_start(plugin->host_path, config, plugin->notes, &why);
    if (plugin->next != NULL) {
        worker_hello(plugin->next, config);
    } else if (plugin->reload != NULL) {
        reload_fail(plugin, VOUCH_UNAVAILABLE, &why);
    } else {
        switch_off(plugin, &why);
    }
}

/* It died, or did what it must not, before it was ready. */
static void next_died(struct plugin *plugin, const char *what)
{
    struct status_text error;
    end_for(&plugin->next, what, &error);
    if (plugin->reload != NULL) {
        reload_fail(plugin, VOUCH_UNAVAILABLE, &error);
    } else {
        mourn(plugin, &error);
    }
}

static void next_refused(struct plugin *plugin, enum vouch_status status, const struct status_text *why)
{
    struct status_text how;
    worker_end(&plugin->next, &how);
    if (plugin->reload != NULL) {
        reload_fail(plugin, status, why);
        return;
    }
    pthread_mutex_lock(&plugin->lock);
    plugin->settings_refused = status == VOUCH_INVALID;
    pthread_mutex_unlock(&plugin->lock);
    switch_off(plugin, why);
}

/* Between two calls: it takes the place of the one that served. */
static void next_takes_over(struct plugin *plugin)
{
    struct worker *fresh = plugin->next;
    bool reloaded = plugin->reload != NULL;
    bool serves = plugin->worker != NULL;
    plugin->next = NULL;
    let_go(plugin);
    plugin->worker = fresh;
    pthread_mutex_lock(&plugin->lock);
    plugin->kind = fresh->kind;
    memcpy(plugin->version, fresh->version, sizeof plugin->version);
    plugin->pid = fresh->pid;
    plugin->refused = fresh->refused;
    plugin->restarts += !reloaded && !serves && plugin->deaths > 0;
    if (reloaded) {
        plugin->reloads++;
        plugin->deaths = 0;
        plugin->latency = (struct latency){0};
        plugin->last_error = (struct status_text){""};
    }
    pthread_mutex_unlock(&plugin->lock);
    notes_add(plugin->notes, LOG_INFO, "ready plugin=%s version=%s kind=%s jail=\"%s\" pid=%ld", fresh->name,
              fresh->version, fresh->kind == PLUGIN_MATCHER ? "matcher" : "attribution", fresh->jail, (long)fresh->pid);
    instance_set_state(plugin, INSTANCE_READY, NULL);
    if (reloaded) {
        struct plugin_config *older = plugin->config;
        plugin->config = plugin->reload->config;
        plugin->reload->config = older;
        memset(plugin->death_us, 0, sizeof plugin->death_us);
        reload_end(plugin, VOUCH_OK, NULL);
    }
}

static void next_said(struct plugin *plugin, const Vouch__V1__FromWorker *message)
{
    struct status_text why;
    enum vouch_status status = worker_greeted(plugin->next, message, &why);
    if (status == VOUCH_OK && plugin->kind != 0 && plugin->kind != plugin->next->kind) {
        status = status_set(&why, VOUCH_UNAVAILABLE, "it is of another kind than the instance was");
    }
    if (status == VOUCH_OK) {
        next_takes_over(plugin);
    } else {
        next_refused(plugin, status, &why);
    }
}

static void advance_next(struct plugin *plugin)
{
    const Vouch__V1__FromWorker *message;
    switch (worker_take(plugin->next, &message)) {
    case RECEIVED_NOTHING:
        if (clock_mono_us() >= worker_ready_by_us(plugin->next)) {
            next_died(plugin, "was not ready within 5 s");
        }
        return;
    case RECEIVED_MESSAGE:
        next_said(plugin, message);
        return;
    case RECEIVED_GARBAGE:
        next_died(plugin, "sent a packet that is no message");
        return;
    case RECEIVED_END:
        next_died(plugin, NULL);
        return;
    }
}

/* ---- the last one ---- */

static void advance_leaving(struct plugin *plugin)
{
    const Vouch__V1__FromWorker *message;
    struct status_text how;
    enum received received = worker_take(plugin->leaving, &message);
    if (received == RECEIVED_END || clock_mono_us() >= plugin->leaving_until_us) {
        pid_t pid = plugin->leaving->pid;
        worker_end(&plugin->leaving, &how);
        notes_add(plugin->notes, LOG_DEBUG, "pid=%ld, which served before, %s", (long)pid, how.text);
    }
}

/* ---- all of them ---- */

void lineage_advance(struct plugin *plugin)
{
    if (plugin->next != NULL) {
        advance_next(plugin);
    } else if (plugin->state == INSTANCE_BACKOFF && clock_mono_us() >= plugin->restart_us) {
        lineage_begin(plugin);
    } else if (plugin->worker != NULL && plugin->worker->worn && plugin->leaving == NULL) {
        notes_add(plugin->notes, LOG_INFO, "renewing pid=%ld: its processor time is used up", (long)plugin->pid);
        lineage_begin(plugin);
    }
    if (plugin->leaving != NULL) {
        advance_leaving(plugin);
    }
}

int64_t lineage_due_us(const struct plugin *plugin)
{
    int64_t due_us = INT64_MAX;
    if (plugin->next != NULL) {
        due_us = worker_ready_by_us(plugin->next);
    } else if (plugin->state == INSTANCE_BACKOFF) {
        due_us = plugin->restart_us;
    }
    return plugin->leaving != NULL && plugin->leaving_until_us < due_us ? plugin->leaving_until_us : due_us;
}

void lineage_stop(struct plugin *plugin)
{
    const Vouch__V1__FromWorker *message;
    struct status_text how;
    if (plugin->next != NULL) {
        worker_end(&plugin->next, &how);
    }
    if (plugin->reload != NULL) {
        status_set(&how, VOUCH_UNAVAILABLE, "the broker is stopping");
        reload_end(plugin, VOUCH_UNAVAILABLE, &how);
    }
    if (plugin->leaving != NULL) {
        worker_end(&plugin->leaving, &how);
    }
    if (plugin->worker != NULL) {
        worker_dismiss(plugin->worker);
        (void)worker_receive(plugin->worker, clock_mono_us() + LEAVING_US, &message);
        worker_end(&plugin->worker, &how);
    }
}
