/* SPDX-License-Identifier: Apache-2.0
 *
 * Asking for referrals: what may follow what comes from the table of moves (domain/ask_moves.def); here are the rules
 * that need more than the ask itself, the budget of the contact above all. It is looked at when somebody asks: of two
 * who ask the same contact at the same time the second is refused. */
#include "decide/asks.h"

#include "base/check.h"
#include "base/clock.h"
#include "decide/parts.h"
#include "domain/ask_moves.h"
#include "domain/zone.h"

#define ASK(name) VOUCH__V1__ASK_STATE__##name
#define OWES(name) VOUCH__V1__ASK_ROW__OWES__##name
#define LATER_MOST_DAYS 3650

/* The day of a moment, as people of the home company write it. */
static const char *day_text(struct decision *decision, char out[ZONE_TEXT_BYTES], int64_t time_ms)
{
    return zone_text(out, record_home_zone(decision->view, decision->arena), time_ms, false);
}

static const char *person_name(struct decision *decision, uint64_t contact)
{
    decision->why_contact = record_contact_self(decision->view, contact);
    const char *name = record_name(decision->view, TABLE_CONTACT, decision->why_contact, decision->arena);
    return name[0] == '\0' ? "the contact" : name;
}

/* ---- what a move needs ---- */

/* Tells no more of the contact than who asked last and when anybody may again. */
static enum vouch_status check_budget(struct decision *decision, uint64_t contact)
{
    char day[ZONE_TEXT_BYTES];
    struct ask_budget budget = asks_budget(decision->view, contact, decision->policy, decision->arena);
    if (budget.free_ms <= decision->now_ms) {
        return VOUCH_OK;
    }
    bool own = budget.asked_by == decision->actor->id;
    return status_set(&decision->why, VOUCH_CONFLICT, "%s %s asked %s already; they may be asked again from %s on",
                      own ? "you" : decision_name(decision, budget.asked_by), own ? "have" : "has",
                      person_name(decision, contact), day_text(decision, day, budget.free_ms));
}

static enum vouch_status check_last(struct decision *decision, const Vouch__V1__Contact *contact,
                                    const Vouch__V1__Ask *last)
{
    char day[ZONE_TEXT_BYTES];
    const char *name = contact->personal->name;
    if (last == NULL) {
        return VOUCH_OK;
    }
    if (last->state == ASK(PREPARED)) {
        return status_set(&decision->why, VOUCH_CONFLICT, "A%" PRIu64 " is prepared already; ask %s, or drop it",
                          last->id, name);
    }
    if (last->state == ASK(ASKED)) {
        return status_set(&decision->why, VOUCH_CONFLICT,
                          "you asked %s on %s; first say what they answered: `vouch ask answered A%" PRIu64 "`", name,
                          day_text(decision, day, last->asked_ms), last->id);
    }
    bool ended = last->answer == ASK(YES_NAMED) && last->state != ASK(OUTCOME_TOLD) && last->n_referrals > 0 &&
                 ask_under_way(decision->view, last, decision->arena) == 0;
    if (ended) {
        return status_set(&decision->why, VOUCH_CONFLICT,
                          "%s does not know yet what became of R%" PRIu64 "; tell them, then `vouch ask told A%" PRIu64
                          "`",
                          name, last->referrals[last->n_referrals - 1], last->id);
    }
    if (last->answer == ASK(YES_LATER) && last->later_ms > decision->now_ms) {
        return status_set(&decision->why, VOUCH_CONFLICT, "%s wants to be asked from %s on", name,
                          day_text(decision, day, last->later_ms));
    }
    return VOUCH_OK;
}

static enum vouch_status check_card(struct decision *decision)
{
    return card_can_go_along(decision->actor->card)
               ? VOUCH_OK
               : status_set(&decision->why, VOUCH_CONFLICT,
                            "your ideal-client card goes with an ask, and you have none: `vouch card set`");
}

