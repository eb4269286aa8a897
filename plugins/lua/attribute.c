/* SPDX-License-Identifier: Apache-2.0
 *
 * An attribution: the request as a table, the script's weights checked one by one, so that a mistake is told with the
 * party and the value, and with the way out. Shares come in the order of the parties' first touches. */
#include "runtime.h"

#include <string.h>

struct attribution {
    const struct vouch_attribution_request *request;
    struct vouch_attribution_result *result;
};

/* Stack of an attribution. */
enum { AT_WEIGHTS = 2, AT_SEEN = 3 };

/* ---- the request ---- */

static void push_kind(lua_State *lua, uint32_t kind)
{
    static const char *const kinds[] = {NULL, "introduction", "vouch", "intel", "meeting", "handover"};
    if (kind >= 1 && kind < sizeof kinds / sizeof kinds[0]) {
        lua_pushstring(lua, kinds[kind]);
    } else {
        lua_pushinteger(lua, kind); /* of a later version */
    }
}

static void set_integer(lua_State *lua, const char *name, lua_Integer value)
{
    lua_pushinteger(lua, value);
    lua_setfield(lua, -2, name);
}

static void push_touch(lua_State *lua, const struct vouch_touch *touch)
{
    lua_createtable(lua, 0, 4);
    set_integer(lua, "party", (lua_Integer)touch->party);
    set_integer(lua, "sequence", (lua_Integer)touch->sequence);
    set_integer(lua, "time_ms", touch->time_ms);
    push_kind(lua, touch->kind);
    lua_setfield(lua, -2, "kind");
    luaL_setmetatable(lua, "touch");
}

/* Tables of its own for each call: the script may do with them as it likes. */
static void push_request(lua_State *lua, const struct vouch_attribution_request *request)
{
    lua_createtable(lua, 0, 4);
    if (request->opened_ms != 0) {
        set_integer(lua, "opened_ms", request->opened_ms);
    }
    set_integer(lua, "closed_ms", request->closed_ms);
    set_integer(lua, "window_days", request->window_days);
    lua_createtable(lua, (int)request->touch_count, 0);
    for (uint32_t i = 0; i < request->touch_count; i++) {
        push_touch(lua, &request->touches[i]);
        lua_rawseti(lua, -2, (lua_Integer)i + 1);
    }
    lua_setfield(lua, -2, "touches");
    luaL_setmetatable(lua, "request");
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

static void register_table(lua_State *lua, const char *what, const char **fields)
{
    luaL_newmetatable(lua, what);
    lua_pushstring(lua, what);
    lua_pushlightuserdata(lua, fields);
    lua_pushcclosure(lua, missing_field, 2);
    lua_setfield(lua, -2, "__index");
    lua_pop(lua, 1);
}

void attribute_register(lua_State *lua)
{
    static const char *request[] = {"touches", "closed_ms", "opened_ms", "window_days", NULL};
    static const char *touch[] = {"party", "time_ms", "sequence", "kind", NULL};
    register_table(lua, "request", request);
    register_table(lua, "touch", touch);
}

/* ---- the weights ---- */

/* The weight on top, of a party. */
static int64_t read_weight(lua_State *lua, lua_Integer party)
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

/* Shares of the parties in the order of their first touches. Returns how many keys of the table they used. */
static uint32_t read_shares(lua_State *lua, const struct attribution *attribution)
{
    const struct vouch_attribution_request *request = attribution->request;
    struct vouch_attribution_result *result = attribution->result;
    int64_t sum = 0;
    for (uint32_t i = 0; i < request->touch_count; i++) {
        lua_Integer party = (lua_Integer)request->touches[i].party;
        bool seen = lua_rawgeti(lua, AT_SEEN, party) != LUA_TNIL;
        if (!seen && lua_rawgeti(lua, AT_WEIGHTS, party) != LUA_TNIL) {
            int64_t weight = read_weight(lua, party);
            if (weight > VOUCH_WEIGHT_SUM_MAX - sum) {
                script_error(lua, "the weights sum to more than 2^62: make them smaller");
            }
            sum += weight;
            result->shares[result->share_count++] = (struct vouch_share){request->touches[i].party, weight};
            lua_pushboolean(lua, 1);
            lua_rawseti(lua, AT_SEEN, party);
        }
        lua_settop(lua, AT_SEEN);
    }
    return result->share_count;
}

/* There are more weights than parties: names the first that has no touch. */
static void refuse_stranger(lua_State *lua)
{
    order_push_keys(lua, AT_WEIGHTS);
    for (lua_Integer i = 1; lua_rawgeti(lua, -1, i) != LUA_TNIL; i++) {
        lua_pushvalue(lua, -1);
        if (lua_rawget(lua, AT_SEEN) == LUA_TNIL) {
            lua_pop(lua, 1);
            const char *what = lua_isinteger(lua, -1) ? "party" : "the key";
            const char *key = luaL_tolstring(lua, -1, NULL);
            script_error(lua, "there is a weight for %s %s, which has no touch in this deal", what, key);
        }
        lua_pop(lua, 2);
    }
}

static int run(lua_State *lua)
{
    const struct attribution *attribution = lua_touserdata(lua, 1);
    sandbox_push_global(lua, "attribute");
    push_request(lua, attribution->request);
    kept_push(lua, KEPT_SETTINGS);
    lua_call(lua, 2, 1);
    if (lua_type(lua, AT_WEIGHTS) != LUA_TTABLE) {
        return script_error(lua, "attribute() must return a table of weights by party, not a %s value",
                            luaL_typename(lua, AT_WEIGHTS));
    }
    lua_newtable(lua);
    uint32_t used = read_shares(lua, attribution);
    for (lua_pushnil(lua); lua_next(lua, AT_WEIGHTS) != 0; lua_pop(lua, 1)) {
        if (used-- == 0) {
            lua_settop(lua, AT_SEEN);
            refuse_stranger(lua);
        }
    }
    return 0;
}

enum vouch_answer attribute_run(void *self, const struct vouch_attribution_request *request,
                                struct vouch_attribution_result *result)
{
    struct instance *instance = self;
    struct attribution attribution = {request, result};
    instance->call++;
    result->share_count = 0;
    return instance_run(instance, run, &attribution);
}
