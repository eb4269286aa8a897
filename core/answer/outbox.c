/* SPDX-License-Identifier: Apache-2.0
 *
 * A list under a mutex and an eventfd that wakes the intake thread. */
#include "answer/outbox.h"

#include "base/check.h"
#include "base/limits.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct outbox {
    pthread_mutex_t lock;
    struct outgoing *first;
    struct outgoing **end;
    size_t length;
    int fd;
};

struct outbox *outbox_new(void)
{
    struct outbox *outbox = calloc(1, sizeof *outbox);
    CHECK(outbox != NULL);
    pthread_mutex_init(&outbox->lock, NULL);
    outbox->end = &outbox->first;
    outbox->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    CHECK(outbox->fd >= 0);
    return outbox;
}

void outbox_free(struct outbox **outbox)
{
    if (*outbox == NULL) {
        return;
    }
    struct outgoing *outgoing = outbox_take(*outbox);
    while (outgoing != NULL) {
        struct outgoing *next = outgoing->next;
        free(outgoing);
        outgoing = next;
    }
    close((*outbox)->fd);
    pthread_mutex_destroy(&(*outbox)->lock);
    free(*outbox);
    *outbox = NULL;
}

int outbox_fd(const struct outbox *outbox)
{
    return outbox->fd;
}

void outbox_send(struct outbox *outbox, struct outgoing *outgoing)
{
    outgoing->next = NULL;
    outbox_send_list(outbox, outgoing);
}

void outbox_send_list(struct outbox *outbox, struct outgoing *first)
{
    if (first == NULL) {
        return;
    }
    struct outgoing *last = first;
    size_t added = 1;
    while (last->next != NULL) {
        last = last->next;
        added++;
    }
    pthread_mutex_lock(&outbox->lock);
    bool was_empty = outbox->first == NULL;
    *outbox->end = first;
    outbox->end = &last->next;
    outbox->length += added;
    pthread_mutex_unlock(&outbox->lock);
    if (was_empty) {
        uint64_t one = 1;
        ssize_t written = write(outbox->fd, &one, sizeof one);
        CHECK(written == sizeof one);
    }
}

struct outgoing *outbox_take(struct outbox *outbox)
{
    uint64_t wakes;
    ssize_t drained = read(outbox->fd, &wakes, sizeof wakes);
    (void)drained; /* nothing to read is fine: somebody took before */
    pthread_mutex_lock(&outbox->lock);
    struct outgoing *list = outbox->first;
    outbox->first = NULL;
    outbox->end = &outbox->first;
    outbox->length = 0;
    pthread_mutex_unlock(&outbox->lock);
    return list;
}

size_t outbox_length(struct outbox *outbox)
{
    pthread_mutex_lock(&outbox->lock);
    size_t length = outbox->length;
    pthread_mutex_unlock(&outbox->lock);
    return length;
}

static struct outgoing *pack(const struct peer *peer, const Vouch__V1__FromBroker *message)
{
    size_t size = vouch__v1__from_broker__get_packed_size(message);
    if (size > LIMIT_FRAME_BYTES) {
        return NULL;
    }
    struct outgoing *outgoing = malloc(sizeof *outgoing + size);
    CHECK(outgoing != NULL);
    *outgoing = (struct outgoing){.peer = *peer, .size = size};
    vouch__v1__from_broker__pack(message, outgoing->frame);
    return outgoing;
}

struct outgoing *outgoing_reply(const struct peer *peer, Vouch__V1__Reply *reply)
{
    Vouch__V1__FromBroker message = VOUCH__V1__FROM_BROKER__INIT;
    message.body_case = VOUCH__V1__FROM_BROKER__BODY_REPLY;
    message.reply = reply;
    struct outgoing *outgoing = pack(peer, &message);
    if (outgoing == NULL) {
        reply->status = VOUCH__V1__STATUS__TOO_LARGE;
        reply->message = "the answer does not fit one message; ask for fewer rows";
        reply->result_case = VOUCH__V1__REPLY__RESULT__NOT_SET;
        outgoing = pack(peer, &message);
        CHECK(outgoing != NULL);
    }
    return outgoing;
}

struct outgoing *outgoing_delivery(const struct peer *peer, Vouch__V1__Notice *notice)
{
    Vouch__V1__Delivery delivery = VOUCH__V1__DELIVERY__INIT;
    delivery.notice = notice;
    Vouch__V1__FromBroker message = VOUCH__V1__FROM_BROKER__INIT;
    message.body_case = VOUCH__V1__FROM_BROKER__BODY_DELIVERY;
    message.delivery = &delivery;
    struct outgoing *outgoing = pack(peer, &message);
    CHECK(outgoing != NULL);
    outgoing->of_session = true;
    outgoing->inbox_sequence = notice->inbox_sequence;
    return outgoing;
}

struct outgoing *outgoing_look(const struct peer *peer)
{
    Vouch__V1__FromBroker message = VOUCH__V1__FROM_BROKER__INIT;
    struct outgoing *outgoing = pack(peer, &message);
    CHECK(outgoing != NULL);
    outgoing->of_session = true;
    return outgoing;
}
