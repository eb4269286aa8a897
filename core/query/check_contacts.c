/* SPDX-License-Identifier: Apache-2.0
 *
 * Contacts that are one person, notes, and what is left of the erased: an alias has no tie of its own and its merge
 * stands, and of who was erased nothing is left but a number. */
#include "apply/bonds.h"
#include "query/checking.h"

/* What it stands for has it among its aliases, and its merge says the same. */
static void check_alias(struct check *check, const Vouch__V1__Contact *contact)
{
    struct tie_entry entry;
    const Vouch__V1__Contact *into = record_contact(check->view, contact->merged_into, check->arena);
    const Vouch__V1__Merge *merge = record_merge(check->view, contact->merge, check->arena);
    bool listed = false;
    for (size_t i = 0; into != NULL && i < into->n_merged; i++) {
        listed = listed || into->merged[i] == contact->id;
    }
    if (!listed) {
        finding(check, "contact %" PRIu64 " is an alias of %" PRIu64 ", which does not know that", contact->id,
                contact->merged_into);
    }
    if (merge == NULL || merge->from != contact->id || merge->into != contact->merged_into || merge->undone_ms != 0) {
        finding(check, "contact %" PRIu64 " is an alias by merge %" PRIu64 ", which says something else", contact->id,
                contact->merge);
    }
    if (tie_list(check->view, TABLE_TIE_IN, NODE_CONTACT | contact->id, 0, &entry, 1) != 0) {
        finding(check, "contact %" PRIu64 " is an alias and has a tie of its own", contact->id);
    }
}

static void check_merged(struct check *check, const Vouch__V1__Contact *contact)
{
    for (size_t i = 0; i < contact->n_merged; i++) {
        const Vouch__V1__Contact *alias = record_contact(check->view, contact->merged[i], check->arena);
        if (alias == NULL || alias->merged_into != contact->id) {
            finding(check, "contact %" PRIu64 " has %" PRIu64 " for an alias, which is none", contact->id,
                    contact->merged[i]);
        }
    }
}

static void check_erased(struct check *check, const Vouch__V1__Contact *contact)
{
    uint8_t key[32];
    struct tie_entry entry;
    if (contact->personal != NULL || contact->company != 0 || contact->n_former > 0) {
        finding(check, "contact %" PRIu64 " was erased and is still described", contact->id);
    }
    if (view_person_key(check->view, contact->id, key)) {
        finding(check, "contact %" PRIu64 " was erased and the key to the data in the journal is there", contact->id);
    }
    if (tie_list(check->view, TABLE_TIE_IN, NODE_CONTACT | contact->id, 0, &entry, 1) != 0) {
        finding(check, "contact %" PRIu64 " was erased and somebody has a tie to them", contact->id);
    }
}

static void check_contact(struct check *check, struct slice key, struct slice value)
{
    (void)value;
    const Vouch__V1__Contact *contact = record_contact(check->view, slice_u64(key, 0), check->arena);
    if (contact == NULL) {
        return; /* told by check_people */
    }
    if (contact->merged_into != 0) {
        check_alias(check, contact);
    }
    check_merged(check, contact);
    if (contact->erased) {
        check_erased(check, contact);
    }
}

static void check_merge(struct check *check, struct slice key, struct slice value)
{
    (void)value;
    uint64_t id = slice_u64(key, 0);
    const Vouch__V1__Merge *merge = record_merge(check->view, id, check->arena);
    check->expected[TABLE_MERGE] = id;
    if (merge == NULL || merge->id != id) {
        finding(check, "merge %" PRIu64 " cannot be read", id);
        return;
    }
    const Vouch__V1__Contact *from = record_contact(check->view, merge->from, check->arena);
    if (merge->undone_ms == 0 && (from == NULL || from->merge != id)) {
        finding(check, "merge %" PRIu64 " stands and contact %" PRIu64 " is not an alias by it", id, merge->from);
    }
}

static void check_note(struct check *check, struct slice key, struct slice value)
{
    (void)value;
    uint64_t member = slice_u64(key, 0), contact = slice_u64(key, 8);
    const Vouch__V1__Contact *record = record_contact(check->view, contact, check->arena);
    if (!record_exists(check->view, TABLE_MEMBER, member) || record == NULL || record->erased) {
        finding(check, "member %" PRIu64 " has a note about contact %" PRIu64 ", one of whom is not there", member,
                contact);
    }
    const Vouch__V1__Event *event = record_event(check->view, slice_u64(key, 16), check->arena);
    if (event == NULL || event->body_case != VOUCH__V1__EVENT__BODY_CONTACT_NOTED ||
        event->contact_noted->member != member || event->contact_noted->contact != contact) {
        finding(check, "event %" PRIu64 " is not the note of member %" PRIu64 " that it should be", slice_u64(key, 16),
                member);
    }
}

void check_contacts(struct check *check)
{
    for_each_row(check, TABLE_CONTACT, check_contact);
    for_each_row(check, TABLE_MERGE, check_merge);
    for_each_row(check, TABLE_NOTE, check_note);
    expect_counter(check, "last_merge", check->expected[TABLE_MERGE]);
}
