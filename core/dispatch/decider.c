/* SPDX-License-Identifier: Apache-2.0
 *
 * decide → pack → apply, for commands and timers. */
#include "dispatch/decider.h"

#include "apply/record.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/message.h"
#include "base/random.h"
#include "dispatch/broker.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

/* A timer that cannot be decided is tried again after this long: it must not keep commands from being decided. */
#define TIMERS_REST_US 60000000

void decider_init(struct decider *decider, struct broker *broker, uint64_t sequence)
{
    *decider = (struct decider){.broker = broker, .sequence = sequence, .next_due_ms = INT64_MAX};
    decider->scratch = arena_new(LIMIT_REQUEST_ARENA_BYTES);
}

void decider_end(struct decider *decider)
{
    arena_free(&decider->scratch);
}

void decider_set_health(struct decider *decider, enum decider_health health, const struct status_text *why)
{
    if (decider->health == health || decider->health == DECIDER_BROKEN) {
        return;
    }
    decider->health = health;
    decider->health_why = *why;
    if (health == DECIDER_SOUND) {
        log_info("writer", "commands are accepted again");
    } else {
        log_error("writer", "no command is accepted %s; queries go on: %s",
                  health == DECIDER_STALLED ? "for now" : "until vouchd is restarted", why->text);
    }
}

/* Refusals that are worth an event, so that a retry is refused alike; the others may well succeed when tried again. */
static bool is_final(enum vouch_status status)
{
    switch (status) {
    case VOUCH_INVALID:
    case VOUCH_DENIED:
    case VOUCH_NOT_FOUND:
    case VOUCH_CONFLICT:
    case VOUCH_DUPLICATE:
        return true;
    default:
        return false;
    }
}

/* The sentence of an earlier refusal, from its event. */
static void recall_refusal(struct request *request, const struct view *view, uint64_t sequence)
{
    struct slice bytes;
    const void *found = NULL;
    if (journal_get(view, sequence, &bytes)) {
        found = message_unpack_own(&vouch__v1__event__descriptor, bytes.size, bytes.data, request->arena);
    }
    const Vouch__V1__Event *event = found;
    if (event != NULL && event->body_case == VOUCH__V1__EVENT__BODY_COMMAND_REFUSED) {
        const Vouch__V1__CommandRefused *refused = event->command_refused;
        const Vouch__V1__ReferralText *text = record_text(view, refused->text, refused->contact, request->arena);
        const char *sealed = text == NULL ? "it was about a person who was erased since" : text->reason;
        status_set(&request->why, request->status, "%s", refused->contact == 0 ? refused->message : sealed);
    } else {
        request->status = status_set(&request->why, VOUCH_BUSY, "the first answer is being recorded; try again");
    }
}

/* True when this command was answered before; the request then has that answer. */
static bool answered_before(struct request *request, const struct view *view)
{
    struct outcome outcome;
    CHECK(request->message->id.len == UUID_BYTES);
    if (!outcome_get(view, request->message->id.data, request->identity.member, &outcome)) {
        return false;
    }
    if (outcome.fingerprint != request->fingerprint) {
        request->status = status_set(&request->why, VOUCH_CONFLICT,
                                     "this command id was used for another command; mint a new id for each command");
        return true;
    }
    count(COUNT_commands_repeated);
    request->status = (enum vouch_status)outcome.status;
    request->sequence = outcome.sequence;
    request->answer_id = outcome.answer_id;
    if (request->status != VOUCH_OK) {
        recall_refusal(request, view, outcome.sequence);
    }
    return true;
}

/* Fills in what is the same for all events of a decision; `request` is NULL for the broker's own. */
static void stamp_events(struct decision *decision, const struct request *request)
{
    for (size_t i = 0; i < decision->event_count; i++) {
        Vouch__V1__Event *event = &decision->events[i];
        event->time_ms = decision->now_ms;
        if (request != NULL) {
            event->actor = request->identity.member;
            event->command_id = request->message->id;
        }
    }
    if (request != NULL && decision->event_count > 0) {
        Vouch__V1__Event *last = &decision->events[decision->event_count - 1];
        last->fingerprint = request->fingerprint;
        last->answer_id = decision->answer_id;
    }
}

