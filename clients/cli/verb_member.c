/* SPDX-License-Identifier: Apache-2.0
 *
 * members and remove. */
#include "cli.h"
#include "pages.h"

static void add_row(struct cli *cli, struct table *table, const Vouch__V1__Member *member)
{
    char id[24], role[32], state[32], joined[TIME_TEXT_BYTES];
    snprintf(id, sizeof id, "%llu", (unsigned long long)member->id);
    const char *cells[] = {id,
                           member->name,
                           text_enum(role, &vouch__v1__role__descriptor, (int)member->role),
                           member->team,
                           name_of(cli, VOUCH__V1__FIND__KIND__COMPANY, member->company),
                           text_enum(state, &vouch__v1__member_state__descriptor, (int)member->state),
                           text_time(joined, member->joined_ms)};
    table_row(table, cells);
}

int verb_members(struct cli *cli)
{
    struct pages pages;
    int code = pages_load(cli, PAGE_MEMBERS, &pages);
    if (code == EXIT_DONE && cli->json) {
        code = pages_json(&pages, "members");
    } else if (code == EXIT_DONE) {
        struct table *table = table_new((const struct column[]){{"ID", COLUMN_NUMBER},
                                                                {"NAME", COLUMN_TEXT},
                                                                {"ROLE", COLUMN_FIXED},
                                                                {"TEAM", COLUMN_TEXT},
                                                                {"COMPANY", COLUMN_TEXT},
                                                                {"STATE", COLUMN_FIXED},
                                                                {"JOINED", COLUMN_FIXED},
                                                                {NULL, COLUMN_TEXT}});
        for (size_t i = 0; i < pages.count; i++) {
            add_row(cli, table, (const Vouch__V1__Member *)pages.rows[i]);
        }
        table_print(&table, "no members");
    }
    pages_free(&pages);
    return code;
}

int verb_remove(struct cli *cli)
{
    Vouch__V1__MemberRemove removal = VOUCH__V1__MEMBER_REMOVE__INIT;
    char name[NAME_MAX_BYTES] = "";
    int code = name_resolve(cli, VOUCH__V1__FIND__KIND__MEMBER, cli->args.words[0], &removal.member, name);
    if (code != EXIT_DONE) {
        return code;
    }
    removal.reason = args_field(&cli->args, "reason");
    Vouch__V1__Request request = REQUEST(MEMBER_REMOVE, member_remove, &removal);
    uint64_t id = 0;
    code = session_command(cli, &request, &id);
    return code != EXIT_DONE ? code
                             : say_done(cli, id, "%s is removed: all keys are revoked, open sessions are cut.", name);
}
