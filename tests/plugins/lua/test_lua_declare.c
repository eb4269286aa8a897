/* SPDX-License-Identifier: Apache-2.0
 *
 * What a script says of itself: the table `plugin`, settings, components; and what is wrong with it, in sentences that
 * name the file and the place. */
#include "script.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD "plugin = {kind = 'attribution', name = 'n', version = '1', summary = 's'"
#define TAIL "}\nfunction attribute() return {} end\n"
#define SETTING(text) HEAD ", settings = {" text "}" TAIL
#define MATCHER "plugin = {kind = 'matcher', name = 'n', version = '1', summary = 's'"
#define MATCH "}\nfunction match() return {} end\n"

static const struct refused {
    const char *text;
    const char *sentence;
} refused[] = {
    /* the script */
    {"", "s0.lua: it is no plugin: a script sets the global table `plugin`"},
    {"plugin = 3", "it is no plugin"},
    {"local plugin = {kind = 'matcher'}", "it is no plugin"},
    {"x = = 3", "s3.lua:1: unexpected symbol near '='"},
    {"\n\nx = {", "s4.lua:3: unexpected symbol near <eof>"},
    {"\x1bLua", "attempt to load a binary chunk"},
    {"\n\nundefined_thing()", "s6.lua:3: undefined_thing is not defined"},
    {"error('not today')", "s7.lua:1: not today"},
    {"error({})", "the script raised an error that is no text"},
    {"defer('later')", "later"},
    {"local t = {} while true do t[#t + 1] = {} end", "out of memory"},
    {"while true do end", "s11.lua:1: still running after 1"},
    /* the table */
    {"plugin = {}" TAIL, "unexpected symbol near '}'"},
    {"plugin = {}", "plugin.kind must be a text, such as kind = \"attribution\""},
    {"plugin = {kind = 'attribute'" TAIL, "plugin.kind is \"attribute\"; there are \"attribution\" and \"matcher\""},
    {"plugin = {kind = 'attribution'" TAIL, "plugin.name must be a text"},
    {"plugin = {kind = 'attribution', name = 'n', version = 1.0" TAIL, "plugin.version must be a text, such as"},
    {"plugin = {kind = 'attribution', name = 'n', version = '1'" TAIL, "plugin.summary must be a text"},
    {HEAD ", sumary = 's'" TAIL,
     "plugin has no sumary; it may have kind, name, version, summary, settings, components"},
    {HEAD ", 'lost'" TAIL, "plugin has no 1;"},
    {HEAD ", [{}] = 1" TAIL, "a table with a table for a key"},
    {"plugin = {kind = 'attribution', name = 'a b', version = '1', summary = 's'" TAIL, "its name, version or summary"},
    {HEAD "}", "a plugin of kind attribution needs a function attribute(request, settings)"},
    {HEAD "} attribute = 3", "needs a function attribute"},
    {HEAD ", components = {}" TAIL, "plugin.components is for matchers"},
    {MATCHER "} function attribute() end", "needs a function match(need, candidate, settings)"},
    /* settings */
    {HEAD ", settings = 3" TAIL, "plugin.settings must be a table, not a number"},
    {SETTING("half = 3"), "plugin.settings has names and tables"},
    {SETTING("{type = 'text'}"), "plugin.settings has names and tables"},
    {SETTING("half = {}"), "plugin.settings.half.type must be a text"},
    {SETTING("half = {type = 'float'}"), "there are integer, number, boolean and text"},
    {SETTING("half = {type = 'number', default = 1, min = 0, max = 2, help = 'h', hint = 1}"),
     "plugin.settings.half has no hint; it may have type, default, help, min, max"},
    {SETTING("half = {type = 'boolean', default = true, help = 'h', min = 1}"), "plugin.settings.half has no min"},
    {SETTING("half = {type = 'number', default = '3', min = 0, max = 2, help = 'h'}"),
     "plugin.settings.half.default must be a value of its type, number"},
    {SETTING("half = {type = 'integer', default = 1.5, min = 0, max = 2, help = 'h'}"), "of its type, integer"},
    {SETTING("half = {type = 'boolean', default = 1, help = 'h'}"), "of its type, boolean"},
    {SETTING("half = {type = 'text', help = 'h'}"), "of its type, text"},
    {SETTING("half = {type = 'number', default = 1, max = 2, help = 'h'}"),
     "plugin.settings.half.min must be a number"},
    {SETTING("half = {type = 'number', default = 1, min = 0, help = 'h'}"),
     "plugin.settings.half.max must be a number"},
    {SETTING("half = {type = 'text', default = '', max = 'x', help = 'h'}"), "half.max must be a number"},
    {SETTING("half = {type = 'number', default = 1, min = 0, max = 2}"), "plugin.settings.half.help must be a text"},
    {SETTING("half = {type = 'number', default = 3, min = 0, max = 2, help = 'h'}"), "half must be from 0 to 2, not 3"},
    {SETTING("half = {type = 'number', default = 0/0, min = 0, max = 2, help = 'h'}"), "half must be a number, not"},
    {SETTING("['a name with spaces'] = {type = 'boolean', default = true, help = 'h'}"), "no usable name"},
    /* components */
    {MATCHER MATCH, "a matcher has components = {{name = \"issues\", weight = 3}, ...}"},
    {MATCHER ", components = {}" MATCH, "a matcher has 1 to 16 components, this one 0"},
    {MATCHER ", components = {'issues'}" MATCH, "components[1] must be a table"},
    {MATCHER ", components = {{name = 'a'}}" MATCH, "weight of component a must be a whole number from 0 to 1000000"},
    {MATCHER ", components = {{name = 'a', weight = -1}}" MATCH, "weight of component a must be"},
    {MATCHER ", components = {{name = 'a', weight = 0.5}}" MATCH, "weight of component a must be"},
    {MATCHER ", components = {{name = 'a', weight = 1}, {weight = 1}}" MATCH, "components[2].name must be a text"},
    {MATCHER ", components = {{name = 'a', weight = 1}, {name = 'a', weight = 1}}" MATCH, "component a is there twice"},
    {MATCHER ", components = {{name = 'a', wieght = 1}}" MATCH,
     "components[1] has no wieght; it may have name, weight"},
    {MATCHER ", components = {{name = 'a', weight = 1}}" MATCH "function components() end", "declared twice"},
    {MATCHER MATCH "function components() return 3 end", "a matcher has components ="},
    {MATCHER MATCH "function components() local t = {} for i = 1, 17 do t[i] = {} end return t end", "this one 17"},
    {MATCHER MATCH "function components() while true do end end", "still running after 1"},
    {MATCHER MATCH "function components(settings) return settings.lost end", "settings.lost is not defined"},
};

