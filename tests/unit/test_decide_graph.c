/* SPDX-License-Identifier: Apache-2.0
 *
 * Companies, contacts and ties: one domain is one company, one e-mail address is one person, nobody gets to anybody's
 * data by guessing numbers, and personal data are in the journal sealed only. */
#include "base/message.h"
#include "world.h"

#include <criterion/criterion.h>
#include <string.h>

struct graph {
    struct world *world;
    uint64_t ana, tom, manager, kestrel;
};

static struct graph graph_new(void)
{
    struct graph graph = {.world = world_new()};
    graph.ana = world_member(graph.world, "Ana Sousa", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    graph.tom = world_member(graph.world, "Tom Rieke", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    graph.manager = world_member(graph.world, "Max Lutz", VOUCH__V1__ROLE__MANAGER, WORLD_HOME, "DACH");
    graph.kestrel = world_company(graph.world, "Kestrel Bank", "kestrel.example", VOUCH__V1__COMPANY_KIND__PROSPECT);
    return graph;
}

static enum vouch_status add_company(struct graph *graph, uint64_t by, const char *name, const char *domain,
                                     Vouch__V1__CompanyKind kind, uint64_t parent)
{
    Vouch__V1__CompanyAdd add = VOUCH__V1__COMPANY_ADD__INIT;
    add.name = (char *)(uintptr_t)name;
    add.domain = (char *)(uintptr_t)domain;
    add.kind = kind;
    add.parent = parent;
    return world_try(graph->world, by, NULL, REQUEST_OF(COMPANY_ADD, company_add, &add));
}

Test(decide_graph, companies)
{
    struct graph graph = graph_new();
    const struct {
        uint64_t by;
        const char *name;
        const char *domain;
        Vouch__V1__CompanyKind kind;
        uint64_t parent;
        enum vouch_status must;
    } rows[] = {
        {graph.ana, "Orrin Foods", "https://www.Orrin.example/about", VOUCH__V1__COMPANY_KIND__CLIENT, 0, VOUCH_OK},
        {graph.ana, "Orrin Foods", "mail.orrin.example", 0, 0, VOUCH_DUPLICATE},
        {graph.ana, "No Domain", "", 0, 0, VOUCH_OK},
        {graph.ana, "No Domain", "", 0, 0, VOUCH_OK},
        {graph.ana, "", "new.example", 0, 0, VOUCH_INVALID},
        {graph.ana, "  ", "new.example", 0, 0, VOUCH_INVALID},
        {graph.ana, "Mail", "gmail.com", 0, 0, VOUCH_INVALID},
        {graph.ana, "Bad", "not a domain", 0, 0, VOUCH_INVALID},
        {graph.ana, "Division", "", 0, graph.kestrel, VOUCH_OK},
        {graph.ana, "Division", "", 0, 99, VOUCH_NOT_FOUND},
        {graph.ana, "Partner", "", VOUCH__V1__COMPANY_KIND__PARTNER, 0, VOUCH_DENIED},
        {graph.manager, "Partner", "", VOUCH__V1__COMPANY_KIND__PARTNER, 0, VOUCH_DENIED},
        {WORLD_ADMIN, "Partner", "", VOUCH__V1__COMPANY_KIND__PARTNER, 0, VOUCH_OK},
        {WORLD_ADMIN, "Second home", "", VOUCH__V1__COMPANY_KIND__HOME, 0, VOUCH_CONFLICT},
        {WORLD_ADMIN, "Kind", "", (Vouch__V1__CompanyKind)9, 0, VOUCH_INVALID},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum vouch_status is = add_company(&graph, rows[i].by, rows[i].name, rows[i].domain, rows[i].kind,
                                           rows[i].parent);
        cr_assert_eq(is, rows[i].must, "row %zu: %s %s", i, status_name(is), graph.world->why.text);
    }
    world_verify(graph.world);
    world_free(&graph.world);
}

Test(decide_graph, a_company_is_no_division_of_itself)
{
    struct graph graph = graph_new();
    uint64_t ids[4] = {graph.kestrel};
    for (int i = 1; i < 4; i++) {
        cr_assert_eq(add_company(&graph, graph.ana, "Division", "", 0, ids[i - 1]), VOUCH_OK);
        ids[i] = graph.world->answer_id;
    }
    Vouch__V1__CompanyAdd change = VOUCH__V1__COMPANY_ADD__INIT;
    Vouch__V1__CompanyChange asked = VOUCH__V1__COMPANY_CHANGE__INIT;
    asked.company = graph.kestrel;
    asked.change = &change;
    for (int i = 0; i < 4; i++) {
        change.parent = ids[i];
        cr_assert_eq(world_try(graph.world, graph.manager, NULL, REQUEST_OF(COMPANY_CHANGE, company_change, &asked)),
                     VOUCH_CONFLICT);
    }
    change.parent = 0;
    asked.company = ids[3];
    asked.clear_parent = true;
    world_do(graph.world, graph.manager, REQUEST_OF(COMPANY_CHANGE, company_change, &asked));
    change.parent = ids[3];
    asked.company = graph.kestrel;
    asked.clear_parent = false;
    world_do(graph.world, graph.manager, REQUEST_OF(COMPANY_CHANGE, company_change, &asked));
    uint64_t deepest = ids[2];
    enum vouch_status status = VOUCH_OK;
    for (int depth = 0; status == VOUCH_OK && depth < 2 * LIMIT_COMPANY_DEPTH; depth++) {
        status = add_company(&graph, graph.ana, "Deeper", "", 0, deepest);
        deepest = graph.world->answer_id;
    }
    cr_assert_eq(status, VOUCH_TOO_LARGE);
    world_verify(graph.world);
    world_free(&graph.world);
}

Test(decide_graph, changing_a_company)
{
    struct graph graph = graph_new();
    cr_assert_eq(add_company(&graph, graph.ana, "Orrin", "orrin.example", 0, 0), VOUCH_OK);
    Vouch__V1__CompanyAdd change = VOUCH__V1__COMPANY_ADD__INIT;
    Vouch__V1__CompanyChange asked = VOUCH__V1__COMPANY_CHANGE__INIT;
    const Vouch__V1__Request *request = REQUEST_OF(COMPANY_CHANGE, company_change, &asked);
    asked.company = graph.kestrel;
    cr_assert_eq(world_try(graph.world, graph.manager, NULL, request), VOUCH_INVALID);
    asked.change = &change;
    change.domain = "orrin.example";
    cr_assert_eq(world_try(graph.world, graph.manager, NULL, request), VOUCH_DUPLICATE);
    change.domain = "kestrel-group.example";
    change.name = "Kestrel Group";
    change.city = "Hamburg";
    world_do(graph.world, graph.manager, request);
    change.domain = "kestrel.example"; /* its old one is free again */
    asked.company = 0;
    cr_assert_eq(world_try(graph.world, graph.manager, NULL, request), VOUCH_NOT_FOUND);
    cr_assert_eq(add_company(&graph, graph.ana, "Kestrel of old", "kestrel.example", 0, 0), VOUCH_OK);
    asked.company = WORLD_HOME;
    change.domain = "";
    change.kind = VOUCH__V1__COMPANY_KIND__CLIENT;
    cr_assert_eq(world_try(graph.world, WORLD_ADMIN, NULL, request), VOUCH_CONFLICT);
    world_verify(graph.world);
    world_free(&graph.world);
}

static enum vouch_status add_contact(struct graph *graph, uint64_t by, const char *name, const char *email,
                                     bool consent)
{
    Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
    personal.name = (char *)(uintptr_t)name;
    personal.email = (char *)(uintptr_t)email;
    personal.title = "Head of Infrastructure";
    Vouch__V1__ContactAdd add = VOUCH__V1__CONTACT_ADD__INIT;
    add.company = graph->kestrel;
    add.personal = &personal;
    add.consent = consent;
    return world_try(graph->world, by, NULL, REQUEST_OF(CONTACT_ADD, contact_add, &add));
}

Test(decide_graph, one_email_is_one_person)
{
    struct graph graph = graph_new();
    cr_assert_eq(add_contact(&graph, graph.ana, "Dana Frey", "Dana.Frey@kestrel.example", false), VOUCH_OK);
    uint64_t dana = graph.world->answer_id;
    cr_assert_eq(add_contact(&graph, graph.tom, "D. Frey", " dana.frey@KESTREL.example", true), VOUCH_OK);
    cr_assert_eq(graph.world->answer_id, dana);
    cr_assert_eq(add_contact(&graph, graph.tom, "Dana Frey", "", false), VOUCH_OK);
    cr_assert_neq(graph.world->answer_id, dana);
    cr_assert_eq(add_contact(&graph, graph.tom, "", "", false), VOUCH_INVALID);
    cr_assert_eq(add_contact(&graph, graph.tom, "", "new@kestrel.example", false), VOUCH_INVALID);
    cr_assert_eq(add_contact(&graph, graph.tom, "Dana", "not an address", false), VOUCH_INVALID);

    struct arena *arena = arena_new(1 << 16);
    struct view *view = snapshot_open(graph.world->store);
    const Vouch__V1__Contact *contact = record_contact(view, dana, arena);
    cr_assert_str_eq(contact->personal->name, "Dana Frey"); /* who is known is not renamed by the next one */
    cr_assert(contact->consent);
    struct tie_entry tie;
    cr_assert(tie_get(view, NODE_MEMBER | graph.ana, NODE_CONTACT | dana, &tie));
    cr_assert(tie_get(view, NODE_MEMBER | graph.tom, NODE_CONTACT | dana, &tie));
    cr_assert_eq(tie.strength_ppm, 500000);
    snapshot_close(&view);
    arena_free(&arena);
    world_verify(graph.world);
    world_free(&graph.world);
}

Test(decide_graph, contacts_belong_to_those_who_know_them)
{
    struct graph graph = graph_new();
    cr_assert_eq(add_contact(&graph, graph.ana, "Dana Frey", "dana@kestrel.example", false), VOUCH_OK);
    uint64_t dana = graph.world->answer_id;
    cr_assert_eq(add_contact(&graph, graph.ana, "Jo Lind", "jo@kestrel.example", false), VOUCH_OK);
    Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
    Vouch__V1__ContactChange change = VOUCH__V1__CONTACT_CHANGE__INIT;
    const Vouch__V1__Request *request = REQUEST_OF(CONTACT_CHANGE, contact_change, &change);
    change.contact = dana;
    change.personal = &personal;
    personal.phone = "+49 40 1234";
    cr_assert_eq(world_try(graph.world, graph.tom, NULL, request), VOUCH_NOT_FOUND);
    world_do(graph.world, graph.ana, request);
    world_do(graph.world, WORLD_ADMIN, request);
    personal.email = "jo@kestrel.example";
    cr_assert_eq(world_try(graph.world, graph.ana, NULL, request), VOUCH_DUPLICATE);
    personal.email = "dana.frey@kestrel.example";
    world_do(graph.world, graph.ana, request);
    change.company = 99;
    cr_assert_eq(world_try(graph.world, graph.ana, NULL, request), VOUCH_NOT_FOUND);

    Vouch__V1__TieSetting set = VOUCH__V1__TIE_SETTING__INIT;
    const Vouch__V1__Request *tie = REQUEST_OF(TIE_SET, tie_set, &set);
    set.strength_ppm = 900000;
    cr_assert_eq(world_try(graph.world, graph.tom, NULL, tie), VOUCH_INVALID);
    set.to_contact = dana;
    cr_assert_eq(world_try(graph.world, graph.tom, NULL, tie), VOUCH_NOT_FOUND);
    world_do(graph.world, graph.ana, tie);
    set.strength_ppm = 0;
    world_do(graph.world, graph.ana, tie); /* gone */
    cr_assert_eq(world_try(graph.world, graph.ana, NULL, request), VOUCH_NOT_FOUND);
    set.strength_ppm = 1;
    world_do(graph.world, graph.ana, tie); /* she added Dana, so she may come back */
    set.to_member = graph.tom;
    cr_assert_eq(world_try(graph.world, graph.ana, NULL, tie), VOUCH_INVALID);
    set.to_contact = 0;
    world_do(graph.world, graph.ana, tie);
    set.strength_ppm = 1000001;
    cr_assert_eq(world_try(graph.world, graph.ana, NULL, tie), VOUCH_INVALID);
    set.strength_ppm = 5;
    set.to_member = graph.ana;
    cr_assert_eq(world_try(graph.world, graph.ana, NULL, tie), VOUCH_INVALID);
    set.to_member = 99;
    cr_assert_eq(world_try(graph.world, graph.ana, NULL, tie), VOUCH_NOT_FOUND);
    world_verify(graph.world);
    world_free(&graph.world);
}

static bool journal_holds(struct world *world, const char *text)
{
    bool found = false;
    struct view *view = snapshot_open(world->store);
    for (uint64_t sequence = 1; sequence <= world->sequence; sequence++) {
        struct slice event;
        cr_assert(journal_get(view, sequence, &event));
        found = found || memmem(event.data, event.size, text, strlen(text)) != NULL;
    }
    snapshot_close(&view);
    return found;
}

Test(decide_graph, personal_data_are_sealed_in_the_journal)
{
    struct graph graph = graph_new();
    cr_assert_eq(add_contact(&graph, graph.ana, "Dana Frey", "dana@kestrel.example", true), VOUCH_OK);
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    text.vouch = "Dana asked me who does archives well";
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    submit.contact = graph.world->answer_id;
    submit.receiver = graph.tom;
    submit.text = &text;
    uint64_t id = world_do(graph.world, graph.ana, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
    cr_assert_eq(world_move(graph.world, graph.tom, id, VOUCH__V1__REFERRAL_VERB__DECLINE, 0, 0), VOUCH_OK);
    cr_assert(journal_holds(graph.world, "Kestrel Bank"));
    static const char *const secrets[] = {"Dana", "dana@kestrel", "Infrastructure", "archives well", "on the phone"};
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
        cr_assert_not(journal_holds(graph.world, secrets[i]), "\"%s\" is in the journal in clear", secrets[i]);
    }
    world_verify(graph.world);
    world_free(&graph.world);
}
