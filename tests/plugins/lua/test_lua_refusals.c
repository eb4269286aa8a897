/* SPDX-License-Identifier: Apache-2.0
 *
 * Scripts that return what they may not, reach for what they do not have, or run wild: each is told what was wrong,
 * with the way out, and the instance answers the next call as if nothing had been. */
#include "script.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

struct refused {
    const char *does;
    const char *sentence;
};

/* ---- answers ---- */

static const struct refused weights[] = {
    {"return {[7] = 0.5}",
     "the weight of party 7 is 0.5; it must be a whole number: math.floor(x * 1000000) makes one"},
    {"return {[7] = 1, [8] = 0/0}", "the weight of party 8 is "},
    {"return {[7] = 1e300}",
     "the weight of party 7 is 1e+300; it must be a whole number, and all together at most 2^62"},
    {"return {[7] = math.huge}", "the weight of party 7 is inf"},
    {"return {[7] = math.maxinteger}", "all together at most 2^62"},
    {"return {[7] = 1 << 62, [8] = 1}", "the weights sum to more than 2^62"},
    {"return {[7] = -1}", "the weight of party 7 is -1; it must not be below 0: math.max(0, x) cuts it off"},
    {"return {[7] = '3'}", "the weight of party 7 is a string; it must be a whole number"},
    {"return {[7] = true}", "the weight of party 7 is a boolean"},
    {"return {[7] = 1, [9] = 1}", "there is a weight for party 9, which has no touch in this deal"},
    {"return {[7] = 1, ['8'] = 1}", "there is a weight for the key 8, which has no touch"},
    {"return {[7] = 1, [8.5] = 1}", "there is a weight for the key 8.5"},
    {"return {[9] = 0, [10] = 0}", "there is a weight for party 9"},
    {"return {[{}] = 1}", "a table with a table for a key"},
    {"return", "attribute() must return a table of weights by party, not a nil value"},
    {"return 3", "must return a table of weights by party, not a number value"},
    {"return request.touches[1].prty", "a touch has no prty; it has party, time_ms, sequence, kind"},
    {"return request['']", "a request has no ; it has touches"},
    {"return request[{}]", "a request has no table; it has touches"},
    {"return request.touch", "a request has no touch; it has touches, closed_ms, opened_ms, window_days"},
    {"return request.touches[4].party", "attempt to index a nil value"},
    {"return {[settings.half_life] = 1}", "settings.half_life is not defined"},
    {"settings.half_life = 3", "settings.half_life cannot be set: settings is read-only"},
};

static const struct refused rows[] = {
    {"return {one = 1.5}", "component one of candidate 5 is 1.5; it must be from 0 to 1, or left out"},
    {"return {one = -0.1}", "component one of candidate 5 is -0.1"},
    {"return {one = 0/0}", "component one of candidate 5 is "},
    {"return {one = '0.5'}", "component one of candidate 5 is a string value; it must be a number from 0 to 1"},
    {"return {one = true}", "component one of candidate 5 is a boolean value"},
    {"return {one = {}}", "component one of candidate 5 is a nil value"},
    {"return {one = {'why', 1}}", "component one of candidate 5 has a number as its why; it is {number, \"why\"}"},
    {"return {one = {1, {}}}", "has a table as its why"},
    {"return {one = {2, 'why'}}", "component one of candidate 5 is 2.0"},
    {"return {one = 1, three = 1}", "match() returned three, which is no component of this plugin"},
    {"return {0.5, 0.5}", "match() returned 1, which is no component"},
    {"return 0.5", "match() must return a table of scores by component, not a number value"},
    {"if candidate.id == 6 then return end", "not a nil value"},
    {"if candidate.id == 5 then return {one = 1} end return {one = 7}", "component one of candidate 6 is 7"},
    {"return {one = candidate.industry}", "a candidate has no industry; it has issues, industries, functions"},
    {"return {one = need.issue}", "a need has no issue; it has issues, issue_candidates, text"},
    {"candidate.tie = 1", "a candidate is read-only"},
    {"need.text = ''", "a need is read-only"},
    {"need.issues[1] = 'x'", "a list that was handed in is read-only: {table.unpack(list)} makes one of your own"},
    {"table.sort(candidate.issues)", "bad argument #1 to 'sort' (table expected, got list)"},
    {"return {one = candidate.issues[{}]}", "a list is asked by position or by tag, not by a table"},
    {"return {one = candidate.issues[1.5]}", "a list is asked by position or by tag, not by a number"},
};

