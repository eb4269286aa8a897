/* SPDX-License-Identifier: Apache-2.0
 *
 * tie: how well you know whom. */
#include "cli.h"
#include "pages.h"

#include <string.h>

/* A contact of yours, else a member; with --member only a member. */
static int resolve_end(struct cli *cli, Vouch__V1__TieSetting *tie, char name[NAME_MAX_BYTES])
{
    char *text = cli->args.words[1];
    if (!args_flag(&cli->args, "member")) {
        int code = name_look_up(cli, VOUCH__V1__FIND__KIND__CONTACT, text, &tie->to_contact, name);
        if (code != EXIT_DONE || tie->to_contact != 0) {
            return code;
        }
    }
    return name_resolve(cli, VOUCH__V1__FIND__KIND__MEMBER, text, &tie->to_member, name);
}

static int set(struct cli *cli)
{
    Vouch__V1__TieSetting tie = VOUCH__V1__TIE_SETTING__INIT;
    char name[NAME_MAX_BYTES] = "";
    uint64_t id = 0;
    if (!text_parse_ppm(cli->args.words[2], &tie.strength_ppm)) {
        return fail_usage(cli, "how well you know somebody is a number from 0 to 1, as 0.7");
    }
    int code = resolve_end(cli, &tie, name);
    Vouch__V1__Request request = REQUEST(TIE_SET, tie_set, &tie);
    if (code == EXIT_DONE) {
        code = session_command(cli, &request, &id);
    }
    if (code != EXIT_DONE) {
        return code;
    }
    return tie.strength_ppm == 0 ? say_done(cli, id, "your tie to %s is removed.", name)
                                 : say_done(cli, id, "your tie to %s is %s, set by hand.", name, cli->args.words[2]);
}

static int list(struct cli *cli)
{
    struct pages pages;
    int code = pages_load(cli, PAGE_TIES, &pages);
    if (code == EXIT_DONE && cli->json) {
        code = pages_json(&pages, "ties");
    } else if (code == EXIT_DONE) {
        struct table *table = table_new((const struct column[]){{"NAME", COLUMN_TEXT},
                                                                {"WHO", COLUMN_FIXED},
                                                                {"COMPANY", COLUMN_TEXT},
                                                                {"STRENGTH", COLUMN_NUMBER},
                                                                {"FROM", COLUMN_FIXED},
                                                                {NULL, COLUMN_TEXT}});
        for (size_t i = 0; i < pages.count; i++) {
            const Vouch__V1__Tie *tie = (const Vouch__V1__Tie *)pages.rows[i];
            char strength[16];
            snprintf(strength, sizeof strength, "%u.%02u", tie->strength_ppm / 1000000,
                     tie->strength_ppm % 1000000 / 10000);
            const char *cells[] = {tie->name, tie->to_member != 0 ? "member" : "contact", tie->company, strength,
                                   tie->by_hand ? "by hand" : ""};
            table_row(table, cells);
        }
        table_print(&table, "no ties yet; `vouch contact add` and `vouch tie set` make some");
    }
    pages_free(&pages);
    return code;
}

int verb_tie(struct cli *cli)
{
    const char *action = cli->args.words[0];
    if (strcmp(action, "list") == 0 && cli->args.count == 1) {
        return list(cli);
    }
    if (strcmp(action, "set") == 0 && cli->args.count == 3) {
        return set(cli);
    }
    return fail_usage(cli, "usage: vouch tie set NAME 0-1 | list");
}
