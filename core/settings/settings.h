/* SPDX-License-Identifier: Apache-2.0
 *
 * The broker's configuration: settings.def, read from a file and overridden from the command line. Read by the main
 * thread, and again by any (one at a time); constant afterwards but for what settings_reread changes. */
#ifndef VOUCH_SETTINGS_SETTINGS_H
#define VOUCH_SETTINGS_SETTINGS_H

#include "base/log.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SETTINGS_PLUGINS_MAX 16
#define SETTINGS_PLUGIN_OPTIONS_MAX 64

/* One `plugin NAME { … }` section, or an instance that attribution or matcher name and that has no section. */
struct settings_plugin {
    char *name;
    char *path;           /* of the shared object or script; NULL until settings_find_programs has found it */
    uint32_t deadline_ms; /* of one call */
    uint32_t memory_mib;  /* of its process */
    size_t option_count;
    char **option_names; /* of its `settings { … }`, in the order of the file */
    char **option_values;
};

struct settings {
#define SETTING_TEXT char *
#define SETTING_NUMBER uint32_t
#define SETTING_LEVEL enum log_level
#define SETTING_FLAG bool
#define SETTING(type, name, initial, least, most, when, help) SETTING_##type name;
#include "settings/settings.def"
#undef SETTING
#undef SETTING_TEXT
#undef SETTING_NUMBER
#undef SETTING_LEVEL
#undef SETTING_FLAG
    size_t plugin_count;
    struct settings_plugin plugins[SETTINGS_PLUGINS_MAX];
};

/* Reads a configuration file, or only the defaults with path NULL. NOT_FOUND when it cannot be read, INVALID naming
 * file, line and rule. Free with settings_free. */
enum vouch_status settings_load(const char *path, struct settings **settings, struct status_text *why) MUST_USE;

/* The same from text in memory; `name` stands for the file in sentences. */
enum vouch_status settings_parse(const char *name, const char *text, struct settings **settings,
                                 struct status_text *why) MUST_USE;

/* Sets one option from the command line; dashes in `name` stand for underscores. NOT_FOUND when there is no such
 * option, INVALID when the value breaks its rule. */
enum vouch_status settings_set(struct settings *settings, const char *name, const char *value,
                               struct status_text *why) MUST_USE;

/* Fills in what was left to be found: plugin_host, plugin_dir and the path of each plugin. In order: what was set; the
 * tree that this program stands in (../libexec/vouch, ../lib/vouch/plugins from its directory), which serves a build
 * tree and a moved installation; where the package was installed. NOT_FOUND names the first that is missing; of the
 * plugins only the instance `only` is looked at, unless that is NULL. */
enum vouch_status settings_find_programs(struct settings *settings, const char *only, struct status_text *why) MUST_USE;

/* The plugin instance of that name; NULL when there is none. */
struct settings_plugin *settings_plugin_find(struct settings *settings, const char *name);

/* Takes over from `fresh` what may change while the broker runs; logs each change, and each that needs a restart. */
void settings_reread(struct settings *running, const struct settings *fresh);

/* The text of `vouchd --help-config`: every option with its default, range and meaning. */
void settings_print_help(FILE *out);

/* Frees and nulls the caller's pointer; NULL inside is allowed. */
void settings_free(struct settings **settings);

#endif
