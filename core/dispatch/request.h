/* SPDX-License-Identifier: Apache-2.0
 *
 * One request on its way through the broker: made by the intake thread, owned by one stage at a time, gone once it is
 * answered. */
#ifndef VOUCH_DISPATCH_REQUEST_H
#define VOUCH_DISPATCH_REQUEST_H

#include "answer/outbox.h"
#include "base/arena.h"
#include "base/queue.h"
#include "base/status.h"
#include "dispatch/identity.h"
#include "dispatch/operation.h"
#include "plugin/plugin.h"
#include "query/query.h"

struct broker;

/* Of the broker's own looking for a receiver; the answer goes to the writer, not to a peer. */
struct reroute_search {
    _Atomic uint64_t *slot; /* freed (0) with the request, however it ended */
    struct reroute found;
};

struct request {
    struct queue_link link;
    struct plugin_job job;
    struct broker *broker;
    struct arena *arena; /* the message and all that answering it needs */
    struct peer peer;
    struct identity identity;
    const Vouch__V1__Request *message;
    const struct operation *operation;
    uint64_t fingerprint;         /* of the frame; never 0 */
    uint64_t must_see;            /* a query waits for this journal sequence */
    int64_t deadline_us;          /* monotonic */
    const struct advice *advice;  /* of a plugin that was asked first; NULL: none */
    struct reroute_search search; /* slot not NULL: this is the broker's own, and has no message and no peer */
    /* the answer */
    enum vouch_status status;
    struct status_text why;
    uint64_t sequence;
    uint64_t answer_id;
    Vouch__V1__Done__Change change;
};

struct request *request_new(struct broker *broker, const struct peer *peer);
void request_free(struct request **request);

/* The answer of a command (status, why, sequence, answer_id, change) as a frame. */
struct outgoing *request_outcome(struct request *request);

/* Sends a refusal and frees the request. */
void request_refuse(struct request **request, enum vouch_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The actor's record as of the view, in the request's arena; NULL for an invitee. */
const Vouch__V1__Member *request_actor(const struct request *request, const struct view *view);

#endif
