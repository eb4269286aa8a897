/* SPDX-License-Identifier: Apache-2.0
 *
 * Commission after it accrued, by the commands that people give: approved, taken back, closed, paid, owed back.
 * Histories with the numbers of the vectors, and complaints of other systems' users. */
#include "money_expect.h"

TestSuite(decide_money, .init = set_up, .fini = tear_down);

/* ---- whole histories ---- */

Test(decide_money, v14_refunds_take_back_from_each_what_the_payment_gave)
{
    static const int64_t weights[] = {1, 1, 1};
    static const int64_t refunds[] = {100000, 250001, 649999};
    static const int64_t taken[][3] = {{3334, 3333, 3333}, {11667, 11667, 11666}, {33334, 33333, 33333}};
    uint64_t deal = money_deal(money, 1000000, "EUR", weights, 3);
    DONE(money_pay(money, deal, 1000000, "EUR", 0));
    uint64_t payment = money->world->answer_id;
    cr_assert_eq(balance(ANA, LEDGER_ACC), -33334);
    cr_assert_eq(balance(BO, LEDGER_ACC), -33333);
    cr_assert_eq(balance(CEM, LEDGER_ACC), -33333);
    for (size_t i = 0; i < 3; i++) {
        DONE(money_refund(money, payment, refunds[i], ""));
        for (size_t j = 0; j < 3; j++) {
            cr_assert_eq(money_payment(money, payment).parts[j]->taken_minor, taken[i][j]);
        }
    }
    REFUSED(money_refund(money, payment, 1, ""), VOUCH_CONFLICT, "refunded whole");
    expect(0, 0, 0, 0, 0, 0, 0, 0, 0);
}

Test(decide_money, v21_paid_canceled_and_offset)
{
    uint64_t first = money_own_deal(money, 333340);
    DONE(money_pay(money, first, 333340, "EUR", 0));
    uint64_t payment = money->world->answer_id;
    expect(ANA, 33334, -33334, 0, 0, 0, 0, 0, 0);
    DONE(money_refund(money, payment, 33340, "CN-1"));
    expect(ANA, 30000, -30000, 0, 0, 0, 0, 0, 0);
    money_go(money, 2); /* the hold of 30 days elapsed on 23 December */
    expect(ANA, 30000, 0, -30000, 0, 0, 0, 0, 0);
    DONE(money_close(money, 202611));
    DONE(money_close(money, 202612));
    expect(ANA, 30000, 0, 0, -30000, 0, 0, 0, 0);
    DONE(money_payout(money, "EUR", "", ""));
    uint64_t batch = money->world->answer_id;
    expect(ANA, 30000, 0, 0, 0, 0, -30000, 0, 0);
    DONE(money_settle(money, batch, 0));
    expect(ANA, 30000, 0, 0, 0, 0, 0, -30000, 0);
    DONE(money_cancel(money, first));
    expect(ANA, 0, 0, 0, 0, 30000, 0, -30000, 0);
    uint64_t second = money_own_deal(money, 120000);
    DONE(money_pay(money, second, 120000, "EUR", 0));
    money_go(money, 4);
    DONE(money_close(money, 202701));
    DONE(money_close(money, 202702));
    expect(ANA, 12000, 0, 0, 0, 18000, 0, -30000, 0);
    expect(0, 12000, 0, 0, 0, 18000, 0, -30000, 0);
    REFUSED(money_payout(money, "EUR", "", ""), VOUCH_CONFLICT, "nothing in EUR");
}

