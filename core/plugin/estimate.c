/* SPDX-License-Identifier: Apache-2.0
 *
 * The estimate call: what became of many referrals into shared memory, as paths of parties; weights with the values
 * they were made of out of it, checked. */
#include "plugin/internal.h"

#include <inttypes.h>
#include <string.h>

/* The parties stand behind the paths, where they are aligned. */
static size_t parties_at(const struct vouch_estimate_request *request)
{
    return request->path_count * sizeof(struct record_path);
}

static void write_paths(struct worker *worker, const struct vouch_estimate_request *request)
{
    struct record_path *records = (void *)worker->request.bytes;
    _Static_assert(VOUCH_PATHS_MAX * sizeof *records + VOUCH_PATH_PLACES_MAX * sizeof(uint64_t) <= WORKER_REQUEST_BYTES,
                   "the largest request fits");
    _Static_assert(VOUCH_PATH_PLACES_MAX * sizeof(struct record_estimated) <= WORKER_ANSWER_BYTES,
                   "the largest answer fits");
    for (uint32_t i = 0; i < request->path_count; i++) {
        const struct vouch_path *path = &request->paths[i];
        CHECK(path->party_count > 0 && path->first <= request->place_count &&
              path->party_count <= request->place_count - path->first);
        CHECK((path->won > 0 || path->lost > 0) && path->value >= 0);
        records[i] = (struct record_path){path->first, path->party_count, path->won, path->lost, path->value};
    }
    memcpy(worker->request.bytes + parties_at(request), request->parties,
           request->place_count * sizeof *request->parties);
}

static enum vouch_status check_counts(const struct vouch_estimate_request *request, struct status_text *why)
{
    if (request->path_count == 0 || request->place_count == 0) {
        return status_set(why, VOUCH_INVALID, "an estimate needs at least one path of at least one party");
    }
    if (request->path_count > VOUCH_PATHS_MAX || request->place_count > VOUCH_PATH_PLACES_MAX) {
        return status_set(why, VOUCH_TOO_LARGE, "an estimate takes at most %u paths of %u parties in all, not %u of %u",
                          VOUCH_PATHS_MAX, VOUCH_PATH_PLACES_MAX, request->path_count, request->place_count);
    }
    return VOUCH_OK;
}

/* One share, of which `record` is a private copy: the process can no longer change it. */
static enum vouch_status take_share(struct plugin_call *call, struct parties *parties,
                                    const struct record_estimated *record, struct vouch_estimate_share *share,
                                    struct status_text *why)
{
    enum vouch_status status = parties_name(parties, call, record->party, record->weight, "is on no path", why);
    if (status != VOUCH_OK) {
        return status;
    }
    if (record->raw_denominator <= 0 || record->raw_rounded > 1) {
        return exchange_refuse(call, why, "party %" PRIu64 " has the raw value %" PRId64 "/%" PRId64 ", rounded %u",
                               record->party, record->raw_numerator, record->raw_denominator, record->raw_rounded);
    }
    if (record->raw_numerator < 0 && record->weight > 0) {
        return exchange_refuse(call, why, "party %" PRIu64 " has the weight %" PRId64 " for a negative raw value",
                               record->party, record->weight);
    }
    *share = (struct vouch_estimate_share){.party = record->party,
                                           .weight = record->weight,
                                           .raw_numerator = record->raw_numerator,
                                           .raw_denominator = record->raw_denominator,
                                           .raw_rounded = record->raw_rounded};
    return VOUCH_OK;
}

static enum vouch_status take_shares(struct plugin_call *call, struct parties *parties, uint32_t count,
                                     struct arena *arena, struct vouch_estimate_result *result, struct status_text *why)
{
    const struct record_estimated *records = arena_memdup(arena, call->worker->answer.bytes, count * sizeof *records);
    struct vouch_estimate_share *shares = arena_alloc(arena, count * sizeof *shares);
    if (count > 0 && (records == NULL || shares == NULL)) {
        return status_set(why, VOUCH_TOO_LARGE, "no memory left in the request for %u shares", count);
    }
    enum vouch_status status = VOUCH_OK;
    for (uint32_t i = 0; status == VOUCH_OK && i < count; i++) {
        status = take_share(call, parties, &records[i], &shares[i], why);
    }
    *result = (struct vouch_estimate_result){sizeof *result, count, count, shares};
    return status;
}

enum vouch_status plugin_estimate(struct plugin_call *call, const struct vouch_estimate_request *request,
                                  struct arena *arena, struct vouch_estimate_result *result, struct status_text *why)
{
    Vouch__V1__ToWorker__Call message = VOUCH__V1__TO_WORKER__CALL__INIT;
    Vouch__V1__ToWorker__Estimate estimate = VOUCH__V1__TO_WORKER__ESTIMATE__INIT;
    Vouch__V1__FromWorker__Answer answer;
    struct parties parties;
    enum vouch_status status = check_counts(request, why);
    if (status != VOUCH_OK) {
        return status;
    }
    if (!parties_make(&parties, request->parties, request->place_count, arena)) {
        return status_set(why, VOUCH_TOO_LARGE, "no memory left in the request for %u parties", request->place_count);
    }
    if (call->worker != NULL) {
        write_paths(call->worker, request);
    }
    estimate.from_ms = request->from_ms;
    estimate.until_ms = request->until_ms;
    estimate.currency = (char *)(uintptr_t)request->currency;
    estimate.path_count = request->path_count;
    estimate.parties = (uint32_t)parties_at(request);
    estimate.place_count = request->place_count;
    estimate.party_count = parties.count;
    message.body_case = VOUCH__V1__TO_WORKER__CALL__BODY_ESTIMATE;
    message.estimate = &estimate;
    status = exchange_call(call, &message, &answer, why);
    if (status != VOUCH_OK) {
        return status;
    }
    if (answer.count > parties.count) {
        return exchange_refuse(call, why, "%u shares for %u parties", answer.count, parties.count);
    }
    return take_shares(call, &parties, answer.count, arena, result, why);
}
