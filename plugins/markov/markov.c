/* SPDX-License-Identifier: Apache-2.0
 *
 * Markov: referrals walk from party to party until they are won or lost; a party is worth the part of all wins that
 * would be lost without it (removal effect). An exact estimate over history.
 *
 * Without a party every walk that would come to it is lost, so the removal effect of i is
 *     P(comes to i) * P(won from i) / P(won)
 * with N = (I - Q)^-1, the expected visits: P(comes to i) = sum of start[j] N[j,i] / N[i,i]. Over the adjugate of
 * solve.c, in which determinants and the number of referrals cancel out, it is
 *     before[i] after[i] / (self[i] * sum of starts[j] after[j]). */
#include "markov.h"

#include <stdio.h>

struct markov {
    const struct vouch_services *services;
};

static enum vouch_answer markov_create(const struct vouch_services *services, const union vouch_setting_value *values,
                                       void **self)
{
    struct markov *markov = services->alloc(services, sizeof *markov);
    (void)values;
    if (markov == NULL) {
        return VOUCH_ANSWER_FAILED;
    }
    markov->services = services;
    *self = markov;
    return VOUCH_ANSWER_DONE;
}

static bool walk_open(struct walk *walk, const struct vouch_services *services, uint32_t count)
{
    size_t squared = (size_t)count * count * sizeof(uint64_t);
    walk->count = count;
    walk->moves = services->alloc(services, squared);
    walk->matrix = services->alloc(services, squared);
    walk->visits = services->alloc(services, count * sizeof(uint64_t));
    walk->starts = services->alloc(services, count * sizeof(uint64_t));
    walk->wins = services->alloc(services, count * sizeof(uint64_t));
    return walk->moves != NULL && walk->matrix != NULL && walk->visits != NULL && walk->starts != NULL &&
           walk->wins != NULL;
}

static void walk_count(struct walk *walk, const struct vouch_estimate_request *request, const struct crowd *crowd)
{
    for (uint32_t p = 0; p < request->path_count; p++) {
        const struct vouch_path *path = &request->paths[p];
        const uint32_t *parties = crowd->places + path->first;
        uint64_t times = path->won + path->lost;
        walk->starts[parties[0]] += times;
        walk->wins[parties[path->party_count - 1]] += path->won;
        for (uint32_t i = 0; i < path->party_count; i++) {
            walk->visits[parties[i]] += times;
            if (i + 1 < path->party_count) {
                walk->moves[(size_t)parties[i] * walk->count + parties[i + 1]] += times;
            }
        }
    }
}

/* Removal effects; all 0 where nothing was ever won. */
static void set_effects(const struct walk *walk, mpz_t *before, mpz_t *after, mpz_t *self, mpq_t *raws)
{
    mpz_t wins;
    mpz_init(wins);
    for (uint32_t i = 0; i < walk->count; i++) {
        mpz_addmul_ui(wins, after[i], walk->starts[i]);
    }
    for (uint32_t i = 0; mpz_sgn(wins) != 0 && i < walk->count; i++) {
        mpz_mul(mpq_numref(raws[i]), before[i], after[i]);
        mpz_mul(mpq_denref(raws[i]), self[i], wins);
        mpq_canonicalize(raws[i]);
    }
    mpz_clear(wins);
}

static mpz_t *numbers_new(uint32_t count)
{
    mpz_t *numbers = malloc(count * sizeof *numbers);
    for (uint32_t i = 0; numbers != NULL && i < count; i++) {
        mpz_init(numbers[i]);
    }
    return numbers;
}

static void numbers_free(mpz_t *numbers, uint32_t count)
{
    for (uint32_t i = 0; numbers != NULL && i < count; i++) {
        mpz_clear(numbers[i]);
    }
    free(numbers);
}

static enum vouch_answer estimate_walk(const struct walk *walk, const struct crowd *crowd,
                                       struct vouch_estimate_result *result)
{
    mpz_t *before = numbers_new(walk->count);
    mpz_t *after = numbers_new(walk->count);
    mpz_t *self = numbers_new(walk->count);
    mpq_t *raws = raws_new(walk->count);
    enum vouch_answer answer = VOUCH_ANSWER_FAILED;
    if (before != NULL && after != NULL && self != NULL && raws != NULL) {
        walk_solve(walk, before, after, self);
        set_effects(walk, before, after, self, raws);
        answer = raws_finish(raws, crowd, result);
    }
    numbers_free(before, walk->count);
    numbers_free(after, walk->count);
    numbers_free(self, walk->count);
    return answer;
}

static enum vouch_answer markov_estimate(void *self, const struct vouch_estimate_request *request,
                                         struct vouch_estimate_result *result)
{
    const struct vouch_services *services = ((const struct markov *)self)->services;
    struct crowd crowd;
    struct walk walk;
    if (!crowd_make(&crowd, services, request)) {
        return VOUCH_ANSWER_FAILED;
    }
    if (crowd.count > PARTIES_MAX) {
        char sentence[160];
        snprintf(sentence, sizeof sentence, "it takes at most %d parties and there are %u: take a shorter time",
                 PARTIES_MAX, crowd.count);
        services->explain(services, sentence);
        return VOUCH_ANSWER_FAILED;
    }
    if (!walk_open(&walk, services, crowd.count)) {
        services->explain(services, "no memory for so many parties");
        return VOUCH_ANSWER_FAILED;
    }
    walk_count(&walk, request, &crowd);
    return estimate_walk(&walk, &crowd, result);
}

static const struct vouch_attribution_plugin attribution = {.size = sizeof attribution, .estimate = markov_estimate};

const struct vouch_plugin_descriptor vouch_plugin = {
    .size = sizeof vouch_plugin,
    .abi = VOUCH_PLUGIN_ABI,
    .kind = VOUCH_KIND_ATTRIBUTION,
    .name = "markov",
    .version = "1.0.0",
    .summary = "the wins that would be lost without a party; estimates over history",
    .create = markov_create,
    .attribution = &attribution,
};
