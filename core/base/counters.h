/* SPDX-License-Identifier: Apache-2.0
 *
 * Counters since the start, from one table. Any thread; relaxed. */
#ifndef VOUCH_BASE_COUNTERS_H
#define VOUCH_BASE_COUNTERS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum counter {
#define COUNTER(name, what) COUNT_##name,
#include "base/counters.def"
#undef COUNTER
    COUNT_END
};

extern _Atomic uint64_t counter_values[COUNT_END];

static inline void count_add(enum counter counter, uint64_t number)
{
    atomic_fetch_add_explicit(&counter_values[counter], number, memory_order_relaxed);
}

static inline void count(enum counter counter)
{
    count_add(counter, 1);
}

const char *counter_name(enum counter counter);

#endif
