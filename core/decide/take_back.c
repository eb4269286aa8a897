/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding the units of a line, and collecting what is taken of them. */
#include "decide/take_back.h"

#include "base/check.h"
#include "decide/parts.h"

#include <string.h>

/* So many fit into one event whatever their numbers. */
#define TAKINGS_PER_EVENT 2000

/* What the lines before took from a statement. */
struct used_statement {
    uint64_t statement;
    int64_t reversed;
    int64_t clawed;
    int64_t held; /* of `reversed`: what disputes held */
};

/* ---- where ---- */

static bool find_on_statement(const struct view *view, struct arena *arena, struct line_place *place)
{
    const Vouch__V1__Statement *statement = record_statement(view, place->statement, arena);
    if (statement == NULL) {
        return false;
    }
    place->payout = statement->payout;
    place->line.minor[PLACE_PAY] = statement_to_send(statement) + place->held_minor;
    place->line.minor[PLACE_SENT] = statement->sent_minor;
    place->line.minor[PLACE_DONE] = statement_done(statement);
    return true;
}

const struct line_place *line_find(const struct view *view, const Vouch__V1__Deal *deal,
                                   const Vouch__V1__Payment *payment, const Vouch__V1__PaymentPart *part,
                                   struct arena *arena, struct line_place *place)
{
    bool approved = part->approved_period != 0;
    bool on_statement = approved;
    *place = (struct line_place){.statement = 0};
    if (part->dispute != 0) {
        const Vouch__V1__Dispute *dispute = record_dispute(view, part->dispute, arena);
        if (dispute == NULL) {
            return NULL;
        }
        place->held_minor = dispute->minor;
        on_statement = dispute->statement != 0; /* or it was held back from every statement since */
    }
    if (on_statement) {
        struct account_id id = account_id_of(part->member, deal->company, payment->amount->currency);
        place->statement = statement_of_line(view, &id, part->approved_period);
    }
    if (place->statement != 0) {
        return find_on_statement(view, arena, place) ? place : NULL;
    }
    place->line.minor[approved ? PLACE_APP : PLACE_ACC] = part_left(part);
    return place;
}

/* ---- taking ---- */

struct taking_back taking_back_start(struct decision *decision, const Vouch__V1__Deal *deal)
{
    return (struct taking_back){.decision = decision, .deal = deal};
}

/* Room for one more; NULL past the arena's budget. */
static void *with_room(struct decision *decision, void *items, size_t count, size_t *room, size_t size)
{
    if (count < *room) {
        return items;
    }
    *room = 2 * count + 16;
    void *more = arena_alloc(decision->arena, *room * size);
    return more == NULL || count == 0 ? more : memcpy(more, items, count * size);
}

/* What was taken from this statement; a new row when nothing was. NULL past the arena's budget. */
static struct used_statement *used_of(struct taking_back *taking, uint64_t statement)
{
    for (size_t i = 0; i < taking->used_count; i++) {
        if (taking->used[i].statement == statement) {
            return &taking->used[i];
        }
    }
    taking->used = with_room(taking->decision, taking->used, taking->used_count, &taking->used_room,
                             sizeof *taking->used);
    if (taking->used == NULL) {
        return NULL;
    }
    struct used_statement *used = &taking->used[taking->used_count++];
    *used = (struct used_statement){.statement = statement};
    return used;
}

static bool note(struct taking_back *taking, const Vouch__V1__Payment *payment, uint64_t payee,
                 struct ledger_taking what, uint64_t statement)
{
    taking->takings = with_room(taking->decision, taking->takings, taking->count, &taking->room,
                                sizeof *taking->takings);
    Vouch__V1__CommissionTaking *message = decision_message(taking->decision,
                                                            &vouch__v1__commission_taking__descriptor);
    if (taking->takings == NULL || message == NULL) {
        return false;
    }
    message->payment = payment->id;
    message->payee = payee;
    message->step = (Vouch__V1__LedgerStep)what.step;
    message->minor = what.minor;
    message->statement = statement;
    taking->takings[taking->count++] = message;
    return true;
}

