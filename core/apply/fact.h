/* SPDX-License-Identifier: Apache-2.0
 *
 * What reports count: a row of fixed size for each registered referral (TABLE_FACT), in the order of registration, and
 * one for each booking and each movement of money on a deal (TABLE_REVENUE), in the order of time. Written as events
 * are applied, read in one scan. A referral has its row from its registration on; one that was never registered (a
 * draft, a duplicate that waits, what a reviewer rejected) has none. Any view. */
#ifndef VOUCH_APPLY_FACT_H
#define VOUCH_APPLY_FACT_H

#include "apply/record.h"

/* Bits of `flags`. Numbers are stored and never change. */
enum fact_flag {
    FACT_LEAD_FIRST = 1 << 0, /* nobody vouched when it was registered */
    FACT_LEAD_NOW = 1 << 1,   /* nobody vouches now */
    FACT_IMPORTED = 1 << 2,   /* from another system: when it was contacted and met is not known */
    FACT_DUPLICATE = 1 << 3,  /* another one took its claim, or its deal was canceled as one */
    FACT_FRAUD = 1 << 4,      /* its deal was canceled as fraud */
};

struct fact {
    int64_t registered_ms;
    uint64_t referral;
    int64_t accepted_ms; /* the first time, as all of these; 0: not yet */
    int64_t contacted_ms;
    int64_t meeting_ms;
    int64_t opportunity_ms;
    int64_t closed_ms; /* won, lost, withdrawn or expired; 0: open */
    uint64_t referrer;
    uint64_t receiver; /* 0: not offered yet */
    uint64_t prospect; /* company; its industry is the segment, as it is when a report is made */
    uint64_t ask;      /* that it came of; 0: none */
    uint8_t state;     /* ReferralState */
    uint8_t source;    /* Source.Kind */
    uint8_t flags;     /* enum fact_flag, or-ed */
    uint8_t ghosts;    /* receivers who did not act */
};

struct key key_fact(int64_t registered_ms, uint64_t referral);
/* From a row. */
struct fact fact_read(struct slice key, struct slice value);
/* False when there is none. */
bool fact_get(const struct view *view, int64_t registered_ms, uint64_t referral, struct fact *fact);
/* Test, duplicate and fraud-confirmed records are in no report. */
bool fact_counts(const struct fact *fact);

/* Kinds of rows in TABLE_REVENUE. Numbers are stored and never change. */
enum revenue_kind {
    REVENUE_BOOKED = 1,   /* a referral was won at this value */
    REVENUE_CANCELED = 2, /* and its deal fell through: the value again, below zero */
    REVENUE_PAID = 3,     /* a payment came in */
    REVENUE_REFUNDED = 4, /* and was given back, below zero */
};

struct revenue {
    int64_t time_ms; /* when it happened, not when the broker heard of it */
    enum revenue_kind kind;
    uint64_t sequence; /* of its event */
    uint64_t payment;  /* 0: it is about the deal */
    uint64_t referral;
    uint64_t referrer;
    uint64_t receiver;
    uint64_t prospect;
    int64_t minor;
    char currency[4];
    uint8_t source; /* Source.Kind */
};

struct key key_revenue(int64_t time_ms, enum revenue_kind kind, uint64_t sequence, uint64_t payment);
struct revenue revenue_read(struct slice key, struct slice value);

/* ---- writing; the write view only ---- */

struct application;
/* Brings the row of a referral up to date after a step (`before` NULL: it was not there). `verb` is what led to it. */
void fact_step(struct application *application, const Vouch__V1__Referral *before, const Vouch__V1__Referral *now,
               Vouch__V1__ReferralVerb verb);
/* Sets a flag of a registered referral's row. */
void fact_mark(struct application *application, const Vouch__V1__Referral *referral, enum fact_flag flag);
/* Adds a row of revenue about this referral; none for 0. `payment` tells rows of one event apart; 0: about none. */
void revenue_add(struct application *application, const Vouch__V1__Referral *referral, enum revenue_kind kind,
                 int64_t time_ms, const Vouch__V1__Money *amount, uint64_t payment);

#endif
