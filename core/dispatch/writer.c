/* SPDX-License-Identifier: Apache-2.0
 *
 * The writer's loop: what to do next, and the pacing of state commits and checkpoints. Deciding is in decider.c, the
 * journal's thread in committer.c. */
#include "dispatch/writer.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/limits.h"
#include "base/log.h"
#include "dispatch/broker.h"
#include "dispatch/checkpointer.h"
#include "dispatch/committer.h"
#include "dispatch/decider.h"
#include "dispatch/dispatch.h"
#include "dispatch/reroute.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#define WRITER_MAGIC 0x57524954u

/* With nothing to do for so long, what was written becomes visible without waiting for the pace. */
#define IDLE_COMMIT_US 1000
/* Somebody waits to see a write: commit, but leave at least this long between two commits under load. */
#define AWAITED_COMMIT_US 3000
/* A batch is handed to an idle journal at this size even when more commands wait, so that the disk is kept busy. */
#define HANDOVER_COMMANDS 32
#define LONGEST_WAIT_US 200000
/* However many timers fall due together, they are decided in slices of this length, when no command waits; where one
 * always does, a slice comes after so much time with commands. */
#define TIMERS_SLICE_US 2000
#define TIMERS_TURN_US 10000
#define STALL_RETRY_US 100000
/* Where processors are short, queries go first: the writer makes up for it with larger batches. */
#define WRITER_NICENESS 10

struct writer {
    uint32_t magic;
    struct broker *broker;
    struct writer_settings settings;
    struct queue *queue;
    pthread_t thread;
    /* Owned by the writer thread. */
    struct decider decider;
    struct reroutes reroutes; /* its slots are freed by any thread */
    struct committer *committer;
    struct checkpointer *checkpointer;
    struct batch *batch; /* being filled */
    struct batch *spare; /* at the journal, or idle */
    uint64_t handed;     /* last sequence handed to the journal */
    int64_t worked_us;   /* when a command was last decided */
    int64_t timers_us;   /* and timers */
    int64_t committed_us;
    int64_t stalled_us; /* when it was last tried to bring the state up to date */
    /* Shared. */
    _Atomic uint64_t sequence;
    pthread_mutex_t await_lock;
    struct queue_link *awaiting; /* requests that wait for the state */
    size_t awaiting_count;
    atomic_bool awaited;
};

void writer_submit(struct writer *writer, struct request *request)
{
    CHECK_MAGIC(writer, WRITER_MAGIC);
    if (!queue_push(writer->queue, &request->link)) {
        request_refuse(&request, VOUCH_BUSY, "too many commands are waiting");
    }
}

uint64_t writer_sequence(struct writer *writer)
{
    return atomic_load(&writer->sequence);
}

void writer_await(struct writer *writer, struct request *request)
{
    pthread_mutex_lock(&writer->await_lock);
    bool visible = request->must_see <= store_applied_sequence(writer->broker->store);
    bool room = writer->awaiting_count < LIMIT_AWAITING;
    if (!visible && room) {
        request->link.next = writer->awaiting;
        writer->awaiting = &request->link;
        writer->awaiting_count++;
        atomic_store(&writer->awaited, true);
    }
    pthread_mutex_unlock(&writer->await_lock);
    if (visible) {
        dispatch_visible(request);
    } else if (!room) {
        request_refuse(&request, VOUCH_BUSY, "too many requests wait for what was just written");
    } else {
        queue_wake(writer->queue);
    }
}

/* Which waiting requests go on: those whose sequence is visible, or was given back after a failure and may never come;
 * all, because the state is stalled and what is visible must do (their answer names the sequence it saw); or, at the
 * end, the rest is refused. */
enum release { RELEASE_VISIBLE, RELEASE_STALE, RELEASE_AT_END };

