/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading protobuf's wire format field by field, without believing any of it. Any thread. */
#ifndef VOUCH_BASE_WIRE_H
#define VOUCH_BASE_WIRE_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes not yet read. */
struct wire_reader {
    const uint8_t *at;
    size_t left;
};

struct wire_field {
    uint32_t number;
    ProtobufCWireType type;
    uint64_t value;      /* of a varint, a 32-bit or a 64-bit field */
    const uint8_t *data; /* of a length-prefixed field; points into the reader's bytes */
    size_t size;
};

/* Reads one field; false when the bytes are not one (cut off, an impossible number, a group). */
bool wire_read_field(struct wire_reader *reader, struct wire_field *field);

/* Reads one varint; false when it is cut off or longer than 64 bits. */
bool wire_read_varint(struct wire_reader *reader, uint64_t *value);

#endif
