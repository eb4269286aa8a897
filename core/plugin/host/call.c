/* SPDX-License-Identifier: Apache-2.0
 *
 * One call: records in shared memory become the structs of vouch_plugin.h, the plugin runs, and what it filled in
 * becomes records again. The broker checks everything once more; what is checked here only makes for better sentences.
 */
#include "host.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define CANDIDATES_BYTES (VOUCH_CANDIDATES_MAX * sizeof(struct vouch_candidate))
#define SCORES_BYTES ((size_t)VOUCH_CANDIDATES_MAX * VOUCH_COMPONENTS_MAX * sizeof(struct vouch_component_score))
#define ESTIMATED_BYTES (VOUCH_PATH_PLACES_MAX * sizeof(struct vouch_estimate_share))
#define OUTPUT_BYTES (SCORES_BYTES > ESTIMATED_BYTES ? SCORES_BYTES : ESTIMATED_BYTES)

static void *private_memory(size_t size)
{
    /* Pages that are never touched cost nothing, though they count against the limit of memory. */
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

bool exchange_map(struct exchange *exchange, struct why *why)
{
    void *request = mmap(NULL, WORKER_REQUEST_BYTES, PROT_READ, MAP_SHARED, WORKER_FD_REQUEST, 0);
    void *answer = mmap(NULL, WORKER_ANSWER_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, WORKER_FD_ANSWER, 0);
    if (request == MAP_FAILED || answer == MAP_FAILED) {
        return why_set(why, "cannot map the shared memory: %s", strerror(errno));
    }
    exchange->request = request;
    exchange->answer = answer;
    exchange->touches = private_memory(VOUCH_TOUCHES_MAX * sizeof(struct vouch_touch));
    exchange->paths = private_memory(VOUCH_PATHS_MAX * sizeof(struct vouch_path));
    exchange->candidates = private_memory(CANDIDATES_BYTES);
    exchange->texts = private_memory(WORKER_TAGS_MAX * sizeof(char *));
    return (exchange->touches != NULL && exchange->paths != NULL && exchange->candidates != NULL &&
            exchange->texts != NULL && guarded_new(&exchange->output, OUTPUT_BYTES)) ||
           why_set(why, "no memory to serve: the limit is too small");
}

/* How a call of the plugin ended, in the answer; true when there is a result to hand over. */
static bool take_answer(struct instance *instance, enum vouch_answer code, Vouch__V1__FromWorker__Answer *answer,
                        struct why *why)
{
    if ((unsigned)code > VOUCH_ANSWER_FAILED) {
        return why_set(why, "it answered with the unknown code %d", (int)code);
    }
    answer->code = (Vouch__V1__FromWorker__Code)code;
    answer->why = code == VOUCH_ANSWER_DONE ? "" : instance->said.text;
    return true;
}

/* A plugin of ABI 1.0 knows of no modes: whatever it left there, its weights divide a pool. */
static uint32_t share_mode(const struct vouch_plugin_descriptor *descriptor,
                           const struct vouch_attribution_result *result)
{
    return (descriptor->abi & 0xFFFF) >= 1 ? result->mode : (uint32_t)VOUCH_SHARES_INSIDE;
}

bool call_attribute(struct exchange *exchange, struct instance *instance, const Vouch__V1__ToWorker__Attribute *call,
                    Vouch__V1__FromWorker__Answer *answer, struct why *why)
{
    if (!attribution_attribute(instance->descriptor->attribution)) {
        answer->code = VOUCH__V1__FROM_WORKER__CODE__UNSUPPORTED;
        answer->why = "it estimates over history and has no weights for one deal; use `vouch commission estimate`";
        return true;
    }
    const struct record_touch *records = (const void *)(exchange->request + call->touches);
    for (uint32_t i = 0; i < call->touch_count; i++) {
        exchange->touches[i] = (struct vouch_touch){.party = records[i].party,
                                                    .sequence = records[i].sequence,
                                                    .time_ms = records[i].time_ms,
                                                    .kind = records[i].kind,
                                                    .flags = records[i].flags};
    }
    const struct vouch_attribution_request request = {
        .size = sizeof request,
        .opened_ms = call->opened_ms,
        .closed_ms = call->closed_ms,
        .window_days = call->window_days,
        .touch_count = call->touch_count,
        .touches = exchange->touches,
    };
    struct vouch_attribution_result result = {
        .size = sizeof result,
        .capacity = call->touch_count,
        .shares = guarded_take(&exchange->output, call->touch_count * sizeof(struct vouch_share)),
    };
    const struct vouch_share *shares = result.shares;
    enum vouch_answer code = instance->descriptor->attribution->attribute(instance->self, &request, &result);
    if (!take_answer(instance, code, answer, why)) {
        return false;
    }
    if (code != VOUCH_ANSWER_DONE) {
        return true;
    }
    if (result.share_count > call->touch_count) {
        return why_set(why, "it counts %u shares where %u fit", result.share_count, call->touch_count);
    }
    answer->count = result.share_count;
    answer->mode = share_mode(instance->descriptor, &result);
    struct record_share *out = (void *)exchange->answer;
    for (uint32_t i = 0; i < result.share_count; i++) {
        out[i] = (struct record_share){shares[i].party, shares[i].weight};
    }
    return true;
}

/* Paths get the room to grow that the records do without; parties are read where they are. */
static enum vouch_answer run_estimate(struct exchange *exchange, struct instance *instance,
                                      const Vouch__V1__ToWorker__Estimate *call, struct vouch_estimate_result *result)
{
    const struct record_path *records = (const void *)(exchange->request + call->paths);
    for (uint32_t i = 0; i < call->path_count; i++) {
        exchange->paths[i] = (struct vouch_path){.first = records[i].first,
                                                 .party_count = records[i].party_count,
                                                 .won = records[i].won,
                                                 .lost = records[i].lost,
                                                 .value = records[i].value};
    }
    const struct vouch_estimate_request request = {
        .size = sizeof request,
        .from_ms = call->from_ms,
        .until_ms = call->until_ms,
        .currency = call->currency,
        .path_count = call->path_count,
        .place_count = call->place_count,
        .paths = exchange->paths,
        .parties = (const void *)(exchange->request + call->parties),
    };
    return instance->descriptor->attribution->estimate(instance->self, &request, result);
}

bool call_estimate(struct exchange *exchange, struct instance *instance, const Vouch__V1__ToWorker__Estimate *call,
                   Vouch__V1__FromWorker__Answer *answer, struct why *why)
{
    if (!attribution_estimate(instance->descriptor->attribution)) {
        answer->code = VOUCH__V1__FROM_WORKER__CODE__UNSUPPORTED;
        answer->why = "it gives weights for one deal and does not estimate over history; shapley and markov do";
        return true;
    }
    struct vouch_estimate_result result = {
        .size = sizeof result,
        .capacity = call->party_count,
        .shares = guarded_take(&exchange->output, call->party_count * sizeof(struct vouch_estimate_share)),
    };
    const struct vouch_estimate_share *shares = result.shares;
    enum vouch_answer code = run_estimate(exchange, instance, call, &result);
    if (!take_answer(instance, code, answer, why)) {
        return false;
    }
    if (code != VOUCH_ANSWER_DONE) {
        return true;
    }
    if (result.share_count > call->party_count) {
        return why_set(why, "it counts %u shares where %u fit", result.share_count, call->party_count);
    }
    answer->count = result.share_count;
    struct record_estimated *out = (void *)exchange->answer;
    for (uint32_t i = 0; i < result.share_count; i++) {
        out[i] = (struct record_estimated){shares[i].party,           shares[i].weight,      shares[i].raw_numerator,
                                           shares[i].raw_denominator, shares[i].raw_rounded, 0};
    }
    return true;
}

/* Tags of one list, taken from the batch's store of texts. */
static struct vouch_tags tags_at(const struct exchange *exchange, struct record_list list, size_t *used)
{
    const uint32_t *positions = (const void *)(exchange->request + list.at);
    const char **items = exchange->texts + *used;
    for (uint32_t i = 0; i < list.count; i++) {
        items[i] = (const char *)exchange->request + positions[i];
    }
    *used += list.count;
    return (struct vouch_tags){items, list.count};
}

static void read_candidates(struct exchange *exchange, uint32_t at, uint32_t count)
{
    const struct record_candidate *records = (const void *)(exchange->request + at);
    const char *base = (const char *)exchange->request;
    size_t used = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct record_candidate *record = &records[i];
        exchange->candidates[i] = (struct vouch_candidate){
            .id = record->id,
            .issues = tags_at(exchange, record->issues, &used),
            .industries = tags_at(exchange, record->industries, &used),
            .functions = tags_at(exchange, record->functions, &used),
            .countries = tags_at(exchange, record->countries, &used),
            .city = base + record->city,
            .region = base + record->region,
            .country = base + record->country,
            .size_min = record->size_min,
            .size_max = record->size_max,
            .tie_ppm = record->tie_ppm,
            .tie_known = record->tie_known,
            .segment_won = record->segment_won,
            .segment_closed = record->segment_closed,
        };
    }
}

