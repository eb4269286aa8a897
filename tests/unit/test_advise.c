/* SPDX-License-Identifier: Apache-2.0
 *
 * Advice, through the shipped plugins in their real host: ranked receivers whose scores add up and whose gates are
 * told, and weights that a decision accepts as long as they are fresh. */
#include "../plugins/caller.h"
#include "base/clock.h"
#include "world.h"

#include <criterion/criterion.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>

#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name

/* ---- asking on the plugin's own thread ---- */

struct asked {
    struct plugin_job job;
    struct question *question;
    const Vouch__V1__Request *request; /* a match; NULL: an attribution for `win` */
    Vouch__V1__ReferralMove win;
    struct advice *advice;
    enum vouch_status status;
    sem_t done;
};

static void run(struct plugin_call *call, struct plugin_job *job)
{
    struct asked *asked = (struct asked *)(void *)job;
    asked->status = asked->request != NULL ? advise_match(asked->question, asked->request, call)
                                           : advise_attribution(asked->question, &asked->win, call, asked->advice);
    sem_post(&asked->done);
}

static enum vouch_status ask(struct world *world, struct plugin *plugin, uint64_t member, struct asked *asked,
                             Vouch__V1__Reply *reply)
{
    struct view *view = snapshot_open(world->store);
    arena_reset(world->arena);
    vouch__v1__reply__init(reply);
    struct question question = {.view = view,
                                .arena = world->arena,
                                .now_ms = world->now_ms,
                                .deadline_us = clock_mono_us() + 10000000,
                                .actor = record_member(view, member, world->arena),
                                .policy = &world->policy,
                                .reply = reply};
    asked->job.run = run;
    asked->question = &question;
    sem_init(&asked->done, 0, 0);
    cr_assert(plugin_submit(plugin, &asked->job));
    while (sem_wait(&asked->done) != 0) {
    }
    sem_destroy(&asked->done);
    world->why = question.why;
    snapshot_close(&view);
    return asked->status;
}

static enum vouch_status match(struct world *world, struct plugin_set *set, uint64_t member,
                               const Vouch__V1__Match *asked_for, const Vouch__V1__Ranking **ranking)
{
    static Vouch__V1__Reply reply;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_MATCH;
    request.match = (Vouch__V1__Match *)(uintptr_t)asked_for;
    struct asked asked = {.request = &request};
    enum vouch_status status = ask(world, plugin_find(set, PLUGIN_MATCHER, "ideal-client"), member, &asked, &reply);
    *ranking = status == VOUCH_OK ? reply.ranking : NULL;
    return status;
}

/* ---- matching ---- */

struct cast {
    struct world *world;
    struct plugin_set *set;
    uint64_t ana, tom, priya, ben, kestrel;
};

static void set_card(struct cast *cast, uint64_t member, char *issue, char *country, uint32_t capacity)
{
    char *industries[] = {"Banking"};
    Vouch__V1__Card card = VOUCH__V1__CARD__INIT;
    Vouch__V1__CardSetting set = VOUCH__V1__CARD_SETTING__INIT;
    card.issues = &issue;
    card.n_issues = 1;
    card.industries = industries;
    card.n_industries = 1;
    card.countries = &country;
    card.n_countries = country[0] == '\0' ? 0 : 1;
    card.city = "Hamburg";
    card.country = "DE";
    card.capacity = capacity;
    set.card = &card;
    world_do(cast->world, member, REQUEST_OF(CARD_SET, card_set, &set));
}

