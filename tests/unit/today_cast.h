/* SPDX-License-Identifier: Apache-2.0
 *
 * Reps and managers whose lists of the day are looked at, and short ways to what gets onto them. */
#ifndef VOUCH_TESTS_TODAY_CAST_H
#define VOUCH_TESTS_TODAY_CAST_H

#include "query/today.h"
#include "world.h"

#define ASKED(name) VOUCH__V1__ASK_STATE__##name

struct cast {
    struct world *world;
    uint64_t ana, tom, max, zoe; /* reps and their manager; the manager of another team */
    uint64_t kestrel, orrin, halden;
    Vouch__V1__TodayList *list; /* last asked for */
};

struct cast cast_new(void);
/* Verifies the world and frees it. */
void cast_free(struct cast *cast);

/* Asks for a list; it lives until the next command or question. */
enum vouch_status look_as(struct cast *cast, uint64_t asker, uint64_t member, uint32_t limit);
/* The member's own. */
void look(struct cast *cast, uint64_t member);
void expect_nothing(struct cast *cast, uint64_t member);
/* The list has exactly these kinds in this order. */
#define EXPECT_KINDS(cast, ...)                                                                                        \
    expect_kinds(cast, __LINE__, (const Vouch__V1__TodayLine__Kind[]){__VA_ARGS__},                                    \
                 sizeof((const Vouch__V1__TodayLine__Kind[]){__VA_ARGS__}) / sizeof(Vouch__V1__TodayLine__Kind))
void expect_kinds(const struct cast *cast, int line, const Vouch__V1__TodayLine__Kind *kinds, size_t count);

void must_move(struct cast *cast, uint64_t member, uint64_t referral, Vouch__V1__ReferralVerb verb, uint64_t receiver);
uint64_t add_person(struct cast *cast, uint64_t member, uint64_t company, const char *name, bool consent);
void touch(struct cast *cast, uint64_t member, uint64_t contact, Vouch__V1__TieTouch__Kind kind, bool inbound,
           int64_t days_ago);
/* Somebody who is close and returns calls; the last meeting was a day more ago. */
void befriend(struct cast *cast, uint64_t member, uint64_t contact, int64_t days_ago);
void set_card(struct cast *cast, uint64_t member, const char *industry);
uint64_t prepare(struct cast *cast, uint64_t member, uint64_t contact, bool asked);
void move_ask(struct cast *cast, uint64_t member, uint64_t ask, Vouch__V1__AskState to);

#endif
