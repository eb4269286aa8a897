/* SPDX-License-Identifier: Apache-2.0
 *
 * LDIF (RFC 2849) as address books write it: entries between blank lines, "attribute: text" and "attribute:: base64".
 * What is to be done with an entry (changetype) is not looked at: the file is taken as a list of people. */
#include "import_lines.h"

#include "base/utf8.h"

#include <string.h>
#include <strings.h>

enum attribute { OTHER, NAME, FIRST, LAST, NICKNAME, MAIL, PHONE, COMPANY, TITLE, NOTE, CLASS };

static const struct {
    const char *name;
    enum attribute attribute;
} attributes[] = {
    {"cn", NAME},
    {"commonName", NAME},
    {"displayName", NAME},
    {"givenName", FIRST},
    {"sn", LAST},
    {"surname", LAST},
    {"mozillaNickname", NICKNAME},
    {"xmozillanickname", NICKNAME},
    {"mail", MAIL},
    {"rfc822Mailbox", MAIL},
    {"mozillaSecondEmail", MAIL},
    {"xmozillasecondemail", MAIL},
    {"telephoneNumber", PHONE},
    {"homePhone", PHONE},
    {"mobile", PHONE},
    {"cellphone", PHONE},
    {"o", COMPANY},
    {"organizationName", COMPANY},
    {"company", COMPANY},
    {"title", TITLE},
    {"description", NOTE},
    {"notes", NOTE},
    {"objectClass", CLASS},
};

/* Who is being read. */
struct entry {
    struct import_person *person; /* NULL: between entries */
    char *first, *last, *nickname;
};

static enum attribute attribute_of(const char *name, size_t size)
{
    const char *option = memchr(name, ';', size);
    size = option != NULL ? (size_t)(option - name) : size;
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        if (strlen(attributes[i].name) == size && strncasecmp(attributes[i].name, name, size) == 0) {
            return attributes[i].attribute;
        }
    }
    return OTHER;
}

/* The value behind the colon at `colon`; NULL: refused. A value that is elsewhere ("attribute:< file:…") is "". */
static char *value_of(struct import_book *book, const struct import_line *line, size_t colon)
{
    size_t at = colon + 1, size = 0;
    bool encoded = at < line->size && line->text[at] == ':';
    bool elsewhere = at < line->size && line->text[at] == '<';
    at += encoded ? 1 : 0;
    while (at < line->size && line->text[at] == ' ') {
        at++;
    }
    if (elsewhere || at >= line->size) {
        return import_text_copy(book, "", 0);
    }
    if (!encoded) {
        return import_text_copy(book, line->text + at, line->size - at);
    }
    char *value = base64_text(book, line->text + at, line->size - at, &size);
    if (value == NULL) {
        import_refuse(book, "line %zu is no base64", line->number);
        return NULL;
    }
    /* A picture is no text; nor is anything that holds a NUL. */
    bool text = memchr(value, '\0', size) == NULL && utf8_valid((uint8_t *)value, size);
    return text ? value : import_text_copy(book, "", 0);
}

static void set_first(char **field, char *value)
{
    if (*field == NULL || (*field)[0] == '\0') {
        *field = value;
    }
}

static void take_value(struct import_book *book, struct entry *entry, enum attribute attribute, char *value)
{
    struct import_person *person = entry->person;
    switch (attribute) {
    case NAME:
        set_first(&person->name, value);
        break;
    case FIRST:
        set_first(&entry->first, value);
        break;
    case LAST:
        set_first(&entry->last, value);
        break;
    case NICKNAME:
        set_first(&entry->nickname, value);
        break;
    case MAIL:
        import_email_add(book, person, value);
        break;
    case PHONE:
        import_phone_add(book, person, value);
        break;
    case COMPANY:
        set_first(&person->company, value);
        break;
    case TITLE:
        set_first(&person->title, value);
        break;
    case NOTE:
        import_note_add(book, person, value);
        break;
    case CLASS:
        if (strcasecmp(value, "groupOfNames") == 0 || strcasecmp(value, "groupOfUniqueNames") == 0) {
            person->skip = IMPORT_LIST;
        }
        break;
    case OTHER:
        break;
    }
}

static void end_entry(struct import_book *book, struct entry *entry)
{
    struct import_person *person = entry->person;
    if (person != NULL && person->name[0] == '\0') {
        const char *first = entry->first != NULL ? entry->first : "", *last = entry->last != NULL ? entry->last : "";
        if (first[0] == '\0' && last[0] == '\0' && entry->nickname != NULL) {
            first = entry->nickname;
        }
        char *name = arena_printf(book->arena, "%s %s", first, last);
        person->name = name != NULL ? name : person->name;
    }
    *entry = (struct entry){.person = NULL};
}

static bool take_line(struct import_book *book, struct entry *entry, const struct import_line *line)
{
    const char *colon = memchr(line->text, ':', line->size);
    if (colon == NULL) {
        return import_refuse(book, "line %zu is no LDIF: an attribute is followed by a colon", line->number);
    }
    size_t size = (size_t)(colon - line->text);
    bool begins = size == 2 && strncasecmp(line->text, "dn", 2) == 0;
    if (entry->person == NULL && size == 7 && strncasecmp(line->text, "version", 7) == 0) {
        return true;
    }
    if (begins == (entry->person != NULL)) {
        return import_refuse(book, "line %zu is no LDIF: an entry begins with \"dn:\" and ends with a blank line",
                             line->number);
    }
    if (begins) {
        entry->person = import_person_add(book, line->number);
        return entry->person != NULL;
    }
    char *value = value_of(book, line, size);
    if (value != NULL) {
        take_value(book, entry, attribute_of(line->text, size), value);
    }
    return value != NULL;
}

bool import_ldif_read(struct import_book *book, const char *text, size_t size)
{
    struct lines lines = {.text = text, .size = size};
    struct import_line line;
    struct entry entry = {.person = NULL};
    while (lines_next(&lines, &line)) {
        bool is_comment = line.size > 0 && line.text[0] == '#';
        if (!lines_unfold(book, &lines, &line, " ")) {
            return false;
        }
        if (line.size == 0) {
            end_entry(book, &entry);
        } else if (!is_comment && !(line.size == 1 && line.text[0] == '-') && !take_line(book, &entry, &line)) {
            return false;
        }
    }
    end_entry(book, &entry);
    return book->count > 0 || import_refuse(book, "there is nobody in the file");
}
