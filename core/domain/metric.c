/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of metrics. */
#include "domain/metric.h"

#include <stddef.h>
#include <string.h>

static const struct metric_facts facts[METRIC_COUNT] = {
#define METRIC(NAME, word, kind, by, days, title, numerator, denominator, censoring)                                   \
    [METRIC_##NAME] = {word, METRIC_KIND_##kind, by, days, title, numerator, denominator, censoring},
#include "domain/metrics.def"
#undef METRIC
};

const struct metric_facts *metric_facts(uint32_t metric)
{
    return metric > METRIC_OF_NOTHING && metric < METRIC_COUNT ? &facts[metric] : NULL;
}

enum metric metric_find(const char *word)
{
    for (uint32_t metric = METRIC_OF_NOTHING + 1; metric < METRIC_COUNT; metric++) {
        if (strcmp(facts[metric].word, word) == 0) {
            return (enum metric)metric;
        }
    }
    return METRIC_OF_NOTHING;
}
