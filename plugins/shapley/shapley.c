/* SPDX-License-Identifier: Apache-2.0
 *
 * Shapley: what each party adds to what referrals won, averaged over all orders in which the parties could have come
 * together; an exact estimate over history. The models are in path.c and rate.c. */
#include "shapley.h"

#include <stdio.h>

struct shapley {
    const struct vouch_services *services;
    bool rate;
};

static const struct vouch_setting settings[] = {
    {"model",
     VOUCH_SETTING_TEXT,
     0,
     "path",
     0,
     20,
     "path: parts of the value that was won; rate: parts of the rate at which referrals are won",
     {NULL, NULL}},
};
enum { SETTING_MODEL, SETTING_COUNT };

static enum vouch_answer shapley_create(const struct vouch_services *services, const union vouch_setting_value *values,
                                        void **self)
{
    struct shapley *shapley = services->alloc(services, sizeof *shapley);
    const char *model = values[SETTING_MODEL].text;
    if (shapley == NULL) {
        return VOUCH_ANSWER_FAILED;
    }
    shapley->services = services;
    shapley->rate = strcmp(model, "rate") == 0;
    if (!shapley->rate && strcmp(model, "path") != 0) {
        services->explain(services, "the setting model must be path or rate");
        return VOUCH_ANSWER_FAILED;
    }
    *self = shapley;
    return VOUCH_ANSWER_DONE;
}

static enum vouch_answer refuse(const struct vouch_services *services, uint32_t parties)
{
    char sentence[200];
    snprintf(sentence, sizeof sentence,
             "the rate model takes at most %d parties and there are %u: take a shorter time, or the path model",
             RATE_PARTIES_MAX, parties);
    services->explain(services, sentence);
    return VOUCH_ANSWER_FAILED;
}

static enum vouch_answer shapley_estimate(void *self, const struct vouch_estimate_request *request,
                                          struct vouch_estimate_result *result)
{
    const struct shapley *shapley = self;
    struct crowd crowd;
    if (!crowd_make(&crowd, shapley->services, request)) {
        return VOUCH_ANSWER_FAILED;
    }
    if (shapley->rate && crowd.count > RATE_PARTIES_MAX) {
        return refuse(shapley->services, crowd.count);
    }
    mpq_t *raws = raws_new(crowd.count);
    if (raws == NULL) {
        return VOUCH_ANSWER_FAILED;
    }
    if (!shapley->rate) {
        shapley_path(request, &crowd, raws);
    } else if (!shapley_rate(shapley->services, request, &crowd, raws)) {
        raws_free(raws, crowd.count);
        return VOUCH_ANSWER_FAILED;
    }
    return raws_finish(raws, &crowd, result);
}

static const struct vouch_attribution_plugin attribution = {.size = sizeof attribution, .estimate = shapley_estimate};

const struct vouch_plugin_descriptor vouch_plugin = {
    .size = sizeof vouch_plugin,
    .abi = VOUCH_PLUGIN_ABI,
    .kind = VOUCH_KIND_ATTRIBUTION,
    .name = "shapley",
    .version = "1.0.0",
    .summary = "what each party adds, averaged over all orders; estimates over history",
    .settings = settings,
    .setting_count = SETTING_COUNT,
    .create = shapley_create,
    .attribution = &attribution,
};
