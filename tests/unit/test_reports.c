/* SPDX-License-Identifier: Apache-2.0
 *
 * Reports by rule: who sees whose numbers, what is left out, when a number stays blank, pages, segments, months
 * at the ends of summer time, the vectors of close rate and cycle; and damage to what they count, which is found. */
#include "apply/fact.h"
#include "query/check.h"
#include "query/report.h"
#include "world.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define DAY INT64_C(86400000)
#define METRIC(name) VOUCH__V1__METRIC__##name

struct office {
    struct world *world;
    uint64_t ana, tom, mara, finn, partner, paul, pia, prospect;
};

static struct office *office_open(void)
{
    static struct office office;
    struct world *world = office.world = world_new();
    office.ana = world_member(world, "Ana Sousa", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    office.tom = world_member(world, "Tom Rieke", VOUCH__V1__ROLE__REP, WORLD_HOME, "Nordics");
    office.mara = world_member(world, "Mara Lind", VOUCH__V1__ROLE__MANAGER, WORLD_HOME, "DACH");
    office.finn = world_member(world, "Finn Berg", VOUCH__V1__ROLE__FINANCE, WORLD_HOME, "");
    office.partner = world_company(world, "Partner AG", "partner.example", VOUCH__V1__COMPANY_KIND__PARTNER);
    office.paul = world_member(world, "Paul Adler", VOUCH__V1__ROLE__REP, office.partner, "DACH");
    office.pia = world_member(world, "Pia Vogt", VOUCH__V1__ROLE__FINANCE, office.partner, "");
    office.prospect = world_company(world, "Kestrel Bank", "kestrel.example", VOUCH__V1__COMPANY_KIND__PROSPECT);
    return &office;
}

static void office_close(struct office *office)
{
    world_verify(office->world);
    world_free(&office->world);
}

static enum vouch_status ask(struct office *office, uint64_t member, Vouch__V1__Report *report, Vouch__V1__Reply *reply)
{
    return world_ask(office->world, member, REQUEST_OF(REPORT, report, report), reply);
}

/* One metric; fails the test unless it is answered. */
static const Vouch__V1__ReportPage *one(struct office *office, uint64_t member, Vouch__V1__Metric metric,
                                        Vouch__V1__Report__By by, const char *period)
{
    static Vouch__V1__Reply reply;
    Vouch__V1__Report report = VOUCH__V1__REPORT__INIT;
    report.metrics = &metric;
    report.n_metrics = 1;
    report.by = by;
    report.period = (char *)(uintptr_t)period;
    enum vouch_status status = ask(office, member, &report, &reply);
    cr_assert_eq(status, VOUCH_OK, "%s", office->world->why.text);
    return reply.report;
}

/* From another system: an end so many days after the beginning, or (state MEETING) none. */
static void history(struct office *office, uint64_t referrer, Vouch__V1__ReferralState state, bool lead,
                    int64_t registered_ms, int64_t days)
{
    static unsigned number;
    char origin[32];
    Vouch__V1__Referral referral = VOUCH__V1__REFERRAL__INIT;
    Vouch__V1__ReferralImport take = VOUCH__V1__REFERRAL_IMPORT__INIT;
    snprintf(origin, sizeof origin, "crm:%u", ++number);
    referral.referrer = referrer;
    referral.receiver = office->tom;
    referral.prospect = office->prospect;
    referral.state = state;
    referral.lead = lead;
    referral.registered_ms = registered_ms;
    referral.changed_ms = registered_ms + days * DAY;
    take.referral = &referral;
    take.origin = origin;
    world_do(office->world, WORLD_ADMIN, REQUEST_OF(REFERRAL_IMPORT, referral_import, &take));
}

/* ---- who sees what ---- */

static bool names(const Vouch__V1__ReportPage *page, const char *group)
{
    for (size_t i = 0; i < page->n_rows; i++) {
        if (strcmp(page->rows[i]->group, group) == 0) {
            return true;
        }
    }
    return false;
}

Test(reports, a_rep_sees_the_own_numbers_a_manager_the_teams)
{
    struct office *office = office_open();
    static const struct {
        const char *who;
        bool ana, tom, paul;
    } rows[] = {{"ana", true, false, false}, {"tom", false, true, false}, {"mara", true, false, false},
                {"finn", true, true, true},  {"pia", false, false, true}, {"admin", true, true, true},
                {"paul", false, false, true}};
    const uint64_t ids[] = {office->ana, office->tom, office->mara, office->finn,
                            office->pia, WORLD_ADMIN, office->paul};
    world_submit(office->world, office->ana, office->prospect, office->tom);
    world_submit(office->world, office->tom, office->prospect, office->ana);
    world_submit(office->world, office->paul, office->prospect, office->ana);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const Vouch__V1__ReportPage *page = one(office, ids[i], METRIC(CLOSE_RATE), VOUCH__V1__REPORT__BY__REP, "2026");
        cr_assert_eq(names(page, "Ana Sousa"), rows[i].ana, "%s", rows[i].who);
        cr_assert_eq(names(page, "Tom Rieke"), rows[i].tom, "%s", rows[i].who);
        cr_assert_eq(names(page, "Paul Adler"), rows[i].paul, "%s", rows[i].who);
        /* of all: no more than the rows */
        page = one(office, ids[i], METRIC(CLOSE_RATE), VOUCH__V1__REPORT__BY__ALL, "2026");
        cr_assert_eq(page->rows[0]->denominator, rows[i].ana + rows[i].tom + rows[i].paul, "%s", rows[i].who);
    }
    office_close(office);
}

