/* SPDX-License-Identifier: Apache-2.0
 *
 * Adjacency laid out for traversal: a node's edges lie in segments (node, first peer) → packed entries in peer order,
 * each small enough to stay inside a page of LMDB. A segment that overflows is split, one that empties is deleted, thin
 * neighbours are joined. Every edge is in TIE_OUT of its start and in TIE_IN of its end. */
#include "base/check.h"
#include "store/store.h"

#include <endian.h>
#include <string.h>

#define SEGMENT_ENTRIES 120 /* 1,920 bytes: two segments a page */
#define SEGMENT_THIN 30     /* below this, look for a neighbour to join */
#define SEGMENT_JOINED 90   /* which leaves room to grow before the next split */

_Static_assert(sizeof(struct tie_entry) == 16, "an entry is 16 packed bytes");

struct segment {
    uint64_t first; /* peer in its key; meaningless when count is 0 */
    size_t count;
    struct tie_entry entries[SEGMENT_ENTRIES + 1];
};

static struct tie_entry entry_swap(struct tie_entry entry)
{
    return (struct tie_entry){htole64(entry.peer), htole32(entry.strength_ppm), htole32(entry.flags)};
}

/* Fills from a row; false when the row is another node's. */
static bool segment_read(struct segment *segment, uint64_t node, struct slice key, struct slice value)
{
    if (key.size != 16 || slice_u64(key, 0) != node) {
        return false;
    }
    CHECK(value.size > 0 && value.size % sizeof(struct tie_entry) == 0);
    CHECK(value.size <= SEGMENT_ENTRIES * sizeof(struct tie_entry));
    segment->first = slice_u64(key, 8);
    segment->count = value.size / sizeof(struct tie_entry);
    memcpy(segment->entries, value.data, value.size);
    for (size_t i = 0; i < segment->count; i++) {
        segment->entries[i] = entry_swap(segment->entries[i]);
    }
    return true;
}

static void segment_write(struct view *view, enum table table, uint64_t node, const struct tie_entry *entries,
                          size_t count)
{
    struct tie_entry packed[SEGMENT_ENTRIES];
    CHECK(count > 0 && count <= SEGMENT_ENTRIES);
    for (size_t i = 0; i < count; i++) {
        packed[i] = entry_swap(entries[i]);
    }
    struct key key = key_u64_u64(node, entries[0].peer);
    table_put(view, table, key_slice(&key), (struct slice){packed, count * sizeof *packed});
}

static void segment_delete(struct view *view, enum table table, uint64_t node, uint64_t first)
{
    struct key key = key_u64_u64(node, first);
    bool was_there = table_delete(view, table, key_slice(&key));
    CHECK(was_there || view_failed(view) != NULL);
}

/* The last segment of the node that begins at or before `peer`; failing that, with `or_first`, the node's first. */
static bool segment_find(const struct view *view, enum table table, uint64_t node, uint64_t peer, bool or_first,
                         struct segment *segment)
{
    struct key key;
    key_start(&key);
    key_add_u64(&key, node);
    key_add_u64(&key, peer);
    key_add_u8(&key, 0); /* just past (node, peer) */
    struct slice found;
    struct slice value;
    struct cursor *cursor = cursor_open(view, table);
    bool hit = cursor_seek_before(cursor, key_slice(&key), &found, &value) && segment_read(segment, node, found, value);
    if (!hit && or_first) {
        hit = cursor_seek(cursor, key_slice(&key), &found, &value) && segment_read(segment, node, found, value);
    }
    cursor_close(&cursor);
    return hit;
}

