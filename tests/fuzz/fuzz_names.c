/* SPDX-License-Identifier: Apache-2.0
 *
 * Names, e-mail addresses and domains: one form each, which is its own one form. */
#include "base/check.h"
#include "domain/names.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

static void check_email(const char *text)
{
    char once[EMAIL_BYTES_MAX + 1];
    char twice[EMAIL_BYTES_MAX + 1];
    if (email_normalise(text, once)) {
        CHECK(email_normalise(once, twice));
        CHECK(strcmp(once, twice) == 0);
    }
}

static void check_domain(const char *text)
{
    char once[DOMAIN_BYTES_MAX + 1];
    char twice[DOMAIN_BYTES_MAX + 1];
    if (domain_normalise(text, once)) {
        CHECK(domain_normalise(once, twice));
        CHECK(strcmp(once, twice) == 0);
    }
}

static void check_name(const char *text)
{
    struct status_text why = {0};
    struct name_words words;
    struct arena *arena = arena_new((size_t)1 << 20);
    const char *folded = name_fold(arena, text);
    if (folded != NULL) {
        name_words_split(text, &words);
        CHECK(words.count <= NAME_WORDS_MAX);
    }
    if (name_check(text, "the name", &why) == VOUCH_OK) {
        name_words_split(text, &words);
        CHECK(folded == NULL || words.count > 0);
    } else {
        CHECK(why.text[0] != '\0');
    }
    arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    CHECK(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    check_email(text);
    check_domain(text);
    check_name(text);
    free(text);
    return 0;
}
