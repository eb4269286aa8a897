/* SPDX-License-Identifier: Apache-2.0
 *
 * Varints, tags and lengths. Groups (types 3 and 4) are not part of proto3 and protobuf-c does not read them. */
#include "base/wire.h"

#include "base/check.h"

#define FIELD_NUMBER_MAX ((UINT64_C(1) << 29) - 1)

static bool read_long_varint(struct wire_reader *reader, uint64_t *value)
{
    uint64_t result = 0;
    for (unsigned i = 0; i < 10; i++) {
        if (reader->left == 0) {
            return false;
        }
        uint8_t byte = *reader->at;
        reader->at++;
        reader->left--;
        if (i == 9 && byte > 1) {
            return false;
        }
        result |= (uint64_t)(byte & 0x7F) << (7 * i);
        if (byte < 0x80) {
            *value = result;
            return true;
        }
    }
    return false;
}

static inline bool read_varint(struct wire_reader *reader, uint64_t *value)
{
    if (reader->left == 0 || *reader->at >= 0x80) {
        return read_long_varint(reader, value);
    }
    *value = *reader->at; /* as most are */
    reader->at++;
    reader->left--;
    return true;
}

bool wire_read_varint(struct wire_reader *reader, uint64_t *value)
{
    return read_varint(reader, value);
}

static bool read_fixed(struct wire_reader *reader, size_t size, uint64_t *value)
{
    CHECK(size <= 8);
    if (reader->left < size) {
        return false;
    }
    *value = 0;
    for (size_t i = 0; i < size; i++) {
        *value |= (uint64_t)reader->at[i] << (8 * i);
    }
    reader->at += size;
    reader->left -= size;
    return true;
}

static bool read_prefixed(struct wire_reader *reader, struct wire_field *field)
{
    uint64_t size;
    if (!read_varint(reader, &size) || size > reader->left) {
        return false;
    }
    field->data = reader->at;
    field->size = (size_t)size;
    reader->at += size;
    reader->left -= (size_t)size;
    return true;
}

bool wire_read_field(struct wire_reader *reader, struct wire_field *field)
{
    uint64_t tag;
    *field = (struct wire_field){0};
    if (!read_varint(reader, &tag) || tag >> 3 == 0 || tag >> 3 > FIELD_NUMBER_MAX) {
        return false;
    }
    field->number = (uint32_t)(tag >> 3);
    field->type = (ProtobufCWireType)(tag & 7);
    switch (field->type) {
    case PROTOBUF_C_WIRE_TYPE_VARINT:
        return read_varint(reader, &field->value);
    case PROTOBUF_C_WIRE_TYPE_64BIT:
        return read_fixed(reader, 8, &field->value);
    case PROTOBUF_C_WIRE_TYPE_32BIT:
        return read_fixed(reader, 4, &field->value);
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
        return read_prefixed(reader, field);
    default:
        return false;
    }
}
