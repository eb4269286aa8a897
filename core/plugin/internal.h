/* SPDX-License-Identifier: Apache-2.0
 *
 * The plugin stage from the inside, in the order of a call: an instance with its queue and thread (instance.c) and the
 * process that serves it, the one that will and the one that did (lineage.c); a process (worker.c), what it says
 * (output.c, notes.c), packets to and from it (exchange.c), and the calls (attribute.c, estimate.c, match.c; what the
 * first two share is in parties.c). */
#ifndef VOUCH_PLUGIN_INTERNAL_H
#define VOUCH_PLUGIN_INTERNAL_H

#include "base/check.h"
#include "plugin/layout.h"
#include "plugin/plugin.h"
#include "vouch/v1/worker.pb-c.h"

#include <pthread.h>
#include <sys/types.h>

/* ---- config.c: a configuration of one's own ---- */

/* A copy with defaults filled in; free with config_free, which takes NULL inside. */
struct plugin_config *config_copy(const struct plugin_config *config);
void config_free(struct plugin_config **config);

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

/* ---- notes.c: what is told of an instance: lines of the broker's log, the last of them kept ---- */

#define NOTES_KEPT 100

struct notes {
    char subject[64]; /* of its log lines; empty: there are none */
    pthread_mutex_t lock;
    uint64_t count; /* under the lock; also the next place in `kept` */
    struct plugin_note kept[NOTES_KEPT];
};

