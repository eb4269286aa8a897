/* SPDX-License-Identifier: Apache-2.0
 *
 * What people do in their working time: look at their desk, be in touch, ask, refer, clear the queue. Between two looks
 * of everybody the clocks of the broker ring; now and then the broker is down for days, or the clock jumps. */
#include "sim.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define TICK_MS (4 * SIM_HOUR_MS)

#define ASK(name) VOUCH__V1__ASK_STATE__##name

/* ---- contacts ---- */

static uint64_t some_contact(struct sim *sim, const struct sim_rep *rep)
{
    return rep->contacts[sim_below(sim, rep->contact_count)];
}

static void touch(struct sim *sim, const struct sim_rep *rep)
{
    Vouch__V1__TouchRecord record = VOUCH__V1__TOUCH_RECORD__INIT;
    record.contact = some_contact(sim, rep);
    record.kind = (Vouch__V1__TieTouch__Kind)(1 + sim_below(sim, 4));
    record.inbound = sim_chance(sim, 300);
    record.no_answer = record.kind == VOUCH__V1__TIE_TOUCH__KIND__CALL && !record.inbound && sim_chance(sim, 400);
    record.time_ms = sim->world->now_ms - (int64_t)sim_below(sim, 3 * 24) * SIM_HOUR_MS;
    sim_try(sim, rep->id, REQUEST_OF(TOUCH_RECORD, touch_record, &record));
}

/* ---- asks ---- */

static void answer(struct sim *sim, const struct sim_rep *rep, uint64_t ask, Vouch__V1__AskState to)
{
    Vouch__V1__AskMove move = VOUCH__V1__ASK_MOVE__INIT;
    move.ask = ask;
    move.to = to;
    move.later_ms = to == ASK(YES_LATER) ? sim->world->now_ms + 30 * SIM_DAY_MS : 0;
    sim_try(sim, rep->id, REQUEST_OF(ASK_MOVE, ask_move, &move));
}

static void refer(struct sim *sim, const struct sim_rep *rep, uint64_t ask);

static void after_ask(struct sim *sim, const struct sim_rep *rep, uint64_t ask, Vouch__V1__AskState state)
{
    static const Vouch__V1__AskState answers[] = {ASK(YES_NAMED), ASK(YES_LATER), ASK(NO), ASK(NO)};
    switch (state) {
    case ASK(PREPARED):
        answer(sim, rep, ask, sim_chance(sim, 800) ? ASK(ASKED) : ASK(DROPPED));
        break;
    case ASK(ASKED):
        if (sim_chance(sim, 250)) {
            refer(sim, rep, ask);
        } else if (sim_chance(sim, 400)) {
            answer(sim, rep, ask, answers[sim_below(sim, 4)]);
        }
        break;
    case ASK(YES_NAMED):
    case ASK(YES_LATER):
    case ASK(NO):
        answer(sim, rep, ask, ASK(THANKED));
        break;
    case ASK(THANKED):
        answer(sim, rep, ask, ASK(OUTCOME_TOLD));
        break;
    default:
        break;
    }
}

/* Goes through the last asks. */
static void follow_asks(struct sim *sim, const struct sim_rep *rep)
{
    enum { MOST = 8 };
    uint64_t asks[MOST];
    Vouch__V1__AskState states[MOST];
    size_t count = 0;
    Vouch__V1__Reply reply;
    Vouch__V1__AskList list = VOUCH__V1__ASK_LIST__INIT;
    list.limit = MOST;
    enum vouch_status status = world_ask(sim->world, rep->id, REQUEST_OF(ASK_LIST, ask_list, &list), &reply);
    cr_assert_eq(status, VOUCH_OK, "%s", sim->world->why.text);
    for (size_t i = 0; i < reply.asks->n_asks && count < MOST; i++) {
        asks[count] = reply.asks->asks[i]->ask->id;
        states[count++] = reply.asks->asks[i]->ask->state;
    }
    for (size_t i = 0; i < count; i++) {
        after_ask(sim, rep, asks[i], states[i]);
    }
}

static void ask(struct sim *sim, const struct sim_rep *rep)
{
    Vouch__V1__AskPrepare prepare = VOUCH__V1__ASK_PREPARE__INIT;
    prepare.contact = some_contact(sim, rep);
    prepare.asked = sim_chance(sim, 800);
    sim_try(sim, rep->id, REQUEST_OF(ASK_PREPARE, ask_prepare, &prepare));
}

/* ---- referrals ---- */