Test(reports, another_team_does_not_exist)
{
    struct office *office = office_open();
    Vouch__V1__Reply reply;
    Vouch__V1__Report report = VOUCH__V1__REPORT__INIT;
    report.member = office->tom;
    cr_assert_eq(ask(office, office->ana, &report, &reply), VOUCH_NOT_FOUND);
    cr_assert_eq(ask(office, office->mara, &report, &reply), VOUCH_NOT_FOUND);
    cr_assert_eq(ask(office, office->tom, &report, &reply), VOUCH_OK);
    cr_assert_str_eq(reply.report->whose, "Tom Rieke");
    report.member = 4711;
    cr_assert_eq(ask(office, WORLD_ADMIN, &report, &reply), VOUCH_NOT_FOUND);
    report.member = 0;
    report.team = "Nordics";
    cr_assert_eq(ask(office, office->mara, &report, &reply), VOUCH_NOT_FOUND);
    cr_assert_eq(ask(office, WORLD_ADMIN, &report, &reply), VOUCH_OK);
    cr_assert_str_eq(reply.report->whose, "team Nordics");
    office_close(office);
}

Test(reports, what_cannot_be_meant_is_refused_with_a_sentence)
{
    struct office *office = office_open();
    Vouch__V1__Reply reply;
    Vouch__V1__Metric metric = METRIC(ASK_RATE);
    Vouch__V1__Report report = VOUCH__V1__REPORT__INIT;
    report.metrics = &metric;
    report.n_metrics = 1;
    report.by = VOUCH__V1__REPORT__BY__SOURCE;
    cr_assert_eq(ask(office, office->ana, &report, &reply), VOUCH_INVALID);
    cr_assert_not_null(strstr(office->world->why.text, "ask-rate cannot be had by that"));
    report.by = VOUCH__V1__REPORT__BY__ALL;
    metric = (Vouch__V1__Metric)31;
    cr_assert_eq(ask(office, office->ana, &report, &reply), VOUCH_INVALID);
    metric = METRIC(CLOSE_RATE);
    report.zone = "../etc/passwd";
    cr_assert_eq(ask(office, office->ana, &report, &reply), VOUCH_INVALID);
    report.zone = "";
    report.period = "2026-13";
    cr_assert_eq(ask(office, office->ana, &report, &reply), VOUCH_INVALID);
    report.period = "1970-01-01..9998-12-31";
    cr_assert_eq(ask(office, office->ana, &report, &reply), VOUCH_OK, "%s", office->world->why.text);
    report.by = VOUCH__V1__REPORT__BY__MONTH;
    cr_assert_eq(ask(office, office->ana, &report, &reply), VOUCH_TOO_LARGE);
    office_close(office);
}

/* ---- numbers ---- */

