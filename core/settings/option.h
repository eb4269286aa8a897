/* SPDX-License-Identifier: Apache-2.0
 *
 * One row of settings.def with the place of its field: shared by the files of this folder. */
#ifndef VOUCH_SETTINGS_OPTION_H
#define VOUCH_SETTINGS_OPTION_H

#include "settings/settings.h"

enum option_type { OPTION_TEXT, OPTION_NUMBER, OPTION_LEVEL, OPTION_FLAG };
enum option_when { OPTION_RESTART, OPTION_RELOAD };

struct option {
    const char *name;
    enum option_type type;
    size_t offset; /* in struct settings */
    const char *initial;
    uint32_t least;
    uint32_t most;
    enum option_when when;
    const char *help;
};

extern const struct option options[];
extern const size_t option_count;

/* The row of that name (dashes stand for underscores); NULL when there is none. */
const struct option *option_find(const char *name);

/* Parses and sets; INVALID with a sentence. */
enum vouch_status option_set(struct settings *settings, const struct option *option, const char *value,
                             struct status_text *why) MUST_USE;

/* A new plugin instance, with defaults. */
struct settings_plugin *settings_plugin_add(struct settings *settings, const char *name);

/* A number of least to most, in decimal, without sign or spaces; false otherwise. */
bool option_parse_number(const char *text, uint32_t least, uint32_t most, uint32_t *number);

/* A copy, or the end of the program when there is no memory. */
char *option_copy(const char *text);

#endif
