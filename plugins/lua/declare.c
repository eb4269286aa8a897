/* SPDX-License-Identifier: Apache-2.0
 *
 * The table `plugin` of a script becomes a descriptor. Its author is told in one sentence what is wrong with it; a key
 * that nobody reads is wrong too, for it is misspelt. */
#include "runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void declare_check_keys(lua_State *lua, int index, const char *what, const char *const *keys)
{
    index = lua_absindex(lua, index);
    order_push_keys(lua, index);
    for (lua_Integer i = 1; lua_rawgeti(lua, -1, i) != LUA_TNIL; i++) {
        size_t k = 0;
        while (keys[k] != NULL && !(lua_type(lua, -1) == LUA_TSTRING && strcmp(keys[k], lua_tostring(lua, -1)) == 0)) {
            k++;
        }
        if (keys[k] == NULL) {
            const char *name = library_text(lua, -1);
            script_error(lua, "%s has no %s; it may have %s", what, name, library_list(lua, keys));
        }
        lua_pop(lua, 1);
    }
    lua_pop(lua, 2);
}

/* Keeps the text on top for as long as the state lives, and pops it. */
static const char *anchor(lua_State *lua)
{
    const char *text = lua_tostring(lua, -1);
    kept_push(lua, KEPT_ANCHORS);
    lua_insert(lua, -2);
    lua_rawseti(lua, -2, (lua_Integer)lua_rawlen(lua, -2) + 1);
    lua_pop(lua, 1);
    return text;
}

/* A text that the table at the index must have. */
static const char *need_text(lua_State *lua, int index, const char *what, const char *key, const char *example)
{
    if (lua_getfield(lua, index, key) != LUA_TSTRING) {
        script_error(lua, "%s.%s must be a text, such as %s = \"%s\"", what, key, key, example);
    }
    return anchor(lua);
}

static void need_function(lua_State *lua, const char *kind, const char *name, const char *arguments)
{
    if (sandbox_push_global(lua, name) != LUA_TFUNCTION) {
        script_error(lua, "a plugin of kind %s needs a function %s(%s)", kind, name, arguments);
    }
    lua_pop(lua, 1);
}

static bool has_function(lua_State *lua, const char *name)
{
    bool has = sandbox_push_global(lua, name) == LUA_TFUNCTION;
    lua_pop(lua, 1);
    return has;
}

static uint32_t read_kind(lua_State *lua, int plugin, struct declaration *declaration)
{
    const char *kind = need_text(lua, plugin, "plugin", "kind", "attribution");
    if (strcmp(kind, "attribution") == 0) {
        declaration->attributes = has_function(lua, "attribute");
        declaration->estimates = has_function(lua, "estimate");
        if (!declaration->attributes && !declaration->estimates) {
            script_error(lua, "a plugin of kind attribution needs a function attribute(request, settings), or one "
                              "estimate(history, settings)");
        }
        if (lua_getfield(lua, plugin, "components") != LUA_TNIL) {
            script_error(lua, "plugin.components is for matchers; an attribution has none");
        }
        lua_pop(lua, 1);
        return VOUCH_KIND_ATTRIBUTION;
    }
    if (strcmp(kind, "matcher") == 0) {
        need_function(lua, kind, "match", "need, candidate, settings");
        return VOUCH_KIND_MATCHER;
    }
    return (uint32_t)script_error(lua, "plugin.kind is \"%s\"; there are \"attribution\" and \"matcher\"", kind);
}

/* ---- settings ---- */

static const char *const types[] = {"", "integer", "number", "boolean", "text", NULL};

static uint32_t read_type(lua_State *lua, int table, const char *what)
{
    const char *type = need_text(lua, table, what, "type", "number");
    for (uint32_t i = VOUCH_SETTING_INTEGER; types[i] != NULL; i++) {
        if (strcmp(types[i], type) == 0) {
            return i;
        }
    }
    return (uint32_t)script_error(lua, "%s.type is \"%s\"; there are integer, number, boolean and text", what, type);
}

/* The default as it would be written in the configuration. */
static const char *read_initial(lua_State *lua, int table, const char *what, uint32_t type)
{
    static const int lua_types[] = {0, LUA_TNUMBER, LUA_TNUMBER, LUA_TBOOLEAN, LUA_TSTRING};
    char number[64];
    int got = lua_getfield(lua, table, "default");
    int whole = 1;
    lua_Integer integer = type == VOUCH_SETTING_INTEGER ? lua_tointegerx(lua, -1, &whole) : 0;
    if (got != lua_types[type] || !whole) {
        script_error(lua, "%s.default must be a value of its type, %s", what, types[type]);
    }
    switch (type) {
    case VOUCH_SETTING_INTEGER:
        lua_pushfstring(lua, "%I", (LUAI_UACINT)integer);
        break;
    case VOUCH_SETTING_NUMBER:
        /* As short as it can be read back. */
        snprintf(number, sizeof number, "%.15g", lua_tonumber(lua, -1));
        if (strtod(number, NULL) != lua_tonumber(lua, -1)) {
            snprintf(number, sizeof number, "%.17g", lua_tonumber(lua, -1));
        }
        lua_pushstring(lua, number);
        break;
    case VOUCH_SETTING_BOOLEAN:
        lua_pushstring(lua, lua_toboolean(lua, -1) ? "true" : "false");
        break;
    default:
        lua_pushvalue(lua, -1);
    }
    const char *initial = anchor(lua);
    lua_pop(lua, 1);
    return initial;
}

