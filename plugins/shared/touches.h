/* SPDX-License-Identifier: Apache-2.0
 *
 * What the attribution models that come with vouch have in common: which touches count, and the sum of the weights of
 * a party's touches. A header with everything in it, so that each model stays one source and one shared object. */
#ifndef VOUCH_PLUGINS_SHARED_TOUCHES_H
#define VOUCH_PLUGINS_SHARED_TOUCHES_H

#include "vouch_plugin.h"

#include <stdbool.h>

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
    uint32_t mask;   /* slots - 1; the slots are a power of two, at least twice the touches */
    uint32_t *slots; /* hash of the party -> its share's number + 1 */
};

/* The slot of the party, or the free one where it belongs. Even parties chosen to collide cost at most one look for
 * each party before them: 8 million looks, some milliseconds, for as many touches as there may be. */
static inline uint32_t *tally_slot(const struct tally *tally, uint64_t party)
{
    uint32_t at = (uint32_t)((party * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & tally->mask;
    while (tally->slots[at] != 0 && tally->shares[tally->slots[at] - 1].party != party) {
        at = (at + 1) & tally->mask;
    }
    return &tally->slots[at];
}

/* Enters all parties of the request with weight 0; false when there is no memory. */
static inline bool tally_start(struct tally *tally, const struct vouch_services *services,
                               const struct vouch_attribution_request *request, struct vouch_attribution_result *result)
{
    uint32_t slots = 2;
    while (slots < 2 * request->touch_count) {
        slots *= 2;
    }
    tally->shares = result->shares;
    tally->count = 0;
    tally->mask = slots - 1;
    tally->slots = (uint32_t *)services->alloc(services, slots * sizeof *tally->slots);
    if (tally->slots == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < request->touch_count; i++) {
        uint32_t *slot = tally_slot(tally, request->touches[i].party);
        if (*slot == 0) {
            tally->shares[tally->count].party = request->touches[i].party;
            tally->shares[tally->count].weight = 0;
            *slot = ++tally->count;
        }
    }
    return true;
}

/* The weight of a party that has a touch. */
static inline int64_t *tally_weight(const struct tally *tally, uint64_t party)
{
    return &tally->shares[*tally_slot(tally, party) - 1].weight;
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
