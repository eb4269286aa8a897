/* SPDX-License-Identifier: Apache-2.0
 *
 * Preloaded in front of a program: a disk that fills up or fails, for files below VOUCH_INJECT_DIR. What it does stands
 * in the file VOUCH_INJECT_CONTROL, read again whenever it changes; words, in any order: only=<text>      files whose
 * path has this in it; others are well space=<bytes>    so many more bytes can be allocated; then writes are short and
 * fail with ENOSPC sync_fails=<n>   the n-th sync from now on fails with EIO, and all later ones; a write through
 * O_DSYNC is a sync sync_fails_once=<n>  the n-th only no_fallocate     the file system cannot set space aside An empty
 * or missing file: all is well. Both variables may be set while the program runs. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FILES_MAX 256

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct {
    char text[512];
    char only[128];
    bool limited;
    uint64_t space;
    uint64_t sync_fails; /* counts down; 0: no sync fails */
    bool sync_once;
    bool sync_broken;
    bool no_fallocate;
} control;

/* How far each file is allocated; what lies below needs no space. */
static struct {
    dev_t device;
    ino_t inode;
    uint64_t end;
} files[FILES_MAX];
static size_t file_count;

static uint64_t word_number(const char *word, bool *there)
{
    const char *found = strstr(control.text, word);
    *there = found != NULL;
    return found == NULL ? 0 : strtoull(found + strlen(word), NULL, 10);
}

static void control_read(void)
{
    char text[sizeof control.text] = "";
    const char *path = getenv("VOUCH_INJECT_CONTROL");
    int file = path == NULL ? -1 : REAL(open)(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        ssize_t size = read(file, text, sizeof text - 1);
        text[size > 0 ? size : 0] = '\0';
        REAL(close)(file);
    }
    if (strcmp(text, control.text) == 0) {
        return;
    }
    bool there;
    memset(&control, 0, sizeof control);
    strcpy(control.text, text);
    const char *only = strstr(text, "only=");
    if (only != NULL) {
        sscanf(only, "only=%127s", control.only);
    }
    control.space = word_number("space=", &control.limited);
    control.sync_fails = word_number("sync_fails=", &there);
    if (!there) {
        control.sync_fails = word_number("sync_fails_once=", &control.sync_once);
    }
    control.no_fallocate = strstr(text, "no_fallocate") != NULL;
}

/* Whether this descriptor is on the bad disk; errno stays. The lock is held. */
static bool concerned(int file)
{
    char link[64];
    char path[PATH_MAX];
    int error = errno;
    const char *directory = getenv("VOUCH_INJECT_DIR");
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t size = directory == NULL ? -1 : readlink(link, path, sizeof path - 1);
    path[size > 0 ? size : 0] = '\0';
    if (size <= 0 || strncmp(path, directory, strlen(directory)) != 0) {
        errno = error;
        return false;
    }
    control_read();
    errno = error;
    return strstr(path, control.only) != NULL;
}

/* ---- syncs ---- */

static bool sync_is_to_fail(void)
{
    if (control.sync_broken) {
        return true;
    }
    if (control.sync_fails == 0 || --control.sync_fails > 0) {
        return false;
    }
    control.sync_broken = !control.sync_once;
    return true;
}

static int sync_with(int file, int (*real)(int))
{
    pthread_mutex_lock(&lock);
    bool fails = concerned(file) && sync_is_to_fail();
    pthread_mutex_unlock(&lock);
    if (fails) {
        errno = EIO;
        return -1;
    }
    return real(file);
}

EXPORT int fsync(int file)
{
    return sync_with(file, REAL(fsync));
}

EXPORT int fdatasync(int file)
{
    return sync_with(file, REAL(fdatasync));
}

/* ---- space ---- */

static uint64_t *allocated_end(int file)
{
    struct stat stat;
    static uint64_t none;
    if (fstat(file, &stat) != 0 || !S_ISREG(stat.st_mode)) {
        none = UINT64_MAX;
        return &none;
    }
    for (size_t i = 0; i < file_count; i++) {
        if (files[i].device == stat.st_dev && files[i].inode == stat.st_ino) {
            return &files[i].end;
        }
    }
    size_t slot = file_count < FILES_MAX ? file_count++ : FILES_MAX - 1;
    files[slot].device = stat.st_dev;
    files[slot].inode = stat.st_ino;
    uint64_t blocks = (uint64_t)stat.st_blocks * 512; /* with what was set aside */
    files[slot].end = blocks > (uint64_t)stat.st_size ? blocks : (uint64_t)stat.st_size;
    return &files[slot].end;
}

/* How many of `size` bytes at `offset` there is space for; takes it. */
static size_t space_take(int file, uint64_t offset, size_t size)
{
    uint64_t *end = allocated_end(file);
    if (!control.limited || offset + size <= *end) {
        *end = offset + size > *end ? offset + size : *end;
        return size;
    }
    uint64_t growth = offset + size - *end;
    uint64_t given = growth <= control.space ? growth : control.space;
    control.space -= given;
    *end += given;
    uint64_t missing = growth - given;
    return missing >= size ? 0 : size - (size_t)missing;
}

