/* SPDX-License-Identifier: Apache-2.0
 *
 * Merging contacts that are one person, and taking that back. Rows stay with the contact they were made with and
 * readers look at the whole family (record.h), so that a merge loses nothing; only what a member has but one of, the
 * tie and the bond, goes over to the contact that stays. The merge keeps both as they were; undoing it puts them back
 * and adds what came since. */
#include "apply/bonds.h"
#include "apply/parts.h"
#include "base/check.h"
#include "base/message.h"
#include "domain/strength.h"

#include <stdlib.h>
#include <string.h>

#define ASK(name) VOUCH__V1__ASK_STATE__##name

/* ---- a member's bond, from what they did with the person ---- */

struct ask_sums {
    Vouch__V1__Bond *bond;
    int64_t answered_ms; /* of the last answer */
    bool any;
};

static void ask_add(struct ask_sums *sums, const Vouch__V1__Ask *ask)
{
    Vouch__V1__Bond *bond = sums->bond;
    if (ask->member != bond->member) {
        return;
    }
    sums->any = true;
    bond->last_ask_ms = ask->asked_ms > bond->last_ask_ms ? ask->asked_ms : bond->last_ask_ms;
    bond->asks += ask->answer != ASK(ASK_STATE_NONE) ? 1 : 0;
    bond->named += ask->answer == ASK(YES_NAMED) ? 1 : 0;
    if (ask->answered_ms != 0 && ask->answered_ms >= sums->answered_ms) {
        sums->answered_ms = ask->answered_ms;
        bond->later_ms = ask->later_ms;
    }
    if (ask_is_open(ask) && ask->id > bond->open_ask) {
        bond->open_ask = ask->id;
    }
}

/* An ask that is prepared has no row with its contact yet. `inner` is of one round, here and below. */
static void asks_prepared_add(struct application *inner, struct ask_sums *sums, const uint64_t *family,
                              size_t family_count)
{
    struct key prefix = key_u64(sums->bond->member);
    key_add_u8(&prefix, ASK(PREPARED));
    struct slice row;
    struct cursor *cursor = cursor_open(inner->view, TABLE_ASK_MEMBER);
    bool found = cursor_seek(cursor, key_slice(&prefix), &row, NULL);
    while (found && memcmp(row.data, prefix.bytes, prefix.size) == 0) {
        arena_reset(inner->arena);
        const Vouch__V1__Ask *ask = record_ask(inner->view, slice_u64(row, prefix.size), inner->arena);
        for (size_t i = 0; ask != NULL && i < family_count; i++) {
            if (ask->contact == family[i]) {
                ask_add(sums, ask);
            }
        }
        found = cursor_next(cursor, &row, NULL);
    }
    cursor_close(&cursor);
}

static void asks_said_add(struct application *inner, struct ask_sums *sums, uint64_t contact)
{
    struct key prefix = key_u64(contact);
    struct slice row;
    struct cursor *cursor = cursor_open(inner->view, TABLE_ASK_CONTACT);
    bool found = cursor_seek(cursor, key_slice(&prefix), &row, NULL);
    while (found && slice_u64(row, 0) == contact) {
        arena_reset(inner->arena);
        const Vouch__V1__Ask *ask = record_ask(inner->view, slice_u64(row, 16), inner->arena);
        if (is_there(inner, ask)) {
            ask_add(sums, ask);
        }
        found = cursor_next(cursor, &row, NULL);
    }
    cursor_close(&cursor);
}

/* What the bond keeps of the member's asks of the family; false where there were none. */
static bool asks_measure(struct application *application, Vouch__V1__Bond *bond, const uint64_t *family,
                         size_t family_count)
{
    struct ask_sums sums = {.bond = bond};
    struct application inner = application_inner(application);
    bond->last_ask_ms = bond->later_ms = 0;
    bond->asks = bond->named = 0;
    bond->open_ask = 0;
    for (size_t i = 0; i < family_count; i++) {
        asks_said_add(&inner, &sums, family[i]);
    }
    asks_prepared_add(&inner, &sums, family, family_count);
    arena_free(&inner.arena);
    return sums.any;
}

