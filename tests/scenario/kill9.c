/* SPDX-License-Identifier: Apache-2.0
 *
 * kill -9 under load. Members refer as fast as the broker answers; at random instants the broker is killed and started
 * again; the members' library reconnects and repeats. At the end every referral that was acknowledged is in the journal
 * exactly once, none is there twice, and the store is sound. Arguments: how many kills, seed. */
#include "world.h"

#include "store/store.h"
#include "vouch/v1/event.pb-c.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MEMBERS 4
#define MOST_ACKNOWLEDGED 400000

struct member {
    struct vouch *v;
    uint64_t id;
    uint64_t receiver;
    uint64_t prospect;
    pthread_t thread;
};

static atomic_bool stopping;
static pthread_mutex_t progress_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t progress = PTHREAD_COND_INITIALIZER;
static _Atomic size_t acknowledged_count;
static uint64_t acknowledged[MOST_ACKNOWLEDGED];

static void *refer_until_stopped(void *argument)
{
    struct member *member = argument;
    while (!atomic_load(&stopping)) {
        uint64_t id = submit(member->v, member->prospect, member->receiver, "They asked me who archives well.");
        size_t place = atomic_fetch_add(&acknowledged_count, 1);
        if (place >= MOST_ACKNOWLEDGED) {
            fail("more referrals than this test has room for");
        }
        acknowledged[place] = id;
        pthread_mutex_lock(&progress_lock);
        pthread_cond_signal(&progress);
        pthread_mutex_unlock(&progress_lock);
    }
    return NULL;
}

/* Waits until something more was acknowledged, so that every kill hits a broker at work. */
static void wait_for_progress(void)
{
    pthread_mutex_lock(&progress_lock);
    size_t before = acknowledged_count;
    while (acknowledged_count == before) {
        pthread_cond_wait(&progress, &progress_lock);
    }
    pthread_mutex_unlock(&progress_lock);
}

/* Counts the journal's submissions by referral id and by command id. */
static void check_journal(struct world *world)
{
    struct store_options options = {.directory = world->store};
    struct store *store = NULL;
    struct status_text why = {""};
    if (store_open(&options, &store, &why) != VOUCH_OK) {
        fail("the store does not open: %s", why.text);
    }
    struct view *view = snapshot_open(store);
    uint64_t last = store_journal_sequence(store);
    unsigned char *times = calloc(MOST_ACKNOWLEDGED * 4, 1);
    uint64_t submissions = 0;
    for (uint64_t sequence = 1; sequence <= last; sequence++) {
        struct slice bytes;
        if (!journal_get(view, sequence, &bytes)) {
            fail("event %llu is missing", (unsigned long long)sequence);
        }
        Vouch__V1__Event *event = vouch__v1__event__unpack(NULL, bytes.size, bytes.data);
        if (event == NULL) {
            fail("event %llu cannot be read", (unsigned long long)sequence);
        }
        if (event->body_case == VOUCH__V1__EVENT__BODY_REFERRAL_SUBMITTED) {
            uint64_t id = event->referral_submitted->referral->id;
            if (id >= MOST_ACKNOWLEDGED * 4 || ++times[id] != 1) {
                fail("referral %llu was submitted twice", (unsigned long long)id);
            }
            submissions++;
        }
        vouch__v1__event__free_unpacked(event, NULL);
    }
    for (size_t i = 0; i < acknowledged_count; i++) {
        if (times[acknowledged[i]] != 1) {
            fail("referral %llu was acknowledged and is not in the journal", (unsigned long long)acknowledged[i]);
        }
        if (++times[acknowledged[i]] != 2) {
            fail("referral %llu was acknowledged twice", (unsigned long long)acknowledged[i]);
        }
    }
    /* Whoever was stopped got an answer for the last command too, so nothing is there that nobody asked for. */
    if (submissions != acknowledged_count) {
        fail("%llu referrals in the journal, %zu acknowledged", (unsigned long long)submissions,
             (size_t)acknowledged_count);
    }
    free(times);
    snapshot_close(&view);
    store_close(&store, true);
}

int main(int count, char **arguments)
{
    long kills = count > 1 ? atol(arguments[1]) : 200;
    unsigned seed = count > 2 ? (unsigned)atol(arguments[2]) : (unsigned)time(NULL);
    printf("kills %ld, seed %u\n", kills, seed);
    struct world world = {0};
    struct member members[MEMBERS];
    world_begin(&world, NULL);
    world_start(&world);
    world_open_admin(&world);
    for (int i = 0; i < MEMBERS; i++) {
        char name[32];
        snprintf(name, sizeof name, "Member %d", i + 1);
        members[i].v = world_join(&world, name, VOUCH__V1__ROLE__REP, 0, &members[i].id);
    }
    uint64_t prospect = add_company(world.admin, "Kestrel Bank");
    for (int i = 0; i < MEMBERS; i++) {
        members[i].receiver = members[(i + 1) % MEMBERS].id;
        members[i].prospect = prospect;
        if (pthread_create(&members[i].thread, NULL, refer_until_stopped, &members[i]) != 0) {
            fail("no thread");
        }
    }
    for (long i = 0; i < kills; i++) {
        wait_for_progress();
        /* The instant of the kill is what is random here; nothing waits for this time to have been enough. */
        struct timespec instant = {0, (rand_r(&seed) % 60000) * 1000L};
        nanosleep(&instant, NULL);
        if (world_stop(&world, SIGKILL) != 128 + SIGKILL) {
            fail("the broker had ended by itself before kill %ld, see %s", i + 1, world.log);
        }
        world_start(&world);
    }
    atomic_store(&stopping, true);
    for (int i = 0; i < MEMBERS; i++) {
        pthread_join(members[i].thread, NULL);
        vouch_close(&members[i].v);
    }
    vouch_close(&world.admin);
    if (world_stop(&world, SIGTERM) != 0) {
        fail("the broker did not stop cleanly, see %s", world.log);
    }
    const char *const check[] = {"check", NULL}, *const rebuild[] = {"rebuild", NULL};
    if (world_vouchd(&world, check) != 0 || world_vouchd(&world, rebuild) != 0) {
        fail("vouchd check or rebuild found fault, see %s", world.log);
    }
    check_journal(&world);
    printf("%zu referrals acknowledged, each in the journal exactly once\n", (size_t)acknowledged_count);
    world_end(&world);
    return 0;
}