Test(decide_money, v18_less_than_the_minimum_is_carried_debts_too)
{
    static const int64_t earned[] = {4000, -9000, 3000, 12000, 500};
    static const int64_t paid[] = {0, 0, 0, 10000, 0};
    static const int64_t carried[] = {4000, -5000, -2000, 0, 500};
    money_terms(money, "EUR", 0, 5000);
    uint64_t old = earn(9000); /* paid before the vector begins, canceled in its second month */
    money_go(money, 1);
    DONE(money_close(money, 202611));
    pay_out();
    for (unsigned i = 0; i < 5; i++) {
        if (earned[i] > 0) {
            earn(earned[i]);
        } else {
            DONE(money_cancel(money, old));
        }
        money_go(money, 2 + i);
        DONE(money_close(money, money_month(1 + i)));
        cr_assert_eq(-balance(ANA, LEDGER_PAY), paid[i], "month %u: %ld", i, (long)balance(ANA, LEDGER_PAY));
        cr_assert_eq(-balance(ANA, LEDGER_APP) - balance(ANA, LEDGER_RCV), carried[i], "month %u", i);
        if (paid[i] > 0) {
            pay_out();
        }
    }
}

Test(decide_money, v19_instalments_add_up_to_the_rate_of_the_whole)
{
    static const int64_t each[] = {167, 166, 167};
    money->world->policy.partner_bps = 500;
    uint64_t deal = money_own_deal(money, 9999);
    for (size_t i = 0; i < 3; i++) {
        DONE(money_pay(money, deal, 3333, "EUR", 0));
        cr_assert_eq(money_payment(money, money->world->answer_id).parts[0]->minor, each[i]);
    }
    cr_assert_eq(balance(ANA, LEDGER_ACC), -500);
}

Test(decide_money, v17_paid_in_another_currency_at_a_rate_and_floored)
{
    money_terms(money, "USD", 0, 0);
    money_terms(money, "KWD", 0, 0);
    const int64_t whole = 1;
    uint64_t dollars = money_deal(money, 1234560, "USD", &whole, 1);
    uint64_t dinars = money_deal(money, 1000000, "KWD", &whole, 1);
    DONE(money_pay(money, dollars, 1234560, "USD", 0));
    DONE(money_pay(money, dinars, 1000000, "KWD", 0));
    money_go(money, 1);
    DONE(money_close(money, 202611));
    DONE(money_payout(money, "USD", "JPY", "149.875"));
    uint64_t batch = money->world->answer_id;
    cr_assert_eq(money_balance(money, ANA, "JPY", LEDGER_CLR), -185029);
    cr_assert_eq(money_balance(money, ANA, "USD", LEDGER_FX), -123456);
    DONE(money_fail(money, batch, 2)); /* statements in the order of the currencies: KWD, USD */
    cr_assert_eq(money_balance(money, ANA, "JPY", LEDGER_CLR), 0);
    cr_assert_eq(money_balance(money, ANA, "USD", LEDGER_PAY), -123456);
    DONE(money_payout(money, "USD", "JPY", "149.875"));
    DONE(money_settle(money, money->world->answer_id, 0));
    cr_assert_eq(money_balance(money, ANA, "JPY", LEDGER_CASH), -185029);
    DONE(money_payout(money, "KWD", "USD", "3.2415"));
    DONE(money_settle(money, money->world->answer_id, 0));
    cr_assert_eq(money_balance(money, ANA, "USD", LEDGER_CASH), -32415);
    cr_assert_eq(money_statement(money, 1).settled_minor, 100000);
}

/* ---- complaints of other systems' users ---- */

Test(decide_money, complaint_1_a_refund_is_subtracted_once_at_its_own_rate)
{
    uint64_t deal = money_own_deal(money, 200000);
    DONE(money_pay(money, deal, 100000, "EUR", 0));
    uint64_t first = money->world->answer_id;
    DONE(money_pay(money, deal, 100000, "EUR", 0));
    DONE(money_refund(money, first, 40000, "CN-1"));
    REFUSED(money_refund(money, first, 40000, "CN-1"), VOUCH_DUPLICATE, "CN-1 of P1 is recorded already");
    cr_assert_eq(balance(ANA, LEDGER_ACC), -16000);
    REFUSED(money_refund(money, first, 60001, ""), VOUCH_CONFLICT, "this refund is more than the rest");
    DONE(money_refund(money, first, 0, "CN-2"));
    REFUSED(money_refund(money, first, 0, ""), VOUCH_CONFLICT, "nothing is taken back twice");
    cr_assert_eq(balance(ANA, LEDGER_ACC), -10000); /* the other payment's, untouched */
    DONE(money_cancel(money, deal));
    REFUSED(money_cancel(money, deal), VOUCH_CONFLICT, "canceled already");
    REFUSED(money_pay(money, deal, 1, "EUR", 0), VOUCH_CONFLICT, "nothing can be paid on it");
    REFUSED(money_refund(money, 2, 0, ""), VOUCH_CONFLICT, "when its deal was canceled");
    expect(ANA, 0, 0, 0, 0, 0, 0, 0, 0);
}

