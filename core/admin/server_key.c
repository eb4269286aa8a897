/* SPDX-License-Identifier: Apache-2.0
 *
 * The broker's own key: a line of base64url in a private file beside the store. */
#include "admin/admin.h"

#include "lib/profile.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 4200

static bool key_path(const char *data, char path[PATH_BYTES])
{
    return snprintf(path, PATH_BYTES, "%s/server.key", data) < PATH_BYTES;
}

enum vouch_status server_key_create(const char *data, uint8_t secret_key[32], struct status_text *why)
{
    char path[PATH_BYTES];
    uint8_t public_key[32];
    char line[PROFILE_KEY_TEXT];
    if (!key_path(data, path)) {
        return status_set(why, VOUCH_INVALID, "the path of the data directory is too long");
    }
    profile_key_pair(public_key, secret_key);
    profile_key_text(secret_key, line);
    line[PROFILE_KEY_TEXT - 1] = '\n';
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return status_set(why, errno == EEXIST ? VOUCH_DUPLICATE : VOUCH_UNAVAILABLE, "%s: %s", path, strerror(errno));
    }
    bool written = write(fd, line, sizeof line) == (ssize_t)sizeof line && fsync(fd) == 0;
    int error = errno;
    sodium_memzero(line, sizeof line);
    if (close(fd) != 0 || !written) {
        unlink(path);
        return status_set(why, VOUCH_UNAVAILABLE, "%s: %s", path, strerror(error));
    }
    return VOUCH_OK;
}

enum vouch_status server_key_read(const char *data, uint8_t secret_key[32], struct status_text *why)
{
    char path[PATH_BYTES];
    char line[PROFILE_KEY_TEXT + 1];
    struct stat info;
    if (!key_path(data, path)) {
        return status_set(why, VOUCH_INVALID, "the path of the data directory is too long");
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return status_set(why, VOUCH_NOT_FOUND, "%s: %s; `vouchd init` makes it", path, strerror(errno));
    }
    ssize_t size = fstat(fd, &info) == 0 ? read(fd, line, sizeof line) : -1;
    close(fd);
    if (size >= 0 && (info.st_mode & 077) != 0) {
        return status_set(why, VOUCH_DENIED, "%s can be read by others; run: chmod 600 %s", path, path);
    }
    if (size == PROFILE_KEY_TEXT && line[size - 1] == '\n') {
        line[size - 1] = '\0';
        if (profile_key_parse(line, secret_key)) {
            sodium_memzero(line, sizeof line);
            return VOUCH_OK;
        }
    }
    return status_set(why, VOUCH_INVALID, "%s holds no key; restore it from a backup: clients trust only that key",
                      path);
}
