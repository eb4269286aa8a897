/* SPDX-License-Identifier: Apache-2.0
 *
 * What a plugin prints becomes log lines that name it, at most so many a second; the rest is counted and the count is
 * logged, so that a plugin can fill neither the disk nor the time of its thread. */
#include "plugin/internal.h"

#include "base/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define LINES_PER_SECOND 50
#define DRAIN_BYTES_MAX 65536
#define WINDOW_US 1000000

void output_open(struct output *output, struct notes *notes, int fd)
{
    *output = (struct output){.notes = notes, .fd = fd};
}

static void tell_dropped(struct output *output)
{
    if (output->dropped_lines > 0) {
        notes_add(output->notes, LOG_WARN, "printed too much: dropped lines=%" PRIu64 " bytes=%" PRIu64,
                  output->dropped_lines, output->dropped_bytes);
        output->dropped_lines = 0;
        output->dropped_bytes = 0;
    }
}

/* Whether one more line may be logged in this second. */
static bool may_log(struct output *output, size_t bytes)
{
    int64_t now_us = clock_mono_us();
    if (now_us - output->window_us >= WINDOW_US) {
        tell_dropped(output);
        output->window_us = now_us;
        output->lines = 0;
    }
    if (output->lines < LINES_PER_SECOND) {
        output->lines++;
        return true;
    }
    output->dropped_lines++;
    output->dropped_bytes += bytes;
    return false;
}

static void flush_line(struct output *output)
{
    if (output->used > 0 && may_log(output, output->used)) {
        output->line[output->used] = '\0';
        notes_add(output->notes, LOG_INFO, "printed: %s", output->line);
    }
    output->used = 0;
}

static void take_bytes(struct output *output, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '\n') {
            flush_line(output);
            continue;
        }
        output->line[output->used++] = bytes[i] == '\0' ? '?' : bytes[i];
        if (output->used == OUTPUT_LINE_MAX) {
            flush_line(output);
        }
    }
}

void output_drain(struct output *output)
{
    char bytes[4096];
    size_t drained = 0;
    while (output->fd >= 0 && drained < DRAIN_BYTES_MAX) {
        ssize_t size = read(output->fd, bytes, sizeof bytes);
        if (size > 0) {
            take_bytes(output, bytes, (size_t)size);
            drained += (size_t)size;
        } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
            close(output->fd);
            output->fd = -1;
        } else if (errno == EAGAIN) {
            return;
        }
    }
}

void output_log(struct output *output, uint32_t level, const char *what, const char *text)
{
    if (may_log(output, strlen(text))) {
        notes_add(output->notes, level > LOG_DEBUG ? LOG_INFO : (enum log_level)level, "%s: %s", what, text);
    }
}

void output_close(struct output *output)
{
    output_drain(output);
    flush_line(output);
    tell_dropped(output);
    if (output->fd >= 0) {
        close(output->fd);
        output->fd = -1;
    }
}
