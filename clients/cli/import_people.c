/* SPDX-License-Identifier: Apache-2.0
 *
 * The people of an address book: collected, cleaned as the broker wants them, told apart, and marked where they cannot
 * be taken. */
#include "import_book.h"

#include "base/check.h"
#include "domain/names.h"

#include <ctype.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <uthash.h>

#define NAME_BYTES 200 /* as proto/fields.def has it; more is cut */
#define PHONE_BYTES 60
#define NOTE_BYTES 3900
#define UID_BYTES 300
#define DIGEST_BYTES 16
#define MS_PER_DAY 86400000

/* ---- The book ---- */

void import_book_make(struct import_book *book, int64_t now_ms)
{
    *book = (struct import_book){.arena = arena_new(IMPORT_ARENA_BYTES), .now_ms = now_ms};
}

void import_book_free(struct import_book *book)
{
    free(book->people);
    free(book->left_out);
    arena_free(&book->arena);
    *book = (struct import_book){.count = 0};
}

bool import_refuse(struct import_book *book, const char *format, ...)
{
    if (book->why[0] == '\0') { /* what was first is why */
        va_list args;
        va_start(args, format);
        vsnprintf(book->why, sizeof book->why, format, args);
        va_end(args);
    }
    return false;
}

char *import_text_copy(struct import_book *book, const char *text, size_t size)
{
    static char empty[1];
    if (size == 0) {
        return empty;
    }
    char *copy = arena_alloc(book->arena, size + 1);
    if (copy == NULL) {
        import_refuse(book, "the file holds more than fits into memory here; divide it");
        return NULL;
    }
    memcpy(copy, text, size);
    return copy;
}

/* Room for one more in a growing list. */
static void *grow(void *list, size_t count, size_t *room, size_t size)
{
    if (count < *room) {
        return list;
    }
    *room = *room == 0 ? 256 : *room * 2;
    list = realloc(list, *room * size);
    CHECK(list != NULL);
    return list;
}

struct import_person *import_person_add(struct import_book *book, size_t line)
{
    if (book->count == IMPORT_PEOPLE_MAX) {
        import_refuse(book, "more than %u people in one file, at line %zu; divide it", IMPORT_PEOPLE_MAX, line);
        return NULL;
    }
    book->people = grow(book->people, book->count, &book->room, sizeof *book->people);
    struct import_person *person = &book->people[book->count++];
    char *empty = import_text_copy(book, "", 0);
    *person = (struct import_person){
        .line = line, .name = empty, .title = empty, .company = empty, .note = empty, .origin = empty};
    return person;
}

void import_leave_out(struct import_book *book, size_t line, const char *what, const char *text)
{
    char *copy = import_text_copy(book, text, strnlen(text, NAME_BYTES));
    if (copy != NULL) {
        book->left_out = grow(book->left_out, book->left_out_count, &book->left_out_room, sizeof *book->left_out);
        book->left_out[book->left_out_count++] = (struct import_left_out){line, what, copy};
    }
}

/* ---- Cleaning ---- */

/* On one line, without control characters, at most `most` bytes. In the arena; NULL past its budget. */
static char *clean_line(struct import_book *book, const char *text, size_t most)
{
    char *clean = text_cut(book->arena, text, most - strlen("…"));
    if (clean == NULL) {
        import_refuse(book, "the file holds more than fits into memory here; divide it");
        return NULL;
    }
    char *out = clean;
    bool space = true;
    for (const char *at = clean; *at != '\0'; at++) {
        bool blank = (unsigned char)*at <= ' ' || *at == 0x7F;
        if (!blank || !space) {
            *out++ = blank ? ' ' : *at;
        }
        space = blank;
    }
    out -= space && out > clean ? 1 : 0;
    *out = '\0';
    return clean;
}

/* The address in "Ana <mailto:ana@x.example>". */
static char *bare_email(struct import_book *book, const char *text)
{
    const char *open = strchr(text, '<');
    if (open != NULL && strchr(open, '>') != NULL) {
        text = open + 1;
    }
    text += strspn(text, " \t\r\n");
    text += strncasecmp(text, "mailto:", 7) == 0 ? 7 : 0;
    size_t size = open != NULL ? strcspn(text, ">") : strlen(text);
    while (size > 0 && isspace((unsigned char)text[size - 1])) {
        size--;
    }
    return import_text_copy(book, text, size);
}

void import_email_add(struct import_book *book, struct import_person *person, const char *text)
{
    char normal[EMAIL_BYTES_MAX + 1], other[EMAIL_BYTES_MAX + 1];
    char *email = bare_email(book, text);
    if (email == NULL || email[0] == '\0') {
        return;
    }
    if (strlen(email) > EMAIL_BYTES_MAX || !email_normalise(email, normal)) {
        import_leave_out(book, person->line, "no e-mail address", email);
        return;
    }
    for (size_t i = 0; i < person->email_count; i++) {
        if (email_normalise(person->emails[i], other) && strcmp(normal, other) == 0) {
            return;
        }
    }
    if (person->email_count == IMPORT_ADDRESSES) {
        import_leave_out(book, person->line, "one e-mail address too many", email);
        return;
    }
    person->emails[person->email_count++] = email;
}