/* Brings the bond to all touches and asks of the family; false where there are none. */
static bool bond_renew(struct application *application, Vouch__V1__Bond *bond, const uint64_t *family,
                       size_t family_count)
{
    size_t count;
    const Vouch__V1__TieTouch **touches = tie_touches_of(application->view, bond->member, family, family_count, &count,
                                                         application->arena);
    CHECK(touches != NULL);
    bool any = asks_measure(application, bond, family, family_count);
    if (count > 0) {
        bond_measure(bond, touches, count, scratch(application, OUTREACHES_KEPT * sizeof(protobuf_c_boolean)),
                     scratch(application, OUTREACHES_KEPT * sizeof(int64_t)));
    }
    return any || count > 0;
}

/* ---- merging ---- */

struct merging {
    uint64_t into;
    uint64_t from;
    uint64_t sequence;   /* of the merge */
    size_t family_count; /* of both */
    uint64_t family[2 * LIMIT_CONTACT_FAMILY];
};

static int64_t earlier_of(int64_t left, int64_t right)
{
    return right == 0 || (left != 0 && left < right) ? left : right;
}

static int64_t later_of(int64_t left, int64_t right)
{
    return left > right ? left : right;
}

/* One bond out of two; either may be NULL. */
static Vouch__V1__Bond bond_join(const Vouch__V1__Bond *from, const Vouch__V1__Bond *into, uint64_t member,
                                 uint64_t contact)
{
    Vouch__V1__Bond bond = into != NULL ? *into : *from;
    bond.member = member;
    bond.contact = contact;
    if (from != NULL && into != NULL) {
        bond.since_ms = earlier_of(into->since_ms, from->since_ms);
        bond.last_two_way_ms = later_of(into->last_two_way_ms, from->last_two_way_ms);
        bond.last_touch_ms = later_of(into->last_touch_ms, from->last_touch_ms);
        bond.hand_tier = into->hand_tier != VOUCH__V1__TIER__TIER_NONE ? into->hand_tier : from->hand_tier;
        bond.tier_sequence = into->tier_sequence > from->tier_sequence ? into->tier_sequence : from->tier_sequence;
    }
    return bond;
}

/* How strong the tie is once merged: what was set by hand stays, else what the touches say, else the stronger one. */
static void tie_join(const struct application *application, const Vouch__V1__Bond *bond, Vouch__V1__Merge__Moved *moved)
{
    moved->now_by_hand = moved->from_by_hand || moved->into_by_hand;
    moved->now_ppm = moved->into_ppm > moved->from_ppm ? moved->into_ppm : moved->from_ppm;
    if (moved->from_by_hand != moved->into_by_hand) {
        moved->now_ppm = moved->into_by_hand ? moved->into_ppm : moved->from_ppm;
    } else if (!moved->now_by_hand && bond != NULL && bond->last_touch_ms != 0) {
        uint32_t measured = strength_of_bond(bond, application->event->time_ms).ppm;
        moved->now_ppm = moved->now_ppm != 0 && measured == 0 ? 1 : measured;
    }
}

static void bond_delete(struct view *view, uint64_t member, uint64_t contact)
{
    struct key key = key_bond(member, contact);
    table_delete(view, TABLE_BOND, key_slice(&key));
}

static void bond_write(struct application *application, const Vouch__V1__Bond *bond)
{
    struct key key = key_bond(bond->member, bond->contact);
    record_put_key(application->view, TABLE_BOND, &key, &bond->base, application->arena);
}

static uint32_t tie_read(const struct view *view, uint64_t member, uint64_t contact, protobuf_c_boolean *by_hand)
{
    struct tie_entry entry;
    bool tied = tie_get(view, NODE_MEMBER | member, NODE_CONTACT | contact, &entry);
    *by_hand = tied && (entry.flags & TIE_BY_HAND) != 0;
    return tied ? entry.strength_ppm : 0;
}

