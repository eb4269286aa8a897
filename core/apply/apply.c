/* SPDX-License-Identifier: Apache-2.0
 *
 * One event into the tables: each kind has its part; a command's last event also leaves the command's outcome. */
#include "apply/apply.h"

#include "apply/parts.h"
#include "base/check.h"
#include "domain/names.h"

#include <string.h>

/* More than the records that one round of a loop reads and writes. */
#define INNER_BYTES ((size_t)4 << 20)

void *scratch(struct application *application, size_t size)
{
    void *memory = arena_alloc(application->arena, size);
    CHECK(memory != NULL);
    return memory;
}

struct application application_inner(const struct application *application)
{
    struct application inner = *application;
    inner.arena = arena_new(INNER_BYTES);
    return inner;
}

bool is_there(const struct application *application, const void *record)
{
    CHECK(record != NULL || view_failed(application->view) != NULL);
    return record != NULL;
}

void counter_reach(struct application *application, const char *name, uint64_t id)
{
    if (meta_get(application->view, name) < id) {
        meta_put(application->view, name, id);
    }
}

void number_add(struct view *view, enum table table, const struct key *key, int64_t add)
{
    int64_t sum;
    CHECK(!__builtin_add_overflow(number_get(view, table, key), add, &sum));
    number_put(view, table, key, sum);
}

void row_put(struct view *view, enum table table, const struct key *key)
{
    table_put(view, table, key_slice(key), (struct slice){"", 0});
}

void row_delete(struct view *view, enum table table, const struct key *key)
{
    bool deleted = table_delete(view, table, key_slice(key));
    CHECK(deleted || view_failed(view) != NULL);
}

void folded_delete(struct view *view, enum table table, const struct key *key)
{
    table_delete(view, table, key_slice(key));
}

void words_replace(struct application *application, enum name_kind kind, uint64_t id, const char *before,
                   const char *now)
{
    if (before != NULL && now != NULL && strcmp(before, now) == 0) {
        return;
    }
    struct name_words *words = scratch(application, sizeof *words);
    if (before != NULL) {
        name_words_split(before, words);
        for (size_t i = 0; i < words->count; i++) {
            struct key key = key_name_word(kind, words->words[i], id);
            folded_delete(application->view, TABLE_NAME_WORD, &key);
        }
    }
    if (now != NULL) {
        name_words_split(now, words);
        for (size_t i = 0; i < words->count; i++) {
            struct key key = key_name_word(kind, words->words[i], id);
            row_put(application->view, TABLE_NAME_WORD, &key);
        }
    }
}

static void apply_money(struct application *application, const Vouch__V1__Event *event)
{
    switch (event->body_case) {
    case VOUCH__V1__EVENT__BODY_TERMS_WRITTEN:
        apply_terms_written(application, event->terms_written);
        break;
    case VOUCH__V1__EVENT__BODY_TERMS_APPROVED:
        apply_terms_approved(application, event->terms_approved);
        break;
    case VOUCH__V1__EVENT__BODY_DEAL_WON:
        apply_deal_won(application, event->deal_won);
        break;
    case VOUCH__V1__EVENT__BODY_PAYMENT_RECORDED:
        apply_payment_recorded(application, event->payment_recorded);
        break;
    case VOUCH__V1__EVENT__BODY_HOLD_ELAPSED:
        apply_hold_elapsed(application, event->hold_elapsed);
        break;
    case VOUCH__V1__EVENT__BODY_COMMISSION_APPROVED:
        apply_commission_approved(application, event->commission_approved);
        break;
    case VOUCH__V1__EVENT__BODY_COMMISSION_TAKEN:
        apply_commission_taken(application, event->commission_taken);
        break;
    case VOUCH__V1__EVENT__BODY_DISPUTE_OPENED:
        apply_dispute_opened(application, event->dispute_opened);
        break;
    case VOUCH__V1__EVENT__BODY_DISPUTE_RESOLVED:
        apply_dispute_resolved(application, event->dispute_resolved);
        break;
    case VOUCH__V1__EVENT__BODY_PERIOD_CLOSED:
        apply_period_closed(application, event->period_closed);
        break;
    case VOUCH__V1__EVENT__BODY_PAYOUT_MADE:
        apply_payout_made(application, event->payout_made);
        break;
    case VOUCH__V1__EVENT__BODY_PAYOUT_SETTLED:
        apply_payout_settled(application, event->payout_settled);
        break;
    case VOUCH__V1__EVENT__BODY_PAYOUT_FAILED:
        apply_payout_failed(application, event->payout_failed);
        break;
    case VOUCH__V1__EVENT__BODY_DEBT_SETTLED:
        apply_debt_settled(application, event->debt_settled);
        break;
    case VOUCH__V1__EVENT__BODY_COMMAND_REFUSED: /* nothing but its outcome */
    case VOUCH__V1__EVENT__BODY__NOT_SET:        /* an event of a later version: kept, and of no effect here */
    default:
        break;
    }
}

