/* SPDX-License-Identifier: Apache-2.0
 *
 * Erasing a person: no byte of them is left in the state nor in clear in the journal, history and counts stay, and a
 * replay without the key ends at the same state as the one that saw the data come and go. */
#include "apply/bonds.h"
#include "people.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t refer(struct people *people, uint64_t contact)
{
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    text.need = "archive for ms-zebulon@kestrel.example";
    text.vouch = "Zebulon was my client for six years";
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    submit.contact = contact;
    submit.consent = true;
    submit.receiver = people->tom;
    submit.text = &text;
    return world_do(people->world, people->ana, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
}

static void ask(struct people *people, uint64_t member, uint64_t contact)
{
    char *issues[] = {"archive"};
    Vouch__V1__Card card = VOUCH__V1__CARD__INIT;
    Vouch__V1__CardSetting set = VOUCH__V1__CARD_SETTING__INIT;
    card.issues = issues;
    card.n_issues = 1;
    card.describe_me = "Ana keeps archives out of trouble.";
    set.card = &card;
    world_do(people->world, member, REQUEST_OF(CARD_SET, card_set, &set));
    Vouch__V1__AskPrepare prepare = VOUCH__V1__ASK_PREPARE__INIT;
    prepare.contact = contact;
    prepare.asked = true;
    world_do(people->world, member, REQUEST_OF(ASK_PREPARE, ask_prepare, &prepare));
}

/* A person with everything that can be known of one, under two names. */
static uint64_t add_known(struct people *people)
{
    uint64_t zoe = people_add(people, people->ana, "Zebulon Quist", "zebulon@kestrel.example");
    uint64_t alias = people_add(people, people->ana, "Z. Quistgaard", "quist@home.example");
    char *tags[] = {"zebratag"};
    char *emails[] = {"zeb@orrin.example"};
    char *phones[] = {"+49 40 55501"};
    Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
    Vouch__V1__ContactChange change = VOUCH__V1__CONTACT_CHANGE__INIT;
    personal.title = "Head of Zymurgy";
    personal.phone = "+49 40 55500";
    personal.tags = tags;
    personal.emails = emails;
    personal.phones = phones;
    personal.n_tags = personal.n_emails = personal.n_phones = 1;
    change.contact = zoe;
    change.company = people->orrin;
    change.personal = &personal;
    world_do(people->world, people->ana, REQUEST_OF(CONTACT_CHANGE, contact_change, &change));
    Vouch__V1__ContactImport import = VOUCH__V1__CONTACT_IMPORT__INIT;
    Vouch__V1__PersonalData imported = VOUCH__V1__PERSONAL_DATA__INIT;
    imported.name = "Zebulon Quist";
    imported.email = "zebulon@kestrel.example";
    import.personal = &imported;
    import.origin = "linkedin:https://linkedin.example/in/zebulon";
    import.note = "met Zebulon at a fair";
    world_do(people->world, people->ana, REQUEST_OF(CONTACT_IMPORT, contact_import, &import));
    cr_assert_eq(people_note(people, people->ana, zoe, "Zebulon's son plays chess"), VOUCH_OK);
    cr_assert_eq(people_note(people, people->ana, alias, "the alias of Zebulon"), VOUCH_OK);
    cr_assert_eq(people_meet(people, people->ana, zoe, 20), VOUCH_OK);
    cr_assert_eq(people_merge(people, people->ana, alias, zoe), VOUCH_OK);
    ask(people, people->ana, zoe);
    return zoe;
}

static const char *const traces[] = {"ebulon",    "Quist",        "quist@",   "zeb@orrin", "55500",
                                     "55501",     "ymurgy",       "zebratag", "chess",     "Rutland",
                                     "linkedin:", "the alias of", "zebulon",  "ZEBULON",   "zebulon@kestrel.example"};

static void expect_no_trace(struct people *people, const char *when)
{
    for (size_t i = 0; i < sizeof traces / sizeof traces[0]; i++) {
        cr_assert_not(people_journal_has(people, traces[i]), "the journal has \"%s\" %s", traces[i], when);
    }
}

Test(erasure, leaves_no_trace_and_keeps_history)
{
    struct people people = people_new();
    uint64_t zoe = add_known(&people);
    uint64_t referral = refer(&people, zoe);
    expect_no_trace(&people, "before");
    cr_assert(people_state_has(&people, "Zebulon Quist"));
    cr_assert_eq(people_erase(&people, people.ana, zoe), VOUCH_OK, "%s", people.world->why.text);
    expect_no_trace(&people, "after");
    for (size_t i = 0; i < sizeof traces / sizeof traces[0]; i++) {
        cr_assert_not(people_state_has(&people, traces[i]), "the state has \"%s\"", traces[i]);
    }
    struct view *view = snapshot_open(people.world->store);
    uint8_t key[32];
    cr_assert_not(view_person_key(view, zoe, key));
    cr_assert_not(view_person_key(view, zoe + 1, key), "the alias's is destroyed too");
    cr_assert_eq(table_rows(view, TABLE_CONTACT_EMAIL), 0);
    cr_assert_eq(table_rows(view, TABLE_CONTACT_ORIGIN), 0);
    cr_assert_eq(table_rows(view, TABLE_CONTACT_ORIGIN_OF), 0);
    cr_assert_eq(table_rows(view, TABLE_NOTE), 0);
    cr_assert_eq(table_rows(view, TABLE_TOUCH), 0);
    cr_assert_eq(table_rows(view, TABLE_BOND), 0);
    struct arena *arena = arena_new(1 << 16);
    cr_assert_eq(record_ask(view, 1, arena)->state, VOUCH__V1__ASK_STATE__DROPPED, "nobody waits for an answer");
    arena_free(&arena);
    snapshot_close(&view);

    cr_assert_null(people_look(&people, people.ana, zoe));
    Vouch__V1__Reply reply;
    Vouch__V1__ReferralGet get = VOUCH__V1__REFERRAL_GET__INIT;
    get.referral = referral;
    cr_assert_eq(world_ask(people.world, people.tom, REQUEST_OF(REFERRAL_GET, referral_get, &get), &reply), VOUCH_OK);
    cr_assert_eq(reply.referral->referral->contact, zoe, "it stays a referral about somebody");
    cr_assert_null(reply.referral->contact);
    const Vouch__V1__ReferralVerb verbs[] = {VOUCH__V1__REFERRAL_VERB__ACCEPT, VOUCH__V1__REFERRAL_VERB__CONTACT,
                                             VOUCH__V1__REFERRAL_VERB__MEET, VOUCH__V1__REFERRAL_VERB__QUALIFY,
                                             VOUCH__V1__REFERRAL_VERB__WIN};
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        cr_assert_eq(world_move(people.world, people.tom, referral, verbs[i], 0, 4800000), VOUCH_OK, "%s",
                     people.world->why.text);
    }
    world_pay(people.world, referral, 4800000);
    people_free(&people);
}

