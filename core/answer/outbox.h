/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes out: frames that any thread hands over and that the intake thread, which alone may touch the ROUTER socket,
 * sends. The outbox is no store: an answer that cannot be sent is dropped and counted (the client retries), an inbox
 * line is offered again by push. */
#ifndef VOUCH_ANSWER_OUTBOX_H
#define VOUCH_ANSWER_OUTBOX_H

#include "base/arena.h"
#include "vouch/v1/wire.pb-c.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Routing ids are given out by our ROUTER: a zero byte and a 32-bit counter, never reused while the broker runs. Ids
 * that a peer chose for itself start otherwise and are refused (intake/router.c). */
#define ROUTING_ID_BYTES 5

struct peer {
    uint8_t routing_id[ROUTING_ID_BYTES];
    uint8_t key[32]; /* proved by CURVE */
};

struct outgoing {
    struct outgoing *next;
    struct peer peer;
    bool of_session;         /* a delivery, or a look whether a subscriber is still there; else an answer */
    uint64_t inbox_sequence; /* of a delivery */
    size_t size;
    uint8_t frame[];
};

struct outbox;

struct outbox *outbox_new(void);
void outbox_free(struct outbox **outbox);

/* Readable when something waits to be sent. */
int outbox_fd(const struct outbox *outbox);

/* Hands over one frame, or (outbox_send_list) a list of them. The outbox owns them then. Any thread. */
void outbox_send(struct outbox *outbox, struct outgoing *outgoing);
void outbox_send_list(struct outbox *outbox, struct outgoing *first);

/* Everything that waits, oldest first; the caller frees each. Intake thread only. */
struct outgoing *outbox_take(struct outbox *outbox);

/* How many frames wait. */
size_t outbox_length(struct outbox *outbox);

/* A frame with a packed FromBroker; the arena is scratch. Never NULL: what does not fit LIMIT_FRAME_BYTES becomes a
 * TOO_LARGE answer, and a delivery that does not is a broken invariant. */
struct outgoing *outgoing_reply(const struct peer *peer, Vouch__V1__Reply *reply);
struct outgoing *outgoing_delivery(const struct peer *peer, Vouch__V1__Notice *notice);
/* An empty frame, which clients ignore: sending it tells whether the peer is still there. */
struct outgoing *outgoing_look(const struct peer *peer);

#endif
