/* SPDX-License-Identifier: Apache-2.0
 *
 * The writer's side of the state: one open transaction that grows until it is committed or dropped, and the person keys
 * that commands made and the journal does not hold yet. Writer thread only. */
#include "base/check.h"
#include "base/log.h"
#include "store/internal.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* Brings the write view's reading of the journal up to date. */
static int write_view_renew_journal(struct store *store)
{
    struct view *view = &store->write_view;
    uint64_t journal = store_journal_sequence(store); /* before the renewal: it may only be newer */
    int code = 0;
    if (view->journal == NULL) {
        code = mdb_txn_begin(store->journal, NULL, MDB_RDONLY, &view->journal);
    } else {
        mdb_txn_reset(view->journal);
        code = mdb_txn_renew(view->journal);
    }
    store->write_view_journal = journal;
    return code;
}

struct view *state_write_view(struct store *store, struct status_text *why)
{
    CHECK_MAGIC(store, STORE_MAGIC);
    struct view *view = &store->write_view;
    if (view->state == NULL) {
        int code = mdb_txn_begin(store->state, NULL, 0, &view->state);
        if (code != 0) {
            view->state = NULL;
            (void)status_set(why, VOUCH_INTERNAL, "cannot write the state: %s", lmdb_text(code));
            return NULL;
        }
        view->health->error = 0;
        view->sequence = store_applied_sequence(store);
    }
    bool stale = view->journal == NULL || store->write_view_journal != store_journal_sequence(store);
    if (stale && view->cursors == 0) {
        int code = write_view_renew_journal(store);
        if (code != 0) {
            (void)status_set(why, VOUCH_INTERNAL, "cannot read the journal: %s", lmdb_text(code));
            state_abort(store);
            return NULL;
        }
    }
    return view;
}

/* The journal's transaction stays, resting, for the next write view. */
static void write_view_end(struct store *store)
{
    struct view *view = &store->write_view;
    CHECK(view->cursors == 0);
    view->state = NULL;
    if (view->journal != NULL) {
        mdb_txn_abort(view->journal);
        view->journal = NULL;
    }
}

static enum vouch_status state_trouble(struct status_text *why, int code, const char *text)
{
    /* Nothing of the state is synced here, so EIO is a short write: LMDB's word for a full disk half-way. */
    enum vouch_status status = VOUCH_INTERNAL;
    if (code == ENOSPC || code == EDQUOT || code == EIO) {
        status = VOUCH_UNAVAILABLE;
    } else if (code == MDB_MAP_FULL) {
        status = VOUCH_TOO_LARGE;
    }
    return status_set(why, status, "the state could not be committed: %s",
                      code == EIO ? "the disk took only a part of it: is there space left?" : text);
}

enum vouch_status state_commit(struct store *store, uint64_t sequence, struct status_text *why)
{
    CHECK_MAGIC(store, STORE_MAGIC);
    struct view *view = &store->write_view;
    if (view->state == NULL) {
        CHECK(sequence == store_applied_sequence(store));
        return VOUCH_OK;
    }
    CHECK(view->cursors == 0);
    CHECK(sequence >= store_applied_sequence(store));
    CHECK(sequence <= store_journal_sequence(store));
    meta_put(view, "applied", sequence);
    if (view->health->error != 0) {
        enum vouch_status status = state_trouble(why, view->health->error, view->health->text);
        state_abort(store);
        return status;
    }
    int code = mdb_txn_commit(view->state); /* ends the transaction in any case */
    write_view_end(store);
    if (code != 0) {
        pending_clear(store);
        return state_trouble(why, code, lmdb_text(code));
    }
    view_forget_person_keys(view, sequence);
    atomic_store(&store->applied_sequence, sequence);
    return VOUCH_OK;
}

void state_abort(struct store *store)
{
    CHECK_MAGIC(store, STORE_MAGIC);
    struct view *view = &store->write_view;
    if (view->state != NULL) {
        mdb_txn_abort(view->state);
    }
    write_view_end(store);
    pending_clear(store);
}

/* ---- person keys on their way to the journal ---- */

void pending_clear(struct store *store)
{
    if (store->pending != NULL) {
        sodium_memzero(store->pending, store->pending_room * sizeof *store->pending);
    }
    store->pending_count = 0;
}

void view_add_person_key(struct view *view, uint64_t sequence, const struct person_key *key)
{
    CHECK_MAGIC(view, VIEW_MAGIC);
    CHECK(view->writing);
    struct store *store = view->store;
    if (store->pending_count == store->pending_room) {
        size_t room = store->pending_room == 0 ? 64 : store->pending_room * 2;
        struct pending_key *grown = calloc(room, sizeof *grown);
        CHECK(grown != NULL);
        if (store->pending_count > 0) {
            memcpy(grown, store->pending, store->pending_count * sizeof *grown);
            sodium_memzero(store->pending, store->pending_count * sizeof *grown);
        }
        free(store->pending);
        store->pending = grown;
        store->pending_room = room;
    }
    store->pending[store->pending_count++] = (struct pending_key){sequence, *key};
}

void view_forget_person_keys(struct view *view, uint64_t sequence)
{
    CHECK_MAGIC(view, VIEW_MAGIC);
    CHECK(view->writing && view->cursors == 0);
    struct store *store = view->store;
    size_t kept = 0;
    for (size_t i = 0; i < store->pending_count; i++) {
        if (store->pending[i].sequence > sequence) {
            store->pending[kept++] = store->pending[i];
        }
    }
    if (kept < store->pending_count) {
        sodium_memzero(store->pending + kept, (store->pending_count - kept) * sizeof *store->pending);
        store->pending_count = kept;
        if (view->journal != NULL) {
            int code = write_view_renew_journal(store);
            if (code != 0) {
                view_fail(view, "journal", code);
            }
        }
    }
}

bool view_person_key(const struct view *view, uint64_t contact, uint8_t key[32])
{
    CHECK_MAGIC(view, VIEW_MAGIC);
    const struct store *store = view->store;
    /* Newest first: an event is applied right after its key was made. */
    for (size_t i = view->writing ? store->pending_count : 0; i > 0; i--) {
        if (store->pending[i - 1].key.contact == contact) {
            if (store->pending[i - 1].key.destroyed) {
                return false;
            }
            memcpy(key, store->pending[i - 1].key.key, 32);
            return true;
        }
    }
    struct key place = key_u64(contact);
    struct slice found;
    if (!table_get(view, TABLE_PERSON_KEY, key_slice(&place), &found)) {
        return false;
    }
    if (found.size != 32) {
        view_fail(view, table_name(TABLE_PERSON_KEY), MDB_CORRUPTED);
        return false;
    }
    memcpy(key, found.data, 32);
    return true;
}
