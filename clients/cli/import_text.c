/* SPDX-License-Identifier: Apache-2.0
 *
 * UTF-8 of whatever encoding a file is in: by its byte order mark, by where its NULs are (UTF-16), as UTF-8 when it is
 * that, else by libuchardet. What is no text is refused, and the sentence names the byte. */
#include "import_book.h"

#include "base/check.h"
#include "base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <uchardet.h>
#include <unistd.h>

#define READ_AT_ONCE ((size_t)1 << 20)
#define SNIFFED_BYTES 65536u    /* looked at to tell UTF-16 */
#define HIGH_BYTES_TRUSTED 100u /* so many are enough to tell one Latin alphabet from another */
#define DAMAGE_SHARE 4u         /* so many times more good UTF-8 than bad is damaged UTF-8, and nothing else */

/* ---- Reading ---- */

static bool too_large(struct import_book *book, const char *path)
{
    return import_refuse(book, "%.200s is larger than %zu MiB; divide it", path, IMPORT_FILE_BYTES >> 20);
}

/* All of it, however it comes. */
static uint8_t *read_open(struct import_book *book, const char *path, int file, size_t *size)
{
    size_t room = 0;
    uint8_t *bytes = NULL;
    *size = 0;
    for (;;) {
        if (*size == room) {
            room += room < READ_AT_ONCE ? READ_AT_ONCE : room;
            uint8_t *grown = realloc(bytes, room);
            CHECK(grown != NULL);
            bytes = grown;
        }
        ssize_t got = read(file, bytes + *size, room - *size);
        if (got == 0) {
            return bytes;
        }
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            import_refuse(book, "cannot read %.200s: %s", path, strerror(errno));
        } else {
            *size += (size_t)got;
        }
        if (got < 0 || (*size > IMPORT_FILE_BYTES && !too_large(book, path))) {
            free(bytes);
            return NULL;
        }
    }
}

char *import_text_read(struct import_book *book, const char *path, const char *encoding, size_t *size)
{
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &status) != 0) {
        import_refuse(book, "cannot read %.200s: %s", path, strerror(errno));
        if (file >= 0) {
            close(file);
        }
        return NULL;
    }
    uint8_t *bytes = NULL;
    size_t bytes_size = 0;
    if (S_ISREG(status.st_mode) && (uint64_t)status.st_size > IMPORT_FILE_BYTES) {
        too_large(book, path);
    } else {
        bytes = read_open(book, path, file, &bytes_size);
    }
    close(file);
    char *text = bytes == NULL ? NULL : import_text_decode(book, bytes, bytes_size, encoding, size);
    free(bytes);
    return text;
}

/* ---- Converting ---- */

/* What iconv calls it: what Windows writes is a little more than the standard of that name. */
static const char *iconv_name(const char *encoding)
{
    return strcasecmp(encoding, "SHIFT_JIS") == 0 ? "CP932" : encoding;
}

/* In memory of its own; NULL when the text is not in that encoding, with the place of the first bad byte, or
 * (SIZE_MAX) when nobody knows the encoding. */
static char *convert(const char *encoding, const uint8_t *bytes, size_t bytes_size, size_t *size, size_t *bad)
{
    *bad = SIZE_MAX;
    iconv_t converter = iconv_open("UTF-8", iconv_name(encoding));
    if (converter == (iconv_t)-1) {
        return NULL;
    }
    size_t room = bytes_size + bytes_size / 2 + 16, left = bytes_size, left_out = room;
    char *text = malloc(room + 1), *out = text;
    char *in = (char *)(uintptr_t)bytes;
    CHECK(text != NULL);
    bool done;
    while (!(done = iconv(converter, &in, &left, &out, &left_out) != (size_t)-1) && errno == E2BIG) {
        size_t used = (size_t)(out - text);
        left_out += room;
        room *= 2;
        char *grown = realloc(text, room + 1);
        CHECK(grown != NULL);
        text = grown;
        out = text + used;
    }
    iconv_close(converter);
    *size = (size_t)(out - text);
    if (!done) {
        *bad = bytes_size - left;
        free(text);
        return NULL;
    }
    return text;
}

char *import_text_convert(struct import_book *book, const char *encoding, const char *text, size_t size)
{
    size_t converted_size, bad;
    char *converted = convert(encoding, (const uint8_t *)text, size, &converted_size, &bad);
    if (converted == NULL) {
        return NULL;
    }
    bool whole = memchr(converted, '\0', converted_size) == NULL && utf8_valid((uint8_t *)converted, converted_size);
    char *copy = whole ? import_text_copy(book, converted, converted_size) : NULL;
    free(converted);
    return copy;
}

/* ---- Finding out ---- */

/* UTF-16 without a mark: of a text in mostly Latin letters every other byte is NUL. */
static const char *utf16_of(const uint8_t *bytes, size_t size)
{
    size_t nuls[2] = {0, 0};
    size_t looked_at = size < SNIFFED_BYTES ? size : SNIFFED_BYTES;
    for (size_t i = 0; i < looked_at; i++) {
        nuls[i % 2] += bytes[i] == 0;
    }
    if (size % 2 != 0 || size == 0) {
        return NULL;
    }
    if (nuls[1] > looked_at / 8 && nuls[0] * 8 < nuls[1]) {
        return "UTF-16LE";
    }
    return nuls[0] > looked_at / 8 && nuls[1] * 8 < nuls[0] ? "UTF-16BE" : NULL;
}

struct utf8_sight {
    size_t good; /* characters of more than one byte */
    size_t bad;  /* bytes */
    size_t high; /* bytes above 127 */
    size_t first_bad;
};

