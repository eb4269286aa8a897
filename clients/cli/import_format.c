/* SPDX-License-Identifier: Apache-2.0
 *
 * What formats there are, and which one a text looks like. */
#include "import_book.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *word, *name;
} formats[IMPORT_FORMATS] = {
    [IMPORT_LINKEDIN] = {"linkedin", "LinkedIn export"},
    [IMPORT_GOOGLE] = {"google", "Google contacts"},
    [IMPORT_OUTLOOK] = {"outlook", "Outlook export"},
    [IMPORT_THUNDERBIRD] = {"thunderbird", "Thunderbird address book"},
    [IMPORT_CSV] = {"csv", "table of people"},
    [IMPORT_LDIF] = {"ldif", "LDIF"},
    [IMPORT_VCARD] = {"vcard", "vCards"},
};

enum import_format import_format_find(const char *word)
{
    for (int i = IMPORT_UNKNOWN + 1; i < IMPORT_FORMATS; i++) {
        if (strcasecmp(formats[i].word, word) == 0) {
            return (enum import_format)i;
        }
    }
    return IMPORT_UNKNOWN;
}

const char *import_format_word(enum import_format format)
{
    return formats[format].word;
}

const char *import_format_name(enum import_format format)
{
    return formats[format].name;
}

bool import_format_is_table(enum import_format format)
{
    return format >= IMPORT_LINKEDIN && format <= IMPORT_CSV;
}

/* The first line that is not blank, nor a comment of LDIF. */
static const char *first_line(const char *text)
{
    for (;;) {
        while (isspace((unsigned char)*text)) {
            text++;
        }
        if (*text != '#') {
            return text;
        }
        text += strcspn(text, "\r\n");
    }
}

enum import_format import_format_guess(const char *text)
{
    const char *line = first_line(text);
    if (strncasecmp(line, "BEGIN:VCARD", 11) == 0) {
        return IMPORT_VCARD;
    }
    if (strncasecmp(line, "dn:", 3) == 0 || strncasecmp(line, "version: 1", 10) == 0 ||
        strncasecmp(line, "version:1", 9) == 0) {
        return IMPORT_LDIF;
    }
    return IMPORT_CSV;
}
