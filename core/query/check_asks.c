/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks and intel against their indexes and timers, and against each other: no contact was asked more often than one
 * after the other, and a referral that came of an ask says so. */
#include "apply/apply.h"
#include "apply/bonds.h"
#include "domain/ask_moves.h"
#include "query/checking.h"

#define ASK(name) VOUCH__V1__ASK_STATE__##name
#define INTEL(name) VOUCH__V1__INTEL_STATE__INTEL_##name

static void check_ask_referrals(struct check *check, const Vouch__V1__Ask *ask)
{
    for (size_t i = 0; i < ask->n_referrals; i++) {
        const Vouch__V1__Referral *referral = record_referral(check->view, ask->referrals[i], check->arena);
        if (referral == NULL || referral->source == NULL || referral->source->ask != ask->id) {
            finding(check, "A%" PRIu64 " names R%" PRIu64 ", which did not come of it", ask->id, ask->referrals[i]);
        }
    }
}

/* The answers that each state can have. */
static bool answer_fits(const Vouch__V1__Ask *ask)
{
    switch (ask->state) {
    case ASK(PREPARED):
    case ASK(ASKED):
        return ask->answer == 0;
    case ASK(YES_NAMED):
    case ASK(YES_LATER):
    case ASK(NO):
    case ASK(NO_REPLY):
        return ask->answer == ask->state;
    default:
        return true;
    }
}

static void check_ask(struct check *check, struct slice key, struct slice value)
{
    (void)value;
    uint64_t id = slice_u64(key, 0);
    const Vouch__V1__Ask *ask = record_ask(check->view, id, check->arena);
    check->expected[TABLE_ASK] = id;
    if (ask == NULL || ask->id != id || ask->state == 0 || ask->state >= ASK_STATES) {
        finding(check, "A%" PRIu64 " cannot be read", id);
        return;
    }
    struct key member = key_ask_member(ask->member, ask->state, id);
    expect_row(check, TABLE_ASK_MEMBER, &member, "ask", id);
    if (ask->asked_ms != 0) {
        struct key contact = key_ask_contact(ask->contact, ask->asked_ms, id);
        expect_row(check, TABLE_ASK_CONTACT, &contact, "ask", id);
    }
    if (ask->due_ms != 0) {
        struct key due = key_due(ask->due_ms, DUE_ASK_ENDS, id);
        expect_row(check, TABLE_DUE, &due, "ask", id);
    }
    bool asked = ask->state != ASK(PREPARED) && ask->state != ASK(DROPPED);
    if (!answer_fits(ask) || (ask->due_ms != 0) != (ask->state == ASK(ASKED)) || (asked && ask->asked_ms == 0) ||
        !record_exists(check->view, TABLE_MEMBER, ask->member) ||
        !record_exists(check->view, TABLE_CONTACT, ask->contact)) {
        finding(check, "A%" PRIu64 " contradicts itself", id);
    }
    check_ask_referrals(check, ask);
}

static void check_intel(struct check *check, struct slice key, struct slice value)
{
    (void)value;
    uint64_t id = slice_u64(key, 0);
    const Vouch__V1__Intel *intel = record_intel(check->view, id, check->arena);
    check->expected[TABLE_INTEL] = id;
    if (intel == NULL || intel->id != id) {
        finding(check, "I%" PRIu64 " cannot be read", id);
        return;
    }
    struct key from = key_intel_member(intel->from, INTEL_GAVE, intel->state, id);
    struct key to = key_intel_member(intel->to, INTEL_WAS_OFFERED, intel->state, id);
    expect_row(check, TABLE_INTEL_MEMBER, &from, "intel", id);
    expect_row(check, TABLE_INTEL_MEMBER, &to, "intel", id);
    if (intel_rings_ms(intel) != 0) {
        struct key due = key_due(intel_rings_ms(intel), DUE_INTEL_RINGS, id);
        expect_row(check, TABLE_DUE, &due, "intel", id);
    }
    bool closed = intel->state == INTEL(USED) || intel->state == INTEL(NOT_USED);
    if (intel->from == intel->to || (intel->clock != NULL) != (intel->state == INTEL(OFFERED)) ||
        (intel->closed_ms != 0) != closed || !record_exists(check->view, TABLE_MEMBER, intel->to) ||
        !record_exists(check->view, TABLE_MEMBER, intel->from) ||
        !record_exists(check->view, TABLE_COMPANY, intel->company)) {
        finding(check, "I%" PRIu64 " contradicts itself", id);
    }
}

void check_asks(struct check *check)
{
    for_each_row(check, TABLE_ASK, check_ask);
    for_each_row(check, TABLE_INTEL, check_intel);
    expect_counter(check, "last_ask", check->expected[TABLE_ASK]);
    expect_counter(check, "last_intel", check->expected[TABLE_INTEL]);
    expect_rows(check, TABLE_ASK_MEMBER);
    expect_rows(check, TABLE_ASK_CONTACT);
    expect_rows(check, TABLE_INTEL_MEMBER);
}
