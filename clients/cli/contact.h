/* SPDX-License-Identifier: Apache-2.0
 *
 * What refer and contact share, and the parts of contact. */
#ifndef VOUCH_CLI_CONTACT_H
#define VOUCH_CLI_CONTACT_H

#include "cli.h"

/* ---- verb_contact.c ---- */

/* "Dana Frey, Head of Infrastructure" in two, in place; `*title` is "" without a comma. */
void contact_split(char *text, char **name, char **title);

/* ---- contact_show.c ---- */

/* All that this member may see of a person. */
int contact_show(struct cli *cli);

/* ---- contact_merge.c ---- */

int contact_merge(struct cli *cli);
int contact_unmerge(struct cli *cli);
/* People who may be one: of the same name and company, or with the same phone number. */
int contact_duplicates(struct cli *cli);
int contact_erase(struct cli *cli);

#endif
