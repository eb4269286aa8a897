/* SPDX-License-Identifier: Apache-2.0
 *
 * Estimates over history, from real referrals through the shipped models in their real host: which referrals count, in
 * which way they went, and what the answer says of them. */
#include "../plugins/caller.h"
#include "base/clock.h"
#include "world.h"

#include <criterion/criterion.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>

#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name
#define DAY_MS INT64_C(86400000)
#define PEOPLE 8

/* ---- asking on the plugin's own thread ---- */

struct asked {
    struct plugin_job job;
    struct question *question;
    const Vouch__V1__Request *request;
    enum vouch_status status;
    sem_t done;
};

static void run(struct plugin_call *call, struct plugin_job *job)
{
    struct asked *asked = (struct asked *)(void *)job;
    asked->status = advise_estimate(asked->question, asked->request, call);
    sem_post(&asked->done);
}

struct cast {
    struct world *world;
    struct plugin_set *set;
    uint64_t seller, prospect;
    uint64_t people[PEOPLE]; /* A, B, C ... */
    int64_t patience_us;     /* of the next questions */
    Vouch__V1__CommissionEstimate question;
    Vouch__V1__Reply reply;
    const Vouch__V1__Estimate *estimate; /* answered to the last question; NULL: it was refused */
};

/* Asks the question of the cast, of an instance. */
static enum vouch_status estimate(struct cast *cast, const char *instance)
{
    struct world *world = cast->world;
    struct view *view = snapshot_open(world->store);
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    struct asked asked = {.job = {.run = run}, .request = &request};
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_COMMISSION_ESTIMATE;
    request.commission_estimate = &cast->question;
    arena_reset(world->arena);
    vouch__v1__reply__init(&cast->reply);
    struct question question = {.view = view,
                                .arena = world->arena,
                                .now_ms = world->now_ms,
                                .deadline_us = clock_mono_us() + cast->patience_us,
                                .actor = record_member(view, WORLD_ADMIN, world->arena),
                                .policy = &world->policy,
                                .reply = &cast->reply};
    asked.question = &question;
    sem_init(&asked.done, 0, 0);
    cr_assert(plugin_submit(plugin_find(cast->set, PLUGIN_ATTRIBUTION, instance), &asked.job));
    while (sem_wait(&asked.done) != 0) {
    }
    sem_destroy(&asked.done);
    world->why = question.why;
    snapshot_close(&view);
    cast->estimate = asked.status == VOUCH_OK ? cast->reply.estimate : NULL;
    return asked.status;
}

