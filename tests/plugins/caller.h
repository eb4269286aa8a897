/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls a plugin through its real host and waits for the answer: a job, a semaphore. */
#ifndef VOUCH_TESTS_PLUGINS_CALLER_H
#define VOUCH_TESTS_PLUGINS_CALLER_H

#include "plugin/plugin.h"

#define CALLER_ARENA_BYTES ((size_t)16 << 20)

struct answer {
    enum vouch_status status;
    struct status_text why;
    struct arena *arena; /* the result's; freed by answer_free */
    struct vouch_attribution_result shares;
    struct vouch_estimate_result estimated;
    struct vouch_match_result match;
    char name[32];
    char version[32];
};

#define SETTINGS_MAX 4

/* One instance, named as its plugin file; fill in and start. Lives as long as the set. */
struct tested {
    const char *file;                           /* "linear", or a fault plugin "fault_attribution"; of the build tree */
    const char *name;                           /* of the instance; NULL: the file's */
    const char *settings[2 * SETTINGS_MAX + 1]; /* name, value, ... NULL */
    unsigned deadline_ms;
    size_t memory_bytes;
};

/* Starts them all; stops the program when the set cannot be started. */
struct plugin_set *caller_start(const struct tested *tested, size_t count);
/* As above, telling how it ended. */
enum vouch_status caller_try(const struct tested *tested, size_t count, struct plugin_set **set,
                             struct status_text *why);

/* Asks for the attribution of touches of these parties, in order. */
struct answer caller_attribute(struct plugin_set *set, const char *instance, size_t count, const uint64_t *parties);
/* Asks for the attribution of just this request. */
struct answer caller_ask(struct plugin_set *set, const char *instance, const struct vouch_attribution_request *request);
struct answer caller_estimate(struct plugin_set *set, const char *instance,
                              const struct vouch_estimate_request *request);
struct answer caller_match(struct plugin_set *set, const char *instance, const struct vouch_match_request *request);
void answer_free(struct answer *answer);

/* The status of an instance, and its state after waiting until it is `state` (at most ten seconds). */
struct plugin_status caller_status(struct plugin_set *set, const char *instance);
struct plugin_status caller_await(struct plugin_set *set, const char *instance, const char *state);

#endif
