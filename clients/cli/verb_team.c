/* SPDX-License-Identifier: Apache-2.0
 *
 * For managers: how the members of a team fare and what to talk about, what waits for the manager, quotas. */
#include "books.h"
#include "cli.h"

#include <inttypes.h>
#include <string.h>

#define PPM_PER_CENT 10000u
#define PAGE_ROWS 100

/* ---- team ---- */

struct team {
    struct table *table;
    json_t *rows;
    json_t *head;    /* of the last page */
    json_t *coached; /* "NAME: line; line" */
};

static void coach(struct team *team, const Vouch__V1__TeamMember *member)
{
    char lines[1024];
    size_t used = (size_t)snprintf(lines, sizeof lines, "%s: ", member->name);
    for (size_t i = 0; i < member->n_coaching && used < sizeof lines; i++) {
        used += (size_t)snprintf(lines + used, sizeof lines - used, "%s%s", i == 0 ? "" : "; ", member->coaching[i]);
    }
    if (member->n_coaching > 0) {
        json_array_append_new(team->coached, json_string(lines));
    }
}

static void add_member(struct team *team, const Vouch__V1__TeamMember *member)
{
    char open[16], today[16], overdue[16], kept[32], reliable[16], asks[16], quota[80] = "–";
    char amount[MONEY_TEXT_MAX];
    snprintf(open, sizeof open, "%" PRIu32, member->open);
    snprintf(today, sizeof today, "%" PRIu32, member->due_today);
    snprintf(overdue, sizeof overdue, "%" PRIu32, member->overdue);
    snprintf(kept, sizeof kept, "%" PRIu32 " of %" PRIu32, member->kept, member->kept + member->ghosted);
    snprintf(reliable, sizeof reliable, "%" PRIu32 " %%", member->reliability_ppm / PPM_PER_CENT);
    snprintf(asks, sizeof asks, "%" PRIu32, member->asks);
    if (member->quota != NULL && member->quota->amount != NULL) {
        snprintf(quota, sizeof quota, "%" PRIu32 " %% of %s", member->attainment_ppm / PPM_PER_CENT,
                 text_money(amount, member->due_minor, member->quota->amount->currency));
    }
    table_row(team->table, (const char *const[]){member->name, open, today, overdue, kept, reliable, asks, quota});
    coach(team, member);
    json_array_append_new(team->rows, json_of_message(&member->base));
}

static int fetch(struct cli *cli, struct team *team)
{
    Vouch__V1__TeamView view = VOUCH__V1__TEAM_VIEW__INIT;
    Vouch__V1__Request request = REQUEST(TEAM_VIEW, team_view, &view);
    view.team = args_field(&cli->args, "team");
    view.limit = PAGE_ROWS;
    char *company = args_text(&cli->args, "company");
    int code = company == NULL ? EXIT_DONE
                               : name_resolve(cli, VOUCH__V1__FIND__KIND__COMPANY, company, &view.company, NULL);
    for (bool more = true; code == EXIT_DONE && more;) {
        Vouch__V1__Reply *reply = NULL;
        code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_TEAM, &reply);
        if (code != EXIT_DONE) {
            return code;
        }
        const Vouch__V1__TeamPage *page = reply->team;
        for (size_t i = 0; i < page->n_members; i++) {
            add_member(team, page->members[i]);
            view.after = page->members[i]->member;
        }
        more = page->more && page->n_members > 0;
        json_decref(team->head);
        team->head = json_pack("{s:s, s:s, s:I, s:s}", "team", page->team, "company", page->company, "year",
                               (json_int_t)page->year, "zone", page->zone);
        vouch_reply_free(&reply);
    }
    return code;
}

static void print_team(struct team *team)
{
    text_print(stdout, json_string_value(json_object_get(team->head, "team")));
    printf(", ");
    text_print(stdout, json_string_value(json_object_get(team->head, "company")));
    printf(" (days in %s; kept: of 90 days; asks: of 30 days; quota: of what is due by now)\n",
           json_string_value(json_object_get(team->head, "zone")));
    table_print(&team->table, "nobody is in this team who takes referrals.");
    size_t place;
    json_t *line;
    json_array_foreach(team->coached, place, line)
    {
        printf("%s  ", place == 0 ? "To talk about:\n" : "");
        text_print(stdout, json_string_value(line));
        printf("\n");
    }
}

int verb_team(struct cli *cli)
{
    struct team team = {.rows = json_array(), .coached = json_array()};
    team.table = table_new((const struct column[]){{"NAME", COLUMN_TEXT},
                                                   {"OPEN", COLUMN_NUMBER},
                                                   {"TODAY", COLUMN_NUMBER},
                                                   {"OVERDUE", COLUMN_NUMBER},
                                                   {"KEPT", COLUMN_NUMBER},
                                                   {"RELIABLE", COLUMN_NUMBER},
                                                   {"ASKS", COLUMN_NUMBER},
                                                   {"QUOTA", COLUMN_FIXED},
                                                   {NULL, COLUMN_TEXT}});
    int code = fetch(cli, &team);
    if (code == EXIT_DONE && cli->json) {
        json_object_set(team.head, "members", team.rows);
        code = json_print(json_incref(team.head));
    } else if (code == EXIT_DONE) {
        print_team(&team);
    }
    table_drop(&team.table);
    json_decref(team.rows);
    json_decref(team.coached);
    json_decref(team.head);
    return code;
}

