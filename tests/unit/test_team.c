/* SPDX-License-Identifier: Apache-2.0
 *
 * Managers and receivers: who manages whom, rerouting past those who do not act, the managers' queue, quotas, and how a
 * team is seen. */
#include "world.h"

#include "base/clock.h"
#include "decide/access.h"

#include <criterion/criterion.h>

#define STATE(name) VOUCH__V1__REFERRAL_STATE__##name
#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name
#define ROLE(name) VOUCH__V1__ROLE__##name
#define HOUR MS_PER_HOUR
#define DAY MS_PER_DAY

/* ---- a cast ---- */

struct team {
    struct world *world;
    uint64_t lead, ana, tom, eva, kim; /* of DACH */
    uint64_t other;                    /* leads another team */
    uint64_t prospect;
};

static void set_card(struct team *team, uint64_t member, uint32_t capacity)
{
    Vouch__V1__Card card = VOUCH__V1__CARD__INIT;
    card.capacity = capacity;
    Vouch__V1__CardSetting set = VOUCH__V1__CARD_SETTING__INIT;
    set.card = &card;
    world_do(team->world, member, REQUEST_OF(CARD_SET, card_set, &set));
}

static struct team team_new(void)
{
    struct team team = {.world = world_new()};
    struct world *world = team.world;
    team.lead = world_member(world, "Lea Lind", ROLE(MANAGER), WORLD_HOME, "DACH");
    team.ana = world_member(world, "Ana Sol", ROLE(REP), WORLD_HOME, "DACH");
    team.tom = world_member(world, "Tom Berg", ROLE(REP), WORLD_HOME, "DACH");
    team.eva = world_member(world, "Eva Kern", ROLE(REP), WORLD_HOME, "DACH");
    team.kim = world_member(world, "Kim Osei", ROLE(REP), WORLD_HOME, "Nordics");
    team.other = world_member(world, "Ola Rud", ROLE(MANAGER), WORLD_HOME, "Nordics");
    team.prospect = world_company(world, "Kestrel Bank", "kestrel.example", VOUCH__V1__COMPANY_KIND__PROSPECT);
    return team;
}

static void team_free(struct team *team)
{
    world_verify(team->world);
    world_free(&team->world);
}

/* Until the broker passes it on: three weeks are more than twice any clock of a desk. */
static void let_pass(struct team *team)
{
    world_wait(team->world, 5 * DAY);
    world_wait(team->world, 16 * DAY);
}

/* ---- who manages whom ---- */

Test(team, is_managed_by_its_managers_else_by_admins)
{
    struct team team = team_new();
    uint64_t found[ACCESS_MANAGERS_MAX];
    struct arena *arena = arena_new(1 << 20);
    struct view *view = snapshot_open(team.world->store);
    cr_assert_eq(access_managers(view, team.ana, found, arena), 1);
    cr_assert_eq(found[0], team.lead);
    cr_assert_eq(access_managers(view, team.lead, found, arena), 1); /* nobody manages themself */
    cr_assert_eq(found[0], WORLD_ADMIN);
    cr_assert_eq(access_managers(view, 999, found, arena), 1);
    cr_assert_eq(found[0], WORLD_ADMIN);
    cr_assert_eq(access_managers(view, WORLD_ADMIN, found, arena), 0);
    snapshot_close(&view);
    Vouch__V1__MemberRemove remove = VOUCH__V1__MEMBER_REMOVE__INIT;
    remove.member = team.lead;
    world_do(team.world, WORLD_ADMIN, REQUEST_OF(MEMBER_REMOVE, member_remove, &remove));
    view = snapshot_open(team.world->store);
    cr_assert_eq(access_managers(view, team.ana, found, arena), 1);
    cr_assert_eq(found[0], WORLD_ADMIN);
    snapshot_close(&view);
    arena_free(&arena);
    team_free(&team);
}

/* ---- rerouting ---- */

