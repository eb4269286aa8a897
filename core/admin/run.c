/* SPDX-License-Identifier: Apache-2.0
 *
 * `vouchd run`: the parts of the broker, put together in the order in which they need each other and taken apart in the
 * opposite one. The main thread then only waits for signals. */
#include "admin/admin.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/message.h"
#include "dispatch/broker.h"
#include "dispatch/readers.h"
#include "dispatch/writer.h"
#include "intake/router.h"

#include <inttypes.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)
/* Allocators of threads are shared: with one each, memory that one thread frees is lost to the others. */
#define MALLOC_ARENAS 4

/* What was in force at some time of this run: a decision under way may still read an older one. */
struct issue {
    struct policy policy;
    char *attribution;
    char *matcher;
    struct issue *older;
};

/* Puts the policy of these settings in force, and the plugins that they name. */
static void policy_issue(struct broker *broker, struct issue **issues, const struct settings *settings)
{
    struct issue *issue = malloc(sizeof *issue);
    CHECK(issue != NULL);
    issue->policy = (struct policy){.coworker_bps = settings->coworker_bps,
                                    .partner_bps = settings->partner_bps,
                                    .consent_wait_days = settings->consent_wait_days,
                                    .command_keep_days = settings->command_keep_days,
                                    .accept_hours = settings->accept_hours,
                                    .contact_hours = settings->contact_hours,
                                    .update_days = settings->update_days,
                                    .pipeline_days = settings->pipeline_days,
                                    .desk_hours = settings->desk_hours,
                                    .offer_attempts = settings->offer_attempts,
                                    .snoozes = settings->snoozes,
                                    .snooze_days = settings->snooze_days,
                                    .approval_by_person = strcmp(settings->approval, "person") == 0,
                                    .protection_days = settings->protection_days,
                                    .protection_extension_days = settings->protection_extension_days,
                                    .ask_days = settings->ask_days,
                                    .ask_after_nos_days = settings->ask_after_nos_days,
                                    .ask_reply_days = settings->ask_reply_days,
                                    .intel_hours = settings->intel_hours,
                                    .cadence = {{0, settings->cadence_a_days, settings->cadence_b_days,
                                                 settings->cadence_c_days, settings->cadence_dormant_days}},
                                    .clients_may_be_paid = settings->client_commission};
    issue->attribution = strdup(settings->attribution);
    issue->matcher = strdup(settings->matcher);
    CHECK(issue->attribution != NULL && issue->matcher != NULL);
    issue->older = *issues;
    *issues = issue;
    atomic_store(&broker->policy, &issue->policy);
    atomic_store(&broker->attribution, issue->attribution);
    atomic_store(&broker->matcher, issue->matcher);
}

static void policies_free(struct issue **issues)
{
    while (*issues != NULL) {
        struct issue *older = (*issues)->older;
        free((*issues)->attribution);
        free((*issues)->matcher);
        free(*issues);
        *issues = older;
    }
}

static struct plugin_config config_of(const struct settings_plugin *plugin)
{
    return (struct plugin_config){
        .name = plugin->name,
        .path = plugin->path,
        .setting_count = plugin->option_count,
        .setting_names = (const char *const *)plugin->option_names,
        .setting_values = (const char *const *)plugin->option_values,
        .deadline_ms = plugin->deadline_ms,
        .memory_bytes = plugin->memory_mib * MIB,
    };
}

static enum vouch_status start_plugins(const struct settings *settings, struct plugin_set **set,
                                       struct status_text *why)
{
    struct plugin_config configs[SETTINGS_PLUGINS_MAX] = {{0}};
    for (size_t i = 0; i < settings->plugin_count; i++) {
        configs[i] = config_of(&settings->plugins[i]);
    }
    return plugin_set_start(settings->plugin_host, configs, settings->plugin_count, set, why);
}

/* A manual clock goes on from the last event. */
static void continue_manual_clock(struct store *store)
{
    struct view *view = snapshot_open(store);
    struct slice bytes;
    if (view != NULL && journal_get(view, store_journal_sequence(store), &bytes)) {
        Vouch__V1__Event *event = vouch__v1__event__unpack(NULL, bytes.size, bytes.data);
        if (event != NULL && event->time_ms > clock_now_ms()) {
            clock_use_manual(event->time_ms);
        }
        vouch__v1__event__free_unpacked(event, NULL);
    }
    if (view != NULL) {
        snapshot_close(&view);
    }
}

static enum vouch_status start_stages(struct broker *broker, const struct settings *settings,
                                      const uint8_t secret_key[32], struct router **router, struct status_text *why)
{
    struct view *view = snapshot_open(broker->store);
    if (view == NULL) {
        return status_set(why, VOUCH_UNAVAILABLE, "no snapshot of the store can be opened");
    }
    broker->identities = identities_new(view);
    snapshot_close(&view);
    broker->outbox = outbox_new();
    broker->push = push_start(broker->store, broker->outbox, settings->max_sessions);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    broker->readers = readers_start(broker,
                                    settings->readers > 0 ? settings->readers : (unsigned)(cores > 0 ? cores : 1));
    struct writer_settings pace = {settings->batch_commands, settings->state_commit_ms, settings->checkpoint_seconds};
    (void)writer_start(broker, pace); /* it is in `broker` before its thread begins, and is looked for there */
    return router_start(broker, settings->listen, secret_key, router, why);
}

