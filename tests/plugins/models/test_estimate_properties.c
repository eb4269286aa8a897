/* SPDX-License-Identifier: Apache-2.0
 *
 * The models that estimate over history against their definitions written down plainly, in exact fractions, on random
 * histories; and how long the largest histories take. */
#include "history.h"

#include "base/clock.h"

#include <criterion/criterion.h>
#include <gmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CASES 1500
#define PARTIES 6
#define ROWS (PARTIES + 1)

static uint64_t state = 88172645463325252;

static uint32_t below(uint32_t bound)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state % bound);
}

/* Paths of some of the first `parties` letters, in any order. */
static void random_history(struct history *history, uint32_t parties)
{
    struct vouch_estimate_request *request = &history->request;
    *request = (struct vouch_estimate_request){
        .size = sizeof *request, .currency = "EUR", .paths = history->paths, .parties = history->parties};
    uint32_t paths = 1 + below(14);
    for (uint32_t p = 0; p < paths; p++) {
        struct vouch_path *path = &history->paths[request->path_count++];
        *path = (struct vouch_path){.first = request->place_count, .won = below(5), .lost = below(5)};
        path->lost += path->won + path->lost == 0;
        path->value = (int64_t)path->won * below(100000);
        uint32_t left = (1u << parties) - 1;
        do {
            uint32_t party = below(parties);
            if ((left >> party & 1) != 0) {
                history->parties[request->place_count++] = party + 1;
                path->party_count++;
                left ^= 1u << party;
            }
        } while (path->party_count == 0 || (left != 0 && below(3) != 0));
    }
}

/* Raw values by the definition, one for each letter. */
typedef void definition(const struct vouch_estimate_request *request, uint32_t parties, mpq_t raws[PARTIES]);

/* v of a set: the value won by paths inside it, or the rate of them. */
static void value_of(const struct vouch_estimate_request *request, uint32_t set, bool rate, mpq_t value)
{
    uint64_t won = 0, all = 0;
    int64_t sum = 0;
    for (uint32_t p = 0; p < request->path_count; p++) {
        const struct vouch_path *path = &request->paths[p];
        bool inside = true;
        for (uint32_t i = 0; i < path->party_count; i++) {
            inside = inside && (set >> (request->parties[path->first + i] - 1) & 1) != 0;
        }
        won += inside ? path->won : 0;
        all += inside ? path->won + path->lost : 0;
        sum += inside ? path->value : 0;
    }
    mpq_set_si(value, rate ? (long)won : sum, rate && all > 0 ? all : 1);
    mpq_canonicalize(value);
}

/* What a party adds when it joins, averaged over all orders: all orders are gone through, one after the other. */
static void average_orders(const struct vouch_estimate_request *request, uint32_t parties, uint32_t joined,
                           uint32_t orders_so_far, bool rate, mpq_t raws[PARTIES])
{
    mpq_t before, after, share;
    mpq_inits(before, after, share, NULL);
    uint32_t left = parties - (uint32_t)__builtin_popcount(joined);
    value_of(request, joined, rate, before);
    for (uint32_t party = 0; party < parties; party++) {
        if ((joined >> party & 1) == 0) {
            /* Each of those that are left is next in an equal part of the orders. */
            value_of(request, joined | 1u << party, rate, after);
            mpq_sub(after, after, before);
            mpq_set_ui(share, 1, (unsigned long)orders_so_far * left);
            mpq_mul(after, after, share);
            mpq_add(raws[party], raws[party], after);
            average_orders(request, parties, joined | 1u << party, orders_so_far * left, rate, raws);
        }
    }
    mpq_clears(before, after, share, NULL);
}

static void define_path(const struct vouch_estimate_request *request, uint32_t parties, mpq_t raws[PARTIES])
{
    average_orders(request, parties, 0, 1, false, raws);
}

static void define_rate(const struct vouch_estimate_request *request, uint32_t parties, mpq_t raws[PARTIES])
{
    average_orders(request, parties, 0, 1, true, raws);
}

/* Solves rows x columns | right side by elimination with exchanges; x replaces the right side. Rows without a pivot,
 * of states that nothing leads to, stay as they are. */
static void eliminate(mpq_t rows[ROWS][ROWS + 1])
{
    mpq_t factor, product;
    mpq_inits(factor, product, NULL);
    for (int k = 0; k < ROWS; k++) {
        int pivot = k;
        while (mpq_sgn(rows[pivot][k]) == 0) {
            pivot++;
        }
        for (int c = 0; c <= ROWS; c++) {
            mpq_swap(rows[k][c], rows[pivot][c]);
        }
        for (int r = 0; r < ROWS; r++) {
            if (r == k || mpq_sgn(rows[r][k]) == 0) {
                continue;
            }
            mpq_div(factor, rows[r][k], rows[k][k]);
            for (int c = 0; c <= ROWS; c++) {
                mpq_mul(product, factor, rows[k][c]);
                mpq_sub(rows[r][c], rows[r][c], product);
            }
        }
    }
    for (int k = 0; k < ROWS; k++) {
        mpq_div(rows[k][ROWS], rows[k][ROWS], rows[k][k]);
    }
    mpq_clears(factor, product, NULL);
}

