/* SPDX-License-Identifier: Apache-2.0
 *
 * Names on the model of a disk: what each path leads to, and changes of that which no sync of a directory covers yet.
 */
#ifndef VOUCH_TESTS_FAULT_NAMES_H
#define VOUCH_TESTS_FAULT_NAMES_H

#include "trace.h"

#include <stdbool.h>
#include <stddef.h>

struct name {
    char *path;
    size_t object;
};

/* Names in no order; few. */
struct names {
    struct name *list;
    size_t count;
    size_t room;
};

/* A change of names that no sync of its directory covers yet. */
struct naming {
    size_t at;
    enum trace_kind kind; /* TRACE_OPEN: a file was made */
    char *path;
    char *to;
    size_t object;
};

size_t name_find(const struct names *names, const char *path);
void name_drop(struct names *names, const char *path);
void name_set(struct names *names, const char *path, size_t object);
void names_free(struct names *names);
void naming_apply(struct names *names, const struct naming *naming);
bool naming_is_in(const struct naming *naming, const char *directory);
void naming_free(struct naming *naming);

#endif
