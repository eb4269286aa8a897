/* SPDX-License-Identifier: Apache-2.0
 *
 * A referral that is won becomes a deal: the terms in force are frozen onto it, and who shares in its commission, by
 * the weights that the terms agreed or that the attribution plugin proposed. The proposal is made outside; here it is
 * checked against the referral as it is now. Money moves only when money comes in (decide_payment.c). */
#include "base/check.h"
#include "decide/deal_math.h"
#include "decide/parts.h"
#include "decide/terms_choice.h"
#include "domain/attribution.h"
#include "domain/zone.h"

#include <string.h>

#define ALLOCATION "LRM1"
#define OVERRIDE "override"

enum vouch_status value_check(struct decision *decision, const Vouch__V1__Money *value)
{
    int64_t sum;
    if (!currency_exists(value->currency)) {
        return status_set(&decision->why, VOUCH_INVALID, "%s is no currency (ISO 4217)", value->currency);
    }
    if (currency_exponent(value->currency) < 0) {
        return status_set(&decision->why, VOUCH_INVALID, "%s has no minor unit: nothing can be paid in it",
                          value->currency);
    }
    struct key total = key_total(TOTAL_WON_MINOR, value->currency, 3);
    if (__builtin_add_overflow(number_get(decision->view, TABLE_TOTAL, &total), value->minor, &sum)) {
        return status_set(&decision->why, VOUCH_INVALID, "all that was won in %s would not fit a number any more",
                          value->currency);
    }
    return VOUCH_OK;
}

static const struct touch *first_touch(const struct touch *touches, size_t count, uint64_t party)
{
    for (size_t i = 0; i < count; i++) {
        if (touches[i].party == party) {
            return &touches[i];
        }
    }
    return NULL;
}

static enum vouch_status add_share(struct decision *decision, Vouch__V1__Deal *deal, uint64_t party, int64_t weight,
                                   uint64_t sequence)
{
    Vouch__V1__DealShare *share = decision_message(decision, &vouch__v1__deal_share__descriptor);
    if (share == NULL || deal->n_shares == DEAL_SHARES_MAX) {
        return decision_too_large(decision);
    }
    share->member = party;
    share->weight = weight;
    share->first_touch = sequence;
    share->role = deal_role(decision->view, party, deal->company, decision->arena);
    deal->shares[deal->n_shares++] = share;
    return VOUCH_OK;
}

static bool has_share(const Vouch__V1__Deal *deal, uint64_t party)
{
    for (size_t i = 0; i < deal->n_shares; i++) {
        if (deal->shares[i]->member == party) {
            return true;
        }
    }
    return false;
}

/* Each proposed party once, with a touch, a weight that is not negative, and a sum that can be counted with. */
static enum vouch_status take_weights(struct decision *decision, const struct touch *touches, size_t touch_count,
                                      Vouch__V1__Deal *deal)
{
    const struct advice *advice = decision->advice;
    int64_t sum = 0;
    for (size_t i = 0; i < advice->count; i++) {
        const struct touch *touch = first_touch(touches, touch_count, advice->members[i]);
        if (touch == NULL || advice->weights[i] < 0 || __builtin_add_overflow(sum, advice->weights[i], &sum) ||
            (advice->overrides && advice->weights[i] > MONEY_OVERRIDE_WHOLE) || has_share(deal, advice->members[i])) {
            return status_set(&decision->why, VOUCH_UNAVAILABLE,
                              "the attribution plugin %s proposed weights that cannot be: an admin must look at it",
                              advice->plugin);
        }
        enum vouch_status status = add_share(decision, deal, touch->party, advice->weights[i], touch->sequence);
        if (status != VOUCH_OK) {
            return status;
        }
    }
    deal->overrides = advice->overrides;
    deal->plugin = arena_strdup(decision->arena, advice->plugin);
    deal->plugin_version = arena_strdup(decision->arena, advice->plugin_version);
    return deal->plugin == NULL || deal->plugin_version == NULL ? decision_too_large(decision) : VOUCH_OK;
}

static enum vouch_status take_splits(struct decision *decision, const struct terms *terms, const struct touch *touches,
                                     size_t touch_count, Vouch__V1__Deal *deal)
{
    enum vouch_status status = VOUCH_OK;
    for (size_t i = 0; status == VOUCH_OK && i < terms->split_count; i++) {
        const struct touch *touch = first_touch(touches, touch_count, terms->splits[i].party);
        status = add_share(decision, deal, terms->splits[i].party, terms->splits[i].weight,
                           touch == NULL ? 0 : touch->sequence);
    }
    return status;
}

