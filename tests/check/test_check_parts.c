/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of vouch-plugin-check: its questions keep the bounds of vouch_plugin.h whatever the seed, replies that
 * differ are told apart, and verdicts read as they should. */
#include "plugin/check/check.h"

#include "base/utf8.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define SEEDS 12
#define TEXT_BYTES_MAX 2000

/* ---- questions ---- */

static void expect_attribution(const struct question *question)
{
    const struct vouch_attribution_request *request = &question->attribution;
    cr_assert(request->touch_count >= 1);
    cr_assert(request->touch_count <= VOUCH_TOUCHES_MAX);
    cr_expect(request->size == sizeof *request);
    for (uint32_t i = 0; i < request->touch_count; i++) {
        const struct vouch_touch *touch = &request->touches[i];
        cr_expect(touch->party != 0, "%s", question->label);
        cr_expect(i == 0 || touch->sequence > touch[-1].sequence, "%s", question->label);
        cr_expect(touch->flags == 0 && touch->reserved[0] == 0 && touch->reserved[1] == 0);
    }
}

static void expect_text(const char *text, const char *label)
{
    cr_assert(text != NULL, "%s", label);
    size_t length = strlen(text);
    cr_expect(length <= TEXT_BYTES_MAX, "%s", label);
    cr_expect(utf8_valid((const uint8_t *)text, length), "%s", label);
}

static void expect_tags(struct vouch_tags tags, bool each_once, const char *label)
{
    for (size_t i = 0; i < tags.count; i++) {
        expect_text(tags.items[i], label);
        cr_expect(tags.items[i][0] != '\0', "%s", label);
        for (const char *c = tags.items[i]; *c != '\0'; c++) {
            cr_expect(*c < 'A' || *c > 'Z', "%s: %s is not in lower case", label, tags.items[i]);
        }
        for (size_t j = 0; each_once && j < i; j++) {
            cr_expect(strcmp(tags.items[j], tags.items[i]) != 0, "%s", label);
        }
    }
}

static void expect_candidate(const struct vouch_candidate *candidate, const char *label)
{
    cr_expect(candidate->id != 0, "%s", label);
    expect_tags(candidate->issues, false, label);
    expect_tags(candidate->industries, false, label);
    expect_tags(candidate->functions, false, label);
    expect_tags(candidate->countries, false, label);
    expect_text(candidate->city, label);
    expect_text(candidate->region, label);
    expect_text(candidate->country, label);
    cr_expect(candidate->size_min <= 8 && candidate->size_max <= 8, "%s", label);
    cr_expect(candidate->tie_known ? candidate->tie_ppm <= VOUCH_PPM : candidate->tie_ppm == 0, "%s", label);
    cr_expect(candidate->segment_won <= candidate->segment_closed, "%s", label);
}

static void expect_match(const struct question *question)
{
    const struct vouch_match_request *request = &question->match;
    const struct vouch_need *need = request->need;
    uint64_t issues = 0;
    cr_assert(request->candidate_count >= 1);
    cr_assert(request->candidate_count <= VOUCH_CANDIDATES_MAX);
    cr_expect(request->candidate_total == request->candidate_count);
    cr_expect(need->size_band <= 8);
    expect_tags(need->issues, true, question->label);
    expect_text(need->text, question->label);
    for (uint32_t i = 0; i < request->candidate_count; i++) {
        expect_candidate(&request->candidates[i], question->label);
        issues += request->candidates[i].issues.count;
    }
    cr_expect(request->candidate_issues == issues);
    for (size_t i = 0; i < need->issues.count; i++) {
        cr_expect(need->issue_candidates[i] <= request->candidate_total);
    }
}

static void expect_estimate(const struct question *question)
{
    const struct vouch_estimate_request *request = &question->estimate;
    uint64_t times = 0;
    int64_t value = 0;
    uint32_t place = 0;
    cr_assert(request->path_count >= 1 && request->path_count <= VOUCH_PATHS_MAX, "%s", question->label);
    cr_assert(request->place_count >= 1 && request->place_count <= VOUCH_PATH_PLACES_MAX, "%s", question->label);
    cr_expect(request->from_ms < request->until_ms, "%s", question->label);
    for (uint32_t p = 0; p < request->path_count; p++) {
        const struct vouch_path *path = &request->paths[p];
        cr_assert(path->party_count >= 1 && path->first == place, "%s", question->label);
        place += path->party_count;
        cr_expect(path->won + path->lost > 0 && path->value >= 0, "%s", question->label);
        cr_expect(path->won > 0 || path->value == 0, "%s", question->label);
        times += path->won + path->lost;
        value += path->value;
        cr_assert(times <= UINT64_C(1) << 62 && value <= INT64_C(1) << 62, "%s", question->label);
        for (uint32_t i = 0; path->party_count < 50 && i < path->party_count; i++) {
            cr_expect(request->parties[path->first + i] != 0);
            for (uint32_t j = 0; j < i; j++) {
                cr_expect(request->parties[path->first + i] != request->parties[path->first + j], "%s",
                          question->label);
            }
        }
    }
    cr_expect(place == request->place_count, "%s", question->label);
}

