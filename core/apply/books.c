/* SPDX-License-Identifier: Apache-2.0
 *
 * Layout of the ledger's rows. */
#include "apply/parts.h"

#include "base/check.h"
#include "base/message.h"

#include <endian.h>
#include <string.h>

/* Numbers of a row of TABLE_ACCOUNT, 8 bytes little-endian each: the balances by account, minimum, disputed. */
#define ACCOUNT_NUMBERS (LEDGER_ACCOUNTS - 1 + 2)

const Vouch__V1__Deal *record_deal(const struct view *view, uint64_t referral, struct arena *arena)
{
    return record_get(view, TABLE_DEAL, referral, &vouch__v1__deal__descriptor, arena);
}

const Vouch__V1__Payment *record_payment(const struct view *view, uint64_t payment, struct arena *arena)
{
    return record_get(view, TABLE_PAYMENT, payment, &vouch__v1__payment__descriptor, arena);
}

const Vouch__V1__Booking *record_booking(const struct view *view, uint64_t number, struct arena *arena)
{
    return record_get(view, TABLE_BOOKING, number, &vouch__v1__booking__descriptor, arena);
}

const Vouch__V1__Statement *record_statement(const struct view *view, uint64_t statement, struct arena *arena)
{
    return record_get(view, TABLE_STATEMENT, statement, &vouch__v1__statement__descriptor, arena);
}

const Vouch__V1__Payout *record_payout(const struct view *view, uint64_t payout, struct arena *arena)
{
    return record_get(view, TABLE_PAYOUT, payout, &vouch__v1__payout__descriptor, arena);
}

const Vouch__V1__Dispute *record_dispute(const struct view *view, uint64_t dispute, struct arena *arena)
{
    return record_get(view, TABLE_DISPUTE, dispute, &vouch__v1__dispute__descriptor, arena);
}

/* Of a table whose key is more than one id. */
static const void *unpack_at(const struct view *view, enum table table, const struct key *key,
                             const ProtobufCMessageDescriptor *type, struct arena *arena)
{
    struct slice value;
    return table_get(view, table, key_slice(key), &value) ? message_unpack_own(type, value.size, value.data, arena)
                                                          : NULL;
}

const Vouch__V1__PayoutLine *record_payout_line(const struct view *view, uint64_t payout, uint64_t statement,
                                                struct arena *arena)
{
    struct key key = key_payout_line(payout, statement);
    return unpack_at(view, TABLE_PAYOUT_LINE, &key, &vouch__v1__payout_line__descriptor, arena);
}

const Vouch__V1__Period *record_period(const struct view *view, uint64_t company, uint32_t period, struct arena *arena)
{
    struct key key = key_period(company, period);
    return unpack_at(view, TABLE_PERIOD, &key, &vouch__v1__period__descriptor, arena);
}

static void key_add_u32(struct key *key, uint32_t number)
{
    uint32_t big_endian = htobe32(number);
    key_add_bytes(key, &big_endian, sizeof big_endian);
}

struct key key_terms(uint64_t id, uint32_t version)
{
    struct key key = key_u64(id);
    key_add_u32(&key, version);
    return key;
}

const Vouch__V1__Terms *record_terms(const struct view *view, uint64_t id, uint32_t version, struct arena *arena)
{
    struct key key = key_terms(id, version);
    return unpack_at(view, TABLE_TERMS, &key, &vouch__v1__terms__descriptor, arena);
}

/* Said once, by the first event of the store. */
const char *record_home_zone(const struct view *view, struct arena *arena)
{
    const Vouch__V1__Event *event = record_event(view, 1, arena);
    bool said = event != NULL && event->body_case == VOUCH__V1__EVENT__BODY_STORE_CREATED;
    return said ? event->store_created->zone : "UTC";
}

Vouch__V1__PaymentPart *payment_part(const Vouch__V1__Payment *payment, uint64_t member)
{
    for (size_t i = 0; i < payment->n_parts; i++) {
        if (payment->parts[i]->member == member) {
            return payment->parts[i];
        }
    }
    return NULL;
}

int64_t part_left(const Vouch__V1__PaymentPart *part)
{
    CHECK(part->taken_minor >= 0 && part->taken_minor <= part->minor);
    return part->minor - part->taken_minor;
}

bool payment_has_left(const Vouch__V1__Payment *payment)
{
    for (size_t i = 0; i < payment->n_parts; i++) {
        if (part_left(payment->parts[i]) > 0) {
            return true;
        }
    }
    return false;
}

/* ---- accounts ---- */

struct account_id account_id_of(uint64_t payee, uint64_t company, const char *currency)
{
    struct account_id id = {payee, company, ""};
    CHECK(strlen(currency) == CURRENCY_BYTES - 1);
    memcpy(id.currency, currency, CURRENCY_BYTES);
    return id;
}

