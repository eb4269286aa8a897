/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading bank details, and writing for banks; transliteration by GLib. */
#include "domain/bank.h"

#include "base/check.h"

#include <ctype.h>
#include <glib.h>
#include <string.h>

#define IBAN_LEAST 15

static bool is_alnum(char c)
{
    return (unsigned char)c < 0x80 && isalnum((unsigned char)c) != 0;
}

static bool is_alpha(char c)
{
    return (unsigned char)c < 0x80 && isalpha((unsigned char)c) != 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* ISO 7064 MOD 97-10 over the text with its first four characters moved to the end, letters as 10 to 35. */
static bool check_digits_fit(const char *iban, size_t length)
{
    unsigned rest = 0;
    for (size_t i = 0; i < length; i++) {
        char c = iban[(i + 4) % length];
        rest = is_digit(c) ? (rest * 10 + (unsigned)(c - '0')) % 97 : (rest * 100 + (unsigned)(c - 'A') + 10) % 97;
    }
    return rest == 1;
}

bool iban_read(const char *text, char iban[IBAN_BYTES])
{
    size_t length = 0;
    for (; *text != '\0'; text++) {
        if (*text == ' ') {
            continue;
        }
        if (!is_alnum(*text) || length + 1 == IBAN_BYTES) {
            iban[0] = '\0';
            return false;
        }
        iban[length++] = (char)toupper((unsigned char)*text);
    }
    iban[length] = '\0';
    return length >= IBAN_LEAST && is_alpha(iban[0]) && is_alpha(iban[1]) && is_digit(iban[2]) && is_digit(iban[3]) &&
           check_digits_fit(iban, length);
}

bool bic_read(const char *text, char bic[BIC_BYTES])
{
    size_t length = strlen(text);
    bic[0] = '\0';
    if (length != 0 && length != 8 && length != 11) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        bool is_country = i == 4 || i == 5;
        if (!is_alnum(text[i]) || (is_country && !is_alpha(text[i]))) {
            return false;
        }
    }
    for (size_t i = 0; i < length; i++) {
        bic[i] = (char)toupper((unsigned char)text[i]);
    }
    bic[length] = '\0';
    return true;
}

bool bank_text(const char *text, char *out, size_t size)
{
    char *ascii = g_str_to_ascii(text, "C");
    size_t length = 0;
    bool readable = false;
    CHECK(size > 1);
    for (const char *c = g_strstrip(ascii); *c != '\0' && length + 1 < size; c++) {
        readable = readable || is_alnum(*c);
        out[length++] = is_alnum(*c) || strchr("/-?:().,'+ ", *c) != NULL ? *c : *c == '&' ? '+' : '.';
    }
    while (length > 0 && out[length - 1] == ' ') {
        length--;
    }
    out[length] = '\0';
    g_free(ascii);
    return readable;
}
