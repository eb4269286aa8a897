/* SPDX-License-Identifier: Apache-2.0
 *
 * Connections past libvouch, for what no honest client does: sockets whose frames and pace the test decides. */
#ifndef VOUCH_TEST_RAW_H
#define VOUCH_TEST_RAW_H

#include "world.h"

#define RAW_WAIT_MS 10000
#define RAW_NOTHING (-1)

struct raw {
    void *socket;
    uint8_t public_key[32], secret_key[32];
    uint64_t member; /* of raw_member */
};

/* A socket with these keys; `routing_id` NULL: the broker gives it one, as to everybody. */
struct raw raw_connect(struct world *world, void *context, const uint8_t public_key[32], const uint8_t secret_key[32],
                       const char *routing_id);
/* A member made by the admin whose keys the test holds. */
struct raw raw_member(struct world *world, void *context, const char *name);
void raw_close(struct raw *raw);

/* Receives one answer; its status, or RAW_NOTHING when none came within `wait_ms`. */
int raw_status(struct raw *raw, int wait_ms, char sentence[512]);

size_t raw_pack(const Vouch__V1__Request *request, uint8_t *bytes, size_t room);

#endif
