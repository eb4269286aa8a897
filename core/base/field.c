/* SPDX-License-Identifier: Apache-2.0
 *
 * The rule table is resolved once: every message that can be reached from a Request, a FromBroker or an Event is
 * visited and its fields are matched with the rules by name. After that a rule is found by the address of the field's
 * descriptor. */
#include "base/field.h"

#include "base/check.h"
#include "base/utf8.h"
#include "vouch/v1/event.pb-c.h"
#include "vouch/v1/wire.pb-c.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define DEFAULT_TEXT_BYTES 2000
#define DEFAULT_BYTES 65536
#define DEFAULT_ITEMS 1000
#define LARGEST_ID INT64_C(0xFFFFFFFFFFFFFF)
#define PATH_TEXT_MAX 160

struct named_rule {
    enum field_shape shape;
    const char *message;
    const char *field;
    int64_t least;
    int64_t most;
};

static const struct named_rule named_rules[] = {
#define RULE(shape, message, field, least, most) {FIELD_##shape, "vouch.v1." #message, #field, least, most},
#include "fields.def"
#undef RULE
};
#define NAMED_RULES (sizeof named_rules / sizeof named_rules[0])

/* Open addressing, at most half full. Written once, before any reader. */
#define SLOTS 4096
#define MESSAGES_MAX 256
static struct field_rule slots[SLOTS];
static pthread_once_t built = PTHREAD_ONCE_INIT;

static struct field_rule *slot_of(const ProtobufCFieldDescriptor *field)
{
    size_t at = ((uintptr_t)field / sizeof *field) * 0x9E3779B1u % SLOTS;
    while (slots[at].field != NULL && slots[at].field != field) {
        at = (at + 1) % SLOTS;
    }
    return &slots[at];
}

static struct field_rule rule_default(const ProtobufCFieldDescriptor *field)
{
    struct field_rule rule = {field, FIELD_NUMBER, INT64_MIN, INT64_MAX, 0, DEFAULT_ITEMS};
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        rule.shape = FIELD_LINE;
        rule.least = 0;
        rule.most = DEFAULT_TEXT_BYTES;
        break;
    case PROTOBUF_C_TYPE_BYTES:
        rule.shape = FIELD_BYTES;
        rule.least = 0;
        rule.most = DEFAULT_BYTES;
        break;
    case PROTOBUF_C_TYPE_UINT64:
        rule.least = 0;
        rule.most = LARGEST_ID;
        break;
    case PROTOBUF_C_TYPE_MESSAGE:
        rule.shape = FIELD_PRESENT;
        rule.least = 0;
        rule.most = 1;
        break;
    default:
        break;
    }
    return rule;
}

static void rule_add(const ProtobufCMessageDescriptor *type, const ProtobufCFieldDescriptor *field, size_t *matched)
{
    struct field_rule rule = rule_default(field);
    for (size_t i = 0; i < NAMED_RULES; i++) {
        const struct named_rule *named = &named_rules[i];
        if (strcmp(named->field, field->name) != 0 || strcmp(named->message, type->name) != 0) {
            continue;
        }
        (*matched)++;
        if (named->shape == FIELD_ITEMS) {
            CHECK(field->label == PROTOBUF_C_LABEL_REPEATED);
            rule.items_least = (uint32_t)named->least;
            rule.items_most = (uint32_t)named->most;
        } else {
            rule.shape = named->shape;
            rule.least = named->least;
            rule.most = named->most;
        }
    }
    *slot_of(field) = rule;
}

static void build(void)
{
    const ProtobufCMessageDescriptor *types[MESSAGES_MAX] = {
        &vouch__v1__request__descriptor, &vouch__v1__from_broker__descriptor, &vouch__v1__event__descriptor};
    size_t count = 3;
    size_t fields = 0;
    size_t matched = 0;
    for (size_t at = 0; at < count; at++) {
        for (unsigned i = 0; i < types[at]->n_fields; i++) {
            const ProtobufCFieldDescriptor *field = &types[at]->fields[i];
            CHECK(++fields <= SLOTS / 2);
            rule_add(types[at], field, &matched);
            if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
                size_t known = 0;
                while (known < count && types[known] != field->descriptor) {
                    known++;
                }
                CHECK(known < MESSAGES_MAX);
                types[known] = field->descriptor;
                count += known == count;
            }
        }
    }
    CHECK(matched == NAMED_RULES); /* a rule that matches no field is a slip in fields.def */
}

struct field_rule field_rule_find(const ProtobufCFieldDescriptor *field)
{
    CHECK(pthread_once(&built, build) == 0);
    const struct field_rule *slot = slot_of(field);
    return slot->field == field ? *slot : rule_default(field);
}

