/* SPDX-License-Identifier: Apache-2.0
 *
 * An attribution plugin of the day ABI 1.0 was made, never to be changed: built against the header beside it and called
 * through every later host. Each weight depends on every field that it is given, so a field that moved shows. */
#include "vouch_plugin.h"

#include <stdio.h>
#include <string.h>

static const struct vouch_setting settings[] = {
    {"factor", VOUCH_SETTING_INTEGER, 0, "3", -5, 1000, "of each weight", {NULL, NULL}},
    {"share", VOUCH_SETTING_NUMBER, 0, "0.25", 0, 1, "in quarters of 100", {NULL, NULL}},
    {"bonus", VOUCH_SETTING_BOOLEAN, 0, "false", 0, 0, "7 for who comes first", {NULL, NULL}},
    {"label", VOUCH_SETTING_TEXT, 0, "frozen", 0, 20, "said in answers", {NULL, NULL}},
};

struct frozen {
    const struct vouch_services *services;
    int64_t factor;
    double share;
    int64_t bonus;
    const char *label;
};

static enum vouch_answer create(const struct vouch_services *services, const union vouch_setting_value *values,
                                void **self)
{
    struct frozen *frozen;
    if (services->size < sizeof(struct vouch_services) || services->abi >> 16 != 1) {
        return VOUCH_ANSWER_UNSUPPORTED;
    }
    frozen = services->alloc(services, sizeof *frozen);
    if (frozen == NULL) {
        services->explain(services, "no memory at all");
        return VOUCH_ANSWER_FAILED;
    }
    frozen->services = services;
    frozen->factor = values[0].integer;
    frozen->share = values[1].number;
    frozen->bonus = values[2].integer;
    frozen->label = values[3].text;
    *self = frozen;
    services->log(services, VOUCH_LOG_WARN, frozen->label);
    if (strcmp(frozen->label, "broken") == 0) {
        services->explain(services, "the label says so");
        return VOUCH_ANSWER_FAILED;
    }
    return VOUCH_ANSWER_DONE;
}

static void destroy(void *self)
{
    struct frozen *frozen = self;
    frozen->services->log(frozen->services, VOUCH_LOG_INFO, "destroyed");
}

/* The touches say how the call shall end: a first one of a kind that later versions may send. */
static enum vouch_answer ending(const struct frozen *frozen, const struct vouch_attribution_request *request)
{
    char sentence[80];
    sprintf(sentence, "%s says no to %u", frozen->label, (unsigned)request->touches[0].kind);
    frozen->services->explain(frozen->services, sentence);
    switch (request->touches[0].kind) {
    case 101:
        return VOUCH_ANSWER_DEFER;
    case 102:
        return VOUCH_ANSWER_UNSUPPORTED;
    case 103:
        return VOUCH_ANSWER_FAILED;
    case 104:
        return frozen->services->alloc(frozen->services, VOUCH_CALL_ALLOC_MAX + 1) == NULL ? VOUCH_ANSWER_DEFER
                                                                                           : VOUCH_ANSWER_DONE;
    default:
        return VOUCH_ANSWER_DONE;
    }
}

static enum vouch_answer attribute(void *self, const struct vouch_attribution_request *request,
                                   struct vouch_attribution_result *result)
{
    const struct frozen *frozen = self;
    int64_t *weights = frozen->services->alloc(frozen->services, request->touch_count * sizeof *weights);
    uint32_t i;
    if (request->size < sizeof *request || result->size < sizeof *result || result->capacity < request->touch_count ||
        weights == NULL) {
        return VOUCH_ANSWER_FAILED;
    }
    for (i = 0; i < request->touch_count; i++) {
        const struct vouch_touch *touch = &request->touches[i];
        uint32_t p = 0;
        while (p < result->share_count && result->shares[p].party != touch->party) {
            p++;
        }
        if (p == result->share_count) {
            result->shares[result->share_count++].party = touch->party;
        }
        /* Six decimal places: closed, opened, window, kind, sequence, factor. */
        weights[p] += (request->closed_ms - touch->time_ms) % 10 * 100000 +
                      (touch->time_ms - request->opened_ms) % 10 * 10000;
        weights[p] += request->window_days % 10 * 1000 + (int64_t)(touch->kind + touch->flags) * 100;
        weights[p] += (int64_t)(touch->sequence % 10) * 10 + frozen->factor;
        weights[p] += (int64_t)(touch->reserved[0] + touch->reserved[1]);
    }
    for (i = 0; i < result->share_count; i++) {
        result->shares[i].weight = weights[i] + (int64_t)(frozen->share * 400);
    }
    result->shares[0].weight += 7 * frozen->bonus;
    return ending(frozen, request);
}

static const struct vouch_attribution_plugin attribution = {sizeof attribution, attribute};

const struct vouch_plugin_descriptor vouch_plugin = {
    sizeof vouch_plugin,
    VOUCH_PLUGIN_ABI,
    VOUCH_KIND_ATTRIBUTION,
    "frozen-attribution",
    "1.0.0",
    "as it was in ABI 1.0",
    settings,
    4,
    0,
    create,
    destroy,
    &attribution,
    NULL,
};
