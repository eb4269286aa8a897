/* SPDX-License-Identifier: Apache-2.0
 *
 * company: add, list, show, set. */
#include "company.h"

#include "crm_read.h"
#include "pages.h"

#include <string.h>

char *company_country(char *text)
{
    const char *corrected = NULL;
    const char *code = text[0] == '\0' ? "" : crm_country(text, &corrected);
    if (code == NULL || corrected != NULL) {
        fputs("vouch: '", stderr);
        text_print(stderr, text);
        fprintf(stderr, code == NULL ? "' is no country that is known; write a code, as DE\n" : "' is read as %s\n",
                corrected);
    }
    return code == NULL ? text : (char *)(uintptr_t)code;
}

int company_read_options(struct cli *cli, Vouch__V1__CompanyAdd *add)
{
    const char *kind = args_text(&cli->args, "kind");
    const char *size = args_text(&cli->args, "size");
    uint64_t band = 0;
    int value = kind != NULL ? text_enum_parse(&vouch__v1__company_kind__descriptor, kind) : 0;
    if (value < 0) {
        return fail_usage(cli, "--kind is home, partner, client or prospect");
    }
    if (size != NULL && (!text_parse_number(size, 8, &band) || band == 0)) {
        return fail_usage(cli, "--size is a band from 1 to 8 (`vouch help company`)");
    }
    add->kind = (Vouch__V1__CompanyKind)value;
    add->size_band = (uint32_t)band;
    add->domain = args_field(&cli->args, "domain");
    add->industry = args_field(&cli->args, "industry");
    add->country = company_country(args_field(&cli->args, "country"));
    add->region = args_field(&cli->args, "region");
    add->city = args_field(&cli->args, "city");
    return EXIT_DONE;
}

static int add(struct cli *cli)
{
    Vouch__V1__CompanyAdd company = VOUCH__V1__COMPANY_ADD__INIT;
    char *parent = args_text(&cli->args, "parent");
    uint64_t id = 0;
    company.name = cli->args.words[1];
    int code = company_read_options(cli, &company);
    if (code == EXIT_DONE && parent != NULL) {
        code = name_resolve(cli, VOUCH__V1__FIND__KIND__COMPANY, parent, &company.parent, NULL);
    }
    Vouch__V1__Request request = REQUEST(COMPANY_ADD, company_add, &company);
    if (code == EXIT_DONE) {
        code = session_command(cli, &request, &id);
    }
    return code != EXIT_DONE ? code
                             : say_done(cli, id, "company %llu, %s, added.", (unsigned long long)id, company.name);
}

static int set(struct cli *cli)
{
    Vouch__V1__CompanyChange change = VOUCH__V1__COMPANY_CHANGE__INIT;
    Vouch__V1__CompanyAdd fields = VOUCH__V1__COMPANY_ADD__INIT;
    char *parent = args_text(&cli->args, "parent");
    char name[NAME_MAX_BYTES] = "";
    uint64_t id = 0;
    int code = name_resolve(cli, VOUCH__V1__FIND__KIND__COMPANY, cli->args.words[1], &change.company, name);
    if (code == EXIT_DONE) {
        code = company_read_options(cli, &fields);
    }
    fields.name = args_field(&cli->args, "name");
    if (code == EXIT_DONE && !args_any(&cli->args)) {
        return fail_usage(cli, "say what to change: --name, --domain, --industry … (`vouch help company`)");
    }
    if (parent != NULL && strcmp(parent, "-") == 0) {
        change.clear_parent = true;
    } else if (code == EXIT_DONE && parent != NULL) {
        code = name_resolve(cli, VOUCH__V1__FIND__KIND__COMPANY, parent, &fields.parent, NULL);
    }
    change.change = &fields;
    Vouch__V1__Request request = REQUEST(COMPANY_CHANGE, company_change, &change);
    if (code == EXIT_DONE) {
        code = session_command(cli, &request, &id);
    }
    return code != EXIT_DONE ? code : say_done(cli, id, "%s is changed.", name);
}

static void add_row(struct cli *cli, struct table *table, const Vouch__V1__Company *company)
{
    char id[24], kind[32], size[8] = "";
    snprintf(id, sizeof id, "%llu", (unsigned long long)company->id);
    if (company->size_band != 0) {
        snprintf(size, sizeof size, "%u", company->size_band % 100);
    }
    const char *cells[] = {id,
                           company->name,
                           text_enum(kind, &vouch__v1__company_kind__descriptor, (int)company->kind),
                           company->industry,
                           company->country,
                           company->city,
                           size,
                           company->domain,
                           name_of(cli, VOUCH__V1__FIND__KIND__COMPANY, company->parent)};
    table_row(table, cells);
}