static void expect_refusal(bool matcher, const struct refused *refused)
{
    char body[1024];
    /* Past the first call, or when the fault is not asked for, all is well. */
    snprintf(body, sizeof body,
             "local calls = 0\nfunction %s\n  calls = calls + 1\n  if calls %s then\n    %s\n  end\n  return {}\nend",
             matcher ? "match(need, candidate, settings)" : "attribute(request, settings)", matcher ? "<= 2" : "== 1",
             refused->does);
    struct plugin_set *set = script_start(matcher ? script_matcher(body) : script_attribution(body));
    script_expect_bad(matcher ? script_match(set) : script_attribute(set), refused->sentence);
    if (matcher) { /* the two candidates that may have been left of the first call */
        struct answer answer = script_match(set);
        answer_free(&answer);
    }
    script_expect_good(matcher ? script_match(set) : script_attribute(set));
    cr_expect_eq(caller_status(set, "script").deaths, 0, "%s", refused->does);
    plugin_set_stop(&set);
}

Test(lua_refusals, weights_are_checked)
{
    for (size_t i = 0; i < sizeof weights / sizeof weights[0]; i++) {
        expect_refusal(false, &weights[i]);
    }
}

Test(lua_refusals, scores_are_checked)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        expect_refusal(true, &rows[i]);
    }
}

/* ---- what scripts cannot reach ---- */

static const struct refused reaches[] = {
    {"os.execute('true')", "os is not there: a plugin has no clock, no files and no processes"},
    {"io.open('/etc/passwd')", "io is not there: a plugin has no files"},
    {"require('socket')", "require is not there: a script is one file"},
    {"package.loadlib('x', 'y')", "package is not there"},
    {"debug.getregistry()", "debug is not there"},
    {"load('return 1')()", "load is not there: a script cannot make code"},
    {"loadfile('/etc/passwd')", "loadfile is not there"},
    {"dofile('/etc/passwd')", "dofile is not there"},
    {"string.dump(print)", "string.dump is not there"},
    {"(''):dump()", "string.dump is not there"},
    {"coroutine.create(print)", "coroutine is not there"},
    {"collectgarbage('count')", "collectgarbage is not there: an answer must not depend on memory"},
    {"math.random()", "math.random is not there: the same request must get the same answer"},
    {"next({})", "next is not there: use pairs()"},
    {"pcall(print)", "pcall is not there: an error ends the call and is told as it is"},
    {"setmetatable({}, {})", "setmetatable is not there: tables are plain here"},
    {"getmetatable('').__index = nil", "getmetatable is not there"},
    {"rawset({}, 1, 2)", "rawset is not there"},
    {"_G.x = 1", "_G is not there"},
    {"total = 1", "total is a global, which would outlive the call: write \"local total\""},
    {"attribute = print", "attribute is a global, which would outlive the call"},
    {"pairs = ipairs", "pairs is a global, which would outlive the call"},
    {"math = {}", "math is a global"},
    {"math.pi = 3", "math.pi cannot be set: math is read-only"},
    {"string.format = nil", "string.format cannot be set: string is read-only"},
    {"table.insert(math, 3)", "math.1 cannot be set"},
    {"table.insert(settings, 3)", "cannot be set: settings is read-only"},
    {"print(string.format('%p', request))", "string.format: %p is not there"},
    {"print(('%5p'):format(1))", "string.format: %p is not there"},
    {"print(('%%%d\\0%-p'):format(1, 'x'))", "string.format: %p is not there"},
    {"print(('%%p %'):format(1))", "invalid conversion '%' to 'format'"},
    {"print(mispelt)", "mispelt is not defined"},
    {"string.foo()", "string.foo is not defined"},
    {"pairs(3)", "bad argument #1 to 'pairs' (table expected, got number)"},
    {"for _ in pairs({[print] = 1}) do end", "a table with a function for a key cannot be gone through in order"},
    {"table.sort({3, 'x', 2})", "attempt to compare"},
    {"table.sort({3, 2, 1}, 5)", "bad argument #2 to 'sort' (function expected, got number)"},
    {"error({})", "the script raised an error that is no text"},
    {"error()", "the script raised an error that is no text"},
    {"local x = nil .. 'x'", "attempt to concatenate a nil value"},
};

