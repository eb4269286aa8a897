/* SPDX-License-Identifier: Apache-2.0
 *
 * The files of a CRM, read and understood: accounts.csv, sales_teams.csv, products.csv and sales_pipeline.csv. What is
 * misspelt, missing or contradictory is corrected where that is certain, kept where it is not, and said in both cases.
 * Pure: no broker. */
#ifndef VOUCH_CLI_CRM_READ_H
#define VOUCH_CLI_CRM_READ_H

#include "base/arena.h"
#include "csv_rows.h"

#include <stdint.h>

enum crm_stage { CRM_PROSPECTING, CRM_ENGAGING, CRM_WON, CRM_LOST, CRM_STAGES };

struct crm_account {
    const char *name;
    const char *sector;  /* spelt right where that is certain */
    const char *country; /* ISO 3166 alpha-2, or the name as it stands */
    long parent;         /* index of an account; -1: none */
    uint32_t size_band;  /* 1 to 8; 0: unknown */
    bool won;            /* something has been won there */
};

struct crm_person {
    const char *name;
    const char *team; /* the regional office */
    bool manager;     /* of others; agents are not */
    long boss;        /* index of the manager; -1 for managers */
    size_t deals;
};

struct crm_deal {
    const char *id;
    const char *product;
    long agent;   /* index of a person */
    long account; /* index of an account; -1: none is named */
    enum crm_stage stage;
    int64_t engaged_ms; /* noon UTC of the day; 0: not known */
    int64_t closed_ms;
    int64_t value_minor; /* of what was won */
};

/* Something that a person should know about the files. */
struct crm_note {
    const char *text;
};

struct crm {
    struct arena *arena; /* owns all of it */
    struct crm_account *accounts;
    size_t account_count;
    struct crm_person *people; /* managers first */
    size_t people_count;
    struct crm_deal *deals;
    size_t deal_count;
    struct crm_note *notes;
    size_t note_count;
    size_t skipped; /* rows of the pipeline that make no sense */
    size_t stages[CRM_STAGES];
    int64_t won_minor;
};

/* Reads the files in `folder`; values are in `currency`. False with a sentence in `why` when one cannot be read or
 * lacks a column. Free it in both cases. */
bool crm_read(const char *folder, const char *currency, struct crm *crm, char why[512]);
void crm_free(struct crm *crm);

/* ---- crm_words.c: spelling ---- */

/* The ISO code of a country's name; sets `*corrected` to the right name when `name` was one letter off. NULL: not
 * known. */
const char *crm_country(const char *name, const char **corrected);

/* The sector as it is spelt in English when `name` is one letter off it; else `name`. */
const char *crm_sector(const char *name);

/* Whether one insertion, deletion, replacement or swap of neighbours makes one of the other (case ignored). */
bool crm_one_letter_off(const char *a, const char *b);

/* Whether both are the same but for spaces, hyphens and case. */
bool crm_same_squashed(const char *a, const char *b);

/* Noon UTC of "2017-03-01"; -1 when it is no date. */
int64_t crm_date(const char *text);

/* Size band of a head count: 1 up to 10 … 8 above 10,000; 0 for what is no number. */
uint32_t crm_size_band(const char *employees);

#endif
