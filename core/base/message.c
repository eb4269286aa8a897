/* SPDX-License-Identifier: Apache-2.0
 *
 * Two walks over the descriptors with the same rules (field.h): one over wire bytes, before protobuf-c sees them, and
 * one over messages in memory. What passes the first is something that protobuf-c reads the same way: every known
 * field has its proper wire type, fits its type, and occurs as often as it may. */
#include "base/message.h"

#include "base/check.h"
#include "base/field.h"
#include "base/limits.h"
#include "base/wire.h"

#include <string.h>

_Static_assert(LIMIT_MESSAGE_DEPTH <= FIELD_DEPTH_MAX, "a path must hold the deepest message");

/* The widest message is Request, with about 40 fields. */
#define FIELDS_PER_MESSAGE_MAX 96

struct walk {
    struct field_path path;
    size_t fields;
    struct status_text *why;
};

/* How often each field of one message occurred, by its index in the descriptor. */
struct tally {
    const ProtobufCMessageDescriptor *type;
    uint32_t counts[FIELDS_PER_MESSAGE_MAX];
};

static bool is_oneof(const ProtobufCFieldDescriptor *field)
{
    return (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
}

/* Counts one occurrence; refuses a second one of a field, or of a oneof, that occurs once. */
static enum vouch_status tally_add(struct tally *tally, struct walk *walk, const ProtobufCFieldDescriptor *field)
{
    uint32_t *count = &tally->counts[field - tally->type->fields];
    (*count)++;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        struct field_rule rule = field_rule_find(field);
        return field_check_items(&walk->path, &(struct field_rule){.items_most = rule.items_most}, *count, walk->why);
    }
    if (*count > 1) {
        return field_refuse(&walk->path, "occurs twice", walk->why);
    }
    for (unsigned i = 0; i < tally->type->n_fields && is_oneof(field); i++) {
        const ProtobufCFieldDescriptor *other = &tally->type->fields[i];
        if (other != field && is_oneof(other) && other->quantifier_offset == field->quantifier_offset &&
            tally->counts[i] > 0) {
            return field_refuse(&walk->path, "comes beside another field of its oneof", walk->why);
        }
    }
    return VOUCH_OK;
}

/* After the last field of a message: everything mandatory was there. */
static enum vouch_status tally_finish(const struct tally *tally, struct walk *walk)
{
    for (unsigned i = 0; i < tally->type->n_fields; i++) {
        struct field_rule rule = field_rule_find(&tally->type->fields[i]);
        bool few = rule.field->label == PROTOBUF_C_LABEL_REPEATED && tally->counts[i] < rule.items_least;
        if (few || (tally->counts[i] == 0 && field_is_mandatory(&rule))) {
            walk->path.fields[walk->path.depth++] = rule.field;
            return field_refuse(&walk->path, "is missing", walk->why);
        }
    }
    return VOUCH_OK;
}

/* Every field of the walk passes here once, which bounds the work and the depth. */
static enum vouch_status walk_enter(struct walk *walk, const ProtobufCFieldDescriptor *field)
{
    if (++walk->fields > LIMIT_MESSAGE_FIELDS) {
        return status_set(walk->why, VOUCH_TOO_LARGE, "the message has more than %d fields", LIMIT_MESSAGE_FIELDS);
    }
    if (walk->path.depth == LIMIT_MESSAGE_DEPTH) {
        return field_refuse(&walk->path, "is nested too deeply", walk->why);
    }
    walk->path.fields[walk->path.depth++] = field;
    return VOUCH_OK;
}

static void walk_leave(struct walk *walk)
{
    CHECK(walk->path.depth > 0);
    walk->path.depth--;
}

/* ---- over wire bytes ---- */

static enum vouch_status scan_message(struct walk *walk, const ProtobufCMessageDescriptor *type,
                                      struct wire_reader reader);

static ProtobufCWireType wire_type_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return PROTOBUF_C_WIRE_TYPE_32BIT;
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return PROTOBUF_C_WIRE_TYPE_64BIT;
    default:
        return PROTOBUF_C_WIRE_TYPE_VARINT;
    }
}

/* protobuf-c cuts a varint to its field's type without a word; here one that does not fit is refused. */
static bool varint_fits(ProtobufCType type, uint64_t value)
{
    int64_t number = (int64_t)value;
    switch (type) {
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_SINT32:
        return value <= UINT32_MAX;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_ENUM:
        return number >= INT32_MIN && number <= INT32_MAX;
    case PROTOBUF_C_TYPE_UINT64:
        return value <= INT64_MAX;
    case PROTOBUF_C_TYPE_BOOL:
        return value <= 1;
    default:
        return true;
    }
}

