/* SPDX-License-Identifier: Apache-2.0
 *
 * kill -9 while money moves. Payments pour in and some are given back, holds elapse, months close, batches are made and
 * settled, and at random instants the broker is killed and started again. At the end every command that was
 * acknowledged is in the journal once and no other is, every hash that a payee was told is the one in the ledger, and
 * the store is sound and can be rebuilt byte for byte. Arguments: how many kills, seed. */
#include "money_world.h"

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
#include <zmq.h>

#define PAYERS 3
#define DEALS 40 /* of each payer, to be paid 200 times each */
#define DEAL_MINOR 10000000
#define PAYMENTS_MOST 200
#define REFUND_EVERY 7
#define TOLD_MOST 100000
#define MONTH_FIRST 202701
#define CALL_MS 300000

static struct world world = {0};
static atomic_bool stopping;
static pthread_mutex_t progress_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t progress = PTHREAD_COND_INITIALIZER;
static _Atomic uint64_t steps;

/* The broker knows a repeated command for some days. Here months pass in an instant, so time stands still while a
 * payer waits for an answer: payers read, who turns the clock writes. */
static pthread_rwlock_t time_lock;

/* What was acknowledged, by kind. */
enum kind { PAID, REFUNDED, CLOSED, SENT, SETTLED, KINDS };
static _Atomic uint64_t acknowledged[KINDS];
static _Atomic(unsigned char) *payment_told; /* by number */

struct payer {
    struct person person;
    uint64_t deals[DEALS];
    pthread_t thread;
};

/* Hashes as Ana was told them, by booking; all zeros when she was not. */
static uint8_t (*told)[32];
static struct person ana, fay;

static void went_on(enum kind kind)
{
    acknowledged[kind]++;
    pthread_mutex_lock(&progress_lock);
    steps++;
    pthread_cond_signal(&progress);
    pthread_mutex_unlock(&progress_lock);
}

/* Waits until something more was acknowledged, so that every kill hits a broker at work. */
static void wait_for_progress(void)
{
    pthread_mutex_lock(&progress_lock);
    uint64_t before = steps;
    while (steps == before) {
        pthread_cond_wait(&progress, &progress_lock);
    }
    pthread_mutex_unlock(&progress_lock);
}

/* ---- who works ---- */

static void refund_some(struct person *person, uint64_t payment)
{
    Vouch__V1__PaymentRefund refund = VOUCH__V1__PAYMENT_REFUND__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    refund.payment = payment;
    refund.minor = 100;
    SAY(request, PAYMENT_REFUND, payment_refund, refund);
    Vouch__V1__Reply *reply = NULL;
    int outcome = call(person->v, &request, CALL_MS, &reply);
    if (outcome == VOUCH_OK) {
        went_on(REFUNDED);
    } else if (outcome != VOUCH_CONFLICT) { /* the bank may have it */
        fail("a refund of P%" PRIu64 ": %s", payment, vouch_last_error());
    }
    vouch_reply_free(&reply);
}

static void *pay_until_stopped(void *argument)
{
    struct payer *payer = argument;
    for (int i = 0; i < DEALS * PAYMENTS_MOST && !stopping; i++) {
        char reference[32];
        snprintf(reference, sizeof reference, "INV-%d", i);
        pthread_rwlock_rdlock(&time_lock);
        uint64_t payment = pay(&payer->person, payer->deals[i % DEALS], DEAL_MINOR / PAYMENTS_MOST - i % 100, "EUR",
                               reference);
        if (payment >= TOLD_MOST || atomic_fetch_add(&payment_told[payment], 1) != 0) {
            fail("P%" PRIu64 " was acknowledged twice, or is past what this test has room for", payment);
        }
        went_on(PAID);
        if (i % REFUND_EVERY == 0) {
            refund_some(&payer->person, payment);
        }
        pthread_rwlock_unlock(&time_lock);
    }
    return NULL;
}

/* The time of a test broker is not in its journal: after a kill it is that of the last event. */
static bool close_month(uint32_t month, int64_t end_ms)
{
    Vouch__V1__ClockSet set = VOUCH__V1__CLOCK_SET__INIT;
    Vouch__V1__PeriodClose close = VOUCH__V1__PERIOD_CLOSE__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    Vouch__V1__Reply *reply = NULL;
    set.time_ms = end_ms;
    SAY(request, CLOCK_SET, clock_set, set);
    pthread_rwlock_wrlock(&time_lock);
    int outcome = call(world.admin, &request, CALL_MS, &reply);
    pthread_rwlock_unlock(&time_lock);
    vouch_reply_free(&reply);
    if (outcome != VOUCH_OK) {
        fail("the clock: %s", vouch_last_error());
    }
    close.period = month;
    SAY(request, PERIOD_CLOSE, period_close, close);
    outcome = call(fay.v, &request, CALL_MS, &reply);
    if (outcome != VOUCH_OK && (outcome != VOUCH_CONFLICT || strstr(vouch_last_error(), "is not over") == NULL)) {
        fail("closing %u: %s", month, vouch_last_error());
    }
    vouch_reply_free(&reply);
    return outcome == VOUCH_OK;
}

