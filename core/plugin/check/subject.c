/* SPDX-License-Identifier: Apache-2.0
 *
 * A process of the plugin under check: started as the broker starts it, asked as the broker asks it, and ended; what is
 * noticed on the way (durations, refused system calls, printed lines, memory, how it ended) is kept for the checks that
 * judge it. */
#include "plugin/check/check.h"

#include "base/clock.h"

#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#define ASKED_ANYWAY 4
#define ENDING_MS 2000

struct budget budget_of(unsigned milliseconds)
{
    return (struct budget){clock_mono_us() + INT64_C(1000) * milliseconds, ASKED_ANYWAY};
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

const char *text_after(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

static void notice_note(struct checked *checked, const struct plugin_note *note)
{
    uint64_t dropped;
    const char *rest;
    if ((rest = text_after(note->text, "was refused the system call: ")) != NULL) {
        notice_refused(checked, rest);
    } else if (sscanf(note->text, "printed too much: dropped lines=%" SCNu64, &dropped) == 1) {
        checked->dropped_lines += dropped;
        checked->lines += dropped;
    } else {
        rest = text_after(note->text, "printed: ");
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
    unsigned long long mapped = 0;
    snprintf(path, sizeof path, "/proc/%ld/statm", (long)subject->worker->pid);
    FILE *file = fopen(path, "re");
    if (file != NULL) {
        /* size, resident, shared, text, library, data */
        if (fscanf(file, "%llu %*u %*u %*u %*u %llu", &mapped, &pages) != 2) {
            mapped = pages = 0;
        }
        fclose(file);
    }
    uint64_t page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t bytes = pages * page_bytes;
    checked->mapped_most = mapped * page_bytes > checked->mapped_most ? mapped * page_bytes : checked->mapped_most;
    checked->data_most = bytes > checked->data_most ? bytes : checked->data_most;
    return bytes;
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

void subject_take_away(struct subject *subject, int milliseconds, const char *otherwise, struct status_text *how)
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
    /* Two that do not are enough to know. */
    int64_t most_us = INT64_C(1000) * (checked->bad_ends < 2 ? ENDING_MS : DYING_MS);
    enum received received = worker_receive(subject->worker, clock_mono_us() + most_us, &message);
    subject_take_away(subject, received == RECEIVED_END ? DYING_MS : 0, "did not return from destroy", &how);
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
        checked->answers = worker->answers;
        learn_settings(checked, ready);
    }
}

/* It did not come to be ready, nor say why. */
static enum start lost_start(struct subject *subject, enum received received, struct status_text *why)
{
    char otherwise[100];
    struct status_text how;
    snprintf(otherwise, sizeof otherwise, "was not ready after %d seconds", WORKER_READY_SECONDS);
    if (received == RECEIVED_GARBAGE) {
        snprintf(otherwise, sizeof otherwise, "sent a packet that is no message");
    } else if (received == RECEIVED_END) {
        snprintf(otherwise, sizeof otherwise, "closed its connection to the broker");
    }
    subject_take_away(subject, received == RECEIVED_END ? DYING_MS : 0, otherwise, &how);
    status_set(why, VOUCH_UNAVAILABLE, "%s", how.text);
    return START_LOST;
}

enum start subject_start(struct subject *subject, struct checked *checked, const struct plugin_config *config,
                         struct status_text *why)
{
    const Vouch__V1__FromWorker *message;
    struct status_text how;
    *subject = (struct subject){
        .checked = checked, .config = config, .losses = subject->losses, .notes = notes_new(NULL)};
    int64_t start_us = clock_mono_us();
    subject->worker = worker_start(checked->host_path, config, subject->notes, why);
    if (subject->worker == NULL) {
        notes_free(&subject->notes);
        return START_REFUSED;
    }
    checked->starts++;
    worker_hello(subject->worker, config);
    enum received received = RECEIVED_NOTHING;
    for (int64_t by_us;
         received == RECEIVED_NOTHING && (by_us = worker_ready_by_us(subject->worker)) > clock_mono_us();) {
        received = worker_receive(subject->worker, by_us, &message);
    }
    if (received != RECEIVED_MESSAGE) {
        return lost_start(subject, received, why);
    }
    enum vouch_status status = worker_greeted(subject->worker, message, why);
    if (status != VOUCH_OK) {
        subject_take_away(subject, 0, "", &how);
        return status == VOUCH_INVALID ? START_SETTINGS : START_REFUSED;
    }
    subject->ready_us = clock_mono_us() - start_us;
    learn(checked, subject->worker, message->ready);
    return START_READY;
}
