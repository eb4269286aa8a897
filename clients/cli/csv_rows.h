/* SPDX-License-Identifier: Apache-2.0
 *
 * A CSV file in memory: rows of trimmed texts. A byte order mark is dropped; blank lines are skipped. */
#ifndef VOUCH_CLI_CSV_ROWS_H
#define VOUCH_CLI_CSV_ROWS_H

#include <stdbool.h>
#include <stddef.h>

struct csv_row {
    size_t line; /* number of the row in the file, from 1, without blank ones */
    char **fields;
    size_t count;
};

struct csv_rows {
    struct csv_row *rows;
    size_t count;
};

/* Reads a file of at most 256 MiB; false with a sentence in `why`. */
bool rows_read(const char *path, struct csv_rows *csv, char why[512]);
void rows_free(struct csv_rows *csv);

/* The column of the first row with this title, case ignored; -1 for none. */
int rows_column(const struct csv_rows *csv, const char *title);

/* The text in `column` of a row; "" where the row is shorter or the column is -1. */
const char *rows_field(const struct csv_row *row, int column);

#endif