static enum vouch_status scan_value(struct walk *walk, const ProtobufCFieldDescriptor *field,
                                    const struct wire_field *value)
{
    struct field_rule rule = field_rule_find(field);
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        return field_check_text(&walk->path, &rule, value->data, value->size, walk->why);
    case PROTOBUF_C_TYPE_BYTES:
        return field_check_bytes(&walk->path, &rule, value->size, walk->why);
    case PROTOBUF_C_TYPE_MESSAGE:
        return scan_message(walk, field->descriptor, (struct wire_reader){value->data, value->size});
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_ENUM:
        if (!varint_fits(field->type, value->value)) {
            return field_refuse(&walk->path, "is out of range", walk->why);
        }
        return field_check_number(&walk->path, &rule, (int64_t)value->value, walk->why);
    default:
        return varint_fits(field->type, value->value) ? VOUCH_OK
                                                      : field_refuse(&walk->path, "is out of range", walk->why);
    }
}

/* Numbers that are repeated come one by one, or all of them in one field: readers of protobuf take both. */
static bool is_packed(const ProtobufCFieldDescriptor *field, const struct wire_field *value)
{
    return value->type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED && field->label == PROTOBUF_C_LABEL_REPEATED &&
           wire_type_of(field->type) == PROTOBUF_C_WIRE_TYPE_VARINT;
}

static enum vouch_status scan_packed(struct walk *walk, struct tally *tally, const ProtobufCFieldDescriptor *field,
                                     const struct wire_field *packed)
{
    struct wire_reader reader = {packed->data, packed->size};
    enum vouch_status status = VOUCH_OK;
    while (reader.left > 0 && status == VOUCH_OK) {
        struct wire_field one = {.number = packed->number, .type = PROTOBUF_C_WIRE_TYPE_VARINT};
        if (!wire_read_varint(&reader, &one.value)) {
            return field_refuse(&walk->path, "is cut off or no protobuf message", walk->why);
        }
        status = tally_add(tally, walk, field);
        status = status == VOUCH_OK ? scan_value(walk, field, &one) : status;
    }
    return status;
}

static enum vouch_status scan_field(struct walk *walk, struct tally *tally, const struct wire_field *value)
{
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(tally->type, value->number);
    if (field == NULL) { /* of a later version of the protocol */
        return ++walk->fields > LIMIT_MESSAGE_FIELDS
                   ? status_set(walk->why, VOUCH_TOO_LARGE, "the message has more than %d fields", LIMIT_MESSAGE_FIELDS)
                   : VOUCH_OK;
    }
    enum vouch_status status = walk_enter(walk, field);
    if (status != VOUCH_OK) {
        return status;
    }
    if (is_packed(field, value)) {
        status = scan_packed(walk, tally, field, value);
    } else if (value->type != wire_type_of(field->type)) {
        return field_refuse(&walk->path, "has the wrong wire type", walk->why);
    } else {
        status = tally_add(tally, walk, field);
        status = status == VOUCH_OK ? scan_value(walk, field, value) : status;
    }
    if (status == VOUCH_OK) {
        walk_leave(walk);
    }
    return status;
}

static enum vouch_status scan_message(struct walk *walk, const ProtobufCMessageDescriptor *type,
                                      struct wire_reader reader)
{
    CHECK(type->n_fields <= FIELDS_PER_MESSAGE_MAX);
    struct tally tally = {.type = type};
    while (reader.left > 0) {
        struct wire_field value;
        if (!wire_read_field(&reader, &value)) {
            return field_refuse(&walk->path, "is cut off or no protobuf message", walk->why);
        }
        enum vouch_status status = scan_field(walk, &tally, &value);
        if (status != VOUCH_OK) {
            return status;
        }
    }
    return tally_finish(&tally, walk);
}

enum vouch_status message_unpack(const ProtobufCMessageDescriptor *type, size_t size, const void *bytes,
                                 struct arena *arena, const ProtobufCMessage **message, struct status_text *why)
{
    CHECK(type != NULL && arena != NULL && message != NULL);
    CHECK(bytes != NULL || size == 0);
    *message = NULL;
    struct walk walk = {.why = why};
    enum vouch_status status = scan_message(&walk, type, (struct wire_reader){bytes, size});
    if (status != VOUCH_OK) {
        return status;
    }
    *message = message_unpack_own(type, size, bytes, arena);
    if (*message == NULL) {
        return status_set(why, VOUCH_TOO_LARGE, "the message needs more memory than a request may take");
    }
    return VOUCH_OK;
}

bool message_peek_bytes(size_t size, const void *bytes, uint32_t field, const uint8_t **data, size_t *length)
{
    struct wire_reader reader = {bytes, size};
    struct wire_field value;
    while (reader.left > 0 && wire_read_field(&reader, &value)) {
        if (value.number == field && value.type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED) {
            *data = value.data;
            *length = value.size;
            return true;
        }
    }
    return false;
}

