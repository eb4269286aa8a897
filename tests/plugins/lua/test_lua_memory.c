/* SPDX-License-Identifier: Apache-2.0
 *
 * The runtime without its host, where memory can be made to run out at will: at the first allocation, at the second, at
 * each one until none fails. Nothing may break, and what has memory again answers as if nothing had been. */
#include "vouch_language.h"

#include <criterion/criterion.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 8192
#define TRIES_MAX 100000
#define TOUCHES 12
#define CANDIDATES 6
#define ARENA_BYTES ((size_t)1 << 16)

/* Asks for as many things as a script can be made to have at once. */
static const char busy_attribution[] =
    "plugin = {kind = 'attribution', name = 'n', version = '1', summary = 's', settings = {\n"
    "  words = {type = 'text', default = 'x', help = 'h'}, some = {type = 'number', default = 0.1, min = 0, max = 1,\n"
    "  help = 'h'}}}\n"
    "function attribute(request, settings)\n"
    "  local list, weights = {}, {}\n"
    "  for i, touch in pairs(request.touches) do list[i] = {kind = touch.kind, party = touch.party} end\n"
    "  table.sort(list, function(a, b) return tostring(a.kind) < tostring(b.kind) end)\n"
    "  for name, value in pairs(settings) do print(name, value, string.format('%s %5.2f', value, 1.0), list) end\n"
    "  for _, touch in ipairs(list) do weights[touch.party] = (weights[touch.party] or 0) + 1 end\n"
    "  return weights\n"
    "end\n";
static const char busy_matcher[] =
    "plugin = {kind = 'matcher', name = 'n', version = '1', summary = 's'}\n"
    "function components(settings) return {{name = 'one', weight = 1}, {name = 'two', weight = 2}} end\n"
    "function match(need, candidate)\n"
    "  local seen = {}\n"
    "  for name in pairs(candidate) do seen[#seen + 1] = name end\n"
    "  for name in pairs(need) do seen[#seen + 1] = name end\n"
    "  for _, tag in pairs(candidate.issues) do seen[#seen + 1] = tag end\n"
    "  for _, count in ipairs(need.issue_candidates) do seen[#seen + 1] = count end\n"
    "  return {one = {0.5, table.concat(seen, ' ')}, two = candidate.issues.archive and 1 or nil}\n"
    "end\n";

/* ---- memory that runs out: takes the place of Lua's own (linked with --wrap) ---- */

static long left; /* allocations that succeed; below 0: all */

static void *allocate(void *unused, void *old, size_t old_size, size_t size)
{
    (void)unused;
    if (size == 0) {
        free(old);
        return NULL;
    }
    bool grows = old == NULL || size > old_size;
    if (grows && left == 0) {
        return NULL;
    }
    left -= grows && left > 0;
    return realloc(old, size);
}

lua_State *__wrap_luaL_newstate(void);

lua_State *__wrap_luaL_newstate(void)
{
    return lua_newstate(allocate, NULL);
}

/* ---- services ---- */

static unsigned char arena[ARENA_BYTES];
static size_t used;
static char said[512];

static void service_log(const struct vouch_services *services, enum vouch_log_level level, const char *text)
{
    (void)services;
    (void)level;
    cr_assert_not_null(text);
}

static void *service_alloc(const struct vouch_services *services, size_t size)
{
    (void)services;
    cr_assert(size <= sizeof arena - used);
    used += size;
    return memset(arena + used - size, 0, size);
}

static void service_explain(const struct vouch_services *services, const char *sentence)
{
    (void)services;
    snprintf(said, sizeof said, "%s", sentence);
}

static const struct vouch_services services = {sizeof services, VOUCH_PLUGIN_ABI, service_log, service_alloc,
                                               service_explain};

/* ---- calls, written down ---- */

static enum vouch_answer ask_attribution(const struct vouch_plugin_descriptor *descriptor, void *self, char *text)
{
    struct vouch_touch touches[TOUCHES];
    struct vouch_share shares[TOUCHES];
    for (uint32_t i = 0; i < TOUCHES; i++) {
        touches[i] = (struct vouch_touch){.party = i % 5 + 1, .sequence = i + 1, .time_ms = i, .kind = i % 7 + 1};
    }
    const struct vouch_attribution_request request = {sizeof request, 0, 100, 90, TOUCHES, touches};
    struct vouch_attribution_result result = {.size = sizeof result, .capacity = TOUCHES, .shares = shares};
    enum vouch_answer answer = descriptor->attribution->attribute(self, &request, &result);
    for (uint32_t i = 0; i < result.share_count; i++) {
        text += sprintf(text, "%d=%d ", (int)shares[i].party, (int)shares[i].weight);
    }
    return answer;
}