static void release_awaiting(struct writer *writer, enum release release)
{
    uint64_t applied = store_applied_sequence(writer->broker->store);
    struct queue_link *released = NULL;
    pthread_mutex_lock(&writer->await_lock);
    struct queue_link **place = &writer->awaiting;
    while (*place != NULL) {
        struct request *request = QUEUE_ITEM(*place, struct request, link);
        bool given_back = request->must_see > atomic_load(&writer->sequence);
        if (release != RELEASE_VISIBLE || request->must_see <= applied || given_back) {
            writer->awaiting_count--;
            *place = request->link.next;
            request->link.next = released;
            released = &request->link;
        } else {
            place = &request->link.next;
        }
    }
    atomic_store(&writer->awaited, writer->awaiting != NULL);
    pthread_mutex_unlock(&writer->await_lock);
    while (released != NULL) {
        struct request *request = QUEUE_ITEM(released, struct request, link);
        released = released->next;
        if (release != RELEASE_AT_END || request->must_see <= applied) {
            dispatch_visible(request);
        } else {
            request_refuse(&request, VOUCH_UNAVAILABLE, "the broker is stopping");
        }
    }
}

/* Undoes all that is not durable, after the journal or the state refused: the filling batch is answered with the
 * reason, the state is brought back to what the journal holds. */
static void recover(struct writer *writer, enum vouch_status status, const struct status_text *why)
{
    committer_wait(writer->committer);
    batch_answer(writer->batch, writer->broker, status, why);
    batch_reset(writer->batch);
    state_abort(writer->broker->store);
    struct status_text replay_why = {""};
    if (journal_replay(writer->broker->store, &replay_why) != VOUCH_OK) {
        decider_set_health(&writer->decider, DECIDER_STALLED, &replay_why);
        writer->stalled_us = clock_mono_us();
    }
    if (committer_failure(writer->committer, &replay_why) == VOUCH_INTERNAL) {
        decider_set_health(&writer->decider, DECIDER_BROKEN, &replay_why);
    }
    uint64_t durable = store_journal_sequence(writer->broker->store);
    writer->decider.sequence = writer->handed = durable;
    atomic_store(&writer->sequence, durable);
    committer_clear_failure(writer->committer);
    decider_look_for_due(&writer->decider);
    release_awaiting(writer, RELEASE_VISIBLE);
}

/* True when the journal refused something, which has been undone then. */
static bool recovered_from_failure(struct writer *writer)
{
    struct status_text why = {""};
    enum vouch_status status = committer_failure(writer->committer, &why);
    if (status == VOUCH_OK) {
        return false;
    }
    recover(writer, status == VOUCH_INTERNAL ? VOUCH_UNAVAILABLE : status, &why);
    return true;
}

static void hand_over(struct writer *writer)
{
    committer_wait(writer->committer);
    if (recovered_from_failure(writer) || batch_is_empty(writer->batch)) {
        return;
    }
    struct batch *batch = writer->batch;
    writer->batch = writer->spare;
    writer->spare = batch;
    batch_reset(writer->batch);
    writer->handed = writer->decider.sequence;
    atomic_store(&writer->sequence, writer->handed);
    committer_hand_over(writer->committer, batch);
}

static void commit_state(struct writer *writer)
{
    hand_over(writer);
    committer_wait(writer->committer);
    if (recovered_from_failure(writer) || writer->decider.health != DECIDER_SOUND) {
        return;
    }
    uint64_t durable = writer->handed;
    if (durable > store_applied_sequence(writer->broker->store)) {
        struct status_text why = {""};
        if (state_commit(writer->broker->store, durable, &why) != VOUCH_OK) {
            log_error("writer", "%s", why.text);
            recover(writer, VOUCH_UNAVAILABLE, &why);
            writer->committed_us = clock_mono_us();
            return; /* with a state transaction open, which a checkpoint must not find */
        }
        count(COUNT_state_commits);
        push_notify(writer->broker->push);
    } else {
        state_abort(writer->broker->store); /* nothing is in it, but a checkpoint wants none open */
    }
    writer->committed_us = clock_mono_us();
    release_awaiting(writer, RELEASE_VISIBLE);
    checkpointer_begin_if_due(writer->checkpointer);
    reroutes_start(&writer->reroutes);
}

