/* SPDX-License-Identifier: Apache-2.0
 *
 * What needs a plugin's advice: weights for a referral that is about to be won. (Matching is in advise_match.c.) Runs
 * on the plugin instance's own thread. */
#include "base/check.h"
#include "decide/terms_choice.h"
#include "domain/attribution.h"
#include "plugin/plugin.h"
#include "query/parts.h"

#include <string.h>

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

static enum vouch_status ask(struct question *question, const struct attribution_case *of, struct plugin_call *call,
                             struct vouch_attribution_result *result)
{
    struct vouch_touch told[TOUCHES_MAX];
    CHECK(of->touch_count <= TOUCHES_MAX);
    memset(told, 0, sizeof told);
    for (size_t i = 0; i < of->touch_count; i++) {
        told[i].party = of->touches[i].party;
        told[i].sequence = of->touches[i].sequence;
        told[i].time_ms = of->touches[i].time_ms;
        told[i].kind = (uint32_t)of->touches[i].kind;
    }
    struct vouch_attribution_request request = {
        .size = sizeof request,
        .opened_ms = opened_ms(of->referral),
        .closed_ms = of->closed_ms,
        .window_days = of->window_days,
        .touch_count = (uint32_t)of->touch_count,
        .touches = told,
    };
    return plugin_attribute(call, &request, question->arena, result, &question->why);
}

enum vouch_status attribution_ask(struct question *question, const struct attribution_case *of,
                                  struct plugin_call *call, struct advice *advice)
{
    struct vouch_attribution_result result = {.size = sizeof result};
    touches_digest(of->referral->id, of->touches, of->touch_count, advice->inputs_digest);
    enum vouch_status status = of->touch_count == 0 ? VOUCH_OK : ask(question, of, call, &result);
    if (status != VOUCH_OK) {
        return status;
    }
    uint64_t *members = arena_alloc(question->arena, (result.share_count + 1) * sizeof *members);
    int64_t *weights = arena_alloc(question->arena, (result.share_count + 1) * sizeof *weights);
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
    advice->overrides = result.mode == VOUCH_SHARES_OVERRIDE;
    return VOUCH_OK;
}

/* Asks whenever the referral is open, whatever its state: the snapshot may be behind the writer, who decides and who
 * compares the digest. For one that is closed or unknown there is nothing to ask: the writer refuses, or repeats the
 * first answer, which must not depend on a plugin. Nor is there where the terms agreed who shares. */
enum vouch_status advise_attribution(struct question *question, const Vouch__V1__ReferralMove *asked,
                                     struct plugin_call *call, struct advice *advice)
{
    struct terms_choice choice;
    struct touch all[TOUCHES_MAX];
    struct attribution_case of = {.closed_ms = question->now_ms};
    *advice = (struct advice){.plugin = "", .plugin_version = ""};
    of.referral = record_referral(question->view, asked->referral, question->arena);
    if (of.referral == NULL || of.referral->imported || !referral_state_is_open(of.referral->state)) {
        return VOUCH_OK;
    }
    if (!terms_choose(question->view, question->policy, of.referral, asked->value == NULL ? "" : asked->value->currency,
                      question->now_ms, question->arena, &choice)) {
        return question_too_large(question);
    }
    if (choice.terms.split_count > 0) {
        return VOUCH_OK;
    }
    of.window_days = (uint32_t)choice.terms.window_days;
    of.touch_count = touches_eligible(of.referral, all, touches_of(of.referral, all), choice.terms.window_days,
                                      of.closed_ms, of.touches);
    return attribution_ask(question, &of, call, advice);
}
