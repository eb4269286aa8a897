/* SPDX-License-Identifier: Apache-2.0
 *
 * The plugin stage from the inside, in the order of a call: the queue and thread of an instance (instance.c), its
 * process (worker.c) with what it prints (output.c), one exchange with it (exchange.c), and the two kinds of call
 * (attribute.c, match.c). */
#ifndef VOUCH_PLUGIN_INTERNAL_H
#define VOUCH_PLUGIN_INTERNAL_H

#include "base/check.h"
#include "plugin/layout.h"
#include "plugin/plugin.h"
#include "vouch/v1/worker.pb-c.h"

#include <pthread.h>
#include <sys/types.h>

/* ---- latency.c: durations of calls ---- */

/* Eight buckets for each power of two: percentiles within 12.5 %. */
#define LATENCY_BUCKETS (8 * 40)

struct latency {
    uint64_t count;
    uint64_t buckets[LATENCY_BUCKETS];
};

void latency_add(struct latency *latency, int64_t duration_us);
/* The duration that `percent` of the calls did not exceed, 0 when there was none. */
uint32_t latency_percentile(const struct latency *latency, unsigned percent);

/* ---- output.c: what a process prints, as log lines ---- */

#define OUTPUT_LINE_MAX 400

struct output {
    const char *subject;
    int fd; /* non-blocking read end; -1: closed */
    size_t used;
    char line[OUTPUT_LINE_MAX + 1];
    int64_t window_us; /* start of the second in which lines are counted */
    unsigned lines;
    uint64_t dropped_lines;
    uint64_t dropped_bytes;
};

void output_open(struct output *output, const char *subject, int fd);
/* Logs what is there, at most some 64 KiB of it, so that a flood cannot hold the thread. */
void output_drain(struct output *output);
/* Logs a line that the plugin handed over by itself. */
void output_log(struct output *output, uint32_t level, const char *text);
/* What is left, and what was dropped. */
void output_close(struct output *output);

/* ---- worker.c: the process ---- */

/* Memory shared with a process: mapped here, sealed so that it can neither shrink nor grow. */
struct shared {
    int fd;
    size_t size;
    unsigned char *bytes;
};

/* `read_only`: for the process, not for us. */
enum vouch_status shared_open(struct shared *shared, size_t size, bool read_only, struct status_text *why) MUST_USE;
void shared_close(struct shared *shared);

struct worker {
    pid_t pid; /* 0: none */
    int socket;
    struct output output;
    int64_t cpu_us;   /* upper bound of what its calls took */
    int64_t limit_us; /* what RLIMIT_CPU allows */
};

enum vouch_status worker_start(struct worker *worker, const char *host_path, const struct plugin_config *config,
                               const char *subject, const struct shared *request, const struct shared *answer,
                               struct status_text *why) MUST_USE;
/* Ends it, if it has not ended, takes it off the process table, and writes how it ended: "was killed by SIGSEGV (...)".
 */
void worker_end(struct worker *worker, size_t memory_bytes, struct status_text *how);
/* Its calls took `used_us` more, the next may take `ahead_us`: raises RLIMIT_CPU when that could be too little. */
void worker_grant_cpu(struct worker *worker, int64_t used_us, int64_t ahead_us);

/* ---- instance.c: a plugin instance, its thread and its queue ---- */

enum instance_state { INSTANCE_STARTING, INSTANCE_READY, INSTANCE_BACKOFF, INSTANCE_OFF };

/* So many deaths within the window and the breaker opens. */
#define BREAKER_DEATHS 5
#define BREAKER_WINDOW_US INT64_C(60000000)

#define PLUGIN_MAGIC 0x504c4749u

struct plugin {
    uint32_t magic;
    const struct plugin_config *config;
    const char *host_path;
    char subject[64]; /* of its log lines */
    pthread_t thread;
    int wake; /* eventfd: the queue is no longer empty, or stop */

    /* Under the lock; state, kind, name, version and last_error are written by the thread only. */
    pthread_mutex_t lock;
    pthread_cond_t settled; /* the state became READY or OFF */
    struct plugin_job *first, *last;
    size_t queued;
    bool stopping;
    enum instance_state state;
    bool settings_refused;
    enum plugin_kind kind; /* 0 until it was ready once */
    char name[VOUCH_NAME_MAX + 1];
    char version[VOUCH_NAME_MAX + 1];
    struct status_text last_error;
    uint64_t calls, failed, restarts;
    struct latency latency;

    /* The thread's own. */
    struct worker worker;
    struct shared request, answer;
    struct arena *messages; /* of the packet last received */
    uint64_t call_number;
    uint32_t component_count;
    struct vouch_component components[VOUCH_COMPONENTS_MAX];
    char component_names[VOUCH_COMPONENTS_MAX][VOUCH_NAME_MAX + 1];
    unsigned deaths;
    int64_t death_us[BREAKER_DEATHS];
    int64_t restart_us; /* in state BACKOFF: when to try again */
};

struct plugin_call {
    struct plugin *plugin;
    bool stopping;
};

struct plugin *instance_new(const struct plugin_config *config, const char *host_path);
void instance_free(struct plugin **plugin);
/* The thread; `data` is the plugin. */
void *instance_run(void *data);
/* The process is of no more use: ended, and its death counted, logged and kept as last error. `what` says what it did,
 * NULL: it just died. */
void instance_bury(struct plugin *plugin, const char *what, struct status_text *why);

/* ---- exchange.c: packets ---- */

/* The next message that is not a log line; NULL when none came by `deadline_us` or the process is gone or broke the
 * rules: then it is buried and `why` says so. Lives until the next receive. */
const Vouch__V1__FromWorker *exchange_receive(struct plugin *plugin, int64_t deadline_us, struct status_text *why);
/* Logs what an idle process has to say; buries it when it has died. */
void exchange_idle(struct plugin *plugin);
bool exchange_send(struct plugin *plugin, const Vouch__V1__ToWorker *message);

/* Introduces the broker to a fresh process and waits until it is ready. */
enum vouch_status exchange_greet(struct plugin *plugin, struct status_text *why) MUST_USE;
/* One call, counted and timed; number and deadline are filled in. OK: answer memory holds `answer->count` records. */
enum vouch_status exchange_call(struct plugin_call *call, Vouch__V1__ToWorker__Call *message,
                                Vouch__V1__FromWorker__Answer *answer, struct status_text *why) MUST_USE;
/* UNAVAILABLE with a sentence, for an answer that cannot be one; counted. */
enum vouch_status exchange_refuse(struct plugin_call *call, struct status_text *why, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
