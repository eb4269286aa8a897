/* SPDX-License-Identifier: Apache-2.0
 *
 * Moving a referral: who, from where and with what come from the table of moves (domain/referral_moves.def); here are
 * the refusals that a person can act on, and what a verb does besides changing the state. */
#include "apply/clocks.h"
#include "base/check.h"
#include "base/clock.h"
#include "decide/parts.h"
#include "domain/names.h"

#include <stdio.h>

/* Of a reason that is quoted in a refusal. */
#define REASON_BYTES 150

/* ---- who ---- */

static uint64_t party_of(const Vouch__V1__Referral *referral, enum referral_party party)
{
    switch (party) {
    case PARTY_REFERRER:
        return referral->referrer;
    case PARTY_RECEIVER:
        return referral->attempt > 0 ? referral->receiver : 0;
    case PARTY_CONNECTOR:
        return referral->connector;
    case PARTY_BROKER:
    case PARTY_REVIEWER:
        return 0;
    }
    return 0;
}

/* What waits for managers is theirs to offer to somebody or to take back. */
static bool is_of_managers(struct decision *decision, const struct referral_move *move,
                           const Vouch__V1__Referral *referral)
{
    return (move->verb == VERB(OFFER) || move->verb == VERB(WITHDRAW)) &&
           access_manages(decision->view, decision->actor, referral->referrer, decision->arena);
}

static bool waits_for_managers(const Vouch__V1__Referral *referral)
{
    return referral->state != STATE(HELD) && clock_is_managers(referral);
}

/* Only the receiver sets progress; only the referrer offers and withdraws; only the connector lends a name. An admin
 * may act for a referrer or a receiver, for nobody can be asked to introduce in another's name. */
static enum vouch_status check_who(struct decision *decision, const struct referral_move *move,
                                   const Vouch__V1__Referral *referral)
{
    uint64_t party = party_of(referral, move->who);
    if (party == decision->actor->id ||
        (decision->actor->role == ROLE(ADMIN) && (move->who == PARTY_REFERRER || move->who == PARTY_RECEIVER))) {
        return VOUCH_OK;
    }
    if (is_of_managers(decision, move, referral)) { /* of two who settle it at once, one comes late */
        return waits_for_managers(referral)
                   ? VOUCH_OK
                   : status_set(&decision->why, VOUCH_DENIED,
                                "R%" PRIu64 " waits for no manager: it is %s%s%s; only its referrer, %s, can %s it",
                                referral->id, referral_state_name(referral->state),
                                referral->attempt > 0 ? ", with " : "",
                                referral->attempt > 0 ? decision_name(decision, referral->receiver) : "",
                                decision_name(decision, referral->referrer), move->word);
    }
    if (party == 0) {
        return status_set(&decision->why, VOUCH_DENIED, "only a %s can %s R%" PRIu64 ", and it has none",
                          referral_party_name(move->who), move->word, referral->id);
    }
    return status_set(&decision->why, VOUCH_DENIED, "only the %s, %s, can %s R%" PRIu64, referral_party_name(move->who),
                      decision_name(decision, party), move->word, referral->id);
}

/* ---- from where ---- */

static const char *age_text(char out[32], int64_t age_ms)
{
    static const struct {
        int64_t ms;
        const char *one;
        const char *many;
    } units[] = {{MS_PER_DAY, "a day", "days"}, {MS_PER_HOUR, "an hour", "hours"}, {60000, "a minute", "minutes"}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        int64_t count = age_ms / units[i].ms;
        if (count == 1) {
            snprintf(out, 32, "%s ago", units[i].one);
            return out;
        }
        if (count > 1) {
            snprintf(out, 32, "%" PRId64 " %s ago", count, units[i].many);
            return out;
        }
    }
    return "just now";
}

