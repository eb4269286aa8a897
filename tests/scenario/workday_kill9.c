/* SPDX-License-Identifier: Apache-2.0
 *
 * kill -9 while clocks ring. Members refer, take, work on and decline referrals, and many do not act at all, while days
 * pass in jumps; at random instants the broker is killed and started again. At the end every step that was acknowledged
 * is in the journal once and no other is, everybody was told of each moment of each clock once at most, and the store
 * is sound: no referral was lost, none that somebody has to act on is without a clock. Arguments: how many kills, seed.
 */
#include "world.h"

#include "store/store.h"
#include "vouch/v1/event.pb-c.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define START_MS INT64_C(1795417200000) /* Monday, 2026-11-23 07:00 UTC */
#define HOUR_MS INT64_C(3600000)
#define RECEIVERS 4
#define REFERRALS_MOST 20000
#define VERBS 32
#define CALL_MS 300000
#define STEPS_A_TURN 8 /* acknowledged steps between two jumps of the clock */

#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name
#define STAGE(name) VOUCH__V1__CLOCK__STAGE__##name

struct worker {
    struct vouch *v;
    uint64_t id;
    unsigned seed;
    pthread_t thread;
};

static struct world world;
static struct worker ana, receivers[RECEIVERS], turner;
static uint64_t prospect;
static atomic_bool stopping;
static pthread_mutex_t progress_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t progress = PTHREAD_COND_INITIALIZER;
static uint64_t steps; /* under progress_lock */
/* By referral and verb; a submission is one. */
static _Atomic(unsigned char) acknowledged[REFERRALS_MOST][VERBS];

/* The broker knows a repeated command for some days. Here they pass in an instant, so time stands still while somebody
 * waits for an answer: who works reads, who turns the clock writes. */
static pthread_rwlock_t time_lock;

static void went_on(uint64_t referral, Vouch__V1__ReferralVerb verb)
{
    if (referral >= REFERRALS_MOST) {
        fail("more referrals than this test has room for");
    }
    acknowledged[referral][verb]++;
    pthread_mutex_lock(&progress_lock);
    steps++;
    pthread_cond_broadcast(&progress);
    pthread_mutex_unlock(&progress_lock);
}

/* Waits until so much more was acknowledged, or it is over. */
static void wait_for_steps(uint64_t count)
{
    pthread_mutex_lock(&progress_lock);
    uint64_t until = steps + count;
    while (steps < until && !stopping) {
        pthread_cond_wait(&progress, &progress_lock);
    }
    pthread_mutex_unlock(&progress_lock);
}

/* ---- who works ---- */

static void *refer_until_stopped(void *argument)
{
    (void)argument;
    while (!stopping) {
        pthread_rwlock_rdlock(&time_lock);
        uint64_t receiver = receivers[rand_r(&ana.seed) % RECEIVERS].id;
        went_on(submit(ana.v, prospect, receiver, "They asked me who archives well."), VERB(SUBMIT));
        pthread_rwlock_unlock(&time_lock);
    }
    return NULL;
}

/* The newest that somebody has. */
static Vouch__V1__Reply *my_list(struct worker *worker)
{
    Vouch__V1__ReferralList list = VOUCH__V1__REFERRAL_LIST__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    Vouch__V1__Reply *reply = NULL;
    list.as = VOUCH__V1__REFERRAL_LIST__AS__RECEIVER;
    list.limit = 8;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_REFERRAL_LIST;
    request.referral_list = &list;
    ask(worker->v, &request, VOUCH_OK, &reply);
    return reply;
}

/* Something that fits the state, or may not fit any more: the broker says so. */
static Vouch__V1__ReferralVerb choose(struct worker *worker, Vouch__V1__ReferralState state)
{
    bool other = rand_r(&worker->seed) % 4 == 0;
    switch (state) {
    case VOUCH__V1__REFERRAL_STATE__OFFERED:
        return other ? VERB(DECLINE) : VERB(ACCEPT);
    case VOUCH__V1__REFERRAL_STATE__ACCEPTED:
        return other ? VERB(SNOOZE) : VERB(CONTACT);
    case VOUCH__V1__REFERRAL_STATE__CONTACTED:
        return other ? VERB(UPDATE) : VERB(MEET);
    default:
        return other ? VERB(SNOOZE) : VERB(LOSE);
    }
}

