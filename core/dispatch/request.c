/* SPDX-License-Identifier: Apache-2.0
 *
 * The life of a request, and the answers that are the same for all operations. */
#include "dispatch/request.h"

#include "base/check.h"
#include "base/counters.h"
#include "base/limits.h"
#include "base/message.h"
#include "dispatch/broker.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct request *request_new(struct broker *broker, const struct peer *peer)
{
    struct request *request = calloc(1, sizeof *request);
    CHECK(request != NULL);
    request->broker = broker;
    request->peer = *peer;
    request->arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    return request;
}

void request_free(struct request **request)
{
    if ((*request)->search.slot != NULL) {
        atomic_store((*request)->search.slot, 0);
    }
    arena_free(&(*request)->arena);
    free(*request);
    *request = NULL;
}

struct outgoing *request_outcome(struct request *request)
{
    Vouch__V1__Done done = VOUCH__V1__DONE__INIT;
    Vouch__V1__Reply reply = VOUCH__V1__REPLY__INIT;
    reply.version = PROTOCOL_VERSION;
    reply.status = (Vouch__V1__Status)request->status;
    reply.message = request->why.text;
    reply.sequence = request->sequence;
    if (request->message != NULL) {
        reply.id = request->message->id;
    }
    if (request->status == VOUCH_OK) {
        done.id = request->answer_id;
        done.change = request->change;
        reply.result_case = VOUCH__V1__REPLY__RESULT_DONE;
        reply.done = &done;
    } else {
        count(COUNT_refusals);
    }
    if (request->status == VOUCH_BUSY) {
        count(COUNT_busy);
        reply.retry_after_ms = LIMIT_RETRY_AFTER_MS;
    }
    return outgoing_reply(&request->peer, &reply);
}

void request_refuse(struct request **request, enum vouch_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf((*request)->why.text, sizeof(*request)->why.text, format, args);
    va_end(args);
    (*request)->status = status;
    if ((*request)->search.slot == NULL) {
        outbox_send((*request)->broker->outbox, request_outcome(*request));
    }
    request_free(request);
}

const Vouch__V1__Member *request_actor(const struct request *request, const struct view *view)
{
    if (request->identity.role == VOUCH__V1__ROLE__ROLE_NONE) {
        return NULL;
    }
    struct key key = key_u64(request->identity.member);
    struct slice value;
    if (!table_get(view, TABLE_MEMBER, key_slice(&key), &value)) {
        return NULL;
    }
    return (const void *)message_unpack_own(&vouch__v1__member__descriptor, value.size, value.data, request->arena);
}
