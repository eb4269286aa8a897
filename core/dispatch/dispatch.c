/* SPDX-License-Identifier: Apache-2.0
 *
 * Decode, authorize, route. Deny by default: an operation runs only when the table names the role of the key's holder.
 */
#include "dispatch/dispatch.h"

#include "base/clock.h"
#include "base/counters.h"
#include "base/limits.h"
#include "base/message.h"
#include "base/random.h"
#include "dispatch/advise.h"
#include "dispatch/readers.h"
#include "dispatch/writer.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

/* SipHash of the frame under a fixed key: tells two commands of one member apart, nothing hangs on it but that. */
static uint64_t frame_fingerprint(const void *frame, size_t size)
{
    static const uint8_t key[crypto_shorthash_KEYBYTES] = "vouch command 1";
    uint8_t hash[crypto_shorthash_BYTES];
    uint64_t fingerprint;
    crypto_shorthash(hash, frame, size, key);
    memcpy(&fingerprint, hash, sizeof fingerprint);
    return fingerprint == 0 ? 1 : fingerprint;
}

#define WHO_BYTES 80 /* all of who_may's words */

static unsigned role_bit(const struct identity *identity)
{
    return identity->role == VOUCH__V1__ROLE__ROLE_NONE ? (unsigned)INVITEE : 1u << (unsigned)identity->role;
}

static void subscribe(struct request *request)
{
    uint64_t after = request->message->subscribe->after;
    if (push_subscribe(request->broker->push, &request->peer, request->identity.member, after)) {
        request->sequence = store_applied_sequence(request->broker->store);
        request->answer_id = request->identity.member;
        outbox_send(request->broker->outbox, request_outcome(request));
        request_free(&request);
    } else {
        request_refuse(&request, VOUCH_BUSY, "too many connections have their inbox pushed already");
    }
}

/* True for a command that a plugin must be asked about first. */
static bool wants_attribution(const struct request *request)
{
    return request->operation->advice == ATTRIBUTION_ON_WIN &&
           request->message->referral_move->verb == VOUCH__V1__REFERRAL_VERB__WIN;
}

void dispatch_visible(struct request *request)
{
    if (request->operation->kind == QUERY) {
        readers_submit(request->broker->readers, request);
    } else {
        advise_submit(request);
    }
}

static void route(struct request *request)
{
    struct writer *writer = request->broker->writer;
    request->must_see = request->message->see_sequence;
    switch (request->operation->kind) {
    case SESSION:
        if (request->operation->number == VOUCH__V1__REQUEST__OPERATION_SUBSCRIBE) {
            subscribe(request);
        } else {
            writer_submit(writer, request);
        }
        return;
    case CONTROL:
        readers_submit(request->broker->readers, request);
        return;
    case COMMAND:
        if (!wants_attribution(request)) {
            writer_submit(writer, request);
            return;
        }
        /* What the plugin is told must be what the decision will find. */
        request->must_see = writer_sequence(writer);
        break;
    case QUERY:
    case ADVISED_QUERY:
        break;
    }
    uint64_t reached = writer_sequence(writer);
    if (request->must_see > reached) {
        request_refuse(&request, VOUCH_INVALID,
                       "see_sequence %" PRIu64 " is ahead of this broker, which has reached %" PRIu64,
                       request->message->see_sequence, reached);
    } else {
        writer_await(writer, request);
    }
}

/* "manager, admin" */
static const char *who_may(char who[WHO_BYTES], unsigned roles)
{
    static const struct {
        unsigned role;
        const char *word;
    } words[] = {{INVITEE, "who is invited"}, {REP, "rep"},     {MANAGER, "manager"},
                 {FINANCE, "finance"},        {ADMIN, "admin"}, {AUDITOR, "auditor"}};
    size_t length = 0;
    who[0] = '\0';
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if ((roles & words[i].role) != 0) {
            length += (size_t)snprintf(who + length, WHO_BYTES - length, "%s%s", length > 0 ? ", " : "", words[i].word);
        }
    }
    return who;
}

static void authorize(struct request *request)
{
    request->operation = operation_find(request->message->operation_case);
    if (request->message->version != PROTOCOL_VERSION) {
        request_refuse(&request, VOUCH_UNSUPPORTED_VERSION, "this broker speaks protocol version %d, not %u",
                       PROTOCOL_VERSION, request->message->version);
    } else if (request->operation == NULL) {
        request_refuse(&request, VOUCH_UNKNOWN_OPERATION, "the request holds no operation that this broker knows");
    } else if (!identity_find(request->broker->identities, request->peer.key, &request->identity)) {
        request_refuse(&request, VOUCH_REVOKED, "this key is not, or no longer, a member's; ask for an invitation");
    } else if ((request->operation->roles & role_bit(&request->identity)) == 0) {
        char who[WHO_BYTES];
        request_refuse(&request, VOUCH_DENIED, "%s is not for your role, but for %s", request->operation->name,
                       who_may(who, request->operation->roles));
    } else {
        route(request);
    }
}

/* A frame that is no valid request is answered by what can be made out of it: its id, and whether it is of another
 * version, whose rules may differ. */
static void refuse_broken(struct request *request, const void *frame, size_t size, enum vouch_status status)
{
    uint64_t version = PROTOCOL_VERSION;
    const uint8_t *id = NULL;
    size_t length = 0;
    arena_reset(request->arena);
    Vouch__V1__Request *known = arena_alloc(request->arena, sizeof *known);
    if (known != NULL && message_peek_bytes(size, frame, 2, &id, &length) && length == UUID_BYTES) {
        vouch__v1__request__init(known);
        known->id = (ProtobufCBinaryData){length, (uint8_t *)(uintptr_t)id};
        request->message = known;
    }
    if (message_peek_number(size, frame, 1, &version) && version != PROTOCOL_VERSION) {
        request_refuse(&request, VOUCH_UNSUPPORTED_VERSION, "this broker speaks protocol version %d, not %" PRIu64,
                       PROTOCOL_VERSION, version);
        return;
    }
    request->status = status;
    outbox_send(request->broker->outbox, request_outcome(request));
    request_free(&request);
}

void dispatch_frame(struct broker *broker, const struct peer *peer, const void *frame, size_t size)
{
    struct request *request = request_new(broker, peer);
    request->deadline_us = clock_mono_us() + LIMIT_QUERY_MS * 1000;
    request->fingerprint = frame_fingerprint(frame, size);
    const ProtobufCMessage *message = NULL;
    enum vouch_status status = message_unpack(&vouch__v1__request__descriptor, size, frame, request->arena, &message,
                                              &request->why);
    if (status != VOUCH_OK) {
        count(COUNT_malformed);
        refuse_broken(request, frame, size, status);
        return;
    }
    count(COUNT_requests);
    request->message = (const Vouch__V1__Request *)(const void *)message;
    authorize(request);
}
