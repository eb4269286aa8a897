/* SPDX-License-Identifier: Apache-2.0
 *
 * One handle of libvouch used by many threads while its connection is dropped again and again: every call is answered,
 * every sent request collected once, every delivery comes once. A plain program, because the thread sanitizer does not
 * go with the unit test runner. */
#include "raw_broker.h"

#include "base/check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define CALLERS 4
#define CALLS 300
#define SENT 2000
#define LINES 2000
#define DROP_EVERY 701 /* requests */

static struct vouch *v;
static atomic_uint collected;

/* Answers all, drops the connection now and then, and pushes the whole inbox after each subscription. */
static bool answer(struct raw_broker *broker, const Vouch__V1__Request *request, Vouch__V1__Reply *reply, void *data)
{
    unsigned *requests = data;
    reply->sequence = ++*requests;
    if (request->operation_case == VOUCH__V1__REQUEST__OPERATION_SUBSCRIBE) {
        for (uint64_t line = request->subscribe->after + 1; line <= LINES; line++) {
            raw_broker_deliver(broker, line);
        }
        return true;
    }
    if (*requests % DROP_EVERY == 0) {
        raw_broker_drop(broker);
        return false;
    }
    return true;
}

static Vouch__V1__Whoami whoami = VOUCH__V1__WHOAMI__INIT;

static Vouch__V1__Request make_request(void)
{
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_WHOAMI;
    request.whoami = &whoami;
    return request;
}

static void *call(void *unused)
{
    Vouch__V1__Request request = make_request();
    for (int i = 0; i < CALLS; i++) {
        Vouch__V1__Reply *reply = NULL;
        CHECK(vouch_call(v, &request, 60000, &reply) == VOUCH_OK);
        CHECK(reply->sequence > 0);
        vouch_reply_free(&reply);
    }
    return unused;
}

static void *send_all(void *unused)
{
    Vouch__V1__Request request = make_request();
    for (uint64_t i = 0; i < SENT; i++) {
        CHECK(vouch_send(v, &request, 60000, i) == VOUCH_OK);
    }
    return unused;
}

static void *collect_all(void *unused)
{
    static bool seen[SENT];
    while (atomic_load(&collected) < SENT) {
        uint64_t tag = SENT;
        int outcome = -1;
        Vouch__V1__Reply *reply = NULL;
        if (vouch_collect(v, 100, &tag, &outcome, &reply) == 1) {
            CHECK(outcome == VOUCH_OK && tag < SENT && !seen[tag]);
            seen[tag] = true;
            atomic_fetch_add(&collected, 1);
            vouch_reply_free(&reply);
        }
    }
    return unused;
}

static void *follow(void *unused)
{
    vouch_subscribe(v, 0);
    for (uint64_t line = 1; line <= LINES;) {
        Vouch__V1__Notice *notice = NULL;
        int outcome = vouch_delivery_next(v, 1000, &notice);
        CHECK(outcome == VOUCH_OK || outcome == VOUCH_TIMEOUT);
        if (outcome == VOUCH_OK) {
            CHECK(notice->inbox_sequence == line);
            line++;
            vouch_notice_free(&notice);
        }
    }
    return unused;
}

int main(void)
{
    unsigned requests = 0;
    struct vouch_identity identity;
    struct raw_broker *broker = raw_broker_start(&identity, answer, &requests);
    v = vouch_open(&identity, "threads");
    CHECK(v != NULL);
    pthread_t threads[CALLERS + 3];
    for (int i = 0; i < CALLERS; i++) {
        CHECK(pthread_create(&threads[i], NULL, call, NULL) == 0);
    }
    CHECK(pthread_create(&threads[CALLERS], NULL, send_all, NULL) == 0);
    CHECK(pthread_create(&threads[CALLERS + 1], NULL, collect_all, NULL) == 0);
    CHECK(pthread_create(&threads[CALLERS + 2], NULL, follow, NULL) == 0);
    for (int i = 0; i < CALLERS + 3; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    vouch_close(&v);
    CHECK(v == NULL);
    unsigned connections = raw_broker_hellos(broker);
    CHECK(connections > 2);
    raw_broker_stop(&broker);
    printf("%u requests over %u connections\n", requests, connections);
    return 0;
}
