/* SPDX-License-Identifier: Apache-2.0
 *
 * The attribution call: touches into shared memory, weights out of it, and the checks that make a proposal acceptable:
 * parties that were asked about, each once, weights that are not negative and whose sum is bounded. */
#include "plugin/internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int compare_parties(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static enum vouch_status write_touches(struct worker *worker, const struct vouch_attribution_request *request,
                                       struct status_text *why)
{
    if (request->touch_count < 1 || request->touch_count > VOUCH_TOUCHES_MAX) {
        return status_set(why, VOUCH_INVALID, "an attribution needs 1 to %u touches, not %u", VOUCH_TOUCHES_MAX,
                          request->touch_count);
    }
    struct record_touch *records = (void *)worker->request.bytes;
    for (uint32_t i = 0; i < request->touch_count; i++) {
        const struct vouch_touch *touch = &request->touches[i];
        records[i] = (struct record_touch){touch->party, touch->sequence, touch->time_ms, touch->kind, touch->flags};
    }
    return VOUCH_OK;
}

/* `shares` is a private copy: the process can no longer change it. */
static enum vouch_status check_shares(struct plugin_call *call, const struct vouch_attribution_request *request,
                                      const struct vouch_share *shares, uint32_t count, struct arena *arena,
                                      struct status_text *why)
{
    uint64_t *parties = arena_alloc(arena, (size_t)request->touch_count * sizeof *parties);
    bool *seen = arena_alloc(arena, request->touch_count * sizeof *seen);
    if (parties == NULL || seen == NULL) {
        return status_set(why, VOUCH_TOO_LARGE, "no memory left in the request for %u shares", count);
    }
    for (uint32_t i = 0; i < request->touch_count; i++) {
        parties[i] = request->touches[i].party;
    }
    qsort(parties, request->touch_count, sizeof *parties, compare_parties);
    size_t distinct = 0;
    for (uint32_t i = 0; i < request->touch_count; i++) {
        if (i == 0 || parties[i] != parties[i - 1]) {
            parties[distinct++] = parties[i];
        }
    }
    int64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t *party = bsearch(&shares[i].party, parties, distinct, sizeof *parties, compare_parties);
        if (party == NULL) {
            return exchange_refuse(call, why, "party %" PRIu64 " has no touch", shares[i].party);
        }
        if (seen[party - parties]) {
            return exchange_refuse(call, why, "party %" PRIu64 " is there twice", shares[i].party);
        }
        seen[party - parties] = true;
        if (shares[i].weight < 0) {
            return exchange_refuse(call, why, "party %" PRIu64 " has the negative weight %" PRId64, shares[i].party,
                                   shares[i].weight);
        }
        if (__builtin_add_overflow(sum, shares[i].weight, &sum) || sum > VOUCH_WEIGHT_SUM_MAX) {
            return exchange_refuse(call, why, "the sum of the weights is above 2^62");
        }
    }
    return VOUCH_OK;
}

/* Beside the pool, nobody is paid more than the whole of it. */
static enum vouch_status check_mode(struct plugin_call *call, uint32_t mode, const struct vouch_share *shares,
                                    uint32_t count, struct status_text *why)
{
    if (mode > VOUCH_SHARES_OVERRIDE) {
        return exchange_refuse(call, why, "shares in the unknown mode %" PRIu32, mode);
    }
    for (uint32_t i = 0; mode == VOUCH_SHARES_OVERRIDE && i < count; i++) {
        if (shares[i].weight > VOUCH_OVERRIDE_WHOLE) {
            return exchange_refuse(call, why, "party %" PRIu64 " has the override weight %" PRId64 ", above 2^32",
                                   shares[i].party, shares[i].weight);
        }
    }
    return VOUCH_OK;
}

enum vouch_status plugin_attribute(struct plugin_call *call, const struct vouch_attribution_request *request,
                                   struct arena *arena, struct vouch_attribution_result *result,
                                   struct status_text *why)
{
    Vouch__V1__ToWorker__Call message = VOUCH__V1__TO_WORKER__CALL__INIT;
    Vouch__V1__ToWorker__Attribute attribute = VOUCH__V1__TO_WORKER__ATTRIBUTE__INIT;
    Vouch__V1__FromWorker__Answer answer;
    if (call->worker != NULL) {
        enum vouch_status status = write_touches(call->worker, request, why);
        if (status != VOUCH_OK) {
            return status;
        }
    }
    attribute.opened_ms = request->opened_ms;
    attribute.closed_ms = request->closed_ms;
    attribute.window_days = request->window_days;
    attribute.touch_count = request->touch_count;
    message.body_case = VOUCH__V1__TO_WORKER__CALL__BODY_ATTRIBUTE;
    message.attribute = &attribute;
    enum vouch_status status = exchange_call(call, &message, &answer, why);
    if (status != VOUCH_OK) {
        return status;
    }
    if (answer.count > request->touch_count) {
        return exchange_refuse(call, why, "%u shares for %u touches", answer.count, request->touch_count);
    }
    struct vouch_share *shares = arena_memdup(arena, call->worker->answer.bytes, answer.count * sizeof *shares);
    if (shares == NULL && answer.count > 0) {
        return status_set(why, VOUCH_TOO_LARGE, "no memory left in the request for %u shares", answer.count);
    }
    status = check_shares(call, request, shares, answer.count, arena, why);
    if (status == VOUCH_OK) {
        status = check_mode(call, answer.mode, shares, answer.count, why);
    }
    *result = (struct vouch_attribution_result){
        .size = sizeof *result,
        .capacity = answer.count,
        .share_count = answer.count,
        .shares = shares,
        .mode = answer.mode,
    };
    return status;
}

_Static_assert(sizeof(struct vouch_share) == sizeof(struct record_share), "shares are copied as they are");
