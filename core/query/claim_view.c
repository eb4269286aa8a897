/* SPDX-License-Identifier: Apache-2.0
 *
 * A claim as one particular person may see it: whose it is, until when, the receipt that proves the place, and of who
 * holds it no more than who and since when. */
#include "apply/claims.h"
#include "domain/claim.h"
#include "query/parts.h"

#include <time.h>

#define PLACE(name) VOUCH__V1__CLAIM__PLACE__##name
#define DAY_BYTES 24

/* When the registration was that counts. */
static int64_t registration_ms(const Vouch__V1__Referral *referral)
{
    for (size_t i = 0; i < referral->n_steps; i++) {
        if (referral->steps[i]->sequence == referral->claim->sequence) {
            return referral->steps[i]->time_ms;
        }
    }
    return 0;
}

/* The name of whose registration it is: told within the home company. */
static const char *holder_name(const struct view *view, uint64_t reader, const Vouch__V1__Referral *holder,
                               struct arena *arena)
{
    const Vouch__V1__Member *member = record_member(view, reader, arena);
    bool told = member != NULL && (member->company == HOME_COMPANY || holder->referrer == reader);
    return told ? record_name(view, TABLE_MEMBER, holder->referrer, arena) : "";
}

static uint32_t count_before(const struct view *view, const Vouch__V1__Referral *referral)
{
    struct claim_row row;
    uint32_t count = 0;
    bool more = claim_find(view, referral->prospect, referral->claim->product_key, CLAIM_WAITS, CLAIM_LEAD_WAITS, NULL,
                           &row);
    while (more && row.referral != referral->id && count < LIMIT_PAGE_ROWS) {
        count++;
        more = claim_find(view, referral->prospect, referral->claim->product_key, CLAIM_WAITS, CLAIM_LEAD_WAITS, &row,
                          &row);
    }
    return count;
}

static void view_queue(const struct question *question, const Vouch__V1__Referral *referral, Vouch__V1__Claim *claim)
{
    struct claim_row row;
    claim->before = count_before(question->view, referral);
    if (!claim_find(question->view, referral->prospect, claim->product_key, CLAIM_HOLDS, CLAIM_HOLDS, NULL, &row)) {
        return;
    }
    const Vouch__V1__Referral *holder = record_referral(question->view, row.referral, question->arena);
    claim->until_ms = row.until_ms;
    if (holder != NULL && holder->claim != NULL) {
        claim->holder_name = (char *)(uintptr_t)holder_name(question->view, question->actor->id, holder,
                                                            question->arena);
        claim->holder_time_ms = registration_ms(holder);
    }
}

static char *receipt_of(const struct question *question, const Vouch__V1__Referral *referral)
{
    const Vouch__V1__Event *created = record_event(question->view, 1, question->arena);
    char *receipt = arena_alloc(question->arena, CLAIM_RECEIPT_BYTES);
    if (created == NULL || created->body_case != BODY(STORE_CREATED) || receipt == NULL) {
        return NULL;
    }
    claim_receipt(created->store_created->store_id.data, referral->claim->sequence, referral->id, referral->prospect,
                  referral->claim->product_key, receipt);
    return receipt;
}

Vouch__V1__Claim *claim_view(const struct question *question, const Vouch__V1__Referral *referral)
{
    Vouch__V1__Claim *claim = arena_memdup(question->arena, referral->claim, sizeof *claim);
    char *receipt = claim == NULL ? NULL : receipt_of(question, referral);
    if (receipt == NULL) {
        return NULL;
    }
    claim->receipt = receipt;
    claim->time_ms = registration_ms(referral);
    claim->holder = 0;
    if (claim->place == PLACE(WAITS)) {
        view_queue(question, referral, claim);
    }
    return claim;
}

/* "2027-02-21"; days in sentences are days in UTC and say so. */
static const char *day_text(char out[DAY_BYTES], int64_t time_ms)
{
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm day;
    if (time_ms <= 0 || gmtime_r(&seconds, &day) == NULL || strftime(out, DAY_BYTES, "%Y-%m-%d", &day) == 0) {
        return "some day";
    }
    return out;
}

const char *claim_hold_words(Vouch__V1__Claim__Hold hold)
{
    switch (hold) {
    case VOUCH__V1__CLAIM__HOLD__SELF:
        return "the prospect's person seems to be the referrer";
    case VOUCH__V1__CLAIM__HOLD__OWN_COMPANY:
        return "the prospect seems to be the referrer's own company";
    case VOUCH__V1__CLAIM__HOLD__OPPORTUNITY:
        return "another referral of this prospect is an opportunity already";
    default:
        return "somebody has to look at it";
    }
}

char *claim_tell(const struct view *view, uint64_t reader, uint64_t sequence, const char *subject, struct arena *arena)
{
    const Vouch__V1__Event *event = record_event(view, sequence, arena);
    const Vouch__V1__Claim *claim = event != NULL && event->body_case == BODY(REFERRAL_MOVED)
                                        ? event->referral_moved->claim
                                        : NULL;
    if (claim != NULL && event->referral_moved->to == STATE(HELD)) {
        return arena_printf(arena, "%s is held for review: %s", subject, claim_hold_words(claim->hold));
    }
    const Vouch__V1__Referral *holder = claim == NULL ? NULL : record_referral(view, claim->holder, arena);
    if (holder == NULL || holder->claim == NULL) {
        return arena_printf(arena, "%s waits: another registration holds the claim", subject);
    }
    char since[DAY_BYTES], until[DAY_BYTES];
    const char *name = holder_name(view, reader, holder, arena);
    return arena_printf(arena, "%s waits: %s%sregistration of %s holds the claim until %s (UTC)", subject,
                        name[0] == '\0' ? "a " : name, name[0] == '\0' ? "" : "'s ",
                        day_text(since, registration_ms(holder)), day_text(until, claim->until_ms));
}
