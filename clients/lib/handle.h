/* SPDX-License-Identifier: Apache-2.0
 *
 * The inside of a handle, by file in the order of the flow: call.c puts a request into the outbox, io.c (the handle's
 * own thread) sends it over the socket that link.c keeps, gives answers back through outbox.c and deliveries through
 * delivery.c. Everything in struct vouch is under `lock`, except what says "I/O thread". */
#ifndef VOUCH_CLIENT_HANDLE_H
#define VOUCH_CLIENT_HANDLE_H

#include "base/status.h"
#include "profile.h"
#include "vouch.h"

#include <pthread.h>
#include <stdbool.h>
#include <sys/queue.h>

#define ID_BYTES 16
#define ERROR_MAX 1024
#define OUTBOX_BUCKETS 1024
#define DELIVERIES_MAX 4096       /* kept for a slow user; beyond, they are asked for again later */
#define FRAME_BYTES_MAX (1 << 20) /* the most a broker may send at once */
#define RESEND_FIRST_US 3000000   /* an answer that takes longer may have been lost */
#define RESEND_MOST_US 24000000

/* ---- outbox.c: requests under way ---- */

enum pending_kind {
    PENDING_CALL,      /* somebody waits in vouch_call */
    PENDING_SENT,      /* to be collected */
    PENDING_HELLO,     /* the library's own: first on every connection */
    PENDING_SUBSCRIBE, /* the library's own */
};

struct pending {
    TAILQ_ENTRY(pending) link; /* in one of unsent, sent, done */
    struct pending *chain;     /* next in its bucket */
    enum pending_kind kind;
    uint8_t id[ID_BYTES];
    uint8_t *bytes; /* the packed request, the same at every try */
    size_t size;
    bool sees; /* a query: what it must see is added to its bytes when it is sent, outbox_stamp */
    uint64_t tag;
    int64_t started_us;
    int64_t deadline_us;
    int64_t resend_us; /* while in `sent`: when to send it again */
    int64_t resend_after_us;
    bool busy; /* the last answer was BUSY */
    bool finished;
    int outcome;
    Vouch__V1__Reply *reply;
    char error[ERROR_MAX];
    pthread_cond_t answered; /* PENDING_CALL */
};
TAILQ_HEAD(pending_list, pending);

struct outbox {
    struct pending_list unsent; /* waits for the socket */
    struct pending_list sent;   /* waits for an answer, or after BUSY for its time */
    struct pending_list done;   /* PENDING_SENT only: waits to be collected */
    struct pending *buckets[OUTBOX_BUCKETS];
    unsigned under_way;         /* PENDING_CALL and PENDING_SENT, collected excluded */
    int64_t next_timer_us;      /* nothing in unsent or sent wants anything before */
    pthread_cond_t room;        /* under_way fell */
    pthread_cond_t collectable; /* `done` grew */
};

void outbox_init(struct outbox *outbox);
void outbox_clear(struct outbox *outbox); /* frees all; only when nobody waits */

/* Packs `request` and queues it. Keeps nothing of `request`. */
struct pending *outbox_add(struct vouch *v, enum pending_kind kind, const Vouch__V1__Request *request,
                           int64_t timeout_ms, uint64_t tag);

/* Writes behind the bytes of a query what it must see by now; the size to be sent. */
size_t outbox_stamp(const struct vouch *v, struct pending *pending);

/* Hands an answer to whom it belongs; takes over `reply`. */
void outbox_answer(struct vouch *v, Vouch__V1__Reply *reply);

/* Resends what is due and ends what is past its deadline. */
void outbox_tick(struct vouch *v, int64_t now_us);

/* After a reconnect: everything unanswered is to be sent again, in order. */
void outbox_rewind(struct outbox *outbox);

/* Ends one that has not finished. */
void outbox_abandon(struct vouch *v, struct pending *pending, int outcome, const char *error);

/* Ends all requests with one outcome. */
void outbox_fail_all(struct vouch *v, int outcome, const char *error);

/* Drops the library's own requests of a connection that is gone. */
void outbox_drop_own(struct outbox *outbox);

