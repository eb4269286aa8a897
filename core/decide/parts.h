/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of decide: what the aggregates share. Everything that an event points to is the request's or comes from the
 * decision's arena, which a hostile request may have used up: whatever allocates can answer NULL or TOO_LARGE. */
#ifndef VOUCH_DECIDE_PARTS_H
#define VOUCH_DECIDE_PARTS_H

#include "apply/books.h"
#include "decide/access.h"
#include "decide/decide.h"
#include "domain/names.h"
#include "domain/vocabulary.h"

#include <inttypes.h>

/* Numbers of the vocabulary, short. */
#define STATE(name) VOUCH__V1__REFERRAL_STATE__##name
#define VERB(name) VOUCH__V1__REFERRAL_VERB__##name
#define ROLE(name) VOUCH__V1__ROLE__##name
#define BODY(name) VOUCH__V1__EVENT__BODY_##name

/* ---- decide.c ---- */

/* An initialised message in the arena; NULL past its budget. */
void *decision_message(struct decision *decision, const ProtobufCMessageDescriptor *type);
/* TOO_LARGE, with its sentence. */
enum vouch_status decision_too_large(struct decision *decision);
/* The next id of a counter. One command makes at most one thing of a kind. */
uint64_t decision_next_id(const struct decision *decision, const char *counter);
/* A member's name for a sentence; "member 12" when there is none. */
const char *decision_name(struct decision *decision, uint64_t member);

/* ---- take.c: fields of a request, cleaned and checked ---- */

/* A name, trimmed; INVALID starting with `what`. */
enum vouch_status take_name(struct decision *decision, const char *text, const char *what, char **name) MUST_USE;
/* As take_name, but may be empty. */
enum vouch_status take_maybe(struct decision *decision, const char *text, const char *what, char **name) MUST_USE;
/* As take_maybe; a synonym or a code becomes the word of the vocabulary. */
enum vouch_status take_word(struct decision *decision, enum vocabulary vocabulary, const char *text, const char *what,
                            char **word) MUST_USE;
/* Tags, folded, each once, empty ones dropped. */
enum vouch_status take_tags(struct decision *decision, size_t count, char *const *tags, const char *what,
                            size_t *taken_count, char ***taken) MUST_USE;
/* A public key that nobody holds, held or is invited with. */
enum vouch_status take_new_key(struct decision *decision, ProtobufCBinaryData key, const char *what) MUST_USE;
/* Something of somebody, sealed (contact != 0) or plain, packed into the arena. */
enum vouch_status take_sealed(struct decision *decision, const ProtobufCMessage *message, uint64_t contact,
                              const uint8_t key[32], ProtobufCBinaryData *sealed) MUST_USE;
/* What people wrote about a referral, sealed under its contact's key where it has a contact. Where that person's data
 * were erased, or nothing is written, nothing is kept. */
enum vouch_status take_text(struct decision *decision, uint64_t contact, const Vouch__V1__ReferralText *text,
                            ProtobufCBinaryData *sealed, uint64_t *sealed_for) MUST_USE;
/* True when nothing is written in it, or it is absent. */
bool text_is_empty(const Vouch__V1__ReferralText *text);

/* ---- decide_company.c, decide_contact.c: also used when a referral brings its prospect along ---- */

/* A new company from a request, checked, with its id; or the id of the one that has this domain already. */
enum vouch_status company_make(struct decision *decision, const Vouch__V1__CompanyAdd *add,
                               Vouch__V1__Company **company, uint64_t *existing) MUST_USE;
enum vouch_status company_emit(struct decision *decision, Vouch__V1__Company *company, bool added) MUST_USE;

/* Makes or finds (by e-mail) a person and emits what that takes, the actor's tie included. Fills the id. The caller has
 * seen to it that the company is there, or comes with this decision. */
enum vouch_status contact_take(struct decision *decision, const Vouch__V1__PersonalData *personal, uint64_t company,
                               bool consent, uint32_t strength_ppm, uint64_t *id) MUST_USE;
/* A person whom the broker has not met, with a key of their own. Fills the id. */
enum vouch_status contact_new(struct decision *decision, uint64_t company, bool consent,
                              const Vouch__V1__PersonalData *personal, uint64_t *id) MUST_USE;
