/* SPDX-License-Identifier: Apache-2.0
 *
 * A deal as people read it: names for ids, and its terms beside it. */
#include "query/parts.h"

static bool name_shares(struct question *question, Vouch__V1__Deal *deal)
{
    Vouch__V1__DealShare **shares = arena_alloc(question->arena, (deal->n_shares + 1) * sizeof *shares);
    for (size_t i = 0; shares != NULL && i < deal->n_shares; i++) {
        shares[i] = arena_memdup(question->arena, deal->shares[i], sizeof **shares);
        if (shares[i] == NULL) {
            return false;
        }
        shares[i]->name = question_name(question, TABLE_MEMBER, shares[i]->member);
    }
    deal->shares = shares;
    return shares != NULL;
}

Vouch__V1__Deal *deal_view(struct question *question, const Vouch__V1__Deal *record)
{
    Vouch__V1__Deal *deal = arena_memdup(question->arena, record, sizeof *record);
    if (deal == NULL || !name_shares(question, deal)) {
        return NULL;
    }
    if (deal->frozen == NULL) {
        /* Answers are packed, not written to; messages only lack the const. */
        deal->frozen = (Vouch__V1__Terms *)(uintptr_t)record_terms(question->view, deal->terms, deal->terms_version,
                                                                   question->arena);
    }
    return deal;
}
