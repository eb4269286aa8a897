/* SPDX-License-Identifier: Apache-2.0
 *
 * People: several addresses find one person, former companies are kept, consent can be withdrawn, and what a member
 * writes or does is seen by nobody else. */
#include "people.h"

#include <criterion/criterion.h>
#include <string.h>

static enum vouch_status change(struct people *people, uint64_t member, const Vouch__V1__ContactChange *change)
{
    return world_try(people->world, member, NULL,
                     REQUEST_OF(CONTACT_CHANGE, contact_change, (Vouch__V1__ContactChange *)(uintptr_t)change));
}

Test(contacts, every_address_finds_the_person)
{
    struct people people = people_new();
    uint64_t dana = people_add(&people, people.ana, "Dana Frey", "dana@kestrel.example");
    char *more[] = {"d.frey@home.example", "Dana.Frey@KESTREL.example"};
    char *phones[] = {"+49 40 1234"};
    char *tags[] = {"Golf", "golf", "Archive"};
    Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
    personal.emails = more;
    personal.n_emails = 2;
    personal.phones = phones;
    personal.n_phones = 1;
    personal.tags = tags;
    personal.n_tags = 3;
    Vouch__V1__ContactChange asked = VOUCH__V1__CONTACT_CHANGE__INIT;
    asked.contact = dana;
    asked.personal = &personal;
    cr_assert_eq(change(&people, people.ana, &asked), VOUCH_OK);
    const Vouch__V1__ContactView *view = people_look(&people, people.ana, dana);
    cr_assert_eq(view->contact->personal->n_emails, 2);
    cr_assert_eq(view->contact->personal->n_tags, 2, "each once, folded");
    cr_assert_str_eq(view->contact->personal->tags[0], "golf");
    cr_assert_eq(people_find(&people, people.ana, "D.Frey@HOME.example"), dana);
    cr_assert_eq(people_add(&people, people.tom, "Somebody", "d.frey@home.example"), dana, "one person, whoever adds");
    view = people_look(&people, people.tom, dana);
    cr_assert_str_eq(view->contact->personal->name, "Dana Frey");
    cr_assert_eq(view->contact->personal->n_emails, 2, "the address was known");

    char *none[] = {"-"};
    personal.emails = none;
    personal.n_emails = 1;
    cr_assert_eq(change(&people, people.ana, &asked), VOUCH_OK);
    cr_assert_eq(people_find(&people, people.ana, "d.frey@home.example"), 0);
    cr_assert_eq(people_find(&people, people.ana, "dana@kestrel.example"), dana);
    people_free(&people);
}

Test(contacts, addresses_of_two_people_are_no_one_person)
{
    struct people people = people_new();
    uint64_t dana = people_add(&people, people.ana, "Dana Frey", "dana@kestrel.example");
    uint64_t jo = people_add(&people, people.ana, "Jo Lind", "jo@kestrel.example");
    char *both[] = {"jo@kestrel.example"};
    Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
    Vouch__V1__ContactAdd add = VOUCH__V1__CONTACT_ADD__INIT;
    personal.name = "Dana Lind";
    personal.email = "dana@kestrel.example";
    personal.emails = both;
    personal.n_emails = 1;
    add.personal = &personal;
    cr_assert_eq(world_try(people.world, people.tom, NULL, REQUEST_OF(CONTACT_ADD, contact_add, &add)), VOUCH_CONFLICT);
    cr_assert_not_null(strstr(people.world->why.text, "merge"), "%s", people.world->why.text);
    Vouch__V1__ContactChange asked = VOUCH__V1__CONTACT_CHANGE__INIT;
    personal.email = "";
    asked.contact = dana;
    asked.personal = &personal;
    cr_assert_eq(change(&people, people.ana, &asked), VOUCH_DUPLICATE);
    cr_assert_eq(people_find(&people, people.ana, "jo@kestrel.example"), jo);
    personal.n_emails = 0;
    personal.email = "no address";
    cr_assert_eq(change(&people, people.ana, &asked), VOUCH_INVALID);
    cr_assert_null(strstr(people.world->why.text, "no address"), "a refusal is journalled: nothing personal in it");
    people_free(&people);
}

