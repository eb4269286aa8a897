/* SPDX-License-Identifier: Apache-2.0
 *
 * Jobs for plugin threads: MATCH is answered there, WIN is advised there and decided by the writer. */
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

static enum vouch_status match(struct question *question, struct request *request, void *argument)
{
    enum vouch_status status = advise_match(question, request->message, argument);
    if (status == VOUCH_UNAVAILABLE) {
        count(COUNT_plugin_failures);
    }
    return status;
}

static void run_match(struct plugin_call *call, struct plugin_job *job)
{
    query_answer(request_of(job), match, call);
}

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

void advise_submit(struct request *request)
{
    bool is_match = request->operation->kind == ADVISED_QUERY;
    struct broker *broker = request->broker;
    const char *name = atomic_load(is_match ? &broker->matcher : &broker->attribution);
    struct plugin *plugin = plugin_find(broker->plugins, is_match ? PLUGIN_MATCHER : PLUGIN_ATTRIBUTION, name);
    request->job.run = is_match ? run_match : run_win;
    if (plugin == NULL) {
        request_refuse(&request, VOUCH_UNAVAILABLE,
                       "no %s plugin named '%s' is configured; see plugin in vouchd.conf(5)",
                       is_match ? "matcher" : "attribution", name);
    } else if (!plugin_submit(plugin, &request->job)) {
        request_refuse(&request, VOUCH_BUSY, "too many requests wait for plugin %s", name);
    }
}
