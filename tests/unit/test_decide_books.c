/* SPDX-License-Identifier: Apache-2.0
 *
 * Who may do what with the books, and what is refused: disputes, other companies' books, rates and numbers that cannot
 * be; and what payees are told of all of it. */
#include "money_expect.h"

TestSuite(decide_books, .init = set_up, .fini = tear_down);

/* ---- disputes ---- */

Test(decide_books, a_disputed_line_waits_where_it_is_and_goes_on)
{
    static const int64_t halves[] = {1, 1};
    money_terms(money, "EUR", 7, 0);
    uint64_t deal = money_deal(money, 300000, "EUR", halves, 2);
    DONE(money_pay(money, deal, 100000, "EUR", 0));
    DONE(money_dispute(money, BO, 1, 0)); /* while it is held */
    REFUSED(money_dispute(money, money->clerk, 1, BO), VOUCH_CONFLICT, "D1 is open");
    world_wait(money->world, INT64_C(8) * 86400000);
    expect(BO, 5000, -5000, 0, 0, 0, 0, 0, 0);
    expect(ANA, 5000, 0, -5000, 0, 0, 0, 0, 0);
    REFUSED(money_resolve(money, BO, 1, false), VOUCH_DENIED, "kept by its own finance");
    DONE(money_resolve(money, money->clerk, 1, false));
    expect(BO, 5000, 0, -5000, 0, 0, 0, 0, 0);
    DONE(money_dispute(money, money->clerk, 1, ANA)); /* while it is approved */
    REFUSED(money_resolve(money, money->clerk, 2, false), VOUCH_DENIED, "you opened D2");
    money_go(money, 1);
    DONE(money_close(money, 202611));
    money_go(money, 2);
    DONE(money_close(money, 202612));
    expect(ANA, 5000, 0, -5000, 0, 0, 0, 0, 0);
    expect(BO, 5000, 0, 0, -5000, 0, 0, 0, 0);
    DONE(money_dispute(money, money->receiver, 1, BO)); /* while it is payable */
    REFUSED(money_payout(money, "EUR", "", ""), VOUCH_CONFLICT, "what is payable is disputed");
    DONE(money_resolve(money, money->clerk, 3, false));
    DONE(money_resolve(money, money->second, 2, false));
    REFUSED(money_resolve(money, money->second, 2, true), VOUCH_CONFLICT, "D2 is settled: Gus Meyer released the line");
    DONE(money_payout(money, "EUR", "", ""));
    REFUSED(money_dispute(money, BO, 1, 0), VOUCH_CONFLICT, "with the bank in batch B1");
    DONE(money_settle(money, 1, 0));
    REFUSED(money_dispute(money, BO, 1, 0), VOUCH_CONFLICT, "has been paid");
    money_go(money, 3);
    DONE(money_close(money, 202701));
    expect(ANA, 5000, 0, 0, -5000, 0, 0, 0, 0);
}

/* An admin refers too, and could let a line of their own go on. */
Test(decide_books, nobody_settles_a_dispute_about_their_own_commission)
{
    static const Vouch__V1__ReferralVerb path[] = {VOUCH__V1__REFERRAL_VERB__ACCEPT, VOUCH__V1__REFERRAL_VERB__CONTACT,
                                                   VOUCH__V1__REFERRAL_VERB__MEET, VOUCH__V1__REFERRAL_VERB__QUALIFY,
                                                   VOUCH__V1__REFERRAL_VERB__WIN};
    uint64_t deal = world_submit(money->world, WORLD_ADMIN, money->prospect, money->receiver);
    for (size_t i = 0; i < sizeof path / sizeof path[0]; i++) {
        DONE(world_move(money->world, money->receiver, deal, path[i], 0, 100000));
    }
    uint64_t payment = world_pay(money->world, deal, 100000);
    DONE(money_dispute(money, money->receiver, payment, WORLD_ADMIN));
    REFUSED(money_resolve(money, WORLD_ADMIN, 1, false), VOUCH_DENIED, "your own commission");
    DONE(money_resolve(money, money->clerk, 1, false));
}

