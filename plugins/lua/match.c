/* SPDX-License-Identifier: Apache-2.0
 *
 * A matcher: the script is asked once for each candidate of a batch and returns a table from components to numbers
 * between 0 and 1, or {number, "why"}. A component that it leaves out is not known. */
#include "runtime.h"

#include <math.h>
#include <string.h>

#define ROUNDING 1e-9 /* sums of fractions may miss 0 or 1 by so little */

struct matching {
    const struct need_record *need;
    const struct vouch_match_request *request;
    struct vouch_match_result *result;
};

/* Stack of a matching: names of components follow. */
enum { AT_FUNCTION = 2, AT_NEED = 3, AT_SETTINGS = 4, AT_NAMES = 5 };

/* A text that outlives the script's, cut to what the host takes. */
static const char *keep_why(lua_State *lua, int index)
{
    const struct vouch_services *services = instance_of(lua)->services;
    size_t length;
    const char *text = lua_tolstring(lua, index, &length);
    length = length < VOUCH_WHY_MAX ? length : VOUCH_WHY_MAX;
    char *why = services->alloc(services, length + 1);
    return why == NULL ? NULL : memcpy(why, text, length); /* alloc gives zeroes */
}

/* {number, "why"} on top: its number takes its place. */
static void read_pair(lua_State *lua, struct vouch_component_score *score, const char *name, uint64_t id)
{
    int pair = lua_gettop(lua);
    lua_rawgeti(lua, pair, 1);
    int type = lua_rawgeti(lua, pair, 2);
    if (type == LUA_TSTRING) {
        score->why = keep_why(lua, -1);
    } else if (type != LUA_TNIL) {
        script_error(lua, "component %s of candidate %I has a %s as its why; it is {number, \"why\"}", name,
                     (LUAI_UACINT)id, lua_typename(lua, type));
    }
    lua_pop(lua, 1);
    lua_replace(lua, pair);
}

/* The value of a component, on top; not nil. */
static void read_score(lua_State *lua, struct vouch_component_score *score, const char *name, uint64_t id)
{
    if (lua_type(lua, -1) == LUA_TTABLE) {
        read_pair(lua, score, name, id);
    }
    if (lua_type(lua, -1) != LUA_TNUMBER) {
        script_error(lua,
                     "component %s of candidate %I is a %s value; it must be a number from 0 to 1, or "
                     "{number, \"why\"}, or left out",
                     name, (LUAI_UACINT)id, luaL_typename(lua, -1));
    }
    lua_Number x = lua_tonumber(lua, -1);
    if (!(x >= -ROUNDING && x <= 1 + ROUNDING)) {
        script_error(lua,
                     "component %s of candidate %I is %f; it must be from 0 to 1, or left out where nothing is "
                     "known",
                     name, (LUAI_UACINT)id, (LUAI_UACNUMBER)x);
    }
    score->x_ppm = (uint32_t)lrint(fmin(fmax(x, 0), 1) * VOUCH_PPM);
    score->known = 1;
}

/* There are more keys than components: names the first that is none. */
static void refuse_stranger(lua_State *lua, int scores, const struct vouch_match_result *result)
{
    order_push_keys(lua, scores);
    for (lua_Integer i = 1; lua_rawgeti(lua, -1, i) != LUA_TNIL; i++) {
        uint32_t c = 0;
        while (c < result->component_count && !lua_rawequal(lua, -1, AT_NAMES + (int)c)) {
            c++;
        }
        if (c == result->component_count) {
            script_error(lua, "match() returned %s, which is no component of this plugin",
                         luaL_tolstring(lua, -1, NULL));
        }
        lua_pop(lua, 1);
    }
}

/* The table of scores is on top. */
static void read_scores(lua_State *lua, const struct vouch_match_result *result, uint64_t id,
                        struct vouch_component_score *row)
{
    int scores = lua_gettop(lua);
    if (lua_type(lua, scores) != LUA_TTABLE) {
        script_error(lua, "match() must return a table of scores by component, not a %s value",
                     luaL_typename(lua, scores));
    }
    uint32_t used = 0;
    for (uint32_t c = 0; c < result->component_count; c++) {
        lua_pushvalue(lua, AT_NAMES + (int)c);
        if (lua_rawget(lua, scores) != LUA_TNIL) {
            read_score(lua, &row[c], result->components[c].name, id);
            used++;
        }
        lua_pop(lua, 1);
    }
    for (lua_pushnil(lua); lua_next(lua, scores) != 0; lua_pop(lua, 1)) {
        if (used-- == 0) {
            lua_settop(lua, scores);
            refuse_stranger(lua, scores, result);
        }
    }
}

static int run(lua_State *lua)
{
    const struct matching *matching = lua_touserdata(lua, 1);
    const struct vouch_match_request *request = matching->request;
    struct vouch_match_result *result = matching->result;
    sandbox_push_global(lua, "match");
    view_push_need(lua, matching->need);
    kept_push(lua, KEPT_SETTINGS);
    luaL_checkstack(lua, (int)result->component_count, NULL);
    for (uint32_t c = 0; c < result->component_count; c++) {
        lua_pushstring(lua, result->components[c].name);
    }
    int base = lua_gettop(lua);
    for (uint32_t i = 0; i < request->candidate_count; i++) {
        lua_pushvalue(lua, AT_FUNCTION);
        lua_pushvalue(lua, AT_NEED);
        view_push_candidate(lua, &request->candidates[i]);
        lua_pushvalue(lua, AT_SETTINGS);
        lua_call(lua, 3, 1);
        read_scores(lua, result, request->candidates[i].id, &result->scores[(size_t)i * result->component_count]);
        lua_settop(lua, base);
    }
    return 0;
}

enum vouch_answer match_run(void *self, const struct vouch_match_request *request, struct vouch_match_result *result)
{
    struct instance *instance = self;
    const struct need_record need = {*request->need, request->candidate_total, request->candidate_issues};
    struct matching matching = {&need, request, result};
    instance->call++;
    return instance_run(instance, run, &matching);
}