static void expect_question(enum plugin_kind kind, const struct question *question)
{
    if (kind == PLUGIN_MATCHER) {
        expect_match(question);
    } else if (question->estimate.path_count > 0) {
        expect_estimate(question);
    } else {
        expect_attribution(question);
    }
}

static void expect_questions(enum plugin_kind kind, uint32_t answers)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct questions questions = {.count = 0};
        questions_make(&questions, kind, answers, seed);
        cr_assert(questions.ordinary > 10);
        cr_assert(questions.count > questions.ordinary + 10);
        for (size_t i = 0; i < questions.count; i++) {
            expect_question(kind, &questions.items[i]);
        }
        questions_free(&questions);
    }
}

Test(questions, attributions_keep_the_bounds_of_the_abi)
{
    expect_questions(PLUGIN_ATTRIBUTION, WORKER_ANSWERS_ATTRIBUTE);
}

Test(questions, estimates_keep_the_bounds_of_the_abi)
{
    expect_questions(PLUGIN_ATTRIBUTION, WORKER_ANSWERS_ESTIMATE);
    expect_questions(PLUGIN_ATTRIBUTION, WORKER_ANSWERS_ATTRIBUTE | WORKER_ANSWERS_ESTIMATE);
}

Test(questions, matches_keep_the_bounds_of_the_abi)
{
    expect_questions(PLUGIN_MATCHER, 0);
}

Test(questions, a_seed_makes_the_same_ones)
{
    struct questions one = {.count = 0};
    struct questions two = {.count = 0};
    struct questions other = {.count = 0};
    questions_make(&one, PLUGIN_ATTRIBUTION, WORKER_ANSWERS_ATTRIBUTE, 7);
    questions_make(&two, PLUGIN_ATTRIBUTION, WORKER_ANSWERS_ATTRIBUTE, 7);
    questions_make(&other, PLUGIN_ATTRIBUTION, WORKER_ANSWERS_ATTRIBUTE, 8);
    const struct vouch_attribution_request *first = &one.items[5].attribution;
    size_t bytes = first->touch_count * sizeof *first->touches;
    cr_expect(memcmp(first->touches, two.items[5].attribution.touches, bytes) == 0);
    cr_expect(memcmp(first->touches, other.items[5].attribution.touches, bytes) != 0);
    questions_free(&one);
    questions_free(&two);
    questions_free(&other);
}

Test(questions, a_part_counts_over_the_whole)
{
    struct questions questions = {.count = 0};
    questions_make(&questions, PLUGIN_MATCHER, 0, 1);
    const struct question *whole = &questions.items[questions.ordinary - 1];
    struct question part = question_part(whole, 2, 3);
    cr_expect(part.match.candidate_count == 3);
    cr_expect(part.match.candidate_total == whole->match.candidate_count);
    cr_expect(part.match.candidate_issues == whole->match.candidate_issues);
    cr_expect(part.match.candidates[0].id == whole->match.candidates[2].id);
    questions_free(&questions);
}

/* ---- replies ---- */