Test(decide_books, a_dispute_lost_takes_the_line_back_from_wherever_it_waits)
{
    money_terms(money, "EUR", 7, 0);
    uint64_t deal = money_own_deal(money, 300000);
    for (uint64_t i = 1; i <= 3; i++) {
        DONE(money_pay(money, deal, 100000, "EUR", 0));
    }
    DONE(money_dispute(money, ANA, 1, 0));
    DONE(money_resolve(money, money->clerk, 1, true));
    world_wait(money->world, INT64_C(8) * 86400000);
    DONE(money_dispute(money, ANA, 2, 0));
    DONE(money_refund(money, 2, 50000, "")); /* what is disputed can be refunded all the same */
    DONE(money_resolve(money, money->clerk, 2, true));
    expect(ANA, 10000, 0, -10000, 0, 0, 0, 0, 0);
    money_go(money, 1);
    DONE(money_close(money, 202611));
    money_go(money, 2);
    DONE(money_close(money, 202612));
    DONE(money_dispute(money, ANA, 3, 0));
    DONE(money_refund(money, 3, 50000, ""));
    DONE(money_resolve(money, money->clerk, 3, true));
    expect(ANA, 0, 0, 0, 0, 0, 0, 0, 0);
    REFUSED(money_dispute(money, ANA, 3, 0), VOUCH_CONFLICT, "nothing is left of this line");
}

Test(decide_books, who_may_dispute)
{
    uint64_t stranger = world_member(money->world, "Lena Voss", VOUCH__V1__ROLE__REP, WORLD_HOME, "Nordics");
    uint64_t boss = world_member(money->world, "Max Boss", VOUCH__V1__ROLE__MANAGER, WORLD_HOME, "DACH");
    uint64_t deal = money_own_deal(money, 100000);
    DONE(money_pay(money, deal, 100000, "EUR", 0));
    REFUSED(money_dispute(money, stranger, 1, ANA), VOUCH_NOT_FOUND, "no such payment");
    REFUSED(money_dispute(money, boss, 1, ANA), VOUCH_DENIED, "a party of its deal");
    REFUSED(money_dispute(money, money->receiver, 1, 0), VOUCH_NOT_FOUND, "pays nothing to you");
    DONE(money_dispute(money, money->receiver, 1, ANA));
}

/* ---- whose books ---- */

Test(decide_books, books_are_kept_by_the_finance_people_of_the_company_that_pays)
{
    uint64_t other = world_member(money->world, "Ola Berg", VOUCH__V1__ROLE__FINANCE, money->partner, "");
    uint64_t clerk = money->clerk;
    uint64_t deal = money_own_deal(money, 100000);
    DONE(money_pay(money, deal, 100000, "EUR", 0));
    money_go(money, 2);
    DONE(money_close(money, 202611));
    DONE(money_close(money, 202612));
    DONE(money_payout(money, "EUR", "", ""));
    money->clerk = other;
    REFUSED(money_refund(money, 1, 1, ""), VOUCH_DENIED, "books of Northgate Storage");
    REFUSED(money_cancel(money, deal), VOUCH_DENIED, "books of");
    REFUSED(money_approve(money, 1), VOUCH_DENIED, "books of");
    REFUSED(money_correct(money, 1, ANA, 0), VOUCH_DENIED, "books of");
    REFUSED(money_settle(money, 1, 0), VOUCH_DENIED, "books of");
    REFUSED(money_fail(money, 1, 1), VOUCH_DENIED, "books of");
    DONE(money_close(money, 202612)); /* of her own company */
    REFUSED(money_payout(money, "EUR", "", ""), VOUCH_CONFLICT, "Fluxware has nothing in EUR");
    money->clerk = clerk;
    DONE(money_settle(money, 1, 0));
}

/* ---- what cannot be ---- */

