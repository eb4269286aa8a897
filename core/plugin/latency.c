/* SPDX-License-Identifier: Apache-2.0
 *
 * Durations in buckets: exact up to 8 µs, then eight steps for each doubling. */
#include "plugin/internal.h"

static unsigned bucket_of(uint64_t value)
{
    if (value < 8) {
        return (unsigned)value;
    }
    unsigned exponent = 63u - (unsigned)__builtin_clzll(value);
    unsigned bucket = (exponent - 2) * 8 + (unsigned)((value >> (exponent - 3)) & 7);
    return bucket < LATENCY_BUCKETS ? bucket : LATENCY_BUCKETS - 1;
}

/* The largest value of a bucket. */
static uint64_t bucket_top(unsigned bucket)
{
    if (bucket < 8) {
        return bucket;
    }
    unsigned shift = bucket / 8 - 1;
    return ((UINT64_C(8) + bucket % 8 + 1) << shift) - 1;
}

void latency_add(struct latency *latency, int64_t duration_us)
{
    latency->count++;
    latency->buckets[bucket_of(duration_us < 0 ? 0 : (uint64_t)duration_us)]++;
}

uint32_t latency_percentile(const struct latency *latency, unsigned percent)
{
    CHECK(percent <= 100);
    uint64_t wanted = (latency->count * percent + 99) / 100;
    uint64_t seen = 0;
    for (unsigned bucket = 0; bucket < LATENCY_BUCKETS; bucket++) {
        seen += latency->buckets[bucket];
        if (seen >= wanted && seen > 0) {
            uint64_t top = bucket_top(bucket);
            return top > UINT32_MAX ? UINT32_MAX : (uint32_t)top;
        }
    }
    return 0;
}
