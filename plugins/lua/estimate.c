/* SPDX-License-Identifier: Apache-2.0
 *
 * An estimate: the history as a table, and what the script returns for each party, a weight or a weight with the raw
 * value that it was made of. Shares come in the order in which the parties are on the paths. */
#include "runtime.h"

struct estimate {
    const struct vouch_estimate_request *request;
    struct vouch_estimate_result *result;
};

/* Stack of an estimate. */
enum { AT_WEIGHTS = 2, AT_SEEN = 3 };

/* ---- the history ---- */

static void push_path(lua_State *lua, const struct vouch_estimate_request *request, const struct vouch_path *path)
{
    lua_createtable(lua, 0, 4);
    record_set(lua, "won", (lua_Integer)path->won);
    record_set(lua, "lost", (lua_Integer)path->lost);
    record_set(lua, "value", path->value);
    lua_createtable(lua, (int)path->party_count, 0);
    for (uint32_t i = 0; i < path->party_count; i++) {
        lua_pushinteger(lua, (lua_Integer)request->parties[path->first + i]);
        lua_rawseti(lua, -2, (lua_Integer)i + 1);
    }
    lua_setfield(lua, -2, "parties");
    luaL_setmetatable(lua, "path");
}

static void push_history(lua_State *lua, const struct vouch_estimate_request *request)
{
    lua_createtable(lua, 0, 4);
    record_set(lua, "from_ms", request->from_ms);
    record_set(lua, "until_ms", request->until_ms);
    lua_pushstring(lua, request->currency);
    lua_setfield(lua, -2, "currency");
    lua_createtable(lua, (int)request->path_count, 0);
    for (uint32_t i = 0; i < request->path_count; i++) {
        push_path(lua, request, &request->paths[i]);
        lua_rawseti(lua, -2, (lua_Integer)i + 1);
    }
    lua_setfield(lua, -2, "paths");
    luaL_setmetatable(lua, "history");
}

void estimate_register(lua_State *lua)
{
    static const char *history[] = {"paths", "currency", "from_ms", "until_ms", NULL};
    static const char *path[] = {"parties", "won", "lost", "value", NULL};
    record_register(lua, "history", history);
    record_register(lua, "path", path);
}

/* ---- the shares ---- */

/* Element 2 or 3 of the table on top: a whole number of the raw value. */
static int64_t read_raw(lua_State *lua, lua_Integer party, int which, const char *what)
{
    int whole = 0;
    lua_rawgeti(lua, -1, which);
    lua_Integer number = lua_type(lua, -1) == LUA_TNUMBER ? lua_tointegerx(lua, -1, &whole) : 0;
    if (!whole) {
        script_error(lua, "the %s of party %I must be a whole number: {weight, numerator, denominator}", what,
                     (LUAI_UACINT)party);
    }
    lua_pop(lua, 1);
    return number;
}

/* What is on top, of a party: a weight, or {weight, numerator, denominator}. */
static struct vouch_estimate_share read_share(lua_State *lua, lua_Integer party)
{
    struct vouch_estimate_share share = {.party = (uint64_t)party, .raw_denominator = 1};
    if (lua_type(lua, -1) != LUA_TTABLE) {
        share.weight = share.raw_numerator = weight_read(lua, party);
        return share;
    }
    lua_rawgeti(lua, -1, 1);
    share.weight = weight_read(lua, party);
    lua_pop(lua, 1);
    share.raw_numerator = read_raw(lua, party, 2, "numerator");
    share.raw_denominator = read_raw(lua, party, 3, "denominator");
    if (share.raw_denominator <= 0) {
        script_error(lua, "the denominator of party %I is %I; it must be above 0", (LUAI_UACINT)party,
                     (LUAI_UACINT)share.raw_denominator);
    }
    if (share.raw_numerator < 0 && share.weight > 0) {
        script_error(lua, "party %I has the weight %I for a raw value below 0, which weighs 0", (LUAI_UACINT)party,
                     (LUAI_UACINT)share.weight);
    }
    return share;
}

/* Shares of the parties in the order of their first places. Returns how many keys of the table they used. */
static uint32_t read_shares(lua_State *lua, const struct estimate *estimate)
{
    struct vouch_estimate_result *result = estimate->result;
    int64_t sum = 0;
    for (uint32_t i = 0; i < estimate->request->place_count; i++) {
        lua_Integer party = (lua_Integer)estimate->request->parties[i];
        bool seen = lua_rawgeti(lua, AT_SEEN, party) != LUA_TNIL;
        if (!seen && lua_rawgeti(lua, AT_WEIGHTS, party) != LUA_TNIL) {
            struct vouch_estimate_share share = read_share(lua, party);
            if (share.weight > VOUCH_WEIGHT_SUM_MAX - sum) {
                script_error(lua, "the weights sum to more than 2^62: make them smaller");
            }
            sum += share.weight;
            result->shares[result->share_count++] = share;
            lua_pushboolean(lua, 1);
            lua_rawseti(lua, AT_SEEN, party);
        }
        lua_settop(lua, AT_SEEN);
    }
    return result->share_count;
}

static int run(lua_State *lua)
{
    const struct estimate *estimate = lua_touserdata(lua, 1);
    sandbox_push_global(lua, "estimate");
    push_history(lua, estimate->request);
    kept_push(lua, KEPT_SETTINGS);
    lua_call(lua, 2, 1);
    if (lua_type(lua, AT_WEIGHTS) != LUA_TTABLE) {
        return script_error(lua, "estimate() must return a table of weights by party, not a %s value",
                            luaL_typename(lua, AT_WEIGHTS));
    }
    lua_newtable(lua);
    uint32_t used = read_shares(lua, estimate);
    for (lua_pushnil(lua); lua_next(lua, AT_WEIGHTS) != 0; lua_pop(lua, 1)) {
        if (used-- == 0) {
            lua_settop(lua, AT_SEEN);
            weight_refuse_stranger(lua, AT_WEIGHTS, AT_SEEN, "which is on no path");
        }
    }
    return 0;
}

enum vouch_answer estimate_run(void *self, const struct vouch_estimate_request *request,
                               struct vouch_estimate_result *result)
{
    struct instance *instance = self;
    struct estimate estimate = {request, result};
    instance->call++;
    result->share_count = 0;
    return instance_run(instance, run, &estimate);
}