/* What a write may do: -1 with errno, or the number of bytes it may write. Offset -1: the file's own place. */
static ssize_t write_allowed(int file, off_t offset, size_t size)
{
    ssize_t allowed = (ssize_t)size;
    pthread_mutex_lock(&lock);
    if (concerned(file)) {
        int flags = fcntl(file, F_GETFL);
        bool durable = flags >= 0 && (flags & (O_DSYNC | O_SYNC)) != 0;
        uint64_t at = (uint64_t)(offset >= 0 ? offset : lseek(file, 0, SEEK_CUR));
        if (durable && sync_is_to_fail()) {
            errno = EIO;
            allowed = -1;
        } else {
            allowed = (ssize_t)space_take(file, at, size);
        }
        if (allowed == 0 && size > 0) {
            errno = ENOSPC;
            allowed = -1;
        }
    }
    pthread_mutex_unlock(&lock);
    return allowed;
}

EXPORT ssize_t write(int file, const void *bytes, size_t size)
{
    ssize_t allowed = write_allowed(file, -1, size);
    return allowed < 0 ? -1 : REAL(write)(file, bytes, (size_t)allowed);
}

#define DEFINE_PWRITE(name)                                                                                            \
    EXPORT ssize_t name(int file, const void *bytes, size_t size, off_t offset);                                       \
    EXPORT ssize_t name(int file, const void *bytes, size_t size, off_t offset)                                        \
    {                                                                                                                  \
        ssize_t allowed = write_allowed(file, offset, size);                                                           \
        return allowed < 0 ? -1 : REAL(pwrite)(file, bytes, (size_t)allowed, offset);                                  \
    }
DEFINE_PWRITE(pwrite)
DEFINE_PWRITE(pwrite64)

/* Cuts a vector to `size` bytes; its new count. `cut` has room for 64. */
static int vector_cut(const struct iovec *vector, int count, size_t size, struct iovec *cut)
{
    int used = 0;
    for (int i = 0; i < count && i < 64 && size > 0; i++) {
        cut[used] = vector[i];
        cut[used].iov_len = vector[i].iov_len < size ? vector[i].iov_len : size;
        size -= cut[used++].iov_len;
    }
    return used;
}

static size_t vector_size(const struct iovec *vector, int count)
{
    size_t size = 0;
    for (int i = 0; i < count && i < 64; i++) {
        size += vector[i].iov_len;
    }
    return size;
}

#define DEFINE_PWRITEV(name)                                                                                           \
    EXPORT ssize_t name(int file, const struct iovec *vector, int count, off_t offset);                                \
    EXPORT ssize_t name(int file, const struct iovec *vector, int count, off_t offset)                                 \
    {                                                                                                                  \
        struct iovec cut[64];                                                                                          \
        ssize_t allowed = write_allowed(file, offset, vector_size(vector, count));                                     \
        return allowed < 0 ? -1 : REAL(pwritev)(file, cut, vector_cut(vector, count, (size_t)allowed, cut), offset);   \
    }
DEFINE_PWRITEV(pwritev)
DEFINE_PWRITEV(pwritev64)

EXPORT ssize_t writev(int file, const struct iovec *vector, int count)
{
    struct iovec cut[64];
    ssize_t allowed = write_allowed(file, -1, vector_size(vector, count));
    return allowed < 0 ? -1 : REAL(writev)(file, cut, vector_cut(vector, count, (size_t)allowed, cut));
}

#define DEFINE_FALLOCATE(name)                                                                                         \
    EXPORT int name(int file, int mode, off_t offset, off_t size);                                                     \
    EXPORT int name(int file, int mode, off_t offset, off_t size)                                                      \
    {                                                                                                                  \
        pthread_mutex_lock(&lock);                                                                                     \
        int error = 0;                                                                                                 \
        if (concerned(file) && control.no_fallocate) {                                                                 \
            error = EOPNOTSUPP;                                                                                        \
        } else if (concerned(file)) {                                                                                  \
            uint64_t *end = allocated_end(file);                                                                       \
            uint64_t wanted = (uint64_t)(offset + size);                                                               \
            uint64_t growth = wanted > *end ? wanted - *end : 0;                                                       \
            error = control.limited && growth > control.space ? ENOSPC : 0; /* all or nothing */                       \
            control.space -= error == 0 && control.limited ? growth : 0;                                               \
            *end += error == 0 ? growth : 0;                                                                           \
        }                                                                                                              \
        pthread_mutex_unlock(&lock);                                                                                   \
        errno = error;                                                                                                 \
        return error != 0 ? -1 : REAL(fallocate)(file, mode, offset, size);                                            \
    }
DEFINE_FALLOCATE(fallocate)
DEFINE_FALLOCATE(fallocate64)
