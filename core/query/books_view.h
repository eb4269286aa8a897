/* SPDX-License-Identifier: Apache-2.0
 *
 * Books as people read them, for the queries about money: who may open them, accounts with their signs turned so that
 * every number is above zero, periods with their zone, payments and bookings with names; and the proof that computes a
 * deal's commission again. */
#ifndef VOUCH_QUERY_BOOKS_VIEW_H
#define VOUCH_QUERY_BOOKS_VIEW_H

#include "apply/books.h"
#include "decide/deal_math.h"
#include "query/parts.h"

/* ---- books_view.c ---- */

/* True when the asker sees all of a company's books: its own finance people, admins and auditors. */
bool books_are_open(const struct question *question, uint64_t company);

/* What is owed to the payee less what the payee owes back: ACC + APP + PAY - RCV. */
int64_t balances_net(const struct ledger_balances *balances);
/* What a step adds to that. */
int64_t step_net(enum ledger_step step, int64_t minor);

/* NULL past the arena's budget. */
Vouch__V1__AccountView *account_view(struct question *question, const struct account_id *id,
                                     const struct ledger_balances *balances, int64_t disputed_minor);

/* The month that is now in the zone of the home company, or the first open one when a company's books are ahead. */
uint32_t period_of_now(const struct question *question, uint64_t company);
/* A period as it was closed, or as it is while it is open. NULL past the arena's budget. */
Vouch__V1__Period *period_view(struct question *question, uint64_t company, uint32_t period);

/* A payment with the names of its payees; NULL past the arena's budget. */
Vouch__V1__Payment *payment_view(struct question *question, const Vouch__V1__Payment *payment);

/* ---- deal_proof.c: a deal's commission, computed again from its terms, weights and payments ---- */

/* One payment of it. */
struct payment_proof {
    const Vouch__V1__Payment *payment;        /* as it is recorded */
    struct deal_due due;                      /* of all payments so far */
    struct money_part steps[DEAL_SHARES_MAX]; /* what is new for each share */
    int64_t base_minor;
    int64_t new_minor; /* the steps together */
    size_t booking_count;
    const Vouch__V1__Booking *bookings[DEAL_SHARES_MAX]; /* of its parts */
    bool same;                                           /* as recorded, its bookings and their hashes too */
};

struct deal_proof {
    const struct view *view;
    struct arena *arena;
    struct arena *lines; /* of one payment: there can be more than fit into one arena */
    const Vouch__V1__Deal *deal;
    const Vouch__V1__Referral *referral;
    struct terms terms;
    struct touch touches[TOUCHES_MAX]; /* all of the referral's */
    size_t touch_count;
    struct touch eligible[TOUCHES_MAX]; /* those that counted when it was won */
    size_t eligible_count;
    int64_t earlier[DEAL_SHARES_MAX]; /* given to each share by the payments before */
    int64_t paid_minor;               /* by them */
    size_t at;                        /* payments looked at */
    struct status_text why;           /* the first difference; "" when there is none */
};

/* Reads the deal's terms and touches and compares their digests. False past the arena's budget. */
bool deal_proof_start(struct deal_proof *proof, const struct view *view, const Vouch__V1__Deal *deal,
                      struct arena *arena, struct arena *lines) MUST_USE;
/* The next payment, oldest first; it and its bookings live in `lines`, until the next call. False when there is none;
 * then the sums of the deal were compared too. */
bool deal_proof_next(struct deal_proof *proof, struct payment_proof *payment);

/* That what a plugin says now is what it said then: the shares' weights. False, and `why`, when it is not. */
bool deal_proof_weights(struct deal_proof *proof, const struct advice *advice);

/* The hash that a booking must have: from its fields, its deal's, and the hash of the booking before it. False when
 * that one cannot be read. */
bool booking_hash_again(const struct view *view, const Vouch__V1__Booking *booking, const Vouch__V1__Deal *deal,
                        struct arena *arena, uint8_t hash[LEDGER_HASH_BYTES]) MUST_USE;

/* ---- advise_replay.c: walks over deals, page by page ---- */

/* When a page should end: long before the question's deadline, so that a plugin is soon free for others. */
int64_t walk_until_us(const struct question *question);
/* Asks the plugin for the weights of a deal once more, with the touches of this window; results in `scratch`. */
enum vouch_status deal_ask_again(const struct question *question, const struct deal_proof *proof, uint32_t window_days,
                                 struct plugin_call *call, struct arena *scratch, struct advice *advice) MUST_USE;

#endif
