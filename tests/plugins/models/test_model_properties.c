/* SPDX-License-Identifier: Apache-2.0
 *
 * What holds for every attribution model and every request, however odd: random touches, also with times at the ends of
 * time and kinds that nobody knows. The seed is fixed, so that a failure comes back. */
#include "model.h"

#include "domain/money.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#define ROUNDS 400
#define TOUCHES 40 /* in a small request */

static const struct tested models[] = {
    {.file = "first-touch"},
    {.file = "last-touch"},
    {.file = "linear"},
    {.file = "time-decay"},
    {.file = "position"},
    {.file = "position", .name = "position-w", .settings = {"shape", "w"}},
    {.file = "sourced-influenced"},
    {.file = "chain"},
};
#define MODELS (sizeof models / sizeof models[0])

/* Whose weight for a party is the sum of the weights that its touches would have by themselves. */
#define ADDITIVE 6

static const char *name_of(size_t model)
{
    return models[model].name == NULL ? models[model].file : models[model].name;
}

static struct plugin_set *start_all(void)
{
    struct tested patient[MODELS];
    memcpy(patient, models, sizeof patient);
    for (size_t m = 0; m < MODELS; m++) {
        patient[m].deadline_ms = 5000;
    }
    return caller_start(patient, MODELS);
}

