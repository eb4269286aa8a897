/* SPDX-License-Identifier: Apache-2.0
 *
 * import crm: accounts become companies, sales teams become members, the pipeline becomes history: a referral from the
 * agent's manager to the agent for each deal. What is there already is left alone, so it can be run again at any time.
 *
 *   Won → won, Lost → lost, Engaging → contacted, Prospecting → accepted (the agent has it, nobody was called yet).
 *   Days are taken as noon UTC. Deals that name no account go to a company called as NAMELESS says. */
#include "crm_read.h"
#include "import.h"
#include "invite.h"
#include "pages.h"
#include "pipeline.h"

#include "base/check.h"
#include "domain/money.h"

#include <search.h>
#include <string.h>

#define NAMELESS "Account not named (CRM)"

struct import {
    struct cli *cli;
    struct crm crm;
    const char *currency;
    uint64_t *account_ids; /* by index; one more for NAMELESS */
    uint64_t *person_ids;
    char (*joins)[PROFILE_JOIN_MAX];               /* join lines of the invited, by index; NULL without --joins */
    size_t depth;                                  /* accounts whose parents are all made are sent together */
    struct pipeline companies, members, referrals; /* what became of them */
};

/* ---- What is there already ---- */

/* Ids by name, from a list of rows. */
struct known_names {
    struct hsearch_data table;
};

static void known_make(struct known_names *known, size_t count)
{
    memset(known, 0, sizeof *known);
    CHECK(hcreate_r(count * 2 + 16, &known->table) != 0);
}

static void known_add(struct known_names *known, char *name, uint64_t id)
{
    ENTRY *found;
    CHECK(hsearch_r((ENTRY){.key = name, .data = (void *)(uintptr_t)id}, ENTER, &found, &known->table) != 0);
}

static uint64_t known_find(struct known_names *known, const char *name)
{
    ENTRY *found;
    ENTRY wanted = {.key = (char *)(uintptr_t)name};
    return hsearch_r(wanted, FIND, &found, &known->table) != 0 ? (uint64_t)(uintptr_t)found->data : 0;
}

static int find_companies(struct import *import)
{
    struct pages pages;
    struct known_names known;
    int code = pages_load(import->cli, PAGE_COMPANIES, &pages);
    if (code == EXIT_DONE) {
        known_make(&known, pages.count);
        for (size_t i = 0; i < pages.count; i++) {
            const Vouch__V1__Company *company = (const Vouch__V1__Company *)pages.rows[i];
            known_add(&known, company->name, company->id);
        }
        for (size_t i = 0; i < import->crm.account_count; i++) {
            import->account_ids[i] = known_find(&known, import->crm.accounts[i].name);
        }
        import->account_ids[import->crm.account_count] = known_find(&known, NAMELESS);
        hdestroy_r(&known.table);
    }
    pages_free(&pages);
    return code;
}

static int find_members(struct import *import)
{
    struct pages pages;
    struct known_names known;
    int code = pages_load(import->cli, PAGE_MEMBERS, &pages);
    if (code == EXIT_DONE) {
        known_make(&known, pages.count);
        for (size_t i = 0; i < pages.count; i++) {
            const Vouch__V1__Member *member = (const Vouch__V1__Member *)pages.rows[i];
            if (member->state != VOUCH__V1__MEMBER_STATE__REMOVED) {
                known_add(&known, member->name, member->id);
            }
        }
        for (size_t i = 0; i < import->crm.people_count; i++) {
            import->person_ids[i] = known_find(&known, import->crm.people[i].name);
        }
        hdestroy_r(&known.table);
    }
    pages_free(&pages);
    return code;
}

/* ---- Accounts ---- */

/* How many parents are above an account. */
static size_t depth_of(const struct crm *crm, size_t i)
{
    size_t depth = 0;
    for (long at = crm->accounts[i].parent; at >= 0; at = crm->accounts[at].parent) {
        depth++;
    }
    return depth;
}

static void send_company(struct pipeline *pipeline, size_t i)
{
    struct import *import = pipeline->data;
    const struct crm *crm = &import->crm;
    Vouch__V1__CompanyAdd add = VOUCH__V1__COMPANY_ADD__INIT;
    Vouch__V1__Request request = REQUEST(COMPANY_ADD, company_add, &add);
    if (import->account_ids[i] != 0) {
        return;
    }
    add.kind = VOUCH__V1__COMPANY_KIND__PROSPECT;
    if (i == crm->account_count) { /* for deals that name no account */
        if (import->depth == 0) {
            add.name = NAMELESS;
            pipeline_send(pipeline, &request, i);
        }
        return;
    }
    const struct crm_account *account = &crm->accounts[i];
    if (depth_of(crm, i) != import->depth) {
        return;
    }
    add.name = (char *)(uintptr_t)account->name;
    add.industry = (char *)(uintptr_t)account->sector;
    add.country = (char *)(uintptr_t)account->country;
    add.size_band = account->size_band;
    add.parent = account->parent >= 0 ? import->account_ids[account->parent] : 0;
    if (account->won) {
        add.kind = VOUCH__V1__COMPANY_KIND__CLIENT;
    }
    pipeline_send(pipeline, &request, i);
}