/* One member's tie and bond go over; NULL where there is neither to the alias. The record lives in `keep`. */
static Vouch__V1__Merge__Moved *move_member(struct application *application, const struct merging *merging,
                                            uint64_t member, struct arena *keep)
{
    struct view *view = application->view;
    Vouch__V1__Merge__Moved moved = VOUCH__V1__MERGE__MOVED__INIT;
    Vouch__V1__Bond *joined = NULL;
    Vouch__V1__Bond bond;
    moved.member = member;
    moved.from_ppm = tie_read(view, member, merging->from, &moved.from_by_hand);
    moved.into_ppm = tie_read(view, member, merging->into, &moved.into_by_hand);
    const Vouch__V1__Bond *from = record_bond(view, member, merging->from, keep);
    if (moved.from_ppm == 0 && from == NULL) {
        return NULL;
    }
    const Vouch__V1__Bond *into = record_bond(view, member, merging->into, keep);
    moved.from_bond = (Vouch__V1__Bond *)(uintptr_t)from;
    moved.into_bond = (Vouch__V1__Bond *)(uintptr_t)into;
    if (from != NULL || into != NULL) {
        bond = bond_join(from, into, member, merging->into);
        bond_renew(application, &bond, merging->family, merging->family_count);
        bond_write(application, &bond);
        joined = &bond;
    }
    tie_join(application, joined, &moved);
    bond_delete(view, member, merging->from);
    tie_put(view, NODE_MEMBER | member, NODE_CONTACT | merging->from, 0, 0);
    tie_put(view, NODE_MEMBER | member, NODE_CONTACT | merging->into, moved.now_ppm,
            moved.now_by_hand ? TIE_BY_HAND : 0);
    Vouch__V1__Merge__Moved *kept = arena_memdup(keep, &moved, sizeof moved);
    CHECK(kept != NULL);
    return kept;
}

/* Everybody's ties and bonds; `merge` gets what is needed to undo it. */
static void move_members(struct application *application, const struct merging *merging, Vouch__V1__Merge *merge,
                         struct arena *keep)
{
    uint64_t last = meta_get(application->view, "last_member");
    struct application inner = application_inner(application);
    merge->ties = arena_alloc(keep, LIMIT_MERGE_TIES * sizeof *merge->ties);
    CHECK(merge->ties != NULL);
    for (uint64_t member = 1; member <= last; member++) {
        arena_reset(inner.arena);
        Vouch__V1__Merge__Moved *moved = move_member(&inner, merging, member, keep);
        if (moved != NULL) {
            CHECK(merge->n_ties < LIMIT_MERGE_TIES); /* decide has counted them */
            merge->ties[merge->n_ties++] = moved;
        }
    }
    arena_free(&inner.arena);
}

/* The family of both, before either record is changed. */
static struct merging merging_of(struct application *application, uint64_t into, uint64_t from)
{
    struct merging merging = {.into = into, .from = from};
    merging.family_count = record_contact_family(application->view, into, merging.family, application->arena);
    merging.family_count += record_contact_family(application->view, from, merging.family + merging.family_count,
                                                  application->arena);
    return merging;
}

/* What a person said of being introduced under either name holds for both; a withdrawal wins. */
static void consent_join(const Vouch__V1__Contact *from, Vouch__V1__Contact *into)
{
    into->withdrawn_ms = later_of(into->withdrawn_ms, from->withdrawn_ms);
    into->consent = into->withdrawn_ms == 0 && (into->consent || from->consent);
}

static void alias_add(struct application *application, const Vouch__V1__Contact *into, const Vouch__V1__Contact *alias)
{
    Vouch__V1__Contact now = *into;
    uint64_t from = alias->id;
    consent_join(alias, &now);
    now.merged = scratch(application, (into->n_merged + 1) * sizeof *now.merged);
    for (size_t i = 0; i < into->n_merged; i++) {
        now.merged[i] = into->merged[i];
    }
    now.merged[now.n_merged++] = from;
    record_put(application->view, TABLE_CONTACT, now.id, &now.base, application->arena);
}

