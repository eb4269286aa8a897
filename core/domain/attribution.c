/* SPDX-License-Identifier: Apache-2.0
 *
 * Touches from a referral's steps, and those that were credited. */
#include "domain/attribution.h"

#include "base/check.h"
#include "base/clock.h"

#include <endian.h>
#include <sodium.h>
#include <string.h>

_Static_assert((int)TOUCH_INTRODUCTION == (int)VOUCH__V1__TOUCH__KIND__INTRODUCTION &&
                   (int)TOUCH_HANDOVER == (int)VOUCH__V1__TOUCH__KIND__HANDOVER,
               "kinds of touches are those of the protocol");

static size_t touches_of_steps(const Vouch__V1__Referral *referral, struct touch touches[TOUCHES_OF_STEPS])
{
    size_t count = 0;
    bool introduced = false;
    for (size_t i = 0; i < referral->n_steps; i++) {
        const Vouch__V1__ReferralStep *step = referral->steps[i];
        if (step->verb == VOUCH__V1__REFERRAL_VERB__SUBMIT && count == 0) {
            touches[count++] = (struct touch){referral->referrer, step->sequence, step->time_ms,
                                              referral->lead ? TOUCH_INTRODUCTION : TOUCH_VOUCH};
        } else if (step->verb == VOUCH__V1__REFERRAL_VERB__INTRODUCE && !introduced) {
            CHECK(count < TOUCHES_OF_STEPS);
            introduced = true;
            touches[count++] = (struct touch){referral->connector, step->sequence, step->time_ms, TOUCH_INTRODUCTION};
        }
    }
    return count;
}

static struct touch touch_credited(const Vouch__V1__Touch *touch)
{
    return (struct touch){touch->member, touch->sequence, touch->time_ms, (enum touch_kind)touch->kind};
}

size_t touches_of(const Vouch__V1__Referral *referral, struct touch touches[TOUCHES_MAX])
{
    struct touch steps[TOUCHES_OF_STEPS];
    size_t step_count = touches_of_steps(referral, steps);
    size_t step = 0, credited = 0, count = 0;
    CHECK(step_count + referral->n_touches <= TOUCHES_MAX);
    while (step < step_count || credited < referral->n_touches) {
        bool steps_first = credited == referral->n_touches ||
                           (step < step_count && steps[step].sequence < referral->touches[credited]->sequence);
        touches[count] = steps_first ? steps[step++] : touch_credited(referral->touches[credited++]);
        CHECK(count == 0 || touches[count - 1].sequence < touches[count].sequence);
        count++;
    }
    return count;
}

bool touches_is_ghost(const Vouch__V1__Referral *referral, uint64_t party)
{
    for (size_t i = 0; i < referral->n_ghosts; i++) {
        if (referral->ghosts[i] == party) {
            return true;
        }
    }
    return false;
}

size_t touches_eligible(const Vouch__V1__Referral *referral, const struct touch *all, size_t count, int64_t window_days,
                        int64_t close_ms, struct touch *out)
{
    size_t eligible = 0;
    CHECK(window_days >= 0 && window_days <= INT64_MAX / MS_PER_DAY && close_ms >= 0 && referral->ghosted_ms >= 0);
    int64_t from_ms = close_ms - window_days * MS_PER_DAY - referral->ghosted_ms;
    for (size_t i = 0; i < count; i++) {
        if (all[i].time_ms >= from_ms && all[i].time_ms <= close_ms && !touches_is_ghost(referral, all[i].party)) {
            out[eligible++] = all[i];
        }
    }
    return eligible;
}

static void add_number(crypto_generichash_state *state, uint64_t number)
{
    uint64_t little = htole64(number);
    crypto_generichash_update(state, (const unsigned char *)&little, sizeof little);
}

void touches_digest(uint64_t referral, const struct touch *touches, size_t count, uint8_t digest[TOUCHES_DIGEST_BYTES])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, TOUCHES_DIGEST_BYTES);
    add_number(&state, referral);
    add_number(&state, count);
    for (size_t i = 0; i < count; i++) {
        add_number(&state, touches[i].party);
        add_number(&state, touches[i].sequence);
        add_number(&state, (uint64_t)touches[i].time_ms);
        add_number(&state, touches[i].kind);
    }
    crypto_generichash_final(&state, digest, TOUCHES_DIGEST_BYTES);
}
