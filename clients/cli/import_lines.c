/* SPDX-License-Identifier: Apache-2.0
 *
 * The line formats' lines: unfolded, numbered, and base64 decoded. */
#include "import_lines.h"

#include <sodium.h>
#include <string.h>

bool lines_next(struct lines *lines, struct import_line *line)
{
    if (lines->at >= lines->size) {
        return false;
    }
    const char *from = lines->text + lines->at;
    size_t length = strcspn(from, "\n");
    lines->at += length + (from[length] == '\n' ? 1 : 0);
    while (length > 0 && from[length - 1] == '\r') { /* "\r\r\n" has been seen */
        length--;
    }
    *line = (struct import_line){.text = from, .size = length, .number = ++lines->number};
    return true;
}

bool lines_peek(const struct lines *lines, struct import_line *line)
{
    struct lines ahead = *lines;
    return lines_next(&ahead, line);
}

bool lines_append(struct import_book *book, struct import_line *line, const char *text, size_t size)
{
    if (line->size + size > line->room) {
        size_t room = (line->size + size) * 2 + 256;
        char *grown = arena_alloc(book->arena, room);
        if (grown == NULL) {
            return import_refuse(book, "the file holds more than fits into memory here; divide it");
        }
        memcpy(grown, line->text, line->size);
        line->text = line->own = grown;
        line->room = room;
    }
    memcpy(line->own + line->size, text, size);
    line->size += size;
    return true;
}

bool lines_unfold(struct import_book *book, struct lines *lines, struct import_line *line, const char *folds)
{
    struct import_line next;
    while (lines_peek(lines, &next) && next.size > 0 && strchr(folds, next.text[0]) != NULL) {
        if (!lines_append(book, line, next.text + 1, next.size - 1) || !lines_next(lines, &next)) {
            return false;
        }
    }
    return true;
}

char *base64_text(struct import_book *book, const char *text, size_t size, size_t *decoded_size)
{
    uint8_t *decoded = arena_alloc(book->arena, size * 3 / 4 + 4);
    const char *end;
    if (decoded == NULL ||
        sodium_base642bin(decoded, size * 3 / 4 + 3, text, size, " \t\r\n", decoded_size, &end,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        end != text + size) {
        return NULL;
    }
    return (char *)decoded;
}
