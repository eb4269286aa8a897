/* SPDX-License-Identifier: Apache-2.0
 *
 * CSV by libcsv, with any separator, fields as they are, and the line of the file each row begins at. Strict: where
 * quotes do not add up rows would run into one another unseen. */
#include "import_book.h"

#include "base/check.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

struct reading {
    struct import_book *book;
    struct import_rows *rows;
    struct import_row row; /* under way; its fields are in `fields` */
    char *fields[IMPORT_COLUMNS_MAX];
    size_t line;  /* that is being read */
    size_t begun; /* where the row under way began */
    size_t most;
    bool failed;
};

static void take_field(void *text, size_t size, void *data)
{
    struct reading *reading = data;
    if (reading->failed || reading->rows->count == reading->most) {
        return;
    }
    if (reading->row.count == IMPORT_COLUMNS_MAX) {
        reading->failed = !import_refuse(reading->book, "line %zu has more than %u columns: this is no address book",
                                         reading->begun, IMPORT_COLUMNS_MAX);
        return;
    }
    char *copy = import_text_copy(reading->book, text != NULL ? text : "", size);
    reading->failed = copy == NULL;
    reading->fields[reading->row.count++] = copy;
}

static void take_row(int end, void *data)
{
    struct reading *reading = data;
    struct import_rows *rows = reading->rows;
    (void)end;
    if (!reading->failed && rows->count < reading->most) {
        if (rows->count == rows->room) {
            rows->room = rows->room == 0 ? 64 : rows->room * 2;
            struct import_row *grown = realloc(rows->rows, rows->room * sizeof *grown);
            CHECK(grown != NULL);
            rows->rows = grown;
        }
        reading->row.line = reading->begun;
        reading->row.fields = arena_memdup(reading->book->arena, reading->fields,
                                           (reading->row.count + 1) * sizeof reading->fields[0]);
        rows->rows[rows->count++] = reading->row;
        if (reading->row.fields == NULL || rows->count > IMPORT_PEOPLE_MAX + 1000) {
            reading->failed = !import_refuse(reading->book, "more than one file may hold, at line %zu; divide it",
                                             reading->begun);
        }
    }
    reading->row = (struct import_row){.count = 0};
    reading->begun = 0;
}

static int no_space(unsigned char character)
{
    (void)character;
    return 0;
}

/* A quote within a field that is not quoted is one like any other character: 40° 43' 41" N. Elsewhere rows could run
 * into one another. */
static bool parse_line(struct csv_parser *parser, struct reading *reading, const char *text, size_t size)
{
    size_t taken = csv_parse(parser, text, size, take_field, take_row, reading);
    while (taken < size) {
        if (csv_error(parser) != CSV_EPARSE || parser->quoted) {
            return false;
        }
        csv_set_opts(parser, CSV_STRICT_FINI);
        CHECK(csv_parse(parser, text + taken, 1, take_field, take_row, reading) == 1);
        csv_set_opts(parser, CSV_STRICT | CSV_STRICT_FINI);
        taken++;
        taken += csv_parse(parser, text + taken, size - taken, take_field, take_row, reading);
    }
    return true;
}

/* Line by line, so that it is known where each row begins. */
static bool parse(struct csv_parser *parser, struct reading *reading, const char *text, size_t size)
{
    size_t at = 0;
    while (at < size && !reading->failed && reading->rows->count < reading->most) {
        size_t length = strcspn(text + at, "\r\n");
        length += text[at + length] == '\r' ? 1 : 0;
        length += text[at + length] == '\n' && at + length < size ? 1 : 0;
        length = at + length > size ? size - at : length;
        reading->begun = reading->begun == 0 ? reading->line : reading->begun;
        if (!parse_line(parser, reading, text + at, length)) {
            return import_refuse(reading->book, "line %zu has a quote where none can be; the row began at line %zu",
                                 reading->line, reading->begun == 0 ? reading->line : reading->begun);
        }
        if (parser->pstate == 0) { /* between rows: a blank line begins none */
            reading->begun = 0;
        }
        at += length;
        reading->line++;
    }
    if (reading->failed || reading->rows->count == reading->most) {
        return !reading->failed;
    }
    reading->begun = reading->begun == 0 ? reading->line : reading->begun;
    if (csv_fini(parser, take_field, take_row, reading) != 0) {
        return import_refuse(reading->book,
                             "the row that begins at line %zu has a quote that never ends: is the file "
                             "cut off?",
                             reading->begun);
    }
    return !reading->failed;
}

bool import_rows_read(struct import_book *book, const char *text, size_t size, char separator, size_t most,
                      struct import_rows *rows)
{
    struct csv_parser parser;
    *rows = (struct import_rows){.count = 0};
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
        return import_refuse(book, "there is no memory to read it");
    }
    struct reading *reading = malloc(sizeof *reading);
    CHECK(reading != NULL);
    *reading = (struct reading){.book = book, .rows = rows, .line = 1, .most = most};
    csv_set_delim(&parser, (unsigned char)separator);
    csv_set_space_func(&parser, no_space);
    bool read = parse(&parser, reading, text, size);
    csv_free(&parser);
    free(reading);
    if (!read) {
        free(rows->rows);
        *rows = (struct import_rows){.count = 0};
    }
    return read;
}
