/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables of people, as LinkedIn, Google, Outlook, Thunderbird and others write them: the line of titles is looked for
 * below whatever comes first, with each separator, and says what the columns are and whose table it is. A table without
 * titles is taken where its columns speak for themselves. */
#include "import_book.h"

#include "base/check.h"
#include "domain/names.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

#define TITLES_WITHIN 40u /* rows: preambles are shorter */
#define TITLES_LEAST 2u   /* columns known by their titles make it one */
#define TITLE_BYTES 64u

enum field {
    NOTHING,
    NAME,
    FIRST,
    MIDDLE,
    LAST,
    NICKNAME,
    EMAIL,
    PHONE,
    COMPANY,
    TITLE,
    HONORIFIC,
    NOTE,
    SINCE,
    URL,
    ACTION,
    FIELDS
};

static const struct {
    const char *title;
    enum field field;
} known_columns[] = {
#define COLUMN(title, FIELD) {title, FIELD},
#include "import_columns.def"
#undef COLUMN
};

/* ---- Titles ---- */

/* Small letters, one space between words, '#' for numbers. */
static void fold_title(const char *text, char folded[TITLE_BYTES])
{
    size_t size = 0;
    bool space = true;
    utf8proc_uint8_t *lower = NULL;
    if (utf8proc_map((const utf8proc_uint8_t *)text, 0, &lower,
                     UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD) < 0) {
        lower = NULL;
    }
    for (const char *at = (char *)lower; at != NULL && *at != '\0' && size + 1 < TITLE_BYTES; at++) {
        bool blank = isspace((unsigned char)*at) != 0;
        bool digit = isdigit((unsigned char)*at) != 0;
        if ((blank && space) || (digit && size > 0 && folded[size - 1] == '#')) {
            continue;
        }
        folded[size++] = blank ? ' ' : *at;
        if (digit) {
            folded[size - 1] = '#';
        }
        space = blank;
    }
    size -= size > 0 && folded[size - 1] == ' ' ? 1 : 0;
    folded[size] = '\0';
    free(lower);
}

static enum field field_of(const char *title)
{
    char folded[TITLE_BYTES];
    fold_title(title, folded);
    for (size_t i = 0; i < sizeof known_columns / sizeof known_columns[0]; i++) {
        if (strcmp(known_columns[i].title, folded) == 0) {
            return known_columns[i].field;
        }
    }
    return NOTHING;
}

static bool has_title(const struct import_row *row, const char *wanted)
{
    char folded[TITLE_BYTES];
    for (size_t i = 0; i < row->count; i++) {
        fold_title(row->fields[i], folded);
        if (strcmp(folded, wanted) == 0) {
            return true;
        }
    }
    return false;
}

static size_t count_titles(const struct import_row *row)
{
    size_t count = 0;
    for (size_t i = 0; i < row->count; i++) {
        count += field_of(row->fields[i]) != NOTHING;
    }
    return count;
}

/* Whose titles these are. */
static enum import_format whose(const struct import_row *titles)
{
    if (has_title(titles, "connected on") ||
        (has_title(titles, "first name") && has_title(titles, "position") && has_title(titles, "url"))) {
        return IMPORT_LINKEDIN;
    }
    if (has_title(titles, "e-mail # - value") || has_title(titles, "phone # - value") ||
        (has_title(titles, "organization name") && has_title(titles, "labels"))) {
        return IMPORT_GOOGLE;
    }
    if (has_title(titles, "primary email") || has_title(titles, "primäre e-mail-adresse") ||
        has_title(titles, "screen name")) {
        return IMPORT_THUNDERBIRD;
    }
    if (has_title(titles, "e-mail address") || has_title(titles, "e-mail # address") ||
        (has_title(titles, "e-mail-adresse") && has_title(titles, "firma"))) {
        return IMPORT_OUTLOOK;
    }
    return IMPORT_CSV;
}

/* ---- Finding titles and separator ---- */

struct table {
    struct import_rows rows;
    size_t titles;      /* index of their row; SIZE_MAX: none */
    enum field *fields; /* by column */
    size_t columns;
};

/* The first row with most titles that are known; how many there are. */
static size_t find_titles(const struct import_rows *rows, size_t *at)
{
    size_t best = 0;
    *at = SIZE_MAX;
    for (size_t i = 0; i < rows->count && i < TITLES_WITHIN; i++) {
        size_t count = count_titles(&rows->rows[i]);
        if (count >= TITLES_LEAST && count > best) {
            best = count;
            *at = i;
        }
    }
    return best;
}

