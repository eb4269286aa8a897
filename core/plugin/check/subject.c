/* SPDX-License-Identifier: Apache-2.0
 *
 * A process of the plugin under check: started as the broker starts it, asked as the broker asks it, and ended; what is
 * noticed on the way (durations, refused system calls, printed lines, memory, how it ended) is kept for the checks that
 * judge it. */
#include "plugin/check/check.h"

#include "base/clock.h"

#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <time.h>
#include <unistd.h>

#define READY_US INT64_C(5000000) /* as the broker waits */
#define DYING_MS 300
#define ENDING_MS 1000
#define LOSSES_MAX 3
#define STARVED_MAX 10
#define NOTHING_IN_TIME "gave no answer within its deadline"

struct budget budget_of(unsigned milliseconds)
{
    return (struct budget){clock_mono_us() + INT64_C(1000) * milliseconds, 12};
}

bool budget_left(struct budget *budget)
{
    if (budget->left_anyway > 0) {
        budget->left_anyway--;
        return true;
    }
    return clock_mono_us() < budget->until_us;
}

void variant_make(struct variant *variant, const struct plugin_config *base, const char *name, const char *value)
{
    size_t at = 0;
    variant->config = *base;
    for (size_t i = 0; i < base->setting_count; i++) {
        variant->names[i] = base->setting_names[i];
        variant->values[i] = base->setting_values[i];
    }
    variant->config.setting_names = variant->names;
    variant->config.setting_values = variant->values;
    if (name == NULL) {
        return;
    }
    while (at < base->setting_count && strcmp(variant->names[at], name) != 0) {
        at++;
    }
    CHECK(at < VOUCH_SETTINGS_MAX);
    variant->names[at] = name;
    variant->values[at] = value;
    variant->config.setting_count += at == base->setting_count;
}

/* ---- what is noticed ---- */

static void notice_refused(struct checked *checked, const char *call)
{
    for (uint32_t i = 0; i < checked->refused_count; i++) {
        if (strcmp(checked->refused[i], call) == 0) {
            return;
        }
    }
    if (checked->refused_count < REFUSED_MAX) {
        snprintf(checked->refused[checked->refused_count++], sizeof checked->refused[0], "%.30s", call);
    }
}

