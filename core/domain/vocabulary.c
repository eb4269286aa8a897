/* SPDX-License-Identifier: Apache-2.0
 *
 * Two tables and three ways into them: words, synonyms, codes by their longest prefix. */
#include "domain/vocabulary.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define WORD_BYTES_MAX 60 /* longer texts are no words of ours */
#define CODE_DIGITS_MAX 6

enum scheme { SCHEME_NAICS, SCHEME_ISIC, SCHEME_SIC, SCHEMES };

struct entry {
    const char *word;
    const char *synonyms;
    const char *codes[SCHEMES];
};

#define INDUSTRY(word, synonyms, naics, isic, sic) {word, synonyms, {naics, isic, sic}},
#define FUNCTION(word, synonyms) {word, synonyms, {"", "", ""}},
static const struct entry industries[] = {
#include "domain/industries.def"
};
static const struct entry functions[] = {
#include "domain/functions.def"
};
#undef INDUSTRY
#undef FUNCTION

static const struct entry *table_of(enum vocabulary vocabulary, size_t *count)
{
    *count = vocabulary == VOCABULARY_INDUSTRY ? sizeof industries / sizeof industries[0]
                                               : sizeof functions / sizeof functions[0];
    return vocabulary == VOCABULARY_INDUSTRY ? industries : functions;
}

const char *vocabulary_list(enum vocabulary vocabulary, size_t index)
{
    size_t count;
    const struct entry *table = table_of(vocabulary, &count);
    return index < count ? table[index].word : NULL;
}

/* ---- Words ---- */

/* The same but for case; '-' and '_' are as good as a space. */
static bool is_same(const char *text, size_t size, const char *word, size_t word_size)
{
    if (size != word_size) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        char at = (char)tolower((unsigned char)text[i]);
        if (at != word[i] && !((at == '-' || at == '_') && word[i] == ' ')) {
            return false;
        }
    }
    return true;
}

static bool is_synonym(const char *text, size_t size, const char *synonyms)
{
    while (*synonyms != '\0') {
        size_t length = strcspn(synonyms, ",");
        if (is_same(text, size, synonyms, length)) {
            return true;
        }
        synonyms += length + (synonyms[length] == ',' ? 1 : 0);
    }
    return false;
}

/* ---- Codes ---- */

/* The first and the last division of each section of ISIC. */
static const struct {
    char letter;
    int first, last;
} sections[] = {
    {'A', 1, 3},   {'B', 5, 9},   {'C', 10, 33}, {'D', 35, 35}, {'E', 36, 39}, {'F', 41, 43}, {'G', 45, 47},
    {'H', 49, 53}, {'I', 55, 56}, {'J', 58, 63}, {'K', 64, 66}, {'L', 68, 68}, {'M', 69, 75}, {'N', 77, 82},
    {'O', 84, 84}, {'P', 85, 85}, {'Q', 86, 88}, {'R', 90, 93}, {'S', 94, 96}, {'T', 97, 98}, {'U', 99, 99},
};

static bool is_in_section(char letter, const char *digits)
{
    int division = (digits[0] - '0') * 10 + (digits[1] - '0');
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
        if (sections[i].letter == letter) {
            return division >= sections[i].first && division <= sections[i].last;
        }
    }
    return false;
}

/* How many digits of the code one entry, "522", "01-03" or "K", takes; 0: it is another's. */
static size_t entry_takes(const char *entry, size_t size, const char *code)
{
    const char *dash = memchr(entry, '-', size);
    if (dash == NULL) {
        return strncmp(entry, code, size) == 0 ? size : 0;
    }
    size_t digits = (size_t)(dash - entry);
    if (strlen(code) < digits) {
        return 0;
    }
    return strncmp(code, entry, digits) >= 0 && strncmp(code, dash + 1, digits) <= 0 ? digits : 0;
}

static size_t codes_take(const char *codes, const char *code)
{
    size_t best = 0;
    while (*codes != '\0') {
        size_t length = strcspn(codes, " ");
        size_t takes = entry_takes(codes, length, code);
        best = takes > best ? takes : best;
        codes += length + (codes[length] == ' ' ? 1 : 0);
    }
    return best;
}

static const char *industry_of_code(enum scheme scheme, const char *code)
{
    const char *word = NULL;
    size_t best = 0;
    for (size_t i = 0; i < sizeof industries / sizeof industries[0]; i++) {
        size_t takes = codes_take(industries[i].codes[scheme], code);
        if (takes > best) {
            best = takes;
            word = industries[i].word;
        }
    }
    return word;
}

