/* SPDX-License-Identifier: Apache-2.0
 *
 * The store on a disk that fills up or fails (inject.c is preloaded): what each status promises must hold, reads go on,
 * and the next start finds all that was acknowledged. */
#include "../unit/store_fixture.h"
#include "workload.h"

#define SEED 4711

TestSuite(disk, .init = fixture_make, .fini = fixture_remove);

/* Makes the disk do this from now on; "" for well. */
static void disk_do(const char *words)
{
    char path[96];
    snprintf(path, sizeof path, "%s/control", fixture_root);
    setenv("VOUCH_INJECT_CONTROL", path, 1);
    setenv("VOUCH_INJECT_DIR", fixture_directory, 1);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs(words, file);
    fclose(file);
}

/* One batch: applied, journalled. */
static enum vouch_status submit(struct store *store, size_t count)
{
    static uint8_t events[64][WORKLOAD_EVENT_MAX];
    struct journal_entry entries[64];
    struct person_key keys[64];
    size_t key_count = 0;
    uint64_t last = store_journal_sequence(store);
    struct view *view = fixture_write(store);
    for (size_t i = 0; i < count; i++) {
        entries[i].sequence = last + 1 + i;
        entries[i].event = (struct slice){events[i], workload_event(SEED, last + 1 + i, events[i])};
        key_count += workload_key(SEED, last + 1 + i, &keys[key_count]);
        workload_apply(view, last + 1 + i, entries[i].event);
    }
    enum vouch_status status = journal_append(store, entries, count, keys, key_count, &why);
    if (status != VOUCH_OK) {
        state_abort(store);
        cr_assert_eq(store_journal_sequence(store), last);
    }
    return status;
}

static void submit_and_commit(struct store *store, int batches)
{
    for (int i = 0; i < batches; i++) {
        assert_ok(submit(store, 20));
    }
    assert_ok(state_commit(store, store_journal_sequence(store), &why));
}

/* Every event up to `last` is what it was, there are no more, and the state is that of its sequence. */
static void check(struct store *store, uint64_t last)
{
    cr_assert_eq(store_journal_sequence(store), last);
    struct view *view = snapshot_open(store);
    cr_assert_eq(table_rows(view, TABLE_JOURNAL), last);
    for (uint64_t sequence = 1; sequence <= last; sequence++) {
        uint8_t expected[WORKLOAD_EVENT_MAX];
        struct slice event;
        size_t size = workload_event(SEED, sequence, expected);
        cr_assert(journal_get(view, sequence, &event) && event.size == size);
        cr_assert_eq(memcmp(event.data, expected, size), 0);
    }
    cr_assert_eq(meta_get(view, "inbox"), view_sequence(view));
    cr_assert_null(view_failed(view));
    snapshot_close(&view);
}

/* The state as it stands, after replay, equals a rebuild. */
static void check_rebuild(struct store *store)
{
    assert_ok(workload_replay(store, &why));
    char copy[96];
    snprintf(copy, sizeof copy, "%s/copy", fixture_root);
    assert_ok(store_backup(store, copy, &why));
    struct store_options options = fixture_options("boot-1");
    options.directory = copy;
    struct store *rebuilt = NULL;
    assert_ok(store_open(&options, &rebuilt, &why));
    assert_ok(store_reset_state(rebuilt, &why));
    assert_ok(workload_replay(rebuilt, &why));
    assert_ok(store_compare_state(store, rebuilt, &why));
    store_close(&rebuilt, false);
}

Test(disk, full_disk_refuses_batches_and_takes_later_ones)
{
    struct store *store = fixture_create();
    submit_and_commit(store, 5);
    disk_do("only=journal space=4000000");
    uint64_t last = 100;
    enum vouch_status status = VOUCH_OK;
    while (status == VOUCH_OK && last < 100000) {
        status = submit(store, 60);
        last += status == VOUCH_OK ? 60 : 0;
    }
    cr_assert_eq(status, VOUCH_UNAVAILABLE, "%s: %s", status_name(status), why.text);
    cr_assert_eq(submit(store, 60), VOUCH_UNAVAILABLE, "and again");
    check(store, last);
    assert_ok(workload_replay(store, &why));
    check(store, last);
    disk_do("");
    submit_and_commit(store, 5);
    check(store, last + 100);
    check_rebuild(store);
    store_close(&store, false);
    store = fixture_open("boot-2");
    check(store, last + 100);
    store_close(&store, true);
}

Test(disk, wherever_space_ends_it_is_found_before_the_transaction)
{
    struct store *store = fixture_create();
    submit_and_commit(store, 5);
    uint64_t last = 100;
    for (unsigned step = 0; step < 12; step++) {
        char words[80];
        snprintf(words, sizeof words, "only=journal space=%u", step * 7000);
        disk_do(words);
        enum vouch_status status = submit(store, 60);
        while (status == VOUCH_OK) {
            last += 60;
            assert_ok(state_commit(store, last, &why));
            status = submit(store, 60);
        }
        cr_assert_eq(status, VOUCH_UNAVAILABLE, "%s: %s", status_name(status), why.text);
        check(store, last);
        disk_do("");
        assert_ok(submit(store, 60));
        last += 60;
        assert_ok(state_commit(store, last, &why));
    }
    check_rebuild(store);
    store_close(&store, true);
}

