/* SPDX-License-Identifier: Apache-2.0
 *
 * Replay: the journal's events, once more, into the state. */
#include "apply/apply.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/message.h"
#include "dispatch/writer.h"

/* Applies up to LIMIT_STATE_COMMIT_EVENTS events after `sequence` into the write view; answers how many. */
static uint64_t replay_some(struct view *view, uint64_t sequence, uint64_t last, struct arena *unpacked,
                            struct arena *scratch, struct status_text *why)
{
    uint64_t applied = 0;
    while (applied < LIMIT_STATE_COMMIT_EVENTS && sequence + applied < last) {
        uint64_t next = sequence + applied + 1;
        struct slice bytes;
        arena_reset(unpacked);
        arena_reset(scratch);
        const ProtobufCMessage *event = NULL;
        if (journal_get(view, next, &bytes)) {
            event = message_unpack_own(&vouch__v1__event__descriptor, bytes.size, bytes.data, unpacked);
        }
        if (event == NULL) {
            status_set(why, VOUCH_INTERNAL, "event %llu of the journal is missing or cannot be read; restore a backup",
                       (unsigned long long)next);
            return 0;
        }
        apply_event(view, next, (const Vouch__V1__Event *)(const void *)event, scratch);
        if (view_failed(view) != NULL) {
            status_set(why, VOUCH_UNAVAILABLE, "event %llu cannot be applied: %s", (unsigned long long)next,
                       view_failed(view));
            return 0;
        }
        applied++;
    }
    return applied;
}

enum vouch_status journal_replay(struct store *store, struct status_text *why)
{
    uint64_t sequence = store_applied_sequence(store);
    const uint64_t first = sequence;
    const uint64_t last = store_journal_sequence(store);
    const int64_t began_us = clock_mono_us();
    struct arena *unpacked = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA_BYTES);
    enum vouch_status status = VOUCH_OK;
    while (status == VOUCH_OK && sequence < last) {
        struct view *view = state_write_view(store, why);
        uint64_t applied = view == NULL ? 0 : replay_some(view, sequence, last, unpacked, scratch, why);
        if (applied == 0) {
            state_abort(store);
            status = VOUCH_INTERNAL;
        } else {
            sequence += applied;
            status = state_commit(store, sequence, why);
        }
    }
    arena_free(&unpacked);
    arena_free(&scratch);
    if (status == VOUCH_OK && last > first) {
        log_info("store", "replayed events=%llu to sequence=%llu in_ms=%lld", (unsigned long long)(last - first),
                 (unsigned long long)last, (long long)((clock_mono_us() - began_us) / 1000));
    }
    return status;
}
