/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls of scripts that go well: what they are given, what becomes of their answer; the four ways a call ends; several
 * instances; the same answer in every process. */
#include "script.h"

#include "base/log.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What the script says when it is asked, in the end of a sentence. */
static void expect_said(const char *path, bool matcher, const char *sentence)
{
    struct plugin_set *set = script_start(path);
    script_expect_bad(matcher ? script_match(set) : script_attribute(set), sentence);
    plugin_set_stop(&set);
}

/* Touches 3, 2 and 1 days before the close; a half-life of 30 days. */
Test(lua_calls, the_example_of_an_attribution)
{
    struct plugin_set *set = script_start(EXAMPLES_DIR "/recency.lua");
    struct answer answer = script_attribute(set);
    cr_assert_eq(answer.status, VOUCH_OK, "%s", answer.why.text);
    cr_expect_str_eq(answer.name, "recency");
    cr_expect_str_eq(answer.version, "1.0.0");
    cr_assert_eq(answer.shares.share_count, 2);
    cr_expect_eq(answer.shares.shares[0].party, 7);
    cr_expect_eq(answer.shares.shares[0].weight, 933032 + 977159);
    cr_expect_eq(answer.shares.shares[1].party, 8);
    cr_expect_eq(answer.shares.shares[1].weight, 954841);
    answer_free(&answer);
    plugin_set_stop(&set);
}

Test(lua_calls, the_example_of_a_matcher)
{
    struct plugin_set *set = script_start(EXAMPLES_DIR "/specialist.lua");
    struct answer answer = script_match(set);
    cr_assert_eq(answer.status, VOUCH_OK, "%s", answer.why.text);
    cr_assert_eq(answer.match.component_count, 3);
    cr_expect_str_eq(answer.match.components[0].name, "issues");
    /* "archive" is on one card and weighs 1/2, "print" on none and weighs 1. */
    cr_expect_eq(answer.match.scores[0].x_ppm, 333333);
    cr_expect_str_eq(answer.match.scores[0].why, "3 issues on the card");
    cr_expect_eq(answer.match.scores[1].x_ppm, VOUCH_PPM);
    cr_expect_eq(answer.match.scores[2].x_ppm, VOUCH_PPM);
    cr_expect_eq(answer.match.scores[3].x_ppm, 0);
    cr_expect_eq(answer.match.scores[3].known, 1);
    answer_free(&answer);
    plugin_set_stop(&set);
}

Test(lua_calls, a_request_as_the_script_sees_it)
{
    expect_said(
        script_attribution("function attribute(request)\n"
                           "  local t = {}\n"
                           "  for name, value in pairs(request) do t[#t + 1] = name .. '=' .. tostring(value) end\n"
                           "  for i, touch in ipairs(request.touches) do\n"
                           "    t[#t + 1] = i .. touch.kind .. touch.party .. '/' .. touch.sequence\n"
                           "  end\n"
                           "  error(table.concat(t, ' ') .. tostring(request.opened_ms))\n"
                           "end"),
        false, "closed_ms=1123200000 touches=table window_days=180 1introduction7/100 2vouch8/101 3meeting7/102nil");
}

Test(lua_calls, kinds_of_touches_have_names_and_later_ones_numbers)
{
    struct vouch_touch touches[6];
    for (uint32_t i = 0; i < 6; i++) {
        touches[i] = (struct vouch_touch){.party = UINT64_MAX - i, .sequence = i + 1, .kind = i + 1};
    }
    const struct vouch_attribution_request request = {.opened_ms = 5, .touch_count = 6, .touches = touches};
    struct plugin_set *set = script_start(script_attribution(
        "function attribute(request)\n"
        "  local t, w = {}, {}\n"
        "  for i, touch in ipairs(request.touches) do\n"
        "    t[i] = touch.kind\n"
        "    w[touch.party] = #tostring(touch.kind) + request.opened_ms\n"
        "  end\n"
        "  if table.concat(t, ' ') ~= 'introduction vouch intel meeting handover 6' then error() end\n"
        "  if math.type(t[6]) ~= 'integer' then error('no number') end\n"
        "  return w\n"
        "end"));
    struct answer answer = caller_ask(set, "script", &request);
    cr_assert_eq(answer.status, VOUCH_OK, "%s", answer.why.text);
    cr_assert_eq(answer.shares.share_count, 6);
    cr_expect_eq(answer.shares.shares[0].party, UINT64_MAX);
    cr_expect_eq(answer.shares.shares[0].weight, 17);
    cr_expect_eq(answer.shares.shares[5].party, UINT64_MAX - 5);
    cr_expect_eq(answer.shares.shares[5].weight, 6);
    answer_free(&answer);
    plugin_set_stop(&set);
}

