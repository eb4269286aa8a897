/* SPDX-License-Identifier: Apache-2.0
 *
 * Asking for referrals: who may ask whom and when, what an ask becomes, what came of it. */
#include "base/clock.h"
#include "domain/ask_moves.h"
#include "world.h"

#include <criterion/criterion.h>
#include <string.h>

#define ASK(name) VOUCH__V1__ASK_STATE__##name
#define OWES(name) VOUCH__V1__ASK_ROW__OWES__##name

struct cast {
    struct world *world;
    uint64_t ana, tom, priya;
    uint64_t orrin, halden; /* companies: a client, a prospect */
    uint64_t sam;           /* at Orrin, known to Ana and Tom */
};

static uint64_t add_contact(struct world *world, uint64_t member, uint64_t company, const char *name, const char *email)
{
    Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
    Vouch__V1__ContactAdd add = VOUCH__V1__CONTACT_ADD__INIT;
    personal.name = (char *)(uintptr_t)name;
    personal.email = (char *)(uintptr_t)email;
    add.personal = &personal;
    add.company = company;
    add.consent = true;
    return world_do(world, member, REQUEST_OF(CONTACT_ADD, contact_add, &add));
}

static void set_card(struct world *world, uint64_t member)
{
    Vouch__V1__Card card = VOUCH__V1__CARD__INIT;
    Vouch__V1__CardSetting set = VOUCH__V1__CARD_SETTING__INIT;
    char *issues[] = {"archive"};
    card.issues = issues;
    card.n_issues = 1;
    set.card = &card;
    world_do(world, member, REQUEST_OF(CARD_SET, card_set, &set));
}

