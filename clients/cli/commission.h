/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of `vouch commission` that have a file of their own; each reads the rest of the command line and answers
 * the exit code. */
#ifndef VOUCH_CLI_COMMISSION_H
#define VOUCH_CLI_COMMISSION_H

#include "cli.h"

/* estimate: who makes referrals succeed, by a plugin that estimates over history. Options: plugin, currency, pool,
 * from, until, imported. */
int commission_estimate(struct cli *cli);

#endif
