/* SPDX-License-Identifier: Apache-2.0
 *
 * Chain: the introducer nearest the deal weighs 1, the one before d, the one before that d^2, up to K steps upstream.
 * d is a fraction of whole numbers. Inside a pool the weights are integers over its denominator's power; an override
 * pays each level beside the others, its weight that share of the pool in units of 2^-32. */
#include "../shared/touches.h"

#include <string.h>

#define LEVELS_MAX 5
#define FRACTION_MAX 1000 /* 6 * 1000^5 is far below VOUCH_WEIGHT_SUM_MAX */

struct chain {
    const struct vouch_services *services;
    bool vouch;
    bool override;
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
    {"mode",
     VOUCH_SETTING_TEXT,
     0,
     "inside",
     0,
     20,
     "inside: all together are paid the pool; override: each is paid a share of the pool beside the others",
     {NULL, NULL}},
};
enum { SETTING_NUMERATOR, SETTING_DENOMINATOR, SETTING_LEVELS, SETTING_VOUCH, SETTING_MODE, SETTING_COUNT };

/* numerator^up * denominator^(levels - up) */
static int64_t power(const union vouch_setting_value *values, uint32_t up, uint32_t levels)
{
    int64_t product = 1;
    for (uint32_t step = 0; step < levels; step++) {
        product *= values[step < up ? SETTING_NUMERATOR : SETTING_DENOMINATOR].integer;
    }
    return product;
}

/* round-half-even(2^32 * d^level); d is at most 1. */
static int64_t override_weight(const union vouch_setting_value *values, uint32_t level)
{
    __extension__ typedef unsigned __int128 wide;
    wide numerator = (wide)power(values, level, level) << 32;
    wide denominator = (wide)power(values, 0, level);
    wide quotient = numerator / denominator;
    wide twice = 2 * (numerator % denominator);
    return (int64_t)(quotient + (twice > denominator || (twice == denominator && quotient % 2 != 0)));
}

/* Reads the settings that only mean something together; false after saying what is wrong. */
static bool read_mode(struct chain *chain, const union vouch_setting_value *values)
{
    const char *mode = values[SETTING_MODE].text;
    chain->override = strcmp(mode, "override") == 0;
    if (!chain->override && strcmp(mode, "inside") != 0) {
        chain->services->explain(chain->services, "the setting mode must be inside or override");
        return false;
    }
    if (chain->override && values[SETTING_NUMERATOR].integer > values[SETTING_DENOMINATOR].integer) {
        chain->services->explain(chain->services, "an override pays nobody more than the pool: the setting numerator "
                                                  "must not be above denominator");
        return false;
    }
    return true;
}

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
    if (!read_mode(chain, values)) {
        return VOUCH_ANSWER_FAILED;
    }
    for (uint32_t level = 0; level <= chain->levels; level++) {
        chain->weights[level] = chain->override ? override_weight(values, level) : power(values, level, chain->levels);
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
    result->mode = chain->override ? VOUCH_SHARES_OVERRIDE : VOUCH_SHARES_INSIDE;
    return tally_finish(&tally, result);
}

static const struct vouch_attribution_plugin attribution = {.size = sizeof attribution, .attribute = chain_attribute};

const struct vouch_plugin_descriptor vouch_plugin = {
    .size = sizeof vouch_plugin,
    .abi = VOUCH_PLUGIN_ABI,
    .kind = VOUCH_KIND_ATTRIBUTION,
    .name = "chain",
    .version = "1.1.0",
    .summary = "the introducer nearest the deal most, each one upstream a fraction of the next",
    .settings = settings,
    .setting_count = SETTING_COUNT,
    .create = chain_create,
    .attribution = &attribution,
};
