/* SPDX-License-Identifier: Apache-2.0
 *
 * What refer and match share: the ranking on paper, and the tags of a need. */
#ifndef VOUCH_CLI_MATCH_H
#define VOUCH_CLI_MATCH_H

#include "cli.h"

void match_print(const Vouch__V1__Ranking *ranking);

/* Points a repeated field at the tags of --issues, kept in `room`. EXIT_DONE, or told. */
int match_read_issues(struct cli *cli, size_t *count, char ***issues, char *room[ARGS_LIST]);

#endif