Test(contacts, who_changes_the_company_keeps_the_former_one)
{
    struct people people = people_new();
    uint64_t dana = people_add(&people, people.ana, "Dana Frey", "dana@kestrel.example");
    Vouch__V1__ContactChange asked = VOUCH__V1__CONTACT_CHANGE__INIT;
    asked.contact = dana;
    asked.company = people.orrin;
    cr_assert_eq(change(&people, people.ana, &asked), VOUCH_OK);
    cr_assert_eq(change(&people, people.ana, &asked), VOUCH_OK, "and again");
    const Vouch__V1__ContactView *view = people_look(&people, people.ana, dana);
    cr_assert_str_eq(view->company, "Orrin Foods");
    cr_assert_eq(view->n_former, 1);
    cr_assert_str_eq(view->former[0], "Kestrel Bank");
    asked.company = people.kestrel;
    cr_assert_eq(change(&people, people.ana, &asked), VOUCH_OK, "back again");
    view = people_look(&people, people.ana, dana);
    cr_assert_str_eq(view->company, "Kestrel Bank");
    cr_assert_eq(view->n_former, 1);
    cr_assert_str_eq(view->former[0], "Orrin Foods");
    people_free(&people);
}

static enum vouch_status refer(struct people *people, uint64_t contact, bool consent)
{
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    text.need = "archive";
    text.vouch = "six years";
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    submit.contact = contact;
    submit.consent = consent;
    submit.receiver = people->tom;
    submit.text = &text;
    return world_try(people->world, people->ana, NULL, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
}

Test(contacts, who_withdrew_the_consent_is_not_introduced)
{
    struct people people = people_new();
    uint64_t dana = people_add(&people, people.ana, "Dana Frey", "dana@kestrel.example");
    cr_assert_eq(refer(&people, dana, false), VOUCH_OK);
    uint64_t waiting = people.world->answer_id;
    cr_assert_eq(world_referral(people.world, waiting)->state, VOUCH__V1__REFERRAL_STATE__CONSENT_WAIT);
    Vouch__V1__ContactChange asked = VOUCH__V1__CONTACT_CHANGE__INIT;
    asked.contact = dana;
    asked.consent = asked.withdraw_consent = true;
    cr_assert_eq(change(&people, people.ana, &asked), VOUCH_INVALID);
    asked.consent = false;
    cr_assert_eq(change(&people, people.ana, &asked), VOUCH_OK);

    cr_assert_eq(world_referral(people.world, waiting)->state, VOUCH__V1__REFERRAL_STATE__CONSENT_WAIT, "it stays");
    cr_assert_eq(world_move(people.world, people.ana, waiting, VOUCH__V1__REFERRAL_VERB__REGISTER, 0, 0),
                 VOUCH_CONFLICT);
    cr_assert_eq(refer(&people, dana, true), VOUCH_CONFLICT, "whatever the referrer says");
    cr_assert_not_null(strstr(people.world->why.text, "--consent"));
    people_add(&people, people.tom, "Dana Frey", "dana@kestrel.example");
    cr_assert_not(people_look(&people, people.tom, dana)->contact->consent);

    asked.withdraw_consent = false;
    asked.consent = true;
    cr_assert_eq(change(&people, people.ana, &asked), VOUCH_OK);
    cr_assert_eq(refer(&people, dana, true), VOUCH_OK);
    cr_assert_eq(world_move(people.world, people.ana, waiting, VOUCH__V1__REFERRAL_VERB__REGISTER, 0, 0), VOUCH_OK);
    people_free(&people);
}

Test(contacts, notes_are_their_authors)
{
    struct people people = people_new();
    uint64_t dana = people_add(&people, people.ana, "Dana Frey", "dana@kestrel.example");
    people_add(&people, people.tom, "Dana Frey", "dana@kestrel.example");
    people_add(&people, people.manager, "Dana Frey", "dana@kestrel.example");
    cr_assert_eq(people_note(&people, people.ana, dana, "her son plays chess"), VOUCH_OK);
    people.world->now_ms++;
    cr_assert_eq(people_note(&people, people.ana, dana, "prefers mornings"), VOUCH_OK);
    cr_assert_eq(people_note(&people, people.ana, dana, "  "), VOUCH_INVALID);
    cr_assert_eq(people_note(&people, people.ana, 99, "nobody"), VOUCH_NOT_FOUND);
    cr_assert_eq(people_note(&people, WORLD_ADMIN, dana, "not tied"), VOUCH_NOT_FOUND);
    cr_assert_eq(people_meet(&people, people.ana, dana, 3 * DAY), VOUCH_OK);

    const Vouch__V1__ContactView *view = people_look(&people, people.ana, dana);
    cr_assert_eq(view->n_notes, 2);
    cr_assert_str_eq(view->notes[0]->text, "prefers mornings", "newest first");
    cr_assert_not_null(view->bond);
    const uint64_t others[] = {people.tom, people.manager, WORLD_ADMIN};
    for (size_t i = 0; i < 3; i++) {
        view = people_look(&people, others[i], dana);
        cr_assert_not_null(view);
        cr_assert_eq(view->n_notes, 0);
        cr_assert_null(view->bond);
    }
    cr_assert_not(people_journal_has(&people, "chess"));
    cr_assert_not(people_journal_has(&people, "Rutland"));
    cr_assert_not(people_journal_has(&people, "dana@"));
    people_free(&people);
}

Test(contacts, strangers_do_not_exist)
{
    struct people people = people_new();
    uint64_t dana = people_add(&people, people.ana, "Dana Frey", "dana@kestrel.example");
    cr_assert_null(people_look(&people, people.tom, dana));
    cr_assert_null(people_look(&people, people.manager, dana));
    cr_assert_eq(people_find(&people, people.tom, "dana@kestrel.example"), 0);
    cr_assert_eq(people_find(&people, WORLD_ADMIN, "dana@kestrel.example"), dana, "who asks to be erased is found");
    cr_assert_not_null(people_look(&people, WORLD_ADMIN, dana));
    cr_assert_null(people_look(&people, WORLD_ADMIN, 99));
    people_free(&people);
}

/* Complaint 10: who added a person has a tie to them, and a tie is private. */
Test(contacts, who_added_a_person_is_nobody_elses_business)
{
    struct people people = people_new();
    uint64_t dana = people_add(&people, people.ana, "Dana Frey", "dana@kestrel.example");
    cr_assert_eq(people_add(&people, people.tom, "Dana", "dana@kestrel.example"), dana);
    const Vouch__V1__ContactView *view = people_look(&people, people.ana, dana);
    cr_assert_eq(view->contact->added_by, people.ana);
    cr_assert_str_eq(view->added_by, "Ana Sousa");
    view = people_look(&people, people.tom, dana);
    cr_assert_eq(view->contact->added_by, 0);
    cr_assert_str_empty(view->added_by);
    cr_assert_eq(people_erase(&people, people.tom, dana), VOUCH_DENIED);
    cr_assert_null(strstr(people.world->why.text, "Ana"), "%s", people.world->why.text);

    Vouch__V1__Reply reply;
    Vouch__V1__ContactList list = VOUCH__V1__CONTACT_LIST__INIT;
    cr_assert_eq(world_ask(people.world, people.tom, REQUEST_OF(CONTACT_LIST, contact_list, &list), &reply), VOUCH_OK);
    cr_assert_eq(reply.contacts->n_contacts, 1);
    cr_assert_eq(reply.contacts->contacts[0]->added_by, 0);
    people_free(&people);
}
