/* SPDX-License-Identifier: Apache-2.0
 *
 * Checkpoints: a snapshot of the unsynced state that a power cut cannot take. While a snapshot is pinned LMDB reuses
 * none of its pages; once the file is synced, the snapshot is on disk whole, and the saved meta pages lead back to it.
 * The previous pin goes only when the new `checkpoint` file is durable, so that the file in force is always pinned. */
#include "base/check.h"
#include "base/log.h"
#include "store/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHECKPOINT_WORD "vouchcp1"

struct checkpoint_head {
    char word[8];
    uint64_t page_size;
    uint64_t txn_id;
    uint64_t sequence;
    uint8_t digest[32]; /* BLAKE2b of this head with a zero digest, then the pages */
};

static void checkpoint_digest(const struct checkpoint_head *head, const uint8_t *metas, uint8_t digest[32])
{
    struct checkpoint_head blank = *head;
    memset(blank.digest, 0, sizeof blank.digest);
    crypto_generichash_state hash;
    crypto_generichash_init(&hash, NULL, 0, 32);
    crypto_generichash_update(&hash, (const uint8_t *)&blank, sizeof blank);
    crypto_generichash_update(&hash, metas, 2 * head->page_size);
    crypto_generichash_final(&hash, digest, 32);
}

static void pin_release(struct pin *pin)
{
    if (pin->txn != NULL) {
        mdb_txn_abort(pin->txn);
    }
    free(pin->metas);
    *pin = (struct pin){0};
}

void checkpoint_release(struct store *store)
{
    pthread_mutex_lock(&store->checkpoint_lock);
    pin_release(&store->fresh);
    pin_release(&store->settled);
    pthread_mutex_unlock(&store->checkpoint_lock);
}

/* Pins the newest snapshot and copies the meta pages that lead to it; 0 or an error. */
static int pin_take(struct store *store, struct pin *pin)
{
    MDB_stat stat;
    int file = -1;
    mdb_env_stat(store->state, &stat);
    *pin = (struct pin){.page_size = stat.ms_psize, .sequence = store_applied_sequence(store)};
    int code = mdb_env_get_fd(store->state, &file);
    if (code == 0) {
        code = mdb_txn_begin(store->state, NULL, MDB_RDONLY, &pin->txn);
    }
    if (code != 0) {
        pin->txn = NULL;
        return code;
    }
    pin->txn_id = mdb_txn_id(pin->txn);
    pin->metas = malloc(2 * pin->page_size);
    CHECK(pin->metas != NULL);
    struct lmdb_meta newer;
    ssize_t got = pread(file, pin->metas, 2 * pin->page_size, 0);
    if (got != (ssize_t)(2 * pin->page_size)) {
        code = got < 0 ? errno : EIO;
    } else if (!metas_newer(pin->metas, pin->page_size, &newer) || newer.txn_id != pin->txn_id) {
        code = MDB_VERSION_MISMATCH; /* not the LMDB that this was written for */
    }
    if (code != 0) {
        pin_release(pin);
    }
    return code;
}

enum vouch_status checkpoint_begin(struct store *store, struct status_text *why)
{
    CHECK_MAGIC(store, STORE_MAGIC);
    CHECK(store->write_view.state == NULL);
    enum vouch_status status = VOUCH_OK;
    pthread_mutex_lock(&store->checkpoint_lock);
    if (store->checkpoint_broken) {
        status = status_set(why, VOUCH_INTERNAL, "no checkpoints any more: the state's disk failed");
    } else if (store->fresh.txn != NULL) {
        status = status_set(why, VOUCH_BUSY, "the last checkpoint is still being written");
    } else {
        int code = pin_take(store, &store->fresh);
        if (code != 0) {
            status = status_set(why, VOUCH_INTERNAL, "cannot begin a checkpoint: %s", lmdb_text(code));
        }
    }
    pthread_mutex_unlock(&store->checkpoint_lock);
    return status;
}

/* From here on nobody knows what of the state is on disk: the next start must rebuild it. */
static void checkpoint_give_up(struct store *store)
{
    struct status_text why;
    pthread_mutex_lock(&store->checkpoint_lock);
    store->checkpoint_broken = true;
    pthread_mutex_unlock(&store->checkpoint_lock);
    if (session_write(store->directory, "broken", store->boot_id, &why) != VOUCH_OK) {
        log_error("store", "cannot mark the state as broken: %s", why.text);
    }
}

