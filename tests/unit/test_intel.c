/* SPDX-License-Identifier: Apache-2.0
 *
 * Intel: who may offer what to whom, the clock of the answer in the receiver's working time, and that who gave it hears
 * what became of it. */
#include "base/clock.h"
#include "world.h"

#include <criterion/criterion.h>
#include <string.h>

#define INTEL(name) VOUCH__V1__INTEL_STATE__INTEL_##name

struct cast {
    struct world *world;
    uint64_t ana, priya, manager, halden;
};

static struct cast cast_new(void)
{
    struct cast cast = {.world = world_new()};
    cast.ana = world_member(cast.world, "Ana Sousa", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    cast.priya = world_member(cast.world, "Priya Nair", VOUCH__V1__ROLE__REP, WORLD_HOME, "DACH");
    cast.manager = world_member(cast.world, "Max Lutz", VOUCH__V1__ROLE__MANAGER, WORLD_HOME, "DACH");
    cast.halden = world_company(cast.world, "Halden AG", "halden.example", VOUCH__V1__COMPANY_KIND__PROSPECT);
    return cast;
}

static enum vouch_status offer(struct cast *cast, uint64_t from, uint64_t to, uint64_t company)
{
    Vouch__V1__IntelOffer intel = VOUCH__V1__INTEL_OFFER__INIT;
    intel.to = to;
    intel.company = company;
    intel.text = "their archive contract ends in May";
    return world_try(cast->world, from, NULL, REQUEST_OF(INTEL_OFFER, intel_offer, &intel));
}

static enum vouch_status move(struct cast *cast, uint64_t member, uint64_t id, Vouch__V1__IntelState to,
                              uint64_t referral)
{
    Vouch__V1__IntelMove asked = VOUCH__V1__INTEL_MOVE__INIT;
    asked.intel = id;
    asked.to = to;
    asked.referral = referral;
    asked.note = "it opened the door";
    return world_try(cast->world, member, NULL, REQUEST_OF(INTEL_MOVE, intel_move, &asked));
}

static const Vouch__V1__Intel *intel_of(struct cast *cast, uint64_t member, uint64_t id)
{
    static Vouch__V1__Reply reply;
    Vouch__V1__IntelList list = VOUCH__V1__INTEL_LIST__INIT;
    list.intel = id;
    cr_assert_eq(world_ask(cast->world, member, REQUEST_OF(INTEL_LIST, intel_list, &list), &reply), VOUCH_OK);
    cr_assert_eq(reply.intel->n_intel, 1);
    return reply.intel->intel[0];
}

/* The newest line of a member's inbox; "" when there is none. */
static const char *newest_line(struct cast *cast, uint64_t member)
{
    static Vouch__V1__Reply reply;
    Vouch__V1__InboxPage page = VOUCH__V1__INBOX_PAGE__INIT;
    cr_assert_eq(world_ask(cast->world, member, REQUEST_OF(INBOX_PAGE, inbox_page, &page), &reply), VOUCH_OK);
    size_t count = reply.notices->n_notices;
    return count == 0 ? "" : reply.notices->notices[count - 1]->text;
}

static size_t count_lines(struct cast *cast, uint64_t member)
{
    struct view *view = snapshot_open(cast->world->store);
    struct inbox_cursor cursor = inbox_cursor_get(view, member);
    snapshot_close(&view);
    return cursor.last;
}

static void cast_free(struct cast *cast)
{
    world_verify(cast->world);
    world_free(&cast->world);
}

Test(intel, who_may_offer_what_to_whom)
{
    struct cast cast = cast_new();
    uint64_t gone = world_member(cast.world, "Gone", VOUCH__V1__ROLE__REP, WORLD_HOME, "");
    uint64_t books = world_member(cast.world, "Books", VOUCH__V1__ROLE__FINANCE, WORLD_HOME, "");
    Vouch__V1__MemberRemove remove = VOUCH__V1__MEMBER_REMOVE__INIT;
    remove.member = gone;
    world_do(cast.world, WORLD_ADMIN, REQUEST_OF(MEMBER_REMOVE, member_remove, &remove));
    const struct {
        uint64_t to, company;
        enum vouch_status must;
    } rows[] = {
        {cast.priya, cast.halden, VOUCH_OK}, {cast.ana, cast.halden, VOUCH_CONFLICT},
        {gone, cast.halden, VOUCH_CONFLICT}, {books, cast.halden, VOUCH_CONFLICT},
        {99, cast.halden, VOUCH_NOT_FOUND},  {cast.priya, 99, VOUCH_NOT_FOUND},
        {0, cast.halden, VOUCH_NOT_FOUND},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum vouch_status is = offer(&cast, cast.ana, rows[i].to, rows[i].company);
        cr_assert_eq(is, rows[i].must, "row %zu: %s %s", i, status_name(is), cast.world->why.text);
    }
    cr_assert_str_eq(newest_line(&cast, cast.priya),
                     "Ana Sousa has intel for you, I1 about Halden AG: \"their archive contract ends in May\"");
    cast_free(&cast);
}

Test(intel, taken_in_time_and_used)
{
    struct cast cast = cast_new();
    cr_assert_eq(offer(&cast, cast.ana, cast.priya, cast.halden), VOUCH_OK);
    cr_assert_eq(move(&cast, cast.ana, 1, INTEL(TAKEN), 0), VOUCH_DENIED); /* not hers to answer */
    cr_assert_eq(move(&cast, cast.manager, 1, INTEL(TAKEN), 0), VOUCH_NOT_FOUND);
    cr_assert_eq(move(&cast, cast.priya, 1, INTEL(OFFERED), 0), VOUCH_INVALID);
    cr_assert_eq(move(&cast, cast.priya, 1, INTEL(TAKEN), 1), VOUCH_INVALID);
    cr_assert_eq(move(&cast, cast.priya, 1, INTEL(TAKEN), 0), VOUCH_OK);
    cr_assert_str_eq(newest_line(&cast, cast.ana),
                     "Priya Nair takes your intel I1 about Halden AG: \"it opened the door\"");
    cr_assert_eq(move(&cast, cast.priya, 1, INTEL(TAKEN), 0), VOUCH_CONFLICT);
    cr_assert_null(intel_of(&cast, cast.ana, 1)->clock);
    uint64_t referral = world_submit(cast.world, cast.manager, cast.halden, cast.priya);
    cr_assert_eq(move(&cast, cast.priya, 1, INTEL(USED), 99), VOUCH_NOT_FOUND);
    cr_assert_eq(world_move(cast.world, cast.priya, referral, VOUCH__V1__REFERRAL_VERB__ACCEPT, 0, 0), VOUCH_OK);
    cr_assert_eq(move(&cast, cast.priya, 1, INTEL(USED), referral), VOUCH_OK);
    const Vouch__V1__Referral *record = world_referral(cast.world, referral);
    cr_assert(record->n_touches == 1 && record->touches[0]->member == cast.ana &&
              record->touches[0]->kind == VOUCH__V1__TOUCH__KIND__INTEL);
    cr_assert_str_eq(newest_line(&cast, cast.ana), "Priya Nair used your intel I1 about Halden AG for R1, and you are "
                                                   "credited: \"it opened the door\"");
    cr_assert_eq(move(&cast, cast.priya, 1, INTEL(NOT_USED), 0), VOUCH_CONFLICT);
    const Vouch__V1__Intel *intel = intel_of(&cast, cast.priya, 1);
    cr_assert(intel->state == INTEL(USED) && intel->referral == referral && intel->closed_ms == cast.world->now_ms);
    cr_assert_str_eq(intel->text, "their archive contract ends in May");
    cast_free(&cast);
}

/* 16 working hours from Monday noon: Wednesday noon. The manager hears of it at 100 %. */
Test(intel, silence_is_told)
{
    struct cast cast = cast_new();
    cr_assert_eq(offer(&cast, cast.ana, cast.priya, cast.halden), VOUCH_OK);
    const Vouch__V1__Clock *clock = intel_of(&cast, cast.priya, 1)->clock;
    cr_assert_eq(clock->half_ms, WORLD_NOON + 24 * MS_PER_HOUR);
    cr_assert_eq(clock->due_ms, WORLD_NOON + 48 * MS_PER_HOUR);
    size_t before = count_lines(&cast, cast.manager);
    world_wait(cast.world, 24 * MS_PER_HOUR);
    cr_assert_str_eq(newest_line(&cast, cast.priya),
                     "intel I1 about Halden AG from Ana Sousa waits for your yes or no until 2026-11-25 13:00");
    world_wait(cast.world, 23 * MS_PER_HOUR); /* 90 % was at 10:24 */
    cr_assert_eq(count_lines(&cast, cast.priya), 3);
    cr_assert_eq(count_lines(&cast, cast.manager), before);
    world_wait(cast.world, MS_PER_HOUR);
    cr_assert_not_null(strstr(newest_line(&cast, cast.priya), "is overdue"));
    cr_assert_str_eq(newest_line(&cast, cast.manager),
                     "Priya Nair has not answered intel I1 about Halden AG, due at 2026-11-25 13:00: it is overdue");
    world_wait(cast.world, 400 * MS_PER_DAY);
    cr_assert_eq(count_lines(&cast, cast.priya), 4);
    cr_assert_eq(count_lines(&cast, cast.manager), before + 1);
    cr_assert_eq(move(&cast, cast.priya, 1, INTEL(NOT_USED), 0), VOUCH_OK);
    cast_free(&cast);
}

/* Whoever looks after a weekend that lasted a month hears the gravest, once. */
/* The broker was down: it had not come to tell that it was overdue. Before, it was then neither kept nor missed. */
Test(intel, who_answers_late_has_missed_it_also_where_the_broker_had_not_come_to_tell)
{
    struct cast cast = cast_new();
    cr_assert_eq(offer(&cast, cast.ana, cast.priya, cast.halden), VOUCH_OK);
    uint64_t id = cast.world->answer_id;
    cast.world->now_ms += 7 * MS_PER_DAY;
    uint64_t before = cast.world->sequence;
    cr_assert_eq(move(&cast, cast.priya, id, INTEL(TAKEN), 0), VOUCH_OK);
    cr_assert_eq(cast.world->sequence, before + 2);
    struct arena *arena = arena_new(1 << 20);
    struct view *view = snapshot_open(cast.world->store);
    const Vouch__V1__Event *rung = record_event(view, before + 1, arena);
    cr_assert_eq(rung->body_case, VOUCH__V1__EVENT__BODY_CLOCK_RUNG);
    cr_assert(rung->clock_rung->missed && rung->clock_rung->clock->member == cast.priya);
    cr_assert_eq(rung->clock_rung->n_told, 2, "who was offered it, and the manager");
    const Vouch__V1__Event *moved = record_event(view, before + 2, arena);
    cr_assert_eq(moved->intel_moved->kept_day, 0);
    snapshot_close(&view);
    arena_free(&arena);
    uint64_t told = count_lines(&cast, cast.manager);
    world_wait(cast.world, 30 * MS_PER_DAY);
    cr_assert_eq(count_lines(&cast, cast.manager), told, "it has no clock any more");
    world_verify(cast.world);
    world_free(&cast.world);
}

Test(intel, a_downtime_is_one_line)
{
    struct cast cast = cast_new();
    cr_assert_eq(offer(&cast, cast.ana, cast.priya, cast.halden), VOUCH_OK);
    world_wait(cast.world, 30 * MS_PER_DAY);
    cr_assert_eq(count_lines(&cast, cast.priya), 2);
    cr_assert_not_null(strstr(newest_line(&cast, cast.priya), "is overdue"));
    cast_free(&cast);
}

Test(intel, lists_are_of_the_two_only)
{
    struct cast cast = cast_new();
    Vouch__V1__IntelList list = VOUCH__V1__INTEL_LIST__INIT;
    Vouch__V1__Reply reply;
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(offer(&cast, cast.ana, cast.priya, cast.halden), VOUCH_OK);
    }
    cr_assert_eq(move(&cast, cast.priya, 2, INTEL(TAKEN), 0), VOUCH_OK);
    const struct {
        uint64_t member;
        bool given;
        Vouch__V1__IntelState state;
        uint64_t before;
        size_t must;
    } rows[] = {{cast.priya, false, 0, 0, 3},
                {cast.priya, true, 0, 0, 0},
                {cast.ana, true, 0, 0, 3},
                {cast.ana, false, 0, 0, 0},
                {cast.manager, true, 0, 0, 0},
                {WORLD_ADMIN, false, 0, 0, 0},
                {cast.priya, false, INTEL(OFFERED), 0, 2},
                {cast.priya, false, 0, 3, 2}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        list.given = rows[i].given;
        list.state = rows[i].state;
        list.before = rows[i].before;
        cr_assert_eq(world_ask(cast.world, rows[i].member, REQUEST_OF(INTEL_LIST, intel_list, &list), &reply),
                     VOUCH_OK);
        cr_assert_eq(reply.intel->n_intel, rows[i].must, "row %zu", i);
    }
    list.intel = 1;
    cr_assert_eq(world_ask(cast.world, cast.manager, REQUEST_OF(INTEL_LIST, intel_list, &list), &reply),
                 VOUCH_NOT_FOUND);
    cast_free(&cast);
}
