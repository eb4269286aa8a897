/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of LDIF and vCards, which are folded: a line that begins with a space goes on with the one before. */
#ifndef VOUCH_CLI_IMPORT_LINES_H
#define VOUCH_CLI_IMPORT_LINES_H

#include "import_book.h"

struct lines {
    const char *text;
    size_t size, at, number;
};

struct import_line {
    const char *text; /* not ended by NUL */
    size_t size;
    size_t number; /* of the line in the file, from 1; of the first when it is folded */
    char *own;     /* the text, once it was appended to; in the book's arena */
    size_t room;
};

/* The next line as it stands, without what ends it; false at the end. */
bool lines_next(struct lines *lines, struct import_line *line);
bool lines_peek(const struct lines *lines, struct import_line *line);
/* Appends to a line; false: refused. */
bool lines_append(struct import_book *book, struct import_line *line, const char *text, size_t size);
/* Appends the lines that follow and begin with one of `folds`, without that; false: refused. */
bool lines_unfold(struct import_book *book, struct lines *lines, struct import_line *line, const char *folds);

/* In the arena, ended by NUL; NULL when it is no base64. */
char *base64_text(struct import_book *book, const char *text, size_t size, size_t *decoded_size);

#endif
