/* SPDX-License-Identifier: Apache-2.0
 *
 * Address books, as they are read: formats, encodings, separators and dates are found out; who cannot be taken has a
 * reason; a file that is cut off, damaged or none is refused whole. */
#include "import_book.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOON INT64_C(1795435200000) /* 2026-11-23 12:00 UTC */
#define DAY INT64_C(86400000)

static struct import_book book;

static void set_up(void)
{
    import_book_make(&book, NOON);
}

static void tear_down(void)
{
    import_book_free(&book);
}

TestSuite(import_book, .init = set_up, .fini = tear_down);

static bool parse_bytes(const void *bytes, size_t size)
{
    import_book_free(&book);
    import_book_make(&book, NOON);
    bool read = import_book_parse(&book, bytes, size, IMPORT_UNKNOWN, NULL);
    cr_assert_eq(read, book.why[0] == '\0');
    return read;
}

static bool parse(const char *text)
{
    return parse_bytes(text, strlen(text));
}

static void must_parse(const char *text)
{
    cr_assert(parse(text), "%s\nin: %s", book.why, text);
}

static void must_refuse(const char *text, const char *says)
{
    cr_assert_not(parse(text), "was taken: %s", text);
    cr_assert(strstr(book.why, says) != NULL, "'%s' does not say '%s'", book.why, says);
}

/* ---- Tables ---- */