void import_phone_add(struct import_book *book, struct import_person *person, const char *text)
{
    char *phone = clean_line(book, text, PHONE_BYTES);
    if (phone == NULL || phone[0] == '\0') {
        return;
    }
    if (strpbrk(phone, "0123456789") == NULL) {
        import_leave_out(book, person->line, "no phone number", phone);
        return;
    }
    for (size_t i = 0; i < person->phone_count; i++) {
        if (strcmp(person->phones[i], phone) == 0) {
            return;
        }
    }
    if (person->phone_count == IMPORT_ADDRESSES) {
        import_leave_out(book, person->line, "one phone number too many", phone);
        return;
    }
    person->phones[person->phone_count++] = phone;
}

void import_note_add(struct import_book *book, struct import_person *person, const char *text)
{
    char *note = text_trim(book->arena, text);
    if (note != NULL && note[0] != '\0') {
        note = person->note[0] == '\0' ? note : arena_printf(book->arena, "%s\n%s", person->note, note);
    }
    if (note == NULL) {
        import_refuse(book, "the file holds more than fits into memory here; divide it");
    } else if (note[0] != '\0') {
        person->note = note;
    }
}

/* A note keeps its lines; other control characters are none. */
static char *clean_note(struct import_book *book, const struct import_person *person)
{
    char *note = person->note, *out = note;
    size_t size = strlen(note);
    if (size > NOTE_BYTES) {
        import_leave_out(book, person->line, "the rest of a long note", "");
        size = NOTE_BYTES;
        while (((unsigned char)note[size] & 0xC0) == 0x80) {
            size--;
        }
    }
    for (const char *at = note; at < note + size; at++) {
        if ((unsigned char)*at >= ' ' || *at == '\n' || *at == '\t') {
            *out++ = *at == 0x7F ? ' ' : *at;
        }
    }
    if (size > 0) { /* the empty text is shared */
        *out = '\0';
    }
    return note;
}

/* ---- Telling people apart ---- */

/* The hash of what makes people who have no identity of their own in the file the same. */
static char *digest_origin(struct import_book *book, const struct import_person *person, const char *more)
{
    const char *name = name_fold(book->arena, person->name);
    const char *company = name_fold(book->arena, person->company);
    uint8_t digest[DIGEST_BYTES];
    char hex[DIGEST_BYTES * 2 + 1];
    crypto_generichash_state state;
    if (name == NULL || company == NULL) {
        return NULL;
    }
    crypto_generichash_init(&state, NULL, 0, sizeof digest);
    crypto_generichash_update(&state, (const uint8_t *)name, strlen(name) + 1);
    crypto_generichash_update(&state, (const uint8_t *)company, strlen(company) + 1);
    crypto_generichash_update(&state, (const uint8_t *)more, strlen(more));
    crypto_generichash_final(&state, digest, sizeof digest);
    sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    return arena_printf(book->arena, "name:%s", hex);
}

/* The first e-mail address in its one form, else the phone number, else "". */
static const char *distinction(const struct import_person *person, char normal[EMAIL_BYTES_MAX + 1])
{
    if (person->email_count > 0 && email_normalise(person->emails[0], normal)) {
        return normal;
    }
    return person->phone_count > 0 ? person->phones[0] : "";
}

/* Who has neither a uid nor a company is told apart by what else there is. */
static void set_origin(struct import_book *book, struct import_person *person)
{
    char normal[EMAIL_BYTES_MAX + 1];
    const char *prefix = book->format == IMPORT_LINKEDIN ? "linkedin" : import_format_word(book->format);
    if (person->uid != NULL && person->uid[0] != '\0') {
        char *uid = clean_line(book, person->uid, UID_BYTES);
        person->origin = uid == NULL ? NULL : arena_printf(book->arena, "%s:%s", prefix, uid);
    } else {
        person->origin = digest_origin(book, person, person->company[0] == '\0' ? distinction(person, normal) : "");
    }
    if (person->origin == NULL) {
        import_refuse(book, "the file holds more than fits into memory here; divide it");
    }
}

/* People by origin and by e-mail address, the first of each. */
struct known_key {
    UT_hash_handle hh;
    const struct import_person *person;
    char key[]; /* as long as it is */
};

struct seen {
    struct known_key *table;
    struct import_book *book;
};

static const struct import_person *seen_find(const struct seen *seen, const char *key)
{
    struct known_key *found;
    HASH_FIND(hh, seen->table, key, strlen(key), found);
    return found == NULL ? NULL : found->person;
}

