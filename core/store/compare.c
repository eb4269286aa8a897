/* SPDX-License-Identifier: Apache-2.0
 *
 * Two stores' derived tables, side by side in key order: a rebuilt state must be the same to the byte. */
#include "base/check.h"
#include "store/internal.h"

#include <stdio.h>
#include <string.h>

#define KEY_TEXT 80

/* The beginning of a key, for people: printable bytes as they are, others as hex. */
static const char *key_text(struct slice key, char text[KEY_TEXT])
{
    size_t used = 0;
    const uint8_t *bytes = key.data;
    text[0] = '\0';
    for (size_t i = 0; i < key.size && used + 5 < KEY_TEXT; i++) {
        bool plain = bytes[i] > 0x20 && bytes[i] < 0x7F && bytes[i] != '\\';
        used += (size_t)snprintf(text + used, KEY_TEXT - used, plain ? "%c" : "\\x%02x", bytes[i]);
    }
    return text;
}

/* As LMDB orders keys: bytes, then length. */
static int slices_order(struct slice left, struct slice right)
{
    size_t shorter = left.size < right.size ? left.size : right.size;
    int order = shorter == 0 ? 0 : memcmp(left.data, right.data, shorter);
    return order != 0 ? order : (left.size > right.size) - (left.size < right.size);
}

static enum vouch_status table_compare(const struct view *left, const struct view *right, enum table table,
                                       struct status_text *why)
{
    char text[KEY_TEXT];
    enum vouch_status status = VOUCH_OK;
    struct cursor *one = cursor_open(left, table);
    struct cursor *other = cursor_open(right, table);
    struct slice key[2] = {SLICE_NONE, SLICE_NONE};
    struct slice value[2];
    bool more = cursor_seek(one, SLICE_NONE, &key[0], &value[0]);
    bool more_other = cursor_seek(other, SLICE_NONE, &key[1], &value[1]);
    while (status == VOUCH_OK && (more || more_other)) {
        int order = more && more_other ? slices_order(key[0], key[1]) : more ? -1 : 1;
        if (order != 0) {
            status = status_set(why, VOUCH_CONFLICT, "table %s: only the %s has key %s", table_name(table),
                                order < 0 ? "first" : "second", key_text(order < 0 ? key[0] : key[1], text));
        } else if (slices_order(value[0], value[1]) != 0) {
            status = status_set(why, VOUCH_CONFLICT, "table %s: the values of key %s differ", table_name(table),
                                key_text(key[0], text));
        } else {
            more = cursor_next(one, &key[0], &value[0]);
            more_other = cursor_next(other, &key[1], &value[1]);
        }
    }
    cursor_close(&one);
    cursor_close(&other);
    return status;
}

enum vouch_status store_compare_state(struct store *left, struct store *right, struct status_text *why)
{
    enum vouch_status status = VOUCH_OK;
    struct view *one = snapshot_open(left);
    struct view *other = snapshot_open(right);
    if (one == NULL || other == NULL) {
        status = status_set(why, VOUCH_BUSY, "no reader slot is free");
    }
    for (unsigned table = 0; status == VOUCH_OK && table < TABLE_COUNT; table++) {
        if (table_is_derived((enum table)table)) {
            status = table_compare(one, other, (enum table)table, why);
        }
    }
    if (status == VOUCH_OK && (view_failed(one) != NULL || view_failed(other) != NULL)) {
        status = status_set(why, VOUCH_INTERNAL, "a state cannot be read");
    }
    snapshot_close(&one);
    snapshot_close(&other);
    return status;
}
