/* SPDX-License-Identifier: Apache-2.0
 *
 * Claims: the first valid registration of a prospect, for a product line, holds the claim; later ones wait in its
 * queue; what looks like somebody referring themselves is reviewed first. A claim ends with its time, with its
 * referral, or by the buyer's word, and goes to the next. */
#include "apply/claims.h"
#include "base/check.h"
#include "base/clock.h"
#include "decide/parts.h"
#include "domain/claim.h"

#include <string.h>

#define PLACE(name) VOUCH__V1__CLAIM__PLACE__##name
#define HOLD(name) VOUCH__V1__CLAIM__HOLD__##name
#define REASON(name) VOUCH__V1__CLAIM_ENDED__REASON__##name

/* Referrals that go on without their claim, looked at for an opportunity. */
#define GO_ON_MOST 20
/* Won referrals between two members, looked at for one the other way round. */
#define RECIPROCAL_MOST 1000
#define RECIPROCAL_DAYS 90

/* ---- holds ---- */

static const Vouch__V1__Company *find_company(const struct decision *decision, uint64_t id)
{
    for (size_t i = 0; i < decision->event_count; i++) {
        const Vouch__V1__Event *event = &decision->events[i];
        if (event->body_case == BODY(COMPANY_ADDED) && event->company_added->company->id == id) {
            return event->company_added->company;
        }
    }
    return record_company(decision->view, id, decision->arena);
}

/* The company at the top of those of which this is a division. */
static uint64_t top_of(const struct decision *decision, const Vouch__V1__Company *company)
{
    for (int depth = 0; company->parent != 0 && depth < LIMIT_COMPANY_DEPTH; depth++) {
        const Vouch__V1__Company *parent = find_company(decision, company->parent);
        if (parent == NULL) {
            break;
        }
        company = parent;
    }
    return company->id;
}

static Vouch__V1__Claim__Hold look_at_people(const struct decision *decision, const Vouch__V1__Referral *referral,
                                             const Vouch__V1__PersonalData *person)
{
    const Vouch__V1__Member *referrer = decision->actor;
    if (referrer == NULL || referrer->id != referral->referrer) {
        referrer = record_member(decision->view, referral->referrer, decision->arena);
    }
    const Vouch__V1__Company *own = referrer == NULL ? NULL : find_company(decision, referrer->company);
    const Vouch__V1__Company *prospect = find_company(decision, referral->prospect);
    if (own == NULL || prospect == NULL) {
        return HOLD(HOLD_NONE);
    }
    if (person != NULL && claim_is_same_name(decision->arena, person->name, referrer->name)) {
        return HOLD(SELF);
    }
    bool one_group = top_of(decision, own) == top_of(decision, prospect);
    bool own_address = person != NULL && claim_is_of_domain(person->email, own->domain);
    return one_group || own_address ? HOLD(OWN_COMPANY) : HOLD(HOLD_NONE);
}

/* ---- taking a claim over ---- */

static enum vouch_status end_claim(struct decision *decision, uint64_t referral, Vouch__V1__ClaimEnded__Reason reason)
{
    Vouch__V1__ClaimEnded *ended = decision_message(decision, &vouch__v1__claim_ended__descriptor);
    if (ended == NULL) {
        return decision_too_large(decision);
    }
    ended->referral = referral;
    ended->reason = reason;
    Vouch__V1__Event *event = decision_event(decision);
    event->body_case = BODY(CLAIM_ENDED);
    event->claim_ended = ended;
    return VOUCH_OK;
}

static int64_t protected_until(const struct decision *decision)
{
    return decision->now_ms + (int64_t)decision->policy->protection_days * MS_PER_DAY;
}

/* A claim as it is from now on, the rest as it was. */
static Vouch__V1__Claim *change_claim(struct decision *decision, const Vouch__V1__Claim *from,
                                      Vouch__V1__Claim__Place place)
{
    Vouch__V1__Claim *claim = decision_message(decision, &vouch__v1__claim__descriptor);
    if (claim == NULL) {
        return NULL;
    }
    if (from != NULL) {
        claim->product_key = from->product_key;
        claim->hold = from->hold;
        claim->extended = from->extended;
    }
    claim->place = place;
    claim->until_ms = place == PLACE(HOLDS) ? decision->now_ms + (int64_t)decision->policy->protection_days * MS_PER_DAY
                                            : 0;
    return claim;
}

static bool can_be_displaced(const Vouch__V1__Referral *holder)
{
    return referral_move_leads_from(referral_move_find(VERB(DISPLACE)), holder->state);
}

