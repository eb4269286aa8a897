/* SPDX-License-Identifier: Apache-2.0
 *
 * What a member's key can do to the broker with messages that no honest client sends: each gets a stable status and a
 * sentence, or is dropped and counted, and honest members never notice. Frames are sent raw, past libvouch. */
#include "raw.h"

#include "lib/profile.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

static struct world world = {0};
static void *context;

static void expect(struct raw *raw, const char *what, const void *bytes, size_t size, int status)
{
    char sentence[512] = "";
    zmq_send(raw->socket, bytes, size, 0);
    int got = raw_status(raw, RAW_WAIT_MS, sentence);
    if (got != status) {
        fail("%s: status %d (%s), expected %d", what, got, sentence, status);
    }
    if (status != VOUCH_OK && strlen(sentence) < 10) {
        fail("%s: no sentence says what is wrong", what);
    }
}

static uint8_t last_id;
static uint8_t id_bytes[16] = {1, 0x9A, 0, 0, 0, 0, 0x70, 0, 0x80};

/* A whoami with a fresh id, to be spoilt. */
static Vouch__V1__Request honest(void)
{
    static Vouch__V1__Whoami whoami = VOUCH__V1__WHOAMI__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    id_bytes[15] = ++last_id;
    request.version = 1;
    request.id = (ProtobufCBinaryData){16, id_bytes};
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_WHOAMI;
    request.whoami = &whoami;
    return request;
}

static void malformed_frames(struct raw *raw)
{
    uint8_t bytes[4096];
    Vouch__V1__Request request = honest();
    size_t size = raw_pack(&request, bytes, sizeof bytes);
    expect(raw, "an honest request", bytes, size, VOUCH_OK);
    expect(raw, "an empty frame", "", 0, VOUCH_INVALID);
    expect(raw, "a truncated frame", bytes, size - 1, VOUCH_INVALID);
    memset(bytes, 0xFF, 300);
    expect(raw, "garbage", bytes, 300, VOUCH_INVALID);
    expect(raw, "text", "GET / HTTP/1.1\r\n\r\n", 18, VOUCH_INVALID);

    request = honest();
    request.version = 2;
    size = raw_pack(&request, bytes, sizeof bytes);
    expect(raw, "another version", bytes, size, VOUCH_UNSUPPORTED_VERSION);

    request = honest();
    request.id.len = 15;
    size = raw_pack(&request, bytes, sizeof bytes);
    expect(raw, "an id of 15 bytes", bytes, size, VOUCH_INVALID);

    request = honest();
    request.operation_case = VOUCH__V1__REQUEST__OPERATION__NOT_SET;
    size = raw_pack(&request, bytes, sizeof bytes);
    expect(raw, "no operation", bytes, size, VOUCH_UNKNOWN_OPERATION);

    /* Field 2000, length-delimited, empty: an operation of some later version. */
    const uint8_t later[] = {0x82, 0x7D, 0x00};
    memcpy(bytes + size, later, sizeof later);
    expect(raw, "an operation of the future", bytes, size + sizeof later, VOUCH_UNKNOWN_OPERATION);
}

static void malformed_fields(struct raw *raw)
{
    static uint8_t bytes[200000];
    static char long_name[100000];
    const struct {
        const char *what, *name;
        int status;
    } cases[] = {
        {"no name", "", VOUCH_INVALID},
        {"a name that is no UTF-8", "Kestrel \xFF Bank", VOUCH_INVALID},
        {"an overlong encoding", "Kestrel \xC0\xAF Bank", VOUCH_INVALID},
        {"a surrogate", "Kestrel \xED\xA0\x80 Bank", VOUCH_INVALID},
        {"a line break in a name", "Kestrel\nBank", VOUCH_INVALID},
        {"an escape sequence in a name", "Kestrel \x1b[31m Bank", VOUCH_INVALID},
        {"a name of 100,000 characters", long_name, VOUCH_INVALID},
    };
    memset(long_name, 'x', sizeof long_name - 1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Vouch__V1__CompanyAdd add = VOUCH__V1__COMPANY_ADD__INIT;
        Vouch__V1__Request request = honest();
        add.name = (char *)cases[i].name;
        request.operation_case = VOUCH__V1__REQUEST__OPERATION_COMPANY_ADD;
        request.company_add = &add;
        expect(raw, cases[i].what, bytes, raw_pack(&request, bytes, sizeof bytes), cases[i].status);
    }
    Vouch__V1__CompanyAdd add = VOUCH__V1__COMPANY_ADD__INIT;
    Vouch__V1__Request request = honest();
    add.name = "KestrelQBank";
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_COMPANY_ADD;
    request.company_add = &add;
    size_t size = raw_pack(&request, bytes, sizeof bytes);
    *(char *)memchr(bytes, 'Q', size) = '\0';
    expect(raw, "a NUL in a name", bytes, size, VOUCH_INVALID);
    request = honest();
    add.name = "Kestrel Bank";
    add.kind = (Vouch__V1__CompanyKind)77;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_COMPANY_ADD;
    request.company_add = &add;
    expect(raw, "a kind that is none", bytes, raw_pack(&request, bytes, sizeof bytes), VOUCH_INVALID);
}

