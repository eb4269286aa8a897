/* SPDX-License-Identifier: Apache-2.0
 *
 * Between vouch-plugin-host and the runtime of a scripting language: a shared object beside the host that makes a
 * plugin of a script. Both ship together, so this is not installed and promises nothing to anybody else. */
#ifndef VOUCH_LANGUAGE_H
#define VOUCH_LANGUAGE_H

#include "vouch_plugin.h"

struct vouch_language {
    size_t size;
    uint32_t abi;     /* VOUCH_PLUGIN_ABI it was built with */
    const char *name; /* "Lua 5.4" */
    /* The plugin that a script describes; lives as long as the process. NULL when it is none, with one sentence in
     * *why that begins with `file`, the script's name for messages. `text` lives as long as the process. Called once,
     * inside the jail. */
    const struct vouch_plugin_descriptor *(*load)(const char *file, const char *text, size_t size, const char **why);
    /* The script has run for so long: let it fail as soon as it can. Called from a signal handler, possibly again and
     * again, and possibly when it does not run any more. */
    void (*interrupt)(unsigned elapsed_ms);
};

/* The one symbol that a runtime exports. */
extern VOUCH_PLUGIN_EXPORT const struct vouch_language vouch_language;

#endif
