/* SPDX-License-Identifier: Apache-2.0
 *
 * A bare ROUTER with CURVE and ZAP that answers as a test says: for what the real broker never does, such as losing an
 * answer, leaving a gap in an inbox or speaking another version. One thread of its own. */
#ifndef VOUCH_TEST_RAW_BROKER_H
#define VOUCH_TEST_RAW_BROKER_H

#include "vouch.h"

#include <stdbool.h>

/* Its clock is not this computer's. */
#define RAW_BROKER_AHEAD_MS INT64_C(7776000000)

struct raw_broker;

/* Called in the broker's thread for every request but Hello, with `reply` filled as OK, id and version set. False: no
 * answer is sent. It may call raw_broker_deliver and raw_broker_drop. */
typedef bool raw_answer(struct raw_broker *broker, const Vouch__V1__Request *request, Vouch__V1__Reply *reply,
                        void *data);

/* Listens on a port of its own; fills `identity` so that a client may open it. */
struct raw_broker *raw_broker_start(struct vouch_identity *identity, raw_answer *answer, void *data);
void raw_broker_stop(struct raw_broker **broker);

/* Only this key is let in; before, every key is. */
void raw_broker_allow_only(struct raw_broker *broker, const uint8_t key[VOUCH_KEY_BYTES]);

/* The protocol version that Greeting names. */
void raw_broker_set_version(struct raw_broker *broker, uint32_t version);

/* The last sequence that Greeting names; 0 before. */
void raw_broker_set_sequence(struct raw_broker *broker, uint64_t sequence);

/* Sends a delivery to the peer whose request is being answered. */
void raw_broker_deliver(struct raw_broker *broker, uint64_t inbox_sequence);

/* After this request the listening socket is closed with all connections and opened again. */
void raw_broker_drop(struct raw_broker *broker);

/* How many Hello requests came. */
unsigned raw_broker_hellos(struct raw_broker *broker);

#endif
