/* SPDX-License-Identifier: Apache-2.0
 *
 * The two models of the plugin: each fills in the raw values, which are 0 at first, one for each of the crowd. */
#ifndef VOUCH_PLUGINS_SHAPLEY_H
#define VOUCH_PLUGINS_SHAPLEY_H

#include "../shared/estimate.h"

/* v(S): the value won by referrals whose parties are all in S. */
void shapley_path(const struct vouch_estimate_request *request, const struct crowd *crowd, mpq_t *raws);

/* Parties that the rate model takes: it looks at every subset of them. */
#define RATE_PARTIES_MAX 12

/* v(S): the part won of the referrals whose parties are all in S. False when there is no memory. */
bool shapley_rate(const struct vouch_services *services, const struct vouch_estimate_request *request,
                  const struct crowd *crowd, mpq_t *raws);

#endif