/* W20 L30 C40 W45 L60 C70 W90 C95, five times: the same share of forty. */
Test(reports, close_rate_by_cumulative_incidence)
{
    struct office *office = office_open();
    int64_t now = office->world->now_ms;
    for (size_t i = 0; i < 5; i++) {
        const struct {
            Vouch__V1__ReferralState state;
            int64_t days;
        } cases[] = {{VOUCH__V1__REFERRAL_STATE__WON, 20},     {VOUCH__V1__REFERRAL_STATE__LOST, 30},
                     {VOUCH__V1__REFERRAL_STATE__MEETING, 40}, {VOUCH__V1__REFERRAL_STATE__WON, 45},
                     {VOUCH__V1__REFERRAL_STATE__EXPIRED, 60}, {VOUCH__V1__REFERRAL_STATE__OFFERED, 70},
                     {VOUCH__V1__REFERRAL_STATE__WON, 90},     {VOUCH__V1__REFERRAL_STATE__DECLINED, 95}};
        for (size_t j = 0; j < sizeof cases / sizeof cases[0]; j++) {
            bool open = j == 2 || j == 5 || j == 7; /* last seen now */
            int64_t registered = open ? now - cases[j].days * DAY : now - 300 * DAY;
            history(office, office->ana, cases[j].state, false, registered, open ? 1 : cases[j].days);
        }
    }
    const Vouch__V1__ReportPage *page = one(office, WORLD_ADMIN, METRIC(CLOSE_RATE), VOUCH__V1__REPORT__BY__ALL,
                                            "2026");
    cr_assert_eq(page->n_rows, 1);
    cr_assert_eq(page->rows[0]->value_ppm, 500000);
    cr_assert_eq(page->rows[0]->numerator, 15);
    cr_assert_eq(page->rows[0]->denominator, 40);
    cr_assert_eq(page->rows[0]->pending, 15);
    cr_assert(page->rows[0]->low_ppm < 500000 && page->rows[0]->high_ppm > 500000);
    office_close(office);
}

/* 54 against 78 days. */
Test(reports, cycle_reduction_compares_medians_within_segments)
{
    uint64_t wins[200];
    size_t count = 0;
    struct arena *arena = arena_new((size_t)1 << 20);
    for (uint32_t i = 0; i < 21; i++) {
        wins[count++] = cycle_sample(0, 1, false, 440 + 10 * i);
    }
    for (uint32_t i = 0; i < 21; i++) {
        wins[count++] = cycle_sample(0, 1, true, 680 + 10 * i);
    }
    struct cycle cycle = cycle_compute(wins, count, arena);
    cr_assert_eq(cycle.referrals, 21);
    cr_assert_eq(cycle.leads, 21);
    cr_assert_float_eq(cycle.referral_days, 540, 1e-9);
    cr_assert_float_eq(cycle.lead_days, 780, 1e-9);
    cr_assert_float_eq(cycle.value, 0.3077, 5e-5);
    cr_assert(cycle.interval.low < cycle.value && cycle.value < cycle.interval.high);
    /* fast leads of a segment without referrals do not count */
    for (uint32_t i = 0; i < 50; i++) {
        wins[count++] = cycle_sample(0, 2, true, 10);
    }
    cycle = cycle_compute(wins, count, arena);
    cr_assert_eq(cycle.leads, 21);
    cr_assert_float_eq(cycle.value, 0.3077, 5e-5);
    /* and of one with a single referral they weigh as much as that one */
    wins[21 + 21] = cycle_sample(0, 2, false, 600);
    cycle = cycle_compute(wins, count, arena);
    cr_assert_eq(cycle.referrals, 22);
    cr_assert_eq(cycle.leads, 70);
    cr_assert_float_eq(cycle.lead_days, 775, 5 + 1e-9);
    cr_assert_eq(cycle_compute(NULL, 0, arena).referrals, 0);
    arena_free(&arena);
}

