/* SPDX-License-Identifier: Apache-2.0
 *
 * The writer's hands: one command or one timer, decided, packed into the batch and applied. Knows what was answered
 * before (a repeated command gets its first answer), what refusals are kept, and when the next timer is due. Writer
 * thread only. */
#ifndef VOUCH_DISPATCH_DECIDER_H
#define VOUCH_DISPATCH_DECIDER_H

#include "dispatch/batch.h"

struct decider {
    struct broker *broker;
    uint64_t sequence; /* last one given out */
    struct arena *scratch;
    int64_t next_due_ms;    /* first row of the timer queue; INT64_MAX: none */
    int64_t timers_rest_us; /* monotonic; until then no timer is decided, because the last could not be */
    enum decider_health { DECIDER_SOUND, DECIDER_STALLED, DECIDER_BROKEN } health;
    struct status_text health_why;
};

/* Any thread; decider_look_for_due comes next, in the writer's. */
void decider_init(struct decider *decider, struct broker *broker, uint64_t sequence);
void decider_end(struct decider *decider);

/* From now on every command is refused with UNAVAILABLE and this reason; queries go on. Stalled: until the state can
 * follow the journal again (a full disk). Broken: until a restart (a failed disk). */
void decider_set_health(struct decider *decider, enum decider_health health, const struct status_text *why);

/* Decides a command into the batch, which takes it over and answers it once durable. OK, or the status with which the
 * whole batch must be undone because the state could not take it. */
enum vouch_status decider_command(struct decider *decider, struct batch *batch, struct request *request,
                                  struct status_text *why) MUST_USE;

/* Microseconds until the first timer is due: 0 now, negative none. With a manual clock only 0 or negative. */
int64_t decider_due_in_us(const struct decider *decider);
/* Decides the first timer that is due. Status as above. One that is refused (a broken invariant: it would be refused
 * for ever) is logged, and timers rest for a while. */
enum vouch_status decider_timer(struct decider *decider, struct batch *batch, struct status_text *why) MUST_USE;
/* Looks up again when the next timer is due. */
void decider_look_for_due(struct decider *decider);

#endif
