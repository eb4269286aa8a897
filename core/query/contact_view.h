/* SPDX-License-Identifier: Apache-2.0
 *
 * People and notes as their member may see them: for the one who looks, and the one who exports. */
#ifndef VOUCH_QUERY_CONTACT_VIEW_H
#define VOUCH_QUERY_CONTACT_VIEW_H

#include "query/parts.h"

/* A note from its event; NULL past the arena's budget. */
Vouch__V1__Note *note_view(const struct question *question, uint64_t sequence);
/* A contact as the asker may see it: who added it is told to them and to admins. NULL past the arena's budget. */
const Vouch__V1__Contact *contact_seen(const struct question *question, const Vouch__V1__Contact *contact);
/* The contact that stands for a person, with the asker's tie and bond, without notes and referrals; NULL past the
 * arena's budget. */
Vouch__V1__ContactView *contact_view(struct question *question, uint64_t self);

#endif
