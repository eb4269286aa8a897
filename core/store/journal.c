/* SPDX-License-Identifier: Apache-2.0
 *
 * The one append point. A batch is one LMDB transaction: LMDB syncs its pages and writes the meta page, we sync that
 * (JOURNAL_FLAGS), and then it is durable. Were LMDB to sync the meta page itself, a failure would close the
 * environment to readers too, and queries are to go on. Space is set aside ahead of need, so that a full disk is met
 * before a transaction and not in the middle of one. */
#include "base/check.h"
#include "base/limits.h"
#include "base/log.h"
#include "store/internal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define ALLOCATE_BYTES (UINT64_C(1) << 20)

/* The first failure of the disk is also the last word: a later sync could succeed without having kept this data. */
static enum vouch_status journal_stop(struct store *store, struct status_text *why, const char *doing, int code)
{
    store->journal_failed = true;
    (void)status_set(&store->journal_failure, VOUCH_INTERNAL,
                     "the journal takes nothing more, its disk failed (%s: %s); restart when it is mended", doing,
                     lmdb_text(code));
    log_error("store", "%s", store->journal_failure.text);
    return status_set(why, VOUCH_INTERNAL, "%s", store->journal_failure.text);
}

/* At most so many bytes of new pages can a batch need: leaves filled half, overflow pages, the path to each person
 * key, the list of free pages. */
static uint64_t batch_bound(const struct journal_entry *entries, size_t count, size_t key_count, uint64_t page_size)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t size = entries[i].event.size + 64;
        bytes += size > page_size / 2 - 64 ? (size / page_size + 2) * page_size : 2 * size;
    }
    return bytes + (4 * (uint64_t)key_count + 64) * page_size;
}

/* Writes zeroes over [from, to) of the file; 0, or an error of the system. */
static int zeroes_write(int file, uint64_t from, uint64_t to)
{
    static const uint8_t zeroes[64 << 10];
    while (from < to) {
        size_t size = to - from < sizeof zeroes ? (size_t)(to - from) : sizeof zeroes;
        ssize_t written = pwrite(file, zeroes, size, (off_t)from);
        if (written < 0 && errno != EINTR) {
            return errno;
        }
        from += written > 0 ? (uint64_t)written : 0;
    }
    return 0;
}

/* Makes sure that the file has `bytes` of zeroes behind LMDB's last page. Nobody else is writing there: no transaction
 * is open. Overwriting them later costs a sync less than growing the file would. */
static int journal_allocate(struct store *store, uint64_t bytes)
{
    MDB_envinfo info;
    MDB_stat stat;
    int file = -1;
    mdb_env_info(store->journal, &info);
    mdb_env_stat(store->journal, &stat);
    uint64_t end = (info.me_last_pgno + 1) * (uint64_t)stat.ms_psize;
    if (end + bytes <= store->journal_allocated) {
        return 0;
    }
    int code = mdb_env_get_fd(store->journal, &file);
    if (code != 0) {
        return code;
    }
    uint64_t from = store->journal_allocated > end ? store->journal_allocated : end;
    uint64_t to = end + bytes + ALLOCATE_BYTES;
    code = zeroes_write(file, from, to);
    if (code == ENOSPC || code == EDQUOT) {
        to = end + bytes; /* nearly full: perhaps there is room for this batch alone */
        code = zeroes_write(file, from, to);
    }
    store->journal_allocated = code == 0 ? to : store->journal_allocated;
    return code;
}

/* After a write that ran out of space: is the journal as it was, and ready? LMDB says MDB_PANIC when its meta page is
 * in doubt. */
static bool journal_is_as_before(struct store *store)
{
    MDB_txn *txn;
    uint64_t last = 0;
    if (mdb_txn_begin(store->journal, NULL, 0, &txn) != 0) {
        return false;
    }
    int code = last_sequence(txn, store->dbi[TABLE_JOURNAL], &last);
    mdb_txn_abort(txn);
    return code == 0 && last == store_journal_sequence(store);
}