/* Marsaglia's xorshift. */
static uint64_t draw(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static uint64_t below(uint64_t *state, uint64_t bound)
{
    return (draw(state) >> 16) % bound;
}

/* Mostly in the half year before the close, at times anywhere. */
static int64_t draw_time(uint64_t *state)
{
    static const int64_t odd[] = {INT64_MIN, INT64_MAX, 0, -1, INT64_MIN + 1};
    switch (below(state, 10)) {
    case 0:
        return odd[below(state, 5)];
    case 1:
        return (int64_t)draw(state);
    default:
        return CLOSED_MS - (int64_t)below(state, (uint64_t)(180 * DAY_MS));
    }
}

static struct vouch_attribution_request draw_request(uint64_t *state, struct vouch_touch *touches, uint32_t count)
{
    uint64_t parties = 1 + below(state, count);
    uint64_t sequence = 0;
    for (uint32_t i = 0; i < count; i++) {
        sequence += 1 + below(state, 9);
        touches[i] = (struct vouch_touch){.party = UINT64_MAX - below(state, parties) * UINT64_C(0x100000000),
                                          .sequence = sequence,
                                          .time_ms = draw_time(state),
                                          .kind = (uint32_t)below(state, 8)};
        if (touches[i].kind == 7) {
            touches[i].kind = (uint32_t)draw(state);
        }
    }
    return (struct vouch_attribution_request){.opened_ms = below(state, 4) == 0 ? 0 : draw_time(state),
                                              .closed_ms = below(state, 9) == 0 ? draw_time(state) : CLOSED_MS,
                                              .window_days = (uint32_t)below(state, 400),
                                              .touch_count = count,
                                              .touches = touches};
}

static struct answer ask(struct plugin_set *set, size_t model, const struct vouch_attribution_request *request)
{
    struct answer answer = caller_ask(set, name_of(model), request);
    cr_assert_eq(answer.status, VOUCH_OK, "%s: %s", name_of(model), answer.why.text);
    return answer;
}

static int64_t weight_of(const struct answer *answer, uint64_t party)
{
    for (uint32_t i = 0; i < answer->shares.share_count; i++) {
        if (answer->shares.shares[i].party == party) {
            return answer->shares.shares[i].weight;
        }
    }
    return 0;
}

/* Shares stand in the order of first touches, none is 0. That each party has a touch and is there once, that weights
 * are not negative and their sum is bounded, the broker has checked before it handed them out. */
static void check_shares(size_t model, const struct vouch_attribution_request *request, const struct answer *answer)
{
    uint32_t share = 0;
    for (uint32_t i = 0; i < request->touch_count && share < answer->shares.share_count; i++) {
        if (answer->shares.shares[share].party == request->touches[i].party) {
            cr_assert_gt(answer->shares.shares[share].weight, 0, "%s", name_of(model));
            share++;
        }
    }
    cr_assert_eq(share, answer->shares.share_count, "%s: shares are not in the order of first touches", name_of(model));
}

/* The core makes the total of the weights, and gives nobody a share that the model did not. */
static void check_money(const struct answer *answer, int64_t total)
{
    struct money_part parts[TOUCHES];
    int64_t sum = 0;
    for (uint32_t i = 0; i < answer->shares.share_count; i++) {
        const struct vouch_share *share = &answer->shares.shares[i];
        parts[i] = (struct money_part){share->party, i, share->weight, 0};
    }
    bool divided = money_allocate(total, parts, answer->shares.share_count);
    cr_assert_eq(divided, answer->shares.share_count > 0);
    for (uint32_t i = 0; divided && i < answer->shares.share_count; i++) {
        sum += parts[i].minor;
    }
    cr_assert_eq(sum, divided ? total : 0);
}

/* The same request with a party for each touch: for an additive model these weights add up to the party's. */
static void check_merging(struct plugin_set *set, size_t model, const struct vouch_attribution_request *request,
                          const struct answer *merged)
{
    struct vouch_touch touches[TOUCHES];
    int64_t sums[TOUCHES] = {0}; /* at each party's first touch */
    struct vouch_attribution_request apart = *request;
    memcpy(touches, request->touches, request->touch_count * sizeof touches[0]);
    for (uint32_t i = 0; i < request->touch_count; i++) {
        touches[i].party = i + 1;
    }
    apart.touches = touches;
    struct answer answer = ask(set, model, &apart);
    for (uint32_t i = 0; i < request->touch_count; i++) {
        uint32_t first = 0;
        while (request->touches[first].party != request->touches[i].party) {
            first++;
        }
        sums[first] += weight_of(&answer, i + 1);
    }
    for (uint32_t i = 0; i < request->touch_count; i++) {
        if (sums[i] > 0) {
            cr_assert_eq(sums[i], weight_of(merged, request->touches[i].party), "%s", name_of(model));
        }
    }
    answer_free(&answer);
}

Test(model_properties, random_touches)
{
    struct plugin_set *set = start_all();
    uint64_t state = UINT64_C(0x5eed5eed5eed5eed);
    struct vouch_touch touches[TOUCHES];
    for (size_t round = 0; round < ROUNDS; round++) {
        struct vouch_attribution_request request = draw_request(&state, touches, 1 + (uint32_t)below(&state, TOUCHES));
        int64_t total = (int64_t)below(&state, 10000000);
        for (size_t m = 0; m < MODELS; m++) {
            struct answer answer = ask(set, m, &request);
            struct answer again = ask(set, m, &request);
            check_shares(m, &request, &answer);
            cr_assert_eq(answer.shares.share_count, again.shares.share_count);
            cr_assert_arr_eq(answer.shares.shares, again.shares.shares,
                             answer.shares.share_count * sizeof *answer.shares.shares);
            check_money(&answer, total);
            if (m < ADDITIVE) {
                check_merging(set, m, &request, &answer);
            }
            answer_free(&answer);
            answer_free(&again);
        }
    }
    for (size_t m = 0; m < MODELS; m++) {
        cr_expect_eq(caller_status(set, name_of(m)).restarts, 0);
    }
    plugin_set_stop(&set);
}

/* As many touches as there may be: of random parties, of a party each, up and down. */
Test(model_properties, the_most_touches)
{
    static struct vouch_touch touches[VOUCH_TOUCHES_MAX];
    struct plugin_set *set = start_all();
    uint64_t state = UINT64_C(0x5eed5eed5eed5eed);
    for (int kind_of_parties = 0; kind_of_parties < 3; kind_of_parties++) {
        struct vouch_attribution_request request = draw_request(&state, touches, VOUCH_TOUCHES_MAX);
        for (uint32_t i = 0; kind_of_parties > 0 && i < VOUCH_TOUCHES_MAX; i++) {
            touches[i].party = kind_of_parties == 1 ? i + 1 : UINT64_MAX - i;
            touches[i].kind = VOUCH_TOUCH_INTRODUCTION;
        }
        for (size_t m = 0; m < MODELS; m++) {
            struct answer answer = ask(set, m, &request);
            check_shares(m, &request, &answer);
            answer_free(&answer);
        }
    }
    plugin_set_stop(&set);
}

/* The integers of time-decay against the formula in floating point, for all ages up to ten years. */
Test(model_properties, time_decay_is_the_formula)
{
    static struct vouch_touch touches[VOUCH_TOUCHES_MAX];
    static const char *const half_lives[] = {"1", "7", "30", "45", "90", "97", "365", "3650"};
    for (uint32_t i = 0; i < VOUCH_TOUCHES_MAX; i++) {
        touches[i] = (struct vouch_touch){
            .party = i + 1, .sequence = i, .time_ms = CLOSED_MS - i * DAY_MS, .kind = VOUCH_TOUCH_MEETING};
    }
    const struct vouch_attribution_request request = {
        .closed_ms = CLOSED_MS, .window_days = 180, .touch_count = VOUCH_TOUCHES_MAX, .touches = touches};
    for (size_t h = 0; h < sizeof half_lives / sizeof half_lives[0]; h++) {
        struct plugin_set *set = caller_start(
            &(struct tested){.file = "time-decay", .deadline_ms = 5000, .settings = {"half_life_days", half_lives[h]}},
            1);
        struct answer answer = caller_ask(set, "time-decay", &request);
        cr_assert_eq(answer.status, VOUCH_OK, "%s", answer.why.text);
        long double half_life = strtold(half_lives[h], NULL);
        for (uint32_t i = 0; i < VOUCH_TOUCHES_MAX; i++) {
            long double exact = exp2l(32 - i / half_life);
            long double weight = i < answer.shares.share_count ? answer.shares.shares[i].weight : 0;
            cr_assert(fabsl(weight - exact) <= 0.5L + 1e-6L, "half-life %s, age %u: %Lf, not %Lf", half_lives[h], i,
                      weight, exact);
        }
        answer_free(&answer);
        plugin_set_stop(&set);
    }
}
