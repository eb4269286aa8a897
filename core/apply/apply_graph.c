/* SPDX-License-Identifier: Apache-2.0
 *
 * Companies and ties. */
#include "apply/parts.h"

#include "base/check.h"

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

void apply_tie_set(struct application *application, const Vouch__V1__TieSet *set)
{
    uint64_t to = set->to_contact != 0 ? NODE_CONTACT | set->to_contact : NODE_MEMBER | set->to_member;
    tie_put(application->view, NODE_MEMBER | set->from_member, to, set->strength_ppm, set->by_hand ? TIE_BY_HAND : 0);
}
