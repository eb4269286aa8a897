/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of options, one value at a time: parsing, rules, help, rereading. */
#include "settings/option.h"

#include "base/check.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const struct option options[] = {
#define SETTING(type, name, initial, least, most, when, help)                                                          \
    {#name, OPTION_##type, offsetof(struct settings, name), initial, least, most, OPTION_##when, help},
#include "settings/settings.def"
#undef SETTING
};
const size_t option_count = sizeof options / sizeof options[0];

char *option_copy(const char *text)
{
    char *copy = strdup(text);
    CHECK(copy != NULL);
    return copy;
}

const struct option *option_find(const char *name)
{
    for (size_t i = 0; i < option_count; i++) {
        size_t at = 0;
        while (name[at] != '\0' && options[i].name[at] == (name[at] == '-' ? '_' : name[at])) {
            at++;
        }
        if (name[at] == '\0' && options[i].name[at] == '\0') {
            return &options[i];
        }
    }
    return NULL;
}

bool option_parse_number(const char *text, uint32_t least, uint32_t most, uint32_t *number)
{
    uint64_t value = 0;
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 10 || text[digits] != '\0') {
        return false;
    }
    for (size_t i = 0; i < digits; i++) {
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    *number = (uint32_t)value;
    return value >= least && value <= most;
}

/* "HOST:PORT" with a port of 1 to 65535 (or, where `any_port`, *). IPv6 addresses stand in brackets. */
static bool is_host_and_port(const char *text, bool any_port)
{
    const char *colon = strrchr(text, ':');
    uint32_t port;
    if (colon == NULL || colon == text ||
        !(option_parse_number(colon + 1, 1, 65535, &port) || (any_port && strcmp(colon + 1, "*") == 0))) {
        return false;
    }
    size_t host = (size_t)(colon - text);
    bool bracketed = text[0] == '[' && text[host - 1] == ']';
    return (bracketed || memchr(text, ':', host) == NULL) && strcspn(text, " /#@\"'") > host;
}

/* What a text must look like beyond its length; NULL when it does. */
static const char *text_fault(const char *name, const char *value)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
    if (!utf8_valid((const uint8_t *)value, strlen(value)) || value[strcspn(value, "\r\n\t")] != '\0') {
        return "must be one line of UTF-8";
    }
    if (strcmp(name, "listen") == 0 && (strncmp(value, "tcp://", 6) != 0 || !is_host_and_port(value + 6, true))) {
        return "must be tcp://ADDRESS:PORT";
    }
    if (strcmp(name, "advertise") == 0 && value[0] != '\0' && !is_host_and_port(value, false)) {
        return "must be HOST:PORT";
    }
    if (strcmp(name, "approval") == 0 && strcmp(value, "rule") != 0 && strcmp(value, "person") != 0) {
        return "must be rule or person";
    }
    bool instance = strcmp(name, "attribution") == 0 || strcmp(name, "matcher") == 0;
    if (instance && value[strspn(value, letters)] != '\0') {
        return "must be the name of a plugin instance: small letters, digits, - _ .";
    }
    return NULL;
}

static enum vouch_status set_text(char **field, const struct option *option, const char *value, struct status_text *why)
{
    size_t length = strlen(value);
    if (length < option->least || length > option->most) {
        return status_set(why, VOUCH_INVALID, "%s is %zu bytes long, not %" PRIu32 " to %" PRIu32, option->name, length,
                          option->least, option->most);
    }
    const char *fault = text_fault(option->name, value);
    if (fault != NULL) {
        return status_set(why, VOUCH_INVALID, "%s %s, not '%.100s'", option->name, fault, value);
    }
    free(*field);
    *field = option_copy(value);
    return VOUCH_OK;
}

