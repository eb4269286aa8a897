/* SPDX-License-Identifier: Apache-2.0
 *
 * The connection of a handle: one socket a try, with our own backoff, because ZeroMQ's reconnecting would hide why the
 * broker refuses us and, once refused, swallow what is sent. Its monitor tells how the handshake went. */
#include "handle.h"

#include "base/check.h"
#include "base/clock.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

#define CONNECT_US 6000000 /* longer than the handshake below may take */
#define HANDSHAKE_MS 5000
#define GREETING_US 5000000
#define BACKOFF_FIRST_US 50000
#define BACKOFF_MOST_US 5000000
#define REFUSED_PAUSE_US 200000 /* between refused tries, however often the program asks */
#define BROKEN_HANDSHAKES 3     /* in a row: no accident of a broker that is just ending */
#define QUEUE_MESSAGES 2000
#define MONITORED                                                                                                      \
    (ZMQ_EVENT_CLOSED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |     \
     ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL)

/* ---- The context ---- */

static pthread_mutex_t context_lock = PTHREAD_MUTEX_INITIALIZER;
static void *context;
static unsigned context_users;

void *context_get(void)
{
    pthread_mutex_lock(&context_lock);
    if (context == NULL) {
        context = zmq_ctx_new();
    }
    if (context != NULL) {
        context_users++;
    }
    void *shared = context;
    pthread_mutex_unlock(&context_lock);
    return shared;
}

void context_put(void)
{
    pthread_mutex_lock(&context_lock);
    CHECK(context_users > 0);
    if (--context_users == 0) {
        zmq_ctx_term(context);
        context = NULL;
    }
    pthread_mutex_unlock(&context_lock);
}

/* ---- Words ---- */

void link_describe(const struct vouch *v, char text[ERROR_MAX])
{
    const struct link *link = &v->link;
    if (link->state == LINK_REFUSED) {
        snprintf(text, ERROR_MAX, "%s", link->reason);
        return;
    }
    double seconds = (double)(clock_mono_us() - link->down_since_us) / 1e6;
    snprintf(text, ERROR_MAX, "no broker at %s (%.200s; retried for %.*f s)", v->identity.endpoint,
             link->reason[0] != '\0' ? link->reason : "no answer", seconds < 1 ? 1 : 0, seconds);
}

/* ---- Up ---- */

void link_init(struct vouch *v)
{
    v->link = (struct link){.state = LINK_DOWN, .down_since_us = clock_mono_us(), .outcome = VOUCH_UNREACHABLE};
}

static bool set_number(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof value) == 0;
}

static bool set_key(void *socket, int option, const uint8_t *key)
{
    return zmq_setsockopt(socket, option, key, PROFILE_KEY_BYTES) == 0;
}

/* The time to live must stay below 65.5 s, where its field overflows. */
static bool set_options(void *dealer, const struct profile *identity)
{
    int64_t most = FRAME_BYTES_MAX;
    return set_number(dealer, ZMQ_LINGER, 0) && set_number(dealer, ZMQ_RECONNECT_IVL, -1) &&
           set_number(dealer, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS) && set_number(dealer, ZMQ_SNDHWM, QUEUE_MESSAGES) &&
           set_number(dealer, ZMQ_RCVHWM, QUEUE_MESSAGES) && set_number(dealer, ZMQ_IPV6, 1) &&
           set_number(dealer, ZMQ_HEARTBEAT_IVL, 5000) && set_number(dealer, ZMQ_HEARTBEAT_TIMEOUT, 15000) &&
           set_number(dealer, ZMQ_HEARTBEAT_TTL, 30000) && set_number(dealer, ZMQ_TCP_KEEPALIVE, 1) &&
           set_number(dealer, ZMQ_TCP_KEEPALIVE_IDLE, 60) &&
           zmq_setsockopt(dealer, ZMQ_MAXMSGSIZE, &most, sizeof most) == 0 &&
           set_key(dealer, ZMQ_CURVE_SERVERKEY, identity->server_key) &&
           set_key(dealer, ZMQ_CURVE_PUBLICKEY, identity->public_key) &&
           set_key(dealer, ZMQ_CURVE_SECRETKEY, identity->secret_key);
}