Test(reports, under_twenty_a_share_stays_blank)
{
    struct office *office = office_open();
    for (size_t i = 1; i <= 20; i++) {
        world_submit(office->world, office->ana, office->prospect, office->tom);
        const Vouch__V1__ReportPage *page = one(office, office->ana, METRIC(CLOSE_RATE), VOUCH__V1__REPORT__BY__ALL,
                                                "2026");
        cr_assert_eq(page->rows[0]->denominator, (int64_t)i);
        cr_assert_eq(page->rows[0]->blank, i < 20);
        cr_assert_eq(page->rows[0]->why[0] == '\0', i == 20, "%s", page->rows[0]->why);
    }
    const Vouch__V1__ReportPage *page = one(office, office->ana, METRIC(MEETING_RATE), VOUCH__V1__REPORT__BY__ALL,
                                            "2026");
    cr_assert_eq(page->rows[0]->denominator, 0);
    cr_assert_eq(page->rows[0]->pending, 20);
    world_wait(office->world, 45 * DAY);
    page = one(office, office->ana, METRIC(MEETING_RATE), VOUCH__V1__REPORT__BY__ALL, "2026");
    cr_assert_eq(page->rows[0]->denominator, 20);
    cr_assert_eq(page->rows[0]->value_ppm, 0);
    cr_assert_eq(page->rows[0]->high_ppm, 161125);
    office_close(office);
}

/* A vouch that comes later, or is taken back, does not choose the group. */
Test(reports, a_lead_stays_what_it_was_when_it_was_registered)
{
    struct office *office = office_open();
    uint64_t referral = world_submit(office->world, office->ana, office->prospect, office->tom);
    cr_assert_eq(world_move(office->world, office->ana, referral, VOUCH__V1__REFERRAL_VERB__DISOWN, 0, 0), VOUCH_OK,
                 "%s", office->world->why.text);
    cr_assert(world_referral(office->world, referral)->lead);
    const Vouch__V1__ReportPage *page = one(office, office->ana, METRIC(CLOSE_RATE), VOUCH__V1__REPORT__BY__ALL,
                                            "2026");
    cr_assert_eq(page->n_rows, 1);
    cr_assert_not(page->rows[0]->lead);
    cr_assert_eq(page->rows[0]->denominator, 1);
    office_close(office);
}

Test(reports, months_are_those_of_the_zone)
{
    struct office *office = office_open();
    /* 2026-03-31 22:30 UTC is April in Berlin, in summer time; 2026-10-31 23:30 UTC is November, in winter time */
    history(office, office->ana, VOUCH__V1__REFERRAL_STATE__LOST, false, INT64_C(1774996200000), 1);
    history(office, office->ana, VOUCH__V1__REFERRAL_STATE__LOST, false, INT64_C(1793489400000), 1);
    static const struct {
        const char *zone;
        size_t months[2];
    } zones[] = {{"UTC", {2, 9}}, {"Europe/Berlin", {3, 10}}, {"America/New_York", {2, 9}}};
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        Vouch__V1__Reply reply;
        Vouch__V1__Metric metric = METRIC(CLOSE_RATE);
        Vouch__V1__Report report = VOUCH__V1__REPORT__INIT;
        report.metrics = &metric;
        report.n_metrics = 1;
        report.by = VOUCH__V1__REPORT__BY__MONTH;
        report.period = "2026";
        report.zone = (char *)(uintptr_t)zones[i].zone;
        cr_assert_eq(ask(office, office->ana, &report, &reply), VOUCH_OK);
        cr_assert_str_eq(reply.report->zone, zones[i].zone);
        cr_assert_eq(reply.report->n_rows, 12);
        for (size_t month = 0; month < 12; month++) {
            bool there = month == zones[i].months[0] || month == zones[i].months[1];
            char name[16];
            snprintf(name, sizeof name, "2026-%02zu", month + 1);
            cr_assert_str_eq(reply.report->rows[month]->group, name);
            cr_assert_eq(reply.report->rows[month]->denominator, there, "%s, %s", zones[i].zone, name);
        }
    }
    office_close(office);
}

static uint64_t company_of(struct office *office, const char *domain, const char *industry)
{
    Vouch__V1__CompanyAdd add = VOUCH__V1__COMPANY_ADD__INIT;
    add.name = (char *)(uintptr_t)domain;
    add.domain = (char *)(uintptr_t)domain;
    add.kind = VOUCH__V1__COMPANY_KIND__PROSPECT;
    add.industry = (char *)(uintptr_t)industry;
    return world_do(office->world, WORLD_ADMIN, REQUEST_OF(COMPANY_ADD, company_add, &add));
}

