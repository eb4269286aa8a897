/* SPDX-License-Identifier: Apache-2.0
 *
 * Claims: who was first, who waits, what ends a claim, what is reviewed first. The last test plays random histories and
 * looks after each step that one referral holds a claim, the rest wait in order, and nobody waits for nobody. */
#include "apply/claims.h"
#include "world.h"

#include "base/clock.h"
#include "domain/claim.h"
#include "random_cases.h"

#include <criterion/criterion.h>
#include <string.h>

#define STATE(name) VOUCH__V1__REFERRAL_STATE__##name
#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name
#define PLACE(name) VOUCH__V1__CLAIM__PLACE__##name
#define HOLD(name) VOUCH__V1__CLAIM__HOLD__##name
#define VERDICT(name) VOUCH__V1__REFERRAL_REVIEW__VERDICT__##name

#define DAY MS_PER_DAY

struct cast {
    struct world *world;
    uint64_t ana, tom, lena, max, otto, fin, partner, fluxware, kestrel;
};

static struct cast cast_new(void)
{
    struct cast cast = {.world = world_new()};
    cast.world->policy.protection_days = 90;
    cast.ana = world_member(cast.world, "Ana Sousa", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    cast.tom = world_member(cast.world, "Tom Rieke", VOUCH__V1__ROLE__REP, WORLD_HOME, "Nordics");
    cast.lena = world_member(cast.world, "Lena Voss", VOUCH__V1__ROLE__REP, WORLD_HOME, "Iberia");
    cast.max = world_member(cast.world, "Max Lutz", VOUCH__V1__ROLE__MANAGER, WORLD_HOME, "DACH");
    cast.otto = world_member(cast.world, "Otto Rahn", VOUCH__V1__ROLE__MANAGER, WORLD_HOME, "UK");
    cast.fin = world_member(cast.world, "Uta Brandt", VOUCH__V1__ROLE__FINANCE, WORLD_HOME, "");
    cast.fluxware = world_company(cast.world, "Fluxware", "fluxware.example", VOUCH__V1__COMPANY_KIND__PARTNER);
    cast.partner = world_member(cast.world, "Priya Nair", VOUCH__V1__ROLE__REP, cast.fluxware, "");
    cast.kestrel = world_company(cast.world, "Kestrel Bank", "kestrel.example", VOUCH__V1__COMPANY_KIND__PROSPECT);
    return cast;
}

/* Submits with consent, a vouch unless it is a lead, to a product line, with a person (NULL: none). */
static enum vouch_status submit(struct cast *cast, uint64_t referrer, uint64_t receiver, const char *product, bool lead,
                                Vouch__V1__PersonalData *person)
{
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    Vouch__V1__ReferralSubmit message = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    text.vouch = lead ? "" : "we ran their backup for six years";
    message.prospect = cast->kestrel;
    message.new_contact = person;
    message.receiver = receiver;
    message.text = &text;
    message.consent = true;
    message.product = (char *)(uintptr_t)product;
    return world_try(cast->world, referrer, NULL, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &message));
}

static uint64_t refer(struct cast *cast, uint64_t referrer, uint64_t receiver)
{
    cr_assert_eq(submit(cast, referrer, receiver, "", false, NULL), VOUCH_OK, "%s", cast->world->why.text);
    return cast->world->answer_id;
}

static void expect(struct cast *cast, uint64_t id, Vouch__V1__ReferralState state, Vouch__V1__Claim__Place place)
{
    const Vouch__V1__Referral *referral = world_referral(cast->world, id);
    cr_assert_eq(referral->state, state, "R%lu is %s", (unsigned long)id, referral_state_name(referral->state));
    cr_assert_eq(referral->claim == NULL ? PLACE(PLACE_NONE) : referral->claim->place, place, "R%lu: place %d",
                 (unsigned long)id, referral->claim == NULL ? -1 : (int)referral->claim->place);
}

static void moves(struct cast *cast, uint64_t member, uint64_t id, const Vouch__V1__ReferralVerb *verbs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(world_move(cast->world, member, id, verbs[i], 0, 4800000), VOUCH_OK, "%s", cast->world->why.text);
    }
}

