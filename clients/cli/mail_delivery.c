/* SPDX-License-Identifier: Apache-2.0
 *
 * Delivering: whoever looks sees a whole message or none, whatever breaks off. */
#include "mail.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define STAMP_BYTES 65536

static enum vouch_status failed(struct status_text *why, const char *doing, const char *path)
{
    return status_set(why, VOUCH_UNAVAILABLE, "cannot %s %.300s: %s", doing, path, strerror(errno));
}

static bool write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, bytes, size);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        bytes += written;
        size -= (size_t)written;
    }
    return true;
}

/* A new file with this content, on the disk. */
static bool file_write(const char *path, const char *bytes, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return false;
    }
    bool written = write_all(fd, bytes, size) && fsync(fd) == 0;
    int error = errno;
    if (close(fd) != 0 && written) {
        written = false;
        error = errno;
    }
    if (!written) {
        unlink(path);
        errno = error;
    }
    return written;
}

static bool directory_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return synced;
}

/* "a/b" → "a", "b" → "." */
static void parent_of(const char *path, char parent[PATH_MAX])
{
    snprintf(parent, PATH_MAX, "%s", path);
    char *slash = strrchr(parent, '/');
    if (slash == NULL) {
        strcpy(parent, ".");
    } else {
        slash[slash == parent ? 1 : 0] = '\0';
    }
}

enum vouch_status mail_to_file(const char *path, const char *bytes, size_t size, struct status_text *why)
{
    char temporary[PATH_MAX], parent[PATH_MAX];
    int length = snprintf(temporary, sizeof temporary, "%s.%d.tmp", path, (int)getpid());
    if (length < 0 || (size_t)length >= sizeof temporary) {
        return status_set(why, VOUCH_INVALID, "the name of the file is too long");
    }
    if (!file_write(temporary, bytes, size)) {
        return failed(why, "write", temporary);
    }
    parent_of(path, parent);
    if (rename(temporary, path) != 0 || !directory_sync(parent)) {
        enum vouch_status status = failed(why, "write", path);
        unlink(temporary);
        return status;
    }
    return VOUCH_OK;
}

/* ---- Maildir ---- */

static enum vouch_status maildir_make(const char *directory, struct status_text *why)
{
    static const char *const parts[] = {"", "/tmp", "/new", "/cur"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char path[PATH_MAX];
        int length = snprintf(path, sizeof path, "%s%s", directory, parts[i]);
        if (length < 0 || (size_t)length >= sizeof path) {
            return status_set(why, VOUCH_INVALID, "the name of the maildir is too long");
        }
        if (mkdir(path, 0700) != 0 && errno != EEXIST) {
            return failed(why, "make", path);
        }
    }
    return VOUCH_OK;
}

enum vouch_status mail_to_maildir(const char *directory, const char *name, const char *bytes, size_t size,
                                  struct status_text *why)
{
    enum vouch_status status = maildir_make(directory, why);
    if (status != VOUCH_OK) {
        return status;
    }
    char temporary[PATH_MAX], delivered[PATH_MAX], parent[PATH_MAX];
    int longest = snprintf(temporary, sizeof temporary, "%s/tmp/%s.%d", directory, name, (int)getpid());
    snprintf(delivered, sizeof delivered, "%s/new/%s", directory, name);
    snprintf(parent, sizeof parent, "%s/new", directory);
    if (longest < 0 || (size_t)longest >= sizeof temporary) {
        return status_set(why, VOUCH_INVALID, "the name of the maildir is too long");
    }
    if (!file_write(temporary, bytes, size)) {
        return failed(why, "write", temporary);
    }
    /* A link, and not a rename, for it does not replace. */
    if (link(temporary, delivered) != 0) {
        status = errno == EEXIST ? status_set(why, VOUCH_DUPLICATE, "%.300s is there already", delivered)
                                 : failed(why, "deliver to", delivered);
    } else if (!directory_sync(parent)) {
        status = failed(why, "sync", parent);
    }
    unlink(temporary);
    return status;
}

