/* SPDX-License-Identifier: Apache-2.0
 *
 * The inbox loses nothing and repeats nothing: while one member refers to another, the broker is killed again and
 * again; a subscriber sees every line once, in order; one who comes later reads on from where they stopped, by page and
 * by push. Arguments: kills, seed. */
#include "world.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define WAIT_MS 30000

static atomic_bool stopping;
static _Atomic uint64_t referred;
static pthread_mutex_t progress_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t progress = PTHREAD_COND_INITIALIZER;
static struct vouch *ana, *tom;
static uint64_t tom_id, prospect;

static void *refer_until_stopped(void *argument)
{
    (void)argument;
    while (!atomic_load(&stopping)) {
        submit(ana, prospect, tom_id, "They asked me.");
        pthread_mutex_lock(&progress_lock);
        atomic_fetch_add(&referred, 1);
        pthread_cond_signal(&progress);
        pthread_mutex_unlock(&progress_lock);
    }
    return NULL;
}

/* Waits for one more referral, so that every kill hits a broker at work. */
static void wait_for_progress(void)
{
    pthread_mutex_lock(&progress_lock);
    uint64_t before = referred;
    while (referred == before) {
        pthread_cond_wait(&progress, &progress_lock);
    }
    pthread_mutex_unlock(&progress_lock);
}

/* Takes deliveries up to line `last`; each must be the one after the one before. */
static void expect_lines(struct vouch *v, uint64_t after, uint64_t last)
{
    for (uint64_t expected = after + 1; expected <= last; expected++) {
        Vouch__V1__Notice *notice = NULL;
        int outcome = vouch_delivery_next(v, WAIT_MS, &notice);
        if (outcome != VOUCH_OK) {
            fail("line %" PRIu64 " did not come: %s", expected, vouch_outcome_name(outcome));
        }
        if (notice->inbox_sequence != expected) {
            fail("line %" PRIu64 " came instead of %" PRIu64, notice->inbox_sequence, expected);
        }
        vouch_notice_free(&notice);
    }
}

static void expect_silence(struct vouch *v)
{
    Vouch__V1__Notice *notice = NULL;
    if (vouch_delivery_next(v, 300, &notice) != VOUCH_TIMEOUT) {
        fail("a line came that nobody wrote");
    }
}

/* Pages through the inbox after `after`; returns the last line. */
static uint64_t read_pages(struct vouch *v, uint64_t after)
{
    bool more = true;
    while (more) {
        Vouch__V1__InboxPage page = VOUCH__V1__INBOX_PAGE__INIT;
        page.after = after;
        Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
        request.operation_case = VOUCH__V1__REQUEST__OPERATION_INBOX_PAGE;
        request.inbox_page = &page;
        Vouch__V1__Reply *reply = NULL;
        ask(v, &request, VOUCH_OK, &reply);
        for (size_t i = 0; i < reply->notices->n_notices; i++) {
            if (reply->notices->notices[i]->inbox_sequence != ++after) {
                fail("page: line %" PRIu64 " is missing", after);
            }
        }
        more = reply->notices->more;
        vouch_reply_free(&reply);
    }
    return after;
}

static void acknowledge(struct vouch *v, uint64_t up_to, int expected)
{
    Vouch__V1__InboxAck ack = VOUCH__V1__INBOX_ACK__INIT;
    ack.up_to = up_to;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_INBOX_ACK;
    request.inbox_ack = &ack;
    ask(v, &request, expected, NULL);
}

int main(int count, char **arguments)
{
    int kills = count > 1 ? atoi(arguments[1]) : 20;
    unsigned seed = count > 2 ? (unsigned)atol(arguments[2]) : (unsigned)time(NULL);
    printf("kills %d, seed %u\n", kills, seed);
    struct world world = {0};
    world_begin(&world, NULL);
    world_start(&world);
    world_open_admin(&world);
    ana = world_join(&world, "Ana Sousa", VOUCH__V1__ROLE__REP, 0, NULL);
    tom = world_join(&world, "Tom Rieke", VOUCH__V1__ROLE__REP, 0, &tom_id);
    prospect = add_company(ana, "Kestrel Bank");
    vouch_subscribe(tom, 0);
    pthread_t referrer;
    if (pthread_create(&referrer, NULL, refer_until_stopped, NULL) != 0) {
        fail("no thread");
    }
    for (int i = 0; i < kills; i++) {
        wait_for_progress();
        struct timespec instant = {0, (rand_r(&seed) % 100000) * 1000L}; /* random on purpose, not a wait */
        nanosleep(&instant, NULL);
        world_stop(&world, SIGKILL);
        world_start(&world);
    }
    atomic_store(&stopping, true);
    pthread_join(referrer, NULL);
    uint64_t last = referred;
    expect_lines(tom, 0, last);
    expect_silence(tom);
    if (read_pages(tom, 0) != last) {
        fail("the pages and the deliveries differ");
    }
    acknowledge(tom, last / 2, VOUCH_OK);
    acknowledge(tom, last + 1, VOUCH_INVALID);

    /* Told from the middle on, and of what comes while connected. */
    vouch_subscribe(tom, last / 2);
    expect_lines(tom, last / 2, last);
    submit(ana, prospect, tom_id, "And again.");
    expect_lines(tom, last, last + 1);
    expect_silence(tom);
    vouch_close(&ana);
    vouch_close(&tom);
    world_end(&world);
    printf("%" PRIu64 " lines, each once and in order\n", last + 1);
    return 0;
}
