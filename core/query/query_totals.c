/* SPDX-License-Identifier: Apache-2.0
 *
 * Sums over all referrals, from the running totals. */
#include "base/check.h"
#include "query/parts.h"

#include <string.h>

/* More currencies than ISO 4217 has. */
#define CURRENCIES_MAX 256

static Vouch__V1__TotalsResult__Amount *amount_of(const struct question *question, Vouch__V1__TotalsResult *totals,
                                                  const char *currency)
{
    for (size_t i = 0; i < totals->n_amounts; i++) {
        if (strncmp(totals->amounts[i]->currency, currency, 3) == 0) {
            return totals->amounts[i];
        }
    }
    Vouch__V1__TotalsResult__Amount *amount = question_message(question, &vouch__v1__totals_result__amount__descriptor);
    char *copy = arena_alloc(question->arena, 4);
    if (amount == NULL || copy == NULL || totals->n_amounts == CURRENCIES_MAX) {
        return NULL;
    }
    amount->currency = memcpy(copy, currency, 3);
    totals->amounts[totals->n_amounts++] = amount;
    return amount;
}

static bool add_state(const struct question *question, Vouch__V1__TotalsResult *totals, uint8_t state, int64_t count)
{
    Vouch__V1__TotalsResult__State *row = question_message(question, &vouch__v1__totals_result__state__descriptor);
    if (row == NULL || totals->n_states == REFERRAL_STATES) {
        return false;
    }
    row->state = (Vouch__V1__ReferralState)state;
    row->count = (uint64_t)count;
    totals->states[totals->n_states++] = row;
    return true;
}

static bool add_total(const struct question *question, Vouch__V1__TotalsResult *totals, struct slice key,
                      int64_t number)
{
    const uint8_t *bytes = key.data;
    CHECK(key.size >= 1);
    if (bytes[0] == TOTAL_STATE) {
        return number == 0 || add_state(question, totals, bytes[1], number);
    }
    if (bytes[0] == TOTAL_IMPORTED) {
        totals->imported = (uint64_t)number;
        return true;
    }
    CHECK(key.size == 4);
    Vouch__V1__TotalsResult__Amount *amount = amount_of(question, totals, (const char *)bytes + 1);
    if (amount == NULL) {
        return false;
    }
    if (bytes[0] == TOTAL_WON) {
        amount->won = (uint64_t)number;
    } else if (bytes[0] == TOTAL_WON_MINOR) {
        amount->won_minor = number;
    } else if (bytes[0] == TOTAL_COMMISSION) {
        amount->commission_minor = number;
    }
    return true;
}

/* What tiers are counted from, and what bounds the ledger; the last kinds. */
static bool is_for_terms(struct slice key)
{
    return ((const uint8_t *)key.data)[0] >= TOTAL_PRIOR;
}

enum vouch_status query_totals(struct question *question, const Vouch__V1__Request *request)
{
    (void)request;
    Vouch__V1__TotalsResult *totals = question_message(question, &vouch__v1__totals_result__descriptor);
    void *states = arena_alloc(question->arena, REFERRAL_STATES * sizeof(void *));
    void *amounts = arena_alloc(question->arena, CURRENCIES_MAX * sizeof(void *));
    if (totals == NULL || states == NULL || amounts == NULL) {
        return question_too_large(question);
    }
    totals->states = states;
    totals->amounts = amounts;
    struct slice key, value;
    bool good = true;
    struct cursor *cursor = cursor_open(question->view, TABLE_TOTAL);
    for (bool row = cursor_seek(cursor, SLICE_NONE, &key, &value); row && good && !is_for_terms(key);
         row = cursor_next(cursor, &key, &value)) {
        good = add_total(question, totals, key, number_read(value));
    }
    cursor_close(&cursor);
    question->reply->result_case = RESULT(TOTALS);
    question->reply->totals = totals;
    return good ? VOUCH_OK : question_too_large(question);
}
