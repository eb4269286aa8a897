/* SPDX-License-Identifier: Apache-2.0
 *
 * Linear attribution: every touch counts the same, so a party's weight is the number of its touches. */
#include "vouch_plugin.h"

struct linear {
    unsigned kinds; /* bit k: touches of kind k count */
};

static const struct vouch_setting settings[] = {
    {"intel", VOUCH_SETTING_BOOLEAN, 0, "true", 0, 0, "whether told intelligence counts as a touch", {NULL, NULL}},
    {"handover",
     VOUCH_SETTING_BOOLEAN,
     0,
     "true",
     0,
     0,
     "whether passing a referral on counts as a touch",
     {NULL, NULL}},
};
enum { SETTING_INTEL, SETTING_HANDOVER, SETTING_COUNT };

static enum vouch_answer linear_create(const struct vouch_services *services, const union vouch_setting_value *values,
                                       void **self)
{
    struct linear *linear = services->alloc(services, sizeof *linear);
    if (linear == NULL) {
        return VOUCH_ANSWER_FAILED;
    }
    linear->kinds = ~0u;
    if (values[SETTING_INTEL].integer == 0) {
        linear->kinds &= ~(1u << VOUCH_TOUCH_INTEL);
    }
    if (values[SETTING_HANDOVER].integer == 0) {
        linear->kinds &= ~(1u << VOUCH_TOUCH_HANDOVER);
    }
    *self = linear;
    return VOUCH_ANSWER_DONE;
}

static int counts(const struct linear *linear, const struct vouch_touch *touch)
{
    return touch->kind >= 32 || (linear->kinds & (1u << touch->kind)) != 0;
}

static enum vouch_answer linear_attribute(void *self, const struct vouch_attribution_request *request,
                                          struct vouch_attribution_result *result)
{
    const struct linear *linear = self;
    uint32_t count = 0;
    for (uint32_t t = 0; t < request->touch_count; t++) {
        const struct vouch_touch *touch = &request->touches[t];
        if (!counts(linear, touch)) {
            continue;
        }
        uint32_t p = 0;
        while (p < count && result->shares[p].party != touch->party) {
            p++;
        }
        if (p == count) {
            result->shares[count++].party = touch->party;
        }
        result->shares[p].weight += 1;
    }
    result->share_count = count;
    return VOUCH_ANSWER_DONE;
}

static const struct vouch_attribution_plugin attribution = {sizeof attribution, linear_attribute};

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