/* ---- queue ---- */

static void add_waiting(struct table *table, const Vouch__V1__QueueRow *row)
{
    const Vouch__V1__Referral *referral = row->referral->referral;
    char id[24], due[TIME_TEXT_BYTES], command[96];
    bool held = referral->state == VOUCH__V1__REFERRAL_STATE__HELD;
    snprintf(id, sizeof id, "R%" PRIu64, referral->id);
    snprintf(command, sizeof command,
             held ? "vouch review R%" PRIu64 " --release | --reject" : "vouch match R%" PRIu64 ", then vouch offer",
             referral->id);
    table_row(table, (const char *const[]){id, row->referral->prospect, row->referral->referrer, row->reason,
                                           text_time(due, row->due_ms), command});
}

static int print_queue(const Vouch__V1__QueuePage *page)
{
    struct table *table = table_new((const struct column[]){{"ID", COLUMN_NUMBER},
                                                            {"PROSPECT", COLUMN_TEXT},
                                                            {"FROM", COLUMN_TEXT},
                                                            {"WHY", COLUMN_TEXT},
                                                            {"BY", COLUMN_FIXED},
                                                            {"COMMAND", COLUMN_FIXED},
                                                            {NULL, COLUMN_TEXT}});
    for (size_t i = 0; i < page->n_rows; i++) {
        if (page->rows[i]->referral != NULL && page->rows[i]->referral->referral != NULL) {
            add_waiting(table, page->rows[i]);
        }
    }
    table_print(&table, "nothing waits for you: `vouch team` shows how your team fares.");
    if (page->waiting > page->n_rows) {
        printf("%zu of %" PRIu32 " are shown; --limit shows more\n", page->n_rows, page->waiting);
    }
    return EXIT_DONE;
}

int verb_queue(struct cli *cli)
{
    Vouch__V1__TeamQueue queue = VOUCH__V1__TEAM_QUEUE__INIT;
    Vouch__V1__Request request = REQUEST(TEAM_QUEUE, team_queue, &queue);
    uint64_t limit = 0;
    const char *asked = args_text(&cli->args, "limit");
    if (asked != NULL && (!text_parse_number(asked, 500, &limit) || limit == 0)) {
        return fail_usage(cli, "--limit is a number from 1 to 500");
    }
    queue.limit = (uint32_t)limit;
    Vouch__V1__Reply *reply = NULL;
    int code = session_call(cli, &request, VOUCH__V1__REPLY__RESULT_QUEUE, &reply);
    if (code == EXIT_DONE) {
        code = cli->json ? json_print(json_of_message(&reply->queue->base)) : print_queue(reply->queue);
        vouch_reply_free(&reply);
    }
    return code;
}

/* ---- quota ---- */

/* As the broker has it, in the zone that quotas are kept in. */
static int ask_this_year(struct cli *cli, uint32_t *year)
{
    char zone[ZONE_BYTES];
    int64_t now_ms = 0;
    int code = session_ask_time(cli, &now_ms, zone);
    *year = code == EXIT_DONE ? zone_month(zone, now_ms) / 100 : 0;
    return code;
}

int verb_quota(struct cli *cli)
{
    Vouch__V1__QuotaSetting set = VOUCH__V1__QUOTA_SETTING__INIT;
    Vouch__V1__Request request = REQUEST(QUOTA_SET, quota_set, &set);
    Vouch__V1__Money amount = VOUCH__V1__MONEY__INIT;
    char currency[CURRENCY_BYTES], name[NAME_MAX_BYTES], text[MONEY_TEXT_MAX];
    uint64_t year = 0, id = 0;
    const char *asked = args_text(&cli->args, "year");
    if (asked != NULL && (!text_parse_number(asked, 9999, &year) || year < 1970)) {
        return fail_usage(cli, "--year is a year: 2027");
    }
    int code = books_read_amount(cli, cli->args.words[1], &amount, currency);
    if (code == EXIT_DONE) {
        code = name_resolve(cli, VOUCH__V1__FIND__KIND__MEMBER, cli->args.words[0], &set.member, name);
    }
    set.year = (uint32_t)year;
    set.amount = &amount;
    if (code == EXIT_DONE && asked == NULL) {
        code = ask_this_year(cli, &set.year);
    }
    if (code == EXIT_DONE) {
        code = session_command(cli, &request, &id);
    }
    if (code != EXIT_DONE) {
        return code;
    }
    if (amount.minor == 0) {
        return say_done(cli, id, "%s has no quota for %" PRIu32 " any more.", name, set.year);
    }
    return say_done(cli, id, "%s should sell %s in %" PRIu32 ". See how it goes: vouch team", name,
                    text_money(text, amount.minor, amount.currency), set.year);
}