static void pay_out(void)
{
    Vouch__V1__PayoutMake make = VOUCH__V1__PAYOUT_MAKE__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    Vouch__V1__Reply *reply = NULL;
    make.currency = "EUR";
    SAY(request, PAYOUT_MAKE, payout_make, make);
    int outcome = call(fay.v, &request, CALL_MS, &reply);
    if (outcome == VOUCH_OK) {
        went_on(SENT);
        settle_payout(&fay, reply->done->id);
        went_on(SETTLED);
    } else if (outcome != VOUCH_CONFLICT) {
        fail("a batch: %s", vouch_last_error());
    }
    vouch_reply_free(&reply);
}

/* What a payee keeps to prove later that nothing was changed. */
static void tell_hashes(uint32_t month)
{
    Vouch__V1__StatementGet get = VOUCH__V1__STATEMENT_GET__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    Vouch__V1__Reply *reply = NULL;
    get.period = month;
    SAY(request, STATEMENT_GET, statement_get, get);
    int outcome = call(ana.v, &request, CALL_MS, &reply);
    for (size_t i = 0; outcome == VOUCH_OK && i < reply->statement->n_lines; i++) {
        const Vouch__V1__Booking *booking = reply->statement->lines[i]->booking;
        if (booking->number < TOLD_MOST && booking->hash.len == 32) {
            memcpy(told[booking->number], booking->hash.data, 32);
        }
    }
    vouch_reply_free(&reply);
}

static void *close_until_stopped(void *argument)
{
    int64_t end_ms = INT64_C(1801440000000); /* 2027-02-01 */
    (void)argument;
    for (uint32_t month = MONTH_FIRST; !stopping && month < 209900; end_ms += 31 * DAY_MS) {
        while (!close_month(month, end_ms)) {
        }
        went_on(CLOSED);
        pay_out();
        tell_hashes(month);
        month = month % 100 == 12 ? month + 89 : month + 1;
    }
    return NULL;
}

/* ---- what must be true afterwards ---- */

static void count_event(const Vouch__V1__Event *event, uint64_t found[KINDS], unsigned char *payments)
{
    switch (event->body_case) {
    case VOUCH__V1__EVENT__BODY_PAYMENT_RECORDED: {
        uint64_t id = event->payment_recorded->payment->id;
        if (id >= TOLD_MOST || ++payments[id] != 1) {
            fail("P%" PRIu64 " was recorded twice", id);
        }
        found[PAID]++;
        break;
    }
    case VOUCH__V1__EVENT__BODY_COMMISSION_TAKEN:
        found[REFUNDED] += event->commission_taken->refunded_payment != 0;
        break;
    case VOUCH__V1__EVENT__BODY_PERIOD_CLOSED:
        found[CLOSED]++;
        break;
    case VOUCH__V1__EVENT__BODY_PAYOUT_MADE:
        found[SENT]++;
        break;
    case VOUCH__V1__EVENT__BODY_PAYOUT_SETTLED:
        found[SETTLED]++;
        break;
    default:
        break;
    }
}

static void check_journal(const struct view *view, uint64_t last)
{
    static const char *const words[KINDS] = {"payments", "refunds", "closings", "batches", "settlements"};
    uint64_t found[KINDS] = {0};
    unsigned char *payments = calloc(TOLD_MOST, 1);
    for (uint64_t sequence = 1; sequence <= last; sequence++) {
        struct slice bytes;
        Vouch__V1__Event *event = journal_get(view, sequence, &bytes)
                                      ? vouch__v1__event__unpack(NULL, bytes.size, bytes.data)
                                      : NULL;
        if (event == NULL) {
            fail("event %" PRIu64 " cannot be read", sequence);
        }
        count_event(event, found, payments);
        vouch__v1__event__free_unpacked(event, NULL);
    }
    for (uint64_t id = 0; id < TOLD_MOST; id++) {
        if (payments[id] != payment_told[id]) {
            fail("P%" PRIu64 " is %d times in the journal and was acknowledged %d times", id, payments[id],
                 payment_told[id]);
        }
    }
    for (int kind = 0; kind < KINDS; kind++) {
        if (found[kind] != acknowledged[kind]) {
            fail("%" PRIu64 " %s in the journal, %" PRIu64 " acknowledged", found[kind], words[kind],
                 acknowledged[kind]);
        }
        printf("%" PRIu64 " %s, ", found[kind], words[kind]);
    }
    free(payments);
}

