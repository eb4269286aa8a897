/* SPDX-License-Identifier: Apache-2.0
 *
 * What a report should say, counted again from the journal alone: the events are walked through one by one, what they
 * tell of referrals, asks, contacts, money and obligations is kept in plain lists, and every number is looked for there
 * the long way. Shares no code with the reports. */
#ifndef VOUCH_TESTS_RECOUNT_H
#define VOUCH_TESTS_RECOUNT_H

#include "world.h"

/* Of each list; a test with more says so when it is built. */
#ifndef RECOUNT_MOST
#define RECOUNT_MOST 2000
#define RECOUNT_MEMBERS 64
#endif

struct recount_referral {
    uint64_t id, referrer, receiver, prospect, ask;
    int64_t registered_ms, contacted_ms, met_ms, closed_ms;
    Vouch__V1__Source__Kind source;
    uint64_t named_by; /* contact */
    bool lead, lead_first, imported, won, duplicate, fraud;
    char currency[4];
    int64_t value;
};

struct recount_ask {
    uint64_t id, member, contact;
    int64_t asked_ms, named_ms; /* 0: not */
};

struct recount_contact {
    uint64_t id;
    int64_t since_ms;
    uint64_t merged_into, merge, merged_at; /* 0: it is itself; the last is the event's sequence */
    bool erased;
    size_t last_tie; /* of those to it, one more than its place; 0: none */
};

/* Who knows whom. */
struct recount_tie {
    uint64_t member, contact;
    bool stands;
    size_t before; /* to the same contact, one more than its place; 0: none */
};

/* That a member did something with a contact: a touch, an ask. */
struct recount_act {
    uint64_t member, contact, sequence;
};

/* Money that moved, or a sale. */
struct recount_money {
    int64_t time_ms, minor;
    uint64_t referral;
    bool booked; /* a sale; false: money */
    bool positive;
};

struct recount_day {
    uint64_t member;
    uint32_t day;
    uint32_t kept, missed;
};

struct recount_quota {
    uint64_t member;
    uint32_t year;
    int64_t minor;
    char currency[4];
};

struct recount_payment {
    uint64_t id, referral;
    int64_t minor, refunded;
};

struct recount {
    struct recount_referral referrals[RECOUNT_MOST];
    struct recount_ask asks[RECOUNT_MOST];
    struct recount_contact contacts[RECOUNT_MOST];
    struct recount_tie ties[RECOUNT_MOST];
    struct recount_money money[RECOUNT_MOST];
    struct recount_day days[RECOUNT_MOST];
    struct recount_payment payments[RECOUNT_MOST];
    struct recount_quota quotas[RECOUNT_MOST];
    uint64_t intels[RECOUNT_MOST]; /* to whom */
    struct recount_act acts[RECOUNT_MOST];
    size_t referral_count, ask_count, contact_count, tie_count, money_count, day_count, payment_count, quota_count,
        intel_count, act_count;
    struct {
        char name[64];
        char team[64]; /* as reports name it */
        int64_t joined_ms;
        uint64_t company;
    } members[RECOUNT_MEMBERS];
    char industries[RECOUNT_MOST][64]; /* of companies, as reports name them */
    int64_t now_ms;
};

/* Who a contact is now. */
const struct recount_contact *recount_person(const struct recount *recount, uint64_t contact);
/* Reads the whole journal. */
void recount_read(struct recount *recount, struct world *world);
/* Fails the test where a row says something else. `page` is the page it is of. */
void recount_row(const struct recount *recount, const Vouch__V1__ReportPage *page, const Vouch__V1__ReportRow *row);

#endif
