/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside the reading of CRM files: crm_read.c reads accounts and people, crm_deals.c the pipeline, crm_notes.c keeps
 * what is said about them. */
#ifndef VOUCH_CLI_CRM_PARTS_H
#define VOUCH_CLI_CRM_PARTS_H

#include "crm_read.h"

#include <search.h>

/* The files, while they are read. */
struct reading {
    struct crm *crm;
    struct csv_rows accounts, teams, products, deals;
    struct hsearch_data account_index, person_index, deal_index;
    const char *currency;
    size_t notes_dropped;
};

/* ---- crm_notes.c ---- */

#define NOTES_MOST 60 /* then they are counted only */
void note(struct reading *reading, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Words that are corrected, and how often. */
struct correction {
    const char *wrong, *right; /* `right` NULL: not understood, kept as it is */
    size_t count;
};

#define CORRECTIONS_MOST 32
struct corrections {
    struct correction items[CORRECTIONS_MOST];
    size_t count;
};

void corrections_count(struct corrections *corrections, const char *wrong, const char *right);
/* Notes them: "country \"Philipines\" is read as \"Philippines\" (1 accounts)". */
void corrections_tell(struct reading *reading, const struct corrections *corrections, const char *what, const char *of);

/* Looking up by name: numbers from 0. */
void index_make(struct hsearch_data *index, size_t count);
/* False when the name is there already. */
bool index_add(struct hsearch_data *index, const char *name, size_t number);
/* -1 when it is not there. */
long index_find(struct hsearch_data *index, const char *name);

/* ---- crm_deals.c ---- */

/* Reads the pipeline; accounts and people have been read. */
void deals_read(struct reading *reading);

#endif
