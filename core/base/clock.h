/* SPDX-License-Identifier: Apache-2.0
 *
 * The only source of time. Wall time decides and is recorded; monotonic time measures and bounds. With
 * `vouchd --clock manual` wall time stands still until it is moved. Any thread. */
#ifndef VOUCH_BASE_CLOCK_H
#define VOUCH_BASE_CLOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define MS_PER_HOUR INT64_C(3600000)
#define MS_PER_DAY INT64_C(86400000)

/* Milliseconds since 1970-01-01 UTC. */
int64_t clock_now_ms(void);

/* From now on wall time is `start_ms` and moves only by clock_set_manual_ms. */
void clock_use_manual(int64_t start_ms);
bool clock_is_manual(void);

/* Moves manual time forward; false (and nothing changes) if `now_ms` is in its past or the clock is real. */
bool clock_set_manual_ms(int64_t now_ms);

/* Monotonic, for durations and deadlines; never manual. */
int64_t clock_mono_us(void);

/* For bounded waits: a condition whose deadlines are monotonic, and the deadline `us` from now. */
void clock_condition_init(pthread_cond_t *condition);
struct timespec clock_deadline(int64_t us);

#endif
