/* SPDX-License-Identifier: Apache-2.0
 *
 * What needs a plugin's advice: weights for a referral that is about to be won. (Matching is in advise_match.c.) Runs
 * on the plugin instance's own thread. */
#include "base/check.h"
#include "domain/attribution.h"
#include "plugin/plugin.h"
#include "query/parts.h"

#include <string.h>

#define WINDOW_DAYS 180

_Static_assert((int)TOUCH_INTRODUCTION == (int)VOUCH_TOUCH_INTRODUCTION && (int)TOUCH_VOUCH == (int)VOUCH_TOUCH_VOUCH,
               "touch kinds are those of the plugin ABI");

static int64_t opened_ms(const Vouch__V1__Referral *referral)
{
    for (size_t i = 0; i < referral->n_steps; i++) {
        if (referral->steps[i]->verb == VERB(QUALIFY)) {
            return referral->steps[i]->time_ms;
        }
    }
    return 0;
}

static enum vouch_status ask(struct question *question, const Vouch__V1__Referral *referral,
                             const struct touch *touches, size_t count, struct plugin_call *call,
                             struct vouch_attribution_result *result)
{
    struct vouch_touch told[TOUCHES_MAX];
    CHECK(count <= TOUCHES_MAX);
    memset(told, 0, sizeof told);
    for (size_t i = 0; i < count; i++) {
        told[i].party = touches[i].party;
        told[i].sequence = touches[i].sequence;
        told[i].time_ms = touches[i].time_ms;
        told[i].kind = (uint32_t)touches[i].kind;
    }
    struct vouch_attribution_request request = {
        .size = sizeof request,
        .opened_ms = opened_ms(referral),
        .closed_ms = question->now_ms,
        .window_days = WINDOW_DAYS,
        .touch_count = (uint32_t)count,
        .touches = told,
    };
    return plugin_attribute(call, &request, question->arena, result, &question->why);
}

/* Asks whenever the referral is open, whatever its state: the snapshot may be behind the writer, who decides and who
 * compares the digest. For one that is closed or unknown there is nothing to ask: the writer refuses, or repeats the
 * first answer, which must not depend on a plugin. */
enum vouch_status advise_attribution(struct question *question, uint64_t id, struct plugin_call *call,
                                     struct advice *advice)
{
    *advice = (struct advice){.plugin = "", .plugin_version = ""};
    const Vouch__V1__Referral *referral = record_referral(question->view, id, question->arena);
    if (referral == NULL || referral->imported || !referral_state_is_open(referral->state)) {
        return VOUCH_OK;
    }
    struct touch touches[TOUCHES_MAX];
    struct vouch_attribution_result result = {.size = sizeof result};
    size_t count = touches_of(referral, touches);
    touches_digest(id, touches, count, advice->inputs_digest);
    enum vouch_status status = ask(question, referral, touches, count, call, &result);
    if (status != VOUCH_OK) {
        return status;
    }
    uint64_t *members = arena_alloc(question->arena, result.share_count * sizeof *members);
    int64_t *weights = arena_alloc(question->arena, result.share_count * sizeof *weights);
    advice->plugin = arena_strdup(question->arena, plugin_call_name(call));
    advice->plugin_version = arena_strdup(question->arena, plugin_call_version(call));
    if (members == NULL || weights == NULL || advice->plugin == NULL || advice->plugin_version == NULL) {
        return question_too_large(question);
    }
    for (size_t i = 0; i < result.share_count; i++) {
        members[i] = result.shares[i].party;
        weights[i] = result.shares[i].weight;
    }
    advice->count = result.share_count;
    advice->members = members;
    advice->weights = weights;
    return VOUCH_OK;
}
