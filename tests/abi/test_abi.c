/* SPDX-License-Identifier: Apache-2.0
 *
 * Plugins of earlier versions of the ABI, each built against the header as it was then, called through the host of
 * today: they are given what they were given then, and their answers mean what they meant. */
#include "caller.h"

#include <criterion/criterion.h>
#include <string.h>

#define ONE(...) (&(struct tested){__VA_ARGS__}), 1
#define TAGS(...)                                                                                                      \
    {                                                                                                                  \
        (const char *const[]){__VA_ARGS__}, sizeof(const char *const[]){__VA_ARGS__} / sizeof(char *)                  \
    }

#define NOTES_MAX 50

static bool noted(struct plugin_set *set, const char *instance, const char *text)
{
    static struct plugin_note notes[NOTES_MAX];
    size_t count = plugin_notes_get(set, instance, notes, NOTES_MAX);
    for (size_t i = 0; i < count; i++) {
        if (strstr(notes[i].text, text) != NULL) {
            return true;
        }
    }
    return false;
}

/* Three touches of two parties; the first is of `kind`. */
static struct answer ask(struct plugin_set *set, const char *instance, uint32_t kind)
{
    const struct vouch_touch touches[] = {
        {.party = 7, .sequence = 101, .time_ms = 1000005, .kind = kind},
        {.party = 9, .sequence = 102, .time_ms = 1000012, .kind = VOUCH_TOUCH_MEETING},
        {.party = 7, .sequence = 104, .time_ms = 1000023, .kind = VOUCH_TOUCH_HANDOVER},
    };
    const struct vouch_attribution_request request = {.size = sizeof request,
                                                      .opened_ms = 1000001,
                                                      .closed_ms = 1000030,
                                                      .window_days = 187,
                                                      .touch_count = 3,
                                                      .touches = touches};
    return caller_ask(set, instance, &request);
}

/* The weights of parties 7 and 9 with the settings. */
static const struct weighed {
    const char *settings[7];
    int64_t weights[2];
} weighed[] = {
    {{NULL}, {1274756, 817523}},
    {{"factor", "-5", NULL}, {1274740, 817515}},
    {{"share", "1.0", NULL}, {1275056, 817823}},
    {{"bonus", "true", "factor", "1000", "share", "0", NULL}, {1276657, 818420}},
};

Test(abi_1_0, attribution)
{
    for (size_t i = 0; i < sizeof weighed / sizeof weighed[0]; i++) {
        struct tested tested = {.file = FROZEN_1_0 "/attribution.so", .name = "frozen"};
        memcpy(tested.settings, weighed[i].settings, sizeof weighed[i].settings);
        struct plugin_set *set = caller_start(&tested, 1);
        struct answer answer = ask(set, "frozen", VOUCH_TOUCH_INTRODUCTION);
        cr_assert_eq(answer.status, VOUCH_OK, "%s", answer.why.text);
        cr_expect_str_eq(answer.name, "frozen-attribution");
        cr_expect_str_eq(answer.version, "1.0.0");
        cr_assert_eq(answer.shares.share_count, 2);
        for (size_t s = 0; s < 2; s++) {
            cr_expect_eq(answer.shares.shares[s].party, s == 0 ? 7 : 9);
            cr_expect_eq(answer.shares.shares[s].weight, weighed[i].weights[s], "case %zu, share %zu: %lld", i, s,
                         (long long)answer.shares.shares[s].weight);
        }
        cr_expect_eq(caller_status(set, "frozen").refused, 0);
        answer_free(&answer);
        plugin_set_stop(&set);
    }
}

static const struct ended {
    uint32_t kind; /* of the first touch, on which the frozen plugin acts */
    enum vouch_status status;
    const char *sentence;
} ended[] = {
    {101, VOUCH_BUSY, "asks to be called later: frozen says no to 101"},
    {102, VOUCH_UNAVAILABLE, "does not support this request: frozen says no to 102"},
    {103, VOUCH_UNAVAILABLE, "failed: frozen says no to 103"},
    {104, VOUCH_BUSY, "frozen says no to 104"}, /* alloc gave NULL */
};

Test(abi_1_0, answers)
{
    struct plugin_set *set = caller_start(ONE(.file = FROZEN_1_0 "/attribution.so", .name = "frozen"));
    for (size_t i = 0; i < sizeof ended / sizeof ended[0]; i++) {
        struct answer answer = ask(set, "frozen", ended[i].kind);
        cr_expect_eq(answer.status, ended[i].status, "%s", answer.why.text);
        cr_expect(strstr(answer.why.text, ended[i].sentence) != NULL, "%s", answer.why.text);
        answer_free(&answer);
    }
    cr_expect(noted(set, "frozen", "says: frozen")); /* logged in create */
    cr_expect_eq(caller_status(set, "frozen").deaths, 0);
    plugin_set_stop(&set);
}

