/* SPDX-License-Identifier: Apache-2.0
 *
 * The store: contents page. Two LMDB environments under one directory: `journal/` is the truth and is synced at
 * every commit; `state/` is derived from it, is not synced at commit, and comes back after a power cut from its
 * last checkpoint and the journal. docs/architecture.md, section "Store", has the picture.
 *
 * Who owns what: one thread (the writer) has the write view and the journal's append point; every other thread
 * reads through snapshots of its own. Only the broker opens a store, once a process. */
#ifndef VOUCH_STORE_STORE_H
#define VOUCH_STORE_STORE_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- slice.h: bytes that belong to somebody else ---- */

struct slice {
    const void *data;
    size_t size;
};

#define SLICE_NONE ((struct slice){NULL, 0})

/* ---- key.c: composite big-endian keys ---- */

#define KEY_MAX 511

struct key {
    size_t size;
    uint8_t bytes[KEY_MAX];
};

/* Each appends to the key; a key past KEY_MAX breaks an invariant (callers bound their strings). */
void key_start(struct key *key);
void key_add_u8(struct key *key, uint8_t number);
void key_add_u64(struct key *key, uint64_t number);
void key_add_bytes(struct key *key, const void *bytes, size_t size);
struct slice key_slice(const struct key *key);
/* Shorthands for the most frequent shapes. */
struct key key_u64(uint64_t number);
struct key key_u64_u64(uint64_t first, uint64_t second);
/* Reads the big-endian number at `offset`; the slice must be long enough. */
uint64_t slice_u64(struct slice slice, size_t offset);

/* ---- environment.c: opening, closing ---- */

enum table {
#define TABLE(environment, NAME, name, key, value, purpose) TABLE_##NAME,
#include "store/tables.def"
#undef TABLE
    TABLE_COUNT
};

/* The name of a table, "referral". */
const char *table_name(enum table table);
/* True for tables of the state environment. */
bool table_is_derived(enum table table);

#define STORE_FORMAT 3

struct store_options {
    const char *directory;
    size_t journal_map_bytes; /* 0: 256 GiB; sparse, costs address space only */
    size_t state_map_bytes;   /* 0: 256 GiB */
    const char *boot_id;      /* NULL: the kernel's; tests of power cuts name their own */
    unsigned max_readers;     /* 0: 126 */
};

struct store;

/* Makes an empty store in `directory` (made when missing, mode 0700, synced with its parent). DUPLICATE when one
 * is there already. */
enum vouch_status store_create(const struct store_options *options, struct status_text *why) MUST_USE;

/* Opens a store for the one process that may: CONFLICT (naming the process) when another has it, UNAVAILABLE for
 * a newer format, NOT_FOUND when there is none. Recovers the state environment: as it is after a process crash, back
 * to its checkpoint after a power cut, empty when neither can be trusted (logged). The caller then replays the
 * journal from store_applied_sequence() + 1. A journal that cannot be opened is INTERNAL: nothing is ever guessed
 * about the truth. */
enum vouch_status store_open(const struct store_options *options, struct store **store,
                             struct status_text *why) MUST_USE;

/* Opens a store that another process has open, for snapshots and backups only: nothing is locked, recovered or written.
 * The two sequences are those of the opening. */
enum vouch_status store_open_shared(const struct store_options *options, struct store **store,
                                    struct status_text *why) MUST_USE;

/* Removes a store's files and its directory, where nothing else is in it. It must not be open. */
void store_discard(const char *directory);

/* Closes. With `clean`, all is synced first and marked so, and the next start neither restores nor replays; pass false
 * after a failure. All views must be closed. Nulls the pointer; NULL inside is allowed. */
void store_close(struct store **store, bool clean);

/* Last sequence in the journal, and last sequence that the committed state holds. 0: none. Any thread. */
uint64_t store_journal_sequence(const struct store *store);
uint64_t store_applied_sequence(const struct store *store);