static enum vouch_status check_date(struct decision *decision, int64_t later_ms)
{
    if (later_ms <= decision->now_ms || later_ms > decision->now_ms + LATER_MOST_DAYS * MS_PER_DAY) {
        return status_set(&decision->why, VOUCH_INVALID, "say when to ask again: a day to come, within ten years");
    }
    return VOUCH_OK;
}

static enum vouch_status check_outcome(struct decision *decision, const Vouch__V1__Ask *ask)
{
    uint64_t referral = ask_under_way(decision->view, ask, decision->arena);
    return referral == 0 ? VOUCH_OK
                         : status_set(&decision->why, VOUCH_CONFLICT,
                                      "R%" PRIu64 " is still on its way; tell %s once it has ended", referral,
                                      person_name(decision, ask->contact));
}

static enum vouch_status check_needs(struct decision *decision, const struct ask_move *move, const Vouch__V1__Ask *ask,
                                     int64_t later_ms)
{
    enum vouch_status status = VOUCH_OK;
    if ((move->needs & NEEDS_CARD) != 0) {
        status = check_card(decision);
    }
    if (status == VOUCH_OK && (move->needs & NEEDS_BUDGET) != 0) {
        status = check_budget(decision, ask->contact);
    }
    if (status == VOUCH_OK && (move->needs & NEEDS_DATE) != 0) {
        status = check_date(decision, later_ms);
    }
    if (status == VOUCH_OK && (move->needs & NEEDS_OUTCOME) != 0) {
        status = check_outcome(decision, ask);
    }
    return status;
}

/* ---- the events ---- */

static enum vouch_status move_on(struct decision *decision, const Vouch__V1__Ask *ask, Vouch__V1__AskState to,
                                 int64_t later_ms)
{
    Vouch__V1__AskMoved *moved = decision_message(decision, &vouch__v1__ask_moved__descriptor);
    uint64_t *told = arena_alloc(decision->arena, sizeof *told);
    if (moved == NULL || told == NULL) {
        return decision_too_large(decision);
    }
    moved->ask = ask->id;
    moved->to = to;
    moved->later_ms = to == ASK(YES_LATER) ? later_ms : 0;
    if (to == ASK(ASKED)) {
        moved->due_ms = decision->now_ms + (int64_t)decision->policy->ask_reply_days * MS_PER_DAY;
    }
    if (to == ASK(NO_REPLY)) {
        told[0] = ask->member;
        moved->told = told;
        moved->n_told = 1;
    }
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(ASK_MOVED);
    event->ask_moved = moved;
    decision->answer_id = ask->id;
    return VOUCH_OK;
}

static enum vouch_status prepare(struct decision *decision, const Vouch__V1__Contact *contact, bool asked)
{
    Vouch__V1__AskPrepared *prepared = decision_message(decision, &vouch__v1__ask_prepared__descriptor);
    Vouch__V1__Ask *ask = decision_message(decision, &vouch__v1__ask__descriptor);
    if (prepared == NULL || ask == NULL) {
        return decision_too_large(decision);
    }
    ask->id = decision_next_id(decision, "last_ask");
    ask->member = decision->actor->id;
    ask->contact = contact->id;
    ask->state = asked ? ASK(ASKED) : ASK(PREPARED);
    ask->prepared_ms = decision->now_ms;
    ask->card_version = decision->actor->card->version;
    if (asked) {
        ask->asked_ms = decision->now_ms;
        ask->due_ms = decision->now_ms + (int64_t)decision->policy->ask_reply_days * MS_PER_DAY;
    }
    prepared->ask = ask;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(ASK_PREPARED);
    event->ask_prepared = prepared;
    decision->answer_id = ask->id;
    return VOUCH_OK;
}

