/* SPDX-License-Identifier: Apache-2.0
 *
 * What is told of money: who sees whose; statements that add up month after month; what waits, what is disputed, what
 * was sent. */
#include "decide/deal_math.h"
#include "money_history.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BERLIN "Europe/Berlin"

/* ---- statements ---- */

static enum vouch_status get_statement(struct money_world *money, uint64_t asker, uint64_t payee, uint32_t period,
                                       uint64_t after, uint32_t limit, Vouch__V1__Reply *reply)
{
    Vouch__V1__StatementGet get = VOUCH__V1__STATEMENT_GET__INIT;
    get.payee = payee;
    get.period = period;
    get.after = after;
    get.limit = limit;
    return ask(money, asker, REQUEST_OF(STATEMENT_GET, statement_get, &get), reply);
}

static int64_t net(const Vouch__V1__AccountView *account)
{
    return account->accrued_minor + account->approved_minor + account->payable_minor - account->owed_minor;
}

static void expect_accounts(const Vouch__V1__AccountView *left, const Vouch__V1__AccountView *right)
{
    cr_assert_eq(left->accrued_minor, right->accrued_minor);
    cr_assert_eq(left->approved_minor, right->approved_minor);
    cr_assert_eq(left->payable_minor, right->payable_minor);
    cr_assert_eq(left->sent_minor, right->sent_minor);
    cr_assert_eq(left->paid_minor, right->paid_minor);
    cr_assert_eq(left->owed_minor, right->owed_minor);
    cr_assert_eq(left->written_off_minor, right->written_off_minor);
}

/* Opening + lines = closing; each opening is the closing before it; the steps are sums of the lines; the last closing
 * is the account. */
static void check_months(struct money_world *money, uint64_t payee, unsigned last)
{
    Vouch__V1__AccountView before = VOUCH__V1__ACCOUNT_VIEW__INIT;
    Vouch__V1__Reply reply;
    uint64_t bookings = 0;
    for (unsigned month = 0; month <= last; month++) {
        must(money, get_statement(money, payee, 0, money_month(month), 0, 500, &reply));
        const Vouch__V1__StatementView *view = reply.statement;
        expect_accounts(&before, view->opening);
        int64_t balance = net(view->opening);
        int64_t by_step[LEDGER_STEPS] = {0};
        for (size_t i = 0; i < view->n_lines; i++) {
            balance += view->lines[i]->open_minor;
            by_step[view->lines[i]->booking->step] += view->lines[i]->booking->amount->minor;
            cr_assert_eq(view->lines[i]->booking->period, money_month(month));
        }
        for (size_t i = 0; i < view->n_steps; i++) {
            cr_assert_eq(view->steps[i]->minor, by_step[view->steps[i]->step]);
            by_step[view->steps[i]->step] = 0;
        }
        for (size_t i = 0; i < LEDGER_STEPS; i++) {
            cr_assert_eq(by_step[i], 0, "step %zu is in no sum", i);
        }
        cr_assert_eq(balance, net(view->closing));
        cr_assert_eq(view->line_count, view->n_lines);
        cr_assert_str_eq(view->period->zone, BERLIN);
        bookings += view->n_lines;
        before = *view->closing;
        before.currency = before.company_name = before.payee_name = (char *)(uintptr_t) "";
    }
    cr_assert_gt(bookings, 0);
    cr_assert_eq(before.accrued_minor, -money_balance(money, payee, "EUR", LEDGER_ACC));
    cr_assert_eq(before.approved_minor, -money_balance(money, payee, "EUR", LEDGER_APP));
    cr_assert_eq(before.payable_minor, -money_balance(money, payee, "EUR", LEDGER_PAY));
    cr_assert_eq(before.paid_minor, -money_balance(money, payee, "EUR", LEDGER_CASH));
    cr_assert_eq(before.owed_minor, money_balance(money, payee, "EUR", LEDGER_RCV));
}

Test(query_money, a_statement_is_opening_lines_closing)
{
    struct history history = history_new();
    for (size_t i = 0; i < 3; i++) {
        check_months(history.money, history.money->earners[i], 2);
    }
    history_free(&history);
}

