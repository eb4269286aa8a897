/* SPDX-License-Identifier: Apache-2.0
 *
 * Queries: a snapshot and a request → an answer. One function an operation (see operations.def), one file a subject.
 * Reader threads; each call has a snapshot and an arena of its own. */
#ifndef VOUCH_QUERY_QUERY_H
#define VOUCH_QUERY_QUERY_H

#include "base/arena.h"
#include "base/limits.h"
#include "base/status.h"
#include "decide/decide.h"
#include "store/store.h"
#include "vouch/v1/wire.pb-c.h"

struct plugin_set;
struct counters;
struct name_cache;

struct question {
    /* in */
    const struct view *view;
    struct arena *arena;
    uint64_t durable; /* last sequence in the journal; the view may be some milliseconds behind it */
    int64_t now_ms;
    int64_t deadline_us;            /* clock_mono_us; long loops look at it and answer TIMEOUT */
    const Vouch__V1__Member *actor; /* as of the view; NULL: an invitee */
    const struct policy *policy;
    struct plugin_set *plugins; /* for its state; calls go through advise.h */
    struct name_cache *names;   /* made with the first name that is asked for */
    /* out */
    struct status_text why;
    Vouch__V1__Reply *reply; /* result_case and result to be set; the rest is the caller's */
};

typedef enum vouch_status query_function(struct question *question, const Vouch__V1__Request *request);

/* The query function of an operation that is a query and needs no advice, or can do without; NULL for others. */
query_function *query_for(Vouch__V1__Request__OperationCase operation);

/* ---- name_cache.c: names of members and companies of one view, each read once ---- */

/* In the arena, as the names; NULL past its budget. */
struct name_cache *name_cache_new(const struct view *view, struct arena *arena);
/* As record_name. */
const char *name_cache_get(struct name_cache *cache, enum table table, uint64_t id);

/* ---- notice.c ---- */

/* The notice of a line in a member's inbox, made from its event: who did what to which referral, in one sentence that
 * the reader may see. NULL past the arena's budget. */
Vouch__V1__Notice *notice_make(const struct view *view, uint64_t member, uint64_t inbox_sequence, uint64_t sequence,
                               struct name_cache *names, struct arena *arena);

/* What is shown of a plugin instance; NULL past the arena's budget. */
struct plugin_status;
Vouch__V1__PluginStatus *plugin_row(struct arena *arena, const struct plugin_status *status);

/* ---- advise.c: what needs a plugin; runs on the plugin instance's own thread ---- */

struct plugin_call; /* the plugin this thread may call, see plugin/plugin.h */

/* Ranks receivers for MATCH: candidates and gates from the snapshot, scores from the matcher, validated and summed
 * here. */
enum vouch_status advise_match(struct question *question, const Vouch__V1__Request *request, struct plugin_call *call);

/* Looks for the next receiver of a referral whose clock has PASSED: with the matcher, or (`call` NULL, or it fails) by
 * reliability and capacity. Fills `reroute` (arena); its referral 0 when it waits no longer. The question has no actor.
 */
enum vouch_status advise_reroute(struct question *question, uint64_t referral, struct plugin_call *call,
                                 struct reroute *reroute);

/* Answers COMMISSION_ESTIMATE: the history of a time from the snapshot, weights from a plugin that estimates. */
enum vouch_status advise_estimate(struct question *question, const Vouch__V1__Request *request,
                                  struct plugin_call *call);

/* Answers COMMISSION_REPLAY and COMMISSION_SHADOW: deals computed again, where a plugin is part of it with its weights.
 * `call` may be NULL: then no plugin is asked. */
enum vouch_status advise_replay(struct question *question, const Vouch__V1__Request *request, struct plugin_call *call);
enum vouch_status advise_shadow(struct question *question, const Vouch__V1__Request *request, struct plugin_call *call);

/* Asks the attribution plugin for the weights of a referral that is about to be won; fills `advice` (arena). */
enum vouch_status advise_attribution(struct question *question, const Vouch__V1__ReferralMove *asked,
                                     struct plugin_call *call, struct advice *advice);

#endif
