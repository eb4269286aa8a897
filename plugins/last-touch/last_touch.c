/* SPDX-License-Identifier: Apache-2.0
 *
 * Last-touch attribution: who touched the deal last in the broker's order gets all of it. */
#include "../shared/touches.h"

struct last_touch {
    struct touches_counted counted;
};

static const struct vouch_setting settings[] = {TOUCHES_SETTING_INTEL, TOUCHES_SETTING_HANDOVER};
enum { SETTING_INTEL, SETTING_HANDOVER, SETTING_COUNT };

static enum vouch_answer last_touch_create(const struct vouch_services *services,
                                           const union vouch_setting_value *values, void **self)
{
    struct last_touch *model = services->alloc(services, sizeof *model);
    if (model == NULL) {
        return VOUCH_ANSWER_FAILED;
    }
    model->counted.intel = values[SETTING_INTEL].integer != 0;
    model->counted.handover = values[SETTING_HANDOVER].integer != 0;
    *self = model;
    return VOUCH_ANSWER_DONE;
}

static enum vouch_answer last_touch_attribute(void *self, const struct vouch_attribution_request *request,
                                              struct vouch_attribution_result *result)
{
    const struct last_touch *model = self;
    result->share_count = 0;
    for (uint32_t i = request->touch_count; i > 0; i--) {
        const struct vouch_touch *touch = &request->touches[i - 1];
        if (touches_count(&model->counted, touch)) {
            result->shares[0] = (struct vouch_share){touch->party, 1};
            result->share_count = 1;
            break;
        }
    }
    return VOUCH_ANSWER_DONE;
}

static const struct vouch_attribution_plugin attribution = {.size = sizeof attribution,
                                                            .attribute = last_touch_attribute};

const struct vouch_plugin_descriptor vouch_plugin = {
    .size = sizeof vouch_plugin,
    .abi = VOUCH_PLUGIN_ABI,
    .kind = VOUCH_KIND_ATTRIBUTION,
    .name = "last-touch",
    .version = "1.0.0",
    .summary = "all to the last touch",
    .settings = settings,
    .setting_count = SETTING_COUNT,
    .create = last_touch_create,
    .attribution = &attribution,
};
