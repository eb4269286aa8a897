/* SPDX-License-Identifier: Apache-2.0
 *
 * From four CSV files to accounts, people and deals, with notes on what was odd. */
#include "crm_parts.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CRM_BYTES ((size_t)2 << 30)

/* ---- Accounts ---- */

static void read_account(struct reading *reading, const struct csv_row *row, struct crm_account *account,
                         struct corrections *sectors, struct corrections *countries)
{
    const struct csv_rows *csv = &reading->accounts;
    const char *sector = rows_field(row, rows_column(csv, "sector"));
    const char *country = rows_field(row, rows_column(csv, "office_location"));
    const char *corrected = NULL;
    account->sector = crm_sector(sector);
    if (account->sector != sector) {
        corrections_count(sectors, sector, account->sector);
    }
    account->country = country[0] == '\0' ? "" : crm_country(country, &corrected);
    if (account->country == NULL) {
        corrections_count(countries, country, NULL);
        account->country = country;
    } else if (corrected != NULL) {
        corrections_count(countries, country, corrected);
    }
    account->size_band = crm_size_band(rows_field(row, rows_column(csv, "employees")));
}

static void read_parents(struct reading *reading)
{
    struct crm *crm = reading->crm;
    int name_column = rows_column(&reading->accounts, "account");
    int parent_column = rows_column(&reading->accounts, "subsidiary_of");
    size_t parents = 0;
    for (size_t i = 1; i < reading->accounts.count; i++) {
        const struct csv_row *row = &reading->accounts.rows[i];
        const char *parent = rows_field(row, parent_column);
        long at = index_find(&reading->account_index, rows_field(row, name_column));
        if (parent[0] == '\0' || at < 0) {
            continue;
        }
        long found = index_find(&reading->account_index, parent);
        if (found < 0 || found == at) {
            note(reading, "\"%s\" is part of \"%s\", which is no other account: left out", crm->accounts[at].name,
                 parent);
        } else {
            crm->accounts[at].parent = found;
            parents++;
        }
    }
    if (parents > 0) {
        note(reading, "%zu accounts are part of another; the tie is kept", parents);
    }
}

/* Two that are part of each other would never be made: the circle is cut. */
static void cut_circles(struct reading *reading)
{
    struct crm *crm = reading->crm;
    for (size_t i = 0; i < crm->account_count; i++) {
        long at = crm->accounts[i].parent;
        for (size_t steps = 0; at >= 0 && steps <= crm->account_count; steps++) {
            if ((size_t)at == i) {
                note(reading, "\"%s\" would be part of itself: left out", crm->accounts[i].name);
                crm->accounts[i].parent = -1;
                break;
            }
            at = crm->accounts[at].parent;
        }
    }
}

static void read_accounts(struct reading *reading)
{
    struct crm *crm = reading->crm;
    struct corrections sectors = {.count = 0}, countries = {.count = 0};
    int name_column = rows_column(&reading->accounts, "account");
    crm->accounts = arena_alloc(crm->arena, reading->accounts.count * sizeof *crm->accounts);
    index_make(&reading->account_index, reading->accounts.count);
    for (size_t i = 1; i < reading->accounts.count; i++) {
        const struct csv_row *row = &reading->accounts.rows[i];
        const char *name = rows_field(row, name_column);
        if (name[0] == '\0' || !index_add(&reading->account_index, name, crm->account_count)) {
            note(reading, "accounts.csv, row %zu: %s; skipped", row->line,
                 name[0] == '\0' ? "no name" : "the second one of this name");
            continue;
        }
        struct crm_account *account = &crm->accounts[crm->account_count++];
        account->name = name;
        account->parent = -1;
        read_account(reading, row, account, &sectors, &countries);
    }
    corrections_tell(reading, &sectors, "sector", "accounts");
    corrections_tell(reading, &countries, "country", "accounts");
    read_parents(reading);
    cut_circles(reading);
}

/* ---- People ---- */

static struct crm_person *add_person(struct reading *reading, const char *name, const char *team)
{
    struct crm *crm = reading->crm;
    if (name[0] == '\0' || !index_add(&reading->person_index, name, crm->people_count)) {
        return NULL;
    }
    struct crm_person *person = &crm->people[crm->people_count++];
    *person = (struct crm_person){.name = name, .team = team, .boss = -1};
    return person;
}

static void read_managers(struct reading *reading)
{
    const struct csv_rows *csv = &reading->teams;
    int manager_column = rows_column(csv, "manager"), office_column = rows_column(csv, "regional_office");
    for (size_t i = 1; i < csv->count; i++) {
        const char *name = rows_field(&csv->rows[i], manager_column);
        const char *office = rows_field(&csv->rows[i], office_column);
        long known = index_find(&reading->person_index, name);
        if (known >= 0 && strcmp(reading->crm->people[known].team, office) != 0) {
            note(reading, "%s manages in %s and in %s; the first counts", name, reading->crm->people[known].team,
                 office);
        }
        struct crm_person *manager = known < 0 ? add_person(reading, name, office) : NULL;
        if (manager != NULL) {
            manager->manager = true;
        }
    }
}

