/* SPDX-License-Identifier: Apache-2.0
 *
 * Sessions by routing id, and the thread that reads their inboxes. The lock guards the table of sessions; it is never
 * held while the store is read. */
#include "answer/push.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/limits.h"
#include "base/log.h"
#include "query/query.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

/* Lines read for a session in one go, and waiting in the outbox before push pauses: a burst never grows memory. */
#define LINES_PER_ROUND 64
#define OUTBOX_HIGH_WATER 20000
/* A slow session is tried again after this long. */
#define SLOW_RETRY_US 100000
/* And one whose next line cannot be read, which is a fault of the store. */
#define UNREADABLE_RETRY_US 10000000
/* When there is no room for a session, how often all are looked at for peers that have gone. */
#define LOOK_US 1000000

struct session {
    struct peer peer; /* key: routing id */
    uint64_t member;
    uint64_t next;     /* inbox sequence to send next */
    int64_t paused_us; /* do not send before */
    UT_hash_handle hh;
};

/* What the thread works on without the lock: a copy of a session that may have something to read. */
struct task {
    struct peer peer;
    uint64_t member;
    uint64_t from;
};

struct push {
    struct store *store;
    struct outbox *outbox;
    size_t most_sessions;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct session *sessions;
    int64_t looked_us;
    bool notified;
    bool stopping;
    struct task tasks[LIMIT_SESSIONS]; /* owned by the thread */
};

static struct session *find_session(struct push *push, const struct peer *peer)
{
    struct session *session = NULL;
    HASH_FIND(hh, push->sessions, peer->routing_id, ROUTING_ID_BYTES, session);
    return session != NULL && memcmp(session->peer.key, peer->key, sizeof peer->key) == 0 ? session : NULL;
}

static void remove_session(struct push *push, struct session *session)
{
    HASH_DEL(push->sessions, session);
    free(session);
}

/* Nobody tells us that a peer has gone; a frame that cannot be sent does, and then it is dropped (push_drop). A session
 * whose inbox stays empty would else keep its place for ever. */
static void look_for_the_gone(struct push *push)
{
    int64_t now_us = clock_mono_us();
    if (now_us - push->looked_us < LOOK_US) {
        return;
    }
    push->looked_us = now_us;
    struct outgoing *first = NULL;
    for (struct session *session = push->sessions; session != NULL; session = session->hh.next) {
        struct outgoing *look = outgoing_look(&session->peer);
        look->next = first;
        first = look;
    }
    outbox_send_list(push->outbox, first);
}

bool push_subscribe(struct push *push, const struct peer *peer, uint64_t member, uint64_t after)
{
    pthread_mutex_lock(&push->lock);
    struct session *session = NULL;
    HASH_FIND(hh, push->sessions, peer->routing_id, ROUTING_ID_BYTES, session);
    bool room = session != NULL || HASH_COUNT(push->sessions) < push->most_sessions;
    if (session == NULL && room) {
        session = calloc(1, sizeof *session);
        CHECK(session != NULL);
        session->peer = *peer;
        HASH_ADD(hh, push->sessions, peer.routing_id, ROUTING_ID_BYTES, session);
    }
    if (room) {
        session->peer = *peer;
        session->member = member;
        session->next = after + 1;
        session->paused_us = 0;
        push->notified = true;
        pthread_cond_signal(&push->changed);
    } else {
        look_for_the_gone(push);
    }
    pthread_mutex_unlock(&push->lock);
    return room;
}

void push_notify(struct push *push)
{
    pthread_mutex_lock(&push->lock);
    push->notified = true;
    pthread_cond_signal(&push->changed);
    pthread_mutex_unlock(&push->lock);
}

void push_rewind(struct push *push, const struct peer *peer, uint64_t inbox_sequence)
{
    pthread_mutex_lock(&push->lock);
    struct session *session = find_session(push, peer);
    if (session != NULL) {
        if (inbox_sequence < session->next) {
            session->next = inbox_sequence;
        }
        session->paused_us = clock_mono_us() + SLOW_RETRY_US;
    }
    pthread_mutex_unlock(&push->lock);
}

void push_drop(struct push *push, const struct peer *peer)
{
    pthread_mutex_lock(&push->lock);
    struct session *session = find_session(push, peer);
    if (session != NULL) {
        remove_session(push, session);
    }
    pthread_mutex_unlock(&push->lock);
}

/* Waits for news and copies the sessions that may be sent to; false: stop. With `more`, some session is known to have
 * lines left, so the wait is short. */
static bool next_round(struct push *push, bool more, size_t *count)
{
    pthread_mutex_lock(&push->lock);
    struct timespec until = clock_deadline(SLOW_RETRY_US);
    while (!push->notified && !push->stopping && !more) {
        if (pthread_cond_timedwait(&push->changed, &push->lock, &until) != 0) {
            break;
        }
    }
    push->notified = false;
    bool go_on = !push->stopping;
    *count = 0;
    int64_t now_us = clock_mono_us();
    for (struct session *session = push->sessions; go_on && session != NULL; session = session->hh.next) {
        if (session->paused_us <= now_us) {
            push->tasks[(*count)++] = (struct task){session->peer, session->member, session->next};
        }
    }
    pthread_mutex_unlock(&push->lock);
    return go_on;
}

