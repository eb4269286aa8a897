/* SPDX-License-Identifier: Apache-2.0
 *
 * What applying leaves behind: outcomes that are kept and swept, inboxes without gaps, and a state that is the same
 * when a person's key is gone. */
#include "apply/apply.h"
#include "apply/bonds.h"
#include "base/message.h"
#include "world.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name
#define DAY_MS INT64_C(86400000)

static uint64_t rows(struct world *world, enum table table)
{
    struct view *view = snapshot_open(world->store);
    uint64_t count = table_rows(view, table);
    snapshot_close(&view);
    return count;
}

Test(apply, outcomes_are_kept_and_swept)
{
    struct world *world = world_new();
    world_company(world, "Kestrel Bank", "kestrel.example", 0);
    uint8_t command[16] = {0, 1, 2, 3, 4, 5, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, world->next_command};
    struct outcome outcome;
    struct view *view = snapshot_open(world->store);
    cr_assert(outcome_get(view, command, WORLD_ADMIN, &outcome));
    cr_assert_eq(outcome.sequence, world->sequence);
    cr_assert_eq(outcome.answer_id, 2);
    cr_assert_eq(outcome.status, VOUCH_OK);
    cr_assert_eq(outcome.fingerprint, 7);
    cr_assert_eq(outcome.time_ms, WORLD_NOON);
    cr_assert_not(outcome_get(view, command, WORLD_ADMIN + 1, &outcome)); /* another member's id is another command */
    snapshot_close(&view);
    for (int day = 0; day < 7; day++) {
        cr_assert_eq(world_wait(world, DAY_MS), 1, "one sweep a day");
        cr_assert_eq(rows(world, TABLE_COMMAND), 1);
    }
    cr_assert_eq(world_wait(world, DAY_MS), 1);
    cr_assert_eq(rows(world, TABLE_COMMAND), 0);
    world_verify(world);
    world_free(&world);
}

static uint64_t add_contact(struct world *world, const char *name)
{
    Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
    Vouch__V1__ContactAdd add = VOUCH__V1__CONTACT_ADD__INIT;
    personal.name = (char *)(uintptr_t)name;
    add.personal = &personal;
    return world_do(world, WORLD_ADMIN, REQUEST_OF(CONTACT_ADD, contact_add, &add));
}

/* Applying cannot fail, and has so much memory for a round and no more: asks that were prepared without end must not
 * stop the broker when contacts are merged, at once and at every start. */
Test(apply, a_merge_goes_through_whatever_was_prepared)
{
    struct world *world = world_new();
    uint64_t into = add_contact(world, "Dana Frey"), from = add_contact(world, "D. Frey");
    struct arena *arena = arena_new((size_t)4 << 20);
    struct view *view = state_write_view(world->store, &world->why);
    Vouch__V1__Event event = VOUCH__V1__EVENT__INIT;
    Vouch__V1__AskPrepared prepared = VOUCH__V1__ASK_PREPARED__INIT;
    Vouch__V1__Ask ask = VOUCH__V1__ASK__INIT;
    event.actor = ask.member = WORLD_ADMIN;
    event.time_ms = ask.prepared_ms = WORLD_NOON;
    event.body_case = VOUCH__V1__EVENT__BODY_ASK_PREPARED;
    event.ask_prepared = &prepared;
    prepared.ask = &ask;
    ask.state = VOUCH__V1__ASK_STATE__PREPARED;
    const uint64_t count = 30000;
    for (ask.id = 1; ask.id <= count; ask.id++) {
        ask.contact = ask.id == count ? from : 1000 + ask.id;
        arena_reset(arena);
        apply_event(view, world->sequence + ask.id, &event, arena);
    }
    Vouch__V1__ContactsMerged merged = VOUCH__V1__CONTACTS_MERGED__INIT;
    merged.merge = 1;
    merged.from = from;
    merged.into = into;
    event.body_case = VOUCH__V1__EVENT__BODY_CONTACTS_MERGED;
    event.contacts_merged = &merged;
    arena_reset(arena);
    apply_event(view, world->sequence + count + 1, &event, arena);
    const Vouch__V1__Bond *bond = record_bond(view, WORLD_ADMIN, into, arena);
    cr_assert_not_null(bond);
    cr_assert_eq(bond->open_ask, count);
    arena_free(&arena);
    world_free(&world);
}

