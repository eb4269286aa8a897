/* SPDX-License-Identifier: Apache-2.0
 *
 * Every metric equals a recount from the journal: a random year of asking, referring, working, ghosting, winning,
 * paying, refunding, and history from another system; then every report that can be asked for, row by row, against what
 * the events say. */
#include "random_cases.h"
#include "recount.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define REPS 6
#define PROSPECTS 9
#define STEPS 4000
#define HISTORIES 2
#define HOUR INT64_C(3600000)

#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name
#define STATE(name) VOUCH__V1__REFERRAL_STATE__##name

struct history {
    struct world *world;
    struct random_cases cases;
    uint64_t reps[REPS];
    uint64_t prospects[PROSPECTS];
    uint64_t contacts[REPS * 8];
    size_t contact_count;
    uint64_t referrals; /* highest number */
    uint64_t payments;
    uint64_t asks;
    long won, paid, imported, asked;
};

static uint64_t below(struct history *history, uint64_t limit)
{
    return random_below(&history->cases, limit);
}

static uint64_t some_rep(struct history *history)
{
    return history->reps[below(history, REPS)];
}

/* ---- the people ---- */

static void set_card(struct history *history, uint64_t rep)
{
    char *issues[] = {"archive"};
    Vouch__V1__Card card = VOUCH__V1__CARD__INIT;
    card.issues = issues;
    card.n_issues = 1;
    card.describe_me = "calm, knows archives";
    card.capacity = 200;
    Vouch__V1__CardSetting set = VOUCH__V1__CARD_SETTING__INIT;
    set.card = &card;
    world_do(history->world, rep, REQUEST_OF(CARD_SET, card_set, &set));
}

static void set_quota(struct history *history, uint64_t rep, uint32_t year, int64_t minor, char *currency)
{
    Vouch__V1__Money amount = VOUCH__V1__MONEY__INIT;
    amount.minor = minor;
    amount.currency = currency;
    Vouch__V1__QuotaSetting set = VOUCH__V1__QUOTA_SETTING__INIT;
    set.member = rep;
    set.year = year;
    set.amount = &amount;
    world_do(history->world, WORLD_ADMIN, REQUEST_OF(QUOTA_SET, quota_set, &set));
}

static uint64_t add_company(struct history *history, size_t index)
{
    static char *industries[] = {"banking", "logistics", ""};
    char name[32], domain[32];
    snprintf(name, sizeof name, "Prospect %zu", index);
    snprintf(domain, sizeof domain, "prospect%zu.example", index);
    Vouch__V1__CompanyAdd add = VOUCH__V1__COMPANY_ADD__INIT;
    add.name = name;
    add.domain = domain;
    add.kind = VOUCH__V1__COMPANY_KIND__PROSPECT;
    add.industry = industries[index % 3];
    return world_do(history->world, WORLD_ADMIN, REQUEST_OF(COMPANY_ADD, company_add, &add));
}

static void add_contact(struct history *history, uint64_t rep, uint64_t company)
{
    char name[32], email[48];
    snprintf(name, sizeof name, "Contact %zu", history->contact_count);
    snprintf(email, sizeof email, "c%zu@client.example", history->contact_count);
    Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
    personal.name = name;
    personal.email = email;
    Vouch__V1__ContactAdd add = VOUCH__V1__CONTACT_ADD__INIT;
    add.company = company;
    add.personal = &personal;
    add.consent = true;
    history->contacts[history->contact_count++] = world_do(history->world, rep,
                                                           REQUEST_OF(CONTACT_ADD, contact_add, &add));
}

static void people(struct history *history)
{
    static const char *const names[REPS] = {"Ana Silva", "Jonas Brandt", "Mira Koch",
                                            "Nils Dahl", "Olga Petrova", "Paul Weber"};
    static const char *const teams[REPS] = {"DACH", "DACH", "DACH", "Nordics", "", "West"};
    uint64_t partner = world_company(history->world, "Partner AG", "partner.example", VOUCH__V1__COMPANY_KIND__PARTNER);
    uint64_t client = world_company(history->world, "Brandt Logistik", "client.example",
                                    VOUCH__V1__COMPANY_KIND__CLIENT);
    for (size_t i = 0; i < REPS; i++) {
        uint64_t company = i == REPS - 1 ? partner : WORLD_HOME;
        history->reps[i] = world_member(history->world, names[i], VOUCH__V1__ROLE__REP, company, teams[i]);
        set_card(history, history->reps[i]);
        for (size_t j = 0; j < 5; j++) {
            add_contact(history, history->reps[i], client);
        }
        world_wait(history->world, 20 * HOUR);
    }
    for (size_t i = 0; i < PROSPECTS; i++) {
        history->prospects[i] = add_company(history, i);
    }
    set_quota(history, history->reps[0], 2026, 120000000, "EUR");
    set_quota(history, history->reps[0], 2027, 240000000, "EUR");
    set_quota(history, history->reps[1], 2027, 365000, "EUR");
    set_quota(history, history->reps[3], 2027, 99999999, "SEK");
    set_quota(history, history->reps[5], 2027, 1000000, "EUR");
}