/* Claims lines [from, from + count) for sending: false when the session was changed (rewound, started over, dropped)
 * since its copy was made, and nothing of this may be sent. */
static bool claim(struct push *push, const struct task *task, uint64_t count)
{
    pthread_mutex_lock(&push->lock);
    struct session *session = find_session(push, &task->peer);
    bool same = session != NULL && session->next == task->from && session->member == task->member;
    if (same) {
        session->next += count;
    }
    pthread_mutex_unlock(&push->lock);
    return same;
}

static void rest(struct push *push, const struct task *task)
{
    pthread_mutex_lock(&push->lock);
    struct session *session = find_session(push, &task->peer);
    if (session != NULL) {
        session->paused_us = clock_mono_us() + UNREADABLE_RETRY_US;
    }
    pthread_mutex_unlock(&push->lock);
}

static void free_list(struct outgoing *first)
{
    while (first != NULL) {
        struct outgoing *next = first->next;
        free(first);
        first = next;
    }
}

/* Deliveries of the lines [from, from + *count) of the task's inbox; of fewer, and *count says how many, when large
 * ones fill the arena before. NULL when not even the first can be read. */
static struct outgoing *read_lines(const struct view *view, const struct task *task, uint64_t *count,
                                   struct arena *arena)
{
    struct outgoing *first = NULL;
    struct outgoing **end = &first;
    arena_reset(arena);
    struct name_cache *names = name_cache_new(view, arena);
    CHECK(names != NULL);
    for (uint64_t i = 0; i < *count; i++) {
        struct key key = key_u64_u64(task->member, task->from + i);
        struct slice line;
        Vouch__V1__Notice *notice = NULL;
        if (table_get(view, TABLE_INBOX, key_slice(&key), &line)) {
            notice = notice_make(view, task->member, task->from + i, slice_u64(line, 0), names, arena);
        }
        if (notice == NULL) {
            if (i == 0) {
                log_error("push", "line %llu of member %llu cannot be read: %s", (unsigned long long)task->from,
                          (unsigned long long)task->member, view_failed(view) == NULL ? "?" : view_failed(view));
            }
            *count = i;
            break;
        }
        *end = outgoing_delivery(&task->peer, notice);
        end = &(*end)->next;
    }
    return first;
}

/* Sends what one session has not been sent; true when there is more left. */
static bool serve(struct push *push, const struct view *view, const struct task *task, struct arena *arena)
{
    struct key key = key_u64(task->member);
    struct slice cursor;
    uint64_t last = table_get(view, TABLE_INBOX_CURSOR, key_slice(&key), &cursor) ? slice_u64(cursor, 0) : 0;
    if (task->from > last) {
        return false;
    }
    uint64_t waiting = last - task->from + 1;
    uint64_t count = waiting < LINES_PER_ROUND ? waiting : LINES_PER_ROUND;
    struct outgoing *first = read_lines(view, task, &count, arena);
    if (first == NULL) {
        rest(push, task);
        return false;
    }
    if (!claim(push, task, count)) {
        free_list(first);
        return true;
    }
    count_add(COUNT_deliveries, count);
    outbox_send_list(push->outbox, first);
    return waiting > count;
}

static void *push_thread(void *argument)
{
    struct push *push = argument;
    struct arena *arena = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    bool more = false;
    size_t count;
    while (next_round(push, more, &count)) {
        more = false;
        struct view *view = count > 0 ? snapshot_open(push->store) : NULL;
        for (size_t i = 0; view != NULL && i < count; i++) {
            if (outbox_length(push->outbox) > OUTBOX_HIGH_WATER) {
                more = false; /* the intake thread is behind: the next round comes in SLOW_RETRY_US */
                break;
            }
            more |= serve(push, view, &push->tasks[i], arena);
        }
        if (view != NULL) {
            snapshot_close(&view);
        }
    }
    arena_free(&arena);
    return NULL;
}

struct push *push_start(struct store *store, struct outbox *outbox, size_t most_sessions)
{
    struct push *push = calloc(1, sizeof *push);
    CHECK(push != NULL && most_sessions <= LIMIT_SESSIONS);
    push->most_sessions = most_sessions;
    push->store = store;
    push->outbox = outbox;
    pthread_mutex_init(&push->lock, NULL);
    clock_condition_init(&push->changed);
    CHECK(pthread_create(&push->thread, NULL, push_thread, push) == 0);
    return push;
}

void push_stop(struct push *push)
{
    if (push == NULL) {
        return;
    }
    pthread_mutex_lock(&push->lock);
    push->stopping = true;
    pthread_cond_signal(&push->changed);
    pthread_mutex_unlock(&push->lock);
    pthread_join(push->thread, NULL);
}

void push_free(struct push **push)
{
    if (*push == NULL) {
        return;
    }
    struct session *session, *next;
    HASH_ITER(hh, (*push)->sessions, session, next)
    {
        remove_session(*push, session);
    }
    pthread_cond_destroy(&(*push)->changed);
    pthread_mutex_destroy(&(*push)->lock);
    free(*push);
    *push = NULL;
}