static void read_people(struct reading *reading)
{
    struct crm *crm = reading->crm;
    const struct csv_rows *csv = &reading->teams;
    crm->people = arena_alloc(crm->arena, 2 * csv->count * sizeof *crm->people);
    index_make(&reading->person_index, 2 * csv->count);
    read_managers(reading);
    for (size_t i = 1; i < csv->count; i++) {
        const struct csv_row *row = &csv->rows[i];
        const char *name = rows_field(row, rows_column(csv, "sales_agent"));
        long boss = index_find(&reading->person_index, rows_field(row, rows_column(csv, "manager")));
        struct crm_person *agent = add_person(reading, name, rows_field(row, rows_column(csv, "regional_office")));
        if (agent == NULL) {
            note(reading, "sales_teams.csv, row %zu: %s; skipped", row->line,
                 name[0] == '\0' ? "no name" : "the second one of this name");
        } else {
            agent->boss = boss;
        }
    }
}

/* ---- All of it ---- */

static bool read_file(const char *folder, const char *file, const char *const *columns, struct csv_rows *csv,
                      char why[512])
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, file);
    if (!rows_read(path, csv, why)) {
        return false;
    }
    for (; *columns != NULL; columns++) {
        if (rows_column(csv, *columns) < 0) {
            snprintf(why, 512, "%s has no column \"%s\"", file, *columns);
            return false;
        }
    }
    return true;
}

/* The arena takes the texts over, so that they live as long as what points at them. */
static void keep_texts(struct arena *arena, struct csv_rows *csv)
{
    for (size_t i = 0; i < csv->count; i++) {
        for (size_t f = 0; f < csv->rows[i].count; f++) {
            char *kept = arena_strdup(arena, csv->rows[i].fields[f]);
            CHECK(kept != NULL);
            free(csv->rows[i].fields[f]);
            csv->rows[i].fields[f] = kept;
        }
    }
}

static void free_rows(struct csv_rows *csv)
{
    for (size_t i = 0; i < csv->count; i++) {
        free(csv->rows[i].fields);
    }
    free(csv->rows);
}

static void understand(struct reading *reading)
{
    struct csv_rows *const files[] = {&reading->accounts, &reading->teams, &reading->products, &reading->deals};
    for (size_t i = 0; i < 4; i++) {
        keep_texts(reading->crm->arena, files[i]);
    }
    read_accounts(reading);
    read_people(reading);
    deals_read(reading);
    if (reading->notes_dropped > 0) {
        reading->crm->notes[NOTES_MOST].text = arena_printf(reading->crm->arena, "and %zu more like these",
                                                            reading->notes_dropped);
        reading->crm->note_count++;
    }
    hdestroy_r(&reading->account_index);
    hdestroy_r(&reading->person_index);
    hdestroy_r(&reading->deal_index);
    for (size_t i = 0; i < 4; i++) {
        free_rows(files[i]);
    }
}

bool crm_read(const char *folder, const char *currency, struct crm *crm, char why[512])
{
    static const char *const account_columns[] = {"account",         "sector",        "employees",
                                                  "office_location", "subsidiary_of", NULL};
    static const char *const team_columns[] = {"sales_agent", "manager", "regional_office", NULL};
    static const char *const product_columns[] = {"product", NULL};
    static const char *const deal_columns[] = {"opportunity_id", "sales_agent", "product",     "account", "deal_stage",
                                               "engage_date",    "close_date",  "close_value", NULL};
    *crm = (struct crm){.arena = arena_new(CRM_BYTES)};
    crm->notes = arena_alloc(crm->arena, (NOTES_MOST + 1) * sizeof *crm->notes);
    struct reading reading = {.crm = crm, .currency = currency};
    bool read = read_file(folder, "accounts.csv", account_columns, &reading.accounts, why) &&
                read_file(folder, "sales_teams.csv", team_columns, &reading.teams, why) &&
                read_file(folder, "products.csv", product_columns, &reading.products, why) &&
                read_file(folder, "sales_pipeline.csv", deal_columns, &reading.deals, why);
    if (read) {
        understand(&reading);
        return true;
    }
    rows_free(&reading.accounts);
    rows_free(&reading.teams);
    rows_free(&reading.products);
    rows_free(&reading.deals);
    return false;
}

void crm_free(struct crm *crm)
{
    arena_free(&crm->arena);
}
