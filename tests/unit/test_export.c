/* SPDX-License-Identifier: Apache-2.0
 *
 * What a member owns is handed out whole, each thing once whatever the pages, and nothing of anybody else's. */
#include "base/message.h"
#include "people.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define PART(name) VOUCH__V1__MEMBER_EXPORT__PART__##name
#define PARTS (PART(STATEMENTS) + 1)

/* All rows of a part, packed one behind the other. */
struct rows {
    size_t count;
    size_t size;
    uint8_t bytes[1 << 18];
};

static void fetch(struct people *people, uint64_t member, Vouch__V1__MemberExport__Part part, uint32_t limit,
                  struct rows *rows)
{
    uint8_t after[64];
    Vouch__V1__MemberExport asked = VOUCH__V1__MEMBER_EXPORT__INIT;
    Vouch__V1__Reply reply;
    bool more = true;
    asked.part = part;
    asked.limit = limit;
    asked.after.data = after;
    rows->count = rows->size = 0;
    while (more) {
        cr_assert_eq(world_ask(people->world, member, REQUEST_OF(MEMBER_EXPORT, member_export, &asked), &reply),
                     VOUCH_OK, "%s", people->world->why.text);
        cr_assert_leq(reply.exported->n_rows, limit);
        for (size_t i = 0; i < reply.exported->n_rows; i++) {
            rows->size += protobuf_c_message_pack(&reply.exported->rows[i]->base, rows->bytes + rows->size);
            rows->count++;
        }
        more = reply.exported->more;
        cr_assert(!more || reply.exported->n_rows > 0, "a page that leads nowhere");
        cr_assert_leq(reply.exported->next.len, sizeof after);
        asked.after.len = reply.exported->next.len;
        if (asked.after.len > 0) {
            memcpy(after, reply.exported->next.data, asked.after.len);
        }
        cr_assert_lt(rows->count, 1000);
    }
}

static void set_card(struct people *people, uint64_t member, char *issue)
{
    Vouch__V1__Card card = VOUCH__V1__CARD__INIT;
    Vouch__V1__CardSetting set = VOUCH__V1__CARD_SETTING__INIT;
    card.issues = &issue;
    card.n_issues = 1;
    card.describe_me = "Ana keeps archives out of trouble.";
    set.card = &card;
    world_do(people->world, member, REQUEST_OF(CARD_SET, card_set, &set));
}

/* Something of every part for Ana; Tom knows the same people. */
static struct people busy_people(void)
{
    struct people people = people_new();
    char name[20], email[40];
    for (int i = 0; i < 7; i++) {
        snprintf(name, sizeof name, "Person %d", i);
        snprintf(email, sizeof email, "person%d@kestrel.example", i);
        uint64_t id = people_add(&people, people.ana, name, email);
        people_add(&people, people.tom, name, email);
        cr_assert_eq(people_note(&people, people.ana, id, "Ana's chess note"), VOUCH_OK);
        cr_assert_eq(people_note(&people, people.ana, id, "and another"), VOUCH_OK);
        cr_assert_eq(people_meet(&people, people.ana, id, (i + 1) * DAY), VOUCH_OK);
        cr_assert_eq(people_meet(&people, people.ana, id, (100 + i) * DAY), VOUCH_OK);
        world_submit(people.world, people.ana, people.kestrel, people.tom);
    }
    cr_assert_eq(people_merge(&people, people.ana, 2, 1), VOUCH_OK);
    set_card(&people, people.ana, "archive");
    set_card(&people, people.ana, "audit");
    for (uint64_t id = 3; id < 6; id++) {
        Vouch__V1__AskPrepare prepare = VOUCH__V1__ASK_PREPARE__INIT;
        prepare.contact = id;
        prepare.asked = id != 4;
        world_do(people.world, people.ana, REQUEST_OF(ASK_PREPARE, ask_prepare, &prepare));
    }
    Vouch__V1__IntelOffer offer = VOUCH__V1__INTEL_OFFER__INIT;
    offer.to = people.tom;
    offer.company = people.orrin;
    offer.text = "they look for an archive";
    world_do(people.world, people.ana, REQUEST_OF(INTEL_OFFER, intel_offer, &offer));
    return people;
}