static enum vouch_answer ask_matcher(const struct vouch_plugin_descriptor *descriptor, void *self, char *text)
{
    static const char *const tags[] = {"archive", "audit", "banking", "archive"};
    static const uint32_t counts[] = {3, 1};
    const struct vouch_tags none = {tags, 0};
    struct vouch_candidate candidates[CANDIDATES];
    struct vouch_component_score scores[CANDIDATES * VOUCH_COMPONENTS_MAX] = {{0, 0, NULL}};
    for (uint32_t i = 0; i < CANDIDATES; i++) {
        candidates[i] = (struct vouch_candidate){.id = i + 1,
                                                 .issues = {tags, i % 5},
                                                 .industries = {tags + 2, 1},
                                                 .functions = none,
                                                 .countries = none,
                                                 .city = "wien",
                                                 .region = "",
                                                 .country = "at",
                                                 .tie_known = i % 2};
    }
    const struct vouch_need need = {sizeof need, {tags, 2}, counts, "text", "banking", "cfo", "linz", "", "at", 3, 0};
    const struct vouch_match_request request = {sizeof request, &need, CANDIDATES, CANDIDATES, 9, candidates};
    struct vouch_match_result result = {.size = sizeof result, .candidate_count = CANDIDATES, .scores = scores};
    result.components = descriptor->matcher->components(self, &result.component_count);
    enum vouch_answer answer = descriptor->matcher->match(self, &request, &result);
    for (uint32_t i = 0; i < CANDIDATES * result.component_count; i++) {
        text += sprintf(text, "%u/%u%s ", scores[i].x_ppm, scores[i].known, scores[i].why == NULL ? "" : "+");
    }
    return answer;
}

static enum vouch_answer ask(const struct vouch_plugin_descriptor *descriptor, void *self, char *text)
{
    used = 0;
    said[0] = text[0] = '\0';
    return descriptor->kind == VOUCH_KIND_ATTRIBUTION ? ask_attribution(descriptor, self, text)
                                                      : ask_matcher(descriptor, self, text);
}

/* ---- until nothing fails ---- */

static const struct vouch_plugin_descriptor *load_at_last(const char *script)
{
    const struct vouch_plugin_descriptor *descriptor = NULL;
    const char *why = "";
    for (long tries = 0; descriptor == NULL && tries < TRIES_MAX; tries++) {
        left = tries;
        descriptor = vouch_language.load("s.lua", script, strlen(script), &why);
        cr_expect(descriptor != NULL || strstr(why, "memory") != NULL, "%s", why);
    }
    cr_assert_not_null(descriptor);
    return descriptor;
}

static void *create_at_last(const struct vouch_plugin_descriptor *descriptor)
{
    union vouch_setting_value values[VOUCH_SETTINGS_MAX];
    void *self = NULL;
    for (uint32_t i = 0; i < descriptor->setting_count; i++) {
        if (descriptor->settings[i].type == VOUCH_SETTING_TEXT) {
            values[i].text = descriptor->settings[i].initial;
        } else {
            values[i].number = strtod(descriptor->settings[i].initial, NULL);
        }
    }
    enum vouch_answer answer = VOUCH_ANSWER_FAILED;
    for (long tries = 0; answer != VOUCH_ANSWER_DONE && tries < TRIES_MAX; tries++) {
        left = tries;
        answer = descriptor->create(&services, values, &self);
        cr_expect(answer == VOUCH_ANSWER_DONE || strstr(said, "out of memory") != NULL, "%s", said);
    }
    cr_assert_eq(answer, VOUCH_ANSWER_DONE);
    return self;
}

static void run_short_of_memory(const char *script)
{
    char expected[TEXT_MAX];
    char text[TEXT_MAX];
    const struct vouch_plugin_descriptor *descriptor = load_at_last(script);
    void *self = create_at_last(descriptor);
    left = -1;
    cr_assert_eq(ask(descriptor, self, expected), VOUCH_ANSWER_DONE, "%s", said);
    enum vouch_answer answer = VOUCH_ANSWER_FAILED;
    long tries = 0;
    for (; answer != VOUCH_ANSWER_DONE && tries < TRIES_MAX; tries++) {
        left = tries;
        answer = ask(descriptor, self, text);
        cr_expect(answer == VOUCH_ANSWER_DONE || strstr(said, "out of memory") != NULL, "%s", said);
        left = -1;
        cr_assert_eq(ask(descriptor, self, text), VOUCH_ANSWER_DONE, "after %ld: %s", tries, said);
        cr_assert_str_eq(text, expected);
    }
    cr_expect_eq(answer, VOUCH_ANSWER_DONE);
    cr_expect_gt(tries, 10, "memory ran out %ld times only", tries);
    descriptor->destroy(self);
}

static void run_example(const char *path)
{
    static char text[TEXT_MAX];
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    run_short_of_memory(text);
}

Test(lua_memory, busy_attribution)
{
    run_short_of_memory(busy_attribution);
}

Test(lua_memory, busy_matcher)
{
    run_short_of_memory(busy_matcher);
}

Test(lua_memory, example_of_an_attribution)
{
    run_example(EXAMPLES_DIR "/recency.lua");
}

Test(lua_memory, example_of_a_matcher)
{
    run_example(EXAMPLES_DIR "/specialist.lua");
}
