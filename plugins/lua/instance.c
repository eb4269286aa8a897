/* SPDX-License-Identifier: Apache-2.0
 *
 * One instance: a Lua state of its own. Everything in it runs protected; what goes wrong ends the call with a sentence
 * and leaves the instance usable, also when there was no memory left. */
#include "runtime.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char kept_keys[KEPT_COUNT];

void kept_push(lua_State *lua, enum kept what)
{
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &kept_keys[what]);
}

void kept_set(lua_State *lua, enum kept what)
{
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &kept_keys[what]);
}

struct instance *instance_of(lua_State *lua)
{
    return *(struct instance **)lua_getextraspace(lua);
}

struct instance *instance_open(const struct script *script, const struct vouch_services *services)
{
    struct instance *instance = calloc(1, sizeof *instance);
    if (instance == NULL) {
        return NULL;
    }
    instance->script = script;
    instance->services = services;
    instance->lua = luaL_newstate();
    if (instance->lua == NULL) {
        free(instance);
        return NULL;
    }
    *(struct instance **)lua_getextraspace(instance->lua) = instance;
    return instance;
}

int script_error(lua_State *lua, const char *format, ...)
{
    va_list args;
    luaL_where(lua, 1);
    if (lua_tostring(lua, -1)[0] == '\0') {
        lua_pushfstring(lua, "%s: ", instance_of(lua)->script->file);
    }
    va_start(args, format);
    lua_pushvfstring(lua, format, args);
    va_end(args);
    lua_concat(lua, 2);
    lua_error(lua);
    abort(); /* lua_error does not return */
}

void instance_destroy(void *self)
{
    struct instance *instance = self;
    lua_close(instance->lua);
    free(instance);
}

void instance_explain(struct instance *instance, const char *sentence)
{
    snprintf(instance->why, sizeof instance->why, "%s", sentence);
    if (instance->services != NULL) {
        instance->services->explain(instance->services, instance->why);
    }
}

/* The error on top, in a sentence. Must not raise. */
static void explain_error(struct instance *instance, int status)
{
    const char *file = instance->script->file;
    const char *text = "the script raised an error that is no text";
    char sentence[SENTENCE_MAX];
    if (status == LUA_ERRMEM) {
        text = "out of memory, or a function calls itself without end";
    } else if (lua_type(instance->lua, -1) == LUA_TSTRING) {
        text = lua_tostring(instance->lua, -1);
    }
    /* Most errors of scripts begin with the place; those of Lua itself do not always. */
    bool placed = strncmp(text, file, strlen(file)) == 0;
    snprintf(sentence, sizeof sentence, "%s%s%s", placed ? "" : file, placed ? "" : ": ", text);
    instance_explain(instance, sentence);
}

/* ---- scripts that do not end ---- */

static lua_State *volatile running;
static volatile unsigned interrupted_ms;

static void stop(lua_State *lua, lua_Debug *where)
{
    (void)where;
    lua_sethook(lua, NULL, 0, 0);
    luaL_where(lua, 0);
    if (lua_tostring(lua, -1)[0] == '\0') {
        luaL_where(lua, 1); /* it is about to call one of Lua's own functions */
    }
    lua_pushfstring(lua, "still running after %d ms, and stopped before its deadline", (int)interrupted_ms);
    lua_concat(lua, 2);
    lua_error(lua);
}

void instance_interrupt(unsigned elapsed_ms)
{
    lua_State *lua = running;
    interrupted_ms = elapsed_ms;
    if (lua != NULL) {
        /* The one function of Lua that a signal handler may call. */
        lua_sethook(lua, stop, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
    }
}

enum vouch_answer instance_run(struct instance *instance, lua_CFunction function, void *data)
{
    lua_State *lua = instance->lua;
    instance->ended = VOUCH_ANSWER_FAILED;
    lua_settop(lua, 0);
    lua_pushcfunction(lua, function);
    lua_pushlightuserdata(lua, data);
    lua_sethook(lua, NULL, 0, 0);
    running = lua;
    int status = lua_pcall(lua, 1, 0, 0);
    running = NULL;
    if (status == LUA_OK) {
        return VOUCH_ANSWER_DONE;
    }
    if (lua_touserdata(lua, -1) != &instance->ended) {
        explain_error(instance, status);
    }
    lua_settop(lua, 0);
    if (status == LUA_ERRMEM) {
        lua_gc(lua, LUA_GCCOLLECT, 0);
    }
    return instance->ended;
}

/* ---- making one ---- */

struct making {
    const struct vouch_plugin_descriptor *descriptor;
    const union vouch_setting_value *values;
};

/* All of an instance's making that may raise. */
static int make(lua_State *lua)
{
    struct instance *instance = instance_of(lua);
    const struct making *making = lua_touserdata(lua, 1);
    /* What it prints while it loads was printed when the descriptor was made. */
    instance->muted = true;
    sandbox_run_script(lua);
    instance->muted = false;
    declare_push_settings(lua, making->descriptor, making->values);
    kept_set(lua, KEPT_SETTINGS);
    sandbox_freeze(lua);
    if (making->descriptor->kind == VOUCH_KIND_MATCHER) {
        components_read(lua);
    }
    return 0;
}

enum vouch_answer instance_create(const struct vouch_services *services, const union vouch_setting_value *values,
                                  void **self)
{
    struct making making = {&lua_descriptor, values};
    struct instance *instance = instance_open(&lua_script, services);
    if (instance == NULL) {
        services->explain(services, "out of memory");
        return VOUCH_ANSWER_FAILED;
    }
    enum vouch_answer answer = instance_run(instance, make, &making);
    if (answer != VOUCH_ANSWER_DONE) {
        instance_destroy(instance);
        return answer;
    }
    *self = instance;
    return VOUCH_ANSWER_DONE;
}
