/* SPDX-License-Identifier: Apache-2.0
 *
 * The floors. A: what the disk takes to make the same bytes durable. B: what CURVE and two sockets take to carry the
 * same bytes there and back, with nothing done in between. */
#include "bench.h"

#include "base/check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

/* A pair for this benchmark only; the broker's own is made by `vouchd init`. */
const char *const echo_public_key = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";
static const char *const echo_secret_key = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs";

void floor_append(const struct options *options, size_t size, size_t count, struct samples *samples)
{
    char path[4096];
    uint8_t bytes[65536];
    CHECK(size <= sizeof bytes);
    memset(bytes, 0x5a, size);
    snprintf(path, sizeof path, "%s/append", options->directory);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) {
        die("%s: %s", path, strerror(errno));
    }
    for (size_t i = 0; i < count; i++) {
        int64_t began_ns = now_ns();
        if (write(file, bytes, size) != (ssize_t)size || fdatasync(file) != 0) {
            die("%s: %s", path, strerror(errno));
        }
        samples_add(samples, now_ns() - began_ns);
    }
    close(file);
    unlink(path);
}

/* Ends with the process: SIGTERM has its default effect and there is nothing to keep. */
static void on_term(int number)
{
    (void)number;
    _exit(0);
}

static void echo_one(void *socket, const uint8_t *answer)
{
    zmq_msg_t id;
    zmq_msg_t frame;
    uint32_t size = 0;
    zmq_msg_init(&id);
    zmq_msg_init(&frame);
    if (zmq_msg_recv(&id, socket, 0) >= 0 && zmq_msg_recv(&frame, socket, 0) >= (int)sizeof size) {
        memcpy(&size, zmq_msg_data(&frame), sizeof size);
        CHECK(size <= ANSWER_BYTES_MOST);
        zmq_msg_send(&id, socket, ZMQ_SNDMORE);
        zmq_send(socket, answer, size, 0);
    }
    zmq_msg_close(&id);
    zmq_msg_close(&frame);
}

void echo_serve(void)
{
    signal(SIGTERM, on_term);
    int on = 1;
    char endpoint[256];
    size_t size = sizeof endpoint;
    uint8_t *answer = calloc(1, ANSWER_BYTES_MOST);
    void *context = zmq_ctx_new();
    void *socket = zmq_socket(context, ZMQ_ROUTER);
    CHECK(answer != NULL && socket != NULL);
    CHECK(zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &on, sizeof on) == 0);
    CHECK(zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, echo_secret_key, strlen(echo_secret_key) + 1) == 0);
    if (zmq_bind(socket, "tcp://127.0.0.1:*") != 0 || zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size) != 0) {
        die("the echo server cannot listen: %s", zmq_strerror(errno));
    }
    puts(endpoint);
    fflush(stdout);
    for (;;) {
        echo_one(socket, answer);
    }
}
