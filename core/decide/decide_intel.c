/* SPDX-License-Identifier: Apache-2.0
 *
 * Intel: offered to a colleague, taken or not within some working hours of theirs, used or not. Used on a referral it
 * is help that is credited to who gave it. */
#include "apply/bonds.h"
#include "base/check.h"
#include "decide/parts.h"

#define INTEL(name) VOUCH__V1__INTEL_STATE__INTEL_##name
#define STAGE(name) VOUCH__V1__CLOCK__STAGE__##name

/* ---- offering ---- */

static enum vouch_status check_to(struct decision *decision, uint64_t to, const Vouch__V1__Member **member)
{
    *member = record_member(decision->view, to, decision->arena);
    if (*member == NULL) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "member %" PRIu64 ": no such member", to);
    }
    if (to == decision->actor->id) {
        return status_set(&decision->why, VOUCH_CONFLICT,
                          "intel goes to a colleague; a note of your own is `vouch contact note`");
    }
    if ((*member)->state == VOUCH__V1__MEMBER_STATE__REMOVED) {
        return status_set(&decision->why, VOUCH_CONFLICT, "%s is not a member any more", (*member)->name);
    }
    if ((*member)->state != VOUCH__V1__MEMBER_STATE__ACTIVE) {
        return status_set(&decision->why, VOUCH_CONFLICT, "%s has not joined yet", (*member)->name);
    }
    if (!access_can_be_party(*member)) {
        return status_set(&decision->why, VOUCH_CONFLICT, "%s does not sell", (*member)->name);
    }
    return VOUCH_OK;
}

static enum vouch_status take_intel(struct decision *decision, const Vouch__V1__IntelOffer *offer,
                                    Vouch__V1__Intel *intel, Vouch__V1__IntelGiven *given)
{
    const Vouch__V1__Member *member;
    enum vouch_status status = check_to(decision, offer->to, &member);
    if (status == VOUCH_OK && !record_exists(decision->view, TABLE_COMPANY, offer->company)) {
        status = status_set(&decision->why, VOUCH_NOT_FOUND, "company %" PRIu64 ": no such company", offer->company);
    }
    if (status == VOUCH_OK) {
        status = clock_for_hours(decision, member->id, decision->policy->intel_hours, &intel->clock);
    }
    if (status == VOUCH_OK) {
        Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
        uint64_t sealed_for = 0;
        text.note = offer->text;
        status = take_text(decision, 0, &text, &given->text, &sealed_for);
    }
    return status;
}

enum vouch_status decide_intel_offer(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__IntelOffer *offer = request->intel_offer;
    Vouch__V1__Intel *intel = decision_message(decision, &vouch__v1__intel__descriptor);
    Vouch__V1__IntelGiven *given = decision_message(decision, &vouch__v1__intel_given__descriptor);
    if (intel == NULL || given == NULL) {
        return decision_too_large(decision);
    }
    enum vouch_status status = take_intel(decision, offer, intel, given);
    if (status != VOUCH_OK) {
        return status;
    }
    intel->id = decision_next_id(decision, "last_intel");
    intel->from = decision->actor->id;
    intel->to = offer->to;
    intel->company = offer->company;
    intel->state = INTEL(OFFERED);
    intel->offered_ms = decision->now_ms;
    given->intel = intel;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(INTEL_GIVEN);
    event->intel_given = given;
    decision->answer_id = intel->id;
    return VOUCH_OK;
}

/* ---- the clock ---- */

/* After a downtime the gravest of what was missed is told, once. */
static Vouch__V1__Clock__Stage stage_reached(const Vouch__V1__Clock *clock, int64_t now_ms)
{
    return now_ms >= clock->due_ms ? STAGE(OVERDUE) : now_ms >= clock->last_ms ? STAGE(LAST) : STAGE(HALF);
}

/* Reminded is who was offered it; once it is overdue their managers are told too. */
static enum vouch_status tell(struct decision *decision, const Vouch__V1__Intel *intel, Vouch__V1__ClockRung *rung)
{
    rung->told = arena_alloc(decision->arena, (1 + ACCESS_MANAGERS_MAX) * sizeof *rung->told);
    if (rung->told == NULL) {
        return decision_too_large(decision);
    }
    rung->told[rung->n_told++] = intel->to;
    if (rung->missed) {
        rung->n_told += access_managers(decision->view, intel->to, &rung->told[1], decision->arena);
    }
    return VOUCH_OK;
}

