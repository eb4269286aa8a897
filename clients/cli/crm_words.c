/* SPDX-License-Identifier: Apache-2.0
 *
 * Words of CRM files: countries, sectors, dates, head counts. */
#include "crm_read.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define NOON_MS INT64_C(43200000)
/* A word this short has too many neighbours to be corrected: Niger, Iran. */
#define CORRECTED_LEAST 7

static const struct {
    const char *code, *name;
} countries[] = {
#define COUNTRY(code, name) {code, name},
#include "countries.def"
#undef COUNTRY
};

static const char *const sectors[] = {
    "agriculture",    "automotive", "banking",     "chemicals",   "construction",    "consulting",
    "education",      "employment", "energy",      "engineering", "entertainment",   "finance",
    "government",     "healthcare", "hospitality", "insurance",   "logistics",       "manufacturing",
    "marketing",      "media",      "medical",     "mining",      "pharmaceuticals", "publishing",
    "real estate",    "retail",     "services",    "software",    "technology",      "telecommunications",
    "transportation", "utilities",
};

static bool same_letters(const char *a, const char *b, size_t count)
{
    return strncasecmp(a, b, count) == 0;
}

bool crm_one_letter_off(const char *a, const char *b)
{
    size_t length_a = strlen(a), length_b = strlen(b);
    if (length_a > length_b) {
        return crm_one_letter_off(b, a);
    }
    size_t at = 0;
    while (at < length_a && tolower((unsigned char)a[at]) == tolower((unsigned char)b[at])) {
        at++;
    }
    if (length_b == length_a + 1) {
        return same_letters(a + at, b + at + 1, length_a - at);
    }
    if (length_a != length_b || at == length_a) {
        return false;
    }
    bool replaced = same_letters(a + at + 1, b + at + 1, length_a - at - 1);
    bool swapped = at + 1 < length_a && same_letters(a + at, (char[]){b[at + 1], '\0'}, 1) &&
                   same_letters(a + at + 1, b + at, 1) && same_letters(a + at + 2, b + at + 2, length_a - at - 2);
    return replaced || swapped;
}

const char *crm_country(const char *name, const char **corrected)
{
    size_t count = sizeof countries / sizeof countries[0];
    *corrected = NULL;
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(countries[i].name, name) == 0 || strcasecmp(countries[i].code, name) == 0) {
            return countries[i].code;
        }
    }
    for (size_t i = 0; strlen(name) >= CORRECTED_LEAST && i < count; i++) {
        if (crm_one_letter_off(countries[i].name, name)) {
            *corrected = countries[i].name;
            return countries[i].code;
        }
    }
    return NULL;
}

const char *crm_sector(const char *name)
{
    size_t count = sizeof sectors / sizeof sectors[0];
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(sectors[i], name) == 0) {
            return name;
        }
    }
    for (size_t i = 0; strlen(name) >= CORRECTED_LEAST && i < count; i++) {
        if (crm_one_letter_off(sectors[i], name)) {
            return sectors[i];
        }
    }
    return name;
}

/* The next letter that counts. */
static int next_letter(const char **text)
{
    while (**text == ' ' || **text == '-' || **text == '_') {
        ++*text;
    }
    return **text == '\0' ? 0 : tolower((unsigned char)*(*text)++);
}

bool crm_same_squashed(const char *a, const char *b)
{
    int letter_a, letter_b;
    do {
        letter_a = next_letter(&a);
        letter_b = next_letter(&b);
    } while (letter_a == letter_b && letter_a != 0);
    return letter_a == letter_b;
}

int64_t crm_date(const char *text)
{
    struct tm day = {.tm_year = 0};
    const char *end = strptime(text, "%Y-%m-%d", &day);
    if (end == NULL || *end != '\0' || strlen(text) != 10) {
        return -1;
    }
    struct tm normal = day;
    time_t seconds = timegm(&normal);
    bool real = normal.tm_mday == day.tm_mday && normal.tm_mon == day.tm_mon; /* no 31 February */
    return real && seconds >= 0 ? (int64_t)seconds * 1000 + NOON_MS : -1;
}

uint32_t crm_size_band(const char *employees)
{
    static const unsigned long most[] = {10, 50, 200, 500, 1000, 5000, 10000};
    char *end = NULL;
    if (!isdigit((unsigned char)employees[0])) {
        return 0;
    }
    unsigned long count = strtoul(employees, &end, 10);
    if (*end != '\0' || count == 0) {
        return 0;
    }
    uint32_t band = 1;
    while (band <= 7 && count > most[band - 1]) {
        band++;
    }
    return band;
}
