/* SPDX-License-Identifier: Apache-2.0
 *
 * A store in a directory of its own, for the unit tests of the store: made before each test, removed after it. */
#ifndef VOUCH_TESTS_STORE_FIXTURE_H
#define VOUCH_TESTS_STORE_FIXTURE_H

#include "store/store.h"

#include <criterion/criterion.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FIXTURE_MAP_BYTES ((size_t)512 << 20)

static char fixture_root[64];
static char fixture_directory[80];
static struct status_text why;

#define assert_ok(call)                                                                                                \
    do {                                                                                                               \
        enum vouch_status status_of_call = (call);                                                                     \
        cr_assert_eq(status_of_call, VOUCH_OK, "%s: %s", status_name(status_of_call), why.text);                       \
    } while (0)

static inline void fixture_make(void)
{
    strcpy(fixture_root, "/tmp/vouch-unit-XXXXXX");
    cr_assert_not_null(mkdtemp(fixture_root));
    snprintf(fixture_directory, sizeof fixture_directory, "%s/store", fixture_root);
}

static inline int fixture_unlink(const char *path, const struct stat *stat, int kind, struct FTW *walk)
{
    (void)stat;
    (void)kind;
    (void)walk;
    return remove(path);
}

static inline void fixture_remove(void)
{
    nftw(fixture_root, fixture_unlink, 16, FTW_DEPTH | FTW_PHYS);
}

static inline struct store_options fixture_options(const char *boot_id)
{
    return (struct store_options){.directory = fixture_directory,
                                  .journal_map_bytes = FIXTURE_MAP_BYTES,
                                  .state_map_bytes = FIXTURE_MAP_BYTES,
                                  .boot_id = boot_id};
}

static inline struct store *fixture_open(const char *boot_id)
{
    struct store_options options = fixture_options(boot_id);
    struct store *store = NULL;
    assert_ok(store_open(&options, &store, &why));
    return store;
}

static inline struct store *fixture_create(void)
{
    struct store_options options = fixture_options("boot-1");
    assert_ok(store_create(&options, &why));
    return fixture_open("boot-1");
}

/* Journals one event that says its number. */
static inline uint64_t fixture_journal(struct store *store)
{
    char text[32];
    uint64_t sequence = store_journal_sequence(store) + 1;
    int length = snprintf(text, sizeof text, "event %llu", (unsigned long long)sequence);
    struct journal_entry entry = {sequence, {text, (size_t)length}};
    assert_ok(journal_append(store, &entry, 1, NULL, 0, &why));
    return sequence;
}

static inline struct view *fixture_write(struct store *store)
{
    struct view *view = state_write_view(store, &why);
    cr_assert_not_null(view, "%s", why.text);
    return view;
}

/* Whether `act` breaks an invariant; in a child, so that this test goes on and cleans up. */
static inline bool fixture_aborts(void (*act)(struct store *store), struct store *store)
{
    pid_t child = fork();
    if (child == 0) {
        act(store);
        _exit(0);
    }
    int status = 0;
    cr_assert_eq(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static inline struct slice text_slice(const char *text)
{
    return (struct slice){text, strlen(text)};
}

static inline bool slice_is(struct slice slice, const char *text)
{
    return slice.size == strlen(text) && memcmp(slice.data, text, slice.size) == 0;
}

#endif
