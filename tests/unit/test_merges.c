/* SPDX-License-Identifier: Apache-2.0
 *
 * "A merge of duplicates drops relations": here it keeps every tie, note, touch, ask and referral, shows nobody more of
 * the others than before, and can be taken back as if it had never been, also after more was recorded. */
#include "base/message.h"
#include "people.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTACTS 6
#define MEMBERS 3

/* ---- what everybody sees ---- */

struct sight {
    size_t size;
    uint8_t bytes[1 << 18];
};

static void see(struct sight *sight, const ProtobufCMessage *message)
{
    cr_assert_lt(sight->size + protobuf_c_message_get_packed_size(message), sizeof sight->bytes);
    sight->size += protobuf_c_message_pack(message, sight->bytes + sight->size);
}

/* The person, the standing, the touches and the asks, for one member. A tie that is measured is told by its standing:
 * what is stored of it depends on when it was measured last. */
static void look(struct people *people, uint64_t member, uint64_t contact, struct sight *sight)
{
    Vouch__V1__Reply reply;
    Vouch__V1__TouchList touches = VOUCH__V1__TOUCH_LIST__INIT;
    Vouch__V1__AskList asks = VOUCH__V1__ASK_LIST__INIT;
    touches.contact = asks.contact = contact;
    const Vouch__V1__ContactView *view = people_look(people, member, contact);
    if (view == NULL) {
        return;
    }
    if (view->tie != NULL && !view->tie->by_hand) {
        view->tie->strength_ppm = 0;
    }
    see(sight, &view->base);
    if (world_ask(people->world, member, REQUEST_OF(TOUCH_LIST, touch_list, &touches), &reply) == VOUCH_OK) {
        see(sight, &reply.touches->base);
    }
    cr_assert_eq(world_ask(people->world, member, REQUEST_OF(ASK_LIST, ask_list, &asks), &reply), VOUCH_OK);
    see(sight, &reply.asks->base);
}

static struct sight *look_around(struct people *people)
{
    struct sight *sight = calloc(1, sizeof *sight);
    cr_assert_not_null(sight);
    const uint64_t members[] = {people->ana, people->tom, people->manager};
    for (size_t i = 0; i < MEMBERS; i++) {
        for (uint64_t contact = 1; contact <= CONTACTS; contact++) {
            look(people, members[i], contact, sight);
        }
    }
    return sight;
}

static void expect_same(struct sight **left, struct sight **right, const char *what)
{
    cr_assert_eq((*left)->size, (*right)->size, "%s: %zu and %zu bytes", what, (*left)->size, (*right)->size);
    cr_assert_eq(memcmp((*left)->bytes, (*right)->bytes, (*left)->size), 0, "%s", what);
    free(*left);
    free(*right);
    *left = *right = NULL;
}

/* ---- what is done ---- */

static void set_card(struct people *people, uint64_t member)
{
    char *issues[] = {"archive"};
    Vouch__V1__Card card = VOUCH__V1__CARD__INIT;
    Vouch__V1__CardSetting set = VOUCH__V1__CARD_SETTING__INIT;
    card.issues = issues;
    card.n_issues = 1;
    card.describe_me = "Ana keeps archives out of trouble.";
    set.card = &card;
    world_do(people->world, member, REQUEST_OF(CARD_SET, card_set, &set));
}

static enum vouch_status ask(struct people *people, uint64_t member, uint64_t contact)
{
    Vouch__V1__AskPrepare prepare = VOUCH__V1__ASK_PREPARE__INIT;
    prepare.contact = contact;
    prepare.asked = true;
    return world_try(people->world, member, NULL, REQUEST_OF(ASK_PREPARE, ask_prepare, &prepare));
}

static enum vouch_status answer(struct people *people, uint64_t member, uint64_t contact, Vouch__V1__AskState how)
{
    Vouch__V1__AskMove move = VOUCH__V1__ASK_MOVE__INIT;
    move.contact = contact;
    move.to = how;
    return world_try(people->world, member, NULL, REQUEST_OF(ASK_MOVE, ask_move, &move));
}

static enum vouch_status set_tie(struct people *people, uint64_t member, uint64_t contact, uint32_t ppm)
{
    Vouch__V1__TieSetting set = VOUCH__V1__TIE_SETTING__INIT;
    set.to_contact = contact;
    set.strength_ppm = ppm;
    return world_try(people->world, member, NULL, REQUEST_OF(TIE_SET, tie_set, &set));
}

