/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the units of a line are (it is told by its payment, its dispute and its statement), and what taking them back
 * takes: the one way for refunds, cancellations, corrections, and disputes that end against the payee. */
#ifndef VOUCH_DECIDE_TAKE_BACK_H
#define VOUCH_DECIDE_TAKE_BACK_H

#include "apply/books.h"
#include "decide/decide.h"

/* A line, and what could be taken from where. On a statement the units of its lines are not told apart: what of them
 * was not sent is taken first, whosever line it came from, but for what disputes about other lines hold. */
struct line_place {
    struct ledger_line line;
    uint64_t statement; /* 0: on none */
    uint64_t payout;    /* that the statement was last sent in */
    int64_t held_minor; /* by the dispute about this line */
};

/* NULL past the arena's budget, else `place`. */
const struct line_place *line_find(const struct view *view, const Vouch__V1__Deal *deal,
                                   const Vouch__V1__Payment *payment, const Vouch__V1__PaymentPart *part,
                                   struct arena *arena, struct line_place *place);

/* What one command takes back, line by line. */
struct taking_back {
    struct decision *decision;
    const Vouch__V1__Deal *deal;
    size_t count;
    size_t room;
    Vouch__V1__CommissionTaking **takings;
    size_t used_count;
    size_t used_room;
    struct used_statement *used; /* statements that earlier lines took from */
};

struct taking_back taking_back_start(struct decision *decision, const Vouch__V1__Deal *deal);

/* Takes `minor`, above zero and no more than is left, from a line. CONFLICT names the batch when the bank has the
 * money. Lines of a payment follow each other. */
enum vouch_status taking_back_add(struct taking_back *taking, const Vouch__V1__Payment *payment,
                                  const Vouch__V1__PaymentPart *part, int64_t minor) MUST_USE;

/* Emits what was taken as events like `taken`, of which the last says what `taken` does of refund and cancellation.
 * TOO_LARGE when they are more than one command may record. */
enum vouch_status taking_back_emit(struct taking_back *taking, const Vouch__V1__CommissionTaken *taken) MUST_USE;

#endif
