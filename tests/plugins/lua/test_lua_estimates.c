/* SPDX-License-Identifier: Apache-2.0
 *
 * Scripts that estimate over history, and scripts that pay beside the pool: what they are told, what they may return,
 * and what they are told when they return something else. */
#include "script.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* Paths 9 > 7 and 7. */
static struct answer ask(struct plugin_set *set)
{
    static const uint64_t parties[] = {9, 7, 7};
    static const struct vouch_path paths[] = {
        {.first = 0, .party_count = 2, .won = 3, .lost = 4, .value = 5},
        {.first = 2, .party_count = 1, .won = 6, .lost = 7, .value = 8},
    };
    const struct vouch_estimate_request request = {.size = sizeof request,
                                                   .from_ms = 100,
                                                   .until_ms = 107,
                                                   .currency = "EUR",
                                                   .path_count = 2,
                                                   .place_count = 3,
                                                   .paths = paths,
                                                   .parties = parties};
    return caller_estimate(set, "script", &request);
}

static struct plugin_set *start(const char *body)
{
    char script[2048];
    snprintf(script, sizeof script, "function estimate(history, settings)\n%s\nend", body);
    return script_start(script_attribution(script));
}

Test(lua_estimates, are_told_the_history)
{
    struct plugin_set *set = start(
        "local first, second = history.paths[1], history.paths[2]\n"
        "assert(#history.paths == 2 and #first.parties == 2 and #second.parties == 1)\n"
        "assert(first.parties[1] == 9 and first.parties[2] == 7 and second.parties[1] == 7)\n"
        "assert(history.from_ms == 100 and history.until_ms == 107)\n"
        "assert(history.currency == 'EUR' and second.value == 8)\n"
        "return {[7] = {first.won, -first.lost + 5, 3}, [9] = second.won + second.lost}");
    struct answer answer = ask(set);
    cr_assert_eq(answer.status, VOUCH_OK, "%s", answer.why.text);
    static const struct vouch_estimate_share shares[] = {
        {.party = 9, .weight = 13, .raw_numerator = 13, .raw_denominator = 1},
        {.party = 7, .weight = 3, .raw_numerator = 1, .raw_denominator = 3},
    };
    cr_assert_eq(answer.estimated.share_count, 2);
    cr_expect(memcmp(answer.estimated.shares, shares, sizeof shares) == 0);
    answer_free(&answer);
    plugin_set_stop(&set);
}

static const struct refused {
    const char *does;
    const char *sentence;
} refused[] = {
    {"return", "estimate() must return a table of weights by party, not a nil value"},
    {"return {[8] = 1}", "there is a weight for party 8, which is on no path"},
    {"return {[7] = 0.5}", "the weight of party 7 is 0.5; it must be a whole number"},
    {"return {[7] = -1}", "the weight of party 7 is -1; it must not be below 0"},
    {"return {[7] = {}}", "the weight of party 7 is a nil; it must be a whole number"},
    {"return {[7] = {1}}", "the numerator of party 7 must be a whole number: {weight, numerator, denominator}"},
    {"return {[7] = {1, 2}}", "the denominator of party 7 must be a whole number"},
    {"return {[7] = {1, 2.5, 3}}", "the numerator of party 7 must be a whole number"},
    {"return {[7] = {1, '2', 3}}", "the numerator of party 7 must be a whole number"},
    {"return {[7] = {1, 2, 0}}", "the denominator of party 7 is 0; it must be above 0"},
    {"return {[7] = {1, -2, 3}}", "party 7 has the weight 1 for a raw value below 0, which weighs 0"},
    {"return {[7] = 1 << 62, [9] = 1}", "the weights sum to more than 2^62"},
    {"return history.path", "a history has no path; it has paths, currency, from_ms, until_ms"},
    {"return history.paths[1].party", "a path has no party; it has parties, won, lost, value"},
    {"unsupported('nothing to say')", "does not support this request: nothing to say"},
    {"while true do end", "still running after"},
};

