/* SPDX-License-Identifier: Apache-2.0
 *
 * A small deterministic application on the store: event number n of a seed is always the same bytes, and applying it
 * touches tables of every shape. So any journal can be checked event by event, and any state against a rebuild. */
#ifndef VOUCH_TESTS_FAULT_WORKLOAD_H
#define VOUCH_TESTS_FAULT_WORKLOAD_H

#include "store/store.h"

#define WORKLOAD_EVENT_MAX 9000

/* Writes event `sequence` and returns its size. */
size_t workload_event(uint64_t seed, uint64_t sequence, uint8_t event[WORKLOAD_EVENT_MAX]);
/* True when this event makes or destroys a person key. */
bool workload_key(uint64_t seed, uint64_t sequence, struct person_key *key);
/* Applies it. */
void workload_apply(struct view *view, uint64_t sequence, struct slice event);
/* Replays the journal from what the state holds; the status of the last commit. */
enum vouch_status workload_replay(struct store *store, struct status_text *why) MUST_USE;

#endif