Test(erasure, ends_what_can_be_done_with_a_person)
{
    struct people people = people_new();
    uint64_t zoe = add_known(&people);
    cr_assert_eq(people_erase(&people, people.ana, zoe), VOUCH_OK);
    cr_assert_eq(people_erase(&people, people.ana, zoe), VOUCH_CONFLICT);
    cr_assert_eq(people_erase(&people, WORLD_ADMIN, zoe), VOUCH_CONFLICT);
    cr_assert_eq(people_note(&people, people.ana, zoe, "again"), VOUCH_NOT_FOUND);
    cr_assert_neq(people_meet(&people, people.ana, zoe, 1 * DAY), VOUCH_OK);
    cr_assert_neq(people_unmerge(&people, people.ana, 1), VOUCH_OK);
    Vouch__V1__TieSetting tie = VOUCH__V1__TIE_SETTING__INIT;
    tie.to_contact = zoe;
    tie.strength_ppm = 500000;
    cr_assert_eq(world_try(people.world, people.ana, NULL, REQUEST_OF(TIE_SET, tie_set, &tie)), VOUCH_NOT_FOUND);
    uint64_t again = people_add(&people, people.ana, "Zebulon Quist", "zebulon@kestrel.example");
    cr_assert_neq(again, zoe, "who comes back is somebody new");
    cr_assert_eq(people_merge(&people, people.ana, zoe, again), VOUCH_CONFLICT);
    world_wait(people.world, INT64_C(86400000) * 40); /* timers of the erased ring for nobody */
    people_free(&people);
}