/* ContactAdded or ContactChanged. */
enum vouch_status contact_emit(struct decision *decision, const Vouch__V1__Contact *record,
                               const Vouch__V1__PersonalData *personal, const uint8_t key[32], bool added) MUST_USE;
/* The contact that stands for this person, whom the actor has a tie to (or is an admin); CONFLICT once erased. */
enum vouch_status contact_find(struct decision *decision, uint64_t asked, const Vouch__V1__Contact **contact) MUST_USE;
/* CONFLICT when the person withdrew the consent to be introduced; contact 0: nobody. */
enum vouch_status contact_consent_check(struct decision *decision, uint64_t contact) MUST_USE;
/* The key that seals this contact's data, also of one that this very decision makes; false when destroyed. */
bool contact_key(const struct decision *decision, uint64_t contact, uint8_t key[32]);
/* `by_hand`: the member said how strong it is; else it is measured from the first touch on. */
enum vouch_status tie_emit(struct decision *decision, uint64_t to_contact, uint64_t to_member, uint32_t strength_ppm,
                           bool by_hand) MUST_USE;

/* ---- employer.c ---- */

struct employer {
    char *name; /* "" for none */
    size_t email_count;
    const char (*emails)[EMAIL_BYTES_MAX + 1]; /* of who works there, in their one form */
};

/* The company that this is, or a new one; 0: nothing tells it. */
enum vouch_status employer_take(struct decision *decision, const struct employer *employer, uint64_t *company) MUST_USE;

/* ---- decide_contact_personal.c ---- */

/* The contact that stands for the person with this address, in its one form; 0: nobody. */
uint64_t contact_by_email(const struct decision *decision, const char *normal);
/* What a request says of a person, cleaned. */
enum vouch_status personal_take(struct decision *decision, const Vouch__V1__PersonalData *asked,
                                Vouch__V1__PersonalData *personal) MUST_USE;
/* Whose the addresses are; 0: nobody's. CONFLICT when they are several people's. */
enum vouch_status personal_owner(struct decision *decision, const Vouch__V1__PersonalData *personal,
                                 uint64_t *contact) MUST_USE;
/* Whether this address, in its one form, is one of the person's. */
bool personal_has_email(const Vouch__V1__PersonalData *personal, const char *normal);
/* Puts what is asked in the place of what was there. */
enum vouch_status personal_change(struct decision *decision, const Vouch__V1__PersonalData *asked, uint64_t contact,
                                  Vouch__V1__PersonalData *personal) MUST_USE;

/* ---- decide_referral.c ---- */

/* That this member can be offered this referral. */
enum vouch_status receiver_check(struct decision *decision, uint64_t receiver, uint64_t referrer,
                                 uint64_t connector) MUST_USE;
/* ---- decide_move.c: also used by reviews, choices and promotions ---- */

/* A move as an event, with the clock of the new state; whoever calls fills in the rest. */
enum vouch_status move_emit(struct decision *decision, const Vouch__V1__Referral *referral,
                            Vouch__V1__ReferralVerb verb, Vouch__V1__ReferralState to,
                            Vouch__V1__ReferralMoved **moved) MUST_USE;
/* The move OFFER, to this receiver, whose clock it starts. */
enum vouch_status move_emit_offer(struct decision *decision, const Vouch__V1__Referral *referral, uint64_t receiver,
                                  uint32_t score_ppm, Vouch__V1__ReferralMoved **moved) MUST_USE;
/* A referral that is registered now and has a receiver named goes on to them; where they cannot take it any more it
 * stays and the referrer sees so. */
enum vouch_status move_offer_named(struct decision *decision, const Vouch__V1__Referral *referral) MUST_USE;
/* The reason that goes with a move. */
enum vouch_status move_set_reason(struct decision *decision, const Vouch__V1__Referral *referral, char *reason,
                                  Vouch__V1__ReferralMoved *moved) MUST_USE;

/* ---- decide_clock.c: all moments are computed here, in the working time of who has to act ---- */

/* The clock of a state that a referral enters, for this receiver; NULL where nobody has to act in it. */
enum vouch_status clock_start(struct decision *decision, const Vouch__V1__Referral *referral,
                              Vouch__V1__ReferralState to, uint64_t receiver, Vouch__V1__Clock **clock) MUST_USE;
/* The clock of the present state put off until then. */
enum vouch_status clock_snooze(struct decision *decision, const Vouch__V1__Referral *referral, int64_t until_ms,
                               Vouch__V1__Clock **clock) MUST_USE;
