/* SPDX-License-Identifier: Apache-2.0
 *
 * Identifiers that nobody else has. Any thread. */
#ifndef VOUCH_BASE_RANDOM_H
#define VOUCH_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#define UUID_BYTES 16

/* A UUIDv7 (RFC 9562): 48 bits of `now_ms`, 74 random bits; ids made later sort later, to the millisecond. */
void uuid7_make(uint8_t id[UUID_BYTES], int64_t now_ms);

#endif
