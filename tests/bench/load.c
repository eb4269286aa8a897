/* SPDX-License-Identifier: Apache-2.0
 *
 * The load generator: many DEALER sockets, one thread, one epoll. The descriptor of a zmq socket says only that there
 * is something to look at, so each is read until it has nothing more; then the descriptor is quiet again. */
#include "bench.h"

#include "base/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <zmq.h>

#define EVENTS_MOST 256
#define ANSWER_MS 60000
#define SILENCE_SECONDS 30

static void *socket_open(void *context, const char *endpoint, const void *server_key, size_t server_key_size,
                         const uint8_t public_key[32], const uint8_t secret_key[32])
{
    int linger = 0;
    int high_water = 0;
    void *socket = zmq_socket(context, ZMQ_DEALER);
    if (socket == NULL) {
        die("cannot make a socket: %s", zmq_strerror(errno));
    }
    CHECK(zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger) == 0);
    CHECK(zmq_setsockopt(socket, ZMQ_SNDHWM, &high_water, sizeof high_water) == 0);
    CHECK(zmq_setsockopt(socket, ZMQ_RCVHWM, &high_water, sizeof high_water) == 0);
    CHECK(zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, server_key, server_key_size) == 0);
    CHECK(zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, public_key, 32) == 0);
    CHECK(zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_key, 32) == 0);
    if (zmq_connect(socket, endpoint) != 0) {
        die("cannot connect to %s: %s", endpoint, zmq_strerror(errno));
    }
    return socket;
}

static struct connections *connections_new(size_t count)
{
    struct connections *connections = calloc(1, sizeof *connections);
    CHECK(connections != NULL);
    connections->items = calloc(count, sizeof *connections->items);
    connections->count = count;
    connections->context = zmq_ctx_new();
    connections->epoll = epoll_create1(EPOLL_CLOEXEC);
    CHECK(connections->items != NULL && connections->context != NULL && connections->epoll >= 0);
    zmq_ctx_set(connections->context, ZMQ_MAX_SOCKETS, (int)count + 16);
    return connections;
}

