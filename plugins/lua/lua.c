/* SPDX-License-Identifier: Apache-2.0
 *
 * The runtime for plugins written in Lua, which vouch-plugin-host loads in place of a script: the script runs once in a
 * state of its own to say what it is, and once more for each instance. README.md tells authors what they have. */
#include "runtime.h"

#include "vouch_language.h"

#include <string.h>

struct script lua_script;

static struct vouch_attribution_plugin attribution = {.size = sizeof attribution};
static const struct vouch_matcher_plugin matcher = {sizeof matcher, components_get, match_run};

struct vouch_plugin_descriptor lua_descriptor = {
    .size = sizeof lua_descriptor,
    .abi = VOUCH_PLUGIN_ABI,
    .create = instance_create,
    .destroy = instance_destroy,
    .attribution = &attribution,
    .matcher = &matcher,
};

/* Stays: the descriptor points to its texts. */
static struct instance *reader;

static int read_declaration(lua_State *lua)
{
    struct declaration *declaration = lua_touserdata(lua, 1);
    sandbox_run_script(lua);
    declare_plugin(lua, declaration);
    return 0;
}

static const struct vouch_plugin_descriptor *load(const char *file, const char *text, size_t size, const char **why)
{
    static char sentence[SENTENCE_MAX];
    static struct declaration declaration = {.descriptor = &lua_descriptor};
    size_t mark = size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0; /* some editors begin a file with it */
    lua_script = (struct script){file, text + mark, size - mark};
    reader = instance_open(&lua_script, NULL);
    if (reader == NULL) {
        *why = "no memory for Lua";
        return NULL;
    }
    if (instance_run(reader, read_declaration, &declaration) != VOUCH_ANSWER_DONE) {
        memcpy(sentence, reader->why, sizeof sentence);
        *why = sentence;
        instance_destroy(reader);
        reader = NULL;
        return NULL;
    }
    attribution.attribute = declaration.attributes ? attribute_run : NULL;
    attribution.estimate = declaration.estimates ? estimate_run : NULL;
    return &lua_descriptor;
}

const struct vouch_language vouch_language = {sizeof vouch_language, VOUCH_PLUGIN_ABI, "Lua 5.4", load,
                                              instance_interrupt};
