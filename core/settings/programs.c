/* SPDX-License-Identifier: Apache-2.0
 *
 * Where vouch-plugin-host and the plugins are: set, beside this program, or where they were installed. */
#include "base/check.h"
#include "settings/option.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* `name` in the first of the places that has it; NULL when none has. Caller frees. */
static char *find_beside(const char *relative, const char *installed, const char *name)
{
    char self[4096];
    char *path = NULL;
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length > 0) {
        self[length] = '\0';
        char *slash = strrchr(self, '/');
        CHECK(slash != NULL);
        *slash = '\0';
        CHECK(asprintf(&path, "%s/../%s%s", self, relative, name) >= 0);
        if (access(path, R_OK) == 0) {
            return path;
        }
        free(path);
    }
    CHECK(asprintf(&path, "%s%s", installed, name) >= 0);
    if (access(path, R_OK) == 0) {
        return path;
    }
    free(path);
    return NULL;
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

enum vouch_status settings_find_programs(struct settings *settings, struct status_text *why)
{
    if (settings->plugin_host[0] == '\0') {
        free(settings->plugin_host);
        settings->plugin_host = find_beside("libexec/vouch", VOUCH_LIBEXEC_INSTALLED, "/vouch-plugin-host")
                                    ?: option_copy("");
    }
    if (settings->plugin_dir[0] == '\0') {
        free(settings->plugin_dir);
        settings->plugin_dir = find_beside("lib/vouch/plugins", VOUCH_PLUGINS_INSTALLED, "") ?: option_copy("");
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
        status = find_plugin(settings, &settings->plugins[i], why);
    }
    return status;
}