/* ---- Commands ---- */

enum vouch_status mail_to_command(const char *command, const char *bytes, size_t size, struct status_text *why)
{
    /* A command that does not read to its end is told by its exit code, not by a signal to us. */
    void (*before)(int) = signal(SIGPIPE, SIG_IGN);
    fflush(NULL);
    FILE *pipe = popen(command, "w");
    if (pipe == NULL) {
        return failed(why, "run", command);
    }
    bool written = fwrite(bytes, 1, size, pipe) == size;
    int code = pclose(pipe);
    signal(SIGPIPE, before);
    if (code == 0 && written) {
        return VOUCH_OK;
    }
    if (code != -1 && WIFEXITED(code) && WEXITSTATUS(code) != 0) {
        return status_set(why, VOUCH_UNAVAILABLE, "'%.200s' ended with %d; the digest was not delivered", command,
                          WEXITSTATUS(code));
    }
    return status_set(why, VOUCH_UNAVAILABLE, "'%.200s' did not take the digest", command);
}

/* ---- Stamps ---- */

struct mail_stamp {
    int fd;
    char path[PATH_MAX];
    char text[STAMP_BYTES]; /* lines of "yyyymmdd target" */
};

struct mail_stamp *mail_stamp_open(const char *path, struct status_text *why)
{
    struct mail_stamp *stamp = calloc(1, sizeof *stamp);
    if (stamp == NULL) {
        abort();
    }
    snprintf(stamp->path, sizeof stamp->path, "%s", path);
    stamp->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    ssize_t got = stamp->fd < 0 || flock(stamp->fd, LOCK_EX) != 0 ? -1 : read(stamp->fd, stamp->text, STAMP_BYTES - 1);
    if (got < 0) {
        (void)failed(why, "read", path);
        mail_stamp_close(&stamp);
    }
    return stamp;
}

static void stamp_line(uint32_t day, const char *target, char line[PATH_MAX + 16])
{
    snprintf(line, PATH_MAX + 16, "%" PRIu32 " %.*s\n", day, PATH_MAX - 1, target);
}

bool mail_stamp_has(const struct mail_stamp *stamp, uint32_t day, const char *target)
{
    char line[PATH_MAX + 16];
    stamp_line(day, target, line);
    const char *found = strstr(stamp->text, line);
    return found != NULL && (found == stamp->text || found[-1] == '\n');
}

/* Lines of other days are dropped: they will not be asked for again. */
enum vouch_status mail_stamp_add(struct mail_stamp *stamp, uint32_t day, const char *target, struct status_text *why)
{
    char line[PATH_MAX + 16], kept[STAMP_BYTES] = "", prefix[16];
    size_t size = 0;
    stamp_line(day, target, line);
    snprintf(prefix, sizeof prefix, "%" PRIu32 " ", day);
    for (const char *at = stamp->text; *at != '\0';) {
        size_t length = strcspn(at, "\n") + 1;
        if (strncmp(at, prefix, strlen(prefix)) == 0 && at[length - 1] == '\n' && size + length < STAMP_BYTES / 2) {
            memcpy(kept + size, at, length);
            size += length;
        }
        at += at[length - 1] == '\n' ? length : length - 1;
    }
    memcpy(kept + size, line, strlen(line));
    size += strlen(line);
    if (lseek(stamp->fd, 0, SEEK_SET) != 0 || ftruncate(stamp->fd, 0) != 0 || !write_all(stamp->fd, kept, size) ||
        fsync(stamp->fd) != 0) {
        return failed(why, "write", stamp->path);
    }
    return VOUCH_OK;
}

void mail_stamp_close(struct mail_stamp **stamp)
{
    if (*stamp != NULL && (*stamp)->fd >= 0) {
        close((*stamp)->fd); /* which gives the lock back */
    }
    free(*stamp);
    *stamp = NULL;
}
