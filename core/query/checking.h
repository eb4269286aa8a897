/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of the invariants' check. An index is right when every row that its records ask for is there, and there are as
 * many rows as were asked for. */
#ifndef VOUCH_QUERY_CHECKING_H
#define VOUCH_QUERY_CHECKING_H

#include "apply/record.h"
#include "query/check.h"

#include <inttypes.h>

/* More currencies than ISO 4217 has. */
#define CURRENCIES_MAX 256

struct currency_sums {
    char currency[4];
    int64_t won;
    int64_t won_minor;
    int64_t commission;
    int64_t turnover;
};

/* Sums that are counted in one walk and compared with rows in another. */
enum tally {
    TALLY_READY,      /* lines that are approved and on no statement, by key of TABLE_READY */
    TALLY_LINES,      /* what is left of a statement's lines */
    TALLY_HELD,       /* what disputes hold of a statement */
    TALLY_SENT,       /* of a statement, in payouts */
    TALLY_SETTLED,    /* of a statement, in payouts */
    TALLY_STATEMENTS, /* number of statements, by key of TABLE_PERIOD */
    TALLY_ACC,        /* lines that are accrued, by key of TABLE_ACCOUNT as all below */
    TALLY_APP,        /* lines that are approved */
    TALLY_PAY,        /* statements that are payable */
    TALLY_CLR,        /* payouts that are with the bank */
    TALLY_DISPUTED,   /* what disputes hold */
    TALLY_KEPT,       /* obligations that events tell of, by key of TABLE_OBLIGATION */
    TALLY_MISSED,     /* those that ran out */
};

struct tally_row;

struct check {
    const struct view *view;
    struct arena *arena; /* of one row */
    void (*report)(void *argument, const char *finding);
    void *argument;
    uint64_t expected[TABLE_COUNT]; /* rows that the records ask for */
    int64_t states[REFERRAL_STATES];
    int64_t imported;
    int64_t canceled;    /* deals, less the rows of TABLE_REVENUE that say so */
    int64_t deals_minor; /* value of all deals, whatever the currency: compared with prior_minor only */
    int64_t prior_minor;
    size_t currency_count;
    struct currency_sums currencies[CURRENCIES_MAX];
    struct tally_row *tallies;
    struct arena *lines;     /* of one row inside of another */
    uint64_t last;           /* id of the walk under way */
    uint64_t period_company; /* of the last period seen, */
    uint32_t period;         /* and its month */
};

/* ---- check.c ---- */

void finding(struct check *check, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Expects a row that is all key; `what` tells whose it is. */
void expect_row(struct check *check, enum table table, const struct key *key, const char *what, uint64_t id);
/* Expects a row whose value starts with this id. */
void expect_id(struct check *check, enum table table, struct slice key, uint64_t id, const char *what);
/* Expects the table to have as many rows as were expected one by one. */
void expect_rows(struct check *check, enum table table);
/* Expects a counter in TABLE_META to be the highest id. */
void expect_counter(struct check *check, const char *name, uint64_t highest);
/* Calls `each` for every row; the arena is reset before. Slices live during the call. */
void for_each_row(struct check *check, enum table table,
                  void (*each)(struct check *check, struct slice key, struct slice value));
struct currency_sums *sums_of(struct check *check, const char *currency);

/* ---- one file a part ---- */

void check_people(struct check *check);
/* Quotas, and what receivers closed by industry. */
void check_team(struct check *check);
void check_cards(struct check *check);
void check_ties(struct check *check);
void check_origins(struct check *check);
/* Aliases and their merges, notes, and that nothing is left of who was erased. */
void check_contacts(struct check *check);
void check_referrals(struct check *check);
/* Facts and revenue, which reports count. */
void check_facts(struct check *check);
/* The clock of one referral, and its row in the timer queue. */
void check_clock(struct check *check, const Vouch__V1__Referral *referral);
/* What members kept and missed, against the events. */
void check_obligations(struct check *check);
void check_bonds(struct check *check);
void check_asks(struct check *check);
void check_ledger(struct check *check);
void check_terms(struct check *check);
void check_deals(struct check *check);
/* Disputes, payouts, statements, periods, and what is ready, against each other, the lines, and the accounts. */
void check_statements(struct check *check);

/* ---- check_tally.c ---- */

void tally_add(struct check *check, enum tally tally, const struct key *key, int64_t number);
/* What was counted, and forgets it. */
int64_t tally_take(struct check *check, enum tally tally, const struct key *key);
/* Whatever was counted and not taken is a finding. */
void tally_end(struct check *check);
void check_inboxes(struct check *check);

#endif
