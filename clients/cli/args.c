/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a command line by the table of verbs. */
#include "args.h"

#include "verbs.h"

#include <stdio.h>
#include <string.h>

#define GROUP(name, title)
#define VERB(name, function, group, least, most, link, arguments, summary)                                             \
    {name, function, GROUP_##group, least, most, link, arguments, summary},
#define OPTION(verb, name, kind, value, summary)
const struct verb verbs[] = {
#include "verbs.def"
    {NULL, NULL, GROUP_COUNT, 0, 0, LOCAL, NULL, NULL}};
#undef VERB
#undef OPTION

#define VERB(name, function, group, least, most, link, arguments, summary)
#define OPTION(verb, name, kind, value, summary) {verb, name, kind, value, summary},
const struct option options[] = {
#include "verbs.def"
    {NULL, NULL, FLAG, NULL, NULL}};
#undef GROUP
#undef OPTION

#define GROUP(name, title) [GROUP_##name] = title,
#define OPTION(verb, name, kind, value, summary)
const char *const group_titles[GROUP_COUNT] = {
#include "verbs.def"
};

const struct verb *verb_find(const char *name)
{
    for (const struct verb *verb = verbs; verb->name != NULL; verb++) {
        if (strcmp(verb->name, name) == 0) {
            return verb;
        }
    }
    return NULL;
}

bool option_fits(const struct option *option, const struct verb *verb)
{
    return option->verb[0] == '\0' || (verb != NULL && strcmp(option->verb, verb->name) == 0);
}

static const struct option *option_find(const struct verb *verb, const char *name, size_t length)
{
    for (const struct option *option = options; option->name != NULL; option++) {
        if (option_fits(option, verb) && strlen(option->name) == length && strncmp(option->name, name, length) == 0) {
            return option;
        }
    }
    return NULL;
}

/* ---- Parsing ---- */

/* Takes "--name", "--name=value" or "--name value" at argv[*at]. */
static bool take_option(struct args *args, int argc, char **argv, int *at, char why[256])
{
    char *name = argv[*at] + 2;
    size_t length = strcspn(name, "=");
    const struct option *option = option_find(args->verb, name, length);
    if (option == NULL) {
        snprintf(why, 256, "there is no option --%.*s%s%s", (int)(length < 60 ? length : 60), name,
                 args->verb != NULL ? " for " : "", args->verb != NULL ? args->verb->name : "");
        return false;
    }
    char *value = name + length; /* "" or "=value" */
    if (option->kind == FLAG && *value != '\0') {
        snprintf(why, 256, "--%s takes no value", option->name);
        return false;
    }
    if (option->kind != FLAG && *value == '=') {
        value++;
    } else if (option->kind != FLAG) {
        if (*at + 1 >= argc) {
            snprintf(why, 256, "--%s needs a value: --%s %s", option->name, option->name, option->value);
            return false;
        }
        value = argv[++*at];
    }
    if (args->given_count == ARGS_OPTIONS) {
        snprintf(why, 256, "more than %d options", ARGS_OPTIONS);
        return false;
    }
    args->given[args->given_count].option = option;
    args->given[args->given_count++].value = value;
    return true;
}

static bool take_word(struct args *args, char *word, char why[256])
{
    if (args->verb == NULL) {
        args->verb = verb_find(word);
        if (args->verb == NULL) {
            snprintf(why, 256, "there is no verb '%.60s'", word);
        }
        return args->verb != NULL;
    }
    if (args->count == ARGS_WORDS) {
        snprintf(why, 256, "too many words for %s", args->verb->name);
        return false;
    }
    args->words[args->count++] = word;
    return true;
}

static bool check_count(const struct args *args, char why[256])
{
    const struct verb *verb = args->verb;
    if (verb == NULL || args_flag(args, "help") || (args->count >= verb->least && args->count <= verb->most)) {
        return true;
    }
    const char *hint = args->count > verb->most && verb->most > 0 ? " (a name with spaces wants \"quotes\")" : "";
    snprintf(why, 256, "usage: vouch %s%s%s%s", verb->name, verb->arguments[0] != '\0' ? " " : "", verb->arguments,
             hint);
    return false;
}

bool args_parse(struct args *args, int argc, char **argv, char why[256])
{
    memset(args, 0, sizeof *args);
    bool words_only = false;
    for (int at = 1; at < argc; at++) {
        bool taken;
        if (!words_only && strcmp(argv[at], "--") == 0) {
            words_only = true;
            continue;
        }
        if (!words_only && strcmp(argv[at], "-h") == 0) {
            argv[at] = "--help";
        }
        if (!words_only && strncmp(argv[at], "--", 2) == 0) {
            if (args->verb == NULL && strcmp(argv[at], "--version") == 0) {
                args->verb = verb_find("version");
                continue;
            }
            taken = take_option(args, argc, argv, &at, why);
        } else if (!words_only && argv[at][0] == '-' && argv[at][1] != '\0' && args->verb == NULL) {
            snprintf(why, 256, "there is no option %.60s", argv[at]);
            return false;
        } else {
            taken = take_word(args, argv[at], why);
        }
        if (!taken) {
            return false;
        }
    }
    return check_count(args, why);
}

/* ---- Asking ---- */

char *args_text(const struct args *args, const char *name)
{
    for (int i = args->given_count - 1; i >= 0; i--) {
        if (strcmp(args->given[i].option->name, name) == 0) {
            return args->given[i].value;
        }
    }
    return NULL;
}

char *args_field(const struct args *args, const char *name)
{
    char *text = args_text(args, name);
    static char empty[1];
    return text != NULL ? text : empty;
}

bool args_flag(const struct args *args, const char *name)
{
    return args_text(args, name) != NULL;
}

bool args_any(const struct args *args)
{
    for (int i = 0; i < args->given_count; i++) {
        if (args->given[i].option->verb[0] != '\0') {
            return true;
        }
    }
    return false;
}

static char *trim(char *text)
{
    text += strspn(text, " \t");
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t", text[length - 1]) != NULL) {
        text[--length] = '\0';
    }
    return text;
}

int args_list(const struct args *args, const char *name, char *values[ARGS_LIST])
{
    int count = 0;
    for (int i = 0; i < args->given_count; i++) {
        if (strcmp(args->given[i].option->name, name) != 0) {
            continue;
        }
        char *rest = args->given[i].value, *part;
        while ((part = strsep(&rest, ",")) != NULL) {
            part = trim(part);
            if (*part != '\0') {
                if (count == ARGS_LIST) {
                    return -1;
                }
                values[count++] = part;
            }
        }
    }
    return count;
}
