/* SPDX-License-Identifier: Apache-2.0
 *
 * Promises to matchers. The id of the first candidate says what is looked at. */
#include "promise.h"

#include "asked.h"

#include <string.h>

#define LONG_BYTES 400u
#define PARTS 3u

struct promise {
    const struct vouch_services *services;
    uint32_t asked_components;
    struct vouch_component components[PARTS];
};

static enum vouch_answer create(const struct vouch_services *services, const union vouch_setting_value *values,
                                void **self)
{
    (void)values;
    struct promise *promise = services->alloc(services, sizeof *promise);
    if (promise == NULL) {
        return VOUCH_ANSWER_FAILED;
    }
    promise->services = services;
    promise->components[0] = (struct vouch_component){"first", VOUCH_COMPONENT_WEIGHT_MAX, 0};
    promise->components[1] = (struct vouch_component){"of thirty-one bytes, as allowed", 0, 0};
    promise->components[2] = (struct vouch_component){"third", 1, 0};
    *self = promise;
    return VOUCH_ANSWER_DONE;
}

static const struct vouch_component *components(void *self, uint32_t *count)
{
    struct promise *promise = self;
    promise->asked_components++;
    *count = PARTS;
    return promise->components;
}

static int is_list(const struct vouch_tags *tags)
{
    size_t i = 0;
    while (i < tags->count && tags->items[i] != NULL) {
        i++;
    }
    return i == tags->count;
}

static enum vouch_answer look_at_need(const struct vouch_services *services, const struct vouch_need *need)
{
    PROMISE(services, need->size == sizeof *need && need->reserved == 0);
    PROMISE(services, is_list(&need->issues) && need->issues.count <= 64);
    PROMISE(services, need->text != NULL && need->industry != NULL && need->function != NULL);
    PROMISE(services, need->city != NULL && need->region != NULL && need->country != NULL);
    return VOUCH_ANSWER_DONE;
}

static enum vouch_answer look_at_candidate(const struct vouch_services *services,
                                           const struct vouch_candidate *candidate)
{
    PROMISE(services, candidate->id != 0 && candidate->reserved[0] == 0 && candidate->reserved[1] == 0);
    PROMISE(services, is_list(&candidate->issues) && is_list(&candidate->industries));
    PROMISE(services, is_list(&candidate->functions) && is_list(&candidate->countries));
    PROMISE(services, candidate->city != NULL && candidate->region != NULL && candidate->country != NULL);
    return VOUCH_ANSWER_DONE;
}

static enum vouch_answer look_around(const struct promise *promise, const struct vouch_match_request *request,
                                     const struct vouch_match_result *result)
{
    const struct vouch_services *services = promise->services;
    size_t scores = (size_t)result->candidate_count * result->component_count;
    PROMISE(services, promise_thread() == promise_first_thread());
    PROMISE(services, promise->asked_components == 1);
    PROMISE(services, request->size == sizeof *request && result->size == sizeof *result);
    PROMISE(services, request->candidate_count >= 1 && request->candidate_count <= VOUCH_CANDIDATES_MAX);
    PROMISE(services, request->candidate_total >= request->candidate_count);
    PROMISE(services, result->candidate_count == request->candidate_count && result->component_count == PARTS);
    PROMISE(services, memcmp(result->components, promise->components, sizeof promise->components) == 0);
    PROMISE(services, promise_all(result->scores, scores * sizeof *result->scores, 0));
    enum vouch_answer answer = look_at_need(services, request->need);
    for (uint32_t i = 0; i < request->candidate_count && answer == VOUCH_ANSWER_DONE; i++) {
        answer = look_at_candidate(services, &request->candidates[i]);
    }
    return answer;
}

/* Reasons from services->alloc, longer than is shown, and not UTF-8 in the middle. */
static enum vouch_answer give_reasons(const struct vouch_services *services, struct vouch_component_score *scores)
{
    char *text = services->alloc(services, LONG_BYTES);
    PROMISE(services, text != NULL);
    memset(text, 'w', LONG_BYTES - 1);
    scores[0] = (struct vouch_component_score){VOUCH_PPM, 1, text};
    scores[1] = (struct vouch_component_score){0, 1, "in z\xc3\xbcrich\xff and more"};
    scores[2] = (struct vouch_component_score){0, 0, "not known"};
    return VOUCH_ANSWER_DONE;
}

static enum vouch_answer match(void *self, const struct vouch_match_request *request, struct vouch_match_result *result)
{
    const struct promise *promise = self;
    enum vouch_answer answer = look_around(promise, request, result);
    if (answer != VOUCH_ANSWER_DONE) {
        return answer;
    }
    for (uint32_t i = 0; i < result->candidate_count * PARTS; i++) {
        result->scores[i] = (struct vouch_component_score){i % PARTS, 1, NULL};
    }
    if (request->candidates[0].id == ASKED_LARGE) {
        result->scores[0] = (struct vouch_component_score){VOUCH_PPM + 1, 0, NULL};
    }
    return request->candidates[0].id == ASKED_WHY ? give_reasons(promise->services, result->scores) : VOUCH_ANSWER_DONE;
}

static const struct vouch_matcher_plugin matcher = {sizeof matcher, components, match};

const struct vouch_plugin_descriptor vouch_plugin = {
    .size = sizeof vouch_plugin,
    .abi = VOUCH_PLUGIN_ABI,
    .kind = VOUCH_KIND_MATCHER,
    .name = "promise-matcher",
    .version = "1.0.0",
    .summary = "looks whether promises are kept",
    .create = create,
    .matcher = &matcher,
};
