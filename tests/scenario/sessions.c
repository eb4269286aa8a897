/* SPDX-License-Identifier: Apache-2.0
 *
 * Subscriptions at their edges: peers that vanish without a word until no place is
 * left, the longest lines there can be, and a broker that stops while its readers vanish. */
#include "raw.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#define PLACES 8
#define LONG_LINES 80
#define STOPS 3

static struct world world = {0};
static void *context;

static void send_subscription(struct raw *raw, uint64_t after)
{
    static uint8_t last_id;
    static uint8_t id_bytes[16] = {1, 0x9A, 0, 0, 0, 0, 0x70, 0, 0x80};
    uint8_t bytes[256];
    Vouch__V1__Subscribe subscribe = VOUCH__V1__SUBSCRIBE__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    id_bytes[15] = ++last_id;
    subscribe.after = after;
    request.version = 1;
    request.id = (ProtobufCBinaryData){16, id_bytes};
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_SUBSCRIBE;
    request.subscribe = &subscribe;
    zmq_send(raw->socket, bytes, raw_pack(&request, bytes, sizeof bytes), 0);
}

static int subscribe(struct raw *raw, uint64_t after)
{
    char sentence[512] = "no answer";
    send_subscription(raw, after);
    int status = raw_status(raw, RAW_WAIT_MS, sentence);
    if (status != VOUCH_OK && status != VOUCH_BUSY) {
        fail("a subscription after %llu was answered %d: %s", (unsigned long long)after, status, sentence);
    }
    return status;
}

/* Sessions whose inbox stayed empty kept their places after their peers had gone. */
static void places_of_vanished_peers(const struct raw *raw)
{
    struct raw gone[PLACES];
    for (int i = 0; i < PLACES; i++) {
        gone[i] = raw_connect(&world, context, raw->public_key, raw->secret_key, NULL);
        send_subscription(&gone[i], 0);
    }
    char sentence[512];
    for (int i = 0; i < PLACES; i++) {
        (void)raw_status(&gone[i], RAW_WAIT_MS, sentence); /* the last ones may find no place */
        raw_close(&gone[i]);
    }
    struct raw newcomer = raw_connect(&world, context, raw->public_key, raw->secret_key, NULL);
    int status = VOUCH_BUSY;
    for (int tries = 0; tries < 100 && status == VOUCH_BUSY; tries++) {
        status = subscribe(&newcomer, 0);
        poll(NULL, 0, status == VOUCH_BUSY ? 50 : 0); /* as the answer asks */
    }
    if (status != VOUCH_OK) {
        fail("%d peers that are gone keep everybody from subscribing", PLACES);
    }
    raw_close(&newcomer);
}

/* One line as long as can be; dozens of them in a row must not be more than push can read at once. */
static void longest_lines(struct vouch *sender, struct vouch *receiver, uint64_t receiver_id, uint64_t prospect)
{
    static char longest[4001];
    memset(longest, 'x', sizeof longest - 1);
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    text.need = text.vouch = text.awareness = text.reason = text.note = longest;
    Vouch__V1__ReferralSubmit submission = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    submission.prospect = prospect;
    submission.receiver = receiver_id;
    submission.consent = true;
    submission.text = &text;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_REFERRAL_SUBMIT;
    request.referral_submit = &submission;
    for (int i = 0; i < LONG_LINES; i++) {
        command(sender, &request);
    }
    vouch_subscribe(receiver, 0);
    for (int i = 0; i < LONG_LINES; i++) {
        Vouch__V1__Notice *notice = NULL;
        if (vouch_delivery_next(receiver, RAW_WAIT_MS, &notice) != VOUCH_OK) {
            fail("long line %d was not delivered: %s", i + 1, vouch_last_error());
        }
        vouch_notice_free(&notice);
    }
}

/* Push was gone before the last frames were, and some of those come back to it. */
static void stopping_while_readers_vanish(const struct raw *raw, struct vouch *sender, uint64_t prospect)
{
    enum { READERS = 100 };
    for (int stop = 0; stop < STOPS; stop++) {
        static struct raw readers[READERS];
        char sentence[512];
        for (int i = 0; i < READERS; i++) {
            readers[i] = raw_connect(&world, context, raw->public_key, raw->secret_key, NULL);
            send_subscription(&readers[i], (uint64_t)stop); /* all that she has by now */
        }
        for (int i = 0; i < READERS; i++) {
            if (raw_status(&readers[i], RAW_WAIT_MS, sentence) != VOUCH_OK) {
                fail("reader %d: %s", i, sentence);
            }
        }
        for (int i = 0; i < READERS; i++) {
            raw_close(&readers[i]);
        }
        submit(sender, prospect, raw->member, "They asked me.");
        int code = world_stop(&world, SIGTERM);
        if (code != 0) {
            fail("the broker ended with %d, see %s", code, world.log);
        }
        world_start(&world);
    }
}

int main(void)
{
    uint64_t ana_id;
    context = zmq_ctx_new();
    zmq_ctx_set(context, ZMQ_MAX_SOCKETS, 4096);
    world_begin(&world, NULL);
    world.options[0] = "--max_sessions";
    world.options[1] = "8";
    world_start(&world);
    world_open_admin(&world);
    struct raw raw = raw_member(&world, context, "Mallory Krantz");
    places_of_vanished_peers(&raw);
    world_stop(&world, SIGTERM);
    world.options[0] = NULL;
    world_start(&world);
    struct vouch *ana = world_join(&world, "Ana Sousa", VOUCH__V1__ROLE__REP, 0, &ana_id);
    struct vouch *tom = world_join(&world, "Tom Rieke", VOUCH__V1__ROLE__REP, 0, NULL);
    uint64_t prospect = add_company(world.admin, "Nordhamn Ports");
    longest_lines(tom, ana, ana_id, prospect);
    stopping_while_readers_vanish(&raw, tom, prospect);
    vouch_close(&ana);
    vouch_close(&tom);
    raw_close(&raw);
    world_end(&world);
    zmq_ctx_term(context);
    puts("no subscription was lost, stuck or in the way");
    return 0;
}
