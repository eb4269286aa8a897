/* SPDX-License-Identifier: Apache-2.0
 *
 * A matcher to start from: a candidate fits as well as its card covers the issues of the need. */
#include <string.h>
#include <vouch_plugin.h>

static const struct vouch_setting settings[] = {
    {.name = "weight",
     .type = VOUCH_SETTING_INTEGER,
     .initial = "10",
     .min = 1,
     .max = 1000,
     .help = "weight of the issues"},
};

/* An instance is a process of its own, so what is static is the instance's. */
static struct vouch_component parts[] = {{"issues", 0, 0}};

static enum vouch_answer create(const struct vouch_services *services, const union vouch_setting_value *values,
                                void **self)
{
    (void)services;
    (void)self;
    parts[0].weight = (uint32_t)values[0].integer;
    return VOUCH_ANSWER_DONE;
}

static const struct vouch_component *components(void *self, uint32_t *count)
{
    (void)self;
    *count = sizeof parts / sizeof parts[0];
    return parts;
}

static int has(const struct vouch_tags *tags, const char *tag)
{
    for (size_t i = 0; i < tags->count; i++) {
        if (strcmp(tags->items[i], tag) == 0) {
            return 1;
        }
    }
    return 0;
}

/* Where the need names no issues nothing can be said, and the scores stay as they are: not known. */
static enum vouch_answer match(void *self, const struct vouch_match_request *request, struct vouch_match_result *result)
{
    const struct vouch_tags *wanted = &request->need->issues;
    (void)self;
    for (uint32_t c = 0; c < request->candidate_count && wanted->count > 0; c++) {
        struct vouch_component_score *score = &result->scores[(size_t)c * result->component_count];
        uint64_t found = 0;
        for (size_t i = 0; i < wanted->count; i++) {
            found += has(&request->candidates[c].issues, wanted->items[i]) != 0;
        }
        score->known = 1;
        score->x_ppm = (uint32_t)(found * VOUCH_PPM / wanted->count);
        score->why = found > 0 ? "solves it" : NULL;
    }
    return VOUCH_ANSWER_DONE;
}

static const struct vouch_matcher_plugin matcher = {sizeof matcher, components, match};

const struct vouch_plugin_descriptor vouch_plugin = {
    .size = sizeof vouch_plugin,
    .abi = VOUCH_PLUGIN_ABI,
    .kind = VOUCH_KIND_MATCHER,
    .name = "my-matcher",
    .version = "1.0.0",
    .summary = "share of the issues that the card names",
    .settings = settings,
    .setting_count = sizeof settings / sizeof settings[0],
    .create = create,
    .matcher = &matcher,
};
