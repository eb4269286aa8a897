/* SPDX-License-Identifier: Apache-2.0
 *
 * A question put to a process of the plugin, as the broker puts it, and what came of it: a reply, or the end of the
 * process, which is told as a finding of the check under way. */
#include "plugin/check/check.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LOSSES_MAX 3
#define STARVED_MAX 10
#define NOTHING_IN_TIME "gave no answer within its deadline"

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
    bool blameless = overdue && checked->starved < STARVED_MAX && starved(subject, call->deadline_ms);
    subject_take_away(subject, what == NULL ? DYING_MS : 0, what != NULL ? what : "closed its connection to the broker",
                      &how);
    call->worker = NULL;
    subject->losses += !blameless;
    subject->starved += blameless;
    subject->reply->code = REPLY_LOST;
    if (overdue) {
        checked->starved += blameless;
        checked->overdue += !blameless;
        status_set(&how, VOUCH_OK, "gave no answer within %u ms", call->deadline_ms);
    }
    status_set(why, VOUCH_UNAVAILABLE, "%s in call %u", how.text, calls);
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

static void on_ended(struct plugin_call *call, enum vouch_status status, int64_t duration_us, const char *said)
{
    struct subject *subject = call->watcher;
    (void)status;
    (void)said;
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
        const char *rest = text_after(why, sentences[i].begins);
        if (rest != NULL) {
            reply->code = sentences[i].code;
            said = reply->code == REPLY_WRONG ? text_after(why, "plugin checked failed: ") : rest;
        }
    }
    /* A question too large for the protocol is ours to answer for. */
    CHECK(reply->code != REPLY_NONE);
    snprintf(reply->why, sizeof reply->why, "%.250s", said);
}

static int compare_estimated(const void *left, const void *right)
{
    uint64_t a = ((const struct vouch_estimate_share *)left)->party;
    uint64_t b = ((const struct vouch_estimate_share *)right)->party;
    return (a > b) - (a < b);
}

static int compare_shares(const void *left, const void *right)
{
    uint64_t a = ((const struct vouch_share *)left)->party;
    uint64_t b = ((const struct vouch_share *)right)->party;
    return (a > b) - (a < b);
}

/* A text that the process handed over and that the broker took only a part of; NULL when there is none. Looks at what
 * was answered last, which is all there was: no question here needs two batches. */
static const char *cut_why(const struct worker *worker, const struct reply *reply, struct arena *arena)
{
    const struct record_score *records = (const void *)worker->answer.bytes;
    for (size_t i = 0; i < (size_t)reply->count * reply->component_count; i++) {
        const char *taken = reply->scores[i].why == NULL ? "" : reply->scores[i].why;
        uint32_t at = records[i].why;
        if (at == 0 || at >= worker->answer.size) {
            continue;
        }
        const char *given = (const char *)worker->answer.bytes + at;
        size_t length = strnlen(given, worker->answer.size - at);
        if (length >= VOUCH_WHY_MAX || length > strlen(taken)) {
            return arena_strdup(arena, taken);
        }
    }
    return NULL;
}

static enum vouch_status ask_estimate(struct plugin_call *call, const struct question *question, struct arena *arena,
                                      struct reply *reply, struct status_text *why)
{
    struct vouch_estimate_result result = {.size = sizeof result};
    enum vouch_status status = plugin_estimate(call, &question->estimate, arena, &result, why);
    if (status != VOUCH_OK) {
        return status;
    }
    reply->count = result.share_count;
    reply->estimated = result.shares;
    reply->shares = arena_alloc(arena, (result.share_count + 1) * sizeof *reply->shares);
    CHECK(reply->shares != NULL);
    qsort(result.shares, result.share_count, sizeof *result.shares, compare_estimated);
    for (uint32_t i = 0; i < result.share_count; i++) {
        reply->shares[i] = (struct vouch_share){result.shares[i].party, result.shares[i].weight};
    }
    return VOUCH_OK;
}

static enum vouch_status ask(struct plugin_call *call, const struct question *question, struct arena *arena,
                             struct reply *reply, struct status_text *why)
{
    if (question->estimate.path_count > 0) {
        return ask_estimate(call, question, arena, reply, why);
    }
    if (call->worker->kind == PLUGIN_ATTRIBUTION) {
        struct vouch_attribution_result result = {.size = sizeof result};
        enum vouch_status status = plugin_attribute(call, &question->attribution, arena, &result, why);
        if (status == VOUCH_OK) {
            qsort(result.shares, result.share_count, sizeof *result.shares, compare_shares);
            reply->count = result.share_count;
            reply->shares = result.shares;
            reply->mode = result.mode;
        }
        return status;
    }
    struct vouch_match_result result = {.size = sizeof result};
    enum vouch_status status = plugin_match(call, &question->match, arena, &result, why);
    reply->count = result.candidate_count;
    reply->component_count = result.component_count;
    reply->components = result.components;
    reply->scores = result.scores;
    if (status == VOUCH_OK) {
        reply->cut_why = cut_why(call->worker, reply, arena);
    }
    return status;
}

/* What it mostly is when a process ends like this. */
static const struct {
    const char *begins;
    const char *hint;
} hints[] = {
    {"was killed by SIGSEGV", ": a bad pointer, an array that ends sooner, or a write to the request?"},
    {"was killed by SIGBUS", ": a bad pointer, or a write to the request?"},
    {"was killed by SIGABRT", ": an assertion, or a C++ exception that nobody caught?"},
    {"was killed by SIGFPE", ": a division by zero?"},
    {"was killed by SIGILL", ": a compiler's trap, or instructions that this processor has not?"},
    {"ended by itself", ": a plugin must not call exit, nor close what it has not opened"},
    {"answered what", ": the socket belongs to the host"},
    {"sent a packet", ": the socket belongs to the host"},
};

static const char *hint(const char *how)
{
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++) {
        if (text_after(how, hints[i].begins) != NULL) {
            return hints[i].hint;
        }
    }
    return "";
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
        report_find(checked->report, VERDICT_FAIL, subject->reply->why, "the process %s%s, asked about %s%s", why,
                    checked->context, question->label, hint(subject->reply->why));
    }
}

bool subject_given_up(const struct subject *subject)
{
    return subject->worker == NULL && subject->losses >= LOSSES_MAX;
}

static void notice_duration(struct checked *checked, const struct question *question, const struct reply *reply)
{
    const struct questions *questions = &checked->questions;
    /* A part of a question is gone soon; the whole, from which it was cut, was slower anyway. */
    bool lasting = question >= questions->items && question < questions->items + questions->count;
    checked->asked++;
    if (reply->code == REPLY_LOST) {
        return;
    }
    latency_add(&checked->latency, reply->duration_us);
    if (lasting && reply->duration_us > checked->slowest_us) {
        checked->slowest_us = reply->duration_us;
        checked->slowest = question;
    }
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
    } while (subject->starved > 0);
    return reply;
}