bool message_peek_number(size_t size, const void *bytes, uint32_t field, uint64_t *number)
{
    struct wire_reader reader = {bytes, size};
    struct wire_field value;
    while (reader.left > 0 && wire_read_field(&reader, &value)) {
        if (value.number == field && value.type == PROTOBUF_C_WIRE_TYPE_VARINT) {
            *number = value.value;
            return true;
        }
    }
    return false;
}

/* ---- over a message in memory ---- */

static enum vouch_status check_message(struct walk *walk, const ProtobufCMessage *message);

static int64_t number_at(ProtobufCType type, const void *member)
{
    switch (type) {
    case PROTOBUF_C_TYPE_UINT32:
        return *(const uint32_t *)member;
    case PROTOBUF_C_TYPE_INT64:
        return *(const int64_t *)member;
    case PROTOBUF_C_TYPE_UINT64: { /* past the signed range it is past every rule */
        uint64_t number = *(const uint64_t *)member;
        return number > INT64_MAX ? INT64_MAX : (int64_t)number;
    }
    default:
        return *(const int32_t *)member;
    }
}

/* One value, or one element of a repeated field, at `member`. */
static enum vouch_status check_value(struct walk *walk, const struct field_rule *rule, const void *member)
{
    switch (rule->field->type) {
    case PROTOBUF_C_TYPE_STRING: {
        const char *text = *(char *const *)member;
        return field_check_text(&walk->path, rule, text, text == NULL ? 0 : strlen(text), walk->why);
    }
    case PROTOBUF_C_TYPE_BYTES:
        return field_check_bytes(&walk->path, rule, ((const ProtobufCBinaryData *)member)->len, walk->why);
    case PROTOBUF_C_TYPE_MESSAGE: {
        const ProtobufCMessage *inside = *(ProtobufCMessage *const *)member;
        if (inside == NULL) {
            return rule->least > 0 ? field_refuse(&walk->path, "is missing", walk->why) : VOUCH_OK;
        }
        return check_message(walk, inside);
    }
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_ENUM:
        return field_check_number(&walk->path, rule, number_at(rule->field->type, member), walk->why);
    default:
        return VOUCH_OK;
    }
}

static size_t element_bytes(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_UINT64:
        return sizeof(uint64_t);
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_ENUM:
        return sizeof(uint32_t);
    default:
        CHECK(false); /* the protocol repeats nothing else */
        return 0;
    }
}

static enum vouch_status check_field(struct walk *walk, const ProtobufCMessage *message,
                                     const ProtobufCFieldDescriptor *field)
{
    const char *base = (const char *)message;
    struct field_rule rule = field_rule_find(field);
    if (is_oneof(field) && *(const uint32_t *)(const void *)(base + field->quantifier_offset) != field->id) {
        return VOUCH_OK;
    }
    if (field->label != PROTOBUF_C_LABEL_REPEATED) {
        return check_value(walk, &rule, base + field->offset);
    }
    size_t count = *(const size_t *)(const void *)(base + field->quantifier_offset);
    const char *elements = *(char *const *)(const void *)(base + field->offset);
    enum vouch_status status = field_check_items(&walk->path, &rule, count, walk->why);
    for (size_t i = 0; i < count && status == VOUCH_OK; i++) {
        status = check_value(walk, &rule, elements + i * element_bytes(field->type));
    }
    return status;
}

static enum vouch_status check_message(struct walk *walk, const ProtobufCMessage *message)
{
    CHECK(message->descriptor != NULL && message->descriptor->magic == PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC);
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        enum vouch_status status = walk_enter(walk, field);
        if (status == VOUCH_OK) {
            status = check_field(walk, message, field);
        }
        if (status != VOUCH_OK) {
            return status;
        }
        walk_leave(walk);
    }
    return VOUCH_OK;
}

enum vouch_status message_validate(const ProtobufCMessage *message, struct status_text *why)
{
    CHECK(message != NULL);
    struct walk walk = {.why = why};
    return check_message(&walk, message);
}

/* ---- to and from the broker's own bytes ---- */

const ProtobufCMessage *message_unpack_own(const ProtobufCMessageDescriptor *type, size_t size, const void *bytes,
                                           struct arena *arena)
{
    return protobuf_c_message_unpack(type, arena_allocator(arena), size, bytes);
}

void *message_pack(const ProtobufCMessage *message, struct arena *arena, size_t *size)
{
    *size = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = arena_alloc(arena, *size);
    if (bytes != NULL) {
        size_t written = protobuf_c_message_pack(message, bytes);
        CHECK(written == *size);
    }
    return bytes;
}
