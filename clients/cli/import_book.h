/* SPDX-License-Identifier: Apache-2.0
 *
 * An address book on its way into the broker, by file in the order of use: import_text.c makes UTF-8 of the file,
 * import_format.c tells what it is, import_csv.c, import_ldif.c and import_vcard.c make people of it, import_people.c
 * cleans them and sorts out who cannot be taken, import_report.c tells. Nothing is sent before all of a file was
 * understood. Everything lives in the book's arena. One thread. */
#ifndef VOUCH_CLI_IMPORT_BOOK_H
#define VOUCH_CLI_IMPORT_BOOK_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IMPORT_FILE_BYTES ((size_t)256 << 20) /* larger files are refused */
#define IMPORT_ARENA_BYTES ((size_t)1 << 30)  /* what a book may take in memory besides its text */
#define IMPORT_PEOPLE_MAX 1000000u            /* of one file */
#define IMPORT_COLUMNS_MAX 1000u              /* of a row */
#define IMPORT_ADDRESSES 16                   /* e-mail addresses, and phone numbers, of one person */
#define IMPORT_WHY 512

enum import_format {
    IMPORT_UNKNOWN,
    IMPORT_LINKEDIN,
    IMPORT_GOOGLE,
    IMPORT_OUTLOOK,
    IMPORT_THUNDERBIRD,
    IMPORT_CSV, /* any other table */
    IMPORT_LDIF,
    IMPORT_VCARD,
    IMPORT_FORMATS
};

/* Why a person is not taken: SKIP(NAME, singular, plural). */
enum import_skip {
    IMPORT_TAKEN,
#define SKIP(NAME, one, many) IMPORT_##NAME,
#include "import_skips.def"
#undef SKIP
    IMPORT_SKIPS
};

struct import_person {
    size_t line; /* of the file, from 1 */
    char *name;
    char *title;
    char *company;
    char *note;
    char *origin; /* what the address book calls them: "linkedin:https://…" */
    char *uid;    /* as the file has it; NULL: none */
    char *emails[IMPORT_ADDRESSES];
    char *phones[IMPORT_ADDRESSES];
    size_t email_count, phone_count;
    int64_t since_ms; /* 0: not known */
    enum import_skip skip;
    /* What the broker answered. */
    int change;       /* of enum Vouch__V1__Done__Change */
    uint64_t contact; /* number */
    char *refusal;    /* NULL: none */
};

/* Something of a person that was left out. */
struct import_left_out {
    size_t line;
    const char *what; /* "no e-mail address" */
    char *text;
};

struct import_book {
    struct arena *arena;
    int64_t now_ms;    /* what is later is in the future */
    char encoding[40]; /* of the file */
    enum import_format format;
    char separator;      /* of a table; '\0': it is none */
    size_t preamble;     /* lines before the titles */
    bool titled;         /* a table has a line of titles */
    const char *version; /* of vCards; NULL: none told */
    struct import_person *people;
    size_t count, room;
    size_t skipped; /* of `count` */
    struct import_left_out *left_out;
    size_t left_out_count, left_out_room;
    char why[IMPORT_WHY]; /* the file was refused */
};

/* ---- import_people.c ---- */

/* An empty book. `now_ms`: the broker's time. */
void import_book_make(struct import_book *book, int64_t now_ms);
void import_book_free(struct import_book *book);

/* Reads a file, whose format is found out where `format` is IMPORT_UNKNOWN, and whose encoding is where `encoding` is
 * NULL. False, with a sentence in book->why, when not all of it could be understood. */
bool import_book_read(struct import_book *book, const char *path, enum import_format format, const char *encoding);
/* The same of bytes in memory. */
bool import_book_parse(struct import_book *book, const void *bytes, size_t size, enum import_format format,
                       const char *encoding);

/* Refuses the file: always false. */
bool import_refuse(struct import_book *book, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* For parsers: the next person, empty; NULL (refused) past the limits. */
struct import_person *import_person_add(struct import_book *book, size_t line);
/* Copies of a text of `size` bytes, in the arena; NULL (refused) past its budget. */
char *import_text_copy(struct import_book *book, const char *text, size_t size);
/* Add to a person what is not empty, and there is room for. */
void import_email_add(struct import_book *book, struct import_person *person, const char *text);
void import_phone_add(struct import_book *book, struct import_person *person, const char *text);
void import_note_add(struct import_book *book, struct import_person *person, const char *text);
void import_leave_out(struct import_book *book, size_t line, const char *what, const char *text);

/* ---- import_text.c ---- */

/* The text of a file as UTF-8 without byte order mark, ended by NUL, without others; its encoding in book->encoding. In
 * memory of its own, for the caller to free; NULL: refused. */
char *import_text_read(struct import_book *book, const char *path, const char *encoding, size_t *size);
char *import_text_decode(struct import_book *book, const uint8_t *bytes, size_t bytes_size, const char *encoding,
                         size_t *size);
/* A text in another encoding as UTF-8, in the arena; NULL when it is not in that, or past the budget. */
char *import_text_convert(struct import_book *book, const char *encoding, const char *text, size_t size);

/* ---- import_format.c ---- */

/* "linkedin" as --from has it; IMPORT_UNKNOWN for none. */
enum import_format import_format_find(const char *word);
/* The word, and what people call it: "LinkedIn export". */
const char *import_format_word(enum import_format format);
const char *import_format_name(enum import_format format);
bool import_format_is_table(enum import_format format);
/* What a text looks like; a table is IMPORT_CSV. */
enum import_format import_format_guess(const char *text);

/* ---- import_rows.c: a table of texts ---- */

struct import_row {
    size_t line;
    size_t count;
    char **fields; /* as they are, white space and all */
};

struct import_rows {
    struct import_row *rows;
    size_t count, room;
};

/* False: refused. Reads at most `most` rows. */
bool import_rows_read(struct import_book *book, const char *text, size_t size, char separator, size_t most,
                      struct import_rows *rows);

/* ---- import_csv.c, import_ldif.c, import_vcard.c: people of a text; false: refused ---- */

bool import_csv_read(struct import_book *book, const char *text, size_t size, enum import_format format);
bool import_ldif_read(struct import_book *book, const char *text, size_t size);
bool import_vcard_read(struct import_book *book, const char *text, size_t size);

/* ---- import_dates.c ---- */

/* The start of the day, UTC, that "15 Jan 2023", "15-Jan-24", "2023-01-15", "Jan 15, 2023" or "1/15/23" tells; -1 when
 * it is no day there is. */
int64_t import_date(const char *text);

#endif