/* ---- what they do ---- */

static void refer(struct history *history)
{
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    uint64_t rep = some_rep(history);
    text.need = "archive 40 TB";
    text.vouch = below(history, 3) == 0 ? "" : "We ran their backup for six years.";
    submit.prospect = history->prospects[below(history, PROSPECTS)];
    submit.receiver = below(history, 4) == 0 ? 0 : some_rep(history);
    submit.consent = below(history, 8) != 0;
    submit.draft = below(history, 16) == 0;
    submit.text = &text;
    if (below(history, 2) == 0 && history->asks > 0) {
        submit.ask = 1 + below(history, history->asks);
    } else if (below(history, 3) == 0) {
        submit.source = history->contacts[below(history, history->contact_count)];
    }
    if (world_try(history->world, rep, NULL, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit)) == VOUCH_OK) {
        history->referrals = history->world->answer_id;
    }
}

/* The step that leads on from each state, and now and then another one. */
static Vouch__V1__ReferralVerb some_verb(struct history *history, Vouch__V1__ReferralState state)
{
    uint64_t dice = below(history, 20);
    switch (state) {
    case STATE(DRAFT):
    case STATE(CONSENT_WAIT):
        return VERB(REGISTER);
    case STATE(REGISTERED):
    case STATE(DECLINED):
    case STATE(GHOSTED):
        return dice == 0 ? VERB(WITHDRAW) : dice == 1 ? VERB(DISOWN) : dice == 2 ? VERB(ATTEST) : VERB(OFFER);
    case STATE(OFFERED):
        return dice < 3 ? VERB(DECLINE) : VERB(ACCEPT);
    case STATE(ACCEPTED):
        return dice == 0 ? VERB(DISOWN) : dice == 1 ? VERB(ATTEST) : VERB(CONTACT);
    case STATE(CONTACTED):
        return dice < 3 ? VERB(LOSE) : dice == 4 ? VERB(UPDATE) : dice == 5 ? VERB(SNOOZE) : VERB(MEET);
    case STATE(MEETING):
        return dice < 2 ? VERB(LOSE) : VERB(QUALIFY);
    default:
        return dice < 3 ? VERB(LOSE) : VERB(WIN);
    }
}

static void move(struct history *history)
{
    if (history->referrals == 0) {
        return;
    }
    uint64_t latest = history->referrals < 30 ? history->referrals : 30;
    uint64_t id = history->referrals - below(history, latest);
    const Vouch__V1__Referral *referral = world_referral(history->world, id);
    Vouch__V1__ReferralVerb verb = some_verb(history, referral->state);
    bool by_referrer = verb == VERB(OFFER) || verb == VERB(REGISTER) || verb == VERB(WITHDRAW) ||
                       verb == VERB(DISOWN) || verb == VERB(ATTEST);
    uint64_t actor = by_referrer ? referral->referrer : referral->receiver;
    if (actor != 0 && world_move(history->world, actor, id, verb, some_rep(history),
                                 100 + (int64_t)below(history, 9999999)) == VOUCH_OK) {
        history->won += verb == VERB(WIN) ? 1 : 0;
    }
}

