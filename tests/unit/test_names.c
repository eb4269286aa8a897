/* SPDX-License-Identifier: Apache-2.0
 *
 * Names, e-mail addresses and domains: what is let in, and that two spellings of one thing come out the same. */
#include "domain/names.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    bool good;
} names[] = {
    {"Ana Sousa", true},
    {"Zoë Müller-Østergård", true},
    {"田中さん", true},
    {"O'Brien", true},
    {"3M", true},
    {"€", true},
    {"🙂", true},
    {"عبد الله", true},
    {"", false},
    {"   ", false},
    {"...", false},
    {"—", false},
    {"\xE2\x80\x8B", false}, /* zero width space */
    {"\xCC\x81", false},     /* an accent on nothing */
    {"two\nlines", false},
    {"bell\a", false},
    {"delete\x7F", false},
    {"next\xC2\x85line", false},
    {"evil\xE2\x80\xAEgpj.exe", false}, /* right-to-left override */
    {"iso\xE2\x81\xA6late", false},
    {"line\xE2\x80\xA8separator", false},
    {"bad\xFF", false},
    {"cut\xC3", false},
    {"overlong\xC0\x80", false},
};

Test(names, what_is_a_name)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct status_text why = {""};
        enum vouch_status status = name_check(names[i].name, "the name", &why);
        cr_assert_eq(status == VOUCH_OK, names[i].good, "name %zu \"%s\": %s", i, names[i].name, why.text);
        cr_assert_eq(why.text[0] != '\0', !names[i].good);
    }
    char longest[NAME_BYTES_MAX + 2];
    memset(longest, 'a', sizeof longest);
    longest[NAME_BYTES_MAX + 1] = '\0';
    cr_assert_eq(name_check(longest, "the name", NULL), VOUCH_TOO_LARGE);
    longest[NAME_BYTES_MAX] = '\0';
    cr_assert_eq(name_check(longest, "the name", NULL), VOUCH_OK);
}

Test(names, trimming_and_cutting)
{
    struct arena *arena = arena_new(1 << 16);
    cr_assert_str_eq(text_trim(arena, "  Ana \t\n"), "Ana");
    cr_assert_str_eq(text_trim(arena, "\xC2\xA0 Ana Sousa \xE3\x80\x80"), "Ana Sousa");
    cr_assert_str_eq(text_trim(arena, " \t "), "");
    cr_assert_str_eq(text_trim(arena, ""), "");
    cr_assert_str_eq(text_cut(arena, "short", 10), "short");
    cr_assert_str_eq(text_cut(arena, "two\nlines", 100), "two lines");
    cr_assert_str_eq(text_cut(arena, "Müller", 2), "M…");
    cr_assert_str_eq(text_cut(arena, "Müller", 3), "Mü…");
    cr_assert_str_eq(text_cut(arena, "", 0), "");
    arena_free(&arena);
}

Test(names, folding)
{
    struct arena *arena = arena_new(1 << 16);
    cr_assert_str_eq(name_fold(arena, "STRASSE"), name_fold(arena, "Straße"));
    cr_assert_str_eq(name_fold(arena, "Ｖｏｕｃｈ"), "vouch");
    cr_assert_str_eq(name_fold(arena, "Zoe\xCC\x88"), name_fold(arena, "Zoë"));
    cr_assert_str_eq(name_fold(arena, "soft\xC2\xADhyphen"), "softhyphen");
    /* Every ASCII character folds as utf8proc folds it beside a letter that is not ASCII. */
    for (int c = 1; c < 0x80; c++) {
        char plain[] = {'a', (char)c, 'Z', '\0'}, beside[] = {'a', (char)c, 'Z', '\xC3', '\xA9', '\0'};
        const char *folded = name_fold(arena, plain), *other = name_fold(arena, beside);
        cr_assert_eq(strlen(folded) + 2, strlen(other), "character %d", c);
        cr_assert_eq(memcmp(folded, other, strlen(folded)), 0, "character %d", c);
    }
    cr_assert_null(name_fold(arena, "\xFF"));
    arena_free(&arena);
}

Test(names, words)
{
    struct name_words words;
    name_words_split("Müller & Söhne GmbH & Co. KG (Berlin)", &words);
    cr_assert_eq(words.count, 6);
    cr_assert_str_eq(words.words[0], "müller");
    cr_assert_str_eq(words.words[5], "berlin");
    name_words_split("a A a", &words);
    cr_assert_eq(words.count, 1);
    name_words_split("...", &words);
    cr_assert_eq(words.count, 0);
    name_words_split("🙂", &words);
    cr_assert_eq(words.count, 1);
    name_words_split("a b c d e f g h i j k l m n o p q r s t u v w x y z", &words);
    cr_assert_eq(words.count, NAME_WORDS_MAX);
    char monster[401];
    for (size_t i = 0; i < 400; i += 2) {
        memcpy(monster + i, "ü", 2);
    }
    monster[400] = '\0';
    name_words_split(monster, &words);
    cr_assert_eq(words.count, 1);
    cr_assert_eq(strlen(words.words[0]), NAME_WORD_BYTES_MAX);
    memset(monster, 'x', 4);
    memcpy(monster + 1, "ü", 2); /* odd cut */
    name_words_split(monster + 1, &words);
    cr_assert_leq(strlen(words.words[0]), NAME_WORD_BYTES_MAX);
}