struct account_id account_id_read(struct slice key)
{
    struct account_id id = {slice_u64(key, 0), slice_u64(key, 8), ""};
    CHECK(key.size >= ACCOUNT_KEY_BYTES);
    memcpy(id.currency, (const char *)key.data + 16, CURRENCY_BYTES - 1);
    return id;
}

struct key key_account(const struct account_id *id)
{
    struct key key = key_u64_u64(id->payee, id->company);
    key_add_bytes(&key, id->currency, CURRENCY_BYTES - 1);
    return key;
}

struct account account_read(struct slice value)
{
    uint64_t little[ACCOUNT_NUMBERS];
    struct account account = {.minimum_minor = 0};
    CHECK(value.size == sizeof little);
    memcpy(little, value.data, sizeof little);
    for (size_t i = 1; i < LEDGER_ACCOUNTS; i++) {
        account.balances.minor[i] = (int64_t)le64toh(little[i - 1]);
    }
    account.minimum_minor = (int64_t)le64toh(little[LEDGER_ACCOUNTS - 1]);
    account.disputed_minor = (int64_t)le64toh(little[LEDGER_ACCOUNTS]);
    return account;
}

bool account_get(const struct view *view, const struct account_id *id, struct account *account)
{
    struct key key = key_account(id);
    struct slice value;
    if (!table_get(view, TABLE_ACCOUNT, key_slice(&key), &value)) {
        *account = (struct account){.minimum_minor = 0};
        return false;
    }
    *account = account_read(value);
    return true;
}

void account_put(struct view *view, const struct account_id *id, const struct account *account)
{
    uint64_t little[ACCOUNT_NUMBERS];
    struct key key = key_account(id);
    for (size_t i = 1; i < LEDGER_ACCOUNTS; i++) {
        little[i - 1] = htole64((uint64_t)account->balances.minor[i]);
    }
    little[LEDGER_ACCOUNTS - 1] = htole64((uint64_t)account->minimum_minor);
    little[LEDGER_ACCOUNTS] = htole64((uint64_t)account->disputed_minor);
    table_put(view, TABLE_ACCOUNT, key_slice(&key), (struct slice){little, sizeof little});
}

/* ---- bookings by account ---- */

struct key key_account_booking(const struct account_id *id, uint32_t period, uint64_t booking)
{
    struct key key = key_account(id);
    key_add_u32(&key, period);
    key_add_u64(&key, booking);
    return key;
}

struct account_booking account_booking_read(struct slice value)
{
    uint64_t little;
    CHECK(value.size == 1 + sizeof little);
    memcpy(&little, (const uint8_t *)value.data + 1, sizeof little);
    return (struct account_booking){(enum ledger_step)((const uint8_t *)value.data)[0], (int64_t)le64toh(little)};
}

void account_booking_put(struct view *view, const struct account_id *id, uint32_t period, uint64_t booking,
                         struct account_booking what)
{
    uint8_t value[9] = {(uint8_t)what.step};
    uint64_t little = htole64((uint64_t)what.minor);
    struct key key = key_account_booking(id, period, booking);
    memcpy(value + 1, &little, sizeof little);
    table_put(view, TABLE_ACCOUNT_BOOKING, key_slice(&key), (struct slice){value, sizeof value});
}

/* ---- ready, periods, statements ---- */

struct key key_ready(const struct account_id *id, uint32_t period)
{
    struct key key = key_u64_u64(id->company, id->payee);
    key_add_bytes(&key, id->currency, CURRENCY_BYTES - 1);
    key_add_u32(&key, period);
    return key;
}

static uint32_t period_read(struct slice key, size_t offset)
{
    uint32_t big_endian;
    CHECK(offset <= key.size && key.size - offset >= sizeof big_endian);
    memcpy(&big_endian, (const uint8_t *)key.data + offset, sizeof big_endian);
    return be32toh(big_endian);
}

uint32_t key_account_period(struct slice key)
{
    return period_read(key, ACCOUNT_KEY_BYTES);
}

struct key key_period(uint64_t company, uint32_t period)
{
    struct key key = key_u64(company);
    key_add_u32(&key, period);
    return key;
}

uint32_t key_period_month(struct slice key)
{
    return period_read(key, 8);
}

uint32_t period_last_closed(const struct view *view, uint64_t company)
{
    struct key after = key_u64(company + 1);
    struct slice key;
    struct cursor *cursor = cursor_open(view, TABLE_PERIOD);
    bool found = cursor_seek_before(cursor, key_slice(&after), &key, NULL) && slice_u64(key, 0) == company;
    uint32_t period = found ? key_period_month(key) : 0;
    cursor_close(&cursor);
    return period;
}

struct key key_statement_of(const struct account_id *id, uint32_t period)
{
    struct key key = key_account(id);
    key_add_u32(&key, period);
    return key;
}

