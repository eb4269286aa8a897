/* SPDX-License-Identifier: Apache-2.0
 *
 * Layout of the rows that bonds.h describes. */
#include "apply/bonds.h"

#include "base/check.h"
#include "base/message.h"
#include "domain/strength.h"

#include <stdlib.h>

#define ASK(name) VOUCH__V1__ASK_STATE__##name

struct key key_bond(uint64_t member, uint64_t contact)
{
    return key_u64_u64(member, contact);
}

const Vouch__V1__Bond *record_bond(const struct view *view, uint64_t member, uint64_t contact, struct arena *arena)
{
    struct key key = key_bond(member, contact);
    struct slice value;
    return table_get(view, TABLE_BOND, key_slice(&key), &value)
               ? (const void *)message_unpack_own(&vouch__v1__bond__descriptor, value.size, value.data, arena)
               : NULL;
}

int64_t tie_made_ms(const Vouch__V1__Contact *contact)
{
    return contact->added_ms;
}

Vouch__V1__Bond bond_new(const struct view *view, uint64_t member, uint64_t contact, int64_t now_ms,
                         struct arena *arena)
{
    Vouch__V1__Bond bond = VOUCH__V1__BOND__INIT;
    const Vouch__V1__Contact *known = record_contact(view, contact, arena);
    bond.member = member;
    bond.contact = contact;
    bond.since_ms = known != NULL && known->added_by == member ? tie_made_ms(known) : now_ms;
    return bond;
}

struct key key_touch(uint64_t member, uint64_t contact, int64_t time_ms, uint64_t sequence)
{
    CHECK(time_ms >= 0);
    struct key key = key_u64_u64(member, contact);
    key_add_u64(&key, (uint64_t)time_ms);
    key_add_u64(&key, sequence);
    return key;
}

static int newest_first(const void *left, const void *right)
{
    const Vouch__V1__TieTouch *a = *(const Vouch__V1__TieTouch *const *)left;
    const Vouch__V1__TieTouch *b = *(const Vouch__V1__TieTouch *const *)right;
    return a->time_ms != b->time_ms ? (a->time_ms < b->time_ms ? 1 : -1) : (a->sequence < b->sequence ? 1 : -1);
}

/* The newest ones with one contact; answers how many, SIZE_MAX past the arena's budget. */
static size_t touches_read(const struct view *view, uint64_t member, uint64_t contact,
                           const Vouch__V1__TieTouch **touches, struct arena *arena)
{
    struct key before = key_touch(member, contact, INT64_MAX, UINT64_MAX);
    struct slice key, value;
    size_t count = 0;
    struct cursor *cursor = cursor_open(view, TABLE_TOUCH);
    for (bool row = cursor_seek_before(cursor, key_slice(&before), &key, &value);
         row && count < STRENGTH_TOUCHES_MAX && slice_u64(key, 0) == member && slice_u64(key, 8) == contact;
         row = cursor_previous(cursor, &key, &value)) {
        touches[count] = (const void *)message_unpack_own(&vouch__v1__tie_touch__descriptor, value.size, value.data,
                                                          arena);
        if (touches[count++] == NULL) {
            count = SIZE_MAX;
            break;
        }
    }
    cursor_close(&cursor);
    return count;
}

const Vouch__V1__TieTouch **tie_touches_of(const struct view *view, uint64_t member, const uint64_t *contacts,
                                           size_t contact_count, size_t *count, struct arena *arena)
{
    const Vouch__V1__TieTouch **touches = arena_alloc(arena, (contact_count * STRENGTH_TOUCHES_MAX + 1) *
                                                                 sizeof(const Vouch__V1__TieTouch *));
    *count = 0;
    for (size_t i = 0; touches != NULL && i < contact_count; i++) {
        size_t found = touches_read(view, member, contacts[i], touches + *count, arena);
        if (found == SIZE_MAX) {
            return NULL;
        }
        *count += found;
    }
    if (touches != NULL) {
        qsort(touches, *count, sizeof(const Vouch__V1__TieTouch *), newest_first);
        *count = *count < STRENGTH_TOUCHES_MAX ? *count : STRENGTH_TOUCHES_MAX;
    }
    return touches;
}

const Vouch__V1__Ask *record_ask(const struct view *view, uint64_t ask, struct arena *arena)
{
    return record_get(view, TABLE_ASK, ask, &vouch__v1__ask__descriptor, arena);
}

struct key key_ask_member(uint64_t member, Vouch__V1__AskState state, uint64_t ask)
{
    struct key key = key_u64(member);
    key_add_u8(&key, (uint8_t)state);
    key_add_u64(&key, ask);
    return key;
}

struct key key_ask_contact(uint64_t contact, int64_t asked_ms, uint64_t ask)
{
    CHECK(asked_ms >= 0);
    struct key key = key_u64_u64(contact, (uint64_t)asked_ms);
    key_add_u64(&key, ask);
    return key;
}

bool ask_is_open(const Vouch__V1__Ask *ask)
{
    switch (ask->state) {
    case ASK(PREPARED):
    case ASK(ASKED):
    case ASK(YES_NAMED):
    case ASK(YES_LATER):
        return true;
    case ASK(THANKED):
        return ask->answer == ASK(YES_NAMED);
    default:
        return false;
    }
}

const Vouch__V1__Intel *record_intel(const struct view *view, uint64_t intel, struct arena *arena)
{
    return record_get(view, TABLE_INTEL, intel, &vouch__v1__intel__descriptor, arena);
}

int64_t intel_rings_ms(const Vouch__V1__Intel *intel)
{
    if (intel->clock == NULL) {
        return 0;
    }
    switch (intel->clock->stage) {
    case VOUCH__V1__CLOCK__STAGE__STAGE_NONE:
        return intel->clock->half_ms;
    case VOUCH__V1__CLOCK__STAGE__HALF:
        return intel->clock->last_ms;
    case VOUCH__V1__CLOCK__STAGE__LAST:
        return intel->clock->due_ms;
    default:
        return 0;
    }
}

struct key key_intel_member(uint64_t member, enum intel_side side, Vouch__V1__IntelState state, uint64_t intel)
{
    struct key key = key_u64(member);
    key_add_u8(&key, (uint8_t)side);
    key_add_u8(&key, (uint8_t)state);
    key_add_u64(&key, intel);
    return key;
}
