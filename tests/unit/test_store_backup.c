/* SPDX-License-Identifier: Apache-2.0
 *
 * Hot copies, and comparing two states to the byte. */
#include "store_fixture.h"

#include <sys/stat.h>

TestSuite(store_backup, .init = fixture_make, .fini = fixture_remove);

static char copy_directory[96];

static void fill(struct store *store, uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i <= to; i += 10) {
        struct view *view = fixture_write(store);
        for (uint64_t row = i; row < i + 10; row++) {
            static const char value[3000] = "a value that needs pages of its own now and then";
            struct key key = key_u64(row);
            table_put(view, TABLE_REFERRAL, key_slice(&key), (struct slice){value, row % 7 == 0 ? 3000 : 50});
            tie_put(view, NODE_MEMBER | (row % 5 + 1), NODE_CONTACT | row, 1000, 0);
        }
        assert_ok(state_commit(store, fixture_journal(store), &why));
    }
}

static struct store *copy_open(const char *boot_id)
{
    struct store_options options = fixture_options(boot_id);
    options.directory = copy_directory;
    struct store *copy = NULL;
    assert_ok(store_open(&options, &copy, &why));
    return copy;
}

static struct store *backup(struct store *store)
{
    snprintf(copy_directory, sizeof copy_directory, "%s/copy", fixture_root);
    assert_ok(store_backup(store, copy_directory, &why));
    return copy_open("boot-7");
}

Test(store_backup, is_a_whole_store_of_its_own)
{
    struct store *store = fixture_create();
    fill(store, 1, 2000);
    struct store *copy = backup(store);
    cr_assert_eq(store_applied_sequence(copy), 200);
    cr_assert_eq(store_journal_sequence(copy), 200);
    assert_ok(store_compare_state(store, copy, &why));
    fill(copy, 3000, 3100);
    cr_assert_eq(store_compare_state(store, copy, &why), VOUCH_CONFLICT);
    store_close(&copy, false);
    copy = copy_open("boot-8");
    cr_assert_eq(store_applied_sequence(copy), 200, "back to its first checkpoint");
    assert_ok(store_compare_state(store, copy, &why));
    store_close(&copy, true);
    store_close(&store, true);
}

Test(store_backup, does_not_wait_for_the_writer)
{
    struct store *store = fixture_create();
    fill(store, 1, 200);
    struct view *view = fixture_write(store);
    table_put(view, TABLE_REFERRAL, text_slice("uncommitted"), text_slice("x"));
    struct store *copy = backup(store);
    state_abort(store);
    assert_ok(store_compare_state(store, copy, &why));
    store_close(&copy, true);
    store_close(&store, true);
}

Test(store_backup, never_writes_over_anything)
{
    struct store *store = fixture_create();
    snprintf(copy_directory, sizeof copy_directory, "%s/copy", fixture_root);
    cr_assert_eq(mkdir(copy_directory, 0700), 0);
    cr_assert_eq(store_backup(store, copy_directory, &why), VOUCH_DUPLICATE);
    cr_assert_eq(store_backup(store, "/nonexistent/somewhere", &why), VOUCH_INVALID);
    store_close(&store, true);
}

Test(store_backup, takes_over_what_an_attempt_left)
{
    struct store *store = fixture_create();
    char part[120];
    snprintf(part, sizeof part, "%s/copy.part", fixture_root);
    cr_assert_eq(mkdir(part, 0700), 0);
    strcat(part, "/state");
    cr_assert_eq(mkdir(part, 0700), 0);
    strcat(part, "/data.mdb");
    fclose(fopen(part, "w"));
    struct store *copy = backup(store);
    store_close(&copy, true);
    cr_assert_neq(access(part, F_OK), 0);
    store_close(&store, true);
}

/* ---- comparing ---- */

static void put_row(struct store *store, enum table table, const char *key, const char *value)
{
    table_put(fixture_write(store), table, text_slice(key), text_slice(value));
    assert_ok(state_commit(store, store_applied_sequence(store), &why));
}

Test(store_backup, comparing_names_the_first_difference)
{
    const struct {
        const char *key, *value, *says;
    } changes[] = {{"m", "other", "table company: the values of key m differ"},
                   {"a", "new", "table company: only the second has key a"},
                   {"z\x01", "new", "table company: only the second has key z\\x01"}};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct store *store = i == 0 ? fixture_create() : fixture_open("boot-1");
        if (i == 0) {
            put_row(store, TABLE_COMPANY, "m", "one");
        }
        struct store *copy = backup(store);
        put_row(copy, TABLE_COMPANY, changes[i].key, changes[i].value);
        cr_assert_eq(store_compare_state(store, copy, &why), VOUCH_CONFLICT);
        cr_assert_str_eq(why.text, changes[i].says);
        store_close(&copy, true);
        store_close(&store, true);
        char command[120];
        snprintf(command, sizeof command, "rm -r %s", copy_directory);
        cr_assert_eq(system(command), 0);
    }
}