/* Turns the decision into nothing but a refusal that is remembered. */
static void record_refusal(struct decision *decision, enum vouch_status status)
{
    Vouch__V1__CommandRefused *refused = arena_alloc(decision->arena, sizeof *refused);
    decision->event_count = 0;
    decision->key_count = 0;
    decision->answer_id = 0;
    if (refused == NULL) {
        return;
    }
    vouch__v1__command_refused__init(refused);
    refused->status = (Vouch__V1__Status)status;
    if (!decision_seal_refusal(decision, refused)) {
        refused->message = decision->why.text;
    }
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = VOUCH__V1__EVENT__BODY_COMMAND_REFUSED;
    event->command_refused = refused;
}

static enum vouch_status decide(struct request *request, struct decision *decision)
{
    decision->actor = request_actor(request, decision->view);
    if (decision->actor == NULL && request->identity.role != VOUCH__V1__ROLE__ROLE_NONE) {
        return status_set(&decision->why, VOUCH_INTERNAL, "your member record cannot be read");
    }
    if (decision->actor != NULL && decision->actor->state != VOUCH__V1__MEMBER_STATE__ACTIVE) {
        return status_set(&decision->why, VOUCH_REVOKED, "your keys have been revoked; ask an admin for an invitation");
    }
    decide_function *function = decide_for(request->operation->number);
    CHECK(function != NULL);
    return function(decision, request->message);
}

static enum vouch_status set_clock(struct request *request, struct status_text *why)
{
    int64_t to_ms = request->message->clock_set->time_ms;
    if (!clock_is_manual()) {
        return status_set(why, VOUCH_CONFLICT, "this broker follows the system's clock; start it with --clock manual");
    }
    if (!clock_set_manual_ms(to_ms)) {
        return status_set(why, VOUCH_CONFLICT, "the clock is at %" PRId64 " ms already and never goes back",
                          clock_now_ms());
    }
    return VOUCH_OK;
}

/* Decides and, when there is something to record, adds to the batch. */
static void decide_into(struct decider *decider, struct batch *batch, struct request *request, struct view *view)
{
    struct decision decision = {
        .view = view,
        .arena = request->arena,
        .now_ms = clock_now_ms(),
        .key = request->peer.key,
        .policy = atomic_load(&decider->broker->policy),
        .advice = request->advice,
    };
    request->status = decide(request, &decision);
    if (request->status != VOUCH_OK) {
        if (is_final(request->status)) {
            record_refusal(&decision, request->status);
        } else {
            decision.event_count = decision.key_count = 0;
        }
    }
    stamp_events(&decision, request);
    enum vouch_status added = batch_add(batch, &decision, &decider->sequence, decider->scratch);
    if (added != VOUCH_OK) {
        request->status = added;
    }
    request->why = decision.why;
    request->answer_id = decision.answer_id;
    request->change = decision.change;
    request->sequence = decider->sequence;
}

/* What was found for a referral that waits for its next receiver. Nothing to record: it waits no longer, or is looked
 * for again. */
static void reroute_into(struct decider *decider, struct batch *batch, struct request *request, struct view *view)
{
    struct decision decision = {
        .view = view,
        .arena = request->arena,
        .now_ms = clock_now_ms(),
        .policy = atomic_load(&decider->broker->policy),
    };
    request->status = decide_reroute(&decision, &request->search.found);
    if (request->status == VOUCH_OK) {
        stamp_events(&decision, NULL);
        request->status = batch_add(batch, &decision, &decider->sequence, decider->scratch);
    }
    if (request->status != VOUCH_OK) {
        log_debug("reroute", "R%" PRIu64 ": %s", request->search.found.referral, decision.why.text);
    }
}

