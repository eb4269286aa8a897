/* SPDX-License-Identifier: Apache-2.0
 *
 * An operator changes a matcher's settings and reloads it, again and again, while reps ask for matches more than a
 * thousand times a second: each question is answered, once, with one set of settings or the other; none has to wait for
 * a retry; and what is asked after the last reload is answered with the last settings. */
#include "world.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPS 4
#define UNDER_WAY 24 /* questions of one rep: together fewer than the queue of a plugin holds */
#define RELOADS 30
#define CALL_MS 60000

static struct world world = {0};
static char config[128];
static atomic_uint answers;
static atomic_bool over;

/* Every edition of the settings has a weight of its own. */
static void write_config(unsigned weight)
{
    FILE *file = fopen(config, "w");
    if (file == NULL || fprintf(file, "plugin ideal-client { settings { weight_tie = %u } }\n", weight) < 0 ||
        fclose(file) != 0) {
        fail("%s cannot be written", config);
    }
}

/* What `weight_tie` an answer was made with. */
static unsigned weight_of(const Vouch__V1__Reply *reply)
{
    if (reply->result_case != VOUCH__V1__REPLY__RESULT_RANKING || reply->ranking->n_candidates == 0) {
        fail("a match without candidates");
    }
    const Vouch__V1__Candidate *candidate = reply->ranking->candidates[0];
    for (size_t i = 0; i < candidate->n_components; i++) {
        if (strcmp(candidate->components[i]->name, "tie") == 0) {
            return candidate->components[i]->weight;
        }
    }
    fail("a candidate without the component tie");
}

static void send_match(struct vouch *v, uint64_t tag)
{
    Vouch__V1__CompanyAdd prospect = VOUCH__V1__COMPANY_ADD__INIT;
    prospect.name = "Kestrel Bank";
    char *issues[] = {"archive"};
    Vouch__V1__Match match = VOUCH__V1__MATCH__INIT;
    match.new_prospect = &prospect;
    match.issues = issues;
    match.n_issues = 1;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_MATCH;
    request.match = &match;
    see_all(v);
    if (vouch_send(v, &request, CALL_MS, tag) != VOUCH_OK) {
        fail("match: %s", vouch_last_error());
    }
}

/* Keeps questions under way until it is over, then collects the rest: each tag comes back once. */
static void *rep(void *data)
{
    struct vouch *v = data;
    uint64_t sent = 0, got = 0, sum = 0;
    while (!atomic_load(&over) || got < sent) {
        while (!atomic_load(&over) && sent - got < UNDER_WAY) {
            send_match(v, ++sent);
        }
        uint64_t tag = 0;
        int outcome = VOUCH_OK;
        Vouch__V1__Reply *reply = NULL;
        if (vouch_collect(v, CALL_MS, &tag, &outcome, &reply) != 1 || outcome != VOUCH_OK) {
            fail("a match was answered %s: %s", vouch_outcome_name(outcome), vouch_last_error());
        }
        unsigned weight = weight_of(reply);
        if (weight < 1 || weight > RELOADS + 1) {
            fail("a match was made with weight %u, which was never configured", weight);
        }
        vouch_reply_free(&reply);
        got++;
        sum += tag;
        atomic_fetch_add(&answers, 1);
    }
    if (sum != sent * (sent + 1) / 2) {
        fail("an answer came twice, another never");
    }
    return NULL;
}

static void set_card(struct vouch *v)
{
    char *issues[] = {"archive", "audit"};
    Vouch__V1__Card card = VOUCH__V1__CARD__INIT;
    card.issues = issues;
    card.n_issues = 2;
    card.capacity = 10;
    Vouch__V1__CardSetting setting = VOUCH__V1__CARD_SETTING__INIT;
    setting.card = &card;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_CARD_SET;
    request.card_set = &setting;
    command(v, &request);
}

static void reload(const char *name, int expected)
{
    Vouch__V1__PluginReload reload = VOUCH__V1__PLUGIN_RELOAD__INIT;
    reload.name = (char *)name;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_PLUGIN_RELOAD;
    request.plugin_reload = &reload;
    ask(world.admin, &request, expected, NULL);
}

