/* SPDX-License-Identifier: Apache-2.0
 *
 * Clocks as they are stored: which moment of one comes next, and the one row of the timer queue that each state of a
 * referral has, and the one by which managers find what waits for them. Any view. */
#ifndef VOUCH_APPLY_CLOCKS_H
#define VOUCH_APPLY_CLOCKS_H

#include "apply/apply.h"
#include "apply/record.h"

/* The next moment of a clock; DUE_NEVER_MS of one that PASSED. */
int64_t clock_next_ms(const Vouch__V1__Clock *clock);
/* The row of TABLE_DUE for the present state of a referral; false: it has none. */
bool clock_row(const Vouch__V1__Referral *referral, struct key *row);
/* It waits for managers (or, where a team has none, for admins): held for review, or nobody could be found for it. */
bool clock_is_managers(const Vouch__V1__Referral *referral);
/* The row of TABLE_REFERRAL_MEMBER by which managers find it: under nobody. False: it does not wait for them. */
bool queue_row(const Vouch__V1__Referral *referral, struct key *row);

#endif