Test(query_money, a_statement_says_where_it_went)
{
    struct history history = history_new();
    struct money_world *money = history.money;
    Vouch__V1__Reply reply;
    must(money, get_statement(money, money->earners[0], 0, money_month(1), 0, 0, &reply));
    const Vouch__V1__StatementView *view = reply.statement;
    cr_assert_not_null(view->statement);
    cr_assert_not(view->statement->carried);
    cr_assert_eq(view->period->closed_ms, money->world->now_ms);
    cr_assert_eq(view->n_sent, 1);
    cr_assert_eq(view->sent[0]->payout, history.payout);
    cr_assert_eq(view->sent[0]->state, VOUCH__V1__PAYOUT_STATE__SETTLED);
    cr_assert_eq(view->sent[0]->settled_ms, money->world->now_ms);
    cr_assert_eq(view->sent[0]->minor, view->statement->closed_minor);
    /* The month before closed as well, with nothing approved in it. */
    must(money, get_statement(money, money->earners[0], 0, money_month(0), 0, 0, &reply));
    cr_assert_not_null(reply.statement->statement);
    cr_assert(reply.statement->statement->carried);
    cr_assert_eq(reply.statement->n_sent, 0);
    history_free(&history);
}

Test(query_money, statement_lines_come_in_pages)
{
    struct history history = history_new();
    struct money_world *money = history.money;
    uint64_t after = 0;
    uint64_t lines = 0;
    uint64_t whole = 0;
    Vouch__V1__Reply reply;
    do {
        must(money, get_statement(money, money->clerk, money->earners[1], money_month(2), after, 1, &reply));
        const Vouch__V1__StatementView *view = reply.statement;
        cr_assert_leq(view->n_lines, 1);
        cr_assert_eq(view->opening != NULL, after == 0, "sums stand on the first page");
        whole = after == 0 ? view->line_count : whole;
        lines += view->n_lines;
        cr_assert_gt(view->lines[0]->booking->number, after);
        after = view->lines[0]->booking->number;
    } while (reply.statement->more);
    cr_assert_gt(lines, 2);
    cr_assert_eq(lines, whole);
    history_free(&history);
}

Test(query_money, months_that_are_none)
{
    static const uint32_t wrong[] = {202613, 202600, 299901, 1, 999912};
    struct history history = history_new();
    struct money_world *money = history.money;
    Vouch__V1__Reply reply;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        cr_assert_eq(get_statement(money, money->earners[0], 0, wrong[i], 0, 0, &reply), VOUCH_INVALID);
    }
    must(money, get_statement(money, money->earners[0], 0, 197001, 0, 0, &reply)); /* before everything */
    cr_assert_eq(reply.statement->n_lines, 0);
    cr_assert_eq(net(reply.statement->closing), 0);
    history_free(&history);
}

/* ---- who sees what (complaint 10: reps see records that are not theirs) ---- */

