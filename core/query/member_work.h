/* SPDX-License-Identifier: Apache-2.0
 *
 * A member's work in numbers: what is due and overdue on their desk, their asks, what they booked. Any view. */
#ifndef VOUCH_QUERY_MEMBER_WORK_H
#define VOUCH_QUERY_MEMBER_WORK_H

#include "apply/record.h"

/* What a clock that ran out asks of a member. */
enum desk_kind { DESK_ANSWER, DESK_CONTACT, DESK_UPDATE, DESK_RECEIVER, DESK_KINDS };

struct member_desk {
    uint32_t open;      /* offered to the member or being worked on by them */
    uint32_t due_today; /* clocks of the member that run out before `day_end_ms` and have not yet */
    uint32_t overdue[DESK_KINDS];
};

/* Everything that the member has to act on. */
void member_desk_read(const struct view *view, uint64_t member, int64_t now_ms, int64_t day_end_ms,
                      struct member_desk *desk);

/* How many contacts the member asked since then, and when they last asked one; 0: never, or longer ago than can be
 * seen at a glance. */
void member_asks_read(const struct view *view, uint64_t member, int64_t since_ms, uint32_t *asks, int64_t *last_ask_ms);

/* NULL when there is none. */
Vouch__V1__Quota *record_quota(const struct view *view, uint64_t member, uint32_t year, struct arena *arena);
/* Net bookings of a year: what was won on referrals that the member received, in this currency, less what fell through.
 * Years are those of the zone. */
int64_t member_booked_read(const struct view *view, uint64_t member, const char *currency, uint32_t year,
                           const char *zone);

#endif
