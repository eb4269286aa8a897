/* SPDX-License-Identifier: Apache-2.0
 *
 * The metrics of a report: metrics.def in C. Any thread. */
#ifndef VOUCH_DOMAIN_METRIC_H
#define VOUCH_DOMAIN_METRIC_H

#include <stdbool.h>
#include <stdint.h>

/* A share of fewer than these says nothing: it is left blank. */
#define METRIC_LEAST 20

enum metric_kind {
    METRIC_KIND_SHARE,     /* Wilson interval */
    METRIC_KIND_RATE,      /* a mean count; Poisson score interval */
    METRIC_KIND_INCIDENCE, /* Aalen–Johansen */
    METRIC_KIND_CYCLE,     /* medians */
    METRIC_KIND_MONEY,     /* counted; no interval */
};

/* By what a metric can be grouped; bits. */
enum metric_by {
    BY_MEMBER = 1 << 0, /* member and team */
    BY_TIME = 1 << 1,   /* month */
    BY_SOURCE = 1 << 2,
    BY_SEGMENT = 1 << 3,
    BY_ANY = BY_MEMBER | BY_TIME | BY_SOURCE | BY_SEGMENT,
};

/* As the numbers of enum Metric in wire_report.proto. */
enum metric {
    METRIC_OF_NOTHING = 0,
#define METRIC(NAME, word, kind, by, days, title, numerator, denominator, censoring) METRIC_##NAME,
#include "domain/metrics.def"
#undef METRIC
    METRIC_COUNT
};

struct metric_facts {
    const char *word;
    enum metric_kind kind;
    unsigned by;   /* enum metric_by, or-ed */
    uint32_t days; /* that what is counted has to be old, or is looked at */
    const char *title;
    const char *numerator;
    const char *denominator;
    const char *censoring;
};

/* NULL for a number that is no metric. */
const struct metric_facts *metric_facts(uint32_t metric);
/* METRIC_OF_NOTHING for a word that names none. */
enum metric metric_find(const char *word);

#endif
