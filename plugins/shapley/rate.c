/* SPDX-License-Identifier: Apache-2.0
 *
 * Shapley over rates: v(S) is the part won of all referrals whose parties are all in S, 0 where there were none. Exact,
 * over every subset: all v(S) are brought to one denominator D, so that a party's value is a sum of whole numbers,
 * phi = sum over S of ± (s-1)! (n-s)! v(S) D  /  (n! D), plus where the party is in S and (with s for s-1) minus where
 * it is not. */
#include "shapley.h"

#define SUBSETS_MAX (1u << RATE_PARTIES_MAX)

struct subsets {
    uint32_t parties;
    uint64_t won[SUBSETS_MAX]; /* of referrals whose parties are all in the subset: a bit a party */
    uint64_t all[SUBSETS_MAX];
};

static void count_subsets(struct subsets *subsets, const struct vouch_estimate_request *request,
                          const struct crowd *crowd)
{
    subsets->parties = crowd->count;
    for (uint32_t p = 0; p < request->path_count; p++) {
        const struct vouch_path *path = &request->paths[p];
        uint32_t subset = 0;
        for (uint32_t i = 0; i < path->party_count; i++) {
            subset |= 1u << crowd->places[path->first + i];
        }
        subsets->won[subset] += path->won;
        subsets->all[subset] += path->won + path->lost;
    }
    /* From exactly these parties to at most these: one party after the other is let go. */
    for (uint32_t party = 0; party < crowd->count; party++) {
        for (uint32_t subset = 0; subset < 1u << crowd->count; subset++) {
            if ((subset >> party & 1) != 0) {
                subsets->won[subset] += subsets->won[subset ^ 1u << party];
                subsets->all[subset] += subsets->all[subset ^ 1u << party];
            }
        }
    }
}

static uint64_t factorial(uint32_t number)
{
    uint64_t product = 1;
    for (uint32_t i = 2; i <= number; i++) {
        product *= i;
    }
    return product;
}

/* Adds v(S) D with its sign and coefficient to each party's sum. */
static void add_subset(const struct subsets *subsets, uint32_t subset, const mpz_t value, mpz_t *sums)
{
    uint32_t size = (uint32_t)__builtin_popcount(subset);
    uint32_t rest = subsets->parties - size;
    for (uint32_t party = 0; party < subsets->parties; party++) {
        if ((subset >> party & 1) != 0) {
            mpz_addmul_ui(sums[party], value, factorial(size - 1) * factorial(rest));
        } else {
            mpz_submul_ui(sums[party], value, factorial(size) * factorial(rest - 1));
        }
    }
}

static void sum_subsets(const struct subsets *subsets, mpz_t denominator, mpz_t *sums)
{
    mpz_t value;
    mpz_init(value);
    mpz_set_ui(denominator, 1);
    for (uint32_t subset = 1; subset < 1u << subsets->parties; subset++) {
        if (subsets->won[subset] > 0) {
            mpz_lcm_ui(denominator, denominator, subsets->all[subset]);
        }
    }
    for (uint32_t subset = 1; subset < 1u << subsets->parties; subset++) {
        if (subsets->won[subset] > 0) {
            mpz_divexact_ui(value, denominator, subsets->all[subset]);
            mpz_mul_ui(value, value, subsets->won[subset]);
            add_subset(subsets, subset, value, sums);
        }
    }
    mpz_mul_ui(denominator, denominator, factorial(subsets->parties));
    mpz_clear(value);
}

bool shapley_rate(const struct vouch_services *services, const struct vouch_estimate_request *request,
                  const struct crowd *crowd, mpq_t *raws)
{
    struct subsets *subsets = services->alloc(services, sizeof *subsets);
    if (subsets == NULL) {
        return false;
    }
    mpz_t denominator, sums[RATE_PARTIES_MAX];
    mpz_init(denominator);
    for (uint32_t party = 0; party < crowd->count; party++) {
        mpz_init(sums[party]);
    }
    count_subsets(subsets, request, crowd);
    sum_subsets(subsets, denominator, sums);
    for (uint32_t party = 0; party < crowd->count; party++) {
        mpq_set_num(raws[party], sums[party]);
        mpq_set_den(raws[party], denominator);
        mpq_canonicalize(raws[party]);
        mpz_clear(sums[party]);
    }
    mpz_clear(denominator);
    return true;
}
