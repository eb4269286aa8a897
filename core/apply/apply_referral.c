/* SPDX-License-Identifier: Apache-2.0
 *
 * Referrals: the record, its rows in the indexes of its parties, the clock of its state, who is told. Submitting is the
 * broker's most frequent command: every table touched here costs, so none is touched twice. */
#include "apply/fact.h"
#include "apply/parts.h"

#include "base/check.h"
#include "base/limits.h"

#define STATE(name) VOUCH__V1__REFERRAL_STATE__##name
#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name

static void index_put(struct view *view, uint64_t member, enum referral_party party,
                      const Vouch__V1__Referral *referral)
{
    if (member != 0) {
        struct key key = key_referral_member(member, party, referral->state, referral->id);
        row_put(view, TABLE_REFERRAL_MEMBER, &key);
    }
}

static void index_delete(struct view *view, uint64_t member, enum referral_party party,
                         const Vouch__V1__Referral *referral)
{
    if (member != 0) {
        struct key key = key_referral_member(member, party, referral->state, referral->id);
        row_delete(view, TABLE_REFERRAL_MEMBER, &key);
    }
}

static void state_count(struct view *view, Vouch__V1__ReferralState state, int64_t add)
{
    uint8_t subject = (uint8_t)state;
    struct key key = key_total(TOTAL_STATE, &subject, 1);
    number_add(view, TABLE_TOTAL, &key, add);
}

static void won_count(struct view *view, const Vouch__V1__Money *value)
{
    CHECK(value != NULL);
    struct key won = key_total(TOTAL_WON, value->currency, 3);
    number_add(view, TABLE_TOTAL, &won, 1);
    struct key minor = key_total(TOTAL_WON_MINOR, value->currency, 3);
    number_add(view, TABLE_TOTAL, &minor, value->minor);
}

static Vouch__V1__ReferralStep step_of(const struct application *application, Vouch__V1__ReferralVerb verb,
                                       Vouch__V1__ReferralState to)
{
    Vouch__V1__ReferralStep step = VOUCH__V1__REFERRAL_STEP__INIT;
    step.sequence = application->sequence;
    step.time_ms = application->event->time_ms;
    step.actor = referral_verb_is_brokers(verb) ? 0 : application->event->actor; /* whoever caused it */
    step.verb = verb;
    step.to = to;
    return step;
}

/* A referral that was not there before: record, indexes, claim, count, clock. */
static void add(struct application *application, Vouch__V1__Referral *referral)
{
    struct view *view = application->view;
    Vouch__V1__ReferralStep step = step_of(application, VERB(SUBMIT), referral->state);
    Vouch__V1__ReferralStep *steps[] = {&step};
    referral->steps = steps;
    referral->n_steps = 1;
    referral->text = NULL;
    record_put(view, TABLE_REFERRAL, referral->id, &referral->base, application->arena);
    referral->n_steps = 0;
    index_put(view, referral->referrer, PARTY_REFERRER, referral);
    index_put(view, referral->receiver, PARTY_RECEIVER, referral);
    index_put(view, referral->connector, PARTY_CONNECTOR, referral);
    claim_replace(application, NULL, referral);
    state_count(view, referral->state, 1);
    fact_step(application, NULL, referral, VERB(SUBMIT));
    clock_replace(view, NULL, referral);
    counter_reach(application, "last_referral", referral->id);
    if (referral->source != NULL && referral->source->ask != 0) {
        ask_take_referral(application, referral->source->ask, referral->id);
    }
}

void apply_referral_submitted(struct application *application, const Vouch__V1__ReferralSubmitted *submitted)
{
    CHECK(submitted->referral != NULL);
    Vouch__V1__Referral referral = *submitted->referral;
    bool registered = referral.state == STATE(REGISTERED) || referral.state == STATE(OFFERED);
    referral.registered_ms = registered ? application->event->time_ms : 0;
    referral.changed_ms = application->event->time_ms;
    Vouch__V1__Claim claim;
    if (referral.claim != NULL) {
        claim = *referral.claim;
        claim.sequence = application->sequence;
        referral.claim = &claim;
    }
    add(application, &referral);
    /* Told are those who are asked for something; a receiver who is only named hears of it when it is offered. */
    if (referral.state == STATE(OFFERED)) {
        inbox_add(application, referral.receiver);
    } else if (referral.state == STATE(CONSENT_WAIT)) {
        inbox_add(application, referral.connector);
    }
}

