/* SPDX-License-Identifier: Apache-2.0
 *
 * Who may connect: the ZAP handler (RFC 27) answers libzmq's question for every CURVE handshake from the identities.
 * Deny by default: a key that nobody holds is refused before it can send a message. */
#ifndef VOUCH_INTAKE_ZAP_H
#define VOUCH_INTAKE_ZAP_H

#include "base/status.h"
#include "dispatch/identity.h"

#define ZAP_DOMAIN "vouch"

struct zap;

/* Binds inproc://zeromq.zap.01 in this context (before any other bind) and starts the thread. */
enum vouch_status zap_start(void *zmq_context, struct identities *identities, struct zap **zap,
                            struct status_text *why) MUST_USE;
void zap_stop(struct zap **zap);

/* Makes a socket a CURVE server whose clients are asked for by ZAP, with no way around it; checks that the library took
 * it. Call before bind. */
enum vouch_status zap_protect(void *socket, const uint8_t secret_key[32], struct status_text *why) MUST_USE;

/* Proves that the door is shut: connects to `endpoint` with a random key and wants to be refused. INTERNAL when it was
 * let in: the broker must not start. */
enum vouch_status zap_self_test(void *zmq_context, const char *endpoint, const uint8_t server_key[32],
                                struct status_text *why) MUST_USE;

#endif
