/* SPDX-License-Identifier: Apache-2.0
 *
 * Pacing of checkpoints. */
#include "dispatch/checkpointer.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"

#include <pthread.h>
#include <stdlib.h>

#define REAP_US 5000000

struct checkpointer {
    struct store *store;
    int64_t every_us;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool begun;
    bool stopping;
    int64_t last_us;
    uint64_t last_sequence;
};

static void finish(struct checkpointer *checkpointer)
{
    struct status_text why = {""};
    if (checkpoint_finish(checkpointer->store, &why) == VOUCH_OK) {
        count(COUNT_checkpoints);
    } else {
        log_error("checkpoint", "not written, the one before stays in force: %s", why.text);
    }
}

static void *checkpointer_thread(void *argument)
{
    struct checkpointer *checkpointer = argument;
    pthread_mutex_lock(&checkpointer->lock);
    for (;;) {
        struct timespec until = clock_deadline(REAP_US);
        int waited = 0;
        while (!checkpointer->begun && !checkpointer->stopping && waited == 0) {
            waited = pthread_cond_timedwait(&checkpointer->changed, &checkpointer->lock, &until);
        }
        bool begun = checkpointer->begun;
        if (!begun && checkpointer->stopping) {
            break;
        }
        pthread_mutex_unlock(&checkpointer->lock);
        if (begun) {
            finish(checkpointer);
        }
        store_reap_readers(checkpointer->store);
        pthread_mutex_lock(&checkpointer->lock);
        if (begun) {
            checkpointer->begun = false;
        }
    }
    pthread_mutex_unlock(&checkpointer->lock);
    return NULL;
}

struct checkpointer *checkpointer_start(struct store *store, unsigned every_seconds)
{
    struct checkpointer *checkpointer = calloc(1, sizeof *checkpointer);
    CHECK(checkpointer != NULL);
    checkpointer->store = store;
    checkpointer->every_us = (int64_t)every_seconds * 1000000;
    checkpointer->last_us = clock_mono_us();
    checkpointer->last_sequence = store_applied_sequence(store);
    pthread_mutex_init(&checkpointer->lock, NULL);
    clock_condition_init(&checkpointer->changed);
    CHECK(pthread_create(&checkpointer->thread, NULL, checkpointer_thread, checkpointer) == 0);
    return checkpointer;
}

void checkpointer_stop(struct checkpointer **checkpointer)
{
    pthread_mutex_lock(&(*checkpointer)->lock);
    (*checkpointer)->stopping = true;
    pthread_cond_signal(&(*checkpointer)->changed);
    pthread_mutex_unlock(&(*checkpointer)->lock);
    pthread_join((*checkpointer)->thread, NULL);
    pthread_cond_destroy(&(*checkpointer)->changed);
    pthread_mutex_destroy(&(*checkpointer)->lock);
    free(*checkpointer);
    *checkpointer = NULL;
}

void checkpointer_begin_if_due(struct checkpointer *checkpointer)
{
    int64_t now_us = clock_mono_us();
    uint64_t sequence = store_applied_sequence(checkpointer->store);
    if (now_us - checkpointer->last_us < checkpointer->every_us || sequence == checkpointer->last_sequence) {
        return;
    }
    pthread_mutex_lock(&checkpointer->lock);
    bool idle = !checkpointer->begun;
    pthread_mutex_unlock(&checkpointer->lock);
    struct status_text why = {""};
    if (idle && checkpoint_begin(checkpointer->store, &why) == VOUCH_OK) {
        checkpointer->last_us = now_us;
        checkpointer->last_sequence = sequence;
        pthread_mutex_lock(&checkpointer->lock);
        checkpointer->begun = true;
        pthread_cond_signal(&checkpointer->changed);
        pthread_mutex_unlock(&checkpointer->lock);
    } else if (idle) {
        checkpointer->last_us = now_us;
        log_error("checkpoint", "could not begin: %s", why.text);
    }
}
