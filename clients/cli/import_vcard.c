/* SPDX-License-Identifier: Apache-2.0
 *
 * vCards 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350), as products write them: grouped properties, quoted-printable with soft
 * line breaks, character sets of single values, pictures folded or not. A card within a card (AGENT) is not looked at.
 */
#include "import_lines.h"

#include "base/utf8.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define PREFERRED_NONE 1000 /* no PREF */
#define PARAMETER_BYTES 64

/* One content line. */
struct property {
    const struct import_line *line;
    char name[PARAMETER_BYTES]; /* without its group */
    const char *value;
    size_t size;
    bool quoted_printable, base64;
    char charset[PARAMETER_BYTES];
    bool fax, pager;
    int preference; /* 1 is first */
};

/* The card that is being read. */
struct card {
    struct import_person *person; /* NULL: between cards */
    size_t depth;                 /* 1: in a card; more: in one within it */
    size_t line;
    char *structured; /* N */
    char *nickname;
    int preference; /* of the first e-mail address */
    bool base64;    /* what follows may be more of it, unfolded */
};

/* ---- Parameters ---- */

static void take_parameter(struct property *property, const char *name, const char *value)
{
    bool bare = name[0] == '\0'; /* as 2.1 has them */
    if (strcasecmp(name, "ENCODING") == 0 || bare) {
        property->quoted_printable |= strcasecmp(value, "QUOTED-PRINTABLE") == 0;
        property->base64 |= strcasecmp(value, "BASE64") == 0 || strcasecmp(value, "B") == 0;
    }
    if (strcasecmp(name, "CHARSET") == 0) {
        strcpy(property->charset, value);
    }
    if (strcasecmp(name, "TYPE") == 0 || bare) {
        property->fax |= strcasecmp(value, "FAX") == 0;
        property->pager |= strcasecmp(value, "PAGER") == 0;
        property->preference = strcasecmp(value, "PREF") == 0 ? 1 : property->preference;
    }
    if (strcasecmp(name, "PREF") == 0 && isdigit((unsigned char)value[0])) {
        property->preference = 0;
        for (const char *at = value; isdigit((unsigned char)*at) && property->preference < PREFERRED_NONE; at++) {
            property->preference = property->preference * 10 + (*at - '0');
        }
    }
}

/* One parameter, "TYPE=work,voice" or "WORK", without the quotes around values. */
static void read_parameter(struct property *property, const char *text, size_t size)
{
    char name[PARAMETER_BYTES] = "", value[PARAMETER_BYTES] = "";
    const char *equals = memchr(text, '=', size);
    size_t at = 0, length = 0;
    if (equals != NULL) {
        at = (size_t)(equals - text);
        length = at < sizeof name - 1 ? at : sizeof name - 1;
        memcpy(name, text, length);
        name[length] = '\0';
        at++;
    }
    for (length = 0; at <= size; at++) {
        if (at == size || text[at] == ',') {
            value[length] = '\0';
            take_parameter(property, name, value);
            length = 0;
        } else if (text[at] != '"' && length < sizeof value - 1) {
            value[length++] = text[at];
        }
    }
}

/* Where the name and parameters of a content line end: the first colon that is not quoted; its size for none. */
static size_t find_colon(const struct import_line *line)
{
    bool quoted = false;
    for (size_t i = 0; i < line->size; i++) {
        if (line->text[i] == '"') {
            quoted = !quoted;
        } else if (line->text[i] == ':' && !quoted) {
            return i;
        }
    }
    const char *colon = memchr(line->text, ':', line->size); /* a lone quote is not one */
    return colon == NULL ? line->size : (size_t)(colon - line->text);
}

static bool read_property(const struct import_line *line, struct property *property)
{
    size_t colon = find_colon(line);
    if (colon == line->size || colon == 0) {
        return false;
    }
    *property = (struct property){.line = line, .preference = PREFERRED_NONE};
    property->value = line->text + colon + 1;
    property->size = line->size - colon - 1;
    bool quoted = false, named = false;
    size_t from = 0;
    for (size_t i = 0; i <= colon; i++) {
        quoted = i < colon && line->text[i] == '"' ? !quoted : quoted;
        if (i < colon && (line->text[i] != ';' || quoted)) {
            continue;
        }
        if (named) {
            read_parameter(property, line->text + from, i - from);
        } else {
            const char *point = memchr(line->text, '.', i);
            from = point != NULL ? (size_t)(point - line->text) + 1 : 0;
            size_t length = i - from < sizeof property->name - 1 ? i - from : sizeof property->name - 1;
            memcpy(property->name, line->text + from, length);
            named = true;
        }
        from = i + 1;
    }
    return true;
}

/* ---- Values ---- */

static int hex_digit(char c)
{
    return isdigit((unsigned char)c)    ? c - '0'
           : isxdigit((unsigned char)c) ? (tolower((unsigned char)c) - 'a') + 10
                                        : -1;
}