/* P(won) from the start when the walk into `removed` is lost (0: nobody is removed). State 0 is the start. */
static void win_probability(const struct vouch_estimate_request *request, uint64_t removed, mpq_t result)
{
    mpq_t rows[ROWS][ROWS + 1];
    uint64_t counts[ROWS][ROWS + 1] = {{0}};
    uint64_t visits[ROWS] = {0};
    for (uint32_t p = 0; p < request->path_count; p++) {
        const struct vouch_path *path = &request->paths[p];
        uint64_t at = 0;
        for (uint32_t i = 0; i < path->party_count; i++) {
            uint64_t next = request->parties[path->first + i];
            counts[at][next] += next == removed ? 0 : path->won + path->lost;
            visits[at] += path->won + path->lost;
            at = next;
        }
        counts[at][ROWS] += path->won;
        visits[at] += path->won + path->lost;
    }
    for (int r = 0; r < ROWS; r++) {
        for (int c = 0; c <= ROWS; c++) {
            mpq_init(rows[r][c]);
            mpq_set_ui(rows[r][c], counts[r][c], visits[r] == 0 ? 1 : visits[r]);
            mpq_canonicalize(rows[r][c]);
            if (c < ROWS) {
                mpq_neg(rows[r][c], rows[r][c]);
            }
        }
        mpq_t one;
        mpq_init(one);
        mpq_set_ui(one, 1, 1);
        mpq_add(rows[r][r], rows[r][r], one);
        mpq_clear(one);
    }
    eliminate(rows);
    mpq_set(result, rows[0][ROWS]);
    for (int r = 0; r < ROWS; r++) {
        for (int c = 0; c <= ROWS; c++) {
            mpq_clear(rows[r][c]);
        }
    }
}

static void define_markov(const struct vouch_estimate_request *request, uint32_t parties, mpq_t raws[PARTIES])
{
    mpq_t all, without;
    mpq_inits(all, without, NULL);
    win_probability(request, 0, all);
    for (uint32_t party = 0; mpq_sgn(all) > 0 && party < parties; party++) {
        win_probability(request, party + 1, without);
        mpq_sub(raws[party], all, without);
        mpq_div(raws[party], raws[party], all);
    }
    mpq_clears(all, without, NULL);
}

/* |left - right| <= 2^-bits, or they are equal where `bits` is EXACTLY. */
#define EXACTLY (-1)

static bool near(mpq_t left, mpq_t right, int bits)
{
    mpq_t difference;
    mpq_init(difference);
    mpq_sub(difference, left, right);
    mpq_abs(difference, difference);
    if (bits != EXACTLY) {
        mpq_mul_2exp(difference, difference, (mp_bitcnt_t)bits);
    }
    bool good = bits == EXACTLY ? mpq_sgn(difference) == 0 : mpq_cmp_ui(difference, 1, 1) <= 0;
    mpq_clear(difference);
    return good;
}

/* Raw values as defined; weights in their proportions, 0 where a raw value is not above it. What does not fit into 64
 * bits is rounded, and raw values say so. */
static void expect_raws(const struct answer *answer, mpq_t raws[PARTIES], const char *what, int number)
{
    mpq_t found, sum, part;
    int64_t weights = 0;
    mpq_inits(found, sum, part, NULL);
    for (uint32_t i = 0; i < answer->estimated.share_count; i++) {
        const struct vouch_estimate_share *share = &answer->estimated.shares[i];
        mpq_t *raw = &raws[share->party - 1];
        mpq_set_si(found, share->raw_numerator, (unsigned long)share->raw_denominator);
        mpq_canonicalize(found);
        cr_assert(near(found, *raw, share->raw_rounded ? 62 : EXACTLY), "%s, case %d, party %u", what, number,
                  (unsigned)share->party);
        if (mpq_sgn(*raw) > 0) {
            mpq_add(sum, sum, *raw);
        }
        weights += share->weight;
    }
    bool large = weights > INT64_C(1) << 60; /* rounded perhaps, to parts of 2^61 */
    for (uint32_t i = 0; i < answer->estimated.share_count && weights > 0; i++) {
        const struct vouch_estimate_share *share = &answer->estimated.shares[i];
        mpq_div(part, raws[share->party - 1], sum);
        mpq_set_si(found, share->weight, (unsigned long)weights);
        mpq_canonicalize(found);
        if (mpq_sgn(part) <= 0) {
            cr_assert_eq(share->weight, 0, "%s, case %d", what, number);
        } else {
            cr_assert(near(found, part, large ? 58 : EXACTLY), "%s, case %d, party %u", what, number,
                      (unsigned)share->party);
        }
    }
    mpq_clears(found, sum, part, NULL);
}

