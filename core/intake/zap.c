/* SPDX-License-Identifier: Apache-2.0
 *
 * The ZAP handler's thread, the socket options that make libzmq ask it, and the test that it is asked. */
#include "intake/zap.h"

#include "base/check.h"
#include "base/counters.h"
#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

/* The header hides this behind DRAFT, the library takes it (libzmq 4.3.4, options.cpp). Without it, a missing handler
 * would let everyone in. */
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

/* Frames of a ZAP request with the CURVE mechanism. */
enum { ZAP_VERSION, ZAP_REQUEST_ID, ZAP_DOMAIN_FRAME, ZAP_ADDRESS, ZAP_IDENTITY, ZAP_MECHANISM, ZAP_KEY, ZAP_FRAMES };
#define ZAP_FRAME_BYTES 256
#define SELF_TEST_MS 5000

struct zap {
    void *socket;
    void *control; /* a message here ends the thread */
    void *control_peer;
    struct identities *identities;
    pthread_t thread;
};

struct zap_request {
    size_t count;
    size_t sizes[ZAP_FRAMES];
    char frames[ZAP_FRAMES][ZAP_FRAME_BYTES];
};

/* False when the socket is closing. Frames past what a CURVE request has are read and counted. */
static bool receive(void *socket, struct zap_request *request)
{
    int more = 1;
    request->count = 0;
    while (more != 0) {
        char spare[ZAP_FRAME_BYTES];
        bool kept = request->count < ZAP_FRAMES;
        int size = zmq_recv(socket, kept ? request->frames[request->count] : spare, ZAP_FRAME_BYTES, 0);
        if (size < 0) {
            return false;
        }
        if (kept) {
            request->sizes[request->count] = (size_t)size < ZAP_FRAME_BYTES ? (size_t)size : ZAP_FRAME_BYTES - 1;
            request->frames[request->count][request->sizes[request->count]] = '\0';
        }
        request->count++;
        size_t option_size = sizeof more;
        zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &option_size);
    }
    return true;
}

static bool is_curve_request(const struct zap_request *request)
{
    return request->count == ZAP_FRAMES && strcmp(request->frames[ZAP_VERSION], "1.0") == 0 &&
           strcmp(request->frames[ZAP_DOMAIN_FRAME], ZAP_DOMAIN) == 0 &&
           strcmp(request->frames[ZAP_MECHANISM], "CURVE") == 0 && request->sizes[ZAP_KEY] == 32;
}

/* The reply has exactly 7 frames, of which the REP socket makes the first, the empty delimiter. The user id is the key
 * in hexadecimal: what the intake thread checks at every message is the key, never the word of a moment ago about it.
 */
static void reply(void *socket, const struct zap_request *request, bool accepted, const char *user_id)
{
    const char *request_id = request->count > ZAP_REQUEST_ID ? request->frames[ZAP_REQUEST_ID] : "";
    size_t id_size = request->count > ZAP_REQUEST_ID ? request->sizes[ZAP_REQUEST_ID] : 0;
    const char *code = accepted ? "200" : "400";
    const char *text = accepted ? "OK" : "unknown key";
    zmq_send(socket, "1.0", 3, ZMQ_SNDMORE);
    zmq_send(socket, request_id, id_size, ZMQ_SNDMORE);
    zmq_send(socket, code, 3, ZMQ_SNDMORE);
    zmq_send(socket, text, strlen(text), ZMQ_SNDMORE);
    zmq_send(socket, user_id, strlen(user_id), ZMQ_SNDMORE);
    zmq_send(socket, "", 0, 0);
}

static void handle(struct zap *zap, const struct zap_request *request)
{
    struct identity identity;
    char user_id[65] = "";
    bool accepted = is_curve_request(request) &&
                    identity_find(zap->identities, (const uint8_t *)request->frames[ZAP_KEY], &identity);
    if (accepted) {
        sodium_bin2hex(user_id, sizeof user_id, (const uint8_t *)request->frames[ZAP_KEY], 32);
        count(COUNT_zap_accepted);
    } else {
        count(COUNT_zap_refused);
        log_debug("zap", "refused address=%s", request->count > ZAP_ADDRESS ? request->frames[ZAP_ADDRESS] : "?");
    }
    reply(zap->socket, request, accepted, user_id);
}

static void *zap_thread(void *argument)
{
    struct zap *zap = argument;
    for (;;) {
        zmq_pollitem_t items[] = {{zap->socket, 0, ZMQ_POLLIN, 0}, {zap->control, 0, ZMQ_POLLIN, 0}};
        if (zmq_poll(items, 2, -1) < 0 && errno != EINTR) {
            break;
        }
        if (items[1].revents != 0) {
            break;
        }
        struct zap_request request;
        if (items[0].revents != 0 && receive(zap->socket, &request)) {
            handle(zap, &request);
        }
    }
    return NULL;
}