static enum vouch_status take_shares(struct decision *decision, const Vouch__V1__Referral *referral,
                                     const struct terms *terms, Vouch__V1__Deal *deal)
{
    struct touch all[TOUCHES_MAX];
    struct touch touches[TOUCHES_MAX];
    uint8_t digest[TOUCHES_DIGEST_BYTES];
    size_t count = touches_eligible(referral, all, touches_of(referral, all), terms->window_days, decision->now_ms,
                                    touches);
    touches_digest(referral->id, touches, count, digest);
    deal->shares = arena_alloc(decision->arena, DEAL_SHARES_MAX * sizeof *deal->shares);
    deal->inputs_digest.data = arena_memdup(decision->arena, digest, sizeof digest);
    deal->inputs_digest.len = sizeof digest;
    if (deal->shares == NULL || deal->inputs_digest.data == NULL) {
        return decision_too_large(decision);
    }
    if (terms->split_count > 0) {
        return take_splits(decision, terms, touches, count, deal);
    }
    if (decision->advice == NULL || memcmp(decision->advice->inputs_digest, digest, sizeof digest) != 0) {
        return status_set(&decision->why, VOUCH_BUSY,
                          "what happened to R%" PRIu64 " changed while its commission was attributed; try again",
                          referral->id);
    }
    return take_weights(decision, touches, count, deal);
}

static enum vouch_status freeze(struct decision *decision, const struct terms_choice *choice, Vouch__V1__Deal *deal)
{
    uint8_t digest[TERMS_DIGEST_BYTES];
    terms_digest(&choice->terms, digest);
    deal->terms = choice->id;
    deal->terms_version = choice->version;
    deal->terms_digest.data = arena_memdup(decision->arena, digest, sizeof digest);
    deal->terms_digest.len = sizeof digest;
    if (choice->id == 0) {
        deal->frozen = terms_to_record(&choice->terms, decision->arena);
    }
    return deal->terms_digest.data == NULL || (choice->id == 0 && deal->frozen == NULL) ? decision_too_large(decision)
                                                                                        : VOUCH_OK;
}

/* What the whole value will owe must be a number, or the deal could not be paid later. */
static enum vouch_status check_whole(struct decision *decision, const struct terms *terms, const Vouch__V1__Deal *deal)
{
    struct deal_due due;
    return deal_due(terms, deal, deal->value->minor, &due, &decision->why);
}

enum vouch_status deal_emit(struct decision *decision, const Vouch__V1__Referral *referral,
                            const Vouch__V1__Money *value)
{
    struct terms_choice choice;
    const Vouch__V1__Member *receiver = record_member(decision->view, referral->receiver, decision->arena);
    Vouch__V1__DealWon *won = decision_message(decision, &vouch__v1__deal_won__descriptor);
    Vouch__V1__Deal *deal = decision_message(decision, &vouch__v1__deal__descriptor);
    Vouch__V1__Money *base = arena_memdup(decision->arena, value, sizeof *value);
    if (receiver == NULL || won == NULL || deal == NULL || base == NULL ||
        !terms_choose(decision->view, decision->policy, referral, value->currency, decision->now_ms, decision->arena,
                      &choice)) {
        return decision_too_large(decision);
    }
    won->year = zone_month(record_home_zone(decision->view, decision->arena), decision->now_ms) / 100;
    struct key prior = key_prior(choice.id, referral->referrer, value->currency, won->year);
    deal->referral = referral->id;
    deal->company = receiver->company;
    deal->value = base;
    deal->won_ms = decision->now_ms;
    deal->prior_minor = number_get(decision->view, TABLE_TOTAL, &prior);
    enum vouch_status status = freeze(decision, &choice, deal);
    if (status == VOUCH_OK) {
        status = take_shares(decision, referral, &choice.terms, deal);
    }
    if (status == VOUCH_OK) {
        status = check_whole(decision, &choice.terms, deal);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    deal->allocation = deal->overrides ? OVERRIDE : ALLOCATION;
    won->deal = deal;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(DEAL_WON);
    event->deal_won = won;
    return VOUCH_OK;
}
