/* SPDX-License-Identifier: Apache-2.0
 *
 * Who may see what, beyond the permissions of a role: the one place for decisions and queries alike. What a member may
 * not see does not exist for them. Any view. */
#ifndef VOUCH_DECIDE_ACCESS_H
#define VOUCH_DECIDE_ACCESS_H

#include "apply/record.h"

/* The company that runs the broker: `vouchd init` makes it first. */
#define HOME_COMPANY 1

/* Who manages a member: active managers of the same company and team; where there is none but the member, the admins.
 * In the order of their ids, at most ACCESS_MANAGERS_MAX, never the member themself; returns how many. One range scan.
 */
#define ACCESS_MANAGERS_MAX 8
size_t access_managers(const struct view *view, uint64_t member, uint64_t managers[ACCESS_MANAGERS_MAX],
                       struct arena *arena);
/* Active admins, in the same way. */
size_t access_admins(const struct view *view, uint64_t admins[ACCESS_MANAGERS_MAX]);
/* True when `actor` is one of those who manage the member: of the same company and team and MANAGER, or ADMIN. */
bool access_manages(const struct view *view, const Vouch__V1__Member *actor, uint64_t member, struct arena *arena);

/* Roles that can be a party of a referral. */
bool access_can_be_party(const Vouch__V1__Member *member);

/* Somebody whose help was credited. */
bool access_is_credited(const Vouch__V1__Referral *referral, uint64_t member);

/* Referrer always; connector once asked; receiver once offered. */
bool access_is_party(const Vouch__V1__Referral *referral, uint64_t member);

/* Parties, who was credited, managers of a party's team, ADMIN, FINANCE, AUDITOR; a draft only its referrer and ADMIN.
 */
bool access_referral(const struct view *view, const Vouch__V1__Member *actor, const Vouch__V1__Referral *referral,
                     struct arena *arena);

/* Who looks at what is held and records the buyer's choice: managers of the referrer's team, FINANCE, ADMIN; never the
 * referrer. */
bool access_reviews(const struct view *view, const Vouch__V1__Member *actor, const Vouch__V1__Referral *referral,
                    struct arena *arena);
/* FINANCE, ADMIN, AUDITOR: those who look for rings. */
bool access_reciprocal(const Vouch__V1__Member *actor);

/* Payees, managers of the receiver's team, FINANCE of the company that pays, ADMIN, AUDITOR. */
bool access_deal(const struct view *view, const Vouch__V1__Member *actor, const Vouch__V1__Referral *referral,
                 const Vouch__V1__Deal *deal, struct arena *arena);

/* Those with a tie to the person, whichever of their contacts is named. */
bool access_contact(const struct view *view, uint64_t member, uint64_t contact);

/* E-mail and phone of the prospect's contact: whoever has a tie to them, and the receiver from ACCEPTED on, when the
 * referral was not lost, declined or taken back. */
bool access_contact_details(const struct view *view, uint64_t member, const Vouch__V1__Referral *referral);

#endif