static struct cast cast_new(void)
{
    static const struct tested plugins[] = {{.file = "ideal-client"}, {.file = "linear"}};
    struct cast cast = {.world = world_new(), .set = caller_start(plugins, 2)};
    struct world *world = cast.world;
    cast.ana = world_member(world, "Ana Sousa", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    cast.tom = world_member(world, "Tom Rieke", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    cast.priya = world_member(world, "Priya Nair", VOUCH__V1__ROLE__REP, WORLD_HOME, "UK");
    cast.ben = world_member(world, "Ben Adler", VOUCH__V1__ROLE__MANAGER, WORLD_HOME, "Nordics");
    Vouch__V1__CompanyAdd add = VOUCH__V1__COMPANY_ADD__INIT;
    add.name = "Kestrel Bank";
    add.industry = "banking";
    add.country = "DE";
    add.city = "Hamburg";
    add.size_band = 5;
    cast.kestrel = world_do(world, WORLD_ADMIN, REQUEST_OF(COMPANY_ADD, company_add, &add));
    set_card(&cast, cast.tom, "Archive", "DE", 2);
    set_card(&cast, cast.priya, "Payments", "", 2);
    Vouch__V1__TieSetting tie = VOUCH__V1__TIE_SETTING__INIT;
    tie.to_member = cast.tom;
    tie.strength_ppm = 890000;
    world_do(world, cast.ana, REQUEST_OF(TIE_SET, tie_set, &tie));
    return cast;
}

static void cast_free(struct cast *cast)
{
    plugin_set_stop(&cast->set);
    world_free(&cast->world);
}

static void check_sums(const Vouch__V1__Candidate *candidate)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < candidate->n_components; i++) {
        sum += candidate->components[i]->contribution_ppm;
    }
    cr_assert_eq(sum, candidate->bracket_ppm);
    cr_assert_leq(candidate->score_ppm, candidate->bracket_ppm);
}

Test(advise, receivers_are_ranked_and_explained)
{
    struct cast cast = cast_new();
    char *issues[] = {"ARCHIVE"};
    Vouch__V1__Match asked = VOUCH__V1__MATCH__INIT;
    const Vouch__V1__Ranking *ranking;
    asked.prospect = cast.kestrel;
    asked.issues = issues;
    asked.n_issues = 1;
    cr_assert_eq(match(cast.world, cast.set, cast.ana, &asked, &ranking), VOUCH_OK, "%s", cast.world->why.text);
    cr_assert_str_eq(ranking->plugin, "ideal-client");
    cr_assert_eq(ranking->considered, 3); /* neither herself nor the admin */
    cr_assert_eq(ranking->n_candidates, 3);
    const Vouch__V1__Candidate *first = ranking->candidates[0];
    cr_assert_eq(first->member, cast.tom);
    cr_assert_str_eq(first->name, "Tom Rieke");
    cr_assert_str_eq(first->team, "DACH");
    cr_assert_eq(first->reliability_ppm / 100, 3684);
    cr_assert_eq(first->capacity_ppm, 1000000);
    check_sums(first);
    check_sums(ranking->candidates[1]);
    cr_assert_gt(first->score_ppm, ranking->candidates[1]->score_ppm);
    cr_assert_eq(ranking->candidates[2]->member, cast.ben);
    cr_assert_eq(ranking->candidates[2]->n_gates_failed, 1);
    cr_assert_str_eq(ranking->candidates[2]->gates_failed[0], "has no card yet");
    asked.limit = 1;
    cr_assert_eq(match(cast.world, cast.set, cast.ana, &asked, &ranking), VOUCH_OK);
    cr_assert_eq(ranking->n_candidates, 1);
    cast_free(&cast);
}

Test(advise, who_is_full_or_elsewhere_is_out)
{
    struct cast cast = cast_new();
    world_submit(cast.world, cast.ana, cast.kestrel, cast.tom);
    world_submit(cast.world, cast.ana, cast.kestrel, cast.tom);
    set_card(&cast, cast.priya, "archive", "FR", 2);
    Vouch__V1__Match asked = VOUCH__V1__MATCH__INIT;
    const Vouch__V1__Ranking *ranking;
    asked.prospect = cast.kestrel;
    cr_assert_eq(match(cast.world, cast.set, cast.ana, &asked, &ranking), VOUCH_OK, "%s", cast.world->why.text);
    for (size_t i = 0; i < ranking->n_candidates; i++) {
        const Vouch__V1__Candidate *candidate = ranking->candidates[i];
        cr_assert_eq(candidate->score_ppm, 0);
        cr_assert_eq(candidate->n_gates_failed, 1);
        if (candidate->member == cast.tom) {
            cr_assert_str_eq(candidate->gates_failed[0], "full: 2 open of 2");
        } else if (candidate->member == cast.priya) {
            cr_assert_str_eq(candidate->gates_failed[0], "does not serve DE");
        }
    }
    cr_assert_eq(ranking->n_candidates, 3);
    cast_free(&cast);
}

