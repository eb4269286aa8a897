/* SPDX-License-Identifier: Apache-2.0
 *
 * From terms and shares to amounts: the vectors V7b and V13 through the one computation that payments, explanations and
 * replays share, parties of several roles, clients, steps of instalments. */
#include "decide/deal_math.h"

#include <criterion/criterion.h>
#include <string.h>

#define PARTIES 3
#define WHOLE MONEY_OVERRIDE_WHOLE
#define NOTHING                                                                                                        \
    {                                                                                                                  \
        0, 0, 0                                                                                                        \
    }

struct row {
    const char *what;
    int64_t partner_bps, coworker_bps, client_bps, bounty_minor;
    enum terms_tiers tiers; /* one band of 500 bps */
    bool overrides;
    int64_t base_minor;
    enum terms_role roles[PARTIES];
    int64_t weights[PARTIES];
    int64_t due[PARTIES];
};

static const struct row rows[] = {
    {"V13, each at the own role's rate",
     1000,
     300,
     500,
     0,
     TIERS_NONE,
     false,
     1234567,
     {TERMS_PARTNER, TERMS_COWORKER, TERMS_CLIENT},
     {50, 30, 20},
     {61728, 11111, 12346}},
    {"V13 without a rate for clients: their part stays with the house",
     1000,
     300,
     0,
     0,
     TIERS_NONE,
     false,
     1234567,
     {TERMS_PARTNER, TERMS_COWORKER, TERMS_CLIENT},
     {50, 30, 20},
     {61728, 11111, 0}},
    {"V7b, overrides beside the pool",
     800,
     300,
     0,
     0,
     TIERS_NONE,
     true,
     1000000,
     {TERMS_PARTNER, TERMS_PARTNER, TERMS_PARTNER},
     {WHOLE, WHOLE / 4, WHOLE / 16},
     {80000, 20000, 5000}},
    {"one role, one pool",
     1000,
     300,
     0,
     0,
     TIERS_NONE,
     false,
     100000,
     {TERMS_PARTNER, TERMS_PARTNER, TERMS_PARTNER},
     {1, 1, 1},
     {3334, 3333, 3333}},
    {"a client gets nothing of a pool that tiers made",
     0,
     0,
     0,
     0,
     TIERS_MARGINAL,
     false,
     100000,
     {TERMS_CLIENT, TERMS_COWORKER, TERMS_PARTNER},
     {2, 1, 1},
     {0, 2500, 2500}},
    {"nor of a bounty, where no rate made anything",
     0,
     0,
     0,
     1000,
     TIERS_NONE,
     false,
     100000,
     {TERMS_CLIENT, TERMS_COWORKER, TERMS_PARTNER},
     {2, 1, 1},
     {0, 500, 500}},
    {"nor of a bounty on a value too small for the rate",
     100,
     100,
     0,
     1000,
     TIERS_NONE,
     false,
     10,
     {TERMS_CLIENT, TERMS_COWORKER, TERMS_PARTNER},
     {2, 1, 1},
     {0, 500, 500}},
    {"nor alone",
     1000,
     300,
     0,
     1000,
     TIERS_NONE,
     false,
     100000,
     {TERMS_CLIENT, TERMS_CLIENT, TERMS_CLIENT},
     {1, 1, 1},
     NOTHING},
    {"nor beside a pool",
     1000,
     300,
     0,
     0,
     TIERS_NONE,
     true,
     100000,
     {TERMS_CLIENT, TERMS_PARTNER, TERMS_PARTNER},
     {WHOLE, WHOLE, WHOLE / 2},
     {0, 10000, 5000}},
    {"weights that are all zero leave it to the house",
     1000,
     300,
     0,
     500,
     TIERS_NONE,
     false,
     100000,
     {TERMS_PARTNER, TERMS_COWORKER, TERMS_PARTNER},
     {0, 0, 0},
     NOTHING},
    {"nothing paid",
     1000,
     300,
     0,
     500,
     TIERS_NONE,
     false,
     0,
     {TERMS_PARTNER, TERMS_PARTNER, TERMS_PARTNER},
     {1, 1, 1},
     NOTHING},
};

