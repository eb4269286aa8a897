/* SPDX-License-Identifier: Apache-2.0
 *
 * Members, companies, contacts and their indexes; ties in both directions. */
#include "apply/apply.h"
#include "domain/names.h"
#include "query/checking.h"

#include <string.h>

static void expect_words(struct check *check, enum name_kind kind, const char *name, uint64_t id, const char *what)
{
    struct name_words *words = arena_alloc(check->arena, sizeof *words);
    if (words == NULL) {
        return;
    }
    name_words_split(name, words);
    for (size_t i = 0; i < words->count; i++) {
        struct key key = key_name_word(kind, words->words[i], id);
        expect_row(check, TABLE_NAME_WORD, &key, what, id);
    }
}

static void check_company(struct check *check, struct slice key, struct slice value)
{
    (void)value;
    uint64_t id = slice_u64(key, 0);
    const Vouch__V1__Company *company = record_company(check->view, id, check->arena);
    check->expected[TABLE_COMPANY] = id; /* the highest so far */
    if (company == NULL || company->id != id) {
        finding(check, "company %" PRIu64 " cannot be read", id);
        return;
    }
    expect_words(check, NAME_COMPANY, company->name, id, "company");
    if (company->domain[0] != '\0') {
        struct key domain = key_text(company->domain);
        expect_id(check, TABLE_COMPANY_DOMAIN, key_slice(&domain), id, "company");
    }
    if (company->parent != 0 && !record_exists(check->view, TABLE_COMPANY, company->parent)) {
        finding(check, "company %" PRIu64 " is a division of one that is not there", id);
    }
}

static void expect_holder(struct check *check, ProtobufCBinaryData key, uint64_t id, enum key_kind kind)
{
    uint64_t holder;
    enum key_kind found;
    check->expected[TABLE_MEMBER_KEY]++;
    if (key.len != 32 || !key_holder_find(check->view, key.data, &holder, &found) || holder != id || found != kind) {
        finding(check, "a key of member %" PRIu64 " is not theirs in member_key", id);
    }
}

static void check_member(struct check *check, struct slice key, struct slice value)
{
    (void)value;
    uint64_t id = slice_u64(key, 0);
    const Vouch__V1__Member *member = record_member(check->view, id, check->arena);
    check->expected[TABLE_MEMBER] = id;
    if (member == NULL || member->id != id) {
        finding(check, "member %" PRIu64 " cannot be read", id);
        return;
    }
    bool removed = member->state == VOUCH__V1__MEMBER_STATE__REMOVED;
    if (!record_exists(check->view, TABLE_COMPANY, member->company)) {
        finding(check, "member %" PRIu64 " belongs to a company that is not there", id);
    }
    if (removed && (member->n_keys > 0 || member->invite_key.len > 0)) {
        finding(check, "member %" PRIu64 " was removed and has a key", id);
    }
    if (!removed) {
        expect_words(check, NAME_MEMBER, member->name, id, "member");
    }
    if (member->state == VOUCH__V1__MEMBER_STATE__ACTIVE &&
        (member->role == VOUCH__V1__ROLE__ADMIN ||
         (member->role == VOUCH__V1__ROLE__MANAGER && member->team[0] != '\0'))) {
        bool admin = member->role == VOUCH__V1__ROLE__ADMIN;
        struct key row = key_manager(admin ? 0 : member->company, admin ? "" : member->team, id);
        expect_row(check, TABLE_MANAGER, &row, "manager", id);
    }
    for (size_t i = 0; i < member->n_keys; i++) {
        expect_holder(check, member->keys[i], id, KEY_OF_MEMBER);
    }
    if (member->invite_key.len > 0) {
        struct key due = key_due(member->invite_expires_ms, DUE_INVITE_EXPIRES, id);
        expect_holder(check, member->invite_key, id, KEY_OF_INVITATION);
        expect_row(check, TABLE_DUE, &due, "the invitation of member", id);
    }
}

/* Keys that were revoked stay known, so that nobody uses one again. */
static void check_revoked(struct check *check, struct slice key, struct slice value)
{
    (void)key;
    if (value.size == 9 && ((const uint8_t *)value.data)[8] == KEY_REVOKED) {
        check->expected[TABLE_MEMBER_KEY]++;
        if (!record_exists(check->view, TABLE_MEMBER, slice_u64(value, 0))) {
            finding(check, "a revoked key was member %" PRIu64 "'s, who is not there", slice_u64(value, 0));
        }
    }
}

/* A view takes its state first and the journal second: what was erased in between is gone from the journal's keys and
 * not yet from the state. */
static bool is_erased_since(const struct check *check, uint64_t contact)
{
    uint64_t self = record_contact_self(check->view, contact);
    const Vouch__V1__Event *event;
    for (uint64_t next = view_sequence(check->view) + 1;
         (event = record_event(check->view, next, check->arena)) != NULL; next++) {
        if (event->body_case == VOUCH__V1__EVENT__BODY_CONTACT_ERASED && event->contact_erased->contact == self) {
            return true;
        }
    }
    return false;
}