Test(import_book, formats_by_their_titles)
{
    const struct {
        const char *text;
        enum import_format format;
        const char *name, *email, *company, *title;
    } rows[] = {
        {"Notes:\n\"About, this\"\n\nFirst Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
         "Ana,Sousa,https://l.example/in/ana,ana@n.example,Northgate,Rep,15 Jan 2023\n",
         IMPORT_LINKEDIN, "Ana Sousa", "ana@n.example", "Northgate", "Rep"},
        {"First Name,Last Name,Email Address,Company,Position,Connected On,URL\n"
         "Ana,Sousa,ana@n.example,Northgate,Rep,15-Jan-23,https://l.example/in/ana\n",
         IMPORT_LINKEDIN, "Ana Sousa", "ana@n.example", "Northgate", "Rep"},
        {"Name,Given Name,Family Name,E-mail 1 - Type,E-mail 1 - Value,Organization 1 - Name,Organization 1 - Title\n"
         "Ana Sousa,Ana,Sousa,* Work,ana@n.example ::: a@private.example,Northgate,Rep\n",
         IMPORT_GOOGLE, "Ana Sousa", "ana@n.example", "Northgate", "Rep"},
        {"First Name,Middle Name,Last Name,Organization Name,Organization Title,Labels,E-mail 1 - Value\n"
         "Ana,,Sousa,Northgate,Rep,* myContacts,ana@n.example\n",
         IMPORT_GOOGLE, "Ana Sousa", "ana@n.example", "Northgate", "Rep"},
        {"Title,First Name,Middle Name,Last Name,Company,Job Title,E-mail Address,E-mail 2 Address\n"
         "Ms.,Ana,,Sousa,Northgate,Rep,ana@n.example,a@private.example\n",
         IMPORT_OUTLOOK, "Ana Sousa", "ana@n.example", "Northgate", "Rep"},
        {"Anrede;Vorname;Nachname;Firma;Position;E-Mail-Adresse\nFrau;Ana;Sousa;Northgate;Rep;ana@n.example\n",
         IMPORT_OUTLOOK, "Ana Sousa", "ana@n.example", "Northgate", "Rep"},
        {"First Name,Last Name,Display Name,Primary Email,Secondary Email,Organization,Job Title\n"
         "Ana,Sousa,,ana@n.example,,Northgate,Rep\n",
         IMPORT_THUNDERBIRD, "Ana Sousa", "ana@n.example", "Northgate", "Rep"},
        {"full name\temail\tcompany\ttitle\nAna Sousa\tana@n.example\tNorthgate\tRep\n", IMPORT_CSV, "Ana Sousa",
         "ana@n.example", "Northgate", "Rep"},
        {"Name|E-Mail\nAna Sousa|ana@n.example\n", IMPORT_CSV, "Ana Sousa", "ana@n.example", "", ""},
        {"ana@n.example,Sousa,Ana\n", IMPORT_CSV, "Sousa", "ana@n.example", "", ""},
        {"dn: cn=Ana Sousa\ncn: Ana Sousa\nmail: ana@n.example\no: Northgate\ntitle: Rep\n", IMPORT_LDIF, "Ana Sousa",
         "ana@n.example", "Northgate", "Rep"},
        {"BEGIN:VCARD\nVERSION:3.0\nN:Sousa;Ana;;;\nFN: \nEMAIL:ana@n.example\nORG:Northgate;Sales\nTITLE:Rep\n"
         "END:VCARD\n",
         IMPORT_VCARD, "Ana Sousa", "ana@n.example", "Northgate", "Rep"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        must_parse(rows[i].text);
        cr_assert_eq(book.format, rows[i].format, "row %zu: %s", i, import_format_word(book.format));
        cr_assert_eq(book.count, 1, "row %zu: %zu", i, book.count);
        cr_assert_eq(book.people[0].skip, IMPORT_TAKEN, "row %zu", i);
        cr_expect_str_eq(book.people[0].name, rows[i].name, "row %zu", i);
        cr_expect_str_eq(book.people[0].emails[0], rows[i].email, "row %zu", i);
        cr_expect_str_eq(book.people[0].company, rows[i].company, "row %zu", i);
        cr_expect_str_eq(book.people[0].title, rows[i].title, "row %zu", i);
    }
}

Test(import_book, why_somebody_is_skipped)
{
    must_parse("Notes:\nabout this\n\nFirst Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
               "Ana,Sousa,u1,,,,15 Jan 2023\n"
               ",,u2,,,,\n"
               "Ana,Sousa,u1,,,,\n"
               "Tom,Rieke,u3,,,,15 Jan 2099\n"
               "Lena,Voss,u4,,,,31 Feb 2023\n"
               "\xE2\x80\xAE,\xE2\x80\xAE,u5,,,,\n"
               "\"Per\nMagnus\",Dahl,u6,per@x.example,,,23 Nov 2026\n"
               "Peter,Dahl,u7,PER@x.example,,,\n"
               ",,,,,,\n");
    const struct {
        size_t line;
        enum import_skip skip;
    } rows[] = {{5, IMPORT_TAKEN},   {6, IMPORT_NO_NAME},   {7, IMPORT_DUPLICATE}, {8, IMPORT_FUTURE},
                {9, IMPORT_NO_DATE}, {10, IMPORT_BAD_NAME}, {11, IMPORT_TAKEN},    {13, IMPORT_DUPLICATE}};
    cr_assert_eq(book.preamble, 3);
    cr_assert_eq(book.count, sizeof rows / sizeof rows[0]);
    for (size_t i = 0; i < book.count; i++) {
        cr_expect_eq(book.people[i].line, rows[i].line, "person %zu: line %zu", i, book.people[i].line);
        cr_expect_eq(book.people[i].skip, rows[i].skip, "person %zu: %d", i, (int)book.people[i].skip);
    }
    cr_assert_eq(book.skipped, 6);
    cr_assert_str_eq(book.people[6].name, "Per Magnus Dahl");
    cr_assert_str_eq(book.people[0].origin, "linkedin:u1");
}

/* Without numbers of their own, people are told apart by name and company, and by what else says they are two. */
Test(import_book, who_is_the_same)
{
    must_parse("Name,Company,Email,Phone\n"
               "Jo Lang,Acme,,1\n"
               "JO  LANG,acme,,2\n" /* the same */
               "Jo Lang,Brandt,,1\n"
               "Jo Lang,,jo@a.example,\n"
               "Jo Lang,,jo@b.example,\n" /* two of one name */
               "Ann Lee,Acme,ann@acme.example,\n"
               "Ann Lee,Acme,lee@acme.example,\n"); /* and in one company */
    const enum import_skip must[] = {IMPORT_TAKEN, IMPORT_DUPLICATE, IMPORT_TAKEN, IMPORT_TAKEN,
                                     IMPORT_TAKEN, IMPORT_TAKEN,     IMPORT_TAKEN};
    cr_assert_eq(book.count, 7);
    for (size_t i = 0; i < book.count; i++) {
        cr_expect_eq(book.people[i].skip, must[i], "person %zu", i);
        for (size_t j = 0; j < i; j++) {
            cr_expect(must[i] != IMPORT_TAKEN || must[j] != IMPORT_TAKEN ||
                          strcmp(book.people[i].origin, book.people[j].origin) != 0,
                      "%zu and %zu", i, j);
        }
    }
}

Test(import_book, addresses)
{
    must_parse("Name,Email,Email 2,Email 3,Phone,Mobile,Notes\n"
               "Ana,Ana <mailto:ana@n.example>,not@,ANA@n.example,call me,+49 1,\"two\nlines\"\n");
    const struct import_person *person = &book.people[0];
    cr_assert_eq(person->email_count, 1);
    cr_assert_str_eq(person->emails[0], "ana@n.example");
    cr_assert_eq(person->phone_count, 1);
    cr_assert_str_eq(person->phones[0], "+49 1");
    cr_assert_str_eq(person->note, "two\nlines");
    cr_assert_eq(book.left_out_count, 2);
    cr_assert_str_eq(book.left_out[0].text, "not@");
    cr_assert_eq(book.left_out[0].line, 2);
    cr_assert_str_eq(book.left_out[1].text, "call me");
}

/* As `vouch export` writes them, for a spreadsheet would compute. */
Test(import_book, what_was_quoted_for_a_spreadsheet)
{
    must_parse("Name,E-mail,Phone\n'=Ana,ana@n.example,'+49 30 1 ext 5\n'Tom',tom@n.example,'x 5\n");
    cr_assert_str_eq(book.people[0].name, "=Ana");
    cr_assert_str_eq(book.people[0].phones[0], "+49 30 1 ext 5");
    cr_assert_str_eq(book.people[1].name, "'Tom'");
    cr_assert_str_eq(book.people[1].phones[0], "'x 5");
}

Test(import_book, dates)
{
    const struct {
        const char *text;
        int64_t day; /* since 1970; -1: none */
    } rows[] = {
        {"15 Jan 2023", 19372},
        {"15-Jan-23", 19372},
        {" 2023-01-15 ", 19372},
        {"Jan 15, 2023", 19372},
        {"1/15/23", 19372},
        {"15/1/2023", 19372},
        {"15.01.2023", 19372},
        {"01/15/2023, 09:30 AM", 19372},
        {"29 Feb 2024", 19782},
        {"29 Feb 2023", -1},
        {"31 Apr 2023", -1},
        {"0 Jan 2023", -1},
        {"15 Foo 2023", -1},
        {"2023-13-01", -1},
        {"15 Jan 1900", -1},
        {"yesterday", -1},
        {"15 Jan 2023x", -1},
        {"99999999999999", -1},
        {"", -1},
        {"1970-01-01", 0},
        {"9999-12-31", 2932896},
        {"2023-01-15T10:00:00Z", 19372},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t must = rows[i].day < 0 ? -1 : rows[i].day * DAY;
        cr_expect_eq(import_date(rows[i].text), must, "\"%s\": %ld", rows[i].text, (long)import_date(rows[i].text));
    }
}

/* ---- Encodings ---- */

/* A text as UTF-16. */
static size_t to_utf16(const char *text, bool big, bool mark, uint8_t *out)
{
    size_t size = 0;
    if (mark) {
        out[size++] = big ? 0xFE : 0xFF;
        out[size++] = big ? 0xFF : 0xFE;
    }
    for (; *text != '\0'; text++) {
        out[size++] = big ? 0 : (uint8_t)*text;
        out[size++] = big ? (uint8_t)*text : 0;
    }
    return size;
}

Test(import_book, encodings)
{
    const char *plain = "Name,Email\nAna Sousa,ana@n.example\n";
    uint8_t bytes[256];
    for (int i = 0; i < 4; i++) {
        size_t size = to_utf16(plain, i & 1, i & 2, bytes);
        cr_assert(parse_bytes(bytes, size), "%d: %s", i, book.why);
        cr_assert_str_eq(book.encoding, i & 1 ? "UTF-16BE" : "UTF-16LE");
        cr_assert_str_eq(book.people[0].name, "Ana Sousa");
    }
    must_parse("\xEF\xBB\xBFName,Email\nJürgen Groß,j@n.example\n");
    cr_assert_str_eq(book.encoding, "UTF-8");
    cr_assert_str_eq(book.people[0].name, "Jürgen Groß");
    must_parse("Name,Email,Company\nJ\xFCrgen Gro\xDF,j@n.example,M\xFCller \x96 S\xF6hne\n");
    cr_assert_str_eq(book.encoding, "WINDOWS-1252");
    cr_assert_str_eq(book.people[0].name, "Jürgen Groß");
    cr_assert_str_eq(book.people[0].company, "Müller – Söhne");
    /* Told, it is not looked for. */
    const char *polish = "Name,Email\n\xA3ukasz G\xF3rski,l@n.example\n";
    import_book_free(&book);
    import_book_make(&book, NOON);
    cr_assert(import_book_parse(&book, polish, strlen(polish), IMPORT_UNKNOWN, "ISO-8859-2"), "%s", book.why);
    cr_assert_str_eq(book.people[0].name, "Łukasz Górski");
    import_book_free(&book);
    import_book_make(&book, NOON);
    cr_assert_not(import_book_parse(&book, polish, strlen(polish), IMPORT_UNKNOWN, "KLINGON"));
    cr_assert(strstr(book.why, "KLINGON") != NULL);
}

Test(import_book, what_is_no_text)
{
    must_refuse("Name,Email\nJürgen Groß Jürgen Groß Jü\xFCrgen,j@n.example\n", "byte 43 (0xFC) is no UTF-8");
    must_refuse("\xEF\xBB\xBFName\nJ\xFCrgen\n", "byte 10 (0xFC)");
    must_refuse("Name,Email\nJürgen Groß Jürgen Groß J\xC3", "cut off");
    cr_assert_not(parse_bytes("Name,Email\nAna\0Sousa,ana@n.example\n", 35));
    cr_assert(strstr(book.why, "character 15 of the file is a NUL") != NULL, "%s", book.why);
    cr_assert_not(parse_bytes("", 0));
    cr_assert(strstr(book.why, "empty") != NULL, "%s", book.why);
    uint8_t odd[] = {0xFF, 0xFE, 'N', 0, 'a'};
    cr_assert_not(parse_bytes(odd, sizeof odd));
    cr_assert(strstr(book.why, "UTF-16LE") != NULL || strstr(book.why, "cut off") != NULL, "%s", book.why);
}

/* ---- LDIF ---- */

Test(import_book, ldif)
{
    must_parse("version: 1\n# somebody\ndn: cn=Ana\nchangetype: add\nobjectclass: person\ngivenName;lang-pt: Ana\n"
               "sn:: U291c2E=\nmail: ana@n.exa\n mple\nmozillaSecondEmail: a@private.example\n"
               "jpegPhoto:< file:///tmp/x\ndescription: first\n  second\ntelephoneNumber: 1\nmobile: 2\n\n\n"
               "dn: cn=list\nobjectclass: groupOfNames\ncn: list\nmember: cn=Ana\n");
    cr_assert_eq(book.count, 2);
    const struct import_person *person = &book.people[0];
    cr_assert_str_eq(person->name, "Ana Sousa");
    cr_assert_eq(person->line, 3);
    cr_assert_eq(person->email_count, 2);
    cr_assert_str_eq(person->emails[0], "ana@n.example");
    cr_assert_str_eq(person->note, "first second");
    cr_assert_eq(person->phone_count, 2);
    cr_assert_eq(book.people[1].skip, IMPORT_LIST);
    must_refuse("dn: cn=Ana\ncn:: not base64!\n", "line 2 is no base64");
    must_refuse("dn: cn=Ana\nnonsense\n", "line 2");
    must_refuse("dn: cn=Ana\ncn: Ana\n\nmail: ana@n.example\n", "line 4");
    must_refuse("dn: cn=Ana\ndn: cn=Tom\n", "line 2");
}

/* ---- vCards ---- */

Test(import_book, vcards)
{
    must_parse(
        "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:Gro=DF;J=FCrgen=\r\n"
        " Karl;;;\r\nTEL;WORK;FAX:1\r\nTEL;CELL:2\r\nPHOTO;ENCODING=BASE64:\r\n  AAAA\r\n  BBBB\r\n\r\n"
        "AGENT:\r\nBEGIN:VCARD\r\nFN:Somebody else\r\nEND:VCARD\r\nEMAIL;INTERNET:j@n.example\r\nEND:VCARD\r\n"
        "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ana\\, Sousa\\;\\\\\r\nitem1.EMAIL;TYPE=\"home,x:y\":a@private.example\r\n"
        "EMAIL;PREF=1:ana@n.example\r\nORG:A\\;B;C\r\nUID:urn:uuid:1\r\nNOTE:one\\ntwo\r\n \\nthree\r\n"
        "TEL;VALUE=uri:tel:+1-418;ext=1\r\nEND:VCARD\r\n"
        "BEGIN:VCARD\r\nVERSION:4.0\r\nKIND:group\r\nFN:Friends\r\nEND:VCARD\r\n");
    cr_assert_eq(book.count, 3);
    const struct import_person *jurgen = &book.people[0], *ana = &book.people[1];
    cr_assert_str_eq(jurgen->name, "Jürgen Karl Groß");
    cr_assert_eq(jurgen->phone_count, 1);
    cr_assert_str_eq(jurgen->phones[0], "2");
    cr_assert_str_eq(jurgen->emails[0], "j@n.example");
    cr_assert_str_eq(ana->name, "Ana, Sousa;\\");
    cr_assert_str_eq(ana->emails[0], "ana@n.example", "the preferred one is first");
    cr_assert_str_eq(ana->emails[1], "a@private.example");
    cr_assert_str_eq(ana->company, "A;B");
    cr_assert_str_eq(ana->origin, "vcard:urn:uuid:1");
    cr_assert_str_eq(ana->note, "one\ntwo\nthree");
    cr_assert_str_eq(ana->phones[0], "+1-418");
    cr_assert_eq(book.people[2].skip, IMPORT_LIST);
    cr_assert_str_eq(book.version, "several versions");
}

Test(import_book, vcards_that_are_none)
{
    must_refuse("BEGIN:VCARD\nFN:Ana\n", "line 1 never ends");
    must_refuse("BEGIN:VCARD\nFN:Ana\nEND:VCARD\nEND:VCARD\n", "line 4");
    must_refuse("BEGIN:VCARD\nFN:Ana\nEND:VCARD\nFN:Tom\n", "line 4");
    must_refuse("BEGIN:VCARD\nFN Ana\nEND:VCARD\n", "line 2");
}

/* ---- Files that are none ---- */

Test(import_book, tables_that_are_none)
{
    must_refuse("Name,Email\n\"Ana,ana@n.example\n", "never ends");
    must_refuse("Name,Email\n\"Ana \"x\" Sousa\",ana@n.example\n", "line 2 has a quote");
    must_refuse("CONVERSATION ID,FROM,TO\n1,Ana,Tom\n", "Connections.csv");
    must_refuse("some prose, and more\nof it\n", "titles");
    must_refuse("one\ntwo\n", "titles");
    char *wide = malloc(30000);
    memset(wide, ',', 29998);
    strcpy(wide + 29998, "\n");
    must_refuse(wide, "more than 1000 columns");
    free(wide);
}

Test(import_book, files)
{
    char path[] = "/tmp/vouch-import-XXXXXX";
    int file = mkstemp(path);
    cr_assert_geq(file, 0);
    cr_assert_eq(ftruncate(file, (off_t)1 << 30), 0); /* a gigabyte of nothing */
    cr_assert_not(import_book_read(&book, path, IMPORT_UNKNOWN, NULL));
    cr_assert(strstr(book.why, "larger than 256 MiB") != NULL, "%s", book.why);
    cr_assert_eq(ftruncate(file, 0), 0);
    const char text[] = "Name,Email\nAna,ana@n.example\n";
    cr_assert_eq(write(file, text, sizeof text - 1), (ssize_t)sizeof text - 1);
    close(file);
    import_book_free(&book);
    import_book_make(&book, NOON);
    cr_assert(import_book_read(&book, path, IMPORT_UNKNOWN, NULL), "%s", book.why);
    cr_assert_eq(book.count, 1);
    unlink(path);
    import_book_free(&book);
    import_book_make(&book, NOON);
    cr_assert_not(import_book_read(&book, path, IMPORT_UNKNOWN, NULL));
    cr_assert(strstr(book.why, "No such file") != NULL, "%s", book.why);
    import_book_free(&book);
    import_book_make(&book, NOON);
    cr_assert_not(import_book_read(&book, "/tmp", IMPORT_UNKNOWN, NULL));
}

/* However a file is cut, it is taken whole or refused; who is taken was all in the file. */
Test(import_book, cut_anywhere)
{
    const char *const texts[] = {
        "BEGIN:VCARD\nVERSION:3.0\nFN:Ana Sousa\nEMAIL:ana@n.example\nEND:VCARD\n",
        "dn: cn=Ana\ncn:: QW5hIFNvdXNh\nmail: ana@n.example\n",
        "Name,Email\n\"Ana Sousa\",\"ana@n.example\"\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        for (size_t size = 0; size < strlen(texts[i]); size++) {
            bool taken = parse_bytes(texts[i], size);
            cr_expect(taken || strlen(book.why) > 10, "text %zu, %zu bytes", i, size);
            cr_expect(!taken || book.count <= 1, "text %zu, %zu bytes", i, size);
        }
    }
}