/* More rows than one sweep looks at: it goes on from where it was. */
Test(apply, a_sweep_takes_a_large_table_in_parts)
{
    struct world *world = world_new();
    struct arena *arena = arena_new(1 << 20);
    struct view *view = state_write_view(world->store, &world->why);
    Vouch__V1__InboxRead read = VOUCH__V1__INBOX_READ__INIT;
    Vouch__V1__Event event = VOUCH__V1__EVENT__INIT;
    uint8_t id[16] = {0};
    event.body_case = VOUCH__V1__EVENT__BODY_INBOX_READ;
    event.inbox_read = &read;
    event.command_id = (ProtobufCBinaryData){16, id};
    event.fingerprint = 1;
    event.actor = read.member = WORLD_ADMIN;
    static struct journal_entry entries[1000];
    size_t waiting = 0;
    const uint32_t count = 2 * SWEEP_ROWS + 5;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t big_endian = __builtin_bswap32(i + 1);
        memcpy(id, &big_endian, 4);
        event.time_ms = i % 2 == 0 ? WORLD_NOON : WORLD_NOON + DAY_MS;
        struct journal_entry *entry = &entries[waiting++];
        entry->sequence = ++world->sequence;
        entry->event.data = message_pack(&event.base, arena, &entry->event.size);
        apply_event(view, world->sequence, &event, arena);
        if (waiting == 1000 || i + 1 == count) {
            cr_assert_eq(journal_append(world->store, entries, waiting, NULL, 0, &world->why), VOUCH_OK);
            cr_assert_eq(state_commit(world->store, world->sequence, &world->why), VOUCH_OK);
            view = state_write_view(world->store, &world->why);
            arena_reset(arena);
            waiting = 0;
        }
    }
    arena_free(&arena);
    cr_assert_eq(world_wait(world, DAY_MS), 1); /* the first part of the first pass, all too young */
    cr_assert_eq(world_wait(world, 1000), 1);
    cr_assert_eq(world_wait(world, 1000), 1);
    cr_assert_eq(rows(world, TABLE_COMMAND), count);
    cr_assert_eq(world_wait(world, 1000), 0);
    world_wait(world, 7 * DAY_MS - 10000); /* the old half is nearly 8 days old, the other nearly 7 */
    world_wait(world, 1000);
    world_wait(world, 1000);
    cr_assert_eq(rows(world, TABLE_COMMAND), count / 2);
    world_verify(world);
    world_free(&world);
}

static void expect_inbox(struct world *world, uint64_t member, const char *const *texts, size_t count)
{
    Vouch__V1__InboxPage page = VOUCH__V1__INBOX_PAGE__INIT;
    Vouch__V1__Reply reply;
    cr_assert_eq(world_ask(world, member, REQUEST_OF(INBOX_PAGE, inbox_page, &page), &reply), VOUCH_OK);
    for (size_t i = 0; i < count && i < reply.notices->n_notices; i++) {
        cr_assert_str_eq(reply.notices->notices[i]->text, texts[i]);
        cr_assert_eq(reply.notices->notices[i]->inbox_sequence, i + 1);
    }
    cr_assert_eq(reply.notices->n_notices, count);
    cr_assert_eq(reply.notices->last, count);
}

/* Of eleven lines seven are read, once and for all. */
static void expect_acknowledgement(struct world *world, uint64_t member)
{
    Vouch__V1__InboxAck ack = VOUCH__V1__INBOX_ACK__INIT;
    const Vouch__V1__Request *read = REQUEST_OF(INBOX_ACK, inbox_ack, &ack);
    ack.up_to = 12;
    cr_assert_eq(world_try(world, member, NULL, read), VOUCH_INVALID);
    ack.up_to = 7;
    world_do(world, member, read);
    ack.up_to = 3;
    world_do(world, member, read); /* never back */
    Vouch__V1__InboxPage page = VOUCH__V1__INBOX_PAGE__INIT;
    Vouch__V1__Reply reply;
    page.unread = true;
    page.limit = 2;
    cr_assert_eq(world_ask(world, member, REQUEST_OF(INBOX_PAGE, inbox_page, &page), &reply), VOUCH_OK);
    cr_assert_eq(reply.notices->cursor, 7);
    cr_assert_eq(reply.notices->n_notices, 2);
    cr_assert_eq(reply.notices->notices[0]->inbox_sequence, 8);
    cr_assert(reply.notices->more);
}