Test(lua_estimates, refusals)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct plugin_set *set = start(refused[i].does);
        script_expect_bad(ask(set), refused[i].sentence);
        cr_expect_eq(caller_status(set, "script").deaths, 0);
        plugin_set_stop(&set);
    }
    struct plugin_set *set = start("return {[7] = {0, -2, 3}, [9] = {0, 0, 1}}");
    script_expect_good(ask(set));
    plugin_set_stop(&set);
}

/* A script has one of the two functions, or both. */
Test(lua_estimates, and_attributions)
{
    struct plugin_set *set = start("return {}");
    script_expect_bad(script_attribute(set), "use `vouch commission estimate`");
    plugin_set_stop(&set);
    set = script_start(script_attribution("function attribute() return {} end"));
    script_expect_bad(ask(set), "does not estimate over history");
    plugin_set_stop(&set);
    set = script_start(script_attribution("function attribute() return {} end function estimate() return {} end"));
    script_expect_good(script_attribute(set));
    script_expect_good(ask(set));
    plugin_set_stop(&set);
    bool good;
    const char *said = script_describe(script_attribution("function estimate() return {} end"), &good);
    cr_expect(good && strstr(said, "estimates over history\nno settings") != NULL, "%s", said);
}

static const struct {
    const char *returns;
    uint32_t mode;
    int64_t weights[2];   /* of 7 and 8 */
    const char *sentence; /* NULL: it is an answer */
} overrides[] = {
    {"{[7] = 1, [8] = 0.25}, 'override'", VOUCH_SHARES_OVERRIDE, {INT64_C(1) << 32, 1 << 30}, NULL},
    {"{[7] = 0, [8] = 1/3}, 'override'", VOUCH_SHARES_OVERRIDE, {0, 1431655765}, NULL},
    {"{[7] = 3, [8] = 1}, 'inside'", VOUCH_SHARES_INSIDE, {3, 1}, NULL},
    {"{[7] = 3, [8] = 1}, nil", VOUCH_SHARES_INSIDE, {3, 1}, NULL},
    {"{[7] = 1.5}, 'override'", 0, {0, 0}, "the override of party 7 is 1.5; it must be from 0 to 1, its part of the"},
    {"{[7] = -0.5}, 'override'", 0, {0, 0}, "the override of party 7 is -0.5; it must be from 0 to 1"},
    {"{[7] = 0/0}, 'override'", 0, {0, 0}, "the override of party 7 is"},
    {"{[7] = '1'}, 'override'", 0, {0, 0}, "the override of party 7 is a string; it must be a number from 0 to 1"},
    {"{[7] = 1}, 'on top'", 0, {0, 0}, "attribute() may return \"inside\" or \"override\", not on top"},
    {"{[7] = 1}, 3", 0, {0, 0}, "attribute() may return \"inside\" or \"override\", not 3"},
};

Test(lua_estimates, overrides)
{
    for (size_t i = 0; i < sizeof overrides / sizeof overrides[0]; i++) {
        char script[256];
        snprintf(script, sizeof script, "function attribute() return %s end", overrides[i].returns);
        struct plugin_set *set = script_start(script_attribution(script));
        struct answer answer = script_attribute(set);
        if (overrides[i].sentence != NULL) {
            script_expect_bad(answer, overrides[i].sentence);
        } else {
            cr_assert_eq(answer.status, VOUCH_OK, "%s: %s", overrides[i].returns, answer.why.text);
            cr_expect_eq(answer.shares.mode, overrides[i].mode, "%s", overrides[i].returns);
            cr_expect_eq(answer.shares.shares[0].weight, overrides[i].weights[0], "%s", overrides[i].returns);
            cr_expect_eq(answer.shares.shares[1].weight, overrides[i].weights[1], "%s", overrides[i].returns);
            answer_free(&answer);
        }
        plugin_set_stop(&set);
    }
}
