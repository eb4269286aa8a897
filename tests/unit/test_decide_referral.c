/* SPDX-License-Identifier: Apache-2.0
 *
 * Submitting and winning: how far a referral goes by itself, who can be its parties, what a win pays to whom, and what
 * the inboxes say. */
#include "world.h"

#include <criterion/criterion.h>
#include <string.h>

#define STATE(name) VOUCH__V1__REFERRAL_STATE__##name
#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name
#define DAY_MS INT64_C(86400000)

struct cast {
    struct world *world;
    uint64_t ana, tom, lena, priya, fin, fluxware, kestrel;
};

static struct cast cast_new(void)
{
    struct cast cast = {.world = world_new()};
    struct world *world = cast.world;
    cast.fluxware = world_company(world, "Fluxware", "fluxware.example", VOUCH__V1__COMPANY_KIND__PARTNER);
    cast.kestrel = world_company(world, "Kestrel Bank", "kestrel.example", VOUCH__V1__COMPANY_KIND__PROSPECT);
    cast.ana = world_member(world, "Ana Sousa", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    cast.tom = world_member(world, "Tom Rieke", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    cast.lena = world_member(world, "Lena Voss", VOUCH__V1__ROLE__REP, WORLD_HOME, "Iberia");
    cast.priya = world_member(world, "Priya Nair", VOUCH__V1__ROLE__REP, cast.fluxware, "UK");
    cast.fin = world_member(world, "Fin Holm", VOUCH__V1__ROLE__FINANCE, WORLD_HOME, "");
    return cast;
}

static Vouch__V1__ReferralSubmit to_kestrel(const struct cast *cast)
{
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    submit.prospect = cast->kestrel;
    return submit;
}

static enum vouch_status refer(struct cast *cast, Vouch__V1__ReferralSubmit *submit)
{
    return world_try(cast->world, cast->ana, NULL, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, submit));
}

Test(decide_referral, it_goes_as_far_as_it_is_complete)
{
    struct cast cast = cast_new();
    const struct {
        bool draft, consent;
        uint64_t receiver, connector;
        Vouch__V1__ReferralState state;
        uint32_t attempt;
        int64_t due_days; /* two working days for who names a receiver, one for who is offered it */
    } rows[] = {
        {true, false, 0, 0, STATE(DRAFT), 0, 0},
        {true, true, cast.tom, cast.lena, STATE(DRAFT), 0, 0},
        {false, false, 0, 0, STATE(CONSENT_WAIT), 0, 5},
        {false, false, cast.tom, 0, STATE(CONSENT_WAIT), 0, 5},
        {false, true, cast.tom, cast.lena, STATE(CONSENT_WAIT), 0, 5},
        {false, true, 0, 0, STATE(REGISTERED), 0, 2},
        {false, true, cast.tom, 0, STATE(OFFERED), 1, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        Vouch__V1__ReferralSubmit submit = to_kestrel(&cast);
        submit.draft = rows[i].draft;
        submit.consent = rows[i].consent;
        submit.receiver = rows[i].receiver;
        submit.connector = rows[i].connector;
        cr_assert_eq(refer(&cast, &submit), VOUCH_OK, "row %zu: %s", i, cast.world->why.text);
        cr_assert_eq(cast.world->answer_id, i + 1);
        const Vouch__V1__Referral *referral = world_referral(cast.world, i + 1);
        cr_assert_eq(referral->state, rows[i].state, "row %zu", i);
        cr_assert_eq(referral->attempt, rows[i].attempt);
        cr_assert_eq(referral->due_ms, rows[i].due_days == 0 ? 0 : WORLD_NOON + rows[i].due_days * DAY_MS);
        cr_assert_eq(referral->registered_ms != 0,
                     rows[i].state == STATE(REGISTERED) || rows[i].state == STATE(OFFERED));
        cr_assert(referral->lead);
    }
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(decide_referral, who_and_what_is_refused)
{
    struct cast cast = cast_new();
    Vouch__V1__MemberRemove remove = VOUCH__V1__MEMBER_REMOVE__INIT;
    remove.member = world_member(cast.world, "Gone", VOUCH__V1__ROLE__REP, WORLD_HOME, "");
    world_do(cast.world, WORLD_ADMIN, REQUEST_OF(MEMBER_REMOVE, member_remove, &remove));
    uint64_t gone = remove.member;
    Vouch__V1__CompanyAdd company = VOUCH__V1__COMPANY_ADD__INIT;
    Vouch__V1__PersonalData person = VOUCH__V1__PERSONAL_DATA__INIT;
    const struct {
        uint64_t prospect, receiver, connector, contact;
        Vouch__V1__CompanyAdd *new_prospect;
        Vouch__V1__PersonalData *new_contact;
        uint32_t score;
        enum vouch_status must;
    } rows[] = {
        {0, 0, 0, 0, NULL, NULL, 0, VOUCH_INVALID},
        {99, 0, 0, 0, NULL, NULL, 0, VOUCH_NOT_FOUND},
        {WORLD_HOME, 0, 0, 0, NULL, NULL, 0, VOUCH_CONFLICT},
        {cast.kestrel, cast.ana, 0, 0, NULL, NULL, 0, VOUCH_CONFLICT},
        {cast.kestrel, cast.lena, cast.lena, 0, NULL, NULL, 0, VOUCH_CONFLICT},
        {cast.kestrel, gone, 0, 0, NULL, NULL, 0, VOUCH_CONFLICT},
        {cast.kestrel, cast.fin, 0, 0, NULL, NULL, 0, VOUCH_CONFLICT},
        {cast.kestrel, 99, 0, 0, NULL, NULL, 0, VOUCH_NOT_FOUND},
        {cast.kestrel, 0, cast.ana, 0, NULL, NULL, 0, VOUCH_CONFLICT},
        {cast.kestrel, 0, gone, 0, NULL, NULL, 0, VOUCH_CONFLICT},
        {cast.kestrel, 0, cast.fin, 0, NULL, NULL, 0, VOUCH_CONFLICT},
        {cast.kestrel, 0, 99, 0, NULL, NULL, 0, VOUCH_NOT_FOUND},
        {cast.kestrel, 0, 0, 99, NULL, NULL, 0, VOUCH_NOT_FOUND},
        {cast.kestrel, 0, 0, 0, &company, NULL, 0, VOUCH_INVALID},
        {0, 0, 0, 0, &company, NULL, 0, VOUCH_INVALID},
        {cast.kestrel, 0, 0, 1, NULL, &person, 0, VOUCH_INVALID},
        {cast.kestrel, 0, 0, 0, NULL, &person, 0, VOUCH_INVALID},
        {cast.kestrel, cast.tom, 0, 0, NULL, NULL, 1000001, VOUCH_INVALID},
    };
    uint64_t before = cast.world->sequence;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        Vouch__V1__ReferralSubmit submit = to_kestrel(&cast);
        submit.prospect = rows[i].prospect;
        submit.receiver = rows[i].receiver;
        submit.connector = rows[i].connector;
        submit.contact = rows[i].contact;
        submit.new_prospect = rows[i].new_prospect;
        submit.new_contact = rows[i].new_contact;
        submit.score_ppm = rows[i].score;
        enum vouch_status is = refer(&cast, &submit);
        cr_assert_eq(is, rows[i].must, "row %zu: %s %s", i, status_name(is), cast.world->why.text);
    }
    cr_assert_eq(cast.world->sequence, before);
    world_free(&cast.world);
}

Test(decide_referral, prospect_and_person_come_along)
{
    struct cast cast = cast_new();
    Vouch__V1__CompanyAdd company = VOUCH__V1__COMPANY_ADD__INIT;
    company.name = "Orrin Foods";
    company.domain = "orrin.example";
    Vouch__V1__PersonalData person = VOUCH__V1__PERSONAL_DATA__INIT;
    person.name = "Jo Lindqvist";
    person.email = "jo@orrin.example";
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    text.vouch = "Jo and I built their first archive";
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    submit.new_prospect = &company;
    submit.new_contact = &person;
    submit.text = &text;
    submit.consent = true;
    cr_assert_eq(refer(&cast, &submit), VOUCH_OK, "%s", cast.world->why.text);
    Vouch__V1__Referral first = *world_referral(cast.world, cast.world->answer_id);
    cr_assert_eq(first.prospect, cast.kestrel + 1);
    cr_assert_eq(first.contact, 1);
    cr_assert_not(first.lead);
    company.name = "Orrin (again)";
    cr_assert_eq(refer(&cast, &submit), VOUCH_OK, "%s", cast.world->why.text);
    Vouch__V1__Referral second = *world_referral(cast.world, cast.world->answer_id);
    cr_assert_eq(second.prospect, first.prospect);
    cr_assert_eq(second.contact, first.contact);
    /* The person's consent and company are known now. */
    Vouch__V1__ReferralSubmit known = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    known.contact = first.contact;
    cr_assert_eq(refer(&cast, &known), VOUCH_OK, "%s", cast.world->why.text);
    const Vouch__V1__Referral *third = world_referral(cast.world, cast.world->answer_id);
    cr_assert_eq(third->prospect, first.prospect);
    cr_assert_eq(third->state, STATE(REGISTERED));
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(decide_referral, a_draft_is_completed)
{
    struct cast cast = cast_new();
    Vouch__V1__ReferralSubmit submit = to_kestrel(&cast);
    submit.draft = true;
    submit.receiver = cast.tom;
    cr_assert_eq(refer(&cast, &submit), VOUCH_OK);
    uint64_t id = cast.world->answer_id;
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    text.vouch = "they are serious";
    Vouch__V1__ReferralMove move = VOUCH__V1__REFERRAL_MOVE__INIT;
    move.referral = id;
    move.verb = VERB(REGISTER);
    move.text = &text;
    uint64_t before = cast.world->sequence;
    world_do(cast.world, cast.ana, REQUEST_OF(REFERRAL_MOVE, referral_move, &move));
    cr_assert_eq(cast.world->sequence, before + 2); /* registered, and offered to whom it named */
    const Vouch__V1__Referral *referral = world_referral(cast.world, id);
    cr_assert_eq(referral->state, STATE(OFFERED));
    cr_assert_not(referral->lead);
    cr_assert(referral->consent);
    cr_assert_eq(referral->attempt, 1);
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(decide_referral, a_named_receiver_who_left_is_not_offered)
{
    struct cast cast = cast_new();
    Vouch__V1__ReferralSubmit submit = to_kestrel(&cast);
    submit.receiver = cast.tom;
    submit.connector = cast.lena;
    cr_assert_eq(refer(&cast, &submit), VOUCH_OK);
    uint64_t id = cast.world->answer_id;
    Vouch__V1__MemberRemove remove = VOUCH__V1__MEMBER_REMOVE__INIT;
    remove.member = cast.tom;
    world_do(cast.world, WORLD_ADMIN, REQUEST_OF(MEMBER_REMOVE, member_remove, &remove));
    cr_assert_eq(world_move(cast.world, cast.lena, id, VERB(INTRODUCE), 0, 0), VOUCH_OK);
    cr_assert_eq(world_referral(cast.world, id)->state, STATE(REGISTERED));
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(decide_referral, no_path_frees_the_connector_and_consent_expires)
{
    struct cast cast = cast_new();
    Vouch__V1__ReferralSubmit submit = to_kestrel(&cast);
    submit.connector = cast.lena;
    cr_assert_eq(refer(&cast, &submit), VOUCH_OK);
    cr_assert_eq(refer(&cast, &submit), VOUCH_OK);
    cr_assert_eq(world_move(cast.world, cast.lena, 1, VERB(NO_PATH), 0, 0), VOUCH_OK);
    cr_assert_eq(world_referral(cast.world, 1)->connector, 0);
    cr_assert_eq(world_move(cast.world, cast.lena, 1, VERB(INTRODUCE), 0, 0), VOUCH_NOT_FOUND);
    cr_assert_eq(world_move(cast.world, cast.ana, 1, VERB(REGISTER), 0, 0), VOUCH_OK);
    cr_assert_eq(world_referral(cast.world, 1)->state, STATE(REGISTERED));
    world_wait(cast.world, 5 * DAY_MS - 1);
    cr_assert_eq(world_referral(cast.world, 2)->state, STATE(CONSENT_WAIT));
    world_wait(cast.world, 1);
    cr_assert_eq(world_referral(cast.world, 2)->state, STATE(EXPIRED));
    cr_assert_eq(world_move(cast.world, cast.lena, 2, VERB(INTRODUCE), 0, 0), VOUCH_CONFLICT);
    cr_assert_str_eq(cast.world->why.text, "R2 was expired by the broker just now. Nothing to do.");
    world_verify(cast.world);
    world_free(&cast.world);
}

/* ---- winning ---- */

static uint64_t ready_to_win(struct cast *cast, uint64_t receiver, bool connector)
{
    static const Vouch__V1__ReferralVerb path[] = {VERB(ACCEPT), VERB(CONTACT), VERB(MEET), VERB(QUALIFY)};
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    text.vouch = "they asked me";
    Vouch__V1__ReferralSubmit submit = to_kestrel(cast);
    submit.receiver = receiver;
    submit.consent = true;
    submit.connector = connector ? cast->lena : 0;
    submit.text = &text;
    cr_assert_eq(refer(cast, &submit), VOUCH_OK);
    uint64_t id = cast->world->answer_id;
    if (connector) {
        cr_assert_eq(world_move(cast->world, cast->lena, id, VERB(INTRODUCE), 0, 0), VOUCH_OK);
    }
    for (size_t i = 0; i < sizeof path / sizeof path[0]; i++) {
        cr_assert_eq(world_move(cast->world, receiver, id, path[i], 0, 0), VOUCH_OK, "%s", cast->world->why.text);
    }
    return id;
}

/* Wins, and has all of it paid at once. */
static void win_and_pay(struct cast *cast, uint64_t receiver, bool connector, int64_t minor)
{
    uint64_t id = ready_to_win(cast, receiver, connector);
    cr_assert_eq(world_move(cast->world, receiver, id, VERB(WIN), 0, minor), VOUCH_OK, "%s", cast->world->why.text);
    world_pay(cast->world, id, minor);
}

Test(decide_referral, what_a_win_pays)
{
    struct cast cast = cast_new();
    struct world *world = cast.world;
    win_and_pay(&cast, cast.tom, false, 4800000);
    cr_assert_eq(world_balance(world, cast.ana, WORLD_HOME, LEDGER_ACC), -144000); /* co-workers: 300 bps */
    cr_assert_eq(world_balance(world, 0, WORLD_HOME, LEDGER_EXP), 144000);

    win_and_pay(&cast, cast.priya, true, 12345);
    /* V1: 1234; shares 617 each, to the partner's account of expenses. */
    cr_assert_eq(world_balance(world, cast.ana, cast.fluxware, LEDGER_ACC), -617);
    cr_assert_eq(world_balance(world, cast.lena, cast.fluxware, LEDGER_ACC), -617);
    cr_assert_eq(world_balance(world, 0, cast.fluxware, LEDGER_EXP), 1234);

    win_and_pay(&cast, cast.priya, true, 12346);
    /* V1: 1235; the odd unit goes to the earlier touch, Ana's. */
    cr_assert_eq(world_balance(world, cast.ana, cast.fluxware, LEDGER_ACC), -617 - 618);
    cr_assert_eq(world_balance(world, cast.lena, cast.fluxware, LEDGER_ACC), -617 - 617);

    win_and_pay(&cast, cast.tom, false, 1); /* rounds to nothing */
    world_verify(world);
    world_free(&cast.world);
}

Test(decide_referral, a_win_needs_value_feedback_and_fresh_advice)
{
    struct cast cast = cast_new();
    struct world *world = cast.world;
    uint64_t id = ready_to_win(&cast, cast.tom, true);
    cr_assert_eq(world_move(world, cast.tom, id, VERB(WIN), 0, 0), VOUCH_INVALID);
    cr_assert_eq(world_move(world, cast.tom, id, VERB(WIN), 0, -5), VOUCH_INVALID);
    cr_assert_eq(world_move(world, cast.tom, id, VERB(WIN), 0, INT64_MAX), VOUCH_OK); /* 3 % of it fits */
    id = ready_to_win(&cast, cast.tom, true);
    cr_assert_eq(world_move(world, cast.tom, id, VERB(WIN), 0, 1), VOUCH_INVALID); /* but no more beside it */
    cr_assert_not_null(strstr(world->why.text, "all that was won in EUR"));
    Vouch__V1__Money value = VOUCH__V1__MONEY__INIT;
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    Vouch__V1__ReferralMove move = VOUCH__V1__REFERRAL_MOVE__INIT;
    const Vouch__V1__Request *request = REQUEST_OF(REFERRAL_MOVE, referral_move, &move);
    move.referral = id;
    move.verb = VERB(WIN);
    cr_assert_eq(world_try(world, cast.tom, NULL, request), VOUCH_INVALID);
    move.text = &text;
    cr_assert_eq(world_try(world, cast.tom, NULL, request), VOUCH_INVALID);
    text.note = "thank you";
    cr_assert_eq(world_try(world, cast.tom, NULL, request), VOUCH_INVALID);
    move.value = &value;
    value.minor = 100;
    value.currency = "XAU";
    cr_assert_eq(world_try(world, cast.tom, NULL, request), VOUCH_INVALID);
    value.currency = "USD";
    world->no_advice = true;
    cr_assert_eq(world_try(world, cast.tom, NULL, request), VOUCH_BUSY);
    struct advice stale = {.plugin = "linear", .plugin_version = "1"};
    world->advice = &stale;
    cr_assert_eq(world_try(world, cast.tom, NULL, request), VOUCH_BUSY);
    world_do(world, cast.tom, request);
    cr_assert_eq(world_try(world, cast.tom, NULL, request), VOUCH_CONFLICT);
    world_free(&cast.world);
}

static struct advice advice_for(struct world *world, uint64_t id)
{
    struct advice advice = {.plugin = "acme", .plugin_version = "0.3.1"};
    struct touch touches[TOUCHES_MAX];
    const Vouch__V1__Referral *referral = world_referral(world, id);
    touches_digest(id, touches, touches_of(referral, touches), advice.inputs_digest);
    return advice;
}

Test(decide_referral, weights_that_cannot_be_are_refused)
{
    struct cast cast = cast_new();
    struct world *world = cast.world;
    uint64_t id = ready_to_win(&cast, cast.tom, true);
    const struct {
        size_t count;
        uint64_t members[3];
        int64_t weights[3];
    } rows[] = {
        {1, {cast.ana}, {-1}},
        {1, {cast.tom}, {1}}, /* has no touch */
        {1, {0}, {1}},
        {2, {cast.ana, cast.ana}, {1, 1}},
        {2, {cast.ana, cast.lena}, {INT64_MAX, 1}},
        {3, {cast.ana, cast.lena, cast.ana}, {1, 1, 1}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct advice advice = advice_for(world, id);
        advice.count = rows[i].count;
        advice.members = rows[i].members;
        advice.weights = rows[i].weights;
        world->advice = &advice;
        cr_assert_eq(world_move(world, cast.tom, id, VERB(WIN), 0, 4800000), VOUCH_UNAVAILABLE, "row %zu", i);
    }
    static const int64_t zero[] = {0, 0};
    const uint64_t both[] = {cast.ana, cast.lena};
    struct advice house = advice_for(world, id);
    house.count = 2;
    house.members = both;
    house.weights = zero;
    world->advice = &house;
    cr_assert_eq(world_move(world, cast.tom, id, VERB(WIN), 0, 4800000), VOUCH_OK, "%s", world->why.text);
    world_pay(world, id, 4800000); /* the house's: nobody is owed anything */
    cr_assert_eq(world_balance(world, cast.ana, WORLD_HOME, LEDGER_ACC), 0);
    cr_assert_eq(world_balance(world, 0, WORLD_HOME, LEDGER_EXP), 0);
    world_verify(world);
    world_free(&cast.world);
}

Test(decide_referral, refusals_say_what_happened)
{
    struct cast cast = cast_new();
    struct world *world = cast.world;
    uint64_t id = world_submit(world, cast.ana, cast.kestrel, cast.tom);
    cr_assert_eq(world_move(world, cast.ana, id, VERB(ACCEPT), 0, 0), VOUCH_DENIED);
    cr_assert_str_eq(world->why.text, "only the receiver, Tom Rieke, can accept R1");
    cr_assert_eq(world_move(world, cast.lena, id, VERB(ACCEPT), 0, 0), VOUCH_NOT_FOUND);
    cr_assert_str_eq(world->why.text, "R1: no such referral, or none that you may see");
    cr_assert_eq(world_move(world, cast.tom, id, VERB(MEET), 0, 0), VOUCH_CONFLICT);
    cr_assert_str_eq(world->why.text,
                     "R1 is OFFERED (offered by Ana Sousa just now); to meet it, it has to be CONTACTED");
    cr_assert_eq(world_move(world, cast.ana, id, VERB(WITHDRAW), 0, 0), VOUCH_OK);
    world_wait(world, 20 * INT64_C(60000));
    cr_assert_eq(world_move(world, cast.tom, id, VERB(ACCEPT), 0, 0), VOUCH_CONFLICT);
    cr_assert_str_eq(world->why.text, "R1 was withdrawn by Ana Sousa 20 minutes ago (\"they said so on the phone\"). "
                                      "Nothing to do.");
    world_free(&cast.world);
}

Test(decide_referral, it_is_offered_a_bounded_number_of_times)
{
    struct cast cast = cast_new();
    struct world *world = cast.world;
    uint64_t id = world_submit(world, cast.ana, cast.kestrel, cast.tom);
    for (int i = 1; i < LIMIT_REFERRAL_OFFERS; i++) {
        uint64_t from = i % 2 == 1 ? cast.tom : cast.lena;
        uint64_t to = i % 2 == 1 ? cast.lena : cast.tom;
        cr_assert_eq(world_move(world, from, id, VERB(DECLINE), 0, 0), VOUCH_OK, "%s", world->why.text);
        cr_assert_eq(world_move(world, cast.ana, id, VERB(OFFER), to, 0), VOUCH_OK, "%s", world->why.text);
    }
    cr_assert_eq(world_move(world, cast.lena, id, VERB(DECLINE), 0, 0), VOUCH_OK, "%s", world->why.text);
    cr_assert_eq(world_move(world, cast.ana, id, VERB(OFFER), cast.tom, 0), VOUCH_CONFLICT);
    world_verify(world);
    world_free(&cast.world);
}

/* ---- history from elsewhere ---- */

Test(decide_referral, imports_come_once_and_pay_nothing)
{
    struct cast cast = cast_new();
    struct world *world = cast.world;
    Vouch__V1__Money value = VOUCH__V1__MONEY__INIT;
    value.minor = 100000;
    value.currency = "USD";
    Vouch__V1__Referral referral = VOUCH__V1__REFERRAL__INIT;
    Vouch__V1__ReferralImport import = VOUCH__V1__REFERRAL_IMPORT__INIT;
    const Vouch__V1__Request *request = REQUEST_OF(REFERRAL_IMPORT, referral_import, &import);
    import.origin = "crm:1C1I7A6R";
    cr_assert_eq(world_try(world, WORLD_ADMIN, NULL, request), VOUCH_INVALID);
    import.referral = &referral;
    cr_assert_eq(world_try(world, WORLD_ADMIN, NULL, request), VOUCH_INVALID);
    static const Vouch__V1__ReferralState waiting[] = {STATE(CONSENT_WAIT), STATE(DUPLICATE_WAIT), STATE(HELD)};
    for (size_t i = 0; i < sizeof waiting / sizeof waiting[0]; i++) {
        referral.state = waiting[i]; /* nothing here would end the wait */
        cr_assert_eq(world_try(world, WORLD_ADMIN, NULL, request), VOUCH_INVALID);
    }
    referral.state = STATE(WON);
    cr_assert_eq(world_try(world, WORLD_ADMIN, NULL, request), VOUCH_NOT_FOUND);
    referral.referrer = cast.ana;
    referral.prospect = cast.kestrel;
    cr_assert_eq(world_try(world, WORLD_ADMIN, NULL, request), VOUCH_INVALID); /* won by nobody */
    referral.receiver = cast.tom;
    referral.value = &value;
    referral.registered_ms = 1000;
    referral.changed_ms = 999;
    cr_assert_eq(world_try(world, WORLD_ADMIN, NULL, request), VOUCH_INVALID);
    referral.changed_ms = INT64_C(253402300000000); /* in the year 9999 */
    cr_assert_eq(world_try(world, WORLD_ADMIN, NULL, request), VOUCH_INVALID);
    referral.changed_ms = 2000;
    uint64_t id = world_do(world, WORLD_ADMIN, request);
    cr_assert_eq(world_try(world, WORLD_ADMIN, NULL, request), VOUCH_DUPLICATE);
    cr_assert_not_null(strstr(world->why.text, "R1"));
    import.origin = "crm:2";
    referral.state = STATE(OPPORTUNITY);
    referral.value = NULL;
    uint64_t open = world_do(world, WORLD_ADMIN, request);
    cr_assert_eq(world_move(world, cast.tom, open, VERB(WIN), 0, 5000), VOUCH_OK, "%s", world->why.text);
    cr_assert_eq(world_balance(world, cast.ana, WORLD_HOME, LEDGER_ACC), 0);
    cr_assert_eq(world_move(world, cast.tom, id, VERB(WIN), 0, 5000), VOUCH_CONFLICT);
    world_verify(world);
    world_free(&cast.world);
}
