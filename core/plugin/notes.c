/* SPDX-License-Identifier: Apache-2.0
 *
 * What is told of an instance: each line goes to the broker's log, and the last ones are kept so that `vouch plugins
 * log` can show them to who has no access to the machine. */
#include "plugin/internal.h"

#include "base/clock.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct notes *notes_new(const char *instance)
{
    struct notes *notes = calloc(1, sizeof *notes);
    CHECK(notes != NULL);
    if (instance != NULL) {
        snprintf(notes->subject, sizeof notes->subject, "plugin %.50s", instance);
    }
    pthread_mutex_init(&notes->lock, NULL);
    return notes;
}

void notes_free(struct notes **notes)
{
    pthread_mutex_destroy(&(*notes)->lock);
    free(*notes);
    *notes = NULL;
}

/* Whatever a plugin wrote becomes one line of UTF-8, cut where it stops fitting. */
static void to_line(char text[PLUGIN_NOTE_MAX])
{
    size_t size = strlen(text);
    uint32_t character;
    for (size_t at = 0; at < size;) {
        size_t length = utf8_next((const uint8_t *)text + at, size - at, &character);
        bool control = length > 0 && (character < 0x20 || (character >= 0x7F && character < 0xA0));
        if (length == 0 || control) {
            length = control ? length : 1;
            memset(text + at, '?', length);
        }
        at += length;
    }
}

void notes_add(struct notes *notes, enum log_level level, const char *format, ...)
{
    struct plugin_note note = {.time_ms = clock_now_ms(), .level = level};
    va_list args;
    va_start(args, format);
    vsnprintf(note.text, sizeof note.text, format, args);
    va_end(args);
    to_line(note.text);
    if (notes->subject[0] != '\0') {
        log_line(level, notes->subject, "%s", note.text);
    }
    pthread_mutex_lock(&notes->lock);
    notes->kept[notes->count++ % NOTES_KEPT] = note;
    pthread_mutex_unlock(&notes->lock);
}

size_t notes_get(struct notes *notes, struct plugin_note *copies, size_t most)
{
    pthread_mutex_lock(&notes->lock);
    uint64_t kept = notes->count < NOTES_KEPT ? notes->count : NOTES_KEPT;
    uint64_t count = kept < most ? kept : most;
    for (uint64_t i = 0; i < count; i++) {
        copies[i] = notes->kept[(notes->count - count + i) % NOTES_KEPT];
    }
    pthread_mutex_unlock(&notes->lock);
    return (size_t)count;
}