/* The monitor's name is of this handle; the old monitor is gone before a new one binds it. */
static bool start_monitor(struct vouch *v)
{
    char address[64];
    snprintf(address, sizeof address, "inproc://vouch-monitor-%p", (void *)v);
    if (zmq_socket_monitor(v->link.dealer, address, MONITORED) != 0) {
        return false;
    }
    v->link.monitor = zmq_socket(context, ZMQ_PAIR);
    return v->link.monitor != NULL && set_number(v->link.monitor, ZMQ_LINGER, 0) &&
           zmq_connect(v->link.monitor, address) == 0;
}

/* The monitor is stopped before its reading end closes: nobody may be writing to a pipe that nobody drains. */
void link_close(struct vouch *v)
{
    struct link *link = &v->link;
    if (link->dealer != NULL) {
        zmq_socket_monitor(link->dealer, NULL, 0);
    }
    if (link->monitor != NULL) {
        zmq_close(link->monitor);
        link->monitor = NULL;
    }
    if (link->dealer != NULL) {
        zmq_close(link->dealer);
        link->dealer = NULL;
    }
    outbox_drop_own(&v->outbox);
}

static int64_t backoff_us(unsigned failures)
{
    int64_t pause_us = failures > 7 ? BACKOFF_MOST_US : BACKOFF_FIRST_US << (failures - 1);
    return pause_us + randombytes_uniform((uint32_t)pause_us / 4);
}

static void go_down(struct vouch *v, const char *reason)
{
    struct link *link = &v->link;
    int64_t now_us = clock_mono_us();
    if (link->state == LINK_READY) {
        link->down_since_us = now_us;
    }
    link_close(v);
    link->failures++;
    link->state = LINK_DOWN;
    link->outcome = VOUCH_UNREACHABLE;
    link->until_us = now_us + backoff_us(link->failures);
    snprintf(link->reason, sizeof link->reason, "%s", reason);
}

/* Trying again would end the same way: everybody who waits is told. */
static void refuse(struct vouch *v, int outcome, const char *reason)
{
    struct link *link = &v->link;
    char text[ERROR_MAX]; /* `reason` may lie in what closing frees */
    snprintf(text, sizeof text, "%s", reason);
    link_close(v);
    link->failures = 0;
    link->broken_handshakes = 0;
    link->state = LINK_REFUSED;
    link->outcome = outcome;
    link->until_us = clock_mono_us() + REFUSED_PAUSE_US;
    snprintf(link->reason, sizeof link->reason, "%s", text);
    outbox_fail_all(v, outcome, text);
    delivery_fail(v, outcome, text);
}

static void try_connect(struct vouch *v, int64_t now_us)
{
    struct link *link = &v->link;
    char address[PROFILE_ENDPOINT_MAX + 8];
    snprintf(address, sizeof address, "tcp://%s", v->identity.endpoint);
    link->dealer = zmq_socket(context, ZMQ_DEALER);
    if (link->dealer == NULL || !set_options(link->dealer, &v->identity) || !start_monitor(v) ||
        zmq_connect(link->dealer, address) != 0) {
        go_down(v, zmq_strerror(errno));
        return;
    }
    link->state = LINK_CONNECTING;
    link->until_us = now_us + CONNECT_US;
}

/* ---- What happens to it ---- */

static void greet(struct vouch *v)
{
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    Vouch__V1__Hello hello = VOUCH__V1__HELLO__INIT;
    hello.client = v->client;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_HELLO;
    request.hello = &hello;
    (void)outbox_add(v, PENDING_HELLO, &request, GREETING_US / 1000, 0);
    v->link.state = LINK_GREETING;
    v->link.until_us = clock_mono_us() + GREETING_US;
}

static void become_ready(struct vouch *v)
{
    v->link.state = LINK_READY;
    v->link.proved = true;
    v->link.failures = 0;
    v->link.broken_handshakes = 0;
    v->link.reason[0] = '\0';
    outbox_rewind(&v->outbox);
    delivery_link_ready(v);
}