struct made {
    struct terms terms;
    Vouch__V1__Deal deal;
    Vouch__V1__Money value;
    Vouch__V1__DealShare shares[PARTIES];
    Vouch__V1__DealShare *list[PARTIES];
};

static void make(const struct row *row, struct made *made)
{
    made->terms = terms_presets();
    made->terms.partner_bps = row->partner_bps;
    made->terms.coworker_bps = row->coworker_bps;
    made->terms.client_bps = row->client_bps;
    made->terms.bounty_minor = row->bounty_minor;
    strcpy(made->terms.currency, "EUR");
    made->terms.tiers = row->tiers;
    made->terms.band_count = 1;
    made->terms.bands[0] = (struct terms_band){0, TERMS_NO_LIMIT, 500};
    vouch__v1__deal__init(&made->deal);
    vouch__v1__money__init(&made->value);
    made->value.currency = "EUR";
    made->deal.value = &made->value;
    made->deal.overrides = row->overrides;
    made->deal.shares = made->list;
    made->deal.n_shares = PARTIES;
    for (size_t i = 0; i < PARTIES; i++) {
        made->list[i] = &made->shares[i];
        vouch__v1__deal_share__init(&made->shares[i]);
        made->shares[i].member = i + 1;
        made->shares[i].first_touch = i + 1;
        made->shares[i].weight = row->weights[i];
        made->shares[i].role = (Vouch__V1__TermsRole)row->roles[i];
    }
}

Test(deal_math, what_all_payments_owe)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct made made;
        struct deal_due due;
        struct status_text why = {""};
        int64_t sum = 0;
        make(&rows[i], &made);
        cr_assert_eq(deal_due(&made.terms, &made.deal, rows[i].base_minor, &due, &why), VOUCH_OK, "%s: %s",
                     rows[i].what, why.text);
        for (size_t j = 0; j < PARTIES; j++) {
            int64_t minor = due.total_minor == 0 ? 0 : due.parts[j].minor;
            cr_assert_eq(minor, rows[i].due[j], "%s: party %zu is due %ld", rows[i].what, j, (long)minor);
            sum += minor;
        }
        cr_assert_eq(sum, due.total_minor, "%s", rows[i].what);
    }
}

/* However a value is paid in parts, everybody gets what one payment would have given, but for units that a party keeps
 * once it has them; nobody's step is below zero, and the sums agree. */
Test(deal_math, instalments_come_to_what_one_payment_owes)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct made made;
        int64_t earlier[DEAL_SHARES_MAX] = {0};
        make(&rows[i], &made);
        for (int64_t paid = 0; paid < rows[i].base_minor;) {
            struct deal_due due;
            struct money_part steps[DEAL_SHARES_MAX];
            struct status_text why = {""};
            int64_t sum = 0;
            int64_t step = rows[i].base_minor / 7 + 1;
            paid = paid + step < rows[i].base_minor ? paid + step : rows[i].base_minor;
            cr_assert_eq(deal_due(&made.terms, &made.deal, paid, &due, &why), VOUCH_OK, "%s", why.text);
            deal_step(&made.deal, &due, earlier, steps);
            for (size_t j = 0; j < PARTIES; j++) {
                cr_assert_geq(steps[j].minor, 0, "%s", rows[i].what);
                earlier[j] += steps[j].minor;
                sum += earlier[j];
            }
            cr_assert_eq(sum, due.total_minor, "%s: %ld of %ld paid", rows[i].what, (long)sum, (long)due.total_minor);
        }
        for (size_t j = 0; j < PARTIES; j++) {
            cr_assert_leq(labs(earlier[j] - rows[i].due[j]), 1, "%s: party %zu", rows[i].what, j);
        }
    }
}
