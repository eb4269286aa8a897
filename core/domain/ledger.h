/* SPDX-License-Identifier: Apache-2.0
 *
 * The commission ledger's rules: double entry over the accounts of ledger_accounts.def by the steps of
 * ledger_steps.def. A function gets the balances as they are, and gives postings or a refusal; who keeps balances and
 * postings is not known here. Each posting is hashed together with the one before it, so that a line changed, dropped
 * or put in later is found by whoever holds a later hash. Pure, integers only, no memory. */
#ifndef VOUCH_DOMAIN_LEDGER_H
#define VOUCH_DOMAIN_LEDGER_H

#include "base/status.h"
#include "domain/money.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ledger_account {
    LEDGER_ACCOUNT_NONE = 0,
#define ACCOUNT(NAME, number, OWNER, SIDE, sentence) LEDGER_##NAME = (number),
#include "domain/ledger_accounts.def"
#undef ACCOUNT
    LEDGER_ACCOUNTS /* one more than the last */
};

enum ledger_owner { OWNER_COMPANY, OWNER_PAYEE };
enum ledger_side { SIDE_ANY, SIDE_DEBIT, SIDE_CREDIT };

struct ledger_account_rule {
    const char *name; /* "PAY" */
    enum ledger_owner owner;
    enum ledger_side side;
    const char *sentence;
};

/* NULL for a number that is no account. */
const struct ledger_account_rule *ledger_account_find(enum ledger_account account);

enum ledger_step {
    LEDGER_STEP_NONE = 0,
#define STEP(NAME, number, word, DEBIT, CREDIT, FROM, TO, NEEDS, sentence) LEDGER_STEP_##NAME = (number),
#include "domain/ledger_steps.def"
#undef STEP
    LEDGER_STEPS
};

enum ledger_reason {
    LEDGER_REASON_NONE = 0,
#define REASON(NAME, number, word) LEDGER_REASON_##NAME = (number),
#include "domain/ledger_reasons.def"
#undef REASON
    LEDGER_REASONS
};

/* "order_canceled"; NULL for a number that is no reason. */
const char *ledger_reason_word(enum ledger_reason reason);
/* LEDGER_REASON_NONE for a word that is none. */
enum ledger_reason ledger_reason_find(const char *word);

/* Where the units of a line are. OUTSIDE: not accrued, or taken back. DONE: paid, or offset against a debt. PAYEE: the
 * step is about no line. */
enum ledger_place { PLACE_OUTSIDE, PLACE_ACC, PLACE_APP, PLACE_PAY, PLACE_SENT, PLACE_DONE, PLACES, PLACE_PAYEE };

struct ledger_step_rule {
    const char *word; /* "claw-back" */
    enum ledger_account debit;
    enum ledger_account credit;
    enum ledger_place from;
    enum ledger_place to;
    bool with_reason;
    const char *sentence;
};

/* NULL for a number that is no step. */
const struct ledger_step_rule *ledger_step_find(enum ledger_step step);

/* What every account holds on behalf of one payee in one currency; debit above zero. Of the company's accounts that is
 * the part this payee's postings made, so all of it adds up to zero. Zeros before the first posting. */
struct ledger_balances {
    int64_t minor[LEDGER_ACCOUNTS];
};

/* One side of a booking. */
struct ledger_posting {
    enum ledger_account account;
    uint64_t owner; /* the payee, or the company */
    char currency[CURRENCY_BYTES];
    int64_t minor; /* debit above zero, credit below */
};

/* What is asked for. */
struct ledger_move {
    enum ledger_step step;
    enum ledger_reason reason;
    uint64_t company;
    uint64_t payee; /* 0: the house */
    const char *currency;
    int64_t minor; /* above zero */
};

/* Does one step: postings[0] is the debit, postings[1] the credit, and the balances are those after it. Refused, with
 * nothing changed: INVALID for an amount that is not above zero, an unknown step or currency, a missing reason, sums
 * that do not fit; CONFLICT when an account does not hold that much, or more is clawed back than was paid. */
enum vouch_status ledger_post(const struct ledger_move *move, struct ledger_balances *balances,
                              struct ledger_posting postings[2], struct status_text *why) MUST_USE;

/* A payout in another currency, or (`fail`) its return: two linked bookings. `move` names the payee, the amount and its
 * currency (its step is not read); `to_minor` of `to_currency` is what money_convert made of it. The first two postings
 * are in the one currency, the last two in the other. All or nothing, refusals as in ledger_post. */