/* Takes a text apart into its scheme and its code; false when it is not written as one. */
static bool code_read(const char *text, enum scheme *scheme, const char **code)
{
    static const char *const prefixes[SCHEMES] = {"naics:", "isic:", "sic:"};
    for (size_t i = 0; i < SCHEMES; i++) {
        if (strncasecmp(text, prefixes[i], strlen(prefixes[i])) == 0) {
            *scheme = (enum scheme)i;
            *code = text + strlen(prefixes[i]);
            *code += strspn(*code, " ");
            return true;
        }
    }
    *scheme = SCHEME_NAICS;
    *code = text;
    return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

static const char *word_of_code(enum scheme scheme, const char *code)
{
    char section[2] = "";
    if (scheme == SCHEME_ISIC && isalpha((unsigned char)code[0])) {
        section[0] = (char)toupper((unsigned char)code[0]);
        code++;
    }
    size_t digits = strspn(code, "0123456789");
    if (code[digits] != '\0' || digits > (scheme == SCHEME_NAICS ? CODE_DIGITS_MAX : 4)) {
        return NULL;
    }
    if (digits == 0) {
        return section[0] == '\0' ? NULL : industry_of_code(scheme, section);
    }
    if (digits < 2 || (section[0] != '\0' && !is_in_section(section[0], code))) {
        return NULL;
    }
    return industry_of_code(scheme, code);
}

bool vocabulary_is_code(const char *text)
{
    enum scheme scheme;
    const char *code;
    return code_read(text, &scheme, &code);
}

const char *vocabulary_word(enum vocabulary vocabulary, const char *text)
{
    enum scheme scheme;
    const char *code;
    if (vocabulary == VOCABULARY_INDUSTRY && code_read(text, &scheme, &code)) {
        return word_of_code(scheme, code);
    }
    size_t count, size = strlen(text);
    const struct entry *table = table_of(vocabulary, &count);
    for (size_t i = 0; i < count; i++) {
        if (is_same(text, size, table[i].word, strlen(table[i].word)) || is_synonym(text, size, table[i].synonyms)) {
            return table[i].word;
        }
    }
    return NULL;
}

enum vouch_status vocabulary_check(enum vocabulary vocabulary, const char *text, struct status_text *why)
{
    if (vocabulary != VOCABULARY_INDUSTRY || !vocabulary_is_code(text) || vocabulary_word(vocabulary, text) != NULL) {
        return VOUCH_OK;
    }
    return status_set(why, VOUCH_INVALID,
                      "%.60s is no code of an industry that is known; codes are naics:522110, isic:K64 or sic:6021, or "
                      "give a word: banking",
                      text);
}

/* ---- Slips ---- */

static size_t least(size_t left, size_t right)
{
    return left < right ? left : right;
}

/* Letters to add, drop, change or swap with the next one (optimal string alignment). */
static size_t distance(const char *left, size_t left_size, const char *right, size_t right_size)
{
    size_t rows[3][WORD_BYTES_MAX + 1];
    for (size_t j = 0; j <= right_size; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= left_size; i++) {
        size_t *now = rows[i % 3], *before = rows[(i + 2) % 3], *earlier = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= right_size; j++) {
            size_t change = before[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
            now[j] = least(change, least(before[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) {
                now[j] = least(now[j], earlier[j - 2] + 1);
            }
        }
    }
    return rows[left_size % 3][right_size];
}

const char *vocabulary_nearly(enum vocabulary vocabulary, const char *text)
{
    char folded[WORD_BYTES_MAX + 1];
    size_t size = strlen(text), count;
    if (size < 3 || size > WORD_BYTES_MAX || vocabulary_word(vocabulary, text) != NULL) {
        return NULL;
    }
    for (size_t i = 0; i <= size; i++) {
        folded[i] = (char)tolower((unsigned char)text[i]);
    }
    const struct entry *table = table_of(vocabulary, &count);
    const char *nearest = NULL;
    size_t best = size < 6 ? 2 : 3; /* fewer slips than this */
    for (size_t i = 0; i < count; i++) {
        size_t slips = distance(folded, size, table[i].word, strlen(table[i].word));
        if (slips < best && slips < strlen(table[i].word) / 2) {
            best = slips;
            nearest = table[i].word;
        }
    }
    return nearest;
}