Test(decide_money, complaint_2_nothing_is_closed_sent_settled_or_failed_twice)
{
    money_terms(money, "EUR", 0, 0);
    earn(10000);
    REFUSED(money_close(money, 202611), VOUCH_CONFLICT,
            "2026-11 is not over: it ends on 2026-12-01 00:00 (Europe/Berlin)");
    money_go(money, 1);
    DONE(money_close(money, 202611));
    REFUSED(money_close(money, 202611), VOUCH_CONFLICT, "closed on 2026-12-02 12:00 (Europe/Berlin) by Fay Lund");
    DONE(money_payout(money, "EUR", "", ""));
    REFUSED(money_payout(money, "EUR", "", ""), VOUCH_CONFLICT, "nothing in EUR that could be paid");
    DONE(money_settle(money, 1, 1));
    REFUSED(money_settle(money, 1, 1), VOUCH_CONFLICT, "S1 of batch B1 was paid on 2026-12-02");
    REFUSED(money_settle(money, 1, 0), VOUCH_CONFLICT,
            "no line of B1 is with the bank: the last was settled on 2026-12-02");
    REFUSED(money_fail(money, 1, 1), VOUCH_CONFLICT, "was paid on");
    expect(ANA, 10000, 0, 0, 0, 0, 0, -10000, 0);
}

Test(decide_money, complaint_2_racing_requests_record_a_payment_once)
{
    uint64_t deal = money_own_deal(money, 200000);
    Vouch__V1__Money amount = VOUCH__V1__MONEY__INIT;
    Vouch__V1__PaymentRecord body = VOUCH__V1__PAYMENT_RECORD__INIT;
    amount.minor = 100000;
    amount.currency = "EUR";
    body.referral = deal;
    body.amount = &amount;
    body.reference = "INV-7731";
    DONE(world_try(money->world, money->clerk, NULL, REQUEST_OF(PAYMENT_RECORD, payment_record, &body)));
    REFUSED(world_try(money->world, money->second, NULL, REQUEST_OF(PAYMENT_RECORD, payment_record, &body)),
            VOUCH_DUPLICATE, "INV-7731 is recorded already, as P1 of R1");
    expect(ANA, 10000, -10000, 0, 0, 0, 0, 0, 0);
}

Test(decide_money, complaint_5_every_instalment_is_paid_out_by_itself)
{
    money_terms(money, "EUR", 0, 0);
    uint64_t deal = money_own_deal(money, 300000);
    for (unsigned i = 0; i < 3; i++) {
        DONE(money_pay(money, deal, 100000, "EUR", 0));
        money_go(money, 1 + i);
        DONE(money_close(money, money_month(i)));
        pay_out();
        cr_assert_eq(money_statement(money, 1 + i).settled_minor, 10000);
        cr_assert_eq(balance(ANA, LEDGER_CASH), -10000 * (int64_t)(1 + i));
    }
    DONE(money_refund(money, 2, 0, "")); /* of the second: the others stay paid */
    cr_assert_eq(money_statement(money, 2).taken_minor, 10000);
    cr_assert_eq(money_statement(money, 1).taken_minor + money_statement(money, 3).taken_minor, 0);
    expect(ANA, 20000, 0, 0, 0, 10000, 0, -30000, 0);
}

