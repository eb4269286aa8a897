/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening and closing a handle, and the words for outcomes. */
#include "handle.h"

#include "base/check.h"
#include "base/clock.h"

#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* ---- The last error, one a thread ---- */

static _Thread_local char last_error[ERROR_MAX];

void error_keep(const char *text)
{
    snprintf(last_error, sizeof last_error, "%s", text);
}

void error_keepf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(last_error, sizeof last_error, format, args);
    va_end(args);
}

const char *vouch_last_error(void)
{
    return last_error;
}

const char *vouch_outcome_name(int outcome)
{
    switch (outcome) {
#define FAILURE(name, number, exit, sentence)                                                                          \
    case number:                                                                                                       \
        return #name;
#include "failure.def"
#undef FAILURE
    default:
        return status_name((enum vouch_status)outcome);
    }
}

const char *vouch_version(void)
{
    return VOUCH_VERSION;
}

/* ---- Conditions ---- */

void condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    CHECK(pthread_condattr_init(&attributes) == 0);
    CHECK(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    CHECK(pthread_cond_init(condition, &attributes) == 0);
    CHECK(pthread_condattr_destroy(&attributes) == 0);
}

bool condition_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t deadline_us)
{
    struct timespec until = {.tv_sec = deadline_us / 1000000, .tv_nsec = deadline_us % 1000000 * 1000};
    int error = pthread_cond_timedwait(condition, lock, &until);
    CHECK(error == 0 || error == ETIMEDOUT);
    return error == 0;
}

/* ---- Opening ---- */

/* The thread takes no signals, so that they reach the program's own threads. */
static bool start_thread(struct vouch *v)
{
    sigset_t all, before;
    sigfillset(&all);
    CHECK(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
    int error = pthread_create(&v->thread, NULL, io_main, v);
    CHECK(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
    return error == 0;
}

static void destroy(struct vouch *v)
{
    outbox_clear(&v->outbox);
    delivery_clear(&v->delivery);
    if (v->wake_fd >= 0) {
        close(v->wake_fd);
    }
    pthread_mutex_destroy(&v->lock);
    profile_wipe(&v->identity);
    v->magic = 0;
    free(v);
}

static struct vouch *open_profile(const struct profile *profile, const char *client)
{
    struct vouch *v = calloc(1, sizeof *v);
    CHECK(v != NULL);
    v->magic = HANDLE_MAGIC;
    v->identity = *profile;
    snprintf(v->client, sizeof v->client, "%s", client != NULL ? client : "libvouch " VOUCH_VERSION);
    CHECK(pthread_mutex_init(&v->lock, NULL) == 0);
    v->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    outbox_init(&v->outbox);
    delivery_init(&v->delivery);
    link_init(v);
    bool ready = v->wake_fd >= 0 && v->delivery.fd >= 0;
    if (!ready || context_get() == NULL) {
        error_keepf("cannot open a connection: %s", strerror(errno));
        destroy(v);
        return NULL;
    }
    if (!start_thread(v)) {
        error_keep("cannot open a connection: the system gives no more threads");
        context_put();
        destroy(v);
        return NULL;
    }
    return v;
}

struct vouch *vouch_open(const struct vouch_identity *identity, const char *client)
{
    struct profile profile = {.endpoint = ""};
    if (identity->endpoint == NULL || !profile_endpoint_valid(identity->endpoint)) {
        error_keep("the endpoint is not host:port");
        return NULL;
    }
    snprintf(profile.endpoint, sizeof profile.endpoint, "%s", identity->endpoint);
    memcpy(profile.server_key, identity->server_key, PROFILE_KEY_BYTES);
    memcpy(profile.public_key, identity->public_key, PROFILE_KEY_BYTES);
    memcpy(profile.secret_key, identity->secret_key, PROFILE_KEY_BYTES);
    struct vouch *v = open_profile(&profile, client);
    profile_wipe(&profile);
    return v;
}

struct vouch *vouch_open_profile(const char *name, const char *client)
{
    char path[PROFILE_PATH_MAX];
    struct profile profile;
    struct status_text why = {""};
    if (profile_path(name, path, &why) != VOUCH_OK || profile_read(path, &profile, &why) != VOUCH_OK) {
        error_keep(why.text);
        return NULL;
    }
    struct vouch *v = open_profile(&profile, client);
    profile_wipe(&profile);
    return v;
}

void vouch_close(struct vouch **handle)
{
    struct vouch *v = *handle;
    if (v == NULL) {
        return;
    }
    CHECK_MAGIC(v, HANDLE_MAGIC);
    pthread_mutex_lock(&v->lock);
    v->stopping = true;
    io_wake(v);
    pthread_mutex_unlock(&v->lock);
    CHECK(pthread_join(v->thread, NULL) == 0);
    context_put();
    destroy(v);
    *handle = NULL;
}

void vouch_see_sequence(struct vouch *v, uint64_t sequence)
{
    CHECK_MAGIC(v, HANDLE_MAGIC);
    pthread_mutex_lock(&v->lock);
    if (sequence > v->seen_sequence) {
        v->seen_sequence = sequence;
    }
    pthread_mutex_unlock(&v->lock);
}

int64_t vouch_broker_time_ms(struct vouch *v)
{
    CHECK_MAGIC(v, HANDLE_MAGIC);
    pthread_mutex_lock(&v->lock);
    int64_t time_ms = clock_now_ms() + v->ahead_ms;
    pthread_mutex_unlock(&v->lock);
    return time_ms;
}

uint64_t vouch_seen_sequence(struct vouch *v)
{
    CHECK_MAGIC(v, HANDLE_MAGIC);
    pthread_mutex_lock(&v->lock);
    uint64_t sequence = v->seen_sequence;
    pthread_mutex_unlock(&v->lock);
    return sequence;
}