void link_greeted(struct vouch *v, const Vouch__V1__Reply *reply)
{
    CHECK(v->link.state == LINK_GREETING);
    char text[ERROR_MAX];
    if (reply->status == VOUCH__V1__STATUS__OK && reply->result_case == VOUCH__V1__REPLY__RESULT_GREETING &&
        reply->greeting->version == VOUCH_PROTOCOL_VERSION) {
        /* What was answered to anybody before this connection, this handle's queries see, its first one too. */
        if (reply->greeting->last_sequence > v->seen_sequence) {
            v->seen_sequence = reply->greeting->last_sequence;
        }
        v->ahead_ms = reply->greeting->time_ms - clock_now_ms();
        become_ready(v);
        return;
    }
    if (reply->status == VOUCH__V1__STATUS__OK || reply->status == VOUCH__V1__STATUS__UNSUPPORTED_VERSION) {
        snprintf(text, sizeof text,
                 "the broker at %s does not speak protocol version %d, which this program does%s%.300s",
                 v->identity.endpoint, VOUCH_PROTOCOL_VERSION, reply->message[0] != '\0' ? ": " : "", reply->message);
        refuse(v, VOUCH_UNSUPPORTED_VERSION, text);
        return;
    }
    const char *sentence = reply->message[0] != '\0' ? reply->message
                                                     : status_sentence((enum vouch_status)reply->status);
    refuse(v, (int)reply->status, sentence);
}

static void handshake_broke(struct vouch *v)
{
    /* A broker that once proved its key has been stopped in the middle of a handshake; it is no other broker now. */
    if (v->link.proved || ++v->link.broken_handshakes < BROKEN_HANDSHAKES) {
        go_down(v, "it answers but ends the handshake");
        return;
    }
    char key[PROFILE_KEY_TEXT], text[ERROR_MAX];
    profile_key_text(v->identity.server_key, key);
    snprintf(text, sizeof text,
             "what answers at %s is not the broker with server key %.8s…: "
             "is the address right, and this profile or join line for that broker?",
             v->identity.endpoint, key);
    refuse(v, VOUCH_WRONG_SERVER, text);
}

static void authentication_failed(struct vouch *v, uint32_t code)
{
    char text[ERROR_MAX];
    if (code != 400) {
        snprintf(text, sizeof text, "it cannot check keys just now, code %u", code);
        go_down(v, text);
        return;
    }
    snprintf(text, sizeof text,
             "the broker at %s does not know this key: it was revoked or replaced, or the invitation was used or has "
             "expired; an admin can send you a new invitation",
             v->identity.endpoint);
    refuse(v, VOUCH_UNKNOWN_KEY, text);
}

/* The connection could not be made, or is gone. Finding out why may block, so the lock is released. */
static void connection_ended(struct vouch *v)
{
    char reason[256] = "the connection was lost";
    if (v->link.state == LINK_CONNECTING) {
        pthread_mutex_unlock(&v->lock);
        diagnose_endpoint(v->identity.endpoint, reason);
        pthread_mutex_lock(&v->lock);
    }
    go_down(v, reason[0] != '\0' ? reason : "the connection was cut off");
}

static void handle_event(struct vouch *v, uint16_t event, uint32_t value)
{
    switch (event) {
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        greet(v);
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        authentication_failed(v, value);
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
        handshake_broke(v);
        break;
    default: /* CLOSED or DISCONNECTED */
        connection_ended(v);
        break;
    }
}

/* The next event, in two frames: number and value, then the address. */
static bool next_event(void *monitor, uint16_t *event, uint32_t *value)
{
    uint8_t frame[6];
    if (zmq_recv(monitor, frame, sizeof frame, ZMQ_DONTWAIT) != (int)sizeof frame) {
        return false;
    }
    memcpy(event, frame, sizeof *event);
    memcpy(value, frame + 2, sizeof *value);
    char address[512];
    return zmq_recv(monitor, address, sizeof address, ZMQ_DONTWAIT) >= 0;
}

void link_events(struct vouch *v)
{
    uint16_t event;
    uint32_t value;
    while (v->link.monitor != NULL && next_event(v->link.monitor, &event, &value)) {
        handle_event(v, event, value);
    }
}

void link_step(struct vouch *v, int64_t now_us)
{
    struct link *link = &v->link;
    switch (link->state) {
    case LINK_DOWN:
        if (now_us >= link->until_us) {
            try_connect(v, now_us);
        }
        break;
    case LINK_CONNECTING:
        if (now_us >= link->until_us) {
            connection_ended(v);
        }
        break;
    case LINK_GREETING:
        if (now_us >= link->until_us) {
            go_down(v, "it answers but does not greet");
        }
        break;
    case LINK_READY:
        break;
    case LINK_REFUSED: /* whatever waits came after everybody was told */
        if (now_us >= link->until_us && !TAILQ_EMPTY(&v->outbox.unsent)) {
            link->down_since_us = now_us;
            try_connect(v, now_us);
        }
        break;
    }
}
