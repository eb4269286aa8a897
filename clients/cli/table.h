/* SPDX-License-Identifier: Apache-2.0
 *
 * Aligned tables for people, coloured on a terminal unless NO_COLOR is set. */
#ifndef VOUCH_CLI_TABLE_H
#define VOUCH_CLI_TABLE_H

#include <stdbool.h>

struct table;

enum column_kind {
    COLUMN_TEXT,   /* left; cut when the terminal is too narrow */
    COLUMN_FIXED,  /* left; never cut */
    COLUMN_NUMBER, /* right */
};

struct column {
    const char *title;
    enum column_kind kind;
};

/* A table with these columns; the array ends with a NULL title. */
struct table *table_new(const struct column *columns);

/* Adds a row: one text a column. */
void table_row(struct table *table, const char *const *cells);

/* Colours the row that was added last, on a terminal that wants colour. */
void table_colour_row(struct table *table, const char *escape);

/* Whether it fits the terminal uncut; always where there is none. */
bool table_fits(const struct table *table);

/* Prints it, or `empty` when it has no rows, and frees it. */
void table_print(struct table **table, const char *empty);

/* Frees it unprinted. */
void table_drop(struct table **table);

/* Whether standard output is a terminal that wants colour. */
bool table_coloured(void);

#endif
