/* SPDX-License-Identifier: Apache-2.0
 *
 * SERVER_STATS: the broker's counters as an answer. */
#ifndef VOUCH_DISPATCH_STATS_H
#define VOUCH_DISPATCH_STATS_H

#include "dispatch/request.h"

enum vouch_status query_server_stats(struct question *question, const struct request *request);

#endif