enum vouch_status decider_command(struct decider *decider, struct batch *batch, struct request *request,
                                  struct status_text *why)
{
    CHECK(!batch_is_full(batch));
    batch->requests[batch->request_count++] = request;
    if (decider->health != DECIDER_SOUND) {
        request->status = status_set(&request->why, VOUCH_UNAVAILABLE, "nothing can be recorded%s: %.400s",
                                     decider->health == DECIDER_BROKEN ? " until vouchd is restarted" : "",
                                     decider->health_why.text);
        return VOUCH_OK;
    }
    bool is_search = request->search.slot != NULL;
    if (!is_search && request->operation->number == VOUCH__V1__REQUEST__OPERATION_CLOCK_SET) {
        request->status = set_clock(request, &request->why);
        return VOUCH_OK;
    }
    struct view *view = state_write_view(decider->broker->store, why);
    if (view == NULL) {
        return VOUCH_UNAVAILABLE;
    }
    if (is_search) {
        reroute_into(decider, batch, request, view);
    } else if (!answered_before(request, view)) {
        decide_into(decider, batch, request, view);
    }
    if (view_failed(view) != NULL) {
        return status_set(why, VOUCH_UNAVAILABLE, "the state cannot take more: %s", view_failed(view));
    }
    decider_look_for_due(decider);
    return VOUCH_OK;
}

int64_t decider_due_in_us(const struct decider *decider)
{
    if (decider->health != DECIDER_SOUND || decider->next_due_ms == INT64_MAX) {
        return -1;
    }
    int64_t left_ms = decider->next_due_ms - clock_now_ms();
    if (left_ms <= 0) {
        int64_t rest_us = decider->timers_rest_us - clock_mono_us();
        return rest_us > 0 ? rest_us : 0;
    }
    return clock_is_manual() ? -1 : (left_ms < MS_PER_DAY ? left_ms : MS_PER_DAY) * 1000;
}

/* First row of the timer queue. */
static bool first_due(const struct view *view, int64_t *due_ms, enum due_kind *kind, uint64_t *id)
{
    struct slice key;
    struct cursor *cursor = cursor_open(view, TABLE_DUE);
    bool found = cursor_seek(cursor, SLICE_NONE, &key, NULL);
    if (found) {
        CHECK(key.size == 17);
        *due_ms = (int64_t)slice_u64(key, 0);
        *kind = (enum due_kind)((const uint8_t *)key.data)[8];
        *id = slice_u64(key, 9);
    }
    cursor_close(&cursor);
    return found;
}

void decider_look_for_due(struct decider *decider)
{
    struct status_text why = {""};
    struct view *view = state_write_view(decider->broker->store, &why);
    enum due_kind kind;
    uint64_t id;
    if (view == NULL || !first_due(view, &decider->next_due_ms, &kind, &id)) {
        decider->next_due_ms = INT64_MAX;
    }
}

enum vouch_status decider_timer(struct decider *decider, struct batch *batch, struct status_text *why)
{
    CHECK(!batch_is_full(batch));
    struct view *view = state_write_view(decider->broker->store, why);
    int64_t due_ms;
    enum due_kind kind;
    uint64_t id;
    if (view == NULL) {
        return VOUCH_UNAVAILABLE;
    }
    if (!first_due(view, &due_ms, &kind, &id)) {
        decider->next_due_ms = INT64_MAX;
        return VOUCH_OK;
    }
    arena_reset(decider->scratch);
    struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    struct decision decision = {
        .view = view, .arena = arena, .now_ms = clock_now_ms(), .policy = atomic_load(&decider->broker->policy)};
    enum vouch_status status = decide_due(&decision, kind, id, due_ms);
    /* The event that answers a timer removes its row: without one the timer would fire for ever. */
    CHECK(status != VOUCH_OK || decision.event_count > 0);
    if (status == VOUCH_OK) {
        stamp_events(&decision, NULL);
        status = batch_add(batch, &decision, &decider->sequence, decider->scratch);
    }
    if (status != VOUCH_OK) {
        log_error("timer", "kind=%d id=%" PRIu64 " due_ms=%" PRId64 ": %s", (int)kind, id, due_ms, decision.why.text);
        decider->timers_rest_us = clock_mono_us() + TIMERS_REST_US;
        status = VOUCH_OK; /* nothing was applied, so nothing need be undone */
    }
    if (view_failed(view) != NULL) {
        status = status_set(why, VOUCH_UNAVAILABLE, "the state cannot take more: %s", view_failed(view));
    }
    arena_free(&arena);
    decider_look_for_due(decider);
    return status;
}
