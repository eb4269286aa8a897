/* SPDX-License-Identifier: Apache-2.0
 *
 * libvouch against a broker that misbehaves on demand: lost answers, BUSY, dropped connections, wrong keys, gaps. */
#include "raw_broker.h"

#include "base/clock.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What the raw broker does, and what it saw. */
struct script {
    int lose;      /* answers not sent */
    int busy;      /* answered BUSY */
    int drop;      /* connections dropped instead of answering */
    int count;     /* requests seen */
    int different; /* of those, ones that differ from the first */
    uint8_t first[512];
    size_t first_size;
    uint64_t see_sequence;
    unsigned subscriptions;
    uint64_t subscribed_after[8];
};

static void note(struct script *script, const Vouch__V1__Request *request)
{
    uint8_t bytes[512];
    size_t size = vouch__v1__request__pack(request, bytes);
    if (script->count++ == 0) {
        memcpy(script->first, bytes, size);
        script->first_size = size;
    } else if (size != script->first_size || memcmp(bytes, script->first, size) != 0) {
        script->different++;
    }
    script->see_sequence = request->see_sequence;
}

/* Inbox of ten lines; the first subscription leaves out line 4 and repeats line 2. */
static void play_inbox(struct raw_broker *broker, struct script *script, uint64_t after)
{
    script->subscribed_after[script->subscriptions++ % 8] = after;
    for (uint64_t line = after + 1; line <= 10; line++) {
        if (script->subscriptions == 1 && line == 4) {
            continue;
        }
        raw_broker_deliver(broker, line);
        if (line == 2) {
            raw_broker_deliver(broker, line);
        }
    }
}

static bool answer(struct raw_broker *broker, const Vouch__V1__Request *request, Vouch__V1__Reply *reply, void *data)
{
    struct script *script = data;
    if (request->operation_case == VOUCH__V1__REQUEST__OPERATION_SUBSCRIBE) {
        play_inbox(broker, script, request->subscribe->after);
        return true;
    }
    note(script, request);
    if (script->lose > 0) {
        script->lose--;
        return false;
    }
    if (script->busy > 0) {
        script->busy--;
        reply->status = VOUCH__V1__STATUS__BUSY;
        reply->retry_after_ms = 20;
        return true;
    }
    if (script->drop > 0) {
        script->drop--;
        raw_broker_drop(broker);
        return false;
    }
    reply->sequence = 41 + (uint64_t)script->count;
    return true;
}

static int call_remove(struct vouch *v, int64_t timeout_ms)
{
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    Vouch__V1__MemberRemove remove = VOUCH__V1__MEMBER_REMOVE__INIT;
    remove.member = 7;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_MEMBER_REMOVE;
    request.member_remove = &remove;
    Vouch__V1__Reply *reply = NULL;
    int outcome = vouch_call(v, &request, timeout_ms, &reply);
    vouch_reply_free(&reply);
    return outcome;
}

static int call_whoami(struct vouch *v, int64_t timeout_ms)
{
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    Vouch__V1__Whoami whoami = VOUCH__V1__WHOAMI__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_WHOAMI;
    request.whoami = &whoami;
    return vouch_call(v, &request, timeout_ms, NULL);
}

static struct raw_broker *broker;
static struct vouch_identity identity;
static struct script script;
static struct vouch *v;

static void start(void)
{
    memset(&script, 0, sizeof script);
    broker = raw_broker_start(&identity, answer, &script);
    v = vouch_open(&identity, "test");
    cr_assert(v != NULL);
}

static void stop(void)
{
    vouch_close(&v);
    raw_broker_stop(&broker);
}

TestSuite(link, .init = start, .fini = stop);

Test(link, queries_see_what_the_last_answer_named)
{
    cr_assert_eq(call_whoami(v, 5000), VOUCH_OK, "%s", vouch_last_error());
    cr_assert_eq(script.see_sequence, 0);
    cr_assert_eq(call_whoami(v, 5000), VOUCH_OK);
    cr_assert_eq(script.see_sequence, 42);
    cr_assert_eq(call_remove(v, 5000), VOUCH_OK);
    cr_assert_eq(script.see_sequence, 0, "a command carries nothing that changes");
    cr_assert_eq(vouch_seen_sequence(v), 44);
}

Test(link, the_first_query_sees_what_the_greeting_named)
{
    raw_broker_set_sequence(broker, 300);
    struct vouch *other = vouch_open(&identity, "test"); /* its query may wait before the connection is there */
    cr_assert_eq(call_whoami(other, 5000), VOUCH_OK, "%s", vouch_last_error());
    cr_assert_eq(script.see_sequence, 300);
    cr_assert_eq(vouch_seen_sequence(other), 300);
    vouch_close(&other);
}

