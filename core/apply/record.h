/* SPDX-License-Identifier: Apache-2.0
 *
 * Typed rows: the records of the derived tables and the keys of their indexes, for those who write them (apply) and
 * those who read them (decide, query). The only place that knows how a row is laid out. Any view. */
#ifndef VOUCH_APPLY_RECORD_H
#define VOUCH_APPLY_RECORD_H

#include "base/arena.h"
#include "base/limits.h"
#include "domain/referral_moves.h"
#include "store/store.h"
#include "vouch/v1/event.pb-c.h"

/* ---- records: unpacked into the arena, NULL when there is none (or past the arena's budget) ---- */

/* Of any table whose key is one id. */
const void *record_get(const struct view *view, enum table table, uint64_t id, const ProtobufCMessageDescriptor *type,
                       struct arena *arena);

const Vouch__V1__Member *record_member(const struct view *view, uint64_t id, struct arena *arena);
const Vouch__V1__Company *record_company(const struct view *view, uint64_t id, struct arena *arena);
const Vouch__V1__Contact *record_contact(const struct view *view, uint64_t id, struct arena *arena);
const Vouch__V1__Referral *record_referral(const struct view *view, uint64_t id, struct arena *arena);
const Vouch__V1__Merge *record_merge(const struct view *view, uint64_t id, struct arena *arena);
/* The contact that stands for this person: the one it was merged into (and that one into, ...), else itself. Rows keep
 * the contact they were made with, except ties and bonds, which are always those of the contact that stands. */
uint64_t record_contact_self(const struct view *view, uint64_t contact);
/* All contacts that are the same person as this one, who stands for them, itself first; answers how many. */
size_t record_contact_family(const struct view *view, uint64_t self, uint64_t family[LIMIT_CONTACT_FAMILY],
                             struct arena *arena);
/* Only the name, without unpacking the rest; "" when there is none. Of members, companies, and contacts (whose name is
 * "" when it was erased). */
const char *record_name(const struct view *view, enum table table, uint64_t id, struct arena *arena);
/* An event of the journal; NULL also while it is not durable yet. */
const Vouch__V1__Event *record_event(const struct view *view, uint64_t sequence, struct arena *arena);
bool record_exists(const struct view *view, enum table table, uint64_t id);
/* Write view only. The arena must have room. */
void record_put(struct view *view, enum table table, uint64_t id, const ProtobufCMessage *message, struct arena *arena);
/* The same of a table whose key is more than one id. */
void record_put_key(struct view *view, enum table table, const struct key *key, const ProtobufCMessage *message,
                    struct arena *arena);

/* ---- numbers as values: 8 bytes little-endian ---- */

int64_t number_get(const struct view *view, enum table table, const struct key *key);
void number_put(struct view *view, enum table table, const struct key *key, int64_t number);
int64_t number_read(struct slice value);

/* ---- keys of indexes ---- */

struct key key_referral_member(uint64_t member, enum referral_party party, Vouch__V1__ReferralState state, uint64_t id);
/* Admins have company 0 and no team. */
struct key key_manager(uint64_t company, const char *team, uint64_t member);
struct key key_obligation(uint64_t member, uint32_t day);
struct key key_quota(uint64_t member, uint32_t year);
struct key key_due(int64_t due_ms, uint8_t kind, uint64_t id);
struct key key_command(const uint8_t command_id[16], uint64_t member);
struct key key_text(const char *text);
/* What a member's address book calls somebody. */
struct key key_contact_origin(uint64_t member, const char *origin);
struct key key_contact_origin_of(uint64_t contact, uint64_t member, const char *origin);
struct key key_note(uint64_t member, uint64_t contact, uint64_t sequence);
struct key key_card(uint64_t member, uint32_t version);

/* ---- obligations: what a member kept and missed on a day ---- */

struct obligation {
    uint32_t kept;
    uint32_t missed;
};

/* From a row of TABLE_OBLIGATION; its key ends with the day, four bytes big-endian. */
struct obligation obligation_read(struct slice value);
uint32_t obligation_day(struct slice key);
/* Adds to the row of that day (yyyymmdd). Write view only. */
void obligation_add(struct view *view, uint64_t member, uint32_t day, struct obligation add);

/* Running sums; the subject is a state (1 byte), nothing, a currency (3 bytes), or key_prior's. */
enum total_kind {
    TOTAL_STATE = 1,      /* referrals in a state */
    TOTAL_IMPORTED = 2,   /* referrals from other systems */
    TOTAL_WON = 3,        /* won referrals of a currency */
    TOTAL_WON_MINOR = 4,  /* their value */
    TOTAL_COMMISSION = 5, /* expense for commission: accrued to payees, less what was taken back */
    TOTAL_PRIOR = 6,      /* value won under terms by a referrer in a year, see key_prior */
    TOTAL_TURNOVER = 7,   /* all that was ever accrued or converted into a currency: no balance in it is larger */
    TOTAL_CLOSED_IN = 8,  /* referrals that a receiver won or lost in an industry, see key_segment */
    TOTAL_WON_IN = 9,     /* of those, won */
};
struct key key_total(enum total_kind kind, const void *subject, size_t size);
/* What tiers and quotas are counted from: all that was won under these terms, whatever their version, by this referrer,
 * in this currency, in this calendar year. */
struct key key_prior(uint64_t terms, uint64_t referrer, const char *currency, uint32_t year);

/* Receiver and industry of the prospect, as it was written when the referral was closed. */
struct key key_segment(enum total_kind kind, uint64_t receiver, const char *industry);

/* The word index; the kinds are those of message Find. */
enum name_kind { NAME_MEMBER = 1, NAME_COMPANY = 2, NAME_CONTACT = 3 };
struct key key_name_word(enum name_kind kind, const char *word, uint64_t id);

/* ---- who holds a key ---- */

enum key_kind { KEY_OF_MEMBER = 0, KEY_OF_INVITATION = 1, KEY_REVOKED = 2 };

/* The member who holds, is invited with, or once held this public key. */
bool key_holder_find(const struct view *view, const uint8_t key[32], uint64_t *member, enum key_kind *kind);

/* ---- inboxes ---- */

struct inbox_cursor {
    uint64_t last;         /* inbox sequence of the newest line */
    uint64_t acknowledged; /* read up to */
};

struct inbox_cursor inbox_cursor_get(const struct view *view, uint64_t member);

/* ---- text of referrals ---- */

/* The text of a step, from the bytes in its event; NULL when there is none or the contact's key was destroyed. */
const Vouch__V1__ReferralText *record_text(const struct view *view, ProtobufCBinaryData bytes, uint64_t contact,
                                           struct arena *arena);

#endif
