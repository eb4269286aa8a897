/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of reports: who counts (report_scope.c), what is counted (report_facts.c, report_asks.c, report_money.c), and
 * the rows that are made of it (report_rows.c). A report has memory of its own, given back with the answer; nothing of
 * it is kept. */
#ifndef VOUCH_QUERY_REPORT_H
#define VOUCH_QUERY_REPORT_H

#include "apply/fact.h"
#include "domain/match_score.h"
#include "domain/metric.h"
#include "domain/span.h"
#include "domain/statistics.h"
#include "query/parts.h"

#include <uthash.h>

#define REPORT_BYTES ((size_t)96 << 20)
#define REPORT_ROW_BYTES ((size_t)1 << 20) /* one record, unpacked */
#define REPORT_GROUPS_MAX 5000
#define REPORT_LATE_EVERY 1024 /* rows between two looks at the clock */
#define REPORT_SOURCES 5       /* kinds of Source */

#define DAY_MS INT64_C(86400000)

#define BY(name) VOUCH__V1__REPORT__BY__##name

/* What a share is made of. */
struct report_count {
    uint64_t numerator;
    uint64_t denominator;
    uint64_t pending;
};

/* The same of money, for one metric and currency. */
struct report_money {
    enum metric metric;
    char currency[4];
    int64_t numerator;
    int64_t denominator;
    uint64_t count;
    struct report_money *next;
};

/* A row of each metric. */
struct report_group {
    uint32_t slot;
    const char *label;
    uint64_t member; /* with BY(REP) */
    struct report_count counts[METRIC_COUNT];
    struct cohort *cohorts[2]; /* referrals, leads; NULL: none */
    struct report_money *money;
};

struct report_member {
    bool counts; /* there, and in scope */
    uint32_t team;
    int64_t joined_ms;
    int64_t removed_ms;
    uint32_t quota_year;    /* of which `quota_currency` is known; 0: of none yet */
    char quota_currency[4]; /* empty: no quota in that year */
};

/* Words by number: teams, segments. */
struct report_word {
    char *text;
    uint32_t number;
    UT_hash_handle hh;
};

/* An ask that counts. */
struct report_ask {
    uint64_t ask;
    int64_t asked_ms;
    struct report_group *group;
};

/* Numbers that grow one by one. */
struct report_samples {
    uint64_t *numbers;
    size_t count, room;
};

struct report {
    /* the question */
    struct question *question;
    struct span span;
    const char *zone;
    Vouch__V1__Report__By by;
    bool received;
    uint32_t wanted; /* 1 << metric */
    uint64_t member; /* only this one; 0: all in scope */
    const char *team;
    const char *whose; /* in words */
    /* memory: of the report, and of one record */
    struct arena *arena;
    struct arena *row;
    /* what rows are sorted by */
    struct report_member *members; /* by id */
    uint64_t member_count;
    const char **teams;
    uint32_t team_count;
    uint32_t *segments_of; /* by id of a company: which segment */
    uint64_t company_count;
    const char **segments;
    uint32_t segment_count;
    struct report_word *team_words, *segment_words;
    int64_t *months; /* first moments */
    uint32_t month_count;
    struct report_group **slots; /* NULL: nothing there yet */
    uint32_t slot_count;
    struct report_group **groups; /* those that are there */
    uint32_t group_count;
    /* of the period: for ASK_YIELD asks by number, for CYCLE wins as cycle_sample */
    struct report_ask *asks;
    size_t ask_count, ask_room;
    struct report_samples wins;
    struct report_samples asked; /* for ASK_RATE: contacts asked, as contact_sample */
    uint32_t booked_year;        /* of the booking that was read last, and when the next year begins */
    int64_t booked_year_until_ms;
    uint64_t rows;            /* read */
    enum vouch_status failed; /* OK until something does not go on */
};

/* ---- report_scope.c ---- */

/* What Report and Curve ask alike. */
struct report_question {
    const char *period, *zone, *team;
    uint64_t member;
    bool received;
};

/* Reads the question and loads what rows are sorted by. The report is freed by report_end in any case. */
enum vouch_status report_begin(struct report *report, struct question *question, const struct report_question *asked,
                               Vouch__V1__Report__By by, uint32_t wanted) MUST_USE;
void report_end(struct report *report);
bool report_wants(const struct report *report, enum metric metric);
/* True when this member's numbers are in the report. */
bool report_counts(const struct report *report, uint64_t member);
/* The group of something of this member's, of a prospect's (0: none) and a source's, at a time; NULL past the budget,
 * and `why` is set. */
struct report_group *report_group(struct report *report, uint64_t member, uint64_t prospect, uint8_t source,
                                  int64_t time_ms);
uint32_t report_segment(const struct report *report, uint64_t company);
enum vouch_status report_too_large(struct report *report);
/* Counts a row that was read; false once it has taken too long. `failed` and `why` are set then, as by all that answers
 * false or NULL here. */
bool report_goes_on(struct report *report);
/* Adds a number; false past the budget. */
bool report_sample(struct report *report, struct report_samples *samples, uint64_t number);
void report_samples_sort(struct report_samples *samples);
/* Adds money to a group; false past the budget. */
bool report_money_add(struct report *report, struct report_group *group, enum metric metric, const char currency[4],
                      int64_t numerator, int64_t denominator, uint64_t count);

/* ---- what is counted, one file a part ---- */

/* Where the facts of the period begin: east of Greenwich 1970 began before the first moment that there is. */
struct key report_first_fact(const struct report *report);
enum vouch_status report_facts(struct report *report) MUST_USE;
enum vouch_status report_asks(struct report *report) MUST_USE;
enum vouch_status report_contacts(struct report *report) MUST_USE;
enum vouch_status report_revenue(struct report *report) MUST_USE;
enum vouch_status report_quotas(struct report *report) MUST_USE;
enum vouch_status report_obligations(struct report *report) MUST_USE;
/* ---- report_rows.c ---- */

/* Fills the page with the rows after `after`. */
enum vouch_status report_rows(struct report *report, uint32_t after, uint32_t limit,
                              Vouch__V1__ReportPage *page) MUST_USE;

/* ---- report_cycle.c ---- */

/* How much faster the referrals of a group were than its leads, in the same segments. Days in tenths. */
struct cycle {
    uint64_t referrals, leads;       /* wins that were compared */
    double referral_days, lead_days; /* medians */
    double value; /* 1 − the one by the other; not set when there are no leads, or none took any time */
    struct interval interval;
};

/* `wins` are those of one group, sorted: see cycle_sample. */
struct cycle cycle_compute(const uint64_t *wins, size_t count, struct arena *arena);
/* A win as a number, sorted by slot of the group, segment, lead, days. */
uint64_t cycle_sample(uint32_t slot, uint32_t segment, bool lead, uint32_t tenth_days);
uint32_t cycle_slot(uint64_t sample);

#endif
