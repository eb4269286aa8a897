/* SPDX-License-Identifier: Apache-2.0
 *
 * The ROUTER loop. A message is [routing id][one frame]; its sender is who its key says, read from the frame itself at
 * every message (libzmq 4.3.4 has no User-Id on the identity frame after a poll). */
#include "intake/router.h"

#include "base/check.h"
#include "base/counters.h"
#include "base/limits.h"
#include "base/log.h"
#include "dispatch/dispatch.h"
#include "intake/zap.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

/* Messages taken in before the outbox is looked at again. */
#define MESSAGES_PER_ROUND 256
#define CLOSE_LINGER_MS 2000

struct router {
    struct broker *broker;
    void *context;
    void *socket;
    struct zap *zap;
    pthread_t thread;
    int control_fd; /* written to when draining or stopping changes */
    atomic_bool draining;
    atomic_bool stopping;
    sem_t drained; /* posted once, when the thread has seen `draining` */
    char endpoint[256];
};

/* Reads what is left of a message that is not for us, without keeping it. */
static void discard_rest(void *socket)
{
    zmq_msg_t part;
    zmq_msg_init(&part);
    int more = 1;
    size_t size = sizeof more;
    while (zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size) == 0 && more != 0) {
        if (zmq_msg_recv(&part, socket, ZMQ_DONTWAIT) < 0) {
            break;
        }
    }
    zmq_msg_close(&part);
}

/* The sender's key from the frame's metadata, which ZAP put there. */
static bool sender_key(zmq_msg_t *frame, uint8_t key[32])
{
    const char *user_id = zmq_msg_gets(frame, "User-Id");
    size_t size = 0;
    return user_id != NULL && sodium_hex2bin(key, 32, user_id, strlen(user_id), NULL, &size, NULL) == 0 && size == 32;
}

/* Routing ids that our ROUTER gives out: see answer/outbox.h. One that a peer chose could be chosen to be somebody
 * else's. */
static bool is_own_routing_id(zmq_msg_t *id)
{
    return zmq_msg_size(id) == ROUTING_ID_BYTES && ((const uint8_t *)zmq_msg_data(id))[0] == 0;
}

static void handle_message(struct router *router, zmq_msg_t *id, zmq_msg_t *frame)
{
    struct peer peer;
    if (!is_own_routing_id(id) || zmq_msg_more(frame)) {
        count(COUNT_malformed);
        discard_rest(router->socket);
        return;
    }
    if (!sender_key(frame, peer.key)) {
        count(COUNT_unauthorized);
        return;
    }
    memcpy(peer.routing_id, zmq_msg_data(id), ROUTING_ID_BYTES);
    dispatch_frame(router->broker, &peer, zmq_msg_data(frame), zmq_msg_size(frame));
}

/* One message, if there is one. */
static bool receive_one(struct router *router)
{
    zmq_msg_t id, frame;
    zmq_msg_init(&id);
    zmq_msg_init(&frame);
    bool received = zmq_msg_recv(&id, router->socket, ZMQ_DONTWAIT) >= 0;
    if (received && !zmq_msg_more(&id)) {
        count(COUNT_malformed);
    } else if (received && zmq_msg_recv(&frame, router->socket, ZMQ_DONTWAIT) >= 0) {
        handle_message(router, &id, &frame);
    }
    zmq_msg_close(&frame);
    zmq_msg_close(&id);
    return received;
}

/* A frame that could not be sent: an answer is lost (its client will ask again), an inbox line is kept for later. */
static void not_sent(struct router *router, const struct outgoing *outgoing, int error)
{
    if (!outgoing->of_session) {
        count(COUNT_answers_lost);
    } else if (error == EHOSTUNREACH) {
        push_drop(router->broker->push, &outgoing->peer);
    } else if (outgoing->inbox_sequence != 0) {
        count(COUNT_deliveries_held);
        push_rewind(router->broker->push, &outgoing->peer, outgoing->inbox_sequence);
    }
}

/* A session whose reader's key was revoked since: it ends here. */
static bool is_revoked(struct router *router, const struct outgoing *outgoing)
{
    struct identity identity;
    if (!outgoing->of_session || identity_find(router->broker->identities, outgoing->peer.key, &identity)) {
        return false;
    }
    push_drop(router->broker->push, &outgoing->peer);
    return true;
}

static void send_waiting(struct router *router)
{
    struct outgoing *outgoing = outbox_take(router->broker->outbox);
    while (outgoing != NULL) {
        struct outgoing *next = outgoing->next;
        if (is_revoked(router, outgoing)) {
            count(COUNT_unauthorized);
        } else if (zmq_send(router->socket, outgoing->peer.routing_id, ROUTING_ID_BYTES, ZMQ_SNDMORE | ZMQ_DONTWAIT) <
                       0 ||
                   zmq_send(router->socket, outgoing->frame, outgoing->size, ZMQ_DONTWAIT) < 0) {
            not_sent(router, outgoing, errno);
        }
        free(outgoing);
        outgoing = next;
    }
}

static void *router_thread(void *argument)
{
    struct router *router = argument;
    bool drained = false;
    while (!atomic_load(&router->stopping)) {
        if (!drained && atomic_load(&router->draining)) {
            drained = true;
            sem_post(&router->drained);
        }
        zmq_pollitem_t items[] = {
            {NULL, outbox_fd(router->broker->outbox), ZMQ_POLLIN, 0},
            {NULL, router->control_fd, ZMQ_POLLIN, 0},
            {router->socket, 0, ZMQ_POLLIN, 0},
        };
        if (zmq_poll(items, drained ? 2 : 3, -1) < 0) {
            CHECK(errno == EINTR);
            continue;
        }
        uint64_t wakes;
        if (items[1].revents != 0 && read(router->control_fd, &wakes, sizeof wakes) < 0) {
            CHECK(errno == EAGAIN || errno == EINTR);
        }
        for (int i = 0; !drained && items[2].revents != 0 && i < MESSAGES_PER_ROUND && receive_one(router); i++) {
        }
        send_waiting(router);
    }
    send_waiting(router);
    return NULL;
}