static bool is_dirty(const struct writer *writer)
{
    return writer->decider.health == DECIDER_SOUND &&
           writer->decider.sequence > store_applied_sequence(writer->broker->store);
}

/* Microseconds until the state should be committed; negative when there is nothing to commit. */
static int64_t state_commit_in(const struct writer *writer, bool idle)
{
    if (!is_dirty(writer)) {
        return -1;
    }
    if (writer->decider.sequence - store_applied_sequence(writer->broker->store) >= LIMIT_STATE_COMMIT_EVENTS) {
        return 0;
    }
    int64_t pace = (int64_t)writer->settings.state_commit_ms * 1000;
    if (atomic_load(&writer->awaited) && pace > AWAITED_COMMIT_US) {
        pace = idle ? 0 : AWAITED_COMMIT_US;
    }
    int64_t left = writer->committed_us + pace - clock_mono_us();
    return left > 0 ? left : 0;
}

/* The next command, waiting no longer than the next duty allows. */
static struct request *next_request(struct writer *writer, bool *idle)
{
    int64_t wait_us = LONGEST_WAIT_US;
    bool journal_idle = committer_is_idle(writer->committer);
    if (!batch_is_empty(writer->batch)) {
        wait_us = journal_idle ? 0 : LONGEST_WAIT_US; /* the journal wakes us */
    } else if (is_dirty(writer)) {
        wait_us = !atomic_load(&writer->awaited) ? IDLE_COMMIT_US : journal_idle ? 0 : state_commit_in(writer, false);
    } else {
        int64_t reroute_us = reroutes_in_us(&writer->reroutes);
        wait_us = reroute_us >= 0 && reroute_us < wait_us ? reroute_us : wait_us;
    }
    int64_t due_us = decider_due_in_us(&writer->decider);
    wait_us = due_us >= 0 && due_us < wait_us ? due_us : wait_us;
    struct queue_link *link = queue_pop(writer->queue, wait_us);
    *idle = link == NULL && journal_idle && due_us != 0 &&
            (atomic_load(&writer->awaited) || clock_mono_us() - writer->worked_us >= IDLE_COMMIT_US);
    return link == NULL ? NULL : QUEUE_ITEM(link, struct request, link);
}

/* A stalled state may be able to follow the journal again: tried at a command, and not too often. */
static void resume_if_possible(struct writer *writer)
{
    struct status_text why = {""};
    int64_t now_us = clock_mono_us();
    if (writer->decider.health != DECIDER_STALLED || now_us - writer->stalled_us < STALL_RETRY_US) {
        return;
    }
    writer->stalled_us = now_us;
    if (journal_replay(writer->broker->store, &why) == VOUCH_OK) {
        decider_set_health(&writer->decider, DECIDER_SOUND, &why);
        decider_look_for_due(&writer->decider);
        push_notify(writer->broker->push);
        release_awaiting(writer, RELEASE_VISIBLE);
    }
}

/* Decides one command or pending timers into the batch; hands batches over as they fill. */
static void decide_one(struct writer *writer, struct request *request)
{
    if (batch_is_full(writer->batch)) {
        hand_over(writer);
    }
    writer->worked_us = clock_mono_us();
    resume_if_possible(writer);
    struct status_text why = {""};
    enum vouch_status status = decider_command(&writer->decider, writer->batch, request, &why);
    if (status != VOUCH_OK) {
        recover(writer, status, &why);
    }
}

/* Decides timers that are due, for a while. A clock that is moved by hand waits for all of them: who moved it wants to
 * see what comes of it. */
