/* SPDX-License-Identifier: Apache-2.0
 *
 * What somebody does with the people they know: touches, asks, intel; and at times two turn out to be one person, one
 * does not want to be introduced any more, or asks to be erased. */
#include "sim.h"

#include <criterion/criterion.h>

#define ASK(name) VOUCH__V1__ASK_STATE__##name
#define INTEL(name) VOUCH__V1__INTEL_STATE__INTEL_##name

/* ---- contacts ---- */

static void touch(struct sim *sim, const struct sim_rep *rep)
{
    Vouch__V1__TouchRecord record = VOUCH__V1__TOUCH_RECORD__INIT;
    record.contact = sim_some_contact(sim, rep);
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

static void after_ask(struct sim *sim, const struct sim_rep *rep, uint64_t ask, Vouch__V1__AskState state)
{
    static const Vouch__V1__AskState answers[] = {ASK(YES_NAMED), ASK(YES_LATER), ASK(NO), ASK(NO)};
    switch (state) {
    case ASK(PREPARED):
        answer(sim, rep, ask, sim_chance(sim, 800) ? ASK(ASKED) : ASK(DROPPED));
        break;
    case ASK(ASKED):
        if (sim_chance(sim, 250)) {
            sim_refer(sim, rep, ask);
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
    prepare.contact = sim_some_contact(sim, rep);
    prepare.asked = sim_chance(sim, 800);
    sim_try(sim, rep->id, REQUEST_OF(ASK_PREPARE, ask_prepare, &prepare));
}

/* ---- intel ---- */

static void offer_intel(struct sim *sim, const struct sim_rep *rep)
{
    const struct sim_rep *to = sim_somebody(sim);
    Vouch__V1__IntelOffer offer = VOUCH__V1__INTEL_OFFER__INIT;
    offer.to = to->id;
    offer.company = sim->prospects[sim_below(sim, sim->size.prospects)];
    offer.text = "they build a second hall in spring";
    if (to != rep) {
        sim_try(sim, rep->id, REQUEST_OF(INTEL_OFFER, intel_offer, &offer));
    }
}

static void answer_intel(struct sim *sim, const struct sim_rep *rep)
{
    static const Vouch__V1__IntelState answers[] = {INTEL(TAKEN), INTEL(USED), INTEL(NOT_USED)};
    enum { MOST = 4 };
    Vouch__V1__IntelMove moves[MOST];
    size_t count = 0;
    Vouch__V1__Reply reply;
    Vouch__V1__IntelList list = VOUCH__V1__INTEL_LIST__INIT;
    list.limit = MOST;
    enum vouch_status status = world_ask(sim->world, rep->id, REQUEST_OF(INTEL_LIST, intel_list, &list), &reply);
    cr_assert_eq(status, VOUCH_OK, "%s", sim->world->why.text);
    for (size_t i = 0; i < reply.intel->n_intel; i++) {
        const Vouch__V1__Intel *intel = reply.intel->intel[i];
        if (intel->state == INTEL(OFFERED) || intel->state == INTEL(TAKEN)) {
            moves[count] = (Vouch__V1__IntelMove)VOUCH__V1__INTEL_MOVE__INIT;
            moves[count++].intel = intel->id;
        }
    }
    for (size_t i = 0; i < count; i++) {
        moves[i].to = answers[sim_below(sim, 3)];
        sim_try(sim, rep->id, REQUEST_OF(INTEL_MOVE, intel_move, &moves[i]));
    }
}

/* ---- who they are ---- */

static void ask_at_once(struct sim *sim, const struct sim_rep *rep, uint64_t contact)
{
    Vouch__V1__AskPrepare prepare = VOUCH__V1__ASK_PREPARE__INIT;
    prepare.contact = contact;
    prepare.asked = true;
    sim_try(sim, rep->id, REQUEST_OF(ASK_PREPARE, ask_prepare, &prepare));
}

/* Who asks one of the two may not ask the other one once they are the same; and it is taken back at times. */
static void merge(struct sim *sim, const struct sim_rep *rep)
{
    Vouch__V1__ContactMerge both = VOUCH__V1__CONTACT_MERGE__INIT;
    Vouch__V1__ContactUnmerge again = VOUCH__V1__CONTACT_UNMERGE__INIT;
    both.from = sim_some_contact(sim, rep);
    both.into = again.contact = sim_some_contact(sim, rep);
    if (both.from == both.into) {
        return;
    }
    ask_at_once(sim, rep, both.from);
    sim_try(sim, rep->id, REQUEST_OF(CONTACT_MERGE, contact_merge, &both));
    ask_at_once(sim, sim_somebody(sim), both.into);
    ask_at_once(sim, rep, both.into);
    if (sim_chance(sim, 500)) {
        again.contact = sim_some_contact(sim, rep); /* merged by anybody, or not at all */
    }
    sim_try(sim, rep->id, REQUEST_OF(CONTACT_UNMERGE, contact_unmerge, &again));
}

static void erase(struct sim *sim, const struct sim_rep *rep)
{
    Vouch__V1__ContactErase erase = VOUCH__V1__CONTACT_ERASE__INIT;
    erase.contact = sim_some_contact(sim, rep);
    erase.reason = "asked for it";
    sim_try(sim, sim_chance(sim, 300) ? WORLD_ADMIN : rep->id, REQUEST_OF(CONTACT_ERASE, contact_erase, &erase));
}

static void change_consent(struct sim *sim, const struct sim_rep *rep)
{
    Vouch__V1__ContactChange change = VOUCH__V1__CONTACT_CHANGE__INIT;
    change.contact = sim_some_contact(sim, rep);
    change.withdraw_consent = sim_chance(sim, 500);
    change.consent = !change.withdraw_consent;
    sim_try(sim, rep->id, REQUEST_OF(CONTACT_CHANGE, contact_change, &change));
}

/* ---- all of it ---- */

void sim_ties(struct sim *sim, struct sim_rep *rep)
{
    static const struct {
        uint64_t in_thousand;
        void (*act)(struct sim *sim, const struct sim_rep *rep);
    } habits[] = {{350, touch}, {100, ask}, {100, follow_asks}, {20, offer_intel},
                  {4, merge},   {2, erase}, {5, change_consent}};
    for (size_t i = 0; i < sizeof habits / sizeof habits[0]; i++) {
        if (sim_chance(sim, habits[i].in_thousand)) {
            habits[i].act(sim, rep);
        }
    }
    if (rep->manner != SIM_GHOST && sim_chance(sim, rep->manner == SIM_SLOW ? 20 : 200)) {
        answer_intel(sim, rep);
    }
}