/* One question when nothing else is asked: with which weight it is answered. */
static unsigned weight_now(struct vouch *v)
{
    uint64_t tag;
    int outcome;
    Vouch__V1__Reply *reply = NULL;
    send_match(v, 1);
    if (vouch_collect(v, CALL_MS, &tag, &outcome, &reply) != 1 || outcome != VOUCH_OK) {
        fail("a match was answered %s", vouch_outcome_name(outcome));
    }
    unsigned weight = weight_of(reply);
    vouch_reply_free(&reply);
    return weight;
}

static const Vouch__V1__PluginStatus *status_of(const Vouch__V1__Reply *reply, const char *name)
{
    for (size_t i = 0; i < reply->plugins->n_plugins; i++) {
        if (strcmp(reply->plugins->plugins[i]->name, name) == 0) {
            return reply->plugins->plugins[i];
        }
    }
    fail("no plugin %s in the list", name);
}

/* True when a question was sent twice: the machine stood still so long that the library took the first for lost. */
static bool check_list(void)
{
    Vouch__V1__PluginList list = VOUCH__V1__PLUGIN_LIST__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    Vouch__V1__Reply *reply = NULL;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_PLUGIN_LIST;
    request.plugin_list = &list;
    ask(world.admin, &request, VOUCH_OK, &reply);
    const Vouch__V1__PluginStatus *plugin = status_of(reply, "ideal-client");
    if (plugin->reloads != RELOADS || plugin->failed != 0 || plugin->deaths != 0 || plugin->calls < answers) {
        fail("reloads %llu, failed %llu, deaths %u, calls %llu of %u", (unsigned long long)plugin->reloads,
             (unsigned long long)plugin->failed, plugin->deaths, (unsigned long long)plugin->calls, answers);
    }
    bool twice = plugin->calls > answers + 1; /* and the last question */
    vouch_reply_free(&reply);
    return twice;
}

/* How many requests were answered BUSY so far. */
static uint64_t count_busy(void)
{
    Vouch__V1__ServerStats stats = VOUCH__V1__SERVER_STATS__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    Vouch__V1__Reply *reply = NULL;
    uint64_t busy = 0;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_SERVER_STATS;
    request.server_stats = &stats;
    ask(world.admin, &request, VOUCH_OK, &reply);
    for (size_t i = 0; i < reply->stats->n_counters; i++) {
        busy += strcmp(reply->stats->counters[i]->name, "busy") == 0 ? reply->stats->counters[i]->value : 0;
    }
    vouch_reply_free(&reply);
    return busy;
}

int main(void)
{
    struct vouch *reps[REPS];
    pthread_t threads[REPS];
    world_begin(&world, NULL);
    snprintf(config, sizeof config, "%s/vouchd.conf", world.directory);
    write_config(1);
    world.options[0] = "--config";
    world.options[1] = config;
    world_start(&world);
    world_open_admin(&world);
    for (int i = 0; i < REPS; i++) {
        char name[32];
        snprintf(name, sizeof name, "Rep %c", 'A' + i);
        reps[i] = world_join(&world, name, VOUCH__V1__ROLE__REP, 0, NULL);
        set_card(reps[i]);
    }
    uint64_t busy = count_busy();
    for (int i = 0; i < REPS; i++) {
        if (pthread_create(&threads[i], NULL, rep, reps[i]) != 0) {
            fail("no thread");
        }
    }
    for (unsigned i = 0; i < RELOADS; i++) {
        unsigned before = atomic_load(&answers);
        write_config(i + 2);
        reload("ideal-client", VOUCH_OK);
        while (atomic_load(&answers) < before + 100) {
            sched_yield(); /* so that each edition is asked something */
        }
    }
    /* What cannot be loaded changes nothing. */
    write_config(9999);
    reload("ideal-client", VOUCH_INVALID);
    reload("nobody", VOUCH_NOT_FOUND);
    atomic_store(&over, true);
    for (int i = 0; i < REPS; i++) {
        pthread_join(threads[i], NULL);
    }
    if (weight_now(reps[0]) != RELOADS + 1) {
        fail("the last settings are not in force");
    }
    uint64_t turned_away = count_busy() - busy;
    if (!check_list() && turned_away > 0) {
        fail("%llu questions were turned away and had to be sent again", (unsigned long long)turned_away);
    }
    printf("%u matches over %d reloads\n", answers, RELOADS);
    for (int i = 0; i < REPS; i++) {
        vouch_close(&reps[i]);
    }
    world_end(&world);
    return EXIT_SUCCESS;
}
