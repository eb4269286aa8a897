/* SPDX-License-Identifier: Apache-2.0
 *
 * Whom a call was about, and the checks that every list of weights over them must pass before it is a proposal: parties
 * that were asked about, each once, weights that are not negative and whose sum is bounded. */
#include "plugin/internal.h"

#include <inttypes.h>
#include <stdlib.h>

static int compare_parties(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

bool parties_make(struct parties *parties, const uint64_t *ids, uint32_t count, struct arena *arena)
{
    *parties = (struct parties){.ids = arena_memdup(arena, ids, count * sizeof *ids),
                                .named = arena_alloc(arena, count * sizeof *parties->named)};
    if (parties->ids == NULL || parties->named == NULL) {
        return false;
    }
    qsort(parties->ids, count, sizeof *parties->ids, compare_parties);
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || parties->ids[i] != parties->ids[i - 1]) {
            parties->ids[parties->count++] = parties->ids[i];
        }
    }
    return true;
}

enum vouch_status parties_name(struct parties *parties, struct plugin_call *call, uint64_t party, int64_t weight,
                               const char *lacks, struct status_text *why)
{
    const uint64_t *found = bsearch(&party, parties->ids, parties->count, sizeof party, compare_parties);
    if (found == NULL) {
        return exchange_refuse(call, why, "party %" PRIu64 " %s", party, lacks);
    }
    if (parties->named[found - parties->ids]) {
        return exchange_refuse(call, why, "party %" PRIu64 " is there twice", party);
    }
    parties->named[found - parties->ids] = true;
    if (weight < 0) {
        return exchange_refuse(call, why, "party %" PRIu64 " has the negative weight %" PRId64, party, weight);
    }
    if (__builtin_add_overflow(parties->weights, weight, &parties->weights) ||
        parties->weights > VOUCH_WEIGHT_SUM_MAX) {
        return exchange_refuse(call, why, "the sum of the weights is above 2^62");
    }
    return VOUCH_OK;
}
