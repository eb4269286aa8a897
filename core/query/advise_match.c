/* SPDX-License-Identifier: Apache-2.0
 *
 * Who should take a referral: candidates and gates from the snapshot, components from the matcher, batch by batch, sums
 * from domain/match_score. Runs on the matcher instance's own thread. */
#include "query/match.h"

#include "base/check.h"
#include "domain/match_score.h"
#include "domain/names.h"

#include <stdlib.h>
#include <string.h>

/* Candidates' cards, while they are compared: not part of any answer. */
#define WORK_BYTES ((size_t)128 << 20)
#define ROWS_DEFAULT 5

static enum vouch_status too_many(struct question *question)
{
    return status_set(&question->why, VOUCH_TOO_LARGE, "there are too many members to compare at once");
}

/* Scores one batch of candidates that passed their gates. */
static enum vouch_status score_batch(struct match *match, struct plugin_call *call, struct contender **batch,
                                     size_t count)
{
    struct vouch_candidate *candidates = arena_alloc(match->work, count * sizeof *candidates);
    if (candidates == NULL) {
        return too_many(match->question);
    }
    for (size_t i = 0; i < count; i++) {
        candidates[i] = batch[i]->told;
    }
    struct vouch_match_request request = {
        .size = sizeof request,
        .need = &match->need,
        .candidate_total = (uint32_t)match->passed,
        .candidate_count = (uint32_t)count,
        .candidate_issues = match->candidate_issues,
        .candidates = candidates,
    };
    struct vouch_match_result result = {.size = sizeof result};
    enum vouch_status status = plugin_match(call, &request, match->work, &result, &match->question->why);
    if (status != VOUCH_OK) {
        return status;
    }
    CHECK(result.candidate_count == count && result.component_count <= MATCH_COMPONENTS_MAX);
    match->component_count = result.component_count;
    match->components = result.components;
    for (size_t i = 0; i < count; i++) {
        struct match_component *sums = batch[i]->components;
        batch[i]->scores = result.scores + i * result.component_count;
        for (size_t c = 0; c < result.component_count; c++) {
            const struct vouch_component_score *score = &batch[i]->scores[c];
            sums[c] = (struct match_component){score->known ? score->x_ppm : 0, result.components[c].weight,
                                               score->known != 0, 0};
        }
        match_score_sum(sums, result.component_count, &batch[i]->score);
    }
    return VOUCH_OK;
}

enum vouch_status match_score_all(struct match *match, struct plugin_call *call)
{
    struct contender **batch = arena_alloc(match->work, VOUCH_CANDIDATES_MAX * sizeof(struct contender *));
    size_t count = 0;
    if (batch == NULL) {
        return too_many(match->question);
    }
    for (struct contender *contender = match->contenders; contender != NULL; contender = contender->next) {
        if (contender->gate_count == 0) {
            batch[count++] = contender;
        }
        if (count == VOUCH_CANDIDATES_MAX || (contender->next == NULL && count > 0)) {
            enum vouch_status status = score_batch(match, call, batch, count);
            if (status != VOUCH_OK) {
                return status;
            }
            count = 0;
        }
        if (question_is_late(match->question)) {
            return VOUCH_TIMEOUT;
        }
    }
    return VOUCH_OK;
}

/* Best first; those that failed a gate last; then the older member. */
static int compare(const void *left, const void *right)
{
    const struct contender *a = *(struct contender *const *)left;
    const struct contender *b = *(struct contender *const *)right;
    if ((a->gate_count > 0) != (b->gate_count > 0)) {
        return a->gate_count > 0 ? 1 : -1;
    }
    if (a->score.score_ppm != b->score.score_ppm) {
        return a->score.score_ppm > b->score.score_ppm ? -1 : 1;
    }
    return a->told.id < b->told.id ? -1 : 1;
}

struct contender **match_order(struct match *match)
{
    struct contender **order = arena_alloc(match->work, match->considered * sizeof(struct contender *));
    size_t count = 0;
    for (struct contender *contender = match->contenders; order != NULL && contender != NULL;
         contender = contender->next) {
        order[count++] = contender;
    }
    if (order != NULL) {
        CHECK(count == match->considered);
        qsort(order, count, sizeof order[0], compare);
    }
    return order;
}

static Vouch__V1__Candidate__Component *component_row(const struct match *match, const struct contender *contender,
                                                      size_t index)
{
    struct arena *arena = match->question->arena;
    Vouch__V1__Candidate__Component *row = question_message(match->question,
                                                            &vouch__v1__candidate__component__descriptor);
    if (row == NULL) {
        return NULL;
    }
    const char *why = contender->scores[index].why == NULL ? "" : contender->scores[index].why;
    row->name = arena_strdup(arena, match->components[index].name);
    row->why = arena_strdup(arena, why);
    row->known = contender->components[index].known;
    row->x_ppm = contender->components[index].x_ppm;
    row->weight = contender->components[index].weight;
    row->contribution_ppm = contender->components[index].contribution_ppm;
    return row->name == NULL || row->why == NULL ? NULL : row;
}

