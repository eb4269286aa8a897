/* SPDX-License-Identifier: Apache-2.0
 *
 * All the questions to a plugin, in one array; and the numbers that they are made from, the same for the same seed. */
#include "plugin/check/check.h"

#define QUESTIONS_MAX 128
#define QUESTIONS_ARENA_BYTES ((size_t)64 << 20)

uint64_t dice_next(struct dice *dice)
{
    /* SplitMix64 */
    uint64_t z = dice->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

uint32_t dice_below(struct dice *dice, uint32_t bound)
{
    return (uint32_t)(dice_next(dice) % bound);
}

struct question *questions_add(struct questions *questions)
{
    if (questions->items == NULL) {
        questions->arena = arena_new(QUESTIONS_ARENA_BYTES);
        questions->items = arena_alloc(questions->arena, QUESTIONS_MAX * sizeof *questions->items);
    }
    CHECK(questions->items != NULL && questions->count < QUESTIONS_MAX);
    return &questions->items[questions->count++];
}

void questions_make(struct questions *questions, enum plugin_kind kind, uint32_t answers, uint64_t seed)
{
    struct dice dice = {seed};
    bool attributes = kind == PLUGIN_ATTRIBUTION && (answers & WORKER_ANSWERS_ATTRIBUTE) != 0;
    bool estimates = kind == PLUGIN_ATTRIBUTION && (answers & WORKER_ANSWERS_ESTIMATE) != 0;
    if (attributes) {
        attributions_ordinary(questions, &dice);
    }
    if (estimates) {
        estimates_ordinary(questions, &dice);
    }
    if (kind == PLUGIN_MATCHER) {
        matches_ordinary(questions, &dice);
    }
    questions->ordinary = questions->count;
    if (attributes) {
        attributions_edges(questions, &dice);
    }
    if (estimates) {
        estimates_edges(questions, &dice);
    }
    if (kind == PLUGIN_MATCHER) {
        matches_edges(questions, &dice);
    }
}

void questions_free(struct questions *questions)
{
    arena_free(&questions->arena);
    *questions = (struct questions){.count = 0};
}
