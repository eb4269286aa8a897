/* SPDX-License-Identifier: Apache-2.0
 *
 * A real pipeline, lived through again: every opportunity of the CRM data set becomes a referral from an agent's
 * manager to the agent, and 41 people's own connections move it through its states on its dates, under a clock that the
 * test turns. At the end the broker's sums must equal what this file adds up by itself from the data. Argument: the
 * directory of the data set; without it the test is skipped (exit code 77). */
#include "world.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SKIPPED 77
#define MOST_PEOPLE 64
#define MOST_ACCOUNTS 128
#define MOST_DEALS 10000
#define RATE_BPS 300
#define MS_PER_DAY INT64_C(86400000)
#define WORKDAY_STARTS_MS INT64_C(32400000) /* 09:00 */

struct person {
    char name[64];
    uint64_t id;
    struct vouch *v;
    size_t manager; /* of an agent; SIZE_MAX for a manager */
    pthread_t thread;
};

struct deal {
    size_t agent;
    size_t account;
    char product[32];
    int64_t engaged_day; /* since 1970; the last day of all for a deal without a date: it was handed over just now */
    int64_t closed_day;  /* 0: not closed */
    bool engaged, won;
    int64_t value_minor;
    uint64_t referral; /* once submitted */
};

static struct person people[MOST_PEOPLE];
static size_t people_count;
static char accounts[MOST_ACCOUNTS][64];
static uint64_t account_ids[MOST_ACCOUNTS];
static size_t account_count;
static struct deal deals[MOST_DEALS];
static size_t deal_count;
static struct vouch *bookkeeper; /* the admin; any thread may use it */

/* What the days are worked through by: each day has two halves, the managers' and the agents'. */
static pthread_barrier_t half_begins, half_ends;
static int64_t today; /* 0: go home */
static bool managers_turn;

/* ---- Reading. The files are plain: no quotes, no commas in fields. ---- */

static FILE *open_file(const char *directory, const char *name)
{
    char path[4096], line[1024];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "r");
    if (file == NULL || fgets(line, sizeof line, file) == NULL) {
        fail("cannot read %s", path);
    }
    return file;
}

static size_t read_fields(FILE *file, char *line, size_t room, char **fields, size_t most)
{
    if (fgets(line, (int)room, file) == NULL) {
        return 0;
    }
    line[strcspn(line, "\r\n")] = '\0';
    size_t count = 0;
    for (char *rest = line; rest != NULL && count < most;) {
        fields[count++] = strsep(&rest, ",");
    }
    return count;
}