/* Fields by name, absent ones, lists by position and by tag. */
static const struct {
    const char *expression;
    const char *full; /* of candidate 5 */
    const char *empty;
} views[] = {
    {"candidate.id", "5", "6"},
    {"candidate.city .. '/' .. candidate.region .. '/' .. candidate.country", "wien/vienna/at", "//"},
    {"candidate.size_min", "2", "nil"},
    {"candidate.size_max", "4", "nil"},
    {"candidate.tie", "0.25", "nil"},
    {"candidate.segment_won .. ' of ' .. candidate.segment_closed", "2 of 3", "0 of 0"},
    {"#candidate.issues", "3", "0"},
    {"candidate.issues[1]", "archive", "nil"},
    {"candidate.issues[3]", "archive", "nil"},
    {"candidate.issues[4]", "nil", "nil"},
    {"candidate.issues[0]", "nil", "nil"},
    {"candidate.issues.archive", "2", "nil"},
    {"candidate.issues['audit']", "1", "nil"},
    {"candidate.issues.print", "nil", "nil"},
    {"candidate.issues['']", "nil", "nil"},
    {"candidate.issues == candidate.issues", "true", "true"},
    {"candidate.industries.banking", "1", "nil"},
    {"candidate.functions[1]", "cfo", "nil"},
    {"table.concat({table.unpack(candidate.countries)}, '+')", "at+de", ""},
    {"table.concat(candidate.countries, '+')", "at+de", ""},
    {"joined(ipairs(candidate.countries))", "1=at 2=de", ""},
    {"joined(pairs(candidate.countries))", "1=at 2=de", ""},
    {"tostring(candidate) .. tostring(candidate.issues)", "candidatelist", "candidatelist"},
    {"need.issues[1] .. need.issue_candidates[1]", "archive1", "archive1"},
    {"need.issue_candidates.archive", "1", "1"},
    {"need.issue_candidates.print", "0", "0"},
    {"need.issue_candidates.audit", "nil", "nil"},
    {"need.candidate_total .. ' ' .. need.candidate_issues", "2 3", "2 3"},
    {"need.text", "papers everywhere", "papers everywhere"},
    {"need.industry .. need.contact_function .. need.size_band", "bankingcfo3", "bankingcfo3"},
    {"need.city .. need.region .. need.country", "linzupper austriaat", "linzupper austriaat"},
    {"joined(pairs(need)):match('candidate_total=2')", "candidate_total=2", "candidate_total=2"},
    {"joined(pairs(candidate)):match('city=%w*')", "city=wien", "city="},
};

Test(lua_calls, needs_and_candidates_as_the_script_sees_them)
{
    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
        char body[1024];
        snprintf(body, sizeof body,
                 "local function joined(step, state, first)\n"
                 "  local t = {}\n"
                 "  for k, v in step, state, first do t[#t + 1] = tostring(k) .. '=' .. tostring(v) end\n"
                 "  return table.concat(t, ' ')\n"
                 "end\n"
                 "function match(need, candidate)\n"
                 "  return {one = {1, '<' .. tostring(%s) .. '>'}}\n"
                 "end",
                 views[i].expression);
        struct plugin_set *set = script_start(script_matcher(body));
        struct answer answer = script_match(set);
        cr_assert_eq(answer.status, VOUCH_OK, "%s: %s", views[i].expression, answer.why.text);
        char expected[128];
        snprintf(expected, sizeof expected, "<%s>", views[i].full);
        cr_expect_str_eq(answer.match.scores[0].why, expected, "%s is %s", views[i].expression,
                         answer.match.scores[0].why);
        snprintf(expected, sizeof expected, "<%s>", views[i].empty);
        cr_expect_str_eq(answer.match.scores[2].why, expected, "%s is %s", views[i].expression,
                         answer.match.scores[2].why);
        answer_free(&answer);
        plugin_set_stop(&set);
    }
}