static void apply_ties(struct application *application, const Vouch__V1__Event *event)
{
    switch (event->body_case) {
    case VOUCH__V1__EVENT__BODY_TOUCH_RECORDED:
        apply_touch_recorded(application, event->touch_recorded);
        break;
    case VOUCH__V1__EVENT__BODY_TIER_SET:
        apply_tier_set(application, event->tier_set);
        break;
    case VOUCH__V1__EVENT__BODY_ASK_PREPARED:
        apply_ask_prepared(application, event->ask_prepared);
        break;
    case VOUCH__V1__EVENT__BODY_ASK_MOVED:
        apply_ask_moved(application, event->ask_moved);
        break;
    case VOUCH__V1__EVENT__BODY_INTEL_GIVEN:
        apply_intel_given(application, event->intel_given);
        break;
    case VOUCH__V1__EVENT__BODY_INTEL_MOVED:
        apply_intel_moved(application, event->intel_moved);
        break;
    default:
        apply_money(application, event);
        break;
    }
}

static void apply_referrals(struct application *application, const Vouch__V1__Event *event)
{
    switch (event->body_case) {
    case VOUCH__V1__EVENT__BODY_REFERRAL_SUBMITTED:
        apply_referral_submitted(application, event->referral_submitted);
        break;
    case VOUCH__V1__EVENT__BODY_REFERRAL_MOVED:
        apply_referral_moved(application, event->referral_moved);
        break;
    case VOUCH__V1__EVENT__BODY_REFERRAL_CREDITED:
        apply_referral_credited(application, event->referral_credited);
        break;
    case VOUCH__V1__EVENT__BODY_REFERRAL_IMPORTED:
        apply_referral_imported(application, event->referral_imported);
        break;
    case VOUCH__V1__EVENT__BODY_CLAIM_ENDED:
        apply_claim_ended(application, event->claim_ended);
        break;
    case VOUCH__V1__EVENT__BODY_CLOCK_RUNG:
        apply_clock_rung(application, event->clock_rung);
        break;
    default:
        apply_ties(application, event);
        break;
    }
}

static void apply_contacts(struct application *application, const Vouch__V1__Event *event)
{
    switch (event->body_case) {
    case VOUCH__V1__EVENT__BODY_CONTACT_ADDED:
        apply_contact(application, event->contact_added->contact, event->contact_added->sealed);
        break;
    case VOUCH__V1__EVENT__BODY_CONTACT_CHANGED:
        apply_contact(application, event->contact_changed->contact, event->contact_changed->sealed);
        break;
    case VOUCH__V1__EVENT__BODY_CONTACT_ORIGIN:
        apply_contact_origin(application, event->contact_origin);
        break;
    case VOUCH__V1__EVENT__BODY_CONTACT_ERASED:
        apply_contact_erased(application, event->contact_erased);
        break;
    case VOUCH__V1__EVENT__BODY_CONTACTS_MERGED:
        apply_contacts_merged(application, event->contacts_merged);
        break;
    case VOUCH__V1__EVENT__BODY_MERGE_UNDONE:
        apply_merge_undone(application, event->merge_undone);
        break;
    case VOUCH__V1__EVENT__BODY_CONTACT_NOTED:
        apply_contact_noted(application, event->contact_noted);
        break;
    default:
        apply_referrals(application, event);
        break;
    }
}

static void apply_body(struct application *application, const Vouch__V1__Event *event)
{
    switch (event->body_case) {
    case VOUCH__V1__EVENT__BODY_STORE_CREATED:
        apply_store_created(application, event->store_created);
        break;
    case VOUCH__V1__EVENT__BODY_MEMBER_INVITED:
        apply_member_invited(application, event->member_invited);
        break;
    case VOUCH__V1__EVENT__BODY_MEMBER_ENROLLED:
        apply_member_enrolled(application, event->member_enrolled);
        break;
    case VOUCH__V1__EVENT__BODY_MEMBER_REMOVED:
        apply_member_removed(application, event->member_removed);
        break;
    case VOUCH__V1__EVENT__BODY_INVITE_EXPIRED:
        apply_invite_expired(application, event->invite_expired);
        break;
    case VOUCH__V1__EVENT__BODY_CARD_SET:
        apply_card_set(application, event->card_set);
        break;
    case VOUCH__V1__EVENT__BODY_KEY_ROTATED:
        apply_key_rotated(application, event->key_rotated);
        break;
    case VOUCH__V1__EVENT__BODY_COMPANY_ADDED:
        apply_company(application, event->company_added->company);
        break;
    case VOUCH__V1__EVENT__BODY_COMPANY_CHANGED:
        apply_company(application, event->company_changed->company);
        break;
    case VOUCH__V1__EVENT__BODY_TIE_SET:
        apply_tie_set(application, event->tie_set);
        break;
    case VOUCH__V1__EVENT__BODY_CALENDAR_SET:
        apply_calendar_set(application, event->calendar_set);
        break;
    case VOUCH__V1__EVENT__BODY_QUOTA_SET:
        apply_quota_set(application, event->quota_set);
        break;
    case VOUCH__V1__EVENT__BODY_INBOX_READ:
        apply_inbox_read(application, event->inbox_read);
        break;
    case VOUCH__V1__EVENT__BODY_COMMANDS_SWEPT:
        apply_commands_swept(application, event->commands_swept);
        break;
    default:
        apply_contacts(application, event);
        break;
    }
}

void apply_event(struct view *view, uint64_t sequence, const Vouch__V1__Event *event, struct arena *arena)
{
    CHECK(sequence > 0);
    struct ledger_end ledger = {.number = 0};
    struct application application = {view, sequence, event, arena, &ledger};
    apply_body(&application, event);
    ledger_write(&application);
    if (event->fingerprint != 0) {
        outcome_put(&application);
    }
}