Test(reroute, goes_to_the_next_best_who_is_nobody_that_had_it)
{
    struct team team = team_new();
    struct world *world = team.world;
    set_card(&team, team.tom, 5);
    set_card(&team, team.eva, 5);
    set_card(&team, team.kim, 5);
    uint64_t id = world_submit(world, team.ana, team.prospect, team.tom);
    let_pass(&team);
    cr_assert_eq(world_referral(world, id)->state, STATE(GHOSTED));
    cr_assert_eq(world_reroute(world), 1);
    const Vouch__V1__Referral *referral = world_referral(world, id);
    cr_assert_eq(referral->state, STATE(OFFERED));
    cr_assert_eq(referral->receiver, team.eva); /* as good as Kim, and there before */
    cr_assert_eq(referral->attempt, 2);
    cr_assert_gt(referral->ghosted_ms, 20 * DAY);
    cr_assert_eq(referral->clock->member, team.eva);
    cr_assert_eq(world_reroute(world), 0);
    let_pass(&team);
    cr_assert_eq(world_reroute(world), 1);
    cr_assert_eq(world_referral(world, id)->receiver, team.kim);
    let_pass(&team);
    cr_assert_eq(world_reroute(world), 1); /* three times is often enough: the managers' */
    referral = world_referral(world, id);
    cr_assert_eq(referral->state, STATE(GHOSTED));
    cr_assert_eq(referral->attempt, 3);
    cr_assert_eq(referral->n_ghosts, 3);
    cr_assert_eq(referral->clock->member, team.lead);
    cr_assert_eq(referral->clock->pass_ms, 0);
    cr_assert_eq(world_reroute(world), 0);
    team_free(&team);
}

Test(reroute, one_that_is_reliable_comes_first)
{
    struct team team = team_new();
    struct world *world = team.world;
    set_card(&team, team.tom, 5);
    set_card(&team, team.eva, 5);
    uint64_t miss = world_submit(world, team.ana, team.prospect, team.tom);
    let_pass(&team); /* Tom missed one */
    cr_assert_eq(world_move(world, team.ana, miss, VERB(WITHDRAW), 0, 0), VOUCH_OK);
    set_card(&team, team.kim, 5);
    uint64_t id = world_submit(world, team.ana, team.prospect, team.kim);
    let_pass(&team);
    cr_assert_eq(world_reroute(world), 1);
    cr_assert_eq(world_referral(world, id)->receiver, team.eva);
    team_free(&team);
}

Test(reroute, nobody_who_is_full_or_has_no_card)
{
    struct team team = team_new();
    struct world *world = team.world;
    set_card(&team, team.eva, 1);
    uint64_t busy = world_submit(world, team.ana, team.prospect, team.eva);
    uint64_t id = world_submit(world, team.ana, team.prospect, team.tom);
    for (int i = 0; i < 3; i++) {
        world_wait(world, 1 * DAY);
        cr_assert_eq(world_move(world, team.eva, busy,
                                i == 0   ? VERB(ACCEPT)
                                : i == 1 ? VERB(CONTACT)
                                         : VERB(MEET),
                                0, 0),
                     VOUCH_OK, "%s", world->why.text);
    }
    world_wait(world, 5 * DAY);
    cr_assert_eq(world_referral(world, id)->state, STATE(GHOSTED));
    cr_assert_eq(world_reroute(world), 1);
    cr_assert_eq(world_referral(world, id)->state, STATE(GHOSTED));
    cr_assert_eq(world_referral(world, id)->clock->member, team.lead);
    team_free(&team);
}

Test(reroute, one_that_was_withdrawn_meanwhile_is_left_alone)
{
    struct team team = team_new();
    struct world *world = team.world;
    set_card(&team, team.eva, 5);
    uint64_t id = world_submit(world, team.ana, team.prospect, team.tom);
    let_pass(&team);
    uint64_t receivers[] = {team.eva};
    uint32_t scores[] = {5};
    const struct reroute found = {id, world_referral(world, id)->n_steps, 1, receivers, scores, false};
    struct reroute changed = found;
    changed.steps--;
    struct arena *arena = arena_new(1 << 20);
    struct view *view = state_write_view(world->store, &world->why);
    struct decision decision = {.view = view, .arena = arena, .now_ms = world->now_ms, .policy = &world->policy};
    cr_assert_eq(decide_reroute(&decision, &changed), VOUCH_BUSY);
    state_abort(world->store);
    cr_assert_eq(world_move(world, team.ana, id, VERB(WITHDRAW), 0, 0), VOUCH_OK);
    view = state_write_view(world->store, &world->why);
    decision.view = view;
    decision.event_count = 0;
    cr_assert_eq(decide_reroute(&decision, &found), VOUCH_OK);
    cr_assert_eq(decision.event_count, 0);
    state_abort(world->store);
    arena_free(&arena);
    cr_assert_eq(world_reroute(world), 0);
    team_free(&team);
}

