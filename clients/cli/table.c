/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables on libsmartcols, which knows how wide characters are and makes what could command the terminal harmless. */
#include "table.h"

#include <libsmartcols/libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct table {
    struct libscols_table *rows;
    unsigned columns;
};

static void *or_abort(void *pointer)
{
    if (pointer == NULL) {
        abort();
    }
    return pointer;
}

bool table_coloured(void)
{
    const char *no_colour = getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) != 0 && (no_colour == NULL || no_colour[0] == '\0');
}

struct table *table_new(const struct column *columns)
{
    struct table *table = or_abort(calloc(1, sizeof *table));
    table->rows = or_abort(scols_new_table());
    scols_table_set_column_separator(table->rows, "  ");
    scols_table_enable_colors(table->rows, table_coloured());
    if (isatty(STDOUT_FILENO) == 0) {
        scols_table_set_termforce(table->rows, SCOLS_TERMFORCE_NEVER);
    }
    for (; columns->title != NULL; columns++) {
        int flags = columns->kind == COLUMN_NUMBER ? SCOLS_FL_RIGHT : columns->kind == COLUMN_TEXT ? SCOLS_FL_TRUNC : 0;
        struct libscols_column *column = or_abort(
            scols_table_new_column(table->rows, columns->title, columns->kind == COLUMN_TEXT ? 0.2 : 0, flags));
        if (table_coloured()) {
            scols_cell_set_color(scols_column_get_header(column), "\033[1m");
        }
        table->columns++;
    }
    return table;
}

void table_row(struct table *table, const char *const *cells)
{
    struct libscols_line *line = or_abort(scols_table_new_line(table->rows, NULL));
    for (unsigned i = 0; i < table->columns; i++) {
        scols_line_set_data(line, i, cells[i]);
    }
}

void table_colour_row(struct table *table, const char *escape)
{
    size_t rows = scols_table_get_nlines(table->rows);
    if (rows > 0 && table_coloured()) {
        scols_line_set_color(scols_table_get_line(table->rows, rows - 1), escape);
    }
}

void table_print(struct table **table, const char *empty)
{
    if (scols_table_get_nlines((*table)->rows) == 0) {
        puts(empty);
    } else {
        scols_print_table((*table)->rows);
    }
    table_drop(table);
}

void table_drop(struct table **table)
{
    if (*table == NULL) {
        return;
    }
    scols_unref_table((*table)->rows);
    free(*table);
    *table = NULL;
}
