/* SPDX-License-Identifier: Apache-2.0
 *
 * A bounded queue between threads, intrusive: what is queued begins with (or contains) a queue_link. First in, first
 * out. Any thread may push and pop. */
#ifndef VOUCH_BASE_QUEUE_H
#define VOUCH_BASE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct queue_link {
    struct queue_link *next;
};

struct queue;

/* A queue that holds at most `limit` links. */
struct queue *queue_new(size_t limit);
/* The queue must be empty. Nulls the pointer; NULL inside is allowed. */
void queue_free(struct queue **queue);

/* False, and nothing queued, when the queue is full or closed. */
bool queue_push(struct queue *queue, struct queue_link *link) __attribute__((warn_unused_result));

/* The oldest link; waits up to `timeout_us` for one (negative: for ever). NULL on timeout, or when woken or closed and
 * empty. */
struct queue_link *queue_pop(struct queue *queue, int64_t timeout_us);

/* Up to `most` links as a list ended by NULL; does not wait. `count` says how many. */
struct queue_link *queue_take(struct queue *queue, size_t most, size_t *count);

/* Makes one waiting queue_pop return, now or at its next wait. */
void queue_wake(struct queue *queue);

/* Pushes fail from now on, waiting pops return. */
void queue_close(struct queue *queue);
bool queue_is_closed(struct queue *queue);
size_t queue_length(struct queue *queue);

/* The struct of `type` that contains `link` as its `member`. */
#define QUEUE_ITEM(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

#endif
