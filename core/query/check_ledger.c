/* SPDX-License-Identifier: Apache-2.0
 *
 * The ledger: its chain against its hashes, accounts against their bookings, running totals against a recount. */
#include "apply/books.h"
#include "base/check.h"
#include "domain/money.h"
#include "query/checking.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

/* One account, summed again from the bookings. */
struct recount {
    struct {
        uint64_t payee;
        uint64_t company;
        char currency[8];
    } name;
    struct ledger_balances balances;
    UT_hash_handle hh;
};

/* State of the walk over the bookings; one check runs at a time in a thread. */
struct ledger {
    struct check *check;
    struct recount *accounts;
    uint64_t number;
    uint8_t hash[LEDGER_HASH_BYTES];
};

/* ---- bookings ---- */

static void check_chain(struct ledger *ledger, const Vouch__V1__Booking *booking)
{
    uint8_t between[LEDGER_HASH_BYTES];
    const Vouch__V1__Deal *deal = record_deal(ledger->check->view, booking->referral, ledger->check->arena);
    struct ledger_entry debit = booking_entry(booking, deal, 0);
    struct ledger_entry credit = booking_entry(booking, deal, 1);
    ledger_entry_hash(ledger->hash, &debit, between);
    ledger_entry_hash(between, &credit, ledger->hash);
    if (booking->hash.len != LEDGER_HASH_BYTES || memcmp(booking->hash.data, ledger->hash, LEDGER_HASH_BYTES) != 0) {
        finding(ledger->check, "the chain of the ledger breaks at booking L%" PRIu64, booking->number);
        if (booking->hash.len == LEDGER_HASH_BYTES) {
            memcpy(ledger->hash, booking->hash.data, LEDGER_HASH_BYTES);
        }
    }
}

static void recount_add(struct ledger *ledger, uint64_t payee, const Vouch__V1__Booking *booking,
                        const struct ledger_step_rule *rule)
{
    struct recount *account = NULL;
    struct recount wanted = {.name = {.payee = payee, .company = booking->company}};
    memcpy(wanted.name.currency, booking->amount->currency, CURRENCY_BYTES - 1);
    HASH_FIND(hh, ledger->accounts, &wanted.name, sizeof wanted.name, account);
    if (account == NULL) {
        account = malloc(sizeof *account);
        CHECK(account != NULL);
        *account = wanted;
        HASH_ADD(hh, ledger->accounts, name, sizeof account->name, account);
    }
    account->balances.minor[rule->debit] += booking->amount->minor;
    account->balances.minor[rule->credit] -= booking->amount->minor;
}

static void check_account_booking(struct check *check, const Vouch__V1__Booking *booking)
{
    struct account_id id = account_id_of(booking->payee, booking->company, booking->amount->currency);
    struct key key = key_account_booking(&id, booking->period, booking->number);
    struct slice value;
    check->expected[TABLE_ACCOUNT_BOOKING]++;
    if (!table_get(check->view, TABLE_ACCOUNT_BOOKING, key_slice(&key), &value)) {
        finding(check, "booking L%" PRIu64 " is not in the list of its account", booking->number);
        return;
    }
    struct account_booking row = account_booking_read(value);
    if ((int)row.step != (int)booking->step || row.minor != booking->amount->minor) {
        finding(check, "booking L%" PRIu64 " differs from the list of its account", booking->number);
    }
}

static void check_booking(struct ledger *ledger, const Vouch__V1__Booking *booking)
{
    struct check *check = ledger->check;
    const struct ledger_step_rule *rule = booking == NULL ? NULL : ledger_step_find((enum ledger_step)booking->step);
    if (rule == NULL || booking->amount == NULL || strlen(booking->amount->currency) != 3 ||
        booking->amount->minor <= 0 || booking->payee == 0) {
        finding(check, "booking L%" PRIu64 " cannot be read", ledger->number);
        return;
    }
    check_chain(ledger, booking);
    check_account_booking(check, booking);
    recount_add(ledger, booking->payee, booking, rule);
    recount_add(ledger, 0, booking, rule);
    int64_t expense = rule->debit == LEDGER_EXP    ? booking->amount->minor
                      : rule->credit == LEDGER_EXP ? -booking->amount->minor
                                                   : 0;
    struct currency_sums *sums = sums_of(check, booking->amount->currency);
    bool comes_in = booking->step == VOUCH__V1__LEDGER_STEP__ACCRUE || booking->step == VOUCH__V1__LEDGER_STEP__FX_IN;
    sums->commission += expense;
    sums->turnover += comes_in ? booking->amount->minor : 0;
}

