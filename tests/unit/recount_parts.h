/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files share that count one row of a report: recount_row.c for each metric, recount_cycle.c for one that
 * takes longer to tell. */
#ifndef VOUCH_TESTS_RECOUNT_PARTS_H
#define VOUCH_TESTS_RECOUNT_PARTS_H

#include "recount.h"

#define DAY INT64_C(86400000)

/* What is looked for. */
struct wanted {
    const struct recount *recount;
    const Vouch__V1__ReportPage *page;
    const Vouch__V1__ReportRow *row;
    int64_t month_from_ms, month_until_ms; /* with MONTH */
};

struct counted {
    int64_t numerator, denominator;
    uint64_t pending;
};

/* Referrals and leads of the row's cohort. */
bool recount_counts(const struct wanted *wanted, const struct recount_referral *referral);

/* Medians of referrals and of leads, in tenths of days. */
struct counted recount_cycle(const struct wanted *wanted);

#endif