/* `instance` NULL: lines are kept and not logged. */
struct notes *notes_new(const char *instance);
void notes_free(struct notes **notes);
void notes_add(struct notes *notes, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
size_t notes_get(struct notes *notes, struct plugin_note *copies, size_t most);

/* ---- output.c: what a process prints, as notes ---- */

#define OUTPUT_LINE_MAX 400

struct output {
    struct notes *notes;
    int fd; /* non-blocking read end; -1: closed */
    size_t used;
    char line[OUTPUT_LINE_MAX + 1];
    int64_t window_us; /* start of the second in which lines are counted */
    unsigned lines;
    uint64_t dropped_lines;
    uint64_t dropped_bytes;
};

void output_open(struct output *output, struct notes *notes, int fd);
/* Notes what is there, at most some 64 KiB of it, so that a flood cannot hold the thread. */
void output_drain(struct output *output);
/* Notes a line that the host handed over: "says: …". */
void output_log(struct output *output, uint32_t level, const char *what, const char *text);
/* What is left, and what was dropped. */
void output_close(struct output *output);

/* ---- worker.c: the process ---- */

/* Memory shared with a process: mapped here, sealed so that it can neither shrink nor grow. */
struct shared {
    int fd;
    size_t size;
    unsigned char *bytes;
};

struct worker {
    pid_t pid;
    int socket;
    struct output output;
    struct shared request, answer;
    struct arena *messages; /* of the packet last received */
    size_t memory_bytes;    /* its limit */
    uint64_t call_number;
    int64_t cpu_us;   /* upper bound of what its calls took */
    int64_t limit_us; /* what RLIMIT_CPU allows */
    int64_t start_us; /* when it was started */
    bool worn;        /* its processor time is nearly used up and cannot be raised: another one should take over */
    uint32_t refused; /* kinds of system calls that its jail refused */
    /* What it said of itself when it was ready. */
    enum plugin_kind kind; /* 0 until then */
    char name[VOUCH_NAME_MAX + 1];
    char version[VOUCH_NAME_MAX + 1];
    char jail[64];
    uint32_t answers; /* of an attribution: WORKER_ANSWERS_, or-ed */
    uint32_t component_count;
    struct vouch_component components[VOUCH_COMPONENTS_MAX];
    char component_names[VOUCH_COMPONENTS_MAX][VOUCH_NAME_MAX + 1];
};

/* A process of `config`, not greeted yet; NULL with why. The calling thread must live as long as the process. `notes`
 * outlive it. */
struct worker *worker_start(const char *host_path, const struct plugin_config *config, struct notes *notes,
                            struct status_text *why);
/* Asks it to end by itself: its plugin's destroy runs, then worker_take says END. */
void worker_dismiss(struct worker *worker);
/* Ends it, if it has not ended, takes it off the process table, frees all and nulls the pointer, and writes how it
 * ended: "was killed by SIGSEGV (...)". */
void worker_end(struct worker **worker, struct status_text *how);
/* When it should be ready, the first time one asks, or later, while the machine keeps it waiting. */
int64_t worker_ready_by_us(const struct worker *worker);
/* Its calls took `used_us` more, the next may take `ahead_us`: raises RLIMIT_CPU when that could be too little, or
 * finds it worn. */
void worker_grant_cpu(struct worker *worker, int64_t used_us, int64_t ahead_us);

/* ---- exchange.c: packets ---- */

enum received { RECEIVED_NOTHING, RECEIVED_MESSAGE, RECEIVED_END, RECEIVED_GARBAGE };

/* Takes what has come, without waiting. Log lines, refused calls and printed text are noted and are no message. A
 * message lives until the next one is taken. */
enum received worker_take(struct worker *worker, const Vouch__V1__FromWorker **message);
/* Waits for a message until `deadline_us`; NOTHING when none came. */
enum received worker_receive(struct worker *worker, int64_t deadline_us, const Vouch__V1__FromWorker **message);

/* Introduces the broker. Whether it could be sent does not matter: the answer, or its absence, tells. */
void worker_hello(struct worker *worker, const struct plugin_config *config);
/* Takes what it answered: OK when it is ready. INVALID: its settings are wrong; UNAVAILABLE: it cannot serve. */
enum vouch_status worker_greeted(struct worker *worker, const Vouch__V1__FromWorker *message,
                                 struct status_text *why) MUST_USE;

/* Who stands behind a call, and what they are told of it. */
struct call_watch {
    /* Nobody serves: UNAVAILABLE with a sentence that says why. */
    enum vouch_status (*absent)(struct plugin_call *call, struct status_text *why);
    /* The process is of no more use; must end it and set call->worker to NULL. `what` says what it did, NULL: it just
     * ended. Writes the sentence for the caller. */
    void (*lost)(struct plugin_call *call, const char *what, struct status_text *why);
    /* The answer cannot be one. Writes the sentence for the caller. */
    void (*nonsense)(struct plugin_call *call, const char *what, struct status_text *why);
    /* The call is over, before its result is looked at. `said`: why the plugin gave no result; NULL when it gave one,
     * or is lost. */
    void (*ended)(struct plugin_call *call, enum vouch_status status, int64_t duration_us, const char *said);
};

struct plugin_call {
    struct worker *worker; /* NULL: nobody serves */
    const char *instance;
    unsigned deadline_ms;
    bool stopping; /* the broker is */
    const struct call_watch *watch;
    void *watcher;
};

/* One call; number and deadline are filled in. OK: answer memory holds `answer->count` records. */
enum vouch_status exchange_call(struct plugin_call *call, Vouch__V1__ToWorker__Call *message,
                                Vouch__V1__FromWorker__Answer *answer, struct status_text *why) MUST_USE;
/* UNAVAILABLE, for an answer that cannot be one. */
enum vouch_status exchange_refuse(struct plugin_call *call, struct status_text *why, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- parties.c: whom a call was about, and what an answer may say of them ---- */

struct parties {
    uint64_t *ids; /* each once, ascending */
    bool *named;   /* by the answer */
    uint32_t count;
    int64_t weights; /* the sum of the answer's */
};

/* Takes in `count` parties, in any order and several times; false past the arena's budget. */
bool parties_make(struct parties *parties, const uint64_t *ids, uint32_t count, struct arena *arena) MUST_USE;
/* One share of an answer. UNAVAILABLE, and the plugin is told off, for a stranger (`lacks`: "has no touch"), a party
 * that was named before, a negative weight, and a sum that is too large. */
enum vouch_status parties_name(struct parties *parties, struct plugin_call *call, uint64_t party, int64_t weight,
                               const char *lacks, struct status_text *why) MUST_USE;

/* ---- instance.c: a plugin instance, its thread and its queue ---- */

enum instance_state { INSTANCE_STARTING, INSTANCE_READY, INSTANCE_BACKOFF, INSTANCE_OFF, INSTANCE_REMOVED };

/* So many deaths within the window and the breaker opens. */
#define BREAKER_DEATHS 5
#define BREAKER_WINDOW_US INT64_C(60000000)

#define PLUGIN_MAGIC 0x504c4749u

/* A reload that was asked for. */
struct reload {
    struct plugin_config *config; /* NULL: the instance goes */
    plugin_reloaded *done;
    void *data;
};

struct plugin {
    uint32_t magic;
    char instance[VOUCH_NAME_MAX + 1];
    const char *host_path;
    struct notes *notes;
    pthread_t thread;
    int wake; /* eventfd: the queue is no longer empty, a reload is wanted, or stop */

    /* Under the lock; all but the queue, `wanted` and `stopping` are written by the thread only. */
    pthread_mutex_t lock;
    pthread_cond_t settled; /* the state became READY or OFF */
    struct plugin_job *first, *last;
    size_t queued;
    bool stopping;
    bool reloading;        /* `wanted` or `reload` is set */
    struct reload *wanted; /* not begun yet */
    enum instance_state state;
    int64_t since_ms;
    bool settings_refused;
    enum plugin_kind kind; /* 0 until it was ready once */
    char version[VOUCH_NAME_MAX + 1];
    struct status_text last_error;
    uint64_t calls, failed, restarts, reloads;
    uint32_t deaths;
    uint32_t refused;
    pid_t pid;
    struct latency latency;

    /* The thread's own (lineage.c). */
    struct plugin_config *config;
    struct reload *reload;  /* under way: `next` is of its configuration */
    struct worker *worker;  /* serves; NULL: nobody does */
    struct worker *next;    /* greeted, not ready yet */
    struct worker *leaving; /* served, was dismissed */
    int64_t leaving_until_us;
    int64_t death_us[BREAKER_DEATHS];
    int64_t restart_us; /* in state BACKOFF: when to try again */
};

/* Copies the configuration. */
struct plugin *instance_new(const struct plugin_config *config, const char *host_path);
void instance_free(struct plugin **plugin);
/* The thread; `data` is the plugin. */
void *instance_run(void *data);
/* Asks for a reload, which it takes over; BUSY when one is under way or the instance is stopping. Any thread. */
enum vouch_status instance_reload(struct plugin *plugin, struct reload *reload, struct status_text *why) MUST_USE;
/* Asks the thread to end. Any thread. */
void instance_stop(struct plugin *plugin);
/* Writes state and, where it is not NULL, the last error. */
void instance_set_state(struct plugin *plugin, enum instance_state state, const struct status_text *error);

/* ---- lineage.c: the processes of an instance, one after the other; all on the instance's thread ---- */

/* Starts a process of the instance's configuration. */
void lineage_begin(struct plugin *plugin);
/* Begins a reload, which it takes over. */
void lineage_reload(struct plugin *plugin, struct reload *reload);
/* Looks after those that do not serve: takes the next one in when it is ready, gives it up when it cannot be, starts
 * one when a restart is due, ends the leaving one. Does not wait. */
void lineage_advance(struct plugin *plugin);
/* When lineage_advance has something to do though nobody wrote; INT64_MAX: never. */
int64_t lineage_due_us(const struct plugin *plugin);
/* The one that serves is of no more use: ended, its death counted, logged and kept as last error. `what` says what it
 * did, NULL: it just died. `why` is for the caller of a plugin. */
void lineage_bury(struct plugin *plugin, const char *what, struct status_text *why);
/* Ends all of them, giving the one that serves a moment to end by itself. */
void lineage_stop(struct plugin *plugin);

#endif
