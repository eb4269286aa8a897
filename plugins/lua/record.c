/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests as tables of the script's own, whose fields are told apart from misspelt ones; and weights, read one by one
 * so that a mistake is told with the party and the value, and with the way out. */
#include "runtime.h"

#include <string.h>

void record_set(lua_State *lua, const char *name, lua_Integer value)
{
    lua_pushinteger(lua, value);
    lua_setfield(lua, -2, name);
}

/* A field that is not there: nil if it could be, otherwise misspelt. Upvalues: what the table is, and its fields. */
static int missing_field(lua_State *lua)
{
    const char *const *fields = lua_touserdata(lua, lua_upvalueindex(2));
    const char *name = library_text(lua, 2);
    for (size_t i = 0; fields[i] != NULL; i++) {
        if (strcmp(fields[i], name) == 0) {
            lua_pushnil(lua);
            return 1;
        }
    }
    return script_error(lua, "a %s has no %s; it has %s", lua_tostring(lua, lua_upvalueindex(1)), name,
                        library_list(lua, fields));
}

void record_register(lua_State *lua, const char *what, const char **fields)
{
    luaL_newmetatable(lua, what);
    lua_pushstring(lua, what);
    lua_pushlightuserdata(lua, fields);
    lua_pushcclosure(lua, missing_field, 2);
    lua_setfield(lua, -2, "__index");
    lua_pop(lua, 1);
}

int64_t weight_read(lua_State *lua, lua_Integer party)
{
    int whole = 0;
    if (lua_type(lua, -1) != LUA_TNUMBER) {
        script_error(lua, "the weight of party %I is a %s; it must be a whole number", (LUAI_UACINT)party,
                     luaL_typename(lua, -1));
    }
    lua_Integer weight = lua_tointegerx(lua, -1, &whole);
    lua_Number number = lua_tonumber(lua, -1);
    if (!whole && number > -1e15 && number < 1e15) {
        script_error(lua, "the weight of party %I is %f; it must be a whole number: math.floor(x * 1000000) makes one",
                     (LUAI_UACINT)party, (LUAI_UACNUMBER)number);
    }
    if (!whole || weight > VOUCH_WEIGHT_SUM_MAX) {
        script_error(lua, "the weight of party %I is %f; it must be a whole number, and all together at most 2^62",
                     (LUAI_UACINT)party, (LUAI_UACNUMBER)number);
    }
    if (weight < 0) {
        script_error(lua, "the weight of party %I is %I; it must not be below 0: math.max(0, x) cuts it off",
                     (LUAI_UACINT)party, (LUAI_UACINT)weight);
    }
    return weight;
}

void weight_refuse_stranger(lua_State *lua, int weights, int seen, const char *lacks)
{
    order_push_keys(lua, weights);
    for (lua_Integer i = 1; lua_rawgeti(lua, -1, i) != LUA_TNIL; i++) {
        lua_pushvalue(lua, -1);
        if (lua_rawget(lua, seen) == LUA_TNIL) {
            lua_pop(lua, 1);
            const char *what = lua_isinteger(lua, -1) ? "party" : "the key";
            const char *key = luaL_tolstring(lua, -1, NULL);
            script_error(lua, "there is a weight for %s %s, %s", what, key, lacks);
        }
        lua_pop(lua, 2);
    }
}