static void seen_add(struct seen *seen, const char *key, const struct import_person *person)
{
    size_t size = strlen(key);
    struct known_key *row = arena_alloc(seen->book->arena, sizeof *row + size + 1);
    if (row == NULL) {
        import_refuse(seen->book, "the file holds more than fits into memory here; divide it");
        return;
    }
    row->person = person;
    memcpy(row->key, key, size);
    HASH_ADD(hh, seen->table, key, size, row);
}

/* Two entries of one name are one person only if they do not have addresses that say otherwise. */
static bool is_other(const struct import_person *person, const struct import_person *before)
{
    return person->uid == NULL && person->email_count > 0 && before->email_count > 0;
}

static void look_for_duplicate(struct seen *seen, struct import_person *person)
{
    char normal[EMAIL_BYTES_MAX + 1];
    for (size_t i = 0; i < person->email_count; i++) {
        if (email_normalise(person->emails[i], normal) && seen_find(seen, normal) != NULL) {
            person->skip = IMPORT_DUPLICATE;
            return;
        }
    }
    const struct import_person *before = seen_find(seen, person->origin);
    if (before != NULL && is_other(person, before)) {
        person->origin = digest_origin(seen->book, person, distinction(person, normal));
        before = person->origin == NULL ? person : seen_find(seen, person->origin);
    }
    if (before != NULL) {
        person->skip = IMPORT_DUPLICATE;
        return;
    }
    seen_add(seen, person->origin, person);
    for (size_t i = 0; i < person->email_count; i++) {
        if (email_normalise(person->emails[i], normal) && seen_find(seen, normal) == NULL) {
            seen_add(seen, normal, person);
        }
    }
}

static void clean_person(struct import_book *book, struct import_person *person)
{
    struct status_text why;
    person->name = clean_line(book, person->name, NAME_BYTES);
    person->title = clean_line(book, person->title, NAME_BYTES);
    person->company = clean_line(book, person->company, NAME_BYTES);
    if (person->name == NULL || person->title == NULL || person->company == NULL) {
        return;
    }
    person->note = clean_note(book, person);
    if (person->company[0] != '\0' && name_check(person->company, "the company", &why) != VOUCH_OK) {
        import_leave_out(book, person->line, "no company's name", person->company);
        person->company = import_text_copy(book, "", 0);
    }
    if (person->title[0] != '\0' && name_check(person->title, "the title", &why) != VOUCH_OK) {
        import_leave_out(book, person->line, "no title", person->title);
        person->title = import_text_copy(book, "", 0);
    }
    if (person->skip == IMPORT_TAKEN && person->name[0] == '\0') {
        person->skip = IMPORT_NO_NAME;
    } else if (person->skip == IMPORT_TAKEN && name_check(person->name, "the name", &why) != VOUCH_OK) {
        person->skip = IMPORT_BAD_NAME;
    }
    /* A day begins earlier in the east than in UTC. */
    if (person->skip == IMPORT_TAKEN && person->since_ms > book->now_ms) {
        person->skip = person->since_ms > book->now_ms + MS_PER_DAY ? IMPORT_FUTURE : IMPORT_TAKEN;
        person->since_ms = book->now_ms;
    }
}

/* Cleans everybody, and marks whom not to take. */
static void finish(struct import_book *book)
{
    struct seen seen = {.book = book};
    for (size_t i = 0; i < book->count && book->why[0] == '\0'; i++) {
        struct import_person *person = &book->people[i];
        clean_person(book, person);
        if (person->skip == IMPORT_TAKEN && book->why[0] == '\0') {
            set_origin(book, person);
        }
        if (person->skip == IMPORT_TAKEN && book->why[0] == '\0') {
            look_for_duplicate(&seen, person);
        }
        book->skipped += person->skip != IMPORT_TAKEN;
    }
    HASH_CLEAR(hh, seen.table);
}

/* ---- All of a file ---- */

static bool parse_text(struct import_book *book, const char *text, size_t size, enum import_format format)
{
    bool read;
    book->format = format != IMPORT_UNKNOWN ? format : import_format_guess(text);
    if (book->format == IMPORT_VCARD) {
        read = import_vcard_read(book, text, size);
    } else if (book->format == IMPORT_LDIF) {
        read = import_ldif_read(book, text, size);
    } else {
        read = import_csv_read(book, text, size, format);
    }
    if (read && book->why[0] == '\0') {
        finish(book);
    }
    return book->why[0] == '\0';
}

bool import_book_read(struct import_book *book, const char *path, enum import_format format, const char *encoding)
{
    size_t size = 0;
    char *text = import_text_read(book, path, encoding, &size);
    bool read = text != NULL && parse_text(book, text, size, format);
    free(text);
    return read;
}

bool import_book_parse(struct import_book *book, const void *bytes, size_t size, enum import_format format,
                       const char *encoding)
{
    size_t text_size = 0;
    char *text = import_text_decode(book, bytes, size, encoding, &text_size);
    bool read = text != NULL && parse_text(book, text, text_size, format);
    free(text);
    return read;
}