/* The reason that came with a step, in quotes; "" when there is none. */
static const char *reason_of(struct decision *decision, uint64_t sequence)
{
    const Vouch__V1__Event *event = record_event(decision->view, sequence, decision->arena);
    if (event == NULL || event->body_case != BODY(REFERRAL_MOVED)) {
        return "";
    }
    const Vouch__V1__ReferralText *text = record_text(decision->view, event->referral_moved->text,
                                                      event->referral_moved->contact, decision->arena);
    if (text == NULL || text->reason[0] == '\0') {
        return "";
    }
    const char *cut = text_cut(decision->arena, text->reason, REASON_BYTES);
    const char *quoted = cut == NULL ? NULL : arena_printf(decision->arena, " (\"%s\")", cut);
    return quoted == NULL ? "" : quoted;
}

/* The states that a move leads from, as words. */
static const char *from_words(char out[160], const struct referral_move *move)
{
    size_t used = 0;
    out[0] = '\0';
    for (uint32_t state = 1; state < REFERRAL_STATES; state++) {
        if (referral_move_leads_from(move, (Vouch__V1__ReferralState)state) && used < 150) {
            int written = snprintf(out + used, 160 - used, "%s%s", used == 0 ? "" : " or ",
                                   referral_state_name((Vouch__V1__ReferralState)state));
            used += written < 0 ? 0 : (size_t)written;
        }
    }
    return out;
}

/* The step that led to the present state. */
static const Vouch__V1__ReferralStep *last_change(const Vouch__V1__Referral *referral)
{
    size_t last = referral->n_steps - 1;
    while (last > 0) {
        const struct referral_move *move = referral_move_find(referral->steps[last]->verb);
        if (move == NULL || !referral_move_stays(move)) {
            break;
        }
        last--;
    }
    return referral->steps[last];
}

static enum vouch_status refuse_state(struct decision *decision, const struct referral_move *move,
                                      const Vouch__V1__Referral *referral)
{
    char age[32];
    char from[160];
    CHECK(referral->n_steps > 0);
    const Vouch__V1__ReferralStep *last = last_change(referral);
    const char *who = last->actor == 0                     ? "the broker"
                      : last->actor == decision->actor->id ? "you"
                                                           : decision_name(decision, last->actor);
    const char *when = age_text(age, decision->now_ms - last->time_ms);
    const char *reason = reason_of(decision, last->sequence);
    if (!referral_state_is_open(referral->state)) {
        return status_set(&decision->why, VOUCH_CONFLICT, "R%" PRIu64 " was %s by %s %s%s. Nothing to do.",
                          referral->id, referral_state_past(referral->state), who, when, reason);
    }
    return status_set(&decision->why, VOUCH_CONFLICT, "R%" PRIu64 " is %s (%s by %s %s%s); to %s it, it has to be %s",
                      referral->id, referral_state_name(referral->state), referral_state_past(referral->state), who,
                      when, reason, move->word, from_words(from, move));
}

/* ---- with what ---- */

static enum vouch_status check_needs(struct decision *decision, const struct referral_move *move,
                                     const Vouch__V1__ReferralMove *asked)
{
    if ((move->needs & NEEDS_RECEIVER) != 0 && asked->receiver == 0) {
        return status_set(&decision->why, VOUCH_INVALID, "say to whom it is offered");
    }
    if ((move->needs & NEEDS_REASON) != 0 && (asked->text == NULL || asked->text->reason[0] == '\0')) {
        return status_set(&decision->why, VOUCH_INVALID, "%s",
                          move->verb == VERB(CONTACT) ? "say how you made contact: that is its evidence"
                                                      : "say the reason: the referrer learns from it");
    }
    if ((move->needs & NEEDS_NOTE) != 0 && (asked->text == NULL || asked->text->note[0] == '\0')) {
        return status_set(&decision->why, VOUCH_INVALID, "give the referrer some feedback: they made it possible");
    }
    if ((move->needs & NEEDS_VOUCH) != 0 && (asked->text == NULL || asked->text->vouch[0] == '\0')) {
        return status_set(&decision->why, VOUCH_INVALID, "say why you vouch for it: the receiver reads it");
    }
    if ((move->needs & NEEDS_VALUE) != 0) {
        if (asked->value == NULL || asked->value->minor <= 0) {
            return status_set(&decision->why, VOUCH_INVALID, "say what it is worth: an amount above zero");
        }
        return value_check(decision, asked->value);
    }
    return VOUCH_OK;
}

