/* SPDX-License-Identifier: Apache-2.0
 *
 * UUIDv7. */
#include "base/random.h"

#include <sodium.h>

void uuid7_make(uint8_t id[UUID_BYTES], int64_t now_ms)
{
    randombytes_buf(id, UUID_BYTES);
    for (int i = 0; i < 6; i++) {
        id[i] = (uint8_t)((uint64_t)now_ms >> (40 - 8 * i));
    }
    id[6] = (uint8_t)((id[6] & 0x0F) | 0x70);
    id[8] = (uint8_t)((id[8] & 0x3F) | 0x80);
}
