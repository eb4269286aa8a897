/* SPDX-License-Identifier: Apache-2.0
 *
 * Money: commissions against their shares, postings against zero and against the balances, running totals against a
 * recount. */
#include "base/check.h"
#include "domain/money.h"
#include "query/checking.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

/* One account, summed again from the postings. */
struct account {
    struct {
        uint64_t account;
        uint64_t party;
        char currency[8];
    } name;
    int64_t sum;
    UT_hash_handle hh;
};

/* State of the walk over the postings; one check runs at a time in a thread. */
struct ledger {
    struct check *check;
    struct account *accounts;
    uint64_t number;
    uint64_t event; /* whose postings are being summed */
    int64_t event_sum;
};

static void check_commission(struct check *check, struct slice key, struct slice value)
{
    (void)value;
    uint64_t id = slice_u64(key, 0);
    const Vouch__V1__Commission *commission = record_commission(check->view, id, check->arena);
    if (commission == NULL || commission->value == NULL || strlen(commission->value->currency) != 3) {
        finding(check, "the commission of R%" PRIu64 " cannot be read", id);
        return;
    }
    int64_t pool;
    int64_t given = 0;
    for (size_t i = 0; i < commission->n_shares; i++) {
        given += commission->shares[i]->minor;
    }
    if (!money_mul_bps(commission->value->minor, commission->rate_bps, &pool) || pool != commission->pool_minor ||
        given != pool) {
        finding(check, "the commission of R%" PRIu64 " does not add up", id);
    }
    sums_of(check, commission->value->currency)->commission += commission->pool_minor;
}

static void end_event(struct ledger *ledger)
{
    if (ledger->event_sum != 0) {
        finding(ledger->check, "the postings of event %" PRIu64 " add up to %" PRId64, ledger->event,
                ledger->event_sum);
    }
    ledger->event_sum = 0;
}

static void add_posting(struct ledger *ledger, const Vouch__V1__Posting *posting)
{
    struct account *account = NULL;
    struct account wanted = {.name = {.account = posting->account, .party = posting->party}};
    memcpy(wanted.name.currency, posting->amount->currency, 3);
    HASH_FIND(hh, ledger->accounts, &wanted.name, sizeof wanted.name, account);
    if (account == NULL) {
        account = malloc(sizeof *account);
        CHECK(account != NULL);
        *account = wanted;
        HASH_ADD(hh, ledger->accounts, name, sizeof account->name, account);
    }
    account->sum += posting->amount->minor;
    sums_of(ledger->check, posting->amount->currency)->postings += posting->amount->minor;
    if (posting->sequence != ledger->event) {
        end_event(ledger);
        ledger->event = posting->sequence;
    }
    ledger->event_sum += posting->amount->minor;
}

static void check_postings(struct ledger *ledger)
{
    struct check *check = ledger->check;
    struct slice key;
    struct cursor *cursor = cursor_open(check->view, TABLE_POSTING);
    for (bool row = cursor_seek(cursor, SLICE_NONE, &key, NULL); row; row = cursor_next(cursor, &key, NULL)) {
        uint64_t number = slice_u64(key, 0);
        arena_reset(check->arena);
        const Vouch__V1__Posting *posting = record_posting(check->view, number, check->arena);
        if (number != ledger->number + 1) {
            finding(check, "postings go from %" PRIu64 " to %" PRIu64, ledger->number, number);
        }
        ledger->number = number;
        if (posting == NULL || posting->amount == NULL || strlen(posting->amount->currency) != 3) {
            finding(check, "posting %" PRIu64 " cannot be read", number);
        } else {
            add_posting(ledger, posting);
        }
    }
    cursor_close(&cursor);
    end_event(ledger);
    expect_counter(check, "last_posting", ledger->number);
}

static void check_balances(struct ledger *ledger)
{
    struct check *check = ledger->check;
    struct account *account, *next;
    HASH_ITER(hh, ledger->accounts, account, next)
    {
        struct key key = key_balance((Vouch__V1__Account)account->name.account, account->name.party,
                                     account->name.currency);
        check->expected[TABLE_BALANCE]++;
        if (number_get(check->view, TABLE_BALANCE, &key) != account->sum) {
            finding(check, "account %" PRIu64 " of party %" PRIu64 " in %s: its postings add up to %" PRId64,
                    account->name.account, account->name.party, account->name.currency, account->sum);
        }
        HASH_DEL(ledger->accounts, account);
        free(account);
    }
    expect_rows(check, TABLE_BALANCE);
}

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
        if (sums->postings != 0) {
            finding(check, "the ledger in %s adds up to %" PRId64, sums->currency, sums->postings);
        }
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
}

void check_ledger(struct check *check)
{
    struct ledger ledger = {.check = check};
    for_each_row(check, TABLE_COMMISSION, check_commission);
    check_postings(&ledger);
    check_balances(&ledger);
    check_totals(check);
    for_each_row(check, TABLE_TOTAL, check_total_row);
}
