/* SPDX-License-Identifier: Apache-2.0
 *
 * Can this descriptor be used? Read no further than its size says, and believe nothing in it: an author's mistake must
 * end in a sentence that names it. */
#include "host.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool why_set(struct why *why, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why->text, sizeof why->text, format, args);
    va_end(args);
    for (char *c = why->text; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7F) {
            *c = ' ';
        }
    }
    return false;
}

const char *descriptor_kind(const struct vouch_plugin_descriptor *descriptor)
{
    return descriptor->kind == VOUCH_KIND_ATTRIBUTION ? "attribution" : "matcher";
}

/* 1 to VOUCH_NAME_MAX printable ASCII bytes. */
static bool is_name(const char *name)
{
    size_t length = 0;
    for (; name != NULL && name[length] != '\0' && length <= VOUCH_NAME_MAX; length++) {
        if (name[length] <= 0x20 || name[length] >= 0x7F) {
            return false;
        }
    }
    return length >= 1 && length <= VOUCH_NAME_MAX;
}

static bool check_setting(const struct vouch_setting *setting, struct why *why)
{
    union vouch_setting_value value;
    struct why wrong;
    if (!is_name(setting->name)) {
        return why_set(why, "a setting has no usable name");
    }
    if (setting->type < VOUCH_SETTING_INTEGER || setting->type > VOUCH_SETTING_TEXT || setting->flags != 0) {
        return why_set(why, "setting %s has an unknown type or flags", setting->name);
    }
    if (setting->help == NULL || setting->initial == NULL) {
        return why_set(why, "setting %s lacks help or a default", setting->name);
    }
    if (!setting_parse(setting, setting->initial, &value, &wrong)) {
        return why_set(why, "default of a setting: %s", wrong.text);
    }
    return true;
}

static bool check_settings(const struct vouch_plugin_descriptor *descriptor, struct why *why)
{
    if (descriptor->setting_count > VOUCH_SETTINGS_MAX ||
        (descriptor->setting_count > 0 && descriptor->settings == NULL)) {
        return why_set(why, "it has too many settings, or none where it counts some");
    }
    for (uint32_t i = 0; i < descriptor->setting_count; i++) {
        if (!check_setting(&descriptor->settings[i], why)) {
            return false;
        }
        for (uint32_t j = 0; j < i; j++) {
            if (strcmp(descriptor->settings[i].name, descriptor->settings[j].name) == 0) {
                return why_set(why, "setting %s is there twice", descriptor->settings[i].name);
            }
        }
    }
    return true;
}

bool attribution_attribute(const struct vouch_attribution_plugin *plugin)
{
    return plugin->size >= offsetof(struct vouch_attribution_plugin, estimate) && plugin->attribute != NULL;
}

bool attribution_estimate(const struct vouch_attribution_plugin *plugin)
{
    return plugin->size >= sizeof *plugin && plugin->estimate != NULL;
}

static bool check_kind(const struct vouch_plugin_descriptor *descriptor, struct why *why)
{
    if (descriptor->kind == VOUCH_KIND_ATTRIBUTION) {
        const struct vouch_attribution_plugin *kind = descriptor->attribution;
        return (kind != NULL && (attribution_attribute(kind) || attribution_estimate(kind))) ||
               why_set(why, "it is of kind attribution but has no attribute function, and no estimate function");
    }
    if (descriptor->kind == VOUCH_KIND_MATCHER) {
        const struct vouch_matcher_plugin *kind = descriptor->matcher;
        return (kind != NULL && kind->size >= sizeof *kind && kind->match != NULL && kind->components != NULL) ||
               why_set(why, "it is of kind matcher but has no match and components functions");
    }
    return why_set(why, "its kind %u is unknown to this host", descriptor->kind);
}

bool descriptor_check(const struct vouch_plugin_descriptor *descriptor, struct why *why)
{
    uint32_t major = descriptor->abi >> 16;
    uint32_t minor = descriptor->abi & 0xFFFF;
    if (major != VOUCH_PLUGIN_ABI_MAJOR || minor > VOUCH_PLUGIN_ABI_MINOR) {
        return why_set(why, "it is built for plugin ABI %u.%u; this host takes %u.0 to %u.%u", major, minor,
                       VOUCH_PLUGIN_ABI_MAJOR, VOUCH_PLUGIN_ABI_MAJOR, VOUCH_PLUGIN_ABI_MINOR);
    }
    if (descriptor->size < sizeof *descriptor) {
        return why_set(why, "its descriptor has %zu bytes; ABI %u.%u has %zu", descriptor->size, major, minor,
                       sizeof *descriptor);
    }
    if (!is_name(descriptor->name) || !is_name(descriptor->version) || descriptor->summary == NULL) {
        return why_set(why, "its name, version or summary is missing or not usable");
    }
    if (descriptor->create == NULL) {
        return why_set(why, "it has no create function");
    }
    return check_kind(descriptor, why) && check_settings(descriptor, why);
}
