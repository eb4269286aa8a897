/* SPDX-License-Identifier: Apache-2.0
 *
 * The match call: a question of any number of candidates becomes batches in shared memory, and the scores that come
 * back are copied once and then checked. Tags and places are folded to lower case on the way, and counts over all
 * candidates go with every batch, so that neither spelling nor batching changes an answer. */
#include "plugin/internal.h"

#include "base/limits.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <string.h>

#define NEED_ISSUES_MAX 64
#define TEXT_BYTES_MAX 2000 /* longer ones are cut; the wire allows no longer ones */

static unsigned char fold(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + ('a' - 'A')) : c;
}

static bool same_tag(const char *left, const char *right)
{
    while (*left != '\0' && fold((unsigned char)*left) == fold((unsigned char)*right)) {
        left++;
        right++;
    }
    return fold((unsigned char)*left) == fold((unsigned char)*right);
}

/* ---- the question ---- */

struct question {
    const struct vouch_match_request *request;
    Vouch__V1__ToWorker__Match match;
    Vouch__V1__ToWorker__Match__Issue issues[NEED_ISSUES_MAX];
    Vouch__V1__ToWorker__Match__Issue *issue_pointers[NEED_ISSUES_MAX];
};

static char *folded_copy(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text == NULL ? "" : text);
    for (char *c = copy; c != NULL && *c != '\0'; c++) {
        *c = (char)fold((unsigned char)*c);
    }
    return copy;
}

static bool has_tag(struct vouch_tags tags, const char *tag)
{
    for (size_t i = 0; i < tags.count; i++) {
        if (same_tag(tags.items[i], tag)) {
            return true;
        }
    }
    return false;
}

static uint32_t count_candidates(const struct vouch_match_request *request, const char *issue)
{
    uint32_t count = 0;
    for (uint32_t c = 0; c < request->candidate_count; c++) {
        count += has_tag(request->candidates[c].issues, issue);
    }
    return count;
}

/* Each issue once, with the number of candidates that name it: as the caller counted, or counted here. */
static bool prepare_issues(struct question *question, struct arena *arena)
{
    const struct vouch_match_request *request = question->request;
    struct vouch_tags wanted = request->need->issues;
    size_t count = 0;
    for (size_t i = 0; i < wanted.count; i++) {
        if (has_tag((struct vouch_tags){wanted.items, i}, wanted.items[i])) {
            continue;
        }
        Vouch__V1__ToWorker__Match__Issue *issue = &question->issues[count];
        vouch__v1__to_worker__match__issue__init(issue);
        issue->name = folded_copy(arena, wanted.items[i]);
        if (issue->name == NULL) {
            return false;
        }
        issue->candidates = request->need->issue_candidates != NULL ? request->need->issue_candidates[i]
                                                                    : count_candidates(request, issue->name);
        question->issue_pointers[count++] = issue;
    }
    question->match.issues = question->issue_pointers;
    question->match.n_issues = count;
    return true;
}

static enum vouch_status prepare(struct question *question, struct arena *arena, struct status_text *why)
{
    const struct vouch_match_request *request = question->request;
    const struct vouch_need *need = request->need;
    Vouch__V1__ToWorker__Match *match = &question->match;
    vouch__v1__to_worker__match__init(match);
    if (request->candidate_count > LIMIT_MATCH_CANDIDATES || need->issues.count > NEED_ISSUES_MAX) {
        return status_set(why, VOUCH_TOO_LARGE, "a match takes at most %d candidates and %d issues",
                          LIMIT_MATCH_CANDIDATES, NEED_ISSUES_MAX);
    }
    match->text = arena_strdup(arena, need->text == NULL ? "" : need->text);
    match->industry = folded_copy(arena, need->industry);
    match->function = folded_copy(arena, need->function);
    match->city = folded_copy(arena, need->city);
    match->region = folded_copy(arena, need->region);
    match->country = folded_copy(arena, need->country);
    match->size_band = need->size_band;
    if (need->issue_candidates != NULL) {
        CHECK(request->candidate_total >= request->candidate_count);
        match->candidate_total = request->candidate_total;
        match->candidate_issues = request->candidate_issues;
    } else {
        match->candidate_total = request->candidate_count;
        for (uint32_t i = 0; i < request->candidate_count; i++) {
            match->candidate_issues += request->candidates[i].issues.count;
        }
    }
    if (match->text == NULL || match->industry == NULL || match->function == NULL || match->city == NULL ||
        match->region == NULL || match->country == NULL || !prepare_issues(question, arena)) {
        return status_set(why, VOUCH_TOO_LARGE, "no memory left in the request for the question");
    }
    return VOUCH_OK;
}

