/* SPDX-License-Identifier: Apache-2.0
 *
 * Recording touches, and setting tiers by hand. What all touches of a tie add up to is computed here, from all of them,
 * so that their order does not matter; the event carries it. */
#include "apply/bonds.h"
#include "base/check.h"
#include "base/clock.h"
#include "decide/parts.h"
#include "domain/strength.h"

#define MS_PER_MINUTE INT64_C(60000)
#define KIND(name) VOUCH__V1__TIE_TOUCH__KIND__##name

enum vouch_status contact_mine(struct decision *decision, uint64_t id, const Vouch__V1__Contact **contact)
{
    uint64_t self = record_contact_self(decision->view, id);
    *contact = record_contact(decision->view, self, decision->arena);
    /* Whoever could tie themselves to any number could read anybody's data. */
    bool mine = *contact != NULL && ((*contact)->added_by == decision->actor->id ||
                                     access_contact(decision->view, decision->actor->id, self));
    if (!mine) {
        return status_set(&decision->why, VOUCH_NOT_FOUND,
                          "contact %" PRIu64 ": no such person, or none you know; add them with their e-mail", id);
    }
    if ((*contact)->personal == NULL) {
        return status_set(&decision->why, VOUCH_CONFLICT, "contact %" PRIu64 " was erased", id);
    }
    decision->why_contact = self;
    return VOUCH_OK;
}

static enum vouch_status check_touch(struct decision *decision, const Vouch__V1__TouchRecord *record)
{
    if (touch_weight(record->kind) == 0) {
        return status_set(&decision->why, VOUCH_INVALID,
                          "say what it was: a meeting, a call, an e-mail or a value touch");
    }
    if (record->no_answer && (record->inbound || record->kind != KIND(CALL))) {
        return status_set(&decision->why, VOUCH_INVALID, "only a call that you made can go without an answer");
    }
    if (record->time_ms < 0) {
        return status_set(&decision->why, VOUCH_INVALID, "touches are kept from 1970 on");
    }
    if (record->time_ms > decision->now_ms) {
        return status_set(&decision->why, VOUCH_INVALID, "that is in the future; record it once it has happened");
    }
    return VOUCH_OK;
}

static bool was_two_way(const Vouch__V1__TouchRecord *record)
{
    return record->inbound || record->kind == KIND(MEETING) || (record->kind == KIND(CALL) && !record->no_answer);
}

/* ---- what was before ---- */

struct history {
    size_t count;
    const Vouch__V1__TieTouch **touches; /* that count, newest first, with room for one more */
};

static enum vouch_status read_history(struct decision *decision, uint64_t contact, struct history *history)
{
    uint64_t family[LIMIT_CONTACT_FAMILY];
    size_t count = record_contact_family(decision->view, contact, family, decision->arena);
    history->touches = tie_touches_of(decision->view, decision->actor->id, family, count, &history->count,
                                      decision->arena);
    return history->touches != NULL ? VOUCH_OK : decision_too_large(decision);
}

/* Puts the new one, whose sequence is above all others, where it belongs; the oldest may not count any more. */
static void add_to_history(struct history *history, const Vouch__V1__TieTouch *touch)
{
    size_t at = history->count;
    for (; at > 0 && history->touches[at - 1]->time_ms <= touch->time_ms; at--) {
        history->touches[at] = history->touches[at - 1];
    }
    history->touches[at] = touch;
    history->count += history->count < STRENGTH_TOUCHES_MAX ? 1 : 0;
}

static bool is_known(const struct history *history, const Vouch__V1__TieTouch *touch)
{
    for (size_t i = 0; i < history->count; i++) {
        const Vouch__V1__TieTouch *known = history->touches[i];
        if (known->kind == touch->kind && known->inbound == touch->inbound &&
            known->time_ms / MS_PER_MINUTE == touch->time_ms / MS_PER_MINUTE) {
            return true;
        }
    }
    return false;
}

/* ---- what it is now ---- */