/* The gravest moment of its clock that was reached. */
static enum vouch_status ring_emit(struct decision *decision, const Vouch__V1__Intel *intel)
{
    Vouch__V1__ClockRung *rung = decision_message(decision, &vouch__v1__clock_rung__descriptor);
    Vouch__V1__Clock *clock = arena_memdup(decision->arena, intel->clock, sizeof *clock);
    if (rung == NULL || clock == NULL) {
        return decision_too_large(decision);
    }
    clock->stage = stage_reached(clock, decision->now_ms);
    rung->intel = intel->id;
    rung->clock = clock;
    if (clock->stage == STAGE(OVERDUE)) {
        rung->missed = true;
        rung->day = home_day(decision);
    }
    enum vouch_status status = tell(decision, intel, rung);
    if (status != VOUCH_OK) {
        return status;
    }
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(CLOCK_RUNG);
    event->clock_rung = rung;
    return VOUCH_OK;
}

enum vouch_status intel_ring(struct decision *decision, uint64_t id, int64_t due_ms)
{
    const Vouch__V1__Intel *intel = record_intel(decision->view, id, decision->arena);
    if (intel == NULL || intel->clock == NULL || intel_rings_ms(intel) != due_ms) {
        return status_set(&decision->why, VOUCH_INTERNAL, "I%" PRIu64 " has no clock that rings now", id);
    }
    return ring_emit(decision, intel);
}

/* ---- what becomes of it ---- */

static const char *state_words(Vouch__V1__IntelState state)
{
    switch (state) {
    case INTEL(OFFERED):
        return "offered and not answered yet";
    case INTEL(TAKEN):
        return "taken";
    case INTEL(USED):
        return "used";
    case INTEL(NOT_USED):
        return "not used";
    default:
        return "unknown";
    }
}

static enum vouch_status check_move(struct decision *decision, const Vouch__V1__IntelMove *move,
                                    const Vouch__V1__Intel *intel)
{
    bool open = intel->state == INTEL(OFFERED) || intel->state == INTEL(TAKEN);
    if (move->to != INTEL(TAKEN) && move->to != INTEL(USED) && move->to != INTEL(NOT_USED)) {
        return status_set(&decision->why, VOUCH_INVALID, "intel is taken, used or not used");
    }
    if (intel->to != decision->actor->id) {
        return status_set(&decision->why, VOUCH_DENIED, "I%" PRIu64 " was offered to %s, who says what becomes of it",
                          intel->id, decision_name(decision, intel->to));
    }
    if (!open || intel->state == move->to) {
        return status_set(&decision->why, VOUCH_CONFLICT, "I%" PRIu64 " is %s already; nothing to do", intel->id,
                          state_words(intel->state));
    }
    if (move->referral != 0 && move->to != INTEL(USED)) {
        return status_set(&decision->why, VOUCH_INVALID, "a referral is named where intel was used on it");
    }
    return VOUCH_OK;
}

/* The day on which an obligation was kept; 0: it was none any more. Who answers later than they should has missed it,
 * also where the broker had not come to tell it yet. */
static enum vouch_status settle_clock(struct decision *decision, const Vouch__V1__Intel *intel, uint32_t *kept_day)
{
    *kept_day = 0;
    if (intel->clock == NULL || intel->clock->stage >= STAGE(OVERDUE)) {
        return VOUCH_OK;
    }
    if (decision->now_ms >= intel->clock->due_ms) {
        return ring_emit(decision, intel);
    }
    *kept_day = home_day(decision);
    return VOUCH_OK;
}

/* It helped this referral: the giver is credited. */
static enum vouch_status credit_giver(struct decision *decision, const Vouch__V1__Intel *intel,
                                      const Vouch__V1__IntelMove *move)
{
    Vouch__V1__ReferralCredit credit = VOUCH__V1__REFERRAL_CREDIT__INIT;
    credit.referral = move->referral;
    credit.member = intel->from;
    credit.kind = VOUCH__V1__TOUCH__KIND__INTEL;
    credit.note = move->note;
    return credit_emit(decision, &credit);
}

enum vouch_status decide_intel_move(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__IntelMove *move = request->intel_move;
    const Vouch__V1__Intel *intel = record_intel(decision->view, move->intel, decision->arena);
    Vouch__V1__IntelMoved *moved = decision_message(decision, &vouch__v1__intel_moved__descriptor);
    if (intel == NULL || (intel->to != decision->actor->id && intel->from != decision->actor->id)) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "I%" PRIu64 ": no such intel, or none that you may see",
                          move->intel);
    }
    enum vouch_status status = moved == NULL ? decision_too_large(decision) : check_move(decision, move, intel);
    if (status == VOUCH_OK) {
        status = settle_clock(decision, intel, &moved->kept_day);
    }
    if (status == VOUCH_OK && move->referral != 0) {
        status = credit_giver(decision, intel, move);
    }
    if (status == VOUCH_OK) {
        Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
        uint64_t sealed_for = 0;
        text.note = move->note;
        status = take_text(decision, 0, &text, &moved->text, &sealed_for);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    moved->intel = intel->id;
    moved->to = move->to;
    moved->referral = move->referral;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(INTEL_MOVED);
    event->intel_moved = moved;
    decision->answer_id = intel->id;
    return VOUCH_OK;
}
