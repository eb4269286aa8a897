/* SPDX-License-Identifier: Apache-2.0
 *
 * Quotas: how much of a year's is due by now, and how far somebody got. Days are yyyymmdd. Pure. */
#ifndef VOUCH_DOMAIN_QUOTA_H
#define VOUCH_DOMAIN_QUOTA_H

#include <stdint.h>

/* Days of the year on which somebody who joined on `joined` was a member, up to and with `today`; 0 before it began. */
int32_t quota_days(uint32_t year, uint32_t joined, uint32_t today);
/* The part of a year's quota that is due by then: prorated to those days, rounded down. */
int64_t quota_due_minor(int64_t minor, uint32_t year, uint32_t joined, uint32_t today);
/* Booked of due, in parts per million; nothing due: all of it when anything was booked. At most UINT32_MAX. */
uint32_t quota_attainment_ppm(int64_t booked_minor, int64_t due_minor);

#endif
