/* SPDX-License-Identifier: Apache-2.0
 *
 * Contacts: their records, the e-mail addresses that find them, notes, and what erasure leaves. The personal part is
 * opened with the person's key; without it the same tables come out as once the person is erased, so that a replay
 * after the key was destroyed ends at the same bytes as the state that saw the data come and go. */
#include "apply/bonds.h"
#include "apply/parts.h"

#include "base/check.h"
#include "base/message.h"
#include "domain/names.h"

#include <string.h>

/* The personal part of an event about a contact; NULL when its key was destroyed. */
static Vouch__V1__PersonalData *open_personal(struct application *application, uint64_t contact,
                                              ProtobufCBinaryData sealed)
{
    uint8_t key[32];
    struct slice slice = {sealed.data, sealed.len};
    if (sealed.len < SEAL_OVERHEAD || !view_person_key(application->view, contact, key)) {
        return NULL;
    }
    size_t size = sealed.len - SEAL_OVERHEAD;
    uint8_t *plain = scratch(application, size + 1);
    if (!unseal(plain, slice, contact, key)) {
        return NULL;
    }
    const ProtobufCMessage *personal = message_unpack_own(&vouch__v1__personal_data__descriptor, size, plain,
                                                          application->arena);
    CHECK(personal != NULL);
    return (Vouch__V1__PersonalData *)(void *)(uintptr_t)personal;
}

/* The i-th address: 0 is the first one, then the further ones; NULL past the last. */
static const char *email_at(const Vouch__V1__PersonalData *personal, size_t i)
{
    if (personal == NULL || i > personal->n_emails) {
        return NULL;
    }
    return i == 0 ? personal->email : personal->emails[i - 1];
}

/* Addresses of a person are nobody else's (decide looks), so that one row is one person's. */
static void emails_replace(struct application *application, uint64_t contact, const Vouch__V1__PersonalData *before,
                           const Vouch__V1__PersonalData *now)
{
    char normal[EMAIL_BYTES_MAX + 1];
    for (size_t i = 0; email_at(before, i) != NULL; i++) {
        if (email_normalise(email_at(before, i), normal)) {
            struct key key = key_text(normal);
            folded_delete(application->view, TABLE_CONTACT_EMAIL, &key);
        }
    }
    for (size_t i = 0; email_at(now, i) != NULL; i++) {
        if (email_normalise(email_at(now, i), normal)) {
            struct key key = key_text(normal);
            struct key id = key_u64(contact);
            table_put(application->view, TABLE_CONTACT_EMAIL, key_slice(&key), key_slice(&id));
        }
    }
}

void apply_contact(struct application *application, const Vouch__V1__Contact *contact, ProtobufCBinaryData sealed)
{
    CHECK(contact != NULL && !contact->erased);
    struct view *view = application->view;
    Vouch__V1__Contact now = *contact;
    const Vouch__V1__Contact *before = record_contact(view, contact->id, application->arena);
    now.personal = open_personal(application, contact->id, sealed);
    emails_replace(application, contact->id, before == NULL ? NULL : before->personal, now.personal);
    record_put(view, TABLE_CONTACT, contact->id, &now.base, application->arena);
    counter_reach(application, "last_contact", contact->id);
}

void apply_contact_noted(struct application *application, const Vouch__V1__ContactNoted *noted)
{
    struct key key = key_note(noted->member, noted->contact, application->sequence);
    row_put(application->view, TABLE_NOTE, &key);
}

/* ---- erasure ---- */

/* Removes the rows of a table that start with these two ids. */
static void delete_pair(struct view *view, enum table table, uint64_t member, uint64_t contact)
{
    struct key prefix = key_u64_u64(member, contact);
    struct slice row;
    struct cursor *cursor = cursor_open(view, table);
    bool found = cursor_seek(cursor, key_slice(&prefix), &row, NULL);
    while (found && row.size >= prefix.size && memcmp(row.data, prefix.bytes, prefix.size) == 0) {
        struct key key;
        key_start(&key);
        key_add_bytes(&key, row.data, row.size);
        row_delete(view, table, &key);
        found = cursor_next(cursor, &row, NULL);
    }
    cursor_close(&cursor);
}

