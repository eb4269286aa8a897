/* SPDX-License-Identifier: Apache-2.0
 *
 * All instances of a broker: started together, found by name, stopped together. */
#include "plugin/internal.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SET_MAGIC 0x50534554u
#define START_SECONDS 5

struct plugin_set {
    uint32_t magic;
    char *host_path;
    pthread_mutex_t lock; /* two reloads may add an instance at a time */
    /* Only grows: an instance that was taken out keeps its place. What is below `count` is read without the lock. */
    atomic_size_t count;
    struct plugin *plugins[PLUGIN_INSTANCES_MAX];
};

static enum vouch_status check_config(const struct plugin_config *config, struct status_text *why)
{
    if (config->setting_count > VOUCH_SETTINGS_MAX) {
        return status_set(why, VOUCH_INVALID, "plugin %s has more than %u settings", config->name, VOUCH_SETTINGS_MAX);
    }
    if (strlen(config->name) > VOUCH_NAME_MAX) {
        return status_set(why, VOUCH_INVALID, "the name %.40s… is longer than %u bytes", config->name, VOUCH_NAME_MAX);
    }
    return VOUCH_OK;
}

static enum vouch_status check_configs(const struct plugin_config *configs, size_t count, struct status_text *why)
{
    enum vouch_status status = VOUCH_OK;
    if (count > PLUGIN_INSTANCES_MAX) {
        return status_set(why, VOUCH_INVALID, "more than %d plugins", PLUGIN_INSTANCES_MAX);
    }
    for (size_t i = 0; i < count && status == VOUCH_OK; i++) {
        status = check_config(&configs[i], why);
        for (size_t j = 0; j < i; j++) {
            if (strcmp(configs[i].name, configs[j].name) == 0) {
                return status_set(why, VOUCH_INVALID, "two plugins are named %s", configs[i].name);
            }
        }
    }
    return status;
}

/* Makes an instance and its thread; with `reload`, its configuration is that one's. */
static void add(struct plugin_set *set, const struct plugin_config *config, struct reload *reload)
{
    struct plugin *plugin = instance_new(config, set->host_path);
    size_t place = atomic_load(&set->count);
    CHECK(place < PLUGIN_INSTANCES_MAX);
    plugin->wanted = reload;
    plugin->reloading = reload != NULL;
    set->plugins[place] = plugin;
    CHECK(pthread_create(&plugin->thread, NULL, instance_run, plugin) == 0);
    atomic_store(&set->count, place + 1);
}

