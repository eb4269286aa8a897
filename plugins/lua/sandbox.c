/* SPDX-License-Identifier: Apache-2.0
 *
 * What a script can reach: Lua's own functions that answer the same question the same way, and nothing that could tell
 * one run from another. Globals are frozen once the script is loaded, for what outlives a call would change later
 * answers; a name that does not exist is an error, for most such names are misspelt. */
#include "runtime.h"

#include <lualib.h>
#include <stddef.h>
#include <string.h>

/* Names of Lua's libraries that scripts have. */
static const char *const base_names[] = {"assert", "error", "ipairs", "select", "tonumber", "type", "_VERSION", NULL};
static const char *const string_names[] = {"byte", "char",     "find", "gmatch",  "gsub", "len",    "lower", "match",
                                           "pack", "packsize", "rep",  "reverse", "sub",  "unpack", "upper", NULL};
static const char *const table_names[] = {"concat", "insert", "move", "pack", "remove", "unpack", NULL};
static const char *const math_names[] = {"abs", "acos",       "asin", "atan", "ceil", "cos", "deg",
                                         "exp", "floor",      "fmod", "huge", "log",  "max", "maxinteger",
                                         "min", "mininteger", "modf", "pi",   "rad",  "sin", "sqrt",
                                         "tan", "tointeger",  "type", "ult",  NULL};
static const char *const utf8_names[] = {"char", "charpattern", "codepoint", "codes", "len", "offset", NULL};

/* What people look for, and why it is not there. */
static const struct {
    const char *name;
    const char *why;
} missing[] = {
    {"os", "a plugin has no clock, no files and no processes; times come with the request"},
    {"io", "a plugin has no files; print() writes to the log"},
    {"require", "a script is one file"},
    {"package", "a script is one file"},
    {"dofile", "a script is one file"},
    {"loadfile", "a script is one file"},
    {"load", "a script cannot make code"},
    {"debug", "a script cannot look behind itself"},
    {"coroutine", "a call runs from start to end"},
    {"collectgarbage", "an answer must not depend on memory"},
    {"next", "use pairs(), which goes in the order of keys"},
    {"pcall", "an error ends the call and is told as it is"},
    {"xpcall", "an error ends the call and is told as it is"},
    {"setmetatable", "tables are plain here"},
    {"getmetatable", "tables are plain here"},
    {"rawget", "tables are plain here: t[k]"},
    {"rawset", "tables are plain here: t[k] = v"},
    {"rawequal", "tables are plain here: a == b"},
    {"rawlen", "tables are plain here: #t"},
    {"_G", "globals are read by their names"},
    {"random", "the same request must get the same answer"},
    {"randomseed", "the same request must get the same answer"},
    {"dump", "a script cannot make code"},
};

/* __index of a protected table: nobody has such a name. Upvalue: what the table is called, "" for globals. */
static int no_such_name(lua_State *lua)
{
    const char *what = lua_tostring(lua, lua_upvalueindex(1));
    const char *name = library_text(lua, 2);
    const char *dot = what[0] == '\0' ? "" : ".";
    for (size_t i = 0; i < sizeof missing / sizeof missing[0]; i++) {
        if (strcmp(name, missing[i].name) == 0) {
            return script_error(lua, "%s%s%s is not there: %s", what, dot, name, missing[i].why);
        }
    }
    return script_error(lua, "%s%s%s is not defined", what, dot, name);
}

/* __newindex of a protected table. */
static int no_writing(lua_State *lua)
{
    const char *what = lua_tostring(lua, lua_upvalueindex(1));
    const char *name = library_text(lua, 2);
    if (what[0] == '\0') {
        return script_error(lua, "%s is a global, which would outlive the call: write \"local %s\"", name, name);
    }
    return script_error(lua, "%s.%s cannot be set: %s is read-only", what, name, what);
}

/* Pushes a closure of the function with the name. */
static void push_named(lua_State *lua, lua_CFunction function, const char *what)
{
    lua_pushstring(lua, what);
    lua_pushcclosure(lua, function, 1);
}

/* Sets the __index of the table on top to the function. */
static void set_fallback(lua_State *lua, const char *what)
{
    lua_createtable(lua, 0, 1);
    push_named(lua, no_such_name, what);
    lua_setfield(lua, -2, "__index");
    lua_setmetatable(lua, -2);
}

