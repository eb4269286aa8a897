/* SPDX-License-Identifier: Apache-2.0
 *
 * What a start believes of the state: all after a clean end or a process crash, the checkpoint after a power cut (here:
 * another boot id), nothing when that does not check. What files look like after a real cut is tests/fault's matter. */
#include "store_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>

#define ROWS 400

TestSuite(checkpoint, .init = fixture_make, .fini = fixture_remove);

/* Scatters writes so that many pages change: row (sequence × 7919) mod ROWS becomes the sequence. */
static void work(struct store *store, uint64_t commits)
{
    for (uint64_t i = 0; i < commits; i++) {
        struct view *view = fixture_write(store);
        uint64_t sequence = fixture_journal(store);
        char value[300];
        memset(value, (int)(sequence & 0x7F), sizeof value);
        struct key key = key_u64(sequence * 7919 % ROWS);
        table_put(view, TABLE_REFERRAL, key_slice(&key), (struct slice){value, sizeof value});
        meta_put(view, "last_row", sequence);
        assert_ok(state_commit(store, sequence, &why));
    }
}

static void checkpoint(struct store *store)
{
    assert_ok(checkpoint_begin(store, &why));
    assert_ok(checkpoint_finish(store, &why));
}

/* Opens and checks that the state is exactly what `work` had made at `sequence`; closes as after a crash. */
static void check_comes_back(const char *boot_id, uint64_t sequence)
{
    struct store *store = fixture_open(boot_id);
    cr_assert_eq(store_applied_sequence(store), sequence, "applied %llu, expected %llu",
                 (unsigned long long)store_applied_sequence(store), (unsigned long long)sequence);
    struct view *view = snapshot_open(store);
    cr_assert_eq(view_sequence(view), sequence);
    cr_assert_eq(meta_get(view, "last_row"), sequence);
    uint64_t first = sequence > ROWS ? sequence - ROWS + 1 : 1;
    for (uint64_t i = first; i <= sequence; i++) {
        struct key key = key_u64(i * 7919 % ROWS);
        struct slice value;
        cr_assert(table_get(view, TABLE_REFERRAL, key_slice(&key), &value));
        cr_assert_eq(value.size, 300);
        cr_assert_eq(*(const uint8_t *)value.data, i & 0x7F);
    }
    cr_assert_eq(table_rows(view, TABLE_REFERRAL), sequence < ROWS ? sequence : ROWS);
    cr_assert_null(view_failed(view));
    snapshot_close(&view);
    store_close(&store, false);
}

static void spoil(const char *name, off_t offset)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", fixture_directory, name);
    int file = open(path, O_RDWR);
    cr_assert_geq(file, 0);
    uint8_t byte;
    cr_assert_eq(pread(file, &byte, 1, offset), 1);
    byte ^= 0x40;
    cr_assert_eq(pwrite(file, &byte, 1, offset), 1);
    close(file);
}

static void file_drop(const char *name)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", fixture_directory, name);
    cr_assert_eq(unlink(path), 0);
}

/* A store that crashed at 1,200 with a checkpoint at 300. */
static void crash_after_checkpoint(void)
{
    struct store *store = fixture_create();
    work(store, 300);
    checkpoint(store);
    work(store, 900);
    store_close(&store, false);
}

Test(checkpoint, clean_end_needs_none)
{
    struct store *store = fixture_create();
    work(store, 500);
    store_close(&store, true);
    file_drop("checkpoint");
    check_comes_back("boot-2", 500);
}

Test(checkpoint, process_crash_keeps_the_last_commit)
{
    crash_after_checkpoint();
    check_comes_back("boot-1", 1200);
}

Test(checkpoint, power_cut_goes_back_to_it)
{
    crash_after_checkpoint();
    check_comes_back("boot-2", 300);
    check_comes_back("boot-3", 300);
}

Test(checkpoint, start_makes_one_before_it_writes)
{
    crash_after_checkpoint();
    struct store *store = fixture_open("boot-1");
    cr_assert_eq(store_applied_sequence(store), 1200);
    work(store, 900);
    store_close(&store, false);
    check_comes_back("boot-2", 1200);
}

