/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening and closing: the lock, the format, the two environments and their tables, and in which order a start makes
 * what it did durable. */
#include "base/check.h"
#include "base/log.h"
#include "store/internal.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT_NAME "format"
#define FORMAT_WORDS "vouch store "
#define MAP_BYTES_DEFAULT ((size_t)256 << 30)
#define READERS_DEFAULT 126
#define STUMP_BYTES_MAX 65536

enum table_environment { ENVIRONMENT_JOURNAL, ENVIRONMENT_STATE };

static const char *const table_names[TABLE_COUNT] = {
#define TABLE(environment, NAME, name, key, value, purpose) [TABLE_##NAME] = (name),
#include "store/tables.def"
#undef TABLE
};

static const enum table_environment table_environments[TABLE_COUNT] = {
#define TABLE(environment, NAME, name, key, value, purpose) [TABLE_##NAME] = ENVIRONMENT_##environment,
#include "store/tables.def"
#undef TABLE
};

const char *table_name(enum table table)
{
    CHECK((unsigned)table < TABLE_COUNT);
    return table_names[table];
}

bool table_is_derived(enum table table)
{
    CHECK((unsigned)table < TABLE_COUNT);
    return table_environments[table] == ENVIRONMENT_STATE;
}

const char *lmdb_text(int code)
{
    return mdb_strerror(code);
}

int environment_open(MDB_env **environment, const char *directory, const char *name, size_t map_bytes, unsigned readers,
                     unsigned flags)
{
    char path[PATH_BYTES];
    path_join(path, directory, name);
    MDB_env *opening = NULL;
    int code = mdb_env_create(&opening);
    if (code != 0) {
        return code;
    }
    mdb_env_set_mapsize(opening, map_bytes);
    mdb_env_set_maxreaders(opening, readers);
    mdb_env_set_maxdbs(opening, TABLE_COUNT);
    code = mdb_env_open(opening, path, flags | MDB_NOTLS, 0600);
    int file = -1;
    if (code == 0) {
        code = mdb_env_get_fd(opening, &file);
    }
    if (code == 0) {
        /* LMDB opens its data file inheritable; plugin hosts must not get it. */
        code = fcntl(file, F_SETFD, FD_CLOEXEC) == 0 ? 0 : errno;
    }
    if (code != 0) {
        mdb_env_close(opening);
        return code;
    }
    *environment = opening;
    return 0;
}

int environment_tables(MDB_env *environment, bool derived, bool make, MDB_dbi dbi[TABLE_COUNT])
{
    MDB_txn *txn;
    int code = mdb_txn_begin(environment, NULL, make ? 0 : MDB_RDONLY, &txn);
    if (code != 0) {
        return code;
    }
    for (unsigned table = 0; code == 0 && table < TABLE_COUNT; table++) {
        if (table_is_derived((enum table)table) == derived) {
            code = mdb_dbi_open(txn, table_names[table], make ? MDB_CREATE : 0, &dbi[table]);
        }
    }
    if (code != 0) {
        mdb_txn_abort(txn);
        return code;
    }
    return mdb_txn_commit(txn);
}

int last_sequence(MDB_txn *txn, MDB_dbi dbi, uint64_t *sequence)
{
    *sequence = 0;
    MDB_cursor *cursor;
    int code = mdb_cursor_open(txn, dbi, &cursor);
    if (code != 0) {
        return code;
    }
    MDB_val key;
    MDB_val value;
    code = mdb_cursor_get(cursor, &key, &value, MDB_LAST);
    if (code == 0 && key.mv_size != sizeof *sequence) {
        code = MDB_CORRUPTED;
    } else if (code == 0) {
        *sequence = slice_u64(slice_of(&key), 0);
    }
    mdb_cursor_close(cursor);
    return code == MDB_NOTFOUND ? 0 : code;
}

/* ---- format ---- */