/* A clock is put off to a day that is not too far, and not for ever. */
static enum vouch_status check_snooze(struct decision *decision, const Vouch__V1__Referral *referral, int64_t until_ms)
{
    const struct policy *policy = decision->policy;
    if (referral->clock == NULL) {
        return status_set(&decision->why, VOUCH_CONFLICT, "R%" PRIu64 " has no clock that could be put off",
                          referral->id);
    }
    if (until_ms <= decision->now_ms) {
        return status_set(&decision->why, VOUCH_INVALID, "say until when, in the future");
    }
    if (until_ms > decision->now_ms + policy->snooze_days * MS_PER_DAY) {
        return status_set(&decision->why, VOUCH_INVALID, "R%" PRIu64 " can be put off by %u days at most", referral->id,
                          (unsigned)policy->snooze_days);
    }
    if (referral->clock->snoozes >= policy->snoozes) {
        return status_set(&decision->why, VOUCH_CONFLICT,
                          "R%" PRIu64
                          " was put off %u times already since it is %s. Move it on, or decline or lose it.",
                          referral->id, (unsigned)referral->clock->snoozes, referral_state_name(referral->state));
    }
    return VOUCH_OK;
}

/* Who vouches vouches for a lead, and only a vouch can be taken back. */
static enum vouch_status check_vouch(struct decision *decision, const struct referral_move *move,
                                     const Vouch__V1__Referral *referral)
{
    if (move->verb == VERB(ATTEST) && !referral->lead) {
        return status_set(&decision->why, VOUCH_CONFLICT, "R%" PRIu64 " is vouched for already. Nothing to do.",
                          referral->id);
    }
    if (move->verb == VERB(DISOWN) && referral->lead) {
        return status_set(&decision->why, VOUCH_CONFLICT, "R%" PRIu64 " is a lead: nobody vouches for it",
                          referral->id);
    }
    return VOUCH_OK;
}

static enum vouch_status check_offer(struct decision *decision, const Vouch__V1__Referral *referral, uint64_t receiver)
{
    if (referral->attempt >= LIMIT_REFERRAL_OFFERS) {
        return status_set(&decision->why, VOUCH_CONFLICT, "R%" PRIu64 " was offered %d times; withdraw it",
                          referral->id, LIMIT_REFERRAL_OFFERS);
    }
    return receiver_check(decision, receiver, referral->referrer, referral->connector);
}

/* ---- the events ---- */

/* What runs from now on: the clock of the new state; where the state stays, the one that runs, unless the verb starts
 * it anew. What the receiver did in time counts for them. */
static enum vouch_status set_clock(struct decision *decision, const Vouch__V1__Referral *referral,
                                   Vouch__V1__ReferralMoved *moved)
{
    const struct referral_move *move = referral_move_find(moved->verb);
    bool receivers = move != NULL && move->who == PARTY_RECEIVER && moved->verb != VERB(SNOOZE);
    moved->kept_day = receivers && clock_is_kept(decision, referral) ? home_day(decision) : 0;
    if (moved->verb == VERB(GHOST)) {
        moved->clock = arena_memdup(decision->arena, referral->clock, sizeof *moved->clock);
        if (moved->clock != NULL) {
            moved->clock->stage = VOUCH__V1__CLOCK__STAGE__PASSED;
        }
        return moved->clock == NULL ? decision_too_large(decision) : VOUCH_OK;
    }
    if (moved->to == moved->from && moved->verb != VERB(UPDATE)) {
        moved->clock = referral->clock;
        moved->due_ms = referral->due_ms;
        return VOUCH_OK;
    }
    moved->due_ms = moved->to == STATE(CONSENT_WAIT) ? consent_due_ms(decision) : 0;
    enum vouch_status status = clock_start(decision, referral, moved->to, referral->receiver, &moved->clock);
    if (status == VOUCH_OK && moved->verb == VERB(UPDATE) && moved->clock != NULL && referral->clock != NULL) {
        moved->clock->snoozes = referral->clock->snoozes;
    }
    return status;
}

