/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of apply: the event being applied, and the parts that apply it, one file an aggregate. */
#ifndef VOUCH_APPLY_PARTS_H
#define VOUCH_APPLY_PARTS_H

#include "apply/apply.h"
#include "apply/books.h"
#include "apply/record.h"

/* One event on its way into the tables. */
struct application {
    struct view *view;
    uint64_t sequence;
    const Vouch__V1__Event *event;
    struct arena *arena;
    struct ledger_end *ledger; /* shared by all that applies this event */
};

/* What every booking changes, whosever it is: kept while an event is applied and written once at its end. */
struct ledger_end {
    bool chain_is_open;
    uint64_t number; /* of the last booking, */
    uint8_t hash[LEDGER_HASH_BYTES];
    bool company_is_open;
    struct account_id company; /* whose account this is, */
    struct account account;
    int64_t expense_minor; /* and what is to be added to the totals of its currency */
    int64_t turnover_minor;
};

/* ---- apply.c: shared by the parts ---- */

/* Scratch that must be there: an apply has a fresh arena, and records are bounded. */
void *scratch(struct application *application, size_t size);
/* The same event with scratch of its own, for a loop that has no bound: to be reset in each round, and freed. */
struct application application_inner(const struct application *application);
/* What an event refers to was there when it was decided. When it is not found now the view has failed (its owner will
 * drop it) and the event is let go; anything else is a broken invariant. */
bool is_there(const struct application *application, const void *record);
/* Keeps the highest id given out, so that the next one is known. */
void counter_reach(struct application *application, const char *name, uint64_t id);
/* Adds to a running number. */
void number_add(struct view *view, enum table table, const struct key *key, int64_t add);
/* Puts or removes a row that is all key. */
void row_put(struct view *view, enum table table, const struct key *key);
void row_delete(struct view *view, enum table table, const struct key *key);
/* Removes a row whose key was folded by the Unicode libraries. It may have been put under another key by an earlier
 * version of theirs; then the old row stays, `vouchd check` reports it and a rebuild takes it away. */
void folded_delete(struct view *view, enum table table, const struct key *key);
/* Replaces the index words of a name; NULL: none (before, or from now on). */
void words_replace(struct application *application, enum name_kind kind, uint64_t id, const char *before,
                   const char *now);

/* ---- apply_member.c ---- */

void apply_member_invited(struct application *application, const Vouch__V1__MemberInvited *invited);
void apply_member_enrolled(struct application *application, const Vouch__V1__MemberEnrolled *enrolled);
void apply_member_removed(struct application *application, const Vouch__V1__MemberRemoved *removed);
void apply_invite_expired(struct application *application, const Vouch__V1__InviteExpired *expired);
void apply_card_set(struct application *application, const Vouch__V1__CardSet *set);
void apply_key_rotated(struct application *application, const Vouch__V1__KeyRotated *rotated);

/* ---- apply_graph.c ---- */

void apply_company(struct application *application, const Vouch__V1__Company *company);
void apply_tie_set(struct application *application, const Vouch__V1__TieSet *set);

/* ---- apply_contact.c ---- */

void apply_contact(struct application *application, const Vouch__V1__Contact *contact, ProtobufCBinaryData sealed);
void apply_contact_noted(struct application *application, const Vouch__V1__ContactNoted *noted);
void apply_contact_erased(struct application *application, const Vouch__V1__ContactErased *erased);

/* ---- apply_merge.c ---- */

void apply_contacts_merged(struct application *application, const Vouch__V1__ContactsMerged *merged);
void apply_merge_undone(struct application *application, const Vouch__V1__MergeUndone *undone);

/* ---- apply_contact_origin.c ---- */

void apply_contact_origin(struct application *application, const Vouch__V1__ContactOrigin *origin);
/* Nobody's address book has this contact any more: they were erased. */
void contact_origins_delete(struct application *application, uint64_t contact);

/* ---- apply_referral.c ---- */

void apply_referral_submitted(struct application *application, const Vouch__V1__ReferralSubmitted *submitted);
void apply_referral_moved(struct application *application, const Vouch__V1__ReferralMoved *moved);
void apply_referral_credited(struct application *application, const Vouch__V1__ReferralCredited *credited);
void apply_referral_imported(struct application *application, const Vouch__V1__ReferralImported *imported);

/* ---- books.c: writing the rows that books.h describes ---- */

void account_put(struct view *view, const struct account_id *id, const struct account *account);
void account_booking_put(struct view *view, const struct account_id *id, uint32_t period, uint64_t booking,
                         struct account_booking what);

/* ---- ledger_rows.c ---- */

/* A booking to be made. */
struct order {
    enum ledger_step step;
    enum ledger_reason reason;
    uint64_t company; /* that pays */
    uint64_t payee;
    const char *currency;
    int64_t minor;               /* above zero */
    const Vouch__V1__Deal *deal; /* NULL: it is about a statement or a debt */
    uint64_t payment;
    uint64_t statement;
    uint64_t corrects; /* number of a booking */
    uint32_t period;
    int64_t effective_ms;
};

/* Books: chain, lists, balances. Returns the booking's number. */
uint64_t book(struct application *application, const struct order *order);
/* Writes what `book` has kept; after the last booking of an event. */
void ledger_write(struct application *application);
/* Adds to (or, below zero, takes from) what of an account is ready for the statement of this period. */
void ready_add(struct view *view, const struct account_id *id, uint32_t period, int64_t minor);