void apply_contacts_merged(struct application *application, const Vouch__V1__ContactsMerged *merged)
{
    struct view *view = application->view;
    const Vouch__V1__Contact *into = record_contact(view, merged->into, application->arena);
    const Vouch__V1__Contact *from = record_contact(view, merged->from, application->arena);
    if (!is_there(application, into) || !is_there(application, from)) {
        return;
    }
    struct application keep = application_inner(application);
    Vouch__V1__Merge merge = VOUCH__V1__MERGE__INIT;
    merge.id = merged->merge;
    merge.into = merged->into;
    merge.from = merged->from;
    merge.by = application->event->actor;
    merge.time_ms = application->event->time_ms;
    merge.sequence = application->sequence;
    merge.into_consent = into->consent;
    merge.into_withdrawn_ms = into->withdrawn_ms;
    struct merging merging = merging_of(application, merge.into, merge.from);
    move_members(application, &merging, &merge, keep.arena);
    record_put(view, TABLE_MERGE, merge.id, &merge.base, keep.arena);
    arena_free(&keep.arena);
    counter_reach(application, "last_merge", merge.id);
    Vouch__V1__Contact alias = *from;
    alias.merged_into = merge.into;
    alias.merge = merge.id;
    record_put(view, TABLE_CONTACT, alias.id, &alias.base, application->arena);
    alias_add(application, into, from);
}

/* ---- undoing ---- */

/* The alias's bond as if it had stayed its own: nothing is done with an alias but that its asks go on. */
static void restore_from(struct application *application, const struct merging *alias,
                         const Vouch__V1__Merge__Moved *moved)
{
    if (moved->from_bond != NULL) {
        Vouch__V1__Bond bond = *moved->from_bond;
        bond_renew(application, &bond, alias->family, alias->family_count);
        bond_write(application, &bond);
    }
    tie_put(application->view, NODE_MEMBER | moved->member, NODE_CONTACT | alias->from, moved->from_ppm,
            moved->from_by_hand ? TIE_BY_HAND : 0);
}

/* The bond with the contact that stays as it was, and with what came since; false where there is none. */
static bool restore_bond(struct application *application, const struct merging *stays,
                         const Vouch__V1__Merge__Moved *moved, Vouch__V1__Bond *bond)
{
    const Vouch__V1__Bond *now = record_bond(application->view, moved->member, stays->into, application->arena);
    if (now == NULL) {
        return false;
    }
    bool was_made = moved->from_bond == NULL && moved->into_bond == NULL; /* since, and with this one alone */
    bool tier_was_set = now->tier_sequence > stays->sequence;
    *bond = was_made                   ? *now
            : moved->into_bond != NULL ? *moved->into_bond
                                       : bond_new(application->view, moved->member, stays->into,
                                                  application->event->time_ms, application->arena);
    if (tier_was_set) {
        bond->hand_tier = now->hand_tier;
        bond->tier_sequence = now->tier_sequence;
    }
    bool any = bond_renew(application, bond, stays->family, stays->family_count);
    return any || was_made || tier_was_set || moved->into_bond != NULL;
}

/* Notes go with no bond. */
static bool has_note(const struct view *view, uint64_t member, uint64_t contact)
{
    struct key prefix = key_u64_u64(member, contact);
    struct slice row;
    struct cursor *cursor = cursor_open(view, TABLE_NOTE);
    bool has = cursor_seek(cursor, key_slice(&prefix), &row, NULL) && memcmp(row.data, prefix.bytes, prefix.size) == 0;
    cursor_close(&cursor);
    return has;
}

/* Whether there were touches with the contact that stays since the merge. */
static bool touched_since(const Vouch__V1__Bond *bond, const Vouch__V1__Bond *before)
{
    return bond->last_touch_ms != 0 && (before == NULL || bond->as_of_ms != before->as_of_ms ||
                                        bond->out_micro != before->out_micro || bond->in_micro != before->in_micro);
}

