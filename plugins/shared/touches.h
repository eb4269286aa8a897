/* SPDX-License-Identifier: Apache-2.0
 *
 * What the attribution models that come with vouch have in common: which touches count, and the sum of the weights of
 * a party's touches. A header with everything in it, so that each model stays one source and one shared object. */
#ifndef VOUCH_PLUGINS_SHARED_TOUCHES_H
#define VOUCH_PLUGINS_SHARED_TOUCHES_H

#include "vouch_plugin.h"

#include <stdbool.h>
#include <stdlib.h>

/* ---- which touches count ---- */

/* The two settings that say so, in this order; kinds that a later broker may send always count. */
#define TOUCHES_SETTING_INTEL                                                                                          \
    {                                                                                                                  \
        "intel", VOUCH_SETTING_BOOLEAN, 0, "true", 0, 0, "whether told intelligence counts as a touch",                \
        {                                                                                                              \
            NULL, NULL                                                                                                 \
        }                                                                                                              \
    }
#define TOUCHES_SETTING_HANDOVER                                                                                       \
    {                                                                                                                  \
        "handover", VOUCH_SETTING_BOOLEAN, 0, "true", 0, 0, "whether passing a referral on counts as a touch",         \
        {                                                                                                              \
            NULL, NULL                                                                                                 \
        }                                                                                                              \
    }

struct touches_counted {
    bool intel;
    bool handover;
};

static inline bool touches_count(const struct touches_counted *counted, const struct vouch_touch *touch)
{
    return (touch->kind != VOUCH_TOUCH_INTEL || counted->intel) &&
           (touch->kind != VOUCH_TOUCH_HANDOVER || counted->handover);
}

/* ---- one share a party, in the order of first touches ---- */

struct tally {
    struct vouch_share *shares;
    uint32_t count;
    uint32_t *share_of; /* touch -> its party's share */
};

struct tally_entry {
    uint64_t party;
    uint32_t touch;
};

static inline int tally_compare(const void *left, const void *right)
{
    const struct tally_entry *a = (const struct tally_entry *)left;
    const struct tally_entry *b = (const struct tally_entry *)right;
    return a->party != b->party ? (a->party > b->party) - (a->party < b->party)
                                : (a->touch > b->touch) - (a->touch < b->touch);
}

/* For each touch the first touch of its party. Sorted, because that is quick whatever the parties are: a hash is slow
 * for some, and comparing all with all for many. */
static inline void tally_find_first(struct tally_entry *entries, uint32_t count, uint32_t *first_touch)
{
    qsort(entries, count, sizeof *entries, tally_compare);
    for (uint32_t i = 0, first = 0; i < count; i++) {
        if (entries[i].party != entries[first].party) {
            first = i;
        }
        first_touch[entries[i].touch] = entries[first].touch;
    }
}

/* Enters all parties of the request with weight 0; false when there is no memory. */
static inline bool tally_start(struct tally *tally, const struct vouch_services *services,
                               const struct vouch_attribution_request *request, struct vouch_attribution_result *result)
{
    uint32_t count = request->touch_count;
    struct tally_entry *entries = (struct tally_entry *)services->alloc(services, count * sizeof *entries);
    tally->shares = result->shares;
    tally->count = 0;
    tally->share_of = (uint32_t *)services->alloc(services, count * sizeof *tally->share_of);
    if (entries == NULL || tally->share_of == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        entries[i].party = request->touches[i].party;
        entries[i].touch = i;
    }
    tally_find_first(entries, count, tally->share_of);
    for (uint32_t i = 0; i < count; i++) {
        if (tally->share_of[i] == i) {
            tally->shares[tally->count].party = request->touches[i].party;
            tally->shares[tally->count].weight = 0;
            tally->share_of[i] = tally->count++;
        } else {
            tally->share_of[i] = tally->share_of[tally->share_of[i]];
        }
    }
    return true;
}

/* The weight of the party of a touch. */
static inline int64_t *tally_weight(const struct tally *tally, uint32_t touch)
{
    return &tally->shares[tally->share_of[touch]].weight;
}

/* Leaves out who has no weight. */
static inline enum vouch_answer tally_finish(const struct tally *tally, struct vouch_attribution_result *result)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < tally->count; i++) {
        if (tally->shares[i].weight > 0) {
            tally->shares[kept++] = tally->shares[i];
        }
    }
    result->share_count = kept;
    return VOUCH_ANSWER_DONE;
}

#endif
