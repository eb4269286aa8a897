/* SPDX-License-Identifier: Apache-2.0
 *
 * Touches from a referral's steps. */
#include "domain/attribution.h"

#include "base/check.h"

#include <endian.h>
#include <sodium.h>
#include <string.h>

size_t touches_of(const Vouch__V1__Referral *referral, struct touch touches[TOUCHES_MAX])
{
    size_t count = 0;
    bool introduced = false;
    for (size_t i = 0; i < referral->n_steps; i++) {
        const Vouch__V1__ReferralStep *step = referral->steps[i];
        if (step->verb == VOUCH__V1__REFERRAL_VERB__SUBMIT && count == 0) {
            touches[count++] = (struct touch){referral->referrer, step->sequence, step->time_ms,
                                              referral->lead ? TOUCH_INTRODUCTION : TOUCH_VOUCH};
        } else if (step->verb == VOUCH__V1__REFERRAL_VERB__INTRODUCE && !introduced) {
            CHECK(count < TOUCHES_MAX);
            introduced = true;
            touches[count++] = (struct touch){referral->connector, step->sequence, step->time_ms, TOUCH_INTRODUCTION};
        }
    }
    return count;
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
