/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers: who sees what of a referral, its person and its money; pages that fit and follow on each other; finding by
 * name; sums. */
#include "world.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define STATE(name) VOUCH__V1__REFERRAL_STATE__##name
#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name

enum person { ANA, TOM, LENA, BEN, MAX, NORA, PER, FIN, UTA, ADMIN, PEOPLE };

struct cast {
    struct world *world;
    uint64_t people[PEOPLE];
    uint64_t kestrel;
};

static struct cast cast_new(void)
{
    static const struct {
        const char *name;
        Vouch__V1__Role role;
        const char *team;
    } members[] = {
        {"Ana Sousa", VOUCH__V1__ROLE__REP, "DACH"},       {"Tom Rieke", VOUCH__V1__ROLE__REP, "Nordics"},
        {"Lena Voss", VOUCH__V1__ROLE__REP, "Iberia"},     {"Ben Adler", VOUCH__V1__ROLE__REP, "UK"},
        {"Max Lutz", VOUCH__V1__ROLE__MANAGER, "DACH"},    {"Nora Berg", VOUCH__V1__ROLE__MANAGER, "Nordics"},
        {"Per Dahl", VOUCH__V1__ROLE__MANAGER, "Benelux"}, {"Fin Holm", VOUCH__V1__ROLE__FINANCE, ""},
        {"Uta Brandt", VOUCH__V1__ROLE__AUDITOR, ""},
    };
    struct cast cast = {.world = world_new()};
    for (size_t i = 0; i < ADMIN; i++) {
        cast.people[i] = world_member(cast.world, members[i].name, members[i].role, WORLD_HOME, members[i].team);
    }
    cast.people[ADMIN] = WORLD_ADMIN;
    cast.kestrel = world_company(cast.world, "Kestrel Bank", "kestrel.example", 0);
    return cast;
}