static void set_int(void *socket, int option, int value)
{
    CHECK(zmq_setsockopt(socket, option, &value, sizeof value) == 0);
}

static void set_options(void *socket)
{
    int64_t most_bytes = LIMIT_FRAME_BYTES;
    CHECK(zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &most_bytes, sizeof most_bytes) == 0);
    set_int(socket, ZMQ_ROUTER_MANDATORY, 1); /* with DONTWAIT: a slow or gone peer is told apart, never waited for */
    set_int(socket, ZMQ_SNDHWM, LIMIT_SOCKET_HWM);
    set_int(socket, ZMQ_RCVHWM, LIMIT_SOCKET_HWM);
    set_int(socket, ZMQ_LINGER, CLOSE_LINGER_MS);
    set_int(socket, ZMQ_BACKLOG, 1024);
    set_int(socket, ZMQ_HANDSHAKE_IVL, 5000);
    set_int(socket, ZMQ_HEARTBEAT_IVL, 10000);
    set_int(socket, ZMQ_HEARTBEAT_TIMEOUT, 30000);
    set_int(socket, ZMQ_HEARTBEAT_TTL, 30000);
    set_int(socket, ZMQ_TCP_KEEPALIVE, 1);
}

static enum vouch_status open_door(struct router *router, const char *endpoint, const uint8_t secret_key[32],
                                   struct status_text *why)
{
    enum vouch_status status = zap_start(router->context, router->broker->identities, &router->zap, why);
    if (status != VOUCH_OK) {
        return status;
    }
    set_options(router->socket);
    status = zap_protect(router->socket, secret_key, why);
    if (status != VOUCH_OK) {
        return status;
    }
    if (strncmp(endpoint, "tcp://", 6) != 0) {
        return status_set(why, VOUCH_INVALID, "listen '%s': only tcp:// endpoints are served", endpoint);
    }
    if (zmq_bind(router->socket, endpoint) != 0) {
        return status_set(why, VOUCH_UNAVAILABLE, "cannot listen on %s: %s", endpoint, zmq_strerror(errno));
    }
    size_t size = sizeof router->endpoint;
    CHECK(zmq_getsockopt(router->socket, ZMQ_LAST_ENDPOINT, router->endpoint, &size) == 0);
    return VOUCH_OK;
}

/* The self-test must reach the address that was bound; "any" addresses are reached by loopback. */
static enum vouch_status test_door(struct router *router, const uint8_t secret_key[32], struct status_text *why)
{
    char endpoint[300];
    const char *port = strrchr(router->endpoint, ':');
    CHECK(port != NULL);
    if (strncmp(router->endpoint, "tcp://0.0.0.0:", 14) == 0) {
        snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1%s", port);
    } else if (strncmp(router->endpoint, "tcp://[::]:", 11) == 0) {
        snprintf(endpoint, sizeof endpoint, "tcp://[::1]%s", port);
    } else {
        snprintf(endpoint, sizeof endpoint, "%s", router->endpoint);
    }
    uint8_t public_key[32];
    crypto_scalarmult_base(public_key, secret_key);
    return zap_self_test(router->context, endpoint, public_key, why);
}

static void close_door(struct router *router)
{
    zmq_close(router->socket);
    zap_stop(&router->zap);
    zmq_ctx_term(router->context);
    close(router->control_fd);
    sem_destroy(&router->drained);
    free(router);
}

enum vouch_status router_start(struct broker *broker, const char *endpoint, const uint8_t secret_key[32],
                               struct router **pointer, struct status_text *why)
{
    struct router *router = calloc(1, sizeof *router);
    CHECK(router != NULL);
    router->broker = broker;
    router->context = zmq_ctx_new();
    router->control_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    sem_init(&router->drained, 0, 0);
    CHECK(router->context != NULL && router->control_fd >= 0);
    zmq_ctx_set(router->context, ZMQ_MAX_SOCKETS, 2 * LIMIT_SESSIONS);
    router->socket = zmq_socket(router->context, ZMQ_ROUTER);
    CHECK(router->socket != NULL);
    enum vouch_status status = open_door(router, endpoint, secret_key, why);
    if (status == VOUCH_OK) {
        status = test_door(router, secret_key, why);
    }
    if (status != VOUCH_OK) {
        close_door(router);
        return status;
    }
    CHECK(pthread_create(&router->thread, NULL, router_thread, router) == 0);
    *pointer = router;
    return VOUCH_OK;
}

const char *router_endpoint(const struct router *router)
{
    return router->endpoint;
}

static void wake(struct router *router)
{
    uint64_t one = 1;
    ssize_t written = write(router->control_fd, &one, sizeof one);
    CHECK(written == sizeof one);
}

void router_drain(struct router *router)
{
    atomic_store(&router->draining, true);
    wake(router);
    while (sem_wait(&router->drained) != 0) {
        CHECK(errno == EINTR);
    }
}

void router_stop(struct router **router)
{
    if (*router == NULL) {
        return;
    }
    atomic_store(&(*router)->stopping, true);
    wake(*router);
    pthread_join((*router)->thread, NULL);
    close_door(*router);
    *router = NULL;
}
