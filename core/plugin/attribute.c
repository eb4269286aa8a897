/* SPDX-License-Identifier: Apache-2.0
 *
 * The attribution call: touches into shared memory, weights and how to pay them out of it, checked. */
#include "plugin/internal.h"

#include <inttypes.h>

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
    struct parties parties;
    uint64_t *ids = arena_alloc(arena, (size_t)request->touch_count * sizeof *ids);
    for (uint32_t i = 0; ids != NULL && i < request->touch_count; i++) {
        ids[i] = request->touches[i].party;
    }
    if (ids == NULL || !parties_make(&parties, ids, request->touch_count, arena)) {
        return status_set(why, VOUCH_TOO_LARGE, "no memory left in the request for %u shares", count);
    }
    enum vouch_status status = VOUCH_OK;
    for (uint32_t i = 0; status == VOUCH_OK && i < count; i++) {
        status = parties_name(&parties, call, shares[i].party, shares[i].weight, "has no touch", why);
    }
    return status;
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
