/* SPDX-License-Identifier: Apache-2.0
 *
 * The door: one thread owns the ROUTER socket, takes frames in and sends frames out. It never waits for the store, a
 * plugin or a peer. */
#ifndef VOUCH_INTAKE_ROUTER_H
#define VOUCH_INTAKE_ROUTER_H

#include "dispatch/broker.h"

struct router;

/* Binds `endpoint` (tcp only; port * picks one), checks that strangers are refused, and starts the thread. The broker's
 * other parts must be running. */
enum vouch_status router_start(struct broker *broker, const char *endpoint, const uint8_t secret_key[32],
                               struct router **router, struct status_text *why) MUST_USE;

/* Where it is bound, "tcp://127.0.0.1:5570"; lives as long as the router. */
const char *router_endpoint(const struct router *router);

/* Returns once no more requests are taken in; answers still go out. */
void router_drain(struct router *router);
/* Sends what waits in the outbox and ends. */
void router_stop(struct router **router);

#endif
