/* SPDX-License-Identifier: Apache-2.0
 *
 * Small files that are there whole or not at all, directories whose names are durable, and the lock that lets one
 * process have the store. LMDB's own lock.mdb is never touched: closing any descriptor of it would drop its locks. */
#include "base/check.h"
#include "store/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

void path_join(char *path, const char *directory, const char *name)
{
    int length = snprintf(path, PATH_BYTES, "%s/%s", directory, name);
    CHECK(length > 0 && length < PATH_BYTES);
}

static enum vouch_status file_trouble(struct status_text *why, const char *doing, const char *path)
{
    int error = errno;
    enum vouch_status status = error == ENOSPC || error == EDQUOT ? VOUCH_UNAVAILABLE : VOUCH_INTERNAL;
    return status_set(why, status, "cannot %s %s: %s", doing, path, strerror(error));
}

static bool write_all(int file, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    while (size > 0) {
        ssize_t written = write(file, at, size);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        at += written;
        size -= (size_t)written;
    }
    return true;
}

enum vouch_status directory_sync(const char *directory, struct status_text *why)
{
    int file = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) {
        return file_trouble(why, "open", directory);
    }
    int failed = fsync(file);
    if (failed) {
        enum vouch_status status = file_trouble(why, "sync", directory);
        close(file);
        return status;
    }
    close(file);
    return VOUCH_OK;
}

enum vouch_status directory_make(const char *directory, struct status_text *why)
{
    if (mkdir(directory, 0700) != 0 && errno != EEXIST) {
        return file_trouble(why, "make", directory);
    }
    char parent[PATH_BYTES];
    path_join(parent, directory, "..");
    return directory_sync(parent, why);
}

enum vouch_status file_replace(const char *directory, const char *name, const void *bytes, size_t size, bool *doubtful,
                               struct status_text *why)
{
    char path[PATH_BYTES];
    char fresh_name[64];
    char fresh[PATH_BYTES];
    snprintf(fresh_name, sizeof fresh_name, "%s.new", name);
    path_join(path, directory, name);
    path_join(fresh, directory, fresh_name);
    if (doubtful != NULL) {
        *doubtful = false;
    }
    int file = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) {
        return file_trouble(why, "make", fresh);
    }
    if (!write_all(file, bytes, size) || fsync(file) != 0) {
        enum vouch_status status = file_trouble(why, "write", fresh);
        close(file);
        return status;
    }
    close(file);
    if (rename(fresh, path) != 0) {
        return file_trouble(why, "rename", fresh);
    }
    enum vouch_status status = directory_sync(directory, why);
    if (status != VOUCH_OK && doubtful != NULL) {
        *doubtful = true;
    }
    return status;
}

ssize_t file_read(const char *directory, const char *name, void *bytes, size_t room)
{
    char path[PATH_BYTES];
    path_join(path, directory, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return -1;
    }
    size_t used = 0;
    while (used < room) {
        ssize_t got = read(file, (uint8_t *)bytes + used, room - used);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            int error = errno;
            close(file);
            errno = error;
            return -1;
        }
        if (got == 0) {
            break;
        }
        used += (size_t)got;
    }
    close(file);
    return (ssize_t)used;
}

int lock_take(const char *directory, enum vouch_status *status, struct status_text *why)
{
    char path[PATH_BYTES];
    path_join(path, directory, "lock");
    int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) {
        *status = file_trouble(why, "open", path);
        return -1;
    }
    if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) {
            char holder[32] = "";
            ssize_t size = pread(lock, holder, sizeof holder - 1, 0);
            holder[size > 0 ? size : 0] = '\0';
            *status = status_set(why, VOUCH_CONFLICT, "the store %s is open in process %ld", directory,
                                 strtol(holder, NULL, 10));
        } else {
            *status = file_trouble(why, "lock", path);
        }
        close(lock);
        return -1;
    }
    char pid[32];
    int length = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    if (ftruncate(lock, 0) != 0 || pwrite(lock, pid, (size_t)length, 0) != length) {
        *status = file_trouble(why, "write", path);
        close(lock);
        return -1;
    }
    return lock;
}
