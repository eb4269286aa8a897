/* SPDX-License-Identifier: Apache-2.0
 *
 * The store from below: keys, making and opening, the one process that may, views, cursors, the writer's transaction,
 * the journal's order and limits. */
#include "store_fixture.h"

#include <sys/stat.h>

TestSuite(store, .init = fixture_make, .fini = fixture_remove);

static void file_write(const char *name, const char *text)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", fixture_directory, name);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
}

static void put_text(struct view *view, const char *key, const char *value)
{
    table_put(view, TABLE_CONTACT_EMAIL, text_slice(key), text_slice(value));
}

static bool get_is(const struct view *view, const char *key, const char *value)
{
    struct slice found;
    return table_get(view, TABLE_CONTACT_EMAIL, text_slice(key), &found) && slice_is(found, value);
}

/* ---- keys ---- */

Test(store, keys_sort_as_their_numbers)
{
    const uint64_t numbers[] = {0, 1, 255, 256, 65535, 65536, UINT32_MAX, (uint64_t)UINT32_MAX + 1, UINT64_MAX};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct key key = key_u64(numbers[i]);
        cr_assert_eq(key.size, 8);
        cr_assert_eq(slice_u64(key_slice(&key), 0), numbers[i]);
        if (i > 0) {
            struct key smaller = key_u64(numbers[i - 1]);
            cr_assert_lt(memcmp(smaller.bytes, key.bytes, 8), 0);
            struct key pair = key_u64_u64(numbers[i - 1], UINT64_MAX);
            struct key next = key_u64_u64(numbers[i], 0);
            cr_assert_lt(memcmp(pair.bytes, next.bytes, 16), 0);
            cr_assert_eq(slice_u64(key_slice(&pair), 8), UINT64_MAX);
        }
    }
}

Test(store, keys_hold_511_bytes)
{
    char bytes[KEY_MAX] = {1};
    struct key key;
    key_start(&key);
    key_add_u8(&key, 7);
    key_add_bytes(&key, bytes, sizeof bytes - 1);
    cr_assert_eq(key.size, KEY_MAX);
    cr_assert_eq(key.bytes[0], 7);
    key_add_bytes(&key, NULL, 0);
    cr_assert_eq(key.size, KEY_MAX);
}

static void key_overflow(struct store *store)
{
    (void)store;
    struct key key;
    key_start(&key);
    for (int i = 0; i < 64; i++) {
        key_add_u64(&key, 0);
    }
}

Test(store, keys_past_511_bytes_stop_the_program)
{
    cr_assert(fixture_aborts(key_overflow, NULL));
}

/* ---- opening ---- */

Test(store, none_is_not_found)
{
    struct store_options options = fixture_options("boot-1");
    struct store *store = NULL;
    cr_assert_eq(store_open(&options, &store, &why), VOUCH_NOT_FOUND);
    cr_assert_null(store);
    cr_assert_eq(access(fixture_directory, F_OK), -1, "looking makes nothing");
}

Test(store, is_made_once)
{
    struct store_options options = fixture_options("boot-1");
    assert_ok(store_create(&options, &why));
    cr_assert_eq(store_create(&options, &why), VOUCH_DUPLICATE);
    struct stat stat_buffer;
    cr_assert_eq(stat(fixture_directory, &stat_buffer), 0);
    cr_assert_eq(stat_buffer.st_mode & 0777, 0700);
}

Test(store, making_that_was_cut_short_is_done_again)
{
    struct store_options options = fixture_options("boot-1");
    char path[128];
    assert_ok(store_create(&options, &why));
    snprintf(path, sizeof path, "%s/format", fixture_directory);
    cr_assert_eq(unlink(path), 0);
    assert_ok(store_create(&options, &why));
    struct store *store = fixture_open("boot-1");
    (void)fixture_journal(store);
    store_close(&store, true);
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(store_create(&options, &why), VOUCH_DUPLICATE, "a journal with events is never made over");
}

