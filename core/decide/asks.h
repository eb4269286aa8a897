/* SPDX-License-Identifier: Apache-2.0
 *
 * What the rules say of asking a contact: its budget, which is one for all members, and what a member still owes them.
 * For decisions and queries alike. Any view. */
#ifndef VOUCH_DECIDE_ASKS_H
#define VOUCH_DECIDE_ASKS_H

#include "apply/bonds.h"
#include "decide/decide.h"

/* How often a contact was asked, whoever they know. */
struct ask_budget {
    int64_t free_ms;   /* from then on they may be asked again; 0: never asked */
    int64_t asked_ms;  /* last; 0: never */
    uint64_t asked_by; /* member */
    bool after_nos;    /* it is the two NOs in a row that keep it so long */
};

/* The budget of the one who stands for a contact. It is free when `free_ms` is not after now. One short range scan. */
struct ask_budget asks_budget(const struct view *view, uint64_t contact, const struct policy *policy,
                              struct arena *arena);

/* What the one who asked should do next: told to the end only once every referral that came of it has ended. */
Vouch__V1__AskRow__Owes ask_owes(const struct view *view, const Vouch__V1__Ask *ask, struct arena *arena);
/* A referral that came of it and is still on its way; 0: none. */
uint64_t ask_under_way(const struct view *view, const Vouch__V1__Ask *ask, struct arena *arena);

/* The last ask of a member of this contact, of any of those that the contact stands for; NULL: none. */
const Vouch__V1__Ask *asks_last_of(const struct view *view, uint64_t member, uint64_t contact, struct arena *arena);

/* An ask of theirs of this contact that is open, the newest; NULL: none. It may be older than the last one. */
const Vouch__V1__Ask *asks_open_of(const struct view *view, uint64_t member, uint64_t contact, struct arena *arena);

/* Whether a card says enough to go with an ask: what issues are solved, or how the member wants to be described. */
bool card_can_go_along(const Vouch__V1__Card *card);

#endif