static void money(struct history *history)
{
    if (history->referrals == 0) {
        return;
    }
    uint64_t id = 1 + below(history, history->referrals);
    const Vouch__V1__Referral *referral = world_referral(history->world, id);
    if (referral->state != STATE(WON) || referral->imported) {
        return;
    }
    if (below(history, 12) == 0) {
        Vouch__V1__DealCancel cancel = VOUCH__V1__DEAL_CANCEL__INIT;
        cancel.referral = id;
        cancel.reason = (Vouch__V1__LedgerReason)(1 + below(history, 3));
        cancel.note = "fell through";
        (void)!world_try(history->world, WORLD_ADMIN, NULL, REQUEST_OF(DEAL_CANCEL, deal_cancel, &cancel));
    } else if (below(history, 4) == 0 && history->payments > 0) {
        Vouch__V1__PaymentRefund refund = VOUCH__V1__PAYMENT_REFUND__INIT;
        char reference[32];
        snprintf(reference, sizeof reference, "REF-%llu", (unsigned long long)history->world->sequence);
        refund.payment = 1 + below(history, history->payments);
        refund.minor = (int64_t)below(history, 3) * 1000;
        refund.reference = reference;
        (void)!world_try(history->world, WORLD_ADMIN, NULL, REQUEST_OF(PAYMENT_REFUND, payment_refund, &refund));
    } else {
        Vouch__V1__Money amount = VOUCH__V1__MONEY__INIT;
        Vouch__V1__PaymentRecord record = VOUCH__V1__PAYMENT_RECORD__INIT;
        char reference[32];
        snprintf(reference, sizeof reference, "INV-%llu", (unsigned long long)history->world->sequence);
        amount.minor = 1000 + (int64_t)below(history, 400000);
        amount.currency = "EUR";
        record.referral = id;
        record.amount = &amount;
        record.reference = reference;
        record.received_ms = history->world->now_ms - (int64_t)below(history, 20) * 24 * HOUR;
        if (world_try(history->world, WORLD_ADMIN, NULL, REQUEST_OF(PAYMENT_RECORD, payment_record, &record)) ==
            VOUCH_OK) {
            history->payments = history->world->answer_id;
            history->paid++;
        }
    }
}

static void ask(struct history *history)
{
    uint64_t contact = history->contacts[below(history, history->contact_count)];
    uint64_t rep = some_rep(history);
    if (history->asks > 0 && below(history, 2) == 0) {
        static const Vouch__V1__AskState answers[] = {VOUCH__V1__ASK_STATE__YES_NAMED, VOUCH__V1__ASK_STATE__NO,
                                                      VOUCH__V1__ASK_STATE__ASKED, VOUCH__V1__ASK_STATE__OUTCOME_TOLD};
        Vouch__V1__AskMove answer = VOUCH__V1__ASK_MOVE__INIT;
        answer.ask = 1 + below(history, history->asks);
        answer.to = answers[below(history, 4)];
        for (size_t i = 0; i < REPS; i++) { /* whose it is, is not known here */
            if (world_try(history->world, history->reps[i], NULL, REQUEST_OF(ASK_MOVE, ask_move, &answer)) ==
                VOUCH_OK) {
                return;
            }
        }
        return;
    }
    Vouch__V1__AskPrepare prepare = VOUCH__V1__ASK_PREPARE__INIT;
    prepare.contact = contact;
    prepare.asked = below(history, 4) != 0;
    for (size_t i = 0; i < REPS; i++, rep = history->reps[i % REPS]) {
        if (world_try(history->world, rep, NULL, REQUEST_OF(ASK_PREPARE, ask_prepare, &prepare)) == VOUCH_OK) {
            history->asks = history->world->answer_id > history->asks ? history->world->answer_id : history->asks;
            history->asked++;
            return;
        }
    }
}

static void import(struct history *history)
{
    static const Vouch__V1__ReferralState states[] = {STATE(WON), STATE(LOST), STATE(MEETING), STATE(WITHDRAWN)};
    Vouch__V1__Referral referral = VOUCH__V1__REFERRAL__INIT;
    Vouch__V1__Money value = VOUCH__V1__MONEY__INIT;
    Vouch__V1__ReferralImport take = VOUCH__V1__REFERRAL_IMPORT__INIT;
    char origin[32];
    value.minor = 100 + (int64_t)below(history, 1000000);
    value.currency = below(history, 4) == 0 ? "USD" : "EUR";
    referral.referrer = some_rep(history);
    referral.receiver = some_rep(history);
    referral.prospect = history->prospects[below(history, PROSPECTS)];
    referral.state = states[below(history, 4)];
    referral.lead = below(history, 2) == 0;
    referral.changed_ms = history->world->now_ms - (int64_t)below(history, 300) * 24 * HOUR;
    referral.registered_ms = referral.changed_ms - (int64_t)below(history, 4000) * HOUR;
    referral.value = referral.state == STATE(WON) ? &value : NULL;
    snprintf(origin, sizeof origin, "crm:%llu", (unsigned long long)history->world->sequence);
    take.referral = &referral;
    take.origin = origin;
    history->referrals = world_do(history->world, WORLD_ADMIN, REQUEST_OF(REFERRAL_IMPORT, referral_import, &take));
    history->imported++;
}

static void step(struct history *history)
{
    uint64_t dice = below(history, 40);
    if (dice < 5) {
        refer(history);
    } else if (dice < 30) {
        move(history);
    } else if (dice < 34) {
        money(history);
    } else if (dice < 38) {
        ask(history);
    } else if (dice >= 38) {
        import(history);
    }
    world_wait(history->world, (int64_t)below(history, 8) * HOUR);
    world_reroute(history->world);
}

