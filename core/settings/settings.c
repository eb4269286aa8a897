/* SPDX-License-Identifier: Apache-2.0
 *
 * The configuration file. libconfuse reads the syntax and hands every value over as text; what values mean is decided
 * in one place for file and command line alike (option.c). */
#include "settings/settings.h"

#include "base/check.h"
#include "settings/option.h"

#include <confuse.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_BYTES_MAX ((size_t)1 << 20)
#define OPTIONS_MAX 64

#define PATH_BYTES_MAX 4000

/* libconfuse's reader has one state for the whole process. */
static pthread_mutex_t reading = PTHREAD_MUTEX_INITIALIZER;

/* It reports to a function without a context. */
static _Thread_local struct status_text *complaint;
static _Thread_local const char *file_name;

static void note_complaint(cfg_t *cfg, const char *format, va_list arguments)
{
    char text[256];
    vsnprintf(text, sizeof text, format, arguments);
    status_set(complaint, VOUCH_INVALID, "%s, line %d: %s", file_name, cfg->line, text);
}

/* ---- plugin sections ---- */

struct settings_plugin *settings_plugin_find(struct settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->plugin_count; i++) {
        if (strcmp(settings->plugins[i].name, name) == 0) {
            return &settings->plugins[i];
        }
    }
    return NULL;
}

struct settings_plugin *settings_plugin_add(struct settings *settings, const char *name)
{
    CHECK(settings->plugin_count < SETTINGS_PLUGINS_MAX);
    struct settings_plugin *plugin = &settings->plugins[settings->plugin_count++];
    *plugin = (struct settings_plugin){.name = option_copy(name), .deadline_ms = 250, .memory_mib = 64};
    plugin->option_names = calloc(SETTINGS_PLUGIN_OPTIONS_MAX, sizeof *plugin->option_names);
    plugin->option_values = calloc(SETTINGS_PLUGIN_OPTIONS_MAX, sizeof *plugin->option_values);
    CHECK(plugin->option_names != NULL && plugin->option_values != NULL);
    return plugin;
}

static enum vouch_status plugin_set_number(cfg_t *section, const char *name, uint32_t least, uint32_t most,
                                           uint32_t *number, struct status_text *why)
{
    if (cfg_size(section, name) == 0 || option_parse_number(cfg_getstr(section, name), least, most, number)) {
        return VOUCH_OK;
    }
    return status_set(why, VOUCH_INVALID, "plugin %.40s: %s must be a number from %u to %u, not '%.40s'",
                      cfg_title(section), name, least, most, cfg_getstr(section, name));
}

static enum vouch_status plugin_take_options(struct settings_plugin *plugin, cfg_t *section, struct status_text *why)
{
    for (unsigned i = 0; i < cfg_num(section); i++) {
        cfg_opt_t *option = cfg_getnopt(section, i);
        if (cfg_opt_size(option) == 0) {
            continue; /* the place that libconfuse keeps for free-form names */
        }
        if (plugin->option_count == SETTINGS_PLUGIN_OPTIONS_MAX) {
            return status_set(why, VOUCH_INVALID, "plugin %.40s has more than %d settings", plugin->name,
                              SETTINGS_PLUGIN_OPTIONS_MAX);
        }
        plugin->option_names[plugin->option_count] = option_copy(cfg_opt_name(option));
        plugin->option_values[plugin->option_count] = option_copy(cfg_opt_getstr(option));
        plugin->option_count++;
    }
    return VOUCH_OK;
}

static enum vouch_status take_plugin(struct settings *settings, cfg_t *section, struct status_text *why)
{
    const char *name = cfg_title(section);
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
    if (name == NULL || name[0] == '\0' || strlen(name) > 31 || name[strspn(name, letters)] != '\0') {
        return status_set(why, VOUCH_INVALID, "a plugin's name is 1 to 31 small letters, digits, - _ . and not '%.40s'",
                          name == NULL ? "" : name);
    }
    if (settings->plugin_count + 2 >= SETTINGS_PLUGINS_MAX) { /* attribution and matcher may add two */
        return status_set(why, VOUCH_INVALID, "more than %d plugins", SETTINGS_PLUGINS_MAX - 2);
    }
    struct settings_plugin *plugin = settings_plugin_add(settings, name);
    enum vouch_status status = plugin_set_number(section, "deadline_ms", 10, 10000, &plugin->deadline_ms, why);
    if (status == VOUCH_OK) {
        status = plugin_set_number(section, "memory_mib", 16, 4096, &plugin->memory_mib, why);
    }
    const char *path = cfg_size(section, "path") > 0 ? cfg_getstr(section, "path") : "";
    if (status == VOUCH_OK && strlen(path) > PATH_BYTES_MAX) {
        return status_set(why, VOUCH_INVALID, "plugin %s: path is longer than %d bytes", name, PATH_BYTES_MAX);
    }
    if (path[0] != '\0') {
        plugin->path = option_copy(path);
    }
    if (status == VOUCH_OK && cfg_size(section, "settings") > 0) {
        status = plugin_take_options(plugin, cfg_getsec(section, "settings"), why);
    }
    return status;
}

/* ---- the file ---- */