static struct cast cast_new(void)
{
    static const struct tested plugins[] = {{.file = "shapley", .name = "path", .deadline_ms = 10000},
                                            {.file = "shapley", .name = "rate", .settings = {"model", "rate"}},
                                            {.file = "markov", .deadline_ms = 10000},
                                            {.file = "linear"}};
    struct cast cast = {.world = world_new(), .set = caller_start(plugins, 4), .patience_us = 10000000};
    cast.seller = world_member(cast.world, "Tom Rieke", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    cast.prospect = world_company(cast.world, "Kestrel Bank", "kestrel.example", VOUCH__V1__COMPANY_KIND__PROSPECT);
    for (uint64_t i = 0; i < PEOPLE; i++) {
        char name[] = "Person A";
        name[7] = (char)('A' + i);
        cast.people[i] = world_member(cast.world, name, VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    }
    vouch__v1__commission_estimate__init(&cast.question);
    cast.question.currency = "EUR";
    return cast;
}

static void cast_free(struct cast *cast)
{
    plugin_set_stop(&cast->set);
    world_free(&cast->world);
}

/* A referral by the first of the letters with the help of the others, in order, that the seller won (for `minor`) or,
 * below zero, lost. */
#define LOST INT64_C(-1)
static uint64_t referral(struct cast *cast, const char *letters, int64_t minor)
{
    static const Vouch__V1__ReferralVerb path[] = {VERB(ACCEPT), VERB(CONTACT), VERB(MEET), VERB(QUALIFY)};
    struct world *world = cast->world;
    uint64_t id = world_submit(world, cast->people[letters[0] - 'A'], cast->prospect, cast->seller);
    for (size_t i = 0; i < (minor == LOST ? 2 : 4); i++) {
        cr_assert_eq(world_move(world, cast->seller, id, path[i], 0, 0), VOUCH_OK, "%s", world->why.text);
    }
    for (const char *letter = letters + 1; *letter != '\0'; letter++) {
        Vouch__V1__ReferralCredit credit = VOUCH__V1__REFERRAL_CREDIT__INIT;
        credit.referral = id;
        credit.member = cast->people[*letter - 'A'];
        credit.kind = VOUCH__V1__TOUCH__KIND__MEETING;
        credit.note = "came along";
        world_do(world, cast->seller, REQUEST_OF(REFERRAL_CREDIT, referral_credit, &credit));
    }
    enum vouch_status status = world_move(world, cast->seller, id, minor == LOST ? VERB(LOSE) : VERB(WIN), 0, minor);
    cr_assert_eq(status, VOUCH_OK, "%s", world->why.text);
    return id;
}

static void expect_share(const struct cast *cast, size_t i, char letter, const char *raw, int64_t weight, int64_t minor)
{
    char text[64];
    const Vouch__V1__Estimate__Share *share = cast->estimate->shares[i];
    snprintf(text, sizeof text, "%lld/%lld", (long long)share->raw_numerator, (long long)share->raw_denominator);
    cr_expect_eq(share->member, cast->people[letter - 'A'], "share %zu is not of %c but of %s", i, letter, share->name);
    cr_expect_eq(share->name[7], letter);
    cr_expect_str_eq(text, raw, "%c: %s, not %s", letter, text, raw);
    cr_expect_eq(share->weight, weight, "%c: weight %lld", letter, (long long)share->weight);
    cr_expect_eq(share->minor, minor, "%c: %lld of the pool", letter, (long long)share->minor);
}

/* ---- the vectors of the field, from referrals ---- */

Test(estimate, vectors_from_real_referrals)
{
    struct cast cast = cast_new();
    /* V10 */
    referral(&cast, "ABC", 70001);
    referral(&cast, "A", LOST);
    referral(&cast, "BC", LOST);
    cast.question.pool_minor = 100000;
    cr_assert_eq(estimate(&cast, "markov"), VOUCH_OK, "%s", cast.world->why.text);
    cr_assert_eq(cast.estimate->n_shares, 3);
    expect_share(&cast, 0, 'B', "1/1", 2, 40000);
    expect_share(&cast, 1, 'C', "1/1", 2, 40000);
    expect_share(&cast, 2, 'A', "1/2", 1, 20000);
    cr_expect_str_eq(cast.estimate->plugin, "markov");
    cr_expect_eq(cast.estimate->won, 1);
    cr_expect_eq(cast.estimate->lost, 2);
    cr_expect_eq(cast.estimate->paths, 3);
    cr_expect_eq(cast.estimate->value_minor, 70001);
    cr_expect_eq(cast.estimate->shares[2]->won, 1);
    cr_expect_eq(cast.estimate->shares[2]->lost, 1);
    /* V9, with what is there already and without the lost ones, which a path model does not look at */
    referral(&cast, "A", 30000);
    referral(&cast, "AB", 50000);
    referral(&cast, "BC", 20000);
    cast.question.pool_minor = 17000;
    cr_assert_eq(estimate(&cast, "path"), VOUCH_OK, "%s", cast.world->why.text);
    expect_share(&cast, 0, 'A', "235001/3", 235001, 7833);
    expect_share(&cast, 1, 'B', "175001/3", 175001, 5833);
    expect_share(&cast, 2, 'C', "100001/3", 100001, 3334);
    cr_expect_eq(cast.estimate->value_minor, 170001);
    world_verify(cast.world);
    cast_free(&cast);
}

/* A negative value is told and weighs nothing. */
Test(estimate, what_is_below_zero_is_told)
{
    struct cast cast = cast_new();
    referral(&cast, "A", 100);
    referral(&cast, "AB", LOST);
    cast.question.pool_minor = 1000;
    cr_assert_eq(estimate(&cast, "rate"), VOUCH_OK, "%s", cast.world->why.text);
    expect_share(&cast, 0, 'A', "3/4", 1, 1000);
    expect_share(&cast, 1, 'B', "-1/4", 0, 0);
    cast_free(&cast);
}

/* ---- which referrals count ---- */

Test(estimate, closed_in_the_time_that_was_asked_about)
{
    struct cast cast = cast_new();
    world_submit(cast.world, cast.people[3], cast.prospect, cast.seller); /* open */
    referral(&cast, "A", 1000);
    int64_t first_ms = cast.world->now_ms;
    world_wait(cast.world, DAY_MS);
    referral(&cast, "BA", LOST);
    int64_t second_ms = cast.world->now_ms;
    world_wait(cast.world, DAY_MS);
    const struct {
        int64_t from_ms, until_ms;
        uint64_t won, lost;
        enum vouch_status status;
    } cases[] = {
        {0, 0, 1, 1, VOUCH_OK},
        {0, first_ms + 1, 1, 0, VOUCH_OK},
        {0, first_ms, 0, 0, VOUCH_NOT_FOUND},
        {first_ms, 0, 1, 1, VOUCH_OK},
        {first_ms + 1, 0, 0, 1, VOUCH_OK},
        {second_ms, second_ms + 1, 0, 1, VOUCH_OK},
        {second_ms + 1, 0, 0, 0, VOUCH_NOT_FOUND},
        {second_ms, second_ms, 0, 0, VOUCH_INVALID},
        {cast.world->now_ms, 0, 0, 0, VOUCH_NOT_FOUND},
        {cast.world->now_ms + 1, 0, 0, 0, VOUCH_INVALID},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cast.question.from_ms = cases[i].from_ms;
        cast.question.until_ms = cases[i].until_ms;
        cr_expect_eq(estimate(&cast, "markov"), cases[i].status, "case %zu: %s", i, cast.world->why.text);
        if (cast.estimate != NULL) {
            cr_expect_eq(cast.estimate->won, cases[i].won, "case %zu", i);
            cr_expect_eq(cast.estimate->lost, cases[i].lost, "case %zu", i);
        }
    }
    cast_free(&cast);
}

static void import(struct cast *cast, char letter, Vouch__V1__ReferralState state)
{
    Vouch__V1__Referral row = VOUCH__V1__REFERRAL__INIT;
    Vouch__V1__ReferralImport asked = VOUCH__V1__REFERRAL_IMPORT__INIT;
    Vouch__V1__Money value = VOUCH__V1__MONEY__INIT;
    char origin[] = "crm:?";
    origin[4] = letter;
    row.referrer = cast->people[letter - 'A'];
    row.receiver = cast->seller;
    row.prospect = cast->prospect;
    row.state = state;
    row.registered_ms = 1000;
    row.changed_ms = 2000;
    value.currency = "EUR";
    value.minor = 500;
    row.value = state == VOUCH__V1__REFERRAL_STATE__WON ? &value : NULL;
    asked.referral = &row;
    asked.origin = origin;
    world_do(cast->world, WORLD_ADMIN, REQUEST_OF(REFERRAL_IMPORT, referral_import, &asked));
}

Test(estimate, history_from_elsewhere_only_when_asked)
{
    struct cast cast = cast_new();
    referral(&cast, "A", 1000);
    import(&cast, 'B', VOUCH__V1__REFERRAL_STATE__WON);
    import(&cast, 'C', VOUCH__V1__REFERRAL_STATE__LOST);
    import(&cast, 'D', VOUCH__V1__REFERRAL_STATE__MEETING);
    cr_assert_eq(estimate(&cast, "path"), VOUCH_OK);
    cr_expect_eq(cast.estimate->won + cast.estimate->lost, 1);
    cast.question.imported = true;
    cr_assert_eq(estimate(&cast, "path"), VOUCH_OK);
    cr_expect_eq(cast.estimate->won, 2);
    cr_expect_eq(cast.estimate->lost, 1);
    cr_assert_eq(cast.estimate->n_shares, 3);
    expect_share(&cast, 0, 'A', "1000/1", 2, 0);
    expect_share(&cast, 1, 'B', "500/1", 1, 0);
    expect_share(&cast, 2, 'C', "0/1", 0, 0);
    cast_free(&cast);
}

/* Currencies are never added together: a deal in another one counts as won, without a value. */
Test(estimate, currencies_are_not_mixed)
{
    struct cast cast = cast_new();
    referral(&cast, "A", 1000);
    cast.question.currency = "USD";
    cr_assert_eq(estimate(&cast, "path"), VOUCH_OK);
    cr_expect_eq(cast.estimate->won, 1);
    cr_expect_eq(cast.estimate->other_currency, 1);
    cr_expect_eq(cast.estimate->value_minor, 0);
    expect_share(&cast, 0, 'A', "0/1", 0, 0);
    cr_assert_eq(estimate(&cast, "markov"), VOUCH_OK);
    expect_share(&cast, 0, 'A', "1/1", 1, 0);
    cast_free(&cast);
}

/* The same history has the same digest, another one another. */
Test(estimate, digest_is_of_the_history)
{
    struct cast cast = cast_new();
    uint8_t first[32];
    cast.question.until_ms = cast.world->now_ms + DAY_MS;
    referral(&cast, "BA", 1000);
    referral(&cast, "A", LOST);
    cr_assert_eq(estimate(&cast, "path"), VOUCH_OK);
    cr_assert_eq(cast.estimate->digest.len, 32);
    memcpy(first, cast.estimate->digest.data, 32);
    cast.question.pool_minor = 5;
    cr_assert_eq(estimate(&cast, "markov"), VOUCH_OK);
    cr_expect(memcmp(first, cast.estimate->digest.data, 32) == 0, "another plugin, another pool: the same history");
    referral(&cast, "A", LOST);
    cr_assert_eq(estimate(&cast, "markov"), VOUCH_OK);
    cr_expect(memcmp(first, cast.estimate->digest.data, 32) != 0);
    cast_free(&cast);
}

/* ---- refusals ---- */

Test(estimate, refusals)
{
    struct cast cast = cast_new();
    cr_expect_eq(estimate(&cast, "markov"), VOUCH_NOT_FOUND);
    cr_expect(strstr(cast.world->why.text, "no referral of this broker was won or lost") != NULL);
    referral(&cast, "A", 1000);
    cast.question.currency = "XAU";
    cr_expect_eq(estimate(&cast, "markov"), VOUCH_INVALID, "%s", cast.world->why.text);
    cast.question.currency = "eur";
    cr_expect_eq(estimate(&cast, "markov"), VOUCH_INVALID, "%s", cast.world->why.text);
    cast.question.currency = "EUR";
    cr_expect_eq(estimate(&cast, "linear"), VOUCH_UNAVAILABLE);
    cr_expect(strstr(cast.world->why.text, "does not estimate over history") != NULL, "%s", cast.world->why.text);
    cr_expect_eq(estimate(&cast, "markov"), VOUCH_OK);
    cast_free(&cast);
}

/* Writes the number as that many letters, each once: the number's place among all orders of eight. */
static void order_of(uint32_t number, char letters[PEOPLE + 1])
{
    char left[PEOPLE + 1] = "ABCDEFGH";
    for (uint32_t i = 0; i < PEOPLE; i++) {
        uint32_t which = number % (PEOPLE - i);
        number /= PEOPLE - i;
        letters[i] = left[which];
        memmove(left + which, left + which + 1, strlen(left + which));
    }
    letters[PEOPLE] = '\0';
}

/* Referrals that were lost, each by eight people in another order; written straight into the table, as making so many
 * takes half a minute. */
static void lost_in_orders(struct cast *cast, uint32_t first, uint32_t count)
{
    struct arena *scratch = arena_new((size_t)1 << 20);
    struct view *view = state_write_view(cast->world->store, &cast->world->why);
    cr_assert_not_null(view);
    for (uint32_t number = first; number < first + count; number++) {
        Vouch__V1__Referral row = VOUCH__V1__REFERRAL__INIT;
        Vouch__V1__Touch touches[PEOPLE];
        Vouch__V1__Touch *pointers[PEOPLE];
        char letters[PEOPLE + 1];
        order_of(number, letters);
        for (uint32_t i = 0; i < PEOPLE; i++) {
            vouch__v1__touch__init(&touches[i]);
            touches[i].member = cast->people[letters[i] - 'A'];
            touches[i].sequence = 10 + i;
            touches[i].kind = VOUCH__V1__TOUCH__KIND__MEETING;
            pointers[i] = &touches[i];
        }
        row.id = 100 + number;
        row.referrer = touches[0].member;
        row.state = VOUCH__V1__REFERRAL_STATE__LOST;
        row.changed_ms = cast->world->now_ms;
        row.n_touches = PEOPLE;
        row.touches = pointers;
        arena_reset(scratch);
        record_put(view, TABLE_REFERRAL, row.id, &row.base, scratch);
    }
    arena_free(&scratch);
    cr_assert_eq(state_commit(cast->world->store, cast->world->sequence, &cast->world->why), VOUCH_OK);
}

/* One way more than an estimate takes, and a clock that runs out on the way. */
Test(estimate, too_many_ways_and_too_little_time)
{
    struct cast cast = cast_new();
    lost_in_orders(&cast, 0, VOUCH_PATHS_MAX);
    int64_t start_us = clock_mono_us();
    cr_assert_eq(estimate(&cast, "path"), VOUCH_OK, "%s", cast.world->why.text);
    fprintf(stderr, "%u ways: %lld us\n", VOUCH_PATHS_MAX, (long long)(clock_mono_us() - start_us));
    cr_expect_eq(cast.estimate->paths, VOUCH_PATHS_MAX);
    cr_expect_eq(cast.estimate->lost, VOUCH_PATHS_MAX);
    lost_in_orders(&cast, VOUCH_PATHS_MAX, 1);
    cr_expect_eq(estimate(&cast, "path"), VOUCH_TOO_LARGE);
    cr_expect(strstr(cast.world->why.text, "ask about a shorter time") != NULL, "%s", cast.world->why.text);
    cast.patience_us = 0;
    cr_expect_eq(estimate(&cast, "path"), VOUCH_TIMEOUT);
    cast_free(&cast);
}
