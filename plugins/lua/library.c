/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions of scripts that Lua has otherwise or not at all: texts that show no address of memory, print() into the
 * broker's log, and the two ways to end a call without an answer. */
#include "runtime.h"

#include <stdio.h>
#include <string.h>

const char *library_text(lua_State *lua, int index)
{
    switch (lua_type(lua, index)) {
    case LUA_TNIL:
    case LUA_TBOOLEAN:
    case LUA_TNUMBER:
    case LUA_TSTRING:
        return luaL_tolstring(lua, index, NULL);
    default:
        return luaL_getmetafield(lua, index, "__name") == LUA_TSTRING ? lua_tostring(lua, -1)
                                                                      : lua_pushstring(lua, luaL_typename(lua, index));
    }
}

const char *library_list(lua_State *lua, const char *const *names)
{
    luaL_Buffer list;
    luaL_buffinit(lua, &list);
    for (size_t i = 0; names[i] != NULL; i++) {
        luaL_addstring(&list, i == 0 ? "" : ", ");
        luaL_addstring(&list, names[i]);
    }
    luaL_pushresult(&list);
    return lua_tostring(lua, -1);
}

static int library_tostring(lua_State *lua)
{
    luaL_checkany(lua, 1);
    library_text(lua, 1);
    return 1;
}

static int library_print(lua_State *lua)
{
    const struct instance *instance = instance_of(lua);
    int count = lua_gettop(lua);
    luaL_Buffer line;
    luaL_buffinit(lua, &line);
    for (int i = 1; i <= count; i++) {
        if (i > 1) {
            luaL_addchar(&line, '\t');
        }
        library_text(lua, i);
        luaL_addvalue(&line);
    }
    luaL_pushresult(&line);
    if (instance->services != NULL && !instance->muted) {
        instance->services->log(instance->services, VOUCH_LOG_INFO, lua_tostring(lua, -1));
    } else if (!instance->muted) {
        fprintf(stderr, "%s\n", lua_tostring(lua, -1));
    }
    return 0;
}

/* Ends the call: the error is no text but the address of `ended`, which instance_run knows. */
static int end_call(lua_State *lua, enum vouch_answer answer)
{
    struct instance *instance = instance_of(lua);
    instance_explain(instance, luaL_checkstring(lua, 1));
    instance->ended = answer;
    lua_pushlightuserdata(lua, &instance->ended);
    return lua_error(lua);
}

static int library_defer(lua_State *lua)
{
    return end_call(lua, VOUCH_ANSWER_DEFER);
}

static int library_unsupported(lua_State *lua)
{
    return end_call(lua, VOUCH_ANSWER_UNSUPPORTED);
}

const luaL_Reg library_base[] = {
    {"defer", library_defer}, {"unsupported", library_unsupported}, {"pairs", order_pairs},
    {"print", library_print}, {"tostring", library_tostring},       {NULL, NULL},
};

/* Is there a conversion that shows an address? */
static bool shows_address(const char *format, size_t length)
{
    const char *end = format + length;
    for (const char *c = memchr(format, '%', length); c != NULL; c = memchr(c, '%', (size_t)(end - c))) {
        c += 1 + strspn(c + 1, "-+ #0123456789.");
        if (*c == 'p') {
            return true;
        }
        c += *c == '%';
    }
    return false;
}

int library_format(lua_State *lua)
{
    size_t length;
    const char *format = luaL_checklstring(lua, 1, &length);
    if (shows_address(format, length)) {
        return script_error(lua, "string.format: %%p is not there: an address differs from process to process");
    }
    for (int i = lua_gettop(lua); i > 1; i--) {
        if (lua_type(lua, i) == LUA_TTABLE || lua_type(lua, i) == LUA_TFUNCTION || lua_type(lua, i) == LUA_TUSERDATA) {
            library_text(lua, i);
            lua_replace(lua, i);
        }
    }
    lua_pushvalue(lua, lua_upvalueindex(1));
    lua_insert(lua, 1);
    lua_call(lua, lua_gettop(lua) - 1, 1);
    return 1;
}
