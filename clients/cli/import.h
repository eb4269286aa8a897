/* SPDX-License-Identifier: Apache-2.0
 *
 * What can be imported: people from address books, and the files of a CRM. */
#ifndef VOUCH_CLI_IMPORT_H
#define VOUCH_CLI_IMPORT_H

#include "cli.h"
#include "import_book.h"
#include "pipeline.h"

/* ---- import_crm.c ---- */

int import_crm(struct cli *cli);

/* ---- import_contacts.c ---- */

int import_contacts(struct cli *cli);

/* ---- import_report.c ---- */

/* One import, for its report. */
struct import_run {
    struct import_book *book;
    const char *path; /* of the file */
    bool dry;
    size_t made, known, refused; /* `known`: and as it was; */
    size_t changed;              /* known, and something was filled in */
    size_t unsent;               /* it was broken off */
    unsigned number;             /* of the kept report; 0: none is kept */
};

/* "LinkedIn export (preamble of 4 lines, UTF-8): 412 people" */
void import_print_head(const struct import_run *run);
/* What became of them. */
void import_print_result(const struct import_run *run);
/* Keeps a report, and numbers it. Where that cannot be done it says so, and the import stands. */
void import_keep(const struct cli *cli, struct import_run *run);
/* The same for programs. */
json_t *import_json(const struct import_run *run);

/* ---- import_show.c ---- */

/* The folder of the profile's kept reports; false when there is no home. */
bool import_folder(const struct cli *cli, char path[PROFILE_PATH_MAX]);
/* The number of the last report; 0: none. */
unsigned import_last(const char *folder);
/* Shows a report that was kept; NULL: the last. */
int import_show(struct cli *cli, const char *number);

#endif
