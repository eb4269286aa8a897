/* SPDX-License-Identifier: Apache-2.0
 *
 * Estimates that cannot be: refused with what is wrong with them, in words of the party and the value; the process goes
 * on, unless it is the process that is broken. */
#include "caller.h"

#include <criterion/criterion.h>
#include <string.h>

/* Parties 5 > 6 > 7 and 6 alone: two shares of three that fit. */
static struct answer ask(struct plugin_set *set)
{
    static const uint64_t parties[] = {5, 6, 7, 6};
    static const struct vouch_path paths[] = {{.first = 0, .party_count = 3, .won = 1},
                                              {.first = 3, .party_count = 1, .lost = 1}};
    const struct vouch_estimate_request request = {.size = sizeof request,
                                                   .until_ms = 1,
                                                   .currency = "EUR",
                                                   .path_count = 2,
                                                   .place_count = 4,
                                                   .paths = paths,
                                                   .parties = parties};
    return caller_estimate(set, "fault_estimate", &request);
}

static const struct fault {
    const char *name;
    enum vouch_status status;
    const char *sentence;
    uint64_t deaths;
} faults[] = {
    {"none", VOUCH_OK, "", 0},
    {"stranger", VOUCH_UNAVAILABLE, "party 424242 is on no path", 0},
    {"negative", VOUCH_UNAVAILABLE, "party 5 has the negative weight -5", 0},
    {"overflow", VOUCH_UNAVAILABLE, "the sum of the weights is above 2^62", 0},
    {"denominator", VOUCH_UNAVAILABLE, "party 5 has the raw value 0/0", 0},
    {"below", VOUCH_UNAVAILABLE, "party 5 has the weight 1 for a negative raw value", 0},
    {"rounded", VOUCH_UNAVAILABLE, "party 5 has the raw value 0/1, rounded 2", 0},
    {"twice", VOUCH_UNAVAILABLE, "party 5 is there twice", 0},
    {"count", VOUCH_UNAVAILABLE, "it counts 4 shares where 3 fit", 0},
    {"code", VOUCH_UNAVAILABLE, "it answered with the unknown code 77", 0},
    {"defer", VOUCH_BUSY, "asks to be called later: the books are open", 0},
    {"overrun", VOUCH_UNAVAILABLE, "was killed by SIGSEGV", 1},
    {"write", VOUCH_UNAVAILABLE, "was killed by SIGSEGV", 1},
};

Test(estimate_faults, are_refused_in_words)
{
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct plugin_set *set = caller_start(
            &(struct tested){.file = "fault_estimate", .settings = {"fault", faults[i].name}, .deadline_ms = 5000}, 1);
        struct answer answer = ask(set);
        cr_expect_eq(answer.status, faults[i].status, "%s: %s", faults[i].name, answer.why.text);
        cr_expect(strstr(answer.why.text, faults[i].sentence) != NULL, "%s: %s", faults[i].name, answer.why.text);
        cr_expect_eq(caller_status(set, "fault_estimate").deaths, faults[i].deaths, "%s", faults[i].name);
        answer_free(&answer);
        plugin_set_stop(&set);
    }
}

/* Past the bounds of the ABI nothing is sent. */
Test(estimate_faults, bounds_are_kept_before_the_call)
{
    static struct vouch_path paths[VOUCH_PATHS_MAX + 1];
    static uint64_t parties[VOUCH_PATH_PLACES_MAX + 1];
    for (uint32_t i = 0; i <= VOUCH_PATHS_MAX; i++) {
        paths[i] = (struct vouch_path){.first = i, .party_count = 1, .won = 1};
    }
    for (uint32_t i = 0; i <= VOUCH_PATH_PLACES_MAX; i++) {
        parties[i] = i + 1;
    }
    static const struct {
        uint32_t paths, places;
        enum vouch_status status;
        const char *sentence;
    } cases[] = {
        {0, 1, VOUCH_INVALID, "at least one path of at least one party"},
        {1, 0, VOUCH_INVALID, "at least one path of at least one party"},
        {VOUCH_PATHS_MAX + 1, VOUCH_PATHS_MAX + 1, VOUCH_TOO_LARGE, "at most 4096 paths of 65536 parties in all"},
        {1, VOUCH_PATH_PLACES_MAX + 1, VOUCH_TOO_LARGE, "at most 4096 paths of 65536 parties in all"},
        {VOUCH_PATHS_MAX, VOUCH_PATH_PLACES_MAX, VOUCH_OK, ""},
    };
    struct plugin_set *set = caller_start(&(struct tested){.file = "fault_estimate", .deadline_ms = 5000}, 1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct vouch_estimate_request request = {.size = sizeof request,
                                                       .until_ms = 1,
                                                       .currency = "EUR",
                                                       .path_count = cases[i].paths,
                                                       .place_count = cases[i].places,
                                                       .paths = paths,
                                                       .parties = parties};
        struct answer answer = caller_estimate(set, "fault_estimate", &request);
        cr_expect_eq(answer.status, cases[i].status, "case %zu: %s", i, answer.why.text);
        cr_expect(strstr(answer.why.text, cases[i].sentence) != NULL, "case %zu: %s", i, answer.why.text);
        answer_free(&answer);
    }
    cr_expect_eq(caller_status(set, "fault_estimate").calls, 1);
    plugin_set_stop(&set);
}
