/* SPDX-License-Identifier: Apache-2.0
 *
 * Sourced and influenced: who brought the prospect before there was an opportunity gets 80 %, all who touched the deal
 * beside them share the rest. */
#include "../shared/touches.h"

#define WHOLE_PERCENT 100
#define NOBODY UINT32_MAX

struct sourced_influenced {
    const struct vouch_services *services;
    struct touches_counted counted; /* as influence */
    int64_t share_percent;
    bool influencers_alone;
};

static const struct vouch_setting settings[] = {
    {"share",
     VOUCH_SETTING_INTEGER,
     0,
     "80",
     0,
     WHOLE_PERCENT,
     "percent for the party that sourced the deal, when others influenced it",
     {NULL, NULL}},
    {"influencers_alone",
     VOUCH_SETTING_BOOLEAN,
     0,
     "true",
     0,
     0,
     "whether influencers share everything when nobody sourced the deal; otherwise the house keeps it",
     {NULL, NULL}},
    TOUCHES_SETTING_INTEL,
    TOUCHES_SETTING_HANDOVER,
};
enum { SETTING_SHARE, SETTING_INFLUENCERS_ALONE, SETTING_INTEL, SETTING_HANDOVER, SETTING_COUNT };

static enum vouch_answer sourced_influenced_create(const struct vouch_services *services,
                                                   const union vouch_setting_value *values, void **self)
{
    struct sourced_influenced *model = services->alloc(services, sizeof *model);
    if (model == NULL) {
        return VOUCH_ANSWER_FAILED;
    }
    model->services = services;
    model->share_percent = values[SETTING_SHARE].integer;
    model->influencers_alone = values[SETTING_INFLUENCERS_ALONE].integer != 0;
    model->counted.intel = values[SETTING_INTEL].integer != 0;
    model->counted.handover = values[SETTING_HANDOVER].integer != 0;
    *self = model;
    return VOUCH_ANSWER_DONE;
}

/* The first introduction or vouch in the broker's order that precedes the opportunity. Where there never was one, there
 * is nothing that it could have come after. */
static uint32_t find_sourcing_touch(const struct vouch_attribution_request *request)
{
    for (uint32_t i = 0; i < request->touch_count; i++) {
        const struct vouch_touch *touch = &request->touches[i];
        bool registration = touch->kind == VOUCH_TOUCH_INTRODUCTION || touch->kind == VOUCH_TOUCH_VOUCH;
        if (registration && (request->opened_ms == 0 || touch->time_ms < request->opened_ms)) {
            return i;
        }
    }
    return NOBODY;
}

/* Weights over the common denominator of the two parts: s % times the number of influencing touches for the sourcer,
 * 100 - s for each of those touches. */
static enum vouch_answer sourced_influenced_attribute(void *self, const struct vouch_attribution_request *request,
                                                      struct vouch_attribution_result *result)
{
    const struct sourced_influenced *model = self;
    struct tally tally;
    if (!tally_start(&tally, model->services, request, result)) {
        return VOUCH_ANSWER_FAILED;
    }
    uint32_t sourcing = find_sourcing_touch(request);
    uint64_t sourcer = sourcing == NOBODY ? 0 : request->touches[sourcing].party;
    int64_t each = sourcing == NOBODY ? model->influencers_alone : WHOLE_PERCENT - model->share_percent;
    int64_t influences = 0;
    for (uint32_t i = 0; i < request->touch_count; i++) {
        const struct vouch_touch *touch = &request->touches[i];
        if (touch->party != sourcer && touches_count(&model->counted, touch)) {
            *tally_weight(&tally, i) += each;
            influences++;
        }
    }
    if (sourcing != NOBODY) {
        *tally_weight(&tally, sourcing) = influences == 0 ? 1 : model->share_percent * influences;
    }
    return tally_finish(&tally, result);
}

static const struct vouch_attribution_plugin attribution = {.size = sizeof attribution,
                                                            .attribute = sourced_influenced_attribute};

const struct vouch_plugin_descriptor vouch_plugin = {
    .size = sizeof vouch_plugin,
    .abi = VOUCH_PLUGIN_ABI,
    .kind = VOUCH_KIND_ATTRIBUTION,
    .name = "sourced-influenced",
    .version = "1.0.0",
    .summary = "most to who sourced the deal, the rest to who influenced it",
    .settings = settings,
    .setting_count = SETTING_COUNT,
    .create = sourced_influenced_create,
    .attribution = &attribution,
};