Test(lua_declare, what_is_no_plugin_is_told_why)
{
    bool good;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        const char *said = script_describe(script_write(refused[i].text), &good);
        cr_expect_not(good, "case %zu: %s", i, refused[i].text);
        cr_expect(strstr(said, refused[i].sentence) != NULL, "case %zu: \"%s\" is not in: %s", i, refused[i].sentence,
                  said);
    }
}

/* An editor's byte order mark is no mistake. */
Test(lua_declare, a_mark_at_the_start_is_passed_over)
{
    bool good;
    const char *said = script_describe(script_write("\xEF\xBB\xBF" HEAD TAIL), &good);
    cr_expect(good && strstr(said, "n 1: s\nkind attribution, plugin ABI 1.1\nno settings\n") != NULL, "%s", said);
}

/* Every whole plugin in the README. */
Test(lua_declare, the_readme_is_true)
{
    static char text[32768];
    FILE *file = fopen(EXAMPLES_DIR "/../README.md", "r");
    cr_assert_not_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    unsigned found = 0;
    for (char *start = strstr(text, "```lua\nplugin"); start != NULL; start = strstr(start, "```lua\nplugin")) {
        bool good;
        start += strlen("```lua\n");
        char *end = strstr(start, "```");
        *end = '\0';
        const char *said = script_describe(script_write(start), &good);
        cr_expect(good, "%s", said);
        start = end + 1;
        found++;
    }
    cr_expect_geq(found, 1);
}

