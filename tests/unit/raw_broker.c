/* SPDX-License-Identifier: Apache-2.0
 *
 * See raw_broker.h. */
#include "raw_broker.h"

#include "../port.h"

#include "base/check.h"
#include "base/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

struct raw_broker {
    void *context;
    void *router;
    void *zap;
    pthread_t thread;
    atomic_bool stopping;
    atomic_bool restricted;
    atomic_uint hellos;
    atomic_uint version;
    _Atomic uint64_t sequence;
    uint8_t allowed[VOUCH_KEY_BYTES];
    char secret[41];
    char endpoint[64];
    char address[80];
    raw_answer *answer;
    void *data;
    bool drop;
    zmq_msg_t *peer;
};

static void set_number(void *socket, int option, int value)
{
    CHECK(zmq_setsockopt(socket, option, &value, sizeof value) == 0);
}

static void open_router(struct raw_broker *broker)
{
    broker->router = zmq_socket(broker->context, ZMQ_ROUTER);
    set_number(broker->router, ZMQ_LINGER, 0);
    set_number(broker->router, ZMQ_CURVE_SERVER, 1);
    CHECK(zmq_setsockopt(broker->router, ZMQ_CURVE_SECRETKEY, broker->secret, sizeof broker->secret) == 0);
    CHECK(zmq_setsockopt(broker->router, ZMQ_ZAP_DOMAIN, "vouch", 5) == 0);
    int tries = 0; /* the port is given back a moment after the close */
    while (zmq_bind(broker->router, broker->address) != 0) {
        CHECK(++tries < 100);
        (void)zmq_poll(NULL, 0, 20);
    }
}

/* RFC 27: request is version, id, domain, address, identity, mechanism, key. */
static void answer_zap(struct raw_broker *broker)
{
    char frame[8][256];
    int size[8] = {0}, count = 0, more = 1;
    size_t more_size = sizeof more;
    while (more != 0 && count < 8) {
        size[count] = zmq_recv(broker->zap, frame[count], sizeof frame[count], 0);
        CHECK(size[count] >= 0);
        count++;
        CHECK(zmq_getsockopt(broker->zap, ZMQ_RCVMORE, &more, &more_size) == 0);
    }
    CHECK(count == 7 && size[6] == VOUCH_KEY_BYTES);
    bool allowed = !atomic_load(&broker->restricted) || memcmp(frame[6], broker->allowed, VOUCH_KEY_BYTES) == 0;
    zmq_send(broker->zap, "1.0", 3, ZMQ_SNDMORE);
    zmq_send(broker->zap, frame[1], (size_t)size[1], ZMQ_SNDMORE);
    zmq_send(broker->zap, allowed ? "200" : "400", 3, ZMQ_SNDMORE);
    zmq_send(broker->zap, "", 0, ZMQ_SNDMORE);
    zmq_send(broker->zap, "user", 4, ZMQ_SNDMORE);
    zmq_send(broker->zap, "", 0, 0);
}

static void send_message(struct raw_broker *broker, const Vouch__V1__FromBroker *message)
{
    zmq_msg_t peer;
    zmq_msg_init(&peer);
    zmq_msg_copy(&peer, broker->peer);
    uint8_t bytes[4096];
    CHECK(vouch__v1__from_broker__get_packed_size(message) <= sizeof bytes);
    size_t size = vouch__v1__from_broker__pack(message, bytes);
    CHECK(zmq_msg_send(&peer, broker->router, ZMQ_SNDMORE) >= 0);
    CHECK(zmq_send(broker->router, bytes, size, 0) >= 0);
}

static void answer_request(struct raw_broker *broker, const Vouch__V1__Request *request)
{
    Vouch__V1__FromBroker message = VOUCH__V1__FROM_BROKER__INIT;
    Vouch__V1__Reply reply = VOUCH__V1__REPLY__INIT;
    Vouch__V1__Greeting greeting = VOUCH__V1__GREETING__INIT;
    reply.version = 1;
    reply.id = request->id;
    message.body_case = VOUCH__V1__FROM_BROKER__BODY_REPLY;
    message.reply = &reply;
    bool send = true;
    if (request->operation_case == VOUCH__V1__REQUEST__OPERATION_HELLO) {
        atomic_fetch_add(&broker->hellos, 1);
        greeting.version = atomic_load(&broker->version);
        greeting.last_sequence = atomic_load(&broker->sequence);
        greeting.time_ms = clock_now_ms() + RAW_BROKER_AHEAD_MS;
        reply.result_case = VOUCH__V1__REPLY__RESULT_GREETING;
        reply.greeting = &greeting;
    } else {
        send = broker->answer(broker, request, &reply, broker->data);
    }
    if (send) {
        send_message(broker, &message);
    }
}

