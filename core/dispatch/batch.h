/* SPDX-License-Identifier: Apache-2.0
 *
 * One group commit: the events of many commands, made by the writer thread, made durable by the journal thread, and the
 * requests that are answered then. */
#ifndef VOUCH_DISPATCH_BATCH_H
#define VOUCH_DISPATCH_BATCH_H

#include "decide/decide.h"
#include "dispatch/request.h"

#define BATCH_EVENTS (LIMIT_BATCH_COMMANDS * 2 + LIMIT_EVENTS_PER_COMMAND)
#define BATCH_KEYS (LIMIT_BATCH_COMMANDS * 2 + LIMIT_KEYS_PER_COMMAND)

struct batch {
    size_t most_commands;
    struct arena *arena; /* packed events, changed members */
    size_t event_count;
    struct journal_entry events[BATCH_EVENTS];
    size_t key_count;
    struct person_key keys[BATCH_KEYS];
    size_t request_count;
    struct request *requests[LIMIT_BATCH_COMMANDS]; /* to be answered once the events are durable */
    size_t member_count;
    const Vouch__V1__Member *members[LIMIT_BATCH_COMMANDS]; /* whose keys changed, as they are now */
};

/* Full with `most_commands`, at most LIMIT_BATCH_COMMANDS. */
struct batch *batch_new(size_t most_commands);
/* The batch must hold no requests. */
void batch_free(struct batch **batch);

/* Nothing to commit and nobody to answer. */
bool batch_is_empty(const struct batch *batch);
/* No room for one more command with the most events a command can have. */
bool batch_is_full(const struct batch *batch);

/* Packs the decision's events, gives them their sequences from *sequence + 1 on, and applies them to the write view;
 * advances *sequence. TOO_LARGE, and nothing done, when an event is larger than the journal takes. */
enum vouch_status batch_add(struct batch *batch, struct decision *decision, uint64_t *sequence,
                            struct arena *scratch) MUST_USE;

/* Gives every request of the batch its answer and frees it. With a status other than OK all get that one. */
void batch_answer(struct batch *batch, struct broker *broker, enum vouch_status status, const struct status_text *why);

/* Forgets the events; the requests must have been answered. */
void batch_reset(struct batch *batch);

#endif