static enum vouch_status set_tier(struct people *people, uint64_t member, uint64_t contact, Vouch__V1__Tier tier)
{
    Vouch__V1__TierSetting set = VOUCH__V1__TIER_SETTING__INIT;
    set.contact = contact;
    set.tier = tier;
    return world_try(people->world, member, NULL, REQUEST_OF(TIER_SET, tier_set, &set));
}

static uint64_t refer(struct people *people, uint64_t member, uint64_t contact)
{
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    text.need = "archive";
    text.vouch = "six years";
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    submit.contact = contact;
    submit.consent = true;
    submit.text = &text;
    return world_do(people->world, member, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
}

/* ---- a merge ---- */

Test(merges, complaint_6_a_merge_of_duplicates_drops_no_relation)
{
    struct people people = people_new();
    uint64_t one = people_add(&people, people.ana, "Dana Frey", "dana@kestrel.example");
    uint64_t two = people_add(&people, people.tom, "D. Frey", "frey@kestrel.example");
    people_add(&people, people.manager, "Dana Frey", "dana@kestrel.example");
    cr_assert_eq(people_add(&people, people.ana, "D. Frey", "frey@kestrel.example"), two);
    cr_assert_eq(people_note(&people, people.ana, one, "about one"), VOUCH_OK);
    cr_assert_eq(people_note(&people, people.ana, two, "about two"), VOUCH_OK);
    cr_assert_eq(people_note(&people, people.tom, two, "Tom's own"), VOUCH_OK);
    cr_assert_eq(people_meet(&people, people.ana, one, 10 * DAY), VOUCH_OK);
    cr_assert_eq(people_meet(&people, people.ana, two, 9 * DAY), VOUCH_OK);
    cr_assert_eq(people_meet(&people, people.tom, two, 8 * DAY), VOUCH_OK);
    set_card(&people, people.tom);
    cr_assert_eq(ask(&people, people.tom, two), VOUCH_OK);
    uint64_t referral = refer(&people, people.tom, two);

    cr_assert_eq(people_merge(&people, people.tom, two, one), VOUCH_NOT_FOUND, "only who knows both");
    cr_assert_eq(people_merge(&people, people.ana, two, two), VOUCH_CONFLICT);
    cr_assert_eq(people_merge(&people, people.ana, two, one), VOUCH_OK);
    uint64_t merge = people.world->answer_id;
    cr_assert_eq(people_merge(&people, people.ana, two, one), VOUCH_CONFLICT, "they are one already");

    cr_assert_eq(people_find(&people, people.ana, "frey@kestrel.example"), one);
    cr_assert_eq(people_find(&people, people.tom, "dana@kestrel.example"), one);
    cr_assert_eq(people_find(&people, people.tom, "D. Frey"), one, "also by the alias's name");
    const Vouch__V1__ContactView *view = people_look(&people, people.ana, two);
    cr_assert_eq(view->contact->id, one, "an alias leads to who stands for it");
    cr_assert_eq(view->n_notes, 2);
    cr_assert_eq(view->n_merged, 1);
    cr_assert_eq(view->n_merges, 1);
    view = people_look(&people, people.tom, one);
    cr_assert_eq(view->n_notes, 1, "nobody reads more than before");
    cr_assert_str_eq(view->notes[0]->text, "Tom's own");
    cr_assert_eq(view->n_referrals, 1);
    cr_assert_eq(view->referrals[0]->referral->id, referral);
    cr_assert_not_null(view->bond);
    cr_assert_neq(view->bond->open_ask, 0, "his ask goes on");
    view = people_look(&people, people.manager, one);
    cr_assert(view->n_notes == 0 && view->n_referrals == 0 && view->bond == NULL);
    Vouch__V1__Reply reply;
    Vouch__V1__TouchList touches = VOUCH__V1__TOUCH_LIST__INIT;
    touches.contact = one;
    cr_assert_eq(world_ask(people.world, people.ana, REQUEST_OF(TOUCH_LIST, touch_list, &touches), &reply), VOUCH_OK);
    cr_assert_eq(reply.touches->n_touches, 2);
    set_card(&people, people.ana);
    cr_assert_eq(ask(&people, people.ana, one), VOUCH_CONFLICT, "one person has one budget");
    cr_assert_not_null(strstr(people.world->why.text, "Tom Rieke"), "%s", people.world->why.text);
    cr_assert_eq(answer(&people, people.tom, one, VOUCH__V1__ASK_STATE__NO), VOUCH_OK);

    cr_assert_eq(people_unmerge(&people, people.tom, merge), VOUCH_DENIED);
    cr_assert_eq(people_unmerge(&people, people.ana, merge), VOUCH_OK);
    cr_assert_eq(people_unmerge(&people, people.ana, merge), VOUCH_CONFLICT);
    cr_assert_eq(people_find(&people, people.ana, "frey@kestrel.example"), two);
    cr_assert_null(people_look(&people, people.tom, one));
    view = people_look(&people, people.tom, two);
    cr_assert_eq(view->bond->asks, 1, "what became of his ask in the meantime is there");
    cr_assert_eq(view->n_notes, 1);
    people_free(&people);
}

static bool consents(struct people *people, uint64_t contact)
{
    return people_look(people, people->ana, contact)->contact->consent;
}

static void say(struct people *people, uint64_t contact, bool consent)
{
    Vouch__V1__ContactChange change = VOUCH__V1__CONTACT_CHANGE__INIT;
    change.contact = contact;
    change.consent = consent;
    change.withdraw_consent = !consent;
    world_do(people->world, people->ana, REQUEST_OF(CONTACT_CHANGE, contact_change, &change));
}

Test(merges, what_a_person_said_under_either_name_holds)
{
    struct people people = people_new();
    uint64_t one = people_add(&people, people.ana, "Dana Frey", "");
    uint64_t two = people_add(&people, people.ana, "Dana Frey", "");
    say(&people, two, true);
    cr_assert_eq(people_merge(&people, people.ana, two, one), VOUCH_OK);
    cr_assert(consents(&people, one));
    cr_assert_eq(people_unmerge(&people, people.ana, people.world->answer_id), VOUCH_OK);
    cr_assert(!consents(&people, one) && consents(&people, two));
    say(&people, one, true);
    say(&people, two, false);
    cr_assert_eq(people_merge(&people, people.ana, two, one), VOUCH_OK);
    cr_assert_not(consents(&people, one), "a withdrawal wins");
    cr_assert_eq(people_unmerge(&people, people.ana, people.world->answer_id), VOUCH_OK);
    cr_assert(consents(&people, one) && !consents(&people, two));
    say(&people, two, true);
    cr_assert_eq(people_merge(&people, people.ana, two, one), VOUCH_OK);
    uint64_t merge = people.world->answer_id;
    say(&people, one, false);
    cr_assert_eq(people_unmerge(&people, people.ana, merge), VOUCH_OK);
    cr_assert(!consents(&people, one) && !consents(&people, two), "who they were did not matter when they said so");
    people_free(&people);
}

Test(merges, are_taken_back_in_the_reverse_of_their_order)
{
    struct people people = people_new();
    uint64_t ids[4];
    for (size_t i = 0; i < 4; i++) {
        ids[i] = people_add(&people, people.ana, "Dana Frey", "");
    }
    cr_assert_eq(people_merge(&people, people.ana, ids[0], ids[1]), VOUCH_OK);
    uint64_t first = people.world->answer_id;
    cr_assert_eq(people_merge(&people, people.ana, ids[1], ids[2]), VOUCH_OK);
    uint64_t second = people.world->answer_id;
    cr_assert_eq(people_merge(&people, people.ana, ids[0], ids[3]), VOUCH_OK, "the alias stands for all of them");
    uint64_t third = people.world->answer_id;
    const Vouch__V1__ContactView *view = people_look(&people, people.ana, ids[0]);
    cr_assert_eq(view->contact->id, ids[3]);
    cr_assert_eq(view->n_merged, 3);
    cr_assert_eq(people_unmerge(&people, people.ana, first), VOUCH_CONFLICT);
    cr_assert_eq(people_unmerge(&people, people.ana, second), VOUCH_CONFLICT);
    cr_assert_eq(people_unmerge(&people, people.ana, 99), VOUCH_NOT_FOUND);
    cr_assert_eq(people_unmerge(&people, people.tom, third), VOUCH_NOT_FOUND);
    cr_assert_eq(people_unmerge(&people, people.ana, third), VOUCH_OK);
    Vouch__V1__ContactUnmerge last = VOUCH__V1__CONTACT_UNMERGE__INIT;
    cr_assert_eq(world_try(people.world, people.ana, NULL, REQUEST_OF(CONTACT_UNMERGE, contact_unmerge, &last)),
                 VOUCH_INVALID);
    last.contact = ids[2];
    cr_assert_eq(world_do(people.world, people.ana, REQUEST_OF(CONTACT_UNMERGE, contact_unmerge, &last)), second);
    cr_assert_eq(people_unmerge(&people, people.ana, first), VOUCH_OK);
    cr_assert_eq(world_try(people.world, people.ana, NULL, REQUEST_OF(CONTACT_UNMERGE, contact_unmerge, &last)),
                 VOUCH_CONFLICT, "nothing is merged any more");
    people_free(&people);
}

Test(merges, no_person_has_contacts_without_end)
{
    struct people people = people_new();
    uint64_t stays = people_add(&people, people.ana, "Dana Frey", "");
    for (int i = 1; i < LIMIT_CONTACT_FAMILY; i++) {
        uint64_t more = people_add(&people, people.ana, "Dana Frey", "");
        cr_assert_eq(people_merge(&people, people.ana, more, stays), VOUCH_OK);
    }
    uint64_t more = people_add(&people, people.ana, "Dana Frey", "");
    cr_assert_eq(people_merge(&people, people.ana, more, stays), VOUCH_CONFLICT);
    cr_assert_eq(people_merge(&people, people.ana, stays, more), VOUCH_CONFLICT);
    people_free(&people);
}

/* ---- random histories ---- */

static uint64_t draw_state;

static uint64_t draw(uint64_t below)
{
    draw_state = draw_state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (draw_state >> 33) % below;
}

/* Something, by somebody, about a contact; what is refused is refused. */
static void act(struct people *people, uint64_t what, uint64_t member, uint64_t contact, uint64_t number)
{
    char text[40];
    switch (what) {
    case 0:
    case 1:
    case 2:
        (void)people_meet(people, member, contact, (int64_t)(number % (200 * DAY)));
        break;
    case 3:
        snprintf(text, sizeof text, "note %d", (int)number);
        (void)people_note(people, member, contact, text);
        break;
    case 4:
        (void)set_tie(people, member, contact, (uint32_t)number + 1);
        break;
    default:
        (void)set_tier(people, member, contact, (Vouch__V1__Tier)(number % 5));
        break;
    }
}

static void random_act(struct people *people, uint64_t contact)
{
    const uint64_t members[] = {people->ana, people->tom, people->manager};
    uint64_t what = draw(8);
    uint64_t member = members[draw(MEMBERS)];
    if (what == 6) {
        (void)ask(people, member, contact);
    } else if (what == 7) {
        (void)answer(people, member, contact, draw(2) == 0 ? VOUCH__V1__ASK_STATE__NO : VOUCH__V1__ASK_STATE__DROPPED);
    } else {
        act(people, what, member, contact, draw(1000000));
    }
    people->world->now_ms += (int64_t)draw(3) * 3600000;
}

static void populate(struct people *people, bool all_know_all)
{
    const uint64_t members[] = {people->ana, people->tom, people->manager};
    char email[40];
    for (uint64_t i = 0; i < CONTACTS; i++) {
        snprintf(email, sizeof email, "person%d@kestrel.example", (int)i);
        for (size_t j = 0; j < MEMBERS; j++) {
            if (all_know_all || j == i % MEMBERS || draw(2) == 0) {
                cr_assert_eq(people_add(people, members[j], "Dana Frey", email), i + 1);
            }
        }
    }
    for (size_t j = 0; j < MEMBERS; j++) {
        set_card(people, members[j]);
    }
}

Test(merges, taken_back_at_once_change_nothing_for_any_reader, .timeout = 120)
{
    for (draw_state = 1; draw_state < 4; draw_state++) {
        uint64_t seed = draw_state;
        struct people people = people_new();
        populate(&people, false);
        for (int round = 0; round < 25; round++) {
            for (int i = 0; i < 4; i++) {
                random_act(&people, 1 + draw(CONTACTS));
            }
            struct sight *before = look_around(&people);
            if (people_merge(&people, WORLD_ADMIN, 1 + draw(CONTACTS), 1 + draw(CONTACTS)) == VOUCH_OK) {
                cr_assert_eq(people_unmerge(&people, WORLD_ADMIN, people.world->answer_id), VOUCH_OK);
            }
            struct sight *after = look_around(&people);
            expect_same(&before, &after, "merged and taken back");
            if (draw(4) == 0) { /* now and then one stays merged */
                (void)people_merge(&people, WORLD_ADMIN, 1 + draw(CONTACTS), 1 + draw(CONTACTS));
            }
        }
        people_free(&people);
        draw_state = seed;
    }
}

/* The contact that an act about `contact` is about, while these merges stand. */
static uint64_t stands_for(const uint64_t into[CONTACTS + 1], uint64_t contact)
{
    while (into[contact] != 0) {
        contact = into[contact];
    }
    return contact;
}

/* A merge here is something else there that takes one event, so that both journals number alike. */
static void do_something_else(struct people *people)
{
    world_company(people->world, "Something Else", "", VOUCH__V1__COMPANY_KIND__PROSPECT);
}

/* Two worlds live alike, but that one merges, goes on, and takes it back: then all in it see what all in the other one,
 * where nobody ever merged, see. */
Test(merges, taken_back_later_leave_what_was_recorded_since, .timeout = 120)
{
    for (uint64_t seed = 1; seed < 5; seed++) {
        struct people here = people_new(), there = people_new();
        uint64_t into[CONTACTS + 1] = {0}, merges[CONTACTS], froms[CONTACTS];
        size_t merged = 0;
        draw_state = seed;
        populate(&here, true);
        populate(&there, true);
        const uint64_t members[] = {here.ana, here.tom, here.manager};
        for (int i = 0; i < 60; i++) {
            uint64_t from = stands_for(into, 1 + draw(CONTACTS)), to = stands_for(into, 1 + draw(CONTACTS));
            if (i % 12 == 11 && from != to) {
                cr_assert_eq(people_merge(&here, here.ana, from, to), VOUCH_OK);
                do_something_else(&there);
                merges[merged] = here.world->answer_id;
                froms[merged++] = from;
                into[from] = to;
            }
            uint64_t what = draw(6), member = members[draw(MEMBERS)], contact = 1 + draw(CONTACTS);
            uint64_t number = draw(1000000);
            act(&here, what, member, contact, number);
            act(&there, what, member, stands_for(into, contact), number);
        }
        cr_assert_gt(merged, 1);
        while (merged-- > 0) {
            cr_assert_eq(people_unmerge(&here, here.ana, merges[merged]), VOUCH_OK, "%s", here.world->why.text);
            do_something_else(&there);
            into[froms[merged]] = 0;
        }
        struct sight *left = look_around(&here);
        struct sight *right = look_around(&there);
        expect_same(&left, &right, "merged, lived with, taken back");
        people_free(&here);
        people_free(&there);
    }
}

/* Whatever is done in whatever order, the journal alone tells it again byte for byte, also without the keys of those
 * who were erased, and every invariant holds. */
Test(merges, live_with_erasures_in_any_order, .timeout = 120)
{
    for (uint64_t seed = 1; seed < 7; seed++) {
        struct people people = people_new();
        const uint64_t members[] = {people.ana, people.tom, people.manager};
        uint64_t contacts = CONTACTS;
        char email[40];
        draw_state = seed;
        populate(&people, false);
        for (int i = 0; i < 120; i++) {
            uint64_t one = 1 + draw(contacts), other = 1 + draw(contacts);
            switch (draw(8)) {
            case 0:
                (void)people_merge(&people, draw(2) == 0 ? WORLD_ADMIN : people.ana, one, other);
                break;
            case 1:
                (void)people_unmerge(&people, WORLD_ADMIN, 1 + draw(6));
                break;
            case 2:
                if (draw(4) == 0) {
                    (void)people_erase(&people, WORLD_ADMIN, one);
                }
                break;
            case 3: /* some come back, under an address that may be another's by now */
                snprintf(email, sizeof email, "person%d@kestrel.example", (int)draw(CONTACTS));
                one = people_add(&people, members[draw(MEMBERS)], "Dana Frey", email);
                contacts = one > contacts ? one : contacts;
                break;
            default:
                random_act(&people, one);
                break;
            }
        }
        world_wait(people.world, INT64_C(86400000) * 20);
        people_free(&people);
    }
}