/* `n` = 1: the data's sync, 2: the meta page's. The batch may be there afterwards or not, but whole. */
static void sync_fails_at(unsigned n)
{
    char words[64];
    struct store *store = fixture_create();
    submit_and_commit(store, 5);
    snprintf(words, sizeof words, "only=journal sync_fails_once=%u", n);
    disk_do(words);
    cr_assert_eq(submit(store, 20), VOUCH_INTERNAL);
    cr_assert_not_null(strstr(why.text, "disk failed"), "%s", why.text);
    disk_do("");
    cr_assert_eq(submit(store, 20), VOUCH_INTERNAL, "a disk that seems well again is not believed");
    cr_assert_not_null(strstr(why.text, "disk failed"));
    struct view *view = snapshot_open(store);
    struct slice event;
    cr_assert(view_sequence(view) == 100 && journal_get(view, 100, &event), "reads go on");
    snapshot_close(&view);
    store_close(&store, false);
    store = fixture_open("boot-1");
    uint64_t last = store_journal_sequence(store);
    cr_assert(last == 100 || last == 120);
    assert_ok(workload_replay(store, &why));
    check(store, last);
    submit_and_commit(store, 5);
    check_rebuild(store);
    store_close(&store, true);
}

Test(disk, failing_sync_of_the_journal_is_final)
{
    sync_fails_at(1);
}

Test(disk, failing_write_of_the_journals_meta_page_is_final)
{
    sync_fails_at(2);
}

Test(disk, full_disk_of_the_state_drops_the_transaction_only)
{
    struct store *store = fixture_create();
    submit_and_commit(store, 5);
    for (int i = 0; i < 40; i++) {
        assert_ok(submit(store, 60));
    }
    disk_do("only=state space=20000");
    cr_assert_eq(state_commit(store, store_journal_sequence(store), &why), VOUCH_UNAVAILABLE, "%s", why.text);
    cr_assert_eq(store_applied_sequence(store), 100);
    check(store, 2500);
    disk_do("");
    assert_ok(workload_replay(store, &why));
    check(store, 2500);
    check_rebuild(store);
    store_close(&store, true);
}

Test(disk, failing_sync_of_the_state_ends_checkpoints_and_means_a_rebuild)
{
    struct store *store = fixture_create();
    submit_and_commit(store, 5);
    disk_do("only=state sync_fails_once=1");
    assert_ok(checkpoint_begin(store, &why));
    cr_assert_eq(checkpoint_finish(store, &why), VOUCH_INTERNAL);
    disk_do("");
    cr_assert_eq(checkpoint_begin(store, &why), VOUCH_INTERNAL);
    submit_and_commit(store, 5);
    check(store, 200);
    store_close(&store, true);
    store = fixture_open("boot-1");
    cr_assert_eq(store_applied_sequence(store), 0, "nothing of that state is believed");
    check_rebuild(store);
    store_close(&store, true);
}

Test(disk, checkpoint_that_finds_no_space_leaves_the_previous)
{
    struct store *store = fixture_create();
    submit_and_commit(store, 5);
    assert_ok(checkpoint_begin(store, &why));
    assert_ok(checkpoint_finish(store, &why));
    submit_and_commit(store, 5);
    disk_do("only=checkpoint space=100");
    assert_ok(checkpoint_begin(store, &why));
    cr_assert_eq(checkpoint_finish(store, &why), VOUCH_UNAVAILABLE);
    disk_do("");
    submit_and_commit(store, 5);
    store_close(&store, false);
    store = fixture_open("boot-2");
    cr_assert_eq(store_applied_sequence(store), 100);
    check_rebuild(store);
    submit_and_commit(store, 5);
    assert_ok(checkpoint_begin(store, &why));
    assert_ok(checkpoint_finish(store, &why));
    store_close(&store, false);
    store = fixture_open("boot-3");
    cr_assert_eq(store_applied_sequence(store), 400);
    store_close(&store, true);
}

Test(disk, starting_on_a_failing_disk_says_so_and_spoils_nothing)
{
    struct store *store = fixture_create();
    submit_and_commit(store, 5);
    store_close(&store, false);
    bool opened = false;
    for (unsigned n = 1; n < 40 && !opened; n++) {
        char words[64];
        struct store_options options = fixture_options("boot-2");
        snprintf(words, sizeof words, "sync_fails=%u", n);
        disk_do(words);
        enum vouch_status status = store_open(&options, &store, &why);
        opened = status == VOUCH_OK;
        cr_assert(opened || (status == VOUCH_INTERNAL && why.text[0] != '\0'));
        disk_do("");
        store_close(&store, false);
    }
    cr_assert(opened);
    store = fixture_open("boot-3");
    check(store, 100);
    check_rebuild(store);
    store_close(&store, true);
}

Test(disk, making_and_starting_on_a_full_disk)
{
    struct store_options options = fixture_options("boot-1");
    struct store *store = NULL;
    enum vouch_status status = VOUCH_UNAVAILABLE;
    unsigned refused = 0;
    for (unsigned space = 0; status != VOUCH_OK && space < 400000; space += 3000) {
        char words[64];
        snprintf(words, sizeof words, "space=%u", space);
        disk_do(words);
        status = store_create(&options, &why);
        refused += status != VOUCH_OK;
        cr_assert(status == VOUCH_OK || status == VOUCH_UNAVAILABLE || status == VOUCH_INTERNAL);
    }
    cr_assert(status == VOUCH_OK && refused > 0, "%s refused=%u: %s", status_name(status), refused, why.text);
    disk_do("space=0");
    cr_assert_eq(store_open(&options, &store, &why), VOUCH_UNAVAILABLE, "%s", why.text);
    disk_do("");
    store = fixture_open("boot-1");
    submit_and_commit(store, 5);
    check(store, 100);
    store_close(&store, true);
}