/* Throws the whole state environment away (the caller replays). No view may be open. */
enum vouch_status store_reset_state(struct store *store, struct status_text *why) MUST_USE;

/* ---- view.c: a consistent reading of the store, or the one open write ---- */

/* A view reads the state and the journal. A read view (snapshot) is one moment of the committed state; the write view
 * is the open state transaction. Trouble in a view (map full, corruption) is sticky: reads then find nothing, writes do
 * nothing, and view_failed says so; who owns the view checks once, at the end. One thread at a time. */
struct view;

/* Opens a snapshot. Slots are pooled: opening costs about a microsecond. Close within LIMIT_QUERY_MS. Returns NULL
 * (and logs) when all reader slots are taken. Any thread. */
struct view *snapshot_open(struct store *store);
void snapshot_close(struct view **view);
/* The last journal sequence that this view's state holds. */
uint64_t view_sequence(const struct view *view);
/* NULL, or what went wrong, one clause. */
const char *view_failed(const struct view *view);

/* The value of a key; false when there is none. The slice lives until the view closes or, in the write view, until
 * its next write. */
bool table_get(const struct view *view, enum table table, struct slice key, struct slice *value);
/* Write view only. */
void table_put(struct view *view, enum table table, struct slice key, struct slice value);
bool table_delete(struct view *view, enum table table, struct slice key);
/* Number of rows. */
uint64_t table_rows(const struct view *view, enum table table);

/* A place in a table, in key order. Slices live as those of table_get. Close before the view. Writing while a cursor of
 * the write view is open is fine: next and previous go on from the key last answered, even if its row is gone. */
struct cursor;
struct cursor *cursor_open(const struct view *view, enum table table);
void cursor_close(struct cursor **cursor);
/* Each answers whether there is a row there and fills key and value (either may be NULL). */
bool cursor_seek(struct cursor *cursor, struct slice at_or_after, struct slice *key, struct slice *value);
bool cursor_next(struct cursor *cursor, struct slice *key, struct slice *value);
bool cursor_previous(struct cursor *cursor, struct slice *key, struct slice *value);
/* Last row whose key is below `before`; with SLICE_NONE the last of all. */
bool cursor_seek_before(struct cursor *cursor, struct slice before, struct slice *key, struct slice *value);

/* Numbers in TABLE_META: "applied", "last_member", …; 0 when missing. */
uint64_t meta_get(const struct view *view, const char *name);
void meta_put(struct view *view, const char *name, uint64_t number);

/* ---- state.c: the writer's side of the state environment. Writer thread only. ---- */

/* The open write view; begins a state transaction when none is open, and brings its reading of the journal up to date
 * (slices of journal_get end here). NULL (with why) when none can be begun. */
struct view *state_write_view(struct store *store, struct status_text *why);
/* Makes everything applied up to `sequence` visible to snapshots (writes meta "applied", commits). The sequence must be
 * durable in the journal. On failure the transaction is gone, the state is as of the last commit, and the caller
 * replays from store_applied_sequence() + 1. */
enum vouch_status state_commit(struct store *store, uint64_t sequence, struct status_text *why) MUST_USE;
/* Drops everything since the last commit. */
void state_abort(struct store *store);

/* ---- journal.c: the one append point. One thread at a time; may be another than the writer. ---- */

struct journal_entry {
    uint64_t sequence; /* previous + 1 */
    struct slice event;
};

struct person_key {
    uint64_t contact;
    uint8_t key[32];
    bool destroyed; /* what the contact has is destroyed: `key` is none */
};

/* Appends a batch, and new and destroyed person keys in their order, in one synced transaction. OK: durable. TOO_LARGE
 * (full map) or UNAVAILABLE (full disk): nothing of it happened, later batches may succeed. INTERNAL: the disk failed;
 * nothing may be written any more and every later call says so again (a later sync could succeed without having kept
 * this data). */