/* Characters that normalising makes many of, as often as a name has room for: kept or refused, never too long a key. */
static void names_that_grow(struct raw *raw)
{
    static uint8_t bytes[8192];
    const char *const letters[] = {"\xEF\xB7\xBA", "\xEF\xAC\x83", "\xCE\x90", "\xE1\xBE\xB7", "\xC3\x9F", "W"};
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
        for (size_t room = 50; room <= 400; room += 50) {
            char name[512] = "", sentence[512] = "";
            for (size_t used = 0; used + strlen(letters[i]) <= room; used += strlen(letters[i])) {
                strcat(name, letters[i]);
            }
            Vouch__V1__CompanyAdd add = VOUCH__V1__COMPANY_ADD__INIT;
            Vouch__V1__Request request = honest();
            add.name = name;
            request.operation_case = VOUCH__V1__REQUEST__OPERATION_COMPANY_ADD;
            request.company_add = &add;
            zmq_send(raw->socket, bytes, raw_pack(&request, bytes, sizeof bytes), 0);
            int status = raw_status(raw, RAW_WAIT_MS, sentence);
            if (status != VOUCH_OK && status != VOUCH_INVALID && status != VOUCH_DUPLICATE) {
                fail("a name of %zu bytes of '%s': %d %s", strlen(name), letters[i], status, sentence);
            }
        }
    }
}

/* Frames that break the rules of the socket: dropped, and the connection or the member's next request is unharmed. */
static void hostile_transport(struct raw *raw)
{
    char sentence[512];
    uint8_t bytes[4096];
    for (int i = 0; i < 1000; i++) {
        zmq_send(raw->socket, "more", 4, ZMQ_SNDMORE);
    }
    zmq_send(raw->socket, "end", 3, 0);
    Vouch__V1__Request request = honest();
    expect(raw, "a request after a message of a thousand frames", bytes, raw_pack(&request, bytes, sizeof bytes),
           VOUCH_OK);

    /* Past the size limit libzmq cuts the connection; the client's socket connects again by itself. */
    size_t huge = (size_t)8 << 20;
    char *frame = calloc(1, huge);
    zmq_send(raw->socket, frame, huge, 0);
    free(frame);
    if (raw_status(raw, 500, sentence) != RAW_NOTHING) {
        fail("a frame of 8 MiB was answered");
    }
    request = honest();
    size_t size = raw_pack(&request, bytes, sizeof bytes);
    int status = RAW_NOTHING;
    for (int tries = 0; tries < 20 && status == RAW_NOTHING; tries++) {
        zmq_send(raw->socket, bytes, size, 0);
        status = raw_status(raw, 500, sentence);
    }
    if (status != VOUCH_OK) {
        fail("after a frame of 8 MiB the member cannot come back");
    }
}

static void chosen_routing_id(const struct raw *raw)
{
    char sentence[512];
    uint8_t bytes[4096];
    struct raw impostor = raw_connect(&world, context, raw->public_key, raw->secret_key, "somebody-else");
    Vouch__V1__Request request = honest();
    zmq_send(impostor.socket, bytes, raw_pack(&request, bytes, sizeof bytes), 0);
    if (raw_status(&impostor, 1000, sentence) != RAW_NOTHING) {
        fail("a peer that chose its own routing id was answered");
    }
    raw_close(&impostor);
}

static void unknown_key(void)
{
    char sentence[512];
    uint8_t bytes[4096], public_key[32], secret_key[32];
    profile_key_pair(public_key, secret_key);
    struct raw stranger = raw_connect(&world, context, public_key, secret_key, NULL);
    Vouch__V1__Request request = honest();
    zmq_send(stranger.socket, bytes, raw_pack(&request, bytes, sizeof bytes), 0);
    if (raw_status(&stranger, 1000, sentence) != RAW_NOTHING) {
        fail("a stranger was answered");
    }
    raw_close(&stranger);
}