/* Many at once: the desk of the best does not overflow, and who found others busy looks again. */
Test(reroute, many_found_the_same_receiver)
{
    struct team team = team_new();
    struct world *world = team.world;
    set_card(&team, team.eva, 1);
    uint64_t first = world_submit(world, team.ana, team.prospect, team.tom);
    uint64_t second = world_submit(world, team.ana, team.prospect, team.tom);
    let_pass(&team);
    uint64_t receivers[] = {team.eva};
    uint32_t scores[] = {5};
    size_t steps = world_referral(world, second)->n_steps;
    cr_assert_eq(world_move(world, team.ana, first, VERB(OFFER), team.eva, 0), VOUCH_OK);
    struct arena *arena = arena_new(1 << 20);
    struct view *view = state_write_view(world->store, &world->why);
    struct reroute found = {second, steps, 1, receivers, scores, true};
    struct decision decision = {.view = view, .arena = arena, .now_ms = world->now_ms, .policy = &world->policy};
    cr_assert_eq(decide_reroute(&decision, &found), VOUCH_BUSY);
    state_abort(world->store);
    arena_free(&arena);
    cr_assert_eq(world_reroute(world), 1);
    cr_assert_eq(world_referral(world, second)->state, STATE(GHOSTED)); /* nobody else: the managers' */
    team_free(&team);
}

/* ---- the queue ---- */

static size_t queue_length(struct team *team, uint64_t member, const Vouch__V1__QueuePage **queue)
{
    static Vouch__V1__Reply reply;
    Vouch__V1__TeamQueue ask = VOUCH__V1__TEAM_QUEUE__INIT;
    cr_assert_eq(world_ask(team->world, member, REQUEST_OF(TEAM_QUEUE, team_queue, &ask), &reply), VOUCH_OK, "%s",
                 team->world->why.text);
    *queue = reply.queue;
    cr_assert_eq(reply.queue->waiting, reply.queue->n_rows);
    return reply.queue->n_rows;
}

Test(queue, is_settled_by_the_managers_of_the_referrer)
{
    struct team team = team_new();
    struct world *world = team.world;
    const Vouch__V1__QueuePage *queue;
    uint64_t first = world_submit(world, team.ana, team.prospect, team.tom);
    uint64_t second = world_submit(world, team.ana, team.prospect, team.kim);
    cr_assert_eq(queue_length(&team, team.lead, &queue), 0);
    let_pass(&team);
    cr_assert_eq(queue_length(&team, team.lead, &queue), 0); /* somebody is still being looked for */
    cr_assert_eq(world_move(world, team.lead, first, VERB(OFFER), team.eva, 0), VOUCH_DENIED);
    cr_assert_eq(world_reroute(world), 2);
    cr_assert_eq(queue_length(&team, team.lead, &queue), 2);
    cr_assert_eq(queue->rows[0]->referral->referral->id, first);
    cr_assert_str_eq(queue->rows[0]->reason, "Tom Berg did not act; offered 1 time, and nobody is left");
    cr_assert_gt(queue->rows[0]->due_ms, world->now_ms);
    cr_assert_eq(queue_length(&team, WORLD_ADMIN, &queue), 2);
    cr_assert_eq(queue_length(&team, team.other, &queue), 0);
    cr_assert_eq(world_move(world, team.other, first, VERB(OFFER), team.eva, 0), VOUCH_NOT_FOUND);
    cr_assert_eq(world_move(world, team.other, second, VERB(OFFER), team.eva, 0), VOUCH_DENIED); /* Kim's manager */
    cr_assert_eq(world_move(world, team.tom, first, VERB(OFFER), team.eva, 0), VOUCH_DENIED);
    cr_assert_eq(world_move(world, team.lead, first, VERB(OFFER), team.eva, 0), VOUCH_OK, "%s", world->why.text);
    cr_assert_eq(world_move(world, team.lead, second, VERB(WITHDRAW), 0, 0), VOUCH_OK, "%s", world->why.text);
    cr_assert_eq(queue_length(&team, team.lead, &queue), 0);
    cr_assert_eq(world_move(world, team.lead, first, VERB(WITHDRAW), 0, 0), VOUCH_DENIED); /* Eva has it now */
    team_free(&team);
}

