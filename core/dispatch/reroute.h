/* SPDX-License-Identifier: Apache-2.0
 *
 * The next receiver of referrals whose receiver did not act:
 *
 *   TABLE_DUE, rows at DUE_NEVER_MS ─▶ writer starts a search ─▶ matcher's thread, or a reader ─▶ writer decides
 *                    ▲                  (bounded, by slots)       (snapshot, ranking)         (offer, or managers)
 *                    └────────────── the row stays until that is decided ◀──────────────────────────┘
 *
 * So a restart forgets nothing, whatever was under way, and no plugin can hold a referral up. */
#ifndef VOUCH_DISPATCH_REROUTE_H
#define VOUCH_DISPATCH_REROUTE_H

#include "dispatch/request.h"

/* Searches under way at a time: the matcher serves people, too. */
#define REROUTES_AT_ONCE 16

/* Owned by the writer thread, but for the slots, which whoever ends a search frees. */
struct reroutes {
    struct broker *broker;
    bool waiting;                             /* there are rows */
    int64_t next_us;                          /* monotonic: when to look again */
    uint64_t after;                           /* the last referral that was looked for */
    _Atomic uint64_t slots[REROUTES_AT_ONCE]; /* referrals that are looked for; 0: free */
};

void reroutes_init(struct reroutes *reroutes, struct broker *broker);

/* Starts searches for referrals that wait, as far as there are slots. Writer thread. */
void reroutes_start(struct reroutes *reroutes);
/* Microseconds until that should be tried again; negative: nothing waits. */
int64_t reroutes_in_us(const struct reroutes *reroutes);

/* Looks for the receiver of a search with the plugin behind `call` (NULL: without one) and hands it to the writer.
 * Takes the request over. */
void reroute_search(struct request *request, struct plugin_call *call);

#endif
