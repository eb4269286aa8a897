/* SPDX-License-Identifier: Apache-2.0
 *
 * What `vouchd` can be told to do, one file a verb. Each runs in the main thread and returns the exit code: 0 done,
 * else the one of the status (proto/status.def) after a sentence on standard error. */
#ifndef VOUCH_ADMIN_ADMIN_H
#define VOUCH_ADMIN_ADMIN_H

#include "base/status.h"
#include "settings/settings.h"
#include "store/store.h"

#include <stdint.h>

/* The command line, once read. */
struct invocation {
    const char *config;  /* --config; NULL: the built-in defaults */
    const char *company; /* init */
    const char *domain;
    const char *admin;
    const char *zone;
    const char *profile;
    const char *target; /* backup: where to */
    bool replace;       /* rebuild: keep the rebuilt state */
    struct settings *settings;
    const char *const *overrides; /* name, value, name, value …; for SIGHUP */
    size_t override_count;
};

int admin_init(struct invocation *invocation);
int admin_run(struct invocation *invocation);
int admin_check(struct invocation *invocation);
int admin_rebuild(struct invocation *invocation);
int admin_backup(struct invocation *invocation);

/* Prints "vouchd: <sentence>" and returns the exit code of the status. */
int admin_fail(enum vouch_status status, const struct status_text *why);

/* Exit code of a status. */
int admin_exit_code(enum vouch_status status);

/* Store options from the settings. */
struct store_options admin_store_options(const struct settings *settings);

/* Opens the store for this process alone and brings its state up to date. */
enum vouch_status admin_open_store(const struct settings *settings, struct store **store,
                                   struct status_text *why) MUST_USE;

/* Opens the store for reading: alone and up to date where no broker runs, beside the broker where one does. */
enum vouch_status admin_open_beside(const struct settings *settings, struct store **store,
                                    struct status_text *why) MUST_USE;

/* ---- server_key.c: the broker's CURVE secret key, <data>/server.key, mode 0600 ---- */

enum vouch_status server_key_create(const char *data, uint8_t secret_key[32], struct status_text *why) MUST_USE;
enum vouch_status server_key_read(const char *data, uint8_t secret_key[32], struct status_text *why) MUST_USE;

#endif
