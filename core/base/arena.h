/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory of one request: many small allocations with a budget, freed together. Past its budget an arena returns
 * NULL, which unpacking and packing turn into TOO_LARGE: a hostile message costs bounded memory. One thread. */
#ifndef VOUCH_BASE_ARENA_H
#define VOUCH_BASE_ARENA_H

#include <protobuf-c/protobuf-c.h>
#include <stddef.h>

struct arena;

/* An arena that gives out at most `budget` bytes between resets. Stops the program when there is no memory. */
struct arena *arena_new(size_t budget);

/* Frees everything and nulls the caller's pointer; NULL inside is allowed. */
void arena_free(struct arena **arena);

/* Forgets all allocations; keeps one block for the next use. */
void arena_reset(struct arena *arena);

/* `size` bytes, zeroed, aligned for any type, living until reset; NULL past the budget. */
void *arena_alloc(struct arena *arena, size_t size);

/* Copies, as above. */
char *arena_strdup(struct arena *arena, const char *text);
void *arena_memdup(struct arena *arena, const void *data, size_t size);
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Bytes given out since the last reset. */
size_t arena_used(const struct arena *arena);

/* The arena as protobuf-c sees it: alloc may answer NULL, free does nothing. Lives as long as the arena. */
ProtobufCAllocator *arena_allocator(struct arena *arena);

#endif