static enum vouch_status format_check(const char *directory, struct status_text *why)
{
    char line[64];
    ssize_t size = file_read(directory, FORMAT_NAME, line, sizeof line - 1);
    if (size < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        return status_set(why, VOUCH_NOT_FOUND, "there is no store in %s", directory);
    }
    if (size < 0) {
        return status_set(why, VOUCH_INTERNAL, "cannot read %s/%s: %s", directory, FORMAT_NAME, strerror(errno));
    }
    line[size] = '\0';
    unsigned format = 0;
    if (sscanf(line, FORMAT_WORDS "%u", &format) != 1 || format == 0) {
        return status_set(why, VOUCH_INTERNAL, "%s/%s does not say the format of the store", directory, FORMAT_NAME);
    }
    if (format > STORE_FORMAT) {
        return status_set(why, VOUCH_UNAVAILABLE,
                          "the store %s has format %u, and this program knows formats up to %d: use a newer one",
                          directory, format, STORE_FORMAT);
    }
    if (format < STORE_FORMAT) {
        return status_set(why, VOUCH_UNAVAILABLE,
                          "the store %s has format %u, of a version before the first release, and this one reads "
                          "format %d only: go on with that version, or begin a new store beside it (operator's guide, "
                          "Another version)",
                          directory, format, STORE_FORMAT);
    }
    return VOUCH_OK;
}

enum vouch_status format_write(const char *directory, struct status_text *why)
{
    char line[64];
    int length = snprintf(line, sizeof line, FORMAT_WORDS "%d\n", STORE_FORMAT);
    return file_replace(directory, FORMAT_NAME, line, (size_t)length, NULL, why);
}

/* ---- opening ---- */

static enum vouch_status lmdb_trouble(struct status_text *why, const char *what, const char *directory, int code)
{
    enum vouch_status status = code == ENOSPC || code == EDQUOT ? VOUCH_UNAVAILABLE : VOUCH_INTERNAL;
    return status_set(why, status, "cannot open the %s of the store %s: %s", what, directory, lmdb_text(code));
}

static struct store *store_new(const struct store_options *options, struct status_text *why)
{
    struct store *store = calloc(1, sizeof *store);
    CHECK(store != NULL);
    if (strlen(options->directory) >= sizeof store->directory) {
        (void)status_set(why, VOUCH_INVALID, "the name of the store's directory is too long");
        free(store);
        return NULL;
    }
    store->magic = STORE_MAGIC;
    strcpy(store->directory, options->directory);
    if (options->boot_id != NULL) {
        snprintf(store->boot_id, sizeof store->boot_id, "%s", options->boot_id);
    } else {
        boot_id_read(store->boot_id);
    }
    store->journal_map_bytes = options->journal_map_bytes == 0 ? MAP_BYTES_DEFAULT : options->journal_map_bytes;
    store->state_map_bytes = options->state_map_bytes == 0 ? MAP_BYTES_DEFAULT : options->state_map_bytes;
    store->max_readers = options->max_readers == 0 ? READERS_DEFAULT : options->max_readers;
    store->lock = -1;
    CHECK(pthread_mutex_init(&store->pool_lock, NULL) == 0);
    CHECK(pthread_mutex_init(&store->checkpoint_lock, NULL) == 0);
    store->write_view.magic = VIEW_MAGIC;
    store->write_view.store = store;
    store->write_view.writing = true;
    store->write_view.health = calloc(1, sizeof *store->write_view.health);
    CHECK(store->write_view.health != NULL);
    return store;
}

static void store_free(struct store *store)
{
    if (store->state != NULL) {
        mdb_env_close(store->state);
    }
    if (store->journal != NULL) {
        mdb_env_close(store->journal);
    }
    if (store->lock >= 0) {
        close(store->lock);
    }
    pending_clear(store);
    free(store->pending);
    free(store->write_view.health);
    pthread_mutex_destroy(&store->pool_lock);
    pthread_mutex_destroy(&store->checkpoint_lock);
    store->magic = 0;
    free(store);
}