Test(replies, differences_of_shares)
{
    static const struct {
        uint32_t first_count, second_count;
        struct vouch_share first[2], second[2];
        const char *what; /* NULL: none */
    } cases[] = {
        {2, 2, {{1, 5}, {2, 6}}, {{1, 5}, {2, 6}}, NULL},
        {0, 0, {{0, 0}}, {{0, 0}}, NULL},
        {2, 2, {{1, 5}, {2, 6}}, {{1, 5}, {2, 7}}, "party 2 has weight 6, then 7"},
        {2, 1, {{1, 5}, {2, 6}}, {{1, 5}}, "party 2 has a share the first time only"},
        {1, 2, {{1, 5}}, {{1, 5}, {2, 6}}, "party 2 has a share the second time only"},
        {1, 1, {{3, 5}}, {{2, 5}}, "party 2 has a share the second time only"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct vouch_share first[2];
        struct vouch_share second[2];
        char what[200] = "";
        memcpy(first, cases[i].first, sizeof first);
        memcpy(second, cases[i].second, sizeof second);
        struct reply one = {.code = REPLY_DONE, .count = cases[i].first_count, .shares = first};
        struct reply two = {.code = REPLY_DONE, .count = cases[i].second_count, .shares = second};
        cr_expect(reply_differs(&one, &two, what, sizeof what) == (cases[i].what != NULL), "case %zu: %s", i, what);
        cr_expect_str_eq(what, cases[i].what == NULL ? "" : cases[i].what, "case %zu", i);
    }
}

Test(replies, differences_of_scores)
{
    static const struct vouch_component two_components[] = {{"icp", 3, 0}, {"tie", 1, 0}};
    static const struct vouch_component others[] = {{"icp", 3, 0}, {"tie", 2, 0}};
    struct vouch_component_score scores[2] = {{100, 1, "near"}, {0, 0, NULL}};
    struct vouch_component_score changed[2];
    struct reply one = {
        .code = REPLY_DONE, .count = 1, .component_count = 2, .components = two_components, .scores = scores};
    struct reply two = one;
    char what[200];
    two.scores = changed;
    memcpy(changed, scores, sizeof scores);
    cr_expect(!reply_differs(&one, &two, what, sizeof what));
    changed[0].x_ppm = 200;
    cr_expect(reply_differs(&one, &two, what, sizeof what));
    cr_expect_str_eq(what, "component icp of candidate no. 1 is 100 ppm, then 200 ppm");
    memcpy(changed, scores, sizeof scores);
    changed[0].why = "far";
    cr_expect(reply_differs(&one, &two, what, sizeof what));
    cr_expect_str_eq(what, "component icp of candidate no. 1 says \"near\", then \"far\"");
    memcpy(changed, scores, sizeof scores);
    changed[1].known = 1;
    cr_expect(reply_differs(&one, &two, what, sizeof what));
    cr_expect_str_eq(what, "component tie of candidate no. 1 is not known, then known");
    two.components = others;
    cr_expect(reply_differs(&one, &two, what, sizeof what));
    cr_expect_str_eq(what, "component tie has weight 1, then tie has 2");
    two.code = REPLY_FAILED;
    cr_expect(reply_differs(&one, &two, what, sizeof what));
    cr_expect_str_eq(what, "DONE, then FAILED");
}

/* ---- verdicts ---- */

static char *report_text(void (*fill)(struct report *report), bool json)
{
    static struct report report;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    report = (struct report){.out = json ? NULL : out};
    fill(&report);
    report_close(&report);
    if (json) {
        report_json(&report, out, "a\"b.so", "name", "1", "matcher");
    }
    fclose(out);
    return text;
}

static void fill_good(struct report *report)
{
    report_begin(report, "answers");
    report_end(report, "%d questions", 7);
}

static void fill_bad(struct report *report)
{
    report_begin(report, "answers");
    report_find(report, VERDICT_FAIL, "party 7 is there twice", "party %d is there twice", 7);
    report_find(report, VERDICT_FAIL, "party 8 is there twice", "party %d is there twice", 8);
    report_find(report, VERDICT_NOTE, "other", "cut \xc3 \x1b[31m here \xe2\x82");
    report_end(report, "good");
    report_begin(report, "edges");
    report_find(report, VERDICT_FAIL, "party 9 is there twice", "party %d is there twice", 9);
    report_end(report, "good");
}

Test(report, a_good_check_is_one_line)
{
    char *text = report_text(fill_good, false);
    cr_expect_str_eq(text, "ok    answers    7 questions\npassed: 1 check\n");
    free(text);
}

Test(report, a_fault_is_told_once_and_counted)
{
    char *text = report_text(fill_bad, false);
    cr_expect_str_eq(text, "FAIL  answers    party 7 is there twice (2 times)\n"
                           "note  answers    cut  [31m here \n"
                           "note  edges      comes upon what \"answers\" found\n"
                           "failed: 1 fault in 2 checks, 2 notes\n");
    free(text);
}

Test(report, json)
{
    char *text = report_text(fill_good, true);
    cr_expect_str_eq(
        text, "{\"path\":\"a\\\"b.so\",\"plugin\":\"name\",\"version\":\"1\",\"kind\":\"matcher\",\"passed\":true,"
              "\"checks\":1,\"failures\":0,\"notes\":0,\"findings\":[{\"check\":\"answers\",\"verdict\":\"ok\","
              "\"text\":\"7 questions\"}]}\n");
    free(text);
}