uint64_t statement_of_line(const struct view *view, const struct account_id *id, uint32_t approved_period)
{
    struct key from = key_statement_of(id, approved_period);
    struct slice key, value;
    uint64_t statement = 0;
    struct cursor *cursor = cursor_open(view, TABLE_STATEMENT_OF);
    for (bool row = cursor_seek(cursor, key_slice(&from), &key, &value);
         row && statement == 0 && memcmp(key.data, from.bytes, ACCOUNT_KEY_BYTES) == 0;
         row = cursor_next(cursor, &key, &value)) {
        CHECK(value.size == 9);
        statement = ((const uint8_t *)value.data)[8] == 0 ? slice_u64(value, 0) : 0;
    }
    cursor_close(&cursor);
    return statement;
}

int64_t statement_done(const Vouch__V1__Statement *statement)
{
    int64_t reversed = statement->closed_minor - statement->payable_minor - statement->sent_minor -
                       statement->settled_minor;
    int64_t done = statement->settled_minor + statement->offset_minor - (statement->taken_minor - reversed);
    CHECK(reversed >= 0 && done >= 0);
    return done;
}

int64_t statement_to_send(const Vouch__V1__Statement *statement)
{
    CHECK(statement->disputed_minor >= 0 && statement->disputed_minor <= statement->payable_minor);
    return statement->payable_minor - statement->disputed_minor;
}

/* ---- payouts ---- */

struct key key_payable(uint64_t company, const char *currency, uint64_t statement)
{
    struct key key = key_u64(company);
    CHECK(strlen(currency) == CURRENCY_BYTES - 1);
    key_add_bytes(&key, currency, CURRENCY_BYTES - 1);
    key_add_u64(&key, statement);
    return key;
}

struct key key_payout_line(uint64_t payout, uint64_t statement)
{
    return key_u64_u64(payout, statement);
}

bool payout_converts(const Vouch__V1__Payout *payout, int64_t minor, int64_t *pay_minor)
{
    struct money_rate rate = {payout->rate_numerator, payout->rate_denominator};
    struct status_text why;
    *pay_minor = minor;
    return strcmp(payout->currency, payout->pay_currency) == 0 ||
           (money_convert(minor, payout->currency, rate, payout->pay_currency, pay_minor, &why) == VOUCH_OK &&
            *pay_minor > 0);
}

/* ---- the chain ---- */

void booking_last_hash(const struct view *view, uint8_t hash[LEDGER_HASH_BYTES])
{
    struct key name = key_text("last_booking_hash");
    struct slice value;
    memset(hash, 0, LEDGER_HASH_BYTES);
    if (table_get(view, TABLE_META, key_slice(&name), &value)) {
        CHECK(value.size == LEDGER_HASH_BYTES);
        memcpy(hash, value.data, LEDGER_HASH_BYTES);
    }
}

static void copy_digest(uint8_t to[LEDGER_HASH_BYTES], ProtobufCBinaryData from)
{
    if (from.len == LEDGER_HASH_BYTES) {
        memcpy(to, from.data, LEDGER_HASH_BYTES);
    }
}

struct ledger_entry booking_entry(const Vouch__V1__Booking *booking, const Vouch__V1__Deal *deal, unsigned side)
{
    const struct ledger_step_rule *rule = ledger_step_find((enum ledger_step)booking->step);
    CHECK(rule != NULL && side <= 1);
    enum ledger_account account = side == 0 ? rule->debit : rule->credit;
    bool of_payee = ledger_account_find(account)->owner == OWNER_PAYEE;
    struct ledger_entry entry = {
        .number = 2 * booking->number - 1 + side,
        .sequence = booking->sequence,
        .time_ms = booking->time_ms,
        .effective_ms = booking->effective_ms,
        .step = (enum ledger_step)booking->step,
        .posting = {account, of_payee ? booking->payee : booking->company, "",
                    side == 0 ? booking->amount->minor : -booking->amount->minor},
        .company = booking->company,
        .payee = booking->payee,
        .deal = booking->referral,
        .payment = booking->payment,
        .statement = booking->statement,
        .corrects = booking->corrects == 0 ? 0 : 2 * booking->corrects - 1,
        .reason = (enum ledger_reason)booking->reason,
        .plugin = "",
        .plugin_version = "",
    };
    memcpy(entry.posting.currency, booking->amount->currency, CURRENCY_BYTES - 1);
    if (deal != NULL) {
        entry.terms_version = deal->terms_version;
        entry.plugin = deal->plugin;
        entry.plugin_version = deal->plugin_version;
        copy_digest(entry.terms_digest, deal->terms_digest);
        copy_digest(entry.inputs_digest, deal->inputs_digest);
    }
    return entry;
}
