/* SPDX-License-Identifier: Apache-2.0
 *
 * What reports count, against the referrals, their steps, and the money of their deals. */
#include "apply/books.h"
#include "apply/fact.h"
#include "query/checking.h"

#include <string.h>

#define STATE(name) VOUCH__V1__REFERRAL_STATE__##name
#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name

/* When a referral first went that step; 0: never. */
static int64_t first_ms(const Vouch__V1__Referral *referral, Vouch__V1__ReferralVerb verb)
{
    for (size_t i = 0; i < referral->n_steps; i++) {
        if (referral->steps[i]->verb == verb) {
            return referral->steps[i]->time_ms;
        }
    }
    return 0;
}

static bool is_closed(Vouch__V1__ReferralState state)
{
    return state == STATE(WON) || state == STATE(LOST) || state == STATE(WITHDRAWN) || state == STATE(EXPIRED);
}

/* The step that closed it; NULL while it is open. */
static const Vouch__V1__ReferralStep *closing(const Vouch__V1__Referral *referral)
{
    for (size_t i = 0; i < referral->n_steps; i++) {
        if (is_closed(referral->steps[i]->to)) {
            return referral->steps[i];
        }
    }
    return NULL;
}

/* Of what was imported the step tells when that was done. */
static int64_t closed_ms(const Vouch__V1__Referral *referral)
{
    const Vouch__V1__ReferralStep *step = closing(referral);
    return step == NULL ? 0 : referral->imported ? referral->changed_ms : step->time_ms;
}

/* Whether nobody vouched for it after an event of its. */
static bool lead_after(const Vouch__V1__Event *event, bool before)
{
    switch (event->body_case) {
    case VOUCH__V1__EVENT__BODY_REFERRAL_SUBMITTED:
        return event->referral_submitted->referral->lead;
    case VOUCH__V1__EVENT__BODY_REFERRAL_IMPORTED:
        return event->referral_imported->referral->lead;
    case VOUCH__V1__EVENT__BODY_REFERRAL_MOVED:
        return event->referral_moved->verb == VERB(DISOWN) || (before && !event->referral_moved->vouched);
    default:
        return before;
    }
}

/* What it was when it was registered: by the events up to then. */
static bool lead_first(struct check *check, const Vouch__V1__Referral *referral)
{
    bool lead = referral->lead;
    for (size_t i = 0; i < referral->n_steps; i++) {
        const Vouch__V1__ReferralStep *step = referral->steps[i];
        const Vouch__V1__Event *event = record_event(check->view, step->sequence, check->arena);
        lead = event == NULL ? lead : lead_after(event, lead);
        bool registered = step->to == STATE(REGISTERED) || (i == 0 && step->to == STATE(OFFERED));
        if (registered || referral->imported) {
            return lead;
        }
    }
    return lead;
}

static bool was_displaced(const Vouch__V1__Referral *referral)
{
    bool displaced = false;
    for (size_t i = 0; i < referral->n_steps; i++) {
        Vouch__V1__ReferralVerb verb = referral->steps[i]->verb;
        displaced = verb == VERB(DISPLACE) || (displaced && verb != VERB(PROMOTE) && verb != VERB(CHOOSE));
    }
    return displaced;
}

/* Why a deal was canceled is not in its record: of those either flag may be set. */
static bool flags_agree(struct check *check, const Vouch__V1__Referral *referral, uint8_t flags)
{
    uint8_t expected = referral->lead ? FACT_LEAD_NOW : 0;
    uint8_t open = 0;
    expected |= lead_first(check, referral) ? FACT_LEAD_FIRST : 0;
    expected |= referral->imported ? FACT_IMPORTED : 0;
    expected |= was_displaced(referral) ? FACT_DUPLICATE : 0;
    if (referral->state == STATE(WON) && !referral->imported) {
        const Vouch__V1__Deal *deal = record_deal(check->view, referral->id, check->arena);
        open = deal != NULL && deal->canceled ? FACT_DUPLICATE | FACT_FRAUD : 0;
    }
    return ((flags ^ expected) & ~open) == 0;
}

static void check_fact(struct check *check, const Vouch__V1__Referral *referral)
{
    struct fact fact;
    check->expected[TABLE_FACT]++;
    if (!fact_get(check->view, referral->registered_ms, referral->id, &fact)) {
        finding(check, "R%" PRIu64 " is registered and has no row in %s", referral->id, table_name(TABLE_FACT));
        return;
    }
    bool parties = fact.referrer == referral->referrer && fact.receiver == referral->receiver &&
                   fact.prospect == referral->prospect &&
                   fact.ask == (referral->source == NULL ? 0 : referral->source->ask) &&
                   fact.source == (referral->source == NULL ? 0 : (uint8_t)referral->source->kind);
    bool times = fact.accepted_ms == first_ms(referral, VERB(ACCEPT)) &&
                 fact.contacted_ms == first_ms(referral, VERB(CONTACT)) &&
                 fact.meeting_ms == first_ms(referral, VERB(MEET)) &&
                 fact.opportunity_ms == first_ms(referral, VERB(QUALIFY)) && fact.closed_ms == closed_ms(referral);
    bool rest = fact.state == (uint8_t)referral->state && flags_agree(check, referral, fact.flags) &&
                fact.ghosts == (referral->n_ghosts < UINT8_MAX ? referral->n_ghosts : UINT8_MAX);
    if (!parties || !times || !rest) {
        finding(check, "R%" PRIu64 ": its row in %s tells something else (%s)", referral->id, table_name(TABLE_FACT),
                !parties ? "parties"
                : !times ? "times"
                         : "state");
    }
}