static void refer(struct sim *sim, const struct sim_rep *rep, uint64_t ask)
{
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    Vouch__V1__ReferralSubmit submit = VOUCH__V1__REFERRAL_SUBMIT__INIT;
    char product[16];
    uint64_t receiver = sim_chance(sim, 850) ? sim_somebody(sim)->id : 0;
    uint64_t connector = sim_chance(sim, 100) ? sim_somebody(sim)->id : 0;
    if (receiver == rep->id || connector == rep->id || (connector != 0 && connector == receiver)) {
        return;
    }
    snprintf(product, sizeof product, "line %llu", (unsigned long long)sim_below(sim, 6));
    text.need = "archive 40 TB";
    text.vouch = sim_chance(sim, 250) ? "" : "We ran their backup for six years.";
    submit.prospect = sim->prospects[sim_below(sim, sim->size.prospects)];
    submit.product = product;
    submit.receiver = receiver;
    submit.connector = connector;
    submit.consent = sim_chance(sim, 800);
    submit.draft = sim_chance(sim, 40);
    submit.text = &text;
    submit.ask = ask;
    if (ask == 0 && sim_chance(sim, 250)) {
        submit.source = some_contact(sim, rep);
    }
    sim_try(sim, rep->id, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
}

/* ---- a day ---- */

static void look_at_today(struct sim *sim, const struct sim_rep *rep)
{
    Vouch__V1__Reply reply;
    Vouch__V1__Today today = VOUCH__V1__TODAY__INIT;
    enum vouch_status status = world_ask(sim->world, rep->id, REQUEST_OF(TODAY, today, &today), &reply);
    cr_assert_eq(status, VOUCH_OK, "%s", sim->world->why.text);
}

static void work(struct sim *sim, struct sim_rep *rep)
{
    static const uint64_t looks[] = {[SIM_DILIGENT] = 700, [SIM_SLOW] = 120, [SIM_GHOST] = 300};
    if (sim_chance(sim, looks[rep->manner])) {
        sim_desk(sim, rep);
    }
    if (sim_chance(sim, 350)) {
        touch(sim, rep);
    }
    if (sim_chance(sim, 100)) {
        ask(sim, rep);
    }
    if (sim_chance(sim, 100)) {
        follow_asks(sim, rep);
    }
    if (sim_chance(sim, 40)) {
        refer(sim, rep, 0);
    }
    if (sim_chance(sim, 20)) {
        look_at_today(sim, rep);
    }
    if (rep->manager && sim_chance(sim, 100)) {
        sim_queue(sim, rep);
    }
}

static bool works_now(const struct sim *sim, const struct sim_rep *rep)
{
    int64_t now_ms = sim->world->now_ms;
    return !rep->removed && work_between(&rep->calendar, now_ms - TICK_MS, now_ms) > 0;
}

/* Everybody who works now does something, in another order each time. */
static void tick(struct sim *sim)
{
    size_t first = sim_below(sim, sim->size.reps);
    for (size_t i = 0; i < sim->size.reps; i++) {
        struct sim_rep *rep = &sim->reps[(first + i) % sim->size.reps];
        if (works_now(sim, rep)) {
            work(sim, rep);
        }
    }
}

static void remove_somebody(struct sim *sim)
{
    struct sim_rep *rep = sim_somebody(sim);
    size_t index = (size_t)(rep - sim->reps);
    if (index % 3 == 0) { /* has a quota: a recount of that is another test's */
        return;
    }
    Vouch__V1__MemberRemove remove = VOUCH__V1__MEMBER_REMOVE__INIT;
    remove.member = rep->id;
    remove.reason = "left";
    sim_try(sim, WORLD_ADMIN, REQUEST_OF(MEMBER_REMOVE, member_remove, &remove));
    rep->removed = true;
}

/* The broker is down for some days, or its clock jumps: nobody does anything, and all that rang in the meantime does so
 * at once. */
static void trouble(struct sim *sim)
{
    int64_t days = 1 + (int64_t)sim_below(sim, 21);
    sim->world->now_ms += days * SIM_DAY_MS;
    sim->next_trouble_ms = sim->world->now_ms + (40 + (int64_t)sim_below(sim, 60)) * SIM_DAY_MS;
    sim->seen.troubles++;
    remove_somebody(sim);
}

void sim_run(struct sim *sim)
{
    while (sim->world->now_ms < sim->end_ms) {
        if (sim->world->now_ms >= sim->next_trouble_ms) {
            trouble(sim);
        }
        /* Most of the time the timers come first; at times somebody is faster. */
        if (sim_chance(sim, 100)) {
            sim->world->now_ms += TICK_MS;
            tick(sim);
            sim->seen.timers += (long)world_wait(sim->world, 1);
        } else {
            sim->seen.timers += (long)world_wait(sim->world, TICK_MS);
            sim->seen.rerouted += (long)world_reroute(sim->world);
            tick(sim);
        }
    }
    sim->seen.timers += (long)world_wait(sim->world, 0);
    sim->seen.rerouted += (long)world_reroute(sim->world);
}
