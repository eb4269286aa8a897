/* SPDX-License-Identifier: Apache-2.0
 *
 * Shapley over paths: what a path won belongs to its parties alone, and none of it is won without all of them, so each
 * gets an equal part; a party's Shapley value is the sum of its parts. */
#include "shapley.h"

void shapley_path(const struct vouch_estimate_request *request, const struct crowd *crowd, mpq_t *raws)
{
    mpq_t part;
    mpq_init(part);
    for (uint32_t p = 0; p < request->path_count; p++) {
        const struct vouch_path *path = &request->paths[p];
        mpq_set_si(part, path->value, path->party_count);
        mpq_canonicalize(part);
        for (uint32_t i = 0; path->value > 0 && i < path->party_count; i++) {
            mpq_t *raw = &raws[crowd->places[path->first + i]];
            mpq_add(*raw, *raw, part);
        }
    }
    mpq_clear(part);
}