/* Whoever holds the claim loses it: back into the queue, or on without where a receiver works on it. */
static enum vouch_status take_from(struct decision *decision, const Vouch__V1__Referral *holder, uint64_t taker,
                                   Vouch__V1__ClaimEnded__Reason reason)
{
    Vouch__V1__ReferralMoved *moved;
    if (!can_be_displaced(holder)) {
        return end_claim(decision, holder->id, reason);
    }
    enum vouch_status status = move_emit(decision, holder, VERB(DISPLACE), STATE(DUPLICATE_WAIT), &moved);
    if (status != VOUCH_OK) {
        return status;
    }
    moved->claim = change_claim(decision, holder->claim, PLACE(WAITS));
    if (moved->claim == NULL) {
        return decision_too_large(decision);
    }
    moved->claim->holder = taker;
    moved->claim->until_ms = protected_until(decision);
    return VOUCH_OK;
}

/* Who is in the way of a registration. */
struct contest {
    uint64_t product;
    bool any;                          /* there is somebody: */
    struct claim_row first;            /* the first row of the claim */
    const Vouch__V1__Referral *holder; /* NULL: nobody just now; whoever waits is about to */
};

static enum vouch_status find_contest(struct decision *decision, const Vouch__V1__Referral *referral,
                                      struct contest *contest)
{
    *contest = (struct contest){0};
    if (!claim_product_key(decision->arena, referral->product, &contest->product)) {
        return decision_too_large(decision);
    }
    contest->any = decision->policy->protection_days > 0 &&
                   claim_find(decision->view, referral->prospect, contest->product, CLAIM_HOLDS, CLAIM_GOES_ON, NULL,
                              &contest->first);
    if (contest->any && contest->first.rank == CLAIM_HOLDS) {
        contest->holder = record_referral(decision->view, contest->first.referral, decision->arena);
        return contest->holder == NULL ? decision_too_large(decision) : VOUCH_OK;
    }
    return VOUCH_OK;
}

static bool is_opportunity(const struct decision *decision, uint64_t referral)
{
    const Vouch__V1__Referral *record = record_referral(decision->view, referral, decision->arena);
    return record != NULL && record->state == STATE(OPPORTUNITY);
}

/* Whoever holds the claim, or held it and goes on, had found an opportunity when this one came. */
static bool follows_opportunity(const struct decision *decision, const Vouch__V1__Referral *referral,
                                const struct contest *contest)
{
    struct claim_row row;
    const struct claim_row *after = NULL;
    if (contest->holder != NULL && contest->holder->state == STATE(OPPORTUNITY)) {
        return true;
    }
    for (int i = 0; i < GO_ON_MOST && claim_find(decision->view, referral->prospect, contest->product, CLAIM_GOES_ON,
                                                 CLAIM_GOES_ON, after, &row);
         i++) {
        if (is_opportunity(decision, row.referral)) {
            return true;
        }
        after = &row;
    }
    return false;
}

/* Takes the claim or a place in the queue. A claim whose time is over stays with its holder until somebody comes;
 * whoever vouches comes before a lead that nobody works on yet. */
static enum vouch_status settle(struct decision *decision, const Vouch__V1__Referral *referral,
                                const struct contest *contest, Vouch__V1__Claim *claim)
{
    const Vouch__V1__Referral *holder = contest->holder;
    enum vouch_status status = VOUCH_OK;
    bool waits = contest->any && contest->first.rank != CLAIM_GOES_ON;
    struct claim_row next;
    bool queue = waits && claim_find(decision->view, referral->prospect, contest->product, CLAIM_WAITS,
                                     CLAIM_LEAD_WAITS, NULL, &next);
    if (holder != NULL && !queue && holder->claim->until_ms <= decision->now_ms) {
        status = end_claim(decision, holder->id, REASON(PROTECTION_OVER));
        waits = false;
    } else if (holder != NULL && holder->lead && !referral->lead && can_be_displaced(holder) &&
               (!queue || next.rank == CLAIM_LEAD_WAITS)) {
        status = take_from(decision, holder, referral->id, REASON(REASON_NONE));
        waits = false;
    }
    claim->place = waits ? PLACE(WAITS) : PLACE(HOLDS);
    claim->holder = waits ? contest->first.referral : 0;
    claim->until_ms = waits ? contest->first.until_ms : protected_until(decision);
    return status;
}

/* ---- registration ---- */