static enum vouch_status checkpoint_write(struct store *store, const struct pin *pin, struct status_text *why)
{
    int code = mdb_env_sync(store->state, 1);
    if (code != 0) {
        checkpoint_give_up(store);
        return status_set(why, VOUCH_INTERNAL, "cannot sync the state: %s", lmdb_text(code));
    }
    struct checkpoint_head head = {
        .word = CHECKPOINT_WORD, .page_size = pin->page_size, .txn_id = pin->txn_id, .sequence = pin->sequence};
    checkpoint_digest(&head, pin->metas, head.digest);
    size_t size = sizeof head + 2 * pin->page_size;
    uint8_t *bytes = malloc(size);
    CHECK(bytes != NULL);
    memcpy(bytes, &head, sizeof head);
    memcpy(bytes + sizeof head, pin->metas, 2 * pin->page_size);
    bool doubtful = false;
    enum vouch_status status = file_replace(store->directory, CHECKPOINT_NAME, bytes, size, &doubtful, why);
    free(bytes);
    if (doubtful) {
        checkpoint_give_up(store); /* either file may come back after a power cut */
    }
    return status;
}

enum vouch_status checkpoint_finish(struct store *store, struct status_text *why)
{
    CHECK_MAGIC(store, STORE_MAGIC);
    pthread_mutex_lock(&store->checkpoint_lock);
    struct pin pin = store->fresh; /* stays there, so that no other begins */
    pthread_mutex_unlock(&store->checkpoint_lock);
    if (pin.txn == NULL) {
        return VOUCH_OK;
    }
    struct status_text reason;
    enum vouch_status status = checkpoint_write(store, &pin, &reason);
    if (status != VOUCH_OK) {
        log_error("store", "checkpoint failed: %s", reason.text);
        (void)status_set(why, status, "%s", reason.text);
    }
    pthread_mutex_lock(&store->checkpoint_lock);
    if (status == VOUCH_OK) {
        pin_release(&store->settled);
        store->settled = store->fresh;
        store->fresh = (struct pin){0};
    } else if (!store->checkpoint_broken) {
        pin_release(&store->fresh); /* else both stay pinned: either file may be the one in force */
    }
    pthread_mutex_unlock(&store->checkpoint_lock);
    return status;
}

/* ---- after a power cut ---- */

/* Reads the checkpoint file into `head` and `metas` (caller frees); false when there is none that checks. */
static bool checkpoint_read(const char *directory, struct checkpoint_head *head, uint8_t **metas,
                            struct lmdb_meta *newer)
{
    size_t room = sizeof *head + (size_t)2 * PAGE_BYTES_MAX;
    uint8_t *bytes = malloc(room);
    CHECK(bytes != NULL);
    ssize_t size = file_read(directory, CHECKPOINT_NAME, bytes, room);
    bool good = size >= (ssize_t)sizeof *head;
    if (good) {
        memcpy(head, bytes, sizeof *head);
        good = memcmp(head->word, CHECKPOINT_WORD, sizeof head->word) == 0 && head->page_size >= 512 &&
               head->page_size <= PAGE_BYTES_MAX && (size_t)size == sizeof *head + 2 * head->page_size;
    }
    if (good) {
        uint8_t digest[32];
        memmove(bytes, bytes + sizeof *head, 2 * head->page_size);
        checkpoint_digest(head, bytes, digest);
        good = memcmp(digest, head->digest, sizeof digest) == 0 && metas_newer(bytes, head->page_size, newer) &&
               newer->txn_id == head->txn_id;
    }
    if (good) {
        *metas = bytes;
    } else {
        free(bytes);
    }
    return good;
}

/* Writes the meta pages over those of the data file and syncs; 0 or an error. */
static int metas_put_back(const char *directory, const uint8_t *metas, size_t page_size)
{
    char path[PATH_BYTES];
    path_join(path, directory, "state/data.mdb");
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) {
        return errno;
    }
    int code = 0;
    if (pwrite(file, metas, 2 * page_size, 0) != (ssize_t)(2 * page_size) || fdatasync(file) != 0) {
        code = errno;
    }
    close(file);
    return code;
}

enum vouch_status checkpoint_restore(const char *directory, uint64_t *txn_id, uint64_t *sequence,
                                     struct status_text *why)
{
    struct checkpoint_head head;
    struct lmdb_meta newer;
    uint8_t *metas = NULL;
    if (!checkpoint_read(directory, &head, &metas, &newer)) {
        return status_set(why, VOUCH_NOT_FOUND, "the file is missing or does not check");
    }
    int code = metas_put_back(directory, metas, head.page_size);
    free(metas);
    if (code == ENOENT) {
        return status_set(why, VOUCH_NOT_FOUND, "the state's file is missing");
    }
    if (code != 0) {
        return status_set(why, VOUCH_INTERNAL, "cannot restore the state of %s: %s", directory, strerror(code));
    }
    *txn_id = head.txn_id;
    *sequence = head.sequence;
    return VOUCH_OK;
}
