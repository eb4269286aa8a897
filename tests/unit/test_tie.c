/* SPDX-License-Identifier: Apache-2.0
 *
 * Adjacency against a naive model: random puts and removals, both directions, segments that stay within bounds. */
#include "store_fixture.h"

#define NODES 6
#define PEERS 700

TestSuite(tie, .init = fixture_make, .fini = fixture_remove);

/* strength[from][to]; 0: none. Nodes 1…PEERS, edges from the first NODES. */
static uint32_t model[NODES][PEERS];

static uint64_t number(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static uint64_t node_of(size_t index)
{
    return index % 2 == 0 ? NODE_MEMBER | (index + 1) : NODE_CONTACT | (index + 1);
}

static int compare_entries(const void *left, const void *right)
{
    uint64_t one = ((const struct tie_entry *)left)->peer;
    uint64_t other = ((const struct tie_entry *)right)->peer;
    return (one > other) - (one < other);
}

/* All entries of a node, read in pages of an awkward size. */
static size_t list_all(const struct view *view, enum table table, uint64_t node, struct tie_entry *entries)
{
    size_t count = 0;
    uint64_t after = 0;
    for (;;) {
        size_t got = tie_list(view, table, node, after, entries + count, 37);
        count += got;
        if (got < 37) {
            return count;
        }
        after = entries[count - 1].peer;
    }
}

static void check_from(const struct view *view, size_t from)
{
    static struct tie_entry expected[PEERS];
    static struct tie_entry found[PEERS + 37];
    size_t count = 0;
    for (size_t to = 0; to < PEERS; to++) {
        struct tie_entry entry = {0};
        bool there = tie_get(view, node_of(from), node_of(to), &entry);
        cr_assert_eq(there, model[from][to] != 0);
        if (there) {
            cr_assert(entry.strength_ppm == model[from][to] && entry.flags == (model[from][to] & 1));
            expected[count++] = entry;
        }
    }
    qsort(expected, count, sizeof *expected, compare_entries);
    cr_assert_eq(list_all(view, TABLE_TIE_OUT, node_of(from), found), count);
    cr_assert_eq(memcmp(found, expected, count * sizeof *found), 0);
}

static void check_into(const struct view *view, size_t to)
{
    static struct tie_entry found[PEERS + 37];
    size_t count = list_all(view, TABLE_TIE_IN, node_of(to), found);
    size_t expected = 0;
    for (size_t from = 0; from < NODES; from++) {
        expected += model[from][to] != 0;
        for (size_t i = 0; i < count; i++) {
            cr_assert(found[i].peer != node_of(from) || found[i].strength_ppm == model[from][to]);
        }
    }
    cr_assert_eq(count, expected);
}

/* Every segment has 1…120 entries in order, begins with the peer in its key, and does not reach into the next. */
static size_t check_segments(const struct view *view, enum table table)
{
    struct cursor *cursor = cursor_open(view, table);
    struct slice key;
    struct slice value;
    size_t segments = 0;
    uint64_t node = 0;
    uint64_t last = 0;
    for (bool more = cursor_seek(cursor, SLICE_NONE, &key, &value); more; more = cursor_next(cursor, &key, &value)) {
        struct tie_entry entries[120];
        cr_assert(value.size > 0 && value.size <= sizeof entries && value.size % sizeof *entries == 0);
        memcpy(entries, value.data, value.size);
        cr_assert_eq(slice_u64(key, 8), entries[0].peer);
        last = slice_u64(key, 0) == node ? last : 0;
        node = slice_u64(key, 0);
        for (size_t i = 0; i < value.size / sizeof *entries; i++) {
            cr_assert_gt(entries[i].peer, last);
            cr_assert_gt(entries[i].strength_ppm, 0);
            last = entries[i].peer;
        }
        segments++;
    }
    cursor_close(&cursor);
    return segments;
}

static void check_all(const struct view *view)
{
    for (size_t from = 0; from < NODES; from++) {
        check_from(view, from);
    }
    for (size_t to = 0; to < PEERS; to++) {
        check_into(view, to);
    }
    (void)check_segments(view, TABLE_TIE_OUT);
    (void)check_segments(view, TABLE_TIE_IN);
}

Test(tie, random_puts_and_removals_agree_with_a_naive_model)
{
    struct store *store = fixture_create();
    uint64_t seed = 20261123;
    for (int round = 0; round < 12; round++) {
        struct view *view = fixture_write(store);
        unsigned removals = round % 4 == 3 ? 8 : 2; /* of 10: growing rounds, then a shrinking one */
        for (int step = 0; step < 4000; step++) {
            size_t from = number(&seed) % NODES;
            size_t to = number(&seed) % PEERS;
            uint32_t strength = number(&seed) % 10 < removals ? 0 : 1 + (uint32_t)(number(&seed) % 1000000);
            tie_put(view, node_of(from), node_of(to), strength, strength & 1);
            model[from][to] = strength;
        }
        check_all(view);
        assert_ok(state_commit(store, fixture_journal(store), &why));
    }
    struct view *snapshot = snapshot_open(store);
    check_all(snapshot);
    snapshot_close(&snapshot);
    struct view *view = fixture_write(store);
    for (size_t i = 0; i < (size_t)NODES * PEERS; i++) {
        tie_put(view, node_of(i % NODES), node_of(i / NODES), 0, 0);
    }
    cr_assert_eq(table_rows(view, TABLE_TIE_OUT), 0, "emptied segments are gone");
    cr_assert_eq(table_rows(view, TABLE_TIE_IN), 0);
    state_abort(store);
    store_close(&store, true);
}

Test(tie, rising_peers_fill_segments)
{
    struct store *store = fixture_create();
    struct view *view = fixture_write(store);
    for (uint64_t peer = 1; peer <= 1200; peer++) {
        tie_put(view, NODE_MEMBER | 1, NODE_CONTACT | peer, 500, TIE_BY_HAND);
    }
    cr_assert_eq(check_segments(view, TABLE_TIE_OUT), 10);
    for (uint64_t peer = 1; peer <= 1200; peer++) {
        if (peer % 40 != 0) {
            tie_put(view, NODE_MEMBER | 1, NODE_CONTACT | peer, 0, 0);
        }
    }
    cr_assert_leq(check_segments(view, TABLE_TIE_OUT), 2, "thin segments are joined");
    state_abort(store);
    store_close(&store, true);
}

Test(tie, edges_of_the_number_range_and_absent_ones)
{
    struct store *store = fixture_create();
    struct view *view = fixture_write(store);
    struct tie_entry entries[4];
    cr_assert_eq(tie_list(view, TABLE_TIE_OUT, 5, 0, entries, 4), 0);
    tie_put(view, 5, 6, 0, 0);
    tie_put(view, 5, UINT64_MAX, 1, 0);
    tie_put(view, 5, 1, 2, 0);
    tie_put(view, 4, 9, 3, 0);
    tie_put(view, 6, 9, 3, 0);
    cr_assert_eq(tie_list(view, TABLE_TIE_OUT, 5, 0, entries, 4), 2);
    cr_assert(entries[0].peer == 1 && entries[1].peer == UINT64_MAX);
    cr_assert_eq(tie_list(view, TABLE_TIE_OUT, 5, 0, entries, 1), 1);
    cr_assert_eq(tie_list(view, TABLE_TIE_OUT, 5, 1, entries, 4), 1);
    cr_assert_eq(tie_list(view, TABLE_TIE_OUT, 5, UINT64_MAX, entries, 4), 0);
    cr_assert_eq(tie_list(view, TABLE_TIE_IN, 9, 0, entries, 4), 2);
    cr_assert_not(tie_get(view, 5, 9, entries));
    state_abort(store);
    store_close(&store, true);
}