Test(decide_money, complaint_4_currencies_are_never_added)
{
    const int64_t whole = 1;
    money_terms(money, "EUR", 0, 0);
    money_terms(money, "USD", 0, 0);
    uint64_t euros = money_deal(money, 10000, "EUR", &whole, 1);
    uint64_t dollars = money_deal(money, 20000, "USD", &whole, 1);
    DONE(money_pay(money, euros, 10000, "EUR", 0));
    DONE(money_pay(money, dollars, 20000, "USD", 0));
    REFUSED(money_pay(money, dollars, 1, "EUR", 0), VOUCH_INVALID, "another currency");
    money_go(money, 1);
    DONE(money_close(money, 202611));
    cr_assert_eq(money_statement(money, 1).payable_minor, 1000);
    cr_assert_str_eq(money_statement(money, 1).currency, "EUR");
    cr_assert_eq(money_statement(money, 2).payable_minor, 2000);
    DONE(money_payout(money, "EUR", "", ""));
    cr_assert_eq(money_statement(money, 2).payable_minor, 2000);
}

Test(decide_money, complaint_13_a_period_ends_where_its_zone_says)
{
    /* 30 November, 23:30 in Berlin is November there, and 00:30 is December, whatever UTC says. */
    const int64_t december = INT64_C(1796079600000);
    money_terms(money, "EUR", 0, 0);
    uint64_t deal = money_own_deal(money, 200000);
    world_wait(money->world, december + 1800000 - money->world->now_ms);
    DONE(money_pay(money, deal, 100000, "EUR", december - 1800000));
    DONE(money_pay(money, deal, 100000, "EUR", december));
    cr_assert_eq(money_payment(money, 1).period, 202611);
    cr_assert_eq(money_payment(money, 2).period, 202612);
}

/* ---- late, carried, early ---- */

Test(decide_money, what_comes_after_its_period_is_posted_to_the_next_open_one)
{
    uint64_t deal = money_own_deal(money, 300000);
    int64_t november = money->world->now_ms;
    DONE(money_pay(money, deal, 100000, "EUR", 0));
    money_go(money, 2);
    REFUSED(money_close(money, 201611), VOUCH_INVALID, "more than a year ago");
    DONE(money_close(money, 202611));
    DONE(money_pay(money, deal, 100000, "EUR", november));
    cr_assert_eq(money_payment(money, 2).period, 202612);
    cr_assert_eq(money_payment(money, 2).received_ms, november);
    REFUSED(money_pay(money, deal, 1, "EUR", money->world->now_ms + 3600000), VOUCH_INVALID, "in the future");
    REFUSED(money_close(money, 202701), VOUCH_CONFLICT, "2027-01 comes after 2026-12, which is to be closed first");
    REFUSED(money_close(money, 202610), VOUCH_CONFLICT, "before the first month");
    REFUSED(money_close(money, 202613), VOUCH_INVALID, "no month");
    DONE(money_close(money, 202612));
}

Test(decide_money, approval_waits_for_a_person_where_the_policy_says_so)
{
    money->world->policy.approval_by_person = true;
    uint64_t deal = money_own_deal(money, 300000);
    for (size_t i = 0; i < 3; i++) {
        DONE(money_pay(money, deal, 100000, "EUR", 0));
    }
    REFUSED(money_approve(money, 1), VOUCH_CONFLICT, "P1 is held until 2026-12-23 13:00");
    REFUSED(money_approve(money, 0), VOUCH_CONFLICT, "no payment waits");
    REFUSED(money_approve(money, 7), VOUCH_NOT_FOUND, "P7");
    DONE(money_refund(money, 3, 0, "")); /* nothing is left of it: no person need look */
    money_go(money, 2);
    cr_assert(money_payment(money, 3).approved);
    expect(ANA, 20000, -20000, 0, 0, 0, 0, 0, 0);
    DONE(money_approve(money, 2));
    REFUSED(money_approve(money, 2), VOUCH_CONFLICT, "approved already");
    DONE(money_approve(money, 0));
    expect(ANA, 20000, 0, -20000, 0, 0, 0, 0, 0);
    cr_assert_eq(money_payment(money, 1).parts[0]->approved_period, 202701); /* when the person approved */
    uint64_t other = money_own_deal(money, 100000);
    DONE(money_pay(money, other, 100000, "EUR", 0));
    money_go(money, 4);
    DONE(money_cancel(money, other)); /* nor at what was taken back while it waited */
    REFUSED(money_approve(money, 0), VOUCH_CONFLICT, "no payment waits");
}

