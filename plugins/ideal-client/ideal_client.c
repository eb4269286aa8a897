/* SPDX-License-Identifier: Apache-2.0
 *
 * The ideal-client matcher: how well a receiver's instruction card fits a prospect. Six components; the broker weighs
 * them, leaves out what is not known, and adds reliability, capacity and gates. */
#include "ideal_client.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ICP, ISSUES, TIE, GEOGRAPHY, SIZE, WINS, COMPONENT_COUNT };

static const struct vouch_setting table[] = {
    {"weight_icp", VOUCH_SETTING_INTEGER, 0, "30", 0, 1000, "weight of the ideal-client fit", {NULL, NULL}},
    {"weight_issue", VOUCH_SETTING_INTEGER, 0, "25", 0, 1000, "weight of the business issues solved", {NULL, NULL}},
    {"weight_tie", VOUCH_SETTING_INTEGER, 0, "20", 0, 1000, "weight of the referrer's tie", {NULL, NULL}},
    {"weight_geography", VOUCH_SETTING_INTEGER, 0, "10", 0, 1000, "weight of nearness", {NULL, NULL}},
    {"weight_size", VOUCH_SETTING_INTEGER, 0, "5", 0, 1000, "weight of the company size", {NULL, NULL}},
    {"weight_wins", VOUCH_SETTING_INTEGER, 0, "10", 0, 1000, "weight of past wins in the segment", {NULL, NULL}},
    {"icp_industry", VOUCH_SETTING_INTEGER, 0, "40", 0, 1000, "industry, within the ideal-client fit", {NULL, NULL}},
    {"icp_function", VOUCH_SETTING_INTEGER, 0, "20", 0, 1000, "contact's function, within it", {NULL, NULL}},
    {"icp_country", VOUCH_SETTING_INTEGER, 0, "20", 0, 1000, "country served, within it", {NULL, NULL}},
    {"icp_size", VOUCH_SETTING_INTEGER, 0, "20", 0, 1000, "size band served, within it", {NULL, NULL}},
    {"k1", VOUCH_SETTING_NUMBER, 0, "1.2", 0, 10, "BM25: how soon a repeated tag stops counting", {NULL, NULL}},
    {"b", VOUCH_SETTING_NUMBER, 0, "0.75", 0, 1, "BM25: how much a long list of tags counts against it", {NULL, NULL}},
    {"issue_half", VOUCH_SETTING_NUMBER, 0, "10", 0.001, 1000, "BM25 sum at which issues fit by half", {NULL, NULL}},
    {"wins_half", VOUCH_SETTING_NUMBER, 0, "3", 0.001, 1000, "wins in the segment that count half", {NULL, NULL}},
};
enum {
    SETTING_WEIGHTS = 0, /* in the order of the components */
    SETTING_ICP_INDUSTRY = COMPONENT_COUNT,
    SETTING_ICP_FUNCTION,
    SETTING_ICP_COUNTRY,
    SETTING_ICP_SIZE,
    SETTING_K1,
    SETTING_B,
    SETTING_ISSUE_HALF,
    SETTING_WINS_HALF,
    SETTING_COUNT
};

struct ideal_client {
    const struct vouch_services *services;
    struct settings settings;
    struct vouch_component components[COMPONENT_COUNT];
};

static enum vouch_answer create(const struct vouch_services *services, const union vouch_setting_value *values,
                                void **self)
{
    static const char *const names[COMPONENT_COUNT] = {"icp", "issue", "tie", "geography", "size", "wins"};
    struct ideal_client *matcher = services->alloc(services, sizeof *matcher);
    if (matcher == NULL) {
        return VOUCH_ANSWER_FAILED;
    }
    uint32_t sum = 0;
    for (int c = 0; c < COMPONENT_COUNT; c++) {
        matcher->components[c].name = names[c];
        matcher->components[c].weight = (uint32_t)values[SETTING_WEIGHTS + c].integer;
        sum += matcher->components[c].weight;
    }
    if (sum == 0) {
        services->explain(services, "all weights are 0, so nothing could tell candidates apart");
        return VOUCH_ANSWER_FAILED;
    }
    geography_prepare();
    matcher->services = services;
    matcher->settings = (struct settings){
        .k1 = values[SETTING_K1].number,
        .b = values[SETTING_B].number,
        .issue_half = values[SETTING_ISSUE_HALF].number,
        .wins_half = values[SETTING_WINS_HALF].number,
        .industry = (uint32_t)values[SETTING_ICP_INDUSTRY].integer,
        .function = (uint32_t)values[SETTING_ICP_FUNCTION].integer,
        .country = (uint32_t)values[SETTING_ICP_COUNTRY].integer,
        .size = (uint32_t)values[SETTING_ICP_SIZE].integer,
    };
    *self = matcher;
    return VOUCH_ANSWER_DONE;
}

