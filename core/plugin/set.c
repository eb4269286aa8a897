/* SPDX-License-Identifier: Apache-2.0
 *
 * All instances of a broker: started together, found by name, stopped together. */
#include "plugin/internal.h"

#include "base/log.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SET_MAGIC 0x50534554u
#define DEADLINE_MS 250
#define MEMORY_BYTES ((size_t)64 << 20)
#define START_SECONDS 5

struct plugin_set {
    uint32_t magic;
    size_t count;
    char *host_path;
    struct plugin_config *configs; /* with defaults filled in */
    struct plugin **plugins;
};

static enum vouch_status check_configs(const struct plugin_config *configs, size_t count, struct status_text *why)
{
    for (size_t i = 0; i < count; i++) {
        if (configs[i].setting_count > VOUCH_SETTINGS_MAX) {
            return status_set(why, VOUCH_INVALID, "plugin %s has more than %u settings", configs[i].name,
                              VOUCH_SETTINGS_MAX);
        }
        for (size_t j = 0; j < i; j++) {
            if (strcmp(configs[i].name, configs[j].name) == 0) {
                return status_set(why, VOUCH_INVALID, "two plugins are named %s", configs[i].name);
            }
        }
    }
    return VOUCH_OK;
}

/* Waits until the instance is ready or off, or the time is up. */
static enum vouch_status await(struct plugin *plugin, const struct timespec *until, struct status_text *why)
{
    enum vouch_status status = VOUCH_OK;
    pthread_mutex_lock(&plugin->lock);
    while (plugin->state != INSTANCE_READY && plugin->state != INSTANCE_OFF) {
        if (pthread_cond_timedwait(&plugin->settled, &plugin->lock, until) != 0) {
            log_warn(plugin->subject, "not ready after seconds=%d, going on without it", START_SECONDS);
            break;
        }
    }
    if (plugin->settings_refused) {
        status = status_set(why, VOUCH_INVALID, "%s", plugin->last_error.text);
    }
    pthread_mutex_unlock(&plugin->lock);
    return status;
}

enum vouch_status plugin_set_start(const char *host_path, const struct plugin_config *configs, size_t count,
                                   struct plugin_set **set, struct status_text *why)
{
    *set = NULL;
    enum vouch_status status = check_configs(configs, count, why);
    if (status != VOUCH_OK) {
        return status;
    }
    struct plugin_set *made = calloc(1, sizeof *made);
    CHECK(made != NULL);
    made->magic = SET_MAGIC;
    made->count = count;
    made->host_path = strdup(host_path);
    made->configs = calloc(count + 1, sizeof *made->configs);
    made->plugins = calloc(count + 1, sizeof(struct plugin *));
    CHECK(made->host_path != NULL && made->configs != NULL && made->plugins != NULL);
    for (size_t i = 0; i < count; i++) {
        made->configs[i] = configs[i];
        made->configs[i].deadline_ms = configs[i].deadline_ms == 0 ? DEADLINE_MS : configs[i].deadline_ms;
        made->configs[i].memory_bytes = configs[i].memory_bytes == 0 ? MEMORY_BYTES : configs[i].memory_bytes;
        made->plugins[i] = instance_new(&made->configs[i], made->host_path);
        CHECK(pthread_create(&made->plugins[i]->thread, NULL, instance_run, made->plugins[i]) == 0);
    }
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += START_SECONDS;
    for (size_t i = 0; i < count && status == VOUCH_OK; i++) {
        status = await(made->plugins[i], &until, why);
    }
    if (status != VOUCH_OK) {
        plugin_set_stop(&made);
        return status;
    }
    *set = made;
    return VOUCH_OK;
}

void plugin_set_stop(struct plugin_set **set)
{
    if (*set == NULL) {
        return;
    }
    CHECK_MAGIC(*set, SET_MAGIC);
    for (size_t i = 0; i < (*set)->count; i++) {
        struct plugin *plugin = (*set)->plugins[i];
        uint64_t one = 1;
        pthread_mutex_lock(&plugin->lock);
        plugin->stopping = true;
        pthread_mutex_unlock(&plugin->lock);
        ssize_t size = write(plugin->wake, &one, sizeof one);
        (void)size; /* EAGAIN would mean that it is awake anyway */
    }
    for (size_t i = 0; i < (*set)->count; i++) {
        pthread_join((*set)->plugins[i]->thread, NULL);
        instance_free(&(*set)->plugins[i]);
    }
    (*set)->magic = 0;
    free((*set)->plugins);
    free((*set)->configs);
    free((*set)->host_path);
    free(*set);
    *set = NULL;
}

struct plugin *plugin_find(struct plugin_set *set, enum plugin_kind kind, const char *name)
{
    CHECK_MAGIC(set, SET_MAGIC);
    for (size_t i = 0; i < set->count; i++) {
        struct plugin *plugin = set->plugins[i];
        if (strcmp(plugin->config->name, name) != 0) {
            continue;
        }
        pthread_mutex_lock(&plugin->lock);
        /* One that never came up may be of any kind; calling it tells why it did not. */
        bool match = plugin->kind == 0 || plugin->kind == kind;
        pthread_mutex_unlock(&plugin->lock);
        return match ? plugin : NULL;
    }
    return NULL;
}

size_t plugin_set_count(const struct plugin_set *set)
{
    CHECK_MAGIC(set, SET_MAGIC);
    return set->count;
}

void plugin_status_get(const struct plugin_set *set, size_t index, struct plugin_status *status)
{
    static const char *const states[] = {"starting", "ready", "backoff", "off"};
    CHECK_MAGIC(set, SET_MAGIC);
    CHECK(index < set->count);
    struct plugin *plugin = set->plugins[index];
    *status = (struct plugin_status){.name = plugin->config->name};
    pthread_mutex_lock(&plugin->lock);
    status->kind = plugin->kind;
    memcpy(status->version, plugin->version, sizeof plugin->version);
    status->state = states[plugin->state];
    status->calls = plugin->calls;
    status->failed = plugin->failed;
    status->restarts = plugin->restarts;
    status->p50_us = latency_percentile(&plugin->latency, 50);
    status->p99_us = latency_percentile(&plugin->latency, 99);
    memcpy(status->last_error, plugin->last_error.text, sizeof status->last_error - 1);
    pthread_mutex_unlock(&plugin->lock);
}

const char *plugin_call_name(const struct plugin_call *call)
{
    return call->plugin->name[0] != '\0' ? call->plugin->name : call->plugin->config->name;
}

const char *plugin_call_version(const struct plugin_call *call)
{
    return call->plugin->version;
}
