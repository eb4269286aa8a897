/* SPDX-License-Identifier: Apache-2.0
 *
 * Claims to prospects: the key of a product line, the receipt that proves who was first, and when a prospect's person
 * looks like the one who refers them. Pure; docs/referrals.md, section "Claims". */
#ifndef VOUCH_DOMAIN_CLAIM_H
#define VOUCH_DOMAIN_CLAIM_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

#define CLAIM_RECEIPT_BYTES 17 /* 16 hex digits and the end */

/* The key of a product line: equal for two spellings of the same name; 0 for none. False past the arena's budget. */
bool claim_product_key(struct arena *arena, const char *product, uint64_t *key);

/* The receipt of a registration: 8 bytes of BLAKE2b over store, sequence, referral, company and product, in hex. */
void claim_receipt(const uint8_t store_id[16], uint64_t sequence, uint64_t referral, uint64_t company,
                   uint64_t product_key, char receipt[CLAIM_RECEIPT_BYTES]);

/* True when two names are those of one person, by what a spelling can tell. */
bool claim_is_same_name(struct arena *arena, const char *one, const char *other);
/* True when an address is of this domain or one below it. */
bool claim_is_of_domain(const char *email, const char *domain);

#endif
