/* SPDX-License-Identifier: Apache-2.0
 *
 * Connections past libvouch. */
#include "raw.h"

#include "lib/profile.h"

#include <stdio.h>
#include <string.h>
#include <zmq.h>

struct raw raw_connect(struct world *world, void *context, const uint8_t public_key[32], const uint8_t secret_key[32],
                       const char *routing_id)
{
    struct profile server;
    struct status_text why;
    char path[128];
    snprintf(path, sizeof path, "%s/admin.key", world->directory);
    if (profile_read(path, &server, &why) != VOUCH_OK) {
        fail("%s", why.text);
    }
    struct raw raw = {.socket = zmq_socket(context, ZMQ_DEALER)};
    memcpy(raw.public_key, public_key, 32);
    memcpy(raw.secret_key, secret_key, 32);
    const int none = 0, wait_ms = RAW_WAIT_MS;
    zmq_setsockopt(raw.socket, ZMQ_LINGER, &none, sizeof none);
    zmq_setsockopt(raw.socket, ZMQ_RCVTIMEO, &wait_ms, sizeof wait_ms);
    zmq_setsockopt(raw.socket, ZMQ_CURVE_SERVERKEY, server.server_key, 32);
    zmq_setsockopt(raw.socket, ZMQ_CURVE_PUBLICKEY, public_key, 32);
    zmq_setsockopt(raw.socket, ZMQ_CURVE_SECRETKEY, secret_key, 32);
    if (routing_id != NULL) {
        zmq_setsockopt(raw.socket, ZMQ_ROUTING_ID, routing_id, strlen(routing_id));
    }
    if (zmq_connect(raw.socket, world->listen) != 0) {
        fail("connect: %s", zmq_strerror(zmq_errno()));
    }
    return raw;
}

struct raw raw_member(struct world *world, void *context, const char *name)
{
    uint8_t invite_public[32], invite_secret[32], public_key[32], secret_key[32];
    profile_key_pair(invite_public, invite_secret);
    profile_key_pair(public_key, secret_key);
    Vouch__V1__MemberInvite invite = VOUCH__V1__MEMBER_INVITE__INIT;
    invite.name = (char *)name;
    invite.role = VOUCH__V1__ROLE__REP;
    invite.invite_key = (ProtobufCBinaryData){32, invite_public};
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_MEMBER_INVITE;
    request.member_invite = &invite;
    uint64_t member = command(world->admin, &request);

    struct profile server;
    struct status_text why;
    char path[128];
    snprintf(path, sizeof path, "%s/admin.key", world->directory);
    if (profile_read(path, &server, &why) != VOUCH_OK) {
        fail("%s", why.text);
    }
    struct vouch_identity invitee = {.endpoint = world->endpoint};
    memcpy(invitee.server_key, server.server_key, 32);
    memcpy(invitee.public_key, invite_public, 32);
    memcpy(invitee.secret_key, invite_secret, 32);
    Vouch__V1__Enrol enrol = VOUCH__V1__ENROL__INIT;
    enrol.key = (ProtobufCBinaryData){32, public_key};
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_ENROL;
    request.enrol = &enrol;
    struct vouch *door = vouch_open(&invitee, "scenario");
    command(door, &request);
    vouch_close(&door);
    struct raw raw = raw_connect(world, context, public_key, secret_key, NULL);
    raw.member = member;
    return raw;
}

void raw_close(struct raw *raw)
{
    zmq_close(raw->socket);
}

int raw_status(struct raw *raw, int wait_ms, char sentence[512])
{
    zmq_msg_t frame;
    zmq_msg_init(&frame);
    zmq_setsockopt(raw->socket, ZMQ_RCVTIMEO, &wait_ms, sizeof wait_ms);
    int status = RAW_NOTHING;
    if (zmq_msg_recv(&frame, raw->socket, 0) >= 0) {
        Vouch__V1__FromBroker *message = vouch__v1__from_broker__unpack(NULL, zmq_msg_size(&frame),
                                                                        zmq_msg_data(&frame));
        if (message == NULL || message->body_case != VOUCH__V1__FROM_BROKER__BODY_REPLY) {
            fail("the broker sent something that is no reply");
        }
        status = (int)message->reply->status;
        was_told(message->reply->sequence);
        snprintf(sentence, 512, "%s", message->reply->message);
        vouch__v1__from_broker__free_unpacked(message, NULL);
    }
    zmq_msg_close(&frame);
    return status;
}

size_t raw_pack(const Vouch__V1__Request *request, uint8_t *bytes, size_t room)
{
    size_t size = vouch__v1__request__get_packed_size(request);
    if (size > room) {
        fail("test frame of %zu bytes", size);
    }
    return vouch__v1__request__pack(request, bytes);
}