Test(apply, who_is_told_what)
{
    struct world *world = world_new();
    uint64_t kestrel = world_company(world, "Kestrel Bank", "kestrel.example", 0);
    uint64_t ana = world_member(world, "Ana Sousa", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    uint64_t tom = world_member(world, "Tom Rieke", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    uint64_t lena = world_member(world, "Lena Voss", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    text.vouch = "they asked me";
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    submit.prospect = kestrel;
    submit.connector = lena;
    submit.receiver = tom;
    submit.text = &text;
    uint64_t id = world_do(world, ana, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
    static const Vouch__V1__ReferralVerb path[] = {VERB(ACCEPT), VERB(CONTACT), VERB(MEET), VERB(QUALIFY), VERB(WIN)};
    cr_assert_eq(world_move(world, lena, id, VERB(INTRODUCE), 0, 0), VOUCH_OK);
    for (size_t i = 0; i < sizeof path / sizeof path[0]; i++) {
        cr_assert_eq(world_move(world, tom, id, path[i], 0, 4800000), VOUCH_OK, "%s", world->why.text);
    }
    world_pay(world, id, 2400000);
    uint64_t second = world_submit(world, ana, kestrel, tom);
    cr_assert_eq(world_move(world, tom, second, VERB(DECLINE), 0, 0), VOUCH_OK);
    cr_assert_eq(world_move(world, WORLD_ADMIN, second, VERB(OFFER), lena, 0), VOUCH_OK);
    cr_assert_eq(world_move(world, ana, second, VERB(WITHDRAW), 0, 0), VOUCH_OK);
#define NOTE "Thank you. Dana speaks highly of you."
    static const char *const anas[] = {
        "Lena Voss introduces you to the prospect of R1 (Kestrel Bank): \"" NOTE "\"",
        "R1 (Kestrel Bank) was offered to Tom Rieke",
        "Tom Rieke accepted R1 (Kestrel Bank): \"" NOTE "\"",
        "Tom Rieke made first contact on R1 (Kestrel Bank): \"" NOTE "\"",
        "Tom Rieke met the prospect of R1 (Kestrel Bank): \"" NOTE "\"",
        "Tom Rieke sees an opportunity in R1 (Kestrel Bank): \"" NOTE "\"",
        "Tom Rieke won R1 (Kestrel Bank), 48,000.00 EUR: \"" NOTE "\"",
        "R1 (Kestrel Bank): you share in its commission, which is paid as money comes in",
        "R1 (Kestrel Bank): 360.00 EUR of commission accrued to you, as money came in",
        "Tom Rieke declined R2 (Kestrel Bank): \"they said so on the phone\"",
        "R2 (Kestrel Bank) was offered to Lena Voss",
    };
    static const char *const toms[] = {"Ana Sousa refers Kestrel Bank to you: R1",
                                       "Ana Sousa refers Kestrel Bank to you: R2"};
    static const char *const lenas[] = {
        "Ana Sousa asks you to introduce Kestrel Bank: R1",
        "Tom Rieke won R1 (Kestrel Bank), 48,000.00 EUR",
        "R1 (Kestrel Bank): you share in its commission, which is paid as money comes in",
        "R1 (Kestrel Bank): 360.00 EUR of commission accrued to you, as money came in",
        "Ana Sousa refers Kestrel Bank to you: R2",
        "Ana Sousa withdrew R2 (Kestrel Bank): \"they said so on the phone\"",
    };
    expect_inbox(world, ana, anas, sizeof anas / sizeof anas[0]);
    expect_inbox(world, tom, toms, sizeof toms / sizeof toms[0]);
    expect_inbox(world, lena, lenas, sizeof lenas / sizeof lenas[0]);
    expect_inbox(world, WORLD_ADMIN, NULL, 0);

    expect_acknowledgement(world, ana);
    world_verify(world);
    world_free(&world);
}

/* Applies the whole journal into a store that has none of the keys: contacts are nodes without names, and the rest is
 * as it was. */
Test(apply, without_a_persons_key_the_person_is_absent)
{
    struct world *world = world_new();
    uint64_t kestrel = world_company(world, "Kestrel Bank", "kestrel.example", 0);
    uint64_t ana = world_member(world, "Ana Sousa", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    uint64_t tom = world_member(world, "Tom Rieke", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
    personal.name = "Dana Frey";
    personal.email = "dana@kestrel.example";
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    text.vouch = "they asked me";
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    submit.prospect = kestrel;
    submit.new_contact = &personal;
    submit.receiver = tom;
    submit.consent = true;
    submit.text = &text;
    uint64_t id = world_do(world, ana, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
    cr_assert_eq(world_move(world, tom, id, VERB(ACCEPT), 0, 0), VOUCH_OK);

    char path[96];
    snprintf(path, sizeof path, "%s/erased", world->directory);
    struct store_options options = {.directory = path, .journal_map_bytes = 1 << 26, .state_map_bytes = 1 << 26};
    struct store *erased = NULL;
    cr_assert_eq(store_create(&options, &world->why), VOUCH_OK);
    cr_assert_eq(store_open(&options, &erased, &world->why), VOUCH_OK);
    struct arena *arena = arena_new(1 << 20);
    struct view *from = snapshot_open(world->store);
    struct view *view = state_write_view(erased, &world->why);
    for (uint64_t sequence = 1; sequence <= world->sequence; sequence++) {
        struct slice bytes;
        arena_reset(arena);
        cr_assert(journal_get(from, sequence, &bytes));
        struct journal_entry entry = {sequence, bytes};
        cr_assert_eq(journal_append(erased, &entry, 1, NULL, 0, &world->why), VOUCH_OK);
        const void *event = message_unpack_own(&vouch__v1__event__descriptor, bytes.size, bytes.data, arena);
        apply_event(view, sequence, event, arena);
    }
    cr_assert_eq(state_commit(erased, world->sequence, &world->why), VOUCH_OK);
    struct view *now = snapshot_open(erased);
    const Vouch__V1__Contact *contact = record_contact(now, 1, arena);
    cr_assert_not_null(contact);
    cr_assert_null(contact->personal);
    cr_assert_eq(contact->company, kestrel);
    cr_assert_eq(table_rows(now, TABLE_CONTACT_EMAIL), 0);
    cr_assert_str_eq(record_name(now, TABLE_CONTACT, 1, arena), "");
    cr_assert_str_eq(record_name(from, TABLE_CONTACT, 1, arena), "Dana Frey");
    const Vouch__V1__Referral *referral = record_referral(now, id, arena);
    cr_assert_eq(referral->state, VOUCH__V1__REFERRAL_STATE__ACCEPTED);
    cr_assert_not(referral->lead);
    snapshot_close(&now);
    snapshot_close(&from);
    state_abort(erased);
    store_close(&erased, false);
    arena_free(&arena);
    world_free(&world);
}

/* record_name reads fields by number. */
Test(apply, numbers_of_name_fields)
{
    cr_assert_eq(protobuf_c_message_descriptor_get_field_by_name(&vouch__v1__member__descriptor, "name")->id, 2);
    cr_assert_eq(protobuf_c_message_descriptor_get_field_by_name(&vouch__v1__company__descriptor, "name")->id, 2);
    cr_assert_eq(protobuf_c_message_descriptor_get_field_by_name(&vouch__v1__contact__descriptor, "personal")->id, 4);
    cr_assert_eq(protobuf_c_message_descriptor_get_field_by_name(&vouch__v1__contact__descriptor, "merged_into")->id,
                 8);
    cr_assert_eq(protobuf_c_message_descriptor_get_field_by_name(&vouch__v1__personal_data__descriptor, "name")->id, 1);
}