Test(decide_books, payouts_with_a_rate_that_cannot_be)
{
    money_terms(money, "EUR", 0, 0);
    earn(10);
    money_go(money, 1);
    DONE(money_close(money, 202611));
    REFUSED(money_payout(money, "EUR", "JPY", ""), VOUCH_INVALID, "a rate is missing");
    REFUSED(money_payout(money, "EUR", "EUR", "1.0"), VOUCH_INVALID, "without a rate");
    REFUSED(money_payout(money, "EUR", "JPY", "-1"), VOUCH_INVALID, "");
    REFUSED(money_payout(money, "EUR", "JPY", "0"), VOUCH_INVALID, "");
    REFUSED(money_payout(money, "EUR", "XAU", "1"), VOUCH_INVALID, "no currency");
    REFUSED(money_payout(money, "ZZZ", "", ""), VOUCH_INVALID, "no currency");
    REFUSED(money_payout(money, "EUR", "JPY", "9.5"), VOUCH_CONFLICT, "less than one unit");
    DONE(money_payout(money, "EUR", "JPY", "10"));
    cr_assert_eq(money_balance(money, ANA, "JPY", LEDGER_CLR), -1);
}

Test(decide_books, what_does_not_fit_a_number_is_refused_before_anything_is_booked)
{
    money_terms(money, "EUR", 0, 0);
    uint64_t deal = money_own_deal(money, INT64_MAX - 5);
    DONE(money_pay(money, deal, INT64_MAX - 5, "EUR", 0));
    world_wait(money->world, 0);
    money_go(money, 1);
    DONE(money_close(money, 202611));
    REFUSED(money_payout(money, "EUR", "JPY", "100000"), VOUCH_INVALID, "");
    DONE(money_payout(money, "EUR", "USD", "9.9"));
    DONE(money_fail(money, 1, 1));
    REFUSED(money_payout(money, "EUR", "USD", "9.9"), VOUCH_INVALID, "all the commission in USD would not fit");
    DONE(money_payout(money, "EUR", "", ""));
    DONE(money_settle(money, 2, 0));
    DONE(money_cancel(money, deal));
    DONE(money_debt(money, ANA, balance(ANA, LEDGER_RCV), "EUR", true));
}

/* The largest event of the journal. */
static size_t largest_event(void)
{
    struct view *view = snapshot_open(money->world->store);
    struct slice event;
    size_t largest = 0;
    for (uint64_t sequence = 1; sequence <= money->world->sequence; sequence++) {
        cr_assert(journal_get(view, sequence, &event));
        largest = event.size > largest ? event.size : largest;
    }
    snapshot_close(&view);
    return largest;
}

Test(decide_books, a_canceled_deal_of_many_lines_is_taken_back_in_one_command)
{
    static const int64_t weights[EARNERS] = {12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1};
    money_terms(money, "EUR", 7, 0);
    uint64_t deal = money_deal(money, 10000000, "EUR", weights, EARNERS);
    for (unsigned i = 0; i < 100; i++) {
        DONE(money_pay(money, deal, 50000, "EUR", 0));
    }
    money_go(money, 1);
    DONE(money_close(money, 202611));
    pay_out();
    for (unsigned i = 0; i < 100; i++) {
        DONE(money_pay(money, deal, 50000, "EUR", 0));
    }
    REFUSED(money_pay(money, deal, 1, "EUR", 0), VOUCH_CONFLICT, "more than the rest");
    uint64_t before = money->world->sequence;
    DONE(money_cancel(money, deal));
    cr_assert_gt(money->world->sequence, before + 1); /* 2400 lines, more than one event holds */
    cr_assert_lt(arena_used(money->world->arena), LIMIT_REQUEST_ARENA_BYTES);
    cr_assert_leq(largest_event(), LIMIT_EVENT_BYTES);
    cr_assert_eq(balance(0, LEDGER_EXP), 0);
    cr_assert_eq(balance(0, LEDGER_RCV), 500000);
}

/* ---- what payees are told ---- */

/* The newest line of somebody's inbox. */
static const char *told(uint64_t member)
{
    static char text[600];
    Vouch__V1__Reply reply;
    Vouch__V1__InboxPage page = VOUCH__V1__INBOX_PAGE__INIT;
    page.limit = 500;
    cr_assert_eq(world_ask(money->world, member, REQUEST_OF(INBOX_PAGE, inbox_page, &page), &reply), VOUCH_OK);
    cr_assert_gt(reply.notices->n_notices, 0);
    snprintf(text, sizeof text, "%s", reply.notices->notices[reply.notices->n_notices - 1]->text);
    return text;
}

