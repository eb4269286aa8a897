/* SPDX-License-Identifier: Apache-2.0
 *
 * Referrals: their indexes, their steps and the events behind them, their timers, and the recount of the totals. */
#include "apply/apply.h"
#include "apply/claims.h"
#include "apply/clocks.h"
#include "query/checking.h"

#include <string.h>

/* The referral that an event is about, and the state it leads to. */
static uint64_t event_referral(const Vouch__V1__Event *event, Vouch__V1__ReferralState *to)
{
    switch (event->body_case) {
    case VOUCH__V1__EVENT__BODY_REFERRAL_SUBMITTED:
        *to = event->referral_submitted->referral->state;
        return event->referral_submitted->referral->id;
    case VOUCH__V1__EVENT__BODY_REFERRAL_IMPORTED:
        *to = event->referral_imported->referral->state;
        return event->referral_imported->referral->id;
    case VOUCH__V1__EVENT__BODY_REFERRAL_MOVED:
        *to = event->referral_moved->to;
        return event->referral_moved->referral;
    default:
        *to = VOUCH__V1__REFERRAL_STATE__REFERRAL_STATE_NONE;
        return 0;
    }
}

static void check_steps(struct check *check, const Vouch__V1__Referral *referral)
{
    uint64_t before = 0;
    Vouch__V1__ReferralState state = VOUCH__V1__REFERRAL_STATE__REFERRAL_STATE_NONE;
    for (size_t i = 0; i < referral->n_steps; i++) {
        const Vouch__V1__ReferralStep *step = referral->steps[i];
        Vouch__V1__ReferralState to;
        const Vouch__V1__Event *event = record_event(check->view, step->sequence, check->arena);
        if (event == NULL || event_referral(event, &to) != referral->id || to != step->to ||
            event->time_ms != step->time_ms ||
            step->actor != (referral_verb_is_brokers(step->verb) ? 0 : event->actor) || step->sequence <= before) {
            finding(check, "R%" PRIu64 ": step %zu does not agree with event %" PRIu64, referral->id, i + 1,
                    step->sequence);
        }
        before = step->sequence;
        state = step->to;
    }
    if (state != referral->state) {
        finding(check, "R%" PRIu64 " is %s, its last step led to %s", referral->id,
                referral_state_name(referral->state), referral_state_name(state));
    }
}

/* Each credit is what its event says; by their sequence they are in order. */
static void check_touches(struct check *check, const Vouch__V1__Referral *referral)
{
    uint64_t before = 0;
    for (size_t i = 0; i < referral->n_touches; i++) {
        const Vouch__V1__Touch *touch = referral->touches[i];
        const Vouch__V1__Event *event = record_event(check->view, touch->sequence, check->arena);
        const Vouch__V1__ReferralCredited *credited = event != NULL && event->body_case ==
                                                                           VOUCH__V1__EVENT__BODY_REFERRAL_CREDITED
                                                          ? event->referral_credited
                                                          : NULL;
        if (credited == NULL || credited->referral != referral->id || credited->member != touch->member ||
            credited->kind != touch->kind || event->time_ms != touch->time_ms || event->actor != touch->by ||
            touch->sequence <= before) {
            finding(check, "R%" PRIu64 ": credit %zu does not agree with event %" PRIu64, referral->id, i + 1,
                    touch->sequence);
        }
        before = touch->sequence;
    }
}

static void expect_party(struct check *check, uint64_t member, enum referral_party party,
                         const Vouch__V1__Referral *referral)
{
    if (member == 0) {
        return;
    }
    struct key key = key_referral_member(member, party, referral->state, referral->id);
    expect_row(check, TABLE_REFERRAL_MEMBER, &key, "referral", referral->id);
    if (!record_exists(check->view, TABLE_MEMBER, member)) {
        finding(check, "R%" PRIu64 ": its %s, member %" PRIu64 ", is not there", referral->id,
                referral_party_name(party), member);
    }
}

/* The row of its claim. Who waits, waits for somebody, and a timer sees to it: of the holder, or, where there is none,
 * of the first in the queue. Each claim is looked at through the first that waits for it. */