void sandbox_protect(lua_State *lua, const char *what)
{
    set_fallback(lua, what);
    lua_createtable(lua, 0, 0);
    lua_createtable(lua, 0, 2);
    lua_pushvalue(lua, -3);
    lua_setfield(lua, -2, "__index");
    push_named(lua, no_writing, what);
    lua_setfield(lua, -2, "__newindex");
    lua_setmetatable(lua, -2);
    lua_remove(lua, -2);
}

int sandbox_push_global(lua_State *lua, const char *name)
{
    kept_push(lua, KEPT_GLOBALS);
    lua_pushstring(lua, name);
    int type = lua_rawget(lua, -2);
    lua_remove(lua, -2);
    return type;
}

/* Copies the named members of the table on top into a new table, which takes its place. */
static void choose(lua_State *lua, const char *const *names)
{
    lua_newtable(lua);
    for (size_t i = 0; names[i] != NULL; i++) {
        lua_getfield(lua, -2, names[i]);
        lua_setfield(lua, -2, names[i]);
    }
    lua_remove(lua, -2);
}

/* Pushes a library with the named members. */
static void open_library(lua_State *lua, const char *name, lua_CFunction opener, const char *const *names)
{
    lua_pushcfunction(lua, opener);
    lua_pushstring(lua, name);
    lua_call(lua, 1, 1);
    choose(lua, names);
}

/* Protects the library on top and makes it a global. */
static void add_library(lua_State *lua, const char *name)
{
    sandbox_protect(lua, name);
    kept_push(lua, KEPT_GLOBALS);
    lua_insert(lua, -2);
    lua_setfield(lua, -2, name);
    lua_pop(lua, 1);
}

static void open_strings(lua_State *lua)
{
    lua_pushcfunction(lua, luaopen_string);
    lua_call(lua, 0, 1);
    lua_getfield(lua, -1, "format");
    lua_pushcclosure(lua, library_format, 1);
    lua_insert(lua, -2);
    choose(lua, string_names);
    lua_insert(lua, -2);
    lua_setfield(lua, -2, "format");
    /* s:upper() goes through the metatable that all texts share. */
    lua_pushliteral(lua, "");
    lua_getmetatable(lua, -1);
    lua_pushvalue(lua, -3);
    lua_setfield(lua, -2, "__index");
    lua_pop(lua, 2);
    add_library(lua, "string");
}

static void open_libraries(lua_State *lua)
{
    open_library(lua, "_G", luaopen_base, base_names);
    luaL_setfuncs(lua, library_base, 0);
    kept_set(lua, KEPT_GLOBALS);
    open_strings(lua);
    open_library(lua, "table", luaopen_table, table_names);
    lua_pushcfunction(lua, order_sort);
    lua_setfield(lua, -2, "sort");
    add_library(lua, "table");
    open_library(lua, "math", luaopen_math, math_names);
    add_library(lua, "math");
    open_library(lua, "utf8", luaopen_utf8, utf8_names);
    add_library(lua, "utf8");
}

/* Pushes the table that the script has for its globals: empty, it reads from what is kept and, while the script is
 * loaded, writes there. */
static void push_environment(lua_State *lua)
{
    lua_newtable(lua);
    lua_createtable(lua, 0, 2);
    kept_push(lua, KEPT_GLOBALS);
    lua_pushvalue(lua, -1);
    lua_setfield(lua, -3, "__index");
    lua_setfield(lua, -2, "__newindex");
    lua_setmetatable(lua, -2);
}

void sandbox_run_script(lua_State *lua)
{
    const struct script *script = instance_of(lua)->script;
    open_libraries(lua);
    kept_push(lua, KEPT_GLOBALS);
    set_fallback(lua, "");
    lua_pop(lua, 1);
    view_register(lua);
    attribute_register(lua);
    estimate_register(lua);
    lua_pushfstring(lua, "@%s", script->file);
    if (luaL_loadbufferx(lua, script->text, script->size, lua_tostring(lua, -1), "t") != LUA_OK) {
        lua_error(lua);
    }
    push_environment(lua);
    lua_pushvalue(lua, -1);
    lua_rawseti(lua, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    lua_setupvalue(lua, -2, 1);
    lua_call(lua, 0, 0);
    lua_pop(lua, 1);
}

void sandbox_freeze(lua_State *lua)
{
    lua_pushglobaltable(lua);
    lua_getmetatable(lua, -1);
    push_named(lua, no_writing, "");
    lua_setfield(lua, -2, "__newindex");
    lua_pop(lua, 2);
}
