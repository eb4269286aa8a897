/* SPDX-License-Identifier: Apache-2.0
 *
 * Which preloaded referrals a member made. */
#include "bench.h"

#include "base/check.h"

#include <stdlib.h>

struct own_referrals *own_referrals_new(uint64_t referrals, uint32_t members)
{
    struct own_referrals *own = calloc(1, sizeof *own);
    CHECK(own != NULL);
    own->referrals = referrals;
    own->members = members;
    own->of = calloc(members, sizeof *own->of);
    CHECK(own->of != NULL);
    for (uint64_t id = 1; id <= referrals; id++) {
        uint32_t member = world_knows(world_referral_prospect(id));
        if (member >= members) {
            continue;
        }
        size_t count = own->of[member].count++;
        if ((count & (count - 1)) == 0) { /* doubles at powers of two */
            size_t room = count == 0 ? 1 : count * 2;
            own->of[member].ids = realloc(own->of[member].ids, room * sizeof *own->of[member].ids);
            CHECK(own->of[member].ids != NULL);
        }
        own->of[member].ids[count] = id;
    }
    return own;
}

void own_referrals_free(struct own_referrals **own)
{
    for (uint32_t i = 0; i < (*own)->members; i++) {
        free((*own)->of[i].ids);
    }
    free((*own)->of);
    free(*own);
    *own = NULL;
}
