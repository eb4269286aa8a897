/* SPDX-License-Identifier: Apache-2.0
 *
 * Scripts of a test: written to files that go with the test's process, described by the host, called through it. */
#ifndef VOUCH_TESTS_PLUGINS_LUA_SCRIPT_H
#define VOUCH_TESTS_PLUGINS_LUA_SCRIPT_H

#include "caller.h"

#include <stdbool.h>
#include <stddef.h>

/* A script of this text, as a file; its path. */
const char *script_write(const char *text);
/* The same, below a table `plugin` that makes it an attribution, or a matcher with components one and two. */
const char *script_attribution(const char *body);
const char *script_matcher(const char *body);

/* What `vouch-plugin-host --describe` prints, both streams, and whether it ended well. */
const char *script_describe(const char *path, bool *good);

/* An instance named "script". */
struct plugin_set *script_start(const char *path);
/* Asks it for the weights of parties 7, 8, 7 with touches a day apart. */
struct answer script_attribute(struct plugin_set *set);
/* Asks it for the scores of two candidates, 5 with a full card and 6 with an empty one. */
struct answer script_match(struct plugin_set *set);

/* Expects an answer that is not OK, with the sentence, and one that is; frees it. */
void script_expect_bad(struct answer answer, const char *sentence);
void script_expect_good(struct answer answer);

#endif
