/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line of one call: a verb, words, and options from verbs.def. Options may stand anywhere, as
 * "--name VALUE" or "--name=VALUE"; "--" ends them. Texts live as long as argv. */
#ifndef VOUCH_CLI_ARGS_H
#define VOUCH_CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>

#define ARGS_WORDS 16
#define ARGS_OPTIONS 64
#define ARGS_LIST 32 /* values of one LIST option */

struct cli;

enum verb_group {
#define GROUP(name, title) GROUP_##name,
#define VERB(name, function, group, least, most, link, arguments, summary)
#define OPTION(verb, name, kind, value, summary)
#include "verbs.def"
#undef GROUP
#undef VERB
#undef OPTION
    GROUP_COUNT
};

enum verb_link { LOCAL, ONLINE };

struct verb {
    const char *name;
    int (*run)(struct cli *cli); /* answers the exit code */
    enum verb_group group;
    int least, most;
    enum verb_link link;
    const char *arguments;
    const char *summary;
};

enum option_kind { FLAG, VALUE, LIST };

struct option {
    const char *verb; /* "" for all */
    const char *name;
    enum option_kind kind;
    const char *value;
    const char *summary;
};

/* The table, each ended by an entry without name. */
extern const struct verb verbs[];
extern const struct option options[];
extern const char *const group_titles[GROUP_COUNT];

const struct verb *verb_find(const char *name);
/* Whether `option` may be given with `verb`. */
bool option_fits(const struct option *option, const struct verb *verb);

struct args {
    const struct verb *verb; /* NULL: none was named */
    char *words[ARGS_WORDS];
    int count;
    struct {
        const struct option *option;
        char *value; /* "" for a flag */
    } given[ARGS_OPTIONS];
    int given_count;
};

/* Reads a command line; false, with a sentence in `why`, when it is none. argv stays in use. */
bool args_parse(struct args *args, int argc, char **argv, char why[256]);

bool args_flag(const struct args *args, const char *name);
/* Whether an option of the verb's own was given. */
bool args_any(const struct args *args);
/* The value, the last one if given again; NULL when not given. */
char *args_text(const struct args *args, const char *name);
/* The same, but "" when not given: as protobuf fields want it. */
char *args_field(const struct args *args, const char *name);
/* All values of a LIST option, divided at commas and trimmed, which cuts the command line's texts. Returns how many;
 * -1 when there are more than ARGS_LIST. */
int args_list(const struct args *args, const char *name, char *values[ARGS_LIST]);

#endif
