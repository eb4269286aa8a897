/* SPDX-License-Identifier: Apache-2.0
 *
 * Linear attribution: every touch counts the same, so a party's weight is the number of its touches. */
#include "../shared/touches.h"

struct linear {
    const struct vouch_services *services;
    struct touches_counted counted;
};

static const struct vouch_setting settings[] = {TOUCHES_SETTING_INTEL, TOUCHES_SETTING_HANDOVER};
enum { SETTING_INTEL, SETTING_HANDOVER, SETTING_COUNT };

static enum vouch_answer linear_create(const struct vouch_services *services, const union vouch_setting_value *values,
                                       void **self)
{
    struct linear *linear = services->alloc(services, sizeof *linear);
    if (linear == NULL) {
        return VOUCH_ANSWER_FAILED;
    }
    linear->services = services;
    linear->counted.intel = values[SETTING_INTEL].integer != 0;
    linear->counted.handover = values[SETTING_HANDOVER].integer != 0;
    *self = linear;
    return VOUCH_ANSWER_DONE;
}

static enum vouch_answer linear_attribute(void *self, const struct vouch_attribution_request *request,
                                          struct vouch_attribution_result *result)
{
    const struct linear *linear = self;
    struct tally tally;
    if (!tally_start(&tally, linear->services, request, result)) {
        return VOUCH_ANSWER_FAILED;
    }
    for (uint32_t i = 0; i < request->touch_count; i++) {
        if (touches_count(&linear->counted, &request->touches[i])) {
            *tally_weight(&tally, i) += 1;
        }
    }
    return tally_finish(&tally, result);
}

static const struct vouch_attribution_plugin attribution = {.size = sizeof attribution, .attribute = linear_attribute};

const struct vouch_plugin_descriptor vouch_plugin = {
    .size = sizeof vouch_plugin,
    .abi = VOUCH_PLUGIN_ABI,
    .kind = VOUCH_KIND_ATTRIBUTION,
    .name = "linear",
    .version = "1.0.0",
    .summary = "one weight a touch",
    .settings = settings,
    .setting_count = SETTING_COUNT,
    .create = linear_create,
    .attribution = &attribution,
};