static void connection_watch(struct connections *connections, struct connection *connection)
{
    size_t size = sizeof connection->fd;
    CHECK(zmq_getsockopt(connection->socket, ZMQ_FD, &connection->fd, &size) == 0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    CHECK(epoll_ctl(connections->epoll, EPOLL_CTL_ADD, connection->fd, &event) == 0);
}

/* Every connection says hello before the first is waited for: a thousand handshakes overlap. */
static void greet(struct connections *connections)
{
    uint8_t bytes[REQUEST_BYTES_MOST];
    uint8_t answer[REQUEST_BYTES_MOST];
    for (size_t i = 0; i < connections->count; i++) {
        connection_send(&connections->items[i], bytes, make_hello(&connections->items[i], bytes, NULL));
    }
    for (size_t i = 0; i < connections->count; i++) {
        read_answer(answer, connection_await(&connections->items[i], answer, sizeof answer));
        CHECK(connection_receive(&connections->items[i], answer, sizeof answer) < 0);
    }
}

static void connect_as(struct connections *connections, size_t i, const struct process *broker,
                       const struct profile *admin, const uint8_t public_key[32], const uint8_t secret_key[32])
{
    connections->items[i].socket = socket_open(connections->context, broker->endpoint, admin->server_key, 32,
                                               public_key, secret_key);
    connection_watch(connections, &connections->items[i]);
}

struct connections *connections_open(const struct process *broker, const struct profile *admin, uint32_t first,
                                     size_t count)
{
    struct connections *connections = connections_new(count);
    for (size_t i = 0; i < count; i++) {
        uint8_t public_key[32];
        uint8_t secret_key[32];
        connections->items[i].member = first + (uint32_t)i;
        world_member_keys(connections->items[i].member, public_key, secret_key);
        connect_as(connections, i, broker, admin, public_key, secret_key);
    }
    greet(connections);
    return connections;
}

struct connections *connections_open_admin(const struct process *broker, const struct profile *admin, size_t count)
{
    struct connections *connections = connections_new(count);
    for (size_t i = 0; i < count; i++) {
        connections->items[i].member = (uint32_t)i;
        connect_as(connections, i, broker, admin, admin->public_key, admin->secret_key);
    }
    greet(connections);
    return connections;
}

struct connections *connections_open_echo(const struct process *echo, size_t count)
{
    struct connections *connections = connections_new(count);
    for (size_t i = 0; i < count; i++) {
        uint8_t public_key[32];
        uint8_t secret_key[32];
        profile_key_pair(public_key, secret_key);
        connections->items[i].socket = socket_open(connections->context, echo->endpoint, echo_public_key,
                                                   strlen(echo_public_key) + 1, public_key, secret_key);
        connection_watch(connections, &connections->items[i]);
    }
    return connections;
}

void connections_close(struct connections **connections)
{
    for (size_t i = 0; i < (*connections)->count; i++) {
        zmq_close((*connections)->items[i].socket);
    }
    zmq_ctx_term((*connections)->context);
    close((*connections)->epoll);
    free((*connections)->items);
    free(*connections);
    *connections = NULL;
}

void connection_send(struct connection *connection, const void *bytes, size_t size)
{
    connection->sent++;
    connection->sent_ns = now_ns();
    if (zmq_send(connection->socket, bytes, size, 0) < 0) {
        die("cannot send: %s", zmq_strerror(errno));
    }
}

ssize_t connection_receive(struct connection *connection, uint8_t *bytes, size_t room)
{
    int size = zmq_recv(connection->socket, bytes, room, ZMQ_DONTWAIT);
    if (size < 0 && errno != EAGAIN) {
        die("cannot receive: %s", zmq_strerror(errno));
    }
    CHECK(size < 0 || (size_t)size <= room);
    return size;
}

size_t connection_await(struct connection *connection, uint8_t *bytes, size_t room)
{
    zmq_pollitem_t wait = {connection->socket, 0, ZMQ_POLLIN, 0};
    if (zmq_poll(&wait, 1, ANSWER_MS) <= 0) {
        die("no answer in %d seconds", ANSWER_MS / 1000);
    }
    ssize_t size = connection_receive(connection, bytes, room);
    CHECK(size >= 0);
    return (size_t)size;
}

/* ---- the closed loop ---- */

struct loop {
    const struct work *work;
    struct samples *samples;
    uint8_t *answer;
    int64_t until_ns;
    size_t left;   /* requests that may still be sent */
    size_t flying; /* sent, not answered */
    size_t answered;
};

static void send_next(struct loop *loop, struct connection *connection)
{
    uint8_t bytes[REQUEST_BYTES_MOST];
    bool stopped = loop->work->stop != NULL && atomic_load(loop->work->stop);
    if (loop->left == 0 || stopped || now_ns() >= loop->until_ns) {
        return;
    }
    size_t size = loop->work->make(connection, bytes, loop->work->argument);
    if (size == 0) {
        return;
    }
    loop->left--;
    loop->flying++;
    connection_send(connection, bytes, size);
}

static void drain(struct loop *loop, struct connection *connection)
{
    ssize_t size;
    while ((size = connection_receive(connection, loop->answer, ANSWER_BYTES_MOST)) >= 0) {
        int64_t took_ns = now_ns() - connection->sent_ns;
        loop->work->check(connection, loop->answer, (size_t)size, loop->work->argument);
        if (loop->samples != NULL) {
            samples_add(loop->samples, took_ns);
        }
        loop->flying--;
        loop->answered++;
        send_next(loop, connection);
    }
}

double closed_loop(struct connections *connections, const struct work *work, struct samples *samples)
{
    int64_t began_ns = now_ns();
    struct loop loop = {.work = work, .samples = samples, .answer = malloc(ANSWER_BYTES_MOST)};
    CHECK(loop.answer != NULL);
    loop.until_ns = work->seconds > 0 ? began_ns + (int64_t)(work->seconds * 1e9) : INT64_MAX;
    loop.left = work->requests > 0 ? work->requests : SIZE_MAX;
    for (size_t i = 0; i < connections->count; i++) {
        send_next(&loop, &connections->items[i]);
        drain(&loop, &connections->items[i]); /* sending may have eaten the descriptor's signal */
    }
    for (int silent = 0; loop.flying > 0;) {
        struct epoll_event events[EVENTS_MOST];
        int count = epoll_wait(connections->epoll, events, EVENTS_MOST, 1000);
        silent = count > 0 ? 0 : silent + 1;
        if (silent > SILENCE_SECONDS) {
            die("%zu requests got no answer in %d seconds", loop.flying, SILENCE_SECONDS);
        }
        for (int i = 0; i < count; i++) {
            drain(&loop, events[i].data.ptr);
        }
    }
    free(loop.answer);
    return (double)loop.answered / ((double)(now_ns() - began_ns) / 1e9);
}
