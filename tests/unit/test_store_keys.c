/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys of persons: found by the writer at once, by others once they are durable; made and destroyed with their event,
 * or not at all. */
#include "store_fixture.h"

TestSuite(store_keys, .init = fixture_make, .fini = fixture_remove);

Test(store_keys, person_keys_are_found_before_and_after_they_are_journalled)
{
    struct store *store = fixture_create();
    struct person_key made[2] = {{.contact = 7, .key = {1, 2, 3}}, {.contact = 8, .key = {4, 5, 6}}};
    uint8_t key[32];
    struct view *view = fixture_write(store);
    cr_assert_not(view_person_key(view, 7, key));
    view_add_person_key(view, 1, &made[0]);
    view_add_person_key(view, 2, &made[1]);
    cr_assert(view_person_key(view, 7, key));
    cr_assert_eq(memcmp(key, made[0].key, 32), 0);
    struct journal_entry entry = {1, text_slice("first")};
    assert_ok(journal_append(store, &entry, 1, &made[0], 1, &why));
    view_forget_person_keys(view, 1);
    cr_assert(view_person_key(view, 7, key), "from the journal now");
    cr_assert_eq(memcmp(key, made[0].key, 32), 0);
    cr_assert(view_person_key(view, 8, key), "still on its way");
    assert_ok(state_commit(store, 1, &why));
    view = fixture_write(store);
    cr_assert(view_person_key(view, 8, key), "a commit of what came before does not lose it");
    state_abort(store);
    view = fixture_write(store);
    cr_assert_not(view_person_key(view, 8, key), "an abort does");
    cr_assert(view_person_key(view, 7, key));
    state_abort(store);
    struct view *snapshot = snapshot_open(store);
    cr_assert(view_person_key(snapshot, 7, key));
    cr_assert_not(view_person_key(snapshot, 8, key));
    snapshot_close(&snapshot);
    store_close(&store, true);
}

Test(store_keys, a_destroyed_person_key_is_gone_with_its_event)
{
    struct store *store = fixture_create();
    struct person_key made = {.contact = 7, .key = {1, 2, 3}};
    struct person_key destroyed = {.contact = 7, .destroyed = true};
    struct journal_entry first = {1, text_slice("made")}, second = {2, text_slice("erased")};
    uint8_t key[32];
    assert_ok(journal_append(store, &first, 1, &made, 1, &why));
    struct view *view = fixture_write(store);
    view_add_person_key(view, 2, &destroyed);
    cr_assert_not(view_person_key(view, 7, key), "for the command that destroys it, at once");
    struct view *snapshot = snapshot_open(store);
    cr_assert(view_person_key(snapshot, 7, key), "for others, once it is durable");
    snapshot_close(&snapshot);
    state_abort(store);
    view = fixture_write(store);
    cr_assert(view_person_key(view, 7, key), "what was given back destroyed nothing");
    view_add_person_key(view, 2, &destroyed);
    assert_ok(journal_append(store, &second, 1, &destroyed, 1, &why));
    assert_ok(state_commit(store, 2, &why));
    snapshot = snapshot_open(store);
    cr_assert_not(view_person_key(snapshot, 7, key));
    snapshot_close(&snapshot);
    store_close(&store, true);
}

Test(store_keys, a_person_key_made_and_destroyed_in_one_batch_is_gone)
{
    struct store *store = fixture_create();
    struct person_key both[] = {{.contact = 7, .key = {1, 2, 3}}, {.contact = 7, .destroyed = true}};
    struct journal_entry first = {1, text_slice("made and erased")};
    uint8_t key[32];
    assert_ok(journal_append(store, &first, 1, both, 2, &why));
    struct view *snapshot = snapshot_open(store);
    cr_assert_not(view_person_key(snapshot, 7, key));
    snapshot_close(&snapshot);
    store_close(&store, true);
}