static size_t lines_of(uint64_t member)
{
    Vouch__V1__Reply reply;
    Vouch__V1__InboxPage page = VOUCH__V1__INBOX_PAGE__INIT;
    page.limit = 500;
    cr_assert_eq(world_ask(money->world, member, REQUEST_OF(INBOX_PAGE, inbox_page, &page), &reply), VOUCH_OK);
    return reply.notices->n_notices;
}

Test(decide_books, payees_are_told_what_becomes_of_their_commission)
{
    static const int64_t halves[] = {1, 1};
    money_terms(money, "EUR", 0, 500);
    uint64_t deal = money_deal(money, 200000, "EUR", halves, 2);
    DONE(money_pay(money, deal, 100000, "EUR", 0));
    DONE(money_refund(money, 1, 10000, ""));
    cr_assert_str_eq(told(ANA), "R1 (Kestrel Bank): 5.00 EUR of commission are taken back from you (order canceled)");
    world_wait(money->world, 0);
    DONE(money_dispute(money, money->clerk, 1, BO));
    cr_assert_str_eq(told(BO), "R1 (Kestrel Bank): Fay Lund disputes your line of P1; 45.00 EUR wait until that is "
                               "settled: \"the order came before the introduction: see the mail of 3 November\"");
    DONE(money_resolve(money, money->second, 1, false));
    cr_assert_str_eq(told(BO),
                     "R1 (Kestrel Bank): Gus Meyer settled dispute D1: your line of P1 goes on: \"we asked both\"");
    cr_assert_str_eq(told(money->clerk), "R1 (Kestrel Bank): Gus Meyer settled dispute D1: the line of Bo Lind of P1 "
                                         "goes on: \"we asked both\"");
    money_go(money, 1);
    DONE(money_close(money, 202611));
    cr_assert_str_eq(told(ANA), "your statement of 2026-11 with Northgate Storage: 45.00 EUR are payable (S1)");
    DONE(money_payout(money, "EUR", "", ""));
    DONE(money_fail(money, 1, 2));
    cr_assert_str_eq(told(BO), "the bank could not pay you 45.00 EUR (S2, batch B1): \"account closed\"; they are "
                               "payable again");
    DONE(money_settle(money, 1, 0));
    cr_assert_str_eq(told(ANA), "Northgate Storage has paid you 45.00 EUR (S1, batch B1)");
    DONE(money_cancel(money, deal));
    cr_assert_str_eq(told(ANA), "R1 (Kestrel Bank): 45.00 EUR of commission are taken back from you (order canceled); "
                                "45.00 EUR had been paid, and you owe them back");
    money_go(money, 2);
    size_t lines = lines_of(ANA);
    DONE(money_close(money, 202612));
    cr_assert_eq(lines_of(ANA), lines + 1);
    cr_assert_str_eq(told(ANA), "your statement of 2026-12 with Northgate Storage: you owe 45.00 EUR (S3)");
    DONE(money_debt(money, ANA, 4000, "EUR", true));
    cr_assert_str_eq(told(ANA), "40.00 EUR of what you owed Northgate Storage are written off");
    earn(400);
    money_go(money, 3);
    DONE(money_close(money, 202701));
    cr_assert_str_eq(told(ANA), "your statement of 2027-01 with Northgate Storage: 4.00 EUR pay off a part of the 5.00 "
                                "EUR that you owed (S5)");
    earn(300);
    money_go(money, 4);
    DONE(money_close(money, 202702));
    cr_assert_str_eq(told(ANA),
                     "your statement of 2027-02 with Northgate Storage: 3.00 EUR, less the 1.00 EUR that you "
                     "owe, wait for more, the least that is paid being 5.00 EUR (S6)");
    DONE(money_debt(money, ANA, 100, "EUR", false));
    money_go(money, 5);
    DONE(money_close(money, 202703));
    cr_assert_str_eq(told(ANA),
                     "your statement of 2027-03 with Northgate Storage: 3.00 EUR wait for more, the least that "
                     "is paid being 5.00 EUR (S7)");
}
