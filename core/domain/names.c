/* SPDX-License-Identifier: Apache-2.0
 *
 * Names: checking, trimming, folding, splitting into words. */
#include "domain/names.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define FOLD (UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE)

/* The next character; 0 at the end, -1 for what is no UTF-8. */
static utf8proc_int32_t next_char(const char **at)
{
    utf8proc_int32_t code = 0;
    if (**at == '\0') {
        return 0;
    }
    utf8proc_ssize_t size = utf8proc_iterate((const utf8proc_uint8_t *)*at, -1, &code);
    if (size <= 0) {
        return -1;
    }
    *at += size;
    return code;
}

static bool is_override(utf8proc_int32_t code)
{
    return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

static bool is_break(utf8proc_int32_t code)
{
    return code == '\n' || code == '\r' || code == '\t';
}

/* Letters, marks, digits and symbols make words; white space, punctuation, control and format characters part them. */
static bool is_word_char(utf8proc_int32_t code)
{
    utf8proc_category_t category = utf8proc_category(code);
    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO) ||
           (category >= UTF8PROC_CATEGORY_SM && category <= UTF8PROC_CATEGORY_SO);
}

static bool is_mark(utf8proc_int32_t code)
{
    utf8proc_category_t category = utf8proc_category(code);
    return category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;
}

enum vouch_status name_check(const char *name, const char *what, struct status_text *why)
{
    bool visible = false;
    if (strlen(name) > NAME_BYTES_MAX) {
        return status_set(why, VOUCH_TOO_LARGE, "%s is longer than %d bytes", what, NAME_BYTES_MAX);
    }
    utf8proc_int32_t code;
    for (const char *at = name; (code = next_char(&at)) != 0;) {
        if (code < 0) {
            return status_set(why, VOUCH_INVALID, "%s is not UTF-8", what);
        }
        if (is_override(code)) {
            return status_set(why, VOUCH_INVALID, "%s has a character that turns the direction of writing (U+%04X)",
                              what, (unsigned)code);
        }
        utf8proc_category_t category = utf8proc_category(code);
        if (category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP) {
            return status_set(why, VOUCH_INVALID, "%s has a control character (U+%04X)", what, (unsigned)code);
        }
        visible = visible || (is_word_char(code) && !is_mark(code));
    }
    if (!visible) {
        return status_set(why, VOUCH_INVALID, "%s needs a letter, a digit or a symbol", what);
    }
    return VOUCH_OK;
}

char *text_trim(struct arena *arena, const char *text)
{
    const char *start = NULL;
    const char *end = text;
    const char *at = text;
    for (const char *before = at;; before = at) {
        utf8proc_int32_t code = next_char(&at);
        if (code == 0) {
            break;
        }
        if (code < 0) {
            at++; /* no UTF-8: checked elsewhere, kept here */
        }
        if (code < 0 || !(is_break(code) || utf8proc_category(code) == UTF8PROC_CATEGORY_ZS)) {
            start = start == NULL ? before : start;
            end = at;
        }
    }
    size_t size = start == NULL ? 0 : (size_t)(end - start);
    char *copy = arena_alloc(arena, size + 1);
    if (copy != NULL && size > 0) {
        memcpy(copy, start, size);
    }
    return copy;
}

char *text_cut(struct arena *arena, const char *text, size_t most)
{
    static const char dots[] = "…";
    size_t size = strlen(text);
    bool cut = size > most;
    if (cut) {
        for (size = most; size > 0 && ((unsigned char)text[size] & 0xC0) == 0x80; size--) {
        }
    }
    char *copy = arena_alloc(arena, size + sizeof dots);
    if (copy == NULL) {
        return NULL;
    }
    memcpy(copy, text, size);
    for (size_t i = 0; i < size; i++) {
        copy[i] = is_break(copy[i]) ? ' ' : copy[i];
    }
    return cut ? strcat(copy, dots) : copy;
}

/* Folded, to be freed by the caller; NULL for what is no UTF-8. */
static char *fold(const char *text)
{
    utf8proc_uint8_t *folded = NULL;
    if (utf8proc_map((const utf8proc_uint8_t *)text, 0, &folded, UTF8PROC_NULLTERM | FOLD) < 0) {
        return NULL;
    }
    return (char *)folded;
}

/* ASCII folds letter by letter, to what utf8proc makes of it in fifty times the time; false when it is not ASCII. */
static bool fold_ascii(char *text)
{
    for (char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c >= 0x80) {
            return false;
        }
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
    }
    return true;
}

char *name_fold(struct arena *arena, const char *name)
{
    char *ascii = arena_strdup(arena, name);
    if (ascii == NULL || fold_ascii(ascii)) {
        return ascii;
    }
    char *folded = fold(name);
    char *copy = folded == NULL ? NULL : arena_strdup(arena, folded);
    free(folded);
    return copy;
}

static void add_word(struct name_words *words, const char *start, size_t size)
{
    if (size > NAME_WORD_BYTES_MAX) {
        size = NAME_WORD_BYTES_MAX;
        while (size > 0 && ((unsigned char)start[size] & 0xC0) == 0x80) {
            size--;
        }
    }
    for (size_t i = 0; i < words->count; i++) {
        if (strlen(words->words[i]) == size && memcmp(words->words[i], start, size) == 0) {
            return;
        }
    }
    memcpy(words->words[words->count], start, size);
    words->words[words->count][size] = '\0';
    words->count++;
}

void name_words_split(const char *name, struct name_words *words)
{
    words->count = 0;
    char *folded = fold(name);
    if (folded == NULL) {
        return;
    }
    const char *word = NULL;
    const char *at = folded;
    for (const char *before = at; words->count < NAME_WORDS_MAX; before = at) {
        utf8proc_int32_t code = next_char(&at);
        bool inside = code > 0 && is_word_char(code);
        if (inside && word == NULL) {
            word = before;
        } else if (!inside && word != NULL) {
            add_word(words, word, (size_t)(before - word));
            word = NULL;
        }
        if (code <= 0) {
            break;
        }
    }
    free(folded);
}
