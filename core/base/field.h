/* SPDX-License-Identifier: Apache-2.0
 *
 * The rules of proto/fields.def, found by field descriptor, and the checks of one value against its rule. Used by
 * message.c only; broken out because rules and walks are two subjects. Any thread. */
#ifndef VOUCH_BASE_FIELD_H
#define VOUCH_BASE_FIELD_H

#include "base/status.h"

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field_shape { FIELD_LINE, FIELD_TEXT, FIELD_BYTES, FIELD_MAYBE, FIELD_NUMBER, FIELD_PRESENT, FIELD_ITEMS };

struct field_rule {
    const ProtobufCFieldDescriptor *field;
    enum field_shape shape; /* of the value; never FIELD_ITEMS */
    int64_t least;
    int64_t most;
    uint32_t items_least; /* of a repeated field */
    uint32_t items_most;
};

/* Where a walk is, for sentences like "referral_submit.text.vouch is not UTF-8". */
#define FIELD_DEPTH_MAX 8
struct field_path {
    size_t depth;
    const ProtobufCFieldDescriptor *fields[FIELD_DEPTH_MAX];
};

/* The rule of a field: the table's, or the default of its type. */
struct field_rule field_rule_find(const ProtobufCFieldDescriptor *field);

/* True when a message without this field breaks the rule. */
bool field_is_mandatory(const struct field_rule *rule);

/* Each answers OK, or INVALID with a sentence that names the last field of the path. */
enum vouch_status field_check_text(const struct field_path *path, const struct field_rule *rule, const void *text,
                                   size_t size, struct status_text *why) MUST_USE;
enum vouch_status field_check_bytes(const struct field_path *path, const struct field_rule *rule, size_t size,
                                    struct status_text *why) MUST_USE;
enum vouch_status field_check_number(const struct field_path *path, const struct field_rule *rule, int64_t number,
                                     struct status_text *why) MUST_USE;
enum vouch_status field_check_items(const struct field_path *path, const struct field_rule *rule, size_t count,
                                    struct status_text *why) MUST_USE;

/* INVALID: "<path> <what>". */
enum vouch_status field_refuse(const struct field_path *path, const char *what, struct status_text *why);

#endif
