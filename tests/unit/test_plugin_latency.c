/* SPDX-License-Identifier: Apache-2.0
 *
 * Percentiles from buckets are never below the true one and at most an eighth above it. */
#include "plugin/internal.h"

#include <criterion/criterion.h>

Test(plugin_latency, nothing_measured_is_zero)
{
    static struct latency latency;
    cr_expect_eq(latency_percentile(&latency, 50), 0);
    cr_expect_eq(latency_percentile(&latency, 99), 0);
}

Test(plugin_latency, percentiles_are_close)
{
    static const int64_t scales_us[] = {1, 7, 30, 1000, 250000, 60000000};
    for (size_t s = 0; s < sizeof scales_us / sizeof scales_us[0]; s++) {
        struct latency latency = {0};
        for (int64_t i = 1; i <= 100; i++) {
            latency_add(&latency, i * scales_us[s]);
        }
        for (unsigned percent = 1; percent <= 100; percent++) {
            double exact = (double)percent * (double)scales_us[s];
            double told = latency_percentile(&latency, percent);
            double limit = exact * 1.125 < (double)UINT32_MAX ? exact * 1.125 : (double)UINT32_MAX;
            cr_assert(told <= limit && (told >= exact || told >= (double)UINT32_MAX), "p%u of %lld: %f", percent,
                      (long long)scales_us[s], told);
        }
    }
}

Test(plugin_latency, extremes_are_kept)
{
    struct latency latency = {0};
    latency_add(&latency, -5);
    cr_expect_eq(latency_percentile(&latency, 100), 0);
    latency_add(&latency, INT64_MAX);
    cr_expect_gt(latency_percentile(&latency, 100), 1u << 31);
    cr_expect_eq(latency_percentile(&latency, 50), 0);
}