/* ---- apply_terms.c ---- */

void apply_terms_written(struct application *application, const Vouch__V1__TermsWritten *written);
void apply_terms_approved(struct application *application, const Vouch__V1__TermsApproved *approved);

/* ---- apply_deal.c ---- */

void apply_deal_won(struct application *application, const Vouch__V1__DealWon *won);
void apply_payment_recorded(struct application *application, const Vouch__V1__PaymentRecorded *recorded);

/* ---- apply_approve.c ---- */

void apply_hold_elapsed(struct application *application, const Vouch__V1__HoldElapsed *elapsed);
void apply_commission_approved(struct application *application, const Vouch__V1__CommissionApproved *approved);
/* What is left of a part of an approved payment goes on the statement of this period. */
void part_approve(struct application *application, const Vouch__V1__Deal *deal, const Vouch__V1__Payment *payment,
                  Vouch__V1__PaymentPart *part, uint32_t period, int64_t effective_ms);

/* ---- apply_taken.c ---- */

void apply_commission_taken(struct application *application, const Vouch__V1__CommissionTaken *taken);

/* ---- apply_dispute.c ---- */

void apply_dispute_opened(struct application *application, const Vouch__V1__DisputeOpened *opened);
void apply_dispute_resolved(struct application *application, const Vouch__V1__DisputeResolved *resolved);
/* Adds to (or takes from) what disputes hold of an account. */
void account_hold(struct view *view, const struct account_id *id, int64_t minor);

/* ---- apply_period.c ---- */

void apply_period_closed(struct application *application, const Vouch__V1__PeriodClosed *closed);

/* ---- apply_payout.c ---- */

void apply_payout_made(struct application *application, const Vouch__V1__PayoutMade *made);
void apply_payout_settled(struct application *application, const Vouch__V1__PayoutSettled *settled);
void apply_payout_failed(struct application *application, const Vouch__V1__PayoutFailed *failed);

/* ---- apply_debt.c ---- */

void apply_debt_settled(struct application *application, const Vouch__V1__DebtSettled *settled);

/* ---- apply_claim.c ---- */

/* Brings the claim's rows, and the timer that passes it on, from what the referral was (NULL: not there) to what it is.
 */
void claim_replace(struct application *application, const Vouch__V1__Referral *before, const Vouch__V1__Referral *now);
void apply_claim_ended(struct application *application, const Vouch__V1__ClaimEnded *ended);

/* True when this is on a receiver's desk or in their hands: they are told of each step. */
bool referral_is_with_receiver(const Vouch__V1__Referral *referral);

/* ---- apply_quota.c ---- */

void apply_quota_set(struct application *application, const Vouch__V1__QuotaSet *set);
/* A referral was won or lost: counts for its receiver in the segment (the prospect's industry, as it is now). */
void segment_count(struct application *application, const Vouch__V1__Referral *referral);

/* ---- apply_clock.c ---- */

/* Brings the row in the timer queue from the state a referral was in (NULL: not there) to what it is now. */
void clock_replace(struct view *view, const Vouch__V1__Referral *before, const Vouch__V1__Referral *now);
/* Of a referral; intel has its own. */
void apply_clock_rung(struct application *application, const Vouch__V1__ClockRung *rung);
void apply_calendar_set(struct application *application, const Vouch__V1__CalendarSet *set);

/* ---- apply_touch.c ---- */

void apply_touch_recorded(struct application *application, const Vouch__V1__TouchRecorded *recorded);
void apply_tier_set(struct application *application, const Vouch__V1__TierSet *set);
/* The bond of a member with the one who stands for this contact; a new one where there is none. */
Vouch__V1__Bond bond_get(struct application *application, uint64_t member, uint64_t contact);
void bond_put(struct application *application, const Vouch__V1__Bond *bond);

/* ---- apply_ask.c ---- */

void apply_ask_prepared(struct application *application, const Vouch__V1__AskPrepared *prepared);
void apply_ask_moved(struct application *application, const Vouch__V1__AskMoved *moved);
/* The contact named somebody, and this is the referral. */
void ask_take_referral(struct application *application, uint64_t ask, uint64_t referral);

/* What nobody outside named comes from the referrer, for whoever has it now: a co-worker or a partner. */
void source_follow(struct application *application, Vouch__V1__Referral *now);

/* ---- apply_intel.c ---- */

void apply_intel_given(struct application *application, const Vouch__V1__IntelGiven *given);
void apply_intel_moved(struct application *application, const Vouch__V1__IntelMoved *moved);
/* A ClockRung that is about intel. */
void intel_rung(struct application *application, const Vouch__V1__ClockRung *rung);

/* ---- apply_inbox.c ---- */

/* A line in a member's inbox about this event; none for member 0 and for the one who did it. At most once a member and
 * event: the parties of a referral are three people, and where they are not (imported ones) the caller looks. */
void inbox_add(struct application *application, uint64_t member);
/* As above for events that may come to the same member more than once. */
void inbox_add_once(struct application *application, uint64_t member);
void apply_inbox_read(struct application *application, const Vouch__V1__InboxRead *read);

/* ---- apply_sweep.c ---- */

void apply_store_created(struct application *application, const Vouch__V1__StoreCreated *created);
void apply_commands_swept(struct application *application, const Vouch__V1__CommandsSwept *swept);
void outcome_put(struct application *application);

#endif