Test(erasure, is_an_admins_or_of_who_alone_knows_them)
{
    struct people people = people_new();
    uint64_t dana = people_add(&people, people.ana, "Dana Frey", "dana@kestrel.example");
    people_add(&people, people.tom, "Dana Frey", "dana@kestrel.example");
    Vouch__V1__ContactErase erase = VOUCH__V1__CONTACT_ERASE__INIT;
    cr_assert_eq(people_erase(&people, people.manager, dana), VOUCH_NOT_FOUND);
    cr_assert_eq(people_erase(&people, people.tom, dana), VOUCH_DENIED);
    cr_assert_not_null(strstr(people.world->why.text, "admin"));
    cr_assert_eq(people_erase(&people, people.ana, dana), VOUCH_DENIED);
    cr_assert_not_null(strstr(people.world->why.text, "colleagues"));
    cr_assert_eq(people_erase(&people, WORLD_ADMIN, 99), VOUCH_NOT_FOUND);
    erase.contact = dana;
    erase.reason = " ";
    cr_assert_eq(world_try(people.world, WORLD_ADMIN, NULL, REQUEST_OF(CONTACT_ERASE, contact_erase, &erase)),
                 VOUCH_INVALID);
    cr_assert_eq(people_erase(&people, WORLD_ADMIN, dana), VOUCH_OK);
    people_free(&people);
}

static bool file_has(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    cr_assert_eq(fseek(file, 0, SEEK_END), 0);
    size_t length = (size_t)ftell(file);
    rewind(file);
    char *all = malloc(length);
    cr_assert_eq(fread(all, 1, length, file), length);
    fclose(file);
    bool has = memmem(all, length, bytes, size) != NULL;
    free(all);
    return has;
}

/* Freed pages keep what was on them until they are used again; a copy has none. */
Test(erasure, leaves_nothing_in_a_copy_of_the_store)
{
    struct people people = people_new();
    char copy[96], journal[128], state[128];
    uint8_t key[32];
    uint64_t zoe = add_known(&people);
    struct view *view = snapshot_open(people.world->store);
    cr_assert(view_person_key(view, zoe, key));
    snapshot_close(&view);
    cr_assert_eq(people_erase(&people, people.ana, zoe), VOUCH_OK);
    snprintf(copy, sizeof copy, "%s/copy", people.world->directory);
    snprintf(journal, sizeof journal, "%s/journal/data.mdb", copy);
    snprintf(state, sizeof state, "%s/state/data.mdb", copy);
    cr_assert_eq(store_backup(people.world->store, copy, &people.world->why), VOUCH_OK, "%s", people.world->why.text);
    cr_assert_not(file_has(journal, key, sizeof key), "the key");
    for (size_t i = 0; i < sizeof traces / sizeof traces[0]; i++) {
        cr_assert_not(file_has(journal, traces[i], strlen(traces[i])), "the journal's copy has \"%s\"", traces[i]);
        cr_assert_not(file_has(state, traces[i], strlen(traces[i])), "the state's copy has \"%s\"", traces[i]);
    }
    people_free(&people);
}

/* The address of the erased may be somebody else's since: replayed without the key it must not be lost to them. */
Test(erasure, takes_nothing_from_who_has_the_address_now)
{
    struct people people = people_new();
    uint64_t dana = people_add(&people, people.ana, "Dana Frey", "office@kestrel.example");
    Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
    Vouch__V1__ContactChange change = VOUCH__V1__CONTACT_CHANGE__INIT;
    personal.email = "-";
    change.contact = dana;
    change.personal = &personal;
    world_do(people.world, people.ana, REQUEST_OF(CONTACT_CHANGE, contact_change, &change));
    uint64_t jo = people_add(&people, people.tom, "Jo Lind", "office@kestrel.example");
    cr_assert_neq(jo, dana);
    Vouch__V1__ContactImport import = VOUCH__V1__CONTACT_IMPORT__INIT;
    personal = (Vouch__V1__PersonalData)VOUCH__V1__PERSONAL_DATA__INIT;
    personal.name = "Dana Frey";
    personal.email = "dana@home.example";
    import.personal = &personal;
    import.origin = "google:1";
    uint64_t imported = world_do(people.world, people.ana, REQUEST_OF(CONTACT_IMPORT, contact_import, &import));
    personal.name = "Jo Lind";
    personal.email = "office@kestrel.example";
    cr_assert_eq(world_do(people.world, people.ana, REQUEST_OF(CONTACT_IMPORT, contact_import, &import)), jo);
    cr_assert_eq(people_erase(&people, WORLD_ADMIN, dana), VOUCH_OK);
    cr_assert_eq(people_erase(&people, WORLD_ADMIN, imported), VOUCH_OK);
    cr_assert_eq(people_find(&people, people.tom, "office@kestrel.example"), jo);
    people_free(&people);
}