bool field_is_mandatory(const struct field_rule *rule)
{
    if (rule->field->label == PROTOBUF_C_LABEL_REPEATED) {
        return rule->items_least > 0;
    }
    return rule->least > 0 && rule->shape != FIELD_MAYBE;
}

static const char *path_text(const struct field_path *path, char text[PATH_TEXT_MAX])
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < path->depth && used < PATH_TEXT_MAX; i++) {
        used += (size_t)snprintf(text + used, PATH_TEXT_MAX - used, "%s%s", i == 0 ? "" : ".", path->fields[i]->name);
    }
    return path->depth == 0 ? "the message" : text;
}

enum vouch_status field_refuse(const struct field_path *path, const char *what, struct status_text *why)
{
    char text[PATH_TEXT_MAX];
    return status_set(why, VOUCH_INVALID, "%s %s", path_text(path, text), what);
}

/* Least and most of a length or a number, as one sentence. */
static enum vouch_status check_range(const struct field_path *path, const struct field_rule *rule, int64_t amount,
                                     const char *unit, struct status_text *why)
{
    char text[PATH_TEXT_MAX];
    if (amount == 0 && rule->least > 0) {
        return field_refuse(path, "is missing", why);
    }
    if (amount >= rule->least && amount <= rule->most) {
        return VOUCH_OK;
    }
    if (rule->least == rule->most) {
        return status_set(why, VOUCH_INVALID, "%s is %" PRId64 "%s, not %" PRId64, path_text(path, text), amount, unit,
                          rule->most);
    }
    return status_set(why, VOUCH_INVALID, "%s is %" PRId64 "%s, not %" PRId64 " to %" PRId64, path_text(path, text),
                      amount, unit, rule->least, rule->most);
}

/* What is wrong with a character in a text of this shape; NULL: nothing. U+2028 and U+2029 end a line for many programs
 * that show one. */
static const char *character_fault(enum field_shape shape, uint32_t character)
{
    if (character == 0) {
        return "holds a NUL character";
    }
    bool lay_out = character == '\n' || character == '\t';
    if (lay_out || character == 0x2028 || character == 0x2029) {
        return shape == FIELD_TEXT ? NULL : "holds a line break or a tab, and must be one line";
    }
    if (character < 0x20 || (character >= 0x7F && character < 0xA0)) {
        return "holds a control character";
    }
    return NULL;
}

enum vouch_status field_check_text(const struct field_path *path, const struct field_rule *rule, const void *text,
                                   size_t size, struct status_text *why)
{
    enum vouch_status status = check_range(path, rule, (int64_t)size, " bytes long", why);
    const uint8_t *bytes = text;
    bool blank = true;
    for (size_t at = 0; at < size && status == VOUCH_OK;) {
        uint32_t character = 0;
        size_t length = utf8_next(bytes + at, size - at, &character);
        if (length == 0) {
            return field_refuse(path, "is not UTF-8", why);
        }
        const char *fault = character_fault(rule->shape, character);
        if (fault != NULL) {
            return field_refuse(path, fault, why);
        }
        blank = blank && (character == ' ' || character == 0xA0 || character == '\n' || character == '\t');
        at += length;
    }
    if (status == VOUCH_OK && blank && rule->least > 0) {
        return field_refuse(path, "is blank", why);
    }
    return status;
}

enum vouch_status field_check_bytes(const struct field_path *path, const struct field_rule *rule, size_t size,
                                    struct status_text *why)
{
    if (rule->shape == FIELD_MAYBE && size == 0) {
        return VOUCH_OK;
    }
    return check_range(path, rule, (int64_t)size, " bytes long", why);
}

enum vouch_status field_check_number(const struct field_path *path, const struct field_rule *rule, int64_t number,
                                     struct status_text *why)
{
    const ProtobufCFieldDescriptor *field = rule->field;
    if (field->type == PROTOBUF_C_TYPE_ENUM &&
        (number < INT32_MIN || number > INT32_MAX ||
         protobuf_c_enum_descriptor_get_value(field->descriptor, (int)number) == NULL)) {
        return field_refuse(path, "has a value that this version does not know", why);
    }
    return check_range(path, rule, number, "", why);
}

enum vouch_status field_check_items(const struct field_path *path, const struct field_rule *rule, size_t count,
                                    struct status_text *why)
{
    char text[PATH_TEXT_MAX];
    if (count < rule->items_least) {
        return field_refuse(path, "has too few elements", why);
    }
    if (count > rule->items_most) {
        return status_set(why, VOUCH_INVALID, "%s has more than %" PRIu32 " elements", path_text(path, text),
                          rule->items_most);
    }
    return VOUCH_OK;
}