static const struct refused {
    const char *name, *value;
    enum vouch_status status; /* of the start */
    const char *sentence;
} refused[] = {
    {"factor", "1001", VOUCH_INVALID, "factor must be from -5 to 1000, not 1001"},
    {"share", "1.5", VOUCH_INVALID, "share must be from 0 to 1, not 1.5"},
    {"share", "nan", VOUCH_INVALID, "share must be a number, not \"nan\""},
    {"bonus", "yes", VOUCH_INVALID, "bonus must be true or false, not \"yes\""},
    {"label", "more than twenty bytes", VOUCH_INVALID, "label is longer than 20 bytes"},
    {"label", "broken", VOUCH_OK, "could not make an instance: the label says so"},
};

Test(abi_1_0, settings)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct plugin_set *set;
        struct status_text why;
        enum vouch_status status = caller_try(ONE(.file = FROZEN_1_0 "/attribution.so", .name = "frozen",
                                                  .settings = {refused[i].name, refused[i].value}),
                                              &set, &why);
        cr_expect_eq(status, refused[i].status, "%s", why.text);
        struct plugin_status after = {.last_error = ""};
        if (status == VOUCH_OK) {
            after = caller_status(set, "frozen");
            plugin_set_stop(&set);
        }
        const char *said = status == VOUCH_OK ? after.last_error : why.text;
        cr_expect(strstr(said, refused[i].sentence) != NULL, "%s", said);
    }
}

Test(abi_1_0, matcher)
{
    const struct vouch_candidate candidates[] = {
        {.id = 501,
         .issues = TAGS("archive", "tape"),
         .industries = TAGS("banking"),
         .functions = TAGS("it", "risk"),
         .countries = TAGS("at", "de"),
         .city = "wien",
         .region = "vienna",
         .country = "at",
         .size_min = 2,
         .size_max = 6,
         .tie_ppm = 890403,
         .tie_known = 1,
         .segment_won = 3,
         .segment_closed = 4},
        {.id = 502},
    };
    const uint32_t named[] = {21, 12};
    const struct vouch_need need = {.size = sizeof need,
                                    .issues = TAGS("archive", "audit"),
                                    .issue_candidates = named,
                                    .text = "tapes",
                                    .industry = "banking",
                                    .function = "cio",
                                    .city = "linz",
                                    .region = "upper",
                                    .country = "at",
                                    .size_band = 5};
    const struct vouch_match_request request = {.size = sizeof request,
                                                .need = &need,
                                                .candidate_total = 700,
                                                .candidate_count = 2,
                                                .candidate_issues = 1400,
                                                .candidates = candidates};
    struct plugin_set *set = caller_start(
        ONE(.file = FROZEN_1_0 "/matcher.so", .name = "frozen", .settings = {"weight", "9"}));
    struct answer answer = caller_match(set, "frozen", &request);
    cr_assert_eq(answer.status, VOUCH_OK, "%s", answer.why.text);
    cr_assert_eq(answer.match.component_count, 3);
    static const struct vouch_component components[] = {{"need", 9, 0}, {"card", 2, 0}, {"never", 1, 0}};
    static const struct vouch_component_score scores[] = {
        {500000, 1, "archive,audit/21/12|tapes|banking|cio|linz|upper|at|5|2/700/1400"},
        {890403, 1, "501|archive,tape|banking|it,risk|at,de|wien|vienna|at|2-6|890403:1|3/4|0"},
        {0, 0, NULL},
        {333333, 1, "archive,audit/21/12|tapes|banking|cio|linz|upper|at|5|2/700/1400"},
        {0, 0, "502||||||||0-0|0:0|0/0|0"},
        {0, 0, NULL},
    };
    for (size_t c = 0; c < 3; c++) {
        cr_expect_str_eq(answer.match.components[c].name, components[c].name);
        cr_expect_eq(answer.match.components[c].weight, components[c].weight);
    }
    for (size_t s = 0; s < 6; s++) {
        const struct vouch_component_score *score = &answer.match.scores[s];
        cr_expect_eq(score->x_ppm, scores[s].x_ppm, "score %zu: %u", s, score->x_ppm);
        cr_expect_eq(score->known, scores[s].known, "score %zu: %u", s, score->known);
        cr_expect_eq(score->why == NULL, scores[s].why == NULL);
        if (score->why != NULL && scores[s].why != NULL) {
            cr_expect_str_eq(score->why, scores[s].why);
        }
    }
    answer_free(&answer);
    plugin_set_stop(&set);
}

/* Modes came with ABI 1.1: what an earlier plugin left there has no meaning. */
Test(abi_1_0, divides_the_pool)
{
    struct plugin_set *set = caller_start(ONE(.file = FROZEN_1_0 "/attribution.so", .name = "frozen"));
    struct answer answer = ask(set, "frozen", VOUCH_TOUCH_INTRODUCTION);
    cr_assert_eq(answer.status, VOUCH_OK, "%s", answer.why.text);
    cr_expect_eq(answer.shares.mode, VOUCH_SHARES_INSIDE);
    answer_free(&answer);
    plugin_set_stop(&set);
}

