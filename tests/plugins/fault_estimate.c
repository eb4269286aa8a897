/* SPDX-License-Identifier: Apache-2.0
 *
 * A model that estimates wrongly in the way that its setting says; tests/plugins/test_estimate_faults.c knows what must
 * become of each. */
#include "vouch_plugin.h"

#include <string.h>

struct fault {
    const struct vouch_services *services;
    const char *name;
    uint32_t calls;
};

static const struct vouch_setting settings[] = {
    {"fault", VOUCH_SETTING_TEXT, 0, "none", 0, 40, "what to do wrong", {NULL, NULL}},
};

static enum vouch_answer create(const struct vouch_services *services, const union vouch_setting_value *values,
                                void **self)
{
    struct fault *fault = services->alloc(services, sizeof *fault);
    if (fault == NULL) {
        return VOUCH_ANSWER_FAILED;
    }
    fault->services = services;
    fault->name = values[0].text;
    *self = fault;
    return VOUCH_ANSWER_DONE;
}

static int is(const struct fault *fault, const char *name)
{
    return strcmp(fault->name, name) == 0;
}

/* What is wrong with the first share. */
static void spoil(struct fault *fault, struct vouch_estimate_result *result)
{
    struct vouch_estimate_share *first = &result->shares[0];
    if (is(fault, "stranger")) {
        first->party = 424242;
    } else if (is(fault, "negative")) {
        first->weight = -5;
    } else if (is(fault, "overflow")) {
        first->weight = VOUCH_WEIGHT_SUM_MAX + 1;
    } else if (is(fault, "denominator")) {
        first->raw_denominator = 0;
    } else if (is(fault, "below")) {
        first->raw_numerator = -1;
    } else if (is(fault, "rounded")) {
        first->raw_rounded = 2;
    } else if (is(fault, "counter")) {
        first->raw_numerator = fault->calls;
    } else if (is(fault, "twice")) {
        result->shares[result->share_count] = *first;
        result->share_count++;
    } else if (is(fault, "count")) {
        result->share_count = result->capacity + 1;
    } else if (is(fault, "overrun")) {
        memset(result->shares + result->capacity, 1, sizeof *first);
    }
}

/* Weight 1 to the first party of each path: each party once, at most as many as there are. */
static enum vouch_answer estimate(void *self, const struct vouch_estimate_request *request,
                                  struct vouch_estimate_result *result)
{
    struct fault *fault = self;
    uint32_t p, s;
    fault->calls++;
    for (p = 0; p < request->path_count; p++) {
        uint64_t party = request->parties[request->paths[p].first];
        for (s = 0; s < result->share_count && result->shares[s].party != party; s++) {
        }
        if (s == result->share_count) {
            result->shares[s].party = party;
            result->shares[s].weight = 1;
            result->shares[s].raw_denominator = 1;
            result->share_count++;
        }
    }
    spoil(fault, result);
    if (is(fault, "write")) {
        *(uint64_t *)(uintptr_t)request->parties = 0; /* read-only memory */
    } else if (is(fault, "code")) {
        return (enum vouch_answer)77;
    } else if (is(fault, "defer")) {
        fault->services->explain(fault->services, "the books are open");
        return VOUCH_ANSWER_DEFER;
    }
    return VOUCH_ANSWER_DONE;
}

static const struct vouch_attribution_plugin attribution = {.size = sizeof attribution, .estimate = estimate};

const struct vouch_plugin_descriptor vouch_plugin = {
    .size = sizeof vouch_plugin,
    .abi = VOUCH_PLUGIN_ABI,
    .kind = VOUCH_KIND_ATTRIBUTION,
    .name = "fault-estimate",
    .version = "1.0.0",
    .summary = "estimates wrongly",
    .settings = settings,
    .setting_count = 1,
    .create = create,
    .attribution = &attribution,
};
