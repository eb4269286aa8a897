/* SPDX-License-Identifier: Apache-2.0
 *
 * The ledger: vectors V18 and V21 as bookings, every step's accounts and refusals, payouts in another currency, the
 * chain against hashes made elsewhere, and any random history of payees, lines, claw-backs and write-offs. */
#include "domain/ledger.h"
#include "domain/terms.h"
#include "random_cases.h"
#include "vouch/v1/types.pb-c.h"

#include <criterion/criterion.h>
#include <string.h>

#define COMPANY 100
#define PAYEE 7
#define STEP(name) LEDGER_STEP_##name

static struct ledger_move move_of(enum ledger_step step, int64_t minor)
{
    return (struct ledger_move){step, LEDGER_REASON_ORDER_CANCELED, COMPANY, PAYEE, "EUR", minor};
}

static enum vouch_status post(struct ledger_balances *balances, enum ledger_step step, int64_t minor)
{
    struct ledger_posting postings[2];
    struct ledger_move move = move_of(step, minor);
    return ledger_post(&move, balances, postings, NULL);
}

struct booking {
    enum ledger_step step;
    int64_t minor;
};

static void book(struct ledger_balances *balances, const struct booking *bookings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct status_text why = {""};
        cr_assert_eq(post(balances, bookings[i].step, bookings[i].minor), VOUCH_OK, "booking %zu", i);
        cr_assert_eq(ledger_balances_check(balances, &why), VOUCH_OK, "booking %zu: %s", i, why.text);
    }
}

#define BOOK(balances, ...)                                                                                            \
    book(balances, (const struct booking[]){__VA_ARGS__},                                                              \
         sizeof((const struct booking[]){__VA_ARGS__}) / sizeof(struct booking))

Test(ledger, v21_a_deal_paid_canceled_and_offset)
{
    struct ledger_balances balances = {{0}};
    BOOK(&balances, {STEP(ACCRUE), 33334}, {STEP(REVERSE_ACC), 3334}, {STEP(APPROVE), 30000}, {STEP(CLOSE), 30000},
         {STEP(SEND), 30000}, {STEP(SETTLE), 30000}, {STEP(CLAW_BACK), 30000}, {STEP(ACCRUE), 12000},
         {STEP(APPROVE), 12000});
    cr_assert_eq(ledger_offsettable(&balances), 12000);
    BOOK(&balances, {STEP(OFFSET), 12000});
    static const int64_t expected[LEDGER_ACCOUNTS] = {
        [LEDGER_EXP] = 12000, [LEDGER_CASH] = -30000, [LEDGER_RCV] = 18000};
    for (int i = 1; i < LEDGER_ACCOUNTS; i++) {
        cr_assert_eq(balances.minor[i], expected[i], "%s", ledger_account_find((enum ledger_account)i)->name);
    }
}

/* The same numbers as the plain rule of terms_payout: what is carried is what is approved less what is owed. */
Test(ledger, v18_a_minimum_payout_in_bookings)
{
    static const int64_t earned[] = {4000, -9000, 3000, 12000, 500};
    struct terms terms = terms_presets();
    struct ledger_balances balances = {{0}};
    int64_t carried = 0;
    terms.minimum_minor = 5000;
    /* 9000 that were paid before are what is canceled in the second period. */
    BOOK(&balances, {STEP(ACCRUE), 9000}, {STEP(APPROVE), 9000}, {STEP(CLOSE), 9000}, {STEP(SEND), 9000},
         {STEP(SETTLE), 9000});
    for (size_t i = 0; i < 5; i++) {
        int64_t paid;
        if (earned[i] > 0) {
            BOOK(&balances, {STEP(ACCRUE), earned[i]}, {STEP(APPROVE), earned[i]});
        } else {
            BOOK(&balances, {STEP(CLAW_BACK), -earned[i]});
        }
        int64_t offset = ledger_offsettable(&balances);
        if (offset > 0) {
            BOOK(&balances, {STEP(OFFSET), offset});
        }
        cr_assert(terms_payout(&terms, carried, earned[i], &paid, &carried));
        if (paid > 0) {
            BOOK(&balances, {STEP(CLOSE), paid}, {STEP(SEND), paid}, {STEP(SETTLE), paid});
        }
        cr_assert_eq(-balances.minor[LEDGER_APP] - balances.minor[LEDGER_RCV], carried, "period %zu", i);
    }
    cr_assert_eq(balances.minor[LEDGER_CASH], -19000);
}

