/* SPDX-License-Identifier: Apache-2.0
 *
 * Members: who invites whom, what an invitation is good for, and that a key is held once and for good. */
#include "world.h"

#include <criterion/criterion.h>
#include <string.h>

#define HOUR_MS INT64_C(3600000)

static void fill(uint8_t key[32], uint8_t with)
{
    memset(key, with, 32);
}

static Vouch__V1__MemberInvite invite_of(const char *name, Vouch__V1__Role role, const char *team, uint8_t *key)
{
    Vouch__V1__MemberInvite invite = VOUCH__V1__MEMBER_INVITE__INIT;
    invite.name = (char *)(uintptr_t)name;
    invite.role = role;
    invite.team = (char *)(uintptr_t)team;
    invite.invite_key = (ProtobufCBinaryData){key == NULL ? 0 : 32, key};
    return invite;
}

static enum vouch_status invite(struct world *world, uint64_t by, Vouch__V1__MemberInvite *invite)
{
    return world_try(world, by, NULL, REQUEST_OF(MEMBER_INVITE, member_invite, invite));
}

static enum vouch_status enrol(struct world *world, const uint8_t invite_key[32], uint8_t new_key[32])
{
    Vouch__V1__Enrol enrol = VOUCH__V1__ENROL__INIT;
    enrol.key = (ProtobufCBinaryData){32, new_key};
    return world_try(world, 0, invite_key, REQUEST_OF(ENROL, enrol, &enrol));
}

