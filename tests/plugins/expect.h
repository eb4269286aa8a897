/* SPDX-License-Identifier: Apache-2.0
 *
 * What tests of misbehaving plugins expect of a call: the usual answer, or a status and a sentence that names the
 * instance; and what was noted of the instance. */
#ifndef VOUCH_TESTS_PLUGINS_EXPECT_H
#define VOUCH_TESTS_PLUGINS_EXPECT_H

#include "caller.h"

#define ONE(...) (&(struct tested){__VA_ARGS__}), 1

/* Touches of 7, 8, 7 are answered with weights 2 and 1. */
void expect_good(struct plugin_set *set, const char *instance);
/* Some good answer, whatever it is. */
void expect_any(struct plugin_set *set, const char *instance);
void expect_bad(struct plugin_set *set, const char *instance, enum vouch_status status, const char *sentence);
/* Whether one of the last lines of the instance contains the text. */
bool noted(struct plugin_set *set, const char *instance, const char *text);

#endif