Test(store, stump_of_a_journal_is_made_over_and_no_other)
{
    struct store_options options = fixture_options("boot-1");
    char path[128];
    static char bytes[70000];
    memset(bytes, 'x', sizeof bytes - 1);
    assert_ok(store_create(&options, &why));
    snprintf(path, sizeof path, "%s/format", fixture_directory);
    cr_assert_eq(unlink(path), 0);
    file_write("journal/data.mdb", bytes);
    cr_assert_eq(store_create(&options, &why), VOUCH_INTERNAL);
    file_write("journal/data.mdb", bytes + sizeof bytes - 5000);
    assert_ok(store_create(&options, &why));
    struct store *store = fixture_open("boot-1");
    store_close(&store, true);
}

Test(store, another_format_is_refused)
{
    struct store *store = fixture_create();
    store_close(&store, true);
    file_write("format", "vouch store 99\n");
    struct store_options options = fixture_options("boot-1");
    cr_assert_eq(store_open(&options, &store, &why), VOUCH_UNAVAILABLE);
    cr_assert_not_null(strstr(why.text, "format 99"));
    file_write("format", "vouch store 1\n");
    cr_assert_eq(store_open(&options, &store, &why), VOUCH_UNAVAILABLE);
    cr_assert_not_null(strstr(why.text, "format 1"));
    cr_assert_not_null(strstr(why.text, "Another version"), "what to do: %s", why.text);
    file_write("format", "something else\n");
    cr_assert_eq(store_open(&options, &store, &why), VOUCH_INTERNAL);
}

Test(store, broken_journal_is_never_guessed_about)
{
    struct store *store = fixture_create();
    store_close(&store, true);
    file_write("journal/data.mdb", "this is no journal");
    struct store_options options = fixture_options("boot-1");
    cr_assert_eq(store_open(&options, &store, &why), VOUCH_INTERNAL);
    cr_assert_not_null(strstr(why.text, "journal"));
}

Test(store, second_opening_is_refused_and_names_the_process)
{
    struct store *store = fixture_create();
    struct store_options options = fixture_options("boot-1");
    struct store *other = NULL;
    char pid[32];
    snprintf(pid, sizeof pid, "process %ld", (long)getpid());
    cr_assert_eq(store_open(&options, &other, &why), VOUCH_CONFLICT);
    cr_assert_not_null(strstr(why.text, pid), "%s", why.text);
    pid_t child = fork();
    if (child == 0) {
        struct status_text text;
        bool refused = store_open(&options, &other, &text) == VOUCH_CONFLICT && strstr(text.text, pid) != NULL;
        _exit(refused ? 0 : 1);
    }
    int status = 0;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0);
    store_close(&store, true);
    store = fixture_open("boot-1");
    store_close(&store, true);
}

/* ---- views ---- */

Test(store, snapshot_is_one_moment)
{
    struct store *store = fixture_create();
    struct view *write = fixture_write(store);
    put_text(write, "a", "1");
    cr_assert(get_is(write, "a", "1"), "the write view sees its own writes");
    uint64_t first = fixture_journal(store);
    assert_ok(state_commit(store, first, &why));
    struct view *old = snapshot_open(store);
    write = fixture_write(store);
    put_text(write, "a", "2");
    uint64_t second = fixture_journal(store);
    struct view *uncommitted = snapshot_open(store);
    cr_assert(get_is(uncommitted, "a", "1"));
    snapshot_close(&uncommitted);
    assert_ok(state_commit(store, second, &why));
    struct view *new = snapshot_open(store);
    cr_assert(get_is(old, "a", "1"));
    cr_assert(get_is(new, "a", "2"));
    cr_assert_eq(view_sequence(old), first);
    cr_assert_eq(view_sequence(new), second);
    struct slice event;
    cr_assert_not(journal_get(old, second, &event), "nor does it see the journal's future");
    cr_assert(journal_get(new, second, &event) && slice_is(event, "event 2"));
    cr_assert_null(view_failed(new));
    snapshot_close(&old);
    snapshot_close(&new);
    store_close(&store, true);
}

