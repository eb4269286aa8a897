/* SPDX-License-Identifier: Apache-2.0
 *
 * `vouchd backup DIRECTORY`: a copy of the store and the broker's key that `vouchd run --data DIRECTORY` can start
 * from. */
#include "admin/admin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The key is small: one read, one write, synced. */
static enum vouch_status copy_server_key(const char *from_directory, const char *to_directory, struct status_text *why)
{
    char from[4200], to[4200];
    char line[256];
    snprintf(from, sizeof from, "%s/server.key", from_directory);
    snprintf(to, sizeof to, "%s/server.key", to_directory);
    int in = open(from, O_RDONLY | O_CLOEXEC);
    ssize_t size = in < 0 ? -1 : read(in, line, sizeof line);
    if (in >= 0) {
        close(in);
    }
    int out = size <= 0 ? -1 : open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool done = out >= 0 && write(out, line, (size_t)size) == size && fsync(out) == 0;
    int error = errno;
    if (out >= 0) {
        close(out);
    }
    return done ? VOUCH_OK : status_set(why, VOUCH_UNAVAILABLE, "copying %s to %s: %s", from, to, strerror(error));
}

int admin_backup(struct invocation *invocation)
{
    struct status_text why = {""};
    struct store *store = NULL;
    if (invocation->target == NULL) {
        status_set(&why, VOUCH_INVALID, "tell where to: vouchd backup DIRECTORY [--data DIRECTORY]");
        return admin_fail(VOUCH_INVALID, &why);
    }
    enum vouch_status status = admin_open_beside(invocation->settings, &store, &why);
    if (status == VOUCH_OK) {
        status = store_backup(store, invocation->target, &why);
    }
    if (status == VOUCH_OK) {
        status = copy_server_key(invocation->settings->data, invocation->target, &why);
    }
    if (status == VOUCH_OK) {
        printf("copied to %s: %llu events; start from it with: vouchd run --data %s\n", invocation->target,
               (unsigned long long)store_journal_sequence(store), invocation->target);
    }
    store_close(&store, status == VOUCH_OK);
    return status == VOUCH_OK ? 0 : admin_fail(status, &why);
}
