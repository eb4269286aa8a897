/* SPDX-License-Identifier: Apache-2.0
 *
 * Commission of a referral that is won: value × rate, divided over the weights that the attribution plugin proposed.
 * The proposal is made outside; here it is checked against the referral as it is now, and only here is money divided.
 */
#include "base/check.h"
#include "decide/parts.h"
#include "domain/attribution.h"
#include "domain/money.h"

#include <string.h>

#define ALLOCATION "LRM1"

static const struct touch *first_touch(const struct touch *touches, size_t count, uint64_t party)
{
    for (size_t i = 0; i < count; i++) {
        if (touches[i].party == party) {
            return &touches[i];
        }
    }
    return NULL;
}

/* Each proposed party once, with a touch, a weight that is not negative, and a sum that can be counted with. */
static enum vouch_status take_weights(struct decision *decision, const struct touch *touches, size_t touch_count,
                                      struct money_part parts[TOUCHES_MAX])
{
    const struct advice *advice = decision->advice;
    int64_t sum = 0;
    bool good = advice->count <= touch_count;
    for (size_t i = 0; good && i < advice->count; i++) {
        const struct touch *touch = first_touch(touches, touch_count, advice->members[i]);
        good = touch != NULL && advice->weights[i] >= 0 && !__builtin_add_overflow(sum, advice->weights[i], &sum);
        for (size_t j = 0; good && j < i; j++) {
            good = parts[j].party != advice->members[i];
        }
        if (good) {
            parts[i] = (struct money_part){touch->party, touch->sequence, advice->weights[i], 0};
        }
    }
    if (!good) {
        return status_set(&decision->why, VOUCH_UNAVAILABLE,
                          "the attribution plugin %s proposed weights that cannot be: an admin must look at it",
                          advice->plugin);
    }
    return VOUCH_OK;
}

static enum vouch_status set_shares(struct decision *decision, Vouch__V1__Commission *commission,
                                    struct money_part *parts, size_t count)
{
    bool house = !money_allocate(commission->pool_minor, parts, count);
    commission->n_shares = house ? count + 1 : count;
    commission->shares = arena_alloc(decision->arena, commission->n_shares * sizeof(Vouch__V1__CommissionShare *));
    if (commission->shares == NULL) {
        return decision_too_large(decision);
    }
    for (size_t i = 0; i < commission->n_shares; i++) {
        Vouch__V1__CommissionShare *share = decision_message(decision, &vouch__v1__commission_share__descriptor);
        if (share == NULL) {
            return decision_too_large(decision);
        }
        commission->shares[i] = share;
        if (i < count) {
            share->member = parts[i].party;
            share->weight = parts[i].weight;
            share->minor = parts[i].minor;
        } else {
            share->minor = commission->pool_minor; /* the house's: member 0 */
        }
    }
    return VOUCH_OK;
}

enum vouch_status value_check(struct decision *decision, const Vouch__V1__Money *value)
{
    int64_t sum;
    if (currency_exponent(value->currency) < 0) {
        return status_set(&decision->why, VOUCH_INVALID, "%s is no currency with a minor unit (ISO 4217)",
                          value->currency);
    }
    struct key total = key_total(TOTAL_WON_MINOR, value->currency, 3);
    if (__builtin_add_overflow(number_get(decision->view, TABLE_TOTAL, &total), value->minor, &sum)) {
        return status_set(&decision->why, VOUCH_INVALID, "all that was won in %s would not fit a number any more",
                          value->currency);
    }
    return VOUCH_OK;
}

/* Co-workers and partners have rates of their own. */
static uint32_t rate_of(struct decision *decision, const Vouch__V1__Referral *referral)
{
    const Vouch__V1__Member *referrer = record_member(decision->view, referral->referrer, decision->arena);
    const Vouch__V1__Member *receiver = record_member(decision->view, referral->receiver, decision->arena);
    bool coworkers = referrer != NULL && receiver != NULL && referrer->company == receiver->company;
    return coworkers ? decision->policy->coworker_bps : decision->policy->partner_bps;
}

static enum vouch_status check_advice(struct decision *decision, const Vouch__V1__Referral *referral,
                                      const struct touch *touches, size_t count)
{
    uint8_t digest[TOUCHES_DIGEST_BYTES];
    touches_digest(referral->id, touches, count, digest);
    if (decision->advice == NULL || memcmp(decision->advice->inputs_digest, digest, sizeof digest) != 0) {
        return status_set(&decision->why, VOUCH_BUSY,
                          "what happened to R%" PRIu64 " changed while its commission was attributed; try again",
                          referral->id);
    }
    return VOUCH_OK;
}

enum vouch_status commission_emit(struct decision *decision, const Vouch__V1__Referral *referral,
                                  const Vouch__V1__Money *value)
{
    struct touch touches[TOUCHES_MAX];
    struct money_part parts[TOUCHES_MAX];
    size_t touch_count = touches_of(referral, touches);
    enum vouch_status status = check_advice(decision, referral, touches, touch_count);
    if (status == VOUCH_OK) {
        status = take_weights(decision, touches, touch_count, parts);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    Vouch__V1__Commission *commission = decision_message(decision, &vouch__v1__commission__descriptor);
    Vouch__V1__CommissionAccrued *accrued = decision_message(decision, &vouch__v1__commission_accrued__descriptor);
    Vouch__V1__Money *base = arena_memdup(decision->arena, value, sizeof *value);
    uint8_t *digest = arena_memdup(decision->arena, decision->advice->inputs_digest, TOUCHES_DIGEST_BYTES);
    char *plugin = arena_strdup(decision->arena, decision->advice->plugin);
    char *version = arena_strdup(decision->arena, decision->advice->plugin_version);
    char *allocation = arena_strdup(decision->arena, ALLOCATION);
    if (commission == NULL || accrued == NULL || base == NULL || digest == NULL || plugin == NULL || version == NULL ||
        allocation == NULL) {
        return decision_too_large(decision);
    }
    commission->value = base;
    commission->rate_bps = rate_of(decision, referral);
    if (!money_mul_bps(value->minor, commission->rate_bps, &commission->pool_minor)) {
        return status_set(&decision->why, VOUCH_INVALID, "the value is too large to compute a commission from");
    }
    commission->plugin = plugin;
    commission->plugin_version = version;
    commission->allocation = allocation;
    commission->inputs_digest = (ProtobufCBinaryData){TOUCHES_DIGEST_BYTES, digest};
    status = set_shares(decision, commission, parts, decision->advice->count);
    if (status != VOUCH_OK) {
        return status;
    }
    accrued->referral = referral->id;
    accrued->commission = commission;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(COMMISSION_ACCRUED);
    event->commission_accrued = accrued;
    return VOUCH_OK;
}