static const struct moded {
    const char *settings[5];
    enum vouch_status status;
    uint32_t mode;
    const char *sentence;
} moded[] = {
    {{NULL}, VOUCH_OK, VOUCH_SHARES_OVERRIDE, ""},
    {{"mode", "0", NULL}, VOUCH_OK, VOUCH_SHARES_INSIDE, ""},
    {{"weight", "4294967296", NULL}, VOUCH_OK, VOUCH_SHARES_OVERRIDE, ""},
    {{"mode", "0", "weight", "4294967297", NULL}, VOUCH_OK, VOUCH_SHARES_INSIDE, ""},
    {{"weight", "4294967297", NULL}, VOUCH_UNAVAILABLE, 0, "party 7 has the override weight 4294967297, above 2^32"},
    {{"mode", "2", NULL}, VOUCH_UNAVAILABLE, 0, "shares in the unknown mode 2"},
};

Test(abi_1_1, modes)
{
    for (size_t i = 0; i < sizeof moded / sizeof moded[0]; i++) {
        struct tested tested = {.file = FROZEN_1_1 "/attribution.so", .name = "frozen"};
        memcpy(tested.settings, moded[i].settings, sizeof moded[i].settings);
        struct plugin_set *set = caller_start(&tested, 1);
        struct answer answer = ask(set, "frozen", VOUCH_TOUCH_INTRODUCTION);
        cr_assert_eq(answer.status, moded[i].status, "case %zu: %s", i, answer.why.text);
        if (answer.status == VOUCH_OK) {
            cr_expect_eq(answer.shares.mode, moded[i].mode, "case %zu", i);
            cr_expect_eq(answer.shares.share_count, 1);
        } else {
            cr_expect(strstr(answer.why.text, moded[i].sentence) != NULL, "%s", answer.why.text);
        }
        cr_expect_eq(caller_status(set, "frozen").deaths, 0);
        answer_free(&answer);
        plugin_set_stop(&set);
    }
}

/* Two paths, 9 > 7 and 7; the request's own fields come back in the raw values. */
static struct answer estimate(struct plugin_set *set, const char *currency)
{
    const uint64_t parties[] = {9, 7, 7};
    const struct vouch_path paths[] = {
        {.first = 0, .party_count = 2, .won = 3, .lost = 4, .value = 5},
        {.first = 2, .party_count = 1, .won = 6, .lost = 7, .value = 8},
    };
    const struct vouch_estimate_request request = {.size = sizeof request,
                                                   .from_ms = 100,
                                                   .until_ms = 107,
                                                   .currency = currency,
                                                   .path_count = 2,
                                                   .place_count = 3,
                                                   .paths = paths,
                                                   .parties = parties};
    return caller_estimate(set, "frozen", &request);
}

Test(abi_1_1, estimates)
{
    static const struct vouch_estimate_share shares[] = {
        {.party = 9, .weight = 34500, .raw_numerator = 7, .raw_denominator = 'E' + 3},
        {.party = 7, .weight = 34510 + 67800, .raw_numerator = 7, .raw_denominator = 'E' + 3, .raw_rounded = 1},
    };
    struct plugin_set *set = caller_start(ONE(.file = FROZEN_1_1 "/attribution.so", .name = "frozen"));
    struct answer answer = estimate(set, "EUR");
    cr_assert_eq(answer.status, VOUCH_OK, "%s", answer.why.text);
    cr_assert_eq(answer.estimated.share_count, 2);
    for (size_t s = 0; s < 2; s++) {
        cr_expect_eq(answer.estimated.shares[s].weight, shares[s].weight, "share %zu: %lld", s,
                     (long long)answer.estimated.shares[s].weight);
        cr_expect(memcmp(&answer.estimated.shares[s], &shares[s], sizeof shares[s]) == 0, "share %zu", s);
    }
    answer_free(&answer);
    answer = estimate(set, "XXX");
    cr_assert_eq(answer.status, VOUCH_UNAVAILABLE);
    cr_expect(strstr(answer.why.text, "does not support this request: frozen says no to 2 paths") != NULL, "%s",
              answer.why.text);
    answer_free(&answer);
    plugin_set_stop(&set);
}

Test(abi_1_0, does_not_estimate)
{
    struct plugin_set *set = caller_start(ONE(.file = FROZEN_1_0 "/attribution.so", .name = "frozen"));
    struct answer answer = estimate(set, "EUR");
    cr_expect_eq(answer.status, VOUCH_UNAVAILABLE);
    cr_expect(strstr(answer.why.text, "does not estimate over history") != NULL, "%s", answer.why.text);
    cr_expect_eq(caller_status(set, "frozen").deaths, 0);
    answer_free(&answer);
    plugin_set_stop(&set);
}