Test(link, the_brokers_clock_is_known_from_the_greeting)
{
    cr_assert_eq(call_whoami(v, 5000), VOUCH_OK, "%s", vouch_last_error());
    int64_t ahead_ms = vouch_broker_time_ms(v) - clock_now_ms();
    cr_assert_lt(llabs(ahead_ms - RAW_BROKER_AHEAD_MS), 60000, "%lld ms ahead", (long long)ahead_ms);
}

Test(link, a_query_that_is_sent_again_after_a_reconnect_sees_what_was_done_meanwhile)
{
    cr_assert_eq(call_whoami(v, 5000), VOUCH_OK, "%s", vouch_last_error());
    raw_broker_set_sequence(broker, 300);
    script.drop = 1;
    cr_assert_eq(call_whoami(v, 10000), VOUCH_OK, "%s", vouch_last_error());
    cr_assert_eq(script.see_sequence, 300);
}

Test(link, queries_see_what_another_handle_has_seen)
{
    static const struct {
        uint64_t told, sees;
    } cases[] = {{127, 127}, {128, 128}, {5, 128}, {1u << 14, 1u << 14}, {INT64_MAX, INT64_MAX}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        vouch_see_sequence(v, cases[i].told);
        cr_assert_eq(call_whoami(v, 5000), VOUCH_OK, "%s", vouch_last_error());
        cr_assert_eq(script.see_sequence, cases[i].sees);
        cr_assert_eq(vouch_seen_sequence(v), cases[i].sees);
    }
    cr_assert_eq(call_remove(v, 5000), VOUCH_OK);
    cr_assert_eq(script.see_sequence, 0, "a command carries nothing that changes");
}

Test(link, busy_is_retried_with_the_same_bytes)
{
    script.busy = 3;
    cr_assert_eq(call_remove(v, 5000), VOUCH_OK, "%s", vouch_last_error());
    cr_assert_eq(script.count, 4);
    cr_assert_eq(script.different, 0);
}

Test(link, busy_until_the_deadline_is_said)
{
    script.busy = 1000;
    cr_assert_eq(call_remove(v, 300), VOUCH_BUSY);
    cr_assert(strstr(vouch_last_error(), "too busy") != NULL, "%s", vouch_last_error());
}

Test(link, a_dropped_connection_is_mended_and_the_command_repeated)
{
    script.drop = 2;
    cr_assert_eq(call_remove(v, 10000), VOUCH_OK, "%s", vouch_last_error());
    cr_assert_eq(script.count, 3);
    cr_assert_eq(script.different, 0);
    cr_assert_geq(raw_broker_hellos(broker), 3);
}

Test(link, a_lost_answer_is_asked_for_again)
{
    script.lose = 1;
    cr_assert_eq(call_remove(v, 10000), VOUCH_OK, "%s", vouch_last_error());
    cr_assert_eq(script.count, 2);
    cr_assert_eq(script.different, 0);
}

Test(link, no_answer_is_a_timeout)
{
    script.lose = 1000;
    cr_assert_eq(call_remove(v, 300), VOUCH_TIMEOUT);
    cr_assert(strstr(vouch_last_error(), "within 0.3 s") != NULL, "%s", vouch_last_error());
}

Test(link, many_under_way_are_all_collected)
{
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    Vouch__V1__Whoami whoami = VOUCH__V1__WHOAMI__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_WHOAMI;
    request.whoami = &whoami;
    enum { COUNT = 5000 };
    static bool seen[COUNT];
    uint64_t sent = 0, collected = 0;
    while (collected < COUNT) {
        while (sent < COUNT && vouch_under_way(v) < VOUCH_WINDOW) {
            cr_assert_eq(vouch_send(v, &request, 10000, sent++), VOUCH_OK);
        }
        uint64_t tag = 0;
        int outcome = -1;
        Vouch__V1__Reply *reply = NULL;
        cr_assert_eq(vouch_collect(v, 10000, &tag, &outcome, &reply), 1);
        cr_assert_eq(outcome, VOUCH_OK, "%s", vouch_last_error());
        cr_assert(tag < COUNT && !seen[tag]);
        seen[tag] = true;
        collected++;
        vouch_reply_free(&reply);
    }
    cr_assert_eq(vouch_under_way(v), 0);
}