/* Waits until the instance is ready or off, or the time is up. */
static enum vouch_status await(struct plugin *plugin, const struct timespec *until, struct status_text *why)
{
    enum vouch_status status = VOUCH_OK;
    pthread_mutex_lock(&plugin->lock);
    while (plugin->state != INSTANCE_READY && plugin->state != INSTANCE_OFF) {
        if (pthread_cond_timedwait(&plugin->settled, &plugin->lock, until) != 0) {
            notes_add(plugin->notes, LOG_WARN, "not ready after seconds=%d, going on without it", START_SECONDS);
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
    made->host_path = strdup(host_path);
    CHECK(made->host_path != NULL);
    pthread_mutex_init(&made->lock, NULL);
    for (size_t i = 0; i < count; i++) {
        add(made, &configs[i], NULL);
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
    size_t count = plugin_set_count(*set);
    for (size_t i = 0; i < count; i++) {
        instance_stop((*set)->plugins[i]);
    }
    for (size_t i = 0; i < count; i++) {
        pthread_join((*set)->plugins[i]->thread, NULL);
        instance_free(&(*set)->plugins[i]);
    }
    (*set)->magic = 0;
    pthread_mutex_destroy(&(*set)->lock);
    free((*set)->host_path);
    free(*set);
    *set = NULL;
}

static struct plugin *find(struct plugin_set *set, const char *name)
{
    CHECK_MAGIC(set, SET_MAGIC);
    for (size_t i = 0; i < plugin_set_count(set); i++) {
        if (strcmp(set->plugins[i]->instance, name) == 0) {
            return set->plugins[i];
        }
    }
    return NULL;
}

struct plugin *plugin_find(struct plugin_set *set, enum plugin_kind kind, const char *name)
{
    struct plugin *plugin = find(set, name);
    if (plugin == NULL) {
        return NULL;
    }
    pthread_mutex_lock(&plugin->lock);
    /* One that never came up may be of any kind; calling it tells why it did not. */
    bool match = plugin->state != INSTANCE_REMOVED && (plugin->kind == 0 || plugin->kind == kind);
    pthread_mutex_unlock(&plugin->lock);
    return match ? plugin : NULL;
}

static bool is_removed(struct plugin *plugin)
{
    pthread_mutex_lock(&plugin->lock);
    bool removed = plugin->state == INSTANCE_REMOVED;
    pthread_mutex_unlock(&plugin->lock);
    return removed;
}

/* With the set's lock held. */
static enum vouch_status reload_locked(struct plugin_set *set, const char *name, const struct plugin_config *config,
                                       struct reload *reload, struct status_text *why)
{
    struct plugin *plugin = find(set, name);
    if (config == NULL && (plugin == NULL || is_removed(plugin))) {
        return status_set(why, VOUCH_NOT_FOUND, "there is no plugin %s, neither running nor in the configuration",
                          name);
    }
    if (plugin != NULL) {
        return instance_reload(plugin, reload, why);
    }
    if (plugin_set_count(set) == PLUGIN_INSTANCES_MAX) {
        return status_set(why, VOUCH_UNAVAILABLE, "%d instances were started since the broker was; restart it for more",
                          PLUGIN_INSTANCES_MAX);
    }
    add(set, config, reload);
    return VOUCH_OK;
}

enum vouch_status plugin_set_reload(struct plugin_set *set, const char *name, const struct plugin_config *config,
                                    plugin_reloaded *done, void *data, struct status_text *why)
{
    CHECK_MAGIC(set, SET_MAGIC);
    enum vouch_status status = config == NULL ? VOUCH_OK : check_config(config, why);
    if (status != VOUCH_OK) {
        return status;
    }
    struct reload *reload = malloc(sizeof *reload);
    CHECK(reload != NULL);
    *reload = (struct reload){config == NULL ? NULL : config_copy(config), done, data};
    pthread_mutex_lock(&set->lock);
    status = reload_locked(set, name, config, reload, why);
    pthread_mutex_unlock(&set->lock);
    if (status != VOUCH_OK) {
        config_free(&reload->config);
        free(reload);
    }
    return status;
}

size_t plugin_set_count(const struct plugin_set *set)
{
    CHECK_MAGIC(set, SET_MAGIC);
    return atomic_load(&set->count);
}

bool plugin_status_get(const struct plugin_set *set, size_t index, struct plugin_status *status)
{
    static const char *const states[] = {"starting", "ready", "backoff", "off", "removed"};
    CHECK(index < plugin_set_count(set));
    struct plugin *plugin = set->plugins[index];
    *status = (struct plugin_status){0};
    memcpy(status->name, plugin->instance, sizeof status->name);
    pthread_mutex_lock(&plugin->lock);
    bool there = plugin->state != INSTANCE_REMOVED;
    status->kind = plugin->kind;
    memcpy(status->version, plugin->version, sizeof status->version);
    status->state = states[plugin->state];
    status->since_ms = plugin->since_ms;
    status->calls = plugin->calls;
    status->failed = plugin->failed;
    status->restarts = plugin->restarts;
    status->reloads = plugin->reloads;
    status->deaths = plugin->deaths;
    status->refused = plugin->refused;
    status->pid = (uint32_t)plugin->pid;
    status->p50_us = latency_percentile(&plugin->latency, 50);
    status->p99_us = latency_percentile(&plugin->latency, 99);
    memcpy(status->last_error, plugin->last_error.text, sizeof status->last_error - 1);
    pthread_mutex_unlock(&plugin->lock);
    return there;
}

size_t plugin_notes_get(struct plugin_set *set, const char *name, struct plugin_note *notes, size_t most)
{
    struct plugin *plugin = find(set, name);
    return plugin == NULL ? 0 : notes_get(plugin->notes, notes, most);
}
