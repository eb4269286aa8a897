/* SPDX-License-Identifier: Apache-2.0
 *
 * The journal's thread: makes one batch at a time durable, then lets its effects out: keys, answers. */
#ifndef VOUCH_DISPATCH_COMMITTER_H
#define VOUCH_DISPATCH_COMMITTER_H

#include "dispatch/batch.h"

struct committer;

/* `wake` is woken whenever a batch is done. */
struct committer *committer_start(struct broker *broker, struct queue *wake);
void committer_stop(struct committer **committer);

/* The rest: writer thread only. */

/* Hands a batch over; the committer must be idle. The batch may be used again once it is idle. */
void committer_hand_over(struct committer *committer, struct batch *batch);
bool committer_is_idle(struct committer *committer);
/* Waits until it is idle. */
void committer_wait(struct committer *committer);

/* How the last batch ended; the committer must be idle. Anything but OK: that batch was answered with it and is not in
 * the journal; what was decided on top of it must be undone before the next is handed over. */
enum vouch_status committer_failure(struct committer *committer, struct status_text *why);
void committer_clear_failure(struct committer *committer);

#endif
