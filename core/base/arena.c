/* SPDX-License-Identifier: Apache-2.0
 *
 * A list of blocks, each twice the one before up to a cap; allocation moves a cursor in the newest. */
#include "base/arena.h"

#include "base/check.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BLOCK_BYTES ((size_t)8 << 10)
#define LARGEST_BLOCK_BYTES ((size_t)1 << 20)
#define ARENA_MAGIC 0x41524e41u

struct block {
    struct block *older;
    size_t capacity;
    size_t used;
    _Alignas(max_align_t) unsigned char data[];
};

struct arena {
    uint32_t magic;
    size_t budget;
    size_t given;
    struct block *newest;
    ProtobufCAllocator allocator;
};

static void *allocator_alloc(void *data, size_t size)
{
    return arena_alloc(data, size);
}

static void allocator_free(void *data, void *pointer)
{
    (void)data;
    (void)pointer;
}

static struct block *block_new(size_t capacity, struct block *older)
{
    struct block *block = malloc(sizeof *block + capacity);
    CHECK(block != NULL);
    block->older = older;
    block->capacity = capacity;
    block->used = 0;
    return block;
}

struct arena *arena_new(size_t budget)
{
    struct arena *arena = calloc(1, sizeof *arena);
    CHECK(arena != NULL);
    arena->magic = ARENA_MAGIC;
    arena->budget = budget;
    arena->newest = block_new(FIRST_BLOCK_BYTES, NULL);
    arena->allocator = (ProtobufCAllocator){allocator_alloc, allocator_free, arena};
    return arena;
}

static void free_older(struct block *block)
{
    while (block != NULL) {
        struct block *older = block->older;
        free(block);
        block = older;
    }
}

void arena_free(struct arena **arena)
{
    if (*arena == NULL) {
        return;
    }
    CHECK_MAGIC(*arena, ARENA_MAGIC);
    free_older((*arena)->newest);
    (*arena)->magic = 0;
    free(*arena);
    *arena = NULL;
}

void arena_reset(struct arena *arena)
{
    CHECK_MAGIC(arena, ARENA_MAGIC);
    free_older(arena->newest->older);
    arena->newest->older = NULL;
    arena->newest->used = 0;
    arena->given = 0;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    CHECK_MAGIC(arena, ARENA_MAGIC);
    const size_t align = _Alignof(max_align_t);
    if (size > arena->budget) {
        return NULL;
    }
    size_t rounded = (size + align - 1) & ~(align - 1);
    if (rounded > arena->budget - arena->given) {
        return NULL;
    }
    struct block *block = arena->newest;
    if (rounded > block->capacity - block->used) {
        size_t capacity = block->capacity * 2 < LARGEST_BLOCK_BYTES ? block->capacity * 2 : LARGEST_BLOCK_BYTES;
        block = arena->newest = block_new(rounded > capacity ? rounded : capacity, block);
    }
    void *memory = block->data + block->used;
    block->used += rounded;
    arena->given += rounded;
    return memset(memory, 0, rounded);
}

void *arena_memdup(struct arena *arena, const void *data, size_t size)
{
    void *copy = arena_alloc(arena, size);
    return copy == NULL || size == 0 ? copy : memcpy(copy, data, size);
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_memdup(arena, text, strlen(text) + 1);
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    CHECK(length >= 0);
    char *text = arena_alloc(arena, (size_t)length + 1);
    if (text != NULL) {
        va_start(args, format);
        vsnprintf(text, (size_t)length + 1, format, args);
        va_end(args);
    }
    return text;
}

size_t arena_used(const struct arena *arena)
{
    CHECK_MAGIC(arena, ARENA_MAGIC);
    return arena->given;
}

ProtobufCAllocator *arena_allocator(struct arena *arena)
{
    CHECK_MAGIC(arena, ARENA_MAGIC);
    return &arena->allocator;
}
