/* SPDX-License-Identifier: Apache-2.0
 *
 * Order that is the same in every process. Lua seeds its hashes anew in each, so its pairs() goes in an order of
 * chance, and its sort() looks at the clock when a list is unlucky. Here pairs() goes in the order of keys, and sort()
 * is a merge, which also leaves equal things as they stand. */
#include "runtime.h"

#include <stdlib.h>
#include <string.h>

enum rank { RANK_NUMBER, RANK_TEXT, RANK_FALSE, RANK_TRUE };

struct key {
    enum rank rank;
    bool whole; /* a number that is an integer to Lua */
    lua_Integer integer;
    lua_Number number;
    const char *text;
    size_t length;
};

static int compare_texts(const struct key *a, const struct key *b)
{
    size_t shorter = a->length < b->length ? a->length : b->length;
    int order = memcmp(a->text, b->text, shorter);
    return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

/* No two keys of a table are equal: a float that is whole is an integer there. */
static int compare_keys(const void *first, const void *second)
{
    const struct key *a = first;
    const struct key *b = second;
    if (a->rank != b->rank) {
        return (int)a->rank - (int)b->rank;
    }
    if (a->rank == RANK_TEXT) {
        return compare_texts(a, b);
    }
    if (a->whole && b->whole) {
        return (a->integer > b->integer) - (a->integer < b->integer);
    }
    return (a->number > b->number) - (a->number < b->number);
}

/* The key on top of the stack. */
static struct key read_key(lua_State *lua)
{
    struct key key = {.rank = RANK_NUMBER};
    switch (lua_type(lua, -1)) {
    case LUA_TNUMBER:
        key.whole = lua_isinteger(lua, -1);
        key.integer = key.whole ? lua_tointeger(lua, -1) : 0;
        key.number = lua_tonumber(lua, -1);
        break;
    case LUA_TSTRING:
        key.rank = RANK_TEXT;
        key.text = lua_tolstring(lua, -1, &key.length);
        break;
    case LUA_TBOOLEAN:
        key.rank = lua_toboolean(lua, -1) ? RANK_TRUE : RANK_FALSE;
        break;
    default:
        script_error(lua,
                     "a table with a %s for a key cannot be gone through in order: keys are numbers, texts or booleans",
                     luaL_typename(lua, -1));
    }
    return key;
}

static void push_key(lua_State *lua, const struct key *key)
{
    switch (key->rank) {
    case RANK_NUMBER:
        if (key->whole) {
            lua_pushinteger(lua, key->integer);
        } else {
            lua_pushnumber(lua, key->number);
        }
        break;
    case RANK_TEXT:
        lua_pushlstring(lua, key->text, key->length);
        break;
    default:
        lua_pushboolean(lua, key->rank == RANK_TRUE);
    }
}

static size_t count_keys(lua_State *lua, int index)
{
    size_t count = 0;
    for (lua_pushnil(lua); lua_next(lua, index) != 0; lua_pop(lua, 1)) {
        count++;
    }
    return count;
}

void order_push_keys(lua_State *lua, int index)
{
    index = lua_absindex(lua, index);
    size_t count = count_keys(lua, index);
    struct key *keys = lua_newuserdatauv(lua, count * sizeof *keys, 0);
    size_t filled = 0;
    for (lua_pushnil(lua); lua_next(lua, index) != 0;) {
        lua_pop(lua, 1);
        keys[filled++] = read_key(lua);
    }
    qsort(keys, count, sizeof *keys, compare_keys);
    lua_createtable(lua, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        push_key(lua, &keys[i]);
        lua_rawseti(lua, -2, (lua_Integer)i + 1);
    }
    lua_remove(lua, -2);
}

/* Iterator of pairs: upvalues are the table, its keys, the last position. A key whose value has gone meanwhile is
 * passed over. */
static int next_in_order(lua_State *lua)
{
    lua_Integer position = lua_tointeger(lua, lua_upvalueindex(3));
    while (lua_rawgeti(lua, lua_upvalueindex(2), ++position) != LUA_TNIL) {
        lua_pushvalue(lua, -1);
        if (lua_rawget(lua, lua_upvalueindex(1)) != LUA_TNIL) {
            lua_pushinteger(lua, position);
            lua_replace(lua, lua_upvalueindex(3));
            return 2;
        }
        lua_pop(lua, 2);
    }
    return 1;
}

int order_pairs(lua_State *lua)
{
    luaL_checkany(lua, 1);
    lua_settop(lua, 1);
    /* Views show a copy; a protected table is gone through where its members are. */
    if (!view_push_copy(lua, 1)) {
        luaL_checktype(lua, 1, LUA_TTABLE);
        if (luaL_getmetafield(lua, 1, "__index") != LUA_TTABLE) {
            lua_settop(lua, 1);
        }
    }
    order_push_keys(lua, -1);
    lua_pushinteger(lua, 0);
    lua_pushcclosure(lua, next_in_order, 3);
    return 1;
}

/* ---- sort: list 1, function or nil 2, then two arrays that are merged from one into the other ---- */

#define SORT_FUNCTION 2

/* Does the second value from the top belong before the first? Leaves both. */
static bool comes_before(lua_State *lua, int a, int b)
{
    if (lua_isnil(lua, SORT_FUNCTION)) {
        return lua_compare(lua, a, b, LUA_OPLT);
    }
    lua_pushvalue(lua, SORT_FUNCTION);
    lua_pushvalue(lua, a);
    lua_pushvalue(lua, b);
    lua_call(lua, 2, 1);
    bool before = lua_toboolean(lua, -1);
    lua_pop(lua, 1);
    return before;
}

/* Merges [low, middle) and [middle, high) of `from` into `to`. */
static void merge(lua_State *lua, int from, int to, lua_Integer low, lua_Integer middle, lua_Integer high)
{
    lua_Integer left = low;
    lua_Integer right = middle;
    for (lua_Integer out = low; out < high; out++) {
        bool take_right = left == middle;
        if (!take_right && right < high) {
            lua_rawgeti(lua, from, left);
            lua_rawgeti(lua, from, right);
            int top = lua_gettop(lua);
            take_right = comes_before(lua, top, top - 1);
            lua_pop(lua, 2);
        }
        lua_rawgeti(lua, from, take_right ? right++ : left++);
        lua_rawseti(lua, to, out);
    }
}

int order_sort(lua_State *lua)
{
    luaL_checktype(lua, 1, LUA_TTABLE);
    if (!lua_isnoneornil(lua, 2)) {
        luaL_checktype(lua, 2, LUA_TFUNCTION);
    }
    lua_settop(lua, 2);
    lua_Integer count = luaL_len(lua, 1);
    lua_createtable(lua, (int)count, 0);
    lua_createtable(lua, (int)count, 0);
    int from = 3;
    int to = 4;
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(lua, 1, i);
        lua_rawseti(lua, from, i);
    }
    for (lua_Integer width = 1; width < count; width *= 2) {
        for (lua_Integer low = 1; low <= count; low += 2 * width) {
            lua_Integer middle = low + width <= count ? low + width : count + 1;
            lua_Integer high = low + 2 * width <= count ? low + 2 * width : count + 1;
            merge(lua, from, to, low, middle, high);
        }
        int swap = from;
        from = to;
        to = swap;
    }
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(lua, from, i);
        lua_seti(lua, 1, i);
    }
    return 0;
}