enum vouch_status move_emit(struct decision *decision, const Vouch__V1__Referral *referral,
                            Vouch__V1__ReferralVerb verb, Vouch__V1__ReferralState to, Vouch__V1__ReferralMoved **moved)
{
    *moved = decision_message(decision, &vouch__v1__referral_moved__descriptor);
    if (*moved == NULL) {
        return decision_too_large(decision);
    }
    (*moved)->referral = referral->id;
    (*moved)->verb = verb;
    (*moved)->from = referral->state;
    (*moved)->to = to;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(REFERRAL_MOVED);
    event->referral_moved = *moved;
    return to == STATE(OFFERED) && verb == VERB(OFFER) ? VOUCH_OK : set_clock(decision, referral, *moved);
}

enum vouch_status move_emit_offer(struct decision *decision, const Vouch__V1__Referral *referral, uint64_t receiver,
                                  uint32_t score_ppm, Vouch__V1__ReferralMoved **moved)
{
    enum vouch_status status = move_emit(decision, referral, VERB(OFFER), STATE(OFFERED), moved);
    if (status != VOUCH_OK) {
        return status;
    }
    (*moved)->receiver = receiver;
    (*moved)->score_ppm = score_ppm;
    return clock_start(decision, referral, STATE(OFFERED), receiver, &(*moved)->clock);
}

/* Why a connector saw no path is nobody's business. */
static enum vouch_status set_text(struct decision *decision, const Vouch__V1__Referral *referral,
                                  const Vouch__V1__ReferralText *text, Vouch__V1__ReferralMoved *moved)
{
    return moved->verb == VERB(NO_PATH) ? VOUCH_OK
                                        : take_text(decision, referral->contact, text, &moved->text, &moved->contact);
}

enum vouch_status move_set_reason(struct decision *decision, const Vouch__V1__Referral *referral, char *reason,
                                  Vouch__V1__ReferralMoved *moved)
{
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    text.reason = reason;
    return take_text(decision, referral->contact, &text, &moved->text, &moved->contact);
}

enum vouch_status move_offer_named(struct decision *decision, const Vouch__V1__Referral *referral)
{
    Vouch__V1__ReferralMoved *offered;
    if (referral->receiver == 0 || referral->attempt >= LIMIT_REFERRAL_OFFERS ||
        receiver_check(decision, referral->receiver, referral->referrer, referral->connector) != VOUCH_OK) {
        decision->why.text[0] = '\0';
        return VOUCH_OK;
    }
    enum vouch_status status = move_emit_offer(decision, referral, referral->receiver, referral->score_ppm, &offered);
    if (status == VOUCH_OK) {
        offered->from = STATE(REGISTERED);
    }
    return status;
}

/* Where a registration leads is the claim's business. A text that vouches makes a referral of what was a lead. */
static enum vouch_status register_claim(struct decision *decision, const Vouch__V1__Referral *referral,
                                        const Vouch__V1__ReferralMove *asked, Vouch__V1__Claim **claim,
                                        Vouch__V1__ReferralState *to)
{
    const Vouch__V1__Contact *contact = record_contact(decision->view, referral->contact, decision->arena);
    Vouch__V1__Referral registered = *referral;
    bool vouches = asked->verb == VERB(REGISTER) && asked->text != NULL && asked->text->vouch[0] != '\0';
    registered.lead = referral->lead && !vouches;
    enum vouch_status status = contact_consent_check(decision, referral->contact);
    if (status == VOUCH_OK) {
        status = claim_register(decision, &registered, contact == NULL ? NULL : contact->personal, false, claim, to);
    }
    return status;
}

/* Where a move leads: a draft that names a connector asks them first; a registration may have to wait. */
static enum vouch_status find_target(struct decision *decision, const struct referral_move *move,
                                     const Vouch__V1__Referral *referral, const Vouch__V1__ReferralMove *asked,
                                     Vouch__V1__Claim **claim, Vouch__V1__ReferralState *to)
{
    *claim = NULL;
    *to = referral_move_stays(move) ? referral->state : move->to;
    if (move->verb == VERB(REGISTER) && referral->state == STATE(DRAFT) && referral->connector != 0) {
        *to = STATE(CONSENT_WAIT);
        return VOUCH_OK;
    }
    if (move->verb == VERB(MEET)) {
        return claim_extend(decision, referral, claim);
    }
    return move->to == STATE(REGISTERED) && !referral->imported ? register_claim(decision, referral, asked, claim, to)
                                                                : VOUCH_OK;
}

