/* SPDX-License-Identifier: Apache-2.0
 *
 * What happens to a firm: people leave and fall ill, deals fall through, money is given back, a buyer chooses. */
#include "domain/day.h"
#include "sim.h"

#include <stdlib.h>

#define QUOTA_EVERY 3 /* who has a quota stays: what is left of a quota is another test's */

static void remove_somebody(struct sim *sim)
{
    struct sim_rep *rep = sim_somebody(sim);
    if ((size_t)(rep - sim->reps) % QUOTA_EVERY == 0) {
        return;
    }
    Vouch__V1__MemberRemove remove = VOUCH__V1__MEMBER_REMOVE__INIT;
    remove.member = rep->id;
    remove.reason = "left";
    sim_try(sim, WORLD_ADMIN, REQUEST_OF(MEMBER_REMOVE, member_remove, &remove));
    rep->removed = true;
    sim->seen.removed++;
}

static uint64_t one_of(struct sim *sim, const uint64_t *list, size_t count)
{
    return list[sim_below(sim, count < SIM_DEALS ? count : SIM_DEALS)];
}

static void cancel(struct sim *sim)
{
    if (sim->won_count == 0) {
        return;
    }
    Vouch__V1__DealCancel cancel = VOUCH__V1__DEAL_CANCEL__INIT;
    cancel.referral = one_of(sim, sim->won, sim->won_count);
    cancel.reason = sim_chance(sim, 250) ? VOUCH__V1__LEDGER_REASON__FRAUD : cancel.reason;
    cancel.note = "they wrote";
    sim_try(sim, WORLD_ADMIN, REQUEST_OF(DEAL_CANCEL, deal_cancel, &cancel));
}

static void refund(struct sim *sim)
{
    if (sim->paid_count == 0) {
        return;
    }
    Vouch__V1__PaymentRefund refund = VOUCH__V1__PAYMENT_REFUND__INIT;
    refund.payment = one_of(sim, sim->paid, sim->paid_count);
    refund.minor = sim_chance(sim, 500) ? 0 : 1 + (int64_t)sim_below(sim, 900);
    refund.reference = "credit note";
    sim_try(sim, WORLD_ADMIN, REQUEST_OF(PAYMENT_REFUND, payment_refund, &refund));
}

/* Of the last referrals one; it is refused where nothing is to be chosen. */
static void choose(struct sim *sim)
{
    struct view *view = snapshot_open(sim->world->store);
    uint64_t last = meta_get(view, "last_referral");
    snapshot_close(&view);
    if (last == 0) {
        return;
    }
    Vouch__V1__ClaimChoose choice = VOUCH__V1__CLAIM_CHOOSE__INIT;
    choice.referral = last - sim_below(sim, last < 200 ? last : 200);
    choice.evidence = "their letter, in our files";
    sim_try(sim, WORLD_ADMIN, REQUEST_OF(CLAIM_CHOOSE, claim_choose, &choice));
}

void sim_office(struct sim *sim)
{
    static const struct {
        uint64_t in_thousand;
        void (*happen)(struct sim *sim);
    } things[] = {{10, remove_somebody}, {40, cancel}, {40, refund}, {100, choose}};
    for (size_t i = 0; i < sizeof things / sizeof things[0]; i++) {
        if (sim_chance(sim, things[i].in_thousand)) {
            things[i].happen(sim);
        }
    }
}

static int by_day(const void *left, const void *right)
{
    const uint32_t *a = left;
    const uint32_t *b = right;
    return (*a > *b) - (*a < *b);
}

static bool is_off(const struct sim_rep *rep, uint32_t day)
{
    for (size_t i = 0; i < rep->off_count; i++) {
        if (rep->off[i] == day) {
            return true;
        }
    }
    return false;
}

void sim_fall_ill(struct sim *sim, struct sim_rep *rep)
{
    uint64_t days = 1 + sim_below(sim, 6);
    if (rep->zone[0] == '\0') {
        return;
    }
    for (uint64_t i = 0; i < days && rep->off_count < sizeof rep->off / sizeof rep->off[0]; i++) {
        uint32_t day = day_of(rep->zone, sim->world->now_ms + (int64_t)i * SIM_DAY_MS);
        if (!is_off(rep, day)) {
            rep->off[rep->off_count++] = day;
        }
    }
    qsort(rep->off, rep->off_count, sizeof rep->off[0], by_day);
    sim_tell_calendar(sim, rep);
}
