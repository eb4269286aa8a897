/* SPDX-License-Identifier: Apache-2.0
 *
 * People from address books, at the broker: who is one person and who is not, what is filled in and what stays, which
 * company it is, and that the same again takes no event. */
#include "world.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define CHANGE(name) VOUCH__V1__DONE__CHANGE__##name

static struct world *world;
static uint64_t ana, tom;

static void set_up(void)
{
    world = world_new();
    ana = world_member(world, "Ana Sousa", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    tom = world_member(world, "Tom Rieke", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
}

static void tear_down(void)
{
    world_verify(world);
    world_free(&world);
}

TestSuite(import_decide, .init = set_up, .fini = tear_down);

/* A person as a row of an address book. */
struct entry {
    const char *origin, *name, *email, *company, *title, *phone;
};

static enum vouch_status import_with(uint64_t member, struct entry entry, Vouch__V1__ContactImport *import)
{
    Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
    const char *const given[] = {entry.name, entry.email, entry.title, entry.phone};
    char **const fields[] = {&personal.name, &personal.email, &personal.title, &personal.phone};
    for (size_t i = 0; i < 4; i++) {
        if (given[i] != NULL) {
            *fields[i] = (char *)(uintptr_t)given[i];
        }
    }
    import->origin = (char *)(uintptr_t)entry.origin;
    import->personal = &personal;
    if (entry.company != NULL) {
        import->company_name = (char *)(uintptr_t)entry.company;
    }
    return world_try(world, member, NULL, REQUEST_OF(CONTACT_IMPORT, contact_import, import));
}

static enum vouch_status import_one(uint64_t member, struct entry entry)
{
    Vouch__V1__ContactImport import = VOUCH__V1__CONTACT_IMPORT__INIT;
    return import_with(member, entry, &import);
}

/* The number of the person it is, when it went as it must. */
static uint64_t import_as(uint64_t member, struct entry entry, Vouch__V1__Done__Change must)
{
    cr_assert_eq(import_one(member, entry), VOUCH_OK, "%s: %s", entry.name, world->why.text);
    cr_assert_eq(world->change, must, "%s: %d", entry.origin, (int)world->change);
    return world->answer_id;
}

static const Vouch__V1__Contact *contact(uint64_t id)
{
    const Vouch__V1__Contact *record = NULL;
    struct view *view = snapshot_open(world->store);
    record = record_contact(view, id, world->arena);
    snapshot_close(&view);
    cr_assert_not_null(record);
    return record;
}

static const char *company_of(uint64_t id)
{
    struct view *view = snapshot_open(world->store);
    const Vouch__V1__Company *company = record_company(view, contact(id)->company, world->arena);
    snapshot_close(&view);
    return company == NULL ? "" : company->name;
}

Test(import_decide, the_same_again_takes_no_event)
{
    const struct entry entry = {"linkedin:ana/1",  "Maria Keller", "m.keller@brandt.example",
                                "Brandt Logistik", "CIO",          "+49 30 1"};
    uint64_t id = import_as(ana, entry, CHANGE(NEW));
    uint64_t before = world->sequence;
    cr_assert_eq(import_as(ana, entry, CHANGE(KNOWN)), id);
    cr_assert_eq(world->sequence, before, "nothing was journalled");
    const Vouch__V1__Contact *record = contact(id);
    cr_assert_str_eq(record->personal->title, "CIO");
    cr_assert_str_eq(record->personal->phone, "+49 30 1");
    cr_assert_str_eq(company_of(id), "Brandt Logistik");
    cr_assert_not(record->consent);
    /* A colleague's address book has her too: one person, a tie of his own. */
    cr_assert_eq(import_as(tom, entry, CHANGE(CHANGED)), id);
    before = world->sequence;
    cr_assert_eq(import_as(tom, entry, CHANGE(KNOWN)), id);
    cr_assert_eq(world->sequence, before);
}

Test(import_decide, who_is_one_person)
{
    uint64_t maria = import_as(ana, (struct entry){"a:1", "Maria Keller", "maria@brandt.example", NULL, NULL, NULL},
                               CHANGE(NEW));
    const struct {
        struct entry entry;
        uint64_t same_as; /* 0: somebody else */
        Vouch__V1__Done__Change must;
    } rows[] = {
        {{"a:1", "Maria Keller", NULL, NULL, NULL, NULL}, maria, CHANGE(KNOWN)},
        {{"a:2", "M. Keller", " MARIA@Brandt.EXAMPLE ", NULL, NULL, NULL}, maria, CHANGE(CHANGED)},
        {{"a:3", "Maria Keller", NULL, NULL, NULL, NULL}, 0, CHANGE(NEW)},
        {{"a:4", "Maria Keller", "maria@other.example", NULL, NULL, NULL}, 0, CHANGE(NEW)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t id = import_as(ana, rows[i].entry, rows[i].must);
        cr_expect((id == maria) == (rows[i].same_as == maria), "row %zu", i);
    }
    /* Whose address book it is matters: another member's "a:3" is another entry. */
    uint64_t toms = import_as(tom, (struct entry){"a:3", "Maxim Keller", NULL, NULL, NULL, NULL}, CHANGE(NEW));
    cr_assert_str_eq(contact(toms)->personal->name, "Maxim Keller");
}

Test(import_decide, what_is_empty_is_filled_in_and_the_rest_stays)
{
    uint64_t id = import_as(ana, (struct entry){"a:1", "Per Dahl", "per@dahl.example", NULL, NULL, NULL}, CHANGE(NEW));
    import_as(ana, (struct entry){"a:1", "P. Dahl", "per@dahl.example", "Dahl AS", "Owner", "+47 1"}, CHANGE(CHANGED));
    import_as(ana, (struct entry){"a:1", "Peter", "per@private.example", "Other AS", "Gardener", "+47 2"},
              CHANGE(CHANGED));
    const Vouch__V1__Contact *record = contact(id);
    cr_assert_str_eq(record->personal->name, "Per Dahl");
    cr_assert_str_eq(record->personal->title, "Owner");
    cr_assert_str_eq(record->personal->email, "per@dahl.example");
    cr_assert_str_eq(record->personal->phone, "+47 1");
    cr_assert_eq(record->personal->n_emails, 1);
    cr_assert_str_eq(record->personal->emails[0], "per@private.example");
    cr_assert_eq(record->personal->n_phones, 1);
    cr_assert_str_eq(record->personal->phones[0], "+47 2");
    cr_assert_str_eq(company_of(id), "Dahl AS");
    /* Another's address is not taken from them. */
    uint64_t other = import_as(ana, (struct entry){"a:2", "Jo", "jo@dahl.example", NULL, NULL, NULL}, CHANGE(NEW));
    Vouch__V1__ContactImport both = VOUCH__V1__CONTACT_IMPORT__INIT;
    Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
    char *more[] = {"jo@dahl.example"};
    personal.name = "Per Dahl";
    personal.email = "per@dahl.example";
    personal.emails = more;
    personal.n_emails = 1;
    both.origin = "a:1";
    both.personal = &personal;
    cr_assert_eq(world_try(world, ana, NULL, REQUEST_OF(CONTACT_IMPORT, contact_import, &both)), VOUCH_OK);
    cr_assert_eq(world->answer_id, id);
    cr_assert_eq(world->change, CHANGE(KNOWN));
    cr_assert_str_eq(contact(other)->personal->email, "jo@dahl.example");
}

/* So many addresses as fit, again and again: no event once they are full. */
Test(import_decide, too_many_addresses)
{
    char email[40], origin[] = "a:1";
    uint64_t id = 0;
    for (int i = 0; i < 20; i++) {
        snprintf(email, sizeof email, "a%d@many.example", i);
        const struct entry entry = {origin, "Many", email, NULL, NULL, NULL};
        id = import_as(ana, entry, i == 0 ? CHANGE(NEW) : i <= 16 ? CHANGE(CHANGED) : CHANGE(KNOWN));
    }
    cr_assert_eq(contact(id)->personal->n_emails, 16);
}

Test(import_decide, companies)
{
    uint64_t kestrel = world_company(world, "Kestrel Bank", "kestrel.example", VOUCH__V1__COMPANY_KIND__CLIENT);
    world_company(world, "Kestrel Bank Leasing", "", VOUCH__V1__COMPANY_KIND__CLIENT);
    const struct {
        const char *email, *company;
        const char *must; /* company's name */
        const char *domain;
    } rows[] = {
        {"a@mail.kestrel.example", NULL, "Kestrel Bank", "kestrel.example"},
        {"b@kestrel.example", "Anything", "Kestrel Bank", "kestrel.example"}, /* the domain is the identity */
        {"c@gmail.com", "kestrel BANK", "Kestrel Bank", "kestrel.example"},
        {NULL, "Kestrel Bank", "Kestrel Bank", "kestrel.example"},
        {NULL, "Bank Kestrel", "Bank Kestrel", ""}, /* the words in another order are another name */
        {"d@orrin-foods.example", "Orrin Foods Ltd", "Orrin Foods Ltd", "orrin-foods.example"},
        {"e@private-name.example", "Fluxware", "Fluxware", ""}, /* a private address does not name the company */
        {"f@hotmail.com", "Hotmail Fans", "Hotmail Fans", ""},
        {"m@metadata.example", "Meta", "Meta", ""},
        {"n@united.example", "United Biscuits of Leeds", "United Biscuits of Leeds", ""},
        {"o@halden.example", "Halden AG", "Halden AG", "halden.example"},
        {"g@nowhere.example", NULL, "", NULL},
        {NULL, NULL, "", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char origin[16];
        snprintf(origin, sizeof origin, "c:%zu", i);
        uint64_t id = import_as(ana, (struct entry){origin, "Somebody", rows[i].email, rows[i].company, NULL, NULL},
                                CHANGE(NEW));
        cr_expect_str_eq(company_of(id), rows[i].must, "row %zu", i);
        if (rows[i].domain != NULL) {
            struct view *view = snapshot_open(world->store);
            const Vouch__V1__Company *company = record_company(view, contact(id)->company, world->arena);
            cr_expect_str_eq(company->domain, rows[i].domain, "row %zu", i);
            snapshot_close(&view);
        }
    }
    /* As the importer says, for all of a file. */
    Vouch__V1__ContactImport import = VOUCH__V1__CONTACT_IMPORT__INIT;
    import.company = kestrel;
    cr_assert_eq(import_with(ana, (struct entry){"c:x", "Else", "x@fluxware.example", "Fluxware", NULL, NULL}, &import),
                 VOUCH_OK);
    cr_assert_str_eq(company_of(world->answer_id), "Kestrel Bank");
}

Test(import_decide, ties_and_consent)
{
    struct tie_entry entry;
    const struct entry maria = {"a:1", "Maria Keller", NULL, NULL, NULL, NULL};
    Vouch__V1__ContactImport import = VOUCH__V1__CONTACT_IMPORT__INIT;
    import.since_ms = WORLD_NOON - 86400000;
    cr_assert_eq(import_with(ana, maria, &import), VOUCH_OK);
    uint64_t id = world->answer_id;
    struct view *view = snapshot_open(world->store);
    cr_assert(tie_get(view, NODE_MEMBER | ana, NODE_CONTACT | id, &entry));
    cr_assert_eq(entry.strength_ppm, 200000);
    cr_assert_eq(entry.flags & TIE_BY_HAND, 0);
    snapshot_close(&view);
    /* Told again with more: consent is news; a tie that is there stays. */
    import.strength_ppm = 900000;
    import.consent = true;
    cr_assert_eq(import_with(ana, maria, &import), VOUCH_OK);
    cr_assert_eq(world->change, CHANGE(CHANGED));
    cr_assert(contact(id)->consent);
    view = snapshot_open(world->store);
    cr_assert(tie_get(view, NODE_MEMBER | ana, NODE_CONTACT | id, &entry));
    cr_assert_eq(entry.strength_ppm, 200000);
    snapshot_close(&view);
    cr_assert_eq(import_with(tom, (struct entry){"a:2", "Jo", NULL, NULL, NULL, NULL}, &import), VOUCH_OK);
    view = snapshot_open(world->store);
    cr_assert(tie_get(view, NODE_MEMBER | tom, NODE_CONTACT | world->answer_id, &entry));
    cr_assert_eq(entry.strength_ppm, 900000);
    cr_assert_eq(entry.flags & TIE_BY_HAND, TIE_BY_HAND);
    snapshot_close(&view);
}

Test(import_decide, a_dry_run_changes_nothing)
{
    const struct entry maria = {"a:1", "Maria Keller", "m@brandt.example", "Brandt", NULL, NULL};
    uint64_t before = world->sequence;
    Vouch__V1__ContactImport import = VOUCH__V1__CONTACT_IMPORT__INIT;
    import.dry_run = true;
    cr_assert_eq(import_with(ana, maria, &import), VOUCH_OK);
    cr_assert_eq(world->change, CHANGE(NEW));
    cr_assert_eq(world->answer_id, 0);
    cr_assert_eq(world->sequence, before);
    uint64_t id = import_as(ana, maria, CHANGE(NEW));
    before = world->sequence;
    cr_assert_eq(import_with(ana, maria, &import), VOUCH_OK);
    cr_assert_eq(world->change, CHANGE(KNOWN));
    cr_assert_eq(world->answer_id, id);
    cr_assert_eq(import_with(tom, maria, &import), VOUCH_OK);
    cr_assert_eq(world->change, CHANGE(CHANGED), "a tie would be made");
    cr_assert_eq(world->sequence, before);
}

Test(import_decide, refusals)
{
    const struct {
        struct entry entry;
        int64_t since_ms;
        enum vouch_status must;
        const char *says;
    } rows[] = {
        {{"a:1", "", NULL, NULL, NULL, NULL}, 0, VOUCH_INVALID, "name is missing"},
        {{"a:1", "Ana", "no address", NULL, NULL, NULL}, 0, VOUCH_INVALID, "e-mail address"},
        {{"", "Ana", NULL, NULL, NULL, NULL}, 0, VOUCH_INVALID, "origin"},
        {{"a:1", "Ana", NULL,
          "\xE2\x80\xAE"
          "knab",
          NULL, NULL},
         0,
         VOUCH_INVALID,
         "company"},
        {{"a:1", "Ana", NULL, NULL, NULL, NULL}, WORLD_NOON + 1, VOUCH_INVALID, "still to come"},
    };
    uint64_t people = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        Vouch__V1__ContactImport import = VOUCH__V1__CONTACT_IMPORT__INIT;
        import.since_ms = rows[i].since_ms;
        cr_expect_eq(import_with(ana, rows[i].entry, &import), rows[i].must, "row %zu", i);
        cr_expect(strstr(world->why.text, rows[i].says) != NULL, "row %zu: %s", i, world->why.text);
    }
    struct view *view = snapshot_open(world->store);
    people = table_rows(view, TABLE_CONTACT);
    cr_assert_eq(people, 0);
    cr_assert_eq(table_rows(view, TABLE_CONTACT_ORIGIN), 0);
    snapshot_close(&view);
    Vouch__V1__ContactImport import = VOUCH__V1__CONTACT_IMPORT__INIT;
    import.company = 99;
    cr_assert_eq(import_with(ana, (struct entry){"a:1", "Ana", NULL, NULL, NULL, NULL}, &import), VOUCH_NOT_FOUND);
}

/* What an address book calls somebody tells who they are: no event has it in clear. */
Test(import_decide, origins_and_notes_are_sealed)
{
    Vouch__V1__ContactImport import = VOUCH__V1__CONTACT_IMPORT__INIT;
    import.note = "Plays the bassoon";
    const struct entry entry = {
        "linkedin:https://www.linkedin.com/in/bassoon", "Maria Keller", "maria@bassoon.example", NULL, NULL, NULL};
    cr_assert_eq(import_with(ana, entry, &import), VOUCH_OK);
    struct view *view = snapshot_open(world->store);
    struct slice bytes;
    for (uint64_t sequence = 1; sequence <= world->sequence; sequence++) {
        cr_assert(journal_get(view, sequence, &bytes));
        cr_expect_null(memmem(bytes.data, bytes.size, "assoon", 6), "event %lu", (unsigned long)sequence);
    }
    snapshot_close(&view);
}

Test(import_decide, a_withdrawn_consent_is_not_given_again_by_a_file)
{
    const struct entry entry = {"a:1", "Maria Keller", "maria@brandt.example", NULL, "CIO", NULL};
    Vouch__V1__ContactImport import = VOUCH__V1__CONTACT_IMPORT__INIT;
    Vouch__V1__ContactChange change = VOUCH__V1__CONTACT_CHANGE__INIT;
    import.consent = true;
    cr_assert_eq(import_with(ana, entry, &import), VOUCH_OK, "%s", world->why.text);
    change.contact = world->answer_id;
    cr_assert(contact(change.contact)->consent);
    change.withdraw_consent = true;
    world_do(world, ana, REQUEST_OF(CONTACT_CHANGE, contact_change, &change));
    cr_assert_eq(import_with(ana, entry, &import), VOUCH_OK, "%s", world->why.text);
    cr_assert_eq(world->change, CHANGE(KNOWN));
    cr_assert_not(contact(change.contact)->consent);
    cr_assert_neq(contact(change.contact)->withdrawn_ms, 0);
}