static enum vouch_status measure(struct decision *decision, struct history *history, const Vouch__V1__TieTouch *touch,
                                 Vouch__V1__TouchRecorded *recorded)
{
    const Vouch__V1__Bond *before = record_bond(decision->view, touch->member, touch->contact, decision->arena);
    Vouch__V1__Bond *bond = decision_message(decision, &vouch__v1__bond__descriptor);
    protobuf_c_boolean *returned = arena_alloc(decision->arena, OUTREACHES_KEPT * sizeof *returned);
    int64_t *outreach_ms = arena_alloc(decision->arena, OUTREACHES_KEPT * sizeof *outreach_ms);
    if (bond == NULL || returned == NULL || outreach_ms == NULL) {
        return decision_too_large(decision);
    }
    *bond = before != NULL ? *before
                           : bond_new(decision->view, touch->member, touch->contact, decision->now_ms, decision->arena);
    add_to_history(history, touch);
    bond_measure(bond, history->touches, history->count, returned, outreach_ms);
    struct tie_entry tie;
    bool tied = tie_get(decision->view, NODE_MEMBER | touch->member, NODE_CONTACT | touch->contact, &tie);
    bool by_hand = tied && ((tie.flags & TIE_BY_HAND) != 0 || bond->hand_tier != VOUCH__V1__TIER__TIER_NONE);
    if (!by_hand) {
        uint32_t ppm = strength_of_bond(bond, decision->now_ms).ppm;
        recorded->strength_ppm = ppm > 0 ? ppm : 1; /* none at all would take the tie away */
    }
    recorded->bond = bond;
    return VOUCH_OK;
}

static enum vouch_status take_touch(struct decision *decision, const Vouch__V1__TouchRecord *record,
                                    const Vouch__V1__Contact *contact, Vouch__V1__TouchRecorded *recorded)
{
    Vouch__V1__TieTouch *touch = decision_message(decision, &vouch__v1__tie_touch__descriptor);
    struct history history;
    if (touch == NULL) {
        return decision_too_large(decision);
    }
    touch->member = decision->actor->id;
    touch->contact = contact->id;
    touch->kind = record->kind;
    touch->inbound = record->inbound;
    touch->two_way = was_two_way(record);
    touch->time_ms = record->time_ms == 0 ? decision->now_ms : record->time_ms;
    recorded->touch = touch;
    enum vouch_status status = read_history(decision, contact->id, &history);
    if (status == VOUCH_OK && is_known(&history, touch)) {
        status = status_set(&decision->why, VOUCH_DUPLICATE,
                            "that is recorded already: the same kind in the same minute");
    }
    return status == VOUCH_OK ? measure(decision, &history, touch, recorded) : status;
}

enum vouch_status decide_touch_record(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__TouchRecord *record = request->touch_record;
    const Vouch__V1__Contact *contact = NULL;
    Vouch__V1__TouchRecorded *recorded = decision_message(decision, &vouch__v1__touch_recorded__descriptor);
    enum vouch_status status = recorded == NULL ? decision_too_large(decision)
                                                : contact_mine(decision, record->contact, &contact);
    if (status == VOUCH_OK) {
        status = check_touch(decision, record);
    }
    if (status == VOUCH_OK) {
        status = take_touch(decision, record, contact, recorded);
    }
    if (status == VOUCH_OK) {
        Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
        uint64_t sealed_for = 0;
        text.note = record->note;
        status = take_text(decision, contact->id, &text, &recorded->text, &sealed_for);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(TOUCH_RECORDED);
    event->touch_recorded = recorded;
    decision->answer_id = contact->id;
    return VOUCH_OK;
}

/* ---- tiers by hand ---- */

/* Left to the formula again: the strength too, where there are touches to measure. */
static enum vouch_status measure_again(struct decision *decision, uint64_t contact)
{
    struct tie_entry tie;
    const Vouch__V1__Bond *bond = record_bond(decision->view, decision->actor->id, contact, decision->arena);
    CHECK(tie_get(decision->view, NODE_MEMBER | decision->actor->id, NODE_CONTACT | contact, &tie));
    uint32_t ppm = tie.strength_ppm;
    if (bond != NULL && bond->last_touch_ms != 0) {
        uint32_t measured = strength_of_bond(bond, decision->now_ms).ppm;
        ppm = measured > 0 ? measured : 1;
    }
    return tie_emit(decision, contact, 0, ppm, false);
}

enum vouch_status decide_tier_set(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__TierSetting *asked = request->tier_set;
    const Vouch__V1__Contact *contact = NULL;
    Vouch__V1__TierSet *set = decision_message(decision, &vouch__v1__tier_set__descriptor);
    enum vouch_status status = set == NULL ? decision_too_large(decision)
                                           : contact_mine(decision, asked->contact, &contact);
    if (status == VOUCH_OK && !access_contact(decision->view, decision->actor->id, contact->id)) {
        status = status_set(&decision->why, VOUCH_CONFLICT,
                            "you have no tie to %s; a touch or `vouch tie set` makes one", contact->personal->name);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    set->member = decision->actor->id;
    set->contact = contact->id;
    set->tier = asked->tier;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(TIER_SET);
    event->tier_set = set;
    decision->answer_id = contact->id;
    return asked->tier == VOUCH__V1__TIER__TIER_NONE ? measure_again(decision, contact->id) : VOUCH_OK;
}
