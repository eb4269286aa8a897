/* SPDX-License-Identifier: Apache-2.0
 *
 * Where vouch-plugin-host and the plugins are: set, beside this program, or where they were installed. */
#include "base/beside.h"
#include "base/check.h"
#include "settings/option.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
        settings->plugin_host = beside_find(hosts, VOUCH_LIBEXEC_INSTALLED, "/vouch-plugin-host");
    }
    if (settings->plugin_dir[0] == '\0') {
        free(settings->plugin_dir);
        settings->plugin_dir = beside_find(plugins, VOUCH_PLUGINS_INSTALLED, "");
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
