/* SPDX-License-Identifier: Apache-2.0
 *
 * A list of names and what changes it. */
#include "names.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

size_t name_find(const struct names *names, const char *path)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->list[i].path, path) == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

void name_drop(struct names *names, const char *path)
{
    size_t i = name_find(names, path);
    if (i != SIZE_MAX) {
        free(names->list[i].path);
        names->list[i] = names->list[--names->count];
    }
}

void name_set(struct names *names, const char *path, size_t object)
{
    name_drop(names, path);
    if (names->count == names->room) {
        names->room = names->room == 0 ? 32 : names->room * 2;
        names->list = realloc(names->list, names->room * sizeof *names->list);
        CHECK(names->list != NULL);
    }
    names->list[names->count++] = (struct name){strdup(path), object};
}

void names_free(struct names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        free(names->list[i].path);
    }
    free(names->list);
    *names = (struct names){0};
}

/* Applies one change of names. A rename that is kept while the making of its file is lost still names the file. */
void naming_apply(struct names *names, const struct naming *naming)
{
    if (naming->kind == TRACE_UNLINK) {
        name_drop(names, naming->path);
    } else if (naming->kind == TRACE_RENAME) {
        name_drop(names, naming->path);
        name_set(names, naming->to, naming->object);
    } else {
        name_set(names, naming->path, naming->object);
    }
}

bool naming_is_in(const struct naming *naming, const char *directory)
{
    const char *slash = strrchr(naming->path, '/');
    size_t size = slash == NULL ? 0 : (size_t)(slash - naming->path);
    return strlen(directory) == size && strncmp(naming->path, directory, size) == 0;
}

void naming_free(struct naming *naming)
{
    free(naming->path);
    free(naming->to);
}
