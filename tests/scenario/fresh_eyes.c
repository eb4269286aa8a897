/* SPDX-License-Identifier: Apache-2.0
 *
 * One program writes and ends, then another one starts and reads: `vouch company add … && vouch company list`. Whatever
 * the first was told to be done the second must see, however busy the broker is. A program's own handle knows nothing
 * of another's, so a new handle stands for a new program here. The load: clients that have as many commands under way
 * as they may, so that what is written becomes visible as late as it can.
 *
 * usage: scenario_fresh_eyes ROUNDS */
#include "world.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define LOADERS 2
#define UNDER_WAY 64
#define WAIT_MS 60000

struct loader {
    struct vouch *v;
    pthread_t thread;
};

static atomic_bool enough;

/* Adds companies until it is enough, UNDER_WAY at a time. */
static void *load(void *argument)
{
    struct loader *loader = argument;
    Vouch__V1__CompanyAdd add = VOUCH__V1__COMPANY_ADD__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_COMPANY_ADD;
    request.company_add = &add;
    add.name = "Load";
    while (!atomic_load(&enough) || vouch_under_way(loader->v) > 0) {
        while (!atomic_load(&enough) && vouch_under_way(loader->v) < UNDER_WAY) {
            if (vouch_send(loader->v, &request, WAIT_MS, 0) != VOUCH_OK) {
                fail("load: %s", vouch_last_error());
            }
        }
        uint64_t tag;
        int outcome;
        Vouch__V1__Reply *reply = NULL;
        if (vouch_collect(loader->v, WAIT_MS, &tag, &outcome, &reply) == 1 && outcome != VOUCH_OK) {
            fail("load: %s: %s", vouch_outcome_name(outcome), vouch_last_error());
        }
        vouch_reply_free(&reply);
    }
    return NULL;
}

static struct vouch *open_as_admin(const struct world *world)
{
    char profile[128];
    snprintf(profile, sizeof profile, "%s/admin.key", world->directory);
    struct vouch *v = vouch_open_profile(profile, "fresh eyes");
    if (v == NULL) {
        fail("%s", vouch_last_error());
    }
    return v;
}

/* Whether a handle that has just been opened finds the company, by a query that is its first request. */
static bool sees(const struct world *world, uint64_t company)
{
    struct vouch *v = open_as_admin(world);
    Vouch__V1__CompanyList list = VOUCH__V1__COMPANY_LIST__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    Vouch__V1__Reply *reply = NULL;
    list.after = company - 1;
    list.limit = 1;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_COMPANY_LIST;
    request.company_list = &list;
    if (vouch_call(v, &request, WAIT_MS, &reply) != VOUCH_OK) {
        fail("company list: %s", vouch_last_error());
    }
    bool found = reply->companies->n_companies == 1 && reply->companies->companies[0]->id == company;
    vouch_reply_free(&reply);
    vouch_close(&v);
    return found;
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 20;
    struct world world = {.broker = 0};
    struct loader loaders[LOADERS];
    world_begin(&world, NULL);
    world_start(&world);
    for (int i = 0; i < LOADERS; i++) {
        loaders[i].v = open_as_admin(&world);
        if (pthread_create(&loaders[i].thread, NULL, load, &loaders[i]) != 0) {
            fail("no thread");
        }
    }
    int missed = 0;
    for (int round = 0; round < rounds; round++) {
        struct vouch *writer = open_as_admin(&world);
        uint64_t company = add_company(writer, "Kestrel Bank");
        vouch_close(&writer);
        missed += sees(&world, company) ? 0 : 1;
    }
    atomic_store(&enough, true);
    for (int i = 0; i < LOADERS; i++) {
        pthread_join(loaders[i].thread, NULL);
        vouch_close(&loaders[i].v);
    }
    world_end(&world);
    if (missed > 0) {
        fail("%d of %d readers did not see what was done before they started", missed, rounds);
    }
    printf("%d readers saw what was done before they started\n", rounds);
    return 0;
}