static uint64_t refer_with_person(struct cast *cast, bool draft)
{
    Vouch__V1__PersonalData dana = VOUCH__V1__PERSONAL_DATA__INIT;
    dana.name = "Dana Frey";
    dana.title = "Head of Infrastructure";
    dana.email = "dana@kestrel.example";
    dana.phone = "+49 40 1234";
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    text.need = "archive 40 TB";
    text.vouch = "Dana asked me";
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    submit.prospect = cast->kestrel;
    submit.new_contact = &dana;
    submit.receiver = cast->people[TOM];
    submit.connector = cast->people[LENA];
    submit.text = &text;
    submit.draft = draft;
    return world_do(cast->world, cast->people[ANA], REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
}

static enum vouch_status get(struct cast *cast, enum person person, uint64_t id, Vouch__V1__Reply *reply)
{
    Vouch__V1__ReferralGet get = VOUCH__V1__REFERRAL_GET__INIT;
    get.referral = id;
    return world_ask(cast->world, cast->people[person], REQUEST_OF(REFERRAL_GET, referral_get, &get), reply);
}

static void move(struct cast *cast, enum person person, uint64_t id, Vouch__V1__ReferralVerb verb, enum person to)
{
    cr_assert_eq(world_move(cast->world, cast->people[person], id, verb, cast->people[to], 4800000), VOUCH_OK, "%s",
                 cast->world->why.text);
}

/* One letter a person, in the order of enum person: '-' does not see it, 's' sees it, 'd' sees e-mail and phone too; a
 * capital also sees the commission. */
static void expect_sight(struct cast *cast, uint64_t id, const char *sight)
{
    for (int person = 0; person < PEOPLE; person++) {
        Vouch__V1__Reply reply;
        enum vouch_status status = get(cast, (enum person)person, id, &reply);
        char is = '-';
        if (status == VOUCH_OK) {
            const Vouch__V1__ReferralView *view = reply.referral;
            cr_assert_str_eq(view->contact->name, "Dana Frey");
            cr_assert_str_eq(view->contact->title, "Head of Infrastructure");
            bool details = view->contact->email[0] != '\0';
            cr_assert_eq(details, view->contact->phone[0] != '\0');
            is = details ? 'd' : 's';
            is = (char)(view->deal != NULL ? is - 'a' + 'A' : is);
        } else {
            cr_assert_eq(status, VOUCH_NOT_FOUND);
        }
        cr_assert_eq(is, sight[person], "person %d sees R%lu as '%c', not '%c'", person, (unsigned long)id, is,
                     sight[person]);
    }
}

Test(query, who_sees_a_referral)
{
    struct cast cast = cast_new();
    uint64_t id = refer_with_person(&cast, true);
    /*                       Ana Tom Lena Ben Max Nora Per Fin Uta admin */
    expect_sight(&cast, id, "d--------s");
    move(&cast, ANA, id, VERB(REGISTER), ANA);
    expect_sight(&cast, id, "d-s-s--sss");
    move(&cast, LENA, id, VERB(INTRODUCE), ANA);
    expect_sight(&cast, id, "dss-ss-sss");
    move(&cast, TOM, id, VERB(ACCEPT), ANA);
    expect_sight(&cast, id, "dds-ss-sss");
    move(&cast, TOM, id, VERB(CONTACT), ANA);
    move(&cast, TOM, id, VERB(MEET), ANA);
    move(&cast, TOM, id, VERB(QUALIFY), ANA);
    move(&cast, TOM, id, VERB(WIN), ANA);
    expect_sight(&cast, id, "DdS-sS-SSS");
    world_free(&cast.world);
}

Test(query, a_history_is_told_in_names_and_words)
{
    struct cast cast = cast_new();
    uint64_t id = refer_with_person(&cast, false);
    move(&cast, LENA, id, VERB(INTRODUCE), ANA);
    move(&cast, TOM, id, VERB(DECLINE), ANA);
    move(&cast, ANA, id, VERB(OFFER), BEN);
    Vouch__V1__Reply reply;
    cr_assert_eq(get(&cast, ANA, id, &reply), VOUCH_OK);
    const Vouch__V1__ReferralView *view = reply.referral;
    cr_assert_str_eq(view->referrer, "Ana Sousa");
    cr_assert_str_eq(view->receiver, "Ben Adler");
    cr_assert_str_eq(view->connector, "Lena Voss");
    cr_assert_str_eq(view->prospect, "Kestrel Bank");
    cr_assert_str_eq(view->referral->text->need, "archive 40 TB");
    cr_assert_str_eq(view->referral->text->vouch, "Dana asked me");
    cr_assert_eq(view->referral->n_steps, 5);
    cr_assert_eq(view->referral->steps[3]->verb, VERB(DECLINE));
    cr_assert_str_eq(view->referral->steps[3]->actor_name, "Tom Rieke");
    cr_assert_str_eq(view->referral->steps[3]->text->reason, "they said so on the phone");
    cr_assert_eq(view->referral->attempt, 2);
    /* The next receiver does not read why the one before declined; who was dropped sees nothing any more. */
    cr_assert_eq(get(&cast, BEN, id, &reply), VOUCH_OK);
    cr_assert_null(reply.referral->referral->steps[3]->text);
    cr_assert_not_null(reply.referral->referral->steps[4]->text);
    cr_assert_eq(get(&cast, TOM, id, &reply), VOUCH_NOT_FOUND);
    world_free(&cast.world);
}

/* What is written with the registration is added to the draft's own words. */
Test(query, a_draft_is_completed_when_it_is_registered)
{
    struct cast cast = cast_new();
    Vouch__V1__ReferralText need = VOUCH__V1__REFERRAL_TEXT__INIT;
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    need.need = "archive 40 TB";
    need.awareness = "knows that Tom calls";
    submit.prospect = cast.kestrel;
    submit.receiver = cast.people[TOM];
    submit.text = &need;
    submit.consent = true;
    submit.draft = true;
    uint64_t id = world_do(cast.world, cast.people[ANA], REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
    Vouch__V1__ReferralText vouch = VOUCH__V1__REFERRAL_TEXT__INIT;
    Vouch__V1__ReferralMove move = VOUCH__V1__REFERRAL_MOVE__INIT;
    vouch.need = "archive 60 TB";
    vouch.vouch = "Dana asked me";
    move.referral = id;
    move.verb = VERB(REGISTER);
    move.text = &vouch;
    world_do(cast.world, cast.people[ANA], REQUEST_OF(REFERRAL_MOVE, referral_move, &move));
    Vouch__V1__Reply reply;
    cr_assert_eq(get(&cast, TOM, id, &reply), VOUCH_OK);
    const Vouch__V1__Referral *referral = reply.referral->referral;
    cr_assert_str_eq(referral->text->need, "archive 60 TB");
    cr_assert_str_eq(referral->text->vouch, "Dana asked me");
    cr_assert_str_eq(referral->text->awareness, "knows that Tom calls");
    cr_assert_null(referral->steps[0]->text);
    cr_assert_str_eq(referral->steps[1]->text->vouch, "Dana asked me");
    world_free(&cast.world);
}

Test(query, a_deal_says_what_was_frozen)
{
    struct cast cast = cast_new();
    uint64_t id = world_submit(cast.world, cast.people[ANA], cast.kestrel, cast.people[TOM]);
    static const Vouch__V1__ReferralVerb path[] = {VERB(ACCEPT), VERB(CONTACT), VERB(MEET), VERB(QUALIFY), VERB(WIN)};
    for (size_t i = 0; i < sizeof path / sizeof path[0]; i++) {
        move(&cast, TOM, id, path[i], ANA);
    }
    Vouch__V1__Reply reply;
    cr_assert_eq(get(&cast, ANA, id, &reply), VOUCH_OK);
    const Vouch__V1__Deal *deal = reply.referral->deal;
    cr_assert_eq(deal->value->minor, 4800000);
    cr_assert_eq(deal->frozen->coworker_bps, 300);
    cr_assert_eq(deal->terms_digest.len, 32);
    cr_assert_str_eq(deal->plugin, "linear");
    cr_assert_str_eq(deal->allocation, "LRM1");
    cr_assert_eq(deal->inputs_digest.len, 32);
    cr_assert_eq(deal->n_shares, 1);
    cr_assert_str_eq(deal->shares[0]->name, "Ana Sousa");
    cr_assert_eq(deal->shares[0]->accrued_minor, 0);
    cr_assert_eq(deal->sequence, cast.world->sequence);
    world_free(&cast.world);
}

static size_t list(struct cast *cast, enum person person, Vouch__V1__ReferralList__As as,
                   Vouch__V1__ReferralState state, uint64_t before, uint32_t limit, uint64_t *ids, bool *more)
{
    Vouch__V1__ReferralList list = VOUCH__V1__REFERRAL_LIST__INIT;
    Vouch__V1__Reply reply;
    list.as = as;
    list.state = state;
    list.before = before;
    list.limit = limit;
    cr_assert_eq(world_ask(cast->world, cast->people[person], REQUEST_OF(REFERRAL_LIST, referral_list, &list), &reply),
                 VOUCH_OK, "%s", cast->world->why.text);
    for (size_t i = 0; i < reply.referrals->n_referrals; i++) {
        ids[i] = reply.referrals->referrals[i]->referral->id;
        cr_assert_eq(reply.referrals->referrals[i]->referral->n_steps, 0);
    }
    *more = reply.referrals->more;
    return reply.referrals->n_referrals;
}

Test(query, lists_are_newest_first_and_go_on)
{
    struct cast cast = cast_new();
    uint64_t ids[200];
    bool more;
    /* Odd ones from Ana to Tom, even ones from Tom to Ana; every third was accepted, every fifth withdrawn. */
    for (uint64_t i = 1; i <= 60; i++) {
        enum person from = i % 2 == 1 ? ANA : TOM;
        enum person to = i % 2 == 1 ? TOM : ANA;
        uint64_t id = world_submit(cast.world, cast.people[from], cast.kestrel, cast.people[to]);
        cr_assert_eq(id, i);
        if (i % 5 == 0) {
            move(&cast, from, id, VERB(WITHDRAW), ANA);
        } else if (i % 3 == 0) {
            move(&cast, to, id, VERB(ACCEPT), ANA);
        }
    }
    uint64_t draft = refer_with_person(&cast, true); /* names Tom, who must not hear of it yet */
    uint64_t before = 0;
    uint64_t last = 62;
    size_t seen = 0;
    do {
        size_t count = list(&cast, ANA, 0, 0, before, 7, ids, &more);
        for (size_t i = 0; i < count; i++) {
            cr_assert_lt(ids[i], last);
            cr_assert_neq(ids[i] % 5, 0);
            last = before = ids[i];
        }
        seen += count;
        cr_assert(count == 7 || !more);
    } while (more);
    cr_assert_eq(seen, 49);
    cr_assert_eq(list(&cast, ANA, VOUCH__V1__REFERRAL_LIST__AS__REFERRER, 0, 0, 100, ids, &more), 25);
    cr_assert_eq(list(&cast, ANA, VOUCH__V1__REFERRAL_LIST__AS__RECEIVER, 0, 0, 100, ids, &more), 24);
    cr_assert_eq(list(&cast, TOM, VOUCH__V1__REFERRAL_LIST__AS__RECEIVER, 0, 0, 100, ids, &more), 24);
    cr_assert_eq(list(&cast, TOM, 0, STATE(WITHDRAWN), 0, 100, ids, &more), 12);
    cr_assert_eq(list(&cast, TOM, 0, STATE(ACCEPTED), 0, 100, ids, &more), 16);
    cr_assert_eq(list(&cast, ANA, 0, STATE(DRAFT), 0, 100, ids, &more), 1);
    cr_assert_eq(ids[0], draft);
    cr_assert_eq(list(&cast, TOM, 0, STATE(DRAFT), 0, 100, ids, &more), 0);
    cr_assert_eq(list(&cast, LENA, 0, 0, 0, 100, ids, &more), 0);
    cr_assert_eq(list(&cast, ANA, 0, 0, 1, 100, ids, &more), 0);
    world_free(&cast.world);
}

Test(query, greetings)
{
    struct cast cast = cast_new();
    Vouch__V1__Hello hello = VOUCH__V1__HELLO__INIT;
    Vouch__V1__Whoami whoami = VOUCH__V1__WHOAMI__INIT;
    Vouch__V1__Reply reply;
    cr_assert_eq(world_ask(cast.world, cast.people[ANA], REQUEST_OF(HELLO, hello, &hello), &reply), VOUCH_OK);
    cr_assert_str_eq(reply.greeting->company, "Northgate Storage");
    cr_assert_str_eq(reply.greeting->name, "Ana Sousa");
    cr_assert_str_eq(reply.greeting->zone, "Europe/Berlin");
    cr_assert_eq(reply.greeting->last_sequence, cast.world->sequence);
    cr_assert_eq(world_ask(cast.world, 0, REQUEST_OF(HELLO, hello, &hello), &reply), VOUCH_OK);
    cr_assert_eq(reply.greeting->member, 0);
    cr_assert_eq(world_ask(cast.world, cast.people[MAX], REQUEST_OF(WHOAMI, whoami, &whoami), &reply), VOUCH_OK);
    cr_assert_eq(reply.member->id, cast.people[MAX]);
    world_free(&cast.world);
}

Test(query, the_greeting_names_what_is_durable_and_not_visible_yet)
{
    struct cast cast = cast_new();
    const struct journal_entry next = {.sequence = cast.world->sequence + 1, .event = {"\1", 1}};
    struct status_text why = {""};
    cr_assert_eq(journal_append(cast.world->store, &next, 1, NULL, 0, &why), VOUCH_OK, "%s", why.text);
    Vouch__V1__Hello hello = VOUCH__V1__HELLO__INIT;
    Vouch__V1__Reply reply;
    cr_assert_eq(world_ask(cast.world, cast.people[ANA], REQUEST_OF(HELLO, hello, &hello), &reply), VOUCH_OK);
    cr_assert_eq(reply.greeting->last_sequence, next.sequence);
    world_free(&cast.world);
}

Test(query, members_and_companies_in_pages)
{
    struct cast cast = cast_new();
    Vouch__V1__MemberList members = VOUCH__V1__MEMBER_LIST__INIT;
    Vouch__V1__CompanyList companies = VOUCH__V1__COMPANY_LIST__INIT;
    Vouch__V1__Reply reply;
    members.limit = 4;
    size_t seen = 0;
    do {
        cr_assert_eq(world_ask(cast.world, cast.people[ANA], REQUEST_OF(MEMBER_LIST, member_list, &members), &reply),
                     VOUCH_OK);
        for (size_t i = 0; i < reply.members->n_members; i++) {
            cr_assert_eq(reply.members->members[i]->n_keys, 0);
            cr_assert_eq(reply.members->members[i]->id, ++seen);
        }
        members.after = seen;
    } while (reply.members->more);
    cr_assert_eq(seen, PEOPLE);
    cr_assert_eq(world_ask(cast.world, cast.people[ANA], REQUEST_OF(COMPANY_LIST, company_list, &companies), &reply),
                 VOUCH_OK);
    cr_assert_eq(reply.companies->n_companies, 2);
    cr_assert_not(reply.companies->more);
    world_free(&cast.world);
}

/* However large the rows, an answer fits into a frame. */
Test(query, pages_end_where_the_frame_does)
{
    struct cast cast = cast_new();
    static char long_text[4001];
    memset(long_text, 'x', 4000);
    Vouch__V1__Card card = VOUCH__V1__CARD__INIT;
    Vouch__V1__CardSetting set = VOUCH__V1__CARD_SETTING__INIT;
    card.describe_me = long_text;
    set.card = &card;
    for (int i = 0; i < 120; i++) {
        uint64_t id = world_member(cast.world, "Long Card", VOUCH__V1__ROLE__REP, WORLD_HOME, "");
        world_do(cast.world, id, REQUEST_OF(CARD_SET, card_set, &set));
    }
    Vouch__V1__MemberList members = VOUCH__V1__MEMBER_LIST__INIT;
    members.limit = 500;
    Vouch__V1__Reply reply;
    uint64_t seen = 0;
    int pages = 0;
    do {
        cr_assert_eq(world_ask(cast.world, cast.people[ANA], REQUEST_OF(MEMBER_LIST, member_list, &members), &reply),
                     VOUCH_OK);
        cr_assert_leq(protobuf_c_message_get_packed_size(&reply.base), LIMIT_FRAME_BYTES);
        seen += reply.members->n_members;
        members.after = reply.members->members[reply.members->n_members - 1]->id;
        pages++;
    } while (reply.members->more);
    cr_assert_eq(seen, PEOPLE + 120);
    cr_assert_gt(pages, 1);
    world_free(&cast.world);
}

static size_t find(struct cast *cast, enum person person, Vouch__V1__Find__Kind kind, const char *text,
                   Vouch__V1__Reply *reply)
{
    Vouch__V1__Find find = VOUCH__V1__FIND__INIT;
    find.kind = kind;
    find.text = (char *)(uintptr_t)text;
    cr_assert_eq(world_ask(cast->world, cast->people[person], REQUEST_OF(FIND, find, &find), reply), VOUCH_OK);
    return reply->found->n_hits;
}

Test(query, finding)
{
    struct cast cast = cast_new();
    const Vouch__V1__Find__Kind member = VOUCH__V1__FIND__KIND__MEMBER;
    const Vouch__V1__Find__Kind company = VOUCH__V1__FIND__KIND__COMPANY;
    const Vouch__V1__Find__Kind contact = VOUCH__V1__FIND__KIND__CONTACT;
    world_company(cast.world, "Kestrel Bankhaus Österreich", "", 0);
    world_company(cast.world, "Kestrel", "", 0);
    refer_with_person(&cast, true);
    Vouch__V1__Reply reply;
    cr_assert_eq(find(&cast, TOM, member, "tom", &reply), 1);
    cr_assert_eq(reply.found->hits[0]->id, cast.people[TOM]);
    cr_assert_str_eq(reply.found->hits[0]->name, "Tom Rieke");
    cr_assert_str_eq(reply.found->hits[0]->detail, "Nordics, Northgate Storage");
    cr_assert_eq(find(&cast, TOM, member, "rie to", &reply), 1);
    cr_assert_eq(find(&cast, TOM, member, "TOM RIEKE", &reply), 1);
    cr_assert_eq(find(&cast, TOM, member, "tom voss", &reply), 0);
    cr_assert_eq(find(&cast, TOM, member, "3", &reply), 1);
    cr_assert_eq(find(&cast, TOM, member, "99", &reply), 0);
    cr_assert_eq(find(&cast, TOM, member, "...", &reply), 0);
    cr_assert_eq(find(&cast, TOM, company, "kestrel", &reply), 1); /* the exact one alone */
    cr_assert_str_eq(reply.found->hits[0]->name, "Kestrel");
    cr_assert_eq(find(&cast, TOM, company, "kest", &reply), 3);
    cr_assert_eq(find(&cast, TOM, company, "ÖSTERR", &reply), 1);
    cr_assert_eq(find(&cast, TOM, company, "https://www.kestrel.example/", &reply), 1);
    cr_assert_eq(reply.found->hits[0]->id, cast.kestrel);
    cr_assert_eq(find(&cast, ANA, contact, "dana", &reply), 1);
    cr_assert_str_eq(reply.found->hits[0]->detail, "Head of Infrastructure, Kestrel Bank");
    cr_assert_eq(find(&cast, ANA, contact, "Dana@Kestrel.example", &reply), 1);
    cr_assert_eq(find(&cast, TOM, contact, "dana", &reply), 0);
    cr_assert_eq(find(&cast, TOM, contact, "dana@kestrel.example", &reply), 0);
    cr_assert_eq(find(&cast, TOM, contact, "1", &reply), 0);
    for (int i = 0; i < 30; i++) {
        world_company(cast.world, "Orrin Foods", "", 0);
    }
    cr_assert_eq(find(&cast, TOM, company, "orr", &reply), 20);
    cr_assert(reply.found->more);
    world_free(&cast.world);
}

Test(query, own_people_and_ties)
{
    struct cast cast = cast_new();
    refer_with_person(&cast, true);
    Vouch__V1__TieSetting set = VOUCH__V1__TIE_SETTING__INIT;
    set.to_member = cast.people[TOM];
    set.strength_ppm = 700000;
    world_do(cast.world, cast.people[ANA], REQUEST_OF(TIE_SET, tie_set, &set));
    Vouch__V1__TieList ties = VOUCH__V1__TIE_LIST__INIT;
    Vouch__V1__ContactList contacts = VOUCH__V1__CONTACT_LIST__INIT;
    Vouch__V1__Reply reply;
    cr_assert_eq(world_ask(cast.world, cast.people[ANA], REQUEST_OF(TIE_LIST, tie_list, &ties), &reply), VOUCH_OK);
    cr_assert_eq(reply.ties->n_ties, 2);
    cr_assert_str_eq(reply.ties->ties[0]->name, "Tom Rieke");
    cr_assert_str_eq(reply.ties->ties[0]->company, "Northgate Storage");
    cr_assert_eq(reply.ties->ties[0]->strength_ppm, 700000);
    cr_assert_str_eq(reply.ties->ties[1]->name, "Dana Frey");
    cr_assert_str_eq(reply.ties->ties[1]->company, "Kestrel Bank");
    ties.limit = 1;
    cr_assert_eq(world_ask(cast.world, cast.people[ANA], REQUEST_OF(TIE_LIST, tie_list, &ties), &reply), VOUCH_OK);
    cr_assert(reply.ties->more);
    ties.after = reply.ties->next;
    cr_assert_eq(world_ask(cast.world, cast.people[ANA], REQUEST_OF(TIE_LIST, tie_list, &ties), &reply), VOUCH_OK);
    cr_assert_eq(reply.ties->n_ties, 1);
    cr_assert_not(reply.ties->more);
    cr_assert_eq(world_ask(cast.world, cast.people[ANA], REQUEST_OF(CONTACT_LIST, contact_list, &contacts), &reply),
                 VOUCH_OK);
    cr_assert_eq(reply.contacts->n_contacts, 1);
    cr_assert_str_eq(reply.contacts->contacts[0]->personal->phone, "+49 40 1234");
    cr_assert_eq(world_ask(cast.world, cast.people[TOM], REQUEST_OF(CONTACT_LIST, contact_list, &contacts), &reply),
                 VOUCH_OK);
    cr_assert_eq(reply.contacts->n_contacts, 0);
    world_free(&cast.world);
}

Test(query, totals)
{
    struct cast cast = cast_new();
    uint64_t id = world_submit(cast.world, cast.people[ANA], cast.kestrel, cast.people[TOM]);
    static const Vouch__V1__ReferralVerb path[] = {VERB(ACCEPT), VERB(CONTACT), VERB(MEET), VERB(QUALIFY), VERB(WIN)};
    for (size_t i = 0; i < sizeof path / sizeof path[0]; i++) {
        move(&cast, TOM, id, path[i], ANA);
    }
    world_pay(cast.world, id, 4800000);
    world_submit(cast.world, cast.people[ANA], cast.kestrel, cast.people[TOM]);
    Vouch__V1__Totals totals = VOUCH__V1__TOTALS__INIT;
    Vouch__V1__Reply reply;
    cr_assert_eq(world_ask(cast.world, WORLD_ADMIN, REQUEST_OF(TOTALS, totals, &totals), &reply), VOUCH_OK);
    cr_assert_eq(reply.totals->n_states, 2);
    cr_assert_eq(reply.totals->states[0]->state, STATE(OFFERED));
    cr_assert_eq(reply.totals->states[0]->count, 1);
    cr_assert_eq(reply.totals->states[1]->state, STATE(WON));
    cr_assert_eq(reply.totals->n_amounts, 1);
    cr_assert_str_eq(reply.totals->amounts[0]->currency, "EUR");
    cr_assert_eq(reply.totals->amounts[0]->won, 1);
    cr_assert_eq(reply.totals->amounts[0]->won_minor, 4800000);
    cr_assert_eq(reply.totals->amounts[0]->commission_minor, 144000);
    Vouch__V1__PluginList plugins = VOUCH__V1__PLUGIN_LIST__INIT;
    cr_assert_eq(world_ask(cast.world, WORLD_ADMIN, REQUEST_OF(PLUGIN_LIST, plugin_list, &plugins), &reply), VOUCH_OK);
    cr_assert_eq(reply.plugins->n_plugins, 0);
    world_free(&cast.world);
}
