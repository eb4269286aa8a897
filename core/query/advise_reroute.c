/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is the next-best receiver of a referral whose receiver did not act: candidates and gates as for any match, scored
 * by the matcher. Nothing waits for a plugin: without one, or when it fails, reliability and capacity rank. */
#include "base/counters.h"
#include "base/log.h"
#include "query/match.h"

/* Candidates' cards, while they are compared. */
#define WORK_BYTES ((size_t)128 << 20)
/* So many are proposed: by the time it is decided the first may be busy. */
#define PROPOSED 16

/* Score without a matcher: the two factors that are the broker's own. */
static void score_plainly(struct match *match)
{
    for (struct contender *contender = match->contenders; contender != NULL; contender = contender->next) {
        uint64_t product = (uint64_t)contender->score.reliability_ppm * contender->score.capacity_ppm;
        contender->score.score_ppm = contender->gate_count > 0 ? 0 : (uint32_t)(product / PPM);
    }
}

static enum vouch_status score(struct match *match, struct plugin_call *call, uint64_t referral)
{
    if (call != NULL) {
        enum vouch_status status = match_score_all(match, call);
        if (status == VOUCH_OK || status == VOUCH_TIMEOUT) {
            return status;
        }
        count(COUNT_plugin_failures);
        log_warn("reroute", "R%" PRIu64 ": ranked without the matcher: %s", referral, match->question->why.text);
    }
    score_plainly(match);
    return VOUCH_OK;
}

static enum vouch_status propose(struct match *match, struct reroute *reroute)
{
    struct contender **order = match_order(match);
    uint64_t *receivers = arena_alloc(match->question->arena, PROPOSED * sizeof *receivers);
    uint32_t *scores = arena_alloc(match->question->arena, PROPOSED * sizeof *scores);
    if (order == NULL || receivers == NULL || scores == NULL) {
        return question_too_large(match->question);
    }
    reroute->receivers = receivers;
    reroute->scores_ppm = scores;
    for (size_t i = 0; i < match->considered && order[i]->gate_count == 0; i++) {
        if (reroute->count == PROPOSED) {
            reroute->more = true;
            break;
        }
        receivers[reroute->count] = order[i]->told.id;
        scores[reroute->count++] = order[i]->score.score_ppm;
    }
    return VOUCH_OK;
}

/* The need as its referrer sees it. */
static enum vouch_status rank(struct match *match, uint64_t referral, struct plugin_call *call, struct reroute *reroute)
{
    Vouch__V1__Match asked = VOUCH__V1__MATCH__INIT;
    asked.referral = referral;
    enum vouch_status status = match_need(match, &asked);
    if (status == VOUCH_OK) {
        status = match_contenders(match);
    }
    if (status == VOUCH_OK) {
        status = score(match, call, referral);
    }
    return status == VOUCH_OK ? propose(match, reroute) : status;
}

enum vouch_status advise_reroute(struct question *question, uint64_t referral, struct plugin_call *call,
                                 struct reroute *reroute)
{
    const Vouch__V1__Referral *record = record_referral(question->view, referral, question->arena);
    struct match *match = arena_alloc(question->arena, sizeof *match);
    *reroute = (struct reroute){.referral = 0};
    if (record == NULL || record->clock == NULL || record->clock->stage != VOUCH__V1__CLOCK__STAGE__PASSED) {
        return VOUCH_OK;
    }
    question->actor = record_member(question->view, record->referrer, question->arena);
    if (match == NULL || question->actor == NULL) {
        return question_too_large(question);
    }
    reroute->referral = referral;
    reroute->steps = record->n_steps;
    if (record->attempt >= question->policy->offer_attempts) {
        return VOUCH_OK; /* nobody needs to be found: it goes to the managers */
    }
    match->question = question;
    match->work = arena_new(WORK_BYTES);
    enum vouch_status status = rank(match, referral, call, reroute);
    arena_free(&match->work);
    return status;
}
