/* SPDX-License-Identifier: Apache-2.0
 *
 * Members: whatever happened to one, its record and what is derived from it (keys, words, the invitation's timer) are
 * brought to the new record by one function. */
#include "apply/parts.h"

#include "base/check.h"

#include <string.h>

#define REMOVED VOUCH__V1__MEMBER_STATE__REMOVED

static bool has_key(const Vouch__V1__Member *member, ProtobufCBinaryData key)
{
    for (size_t i = 0; i < member->n_keys; i++) {
        if (member->keys[i].len == key.len && memcmp(member->keys[i].data, key.data, key.len) == 0) {
            return true;
        }
    }
    return false;
}

static void key_holder_put(struct view *view, ProtobufCBinaryData key, uint64_t member, enum key_kind kind)
{
    CHECK(key.len == 32);
    struct key value = key_u64(member);
    key_add_u8(&value, (uint8_t)kind);
    table_put(view, TABLE_MEMBER_KEY, (struct slice){key.data, key.len}, key_slice(&value));
}

static void replace_keys(struct view *view, const Vouch__V1__Member *before, const Vouch__V1__Member *now)
{
    for (size_t i = 0; before != NULL && i < before->n_keys; i++) {
        if (!has_key(now, before->keys[i])) {
            key_holder_put(view, before->keys[i], now->id, KEY_REVOKED);
        }
    }
    for (size_t i = 0; i < now->n_keys; i++) {
        if (before == NULL || !has_key(before, now->keys[i])) {
            key_holder_put(view, now->keys[i], now->id, KEY_OF_MEMBER);
        }
    }
}

static void replace_invitation(struct view *view, const Vouch__V1__Member *before, const Vouch__V1__Member *now)
{
    if (before != NULL && before->invite_key.len > 0) {
        struct key due = key_due(before->invite_expires_ms, DUE_INVITE_EXPIRES, now->id);
        row_delete(view, TABLE_DUE, &due);
        table_delete(view, TABLE_MEMBER_KEY, (struct slice){before->invite_key.data, before->invite_key.len});
    }
    if (now->invite_key.len > 0) {
        struct key due = key_due(now->invite_expires_ms, DUE_INVITE_EXPIRES, now->id);
        row_put(view, TABLE_DUE, &due);
        key_holder_put(view, now->invite_key, now->id, KEY_OF_INVITATION);
    }
}

/* Those who were removed are not found by name any more. */
static const char *findable_name(const Vouch__V1__Member *member)
{
    return member == NULL || member->state == REMOVED ? NULL : member->name;
}

/* The row by which who manages others is found; false: none. */
static bool manager_row(const Vouch__V1__Member *member, struct key *key)
{
    if (member == NULL || member->state != VOUCH__V1__MEMBER_STATE__ACTIVE) {
        return false;
    }
    if (member->role == VOUCH__V1__ROLE__ADMIN) {
        *key = key_manager(0, "", member->id);
        return true;
    }
    *key = key_manager(member->company, member->team, member->id);
    return member->role == VOUCH__V1__ROLE__MANAGER && member->team[0] != '\0';
}

static void replace_manager(struct view *view, const Vouch__V1__Member *before, const Vouch__V1__Member *now)
{
    struct key key;
    if (manager_row(before, &key)) {
        row_delete(view, TABLE_MANAGER, &key);
    }
    if (manager_row(now, &key)) {
        row_put(view, TABLE_MANAGER, &key);
    }
}

static void replace_member(struct application *application, const Vouch__V1__Member *before,
                           const Vouch__V1__Member *now)
{
    words_replace(application, NAME_MEMBER, now->id, findable_name(before), findable_name(now));
    replace_invitation(application->view, before, now);
    replace_keys(application->view, before, now);
    replace_manager(application->view, before, now);
    record_put(application->view, TABLE_MEMBER, now->id, &now->base, application->arena);
}

/* Copies the record as it is, to be changed; false when the view has failed. */
static bool changed(struct application *application, uint64_t id, const Vouch__V1__Member **before,
                    Vouch__V1__Member *now)
{
    *before = record_member(application->view, id, application->arena);
    if (!is_there(application, *before)) {
        return false;
    }
    *now = **before;
    return true;
}

static void drop_invitation(Vouch__V1__Member *member)
{
    member->invite_key = (ProtobufCBinaryData){0, NULL};
    member->invite_expires_ms = 0;
}

void apply_member_invited(struct application *application, const Vouch__V1__MemberInvited *invited)
{
    CHECK(invited->member != NULL);
    replace_member(application, record_member(application->view, invited->member->id, application->arena),
                   invited->member);
    counter_reach(application, "last_member", invited->member->id);
}

void apply_member_enrolled(struct application *application, const Vouch__V1__MemberEnrolled *enrolled)
{
    const Vouch__V1__Member *before;
    Vouch__V1__Member now;
    if (!changed(application, enrolled->member, &before, &now)) {
        return;
    }
    ProtobufCBinaryData *keys = scratch(application, (before->n_keys + 1) * sizeof *keys);
    for (size_t i = 0; i < before->n_keys; i++) {
        keys[i] = before->keys[i];
    }
    keys[before->n_keys] = enrolled->key;
    now.keys = keys;
    now.n_keys = before->n_keys + 1;
    now.state = VOUCH__V1__MEMBER_STATE__ACTIVE;
    now.removed_ms = 0;
    now.joined_ms = before->joined_ms != 0 ? before->joined_ms : application->event->time_ms;
    drop_invitation(&now);
    replace_member(application, before, &now);
}

void apply_member_removed(struct application *application, const Vouch__V1__MemberRemoved *removed)
{
    const Vouch__V1__Member *before;
    Vouch__V1__Member now;
    if (!changed(application, removed->member, &before, &now)) {
        return;
    }
    now.n_keys = 0;
    now.state = REMOVED;
    now.removed_ms = application->event->time_ms;
    drop_invitation(&now);
    replace_member(application, before, &now);
}

void apply_invite_expired(struct application *application, const Vouch__V1__InviteExpired *expired)
{
    const Vouch__V1__Member *before;
    Vouch__V1__Member now;
    if (!changed(application, expired->member, &before, &now)) {
        return;
    }
    drop_invitation(&now);
    replace_member(application, before, &now);
}

void apply_card_set(struct application *application, const Vouch__V1__CardSet *set)
{
    const Vouch__V1__Member *before;
    Vouch__V1__Member now;
    if (!changed(application, set->member, &before, &now)) {
        return;
    }
    now.card = set->card;
    replace_member(application, before, &now);
    struct key key = key_card(now.id, now.card->version);
    record_put_key(application->view, TABLE_CARD, &key, &now.card->base, application->arena);
}

void apply_key_rotated(struct application *application, const Vouch__V1__KeyRotated *rotated)
{
    const Vouch__V1__Member *before;
    Vouch__V1__Member now;
    if (!changed(application, rotated->member, &before, &now)) {
        return;
    }
    now.keys = scratch(application, before->n_keys * sizeof *now.keys);
    for (size_t i = 0; i < before->n_keys; i++) {
        bool old = before->keys[i].len == rotated->old_key.len &&
                   memcmp(before->keys[i].data, rotated->old_key.data, rotated->old_key.len) == 0;
        now.keys[i] = old ? rotated->new_key : before->keys[i];
    }
    replace_member(application, before, &now);
}