static void work_on(struct worker *worker, const Vouch__V1__Referral *referral)
{
    Vouch__V1__ReferralText words = VOUCH__V1__REFERRAL_TEXT__INIT;
    Vouch__V1__ReferralMove move = VOUCH__V1__REFERRAL_MOVE__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    Vouch__V1__Reply *reply = NULL;
    words.reason = words.note = "We spoke.";
    move.referral = referral->id;
    move.verb = choose(worker, referral->state);
    move.text = &words;
    move.until_ms = referral->changed_ms + 60 * 24 * HOUR_MS;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_REFERRAL_MOVE;
    request.referral_move = &move;
    int outcome = call(worker->v, &request, CALL_MS, &reply);
    if (outcome == VOUCH_OK) {
        went_on(referral->id, move.verb);
    } else if (outcome != VOUCH_CONFLICT && outcome != VOUCH_NOT_FOUND && outcome != VOUCH_INVALID) {
        fail("R%" PRIu64 ": %s", referral->id, vouch_last_error());
    }
    vouch_reply_free(&reply);
}

/* Looks at what there is and does something with one of three. */
static void *work_until_stopped(void *argument)
{
    struct worker *worker = argument;
    while (!stopping) {
        pthread_rwlock_rdlock(&time_lock);
        Vouch__V1__Reply *reply = my_list(worker);
        for (size_t i = 0; i < reply->referrals->n_referrals; i++) {
            if (rand_r(&worker->seed) % 3 == 0) {
                work_on(worker, reply->referrals->referrals[i]->referral);
            }
        }
        vouch_reply_free(&reply);
        pthread_rwlock_unlock(&time_lock);
    }
    return NULL;
}

/* Hours and days; every third time a downtime of three weeks, so that clocks ring in the shortest run, too. */
static int64_t jump(unsigned turn, unsigned *seed)
{
    static const int64_t hours[] = {1, 5, 24, 72};
    return (turn % 3 == 2 ? 24 * 21 : hours[(unsigned)rand_r(seed) % (sizeof hours / sizeof hours[0])]) * HOUR_MS;
}

static void *turn_until_stopped(void *argument)
{
    int64_t now_ms = START_MS;
    (void)argument;
    for (unsigned turn = 0; !stopping; turn++) {
        now_ms += jump(turn, &turner.seed);
        pthread_rwlock_wrlock(&time_lock);
        set_clock(&world, now_ms);
        pthread_rwlock_unlock(&time_lock);
        wait_for_steps(STEPS_A_TURN);
    }
    return NULL;
}

/* ---- what must be true afterwards ---- */

/* How far everybody was told of the clock that a referral has. */
struct told {
    Vouch__V1__Clock__Stage stage;
    int64_t again_ms;
};

struct verdict {
    struct told told[REFERRALS_MOST];
    unsigned char found[REFERRALS_MOST][VERBS];
    uint64_t rung, passed;
};

static void count_rung(struct verdict *verdict, const Vouch__V1__ClockRung *rung)
{
    struct told *told = &verdict->told[rung->referral];
    const Vouch__V1__Clock *clock = rung->clock;
    bool again = clock->stage == STAGE(OVERDUE) && clock->again_ms > told->again_ms && told->again_ms != 0;
    if (rung->queued) {
        *told = (struct told){STAGE(STAGE_NONE), 0};
    } else if (rung->n_told > 0) { /* else it was only moved, or passed on */
        if (clock->stage <= told->stage && !again) {
            fail("R%" PRIu64 ": told twice of stage %d of one clock", rung->referral, (int)clock->stage);
        }
        *told = (struct told){clock->stage, clock->again_ms};
        verdict->rung++;
    }
}

static void count_event(struct verdict *verdict, const Vouch__V1__Event *event)
{
    const Vouch__V1__ReferralMoved *moved = event->referral_moved;
    switch (event->body_case) {
    case VOUCH__V1__EVENT__BODY_REFERRAL_SUBMITTED:
        verdict->found[event->referral_submitted->referral->id][VERB(SUBMIT)]++;
        break;
    case VOUCH__V1__EVENT__BODY_REFERRAL_MOVED:
        if (event->actor != 0) {
            verdict->found[moved->referral][moved->verb]++;
        }
        verdict->passed += moved->verb == VERB(GHOST);
        verdict->told[moved->referral] = (struct told){STAGE(STAGE_NONE), 0};
        break;
    case VOUCH__V1__EVENT__BODY_CLOCK_RUNG:
        count_rung(verdict, event->clock_rung);
        break;
    default:
        break;
    }
}

static void compare(const struct verdict *verdict)
{
    uint64_t sum = 0;
    for (size_t referral = 0; referral < REFERRALS_MOST; referral++) {
        for (int verb = 0; verb < VERBS; verb++) {
            unsigned found = verdict->found[referral][verb], told = acknowledged[referral][verb];
            /* What a submission brings with it has the referrer as its actor, too, and no answer of its own. */
            if (found != told && verb != VERB(REGISTER) && verb != VERB(OFFER)) {
                fail("R%zu: verb %d is %u times in the journal and was acknowledged %u times", referral, verb, found,
                     told);
            }
            sum += told;
        }
    }
    printf("%" PRIu64 " steps acknowledged and each there once; %" PRIu64 " reminders, %" PRIu64 " passed on\n", sum,
           verdict->rung, verdict->passed);
    if (verdict->rung == 0 || verdict->passed == 0) {
        fail("no clock has rung");
    }
}

