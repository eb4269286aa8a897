/* SPDX-License-Identifier: Apache-2.0
 *
 * The ask rate by rule: contacts, not asks and not ties; who was there long enough, was erased, or is the same person
 * as another; whose ask counts for whom. */
#include "world.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define DAY INT64_C(86400000)

struct office {
    struct world *world;
    uint64_t ana, tom, eva;
};

static uint64_t rep(struct office *office, const char *name, const char *team)
{
    char *issues[] = {"archive"};
    Vouch__V1__Card card = VOUCH__V1__CARD__INIT;
    Vouch__V1__CardSetting set = VOUCH__V1__CARD_SETTING__INIT;
    uint64_t member = world_member(office->world, name, VOUCH__V1__ROLE__REP, WORLD_HOME, team);
    card.issues = issues;
    card.n_issues = 1;
    set.card = &card;
    world_do(office->world, member, REQUEST_OF(CARD_SET, card_set, &set));
    return member;
}

static struct office *office_open(void)
{
    static struct office office;
    office.world = world_new();
    office.ana = rep(&office, "Ana Sousa", "DACH");
    office.tom = rep(&office, "Tom Rieke", "DACH");
    office.eva = rep(&office, "Eva Moss", "West");
    return &office;
}

static uint64_t contact(struct office *office, uint64_t member, const char *name)
{
    char email[64];
    snprintf(email, sizeof email, "%s@client.example", name);
    Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
    Vouch__V1__ContactAdd add = VOUCH__V1__CONTACT_ADD__INIT;
    personal.name = (char *)(uintptr_t)name;
    personal.email = email;
    add.personal = &personal;
    add.consent = true;
    return world_do(office->world, member, REQUEST_OF(CONTACT_ADD, contact_add, &add));
}

static void ask(struct office *office, uint64_t member, uint64_t whom)
{
    Vouch__V1__AskPrepare prepare = VOUCH__V1__ASK_PREPARE__INIT;
    prepare.contact = whom;
    prepare.asked = true;
    world_do(office->world, member, REQUEST_OF(ASK_PREPARE, ask_prepare, &prepare));
}

static void expect(struct office *office, uint64_t asker, const char *team, const char *period, int64_t asked,
                   int64_t known)
{
    Vouch__V1__Reply reply;
    Vouch__V1__Metric metric = VOUCH__V1__METRIC__ASK_RATE;
    Vouch__V1__Report report = VOUCH__V1__REPORT__INIT;
    report.metrics = &metric;
    report.n_metrics = 1;
    report.team = (char *)(uintptr_t)team;
    report.period = (char *)(uintptr_t)period;
    cr_assert_eq(world_ask(office->world, asker, REQUEST_OF(REPORT, report, &report), &reply), VOUCH_OK, "%s",
                 office->world->why.text);
    cr_assert_eq(reply.report->n_rows, 1);
    cr_assert_eq(reply.report->rows[0]->numerator, asked, "%s %s: %lld asked", team, period,
                 (long long)reply.report->rows[0]->numerator);
    cr_assert_eq(reply.report->rows[0]->denominator, known, "%s %s: of %lld", team, period,
                 (long long)reply.report->rows[0]->denominator);
}

static void office_close(struct office *office)
{
    world_verify(office->world);
    world_free(&office->world);
}

Test(report_asks, a_contact_counts_once_for_all_who_know_them)
{
    struct office *office = office_open(); /* 2026-11-23 */
    uint64_t sam = contact(office, office->ana, "Sam");
    contact(office, office->ana, "Max");
    cr_assert_eq(contact(office, office->tom, "Sam"), sam, "one person is one contact");
    ask(office, office->ana, sam);
    expect(office, office->ana, "", "2026", 0, 0); /* nobody was there for 30 days */
    world_wait(office->world, 31 * DAY);
    expect(office, office->ana, "", "2026", 1, 2);
    expect(office, office->tom, "", "2026", 0, 1); /* it was not he who asked */
    expect(office, WORLD_ADMIN, "DACH", "2026", 1, 2);
    expect(office, office->eva, "", "2026", 0, 0);
    expect(office, WORLD_ADMIN, "", "2026", 1, 2);
    expect(office, office->ana, "", "2026-12", 0, 0); /* 24 days of December so far; asked in November */
    world_wait(office->world, 92 * DAY);
    ask(office, office->ana, sam);
    expect(office, office->ana, "", "2027", 1, 2);
    expect(office, office->ana, "", "2026", 1, 2); /* asked twice, a contact once in each period */
    expect(office, WORLD_ADMIN, "DACH", "2026-01-01..2027-12-31", 1, 2);
    office_close(office);
}

Test(report_asks, who_was_erased_or_merged_is_nobody)
{
    struct office *office = office_open();
    uint64_t sam = contact(office, office->ana, "Sam");
    uint64_t samuel = contact(office, office->ana, "Samuel");
    uint64_t max = contact(office, office->ana, "Max");
    ask(office, office->ana, samuel);
    ask(office, office->ana, max);
    world_wait(office->world, 31 * DAY);
    expect(office, office->ana, "", "2026", 2, 3);
    Vouch__V1__ContactMerge merge = VOUCH__V1__CONTACT_MERGE__INIT;
    merge.into = sam;
    merge.from = samuel;
    world_do(office->world, office->ana, REQUEST_OF(CONTACT_MERGE, contact_merge, &merge));
    expect(office, office->ana, "", "2026", 2, 2); /* who was asked as Samuel was asked */
    Vouch__V1__ContactErase erase = VOUCH__V1__CONTACT_ERASE__INIT;
    erase.contact = max;
    erase.reason = "asked for it";
    world_do(office->world, WORLD_ADMIN, REQUEST_OF(CONTACT_ERASE, contact_erase, &erase));
    expect(office, office->ana, "", "2026", 1, 1);
    office_close(office);
}
