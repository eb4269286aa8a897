/* SPDX-License-Identifier: Apache-2.0
 *
 * append → sync → identities → answers, in a thread of its own. */
#include "dispatch/committer.h"

#include "base/check.h"
#include "base/counters.h"
#include "base/log.h"
#include "dispatch/broker.h"

#include <pthread.h>
#include <stdlib.h>

struct committer {
    struct broker *broker;
    struct queue *wake;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct batch *flying; /* NULL: idle */
    bool stopping;
    enum vouch_status failure; /* written while flying, read while idle */
    struct status_text failure_why;
    bool refusing; /* the last append failed; owned by the thread */
};

static void publish_members(struct committer *committer, const struct batch *batch)
{
    for (size_t i = 0; i < batch->member_count; i++) {
        identity_replace(committer->broker->identities, batch->members[i]);
    }
}

static void commit(struct committer *committer, struct batch *batch)
{
    struct status_text why = {""};
    enum vouch_status status = VOUCH_OK;
    if (batch->event_count > 0) {
        status = journal_append(committer->broker->store, batch->events, batch->event_count, batch->keys,
                                batch->key_count, &why);
        count(COUNT_batches);
    }
    if (status == VOUCH_OK) {
        committer->refusing = committer->refusing && batch->event_count == 0;
        count_add(COUNT_events, batch->event_count);
        publish_members(committer, batch);
        batch_answer(batch, committer->broker, VOUCH_OK, NULL);
        return;
    }
    if (!committer->refusing) { /* said once: on a full disk every command of every client comes by here */
        log_error("journal", "batch of %zu events refused: %s", batch->event_count, why.text);
    }
    committer->refusing = true;
    committer->failure = status;
    committer->failure_why = why;
    batch_answer(batch, committer->broker, VOUCH_UNAVAILABLE, &why);
}

static void *committer_thread(void *argument)
{
    struct committer *committer = argument;
    pthread_mutex_lock(&committer->lock);
    for (;;) {
        while (committer->flying == NULL && !committer->stopping) {
            pthread_cond_wait(&committer->changed, &committer->lock);
        }
        struct batch *batch = committer->flying;
        if (batch == NULL) {
            break;
        }
        pthread_mutex_unlock(&committer->lock);
        commit(committer, batch);
        pthread_mutex_lock(&committer->lock);
        committer->flying = NULL;
        pthread_cond_broadcast(&committer->changed);
        queue_wake(committer->wake);
    }
    pthread_mutex_unlock(&committer->lock);
    return NULL;
}

struct committer *committer_start(struct broker *broker, struct queue *wake)
{
    struct committer *committer = calloc(1, sizeof *committer);
    CHECK(committer != NULL);
    committer->broker = broker;
    committer->wake = wake;
    pthread_mutex_init(&committer->lock, NULL);
    pthread_cond_init(&committer->changed, NULL);
    CHECK(pthread_create(&committer->thread, NULL, committer_thread, committer) == 0);
    return committer;
}

void committer_stop(struct committer **committer)
{
    pthread_mutex_lock(&(*committer)->lock);
    (*committer)->stopping = true;
    pthread_cond_broadcast(&(*committer)->changed);
    pthread_mutex_unlock(&(*committer)->lock);
    pthread_join((*committer)->thread, NULL);
    pthread_cond_destroy(&(*committer)->changed);
    pthread_mutex_destroy(&(*committer)->lock);
    free(*committer);
    *committer = NULL;
}

void committer_hand_over(struct committer *committer, struct batch *batch)
{
    pthread_mutex_lock(&committer->lock);
    CHECK(committer->flying == NULL && committer->failure == VOUCH_OK);
    committer->flying = batch;
    pthread_cond_broadcast(&committer->changed);
    pthread_mutex_unlock(&committer->lock);
}

bool committer_is_idle(struct committer *committer)
{
    pthread_mutex_lock(&committer->lock);
    bool idle = committer->flying == NULL;
    pthread_mutex_unlock(&committer->lock);
    return idle;
}

void committer_wait(struct committer *committer)
{
    pthread_mutex_lock(&committer->lock);
    while (committer->flying != NULL) {
        pthread_cond_wait(&committer->changed, &committer->lock);
    }
    pthread_mutex_unlock(&committer->lock);
}

enum vouch_status committer_failure(struct committer *committer, struct status_text *why)
{
    pthread_mutex_lock(&committer->lock);
    CHECK(committer->flying == NULL);
    enum vouch_status failure = committer->failure;
    if (failure != VOUCH_OK) {
        *why = committer->failure_why;
    }
    pthread_mutex_unlock(&committer->lock);
    return failure;
}

void committer_clear_failure(struct committer *committer)
{
    pthread_mutex_lock(&committer->lock);
    committer->failure = VOUCH_OK;
    pthread_mutex_unlock(&committer->lock);
}