static bool add_components(const struct match *match, const struct contender *contender, Vouch__V1__Candidate *row)
{
    row->components = arena_alloc(match->question->arena,
                                  match->component_count * sizeof(Vouch__V1__Candidate__Component *));
    for (size_t i = 0; row->components != NULL && i < match->component_count; i++) {
        row->components[i] = component_row(match, contender, i);
        if (row->components[i] == NULL) {
            return false;
        }
        row->n_components++;
    }
    return row->components != NULL;
}

static bool add_gates(const struct match *match, const struct contender *contender, Vouch__V1__Candidate *row)
{
    row->gates_failed = arena_alloc(match->question->arena, contender->gate_count * sizeof(char *));
    for (size_t i = 0; row->gates_failed != NULL && i < contender->gate_count; i++) {
        row->gates_failed[i] = arena_strdup(match->question->arena, contender->gates[i]);
        if (row->gates_failed[i] == NULL) {
            return false;
        }
        row->n_gates_failed++;
    }
    return row->gates_failed != NULL;
}

static Vouch__V1__Candidate *candidate_row(const struct match *match, const struct contender *contender)
{
    Vouch__V1__Candidate *row = question_message(match->question, &vouch__v1__candidate__descriptor);
    if (row == NULL) {
        return NULL;
    }
    row->member = contender->told.id;
    row->name = question_name(match->question, TABLE_MEMBER, contender->told.id);
    row->company = question_name(match->question, TABLE_COMPANY, contender->member->company);
    row->team = arena_strdup(match->question->arena, contender->member->team);
    if (row->team == NULL || !add_gates(match, contender, row)) {
        return NULL;
    }
    row->reliability_ppm = contender->score.reliability_ppm;
    row->capacity_ppm = contender->score.capacity_ppm;
    if (contender->gate_count > 0) {
        return row;
    }
    row->score_ppm = contender->score.score_ppm;
    row->bracket_ppm = contender->score.bracket_ppm;
    row->coverage_ppm = contender->score.coverage_ppm;
    return add_components(match, contender, row) ? row : NULL;
}

static enum vouch_status answer(struct match *match, uint32_t limit, const struct plugin_call *call)
{
    struct question *question = match->question;
    struct contender **order = match_order(match);
    Vouch__V1__Ranking *ranking = question_message(question, &vouch__v1__ranking__descriptor);
    size_t rows = limit == 0 ? ROWS_DEFAULT : limit;
    rows = rows < LIMIT_MATCH_ROWS ? rows : LIMIT_MATCH_ROWS;
    rows = rows < match->considered ? rows : match->considered;
    void *candidates = arena_alloc(question->arena, rows * sizeof(Vouch__V1__Candidate *));
    if (order == NULL || ranking == NULL || candidates == NULL) {
        return question_too_large(question);
    }
    ranking->candidates = candidates;
    for (; ranking->n_candidates < rows; ranking->n_candidates++) {
        Vouch__V1__Candidate *row = candidate_row(match, order[ranking->n_candidates]);
        if (row == NULL) {
            return question_too_large(question);
        }
        ranking->candidates[ranking->n_candidates] = row;
    }
    ranking->considered = (uint32_t)match->considered;
    ranking->plugin = arena_strdup(question->arena, plugin_call_name(call));
    ranking->plugin_version = arena_strdup(question->arena, plugin_call_version(call));
    if (ranking->plugin == NULL || ranking->plugin_version == NULL) {
        return question_too_large(question);
    }
    question->reply->result_case = RESULT(RANKING);
    question->reply->ranking = ranking;
    return VOUCH_OK;
}

enum vouch_status advise_match(struct question *question, const Vouch__V1__Request *request, struct plugin_call *call)
{
    struct match *match = arena_alloc(question->arena, sizeof *match);
    if (match == NULL) {
        return question_too_large(question);
    }
    match->question = question;
    match->work = arena_new(WORK_BYTES);
    enum vouch_status status = match_need(match, request->match);
    if (status == VOUCH_OK) {
        status = match_contenders(match);
    }
    if (status == VOUCH_OK) {
        status = match_score_all(match, call);
    }
    if (status == VOUCH_OK) {
        status = answer(match, request->match->limit, call);
    }
    arena_free(&match->work);
    return status;
}