/* Nobody waits for an answer of this contact any more, nor thanks them. `inner` is of one round. */
static void drop_ask(struct application *inner, uint64_t ask, uint64_t contact)
{
    struct view *view = inner->view;
    arena_reset(inner->arena);
    const Vouch__V1__Ask *before = record_ask(view, ask, inner->arena);
    if (before == NULL || before->contact != contact || !ask_is_open(before)) {
        return;
    }
    Vouch__V1__Ask now = *before;
    now.state = VOUCH__V1__ASK_STATE__DROPPED;
    now.due_ms = 0;
    struct key key = key_ask_member(before->member, before->state, before->id);
    row_delete(view, TABLE_ASK_MEMBER, &key);
    key = key_ask_member(before->member, now.state, before->id);
    row_put(view, TABLE_ASK_MEMBER, &key);
    if (before->due_ms != 0) {
        key = key_due(before->due_ms, DUE_ASK_ENDS, before->id);
        row_delete(view, TABLE_DUE, &key);
    }
    record_put(view, TABLE_ASK, now.id, &now.base, inner->arena);
}

/* The asks whose rows in an index start with this key and end with their number. */
static void drop_asks(struct application *inner, enum table table, const struct key *prefix, uint64_t contact)
{
    struct slice row;
    struct cursor *cursor = cursor_open(inner->view, table);
    bool found = cursor_seek(cursor, key_slice(prefix), &row, NULL);
    while (found && memcmp(row.data, prefix->bytes, prefix->size) == 0) {
        drop_ask(inner, slice_u64(row, row.size - 8), contact);
        found = cursor_next(cursor, &row, NULL);
    }
    cursor_close(&cursor);
}

/* What any member has of the contact: whoever once knew them may have notes, ties or not. What was asked is found by
 * the contact, what was only prepared by the member. */
static void delete_of_members(struct application *application, uint64_t contact)
{
    struct view *view = application->view;
    uint64_t last = meta_get(view, "last_member");
    struct application inner = application_inner(application);
    struct key asked = key_u64(contact);
    drop_asks(&inner, TABLE_ASK_CONTACT, &asked, contact);
    for (uint64_t member = 1; member <= last; member++) {
        struct key prepared = key_u64(member);
        key_add_u8(&prepared, VOUCH__V1__ASK_STATE__PREPARED);
        drop_asks(&inner, TABLE_ASK_MEMBER, &prepared, contact);
        delete_pair(view, TABLE_BOND, member, contact);
        delete_pair(view, TABLE_TOUCH, member, contact);
        delete_pair(view, TABLE_NOTE, member, contact);
    }
    arena_free(&inner.arena);
}

static void delete_ties(struct view *view, uint64_t contact)
{
    struct tie_entry entry;
    while (tie_list(view, TABLE_TIE_IN, NODE_CONTACT | contact, 0, &entry, 1) == 1) {
        tie_put(view, entry.peer, NODE_CONTACT | contact, 0, 0);
        if (view_failed(view) != NULL) {
            return; /* nothing is written any more: the tie would be found for ever */
        }
    }
}

/* The merge by which it is an alias keeps what members had of it. */
static void forget_merge(struct application *application, uint64_t id)
{
    const Vouch__V1__Merge *before = record_merge(application->view, id, application->arena);
    if (id != 0 && is_there(application, before)) {
        Vouch__V1__Merge now = *before;
        now.n_ties = 0;
        now.ties = NULL;
        record_put(application->view, TABLE_MERGE, id, &now.base, application->arena);
    }
}

static void erase_one(struct application *application, uint64_t id)
{
    struct view *view = application->view;
    const Vouch__V1__Contact *before = record_contact(view, id, application->arena);
    if (!is_there(application, before)) {
        return;
    }
    emails_replace(application, id, before->personal, NULL);
    contact_origins_delete(application, id);
    delete_ties(view, id);
    delete_of_members(application, id);
    forget_merge(application, before->merge);
    Vouch__V1__Contact now = *before;
    now.personal = NULL;
    now.erased = true;
    now.consent = false;
    now.company = 0;
    now.n_former = 0;
    now.former = NULL;
    record_put(view, TABLE_CONTACT, id, &now.base, application->arena);
}

void apply_contact_erased(struct application *application, const Vouch__V1__ContactErased *erased)
{
    uint64_t family[LIMIT_CONTACT_FAMILY];
    size_t count = record_contact_family(application->view, erased->contact, family, application->arena);
    for (size_t i = 0; i < count; i++) {
        erase_one(application, family[i]);
    }
}