static enum vouch_status take_all(struct settings *settings, cfg_t *cfg, struct status_text *why)
{
    enum vouch_status status = VOUCH_OK;
    for (size_t i = 0; i < option_count && status == VOUCH_OK; i++) {
        if (cfg_size(cfg, options[i].name) > 0) {
            status = option_set(settings, &options[i], cfg_getstr(cfg, options[i].name), why);
        }
    }
    for (unsigned i = 0; i < cfg_size(cfg, "plugin") && status == VOUCH_OK; i++) {
        status = take_plugin(settings, cfg_getnsec(cfg, "plugin", i), why);
    }
    return status;
}

static enum vouch_status parse_into(struct settings *settings, const char *name, const char *text,
                                    struct status_text *why)
{
    cfg_opt_t free_form[] = {CFG_END()};
    cfg_opt_t plugin[] = {CFG_STR("path", NULL, CFGF_NODEFAULT), CFG_STR("deadline_ms", NULL, CFGF_NODEFAULT),
                          CFG_STR("memory_mib", NULL, CFGF_NODEFAULT),
                          CFG_SEC("settings", free_form, CFGF_KEYSTRVAL | CFGF_NODEFAULT), CFG_END()};
    cfg_opt_t all[OPTIONS_MAX];
    CHECK(option_count + 2 <= OPTIONS_MAX);
    for (size_t i = 0; i < option_count; i++) {
        all[i] = (cfg_opt_t)CFG_STR(options[i].name, NULL, CFGF_NODEFAULT);
    }
    all[option_count] = (cfg_opt_t)CFG_SEC("plugin", plugin, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
    all[option_count + 1] = (cfg_opt_t)CFG_END();

    struct status_text first = {0};
    complaint = &first;
    file_name = name;
    cfg_t *cfg = cfg_init(all, CFGF_NONE);
    CHECK(cfg != NULL);
    cfg_set_error_function(cfg, note_complaint);
    enum vouch_status status = VOUCH_OK;
    if (cfg_parse_buf(cfg, text) != CFG_SUCCESS) {
        status = status_set(why, VOUCH_INVALID, "%s",
                            first.text[0] == '\0' ? "the configuration cannot be read" : first.text);
    } else {
        status = take_all(settings, cfg, &first);
        if (status != VOUCH_OK) {
            status_set(why, status, "%.100s: %.400s", name, first.text);
        }
    }
    complaint = NULL;
    file_name = NULL;
    cfg_free(cfg);
    return status;
}

enum vouch_status settings_parse(const char *name, const char *text, struct settings **settings,
                                 struct status_text *why)
{
    struct settings *fresh = calloc(1, sizeof *fresh);
    CHECK(fresh != NULL);
    for (size_t i = 0; i < option_count; i++) {
        enum vouch_status status = option_set(fresh, &options[i], options[i].initial, why);
        CHECK(status == VOUCH_OK); /* a default keeps to its own rule */
    }
    pthread_mutex_lock(&reading);
    enum vouch_status status = parse_into(fresh, name, text, why);
    pthread_mutex_unlock(&reading);
    if (status != VOUCH_OK) {
        settings_free(&fresh);
    }
    *settings = fresh;
    return status;
}

static enum vouch_status read_file(const char *path, char **text, struct status_text *why)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return status_set(why, VOUCH_NOT_FOUND, "%s cannot be read: %s", path, strerror(errno));
    }
    char *buffer = malloc(FILE_BYTES_MAX + 1);
    CHECK(buffer != NULL);
    size_t size = 0;
    ssize_t got = 1;
    while (size < FILE_BYTES_MAX && (got = read(file, buffer + size, FILE_BYTES_MAX - size)) > 0) {
        size += (size_t)got;
    }
    int read_errno = errno;
    close(file);
    buffer[size] = '\0';
    enum vouch_status status = VOUCH_OK;
    if (got < 0) {
        status = status_set(why, VOUCH_NOT_FOUND, "%s cannot be read: %s", path, strerror(read_errno));
    } else if (size == FILE_BYTES_MAX || strlen(buffer) != size) {
        status = status_set(why, VOUCH_INVALID, "%s is no configuration: too large, or holds a NUL", path);
    }
    if (status != VOUCH_OK) {
        free(buffer);
        buffer = NULL;
    }
    *text = buffer;
    return status;
}

enum vouch_status settings_load(const char *path, struct settings **settings, struct status_text *why)
{
    *settings = NULL;
    if (path == NULL) {
        return settings_parse("defaults", "", settings, why);
    }
    char *text = NULL;
    enum vouch_status status = read_file(path, &text, why);
    if (status == VOUCH_OK) {
        status = settings_parse(path, text, settings, why);
        free(text);
    }
    return status;
}

/* ---- the end ---- */

static void plugin_clear(struct settings_plugin *plugin)
{
    for (size_t i = 0; i < plugin->option_count; i++) {
        free(plugin->option_names[i]);
        free(plugin->option_values[i]);
    }
    free(plugin->option_names);
    free(plugin->option_values);
    free(plugin->name);
    free(plugin->path);
}

void settings_free(struct settings **settings)
{
    if (*settings == NULL) {
        return;
    }
    for (size_t i = 0; i < option_count; i++) {
        if (options[i].type == OPTION_TEXT) {
            free(*(char **)(void *)((char *)*settings + options[i].offset));
        }
    }
    for (size_t i = 0; i < (*settings)->plugin_count; i++) {
        plugin_clear(&(*settings)->plugins[i]);
    }
    free(*settings);
    *settings = NULL;
}