static const struct vouch_component *components(void *self, uint32_t *count)
{
    *count = COMPONENT_COUNT;
    return ((const struct ideal_client *)self)->components;
}

static void set_score(struct vouch_component_score *score, double x, const char *why)
{
    if (x >= 0) {
        score->known = 1;
        score->x_ppm = (uint32_t)lrint(x * VOUCH_PPM);
        score->why = why;
    }
}

/* "archive, audit": the need's issues that the candidate solves. NULL without memory. */
static const char *explain_issues(const struct ideal_client *matcher, const struct vouch_need *need,
                                  unsigned long long matched)
{
    char text[VOUCH_WHY_MAX + 1] = "";
    size_t used = 0;
    for (size_t i = 0; i < need->issues.count && i < 64; i++) {
        size_t length = strlen(need->issues.items[i]);
        if ((matched >> i & 1) == 0 || used + length + 3 > sizeof text) {
            continue;
        }
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used > 0 ? ", " : "", need->issues.items[i]);
    }
    char *copy = used == 0 ? NULL : matcher->services->alloc(matcher->services, used + 1);
    return copy == NULL ? NULL : memcpy(copy, text, used + 1);
}

static const char *explain_icp(unsigned matched)
{
    static const char *const texts[16] = {
        "nothing matches",
        "industry",
        "function",
        "industry, function",
        "country",
        "industry, country",
        "function, country",
        "industry, function, country",
        "size",
        "industry, size",
        "function, size",
        "industry, function, size",
        "country, size",
        "industry, country, size",
        "function, country, size",
        "industry, function, country, size",
    };
    return texts[matched & 15];
}

static void match_one(const struct ideal_client *matcher, const struct vouch_match_request *request,
                      const struct vouch_candidate *candidate, struct vouch_component_score *scores)
{
    const struct settings *settings = &matcher->settings;
    const struct vouch_need *need = request->need;
    const char *why = NULL;
    unsigned attributes;
    unsigned long long issues;
    double x = icp_fit(settings, need, candidate, &attributes);
    set_score(&scores[ICP], x, explain_icp(attributes));
    x = issue_fit(settings, request, candidate, &issues);
    set_score(&scores[ISSUES], x, issues != 0 ? explain_issues(matcher, need, issues) : NULL);
    set_score(&scores[TIE], candidate->tie_known ? (double)candidate->tie_ppm / VOUCH_PPM : UNKNOWN, NULL);
    x = geography_fit(need, candidate, &why);
    set_score(&scores[GEOGRAPHY], x, why);
    set_score(&scores[SIZE], size_fit(need->size_band, candidate->size_min, candidate->size_max), NULL);
    set_score(&scores[WINS], wins_fit(settings, candidate->segment_won, candidate->segment_closed), NULL);
}

static enum vouch_answer match(void *self, const struct vouch_match_request *request, struct vouch_match_result *result)
{
    for (uint32_t i = 0; i < request->candidate_count; i++) {
        match_one(self, request, &request->candidates[i], result->scores + (size_t)i * COMPONENT_COUNT);
    }
    return VOUCH_ANSWER_DONE;
}

static const struct vouch_matcher_plugin matcher_plugin = {sizeof matcher_plugin, components, match};

const struct vouch_plugin_descriptor vouch_plugin = {
    .size = sizeof vouch_plugin,
    .abi = VOUCH_PLUGIN_ABI,
    .kind = VOUCH_KIND_MATCHER,
    .name = "ideal-client",
    .version = "1.0.0",
    .summary = "receivers by their instruction card, the referrer's tie, nearness and past wins",
    .settings = table,
    .setting_count = SETTING_COUNT,
    .create = create,
    .matcher = &matcher_plugin,
};
