/* SPDX-License-Identifier: Apache-2.0
 *
 * The walk that referrals make from party to party until they are won or lost, as whole numbers, and what is solved
 * about it. */
#ifndef VOUCH_PLUGINS_MARKOV_H
#define VOUCH_PLUGINS_MARKOV_H

#include "../shared/estimate.h"

#define PARTIES_MAX 512

struct walk {
    uint32_t count;
    uint64_t *moves;  /* [i * count + j]: referrals that went from party i on to j */
    uint64_t *visits; /* [i]: referrals that came to i; never 0 */
    uint64_t *starts; /* [i]: referrals that began with i */
    uint64_t *wins;   /* [i]: referrals that were won at i */
    uint64_t *matrix; /* room for count * count numbers */
};

/* With M = diag(visits) - moves and A = det(M) M^-1, the adjugate, whose entries are whole and never below 0:
 * before[i] = sum over j of starts[j] A[j,i]; after[i] = sum over j of A[i,j] wins[j]; self[i] = A[i,i].
 * All are initialised by the caller. */
void walk_solve(const struct walk *walk, mpz_t *before, mpz_t *after, mpz_t *self);

#endif