/* ---- a batch in request memory ---- */

struct packer {
    unsigned char *bytes;
    size_t size;
    size_t at;
    size_t tags;
    bool full;
};

static uint32_t pack_text(struct packer *packer, const char *text)
{
    if (text == NULL || text[0] == '\0' || packer->full) {
        return 0; /* where an empty text is */
    }
    size_t length = strnlen(text, TEXT_BYTES_MAX);
    if (length + 1 > packer->size - packer->at) {
        packer->full = true;
        return 0;
    }
    uint32_t position = (uint32_t)packer->at;
    unsigned char *out = packer->bytes + packer->at;
    for (size_t i = 0; i < length; i++) {
        out[i] = fold((unsigned char)text[i]);
    }
    out[length] = '\0';
    packer->at += length + 1;
    return position;
}

static struct record_list pack_tags(struct packer *packer, struct vouch_tags tags)
{
    size_t start = (packer->at + 3) & ~(size_t)3;
    if (tags.count == 0 || packer->full) {
        return (struct record_list){0, 0};
    }
    if (start > packer->size || tags.count > (packer->size - start) / sizeof(uint32_t) ||
        tags.count > WORKER_TAGS_MAX - packer->tags) {
        packer->full = true;
        return (struct record_list){0, 0};
    }
    uint32_t *positions = (void *)(packer->bytes + start);
    packer->at = start + tags.count * sizeof(uint32_t);
    packer->tags += tags.count;
    for (size_t i = 0; i < tags.count; i++) {
        positions[i] = pack_text(packer, tags.items[i]);
    }
    return (struct record_list){(uint32_t)start, (uint32_t)tags.count};
}

static struct record_candidate pack_candidate(struct packer *packer, const struct vouch_candidate *candidate)
{
    return (struct record_candidate){
        .id = candidate->id,
        .issues = pack_tags(packer, candidate->issues),
        .industries = pack_tags(packer, candidate->industries),
        .functions = pack_tags(packer, candidate->functions),
        .countries = pack_tags(packer, candidate->countries),
        .city = pack_text(packer, candidate->city),
        .region = pack_text(packer, candidate->region),
        .country = pack_text(packer, candidate->country),
        .size_min = candidate->size_min,
        .size_max = candidate->size_max,
        .tie_ppm = candidate->tie_ppm,
        .tie_known = candidate->tie_known,
        .segment_won = candidate->segment_won,
        .segment_closed = candidate->segment_closed,
    };
}

/* Writes records of as many candidates as fit, at most a batch; returns how many. */
static uint32_t pack_batch(struct worker *worker, const struct vouch_candidate *candidates, uint32_t count)
{
    const size_t records_at = sizeof(uint64_t);
    uint32_t most = count < VOUCH_CANDIDATES_MAX ? count : VOUCH_CANDIDATES_MAX;
    struct record_candidate *records = (void *)(worker->request.bytes + records_at);
    struct packer packer = {worker->request.bytes, worker->request.size, records_at + most * sizeof *records, 0, false};
    memset(worker->request.bytes, 0, records_at);
    for (uint32_t i = 0; i < most; i++) {
        records[i] = pack_candidate(&packer, &candidates[i]);
        if (packer.full) {
            return i;
        }
    }
    return most;
}

/* ---- its scores ---- */

/* A text of the process: copied, cut where it stops being UTF-8 of printable characters. NULL for none. */
static const char *copy_why(const struct worker *worker, uint32_t at, size_t texts_at, struct arena *arena)
{
    char copy[VOUCH_WHY_MAX + 1];
    if (at < texts_at || at >= worker->answer.size) {
        return NULL;
    }
    size_t size = worker->answer.size - at < VOUCH_WHY_MAX ? worker->answer.size - at : VOUCH_WHY_MAX;
    memcpy(copy, worker->answer.bytes + at, size);
    /* What is looked at below is the copy; the process may still be writing to the original. */
    __asm__ volatile("" ::: "memory");
    size_t good = 0;
    uint32_t character;
    while (good < size) {
        size_t length = utf8_next((const uint8_t *)copy + good, size - good, &character);
        if (length == 0 || character < 0x20 || (character >= 0x7F && character < 0xA0)) {
            break;
        }
        good += length;
    }
    copy[good] = '\0';
    /* Without memory left the explanation goes, not the score. */
    return good == 0 ? NULL : arena_strdup(arena, copy);
}

