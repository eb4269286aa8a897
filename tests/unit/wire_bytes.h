/* SPDX-License-Identifier: Apache-2.0
 *
 * Wire bytes built by hand, for tests of messages that protobuf-c refuses to make. */
#ifndef VOUCH_TESTS_WIRE_BYTES_H
#define VOUCH_TESTS_WIRE_BYTES_H

#include "base/limits.h"
#include "base/message.h"
#include "vouch/v1/wire.pb-c.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
    size_t size;
    uint8_t data[LIMIT_FRAME_BYTES * 2];
};

static inline void add(struct bytes *to, const void *data, size_t size)
{
    cr_assert(to->size + size <= sizeof to->data);
    memcpy(to->data + to->size, data, size);
    to->size += size;
}

static inline void add_varint(struct bytes *to, uint64_t value)
{
    do {
        uint8_t byte = (uint8_t)(value & 0x7F);
        value >>= 7;
        byte = (uint8_t)(value != 0 ? byte | 0x80 : byte);
        add(to, &byte, 1);
    } while (value != 0);
}

static inline void add_number(struct bytes *to, uint32_t field, uint64_t value)
{
    add_varint(to, (uint64_t)field << 3);
    add_varint(to, value);
}

static inline void add_data(struct bytes *to, uint32_t field, const void *data, size_t size)
{
    add_varint(to, (uint64_t)field << 3 | 2);
    add_varint(to, size);
    add(to, data, size);
}

/* A request whose operation `field` holds `body`. */
static inline struct bytes *request_of(uint32_t field, const struct bytes *body)
{
    struct bytes *request = calloc(1, sizeof *request);
    add_number(request, 1, 1);
    add_data(request, 2, "0123456789abcdef", 16);
    add_data(request, field, body->data, body->size);
    return request;
}

static inline struct bytes *empty(void)
{
    return calloc(1, sizeof(struct bytes));
}

static struct arena *arena;
static struct status_text why;

static inline void set_up(void)
{
    arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
}

static inline void tear_down(void)
{
    arena_free(&arena);
}

/* Exact-size heap copies, so that a read past the end is a fault under AddressSanitizer. */
static inline enum vouch_status unpack(const ProtobufCMessageDescriptor *type, const struct bytes *from,
                                       const ProtobufCMessage **message)
{
    uint8_t *copy = malloc(from->size == 0 ? 1 : from->size);
    memcpy(copy, from->data, from->size);
    why.text[0] = '\0';
    arena_reset(arena);
    enum vouch_status status = message_unpack(type, from->size, copy, arena, message, &why);
    free(copy);
    cr_assert((status == VOUCH_OK) == (*message != NULL));
    cr_assert((status == VOUCH_OK) == (why.text[0] == '\0'), "status %d with '%s'", status, why.text);
    return status;
}

/* find{kind: MEMBER, text} */
static inline struct bytes *find_text(const void *text, size_t size)
{
    struct bytes *body = empty();
    add_number(body, 1, 1);
    add_data(body, 2, text, size);
    return body;
}

#endif
