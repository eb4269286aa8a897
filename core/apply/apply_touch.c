/* SPDX-License-Identifier: Apache-2.0
 *
 * Touches, and what they make of bond and tie; tiers set by hand. The numbers were computed when it was decided. */
#include "apply/bonds.h"
#include "apply/parts.h"
#include "base/check.h"

void bond_put(struct application *application, const Vouch__V1__Bond *bond)
{
    struct key key = key_bond(bond->member, bond->contact);
    record_put_key(application->view, TABLE_BOND, &key, &bond->base, application->arena);
}

Vouch__V1__Bond bond_get(struct application *application, uint64_t member, uint64_t contact)
{
    uint64_t self = record_contact_self(application->view, contact);
    const Vouch__V1__Bond *bond = record_bond(application->view, member, self, application->arena);
    return bond != NULL ? *bond
                        : bond_new(application->view, member, self, application->event->time_ms, application->arena);
}

void apply_touch_recorded(struct application *application, const Vouch__V1__TouchRecorded *recorded)
{
    CHECK(recorded->touch != NULL && recorded->bond != NULL);
    Vouch__V1__TieTouch touch = *recorded->touch;
    touch.sequence = application->sequence;
    struct key key = key_touch(touch.member, touch.contact, touch.time_ms, touch.sequence);
    record_put_key(application->view, TABLE_TOUCH, &key, &touch.base, application->arena);
    bond_put(application, recorded->bond);
    if (recorded->strength_ppm != 0) {
        tie_put(application->view, NODE_MEMBER | touch.member, NODE_CONTACT | touch.contact, recorded->strength_ppm, 0);
    }
}

void apply_tier_set(struct application *application, const Vouch__V1__TierSet *set)
{
    Vouch__V1__Bond bond = bond_get(application, set->member, set->contact);
    bond.hand_tier = set->tier;
    bond.tier_sequence = application->sequence;
    bond_put(application, &bond);
}