enum vouch_status option_set(struct settings *settings, const struct option *option, const char *value,
                             struct status_text *why)
{
    void *field = (char *)settings + option->offset;
    uint32_t number;
    switch (option->type) {
    case OPTION_TEXT:
        return set_text(field, option, value, why);
    case OPTION_NUMBER:
        if (!option_parse_number(value, option->least, option->most, &number)) {
            return status_set(why, VOUCH_INVALID, "%s must be a number from %" PRIu32 " to %" PRIu32 ", not '%.40s'",
                              option->name, option->least, option->most, value);
        }
        *(uint32_t *)field = number;
        return VOUCH_OK;
    case OPTION_LEVEL:
        if (log_level_parse(value) < 0) {
            return status_set(why, VOUCH_INVALID, "%s must be error, warn, info or debug, not '%.40s'", option->name,
                              value);
        }
        *(enum log_level *)field = (enum log_level)log_level_parse(value);
        return VOUCH_OK;
    case OPTION_FLAG:
        if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0) {
            return status_set(why, VOUCH_INVALID, "%s must be true or false, not '%.40s'", option->name, value);
        }
        *(bool *)field = strcmp(value, "true") == 0;
        return VOUCH_OK;
    }
    CHECK(false); /* an option has a type */
    return VOUCH_INTERNAL;
}

enum vouch_status settings_set(struct settings *settings, const char *name, const char *value, struct status_text *why)
{
    const struct option *option = option_find(name);
    if (option == NULL) {
        return status_set(why, VOUCH_NOT_FOUND, "there is no option '%.60s'; `vouchd --help-config` lists them", name);
    }
    return option_set(settings, option, value, why);
}

static size_t size_of(const struct option *option)
{
    return option->type == OPTION_LEVEL  ? sizeof(enum log_level)
           : option->type == OPTION_FLAG ? sizeof(bool)
                                         : sizeof(uint32_t);
}

/* Copies a field that differs; true when it did. */
static bool take_over(struct settings *to, const struct settings *from, const struct option *option, bool copy)
{
    void *old = (char *)to + option->offset;
    const void *fresh = (const char *)from + option->offset;
    if (option->type == OPTION_TEXT) {
        char **text = old;
        bool other = strcmp(*text, *(char *const *)fresh) != 0;
        if (copy && other) {
            free(*text);
            *text = option_copy(*(char *const *)fresh);
        }
        return other;
    }
    size_t size = size_of(option);
    bool differs = memcmp(old, fresh, size) != 0;
    if (copy) {
        memcpy(old, fresh, size);
    }
    return differs;
}

void settings_reread(struct settings *running, const struct settings *fresh)
{
    for (size_t i = 0; i < option_count; i++) {
        bool reload = options[i].when == OPTION_RELOAD;
        if (take_over(running, fresh, &options[i], reload)) {
            log_info("settings", "%s %s", options[i].name, reload ? "changed" : "differs: takes effect at a restart");
        }
    }
}

void settings_print_help(FILE *out)
{
    fprintf(out, "Options of the configuration file, `name = value`; also on the command line, --name value.\n"
                 "Those marked * are read again on SIGHUP, the others take effect at a restart.\n\n");
    for (size_t i = 0; i < option_count; i++) {
        const struct option *option = &options[i];
        fprintf(out, "%s%s = %s\n    %s", option->name, option->when == OPTION_RELOAD ? " *" : "",
                option->initial[0] == '\0' ? "\"\"" : option->initial, option->help);
        if (option->type == OPTION_NUMBER) {
            fprintf(out, " (%" PRIu32 " to %" PRIu32 ")", option->least, option->most);
        }
        fputc('\n', out);
    }
    fprintf(out,
            "\nplugin NAME {\n"
            "    path = \"\"          shared object or Lua script; empty: NAME.so in plugin_dir\n"
            "    deadline_ms = 250  after which a call is given up and the plugin's process replaced (10 to 10000)\n"
            "    memory_mib = 64    that its process may use (16 to 4096)\n"
            "    settings { }       the plugin's own: see `vouch-plugin-host --describe`\n"
            "}\n");
}
