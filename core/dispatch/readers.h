/* SPDX-License-Identifier: Apache-2.0
 *
 * The pool of reader threads: each takes queries from one queue and answers them from a snapshot of its own. */
#ifndef VOUCH_DISPATCH_READERS_H
#define VOUCH_DISPATCH_READERS_H

#include "dispatch/request.h"

struct readers;

struct readers *readers_start(struct broker *broker, unsigned threads);
/* Answers what is queued, then ends the threads. */
void readers_stop(struct readers **readers);

/* Takes over a query that may be answered now. Refuses it with BUSY when the queue is full. Any thread. */
void readers_submit(struct readers *readers, struct request *request);

/* Answers a query from the newest snapshot with `answer` (a query function, or one that asks a plugin) and frees it. */
typedef enum vouch_status answer_function(struct question *question, struct request *request, void *argument);
void query_answer(struct request *request, answer_function *answer, void *argument);

#endif
