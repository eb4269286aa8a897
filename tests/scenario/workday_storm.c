/* SPDX-License-Identifier: Apache-2.0
 *
 * Three weeks over Christmas without a broker, then years at once: thousands of referrals fall due at one moment. Each
 * gets one line for all that it missed, who was away is not told at all, nobody is passed over unheard, and who works
 * meanwhile is answered. Argument: how many referrals. */
#include "world.h"

#include "store/store.h"
#include "vouch/v1/event.pb-c.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define FRIDAY_MS INT64_C(1734681600000)    /* 2024-12-20 08:00 UTC */
#define CHRISTMAS_MS INT64_C(1736496000000) /* 2025-01-10 08:00 UTC, also a Friday */
#define RECEIVERS 4
#define STAGE(name) VOUCH__V1__CLOCK__STAGE__##name
#define STATE(name) VOUCH__V1__REFERRAL_STATE__##name

static struct world world;
static struct vouch *ana, *receivers[RECEIVERS];
static uint64_t receiver_ids[RECEIVERS];

/* Receivers 2 and 3 are away: one over Christmas, the other until the week after. */
static void take_days_off(struct vouch *v, uint32_t last_of_january)
{
    uint32_t days[60];
    Vouch__V1__WorkCalendar calendar = VOUCH__V1__WORK_CALENDAR__INIT;
    Vouch__V1__CalendarSetting set = VOUCH__V1__CALENDAR_SETTING__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    calendar.days_off = days;
    for (uint32_t day = 20; day <= 31; day++) {
        days[calendar.n_days_off++] = 20241200 + day;
    }
    for (uint32_t day = 1; day <= last_of_january; day++) {
        days[calendar.n_days_off++] = 20250100 + day;
    }
    set.calendar = &calendar;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_CALENDAR_SET;
    request.calendar_set = &set;
    command(v, &request);
}

static void begin(uint64_t referrals)
{
    static char clock[64];
    snprintf(clock, sizeof clock, "manual:%" PRId64, FRIDAY_MS);
    world_begin(&world, clock);
    world_start(&world);
    world_open_admin(&world);
    ana = world_join(&world, "Ana Sousa", VOUCH__V1__ROLE__REP, 0, NULL);
    for (int i = 0; i < RECEIVERS; i++) {
        char name[32];
        snprintf(name, sizeof name, "Receiver %d", i);
        receivers[i] = world_join(&world, name, VOUCH__V1__ROLE__REP, 0, &receiver_ids[i]);
    }
    take_days_off(receivers[2], 6);
    take_days_off(receivers[3], 10);
    uint64_t prospect = add_company(ana, "Kestrel Bank");
    for (uint64_t i = 0; i < referrals; i++) {
        submit(ana, prospect, receiver_ids[i % RECEIVERS], "They asked me who archives well.");
    }
}

/* ---- what the journal says ---- */

struct heard {
    unsigned lines, passes;
};

/* What everybody was told of each referral's clock so far. */
static void read_journal(struct heard *heard, uint64_t referrals)
{
    struct store_options options = {.directory = world.store};
    struct store *store = NULL;
    struct status_text why = {""};
    if (store_open(&options, &store, &why) != VOUCH_OK) {
        fail("the store does not open: %s", why.text);
    }
    struct view *view = snapshot_open(store);
    for (uint64_t sequence = 1; sequence <= store_journal_sequence(store); sequence++) {
        struct slice bytes;
        Vouch__V1__Event *event = journal_get(view, sequence, &bytes)
                                      ? vouch__v1__event__unpack(NULL, bytes.size, bytes.data)
                                      : NULL;
        if (event == NULL) {
            fail("event %" PRIu64 " cannot be read", sequence);
        }
        if (event->body_case == VOUCH__V1__EVENT__BODY_CLOCK_RUNG && !event->clock_rung->queued) {
            const Vouch__V1__ClockRung *rung = event->clock_rung;
            if (rung->referral > referrals || rung->clock->stage != STAGE(OVERDUE) || !rung->missed) {
                fail("R%" PRIu64 " was told of at stage %d: the gravest is that it is overdue", rung->referral,
                     (int)rung->clock->stage);
            }
            heard[rung->referral].lines++;
        } else if (event->body_case == VOUCH__V1__EVENT__BODY_REFERRAL_MOVED &&
                   event->referral_moved->verb == VOUCH__V1__REFERRAL_VERB__GHOST) {
            heard[event->referral_moved->referral].passes++;
        }
        vouch__v1__event__free_unpacked(event, NULL);
    }
    snapshot_close(&view);
    store_close(&store, true);
}

