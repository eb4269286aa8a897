/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line: words and options in any order, and a sentence for what is wrong. */
#include "args.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define MOST 32

/* Splits at '|' into argv, after "vouch". The texts live until the next call. */
static bool parse(struct args *args, const char *line, char why[256])
{
    static char room[1024];
    char *argv[MOST] = {"vouch"}, *copy = room, *part;
    int argc = 1;
    cr_assert(strlen(line) < sizeof room);
    strcpy(room, line);
    while (*line != '\0' && (part = strsep(&copy, "|")) != NULL) {
        cr_assert(argc < MOST);
        argv[argc++] = part;
    }
    why[0] = '\0';
    return args_parse(args, argc, argv, why);
}

Test(args, are_read_in_any_order)
{
    static const char *const lines[] = {
        "won|R12|--value|48,000 EUR|--json",
        "--json|won|--value=48,000 EUR|R12",
        "won|--json|--value|1 EUR|--value|48,000 EUR|--|R12",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct args args;
        char why[256];
        cr_assert(parse(&args, lines[i], why), "%s: %s", lines[i], why);
        cr_assert_str_eq(args.verb->name, "won");
        cr_assert_eq(args.count, 1);
        cr_assert_str_eq(args.words[0], "R12");
        cr_assert_str_eq(args_text(&args, "value"), "48,000 EUR");
        cr_assert(args_flag(&args, "json"));
        cr_assert(args_text(&args, "feedback") == NULL);
        cr_assert_str_eq(args_field(&args, "feedback"), "");
    }
}

Test(args, a_value_may_look_like_anything)
{
    struct args args;
    char why[256];
    cr_assert(parse(&args, "won|R1|--feedback|--json|--value=", why), "%s", why);
    cr_assert_str_eq(args_text(&args, "feedback"), "--json");
    cr_assert_str_eq(args_text(&args, "value"), "");
    cr_assert(!args_flag(&args, "json"));
    cr_assert(parse(&args, "clock|set|+8h", why), "%s", why);
    cr_assert(parse(&args, "company|set|X|--parent|-", why), "%s", why);
    cr_assert_str_eq(args_text(&args, "parent"), "-");
}

Test(args, lists_are_divided_and_trimmed)
{
    struct args args;
    char why[256], *values[ARGS_LIST];
    cr_assert(parse(&args, "match|X|--issues| archive, audit ,,|--issues|backup", why), "%s", why);
    cr_assert_eq(args_list(&args, "issues", values), 3);
    cr_assert_str_eq(values[0], "archive");
    cr_assert_str_eq(values[1], "audit");
    cr_assert_str_eq(values[2], "backup");
    cr_assert(parse(&args,
                    "match|X|--issues|1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,"
                    "31,32,33",
                    why));
    cr_assert_eq(args_list(&args, "issues", values), -1);
}

Test(args, what_is_wrong_is_said)
{
    static const struct {
        const char *line, *says;
    } cases[] = {
        {"frobnicate", "there is no verb 'frobnicate'"},
        {"won|R1|--colour", "there is no option --colour for won"},
        {"won|R1|--consent", "there is no option --consent for won"},
        {"won|R1|--value", "--value needs a value"},
        {"refer|X|--consent=yes", "--consent takes no value"},
        {"won", "usage: vouch won R12"},
        {"won|R1|R2", "usage: vouch won R12"},
        {"refer|Kestrel|Bank", "wants \"quotes\""},
        {"members|all", "usage: vouch members"},
        {"-x", "there is no option -x"},
        {"refer|a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p|q", "too many words"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct args args;
        char why[256];
        cr_assert(!parse(&args, cases[i].line, why), "%s", cases[i].line);
        cr_assert(strstr(why, cases[i].says) != NULL, "%s: %s", cases[i].line, why);
    }
}

Test(args, help_needs_no_words)
{
    struct args args;
    char why[256];
    cr_assert(parse(&args, "won|--help", why) && args_flag(&args, "help"));
    cr_assert(parse(&args, "won|-h", why) && args_flag(&args, "help"));
    cr_assert(parse(&args, "", why) && args.verb == NULL);
    cr_assert(parse(&args, "--version", why) && strcmp(args.verb->name, "version") == 0);
}

/* Every option belongs to a verb that is there, and no verb or option is named twice. */
Test(args, the_table_is_consistent)
{
    for (const struct option *option = options; option->name != NULL; option++) {
        cr_expect(option->verb[0] == '\0' || verb_find(option->verb) != NULL, "%s --%s", option->verb, option->name);
        for (const struct option *other = option + 1; other->name != NULL; other++) {
            bool meet = strcmp(option->verb, other->verb) == 0 || option->verb[0] == '\0' || other->verb[0] == '\0';
            cr_expect(!meet || strcmp(option->name, other->name) != 0, "%s --%s", option->verb, option->name);
        }
    }
    for (const struct verb *verb = verbs; verb->name != NULL; verb++) {
        cr_expect(verb_find(verb->name) == verb, "%s", verb->name);
        cr_expect(verb->least <= verb->most && verb->most < ARGS_WORDS, "%s", verb->name);
    }
}