Test(export, is_whole_whatever_the_pages)
{
    struct people people = busy_people();
    static struct rows whole, paged;
    const size_t counts[PARTS] = {[PART(PROFILE)] = 1,  [PART(CARDS)] = 2, [PART(CONTACTS)] = 6, [PART(NOTES)] = 14,
                                  [PART(TOUCHES)] = 14, [PART(ASKS)] = 3,  [PART(INTEL)] = 1,    [PART(REFERRALS)] = 7};
    for (int part = PART(PROFILE); part < PARTS; part++) {
        fetch(&people, people.ana, (Vouch__V1__MemberExport__Part)part, 500, &whole);
        cr_assert_eq(whole.count, counts[part], "part %d has %zu", part, whole.count);
        for (uint32_t limit = 1; limit < 4; limit++) {
            fetch(&people, people.ana, (Vouch__V1__MemberExport__Part)part, limit, &paged);
            cr_assert_eq(paged.count, whole.count, "part %d, pages of %u", part, limit);
            cr_assert_eq(memcmp(paged.bytes, whole.bytes, whole.size), 0);
        }
    }
    people_free(&people);
}

Test(export, has_nothing_of_others)
{
    struct people people = busy_people();
    static struct rows rows;
    const uint64_t others[] = {people.tom, people.manager, WORLD_ADMIN};
    const char *const private[] = {"chess", "and another", "Rutland"};
    for (size_t i = 0; i < 3; i++) {
        for (int part = PART(PROFILE); part < PARTS; part++) {
            fetch(&people, others[i], (Vouch__V1__MemberExport__Part)part, 100, &rows);
            for (size_t j = 0; j < sizeof private / sizeof private[0]; j++) {
                cr_assert_null(memmem(rows.bytes, rows.size, private[j], strlen(private[j])), "member %d, part %d: %s",
                               (int)others[i], part, private[j]);
            }
            bool shared = part == PART(PROFILE) ||
                          (others[i] == people.tom &&
                           (part == PART(CONTACTS) || part == PART(REFERRALS) || part == PART(INTEL)));
            cr_assert(shared || rows.count == 0, "member %d, part %d", (int)others[i], part);
        }
    }
    people_free(&people);
}

/* Each query about a person, asked by somebody who knows them too, by a manager, and by an admin. */
Test(export, neither_has_any_other_answer)
{
    struct people people = busy_people();
    const uint64_t others[] = {people.tom, people.manager, WORLD_ADMIN};
    Vouch__V1__ContactGet get = VOUCH__V1__CONTACT_GET__INIT;
    Vouch__V1__TouchList touches = VOUCH__V1__TOUCH_LIST__INIT;
    Vouch__V1__AskList asks = VOUCH__V1__ASK_LIST__INIT;
    Vouch__V1__ContactList contacts = VOUCH__V1__CONTACT_LIST__INIT;
    Vouch__V1__TieList ties = VOUCH__V1__TIE_LIST__INIT;
    get.contact = touches.contact = asks.contact = 3;
    const Vouch__V1__Request *const requests[] = {
        REQUEST_OF(CONTACT_GET, contact_get, &get), REQUEST_OF(TOUCH_LIST, touch_list, &touches),
        REQUEST_OF(ASK_LIST, ask_list, &asks),      REQUEST_OF(CONTACT_LIST, contact_list, &contacts),
        REQUEST_OF(TIE_LIST, tie_list, &ties),
    };
    static uint8_t bytes[1 << 18];
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < sizeof requests / sizeof requests[0]; j++) {
            Vouch__V1__Reply reply;
            if (world_ask(people.world, others[i], requests[j], &reply) != VOUCH_OK) {
                cr_assert_neq(others[i], people.tom, "he knows them: %s", people.world->why.text);
                continue;
            }
            size_t size = protobuf_c_message_pack(&reply.base, bytes);
            cr_assert_null(memmem(bytes, size, "chess", 5), "member %d, question %zu", (int)others[i], j);
            cr_assert_null(memmem(bytes, size, "Rutland", 7), "member %d, question %zu", (int)others[i], j);
            if (reply.result_case == VOUCH__V1__REPLY__RESULT_TOUCHES) {
                cr_assert_eq(reply.touches->n_touches, 0);
            }
            if (reply.result_case == VOUCH__V1__REPLY__RESULT_ASKS) {
                cr_assert_eq(reply.asks->n_asks, 0);
            }
        }
    }
    people_free(&people);
}
