/* SPDX-License-Identifier: Apache-2.0
 *
 * The one writer. Its thread decides and applies waiting commands into the open state transaction; a second thread, the
 * journal's, makes each batch durable and answers it, while the writer is already deciding the next:
 *
 *   queue ─▶ writer: decide ▶ apply ▶ pack ──batch──▶ journal: append + sync ▶ identities ▶ answers
 *                 ▲                                        │
 *                 └── state commit (paced), timers, checkpoints ◀── durable
 *
 * A state commit waits until all it holds is durable, so the state is never ahead of the journal. When the journal
 * refuses a batch, it and everything decided on top of it is undone and answered with the reason. */
#ifndef VOUCH_DISPATCH_WRITER_H
#define VOUCH_DISPATCH_WRITER_H

#include "dispatch/request.h"

struct writer;

struct writer_settings {
    unsigned batch_commands;     /* most commands that share a journal commit */
    unsigned state_commit_ms;    /* longest time between a write and its visibility, under load */
    unsigned checkpoint_seconds; /* between two checkpoints while there are writes */
};

/* Brings a just opened store up to date: applies the journal's events after store_applied_sequence() and commits. Also
 * how `vouchd check` and `vouchd rebuild` make a state. Not while a writer runs. */
enum vouch_status journal_replay(struct store *store, struct status_text *why) MUST_USE;

/* The store must be up to date (journal_replay). */
struct writer *writer_start(struct broker *broker, struct writer_settings settings);
/* Decides and answers what is queued, commits the state, ends the threads; what is submitted later is refused. False
 * when the disk had failed: the store must not be marked clean. */
bool writer_stop(struct writer *writer);
void writer_free(struct writer **writer);

/* Takes over a command. Refuses it with BUSY when the queue is full. Any thread. */
void writer_submit(struct writer *writer, struct request *request);

/* The last sequence given to an event, durable or not. Any thread. */
uint64_t writer_sequence(struct writer *writer);

/* Takes over a request until the committed state holds its `must_see`, then hands it to dispatch_visible. Any thread.
 */
void writer_await(struct writer *writer, struct request *request);

#endif
