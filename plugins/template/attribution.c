/* SPDX-License-Identifier: Apache-2.0
 *
 * An attribution to start from: whoever touched a deal first gets all of it. */
#include <vouch_plugin.h>

static const struct vouch_setting settings[] = {
    {.name = "weight",
     .type = VOUCH_SETTING_INTEGER,
     .initial = "1",
     .min = 1,
     .max = 1000,
     .help = "weight of the first party"},
};

struct model {
    int64_t weight;
};

static enum vouch_answer create(const struct vouch_services *services, const union vouch_setting_value *values,
                                void **self)
{
    struct model *model = services->alloc(services, sizeof *model);
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
    const struct model *model = self;
    result->shares[0].party = request->touches[0].party;
    result->shares[0].weight = model->weight;
    result->share_count = 1;
    return VOUCH_ANSWER_DONE;
}

static const struct vouch_attribution_plugin attribution = {.size = sizeof attribution, .attribute = attribute};

const struct vouch_plugin_descriptor vouch_plugin = {
    .size = sizeof vouch_plugin,
    .abi = VOUCH_PLUGIN_ABI,
    .kind = VOUCH_KIND_ATTRIBUTION,
    .name = "my-attribution",
    .version = "1.0.0",
    .summary = "all to the first touch",
    .settings = settings,
    .setting_count = sizeof settings / sizeof settings[0],
    .create = create,
    .attribution = &attribution,
};
