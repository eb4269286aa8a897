/* SPDX-License-Identifier: Apache-2.0
 *
 * libvouch: a vouch broker from C and C++. A handle keeps one authenticated connection alive, by itself and for as long
 * as it is open: it reconnects with backoff, sends again what was not answered (a command is done once, however often
 * it is sent), and takes up deliveries where they stopped.
 *
 *     struct vouch *v = vouch_open_profile(NULL, "my-program 1.0");
 *     Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
 *     Vouch__V1__Whoami whoami = VOUCH__V1__WHOAMI__INIT;
 *     request.operation_case = VOUCH__V1__REQUEST__OPERATION_WHOAMI;
 *     request.whoami = &whoami;
 *     Vouch__V1__Reply *reply = NULL;
 *     if (vouch_call(v, &request, 5000, &reply) == VOUCH_OK) {
 *         puts(reply->member->name);
 *     } else {
 *         fputs(vouch_last_error(), stderr);
 *     }
 *     vouch_reply_free(&reply);
 *     vouch_close(&v);
 *
 * Threads: any thread may use a handle, several at a time; only vouch_close wants to be alone. Each handle has a thread
 * of its own that owns the socket. After fork() only the parent may use its handles. The library blocks no signals and
 * installs no handlers; its threads have all signals blocked.
 *
 * Outcomes: functions answer VOUCH_OK (0), a status of the broker (enum vouch_status, as docs/protocol.md lists them),
 * or a failure before that (enum vouch_failure, 100 and up). vouch_last_error() says it in a sentence for a person. */
#ifndef VOUCH_H
#define VOUCH_H

#include <stdint.h>
#include <vouch/v1/wire.pb-c.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VOUCH_API __attribute__((visibility("default")))
#define VOUCH_KEY_BYTES 32
#define VOUCH_PROTOCOL_VERSION 1

/* How the broker answered. (Inside the project's own sources base/status.h declares the same.) */
#ifndef VOUCH_BASE_STATUS_H
enum vouch_status {
    VOUCH_OK = 0,                  /* done */
    VOUCH_INVALID = 1,             /* the message is malformed or breaks a rule of its fields */
    VOUCH_UNSUPPORTED_VERSION = 2, /* the broker does not speak this protocol version */
    VOUCH_UNKNOWN_OPERATION = 3,   /* the broker does not know this operation */
    VOUCH_DENIED = 4,              /* this member may not do that */
    VOUCH_NOT_FOUND = 5,           /* there is no such thing, or none that this member may see */
    VOUCH_CONFLICT = 6,            /* it cannot be done in the present state of things */
    VOUCH_DUPLICATE = 7,           /* it exists already */
    VOUCH_TOO_LARGE = 8,           /* it is past a limit of size or number */
    VOUCH_BUSY = 9,                /* the broker stayed loaded until the deadline */
    VOUCH_UNAVAILABLE = 10,        /* a part of the broker that is needed is off */
    VOUCH_REVOKED = 11,            /* this key has been revoked */
    VOUCH_TIMEOUT = 12,            /* connected, but no answer by the deadline; a command may still be done */
    VOUCH_INTERNAL = 13            /* a fault of the broker; its log says more */
};
#endif

/* What went wrong before the broker could answer. */
enum vouch_failure {
    VOUCH_UNREACHABLE = 100,  /* no broker answers at the address; retried until the deadline */
    VOUCH_WRONG_SERVER = 101, /* what answers there is not the broker with the expected key */
    VOUCH_UNKNOWN_KEY = 102,  /* the broker does not know this key: revoked, removed, or invitation used or expired */
    VOUCH_NO_PROFILE = 103,   /* there is no usable profile */
    VOUCH_CLOSED = 104        /* the handle is being closed */
};

struct vouch;

/* Who you are and which broker is yours. */
struct vouch_identity {
    const char *endpoint; /* "host:port" */
    uint8_t server_key[VOUCH_KEY_BYTES];
    uint8_t public_key[VOUCH_KEY_BYTES];
    uint8_t secret_key[VOUCH_KEY_BYTES];
};

/* ---- Opening and closing ---- */

/* A handle that connects in the background; calls wait for it. `client` is your program's name and version, for the
 * broker's log. NULL, with vouch_last_error() set, only when the identity is malformed or the system is out of threads
 * or descriptors. Nothing is kept of `identity`. */
VOUCH_API struct vouch *vouch_open(const struct vouch_identity *identity, const char *client);

