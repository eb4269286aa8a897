/* SPDX-License-Identifier: Apache-2.0
 *
 * What a deal's payments owe to whom: terms and shares into amounts. One way for all: deciding a payment, explaining
 * it, replaying it, and trying other terms on it. */
#ifndef VOUCH_DECIDE_DEAL_MATH_H
#define VOUCH_DECIDE_DEAL_MATH_H

#include "apply/books.h"
#include "domain/terms.h"

/* Terms between their record and what is computed with. The record's strings and arrays come from the arena; NULL past
 * its budget. */
struct terms terms_of_record(const Vouch__V1__Terms *record);
Vouch__V1__Terms *terms_to_record(const struct terms *terms, struct arena *arena);

/* The terms that were frozen onto a deal; false past the arena's budget. */
bool deal_terms(const struct view *view, const Vouch__V1__Deal *deal, struct arena *arena,
                struct terms *terms) MUST_USE;

/* How a party stands to the company that pays. */
Vouch__V1__TermsRole deal_role(const struct view *view, uint64_t party, uint64_t company, struct arena *arena);

/* How a deal's commission comes to its parties. On the wire as Explanation.Step.division. */
enum deal_division {
    DEAL_HOUSE,    /* nobody who is paid has a weight: the house keeps it */
    DEAL_POOL,     /* one pool, shared by weight */
    DEAL_CREDITS,  /* the value is shared by weight, and each part pays at its own party's rate */
    DEAL_OVERRIDES /* each its own part of the pool */
};

/* What all payments together owe. */
struct deal_due {
    enum deal_division division;
    struct terms_steps steps;
    int64_t total_minor; /* to all parties: the pool, or with overrides what they come to; 0 when it is the house's */
    size_t count;
    /* In the order of deal->shares. minor: of `base_minor`; weight: what counted, 0 where the terms pay the party
     * nothing. */
    struct money_part parts[DEAL_SHARES_MAX];
};

/* From `base_minor`, all that was paid on the deal, refunds not taken off. INVALID: numbers that do not fit. */
enum vouch_status deal_due(const struct terms *terms, const Vouch__V1__Deal *deal, int64_t base_minor,
                           struct deal_due *due, struct status_text *why) MUST_USE;

/* What is new of that since the parties were given `earlier_minor` (in the order of deal->shares): steps[].minor, none
 * below zero. False when there is nothing to share: no party, or all weights zero; then all steps are 0. */
bool deal_step(const Vouch__V1__Deal *deal, const struct deal_due *due, const int64_t *earlier_minor,
               struct money_part steps[DEAL_SHARES_MAX]);

#endif
