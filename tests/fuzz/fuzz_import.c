/* SPDX-License-Identifier: Apache-2.0
 *
 * Address books: whatever the bytes, they are taken whole or refused with a sentence; who is taken has a name that can
 * be shown, an origin of their own, and addresses that are some. The first byte says how they are read: its low half is
 * the format, with the next bit the encoding is told. */
#include "base/check.h"
#include "base/utf8.h"
#include "domain/names.h"
#include "fuzz.h"
#include "import_book.h"

#include <string.h>

static void check_person(const struct import_person *person)
{
    struct status_text why;
    char normal[EMAIL_BYTES_MAX + 1];
    const char *const texts[] = {person->name, person->title, person->company, person->note, person->origin};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        CHECK(utf8_valid((const uint8_t *)texts[i], strlen(texts[i])));
    }
    CHECK(name_check(person->name, "the name", &why) == VOUCH_OK);
    CHECK(strlen(person->name) <= 200 && strlen(person->title) <= 200 && strlen(person->company) <= 200);
    CHECK(person->origin[0] != '\0' && strlen(person->origin) <= 400 && strlen(person->note) <= 4000);
    for (size_t i = 0; i < person->email_count; i++) {
        CHECK(email_normalise(person->emails[i], normal));
    }
    for (size_t i = 0; i < person->phone_count; i++) {
        CHECK(strlen(person->phones[i]) <= 60);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const encodings[] = {"UTF-8", "UTF-16LE", "WINDOWS-1252", "SHIFT_JIS"};
    struct import_book book;
    if (size == 0) {
        return 0;
    }
    enum import_format format = (enum import_format)(data[0] % 16 % IMPORT_FORMATS);
    const char *encoding = (data[0] & 16) != 0 ? encodings[data[0] / 32 % 4] : NULL;
    import_book_make(&book, INT64_C(1795435200000));
    if (import_book_parse(&book, data + 1, size - 1, format, encoding)) {
        CHECK(book.why[0] == '\0' && book.skipped <= book.count);
        for (size_t i = 0; i < book.count; i++) {
            if (book.people[i].skip == IMPORT_TAKEN) {
                check_person(&book.people[i]);
            }
        }
    } else {
        CHECK(strlen(book.why) > 10);
    }
    import_book_free(&book);
    return 0;
}
