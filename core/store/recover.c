/* SPDX-License-Identifier: Apache-2.0
 *
 * How the state environment comes back: as it is after a clean end or a process crash, back to its checkpoint after a
 * power cut, empty when neither can be trusted. It is derived, so throwing it away costs time and nothing else. */
#include "base/check.h"
#include "base/log.h"
#include "store/internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void state_shut(struct store *store)
{
    if (store->state != NULL) {
        mdb_env_close(store->state);
        store->state = NULL;
    }
}

/* The transaction id and the applied sequence of what is committed. */
static int state_look(struct store *store, uint64_t *txn_id, uint64_t *sequence)
{
    MDB_txn *txn;
    int code = mdb_txn_begin(store->state, NULL, MDB_RDONLY, &txn);
    if (code != 0) {
        return code;
    }
    MDB_val key = {.mv_size = strlen("applied"), .mv_data = (void *)(uintptr_t) "applied"};
    MDB_val value;
    code = mdb_get(txn, store->dbi[TABLE_META], &key, &value);
    *txn_id = mdb_txn_id(txn);
    *sequence = 0;
    if (code == 0 && value.mv_size == sizeof *sequence) {
        *sequence = slice_u64(slice_of(&value), 0);
    } else if (code == 0) {
        code = MDB_CORRUPTED;
    } else if (code == MDB_NOTFOUND) {
        code = 0;
    }
    mdb_txn_abort(txn);
    return code;
}

/* Opens what is there; MDB_CORRUPTED when it cannot be what this journal made. */
static int state_open(struct store *store, uint64_t *txn_id, uint64_t *sequence)
{
    int code = data_file_check(store->directory, "state/data.mdb");
    if (code == 0) {
        code = environment_open(&store->state, store->directory, "state", store->state_map_bytes,
                                store->max_readers + READERS_SPARE, STATE_FLAGS);
    }
    if (code == 0) {
        code = environment_tables(store->state, true, false, store->dbi);
    }
    if (code == 0) {
        code = state_look(store, txn_id, sequence);
    }
    if (code == 0 && *sequence > store_journal_sequence(store)) {
        log_error("store", "the state is at %llu, ahead of the journal at %llu", (unsigned long long)*sequence,
                  (unsigned long long)store_journal_sequence(store));
        code = MDB_CORRUPTED;
    }
    if (code == 0) {
        atomic_store(&store->applied_sequence, *sequence);
    } else {
        state_shut(store);
    }
    return code;
}

static int unlink_in(const char *directory, const char *name)
{
    char path[PATH_BYTES];
    path_join(path, directory, name);
    return unlink(path) == 0 || errno == ENOENT ? 0 : errno;
}

enum vouch_status state_recreate(struct store *store, struct status_text *why)
{
    state_shut(store);
    /* From here until the caller says otherwise a power cut leaves a state nobody may believe, and a checkpoint that
     * belongs to another file. */
    enum vouch_status status = session_write(store->directory, "broken", store->boot_id, why);
    if (status != VOUCH_OK) {
        return status;
    }
    char state[PATH_BYTES];
    path_join(state, store->directory, "state");
    int code = unlink_in(store->directory, CHECKPOINT_NAME);
    if (code == 0) {
        code = unlink_in(store->directory, "state/data.mdb");
    }
    if (code == 0) {
        code = unlink_in(store->directory, "state/lock.mdb");
    }
    status = code == 0 ? directory_make(state, why) : VOUCH_OK;
    if (status != VOUCH_OK) {
        return status;
    }
    if (code == 0) {
        code = environment_open(&store->state, store->directory, "state", store->state_map_bytes,
                                store->max_readers + READERS_SPARE, STATE_FLAGS);
    }
    if (code == 0) {
        code = environment_tables(store->state, true, true, store->dbi);
    }
    if (code == 0) {
        code = mdb_env_sync(store->state, 1);
    }
    if (code != 0) {
        state_shut(store);
        return status_set(why, code == ENOSPC || code == EDQUOT ? VOUCH_UNAVAILABLE : VOUCH_INTERNAL,
                          "cannot make the state of the store %s: %s", store->directory, lmdb_text(code));
    }
    atomic_store(&store->applied_sequence, 0);
    return directory_sync(state, why);
}

/* LMDB's own codes and a missing file mean "not a state"; the system's (no memory, no permission) mean "not now". */
static bool means_unusable(int code)
{
    return code < 0 || code == ENOENT;
}

enum vouch_status state_recover(struct store *store, enum session session, struct status_text *why)
{
    uint64_t saved_txn_id = 0;
    uint64_t saved_sequence = 0;
    struct status_text reason;
    if (session == SESSION_BROKEN) {
        log_warn("store", "the state is marked broken, rebuilding it from the journal");
        return state_recreate(store, why);
    }
    if (session == SESSION_LOST) {
        enum vouch_status status = checkpoint_restore(store->directory, &saved_txn_id, &saved_sequence, &reason);
        if (status == VOUCH_NOT_FOUND) {
            log_warn("store", "no clean end and no checkpoint (%s), rebuilding the state from the journal",
                     reason.text);
            return state_recreate(store, why);
        }
        if (status != VOUCH_OK) {
            return status_set(why, status, "%s", reason.text);
        }
    }
    uint64_t txn_id = 0;
    uint64_t sequence = 0;
    int code = state_open(store, &txn_id, &sequence);
    if (code == 0 && session == SESSION_LOST && (txn_id != saved_txn_id || sequence != saved_sequence)) {
        log_error("store", "the restored state is transaction %llu at %llu, its checkpoint says %llu at %llu",
                  (unsigned long long)txn_id, (unsigned long long)sequence, (unsigned long long)saved_txn_id,
                  (unsigned long long)saved_sequence);
        state_shut(store);
        code = MDB_CORRUPTED;
    }
    if (code == 0) {
        if (session != SESSION_CLEAN) {
            log_info("store", "no clean end, state recovered as=%s at=%llu journal=%llu",
                     session == SESSION_LOST ? "checkpoint" : "committed", (unsigned long long)sequence,
                     (unsigned long long)store_journal_sequence(store));
        }
        return VOUCH_OK;
    }
    if (!means_unusable(code)) {
        return status_set(why, VOUCH_INTERNAL, "cannot open the state of the store %s: %s", store->directory,
                          lmdb_text(code));
    }
    log_warn("store", "the state cannot be used (%s), rebuilding it from the journal", lmdb_text(code));
    return state_recreate(store, why);
}

enum vouch_status store_reset_state(struct store *store, struct status_text *why)
{
    CHECK_MAGIC(store, STORE_MAGIC);
    state_abort(store);
    snapshots_drain(store);
    checkpoint_release(store);
    enum vouch_status status = state_recreate(store, why);
    if (status == VOUCH_OK) {
        store->checkpoint_broken = false; /* another file */
        status = checkpoint_begin(store, why);
    }
    if (status == VOUCH_OK) {
        status = checkpoint_finish(store, why);
    }
    return status == VOUCH_OK ? session_write(store->directory, "open", store->boot_id, why) : status;
}