static enum vouch_status take_scores(struct plugin_call *call, const struct vouch_candidate *candidates, uint32_t count,
                                     struct vouch_component_score *scores, struct arena *arena, struct status_text *why)
{
    const struct worker *worker = call->worker;
    size_t total = (size_t)count * worker->component_count;
    struct record_score *records = arena_memdup(arena, worker->answer.bytes, total * sizeof *records);
    if (records == NULL) {
        return status_set(why, VOUCH_TOO_LARGE, "no memory left in the request for %u candidates", count);
    }
    for (size_t i = 0; i < total; i++) {
        const struct record_score *record = &records[i];
        if (record->known > 1 || record->x_ppm > VOUCH_PPM) {
            return exchange_refuse(call, why, "component %s of candidate %" PRIu64 " is %u ppm, known %u",
                                   worker->component_names[i % worker->component_count],
                                   candidates[i / worker->component_count].id, record->x_ppm, record->known);
        }
        scores[i].known = record->known;
        scores[i].x_ppm = record->known ? record->x_ppm : 0;
        scores[i].why = copy_why(worker, record->why, total * sizeof *records, arena);
    }
    return VOUCH_OK;
}

static enum vouch_status match_batch(struct plugin_call *call, struct question *question, uint32_t first,
                                     uint32_t count, struct vouch_component_score *scores, struct arena *arena,
                                     struct status_text *why)
{
    Vouch__V1__ToWorker__Call message = VOUCH__V1__TO_WORKER__CALL__INIT;
    Vouch__V1__FromWorker__Answer answer;
    question->match.candidates = sizeof(uint64_t);
    question->match.candidate_count = count;
    message.body_case = VOUCH__V1__TO_WORKER__CALL__BODY_MATCH;
    message.match = &question->match;
    enum vouch_status status = exchange_call(call, &message, &answer, why);
    if (status != VOUCH_OK) {
        return status;
    }
    if (answer.count != count) {
        return exchange_refuse(call, why, "scores of %u candidates where %u were asked about", answer.count, count);
    }
    return take_scores(call, question->request->candidates + first, count,
                       scores + (size_t)first * call->worker->component_count, arena, why);
}

static enum vouch_status open_result(const struct worker *worker, uint32_t count, struct arena *arena,
                                     struct vouch_match_result *result, struct status_text *why)
{
    size_t components = worker->component_count;
    struct vouch_component *copies = arena_memdup(arena, worker->components, components * sizeof *copies);
    struct vouch_component_score *scores = arena_alloc(arena, count * components * sizeof *scores);
    for (size_t i = 0; copies != NULL && i < components; i++) {
        copies[i].name = arena_strdup(arena, worker->component_names[i]);
        if (copies[i].name == NULL) {
            copies = NULL;
        }
    }
    if (copies == NULL || scores == NULL) {
        return status_set(why, VOUCH_TOO_LARGE, "no memory left in the request for %u candidates", count);
    }
    *result = (struct vouch_match_result){sizeof *result, count, worker->component_count, copies, scores};
    return VOUCH_OK;
}

enum vouch_status plugin_match(struct plugin_call *call, const struct vouch_match_request *request, struct arena *arena,
                               struct vouch_match_result *result, struct status_text *why)
{
    struct question question = {.request = request};
    enum vouch_status status = prepare(&question, arena, why);
    if (status == VOUCH_OK && call->worker == NULL) {
        return match_batch(call, &question, 0, 0, NULL, arena, why); /* says why there is nobody */
    }
    if (status == VOUCH_OK) {
        status = open_result(call->worker, request->candidate_count, arena, result, why);
    }
    for (uint32_t first = 0; status == VOUCH_OK && first < request->candidate_count;) {
        uint32_t count = pack_batch(call->worker, request->candidates + first, request->candidate_count - first);
        if (count == 0) {
            return status_set(why, VOUCH_TOO_LARGE, "the card of candidate %" PRIu64 " is larger than a batch",
                              request->candidates[first].id);
        }
        status = match_batch(call, &question, first, count, result->scores, arena, why);
        first += count;
    }
    return status;
}
