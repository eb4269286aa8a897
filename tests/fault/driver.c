/* SPDX-License-Identifier: Apache-2.0
 *
 * driver <directory> <boot id> <seed> <batches> <end>: a writer as the broker's is, on the small application of
 * workload.h. Makes the store if there is none, replays, then submits batches: apply, append to the journal,
 * acknowledge in the trace (VOUCH_RECORD_LOG), commit the state now and then, checkpoint in a second thread. Ends
 * "clean", or "crash" without closing anything. */
#include "trace.h"
#include "workload.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define BATCH_MAX 24

static int trace = -1;
static uint64_t random_state;
static struct status_text why;

static void must(enum vouch_status status, const char *what)
{
    if (status != VOUCH_OK) {
        fprintf(stderr, "driver: %s: %s: %s\n", what, status_name(status), why.text);
        exit(1);
    }
}

static void tell(enum trace_kind kind, uint64_t token, uint64_t offset)
{
    if (trace >= 0 && trace_append(trace, (struct trace_record){.kind = kind, .token = token, .offset = offset}, NULL,
                                   NULL, 0) != 0) {
        fputs("driver: cannot write the trace\n", stderr);
        exit(1);
    }
}

static uint64_t number(uint64_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % below;
}

static void submit(struct store *store, uint64_t seed)
{
    static uint8_t events[BATCH_MAX][WORKLOAD_EVENT_MAX];
    struct journal_entry entries[BATCH_MAX];
    struct person_key keys[BATCH_MAX];
    size_t count = 1 + number(BATCH_MAX);
    size_t key_count = 0;
    uint64_t last = store_journal_sequence(store);
    struct view *view = state_write_view(store, &why);
    must(view == NULL ? VOUCH_INTERNAL : VOUCH_OK, "write view");
    for (size_t i = 0; i < count; i++) {
        uint64_t sequence = last + 1 + i;
        entries[i].sequence = sequence;
        entries[i].event = (struct slice){events[i], workload_event(seed, sequence, events[i])};
        if (workload_key(seed, sequence, &keys[key_count])) {
            view_add_person_key(view, sequence, &keys[key_count++]);
        }
        workload_apply(view, sequence, entries[i].event);
    }
    tell(TRACE_SUBMIT, last + 1, last + count);
    must(journal_append(store, entries, count, keys, key_count, &why), "append");
    tell(TRACE_ACK, 0, last + count);
    view_forget_person_keys(view, last + count);
}

static void *checkpoint_thread(void *argument)
{
    must(checkpoint_finish(argument, &why), "finish a checkpoint");
    return NULL;
}

static void work(struct store *store, uint64_t seed, unsigned long batches)
{
    pthread_t thread;
    bool running = false;
    for (unsigned long batch = 0; batch < batches; batch++) {
        submit(store, seed);
        if (number(4) == 0) {
            must(state_commit(store, store_journal_sequence(store), &why), "commit the state");
        }
        if (number(20) != 0) {
            continue;
        }
        must(state_commit(store, store_journal_sequence(store), &why), "commit the state");
        if (running) {
            pthread_join(thread, NULL);
        }
        must(checkpoint_begin(store, &why), "begin a checkpoint");
        running = pthread_create(&thread, NULL, checkpoint_thread, store) == 0;
    }
    if (running) {
        pthread_join(thread, NULL);
    }
}

int main(int count, char **arguments)
{
    if (count != 6) {
        fputs("usage: driver <directory> <boot id> <seed> <batches> clean|crash\n", stderr);
        return 2;
    }
    struct store_options options = {.directory = arguments[1],
                                    .boot_id = arguments[2],
                                    .journal_map_bytes = (size_t)1 << 30,
                                    .state_map_bytes = (size_t)1 << 30};
    uint64_t seed = strtoull(arguments[3], NULL, 10);
    const char *log = getenv("VOUCH_RECORD_LOG");
    struct store *store = NULL;
    if (log != NULL) {
        trace = open(log, O_WRONLY | O_APPEND | O_CLOEXEC);
    }
    enum vouch_status status = store_open(&options, &store, &why);
    if (status == VOUCH_NOT_FOUND) {
        must(store_create(&options, &why), "create");
        status = store_open(&options, &store, &why);
    }
    must(status, "open");
    must(workload_replay(store, &why), "replay");
    tell(TRACE_ACK, 0, store_journal_sequence(store));
    random_state = seed * UINT64_C(0x9E3779B97F4A7C15) + store_journal_sequence(store) + 1;
    work(store, seed, strtoul(arguments[4], NULL, 10));
    if (strcmp(arguments[5], "clean") == 0) {
        state_abort(store);
        store_close(&store, true);
        return 0;
    }
    _exit(0);
}
