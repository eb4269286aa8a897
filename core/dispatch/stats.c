/* SPDX-License-Identifier: Apache-2.0
 *
 * The counters, and the lengths of the store's larger tables. */
#include "dispatch/stats.h"

#include "base/counters.h"

enum vouch_status query_server_stats(struct question *question, const struct request *request)
{
    (void)request;
    const size_t rows = COUNT_END + TABLE_COUNT;
    Vouch__V1__Stats *stats = arena_alloc(question->arena, sizeof *stats);
    Vouch__V1__Stats__Counter *counters = arena_alloc(question->arena, rows * sizeof *counters);
    Vouch__V1__Stats__Counter **list = arena_alloc(question->arena, rows * sizeof(void *));
    if (stats == NULL || counters == NULL || list == NULL) {
        return status_set(&question->why, VOUCH_TOO_LARGE, "the answer is larger than the broker gives one request");
    }
    vouch__v1__stats__init(stats);
    for (size_t i = 0; i < rows; i++) {
        list[i] = &counters[i];
        vouch__v1__stats__counter__init(&counters[i]);
        if (i < COUNT_END) {
            counters[i].name = (char *)counter_name((enum counter)i);
            counters[i].value = counter_values[i];
        } else {
            enum table table = (enum table)(i - COUNT_END);
            counters[i].name = arena_printf(question->arena, "rows.%s", table_name(table));
            counters[i].value = table_rows(question->view, table);
        }
    }
    stats->n_counters = rows;
    stats->counters = list;
    question->reply->result_case = VOUCH__V1__REPLY__RESULT_STATS;
    question->reply->stats = stats;
    return VOUCH_OK;
}
