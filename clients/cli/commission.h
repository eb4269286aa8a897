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

/* explain R12: every number of a deal's commission, derived again. */
int commission_explain(struct cli *cli);

/* replay [R12]: proves that all commission comes out as it is recorded, bit for bit. */
int commission_replay(struct cli *cli);

/* shadow: what other terms or another plugin would have paid. Options: terms, plugin, from, until. */
int commission_shadow(struct cli *cli);

/* The exit code when a replay differs from what is recorded. */
#define EXIT_DIFFERS 1

#endif