/* ---- what is reported of it ---- */

struct sums {
    int64_t numerators[16], denominators[16];
};

/* Groups divide what there is: their sums are all. */
static void add_sums(const Vouch__V1__ReportPage *page, struct sums *sums)
{
    memset(sums, 0, sizeof *sums);
    for (size_t i = 0; i < page->n_rows; i++) {
        size_t index = (size_t)page->rows[i]->metric;
        cr_assert_lt(index, 16);
        sums->numerators[index] += page->rows[i]->numerator;
        sums->denominators[index] += page->rows[i]->denominator;
    }
}

static bool has_metric(const Vouch__V1__ReportPage *page, size_t metric)
{
    for (size_t i = 0; i < page->n_rows; i++) {
        if ((size_t)page->rows[i]->metric == metric) {
            return true;
        }
    }
    return false;
}

static size_t check_report(struct history *history, const struct recount *recount, Vouch__V1__Report *report,
                           const struct sums *all)
{
    Vouch__V1__Reply reply;
    struct sums sums;
    enum vouch_status status = world_ask(history->world, WORLD_ADMIN, REQUEST_OF(REPORT, report, report), &reply);
    cr_assert_eq(status, VOUCH_OK, "%s: %s", report->period, history->world->why.text);
    cr_assert_not(reply.report->more);
    for (size_t i = 0; i < reply.report->n_rows; i++) {
        recount_row(recount, reply.report, reply.report->rows[i]);
    }
    add_sums(reply.report, &sums);
    for (size_t metric = 1; metric < 16; metric++) {
        /* medians are no sums, of contacts each group counts its own, and a currency without a quota is not shown */
        bool divides = metric != VOUCH__V1__METRIC__CYCLE && metric != VOUCH__V1__METRIC__ASK_RATE &&
                       metric != VOUCH__V1__METRIC__QUOTA_MET;
        if (divides && has_metric(reply.report, metric)) {
            cr_assert_eq(sums.numerators[metric], all->numerators[metric], "metric %zu by %d", metric, report->by);
            cr_assert_eq(sums.denominators[metric], all->denominators[metric], "metric %zu by %d", metric, report->by);
        }
    }
    return reply.report->n_rows;
}

static size_t check_reports(struct history *history)
{
    static char *const periods[] = {"2026", "2027", "2028", "2028-02", "2026-11-23..2027-03-27", "2027-03-28"};
    static char *const zones[] = {"", "Pacific/Auckland"};
    static struct recount recount;
    size_t rows = 0;
    recount_read(&recount, history->world);
    for (size_t i = 0; i < sizeof periods / sizeof periods[0] * 4; i++) {
        Vouch__V1__Report report = VOUCH__V1__REPORT__INIT;
        struct sums all;
        Vouch__V1__Reply reply;
        report.period = periods[i / 4];
        report.received = i % 2 == 1;
        report.zone = zones[i / 2 % 2];
        report.limit = 500;
        cr_assert_eq(world_ask(history->world, WORLD_ADMIN, REQUEST_OF(REPORT, report, &report), &reply), VOUCH_OK);
        add_sums(reply.report, &all);
        for (int by = VOUCH__V1__REPORT__BY__ALL; by <= VOUCH__V1__REPORT__BY__MONTH; by++) {
            report.by = (Vouch__V1__Report__By)by;
            rows += check_report(history, &recount, &report, &all);
        }
    }
    return rows;
}

Test(report_recount, every_metric_equals_a_recount_from_the_journal)
{
    static struct history history;
    struct random_cases cases = random_begin("report_recount", HISTORIES);
    for (int round = 0; round < HISTORIES; round++) {
        history = (struct history){.world = world_new(), .cases = cases};
        history.world->policy.protection_days = round == 1 ? 90 : 0;
        people(&history);
        for (int i = 0; i < STEPS; i++) {
            step(&history);
        }
        size_t rows = check_reports(&history);
        fprintf(stderr, "report_recount: %llu referrals, %ld won, %ld paid, %ld asked, %ld imported: %zu rows\n",
                (unsigned long long)history.referrals, history.won, history.paid, history.asked, history.imported,
                rows);
        cr_assert_gt(history.won, 10);
        cr_assert_gt(history.asked, 10);
        cr_assert_gt(rows, 500);
        world_verify(history.world);
        cases = history.cases;
        world_free(&history.world);
    }
}
