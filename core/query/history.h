/* SPDX-License-Identifier: Apache-2.0
 *
 * What became of the referrals that were closed in a time, as models that estimate over history want it: the ways that
 * they went, from party to party, each with how often it was won and lost. Made from a snapshot, for one question. */
#ifndef VOUCH_QUERY_HISTORY_H
#define VOUCH_QUERY_HISTORY_H

#include "domain/attribution.h"
#include "plugin/plugin.h"
#include "query/parts.h"

#include <uthash.h>

/* The parties of a referral in the order of their first touches; all referrals that went this way. */
struct way {
    uint32_t party_count;
    uint64_t won, lost;
    int64_t value; /* of those that were won, in the history's currency */
    UT_hash_handle hh;
    uint64_t parties[]; /* the key */
};

struct party_history {
    uint64_t party; /* the key */
    uint64_t won, lost;
    uint64_t first_sequence; /* of the party's earliest touch; of a referral from another system: its number */
    UT_hash_handle hh;
};

struct history {
    /* in */
    const char *currency;
    int64_t from_ms, until_ms; /* closed at or after the one, before the other */
    bool imported;             /* those from other systems, too */
    /* out, in the question's arena; the tables are freed by history_free */
    struct way *ways; /* sorted, so that the same history is told the same way */
    struct party_history *parties;
    uint64_t won, lost;
    uint64_t other_currency; /* of `won`: in another one */
    int64_t value;
    uint32_t place_count;
};

/* Fills in the rest. TOO_LARGE when there are more ways than an estimate takes, TIMEOUT when it takes too long. */
enum vouch_status history_make(struct question *question, struct history *history) MUST_USE;
void history_free(struct history *history);

#define HISTORY_DIGEST_BYTES 32

/* BLAKE2b-256 of the times, the currency and the ways, in order; numbers as 8 bytes little-endian. */
void history_digest(const struct history *history, uint8_t digest[HISTORY_DIGEST_BYTES]);

/* The history as a plugin is told it, in the question's arena; false past its budget. */
bool history_request(struct question *question, const struct history *history,
                     struct vouch_estimate_request *request) MUST_USE;

#endif