/* Tries each separator on the beginning; the one that shows most titles, else most columns, is it. */
static char find_separator(struct import_book *book, const char *text, size_t size)
{
    static const char separators[] = {',', ';', '\t', '|'};
    size_t best_titles = 0, best_columns = 1;
    char best = ',';
    char why[IMPORT_WHY];
    memcpy(why, book->why, sizeof why);
    for (size_t i = 0; i < sizeof separators; i++) {
        struct import_rows rows;
        size_t at;
        if (import_rows_read(book, text, size, separators[i], TITLES_WITHIN, &rows)) {
            size_t titles = find_titles(&rows, &at);
            size_t columns = rows.count > 0 ? rows.rows[0].count : 0;
            if (titles > best_titles || (best_titles == 0 && columns > best_columns)) {
                best_titles = titles;
                best_columns = columns > best_columns ? columns : best_columns;
                best = separators[i];
            }
            free(rows.rows);
        }
        memcpy(book->why, why, sizeof why); /* with another one it may be right */
    }
    return best;
}

/* ---- Tables without titles ---- */

static bool is_email(const char *text)
{
    char normal[EMAIL_BYTES_MAX + 1];
    return strlen(text) <= EMAIL_BYTES_MAX && email_normalise(text, normal);
}

/* How many rows have an e-mail address in this column. */
static size_t count_emails(const struct import_rows *rows, size_t column)
{
    size_t count = 0;
    for (size_t i = 0; i < rows->count; i++) {
        count += column < rows->rows[i].count && is_email(rows->rows[i].fields[column]);
    }
    return count;
}

/* Whether most rows have letters in this column. */
static bool has_letters(const struct import_rows *rows, size_t column)
{
    size_t count = 0;
    for (size_t i = 0; i < rows->count; i++) {
        const char *text = column < rows->rows[i].count ? rows->rows[i].fields[column] : "";
        while (*text != '\0' && !isalpha((unsigned char)*text) && (unsigned char)*text < 128) {
            text++;
        }
        count += *text != '\0';
    }
    return count * 2 > rows->count;
}

/* An e-mail address in every row and a column of names before it: that says enough. */
static bool guess_fields(struct import_book *book, struct table *table)
{
    const struct import_rows *rows = &table->rows;
    size_t email = SIZE_MAX;
    for (size_t i = 1; i < rows->count; i++) {
        if (rows->rows[i].count != table->columns) {
            return import_refuse(book, "line %zu has %zu columns and line %zu has %zu: no line of titles, and no table",
                                 rows->rows[i].line, rows->rows[i].count, rows->rows[0].line, table->columns);
        }
    }
    for (size_t column = 0; column < table->columns && email == SIZE_MAX; column++) {
        email = count_emails(rows, column) == rows->count ? column : SIZE_MAX;
    }
    for (size_t column = 0; column < table->columns && email != SIZE_MAX; column++) {
        if (column != email && has_letters(rows, column)) {
            table->fields[column] = NAME;
            table->fields[email] = EMAIL;
            return true;
        }
    }
    return import_refuse(book, "no line of titles was found: the first line should say what the columns are, as First "
                               "Name, Last Name, E-mail, Company");
}

/* ---- People ---- */

/* A quote that keeps a spreadsheet from computing is no part of the text. */
static const char *unquoted(const char *text)
{
    return text[0] == '\'' && text[1] != '\0' && strchr("=+-@", text[1]) != NULL ? text + 1 : text;
}

/* The first text of a row in a column of this kind; "" for none. */
static const char *field_get(const struct table *table, const struct import_row *row, enum field field)
{
    for (size_t i = 0; i < row->count && i < table->columns; i++) {
        if (table->fields[i] == field && row->fields[i][strspn(row->fields[i], " \t")] != '\0') {
            return unquoted(row->fields[i]);
        }
    }
    return "";
}

static char *name_of_row(struct import_book *book, const struct table *table, const struct import_row *row)
{
    const char *name = field_get(table, row, NAME);
    if (name[0] != '\0') {
        return import_text_copy(book, name, strlen(name));
    }
    const char *first = field_get(table, row, FIRST), *middle = field_get(table, row, MIDDLE);
    const char *last = field_get(table, row, LAST);
    if (first[0] == '\0' && last[0] == '\0') {
        first = field_get(table, row, NICKNAME);
    }
    return arena_printf(book->arena, "%s %s %s", first, middle, last);
}

/* Google has several values in one field. */
static void add_values(struct import_book *book, struct import_person *person, enum field field, const char *text)
{
    for (const char *end; *text != '\0'; text = end + strspn(end, ":")) {
        end = strstr(text, ":::");
        end = end == NULL ? text + strlen(text) : end;
        char *value = import_text_copy(book, text, (size_t)(end - text));
        if (value == NULL) {
            return;
        }
        if (field == EMAIL) {
            import_email_add(book, person, value);
        } else {
            import_phone_add(book, person, value);
        }
    }
}