enum vouch_status zap_start(void *zmq_context, struct identities *identities, struct zap **pointer,
                            struct status_text *why)
{
    struct zap *zap = calloc(1, sizeof *zap);
    CHECK(zap != NULL);
    zap->identities = identities;
    zap->socket = zmq_socket(zmq_context, ZMQ_REP);
    zap->control = zmq_socket(zmq_context, ZMQ_PAIR);
    zap->control_peer = zmq_socket(zmq_context, ZMQ_PAIR);
    CHECK(zap->socket != NULL && zap->control != NULL && zap->control_peer != NULL);
    const int no_linger = 0;
    zmq_setsockopt(zap->socket, ZMQ_LINGER, &no_linger, sizeof no_linger);
    zmq_setsockopt(zap->control, ZMQ_LINGER, &no_linger, sizeof no_linger);
    zmq_setsockopt(zap->control_peer, ZMQ_LINGER, &no_linger, sizeof no_linger);
    if (zmq_bind(zap->socket, "inproc://zeromq.zap.01") != 0 || zmq_bind(zap->control, "inproc://zap-control") != 0 ||
        zmq_connect(zap->control_peer, "inproc://zap-control") != 0) {
        status_set(why, VOUCH_INTERNAL, "the handler of connections cannot be bound: %s", zmq_strerror(errno));
        zmq_close(zap->socket);
        zmq_close(zap->control);
        zmq_close(zap->control_peer);
        free(zap);
        return VOUCH_INTERNAL;
    }
    CHECK(pthread_create(&zap->thread, NULL, zap_thread, zap) == 0);
    *pointer = zap;
    return VOUCH_OK;
}

void zap_stop(struct zap **zap)
{
    if (*zap == NULL) {
        return;
    }
    zmq_send((*zap)->control_peer, "", 0, 0);
    pthread_join((*zap)->thread, NULL);
    zmq_close((*zap)->socket);
    zmq_close((*zap)->control);
    zmq_close((*zap)->control_peer);
    free(*zap);
    *zap = NULL;
}

enum vouch_status zap_protect(void *socket, const uint8_t secret_key[32], struct status_text *why)
{
    const int on = 1;
    int mechanism = 0, enforced = 0;
    size_t mechanism_size = sizeof mechanism, enforced_size = sizeof enforced;
    if (zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &on, sizeof on) != 0 ||
        zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_key, 32) != 0 ||
        zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, ZAP_DOMAIN, strlen(ZAP_DOMAIN)) != 0 ||
        zmq_setsockopt(socket, ZMQ_ZAP_ENFORCE_DOMAIN, &on, sizeof on) != 0 ||
        zmq_getsockopt(socket, ZMQ_MECHANISM, &mechanism, &mechanism_size) != 0 || mechanism != ZMQ_CURVE ||
        zmq_getsockopt(socket, ZMQ_ZAP_ENFORCE_DOMAIN, &enforced, &enforced_size) != 0 || enforced != 1) {
        return status_set(why, VOUCH_INTERNAL, "this libzmq does not take the settings that keep strangers out: %s",
                          zmq_strerror(errno));
    }
    return VOUCH_OK;
}

/* What became of one handshake, from the socket's monitor. */
static int handshake_event(void *monitor)
{
    zmq_pollitem_t item = {monitor, 0, ZMQ_POLLIN, 0};
    for (;;) {
        if (zmq_poll(&item, 1, SELF_TEST_MS) <= 0) {
            return 0;
        }
        uint8_t frame[64], address[256];
        if (zmq_recv(monitor, frame, sizeof frame, 0) < 6 || zmq_recv(monitor, address, sizeof address, 0) < 0) {
            return 0;
        }
        uint16_t event;
        memcpy(&event, frame, sizeof event);
        if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED || event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) {
            return event;
        }
    }
}

enum vouch_status zap_self_test(void *zmq_context, const char *endpoint, const uint8_t server_key[32],
                                struct status_text *why)
{
    uint8_t public_key[32], secret_key[32];
    crypto_box_keypair(public_key, secret_key);
    void *socket = zmq_socket(zmq_context, ZMQ_DEALER);
    void *monitor = zmq_socket(zmq_context, ZMQ_PAIR);
    CHECK(socket != NULL && monitor != NULL);
    const int no_linger = 0;
    zmq_setsockopt(socket, ZMQ_LINGER, &no_linger, sizeof no_linger);
    zmq_setsockopt(monitor, ZMQ_LINGER, &no_linger, sizeof no_linger);
    zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, server_key, 32);
    zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, public_key, 32);
    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_key, 32);
    zmq_socket_monitor(socket, "inproc://zap-self-test",
                       ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
    zmq_connect(monitor, "inproc://zap-self-test");
    zmq_connect(socket, endpoint);
    int event = handshake_event(monitor);
    zmq_socket_monitor(socket, NULL, 0);
    zmq_close(monitor);
    zmq_close(socket);
    if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) {
        return VOUCH_OK;
    }
    return status_set(why, VOUCH_INTERNAL, "self-test: a connection with a random key was %s",
                      event == 0 ? "not answered" : "let in");
}