/* A clock from now on that never passes to somebody else: of a member, and of the managers of a referral's referrer. */
enum vouch_status clock_for_hours(struct decision *decision, uint64_t member, uint32_t hours,
                                  Vouch__V1__Clock **clock) MUST_USE;
enum vouch_status clock_for_managers(struct decision *decision, const Vouch__V1__Referral *referral,
                                     Vouch__V1__Clock **clock) MUST_USE;
/* The receiver acts before their clock runs out: an obligation is kept. */
bool clock_is_kept(const struct decision *decision, const Vouch__V1__Referral *referral);
/* Today as yyyymmdd in the zone of the home company. */
uint32_t home_day(const struct decision *decision);
/* The timer of a clock: a reminder, its end, or the next receiver. */
enum vouch_status clock_ring(struct decision *decision, uint64_t id, int64_t due_ms) MUST_USE;
/* Somebody acts after a clock ran out and before that was told: tells it first. The referral is as it is then. */
enum vouch_status clock_catch_up(struct decision *decision, const Vouch__V1__Referral **referral) MUST_USE;

/* ---- decide_touch.c ---- */

/* The one who stands for a contact that the actor knows, personal data and all. */
enum vouch_status contact_mine(struct decision *decision, uint64_t id, const Vouch__V1__Contact **contact) MUST_USE;

/* ---- decide_ask.c ---- */

/* Where a referral comes from: the ask or contact that the request names, else who it is for. Its receiver is set. */
enum vouch_status source_take(struct decision *decision, const Vouch__V1__ReferralSubmit *submit,
                              Vouch__V1__Referral *referral) MUST_USE;
/* The timer of an ask: nobody answered. */
enum vouch_status ask_run_out(struct decision *decision, uint64_t ask, int64_t due_ms) MUST_USE;

/* ---- decide_intel.c ---- */

/* The timer of intel that is not answered. */
enum vouch_status intel_ring(struct decision *decision, uint64_t intel, int64_t due_ms) MUST_USE;

/* ---- decide_credit.c ---- */

/* Credits help, where the actor may say so. */
enum vouch_status credit_emit(struct decision *decision, const Vouch__V1__ReferralCredit *credit) MUST_USE;

/* ---- decide_reroute.c: what follows a clock that PASSED ---- */

/* GHOST (and, for REGISTERED and DECLINED, the ClockRung at the pass) leave a clock whose stage is PASSED, whatever the
 * attempt. Its DUE_REROUTE row (see DUE_NEVER_MS in apply.h) has the dispatcher look for a receiver; decide_reroute.c
 * then emits OFFER, or ClockRung.queued with the managers' clock. A referral is in the managers' queue when it is HELD,
 * or in one of these states with a clock of somebody else than its referrer that is not PASSED. */

/* ---- decide_review.c ---- */

/* A referral that the actor may review. */
enum vouch_status review_find(struct decision *decision, uint64_t id, const Vouch__V1__Referral **referral) MUST_USE;

/* ---- decide_claim.c ---- */

/* Where a registration leads: on, into the queue of who holds the claim, or (unless it was reviewed) to a review. Emits
 * what becomes of a claim that it takes over. The referral has its parties, prospect, product and `lead` set; `person`
 * (may be NULL) is the prospect's. */
enum vouch_status claim_register(struct decision *decision, const Vouch__V1__Referral *referral,
                                 const Vouch__V1__PersonalData *person, bool reviewed, Vouch__V1__Claim **claim,
                                 Vouch__V1__ReferralState *state) MUST_USE;
/* What becomes of claims when a lead, as it was before, is vouched for, or a vouch for a referral is taken back. */
enum vouch_status claim_follow_vouch(struct decision *decision, const Vouch__V1__Referral *referral) MUST_USE;
/* What a meeting makes of the claim; NULL: nothing. */
enum vouch_status claim_extend(struct decision *decision, const Vouch__V1__Referral *referral,
                               Vouch__V1__Claim **claim) MUST_USE;
/* A referral won between the same two the other way round, lately; 0: none. */
uint64_t claim_reciprocal(struct decision *decision, const Vouch__V1__Referral *referral);
/* The timer of a claim: its time is over, or nobody holds it, and somebody waits. */
enum vouch_status claim_pass_on(struct decision *decision, uint64_t referral, int64_t due_ms) MUST_USE;

