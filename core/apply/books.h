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

/* ---- records: as those of record.h ---- */

const Vouch__V1__Deal *record_deal(const struct view *view, uint64_t referral, struct arena *arena);
const Vouch__V1__Payment *record_payment(const struct view *view, uint64_t payment, struct arena *arena);
const Vouch__V1__Booking *record_booking(const struct view *view, uint64_t number, struct arena *arena);

/* One version of terms. */
const Vouch__V1__Terms *record_terms(const struct view *view, uint64_t id, uint32_t version, struct arena *arena);
struct key key_terms(uint64_t id, uint32_t version);
/* IANA name of the home company's time zone, in which periods are counted. */
const char *record_home_zone(const struct view *view, struct arena *arena);

/* The part of a payee; NULL when there is none. */
Vouch__V1__PaymentPart *payment_part(const Vouch__V1__Payment *payment, uint64_t member);
/* What of a part was not taken back. */
int64_t part_left(const Vouch__V1__PaymentPart *part);

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
    int64_t disputed_minor; /* what is left of the payee's lines under dispute, wherever it sits */
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

/* ---- periods: calendar months as yyyymm in the zone of the home company ---- */

struct key key_period(uint64_t company, uint32_t period);
/* The last period that a company has closed; 0: none. */
uint32_t period_last_closed(const struct view *view, uint64_t company);

/* ---- statements ---- */

struct key key_statement_of(const struct account_id *id, uint32_t period);
/* The statement that a line approved in this period is on: the first of that period or later that was not carried; 0:
 * none yet. */
uint64_t statement_of_line(const struct view *view, const struct account_id *id, uint32_t approved_period);

/* The hash of the last booking; zeros before the first. */
void booking_last_hash(const struct view *view, uint8_t hash[LEDGER_HASH_BYTES]);

/* All that the chain covers of the debit (`side` 0) or the credit (1) of a booking. `deal` is that of
 * booking->referral, NULL when there is none. Strings point into `deal`. */
struct ledger_entry booking_entry(const Vouch__V1__Booking *booking, const Vouch__V1__Deal *deal, unsigned side);

#endif