Test(store, slots_are_bounded)
{
    struct store_options options = fixture_options("boot-1");
    struct store *store = fixture_create();
    store_close(&store, true);
    options.max_readers = 3;
    assert_ok(store_open(&options, &store, &why));
    struct view *views[4];
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 4; i++) {
            views[i] = snapshot_open(store);
            cr_assert_eq(views[i] == NULL, i == 3);
        }
        for (int i = 0; i < 4; i++) {
            snapshot_close(&views[i]);
            cr_assert_null(views[i]);
        }
    }
    store_reap_readers(store);
    store_close(&store, true);
}

Test(store, abort_drops_what_was_not_committed)
{
    struct store *store = fixture_create();
    put_text(fixture_write(store), "kept", "1");
    assert_ok(state_commit(store, fixture_journal(store), &why));
    struct view *view = fixture_write(store);
    put_text(view, "dropped", "1");
    cr_assert(table_delete(view, TABLE_CONTACT_EMAIL, text_slice("kept")));
    cr_assert_not(table_delete(view, TABLE_CONTACT_EMAIL, text_slice("never there")));
    state_abort(store);
    view = fixture_write(store);
    cr_assert(get_is(view, "kept", "1"));
    cr_assert_eq(table_rows(view, TABLE_CONTACT_EMAIL), 1);
    state_abort(store);
    cr_assert_eq(store_applied_sequence(store), 1);
    store_close(&store, true);
}

Test(store, numbers_in_meta)
{
    struct store *store = fixture_create();
    struct view *view = fixture_write(store);
    cr_assert_eq(meta_get(view, "last_member"), 0);
    meta_put(view, "last_member", UINT64_C(0x0123456789abcdef));
    cr_assert_eq(meta_get(view, "last_member"), UINT64_C(0x0123456789abcdef));
    table_put(view, TABLE_META, text_slice("zone"), text_slice("Europe/Berlin"));
    cr_assert_eq(meta_get(view, "zone"), 0, "bytes are no number");
    state_abort(store);
    store_close(&store, true);
}

static void commit_ahead(struct store *store)
{
    (void)!state_commit(store, 1, &why);
}

Test(store, commit_ahead_of_the_journal_stops_the_program)
{
    struct store *store = fixture_create();
    put_text(fixture_write(store), "a", "1");
    cr_assert(fixture_aborts(commit_ahead, store));
    store_close(&store, true);
}

Test(store, trouble_in_a_view_sticks_until_the_abort)
{
    struct store_options options = fixture_options("boot-1");
    options.state_map_bytes = (size_t)1 << 20;
    struct store *store = NULL;
    assert_ok(store_create(&options, &why));
    assert_ok(store_open(&options, &store, &why));
    put_text(fixture_write(store), "kept", "1");
    assert_ok(state_commit(store, fixture_journal(store), &why));
    struct view *view = fixture_write(store);
    char value[1000] = "x";
    for (uint64_t i = 0; i < 2000 && view_failed(view) == NULL; i++) {
        struct key key = key_u64(i);
        table_put(view, TABLE_REFERRAL, key_slice(&key), (struct slice){value, sizeof value});
    }
    cr_assert_not_null(view_failed(view));
    cr_assert_not(get_is(view, "kept", "1"), "reads find nothing");
    cr_assert_not(table_delete(view, TABLE_CONTACT_EMAIL, text_slice("kept")));
    tie_put(view, 1, 2, 3, 0);
    tie_put(view, 1, 2, 0, 0);
    cr_assert_eq(state_commit(store, fixture_journal(store), &why), VOUCH_TOO_LARGE, "%s", why.text);
    cr_assert_eq(store_applied_sequence(store), 1);
    view = fixture_write(store);
    cr_assert_null(view_failed(view));
    cr_assert(get_is(view, "kept", "1"));
    assert_ok(state_commit(store, 2, &why));
    store_close(&store, true);
}