static const char *after(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

static void notice_note(struct checked *checked, const struct plugin_note *note)
{
    uint64_t dropped;
    const char *rest;
    if ((rest = after(note->text, "was refused the system call: ")) != NULL) {
        notice_refused(checked, rest);
    } else if (sscanf(note->text, "printed too much: dropped lines=%" SCNu64, &dropped) == 1) {
        checked->dropped_lines += dropped;
        checked->lines += dropped;
    } else {
        rest = after(note->text, "printed: ");
        if (rest != NULL && checked->printed[0] == '\0') {
            snprintf(checked->printed, sizeof checked->printed, "%.160s", rest);
        }
    }
}

static void notice_notes(struct checked *checked, struct notes *notes)
{
    static struct plugin_note kept[NOTES_KEPT];
    size_t count = notes_get(notes, kept, NOTES_KEPT);
    checked->lines += notes->count;
    for (size_t i = 0; i < count; i++) {
        notice_note(checked, &kept[i]);
    }
}

uint64_t subject_data(const struct subject *subject)
{
    struct checked *checked = subject->checked;
    char path[64];
    unsigned long long pages = 0;
    snprintf(path, sizeof path, "/proc/%ld/statm", (long)subject->worker->pid);
    FILE *file = fopen(path, "re");
    if (file != NULL) {
        /* size, resident, shared, text, library, data */
        if (fscanf(file, "%*u %*u %*u %*u %*u %llu", &pages) != 1) {
            pages = 0;
        }
        fclose(file);
    }
    uint64_t bytes = pages * (uint64_t)sysconf(_SC_PAGESIZE);
    checked->data_most = bytes > checked->data_most ? bytes : checked->data_most;
    return bytes;
}

static void notice_duration(struct checked *checked, const struct question *question, const struct reply *reply)
{
    checked->asked++;
    if (reply->code != REPLY_LOST && reply->duration_us > checked->slowest_us) {
        checked->slowest_us = reply->duration_us;
        snprintf(checked->slowest, sizeof checked->slowest, "%s", question->label);
    }
}

/* ---- the end of a process ---- */

/* Did it end within the time? */
static bool ends_within(const struct worker *worker, int milliseconds)
{
    int fd = pidfd_open(worker->pid, 0);
    if (fd < 0) {
        return true;
    }
    struct pollfd polled = {fd, POLLIN, 0};
    bool ended = poll(&polled, 1, milliseconds) > 0;
    close(fd);
    return ended;
}

/* Takes the process away; `how` says how it ended: by itself within the time, or not. */
static void take_away(struct subject *subject, int milliseconds, const char *otherwise, struct status_text *how)
{
    bool ended = ends_within(subject->worker, milliseconds);
    struct status_text killed;
    worker_end(&subject->worker, ended ? how : &killed);
    if (!ended) {
        status_set(how, VOUCH_OK, "%s", otherwise);
    }
    notice_notes(subject->checked, subject->notes);
    notes_free(&subject->notes);
    subject->calls = 0;
}

void subject_stop(struct subject *subject)
{
    struct checked *checked = subject->checked;
    struct status_text how;
    const Vouch__V1__FromWorker *message;
    if (subject->worker == NULL) {
        return;
    }
    uint32_t calls = subject->calls;
    (void)subject_data(subject);
    worker_dismiss(subject->worker);
    enum received received = worker_receive(subject->worker, clock_mono_us() + INT64_C(1000) * ENDING_MS, &message);
    take_away(subject, received == RECEIVED_END ? DYING_MS : 0, "did not return from destroy", &how);
    checked->ends++;
    if (strcmp(how.text, "ended by itself with exit status 0") != 0) {
        checked->bad_ends++;
        snprintf(checked->bad_end, sizeof checked->bad_end, "%.250s (after %u calls)", how.text, calls);
    }
}

/* ---- the start ---- */

static void learn_settings(struct checked *checked, const Vouch__V1__FromWorker__Ready *ready)
{
    checked->declared_count = 0;
    for (size_t i = 0; i < ready->n_settings && i < VOUCH_SETTINGS_MAX; i++) {
        const Vouch__V1__FromWorker__Ready__Setting *setting = ready->settings[i];
        struct declared *declared = &checked->declared[checked->declared_count++];
        *declared = (struct declared){.type = setting->type, .min = setting->min, .max = setting->max};
        snprintf(declared->name, sizeof declared->name, "%s", setting->name);
        snprintf(declared->initial, sizeof declared->initial, "%s", setting->initial);
    }
}

static void learn(struct checked *checked, const struct worker *worker, const Vouch__V1__FromWorker__Ready *ready)
{
    if (checked->kind == 0) {
        memcpy(checked->name, worker->name, sizeof checked->name);
        memcpy(checked->version, worker->version, sizeof checked->version);
        memcpy(checked->jail, worker->jail, sizeof checked->jail);
        checked->kind = worker->kind;
        learn_settings(checked, ready);
    }
}

/* It did not come to be ready, nor say why. */
static enum start lost_start(struct subject *subject, enum received received, struct status_text *why)
{
    char otherwise[100];
    struct status_text how;
    snprintf(otherwise, sizeof otherwise, "was not ready after %d seconds", (int)(READY_US / 1000000));
    if (received == RECEIVED_GARBAGE) {
        snprintf(otherwise, sizeof otherwise, "sent a packet that is no message");
    } else if (received == RECEIVED_END) {
        snprintf(otherwise, sizeof otherwise, "closed its connection to the broker");
    }
    take_away(subject, received == RECEIVED_END ? DYING_MS : 0, otherwise, &how);
    status_set(why, VOUCH_UNAVAILABLE, "%s", how.text);
    return START_LOST;
}

enum start subject_start(struct subject *subject, struct checked *checked, const struct plugin_config *config,
                         struct status_text *why)
{
    const Vouch__V1__FromWorker *message;
    struct status_text how;
    *subject = (struct subject){
        .checked = checked, .config = config, .losses = subject->losses, .notes = notes_new("checked")};
    int64_t start_us = clock_mono_us();
    subject->worker = worker_start(checked->host_path, config, subject->notes, why);
    if (subject->worker == NULL) {
        notes_free(&subject->notes);
        return START_REFUSED;
    }
    checked->starts++;
    worker_hello(subject->worker, config);
    enum received received = worker_receive(subject->worker, start_us + READY_US, &message);
    if (received != RECEIVED_MESSAGE) {
        return lost_start(subject, received, why);
    }
    enum vouch_status status = worker_greeted(subject->worker, message, why);
    if (status != VOUCH_OK) {
        take_away(subject, 0, "", &how);
        return status == VOUCH_INVALID ? START_SETTINGS : START_REFUSED;
    }
    subject->ready_us = clock_mono_us() - start_us;
    learn(checked, subject->worker, message->ready);
    return START_READY;
}

/* ---- a call ---- */

/* Processor time of the process so far. */
static int64_t cpu_us(const struct worker *worker)
{
    clockid_t clock;
    struct timespec used;
    if (clock_getcpuclockid(worker->pid, &clock) != 0 || clock_gettime(clock, &used) != 0) {
        return 0;
    }
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

/* Does it wait for something, other than a processor? */
static bool sleeps(const struct worker *worker)
{
    char path[64];
    char state = 'R';
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)worker->pid);
    FILE *file = fopen(path, "re");
    if (file != NULL) {
        if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1) {
            state = 'R';
        }
        fclose(file);
    }
    return state != 'R';
}

