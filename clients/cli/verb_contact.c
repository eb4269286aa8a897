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

/* Lists of further addresses, numbers and tags; they live as long as the command. */
struct lists {
    char *emails[ARGS_LIST], *phones[ARGS_LIST], *tags[ARGS_LIST];
};

static int read_lists(struct cli *cli, struct lists *lists, Vouch__V1__PersonalData *personal)
{
    int emails = args_list(&cli->args, "emails", lists->emails),
        phones = args_list(&cli->args, "phones", lists->phones), tags = args_list(&cli->args, "tags", lists->tags);
    if (emails < 0 || phones < 0 || tags < 0) {
        return fail_usage(cli, "a list holds at most %d entries", ARGS_LIST);
    }
    personal->emails = lists->emails;
    personal->phones = lists->phones;
    personal->tags = lists->tags;
    personal->n_emails = (size_t)emails;
    personal->n_phones = (size_t)phones;
    personal->n_tags = (size_t)tags;
    return EXIT_DONE;
}

static int read_options(struct cli *cli, struct lists *lists, uint64_t *company, Vouch__V1__PersonalData *personal)
{
    int code = read_lists(cli, lists, personal);
    if (code != EXIT_DONE) {
        return code;
    }
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
    struct lists lists;
    int code = read_options(cli, &lists, &contact.company, &personal);
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
    struct lists lists;
    uint64_t id = 0;
    if (!args_any(&cli->args)) {
        return fail_usage(cli, "say what to change: --title, --email, --consent … (`vouch help contact`)");
    }
    int code = name_resolve(cli, VOUCH__V1__FIND__KIND__CONTACT, cli->args.words[1], &change.contact, name);
    if (code == EXIT_DONE) {
        code = read_options(cli, &lists, &change.company, &personal);
    }
    change.personal = &personal;
    personal.name = args_field(&cli->args, "name");
    change.consent = args_flag(&cli->args, "consent");
    change.withdraw_consent = args_flag(&cli->args, "no-consent");
    Vouch__V1__Request request = REQUEST(CONTACT_CHANGE, contact_change, &change);
    if (code == EXIT_DONE) {
        code = session_command(cli, &request, &id);
    }
    return code != EXIT_DONE ? code : say_done(cli, id, "%s is changed.", name);
}

static int note(struct cli *cli)
{
    Vouch__V1__ContactNote asked = VOUCH__V1__CONTACT_NOTE__INIT;
    char name[NAME_MAX_BYTES] = "";
    uint64_t id = 0;
    asked.text = cli->args.words[2];
    int code = name_resolve(cli, VOUCH__V1__FIND__KIND__CONTACT, cli->args.words[1], &asked.contact, name);
    Vouch__V1__Request request = REQUEST(CONTACT_NOTE, contact_note, &asked);
    if (code == EXIT_DONE) {
        code = session_command(cli, &request, &id);
    }
    return code != EXIT_DONE ? code : say_done(cli, id, "noted about %s; only you read it.", name);
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
    static const struct {
        const char *action;
        int words;
        int (*run)(struct cli *cli);
    } actions[] = {
        {"list", 1, list},
        {"add", 2, add},
        {"show", 2, contact_show},
        {"set", 2, set},
        {"note", 3, note},
        {"merge", 3, contact_merge},
        {"unmerge", 2, contact_unmerge},
        {"duplicates", 1, contact_duplicates},
        {"erase", 2, contact_erase},
    };
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (strcmp(cli->args.words[0], actions[i].action) == 0 && cli->args.count == actions[i].words) {
            return actions[i].run(cli);
        }
    }
    return fail_usage(cli, "usage: vouch contact %s", cli->args.verb->arguments);
}
