/* SPDX-License-Identifier: Apache-2.0
 *
 * What the ideal-client matcher computes, against the numbers of the field: BM25 terms, geography, size, ICP fit; and,
 * through the real host, the bracket of a receiver that is made of them. */
#include "../../plugins/ideal-client/ideal_client.h"
#include "caller.h"

#include "domain/match_score.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#define NEAR(value, expected) cr_expect_float_eq(value, expected, 5e-7, "%.9f is not %.9f", value, expected)

static const struct settings defaults = {
    .k1 = 1.2, .b = 0.75, .issue_half = 10, .wins_half = 3, .industry = 40, .function = 20, .country = 20, .size = 20};

Test(ideal_client, bm25_terms)
{
    NEAR(bm25_term(&defaults, 1, 1000, 100, 6, 5), 2.124754);
    NEAR(bm25_term(&defaults, 2, 1000, 20, 6, 5), 5.061731);
}

Test(ideal_client, size_falls_by_thirds)
{
    static const struct {
        uint32_t band, min, max;
        double x;
    } cases[] = {
        {3, 2, 4, 1},       {2, 2, 4, 1}, {5, 2, 4, 2.0 / 3}, {6, 2, 4, 1.0 / 3}, {7, 2, 4, 0},  {8, 1, 2, 0},
        {1, 2, 4, 2.0 / 3}, {8, 2, 0, 1}, {1, 0, 3, 1},       {4, 0, 3, 2.0 / 3}, {0, 2, 4, -1}, {3, 0, 0, -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        NEAR(size_fit(cases[i].band, cases[i].min, cases[i].max), cases[i].x);
    }
}

Test(ideal_client, geography_by_nearness)
{
    static const struct {
        const char *need[3], *home[3]; /* city, region, country */
        double x;
    } cases[] = {
        {{"wien", "wien", "at"}, {"wien", "wien", "at"}, 1},
        {{"wien", "", "austria"}, {"wien", "", "at"}, 1},
        {{"linz", "upper austria", "at"}, {"wels", "upper austria", "at"}, .75},
        {{"linz", "upper austria", "at"}, {"wien", "wien", "at"}, .5},
        {{"", "", "united states"}, {"", "", "us"}, .5},
        {{"", "", "uk"}, {"", "", "gb"}, .5},
        {{"paris", "texas", "us"}, {"paris", "", "fr"}, 0},
        {{"linz", "", "at"}, {"berlin", "", "de"}, .25},
        {{"", "", "korea"}, {"", "", "jp"}, .25},
        {{"linz", "", "at"}, {"tokyo", "", "jp"}, 0},
        {{"linz", "", "atlantis"}, {"tokyo", "", "jp"}, 0},
        {{"linz", "", ""}, {"linz", "", "at"}, 1},
        {{"", "", ""}, {"linz", "", "at"}, -1},
        {{"linz", "", "at"}, {"", "", ""}, -1},
    };
    geography_prepare();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct vouch_need need = {
            .city = cases[i].need[0], .region = cases[i].need[1], .country = cases[i].need[2]};
        const struct vouch_candidate candidate = {
            .city = cases[i].home[0], .region = cases[i].home[1], .country = cases[i].home[2]};
        const char *why;
        NEAR(geography_fit(&need, &candidate, &why), cases[i].x);
    }
}

Test(ideal_client, icp_is_the_matching_share_of_what_is_known)
{
    static const char *const industries[] = {"banking", "insurance"};
    static const char *const functions[] = {"it", "finance"};
    static const char *const countries[] = {"at", "de"};
    static const struct {
        const char *industry, *function, *country;
        uint32_t band;
        double x;
        unsigned matched;
    } cases[] = {
        {"banking", "head of it", "austria", 3, 1, 15},
        {"banking", "digital sales", "at", 3, .8, ICP_INDUSTRY | ICP_COUNTRY | ICP_SIZE},
        {"banking", "", "", 0, 1, ICP_INDUSTRY},
        {"retail", "cfo, finance", "fr", 8, .2, ICP_FUNCTION},
        {"retail", "", "", 0, 0, 0},
        {"", "", "", 0, -1, 0},
    };
    const struct vouch_candidate candidate = {.industries = {industries, 2},
                                              .functions = {functions, 2},
                                              .countries = {countries, 2},
                                              .size_min = 2,
                                              .size_max = 4};
    geography_prepare();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned matched;
        const struct vouch_need need = {.industry = cases[i].industry,
                                        .function = cases[i].function,
                                        .country = cases[i].country,
                                        .size_band = cases[i].band};
        NEAR(icp_fit(&defaults, &need, &candidate, &matched), cases[i].x);
        cr_expect_eq(matched, cases[i].matched);
    }
}