static void fire_timers(struct writer *writer)
{
    bool by_hand = clock_is_manual();
    int64_t now_us = clock_mono_us();
    int64_t end_us = by_hand ? INT64_MAX : now_us + TIMERS_SLICE_US;
    if (!by_hand && queue_length(writer->queue) > 0 && now_us - writer->timers_us < TIMERS_TURN_US) {
        return;
    }
    while (decider_due_in_us(&writer->decider) == 0 && clock_mono_us() < end_us) {
        if (batch_is_full(writer->batch)) {
            hand_over(writer);
        }
        struct status_text why = {""};
        if (decider_timer(&writer->decider, writer->batch, &why) != VOUCH_OK) {
            recover(writer, VOUCH_UNAVAILABLE, &why);
            return;
        }
        writer->timers_us = clock_mono_us();
        if (by_hand && state_commit_in(writer, false) == 0) {
            commit_state(writer); /* however many there are, queries go on seeing what was written */
        }
    }
}

static void *writer_thread(void *argument)
{
    struct writer *writer = argument;
    int niceness = nice(WRITER_NICENESS); /* of this thread alone, on Linux */
    (void)niceness;                       /* it may be negative, and being nicer cannot fail */
    decider_look_for_due(&writer->decider);
    for (;;) {
        bool idle = false;
        struct request *request = next_request(writer, &idle);
        if (request != NULL) {
            decide_one(writer, request);
        } else if (queue_is_closed(writer->queue) && queue_length(writer->queue) == 0) {
            break; /* asked in this order: something may have come in between the pop and the closing */
        }
        fire_timers(writer);
        if (writer->decider.health != DECIDER_SOUND && atomic_load(&writer->awaited)) {
            release_awaiting(writer, RELEASE_STALE);
        }
        bool enough = request == NULL || writer->batch->request_count >= HANDOVER_COMMANDS;
        if (!batch_is_empty(writer->batch) && enough && committer_is_idle(writer->committer)) {
            hand_over(writer);
        }
        if ((idle && is_dirty(writer) && batch_is_empty(writer->batch)) || state_commit_in(writer, idle) == 0) {
            commit_state(writer);
        } else if (!is_dirty(writer) && reroutes_in_us(&writer->reroutes) == 0) {
            reroutes_start(&writer->reroutes);
        }
    }
    commit_state(writer);
    release_awaiting(writer, RELEASE_AT_END);
    state_abort(writer->broker->store); /* after a failure one is open; it must end in the thread that began it */
    return NULL;
}

struct writer *writer_start(struct broker *broker, struct writer_settings settings)
{
    struct writer *writer = calloc(1, sizeof *writer);
    CHECK(writer != NULL);
    writer->magic = WRITER_MAGIC;
    writer->broker = broker;
    writer->settings = settings;
    writer->queue = queue_new(LIMIT_WRITE_QUEUE);
    writer->batch = batch_new(settings.batch_commands);
    writer->spare = batch_new(settings.batch_commands);
    pthread_mutex_init(&writer->await_lock, NULL);
    uint64_t durable = store_journal_sequence(broker->store);
    CHECK(durable == store_applied_sequence(broker->store));
    writer->handed = durable;
    atomic_store(&writer->sequence, durable);
    decider_init(&writer->decider, broker, durable);
    reroutes_init(&writer->reroutes, broker);
    writer->committer = committer_start(broker, writer->queue);
    writer->checkpointer = checkpointer_start(broker->store, settings.checkpoint_seconds);
    broker->writer = writer;
    CHECK(pthread_create(&writer->thread, NULL, writer_thread, writer) == 0);
    return writer;
}

bool writer_stop(struct writer *writer)
{
    CHECK_MAGIC(writer, WRITER_MAGIC);
    queue_close(writer->queue);
    pthread_join(writer->thread, NULL);
    checkpointer_stop(&writer->checkpointer);
    committer_stop(&writer->committer);
    return writer->decider.health != DECIDER_BROKEN;
}

void writer_free(struct writer **pointer)
{
    struct writer *writer = *pointer;
    if (writer == NULL) {
        return;
    }
    CHECK_MAGIC(writer, WRITER_MAGIC);
    decider_end(&writer->decider);
    batch_free(&writer->batch);
    batch_free(&writer->spare);
    queue_free(&writer->queue);
    pthread_mutex_destroy(&writer->await_lock);
    writer->magic = 0;
    free(writer);
    *pointer = NULL;
}