/* Index of the first entry whose peer is at or above `peer`. */
static size_t segment_place(const struct segment *segment, uint64_t peer)
{
    size_t low = 0;
    size_t high = segment->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (segment->entries[middle].peer < peer) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void edge_set(struct view *view, enum table table, uint64_t node, struct tie_entry entry)
{
    struct segment segment;
    if (!segment_find(view, table, node, entry.peer, true, &segment)) {
        segment_write(view, table, node, &entry, 1);
        return;
    }
    size_t place = segment_place(&segment, entry.peer);
    if (place < segment.count && segment.entries[place].peer == entry.peer) {
        segment.entries[place] = entry;
        segment_write(view, table, node, segment.entries, segment.count);
        return;
    }
    if (place == SEGMENT_ENTRIES) {
        segment_write(view, table, node, &entry, 1); /* rising peers leave full segments behind */
        return;
    }
    memmove(segment.entries + place + 1, segment.entries + place, (segment.count - place) * sizeof entry);
    segment.entries[place] = entry;
    segment.count++;
    if (place == 0) {
        segment_delete(view, table, node, segment.first); /* its key changes */
    }
    if (segment.count <= SEGMENT_ENTRIES) {
        segment_write(view, table, node, segment.entries, segment.count);
        return;
    }
    size_t half = segment.count / 2;
    segment_write(view, table, node, segment.entries, half);
    segment_write(view, table, node, segment.entries + half, segment.count - half);
}

/* Appends the following segment of the node to a thin one, when both fit; true when it did. */
static bool segment_join_next(struct view *view, enum table table, uint64_t node, struct segment *segment)
{
    struct segment next;
    struct key key = key_u64_u64(node, segment->entries[segment->count - 1].peer);
    key_add_u8(&key, 0);
    struct slice found;
    struct slice value;
    struct cursor *cursor = cursor_open(view, table);
    bool hit = cursor_seek(cursor, key_slice(&key), &found, &value) && segment_read(&next, node, found, value);
    cursor_close(&cursor);
    if (!hit || segment->count + next.count > SEGMENT_JOINED) {
        return false;
    }
    segment_delete(view, table, node, next.first);
    memcpy(segment->entries + segment->count, next.entries, next.count * sizeof *next.entries);
    segment->count += next.count;
    return true;
}

/* Puts a thin segment behind the preceding one of the node, when both fit. `unlinked`: its row is gone already. */
static void segment_join_previous(struct view *view, enum table table, uint64_t node, bool unlinked,
                                  struct segment *segment)
{
    struct segment previous;
    if (segment->first == 0 || !segment_find(view, table, node, segment->first - 1, false, &previous) ||
        previous.count + segment->count > SEGMENT_JOINED) {
        return;
    }
    if (!unlinked) {
        segment_delete(view, table, node, segment->first);
    }
    memcpy(previous.entries + previous.count, segment->entries, segment->count * sizeof *segment->entries);
    previous.count += segment->count;
    *segment = previous;
}

static void edge_remove(struct view *view, enum table table, uint64_t node, uint64_t peer)
{
    struct segment segment;
    if (!segment_find(view, table, node, peer, false, &segment)) {
        return;
    }
    size_t place = segment_place(&segment, peer);
    if (place == segment.count || segment.entries[place].peer != peer) {
        return;
    }
    segment.count--;
    memmove(segment.entries + place, segment.entries + place + 1, (segment.count - place) * sizeof *segment.entries);
    if (place == 0) {
        segment_delete(view, table, node, segment.first);
    }
    if (segment.count == 0) {
        return;
    }
    if (segment.count < SEGMENT_THIN && !segment_join_next(view, table, node, &segment)) {
        segment_join_previous(view, table, node, place == 0, &segment);
    }
    segment_write(view, table, node, segment.entries, segment.count);
}

void tie_put(struct view *view, uint64_t from, uint64_t to, uint32_t strength_ppm, uint32_t flags)
{
    if (strength_ppm == 0) {
        edge_remove(view, TABLE_TIE_OUT, from, to);
        edge_remove(view, TABLE_TIE_IN, to, from);
        return;
    }
    edge_set(view, TABLE_TIE_OUT, from, (struct tie_entry){to, strength_ppm, flags});
    edge_set(view, TABLE_TIE_IN, to, (struct tie_entry){from, strength_ppm, flags});
}

bool tie_get(const struct view *view, uint64_t from, uint64_t to, struct tie_entry *entry)
{
    struct segment segment;
    if (!segment_find(view, TABLE_TIE_OUT, from, to, false, &segment)) {
        return false;
    }
    size_t place = segment_place(&segment, to);
    if (place == segment.count || segment.entries[place].peer != to) {
        return false;
    }
    *entry = segment.entries[place];
    return true;
}

size_t tie_list(const struct view *view, enum table table, uint64_t node, uint64_t after, struct tie_entry *entries,
                size_t count)
{
    CHECK(table == TABLE_TIE_OUT || table == TABLE_TIE_IN);
    struct key key = key_u64_u64(node, after);
    key_add_u8(&key, 0);
    struct slice found;
    struct slice value;
    size_t used = 0;
    struct segment segment;
    struct cursor *cursor = cursor_open(view, table);
    bool more = cursor_seek_before(cursor, key_slice(&key), &found, &value) &&
                segment_read(&segment, node, found, value);
    if (!more) {
        more = cursor_seek(cursor, key_slice(&key), &found, &value) && segment_read(&segment, node, found, value);
    }
    while (more && used < count) {
        for (size_t i = 0; i < segment.count && used < count; i++) {
            if (segment.entries[i].peer > after) {
                entries[used++] = segment.entries[i];
            }
        }
        more = cursor_next(cursor, &found, &value) && segment_read(&segment, node, found, value);
    }
    cursor_close(&cursor);
    return used;
}