/* In the arena, ended by NUL; NULL: refused. What is no code stays as it is. */
static char *decode_quoted(struct import_book *book, const char *text, size_t size, size_t *decoded_size)
{
    char *decoded = arena_alloc(book->arena, size + 1);
    size_t length = 0;
    if (decoded == NULL) {
        import_refuse(book, "the file holds more than fits into memory here; divide it");
        return NULL;
    }
    for (size_t i = 0; i < size; i++) {
        int high = text[i] == '=' && i + 2 < size ? hex_digit(text[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        if (low >= 0) {
            decoded[length++] = (char)(high * 16 + low);
            i += 2;
        } else {
            decoded[length++] = text[i];
        }
    }
    *decoded_size = length;
    return decoded;
}

/* Bytes that a card encoded, as text: in the character set it names, else UTF-8, else what Windows has. */
static char *decode_charset(struct import_book *book, const struct property *property, const char *bytes, size_t size)
{
    char *text = NULL;
    if (memchr(bytes, '\0', size) != NULL) {
        return import_text_copy(book, "", 0);
    }
    if (property->charset[0] != '\0') {
        text = import_text_convert(book, property->charset, bytes, size);
    }
    if (text == NULL && utf8_valid((const uint8_t *)bytes, size)) {
        text = import_text_copy(book, bytes, size);
    }
    return text != NULL ? text : import_text_convert(book, "WINDOWS-1252", bytes, size);
}

/* The value as text, still escaped; NULL: refused. */
static char *raw_value(struct import_book *book, const struct property *property)
{
    if (!property->quoted_printable && !property->base64) {
        return import_text_copy(book, property->value, property->size);
    }
    size_t size = 0;
    char *bytes = property->base64 ? base64_text(book, property->value, property->size, &size)
                                   : decode_quoted(book, property->value, property->size, &size);
    char *text = bytes == NULL ? NULL : decode_charset(book, property, bytes, size);
    if (text == NULL) {
        import_leave_out(book, property->line->number, "a value that cannot be decoded", property->name);
        return import_text_copy(book, "", 0);
    }
    return text;
}

/* Takes the backslashes out, in place, up to `end` (NUL: all of it); returns what follows. */
static char *unescape(char *text, char end)
{
    char *out = text;
    while (*text != '\0' && *text != end) {
        if (*text == '\\' && text[1] != '\0') {
            text++;
            *out++ = *text == 'n' || *text == 'N' ? '\n' : *text;
            text++;
        } else {
            *out++ = *text++;
        }
    }
    char *rest = *text == '\0' ? text : text + 1;
    *out = '\0';
    return rest;
}

/* "Doe;John;Richter;Mr.;Jr." as people write it: given, further, family name. */
static char *name_of(struct import_book *book, char *structured)
{
    char *parts[3] = {structured, NULL, NULL};
    char *rest = structured;
    for (size_t i = 0; i < 3; i++) {
        parts[i] = rest;
        rest = *rest == '\0' ? rest : unescape(rest, ';');
    }
    return arena_printf(book->arena, "%s %s %s", parts[1], parts[2], parts[0]);
}

/* ---- Cards ---- */

static void take_email(struct import_book *book, struct card *card, const struct property *property, const char *value)
{
    struct import_person *person = card->person;
    size_t before = person->email_count;
    import_email_add(book, person, value);
    if (person->email_count > before && before > 0 && property->preference < card->preference) {
        char *first = person->emails[before];
        memmove(&person->emails[1], &person->emails[0], before * sizeof person->emails[0]);
        person->emails[0] = first;
    }
    if (person->email_count > before && property->preference < card->preference) {
        card->preference = property->preference;
    }
}

/* "tel:+1-418-656-9254;ext=102" without what is around the number. */
static void take_phone(struct import_book *book, struct card *card, const struct property *property, char *value)
{
    if (strncasecmp(value, "tel:", 4) == 0) {
        value += 4;
        value[strcspn(value, ";")] = '\0';
    }
    if (!property->fax && !property->pager) {
        import_phone_add(book, card->person, value);
    }
}

static void set_first(char **field, char *value)
{
    if (*field == NULL || (*field)[0] == '\0') {
        *field = value;
    }
}

static void take_property(struct import_book *book, struct card *card, const struct property *property, char *value)
{
    struct import_person *person = card->person;
    if (strcasecmp(property->name, "N") == 0) { /* its parts are unescaped one by one */
        set_first(&card->structured, value);
        return;
    }
    unescape(value, strcasecmp(property->name, "ORG") == 0 ? ';' : '\0');
    if (strcasecmp(property->name, "FN") == 0) {
        set_first(&person->name, value);
    } else if (strcasecmp(property->name, "NICKNAME") == 0) {
        set_first(&card->nickname, value);
    } else if (strcasecmp(property->name, "EMAIL") == 0) {
        take_email(book, card, property, value);
    } else if (strcasecmp(property->name, "TEL") == 0) {
        take_phone(book, card, property, value);
    } else if (strcasecmp(property->name, "ORG") == 0) {
        set_first(&person->company, value);
    } else if (strcasecmp(property->name, "TITLE") == 0) {
        set_first(&person->title, value);
    } else if (strcasecmp(property->name, "NOTE") == 0) {
        import_note_add(book, person, value);
    } else if (strcasecmp(property->name, "UID") == 0) {
        set_first(&person->uid, value);
    } else if (strcasecmp(property->name, "VERSION") == 0) {
        book->version = book->version == NULL || strcmp(book->version, value) == 0 ? value : "several versions";
    } else if ((strcasecmp(property->name, "KIND") == 0 ||
                strcasecmp(property->name, "X-ADDRESSBOOKSERVER-KIND") == 0) &&
               strcasecmp(value, "group") == 0) {
        person->skip = IMPORT_LIST;
    }
}

/* True for names whose values are looked at; pictures and keys need not be decoded. */
static bool is_wanted(const char *name)
{
    static const char *const wanted[] = {"N",     "FN",   "NICKNAME", "EMAIL",   "TEL",  "ORG",
                                         "TITLE", "NOTE", "UID",      "VERSION", "KIND", "X-ADDRESSBOOKSERVER-KIND"};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        if (strcasecmp(wanted[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_text(const char *text)
{
    return text != NULL && text[strspn(text, " \t\r\n")] != '\0';
}

static bool end_card(struct import_book *book, struct card *card)
{
    struct import_person *person = card->person;
    if (!has_text(person->name) && has_text(card->structured)) {
        char *name = name_of(book, card->structured);
        person->name = name != NULL ? name : person->name;
    }
    if (!has_text(person->name) && has_text(card->nickname)) {
        person->name = card->nickname;
    }
    *card = (struct card){.person = NULL};
    return true;
}

static bool begin_or_end(struct import_book *book, struct card *card, const struct property *property)
{
    if (strcasecmp(property->name, "BEGIN") == 0) {
        if (++card->depth == 1) {
            card->line = property->line->number;
            card->preference = PREFERRED_NONE;
            card->person = import_person_add(book, card->line);
        }
        return card->depth > 1 || card->person != NULL;
    }
    if (card->depth == 0) {
        return import_refuse(book, "line %zu ends a card that did not begin: is the file cut off at its beginning?",
                             property->line->number);
    }
    return --card->depth > 0 || end_card(book, card);
}

static bool is_card_line(const struct property *property)
{
    return (strcasecmp(property->name, "BEGIN") == 0 || strcasecmp(property->name, "END") == 0) &&
           property->size >= 5 && strncasecmp(property->value, "VCARD", 5) == 0;
}

/* All of a content line. Quoted-printable goes on where a line ends with '=', whatever the next one begins with. */
static bool join_lines(struct import_book *book, struct lines *lines, struct import_line *line)
{
    struct property property;
    struct import_line next;
    bool read = read_property(line, &property);
    if (read && !is_wanted(property.name) && !property.quoted_printable && !is_card_line(&property)) {
        while (lines_peek(lines, &next) && next.size > 0 && (next.text[0] == ' ' || next.text[0] == '\t')) {
            lines_next(lines, &next); /* a picture: nobody looks at it */
        }
        return true;
    }
    if (!read || !property.quoted_printable) {
        return lines_unfold(book, lines, line, " \t");
    }
    while (line->size > 0 && line->text[line->size - 1] == '=' && lines_next(lines, &next)) {
        line->size--;
        if (!lines_append(book, line, next.text, next.size)) {
            return false;
        }
    }
    return true;
}

static bool take_line(struct import_book *book, struct card *card, const struct import_line *line)
{
    struct property property;
    if (!read_property(line, &property)) {
        return (card->depth > 0 && card->base64) ||
               import_refuse(book, "line %zu is no line of a vCard: a name, a colon and a value", line->number);
    }
    if (is_card_line(&property)) {
        card->base64 = false;
        return begin_or_end(book, card, &property);
    }
    if (card->depth == 0) {
        return import_refuse(book, "line %zu stands between cards, and is in none", line->number);
    }
    card->base64 = property.base64;
    if (card->depth > 1 || !is_wanted(property.name)) {
        return true;
    }
    char *value = raw_value(book, &property);
    if (value != NULL) {
        take_property(book, card, &property, value);
    }
    return value != NULL;
}

bool import_vcard_read(struct import_book *book, const char *text, size_t size)
{
    struct lines lines = {.text = text, .size = size};
    struct import_line line;
    struct card card = {.person = NULL};
    while (lines_next(&lines, &line)) {
        if (line.size == 0) {
            card.base64 = false;
            continue;
        }
        if (!join_lines(book, &lines, &line) || !take_line(book, &card, &line)) {
            return false;
        }
    }
    if (card.depth > 0) {
        return import_refuse(book, "the card that begins at line %zu never ends: is the file cut off?", card.line);
    }
    return book->count > 0 || import_refuse(book, "there is nobody in the file");
}
