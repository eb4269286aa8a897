/* SPDX-License-Identifier: Apache-2.0
 *
 * Who makes referrals succeed: the history of a time is told to an attribution plugin that estimates, and its weights
 * are answered with what they were made of. Nothing is recorded or paid by it; the digest of the history says what the
 * weights are of. Runs on the plugin instance's own thread. */
#include "base/check.h"
#include "domain/money.h"
#include "query/history.h"

#include <stdlib.h>
#include <string.h>

/* More shares than this do not go into an answer; proto/fields.def says the same. */
#define SHARES_MAX 1000

static enum vouch_status take_question(struct question *question, const Vouch__V1__CommissionEstimate *asked,
                                       struct history *history)
{
    *history = (struct history){.currency = asked->currency,
                                .from_ms = asked->from_ms,
                                .until_ms = asked->until_ms == 0 ? question->now_ms + 1 : asked->until_ms,
                                .imported = asked->imported};
    if (currency_exponent(asked->currency) < 0) {
        return status_set(&question->why, VOUCH_INVALID,
                          "%s is no currency that amounts can be exact in (ISO 4217, in capitals)", asked->currency);
    }
    if (history->from_ms >= history->until_ms) {
        return status_set(&question->why, VOUCH_INVALID, "the time to look at ends before it begins");
    }
    return VOUCH_OK;
}

static enum vouch_status take_history(struct question *question, struct history *history)
{
    enum vouch_status status = history_make(question, history);
    if (status == VOUCH_OK && history->ways == NULL) {
        return status_set(&question->why, VOUCH_NOT_FOUND, "no referral%s was won or lost in that time",
                          history->imported ? "" : " of this broker");
    }
    if (status == VOUCH_OK && HASH_COUNT(history->parties) > SHARES_MAX) {
        return status_set(&question->why, VOUCH_TOO_LARGE,
                          "%u parties were involved, and an answer holds %d; ask about a shorter time",
                          HASH_COUNT(history->parties), SHARES_MAX);
    }
    return status;
}

static const struct party_history *party_of(const struct history *history, uint64_t party)
{
    const struct party_history *found;
    HASH_FIND(hh, history->parties, &party, sizeof party, found);
    CHECK(found != NULL);
    return found;
}

/* The pool over the weights; all of it is the house's, and no share gets anything, where nobody has one. */
static bool divide(struct question *question, const struct history *history, int64_t pool,
                   const Vouch__V1__Estimate *estimate)
{
    struct money_part *parts = arena_alloc(question->arena, (estimate->n_shares + 1) * sizeof *parts);
    if (parts == NULL) {
        return false;
    }
    for (size_t i = 0; i < estimate->n_shares; i++) {
        const Vouch__V1__Estimate__Share *share = estimate->shares[i];
        parts[i] = (struct money_part){share->member, party_of(history, share->member)->first_sequence, share->weight,
                                       0};
    }
    if (money_allocate(pool, parts, estimate->n_shares)) {
        for (size_t i = 0; i < estimate->n_shares; i++) {
            estimate->shares[i]->minor = parts[i].minor;
        }
    }
    return true;
}

static int compare_shares(const void *left, const void *right)
{
    const Vouch__V1__Estimate__Share *a = *(Vouch__V1__Estimate__Share *const *)left;
    const Vouch__V1__Estimate__Share *b = *(Vouch__V1__Estimate__Share *const *)right;
    return a->weight != b->weight ? (a->weight < b->weight) - (a->weight > b->weight)
                                  : (a->member > b->member) - (a->member < b->member);
}

static bool add_shares(struct question *question, const struct history *history,
                       const struct vouch_estimate_result *result, Vouch__V1__Estimate *estimate)
{
    estimate->shares = arena_alloc(question->arena, (result->share_count + 1) * sizeof *estimate->shares);
    for (uint32_t i = 0; estimate->shares != NULL && i < result->share_count; i++) {
        const struct vouch_estimate_share *from = &result->shares[i];
        Vouch__V1__Estimate__Share *share = question_message(question, &vouch__v1__estimate__share__descriptor);
        if (share == NULL) {
            return false;
        }
        const struct party_history *party = party_of(history, from->party);
        share->member = from->party;
        share->name = question_name(question, TABLE_MEMBER, from->party);
        share->weight = from->weight;
        share->raw_numerator = from->raw_numerator;
        share->raw_denominator = from->raw_denominator;
        share->raw_rounded = from->raw_rounded != 0;
        share->won = party->won;
        share->lost = party->lost;
        estimate->shares[estimate->n_shares++] = share;
    }
    return estimate->shares != NULL;
}

static enum vouch_status answer(struct question *question, const Vouch__V1__CommissionEstimate *asked,
                                const struct history *history, const struct vouch_estimate_result *result,
                                const struct plugin_call *call)
{
    Vouch__V1__Estimate *estimate = question_message(question, &vouch__v1__estimate__descriptor);
    uint8_t *digest = arena_alloc(question->arena, HISTORY_DIGEST_BYTES);
    if (estimate == NULL || digest == NULL || !add_shares(question, history, result, estimate) ||
        !divide(question, history, asked->pool_minor, estimate)) {
        return question_too_large(question);
    }
    qsort(estimate->shares, estimate->n_shares, sizeof *estimate->shares, compare_shares);
    history_digest(history, digest);
    estimate->digest = (ProtobufCBinaryData){HISTORY_DIGEST_BYTES, digest};
    estimate->plugin = arena_strdup(question->arena, plugin_call_name(call));
    estimate->plugin_version = arena_strdup(question->arena, plugin_call_version(call));
    estimate->currency = asked->currency;
    estimate->paths = HASH_COUNT(history->ways);
    estimate->won = history->won;
    estimate->lost = history->lost;
    estimate->value_minor = history->value;
    estimate->other_currency = history->other_currency;
    estimate->from_ms = history->from_ms;
    estimate->until_ms = history->until_ms;
    estimate->pool_minor = asked->pool_minor;
    if (estimate->plugin == NULL || estimate->plugin_version == NULL) {
        return question_too_large(question);
    }
    question->reply->result_case = RESULT(ESTIMATE);
    question->reply->estimate = estimate;
    return VOUCH_OK;
}

static enum vouch_status ask(struct question *question, const struct history *history, struct plugin_call *call,
                             struct vouch_estimate_result *result)
{
    struct vouch_estimate_request request;
    if (!history_request(question, history, &request)) {
        return question_too_large(question);
    }
    return plugin_estimate(call, &request, question->arena, result, &question->why);
}

enum vouch_status advise_estimate(struct question *question, const Vouch__V1__Request *request,
                                  struct plugin_call *call)
{
    const Vouch__V1__CommissionEstimate *asked = request->commission_estimate;
    struct history history;
    struct vouch_estimate_result result = {.size = sizeof result};
    enum vouch_status status = take_question(question, asked, &history);
    if (status != VOUCH_OK) {
        return status;
    }
    status = take_history(question, &history);
    if (status == VOUCH_OK) {
        status = ask(question, &history, call, &result);
    }
    if (status == VOUCH_OK) {
        status = answer(question, asked, &history, &result, call);
    }
    history_free(&history);
    return status;
}