static void company_made(struct pipeline *pipeline, size_t i, uint64_t id)
{
    struct import *import = pipeline->data;
    import->account_ids[i] = id;
}

static bool any_nameless(const struct crm *crm)
{
    for (size_t i = 0; i < crm->deal_count; i++) {
        if (crm->deals[i].account < 0) {
            return true;
        }
    }
    return false;
}

/* Level by level: an account is made when its parent is. */
static int import_companies(struct import *import)
{
    const struct crm *crm = &import->crm;
    size_t deepest = 0, known = 0;
    size_t count = crm->account_count + (any_nameless(crm) ? 1 : 0);
    for (size_t i = 0; i < count; i++) {
        known += import->account_ids[i] != 0;
        size_t depth = i < crm->account_count ? depth_of(crm, i) : 0;
        deepest = depth > deepest ? depth : deepest;
    }
    int code = EXIT_DONE;
    struct pipeline sum = {.known = known};
    for (import->depth = 0; code == EXIT_DONE && import->depth <= deepest; import->depth++) {
        struct pipeline level = {
            .title = "companies", .count = count, .send = send_company, .done = company_made, .data = import};
        code = pipeline_run(import->cli, &level);
        sum.made += level.made;
        sum.known += level.known;
        sum.failed += level.failed;
        if (sum.first_error[0] == '\0') {
            memcpy(sum.first_error, level.first_error, sizeof sum.first_error);
        }
    }
    import->companies = sum;
    return code;
}

/* ---- People ---- */

static void send_member(struct pipeline *pipeline, size_t i)
{
    struct import *import = pipeline->data;
    const struct crm_person *person = &import->crm.people[i];
    Vouch__V1__MemberInvite invite = VOUCH__V1__MEMBER_INVITE__INIT;
    Vouch__V1__Request request = REQUEST(MEMBER_INVITE, member_invite, &invite);
    uint8_t public_key[PROFILE_KEY_BYTES], secret_key[PROFILE_KEY_BYTES];
    if (import->person_ids[i] != 0) {
        return;
    }
    invite.name = (char *)(uintptr_t)person->name;
    invite.role = person->manager ? VOUCH__V1__ROLE__MANAGER : VOUCH__V1__ROLE__REP;
    invite.team = (char *)(uintptr_t)person->team;
    if (import->joins != NULL) {
        profile_key_pair(public_key, secret_key);
        invite.invite_key = (ProtobufCBinaryData){PROFILE_KEY_BYTES, public_key};
        profile_join_text(import->cli->profile.endpoint, import->cli->profile.server_key, secret_key, import->joins[i]);
        explicit_bzero(secret_key, sizeof secret_key);
    }
    pipeline_send(pipeline, &request, i);
}

static void member_made(struct pipeline *pipeline, size_t i, uint64_t id)
{
    struct import *import = pipeline->data;
    import->person_ids[i] = id;
}

/* Join lines of those who were made now. */
static int write_joins(struct import *import, const bool *before, const char *path)
{
    FILE *file = joins_open(import->cli, path);
    if (file == NULL) {
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < import->crm.people_count; i++) {
        if (!before[i] && import->person_ids[i] != 0) {
            joins_write(file, import->crm.people[i].name, import->joins[i]);
        }
    }
    return fclose(file) == 0 ? EXIT_DONE : fail_usage(import->cli, "the join lines could not all be written");
}

static int import_members(struct import *import)
{
    const char *path = args_text(&import->cli->args, "joins");
    size_t count = import->crm.people_count;
    bool *before = arena_alloc(import->crm.arena, count * sizeof *before);
    if (path != NULL) {
        import->joins = arena_alloc(import->crm.arena, count * sizeof *import->joins);
        CHECK(import->joins != NULL);
    }
    struct pipeline *members = &import->members;
    *members = (struct pipeline){
        .title = "members", .count = count, .send = send_member, .done = member_made, .data = import};
    for (size_t i = 0; i < count; i++) {
        before[i] = import->person_ids[i] != 0;
        members->known += before[i];
    }
    int code = pipeline_run(import->cli, members);
    int written = path != NULL && members->made > 0 ? write_joins(import, before, path) : EXIT_DONE;
    return code != EXIT_DONE ? code : written;
}

