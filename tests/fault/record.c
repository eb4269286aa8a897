/* SPDX-License-Identifier: Apache-2.0
 *
 * Preloaded in front of a program: logs everything it does to files below VOUCH_RECORD_DIR (which must exist) to
 * VOUCH_RECORD_LOG, see trace.h. With VOUCH_RECORD_SKIP_SYNC nothing is synced for real, which is faster and changes
 * nothing in the log. With VOUCH_BOOT_ID_FILE the kernel's boot id is read from that file. Writes through a shared
 * mapping are not seen; the store makes none but LMDB's lock file, which every start makes anew. */
#include "trace.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define FILES_MAX 65536
#define EXPORT __attribute__((visibility("default")))
#define BOOT_ID_PATH "/proc/sys/kernel/random/boot_id"

struct opened {
    uint64_t token; /* 0: not below the directory */
    bool durable;   /* every write is synced */
    bool appending;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* one operation and its record at a time */
static struct opened opened[FILES_MAX];
static uint64_t next_token;
static uint64_t next_sync;
static int log_file = -1;
static bool skip_sync;
static char root[PATH_MAX];
static size_t root_size;
static bool ready;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void log_or_die(struct trace_record record, const char *path, const struct iovec *data, int count)
{
    if (trace_append(log_file, record, path, data, count) != 0) {
        dprintf(STDERR_FILENO, "record: cannot write the log\n");
        _exit(99);
    }
}

__attribute__((constructor)) static void record_start(void)
{
    const char *directory = getenv("VOUCH_RECORD_DIR");
    const char *log = getenv("VOUCH_RECORD_LOG");
    if (directory == NULL || log == NULL || realpath(directory, root) == NULL) {
        return;
    }
    root_size = strlen(root);
    skip_sync = getenv("VOUCH_RECORD_SKIP_SYNC") != NULL;
    log_file = REAL(open)(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    next_token = (uint64_t)getpid() << 32 | 1;
    ready = log_file >= 0;
}

/* The part below the directory ("" for itself); NULL for others. */
static const char *below(const char *path)
{
    if (!ready || strncmp(path, root, root_size) != 0 || (path[root_size] != '/' && path[root_size] != '\0')) {
        return NULL;
    }
    return path[root_size] == '/' ? path + root_size + 1 : path + root_size;
}

/* As below, for a path that may have "..", or whose last part may not exist. `resolved` has PATH_MAX bytes. */
static const char *below_resolved(const char *path, char *resolved)
{
    char parent[PATH_MAX];
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    if (strlen(path) >= sizeof parent) {
        return NULL;
    }
    snprintf(parent, sizeof parent, "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1, slash == NULL ? "." : path);
    if (realpath(parent, resolved) == NULL) {
        return NULL;
    }
    size_t used = strlen(resolved);
    if (used + strlen(name) + 2 > PATH_MAX) {
        return NULL;
    }
    resolved[used] = '/';
    strcpy(resolved + used + 1, name);
    return below(resolved);
}

static struct opened *file_of(int file)
{
    return ready && file >= 0 && file < FILES_MAX && opened[file].token != 0 ? &opened[file] : NULL;
}

/* ---- opening ---- */

static void note_open(int file, int flags)
{
    char link[64];
    char path[PATH_MAX];
    if (!ready || file < 0 || file >= FILES_MAX) {
        return;
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t size = readlink(link, path, sizeof path - 1);
    path[size > 0 ? size : 0] = '\0';
    const char *name = below(path);
    opened[file].token = 0;
    if (name == NULL) {
        return;
    }
    opened[file] = (struct opened){next_token++, (flags & (O_DSYNC | O_SYNC)) != 0, (flags & O_APPEND) != 0};
    log_or_die((struct trace_record){.kind = TRACE_OPEN, .token = opened[file].token, .flags = (uint32_t)flags}, name,
               NULL, 0);
}

static int open_at(int directory, const char *path, int flags, mode_t mode)
{
    const char *boot_id = getenv("VOUCH_BOOT_ID_FILE");
    if (boot_id != NULL && strcmp(path, BOOT_ID_PATH) == 0) {
        path = boot_id;
    }
    pthread_mutex_lock(&lock);
    int file = REAL(openat)(directory, path, flags, mode);
    int error = errno;
    note_open(file, flags);
    pthread_mutex_unlock(&lock);
    errno = error;
    return file;
}

static mode_t mode_of(int flags, va_list args)
{
    return (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(args, mode_t) : 0;
}

#define DEFINE_OPEN(name)                                                                                              \
    EXPORT int name(const char *path, int flags, ...);                                                                 \
    EXPORT int name(const char *path, int flags, ...)                                                                  \
    {                                                                                                                  \
        va_list args;                                                                                                  \
        va_start(args, flags);                                                                                         \
        mode_t mode = mode_of(flags, args);                                                                            \
        va_end(args);                                                                                                  \
        return open_at(AT_FDCWD, path, flags, mode);                                                                   \
    }
DEFINE_OPEN(open)
DEFINE_OPEN(open64)

#define DEFINE_OPENAT(name)                                                                                            \
    EXPORT int name(int directory, const char *path, int flags, ...);                                                  \
    EXPORT int name(int directory, const char *path, int flags, ...)                                                   \
    {                                                                                                                  \
        va_list args;                                                                                                  \
        va_start(args, flags);                                                                                         \
        mode_t mode = mode_of(flags, args);                                                                            \
        va_end(args);                                                                                                  \
        return open_at(directory, path, flags, mode);                                                                  \
    }
DEFINE_OPENAT(openat)
DEFINE_OPENAT(openat64)

EXPORT int creat(const char *path, mode_t mode)
{
    return open_at(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

EXPORT int close(int file)
{
    pthread_mutex_lock(&lock);
    if (file >= 0 && file < FILES_MAX) {
        opened[file].token = 0;
    }
    int result = REAL(close)(file);
    pthread_mutex_unlock(&lock);
    return result;
}

/* ---- writing ---- */

/* Logs what a write of `vector` at `offset` kept; offset -1: the file's own place, which has moved on already. */
static void note_write(int file, const struct iovec *vector, int count, off_t offset, ssize_t written)
{
    const struct opened *entry = file_of(file);
    if (entry == NULL || written <= 0) {
        return;
    }
    struct iovec kept[64];
    size_t left = (size_t)written;
    int used = 0;
    for (int i = 0; i < count && left > 0; i++) {
        size_t size = vector[i].iov_len < left ? vector[i].iov_len : left;
        kept[used++] = (struct iovec){vector[i].iov_base, size};
        left -= size;
    }
    uint64_t at = offset >= 0 ? (uint64_t)offset : (uint64_t)(lseek(file, 0, SEEK_CUR) - written);
    log_or_die((struct trace_record){.kind = TRACE_WRITE, .token = entry->token, .offset = at, .flags = entry->durable},
               NULL, kept, used);
}

#define WRITING(call, vector, count, offset)                                                                           \
    pthread_mutex_lock(&lock);                                                                                         \
    ssize_t written = (call);                                                                                          \
    int error = errno;                                                                                                 \
    note_write(file, (vector), (count), (offset), written);                                                            \
    pthread_mutex_unlock(&lock);                                                                                       \
    errno = error;                                                                                                     \
    return written

EXPORT ssize_t write(int file, const void *bytes, size_t size)
{
    struct iovec one = {(void *)(uintptr_t)bytes, size};
    WRITING(REAL(write)(file, bytes, size), &one, 1, -1);
}

EXPORT ssize_t writev(int file, const struct iovec *vector, int count)
{
    if (file == log_file || file_of(file) == NULL) {
        return REAL(writev)(file, vector, count); /* the log itself comes through here, the lock held */
    }
    count = count < 64 ? count : 64;
    WRITING(REAL(writev)(file, vector, count), vector, count, -1);
}

#define DEFINE_PWRITE(name)                                                                                            \
    EXPORT ssize_t name(int file, const void *bytes, size_t size, off_t offset);                                       \
    EXPORT ssize_t name(int file, const void *bytes, size_t size, off_t offset)                                        \
    {                                                                                                                  \
        struct iovec one = {(void *)(uintptr_t)bytes, size};                                                           \
        WRITING(REAL(pwrite)(file, bytes, size, offset), &one, 1, offset);                                             \
    }
DEFINE_PWRITE(pwrite)
DEFINE_PWRITE(pwrite64)

#define DEFINE_PWRITEV(name)                                                                                           \
    EXPORT ssize_t name(int file, const struct iovec *vector, int count, off_t offset);                                \
    EXPORT ssize_t name(int file, const struct iovec *vector, int count, off_t offset)                                 \
    {                                                                                                                  \
        count = count < 64 ? count : 64;                                                                               \
        WRITING(REAL(pwritev)(file, vector, count, offset), vector, count, offset);                                    \
    }
DEFINE_PWRITEV(pwritev)
DEFINE_PWRITEV(pwritev64)

#define DEFINE_FTRUNCATE(name)                                                                                         \
    EXPORT int name(int file, off_t size);                                                                             \
    EXPORT int name(int file, off_t size)                                                                              \
    {                                                                                                                  \
        pthread_mutex_lock(&lock);                                                                                     \
        int result = REAL(ftruncate)(file, size);                                                                      \
        const struct opened *entry = file_of(file);                                                                    \
        if (result == 0 && entry != NULL) {                                                                            \
            log_or_die((struct trace_record){.kind = TRACE_TRUNCATE, .token = entry->token, .offset = (uint64_t)size}, \
                       NULL, NULL, 0);                                                                                 \
        }                                                                                                              \
        pthread_mutex_unlock(&lock);                                                                                   \
        return result;                                                                                                 \
    }
DEFINE_FTRUNCATE(ftruncate)
DEFINE_FTRUNCATE(ftruncate64)

/* ---- syncing: only what was written before it began is promised when it ends ---- */

static int sync_with(int file, int (*real)(int))
{
    pthread_mutex_lock(&lock);
    const struct opened *entry = file_of(file);
    uint64_t token = entry == NULL ? 0 : entry->token;
    uint64_t number = ++next_sync;
    if (token != 0) {
        log_or_die((struct trace_record){.kind = TRACE_SYNC_BEGIN, .token = token, .offset = number}, NULL, NULL, 0);
    }
    pthread_mutex_unlock(&lock);
    int result = token != 0 && skip_sync ? 0 : real(file);
    int error = errno;
    if (token != 0 && result == 0) {
        pthread_mutex_lock(&lock);
        log_or_die((struct trace_record){.kind = TRACE_SYNC_END, .token = token, .offset = number}, NULL, NULL, 0);
        pthread_mutex_unlock(&lock);
    }
    errno = error;
    return result;
}

EXPORT int fsync(int file)
{
    return sync_with(file, REAL(fsync));
}

EXPORT int fdatasync(int file)
{
    return sync_with(file, REAL(fdatasync));
}

/* ---- names ---- */

static void note_name(enum trace_kind kind, const char *path, const char *data)
{
    struct iovec one = {(void *)(uintptr_t)data, data == NULL ? 0 : strlen(data)};
    log_or_die((struct trace_record){.kind = kind}, path, &one, data == NULL ? 0 : 1);
}

EXPORT int rename(const char *from, const char *to)
{
    char resolved[2][PATH_MAX];
    pthread_mutex_lock(&lock);
    const char *old = below_resolved(from, resolved[0]);
    const char *new = below_resolved(to, resolved[1]);
    int result = REAL(rename)(from, to);
    if (result == 0 && old != NULL && new != NULL) {
        note_name(TRACE_RENAME, old, new);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

#define DEFINE_NAME(name, kind, parameters, call)                                                                      \
    EXPORT int name parameters                                                                                         \
    {                                                                                                                  \
        char resolved[PATH_MAX];                                                                                       \
        pthread_mutex_lock(&lock);                                                                                     \
        const char *known = below_resolved(path, resolved);                                                            \
        int result = (call);                                                                                           \
        int error = errno;                                                                                             \
        if (result == 0 && known != NULL) {                                                                            \
            note_name((kind), known, NULL);                                                                            \
        }                                                                                                              \
        pthread_mutex_unlock(&lock);                                                                                   \
        errno = error;                                                                                                 \
        return result;                                                                                                 \
    }
DEFINE_NAME(mkdir, TRACE_MAKE, (const char *path, mode_t mode), REAL(mkdir)(path, mode))
DEFINE_NAME(unlink, TRACE_UNLINK, (const char *path), REAL(unlink)(path))
DEFINE_NAME(rmdir, TRACE_UNLINK, (const char *path), REAL(rmdir)(path))
DEFINE_NAME(remove, TRACE_UNLINK, (const char *path), REAL(remove)(path))
