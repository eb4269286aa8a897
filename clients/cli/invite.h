/* SPDX-License-Identifier: Apache-2.0
 *
 * Invitations and the file of join lines, for the verbs invite and import. */
#ifndef VOUCH_CLI_INVITE_H
#define VOUCH_CLI_INVITE_H

#include "cli.h"
#include "csv_rows.h"

/* Makes the throw-away pair, invites, and writes the join line. EXIT_DONE, or told. */
int invite_send(struct cli *cli, Vouch__V1__MemberInvite *invitation, char line[PROFILE_JOIN_MAX], uint64_t *id);

/* Opens a CSV file for join lines, mode 0600, to append to; columns name and join. NULL, and told, when it cannot be
 * written. */
FILE *joins_open(const struct cli *cli, const char *path);

void joins_write(FILE *file, const char *name, const char *line);

#endif
