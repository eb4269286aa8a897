/* SPDX-License-Identifier: Apache-2.0
 *
 * Real or manual wall time, and monotonic time. */
#include "base/clock.h"

#include <stdatomic.h>

/* Manual time in ms; REAL_TIME while the clock is the system's. */
#define REAL_TIME INT64_MIN
static _Atomic int64_t manual_ms = REAL_TIME;

int64_t clock_now_ms(void)
{
    int64_t manual = atomic_load(&manual_ms);
    if (manual != REAL_TIME) {
        return manual;
    }
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void clock_use_manual(int64_t start_ms)
{
    atomic_store(&manual_ms, start_ms);
}

bool clock_is_manual(void)
{
    return atomic_load(&manual_ms) != REAL_TIME;
}

bool clock_set_manual_ms(int64_t now_ms)
{
    int64_t current = atomic_load(&manual_ms);
    while (current != REAL_TIME && now_ms >= current) {
        if (atomic_compare_exchange_weak(&manual_ms, &current, now_ms)) {
            return true;
        }
    }
    return false;
}

int64_t clock_mono_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void clock_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

struct timespec clock_deadline(int64_t us)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    int64_t nanoseconds = at.tv_nsec + (us % 1000000) * 1000;
    at.tv_sec += us / 1000000 + nanoseconds / 1000000000;
    at.tv_nsec = nanoseconds % 1000000000;
    return at;
}