static const struct {
    const char *returned; /* for component one */
    uint32_t x_ppm;
    uint32_t known;
    const char *why;
} scores[] = {
    {"0", 0, 1, NULL},
    {"1", VOUCH_PPM, 1, NULL},
    {"0.5", 500000, 1, NULL},
    {"1/3", 333333, 1, NULL},
    {"1 + 1e-12", VOUCH_PPM, 1, NULL},
    {"-1e-12", 0, 1, NULL},
    {"nil", 0, 0, NULL},
    {"{0.25}", 250000, 1, NULL},
    {"{0.25, 'a reason'}", 250000, 1, "a reason"},
    {"{1, ''}", VOUCH_PPM, 1, NULL},
};

Test(lua_calls, scores_of_every_form)
{
    for (size_t i = 0; i < sizeof scores / sizeof scores[0]; i++) {
        char body[256];
        snprintf(body, sizeof body, "function match() return {one = %s} end", scores[i].returned);
        struct plugin_set *set = script_start(script_matcher(body));
        struct answer answer = script_match(set);
        cr_assert_eq(answer.status, VOUCH_OK, "%s: %s", scores[i].returned, answer.why.text);
        const struct vouch_component_score *score = &answer.match.scores[0];
        cr_expect_eq(score->x_ppm, scores[i].x_ppm, "%s: %u", scores[i].returned, score->x_ppm);
        cr_expect_eq(score->known, scores[i].known);
        cr_expect_eq(score->why == NULL, scores[i].why == NULL);
        cr_expect(score->why == NULL || scores[i].why == NULL || strcmp(score->why, scores[i].why) == 0);
        cr_expect_eq(answer.match.scores[1].known, 0);
        answer_free(&answer);
        plugin_set_stop(&set);
    }
}

Test(lua_calls, a_long_why_is_cut)
{
    struct plugin_set *set = script_start(script_matcher("function match() return {one = {1, ('x'):rep(1000)}} end"));
    struct answer answer = script_match(set);
    cr_assert_eq(answer.status, VOUCH_OK, "%s", answer.why.text);
    cr_expect_eq(strlen(answer.match.scores[0].why), VOUCH_WHY_MAX);
    answer_free(&answer);
    plugin_set_stop(&set);
}

Test(lua_calls, a_call_ends_in_one_of_four_ways)
{
    static const struct {
        const char *end;
        enum vouch_status status;
        const char *sentence;
    } ends[] = {
        {"return {}", VOUCH_OK, ""},
        {"defer('come back')", VOUCH_BUSY, "come back"},
        {"unsupported('not mine')", VOUCH_UNAVAILABLE, "not mine"},
        {"error('too bad')", VOUCH_UNAVAILABLE, "too bad"},
        {"defer()", VOUCH_UNAVAILABLE, "bad argument #1 to 'defer' (string expected, got no value)"},
    };
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        char body[256];
        snprintf(body, sizeof body, "function attribute() %s end", ends[i].end);
        struct plugin_set *set = script_start(script_attribution(body));
        for (int again = 0; again < 2; again++) {
            struct answer answer = script_attribute(set);
            cr_expect_eq(answer.status, ends[i].status, "%s: %s", ends[i].end, status_name(answer.status));
            cr_expect(strstr(answer.why.text, ends[i].sentence) != NULL, "%s", answer.why.text);
            answer_free(&answer);
        }
        cr_expect_eq(caller_status(set, "script").deaths, 0);
        plugin_set_stop(&set);
    }
}

Test(lua_calls, what_is_printed_goes_to_the_log)
{
    static struct plugin_note notes[50];
    struct plugin_set *set = script_start(
        script_attribution("print('while loading')\n"
                           "function attribute(request)\n"
                           "  print('touches', #request.touches, {}, print, nil, 1.0)\n"
                           "  return {}\n"
                           "end"));
    script_expect_good(script_attribute(set));
    size_t count = plugin_notes_get(set, "script", notes, 50);
    unsigned loading = 0;
    unsigned called = 0;
    for (size_t i = 0; i < count; i++) {
        loading += strstr(notes[i].text, "while loading") != NULL;
        called += strstr(notes[i].text, "touches 3 table function nil 1.0") != NULL;
    }
    cr_expect_eq(loading, 1, "%u times", loading);
    cr_expect_eq(called, 1, "%u times", called);
    plugin_set_stop(&set);
}