void apply_referral_imported(struct application *application, const Vouch__V1__ReferralImported *imported)
{
    CHECK(imported->referral != NULL);
    Vouch__V1__Referral referral = *imported->referral;
    CHECK(referral.imported && referral.due_ms == 0 && referral.clock == NULL);
    add(application, &referral);
    struct key origin = key_text(imported->origin);
    struct key id = key_u64(referral.id);
    table_put(application->view, TABLE_REFERRAL_ORIGIN, key_slice(&origin), key_slice(&id));
    struct key count = key_total(TOTAL_IMPORTED, NULL, 0);
    number_add(application->view, TABLE_TOTAL, &count, 1);
    if (referral.state == STATE(WON) && referral.value != NULL) {
        won_count(application->view, referral.value);
        revenue_add(application, &referral, REVENUE_BOOKED, referral.changed_ms, referral.value, 0);
    }
    if (referral.state == STATE(WON) || referral.state == STATE(LOST)) {
        segment_count(application, &referral);
    }
}

/* Since when the receiver who did not act had it; of one that came from another system that is not known. */
static int64_t offered_ms(const Vouch__V1__Referral *referral, int64_t unknown_ms)
{
    for (size_t i = referral->n_steps; i > 0; i--) {
        const Vouch__V1__ReferralStep *step = referral->steps[i - 1];
        if (step->to == STATE(OFFERED) && (step->verb == VERB(OFFER) || step->verb == VERB(SUBMIT))) {
            return step->time_ms;
        }
    }
    return unknown_ms;
}

/* A receiver did not act: they have no credit for what comes of it. */
static void add_ghost(struct application *application, Vouch__V1__Referral *now)
{
    uint64_t *ghosts = scratch(application, (now->n_ghosts + 1) * sizeof *ghosts);
    for (size_t i = 0; i < now->n_ghosts; i++) {
        if (now->ghosts[i] == now->receiver) {
            return;
        }
        ghosts[i] = now->ghosts[i];
    }
    ghosts[now->n_ghosts++] = now->receiver;
    now->ghosts = ghosts;
}

/* What a move changes besides the state. */
static void change_by_verb(struct application *application, const Vouch__V1__Referral *before, Vouch__V1__Referral *now,
                           const Vouch__V1__ReferralMoved *moved)
{
    switch (moved->verb) {
    case VERB(REGISTER):
        now->consent = now->consent || moved->to != STATE(CONSENT_WAIT);
        break;
    case VERB(INTRODUCE):
        now->consent = now->introduced = true;
        break;
    case VERB(NO_PATH):
        now->connector = 0;
        break;
    case VERB(OFFER):
        if (moved->from == STATE(GHOSTED)) {
            int64_t now_ms = application->event->time_ms;
            now->ghosted_ms += now_ms - offered_ms(before, now_ms);
        }
        now->receiver = moved->receiver;
        now->score_ppm = moved->score_ppm;
        now->attempt++;
        source_follow(application, now);
        break;
    case VERB(GHOST):
        add_ghost(application, now);
        break;
    case VERB(DISOWN):
        now->lead = true;
        break;
    case VERB(WIN):
        now->value = moved->value;
        now->reciprocal = moved->reciprocal;
        break;
    default:
        break;
    }
    if (moved->vouched) {
        now->lead = false;
    }
}

static bool is_with_receiver(Vouch__V1__ReferralState state)
{
    return state == STATE(OFFERED) || referral_state_is_work(state);
}

bool referral_is_with_receiver(const Vouch__V1__Referral *referral)
{
    return is_with_receiver(referral->state);
}

/* The claim after a move: as the event says, and gone when the referral is. The registration that first had one keeps
 * its place in the order of the journal. */
static Vouch__V1__Claim *claim_after(struct application *application, const Vouch__V1__Referral *before,
                                     const Vouch__V1__ReferralMoved *moved)
{
    const Vouch__V1__Claim *old = before->claim;
    const Vouch__V1__Claim *source = moved->claim != NULL ? moved->claim : old;
    if (source == NULL) {
        return NULL;
    }
    Vouch__V1__Claim *claim = scratch(application, sizeof *claim);
    *claim = *source;
    claim->sequence = old != NULL ? old->sequence : application->sequence;
    if (moved->to != STATE(WON) && !referral_state_is_open(moved->to)) {
        claim->place = VOUCH__V1__CLAIM__PLACE__PLACE_NONE;
        claim->holder = 0;
    }
    return claim;
}

/* Every step is told to the referrer; to the receiver while it is on their desk or table; to the connector while they
 * are asked, and when what they made possible is won. */
