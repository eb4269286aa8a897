/* SPDX-License-Identifier: Apache-2.0
 *
 * What the load generator asks. Requests are packed as any client would; of the answers only what the measures need is
 * read, so that the generator takes as little of the machine as it can. */
#include "bench.h"

#include "base/check.h"
#include "base/message.h"
#include "vouch/v1/wire.pb-c.h"

#include <string.h>
#include <time.h>

#define FIELD_FROM_BROKER_REPLY 1
#define FIELD_FROM_BROKER_DELIVERY 2
#define FIELD_REPLY_ID 2
#define FIELD_REPLY_STATUS 3
#define FIELD_REPLY_MESSAGE 4
#define FIELD_REPLY_DONE 10
#define FIELD_REPLY_NOTICES 21
#define FIELD_DONE_ID 1
#define FIELD_DELIVERY_NOTICE 1
#define FIELD_NOTICE_REFERRAL 6
#define FIELD_NOTICES_LAST 4
#define PAGE_ROWS 20
#define TOKEN_BITS UINT64_C(0x3fffffffffffffff)
#define UUID_VARIANT UINT64_C(0x8000000000000000)

static atomic_uint_fast64_t tokens;

/* A UUIDv7 whose last 62 bits are the token. */
void request_id(uint8_t id[16], uint64_t token)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t time_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    for (int i = 0; i < 6; i++) {
        id[i] = (uint8_t)(time_ms >> (40 - 8 * i));
    }
    id[6] = 0x70;
    id[7] = 0;
    token = (token & TOKEN_BITS) | UUID_VARIANT;
    for (int i = 0; i < 8; i++) {
        id[8 + i] = (uint8_t)(token >> (56 - 8 * i));
    }
}

size_t pack_request(Vouch__V1__Request *request, uint64_t token, uint8_t *bytes)
{
    uint8_t id[16];
    request_id(id, token);
    request->version = 1;
    request->id = (ProtobufCBinaryData){sizeof id, id};
    size_t size = vouch__v1__request__get_packed_size(request);
    CHECK(size <= REQUEST_BYTES_MOST);
    return vouch__v1__request__pack(request, bytes);
}

size_t make_hello(struct connection *connection, uint8_t *bytes, void *argument)
{
    (void)connection;
    (void)argument;
    Vouch__V1__Hello hello = VOUCH__V1__HELLO__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    hello.client = (char *)"vouch_bench";
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_HELLO;
    request.hello = &hello;
    return pack_request(&request, atomic_fetch_add(&tokens, 1), bytes);
}

size_t make_submit_token(const struct connection *connection, uint8_t *bytes, uint64_t token)
{
    uint64_t choice = world_scramble(token * WORLD_MEMBERS + connection->member);
    uint32_t prospect = world_prospect_of(connection->member, choice);
    char need[WORLD_TEXT_BYTES];
    char vouch[WORLD_TEXT_BYTES];
    char product[WORLD_TEXT_BYTES];
    char *issues[] = {(char *)"archive", (char *)"audit"};
    world_need(choice, need);
    world_vouch(choice, vouch);
    world_product(choice, product);
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    text.need = need;
    text.vouch = vouch;
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    submit.contact = world_contact_id(prospect);
    submit.receiver = world_member_id(world_receiver(connection->member, choice >> 20));
    submit.text = &text;
    submit.consent = true;
    submit.product = product;
    submit.n_issues = 2;
    submit.issues = issues;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_REFERRAL_SUBMIT;
    request.referral_submit = &submit;
    return pack_request(&request, token, bytes);
}

size_t make_submit(struct connection *connection, uint8_t *bytes, void *argument)
{
    (void)argument;
    return make_submit_token(connection, bytes, atomic_fetch_add(&tokens, 1));
}

/* A referral of the member's own: reps see no others. */
size_t make_referral_get(struct connection *connection, uint8_t *bytes, void *argument)
{
    const struct own_referrals *own = argument;
    uint64_t token = atomic_fetch_add(&tokens, 1);
    CHECK(connection->member < own->members && own->of[connection->member].count > 0);
    Vouch__V1__ReferralGet get = VOUCH__V1__REFERRAL_GET__INIT;
    get.referral = own->of[connection->member].ids[world_scramble(token) % own->of[connection->member].count];
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_REFERRAL_GET;
    request.referral_get = &get;
    return pack_request(&request, token, bytes);
}

size_t make_inbox_page(struct connection *connection, uint8_t *bytes, void *argument)
{
    const struct own_referrals *own = argument; /* NULL: the first lines */
    uint64_t token = atomic_fetch_add(&tokens, 1);
    Vouch__V1__InboxPage page = VOUCH__V1__INBOX_PAGE__INIT;
    /* Somewhere in the inbox, which holds one line of each of about so many referrals. */
    uint64_t lines = own == NULL ? 0 : own->referrals / WORLD_MEMBERS / 2;
    page.after = lines == 0 ? 0 : world_scramble(token + connection->member) % lines;
    page.limit = PAGE_ROWS;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_INBOX_PAGE;
    request.inbox_page = &page;
    return pack_request(&request, token, bytes);
}