/* One of the first `count` addresses, in its one form. */
static bool is_address_before(const Vouch__V1__PersonalData *personal, size_t count, const char *address)
{
    char email[EMAIL_BYTES_MAX + 1];
    for (size_t i = 0; i < count; i++) {
        if (email_normalise(i == 0 ? personal->email : personal->emails[i - 1], email) && strcmp(email, address) == 0) {
            return true;
        }
    }
    return false;
}

static void check_contact(struct check *check, struct slice key, struct slice value)
{
    (void)value;
    char email[EMAIL_BYTES_MAX + 1];
    uint64_t id = slice_u64(key, 0);
    const Vouch__V1__Contact *contact = record_contact(check->view, id, check->arena);
    check->expected[TABLE_CONTACT] = id;
    if (contact == NULL || contact->id != id) {
        finding(check, "contact %" PRIu64 " cannot be read", id);
        return;
    }
    const Vouch__V1__PersonalData *personal = contact->personal;
    for (size_t i = 0; personal != NULL && i <= personal->n_emails; i++) {
        if (email_normalise(i == 0 ? personal->email : personal->emails[i - 1], email) &&
            !is_address_before(personal, i, email)) {
            struct key address = key_text(email);
            expect_id(check, TABLE_CONTACT_EMAIL, key_slice(&address), id, "contact");
        }
    }
    uint8_t person[32];
    if (contact->personal != NULL && !view_person_key(check->view, id, person) && !is_erased_since(check, id)) {
        finding(check, "contact %" PRIu64 " is in clear, and the key that seals it is gone", id);
    }
}

void check_people(struct check *check)
{
    for_each_row(check, TABLE_COMPANY, check_company);
    for_each_row(check, TABLE_MEMBER, check_member);
    for_each_row(check, TABLE_MEMBER_KEY, check_revoked);
    for_each_row(check, TABLE_CONTACT, check_contact);
    expect_counter(check, "last_company", check->expected[TABLE_COMPANY]);
    expect_counter(check, "last_member", check->expected[TABLE_MEMBER]);
    expect_counter(check, "last_contact", check->expected[TABLE_CONTACT]);
    expect_rows(check, TABLE_COMPANY_DOMAIN);
    expect_rows(check, TABLE_MEMBER_KEY);
    expect_rows(check, TABLE_MANAGER);
    expect_rows(check, TABLE_CONTACT_EMAIL);
    expect_rows(check, TABLE_NAME_WORD);
}

/* ---- ties ---- */

static bool node_exists(const struct check *check, uint64_t node)
{
    if ((node & NODE_CONTACT) != 0) {
        return record_exists(check->view, TABLE_CONTACT, node & NODE_ID_MASK);
    }
    return (node & NODE_MEMBER) != 0 && record_exists(check->view, TABLE_MEMBER, node & NODE_ID_MASK);
}

/* Every edge of `table` at `node` has its twin in the other table. */
static uint64_t check_node(struct check *check, enum table table, enum table other, uint64_t node)
{
    struct tie_entry entry;
    struct tie_entry twin;
    uint64_t edges = 0;
    for (uint64_t after = 0; tie_list(check->view, table, node, after, &entry, 1) == 1; after = entry.peer) {
        edges++;
        bool found = tie_list(check->view, other, entry.peer, node - 1, &twin, 1) == 1 && twin.peer == node &&
                     twin.strength_ppm == entry.strength_ppm && twin.flags == entry.flags;
        if (!found) {
            finding(check, "%s: the tie of node %" PRIx64 " with %" PRIx64 " is not the same in %s", table_name(table),
                    node, entry.peer, table_name(other));
        }
        if (!node_exists(check, entry.peer)) {
            finding(check, "%s: node %" PRIx64 " is tied to %" PRIx64 ", which is not there", table_name(table), node,
                    entry.peer);
        }
    }
    return edges;
}

static uint64_t check_direction(struct check *check, enum table table, enum table other)
{
    uint64_t edges = 0;
    uint64_t done = 0;
    struct slice key;
    struct cursor *cursor = cursor_open(check->view, table);
    for (bool row = cursor_seek(cursor, SLICE_NONE, &key, NULL); row; row = cursor_next(cursor, &key, NULL)) {
        uint64_t node = slice_u64(key, 0);
        if (node != done) {
            done = node;
            edges += check_node(check, table, other, node);
        }
    }
    cursor_close(&cursor);
    return edges;
}

void check_ties(struct check *check)
{
    uint64_t out = check_direction(check, TABLE_TIE_OUT, TABLE_TIE_IN);
    uint64_t in = check_direction(check, TABLE_TIE_IN, TABLE_TIE_OUT);
    if (out != in) {
        finding(check, "%" PRIu64 " ties go out and %" PRIu64 " come in", out, in);
    }
}
