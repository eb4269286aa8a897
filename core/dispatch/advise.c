/* SPDX-License-Identifier: Apache-2.0
 *
 * Jobs for plugin threads: queries that a plugin has a part in are answered there, WIN is advised there and decided by
 * the writer. */
#include "dispatch/advise.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/counters.h"
#include "dispatch/broker.h"
#include "dispatch/readers.h"
#include "dispatch/writer.h"

#include <stdatomic.h>

static struct request *request_of(struct plugin_job *job)
{
    return (struct request *)(void *)((char *)job - offsetof(struct request, job));
}

/* ---- queries that a plugin has a part in ---- */

typedef enum vouch_status advised_function(struct question *question, const Vouch__V1__Request *request,
                                           struct plugin_call *call);

/* The matcher that the configuration names. */
static const char *configured_matcher(const struct request *request)
{
    return atomic_load(&request->broker->matcher);
}

static const char *estimate_names(const struct request *request)
{
    return request->message->commission_estimate->plugin;
}

/* The one that is asked when a referral is won; "" when it is not there, and nobody is asked again. */
static const char *replay_asks(const struct request *request)
{
    const char *name = atomic_load(&request->broker->attribution);
    return plugin_find(request->broker->plugins, PLUGIN_ATTRIBUTION, name) == NULL ? "" : name;
}

static const char *shadow_names(const struct request *request)
{
    return request->message->commission_shadow->plugin;
}

/* Which function answers the operation, with which plugin; where that may be "", a reader answers without one. */
static const struct advised {
    Vouch__V1__Request__OperationCase operation;
    enum plugin_kind kind;
    const char *(*instance)(const struct request *request);
    advised_function *answer;
} advised[] = {
    {VOUCH__V1__REQUEST__OPERATION_MATCH, PLUGIN_MATCHER, configured_matcher, advise_match},
    {VOUCH__V1__REQUEST__OPERATION_COMMISSION_ESTIMATE, PLUGIN_ATTRIBUTION, estimate_names, advise_estimate},
    {VOUCH__V1__REQUEST__OPERATION_COMMISSION_REPLAY, PLUGIN_ATTRIBUTION, replay_asks, advise_replay},
    {VOUCH__V1__REQUEST__OPERATION_COMMISSION_SHADOW, PLUGIN_ATTRIBUTION, shadow_names, advise_shadow},
};

static const struct advised *advised_of(const struct request *request)
{
    size_t i = 0;
    while (advised[i].operation != request->operation->number) {
        i++;
        CHECK(i < sizeof advised / sizeof advised[0]);
    }
    return &advised[i];
}

static enum vouch_status answer_advised(struct question *question, struct request *request, void *call)
{
    enum vouch_status status = advised_of(request)->answer(question, request->message, call);
    if (status == VOUCH_UNAVAILABLE) {
        count(COUNT_plugin_failures);
    }
    return status;
}

static void run_query(struct plugin_call *call, struct plugin_job *job)
{
    query_answer(request_of(job), answer_advised, call);
}

/* ---- wins ---- */

/* Asks for the weights in a snapshot that is closed before the command goes on. */
static enum vouch_status ask_weights(struct request *request, struct plugin_call *call, struct status_text *why)
{
    struct advice *advice = arena_alloc(request->arena, sizeof *advice);
    if (advice == NULL) {
        return status_set(why, VOUCH_TOO_LARGE, "the request leaves no room for what answering it needs");
    }
    struct view *view = snapshot_open(request->broker->store);
    if (view == NULL) {
        return status_set(why, VOUCH_BUSY, "all reader slots of the store are taken");
    }
    struct question question = {
        .view = view,
        .arena = request->arena,
        .now_ms = clock_now_ms(),
        .deadline_us = request->deadline_us,
        .actor = request_actor(request, view),
        .policy = atomic_load(&request->broker->policy),
        .plugins = request->broker->plugins,
    };
    enum vouch_status status = advise_attribution(&question, request->message->referral_move, call, advice);
    snapshot_close(&view);
    *why = question.why;
    request->advice = advice;
    return status;
}

static void run_win(struct plugin_call *call, struct plugin_job *job)
{
    struct request *request = request_of(job);
    struct status_text why = {""};
    enum vouch_status status = ask_weights(request, call, &why);
    if (status == VOUCH_OK) {
        writer_submit(request->broker->writer, request);
        return;
    }
    if (status == VOUCH_UNAVAILABLE) {
        count(COUNT_plugin_failures);
    }
    request_refuse(&request, status, "%s", why.text);
}

/* ---- all of them ---- */

void advise_submit(struct request *request)
{
    struct broker *broker = request->broker;
    bool is_query = request->operation->kind == ADVISED_QUERY;
    enum plugin_kind kind = is_query ? advised_of(request)->kind : PLUGIN_ATTRIBUTION;
    const char *name = is_query ? advised_of(request)->instance(request) : atomic_load(&broker->attribution);
    struct plugin *plugin = plugin_find(broker->plugins, kind, name);
    request->job.run = is_query ? run_query : run_win;
    if (is_query && name[0] == '\0' && query_for(request->operation->number) != NULL) {
        readers_submit(broker->readers, request);
    } else if (plugin == NULL) {
        request_refuse(&request, VOUCH_UNAVAILABLE,
                       "no %s plugin named '%s' is configured; see plugin in vouchd.conf(5)",
                       kind == PLUGIN_MATCHER ? "matcher" : "attribution", name);
    } else if (!plugin_submit(plugin, &request->job)) {
        request_refuse(&request, VOUCH_BUSY, "too many requests wait for plugin %s", name);
    }
}
