/* SPDX-License-Identifier: Apache-2.0
 *
 * A stretch of calendar time, as people name it, in a time zone: a year, a quarter, a month, or from a day to a day.
 * Any thread. */
#ifndef VOUCH_DOMAIN_SPAN_H
#define VOUCH_DOMAIN_SPAN_H

#include "base/status.h"
#include "domain/zone.h"

#define SPAN_TEXT_BYTES 24

struct span {
    char text[SPAN_TEXT_BYTES]; /* as it was named, tidied */
    int64_t from_ms;            /* its first moment there */
    int64_t until_ms;           /* the first moment after it */
    uint32_t first_month;       /* yyyymm, as the two below there */
    uint32_t first_day;         /* yyyymmdd */
    uint32_t last_day;
};

/* "2026", "2026-Q3", "2026-11", "2026-11-23" or "2026-01-01..2026-06-30" (both days belong to it). INVALID for what is
 * none of these, for days that there are not, and for what ends before it begins. The zone must exist. */
enum vouch_status span_parse(const char *text, const char *zone, struct span *span, struct status_text *why) MUST_USE;

#endif
