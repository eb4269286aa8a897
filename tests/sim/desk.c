/* SPDX-License-Identifier: Apache-2.0
 *
 * What somebody does with the referrals that are theirs, and a manager with what waits for the team. What they see is
 * what the broker tells them. */
#include "sim.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define STATE(name) VOUCH__V1__REFERRAL_STATE__##name
#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name
#define SEEN_MOST 50

/* A referral as it was on the list; the list is gone with the next question. */
struct seen {
    uint64_t id, referrer, receiver, connector;
    Vouch__V1__ReferralState state;
    bool lead;
    uint32_t snoozes;
};

static size_t see(const Vouch__V1__ReferralPage *page, struct seen seen[SEEN_MOST])
{
    size_t count = 0;
    for (size_t i = 0; i < page->n_referrals && count < SEEN_MOST; i++) {
        const Vouch__V1__Referral *referral = page->referrals[i]->referral;
        seen[count++] = (struct seen){.id = referral->id,
                                      .referrer = referral->referrer,
                                      .receiver = referral->receiver,
                                      .connector = referral->connector,
                                      .state = referral->state,
                                      .lead = referral->lead,
                                      .snoozes = referral->clock == NULL ? 0 : referral->clock->snoozes};
    }
    return count;
}

static enum vouch_status move(struct sim *sim, uint64_t member, uint64_t referral, Vouch__V1__ReferralVerb verb,
                              uint64_t receiver)
{
    Vouch__V1__ReferralText text = VOUCH__V1__REFERRAL_TEXT__INIT;
    Vouch__V1__Money value = VOUCH__V1__MONEY__INIT;
    Vouch__V1__ReferralMove asked = VOUCH__V1__REFERRAL_MOVE__INIT;
    text.reason = "they said so on the phone";
    text.note = "Thank you. Dana speaks highly of you.";
    text.vouch = verb == VERB(ATTEST) ? "we worked together for six years" : text.vouch;
    value.minor = 10000 + (int64_t)sim_below(sim, 900000);
    value.currency = "EUR";
    asked.referral = referral;
    asked.verb = verb;
    asked.receiver = receiver;
    asked.text = &text;
    asked.value = verb == VERB(WIN) ? &value : NULL;
    asked.until_ms = verb == VERB(SNOOZE) ? sim->world->now_ms + (1 + (int64_t)sim_below(sim, 60)) * SIM_DAY_MS : 0;
    return sim_try(sim, member, REQUEST_OF(REFERRAL_MOVE, referral_move, &asked));
}

/* As who has it on their desk. */
static Vouch__V1__ReferralVerb receivers_verb(struct sim *sim, const struct seen *seen)
{
    uint64_t dice = sim_below(sim, 100);
    switch (seen->state) {
    case STATE(OFFERED):
        return dice < 15 ? VERB(DECLINE) : dice < 18 ? VERB(SNOOZE) : VERB(ACCEPT);
    case STATE(ACCEPTED):
        return dice < 5 ? VERB(SNOOZE) : VERB(CONTACT);
    case STATE(CONTACTED):
        return dice < 55 ? VERB(MEET) : dice < 70 ? VERB(UPDATE) : dice < 75 ? VERB(SNOOZE) : VERB(LOSE);
    case STATE(MEETING):
        return dice < 50 ? VERB(QUALIFY) : dice < 80 ? VERB(UPDATE) : dice < 85 ? VERB(SNOOZE) : VERB(LOSE);
    case STATE(OPPORTUNITY):
        return dice < 45 ? VERB(WIN) : dice < 75 ? VERB(UPDATE) : dice < 80 ? VERB(SNOOZE) : VERB(LOSE);
    default:
        return VERB(REFERRAL_VERB_NONE);
    }
}

static Vouch__V1__ReferralVerb referrers_verb(struct sim *sim, const struct seen *seen)
{
    uint64_t dice = sim_below(sim, 100);
    if (dice < 2) {
        return seen->lead ? VERB(ATTEST) : VERB(DISOWN);
    }
    switch (seen->state) {
    case STATE(DRAFT):
    case STATE(CONSENT_WAIT):
        return dice < 10 ? VERB(WITHDRAW) : VERB(REGISTER);
    case STATE(REGISTERED):
    case STATE(DECLINED):
        return dice < 10 ? VERB(WITHDRAW) : VERB(OFFER);
    case STATE(GHOSTED):
        return dice < 20 ? VERB(WITHDRAW) : dice < 50 ? VERB(OFFER) : VERB(REFERRAL_VERB_NONE);
    default:
        return VERB(REFERRAL_VERB_NONE);
    }
}