Test(link, the_inbox_comes_once_in_order_over_a_gap)
{
    vouch_subscribe(v, 0);
    for (uint64_t line = 1; line <= 10; line++) {
        Vouch__V1__Notice *notice = NULL;
        cr_assert_eq(vouch_delivery_next(v, 5000, &notice), VOUCH_OK, "line %d", (int)line);
        cr_assert_eq(notice->inbox_sequence, line);
        vouch_notice_free(&notice);
    }
    cr_assert_eq(script.subscriptions, 2);
    cr_assert_eq(script.subscribed_after[1], 3);
    Vouch__V1__Notice *notice = NULL;
    cr_assert_eq(vouch_delivery_next(v, 0, &notice), VOUCH_TIMEOUT);
}

Test(link, the_descriptor_is_readable_while_something_waits)
{
    struct pollfd wait = {vouch_delivery_fd(v), POLLIN, 0};
    cr_assert_eq(poll(&wait, 1, 0), 0);
    vouch_subscribe(v, 8);
    for (int left = 2; left > 0; left--) {
        cr_assert_eq(poll(&wait, 1, 5000), 1);
        cr_assert_eq(poll(&wait, 1, 0), 1, "it stays readable");
        Vouch__V1__Notice *notice = NULL;
        cr_assert_eq(vouch_delivery_next(v, 5000, &notice), VOUCH_OK);
        vouch_notice_free(&notice);
    }
    cr_assert_eq(poll(&wait, 1, 0), 0);
}

Test(link, the_inbox_is_taken_up_after_a_reconnect)
{
    vouch_subscribe(v, 5);
    for (uint64_t line = 6; line <= 10; line++) {
        Vouch__V1__Notice *notice = NULL;
        cr_assert_eq(vouch_delivery_next(v, 5000, &notice), VOUCH_OK);
        vouch_notice_free(&notice);
    }
    script.drop = 1;
    cr_assert_eq(call_remove(v, 10000), VOUCH_OK);
    cr_assert_eq(call_remove(v, 10000), VOUCH_OK);
    cr_assert_eq(script.subscriptions, 2);
    cr_assert_eq(script.subscribed_after[1], 10);
}

Test(link, an_unknown_key_is_told_at_once)
{
    struct vouch_identity other = identity;
    raw_broker_allow_only(broker, identity.server_key);
    struct vouch *stranger = vouch_open(&other, "test");
    cr_assert_eq(call_whoami(stranger, 5000), VOUCH_UNKNOWN_KEY, "%s", vouch_last_error());
    cr_assert(strstr(vouch_last_error(), "does not know this key") != NULL);
    cr_assert_eq(call_whoami(stranger, 5000), VOUCH_UNKNOWN_KEY, "and again");
    raw_broker_allow_only(broker, identity.public_key);
    cr_assert_eq(call_whoami(stranger, 5000), VOUCH_OK, "and is let in once it is known");
    vouch_close(&stranger);
}

Test(link, a_wrong_server_key_is_told)
{
    struct vouch_identity other = identity;
    other.server_key[5] ^= 1;
    struct vouch *stranger = vouch_open(&other, "test");
    cr_assert_eq(call_whoami(stranger, 5000), VOUCH_WRONG_SERVER, "%s", vouch_last_error());
    cr_assert(strstr(vouch_last_error(), "is not the broker with server key") != NULL);
    vouch_close(&stranger);
}

Test(link, another_version_is_told)
{
    raw_broker_set_version(broker, 2);
    struct vouch *other = vouch_open(&identity, "test");
    cr_assert_eq(call_whoami(other, 5000), VOUCH_UNSUPPORTED_VERSION, "%s", vouch_last_error());
    vouch_close(&other);
}

Test(link, nobody_there_is_unreachable_with_the_reason)
{
    struct vouch_identity other = identity;
    other.endpoint = "127.0.0.1:1";
    struct vouch *nobody = vouch_open(&other, "test");
    cr_assert_eq(call_whoami(nobody, 500), VOUCH_UNREACHABLE);
    cr_assert(strstr(vouch_last_error(), "connection refused; retried for 0.5 s") != NULL, "%s", vouch_last_error());
    vouch_close(&nobody);
}

Test(link, a_name_that_is_none_is_unreachable)
{
    struct vouch_identity other = identity;
    other.endpoint = "no-such-host.invalid:5570";
    struct vouch *nobody = vouch_open(&other, "test");
    cr_assert_eq(call_whoami(nobody, 1000), VOUCH_UNREACHABLE);
    vouch_close(&nobody);
}

Test(link, a_malformed_identity_is_refused)
{
    struct vouch_identity other = identity;
    other.endpoint = "tcp://127.0.0.1:1";
    cr_assert(vouch_open(&other, "test") == NULL);
    cr_assert(strstr(vouch_last_error(), "host:port") != NULL);
    cr_assert(vouch_open_profile("/nonexistent/x.key", "test") == NULL);
    cr_assert(strstr(vouch_last_error(), "cannot read") != NULL);
}