Test(reports, an_industry_is_one_segment_however_it_is_written)
{
    struct office *office = office_open();
    static const char *const ways[] = {"banking", "Banking", "bank"};
    char domain[32];
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        snprintf(domain, sizeof domain, "bank%zu.example", i);
        world_submit(office->world, office->ana, company_of(office, domain, ways[i]), office->tom);
    }
    world_submit(office->world, office->ana, company_of(office, "kite.example", "Kite making"), office->tom);
    world_submit(office->world, office->ana, office->prospect, office->tom);
    const Vouch__V1__ReportPage *page = one(office, office->ana, METRIC(CLOSE_RATE), VOUCH__V1__REPORT__BY__SEGMENT,
                                            "2026");
    cr_assert_eq(page->n_rows, 3);
    cr_assert_str_eq(page->rows[0]->group, "banking");
    cr_assert_eq(page->rows[0]->denominator, 3);
    cr_assert_str_eq(page->rows[1]->group, "kite making");
    cr_assert_str_eq(page->rows[2]->group, "not known");
    office_close(office);
}

Test(reports, pages_have_every_row_once)
{
    struct office *office = office_open();
    char seen[4096] = "";
    uint32_t after = 0;
    bool more = true;
    for (size_t i = 0; i < 23; i++) {
        char domain[32], industry[32];
        snprintf(domain, sizeof domain, "p%zu.example", i);
        snprintf(industry, sizeof industry, "trade %c", (int)('a' + i));
        world_submit(office->world, office->ana, company_of(office, domain, industry), office->tom);
    }
    while (more) {
        Vouch__V1__Reply reply;
        Vouch__V1__Report report = VOUCH__V1__REPORT__INIT;
        report.by = VOUCH__V1__REPORT__BY__SEGMENT;
        report.after = after;
        report.limit = 4;
        cr_assert_eq(ask(office, office->ana, &report, &reply), VOUCH_OK);
        cr_assert_leq(reply.report->n_rows, 4);
        for (size_t i = 0; i < reply.report->n_rows; i++) {
            char row[64];
            snprintf(row, sizeof row, "|%d %s|", (int)reply.report->rows[i]->metric, reply.report->rows[i]->group);
            cr_assert_null(strstr(seen, row), "%s twice", row);
            strcat(seen, row);
            after++;
        }
        more = reply.report->more;
    }
    cr_assert_eq(after, 46, "%u: a close rate, and a meeting rate, of 23", after);
    office_close(office);
}

/* ---- curve and funnel ---- */

Test(reports, a_funnel_counts_how_far_each_came)
{
    struct office *office = office_open();
    static const Vouch__V1__ReferralVerb verbs[] = {VOUCH__V1__REFERRAL_VERB__ACCEPT, VOUCH__V1__REFERRAL_VERB__CONTACT,
                                                    VOUCH__V1__REFERRAL_VERB__MEET, VOUCH__V1__REFERRAL_VERB__QUALIFY,
                                                    VOUCH__V1__REFERRAL_VERB__WIN};
    for (size_t far = 0; far <= 5; far++) {
        uint64_t referral = world_submit(office->world, office->ana, office->prospect, office->tom);
        for (size_t i = 0; i < far; i++) {
            cr_assert_eq(world_move(office->world, office->tom, referral, verbs[i], 0, 1000), VOUCH_OK);
        }
    }
    history(office, office->ana, VOUCH__V1__REFERRAL_STATE__WON, true, office->world->now_ms - 10 * DAY, 5);
    history(office, office->ana, VOUCH__V1__REFERRAL_STATE__LOST, true, office->world->now_ms - 10 * DAY, 5);
    history(office, office->ana, VOUCH__V1__REFERRAL_STATE__ACCEPTED, true, office->world->now_ms - 10 * DAY, 5);
    Vouch__V1__Reply reply;
    Vouch__V1__Curve curve = VOUCH__V1__CURVE__INIT;
    cr_assert_eq(world_ask(office->world, office->ana, REQUEST_OF(CURVE, curve, &curve), &reply), VOUCH_OK);
    const Vouch__V1__CurveSeries *series = reply.curve->series[0];
    cr_assert_eq(series->registered, 6);
    cr_assert_eq(series->accepted, 5);
    cr_assert_eq(series->contacted, 4);
    cr_assert_eq(series->meeting, 3);
    cr_assert_eq(series->opportunity, 2);
    cr_assert_eq(series->won, 1);
    cr_assert_eq(series->n_won_ppm, 181);
    cr_assert_eq(series->at_risk[0], 6);
    cr_assert_eq(series->won_ppm[0], 166667);
    series = reply.curve->series[1];
    cr_assert(series->lead);
    cr_assert_eq(series->imported, 3);
    cr_assert_eq(series->accepted, 3, "whatever became of it");
    cr_assert_eq(series->contacted, 2, "who was lost was tried");
    cr_assert_eq(series->opportunity, 1, "who won was an opportunity");
    cr_assert_eq(series->won_ppm[4], 0);
    cr_assert_eq(series->won_ppm[5], 333333);
    cr_assert_eq(world_ask(office->world, office->tom, REQUEST_OF(CURVE, curve, &curve), &reply), VOUCH_OK);
    cr_assert_eq(reply.curve->series[0]->registered, 0, "Tom has referred nobody");
    curve.received = true;
    cr_assert_eq(world_ask(office->world, office->tom, REQUEST_OF(CURVE, curve, &curve), &reply), VOUCH_OK);
    cr_assert_eq(reply.curve->series[0]->registered, 6);
    office_close(office);
}

