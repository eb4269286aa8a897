/* SPDX-License-Identifier: Apache-2.0
 *
 * The firm on its first day: companies, teams, people with their manners and calendars, and whom they know. */
#include "domain/day.h"
#include "sim.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define TEAM_SIZE 10
#define PARTNER_EVERY 12 /* one in so many is of another company */

static const char *const zones[] = {"Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland",
                                    "Europe/London"};

struct sim_rep *sim_somebody(struct sim *sim)
{
    for (;;) {
        struct sim_rep *rep = &sim->reps[sim_below(sim, sim->size.reps)];
        if (!rep->removed) {
            return rep;
        }
    }
}

enum vouch_status sim_try(struct sim *sim, uint64_t member, const Vouch__V1__Request *request)
{
    enum vouch_status status = world_try(sim->world, member, NULL, request);
    cr_assert(status != VOUCH_INTERNAL && status != VOUCH_TOO_LARGE && status != VOUCH_UNAVAILABLE &&
                  status != VOUCH_BUSY && status != VOUCH_INVALID,
              "operation %d of member %d: %s: %s", (int)request->operation_case, (int)member, status_name(status),
              sim->world->why.text);
    sim->seen.commands++;
    sim->seen.refused += status == VOUCH_OK ? 0 : 1;
    sim->seen.refusals[status]++;
    return status;
}

static uint64_t add_company(struct sim *sim, const char *word, size_t index, Vouch__V1__CompanyKind kind,
                            uint64_t parent)
{
    static char *const industries[] = {"banking", "logistics", "energy", "retail", ""};
    char name[48], domain[48];
    snprintf(name, sizeof name, "%s %zu", word, index);
    snprintf(domain, sizeof domain, "%s%zu.example", word, index);
    Vouch__V1__CompanyAdd add = VOUCH__V1__COMPANY_ADD__INIT;
    add.name = name;
    add.domain = domain;
    add.kind = kind;
    add.parent = parent;
    add.industry = industries[sim_below(sim, sizeof industries / sizeof industries[0])];
    add.size_band = (uint32_t)sim_below(sim, 9);
    return world_do(sim->world, WORLD_ADMIN, REQUEST_OF(COMPANY_ADD, company_add, &add));
}

static void add_off(struct sim_rep *rep, const char *zone, int64_t time_ms)
{
    uint32_t day = day_of(zone, time_ms);
    if (rep->off_count < sizeof rep->off / sizeof rep->off[0] &&
        (rep->off_count == 0 || rep->off[rep->off_count - 1] < day)) {
        rep->off[rep->off_count++] = day;
    }
}

void sim_tell_calendar(struct sim *sim, struct sim_rep *rep)
{
    Vouch__V1__WorkCalendar calendar = VOUCH__V1__WORK_CALENDAR__INIT;
    Vouch__V1__CalendarSetting setting = VOUCH__V1__CALENDAR_SETTING__INIT;
    calendar.zone = rep->zone;
    calendar.n_hours = 14;
    calendar.hours = rep->hours;
    calendar.n_days_off = rep->off_count;
    calendar.days_off = rep->off;
    setting.calendar = &calendar;
    world_do(sim->world, rep->id, REQUEST_OF(CALENDAR_SET, calendar_set, &setting));
    rep->calendar = work_calendar_of(&calendar, zones[0]);
    rep->calendar.zone = rep->zone;
    rep->calendar.off = rep->off;
}

/* Hours, and three weeks or so of holidays; some work on Sundays, some in half days. */
static void set_calendar(struct sim *sim, struct sim_rep *rep)
{
    uint32_t start = 360 + (uint32_t)sim_below(sim, 8) * 30;
    bool sundays = sim_chance(sim, 100);
    for (size_t day = 0; day < 7; day++) {
        bool works = sundays ? day == 6 || day < 4 : day < 5;
        rep->hours[2 * day] = works ? start : 0;
        rep->hours[2 * day + 1] = works ? start + (day == 4 ? 240 : 480) : 0;
    }
    snprintf(rep->zone, sizeof rep->zone, "%s", zones[sim_below(sim, sizeof zones / sizeof zones[0])]);
    int64_t day_ms = sim->world->now_ms + (int64_t)sim_below(sim, 60) * SIM_DAY_MS;
    while (day_ms < sim->end_ms && rep->off_count < 48) {
        for (int i = 0; i < 12; i++, day_ms += SIM_DAY_MS) {
            add_off(rep, rep->zone, day_ms);
        }
        day_ms += (40 + (int64_t)sim_below(sim, 120)) * SIM_DAY_MS;
    }
    sim_tell_calendar(sim, rep);
}