/* A row of revenue that must be there, with this amount. */
static void expect_revenue(struct check *check, const Vouch__V1__Referral *referral, const struct key *key,
                           const Vouch__V1__Money *amount, int64_t minor)
{
    struct slice value;
    check->expected[TABLE_REVENUE]++;
    if (!table_get(check->view, TABLE_REVENUE, key_slice(key), &value)) {
        finding(check, "R%" PRIu64 ": something of its money has no row in %s", referral->id,
                table_name(TABLE_REVENUE));
        return;
    }
    struct revenue row = revenue_read(key_slice(key), value);
    if (row.minor != minor || strcmp(row.currency, amount->currency) != 0 || row.referral != referral->id ||
        row.referrer != referral->referrer || row.receiver != referral->receiver ||
        row.prospect != referral->prospect ||
        row.source != (referral->source == NULL ? 0 : (uint8_t)referral->source->kind)) {
        finding(check, "R%" PRIu64 ": a row in %s tells something else", referral->id, table_name(TABLE_REVENUE));
    }
}

static void check_won(struct check *check, const Vouch__V1__Referral *referral)
{
    if (referral->state != STATE(WON) || referral->value == NULL || referral->value->minor == 0) {
        return;
    }
    const Vouch__V1__ReferralStep *step = closing(referral);
    uint64_t sequence = step == NULL ? 0 : step->sequence;
    struct key key = key_revenue(closed_ms(referral), REVENUE_BOOKED, sequence, 0);
    expect_revenue(check, referral, &key, referral->value, referral->value->minor);
}

static void check_referral(struct check *check, struct slice key, struct slice value)
{
    (void)value;
    const Vouch__V1__Referral *referral = record_referral(check->view, slice_u64(key, 0), check->arena);
    if (referral == NULL) {
        return; /* told by check_referrals */
    }
    if (referral->registered_ms > 0) {
        check_fact(check, referral);
    }
    check_won(check, referral);
}

static void check_payment(struct check *check, struct slice key, struct slice value)
{
    (void)value;
    const Vouch__V1__Payment *payment = record_payment(check->view, slice_u64(key, 0), check->arena);
    const Vouch__V1__Referral *referral = payment == NULL
                                              ? NULL
                                              : record_referral(check->view, payment->referral, check->arena);
    if (referral == NULL || payment->amount == NULL) {
        return; /* told by check_deals */
    }
    if (payment->amount->minor != 0) {
        struct key paid = key_revenue(payment->received_ms, REVENUE_PAID, payment->sequence, payment->id);
        expect_revenue(check, referral, &paid, payment->amount, payment->amount->minor);
    }
    for (size_t i = 0; i < payment->n_refunds; i++) {
        const Vouch__V1__Refund *refund = payment->refunds[i];
        struct key refunded = key_revenue(refund->refunded_ms, REVENUE_REFUNDED, refund->sequence, payment->id);
        expect_revenue(check, referral, &refunded, payment->amount, -refund->minor);
    }
}

/* Which event canceled a deal is not in its record, so that is looked at from the row. */
static void check_row(struct check *check, struct slice key, struct slice value)
{
    struct revenue revenue = revenue_read(key, value);
    if (revenue.kind != REVENUE_CANCELED) {
        return;
    }
    check->expected[TABLE_REVENUE]++;
    const Vouch__V1__Deal *deal = record_deal(check->view, revenue.referral, check->arena);
    if (deal == NULL || !deal->canceled || deal->value->minor != -revenue.minor) {
        finding(check, "R%" PRIu64 ": %s has it as canceled, its deal does not", revenue.referral,
                table_name(TABLE_REVENUE));
    }
}

static void check_canceled(struct check *check, struct slice key, struct slice value)
{
    (void)value;
    const Vouch__V1__Deal *deal = record_deal(check->view, slice_u64(key, 0), check->arena);
    if (deal != NULL && deal->canceled && deal->value->minor != 0) {
        check->canceled++;
    }
}

static void count_canceled(struct check *check, struct slice key, struct slice value)
{
    check->canceled -= revenue_read(key, value).kind == REVENUE_CANCELED ? 1 : 0;
}

void check_facts(struct check *check)
{
    for_each_row(check, TABLE_REFERRAL, check_referral);
    for_each_row(check, TABLE_PAYMENT, check_payment);
    for_each_row(check, TABLE_REVENUE, check_row);
    for_each_row(check, TABLE_DEAL, check_canceled);
    for_each_row(check, TABLE_REVENUE, count_canceled);
    if (check->canceled != 0) {
        finding(check, "%s has %" PRId64 " canceled deals too few", table_name(TABLE_REVENUE), check->canceled);
    }
    expect_rows(check, TABLE_FACT);
    expect_rows(check, TABLE_REVENUE);
}