static void receive(struct raw_broker *broker)
{
    zmq_msg_t peer, payload;
    zmq_msg_init(&peer);
    zmq_msg_init(&payload);
    CHECK(zmq_msg_recv(&peer, broker->router, 0) >= 0 && zmq_msg_recv(&payload, broker->router, 0) >= 0);
    CHECK(!zmq_msg_more(&payload));
    Vouch__V1__Request *request = vouch__v1__request__unpack(NULL, zmq_msg_size(&payload), zmq_msg_data(&payload));
    CHECK(request != NULL);
    broker->peer = &peer;
    answer_request(broker, request);
    vouch__v1__request__free_unpacked(request, NULL);
    zmq_msg_close(&peer);
    zmq_msg_close(&payload);
    if (broker->drop) {
        broker->drop = false;
        zmq_close(broker->router);
        open_router(broker);
    }
}

static void *broker_main(void *data)
{
    struct raw_broker *broker = data;
    while (!atomic_load(&broker->stopping)) {
        zmq_pollitem_t items[] = {{broker->zap, 0, ZMQ_POLLIN, 0}, {broker->router, 0, ZMQ_POLLIN, 0}};
        CHECK(zmq_poll(items, 2, 20) >= 0);
        if (items[0].revents != 0) {
            answer_zap(broker);
        }
        if (items[1].revents != 0) {
            receive(broker);
        }
    }
    return NULL;
}

struct raw_broker *raw_broker_start(struct vouch_identity *identity, raw_answer *answer, void *data)
{
    struct raw_broker *broker = calloc(1, sizeof *broker);
    CHECK(broker != NULL);
    broker->answer = answer;
    broker->data = data;
    broker->version = VOUCH_PROTOCOL_VERSION;
    broker->context = zmq_ctx_new();
    broker->zap = zmq_socket(broker->context, ZMQ_REP);
    CHECK(zmq_bind(broker->zap, "inproc://zeromq.zap.01") == 0);
    char public[41];
    CHECK(zmq_curve_keypair(public, broker->secret) == 0);
    CHECK(zmq_z85_decode(identity->server_key, public) != NULL);
    snprintf(broker->address, sizeof broker->address, "tcp://127.0.0.1:%u", port_choose());
    open_router(broker);
    snprintf(broker->endpoint, sizeof broker->endpoint, "%s", broker->address + strlen("tcp://"));
    identity->endpoint = broker->endpoint;
    char own_public[41], own_secret[41];
    CHECK(zmq_curve_keypair(own_public, own_secret) == 0);
    CHECK(zmq_z85_decode(identity->public_key, own_public) != NULL);
    CHECK(zmq_z85_decode(identity->secret_key, own_secret) != NULL);
    CHECK(pthread_create(&broker->thread, NULL, broker_main, broker) == 0);
    return broker;
}

void raw_broker_stop(struct raw_broker **broker)
{
    atomic_store(&(*broker)->stopping, true);
    CHECK(pthread_join((*broker)->thread, NULL) == 0);
    int linger = 0;
    zmq_setsockopt((*broker)->zap, ZMQ_LINGER, &linger, sizeof linger);
    zmq_close((*broker)->router);
    zmq_close((*broker)->zap);
    zmq_ctx_term((*broker)->context);
    free(*broker);
    *broker = NULL;
}

void raw_broker_allow_only(struct raw_broker *broker, const uint8_t key[VOUCH_KEY_BYTES])
{
    memcpy(broker->allowed, key, VOUCH_KEY_BYTES);
    atomic_store(&broker->restricted, true);
}

void raw_broker_set_version(struct raw_broker *broker, uint32_t version)
{
    atomic_store(&broker->version, version);
}

void raw_broker_set_sequence(struct raw_broker *broker, uint64_t sequence)
{
    atomic_store(&broker->sequence, sequence);
}

void raw_broker_deliver(struct raw_broker *broker, uint64_t inbox_sequence)
{
    Vouch__V1__FromBroker message = VOUCH__V1__FROM_BROKER__INIT;
    Vouch__V1__Delivery delivery = VOUCH__V1__DELIVERY__INIT;
    Vouch__V1__Notice notice = VOUCH__V1__NOTICE__INIT;
    notice.inbox_sequence = inbox_sequence;
    delivery.notice = &notice;
    message.body_case = VOUCH__V1__FROM_BROKER__BODY_DELIVERY;
    message.delivery = &delivery;
    send_message(broker, &message);
}

void raw_broker_drop(struct raw_broker *broker)
{
    broker->drop = true;
}

unsigned raw_broker_hellos(struct raw_broker *broker)
{
    return atomic_load(&broker->hellos);
}