#define MOVES(cast, member, id, ...)                                                                                   \
    moves(cast, member, id, (const Vouch__V1__ReferralVerb[]){__VA_ARGS__},                                            \
          sizeof((const Vouch__V1__ReferralVerb[]){__VA_ARGS__}) / sizeof(Vouch__V1__ReferralVerb))

static enum vouch_status choose(struct cast *cast, uint64_t by, uint64_t id)
{
    Vouch__V1__ClaimChoose message = VOUCH__V1__CLAIM_CHOOSE__INIT;
    message.referral = id;
    message.evidence = "\"we want to buy through Lena\", mail of 3 Feb";
    return world_try(cast->world, by, NULL, REQUEST_OF(CLAIM_CHOOSE, claim_choose, &message));
}

static enum vouch_status review(struct cast *cast, uint64_t by, uint64_t id, uint32_t verdict)
{
    Vouch__V1__ReferralReview message = VOUCH__V1__REFERRAL_REVIEW__INIT;
    message.referral = id;
    message.verdict = (Vouch__V1__ReferralReview__Verdict)verdict;
    message.reason = "spoke to both";
    return world_try(cast->world, by, NULL, REQUEST_OF(REFERRAL_REVIEW, referral_review, &message));
}

static const Vouch__V1__ReferralView *show(struct cast *cast, uint64_t member, uint64_t id)
{
    static Vouch__V1__Reply reply;
    Vouch__V1__ReferralGet get = VOUCH__V1__REFERRAL_GET__INIT;
    get.referral = id;
    cr_assert_eq(world_ask(cast->world, member, REQUEST_OF(REFERRAL_GET, referral_get, &get), &reply), VOUCH_OK, "%s",
                 cast->world->why.text);
    return reply.referral;
}

static const char *last_line(struct cast *cast, uint64_t member)
{
    static Vouch__V1__Reply reply;
    Vouch__V1__InboxPage page = VOUCH__V1__INBOX_PAGE__INIT;
    page.limit = 500;
    cr_assert_eq(world_ask(cast->world, member, REQUEST_OF(INBOX_PAGE, inbox_page, &page), &reply), VOUCH_OK);
    const Vouch__V1__NoticePage *notices = reply.notices;
    return notices->n_notices == 0 ? "" : notices->notices[notices->n_notices - 1]->text;
}

/* ---- who is first ---- */

