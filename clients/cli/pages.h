/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists that come in pages, fetched to their end. */
#ifndef VOUCH_CLI_PAGES_H
#define VOUCH_CLI_PAGES_H

#include "cli.h"

enum page_kind { PAGE_MEMBERS, PAGE_COMPANIES, PAGE_CONTACTS, PAGE_TIES };

struct pages {
    ProtobufCMessage **rows; /* Vouch__V1__Member, …Company, …Contact or …Tie; live as long as the pages */
    size_t count;
    Vouch__V1__Reply **replies;
    size_t reply_count;
};

/* Fetches all of it. EXIT_DONE, or told. Free it in both cases. */
int pages_load(struct cli *cli, enum page_kind kind, struct pages *pages);
void pages_free(struct pages *pages);

/* Prints {"<name>": [rows]}. */
int pages_json(const struct pages *pages, const char *name);

#endif
