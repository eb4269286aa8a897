/* SPDX-License-Identifier: Apache-2.0
 *
 * Bonds and touches: each touch is somebody's, and what a bond remembers of its last ones is what the touches say. */
#include "apply/bonds.h"
#include "base/message.h"
#include "domain/strength.h"
#include "query/checking.h"

static void check_touch(struct check *check, struct slice key, struct slice value)
{
    const Vouch__V1__TieTouch *touch = (const void *)message_unpack_own(&vouch__v1__tie_touch__descriptor, value.size,
                                                                        value.data, check->arena);
    if (key.size != 32 || touch == NULL || touch->member != slice_u64(key, 0) || touch->contact != slice_u64(key, 8) ||
        (uint64_t)touch->time_ms != slice_u64(key, 16) || touch->sequence != slice_u64(key, 24)) {
        finding(check, "a touch of member %" PRIu64 " cannot be read", slice_u64(key, 0));
        return;
    }
    uint64_t self = record_contact_self(check->view, touch->contact);
    const Vouch__V1__Bond *bond = record_bond(check->view, touch->member, self, check->arena);
    if (touch_weight(touch->kind) == 0 || touch->time_ms <= 0 || touch->sequence > view_sequence(check->view)) {
        finding(check, "a touch of member %" PRIu64 " with contact %" PRIu64 " is none", touch->member, touch->contact);
    }
    if (bond == NULL || bond->last_touch_ms < touch->time_ms ||
        (touch->two_way && bond->last_two_way_ms < touch->time_ms)) {
        finding(check, "the bond of member %" PRIu64 " with contact %" PRIu64 " does not know a touch", touch->member,
                self);
    }
}

static bool is_whole(const Vouch__V1__Bond *bond)
{
    bool ordered = true;
    for (size_t i = 1; i < bond->n_outreach_ms; i++) {
        ordered = ordered && bond->outreach_ms[i - 1] <= bond->outreach_ms[i];
    }
    return ordered && bond->n_returned == bond->n_outreach_ms && bond->n_returned <= OUTREACHES_KEPT &&
           bond->last_two_way_ms <= bond->last_touch_ms && bond->named <= bond->asks &&
           bond->hand_tier <= VOUCH__V1__TIER__DORMANT;
}

/* The sums are those of the touches that are there. */
static bool is_measured(struct check *check, const Vouch__V1__Bond *bond)
{
    uint64_t family[LIMIT_CONTACT_FAMILY];
    protobuf_c_boolean returned[OUTREACHES_KEPT];
    int64_t outreach_ms[OUTREACHES_KEPT];
    size_t count;
    size_t contacts = record_contact_family(check->view, bond->contact, family, check->arena);
    const Vouch__V1__TieTouch **touches = tie_touches_of(check->view, bond->member, family, contacts, &count,
                                                         check->arena);
    Vouch__V1__Bond again = *bond;
    if (touches == NULL || count == 0) {
        return touches != NULL && bond->last_touch_ms == 0;
    }
    again.last_touch_ms = again.last_two_way_ms = 0;
    bond_measure(&again, touches, count, returned, outreach_ms);
    bool same = again.out_micro == bond->out_micro && again.in_micro == bond->in_micro &&
                again.last_touch_ms == bond->last_touch_ms && again.last_two_way_ms <= bond->last_two_way_ms &&
                again.n_returned == bond->n_returned;
    for (size_t i = 0; same && i < again.n_returned; i++) {
        same = returned[i] == bond->returned[i] && outreach_ms[i] == bond->outreach_ms[i];
    }
    return same;
}

static void check_bond(struct check *check, struct slice key, struct slice value)
{
    (void)value;
    uint64_t member = slice_u64(key, 0);
    uint64_t contact = slice_u64(key, 8);
    const Vouch__V1__Bond *bond = record_bond(check->view, member, contact, check->arena);
    if (bond == NULL || bond->member != member || bond->contact != contact) {
        finding(check, "the bond of member %" PRIu64 " with contact %" PRIu64 " cannot be read", member, contact);
        return;
    }
    const Vouch__V1__Ask *ask = bond->open_ask == 0 ? NULL : record_ask(check->view, bond->open_ask, check->arena);
    bool asks = bond->open_ask == 0 || (ask != NULL && ask_is_open(ask) && ask->member == member &&
                                        record_contact_self(check->view, ask->contact) == contact);
    if (!is_whole(bond) || !asks || !record_exists(check->view, TABLE_CONTACT, contact) ||
        !record_exists(check->view, TABLE_MEMBER, member)) {
        finding(check, "the bond of member %" PRIu64 " with contact %" PRIu64 " contradicts itself", member, contact);
    }
    if (!is_measured(check, bond)) {
        finding(check, "the bond of member %" PRIu64 " with contact %" PRIu64 " is not what its touches add up to",
                member, contact);
    }
}

void check_bonds(struct check *check)
{
    for_each_row(check, TABLE_TOUCH, check_touch);
    for_each_row(check, TABLE_BOND, check_bond);
}
