/* SPDX-License-Identifier: Apache-2.0
 *
 * Plugins from the broker's side. Each instance has a process (vouch-plugin-host) and, here, one permanent thread that
 * spawns it, calls it, kills it at its deadline and replaces it. Work for a plugin is a job handed to that thread;
 * inside the job, and only there, plugin_attribute, plugin_estimate and plugin_match may be called. */
#ifndef VOUCH_PLUGIN_PLUGIN_H
#define VOUCH_PLUGIN_PLUGIN_H

#include "base/arena.h"
#include "base/log.h"
#include "base/status.h"
#include "vouch_plugin.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum plugin_kind { PLUGIN_ATTRIBUTION = 1, PLUGIN_MATCHER = 2 };

/* Instances of a set, those that were taken out of it included. */
#define PLUGIN_INSTANCES_MAX 64

/* One `plugin` section of the configuration. */
struct plugin_config {
    const char *name; /* of the instance, at most VOUCH_NAME_MAX bytes */
    const char *path; /* of the shared object or script */
    size_t setting_count;
    const char *const *setting_names;
    const char *const *setting_values;
    unsigned deadline_ms; /* of one call; 0: 250 */
    size_t memory_bytes;  /* of the host process; 0: 64 MiB */
};

struct plugin_set;
struct plugin;
struct plugin_call;

/* Starts a thread and a host for each instance and waits until each is ready or off (at most a few seconds); a plugin
 * that cannot be started is off, named in the log, and the broker starts all the same. `host_path` is the
 * vouch-plugin-host program. Everything is copied. INVALID for settings a plugin does not know. */
enum vouch_status plugin_set_start(const char *host_path, const struct plugin_config *configs, size_t count,
                                   struct plugin_set **set, struct status_text *why) MUST_USE;
/* Ends all hosts and threads; jobs still queued are run with a call that answers UNAVAILABLE. */
void plugin_set_stop(struct plugin_set **set);

/* How a reload ended; on the instance's thread. `why` only when it is not OK. */
typedef void plugin_reloaded(void *data, enum vouch_status status, const struct status_text *why);

/* Brings the instance `name` to `config` (copied), without a gap: a second process is started, and when it is ready it
 * takes the place of the first between two calls; when it cannot serve, the first stays. An instance that there was not
 * is added; with `config` NULL the instance is taken out and calls of it fail. Closes the breaker. On OK `done` will be
 * called, once. BUSY while another reload of the instance is under way, NOT_FOUND for one that is neither there nor
 * configured. Any thread. */
enum vouch_status plugin_set_reload(struct plugin_set *set, const char *name, const struct plugin_config *config,
                                    plugin_reloaded *done, void *data, struct status_text *why) MUST_USE;

/* The instance of that kind and name; NULL when there is none. Lives as long as the set. Any thread. */
struct plugin *plugin_find(struct plugin_set *set, enum plugin_kind kind, const char *name);

struct plugin_job {
    struct plugin_job *next; /* the queue's */
    void (*run)(struct plugin_call *call, struct plugin_job *job);
};

/* Hands a job to the instance's thread; false when its queue (LIMIT_ADVICE_QUEUE) is full: answer BUSY. Any thread. */
bool plugin_submit(struct plugin *plugin, struct plugin_job *job) MUST_USE;

/* Name and version of the plugin behind a call; live as long as the job. */
const char *plugin_call_name(const struct plugin_call *call);
const char *plugin_call_version(const struct plugin_call *call);

/* The calls; types in vouch_plugin.h. Results in the arena, validated: counts, ranges, no parties that were
 * not asked about. UNAVAILABLE (naming plugin and cause) when it crashed, hung, is off or answered nonsense. */
enum vouch_status plugin_attribute(struct plugin_call *call, const struct vouch_attribution_request *request,
                                   struct arena *arena, struct vouch_attribution_result *result,
                                   struct status_text *why) MUST_USE;
/* The caller keeps the request's rules: paths that lie in `parties`, each party once in a path and never 0, and sums
 * within their bounds. TOO_LARGE past VOUCH_PATHS_MAX and VOUCH_PATH_PLACES_MAX, INVALID for none. A share is only of a
 * party of the request, has a raw value with a denominator above 0, and weight 0 where that is negative. */
enum vouch_status plugin_estimate(struct plugin_call *call, const struct vouch_estimate_request *request,
                                  struct arena *arena, struct vouch_estimate_result *result,
                                  struct status_text *why) MUST_USE;
/* A match takes up to LIMIT_MATCH_CANDIDATES candidates and cuts them into calls itself. A caller that cuts its
 * question into several matches counts over all of it and sets need->issue_candidates (for issues that are each there
 * once), candidate_total and candidate_issues; where issue_candidates is NULL all three are counted here. Tags and
 * places are handed on in lower case (ASCII). An explanation that the arena has no room for is left out. */
enum vouch_status plugin_match(struct plugin_call *call, const struct vouch_match_request *request, struct arena *arena,
                               struct vouch_match_result *result, struct status_text *why) MUST_USE;

struct plugin_status {
    char name[VOUCH_NAME_MAX + 1]; /* of the instance */
    enum plugin_kind kind;         /* 0: it never said */
    char version[VOUCH_NAME_MAX + 1];
    const char *state; /* "ready", "starting", "backoff", "off"; a constant */
    int64_t since_ms;  /* in that state, wall clock */
    uint64_t calls, failed, restarts, reloads;
    uint32_t deaths;         /* of its process since it was loaded */
    uint32_t refused;        /* kinds of system calls that the jail refused the present process */
    uint32_t pid;            /* of it; 0: none */
    uint32_t p50_us, p99_us; /* of the calls since it was loaded */
    char last_error[256];
};

/* Instances that were ever in the set; and the state of one, false for one that was taken out. Any thread. */
size_t plugin_set_count(const struct plugin_set *set);
bool plugin_status_get(const struct plugin_set *set, size_t index, struct plugin_status *status);

#define PLUGIN_NOTE_MAX 512

/* A line of an instance: what it printed or said, and what became of it. */
struct plugin_note {
    int64_t time_ms; /* wall clock */
    enum log_level level;
    char text[PLUGIN_NOTE_MAX];
};

/* The last lines of an instance, oldest first, at most `most`; returns how many. NULL arguments are not allowed; 0 also
 * for an instance that there is not (plugin_find tells). Any thread. */
size_t plugin_notes_get(struct plugin_set *set, const char *name, struct plugin_note *notes, size_t most);

#endif
