/* SPDX-License-Identifier: Apache-2.0
 *
 * Places in a table. A cursor of the write view remembers the key it stands on: after a write, "next" means the first
 * row above that key, whatever became of the row itself. */
#include "base/check.h"
#include "store/internal.h"

#include <stdlib.h>
#include <string.h>

#define CURSOR_MAGIC UINT32_C(0x56435231)

struct cursor {
    uint32_t magic;
    struct view *view;
    enum table table;
    MDB_cursor *place; /* NULL in a failed view */
    bool standing;     /* on a row, the one last answered */
    uint64_t writes;   /* of the view, when it got there */
    struct key key;    /* of that row; kept in write views only */
};

struct cursor *cursor_open(const struct view *view, enum table table)
{
    CHECK_MAGIC(view, VIEW_MAGIC);
    struct cursor *cursor = calloc(1, sizeof *cursor);
    CHECK(cursor != NULL);
    cursor->magic = CURSOR_MAGIC;
    cursor->view = (struct view *)(uintptr_t)view; /* counts its cursors */
    cursor->table = table;
    cursor->view->cursors++;
    if (view->health->error == 0) {
        MDB_txn *txn = table_is_derived(table) ? view->state : view->journal;
        int code = mdb_cursor_open(txn, view->store->dbi[table], &cursor->place);
        if (code != 0) {
            view_fail(view, table_name(table), code);
            cursor->place = NULL;
        }
    }
    return cursor;
}

void cursor_close(struct cursor **cursor)
{
    struct cursor *closing = *cursor;
    *cursor = NULL;
    if (closing == NULL) {
        return;
    }
    CHECK_MAGIC(closing, CURSOR_MAGIC);
    CHECK(closing->view->cursors > 0);
    closing->view->cursors--;
    if (closing->place != NULL) {
        mdb_cursor_close(closing->place);
    }
    closing->magic = 0;
    free(closing);
}

/* One LMDB step; `from` is the key for MDB_SET_RANGE. */
static bool cursor_step(struct cursor *cursor, MDB_cursor_op step, struct slice from, struct slice *key,
                        struct slice *value)
{
    CHECK_MAGIC(cursor, CURSOR_MAGIC);
    cursor->standing = false;
    if (cursor->place == NULL || cursor->view->health->error != 0) {
        return false;
    }
    MDB_val at = value_of(from);
    MDB_val data;
    int code = mdb_cursor_get(cursor->place, &at, &data, step);
    if (code != 0) {
        if (code != MDB_NOTFOUND) {
            view_fail(cursor->view, table_name(cursor->table), code);
        }
        return false;
    }
    cursor->standing = true;
    cursor->writes = cursor->view->writes;
    if (cursor->view->writing) {
        key_start(&cursor->key);
        key_add_bytes(&cursor->key, at.mv_data, at.mv_size);
    }
    if (key != NULL) {
        *key = slice_of(&at);
    }
    if (value != NULL) {
        *value = slice_of(&data);
    }
    return true;
}

bool cursor_seek(struct cursor *cursor, struct slice at_or_after, struct slice *key, struct slice *value)
{
    bool first = at_or_after.size == 0;
    return cursor_step(cursor, first ? MDB_FIRST : MDB_SET_RANGE, at_or_after, key, value);
}

bool cursor_seek_before(struct cursor *cursor, struct slice before, struct slice *key, struct slice *value)
{
    if (before.size == 0 || !cursor_step(cursor, MDB_SET_RANGE, before, NULL, NULL)) {
        return cursor_step(cursor, MDB_LAST, SLICE_NONE, key, value);
    }
    return cursor_step(cursor, MDB_PREV, SLICE_NONE, key, value);
}

bool cursor_next(struct cursor *cursor, struct slice *key, struct slice *value)
{
    CHECK_MAGIC(cursor, CURSOR_MAGIC);
    if (!cursor->standing) {
        return false;
    }
    if (cursor->writes == cursor->view->writes) {
        return cursor_step(cursor, MDB_NEXT, SLICE_NONE, key, value);
    }
    struct key last = cursor->key;
    struct slice found;
    if (!cursor_step(cursor, MDB_SET_RANGE, key_slice(&last), &found, value)) {
        return false;
    }
    if (found.size == last.size && memcmp(found.data, last.bytes, last.size) == 0) {
        return cursor_step(cursor, MDB_NEXT, SLICE_NONE, key, value);
    }
    if (key != NULL) {
        *key = found;
    }
    return true;
}

bool cursor_previous(struct cursor *cursor, struct slice *key, struct slice *value)
{
    CHECK_MAGIC(cursor, CURSOR_MAGIC);
    if (!cursor->standing) {
        return false;
    }
    if (cursor->writes == cursor->view->writes) {
        return cursor_step(cursor, MDB_PREV, SLICE_NONE, key, value);
    }
    struct key last = cursor->key;
    return cursor_seek_before(cursor, key_slice(&last), key, value);
}