static void set_card(struct sim *sim, const struct sim_rep *rep)
{
    static char *const all_issues[] = {"archive", "audit", "backup", "network"};
    char *issues[] = {all_issues[sim_below(sim, 4)], all_issues[sim_below(sim, 4)]};
    Vouch__V1__Card card = VOUCH__V1__CARD__INIT;
    Vouch__V1__CardSetting set = VOUCH__V1__CARD_SETTING__INIT;
    card.issues = issues;
    card.n_issues = issues[0] == issues[1] ? 1 : 2;
    card.describe_me = "calm, knows archives";
    card.capacity = 5 + (uint32_t)sim_below(sim, 20);
    set.card = &card;
    world_do(sim->world, rep->id, REQUEST_OF(CARD_SET, card_set, &set));
}

static void add_person(struct sim *sim, size_t index, uint64_t partner)
{
    char name[32], team[32];
    struct sim_rep *rep = &sim->reps[index];
    rep->team = index / TEAM_SIZE;
    rep->manager = index % TEAM_SIZE == 0 && rep->team != 1; /* one team has none */
    rep->partner = index % PARTNER_EVERY == 5;
    uint64_t dice = sim_below(sim, 100);
    rep->manner = rep->manager || dice < 65 ? SIM_DILIGENT : dice < 85 ? SIM_SLOW : SIM_GHOST;
    snprintf(name, sizeof name, "Person %zu", index);
    snprintf(team, sizeof team, "Team %zu", rep->team);
    rep->id = world_member(sim->world, name, rep->manager ? VOUCH__V1__ROLE__MANAGER : VOUCH__V1__ROLE__REP,
                           rep->partner ? partner : WORLD_HOME, team);
    if (index % 7 != 3) { /* the others have none: the home company's */
        set_calendar(sim, rep);
    } else {
        rep->calendar = work_default(zones[0]);
    }
    if (index % 20 != 19) { /* nobody asks without one */
        set_card(sim, rep);
    }
}

static void add_contact(struct sim *sim, struct sim_rep *rep)
{
    char name[48], email[64];
    uint64_t number = sim_below(sim, sim->size.contacts * 4); /* some know the same person */
    uint64_t client = sim_below(sim, sim->size.clients);
    snprintf(name, sizeof name, "Contact %llu", (unsigned long long)number);
    snprintf(email, sizeof email, "c%llu@people.example", (unsigned long long)number);
    Vouch__V1__PersonalData personal = VOUCH__V1__PERSONAL_DATA__INIT;
    Vouch__V1__ContactAdd add = VOUCH__V1__CONTACT_ADD__INIT;
    personal.name = name;
    personal.email = email;
    add.company = sim->clients[client];
    add.personal = &personal;
    add.consent = sim_chance(sim, 800);
    rep->contacts[rep->contact_count++] = world_do(sim->world, rep->id, REQUEST_OF(CONTACT_ADD, contact_add, &add));
}

static void set_quota(struct sim *sim, const struct sim_rep *rep, uint32_t year)
{
    Vouch__V1__Money amount = VOUCH__V1__MONEY__INIT;
    Vouch__V1__QuotaSetting set = VOUCH__V1__QUOTA_SETTING__INIT;
    amount.minor = 1000000 + (int64_t)sim_below(sim, 9000000);
    amount.currency = "EUR";
    set.member = rep->id;
    set.year = year;
    set.amount = &amount;
    world_do(sim->world, WORLD_ADMIN, REQUEST_OF(QUOTA_SET, quota_set, &set));
}

void sim_begin(struct sim *sim, const struct sim_size *size, uint64_t seed)
{
    memset(sim, 0, sizeof *sim);
    sim->size = *size;
    sim->random = (struct random_cases){seed};
    sim->world = world_new();
    sim->world->policy.protection_days = 90;
    sim->end_ms = sim->world->now_ms + size->days * SIM_DAY_MS;
    sim->next_trouble_ms = sim->world->now_ms + 29 * SIM_DAY_MS; /* Christmas is near */
    uint64_t partner = world_company(sim->world, "Partner AG", "partner.example", VOUCH__V1__COMPANY_KIND__PARTNER);
    for (size_t i = 0; i < size->clients; i++) {
        uint64_t parent = i > 0 && sim_chance(sim, 200) ? sim->clients[0] : 0;
        sim->clients[i] = add_company(sim, "Client", i, VOUCH__V1__COMPANY_KIND__CLIENT, parent);
    }
    for (size_t i = 0; i < size->prospects; i++) {
        sim->prospects[i] = add_company(sim, "Prospect", i, VOUCH__V1__COMPANY_KIND__PROSPECT, 0);
    }
    for (size_t i = 0; i < size->reps; i++) {
        add_person(sim, i, partner);
        for (size_t j = 0; j < size->contacts / size->reps; j++) {
            add_contact(sim, &sim->reps[i]);
        }
        if (i % 3 == 0) {
            set_quota(sim, &sim->reps[i], 2026);
            set_quota(sim, &sim->reps[i], 2027);
        }
    }
}
