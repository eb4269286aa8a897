/* SPDX-License-Identifier: Apache-2.0
 *
 * A referral on paper. */
#ifndef VOUCH_CLI_REFERRAL_H
#define VOUCH_CLI_REFERRAL_H

#include "cli.h"

/* Prints what its registration claims: "first claim on Kestrel Bank until 21 Feb (receipt 4c1f…)". */
void claim_print(const Vouch__V1__ReferralView *view);

/* Prints a referral with its history and commission. */
void referral_print(const struct cli *cli, const Vouch__V1__ReferralView *view);

#endif
