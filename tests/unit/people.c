/* SPDX-License-Identifier: Apache-2.0
 *
 * The people of a world, and the shortest ways to them. */
#include "people.h"

#include <criterion/criterion.h>
#include <string.h>

struct people people_new(void)
{
    struct people people = {.world = world_new()};
    people.ana = world_member(people.world, "Ana Sousa", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    people.tom = world_member(people.world, "Tom Rieke", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    people.manager = world_member(people.world, "Max Lutz", VOUCH__V1__ROLE__MANAGER, WORLD_HOME, "DACH");
    people.kestrel = world_company(people.world, "Kestrel Bank", "kestrel.example", VOUCH__V1__COMPANY_KIND__PROSPECT);
    people.orrin = world_company(people.world, "Orrin Foods", "orrin.example", VOUCH__V1__COMPANY_KIND__CLIENT);
    return people;
}

void people_free(struct people *people)
{
    world_verify(people->world);
    world_free(&people->world);
}

uint64_t people_add(struct people *people, uint64_t member, const char *name, const char *email)
{
    Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
    Vouch__V1__ContactAdd add = VOUCH__V1__CONTACT_ADD__INIT;
    personal.name = (char *)(uintptr_t)name;
    personal.email = (char *)(uintptr_t)email;
    add.personal = &personal;
    add.company = people->kestrel;
    return world_do(people->world, member, REQUEST_OF(CONTACT_ADD, contact_add, &add));
}

enum vouch_status people_note(struct people *people, uint64_t member, uint64_t contact, const char *text)
{
    Vouch__V1__ContactNote note = VOUCH__V1__CONTACT_NOTE__INIT;
    note.contact = contact;
    note.text = (char *)(uintptr_t)text;
    return world_try(people->world, member, NULL, REQUEST_OF(CONTACT_NOTE, contact_note, &note));
}

enum vouch_status people_meet(struct people *people, uint64_t member, uint64_t contact, int64_t minutes_ago)
{
    Vouch__V1__TouchRecord record = VOUCH__V1__TOUCH_RECORD__INIT;
    record.contact = contact;
    record.kind = VOUCH__V1__TIE_TOUCH__KIND__MEETING;
    record.inbound = minutes_ago % 2 == 0;
    record.time_ms = people->world->now_ms - minutes_ago * 60000;
    record.note = "met for lunch at Rutland's";
    return world_try(people->world, member, NULL, REQUEST_OF(TOUCH_RECORD, touch_record, &record));
}

enum vouch_status people_merge(struct people *people, uint64_t member, uint64_t from, uint64_t into)
{
    Vouch__V1__ContactMerge merge = VOUCH__V1__CONTACT_MERGE__INIT;
    merge.from = from;
    merge.into = into;
    return world_try(people->world, member, NULL, REQUEST_OF(CONTACT_MERGE, contact_merge, &merge));
}

enum vouch_status people_unmerge(struct people *people, uint64_t member, uint64_t merge)
{
    Vouch__V1__ContactUnmerge undo = VOUCH__V1__CONTACT_UNMERGE__INIT;
    undo.merge = merge;
    return world_try(people->world, member, NULL, REQUEST_OF(CONTACT_UNMERGE, contact_unmerge, &undo));
}

enum vouch_status people_erase(struct people *people, uint64_t member, uint64_t contact)
{
    Vouch__V1__ContactErase erase = VOUCH__V1__CONTACT_ERASE__INIT;
    erase.contact = contact;
    erase.reason = "asked for it by letter";
    return world_try(people->world, member, NULL, REQUEST_OF(CONTACT_ERASE, contact_erase, &erase));
}

const Vouch__V1__ContactView *people_look(struct people *people, uint64_t member, uint64_t contact)
{
    static Vouch__V1__Reply reply;
    Vouch__V1__ContactGet get = VOUCH__V1__CONTACT_GET__INIT;
    get.contact = contact;
    enum vouch_status status = world_ask(people->world, member, REQUEST_OF(CONTACT_GET, contact_get, &get), &reply);
    cr_assert(status == VOUCH_OK || status == VOUCH_NOT_FOUND, "%s", people->world->why.text);
    return status == VOUCH_OK ? reply.contact : NULL;
}

uint64_t people_find(struct people *people, uint64_t member, const char *text)
{
    Vouch__V1__Reply reply;
    Vouch__V1__Find find = VOUCH__V1__FIND__INIT;
    find.kind = VOUCH__V1__FIND__KIND__CONTACT;
    find.text = (char *)(uintptr_t)text;
    cr_assert_eq(world_ask(people->world, member, REQUEST_OF(FIND, find, &find), &reply), VOUCH_OK);
    cr_assert_leq(reply.found->n_hits, 1, "%s is several", text);
    return reply.found->n_hits == 0 ? 0 : reply.found->hits[0]->id;
}

static bool table_has(const struct view *view, enum table table, const char *text)
{
    struct slice key, value;
    bool has = false;
    struct cursor *cursor = cursor_open(view, table);
    for (bool row = cursor_seek(cursor, SLICE_NONE, &key, &value); row && !has;
         row = cursor_next(cursor, &key, &value)) {
        has = memmem(key.data, key.size, text, strlen(text)) != NULL ||
              (value.size > 0 && memmem(value.data, value.size, text, strlen(text)) != NULL);
    }
    cursor_close(&cursor);
    return has;
}

bool people_journal_has(struct people *people, const char *text)
{
    struct view *view = snapshot_open(people->world->store);
    bool has = table_has(view, TABLE_JOURNAL, text);
    snapshot_close(&view);
    return has;
}

bool people_state_has(struct people *people, const char *text)
{
    struct view *view = snapshot_open(people->world->store);
    bool has = false;
    for (int table = 0; table < TABLE_COUNT && !has; table++) {
        has = table_is_derived((enum table)table) && table_has(view, (enum table)table, text);
    }
    snapshot_close(&view);
    return has;
}
