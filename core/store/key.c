/* SPDX-License-Identifier: Apache-2.0
 *
 * Composite keys: numbers big-endian, so that byte order is number order. */
#include "base/check.h"
#include "store/store.h"

#include <endian.h>
#include <string.h>

void key_start(struct key *key)
{
    key->size = 0;
}

void key_add_u8(struct key *key, uint8_t number)
{
    key_add_bytes(key, &number, sizeof number);
}

void key_add_u64(struct key *key, uint64_t number)
{
    uint64_t big_endian = htobe64(number);
    key_add_bytes(key, &big_endian, sizeof big_endian);
}

void key_add_bytes(struct key *key, const void *bytes, size_t size)
{
    CHECK(key->size <= KEY_MAX && size <= KEY_MAX - key->size);
    if (size > 0) {
        memcpy(key->bytes + key->size, bytes, size);
        key->size += size;
    }
}

struct slice key_slice(const struct key *key)
{
    return (struct slice){key->bytes, key->size};
}

/* The shorthands write in place: did they hand the key on to the functions above, all its room would be copied when
 * they return, for every row that is looked up. */
struct key key_u64(uint64_t number)
{
    struct key key;
    uint64_t big_endian = htobe64(number);
    memcpy(key.bytes, &big_endian, sizeof big_endian);
    key.size = sizeof big_endian;
    return key;
}

struct key key_u64_u64(uint64_t first, uint64_t second)
{
    struct key key;
    uint64_t big_endian[] = {htobe64(first), htobe64(second)};
    memcpy(key.bytes, big_endian, sizeof big_endian);
    key.size = sizeof big_endian;
    return key;
}

uint64_t slice_u64(struct slice slice, size_t offset)
{
    uint64_t big_endian;
    CHECK(offset <= slice.size && slice.size - offset >= sizeof big_endian);
    memcpy(&big_endian, (const uint8_t *)slice.data + offset, sizeof big_endian);
    return be64toh(big_endian);
}