Test(lua_refusals, what_is_not_there_is_told_why)
{
    for (size_t i = 0; i < sizeof reaches / sizeof reaches[0]; i++) {
        expect_refusal(false, &reaches[i]);
    }
}

Test(lua_refusals, a_view_does_not_outlive_its_call)
{
    struct plugin_set *set = script_start(script_matcher("local old, list\n"
                                                         "function match(need, candidate)\n"
                                                         "  if list then return {one = #list} end\n"
                                                         "  if old then list = old.issues end\n"
                                                         "  if candidate.id == 6 then old = candidate end\n"
                                                         "  return {}\n"
                                                         "end"));
    script_expect_good(script_match(set));
    script_expect_bad(script_match(set), "this candidate was handed in for an earlier call");
    plugin_set_stop(&set);
}

/* ---- what runs wild ---- */

static const struct refused wild[] = {
    {"local t = {} while true do t[#t + 1] = {} end", "out of memory"},
    {"local s = 'x' while true do s = s .. s end", "out of memory"},
    {"string.rep('x', 1 << 40)", "resulting string too large"},
    {"string.rep('x', math.maxinteger)", "resulting string too large"},
    {"local t = {} for i = 1, 1e9 do t[i] = i end", "out of memory"},
    {"table.concat({}, 'x', 1, 1e15)", "invalid value (nil) at index 1 in table for 'concat'"},
    {"local function f() return 1 + f() end f()", "a function calls itself without end"},
    {"local function f(s) return (s:gsub('.', f)) end f('x')", "stack overflow"},
    {"local f f = function(a, b) table.sort({1, 2}, f) return true end f()", ".lua: C stack overflow"},
    {"string.find(('a'):rep(300), ('a?'):rep(300) .. ('b'):rep(300))", "pattern too complex"},
    {"return {table.unpack({}, 1, 1e8)}", "too many results to unpack"},
};

Test(lua_refusals, what_runs_wild_fails_and_the_instance_goes_on)
{
    for (size_t i = 0; i < sizeof wild / sizeof wild[0]; i++) {
        char body[512];
        snprintf(body, sizeof body,
                 "local calls = 0\n"
                 "function attribute(request)\n"
                 "  calls = calls + 1\n"
                 "  if calls %% 2 == 1 then %s end\n"
                 "  return {[7] = calls}\n"
                 "end",
                 wild[i].does);
        struct plugin_set *set = caller_start(
            &(struct tested){.file = script_attribution(body), .name = "script", .deadline_ms = 20000}, 1);
        for (int again = 0; again < 3; again++) {
            script_expect_bad(script_attribute(set), wild[i].sentence);
            script_expect_good(script_attribute(set));
        }
        cr_expect_eq(caller_status(set, "script").deaths, 0, "%s", wild[i].does);
        plugin_set_stop(&set);
    }
}

/* A script is stopped a little before its deadline, and told where it was. */
static const struct refused endless[] = {
    {"while true do end", "3: still running after "},
    {"repeat local t = {} until false", "3: still running after "},
    {"for i = 1, math.huge do local s = tostring(i) end", "3: still running after "},
    {"local function f() return f() end f()", "3: still running after "},
    {"table.sort({1, 2}, function() while true do end end)", "3: still running after "},
    {"while true do string.rep('x', 100) end", "3: still running after "},
};