static void tell(struct application *application, const Vouch__V1__Referral *before, const Vouch__V1__Referral *now)
{
    inbox_add(application, now->referrer);
    bool with_receiver = is_with_receiver(before->state) || is_with_receiver(now->state);
    if (with_receiver && now->receiver != now->referrer) {
        inbox_add(application, now->receiver);
    }
    bool asked = before->state == STATE(CONSENT_WAIT) || now->state == STATE(CONSENT_WAIT);
    if (asked || (now->introduced && now->state == STATE(WON))) {
        inbox_add(application, now->connector);
    }
}

/* Whose help it was, and those who will pay it or share with them. */
static void tell_credit(struct application *application, const Vouch__V1__Referral *referral, uint64_t member)
{
    inbox_add(application, member);
    if (referral->referrer != member) {
        inbox_add(application, referral->referrer);
    }
    if (is_with_receiver(referral->state) && referral->receiver != member && referral->receiver != referral->referrer) {
        inbox_add(application, referral->receiver);
    }
}

void apply_referral_credited(struct application *application, const Vouch__V1__ReferralCredited *credited)
{
    const Vouch__V1__Referral *before = record_referral(application->view, credited->referral, application->arena);
    if (!is_there(application, before)) {
        return;
    }
    CHECK(before->n_touches < LIMIT_REFERRAL_TOUCHES);
    Vouch__V1__Referral now = *before;
    Vouch__V1__Touch touch = VOUCH__V1__TOUCH__INIT;
    touch.member = credited->member;
    touch.sequence = application->sequence;
    touch.time_ms = application->event->time_ms;
    touch.kind = credited->kind;
    touch.by = application->event->actor;
    now.touches = scratch(application, (before->n_touches + 1) * sizeof(Vouch__V1__Touch *));
    for (size_t i = 0; i < before->n_touches; i++) {
        now.touches[i] = before->touches[i];
    }
    now.touches[now.n_touches++] = &touch;
    record_put(application->view, TABLE_REFERRAL, now.id, &now.base, application->arena);
    tell_credit(application, &now, credited->member);
}

void apply_referral_moved(struct application *application, const Vouch__V1__ReferralMoved *moved)
{
    struct view *view = application->view;
    const Vouch__V1__Referral *before = record_referral(view, moved->referral, application->arena);
    if (!is_there(application, before)) {
        return;
    }
    CHECK(before->state == moved->from);
    Vouch__V1__Referral now = *before;
    Vouch__V1__ReferralStep step = step_of(application, moved->verb, moved->to);
    now.steps = scratch(application, (before->n_steps + 1) * sizeof(Vouch__V1__ReferralStep *));
    for (size_t i = 0; i < before->n_steps; i++) {
        now.steps[i] = before->steps[i];
    }
    now.steps[now.n_steps++] = &step;
    now.state = moved->to;
    now.due_ms = moved->clock != NULL ? moved->clock->due_ms : moved->due_ms;
    now.clock = moved->clock;
    now.changed_ms = application->event->time_ms;
    if (now.state == STATE(REGISTERED) && now.registered_ms == 0) {
        now.registered_ms = application->event->time_ms;
    }
    now.claim = claim_after(application, before, moved);
    change_by_verb(application, before, &now, moved);
    if (moved->kept_day != 0) {
        CHECK(before->clock != NULL);
        obligation_add(view, before->clock->member, moved->kept_day, (struct obligation){.kept = 1});
    }

    index_delete(view, before->referrer, PARTY_REFERRER, before);
    index_delete(view, before->receiver, PARTY_RECEIVER, before);
    index_delete(view, before->connector, PARTY_CONNECTOR, before);
    index_put(view, now.referrer, PARTY_REFERRER, &now);
    index_put(view, now.receiver, PARTY_RECEIVER, &now);
    index_put(view, now.connector, PARTY_CONNECTOR, &now);
    claim_replace(application, before, &now);
    state_count(view, before->state, -1);
    state_count(view, now.state, 1);
    clock_replace(view, before, &now);
    if (now.state == STATE(WON)) {
        won_count(view, now.value);
        revenue_add(application, &now, REVENUE_BOOKED, now.changed_ms, now.value, 0);
    }
    if (now.state == STATE(WON) || now.state == STATE(LOST)) {
        segment_count(application, &now);
    }
    fact_step(application, before, &now, moved->verb);
    record_put(view, TABLE_REFERRAL, now.id, &now.base, application->arena);
    tell(application, before, &now);
}
