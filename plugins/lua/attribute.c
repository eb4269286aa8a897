/* SPDX-License-Identifier: Apache-2.0
 *
 * An attribution: the request as a table, the script's weights checked one by one. Shares come in the order of the
 * parties' first touches. */
#include "runtime.h"

#include <math.h>
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

static void push_touch(lua_State *lua, const struct vouch_touch *touch)
{
    lua_createtable(lua, 0, 4);
    record_set(lua, "party", (lua_Integer)touch->party);
    record_set(lua, "sequence", (lua_Integer)touch->sequence);
    record_set(lua, "time_ms", touch->time_ms);
    push_kind(lua, touch->kind);
    lua_setfield(lua, -2, "kind");
    luaL_setmetatable(lua, "touch");
}

/* Tables of its own for each call: the script may do with them as it likes. */
static void push_request(lua_State *lua, const struct vouch_attribution_request *request)
{
    lua_createtable(lua, 0, 4);
    if (request->opened_ms != 0) {
        record_set(lua, "opened_ms", request->opened_ms);
    }
    record_set(lua, "closed_ms", request->closed_ms);
    record_set(lua, "window_days", request->window_days);
    lua_createtable(lua, (int)request->touch_count, 0);
    for (uint32_t i = 0; i < request->touch_count; i++) {
        push_touch(lua, &request->touches[i]);
        lua_rawseti(lua, -2, (lua_Integer)i + 1);
    }
    lua_setfield(lua, -2, "touches");
    luaL_setmetatable(lua, "request");
}

void attribute_register(lua_State *lua)
{
    static const char *request[] = {"touches", "closed_ms", "opened_ms", "window_days", NULL};
    static const char *touch[] = {"party", "time_ms", "sequence", "kind", NULL};
    record_register(lua, "request", request);
    record_register(lua, "touch", touch);
}

/* ---- the weights ---- */

/* The part of the pool on top, of a party that is paid beside the others. */
static int64_t read_part(lua_State *lua, lua_Integer party)
{
    if (lua_type(lua, -1) != LUA_TNUMBER) {
        script_error(lua, "the override of party %I is a %s; it must be a number from 0 to 1, its part of the pool",
                     (LUAI_UACINT)party, luaL_typename(lua, -1));
    }
    lua_Number part = lua_tonumber(lua, -1);
    if (!(part >= 0 && part <= 1)) {
        script_error(lua, "the override of party %I is %f; it must be from 0 to 1, its part of the pool",
                     (LUAI_UACINT)party, (LUAI_UACNUMBER)part);
    }
    return (int64_t)rint(part * (lua_Number)VOUCH_OVERRIDE_WHOLE);
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
            int64_t weight = attribution->result->mode == VOUCH_SHARES_OVERRIDE ? read_part(lua, party)
                                                                                : weight_read(lua, party);
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

/* What attribute() returned beside the weights, on top; pops it. */
static uint32_t read_mode(lua_State *lua)
{
    const char *mode = lua_type(lua, -1) == LUA_TSTRING ? lua_tostring(lua, -1) : "";
    bool override = strcmp(mode, "override") == 0;
    if (!override && !lua_isnil(lua, -1) && strcmp(mode, "inside") != 0) {
        script_error(lua, "beside the weights attribute() may return \"inside\" or \"override\", not %s",
                     library_text(lua, -1));
    }
    lua_pop(lua, 1);
    return override ? VOUCH_SHARES_OVERRIDE : VOUCH_SHARES_INSIDE;
}

static int run(lua_State *lua)
{
    const struct attribution *attribution = lua_touserdata(lua, 1);
    sandbox_push_global(lua, "attribute");
    push_request(lua, attribution->request);
    kept_push(lua, KEPT_SETTINGS);
    lua_call(lua, 2, 2);
    attribution->result->mode = read_mode(lua);
    if (lua_type(lua, AT_WEIGHTS) != LUA_TTABLE) {
        return script_error(lua, "attribute() must return a table of weights by party, not a %s value",
                            luaL_typename(lua, AT_WEIGHTS));
    }
    lua_newtable(lua);
    uint32_t used = read_shares(lua, attribution);
    for (lua_pushnil(lua); lua_next(lua, AT_WEIGHTS) != 0; lua_pop(lua, 1)) {
        if (used-- == 0) {
            lua_settop(lua, AT_SEEN);
            weight_refuse_stranger(lua, AT_WEIGHTS, AT_SEEN, "which has no touch in this deal");
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