/* ---- cursors ---- */

static void cursor_rows_put(struct view *view)
{
    const char *const keys[] = {"b", "d", "f", "h"};
    for (size_t i = 0; i < 4; i++) {
        put_text(view, keys[i], keys[i]);
    }
}

Test(store, cursors_go_both_ways)
{
    struct store *store = fixture_create();
    cursor_rows_put(fixture_write(store));
    assert_ok(state_commit(store, fixture_journal(store), &why));
    struct view *view = snapshot_open(store);
    struct cursor *cursor = cursor_open(view, TABLE_CONTACT_EMAIL);
    struct slice key;
    struct slice value;
    const struct {
        const char *sought, *at_or_after, *before;
    } rows[] = {{"a", "b", NULL}, {"b", "b", NULL}, {"c", "d", "b"},
                {"d", "d", "b"},  {"h", "h", "f"},  {"i", NULL, "h"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool found = cursor_seek(cursor, text_slice(rows[i].sought), &key, &value);
        cr_assert_eq(found, rows[i].at_or_after != NULL);
        cr_assert(!found || (slice_is(key, rows[i].at_or_after) && slice_is(value, rows[i].at_or_after)));
        found = cursor_seek_before(cursor, text_slice(rows[i].sought), &key, &value);
        cr_assert_eq(found, rows[i].before != NULL);
        cr_assert(!found || slice_is(key, rows[i].before));
    }
    cr_assert(cursor_seek_before(cursor, SLICE_NONE, &key, NULL) && slice_is(key, "h"));
    cr_assert_not(cursor_next(cursor, &key, NULL));
    cr_assert_not(cursor_next(cursor, &key, NULL), "past the end it stays there");
    cr_assert(cursor_seek(cursor, SLICE_NONE, &key, NULL) && slice_is(key, "b"));
    cr_assert(cursor_next(cursor, NULL, &value) && slice_is(value, "d"));
    cr_assert(cursor_next(cursor, &key, NULL) && slice_is(key, "f"));
    cr_assert(cursor_previous(cursor, &key, NULL) && slice_is(key, "d"));
    cr_assert(cursor_previous(cursor, &key, NULL) && slice_is(key, "b"));
    cr_assert_not(cursor_previous(cursor, &key, NULL));
    cursor_close(&cursor);
    cursor = cursor_open(view, TABLE_COMPANY);
    cr_assert_not(cursor_seek(cursor, SLICE_NONE, NULL, NULL));
    cr_assert_not(cursor_seek_before(cursor, SLICE_NONE, NULL, NULL));
    cr_assert_not(cursor_next(cursor, NULL, NULL));
    cursor_close(&cursor);
    cr_assert_null(cursor);
    snapshot_close(&view);
    store_close(&store, true);
}

Test(store, cursors_of_the_write_view_survive_writes)
{
    struct store *store = fixture_create();
    struct view *view = fixture_write(store);
    cursor_rows_put(view);
    struct cursor *cursor = cursor_open(view, TABLE_CONTACT_EMAIL);
    struct slice key;
    cr_assert(cursor_seek(cursor, text_slice("d"), &key, NULL));
    table_delete(view, TABLE_CONTACT_EMAIL, text_slice("d"));
    cr_assert(cursor_next(cursor, &key, NULL) && slice_is(key, "f"), "after its own row went");
    put_text(view, "e", "new");
    put_text(view, "g", "new");
    cr_assert(cursor_next(cursor, &key, NULL) && slice_is(key, "g"), "new rows ahead are seen");
    table_delete(view, TABLE_CONTACT_EMAIL, text_slice("g"));
    cr_assert(cursor_previous(cursor, &key, NULL) && slice_is(key, "f"));
    cr_assert(cursor_previous(cursor, &key, NULL) && slice_is(key, "e"));
    cursor_close(&cursor);
    state_abort(store);
    store_close(&store, true);
}

Test(store, emptying_a_table_while_walking_it)
{
    struct store *store = fixture_create();
    struct view *view = fixture_write(store);
    for (uint64_t i = 0; i < 5000; i++) {
        struct key key = key_u64_u64(i, i * 7);
        table_put(view, TABLE_DUE, key_slice(&key), SLICE_NONE);
    }
    struct cursor *cursor = cursor_open(view, TABLE_DUE);
    struct slice key;
    uint64_t seen = 0;
    for (bool more = cursor_seek(cursor, SLICE_NONE, &key, NULL); more; more = cursor_next(cursor, &key, NULL)) {
        cr_assert_eq(slice_u64(key, 0), seen++);
        struct key copy;
        key_start(&copy);
        key_add_bytes(&copy, key.data, key.size);
        cr_assert(table_delete(view, TABLE_DUE, key_slice(&copy)));
    }
    cursor_close(&cursor);
    cr_assert_eq(seen, 5000);
    cr_assert_eq(table_rows(view, TABLE_DUE), 0);
    state_abort(store);
    store_close(&store, true);
}

/* ---- journal and person keys ---- */

Test(store, journal_keeps_order_and_large_events)
{
    struct store *store = fixture_create();
    static char large[64 << 10];
    memset(large, 'x', sizeof large);
    struct journal_entry batch[3] = {{1, text_slice("first")}, {2, {large, sizeof large}}, {3, text_slice("last")}};
    assert_ok(journal_append(store, batch, 3, NULL, 0, &why));
    cr_assert_eq(store_journal_sequence(store), 3);
    assert_ok(journal_append(store, NULL, 0, NULL, 0, &why));
    store_close(&store, false);
    store = fixture_open("boot-1");
    cr_assert_eq(store_journal_sequence(store), 3);
    cr_assert_eq(store_applied_sequence(store), 0);
    struct view *view = snapshot_open(store);
    struct slice event;
    cr_assert(journal_get(view, 2, &event) && event.size == sizeof large);
    cr_assert_eq(memcmp(event.data, large, sizeof large), 0);
    cr_assert(journal_get(view, 3, &event) && slice_is(event, "last"));
    cr_assert_not(journal_get(view, 4, &event));
    snapshot_close(&view);
    store_close(&store, true);
}

static void journal_gap(struct store *store)
{
    struct journal_entry entry = {2, text_slice("second")};
    (void)!journal_append(store, &entry, 1, NULL, 0, &why);
}

Test(store, journal_with_a_gap_stops_the_program)
{
    struct store *store = fixture_create();
    cr_assert(fixture_aborts(journal_gap, store));
    store_close(&store, true);
}

Test(store, full_map_of_the_journal_refuses_the_batch_only)
{
    struct store_options options = fixture_options("boot-1");
    options.journal_map_bytes = (size_t)1 << 20;
    struct store *store = NULL;
    assert_ok(store_create(&options, &why));
    assert_ok(store_open(&options, &store, &why));
    static char large[2 << 20];
    struct journal_entry entry = {1, {large, sizeof large}};
    cr_assert_eq(journal_append(store, &entry, 1, NULL, 0, &why), VOUCH_TOO_LARGE);
    cr_assert_eq(store_journal_sequence(store), 0);
    cr_assert_eq(fixture_journal(store), 1, "a smaller one still fits");
    store_close(&store, true);
}

Test(store, write_view_reads_events_that_were_journalled_meanwhile)
{
    struct store *store = fixture_create();
    struct slice event;
    (void)fixture_write(store);
    uint64_t sequence = fixture_journal(store);
    struct view *view = fixture_write(store);
    cr_assert(journal_get(view, sequence, &event) && slice_is(event, "event 1"));
    assert_ok(state_commit(store, sequence, &why));
    store_close(&store, true);
}
