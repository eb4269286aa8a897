/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules of visibility. */
#include "decide/access.h"

#include <string.h>

#define STATE(name) VOUCH__V1__REFERRAL_STATE__##name

bool access_can_be_party(const Vouch__V1__Member *member)
{
    return member->role == VOUCH__V1__ROLE__REP || member->role == VOUCH__V1__ROLE__MANAGER ||
           member->role == VOUCH__V1__ROLE__ADMIN;
}

bool access_is_party(const Vouch__V1__Referral *referral, uint64_t member)
{
    if (member == 0) {
        return false;
    }
    return referral->referrer == member || (referral->receiver == member && referral->attempt > 0) ||
           (referral->connector == member && referral->state != STATE(DRAFT));
}

bool access_is_credited(const Vouch__V1__Referral *referral, uint64_t member)
{
    for (size_t i = 0; i < referral->n_touches; i++) {
        if (referral->touches[i]->member == member) {
            return true;
        }
    }
    return false;
}

/* Team of a member who is a party. */
static bool is_of_team(const struct view *view, const Vouch__V1__Member *manager, uint64_t member, struct arena *arena)
{
    const Vouch__V1__Member *other = record_member(view, member, arena);
    return other != NULL && other->company == manager->company && manager->team[0] != '\0' &&
           strcmp(other->team, manager->team) == 0;
}

/* Those of a row range of TABLE_MANAGER, without one of them. */
static size_t managers_of(const struct view *view, uint64_t company, const char *team, uint64_t without,
                          uint64_t managers[ACCESS_MANAGERS_MAX])
{
    struct slice key;
    size_t count = 0;
    struct key from = key_manager(company, team, 0);
    size_t prefix = from.size - 8;
    struct cursor *cursor = cursor_open(view, TABLE_MANAGER);
    bool row = cursor_seek(cursor, key_slice(&from), &key, NULL);
    while (row && count < ACCESS_MANAGERS_MAX && key.size == from.size && memcmp(key.data, from.bytes, prefix) == 0) {
        uint64_t id = slice_u64(key, prefix);
        if (id != without) {
            managers[count++] = id;
        }
        row = cursor_next(cursor, &key, NULL);
    }
    cursor_close(&cursor);
    return count;
}

size_t access_managers(const struct view *view, uint64_t member, uint64_t managers[ACCESS_MANAGERS_MAX],
                       struct arena *arena)
{
    const Vouch__V1__Member *record = record_member(view, member, arena);
    size_t count = 0;
    if (record != NULL && record->team[0] != '\0') {
        count = managers_of(view, record->company, record->team, member, managers);
    }
    return count > 0 ? count : managers_of(view, 0, "", member, managers);
}

size_t access_admins(const struct view *view, uint64_t admins[ACCESS_MANAGERS_MAX])
{
    return managers_of(view, 0, "", 0, admins);
}

bool access_manages(const struct view *view, const Vouch__V1__Member *actor, uint64_t member, struct arena *arena)
{
    return actor->role == VOUCH__V1__ROLE__ADMIN ||
           (actor->role == VOUCH__V1__ROLE__MANAGER && is_of_team(view, actor, member, arena));
}

static bool sees_everything(const Vouch__V1__Member *actor)
{
    return actor->role == VOUCH__V1__ROLE__ADMIN || actor->role == VOUCH__V1__ROLE__FINANCE ||
           actor->role == VOUCH__V1__ROLE__AUDITOR;
}

bool access_referral(const struct view *view, const Vouch__V1__Member *actor, const Vouch__V1__Referral *referral,
                     struct arena *arena)
{
    if (access_is_party(referral, actor->id) || actor->role == VOUCH__V1__ROLE__ADMIN) {
        return true;
    }
    if (referral->state == STATE(DRAFT)) {
        return false;
    }
    if (sees_everything(actor) || access_is_credited(referral, actor->id)) {
        return true;
    }
    return actor->role == VOUCH__V1__ROLE__MANAGER &&
           (is_of_team(view, actor, referral->referrer, arena) ||
            (referral->attempt > 0 && is_of_team(view, actor, referral->receiver, arena)) ||
            is_of_team(view, actor, referral->connector, arena));
}

bool access_reviews(const struct view *view, const Vouch__V1__Member *actor, const Vouch__V1__Referral *referral,
                    struct arena *arena)
{
    if (referral->referrer == actor->id) {
        return false;
    }
    return actor->role == VOUCH__V1__ROLE__ADMIN || actor->role == VOUCH__V1__ROLE__FINANCE ||
           (actor->role == VOUCH__V1__ROLE__MANAGER && is_of_team(view, actor, referral->referrer, arena));
}

bool access_reciprocal(const Vouch__V1__Member *actor)
{
    return sees_everything(actor);
}

/* What others are paid is no business of another company's finance. */
static bool sees_books(const Vouch__V1__Member *actor, uint64_t company)
{
    return sees_everything(actor) && (actor->role != VOUCH__V1__ROLE__FINANCE || actor->company == company);
}

bool access_deal(const struct view *view, const Vouch__V1__Member *actor, const Vouch__V1__Referral *referral,
                 const Vouch__V1__Deal *deal, struct arena *arena)
{
    for (size_t i = 0; i < deal->n_shares; i++) {
        if (deal->shares[i]->member == actor->id) {
            return true;
        }
    }
    return sees_books(actor, deal->company) ||
           (actor->role == VOUCH__V1__ROLE__MANAGER && is_of_team(view, actor, referral->receiver, arena));
}

bool access_contact(const struct view *view, uint64_t member, uint64_t contact)
{
    struct tie_entry entry;
    if (contact == 0 || tie_get(view, NODE_MEMBER | member, NODE_CONTACT | contact, &entry)) {
        return contact != 0;
    }
    /* An alias has no ties of its own: they went over when it was merged. */
    uint64_t self = record_contact_self(view, contact);
    return self != contact && tie_get(view, NODE_MEMBER | member, NODE_CONTACT | self, &entry);
}

bool access_contact_details(const struct view *view, uint64_t member, const Vouch__V1__Referral *referral)
{
    bool taken = referral_state_is_work(referral->state) || referral->state == STATE(WON);
    return (taken && referral->receiver == member) || access_contact(view, member, referral->contact);
}