static bool note_all(struct taking_back *taking, const Vouch__V1__Payment *payment, uint64_t payee,
                     const struct line_place *place, const struct ledger_taking *what, size_t count)
{
    struct used_statement *used = place->statement == 0 ? NULL : used_of(taking, place->statement);
    if (place->statement != 0 && used == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!note(taking, payment, payee, what[i], place->statement)) {
            return false;
        }
        if (what[i].step == LEDGER_STEP_REVERSE_PAY) {
            used->reversed += what[i].minor;
            used->held += what[i].minor < place->held_minor ? what[i].minor : place->held_minor;
        } else if (what[i].step == LEDGER_STEP_CLAW_BACK) {
            used->clawed += what[i].minor;
        }
    }
    return true;
}

/* The state does not show yet what the lines before take. What they take of their own holds was no line's to send. */
static bool less_used(struct taking_back *taking, struct line_place *place)
{
    const struct used_statement *used = place->statement == 0 ? NULL : used_of(taking, place->statement);
    if (used != NULL) {
        place->line.minor[PLACE_PAY] -= used->reversed - used->held;
        place->line.minor[PLACE_DONE] -= used->clawed;
        CHECK(place->line.minor[PLACE_PAY] >= 0 && place->line.minor[PLACE_DONE] >= 0);
    }
    return place->statement == 0 || used != NULL;
}

enum vouch_status taking_back_add(struct taking_back *taking, const Vouch__V1__Payment *payment,
                                  const Vouch__V1__PaymentPart *part, int64_t minor)
{
    struct decision *decision = taking->decision;
    struct ledger_taking what[LEDGER_TAKINGS_MAX];
    struct line_place place;
    size_t count;
    CHECK(minor > 0 && minor <= part_left(part));
    /* A deal can have thousands of lines: what is read to find one is not kept. */
    struct arena *scratch = arena_new(LIMIT_EVENT_BYTES);
    bool found = line_find(decision->view, taking->deal, payment, part, scratch, &place) != NULL;
    arena_free(&scratch);
    if (!found || !less_used(taking, &place)) {
        return decision_too_large(decision);
    }
    if (ledger_take_back(&place.line, minor, what, &count, &decision->why) != VOUCH_OK) {
        return status_set(&decision->why, VOUCH_CONFLICT,
                          "what P%" PRIu64 " pays to %s is with the bank, on S%" PRIu64 " in batch B%" PRIu64
                          ": say first that the bank has paid it, or failed to",
                          payment->id, decision_name(decision, part->member), place.statement, place.payout);
    }
    return note_all(taking, payment, part->member, &place, what, count) ? VOUCH_OK : decision_too_large(decision);
}

/* ---- the events ---- */

static enum vouch_status emit(struct taking_back *taking, const Vouch__V1__CommissionTaken *like, size_t from,
                              size_t until)
{
    struct decision *decision = taking->decision;
    Vouch__V1__CommissionTaken *taken = arena_memdup(decision->arena, like, sizeof *like);
    if (taken == NULL || decision->event_count == LIMIT_EVENTS_PER_COMMAND) {
        return decision_too_large(decision);
    }
    bool last = until == taking->count;
    taken->takings = taking->takings + from;
    taken->n_takings = until - from;
    if (!last) {
        taken->refunded_payment = 0;
        taken->refunded_minor = 0;
        taken->canceled = false;
    }
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(COMMISSION_TAKEN);
    event->commission_taken = taken;
    return VOUCH_OK;
}

enum vouch_status taking_back_emit(struct taking_back *taking, const Vouch__V1__CommissionTaken *taken)
{
    size_t from = 0;
    enum vouch_status status;
    do {
        size_t until = taking->count - from > TAKINGS_PER_EVENT ? from + TAKINGS_PER_EVENT : taking->count;
        status = emit(taking, taken, from, until);
        from = until;
    } while (status == VOUCH_OK && from < taking->count);
    return status;
}
