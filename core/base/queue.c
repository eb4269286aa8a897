/* SPDX-License-Identifier: Apache-2.0
 *
 * One mutex, one condition, a singly linked list. */
#include "base/queue.h"

#include "base/check.h"
#include "base/clock.h"

#include <pthread.h>
#include <stdlib.h>

#define QUEUE_MAGIC 0x51554555u

struct queue {
    uint32_t magic;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct queue_link *first;
    struct queue_link **end;
    size_t length;
    size_t limit;
    bool woken;
    bool closed;
};

struct queue *queue_new(size_t limit)
{
    struct queue *queue = calloc(1, sizeof *queue);
    CHECK(queue != NULL && limit > 0);
    queue->magic = QUEUE_MAGIC;
    queue->limit = limit;
    queue->end = &queue->first;
    clock_condition_init(&queue->changed);
    pthread_mutex_init(&queue->lock, NULL);
    return queue;
}

void queue_free(struct queue **queue)
{
    if (*queue == NULL) {
        return;
    }
    CHECK_MAGIC(*queue, QUEUE_MAGIC);
    CHECK((*queue)->length == 0);
    pthread_cond_destroy(&(*queue)->changed);
    pthread_mutex_destroy(&(*queue)->lock);
    (*queue)->magic = 0;
    free(*queue);
    *queue = NULL;
}

bool queue_push(struct queue *queue, struct queue_link *link)
{
    CHECK_MAGIC(queue, QUEUE_MAGIC);
    pthread_mutex_lock(&queue->lock);
    bool accepted = !queue->closed && queue->length < queue->limit;
    if (accepted) {
        link->next = NULL;
        *queue->end = link;
        queue->end = &link->next;
        queue->length++;
        pthread_cond_signal(&queue->changed);
    }
    pthread_mutex_unlock(&queue->lock);
    return accepted;
}

static struct queue_link *unlink_first(struct queue *queue)
{
    struct queue_link *link = queue->first;
    if (link != NULL) {
        queue->first = link->next;
        link->next = NULL;
        if (queue->first == NULL) {
            queue->end = &queue->first;
        }
        queue->length--;
    }
    return link;
}

struct queue_link *queue_pop(struct queue *queue, int64_t timeout_us)
{
    CHECK_MAGIC(queue, QUEUE_MAGIC);
    struct timespec until = {0};
    if (timeout_us > 0) {
        until = clock_deadline(timeout_us);
    }
    pthread_mutex_lock(&queue->lock);
    int waited = 0;
    while (queue->first == NULL && !queue->woken && !queue->closed && waited == 0 && timeout_us != 0) {
        waited = timeout_us < 0 ? pthread_cond_wait(&queue->changed, &queue->lock)
                                : pthread_cond_timedwait(&queue->changed, &queue->lock, &until);
    }
    queue->woken = false;
    struct queue_link *link = unlink_first(queue);
    pthread_mutex_unlock(&queue->lock);
    return link;
}

struct queue_link *queue_take(struct queue *queue, size_t most, size_t *count)
{
    CHECK_MAGIC(queue, QUEUE_MAGIC);
    struct queue_link *list = NULL;
    struct queue_link **end = &list;
    *count = 0;
    pthread_mutex_lock(&queue->lock);
    while (*count < most && queue->first != NULL) {
        *end = unlink_first(queue);
        end = &(*end)->next;
        (*count)++;
    }
    pthread_mutex_unlock(&queue->lock);
    return list;
}

void queue_wake(struct queue *queue)
{
    CHECK_MAGIC(queue, QUEUE_MAGIC);
    pthread_mutex_lock(&queue->lock);
    queue->woken = true;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

void queue_close(struct queue *queue)
{
    CHECK_MAGIC(queue, QUEUE_MAGIC);
    pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

bool queue_is_closed(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    bool closed = queue->closed;
    pthread_mutex_unlock(&queue->lock);
    return closed;
}

size_t queue_length(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    size_t length = queue->length;
    pthread_mutex_unlock(&queue->lock);
    return length;
}
