/* SPDX-License-Identifier: Apache-2.0
 *
 * First-touch attribution: who touched the deal first in the broker's order gets all of it. */
#include "../shared/touches.h"

struct first_touch {
    struct touches_counted counted;
};

static const struct vouch_setting settings[] = {TOUCHES_SETTING_INTEL, TOUCHES_SETTING_HANDOVER};
enum { SETTING_INTEL, SETTING_HANDOVER, SETTING_COUNT };

static enum vouch_answer first_touch_create(const struct vouch_services *services,
                                            const union vouch_setting_value *values, void **self)
{
    struct first_touch *model = services->alloc(services, sizeof *model);
    if (model == NULL) {
        return VOUCH_ANSWER_FAILED;
    }
    model->counted.intel = values[SETTING_INTEL].integer != 0;
    model->counted.handover = values[SETTING_HANDOVER].integer != 0;
    *self = model;
    return VOUCH_ANSWER_DONE;
}

static enum vouch_answer first_touch_attribute(void *self, const struct vouch_attribution_request *request,
                                               struct vouch_attribution_result *result)
{
    const struct first_touch *model = self;
    result->share_count = 0;
    for (uint32_t i = 0; i < request->touch_count; i++) {
        const struct vouch_touch *touch = &request->touches[i];
        if (touches_count(&model->counted, touch)) {
            result->shares[0] = (struct vouch_share){touch->party, 1};
            result->share_count = 1;
            break;
        }
    }
    return VOUCH_ANSWER_DONE;
}

static const struct vouch_attribution_plugin attribution = {.size = sizeof attribution,
                                                            .attribute = first_touch_attribute};

const struct vouch_plugin_descriptor vouch_plugin = {
    .size = sizeof vouch_plugin,
    .abi = VOUCH_PLUGIN_ABI,
    .kind = VOUCH_KIND_ATTRIBUTION,
    .name = "first-touch",
    .version = "1.0.0",
    .summary = "all to the first touch",
    .settings = settings,
    .setting_count = SETTING_COUNT,
    .create = first_touch_create,
    .attribution = &attribution,
};