/* Opens (or makes) the journal and reads where it ends. */
static enum vouch_status journal_open(struct store *store, bool make, unsigned flags, struct status_text *why)
{
    /* Making has no file yet, and a file that another process is writing is not ours to mend. */
    bool ours = !make && (flags & MDB_RDONLY) == 0;
    int code = ours ? data_file_check(store->directory, "journal/data.mdb") : 0;
    if (code != 0) {
        return lmdb_trouble(why, "journal", store->directory, code);
    }
    code = environment_open(&store->journal, store->directory, "journal", store->journal_map_bytes,
                            store->max_readers + READERS_SPARE, flags);
    if (code == 0) {
        code = environment_tables(store->journal, false, make, store->dbi);
    }
    if (code == 0 && make) {
        code = mdb_env_sync(store->journal, 1);
    }
    MDB_txn *txn = NULL;
    if (code == 0) {
        code = mdb_txn_begin(store->journal, NULL, MDB_RDONLY, &txn);
    }
    if (code != 0) {
        return lmdb_trouble(why, "journal", store->directory, code);
    }
    uint64_t last = 0;
    MDB_stat stat = {0};
    code = last_sequence(txn, store->dbi[TABLE_JOURNAL], &last);
    if (code == 0) {
        code = mdb_stat(txn, store->dbi[TABLE_JOURNAL], &stat);
    }
    mdb_txn_abort(txn);
    if (code != 0) {
        return lmdb_trouble(why, "journal", store->directory, code);
    }
    if (stat.ms_entries != last) {
        return status_set(why, VOUCH_INTERNAL, "the journal of %s has %zu events but ends at number %llu",
                          store->directory, stat.ms_entries, (unsigned long long)last);
    }
    atomic_store(&store->journal_sequence, last);
    return VOUCH_OK;
}