/* Opposite order: nothing new comes in, then what is under way is answered, then the parts go. True when all that was
 * written is sound. */
static bool stop_stages(struct broker *broker, struct router **router)
{
    if (*router != NULL) {
        router_drain(*router);
    }
    bool sound = broker->writer == NULL || writer_stop(broker->writer);
    readers_stop(&broker->readers); /* which look at the plugins */
    plugin_set_stop(&broker->plugins);
    push_stop(broker->push);
    router_stop(router); /* until here what cannot be sent goes back to push */
    push_free(&broker->push);
    writer_free(&broker->writer);
    outbox_free(&broker->outbox);
    identities_free(&broker->identities);
    return sound;
}

/* ---- reading the configuration again ---- */

/* As the broker would start with it now; `only` as for settings_find_programs. */
static enum vouch_status load_again(const struct invocation *invocation, const char *only, struct settings **fresh,
                                    struct status_text *why)
{
    enum vouch_status status = settings_load(invocation->config, fresh, why);
    for (size_t i = 0; status == VOUCH_OK && i < invocation->override_count; i += 2) {
        status = settings_set(*fresh, invocation->overrides[i], invocation->overrides[i + 1], why);
    }
    return status == VOUCH_OK ? settings_find_programs(*fresh, only, why) : status;
}

static void reread(struct invocation *invocation, struct broker *broker, struct issue **issues)
{
    struct settings *fresh = NULL;
    struct status_text why = {""};
    if (load_again(invocation, NULL, &fresh, &why) != VOUCH_OK) {
        log_error("settings", "not reread, the old ones stay in force: %s", why.text);
    } else {
        settings_reread(invocation->settings, fresh);
        log_set_level(invocation->settings->log_level);
        policy_issue(broker, issues, invocation->settings);
        log_info("settings", "reread");
    }
    settings_free(&fresh);
}

struct rereading {
    const struct invocation *invocation;
    const struct broker *broker;
};

/* The reloader of the broker. */
static enum vouch_status reload_plugin(void *data, const char *name, plugin_reloaded *done, void *done_data,
                                       struct status_text *why)
{
    const struct rereading *rereading = data;
    struct settings *fresh = NULL;
    struct plugin_config config = {0};
    enum vouch_status status = load_again(rereading->invocation, name, &fresh, why);
    if (status == VOUCH_OK) {
        const struct settings_plugin *plugin = settings_plugin_find(fresh, name);
        if (plugin != NULL) {
            config = config_of(plugin);
        }
        status = plugin_set_reload(rereading->broker->plugins, name, plugin == NULL ? NULL : &config, done, done_data,
                                   why);
    }
    settings_free(&fresh);
    return status;
}

static void wait_for_signals(struct invocation *invocation, struct broker *broker, struct issue **issues,
                             const sigset_t *signals)
{
    for (;;) {
        int number = 0;
        if (sigwait(signals, &number) != 0) {
            continue;
        }
        if (number == SIGHUP) {
            reread(invocation, broker, issues);
            continue;
        }
        log_info("vouchd", "stopping on %s", strsignal(number));
        return;
    }
}

static void prepare_process(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGTERM);
    sigaddset(signals, SIGINT);
    sigaddset(signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, signals, NULL); /* before any thread: all inherit it */
    signal(SIGPIPE, SIG_IGN);
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    mallopt(M_ARENA_MAX, MALLOC_ARENAS);
}

int admin_run(struct invocation *invocation)
{
    struct status_text why = {""};
    struct settings *settings = invocation->settings;
    struct broker broker = {0};
    struct rereading rereading = {invocation, &broker};
    const struct reloader reloader = {reload_plugin, &rereading};
    broker.reloader = &reloader;
    struct router *router = NULL;
    uint8_t secret_key[32];
    sigset_t signals;
    prepare_process(&signals);
    struct issue *issues = NULL;
    policy_issue(&broker, &issues, settings);

    enum vouch_status status = server_key_read(settings->data, secret_key, &why);
    if (status == VOUCH_OK) {
        status = settings_find_programs(settings, NULL, &why);
    }
    if (status == VOUCH_OK) {
        status = admin_open_store(settings, &broker.store, &why);
    }
    if (status == VOUCH_OK && clock_is_manual()) {
        continue_manual_clock(broker.store);
    }
    if (status == VOUCH_OK) {
        status = start_plugins(settings, &broker.plugins, &why);
    }
    if (status == VOUCH_OK) {
        status = start_stages(&broker, settings, secret_key, &router, &why);
    }
    if (status == VOUCH_OK) {
        log_info("vouchd", "listening endpoint=%s version=%s data=%s events=%" PRIu64, router_endpoint(router),
                 VOUCH_VERSION, settings->data, store_journal_sequence(broker.store));
        sd_notifyf(0, "READY=1\nSTATUS=listening on %s", router_endpoint(router));
        wait_for_signals(invocation, &broker, &issues, &signals);
        sd_notify(0, "STOPPING=1");
    }
    bool sound = stop_stages(&broker, &router);
    store_close(&broker.store, sound);
    policies_free(&issues);
    if (status == VOUCH_OK) {
        log_info("vouchd", "stopped%s", sound ? "" : "; the disk had failed, see above");
    }
    return status == VOUCH_OK ? 0 : admin_fail(status, &why);
}