/* ---- Deals ---- */

static void send_referral(struct pipeline *pipeline, size_t i)
{
    static const Vouch__V1__ReferralState states[] = {
        [CRM_PROSPECTING] = VOUCH__V1__REFERRAL_STATE__ACCEPTED,
        [CRM_ENGAGING] = VOUCH__V1__REFERRAL_STATE__CONTACTED,
        [CRM_WON] = VOUCH__V1__REFERRAL_STATE__WON,
        [CRM_LOST] = VOUCH__V1__REFERRAL_STATE__LOST,
    };
    struct import *import = pipeline->data;
    const struct crm *crm = &import->crm;
    const struct crm_deal *deal = &crm->deals[i];
    const struct crm_person *agent = &crm->people[deal->agent];
    Vouch__V1__ReferralImport message = VOUCH__V1__REFERRAL_IMPORT__INIT;
    Vouch__V1__Referral referral = VOUCH__V1__REFERRAL__INIT;
    Vouch__V1__Money value = VOUCH__V1__MONEY__INIT;
    char origin[256];
    referral.receiver = import->person_ids[deal->agent];
    referral.referrer = agent->boss >= 0 ? import->person_ids[agent->boss] : referral.receiver;
    referral.prospect = import->account_ids[deal->account >= 0 ? (size_t)deal->account : crm->account_count];
    referral.product = (char *)(uintptr_t)deal->product;
    referral.state = states[deal->stage];
    referral.registered_ms = deal->engaged_ms;
    referral.changed_ms = deal->closed_ms != 0 ? deal->closed_ms : deal->engaged_ms;
    if (deal->stage == CRM_WON) {
        value.minor = deal->value_minor;
        value.currency = (char *)(uintptr_t)import->currency;
        referral.value = &value;
    }
    snprintf(origin, sizeof origin, "crm:%.200s", deal->id);
    message.origin = origin;
    message.referral = &referral;
    Vouch__V1__Request request = REQUEST(REFERRAL_IMPORT, referral_import, &message);
    pipeline_send(pipeline, &request, i);
}

/* Deals need their people and accounts, made now or before. */
static int check_ends(struct import *import)
{
    const struct crm *crm = &import->crm;
    for (size_t i = 0; i < crm->deal_count; i++) {
        size_t account = crm->deals[i].account >= 0 ? (size_t)crm->deals[i].account : crm->account_count;
        if (import->account_ids[account] == 0 || import->person_ids[crm->deals[i].agent] == 0) {
            return fail_usage(import->cli,
                              "the pipeline names %s \"%s\", not known to the broker: import teams and "
                              "accounts first",
                              import->account_ids[account] == 0 ? "account" : "agent",
                              import->account_ids[account] != 0 ? crm->people[crm->deals[i].agent].name
                              : crm->deals[i].account >= 0      ? crm->accounts[account].name
                                                                : NAMELESS);
        }
    }
    return EXIT_DONE;
}

static int import_referrals(struct import *import)
{
    import->referrals = (struct pipeline){
        .title = "referrals", .count = import->crm.deal_count, .send = send_referral, .data = import};
    int code = check_ends(import);
    return code == EXIT_DONE ? pipeline_run(import->cli, &import->referrals) : code;
}

/* ---- Report ---- */

static void print_read(const struct import *import)
{
    const struct crm *crm = &import->crm;
    char accounts[COUNT_TEXT_BYTES], people[COUNT_TEXT_BYTES], deals[COUNT_TEXT_BYTES], won[MONEY_TEXT_MAX];
    size_t managers = 0;
    for (size_t i = 0; i < crm->people_count; i++) {
        managers += crm->people[i].manager;
    }
    printf("read: %s accounts, %s agents and %zu managers, %s deals\n", text_count(accounts, crm->account_count),
           text_count(people, crm->people_count - managers), managers, text_count(deals, crm->deal_count));
    printf("      %zu won (%s), %zu lost, %zu engaging, %zu prospecting; %zu rows skipped\n", crm->stages[CRM_WON],
           text_money(won, crm->won_minor, import->currency), crm->stages[CRM_LOST], crm->stages[CRM_ENGAGING],
           crm->stages[CRM_PROSPECTING], crm->skipped);
    for (size_t i = 0; i < crm->note_count; i++) {
        fputs("note: ", stdout);
        text_print(stdout, crm->notes[i].text);
        putchar('\n');
    }
    if (any_nameless(crm)) {
        puts("      deals without a known account go to the company \"" NAMELESS "\"");
    }
}

