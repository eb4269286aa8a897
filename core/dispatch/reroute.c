/* SPDX-License-Identifier: Apache-2.0
 *
 * Searches for receivers: started by the writer, run by the matcher's thread or a reader, decided by the writer. */
#include "dispatch/reroute.h"

#include "apply/apply.h"
#include "apply/record.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "dispatch/broker.h"
#include "dispatch/readers.h"
#include "dispatch/writer.h"

#include <inttypes.h>
#include <stdatomic.h>

/* Between two looks at what waits. */
#define PACE_US 20000

void reroutes_init(struct reroutes *reroutes, struct broker *broker)
{
    *reroutes = (struct reroutes){.broker = broker, .waiting = true};
}

int64_t reroutes_in_us(const struct reroutes *reroutes)
{
    if (!reroutes->waiting) {
        return -1;
    }
    int64_t left_us = reroutes->next_us - clock_mono_us();
    return left_us > 0 ? left_us : 0;
}

/* ---- the search ---- */

void reroute_search(struct request *request, struct plugin_call *call)
{
    struct broker *broker = request->broker;
    struct view *view = snapshot_open(broker->store);
    if (view == NULL) {
        request_free(&request); /* it is looked for again */
        return;
    }
    struct question question = {
        .view = view,
        .arena = request->arena,
        .now_ms = clock_now_ms(),
        .deadline_us = clock_mono_us() + LIMIT_QUERY_MS * 1000,
        .policy = atomic_load(&broker->policy),
        .plugins = broker->plugins,
    };
    uint64_t referral = atomic_load(request->search.slot);
    enum vouch_status status = advise_reroute(&question, referral, call, &request->search.found);
    bool sound = view_failed(view) == NULL;
    snapshot_close(&view);
    if (!sound || request->search.found.referral == 0) {
        request_free(&request);
        return;
    }
    if (status != VOUCH_OK) { /* people will find somebody */
        log_warn("reroute", "R%" PRIu64 ": nobody could be looked for: %s", referral, question.why.text);
        request->search.found.count = 0;
        request->search.found.more = false;
    }
    writer_submit(broker->writer, request);
}

static void run_search(struct plugin_call *call, struct plugin_job *job)
{
    reroute_search((struct request *)(void *)((char *)job - offsetof(struct request, job)), call);
}

/* ---- starting them ---- */

static void start_one(struct reroutes *reroutes, _Atomic uint64_t *slot, uint64_t referral)
{
    struct broker *broker = reroutes->broker;
    struct request *request = request_new(broker, &(struct peer){{0}, {0}});
    atomic_store(slot, referral);
    request->search.slot = slot;
    request->job.run = run_search;
    struct plugin *matcher = plugin_find(broker->plugins, PLUGIN_MATCHER, atomic_load(&broker->matcher));
    if (matcher == NULL || !plugin_submit(matcher, &request->job)) {
        readers_submit(broker->readers, request);
    }
}

static bool is_looked_for(struct reroutes *reroutes, uint64_t referral, _Atomic uint64_t **free_slot)
{
    *free_slot = NULL;
    for (size_t i = 0; i < REROUTES_AT_ONCE; i++) {
        uint64_t taken = atomic_load(&reroutes->slots[i]);
        if (taken == referral) {
            return true;
        }
        *free_slot = taken == 0 ? &reroutes->slots[i] : *free_slot;
    }
    return false;
}

/* From the one after the last, round and round, so that one that has to be looked for again holds nobody up. */
static void start_from(struct reroutes *reroutes, const struct view *view)
{
    struct slice key;
    struct key first = key_due(DUE_NEVER_MS, DUE_REROUTE, 0);
    struct key from = key_due(DUE_NEVER_MS, DUE_REROUTE, reroutes->after + 1);
    struct cursor *cursor = cursor_open(view, TABLE_DUE);
    bool row = cursor_seek(cursor, key_slice(&from), &key, NULL);
    if (!row) {
        row = cursor_seek(cursor, key_slice(&first), &key, NULL);
    }
    reroutes->waiting = row;
    for (size_t looked = 0; row && looked < REROUTES_AT_ONCE; looked++) {
        _Atomic uint64_t *slot;
        uint64_t referral = slice_u64(key, 9);
        if (!is_looked_for(reroutes, referral, &slot)) {
            if (slot == NULL) {
                break;
            }
            start_one(reroutes, slot, referral);
            reroutes->after = referral;
        }
        row = cursor_next(cursor, &key, NULL);
    }
    cursor_close(&cursor);
}

void reroutes_start(struct reroutes *reroutes)
{
    int64_t now_us = clock_mono_us();
    if (now_us < reroutes->next_us) {
        reroutes->waiting = true; /* something may have come up since; seen then */
        return;
    }
    struct view *view = snapshot_open(reroutes->broker->store);
    if (view == NULL) {
        return;
    }
    reroutes->next_us = now_us + PACE_US;
    start_from(reroutes, view);
    snapshot_close(&view);
}
