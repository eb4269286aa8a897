/* SPDX-License-Identifier: Apache-2.0
 *
 * The thread of a handle: the only one that touches its socket. It sends what waits, takes in what comes, and keeps the
 * times of link and outbox. */
#include "handle.h"

#include "base/check.h"
#include "base/clock.h"

#include <errno.h>
#include <unistd.h>
#include <zmq.h>

#define RECEIVE_AT_ONCE 256 /* then it looks after the rest */

void io_wake(struct vouch *v)
{
    if (!v->woken) {
        uint64_t one = 1;
        v->woken = write(v->wake_fd, &one, sizeof one) == (ssize_t)sizeof one;
    }
}

static void take_wake(struct vouch *v)
{
    uint64_t count;
    if (v->woken && read(v->wake_fd, &count, sizeof count) == (ssize_t)sizeof count) {
        v->woken = false;
    }
}

/* Sends what waits. True when the socket takes no more for now. */
static bool send_unsent(struct vouch *v)
{
    struct outbox *outbox = &v->outbox;
    int64_t now_us = clock_mono_us();
    struct pending *pending;
    while ((pending = TAILQ_FIRST(&outbox->unsent)) != NULL) {
        bool may = v->link.state == LINK_READY || (v->link.state == LINK_GREETING && pending->kind == PENDING_HELLO);
        if (!may) {
            return false;
        }
        if (zmq_send(v->link.dealer, pending->bytes, outbox_stamp(v, pending), ZMQ_DONTWAIT) < 0) {
            return errno == EAGAIN;
        }
        TAILQ_REMOVE(&outbox->unsent, pending, link);
        TAILQ_INSERT_TAIL(&outbox->sent, pending, link);
        pending->resend_us = now_us + pending->resend_after_us;
        if (pending->resend_after_us < RESEND_MOST_US) {
            pending->resend_after_us *= 2;
        }
        if (pending->resend_us < outbox->next_timer_us) {
            outbox->next_timer_us = pending->resend_us;
        }
    }
    return false;
}

/* One message of the broker: an answer or a delivery. What is neither is dropped; the request is sent again in time. */
static void take_message(struct vouch *v, size_t size, const void *data)
{
    Vouch__V1__FromBroker *message = vouch__v1__from_broker__unpack(NULL, size, data);
    if (message == NULL) {
        return;
    }
    if (message->body_case == VOUCH__V1__FROM_BROKER__BODY_REPLY && message->reply != NULL) {
        Vouch__V1__Reply *reply = message->reply;
        message->body_case = VOUCH__V1__FROM_BROKER__BODY__NOT_SET;
        message->reply = NULL;
        outbox_answer(v, reply);
    } else if (message->body_case == VOUCH__V1__FROM_BROKER__BODY_DELIVERY && message->delivery != NULL) {
        delivery_take(v, message->delivery);
    }
    vouch__v1__from_broker__free_unpacked(message, NULL);
}

static void receive(struct vouch *v)
{
    for (int i = 0; i < RECEIVE_AT_ONCE && v->link.dealer != NULL; i++) {
        zmq_msg_t message;
        zmq_msg_init(&message);
        if (zmq_msg_recv(&message, v->link.dealer, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(&message);
            return;
        }
        take_message(v, zmq_msg_size(&message), zmq_msg_data(&message));
        zmq_msg_close(&message);
    }
}

static long poll_ms(const struct vouch *v)
{
    int64_t until_us = v->outbox.next_timer_us;
    bool timed = v->link.state != LINK_READY && (v->link.state != LINK_REFUSED || !TAILQ_EMPTY(&v->outbox.unsent));
    if (timed && v->link.until_us < until_us) {
        until_us = v->link.until_us;
    }
    int64_t left_us = until_us - clock_mono_us();
    if (left_us <= 0) {
        return 0;
    }
    return left_us > 60000000 ? 60000 : (long)(left_us / 1000 + 1);
}

/* Waits with the lock released until the socket, the monitor, a caller or the time wants something. */
static void wait_for_something(struct vouch *v, bool blocked)
{
    short want = (short)(ZMQ_POLLIN | (blocked ? ZMQ_POLLOUT : 0));
    zmq_pollitem_t items[] = {
        {NULL, v->wake_fd, ZMQ_POLLIN, 0}, {v->link.monitor, 0, ZMQ_POLLIN, 0}, {v->link.dealer, 0, want, 0}};
    int count = v->link.dealer != NULL ? 3 : 1;
    long timeout_ms = poll_ms(v);
    pthread_mutex_unlock(&v->lock);
    int ready = zmq_poll(items, count, timeout_ms);
    CHECK(ready >= 0 || errno == EINTR);
    pthread_mutex_lock(&v->lock);
    take_wake(v);
    if (ready > 0 && count == 3 && (items[2].revents & ZMQ_POLLIN) != 0) {
        receive(v); /* before the monitor: what came in before the end still counts */
    }
    if (ready > 0 && count == 3 && items[1].revents != 0) {
        link_events(v);
    }
}

void *io_main(void *handle)
{
    struct vouch *v = handle;
    pthread_mutex_lock(&v->lock);
    while (!v->stopping) {
        int64_t now_us = clock_mono_us();
        link_step(v, now_us);
        outbox_tick(v, now_us);
        wait_for_something(v, send_unsent(v));
    }
    link_close(v);
    outbox_fail_all(v, VOUCH_CLOSED, "the connection is being closed");
    pthread_mutex_unlock(&v->lock);
    return NULL;
}