static void act_on(struct sim *sim, struct sim_rep *rep, const struct seen *seen)
{
    bool working = seen->state == STATE(OFFERED) ||
                   (seen->state >= STATE(ACCEPTED) && seen->state <= STATE(OPPORTUNITY));
    Vouch__V1__ReferralVerb verb = VERB(REFERRAL_VERB_NONE);
    if (seen->state == STATE(CONSENT_WAIT) && seen->connector == rep->id) {
        verb = sim_chance(sim, 700) ? VERB(INTRODUCE) : VERB(NO_PATH);
    } else if (working && seen->receiver == rep->id) {
        verb = rep->manner == SIM_GHOST ? VERB(REFERRAL_VERB_NONE) : receivers_verb(sim, seen);
    } else if (seen->referrer == rep->id) {
        verb = referrers_verb(sim, seen);
    }
    uint64_t receiver = verb == VERB(OFFER) ? sim_somebody(sim)->id : 0;
    if (verb == VERB(REFERRAL_VERB_NONE) || (verb == VERB(OFFER) && receiver == rep->id)) {
        return;
    }
    if (move(sim, rep->id, seen->id, verb, receiver) != VOUCH_OK || verb != VERB(WIN)) {
        return;
    }
    sim->won[sim->won_count++ % SIM_DEALS] = seen->id;
    if (sim_chance(sim, 700)) {
        sim->paid[sim->paid_count++ % SIM_DEALS] = world_pay(sim->world, seen->id,
                                                             1000 + (int64_t)sim_below(sim, 9000));
    }
}

void sim_desk(struct sim *sim, struct sim_rep *rep)
{
    struct seen seen[SEEN_MOST];
    Vouch__V1__Reply reply;
    Vouch__V1__ReferralList list = VOUCH__V1__REFERRAL_LIST__INIT;
    list.limit = SEEN_MOST;
    enum vouch_status status = world_ask(sim->world, rep->id, REQUEST_OF(REFERRAL_LIST, referral_list, &list), &reply);
    cr_assert_eq(status, VOUCH_OK, "%s", sim->world->why.text);
    size_t count = see(reply.referrals, seen);
    for (size_t i = 0; i < count; i++) {
        bool slowly = seen[i].state >= STATE(CONTACTED) && seen[i].state <= STATE(OPPORTUNITY);
        if (sim_chance(sim, slowly ? 100 : 600)) {
            act_on(sim, rep, &seen[i]);
        }
    }
}

/* ---- a new one ---- */

void sim_refer(struct sim *sim, const struct sim_rep *rep, uint64_t ask)
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
        submit.source = sim_some_contact(sim, rep);
    }
    sim_try(sim, rep->id, REQUEST_OF(REFERRAL_SUBMIT, referral_submit, &submit));
}

/* ---- a manager ---- */

static void review(struct sim *sim, struct sim_rep *manager, uint64_t referral)
{
    Vouch__V1__ReferralReview review = VOUCH__V1__REFERRAL_REVIEW__INIT;
    review.referral = referral;
    review.verdict = sim_chance(sim, 700) ? VOUCH__V1__REFERRAL_REVIEW__VERDICT__RELEASE
                                          : VOUCH__V1__REFERRAL_REVIEW__VERDICT__REJECT;
    review.reason = "we looked into it";
    sim_try(sim, manager->id, REQUEST_OF(REFERRAL_REVIEW, referral_review, &review));
}

void sim_queue(struct sim *sim, struct sim_rep *manager)
{
    struct seen seen[SEEN_MOST];
    size_t count = 0;
    Vouch__V1__Reply reply;
    Vouch__V1__TeamQueue queue = VOUCH__V1__TEAM_QUEUE__INIT;
    queue.limit = SEEN_MOST;
    enum vouch_status status = world_ask(sim->world, manager->id, REQUEST_OF(TEAM_QUEUE, team_queue, &queue), &reply);
    cr_assert_eq(status, VOUCH_OK, "%s", sim->world->why.text);
    for (size_t i = 0; i < reply.queue->n_rows; i++) {
        const Vouch__V1__Referral *referral = reply.queue->rows[i]->referral->referral;
        seen[count++] = (struct seen){.id = referral->id, .state = referral->state, .referrer = referral->referrer};
    }
    for (size_t i = 0; i < count; i++) {
        if (seen[i].state == STATE(HELD)) {
            review(sim, manager, seen[i].id);
            continue;
        }
        uint64_t receiver = sim_somebody(sim)->id;
        if (receiver != seen[i].referrer) {
            move(sim, manager->id, seen[i].id, sim_chance(sim, 700) ? VERB(OFFER) : VERB(WITHDRAW), receiver);
        }
    }
}
