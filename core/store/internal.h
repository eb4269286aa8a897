/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the store share, in the order of the folder's story: small durable files, the two environments,
 * views, the writer's state, the journal, checkpoints. Nobody outside core/store includes this. */
#ifndef VOUCH_STORE_INTERNAL_H
#define VOUCH_STORE_INTERNAL_H

#include "store/store.h"

#include <lmdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#define STORE_MAGIC UINT32_C(0x56535431)
#define VIEW_MAGIC UINT32_C(0x56565731)

#define PATH_BYTES 4096
#define BOOT_ID_BYTES 64

/* Reader slots beyond the snapshots': two pins, the writer's reading of the journal, a backup, an opening look. */
#define READERS_SPARE 8

/* ---- file.c: small files that are there whole or not at all ---- */

/* Writes under a temporary name, syncs, renames, syncs the directory. `doubtful` (may be NULL) tells whether the new
 * file may be in place although it failed. */
enum vouch_status file_replace(const char *directory, const char *name, const void *bytes, size_t size, bool *doubtful,
                               struct status_text *why) MUST_USE;
/* Reads at most `room` bytes; the number read, or -1 with errno. */
ssize_t file_read(const char *directory, const char *name, void *bytes, size_t room);
/* Makes the names in a directory durable. */
enum vouch_status directory_sync(const char *directory, struct status_text *why) MUST_USE;
/* Makes a directory (mode 0700) unless it is there; its parent is synced. */
enum vouch_status directory_make(const char *directory, struct status_text *why) MUST_USE;
/* "directory/name" into path[PATH_BYTES]; callers' directories are bounded by store_open. */
void path_join(char *path, const char *directory, const char *name);
/* Takes the store's lock; -1 with `why` set when it cannot be had. The lock goes with the descriptor. */
int lock_take(const char *directory, enum vouch_status *status, struct status_text *why);

/* ---- session.c: what the last process said when it left, and how much of the state to believe ---- */

enum session {
    SESSION_CLEAN,   /* all was synced, nothing was written since */
    SESSION_CRASHED, /* the process died, the page cache did not */
    SESSION_LOST,    /* power went, or nobody knows */
    SESSION_BROKEN,  /* the state is known to be bad */
};

enum session session_read(const char *directory, const char *boot_id);
/* Word is "open", "clean" or "broken". */
enum vouch_status session_write(const char *directory, const char *word, const char *boot_id,
                                struct status_text *why) MUST_USE;
/* The kernel's boot id, or "unknown", which never equals another. */
void boot_id_read(char boot_id[BOOT_ID_BYTES]);

/* ---- environment.c ---- */

/* A pinned snapshot of the state: while it is open LMDB reuses none of its pages. */
struct pin {
    MDB_txn *txn; /* NULL: none */
    uint64_t txn_id;
    uint64_t sequence;
    size_t page_size;
    uint8_t *metas; /* two pages */
};

/* One clause on what went wrong in a view; apart, so that reading a view can report it. */
struct view_health {
    int error; /* LMDB's or errno; 0: well */
    char text[160];
};

struct pending_key {
    uint64_t sequence;
    struct person_key key;
};

struct view {
    uint32_t magic;
    struct store *store;
    MDB_txn *state;   /* NULL in a resting write view */
    MDB_txn *journal; /* read-only, also in the write view */
    bool writing;     /* the write view */
    uint64_t sequence;
    uint64_t writes; /* of this view; tells cursors that they must find their place again */
    unsigned cursors;
    struct view *next; /* pool */
    struct view_health *health;
};

struct store {
    uint32_t magic;
    char directory[PATH_BYTES - 64];
    char boot_id[BOOT_ID_BYTES];
    size_t journal_map_bytes;
    size_t state_map_bytes;
    unsigned max_readers;
    int lock;
    MDB_env *journal;
    MDB_env *state;
    MDB_dbi dbi[TABLE_COUNT];

    _Atomic uint64_t journal_sequence;
    _Atomic uint64_t applied_sequence;

    /* Snapshots: resting views, guarded by pool_lock. */
    pthread_mutex_t pool_lock;
    struct view *resting;
    unsigned snapshots; /* made, resting or open */
    unsigned snapshots_open;

    /* Owned by the writer thread. */
    struct view write_view;
    uint64_t write_view_journal; /* journal sequence that its journal reading is as of */
    struct pending_key *pending;
    size_t pending_count;
    size_t pending_room;

    /* Owned by the thread that appends. */
    bool journal_failed;
    struct status_text journal_failure;
    uint64_t journal_allocated;

    /* Checkpoints: begin (writer) hands `fresh` to finish (one other thread) under the lock. */
    pthread_mutex_t checkpoint_lock;
    struct pin fresh;       /* begun, not finished */
    struct pin settled;     /* of the checkpoint file in force */
    bool checkpoint_broken; /* a sync of the state failed: what is on disk is not known any more */
};

/* Pages before meta page, and journal_append syncs the meta page itself. */
#define JOURNAL_FLAGS MDB_NOMETASYNC
#define STATE_FLAGS MDB_NOSYNC

/* Opens an environment and sets close-on-exec on its descriptor. */
int environment_open(MDB_env **environment, const char *directory, const char *name, size_t map_bytes, unsigned readers,
                     unsigned flags);
/* Opens the tables of one environment; makes them when `make`. MDB_NOTFOUND when one is missing. */
int environment_tables(MDB_env *environment, bool derived, bool make, MDB_dbi dbi[TABLE_COUNT]);
/* Marks a directory as a store of this format; the last thing that makes one. */
enum vouch_status format_write(const char *directory, struct status_text *why) MUST_USE;
/* LMDB's or the system's words for a return code. */
const char *lmdb_text(int code);
/* Last key of a table with 8-byte keys; 0 when empty. */
int last_sequence(MDB_txn *txn, MDB_dbi dbi, uint64_t *sequence);

/* ---- meta.c ---- */

#define PAGE_BYTES_MAX 65536

/* LMDB 0.9's meta page after its header. */
struct lmdb_meta {
    uint32_t magic;
    uint32_t version;
    uint64_t address;
    uint64_t map_size;
    uint64_t trees[12];
    uint64_t last_page;
    uint64_t txn_id;
};

/* The newer of two meta pages; false when either is none. */
bool metas_newer(const uint8_t *metas, size_t page_size, struct lmdb_meta *newer);
/* Whether a data file can be opened without reading behind its end; 0, LMDB's code when it is no such file, or the
 * system's. */
int data_file_check(const char *directory, const char *name);

/* ---- recover.c ---- */

/* Opens the state environment of store->directory as `session` allows. */
enum vouch_status state_recover(struct store *store, enum session session, struct status_text *why) MUST_USE;
/* Empties the state environment. */
enum vouch_status state_recreate(struct store *store, struct status_text *why) MUST_USE;

/* ---- view.c ---- */

void view_fail(const struct view *view, const char *doing, int code);
struct slice slice_of(const MDB_val *value);
MDB_val value_of(struct slice slice);
/* Ends the transactions of resting snapshots. */
void snapshots_drain(struct store *store);

/* ---- state.c ---- */

void pending_clear(struct store *store);

/* ---- checkpoint.c ---- */

#define CHECKPOINT_NAME "checkpoint"

/* Puts the checkpoint's meta pages back into state/data.mdb. NOT_FOUND: there is none that checks. */
enum vouch_status checkpoint_restore(const char *directory, uint64_t *txn_id, uint64_t *sequence,
                                     struct status_text *why) MUST_USE;
/* Ends both pins. */
void checkpoint_release(struct store *store);

#endif