/* One line each; receiver 3 was away, and heard nothing before. */
static void want(uint64_t referrals, unsigned lines_of_the_absent, unsigned passes)
{
    struct heard *heard = calloc(referrals + 1, sizeof *heard);
    read_journal(heard, referrals);
    for (uint64_t i = 1; i <= referrals; i++) {
        bool absent = (i - 1) % RECEIVERS == 3;
        if (heard[i].lines != (absent ? lines_of_the_absent : 1) || heard[i].passes != (absent ? 0 : passes)) {
            fail("R%" PRIu64 ": told %u times, passed on %u times", i, heard[i].lines, heard[i].passes);
        }
    }
    free(heard);
}

/* ---- the storms ---- */

static void stop(void)
{
    if (world_stop(&world, SIGTERM) != 0) {
        fail("the broker did not stop cleanly, see %s", world.log);
    }
}

static uint64_t how_many(Vouch__V1__ReferralState state)
{
    Vouch__V1__Totals totals = VOUCH__V1__TOTALS__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    Vouch__V1__Reply *reply = NULL;
    uint64_t count = 0;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_TOTALS;
    request.totals = &totals;
    ask(world.admin, &request, VOUCH_OK, &reply);
    for (size_t i = 0; i < reply->totals->n_states; i++) {
        count += reply->totals->states[i]->state == state ? reply->totals->states[i]->count : 0;
    }
    vouch_reply_free(&reply);
    return count;
}

/* Whether a receiver has so many lines. */
static bool has_lines(struct vouch *v, uint64_t lines)
{
    Vouch__V1__InboxPage page = VOUCH__V1__INBOX_PAGE__INIT;
    Vouch__V1__Request request = VOUCH__V1__REQUEST__INIT;
    Vouch__V1__Reply *reply = NULL;
    page.after = lines - 1;
    page.limit = 1;
    request.operation_case = VOUCH__V1__REQUEST__OPERATION_INBOX_PAGE;
    request.inbox_page = &page;
    ask(v, &request, VOUCH_OK, &reply);
    bool has = reply->notices->n_notices > 0;
    vouch_reply_free(&reply);
    return has;
}

/* Three weeks; then the first command that is answered comes after all that fell due. */
static void over_christmas(uint64_t referrals)
{
    stop();
    world_start(&world);
    set_clock(&world, CHRISTMAS_MS);
    add_company(ana, "Orrin Foods");
    stop();
    want(referrals, 0, 0);
}

/* From 2025 to today, by the system's clock. Ana works from the first moment on, until all is as it has to be. */
static void years_at_once(uint64_t referrals)
{
    uint64_t answered = 0;
    world.clock = NULL;
    world_start(&world);
    do {
        char name[32];
        snprintf(name, sizeof name, "Prospect %" PRIu64, answered++);
        add_company(ana, name);
    } while (how_many(STATE(GHOSTED)) < referrals - referrals / RECEIVERS ||
             !has_lines(receivers[RECEIVERS - 1], 2 * (referrals / RECEIVERS))); /* offered, overdue */
    printf("%" PRIu64 " commands were answered until %" PRIu64 " referrals were passed on\n", answered,
           referrals - referrals / RECEIVERS);
    stop();
    want(referrals, 1, 1);
}

int main(int count, char **arguments)
{
    uint64_t referrals = count > 1 ? strtoull(arguments[1], NULL, 10) : 2000;
    begin(referrals);
    over_christmas(referrals);
    years_at_once(referrals);
    const char *const check[] = {"check", NULL}, *const rebuild[] = {"rebuild", NULL};
    if (world_vouchd(&world, check) != 0 || world_vouchd(&world, rebuild) != 0) {
        fail("vouchd check or rebuild found fault, see %s", world.log);
    }
    vouch_close(&ana);
    for (int i = 0; i < RECEIVERS; i++) {
        vouch_close(&receivers[i]);
    }
    world_end(&world);
    return 0;
}
