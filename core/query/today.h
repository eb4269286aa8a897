/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of the list of the day: its parts each find things to do and hand them in; what comes first is kept, and only
 * for that are words made. docs/workday.md, "Today", tells the order. */
#ifndef VOUCH_QUERY_TODAY_H
#define VOUCH_QUERY_TODAY_H

#include "domain/strength.h"
#include "query/parts.h"

#define TODAY_LINES_DEFAULT 100
#define TODAY_LINES_MOST 200
#define TODAY_LEADS 5
#define TODAY_NEGLECTED 10
#define TODAY_ASKS 5
/* So many of the contacts that score best are looked at more closely, until TODAY_ASKS of them can be asked. */
#define TODAY_ASK_CANDIDATES 200

#define KIND(name) VOUCH__V1__TODAY_LINE__KIND__##name

/* In the order of the list. */
enum today_group {
    TODAY_OVERDUE,   /* by deadline */
    TODAY_TIMED,     /* by deadline */
    TODAY_UNTIMED,   /* the oldest first, as in all that has no order of its own */
    TODAY_THANKS,    /* what contacts are owed */
    TODAY_INTEL,     /* by deadline */
    TODAY_LEAD,      /* the newest first */
    TODAY_NEGLECT,   /* by tier, then who has waited longest */
    TODAY_BEST_ASKS, /* by score */
};

struct today_item {
    enum today_group group;
    int64_t order; /* within the group, the least first; then by id */
    uint64_t id;   /* of what it is about: */
    Vouch__V1__TodayLine__Kind kind;
    uint64_t referral, contact, ask, intel;
    int64_t due_ms;
    Vouch__V1__Clock__Stage stage;
    Vouch__V1__ReferralState state;
    struct standing standing; /* of a contact */
    int64_t last_two_way_ms;  /* of a contact */
    uint32_t score_ppm;
    uint64_t sibling; /* BEST_ASK: company of the same group that is a client; 0: none */
    bool delivered;   /* BEST_ASK: what they named was won, and they know */
};

/* The items that come first, so many as there is room for: a heap with the last of them on top. */
struct today_best {
    struct today_item *items;
    size_t count, room;
    uint64_t offered; /* to it, in all */
};

struct today {
    struct question *question;
    const Vouch__V1__Member *member; /* whose day it is */
    bool own;                        /* the asker's: contacts too */
    struct arena *scratch;           /* of one row */
    struct today_best due, leads, neglected, asks;
    int64_t next_ms; /* what falls due next and is not on the list; 0: nothing */
    struct today_item next;
    enum vouch_status status; /* TIMEOUT: nothing more is looked for */
};

/* ---- query_today.c ---- */

void today_best_add(struct today_best *best, const struct today_item *item);
/* Something that is due later. */
void today_later(struct today *today, const struct today_item *item, int64_t due_ms);
/* In the order of the list; the heap is none any more. */
void today_best_sort(struct today_best *best);

/* ---- today_due.c: what somebody waits for ---- */

void today_add_due(struct today *today);

/* ---- today_contacts.c: neglected sources and best asks, in one walk over the member's ties ---- */

void today_add_contacts(struct today *today);

/* ---- today_bond.c: a bond without unpacking it, for there are thousands to be looked at ---- */

struct today_bond {
    Vouch__V1__Bond bond; /* points into the rest */
    protobuf_c_boolean returned[OUTREACHES_KEPT];
    int64_t outreach_ms[OUTREACHES_KEPT];
};
/* False for what is no Bond. */
bool today_bond_read(struct slice value, struct today_bond *read);

/* ---- today_asks.c ---- */

/* What becomes of a contact's score: the companies of their kind. */
struct today_market;
/* NULL past the arena's budget. Reads what the member has won. */
struct today_market *today_market_new(struct today *today);

/* Whether the member has won or referred anything, so that there may be siblings. */
bool today_market_has_clients(const struct today_market *market);

struct today_value {
    uint32_t ppm;     /* what a referral from there is worth, of the most it can be */
    uint64_t sibling; /* a client of the same group; 0: none */
};
struct today_value today_market_value(struct today_market *market, uint64_t company);

/* (1 + named) / (5 + asks): the mean of Beta(1,4) after these asks. */
uint32_t today_propensity_ppm(uint32_t asks, uint32_t named);
/* tie × propensity × min(1, days since the last ask / 90) × value. */
uint32_t today_score_ppm(uint32_t strength_ppm, uint32_t propensity_ppm, int64_t since_ask_ms, uint32_t value_ppm);
/* Of the contacts that score best (sorted), those who can be asked now. */
void today_choose_asks(struct today *today, const struct today_best *candidates);

/* ---- today_words.c ---- */

/* The line of an item; NULL past the arena's budget. */
Vouch__V1__TodayLine *today_line(struct question *question, const struct today_item *item);

#endif