static void run_cases(struct plugin_set *set, const char *instance, definition *define)
{
    static struct history history;
    mpq_t raws[PARTIES];
    for (int number = 0; number < CASES; number++) {
        uint32_t parties = 1 + below(PARTIES);
        random_history(&history, parties);
        for (uint32_t i = 0; i < PARTIES; i++) {
            mpq_init(raws[i]);
        }
        define(&history.request, parties, raws);
        struct answer answer = caller_estimate(set, instance, &history.request);
        cr_assert_eq(answer.status, VOUCH_OK, "%s, case %d: %s", instance, number, answer.why.text);
        expect_raws(&answer, raws, instance, number);
        answer_free(&answer);
        for (uint32_t i = 0; i < PARTIES; i++) {
            mpq_clear(raws[i]);
        }
    }
}

Test(estimate_properties, are_as_defined)
{
    fprintf(stderr, "are_as_defined: %d cases of each model, seed %llu\n", CASES, (unsigned long long)state);
    struct plugin_set *set = caller_start(
        (struct tested[]){{.file = "shapley", .name = "path", .deadline_ms = 5000},
                          {.file = "shapley", .name = "rate", .settings = {"model", "rate"}, .deadline_ms = 5000},
                          {.file = "markov", .deadline_ms = 5000}},
        3);
    run_cases(set, "path", define_path);
    run_cases(set, "rate", define_rate);
    run_cases(set, "markov", define_markov);
    cr_expect_eq(caller_status(set, "markov").deaths, 0);
    plugin_set_stop(&set);
}

/* The largest history: as many paths and places as are allowed, over so many parties. */
static void large_history(struct vouch_estimate_request *request, struct vouch_path *paths, uint64_t *parties,
                          uint32_t different)
{
    *request = (struct vouch_estimate_request){
        .size = sizeof *request, .currency = "EUR", .paths = paths, .parties = parties};
    uint32_t length = VOUCH_PATH_PLACES_MAX / VOUCH_PATHS_MAX;
    length = length < different ? length : different;
    for (uint32_t p = 0; p < VOUCH_PATHS_MAX; p++) {
        uint32_t start = below(different);
        uint32_t stride = 1 + 2 * below(different / 2 + 1);
        paths[p] = (struct vouch_path){
            .first = p * length, .party_count = length, .won = 1 + below(9), .lost = below(9), .value = 1000000007};
        for (uint32_t i = 0; i < length; i++) {
            /* Different within a path where `different` is a power of two. */
            parties[p * length + i] = 1 + (start + i * stride) % different;
        }
    }
    request->path_count = VOUCH_PATHS_MAX;
    request->place_count = VOUCH_PATHS_MAX * length;
}

Test(estimate_properties, large_histories_are_answered)
{
    static struct vouch_path paths[VOUCH_PATHS_MAX];
    static uint64_t parties[VOUCH_PATH_PLACES_MAX];
    static const struct {
        const char *instance;
        uint32_t different;
    } cases[] = {{"path", 8},   {"path", 512},  {"path", 65536}, {"rate", 8},
                 {"markov", 8}, {"markov", 64}, {"markov", 128}};
    struct plugin_set *set = caller_start(
        (struct tested[]){{.file = "shapley", .name = "path", .deadline_ms = 60000},
                          {.file = "shapley", .name = "rate", .settings = {"model", "rate"}, .deadline_ms = 60000},
                          {.file = "markov", .deadline_ms = 60000}},
        3);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct vouch_estimate_request request;
        large_history(&request, paths, parties, cases[i].different);
        int64_t start_us = clock_mono_us();
        struct answer answer = caller_estimate(set, cases[i].instance, &request);
        fprintf(stderr, "%s, %u paths over %u parties: %lld us\n", cases[i].instance, request.path_count,
                cases[i].different, (long long)(clock_mono_us() - start_us));
        cr_expect_eq(answer.status, VOUCH_OK, "%s: %s", cases[i].instance, answer.why.text);
        cr_expect(answer.estimated.share_count > 0 && answer.estimated.share_count <= cases[i].different);
        answer_free(&answer);
    }
    plugin_set_stop(&set);
}