Test(claims, the_first_registration_holds_and_later_ones_wait_in_order)
{
    struct cast cast = cast_new();
    uint64_t first = refer(&cast, cast.ana, cast.tom);
    expect(&cast, first, STATE(OFFERED), PLACE(HOLDS));
    cr_assert_eq(world_referral(cast.world, first)->claim->until_ms, WORLD_NOON + 90 * DAY);
    world_wait(cast.world, DAY);
    uint64_t second = refer(&cast, cast.lena, cast.tom);
    uint64_t third = refer(&cast, cast.partner, cast.tom);
    expect(&cast, second, STATE(DUPLICATE_WAIT), PLACE(WAITS));
    expect(&cast, third, STATE(DUPLICATE_WAIT), PLACE(WAITS));
    cr_assert_eq(world_referral(cast.world, second)->attempt, 0); /* nobody was offered it */
    cr_assert_eq(world_move(cast.world, cast.lena, second, VERB(OFFER), cast.tom, 0), VOUCH_CONFLICT);
    const Vouch__V1__Claim *claim = show(&cast, cast.lena, second)->referral->claim;
    cr_assert_str_eq(claim->holder_name, "Ana Sousa");
    cr_assert_eq(claim->until_ms, WORLD_NOON + 90 * DAY);
    cr_assert_eq(claim->holder_time_ms, WORLD_NOON);
    cr_assert_eq(claim->before, 0);
    cr_assert_eq(claim->holder, 0);
    claim = show(&cast, cast.partner, third)->referral->claim;
    cr_assert_str_eq(claim->holder_name, ""); /* of another company: when, not who */
    cr_assert_eq(claim->holder_time_ms, WORLD_NOON);
    cr_assert_eq(claim->before, 1);
    MOVES(&cast, cast.ana, first, VERB(WITHDRAW));
    cr_assert_eq(world_wait(cast.world, 0), 1);
    expect(&cast, first, STATE(WITHDRAWN), PLACE(PLACE_NONE));
    expect(&cast, second, STATE(OFFERED), PLACE(HOLDS));
    expect(&cast, third, STATE(DUPLICATE_WAIT), PLACE(WAITS));
    cr_assert_eq(world_referral(cast.world, second)->claim->until_ms, WORLD_NOON + 91 * DAY);
    cr_assert_eq(world_referral(cast.world, second)->steps[1]->actor, 0);
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(claims, product_lines_are_claims_of_their_own)
{
    struct cast cast = cast_new();
    static const struct {
        const char *product;
        Vouch__V1__Claim__Place want;
    } rows[] = {{"Archive", PLACE(HOLDS)},  {"", PLACE(HOLDS)},          {"archive", PLACE(WAITS)},
                {" ARCHIVE", PLACE(WAITS)}, {"archive 2", PLACE(HOLDS)}, {"", PLACE(WAITS)}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_assert_eq(submit(&cast, cast.ana, 0, rows[i].product, false, NULL), VOUCH_OK);
        expect(&cast, cast.world->answer_id, rows[i].want == PLACE(HOLDS) ? STATE(REGISTERED) : STATE(DUPLICATE_WAIT),
               rows[i].want);
    }
    cast.kestrel = world_company(cast.world, "Kestrel Bank Leasing", "", VOUCH__V1__COMPANY_KIND__PROSPECT);
    expect(&cast, refer(&cast, cast.ana, 0), STATE(REGISTERED), PLACE(HOLDS)); /* a division is an account of its own */
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(claims, a_draft_and_a_wait_for_consent_claim_nothing)
{
    struct cast cast = cast_new();
    Vouch__V1__ReferralSubmit message = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    message.prospect = cast.kestrel;
    uint64_t waits = world_do(cast.world, cast.ana, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &message));
    uint64_t first = refer(&cast, cast.lena, 0);
    expect(&cast, first, STATE(REGISTERED), PLACE(HOLDS));
    MOVES(&cast, cast.ana, waits, VERB(REGISTER));
    expect(&cast, waits, STATE(DUPLICATE_WAIT), PLACE(WAITS));
    cr_assert_gt(world_referral(cast.world, waits)->claim->sequence,
                 world_referral(cast.world, first)->claim->sequence);
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(claims, whoever_vouches_comes_before_a_lead)
{
    struct cast cast = cast_new();
    cr_assert_eq(submit(&cast, cast.ana, cast.tom, "", true, NULL), VOUCH_OK);
    uint64_t lead = cast.world->answer_id;
    expect(&cast, lead, STATE(OFFERED), PLACE(HOLDS));
    uint64_t vouched = refer(&cast, cast.lena, 0);
    expect(&cast, vouched, STATE(REGISTERED), PLACE(HOLDS));
    expect(&cast, lead, STATE(DUPLICATE_WAIT), PLACE(WAITS));
    cr_assert_str_eq(last_line(&cast, cast.ana),
                     "R1 (Kestrel Bank) waits: Lena Voss's registration of 2026-11-23 holds "
                     "the claim until 2027-02-21 (UTC)");
    uint64_t second = refer(&cast, cast.max, 0);
    MOVES(&cast, cast.lena, vouched, VERB(WITHDRAW));
    world_wait(cast.world, 0);
    expect(&cast, second, STATE(REGISTERED), PLACE(HOLDS)); /* before the lead, which was first */
    expect(&cast, lead, STATE(DUPLICATE_WAIT), PLACE(WAITS));
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(claims, a_lead_that_somebody_works_on_keeps_its_claim)
{
    struct cast cast = cast_new();
    cr_assert_eq(submit(&cast, cast.ana, cast.tom, "", true, NULL), VOUCH_OK);
    uint64_t lead = cast.world->answer_id;
    MOVES(&cast, cast.tom, lead, VERB(ACCEPT));
    expect(&cast, refer(&cast, cast.lena, 0), STATE(DUPLICATE_WAIT), PLACE(WAITS));
    expect(&cast, lead, STATE(ACCEPTED), PLACE(HOLDS));
    world_verify(cast.world);
    world_free(&cast.world);
}

/* ---- what ends a claim ---- */

Test(claims, protection_ends_once_and_a_meeting_makes_it_longer)
{
    struct cast cast = cast_new();
    uint64_t first = refer(&cast, cast.ana, cast.tom);
    uint64_t second = refer(&cast, cast.lena, cast.tom);
    MOVES(&cast, cast.tom, first, VERB(ACCEPT), VERB(CONTACT), VERB(MEET));
    cr_assert_eq(world_referral(cast.world, first)->claim->until_ms, WORLD_NOON + 180 * DAY);
    cr_assert(world_referral(cast.world, first)->claim->extended);
    world_wait(cast.world, 180 * DAY - 1);
    expect(&cast, second, STATE(DUPLICATE_WAIT), PLACE(WAITS));
    world_wait(cast.world, 1);
    expect(&cast, first, STATE(MEETING), PLACE(ENDED)); /* goes on */
    expect(&cast, second, STATE(OFFERED), PLACE(HOLDS));
    cr_assert_str_eq(last_line(&cast, cast.lena), "R2 (Kestrel Bank) was offered to Tom Rieke");
    cr_assert_str_eq(last_line(&cast, cast.ana),
                     "the protection of R1 (Kestrel Bank) is over: it goes on without the claim");
    MOVES(&cast, cast.tom, first, VERB(QUALIFY), VERB(WIN));
    expect(&cast, first, STATE(WON), PLACE(ENDED));
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(claims, a_winner_keeps_the_claim_until_its_protection_ends)
{
    struct cast cast = cast_new();
    uint64_t first = refer(&cast, cast.ana, cast.tom);
    uint64_t second = refer(&cast, cast.lena, 0);
    MOVES(&cast, cast.tom, first, VERB(ACCEPT), VERB(CONTACT), VERB(MEET), VERB(QUALIFY), VERB(WIN));
    world_wait(cast.world, 100 * DAY);
    expect(&cast, second, STATE(DUPLICATE_WAIT), PLACE(WAITS));
    world_wait(cast.world, 80 * DAY);
    expect(&cast, first, STATE(WON), PLACE(ENDED));
    expect(&cast, second, STATE(REGISTERED), PLACE(HOLDS));
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(claims, a_loss_passes_it_on)
{
    struct cast cast = cast_new();
    uint64_t first = refer(&cast, cast.ana, cast.tom);
    uint64_t second = refer(&cast, cast.lena, 0);
    MOVES(&cast, cast.tom, first, VERB(ACCEPT), VERB(CONTACT), VERB(LOSE));
    cr_assert_eq(world_wait(cast.world, 0), 1);
    expect(&cast, second, STATE(REGISTERED), PLACE(HOLDS));
    cr_assert_str_eq(last_line(&cast, cast.lena), "nobody else holds the claim any more: R2 (Kestrel Bank) goes on");
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(claims, late_registrations_are_not_refused_for_ever)
{
    struct cast cast = cast_new();
    uint64_t first = refer(&cast, cast.ana, cast.tom);
    world_wait(cast.world, 91 * DAY); /* nobody waits, so nobody needs to end the claim */
    expect(&cast, first, STATE(OFFERED), PLACE(HOLDS));
    uint64_t second = refer(&cast, cast.lena, cast.tom);
    expect(&cast, second, STATE(OFFERED), PLACE(HOLDS));
    expect(&cast, first, STATE(OFFERED), PLACE(ENDED));
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(claims, nobody_looks_for_duplicates_when_told_so)
{
    struct cast cast = cast_new();
    cast.world->policy.protection_days = 0;
    uint64_t first = refer(&cast, cast.ana, 0), second = refer(&cast, cast.lena, 0);
    expect(&cast, first, STATE(REGISTERED), PLACE(PLACE_NONE));
    expect(&cast, second, STATE(REGISTERED), PLACE(PLACE_NONE));
    cr_assert_eq(choose(&cast, WORLD_ADMIN, second), VOUCH_CONFLICT);
    cr_assert_eq(strlen(show(&cast, cast.lena, second)->referral->claim->receipt), 16); /* a receipt all the same */
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(claims, who_waits_goes_on_when_protection_is_switched_off)
{
    struct cast cast = cast_new();
    uint64_t ids[4];
    for (size_t i = 0; i < 4; i++) {
        ids[i] = refer(&cast, cast.ana, 0);
    }
    cast.world->policy.protection_days = 0;
    world_wait(cast.world, 90 * DAY);
    for (size_t i = 0; i < 4; i++) {
        expect(&cast, ids[i], STATE(REGISTERED), i == 3 ? PLACE(HOLDS) : PLACE(ENDED));
    }
    world_verify(cast.world);
    world_free(&cast.world);
}

/* ---- receipts ---- */

Test(claims, receipts_prove_who_was_first)
{
    struct cast cast = cast_new();
    uint64_t first = refer(&cast, cast.ana, 0), second = refer(&cast, cast.lena, 0);
    static const uint8_t store_id[16] = {1};
    char want[CLAIM_RECEIPT_BYTES], one[CLAIM_RECEIPT_BYTES];
    const Vouch__V1__Claim *claim = show(&cast, cast.ana, first)->referral->claim;
    claim_receipt(store_id, claim->sequence, first, cast.kestrel, 0, want);
    cr_assert_str_eq(claim->receipt, want);
    cr_assert_eq(claim->time_ms, WORLD_NOON);
    strcpy(one, claim->receipt);
    cr_assert_str_neq(show(&cast, cast.lena, second)->referral->claim->receipt, one);
    MOVES(&cast, cast.ana, first, VERB(WITHDRAW));
    world_wait(cast.world, 5 * DAY);
    cr_assert_str_eq(show(&cast, cast.ana, first)->referral->claim->receipt, one); /* for ever the same */
    world_free(&cast.world);
}

/* ---- the buyer's choice ---- */

Test(claims, the_buyer_chooses_in_writing)
{
    struct cast cast = cast_new();
    uint64_t first = refer(&cast, cast.ana, cast.tom), second = refer(&cast, cast.lena, cast.tom);
    static const struct {
        size_t who;
        enum vouch_status want;
    } rows[] = {{0, VOUCH_DENIED}, {1, VOUCH_NOT_FOUND}, {2, VOUCH_OK}};
    const uint64_t people[] = {cast.lena, cast.otto, cast.fin};
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(choose(&cast, people[rows[i].who], second), rows[i].want, "row %zu: %s", i, cast.world->why.text);
    }
    expect(&cast, second, STATE(OFFERED), PLACE(HOLDS));
    expect(&cast, first, STATE(DUPLICATE_WAIT), PLACE(WAITS)); /* not accepted yet: back into the queue */
    cr_assert_not_null(strstr(last_line(&cast, cast.ana), "R1 (Kestrel Bank) waits: Lena Voss's registration"));
    cr_assert_eq(choose(&cast, cast.fin, second), VOUCH_CONFLICT);
    MOVES(&cast, cast.tom, second, VERB(ACCEPT));
    cr_assert_eq(choose(&cast, WORLD_ADMIN, first), VOUCH_OK, "%s", cast.world->why.text);
    expect(&cast, second, STATE(ACCEPTED), PLACE(ENDED)); /* on a desk: goes on without */
    cr_assert_str_eq(last_line(&cast, cast.lena),
                     "the buyer chose another referral: R2 (Kestrel Bank) goes on without the claim");
    expect(&cast, first, STATE(OFFERED), PLACE(HOLDS));
    cr_assert_eq(choose(&cast, WORLD_ADMIN, second), VOUCH_OK, "%s", cast.world->why.text); /* and back */
    expect(&cast, second, STATE(ACCEPTED), PLACE(HOLDS));
    expect(&cast, first, STATE(DUPLICATE_WAIT), PLACE(WAITS));
    MOVES(&cast, cast.ana, first, VERB(WITHDRAW));
    cr_assert_eq(choose(&cast, WORLD_ADMIN, first), VOUCH_CONFLICT);
    world_verify(cast.world);
    world_free(&cast.world);
}

/* ---- reviews ---- */

Test(claims, what_looks_like_self_referral_is_held)
{
    struct cast cast = cast_new();
    static const struct {
        const char *name, *email;
        Vouch__V1__Claim__Hold want;
    } rows[] = {
        {"Dana Frey", "dana@kestrel.example", HOLD(HOLD_NONE)},
        {"ana  sousa", "", HOLD(HOLD_NONE)}, /* two blanks: another spelling, and no proof */
        {"ANA SOUSA", "", HOLD(SELF)},
        {"Ana Sousa", "ana@kestrel.example", HOLD(SELF)},
        {"Dana Frey", "dana@northgate.example", HOLD(OWN_COMPANY)},
        {"Dana Frey", "dana@mail.NORTHGATE.example", HOLD(OWN_COMPANY)},
        {"Dana Frey", "dana@notnorthgate.example", HOLD(HOLD_NONE)},
        {"Dana Frey", "", HOLD(HOLD_NONE)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char product[16];
        snprintf(product, sizeof product, "line %zu", i);
        Vouch__V1__PersonalData person = VOUCH__V1__PERSONAL_DATA__INIT;
        person.name = (char *)(uintptr_t)rows[i].name;
        person.email = (char *)(uintptr_t)rows[i].email;
        cr_assert_eq(submit(&cast, cast.ana, cast.tom, product, false, &person), VOUCH_OK, "%s", cast.world->why.text);
        const Vouch__V1__Referral *referral = world_referral(cast.world, cast.world->answer_id);
        cr_assert_eq(referral->claim->hold, rows[i].want, "row %zu: %d", i, (int)referral->claim->hold);
        cr_assert_eq(referral->state, rows[i].want == HOLD(HOLD_NONE) ? STATE(OFFERED) : STATE(HELD), "row %zu", i);
    }
    Vouch__V1__CompanyAdd add = VOUCH__V1__COMPANY_ADD__INIT;
    add.name = "Northgate Labs";
    add.parent = WORLD_HOME;
    cast.kestrel = world_do(cast.world, WORLD_ADMIN, REQUEST_OF(COMPANY_ADD, company_add, &add));
    expect(&cast, refer(&cast, cast.ana, 0), STATE(HELD), PLACE(PLACE_NONE)); /* a division of one's own company */
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(claims, what_comes_after_an_opportunity_is_held)
{
    struct cast cast = cast_new();
    uint64_t first = refer(&cast, cast.ana, cast.tom);
    MOVES(&cast, cast.tom, first, VERB(ACCEPT), VERB(CONTACT), VERB(MEET));
    uint64_t second = refer(&cast, cast.lena, cast.tom);
    expect(&cast, second, STATE(DUPLICATE_WAIT), PLACE(WAITS));
    MOVES(&cast, cast.tom, first, VERB(QUALIFY));
    uint64_t third = refer(&cast, cast.lena, cast.tom);
    expect(&cast, third, STATE(HELD), PLACE(PLACE_NONE));
    world_wait(cast.world, 180 * DAY); /* the claim goes to the second; the opportunity is still there */
    uint64_t fourth = refer(&cast, cast.lena, cast.tom);
    expect(&cast, fourth, STATE(HELD), PLACE(PLACE_NONE));
    cr_assert_eq(review(&cast, cast.fin, third, VERDICT(RELEASE)), VOUCH_OK, "%s", cast.world->why.text);
    expect(&cast, third, STATE(DUPLICATE_WAIT), PLACE(WAITS));
    MOVES(&cast, cast.lena, fourth, VERB(WITHDRAW));
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(claims, who_reviews)
{
    struct cast cast = cast_new();
    Vouch__V1__PersonalData person = VOUCH__V1__PERSONAL_DATA__INIT;
    person.name = "Ana Sousa";
    cr_assert_eq(submit(&cast, cast.ana, cast.tom, "", false, &person), VOUCH_OK);
    uint64_t id = cast.world->answer_id;
    const struct {
        uint64_t who;
        enum vouch_status want;
    } rows[] = {{cast.ana, VOUCH_DENIED},     {cast.tom, VOUCH_NOT_FOUND}, {cast.otto, VOUCH_NOT_FOUND},
                {cast.lena, VOUCH_NOT_FOUND}, {cast.max, VOUCH_OK},        {cast.fin, VOUCH_CONFLICT}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_assert_eq(review(&cast, rows[i].who, id, VERDICT(RELEASE)), rows[i].want, "row %zu: %s", i,
                     cast.world->why.text);
    }
    expect(&cast, id, STATE(OFFERED), PLACE(HOLDS));
    cr_assert_str_eq(last_line(&cast, cast.tom), "Ana Sousa refers Kestrel Bank to you: R1");
    cr_assert_eq(submit(&cast, cast.ana, cast.tom, "other", false, &person), VOUCH_OK);
    id = cast.world->answer_id;
    cr_assert_eq(review(&cast, cast.fin, id, VERDICT(REJECT)), VOUCH_OK);
    expect(&cast, id, STATE(WITHDRAWN), PLACE(PLACE_NONE));
    cr_assert_str_eq(last_line(&cast, cast.ana),
                     "Uta Brandt looked at and rejected R2 (Kestrel Bank): \"spoke to both\"");
    /* A manager does not review the own one. */
    person.name = "Max Lutz";
    cr_assert_eq(submit(&cast, cast.max, cast.tom, "other", false, &person), VOUCH_OK);
    cr_assert_eq(review(&cast, cast.max, cast.world->answer_id, VERDICT(RELEASE)), VOUCH_DENIED);
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(claims, reviewers_find_what_is_held)
{
    struct cast cast = cast_new();
    Vouch__V1__PersonalData person = VOUCH__V1__PERSONAL_DATA__INIT;
    person.name = "Ana Sousa";
    cr_assert_eq(submit(&cast, cast.ana, cast.tom, "", false, &person), VOUCH_OK);
    refer(&cast, cast.lena, 0);
    const struct {
        uint64_t who;
        size_t want;
    } rows[] = {{cast.ana, 1}, {cast.lena, 0}, {cast.tom, 0}, {cast.max, 1}, {cast.otto, 0}, {cast.fin, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        Vouch__V1__ReferralList list = VOUCH__V1__REFERRAL_LIST__INIT;
        Vouch__V1__Reply reply;
        list.state = STATE(HELD);
        cr_assert_eq(world_ask(cast.world, rows[i].who, REQUEST_OF(REFERRAL_LIST, referral_list, &list), &reply),
                     VOUCH_OK);
        cr_assert_eq(reply.referrals->n_referrals, rows[i].want, "row %zu", i);
    }
    world_free(&cast.world);
}

Test(claims, a_held_registration_keeps_its_place_in_the_order)
{
    struct cast cast = cast_new();
    Vouch__V1__PersonalData person = VOUCH__V1__PERSONAL_DATA__INIT;
    person.name = "Ana Sousa";
    uint64_t holder = refer(&cast, cast.tom, 0);
    cr_assert_eq(submit(&cast, cast.ana, 0, "", false, &person), VOUCH_OK);
    uint64_t held = cast.world->answer_id;
    uint64_t later = refer(&cast, cast.lena, 0);
    cr_assert_eq(review(&cast, cast.max, held, VERDICT(RELEASE)), VOUCH_OK);
    MOVES(&cast, cast.tom, holder, VERB(WITHDRAW));
    world_wait(cast.world, 0);
    expect(&cast, held, STATE(REGISTERED), PLACE(HOLDS));
    expect(&cast, later, STATE(DUPLICATE_WAIT), PLACE(WAITS));
    world_verify(cast.world);
    world_free(&cast.world);
}

/* ---- rings ---- */

static uint64_t win(struct cast *cast, uint64_t referrer, uint64_t receiver, const char *product)
{
    cr_assert_eq(submit(cast, referrer, receiver, product, false, NULL), VOUCH_OK);
    uint64_t id = cast->world->answer_id;
    MOVES(cast, receiver, id, VERB(ACCEPT), VERB(CONTACT), VERB(MEET), VERB(QUALIFY), VERB(WIN));
    return id;
}

Test(claims, reciprocal_wins_are_flagged_and_nothing_more)
{
    struct cast cast = cast_new();
    uint64_t there = win(&cast, cast.ana, cast.tom, "a");
    win(&cast, cast.ana, cast.lena, "b");
    uint64_t back = win(&cast, cast.tom, cast.ana, "c");
    cr_assert_eq(world_referral(cast.world, there)->reciprocal, 0);
    cr_assert_eq(world_referral(cast.world, back)->reciprocal, there);
    cr_assert_eq(show(&cast, cast.fin, back)->referral->reciprocal, there);
    cr_assert_eq(show(&cast, cast.tom, back)->referral->reciprocal, 0); /* not told to who is looked at */
    world_wait(cast.world, 91 * DAY);
    cr_assert_eq(world_referral(cast.world, win(&cast, cast.lena, cast.ana, "d"))->reciprocal, 0);
    world_verify(cast.world);
    world_free(&cast.world);
}

/* ---- at random ---- */

#define KEYS 2
#define REFERRALS_MOST 60
#define HISTORIES 12
#define STEPS 300

static void expect_sound(struct cast *cast, const char *products[KEYS])
{
    struct view *view = snapshot_open(cast->world->store);
    for (size_t i = 0; i < KEYS; i++) {
        struct claim_row row, holder = {0};
        const struct claim_row *after = NULL;
        uint64_t key;
        size_t holders = 0, waiting = 0, before = 0;
        enum claim_rank rank = CLAIM_HOLDS;
        cr_assert(claim_product_key(cast->world->arena, products[i], &key));
        for (; claim_find(view, cast->kestrel, key, CLAIM_HOLDS, CLAIM_GOES_ON, after, &row); after = &row) {
            holders += row.rank == CLAIM_HOLDS ? 1 : 0;
            holder = row.rank == CLAIM_HOLDS ? row : holder;
            waiting += row.rank == CLAIM_WAITS || row.rank == CLAIM_LEAD_WAITS ? 1 : 0;
            before = row.rank == rank ? before : 0;
            cr_assert_gt(row.sequence, before, "the queue is in order");
            before = row.sequence;
            rank = row.rank;
        }
        cr_assert_leq(holders, 1, "one holder");
        cr_assert(waiting == 0 || holders == 1, "nobody waits while nobody holds");
        cr_assert(waiting == 0 || holder.until_ms > cast->world->now_ms, "nobody waits for what is over");
    }
    snapshot_close(&view);
}

static void random_step(struct cast *cast, struct random_cases *cases, const char *products[KEYS])
{
    const uint64_t people[] = {cast->ana, cast->lena, cast->partner, cast->tom};
    static const Vouch__V1__ReferralVerb verbs[] = {VERB(WITHDRAW), VERB(ACCEPT),  VERB(CONTACT), VERB(MEET),
                                                    VERB(QUALIFY),  VERB(WIN),     VERB(LOSE),    VERB(DECLINE),
                                                    VERB(OFFER),    VERB(REGISTER)};
    struct world *world = cast->world;
    struct view *view = snapshot_open(world->store);
    uint64_t made = meta_get(view, "last_referral");
    snapshot_close(&view);
    uint64_t id = 1 + random_below(cases, made == 0 ? 1 : made);
    Vouch__V1__PersonalData ana = VOUCH__V1__PERSONAL_DATA__INIT;
    ana.name = "Ana Sousa";
    switch (random_below(cases, 8)) {
    case 0:
    case 1:
        if (made < REFERRALS_MOST) {
            (void)submit(cast, people[random_below(cases, 4)], random_below(cases, 2) == 0 ? 0 : WORLD_ADMIN,
                         products[random_below(cases, KEYS)], random_below(cases, 3) == 0,
                         random_below(cases, 6) == 0 ? &ana : NULL);
        }
        break;
    case 2:
        (void)choose(cast, random_below(cases, 2) == 0 ? cast->fin : cast->max, id);
        break;
    case 3:
        (void)review(cast, cast->fin, id, random_below(cases, 2) == 0 ? VERDICT(RELEASE) : VERDICT(REJECT));
        break;
    case 4:
        world->policy.protection_days = random_below(cases, 20) == 0 ? 0 : 90;
        world_wait(world, (int64_t)random_below(cases, 60) * DAY);
        break;
    default:
        (void)world_move(world, WORLD_ADMIN, id, verbs[random_below(cases, sizeof verbs / sizeof verbs[0])], cast->tom,
                         100);
        break;
    }
}

Test(claims, random_histories_have_one_holder_and_an_orderly_queue)
{
    const char *products[KEYS] = {"", "archive"};
    struct random_cases cases = random_begin("claims", HISTORIES * STEPS);
    for (int history = 0; history < HISTORIES; history++) {
        struct cast cast = cast_new();
        for (int step = 0; step < STEPS; step++) {
            random_step(&cast, &cases, products);
            world_wait(cast.world, 0);
            expect_sound(&cast, products);
        }
        world_verify(cast.world);
        world_free(&cast.world);
    }
}