Test(decide_member, who_invites_whom)
{
    struct world *world = world_new();
    uint64_t partner = world_company(world, "Fluxware", "fluxware.example", VOUCH__V1__COMPANY_KIND__PARTNER);
    uint64_t client = world_company(world, "Kestrel Bank", "kestrel.example", VOUCH__V1__COMPANY_KIND__CLIENT);
    uint64_t manager = world_member(world, "Max Lutz", VOUCH__V1__ROLE__MANAGER, WORLD_HOME, "DACH");
    const struct {
        uint64_t by;
        Vouch__V1__Role role;
        const char *team;
        uint64_t company;
        enum vouch_status must;
    } rows[] = {
        {WORLD_ADMIN, VOUCH__V1__ROLE__ADMIN, "", 0, VOUCH_OK},
        {WORLD_ADMIN, VOUCH__V1__ROLE__REP, "Anywhere", partner, VOUCH_OK},
        {WORLD_ADMIN, VOUCH__V1__ROLE__REP, "", client, VOUCH_CONFLICT},
        {WORLD_ADMIN, VOUCH__V1__ROLE__REP, "", 99, VOUCH_NOT_FOUND},
        {WORLD_ADMIN, VOUCH__V1__ROLE__ROLE_NONE, "", 0, VOUCH_INVALID},
        {WORLD_ADMIN, (Vouch__V1__Role)9, "", 0, VOUCH_INVALID},
        {manager, VOUCH__V1__ROLE__REP, "DACH", 0, VOUCH_OK},
        {manager, VOUCH__V1__ROLE__REP, "Nordics", 0, VOUCH_DENIED},
        {manager, VOUCH__V1__ROLE__REP, "", 0, VOUCH_DENIED},
        {manager, VOUCH__V1__ROLE__REP, "DACH", partner, VOUCH_DENIED},
        {manager, VOUCH__V1__ROLE__MANAGER, "DACH", 0, VOUCH_DENIED},
        {manager, VOUCH__V1__ROLE__ADMIN, "DACH", 0, VOUCH_DENIED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t key[32];
        fill(key, (uint8_t)(i + 1));
        Vouch__V1__MemberInvite asked = invite_of("Same Name", rows[i].role, rows[i].team, key);
        asked.company = rows[i].company;
        enum vouch_status is = invite(world, rows[i].by, &asked);
        cr_assert_eq(is, rows[i].must, "row %zu: %s %s", i, status_name(is), world->why.text);
    }
    world_verify(world);
    world_free(&world);
}

Test(decide_member, an_invitation_works_once_and_for_its_time)
{
    struct world *world = world_new();
    uint8_t first[32], second[32], own[32], other[32];
    fill(first, 1);
    fill(second, 2);
    fill(own, 3);
    fill(other, 4);
    Vouch__V1__MemberInvite asked = invite_of("Ana Sousa", VOUCH__V1__ROLE__REP, "DACH", first);
    cr_assert_eq(invite(world, WORLD_ADMIN, &asked), VOUCH_OK);
    uint64_t ana = world->answer_id;
    cr_assert_eq(enrol(world, own, other), VOUCH_DENIED); /* nobody was invited with that */
    cr_assert_eq(world_wait(world, 48 * HOUR_MS - 1), 1); /* only the sweep */
    cr_assert_eq(world_wait(world, 1), 1);                /* the invitation is gone */
    cr_assert_eq(enrol(world, first, own), VOUCH_DENIED);
    cr_assert_eq(invite(world, WORLD_ADMIN, &asked), VOUCH_OK); /* a new member of the same name: the key is free */
    uint64_t twin = world->answer_id;
    cr_assert_neq(twin, ana);
    asked.member = ana;
    cr_assert_eq(invite(world, WORLD_ADMIN, &asked), VOUCH_DUPLICATE);
    asked.invite_key = (ProtobufCBinaryData){32, second};
    asked.valid_hours = 1;
    cr_assert_eq(invite(world, WORLD_ADMIN, &asked), VOUCH_OK);
    cr_assert_eq(world->answer_id, ana);
    cr_assert_eq(enrol(world, second, first), VOUCH_DUPLICATE); /* the twin's */
    cr_assert_eq(enrol(world, second, own), VOUCH_OK);
    cr_assert_eq(enrol(world, second, other), VOUCH_DENIED);
    cr_assert_eq(enrol(world, first, own), VOUCH_DUPLICATE);
    asked.valid_hours = 721;
    asked.invite_key = (ProtobufCBinaryData){32, other};
    cr_assert_eq(invite(world, WORLD_ADMIN, &asked), VOUCH_INVALID);
    world_verify(world);
    world_free(&world);
}

Test(decide_member, keys_are_rotated_and_revoked_for_good)
{
    struct world *world = world_new();
    uint64_t ana = world_member(world, "Ana Sousa", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    uint8_t old[32], new[32], zero[32], another[32];
    world_key(ana, old);
    fill(new, 7);
    fill(another, 8);
    fill(zero, 0);
    Vouch__V1__KeyRotate rotate = VOUCH__V1__KEY_ROTATE__INIT;
    rotate.new_key = (ProtobufCBinaryData){32, zero};
    cr_assert_eq(world_try(world, ana, NULL, REQUEST_OF(KEY_ROTATE, key_rotate, &rotate)), VOUCH_INVALID);
    rotate.new_key.data = old;
    cr_assert_eq(world_try(world, ana, NULL, REQUEST_OF(KEY_ROTATE, key_rotate, &rotate)), VOUCH_DUPLICATE);
    rotate.new_key.data = new;
    cr_assert_eq(world_try(world, ana, NULL, REQUEST_OF(KEY_ROTATE, key_rotate, &rotate)), VOUCH_OK);
    rotate.new_key.data = another;
    cr_assert_eq(world_try(world, ana, NULL, REQUEST_OF(KEY_ROTATE, key_rotate, &rotate)), VOUCH_REVOKED);
    rotate.new_key.data = old;
    cr_assert_eq(world_try(world, ana, new, REQUEST_OF(KEY_ROTATE, key_rotate, &rotate)), VOUCH_DUPLICATE);

    Vouch__V1__MemberRemove remove = VOUCH__V1__MEMBER_REMOVE__INIT;
    remove.member = WORLD_ADMIN;
    cr_assert_eq(world_try(world, WORLD_ADMIN, NULL, REQUEST_OF(MEMBER_REMOVE, member_remove, &remove)),
                 VOUCH_CONFLICT);
    remove.member = 99;
    cr_assert_eq(world_try(world, WORLD_ADMIN, NULL, REQUEST_OF(MEMBER_REMOVE, member_remove, &remove)),
                 VOUCH_NOT_FOUND);
    remove.member = ana;
    world_do(world, WORLD_ADMIN, REQUEST_OF(MEMBER_REMOVE, member_remove, &remove));
    cr_assert_eq(world_try(world, WORLD_ADMIN, NULL, REQUEST_OF(MEMBER_REMOVE, member_remove, &remove)),
                 VOUCH_CONFLICT);
    struct view *view = snapshot_open(world->store);
    uint64_t holder = 0;
    enum key_kind kind = KEY_OF_MEMBER;
    cr_assert(key_holder_find(view, new, &holder, &kind));
    cr_assert_eq(holder, ana);
    cr_assert_eq(kind, KEY_REVOKED);
    snapshot_close(&view);
    Vouch__V1__MemberInvite again = invite_of("", VOUCH__V1__ROLE__REP, "", another);
    again.member = ana;
    cr_assert_eq(invite(world, WORLD_ADMIN, &again), VOUCH_CONFLICT);
    again = invite_of("Ana Sousa", VOUCH__V1__ROLE__REP, "DACH", new);
    cr_assert_eq(invite(world, WORLD_ADMIN, &again), VOUCH_DUPLICATE);
    world_verify(world);
    world_free(&world);
}

Test(decide_member, a_member_has_a_few_keys_at_most)
{
    struct world *world = world_new();
    uint64_t ana = world_member(world, "Ana Sousa", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    for (uint8_t i = 1; i <= LIMIT_MEMBER_KEYS; i++) {
        uint8_t token[32], key[32];
        fill(token, i);
        fill(key, (uint8_t)(100 + i));
        Vouch__V1__MemberInvite asked = invite_of("", VOUCH__V1__ROLE__REP, "", token);
        asked.member = ana;
        cr_assert_eq(invite(world, WORLD_ADMIN, &asked), VOUCH_OK);
        cr_assert_eq(enrol(world, token, key), i < LIMIT_MEMBER_KEYS ? VOUCH_OK : VOUCH_CONFLICT);
    }
    world_verify(world);
    world_free(&world);
}

Test(decide_member, cards)
{
    struct world *world = world_new();
    uint64_t ana = world_member(world, "Ana Sousa", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    char *issues[] = {" Archive ", "ARCHIVE", "Audit", "\xE2\x80\x8B"};
    Vouch__V1__Card card = VOUCH__V1__CARD__INIT;
    Vouch__V1__CardSetting set = VOUCH__V1__CARD_SETTING__INIT;
    cr_assert_eq(world_try(world, ana, NULL, REQUEST_OF(CARD_SET, card_set, &set)), VOUCH_INVALID);
    set.card = &card;
    card.issues = issues;
    card.n_issues = 4;
    cr_assert_eq(world_try(world, ana, NULL, REQUEST_OF(CARD_SET, card_set, &set)), VOUCH_INVALID);
    card.n_issues = 3;
    card.size_min = 5;
    card.size_max = 4;
    cr_assert_eq(world_try(world, ana, NULL, REQUEST_OF(CARD_SET, card_set, &set)), VOUCH_INVALID);
    card.size_max = 9;
    cr_assert_eq(world_try(world, ana, NULL, REQUEST_OF(CARD_SET, card_set, &set)), VOUCH_INVALID);
    card.size_max = 0;
    cr_assert_eq(world_do(world, ana, REQUEST_OF(CARD_SET, card_set, &set)), ana);
    struct arena *arena = arena_new(1 << 16);
    struct view *view = snapshot_open(world->store);
    const Vouch__V1__Member *member = record_member(view, ana, arena);
    cr_assert_eq(member->card->n_issues, 2);
    cr_assert_str_eq(member->card->issues[0], "archive");
    cr_assert_str_eq(member->card->issues[1], "audit");
    snapshot_close(&view);
    arena_free(&arena);
    world_verify(world);
    world_free(&world);
}