static enum vouch_status store_begin(struct store *store, struct status_text *why)
{
    enum vouch_status status = VOUCH_OK;
    store->lock = lock_take(store->directory, &status, why);
    if (store->lock < 0) {
        return status;
    }
    status = journal_open(store, false, JOURNAL_FLAGS, why);
    if (status == VOUCH_OK) {
        status = state_recover(store, session_read(store->directory, store->boot_id), why);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    store_reap_readers(store);
    /* Pins died with the last process: before anything is written, what is there must be safe from a power cut, and
     * only then may the session say that the state is being written. */
    status = checkpoint_begin(store, why);
    if (status == VOUCH_OK) {
        status = checkpoint_finish(store, why);
    }
    if (status == VOUCH_OK) {
        status = session_write(store->directory, "open", store->boot_id, why);
    }
    return status;
}

enum vouch_status store_open(const struct store_options *options, struct store **store, struct status_text *why)
{
    *store = NULL;
    enum vouch_status status = format_check(options->directory, why);
    if (status != VOUCH_OK) {
        return status;
    }
    struct store *opening = store_new(options, why);
    if (opening == NULL) {
        return VOUCH_INVALID;
    }
    status = store_begin(opening, why);
    if (status != VOUCH_OK) {
        checkpoint_release(opening);
        store_free(opening);
        return status;
    }
    *store = opening;
    return VOUCH_OK;
}

/* The environments as another process has them; the state first: the journal is then never behind it. */
static enum vouch_status shared_begin(struct store *store, struct status_text *why)
{
    int code = environment_open(&store->state, store->directory, "state", store->state_map_bytes,
                                store->max_readers + READERS_SPARE, MDB_RDONLY);
    if (code == 0) {
        code = environment_tables(store->state, true, false, store->dbi);
    }
    if (code != 0) {
        return lmdb_trouble(why, "state", store->directory, code);
    }
    return journal_open(store, false, MDB_RDONLY, why);
}

enum vouch_status store_open_shared(const struct store_options *options, struct store **store, struct status_text *why)
{
    *store = NULL;
    enum vouch_status status = format_check(options->directory, why);
    if (status != VOUCH_OK) {
        return status;
    }
    struct store *opening = store_new(options, why);
    if (opening == NULL) {
        return VOUCH_INVALID;
    }
    status = shared_begin(opening, why);
    struct view *view = status == VOUCH_OK ? snapshot_open(opening) : NULL;
    if (view == NULL) {
        snapshots_drain(opening);
        store_free(opening);
        return status != VOUCH_OK ? status : status_set(why, VOUCH_BUSY, "no reader slot of the store is free");
    }
    atomic_store(&opening->applied_sequence, view_sequence(view));
    snapshot_close(&view);
    *store = opening;
    return VOUCH_OK;
}

/* Opens the journal to be made. A cut or a full disk may have left a stump of one; a stump that is no LMDB file and too
 * short to have ever held events goes. Anything else stays, whatever it is. */
static enum vouch_status journal_make(struct store *store, struct status_text *why)
{
    char data[PATH_BYTES];
    struct stat stat_buffer;
    path_join(data, store->directory, "journal/data.mdb");
    enum vouch_status status = journal_open(store, true, JOURNAL_FLAGS, why);
    if (status != VOUCH_INTERNAL || stat(data, &stat_buffer) != 0 || stat_buffer.st_size > STUMP_BYTES_MAX) {
        return status;
    }
    if (store->journal != NULL) {
        mdb_env_close(store->journal);
        store->journal = NULL;
    }
    if (unlink(data) != 0) {
        return status;
    }
    return journal_open(store, true, JOURNAL_FLAGS, why);
}

static enum vouch_status store_fill(struct store *store, struct status_text *why)
{
    enum vouch_status status = VOUCH_OK;
    store->lock = lock_take(store->directory, &status, why);
    if (store->lock < 0) {
        return status;
    }
    char journal[PATH_BYTES];
    path_join(journal, store->directory, "journal");
    status = directory_make(journal, why);
    if (status == VOUCH_OK) {
        status = journal_make(store, why);
    }
    if (status == VOUCH_OK && store_journal_sequence(store) != 0) {
        status = status_set(why, VOUCH_DUPLICATE, "%s holds a journal already (but no file \"%s\")", store->directory,
                            FORMAT_NAME);
    }
    if (status == VOUCH_OK) {
        status = directory_sync(journal, why);
    }
    if (status == VOUCH_OK) {
        status = state_recreate(store, why);
    }
    if (status == VOUCH_OK) {
        status = session_write(store->directory, "clean", store->boot_id, why);
    }
    /* Last: a store whose making was cut short has no format, and is made again. */
    return status == VOUCH_OK ? format_write(store->directory, why) : status;
}

enum vouch_status store_create(const struct store_options *options, struct status_text *why)
{
    struct status_text absent;
    enum vouch_status status = format_check(options->directory, &absent);
    if (status != VOUCH_NOT_FOUND) {
        return status_set(why, VOUCH_DUPLICATE, "there is a store in %s already", options->directory);
    }
    struct store *store = store_new(options, why);
    if (store == NULL) {
        return VOUCH_INVALID;
    }
    status = directory_make(store->directory, why);
    if (status == VOUCH_OK) {
        status = store_fill(store, why);
    }
    store_free(store);
    return status;
}

void store_close(struct store **store, bool clean)
{
    struct store *closing = *store;
    *store = NULL;
    if (closing == NULL) {
        return;
    }
    CHECK_MAGIC(closing, STORE_MAGIC);
    state_abort(closing);
    snapshots_drain(closing);
    checkpoint_release(closing);
    struct status_text why;
    if (clean && closing->lock >= 0 && !closing->checkpoint_broken) {
        int failed = mdb_env_sync(closing->state, 1);
        if (failed != 0) {
            log_error("store", "cannot sync the state, the next start rebuilds it: %s", lmdb_text(failed));
        }
        if (session_write(closing->directory, failed == 0 ? "clean" : "broken", closing->boot_id, &why) != VOUCH_OK) {
            log_error("store", "cannot mark the end: %s", why.text);
        }
    }
    store_free(closing);
}

uint64_t store_journal_sequence(const struct store *store)
{
    CHECK_MAGIC(store, STORE_MAGIC);
    return atomic_load(&store->journal_sequence);
}

uint64_t store_applied_sequence(const struct store *store)
{
    CHECK_MAGIC(store, STORE_MAGIC);
    return atomic_load(&store->applied_sequence);
}

void store_reap_readers(struct store *store)
{
    CHECK_MAGIC(store, STORE_MAGIC);
    int dead = 0;
    int dead_journal = 0;
    mdb_reader_check(store->state, &dead);
    mdb_reader_check(store->journal, &dead_journal);
    if (dead + dead_journal > 0) {
        log_warn("store", "freed %d reader slots of dead processes", dead + dead_journal);
    }
}