enum vouch_status decide_ask_prepare(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__AskPrepare *asked = request->ask_prepare;
    const Vouch__V1__Contact *contact;
    enum vouch_status status = contact_mine(decision, asked->contact, &contact);
    if (status != VOUCH_OK) {
        return status;
    }
    if (contact->withdrawn_ms != 0) {
        return status_set(&decision->why, VOUCH_CONFLICT, "%s does not want to be contacted", contact->personal->name);
    }
    const Vouch__V1__Ask *last = asks_last_of(decision->view, decision->actor->id, contact->id, decision->arena);
    bool goes_on = asked->asked && last != NULL && last->state == ASK(PREPARED);
    const struct ask_move *move = ask_move_find(goes_on ? ASK(ASKED) : ASK(PREPARED));
    CHECK(move != NULL);
    if (!goes_on) {
        status = check_last(decision, contact, last);
    }
    if (!goes_on && status == VOUCH_OK) { /* one before it may have come to its end only now */
        status = check_last(decision, contact,
                            asks_open_of(decision->view, decision->actor->id, contact->id, decision->arena));
    }
    if (status == VOUCH_OK) {
        Vouch__V1__Ask whom = VOUCH__V1__ASK__INIT;
        whom.contact = contact->id;
        status = check_needs(decision, move, &whom, 0);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    return goes_on ? move_on(decision, last, ASK(ASKED), 0) : prepare(decision, contact, asked->asked);
}

/* ---- moves ---- */

static enum vouch_status ask_mine(struct decision *decision, uint64_t id, const Vouch__V1__Ask **ask)
{
    *ask = record_ask(decision->view, id, decision->arena);
    if (*ask == NULL || (*ask)->member != decision->actor->id) {
        return status_set(&decision->why, VOUCH_NOT_FOUND, "A%" PRIu64 ": no such ask of yours", id);
    }
    uint64_t self = record_contact_self(decision->view, (*ask)->contact);
    if (record_name(decision->view, TABLE_CONTACT, self, decision->arena)[0] == '\0') {
        return status_set(&decision->why, VOUCH_CONFLICT, "whom you asked in A%" PRIu64 " was erased", id);
    }
    return VOUCH_OK;
}

/* The last ask of a contact; where that is done with, the one before it that is still open. */
static enum vouch_status find_ask(struct decision *decision, const Vouch__V1__AskMove *asked,
                                  const struct ask_move *move, const Vouch__V1__Ask **ask)
{
    const Vouch__V1__Contact *contact;
    if (asked->ask != 0) {
        return ask_mine(decision, asked->ask, ask);
    }
    enum vouch_status status = contact_mine(decision, asked->contact, &contact);
    if (status != VOUCH_OK) {
        return status;
    }
    *ask = asks_last_of(decision->view, decision->actor->id, contact->id, decision->arena);
    if (*ask != NULL && !ask_move_leads_from(move, (*ask)->state)) {
        const Vouch__V1__Ask *open = asks_open_of(decision->view, decision->actor->id, contact->id, decision->arena);
        *ask = open != NULL && ask_move_leads_from(move, open->state) ? open : *ask;
    }
    return *ask != NULL
               ? VOUCH_OK
               : status_set(&decision->why, VOUCH_NOT_FOUND, "you have not asked %s yet", contact->personal->name);
}

static enum vouch_status refuse_state(struct decision *decision, const struct ask_move *move, const Vouch__V1__Ask *ask)
{
    const struct ask_move *is = ask_move_find(ask->state);
    CHECK(is != NULL);
    return status_set(&decision->why, VOUCH_CONFLICT, "A%" PRIu64 " to %s is %s; there is nothing to %s", ask->id,
                      person_name(decision, ask->contact), is->past, move->word);
}

enum vouch_status decide_ask_move(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__AskMove *asked = request->ask_move;
    const struct ask_move *move = ask_move_find(asked->to);
    const Vouch__V1__Ask *ask;
    if (move == NULL || !move->by_member || move->from == 0) {
        return status_set(&decision->why, VOUCH_INVALID, "that is nothing an ask can be moved to");
    }
    enum vouch_status status = find_ask(decision, asked, move, &ask);
    if (status == VOUCH_OK && !ask_move_leads_from(move, ask->state)) {
        status = refuse_state(decision, move, ask);
    }
    if (status == VOUCH_OK) {
        status = check_needs(decision, move, ask, asked->later_ms);
    }
    return status == VOUCH_OK ? move_on(decision, ask, asked->to, asked->later_ms) : status;
}

enum vouch_status ask_run_out(struct decision *decision, uint64_t id, int64_t due_ms)
{
    const Vouch__V1__Ask *ask = record_ask(decision->view, id, decision->arena);
    if (ask == NULL || ask->state != ASK(ASKED) || ask->due_ms != due_ms) {
        return status_set(&decision->why, VOUCH_INTERNAL, "A%" PRIu64 " has no time that runs out now", id);
    }
    return move_on(decision, ask, ASK(NO_REPLY), 0);
}

/* ---- where a referral comes from ---- */

/* The ask that a referral answers. */
static enum vouch_status take_ask(struct decision *decision, const Vouch__V1__ReferralSubmit *submit,
                                  Vouch__V1__Source *source)
{
    const Vouch__V1__Ask *ask;
    enum vouch_status status = ask_mine(decision, submit->ask, &ask);
    if (status != VOUCH_OK) {
        return status;
    }
    uint64_t self = record_contact_self(decision->view, ask->contact);
    if (submit->source != 0 && record_contact_self(decision->view, submit->source) != self) {
        return status_set(&decision->why, VOUCH_INVALID, "A%" PRIu64 " was an ask of %s, who is the source then",
                          ask->id, person_name(decision, ask->contact));
    }
    if (!ask_takes_referral(ask->state)) {
        return status_set(&decision->why, VOUCH_CONFLICT, "A%" PRIu64 " is %s; no referral can come of it", ask->id,
                          ask_move_find(ask->state)->past);
    }
    if (ask->n_referrals >= LIMIT_ASK_REFERRALS) {
        return status_set(&decision->why, VOUCH_TOO_LARGE, "%d referrals came of A%" PRIu64 " already; ask again",
                          LIMIT_ASK_REFERRALS, ask->id);
    }
    source->ask = ask->id;
    source->contact = self;
    return VOUCH_OK;
}

static bool is_client(const struct decision *decision, const Vouch__V1__Contact *contact)
{
    const Vouch__V1__Company *company = record_company(decision->view, contact->company, decision->arena);
    return company != NULL && company->kind == VOUCH__V1__COMPANY_KIND__CLIENT;
}

enum vouch_status source_take(struct decision *decision, const Vouch__V1__ReferralSubmit *submit,
                              Vouch__V1__Referral *referral)
{
    Vouch__V1__Source *source = decision_message(decision, &vouch__v1__source__descriptor);
    enum vouch_status status = source == NULL     ? decision_too_large(decision)
                               : submit->ask != 0 ? take_ask(decision, submit, source)
                                                  : VOUCH_OK;
    const Vouch__V1__Contact *contact = NULL;
    if (status == VOUCH_OK && submit->ask == 0 && submit->source != 0) {
        status = contact_mine(decision, submit->source, &contact);
    } else if (status == VOUCH_OK && submit->ask != 0) {
        contact = record_contact(decision->view, source->contact, decision->arena);
    }
    if (status != VOUCH_OK) {
        return status;
    }
    if (contact != NULL) {
        source->contact = contact->id;
        source->kind = is_client(decision, contact) ? VOUCH__V1__SOURCE__KIND__CLIENT
                                                    : VOUCH__V1__SOURCE__KIND__CONTACT;
    } else if (referral->receiver != 0) {
        const Vouch__V1__Member *receiver = record_member(decision->view, referral->receiver, decision->arena);
        bool coworker = receiver != NULL && receiver->company == decision->actor->company;
        source->kind = coworker ? VOUCH__V1__SOURCE__KIND__COWORKER : VOUCH__V1__SOURCE__KIND__PARTNER;
    } else {
        return VOUCH_OK; /* not known before somebody is offered it */
    }
    referral->source = source;
    return VOUCH_OK;
}
