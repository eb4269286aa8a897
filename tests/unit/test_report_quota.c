/* SPDX-License-Identifier: Apache-2.0
 *
 * Quota attainment in reports: what is due of whom, and whose sales count towards it. */
#include "world.h"

#include "base/clock.h"

#include <criterion/criterion.h>

#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name
#define ROLE(name) VOUCH__V1__ROLE__##name
#define DAY MS_PER_DAY

/* All joined on 2026-11-23. */
struct team {
    struct world *world;
    uint64_t lead, tom, eva, prospect;
};

static struct team team_new(void)
{
    struct team team = {.world = world_new()};
    team.lead = world_member(team.world, "Lea Lind", ROLE(MANAGER), WORLD_HOME, "DACH");
    team.tom = world_member(team.world, "Tom Berg", ROLE(REP), WORLD_HOME, "DACH");
    team.eva = world_member(team.world, "Eva Kern", ROLE(REP), WORLD_HOME, "DACH");
    team.prospect = world_company(team.world, "Kestrel Bank", "kestrel.example", VOUCH__V1__COMPANY_KIND__PROSPECT);
    return team;
}

static void team_free(struct team *team)
{
    world_verify(team->world);
    world_free(&team->world);
}

static void set_quota(struct team *team, uint64_t member, int64_t minor, const char *currency)
{
    Vouch__V1__Money amount = VOUCH__V1__MONEY__INIT;
    Vouch__V1__QuotaSetting set = VOUCH__V1__QUOTA_SETTING__INIT;
    amount.minor = minor;
    amount.currency = (char *)(uintptr_t)currency;
    set.member = member;
    set.year = 2026;
    set.amount = &amount;
    world_do(team->world, WORLD_ADMIN, REQUEST_OF(QUOTA_SET, quota_set, &set));
}

static void sell(struct team *team, uint64_t seller, int64_t minor)
{
    static const Vouch__V1__ReferralVerb verbs[] = {VERB(ACCEPT), VERB(CONTACT), VERB(MEET), VERB(QUALIFY), VERB(WIN)};
    uint64_t won = world_submit(team->world, team->lead == seller ? team->tom : team->lead, team->prospect, seller);
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        cr_assert_eq(world_move(team->world, seller, won, verbs[i], 0, minor), VOUCH_OK, "%s", team->world->why.text);
    }
}

static const Vouch__V1__ReportPage *attainment(struct team *team, uint64_t asker, Vouch__V1__Report__By by,
                                               const char *period)
{
    static Vouch__V1__Reply reply;
    Vouch__V1__Metric metric = VOUCH__V1__METRIC__QUOTA_MET;
    Vouch__V1__Report report = VOUCH__V1__REPORT__INIT;
    report.metrics = &metric;
    report.n_metrics = 1;
    report.by = by;
    report.period = (char *)(uintptr_t)period;
    cr_assert_eq(world_ask(team->world, asker, REQUEST_OF(REPORT, report, &report), &reply), VOUCH_OK, "%s",
                 team->world->why.text);
    return reply.report;
}

Test(report_quota, is_prorated_to_the_days_of_membership)
{
    struct team team = team_new();
    set_quota(&team, team.tom, 3650000, "EUR");
    world_wait(team.world, 9 * DAY); /* ten days, today with them */
    const Vouch__V1__ReportPage *page = attainment(&team, team.tom, VOUCH__V1__REPORT__BY__ALL, "2026");
    cr_assert_eq(page->n_rows, 1);
    cr_assert_eq(page->rows[0]->denominator, 100000);
    cr_assert_eq(page->rows[0]->numerator, 0);
    cr_assert_not(page->rows[0]->has_interval);
    Vouch__V1__MemberRemove remove = VOUCH__V1__MEMBER_REMOVE__INIT;
    remove.member = team.tom;
    world_do(team.world, WORLD_ADMIN, REQUEST_OF(MEMBER_REMOVE, member_remove, &remove));
    world_wait(team.world, 20 * DAY);
    page = attainment(&team, WORLD_ADMIN, VOUCH__V1__REPORT__BY__REP, "2026");
    cr_assert_eq(page->n_rows, 1);
    cr_assert_eq(page->rows[0]->denominator, 100000, "removed, and no more is due");
    page = attainment(&team, WORLD_ADMIN, VOUCH__V1__REPORT__BY__REP, "2026-11");
    cr_assert_eq(page->rows[0]->denominator, 80000, "eight days of November");
    team_free(&team);
}

Test(report_quota, of_a_team_is_attained_by_those_who_have_one)
{
    struct team team = team_new();
    const uint64_t sellers[] = {team.tom, team.eva, team.lead};
    for (size_t i = 0; i < 3; i++) {
        sell(&team, sellers[i], 50000);
    }
    set_quota(&team, team.tom, 36500000, "EUR");
    set_quota(&team, team.eva, 36500000, "USD");
    const Vouch__V1__ReportPage *page = attainment(&team, team.lead, VOUCH__V1__REPORT__BY__ALL, "2026");
    cr_assert_eq(page->n_rows, 2);
    cr_assert_str_eq(page->rows[0]->currency, "EUR");
    cr_assert_eq(page->rows[0]->numerator, 50000, "Tom's only: of the others nothing in EUR was due");
    cr_assert_eq(page->rows[0]->denominator, 100000);
    cr_assert_str_eq(page->rows[1]->currency, "USD");
    cr_assert_eq(page->rows[1]->numerator, 0, "Eva sold in EUR");
    team_free(&team);
}

/* East of Greenwich 1970 began before the first moment that there is. */
Test(report_quota, of_a_period_from_1970_on_counts_what_was_sold)
{
    struct team team = team_new();
    sell(&team, team.tom, 50000);
    set_quota(&team, team.tom, 36500000, "EUR");
    const Vouch__V1__ReportPage *page = attainment(&team, team.tom, VOUCH__V1__REPORT__BY__ALL,
                                                   "1970-01-01..2030-12-31");
    cr_assert_eq(page->n_rows, 1);
    cr_assert_eq(page->rows[0]->numerator, 50000);
    team_free(&team);
}
