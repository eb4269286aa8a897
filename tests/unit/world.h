/* SPDX-License-Identifier: Apache-2.0
 *
 * A small world to decide in: a real store in a temporary directory with a home company and its admin, and a way to
 * have commands done as the broker does them: decided, packed, journalled, unpacked, applied, committed. Time stands
 * still until a test moves it. Duplicates are not looked for, since most tests refer one prospect again and again: who
 * tests claims sets policy.protection_days. Whatever a test does not expect ends it. */
#ifndef VOUCH_TESTS_WORLD_H
#define VOUCH_TESTS_WORLD_H

#include "apply/books.h"
#include "decide/decide.h"
#include "domain/attribution.h"
#include "query/query.h"

#define WORLD_HOME 1
#define WORLD_ADMIN 1
#define WORLD_NOON INT64_C(1795435200000) /* 2026-11-23 12:00 UTC */

struct world {
    char directory[64];
    struct store *store;
    struct policy policy;
    int64_t now_ms;
    uint64_t sequence;
    struct arena *arena;            /* of the last command or question */
    struct status_text why;         /* of the last one that was refused */
    uint64_t answer_id;             /* of the last command */
    Vouch__V1__Done__Change change; /* of the last command */
    const struct advice *advice;    /* given to the next WIN in place of one weight a touch; forgotten then */
    bool no_advice;                 /* the next WIN gets none; forgotten then */
    uint8_t next_command;
};

struct world *world_new(void);
void world_free(struct world **world);

/* Has a member do a command, with `key` (32 bytes) or, NULL, with the one from world_key. Member 0: an invitee. */
enum vouch_status world_try(struct world *world, uint64_t member, const uint8_t *key,
                            const Vouch__V1__Request *request);
/* As world_try; fails the test unless it is done. Returns the answer's id. */
uint64_t world_do(struct world *world, uint64_t member, const Vouch__V1__Request *request);
/* Asks; the reply lives until the next command or question. */
enum vouch_status world_ask(struct world *world, uint64_t member, const Vouch__V1__Request *request,
                            Vouch__V1__Reply *reply);
/* Moves time and lets every timer that falls due do its work. Returns how many did. */
size_t world_wait(struct world *world, int64_t ms);
/* When the next timer falls due; DUE_NEVER_MS: none does. */
int64_t world_next_ms(struct world *world);

/* Looks for the next receiver of every referral that waits for one, without a matcher, and decides, one after the
 * other. Returns for how many. */
size_t world_reroute(struct world *world);

/* A member with a key, made by the admin. */
uint64_t world_member(struct world *world, const char *name, Vouch__V1__Role role, uint64_t company, const char *team);
/* A company, added by the admin. */
uint64_t world_company(struct world *world, const char *name, const char *domain, Vouch__V1__CompanyKind kind);
/* The key world_member gave to a member. */
void world_key(uint64_t member, uint8_t key[32]);

/* Submits with consent, a vouch and a receiver (0: none). */
uint64_t world_submit(struct world *world, uint64_t referrer, uint64_t prospect, uint64_t receiver);
/* A move with everything that any move may need: receiver, reason, note, vouch, a day until, and a value of `minor`
 * EUR.
 */
enum vouch_status world_move(struct world *world, uint64_t member, uint64_t referral, Vouch__V1__ReferralVerb verb,
                             uint64_t receiver, int64_t minor);
/* A payment of `minor` EUR that the admin records under a reference of its own; its number. */
uint64_t world_pay(struct world *world, uint64_t referral, int64_t minor);
/* The balance of a payee's account with a company in EUR; payee 0: of all the company's. */
int64_t world_balance(struct world *world, uint64_t payee, uint64_t company, enum ledger_account account);
/* The record as it is now; lives until the next call. */
const Vouch__V1__Referral *world_referral(struct world *world, uint64_t referral);

/* Replays the journal into a second store and compares both byte for byte; runs the invariants over the first. Fails
 * the test where anything differs. */
void world_verify(struct world *world);

/* A request with one operation set, as a local variable:
 *     REQUEST(COMPANY_ADD, company_add, add) = ...; add.name = "x"; world_do(world, 1, &request); */
#define REQUEST_OF(NAME, field, body)                                                                                  \
    (&(Vouch__V1__Request){.base = PROTOBUF_C_MESSAGE_INIT(&vouch__v1__request__descriptor),                           \
                           .version = 1,                                                                               \
                           .operation_case = VOUCH__V1__REQUEST__OPERATION_##NAME,                                     \
                           .field = (body)})

#endif
