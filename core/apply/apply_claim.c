/* SPDX-License-Identifier: Apache-2.0
 *
 * Claims: their rows, and the one timer that each has as long as somebody waits. Submitting puts one row and looks once
 * whether anybody waits. */
#include "apply/claims.h"
#include "apply/parts.h"
#include "base/check.h"

#include <string.h>

#define PLACE(name) VOUCH__V1__CLAIM__PLACE__##name
#define PREFIX_BYTES 16 /* company, product */

enum claim_rank claim_rank_of(const Vouch__V1__Referral *referral)
{
    switch (referral->claim == NULL ? PLACE(PLACE_NONE) : referral->claim->place) {
    case PLACE(HOLDS):
        return CLAIM_HOLDS;
    case PLACE(WAITS):
        return referral->lead ? CLAIM_LEAD_WAITS : CLAIM_WAITS;
    case PLACE(ENDED):
        return referral_state_is_open(referral->state) ? CLAIM_GOES_ON : CLAIM_NO_ROW;
    default:
        return CLAIM_NO_ROW;
    }
}

struct key key_claim(uint64_t company, uint64_t product, enum claim_rank rank, uint64_t sequence, uint64_t referral)
{
    struct key key = key_u64_u64(company, product);
    key_add_u8(&key, (uint8_t)rank);
    key_add_u64(&key, sequence);
    key_add_u64(&key, referral);
    return key;
}

struct key key_claim_of(const Vouch__V1__Referral *referral)
{
    enum claim_rank rank = claim_rank_of(referral);
    CHECK(rank != CLAIM_NO_ROW);
    return key_claim(referral->prospect, referral->claim->product_key, rank, referral->claim->sequence, referral->id);
}

bool claim_find(const struct view *view, uint64_t company, uint64_t product, enum claim_rank first,
                enum claim_rank last, const struct claim_row *after, struct claim_row *row)
{
    struct slice at, value;
    struct key from = after == NULL ? key_claim(company, product, first, 0, 0)
                                    : key_claim(company, product, after->rank, after->sequence, after->referral + 1);
    struct cursor *cursor = cursor_open(view, TABLE_CLAIM);
    bool found = cursor_seek(cursor, key_slice(&from), &at, &value) && memcmp(at.data, from.bytes, PREFIX_BYTES) == 0;
    if (found) {
        row->rank = (enum claim_rank)((const uint8_t *)at.data)[PREFIX_BYTES];
        row->sequence = slice_u64(at, PREFIX_BYTES + 1);
        row->referral = slice_u64(at, PREFIX_BYTES + 9);
        row->until_ms = value.size == 8 ? (int64_t)slice_u64(value, 0) : 0;
        found = row->rank <= last;
    }
    cursor_close(&cursor);
    return found;
}

/* The timer of a claim is there as long as somebody waits: for the end of who holds it; where nobody does (the holder
 * withdrew, say), it is due at once. False: none. */
static bool timer_of(const struct view *view, uint64_t company, uint64_t product, struct key *timer)
{
    struct claim_row holder, next;
    if (!claim_find(view, company, product, CLAIM_WAITS, CLAIM_LEAD_WAITS, NULL, &next)) {
        return false;
    }
    bool held = claim_find(view, company, product, CLAIM_HOLDS, CLAIM_HOLDS, NULL, &holder);
    *timer = held ? key_due(holder.until_ms, DUE_CLAIM_ENDS, holder.referral)
                  : key_due(0, DUE_CLAIM_ENDS, next.referral);
    return true;
}

static bool is_same_row(const Vouch__V1__Referral *before, const Vouch__V1__Referral *now, enum claim_rank rank)
{
    if (rank == CLAIM_NO_ROW || before == NULL || claim_rank_of(before) != rank) {
        return rank == CLAIM_NO_ROW && (before == NULL || claim_rank_of(before) == CLAIM_NO_ROW);
    }
    return before->claim->until_ms == now->claim->until_ms || rank != CLAIM_HOLDS;
}

static void put_claim_row(struct view *view, const Vouch__V1__Referral *referral, enum claim_rank rank)
{
    struct key row = key_claim_of(referral);
    struct key until = key_u64((uint64_t)referral->claim->until_ms);
    table_put(view, TABLE_CLAIM, key_slice(&row), rank == CLAIM_HOLDS ? key_slice(&until) : (struct slice){"", 0});
}

void claim_replace(struct application *application, const Vouch__V1__Referral *before, const Vouch__V1__Referral *now)
{
    struct view *view = application->view;
    enum claim_rank rank = claim_rank_of(now);
    struct key timer;
    if (is_same_row(before, now, rank)) {
        return;
    }
    uint64_t product = now->claim->product_key;
    bool timed = timer_of(view, now->prospect, product, &timer);
    if (timed) {
        row_delete(view, TABLE_DUE, &timer);
    }
    if (before != NULL && claim_rank_of(before) != CLAIM_NO_ROW) {
        struct key row = key_claim_of(before);
        row_delete(view, TABLE_CLAIM, &row);
    }
    if (rank != CLAIM_NO_ROW) {
        put_claim_row(view, now, rank);
    }
    bool waits = timed || rank == CLAIM_WAITS || rank == CLAIM_LEAD_WAITS;
    if (waits && timer_of(view, now->prospect, product, &timer)) {
        row_put(view, TABLE_DUE, &timer);
    }
}

void apply_claim_ended(struct application *application, const Vouch__V1__ClaimEnded *ended)
{
    const Vouch__V1__Referral *before = record_referral(application->view, ended->referral, application->arena);
    if (!is_there(application, before)) {
        return;
    }
    CHECK(claim_rank_of(before) == CLAIM_HOLDS);
    Vouch__V1__Referral now = *before;
    Vouch__V1__Claim claim = *before->claim;
    claim.place = PLACE(ENDED);
    claim.until_ms = application->event->time_ms;
    now.claim = &claim;
    claim_replace(application, before, &now);
    record_put(application->view, TABLE_REFERRAL, now.id, &now.base, application->arena);
    if (!referral_state_is_open(now.state)) {
        return; /* it is over, and so was the claim: nobody needs to know */
    }
    inbox_add(application, now.referrer);
    if (referral_is_with_receiver(&now) && now.receiver != now.referrer) {
        inbox_add(application, now.receiver);
    }
}
