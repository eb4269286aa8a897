/* SPDX-License-Identifier: Apache-2.0
 *
 * Choosing terms: a few seeks, from the most particular scope to the most general. */
#include "decide/terms_choice.h"

#include "apply/books.h"
#include "apply/terms_rows.h"
#include "decide/access.h"
#include "decide/deal_math.h"
#include "domain/names.h"

#include <string.h>

struct terms terms_of_policy(const struct policy *policy)
{
    struct terms terms = terms_presets();
    terms.partner_bps = policy->partner_bps;
    terms.coworker_bps = policy->coworker_bps;
    return terms;
}

bool terms_may_keep(const Vouch__V1__Member *actor)
{
    return actor->company == HOME_COMPANY || actor->role == VOUCH__V1__ROLE__ADMIN;
}

/* Whether anything is approved for this member, or, for member 0, for this company. */
static bool is_anything_for(const struct view *view, uint64_t member, uint64_t company)
{
    struct key prefix = member != 0 ? key_u64(member) : key_u64_u64(0, company);
    struct slice key;
    struct cursor *cursor = cursor_open(view, TABLE_TERMS_SCOPE);
    bool found = cursor_seek(cursor, key_slice(&prefix), &key, NULL) &&
                 memcmp(key.data, prefix.bytes, prefix.size) == 0;
    cursor_close(&cursor);
    return found;
}

/* The most particular by product line and currency of those for this member and company. */
static bool find_for(const struct view *view, uint64_t member, uint64_t company, const char *product,
                     const char *currency, int64_t won_ms, struct terms_row *row)
{
    const struct terms_scope scopes[] = {{member, company, currency, product},
                                         {member, company, "", product},
                                         {member, company, currency, ""},
                                         {member, company, "", ""}};
    for (size_t i = product[0] == '\0' ? 2 : 0; i < sizeof scopes / sizeof scopes[0]; i++) {
        if (terms_row_find(view, &scopes[i], won_ms, row)) {
            return true;
        }
    }
    return false;
}

static bool find(const struct view *view, uint64_t referrer, uint64_t company, const char *product,
                 const char *currency, int64_t won_ms, struct terms_row *row)
{
    if (is_anything_for(view, referrer, 0) && (find_for(view, referrer, company, product, currency, won_ms, row) ||
                                               find_for(view, referrer, 0, product, currency, won_ms, row))) {
        return true;
    }
    return (is_anything_for(view, 0, company) && find_for(view, 0, company, product, currency, won_ms, row)) ||
           find_for(view, 0, 0, product, currency, won_ms, row);
}

bool terms_choose(const struct view *view, const struct policy *policy, const Vouch__V1__Referral *referral,
                  const char *currency, int64_t won_ms, struct arena *arena, struct terms_choice *choice)
{
    struct terms_row row;
    *choice = (struct terms_choice){terms_of_policy(policy), 0, 0};
    if (table_rows(view, TABLE_TERMS_SCOPE) == 0) {
        return true;
    }
    const Vouch__V1__Member *referrer = record_member(view, referral->referrer, arena);
    const char *product = name_fold(arena, referral->product);
    if (referrer == NULL || product == NULL) {
        return false;
    }
    product = strlen(product) > TERMS_FOLDED_MAX ? "" : product; /* there are no terms for it */
    if (!find(view, referrer->id, referrer->company, product, currency, won_ms, &row)) {
        return true;
    }
    const Vouch__V1__Terms *record = record_terms(view, row.id, row.version, arena);
    if (record == NULL) {
        return false;
    }
    *choice = (struct terms_choice){terms_of_record(record), row.id, row.version};
    return true;
}
