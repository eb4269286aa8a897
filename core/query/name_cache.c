/* SPDX-License-Identifier: Apache-2.0
 *
 * Names that one answer says more than once. Slots are found by table and id; of two names that share a slot the later
 * one stays, so a cache never grows. */
#include "apply/record.h"
#include "query/query.h"

#define SLOTS 64

struct slot {
    enum table table;
    uint64_t id;
    const char *name; /* NULL: empty */
};

struct name_cache {
    const struct view *view;
    struct arena *arena;
    struct slot slots[SLOTS];
};

struct name_cache *name_cache_new(const struct view *view, struct arena *arena)
{
    struct name_cache *cache = arena_alloc(arena, sizeof *cache);
    if (cache != NULL) {
        cache->view = view;
        cache->arena = arena;
    }
    return cache;
}

const char *name_cache_get(struct name_cache *cache, enum table table, uint64_t id)
{
    struct slot *slot = &cache->slots[(id + (uint64_t)table) % SLOTS];
    if (slot->name == NULL || slot->table != table || slot->id != id) {
        *slot = (struct slot){table, id, record_name(cache->view, table, id, cache->arena)};
    }
    return slot->name;
}