static const struct {
    const char *text;
    const char *normal; /* NULL: none */
} emails[] = {
    {" Dana.Frey@Kestrel.Example ", "dana.frey@kestrel.example"},
    {"ｄana@kestrel.example", "dana@kestrel.example"},
    {"dana@bücher.example", "dana@xn--bcher-kva.example"},
    {"dana+list@kestrel.example", "dana+list@kestrel.example"},
    {"müller@kestrel.example", "müller@kestrel.example"},
    {"dana", NULL},
    {"@kestrel.example", NULL},
    {"dana@", NULL},
    {"dana@kestrel", NULL},
    {"dana@@kestrel.example", NULL},
    {"a@b@kestrel.example", NULL},
    {"Dana Frey <dana@kestrel.example>", NULL},
    {"dana frey@kestrel.example", NULL},
    {"dana@kes trel.example", NULL},
    {"dana@-kestrel.example", NULL},
    {"dana@kestrel..example", NULL},
    {"dana\x01@kestrel.example", NULL},
    {"", NULL},
    {"\xFF@kestrel.example", NULL},
};

Test(names, emails)
{
    for (size_t i = 0; i < sizeof emails / sizeof emails[0]; i++) {
        char normal[EMAIL_BYTES_MAX + 1] = "";
        char again[EMAIL_BYTES_MAX + 1] = "";
        bool good = email_normalise(emails[i].text, normal);
        cr_assert_eq(good, emails[i].normal != NULL, "%s", emails[i].text);
        if (good) {
            cr_assert_str_eq(normal, emails[i].normal);
            cr_assert(email_normalise(normal, again));
            cr_assert_str_eq(again, normal);
        }
    }
    char giant[3000];
    memset(giant, 'a', sizeof giant - 1);
    giant[sizeof giant - 1] = '\0';
    memcpy(giant + 2000, "@kestrel.example", 17);
    char normal[EMAIL_BYTES_MAX + 1];
    cr_assert_not(email_normalise(giant, normal));
}

static const struct {
    const char *text;
    const char *normal;
} domains[] = {
    {"kestrel.example", "kestrel.example"},
    {"https://Dana@WWW.Kestrel.Example:8080/path?q#f", "kestrel.example"},
    {"archive.kestrel.co.uk.", "kestrel.co.uk"},
    {"Bücher.example", "xn--bcher-kva.example"},
    {"kestrel．example", "kestrel.example"},
    {"dana@kestrel.example", "kestrel.example"},
    {"someone.github.io", "someone.github.io"},
    {"co.uk", NULL},
    {"com", NULL},
    {"192.0.2.7", NULL},
    {"[::1]", NULL},
    {"localhost", NULL},
    {"kestrel bank", NULL},
    {"-x.example", NULL},
    {"", NULL},
    {"http://", NULL},
    {"\xFF.example", NULL},
};

Test(names, domains)
{
    for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++) {
        char normal[DOMAIN_BYTES_MAX + 1] = "";
        bool good = domain_normalise(domains[i].text, normal);
        cr_assert_eq(good, domains[i].normal != NULL, "%s -> %s", domains[i].text, normal);
        cr_assert(!good || strcmp(normal, domains[i].normal) == 0, "%s -> %s", domains[i].text, normal);
    }
    cr_assert(domain_is_mail_provider("gmail.com"));
    cr_assert_not(domain_is_mail_provider("kestrel.example"));
}

/* The list's own test vectors. The list that the system brings is younger or older than they are, so a few of the
 * hundred may differ; a wrong algorithm differs in dozens. */
Test(names, public_suffix_vectors)
{
    FILE *file = fopen("../shared/data/psl/tests.txt", "r");
    if (file == NULL) {
        cr_skip_test("../shared/data/psl is not there");
    }
    char line[512];
    char input[256];
    char output[256];
    int vectors = 0;
    int different = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] == '/' || sscanf(line, "%255s %255s", input, output) != 2 || strcmp(input, "null") == 0) {
            continue;
        }
        char normal[DOMAIN_BYTES_MAX + 1];
        char expected[DOMAIN_BYTES_MAX + 1];
        bool good = domain_normalise(input, normal);
        bool wanted = strcmp(output, "null") != 0;
        vectors++;
        if (wanted && !domain_normalise(output, expected)) {
            different++;
        } else if (good != wanted || (good && strcmp(normal, expected) != 0)) {
            different++;
        }
    }
    fclose(file);
    cr_assert_gt(vectors, 50);
    cr_assert_leq(different, 3, "%d of %d differ", different, vectors);
}
