/* SPDX-License-Identifier: Apache-2.0
 *
 * Queries: queue → snapshot → query function → answer. */
#include "dispatch/readers.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/limits.h"
#include "dispatch/broker.h"
#include "dispatch/control.h"
#include "dispatch/reroute.h"
#include "dispatch/stats.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define MOST_READERS 64

struct readers {
    struct broker *broker;
    struct queue *queue;
    unsigned count;
    pthread_t threads[MOST_READERS];
};

/* The reply of a query whose snapshot is open. */
static struct outgoing *answer_in_view(struct request *request, struct view *view, answer_function *answer,
                                       void *argument)
{
    Vouch__V1__Reply reply = VOUCH__V1__REPLY__INIT;
    reply.version = PROTOCOL_VERSION;
    reply.id = request->message->id;
    reply.sequence = view_sequence(view);
    struct question question = {
        .view = view,
        .arena = request->arena,
        .durable = store_journal_sequence(request->broker->store),
        .now_ms = clock_now_ms(),
        .deadline_us = request->deadline_us,
        .actor = request_actor(request, view),
        .policy = atomic_load(&request->broker->policy),
        .plugins = request->broker->plugins,
        .reply = &reply,
    };
    enum vouch_status status = VOUCH_OK;
    if (question.actor == NULL && request->identity.role != VOUCH__V1__ROLE__ROLE_NONE) {
        status = status_set(&question.why, VOUCH_BUSY, "your membership is not visible yet; try again");
    } else {
        status = answer(&question, request, argument);
    }
    if (status == VOUCH_OK && view_failed(view) != NULL) {
        status = status_set(&question.why, VOUCH_INTERNAL, "the store could not be read: %s", view_failed(view));
    }
    if (status == VOUCH_OK) {
        return outgoing_reply(&request->peer, &reply);
    }
    request->status = status;
    request->why = question.why;
    return request_outcome(request);
}

void query_answer(struct request *request, answer_function *answer, void *argument)
{
    count(COUNT_queries);
    struct outbox *outbox = request->broker->outbox;
    struct view *view = snapshot_open(request->broker->store);
    if (view == NULL) {
        request_refuse(&request, VOUCH_BUSY, "all reader slots of the store are taken");
        return;
    }
    struct outgoing *outgoing = answer_in_view(request, view, answer, argument);
    snapshot_close(&view);
    request_free(&request);
    outbox_send(outbox, outgoing);
}

static enum vouch_status plain_query(struct question *question, struct request *request, void *argument)
{
    (void)argument;
    if (request->operation->number == VOUCH__V1__REQUEST__OPERATION_SERVER_STATS) {
        return query_server_stats(question, request);
    }
    query_function *query = query_for(request->operation->number);
    CHECK(query != NULL);
    return query(question, request->message);
}

static void answer_or_control(struct request *request)
{
    if (request->search.slot != NULL) {
        reroute_search(request, NULL);
    } else if (request->operation->kind == CONTROL) {
        control_run(request);
    } else {
        query_answer(request, plain_query, NULL);
    }
}

static void *reader_thread(void *argument)
{
    struct readers *readers = argument;
    for (;;) {
        struct queue_link *link = queue_pop(readers->queue, -1);
        if (link != NULL) {
            answer_or_control(QUEUE_ITEM(link, struct request, link));
        } else if (queue_is_closed(readers->queue)) {
            return NULL;
        }
    }
}

struct readers *readers_start(struct broker *broker, unsigned threads)
{
    CHECK(threads > 0);
    struct readers *readers = calloc(1, sizeof *readers);
    CHECK(readers != NULL);
    readers->broker = broker;
    readers->queue = queue_new(LIMIT_READ_QUEUE);
    readers->count = threads < MOST_READERS ? threads : MOST_READERS;
    for (unsigned i = 0; i < readers->count; i++) {
        CHECK(pthread_create(&readers->threads[i], NULL, reader_thread, readers) == 0);
    }
    return readers;
}

void readers_stop(struct readers **readers)
{
    if (*readers == NULL) {
        return;
    }
    queue_close((*readers)->queue);
    for (unsigned i = 0; i < (*readers)->count; i++) {
        pthread_join((*readers)->threads[i], NULL);
    }
    queue_free(&(*readers)->queue);
    free(*readers);
    *readers = NULL;
}

void readers_submit(struct readers *readers, struct request *request)
{
    if (!queue_push(readers->queue, &request->link)) {
        request_refuse(&request, VOUCH_BUSY, "too many queries are waiting");
    }
}
