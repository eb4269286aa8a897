/* SPDX-License-Identifier: Apache-2.0
 *
 * Applying: an event into the tables. Deterministic: it depends on nothing but the event, its sequence, the view and
 * the person keys, and it cannot fail (trouble of the view is sticky, see store.h). The same code runs live and in
 * replay, so that a rebuilt state is the same byte for byte. Writer thread only. */
#ifndef VOUCH_APPLY_APPLY_H
#define VOUCH_APPLY_APPLY_H

#include "base/arena.h"
#include "store/store.h"
#include "vouch/v1/event.pb-c.h"

/* Applies one event. `arena` is scratch. Whoever gets a line in their inbox is recorded in TABLE_INBOX; the live push
 * follows from the committed table. */
void apply_event(struct view *view, uint64_t sequence, const Vouch__V1__Event *event, struct arena *arena);

/* Kinds of rows in TABLE_DUE. Numbers are stored and never change. */
enum due_kind {
    DUE_INVITE_EXPIRES = 1,  /* id: member */
    DUE_CONSENT_EXPIRES = 2, /* id: referral */
    DUE_SWEEP_COMMANDS = 3,  /* id: 0 */
    DUE_CLAIM_ENDS = 5,      /* id: referral that holds the claim; where none does, the next one, at time 0 */
    DUE_HOLD_ELAPSES = 4,    /* id: payment */
    DUE_CLOCK_RINGS = 6,     /* id: referral; the next moment of its clock */
    DUE_REROUTE = 7,  /* id: referral whose clock is PASSED, at DUE_NEVER_MS: the next receiver is being looked for */
    DUE_ASK_ENDS = 8, /* id: ask that nobody answered */
    DUE_INTEL_RINGS = 9, /* id: intel; the next moment of its clock */
};

/* Of rows that wait for something else than a moment: the end of the timer queue. A clock that is PASSED has its
 * DUE_REROUTE row there, any other clock a DUE_CLOCK_RINGS row at its next moment; the clock that follows, or none,
 * replaces the row. */
#define DUE_NEVER_MS INT64_MAX

/* The sweep of the command table looks at this many rows at a time; a pass goes on every second until it has seen all,
 * and begins anew every day. */
#define SWEEP_ROWS 10000

/* First answer of a command, as TABLE_COMMAND keeps it (little-endian, fixed size; a refusal's message is read from its
 * event). */
struct outcome {
    int64_t time_ms;
    uint64_t fingerprint;
    uint64_t sequence; /* of the command's last event */
    uint64_t answer_id;
    uint32_t status;
    uint32_t reserved;
};

/* The outcome of an earlier command; false when there is none (or it was swept). */
bool outcome_get(const struct view *view, const uint8_t command_id[16], uint64_t member, struct outcome *outcome);

#endif
