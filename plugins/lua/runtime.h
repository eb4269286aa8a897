/* SPDX-License-Identifier: Apache-2.0
 *
 * The Lua runtime from the inside, in the order of a script's life: run it in a sandbox (sandbox.c, library.c,
 * order.c), read what it declares (declare.c), make an instance (instance.c), answer calls (attribute.c, estimate.c,
 * match.c) with the request as tables (record.c) or views (view.c). Whatever may raise a Lua error says so; such
 * functions run below instance_run only. */
#ifndef VOUCH_LUA_RUNTIME_H
#define VOUCH_LUA_RUNTIME_H

#include "vouch_plugin.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#define SENTENCE_MAX 512

/* The script of this process, as the host read it. */
struct script {
    const char *file; /* name for messages */
    const char *text;
    size_t size;
};

/* A Lua state with the script run in it. */
struct instance {
    lua_State *lua;
    const struct script *script;
    const struct vouch_services *services; /* NULL while the script is only asked what it is */
    bool muted;                            /* print() is silent: the script runs a second time */
    enum vouch_answer ended;               /* how a call ends that does not come to its end: FAILED, unless defer() */
    char why[SENTENCE_MAX];                /* the last explanation */
    uint64_t call;                         /* views of earlier calls are dead */
    uint32_t component_count;
    struct vouch_component components[VOUCH_COMPONENTS_MAX];
    char component_names[VOUCH_COMPONENTS_MAX][VOUCH_NAME_MAX + 1];
};

/* What is kept in Lua's registry, by the address of one of these. */
enum kept {
    KEPT_GLOBALS,  /* what the script sees as globals; they are read through a table that cannot be written */
    KEPT_ANCHORS,  /* texts that the descriptor points to */
    KEPT_SETTINGS, /* of the instance, read-only */
    KEPT_COUNT
};
extern const char kept_keys[KEPT_COUNT];

/* Pushes what is kept; pops what is to be kept. The latter may raise. */
void kept_push(lua_State *lua, enum kept what);
void kept_set(lua_State *lua, enum kept what);

/* ---- instance.c ---- */

struct instance *instance_of(lua_State *lua);
/* A state in which nothing has run yet; NULL without memory. Freed by instance_destroy. */
struct instance *instance_open(const struct script *script, const struct vouch_services *services);
/* Runs function(lua) with `data` as its only argument, a light userdata. When it raises, explains it and returns
 * FAILED, or what the script ended the call with. */
enum vouch_answer instance_run(struct instance *instance, lua_CFunction function, void *data);
/* Raises an error as luaL_error does, with the place in the script, or its name where there is no place. */
int script_error(lua_State *lua, const char *format, ...) __attribute__((noreturn));
/* Of vouch_language: whatever runs now is to raise an error. */
void instance_interrupt(unsigned elapsed_ms);
/* Keeps the sentence in instance->why and tells the host. */
void instance_explain(struct instance *instance, const char *sentence);
/* Functions of the descriptor. */
enum vouch_answer instance_create(const struct vouch_services *services, const union vouch_setting_value *values,
                                  void **self);
void instance_destroy(void *self);

/* ---- sandbox.c: each may raise ---- */

/* The libraries that scripts have, then the script itself. Leaves nothing. */
void sandbox_run_script(lua_State *lua);
/* From now on globals cannot be set. */
void sandbox_freeze(lua_State *lua);
/* Replaces the table on top by one that reads from it and cannot be written; a name that it lacks is an error that
 * calls it `what`. */
void sandbox_protect(lua_State *lua, const char *what);
/* A global of the script, nil when it has none. */
int sandbox_push_global(lua_State *lua, const char *name);

/* ---- library.c, order.c: what differs from Lua's own library; each raises Lua errors ---- */

/* Pushes the value as text. Tables and functions are only named: their address differs from process to process. */
const char *library_text(lua_State *lua, int index);
/* Pushes "a, b, c" of names that end with NULL. */
const char *library_list(lua_State *lua, const char *const *names);
extern const luaL_Reg library_base[];
int library_format(lua_State *lua); /* string.format, which is its upvalue, without addresses */
int order_pairs(lua_State *lua);    /* pairs in the order of keys */
int order_sort(lua_State *lua);     /* table.sort, stable, always the same way */
/* Pushes an array of the keys of a table in order: numbers, texts, false, true. */
void order_push_keys(lua_State *lua, int index);

/* ---- view.c: requests as scripts see them; each may raise ---- */

/* A need with the counts of its request. */
struct need_record {
    struct vouch_need need;
    uint32_t candidate_total;
    uint64_t candidate_issues;
};

/* Once a state. */
void view_register(lua_State *lua);
/* Pushes a view that lives until the next call. */
void view_push_need(lua_State *lua, const struct need_record *need);
void view_push_candidate(lua_State *lua, const struct vouch_candidate *candidate);
/* If the value at the index is a view, pushes a table with what it shows. */
bool view_push_copy(lua_State *lua, int index);

/* ---- record.c: requests as tables of the script's own, and weights; each may raise ---- */

/* A field of the table on top. */
void record_set(lua_State *lua, const char *name, lua_Integer value);
/* Once a state: the metatable of tables called `what`, which have these fields (static, ended by NULL). */
void record_register(lua_State *lua, const char *what, const char **fields);
/* The weight on top, of a party. */
int64_t weight_read(lua_State *lua, lua_Integer party);
/* There are more weights than parties: names the first that was not seen; `lacks`: "which has no touch". */
void weight_refuse_stranger(lua_State *lua, int weights, int seen, const char *lacks);

/* ---- declare.c ---- */

/* Room for what a descriptor points to. */
struct declaration {
    struct vouch_plugin_descriptor *descriptor;
    struct vouch_setting settings[VOUCH_SETTINGS_MAX];
    bool attributes, estimates; /* of an attribution: it has that function */
};

/* Fills in what the script's table `plugin` says; raises when it cannot be used. Texts live as long as the state. */
void declare_plugin(lua_State *lua, struct declaration *declaration);
/* Pushes a read-only table of the settings' values; may raise. */
void declare_push_settings(lua_State *lua, const struct vouch_plugin_descriptor *descriptor,
                           const union vouch_setting_value *values);
/* Raises unless the table at the index has only these keys, which end with NULL. `what` names the table. */
void declare_check_keys(lua_State *lua, int index, const char *what, const char *const *keys);

/* ---- components.c, match.c, attribute.c, estimate.c ---- */

/* Reads the components that the script declares for the kept settings; raises when they cannot be used. */
void components_read(lua_State *lua);
/* Once a state: what requests look like. May raise. */
void attribute_register(lua_State *lua);
void estimate_register(lua_State *lua);
/* Functions of the descriptor. */
const struct vouch_component *components_get(void *self, uint32_t *count);
enum vouch_answer match_run(void *self, const struct vouch_match_request *request, struct vouch_match_result *result);
enum vouch_answer attribute_run(void *self, const struct vouch_attribution_request *request,
                                struct vouch_attribution_result *result);
enum vouch_answer estimate_run(void *self, const struct vouch_estimate_request *request,
                               struct vouch_estimate_result *result);

/* ---- lua.c: of the script of this process ---- */

extern struct script lua_script;
extern struct vouch_plugin_descriptor lua_descriptor;

#endif
