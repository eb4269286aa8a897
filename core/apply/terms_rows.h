/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of terms: by name, and approved ones by whom they are for and from when. At any time at most one version holds
 * for a scope: a version that was approved later ends the earlier ones of its name where it begins, and terms of
 * another name with the same scope are refused where they would overlap. So the one that holds is found by one seek.
 * For those who write the rows (apply) and those who read them (decide, query). Any view. */
#ifndef VOUCH_APPLY_TERMS_ROWS_H
#define VOUCH_APPLY_TERMS_ROWS_H

#include "apply/record.h"

/* Of a name or a product once it is folded: it is part of a key. */
#define TERMS_FOLDED_MAX 180
/* Of one name. */
#define TERMS_VERSIONS_MAX 200
/* The counter of ids. */
#define TERMS_COUNTER "last_terms"

/* Of a key of TABLE_TERMS. */
uint32_t terms_key_version(struct slice key);

/* Folded, and short enough for a key; NULL when it is not, or past the arena's budget. */
char *terms_fold(struct arena *arena, const char *text);

struct terms_name {
    uint64_t id;
    uint32_t last; /* version */
};

/* The terms of a folded name; false when there are none. */
bool terms_name_get(const struct view *view, const char *folded, struct terms_name *name);
/* Write view only. */
void terms_name_put(struct view *view, const char *folded, struct terms_name name);

/* Whom terms are for; 0 and "" stand for any. */
struct terms_scope {
    uint64_t member;
    uint64_t company;
    const char *currency;
    const char *product; /* folded */
};

/* False past the arena's budget. */
bool terms_scope_of(const Vouch__V1__Terms *record, struct arena *arena, struct terms_scope *scope) MUST_USE;
/* The beginning of the keys of all that is approved for a scope. */
struct key key_terms_scope(const struct terms_scope *scope);
/* The whole key of one version. */
struct key key_terms_row(const struct terms_scope *scope, int64_t from_ms, uint64_t id, uint32_t version);

/* When an approved version holds for its scope: [from, until). */
struct terms_row {
    int64_t from_ms;
    int64_t until_ms; /* its own end, or where a later version of its name begins */
    uint64_t id;
    uint32_t version;
};

/* From a row of TABLE_TERMS_SCOPE; false when it is of another scope than this beginning of keys. */
bool terms_row_read(const struct key *scope, struct slice key, struct slice value, struct terms_row *row);
/* The version that holds for exactly this scope at that time. */
bool terms_row_find(const struct view *view, const struct terms_scope *scope, int64_t time_ms, struct terms_row *row);

/* When a version holds that was approved after these others of its name: until the earliest beginning of a later one.
 * False when it never does. */
bool terms_window(int64_t from_ms, int64_t until_ms, int64_t later_from_ms, int64_t *end_ms);

#endif
