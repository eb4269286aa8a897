/* SPDX-License-Identifier: Apache-2.0
 *
 * The invariants of a store, verified over one snapshot: what `vouchd check` runs. */
#ifndef VOUCH_QUERY_CHECK_H
#define VOUCH_QUERY_CHECK_H

#include "base/status.h"
#include "store/store.h"

/* Ties symmetrical; every index equal to what its records say, both ways; inboxes and journal without gaps; every
 * step's event there; the ledger zero per currency and equal to its balances; totals equal to a recount. Each finding
 * is reported with `argument` as one sentence without a full stop. OK also with findings; another status when the
 * snapshot could not be read to its end. */
enum vouch_status invariants_check(const struct view *view, void (*report)(void *argument, const char *finding),
                                   void *argument) MUST_USE;

#endif