static void check_journal(void)
{
    struct store_options options = {.directory = world.store};
    struct store *store = NULL;
    struct status_text why = {""};
    if (store_open(&options, &store, &why) != VOUCH_OK) {
        fail("the store does not open: %s", why.text);
    }
    struct view *view = snapshot_open(store);
    struct verdict *verdict = calloc(1, sizeof *verdict);
    for (uint64_t sequence = 1; sequence <= store_journal_sequence(store); sequence++) {
        struct slice bytes;
        Vouch__V1__Event *event = journal_get(view, sequence, &bytes)
                                      ? vouch__v1__event__unpack(NULL, bytes.size, bytes.data)
                                      : NULL;
        if (event == NULL) {
            fail("event %" PRIu64 " cannot be read", sequence);
        }
        count_event(verdict, event);
        vouch__v1__event__free_unpacked(event, NULL);
    }
    compare(verdict);
    free(verdict);
    snapshot_close(&view);
    store_close(&store, true);
}

/* ---- the world ---- */

static void set_card(struct vouch *v)
{
    char *issues[] = {"archive"};
    Vouch__V1__Card card = VOUCH__V1__CARD__INIT;
    Vouch__V1__CardSetting set = VOUCH__V1__CARD_SETTING__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    card.n_issues = 1;
    card.issues = issues;
    card.capacity = 60;
    set.card = &card;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_CARD_SET;
    request.card_set = &set;
    command(v, &request);
}

static void begin(unsigned seed)
{
    static char clock[64];
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&time_lock, &attributes);
    pthread_rwlockattr_destroy(&attributes);
    snprintf(clock, sizeof clock, "manual:%" PRId64, START_MS);
    world_begin(&world, clock);
    world_start(&world);
    world_open_admin(&world);
    ana = (struct worker){.v = world_join(&world, "Ana Sousa", VOUCH__V1__ROLE__REP, 0, NULL), .seed = seed};
    turner.seed = seed + 1;
    prospect = add_company(world.admin, "Kestrel Bank");
    for (unsigned i = 0; i < RECEIVERS; i++) {
        char name[32];
        snprintf(name, sizeof name, "Receiver %u", i + 1);
        receivers[i].v = world_join(&world, name, VOUCH__V1__ROLE__REP, 0, &receivers[i].id);
        receivers[i].seed = seed + 2 + i;
        set_card(receivers[i].v);
    }
}

static void start_thread(struct worker *worker, void *(*work)(void *argument))
{
    if (pthread_create(&worker->thread, NULL, work, worker) != 0) {
        fail("no thread");
    }
}

static void stop_all(void)
{
    pthread_mutex_lock(&progress_lock);
    stopping = true;
    pthread_cond_broadcast(&progress);
    pthread_mutex_unlock(&progress_lock);
    pthread_join(ana.thread, NULL);
    pthread_join(turner.thread, NULL);
    vouch_close(&ana.v);
    for (size_t i = 0; i < RECEIVERS; i++) {
        pthread_join(receivers[i].thread, NULL);
        vouch_close(&receivers[i].v);
    }
    vouch_close(&world.admin);
}

int main(int count, char **arguments)
{
    long kills = count > 1 ? atol(arguments[1]) : 30;
    unsigned seed = count > 2 ? (unsigned)atol(arguments[2]) : (unsigned)time(NULL);
    printf("kills %ld, seed %u\n", kills, seed);
    begin(seed);
    start_thread(&ana, refer_until_stopped);
    start_thread(&turner, turn_until_stopped);
    for (size_t i = 0; i < RECEIVERS; i++) {
        start_thread(&receivers[i], work_until_stopped);
    }
    for (long i = 0; i < kills; i++) {
        wait_for_steps(STEPS_A_TURN);
        /* The instant of the kill is what is random here; nothing waits for this time to have been enough. */
        struct timespec instant = {0, (rand_r(&seed) % 60000) * 1000L};
        nanosleep(&instant, NULL);
        if (world_stop(&world, SIGKILL) != 128 + SIGKILL) {
            fail("the broker had ended by itself before kill %ld, see %s", i + 1, world.log);
        }
        world_start(&world);
    }
    stop_all();
    if (world_stop(&world, SIGTERM) != 0) {
        fail("the broker did not stop cleanly, see %s", world.log);
    }
    const char *const check[] = {"check", NULL}, *const rebuild[] = {"rebuild", NULL};
    if (world_vouchd(&world, check) != 0 || world_vouchd(&world, rebuild) != 0) {
        fail("vouchd check or rebuild found fault, see %s", world.log);
    }
    check_journal();
    world_end(&world);
    return 0;
}
