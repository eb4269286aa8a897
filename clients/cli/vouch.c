/* SPDX-License-Identifier: Apache-2.0
 *
 * vouch, the command line: one verb a thought. The flow of every call: args.c reads the command line by the table
 * verbs.def, session.c opens the profile's broker, the verb's file asks names.c for ids, sends one request (or a page
 * after the other) and shows the answer through table.c or json.c. It is a client like any other: libvouch is all that
 * it knows of the broker. */
#include "cli.h"

#include <langinfo.h>
#include <locale.h>
#include <string.h>

#define TIMEOUT_DEFAULT_MS 5000

/* Names are UTF-8; where the locale is not, its characters could neither be measured nor shown. */
static void use_utf8(void)
{
    if (setlocale(LC_ALL, "") == NULL || strcmp(nl_langinfo(CODESET), "UTF-8") != 0) {
        setlocale(LC_CTYPE, "C.UTF-8");
    }
}

static int take_common_options(struct cli *cli)
{
    uint64_t seconds = TIMEOUT_DEFAULT_MS / 1000;
    const char *timeout = args_text(&cli->args, "timeout");
    if (timeout != NULL && (!text_parse_number(timeout, 86400, &seconds) || seconds == 0)) {
        return fail_usage(cli, "--timeout is a number of seconds, 1 to 86400");
    }
    cli->timeout_ms = (int64_t)seconds * 1000;
    struct status_text why = {""};
    if (profile_path(args_text(&cli->args, "profile"), cli->profile_path, &why) != VOUCH_OK) {
        return fail_usage(cli, "%s", why.text);
    }
    return EXIT_DONE;
}

static int run(struct cli *cli)
{
    if (cli->args.verb == NULL || args_flag(&cli->args, "help")) {
        return verb_help(cli);
    }
    int code = take_common_options(cli);
    if (code == EXIT_DONE && cli->args.verb->link == ONLINE) {
        code = session_open(cli);
    }
    if (code == EXIT_DONE) {
        code = cli->args.verb->run(cli);
    }
    session_close(cli);
    return code;
}

int main(int argc, char **argv)
{
    use_utf8();
    struct cli cli = {.vouch = NULL};
    char why[256] = "";
    bool parsed = args_parse(&cli.args, argc, argv, why);
    cli.json = args_flag(&cli.args, "json");
    if (!parsed) {
        const char *verb = cli.args.verb != NULL ? cli.args.verb->name : "";
        return fail_usage(&cli, "%s; see `vouch help%s%s`", why, *verb != '\0' ? " " : "", verb);
    }
    int code = run(&cli);
    if (fflush(stdout) != 0 && code == EXIT_DONE) {
        perror("vouch: standard output");
        code = 1;
    }
    return code;
}
