/* SPDX-License-Identifier: Apache-2.0
 *
 * Commission: what a won referral owes, as a record and as postings that add up to zero. */
#include "apply/parts.h"

#include "base/check.h"

static void post(struct application *application, Vouch__V1__Account account, uint64_t party, uint64_t referral,
                 int64_t minor, char *currency)
{
    if (minor == 0) {
        return;
    }
    Vouch__V1__Money amount = VOUCH__V1__MONEY__INIT;
    amount.minor = minor;
    amount.currency = currency;
    Vouch__V1__Posting posting = VOUCH__V1__POSTING__INIT;
    posting.number = meta_get(application->view, "last_posting") + 1;
    posting.account = account;
    posting.party = party;
    posting.amount = &amount;
    posting.referral = referral;
    posting.sequence = application->sequence;
    record_put(application->view, TABLE_POSTING, posting.number, &posting.base, application->arena);
    meta_put(application->view, "last_posting", posting.number);
    struct key balance = key_balance(account, party, currency);
    number_add(application->view, TABLE_BALANCE, &balance, minor);
}

/* The company whose salesperson closed the deal pays. */
static uint64_t payer(struct application *application, uint64_t referral)
{
    const Vouch__V1__Referral *record = record_referral(application->view, referral, application->arena);
    const Vouch__V1__Member *receiver = is_there(application, record)
                                            ? record_member(application->view, record->receiver, application->arena)
                                            : NULL;
    return is_there(application, receiver) ? receiver->company : 0;
}

void apply_commission_accrued(struct application *application, const Vouch__V1__CommissionAccrued *accrued)
{
    const Vouch__V1__Commission *commission = accrued->commission;
    CHECK(commission != NULL && commission->value != NULL);
    char *currency = commission->value->currency;
    int64_t given = 0;
    record_put(application->view, TABLE_COMMISSION, accrued->referral, &commission->base, application->arena);
    post(application, VOUCH__V1__ACCOUNT__EXP, payer(application, accrued->referral), accrued->referral,
         commission->pool_minor, currency);
    for (size_t i = 0; i < commission->n_shares; i++) {
        const Vouch__V1__CommissionShare *share = commission->shares[i];
        post(application, VOUCH__V1__ACCOUNT__ACC, share->member, accrued->referral, -share->minor, currency);
        given += share->minor;
        if (share->minor > 0) {
            inbox_add(application, share->member);
        }
    }
    CHECK(given == commission->pool_minor);
    struct key total = key_total(TOTAL_COMMISSION, currency, 3);
    number_add(application->view, TABLE_TOTAL, &total, commission->pool_minor);
}
