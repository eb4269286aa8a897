/* SPDX-License-Identifier: Apache-2.0
 *
 * Views: snapshots from a pool of rested read transactions, and reading and writing rows through them. A snapshot
 * takes the state first and the journal second, so that every event its state knows of is in its journal. */
#include "base/check.h"
#include "base/log.h"
#include "store/internal.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct slice slice_of(const MDB_val *value)
{
    return (struct slice){value->mv_data, value->mv_size};
}

MDB_val value_of(struct slice slice)
{
    /* LMDB only reads what it is given here. */
    return (MDB_val){.mv_size = slice.size, .mv_data = (void *)(uintptr_t)slice.data};
}

void view_fail(const struct view *view, const char *doing, int code)
{
    if (view->health->error == 0) {
        view->health->error = code;
        snprintf(view->health->text, sizeof view->health->text, "%s: %s", doing, lmdb_text(code));
        log_error("store", "view failed %s", view->health->text);
    }
}

const char *view_failed(const struct view *view)
{
    CHECK_MAGIC(view, VIEW_MAGIC);
    return view->health->error == 0 ? NULL : view->health->text;
}

uint64_t view_sequence(const struct view *view)
{
    CHECK_MAGIC(view, VIEW_MAGIC);
    return view->sequence;
}

/* ---- snapshots ---- */

static void view_free(struct view *view)
{
    if (view->state != NULL) {
        mdb_txn_abort(view->state);
    }
    if (view->journal != NULL) {
        mdb_txn_abort(view->journal);
    }
    free(view->health);
    free(view);
}

/* A resting view, or an empty one while there are slots; NULL when all are taken. */
static struct view *pool_take(struct store *store)
{
    pthread_mutex_lock(&store->pool_lock);
    struct view *view = store->resting;
    if (view != NULL) {
        store->resting = view->next;
    } else if (store->snapshots < store->max_readers) {
        view = calloc(1, sizeof *view);
        CHECK(view != NULL);
        view->health = calloc(1, sizeof *view->health);
        CHECK(view->health != NULL);
        view->magic = VIEW_MAGIC;
        view->store = store;
        store->snapshots++;
    }
    store->snapshots_open += view != NULL;
    pthread_mutex_unlock(&store->pool_lock);
    return view;
}

static void pool_give(struct store *store, struct view *view, bool keep)
{
    pthread_mutex_lock(&store->pool_lock);
    CHECK(store->snapshots_open > 0);
    store->snapshots_open--;
    if (keep) {
        view->next = store->resting;
        store->resting = view;
    } else {
        store->snapshots--;
    }
    pthread_mutex_unlock(&store->pool_lock);
    if (!keep) {
        view_free(view);
    }
}

static int txn_wake(MDB_env *environment, MDB_txn **txn)
{
    return *txn == NULL ? mdb_txn_begin(environment, NULL, MDB_RDONLY, txn) : mdb_txn_renew(*txn);
}

struct view *snapshot_open(struct store *store)
{
    CHECK_MAGIC(store, STORE_MAGIC);
    struct view *view = pool_take(store);
    if (view == NULL) {
        log_error("store", "all %u reader slots are taken", store->max_readers);
        return NULL;
    }
    int failed = txn_wake(store->state, &view->state);
    if (failed == 0) {
        failed = txn_wake(store->journal, &view->journal);
    }
    if (failed != 0) {
        log_error("store", "cannot open a snapshot: %s", lmdb_text(failed));
        pool_give(store, view, false);
        return NULL;
    }
    view->health->error = 0;
    view->sequence = meta_get(view, "applied");
    return view;
}

void snapshot_close(struct view **view)
{
    struct view *closing = *view;
    *view = NULL;
    if (closing == NULL) {
        return;
    }
    CHECK_MAGIC(closing, VIEW_MAGIC);
    CHECK(!closing->writing && closing->cursors == 0);
    mdb_txn_reset(closing->state);
    mdb_txn_reset(closing->journal);
    pool_give(closing->store, closing, true);
}

void snapshots_drain(struct store *store)
{
    pthread_mutex_lock(&store->pool_lock);
    CHECK(store->snapshots_open == 0);
    struct view *view = store->resting;
    store->resting = NULL;
    store->snapshots = 0;
    pthread_mutex_unlock(&store->pool_lock);
    while (view != NULL) {
        struct view *next = view->next;
        view_free(view);
        view = next;
    }
}

/* ---- rows ---- */

static MDB_txn *view_txn(const struct view *view, enum table table)
{
    return table_is_derived(table) ? view->state : view->journal;
}

bool table_get(const struct view *view, enum table table, struct slice key, struct slice *value)
{
    CHECK_MAGIC(view, VIEW_MAGIC);
    CHECK(key.size > 0 && key.size <= KEY_MAX);
    *value = SLICE_NONE;
    if (view->health->error != 0) {
        return false;
    }
    MDB_val wanted = value_of(key);
    MDB_val found;
    int code = mdb_get(view_txn(view, table), view->store->dbi[table], &wanted, &found);
    if (code != 0) {
        if (code != MDB_NOTFOUND) {
            view_fail(view, table_name(table), code);
        }
        return false;
    }
    *value = slice_of(&found);
    return true;
}

void table_put(struct view *view, enum table table, struct slice key, struct slice value)
{
    CHECK_MAGIC(view, VIEW_MAGIC);
    CHECK(view->writing && view->state != NULL && table_is_derived(table));
    CHECK(key.size > 0 && key.size <= KEY_MAX);
    if (view->health->error != 0) {
        return;
    }
    view->writes++;
    MDB_val at = value_of(key);
    MDB_val put = value_of(value);
    int code = mdb_put(view->state, view->store->dbi[table], &at, &put, 0);
    if (code != 0) {
        view_fail(view, table_name(table), code);
    }
}

bool table_delete(struct view *view, enum table table, struct slice key)
{
    CHECK_MAGIC(view, VIEW_MAGIC);
    CHECK(view->writing && view->state != NULL && table_is_derived(table));
    CHECK(key.size > 0 && key.size <= KEY_MAX);
    if (view->health->error != 0) {
        return false;
    }
    view->writes++;
    MDB_val at = value_of(key);
    int code = mdb_del(view->state, view->store->dbi[table], &at, NULL);
    if (code != 0 && code != MDB_NOTFOUND) {
        view_fail(view, table_name(table), code);
    }
    return code == 0;
}

uint64_t table_rows(const struct view *view, enum table table)
{
    CHECK_MAGIC(view, VIEW_MAGIC);
    MDB_stat stat;
    if (view->health->error != 0) {
        return 0;
    }
    int code = mdb_stat(view_txn(view, table), view->store->dbi[table], &stat);
    if (code != 0) {
        view_fail(view, table_name(table), code);
        return 0;
    }
    return stat.ms_entries;
}

uint64_t meta_get(const struct view *view, const char *name)
{
    struct slice value;
    if (!table_get(view, TABLE_META, (struct slice){name, strlen(name)}, &value) || value.size != sizeof(uint64_t)) {
        return 0;
    }
    return slice_u64(value, 0);
}

void meta_put(struct view *view, const char *name, uint64_t number)
{
    uint64_t big_endian = htobe64(number);
    table_put(view, TABLE_META, (struct slice){name, strlen(name)}, (struct slice){&big_endian, sizeof big_endian});
}

bool journal_get(const struct view *view, uint64_t sequence, struct slice *event)
{
    struct key key = key_u64(sequence);
    return table_get(view, TABLE_JOURNAL, key_slice(&key), event);
}