/* East of Greenwich it began before the first moment that is counted from. */
Test(reports, a_period_from_1970_on_is_one_in_any_zone)
{
    struct office *office = office_open();
    static const char *const zones[] = {"Europe/Berlin", "UTC", "America/New_York"};
    world_submit(office->world, office->ana, office->prospect, office->tom);
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        Vouch__V1__Reply reply;
        Vouch__V1__Curve curve = VOUCH__V1__CURVE__INIT;
        curve.period = "1970-01-01..2030-12-31";
        curve.zone = (char *)(uintptr_t)zones[i];
        cr_assert_eq(world_ask(office->world, office->ana, REQUEST_OF(CURVE, curve, &curve), &reply), VOUCH_OK);
        cr_assert_eq(reply.curve->series[0]->registered, 1, "%s", zones[i]);
    }
    office_close(office);
}

/* ---- damage ---- */

static void count_finding(void *argument, const char *text)
{
    size_t *count = argument;
    cr_assert_neq(text[0], '\0');
    (*count)++;
}

/* Every bit of every row, and every row, of what reports count: whatever is changed is found. */
static void damage(struct office *office, enum table table, size_t bytes)
{
    for (size_t at = 0; at <= bytes; at++) {
        struct status_text why;
        struct view *view = state_write_view(office->world->store, &why);
        struct slice key, value;
        struct key first;
        uint8_t changed[128];
        size_t findings = 0;
        struct cursor *cursor = cursor_open(view, table);
        cr_assert(cursor_seek(cursor, SLICE_NONE, &key, &value));
        cr_assert_eq(value.size, bytes);
        key_start(&first);
        key_add_bytes(&first, key.data, key.size);
        memcpy(changed, value.data, value.size);
        cursor_close(&cursor);
        if (at == bytes) {
            cr_assert(table_delete(view, table, key_slice(&first)));
        } else {
            changed[at] ^= 0x41;
            table_put(view, table, key_slice(&first), (struct slice){changed, bytes});
        }
        cr_assert_eq(invariants_check(view, count_finding, &findings), VOUCH_OK);
        cr_assert(findings > 0, "byte %zu of a row of %s", at, table_name(table));
        state_abort(office->world->store);
    }
}

Test(reports, damage_to_what_is_counted_is_found)
{
    struct office *office = office_open();
    uint64_t referral = world_submit(office->world, office->ana, office->prospect, office->tom);
    static const Vouch__V1__ReferralVerb verbs[] = {VOUCH__V1__REFERRAL_VERB__ACCEPT, VOUCH__V1__REFERRAL_VERB__CONTACT,
                                                    VOUCH__V1__REFERRAL_VERB__MEET, VOUCH__V1__REFERRAL_VERB__QUALIFY,
                                                    VOUCH__V1__REFERRAL_VERB__WIN};
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        cr_assert_eq(world_move(office->world, office->tom, referral, verbs[i], 0, 1000), VOUCH_OK);
    }
    world_pay(office->world, referral, 400);
    damage(office, TABLE_FACT, 76);
    damage(office, TABLE_REVENUE, 44);
    office_close(office);
}