static struct utf8_sight look_for_utf8(const uint8_t *bytes, size_t size)
{
    struct utf8_sight sight = {.first_bad = size};
    uint32_t character;
    for (size_t at = 0; at < size;) {
        size_t length = utf8_next(bytes + at, size - at, &character);
        if (length == 0 && sight.bad++ == 0) {
            sight.first_bad = at;
        }
        sight.good += length > 1;
        sight.high += length == 0 ? bytes[at] > 127 : length > 1 ? length : 0;
        at += length == 0 ? 1 : length;
    }
    return sight;
}

/* Encodings that libuchardet is sure of: those whose letters are not Latin, or of several bytes. */
static bool is_certain(const char *name)
{
    static const char *const certain[] = {
        "SHIFT_JIS",    "EUC-JP",     "ISO-2022-JP",  "EUC-KR",     "UHC",          "ISO-2022-KR", "BIG5",
        "GB18030",      "EUC-TW",     "WINDOWS-1251", "KOI8-R",     "ISO-8859-5",   "IBM866",      "MAC-CYRILLIC",
        "WINDOWS-1253", "ISO-8859-7", "WINDOWS-1255", "ISO-8859-8", "WINDOWS-1256", "ISO-8859-6",  "TIS-620"};
    for (size_t i = 0; i < sizeof certain / sizeof certain[0]; i++) {
        if (strcasecmp(name, certain[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* The encoding of bytes that are not UTF-8. Of the Latin alphabets Windows-1252 is by far the most frequent; another
 * one is believed in only where there is enough of it. */
static void guess_encoding(const uint8_t *bytes, size_t size, size_t high, char name[40])
{
    snprintf(name, 40, "WINDOWS-1252");
    uchardet_t detector = uchardet_new();
    CHECK(detector != NULL);
    if (uchardet_handle_data(detector, (const char *)bytes, size < IMPORT_FILE_BYTES ? size : IMPORT_FILE_BYTES) == 0) {
        uchardet_data_end(detector);
        const char *guess = uchardet_get_charset(detector);
        bool latin = strncasecmp(guess, "WINDOWS-125", 11) == 0 || strncasecmp(guess, "ISO-8859-", 9) == 0;
        if (is_certain(guess) || (latin && high >= HIGH_BYTES_TRUSTED && strcasecmp(guess, "ISO-8859-1") != 0)) {
            snprintf(name, 40, "%s", guess);
        }
    }
    uchardet_delete(detector);
}

static bool refuse_byte(struct import_book *book, const uint8_t *bytes, size_t size, size_t at, const char *encoding)
{
    if (at >= size) {
        return import_refuse(book, "the file ends in the middle of a character: is it cut off?");
    }
    return import_refuse(book, "byte %zu (0x%02X) is no %s: the file is damaged, or in another encoding (--encoding)",
                         at + 1, bytes[at], encoding);
}

/* Tells the encoding, or refuses. `*mark` is how long the byte order mark is. */
static bool find_encoding(struct import_book *book, const uint8_t *bytes, size_t size, size_t *mark)
{
    bool utf8_mark = size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0;
    const char *utf16 = utf16_of(bytes, size);
    *mark = utf8_mark ? 3 : 0;
    if (size >= 2 && (memcmp(bytes, "\xFF\xFE", 2) == 0 || memcmp(bytes, "\xFE\xFF", 2) == 0)) {
        snprintf(book->encoding, sizeof book->encoding, "UTF-16%cE", bytes[0] == 0xFF ? 'L' : 'B');
        *mark = 2;
        return true;
    }
    if (utf16 != NULL) {
        snprintf(book->encoding, sizeof book->encoding, "%s", utf16);
        return true;
    }
    struct utf8_sight sight = look_for_utf8(bytes + *mark, size - *mark);
    snprintf(book->encoding, sizeof book->encoding, "UTF-8");
    if (sight.bad == 0) {
        return true;
    }
    if (utf8_mark || sight.good >= sight.bad * DAMAGE_SHARE) {
        size_t left = size - *mark - sight.first_bad;
        bool cut = sight.bad < 4 && left == sight.bad && bytes[*mark + sight.first_bad] >= 0xC2;
        return refuse_byte(book, bytes, size, cut ? size : *mark + sight.first_bad, "UTF-8");
    }
    guess_encoding(bytes, size, sight.high, book->encoding);
    return true;
}

/* Whether what was decoded is a text. */
static bool check_text(struct import_book *book, const char *text, size_t size)
{
    const char *nul = memchr(text, '\0', size);
    if (nul != NULL) {
        return import_refuse(book, "character %zu of the file is a NUL: this is no address book",
                             (size_t)(nul - text) + 1);
    }
    if (size == 0) {
        return import_refuse(book, "the file is empty");
    }
    return true;
}

char *import_text_decode(struct import_book *book, const uint8_t *bytes, size_t bytes_size, const char *encoding,
                         size_t *size)
{
    size_t mark = 0, bad;
    if (encoding != NULL) {
        snprintf(book->encoding, sizeof book->encoding, "%s", encoding);
    } else if (!find_encoding(book, bytes, bytes_size, &mark)) {
        return NULL;
    }
    char *text = convert(book->encoding, bytes + mark, bytes_size - mark, size, &bad);
    if (text == NULL && bad == SIZE_MAX) {
        import_refuse(book, "\"%.30s\" is no encoding that is known here", book->encoding);
        return NULL;
    }
    if (text == NULL) {
        refuse_byte(book, bytes, bytes_size, mark + bad, book->encoding);
        return NULL;
    }
    size_t head = *size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    memmove(text, text + head, *size - head);
    *size -= head;
    text[*size] = '\0';
    if (!check_text(book, text, *size)) {
        free(text);
        return NULL;
    }
    return text;
}