enum vouch_status ledger_post_converted(const struct ledger_move *move, const char *to_currency, int64_t to_minor,
                                        bool fail, struct ledger_balances *balances,
                                        struct ledger_balances *to_balances, struct ledger_posting postings[4],
                                        struct status_text *why) MUST_USE;

/* Owed and neither sent nor reversed: ACC + APP + PAY, above or equal zero. */
int64_t ledger_open(const struct ledger_balances *balances);

/* How much newly approved commission can pay off what the payee owes. */
int64_t ledger_offsettable(const struct ledger_balances *balances);

/* The invariants of a payee's balances: they add up to zero, and each stands on its side. INTERNAL names the first that
 * is broken. */
enum vouch_status ledger_balances_check(const struct ledger_balances *balances, struct status_text *why) MUST_USE;

/* One payee's part of one payment: how many units of it are where; all above or equal zero, OUTSIDE is not counted. A
 * payee's lines together hold in ACC, APP and PAY what the accounts of that name do. */
struct ledger_line {
    int64_t minor[PLACES];
};

/* Moves units as the step says. Refused, with nothing changed: CONFLICT when there are not as many in that place;
 * INVALID for a step that is about no line, and sums that do not fit. */
enum vouch_status ledger_line_move(struct ledger_line *line, enum ledger_step step, int64_t minor,
                                   struct status_text *why) MUST_USE;

/* One step of a taking back. */
struct ledger_taking {
    enum ledger_step step;
    int64_t minor;
};

#define LEDGER_TAKINGS_MAX 4

/* Which steps take `minor` back from a line: from its hold first, then approved, payable, and paid last. Changes
 * nothing. CONFLICT when units that are on their way to the bank would be needed (wait until they are settled or
 * failed), or the line is smaller than that. */
enum vouch_status ledger_take_back(const struct ledger_line *line, int64_t minor,
                                   struct ledger_taking takings[LEDGER_TAKINGS_MAX], size_t *count,
                                   struct status_text *why) MUST_USE;

#define LEDGER_HASH_BYTES 32

/* All that is known of a posting and must never change. */
struct ledger_entry {
    uint64_t number;   /* counted from 1 */
    uint64_t sequence; /* of its event in the journal */
    int64_t time_ms;
    int64_t effective_ms; /* earlier than time_ms when it came after its period was closed */
    enum ledger_step step;
    struct ledger_posting posting;
    uint64_t company;
    uint64_t payee;
    uint64_t deal;
    uint64_t payment; /* of the deal, counted from 1; 0: the win */
    uint64_t statement;
    uint64_t corrects; /* number of the posting that this one corrects; 0: none */
    enum ledger_reason reason;
    uint64_t terms_version;
    uint8_t terms_digest[LEDGER_HASH_BYTES];
    const char *plugin; /* attribution plugin; "" when none was asked */
    const char *plugin_version;
    uint8_t inputs_digest[LEDGER_HASH_BYTES];
};

/* The hash of a posting is BLAKE2b-256 over these bytes in this order, numbers as 8 bytes little-endian (two's
 * complement):
 *   "vouch-ledger-1"                                        14 bytes
 *   hash of the posting before it; zeros for the first      32 bytes
 *   number, sequence, time_ms, effective_ms, step           5 numbers
 *   account, owner                                          2 numbers
 *   currency                                                3 letters and a zero byte
 *   minor                                                   1 number
 *   company, payee, deal, payment, statement, corrects      6 numbers
 *   reason, terms_version                                   2 numbers
 *   terms digest                                            32 bytes
 *   plugin: its length as a number, then its bytes; the same of its version
 *   inputs digest                                           32 bytes */
void ledger_entry_hash(const uint8_t previous[LEDGER_HASH_BYTES], const struct ledger_entry *entry,
                       uint8_t hash[LEDGER_HASH_BYTES]);

/* What makes an accrual the same one again: doing it twice is refused by this key. */
struct ledger_identity {
    uint64_t deal;
    uint64_t payment;
    uint64_t event; /* enum ledger_step, and for refunds their number: whatever the caller counts by */
    uint64_t party;
    uint64_t terms_version;
};

#define LEDGER_KEY_BYTES 40

/* The five numbers as 8 bytes big-endian each, so that keys sort by deal, then by payment. */
void ledger_identity_key(const struct ledger_identity *identity, uint8_t key[LEDGER_KEY_BYTES]);

#endif