static double read_bound(lua_State *lua, int table, const char *what, const char *key, bool needed)
{
    int type = lua_getfield(lua, table, key);
    if (type != LUA_TNUMBER && (needed || type != LUA_TNIL)) {
        script_error(lua, "%s.%s must be a number", what, key);
    }
    double bound = lua_tonumber(lua, -1);
    lua_pop(lua, 1);
    return bound;
}

/* One setting: its name at the top, its table below. */
static void read_setting(lua_State *lua, struct vouch_setting *setting)
{
    static const char *const ranged[] = {"type", "default", "help", "min", "max", NULL};
    static const char *const text[] = {"type", "default", "help", "max", NULL};
    static const char *const boolean[] = {"type", "default", "help", NULL};
    int table = lua_gettop(lua) - 1;
    if (lua_type(lua, -1) != LUA_TSTRING || lua_type(lua, table) != LUA_TTABLE) {
        script_error(lua, "plugin.settings has names and tables: half_life_days = {type = \"number\", ...}");
    }
    setting->name = anchor(lua);
    char what[VOUCH_NAME_MAX + 32];
    snprintf(what, sizeof what, "plugin.settings.%.*s", (int)VOUCH_NAME_MAX, setting->name);
    setting->type = read_type(lua, table, what);
    bool number = setting->type == VOUCH_SETTING_INTEGER || setting->type == VOUCH_SETTING_NUMBER;
    declare_check_keys(lua, table, what, number ? ranged : setting->type == VOUCH_SETTING_TEXT ? text : boolean);
    setting->initial = read_initial(lua, table, what, setting->type);
    setting->help = need_text(lua, table, what, "help", "what it does, in one line");
    if (setting->type != VOUCH_SETTING_BOOLEAN) {
        setting->min = number ? read_bound(lua, table, what, "min", true) : 0;
        setting->max = read_bound(lua, table, what, "max", number);
    }
    lua_pop(lua, 1);
}

/* In the order of names: a table of Lua has no other. */
static void read_settings(lua_State *lua, int plugin, struct declaration *declaration)
{
    int type = lua_getfield(lua, plugin, "settings");
    if (type == LUA_TNIL) {
        lua_pop(lua, 1);
        return;
    }
    if (type != LUA_TTABLE) {
        script_error(lua, "plugin.settings must be a table, not a %s", lua_typename(lua, type));
    }
    order_push_keys(lua, -1);
    int settings = lua_gettop(lua) - 1;
    uint32_t count = 0;
    for (; lua_rawgeti(lua, settings + 1, (lua_Integer)count + 1) != LUA_TNIL; count++) {
        if (count == VOUCH_SETTINGS_MAX) {
            script_error(lua, "plugin.settings has more than %d settings", (int)VOUCH_SETTINGS_MAX);
        }
        lua_pushvalue(lua, -1);
        lua_rawget(lua, settings);
        lua_insert(lua, -2);
        read_setting(lua, &declaration->settings[count]);
    }
    declaration->descriptor->settings = declaration->settings;
    declaration->descriptor->setting_count = count;
    lua_pop(lua, 3);
}

void declare_plugin(lua_State *lua, struct declaration *declaration)
{
    static const char *const keys[] = {"kind", "name", "version", "summary", "settings", "components", NULL};
    struct vouch_plugin_descriptor *descriptor = declaration->descriptor;
    lua_newtable(lua);
    kept_set(lua, KEPT_ANCHORS);
    if (sandbox_push_global(lua, "plugin") != LUA_TTABLE) {
        script_error(lua, "it is no plugin: a script sets the global table `plugin` with kind, name, version, summary");
    }
    int plugin = lua_gettop(lua);
    declare_check_keys(lua, plugin, "plugin", keys);
    descriptor->kind = read_kind(lua, plugin, declaration);
    descriptor->name = need_text(lua, plugin, "plugin", "name", "recency");
    descriptor->version = need_text(lua, plugin, "plugin", "version", "1.0.0");
    descriptor->summary = need_text(lua, plugin, "plugin", "summary", "what it does, in one line");
    read_settings(lua, plugin, declaration);
    lua_pop(lua, 1);
}

void declare_push_settings(lua_State *lua, const struct vouch_plugin_descriptor *descriptor,
                           const union vouch_setting_value *values)
{
    lua_newtable(lua);
    for (uint32_t i = 0; i < descriptor->setting_count; i++) {
        switch (descriptor->settings[i].type) {
        case VOUCH_SETTING_INTEGER:
            lua_pushinteger(lua, values[i].integer);
            break;
        case VOUCH_SETTING_NUMBER:
            lua_pushnumber(lua, values[i].number);
            break;
        case VOUCH_SETTING_BOOLEAN:
            lua_pushboolean(lua, values[i].integer != 0);
            break;
        default:
            lua_pushstring(lua, values[i].text);
        }
        lua_setfield(lua, -2, descriptor->settings[i].name);
    }
    sandbox_protect(lua, "settings");
}
