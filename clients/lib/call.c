/* SPDX-License-Identifier: Apache-2.0
 *
 * The user's side of requests: call and wait, or send and collect. */
#include "handle.h"

#include "base/check.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

/* The I/O thread ends every request at its deadline and knows why it could not be answered. If resolving a name holds
 * it up, the caller gives up by itself a little later. */
#define GRACE_US 300000

void vouch_reply_free(Vouch__V1__Reply **reply)
{
    if (*reply != NULL) {
        vouch__v1__reply__free_unpacked(*reply, NULL);
        *reply = NULL;
    }
}

/* Waits for room in the window. Lock held. */
static bool wait_for_room(struct vouch *v, int64_t deadline_us)
{
    while (v->outbox.under_way >= VOUCH_WINDOW) {
        if (!condition_wait(&v->outbox.room, &v->lock, deadline_us)) {
            return false;
        }
    }
    return true;
}

/* The request got stuck behind a name that does not resolve. Takes the unanswered request back. Lock held. */
static void give_up(struct vouch *v, struct pending *pending)
{
    char text[ERROR_MAX];
    link_describe(v, text);
    outbox_abandon(v, pending, VOUCH_UNREACHABLE, text);
}

int vouch_call(struct vouch *v, const Vouch__V1__Request *request, int64_t timeout_ms, Vouch__V1__Reply **reply)
{
    CHECK_MAGIC(v, HANDLE_MAGIC);
    if (reply != NULL) {
        *reply = NULL;
    }
    int64_t deadline_us = clock_mono_us() + timeout_ms * 1000;
    pthread_mutex_lock(&v->lock);
    if (!wait_for_room(v, deadline_us)) {
        pthread_mutex_unlock(&v->lock);
        error_keepf("%d requests are under way and none ended in time", VOUCH_WINDOW);
        return VOUCH_BUSY;
    }
    struct pending *pending = outbox_add(v, PENDING_CALL, request, timeout_ms, 0);
    io_wake(v);
    while (!pending->finished) {
        if (!condition_wait(&pending->answered, &v->lock, pending->deadline_us + GRACE_US) && !pending->finished) {
            give_up(v, pending);
        }
    }
    outbox_release(&v->outbox, pending);
    pthread_mutex_unlock(&v->lock);
    int outcome = pending->outcome;
    if (outcome != VOUCH_OK) {
        error_keep(pending->error);
    }
    if (reply != NULL) {
        *reply = pending->reply;
        pending->reply = NULL;
    }
    outbox_free_pending(pending);
    return outcome;
}

int vouch_send(struct vouch *v, const Vouch__V1__Request *request, int64_t timeout_ms, uint64_t tag)
{
    CHECK_MAGIC(v, HANDLE_MAGIC);
    pthread_mutex_lock(&v->lock);
    bool room = wait_for_room(v, clock_mono_us() + timeout_ms * 1000);
    if (room) {
        (void)outbox_add(v, PENDING_SENT, request, timeout_ms, tag);
        io_wake(v);
    }
    pthread_mutex_unlock(&v->lock);
    if (!room) {
        error_keepf("%d requests are under way; collect some first", VOUCH_WINDOW);
        return VOUCH_BUSY;
    }
    return VOUCH_OK;
}

int vouch_collect(struct vouch *v, int64_t wait_ms, uint64_t *tag, int *outcome, Vouch__V1__Reply **reply)
{
    CHECK_MAGIC(v, HANDLE_MAGIC);
    *reply = NULL;
    int64_t deadline_us = clock_mono_us() + wait_ms * 1000;
    pthread_mutex_lock(&v->lock);
    bool waiting = wait_ms > 0;
    while (waiting && TAILQ_EMPTY(&v->outbox.done) && v->outbox.under_way > 0) {
        waiting = condition_wait(&v->outbox.collectable, &v->lock, deadline_us);
    }
    struct pending *pending = TAILQ_FIRST(&v->outbox.done);
    if (pending != NULL) {
        TAILQ_REMOVE(&v->outbox.done, pending, link);
        outbox_release(&v->outbox, pending);
    }
    pthread_mutex_unlock(&v->lock);
    if (pending == NULL) {
        return 0;
    }
    *tag = pending->tag;
    *outcome = pending->outcome;
    *reply = pending->reply;
    pending->reply = NULL;
    if (*outcome != VOUCH_OK) {
        error_keep(pending->error);
    }
    outbox_free_pending(pending);
    return 1;
}

unsigned vouch_under_way(struct vouch *v)
{
    CHECK_MAGIC(v, HANDLE_MAGIC);
    pthread_mutex_lock(&v->lock);
    unsigned under_way = v->outbox.under_way;
    pthread_mutex_unlock(&v->lock);
    return under_way;
}