/* The same command twice is done once; the same id with another content is refused. */
static void repeated_commands(struct raw *raw)
{
    uint8_t bytes[4096];
    Vouch__V1__CompanyAdd add = VOUCH__V1__COMPANY_ADD__INIT;
    Vouch__V1__Request request = honest();
    add.name = "Orrin Foods";
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_COMPANY_ADD;
    request.company_add = &add;
    size_t size = raw_pack(&request, bytes, sizeof bytes);
    expect(raw, "a command", bytes, size, VOUCH_OK);
    expect(raw, "the command again", bytes, size, VOUCH_OK);
    add.name = "Orrin Feeds";
    size = raw_pack(&request, bytes, sizeof bytes);
    expect(raw, "its id with another content", bytes, size, VOUCH_CONFLICT);

    Vouch__V1__CompanyList list = VOUCH__V1__COMPANY_LIST__INIT;
    Vouch__V1__Reply *reply = NULL;
    request = honest();
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_COMPANY_LIST;
    request.company_list = &list;
    request.id = (ProtobufCBinaryData){0, NULL};
    ask(world.admin, &request, VOUCH_OK, &reply);
    size_t found = 0;
    for (size_t i = 0; i < reply->companies->n_companies; i++) {
        found += strncmp(reply->companies->companies[i]->name, "Orrin", 5) == 0;
    }
    if (found != 1) {
        fail("a repeated command was done %zu times", found);
    }
    vouch_reply_free(&reply);
}

/* Acting on what is not yours, and out of order. */
static void not_theirs(void)
{
    uint64_t tom_id;
    struct vouch *ana = world_join(&world, "Ana Sousa", VOUCH__V1__ROLE__REP, 0, NULL);
    struct vouch *tom = world_join(&world, "Tom Rieke", VOUCH__V1__ROLE__REP, 0, &tom_id);
    struct vouch *eve = world_join(&world, "Eve Ostrow", VOUCH__V1__ROLE__REP, 0, NULL);
    uint64_t prospect = add_company(ana, "Nordhamn Ports");
    uint64_t referral = submit(ana, prospect, tom_id, "We ran their backup for six years.");
    move(tom, referral, VOUCH__V1__REFERRAL_VERB__MEET, "met", 0, VOUCH_CONFLICT);
    move(ana, referral, VOUCH__V1__REFERRAL_VERB__ACCEPT, "mine", 0, VOUCH_DENIED);
    move(eve, referral, VOUCH__V1__REFERRAL_VERB__ACCEPT, "mine", 0, VOUCH_NOT_FOUND);
    move(tom, referral, VOUCH__V1__REFERRAL_VERB__ACCEPT, "yes", 0, VOUCH_OK);
    move(tom, referral, VOUCH__V1__REFERRAL_VERB__ACCEPT, "yes", 0, VOUCH_CONFLICT);
    move(tom, referral, VOUCH__V1__REFERRAL_VERB__WITHDRAW, "no", 0, VOUCH_DENIED);
    Vouch__V1__ReferralGet get = VOUCH__V1__REFERRAL_GET__INIT;
    get.referral = referral;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_REFERRAL_GET;
    request.referral_get = &get;
    ask(eve, &request, VOUCH_NOT_FOUND, NULL);
    ask(tom, &request, VOUCH_OK, NULL);
    Vouch__V1__Totals totals = VOUCH__V1__TOTALS__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_TOTALS;
    request.totals = &totals;
    ask(eve, &request, VOUCH_DENIED, NULL);
    vouch_close(&ana);
    vouch_close(&tom);
    vouch_close(&eve);
}

/* Revocation cuts a connection that is already there. */
static void revoked_while_connected(void)
{
    uint64_t id;
    struct vouch *gone = world_join(&world, "Gus Lind", VOUCH__V1__ROLE__REP, 0, &id);
    Vouch__V1__Whoami whoami = VOUCH__V1__WHOAMI__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_WHOAMI;
    request.whoami = &whoami;
    ask(gone, &request, VOUCH_OK, NULL);
    Vouch__V1__MemberRemove removal = VOUCH__V1__MEMBER_REMOVE__INIT;
    removal.member = id;
    removal.reason = "left the company";
    Vouch__V1__Request remove = VOUCH__V1__REQUEST__INIT;
    remove.operation_case = VOUCH__V1__REQUEST__OPERATION_MEMBER_REMOVE;
    remove.member_remove = &removal;
    command(world.admin, &remove);
    ask(gone, &request, VOUCH_REVOKED, NULL);
    vouch_close(&gone);
}

int main(void)
{
    context = zmq_ctx_new();
    world_begin(&world, NULL);
    world_start(&world);
    world_open_admin(&world);
    struct raw raw = raw_member(&world, context, "Mallory Krantz");
    malformed_frames(&raw);
    malformed_fields(&raw);
    names_that_grow(&raw);
    repeated_commands(&raw);
    hostile_transport(&raw);
    chosen_routing_id(&raw);
    unknown_key();
    not_theirs();
    revoked_while_connected();
    raw_close(&raw);
    vouch_close(&world.admin);
    if (world_stop(&world, SIGTERM) != 0) {
        fail("the broker did not stop cleanly, see %s", world.log);
    }
    const char *const check[] = {"check", NULL};
    if (world_vouchd(&world, check) != 0) {
        fail("vouchd check found fault, see %s", world.log);
    }
    world_end(&world);
    zmq_ctx_term(context);
    puts("every bad message had its answer");
    return 0;
}
