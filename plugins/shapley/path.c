/* SPDX-License-Identifier: Apache-2.0
 *
 * Shapley over paths: what a path won belongs to its parties alone, and none of it is won without all of them, so each
 * gets an equal part; a party's Shapley value is the sum of its parts. All parts are brought to one denominator, that
 * of all lengths of paths, so that only whole numbers are added. */
#include "shapley.h"

static void common_length(const struct vouch_estimate_request *request, mpz_t denominator)
{
    mpz_set_ui(denominator, 1);
    for (uint32_t p = 0; p < request->path_count; p++) {
        if (request->paths[p].value > 0) {
            mpz_lcm_ui(denominator, denominator, request->paths[p].party_count);
        }
    }
}

void shapley_path(const struct vouch_estimate_request *request, const struct crowd *crowd, mpq_t *raws)
{
    mpz_t denominator, part;
    mpz_inits(denominator, part, NULL);
    common_length(request, denominator);
    for (uint32_t p = 0; p < request->path_count; p++) {
        const struct vouch_path *path = &request->paths[p];
        if (path->value == 0) {
            continue;
        }
        mpz_divexact_ui(part, denominator, path->party_count);
        mpz_mul_ui(part, part, (uint64_t)path->value);
        for (uint32_t i = 0; i < path->party_count; i++) {
            mpz_ptr sum = mpq_numref(raws[crowd->places[path->first + i]]);
            mpz_add(sum, sum, part);
        }
    }
    for (uint32_t i = 0; i < crowd->count; i++) {
        mpq_set_den(raws[i], denominator);
        mpq_canonicalize(raws[i]);
    }
    mpz_clears(denominator, part, NULL);
}
