/* SPDX-License-Identifier: Apache-2.0
 *
 * Checking one image after a power cut, through the store as the broker opens it. */
#include "check_image.h"

#include "base/log.h"
#include "workload.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CONTACTS 1000

static struct status_text why;

static int wrong(const char *what)
{
    fprintf(stderr, "image: %s: %s\n", what, why.text);
    return 1;
}

static struct store_options options_of(const char *directory)
{
    return (struct store_options){.directory = directory,
                                  .boot_id = "boot-after-the-cut",
                                  .journal_map_bytes = (size_t)1 << 30,
                                  .state_map_bytes = (size_t)1 << 30};
}

static int check_events(const struct view *view, uint64_t seed, uint64_t last)
{
    for (uint64_t sequence = 1; sequence <= last; sequence++) {
        uint8_t expected[WORKLOAD_EVENT_MAX];
        struct slice event;
        size_t size = workload_event(seed, sequence, expected);
        if (!journal_get(view, sequence, &event) || event.size != size || memcmp(event.data, expected, size) != 0) {
            (void)status_set(&why, VOUCH_INTERNAL, "number %llu of %llu", (unsigned long long)sequence,
                             (unsigned long long)last);
            return wrong("an event is missing or changed");
        }
    }
    return table_rows(view, TABLE_JOURNAL) == last ? 0 : wrong("the journal has more rows than its last number");
}

static int check_keys(const struct view *view, uint64_t seed, uint64_t last)
{
    static struct person_key expected[CONTACTS];
    static uint8_t there[CONTACTS];
    for (uint64_t sequence = 1; sequence <= last; sequence++) {
        struct person_key key;
        if (workload_key(seed, sequence, &key)) {
            expected[key.contact] = key;
            there[key.contact] = key.destroyed ? 0 : 1;
        }
    }
    for (uint64_t contact = 0; contact < CONTACTS; contact++) {
        uint8_t found[32];
        bool has = view_person_key(view, contact, found);
        if (has != (there[contact] != 0) || (has && memcmp(found, expected[contact].key, sizeof found) != 0)) {
            (void)status_set(&why, VOUCH_INTERNAL, "contact %llu", (unsigned long long)contact);
            return wrong("a person key is missing, changed or too many");
        }
    }
    return 0;
}

static int check_journal(struct store *store, uint64_t seed)
{
    struct view *view = snapshot_open(store);
    if (view == NULL) {
        return wrong("no snapshot");
    }
    uint64_t last = store_journal_sequence(store);
    int failed = check_events(view, seed, last) || check_keys(view, seed, last) || view_failed(view) != NULL;
    snapshot_close(&view);
    return failed;
}

static int file_copy(const char *from, const char *to, const char *name)
{
    char paths[2][PATH_MAX];
    snprintf(paths[0], PATH_MAX, "%s/%s", from, name);
    snprintf(paths[1], PATH_MAX, "%s/%s", to, name);
    FILE *source = fopen(paths[0], "r");
    FILE *target = fopen(paths[1], "w");
    static char bytes[1 << 16];
    size_t size = 0;
    while (source != NULL && target != NULL && (size = fread(bytes, 1, sizeof bytes, source)) > 0) {
        if (fwrite(bytes, 1, size, target) != size) {
            break;
        }
    }
    int failed = source == NULL || target == NULL || size != 0;
    if (source != NULL) {
        fclose(source);
    }
    if (target != NULL) {
        failed |= fclose(target) != 0;
    }
    return failed;
}

/* Rebuilds from the journal alone in `scratch` and compares. */
static int check_state(struct store *store, const char *directory, const char *scratch)
{
    char journal[PATH_MAX];
    snprintf(journal, sizeof journal, "%s/journal", scratch);
    if (mkdir(scratch, 0700) != 0 || mkdir(journal, 0700) != 0 || file_copy(directory, scratch, "format") != 0 ||
        file_copy(directory, scratch, "journal/data.mdb") != 0) {
        return wrong("cannot copy the journal");
    }
    struct store_options options = options_of(scratch);
    struct store *rebuilt = NULL;
    if (store_open(&options, &rebuilt, &why) != VOUCH_OK) {
        return wrong("the journal's copy does not open");
    }
    int failed = store_applied_sequence(rebuilt) == 0 ? 0 : wrong("a state came from nowhere");
    if (failed == 0 &&
        (workload_replay(rebuilt, &why) != VOUCH_OK || store_compare_state(store, rebuilt, &why) != VOUCH_OK)) {
        failed = wrong("the state is not that of a rebuild");
    }
    store_close(&rebuilt, false);
    return failed;
}

static int check_open(struct store *store, const char *directory, const char *scratch, uint64_t seed,
                      struct image_counts *counts)
{
    uint64_t applied = store_applied_sequence(store);
    counts->restored += applied > 0;
    counts->rebuilt += applied == 0;
    counts->events += store_journal_sequence(store);
    if (check_journal(store, seed) != 0) {
        return 1;
    }
    if (workload_replay(store, &why) != VOUCH_OK) {
        return wrong("replay");
    }
    return check_state(store, directory, scratch);
}

static int check_unborn(const char *directory, uint64_t acknowledged)
{
    struct store_options options = options_of(directory);
    struct store *store = NULL;
    if (acknowledged > 0) {
        return wrong("the store is gone, and something was acknowledged");
    }
    if (store_create(&options, &why) != VOUCH_OK || store_open(&options, &store, &why) != VOUCH_OK) {
        return wrong("a store whose making was cut short cannot be made again");
    }
    store_close(&store, true);
    return 0;
}

int image_check(const char *directory, const char *scratch, uint64_t seed, uint64_t acknowledged, uint64_t submitted,
                struct image_counts *counts)
{
    struct store_options options = options_of(directory);
    struct store *store = NULL;
    log_set_level(LOG_ERROR);
    counts->images++;
    enum vouch_status status = store_open(&options, &store, &why);
    if (status == VOUCH_NOT_FOUND) {
        counts->unborn++;
        return check_unborn(directory, acknowledged);
    }
    if (status != VOUCH_OK) {
        return wrong("it does not open");
    }
    uint64_t last = store_journal_sequence(store);
    counts->unanswered += last > acknowledged;
    if (last != acknowledged && last != submitted) {
        (void)status_set(&why, VOUCH_INTERNAL, "the journal ends at %llu, acknowledged %llu, submitted %llu",
                         (unsigned long long)last, (unsigned long long)acknowledged, (unsigned long long)submitted);
        return wrong("something acknowledged is lost, or a batch is torn");
    }
    int failed = check_open(store, directory, scratch, seed, counts);
    store_close(&store, false);
    return failed;
}