/* ---- decide_referral.c ---- */

/* When the clock of CONSENT_WAIT runs out. */
int64_t consent_due_ms(const struct decision *decision);

/* ---- decide_deal.c ---- */

/* A currency with a minor unit, and an amount that the running sums can take. No sum or balance is ever larger than all
 * that was won, for no rate is above the whole: so what is decided here can be applied. */
enum vouch_status value_check(struct decision *decision, const Vouch__V1__Money *value) MUST_USE;
/* A referral that is won now becomes a deal. */
enum vouch_status deal_emit(struct decision *decision, const Vouch__V1__Referral *referral,
                            const Vouch__V1__Money *value) MUST_USE;

/* ---- decide_payment.c: what all that concerns money asks ---- */

/* True when the actor keeps the books of this company: its own finance people, and admins. */
bool finance_may(const Vouch__V1__Member *actor, uint64_t company);
/* DENIED, with its sentence, unless finance_may. */
enum vouch_status finance_check(struct decision *decision, uint64_t company) MUST_USE;
/* The period that something effective then is posted to: its own, or, once that is closed, the first that is open. */
uint32_t open_period(struct decision *decision, uint64_t company, int64_t effective_ms);
/* When something happened, by what the request says (0: now). INVALID for the future. */
enum vouch_status effective_check(struct decision *decision, int64_t asked_ms, int64_t *effective_ms) MUST_USE;
/* The deal of a referral, and that the actor may book on it. */
enum vouch_status deal_find(struct decision *decision, uint64_t referral, const Vouch__V1__Deal **deal) MUST_USE;
/* A payment and its deal, and that the actor may book on it. */
enum vouch_status payment_find(struct decision *decision, uint64_t id, const Vouch__V1__Payment **payment,
                               const Vouch__V1__Deal **deal) MUST_USE;
/* INVALID when a request says another currency than the deal's. */
enum vouch_status currency_check(struct decision *decision, const Vouch__V1__Deal *deal, const char *currency) MUST_USE;
/* That so much more in this currency can be counted with. No balance, whoever's, is ever larger than all that came into
 * the accounts of its currency, which this bounds: what is booked later of it always fits. */
enum vouch_status turnover_check(struct decision *decision, const char *currency, int64_t minor) MUST_USE;

/* ---- decide_approve.c ---- */

enum vouch_status elapse_hold(struct decision *decision, uint64_t payment, int64_t due_ms) MUST_USE;

/* ---- decide_refund.c ---- */

/* Takes `minor` (0: all that is left, above zero) back from one part. */
enum vouch_status correction_emit(struct decision *decision, const Vouch__V1__Deal *deal,
                                  const Vouch__V1__Payment *payment, const Vouch__V1__PaymentPart *part, int64_t minor,
                                  Vouch__V1__LedgerReason reason, const char *note) MUST_USE;

/* ---- decide_period.c ---- */

/* The company that a request names, or (0) the actor's own; DENIED unless the actor keeps its books. */
enum vouch_status company_or_own(struct decision *decision, uint64_t asked, uint64_t *company) MUST_USE;

/* ---- the commands, one a function ---- */

decide_function decide_enrol, decide_member_invite, decide_member_remove, decide_card_set, decide_key_rotate;
decide_function decide_calendar_set, decide_quota_set;
decide_function decide_company_add, decide_company_change;
decide_function decide_contact_add, decide_contact_change, decide_contact_import;
decide_function decide_contact_note, decide_contact_merge, decide_contact_unmerge, decide_contact_erase;
decide_function decide_tie_set;
decide_function decide_referral_submit, decide_referral_move, decide_referral_import, decide_referral_credit;
decide_function decide_referral_review, decide_claim_choose;
decide_function decide_touch_record, decide_tier_set;
decide_function decide_ask_prepare, decide_ask_move;
decide_function decide_intel_offer, decide_intel_move;
decide_function decide_inbox_ack;
decide_function decide_terms_write, decide_terms_approve;
decide_function decide_payment_record, decide_payment_refund, decide_deal_cancel;
decide_function decide_commission_approve, decide_commission_correct;
decide_function decide_dispute_open, decide_dispute_resolve;
decide_function decide_period_close;
decide_function decide_payout_make, decide_payout_settle, decide_payout_fail;
decide_function decide_debt_settle;

#endif
