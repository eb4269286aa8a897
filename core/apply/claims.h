/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of claims: for each prospect and product line who holds the claim, who waits for it in which order, and who
 * goes on without. One row a registered referral, as long as it matters. Any view. */
#ifndef VOUCH_APPLY_CLAIMS_H
#define VOUCH_APPLY_CLAIMS_H

#include "apply/record.h"

/* In the order of the rows under a key. Numbers are stored and never change. */
enum claim_rank {
    CLAIM_NO_ROW = 0,
    CLAIM_HOLDS = 1,
    CLAIM_WAITS = 2,
    CLAIM_LEAD_WAITS = 3, /* whoever vouches comes first */
    CLAIM_GOES_ON = 4,    /* its claim ended */
};

struct claim_row {
    enum claim_rank rank;
    uint64_t sequence;
    uint64_t referral;
    int64_t until_ms; /* of CLAIM_HOLDS */
};

/* Where the row of a referral stands. */
enum claim_rank claim_rank_of(const Vouch__V1__Referral *referral);
struct key key_claim(uint64_t company, uint64_t product, enum claim_rank rank, uint64_t sequence, uint64_t referral);
/* The referral's row; it must have one. */
struct key key_claim_of(const Vouch__V1__Referral *referral);

/* The first row of a claim with this rank or a later one up to `last`, after `after` (NULL: from the first on). */
bool claim_find(const struct view *view, uint64_t company, uint64_t product, enum claim_rank first,
                enum claim_rank last, const struct claim_row *after, struct claim_row *row);

#endif
