/* SPDX-License-Identifier: Apache-2.0
 *
 * A hot copy: under a temporary name both environments are copied, synced, opened and read from end to end; only a copy
 * that proved good gets its name. The state is copied first, so that the journal's copy is never behind it. */
#include "base/check.h"
#include "store/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int file_sync(const char *path)
{
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) {
        return errno;
    }
    int code = fdatasync(file) == 0 ? 0 : errno;
    close(file);
    return code;
}

/* Copies one environment to `directory`/`name`. Compacting reads through a snapshot alone; a plain copy would wait for
 * the writer. */
static enum vouch_status environment_copy(MDB_env *environment, const char *directory, const char *name,
                                          struct status_text *why)
{
    char path[PATH_BYTES];
    char data[PATH_BYTES];
    path_join(path, directory, name);
    path_join(data, path, "data.mdb");
    enum vouch_status status = directory_make(path, why);
    if (status != VOUCH_OK) {
        return status;
    }
    int code = mdb_env_copy2(environment, path, MDB_CP_COMPACT);
    if (code == 0) {
        code = file_sync(data);
    }
    if (code != 0) {
        return status_set(why, code == ENOSPC || code == EDQUOT ? VOUCH_UNAVAILABLE : VOUCH_INTERNAL,
                          "cannot copy the %s to %s: %s", name, path, lmdb_text(code));
    }
    return directory_sync(path, why);
}

/* Reads every row, which touches every page in use. */
static enum vouch_status copy_verify(const char *directory, const struct store *original, struct status_text *why)
{
    struct store_options options = {.directory = directory,
                                    .journal_map_bytes = original->journal_map_bytes,
                                    .state_map_bytes = original->state_map_bytes,
                                    .boot_id = original->boot_id};
    struct store *copy = NULL;
    enum vouch_status status = store_open(&options, &copy, why);
    if (status != VOUCH_OK) {
        return status;
    }
    struct view *view = snapshot_open(copy);
    for (unsigned table = 0; view != NULL && status == VOUCH_OK && table < TABLE_COUNT; table++) {
        uint64_t rows = 0;
        struct cursor *cursor = cursor_open(view, (enum table)table);
        for (bool more = cursor_seek(cursor, SLICE_NONE, NULL, NULL); more; more = cursor_next(cursor, NULL, NULL)) {
            rows++;
        }
        cursor_close(&cursor);
        if (rows != table_rows(view, (enum table)table) || view_failed(view) != NULL) {
            status = status_set(why, VOUCH_INTERNAL, "table %s of the copy does not read back",
                                table_name((enum table)table));
        }
    }
    if (view == NULL) {
        status = status_set(why, VOUCH_INTERNAL, "the copy cannot be read");
    }
    snapshot_close(&view);
    store_close(&copy, status == VOUCH_OK);
    return status;
}

static enum vouch_status copy_make(struct store *store, const char *fresh, struct status_text *why)
{
    enum vouch_status status = environment_copy(store->state, fresh, "state", why);
    if (status == VOUCH_OK) {
        status = environment_copy(store->journal, fresh, "journal", why);
    }
    if (status == VOUCH_OK) {
        status = session_write(fresh, "clean", store->boot_id, why);
    }
    if (status == VOUCH_OK) {
        status = format_write(fresh, why);
    }
    return status == VOUCH_OK ? copy_verify(fresh, store, why) : status;
}

void store_discard(const char *directory)
{
    static const char *const leaves[] = {"state/data.mdb",
                                         "state/lock.mdb",
                                         "state",
                                         "journal/data.mdb",
                                         "journal/lock.mdb",
                                         "journal",
                                         "checkpoint",
                                         "checkpoint.new",
                                         "session",
                                         "session.new",
                                         "format",
                                         "format.new",
                                         "lock"};
    for (size_t i = 0; i < sizeof leaves / sizeof *leaves; i++) {
        char path[PATH_BYTES];
        path_join(path, directory, leaves[i]);
        (void)remove(path);
    }
    (void)remove(directory);
}

enum vouch_status store_backup(struct store *store, const char *directory, struct status_text *why)
{
    CHECK_MAGIC(store, STORE_MAGIC);
    char fresh[PATH_BYTES];
    char parent[PATH_BYTES];
    struct stat stat_buffer;
    if (strlen(directory) > sizeof store->directory - 16) {
        return status_set(why, VOUCH_INVALID, "the name of the backup's directory is too long");
    }
    if (stat(directory, &stat_buffer) == 0) {
        return status_set(why, VOUCH_DUPLICATE, "%s exists already", directory);
    }
    snprintf(fresh, sizeof fresh, "%s.part", directory);
    store_discard(fresh); /* of an attempt that was cut short */
    if (mkdir(fresh, 0700) != 0) {
        return status_set(why, errno == ENOSPC ? VOUCH_UNAVAILABLE : VOUCH_INVALID, "cannot make %s: %s", fresh,
                          strerror(errno));
    }
    enum vouch_status status = copy_make(store, fresh, why);
    if (status == VOUCH_OK && rename(fresh, directory) != 0) {
        status = status_set(why, VOUCH_INTERNAL, "cannot rename %s: %s", fresh, strerror(errno));
    }
    if (status != VOUCH_OK) {
        store_discard(fresh);
        return status;
    }
    path_join(parent, directory, "..");
    return directory_sync(parent, why);
}