Test(lua_calls, two_instances_with_settings_of_their_own)
{
    static const struct tested both[] = {
        {.file = EXAMPLES_DIR "/recency.lua", .name = "short", .settings = {"half_life_days", "1"}},
        {.file = EXAMPLES_DIR "/recency.lua", .name = "script"},
    };
    struct vouch_touch touch = {.party = 7, .sequence = 1, .time_ms = 86400000, .kind = VOUCH_TOUCH_INTEL};
    const struct vouch_attribution_request request = {.closed_ms = 2 * 86400000, .touch_count = 1, .touches = &touch};
    struct plugin_set *set = caller_start(both, 2);
    struct answer quick = caller_ask(set, "short", &request);
    struct answer slow = caller_ask(set, "script", &request);
    cr_assert_eq(quick.status, VOUCH_OK, "%s", quick.why.text);
    cr_assert_eq(slow.status, VOUCH_OK, "%s", slow.why.text);
    cr_expect_eq(quick.shares.shares[0].weight, 500000);
    cr_expect_eq(slow.shares.shares[0].weight, 977159);
    answer_free(&quick);
    answer_free(&slow);
    plugin_set_stop(&set);
}

Test(lua_calls, as_many_touches_as_there_may_be)
{
    static struct vouch_touch touches[VOUCH_TOUCHES_MAX];
    for (uint32_t i = 0; i < VOUCH_TOUCHES_MAX; i++) {
        touches[i] = (struct vouch_touch){.party = UINT64_MAX - i, .sequence = i + 1, .kind = VOUCH_TOUCH_VOUCH};
    }
    const struct vouch_attribution_request request = {
        .closed_ms = 1, .touch_count = VOUCH_TOUCHES_MAX, .touches = touches};
    struct plugin_set *set = script_start(EXAMPLES_DIR "/recency.lua");
    struct answer answer = caller_ask(set, "script", &request);
    cr_assert_eq(answer.status, VOUCH_OK, "%s", answer.why.text);
    cr_expect_eq(answer.shares.share_count, VOUCH_TOUCHES_MAX);
    answer_free(&answer);
    plugin_set_stop(&set);
}

/* Lua seeds its hashes anew in each process; nothing of that shows. */
Test(lua_calls, every_process_gives_the_same_answer)
{
    static struct status_text first;
    const char *path = script_attribution(
        "local words = {}\n"
        "for i = 1, 300 do words['w' .. i * 7919 % 1000] = i end\n"
        "words[true] = 1 words[false] = 2 words[-1] = 3 words[2.5] = 4 words[1] = 5 words[math.huge] = 6\n"
        "function attribute(request)\n"
        "  local sum, order = 0, ''\n"
        "  for k, v in pairs(words) do\n"
        "    sum = (sum * 31 + v) % 1000003\n"
        "    if #order < 60 then order = order .. ' ' .. tostring(k) end\n"
        "  end\n"
        "  local list = {}\n"
        "  for i = 1, 2000 do list[i] = {key = i * 37 % 7, place = i} end\n"
        "  table.sort(list, function(a, b) return a.key < b.key end)\n"
        "  for i = 2, #list do\n"
        "    local a, b = list[i - 1], list[i]\n"
        "    if a.key > b.key or a.key == b.key and a.place > b.place then error('not stable') end\n"
        "  end\n"
        "  error(sum .. order .. string.format('%s %s', list, print))\n"
        "end");
    for (int i = 0; i < 4; i++) {
        struct plugin_set *set = script_start(path);
        struct answer answer = script_attribute(set);
        cr_expect(strstr(answer.why.text, " -1 1 2.5 inf w") != NULL, "%s", answer.why.text);
        cr_expect(strstr(answer.why.text, "table function") != NULL, "%s", answer.why.text);
        if (i == 0) {
            first = answer.why;
        }
        cr_expect_str_eq(answer.why.text, first.text);
        answer_free(&answer);
        plugin_set_stop(&set);
    }
}
