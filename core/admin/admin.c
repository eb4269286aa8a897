/* SPDX-License-Identifier: Apache-2.0
 *
 * What the verbs of vouchd share: exit codes, opening the store. */
#include "admin/admin.h"

#include "dispatch/writer.h"

#include <stdio.h>

#define GIB ((size_t)1 << 30)

int admin_exit_code(enum vouch_status status)
{
    switch (status) {
#define STATUS(name, wire, exit, sentence)                                                                             \
    case VOUCH_##name:                                                                                                 \
        return exit;
#include "status.def"
#undef STATUS
    }
    return 1;
}

int admin_fail(enum vouch_status status, const struct status_text *why)
{
    fprintf(stderr, "vouchd: %s\n", why->text[0] != '\0' ? why->text : status_sentence(status));
    return admin_exit_code(status);
}

struct store_options admin_store_options(const struct settings *settings)
{
    return (struct store_options){
        .directory = settings->data,
        .journal_map_bytes = settings->journal_map_gib * GIB,
        .state_map_bytes = settings->state_map_gib * GIB,
    };
}

enum vouch_status admin_open_store(const struct settings *settings, struct store **store, struct status_text *why)
{
    struct store_options options = admin_store_options(settings);
    enum vouch_status status = store_open(&options, store, why);
    if (status == VOUCH_OK) {
        status = journal_replay(*store, why);
        if (status != VOUCH_OK) {
            store_close(store, false);
        }
    }
    return status;
}

enum vouch_status admin_open_beside(const struct settings *settings, struct store **store, struct status_text *why)
{
    enum vouch_status status = admin_open_store(settings, store, why);
    if (status == VOUCH_CONFLICT) {
        struct store_options options = admin_store_options(settings);
        status = store_open_shared(&options, store, why);
    }
    return status;
}
