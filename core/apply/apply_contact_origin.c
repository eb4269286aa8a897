/* SPDX-License-Identifier: Apache-2.0
 *
 * What address books call a contact. It says who they are, so that it is sealed in the journal like all that is
 * personal: once the contact's key is destroyed there is no row any more. */
#include "apply/bonds.h"
#include "apply/parts.h"

#include "base/check.h"

/* Since when the two know each other: the earliest of what address books say. */
static void set_since(struct application *application, const Vouch__V1__ContactOrigin *origin)
{
    Vouch__V1__Bond bond = VOUCH__V1__BOND__INIT;
    uint64_t contact = record_contact_self(application->view, origin->contact);
    const Vouch__V1__Bond *before = record_bond(application->view, origin->member, contact, application->arena);
    if (before != NULL) {
        bond = *before;
    }
    if (bond.since_ms == 0 || origin->since_ms < bond.since_ms) {
        bond.member = origin->member;
        bond.contact = contact;
        bond.since_ms = origin->since_ms;
        bond_put(application, &bond);
    }
}

void apply_contact_origin(struct application *application, const Vouch__V1__ContactOrigin *origin)
{
    CHECK(origin->member != 0 && origin->contact != 0);
    if (origin->since_ms != 0) {
        set_since(application, origin);
    }
    const Vouch__V1__ReferralText *text = record_text(application->view, origin->origin, origin->contact,
                                                      application->arena);
    if (text == NULL || text->note[0] == '\0') {
        return;
    }
    struct key key = key_contact_origin(origin->member, text->note);
    struct key of = key_contact_origin_of(origin->contact, origin->member, text->note);
    struct key contact = key_u64(origin->contact);
    struct slice before;
    if (table_get(application->view, TABLE_CONTACT_ORIGIN, key_slice(&key), &before)) {
        struct key gone = key_contact_origin_of(slice_u64(before, 0), origin->member, text->note);
        row_delete(application->view, TABLE_CONTACT_ORIGIN_OF, &gone);
    }
    table_put(application->view, TABLE_CONTACT_ORIGIN, key_slice(&key), key_slice(&contact));
    row_put(application->view, TABLE_CONTACT_ORIGIN_OF, &of);
}

void contact_origins_delete(struct application *application, uint64_t contact)
{
    struct view *view = application->view;
    struct key prefix = key_u64(contact);
    struct slice row;
    struct cursor *cursor = cursor_open(view, TABLE_CONTACT_ORIGIN_OF);
    bool found = cursor_seek(cursor, key_slice(&prefix), &row, NULL);
    while (found && slice_u64(row, 0) == contact) {
        struct key of, key;
        key_start(&of);
        key_add_bytes(&of, row.data, row.size);
        key_start(&key);
        key_add_bytes(&key, of.bytes + prefix.size, of.size - prefix.size);
        table_delete(view, TABLE_CONTACT_ORIGIN, key_slice(&key));
        row_delete(view, TABLE_CONTACT_ORIGIN_OF, &of);
        found = cursor_next(cursor, &row, NULL);
    }
    cursor_close(&cursor);
}
