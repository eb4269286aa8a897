/* SPDX-License-Identifier: Apache-2.0
 *
 * Who holds which key: the members' keys in memory, for the ZAP handler at every connection and for the intake thread
 * at every message. Derived from the member table; the writer changes it once the change is durable, so that a
 * revocation cuts live connections and an enrolment is known before it is answered. Any thread. */
#ifndef VOUCH_DISPATCH_IDENTITY_H
#define VOUCH_DISPATCH_IDENTITY_H

#include "store/store.h"
#include "vouch/v1/types.pb-c.h"

#include <stdbool.h>
#include <stdint.h>

struct identity {
    uint64_t member;
    Vouch__V1__Role role; /* of the member; NONE for the holder of an invitation */
    int64_t expires_ms;   /* of an invitation; 0: does not */
};

struct identities;

/* All keys of the member table. */
struct identities *identities_new(const struct view *view);
void identities_free(struct identities **identities);

/* Who holds this key; false for a key that nobody holds (any more). An expired invitation holds nothing. */
bool identity_find(struct identities *identities, const uint8_t key[32], struct identity *identity);

/* The keys of one member as they are now, in place of those it had. */
void identity_replace(struct identities *identities, const Vouch__V1__Member *member);

#endif