enum vouch_status journal_append(struct store *store, const struct journal_entry *entries, size_t count,
                                 const struct person_key *keys, size_t key_count, struct status_text *why) MUST_USE;

/* Reads one event's bytes as of the view's journal snapshot; lives as table_get's. */
bool journal_get(const struct view *view, uint64_t sequence, struct slice *event);

/* ---- seal.c: personal data under a per-person key (XChaCha20-Poly1305) ---- */

#define SEAL_OVERHEAD (24 + 16)

/* Encrypts into out[size + SEAL_OVERHEAD]; the associated data is `contact`, so that a sealed text cannot be moved to
 * another person. `nonce` is 24 fresh random bytes. */
void seal(uint8_t *out, const void *plain, size_t size, uint64_t contact, const uint8_t key[32],
          const uint8_t nonce[24]);
/* Decrypts into out[size - SEAL_OVERHEAD]; false when the key is wrong or the bytes were changed. */
bool unseal(uint8_t *out, struct slice sealed, uint64_t contact, const uint8_t key[32]);
/* The key of a contact; false when it was destroyed or never made. In the write view this also finds keys handed to
 * view_add_person_key and not yet journalled. */
bool view_person_key(const struct view *view, uint64_t contact, uint8_t key[32]);
/* Write view only: a key made or destroyed by a command that is not yet in the journal; forgotten by
 * view_forget_person_keys(up to and including `sequence`) once it is. */
void view_add_person_key(struct view *view, uint64_t sequence, const struct person_key *key);
void view_forget_person_keys(struct view *view, uint64_t sequence);

/* ---- tie.c: adjacency ---- */

/* A node of the graph: a member or a contact. */
#define NODE_MEMBER UINT64_C(0x0100000000000000)
#define NODE_CONTACT UINT64_C(0x0200000000000000)
#define NODE_ID_MASK UINT64_C(0x00FFFFFFFFFFFFFF)

#define TIE_BY_HAND 1u

/* One packed entry; little-endian in the store. */
struct tie_entry {
    uint64_t peer; /* node */
    uint32_t strength_ppm;
    uint32_t flags;
};

/* Sets (or, at strength 0, removes) an edge in both directions' tables. */
void tie_put(struct view *view, uint64_t from, uint64_t to, uint32_t strength_ppm, uint32_t flags);
bool tie_get(const struct view *view, uint64_t from, uint64_t to, struct tie_entry *entry);
/* Copies up to `count` entries of `table` (TABLE_TIE_OUT or TABLE_TIE_IN) of `node` with peer > after, in peer order;
 * returns how many. */
size_t tie_list(const struct view *view, enum table table, uint64_t node, uint64_t after, struct tie_entry *entries,
                size_t count);

/* ---- checkpoint.c ---- */

/* First half, in the writer thread between two state transactions (none open): pins the committed state and copies its
 * meta pages; BUSY while the last one is not finished. Second half, in any one other thread: syncs, writes the
 * `checkpoint` file, releases the previous pin. A failure of the second half is logged and leaves the previous
 * checkpoint in force; after a failed sync there are no checkpoints any more, and the next start rebuilds the state.
 * store_open makes the first checkpoint itself, before anything can be written. */
enum vouch_status checkpoint_begin(struct store *store, struct status_text *why) MUST_USE;
enum vouch_status checkpoint_finish(struct store *store, struct status_text *why) MUST_USE;

/* ---- housekeeping ---- */

/* Frees reader slots of threads and processes that died; at start and every few seconds. */
void store_reap_readers(struct store *store);
/* Hot copy into a new directory: copied to a temporary name, synced, renamed, opened and verified. The copy opens like
 * a store that was cleanly stopped. Any thread. */
enum vouch_status store_backup(struct store *store, const char *directory, struct status_text *why) MUST_USE;
/* Compares all derived tables of two stores in key order, byte for byte; says the first difference. */
enum vouch_status store_compare_state(struct store *left, struct store *right, struct status_text *why) MUST_USE;

#endif
