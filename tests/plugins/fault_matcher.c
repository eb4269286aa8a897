/* SPDX-License-Identifier: Apache-2.0
 *
 * A matcher that answers x = 1 for everybody, or goes wrong as its setting `fault` says. With `echo` it tells in `why`
 * what it was given. Its cost is next to nothing, so it also measures the host. */
#include "vouch_plugin.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static const struct vouch_setting settings[] = {
    {"fault", VOUCH_SETTING_TEXT, 0, "none", 0, 32, "what goes wrong", {NULL, NULL}},
};

struct fault {
    const struct vouch_services *services;
    const char *name;
    uint32_t calls;
};

static enum vouch_answer create(const struct vouch_services *services, const union vouch_setting_value *values,
                                void **self)
{
    struct fault *fault = services->alloc(services, sizeof *fault);
    fault->services = services;
    fault->name = values[0].text;
    *self = fault;
    return VOUCH_ANSWER_DONE;
}

static const struct vouch_component *components(void *self, uint32_t *count)
{
    static const struct vouch_component two[] = {{"one", 3, 0}, {"two", 1, 0}};
    static const struct vouch_component heavy[] = {{"one", VOUCH_COMPONENT_WEIGHT_MAX + 1, 0}};
    const struct fault *fault = self;
    *count = strcmp(fault->name, "no_components") == 0 ? 0 : strcmp(fault->name, "heavy") == 0 ? 1 : 2;
    return strcmp(fault->name, "heavy") == 0 ? heavy : two;
}

/* "acme|issues=a,b|place=city/region/country|size=1-3|tie=5:1|won=2/3|df=4|total=9/20" */
static const char *echo(const struct fault *fault, const struct vouch_match_request *request,
                        const struct vouch_candidate *candidate)
{
    char *text = fault->services->alloc(fault->services, VOUCH_WHY_MAX + 1);
    size_t used = (size_t)snprintf(text, VOUCH_WHY_MAX, "%s|", request->need->industry);
    for (size_t i = 0; i < candidate->issues.count && used < VOUCH_WHY_MAX; i++) {
        used += (size_t)snprintf(text + used, VOUCH_WHY_MAX - used, "%s,", candidate->issues.items[i]);
    }
    if (used < VOUCH_WHY_MAX) {
        snprintf(text + used, VOUCH_WHY_MAX - used, "|%s/%s/%s|%u-%u|%u:%u|%u/%u|df=%u|%u/%llu", candidate->city,
                 candidate->region, candidate->country, candidate->size_min, candidate->size_max, candidate->tie_ppm,
                 candidate->tie_known, candidate->segment_won, candidate->segment_closed,
                 request->need->issues.count > 0 ? request->need->issue_candidates[0] : 0, request->candidate_total,
                 (unsigned long long)request->candidate_issues);
    }
    return text;
}

static void spoil(const struct fault *fault, const struct vouch_match_request *request,
                  struct vouch_component_score *scores)
{
    static char endless[100000];
    if (strcmp(fault->name, "large") == 0) {
        scores[0].x_ppm = VOUCH_PPM + 1;
    } else if (strcmp(fault->name, "negative") == 0) {
        scores[0].x_ppm = (uint32_t)lround(-0.1 * VOUCH_PPM);
    } else if (strcmp(fault->name, "nan") == 0) {
        volatile double nothing = 0;
        scores[0].x_ppm = (uint32_t)lround(nothing / nothing * VOUCH_PPM);
    } else if (strcmp(fault->name, "known") == 0) {
        scores[0].known = 2;
    } else if (strcmp(fault->name, "overrun") == 0) {
        memset(&scores[(size_t)request->candidate_count * 2], 1, sizeof *scores);
    } else if (strcmp(fault->name, "why") == 0) {
        memset(endless, 'y', sizeof endless - 1);
        scores[0].why = endless;
        scores[1].why = "caf\xc3\xa9 \x1b[31m red";
    } else if (strcmp(fault->name, "wild_why") == 0) {
        scores[0].why = (const char *)8;
    } else if (strcmp(fault->name, "write_request") == 0) {
        char *text = (char *)(uintptr_t)request->candidates[0].issues.items[0];
        mprotect(text - (uintptr_t)text % 4096, 4096, PROT_READ | PROT_WRITE); /* refused: the memory is sealed */
        *text = 'X';
    }
}

/* Scores that are good, each of them, and not the same for the same candidate of the same question. */
static void be_capricious(struct fault *fault, const struct vouch_match_request *request,
                          struct vouch_component_score *scores)
{
    bool batch = strcmp(fault->name, "batch") == 0; /* as if the batch were all there is */
    bool counter = strcmp(fault->name, "counter") == 0;
    fault->calls++;
    for (uint32_t i = 0; i < request->candidate_count && (batch || counter); i++) {
        scores[(size_t)i * 2].x_ppm = batch ? (i + 1) * (VOUCH_PPM / (request->candidate_count + 1))
                                            : fault->calls % VOUCH_PPM;
    }
}

static enum vouch_answer answer_of(const struct fault *fault)
{
    if (strcmp(fault->name, "code") == 0) {
        return (enum vouch_answer)77;
    }
    return strcmp(fault->name, "mute") == 0 ? VOUCH_ANSWER_FAILED : VOUCH_ANSWER_DONE;
}

static enum vouch_answer match(void *self, const struct vouch_match_request *request, struct vouch_match_result *result)
{
    struct fault *fault = self;
    for (uint32_t i = 0; i < request->candidate_count; i++) {
        struct vouch_component_score *scores = &result->scores[(size_t)i * 2];
        scores[0].x_ppm = VOUCH_PPM;
        scores[0].known = 1;
        scores[1].x_ppm = request->candidates[i].tie_ppm;
        scores[1].known = request->candidates[i].tie_known;
        if (strcmp(fault->name, "echo") == 0) {
            scores[0].why = echo(fault, request, &request->candidates[i]);
        }
    }
    be_capricious(fault, request, result->scores);
    spoil(fault, request, result->scores);
    return answer_of(fault);
}

static const struct vouch_matcher_plugin matcher = {sizeof matcher, components, match};

const struct vouch_plugin_descriptor vouch_plugin = {
    .size = sizeof vouch_plugin,
    .abi = VOUCH_PLUGIN_ABI,
    .kind = VOUCH_KIND_MATCHER,
    .name = "fault-matcher",
    .version = "1.0.0",
    .summary = "goes wrong as told",
    .settings = settings,
    .setting_count = 1,
    .create = create,
    .matcher = &matcher,
};
