/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of RFC 3629, section 4, read row by row. */
#include "base/utf8.h"

struct row {
    uint8_t lead_least, lead_most;
    uint8_t second_least, second_most; /* where overlong forms and surrogates are kept out */
    uint8_t length;
};

static const struct row rows[] = {
    {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3},
    {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

static size_t row_read(const struct row *row, const uint8_t *bytes, size_t size, uint32_t *character)
{
    if (size < row->length || bytes[1] < row->second_least || bytes[1] > row->second_most) {
        return 0;
    }
    uint32_t code = bytes[0] & (0x7Fu >> row->length);
    for (size_t i = 1; i < row->length; i++) {
        if ((bytes[i] & 0xC0) != 0x80) {
            return 0;
        }
        code = code << 6 | (bytes[i] & 0x3Fu);
    }
    *character = code;
    return row->length;
}

size_t utf8_next(const uint8_t *bytes, size_t size, uint32_t *character)
{
    if (size == 0) {
        return 0;
    }
    if (bytes[0] < 0x80) {
        *character = bytes[0];
        return 1;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (bytes[0] >= rows[i].lead_least && bytes[0] <= rows[i].lead_most) {
            return row_read(&rows[i], bytes, size, character);
        }
    }
    return 0;
}

bool utf8_valid(const uint8_t *bytes, size_t size)
{
    uint32_t character;
    for (size_t at = 0; at < size;) {
        size_t length = utf8_next(bytes + at, size - at, &character);
        if (length == 0) {
            return false;
        }
        at += length;
    }
    return true;
}
