/* SPDX-License-Identifier: Apache-2.0
 *
 * Chain: the introducer nearest the deal weighs 1, the one before d, the one before that d^2, up to K steps upstream.
 * d is a fraction of whole numbers and the weights are integers over its denominator's power. */
#include "../shared/touches.h"

#define LEVELS_MAX 5
#define FRACTION_MAX 1000 /* 6 * 1000^5 is far below VOUCH_WEIGHT_SUM_MAX */

struct chain {
    const struct vouch_services *services;
    bool vouch;
    uint32_t levels;
    int64_t weights[LEVELS_MAX + 1];
};

static const struct vouch_setting settings[] = {
    {"numerator",
     VOUCH_SETTING_INTEGER,
     0,
     "1",
     0,
     FRACTION_MAX,
     "of d, what one step upstream is worth of the step below it",
     {NULL, NULL}},
    {"denominator", VOUCH_SETTING_INTEGER, 0, "2", 1, FRACTION_MAX, "of d", {NULL, NULL}},
    {"levels",
     VOUCH_SETTING_INTEGER,
     0,
     "3",
     0,
     LEVELS_MAX,
     "steps upstream of the introducer nearest the deal that are paid too",
     {NULL, NULL}},
    {"vouch", VOUCH_SETTING_BOOLEAN, 0, "true", 0, 0, "whether a vouch counts as an introduction", {NULL, NULL}},
};
enum { SETTING_NUMERATOR, SETTING_DENOMINATOR, SETTING_LEVELS, SETTING_VOUCH, SETTING_COUNT };

static enum vouch_answer chain_create(const struct vouch_services *services, const union vouch_setting_value *values,
                                      void **self)
{
    struct chain *chain = services->alloc(services, sizeof *chain);
    if (chain == NULL) {
        return VOUCH_ANSWER_FAILED;
    }
    chain->services = services;
    chain->vouch = values[SETTING_VOUCH].integer != 0;
    chain->levels = (uint32_t)values[SETTING_LEVELS].integer;
    for (uint32_t level = 0; level <= chain->levels; level++) {
        chain->weights[level] = 1;
        for (uint32_t step = 0; step < chain->levels; step++) {
            chain->weights[level] *= values[step < level ? SETTING_NUMERATOR : SETTING_DENOMINATOR].integer;
        }
    }
    *self = chain;
    return VOUCH_ANSWER_DONE;
}

static bool introduces(const struct chain *chain, const struct vouch_touch *touch)
{
    return touch->kind == VOUCH_TOUCH_INTRODUCTION || touch->kind == VOUCH_TOUCH_HANDOVER ||
           (touch->kind == VOUCH_TOUCH_VOUCH && chain->vouch);
}

/* Walks upstream from the deal; a party takes one level, the nearest to the deal. */
static enum vouch_answer chain_attribute(void *self, const struct vouch_attribution_request *request,
                                         struct vouch_attribution_result *result)
{
    const struct chain *chain = self;
    struct tally tally;
    if (!tally_start(&tally, chain->services, request, result)) {
        return VOUCH_ANSWER_FAILED;
    }
    uint32_t level = 0;
    for (uint32_t i = request->touch_count; i > 0 && level <= chain->levels; i--) {
        if (!introduces(chain, &request->touches[i - 1])) {
            continue;
        }
        int64_t *weight = tally_weight(&tally, i - 1);
        if (*weight == 0) {
            *weight = chain->weights[level++];
        }
    }
    return tally_finish(&tally, result);
}

static const struct vouch_attribution_plugin attribution = {sizeof attribution, chain_attribute};

const struct vouch_plugin_descriptor vouch_plugin = {
    .size = sizeof vouch_plugin,
    .abi = VOUCH_PLUGIN_ABI,
    .kind = VOUCH_KIND_ATTRIBUTION,
    .name = "chain",
    .version = "1.0.0",
    .summary = "the introducer nearest the deal most, each one upstream a fraction of the next",
    .settings = settings,
    .setting_count = SETTING_COUNT,
    .create = chain_create,
    .attribution = &attribution,
};