enum vouch_status claim_register(struct decision *decision, const Vouch__V1__Referral *referral,
                                 const Vouch__V1__PersonalData *person, bool reviewed, Vouch__V1__Claim **claim,
                                 Vouch__V1__ReferralState *state)
{
    struct contest contest;
    enum vouch_status status = find_contest(decision, referral, &contest);
    *claim = change_claim(decision, referral->claim, PLACE(PLACE_NONE));
    if (*claim == NULL || status != VOUCH_OK) {
        return decision_too_large(decision);
    }
    (*claim)->product_key = contest.product;
    if (!reviewed) {
        (*claim)->hold = look_at_people(decision, referral, person);
        if ((*claim)->hold == HOLD(HOLD_NONE) && contest.any && follows_opportunity(decision, referral, &contest)) {
            (*claim)->hold = HOLD(OPPORTUNITY);
        }
        if ((*claim)->hold != HOLD(HOLD_NONE)) {
            *state = STATE(HELD);
            return VOUCH_OK;
        }
    }
    if (decision->policy->protection_days > 0) {
        status = settle(decision, referral, &contest, *claim);
    }
    *state = (*claim)->place == PLACE(WAITS) ? STATE(DUPLICATE_WAIT) : STATE(REGISTERED);
    return status;
}

enum vouch_status claim_extend(struct decision *decision, const Vouch__V1__Referral *referral, Vouch__V1__Claim **claim)
{
    const Vouch__V1__Claim *old = referral->claim;
    *claim = NULL;
    if (old == NULL || old->place != PLACE(HOLDS) || old->extended || old->until_ms <= decision->now_ms ||
        decision->policy->protection_extension_days == 0) {
        return VOUCH_OK;
    }
    *claim = change_claim(decision, old, PLACE(HOLDS));
    if (*claim == NULL) {
        return decision_too_large(decision);
    }
    (*claim)->extended = true;
    (*claim)->until_ms = old->until_ms + (int64_t)decision->policy->protection_extension_days * MS_PER_DAY;
    return VOUCH_OK;
}

/* ---- passing on ---- */

/* The next one in the queue goes on as if it were registered now. */
static enum vouch_status promote(struct decision *decision, uint64_t next)
{
    const Vouch__V1__Referral *referral = record_referral(decision->view, next, decision->arena);
    Vouch__V1__ReferralMoved *moved;
    if (referral == NULL || referral->state != STATE(DUPLICATE_WAIT)) {
        return status_set(&decision->why, VOUCH_INTERNAL, "R%" PRIu64 " is the next of its claim and does not wait",
                          next);
    }
    enum vouch_status status = move_emit(decision, referral, VERB(PROMOTE), STATE(REGISTERED), &moved);
    if (status != VOUCH_OK) {
        return status;
    }
    moved->claim = change_claim(decision, referral->claim, PLACE(HOLDS));
    return moved->claim == NULL ? decision_too_large(decision) : move_offer_named(decision, referral);
}

enum vouch_status claim_pass_on(struct decision *decision, uint64_t referral, int64_t due_ms)
{
    const Vouch__V1__Referral *record = record_referral(decision->view, referral, decision->arena);
    struct claim_row next;
    bool holds = record != NULL && claim_rank_of(record) == CLAIM_HOLDS;
    if (record == NULL || record->claim == NULL || (holds && record->claim->until_ms != due_ms) ||
        !claim_find(decision->view, record->prospect, record->claim->product_key, CLAIM_WAITS, CLAIM_LEAD_WAITS, NULL,
                    &next)) {
        return status_set(&decision->why, VOUCH_INTERNAL, "R%" PRIu64 " has no claim that somebody waits for",
                          referral);
    }
    enum vouch_status status = holds ? end_claim(decision, referral, REASON(PROTECTION_OVER)) : VOUCH_OK;
    return status == VOUCH_OK ? promote(decision, next.referral) : status;
}

/* ---- vouches that come and go ---- */

/* A lead that holds a claim gives way to the first who vouches, unless a receiver works on it. */
static enum vouch_status give_way(struct decision *decision, const Vouch__V1__Referral *holder, uint64_t to)
{
    enum vouch_status status = take_from(decision, holder, to, REASON(REASON_NONE));
    return status == VOUCH_OK ? promote(decision, to) : status;
}

enum vouch_status claim_follow_vouch(struct decision *decision, const Vouch__V1__Referral *referral)
{
    struct claim_row next, row;
    enum claim_rank rank = claim_rank_of(referral);
    if (rank == CLAIM_NO_ROW) {
        return VOUCH_OK;
    }
    uint64_t company = referral->prospect, product = referral->claim->product_key;
    bool vouched_wait = claim_find(decision->view, company, product, CLAIM_WAITS, CLAIM_WAITS, NULL, &next);
    if (rank == CLAIM_HOLDS && !referral->lead) { /* the vouch was taken back */
        return vouched_wait && can_be_displaced(referral) ? give_way(decision, referral, next.referral) : VOUCH_OK;
    }
    if (rank != CLAIM_LEAD_WAITS || vouched_wait ||
        !claim_find(decision->view, company, product, CLAIM_HOLDS, CLAIM_HOLDS, NULL, &row)) {
        return VOUCH_OK;
    }
    const Vouch__V1__Referral *holder = record_referral(decision->view, row.referral, decision->arena);
    if (holder == NULL) {
        return decision_too_large(decision);
    }
    return holder->lead && can_be_displaced(holder) ? give_way(decision, holder, referral->id) : VOUCH_OK;
}