/* The table of the specification, row by row. */
Test(ledger, steps_are_the_specifications)
{
    static const struct {
        enum ledger_step step;
        const char *debit;
        const char *credit;
    } rows[] = {{STEP(ACCRUE), "EXP", "ACC"},      {STEP(APPROVE), "ACC", "APP"},     {STEP(CLOSE), "APP", "PAY"},
                {STEP(SEND), "PAY", "CLR"},        {STEP(SETTLE), "CLR", "CASH"},     {STEP(FAIL), "CLR", "PAY"},
                {STEP(REVERSE_ACC), "ACC", "EXP"}, {STEP(REVERSE_APP), "APP", "EXP"}, {STEP(REVERSE_PAY), "PAY", "EXP"},
                {STEP(CLAW_BACK), "RCV", "EXP"},   {STEP(OFFSET), "APP", "RCV"},      {STEP(REPAY), "CASH", "RCV"},
                {STEP(WRITE_OFF), "WO", "RCV"},    {STEP(FX_OUT), "PAY", "FX"},       {STEP(FX_IN), "FX", "CLR"},
                {STEP(FX_OUT_FAIL), "FX", "PAY"},  {STEP(FX_IN_FAIL), "CLR", "FX"}};
    cr_assert_eq(sizeof rows / sizeof rows[0], LEDGER_STEPS - 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct ledger_step_rule *rule = ledger_step_find(rows[i].step);
        cr_assert_not_null(rule);
        cr_assert_str_eq(ledger_account_find(rule->debit)->name, rows[i].debit, "%s", rule->word);
        cr_assert_str_eq(ledger_account_find(rule->credit)->name, rows[i].credit, "%s", rule->word);
    }
    cr_assert_null(ledger_step_find(LEDGER_STEPS));
    cr_assert_null(ledger_step_find(LEDGER_STEP_NONE));
    cr_assert_null(ledger_account_find(LEDGER_ACCOUNTS));
    cr_assert_eq((int)LEDGER_EXP, (int)VOUCH__V1__ACCOUNT__EXP);
    cr_assert_eq((int)LEDGER_ACC, (int)VOUCH__V1__ACCOUNT__ACC);
}

Test(ledger, a_posting_names_its_owner)
{
    struct ledger_balances balances = {{0}};
    struct ledger_posting postings[2];
    struct ledger_move move = move_of(STEP(ACCRUE), 500);
    cr_assert_eq(ledger_post(&move, &balances, postings, NULL), VOUCH_OK);
    cr_assert_eq(postings[0].account, LEDGER_EXP);
    cr_assert_eq(postings[0].owner, COMPANY);
    cr_assert_eq(postings[0].minor, 500);
    cr_assert_eq(postings[1].account, LEDGER_ACC);
    cr_assert_eq(postings[1].owner, PAYEE);
    cr_assert_eq(postings[1].minor, -500);
    cr_assert_str_eq(postings[1].currency, "EUR");
}

/* What each account holds before the refusals: ACC 10, APP 20, PAY 30, CLR 40, paid 50. */
static struct ledger_balances some_of_each(void)
{
    struct ledger_balances balances = {{0}};
    BOOK(&balances, {STEP(ACCRUE), 150}, {STEP(APPROVE), 140}, {STEP(CLOSE), 120}, {STEP(SEND), 90},
         {STEP(SETTLE), 50});
    cr_assert_eq(ledger_open(&balances), 60);
    return balances;
}

