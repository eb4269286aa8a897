/* SPDX-License-Identifier: Apache-2.0
 *
 * What members should sell, and what they have closed in which industry. A quota of 0 is none. */
#include "apply/parts.h"

#include "base/check.h"

void apply_quota_set(struct application *application, const Vouch__V1__QuotaSet *set)
{
    CHECK(set->quota != NULL && set->quota->amount != NULL);
    struct key key = key_quota(set->quota->member, set->quota->year);
    if (set->quota->amount->minor == 0) {
        table_delete(application->view, TABLE_QUOTA, key_slice(&key));
    } else {
        record_put_key(application->view, TABLE_QUOTA, &key, &set->quota->base, application->arena);
    }
    inbox_add(application, set->quota->member);
}

void segment_count(struct application *application, const Vouch__V1__Referral *referral)
{
    const Vouch__V1__Company *company = record_company(application->view, referral->prospect, application->arena);
    if (referral->receiver == 0 || !is_there(application, company) || company->industry[0] == '\0') {
        return;
    }
    struct key closed = key_segment(TOTAL_CLOSED_IN, referral->receiver, company->industry);
    number_add(application->view, TABLE_TOTAL, &closed, 1);
    if (referral->state == VOUCH__V1__REFERRAL_STATE__WON) {
        struct key won = key_segment(TOTAL_WON_IN, referral->receiver, company->industry);
        number_add(application->view, TABLE_TOTAL, &won, 1);
    }
}