static void restore_into(struct application *application, const struct merging *stays,
                         const Vouch__V1__Merge__Moved *moved)
{
    struct view *view = application->view;
    Vouch__V1__Bond bond;
    protobuf_c_boolean by_hand;
    uint32_t ppm = tie_read(view, moved->member, stays->into, &by_hand);
    bool was_set = ppm != moved->now_ppm || by_hand != moved->now_by_hand;
    bool bonded = restore_bond(application, stays, moved, &bond);
    if (bonded) {
        bond_write(application, &bond);
    } else {
        bond_delete(view, moved->member, stays->into);
    }
    /* Who did something with the person since keeps a tie to the one with whom it was. */
    bool keeps = moved->into_ppm == 0 && (bonded || has_note(view, moved->member, stays->into));
    if (!was_set && !keeps) {
        ppm = moved->into_ppm;
        by_hand = moved->into_by_hand;
    }
    if (ppm != 0 && !by_hand && bonded && touched_since(&bond, moved->into_bond)) {
        uint32_t measured = strength_of_bond(&bond, application->event->time_ms).ppm;
        ppm = measured == 0 ? 1 : measured;
    } else if (ppm != 0 && !by_hand && moved->into_ppm != 0) {
        ppm = moved->into_ppm; /* measured since, from touches that are the alias's again */
    }
    tie_put(view, NODE_MEMBER | moved->member, NODE_CONTACT | stays->into, ppm, by_hand ? TIE_BY_HAND : 0);
}

/* Each has its own word again. What the person said since is that of the one who stayed; that they do not want to be
 * introduced any more holds for both. */
static void consent_part(const Vouch__V1__Merge *merge, Vouch__V1__Contact *from, Vouch__V1__Contact *into)
{
    Vouch__V1__Contact joined = VOUCH__V1__CONTACT__INIT;
    joined.consent = merge->into_consent;
    joined.withdrawn_ms = merge->into_withdrawn_ms;
    consent_join(from, &joined);
    if (into->consent == joined.consent && into->withdrawn_ms == joined.withdrawn_ms) {
        into->consent = merge->into_consent;
        into->withdrawn_ms = merge->into_withdrawn_ms;
    } else if (into->withdrawn_ms != 0) {
        from->consent = false;
        from->withdrawn_ms = into->withdrawn_ms;
    }
}

static void alias_remove(struct application *application, const Vouch__V1__Contact *into, uint64_t from)
{
    Vouch__V1__Contact now = *into;
    now.merged = scratch(application, into->n_merged * sizeof *now.merged);
    now.n_merged = 0;
    for (size_t i = 0; i < into->n_merged; i++) {
        if (into->merged[i] != from) {
            now.merged[now.n_merged++] = into->merged[i];
        }
    }
    record_put(application->view, TABLE_CONTACT, now.id, &now.base, application->arena);
}

void apply_merge_undone(struct application *application, const Vouch__V1__MergeUndone *undone)
{
    struct view *view = application->view;
    struct application keep = application_inner(application);
    const Vouch__V1__Merge *before = record_merge(view, undone->merge, keep.arena);
    const Vouch__V1__Contact *into = before == NULL ? NULL : record_contact(view, before->into, keep.arena);
    const Vouch__V1__Contact *from = before == NULL ? NULL : record_contact(view, before->from, keep.arena);
    if (!is_there(application, into) || !is_there(application, from)) {
        arena_free(&keep.arena);
        return;
    }
    Vouch__V1__Contact own = *from, stayed = *into;
    own.merged_into = own.merge = 0;
    consent_part(before, &own, &stayed);
    record_put(view, TABLE_CONTACT, own.id, &own.base, application->arena);
    alias_remove(application, &stayed, own.id);
    struct merging alias = {.into = before->into, .from = before->from, .sequence = before->sequence};
    struct merging stays = alias;
    alias.family_count = record_contact_family(view, before->from, alias.family, application->arena);
    stays.family_count = record_contact_family(view, before->into, stays.family, application->arena);
    struct application inner = application_inner(application);
    for (size_t i = 0; i < before->n_ties; i++) {
        arena_reset(inner.arena);
        restore_from(&inner, &alias, before->ties[i]);
        restore_into(&inner, &stays, before->ties[i]);
    }
    arena_free(&inner.arena);
    Vouch__V1__Merge now = *before;
    now.undone_ms = application->event->time_ms;
    now.n_ties = 0;
    record_put(view, TABLE_MERGE, now.id, &now.base, keep.arena);
    arena_free(&keep.arena);
}