static void set_since(struct import_person *person, const char *text)
{
    int64_t since_ms = import_date(text);
    if (text[strspn(text, " \t")] == '\0') {
        return;
    }
    if (since_ms < 0) {
        person->skip = IMPORT_NO_DATE;
    } else {
        person->since_ms = since_ms;
    }
}

static bool is_blank(const struct import_row *row)
{
    for (size_t i = 0; i < row->count; i++) {
        if (row->fields[i][strspn(row->fields[i], " \t\r\n")] != '\0') {
            return false;
        }
    }
    return true;
}

static bool read_person(struct import_book *book, const struct table *table, const struct import_row *row)
{
    if (is_blank(row)) {
        return true;
    }
    struct import_person *person = import_person_add(book, row->line);
    if (person == NULL) {
        return false;
    }
    const char *url = field_get(table, row, URL);
    person->name = name_of_row(book, table, row);
    person->company = (char *)(uintptr_t)field_get(table, row, COMPANY);
    person->title = (char *)(uintptr_t)field_get(table, row, TITLE);
    /* A page of one's own says who somebody is, and so does what `vouch export` wrote; a company's page does not. */
    if ((book->format == IMPORT_LINKEDIN && url[0] != '\0') || strncmp(url, "urn:vouch:", 10) == 0) {
        person->uid = (char *)(uintptr_t)url;
    }
    if (strcasecmp(field_get(table, row, ACTION), "delete") == 0) {
        person->skip = IMPORT_DELETED;
    }
    import_note_add(book, person, field_get(table, row, NOTE));
    set_since(person, field_get(table, row, SINCE));
    for (size_t i = 0; i < row->count && i < table->columns; i++) {
        if (table->fields[i] == EMAIL || table->fields[i] == PHONE) {
            add_values(book, person, table->fields[i], unquoted(row->fields[i]));
        }
    }
    for (size_t i = table->columns; i < row->count; i++) {
        if (row->fields[i][strspn(row->fields[i], " \t\r\n")] != '\0') {
            import_leave_out(book, row->line, "a column without a title", row->fields[i]);
        }
    }
    return person->name != NULL || import_refuse(book, "the file holds more than fits into memory here; divide it");
}

/* What the columns are, by the titles. */
static bool read_titles(struct import_book *book, struct table *table, enum import_format format)
{
    const struct import_row *titles = &table->rows.rows[table->titles];
    bool titled = false;
    book->format = format != IMPORT_UNKNOWN ? format : whose(titles);
    book->preamble = titles->line - 1;
    book->titled = true;
    for (size_t i = 0; i < table->columns; i++) {
        table->fields[i] = field_of(titles->fields[i]);
        titled |= table->fields[i] == TITLE;
    }
    for (size_t i = 0; i < table->columns; i++) {
        if (table->fields[i] == HONORIFIC) { /* "Mr." beside "Job Title"; alone it is the job's */
            table->fields[i] = titled || book->format != IMPORT_CSV ? NOTHING : TITLE;
        }
    }
    return true;
}

/* Tables that are no address books, by a title that only they have. */
static bool refuse_others(struct import_book *book, const struct import_rows *rows)
{
    for (size_t i = 0; i < rows->count && i < TITLES_WITHIN; i++) {
        if (has_title(&rows->rows[i], "conversation id")) {
            return import_refuse(book, "these are LinkedIn's messages; the people are in Connections.csv of the same "
                                       "archive");
        }
    }
    return true;
}

bool import_csv_read(struct import_book *book, const char *text, size_t size, enum import_format format)
{
    struct table table = {.titles = SIZE_MAX};
    book->separator = find_separator(book, text, size);
    if (!import_rows_read(book, text, size, book->separator, SIZE_MAX, &table.rows)) {
        return false;
    }
    bool read = refuse_others(book, &table.rows);
    if (read && table.rows.count == 0) {
        read = import_refuse(book, "there is nothing in the file");
    }
    if (read) {
        find_titles(&table.rows, &table.titles);
        size_t first = table.titles == SIZE_MAX ? 0 : table.titles;
        table.columns = table.rows.rows[first].count;
        table.fields = calloc(table.columns + 1, sizeof *table.fields);
        CHECK(table.fields != NULL);
        book->format = format != IMPORT_UNKNOWN ? format : IMPORT_CSV;
        read = table.titles == SIZE_MAX ? guess_fields(book, &table) : read_titles(book, &table, format);
    }
    for (size_t i = table.titles == SIZE_MAX ? 0 : table.titles + 1; read && i < table.rows.count; i++) {
        read = read_person(book, &table, &table.rows.rows[i]);
    }
    free(table.fields);
    free(table.rows.rows);
    return read;
}
