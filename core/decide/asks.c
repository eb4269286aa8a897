/* SPDX-License-Identifier: Apache-2.0
 *
 * Budgets and obligations of asks, from the rows of the contact. */
#include "decide/asks.h"

#include "base/clock.h"
#include "decide/parts.h"

#include <string.h>

#define ASK(name) VOUCH__V1__ASK_STATE__##name
#define OWES(name) VOUCH__V1__ASK_ROW__OWES__##name

/* The latest row of TABLE_ASK_CONTACT of a contact before a key; moves the key there. */
static const Vouch__V1__Ask *ask_before(struct cursor *cursor, const struct view *view, uint64_t contact,
                                        struct key *key, struct arena *arena)
{
    struct slice at;
    if (!cursor_seek_before(cursor, key_slice(key), &at, NULL) || slice_u64(at, 0) != contact) {
        return NULL;
    }
    uint64_t asked = slice_u64(at, 8);
    uint64_t id = slice_u64(at, 16);
    *key = key_ask_contact(contact, (int64_t)asked, id);
    return record_ask(view, id, arena);
}

/* Puts an ask where it belongs among the two latest. */
static void keep_latest(const Vouch__V1__Ask *latest[2], const Vouch__V1__Ask *ask)
{
    if (latest[0] == NULL || ask->asked_ms > latest[0]->asked_ms ||
        (ask->asked_ms == latest[0]->asked_ms && ask->id > latest[0]->id)) {
        latest[1] = latest[0];
        latest[0] = ask;
    } else if (latest[1] == NULL || ask->asked_ms > latest[1]->asked_ms) {
        latest[1] = ask;
    }
}

struct ask_budget asks_budget(const struct view *view, uint64_t contact, const struct policy *policy,
                              struct arena *arena)
{
    uint64_t family[LIMIT_CONTACT_FAMILY];
    size_t count = record_contact_family(view, record_contact_self(view, contact), family, arena);
    const Vouch__V1__Ask *latest[2] = {NULL, NULL};
    struct cursor *cursor = cursor_open(view, TABLE_ASK_CONTACT);
    for (size_t i = 0; i < count; i++) {
        struct key key = key_u64_u64(family[i], UINT64_MAX);
        for (size_t back = 0; back < 2; back++) {
            const Vouch__V1__Ask *ask = ask_before(cursor, view, family[i], &key, arena);
            if (ask == NULL) {
                break;
            }
            keep_latest(latest, ask);
        }
    }
    cursor_close(&cursor);
    if (latest[0] == NULL) {
        return (struct ask_budget){0, 0, 0, false};
    }
    bool nos = latest[1] != NULL && latest[0]->answer == ASK(NO) && latest[1]->answer == ASK(NO);
    uint32_t days = nos && policy->ask_after_nos_days > policy->ask_days ? policy->ask_after_nos_days
                                                                         : policy->ask_days;
    return (struct ask_budget){latest[0]->asked_ms + (int64_t)days * MS_PER_DAY, latest[0]->asked_ms, latest[0]->member,
                               nos};
}

uint64_t ask_under_way(const struct view *view, const Vouch__V1__Ask *ask, struct arena *arena)
{
    for (size_t i = 0; i < ask->n_referrals; i++) {
        const Vouch__V1__Referral *referral = record_referral(view, ask->referrals[i], arena);
        if (referral != NULL && referral_state_is_open(referral->state)) {
            return referral->id;
        }
    }
    return 0;
}

Vouch__V1__AskRow__Owes ask_owes(const struct view *view, const Vouch__V1__Ask *ask, struct arena *arena)
{
    switch (ask->state) {
    case ASK(PREPARED):
        return OWES(ASK_IT);
    case ASK(YES_NAMED):
    case ASK(YES_LATER):
        return OWES(THANK);
    case ASK(THANKED):
        return ask->answer == ASK(YES_NAMED) && ask->n_referrals > 0 && ask_under_way(view, ask, arena) == 0
                   ? OWES(TELL)
                   : OWES(NOTHING);
    default:
        return OWES(NOTHING);
    }
}

/* The last one that was asked, of one contact. */
static const Vouch__V1__Ask *last_asked(const struct view *view, struct cursor *cursor, uint64_t member,
                                        uint64_t contact, struct arena *arena)
{
    struct key key = key_u64_u64(contact, UINT64_MAX);
    const Vouch__V1__Ask *ask = ask_before(cursor, view, contact, &key, arena);
    while (ask != NULL && ask->member != member) {
        ask = ask_before(cursor, view, contact, &key, arena);
    }
    return ask;
}

const Vouch__V1__Ask *asks_open_of(const struct view *view, uint64_t member, uint64_t contact, struct arena *arena)
{
    const Vouch__V1__Bond *bond = record_bond(view, member, record_contact_self(view, contact), arena);
    return bond == NULL || bond->open_ask == 0 ? NULL : record_ask(view, bond->open_ask, arena);
}

const Vouch__V1__Ask *asks_last_of(const struct view *view, uint64_t member, uint64_t contact, struct arena *arena)
{
    uint64_t family[LIMIT_CONTACT_FAMILY];
    uint64_t self = record_contact_self(view, contact);
    size_t count = record_contact_family(view, self, family, arena);
    const Vouch__V1__Ask *last = asks_open_of(view, member, self, arena);
    struct cursor *cursor = cursor_open(view, TABLE_ASK_CONTACT);
    for (size_t i = 0; i < count && (last == NULL || last->asked_ms != 0); i++) {
        const Vouch__V1__Ask *ask = last_asked(view, cursor, member, family[i], arena);
        if (ask != NULL && (last == NULL || ask->id > last->id)) {
            last = ask;
        }
    }
    cursor_close(&cursor);
    return last;
}

bool card_can_go_along(const Vouch__V1__Card *card)
{
    return card != NULL && (card->n_issues > 0 || card->describe_me[0] != '\0');
}