size_t make_subscribe(struct connection *connection, uint8_t *bytes, void *after)
{
    (void)connection;
    Vouch__V1__Subscribe subscribe = VOUCH__V1__SUBSCRIBE__INIT;
    subscribe.after = *(const uint64_t *)after;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_SUBSCRIBE;
    request.subscribe = &subscribe;
    return pack_request(&request, atomic_fetch_add(&tokens, 1), bytes);
}

/* ---- answers ---- */

static bool inside(const uint8_t *bytes, size_t size, uint32_t field, const uint8_t **part, size_t *part_size)
{
    return message_peek_bytes(size, bytes, field, part, part_size);
}

static struct answer read_delivery(const uint8_t *delivery, size_t size)
{
    const uint8_t *notice;
    size_t notice_size;
    struct answer answer = {.is_delivery = true};
    CHECK(inside(delivery, size, FIELD_DELIVERY_NOTICE, &notice, &notice_size));
    message_peek_number(notice_size, notice, FIELD_NOTICE_REFERRAL, &answer.referral);
    return answer;
}

struct answer read_answer(const uint8_t *bytes, size_t size)
{
    const uint8_t *reply;
    const uint8_t *part;
    size_t reply_size;
    size_t part_size;
    uint64_t status = 0;
    struct answer answer = {0};
    if (inside(bytes, size, FIELD_FROM_BROKER_DELIVERY, &part, &part_size)) {
        return read_delivery(part, part_size);
    }
    CHECK(inside(bytes, size, FIELD_FROM_BROKER_REPLY, &reply, &reply_size));
    message_peek_number(reply_size, reply, FIELD_REPLY_STATUS, &status);
    if (status != 0) {
        bool said = inside(reply, reply_size, FIELD_REPLY_MESSAGE, &part, &part_size);
        die("the broker refused: status %u, %.*s", (unsigned)status, said ? (int)part_size : 0, (const char *)part);
    }
    CHECK(inside(reply, reply_size, FIELD_REPLY_ID, &part, &part_size) && part_size == 16);
    for (int i = 8; i < 16; i++) {
        answer.token = answer.token << 8 | part[i];
    }
    answer.token &= TOKEN_BITS;
    if (inside(reply, reply_size, FIELD_REPLY_DONE, &part, &part_size)) {
        message_peek_number(part_size, part, FIELD_DONE_ID, &answer.id);
    }
    return answer;
}

uint64_t read_inbox_last(const uint8_t *bytes, size_t size)
{
    const uint8_t *reply;
    const uint8_t *notices;
    size_t reply_size;
    size_t notices_size;
    uint64_t last = 0;
    read_answer(bytes, size);
    CHECK(inside(bytes, size, FIELD_FROM_BROKER_REPLY, &reply, &reply_size));
    CHECK(inside(reply, reply_size, FIELD_REPLY_NOTICES, &notices, &notices_size));
    message_peek_number(notices_size, notices, FIELD_NOTICES_LAST, &last);
    return last;
}

void check_answer(struct connection *connection, const uint8_t *bytes, size_t size, void *argument)
{
    (void)connection;
    (void)argument;
    CHECK(!read_answer(bytes, size).is_delivery);
}

/* ---- the echo ---- */

size_t make_echo(struct connection *connection, uint8_t *bytes, void *sizes)
{
    const struct echo_sizes *echo = sizes;
    (void)connection;
    CHECK(echo->request >= sizeof echo->answer && echo->request <= REQUEST_BYTES_MOST);
    memset(bytes, 0x5a, echo->request);
    memcpy(bytes, &echo->answer, sizeof echo->answer);
    return echo->request;
}

void check_echo(struct connection *connection, const uint8_t *bytes, size_t size, void *sizes)
{
    const struct echo_sizes *echo = sizes;
    (void)connection;
    (void)bytes;
    CHECK(size == echo->answer);
}

struct watched {
    make_function *make;
    void *argument;
    size_t requests;
    uint64_t request_bytes;
    uint64_t answer_bytes;
};

static size_t make_watched(struct connection *connection, uint8_t *bytes, void *argument)
{
    struct watched *watched = argument;
    size_t size = watched->make(connection, bytes, watched->argument);
    watched->requests++;
    watched->request_bytes += size;
    return size;
}

static void check_watched(struct connection *connection, const uint8_t *bytes, size_t size, void *argument)
{
    struct watched *watched = argument;
    check_answer(connection, bytes, size, NULL);
    watched->answer_bytes += size;
}

struct echo_sizes sizes_of(struct connections *connections, make_function *make, void *argument)
{
    struct watched watched = {.make = make, .argument = argument};
    struct work work = {.make = make_watched, .check = check_watched, .argument = &watched, .requests = 500};
    closed_loop(connections, &work, NULL);
    return (struct echo_sizes){(uint32_t)(watched.request_bytes / watched.requests),
                               (uint32_t)(watched.answer_bytes / watched.requests)};
}
