/* SPDX-License-Identifier: Apache-2.0
 *
 * Clocks: no open referral is without somebody who has to act by a time, each clock has exactly its row in the timer
 * queue, and what is counted for and against members is what the journal tells. */
#include "apply/clocks.h"
#include "query/brief.h"
#include "query/checking.h"

#define BODY(name) VOUCH__V1__EVENT__BODY_##name
#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name
#define STATE(name) VOUCH__V1__REFERRAL_STATE__##name
#define STAGE(name) VOUCH__V1__CLOCK__STAGE__##name

/* A draft was shown to nobody; who waits for a claim is promoted by the claim's timer; CONSENT_WAIT has a time but no
 * clock; and history from other systems runs nowhere. */
static bool needs_clock(const Vouch__V1__Referral *referral)
{
    return referral_state_is_open(referral->state) && referral->state != STATE(DRAFT) &&
           referral->state != STATE(CONSENT_WAIT) && referral->state != STATE(DUPLICATE_WAIT) && !referral->imported;
}

static bool is_in_order(const Vouch__V1__Clock *clock)
{
    bool ends = clock->pass_ms == 0 || clock->pass_ms >= clock->due_ms;
    return clock->start_ms <= clock->half_ms && clock->half_ms <= clock->last_ms && clock->last_ms <= clock->due_ms &&
           ends && clock->stage <= STAGE(PASSED) && clock_next_ms(clock) > 0;
}

void check_clock(struct check *check, const Vouch__V1__Referral *referral)
{
    const Vouch__V1__Clock *clock = referral->clock;
    bool waits = referral->state == STATE(CONSENT_WAIT);
    struct key row;
    if (needs_clock(referral) != (clock != NULL) || (waits && !referral->imported && referral->due_ms == 0)) {
        finding(check, "R%" PRIu64 " is %s and its clock says otherwise", referral->id,
                referral_state_name(referral->state));
    }
    if (clock == NULL ? !waits && referral->due_ms != 0 : referral->due_ms != clock->due_ms) {
        finding(check, "R%" PRIu64 " shows another end of its clock than the clock has", referral->id);
    }
    if (clock != NULL && !is_in_order(clock)) {
        finding(check, "R%" PRIu64 ": the moments of its clock are in no order", referral->id);
        return;
    }
    if (clock_row(referral, &row)) {
        expect_row(check, TABLE_DUE, &row, "the clock of referral", referral->id);
    }
}

/* ---- obligations ---- */

static void count(struct check *check, enum tally tally, uint64_t member, uint32_t day)
{
    struct key key = key_obligation(member, day);
    tally_add(check, tally, &key, 1);
}

/* To whom a referral was offered last before this event. */
static uint64_t receiver_at(struct check *check, uint64_t id, uint64_t sequence)
{
    const Vouch__V1__Referral *referral = record_referral(check->view, id, check->arena);
    for (size_t i = referral == NULL ? 0 : referral->n_steps; i > 0; i--) {
        const Vouch__V1__ReferralStep *step = referral->steps[i - 1];
        bool offers = step->verb == VERB(OFFER) || step->verb == VERB(SUBMIT);
        const Vouch__V1__Event *event = offers && step->sequence < sequence
                                            ? record_event(check->view, step->sequence, check->arena)
                                            : NULL;
        if (event != NULL && event->body_case == BODY(REFERRAL_MOVED)) {
            return event->referral_moved->receiver;
        }
        if (event != NULL && event->body_case == BODY(REFERRAL_SUBMITTED)) {
            return event->referral_submitted->referral->receiver;
        }
    }
    return 0;
}

static void count_kept(struct check *check, struct slice key)
{
    uint64_t sequence = slice_u64(key, 0);
    const Vouch__V1__Event *event = record_event(check->view, sequence, check->arena);
    if (event == NULL) {
        return;
    }
    if (event->body_case == BODY(CLOCK_RUNG) && event->clock_rung->missed) {
        count(check, TALLY_MISSED, event->clock_rung->clock->member, event->clock_rung->day);
    } else if (event->body_case == BODY(REFERRAL_MOVED) && event->referral_moved->kept_day != 0) {
        count(check, TALLY_KEPT, receiver_at(check, event->referral_moved->referral, sequence),
              event->referral_moved->kept_day);
    } else if (event->body_case == BODY(INTEL_MOVED) && event->intel_moved->kept_day != 0) {
        const Vouch__V1__Intel *intel = record_get(check->view, TABLE_INTEL, event->intel_moved->intel,
                                                   &vouch__v1__intel__descriptor, check->arena);
        count(check, TALLY_KEPT, intel == NULL ? 0 : intel->to, event->intel_moved->kept_day);
    }
}

static void look_at_event(struct check *check, struct slice key, struct slice value)
{
    struct event_brief brief;
    if (event_brief_read(value, &brief) &&
        (brief.body == BODY(CLOCK_RUNG) || brief.body == BODY(REFERRAL_MOVED) || brief.body == BODY(INTEL_MOVED))) {
        count_kept(check, key);
    }
}

static void check_row(struct check *check, struct slice key, struct slice value)
{
    struct obligation row = obligation_read(value);
    uint64_t member = slice_u64(key, 0);
    uint32_t day = obligation_day(key);
    struct key name = key_obligation(member, day);
    int64_t kept = tally_take(check, TALLY_KEPT, &name);
    int64_t missed = tally_take(check, TALLY_MISSED, &name);
    if (kept != row.kept || missed != row.missed) {
        finding(check,
                "member %" PRIu64 " on %" PRIu32 ": kept %" PRIu32 " and missed %" PRIu32
                ", the journal tells of %" PRId64 " and %" PRId64,
                member, day, row.kept, row.missed, kept, missed);
    }
}

void check_obligations(struct check *check)
{
    for_each_row(check, TABLE_JOURNAL, look_at_event);
    for_each_row(check, TABLE_OBLIGATION, check_row);
}
