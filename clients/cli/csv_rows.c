/* SPDX-License-Identifier: Apache-2.0
 *
 * CSV by libcsv. */
#include "csv_rows.h"

#include "base/utf8.h"

#include <csv.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LARGEST_BYTES ((size_t)256 << 20)
#define READ_AT_ONCE ((size_t)1 << 16)
#define MOST_COLUMNS 1000

struct reading {
    struct csv_rows *csv;
    struct csv_row row;
    size_t lines;
};

static void *or_abort(void *pointer)
{
    if (pointer == NULL) {
        abort();
    }
    return pointer;
}

static void take_field(void *text, size_t size, void *data)
{
    struct reading *reading = data;
    struct csv_row *row = &reading->row;
    const char *from = text != NULL ? text : "";
    while (size > 0 && (*from == ' ' || *from == '\t')) {
        from++;
        size--;
    }
    while (size > 0 && (from[size - 1] == ' ' || from[size - 1] == '\t')) {
        size--;
    }
    row->fields = or_abort(realloc(row->fields, (row->count + 1) * sizeof *row->fields));
    row->fields[row->count++] = or_abort(strndup(from, size));
}

static void take_row(int end, void *data)
{
    struct reading *reading = data;
    struct csv_rows *csv = reading->csv;
    (void)end;
    reading->row.line = ++reading->lines;
    if ((csv->count & (csv->count - 1)) == 0) {
        size_t room = csv->count == 0 ? 1 : csv->count * 2;
        csv->rows = or_abort(realloc(csv->rows, room * sizeof *csv->rows));
    }
    csv->rows[csv->count++] = reading->row;
    reading->row = (struct csv_row){.count = 0};
}

static void free_row(struct csv_row *row)
{
    for (size_t i = 0; i < row->count; i++) {
        free(row->fields[i]);
    }
    free(row->fields);
}

/* All of it, however it comes: a pipe has no length. */
static char *read_whole(const char *path, size_t *size, char why[512])
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t room = 0, got = 1;
    *size = 0;
    while (file != NULL && got > 0 && *size <= LARGEST_BYTES) {
        if (*size == room) {
            room = room == 0 ? READ_AT_ONCE : room * 2;
            text = or_abort(realloc(text, room));
        }
        got = fread(text + *size, 1, room - *size, file);
        *size += got;
    }
    bool failed = file == NULL || ferror(file) != 0;
    if (failed) {
        snprintf(why, 512, "cannot read %.180s: %s", path, strerror(errno));
    } else if (*size > LARGEST_BYTES) {
        snprintf(why, 512, "%.200s is larger than 256 MiB", path);
    }
    if (file != NULL) {
        fclose(file);
    }
    if (failed || *size > LARGEST_BYTES) {
        free(text);
        return NULL;
    }
    return text;
}

/* What is no text is refused as a whole, before anything of it is done. */
static bool check_text(const char *path, const char *text, size_t size, char why[512])
{
    uint32_t character;
    for (size_t at = 0; at < size;) {
        size_t length = utf8_next((const uint8_t *)text + at, size - at, &character);
        if (length == 0 || character == 0) {
            snprintf(why, 512, "%.200s is no text in UTF-8: byte %zu is %s", path, at + 1,
                     length == 0 ? "of something else" : "a NUL");
            return false;
        }
        at += length;
    }
    return true;
}

static bool check_columns(const char *path, const struct csv_rows *csv, char why[512])
{
    for (size_t i = 0; i < csv->count; i++) {
        if (csv->rows[i].count > MOST_COLUMNS) {
            snprintf(why, 512, "row %zu of %.200s has more than %d columns", csv->rows[i].line, path, MOST_COLUMNS);
            return false;
        }
    }
    return true;
}

bool rows_read(const char *path, struct csv_rows *csv, char why[512])
{
    *csv = (struct csv_rows){.count = 0};
    size_t size = 0;
    char *text = read_whole(path, &size, why);
    if (text == NULL) {
        return false;
    }
    size_t mark = size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    struct csv_parser parser;
    struct reading reading = {.csv = csv};
    bool read = check_text(path, text, size, why) && csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) == 0;
    if (read) {
        read = csv_parse(&parser, text + mark, size - mark, take_field, take_row, &reading) == size - mark &&
               csv_fini(&parser, take_field, take_row, &reading) == 0;
        if (!read) {
            snprintf(why, 512, "%.150s is no valid CSV near row %zu: %s", path, reading.lines + 1,
                     csv_strerror(csv_error(&parser)));
        }
        csv_free(&parser);
        read = read && check_columns(path, csv, why);
    }
    free_row(&reading.row);
    free(text);
    if (!read) {
        rows_free(csv);
    }
    return read;
}

void rows_free(struct csv_rows *csv)
{
    for (size_t i = 0; i < csv->count; i++) {
        free_row(&csv->rows[i]);
    }
    free(csv->rows);
    *csv = (struct csv_rows){.count = 0};
}

int rows_column(const struct csv_rows *csv, const char *title)
{
    if (csv->count > 0) {
        for (size_t i = 0; i < csv->rows[0].count; i++) {
            if (strcasecmp(csv->rows[0].fields[i], title) == 0) {
                return (int)i;
            }
        }
    }
    return -1;
}

const char *rows_field(const struct csv_row *row, int column)
{
    return column >= 0 && (size_t)column < row->count ? row->fields[column] : "";
}
