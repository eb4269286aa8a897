/* SPDX-License-Identifier: Apache-2.0
 *
 * An attribution plugin of the day ABI 1.1 was made, never to be changed: built against the header beside it and called
 * through every later host. It uses what was new: the mode of the shares, and the estimate over history, whose weights
 * depend on every field that it is given, so that a field that moved shows. */
#include "vouch_plugin.h"

#include <stdio.h>
#include <string.h>

static const struct vouch_setting settings[] = {
    {"mode", VOUCH_SETTING_INTEGER, 0, "1", 0, 1000, "of the shares", {NULL, NULL}},
    {"weight", VOUCH_SETTING_INTEGER, 0, "1073741824", 0, 1e18, "of each share", {NULL, NULL}},
};

struct frozen {
    const struct vouch_services *services;
    uint32_t mode;
    int64_t weight;
};

static enum vouch_answer create(const struct vouch_services *services, const union vouch_setting_value *values,
                                void **self)
{
    struct frozen *frozen = services->alloc(services, sizeof *frozen);
    if (frozen == NULL) {
        return VOUCH_ANSWER_FAILED;
    }
    frozen->services = services;
    frozen->mode = (uint32_t)values[0].integer;
    frozen->weight = values[1].integer;
    *self = frozen;
    return VOUCH_ANSWER_DONE;
}

/* The party of the first touch, with the weight and the mode of the settings. */
static enum vouch_answer attribute(void *self, const struct vouch_attribution_request *request,
                                   struct vouch_attribution_result *result)
{
    const struct frozen *frozen = self;
    if (request->size < sizeof *request || result->size < sizeof *result || result->mode != VOUCH_SHARES_INSIDE ||
        result->reserved != 0) {
        return VOUCH_ANSWER_FAILED;
    }
    result->shares[0].party = request->touches[0].party;
    result->shares[0].weight = frozen->weight;
    result->share_count = 1;
    result->mode = frozen->mode;
    return VOUCH_ANSWER_DONE;
}

static struct vouch_estimate_share *share_of(struct vouch_estimate_result *result, uint64_t party)
{
    uint32_t s;
    for (s = 0; s < result->share_count; s++) {
        if (result->shares[s].party == party) {
            return &result->shares[s];
        }
    }
    result->share_count++;
    result->shares[s].party = party;
    return &result->shares[s];
}

/* Each place of each path adds digits to its party: won, lost, value, place, and the request's own fields. */
static enum vouch_answer estimate(void *self, const struct vouch_estimate_request *request,
                                  struct vouch_estimate_result *result)
{
    const struct frozen *frozen = self;
    char sentence[80];
    uint32_t p, i;
    if (request->size < sizeof *request || result->size < sizeof *result) {
        return VOUCH_ANSWER_FAILED;
    }
    if (strcmp(request->currency, "XXX") == 0) {
        sprintf(sentence, "frozen says no to %u paths", (unsigned)request->path_count);
        frozen->services->explain(frozen->services, sentence);
        return VOUCH_ANSWER_UNSUPPORTED;
    }
    for (p = 0; p < request->path_count; p++) {
        const struct vouch_path *path = &request->paths[p];
        for (i = 0; i < path->party_count; i++) {
            struct vouch_estimate_share *share = share_of(result, request->parties[path->first + i]);
            share->weight += (int64_t)(path->won * 10000 + path->lost * 1000 + (uint64_t)path->value * 100 + i * 10);
            share->weight += (int64_t)(path->reserved[0] + path->reserved[1]);
        }
    }
    for (i = 0; i < result->share_count; i++) {
        result->shares[i].raw_numerator = request->until_ms - request->from_ms;
        result->shares[i].raw_denominator = request->currency[0] + (int64_t)request->place_count;
        result->shares[i].raw_rounded = i % 2;
    }
    return VOUCH_ANSWER_DONE;
}

static const struct vouch_attribution_plugin attribution = {sizeof attribution, attribute, estimate};

const struct vouch_plugin_descriptor vouch_plugin = {
    sizeof vouch_plugin,
    VOUCH_PLUGIN_ABI,
    VOUCH_KIND_ATTRIBUTION,
    "frozen-attribution",
    "1.1.0",
    "as it was in ABI 1.1",
    settings,
    2,
    0,
    create,
    NULL,
    &attribution,
    NULL,
};
