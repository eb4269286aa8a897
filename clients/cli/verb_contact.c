/* SPDX-License-Identifier: Apache-2.0
 *
 * contact: the people you know. */
#include "contact.h"

#include "pages.h"

#include <string.h>

void contact_split(char *text, char **name, char **title)
{
    static char empty[1];
    char *comma = strchr(text, ',');
    *name = text;
    *title = empty;
    if (comma != NULL) {
        *comma = '\0';
        *title = comma + 1 + strspn(comma + 1, " \t");
        for (char *end = comma; end > text && (end[-1] == ' ' || end[-1] == '\t'); end--) {
            end[-1] = '\0';
        }
    }
}

static int read_options(struct cli *cli, uint64_t *company, Vouch__V1__PersonalData *personal)
{
    if (args_flag(&cli->args, "title")) {
        personal->title = args_field(&cli->args, "title");
    }
    personal->email = args_field(&cli->args, "email");
    personal->phone = args_field(&cli->args, "phone");
    char *where = args_text(&cli->args, "company");
    return where == NULL ? EXIT_DONE : name_resolve(cli, VOUCH__V1__FIND__KIND__COMPANY, where, company, NULL);
}

static int add(struct cli *cli)
{
    Vouch__V1__ContactAdd contact = VOUCH__V1__CONTACT_ADD__INIT;
    Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
    uint64_t id = 0;
    contact_split(cli->args.words[1], &personal.name, &personal.title);
    int code = read_options(cli, &contact.company, &personal);
    const char *strength = args_text(&cli->args, "strength");
    if (code == EXIT_DONE && strength != NULL && !text_parse_ppm(strength, &contact.strength_ppm)) {
        code = fail_usage(cli, "--strength is a number from 0 to 1, as 0.7");
    }
    contact.personal = &personal;
    contact.consent = args_flag(&cli->args, "consent");
    Vouch__V1__Request request = REQUEST(CONTACT_ADD, contact_add, &contact);
    if (code == EXIT_DONE) {
        code = session_command(cli, &request, &id);
    }
    return code != EXIT_DONE ? code
                             : say_done(cli, id, "contact %llu, %s, is among the people you know.",
                                        (unsigned long long)id, personal.name);
}

static int set(struct cli *cli)
{
    Vouch__V1__ContactChange change = VOUCH__V1__CONTACT_CHANGE__INIT;
    Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
    char name[NAME_MAX_BYTES] = "";
    uint64_t id = 0;
    int code = name_resolve(cli, VOUCH__V1__FIND__KIND__CONTACT, cli->args.words[1], &change.contact, name);
    if (code == EXIT_DONE) {
        code = read_options(cli, &change.company, &personal);
    }
    change.personal = &personal;
    change.consent = args_flag(&cli->args, "consent");
    Vouch__V1__Request request = REQUEST(CONTACT_CHANGE, contact_change, &change);
    if (code == EXIT_DONE) {
        code = session_command(cli, &request, &id);
    }
    return code != EXIT_DONE ? code : say_done(cli, id, "%s is changed.", name);
}

static void add_row(struct cli *cli, struct table *table, const Vouch__V1__Contact *contact)
{
    static const Vouch__V1__PersonalData erased = VOUCH__V1__PERSONAL_DATA__INIT;
    const Vouch__V1__PersonalData *personal = contact->personal != NULL ? contact->personal : &erased;
    char id[24];
    snprintf(id, sizeof id, "%llu", (unsigned long long)contact->id);
    const char *cells[] = {id,
                           contact->personal != NULL ? personal->name : "(erased)",
                           personal->title,
                           name_of(cli, VOUCH__V1__FIND__KIND__COMPANY, contact->company),
                           personal->email,
                           personal->phone,
                           contact->consent ? "yes" : "no"};
    table_row(table, cells);
}

static int list(struct cli *cli)
{
    struct pages pages;
    int code = pages_load(cli, PAGE_CONTACTS, &pages);
    if (code == EXIT_DONE && cli->json) {
        code = pages_json(&pages, "contacts");
    } else if (code == EXIT_DONE) {
        struct table *table = table_new((const struct column[]){{"ID", COLUMN_NUMBER},
                                                                {"NAME", COLUMN_TEXT},
                                                                {"TITLE", COLUMN_TEXT},
                                                                {"COMPANY", COLUMN_TEXT},
                                                                {"E-MAIL", COLUMN_TEXT},
                                                                {"PHONE", COLUMN_TEXT},
                                                                {"CONSENT", COLUMN_FIXED},
                                                                {NULL, COLUMN_TEXT}});
        for (size_t i = 0; i < pages.count; i++) {
            add_row(cli, table, (const Vouch__V1__Contact *)pages.rows[i]);
        }
        table_print(&table, "nobody yet; `vouch contact add \"NAME, TITLE\" --company COMPANY` adds somebody");
    }
    pages_free(&pages);
    return code;
}

int verb_contact(struct cli *cli)
{
    const char *action = cli->args.words[0];
    bool named = cli->args.count == 2;
    if (strcmp(action, "list") == 0 && !named) {
        return list(cli);
    }
    if (strcmp(action, "add") == 0 && named) {
        return add(cli);
    }
    if (strcmp(action, "set") == 0 && named) {
        return set(cli);
    }
    return fail_usage(cli, "usage: vouch contact add \"NAME, TITLE\" | list | set NAME");
}