Test(ideal_client, wins)
{
    NEAR(wins_fit(&defaults, 0, 0), -1.0);
    NEAR(wins_fit(&defaults, 0, 4), 0.0);
    NEAR(wins_fit(&defaults, 3, 4), 0.5);
}

static const struct vouch_component_score *component(const struct answer *answer, size_t candidate, const char *name)
{
    for (uint32_t c = 0; c < answer->match.component_count; c++) {
        if (strcmp(answer->match.components[c].name, name) == 0) {
            return &answer->match.scores[candidate * answer->match.component_count + c];
        }
    }
    cr_assert_fail("there is no component %s", name);
    return NULL;
}

/* ICP .8, tie .89, geography .5, size 2/3, wins unknown, as in the field's check; the tags fit as well as this question
 * makes them, and the check's .6 is put in their place before the bracket is summed. */
Test(ideal_client, the_bracket_of_the_check)
{
    static const char *const issues[] = {"Archive", "Audit"};
    static const char *const industries[] = {"Banking"};
    static const char *const functions[] = {"IT"};
    static const char *const countries[] = {"AT"};
    const struct vouch_candidate candidates[] = {
        {.id = 1,
         .issues = {issues, 2},
         .industries = {industries, 1},
         .functions = {functions, 1},
         .countries = {countries, 1},
         .city = "Wien",
         .country = "AT",
         .size_min = 1,
         .size_max = 4,
         .tie_ppm = 890000,
         .tie_known = 1},
        {.id = 2},
    };
    struct vouch_need need = {.issues = {issues, 1},
                              .industry = "Banking",
                              .function = "Head of IT",
                              .city = "Linz",
                              .country = "Austria",
                              .size_band = 5};
    struct vouch_match_request request = {.need = &need, .candidate_count = 2, .candidates = candidates};
    struct plugin_set *set = caller_start(&(struct tested){.file = "ideal-client"}, 1);
    struct answer answer = caller_match(set, "ideal-client", &request);
    cr_assert_eq(answer.status, VOUCH_OK, "%s", answer.why.text);
    cr_expect_eq(component(&answer, 0, "icp")->x_ppm, 800000);
    cr_expect_str_eq(component(&answer, 0, "icp")->why, "industry, function, country");
    cr_expect_str_eq(component(&answer, 0, "issue")->why, "archive");
    /* N 2, df 1, dl 2, average 1: idf ln 2, term 2.2 / (1 + 1.2 · 1.75). */
    double s = log(2) * 2.2 / 3.1;
    cr_expect_eq(component(&answer, 0, "issue")->x_ppm, (uint32_t)lrint(s / (s + 10) * 1e6));
    cr_expect_eq(component(&answer, 0, "tie")->x_ppm, 890000);
    cr_expect_eq(component(&answer, 0, "geography")->x_ppm, 500000);
    cr_expect_str_eq(component(&answer, 0, "geography")->why, "same country");
    cr_expect_eq(component(&answer, 0, "size")->x_ppm, 666667);
    cr_expect_eq(component(&answer, 0, "wins")->known, 0);
    for (uint32_t c = 0; c < answer.match.component_count; c++) {
        cr_expect_eq(answer.match.scores[answer.match.component_count + c].known, 0);
    }

    static const uint32_t contributions[] = {266667, 166667, 197778, 55555, 37037, 0};
    struct match_component sum[6];
    struct match_score score = {.reliability_ppm = PPM, .capacity_ppm = PPM};
    for (uint32_t c = 0; c < 6; c++) {
        const struct vouch_component_score *one = &answer.match.scores[c];
        bool tags = strcmp(answer.match.components[c].name, "issue") == 0;
        sum[c] = (struct match_component){
            .x_ppm = tags ? 600000 : one->x_ppm, .weight = answer.match.components[c].weight, .known = one->known};
    }
    match_score_sum(sum, 6, &score);
    cr_expect_eq(score.bracket_ppm, 723704);
    for (uint32_t c = 0; c < 6; c++) {
        cr_expect_eq(sum[c].contribution_ppm, contributions[c], "%u: %u", c, sum[c].contribution_ppm);
    }
    answer_free(&answer);
    plugin_set_stop(&set);
}

Test(ideal_client, weights_of_an_instance)
{
    struct plugin_set *set = caller_start(
        &(struct tested){.file = "ideal-client", .settings = {"weight_wins", "0", "weight_tie", "77"}}, 1);
    const struct vouch_candidate candidate = {.id = 1};
    struct vouch_need need = {.industry = ""};
    struct vouch_match_request request = {.need = &need, .candidate_count = 1, .candidates = &candidate};
    struct answer answer = caller_match(set, "ideal-client", &request);
    cr_assert_eq(answer.status, VOUCH_OK, "%s", answer.why.text);
    cr_expect_eq(answer.match.components[2].weight, 77);
    cr_expect_eq(answer.match.components[5].weight, 0);
    answer_free(&answer);
    plugin_set_stop(&set);
}