Test(checkpoint, work_goes_on_after_a_restore)
{
    crash_after_checkpoint();
    struct store *store = fixture_open("boot-2");
    cr_assert_eq(store_journal_sequence(store), 1200);
    for (uint64_t sequence = 301; sequence <= 1200; sequence += 100) { /* replay, in larger transactions */
        struct view *view = fixture_write(store);
        for (uint64_t i = sequence; i < sequence + 100; i++) {
            char value[300];
            memset(value, (int)(i & 0x7F), sizeof value);
            struct key key = key_u64(i * 7919 % ROWS);
            table_put(view, TABLE_REFERRAL, key_slice(&key), (struct slice){value, sizeof value});
        }
        meta_put(view, "last_row", sequence + 99);
        assert_ok(state_commit(store, sequence + 99, &why));
    }
    work(store, 100);
    checkpoint(store);
    work(store, 100);
    store_close(&store, false);
    check_comes_back("boot-3", 1300);
}

Test(checkpoint, begun_and_not_finished_leaves_the_previous)
{
    struct store *store = fixture_create();
    work(store, 300);
    checkpoint(store);
    work(store, 500);
    assert_ok(checkpoint_begin(store, &why));
    cr_assert_eq(checkpoint_begin(store, &why), VOUCH_BUSY);
    work(store, 500);
    store_close(&store, false);
    check_comes_back("boot-2", 300);
}

Test(checkpoint, writes_between_its_halves_are_not_in_it)
{
    struct store *store = fixture_create();
    work(store, 300);
    assert_ok(checkpoint_begin(store, &why));
    work(store, 700);
    assert_ok(checkpoint_finish(store, &why));
    assert_ok(checkpoint_finish(store, &why));
    work(store, 700);
    store_close(&store, false);
    check_comes_back("boot-2", 300);
}

Test(checkpoint, spoilt_or_missing_means_rebuild)
{
    crash_after_checkpoint();
    spoil("checkpoint", 100);
    check_comes_back("boot-2", 0);
    file_drop("checkpoint");
    check_comes_back("boot-3", 0);
}

Test(checkpoint, session_that_says_nothing_counts_as_a_power_cut)
{
    crash_after_checkpoint();
    file_drop("session");
    check_comes_back("boot-1", 300);
}

Test(checkpoint, state_that_is_no_state_is_rebuilt)
{
    crash_after_checkpoint();
    char path[160];
    snprintf(path, sizeof path, "%s/state/data.mdb", fixture_directory);
    cr_assert_eq(truncate(path, 5000), 0);
    check_comes_back("boot-1", 0);
    cr_assert_eq(unlink(path), 0);
    check_comes_back("boot-1", 0);
    cr_assert_eq(truncate(path, 4096), 0);
    check_comes_back("boot-2", 0);
}

Test(checkpoint, lost_journal_is_never_replaced_by_an_empty_one)
{
    struct store *store = fixture_create();
    struct view *view = fixture_write(store);
    table_put(view, TABLE_REFERRAL, text_slice("x"), text_slice("y"));
    assert_ok(state_commit(store, fixture_journal(store), &why));
    store_close(&store, true);
    char path[300];
    snprintf(path, sizeof path, "rm -r %s/journal && mkdir %s/journal", fixture_directory, fixture_directory);
    cr_assert_eq(system(path), 0);
    struct store_options options = fixture_options("boot-1");
    cr_assert_eq(store_open(&options, &store, &why), VOUCH_INTERNAL, "a journal without its tables is none");
}

Test(checkpoint, with_a_write_view_open_stops_the_program)
{
    struct store *store = fixture_create();
    (void)fixture_write(store);
    void (*begin)(struct store *) = checkpoint;
    cr_assert(fixture_aborts(begin, store));
    store_close(&store, true);
}

Test(checkpoint, reset_empties_and_is_safe_from_power_cuts)
{
    crash_after_checkpoint();
    struct store *store = fixture_open("boot-1");
    assert_ok(store_reset_state(store, &why));
    cr_assert_eq(store_applied_sequence(store), 0);
    struct view *view = snapshot_open(store);
    cr_assert_eq(table_rows(view, TABLE_REFERRAL), 0);
    struct slice event;
    cr_assert(journal_get(view, 1200, &event), "the truth is untouched");
    snapshot_close(&view);
    store_close(&store, false);
    check_comes_back("boot-2", 0);
}
