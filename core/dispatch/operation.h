/* SPDX-License-Identifier: Apache-2.0
 *
 * The operations table in C: what each operation is called, who may ask for it, and which stage handles it. */
#ifndef VOUCH_DISPATCH_OPERATION_H
#define VOUCH_DISPATCH_OPERATION_H

#include "vouch/v1/wire.pb-c.h"

#include <stdint.h>

enum operation_kind { QUERY, COMMAND, SESSION, CONTROL, ADVISED_QUERY };

enum operation_advice { NO_ADVICE, ATTRIBUTION_ON_WIN, MATCHER, ESTIMATE, ATTRIBUTION_AGAIN };

/* Who may: a bit for each role, and one for whoever holds an invitation. */
enum operation_role {
    INVITEE = 1 << 0,
    REP = 1 << VOUCH__V1__ROLE__REP,
    MANAGER = 1 << VOUCH__V1__ROLE__MANAGER,
    FINANCE = 1 << VOUCH__V1__ROLE__FINANCE,
    ADMIN = 1 << VOUCH__V1__ROLE__ADMIN,
    AUDITOR = 1 << VOUCH__V1__ROLE__AUDITOR,
    ANY = REP | MANAGER | FINANCE | ADMIN | AUDITOR,
};

struct operation {
    Vouch__V1__Request__OperationCase number;
    const char *name; /* as the field in message Request: "referral_submit" */
    enum operation_kind kind;
    enum operation_advice advice;
    unsigned roles; /* enum operation_role, or-ed */
};

/* NULL for a number that is none. */
const struct operation *operation_find(Vouch__V1__Request__OperationCase number);

#endif