static enum vouch_status make_move(struct decision *decision, const struct referral_move *move,
                                   const Vouch__V1__Referral *referral, const Vouch__V1__ReferralMove *asked)
{
    Vouch__V1__ReferralMoved *moved;
    Vouch__V1__ReferralState to;
    Vouch__V1__Claim *claim;
    enum vouch_status status = find_target(decision, move, referral, asked, &claim, &to);
    if (status == VOUCH_OK) {
        status = move->verb == VERB(OFFER)
                     ? move_emit_offer(decision, referral, asked->receiver, asked->score_ppm, &moved)
                     : move_emit(decision, referral, move->verb, to, &moved);
    }
    if (status == VOUCH_OK && move->verb == VERB(SNOOZE)) {
        status = clock_snooze(decision, referral, asked->until_ms, &moved->clock);
    }
    if (status == VOUCH_OK) {
        moved->claim = claim;
        status = set_text(decision, referral, asked->text, moved);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    bool completed = move->verb == VERB(REGISTER) && moved->text.len > 0 && asked->text->vouch[0] != '\0';
    moved->vouched = referral->lead && (completed || move->verb == VERB(ATTEST));
    if (move->verb == VERB(WIN)) {
        moved->value = asked->value;
        moved->reciprocal = claim_reciprocal(decision, referral);
        return referral->imported ? VOUCH_OK : deal_emit(decision, referral, asked->value);
    }
    if (move->verb == VERB(ATTEST) || move->verb == VERB(DISOWN)) {
        return claim_follow_vouch(decision, referral);
    }
    return to == STATE(REGISTERED) && !referral_move_stays(move) ? move_offer_named(decision, referral) : VOUCH_OK;
}

enum vouch_status decide_referral_move(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__ReferralMove *asked = request->referral_move;
    const struct referral_move *move = referral_move_find(asked->verb);
    if (move == NULL || move->from == 0 || move->who == PARTY_BROKER || move->who == PARTY_REVIEWER) {
        return status_set(&decision->why, VOUCH_INVALID, "that is no move a member can make");
    }
    const Vouch__V1__Referral *referral = record_referral(decision->view, asked->referral, decision->arena);
    if (referral == NULL || !access_referral(decision->view, decision->actor, referral, decision->arena)) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "R%" PRIu64 ": no such referral, or none that you may see",
                          asked->referral);
    }
    enum vouch_status status = check_who(decision, move, referral);
    if (status == VOUCH_OK && !referral_move_leads_from(move, referral->state)) {
        status = refuse_state(decision, move, referral);
    }
    if (status == VOUCH_OK && referral_move_stays(move) && referral->n_steps >= LIMIT_REFERRAL_STEPS) {
        status = status_set(&decision->why, VOUCH_CONFLICT,
                            "R%" PRIu64 " has %d steps and stays where it is: move it on, or close it", referral->id,
                            LIMIT_REFERRAL_STEPS);
    }
    if (status == VOUCH_OK) {
        status = check_needs(decision, move, asked);
    }
    if (status == VOUCH_OK && move->verb == VERB(OFFER)) {
        status = check_offer(decision, referral, asked->receiver);
    }
    if (status == VOUCH_OK && move->verb == VERB(SNOOZE)) {
        status = check_snooze(decision, referral, asked->until_ms);
    }
    if (status == VOUCH_OK) {
        status = check_vouch(decision, move, referral);
    }
    if (status == VOUCH_OK) {
        status = clock_catch_up(decision, &referral);
    }
    if (status == VOUCH_OK) {
        status = make_move(decision, move, referral, asked);
    }
    decision->answer_id = status == VOUCH_OK ? referral->id : 0;
    return status;
}