static void print_part(const char *title, const struct pipeline *part)
{
    char made[COUNT_TEXT_BYTES], known[COUNT_TEXT_BYTES], failed[COUNT_TEXT_BYTES];
    if (part->made + part->known + part->failed == 0) {
        return;
    }
    printf("%-10s %s new, %s known already, %s refused\n", title, text_count(made, part->made),
           text_count(known, part->known), text_count(failed, part->failed));
    if (part->failed > 0) {
        fputs("           the first refusal: ", stdout);
        text_print(stdout, part->first_error);
        putchar('\n');
    }
}

static json_t *part_json(const struct pipeline *part)
{
    return json_pack("{s:I, s:I, s:I, s:s}", "made", (json_int_t)part->made, "known", (json_int_t)part->known,
                     "refused", (json_int_t)part->failed, "first_refusal", part->first_error);
}

static void print_json(const struct import *import)
{
    const struct crm *crm = &import->crm;
    json_t *notes = json_array();
    for (size_t i = 0; i < crm->note_count; i++) {
        json_array_append_new(notes, json_string(crm->notes[i].text));
    }
    json_print(json_pack("{s:{s:I, s:I, s:I, s:I}, s:o, s:o, s:o, s:o}", "read", "accounts",
                         (json_int_t)crm->account_count, "people", (json_int_t)crm->people_count, "deals",
                         (json_int_t)crm->deal_count, "skipped", (json_int_t)crm->skipped, "notes", notes, "companies",
                         part_json(&import->companies), "members", part_json(&import->members), "referrals",
                         part_json(&import->referrals)));
}

static int report(const struct import *import, int code)
{
    if (import->cli->json) {
        print_json(import);
    } else {
        print_part("companies", &import->companies);
        print_part("members", &import->members);
        print_part("referrals", &import->referrals);
    }
    size_t failed = import->companies.failed + import->members.failed + import->referrals.failed;
    return code == EXIT_DONE && failed > 0 ? exit_of(VOUCH_CONFLICT) : code;
}

/* ---- The verb ---- */

/* Which parts --only names; all without it. */
static int read_parts(struct cli *cli, bool *teams, bool *accounts, bool *pipeline)
{
    char *parts[ARGS_LIST];
    int count = args_list(&cli->args, "only", parts);
    *teams = *accounts = *pipeline = !args_flag(&cli->args, "only");
    for (int i = 0; i < count; i++) {
        *teams |= strcmp(parts[i], "teams") == 0;
        *accounts |= strcmp(parts[i], "accounts") == 0;
        *pipeline |= strcmp(parts[i], "pipeline") == 0;
        if (strcmp(parts[i], "teams") != 0 && strcmp(parts[i], "accounts") != 0 && strcmp(parts[i], "pipeline") != 0) {
            return fail_usage(cli, "--only is of teams, accounts, pipeline");
        }
    }
    return count < 0 ? fail_usage(cli, "--only is of teams, accounts, pipeline") : EXIT_DONE;
}

static int import_parts(struct import *import)
{
    bool teams, accounts, pipeline;
    int code = read_parts(import->cli, &teams, &accounts, &pipeline);
    if (code != EXIT_DONE || args_flag(&import->cli->args, "dry-run")) {
        return code;
    }
    import->account_ids = arena_alloc(import->crm.arena, (import->crm.account_count + 1) * sizeof(uint64_t));
    import->person_ids = arena_alloc(import->crm.arena, (import->crm.people_count + 1) * sizeof(uint64_t));
    code = find_companies(import);
    if (code == EXIT_DONE) {
        code = find_members(import);
    }
    if (code == EXIT_DONE && accounts) {
        code = import_companies(import);
    }
    if (code == EXIT_DONE && teams) {
        code = import_members(import);
    }
    return code == EXIT_DONE && pipeline ? import_referrals(import) : code;
}

int import_crm(struct cli *cli)
{
    struct import import = {.cli = cli, .currency = "USD"};
    char why[512] = "";
    if (args_text(&cli->args, "currency") != NULL) {
        import.currency = args_text(&cli->args, "currency");
    }
    if (currency_exponent(import.currency) < 0) {
        return fail_usage(cli, "--currency is an ISO 4217 code in capitals: EUR, USD");
    }
    int code;
    if (!crm_read(cli->args.words[1], import.currency, &import.crm, why)) {
        code = fail_usage(cli, "%s", why);
    } else {
        if (!cli->json) {
            print_read(&import);
            fflush(stdout);
        }
        code = report(&import, import_parts(&import));
    }
    crm_free(&import.crm);
    return code;
}
