/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of commission explain: commission_explain.c tells of deals and payments, explain_shares.c of how a pool is
 * divided. */
#ifndef VOUCH_CLI_EXPLAIN_H
#define VOUCH_CLI_EXPLAIN_H

#include "books.h"

#define SHARES_MAX 80

/* One page, and what was given before it. */
struct explanation {
    const Vouch__V1__Explanation *view;
    const char *currency;
    int64_t earlier[SHARES_MAX]; /* in the order of the deal's shares */
};

/* Prints how the pool of a payment is divided, with the rounding step, and adds what is new to `earlier`. */
void explain_shares(struct explanation *of, const Vouch__V1__Explanation__Step *step);

#endif
