/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables on libsmartcols, which knows how wide characters are and makes what could command the terminal harmless. */
#include "table.h"

#include <libsmartcols/libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#define COLUMNS_MAX 16

struct table {
    struct libscols_table *rows;
    unsigned columns;
    size_t widths[COLUMNS_MAX]; /* of the widest cell */
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

/* The columns of the terminal that a text takes. */
static size_t width_of(const char *text)
{
    wchar_t wide[512];
    size_t count = mbstowcs(wide, text, sizeof wide / sizeof wide[0]);
    int width = count == (size_t)-1 ? -1 : wcswidth(wide, count);
    return width < 0 ? strlen(text) : (size_t)width;
}

static void note_width(struct table *table, unsigned column, const char *text)
{
    size_t width = width_of(text);
    if (column < COLUMNS_MAX && width > table->widths[column]) {
        table->widths[column] = width;
    }
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
        note_width(table, table->columns, columns->title);
        table->columns++;
    }
    return table;
}

void table_row(struct table *table, const char *const *cells)
{
    struct libscols_line *line = or_abort(scols_table_new_line(table->rows, NULL));
    for (unsigned i = 0; i < table->columns; i++) {
        scols_line_set_data(line, i, cells[i]);
        note_width(table, i, cells[i]);
    }
}

void table_colour_row(struct table *table, const char *escape)
{
    size_t rows = scols_table_get_nlines(table->rows);
    if (rows > 0 && table_coloured()) {
        scols_line_set_color(scols_table_get_line(table->rows, rows - 1), escape);
    }
}

bool table_fits(const struct table *table)
{
    size_t width = 2 * (size_t)(table->columns - 1);
    for (unsigned i = 0; i < table->columns && i < COLUMNS_MAX; i++) {
        width += table->widths[i];
    }
    return isatty(STDOUT_FILENO) == 0 || width <= scols_table_get_termwidth(table->rows);
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
