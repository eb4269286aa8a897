/* SPDX-License-Identifier: Apache-2.0
 *
 * What is said about CRM files, and the look-up of their names. */
#include "crm_parts.h"

#include "base/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void note(struct reading *reading, const char *format, ...)
{
    struct crm *crm = reading->crm;
    if (crm->note_count == NOTES_MOST) {
        reading->notes_dropped++;
        return;
    }
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    crm->notes[crm->note_count++].text = arena_strdup(crm->arena, text);
}

/* ---- Looking up by name ---- */

void index_make(struct hsearch_data *index, size_t count)
{
    memset(index, 0, sizeof *index);
    CHECK(hcreate_r(count * 2 + 16, index) != 0);
}

bool index_add(struct hsearch_data *index, const char *name, size_t number)
{
    ENTRY *found, entry = {.key = (char *)(uintptr_t)name};
    if (hsearch_r(entry, FIND, &found, index) != 0) {
        return false;
    }
    entry.data = (void *)(uintptr_t)number;
    CHECK(hsearch_r(entry, ENTER, &found, index) != 0);
    return true;
}

long index_find(struct hsearch_data *index, const char *name)
{
    ENTRY *found, entry = {.key = (char *)(uintptr_t)name};
    return hsearch_r(entry, FIND, &found, index) != 0 ? (long)(uintptr_t)found->data : -1;
}

/* ---- Corrections ---- */

void corrections_count(struct corrections *corrections, const char *wrong, const char *right)
{
    for (size_t i = 0; i < corrections->count; i++) {
        if (strcmp(corrections->items[i].wrong, wrong) == 0) {
            corrections->items[i].count++;
            return;
        }
    }
    if (corrections->count < CORRECTIONS_MOST) {
        corrections->items[corrections->count++] = (struct correction){wrong, right, 1};
    }
}

void corrections_tell(struct reading *reading, const struct corrections *corrections, const char *what, const char *of)
{
    for (size_t i = 0; i < corrections->count; i++) {
        const struct correction *item = &corrections->items[i];
        if (item->right != NULL) {
            note(reading, "%s \"%s\" is read as \"%s\" (%zu %s)", what, item->wrong, item->right, item->count, of);
        } else {
            note(reading, "%s \"%s\" is not known and kept as it is (%zu %s)", what, item->wrong, item->count, of);
        }
    }
}