static void check_claim(struct check *check, const Vouch__V1__Referral *referral)
{
    struct claim_row holder, first;
    enum claim_rank rank = claim_rank_of(referral);
    bool waits = rank == CLAIM_WAITS || rank == CLAIM_LEAD_WAITS;
    if (waits != (referral->state == VOUCH__V1__REFERRAL_STATE__DUPLICATE_WAIT)) {
        finding(check, "R%" PRIu64 " is %s and its claim says otherwise", referral->id,
                referral_state_name(referral->state));
    }
    if (rank == CLAIM_NO_ROW) {
        return;
    }
    struct key row = key_claim_of(referral);
    expect_row(check, TABLE_CLAIM, &row, "the claim of referral", referral->id);
    uint64_t company = referral->prospect, product = referral->claim->product_key;
    bool held = claim_find(check->view, company, product, CLAIM_HOLDS, CLAIM_HOLDS, NULL, &holder);
    if (rank == CLAIM_HOLDS && held &&
        (holder.referral != referral->id || holder.until_ms != referral->claim->until_ms)) {
        finding(check, "R%" PRIu64 " and R%" PRIu64 " hold one claim", referral->id, holder.referral);
    }
    if (waits && claim_find(check->view, company, product, CLAIM_WAITS, CLAIM_LEAD_WAITS, NULL, &first) &&
        first.referral == referral->id) {
        struct key timer = held ? key_due(holder.until_ms, DUE_CLAIM_ENDS, holder.referral)
                                : key_due(0, DUE_CLAIM_ENDS, first.referral);
        expect_row(check, TABLE_DUE, &timer, "the claim that waits with referral", referral->id);
    }
}

static void count_referral(struct check *check, const Vouch__V1__Referral *referral)
{
    if (referral->state < REFERRAL_STATES) {
        check->states[referral->state]++;
    }
    check->imported += referral->imported ? 1 : 0;
    bool won = referral->state == VOUCH__V1__REFERRAL_STATE__WON;
    if (won && referral->value != NULL && strlen(referral->value->currency) == 3) {
        struct currency_sums *sums = sums_of(check, referral->value->currency);
        sums->won++;
        sums->won_minor += referral->value->minor;
    }
    if (won && !referral->imported) {
        check->expected[TABLE_DEAL]++;
        if (!record_exists(check->view, TABLE_DEAL, referral->id)) {
            finding(check, "R%" PRIu64 " is won and has no deal", referral->id);
        }
    }
}

static void check_referral(struct check *check, struct slice key, struct slice value)
{
    (void)value;
    uint64_t id = slice_u64(key, 0);
    const Vouch__V1__Referral *referral = record_referral(check->view, id, check->arena);
    check->expected[TABLE_REFERRAL] = id;
    if (referral == NULL || referral->id != id) {
        finding(check, "R%" PRIu64 " cannot be read", id);
        return;
    }
    expect_party(check, referral->referrer, PARTY_REFERRER, referral);
    expect_party(check, referral->receiver, PARTY_RECEIVER, referral);
    expect_party(check, referral->connector, PARTY_CONNECTOR, referral);
    check_claim(check, referral);
    if (!record_exists(check->view, TABLE_COMPANY, referral->prospect)) {
        finding(check, "R%" PRIu64 ": its prospect is not there", id);
    }
    struct key queued;
    if (queue_row(referral, &queued)) {
        expect_row(check, TABLE_REFERRAL_MEMBER, &queued, "what waits for managers, referral", id);
    }
    check_clock(check, referral);
    count_referral(check, referral);
    check_steps(check, referral);
    check_touches(check, referral);
}

static void check_origin(struct check *check, struct slice key, struct slice value)
{
    (void)key;
    uint64_t id = slice_u64(value, 0);
    const Vouch__V1__Referral *referral = record_referral(check->view, id, check->arena);
    if (referral == NULL || !referral->imported) {
        finding(check, "referral_origin names R%" PRIu64 ", which was not imported", id);
    }
}

void check_referrals(struct check *check)
{
    for_each_row(check, TABLE_REFERRAL, check_referral);
    for_each_row(check, TABLE_REFERRAL_ORIGIN, check_origin);
    check->expected[TABLE_REFERRAL_ORIGIN] = (uint64_t)check->imported;
    expect_counter(check, "last_referral", check->expected[TABLE_REFERRAL]);
    expect_rows(check, TABLE_REFERRAL_MEMBER);
    expect_rows(check, TABLE_CLAIM);
    expect_rows(check, TABLE_REFERRAL_ORIGIN);
    expect_rows(check, TABLE_DEAL);
}
