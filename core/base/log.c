/* SPDX-License-Identifier: Apache-2.0
 *
 * The log: one write a line, so that lines of several threads never mix. Control characters are replaced, so
 * that nothing from outside can forge a line or drive a terminal. */
#include "base/log.h"

#include "base/check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024

static const char *const level_names[] = {"error", "warn", "info", "debug"};
static atomic_int threshold = LOG_INFO;

void log_set_level(enum log_level level)
{
    atomic_store(&threshold, level);
}

int log_level_parse(const char *name)
{
    for (int level = LOG_ERROR; level <= LOG_DEBUG; level++) {
        if (strcmp(name, level_names[level]) == 0) {
            return level;
        }
    }
    return -1;
}

void log_line(enum log_level level, const char *subject, const char *format, ...)
{
    if ((int)level > atomic_load_explicit(&threshold, memory_order_relaxed)) {
        return;
    }
    int saved_errno = errno;
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);

    char line[LINE_MAX_BYTES];
    size_t used = strftime(line, sizeof line, "%Y-%m-%dT%H:%M:%S", &utc);
    used += (size_t)snprintf(line + used, sizeof line - used, ".%03ldZ %s %.60s ", now.tv_nsec / 1000000,
                             level_names[level], subject);
    va_list args;
    va_start(args, format);
    int wanted = vsnprintf(line + used, sizeof line - used, format, args);
    va_end(args);
    used += wanted < 0 ? 0 : (size_t)wanted;
    if (used > sizeof line - 2) {
        used = sizeof line - 2;
    }
    for (size_t i = 0; i < used; i++) {
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7F) {
            line[i] = '?';
        }
    }
    line[used++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, used);
    (void)written; /* nowhere left to complain to */
    errno = saved_errno;
}

void check_failed(const char *file, int line, const char *function, const char *condition)
{
    log_line(LOG_ERROR, "check", "broken invariant at %s:%d in %s: %s", file, line, function, condition);
    abort();
}
