/* SPDX-License-Identifier: Apache-2.0
 *
 * The walk. */
#include "json.h"

#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *of_bytes(const ProtobufCBinaryData *bytes)
{
    size_t size = sodium_base64_encoded_len(bytes->len, sodium_base64_VARIANT_ORIGINAL);
    char *text = malloc(size);
    if (text == NULL) {
        abort();
    }
    sodium_bin2base64(text, size, bytes->data, bytes->len, sodium_base64_VARIANT_ORIGINAL);
    json_t *json = json_string(text);
    free(text);
    return json;
}

static json_t *of_enum(const ProtobufCFieldDescriptor *field, int value)
{
    const ProtobufCEnumValue *known = protobuf_c_enum_descriptor_get_value(field->descriptor, value);
    return known != NULL ? json_string(known->name) : json_integer(value);
}

/* A string that is no UTF-8 never leaves the broker; should one come, its bytes are shown as base64. */
static json_t *of_string(char *text)
{
    json_t *json = json_string(text);
    ProtobufCBinaryData bytes = {strlen(text), (uint8_t *)text};
    return json != NULL ? json : of_bytes(&bytes);
}

static json_t *of_value(const ProtobufCFieldDescriptor *field, const void *value)
{
    char text[24];
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        return json_integer(*(const int32_t *)value);
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return json_integer(*(const uint32_t *)value);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        snprintf(text, sizeof text, "%lld", (long long)*(const int64_t *)value);
        return json_string(text);
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        snprintf(text, sizeof text, "%llu", (unsigned long long)*(const uint64_t *)value);
        return json_string(text);
    case PROTOBUF_C_TYPE_BOOL:
        return json_boolean(*(const protobuf_c_boolean *)value);
    case PROTOBUF_C_TYPE_ENUM:
        return of_enum(field, *(const int *)value);
    case PROTOBUF_C_TYPE_STRING:
        return of_string(*(char *const *)value);
    case PROTOBUF_C_TYPE_BYTES:
        return of_bytes(value);
    case PROTOBUF_C_TYPE_MESSAGE:
        return json_of_message(*(ProtobufCMessage *const *)value);
    default:
        return json_real(field->type == PROTOBUF_C_TYPE_FLOAT ? (double)*(const float *)value : *(const double *)value);
    }
}

static size_t size_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return 8;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    default:
        return 4;
    }
}

static json_t *of_field(const ProtobufCFieldDescriptor *field, const uint8_t *base)
{
    const uint8_t *member = base + field->offset;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        json_t *array = json_array();
        size_t count = *(const size_t *)(const void *)(base + field->quantifier_offset);
        const uint8_t *items = *(uint8_t *const *)(const void *)member;
        for (size_t i = 0; i < count; i++) {
            json_array_append_new(array, of_value(field, items + i * size_of(field->type)));
        }
        return array;
    }
    bool in_oneof = (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
    if (in_oneof && *(const uint32_t *)(const void *)(base + field->quantifier_offset) != field->id) {
        return NULL;
    }
    bool pointer = field->type == PROTOBUF_C_TYPE_MESSAGE || field->type == PROTOBUF_C_TYPE_STRING;
    if (pointer && *(void *const *)(const void *)member == NULL) {
        return NULL;
    }
    return of_value(field, member);
}

json_t *json_of_message(const ProtobufCMessage *message)
{
    json_t *object = json_object();
    const ProtobufCMessageDescriptor *type = message->descriptor;
    for (unsigned i = 0; i < type->n_fields; i++) {
        json_t *value = of_field(&type->fields[i], (const uint8_t *)message);
        if (value != NULL) {
            json_object_set_new(object, type->fields[i].name, value);
        }
    }
    return object;
}

int json_print(json_t *json)
{
    json_dumpf(json, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    fputc('\n', stdout);
    json_decref(json);
    return 0;
}
