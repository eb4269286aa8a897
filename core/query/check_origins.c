/* SPDX-License-Identifier: Apache-2.0
 *
 * What address books call contacts: both ways the same rows, of members and contacts that are there and not erased. */
#include "query/checking.h"

static void check_origin(struct check *check, struct slice key, struct slice value)
{
    uint64_t member = slice_u64(key, 0), contact = slice_u64(value, 0);
    struct key of = key_u64(contact);
    key_add_bytes(&of, key.data, key.size);
    expect_row(check, TABLE_CONTACT_ORIGIN_OF, &of, "an address book's entry of contact", contact);
    if (!record_exists(check->view, TABLE_MEMBER, member)) {
        finding(check, "an address book of member %" PRIu64 ", who is not there, has contact %" PRIu64, member,
                contact);
    }
    const Vouch__V1__Contact *record = record_contact(check->view, contact, check->arena);
    if (record == NULL || record->personal == NULL) {
        finding(check, "an address book of member %" PRIu64 " has contact %" PRIu64 ", who is not there or was erased",
                member, contact);
    }
}

void check_origins(struct check *check)
{
    for_each_row(check, TABLE_CONTACT_ORIGIN, check_origin);
    expect_rows(check, TABLE_CONTACT_ORIGIN_OF);
}
