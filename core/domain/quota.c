/* SPDX-License-Identifier: Apache-2.0
 *
 * Quotas, prorated. */
#include "domain/quota.h"

#include "base/check.h"
#include "domain/day.h"
#include "domain/wide.h"

#define PPM 1000000

int32_t quota_days(uint32_t year, uint32_t joined, uint32_t today)
{
    uint32_t first = year * 10000 + 101;
    uint32_t last = year * 10000 + 1231;
    first = joined > first ? joined : first;
    last = today < last ? today : last;
    return first > last ? 0 : day_difference(first, last) + 1;
}

int64_t quota_due_minor(int64_t minor, uint32_t year, uint32_t joined, uint32_t today)
{
    CHECK(minor >= 0);
    int32_t of_year = day_difference(year * 10000 + 101, year * 10000 + 1231) + 1;
    return (int64_t)((wide)minor * quota_days(year, joined, today) / of_year);
}

uint32_t quota_attainment_ppm(int64_t booked_minor, int64_t due_minor)
{
    if (booked_minor <= 0) {
        return 0;
    }
    if (due_minor <= 0) {
        return PPM;
    }
    wide ppm = (wide)booked_minor * PPM / due_minor;
    return ppm > UINT32_MAX ? UINT32_MAX : (uint32_t)ppm;
}
