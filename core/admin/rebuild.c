/* SPDX-License-Identifier: Apache-2.0
 *
 * `vouchd rebuild`: the journal, replayed into a fresh store, must give the state that is there, byte for byte. With
 * --replace the state is thrown away and made anew from the journal. */
#include "admin/admin.h"

#include "dispatch/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EVENTS_PER_COMMIT 10000

/* Copies the keys of persons; needed before any event is applied. */
static enum vouch_status copy_person_keys(const struct view *from, struct store *to, struct status_text *why)
{
    enum vouch_status status = VOUCH_OK;
    struct cursor *cursor = cursor_open(from, TABLE_PERSON_KEY);
    struct slice key, value;
    bool row = cursor_seek(cursor, SLICE_NONE, &key, &value);
    while (row && status == VOUCH_OK) {
        static struct person_key keys[EVENTS_PER_COMMIT];
        size_t count = 0;
        for (; row && count < EVENTS_PER_COMMIT; row = cursor_next(cursor, &key, &value)) {
            keys[count].contact = slice_u64(key, 0);
            memcpy(keys[count].key, value.data, sizeof keys[count].key);
            count++;
        }
        status = journal_append(to, NULL, 0, keys, count, why);
    }
    cursor_close(&cursor);
    return status;
}

static enum vouch_status copy_events(const struct view *from, uint64_t last, struct store *to, struct status_text *why)
{
    enum vouch_status status = VOUCH_OK;
    for (uint64_t next = 1; next <= last && status == VOUCH_OK;) {
        static struct journal_entry entries[EVENTS_PER_COMMIT];
        size_t count = 0;
        for (; next <= last && count < EVENTS_PER_COMMIT; next++, count++) {
            entries[count].sequence = next;
            if (!journal_get(from, next, &entries[count].event)) {
                return status_set(why, VOUCH_INTERNAL, "event %llu is missing in the journal",
                                  (unsigned long long)next);
            }
        }
        status = journal_append(to, entries, count, NULL, 0, why);
    }
    return status;
}

/* Makes a store in `directory` with the same journal and a state replayed from it. */
static enum vouch_status replay_into(struct store *store, const struct store_options *options, struct store **copy,
                                     struct status_text *why)
{
    enum vouch_status status = store_create(options, why);
    if (status == VOUCH_OK) {
        status = store_open(options, copy, why);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    struct view *view = snapshot_open(store);
    if (view == NULL) {
        return status_set(why, VOUCH_UNAVAILABLE, "no snapshot of the store can be opened");
    }
    status = copy_person_keys(view, *copy, why);
    if (status == VOUCH_OK) {
        status = copy_events(view, store_journal_sequence(store), *copy, why);
    }
    snapshot_close(&view);
    return status == VOUCH_OK ? journal_replay(*copy, why) : status;
}

static enum vouch_status compare_with_replay(struct store *store, const struct settings *settings,
                                             struct status_text *why)
{
    char directory[4300];
    snprintf(directory, sizeof directory, "%s/rebuild-%ld", settings->data, (long)getpid());
    struct store_options options = admin_store_options(settings);
    options.directory = directory;
    struct store *copy = NULL;
    enum vouch_status status = replay_into(store, &options, &copy, why);
    if (status == VOUCH_OK) {
        status = store_compare_state(store, copy, why);
    }
    store_close(&copy, false);
    store_discard(directory);
    return status;
}

int admin_rebuild(struct invocation *invocation)
{
    struct status_text why = {""};
    struct store *store = NULL;
    enum vouch_status status = admin_open_store(invocation->settings, &store, &why);
    if (status == VOUCH_OK && invocation->replace) {
        status = store_reset_state(store, &why);
        if (status == VOUCH_OK) {
            status = journal_replay(store, &why);
        }
    } else if (status == VOUCH_OK) {
        status = compare_with_replay(store, invocation->settings, &why);
    }
    if (status == VOUCH_OK) {
        printf("%llu events replayed: the state is %s\n", (unsigned long long)store_journal_sequence(store),
               invocation->replace ? "made anew" : "the same, byte for byte");
    }
    store_close(&store, status == VOUCH_OK);
    return status == VOUCH_OK ? 0 : admin_fail(status, &why);
}