Test(queue, has_what_nobody_was_named_for)
{
    struct team team = team_new();
    const Vouch__V1__QueuePage *queue;
    uint64_t id = world_submit(team.world, team.ana, team.prospect, 0);
    let_pass(&team);
    cr_assert_eq(world_reroute(team.world), 1);
    cr_assert_eq(queue_length(&team, team.lead, &queue), 1);
    cr_assert_eq(queue->rows[0]->referral->referral->id, id);
    cr_assert_str_eq(queue->rows[0]->reason, "nobody was named to take it, and nobody was found");
    team_free(&team);
}

/* ---- credit ---- */

Test(reroute, the_ghost_has_no_credit_and_the_referrer_keeps_it)
{
    struct team team = team_new();
    struct world *world = team.world;
    set_card(&team, team.eva, 5);
    uint64_t id = world_submit(world, team.ana, team.prospect, 0);
    Vouch__V1__ReferralCredit credit = VOUCH__V1__REFERRAL_CREDIT__INIT;
    credit.referral = id;
    credit.member = team.tom;
    credit.kind = VOUCH__V1__TOUCH__KIND__HANDOVER;
    cr_assert_eq(world_try(world, team.ana, NULL, REQUEST_OF(REFERRAL_CREDIT, referral_credit, &credit)), VOUCH_OK,
                 "%s", world->why.text);
    cr_assert_eq(world_move(world, team.ana, id, VERB(OFFER), team.tom, 0), VOUCH_OK, "%s", world->why.text);
    let_pass(&team);
    cr_assert_eq(world_reroute(world), 1);
    static const Vouch__V1__ReferralVerb verbs[] = {VERB(ACCEPT), VERB(CONTACT), VERB(MEET), VERB(QUALIFY), VERB(WIN)};
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        cr_assert_eq(world_move(world, team.eva, id, verbs[i], 0, 5000000), VOUCH_OK, "%s", world->why.text);
    }
    world_pay(world, id, 5000000);
    cr_assert_eq(world_balance(world, team.tom, WORLD_HOME, LEDGER_ACC), 0);
    cr_assert_lt(world_balance(world, team.ana, WORLD_HOME, LEDGER_ACC), 0);
    team_free(&team);
}

/* ---- quotas and the team ---- */

static enum vouch_status set_quota(struct team *team, uint64_t by, uint64_t member, int64_t minor, const char *currency)
{
    Vouch__V1__Money amount = VOUCH__V1__MONEY__INIT;
    amount.minor = minor;
    amount.currency = (char *)(uintptr_t)currency;
    Vouch__V1__QuotaSetting set = VOUCH__V1__QUOTA_SETTING__INIT;
    set.member = member;
    set.year = 2026;
    set.amount = &amount;
    return world_try(team->world, by, NULL, REQUEST_OF(QUOTA_SET, quota_set, &set));
}

static const Vouch__V1__TeamMember *seen(struct team *team, uint64_t by, uint64_t member)
{
    static Vouch__V1__Reply reply;
    Vouch__V1__TeamView ask = VOUCH__V1__TEAM_VIEW__INIT;
    ask.team = (char *)(uintptr_t)(by == WORLD_ADMIN ? "DACH" : "");
    cr_assert_eq(world_ask(team->world, by, REQUEST_OF(TEAM_VIEW, team_view, &ask), &reply), VOUCH_OK, "%s",
                 team->world->why.text);
    for (size_t i = 0; i < reply.team->n_members; i++) {
        if (reply.team->members[i]->member == member) {
            return reply.team->members[i];
        }
    }
    return NULL;
}

