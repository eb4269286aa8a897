/* SPDX-License-Identifier: Apache-2.0
 *
 * The deterministic application of the fault tests. */
#include "workload.h"

#include "base/check.h"

#include <string.h>

#define REFERRALS 600
#define REPLAY_COMMIT 256

static uint64_t mix(uint64_t number)
{
    number += UINT64_C(0x9E3779B97F4A7C15);
    number = (number ^ (number >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    number = (number ^ (number >> 27)) * UINT64_C(0x94D049BB133111EB);
    return number ^ (number >> 31);
}

size_t workload_event(uint64_t seed, uint64_t sequence, uint8_t event[WORKLOAD_EVENT_MAX])
{
    uint64_t number = mix(seed ^ mix(sequence));
    /* Most events are small; some need overflow pages of their own. */
    size_t size = number % 23 == 0 ? 2000 + number / 23 % 6000 : 40 + number / 23 % 400;
    for (size_t i = 0; i < size; i += 8) {
        uint64_t word = mix(number + i);
        memcpy(event + i, &word, sizeof word); /* the buffer has room for a last whole word */
    }
    return size;
}

bool workload_key(uint64_t seed, uint64_t sequence, struct person_key *key)
{
    uint64_t number = mix(seed ^ mix(sequence));
    if (number % 5 != 0) {
        return false;
    }
    *key = (struct person_key){.contact = mix(sequence) % 1000, .destroyed = number / 5 % 6 == 0};
    for (size_t i = 0; !key->destroyed && i < sizeof key->key; i += 8) {
        uint64_t word = mix(number ^ i);
        memcpy(key->key + i, &word, sizeof word);
    }
    return true;
}

static void apply_due(struct view *view, uint64_t sequence, uint64_t number)
{
    struct key due = key_u64_u64(number % 100000, sequence);
    table_put(view, TABLE_DUE, key_slice(&due), SLICE_NONE);
    struct cursor *cursor = cursor_open(view, TABLE_DUE);
    struct slice key;
    for (int i = 0; i < 2 && table_rows(view, TABLE_DUE) > 200; i++) {
        struct key gone;
        bool found = i == 0 ? cursor_seek(cursor, SLICE_NONE, &key, NULL) : cursor_next(cursor, &key, NULL);
        if (found) {
            key_start(&gone);
            key_add_bytes(&gone, key.data, key.size);
            (void)table_delete(view, TABLE_DUE, key_slice(&gone));
        }
    }
    cursor_close(&cursor);
}

void workload_apply(struct view *view, uint64_t sequence, struct slice event)
{
    uint64_t number;
    CHECK(event.size >= sizeof number);
    memcpy(&number, event.data, sizeof number);
    struct key referral = key_u64(number % REFERRALS);
    if (number / 7 % 11 == 0) {
        (void)table_delete(view, TABLE_REFERRAL, key_slice(&referral));
    } else {
        table_put(view, TABLE_REFERRAL, key_slice(&referral), event);
    }
    struct key inbox = key_u64_u64(number % 40, meta_get(view, "inbox") + 1);
    uint64_t told = sequence;
    table_put(view, TABLE_INBOX, key_slice(&inbox), (struct slice){&told, sizeof told});
    meta_put(view, "inbox", meta_get(view, "inbox") + 1);
    meta_put(view, "sum", meta_get(view, "sum") * 31 + number);
    apply_due(view, sequence, number);
    tie_put(view, NODE_MEMBER | (number % 9), NODE_CONTACT | (number / 9 % 900),
            number % 4 == 0 ? 0 : (uint32_t)(number % 1000000), 0);
}

enum vouch_status workload_replay(struct store *store, struct status_text *why)
{
    uint64_t last = store_journal_sequence(store);
    for (uint64_t sequence = store_applied_sequence(store) + 1; sequence <= last; sequence++) {
        struct slice event;
        struct view *view = state_write_view(store, why);
        if (view == NULL) {
            return VOUCH_INTERNAL;
        }
        if (!journal_get(view, sequence, &event)) {
            return status_set(why, VOUCH_INTERNAL, "event %llu is missing", (unsigned long long)sequence);
        }
        workload_apply(view, sequence, event);
        if (sequence % REPLAY_COMMIT == 0 || sequence == last) {
            enum vouch_status status = state_commit(store, sequence, why);
            if (status != VOUCH_OK) {
                return status;
            }
        }
    }
    return VOUCH_OK;
}