static size_t find_person(const char *name)
{
    for (size_t i = 0; i < people_count; i++) {
        if (strcmp(people[i].name, name) == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

static size_t add_person(const char *name, size_t manager)
{
    if (people_count == MOST_PEOPLE) {
        fail("too many people");
    }
    snprintf(people[people_count].name, sizeof people[0].name, "%s", name);
    people[people_count].manager = manager;
    return people_count++;
}

static void read_teams(const char *directory)
{
    char line[1024], *fields[3];
    FILE *file = open_file(directory, "sales_teams.csv");
    while (read_fields(file, line, sizeof line, fields, 3) == 3) {
        size_t manager = find_person(fields[1]);
        add_person(fields[0], manager != SIZE_MAX ? manager : add_person(fields[1], SIZE_MAX));
    }
    fclose(file);
}

static void read_accounts(const char *directory)
{
    char line[1024], *fields[7];
    FILE *file = open_file(directory, "accounts.csv");
    snprintf(accounts[account_count++], sizeof accounts[0], "(account not recorded)");
    while (read_fields(file, line, sizeof line, fields, 7) >= 1 && account_count < MOST_ACCOUNTS) {
        snprintf(accounts[account_count++], sizeof accounts[0], "%s", fields[0]);
    }
    fclose(file);
}

static size_t find_account(const char *name)
{
    for (size_t i = 1; i < account_count; i++) {
        if (strcmp(accounts[i], name) == 0) {
            return i;
        }
    }
    return 0;
}

static int64_t day_of(const char *text)
{
    struct tm date = {0};
    if (sscanf(text, "%d-%d-%d", &date.tm_year, &date.tm_mon, &date.tm_mday) != 3) {
        return 0;
    }
    date.tm_year -= 1900;
    date.tm_mon -= 1;
    return timegm(&date) / 86400;
}

static void read_pipeline(const char *directory)
{
    char line[1024], *fields[8];
    FILE *file = open_file(directory, "sales_pipeline.csv");
    while (read_fields(file, line, sizeof line, fields, 8) == 8 && deal_count < MOST_DEALS) {
        struct deal *deal = &deals[deal_count++];
        deal->agent = find_person(fields[1]);
        if (deal->agent == SIZE_MAX) {
            fail("opportunity %s is of %s, who is in no team", fields[0], fields[1]);
        }
        snprintf(deal->product, sizeof deal->product, "%s", strcmp(fields[2], "GTXPro") == 0 ? "GTX Pro" : fields[2]);
        deal->account = find_account(fields[3]);
        deal->engaged = strcmp(fields[4], "Prospecting") != 0;
        deal->won = strcmp(fields[4], "Won") == 0;
        deal->engaged_day = day_of(fields[5]);
        deal->closed_day = deal->won || strcmp(fields[4], "Lost") == 0 ? day_of(fields[6]) : 0;
        deal->value_minor = deal->won ? strtoll(fields[7], NULL, 10) * 100 : 0;
    }
    fclose(file);
}

/* ---- Living through it ---- */

static void hand_over(struct person *manager, struct deal *deal)
{
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    text.need = deal->product;
    text.vouch = "A lead of my team, qualified by me.";
    Vouch__V1__ReferralSubmit referral = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    referral.prospect = account_ids[deal->account];
    referral.receiver = people[deal->agent].id;
    referral.product = deal->product;
    referral.consent = true;
    referral.text = &text;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_REFERRAL_SUBMIT;
    request.referral_submit = &referral;
    deal->referral = command(manager->v, &request);
}

static void step(struct person *agent, const struct deal *deal, Vouch__V1__ReferralVerb verb)
{
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    text.reason = "as the pipeline has it";
    text.note = "as the pipeline has it";
    Vouch__V1__Money value = VOUCH__V1__MONEY__INIT;
    value.minor = deal->value_minor;
    value.currency = "USD";
    Vouch__V1__ReferralMove moving = VOUCH__V1__REFERRAL_MOVE__INIT;
    moving.referral = deal->referral;
    moving.verb = verb;
    moving.text = &text;
    moving.value = verb == VOUCH__V1__REFERRAL_VERB__WIN ? &value : NULL;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_REFERRAL_MOVE;
    request.referral_move = &moving;
    command(agent->v, &request);
}

/* The customer pays at once, and the admin keeps the books. */
static void pay(const struct deal *deal)
{
    char reference[32];
    Vouch__V1__Money amount = VOUCH__V1__MONEY__INIT;
    amount.minor = deal->value_minor;
    amount.currency = "USD";
    Vouch__V1__PaymentRecord payment = VOUCH__V1__PAYMENT_RECORD__INIT;
    snprintf(reference, sizeof reference, "INV-%" PRIu64, deal->referral);
    payment.referral = deal->referral;
    payment.amount = &amount;
    payment.reference = reference;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_PAYMENT_RECORD;
    request.payment_record = &payment;
    command(bookkeeper, &request);
}

static void work(struct person *agent, const struct deal *deal)
{
    if (deal->engaged && deal->engaged_day == today) {
        step(agent, deal, VOUCH__V1__REFERRAL_VERB__ACCEPT);
        step(agent, deal, VOUCH__V1__REFERRAL_VERB__CONTACT);
    }
    if (deal->closed_day == today) {
        step(agent, deal, VOUCH__V1__REFERRAL_VERB__MEET);
        step(agent, deal, VOUCH__V1__REFERRAL_VERB__QUALIFY);
        step(agent, deal, deal->won ? VOUCH__V1__REFERRAL_VERB__WIN : VOUCH__V1__REFERRAL_VERB__LOSE);
        if (deal->won) {
            pay(deal);
        }
    }
}

static void *live(void *argument)
{
    struct person *person = argument;
    size_t self = (size_t)(person - people);
    for (;;) {
        pthread_barrier_wait(&half_begins);
        if (today == 0) {
            return NULL;
        }
        for (size_t i = 0; i < deal_count; i++) {
            if (managers_turn && people[deals[i].agent].manager == self && deals[i].engaged_day == today) {
                hand_over(person, &deals[i]);
            } else if (!managers_turn && deals[i].agent == self) {
                work(person, &deals[i]);
            }
        }
        pthread_barrier_wait(&half_ends);
    }
}

static void half_day(int64_t day, bool managers)
{
    today = day;
    managers_turn = managers;
    pthread_barrier_wait(&half_begins);
    if (day != 0) {
        pthread_barrier_wait(&half_ends);
    }
}

static bool anything_on(int64_t day)
{
    for (size_t i = 0; i < deal_count; i++) {
        if (deals[i].engaged_day == day || deals[i].closed_day == day) {
            return true;
        }
    }
    return false;
}

static void live_through(struct world *world, int64_t first, int64_t last)
{
    bookkeeper = world->admin;
    unsigned everybody = (unsigned)people_count + 1;
    pthread_barrier_init(&half_begins, NULL, everybody);
    pthread_barrier_init(&half_ends, NULL, everybody);
    for (size_t i = 0; i < people_count; i++) {
        if (pthread_create(&people[i].thread, NULL, live, &people[i]) != 0) {
            fail("no thread");
        }
    }
    for (int64_t day = first; day <= last; day++) {
        if (anything_on(day)) {
            set_clock(world, day * MS_PER_DAY + WORKDAY_STARTS_MS);
            half_day(day, true);
            half_day(day, false);
        }
    }
    half_day(0, false);
    for (size_t i = 0; i < people_count; i++) {
        pthread_join(people[i].thread, NULL);
    }
}

/* ---- The reckoning ---- */

/* Round half to even, the schoolbook way. */
static int64_t commission_of(int64_t value_minor)
{
    int64_t product = value_minor * RATE_BPS;
    int64_t whole = product / 10000, rest = product % 10000;
    if (rest > 5000 || (rest == 5000 && whole % 2 != 0)) {
        whole++;
    }
    return whole;
}

static void expect_state(const Vouch__V1__TotalsResult *totals, Vouch__V1__ReferralState state, uint64_t expected)
{
    uint64_t found = 0;
    for (size_t i = 0; i < totals->n_states; i++) {
        found += totals->states[i]->state == state ? totals->states[i]->count : 0;
    }
    if (found != expected) {
        fail("state %d: the broker counts %" PRIu64 ", the data %" PRIu64, (int)state, found, expected);
    }
}

static void compare_totals(struct world *world)
{
    uint64_t won = 0, lost = 0, contacted = 0, offered = 0;
    int64_t value = 0, commission = 0;
    for (size_t i = 0; i < deal_count; i++) {
        const struct deal *deal = &deals[i];
        won += deal->won;
        lost += deal->closed_day != 0 && !deal->won;
        contacted += deal->engaged && deal->closed_day == 0;
        offered += !deal->engaged;
        value += deal->value_minor;
        commission += deal->won ? commission_of(deal->value_minor) : 0;
    }
    printf("data: won %" PRIu64 ", lost %" PRIu64 ", engaged %" PRIu64 ", prospecting %" PRIu64 ", value %" PRId64
           ".%02" PRId64 ", commission %" PRId64 ".%02" PRId64 "\n",
           won, lost, contacted, offered, value / 100, value % 100, commission / 100, commission % 100);
    if (won != 4238 || lost != 2473 || value != INT64_C(1000553400)) {
        fail("the data set is not the one this test knows");
    }
    Vouch__V1__Totals query = VOUCH__V1__TOTALS__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    Vouch__V1__Reply *reply = NULL;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_TOTALS;
    request.totals = &query;
    ask(world->admin, &request, VOUCH_OK, &reply);
    const Vouch__V1__TotalsResult *totals = reply->totals;
    expect_state(totals, VOUCH__V1__REFERRAL_STATE__WON, won);
    expect_state(totals, VOUCH__V1__REFERRAL_STATE__LOST, lost);
    expect_state(totals, VOUCH__V1__REFERRAL_STATE__CONTACTED, contacted);
    expect_state(totals, VOUCH__V1__REFERRAL_STATE__OFFERED, offered);
    if (totals->n_amounts != 1 || strcmp(totals->amounts[0]->currency, "USD") != 0 ||
        totals->amounts[0]->won_minor != value || totals->amounts[0]->commission_minor != commission) {
        fail("the broker's amounts differ: value %" PRId64 ", commission %" PRId64,
             totals->n_amounts == 1 ? totals->amounts[0]->won_minor : -1,
             totals->n_amounts == 1 ? totals->amounts[0]->commission_minor : -1);
    }
    vouch_reply_free(&reply);
}

int main(int count, char **arguments)
{
    if (count < 2 || access(arguments[1], R_OK) != 0) {
        puts("skipped: the data set is not there");
        return SKIPPED;
    }
    read_teams(arguments[1]);
    read_accounts(arguments[1]);
    read_pipeline(arguments[1]);
    int64_t first = INT64_MAX, last = 0;
    for (size_t i = 0; i < deal_count; i++) {
        if (deals[i].engaged_day != 0 && deals[i].engaged_day < first) {
            first = deals[i].engaged_day;
        }
        last = deals[i].closed_day > last ? deals[i].closed_day : last;
        last = deals[i].engaged_day > last ? deals[i].engaged_day : last;
    }
    for (size_t i = 0; i < deal_count; i++) {
        deals[i].engaged_day = deals[i].engaged_day == 0 ? last : deals[i].engaged_day;
    }
    struct world world = {0};
    char clock[64];
    snprintf(clock, sizeof clock, "manual:%" PRId64, (first - 1) * MS_PER_DAY);
    world_begin(&world, clock);
    /* The data tell nothing between the first contact and the end, which can be months: nobody is called a ghost here.
     */
    world.options[0] = "--update_days";
    world.options[1] = "365";
    world_start(&world);
    world_open_admin(&world);
    for (size_t i = 0; i < account_count; i++) {
        account_ids[i] = add_company(world.admin, accounts[i]);
    }
    for (size_t i = 0; i < people_count; i++) {
        bool manages = people[i].manager == SIZE_MAX;
        people[i].v = world_join(&world, people[i].name, manages ? VOUCH__V1__ROLE__MANAGER : VOUCH__V1__ROLE__REP, 0,
                                 &people[i].id);
    }
    live_through(&world, first, last);
    compare_totals(&world);
    for (size_t i = 0; i < people_count; i++) {
        vouch_close(&people[i].v);
    }
    vouch_close(&world.admin);
    if (world_stop(&world, SIGTERM) != 0) {
        fail("the broker did not stop cleanly, see %s", world.log);
    }
    const char *const check[] = {"check", NULL}, *const rebuild[] = {"rebuild", NULL};
    if (world_vouchd(&world, check) != 0 || world_vouchd(&world, rebuild) != 0) {
        fail("vouchd check or rebuild found fault, see %s", world.log);
    }
    world_end(&world);
    printf("%zu opportunities, %zu people: the broker's sums are the data's\n", deal_count, people_count);
    return 0;
}
