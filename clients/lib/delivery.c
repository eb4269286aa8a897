/* SPDX-License-Identifier: Apache-2.0
 *
 * The inbox, pushed. Lines are numbered 1, 2, 3 … for each member, so what was seen is dropped and a gap is noticed;
 * then, after a reconnect, and when the user was too slow, the library subscribes again after the last line it has. */
#include "handle.h"

#include "base/check.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define SUBSCRIBE_MS 10000

void delivery_init(struct delivery *delivery)
{
    delivery->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    condition_init(&delivery->arrived);
}

void delivery_clear(struct delivery *delivery)
{
    for (unsigned i = 0; i < delivery->count; i++) {
        vouch_notice_free(&delivery->ring[(delivery->head + i) % DELIVERIES_MAX]);
    }
    free(delivery->ring);
    if (delivery->fd >= 0) {
        close(delivery->fd);
    }
    pthread_cond_destroy(&delivery->arrived);
}

void vouch_notice_free(Vouch__V1__Notice **notice)
{
    if (*notice != NULL) {
        vouch__v1__notice__free_unpacked(*notice, NULL);
        *notice = NULL;
    }
}

/* Keeps the descriptor readable exactly while there is something to say. */
static void show(struct delivery *delivery)
{
    bool something = delivery->count > 0 || delivery->failure != VOUCH_OK;
    uint64_t one = 1;
    if (something && !delivery->raised) {
        delivery->raised = write(delivery->fd, &one, sizeof one) == (ssize_t)sizeof one;
    } else if (!something && delivery->raised) {
        delivery->raised = read(delivery->fd, &one, sizeof one) != (ssize_t)sizeof one;
    }
    if (something) {
        pthread_cond_broadcast(&delivery->arrived);
    }
}

/* ---- Asking for it ---- */

static void ask(struct vouch *v)
{
    struct delivery *delivery = &v->delivery;
    if (!delivery->wanted || delivery->asked || v->link.state != LINK_READY) {
        return;
    }
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    Vouch__V1__Subscribe subscribe = VOUCH__V1__SUBSCRIBE__INIT;
    subscribe.after = delivery->last;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_SUBSCRIBE;
    request.subscribe = &subscribe;
    (void)outbox_add(v, PENDING_SUBSCRIBE, &request, SUBSCRIBE_MS, 0);
    delivery->asked = true;
    delivery->overflowed = false;
    delivery->gap = false;
}

void delivery_link_ready(struct vouch *v)
{
    v->delivery.asked = false;
    ask(v);
}

void delivery_subscribed(struct vouch *v, int outcome, const char *error)
{
    v->delivery.asked = false;
    if (outcome == VOUCH_TIMEOUT || (outcome == VOUCH_OK && v->delivery.gap)) {
        ask(v);
    } else if (outcome != VOUCH_OK) {
        delivery_fail(v, outcome, error);
    }
}

void delivery_fail(struct vouch *v, int outcome, const char *error)
{
    struct delivery *delivery = &v->delivery;
    if (delivery->wanted) {
        delivery->failure = outcome;
        snprintf(delivery->error, sizeof delivery->error, "%s", error);
        show(delivery);
    }
}

/* ---- What comes ---- */

void delivery_take(struct vouch *v, Vouch__V1__Delivery *message)
{
    struct delivery *delivery = &v->delivery;
    if (!delivery->wanted || message->notice == NULL || message->notice->inbox_sequence <= delivery->last) {
        return;
    }
    if (delivery->overflowed || delivery->count == DELIVERIES_MAX) {
        delivery->overflowed = true; /* asked for again when there is room */
        return;
    }
    if (message->notice->inbox_sequence != delivery->last + 1) {
        delivery->gap = true; /* have it sent again; until then what follows the gap is dropped, too */
        ask(v);
        return;
    }
    delivery->gap = false;
    delivery->ring[(delivery->head + delivery->count++) % DELIVERIES_MAX] = message->notice;
    delivery->last = message->notice->inbox_sequence;
    message->notice = NULL;
    show(delivery);
}

/* ---- The user's side ---- */

void vouch_subscribe(struct vouch *v, uint64_t after)
{
    CHECK_MAGIC(v, HANDLE_MAGIC);
    pthread_mutex_lock(&v->lock);
    struct delivery *delivery = &v->delivery;
    if (delivery->ring == NULL) {
        delivery->ring = calloc(DELIVERIES_MAX, sizeof(Vouch__V1__Notice *));
        CHECK(delivery->ring != NULL);
    }
    for (; delivery->count > 0; delivery->count--) {
        vouch_notice_free(&delivery->ring[delivery->head]);
        delivery->head = (delivery->head + 1) % DELIVERIES_MAX;
    }
    delivery->wanted = true;
    delivery->last = after;
    delivery->failure = VOUCH_OK;
    show(delivery);
    ask(v);
    io_wake(v);
    pthread_mutex_unlock(&v->lock);
}

int vouch_delivery_fd(struct vouch *v)
{
    CHECK_MAGIC(v, HANDLE_MAGIC);
    return v->delivery.fd;
}

/* Takes the oldest line or the failure; VOUCH_TIMEOUT when there is neither. Lock held. */
static int take_next(struct vouch *v, Vouch__V1__Notice **notice)
{
    struct delivery *delivery = &v->delivery;
    int outcome = VOUCH_TIMEOUT;
    if (delivery->count > 0) {
        *notice = delivery->ring[delivery->head];
        delivery->head = (delivery->head + 1) % DELIVERIES_MAX;
        delivery->count--;
        outcome = VOUCH_OK;
        if (delivery->overflowed && delivery->count <= DELIVERIES_MAX / 2) {
            ask(v);
            io_wake(v);
        }
    } else if (delivery->failure != VOUCH_OK) {
        outcome = delivery->failure;
        error_keep(delivery->error);
        delivery->failure = VOUCH_OK;
    }
    show(delivery);
    return outcome;
}

int vouch_delivery_next(struct vouch *v, int64_t wait_ms, Vouch__V1__Notice **notice)
{
    CHECK_MAGIC(v, HANDLE_MAGIC);
    *notice = NULL;
    int64_t deadline_us = clock_mono_us() + wait_ms * 1000;
    pthread_mutex_lock(&v->lock);
    struct delivery *delivery = &v->delivery;
    bool waiting = wait_ms > 0;
    while (waiting && delivery->count == 0 && delivery->failure == VOUCH_OK) {
        waiting = condition_wait(&delivery->arrived, &v->lock, deadline_us);
    }
    int outcome = take_next(v, notice);
    pthread_mutex_unlock(&v->lock);
    if (outcome == VOUCH_TIMEOUT) {
        error_keep("nothing new in the inbox");
    }
    return outcome;
}