static void check_bookings(struct ledger *ledger)
{
    struct check *check = ledger->check;
    uint8_t last[LEDGER_HASH_BYTES];
    struct slice key;
    struct cursor *cursor = cursor_open(check->view, TABLE_BOOKING);
    for (bool row = cursor_seek(cursor, SLICE_NONE, &key, NULL); row; row = cursor_next(cursor, &key, NULL)) {
        uint64_t number = slice_u64(key, 0);
        arena_reset(check->arena);
        if (number != ledger->number + 1) {
            finding(check, "bookings go from L%" PRIu64 " to L%" PRIu64, ledger->number, number);
        }
        ledger->number = number;
        check_booking(ledger, record_booking(check->view, number, check->arena));
    }
    cursor_close(&cursor);
    booking_last_hash(check->view, last);
    if (memcmp(last, ledger->hash, sizeof last) != 0) {
        finding(check, "the hash of the last booking is not the one that is kept");
    }
    expect_counter(check, "last_booking", ledger->number);
    expect_rows(check, TABLE_ACCOUNT_BOOKING);
}

/* ---- accounts ---- */

static void check_account(struct ledger *ledger, const struct recount *recount)
{
    struct check *check = ledger->check;
    struct account_id id = account_id_of(recount->name.payee, recount->name.company, recount->name.currency);
    struct account account;
    struct status_text why = {""};
    account_get(check->view, &id, &account);
    check->expected[TABLE_ACCOUNT]++;
    if (memcmp(&account.balances, &recount->balances, sizeof account.balances) != 0) {
        finding(check, "the account of member %" PRIu64 " with company %" PRIu64 " in %s is not what was booked on it",
                id.payee, id.company, id.currency);
    }
    if (ledger_balances_check(&recount->balances, &why) != VOUCH_OK) {
        finding(check, "the account of member %" PRIu64 " with company %" PRIu64 " in %s: %s", id.payee, id.company,
                id.currency, why.text);
    }
}

static void check_accounts(struct ledger *ledger)
{
    struct recount *account, *next;
    HASH_ITER(hh, ledger->accounts, account, next)
    {
        check_account(ledger, account);
        HASH_DEL(ledger->accounts, account);
        free(account);
    }
    expect_rows(ledger->check, TABLE_ACCOUNT);
}

/* ---- totals ---- */

static void expect_total(struct check *check, enum total_kind kind, const void *subject, size_t size, int64_t number)
{
    struct key key = key_total(kind, subject, size);
    int64_t total = number_get(check->view, TABLE_TOTAL, &key);
    if (total != number) {
        finding(check, "total of kind %d, %.*s: %" PRId64 ", counted again %" PRId64, (int)kind, size == 3 ? 3 : 0,
                (const char *)subject, total, number);
    }
}

static void check_totals(struct check *check)
{
    for (uint8_t state = 1; state < REFERRAL_STATES; state++) {
        expect_total(check, TOTAL_STATE, &state, 1, check->states[state]);
    }
    expect_total(check, TOTAL_IMPORTED, "", 0, check->imported);
    for (size_t i = 0; i < check->currency_count; i++) {
        const struct currency_sums *sums = &check->currencies[i];
        expect_total(check, TOTAL_WON, sums->currency, 3, sums->won);
        expect_total(check, TOTAL_WON_MINOR, sums->currency, 3, sums->won_minor);
        expect_total(check, TOTAL_COMMISSION, sums->currency, 3, sums->commission);
        expect_total(check, TOTAL_TURNOVER, sums->currency, 3, sums->turnover);
    }
}

/* A total that no record asks for: its currency was not met. */
static void check_total_row(struct check *check, struct slice key, struct slice value)
{
    const uint8_t *bytes = key.data;
    if (key.size == 4 && number_read(value) != 0) {
        size_t before = check->currency_count;
        sums_of(check, (const char *)bytes + 1);
        if (check->currency_count != before) {
            finding(check, "there is a total in %.3s and no referral that is", (const char *)bytes + 1);
        }
    }
    if (bytes[0] == TOTAL_PRIOR) {
        check->prior_minor += number_read(value);
    }
}

void check_ledger(struct check *check)
{
    struct ledger ledger = {.check = check};
    check_bookings(&ledger);
    check_accounts(&ledger);
    check_deals(check);
    check_statements(check);
    check_totals(check);
    for_each_row(check, TABLE_TOTAL, check_total_row);
    if (check->prior_minor != check->deals_minor) {
        finding(check, "the sums that tiers are counted from come to %" PRId64 ", the deals to %" PRId64,
                check->prior_minor, check->deals_minor);
    }
}
