/* SPDX-License-Identifier: Apache-2.0
 *
 * The queue between threads: order, bounds, waking, closing; and nothing lost or doubled between four threads. */
#include "base/queue.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct item {
    int number;
    struct queue_link link;
};

Test(queue, gives_back_in_order)
{
    struct queue *queue = queue_new(8);
    struct item items[3] = {{1, {NULL}}, {2, {NULL}}, {3, {NULL}}};
    for (int i = 0; i < 3; i++) {
        cr_assert(queue_push(queue, &items[i].link));
    }
    cr_assert_eq(queue_length(queue), 3);
    for (int i = 1; i <= 3; i++) {
        struct queue_link *link = queue_pop(queue, 0);
        cr_assert_not_null(link);
        cr_assert_eq(QUEUE_ITEM(link, struct item, link)->number, i);
    }
    cr_assert_null(queue_pop(queue, 0));
    queue_free(&queue);
    cr_assert_null(queue);
}

Test(queue, refuses_past_its_limit_and_when_closed)
{
    struct queue *queue = queue_new(1);
    struct item first = {1, {NULL}}, second = {2, {NULL}};
    cr_assert(queue_push(queue, &first.link));
    cr_assert_not(queue_push(queue, &second.link));
    queue_close(queue);
    cr_assert(queue_is_closed(queue));
    cr_assert_not_null(queue_pop(queue, -1), "what was queued before is still given out");
    cr_assert_null(queue_pop(queue, -1), "a closed, empty queue does not wait");
    cr_assert_not(queue_push(queue, &second.link));
    queue_free(&queue);
}

Test(queue, takes_a_list)
{
    struct queue *queue = queue_new(8);
    struct item items[5] = {{0, {NULL}}};
    for (int i = 0; i < 5; i++) {
        cr_assert(queue_push(queue, &items[i].link));
    }
    size_t count;
    struct queue_link *list = queue_take(queue, 3, &count);
    cr_assert_eq(count, 3);
    cr_assert_eq(list, &items[0].link);
    cr_assert_eq(list->next->next, &items[2].link);
    cr_assert_null(list->next->next->next);
    list = queue_take(queue, 8, &count);
    cr_assert_eq(count, 2);
    cr_assert_eq(list, &items[3].link);
    queue_free(&queue);
}

Test(queue, a_wake_before_the_wait_is_not_lost)
{
    struct queue *queue = queue_new(1);
    queue_wake(queue);
    cr_assert_null(queue_pop(queue, -1));
    queue_free(&queue);
}

#define THREADS 4
#define EACH 20000

static struct queue *shared;
static struct item *all;
static _Atomic int seen[THREADS * EACH];

static void *push_all(void *argument)
{
    int from = *(int *)argument;
    for (int i = from; i < from + EACH; i++) {
        all[i].number = i;
        while (!queue_push(shared, &all[i].link)) {
            sched_yield();
        }
    }
    return NULL;
}

static void *pop_all(void *argument)
{
    (void)argument;
    for (;;) {
        struct queue_link *link = queue_pop(shared, -1);
        if (link != NULL) {
            atomic_fetch_add(&seen[QUEUE_ITEM(link, struct item, link)->number], 1);
        } else if (queue_is_closed(shared)) {
            return NULL;
        }
    }
}

Test(queue, loses_and_doubles_nothing_between_threads)
{
    pthread_t pushers[THREADS], poppers[THREADS];
    int from[THREADS];
    shared = queue_new(64);
    all = calloc(THREADS * EACH, sizeof *all);
    for (int i = 0; i < THREADS; i++) {
        from[i] = i * EACH;
        pthread_create(&pushers[i], NULL, push_all, &from[i]);
        pthread_create(&poppers[i], NULL, pop_all, NULL);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(pushers[i], NULL);
    }
    queue_close(shared);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(poppers[i], NULL);
    }
    for (int i = 0; i < THREADS * EACH; i++) {
        cr_assert_eq(seen[i], 1);
    }
    queue_free(&shared);
    free(all);
}
