/* SPDX-License-Identifier: Apache-2.0
 *
 * The touches of a referral: who did what to make it possible, in the order in which the broker saw it. They are what
 * an attribution plugin is given, and their digest is what a decision compares to know that nothing changed since.
 * Pure: everything comes from the stored record. docs/referrals.md, section "Touches". */
#ifndef VOUCH_DOMAIN_ATTRIBUTION_H
#define VOUCH_DOMAIN_ATTRIBUTION_H

#include "base/limits.h"
#include "vouch/v1/types.pb-c.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The same numbers as in the plugin ABI and in message Touch. */
enum touch_kind { TOUCH_INTRODUCTION = 1, TOUCH_VOUCH = 2, TOUCH_INTEL = 3, TOUCH_MEETING = 4, TOUCH_HANDOVER = 5 };

struct touch {
    uint64_t party;
    uint64_t sequence;
    int64_t time_ms;
    enum touch_kind kind;
};

#define TOUCHES_MAX LIMIT_REFERRAL_TOUCHES
/* Those that follow from steps: the referrer's and the connector's. So many fewer can be credited. */
#define TOUCHES_OF_STEPS 2
#define TOUCHES_DIGEST_BYTES 32

/* Referrer, when it was submitted: a vouch, or (a lead) an introduction. Connector, when they introduced: an
 * introduction. And whatever was credited. In order of their sequence; returns how many. */
size_t touches_of(const Vouch__V1__Referral *referral, struct touch touches[TOUCHES_MAX]);

/* True for a receiver who did not act on it: nothing that they did for it counts. */
bool touches_is_ghost(const Vouch__V1__Referral *referral, uint64_t party);

/* Those that count, in the same order: of the last `window_days` before the close (longer by the time for which it was
 * with receivers who did not act), and not theirs. `out` has room for `count`. Returns how many. */
size_t touches_eligible(const Vouch__V1__Referral *referral, const struct touch *all, size_t count, int64_t window_days,
                        int64_t close_ms, struct touch *out);

/* BLAKE2b-256 of the referral's id and its touches, each number as 8 bytes little-endian. */
void touches_digest(uint64_t referral, const struct touch *touches, size_t count, uint8_t digest[TOUCHES_DIGEST_BYTES]);

#endif