static int list(struct cli *cli)
{
    struct pages pages;
    int code = pages_load(cli, PAGE_COMPANIES, &pages);
    if (code == EXIT_DONE && cli->json) {
        code = pages_json(&pages, "companies");
    } else if (code == EXIT_DONE) {
        struct table *table = table_new((const struct column[]){{"ID", COLUMN_NUMBER},
                                                                {"NAME", COLUMN_TEXT},
                                                                {"KIND", COLUMN_FIXED},
                                                                {"INDUSTRY", COLUMN_TEXT},
                                                                {"COUNTRY", COLUMN_TEXT},
                                                                {"CITY", COLUMN_TEXT},
                                                                {"SIZE", COLUMN_NUMBER},
                                                                {"DOMAIN", COLUMN_TEXT},
                                                                {"PART OF", COLUMN_TEXT},
                                                                {NULL, COLUMN_TEXT}});
        for (size_t i = 0; i < pages.count; i++) {
            add_row(cli, table, (const Vouch__V1__Company *)pages.rows[i]);
        }
        table_print(&table, "no companies yet; `vouch company add NAME` adds one");
    }
    pages_free(&pages);
    return code;
}

static void print_line(const char *word, const char *text)
{
    if (text[0] != '\0') {
        printf("  %-9s ", word);
        text_print(stdout, text);
        putchar('\n');
    }
}

static void print_company(struct cli *cli, const Vouch__V1__Company *company)
{
    static const char *const bands[] = {"",
                                        "up to 10 people",
                                        "up to 50",
                                        "up to 200",
                                        "up to 500",
                                        "up to 1,000",
                                        "up to 5,000",
                                        "up to 10,000",
                                        "more than 10,000"};
    char kind[32], added[TIME_TEXT_BYTES];
    text_print(stdout, company->name);
    printf("  (company %llu, %s)\n", (unsigned long long)company->id,
           text_enum(kind, &vouch__v1__company_kind__descriptor, (int)company->kind));
    print_line("domain", company->domain);
    print_line("part of", name_of(cli, VOUCH__V1__FIND__KIND__COMPANY, company->parent));
    print_line("industry", company->industry);
    print_line("city", company->city);
    print_line("region", company->region);
    print_line("country", company->country);
    print_line("size", company->size_band < 9 ? bands[company->size_band] : "?");
    print_line("since", text_time_full(added, company->added_ms));
}

/* The list from just before it, one row long. */
static int show(struct cli *cli)
{
    Vouch__V1__CompanyList wanted = VOUCH__V1__COMPANY_LIST__INIT;
    uint64_t id = 0;
    int code = name_resolve(cli, VOUCH__V1__FIND__KIND__COMPANY, cli->args.words[1], &id, NULL);
    if (code != EXIT_DONE) {
        return code;
    }
    wanted.after = id - 1;
    wanted.limit = 1;
    Vouch__V1__Request request = REQUEST(COMPANY_LIST, company_list, &wanted);
    Vouch__V1__Reply *reply = NULL;
    code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_COMPANIES, &reply);
    if (code != EXIT_DONE) {
        return code;
    }
    if (reply->companies->n_companies != 1 || reply->companies->companies[0]->id != id) {
        code = fail_outcome(cli, VOUCH_NOT_FOUND, "there is no such company");
    } else if (cli->json) {
        code = json_print(json_of_message(&reply->companies->companies[0]->base));
    } else {
        print_company(cli, reply->companies->companies[0]);
    }
    vouch_reply_free(&reply);
    return code;
}

int verb_company(struct cli *cli)
{
    const char *action = cli->args.words[0];
    bool named = cli->args.count == 2;
    if (strcmp(action, "list") == 0 && !named) {
        return list(cli);
    }
    if (strcmp(action, "add") == 0 && named) {
        return add(cli);
    }
    if (strcmp(action, "show") == 0 && named) {
        return show(cli);
    }
    if (strcmp(action, "set") == 0 && named) {
        return set(cli);
    }
    return fail_usage(cli, "usage: vouch company add NAME | list | show NAME | set NAME");
}
