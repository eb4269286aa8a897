/* SPDX-License-Identifier: Apache-2.0
 *
 * Collecting events of a group commit, and answering for it. */
#include "dispatch/batch.h"

#include "apply/apply.h"
#include "base/check.h"
#include "base/counters.h"
#include "base/message.h"
#include "dispatch/broker.h"

#include <stdlib.h>

#define ARENA_BYTES ((size_t)64 << 20)
/* A batch is full when its arena has given out so much: the largest decision still fits. */
#define ARENA_FULL_BYTES ((size_t)32 << 20)

struct batch *batch_new(size_t most_commands)
{
    struct batch *batch = calloc(1, sizeof *batch);
    CHECK(batch != NULL && most_commands > 0 && most_commands <= LIMIT_BATCH_COMMANDS);
    batch->most_commands = most_commands;
    batch->arena = arena_new(ARENA_BYTES);
    return batch;
}

void batch_free(struct batch **batch)
{
    CHECK((*batch)->request_count == 0);
    arena_free(&(*batch)->arena);
    free(*batch);
    *batch = NULL;
}

bool batch_is_empty(const struct batch *batch)
{
    return batch->event_count == 0 && batch->request_count == 0;
}

/* Room for what one more command may record. */
static bool has_room(const struct batch *batch)
{
    return batch->event_count + LIMIT_EVENTS_PER_COMMAND <= BATCH_EVENTS &&
           batch->key_count + LIMIT_KEYS_PER_COMMAND <= BATCH_KEYS &&
           batch->member_count + LIMIT_EVENTS_PER_COMMAND <= LIMIT_BATCH_COMMANDS;
}

bool batch_is_full(const struct batch *batch)
{
    return batch->request_count >= batch->most_commands || !has_room(batch) ||
           arena_used(batch->arena) > ARENA_FULL_BYTES;
}

/* The member whose keys an event changes; 0: none. */
static uint64_t changed_member(const Vouch__V1__Event *event)
{
    switch (event->body_case) {
    case VOUCH__V1__EVENT__BODY_MEMBER_INVITED:
        return event->member_invited->member->id;
    case VOUCH__V1__EVENT__BODY_MEMBER_ENROLLED:
        return event->member_enrolled->member;
    case VOUCH__V1__EVENT__BODY_MEMBER_REMOVED:
        return event->member_removed->member;
    case VOUCH__V1__EVENT__BODY_INVITE_EXPIRED:
        return event->invite_expired->member;
    case VOUCH__V1__EVENT__BODY_KEY_ROTATED:
        return event->key_rotated->member;
    default:
        return 0;
    }
}

/* Notes the member's record as it is after the event, for the identities. */
static void note_changed_member(struct batch *batch, const struct view *view, const Vouch__V1__Event *event)
{
    uint64_t id = changed_member(event);
    if (id == 0) {
        return;
    }
    struct key key = key_u64(id);
    struct slice value;
    if (!table_get(view, TABLE_MEMBER, key_slice(&key), &value)) {
        return; /* the view failed; the whole batch will be dropped */
    }
    const void *member = message_unpack_own(&vouch__v1__member__descriptor, value.size, value.data, batch->arena);
    CHECK(member != NULL);
    batch->members[batch->member_count++] = member;
}

enum vouch_status batch_add(struct batch *batch, struct decision *decision, uint64_t *sequence, struct arena *scratch)
{
    CHECK(has_room(batch) && decision->event_count <= LIMIT_EVENTS_PER_COMMAND);
    CHECK(decision->key_count <= LIMIT_KEYS_PER_COMMAND);
    struct slice packed[LIMIT_EVENTS_PER_COMMAND];
    for (size_t i = 0; i < decision->event_count; i++) {
        packed[i].data = message_pack(&decision->events[i].base, batch->arena, &packed[i].size);
        if (packed[i].data == NULL || packed[i].size > LIMIT_EVENT_BYTES) {
            return status_set(&decision->why, VOUCH_TOO_LARGE, "what this records is larger than %d bytes",
                              LIMIT_EVENT_BYTES);
        }
    }
    for (size_t i = 0; i < decision->key_count; i++) {
        batch->keys[batch->key_count++] = decision->keys[i];
        view_add_person_key(decision->view, *sequence + decision->event_count, &decision->keys[i]);
    }
    for (size_t i = 0; i < decision->event_count; i++) {
        batch->events[batch->event_count++] = (struct journal_entry){++*sequence, packed[i]};
        arena_reset(scratch);
        apply_event(decision->view, *sequence, &decision->events[i], scratch);
        note_changed_member(batch, decision->view, &decision->events[i]);
    }
    return VOUCH_OK;
}

void batch_answer(struct batch *batch, struct broker *broker, enum vouch_status status, const struct status_text *why)
{
    struct outgoing *first = NULL;
    struct outgoing **end = &first;
    size_t answered = 0;
    for (size_t i = 0; i < batch->request_count; i++) {
        struct request *request = batch->requests[i];
        if (status != VOUCH_OK) {
            request->status = status;
            request->why = *why;
            request->sequence = 0; /* it was given back */
        }
        if (request->search.slot == NULL) {
            *end = request_outcome(request);
            end = &(*end)->next;
            answered++;
        }
        request_free(&batch->requests[i]);
    }
    count_add(COUNT_commands, answered);
    batch->request_count = 0;
    outbox_send_list(broker->outbox, first);
}

void batch_reset(struct batch *batch)
{
    CHECK(batch->request_count == 0);
    batch->event_count = 0;
    batch->key_count = 0;
    batch->member_count = 0;
    arena_reset(batch->arena);
}
