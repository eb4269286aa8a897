/* SPDX-License-Identifier: Apache-2.0
 *
 * The components of a matcher: a list in the table `plugin`, or what a function components(settings) returns where
 * weights are settings. */
#include "runtime.h"

#include <stdio.h>
#include <string.h>

/* Pushes the list, wherever it is. */
static void push_declared(lua_State *lua)
{
    sandbox_push_global(lua, "plugin");
    bool listed = lua_getfield(lua, -1, "components") != LUA_TNIL;
    bool computed = sandbox_push_global(lua, "components") == LUA_TFUNCTION;
    if (listed && computed) {
        script_error(lua, "components are declared twice, in `plugin` and by a function");
    }
    lua_pop(lua, listed ? 1 : 0);
    if (lua_type(lua, -1) == LUA_TFUNCTION) {
        kept_push(lua, KEPT_SETTINGS);
        lua_call(lua, 1, 1);
    }
    if (lua_type(lua, -1) != LUA_TTABLE) {
        script_error(lua, "a matcher has components = {{name = \"issues\", weight = 3}, ...} in `plugin`, or a "
                          "function components(settings) that returns such a list");
    }
}

/* One component, whose table is on top. */
static void read_component(lua_State *lua, struct instance *instance, uint32_t position)
{
    static const char *const keys[] = {"name", "weight", NULL};
    char what[32];
    snprintf(what, sizeof what, "components[%u]", position + 1);
    if (lua_type(lua, -1) != LUA_TTABLE) {
        script_error(lua, "%s must be a table: {name = \"issues\", weight = 3}", what);
    }
    declare_check_keys(lua, -1, what, keys);
    lua_getfield(lua, -1, "name");
    lua_getfield(lua, -2, "weight");
    size_t length = 0;
    const char *name = lua_type(lua, -2) == LUA_TSTRING ? lua_tolstring(lua, -2, &length) : NULL;
    if (name == NULL || length == 0 || length > VOUCH_NAME_MAX) {
        script_error(lua, "%s.name must be a text of 1 to %d bytes", what, (int)VOUCH_NAME_MAX);
    }
    int whole;
    lua_Integer weight = lua_tointegerx(lua, -1, &whole);
    if (lua_type(lua, -1) != LUA_TNUMBER || !whole || weight < 0 || weight > (lua_Integer)VOUCH_COMPONENT_WEIGHT_MAX) {
        script_error(lua, "weight of component %s must be a whole number from 0 to %d", name,
                     (int)VOUCH_COMPONENT_WEIGHT_MAX);
    }
    for (uint32_t i = 0; i < position; i++) {
        if (strcmp(instance->component_names[i], name) == 0) {
            script_error(lua, "component %s is there twice", name);
        }
    }
    memcpy(instance->component_names[position], name, length + 1);
    instance->components[position] = (struct vouch_component){instance->component_names[position], (uint32_t)weight, 0};
    lua_pop(lua, 3);
}

void components_read(lua_State *lua)
{
    struct instance *instance = instance_of(lua);
    push_declared(lua);
    lua_Integer count = luaL_len(lua, -1);
    if (count < 1 || count > (lua_Integer)VOUCH_COMPONENTS_MAX) {
        script_error(lua, "a matcher has 1 to %d components, this one %d", (int)VOUCH_COMPONENTS_MAX, (int)count);
    }
    for (uint32_t i = 0; i < (uint32_t)count; i++) {
        lua_geti(lua, -1, (lua_Integer)i + 1);
        read_component(lua, instance, i);
    }
    instance->component_count = (uint32_t)count;
}

const struct vouch_component *components_get(void *self, uint32_t *count)
{
    const struct instance *instance = self;
    *count = instance->component_count;
    return instance->components;
}