static bool is_coached(const Vouch__V1__TeamMember *row, const char *line)
{
    for (size_t i = 0; i < row->n_coaching; i++) {
        if (strcmp(row->coaching[i], line) == 0) {
            return true;
        }
    }
    return false;
}

Test(team, quotas_are_set_by_who_manages)
{
    struct team team = team_new();
    const struct {
        uint64_t by, of;
        int64_t minor;
        const char *currency;
        enum vouch_status want;
    } cases[] = {
        {team.lead, team.ana, 50000000, "EUR", VOUCH_OK},      {WORLD_ADMIN, team.kim, 50000000, "EUR", VOUCH_OK},
        {WORLD_ADMIN, WORLD_ADMIN, 100, "EUR", VOUCH_OK},      {team.other, team.ana, 50000000, "EUR", VOUCH_DENIED},
        {team.lead, team.lead, 50000000, "EUR", VOUCH_DENIED}, {team.lead, 999, 50000000, "EUR", VOUCH_NOT_FOUND},
        {team.lead, team.ana, -1, "EUR", VOUCH_INVALID},       {team.lead, team.ana, 1, "QQQ", VOUCH_INVALID},
        {team.lead, team.ana, 1, "XAU", VOUCH_INVALID}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_assert_eq(set_quota(&team, cases[i].by, cases[i].of, cases[i].minor, cases[i].currency), cases[i].want,
                     "case %zu: %s", i, team.world->why.text);
    }
    cr_assert_eq(seen(&team, team.lead, team.ana)->quota->amount->minor, 50000000);
    cr_assert_eq(set_quota(&team, team.lead, team.ana, 0, "EUR"), VOUCH_OK);
    cr_assert_null(seen(&team, team.lead, team.ana)->quota);
    cr_assert_eq(set_quota(&team, team.lead, team.ana, 0, "EUR"), VOUCH_OK); /* again: nothing to take away */
    Vouch__V1__Reply reply;
    Vouch__V1__InboxPage ask = VOUCH__V1__INBOX_PAGE__INIT;
    cr_assert_eq(world_ask(team.world, team.ana, REQUEST_OF(INBOX_PAGE, inbox_page, &ask), &reply), VOUCH_OK);
    cr_assert_eq(reply.notices->n_notices, 3);
    cr_assert_str_eq(reply.notices->notices[0]->text, "Lea Lind set your quota of 2026: 500,000.00 EUR");
    cr_assert_str_eq(reply.notices->notices[1]->text, "Lea Lind took your quota of 2026 away");
    team_free(&team);
}

Test(team, shows_what_is_open_late_missed_and_booked)
{
    struct team team = team_new();
    struct world *world = team.world;
    set_card(&team, team.tom, 2);
    uint64_t won = world_submit(world, team.ana, team.prospect, team.tom);
    static const Vouch__V1__ReferralVerb verbs[] = {VERB(ACCEPT), VERB(CONTACT), VERB(MEET), VERB(QUALIFY), VERB(WIN)};
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        cr_assert_eq(world_move(world, team.tom, won, verbs[i], 0, 3000000), VOUCH_OK, "%s", world->why.text);
    }
    cr_assert_eq(set_quota(&team, team.lead, team.tom, 36500000, "EUR"), VOUCH_OK);
    uint64_t late = world_submit(world, team.ana, team.prospect, team.tom);
    world_submit(world, team.ana, team.prospect, team.tom);
    const Vouch__V1__TeamMember *tom = seen(&team, team.lead, team.tom);
    cr_assert_eq(tom->open, 2);
    cr_assert_eq(tom->overdue, 0);
    cr_assert_eq(tom->kept, 5); /* the win, too */
    cr_assert_eq(tom->booked_minor, 3000000);
    cr_assert_eq(tom->due_minor, 100000); /* joined today: one day of 365 */
    cr_assert_eq(tom->attainment_ppm, 30000000);
    cr_assert(is_coached(tom, "full: 2 open of 2"));
    cr_assert_eq(world_move(world, team.tom, late, VERB(ACCEPT), 0, 0), VOUCH_OK);
    world_wait(world, 2 * DAY);
    tom = seen(&team, team.lead, team.tom);
    cr_assert_eq(tom->overdue, 2);
    cr_assert_eq(tom->ghosted, 2);
    cr_assert(is_coached(tom, "1 overdue answer to an offer"));
    cr_assert(is_coached(tom, "1 overdue first contact"));
    cr_assert(is_coached(tom, "missed 2 of 8 obligations in 90 days"), "%s", tom->coaching[2]);
    const Vouch__V1__TeamMember *eva = seen(&team, team.lead, team.eva);
    cr_assert_eq(eva->reliability_ppm, 368403);
    cr_assert_eq(eva->kept_ppm, 750000);
    cr_assert(is_coached(eva, "has no card: nobody can be matched to them"));
    cr_assert_null(seen(&team, team.lead, team.kim));
    cr_assert_not_null(seen(&team, WORLD_ADMIN, team.tom));
    cr_assert_null(seen(&team, team.other, team.tom));
    team_free(&team);
}