static void check_hashes(const struct view *view)
{
    static const uint8_t none[32];
    uint64_t compared = 0;
    for (uint64_t number = 1; number < TOLD_MOST; number++) {
        struct key key = key_u64(number);
        struct slice value;
        if (memcmp(told[number], none, 32) == 0) {
            continue;
        }
        Vouch__V1__Booking *booking = table_get(view, TABLE_BOOKING, key_slice(&key), &value)
                                          ? vouch__v1__booking__unpack(NULL, value.size, value.data)
                                          : NULL;
        if (booking == NULL || booking->hash.len != 32 || memcmp(booking->hash.data, told[number], 32) != 0) {
            fail("Ana was told another hash of L%" PRIu64, number);
        }
        compared++;
        vouch__v1__booking__free_unpacked(booking, NULL);
    }
    printf("%" PRIu64 " hashes as they were told\n", compared);
}

static void check_store(void)
{
    struct store_options options = {.directory = world.store};
    struct store *store = NULL;
    struct status_text why = {""};
    if (store_open(&options, &store, &why) != VOUCH_OK) {
        fail("the store does not open: %s", why.text);
    }
    struct view *view = snapshot_open(store);
    check_journal(view, store_journal_sequence(store));
    check_hashes(view);
    snapshot_close(&view);
    store_close(&store, true);
}

/* ---- the world ---- */

static void make_time_lock(void)
{
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&time_lock, &attributes);
    pthread_rwlockattr_destroy(&attributes);
}

static void begin(struct payer payers[PAYERS], struct person *tom, void *context)
{
    static char clock[64]; /* as long as the broker may be started */
    snprintf(clock, sizeof clock, "manual:%" PRId64, START_MS);
    world_begin(&world, clock);
    world_start(&world);
    world_open_admin(&world);
    fay = person_join(&world, NULL, "Fay Roth", VOUCH__V1__ROLE__FINANCE, 0);
    ana = person_join(&world, NULL, "Ana Sol", VOUCH__V1__ROLE__REP, 0);
    *tom = person_join(&world, context, "Tom Rieke", VOUCH__V1__ROLE__REP, 0);
    uint64_t prospect = add_company(world.admin, "Kestrel Bank");
    for (int i = 0; i < PAYERS; i++) {
        char name[32];
        snprintf(name, sizeof name, "Payer %d", i + 1);
        payers[i].person = person_join(&world, NULL, name, VOUCH__V1__ROLE__FINANCE, 0);
    }
    terms_hold(&payers[0].person, &fay, "house", "EUR", 500, 0);
    for (int i = 0; i < PAYERS * DEALS; i++) {
        payers[i % PAYERS].deals[i / PAYERS] = deal_won(&ana, tom, prospect, DEAL_MINOR, "EUR");
    }
}

static void end(struct payer payers[PAYERS], struct person *tom)
{
    for (int i = 0; i < PAYERS; i++) {
        person_close(&payers[i].person);
    }
    person_close(&fay);
    person_close(&ana);
    person_close(tom);
    vouch_close(&world.admin);
    if (world_stop(&world, SIGTERM) != 0) {
        fail("the broker did not stop cleanly, see %s", world.log);
    }
    const char *const check[] = {"check", NULL}, *const rebuild[] = {"rebuild", NULL};
    if (world_vouchd(&world, check) != 0 || world_vouchd(&world, rebuild) != 0) {
        fail("vouchd check or rebuild found fault, see %s", world.log);
    }
    check_store();
    world_end(&world);
}

int main(int count, char **arguments)
{
    static struct payer payers[PAYERS];
    struct person tom;
    pthread_t closer;
    long kills = count > 1 ? atol(arguments[1]) : 60;
    unsigned seed = count > 2 ? (unsigned)atol(arguments[2]) : (unsigned)time(NULL);
    void *context = zmq_ctx_new();
    printf("kills %ld, seed %u\n", kills, seed);
    payment_told = calloc(TOLD_MOST, sizeof *payment_told);
    told = calloc(TOLD_MOST, sizeof *told);
    make_time_lock();
    begin(payers, &tom, context);
    for (int i = 0; i < PAYERS; i++) {
        if (pthread_create(&payers[i].thread, NULL, pay_until_stopped, &payers[i]) != 0) {
            fail("no thread");
        }
    }
    if (pthread_create(&closer, NULL, close_until_stopped, NULL) != 0) {
        fail("no thread");
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
    stopping = true;
    for (int i = 0; i < PAYERS; i++) {
        pthread_join(payers[i].thread, NULL);
    }
    pthread_join(closer, NULL);
    end(payers, &tom);
    zmq_ctx_term(context);
    free(payment_told);
    free(told);
    return 0;
}