/* The same from a profile as `vouch join` writes it: its name, a path (with a slash), or NULL for $VOUCH_PROFILE or
 * "default". */
VOUCH_API struct vouch *vouch_open_profile(const char *profile, const char *client);

/* Closes the connection, frees everything and nulls the caller's pointer. Calls under way in other threads must have
 * ended; requests sent and not collected are forgotten. NULL inside is allowed. */
VOUCH_API void vouch_close(struct vouch **v);

/* ---- Requests ---- */

/* Sends `request` and waits for its answer, at most `timeout_ms`. The library fills version, see_sequence, and id
 * unless you set one of 16 bytes (so that a command can be repeated even by another process). BUSY is retried until the
 * deadline. On VOUCH_OK and on every status of the broker `*reply` is the answer; on a failure it is NULL. Free it
 * with vouch_reply_free. `reply` may be NULL. */
VOUCH_API int vouch_call(struct vouch *v, const Vouch__V1__Request *request, int64_t timeout_ms,
                         Vouch__V1__Reply **reply);

/* Frees an answer and nulls the pointer; NULL inside is allowed. */
VOUCH_API void vouch_reply_free(Vouch__V1__Reply **reply);

/* Sends `request` without waiting for its answer, so that many can be under way; waits only while VOUCH_WINDOW of them
 * are, and then until one is collected by another thread, at most `timeout_ms`. `tag` comes back with the answer.
 * Requests of one handle reach the broker in the order sent, except after a loss, when some are sent again. */
VOUCH_API int vouch_send(struct vouch *v, const Vouch__V1__Request *request, int64_t timeout_ms, uint64_t tag);
#define VOUCH_WINDOW 512

/* Takes the next answer to vouch_send, in the order in which answers arrive. Waits at most `wait_ms` (0: does not
 * wait). 1 and everything filled when there was one; 0 when none came in time or none is under way. `*outcome` is what
 * vouch_call would have answered, vouch_last_error() its sentence. */
VOUCH_API int vouch_collect(struct vouch *v, int64_t wait_ms, uint64_t *tag, int *outcome, Vouch__V1__Reply **reply);

/* How many sent requests have not been collected. */
VOUCH_API unsigned vouch_under_way(struct vouch *v);

/* The highest journal sequence that an answer or the broker's greeting has named: queries of this handle see at least
 * this. So they see what this handle wrote, and what anybody was told to be done before it connected. */
VOUCH_API uint64_t vouch_seen_sequence(struct vouch *v);

/* From now on queries of this handle see at least `sequence` too: what another handle has written and
 * vouch_seen_sequence named there. Without this they see it some milliseconds later. A number that the broker has not
 * reached makes them VOUCH_INVALID. Never lowers what must be seen. */
VOUCH_API void vouch_see_sequence(struct vouch *v, uint64_t sequence);

/* What the broker's clock shows, as far as its greeting told: milliseconds since 1970-01-01 UTC. This computer's clock
 * before the first answer. */
VOUCH_API int64_t vouch_broker_time_ms(struct vouch *v);

/* ---- Deliveries: the member's inbox, pushed ---- */

/* From now on the inbox after line `after` is delivered, in order, each line once, across reconnects. */
VOUCH_API void vouch_subscribe(struct vouch *v, uint64_t after);

/* A descriptor that is readable while vouch_delivery_next has something to say. Yours to poll, not to read; it is
 * closed with the handle. */
VOUCH_API int vouch_delivery_fd(struct vouch *v);

/* The next line of the inbox. Waits at most `wait_ms` (0: does not wait). VOUCH_OK with `*notice` set;
 * VOUCH_TIMEOUT when there is none yet; a lasting refusal (VOUCH_UNKNOWN_KEY, VOUCH_REVOKED, …) once. A broker that
 * is away for a while is no failure: the library waits for it. */
VOUCH_API int vouch_delivery_next(struct vouch *v, int64_t wait_ms, Vouch__V1__Notice **notice);
VOUCH_API void vouch_notice_free(Vouch__V1__Notice **notice);

/* ---- Words for people and programs ---- */

/* The sentence of this thread's last outcome that was not VOUCH_OK; "" before the first. Valid until this thread's
 * next call into the library. */
VOUCH_API const char *vouch_last_error(void);

/* The name of an outcome, status or failure: "CONFLICT", "UNREACHABLE"; "?" for a number that is none. */
VOUCH_API const char *vouch_outcome_name(int outcome);

/* The library's version, "0.1.0". */
VOUCH_API const char *vouch_version(void);

#ifdef __cplusplus
}
#endif

#endif
