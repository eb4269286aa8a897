/* SPDX-License-Identifier: Apache-2.0
 *
 * Periods: years, quarters, months and days in their zone, at the ends of summer time, and what is none. */
#include "domain/span.h"

#include <criterion/criterion.h>
#include <string.h>

/* Moments by `date -u -d "TZ=\"Europe/Berlin\" 2026-07-01" +%s`. */
static const struct {
    const char *text, *zone;
    int64_t from_s, until_s;
    uint32_t first_month, first_day, last_day;
} spans[] = {
    {"2026", "UTC", 1767225600, 1798761600, 202601, 20260101, 20261231},
    {"2026", "Europe/Berlin", 1767222000, 1798758000, 202601, 20260101, 20261231},
    {"2026-Q3", "Europe/Berlin", 1782856800, 1790805600, 202607, 20260701, 20260930},
    {"2026-q4", "America/New_York", 1790827200, 1798779600, 202610, 20261001, 20261231},
    {"2026-03", "Europe/Berlin", 1772319600, 1774994400, 202603, 20260301, 20260331},    /* an hour is missing */
    {"2026-10", "Europe/Berlin", 1790805600, 1793487600, 202610, 20261001, 20261031},    /* and is there twice */
    {"2026-03-29", "Europe/Berlin", 1774738800, 1774821600, 202603, 20260329, 20260329}, /* 23 hours */
    {"2026-10-25", "Europe/Berlin", 1792879200, 1792969200, 202610, 20261025, 20261025}, /* 25 */
    {"2024-02-29", "UTC", 1709164800, 1709251200, 202402, 20240229, 20240229},
    {"2026-01-01..2026-06-30", "Asia/Kolkata", 1767205800, 1782844200, 202601, 20260101, 20260630},
    {"2026-12-31..2027-01-01", "UTC", 1798675200, 1798848000, 202612, 20261231, 20270101},
};

Test(span, periods_begin_and_end_with_their_days)
{
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        struct span span;
        struct status_text why;
        cr_assert_eq(span_parse(spans[i].text, spans[i].zone, &span, &why), VOUCH_OK, "%s", spans[i].text);
        cr_assert_str_eq(span.text, spans[i].text);
        cr_assert_eq(span.from_ms, spans[i].from_s * 1000, "%s %s: from %ld", spans[i].text, spans[i].zone,
                     (long)(span.from_ms / 1000));
        cr_assert_eq(span.until_ms, spans[i].until_s * 1000, "%s %s: until %ld", spans[i].text, spans[i].zone,
                     (long)(span.until_ms / 1000));
        cr_assert_eq(span.first_month, spans[i].first_month, "%s", spans[i].text);
        cr_assert_eq(span.first_day, spans[i].first_day, "%s", spans[i].text);
        cr_assert_eq(span.last_day, spans[i].last_day, "%s", spans[i].text);
    }
}

Test(span, what_is_no_period_is_refused_with_a_sentence)
{
    static const char *const texts[] = {
        "",
        "26",
        "20260",
        "2026-",
        "2026-13",
        "2026-00",
        "2026-Q0",
        "2026-Q5",
        "2026-Q11",
        "2026-02-29",
        "2026-02-30",
        "2026-11-31",
        "2026-11-23.",
        "2026-11-23..",
        "2026-06-30..2026-01-01",
        "0000",
        "1969",
        "9999-12-31..",
        "2026-1",
        "next year",
        "2026-01-01..2026-06-30x",
        "2026-01-01 ..2026-06-30",
        "-2026",
        "2026-01-01..2026-02-30",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct span span;
        struct status_text why = {""};
        cr_assert_eq(span_parse(texts[i], "UTC", &span, &why), VOUCH_INVALID, "\"%s\"", texts[i]);
        cr_assert_gt(strlen(why.text), 20, "\"%s\": %s", texts[i], why.text);
    }
}
