/* SPDX-License-Identifier: Apache-2.0
 *
 * The files of an export of people: what import takes back. */
#ifndef VOUCH_CLI_EXPORT_H
#define VOUCH_CLI_EXPORT_H

#include "cli.h"

/* ---- export_files.c ---- */

/* The first line of the table. */
void export_csv_head(FILE *out);
/* A person as a row: further addresses and numbers behind " ::: ", as Google writes them. */
void export_csv_person(FILE *out, const Vouch__V1__ContactView *view);
/* A person as a vCard 4.0 (RFC 6350). */
void export_vcard_person(FILE *out, const Vouch__V1__ContactView *view);

#endif
