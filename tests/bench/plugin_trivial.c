/* SPDX-License-Identifier: Apache-2.0
 *
 * A matcher whose own cost is next to nothing: what is measured with it is the way to it and back. */
#include "vouch_plugin.h"

static enum vouch_answer create(const struct vouch_services *services, const union vouch_setting_value *values,
                                void **self)
{
    (void)services;
    (void)values;
    *self = NULL;
    return VOUCH_ANSWER_DONE;
}

static const struct vouch_component *components(void *self, uint32_t *count)
{
    static const struct vouch_component tie = {"tie", 1, 0};
    (void)self;
    *count = 1;
    return &tie;
}

static enum vouch_answer match(void *self, const struct vouch_match_request *request, struct vouch_match_result *result)
{
    (void)self;
    for (uint32_t i = 0; i < request->candidate_count; i++) {
        result->scores[i].x_ppm = request->candidates[i].tie_ppm;
        result->scores[i].known = request->candidates[i].tie_known;
    }
    return VOUCH_ANSWER_DONE;
}

static const struct vouch_matcher_plugin matcher = {sizeof matcher, components, match};

const struct vouch_plugin_descriptor vouch_plugin = {
    .size = sizeof vouch_plugin,
    .abi = VOUCH_PLUGIN_ABI,
    .kind = VOUCH_KIND_MATCHER,
    .name = "bench-trivial",
    .version = "1.0.0",
    .summary = "the tie, and nothing else",
    .create = create,
    .matcher = &matcher,
};
