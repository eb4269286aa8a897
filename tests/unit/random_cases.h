/* SPDX-License-Identifier: Apache-2.0
 *
 * Random cases that come out the same in every run: a generator with a fixed seed, which is printed so that a failure
 * can be told and repeated. */
#ifndef TESTS_RANDOM_CASES_H
#define TESTS_RANDOM_CASES_H

#include <stdint.h>
#include <stdio.h>

#define RANDOM_SEED UINT64_C(88172645463325252)

struct random_cases {
    uint64_t state;
};

/* `cases` is what the test promises to run through. */
static inline struct random_cases random_begin(const char *test, int cases)
{
    fprintf(stderr, "%s: %d cases, seed %llu\n", test, cases, (unsigned long long)RANDOM_SEED);
    return (struct random_cases){RANDOM_SEED};
}

static inline uint64_t random_next(struct random_cases *cases)
{
    cases->state ^= cases->state << 13;
    cases->state ^= cases->state >> 7;
    cases->state ^= cases->state << 17;
    return cases->state;
}

/* 0 to limit - 1. */
static inline uint64_t random_below(struct random_cases *cases, uint64_t limit)
{
    return random_next(cases) % limit;
}

/* Above or equal zero, of any size up to `bits` bits: small ones are as likely as large ones. */
static inline int64_t random_amount(struct random_cases *cases, unsigned bits)
{
    uint64_t number = random_next(cases) >> (64 - bits); /* in a step of its own: C does not say which is asked first */
    return (int64_t)(number >> random_below(cases, bits));
}

#endif
