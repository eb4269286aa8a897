/* SPDX-License-Identifier: Apache-2.0
 *
 * Books of a real broker, and those who try to harm them: members whose keys the test holds, so that they ask as honest
 * clients do and past them; what money moves by, one line each; and a fingerprint of all that the books say, which a
 * refusal must not change. */
#ifndef VOUCH_TEST_MONEY_WORLD_H
#define VOUCH_TEST_MONEY_WORLD_H

#include "raw.h"

#define DAY_MS INT64_C(86400000)
#define START_MS INT64_C(1799658000000) /* 2027-01-11 09:00 UTC */
#define ID_MOST UINT64_C(0xFFFFFFFFFFFFFF)

struct person {
    struct vouch *v; /* as honest clients ask; NULL after person_close */
    struct raw raw;  /* past them */
    uint64_t id;
};

/* Invites and joins; `company` 0: the home company. */
struct person person_join(struct world *world, void *context, const char *name, Vouch__V1__Role role, uint64_t company);
void person_close(struct person *person);

/* Names the operation of a request and its message. */
#define SAY(request, CASE, field, message)                                                                             \
    do {                                                                                                               \
        Vouch__V1__Request *said = &(request);                                                                         \
        said->operation_case = VOUCH__V1__REQUEST__OPERATION_##CASE;                                                   \
        said->field = &(message);                                                                                      \
    } while (0)

/* Sends the request as it is, whatever is wrong with it; its status. */
int send_raw(struct person *person, Vouch__V1__Request *request, char sentence[512]);

/* ---- honest steps; they fail the test when they are refused ---- */

uint64_t terms_write(struct person *by, const Vouch__V1__Terms *terms);
void terms_approve(struct person *by, uint64_t terms, uint32_t version);
/* Terms for all deals in `currency`, written and approved. */
void terms_hold(struct person *writer, struct person *approver, const char *name, const char *currency,
                int64_t coworker_bps, int64_t hold_days);
Vouch__V1__Terms terms_preset(const char *name, const char *currency);

/* A referral up to the opportunity, and won. */
uint64_t deal_ready(struct person *referrer, struct person *receiver, uint64_t prospect);
int deal_win(struct person *receiver, uint64_t deal, int64_t minor, const char *currency, char sentence[512]);
uint64_t deal_won(struct person *referrer, struct person *receiver, uint64_t prospect, int64_t minor,
                  const char *currency);

uint64_t pay(struct person *by, uint64_t deal, int64_t minor, const char *currency, const char *reference);
void close_period(struct person *by, uint32_t period);
uint64_t make_payout(struct person *by, const char *currency);
void settle_payout(struct person *by, uint64_t payout);

/* The balances of one account; zeros when there is none. */
struct balances {
    int64_t accrued, approved, payable, sent, paid, owed, disputed;
};
struct balances balances_of(struct person *payee, const char *currency);
/* Asks until the payee's balances are these: timers do their work when the clock has been turned. */
void wait_balances(struct person *payee, const char *currency, struct balances wanted);

/* All that accounts, deals, batches, periods, disputes and terms say, as one number, as the admin sees it now. */
uint64_t books_fingerprint(struct world *world);

#endif