static struct cast cast_new(void)
{
    struct cast cast = {.world = world_new()};
    cast.ana = world_member(cast.world, "Ana Sousa", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    cast.tom = world_member(cast.world, "Tom Rieke", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    cast.priya = world_member(cast.world, "Priya Nair", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    cast.orrin = world_company(cast.world, "Orrin Foods", "orrin.example", VOUCH__V1__COMPANY_KIND__CLIENT);
    cast.halden = world_company(cast.world, "Halden AG", "halden.example", VOUCH__V1__COMPANY_KIND__PROSPECT);
    cast.sam = add_contact(cast.world, cast.ana, cast.orrin, "Sam Okafor", "sam@orrin.example");
    add_contact(cast.world, cast.tom, cast.orrin, "Sam Okafor", "sam@orrin.example");
    set_card(cast.world, cast.ana);
    set_card(cast.world, cast.tom);
    return cast;
}

static enum vouch_status ask(struct cast *cast, uint64_t member, uint64_t contact, bool asked)
{
    Vouch__V1__AskPrepare prepare = VOUCH__V1__ASK_PREPARE__INIT;
    prepare.contact = contact;
    prepare.asked = asked;
    return world_try(cast->world, member, NULL, REQUEST_OF(ASK_PREPARE, ask_prepare, &prepare));
}

static enum vouch_status move(struct cast *cast, uint64_t member, uint64_t id, Vouch__V1__AskState to)
{
    Vouch__V1__AskMove asked = VOUCH__V1__ASK_MOVE__INIT;
    asked.ask = id;
    asked.to = to;
    asked.later_ms = to == ASK(YES_LATER) ? cast->world->now_ms + 120 * MS_PER_DAY : 0;
    return world_try(cast->world, member, NULL, REQUEST_OF(ASK_MOVE, ask_move, &asked));
}

static uint64_t refer(struct cast *cast, uint64_t member, uint64_t ask_id, enum vouch_status must)
{
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    text.vouch = "they asked who does archives well";
    submit.text = &text;
    submit.prospect = cast->halden;
    submit.receiver = cast->priya;
    submit.consent = true;
    submit.ask = ask_id;
    enum vouch_status is = world_try(cast->world, member, NULL, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
    cr_assert_eq(is, must, "%s: %s", status_name(is), cast->world->why.text);
    return cast->world->answer_id;
}

/* The row of one ask as its member sees it. */
static const Vouch__V1__AskRow *row_of(struct cast *cast, uint64_t member, uint64_t id)
{
    static Vouch__V1__Reply reply;
    Vouch__V1__AskList list = VOUCH__V1__ASK_LIST__INIT;
    list.ask = id;
    cr_assert_eq(world_ask(cast->world, member, REQUEST_OF(ASK_LIST, ask_list, &list), &reply), VOUCH_OK);
    cr_assert_eq(reply.asks->n_asks, 1);
    return reply.asks->asks[0];
}

/* What a member sees of who named the prospect. */
static void expect_source(struct cast *cast, uint64_t member, uint64_t referral, const char *name, uint64_t contact)
{
    Vouch__V1__Reply reply;
    Vouch__V1__ReferralGet get = VOUCH__V1__REFERRAL_GET__INIT;
    get.referral = referral;
    cr_assert_eq(world_ask(cast->world, member, REQUEST_OF(REFERRAL_GET, referral_get, &get), &reply), VOUCH_OK);
    const Vouch__V1__Source *source = reply.referral->referral->source;
    cr_assert_str_eq(reply.referral->source, name);
    cr_assert_eq(source->contact, contact);
    cr_assert_eq(source->ask != 0, contact != 0);
    cr_assert_eq(source->kind, VOUCH__V1__SOURCE__KIND__CLIENT);
}

static void cast_free(struct cast *cast)
{
    world_verify(cast->world);
    world_free(&cast->world);
}

#define SAYS(part) cr_assert_not_null(strstr(cast.world->why.text, part), "%s", cast.world->why.text)

Test(asks, the_table_leads_everywhere_from_somewhere)
{
    for (int state = 1; state < ASK_STATES; state++) {
        const struct ask_move *row = ask_move_find((Vouch__V1__AskState)state);
        cr_assert_not_null(row, "state %d", state);
        cr_assert_eq(row->from == 0, state == ASK(PREPARED));
        cr_assert_not(ask_move_leads_from(row, ASK(OUTCOME_TOLD)));
        cr_assert_not(ask_move_leads_from(row, ASK(DROPPED)));
    }
    cr_assert_null(ask_move_find(ASK(ASK_STATE_NONE)));
    cr_assert_null(ask_move_find((Vouch__V1__AskState)77));
}

Test(asks, from_prepared_to_told)
{
    struct cast cast = cast_new();
    cr_assert_eq(ask(&cast, cast.ana, cast.sam, false), VOUCH_OK);
    uint64_t id = cast.world->answer_id;
    cr_assert_eq(row_of(&cast, cast.ana, id)->owes, OWES(ASK_IT));
    cr_assert_eq(ask(&cast, cast.ana, cast.sam, false), VOUCH_CONFLICT);
    SAYS("A1 is prepared already");
    cr_assert_eq(ask(&cast, cast.ana, cast.sam, true), VOUCH_OK);
    cr_assert_eq(cast.world->answer_id, id);
    cr_assert_eq(move(&cast, cast.ana, id, ASK(OUTCOME_TOLD)), VOUCH_CONFLICT);
    cr_assert_eq(move(&cast, cast.ana, id, ASK(YES_NAMED)), VOUCH_OK);
    cr_assert_eq(row_of(&cast, cast.ana, id)->owes, OWES(THANK));
    uint64_t referral = refer(&cast, cast.ana, id, VOUCH_OK);
    cr_assert_eq(world_referral(cast.world, referral)->source->kind, VOUCH__V1__SOURCE__KIND__CLIENT);
    cr_assert_eq(world_referral(cast.world, referral)->source->contact, cast.sam);
    expect_source(&cast, cast.ana, referral, "Sam Okafor", cast.sam);
    expect_source(&cast, cast.priya, referral, "", 0);
    expect_source(&cast, WORLD_ADMIN, referral, "", 0);
    cr_assert_eq(move(&cast, cast.ana, id, ASK(THANKED)), VOUCH_OK);
    cr_assert_eq(row_of(&cast, cast.ana, id)->owes, OWES(NOTHING));
    cr_assert_eq(move(&cast, cast.ana, id, ASK(OUTCOME_TOLD)), VOUCH_CONFLICT);
    SAYS("R1 is still on its way");
    cr_assert_eq(world_move(cast.world, cast.ana, referral, VOUCH__V1__REFERRAL_VERB__WITHDRAW, 0, 0), VOUCH_OK);
    cr_assert_eq(row_of(&cast, cast.ana, id)->owes, OWES(TELL));
    world_wait(cast.world, 100 * MS_PER_DAY);
    cr_assert_eq(ask(&cast, cast.ana, cast.sam, true), VOUCH_CONFLICT);
    SAYS("Sam Okafor does not know yet what became of R1; tell them, then `vouch ask told A1`");
    cr_assert_eq(move(&cast, cast.ana, id, ASK(OUTCOME_TOLD)), VOUCH_OK);
    cr_assert_eq(move(&cast, cast.ana, id, ASK(OUTCOME_TOLD)), VOUCH_CONFLICT);
    cr_assert_eq(ask(&cast, cast.ana, cast.sam, true), VOUCH_OK);
    cast_free(&cast);
}

/* Complaint: contacts are asked again and again, by colleagues who do not know of each other. */
Test(asks, a_contact_has_one_budget_for_all_members)
{
    struct cast cast = cast_new();
    cr_assert_eq(ask(&cast, cast.tom, cast.sam, false), VOUCH_OK); /* both prepare: nobody has asked yet */
    uint64_t prepared = cast.world->answer_id;
    cr_assert_eq(ask(&cast, cast.ana, cast.sam, true), VOUCH_OK);
    uint64_t id = cast.world->answer_id;
    cr_assert_eq(ask(&cast, cast.tom, cast.sam, true), VOUCH_CONFLICT);
    SAYS("Ana Sousa has asked Sam Okafor already; they may be asked again from 2027-02-21 on");
    cr_assert_null(strstr(cast.world->why.text, "Orrin"));
    cr_assert_eq(move(&cast, cast.tom, prepared, ASK(ASKED)), VOUCH_CONFLICT);
    cr_assert_eq(move(&cast, cast.tom, prepared, ASK(DROPPED)), VOUCH_OK);
    cr_assert_eq(ask(&cast, cast.tom, cast.sam, false), VOUCH_CONFLICT);
    cr_assert_eq(move(&cast, cast.ana, id, ASK(NO)), VOUCH_OK);
    cr_assert_eq(ask(&cast, cast.ana, cast.sam, true), VOUCH_CONFLICT);
    SAYS("you have asked Sam Okafor already");
    world_wait(cast.world, 90 * MS_PER_DAY - 1);
    cr_assert_eq(ask(&cast, cast.tom, cast.sam, true), VOUCH_CONFLICT);
    world_wait(cast.world, 1);
    cr_assert_eq(ask(&cast, cast.tom, cast.sam, true), VOUCH_OK);
    cr_assert_eq(move(&cast, cast.tom, cast.world->answer_id, ASK(NO)), VOUCH_OK);
    /* Two NOs in a row, whoever heard them. */
    world_wait(cast.world, 364 * MS_PER_DAY);
    cr_assert_eq(ask(&cast, cast.ana, cast.sam, true), VOUCH_CONFLICT);
    SAYS("Tom Rieke has asked Sam Okafor already; they may be asked again from 2028-02-21 on");
    world_wait(cast.world, MS_PER_DAY);
    cr_assert_eq(ask(&cast, cast.ana, cast.sam, true), VOUCH_OK);
    cast_free(&cast);
}

Test(asks, nobody_answers)
{
    struct cast cast = cast_new();
    cr_assert_eq(ask(&cast, cast.ana, cast.sam, true), VOUCH_OK);
    uint64_t id = cast.world->answer_id;
    world_wait(cast.world, 14 * MS_PER_DAY - 1);
    cr_assert_eq(row_of(&cast, cast.ana, id)->ask->state, ASK(ASKED));
    cr_assert_eq(world_wait(cast.world, 1), 1);
    cr_assert_eq(row_of(&cast, cast.ana, id)->ask->state, ASK(NO_REPLY));
    struct view *view = snapshot_open(cast.world->store);
    struct arena *arena = arena_new(1 << 20);
    struct name_cache *names = name_cache_new(view, arena);
    const Vouch__V1__Notice *notice = notice_make(view, cast.ana, 1, cast.world->sequence, names, arena);
    cr_assert_str_eq(notice->text, "Sam Okafor has not answered what you asked on 2026-11-23 (A1); whatever they say "
                                   "later, tell it with `vouch ask answered A1`");
    arena_free(&arena);
    snapshot_close(&view);
    /* A late answer is one. */
    uint64_t referral = refer(&cast, cast.ana, id, VOUCH_OK);
    const Vouch__V1__AskRow *row = row_of(&cast, cast.ana, id);
    cr_assert(row->ask->state == ASK(YES_NAMED) && row->ask->n_referrals == 1 && row->ask->referrals[0] == referral);
    cast_free(&cast);
}

Test(asks, what_stands_in_the_way)
{
    struct cast cast = cast_new();
    uint64_t lea = add_contact(cast.world, cast.priya, cast.orrin, "Lea Brandt", "lea@orrin.example");
    cr_assert_eq(ask(&cast, cast.priya, lea, true), VOUCH_CONFLICT);
    SAYS("`vouch card set`");
    cr_assert_eq(ask(&cast, cast.ana, lea, true), VOUCH_NOT_FOUND);
    cr_assert_eq(ask(&cast, cast.ana, 0, true), VOUCH_NOT_FOUND);
    cr_assert_eq(ask(&cast, cast.ana, cast.sam, true), VOUCH_OK);
    uint64_t id = cast.world->answer_id;
    cr_assert_eq(ask(&cast, cast.ana, cast.sam, true), VOUCH_CONFLICT);
    SAYS("first say what they answered");
    static const Vouch__V1__AskState never[] = {ASK(PREPARED), ASK(NO_REPLY), ASK(ASK_STATE_NONE), 99};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        cr_assert_eq(move(&cast, cast.ana, id, never[i]), VOUCH_INVALID, "%d", (int)never[i]);
    }
    cr_assert_eq(move(&cast, cast.tom, id, ASK(NO)), VOUCH_NOT_FOUND); /* another's */
    cr_assert_eq(move(&cast, cast.ana, 99, ASK(NO)), VOUCH_NOT_FOUND);
    refer(&cast, cast.tom, id, VOUCH_NOT_FOUND);
    refer(&cast, cast.ana, 99, VOUCH_NOT_FOUND);
    cr_assert_eq(move(&cast, cast.ana, id, ASK(DROPPED)), VOUCH_CONFLICT);
    Vouch__V1__AskMove later = VOUCH__V1__ASK_MOVE__INIT;
    later.contact = cast.sam;
    later.to = ASK(YES_LATER);
    static const int64_t days[] = {0, -1, 4000};
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        later.later_ms = cast.world->now_ms + days[i] * MS_PER_DAY;
        cr_assert_eq(world_try(cast.world, cast.ana, NULL, REQUEST_OF(ASK_MOVE, ask_move, &later)), VOUCH_INVALID);
    }
    cr_assert_eq(move(&cast, cast.ana, id, ASK(YES_LATER)), VOUCH_OK);
    world_wait(cast.world, 100 * MS_PER_DAY);
    cr_assert_eq(ask(&cast, cast.ana, cast.sam, true), VOUCH_CONFLICT);
    SAYS("Sam Okafor wants to be asked from 2027-03-23 on");
    world_wait(cast.world, 20 * MS_PER_DAY);
    cr_assert_eq(ask(&cast, cast.ana, cast.sam, true), VOUCH_OK);
    cast_free(&cast);
}

/* A referral may be on its way for longer than it takes to ask again; both asks have their end. */
Test(asks, an_older_ask_is_not_forgotten)
{
    struct cast cast = cast_new();
    cr_assert_eq(ask(&cast, cast.ana, cast.sam, true), VOUCH_OK);
    uint64_t referral = refer(&cast, cast.ana, 1, VOUCH_OK);
    cr_assert_eq(move(&cast, cast.ana, 1, ASK(THANKED)), VOUCH_OK);
    world_wait(cast.world, MS_PER_DAY);
    cr_assert_eq(world_move(cast.world, cast.priya, referral, VOUCH__V1__REFERRAL_VERB__ACCEPT, 0, 0), VOUCH_OK);
    cast.world->now_ms += 100 * MS_PER_DAY; /* nobody looks, so that nobody is asked in Priya's place */
    cr_assert_eq(ask(&cast, cast.ana, cast.sam, true), VOUCH_OK);
    uint64_t second = cast.world->answer_id;
    cr_assert_eq(move(&cast, cast.ana, second, ASK(NO)), VOUCH_OK);
    cr_assert_eq(world_move(cast.world, cast.ana, referral, VOUCH__V1__REFERRAL_VERB__WITHDRAW, 0, 0), VOUCH_OK);
    cast.world->now_ms += 100 * MS_PER_DAY;
    cr_assert_eq(ask(&cast, cast.ana, cast.sam, true), VOUCH_CONFLICT);
    SAYS("what became of R1");
    Vouch__V1__AskMove told = VOUCH__V1__ASK_MOVE__INIT;
    told.contact = cast.sam;
    told.to = ASK(OUTCOME_TOLD);
    cr_assert_eq(world_do(cast.world, cast.ana, REQUEST_OF(ASK_MOVE, ask_move, &told)), 1);
    cr_assert_eq(ask(&cast, cast.ana, cast.sam, true), VOUCH_OK);
    cast_free(&cast);
}

Test(asks, where_a_referral_comes_from)
{
    struct cast cast = cast_new();
    uint64_t alder = world_company(cast.world, "Alder Systems", "alder.example", VOUCH__V1__COMPANY_KIND__PARTNER);
    uint64_t paul = world_member(cast.world, "Paul Adler", VOUCH__V1__ROLE__REP, alder, "");
    uint64_t lea = add_contact(cast.world, cast.ana, cast.halden, "Lea Brandt", "lea@halden.example");
    const struct {
        uint64_t source, receiver;
        Vouch__V1__Source__Kind must;
    } rows[] = {{0, cast.tom, VOUCH__V1__SOURCE__KIND__COWORKER},
                {0, paul, VOUCH__V1__SOURCE__KIND__PARTNER},
                {0, 0, VOUCH__V1__SOURCE__KIND__KIND_NONE},
                {cast.sam, paul, VOUCH__V1__SOURCE__KIND__CLIENT},
                {lea, 0, VOUCH__V1__SOURCE__KIND__CONTACT}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
        submit.prospect = cast.halden;
        submit.consent = true;
        submit.source = rows[i].source;
        submit.receiver = rows[i].receiver;
        uint64_t id = world_do(cast.world, cast.ana, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
        const Vouch__V1__Referral *referral = world_referral(cast.world, id);
        cr_assert_eq(referral->source == NULL ? 0 : referral->source->kind, rows[i].must, "row %zu", i);
        if (rows[i].receiver == 0) { /* known once somebody is asked; who was told of it by others stays their source */
            cr_assert_eq(world_move(cast.world, cast.ana, id, VOUCH__V1__REFERRAL_VERB__OFFER, paul, 0), VOUCH_OK);
            cr_assert_eq(world_referral(cast.world, id)->source->kind,
                         rows[i].source == 0 ? VOUCH__V1__SOURCE__KIND__PARTNER : rows[i].must);
        }
    }
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    submit.prospect = cast.halden;
    submit.source = lea;
    cr_assert_eq(world_try(cast.world, cast.tom, NULL, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit)),
                 VOUCH_NOT_FOUND);
    cr_assert_eq(ask(&cast, cast.ana, cast.sam, true), VOUCH_OK);
    submit.ask = cast.world->answer_id;
    cr_assert_eq(world_try(cast.world, cast.ana, NULL, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit)),
                 VOUCH_INVALID);
    SAYS("was an ask of Sam Okafor, who is the source then");
    cast_free(&cast);
}

static uint64_t referral_to_meeting(struct cast *cast, uint64_t id, bool won)
{
    static const Vouch__V1__ReferralVerb verbs[] = {VOUCH__V1__REFERRAL_VERB__ACCEPT, VOUCH__V1__REFERRAL_VERB__CONTACT,
                                                    VOUCH__V1__REFERRAL_VERB__MEET, VOUCH__V1__REFERRAL_VERB__QUALIFY,
                                                    VOUCH__V1__REFERRAL_VERB__WIN};
    uint64_t referral = refer(cast, cast->ana, id, VOUCH_OK);
    for (size_t i = 0; i < (won ? 5 : 3); i++) {
        cr_assert_eq(world_move(cast->world, cast->priya, referral, verbs[i], 0, 1000), VOUCH_OK);
    }
    return referral;
}

Test(asks, yields_and_lists_are_their_members_only)
{
    struct cast cast = cast_new();
    uint64_t lea = add_contact(cast.world, cast.ana, cast.orrin, "Lea Brandt", "lea@orrin.example");
    cr_assert_eq(ask(&cast, cast.ana, cast.sam, true), VOUCH_OK);
    uint64_t id = cast.world->answer_id;
    referral_to_meeting(&cast, id, true);
    referral_to_meeting(&cast, id, false);
    refer(&cast, cast.ana, id, VOUCH_OK);
    cr_assert_eq(ask(&cast, cast.ana, lea, true), VOUCH_OK);
    cr_assert_eq(move(&cast, cast.ana, cast.world->answer_id, ASK(NO)), VOUCH_OK);
    Vouch__V1__AskList list = VOUCH__V1__ASK_LIST__INIT;
    Vouch__V1__Reply reply;
    list.yields = true;
    cr_assert_eq(world_ask(cast.world, cast.ana, REQUEST_OF(ASK_LIST, ask_list, &list), &reply), VOUCH_OK);
    cr_assert_eq(reply.asks->n_yields, 2);
    const Vouch__V1__AskYield *yield = reply.asks->yields[0];
    cr_assert(yield->contact == cast.sam && yield->asks == 1 && yield->named == 1 && yield->referrals == 3 &&
              yield->meetings == 2 && yield->won == 1);
    yield = reply.asks->yields[1];
    cr_assert(yield->contact == lea && yield->asks == 1 && yield->named == 0 && yield->referrals == 0);
    list.yields = false;
    list.limit = 1;
    cr_assert_eq(world_ask(cast.world, cast.ana, REQUEST_OF(ASK_LIST, ask_list, &list), &reply), VOUCH_OK);
    cr_assert(reply.asks->n_asks == 1 && reply.asks->more && reply.asks->asks[0]->ask->contact == lea);
    list.before = reply.asks->asks[0]->ask->id;
    cr_assert_eq(world_ask(cast.world, cast.ana, REQUEST_OF(ASK_LIST, ask_list, &list), &reply), VOUCH_OK);
    cr_assert(reply.asks->n_asks == 1 && reply.asks->asks[0]->ask->contact == cast.sam);
    list = (Vouch__V1__AskList)VOUCH__V1__ASK_LIST__INIT;
    list.contact = lea;
    cr_assert_eq(world_ask(cast.world, cast.ana, REQUEST_OF(ASK_LIST, ask_list, &list), &reply), VOUCH_OK);
    cr_assert_eq(reply.asks->n_asks, 1);
    list.contact = 0;
    cr_assert_eq(world_ask(cast.world, cast.tom, REQUEST_OF(ASK_LIST, ask_list, &list), &reply), VOUCH_OK);
    cr_assert_eq(reply.asks->n_asks, 0);
    list.ask = id;
    cr_assert_eq(world_ask(cast.world, WORLD_ADMIN, REQUEST_OF(ASK_LIST, ask_list, &list), &reply), VOUCH_NOT_FOUND);
    cast_free(&cast);
}
