/* SPDX-License-Identifier: Apache-2.0
 *
 * Companies, contacts and ties. A contact's personal part is opened with the person's key; when that was destroyed the
 * contact stays as a node without a name. */
#include "apply/parts.h"

#include "base/check.h"
#include "base/message.h"
#include "domain/names.h"

#include <string.h>

void apply_company(struct application *application, const Vouch__V1__Company *company)
{
    CHECK(company != NULL);
    struct view *view = application->view;
    const Vouch__V1__Company *before = record_company(view, company->id, application->arena);
    words_replace(application, NAME_COMPANY, company->id, before == NULL ? NULL : before->name, company->name);
    if (before != NULL && before->domain[0] != '\0' && strcmp(before->domain, company->domain) != 0) {
        struct key key = key_text(before->domain);
        row_delete(view, TABLE_COMPANY_DOMAIN, &key);
    }
    if (company->domain[0] != '\0') {
        struct key key = key_text(company->domain);
        struct key id = key_u64(company->id);
        table_put(view, TABLE_COMPANY_DOMAIN, key_slice(&key), key_slice(&id));
    }
    record_put(view, TABLE_COMPANY, company->id, &company->base, application->arena);
    counter_reach(application, "last_company", company->id);
}

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

static bool email_of(const Vouch__V1__Contact *contact, char email[EMAIL_BYTES_MAX + 1])
{
    return contact != NULL && contact->personal != NULL && email_normalise(contact->personal->email, email);
}

void apply_contact(struct application *application, const Vouch__V1__Contact *contact, ProtobufCBinaryData sealed)
{
    CHECK(contact != NULL);
    struct view *view = application->view;
    char email[EMAIL_BYTES_MAX + 1];
    Vouch__V1__Contact now = *contact;
    const Vouch__V1__Contact *before = record_contact(view, contact->id, application->arena);
    now.personal = open_personal(application, contact->id, sealed);
    if (email_of(before, email)) {
        struct key key = key_text(email);
        folded_delete(view, TABLE_CONTACT_EMAIL, &key);
    }
    if (email_of(&now, email)) {
        struct key key = key_text(email);
        struct key id = key_u64(contact->id);
        table_put(view, TABLE_CONTACT_EMAIL, key_slice(&key), key_slice(&id));
    }
    record_put(view, TABLE_CONTACT, contact->id, &now.base, application->arena);
    counter_reach(application, "last_contact", contact->id);
}

void apply_tie_set(struct application *application, const Vouch__V1__TieSet *set)
{
    uint64_t to = set->to_contact != 0 ? NODE_CONTACT | set->to_contact : NODE_MEMBER | set->to_member;
    tie_put(application->view, NODE_MEMBER | set->from_member, to, set->strength_ppm, set->by_hand ? TIE_BY_HAND : 0);
}