Test(team, of_others_is_not_shown)
{
    struct team team = team_new();
    Vouch__V1__Reply reply;
    Vouch__V1__TeamView ask = VOUCH__V1__TEAM_VIEW__INIT;
    ask.team = (char *)(uintptr_t) "Nordics";
    cr_assert_eq(world_ask(team.world, team.lead, REQUEST_OF(TEAM_VIEW, team_view, &ask), &reply), VOUCH_DENIED);
    cr_assert_str_eq(team.world->why.text, "a manager sees the own team, DACH");
    ask.team = (char *)(uintptr_t) "";
    cr_assert_eq(world_ask(team.world, WORLD_ADMIN, REQUEST_OF(TEAM_VIEW, team_view, &ask), &reply), VOUCH_INVALID);
    team_free(&team);
}

/* What the matcher is told of wins in the prospect's industry. */
Test(team, closed_referrals_count_for_the_receiver_by_industry)
{
    struct team team = team_new();
    struct world *world = team.world;
    Vouch__V1__CompanyChange change = VOUCH__V1__COMPANY_CHANGE__INIT;
    change.company = team.prospect;
    Vouch__V1__CompanyAdd now = VOUCH__V1__COMPANY_ADD__INIT;
    now.industry = (char *)(uintptr_t) "Banking";
    change.change = &now;
    cr_assert_eq(world_try(world, WORLD_ADMIN, NULL, REQUEST_OF(COMPANY_CHANGE, company_change, &change)), VOUCH_OK,
                 "%s", world->why.text);
    static const Vouch__V1__ReferralVerb ends[] = {VERB(WIN), VERB(LOSE), VERB(WIN)};
    static const Vouch__V1__ReferralVerb verbs[] = {VERB(ACCEPT), VERB(CONTACT), VERB(MEET), VERB(QUALIFY)};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        uint64_t id = world_submit(world, team.ana, team.prospect, team.tom);
        for (size_t verb = 0; verb < sizeof verbs / sizeof verbs[0]; verb++) {
            cr_assert_eq(world_move(world, team.tom, id, verbs[verb], 0, 0), VOUCH_OK, "%s", world->why.text);
        }
        cr_assert_eq(world_move(world, team.tom, id, ends[i], 0, 1000), VOUCH_OK, "%s", world->why.text);
    }
    struct view *view = snapshot_open(world->store);
    struct key closed = key_segment(TOTAL_CLOSED_IN, team.tom, "banking");
    struct key won = key_segment(TOTAL_WON_IN, team.tom, "banking");
    struct key others = key_segment(TOTAL_CLOSED_IN, team.eva, "banking");
    cr_assert_eq(number_get(view, TABLE_TOTAL, &closed), 3);
    cr_assert_eq(number_get(view, TABLE_TOTAL, &won), 2);
    cr_assert_eq(number_get(view, TABLE_TOTAL, &others), 0);
    snapshot_close(&view);
    team_free(&team);
}
