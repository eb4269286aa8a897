/* SPDX-License-Identifier: Apache-2.0
 *
 * Where vouch-plugin-host and the plugins are: set, beside this program, or where they were installed. */
#include "base/check.h"
#include "settings/option.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* `name` in the first of the places that has it; "" when none has. Caller frees. `relative` are places as seen from the
 * directory above this program's, NULL at the end. */
static char *find_beside(const char *const *relative, const char *installed, const char *name)
{
    char self[4096];
    char *path = NULL;
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    self[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(self, '/');
    for (; slash != NULL && *relative != NULL; relative++) {
        *slash = '\0';
        CHECK(asprintf(&path, "%s/../%s%s", self, *relative, name) >= 0);
        if (access(path, R_OK) == 0) {
            return path;
        }
        free(path);
    }
    CHECK(asprintf(&path, "%s%s", installed, name) >= 0);
    if (access(path, R_OK) != 0) {
        path[0] = '\0';
    }
    return path;
}

static enum vouch_status find_plugin(const struct settings *settings, struct settings_plugin *plugin,
                                     struct status_text *why)
{
    if (plugin->path == NULL) {
        CHECK(asprintf(&plugin->path, "%s/%s.so", settings->plugin_dir, plugin->name) >= 0);
    }
    if (access(plugin->path, R_OK) != 0) {
        return status_set(why, VOUCH_NOT_FOUND, "plugin %s: %s: %s", plugin->name, plugin->path, strerror(errno));
    }
    return VOUCH_OK;
}

enum vouch_status settings_find_programs(struct settings *settings, const char *only, struct status_text *why)
{
    static const char *const hosts[] = {"libexec/vouch", NULL};
    /* A build tree has one lib, an installation that of its architecture. */
    static const char *const plugins[] = {"lib/vouch/plugins", VOUCH_PLUGINS_RELATIVE, NULL};
    if (settings->plugin_host[0] == '\0') {
        free(settings->plugin_host);
        settings->plugin_host = find_beside(hosts, VOUCH_LIBEXEC_INSTALLED, "/vouch-plugin-host");
    }
    if (settings->plugin_dir[0] == '\0') {
        free(settings->plugin_dir);
        settings->plugin_dir = find_beside(plugins, VOUCH_PLUGINS_INSTALLED, "");
    }
    if (access(settings->plugin_host, X_OK) != 0) {
        return status_set(why, VOUCH_NOT_FOUND, "the program vouch-plugin-host is not found; set plugin_host");
    }
    const char *used[] = {settings->attribution, settings->matcher};
    for (size_t i = 0; i < 2; i++) {
        if (settings_plugin_find(settings, used[i]) == NULL) {
            settings_plugin_add(settings, used[i]);
        }
    }
    enum vouch_status status = VOUCH_OK;
    for (size_t i = 0; i < settings->plugin_count && status == VOUCH_OK; i++) {
        if (only == NULL || strcmp(settings->plugins[i].name, only) == 0) {
            status = find_plugin(settings, &settings->plugins[i], why);
        }
    }
    return status;
}
