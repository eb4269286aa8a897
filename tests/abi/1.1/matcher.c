/* SPDX-License-Identifier: Apache-2.0
 *
 * A matcher of the day ABI 1.1 was made, never to be changed: built against the header beside it and called through
 * every later host. It tells in `why` all that it is given, so a field that moved shows. */
#include "vouch_plugin.h"

#include <stdio.h>
#include <string.h>

#define COMPONENTS 3

static const struct vouch_setting settings[] = {
    {"weight", VOUCH_SETTING_INTEGER, 0, "5", 0, 1000000, "of the component need", {NULL, NULL}},
};

struct frozen {
    const struct vouch_services *services;
    struct vouch_component components[COMPONENTS];
};

static enum vouch_answer create(const struct vouch_services *services, const union vouch_setting_value *values,
                                void **self)
{
    struct frozen *frozen = services->alloc(services, sizeof *frozen);
    frozen->services = services;
    frozen->components[0].name = "need";
    frozen->components[0].weight = (uint32_t)values[0].integer;
    frozen->components[1].name = "card";
    frozen->components[1].weight = 2;
    frozen->components[2].name = "never";
    frozen->components[2].weight = 1;
    *self = frozen;
    return VOUCH_ANSWER_DONE;
}

static const struct vouch_component *components(void *self, uint32_t *count)
{
    *count = COMPONENTS;
    return ((struct frozen *)self)->components;
}

/* "a,b" */
static size_t join(char *text, const struct vouch_tags *tags)
{
    size_t used = 0;
    size_t i;
    text[0] = '\0';
    for (i = 0; i < tags->count; i++) {
        used += (size_t)sprintf(text + used, "%s%s", i == 0 ? "" : ",", tags->items[i]);
    }
    return used;
}

static const char *tell_need(const struct frozen *frozen, const struct vouch_match_request *request)
{
    const struct vouch_need *need = request->need;
    char *text = frozen->services->alloc(frozen->services, 1000);
    size_t used = join(text, &need->issues);
    size_t i;
    for (i = 0; i < need->issues.count; i++) {
        used += (size_t)sprintf(text + used, "/%u", (unsigned)need->issue_candidates[i]);
    }
    sprintf(text + used, "|%s|%s|%s|%s|%s|%s|%u|%u/%u/%lu", need->text, need->industry, need->function, need->city,
            need->region, need->country, (unsigned)need->size_band, (unsigned)request->candidate_count,
            (unsigned)request->candidate_total, (unsigned long)request->candidate_issues);
    return text;
}

static const char *tell_card(const struct frozen *frozen, const struct vouch_candidate *card)
{
    char *text = frozen->services->alloc(frozen->services, 1000);
    size_t used = (size_t)sprintf(text, "%lu|", (unsigned long)card->id);
    used += join(text + used, &card->issues);
    used += (size_t)sprintf(text + used, "|");
    used += join(text + used, &card->industries);
    used += (size_t)sprintf(text + used, "|");
    used += join(text + used, &card->functions);
    used += (size_t)sprintf(text + used, "|");
    used += join(text + used, &card->countries);
    sprintf(text + used, "|%s|%s|%s|%u-%u|%u:%u|%u/%u|%lu", card->city, card->region, card->country,
            (unsigned)card->size_min, (unsigned)card->size_max, (unsigned)card->tie_ppm, (unsigned)card->tie_known,
            (unsigned)card->segment_won, (unsigned)card->segment_closed,
            (unsigned long)(card->reserved[0] + card->reserved[1]));
    return text;
}

static enum vouch_answer match(void *self, const struct vouch_match_request *request, struct vouch_match_result *result)
{
    const struct frozen *frozen = self;
    uint32_t i;
    if (request->size < sizeof *request || result->size < sizeof *result ||
        request->need->size < sizeof *request->need || result->component_count != COMPONENTS ||
        result->components != frozen->components || result->candidate_count != request->candidate_count) {
        frozen->services->explain(frozen->services, "that is no question of ABI 1.1");
        return VOUCH_ANSWER_FAILED;
    }
    for (i = 0; i < request->candidate_count; i++) {
        struct vouch_component_score *scores = &result->scores[i * COMPONENTS];
        scores[0].x_ppm = VOUCH_PPM / (i + 2);
        scores[0].known = 1;
        scores[0].why = tell_need(frozen, request);
        scores[1].x_ppm = request->candidates[i].tie_ppm;
        scores[1].known = request->candidates[i].tie_known;
        scores[1].why = tell_card(frozen, &request->candidates[i]);
    }
    return VOUCH_ANSWER_DONE;
}

static const struct vouch_matcher_plugin matcher = {sizeof matcher, components, match};

const struct vouch_plugin_descriptor vouch_plugin = {
    sizeof vouch_plugin,
    VOUCH_PLUGIN_ABI,
    VOUCH_KIND_MATCHER,
    "frozen-matcher",
    "1.1.0",
    "as it was in ABI 1.1",
    settings,
    1,
    0,
    create,
    NULL,
    NULL,
    &matcher,
};