/* Its place in the window is free again; it is the caller's now. */
void outbox_release(struct outbox *outbox, struct pending *pending);
void outbox_free_pending(struct pending *pending);

/* ---- link.c: the connection ---- */

enum link_state {
    LINK_DOWN,       /* the next try is at until_us */
    LINK_CONNECTING, /* until the handshake succeeded, at most until until_us */
    LINK_GREETING,   /* hello sent, at most until until_us */
    LINK_READY,
    LINK_REFUSED, /* a try would be refused again; waits for a request */
};

struct link {
    enum link_state state;
    int64_t until_us;
    int64_t down_since_us;      /* when it was last ready, or opened */
    unsigned failures;          /* tries in a row that failed */
    unsigned broken_handshakes; /* of those, in a row: reached something that ended the handshake */
    bool proved;                /* the server had the expected key before */
    int outcome;                /* why it is refused, or VOUCH_UNREACHABLE */
    char reason[ERROR_MAX];     /* "connection refused" */
    void *dealer;               /* I/O thread; NULL while down */
    void *monitor;              /* I/O thread */
};

/* All in the I/O thread. Called with the lock held; they release it around what may block. */
void link_init(struct vouch *v);
void link_step(struct vouch *v, int64_t now_us);                   /* what time makes due: try, or give up */
void link_events(struct vouch *v);                                 /* what the monitor tells */
void link_greeted(struct vouch *v, const Vouch__V1__Reply *reply); /* the answer to hello */
void link_close(struct vouch *v);

/* The whole sentence for requests that end because of the link. */
void link_describe(const struct vouch *v, char text[ERROR_MAX]);

/* The process's one ZeroMQ context, shared by all handles. */
void *context_get(void);
void context_put(void);

/* ---- diagnose.c ---- */

/* Why a TCP connection to `endpoint` fails: "connection refused"; "" when it does not. Blocks for half a second, or as
 * long as resolving the name takes. */
void diagnose_endpoint(const char *endpoint, char text[256]);

/* ---- delivery.c ---- */

struct delivery {
    Vouch__V1__Notice **ring; /* DELIVERIES_MAX, made at the first subscription */
    unsigned head, count;
    bool wanted;     /* vouch_subscribe was called */
    bool asked;      /* a Subscribe is under way on this connection */
    bool overflowed; /* some were dropped; asked for again when there is room */
    bool gap;        /* lines are missing; asked for again when the last asking was answered */
    uint64_t last;   /* inbox sequence of the newest in the ring or taken */
    int failure;     /* told once */
    char error[ERROR_MAX];
    int fd; /* eventfd: 1 while there is something to say */
    bool raised;
    pthread_cond_t arrived;
};

void delivery_init(struct delivery *delivery);
void delivery_clear(struct delivery *delivery);
void delivery_take(struct vouch *v, Vouch__V1__Delivery *delivery); /* steals the notice */
void delivery_link_ready(struct vouch *v);
void delivery_subscribed(struct vouch *v, int outcome, const char *error);
void delivery_fail(struct vouch *v, int outcome, const char *error);

/* ---- io.c ---- */

void *io_main(void *handle);
void io_wake(struct vouch *v);

/* ---- vouch.c ---- */

struct vouch {
    uint32_t magic;
    struct profile identity; /* never changes */
    char client[128];        /* never changes */
    pthread_t thread;
    pthread_mutex_t lock;
    bool stopping;
    int wake_fd; /* eventfd: the I/O thread has something to do */
    bool woken;  /* it has been told already */
    uint64_t seen_sequence;
    int64_t ahead_ms; /* of this computer's clock, the broker's, as of the greeting */
    struct outbox outbox;
    struct link link;
    struct delivery delivery;
};
#define HANDLE_MAGIC 0x564f5543u

/* Keeps a sentence for this thread's vouch_last_error. */
void error_keep(const char *text);
void error_keepf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Condition variables here measure monotonic time. */
void condition_init(pthread_cond_t *condition);
/* False when `deadline_us` (clock_mono_us) passed. */
bool condition_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t deadline_us);

#endif