/* ---- taking back from wherever it is ---- */

Test(decide_money, taken_back_before_payment_it_leaves_no_debt)
{
    money_terms(money, "EUR", 0, 0);
    uint64_t deal = money_own_deal(money, 100000);
    DONE(money_pay(money, deal, 100000, "EUR", 0));
    DONE(money_refund(money, 1, 10000, "")); /* accrued */
    world_wait(money->world, 0);
    DONE(money_refund(money, 1, 10000, "")); /* approved */
    money_go(money, 1);
    DONE(money_close(money, 202611));
    expect(ANA, 8000, 0, 0, -8000, 0, 0, 0, 0);
    DONE(money_refund(money, 1, 10000, "")); /* payable */
    expect(ANA, 7000, 0, 0, -7000, 0, 0, 0, 0);
    DONE(money_payout(money, "EUR", "", ""));
    REFUSED(money_refund(money, 1, 10000, ""), VOUCH_CONFLICT,
            "on S1 in batch B1: say first that the bank has paid it");
    REFUSED(money_cancel(money, deal), VOUCH_CONFLICT, "batch B1");
    DONE(money_fail(money, 1, 1));
    DONE(money_refund(money, 1, 10000, ""));
    DONE(money_payout(money, "EUR", "", ""));
    DONE(money_settle(money, 2, 0));
    DONE(money_refund(money, 1, 10000, "")); /* paid */
    expect(ANA, 5000, 0, 0, 0, 1000, 0, -6000, 0);
    cr_assert_eq(money_statement(money, 1).taken_minor, 3000);
}

Test(decide_money, a_correction_takes_from_one_payee_and_refunds_leave_the_rest_alone)
{
    static const int64_t halves[] = {1, 1};
    uint64_t deal = money_deal(money, 100000, "EUR", halves, 2);
    DONE(money_pay(money, deal, 100000, "EUR", 0));
    DONE(money_correct(money, 1, ANA, 2000));
    REFUSED(money_correct(money, 1, ANA, 3001), VOUCH_CONFLICT, "30.00 EUR are left");
    REFUSED(money_correct(money, 1, CEM, 1), VOUCH_NOT_FOUND, "pays nothing to Cem Aydin");
    DONE(money_refund(money, 1, 50000, ""));
    cr_assert_eq(balance(ANA, LEDGER_ACC), -1500); /* half of the 3000 that the payment owes since */
    cr_assert_eq(balance(BO, LEDGER_ACC), -2500);
    DONE(money_correct(money, 1, BO, 0));
    REFUSED(money_correct(money, 1, BO, 0), VOUCH_CONFLICT, "0.00 EUR are left");
    DONE(money_refund(money, 1, 0, ""));
    expect(0, 0, 0, 0, 0, 0, 0, 0, 0);
}

Test(decide_money, debts_are_repaid_or_written_off_up_to_what_is_owed)
{
    money_terms(money, "EUR", 0, 0);
    uint64_t deal = earn(10000);
    money_go(money, 1);
    DONE(money_close(money, 202611));
    pay_out();
    REFUSED(money_debt(money, ANA, 1, "EUR", false), VOUCH_CONFLICT, "owes Northgate Storage nothing");
    DONE(money_cancel(money, deal));
    REFUSED(money_debt(money, ANA, 10001, "EUR", false), VOUCH_CONFLICT, "owes Northgate Storage 100.00 EUR");
    DONE(money_debt(money, ANA, 4000, "EUR", false));
    DONE(money_debt(money, ANA, 6000, "EUR", true));
    REFUSED(money_debt(money, ANA, 0, "EUR", true), VOUCH_INVALID, "above zero");
    REFUSED(money_debt(money, ANA, 1, "XAU", true), VOUCH_INVALID, "no currency with a minor unit");
    expect(ANA, 0, 0, 0, 0, 0, 0, -6000, 6000);
}
