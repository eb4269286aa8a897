/* SPDX-License-Identifier: Apache-2.0
 *
 * Scores: the check values of the matching rules, and that contributions add up whatever the components. */
#include "domain/match_score.h"

#include <criterion/criterion.h>

/* ICP .8, tags .6, tie .89, geography .5, size 2/3, past wins unknown. */
Test(match_score, the_check_of_the_rules)
{
    struct match_component components[] = {{800000, 30, true, 0}, {600000, 25, true, 0}, {890000, 20, true, 0},
                                           {500000, 10, true, 0}, {666667, 5, true, 0},  {0, 10, false, 0}};
    static const uint32_t contributions[] = {266667, 166667, 197778, 55555, 37037, 0};
    struct match_score score = {.reliability_ppm = PPM, .capacity_ppm = PPM};
    match_score_sum(components, 6, &score);
    cr_assert_eq(score.bracket_ppm, 723704, "%u", score.bracket_ppm);
    cr_assert_eq(score.coverage_ppm, 950000);
    for (size_t i = 0; i < 6; i++) {
        cr_assert_eq(components[i].contribution_ppm, contributions[i], "component %zu is %u", i,
                     components[i].contribution_ppm);
    }
    cr_assert_eq(score.score_ppm, 687519);
}

Test(match_score, nothing_known_scores_nothing)
{
    struct match_component components[] = {{0, 30, false, 9}, {0, 25, false, 9}};
    struct match_score score = {.reliability_ppm = PPM, .capacity_ppm = PPM};
    match_score_sum(components, 2, &score);
    cr_assert_eq(score.bracket_ppm, 0);
    cr_assert_eq(score.score_ppm, 0);
    cr_assert_eq(score.coverage_ppm, 500000);
    cr_assert_eq(components[0].contribution_ppm, 0);
    match_score_sum(NULL, 0, &score);
    cr_assert_eq(score.score_ppm, 0);
}

Test(match_score, contributions_add_up)
{
    uint64_t state = 1;
    for (int round = 0; round < 20000; round++) {
        struct match_component components[MATCH_COMPONENTS_MAX];
        struct match_score score = {.reliability_ppm = PPM, .capacity_ppm = PPM};
        size_t count = 1 + (size_t)round % MATCH_COMPONENTS_MAX;
        for (size_t i = 0; i < count; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            components[i] = (struct match_component){(uint32_t)(state >> 33) % (PPM + 1), (uint32_t)(state >> 60),
                                                     (state >> 20) % 4 != 0, 0};
        }
        match_score_sum(components, count, &score);
        uint32_t sum = 0;
        for (size_t i = 0; i < count; i++) {
            sum += components[i].contribution_ppm;
        }
        cr_assert_eq(sum, score.bracket_ppm);
        cr_assert_leq(score.score_ppm, PPM);
    }
}

Test(match_score, capacity)
{
    cr_assert_eq(match_capacity_ppm(8, 10), 527292);
    cr_assert_eq(match_capacity_ppm(0, 10), PPM);
    cr_assert_eq(match_capacity_ppm(10, 10), 0);
    cr_assert_eq(match_capacity_ppm(11, 10), 0);
    cr_assert_eq(match_capacity_ppm(8, 0), 527292);
}

Test(match_score, reliability)
{
    cr_assert_eq(match_reliability_ppm(0, 0) / 100, 3684);
    cr_assert_eq((match_reliability_ppm(7, 3) + 50) / 100, 5054);
    cr_assert_gt(match_reliability_ppm(1000, 0), 990000);
    cr_assert_lt(match_reliability_ppm(0, 1000), 10000);
}