/* No answer came in time: because the machine had no time for the process, or for us, not because the plugin took it?
 */
static bool starved(const struct subject *subject, unsigned deadline_ms)
{
    struct pollfd polled = {subject->worker->socket, POLLIN, 0};
    bool answered = poll(&polled, 1, 0) > 0;
    bool ran = cpu_us(subject->worker) - subject->cpu_before_us > INT64_C(500) * deadline_ms;
    return !ran && (answered || !sleeps(subject->worker));
}

static void on_lost(struct plugin_call *call, const char *what, struct status_text *why)
{
    struct subject *subject = call->watcher;
    struct checked *checked = subject->checked;
    struct status_text how;
    uint32_t calls = subject->calls;
    bool overdue = what != NULL && strcmp(what, NOTHING_IN_TIME) == 0;
    bool blameless = overdue && starved(subject, call->deadline_ms);
    take_away(subject, what == NULL ? DYING_MS : 0, what != NULL ? what : "closed its connection to the broker", &how);
    call->worker = NULL;
    subject->losses += !blameless;
    subject->starved += blameless;
    subject->reply->code = REPLY_LOST;
    if (overdue) {
        checked->starved += blameless;
        checked->overdue += !blameless;
        status_set(&how, VOUCH_OK, "gave no answer within %u ms", call->deadline_ms);
    }
    status_set(why, VOUCH_UNAVAILABLE, "%s in its call no. %u", how.text, calls);
    snprintf(subject->reply->why, sizeof subject->reply->why, "%.250s", how.text);
}

static enum vouch_status on_absent(struct plugin_call *call, struct status_text *why)
{
    return status_set(why, VOUCH_UNAVAILABLE, "nobody serves %s", call->instance);
}

static void on_nonsense(struct plugin_call *call, const char *what, struct status_text *why)
{
    struct subject *subject = call->watcher;
    subject->reply->code = REPLY_WRONG;
    status_set(why, VOUCH_UNAVAILABLE, "%s", what);
}

static void on_ended(struct plugin_call *call, enum vouch_status status, int64_t duration_us)
{
    struct subject *subject = call->watcher;
    (void)status;
    subject->reply->duration_us += duration_us;
}

static const struct call_watch watch = {on_absent, on_lost, on_nonsense, on_ended};

/* How the broker's sentences for its own callers begin, with what they mean here. */
static const struct {
    const char *begins;
    enum reply_code code;
} sentences[] = {
    {"plugin checked asks to be called later: ", REPLY_DEFER},
    {"plugin checked does not support this request: ", REPLY_UNSUPPORTED},
    {"plugin checked failed: it answered with the unknown code ", REPLY_WRONG},
    {"plugin checked failed: it counts ", REPLY_WRONG},
    {"plugin checked failed: ", REPLY_FAILED},
};

