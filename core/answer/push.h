/* SPDX-License-Identifier: Apache-2.0
 *
 * The live side of the inbox. There is one mechanism, not two: a thread that, after every commit of the state, reads
 * what each subscribed session has not been sent yet from a snapshot of the inbox and sends it. A session that was
 * away, slow or new is just one that has more to read, so nothing can be lost or overtaken between "live" and "catching
 * up". */
#ifndef VOUCH_ANSWER_PUSH_H
#define VOUCH_ANSWER_PUSH_H

#include "answer/outbox.h"
#include "store/store.h"

#include <stdbool.h>

struct push;

/* Starts the thread. At most `most_sessions` (up to LIMIT_SESSIONS) are served. */
struct push *push_start(struct store *store, struct outbox *outbox, size_t most_sessions);
/* Ends the thread; the sessions stay known, so that what was sent last can still come back. */
void push_stop(struct push *push);
/* Once nobody calls any more. */
void push_free(struct push **push);

/* Sends `member`'s inbox above `after` to this peer from now on; a second call of the same peer starts over from its
 * `after`. False when there are too many sessions; those whose peers have gone are then found out, to be dropped. Any
 * thread. */
bool push_subscribe(struct push *push, const struct peer *peer, uint64_t member, uint64_t after)
    __attribute__((warn_unused_result));

/* The state has been committed: there may be new lines. Any thread. */
void push_notify(struct push *push);

/* A delivery could not be sent: the peer reads too slowly, and is offered it again a little later; or (gone) it is no
 * longer there, and its session ends. Intake thread. */
void push_rewind(struct push *push, const struct peer *peer, uint64_t inbox_sequence);
void push_drop(struct push *push, const struct peer *peer);

#endif
