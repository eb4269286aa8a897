/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin may be a script. Its text is read before the jail; what is loaded inside it, as any plugin, is the runtime
 * of its language, a shared object that stands beside this program and makes a descriptor of the text. */
#include "host.h"

#include "vouch_language.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SCRIPT_MAX ((off_t)1 << 20)
#define TICK_US 5000
#define WATCH_PERCENT 50 /* of a deadline: the rest is for telling, on a machine that may be busy */

static const struct language {
    const char *suffix;
    const char *runtime;
} languages[] = {{".lua", "lua.so"}};

/* The script of this process, which serves one plugin and no other. */
static struct {
    const char *file; /* its name without folders, for messages */
    char *text;
    size_t size;
    char runtime[PATH_MAX];
} script;

static const struct language *language_of(const char *path)
{
    size_t length = strlen(path);
    for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++) {
        size_t suffix = strlen(languages[i].suffix);
        if (length > suffix && strcmp(path + length - suffix, languages[i].suffix) == 0) {
            return &languages[i];
        }
    }
    return NULL;
}

bool language_known(const char *path)
{
    return language_of(path) != NULL;
}

static bool read_text(const char *path, int file, struct why *why)
{
    struct stat status;
    if (fstat(file, &status) != 0 || status.st_size > SCRIPT_MAX) {
        return why_set(why, "%s is longer than %lld bytes", path, (long long)SCRIPT_MAX);
    }
    size_t wanted = (size_t)status.st_size;
    script.text = malloc(wanted + 1);
    ssize_t got = script.text == NULL ? -1 : pread(file, script.text, wanted, 0);
    if (got < 0 || (size_t)got != wanted) {
        return why_set(why, "cannot read %s: %s", path, got < 0 ? strerror(errno) : "it changes meanwhile");
    }
    script.text[wanted] = '\0';
    script.size = wanted;
    const char *slash = strrchr(path, '/');
    script.file = slash == NULL ? path : slash + 1;
    return true;
}

/* The runtime stands where this program does, whatever links lead to it. */
static bool find_runtime(const char *path, struct why *why)
{
    char self[PATH_MAX];
    const char *runtime = language_of(path)->runtime;
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): that is how the kernel tells it */
    if (realpath((const char *)getauxval(AT_EXECFN), self) == NULL) {
        return why_set(why, "cannot tell where this program stands: %s", strerror(errno));
    }
    char *slash = strrchr(self, '/');
    *slash = '\0';
    int length = snprintf(script.runtime, sizeof script.runtime, "%s/%s", self, runtime);
    return (length > 0 && (size_t)length < sizeof script.runtime) ||
           why_set(why, "the path of %s is too long", runtime);
}

/* ---- the watch ---- */

/* A script that does not end would cost the process, and its author would not learn where it hangs. A timer of
 * processor time, which rests while nothing runs, looks at the clock; it is set before the jail, which has no timers.
 */
static struct {
    const struct vouch_language *language;
    atomic_llong started_ms;
    atomic_llong until_ms; /* 0: there is nothing to watch */
} watch;

static long long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void on_tick(int number)
{
    (void)number;
    long long until_ms = atomic_load(&watch.until_ms);
    long long now = now_ms();
    if (until_ms != 0 && now >= until_ms && watch.language != NULL) {
        watch.language->interrupt((unsigned)(now - atomic_load(&watch.started_ms)));
    }
}

/* Blocks the ticks, or lets them come. */
static void watch_hold(bool hold)
{
    sigset_t ticks;
    sigemptyset(&ticks);
    sigaddset(&ticks, SIGPROF);
    pthread_sigmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &ticks, NULL);
}

/* No tick comes before the runtime is there: it would interrupt the question that the loader asks its helper (load.c),
 * which is then lost. */
static bool watch_start(struct why *why)
{
    watch_hold(true);
    const struct itimerval every = {{0, TICK_US}, {0, TICK_US}};
    struct sigaction action = {.sa_handler = on_tick, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    return (sigaction(SIGPROF, &action, NULL) == 0 && setitimer(ITIMER_PROF, &every, NULL) == 0) ||
           why_set(why, "cannot watch the script: %s", strerror(errno));
}

void language_watch(unsigned deadline_ms)
{
    if (script.text != NULL) {
        long long now = now_ms();
        atomic_store(&watch.until_ms, 0);
        atomic_store(&watch.started_ms, now);
        atomic_store(&watch.until_ms, now + deadline_ms * WATCH_PERCENT / 100);
    }
}

/* ---- reading and loading ---- */

bool language_open(const char *path, int *file, struct why *why)
{
    bool read = read_text(path, *file, why);
    close(*file);
    *file = -1;
    if (!read || !find_runtime(path, why) || !watch_start(why)) {
        return false;
    }
    *file = open(script.runtime, O_RDONLY | O_CLOEXEC);
    return *file >= 0 || why_set(why, "%s needs a runtime that is not installed: cannot open %s: %s", script.file,
                                 script.runtime, strerror(errno));
}

const char *language_runtime(void)
{
    return script.text == NULL ? NULL : script.runtime;
}

const struct vouch_plugin_descriptor *language_load(void *object, struct why *why)
{
    const struct vouch_language *language = dlsym(object, "vouch_language");
    if (language == NULL || language->size < sizeof *language || language->abi != VOUCH_PLUGIN_ABI) {
        why_set(why, "%s is not the runtime of this host's version", script.runtime);
        return NULL;
    }
    const char *sentence = "";
    watch.language = language;
    language_watch(LANGUAGE_START_MS);
    watch_hold(false);
    const struct vouch_plugin_descriptor *descriptor = language->load(script.file, script.text, script.size, &sentence);
    if (descriptor == NULL) {
        why_set(why, "%s", sentence);
    }
    return descriptor;
}