Test(ledger, no_account_gives_more_than_it_holds)
{
    static const struct {
        enum ledger_step step;
        int64_t most;
        const char *says;
    } rows[] = {{STEP(APPROVE), 10, "approve: ACC holds 0.10 EUR and 0.11 EUR are to leave it"},
                {STEP(CLOSE), 20, "APP holds 0.20 EUR"},
                {STEP(SEND), 30, "PAY holds 0.30 EUR"},
                {STEP(FX_OUT), 30, "PAY holds 0.30 EUR"},
                {STEP(SETTLE), 40, "CLR holds 0.40 EUR"},
                {STEP(FAIL), 40, "CLR holds 0.40 EUR"},
                {STEP(REVERSE_ACC), 10, "ACC holds 0.10 EUR"},
                {STEP(REVERSE_APP), 20, "APP holds 0.20 EUR"},
                {STEP(REVERSE_PAY), 30, "PAY holds 0.30 EUR"},
                {STEP(CLAW_BACK), 50, "0.50 EUR were paid and 0.51 EUR are wanted back"},
                {STEP(OFFSET), 0, "RCV holds 0.00 EUR"},
                {STEP(REPAY), 0, "RCV holds 0.00 EUR"},
                {STEP(WRITE_OFF), 0, "RCV holds 0.00 EUR"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ledger_balances balances = some_of_each();
        struct ledger_balances before = balances;
        struct ledger_posting postings[2];
        struct ledger_move move = move_of(rows[i].step, rows[i].most + 1);
        struct status_text why = {""};
        cr_assert_eq(ledger_post(&move, &balances, postings, &why), VOUCH_CONFLICT, "row %zu", i);
        cr_assert(strstr(why.text, rows[i].says) != NULL, "row %zu: %s", i, why.text);
        cr_assert(memcmp(&balances, &before, sizeof before) == 0, "row %zu changed something", i);
        if (rows[i].most > 0) {
            cr_assert_eq(post(&balances, rows[i].step, rows[i].most), VOUCH_OK, "row %zu", i);
        }
    }
}

Test(ledger, moves_that_cannot_be)
{
    struct ledger_balances balances = some_of_each();
    const struct ledger_balances before = balances;
    struct ledger_posting postings[2];
    static const struct {
        struct ledger_move move;
        const char *says;
    } rows[] = {{{STEP(ACCRUE), 0, 1, 2, "EUR", 0}, "above zero"},
                {{STEP(ACCRUE), 0, 1, 2, "EUR", -1}, "above zero"},
                {{STEP(ACCRUE), 0, 1, 2, "EUR", INT64_MIN}, "above zero"},
                {{STEP(ACCRUE), 0, 1, 2, "EUR", INT64_MAX}, "would not fit"},
                {{STEP(ACCRUE), 0, 1, 2, "XAU", 1}, "minor unit"},
                {{STEP(ACCRUE), 0, 1, 2, "", 1}, "minor unit"},
                {{STEP(REVERSE_ACC), 0, 1, 2, "EUR", 1}, "says why"},
                {{STEP(CLAW_BACK), LEDGER_REASONS, 1, 2, "EUR", 1}, "says why"},
                {{LEDGER_STEP_NONE, 0, 1, 2, "EUR", 1}, "no step"},
                {{LEDGER_STEPS, 0, 1, 2, "EUR", 1}, "no step"},
                {{(enum ledger_step) - 1, 0, 1, 2, "EUR", 1}, "no step"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct status_text why = {""};
        cr_assert_eq(ledger_post(&rows[i].move, &balances, postings, &why), VOUCH_INVALID, "row %zu", i);
        cr_assert(strstr(why.text, rows[i].says) != NULL, "row %zu: %s", i, why.text);
        cr_assert(memcmp(&balances, &before, sizeof before) == 0);
    }
}

/* A failed conversion paid in its own currency and an accrual: each fits, what is open together does not. */
Test(ledger, what_is_open_must_fit)
{
    struct ledger_balances balances = {{0}};
    BOOK(&balances, {STEP(FX_IN), INT64_MAX}, {STEP(FAIL), INT64_MAX});
    cr_assert_eq(post(&balances, STEP(ACCRUE), 1), VOUCH_INVALID);
    cr_assert_eq(ledger_open(&balances), INT64_MAX);
}

/* Paid out twice, because it was clawed back between: what went out in cash no longer fits. */
Test(ledger, what_was_paid_out_must_fit)
{
    const int64_t most = INT64_MAX;
    struct ledger_balances balances = {{0}};
    BOOK(&balances, {STEP(ACCRUE), most}, {STEP(APPROVE), most}, {STEP(CLOSE), most}, {STEP(SEND), most},
         {STEP(SETTLE), most}, {STEP(CLAW_BACK), most}, {STEP(ACCRUE), 1}, {STEP(APPROVE), 1}, {STEP(CLOSE), 1},
         {STEP(SEND), 1});
    cr_assert_eq(post(&balances, STEP(SETTLE), 1), VOUCH_INVALID);
    cr_assert_eq(post(&balances, STEP(FAIL), 1), VOUCH_OK);
}

Test(ledger, v17_a_payout_in_another_currency)
{
    struct ledger_balances dollars = {{0}};
    struct ledger_balances yen = {{0}};
    struct ledger_posting postings[4];
    struct money_rate rate;
    struct status_text why = {""};
    int64_t converted;
    BOOK(&dollars, {STEP(ACCRUE), 123456}, {STEP(APPROVE), 123456}, {STEP(CLOSE), 123456});
    cr_assert_eq(money_rate_parse("149.875", &rate, &why), VOUCH_OK);
    cr_assert_eq(money_convert(123456, "USD", rate, "JPY", &converted, &why), VOUCH_OK);
    struct ledger_move move = {STEP(FX_OUT), LEDGER_REASON_PAYMENT_FAILED, COMPANY, PAYEE, "USD", 123456};
    const struct ledger_balances before = dollars;
    for (int fail = 0; fail < 2; fail++) {
        cr_assert_eq(ledger_post_converted(&move, "JPY", converted, fail == 1, &dollars, &yen, postings, &why),
                     VOUCH_OK, "%s", why.text);
        cr_assert_eq(postings[0].minor + postings[1].minor, 0);
        cr_assert_eq(postings[2].minor + postings[3].minor, 0);
        cr_assert_str_eq(postings[1].currency, "USD");
        cr_assert_str_eq(postings[3].currency, "JPY");
        cr_assert_eq(yen.minor[LEDGER_CLR], fail == 1 ? 0 : -185029);
        cr_assert_eq(ledger_balances_check(&dollars, &why), VOUCH_OK);
        cr_assert_eq(ledger_balances_check(&yen, &why), VOUCH_OK);
    }
    cr_assert(memcmp(&dollars, &before, sizeof before) == 0, "a payout that failed leaves what was before it");
    cr_assert_eq(ledger_post_converted(&move, "JPY", 0, false, &dollars, &yen, postings, &why), VOUCH_INVALID);
    cr_assert_eq(ledger_post_converted(&move, "USD", 1, false, &dollars, &yen, postings, &why), VOUCH_INVALID);
    move.minor++;
    cr_assert_eq(ledger_post_converted(&move, "JPY", 1, false, &dollars, &yen, postings, &why), VOUCH_CONFLICT);
    cr_assert(memcmp(&dollars, &before, sizeof before) == 0);
    cr_assert_eq(yen.minor[LEDGER_FX], 0);
}

Test(ledger, taken_back_where_it_sits)
{
    const struct ledger_line line = {{[PLACE_ACC] = 10, [PLACE_APP] = 20, [PLACE_SENT] = 40, [PLACE_DONE] = 50}};
    struct ledger_taking takings[LEDGER_TAKINGS_MAX];
    struct status_text why = {""};
    size_t count;
    cr_assert_eq(ledger_take_back(&line, 10, takings, &count, &why), VOUCH_OK);
    cr_assert_eq(count, 1);
    cr_assert_eq(takings[0].step, STEP(REVERSE_ACC));
    cr_assert_eq(ledger_take_back(&line, 75, takings, &count, &why), VOUCH_OK);
    cr_assert_eq(count, 3);
    cr_assert_eq(takings[0].minor, 10);
    cr_assert_eq(takings[1].minor, 20);
    cr_assert_eq(takings[1].step, STEP(REVERSE_APP));
    cr_assert_eq(takings[2].minor, 45);
    cr_assert_eq(takings[2].step, STEP(CLAW_BACK));
    cr_assert_eq(ledger_take_back(&line, 81, takings, &count, &why), VOUCH_CONFLICT);
    cr_assert(strstr(why.text, "on its way") != NULL);
    cr_assert_eq(count, 0);
    cr_assert_eq(ledger_take_back(&line, 121, takings, &count, &why), VOUCH_CONFLICT);
    cr_assert(strstr(why.text, "smaller") != NULL);
    cr_assert_eq(ledger_take_back(&line, 0, takings, &count, &why), VOUCH_INVALID);
}

Test(ledger, lines_refuse_what_they_do_not_hold)
{
    struct ledger_line line = {{0}};
    cr_assert_eq(ledger_line_move(&line, STEP(APPROVE), 1, NULL), VOUCH_CONFLICT);
    cr_assert_eq(ledger_line_move(&line, STEP(ACCRUE), 0, NULL), VOUCH_INVALID);
    cr_assert_eq(ledger_line_move(&line, STEP(WRITE_OFF), 1, NULL), VOUCH_INVALID);
    cr_assert_eq(ledger_line_move(&line, LEDGER_STEPS, 1, NULL), VOUCH_INVALID);
    cr_assert_eq(ledger_line_move(&line, STEP(ACCRUE), INT64_MAX, NULL), VOUCH_OK);
    cr_assert_eq(ledger_line_move(&line, STEP(ACCRUE), 1, NULL), VOUCH_INVALID);
    cr_assert_eq(ledger_line_move(&line, STEP(REVERSE_ACC), INT64_MAX, NULL), VOUCH_OK);
    cr_assert_eq(line.minor[PLACE_OUTSIDE], 0);
    cr_assert_eq(line.minor[PLACE_ACC], 0);
}

Test(ledger, broken_balances_are_found)
{
    struct ledger_balances balances = some_of_each();
    struct status_text why = {""};
    balances.minor[LEDGER_EXP]++;
    cr_assert_eq(ledger_balances_check(&balances, &why), VOUCH_INTERNAL);
    balances.minor[LEDGER_EXP]--;
    balances.minor[LEDGER_PAY] = 5;
    cr_assert_eq(ledger_balances_check(&balances, &why), VOUCH_INTERNAL);
    cr_assert(strstr(why.text, "PAY") != NULL);
}

Test(ledger, reasons_have_words)
{
    for (int i = 1; i < LEDGER_REASONS; i++) {
        const char *word = ledger_reason_word((enum ledger_reason)i);
        cr_assert_not_null(word);
        cr_assert_eq((int)ledger_reason_find(word), i);
    }
    cr_assert_null(ledger_reason_word(LEDGER_REASON_NONE));
    cr_assert_eq(ledger_reason_find("because"), LEDGER_REASON_NONE);
}
