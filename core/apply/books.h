/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of the commission ledger: accounts with their balances, bookings in their order and by account, deals and
 * payments, and what of them is ready for the next statement. For those who write them (apply) and those who read them
 * (decide, query). docs/commission.md tells what they mean. Any view. */
#ifndef VOUCH_APPLY_BOOKS_H
#define VOUCH_APPLY_BOOKS_H

#include "apply/record.h"
#include "domain/ledger.h"

#define DEAL_SHARES_MAX 64
#define DEAL_PAYMENTS_MAX 200
#define PAYMENT_REFUNDS_MAX 100

/* ---- records: as those of record.h ---- */

const Vouch__V1__Deal *record_deal(const struct view *view, uint64_t referral, struct arena *arena);
const Vouch__V1__Payment *record_payment(const struct view *view, uint64_t payment, struct arena *arena);
const Vouch__V1__Booking *record_booking(const struct view *view, uint64_t number, struct arena *arena);
const Vouch__V1__Statement *record_statement(const struct view *view, uint64_t statement, struct arena *arena);
const Vouch__V1__Payout *record_payout(const struct view *view, uint64_t payout, struct arena *arena);
const Vouch__V1__PayoutLine *record_payout_line(const struct view *view, uint64_t payout, uint64_t statement,
                                                struct arena *arena);
const Vouch__V1__Dispute *record_dispute(const struct view *view, uint64_t dispute, struct arena *arena);
/* A closed period; NULL while it is open. */
const Vouch__V1__Period *record_period(const struct view *view, uint64_t company, uint32_t period, struct arena *arena);

/* One version of terms. */
const Vouch__V1__Terms *record_terms(const struct view *view, uint64_t id, uint32_t version, struct arena *arena);
struct key key_terms(uint64_t id, uint32_t version);
/* IANA name of the home company's time zone, in which periods are counted. */
const char *record_home_zone(const struct view *view, struct arena *arena);

/* The part of a payee; NULL when there is none. */
Vouch__V1__PaymentPart *payment_part(const Vouch__V1__Payment *payment, uint64_t member);
/* What of a part was not taken back. */
int64_t part_left(const Vouch__V1__PaymentPart *part);
/* True when that is something for any payee. */
bool payment_has_left(const Vouch__V1__Payment *payment);

/* ---- accounts: one payee with one company in one currency; payee 0: all of the company's ---- */

struct account_id {
    uint64_t payee;
    uint64_t company; /* that pays */
    char currency[CURRENCY_BYTES];
};

#define ACCOUNT_KEY_BYTES 19

struct account {
    struct ledger_balances balances;
    int64_t minimum_minor;  /* minimum payout of the terms of the payee's latest deal */
    int64_t disputed_minor; /* what disputes hold out of payout */
};

struct account_id account_id_of(uint64_t payee, uint64_t company, const char *currency);
/* From a key of TABLE_ACCOUNT, or the beginning of one of TABLE_ACCOUNT_BOOKING. */
struct account_id account_id_read(struct slice key);
struct key key_account(const struct account_id *id);
/* False, and zeros, when there is none. */
bool account_get(const struct view *view, const struct account_id *id, struct account *account);
struct account account_read(struct slice value);

/* ---- bookings by account and period ---- */

/* What a statement needs of each booking without looking the booking up. */
struct account_booking {
    enum ledger_step step;
    int64_t minor; /* above zero */
};

struct key key_account_booking(const struct account_id *id, uint32_t period, uint64_t booking);
struct account_booking account_booking_read(struct slice value);

/* ---- what is approved, not disputed and on no statement yet, by the period it was approved in ---- */

struct key key_ready(const struct account_id *id, uint32_t period);
/* The period from a key of TABLE_READY, TABLE_ACCOUNT_BOOKING or TABLE_STATEMENT_OF. */
uint32_t key_account_period(struct slice key);

/* ---- periods: calendar months as yyyymm in the zone of the home company ---- */

struct key key_period(uint64_t company, uint32_t period);
uint32_t key_period_month(struct slice key);
/* The last period that a company has closed; 0: none. */
uint32_t period_last_closed(const struct view *view, uint64_t company);

/* ---- statements ---- */

struct key key_statement_of(const struct account_id *id, uint32_t period);
/* The statement that a line approved in this period is on: the first of that period or later that was not carried; 0:
 * none yet. */
uint64_t statement_of_line(const struct view *view, const struct account_id *id, uint32_t approved_period);

/* What the bank has paid of a statement, or what paid off a debt, and was not clawed back. */
int64_t statement_done(const Vouch__V1__Statement *statement);
/* What of a statement can be sent now: no dispute holds it. */
int64_t statement_to_send(const Vouch__V1__Statement *statement);

/* ---- payouts ---- */

struct key key_payable(uint64_t company, const char *currency, uint64_t statement);
#define PAYABLE_PREFIX_BYTES 11 /* company and currency */
struct key key_payout_line(uint64_t payout, uint64_t statement);
/* What an amount of the statements' currency is in the one that the payout is paid in; false when that is less than one
 * unit, which is not paid, or does not fit a number. */
bool payout_converts(const Vouch__V1__Payout *payout, int64_t minor, int64_t *pay_minor);

/* ---- the chain ---- */

/* The hash of the last booking; zeros before the first. */
void booking_last_hash(const struct view *view, uint8_t hash[LEDGER_HASH_BYTES]);

/* All that the chain covers of the debit (`side` 0) or the credit (1) of a booking. `deal` is that of
 * booking->referral, NULL when there is none. Strings point into `deal`. */
struct ledger_entry booking_entry(const Vouch__V1__Booking *booking, const Vouch__V1__Deal *deal, unsigned side);

#endif
