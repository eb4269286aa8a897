/* SPDX-License-Identifier: Apache-2.0
 *
 * The smallest useful plugin, to be copied: whoever touched a deal first gets all of it. */
#include <vouch_plugin.h>

static const struct vouch_setting settings[] = {
    {"weight", VOUCH_SETTING_INTEGER, 0, "1", 1, 1000, "weight of the first party", {NULL, NULL}},
};

struct first_touch {
    int64_t weight;
};

static enum vouch_answer create(const struct vouch_services *services, const union vouch_setting_value *values,
                                void **self)
{
    struct first_touch *model = services->alloc(services, sizeof *model);
    if (model == NULL) {
        return VOUCH_ANSWER_FAILED;
    }
    model->weight = values[0].integer;
    *self = model;
    return VOUCH_ANSWER_DONE;
}

/* Touches come in order, so the first is the first. */
static enum vouch_answer attribute(void *self, const struct vouch_attribution_request *request,
                                   struct vouch_attribution_result *result)
{
    const struct first_touch *model = self;
    result->shares[0].party = request->touches[0].party;
    result->shares[0].weight = model->weight;
    result->share_count = 1;
    return VOUCH_ANSWER_DONE;
}

static const struct vouch_attribution_plugin attribution = {sizeof attribution, attribute};

const struct vouch_plugin_descriptor vouch_plugin = {
    .size = sizeof vouch_plugin,
    .abi = VOUCH_PLUGIN_ABI,
    .kind = VOUCH_KIND_ATTRIBUTION,
    .name = "first-touch",
    .version = "1.0.0",
    .summary = "all to the first touch",
    .settings = settings,
    .setting_count = 1,
    .create = create,
    .attribution = &attribution,
};