Test(advise, a_referral_brings_its_need_along)
{
    struct cast cast = cast_new();
    char *issues[] = {"archive"};
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    submit.prospect = cast.kestrel;
    submit.consent = true;
    submit.issues = issues;
    submit.n_issues = 1;
    uint64_t id = world_do(cast.world, cast.ana, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
    Vouch__V1__Match asked = VOUCH__V1__MATCH__INIT;
    Vouch__V1__Match told = VOUCH__V1__MATCH__INIT;
    const Vouch__V1__Ranking *ranking;
    told.prospect = cast.kestrel;
    told.issues = issues;
    told.n_issues = 1;
    cr_assert_eq(match(cast.world, cast.set, cast.ana, &told, &ranking), VOUCH_OK);
    uint32_t score_ppm = ranking->candidates[0]->score_ppm;
    asked.referral = id;
    cr_assert_eq(match(cast.world, cast.set, cast.ana, &asked, &ranking), VOUCH_OK);
    cr_assert_eq(ranking->candidates[0]->score_ppm, score_ppm);
    cr_assert_eq(match(cast.world, cast.set, cast.tom, &asked, &ranking), VOUCH_NOT_FOUND);
    told.prospect = 99;
    cr_assert_eq(match(cast.world, cast.set, cast.ana, &told, &ranking), VOUCH_NOT_FOUND);
    cast_free(&cast);
}

/* ---- attribution ---- */

Test(advise, a_win_is_decided_on_fresh_weights_only)
{
    struct cast cast = cast_new();
    struct world *world = cast.world;
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    text.vouch = "they asked me";
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    submit.prospect = cast.kestrel;
    submit.receiver = cast.tom;
    submit.connector = cast.ben;
    submit.text = &text;
    uint64_t id = world_do(world, cast.ana, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
    struct plugin *linear = plugin_find(cast.set, PLUGIN_ATTRIBUTION, "linear");
    Vouch__V1__Reply reply;
    struct advice early, fresh, none;
    struct asked asked = {.advice = &early};
    vouch__v1__referral_move__init(&asked.win);
    asked.win.referral = id;
    cr_assert_eq(ask(world, linear, cast.tom, &asked, &reply), VOUCH_OK, "%s", world->why.text);
    cr_assert_eq(early.count, 1);
    static const Vouch__V1__ReferralVerb path[] = {VERB(ACCEPT), VERB(CONTACT), VERB(MEET), VERB(QUALIFY)};
    cr_assert_eq(world_move(world, cast.ben, id, VERB(INTRODUCE), 0, 0), VOUCH_OK);
    for (size_t i = 0; i < sizeof path / sizeof path[0]; i++) {
        cr_assert_eq(world_move(world, cast.tom, id, path[i], 0, 0), VOUCH_OK);
    }
    world->advice = &early; /* from before the introduction; its arrays are gone, and are not looked at */
    cr_assert_eq(world_move(world, cast.tom, id, VERB(WIN), 0, 10000), VOUCH_BUSY);

    asked.advice = &fresh;
    cr_assert_eq(ask(world, linear, cast.tom, &asked, &reply), VOUCH_OK, "%s", world->why.text);
    cr_assert_eq(fresh.count, 2);
    cr_assert_str_eq(fresh.plugin, "linear");
    uint64_t members[] = {fresh.members[0], fresh.members[1]};
    int64_t weights[] = {fresh.weights[0], fresh.weights[1]};
    cr_assert_eq(members[0], cast.ana);
    cr_assert_eq(members[1], cast.ben);
    cr_assert_eq(weights[0], weights[1]);
    fresh.members = members;
    fresh.weights = weights;
    fresh.plugin = "linear";
    fresh.plugin_version = "1.0.0";
    world->advice = &fresh;
    cr_assert_eq(world_move(world, cast.tom, id, VERB(WIN), 0, 10000), VOUCH_OK, "%s", world->why.text);

    /* Once it is closed nothing is asked, so that a repeated command depends on no plugin. */
    uint64_t calls = caller_status(cast.set, "linear").calls;
    asked.advice = &none;
    cr_assert_eq(ask(world, linear, cast.tom, &asked, &reply), VOUCH_OK);
    asked.win.referral = 99;
    cr_assert_eq(ask(world, linear, cast.tom, &asked, &reply), VOUCH_OK);
    cr_assert_eq(none.count, 0);
    cr_assert_eq(caller_status(cast.set, "linear").calls, calls);
    world_verify(world);
    cast_free(&cast);
}
