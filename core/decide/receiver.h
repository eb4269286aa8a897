/* SPDX-License-Identifier: Apache-2.0
 *
 * What is known about a member who might receive a referral: what is on their desk, and how they kept to what they
 * took. For ranking, for deciding that an offer still fits, and for those who manage them. Any view. */
#ifndef VOUCH_DECIDE_RECEIVER_H
#define VOUCH_DECIDE_RECEIVER_H

#include "apply/record.h"
#include "domain/reliability.h"

/* Referrals on a member's desk: offered or being worked on. Counted up to `most`. */
uint64_t receiver_open(const struct view *view, uint64_t member, uint64_t most);
/* How many of them the member takes: their card's capacity, or the default. */
uint32_t receiver_capacity(const Vouch__V1__Member *member);

/* What was kept and missed from one day (yyyymmdd) to another. */
struct obligation receiver_obligations(const struct view *view, uint64_t member, uint32_t from_day, uint32_t until_day);
/* The same as reliability, as seen on `today`. One range scan. */
struct reliability receiver_reliability(const struct view *view, uint64_t member, uint32_t today);

#endif
