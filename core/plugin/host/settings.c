/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings from text, as the plugin's table declares them. */
#include "host.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 1000.0

static bool parse_integer(const struct vouch_setting *setting, const char *text, union vouch_setting_value *value,
                          struct why *why)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0') {
        return why_set(why, "%s must be a whole number, not \"%.100s\"", setting->name, text);
    }
    if ((double)number < setting->min || (double)number > setting->max) {
        return why_set(why, "%s must be from %.0f to %.0f, not %lld", setting->name, setting->min, setting->max,
                       number);
    }
    value->integer = number;
    return true;
}

static bool parse_number(const struct vouch_setting *setting, const char *text, union vouch_setting_value *value,
                         struct why *why)
{
    char *end;
    double number = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(number)) {
        return why_set(why, "%s must be a number, not \"%.100s\"", setting->name, text);
    }
    if (number < setting->min || number > setting->max) {
        return why_set(why, "%s must be from %g to %g, not %g", setting->name, setting->min, setting->max, number);
    }
    value->number = number;
    return true;
}

static bool parse_boolean(const struct vouch_setting *setting, const char *text, union vouch_setting_value *value,
                          struct why *why)
{
    value->integer = strcmp(text, "true") == 0;
    return value->integer == 1 || strcmp(text, "false") == 0 ||
           why_set(why, "%s must be true or false, not \"%.100s\"", setting->name, text);
}

static bool parse_text(const struct vouch_setting *setting, const char *text, union vouch_setting_value *value,
                       struct why *why)
{
    double max = setting->max > 0 ? setting->max : TEXT_MAX;
    value->text = text;
    return (double)strlen(text) <= max || why_set(why, "%s is longer than %.0f bytes", setting->name, max);
}

bool setting_parse(const struct vouch_setting *setting, const char *text, union vouch_setting_value *value,
                   struct why *why)
{
    switch (setting->type) {
    case VOUCH_SETTING_INTEGER:
        return parse_integer(setting, text, value, why);
    case VOUCH_SETTING_NUMBER:
        return parse_number(setting, text, value, why);
    case VOUCH_SETTING_BOOLEAN:
        return parse_boolean(setting, text, value, why);
    default:
        return parse_text(setting, text, value, why);
    }
}

/* Position of a setting; setting_count when there is none of that name. */
static uint32_t find(const struct vouch_plugin_descriptor *descriptor, const char *name)
{
    uint32_t i = 0;
    while (i < descriptor->setting_count && strcmp(descriptor->settings[i].name, name) != 0) {
        i++;
    }
    return i;
}

bool settings_read(const struct vouch_plugin_descriptor *descriptor, size_t count, const char *const *names,
                   const char *const *texts, union vouch_setting_value *values, struct why *why)
{
    bool set[VOUCH_SETTINGS_MAX] = {false};
    for (uint32_t i = 0; i < descriptor->setting_count; i++) {
        const struct vouch_setting *setting = &descriptor->settings[i];
        if (!setting_parse(setting, setting->initial, &values[i], why)) {
            return false;
        }
    }
    for (size_t n = 0; n < count; n++) {
        uint32_t i = find(descriptor, names[n]);
        if (i == descriptor->setting_count) {
            return why_set(why, "plugin %s has no setting \"%.100s\"", descriptor->name, names[n]);
        }
        if (set[i]) {
            return why_set(why, "setting %s is given twice", names[n]);
        }
        set[i] = true;
        if (!setting_parse(&descriptor->settings[i], texts[n], &values[i], why)) {
            return false;
        }
    }
    return true;
}