static void take_sentence(struct reply *reply, const char *why)
{
    const char *said = why;
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0] && reply->code == REPLY_NONE; i++) {
        const char *rest = after(why, sentences[i].begins);
        if (rest != NULL) {
            reply->code = sentences[i].code;
            said = reply->code == REPLY_WRONG ? after(why, "plugin checked failed: ") : rest;
        }
    }
    /* A question too large for the protocol is ours to answer for. */
    CHECK(reply->code != REPLY_NONE);
    snprintf(reply->why, sizeof reply->why, "%.250s", said);
}

static int compare_shares(const void *left, const void *right)
{
    uint64_t a = ((const struct vouch_share *)left)->party;
    uint64_t b = ((const struct vouch_share *)right)->party;
    return (a > b) - (a < b);
}

static enum vouch_status ask(struct plugin_call *call, const struct question *question, struct arena *arena,
                             struct reply *reply, struct status_text *why)
{
    if (call->worker->kind == PLUGIN_ATTRIBUTION) {
        struct vouch_attribution_result result = {.size = sizeof result};
        enum vouch_status status = plugin_attribute(call, &question->attribution, arena, &result, why);
        if (status == VOUCH_OK) {
            qsort(result.shares, result.share_count, sizeof *result.shares, compare_shares);
            reply->count = result.share_count;
            reply->shares = result.shares;
        }
        return status;
    }
    struct vouch_match_result result = {.size = sizeof result};
    enum vouch_status status = plugin_match(call, &question->match, arena, &result, why);
    reply->count = result.candidate_count;
    reply->component_count = result.component_count;
    reply->components = result.components;
    reply->scores = result.scores;
    return status;
}

static void tell_loss(struct subject *subject, const struct question *question, const char *why)
{
    struct checked *checked = subject->checked;
    bool overdue = strncmp(subject->reply->why, "gave no answer", 14) == 0;
    if (overdue) {
        snprintf(checked->overdue_label, sizeof checked->overdue_label, "%s", question->label);
        report_find(checked->report, VERDICT_NOTE, checked->report->check,
                    "a question got no answer in time, see \"deadline\"");
    } else {
        report_find(checked->report, VERDICT_FAIL, subject->reply->why, "the process %s%s: %s", why, checked->context,
                    question->label);
    }
}

bool subject_given_up(const struct subject *subject)
{
    return subject->worker == NULL && subject->losses >= LOSSES_MAX;
}

static struct reply ask_once(struct subject *subject, const struct question *question, struct arena *arena)
{
    struct reply reply = {.code = REPLY_NONE};
    struct status_text why = {""};
    uint32_t starved_before = subject->starved;
    struct plugin_call call = {.worker = subject->worker,
                               .instance = "checked",
                               .deadline_ms = subject->config->deadline_ms,
                               .watch = &watch,
                               .watcher = subject};
    subject->reply = &reply;
    subject->calls++;
    subject->cpu_before_us = cpu_us(subject->worker);
    enum vouch_status status = ask(&call, question, arena, &reply, &why);
    if (status == VOUCH_OK) {
        reply.code = REPLY_DONE;
    } else if (reply.code != REPLY_LOST) {
        take_sentence(&reply, why.text);
    } else if (subject->starved == starved_before) {
        tell_loss(subject, question, why.text);
    }
    notice_duration(subject->checked, question, &reply);
    subject->reply = NULL;
    return reply;
}

/* There is a process, or one could be started. */
static bool serves(struct subject *subject)
{
    struct status_text why;
    if (subject->worker == NULL && subject->losses < LOSSES_MAX &&
        subject_start(subject, subject->checked, subject->config, &why) != START_READY) {
        subject->losses = LOSSES_MAX;
        report_find(subject->checked->report, VERDICT_FAIL, why.text, "another process of it does not start: %s",
                    why.text);
    }
    return subject->worker != NULL;
}

struct reply subject_ask(struct subject *subject, const struct question *question, struct arena *arena)
{
    struct reply reply = {.code = REPLY_NONE};
    do {
        subject->starved = 0;
        if (!serves(subject)) {
            return reply;
        }
        reply = ask_once(subject, question, arena);
        /* Again, when it was the machine that had no time. */
    } while (subject->starved > 0 && subject->checked->starved < STARVED_MAX);
    return reply;
}