/* Scores with their texts behind them; a text that does not fit any more is left out. */
static void write_scores(struct exchange *exchange, const struct vouch_component_score *scores, size_t count)
{
    struct record_score *out = (void *)exchange->answer;
    size_t at = count * sizeof *out;
    for (size_t i = 0; i < count; i++) {
        out[i] = (struct record_score){scores[i].x_ppm, scores[i].known, 0};
        if (scores[i].why == NULL) {
            continue;
        }
        size_t length = strnlen(scores[i].why, VOUCH_WHY_MAX);
        if (length > 0 && length < WORKER_ANSWER_BYTES - at) {
            memcpy(exchange->answer + at, scores[i].why, length);
            exchange->answer[at + length] = '\0';
            out[i].why = (uint32_t)at;
            at += length + 1;
        }
    }
}

static enum vouch_answer run_matcher(const struct exchange *exchange, struct instance *instance,
                                     const Vouch__V1__ToWorker__Match *call, struct vouch_match_result *result)
{
    const char **issues = instance->services.alloc(&instance->services, call->n_issues * sizeof(char *));
    uint32_t *issue_candidates = instance->services.alloc(&instance->services, call->n_issues * sizeof(uint32_t));
    if (issues == NULL || issue_candidates == NULL) {
        return VOUCH_ANSWER_FAILED;
    }
    for (size_t i = 0; i < call->n_issues; i++) {
        issues[i] = call->issues[i]->name;
        issue_candidates[i] = call->issues[i]->candidates;
    }
    const struct vouch_need need = {
        .size = sizeof need,
        .issues = {issues, call->n_issues},
        .issue_candidates = issue_candidates,
        .text = call->text,
        .industry = call->industry,
        .function = call->function,
        .city = call->city,
        .region = call->region,
        .country = call->country,
        .size_band = call->size_band,
    };
    const struct vouch_match_request request = {
        .size = sizeof request,
        .need = &need,
        .candidate_total = call->candidate_total,
        .candidate_count = call->candidate_count,
        .candidate_issues = call->candidate_issues,
        .candidates = exchange->candidates,
    };
    return instance->descriptor->matcher->match(instance->self, &request, result);
}

bool call_match(struct exchange *exchange, struct instance *instance, const Vouch__V1__ToWorker__Match *call,
                Vouch__V1__FromWorker__Answer *answer, struct why *why)
{
    size_t score_count = (size_t)call->candidate_count * instance->component_count;
    struct vouch_match_result result = {
        .size = sizeof result,
        .candidate_count = call->candidate_count,
        .component_count = instance->component_count,
        .components = instance->components,
        .scores = guarded_take(&exchange->output, score_count * sizeof(struct vouch_component_score)),
    };
    const struct vouch_component_score *scores = result.scores;
    read_candidates(exchange, call->candidates, call->candidate_count);
    enum vouch_answer code = run_matcher(exchange, instance, call, &result);
    if (!take_answer(instance, code, answer, why)) {
        return false;
    }
    if (code == VOUCH_ANSWER_DONE) {
        write_scores(exchange, scores, score_count);
        answer->count = call->candidate_count;
    }
    return true;
}