Test(lua_declare, settings_of_every_type_are_described_and_arrive)
{
    const char *path = script_write(
        "plugin = {kind = 'attribution', name = 'n', version = '1', summary = 's', settings = {\n"
        "  whole = {type = 'integer', default = 3, min = -5, max = 9, help = 'first help'},\n"
        "  fraction = {type = 'number', default = 0.1, min = 0, max = 1, help = 'h'},\n"
        "  large = {type = 'number', default = 1e15, min = 0, max = 1e16, help = 'h'},\n"
        "  flag = {type = 'boolean', default = true, help = 'h'},\n"
        "  words = {type = 'text', default = 'a b', max = 5, help = 'h'}}}\n"
        "function attribute(request, settings)\n"
        "  local seen = {}\n"
        "  for name, value in pairs(settings) do\n"
        "    seen[#seen + 1] = name .. ' ' .. (math.type(value) or type(value)) .. ' ' .. tostring(value)\n"
        "  end\n"
        "  error(table.concat(seen, ', '))\n"
        "end\n");
    bool good;
    const char *said = script_describe(path, &good);
    cr_expect(good, "%s", said);
    cr_expect(strstr(said, "whole (integer, -5 to 9, default 3)\n      first help") != NULL, "%s", said);
    cr_expect(strstr(said, "fraction (number, 0 to 1, default 0.1)") != NULL, "%s", said);
    cr_expect(strstr(said, "words (text, default a b)") != NULL, "%s", said);
    struct plugin_set *set = script_start(path);
    script_expect_bad(script_attribute(set), "flag boolean true, fraction float 0.1, large float 1e+15, "
                                             "whole integer 3, words string a b");
    plugin_set_stop(&set);
    set = caller_start(&(struct tested){.file = path,
                                        .name = "script",
                                        .settings = {"whole", "-5", "fraction", "1", "flag", "false", "words", ""}},
                       1);
    script_expect_bad(script_attribute(set), "flag boolean false, fraction float 1.0, large float 1e+15, "
                                             "whole integer -5, words string ");
    plugin_set_stop(&set);
}

Test(lua_declare, settings_are_checked_by_the_host)
{
    static const char *const bad[][3] = {
        {"half_life_days", "0", "half_life_days must be from 0.1 to 3650, not 0"},
        {"half_life_days", "soon", "half_life_days must be a number, not \"soon\""},
        {"halflife", "3", "has no setting \"halflife\""},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct plugin_set *set;
        struct status_text why;
        enum vouch_status status = caller_try(
            &(struct tested){.file = EXAMPLES_DIR "/recency.lua", .name = "script", .settings = {bad[i][0], bad[i][1]}},
            1, &set, &why);
        cr_expect_neq(status, VOUCH_OK);
        cr_expect(strstr(why.text, bad[i][2]) != NULL, "%s", why.text);
    }
}

Test(lua_declare, components_may_depend_on_settings)
{
    const char *path = script_write(
        "plugin = {kind = 'matcher', name = 'n', version = '1', summary = 's', settings = {\n"
        "  issues = {type = 'integer', default = 3, min = 0, max = 9, help = 'h'}}}\n"
        "function components(settings) return {{name = 'issues', weight = settings.issues}} end\n"
        "function match() return {issues = 1} end\n");
    bool good;
    const char *said = script_describe(path, &good);
    cr_expect(good && strstr(said, "issues, weight 3") != NULL, "%s", said);
    struct plugin_set *set = caller_start(&(struct tested){.file = path, .name = "script", .settings = {"issues", "7"}},
                                          1);
    struct answer answer = script_match(set);
    cr_assert_eq(answer.status, VOUCH_OK, "%s", answer.why.text);
    cr_expect_eq(answer.match.component_count, 1);
    cr_expect_eq(answer.match.components[0].weight, 7);
    answer_free(&answer);
    plugin_set_stop(&set);
}

Test(lua_declare, what_is_not_a_script_by_name_is_none)
{
    char command[512];
    bool good;
    const char *path = script_write("plugin = {}");
    snprintf(command, sizeof command, "cp %s %s.txt", path, path);
    cr_assert_eq(system(command), 0);
    snprintf(command, sizeof command, "%s.txt", path);
    const char *said = script_describe(command, &good);
    cr_expect(!good && strstr(said, "is not a shared object, nor a script, whose name would end in .lua") != NULL, "%s",
              said);
    unlink(command);
    said = script_describe("/nonexistent/x.lua", &good);
    cr_expect(!good && strstr(said, "cannot open /nonexistent/x.lua: No such file or directory") != NULL, "%s", said);
    said = script_describe("/dev/null", &good);
    cr_expect(!good && strstr(said, "is not a shared object") != NULL, "%s", said);
}

/* The runtime stands beside the program, whatever link the program was started by. */
Test(lua_declare, the_runtime_is_found_beside_the_host)
{
    char command[1024];
    char host[256];
    const char *path = script_write("plugin = 3");
    snprintf(host, sizeof host, "%s.host", path);
    cr_assert_eq(symlink(HOST_PATH, host), 0);
    snprintf(command, sizeof command, "%s --describe %s/recency.lua >/dev/null", host, EXAMPLES_DIR);
    cr_expect_eq(system(command), 0);
    unlink(host);
    snprintf(command, sizeof command,
             "cp %s %s && %s --describe %s/recency.lua 2>&1 | grep -q 'needs a runtime that is not installed'",
             HOST_PATH, host, host, EXAMPLES_DIR);
    cr_expect_eq(system(command), 0);
    unlink(host);
}
