/* SPDX-License-Identifier: Apache-2.0
 *
 * vouch-plugin-host from the inside, in the order of its life: confine itself, load the plugin, read its settings, make
 * the instance, serve calls. One thread, apart from the loader's helper, which is gone before the first call. */
#ifndef VOUCH_PLUGIN_HOST_HOST_H
#define VOUCH_PLUGIN_HOST_HOST_H

#include "plugin/layout.h"
#include "vouch/v1/worker.pb-c.h"
#include "vouch_plugin.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/* One sentence that says why something could not be done. */
struct why {
    char text[512];
};

/* Writes the sentence, without control characters; returns false, so that a function can end with it. */
bool why_set(struct why *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- jail.c: what the process may still do ---- */

struct jail {
    size_t memory_bytes; /* RLIMIT_DATA */
    size_t file_bytes;   /* RLIMIT_FSIZE: for what was open before, standard output */
    rlim_t cpu_seconds;  /* RLIMIT_CPU, which the broker raises with the calls it makes */
    bool landlock;       /* out: the kernel has it */
    int listener;        /* out: where the kernel asks about openat; -1 once the plugin is loaded */
    /* Told each kind of refused call once, in a signal handler: it may only do what is safe there. NULL: nobody. */
    void (*refused)(const char *call);
};

/* Dies with the process that started it; false when that is gone already (`parent` 0: whoever it is). */
bool jail_tie_to_parent(pid_t parent);
/* Closes every descriptor from `first` on. */
void jail_close_from(unsigned first);
/* No privileges, no file system (Landlock), limits on memory, time, processes and files. */
bool jail_limit(struct jail *jail, struct why *why);
/* The seccomp filter, on all threads, for ever. openat is answered by whoever reads jail->listener. */
bool jail_filter(struct jail *jail, struct why *why);
/* After loading: what only the loader needed is refused too. */
bool jail_tighten(struct why *why);

/* ---- refused.c: what the jail refused ---- */

/* From now on SIGSYS means that the filter refused a call. Before the filter stands; see struct jail for `tell`. */
void refused_watch(void (*tell)(const char *call));
/* Tells of a call that is refused in another way than by the filter; once, as others. */
void refused_note(int call);
/* For `struct jail`: "refused: openat" on standard error. */
void refused_print(const char *call);
/* The filter's action for a call that is refused. */
uint32_t refused_action(void);

/* ---- crash.c: last words ---- */

/* From now on a crash for want of memory ends the process with WORKER_EXIT_MEMORY, others as they would. */
void crash_watch(void);

/* ---- elf.c: the file of the shared object ---- */

/* Whether the bytes of a file are a whole shared object for this machine. */
bool elf_check(const char *path, const void *bytes, size_t size, struct why *why);

/* ---- load.c: the shared object ---- */

struct loaded {
    const struct vouch_plugin_descriptor *descriptor;
    int file;
};

/* Opens the file and loads the system libraries that it names, before the jail. */
bool load_open(const char *path, struct loaded *loaded, struct why *why);
/* Enters the jail and loads the plugin inside it: its constructors run under the final filter. Checks the descriptor.
 */
bool load_plugin(const char *path, struct jail *jail, struct loaded *loaded, struct why *why);

/* ---- language.c: plugins that are scripts ---- */

/* A script has so long to say what it is, and as long to make an instance. */
#define LANGUAGE_START_MS 2000u

/* Does the name end as those of scripts do? */
bool language_known(const char *path);
/* Before the jail: reads the script from *file and puts the runtime of its language in its place. */
bool language_open(const char *path, int *file, struct why *why);
/* Path of the runtime to load; NULL when this process has no script. */
const char *language_runtime(void);
/* The script begins to run and has so long: near the end of it the runtime is asked to stop it. Nothing to plugins that
 * are no scripts. */
void language_watch(unsigned deadline_ms);
/* What the loaded runtime makes of the script; NULL when it is no plugin. */
const struct vouch_plugin_descriptor *language_load(void *object, struct why *why);

/* ---- descriptor.c: can the descriptor be used? ---- */

bool descriptor_check(const struct vouch_plugin_descriptor *descriptor, struct why *why);
/* Which of its functions an attribution plugin has; one of ABI 1.0 has no estimate. */
bool attribution_attribute(const struct vouch_attribution_plugin *plugin);
bool attribution_estimate(const struct vouch_attribution_plugin *plugin);
/* "attribution" or "matcher". */
const char *descriptor_kind(const struct vouch_plugin_descriptor *descriptor);

/* ---- settings.c ---- */

/* One setting from its text. */
bool setting_parse(const struct vouch_setting *setting, const char *text, union vouch_setting_value *value,
                   struct why *why);
/* All values in the descriptor's order: those that are named, and the defaults. `values` has VOUCH_SETTINGS_MAX; texts
 * live as long as `names` and `texts` do. */
bool settings_read(const struct vouch_plugin_descriptor *descriptor, size_t count, const char *const *names,
                   const char *const *texts, union vouch_setting_value *values, struct why *why);

/* ---- instance.c: an instance and what it is offered ---- */

struct instance {
    const struct vouch_plugin_descriptor *descriptor;
    struct vouch_services services;
    void *self;
    uint32_t component_count;
    const struct vouch_component *components;
    struct why said; /* by services->explain since it was last cleared */
    /* services->alloc: a bump in `memory`; `kept` bytes belong to the instance. */
    unsigned char *memory;
    size_t kept;
    size_t used;
    /* Where a log line goes. */
    void (*log)(enum vouch_log_level level, const char *text);
};

bool instance_create(struct instance *instance, const struct vouch_plugin_descriptor *descriptor,
                     const union vouch_setting_value *values, void (*log)(enum vouch_log_level, const char *),
                     struct why *why);
/* Before each call: nothing said, nothing allocated. */
void instance_start_call(struct instance *instance);

/* ---- guard.c: memory whose end is guarded ---- */

struct guarded {
    unsigned char *end; /* an inaccessible page starts here */
    size_t size;
};

bool guarded_new(struct guarded *guarded, size_t size);
/* `size` zeroed bytes that end exactly at the guard, so that writing past them ends the process. */
void *guarded_take(const struct guarded *guarded, size_t size);

/* ---- call.c: requests and answers in shared memory ---- */

struct exchange {
    const unsigned char *request; /* WORKER_REQUEST_BYTES, read-only */
    unsigned char *answer;        /* WORKER_ANSWER_BYTES */
    struct guarded output;        /* what the plugin fills */
    struct vouch_touch *touches;
    struct vouch_path *paths;
    struct vouch_candidate *candidates;
    const char **texts; /* the tags of all candidates of a batch */
};

bool exchange_map(struct exchange *exchange, struct why *why);
/* Each runs the plugin and writes its answer; false when what it filled in cannot be an answer. */
bool call_attribute(struct exchange *exchange, struct instance *instance, const Vouch__V1__ToWorker__Attribute *call,
                    Vouch__V1__FromWorker__Answer *answer, struct why *why);
bool call_estimate(struct exchange *exchange, struct instance *instance, const Vouch__V1__ToWorker__Estimate *call,
                   Vouch__V1__FromWorker__Answer *answer, struct why *why);
bool call_match(struct exchange *exchange, struct instance *instance, const Vouch__V1__ToWorker__Match *call,
                Vouch__V1__FromWorker__Answer *answer, struct why *why);

/* ---- serve.c, describe.c: the two lives of a host; each returns the exit status ---- */

int serve(const char *path, pid_t parent, size_t memory_bytes);
int describe(const char *path);

#endif
