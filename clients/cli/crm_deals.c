/* SPDX-License-Identifier: Apache-2.0
 *
 * The pipeline of a CRM: deals, row by row. */
#include "crm_parts.h"

#include "domain/money.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *read_product(struct reading *reading, const char *name, struct corrections *products)
{
    const struct csv_rows *csv = &reading->products;
    int column = rows_column(csv, "product");
    const char *near = NULL;
    for (size_t i = 1; i < csv->count; i++) {
        const char *known = rows_field(&csv->rows[i], column);
        if (strcmp(known, name) == 0) {
            return known;
        }
        if (crm_same_squashed(known, name)) {
            near = known;
        }
    }
    if (name[0] != '\0') {
        corrections_count(products, name, near);
    }
    return near != NULL ? near : name;
}

static int parse_stage(const char *text)
{
    static const char *const names[] = {"Prospecting", "Engaging", "Won", "Lost"};
    for (int i = 0; i < CRM_STAGES; i++) {
        if (strcasecmp(names[i], text) == 0) {
            return i;
        }
    }
    return -1;
}

static bool parse_value(const struct reading *reading, const char *text, int64_t *minor)
{
    char amount[64], currency[CURRENCY_BYTES];
    *minor = 0;
    if (text[0] == '\0') {
        return true;
    }
    snprintf(amount, sizeof amount, "%.50s %s", text, reading->currency);
    return money_parse(amount, minor, currency, NULL) == VOUCH_OK && *minor >= 0;
}

/* A date that may be missing; false when it is there and none. */
static bool parse_date(const char *text, int64_t *time_ms)
{
    *time_ms = text[0] == '\0' ? 0 : crm_date(text);
    return *time_ms >= 0;
}

/* Fills `deal`; NULL, or what is wrong with the row. */
static const char *read_deal(struct reading *reading, const struct csv_row *row, struct crm_deal *deal,
                             struct corrections *products)
{
    const struct csv_rows *csv = &reading->deals;
    int stage = parse_stage(rows_field(row, rows_column(csv, "deal_stage")));
    deal->id = rows_field(row, rows_column(csv, "opportunity_id"));
    deal->agent = index_find(&reading->person_index, rows_field(row, rows_column(csv, "sales_agent")));
    deal->account = index_find(&reading->account_index, rows_field(row, rows_column(csv, "account")));
    if (deal->id[0] == '\0') {
        return "no opportunity_id";
    }
    if (deal->agent < 0) {
        return "its agent is in no team";
    }
    if (stage < 0) {
        return "its stage is none of Prospecting, Engaging, Won, Lost";
    }
    deal->stage = (enum crm_stage)stage;
    if (!parse_date(rows_field(row, rows_column(csv, "engage_date")), &deal->engaged_ms) ||
        !parse_date(rows_field(row, rows_column(csv, "close_date")), &deal->closed_ms)) {
        return "a date is none";
    }
    if (deal->closed_ms != 0 && deal->closed_ms < deal->engaged_ms) {
        return "it closed before it began";
    }
    if (!parse_value(reading, rows_field(row, rows_column(csv, "close_value")), &deal->value_minor)) {
        return "its close_value is no amount";
    }
    if (!index_add(&reading->deal_index, deal->id, 0)) {
        return "its opportunity_id was there before";
    }
    deal->product = read_product(reading, rows_field(row, rows_column(csv, "product")), products);
    return NULL;
}

static void count_deal(struct crm *crm, const struct crm_deal *deal)
{
    crm->stages[deal->stage]++;
    crm->people[deal->agent].deals++;
    if (deal->stage == CRM_WON) {
        crm->won_minor += deal->value_minor;
        if (deal->account >= 0) {
            crm->accounts[deal->account].won = true;
        }
    }
}

static void tell_deals(struct reading *reading, const size_t nameless[CRM_STAGES])
{
    struct crm *crm = reading->crm;
    size_t blank = nameless[0] + nameless[1] + nameless[2] + nameless[3];
    if (blank > 0) {
        note(reading, "%zu deals name no account (%zu prospecting, %zu engaging, %zu won, %zu lost)", blank,
             nameless[CRM_PROSPECTING], nameless[CRM_ENGAGING], nameless[CRM_WON], nameless[CRM_LOST]);
    }
    char names[700] = "";
    size_t idle = 0, at = 0;
    for (size_t i = 0; i < crm->people_count; i++) {
        if (!crm->people[i].manager && crm->people[i].deals == 0) {
            int wrote = snprintf(names + at, sizeof names - at, "%s%s", idle++ > 0 ? ", " : "", crm->people[i].name);
            at = at + (size_t)wrote < sizeof names ? at + (size_t)wrote : sizeof names - 1;
        }
    }
    if (idle > 0) {
        note(reading, "%zu agents have no deals: %s", idle, names);
    }
}

void deals_read(struct reading *reading)
{
    struct crm *crm = reading->crm;
    size_t nameless[CRM_STAGES] = {0};
    struct corrections products = {.count = 0}, accounts = {.count = 0};
    crm->deals = arena_alloc(crm->arena, reading->deals.count * sizeof *crm->deals);
    index_make(&reading->deal_index, reading->deals.count);
    for (size_t i = 1; i < reading->deals.count; i++) {
        const struct csv_row *row = &reading->deals.rows[i];
        struct crm_deal *deal = &crm->deals[crm->deal_count];
        const char *wrong = read_deal(reading, row, deal, &products);
        if (wrong != NULL) {
            note(reading, "sales_pipeline.csv, row %zu: %s; skipped", row->line, wrong);
            crm->skipped++;
            continue;
        }
        const char *account = rows_field(row, rows_column(&reading->deals, "account"));
        if (account[0] == '\0') {
            nameless[deal->stage]++;
        } else if (deal->account < 0) {
            corrections_count(&accounts, account, NULL);
        }
        count_deal(crm, deal);
        crm->deal_count++;
    }
    corrections_tell(reading, &products, "product", "deals");
    for (size_t i = 0; i < accounts.count; i++) {
        note(reading, "account \"%s\" is not in accounts.csv (%zu deals)", accounts.items[i].wrong,
             accounts.items[i].count);
    }
    tell_deals(reading, nameless);
}