static enum vouch_status journal_refuse(struct store *store, struct status_text *why, const char *doing, int code)
{
    if (code == MDB_MAP_FULL) {
        return status_set(why, VOUCH_TOO_LARGE, "the journal's map of %zu bytes is full", store->journal_map_bytes);
    }
    bool full = code == ENOSPC || code == EDQUOT;
    if (full && journal_is_as_before(store)) {
        return status_set(why, VOUCH_UNAVAILABLE, "the disk of the journal is full");
    }
    return journal_stop(store, why, doing, code);
}

/* Overwrites a person's key before it is taken away: what LMDB leaves behind on the page that it writes now is zeroes.
 */
static int key_destroy(struct store *store, MDB_txn *txn, MDB_val *key)
{
    static const uint8_t zeroes[32];
    MDB_val nothing = {.mv_size = sizeof zeroes, .mv_data = (void *)(uintptr_t)zeroes};
    int code = mdb_put(txn, store->dbi[TABLE_PERSON_KEY], key, &nothing, 0);
    if (code == 0) {
        code = mdb_del(txn, store->dbi[TABLE_PERSON_KEY], key, NULL);
    }
    return code;
}

static int batch_put(struct store *store, MDB_txn *txn, const struct journal_entry *entries, size_t count,
                     const struct person_key *keys, size_t key_count)
{
    int code = 0;
    for (size_t i = 0; code == 0 && i < count; i++) {
        struct key at = key_u64(entries[i].sequence);
        MDB_val key = value_of(key_slice(&at));
        MDB_val value = value_of(entries[i].event);
        code = mdb_put(txn, store->dbi[TABLE_JOURNAL], &key, &value, MDB_APPEND);
    }
    for (size_t i = 0; code == 0 && i < key_count; i++) {
        struct key at = key_u64(keys[i].contact);
        MDB_val key = value_of(key_slice(&at));
        MDB_val value = {.mv_size = sizeof keys[i].key, .mv_data = (void *)(uintptr_t)keys[i].key};
        code = keys[i].destroyed ? key_destroy(store, txn, &key)
                                 : mdb_put(txn, store->dbi[TABLE_PERSON_KEY], &key, &value, 0);
    }
    return code;
}

enum vouch_status journal_append(struct store *store, const struct journal_entry *entries, size_t count,
                                 const struct person_key *keys, size_t key_count, struct status_text *why)
{
    CHECK_MAGIC(store, STORE_MAGIC);
    if (store->journal_failed) {
        return status_set(why, VOUCH_INTERNAL, "%s", store->journal_failure.text);
    }
    if (count == 0 && key_count == 0) {
        return VOUCH_OK;
    }
    uint64_t last = store_journal_sequence(store);
    for (size_t i = 0; i < count; i++) {
        CHECK(entries[i].sequence == last + 1 + i);
    }
    MDB_stat stat;
    mdb_env_stat(store->journal, &stat);
    int code = journal_allocate(store, batch_bound(entries, count, key_count, stat.ms_psize));
    if (code != 0) {
        return journal_refuse(store, why, "allocate", code);
    }
    MDB_txn *txn;
    code = mdb_txn_begin(store->journal, NULL, 0, &txn);
    if (code != 0) {
        return journal_refuse(store, why, "begin", code);
    }
    code = batch_put(store, txn, entries, count, keys, key_count);
    if (code != 0) {
        mdb_txn_abort(txn);
        return journal_refuse(store, why, "put", code);
    }
    code = mdb_txn_commit(txn); /* frees it in any case */
    if (code == 0) {
        code = mdb_env_sync(store->journal, 1);
    }
    if (code != 0) {
        return journal_refuse(store, why, "commit", code);
    }
    atomic_store(&store->journal_sequence, last + count);
    return VOUCH_OK;
}
