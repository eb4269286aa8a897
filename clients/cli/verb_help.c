/* SPDX-License-Identifier: Apache-2.0
 *
 * help and version: the table of verbs, for people. */
#include "cli.h"

#include <string.h>

/* Columns that UTF-8 text of narrow characters takes. */
static int width(const char *text)
{
    int columns = 0;
    for (; *text != '\0'; text++) {
        columns += ((unsigned char)*text & 0xC0) != 0x80;
    }
    return columns;
}

static void print_option(const struct option *option)
{
    char left[64];
    snprintf(left, sizeof left, "--%s %s", option->name, option->value);
    int pad = 24 - width(left);
    printf("  %s%*s %s\n", left, pad > 0 ? pad : 0, "", option->summary);
}

static void print_common_options(void)
{
    puts("\nWith every verb:");
    for (const struct option *option = options; option->name != NULL; option++) {
        if (option->verb[0] == '\0') {
            print_option(option);
        }
    }
}

static void print_verb(const struct verb *verb)
{
    printf("vouch %s%s%s\n  %s\n", verb->name, verb->arguments[0] != '\0' ? " " : "", verb->arguments, verb->summary);
    bool any = false;
    for (const struct option *option = options; option->name != NULL; option++) {
        if (strcmp(option->verb, verb->name) == 0) {
            if (!any) {
                puts("\nOptions:");
            }
            any = true;
            print_option(option);
        }
    }
    print_common_options();
}

static void print_verbs(void)
{
    puts("vouch: referrals between people who vouch for each other\n");
    puts("usage: vouch VERB [WORDS] [--OPTIONS]");
    for (int group = 0; group < GROUP_COUNT; group++) {
        printf("\n%s\n", group_titles[group]);
        for (const struct verb *verb = verbs; verb->name != NULL; verb++) {
            if ((int)verb->group == group) {
                printf("  %-12s %s\n", verb->name, verb->summary);
            }
        }
    }
    print_common_options();
    puts("\n`vouch help VERB` tells more; names may stand for ids wherever they are unique; referrals are R1, R2 …");
}

int verb_help(struct cli *cli)
{
    const struct verb *verb = cli->args.verb;
    if (verb != NULL && strcmp(verb->name, "help") == 0 && !args_flag(&cli->args, "help") && cli->args.count == 1) {
        verb = verb_find(cli->args.words[0]);
        if (verb == NULL) {
            return fail_usage(cli, "there is no verb '%.60s'; see `vouch help`", cli->args.words[0]);
        }
        print_verb(verb);
    } else if (verb != NULL && strcmp(verb->name, "help") != 0) {
        print_verb(verb);
    } else {
        print_verbs();
    }
    return EXIT_DONE;
}

int verb_version(struct cli *cli)
{
    if (cli->json) {
        return json_print(json_pack("{s:s, s:i}", "version", VOUCH_VERSION, "protocol", VOUCH_PROTOCOL_VERSION));
    }
    printf("vouch %s (protocol %d)\n", VOUCH_VERSION, VOUCH_PROTOCOL_VERSION);
    return EXIT_DONE;
}