Test(lua_refusals, what_does_not_end_is_stopped)
{
    for (size_t i = 0; i < sizeof endless / sizeof endless[0]; i++) {
        char body[512];
        snprintf(body, sizeof body, "function attribute(request) if #request.touches == 1 then\n%s\nend return {} end",
                 endless[i].does);
        struct plugin_set *set = caller_start(
            &(struct tested){.file = script_attribution(body), .name = "script", .deadline_ms = 2000}, 1);
        static const uint64_t party = 7;
        struct answer answer = caller_attribute(set, "script", 1, &party);
        /* A machine that is too busy lets the deadline pass before. */
        for (int again = 0; again < 3 && strstr(answer.why.text, "was killed") != NULL; again++) {
            answer_free(&answer);
            caller_await(set, "script", "ready");
            answer = caller_attribute(set, "script", 1, &party);
        }
        unsigned deaths = caller_status(set, "script").deaths;
        script_expect_bad(answer, endless[i].sentence);
        script_expect_good(script_attribute(set));
        cr_expect_eq(caller_status(set, "script").deaths, deaths);
        plugin_set_stop(&set);
    }
}

/* Inside one of Lua's own functions it cannot be stopped: the deadline ends the process, as with any plugin, and the
 * next call finds a new one. */
Test(lua_refusals, what_cannot_be_stopped_costs_the_process)
{
    struct plugin_set *set = script_start(script_attribution("function attribute(request)\n"
                                                             "  if #request.touches == 1 then\n"
                                                             "    string.find(('x'):rep(60), ('x*'):rep(30) .. 'y')\n"
                                                             "  end\n"
                                                             "  return {}\n"
                                                             "end"));
    static const uint64_t party = 7;
    script_expect_bad(caller_attribute(set, "script", 1, &party), "script");
    caller_await(set, "script", "ready");
    script_expect_good(script_attribute(set));
    cr_expect_eq(caller_status(set, "script").deaths, 1);
    plugin_set_stop(&set);
}

/* malloc once went looking for more memory at every call, for ever after there had been none. */
Test(lua_refusals, nothing_is_slower_after_memory_ran_out)
{
    struct plugin_set *set = caller_start(
        &(struct tested){
            .file = script_attribution("function attribute(request)\n"
                                       "  local t = {}\n"
                                       "  if #request.touches == 1 then while true do t[#t + 1] = {} end end\n"
                                       "  for i = 1, 200000 do t[i % 1000] = {i} end\n"
                                       "  return {}\n"
                                       "end"),
            .name = "script",
            .deadline_ms = 4000},
        1);
    static const uint64_t party = 7;
    for (int i = 0; i < 3; i++) {
        script_expect_bad(caller_attribute(set, "script", 1, &party), "out of memory");
        script_expect_good(script_attribute(set));
    }
    plugin_set_stop(&set);
}

/* The least memory that can be configured is enough for a script, and for going on after it was not. */
Test(lua_refusals, little_memory)
{
    struct plugin_set *set = caller_start(
        &(struct tested){.file = script_attribution("function attribute(request)\n"
                                                    "  if #request.touches == 1 then\n"
                                                    "    local t = {} while true do t[#t + 1] = {} end\n"
                                                    "  end\n"
                                                    "  return {[7] = 1}\n"
                                                    "end"),
                         .name = "script",
                         .memory_bytes = 16 << 20,
                         .deadline_ms = 5000},
        1);
    static const uint64_t party = 7;
    for (int i = 0; i < 3; i++) {
        script_expect_bad(caller_attribute(set, "script", 1, &party), "out of memory");
        script_expect_good(script_attribute(set));
    }
    cr_expect_eq(caller_status(set, "script").deaths, 0);
    plugin_set_stop(&set);
}
