/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of a member's working day with people: bonds and touches, asks, intel. For those who write them (apply) and
 * those who read them (decide, query). docs/workday.md tells what they mean. Any view. */
#ifndef VOUCH_APPLY_BONDS_H
#define VOUCH_APPLY_BONDS_H

#include "apply/record.h"

/* ---- bonds: always of the contact that stands for the person, see record_contact_self ---- */

/* NULL where there were no touches, asks, or tier set by hand. */
const Vouch__V1__Bond *record_bond(const struct view *view, uint64_t member, uint64_t contact, struct arena *arena);
struct key key_bond(uint64_t member, uint64_t contact);
/* A new one: since the member added the contact or, when it was somebody else, since now. */
Vouch__V1__Bond bond_new(const struct view *view, uint64_t member, uint64_t contact, int64_t now_ms,
                         struct arena *arena);
/* When a tie without a bond was made, as far as is known: when the contact was added. */
int64_t tie_made_ms(const Vouch__V1__Contact *contact);

/* ---- touches ---- */

struct key key_touch(uint64_t member, uint64_t contact, int64_t time_ms, uint64_t sequence);
/* The touches of a member with these contacts that count for the bond, newest first, at most STRENGTH_TOUCHES_MAX, with
 * room for one more; NULL past the arena's budget. */
const Vouch__V1__TieTouch **tie_touches_of(const struct view *view, uint64_t member, const uint64_t *contacts,
                                           size_t contact_count, size_t *count, struct arena *arena);

/* ---- asks ---- */

const Vouch__V1__Ask *record_ask(const struct view *view, uint64_t ask, struct arena *arena);
struct key key_ask_member(uint64_t member, Vouch__V1__AskState state, uint64_t ask);
struct key key_ask_contact(uint64_t contact, int64_t asked_ms, uint64_t ask);
/* Something is still to come of it, from the contact or from who asked. */
bool ask_is_open(const Vouch__V1__Ask *ask);

/* ---- intel ---- */

enum intel_side { INTEL_GAVE = 1, INTEL_WAS_OFFERED = 2 };

const Vouch__V1__Intel *record_intel(const struct view *view, uint64_t intel, struct arena *arena);
/* The next moment of its clock; 0: none is to come. */
int64_t intel_rings_ms(const Vouch__V1__Intel *intel);
struct key key_intel_member(uint64_t member, enum intel_side side, Vouch__V1__IntelState state, uint64_t intel);

#endif