/* ---- the buyer's choice ---- */

static enum vouch_status check_choice(struct decision *decision, const Vouch__V1__Referral *referral)
{
    if (decision->policy->protection_days == 0) {
        return status_set(&decision->why, VOUCH_CONFLICT, "this broker looks for no duplicates (protection_days = 0)");
    }
    if (!referral_move_leads_from(referral_move_find(VERB(CHOOSE)), referral->state)) {
        return status_set(&decision->why, VOUCH_CONFLICT,
                          "R%" PRIu64 " is %s; the buyer chooses among those that are registered and open",
                          referral->id, referral_state_name(referral->state));
    }
    if (claim_rank_of(referral) == CLAIM_HOLDS) {
        return status_set(&decision->why, VOUCH_CONFLICT, "R%" PRIu64 " holds the claim already. Nothing to do.",
                          referral->id);
    }
    return VOUCH_OK;
}

static enum vouch_status take_claim(struct decision *decision, const Vouch__V1__Referral *referral,
                                    Vouch__V1__Claim **claim)
{
    struct claim_row row;
    *claim = change_claim(decision, referral->claim, PLACE(HOLDS));
    if (*claim == NULL || !claim_product_key(decision->arena, referral->product, &(*claim)->product_key)) {
        return decision_too_large(decision);
    }
    if (!claim_find(decision->view, referral->prospect, (*claim)->product_key, CLAIM_HOLDS, CLAIM_HOLDS, NULL, &row)) {
        return VOUCH_OK;
    }
    const Vouch__V1__Referral *holder = record_referral(decision->view, row.referral, decision->arena);
    return holder == NULL ? decision_too_large(decision)
                          : take_from(decision, holder, referral->id, REASON(BUYER_CHOSE));
}

enum vouch_status decide_claim_choose(struct decision *decision, const Vouch__V1__Request *request)
{
    const Vouch__V1__ClaimChoose *choice = request->claim_choose;
    const Vouch__V1__Referral *referral;
    Vouch__V1__ReferralMoved *moved;
    Vouch__V1__Claim *claim;
    enum vouch_status status = review_find(decision, choice->referral, &referral);
    if (status == VOUCH_OK) {
        status = check_choice(decision, referral);
    }
    if (status == VOUCH_OK) {
        status = take_claim(decision, referral, &claim);
    }
    bool waited = status == VOUCH_OK && referral->state == STATE(DUPLICATE_WAIT);
    if (status == VOUCH_OK) {
        status = move_emit(decision, referral, VERB(CHOOSE), waited ? STATE(REGISTERED) : referral->state, &moved);
    }
    if (status == VOUCH_OK) {
        moved->claim = claim;
        status = move_set_reason(decision, referral, choice->evidence, moved);
    }
    if (status == VOUCH_OK && waited) {
        status = move_offer_named(decision, referral);
    }
    decision->answer_id = status == VOUCH_OK ? referral->id : 0;
    return status;
}

/* ---- rings ---- */

/* Leaps through two runs of won referrals in order of ids, those that `referrer` made and those that `receiver` got,
 * for one that is in both and fresh. */
static uint64_t won_between(struct decision *decision, uint64_t referrer, uint64_t receiver, int64_t since_ms)
{
    uint64_t found = 0;
    struct cursor *cursor = cursor_open(decision->view, TABLE_REFERRAL_MEMBER);
    struct key at = key_referral_member(referrer, PARTY_REFERRER, STATE(WON), 0);
    struct slice row;
    bool more = cursor_seek(cursor, key_slice(&at), &row, NULL);
    for (int looked = 0; more && found == 0 && looked < RECIPROCAL_MOST; looked++) {
        if (memcmp(row.data, at.bytes, at.size - 8) != 0) {
            break;
        }
        uint64_t id = slice_u64(row, at.size - 8);
        struct key other = key_referral_member(receiver, PARTY_RECEIVER, STATE(WON), id);
        struct slice nothing;
        if (table_get(decision->view, TABLE_REFERRAL_MEMBER, key_slice(&other), &nothing)) {
            const Vouch__V1__Referral *record = record_referral(decision->view, id, decision->arena);
            found = record != NULL && !record->imported && record->changed_ms >= since_ms ? id : 0;
        }
        more = found == 0 && cursor_next(cursor, &row, NULL);
    }
    cursor_close(&cursor);
    return found;
}

uint64_t claim_reciprocal(struct decision *decision, const Vouch__V1__Referral *referral)
{
    return won_between(decision, referral->receiver, referral->referrer,
                       decision->now_ms - (int64_t)RECIPROCAL_DAYS * MS_PER_DAY);
}