Test(query_money, reps_see_only_their_own)
{
    struct history history = history_new();
    struct money_world *money = history.money;
    uint64_t stranger = world_member(money->world, "Ida Stark", VOUCH__V1__ROLE__REP, WORLD_HOME, "UK");
    uint64_t manager = world_member(money->world, "Max Lutz", VOUCH__V1__ROLE__MANAGER, WORLD_HOME, "DACH");
    uint64_t auditor = world_member(money->world, "Uta Brandt", VOUCH__V1__ROLE__AUDITOR, WORLD_HOME, "");
    uint64_t other = world_member(money->world, "Pia Roth", VOUCH__V1__ROLE__FINANCE, money->partner, "");
    const struct {
        uint64_t asker;
        bool statement; /* of the first earner */
        bool explains;
        bool lists; /* everybody's accounts */
        const char *who;
    } cases[] = {
        {money->earners[0], true, true, false, "the payee"},
        {money->earners[1], false, true, false, "who shares in the deal"},
        {money->earners[4], false, false, false, "who does not"},
        {money->receiver, false, false, false, "the receiver"},
        {stranger, false, false, false, "a stranger"},
        {manager, false, true, false, "the receiver's manager"},
        {money->clerk, true, true, true, "finance of the company"},
        {other, false, false, false, "finance of another company"},
        {auditor, true, true, true, "an auditor"},
        {WORLD_ADMIN, true, true, true, "an admin"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Vouch__V1__Reply reply;
        enum vouch_status status = get_statement(money, cases[i].asker, money->earners[0], 0, 0, 0, &reply);
        cr_assert_eq(status, cases[i].statement ? VOUCH_OK : VOUCH_NOT_FOUND, "statement, %s", cases[i].who);
        Vouch__V1__CommissionExplain explain = VOUCH__V1__COMMISSION_EXPLAIN__INIT;
        explain.referral = history.deal;
        status = ask(money, cases[i].asker, REQUEST_OF(COMMISSION_EXPLAIN, commission_explain, &explain), &reply);
        cr_assert_eq(status == VOUCH_OK, cases[i].explains, "explain, %s: %s", cases[i].who, status_name(status));
        Vouch__V1__AccountList list = VOUCH__V1__ACCOUNT_LIST__INIT;
        must_ask(money, cases[i].asker, REQUEST_OF(ACCOUNT_LIST, account_list, &list), &reply);
        for (size_t j = 0; j < reply.accounts->n_accounts; j++) {
            cr_assert(cases[i].lists || reply.accounts->accounts[j]->payee == cases[i].asker, "accounts, %s",
                      cases[i].who);
        }
        cr_assert_eq(reply.accounts->n_accounts,
                     cases[i].lists ? 3 : cases[i].asker == money->earners[0] || cases[i].asker == money->earners[1],
                     "accounts, %s", cases[i].who);
    }
    history_free(&history);
}

Test(query_money, payouts_are_for_those_who_keep_the_books)
{
    struct history history = history_new();
    struct money_world *money = history.money;
    uint64_t other = world_member(money->world, "Pia Roth", VOUCH__V1__ROLE__FINANCE, money->partner, "");
    Vouch__V1__PayoutGet get = VOUCH__V1__PAYOUT_GET__INIT;
    Vouch__V1__PayoutList list = VOUCH__V1__PAYOUT_LIST__INIT;
    Vouch__V1__Reply reply;
    get.payout = history.payout;
    must_ask(money, money->clerk, REQUEST_OF(PAYOUT_GET, payout_get, &get), &reply);
    cr_assert_eq(reply.payout->n_lines, 3);
    cr_assert_eq(reply.payout->payout->settled, 3);
    int64_t sum = 0;
    for (size_t i = 0; i < 3; i++) {
        sum += reply.payout->lines[i]->pay_minor;
        cr_assert_neq(reply.payout->lines[i]->payee_name[0], '\0');
    }
    cr_assert_eq(sum, reply.payout->payout->total_minor);
    get.limit = 2;
    must_ask(money, money->clerk, REQUEST_OF(PAYOUT_GET, payout_get, &get), &reply);
    cr_assert(reply.payout->more);
    get.after = reply.payout->lines[1]->statement;
    must_ask(money, money->clerk, REQUEST_OF(PAYOUT_GET, payout_get, &get), &reply);
    cr_assert_not(reply.payout->more);
    cr_assert_eq(reply.payout->n_lines, 1);
    cr_assert_eq(ask(money, other, REQUEST_OF(PAYOUT_GET, payout_get, &get), &reply), VOUCH_NOT_FOUND);
    must_ask(money, other, REQUEST_OF(PAYOUT_LIST, payout_list, &list), &reply);
    cr_assert_eq(reply.payouts->n_payouts, 0);
    must_ask(money, money->clerk, REQUEST_OF(PAYOUT_LIST, payout_list, &list), &reply);
    cr_assert_eq(reply.payouts->n_payouts, 1);
    history_free(&history);
}

Test(query_money, accounts_come_in_pages)
{
    struct history history = history_new();
    struct money_world *money = history.money;
    Vouch__V1__AccountList list = VOUCH__V1__ACCOUNT_LIST__INIT;
    uint8_t after[ACCOUNT_KEY_BYTES];
    size_t found = 0;
    Vouch__V1__Reply reply;
    list.limit = 1;
    do {
        must_ask(money, money->clerk, REQUEST_OF(ACCOUNT_LIST, account_list, &list), &reply);
        cr_assert_eq(reply.accounts->n_accounts, 1);
        cr_assert_eq(reply.accounts->accounts[0]->payee, money->earners[found]);
        found++;
        if (reply.accounts->more) {
            cr_assert_eq(reply.accounts->next.len, sizeof after);
            memcpy(after, reply.accounts->next.data, sizeof after);
            list.after = (ProtobufCBinaryData){sizeof after, after};
        }
    } while (reply.accounts->more);
    cr_assert_eq(found, 3);
    list.after.len = 3;
    cr_assert_eq(ask(money, money->clerk, REQUEST_OF(ACCOUNT_LIST, account_list, &list), &reply), VOUCH_INVALID);
    history_free(&history);
}

/* ---- periods, what waits, disputes ---- */

Test(query_money, periods_open_ones_first)
{
    struct history history = history_new();
    struct money_world *money = history.money;
    Vouch__V1__PeriodList list = VOUCH__V1__PERIOD_LIST__INIT;
    Vouch__V1__Reply reply;
    must_ask(money, money->clerk, REQUEST_OF(PERIOD_LIST, period_list, &list), &reply);
    cr_assert_eq(reply.periods->n_periods, 3);
    for (unsigned i = 0; i < 3; i++) {
        const Vouch__V1__Period *period = reply.periods->periods[i];
        cr_assert_eq(period->period, money_month(2 - i));
        cr_assert_eq(period->closed_ms != 0, i > 0);
        cr_assert_str_eq(period->zone, BERLIN);
    }
    /* November begins at midnight in Berlin, which is 23:00 the day before in UTC. */
    cr_assert_eq(reply.periods->periods[2]->from_ms, INT64_C(1793487600000));
    cr_assert_eq(reply.periods->periods[2]->until_ms, reply.periods->periods[1]->from_ms);
    list.limit = 2;
    must_ask(money, money->clerk, REQUEST_OF(PERIOD_LIST, period_list, &list), &reply);
    cr_assert(reply.periods->more);
    list.company = 77777;
    cr_assert_eq(ask(money, money->clerk, REQUEST_OF(PERIOD_LIST, period_list, &list), &reply), VOUCH_NOT_FOUND);
    history_free(&history);
}

static size_t pending(struct money_world *money, uint64_t asker, bool held, uint64_t after, uint32_t limit,
                      Vouch__V1__Reply *reply)
{
    Vouch__V1__CommissionPending asked = VOUCH__V1__COMMISSION_PENDING__INIT;
    asked.held = held;
    asked.after = after;
    asked.limit = limit;
    must_ask(money, asker, REQUEST_OF(COMMISSION_PENDING, commission_pending, &asked), reply);
    return reply->payments->n_payments;
}

Test(query_money, nobody_need_guess_what_is_due)
{
    struct money_world *money = money_world_new();
    Vouch__V1__Reply reply;
    money->world->policy.approval_by_person = true;
    uint64_t deal = money_own_deal(money, 100000);
    must(money, money_pay(money, deal, 10000, "EUR", 0));
    money_go(money, 2); /* elapsed */
    must(money, money_pay(money, deal, 20000, "EUR", 0));
    must(money, money_pay(money, deal, 30000, "EUR", 0));
    cr_assert_eq(pending(money, money->clerk, false, 0, 0, &reply), 1);
    cr_assert_eq(reply.payments->payments[0]->amount->minor, 10000);
    cr_assert_str_eq(reply.payments->payments[0]->parts[0]->name, "Ana Sousa");
    cr_assert_eq(pending(money, money->clerk, true, 0, 0, &reply), 3);
    cr_assert_eq(pending(money, money->clerk, true, 0, 2, &reply), 2);
    cr_assert(reply.payments->more);
    cr_assert_eq(pending(money, money->clerk, true, reply.payments->next, 2, &reply), 1);
    cr_assert_not(reply.payments->more);
    uint64_t other = world_member(money->world, "Pia Roth", VOUCH__V1__ROLE__FINANCE, money->partner, "");
    cr_assert_eq(pending(money, other, true, 0, 0, &reply), 0);
    must(money, money_approve(money, 0));
    cr_assert_eq(pending(money, money->clerk, false, 0, 0, &reply), 0);
    money_world_free(&money);
}

static size_t disputes(struct money_world *money, uint64_t asker, bool all)
{
    Vouch__V1__DisputeList list = VOUCH__V1__DISPUTE_LIST__INIT;
    Vouch__V1__Reply reply;
    list.all = all;
    must_ask(money, asker, REQUEST_OF(DISPUTE_LIST, dispute_list, &list), &reply);
    for (size_t i = 0; i < reply.disputes->n_disputes; i++) {
        cr_assert_neq(reply.disputes->disputes[i]->payee_name[0], '\0');
        cr_assert_neq(reply.disputes->disputes[i]->opened_by_name[0], '\0');
    }
    return reply.disputes->n_disputes;
}

Test(query_money, disputes_are_seen_by_whom_they_concern)
{
    struct history history = history_new();
    struct money_world *money = history.money;
    must(money, money_dispute(money, money->earners[1], history.payments[2], money->earners[1]));
    uint64_t dispute = money->world->answer_id;
    cr_assert_eq(disputes(money, money->earners[1], false), 1);
    cr_assert_eq(disputes(money, money->earners[2], false), 0);
    cr_assert_eq(disputes(money, money->clerk, false), 1);
    must(money, money_resolve(money, money->clerk, dispute, false));
    cr_assert_eq(disputes(money, money->clerk, false), 0);
    cr_assert_eq(disputes(money, money->clerk, true), 1);
    history_free(&history);
}

/* ---- how shares came about ---- */

/* The third earner's company became a client of those who pay. */
static struct money_world *world_with_client(void)
{
    struct money_world *money = money_world_new();
    Vouch__V1__CompanyAdd add = VOUCH__V1__COMPANY_ADD__INIT;
    Vouch__V1__CompanyChange change = VOUCH__V1__COMPANY_CHANGE__INIT;
    uint64_t client = world_company(money->world, "Orrin Foods", "orrin.example", VOUCH__V1__COMPANY_KIND__PARTNER);
    money->earners[2] = world_member(money->world, "Kim Orr", VOUCH__V1__ROLE__REP, client, "");
    add.kind = VOUCH__V1__COMPANY_KIND__CLIENT;
    change.company = client;
    change.change = &add;
    world_do(money->world, WORLD_ADMIN, REQUEST_OF(COMPANY_CHANGE, company_change, &change));
    return money;
}

static void write_rules(struct money_world *money, bool tiers, int64_t partner_bps)
{
    struct terms terms = terms_presets();
    struct arena *arena = arena_new((size_t)1 << 16);
    Vouch__V1__TermsWrite write = VOUCH__V1__TERMS_WRITE__INIT;
    Vouch__V1__TermsApprove approve = VOUCH__V1__TERMS_APPROVE__INIT;
    memcpy(terms.currency, "EUR", CURRENCY_BYTES);
    terms.partner_bps = partner_bps;
    terms.bounty_minor = 10000;
    if (tiers) {
        terms.tiers = TIERS_MARGINAL;
        terms.band_count = 1;
        terms.bands[0] = (struct terms_band){0, TERMS_NO_LIMIT, 500};
    }
    write.terms = terms_to_record(&terms, arena);
    write.terms->name = (char *)(uintptr_t) "rules";
    approve.terms = world_do(money->world, money->clerk, REQUEST_OF(TERMS_WRITE, terms_write, &write));
    approve.version = 1;
    world_do(money->world, money->second, REQUEST_OF(TERMS_APPROVE, terms_approve, &approve));
    arena_free(&arena);
}

/* The weights that an explanation shows are those that the shares came from: floors and remainders that are computed
 * from them add up, also where a party's own weight does not count because the terms pay clients nothing. */
Test(query_money, an_explanation_shows_the_weights_that_counted)
{
    static const struct {
        const char *what;
        bool tiers, overrides;
        int64_t partner_bps;
        int64_t given[3]; /* by the plugin; the third earner is a client */
        int64_t shown[3];
        enum deal_division division;
    } cases[] = {
        {"one pool by tiers", true, false, 1000, {2, 1, 1}, {2, 1, 0}, DEAL_POOL},
        {"one pool by tiers, nobody else", true, false, 1000, {0, 0, 3}, {0, 0, 3}, DEAL_HOUSE},
        {"a bounty and no rate", false, false, 0, {2, 1, 1}, {2, 1, 0}, DEAL_POOL},
        {"each at its own rate", false, false, 1000, {2, 1, 1}, {2, 1, 1}, DEAL_CREDITS},
        {"beside the pool", false, true, 1000, {1 << 30, 1 << 29, 1 << 29}, {1 << 30, 1 << 29, 0}, DEAL_OVERRIDES},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct money_world *money = world_with_client();
        write_rules(money, cases[i].tiers, cases[i].partner_bps);
        money->overrides = cases[i].overrides;
        uint64_t deal = money_deal(money, 1000001, "EUR", cases[i].given, 3);
        must(money, money_pay(money, deal, 1000001, "EUR", 0));
        Vouch__V1__CommissionExplain explain = VOUCH__V1__COMMISSION_EXPLAIN__INIT;
        Vouch__V1__Reply reply;
        explain.referral = deal;
        must_ask(money, money->clerk, REQUEST_OF(COMMISSION_EXPLAIN, commission_explain, &explain), &reply);
        cr_assert(reply.explanation->same, "%s: %s", cases[i].what, reply.explanation->why);
        const Vouch__V1__Explanation__Step *step = reply.explanation->steps[0];
        cr_assert_eq(step->division, cases[i].division, "%s: division %u", cases[i].what, step->division);
        cr_assert_eq(step->n_shares, 3);
        int64_t weights = cases[i].shown[0] + cases[i].shown[1] + cases[i].shown[2];
        for (size_t j = 0; j < 3; j++) {
            const Vouch__V1__DealShare *share = step->shares[j];
            cr_assert_eq(share->weight, cases[i].shown[j], "%s: weight %zu is %lld", cases[i].what, j,
                         (long long)share->weight);
            int64_t floor = step->pool_minor * share->weight / weights;
            cr_assert(cases[i].division != DEAL_POOL ||
                          (share->accrued_minor >= floor && share->accrued_minor <= floor + 1),
                      "%s: share %zu", cases[i].what, j);
        }
        money_world_free(&money);
    }
}
